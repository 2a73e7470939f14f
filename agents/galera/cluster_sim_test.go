package galera

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
)

// turn is what a cluster does about a node next: a recurring monitor, and what
// follows from its result, from the recorded role and from the promotion score.
func (n *simNode) turn() {
	if !n.on || n.busy {
		return
	}
	switch score := n.w.scores[n.name]; {
	case n.role == "":
		n.started(n.do("start").Code)
	case n.role == ocf.Unpromoted && score != "":
		if res := n.do("promote"); res.Code == ocf.Success && !res.Killed {
			n.role = ocf.Promoted
		} else {
			n.recover()
		}
	case n.role == ocf.Promoted && score == "":
		if res := n.do("demote"); res.Code == ocf.Success && !res.Killed {
			n.role = ocf.Unpromoted
		} else {
			n.recover()
		}
	default:
		want := map[string]ocf.Code{ocf.Promoted: ocf.RunningPromoted, ocf.Unpromoted: ocf.Success}[n.role]
		if res := n.do("monitor"); res.Killed || res.Code != want {
			n.recover()
		}
	}
}

func (n *simNode) started(code ocf.Code) {
	if code == ocf.Success {
		n.role = ocf.Unpromoted
		return
	}
	n.recover()
}

// recover stops and starts, as after a failure.
func (n *simNode) recover() {
	if n.role == ocf.Promoted {
		n.do("demote")
	}
	if res := n.do("stop"); res.Code == ocf.Success && !res.Killed {
		n.role = ""
	}
}

// settle lets the cluster work until all its nodes serve, or gives up.
func (w *world) settle(turns int) bool {
	w.between = func() {}
	for _, n := range w.nodes {
		n.hear(false, false)
		n.see(false)
	}
	for range turns {
		serving := 0
		for _, name := range w.names {
			n := w.nodes[name]
			n.m.KillAfter = 0
			n.m.Time = n.m.Time.Add(5 * time.Second)
			n.turn()
			if n.role == ocf.Promoted && n.primary {
				serving++
			}
			if w.broken != "" {
				return false
			}
		}
		if serving == len(w.names) {
			return true
		}
	}
	return false
}

func (w *world) story() string {
	const lines, width = 40, 240
	text := w.broken
	for _, line := range w.log[max(0, len(w.log)-lines):] {
		text += "\n" + line[:min(width, len(line))]
	}
	return text
}

// TestCluster_FirstStart is the plain way from nothing to a group.
func TestCluster_FirstStart(t *testing.T) {
	w := newWorld(3)
	require.True(t, w.settle(30), w.story())
	w.write()
	for _, name := range w.names {
		require.Equal(t, int64(1), w.nodes[name].seqno)
		require.NotContains(t, w.nodes[name].m.Files, simState)
	}
}

// TestCluster_Faults takes clusters through random faults, with actions of other
// nodes inside every action, agents killed at any change, and attribute daemons
// that lag behind and know different things. No write that was
// acknowledged is lost, no second group is ever started, and in the end
// everything serves again without help.
func TestCluster_Faults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.IntRange(2, 5).Draw(t, "nodes"))
		w.sql = rapid.Bool().Draw(t, "servers can be asked")
		if !w.settle(40) {
			t.Fatalf("the first start: %s", w.story())
		}
		pick := func() *simNode { return w.nodes[rapid.SampledFrom(w.names).Draw(t, "node")] }
		depth := 0
		w.between = func() {
			if depth >= 2 || rapid.IntRange(0, 7).Draw(t, "aside") > 0 {
				return
			}
			depth++
			defer func() { depth-- }()
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				w.write()
			case 1:
				pick().hear(rapid.Bool().Draw(t, "deaf"), rapid.Bool().Draw(t, "mute"))
			case 2:
				pick().see(rapid.Bool().Draw(t, "blind"))
			default:
				pick().turn()
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "events") {
			n := pick()
			switch event := rapid.SampledFrom([]string{"turn", "turn", "turn", "turn", "write", "kill", "kill all", "off", "wipe", "on", "restart", "kill agent", "wait", "daemon"}).Draw(t, "event"); event {
			case "turn":
				n.turn()
			case "write":
				w.write()
			case "kill":
				w.note("%s: killed", n.name)
				n.die()
			case "kill all":
				for _, name := range w.names {
					w.note("%s: killed", name)
					w.nodes[name].die()
				}
			case "off":
				if !n.busy {
					w.note("%s: off", n.name)
					n.powerOff()
				}
			case "wipe":
				if !n.busy && n.copied() {
					w.note("%s: off, and replaced by an empty node", n.name)
					n.powerOff()
					n.wipe()
				}
			case "on":
				n.on = true
			case "restart":
				n.do("stop")
				n.role = ""
			case "kill agent":
				n.m.KillAfter = len(n.m.Changes) + rapid.IntRange(1, 8).Draw(t, "changes")
				n.turn()
				n.m.KillAfter = 0
			case "daemon":
				n.hear(rapid.Bool().Draw(t, "deaf"), rapid.Bool().Draw(t, "mute"))
				n.see(rapid.Bool().Draw(t, "blind"))
			case "wait":
				n.m.Time = n.m.Time.Add(time.Minute)
			}
			if w.broken != "" {
				t.Fatalf("%s", w.story())
			}
		}
		for _, name := range w.names {
			w.nodes[name].on = true
		}
		if !w.settle(80) {
			t.Fatalf("the cluster does not recover: %s", w.story())
		}
		for _, name := range w.names {
			if w.nodes[name].seqno < w.acked {
				t.Fatalf("%s has %d of %d writes: %s", name, w.nodes[name].seqno, w.acked, w.story())
			}
		}
	})
}
