package filesystem

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/mountinfo"
)

// targets are the mounts that a stop takes away, in order: what is mounted below or
// on top of ours, other mounts of its block device, and ours.
func targets(in ocf.Input[params], f *facts) []mountinfo.Mount {
	p := &in.Params
	at := f.Table.At(f.Point)
	if len(at) == 0 || p.local() && len(at) == 1 && ours(in, f) == no {
		return nil
	}
	list := f.Table.Below(f.Point)
	// Other places of a device that is to go to another node. A bind mount is not
	// the file system: what it shows stays.
	// Nothing is taken for one of them unless ours is known for sure, and never what
	// our own directory is in.
	if top := at[0]; p.onDevice() && ours(in, f) == yes && !strings.HasPrefix(top.Device, "0:") {
		for _, m := range slices.Backward(f.Table.Of(top.Device)) {
			above := m.Point == "/" || strings.HasPrefix(f.Point, m.Point+"/")
			if m.Point != f.Point && !above && !slices.ContainsFunc(list, func(l mountinfo.Mount) bool { return l.ID == m.ID }) {
				list = append(list, m)
			}
		}
	}
	return append(list, at[0])
}

// Times of a stop.
const (
	fastStop    = 6 * time.Second  // parameter fast_stop
	noTimeout   = 60 * time.Second // if the cluster gives none
	lastMoments = 2 * time.Second  // for saying why it has failed
)

// unmount is the step that unmounts.
func unmount(in ocf.Input[params], point string, flags ...string) ocf.Step {
	// umount of a disk may have much to write; that of a server that is gone waits for ever.
	timeout := max(in.Left()*9/10, time.Second)
	if isNetwork(in.Params.fstype) {
		timeout = max(in.Left()/4, time.Second)
	}
	if timeout > time.Hour {
		timeout = time.Hour
	}
	return ocf.Try{Step: ocf.Run{Command: ocf.Command{
		// -c: umount does not look at the path itself, which may hang.
		Path: "umount", Args: append(append([]string{"-c"}, flags...), "--", point), Timeout: timeout, Grace: 100 * time.Millisecond,
	}}}
}

// failures are the attempts to unmount a point that failed.
func failures(in ocf.Input[params], point string) (n int, last error) {
	for _, t := range in.Past {
		try, ok := t.Step.(ocf.Try)
		if !ok || t.Err == nil {
			continue
		}
		if run, ok := try.Step.(ocf.Run); ok && run.Command.Path == "umount" && run.Command.Args[len(run.Command.Args)-1] == point {
			n++
			last = t.Err
		}
	}
	return n, last
}

func flagged(in ocf.Input[params], flag string) bool {
	_, ok := in.Past.First(func(s ocf.Step) bool {
		try, ok := s.(ocf.Try)
		if !ok {
			return false
		}
		run, ok := try.Step.(ocf.Run)
		return ok && run.Command.Path == "umount" && slices.Contains(run.Command.Args, flag)
	})
	return ok
}

// findUsers looks for those who use the next mount to be unmounted, when that has failed.
func (a agent) findUsers(ctx context.Context, in ocf.Input[params], sys ocf.Reader, f *facts) error {
	list := targets(in, f)
	if len(list) == 0 {
		return nil
	}
	point := list[0].Point
	if n, _ := failures(in, point); n == 0 {
		return nil
	}
	found, err := a.node.Users(ctx, point)
	if err != nil {
		return err
	}
	spared, err := family(sys)
	if err != nil {
		return err
	}
	for _, u := range found {
		p, alive, err := sys.Process(u.PID)
		if err != nil {
			return err
		}
		if alive {
			f.Users = append(f.Users, user{Process: p, How: u.How, Spare: slices.Contains(spared, u.PID)})
		}
	}
	f.Holders, err = a.node.Holders(ctx, point)
	return err
}

