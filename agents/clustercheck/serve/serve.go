// Package serve is the service clustercheck: it asks the database of this node
// over one connection and answers the checks of a load balancer from what it was
// told last.
package serve

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"systole/agents/clustercheck"
)

// ErrUsage is a call that is not understood.
var ErrUsage = errors.New("usage: systole-agents clustercheck serve|check [--config FILE]")

// Main is the command clustercheck: args are what follows it.
func Main(args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return ErrUsage
	}
	flags := flag.NewFlagSet("clustercheck", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	file := flags.String("config", "", "")
	flags.String("name", "", "") // by which an agent knows its process
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return ErrUsage
	}
	if *file != "" {
		text, err := readFile(*file)
		if err != nil {
			return err
		}
		values, err := clustercheck.ParseSettings(text)
		if err != nil {
			return fmt.Errorf("%s: %w", *file, err)
		}
		getenv = func(name string) string { return values[name] }
	}
	config, err := clustercheck.ReadConfig(getenv)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	signal.Ignore(syscall.SIGHUP)
	switch args[0] {
	case "serve":
		l, err := net.Listen("tcp", config.Listen)
		if err != nil {
			return fmt.Errorf("%w: end the other process, or choose another port", err)
		}
		return Serve(ctx, l, config, &database{config: config}, logger(stderr))
	case "check":
		return checkOnce(ctx, config, stdout)
	}
	return ErrUsage
}

// ErrUnavailable is the answer of check for a server that may not be used.
var ErrUnavailable = errors.New("the server may not be used")

// checkOnce prints what the service would answer.
func checkOnce(ctx context.Context, config clustercheck.Config, stdout io.Writer) error {
	p := &poller{config: config, server: &database{config: config}}
	defer p.server.Close()
	p.ask(ctx)
	a := p.judge(time.Now())
	if _, err := fmt.Fprintln(stdout, a.Reason); err != nil {
		return err
	}
	if !a.Available {
		return ErrUnavailable
	}
	return nil
}

// Serve answers checks at l until ctx ends. said is told each change of the answer.
func Serve(ctx context.Context, l net.Listener, config clustercheck.Config, server Server, said func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	p := &poller{config: config, server: server, told: func(a clustercheck.Answer) {
		said(map[bool]string{true: "available: ", false: "not available: "}[a.Available] + a.Reason)
	}}
	polled := make(chan struct{})
	go func() {
		defer close(polled)
		p.run(ctx)
	}()
	web := p.httpServer()
	stop := context.AfterFunc(ctx, func() { _ = web.Close() })
	err := web.Serve(limit(l))
	stop()
	cancel()
	<-polled
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// logger writes lines, so many that a server which changes all the time cannot
// fill a disk.
func logger(w io.Writer) func(string) {
	const most = 100_000
	n := 0
	return func(text string) {
		if n++; n > most {
			return
		}
		fmt.Fprintf(w, "%s clustercheck: %s\n", time.Now().Format("2006-01-02 15:04:05.000"), strings.ReplaceAll(text, "\n", " "))
	}
}

// readFile reads a file of settings.
func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, clustercheck.MaxConfig+1))
	if err == nil && len(text) > clustercheck.MaxConfig {
		err = fmt.Errorf("%s has more than %d bytes", path, clustercheck.MaxConfig)
	}
	return string(text), err
}
