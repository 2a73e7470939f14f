//go:build linux

package lab

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const testResources = `
<primitive id="d" class="ocf" provider="pacemaker" type="Dummy">
  <operations><op id="d-monitor" name="monitor" interval="10s"/></operations>
</primitive>
<clone id="c">
  <primitive id="member" class="ocf" provider="pacemaker" type="Dummy"/>
</clone>`

var threeNodes = []string{"node-1", "node-2", "node-3"}

// TestCluster takes one real cluster of three nodes through what operators and
// failures do to it. One cluster for all, because a start takes seconds.
func TestCluster(t *testing.T) {
	c := New(t, Options{Nodes: 3, Resources: testResources})
	run := &clusterTest{c: c}
	for _, step := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"Online", run.online},
		{"Standby", run.standby},
		{"PowerOff", run.powerOff},
		{"CutCable", run.cutCable},
		{"Kill9Corosync", run.kill9Corosync},
		{"Restart", run.restart},
	} {
		if !t.Run(step.name, step.test) {
			return // what follows builds on it
		}
	}
}

type clusterTest struct{ c *Cluster }

func (r *clusterTest) wait(t *testing.T, what string, wanted func(Status) bool) {
	t.Helper()
	require.NoError(t, r.c.Wait(t.Context(), what, wanted))
}

// whole: all three nodes are online, the primitive runs once, the clone everywhere.
func whole(s Status) bool {
	return slices.Equal(s.Online(), threeNodes) && s.RunsOn("d") != "" && slices.Equal(s.Active("c"), threeNodes) && s.RunsOn("fence") != ""
}

// holder is the node that runs the primitive.
func (r *clusterTest) holder(t *testing.T) *Node {
	t.Helper()
	s, err := r.c.Status(t.Context())
	require.NoError(t, err)
	n := r.c.NodeNamed(s.RunsOn("d"))
	require.NotNil(t, n, "%v", s)
	return n
}

func (r *clusterTest) online(t *testing.T) {
	r.wait(t, "all resources to run", whole)
	s, err := r.c.Status(t.Context())
	require.NoError(t, err)
	require.True(t, s.Quorum)
	require.Contains(t, threeNodes, s.DC)
	require.Empty(t, s.Failures)
	require.Empty(t, r.c.Fencings(), "nodes were fenced while the cluster started")

	out, err := r.c.Node(2).Run(t.Context(), "hostname")
	require.NoError(t, err)
	require.Equal(t, "node-2\n", out)
	xml, err := r.c.CIB(t.Context())
	require.NoError(t, err)
	require.Contains(t, xml, `<primitive id="d" class="ocf" provider="pacemaker" type="Dummy">`)
}

func (r *clusterTest) standby(t *testing.T) {
	n := r.holder(t)
	require.NoError(t, r.c.SetStandby(t.Context(), n.Name(), true))
	r.wait(t, "resources to leave the standby node", func(s Status) bool {
		on := s.RunsOn("d")
		return s.Node(n.Name()).Standby && on != "" && on != n.Name() && len(s.Active("c")) == 2
	})
	require.NoError(t, r.c.SetStandby(t.Context(), n.Name(), false))
	r.wait(t, "the clone to return", whole)
	require.Empty(t, r.c.Fencings())
}

// powerOff: the peers see the node's silence, fence it, which boots it, and only
// then run its resource.
func (r *clusterTest) powerOff(t *testing.T) {
	n := r.holder(t)
	require.NoError(t, n.PowerOff(t.Context()))
	require.False(t, n.On())
	_, err := n.Run(t.Context(), "true")
	require.ErrorContains(t, err, n.Name()+" is off")
	r.wait(t, "the resource to run elsewhere", func(s Status) bool {
		on := s.RunsOn("d")
		return on != "" && on != n.Name()
	})
	r.fenced(t, n, 1)
	r.wait(t, "the node to boot and join", whole)
}

// fenced: the one fencing since the last call was that of n, by another node.
func (r *clusterTest) fenced(t *testing.T, n *Node, count int) {
	t.Helper()
	list := r.c.Fencings()
	require.Len(t, list, count)
	last := list[count-1]
	require.Equal(t, n.Name(), last.Node)
	require.Equal(t, "reboot", last.Action)
	require.NotEqual(t, n.Name(), last.By)
}

// cutCable: the part with quorum fences the node behind the cut. It boots, but
// alone it may run nothing.
func (r *clusterTest) cutCable(t *testing.T) {
	n := r.holder(t)
	require.NoError(t, n.CutCable(t.Context()))
	r.wait(t, "the resource to run elsewhere", func(s Status) bool {
		on := s.RunsOn("d")
		return s.From != n.Name() && s.Quorum && on != "" && on != n.Name()
	})
	r.fenced(t, n, 2)
	require.NoError(t, n.HealCable(t.Context()))
	r.wait(t, "the node to join again", whole)
	r.fenced(t, n, 2)
}

// kill9Corosync: a node without corosync is lost to its peers although it runs.
func (r *clusterTest) kill9Corosync(t *testing.T) {
	n := r.holder(t)
	killed, err := n.Kill9("corosync")
	require.NoError(t, err)
	require.Equal(t, 1, killed)
	r.wait(t, "the resource to run elsewhere", func(s Status) bool {
		on := s.RunsOn("d")
		return s.From != n.Name() && on != "" && on != n.Name()
	})
	r.fenced(t, n, 3)
	r.wait(t, "the node to boot and join", whole)
}

// restart: an orderly stop of everything is no reason for fencing, and the
// configuration survives it.
func (r *clusterTest) restart(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, r.c.Configure(ctx, "constraints", `<rsc_location id="l" rsc="d" node="node-2" score="INFINITY"/>`))
	require.NoError(t, r.c.each(func(n *Node) error { return n.StopCluster(ctx) }))
	for _, n := range r.c.Nodes() {
		left, err := n.Processes("corosync")
		require.NoError(t, err)
		require.Empty(t, left)
		require.True(t, n.On())
	}
	require.NoError(t, r.c.each(func(n *Node) error { return n.StartCluster(ctx) }))
	r.wait(t, "everything to run again", func(s Status) bool { return whole(s) && s.RunsOn("d") == "node-2" })
	require.Len(t, r.c.Fencings(), 3)
}
