package galera

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/wsrep"
)

const (
	uuidA wsrep.UUID = "aaaaaaaa-0000-11f0-8000-000000000001"
	uuidB wsrep.UUID = "bbbbbbbb-0000-11f0-8000-000000000002"
)

// started is a group that has been started by a, and data of it have this ID.
var (
	start1   = StartID{1, "a"}
	started1 = []GroupStart{{ID: start1, Position: wsrep.Position{UUID: uuidA, Seqno: 3}, At: time.Unix(1764000000, 0)}}
	// started2 is the same group, started once more by b, at 8.
	start2   = StartID{2, "b"}
	started2 = append(slices.Clone(started1), GroupStart{ID: start2, Position: wsrep.Position{UUID: uuidA, Seqno: 8}, At: time.Unix(1764100000, 0)})
)

// newer adds to a space the same nodes with data of the start s.
func newer(list []Member, s StartID) []Member {
	for _, m := range slices.Clone(list) {
		if m.Report != nil && m.Report.Position.UUID == uuidA {
			r := *m.Report
			r.Start = s
			m.Report = &r
			list = append(list, m)
		}
	}
	return list
}

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
			if len(histories) == 0 && len(o.Starts) > 0 {
				return "" // what is there cannot be that group
			}
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
	case len(histories) == 0 && len(o.Starts) > 0:
		return "a group that has been started before is not started from nothing"
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
		newest, known := newestStart(o.Starts)
		current := known && it.Start == newest.ID
		trusted := current && it.Safe && it.Grastate && it.Position.Seqno >= 0 && it.Position.UUID != wsrep.Zero
		switch {
		case m.Node == NodeUnclean || m.Node == NodeUnknown:
			return "nothing is elected while a node may be alive unseen"
		case o.LastOfTwo && current && m.Node == NodeOff && it.Position.UUID != wsrep.Zero:
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
	var some []Member
	for _, m := range few {
		m.Settled = m.Report != nil
		some = append(some, m)
	}
	some = newer(newer(some, start2), start1)
	fill(nil, 3, some, ElectionOptions{Starts: started2})
	fill(nil, 3, some, ElectionOptions{Starts: started2[1:]})
	fill(nil, 2, newer(full, start1), ElectionOptions{Starts: started1})
	fill(nil, 2, newer(full, start1), ElectionOptions{Starts: started2, LastOfTwo: true})
	t.Logf("%d groups; %d kinds of nodes for three, %d for four, %d for five", count, len(full), len(small), len(few))
}

// view is a component of which me is a member.
func view(id string, me wsrep.UUID, members ...wsrep.UUID) wsrep.View {
	return wsrep.View{ID: id, Me: me, Members: members}
}

func at(u wsrep.UUID, seqno int64) *Report {
	r := &Report{Position: wsrep.Position{UUID: u, Seqno: seqno}, Grastate: true}
	if !u.IsZero() {
		r.Start = start1
	}
	return r
}

func of(u wsrep.UUID, seqno int64, s StartID) *Report {
	r := at(u, seqno)
	r.Start = s
	return r
}

