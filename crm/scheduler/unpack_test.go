package scheduler

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

const tinyCIB = `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" epoch="1" num_updates="0" admin_epoch="0" have-quorum="1" dc-uuid="2">
 <configuration>
  <crm_config><cluster_property_set id="cib-bootstrap-options">
   <nvpair id="o1" name="stonith-enabled" value="false"/><nvpair id="o2" name="no-quorum-policy" value="freeze"/>
  </cluster_property_set></crm_config>
  <nodes><node id="1" uname="node10"/><node id="2" uname="node9"/></nodes>
  <resources>
   <primitive id="low" class="ocf" provider="pacemaker" type="Dummy"/>
   <clone id="c"><primitive id="p" class="ocf" provider="pacemaker" type="Dummy">
     <operations><op id="m1" name="monitor" interval="10s"/><op id="m2" name="monitor" interval="10" role="Stopped"/></operations></primitive></clone>
   <primitive id="high" class="ocf" provider="pacemaker" type="Dummy">
    <meta_attributes id="h"><nvpair id="h1" name="priority" value="5"/><nvpair id="h2" name="priority" value="3"/></meta_attributes></primitive>
  </resources>
  <constraints/>
 </configuration>
</cib>`

func unpackText(t *testing.T, text string) *State {
	t.Helper()
	root, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	s, err := Unpack(root, Options{RealNow: 1})
	require.NoError(t, err)
	return s
}

func TestUnpack_OptionsNodesResources(t *testing.T) {
	s := unpackText(t, tinyCIB)
	require.False(t, s.Config.FencingEnabled, "the old name of an option counts (01 §15.1)")
	require.Equal(t, QuorumFreeze, s.Config.NoQuorumPolicy)
	require.Equal(t, "node9", s.Nodes[0].Name, "digit runs compare as numbers (02 §4.2)")
	require.Equal(t, s.Nodes[0], s.DC)
	require.Equal(t, "high", s.Resources[0].ID, "sorted by priority; in a set the first pair counts (03 §1.9)")
	c := s.findResource("c")
	require.Len(t, c.Children, 2, "clone-max defaults to the number of nodes (03 §6.2)")
	require.Equal(t, "p:1", c.Children[1].ID)
	require.Equal(t, Score(1), c.Children[0].Stickiness, "implicit stickiness of instances (03 §3.1)")
	require.Equal(t, Score(0), c.Stickiness)
	require.Empty(t, s.recurringOps(c.Children[0]), "two of one name and interval cancel each other out (07 §3.2)")
	require.True(t, c.Children[0].Allowed.SameScores(&c.Children[1].Allowed), "instances share a table until they differ")
}

func TestSplitKey(t *testing.T) {
	for key, want := range map[string][2]string{
		"rsc_start_0":                      {"rsc", "start"},
		"a_b_migrate_from_0":               {"a_b", "migrate_from"},
		"r:1_confirmed-post_notify_stop_0": {"r:1", "confirmed-post_notify_stop"},
	} {
		rsc, task, _, ok := splitKey(key)
		require.True(t, ok, key)
		require.Equal(t, want, [2]string{rsc, task}, key)
	}
	_, _, _, ok := splitKey("x_0")
	require.False(t, ok)
}

// Every one of Pacemaker's cases can be read into the model. The folder is
// $PACEMAKER_CTS, or ../shared/scheduler beside the checkout.
func TestUnpack_PacemakerCases(t *testing.T) {
	dir := os.Getenv("PACEMAKER_CTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "scheduler")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "xml", "*.xml"))
	if len(files) == 0 {
		t.Logf("Pacemaker's cases are not here (%s): only our own were read", dir)
		return
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		root, err := xmltree.Parse(data, xmltree.Limits{})
		require.NoError(t, err, f)
		s, err := Unpack(root, Options{RealNow: 1})
		require.NoError(t, err, f)
		require.NotNil(t, s)
	}
	t.Logf("%d cases unpacked", len(files))
}
