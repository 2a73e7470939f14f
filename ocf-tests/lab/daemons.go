//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// How long corosync may take to be ready, and daemons to stop, on a machine that
// is busy with other things.
const (
	readyTimeout = 30 * time.Second
	stopTimeout  = 60 * time.Second
)

// StartCluster starts corosync, waits until it is ready, and starts Pacemaker.
// A boot does it too.
func (n *Node) StartCluster(ctx context.Context) error {
	_, err := n.role(ctx, roleStart)
	return err
}

// StopCluster stops Pacemaker, which moves the node's resources away first, and then corosync.
func (n *Node) StopCluster(ctx context.Context) error {
	_, err := n.role(ctx, roleStop)
	return err
}

// role runs this program inside the node.
func (n *Node) role(ctx context.Context, role string) (string, error) {
	return n.Run(ctx, "env", roleVariable+"="+role, filepath.Join(labDirInNode, "lab"))
}

func startMain([]string) error {
	if err := startCorosync(); err != nil {
		return err
	}
	// Not to the system log, which nodes do not have.
	_, err := startDaemon("/var/log/pacemaker/pacemakerd.out", "pacemakerd",
		"PCMK_logfile=/var/log/pacemaker/pacemaker.log", "PCMK_logfacility=none")
	return err
}

// startCorosync waits for what corosync tells systemd: it is ready. Pacemaker
// started before would wait in whole seconds.
func startCorosync() error {
	const socket = "/run/lab-notify"
	_ = os.Remove(socket)
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer os.Remove(socket)
	defer l.Close()
	const output = "/var/log/corosync/corosync.out"
	cmd, err := startDaemon(output, "corosync", "NOTIFY_SOCKET="+socket)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Wait()
		l.Close()
	}()
	_ = l.SetReadDeadline(time.Now().Add(readyTimeout))
	buf := make([]byte, 4096)
	for {
		k, err := l.Read(buf)
		if err != nil {
			select {
			case status := <-ended:
				text, _ := os.ReadFile(output)
				return fmt.Errorf("corosync ended at once: %w: %s", errors.Join(status, err), text)
			default:
				return fmt.Errorf("corosync is not ready after %v: %w", readyTimeout, err)
			}
		}
		if string(buf[:min(k, 7)]) == "READY=1" {
			return nil
		}
	}
}

// startDaemon starts a program that stays in the foreground; process 1 of the
// node inherits it.
func startDaemon(output, name string, env ...string) (*exec.Cmd, error) {
	out, err := os.OpenFile(output, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	args := []string{name}
	if name == "corosync" {
		args = append(args, "-f")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(nodeEnviron(), env...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd, cmd.Start()
}

func stopMain([]string) error {
	deadline := time.Now().Add(stopTimeout)
	for _, name := range []string{"pacemakerd", "corosync"} {
		pids, err := processesNamed("/proc", name, "")
		if err != nil {
			return err
		}
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stopping %s: %w", name, err)
			}
		}
		if err := waitDead(pids, deadline); err != nil {
			return fmt.Errorf("stopping %s: %w", name, err)
		}
	}
	return nil
}
