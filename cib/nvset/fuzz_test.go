package nvset

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/rule"
	"systole/lib/xmltree"
)

func FuzzSets(f *testing.F) {
	for _, s := range []string{
		`<r><meta_attributes id="a" score="5"><nvpair id="1" name="x" value="1"/><nvpair id-ref="1"/></meta_attributes><meta_attributes id-ref="a"/></r>`,
		`<r><meta_attributes id="a"><rule id="2"><expression id="3" attribute="n" operation="eq" value="5"/></rule><nvpair id="1" name="x" value="#default"/></meta_attributes></r>`,
		`<r><meta_attributes id="a"><attributes><nvpair id="1" name="x" value=""/></attributes></meta_attributes></r>`,
		`<meta_attributes id-ref="m"><meta_attributes id="m" score="red"><rule id-ref="q"/></meta_attributes></meta_attributes>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		root, err := xmltree.Parse(doc, xmltree.Limits{})
		if err != nil {
			return
		}
		l := Compile(root, "meta_attributes", xmltree.NewIndex(root).Find)
		in := &rule.Input{Now: 1893456000, Node: map[string]string{"n": "5"}}
		m, table := map[string]string{}, &Table{}
		next := l.Eval(in, m)
		require.Equal(t, next, l.EvalTable(in, table))
		require.Equal(t, m, table.Map())
		for p := range table.All() {
			require.NotNil(t, p.From)
			require.Equal(t, p.Value, p.From.Get("value"))
		}
		if !l.DependsOnNode() {
			other := map[string]string{}
			l.Eval(&rule.Input{Now: in.Now}, other)
			require.Equal(t, m, other)
		}
	})
}
