package nvset

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/cib/rule"
	"systole/cib/value"
	"systole/lib/xmltree"
)

func parse(t testing.TB, text string) *xmltree.Element {
	t.Helper()
	root, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	return root
}

// show evaluates the meta_attributes below r in the document.
func show(t *testing.T, inner string) map[string]string {
	t.Helper()
	doc := parse(t, "<cib><r>"+inner+"</r>"+`
	  <elsewhere>
	    <meta_attributes id="other" score="5"><nvpair id="o1" name="x" value="other"/></meta_attributes>
	    <meta_attributes id="chain" id-ref="other"/>
	    <instance_attributes id="wrong"><nvpair id="w1" name="x" value="wrong kind"/></instance_attributes>
	    <meta_attributes id="twice"><nvpair id="t1" name="x" value="1"/></meta_attributes>
	    <meta_attributes id="twice"><nvpair id="t2" name="x" value="2"/></meta_attributes>
	    <nvpair id="p" name="x" value="pair"/>
	    <nvpair id="ref" id-ref="p"/>
	    <rule id="fails" boolean-op="or"><expression id="e" attribute="a" operation="defined"/></rule>
	  </elsewhere></cib>`)
	l := Compile(doc.Children[0], "meta_attributes", xmltree.NewIndex(doc).Find)
	m := map[string]string{}
	l.Eval(&rule.Input{}, m)
	table := &Table{}
	l.EvalTable(&rule.Input{}, table)
	require.Equal(t, m, table.Map())
	return m
}

func xset(attrs, inner string) string {
	return "<meta_attributes " + attrs + ">" + inner + "</meta_attributes>"
}

func nv(name, text string) string {
	return fmt.Sprintf(`<nvpair id="%s-%s" name="%s" value="%s"/>`, name, text, name, text)
}

