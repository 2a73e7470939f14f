package ocf

import (
	"context"
	"strings"
	"time"
)

// Reader is the part of the machine that facts are gathered from. Nothing in it
// changes anything: an agent gets no more than this in Gather, and a monitor
// therefore cannot write, however it is programmed.
type Reader interface {
	Files
	Processes
	Commands
	Clock
	Cluster
}

// Files looks at files.
type Files interface {
	// ReadFile returns the content of a file; found is false if there is none.
	// A file of more than max bytes is an error, a device gives max bytes.
	ReadFile(path string, max int) (data []byte, found bool, err error)
	// Stat says what is at path, following symbolic links; Kind None if nothing.
	Stat(path string) (FileInfo, error)
	// List returns the sorted names in a directory, none if it is not there.
	List(path string) ([]string, error)
	// Writable says whether this process may write to path, an existing file or
	// directory (for a directory: create files in it).
	Writable(path string) bool
}

// Kind is what stands at a path.
type Kind int

// The kinds of files.
const (
	None Kind = iota
	Regular
	Directory
	Other // device, socket, pipe
)

// FileInfo is what Stat says about a file.
type FileInfo struct {
	Kind     Kind
	Size     int64
	Mode     uint32 // permission bits, with setuid, setgid and sticky as in chmod
	UID, GID int
	Modified time.Time
}

// Processes looks at the process table. Zombies are not in it: they are dead.
type Processes interface {
	// Process returns the process with a number.
	Process(pid int) (p Process, found bool, err error)
	// Find returns the processes that match.
	Find(match func(Process) bool) ([]Process, error)
}

// Process is an entry of the process table. Start tells processes apart that
// have the same number one after the other.
type Process struct {
	PID, Parent int
	UID         int
	Start       uint64 // clock ticks since the node was booted
	Name        string // of the program, cut to 15 bytes by the kernel
	Args        []string
	Stopped     bool // by a signal: it does nothing, and heeds only SIGCONT and SIGKILL
}

// Commands asks other programs.
type Commands interface {
	// LookPath finds a program.
	LookPath(name string) (path string, found bool)
	// Query runs a command that changes nothing; that is the promise of whoever
	// calls it. The error says that it did not end by itself; an exit code other
	// than 0 is no error.
	Query(ctx context.Context, c Command) (Output, error)
}

// Command is a program to run to its end.
type Command struct {
	Path string // absolute, or a name to look for
	Args []string
	// Env is added to the environment, which is that of the agent in the C locale
	// and without the parameters of the resource.
	Env       []string
	Dir       string
	Stdin     string
	User      string        // "" is the user of the agent
	Timeout   time.Duration // 0: the deadline of the action alone
	Grace     time.Duration // from SIGTERM to SIGKILL when time is over; 0: two seconds
	MaxOutput int           // bytes kept of stdout and of stderr; 0: 1 MiB
}

// String is the command in one line.
func (c Command) String() string { return strings.Join(append([]string{c.Path}, c.Args...), " ") }

// Output is what a command that ended by itself left.
type Output struct {
	Code           int
	Stdout, Stderr string
	Truncated      bool // there was more than MaxOutput
}

// Clock is the time.
type Clock interface {
	Now() time.Time
	// Sleep waits; the error is the cause for which ctx ended.
	Sleep(ctx context.Context, d time.Duration) error
}

// Cluster is what the node knows of the cluster, and of others on this node.
type Cluster interface {
	// Hostname is the name of the node as uname has it.
	Hostname() string
	// Attribute returns a transient node attribute; node "" is this node.
	Attribute(ctx context.Context, name, node string) (value string, found bool, err error)
	// PersistentAttribute is Attribute for one that the configuration holds.
	PersistentAttribute(ctx context.Context, name, node string) (value string, found bool, err error)
	// AttributeOfAll returns the values of a transient node attribute on all nodes that
	// have one. It is what the cluster knows now: an update that this node has made
	// before is in it, and so is every update that the cluster made before that one.
	AttributeOfAll(ctx context.Context, name string) (values map[string]string, err error)
	// PersistentAttributeOfAll is AttributeOfAll for one that the configuration holds, of
	// nodes that are offline too. A change that this node has made before is in it,
	// and so is every change of the configuration that was made before that one.
	PersistentAttributeOfAll(ctx context.Context, name string) (values map[string]string, err error)
	// Claim holds name for this process, unless another process holds it. Nothing
	// is written: the claim is gone with release or with the process.
	Claim(name string) (release func(), claimed bool, err error)
}

// System is the machine as steps see it: all of Reader, and what changes things.
type System interface {
	Reader
	Writer
	Publisher
}

// Writer changes this node.
type Writer interface {
	// WriteFile puts a file in place in one step: readers see the old content or
	// the new one.
	WriteFile(path string, data []byte, mode uint32) error
	// MakeDir makes a directory and its parents, if missing.
	MakeDir(path string, mode uint32) error
	// Remove removes a file or an empty directory, if there.
	Remove(path string) error
	// Rename moves a file or directory within a file system. What stands at to is
	// an error, unless from is gone: then the move has been made already.
	Rename(from, to string) error
	// SetOwner gives a file or directory to a user and a group of this node; "" keeps.
	SetOwner(path, user, group string) error
	// SetMode sets permission bits.
	SetMode(path string, mode uint32) error
	// Run runs a command as Query does.
	Run(ctx context.Context, c Command) (Output, error)
	// Start starts a program that outlives the agent.
	Start(d Daemon) (pid int, err error)
	// Signal sends a signal to p, unless its number belongs to another process by now.
	Signal(p Process, signal int) error
}

// Daemon is a program that outlives the agent.
type Daemon struct {
	Path   string
	Args   []string
	Env    []string
	Dir    string
	User   string
	Output string // file that its output is appended to; "" is /dev/null
}

// Publisher tells the cluster.
type Publisher interface {
	Publish(ctx context.Context, p Publication) error
}

// Publication is a change of a node attribute, or of the promotion score of the
// resource on a node. It is a Step, and the only effect that a monitor may have:
// what it has seen.
type Publication struct {
	Attribute  string // "" is the promotion score
	Node       string // "" is this node
	Value      string
	Delete     bool
	Persistent bool // the attribute outlives the membership of the node
}

// Signals, by their numbers in Linux.
const (
	SIGHUP  = 1
	SIGINT  = 2
	SIGKILL = 9
	SIGUSR1 = 10
	SIGUSR2 = 12
	SIGTERM = 15
)
