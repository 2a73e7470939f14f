package real

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"systole/lib/openstack/api"
)

// Hosts are the compute hosts, VolumeHost the host of the one cinder-volume.
var Hosts = []string{"cmp-a", "cmp-b"}

// VolumeHost is the host of the one cinder-volume; its backend is called fake.
const VolumeHost = "vol-a"

// Lab is a running OpenStack.
type Lab struct {
	dir   string
	log   func(format string, args ...any)
	rest  rest
	mu    sync.Mutex
	procs map[string]*process
}

// process is one that was started.
type process struct {
	*exec.Cmd
	ended chan struct{} // closed when it has ended
}

// Start starts an OpenStack without servers in a folder, in which it is installed
// and set up the first time. Stop has to be called also if Start fails.
func Start(ctx context.Context, dir string, log func(format string, args ...any)) (*Lab, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	l := &Lab{dir: dir, log: log, procs: map[string]*process{}}
	if err := os.MkdirAll(l.path("log"), 0o755); err != nil {
		return l, err
	}
	if err := l.install(ctx); err != nil {
		return l, err
	}
	if l.has("seed") {
		// Each run begins with the state that the set-up has left.
		if err := os.RemoveAll(l.path("state")); err != nil {
			return l, err
		}
		if err := l.run(ctx, "seed", "cp", "-a", l.path("seed"), l.path("state")); err != nil {
			return l, err
		}
	}
	if err := l.configure(); err != nil {
		return l, err
	}
	if !l.has("seed") {
		return l, l.setUp(ctx)
	}
	return l, l.startAll(ctx)
}

// startAll starts everything and waits until it serves.
func (l *Lab) startAll(ctx context.Context) error {
	if err := l.startBase(ctx); err != nil {
		return err
	}
	if err := l.startServices(ctx); err != nil {
		return err
	}
	return l.ready(ctx)
}

// startBase starts database, queue and keystone.
func (l *Lab) startBase(ctx context.Context) error {
	if err := l.startDatabase(ctx); err != nil {
		return err
	}
	return l.startAboveDatabase(ctx)
}

func (l *Lab) startAboveDatabase(ctx context.Context) error {
	if err := l.startQueue(ctx); err != nil {
		return err
	}
	if err := l.python("keystone", "wsgi.py", "keystone", fmt.Sprint(ports["keystone"]), l.path("etc/keystone.conf")); err != nil {
		return err
	}
	return l.listens(ctx, "keystone")
}

func (l *Lab) startDatabase(ctx context.Context) error {
	data := l.path("state/mysql")
	if _, err := os.Stat(filepath.Join(data, "mysql")); os.IsNotExist(err) {
		if err := l.run(ctx, "mysql", "mariadb-install-db", "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root"); err != nil {
			return err
		}
	}
	err := l.start("mysql", "/usr/sbin/mariadbd", "--no-defaults", "--user=root", "--datadir="+data, "--socket="+l.path("mysql.sock"),
		fmt.Sprint("--port=", ports["mysql"]), "--bind-address=127.0.0.1", "--pid-file="+l.path("mysql.pid"), "--innodb-flush-log-at-trx-commit=0",
		"--innodb-doublewrite=0", "--skip-name-resolve", "--max-connections=500", "--innodb-buffer-pool-size=256M", "--performance-schema=OFF")
	if err != nil {
		return err
	}
	return l.listens(ctx, "mysql")
}

func (l *Lab) startQueue(ctx context.Context) error {
	env := []string{
		"HOME=" + l.path("state/rabbit"), fmt.Sprint("ERL_EPMD_PORT=", ports["epmd"]), "ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_NODENAME=systole@localhost",
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", fmt.Sprint("RABBITMQ_NODE_PORT=", ports["rabbit"]), fmt.Sprint("RABBITMQ_DIST_PORT=", ports["erlang"]),
		"RABBITMQ_MNESIA_BASE=" + l.path("state/rabbit/mnesia"), "RABBITMQ_LOG_BASE=" + l.path("state/rabbit/log"), "RABBITMQ_CONFIG_FILE=" + l.path("etc/rabbitmq"),
		"RABBITMQ_CONF_ENV_FILE=/dev/null", "RABBITMQ_ENABLED_PLUGINS_FILE=" + l.path("state/rabbit/plugins"), "RABBITMQ_PID_FILE=" + l.path("rabbit.pid"),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
	}
	if err := l.startEnv("epmd", env, "/usr/bin/epmd", "-address", "127.0.0.1", "-port", fmt.Sprint(ports["epmd"])); err != nil {
		return err
	}
	if err := l.startEnv("rabbit", env, "/usr/lib/rabbitmq/bin/rabbitmq-server"); err != nil {
		return err
	}
	return l.listens(ctx, "rabbit")
}