// family is the agent's own process, its ancestors, and process 1.
func family(sys ocf.Reader) ([]int, error) {
	list := []int{1}
	text, _, err := sys.ReadFile("/proc/self/stat", 4096)
	if err != nil {
		return nil, err
	}
	pid := 0
	_, _ = fmt.Sscan(string(text), &pid)
	for range 100 {
		if pid <= 1 {
			break
		}
		list = append(list, pid)
		p, _, err := sys.Process(pid)
		if err != nil {
			return nil, err
		}
		pid = p.Parent
	}
	return list, nil
}

func (a agent) stop(in ocf.Input[params], f facts) ocf.Decision {
	p := &in.Params
	list := targets(in, &f)
	if len(list) == 0 {
		return ocf.Done()
	}
	point := list[0].Point
	n, last := failures(in, point)
	if n == 0 {
		return ocf.Do("", unmount(in, point))
	}
	begun, budget := in.Past[0].At, noTimeout
	if !in.Deadline.IsZero() {
		budget = in.Deadline.Sub(begun)
	}
	if p.fastStop {
		budget = min(budget, fastStop)
	}
	spent := in.Now.Sub(begun)
	network := isNetwork(p.fstype)
	switch {
	case p.lazy && network && spent > budget*3/4 && !flagged(in, "-l"):
		return ocf.Do("the last resort: "+point+" is detached, processes that wait for its server stay", unmount(in, point, "-l"))
	case spent >= budget || in.Left() < lastMoments && spent > budget/2:
		return ocf.End(ocf.ErrGeneric, "could not unmount %s: %v; %s", point, last, inUse(&f))
	}
	return a.press(in, &f, point, spent >= budget/2)
}

// press signals the users of a mount, or tries to unmount when that is due, and waits
// a moment.
func (a agent) press(in ocf.Input[params], f *facts, point string, late bool) ocf.Decision {
	p := &in.Params
	why := point + " is busy: " + inUse(f)
	signals := p.termSignals
	var flags []string
	if late {
		signals = p.killSignals
		if isNetwork(p.fstype) {
			flags = []string{"-f"}
		}
	}
	var kills []ocf.Step
	for _, u := range f.Users {
		for _, s := range signals {
			if p.kill && !u.Spare {
				kills = append(kills, ocf.Kill{Process: u.Process, Signal: s})
			}
		}
	}
	switch {
	case len(flags) > 0 && since[ocf.Try](in) >= p.delay:
		// Users who wait for a dead server cannot be ended before they get an error,
		// and an unmount by force gives them one.
		return ocf.Decision{Do: append(kills, unmount(in, point, flags...)), Wait: pollEvery / 2, Why: why}
	case len(kills) > 0 && since[ocf.Kill](in) >= p.delay:
		return ocf.Decision{Do: kills, Wait: pollEvery / 2, Why: why}
	case len(kills) == 0 && (len(f.Users) == 0 || since[ocf.Try](in) >= p.delay):
		return ocf.Decision{Do: []ocf.Step{unmount(in, point, flags...)}, Wait: pollEvery / 2, Why: why}
	}
	return ocf.Wait(pollEvery/2, "%s", why)
}

// since is the time since the last step of a kind; long if there was none.
func since[S ocf.Step](in ocf.Input[params]) time.Duration {
	for _, t := range slices.Backward(in.Past) {
		if _, ok := t.Step.(S); ok {
			return in.Now.Sub(t.At)
		}
	}
	return time.Hour * 24 * 365
}

// inUse says who uses a mount.
func inUse(f *facts) string {
	var words []string
	for _, u := range f.Users {
		words = append(words, fmt.Sprintf("process %d (%s, %s)", u.PID, u.Name, u.How))
	}
	words = append(words, f.Holders...)
	const most = 8
	if len(words) > most {
		words = append(words[:most], fmt.Sprintf("%d more", len(words)-most))
	}
	if len(words) == 0 {
		return "no process of this node is seen to use it: look for network exports of it and for other mount namespaces"
	}
	return "it is used by " + strings.Join(words, ", ")
}
