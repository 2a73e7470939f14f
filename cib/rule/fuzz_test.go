package rule

import (
	"testing"

	"systole/cib/isotime"
	"systole/lib/xmltree"
)

// FuzzRule compiles and evaluates whatever the parser lets through.
func FuzzRule(f *testing.F) {
	for _, s := range []string{
		`<rule id="r"/>`,
		`<rule id="r" boolean-op="or"><expression id="e" attribute="#uname" operation="eq" value="node1"/><rule id-ref="r"/></rule>`,
		`<rule id="r"><expression id="e" attribute="a%1" operation="lt" value="10.5" type="number" value-source="literal"/></rule>`,
		`<rule id="r"><expression id="e" attribute="n" operation="gte" value="n" value-source="meta"/></rule>`,
		`<rule id="r"><date_expression id="d" start="2030-01-31"><duration id="l" months="1" hours="99999999"/></date_expression></rule>`,
		`<rule id="r"><date_expression id="d" operation="date_spec"><date_spec id="s" weekdays="1-5" hours="9-"/></date_expression></rule>`,
		`<rule id="r"><date_expression id="d" operation="gt" start="T12:00"/><date_expression id="d" operation="lt" end="2147483647-365T24:00"/></rule>`,
		`<rule id="r" boolean-op="or"><rsc_expression id="c" class="ocf"/><op_expression id="o" name="monitor" interval="PT10S"/></rule>`,
		`<rule id="a"><rule id="b" boolean-op="or"><rule id-ref="a"/><rule id-ref="b"/></rule></rule>`,
	} {
		f.Add([]byte(s), int64(1893456000))
	}
	f.Fuzz(func(t *testing.T, doc []byte, now int64) {
		root, err := xmltree.Parse(doc, xmltree.Limits{})
		if err != nil {
			return
		}
		r := Compile(root, xmltree.NewIndex(root).Find)
		in := &Input{
			Now: now, LocalOffset: -12600, RealNow: 1893456000,
			Node: map[string]string{"#uname": "Node1", "n": "5", "a": "1.5"}, Matches: []string{"x", ""},
			Meta:        func(string) (string, bool) { return "7", true },
			HasResource: true, Class: "ocf", HasOperation: true, Operation: "monitor", IntervalMs: 10000,
		}
		pass, next := r.Eval(in)
		if again, next2 := r.Eval(in); again != pass || next2 != next {
			t.Fatal("evaluating twice gives two answers")
		}
		if d := r.Decide(in); d.Pass != pass || d.Next != next || d.By == nil {
			t.Fatalf("%+v, but Eval says %t %d", d, pass, next)
		}
		if pass && !r.Valid() {
			t.Fatal("an invalid rule passes")
		}
		// What the rule does not use does not matter.
		bare := *in
		if r.Uses()&UsesNode == 0 {
			bare.Node = nil
		}
		if r.Uses()&UsesMeta == 0 {
			bare.Meta = nil
		}
		if r.Uses()&UsesMatches == 0 {
			bare.Matches = nil
		}
		if r.Uses()&UsesResource == 0 {
			bare.HasResource = false
		}
		if r.Uses()&UsesOperation == 0 {
			bare.HasOperation = false
		}
		if r.Uses()&UsesTime == 0 {
			bare.Now, bare.RealNow = 0, 0
		} else {
			bare.Date = isotime.FromEpoch(now, in.LocalOffset)
		}
		if other, next2 := r.Eval(&bare); other != pass || next2 != next {
			t.Fatalf("Uses() = %b leaves something out", r.Uses())
		}
	})
}
