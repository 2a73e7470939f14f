// Command ocf-conform holds an OCF resource agent against the standard and says
// what it found. It starts and stops a resource on this node.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"systole/ocf-tests/conform"
)

const usage = `usage: ocf-conform [options] AGENT

AGENT is the path of an OCF resource agent. The resource is started, stopped and killed on
this node many times, so take one that nobody uses. No cluster is needed, and none is touched:
the tools of the cluster are replaced unless --cluster is given.

  -o, --param NAME=VALUE   parameter with which the resource can be started
  --bad NAME=VALUE         value that makes the parameters invalid
  --odd NAME=VALUE         unusual value that is valid all the same
  --slow NAME=VALUE        value with which start takes more than five seconds
  --secret NAME            parameter whose value must not be shown
  --env NAME=VALUE         variable of the environment
  --timeout DURATION       the most that an action may take (default 1m)
  --only ID, --skip ID     checks to run or to leave out
  --cluster                use the cluster's own tools
  --json FILE              write the report as JSON as well ("-": in place of the text)
  --list                   list the checks

All but the last four may be given more than once. Exit code 0: no check failed; 1: some did;
2: nothing could be checked.
`

// list collects an option that is given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(v string) error {
	*l = append(*l, v)
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed, err := run(ctx, os.Args[1:])
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "ocf-conform:", err)
		os.Exit(2)
	case failed:
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (failed bool, err error) {
	var c conform.Config
	flags := flag.NewFlagSet("ocf-conform", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	for name, to := range map[string]*[]string{
		"o": &c.Params, "param": &c.Params, "bad": &c.Bad, "odd": &c.Odd, "slow": &c.Slow, "secret": &c.Secret,
		"env": &c.Env, "only": &c.Only, "skip": &c.Skip,
	} {
		flags.Var((*list)(to), name, "")
	}
	flags.DurationVar(&c.Timeout, "timeout", time.Minute, "")
	flags.BoolVar(&c.Cluster, "cluster", false, "")
	json := flags.String("json", "", "")
	listing := flags.Bool("list", false, "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return false, nil
		}
		return false, err
	}
	if *listing {
		for _, k := range conform.Checks() {
			fmt.Printf("%-24s %s [%s]\n", k.ID, k.Title, k.Source)
		}
		return false, nil
	}
	if flags.NArg() != 1 {
		return false, errors.New("give the path of one agent; --help has the options")
	}
	if c.Path, err = filepath.Abs(flags.Arg(0)); err != nil {
		return false, err
	}
	report, err := conform.Run(ctx, c)
	if err != nil {
		return false, err
	}
	return len(report.Failed()) > 0, write(report, *json)
}

func write(r *conform.Report, file string) error {
	if file != "" {
		text, err := r.JSON()
		if err != nil {
			return err
		}
		if file == "-" {
			_, err = os.Stdout.Write(append(text, '\n'))
			return err
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	return r.Text(os.Stdout)
}
