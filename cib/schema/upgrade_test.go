package schema

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

func parse(t testing.TB, text string) *xmltree.Element {
	t.Helper()
	root, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	return root
}

func print(root *xmltree.Element) string {
	return string(xmltree.AppendXML(nil, root, xmltree.PrintOptions{}))
}

const small = `<cib validate-with="pacemaker-3.5" epoch="1" num_updates="2" admin_epoch="3"><configuration>
	<crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`

func TestUpgradeRelabels(t *testing.T) {
	for v := V1_0; v < Latest; v++ {
		root := parse(t, small)
		root.Set("validate-with", v.String())
		kept := root.Path("configuration", "resources")
		result, err := Upgrade(root)
		require.NoError(t, err)
		require.Equal(t, Result{From: v, To: Latest, Valid: true}, result)
		require.Equal(t, "pacemaker-4.0", root.Attrs[0].Value, "same position")
		require.Same(t, kept, root.Path("configuration", "resources"))
		require.Empty(t, Validate(root, Latest))
	}
}

func TestUpgradeLeavesTheLatestAlone(t *testing.T) {
	root := parse(t, `<cib validate-with="pacemaker-4.0"><rubbish/></cib>`)
	result, err := Upgrade(root)
	require.NoError(t, err)
	require.Equal(t, Result{From: Latest, To: Latest}, result)
	require.NotEmpty(t, Validate(root, Latest))
}

func TestUpgradeWithoutValidation(t *testing.T) {
	root := parse(t, `<cib validate-with="none"><rubbish/></cib>`)
	result, err := Upgrade(root)
	require.NoError(t, err)
	require.Equal(t, []string{`Schema validation of configuration is disabled (support for validate-with set to "none" is ` +
		`deprecated and will be removed in a future release)`}, result.Messages)
	require.Equal(t, "none", root.Get("validate-with"))
	require.Empty(t, Validate(root, Disabled))
}

func TestUpgradeErrors(t *testing.T) {
	_, err := Upgrade(parse(t, `<cib/>`))
	require.EqualError(t, err, `cannot tell the schema of the CIB: cib has no validate-with; expected a schema from `+
		`pacemaker-1.0 to pacemaker-4.0, or "none"`)
	_, err = Upgrade(parse(t, `<cib validate-with="pacemaker-3.11"/>`))
	require.EqualError(t, err, `validate-with="pacemaker-3.11" names no known schema; expected a schema from `+
		`pacemaker-1.0 to pacemaker-4.0, or "none"; did you mean "pacemaker-3.1"?`)

	const never = `<cib validate-with="pacemaker-3.7" epoch="x"/>`
	root := parse(t, never)
	result, err := Upgrade(root)
	require.EqualError(t, err, `Cannot upgrade configuration (claiming pacemaker-3.7 schema) to at least pacemaker-4.0 `+
		`because it does not validate with any schema from pacemaker-3.7 to the latest`)
	require.Len(t, result.Rejected, 5, "3.7, 3.8, 3.9, 3.10, 4.0")
	require.Equal(t, print(parse(t, never)), print(root))
}

// A document that no schema takes stops the walk at the first schema that
// rejects it after one that did not.
func TestUpgradeStops(t *testing.T) {
	root := parse(t, small)
	root.Path("configuration", "nodes").Add("node", "id", "1", "uname", "n", "type", "normal")
	root.Set("validate-with", "pacemaker-2.9")
	root.Path("configuration").Add("tags").Add("tag", "id", "t").Add("obj_ref", "id", "t")
	root.Path("configuration", "resources").Add("bundle", "id", "b").Add("docker", "image", "x")
	before := print(root)
	result, err := upgrade(root, nil)
	require.EqualError(t, err, `Cannot upgrade configuration (claiming pacemaker-2.9 schema) to at least pacemaker-4.0 `+
		`because it would not upgrade past pacemaker-2.10`)
	require.Len(t, result.Rejected, 1)
	require.Equal(t, V3_0, result.Rejected[0].Version)
	require.Equal(t, before, print(root))
}

// A document may be invalid in the schema it claims and valid in a later one.
func TestUpgradeSkipsSchemas(t *testing.T) {
	root := readXML(t, "testdata/valid/4.0-again.xml")
	root.Set("validate-with", "pacemaker-3.9")
	result, err := Upgrade(root)
	require.NoError(t, err)
	require.False(t, result.Transformed)
	require.Len(t, result.Rejected, 2)
	require.Equal(t, V3_9, result.Rejected[0].Version)
	require.Len(t, result.Rejected[0].Problems, 4)
	require.Equal(t, "pacemaker-4.0", root.Get("validate-with"))
}

// A tag that names nothing is fine since 3.3, but not for a document that comes
// from before (the references of one validation stay for the next).
func TestUpgradeStaleTag(t *testing.T) {
	for version, ok := range map[string]bool{"pacemaker-3.2": false, "pacemaker-3.3": true} {
		root, err := xmltree.Parse([]byte(`<cib validate-with="`+version+`" admin_epoch="0" epoch="1" num_updates="0"><configuration>
<crm_config/><nodes/><resources/><constraints/><tags><tag id="t"><obj_ref id="nothing"/></tag></tags></configuration><status/></cib>`), xmltree.Limits{})
		require.NoError(t, err)
		_, err = Upgrade(root)
		require.Equal(t, ok, err == nil, version)
	}
}
