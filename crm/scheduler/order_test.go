package scheduler

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

const (
	up      = RelOrdered | RelFirstImpliesThen | RelUnrunnableFirstBlocks
	implied = RelOrdered | RelFirstImpliesThen
	back    = RelOrdered | RelThenImpliesFirst
)

// testState unpacks a CIB with the resources and constraints given as XML, on
// nodes n1 and n2 that are online.
func testState(t *testing.T, resources, extra string) *State {
	t.Helper()
	s, err := unpackFor(resources, extra)
	require.NoError(t, err)
	return s
}

func unpackFor(resources string, extra ...string) (*State, error) {
	root, err := xmltree.Parse([]byte(`<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" epoch="1" num_updates="0" admin_epoch="0" have-quorum="1">
 <configuration><crm_config><cluster_property_set id="o"><nvpair id="o1" name="fencing-enabled" value="false"/></cluster_property_set></crm_config>
  <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
  <resources>`+resources+`</resources><constraints/>`+strings.Join(extra, "")+`</configuration></cib>`), xmltree.Limits{})
	if err != nil {
		return nil, err
	}
	return Unpack(root, Options{RealNow: 1})
}

func dummies(ids ...string) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(`<primitive id="` + id + `" class="ocf" provider="pacemaker" type="Dummy"/>`)
	}
	return b.String()
}

// recorded lists the relations of the state as "a.start>b.start FLAGS".
func recorded(s *State) []string {
	var out []string
	side := func(r *Resource, k opKey, a *Action) string {
		if a != nil {
			return a.Key
		}
		return r.ID + "." + k.text()
	}
	for _, o := range s.orderings {
		if o.later != nil {
			out = append(out, o.rsc1.ID+" and later "+o.flags.String())
			continue
		}
		out = append(out, side(o.rsc1, o.task1, o.action1)+">"+side(o.rsc2, o.task2, o.action2)+" "+o.flags.String())
	}
	return out
}

func order(t *testing.T, s *State, text string) []string {
	t.Helper()
	e, err := xmltree.Parse([]byte(text), xmltree.Limits{})
	require.NoError(t, err)
	s.unpackOrder(e)
	list := recorded(s)
	s.orderings = nil
	return list
}

func TestRelationFlags(t *testing.T) { // 06 §6.2
	for _, c := range []struct {
		kind orderKind
		task string
		sym  symmetry
		want Relation
	}{
		{kindOptional, "start", symmetric, RelOrdered},
		{kindOptional, "stop", inverse, RelOrdered},
		{kindOptional, "start", asymmetric, RelOrdered},
		{kindSerialize, "start", asymmetric, RelSerialize},
		{kindSerialize, "stop", inverse, RelSerialize},
		{kindMandatory, "start", asymmetric, RelOrdered | RelAsymmetric},
		{kindMandatory, "start", symmetric, up},
		{kindMandatory, "promote", symmetric, up},
		{kindMandatory, "migrate_from", symmetric, up},
		{kindMandatory, "stop", symmetric, implied},
		{kindMandatory, "demote", symmetric, implied},
		{kindMandatory, "stop", inverse, back},
		{kindMandatory, "start", inverse, back},
	} {
		require.Equal(t, c.want, relationFlags(c.kind, c.task, c.sym), "%+v", c)
	}
}

func TestInvertTask(t *testing.T) {
	s := testState(t, "", "")
	e := xmltree.New("rsc_order", "id", "o")
	for _, p := range [][2]string{{"start", "stop"}, {"promote", "demote"}, {"promoted", "demoted"}, {"running", "stopped"}} {
		require.Equal(t, p[1], s.invertTask(e, p[0]))
		require.Equal(t, p[0], s.invertTask(e, p[1]))
	}
	require.Empty(t, s.Problems)
	require.Empty(t, s.invertTask(e, "monitor"))
	require.Len(t, s.Problems, 1)
}

func TestUnpackOrder_Simple(t *testing.T) { // 06 §6.1, §6.3
	s := testState(t, dummies("a", "b"), "")
	for text, want := range map[string][]string{
		`<rsc_order id="o" first="a" then="b"/>`: {"a.start>b.start " + up.String(), "b.stop>a.stop " + back.String()},
		`<rsc_order id="o" first="a" then="b" first-action="stop"/>`: {
			"a.stop>b.stop " + implied.String(), "b.start>a.start " + back.String(),
		},
		`<rsc_order id="o" first="a" then="b" then-action="stop" symmetrical="false"/>`: {"a.start>b.stop ordered|asymmetric"},
		`<rsc_order id="o" first="a" then="b" score="0"/>`:                              {"a.start>b.start ordered", "b.stop>a.stop ordered"},
		`<rsc_order id="o" first="a" then="b" score="junk"/>`:                           {"a.start>b.start ordered", "b.stop>a.stop ordered"},
		`<rsc_order id="o" first="a" then="b" score="-5"/>`:                             {"a.start>b.start " + up.String(), "b.stop>a.stop " + back.String()},
		`<rsc_order id="o" first="a" then="b" kind="Serialize"/>`:                       {"a.start>b.start serialize"},
		`<rsc_order id="o" first="a" then="b" kind="Serialize" symmetrical="true"/>`:    {"a.start>b.start serialize"},
		`<rsc_order id="o" first="a" then="b" kind="serialize" symmetrical="0"/>`:       {"a.start>b.start ordered|asymmetric"},
		`<rsc_order id="o" first="a" then="b" require-all="false"/>`:                    {"a.start>b.start " + up.String(), "b.stop>a.stop " + back.String()},
		`<rsc_order id="o" first="a" then="nobody"/>`:                                   nil,
		`<rsc_order id="o" first="a"/>`:                                                 nil,
		`<rsc_order first="a" then="b"/>`:                                               nil,
	} {
		require.Equal(t, want, order(t, s, text), text)
	}
}

