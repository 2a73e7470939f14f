package openstack

import (
	"path"
	"time"

	"systole/agents/ocf"
)

// An agent that is killed in the moment in which it starts a daemon leaves a process
// that has not become the daemon yet: it still has the arguments of the agent, and
// no parent. A stop that did not wait for it would end before the daemon begins.

// isOrphan recognises such a process.
func isOrphan(p ocf.Process, r *ocf.Request) bool {
	return p.Parent == 1 && len(p.Args) == 2 && p.Args[1] == "start" && path.Base(p.Args[0]) == r.Type
}

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
