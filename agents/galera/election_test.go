package galera

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/wsrep"
)

const (
	uuidA wsrep.UUID = "aaaaaaaa-0000-11f0-8000-000000000001"
	uuidB wsrep.UUID = "bbbbbbbb-0000-11f0-8000-000000000002"
)

// space is all nodes that the exhaustive test puts together: every combination
// that a report can have, and every way of not having reported.
func space(seqnos []int64, full bool) (list []Member) {
	flags := []bool{false, true}
	for _, u := range []wsrep.UUID{wsrep.Zero, uuidA, uuidB} {
		for _, n := range seqnos {
			if u == wsrep.Zero && n != seqnos[0] {
				continue
			}
			for _, safe := range flags {
				for _, grastate := range flags {
					for _, prepared := range flags {
						if !full && (prepared || !grastate) && (safe || u == uuidB) {
							continue
						}
						list = append(list, Member{Node: NodeOnline, Presence: wsrep.Closed, Report: &Report{
							Position: wsrep.Position{UUID: u, Seqno: n}, Safe: safe, Grastate: grastate, Prepared: prepared,
						}})
					}
				}
			}
		}
	}
	for _, n := range []NodeState{NodeUnknown, NodeOnline, NodeIdle, NodeUnclean, NodeOff} {
		if full || n == NodeOnline || n == NodeUnclean || n == NodeOff {
			list = append(list, Member{Node: n, Presence: wsrep.Silent})
		}
	}
	list = append(list, Member{Node: NodeOnline, Presence: wsrep.Listening})
	if full {
		list = append(list, Member{Node: NodeOnline, Presence: wsrep.InPrimary}, Member{Node: NodeOnline, Presence: wsrep.Closed})
	}
	return list
}

// lawBroken says which law of elections an outcome breaks; "" if none. It is
// written from what operators must be able to rely on, not from Elect.
func lawBroken(members []Member, o ElectionOptions, out Outcome) string {
	if out.Why == "" || !out.Elected() && out.Advice == "" {
		return "an outcome says why, and what to do"
	}
	for _, n := range out.WaitFor {
		if !slices.ContainsFunc(members, func(m Member) bool { return m.Name == n && (m.Report == nil || m.Presence.Lives()) }) {
			return "only nodes are waited for that have not reported, or where a server runs"
		}
	}
	var reported, silent []Member
	histories := map[wsrep.UUID]bool{}
	running := false
	for _, m := range members {
		running = running || m.Presence.Lives()
		if m.Report == nil {
			silent = append(silent, m)
			continue
		}
		reported = append(reported, m)
		if m.Report.Position.UUID != wsrep.Zero {
			histories[m.Report.Position.UUID] = true
		}
	}
	if !out.Elected() {
		if !running && len(silent) == 0 && len(histories) <= 1 {
			return "when all have reported one history and no server runs, a node is elected"
		}
		if len(histories) > 1 && !running && !out.Refused() {
			return "two histories are refused, not waited for"
		}
		return ""
	}
	i := slices.IndexFunc(members, func(m Member) bool { return m.Name == out.Node })
	if i < 0 || members[i].Report == nil {
		return "the elected node is one that has reported"
	}
	it := members[i].Report
	switch {
	case running:
		return "nothing is elected while a server runs"
	case len(histories) > 1:
		return "nothing is elected among two histories"
	case len(histories) == 1 && it.Position.UUID == wsrep.Zero:
		return "a node without history is not elected where another has one"
	}
	for _, m := range reported {
		if m.Report.Position.Seqno > it.Position.Seqno && m.Report.Position.UUID == it.Position.UUID {
			return "nobody that has reported is ahead of the elected node"
		}
		same := m.Report.Position == it.Position && it.Position.UUID != wsrep.Zero
		if same && m.Report.Grastate && !m.Report.Prepared && (!it.Grastate || it.Prepared) {
			return "of equals, one with a sound state is elected"
		}
	}
	for _, m := range silent {
		trusted := it.Safe && it.Grastate && it.Position.Seqno >= 0 && it.Position.UUID != wsrep.Zero
		switch {
		case m.Node == NodeUnclean || m.Node == NodeUnknown:
			return "nothing is elected while a node may be alive unseen"
		case o.LastOfTwo && m.Node == NodeOff && it.Position.UUID != wsrep.Zero:
		case trusted && (m.Node != NodeOnline || members[i].Settled):
		default:
			return "a node that has not reported is waited for"
		}
	}
	return ""
}

func checkLaw(t *testing.T, members []Member, o ElectionOptions) {
	t.Helper()
	for i := range members {
		members[i].Name = fmt.Sprint("n", i+1)
	}
	out := Elect(members, o)
	if broken := lawBroken(members, o, out); broken != "" {
		t.Fatalf("%s\noutcome %+v\nof %s", broken, out, describeMembers(members))
	}
	// The order of the nodes may break ties between equals and nothing else.
	turned := slices.Clone(members)
	slices.Reverse(turned)
	again := Elect(turned, o)
	if out.Elected() != again.Elected() || out.Refused() != again.Refused() {
		t.Fatalf("turned round the outcome is %+v, not %+v\nof %s", again, out, describeMembers(members))
	}
}

