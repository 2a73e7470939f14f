//go:build linux

package haproxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

const agentPath = "/usr/lib/ocf/resource.d/systole/"

// proxied is a lab with haproxy in front of a server of the test.
type proxied struct {
	*lab.Cluster
	t   *testing.T
	ctx context.Context
}

// sections is a frontend that names itself, in front of the server.
func sections(name string) string {
	return `frontend web
  mode http
  bind :8080
  monitor-uri /alive
  http-response set-header X-Frontend ` + name + `
  default_backend app
backend app
  mode http
  server test ` + lab.Gateway + `:8000 check inter 200
`
}

func (p proxied) configure(text string) {
	p.t.Helper()
	for _, n := range p.Nodes() {
		require.NoError(p.t, n.WriteFile(service.HAProxyConfig, []byte(text), 0o644, ""))
	}
}

const head = "global\n  stats socket " + service.HAProxySocket + " level admin\n  user haproxy\n  group haproxy\ndefaults\n  timeout connect 2s\n  timeout client 20s\n  timeout server 20s\n"

// wait is Wait, and not for ever.
func (p proxied) wait(what string, ok func(lab.Status) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	require.NoError(p.t, p.Wait(ctx, what, ok))
}

func (p proxied) set(param, value string) {
	p.t.Helper()
	_, err := p.Run(p.ctx, "crm_resource", "--resource", "haproxy", "--set-parameter", param, "--parameter-value", value)
	require.NoError(p.t, err)
}

// client is an HTTP client in the lab's network; every request has a connection of its own.
func (p proxied) client() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: p.Dial, DisableKeepAlives: true}}
}

// frontend is the name that the frontend of a node has, "" if it does not answer.
func (p proxied) frontend(n *lab.Node) string {
	resp, err := p.client().Get("http://" + n.Name() + ":8080/")
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return ""
	}
	return resp.Header.Get("X-Frontend")
}

func (p proxied) waitFrontends(name string) {
	p.t.Helper()
	p.wait("all frontends to be "+name, func(lab.Status) bool {
		for _, n := range p.Nodes() {
			if p.frontend(n) != name {
				return false
			}
		}
		return true
	})
}

// status is the exit code and the reason of a monitor on a node, by hand.
func (p proxied) monitor(n *lab.Node, params ...string) (code int, reason string) {
	return p.act(n, "monitor", params...)
}

func (p proxied) act(n *lab.Node, action string, params ...string) (code int, reason string) {
	argv := []string{"env", "OCF_ROOT=/usr/lib/ocf", "OCF_RESOURCE_INSTANCE=haproxy", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1", "HA_RSCTMP=/run/resource-agents", "OCF_RESKEY_CRM_meta_interval=5000", "OCF_RESKEY_CRM_meta_timeout=30000"}
	for _, x := range params {
		argv = append(argv, "OCF_RESKEY_"+x)
	}
	cmd := n.Command(p.ctx, append(argv, agentPath+"haproxy", action)...)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestHAProxy takes haproxy under Pacemaker through reloads, wrong configurations,
// kills and drains.
func TestHAProxy(t *testing.T) {
	need(t, service.HAProxyProgram)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	p := proxied{lab.New(t, lab.Options{Nodes: 2, NoFencing: true, Private: service.HAProxyPrivate, OCF: []string{agents(t)}}), t, ctx}
	l, err := p.Listen(ctx, "tcp", lab.Gateway+":8000")
	require.NoError(t, err)
	release := make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			_, _ = io.WriteString(w, "begun\n")
			_ = http.NewResponseController(w).Flush()
			<-release
		}
		_, _ = io.WriteString(w, "ok\n")
	})}
	go func() { _ = server.Serve(l) }()
	defer server.Close()

	p.configure(head + sections("one"))
	require.NoError(t, p.Configure(ctx, "resources", service.HAProxy{}.Resource("systole", "backends=app", "statusurl=http://127.0.0.1:8080/alive")))
	p.waitFrontends("one")
	p.wait("two instances", func(s lab.Status) bool { return len(s.Active("haproxy")) == 2 })

	t.Run("reload refuses nobody", func(t *testing.T) { p.reload(t) })
	t.Run("a wrong configuration changes nothing", func(t *testing.T) { p.wrong(t) })
	t.Run("killed", func(t *testing.T) { p.kill(t) })
	t.Run("drain", func(t *testing.T) { p.drain(t, release) })
	t.Run("backend down", func(t *testing.T) { p.backendDown(t, server) })
	t.Run("clustercheck", func(t *testing.T) { p.clustercheck(t) })
	t.Run("namespace", func(t *testing.T) { p.namespace(t) })
	t.Run("conformance", func(t *testing.T) { p.conform(t) })
}

