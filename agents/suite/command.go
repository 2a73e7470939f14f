package suite

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"systole/agents/clustercheck/serve"
	"systole/agents/filesystem"
	"systole/agents/ipaddr2"
	"systole/agents/ocf"
	"systole/agents/ocf/host"
	"systole/agents/openstack/worker"
	"systole/lib/install"
	"systole/lib/mount"
	"systole/lib/netif"
	"systole/lib/run"
)

const help = `usage: systole-agents COMMAND

  list                 the names of the agents
  run AGENT ACTION     do an action, with parameters from the environment (OCF_RESKEY_NAME)
  work AGENT RESOURCE  be the background process of a resource; its action start begins it
  metadata AGENT       description of the agent in XML, as for the action meta-data
  usage AGENT          actions and parameters
  man AGENT            manual page, for: man -l -
  docs AGENT           documentation in Markdown
  install              put a link for each agent where the cluster looks for agents
  uninstall            take the links away, and put back what stood there before
  announce ...         tell the neighbours of an address; the agent IPaddr2 starts it
  filesystem ...       look at a file system that may not answer; for the agent Filesystem
  clustercheck serve   answer the checks of a load balancer: see docs clustercheck
  clustercheck check   print once what would be answered; exit code 0 or 1

options of man and docs:
  --provider NAME      provider in names and examples (default systole)

options of install and uninstall:
  --provider NAME      provider: the folder below resource.d (default systole)
  --root DIR           root of the file system to install into (default /)
  --ocf-root DIR       folder of resource.d, below the root (default /usr/lib/ocf)
  --binary PATH        this program, as seen below the root; default: where it is, or if that is
                       outside of the root a copy in /usr/lib/systole
  --agents A,B         only these agents
  --force              replace agents of others, keeping a backup beside each

Called by the name of an agent, through a link, the program is that agent.
`

// errUsage is a call that is not understood.
var errUsage = errors.New("see systole-agents help")

// command is the program under its own name.
func command(p host.Process) int {
	err := runCommand(p)
	var code exitCode
	switch {
	case errors.As(err, &code):
		return int(code)
	case err != nil:
		fmt.Fprintf(p.Stderr, "systole-agents: %v\n", err)
		if errors.Is(err, errUsage) {
			return 2
		}
		return 1
	}
	return 0
}

// exitCode is the exit code of an agent that has said what there is to say.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func runCommand(p host.Process) error {
	args := p.Args[1:]
	if len(args) == 0 {
		fmt.Fprint(p.Stderr, help)
		return exitCode(2)
	}
	switch args[0] {
	case "help", "-h", "--help":
		return print(p.Stdout, help)
	case "list":
		return print(p.Stdout, strings.Join(Names(), "\n")+"\n")
	case "run":
		return runAgent(p, args[1:])
	case "work":
		return work(p, args[1:])
	case ipaddr2.Command:
		return announce(args[1:])
	case filesystem.Command:
		return askFilesystem(args[1:])
	case "metadata", "usage", "man", "docs":
		return describe(p, args[0], args[1:])
	case "install", "uninstall":
		return place(p, args[0], args[1:])
	case "clustercheck":
		return runClustercheck(p, args[1:])
	}
	return fmt.Errorf("there is no command %q: %w", args[0], errUsage)
}

func runClustercheck(p host.Process, args []string) error {
	getenv := func(name string) string { value, _ := run.Lookup(p.Environ, name); return value }
	err := serve.Main(args, getenv, p.Stdout, p.Stderr)
	switch {
	case errors.Is(err, serve.ErrUnavailable):
		return exitCode(1)
	case errors.Is(err, serve.ErrUsage):
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	return err
}

func print(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

func find(name string) (ocf.Runnable, error) {
	if a := Agent(name); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("there is no agent %q: there are %s", name, strings.Join(Names(), ", "))
}

func runAgent(p host.Process, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("run needs an agent and an action: %w", errUsage)
	}
	a, err := find(args[0])
	if err != nil {
		return err
	}
	p.Args = args
	if code := host.Main(a, p); code != 0 {
		return exitCode(code)
	}
	return nil
}

// workers is a table: the background processes of agents that have one.
var workers = map[string]func(a ocf.Runnable, resource string, p host.Process) int{
	"NovaEvacuate": worker.Main, "nova-compute-wait": unfence,
}

func work(p host.Process, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("work needs an agent and a resource: %w", errUsage)
	}
	main := workers[args[0]]
	if main == nil {
		return fmt.Errorf("the agent %q has no background process: %w", args[0], errUsage)
	}
	if code := main(Agent(args[0]), args[1], p); code != 0 {
		return exitCode(code)
	}
	return nil
}

func describe(p host.Process, what string, args []string) error {
	flags := newFlags(what)
	provider := flags.String("provider", "systole", "")
	names, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return fmt.Errorf("%s needs the name of one agent: %w", what, errUsage)
	}
	a, err := find(names[0])
	if err != nil {
		return err
	}
	d := a.About()
	switch what {
	case "metadata":
		return print(p.Stdout, d.Metadata(ocf.ReadRequest(d.Name, "meta-data", p.Environ)))
	case "usage":
		return print(p.Stdout, d.Usage(d.Name))
	case "man":
		return print(p.Stdout, d.Manual(*provider))
	}
	return print(p.Stdout, d.Page(*provider))
}

// announce is what a start of the agent IPaddr2 leaves to the background.
func announce(args []string) error {
	a, err := ipaddr2.ReadAnnouncer(args)
	if err != nil {
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	return netif.Node{}.Announce(context.Background(), a)
}

// askFilesystem is what a monitor of the agent Filesystem asks in a process of its
// own, because there may be no answer.
func askFilesystem(args []string) error {
	switch {
	case len(args) == 2 && args[0] == filesystem.Ask:
		return mount.Ask(args[1])
	case len(args) == 2 && args[0] == filesystem.Read:
		return mount.ReadDevice(args[1])
	case len(args) == 3 && args[0] == filesystem.Write:
		return mount.WriteRead(args[1], args[2])
	}
	return fmt.Errorf("%s is for the agent Filesystem: it needs ask DIRECTORY, read DEVICE or write FILE TEXT: %w", filesystem.Command, errUsage)
}

func newFlags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return f
}

// parse reads options before, between and after the other arguments.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", flags.Name(), err, errUsage)
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

func place(p host.Process, what string, args []string) error {
	o := install.Options{Program: Program, Links: Names()}
	flags := newFlags(what)
	provider := flags.String("provider", "systole", "")
	ocfRoot := flags.String("ocf-root", "/usr/lib/ocf", "")
	flags.StringVar(&o.Root, "root", "/", "")
	flags.StringVar(&o.Binary, "binary", "", "")
	flags.BoolVar(&o.Force, "force", false, "")
	some := flags.String("agents", "", "")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%s takes no argument %q: %w", what, rest[0], errUsage)
	}
	if *provider == "" || strings.ContainsAny(*provider, "/ \t\n") || strings.HasPrefix(*provider, ".") {
		return fmt.Errorf("provider %q: a provider is the name of a folder, without a dot before it", *provider)
	}
	o.Folder = filepath.Join(*ocfRoot, "resource.d", *provider)
	if *some != "" {
		o.Links = strings.Split(*some, ",")
		for _, name := range o.Links {
			if _, err := find(name); err != nil {
				return err
			}
		}
	}
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return err
	}
	do := install.Install
	if what == "uninstall" {
		do = install.Uninstall
	}
	done, err := do(o)
	for _, line := range done {
		if perr := print(p.Stdout, line+"\n"); perr != nil {
			return perr
		}
	}
	return err
}
