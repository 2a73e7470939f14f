package mutate

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"systole/lib/xmltree"
)

// Document changes the CIB in place and tells what was done, a line each. Where
// nothing fits, fewer changes are made; none in a document that lacks one of
// the sections of a CIB.
func Document(root *xmltree.Element, rng *rand.Rand) []string {
	m := &mutator{root: root, rng: rng}
	for _, name := range [...]string{"crm_config", "nodes", "resources", "constraints"} {
		if m.section(name) == nil {
			return nil
		}
	}
	if root.Child("status") == nil {
		return nil
	}
	var done []string
	for range 1 + rng.IntN(3) {
		for range 20 { // not every change fits every CIB
			if what := kinds[rng.IntN(len(kinds))](m); what != "" {
				done = append(done, what)
				break
			}
		}
	}
	return done
}

type mutator struct {
	root *xmltree.Element
	rng  *rand.Rand
	ids  int
}

// kinds is a table: what can be changed. Each returns "" when it does not fit.
var kinds = []func(*mutator) string{
	nodeState, nodeState, nodeAttribute, dropNodeState,
	failOperation, failOperation, failOperation, dropOperation, dropHistory, copyHistory, changeDigest, pendingOperation,
	failCount, failCount,
	addColocation, addColocation, addOrder, addOrder, addLocation, addLocation, addSet, changeConstraint, dropConstraint, addTicket,
	resourceMeta, resourceMeta, resourceMeta, cloneMeta, cloneMeta, dropMeta, utilization, wrapInClone, dropResource,
	clusterOption, clusterOption, clusterOption,
	operationAttr, addMonitor, bundleAttr, quorum,
}

// id makes an id that the document does not have.
func (m *mutator) id() string {
	m.ids++
	return fmt.Sprintf("mutation-%d-%d", m.ids, m.rng.IntN(1_000_000_000))
}

func pick[T any](m *mutator, list []T) (v T) {
	if len(list) == 0 {
		return v
	}
	return list[m.rng.IntN(len(list))]
}

func (m *mutator) word(words string) string { return pick(m, strings.Fields(words)) }

// all lists the elements of some names below a place.
func (m *mutator) all(from *xmltree.Element, names ...string) []*xmltree.Element {
	var list []*xmltree.Element
	from.Walk(func(e *xmltree.Element) bool {
		for _, n := range names {
			if e.Name == n {
				list = append(list, e)
			}
		}
		return true
	})
	return list
}

func (m *mutator) section(names ...string) *xmltree.Element {
	return m.root.Path(append([]string{"configuration"}, names...)...)
}

// need returns a child, making it when it is missing.
func need(e *xmltree.Element, name string, pairs ...string) *xmltree.Element {
	if c := e.Child(name); c != nil {
		return c
	}
	return e.Add(name, pairs...)
}

// resources lists what constraints may name.
func (m *mutator) resources() []*xmltree.Element {
	return m.all(m.section("resources"), "primitive", "group", "clone", "bundle", "master")
}

func (m *mutator) primitives() []*xmltree.Element { return m.all(m.section("resources"), "primitive") }

func (m *mutator) topResources() []*xmltree.Element {
	var list []*xmltree.Element
	for e := range m.section("resources").Elements("primitive", "group", "clone", "bundle") {
		list = append(list, e)
	}
	return list
}

// named is mostly a top-level resource, sometimes any.
func (m *mutator) named() *xmltree.Element {
	if m.rng.IntN(4) > 0 {
		return pick(m, m.topResources())
	}
	return pick(m, m.resources())
}

func (m *mutator) nodeNames() []string {
	var list []string
	for n := range m.section("nodes").Elements("node") {
		list = append(list, n.Get("uname"))
	}
	return list
}

// setPair gives a name in a set of that kind a value.
func (m *mutator) setPair(owner *xmltree.Element, kind, name, value string) {
	set := owner.Child(kind)
	if set == nil || set.Has("id-ref") {
		set = owner.Add(kind, "id", m.id())
	}
	for nv := range set.Elements("nvpair") {
		if nv.Get("name") == name && nv.Has("value") {
			nv.Set("value", value)
			return
		}
	}
	set.Add("nvpair", "id", m.id(), "name", name, "value", value)
}
