package suite

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"systole/fence/fencing"
	"systole/fence/fencing/host"
	"systole/lib/install"
)

const help = `usage: systole-fence COMMAND

  list                 the names of the agents
  run AGENT [OPTIONS]  be the agent; without options they are read from standard input, NAME=VALUE a line
  metadata AGENT       description of the agent in XML
  usage AGENT          options and actions
  man AGENT            manual page, for: man -l -
  docs AGENT           documentation in Markdown
  install              put a link for each agent where the cluster looks for fence agents
  uninstall            take the links away, and put back what stood there before

options of install and uninstall:
  --replace            the names of the stock agents (fence_ipmilan) instead of names of their own
                       (fence_systole_ipmilan); what stands there is kept beside each
  --root DIR           root of the file system to install into (default /)
  --sbin DIR           folder of fence agents, below the root (default /usr/sbin)
  --binary PATH        this program, as seen below the root; default: where it is, or if that is
                       outside of the root a copy in /usr/lib/systole
  --agents A,B         only these agents

Called by the name of an agent, through a link, the program is that agent. Try one, nothing is
turned off by it:
  systole-fence run fence_dummy --action=on --status-file=/tmp/machine
  systole-fence run fence_dummy --action=off --status-file=/tmp/machine --evidence=-
`

// errUsage is a call that is not understood.
var errUsage = errors.New("see systole-fence help")

// exitCode is the exit code of an agent that has said what there is to say.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// command is the program under its own name.
func command(p host.Process) int {
	err := runCommand(p)
	var code exitCode
	switch {
	case errors.As(err, &code):
		return int(code)
	case err != nil:
		fmt.Fprintf(p.Stderr, "systole-fence: %v\n", err)
		if errors.Is(err, errUsage) {
			return 2
		}
		return 1
	}
	return 0
}

func runCommand(p host.Process) error {
	if len(p.Args) < 2 {
		return print(p.Stdout, help)
	}
	what, args := p.Args[1], p.Args[2:]
	switch what {
	case "help", "--help", "-h":
		return print(p.Stdout, help)
	case "version", "--version":
		return print(p.Stdout, fencing.Version+"\n")
	case "list":
		return print(p.Stdout, strings.Join(Names(), "\n")+"\n")
	case "run":
		return runAgent(p, args)
	case "metadata", "usage", "man", "docs":
		return describe(p, what, args)
	case "install", "uninstall":
		return place(p, what, args)
	}
	return fmt.Errorf("unknown command %q: %w", what, errUsage)
}

func print(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

func find(name string) (*fencing.Agent, error) {
	if a := Agent(name); a != nil {
		return a, nil
	}
	if a := Agent("fence_" + name); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("there is no agent %q: see systole-fence list", name)
}

func runAgent(p host.Process, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("run needs the name of an agent: %w", errUsage)
	}
	a, err := find(args[0])
	if err != nil {
		return err
	}
	p.Args = append([]string{a.Name}, args[1:]...)
	if code := host.Main(a, p); code != 0 {
		return exitCode(code)
	}
	return nil
}

func describe(p host.Process, what string, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s needs the name of one agent: %w", what, errUsage)
	}
	a, err := find(args[0])
	if err != nil {
		return err
	}
	switch what {
	case "metadata":
		return print(p.Stdout, a.Metadata())
	case "usage":
		return print(p.Stdout, a.Usage())
	case "man":
		return print(p.Stdout, a.Manual(a.Name))
	}
	return print(p.Stdout, a.Page(a.Name))
}

func place(p host.Process, what string, args []string) error {
	o := install.Options{Program: Program}
	flags := flag.NewFlagSet(what, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&o.Root, "root", "/", "")
	flags.StringVar(&o.Folder, "sbin", "/usr/sbin", "")
	flags.StringVar(&o.Binary, "binary", "", "")
	flags.BoolVar(&o.Force, "replace", false, "")
	some := flags.String("agents", "", "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%s: %w: %w", what, err, errUsage)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s takes no argument %q: %w", what, flags.Arg(0), errUsage)
	}
	names := Names()
	if *some != "" {
		names = strings.Split(*some, ",")
	}
	for _, name := range names {
		a, err := find(name)
		if err != nil {
			return err
		}
		link := a.Name
		if !o.Force {
			link = LinkName(link)
		}
		o.Links = append(o.Links, link)
	}
	var err error
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