func describeMembers(members []Member) string {
	var b strings.Builder
	for _, m := range members {
		fmt.Fprintf(&b, "%s node %d presence %s settled %t", m.Name, m.Node, m.Presence, m.Settled)
		if m.Report != nil {
			fmt.Fprintf(&b, " %+v", *m.Report)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestElect_Exhaustive holds the laws over all groups of three nodes, and over all
// groups of four and five nodes of a smaller space.
func TestElect_Exhaustive(t *testing.T) {
	t.Parallel()
	count := 0
	var fill func(members []Member, nodes int, list []Member, o ElectionOptions)
	fill = func(members []Member, nodes int, list []Member, o ElectionOptions) {
		if len(members) == nodes {
			count++
			checkLaw(t, slices.Clone(members), o)
			return
		}
		for _, m := range list {
			fill(append(members, m), nodes, list, o)
		}
	}
	full := space([]int64{-1, 7, 9}, true)
	fill(nil, 3, full, ElectionOptions{})
	small := space([]int64{7, 9}, false)
	var few []Member
	for _, m := range small {
		if m.Report == nil || m.Report.Grastate && !m.Report.Prepared {
			few = append(few, m)
		}
	}
	fill(nil, 4, small, ElectionOptions{})
	fill(nil, 5, few, ElectionOptions{})
	fill(nil, 2, full, ElectionOptions{LastOfTwo: true})
	settled := slices.Clone(full)
	for i := range settled {
		settled[i].Settled = settled[i].Report != nil
	}
	fill(nil, 3, settled, ElectionOptions{})
	t.Logf("%d groups; %d kinds of nodes for three, %d for four, %d for five", count, len(full), len(small), len(few))
}

// view is a component of which me is a member.
func view(id string, me wsrep.UUID, members ...wsrep.UUID) wsrep.View {
	return wsrep.View{ID: id, Me: me, Members: members}
}

func at(u wsrep.UUID, seqno int64) *Report {
	return &Report{Position: wsrep.Position{UUID: u, Seqno: seqno}, Grastate: true}
}

// TestElect_Cases are the situations that operators know, by name.
func TestElect_Cases(t *testing.T) {
	const m1, m2, m3 wsrep.UUID = "11111111-0000-11f0-8000-000000000001", "22222222-0000-11f0-8000-000000000002", "33333333-0000-11f0-8000-000000000003"
	with := func(r *Report, change func(*Report)) *Report { change(r); return r }
	in := func(r *Report, v wsrep.View) *Report { r.View = v; return r }
	node := func(name string, r *Report) Member {
		return Member{Name: name, Report: r, Node: NodeOnline, Presence: wsrep.Closed}
	}
	off := func(name string) Member { return Member{Name: name, Node: NodeOff, Presence: wsrep.Silent} }
	for name, c := range map[string]struct {
		members []Member
		o       ElectionOptions
		node    string
		waits   []string
		why     string // part of Why, Advice and Loss together
	}{
		"the most recent wins, also as the first": {
			members: []Member{node("a", at(uuidA, 12)), node("b", at(uuidA, 10)), node("c", at(uuidA, 11))}, node: "a", why: "has the most recent data, aaaa",
		},
		"beyond what a floating-point number holds": {
			members: []Member{node("a", at(uuidA, 1<<53+1)), node("b", at(uuidA, 1<<53)), node("c", at(uuidA, 1<<53))}, node: "a",
		},
		"a flag on a node that is behind": {
			members: []Member{node("a", with(at(uuidA, 5), func(r *Report) { r.Safe = true })), node("b", at(uuidA, 9)), node("c", at(uuidA, 9))}, node: "c",
		},
		"a flag on a node that is behind, one missing": {
			members: []Member{node("a", with(at(uuidA, 5), func(r *Report) { r.Safe = true })), node("b", at(uuidA, 9)), off("c")}, waits: []string{"c"},
		},
		"a flag on an empty node": {
			members: []Member{node("a", with(at(wsrep.Zero, -1), func(r *Report) { r.Safe = true })), node("b", at(uuidA, 9)), node("c", at(uuidA, 3))}, node: "b",
		},
		"the last to stop in order need not wait for who is off": {
			members: []Member{node("a", with(at(uuidA, 5), func(r *Report) { r.Safe = true })), off("b"), off("c")}, node: "a", why: "last to stop in order",
		},
		"two histories": {
			members: []Member{node("a", at(uuidA, 5)), node("b", at(uuidB, 900)), off("c")}, why: `cannot be compared`,
		},
		"a node whose own files disagree": {
			members: []Member{node("a", with(at(uuidA, 5), func(r *Report) { r.Other = uuidB })), node("b", at(uuidA, 5)), node("c", at(uuidA, 5))}, why: "different histories",
		},
		"two histories, decided": {
			members: []Member{node("a", at(uuidA, 5)), node("b", at(uuidB, 900)), node("c", at(uuidA, 6))}, o: ElectionOptions{Without: []string{"b"}},
			node: "c", why: "every write after sequence number 6",
		},
		"one off, not decided": {
			members: []Member{node("a", at(uuidA, 5)), node("b", at(uuidA, 4)), off("c")}, waits: []string{"c"},
			why: `crm_attribute -l reboot -N a -n db-without -v "c@$(($(date +%s)+600))"`,
		},
		"one off, decided": {
			members: []Member{node("a", at(uuidA, 5)), node("b", at(uuidA, 4)), off("c")}, o: ElectionOptions{Without: []string{"c"}}, node: "a", why: "decision of the operator",
		},
		"one off, decided for another": {
			members: []Member{node("a", at(uuidA, 5)), off("b"), off("c")}, o: ElectionOptions{Without: []string{"c"}}, waits: []string{"b"},
		},
		"unclean, decided": {
			members: []Member{node("a", at(uuidA, 5)), node("b", at(uuidA, 4)), {Name: "c", Node: NodeUnclean, Presence: wsrep.Silent}},
			o:       ElectionOptions{Without: []string{"c"}}, waits: []string{"c"}, why: "stonith_admin --confirm",
		},
		"everyone decided away": {
			members: []Member{node("a", at(uuidA, 5)), node("b", at(uuidA, 4))}, o: ElectionOptions{Without: []string{"a", "b"}}, why: "decided to go on without every node",
		},
		"a server runs, decided": {
			members: []Member{node("a", at(uuidA, 5)), {Name: "b", Node: NodeOnline, Presence: wsrep.Outside}}, o: ElectionOptions{Without: []string{"b"}}, waits: []string{"b"},
		},
		"a server was started by hand after the report": {
			members: []Member{node("a", at(uuidA, 5)), {Name: "b", Node: NodeOnline, Report: at(uuidA, 5), Presence: wsrep.InPrimary}}, waits: []string{"b"},
		},
		"one was lost before the outage of the others": {
			members: []Member{
				node("a", in(at(uuidA, 5), view("3 x 7", m1, m1, m2))), node("b", in(at(uuidA, 6), view("3 x 7", m2, m1, m2))), off("c"),
			}, node: "b", why: "all servers of the last Primary component have reported",
		},
		"one was lost in the outage": {
			members: []Member{
				node("a", in(at(uuidA, 5), view("3 x 6", m1, m1, m2, m3))), node("b", in(at(uuidA, 6), view("3 x 6", m2, m1, m2, m3))), off("c"),
			}, waits: []string{"c"},
		},
		"one knows of a later component": {
			members: []Member{
				node("a", in(at(uuidA, 5), view("3 x 6", m1, m1, m2))), node("b", in(at(uuidA, 6), view("3 x 7", m2, m2, m3))), off("c"),
			}, waits: []string{"c"},
		},
		"lost before, but not fenced": {
			members: []Member{
				node("a", in(at(uuidA, 5), view("3 x 7", m1, m1))), node("b", at(uuidA, 4)), {Name: "c", Node: NodeUnclean, Presence: wsrep.Silent},
			}, waits: []string{"c"},
		},
		"ahead of the last component": {
			members: []Member{
				node("a", in(at(uuidA, 5), view("3 x 7", m1, m1))), node("b", at(uuidA, 8)), off("c"),
			}, waits: []string{"c"},
		},
		"first start": {
			members: []Member{node("a", at(wsrep.Zero, -1)), node("b", at(wsrep.Zero, -1))}, node: "b", why: "first time",
		},
		"first start, one has data": {
			members: []Member{node("a", with(at(wsrep.Zero, -1), func(r *Report) { r.Databases = 3 })), node("b", at(wsrep.Zero, -1))}, node: "a",
		},
		"first start, two have data": {
			members: []Member{node("a", with(at(wsrep.Zero, -1), func(r *Report) { r.Databases = 3 })), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Databases = 1 }))},
			why:     "there are databases on a, b",
		},
		"first start, one missing": {
			members: []Member{node("a", at(wsrep.Zero, -1)), off("b")}, waits: []string{"b"},
		},
		"first start of two, the last alone": {
			members: []Member{node("a", at(wsrep.Zero, -1)), off("b")}, o: ElectionOptions{LastOfTwo: true}, waits: []string{"b"},
		},
		"two nodes, the other fenced": {
			members: []Member{node("a", at(uuidA, 5)), off("b")}, o: ElectionOptions{LastOfTwo: true}, node: "a", why: "two_node_mode",
		},
		"nobody has reported": {members: []Member{off("a"), off("b")}, waits: []string{"a", "b"}, why: "no node has reported"},
		"no address":          {why: "names no node"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Resource = "db"
			out := Elect(c.members, c.o)
			require.Equal(t, c.node, out.Node, "%+v", out)
			require.Equal(t, c.waits, append([]string(nil), out.WaitFor...), "%+v", out)
			require.Contains(t, out.Why+out.Advice+out.Loss, c.why)
			require.NotEmpty(t, out.Why)
			require.Equal(t, out.Node == "", out.Advice != "")
		})
	}
}
