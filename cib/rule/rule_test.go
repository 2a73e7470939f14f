package rule

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/isotime"
	"systole/lib/xmltree"
)

// el makes an element: a name with attributes, then children.
func el(start string, children ...*xmltree.Element) *xmltree.Element {
	name, rest, _ := strings.Cut(start, " ")
	e := xmltree.New(name)
	for rest != "" {
		var attr, text string
		attr, rest, _ = strings.Cut(rest, "='")
		text, rest, _ = strings.Cut(rest, "'")
		e.Set(strings.TrimSpace(attr), text)
	}
	for _, c := range children {
		e.Append(c)
	}
	return e
}

// and makes a rule whose conditions must all pass.
func and(children ...*xmltree.Element) *xmltree.Element { return el("rule id='r'", children...) }

func or(children ...*xmltree.Element) *xmltree.Element {
	return el("rule id='r' boolean-op='or'", children...)
}

func passes(t *testing.T, e *xmltree.Element, in *Input) bool {
	t.Helper()
	r := Compile(e, nil)
	pass, next := r.Eval(in)
	d := r.Decide(in)
	require.Equal(t, pass, d.Pass)
	require.Equal(t, next, d.Next)
	require.NotNil(t, d.By)
	return pass
}

var (
	yes = el("expression id='yes' attribute='a' operation='not_defined'")
	no  = el("expression id='no' attribute='a' operation='defined'")
)

func TestRule_01_10_1(t *testing.T) {
	y, n := func() *xmltree.Element { return yes.Copy() }, func() *xmltree.Element { return no.Copy() }
	in := &Input{}
	for _, c := range []struct {
		name string
		rule *xmltree.Element
		want bool
	}{
		{"no conditions", and(), true},
		{"no conditions, or", or(), true},
		{"and", and(y(), y()), true},
		{"and fails", and(y(), n()), false},
		{"or", or(n(), y()), true},
		{"or fails", or(n(), n()), false},
		{"explicit and", el("rule id='r' boolean-op='and'", y(), n()), false},
		{"letter case", el("rule id='r' boolean-op='OR'", n(), y()), true},
		{"bad boolean-op", el("rule id='r' boolean-op='xor'", y()), false},
		{"empty boolean-op", el("rule id='r' boolean-op=''", y()), false},
		{"no id", el("rule boolean-op='or'", y()), false},
		{"empty id", el("rule id=''", y()), false},
		{"nested", and(y(), or(n(), y())), true},
		{"nested fails", or(n(), and(y(), n())), false},
		{"nested nonsense", or(el("rule id='x' boolean-op='nor'"), y()), true},
		{"unknown condition", and(el("lifetime id='x'")), false},
		{"unknown condition, or", or(el("lifetime id='x'"), y()), true},
		{"comment", and(&xmltree.Element{Kind: xmltree.KindComment, Text: "x"}, y()), true},
		{"only a comment", or(&xmltree.Element{Kind: xmltree.KindComment}), true},
		{"score and role do not matter", el("rule id='r' score='bad' role='bad'", y()), true},
		{"dangling", el("rule id-ref='gone'"), false},
	} {
		require.Equal(t, c.want, passes(t, c.rule, in), c.name)
	}
}

func TestReferences_01_10_1(t *testing.T) {
	target := and(no.Copy())
	target.Set("id", "target")
	doc := el("cib", target, or(el("rule id-ref='target'"), yes.Copy()))
	find := xmltree.NewIndex(doc).Find
	require.True(t, Compile(doc.Children[1], find).must(&Input{}))
	ref := Compile(el("rule id-ref='target' boolean-op='or' id='own'"), find)
	require.False(t, ref.must(&Input{}), "the attributes of the reference do not matter")
	require.Same(t, target, ref.XML)
	require.True(t, ref.Valid())
	gone := Compile(el("rule id-ref='gone'"), find)
	require.False(t, gone.Valid())
	require.Len(t, gone.Problems(), 1)
}

// must is Eval without the change.
func (r *Rule) must(in *Input) bool {
	pass, _ := r.Eval(in)
	return pass
}

func TestLoopsAndLimits(t *testing.T) {
	loop := or(el("rule id-ref='r'"), yes.Copy())
	r := Compile(loop, xmltree.NewIndex(loop).Find)
	require.True(t, r.must(&Input{}), "a loop does not pass, but what follows may")
	require.Len(t, r.Problems(), 1)

	// Each rule refers twice to the next: 2^40 conditions when followed.
	doc := el("cib")
	for i := range 40 {
		doc.Append(el(fmt.Sprintf("rule id='r%d' boolean-op='or'", i),
			el(fmt.Sprintf("rule id-ref='r%d'", i+1)), el(fmt.Sprintf("rule id-ref='r%d'", i+1))))
	}
	last := or(no.Copy())
	last.Set("id", "r40")
	doc.Append(last)
	r = Compile(doc.Children[0], xmltree.NewIndex(doc).Find)
	require.False(t, r.must(&Input{}))
	require.NotEmpty(t, r.Problems())

	deep := and(yes.Copy())
	for range maxDepth {
		deep = and(deep)
	}
	require.False(t, Compile(deep, nil).must(&Input{}))
	require.True(t, Compile(deep.Children[0], nil).must(&Input{}))
}

func TestDecide(t *testing.T) {
	n := no.Copy()
	inner := or(n, and(yes.Copy(), n.Copy()))
	r := Compile(and(yes.Copy(), inner), nil)
	require.Same(t, inner, r.Decide(&Input{}).By, "all of its conditions failed")
	y := yes.Copy()
	require.Same(t, y, Compile(or(no.Copy(), or(y)), nil).Decide(&Input{}).By)
	require.Same(t, n, Compile(and(n), nil).Decide(&Input{}).By)
}