func TestSets_01_11_1(t *testing.T) {
	for _, c := range []struct {
		name, inner, x string // x "-" is unset
	}{
		// 1: collecting
		{"nothing", "", "-"},
		{"another kind", "<instance_attributes id='i'>" + nv("x", "i") + "</instance_attributes>", "-"},
		{"not deeper", "<primitive id='p'>" + xset("id='a'", nv("x", "a")) + "</primitive>", "-"},
		{"a reference", xset("id-ref='other'", ""), "other"},
		{"a reference with pairs of its own", xset("id-ref='other'", nv("x", "own")), "other"},
		{"a dangling reference", xset("id-ref='gone'", nv("x", "own")), "-"},
		{"a reference to another kind", xset("id-ref='wrong'", ""), "-"},
		{"an ambiguous reference", xset("id-ref='twice'", ""), "-"},
		{"a reference to a reference", xset("id-ref='chain'", ""), "-"},
		// 2: order
		{"equal scores", xset("id='a'", nv("x", "a")) + xset("id='b'", nv("x", "b")), "b"},
		{"zero is no score", xset("id='a' score='0'", nv("x", "a")) + xset("id='b'", nv("x", "b")), "b"},
		{"the highest", xset("id='a' score='2'", nv("x", "a")) + xset("id='b' score='10'", nv("x", "b")) + xset("id='c' score='9'", nv("x", "c")), "b"},
		{"negative", xset("id='a'", nv("x", "a")) + xset("id='b' score='-1'", nv("x", "b")), "a"},
		{"infinities", xset("id='a' score='INFINITY'", nv("x", "a")) + xset("id='b' score='999999'", nv("x", "b")) + xset("id='c' score='-INFINITY'", nv("x", "c")), "a"},
		{"an invalid score is 0", xset("id='a' score='high'", nv("x", "a")) + xset("id='b' score='-1'", nv("x", "b")), "a"},
		{"trailing garbage", xset("id='a' score='3x'", nv("x", "a")) + xset("id='b' score='2'", nv("x", "b")), "a"},
		{"the score of what is referred to", xset("id='a' score='4'", nv("x", "a")) + xset("id-ref='other' score='0'", ""), "other"},
		{"cib-bootstrap-options is a set like others", xset("id='cib-bootstrap-options'", nv("x", "a")) + xset("id='b'", nv("x", "b")), "b"},
		// 3: rules
		{"a failing rule", xset("id='a'", "<rule id='r' boolean-op='xor'/>"+nv("x", "a")), "-"},
		{"a passing rule", xset("id='a'", "<rule id='r'/>"+nv("x", "a")), "a"},
		{"only the first rule", xset("id='a'", "<rule id='r'/><rule id='s' boolean-op='xor'/>"+nv("x", "a")), "a"},
		{"a rule after the pairs", xset("id='a'", nv("x", "a")+"<rule id='r' boolean-op='xor'/>"), "-"},
		{"a rule by reference", xset("id='a'", "<rule id-ref='fails'/>"+nv("x", "a")), "-"},
		{"a lower set steps in", xset("id='a' score='9'", "<rule id='r' boolean-op='xor'/>"+nv("x", "a")) + xset("id='b'", nv("x", "b")), "b"},
		// 4: pairs
		{"the first pair", xset("id='a'", nv("x", "1")+nv("x", "2")), "1"},
		{"an empty value", xset("id='a'", `<nvpair id="1" name="x" value=""/>`+nv("x", "2")), ""},
		{"no value", xset("id='a'", `<nvpair id="1" name="x"/>`+nv("x", "2")), "2"},
		{"no name", xset("id='a'", `<nvpair id="1" value="y"/>`+nv("x", "2")), "2"},
		{"a pair by reference", xset("id='a'", `<nvpair id-ref="p"/>`), "pair"},
		{"a pair by reference with a name", xset("id='a'", `<nvpair id-ref="p" name="y" value="z"/>`), "pair"},
		{"a dangling pair", xset("id='a'", `<nvpair id-ref="gone" name="x" value="z"/>`), "-"},
		{"a pair that refers on", xset("id='a'", `<nvpair id-ref="ref"/>`), "-"},
		{"the old form", xset("id='a'", "<attributes>"+nv("x", "old")+"</attributes>"+nv("x", "new")), "old"},
		{"attributes only as the first child", xset("id='a'", nv("x", "new")+"<attributes>"+nv("x", "old")+"</attributes>"), "new"},
		{"a comment first", xset("id='a'", "<!-- c --><attributes>"+nv("x", "old")+"</attributes>"+nv("x", "new")), "new"},
		// 5: #default
		{"unset", xset("id='a'", nv("x", "#default")), "-"},
		{"unset after", xset("id='a'", nv("x", "1")+nv("x", "#default")), "-"},
		{"unset and set again", xset("id='a'", nv("x", "1")+nv("x", "#Default")+nv("x", "2")), "2"},
		{"unset by a lower set", xset("id='a' score='9'", nv("x", "1")) + xset("id='b'", nv("x", "#DEFAULT")), "-"},
		{"unset by a higher set", xset("id='a' score='9'", nv("x", "#default")) + xset("id='b'", nv("x", "1")), "1"},
		{"almost", xset("id='a'", nv("x", "#defaults")), "#defaults"},
		// the worked example
		{"three", xset("id='a'", nv("x", "first")) + xset("id='b'", nv("x", "second")) + xset("id='c'", nv("x", "third")+nv("x", "third-dup")), "third"},
	} {
		got, ok := show(t, c.inner)["x"]
		require.Equal(t, c.x != "-", ok, c.name)
		if ok {
			require.Equal(t, c.x, got, c.name)
		}
	}
}

func TestNames_01_11_2(t *testing.T) {
	require.Equal(t, map[string]string{"x": "1", "X": "2", "": "3"}, show(t, xset("id='a'", nv("x", "1")+nv("X", "2")+nv("", "3"))))
}

func TestExistingValues_01_11_1_6(t *testing.T) {
	doc := parse(t, "<r>"+xset("id='a'", nv("x", "a")+nv("y", "a")+nv("z", "#default"))+"</r>")
	l := Compile(doc, "meta_attributes", nil)
	m := map[string]string{"x": "before", "z": "before"}
	l.Eval(&rule.Input{}, m)
	require.Equal(t, map[string]string{"x": "before", "y": "a"}, m)
}