// without says that the last start was made without a node.
func without(starts []GroupStart, node string) []GroupStart {
	starts = slices.Clone(starts)
	starts[len(starts)-1].Without = []string{node}
	return starts
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
		"first start, one has no database at all": {
			members: []Member{node("a", at(wsrep.Zero, -1)), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Empty = true }))}, node: "a",
		},
		"first start, nobody has a database": {
			members: []Member{node("a", with(at(wsrep.Zero, -1), func(r *Report) { r.Empty = true })), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Broken = true }))},
			why:     "enable_creation=true",
		},
		"all data are gone": {
			members: []Member{node("a", at(wsrep.Zero, -1)), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Databases = 1 }))}, o: ElectionOptions{Starts: started2},
			why: "crm_attribute -l forever -N a -n db-group-start -D; crm_attribute -l forever -N b -n db-group-start -D",
		},
		"an empty node beside one with data": {
			members: []Member{node("a", at(uuidA, 5)), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Empty = true }))}, node: "a",
		},
		"alone in the last component, but another has started the group since": {
			members: []Member{node("a", in(at(uuidA, 5), view("3 x 7", m1, m1))), off("b"), off("c")}, o: ElectionOptions{Starts: started2}, waits: []string{"b", "c"},
		},
		"the last to stop in order, but another has started the group since": {
			members: []Member{node("a", with(at(uuidA, 5), func(r *Report) { r.Safe = true })), off("b"), off("c")}, o: ElectionOptions{Starts: started2}, waits: []string{"b", "c"},
		},
		"two nodes, the other fenced, but it has started the group since": {
			members: []Member{node("a", at(uuidA, 5)), off("b")}, o: ElectionOptions{LastOfTwo: true, Starts: started2}, waits: []string{"b"},
		},
		"alone in the last component of the newest start": {
			members: []Member{node("a", in(of(uuidA, 9, start2), view("3 x 7", m1, m1))), off("b"), off("c")}, o: ElectionOptions{Starts: started2}, node: "a",
		},
		"one of the last component has noted the newest start, which is enough": {
			members: []Member{node("a", in(of(uuidA, 9, StartID{}), view("3 x 7", m1, m1, m2))), node("b", in(of(uuidA, 9, start2), view("3 x 7", m2, m1, m2))), off("c")},
			o:       ElectionOptions{Starts: started2}, node: "b", why: "all servers of the last Primary component",
		},
		"two starts of one number": {
			members: []Member{node("a", in(of(uuidA, 9, start2), view("3 x 7", m1, m1))), off("b"), off("c")},
			o:       ElectionOptions{Starts: append(slices.Clone(started2), GroupStart{ID: StartID{2, "c"}})}, waits: []string{"b", "c"},
		},
		"starts not known": {
			members: []Member{node("a", in(at(uuidA, 9), view("3 x 7", m1, m1))), off("b"), off("c")}, o: ElectionOptions{Starts: []GroupStart{}}, waits: []string{"b", "c"},
		},
		"writes that the operator has given up": {
			members: []Member{node("a", of(uuidA, 9, start1)), node("b", of(uuidA, 8, start2)), node("c", of(uuidA, 7, StartID{}))},
			o:       ElectionOptions{Starts: without(started2, "a")}, node: "b",
		},
		"writes that the operator has given up, and wants back": {
			members: []Member{node("a", of(uuidA, 9, start1)), node("b", of(uuidA, 8, start2)), node("c", of(uuidA, 7, StartID{}))},
			o:       ElectionOptions{Starts: without(started2, "a"), Without: []string{"b", "c"}}, node: "a", why: "every write after sequence number 9 on b, c",
		},
		"the only one that may have the newest writes was replaced": {
			members: []Member{node("a", at(uuidA, 9)), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Empty = true })), node("c", at(uuidA, 8))},
			o:       ElectionOptions{Starts: started2}, why: `last started by b at 2025-11-25 19:46:40 UTC, which has no data any more`,
		},
		"the only one that may have the newest writes was replaced, decided": {
			members: []Member{node("a", at(uuidA, 9)), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Empty = true })), node("c", at(uuidA, 8))},
			o:       ElectionOptions{Starts: started2, Without: []string{"b"}}, node: "a",
		},
		"the starter was replaced, and another has its data": {
			members: []Member{node("a", at(uuidA, 8)), node("b", with(at(wsrep.Zero, -1), func(r *Report) { r.Empty = true })), node("c", of(uuidA, 9, start2))},
			o:       ElectionOptions{Starts: started2}, node: "c",
		},
		"the starter has not got as far as starting": {
			members: []Member{node("a", at(uuidA, 9)), node("b", at(uuidA, 9)), node("c", at(uuidA, 8))}, o: ElectionOptions{Starts: started2}, node: "b",
		},
		"nobody has reported": {members: []Member{off("a"), off("b")}, waits: []string{"a", "b"}, why: "no node has reported"},
		"no address":          {why: "names no node"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Resource = "db"
			if c.o.Starts == nil && slices.ContainsFunc(c.members, func(m Member) bool { return m.Report != nil && hasHistory(m) }) {
				c.o.Starts = started1
			}
			out := Elect(c.members, c.o)
			require.Equal(t, c.node, out.Node, "%+v", out)
			require.Equal(t, c.waits, append([]string(nil), out.WaitFor...), "%+v", out)
			require.Contains(t, out.Why+out.Advice+out.Loss, c.why)
			require.NotEmpty(t, out.Why)
			require.Equal(t, out.Node == "", out.Advice != "")
		})
	}
}
