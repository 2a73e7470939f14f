package scheduler

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// Example A of 06 §19: an instance without partner loses its node, and is then
// paired through the nodes that it may use.
func TestUpdate_InterleavingWithoutPartner(t *testing.T) {
	build := func(kind string) *State {
		s := testState(t, `<clone id="a-c"><meta_attributes id="am"><nvpair id="am1" name="clone-max" value="1"/></meta_attributes>`+dummies("a")+`</clone>`+
			`<clone id="b-c"><meta_attributes id="bm"><nvpair id="bm1" name="interleave" value="true"/></meta_attributes>`+dummies("b")+`</clone>`, "")
		n1, n2 := s.Nodes[0], s.Nodes[1]
		a, b := s.findResource("a-c"), s.findResource("b-c")
		s.addInternalConstraints()
		e, err := xmltree.Parse([]byte(`<rsc_order id="o" first="a-c" then="b-c" `+kind+`/>`), xmltree.Limits{})
		require.NoError(t, err)
		s.unpackOrder(e)
		for _, n := range []*Node{n1, n2} {
			n.Online, n.Unclean = true, false
		}
		for r, n := range map[*Resource]*Node{a.Children[0]: n1, b.Children[0]: n2, b.Children[1]: n1} {
			r.OrigRole, r.NextRole = RoleStopped, RoleStarted
			s.assignTo(r, n, true, false)
		}
		require.NotNil(t, a.Children[0].Assigned)
		for _, c := range []*Resource{a, b} {
			for _, r := range c.Children {
				act(s, r, taskStart, r.Assigned, ActRunnable)
			}
			for _, task := range []string{taskStart, taskRunning, taskStop, taskStopped} {
				act(s, c, task, nil, ActPseudo|ActRunnable|ActOptional)
			}
		}
		s.applyOrderings()
		return s
	}
	s := build("")
	b := s.findResource("b-c")
	require.Nil(t, b.Children[0].Assigned)
	lost, paired := find(t, s, "b:0_start_0"), find(t, s, "b:1_start_0")
	require.False(t, lost.Runnable())
	require.True(t, paired.Runnable())
	starts := func(a *Action) (out []string) {
		for _, e := range a.before {
			if e.action.Key == "a:0_start_0" {
				out = append(out, e.flags.String())
			}
		}
		return out
	}
	require.Equal(t, []string{"first_implies_then", "unrunnable_first_blocks", "ordered"}, starts(paired), "an edge for each type")
	require.NotEmpty(t, starts(lost), "through its allowed nodes")

	s = build(`kind="Optional"`)
	require.NotNil(t, s.findResource("b-c").Children[0].Assigned)
	require.True(t, find(t, s, "b:0_start_0").Runnable())
	require.Empty(t, starts(find(t, s, "b:0_start_0")))
	require.Equal(t, []string{"ordered"}, starts(find(t, s, "b:1_start_0")))
}
