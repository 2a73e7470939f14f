package haproxy

import (
	"context"

	"systole/agents/ocf"
	proxy "systole/lib/haproxy"
)

// check is the step that lets haproxy look at its configuration.
func check(p params) checkStep { return checkStep{p.commandLine("-c")} }

// checkStep runs haproxy -c. It changes nothing.
type checkStep struct{ Command ocf.Command }

// Do checks the configuration.
func (s checkStep) Do(ctx context.Context, sys ocf.System) error {
	out, err := sys.Run(ctx, s.Command)
	if err != nil || out.Code == 0 {
		return err
	}
	// ErrArgs: wrong on this node, perhaps not on others, which have files of their own.
	return ocf.Errorf(ocf.ErrArgs, "%s: correct it, and try with: %s", proxy.Complaint(out.Stderr+out.Stdout), s.Command)
}

func (s checkStep) String() string { return "check the configuration" }

// launch starts haproxy, which goes to the background when it listens.
type launch struct{ Command ocf.Command }

// Do starts haproxy.
func (s launch) Do(ctx context.Context, sys ocf.System) error {
	out, err := sys.Run(ctx, s.Command)
	if err != nil || out.Code == 0 {
		return err
	}
	return ocf.Errorf(ocf.ErrGeneric, "it ended with exit code %d: %s", out.Code, proxy.Complaint(out.Stderr+out.Stdout))
}

func (s launch) String() string { return "start " + s.Command.String() }

// isLaunch finds the start of haproxy in a history.
func isLaunch(s ocf.Step) bool { _, ok := s.(launch); return ok }

// isCheck finds the check of the configuration in a history.
func isCheck(s ocf.Step) bool {
	if t, ok := s.(ocf.Try); ok {
		s = t.Step
	}
	_, ok := s.(checkStep)
	return ok
}
