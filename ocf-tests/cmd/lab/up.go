//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"systole/ocf-tests/lab"
)

type upOptions struct {
	lab.Options
	resources, constraints string // files
	owner                  bool
}

func (o *upOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&o.Nodes, "nodes", 3, "how many nodes")
	f.BoolVar(&o.Bare, "bare", false, "namespaces and network alone, without corosync and Pacemaker")
	f.BoolVar(&o.NoFencing, "no-fencing", false, "no fence device, stonith-enabled=false")
	f.StringVar(&o.resources, "resources", "", "`file` with the content of the resources section (XML)")
	f.StringVar(&o.constraints, "constraints", "", "`file` with the content of the constraints section (XML)")
	f.StringToStringVar(&o.Properties, "property", nil, "cluster option, `NAME=VALUE`")
	f.StringSliceVar(&o.OCF, "ocf", nil, "`folder` laid over /usr/lib/ocf/resource.d")
	f.StringSliceVar(&o.Sbin, "sbin", nil, "`folder` laid over /usr/sbin")
	f.StringSliceVar(&o.Private, "private", nil, "`folder` below /var that begins empty in each node")
	f.DurationVar(&o.Token, "token", time.Second, "corosync's token timeout")
	f.BoolVar(&o.owner, "owner", false, "")
	_ = f.MarkHidden("owner") // it exists
}

func (o *upOptions) read() error {
	for file, to := range map[string]*string{o.resources: &o.Resources, o.constraints: &o.Constraints} {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		*to = string(text)
	}
	return nil
}

// upCommand starts the owner of the lab, this command with one more flag, in the
// background and waits for its word.
func upCommand(where func() string) *cobra.Command {
	var o upOptions
	c := &cobra.Command{Use: "up", Short: "make a lab and start its cluster", Args: cobra.NoArgs}
	o.flags(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Dir = where()
		if o.owner {
			return o.own(cmd.Context())
		}
		if err := startOwner(); err != nil {
			return err
		}
		fmt.Printf("the lab runs in %s: try lab status, lab sh node-1, lab down\n", where())
		return nil
	}
	return c
}

func startOwner() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	owner := exec.Command(exe, append(os.Args[1:], "--owner")...)
	owner.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	owner.Stderr = os.Stderr
	out, err := owner.StdoutPipe()
	if err != nil {
		return err
	}
	if err := owner.Start(); err != nil {
		return err
	}
	if !relay(out) {
		_ = owner.Wait() // it has said why
		return errors.New("the lab did not start")
	}
	return nil
}

// What the owner prints when the lab is ready.
const readyLine = "ready"

// relay shows what the owner prints until it is ready; false if it ended before.
func relay(out io.Reader) bool {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == readyLine {
			return true
		}
		fmt.Println(lines.Text())
	}
	return false
}

// own makes the lab and ends with it, by lab down or a signal.
func (o *upOptions) own(ctx context.Context) (err error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.read(); err != nil {
		return err
	}
	log := &logger{began: time.Now(), out: os.Stdout}
	o.Log = log.Printf
	c, err := lab.Start(ctx, o.Options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if !o.Bare {
		if err := c.WaitOnline(ctx); err != nil {
			return fmt.Errorf("%w\n%s", err, c.LogSummary(20))
		}
	}
	file, err := os.Create(filepath.Join(c.Dir(), "lab.log"))
	if err != nil {
		return err
	}
	defer file.Close()
	fmt.Println(readyLine)
	log.redirect(file) // who waited goes away now, and the pipe with it
	select {
	case <-ctx.Done():
	case <-c.Done():
	}
	return nil
}

// A logger prints lines with the seconds since its beginning.
type logger struct {
	began time.Time
	mu    sync.Mutex
	out   io.Writer
}

func (l *logger) Printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "%7.1f s  %s\n", time.Since(l.began).Seconds(), fmt.Sprintf(format, args...))
}

// redirect sends what follows to a file and lets go of the terminal.
func (l *logger) redirect(file *os.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = file
	os.Stdout.Close()
	os.Stderr.Close()
}
