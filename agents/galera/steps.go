package galera

import (
	"context"
	"path"

	"systole/agents/ocf"
)

// ensureDir makes a directory for the server, if it is missing. One that is there
// keeps its owner.
type ensureDir struct{ Path, User, Group string }

// Do makes it.
func (s ensureDir) Do(_ context.Context, sys ocf.System) error {
	info, err := sys.Stat(s.Path)
	if err != nil || info.Kind == ocf.Directory {
		return err
	}
	if err := sys.MakeDir(s.Path, 0o755); err != nil {
		return err
	}
	return sys.SetOwner(s.Path, s.User, s.Group)
}

func (s ensureDir) String() string { return "make directory " + s.Path + " for " + s.User }

// ensureLog makes the log of the server, if it is missing, and gives it to the user.
type ensureLog struct{ Path, User, Group string }

// Do makes it.
func (s ensureLog) Do(ctx context.Context, sys ocf.System) error {
	info, err := sys.Stat(s.Path)
	if err != nil {
		return err
	}
	if info.Kind == ocf.Other {
		return nil // a device, such as /dev/stderr in a container
	}
	if info.Kind == ocf.None {
		if err := (ensureDir{path.Dir(s.Path), s.User, s.Group}).Do(ctx, sys); err != nil {
			return err
		}
		if err := sys.WriteFile(s.Path, nil, 0o640); err != nil {
			return err
		}
	}
	if err := sys.SetOwner(s.Path, s.User, s.Group); err != nil {
		return err
	}
	return sys.SetMode(s.Path, 0o640)
}

func (s ensureLog) String() string { return "give the log " + s.Path + " to " + s.User }

// note remembers the progress of a transfer in the history of the action.
type note struct {
	record record
	text   string
}

// Do does nothing.
func (note) Do(context.Context, ocf.System) error { return nil }

func (n note) String() string { return "note " + n.text }
