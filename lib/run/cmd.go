package run

import (
	"fmt"
	"strings"
	"syscall"
	"time"
)

// Defaults and limits of a Cmd.
const (
	DefaultMaxOutput = 1 << 20         // bytes kept of each of stdout and stderr
	DefaultGrace     = 2 * time.Second // from SIGTERM to SIGKILL
	killWait         = 2 * time.Second // how long a killed process may take to vanish
)

// Cmd is a command that is run to its end.
type Cmd struct {
	Path  string   // absolute, or a name looked for in the PATH of Env
	Args  []string // without the name of the program
	Env   []string // "NAME=value"; nil is Environ(nil)
	Dir   string   // working directory; "" is "/"
	Stdin []byte   // what the command reads; nil is an empty input

	MaxOutput  int           // bytes kept of each of stdout and stderr; 0 is DefaultMaxOutput
	Grace      time.Duration // from SIGTERM to SIGKILL; 0 is DefaultGrace
	Credential *syscall.Credential
}

// String is the command as a person would type it, quoted where a shell needs it.
func (c Cmd) String() string {
	words := make([]string, 0, 1+len(c.Args))
	for _, w := range append([]string{c.Path}, c.Args...) {
		words = append(words, shellWord(w))
	}
	return strings.Join(words, " ")
}

func shellWord(w string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("-_./:=,@%+", r)
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// Result is what came of a command.
type Result struct {
	Stdout, Stderr []byte
	Truncated      bool           // more was written than Cmd.MaxOutput
	Code           int            // exit code; -1 unless the command ended by exit
	Signal         syscall.Signal // that ended it; 0 if none
	Held           bool           // a descendant still held the output when the command had ended
	Took           time.Duration
	CPU            time.Duration // user and system time of the command and its children
}

// Kind says at which point a command failed.
type Kind int

// The kinds of failure.
const (
	NotFound   Kind = iota + 1 // no such program, or not executable
	NotStarted                 // the kernel refused
	Exited                     // by itself, with a code other than 0
	Signaled                   // by a signal that was not ours
	Ended                      // by us, because the context ended
)

// Error is the failure of a command. Its text names the command and holds the
// last line of its error output; secrets are replaced already.
type Error struct {
	Kind Kind
	Cmd  string // redacted
	Text string // redacted
	Err  error  // cause, if any: of the operating system, or of the context
}

func (e *Error) Error() string { return e.Cmd + ": " + e.Text }

func (e *Error) Unwrap() error { return e.Err }

// lastLine is the last line of output that says something, at most 300 bytes.
func lastLine(output []byte) string {
	const limit = 300
	text := strings.TrimSpace(string(output))
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	text = strings.TrimSpace(text)
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return text
}

// describe says how a command ended that was not ended by us.
func (r Result) describe() string {
	how := fmt.Sprintf("exit code %d", r.Code)
	if r.Signal != 0 {
		how = fmt.Sprintf("killed by signal %d (%s)", int(r.Signal), r.Signal)
	}
	line := lastLine(r.Stderr)
	if line == "" {
		line = lastLine(r.Stdout)
	}
	if line == "" {
		return how
	}
	return how + ": " + line
}