func TestBootstrapOptions_01_11_1_2(t *testing.T) {
	doc := parse(t, `<crm_config>
	  <cluster_property_set id="a" score="INFINITY"><nvpair id="1" name="x" value="a"/></cluster_property_set>
	  <cluster_property_set id="cib-bootstrap-options" score="-INFINITY"><nvpair id="2" name="x" value="boot"/></cluster_property_set>
	  <cluster_property_set id="c" score="INFINITY"><nvpair id="3" name="x" value="c"/></cluster_property_set></crm_config>`)
	m := map[string]string{}
	Compile(doc, "cluster_property_set", nil).Eval(&rule.Input{}, m)
	require.Equal(t, "boot", m["x"])
}

func TestOptions_01_11_3(t *testing.T) {
	doc := parse(t, `<cib><r><meta_attributes id-ref="s"/><meta_attributes id="t" score="yellow"><nvpair id-ref="p"/></meta_attributes></r>
	  <meta_attributes id="s"><nvpair id="1" name="x" value="set"/></meta_attributes><nvpair id="p" name="x" value="pair"/></cib>`)
	own := doc.Children[0]
	get := func(opt Options) string {
		m := map[string]string{}
		CompileWith(own, "meta_attributes", opt).Eval(&rule.Input{}, m)
		return m["x"]
	}
	all, within := xmltree.NewIndex(doc).Find, xmltree.NewIndex(own).Find
	require.Equal(t, "pair", get(Options{Find: all}), "equal scores: the last")
	require.Equal(t, "set", get(Options{Find: all, Health: value.HealthScores{Yellow: -1}}))
	require.Equal(t, "pair", get(Options{Find: within, FindPair: all, Health: value.HealthScores{Yellow: -1}}))
	require.Equal(t, "", get(Options{Find: within}))
	require.Equal(t, "", get(Options{}))
}

func TestCauses(t *testing.T) {
	doc := parse(t, `<cib><r><meta_attributes id="s"><nvpair id="1" name="x" value="a"/><nvpair id-ref="p"/></meta_attributes></r>
	  <other id="o"><nvpair id="p" name="y" value="b"/></other></cib>`)
	table := &Table{}
	table.Set("class", "ocf", doc.Children[0])
	Compile(doc.Children[0], "meta_attributes", xmltree.NewIndex(doc).Find).EvalTable(&rule.Input{}, table)
	var got []string
	for p := range table.All() {
		from := "-"
		if p.Set != nil {
			from = p.Set.ID()
		}
		got = append(got, p.Name+"="+p.Value+" by "+p.ID()+" in "+from)
	}
	require.Equal(t, []string{"class=ocf by  in -", "x=a by 1 in s", "y=b by p in s"}, got)
	require.Equal(t, "p", table.Pair("y").ID())
	require.Nil(t, table.Pair("z"))
}