func (p proxied) reload(t *testing.T) {
	stop, done := make(chan struct{}), make(chan struct{})
	var requests, failures atomic.Int64
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			requests.Add(1)
			if p.frontend(p.Node(1)) == "" {
				failures.Add(1)
			}
		}
	}()
	for round := range 3 {
		name := fmt.Sprintf("round%d", round)
		p.configure(head + sections(name))
		p.set("config_version", name)
		p.waitFrontends(name)
	}
	close(stop)
	<-done
	t.Logf("%d requests over 3 reloads, %d failed", requests.Load(), failures.Load())
	require.Greater(t, requests.Load(), int64(10))
	require.Zero(t, failures.Load())
	s, err := p.Status(p.ctx)
	require.NoError(t, err)
	require.Empty(t, s.Failures)
}

func (p proxied) wrong(t *testing.T) {
	began, err := p.Node(1).Run(p.ctx, "cat", "/run/haproxy.pid")
	require.NoError(t, err)
	p.configure(head + sections("two") + "  nonsense\n")
	p.set("config_version", "wrong")
	var reason string
	p.wait("monitors to tell of the wrong configuration", func(lab.Status) bool {
		var code int
		code, reason = p.monitor(p.Node(1))
		return code == 190
	})
	require.Contains(t, reason, "unknown keyword 'nonsense'")
	p.waitFrontends("round2")
	s, err := p.Status(p.ctx)
	require.NoError(t, err)
	t.Logf("crm_mon: %s", s)
	p.configure(head + sections("two"))
	p.set("config_version", "right")
	p.waitFrontends("two")
	p.wait("monitors to be content", func(lab.Status) bool {
		code, _ := p.monitor(p.Node(1))
		return code == 0
	})
	now, err := p.Node(1).Run(p.ctx, "cat", "/run/haproxy.pid")
	require.NoError(t, err)
	require.Equal(t, began, now, "haproxy was not restarted by any of this")
}

func (p proxied) kill(t *testing.T) {
	n := p.Node(1)
	began, err := n.Run(p.ctx, "cat", "/run/haproxy.pid")
	require.NoError(t, err)
	_, err = n.Kill9("haproxy")
	require.NoError(t, err)
	p.wait("another haproxy", func(lab.Status) bool {
		now, err := n.Run(p.ctx, "cat", "/run/haproxy.pid")
		return err == nil && now != began && p.frontend(n) == "two"
	})
	_, err = p.Run(p.ctx, "crm_resource", "--resource", "haproxy", "--cleanup")
	require.NoError(t, err)
}

// backendDown: a listed backend that is down degrades the resource at first, and fails
// it then. What else is down is not its business.
func (p proxied) backendDown(t *testing.T, server *http.Server) {
	n := p.Node(2)
	require.NoError(t, server.Close())
	p.wait("degraded monitors", func(lab.Status) bool {
		code, reason := p.monitor(n, "backends=app")
		return code == 190 && strings.Contains(reason, "no server takes work in app")
	})
	code, reason := p.monitor(n)
	require.Zero(t, code, reason)
	p.set("backend_grace", "2")
	p.wait("failures of the listed backend", func(s lab.Status) bool {
		return slices.ContainsFunc(s.Failures, func(f lab.Failure) bool {
			return strings.Contains(f.Reason, "no server takes work in app") && !strings.Contains(fmt.Sprint(f), "DEGRADED")
		})
	})
	p.set("backend_failure", "degraded")
}

