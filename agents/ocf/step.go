package ocf

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Step is one change that an action makes. Steps are data: what an agent decides
// can be compared, printed and traced before anything is done.
type Step interface {
	// Do makes the change. Doing it when it is made already is no error.
	Do(ctx context.Context, sys System) error
	// String says what Do does, in the imperative: "remove /run/x". It names no secret.
	String() string
}

// WriteFile puts a file in place.
type WriteFile struct {
	Path, Data string
	Mode       uint32 // 0 is 0644
}

// Do writes the file.
func (s WriteFile) Do(_ context.Context, sys System) error {
	mode := s.Mode
	if mode == 0 {
		mode = 0o644
	}
	return sys.WriteFile(s.Path, []byte(s.Data), mode)
}

func (s WriteFile) String() string { return "write " + s.Path }

// MakeDir makes a directory and its parents.
type MakeDir struct {
	Path string
	Mode uint32 // 0 is 0755
}

// Do makes the directory.
func (s MakeDir) Do(_ context.Context, sys System) error {
	mode := s.Mode
	if mode == 0 {
		mode = 0o755
	}
	return sys.MakeDir(s.Path, mode)
}

func (s MakeDir) String() string { return "make directory " + s.Path }

// Remove removes a file or an empty directory.
type Remove struct{ Path string }

// Do removes it.
func (s Remove) Do(_ context.Context, sys System) error { return sys.Remove(s.Path) }

func (s Remove) String() string { return "remove " + s.Path }

// Rename moves a file or directory within a file system, to a name that is free.
// It is how an agent puts data out of the way: to delete what may be the only copy
// is not an agent's to decide.
type Rename struct{ From, To string }

// Do moves it.
func (s Rename) Do(_ context.Context, sys System) error { return sys.Rename(s.From, s.To) }

func (s Rename) String() string { return "move " + s.From + " to " + s.To }

// SetOwner gives a file or directory to a user and a group; "" keeps what is.
type SetOwner struct{ Path, User, Group string }

// Do changes the owner.
func (s SetOwner) Do(_ context.Context, sys System) error {
	return sys.SetOwner(s.Path, s.User, s.Group)
}

func (s SetOwner) String() string { return "give " + s.Path + " to " + s.User + ":" + s.Group }

// SetMode sets the permission bits of a file or directory.
type SetMode struct {
	Path string
	Mode uint32
}

// Do changes the mode.
func (s SetMode) Do(_ context.Context, sys System) error { return sys.SetMode(s.Path, s.Mode) }

func (s SetMode) String() string { return fmt.Sprintf("set the mode of %s to %04o", s.Path, s.Mode) }

// Run runs a command and wants it to succeed.
type Run struct {
	Command Command
	Accept  []int // exit codes other than 0 that are success too
}

// Do runs the command.
func (s Run) Do(ctx context.Context, sys System) error {
	out, err := sys.Run(ctx, s.Command)
	if err != nil || out.Code == 0 || slices.Contains(s.Accept, out.Code) {
		return err
	}
	text := strings.TrimSpace(cmp.Or(strings.TrimSpace(out.Stderr), out.Stdout))
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	return fmt.Errorf("%s ended with exit code %d: %s", s.Command.Path, out.Code, cmp.Or(text, "no output"))
}

func (s Run) String() string { return "run " + s.Command.String() }

// Start starts a daemon.
type Start struct{ Daemon Daemon }

// Do starts it.
func (s Start) Do(_ context.Context, sys System) error {
	_, err := sys.Start(s.Daemon)
	return err
}

func (s Start) String() string {
	return "start " + strings.Join(append([]string{s.Daemon.Path}, s.Daemon.Args...), " ")
}

// Kill sends a signal to a process.
type Kill struct {
	Process Process
	Signal  int
}

// Do sends it.
func (s Kill) Do(_ context.Context, sys System) error { return sys.Signal(s.Process, s.Signal) }

func (s Kill) String() string {
	return fmt.Sprintf("send signal %d to process %d (%s)", s.Signal, s.Process.PID, s.Process.Name)
}

// Pause waits.
type Pause struct{ For time.Duration }

// Do waits.
func (s Pause) Do(ctx context.Context, sys System) error { return sys.Sleep(ctx, s.For) }

func (s Pause) String() string { return "wait " + s.For.String() }

// SetPromotionScore makes this instance eligible for promotion, the more so the
// higher the score.
func SetPromotionScore(score int) Publication { return Publication{Value: strconv.Itoa(score)} }

// DeletePromotionScore makes this instance ineligible for promotion.
func DeletePromotionScore() Publication { return Publication{Delete: true} }

// SetAttribute sets a transient attribute of this node.
func SetAttribute(name, value string) Publication { return Publication{Attribute: name, Value: value} }

// DeleteAttribute removes a transient attribute of this node.
func DeleteAttribute(name string) Publication { return Publication{Attribute: name, Delete: true} }

// Do publishes it.
func (p Publication) Do(ctx context.Context, sys System) error { return sys.Publish(ctx, p) }

func (p Publication) String() string {
	what := "promotion score"
	if p.Attribute != "" {
		what = "node attribute " + p.Attribute
	}
	if p.Node != "" {
		what += " of " + p.Node
	}
	if p.Delete {
		return "delete " + what
	}
	return "set " + what + " to " + p.Value
}

// Try wraps a step whose failure does not end the action: it is logged, and the
// next round finds it in the history.
type Try struct{ Step Step }

// Do does the wrapped step.
func (s Try) Do(ctx context.Context, sys System) error { return s.Step.Do(ctx, sys) }

func (s Try) String() string { return s.Step.String() }