func TestUnpackOrder_MinimumOfClone(t *testing.T) { // 06 §6.3
	const clone = `<clone id="c"><meta_attributes id="cm"><nvpair id="cm1" name="clone-min" value="2"/></meta_attributes>` +
		`<primitive id="p" class="ocf" provider="pacemaker" type="Dummy"/></clone>`
	s := testState(t, clone+dummies("d"), "")
	require.Equal(t, []string{
		"p:0.start>clone-one-or-more:o min_runnable|first_implies_then_graphed",
		"p:1.start>clone-one-or-more:o min_runnable|first_implies_then_graphed",
		"clone-one-or-more:o>d.start " + up.String(),
		"d.stop>c.stop " + back.String(),
	}, order(t, s, `<rsc_order id="o" first="c" then="d"/>`))
	require.Equal(t, 2, s.singletons["clone-one-or-more:o"].requiredRunnableBefore)

	s = testState(t, strings.Replace(clone, "clone-min", "other", 1)+dummies("d"), "")
	require.Equal(t, "clone-one-or-more:o>d.start ordered|unrunnable_first_blocks",
		order(t, s, `<rsc_order id="o" first="c" then="d" kind="Optional" require-all="false"/>`)[2])
	require.Equal(t, 1, s.singletons["clone-one-or-more:o"].requiredRunnableBefore)
}

func set(id, attrs string, members ...string) string {
	var b strings.Builder
	b.WriteString(`<resource_set id="` + id + `" ` + attrs + `>`)
	for _, m := range members {
		b.WriteString(`<resource_ref id="` + m + `"/>`)
	}
	return b.String() + `</resource_set>`
}

func TestUnpackOrder_Sets(t *testing.T) { // 06 §6.5-6.7
	s := testState(t, dummies("a", "b", "c", "d"), "")
	u, b := " "+up.String(), " "+back.String()
	constraint := func(attrs string, sets ...string) string {
		return `<rsc_order id="o" ` + attrs + `>` + strings.Join(sets, "") + `</rsc_order>`
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{
			"absent sequential is true inside and false between",
			constraint("", set("s1", "", "a", "b"), set("s2", "", "c", "d")),
			[]string{
				"a.start>b.start" + u, "b.stop>a.stop" + b, "c.start>d.start" + u, "d.stop>c.stop" + b,
				"a.start>c.start" + u, "a.start>d.start" + u, "b.start>c.start" + u, "b.start>d.start" + u,
				"c.stop>a.stop" + b, "c.stop>b.stop" + b, "d.stop>a.stop" + b, "d.stop>b.stop" + b,
			},
		},
		{
			"sequential sets meet at their ends",
			constraint("", set("s1", `sequential="true"`, "a", "b"), set("s2", `sequential="true"`, "c", "d")),
			[]string{
				"a.start>b.start" + u, "b.stop>a.stop" + b, "c.start>d.start" + u, "d.stop>c.stop" + b,
				"b.start>c.start" + u, "c.stop>b.stop" + b,
			},
		},
		{
			"one sequential, one not",
			constraint(`symmetrical="false"`, set("s1", `sequential="true"`, "a", "b"), set("s2", `sequential="false" action="stop"`, "c", "d")),
			[]string{"a.start>b.start ordered|asymmetric", "b.start>c.stop ordered|asymmetric", "b.start>d.stop ordered|asymmetric"},
		},
		{
			"a set's kind is its own inside, the constraint's between",
			constraint("", set("s1", `kind="Optional"`, "a", "b"), set("s2", "", "c")),
			[]string{"a.start>b.start ordered", "b.stop>a.stop ordered", "a.start>c.start" + u, "b.start>c.start" + u, "c.stop>a.stop" + b, "c.stop>b.stop" + b},
		},
		{
			"serialize orders every pair",
			constraint(`kind="Serialize"`, set("s1", `sequential="false"`, "a", "b", "c")),
			[]string{"a.start>b.start serialize", "a.start>c.start serialize", "b.start>c.start serialize"},
		},
		{
			"require-all is read from the first set of the pair, and not on the way down",
			constraint("", set("s1", `sequential="false" require-all="false"`, "a", "b"), set("s2", `sequential="false" require-all="false"`, "c")),
			[]string{
				"a.start>one-or-more:s1 min_runnable|first_implies_then_graphed", "b.start>one-or-more:s1 min_runnable|first_implies_then_graphed",
				"one-or-more:s1>c.start" + u, "c.stop>a.stop" + b, "c.stop>b.stop" + b,
			},
		},
		{
			"an unknown member ends the constraint, what was made stays",
			constraint("", set("s1", "", "a", "b"), set("s2", "", "c", "ghost"), set("s3", "", "d", "c")),
			[]string{"a.start>b.start" + u, "b.stop>a.stop" + b},
		},
	} {
		require.Equal(t, c.want, order(t, s, c.text), c.name)
	}
}

