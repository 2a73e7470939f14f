package openstack

import (
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
)

// An agent that is killed in the moment in which it starts a daemon leaves a process
// that has not become the daemon yet: it still has the arguments of the agent, and
// no parent. A stop that did not wait for it would end before the daemon begins.

// isOrphan recognises such a process. In the middle of execve it has no arguments at
// all, and the name of the agent or already that of the program (comm, which the kernel
// cuts to 15 bytes).
func isOrphan(p ocf.Process, r *ocf.Request) bool {
	switch {
	case p.Parent != 1:
		return false
	case len(p.Args) == 0:
		return p.Name == r.Type[:min(len(r.Type), 15)] || strings.HasPrefix(strings.TrimPrefix(p.Name, "."), program)
	}
	return len(p.Args) == 2 && p.Args[1] == "start" && path.Base(p.Args[0]) == r.Type
}

// program is how the name of our program begins.
const program = "systole-agents"

// orphanWait is how long one is waited for, in steps of orphanPoll.
const (
	orphanWait = 5 * time.Second
	orphanPoll = 50 * time.Millisecond
)

// awaitOrphans waits for orphans, if there are any and not for too long.
func awaitOrphans(past ocf.History, there bool) (d ocf.Decision, wait bool) {
	pause, n := ocf.Pause{For: orphanPoll}, 0
	for _, t := range past {
		if p, is := t.Step.(ocf.Pause); is && p == pause {
			n++
		}
	}
	if !there || n >= int(orphanWait/orphanPoll) {
		return d, false
	}
	// The wait has the framework see that something changes from round to round.
	return ocf.Decision{Do: []ocf.Step{pause}, Wait: time.Millisecond, Why: "a start that was killed is still becoming a daemon"}, true
}