// startServices starts what needs keystone.
func (l *Lab) startServices(ctx context.Context) error {
	etc := func(name string) string { return l.path("etc", name+".conf") }
	unpacked := func(name, program string, args ...string) func() error {
		return func() error {
			return l.start(name, "/usr/bin/python3", append([]string{l.path("x/usr/bin", program)}, args...)...)
		}
	}
	list := []func() error{
		func() error {
			return l.python("placement", "wsgi.py", "placement", fmt.Sprint(ports["placement"]), etc("placement"))
		},
		func() error { return l.python("neutron", "wsgi.py", "neutron", fmt.Sprint(ports["neutron"]), "-") },
		unpacked("glance", "glance-api", "--config-file", etc("glance")),
		unpacked("nova-api", "nova-api", "--config-file", etc("nova")),
		unpacked("nova-conductor", "nova-conductor", "--config-file", etc("nova")),
		unpacked("nova-scheduler", "nova-scheduler", "--config-file", etc("nova")),
		unpacked("cinder-api", "cinder-api", "--config-file", etc("cinder")),
		unpacked("cinder-scheduler", "cinder-scheduler", "--config-file", etc("cinder")),
		unpacked("cinder-volume", "cinder-volume", "--config-file", etc("cinder"), "--config-file", etc("cinder-"+VolumeHost)),
	}
	for _, h := range Hosts {
		list = append(list, func() error { return l.StartCompute(h) })
	}
	for _, start := range list {
		if err := start(); err != nil {
			return err
		}
	}
	for _, name := range []string{"placement", "neutron", "glance", "nova", "cinder"} {
		if err := l.listens(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// StartCompute starts the nova-compute of a host.
func (l *Lab) StartCompute(host string) error {
	return l.python("compute-"+host, "compute.py", "--config-file", l.path("etc/nova.conf"), "--config-file", l.path("etc", "nova-"+host+".conf"))
}

// StopCompute kills the nova-compute of a host, as a power-off does.
func (l *Lab) StopCompute(host string) { l.end("compute-"+host, syscall.SIGKILL) }

func (l *Lab) python(name, script string, args ...string) error {
	return l.start(name, "/usr/bin/python3", append([]string{l.path("lib", script)}, args...)...)
}

func (l *Lab) start(name, program string, args ...string) error {
	return l.startEnv(name, nil, program, args...)
}

func (l *Lab) startEnv(name string, env []string, program string, args ...string) error {
	out, err := l.output(name)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = l.dir, append(l.environ(), env...), out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{cmd, make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.procs[name] = p
	return nil
}

// end ends a process and its children, and waits for that.
func (l *Lab) end(name string, signal syscall.Signal) {
	l.mu.Lock()
	cmd := l.procs[name]
	delete(l.procs, name)
	l.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = syscall.Kill(-cmd.Process.Pid, signal)
	killer := time.AfterFunc(20*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	<-cmd.ended
	killer.Stop()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// Stop ends everything that Start has started.
func (l *Lab) Stop() {
	l.mu.Lock()
	var names []string
	for name := range l.procs {
		names = append(names, name)
	}
	l.mu.Unlock()
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() { l.end(name, syscall.SIGTERM) })
	}
	all.Wait()
}

// died says which process has ended by itself, as an error.
func (l *Lab) died() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, p := range l.procs {
		select {
		case <-p.ended:
			return fmt.Errorf("%s has ended (%s): see %s", name, p.ProcessState, l.path("log", name+".log"))
		default:
		}
	}
	return nil
}

// listens waits until a service accepts connections.
func (l *Lab) listens(ctx context.Context, service string) error {
	address := fmt.Sprint("127.0.0.1:", ports[service])
	return wait(ctx, service+" to listen at "+address+" (see "+l.path("log")+")", func() (bool, error) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return false, l.died()
		}
		return true, c.Close()
	})
}

// ready waits until every host is up and can be scheduled to.
func (l *Lab) ready(ctx context.Context) error {
	if err := l.logIn(ctx); err != nil {
		return err
	}
	return wait(ctx, "the compute hosts to be up", func() (bool, error) {
		var got struct {
			Hypervisors []struct{ State string }
		}
		if _, err := l.rest.call(ctx, "GET", l.url("nova", "/v2.1/os-hypervisors/detail"), nil, &got); err != nil {
			if strings.Contains(err.Error(), " 50") { // it begins
				return false, nil
			}
			return false, err
		}
		up := 0
		for _, h := range got.Hypervisors {
			if h.State == "up" {
				up++
			}
		}
		return up == len(Hosts), l.died()
	})
}

// Credentials are those of the administrator.
func (l *Lab) Credentials() api.Credentials {
	return api.Credentials{AuthURL: l.url("keystone", "/v3"), Username: "admin", Password: password, Project: "admin", Region: "RegionOne"}
}