func TestDependsAndNext_01_19(t *testing.T) {
	doc := parse(t, `<r>
	  <a id="1"><nvpair id="2" name="x" value="1"/></a>
	  <b id="3"><rule id="4"><expression id="5" attribute="n" operation="defined"/></rule><nvpair id="6" name="x" value="1"/></b>
	  <c id="7"><rule id="8"><date_expression id="9" operation="gt" start="2030-01-01"/></rule><nvpair id="10" name="x" value="1"/></c>
	  <c id="11"><rule id="12"><date_expression id="13" operation="lt" end="2029-01-01"/></rule></c>
	  <d id="14"/></r>`)
	a, b, c := Compile(doc, "a", nil), Compile(doc, "b", nil), Compile(doc, "c", nil)
	require.False(t, a.DependsOnNode())
	require.Zero(t, a.Uses())
	require.True(t, b.DependsOnNode())
	require.False(t, c.DependsOnNode())
	require.Equal(t, rule.UsesTime, c.Uses())
	const d2029, d2030 = 1861920000, 1893456000
	m := map[string]string{}
	require.EqualValues(t, d2029, c.Eval(&rule.Input{Now: d2029 - 1}, m), "the earliest change of all rules")
	require.Empty(t, m)
	require.EqualValues(t, d2030+1, c.Eval(&rule.Input{Now: d2029}, m))
	require.Zero(t, c.Eval(&rule.Input{Now: d2030 + 1}, m))
	require.Equal(t, map[string]string{"x": "1"}, m)
	require.True(t, Compile(doc, "d", nil).Empty())
	require.False(t, a.Empty())
	require.Empty(t, a.Problems())

	var none *List
	require.True(t, none.Empty())
	require.False(t, none.DependsOnNode())
	require.Zero(t, none.Eval(&rule.Input{}, m))
	require.Empty(t, none.Problems())
	require.True(t, Compile(nil, "a", nil).Empty())
	bad := parse(t, `<r><a id="1"><rule id="2" boolean-op="x"/></a></r>`)
	require.Len(t, Compile(bad, "a", nil).Problems(), 1)
}

// A table is a map with an order, whatever its size.
func TestTableLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, m := &Table{}, map[string]string{}
		order := []string{}
		name := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint("n", rapid.IntRange(0, 40).Draw(t, "n")) })
		drop := func(n string) {
			for i := range order {
				if order[i] == n {
					order = append(order[:i], order[i+1:]...)
					return
				}
			}
		}
		for i := range rapid.IntRange(0, 300).Draw(t, "steps") {
			n, v := name.Draw(t, "name"), fmt.Sprint(i)
			_, has := m[n]
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				table.Set(n, v, nil)
				m[n] = v
			case 1:
				table.SetDefault(n, v, nil)
				if !has {
					m[n] = v
				}
			case 2:
				table.Del(n)
				delete(m, n)
				drop(n)
				continue
			}
			if !has {
				order = append(order, n)
			}
		}
		require.Equal(t, len(m), table.Len())
		require.Equal(t, m, table.Map())
		got := []string{}
		for p := range table.All() {
			got = append(got, p.Name)
			v, ok := table.Get(p.Name)
			require.True(t, ok && v == m[p.Name])
		}
		require.Equal(t, order, got)
		c := table.Copy()
		c.Set("new", "", nil)
		c.Del("n1")
		require.Equal(t, m, table.Map(), "a copy is a copy")
	})
}

func TestMerge_01_12_2_5(t *testing.T) {
	a, b := &Table{}, &Table{}
	a.Set("x", "1", nil)
	b.Set("x", "2", nil)
	b.Set("y", "2", nil)
	kept, over := a.Copy(), a.Copy()
	kept.Merge(b, false)
	over.Merge(b, true)
	require.Equal(t, map[string]string{"x": "1", "y": "2"}, kept.Map())
	require.Equal(t, map[string]string{"x": "2", "y": "2"}, over.Map())
}

// The order of 01 §11.1, spelt out the slow way: the winner among sets that
// set one name is the one of the highest score, of equals the last.
func TestPrecedenceLaw_01_11_1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owner := xmltree.New("r")
		best, want := value.Score(-2000000), ""
		for i := range rapid.IntRange(1, 8).Draw(t, "sets") {
			score := rapid.SampledFrom([]value.Score{-value.Infinity, -1, 0, 1, value.Infinity}).Draw(t, "score")
			s := owner.Add("meta_attributes", "id", fmt.Sprint(i), "score", score.String())
			if rapid.Bool().Draw(t, "silent") {
				continue
			}
			v := fmt.Sprint("v", i)
			s.Add("nvpair", "id", v, "name", "x", "value", v)
			s.Add("nvpair", "id", v+"b", "name", "x", "value", "second")
			if score >= best {
				best, want = score, v
			}
		}
		m := map[string]string{}
		Compile(owner, "meta_attributes", nil).Eval(&rule.Input{}, m)
		require.Equal(t, want, m["x"])
	})
}
