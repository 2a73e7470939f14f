package scale

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/schema"
	"systole/crm/graph"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

const now = 1790000000 // later than everything in the histories

// plan is what the program does to a CIB before it prints anything.
func plan(data []byte) (*scheduler.State, error) {
	root, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		return nil, err
	}
	if _, err = schema.Upgrade(root); err != nil {
		return nil, err
	}
	s, err := scheduler.Unpack(root, scheduler.Options{RealNow: now})
	if err != nil {
		return nil, err
	}
	return s, s.Plan()
}

// TestUndisturbed: the CIBs are whole, and nothing is left to do in them; else
// the benchmarks would measure the recovery of a broken cluster.
func TestUndisturbed(t *testing.T) {
	for name, data := range map[string][]byte{"openstack": OpenStack(20, Nothing), "groups": Groups(200, Nothing)} {
		t.Run(name, func(t *testing.T) {
			root, err := xmltree.Parse(data, xmltree.Limits{})
			require.NoError(t, err)
			version, ok := schema.ParseVersion("pacemaker-3.9")
			require.True(t, ok)
			require.Empty(t, schema.Validate(root, version))
			s, err := plan(data)
			require.NoError(t, err)
			require.Empty(t, s.Problems)
			require.Empty(t, s.Graph().Synapses)
		})
	}
}

// TestEvents: what is lost is fenced.
func TestEvents(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		node string
	}{
		"openstack remote failed": {OpenStack(20, RemoteFailed), "compute-0010"},
		"openstack node lost":     {OpenStack(20, NodeLost), "ctl-3"},
		"groups node lost":        {Groups(200, NodeLost), "node-03"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := plan(c.data)
			require.NoError(t, err)
			var fenced []string
			for _, synapse := range s.Graph().Synapses {
				for _, a := range synapse.Actions {
					if a.Kind == graph.CRMEvent && a.Task == "stonith" {
						fenced = append(fenced, a.Node)
					}
				}
			}
			require.Equal(t, []string{c.node}, fenced)
		})
	}
}
