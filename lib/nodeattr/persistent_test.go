package nodeattr

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPersistentValues(t *testing.T) {
	require.Equal(t, Command{"/s/cibadmin", []string{"--query", "--scope", "nodes"}}, Tools{Sbin: "/s"}.GetAllPersistent())
	got, err := PersistentValues(0, `<nodes>
  <node id="1" uname="n1"><instance_attributes id="nodes-1">
    <nvpair id="nodes-1-standby" name="standby" value="off"/><nvpair id="nodes-1-a" name="a" value="x &quot;y"/>
  </instance_attributes></node>
  <node id="2" uname="n2"/>
  <node id="r" uname="r" type="remote"><instance_attributes id="nodes-r"><nvpair id="i" name="a" value="z"/></instance_attributes></node>
</nodes>`, "", "a")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"n1": `x "y`, "r": "z"}, got)

	got, err = PersistentValues(105, "", "no such", "a")
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = PersistentValues(102, "", "not connected\n", "a")
	require.EqualError(t, err, "cibadmin ended with exit code 102: not connected")
	_, err = PersistentValues(0, "<nodes", "", "a")
	require.ErrorContains(t, err, "the nodes of the configuration")
	_, err = PersistentValues(0, "<cib/>", "", "a")
	require.Error(t, err)
}

func FuzzPersistentValues(f *testing.F) {
	f.Add(`<nodes><node uname="a"><instance_attributes><nvpair name="a" value="b"/></instance_attributes></node></nodes>`)
	f.Fuzz(func(t *testing.T, text string) {
		values, err := PersistentValues(0, text, "", "a")
		require.Equal(t, err != nil, values == nil)
	})
}
