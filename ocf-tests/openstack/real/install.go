package real

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed files
var files embed.FS

// libraries are installed, servers are only unpacked: their packages would add
// users, units and configuration to the machine.
var (
	libraries = strings.Fields(`python3-keystone python3-placement python3-nova python3-cinder python3-glance python3-pymysql mariadb-server rabbitmq-server`)
	servers   = strings.Fields(`nova-common nova-api nova-compute nova-conductor nova-scheduler cinder-common cinder-api cinder-volume cinder-scheduler
		placement-common placement-api glance-common glance-api keystone`)
)

// install installs what is missing.
func (l *Lab) install(ctx context.Context) error {
	if os.Getuid() != 0 {
		return fmt.Errorf("a real OpenStack is installed and run as root")
	}
	if l.has(".installed") {
		return nil
	}
	l.log("installing %d packages and what they need: this takes minutes", len(libraries))
	policy := "/usr/sbin/policy-rc.d"
	if _, err := os.Stat(policy); os.IsNotExist(err) {
		// Debian asks this program whether a package may start its services: 101 is no.
		if err := os.WriteFile(policy, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
			return err
		}
		defer os.Remove(policy)
	}
	debs := filepath.Join(l.dir, "debs")
	if err := os.MkdirAll(debs, 0o755); err != nil {
		return err
	}
	get := append([]string{"install", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "--no-install-recommends"}, libraries...)
	if l.run(ctx, "install", "apt-get", get...) != nil {
		if err := l.run(ctx, "install", "apt-get", "update", "-q"); err != nil {
			return err
		}
		if err := l.run(ctx, "install", "apt-get", get...); err != nil {
			return err
		}
	}
	if err := l.runIn(ctx, debs, "install", "apt-get", append([]string{"download", "-q"}, servers...)...); err != nil {
		return err
	}
	names, err := filepath.Glob(debs + "/*.deb")
	if err != nil {
		return err
	}
	for _, deb := range names {
		if err := l.run(ctx, "install", "dpkg", "-x", deb, filepath.Join(l.dir, "x")); err != nil {
			return err
		}
	}
	return os.WriteFile(l.path(".installed"), nil, 0o644)
}

func (l *Lab) path(elem ...string) string { return filepath.Join(append([]string{l.dir}, elem...)...) }

func (l *Lab) has(name string) bool {
	_, err := os.Stat(l.path(name))
	return err == nil
}

// run runs a command to its end; its output goes to log/NAME.log.
func (l *Lab) run(ctx context.Context, name, program string, args ...string) error {
	return l.runIn(ctx, l.dir, name, program, args...)
}

func (l *Lab) runIn(ctx context.Context, dir, name, program string, args ...string) error {
	out, err := l.output(name)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, l.environ(), out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w: see %s", program, strings.Join(args, " "), err, out.Name())
	}
	return nil
}

func (l *Lab) output(name string) (*os.File, error) {
	return os.OpenFile(l.path("log", name+".log"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
}

func (l *Lab) environ() []string {
	return append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "PYTHONPATH="+l.path("lib"), "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
}
