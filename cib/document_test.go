package cib_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib"
	"systole/cib/schema"
	"systole/lib/xmltree"
)

func example(t *testing.T) *cib.Document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "examples", "openstack-ha.xml"))
	require.NoError(t, err)
	d, _, err := cib.Load(data, xmltree.Limits{})
	require.NoError(t, err)
	return d
}

func TestViews(t *testing.T) {
	d := example(t)
	require.Subset(t, d.NodeNames(), []string{"controller-1", "controller-2", "controller-3", "compute-1", "compute-2"})
	galera := d.Resource("galera")
	require.True(t, galera.Exists())
	require.Equal(t, cib.Primitive, galera.Kind())
	require.Equal(t, "ocf:heartbeat:galera", d.AgentOf(galera).String())
	require.Equal(t, cib.Clone, galera.Container().Kind())
	require.False(t, galera.Container().Container().Exists())
	require.False(t, d.Resource("galera:0").Exists())
	names := 0
	for _, c := range d.Constraints() {
		require.NotEmpty(t, c.Kind())
		for _, id := range c.Names() {
			names++
			require.True(t, d.Resource(id).Exists(), "%s of %s", id, c.ID())
		}
	}
	require.Positive(t, names)
}

// TestKeepsWhatItDoesNotKnow: the views copy nothing, so nothing is lost.
func TestKeepsWhatItDoesNotKnow(t *testing.T) {
	text := `<cib validate-with="none" admin_epoch="1" epoch="2" num_updates="3" stranger="kept">
  <configuration>
    <crm_config/>
    <nodes/>
    <resources>
      <primitive id="a" class="ocf" provider="x" type="y" colour="blue">
        <unheard-of depth="1"/>
      </primitive>
    </resources>
    <constraints/>
  </configuration>
  <status/>
</cib>
`
	root, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	d := cib.New(root)
	require.Equal(t, "1.2.3", d.Version().String())
	require.Len(t, d.Resources(), 1)
	d.SetVersion(cib.Version{AdminEpoch: 1, Epoch: 3})
	out := string(d.Bytes())
	for _, kept := range []string{`stranger="kept"`, `colour="blue"`, `<unheard-of depth="1"/>`, `epoch="3"`} {
		require.Contains(t, out, kept)
	}
}

func TestVersionOrder(t *testing.T) {
	v := cib.Version{AdminEpoch: 0, Epoch: 10, NumUpdates: 2}
	require.Negative(t, v.Compare(cib.Version{Epoch: 11}))
	require.Negative(t, v.Compare(cib.Version{AdminEpoch: 1}))
	require.Positive(t, v.Compare(cib.Version{Epoch: 10, NumUpdates: 1}))
	require.Zero(t, v.Compare(v))
}

// TestLoadErrors: each kind of bad document has its own error.
func TestLoadErrors(t *testing.T) {
	for text, want := range map[string]any{
		`<cib>`:                               new(*xmltree.SyntaxError),
		`<html/>`:                             new(*cib.RootError),
		`<cib validate-with="pacemaker-77"/>`: new(*schema.UnknownSchemaError),
		`<cib validate-with="pacemaker-4.0" epoch="1" num_updates="1" admin_epoch="0"><configuration><crm_config/><nodes/><resources><primitive/></resources><constraints/></configuration></cib>`: new(*cib.InvalidError),
	} {
		_, _, err := cib.Load([]byte(text), xmltree.Limits{})
		require.ErrorAs(t, err, want, text)
	}
}
