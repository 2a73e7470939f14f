package conform

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

func robustChecks() []Check {
	return []Check{
		{"kill-start", "a start that is killed can be stopped and started again", "Pacemaker", checkKillStart},
		{"kill-stop", "a stop that is killed can be repeated", "Pacemaker", checkKillStop},
		{"kill-promote", "a promote that is killed can be demoted and promoted again", "Pacemaker", role(checkKillPromote)},
		{"term-start", "a start that gets SIGTERM ends soon", "house", checkTerm},
		{"deadline", "a start that takes too long ends before its timeout with a reason", "house", checkDeadline},
		{"kill-slow", "a slow start that is killed leaves no process behind", "Pacemaker", checkKillSlow},
	}
}

// kills is at how many points of an action it is killed.
const kills = 12

// during kills an action at points all over the time that it takes.
func (t *T) during(action string, prepare func(), after func(what string)) {
	prepare()
	whole := t.act(action)
	if !whole.ended() || whole.code != success {
		t.skip("%s: %s", action, whole)
	}
	for n := range kills {
		prepare()
		at := whole.took * time.Duration(n) / (kills - 1)
		t.do(t.ctx, call{action: action, signal: syscall.SIGKILL, killAt: at})
		after(fmt.Sprintf("%s killed after %s", action, at.Round(time.Microsecond)))
		if len(t.problems) > 0 {
			return
		}
	}
}

func checkKillStart(t *T) {
	t.during("start", func() { t.act("stop") }, func(what string) {
		t.want(t.monitor(), what+", monitor", success, notRunning, errGeneric)
		t.want(t.act("stop"), what+", stop", success)
		t.want(t.monitor(), what+", monitor after stop", notRunning)
		t.want(t.act("start"), what+", start", success)
		t.want(t.monitor(), what+", monitor after start", success)
	})
}

func checkKillStop(t *T) {
	t.during("stop", func() { t.started() }, func(what string) {
		t.want(t.act("stop"), what+", stop", success)
		t.want(t.monitor(), what+", monitor", notRunning)
		t.nothingLeft(what + ", stop")
	})
}

func checkKillPromote(t *T) {
	prepare := func() {
		t.act("demote")
		t.started()
	}
	t.during("promote", prepare, func(what string) {
		t.want(t.act("demote"), what+", demote", success)
		t.want(t.monitor(), what+", monitor after demote", success)
		t.want(t.act("promote"), what+", promote", success)
		t.want(t.monitor(), what+", monitor after promote", runsPromoted)
	})
}

// slow is the configuration of a slow start; the check is skipped without one.
func (t *T) slow() []string {
	if len(t.c.Slow) == 0 {
		t.skip("no parameters are configured that make start slow")
	}
	return slices.Clone(t.c.Slow)
}

// patience is how long a slow action is waited for when it should have ended
// after a second.
const patience = 5 * time.Second

func checkTerm(t *T) {
	r := t.do(t.ctx, call{action: "start", params: t.slow(), signal: syscall.SIGTERM, killAt: 300 * time.Millisecond, patience: patience})
	if r.late {
		t.fail("it still ran %s after the signal", patience)
	}
	t.nothingLeft("the signal")
}

func checkDeadline(t *T) {
	r := t.do(t.ctx, call{action: "start", params: t.slow(), timeout: time.Second, patience: patience})
	switch {
	case r.late:
		t.fail("with a timeout of 1s it still ran after %s", patience)
	case r.code == success:
		t.fail("it succeeds in %s: the parameters do not make it slow", r.took.Round(time.Millisecond))
	case len(r.reasons) == 0 || strings.TrimSpace(r.reasons[0]) == "":
		t.fail("it ends without a reason: %s", r)
	}
	t.nothingLeft("the timeout")
}

func checkKillSlow(t *T) {
	t.do(t.ctx, call{action: "start", params: t.slow(), signal: syscall.SIGKILL, killAt: 500 * time.Millisecond, patience: patience})
	t.act("stop")
	t.nothingLeft("the kill and a stop")
	t.want(t.monitor(), "monitor", notRunning)
}
