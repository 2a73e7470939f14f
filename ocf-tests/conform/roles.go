package conform

import (
	"slices"
	"strings"
)

func roleChecks() []Check {
	return []Check{
		{"promote", "promote succeeds, and monitor ends with 8", "OCF", role(checkPromote)},
		{"promote-again", "promote of the promoted resource succeeds", "OCF", role(checkPromoteAgain)},
		{"promote-stopped", "promote of the stopped resource fails and starts nothing", "Pacemaker", role(checkPromoteStopped)},
		{"demote", "demote succeeds, and monitor ends with 0", "OCF", role(checkDemote)},
		{"demote-again", "demote of the unpromoted resource succeeds", "OCF", role(checkDemoteAgain)},
		{"stop-promoted", "stop stops a promoted resource", "OCF", role(checkStopPromoted)},
		{"promotion-score", "the instance sets a promotion score while it runs, and deletes it with stop", "Pacemaker", role(checkScore)},
	}
}

func notifyChecks() []Check {
	return []Check{
		{"notify", "notify succeeds for every event", "OCF", checkNotify},
		{"notify-bare", "notify without the variables of a notification succeeds", "Pacemaker", checkNotifyBare},
	}
}

// role skips a check for agents without roles.
func role(check func(*T)) func(*T) {
	return func(t *T) {
		if !t.meta.Promotable() {
			t.skip("the agent has no roles")
		}
		check(t)
	}
}

func checkPromote(t *T) {
	t.started()
	t.want(t.monitor(), "monitor before", success)
	t.want(t.act("promote"), "promote", success)
	t.want(t.monitor(), "monitor", runsPromoted)
	t.want(t.probe(), "probe", runsPromoted)
}

func checkPromoteAgain(t *T) {
	t.promoted()
	t.want(t.act("promote"), "second promote", success)
	t.want(t.monitor(), "monitor", runsPromoted)
}

func checkPromoteStopped(t *T) {
	if r := t.act("promote"); r.ended() && r.code == success {
		t.fail("promote succeeds")
	}
	t.want(t.monitor(), "monitor", notRunning)
}

func checkDemote(t *T) {
	t.promoted()
	t.want(t.act("demote"), "demote", success)
	t.want(t.monitor(), "monitor", success)
}

func checkDemoteAgain(t *T) {
	t.started()
	t.want(t.act("demote"), "demote", success)
	t.want(t.monitor(), "monitor", success)
}

func checkStopPromoted(t *T) {
	t.promoted()
	t.want(t.act("stop"), "stop", success)
	t.want(t.monitor(), "monitor", notRunning)
}

// checkScore looks at how the tools of the cluster are called: crm_attribute with
// --promotion or -p, or crm_master.
func checkScore(t *T) {
	if t.c.Cluster {
		t.skip("the tools of a real cluster are used")
	}
	t.calls()
	t.started()
	started := t.calls()
	if !slices.ContainsFunc(started, setsScore) {
		t.fail("start sets none: %q", started)
	}
	if r := t.act("promote"); r.code == success {
		if c := t.calls(); !slices.ContainsFunc(c, setsScore) {
			t.fail("promote sets none: %q", c)
		}
	}
	t.act("demote")
	t.calls()
	t.act("stop")
	if c := t.calls(); !slices.ContainsFunc(c, deletesScore) {
		t.fail("stop deletes none: %q", c)
	}
}

// words are the arguments of a call that is about the promotion score; nil for
// any other call.
func scoreCall(line string) []string {
	words := strings.Fields(line)
	if words[0] == "crm_master" || slices.Contains(words, "--promotion") || slices.Contains(words, "-p") {
		return words
	}
	return nil
}

func setsScore(line string) bool {
	words := scoreCall(line)
	return slices.Contains(words, "-v") || slices.Contains(words, "--update")
}

func deletesScore(line string) bool {
	words := scoreCall(line)
	return slices.Contains(words, "-D") || slices.Contains(words, "--delete")
}

// notification is the environment of a notification.
func (t *T) notification(kind, operation string) []string {
	const p = "OCF_RESKEY_CRM_meta_notify_"
	here, there := t.instance+":0", t.instance+":1"
	env := []string{
		p + "type=" + kind, p + "operation=" + operation,
		p + "active_resource=" + here + " ", p + "active_uname=node1 ",
		p + "inactive_resource=" + there + " ",
		p + "promoted_resource= ", p + "promoted_uname= ", p + "master_resource= ", p + "master_uname= ",
		p + "unpromoted_resource=" + here + " ", p + "unpromoted_uname=node1 ",
		p + "slave_resource=" + here + " ", p + "slave_uname=node1 ",
		p + "available_uname=node1 node2 ", p + "all_uname=node1 node2 ",
	}
	for _, o := range []string{"start", "stop", "promote", "demote"} {
		resource, node := " ", " "
		if o == operation {
			resource, node = there+" ", "node2 "
		}
		env = append(env, p+o+"_resource="+resource, p+o+"_uname="+node)
	}
	return env
}

func checkNotify(t *T) {
	t.need("notify")
	t.started()
	for _, kind := range []string{"pre", "post"} {
		for _, operation := range []string{"start", "promote", "demote", "stop"} {
			t.want(t.do(t.ctx, call{action: "notify", env: t.notification(kind, operation)}), kind+" "+operation, success)
		}
	}
	t.want(t.monitor(), "monitor", success)
}

func checkNotifyBare(t *T) {
	t.need("notify")
	t.started()
	t.want(t.act("notify"), "notify", success)
}
