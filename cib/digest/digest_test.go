package digest

import (
	"crypto/md5"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/xmltree"
)

func parse(t require.TestingT, text string) *xmltree.Element {
	root, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	return root
}

func sum(text string) string {
	s := md5.Sum([]byte(text))
	return hex.EncodeToString(s[:])
}

const small = `<cib epoch="4" update-user="root" crm-debug-origin="x">
  <!-- a -->
  <a b="&quot;&#10;&apos;" cib-last-written="t"/>
</cib>`

func TestForms(t *testing.T) {
	root := parse(t, small)
	all := `<cib epoch="4" update-user="root" crm-debug-origin="x"><!-- a --><a b="&quot;&#x0A;'" cib-last-written="t"/></cib>`
	require.Equal(t, sum(" "+all+"\n"), OnDisk(root))
	require.Equal(t, sum(all), XML(root))
	require.Equal(t, sum(`<cib epoch="4"><!-- a --><a b="&quot;&#x0A;'"/></cib>`), Filtered(root))
}

// The digest that Pacemaker's crm_diff gave for this target.
func TestKnownDigest(t *testing.T) {
	root := parse(t, `<cib epoch="4" admin_epoch="0" num_updates="0" crm_feature_set="3.20.5" cib-last-written="y">
<configuration><nodes><node id="3" uname="c"/><node id="1" uname="a"><x id="n"/></node></nodes></configuration><status/></cib>`)
	require.Equal(t, "3b53ad24249719144ef35dbe7b16afe9", Filtered(root))
}

func TestForFeatureSet(t *testing.T) {
	root := parse(t, small)
	for set, want := range map[string]string{"": OnDisk(root), "3.0.4": OnDisk(root), "3.0.5": Filtered(root), "3.20.5": Filtered(root)} {
		require.Equal(t, want, ForFeatureSet(root, set), set)
	}
}

func TestParameters(t *testing.T) {
	require.Equal(t, "f2317cad3d54cec5d7d7aa7d0bf35cf8", Parameters(nil))
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.MapOf(rapid.StringMatching(`[a-z]{1,3}`), rapid.String()).Draw(t, "table")
		e := xmltree.New("parameters")
		for name, value := range table {
			e.Set(name, value)
		}
		if len(table) < 2 { // otherwise the order of e is not that of the names
			require.Equal(t, OnDisk(e), Parameters(table))
		}
		for name := range table {
			before := Parameters(table)
			table[name] += "x"
			require.NotEqual(t, before, Parameters(table))
		}
	})
}

// A document longer than what is hashed at a time.
func TestLongDocument(t *testing.T) {
	root := xmltree.New("cib")
	for range 10000 {
		root.Add("node", "id", "n", "uname", "long-enough-to-fill-the-buffer")
	}
	require.Equal(t, sum(string(xmltree.AppendXML(nil, root, xmltree.PrintOptions{Compact: true}))), XML(root))
}