func TestProblems(t *testing.T) {
	r := Compile(and(
		el("expression id='1' attribute='a' operation='like' value='x'"),
		el("expression attribute='a' operation='defined'"),
		el("date_expression id='3' operation='gt' start='soon'"),
		el("op_expression id='4'"),
		el("moon id='5'"),
		yes.Copy(),
	), nil)
	var texts []string
	for _, p := range r.Problems() {
		require.NotNil(t, p.XML)
		texts = append(texts, p.Text)
	}
	require.Equal(t, []string{
		`expression "1": operation "like" is not one of defined, not_defined, eq, ne, lt, lte, gt, gte`,
		`expression without id; give it one`,
		`date_expression "3": start "soon" is not a date; expected a form like "2030-01-31 13:00:00Z"`,
		`op_expression "4": no name given`,
		`moon is not a condition of a rule`,
	}, texts)
}

func TestUses_01_19(t *testing.T) {
	for want, e := range map[Uses]*xmltree.Element{
		0:                      and(el("expression id='x' attribute='a' operation='bad'")),
		UsesNode:               and(and(yes.Copy())),
		UsesNode | UsesParams:  and(el("expression id='x' attribute='a' operation='eq' value='v' value-source='param'")),
		UsesNode | UsesMeta:    and(el("expression id='x' attribute='a' operation='eq' value='v' value-source='meta'")),
		UsesNode | UsesMatches: and(el("expression id='x' attribute='a%1' operation='defined'")),
		UsesResource:           and(el("rsc_expression id='x' class='ocf'")),
		UsesOperation:          or(el("op_expression id='x' name='start'")),
		UsesTime:               or(el("date_expression id='x' operation='gt' start='2030-01-01'")),
		UsesTime | UsesNode:    or(el("date_expression id='x' operation='gt' start='2030-01-01'"), no.Copy()),
	} {
		r := Compile(e, nil)
		require.Equal(t, want, r.Uses(), "%v", e.Children)
		require.Equal(t, want&UsesNode != 0, r.DependsOnNode())
	}
}

func TestExpandGroups_01_10_3_1(t *testing.T) {
	groups := []string{"rsc-12", "rsc", "12", ""}
	for text, want := range map[string]string{
		"plain": "plain", "%1-%2": "rsc-12", "%0": "rsc-12", "a%3b": "ab", "a%9b": "ab", "%%1": "%rsc", "%": "%", "%x1": "%x1", "%12": "rsc2",
	} {
		require.Equal(t, want, ExpandGroups(text, groups), text)
		require.Equal(t, text, ExpandGroups(text, nil), text)
	}
	require.Equal(t, "ab", ExpandGroups("a%1b", []string{}))
}

func TestResourceExpression_01_10_7(t *testing.T) {
	in := &Input{HasResource: true, Class: "ocf", Provider: "heartbeat", Type: "IPaddr2"}
	lsb := &Input{HasResource: true, Class: "lsb", Type: "httpd"}
	for _, c := range []struct {
		attrs string
		in    *Input
		want  bool
	}{
		{"", in, true},
		{"", &Input{}, true},
		{" class='ocf'", in, true},
		{" class='OCF'", in, false},
		{" class='lsb'", in, false},
		{" provider='heartbeat'", in, true},
		{" provider='pacemaker'", in, false},
		{" type='IPaddr2'", in, true},
		{" type='ipaddr2'", in, false},
		{" class='ocf' provider='heartbeat' type='IPaddr2'", in, true},
		{" class='ocf' provider='heartbeat' type='Dummy'", in, false},
		{" provider='heartbeat'", lsb, false},
		{" provider=''", lsb, false},
		{" class='lsb' type='httpd'", lsb, true},
		{" class='ocf'", &Input{Class: "ocf"}, false},
	} {
		require.Equal(t, c.want, passes(t, and(el("rsc_expression id='x'"+c.attrs)), c.in), c.attrs)
	}
	require.False(t, passes(t, and(el("rsc_expression class='ocf'")), in), "no id")
}

func TestOperationExpression_01_10_7(t *testing.T) {
	monitor := &Input{HasOperation: true, Operation: "monitor", IntervalMs: 10000}
	probe := &Input{HasOperation: true, Operation: "monitor"}
	for _, c := range []struct {
		attrs string
		in    *Input
		want  bool
	}{
		{" name='monitor'", monitor, true},
		{" name='monitor'", probe, true},
		{" name='Monitor'", monitor, false},
		{" name='start'", monitor, false},
		{" name='monitor' interval='10s'", monitor, true},
		{" name='monitor' interval='PT10S'", monitor, true},
		{" name='monitor' interval='10000ms'", monitor, true},
		{" name='monitor' interval='20s'", monitor, false},
		{" name='monitor' interval='0'", monitor, false},
		{" name='monitor' interval='0'", probe, true},
		{" name='monitor' interval='10x'", monitor, false},
		{" name='monitor' interval=''", probe, false},
		{" name='monitor' interval='-1'", probe, false},
		{" interval='10s'", monitor, false},
		{" name=''", &Input{}, false},
		{" name='monitor'", &Input{}, false},
	} {
		require.Equal(t, c.want, passes(t, and(el("op_expression id='x'"+c.attrs)), c.in), c.attrs)
	}
}

func at(t *testing.T, text string) *Input {
	t.Helper()
	d, ok := isotime.Parse(text, isotime.Time{Year: 2000, Day: 1})
	require.True(t, ok, text)
	return &Input{Date: d, Now: d.Epoch()}
}