func TestUnpackOrder_Tags(t *testing.T) { // 06 §6.4
	s := testState(t, dummies("a", "b", "c"), `<tags><tag id="T"><obj_ref id="a"/><obj_ref id="b"/></tag></tags>`)
	i := " " + implied.String()
	require.Equal(t, []string{"a.stop>c.start" + i, "b.stop>c.start" + i},
		first(order(t, s, `<rsc_order id="o" first="T" then="c" first-action="stop"/>`), 2), "a missing then-action is start then")
	require.Equal(t, []string{"c.start>a.start ordered", "c.start>b.start ordered"},
		first(order(t, s, `<rsc_order id="o" first="c" then="T" kind="Optional"/>`), 2))
	require.Equal(t, []string{"c.start>a.start ordered|asymmetric", "a.start>b.start ordered|asymmetric"},
		order(t, s, `<rsc_order id="o" symmetrical="false">`+set("s", "", "c", "T")+`</rsc_order>`), "replaced in place")
	require.Nil(t, order(t, s, `<rsc_order id="o" first="T" then="ghost"/>`))
}

func first(list []string, n int) []string { return list[:min(n, len(list))] }

// A reference to a set of another constraint goes on with the sets after that
// one, and must not go round in circles.
func TestUnpackOrder_SetReferences(t *testing.T) {
	s := unpackText(t, `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" epoch="1" num_updates="0" admin_epoch="0">
 <configuration><crm_config/><nodes/><resources>`+dummies("a", "b", "c")+`</resources>
 <constraints><rsc_order id="o" kind="Optional" symmetrical="false">`+set("s1", "", "a", "b")+set("s2", "", "c")+`<resource_set id-ref="s1"/></rsc_order></constraints></configuration></cib>`)
	s.unpackOrder(s.CIB.Path("configuration", "constraints", "rsc_order"))
	require.Equal(t, []string{"a.start>b.start ordered", "a.start>c.start ordered", "b.start>c.start ordered"}, recorded(s))
}

func TestMigrationEquivalents(t *testing.T) { // 06 §8.1, 07 §4.5
	for _, c := range []struct {
		a, b    bool
		partial bool
		tasks   [2]string
		want    []string
	}{
		{false, false, false, [2]string{"start", "start"}, nil},
		{true, false, false, [2]string{"start", "start"}, nil},
		{false, true, false, [2]string{"start", "start"}, []string{"a.start>b.migrate_to ordered"}},
		{true, true, false, [2]string{"start", "start"}, []string{"a.migrate_from>b.migrate_to ordered", "a.start>b.migrate_to ordered|if_first_unmigratable"}},
		{true, true, false, [2]string{"stop", "stop"}, []string{"a.stop>b.migrate_to ordered|if_first_unmigratable"}},
		{false, true, true, [2]string{"stop", "stop"}, []string{"a.stop>b.migrate_to ordered", "a.stop>b.migrate_from ordered"}},
		{true, true, false, [2]string{"promote", "start"}, []string{"a.promote>b.migrate_to ordered"}},
		{true, true, true, [2]string{"demote", "stop"}, []string{"a.demote>b.migrate_to ordered", "a.demote>b.migrate_from ordered"}},
		{true, true, false, [2]string{"start", "stop"}, nil},
		{true, true, false, [2]string{"running", "start"}, nil},
	} {
		s := testState(t, dummies("a", "b"), "")
		a, b := s.findResource("a"), s.findResource("b")
		a.Flags &^= RscMigratable
		b.Flags &^= RscMigratable
		if c.a {
			a.set(RscMigratable)
		}
		if c.b {
			b.set(RscMigratable)
		}
		if c.partial {
			b.PartialTarget = s.Nodes[0]
		}
		s.orderTasks(a, c.tasks[0], b, c.tasks[1], up, 0)
		require.Equal(t, c.want, append([]string(nil), recorded(s)[1:]...), "%+v", c)
	}
}