// drain: a standby closes the door at once and lets a request end that has begun.
func (p proxied) drain(t *testing.T, release chan struct{}) {
	n := p.Node(1)
	conn, err := p.Dial(p.ctx, "tcp", n.Name()+":8080")
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /slow HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	part := make([]byte, 4096)
	var text string
	for !strings.Contains(text, "begun") {
		k, err := conn.Read(part)
		require.NoError(t, err, text)
		text += string(part[:k])
	}
	require.NoError(t, p.SetStandby(p.ctx, n.Name(), true))
	p.wait("no new connections", func(lab.Status) bool {
		c, err := p.Dial(p.ctx, "tcp", n.Name()+":8080")
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(release)
	rest, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, text+string(rest), "ok\n")
	p.wait("the instance to be stopped", func(s lab.Status) bool { return len(s.Active("haproxy")) == 1 })
	p.wait("the end of haproxy", func(lab.Status) bool {
		_, err := n.Run(p.ctx, "sh", "-c", "! pgrep -f '[h]aproxy -W'")
		return err == nil
	})
	require.NoError(t, p.SetStandby(p.ctx, n.Name(), false))
	p.wait("both instances", func(s lab.Status) bool { return len(s.Active("haproxy")) == 2 })
}

// clustercheck runs where there is no database, and says so.
func (p proxied) clustercheck(t *testing.T) {
	need(t, service.MariaDBProgram) // for its user
	require.NoError(t, p.Configure(p.ctx, "resources", service.Clustercheck("systole")))
	p.wait("two services", func(s lab.Status) bool { return len(s.Active("clustercheck")) == 2 })
	ask := func() (code int, text string) {
		resp, err := p.client().Get("http://node-1:9200/")
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	code, text := ask()
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, text, "the server does not answer")
	out, err := p.Node(1).Run(p.ctx, "sh", "-c", "ps -o user= -p $(cat /run/resource-agents/clustercheck-clustercheck.pid)")
	require.NoError(t, err)
	require.Contains(t, out, "mysql")
	_, err = p.Node(1).Kill9(".systole-agents")
	require.NoError(t, err)
	p.wait("the service again", func(lab.Status) bool {
		code, _ := ask()
		return code == http.StatusServiceUnavailable
	})
	out, err = p.Node(1).Run(p.ctx, agentPath+".ocf-conform", "--cluster", "-o", "port=9300", "--bad", "port=x", "--bad", "interval=5",
		"--odd", "maintenance_file=/tmp/a b", "--secret", "password", agentPath+"clustercheck")
	require.NoError(t, err, out)
	t.Log(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:])
}

// namespace: start makes the namespace, haproxy runs in it and is reached through it.
func (p proxied) namespace(t *testing.T) {
	n := p.Node(2)
	require.NoError(t, n.WriteFile("/etc/haproxy/ns.cfg", []byte("defaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n"+
		"frontend web\n  mode http\n  bind 240.0.0.2:8090\n  monitor-uri /alive\n"), 0o644, ""))
	params := []string{
		"conffile=/etc/haproxy/ns.cfg", "pidfile=/run/ns.pid", "master_socket=/run/ns.master", "ns=blue", "namespace_ip=240.0.0.2",
		"other_networks=10.77.0.0/24", "statusurl=http://240.0.0.2:8090/alive",
	}
	for _, action := range []string{"start", "start", "monitor"} {
		code, text := p.act(n, action, params...)
		require.Zero(t, code, text)
	}
	out, err := n.Run(p.ctx, "sh", "-c", "readlink /proc/$(cat /run/ns.pid)/ns/net /proc/self/ns/net; ip -n blue route; ip netns pids blue")
	require.NoError(t, err)
	lines := strings.Split(out, "\n")
	require.NotEqual(t, lines[0], lines[1])
	require.Contains(t, out, "default via 240.0.0.1 dev hapr-ns metric 10000")
	require.Contains(t, out, "10.77.0.0/24 via 240.0.0.1")
	out, err = n.Run(p.ctx, "bash", "-c", "exec 3<>/dev/tcp/240.0.0.2/8090; printf 'GET /alive HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3")
	require.NoError(t, err)
	require.Contains(t, out, "200 OK")
	code, text := p.act(n, "stop", params...)
	require.Zero(t, code, text)
	code, text = p.act(n, "monitor", params...)
	require.Equal(t, 7, code, text)
}

// conform runs checks of the conformance suite in a node, with the tools of its
// cluster; all of them are run elsewhere, without a cluster.
func (p proxied) conform(t *testing.T) {
	n := p.Node(2)
	require.NoError(t, n.WriteFile("/etc/haproxy/conform.cfg", []byte("global\n  stats socket /run/conform.sock level admin\ndefaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n"+
		"listen db\n  bind 127.0.0.1:8070\n  server a 127.0.0.1:1\n"), 0o644, ""))
	out, err := n.Run(p.ctx, agentPath+".ocf-conform", "--cluster", "-o", "conffile=/etc/haproxy/conform.cfg", "-o", "pidfile=/run/conform.pid", "-o", "drain_timeout=1",
		"--bad", "conffile=x", "--only", "start-again", "--only", "monitor-concurrent", "--only", "stop-clean", "--only", "reload",
		agentPath+"haproxy")
	require.NoError(t, err, out)
	t.Log(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:])
}
