package nvset

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/rule"
	"systole/lib/xmltree"
)

func eval(t *testing.T, text string, in *rule.Input) map[string]string {
	t.Helper()
	root, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	table := map[string]string{}
	Compile(root, "meta_attributes", xmltree.NewIndex(root).Find).Eval(in, table)
	return table
}

// Between sets of one score the last wins, in a set the first pair.
func TestPrecedence_01_11_1(t *testing.T) {
	got := eval(t, `<r><meta_attributes id="a"><nvpair id="1" name="x" value="first"/></meta_attributes>
	 <meta_attributes id="b"><nvpair id="2" name="x" value="second"/></meta_attributes>
	 <meta_attributes id="c"><nvpair id="3" name="x" value="third"/><nvpair id="4" name="x" value="third-dup"/></meta_attributes></r>`, &rule.Input{})
	require.Equal(t, "third", got["x"])
	got = eval(t, `<r><meta_attributes id="a" score="9"><nvpair id="1" name="x" value="first"/></meta_attributes>
	 <meta_attributes id="b"><nvpair id="2" name="x" value="second"/></meta_attributes></r>`, &rule.Input{})
	require.Equal(t, "first", got["x"])
}

func TestRules_01_10(t *testing.T) {
	const doc = `<r><meta_attributes id="a"><rule id="q" boolean-op="and"><expression id="e" attribute="mem" operation="gt" value="9"/>
	 <date_expression id="d" operation="in_range" start="2026-01-01" end="2026-12-31"/></rule><nvpair id="1" name="x" value="yes"/></meta_attributes></r>`
	const november = 1795600000 // 2026-11-25
	require.Equal(t, "yes", eval(t, doc, &rule.Input{Now: november, Node: map[string]string{"mem": "10"}})["x"])
	require.Empty(t, eval(t, doc, &rule.Input{Now: november, Node: map[string]string{"mem": "8"}}))
	require.Empty(t, eval(t, doc, &rule.Input{Now: november}), "an undefined attribute is never greater")
	require.Empty(t, eval(t, doc, &rule.Input{Now: november + 90*86400, Node: map[string]string{"mem": "10"}}))
}
