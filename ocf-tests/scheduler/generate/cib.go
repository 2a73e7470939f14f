package generate

import (
	"strconv"

	"systole/lib/xmltree"
)

// Date is the execution-date of every CIB: the time that decisions are made
// at, in epoch seconds. Histories are older.
const Date = 1700000000

// features are what a CIB has at all.
type features struct {
	remote, guests, bundles           bool
	clones, groups, promotable        bool
	locations, rules                  bool
	colocations, orders, sets         bool
	tickets, tags, templates          bool
	utilization, thresholds           bool
	failures, pending, lostNodes      bool
	nodeModes, options, metas, health bool
	fencing, unfencing, multiple      bool
	migration, removed, digests       bool
}

func (m *maker) drawFeatures() {
	f := &m.has
	for _, x := range []*bool{
		&f.clones, &f.groups, &f.promotable, &f.locations, &f.colocations, &f.orders, &f.failures, &f.lostNodes, &f.fencing, &f.metas,
	} {
		*x = m.src.IntN(2) == 1
	}
	for _, x := range []*bool{
		&f.remote, &f.guests, &f.bundles, &f.rules, &f.sets, &f.tickets, &f.tags, &f.templates, &f.utilization, &f.thresholds, &f.pending,
		&f.nodeModes, &f.options, &f.health, &f.unfencing, &f.multiple, &f.migration, &f.removed, &f.digests,
	} {
		*x = m.chance(4)
	}
}

// maker builds one CIB.
type maker struct {
	src Source
	has features

	root, crmConfig, nodeList, resourceList, constraints, status *xmltree.Element

	nodes   []*node
	tops    []*xmltree.Element
	placed  []*placed
	counts  map[string]int // by prefix: the last number given away
	tickets []string
	tags    []string
	sets    []string // ids of nvsets that may be referred to
	stamps  bool     // in_ccm and crmd are times
}

// CIB makes a CIB of the newest schema.
func CIB(src Source) *xmltree.Element {
	m := &maker{src: src, counts: map[string]int{}}
	m.make()
	return m.root
}

func (m *maker) make() {
	m.drawFeatures()
	m.frame()
	m.makeNodes()
	m.makeResources()
	m.makeTags()
	m.makeConstraints()
	m.makeOptions()
	m.makeTopology()
	m.makeStatus()
}

// frame makes the sections in the order of the schema.
func (m *maker) frame() {
	m.root = xmltree.New("cib", "validate-with", "pacemaker-4.0", "crm_feature_set", "3.20.0", "epoch", "10", "num_updates", "3",
		"admin_epoch", "0", "have-quorum", "1", "dc-uuid", "1", "execution-date", strconv.Itoa(Date))
	config := m.root.Add("configuration")
	m.crmConfig = config.Add("crm_config")
	m.nodeList = config.Add("nodes")
	m.resourceList = config.Add("resources")
	m.constraints = config.Add("constraints")
	m.status = m.root.Add("status")
	m.stamps = m.chance(2)
}

// config returns a section of the configuration, made behind the others when
// it is not there yet.
func (m *maker) config(name string) *xmltree.Element {
	config := m.root.Child("configuration")
	if e := config.Child(name); e != nil {
		return e
	}
	return config.Add(name)
}

// id makes ids: r1, r2, g1 …
func (m *maker) id(prefix string) string {
	m.counts[prefix]++
	return prefix + strconv.Itoa(m.counts[prefix])
}

// set sets a name in the set of that kind of an element, which is made when it
// is missing.
func (m *maker) set(owner *xmltree.Element, kind, name, value string) {
	s := owner.Child(kind)
	if s == nil {
		s = xmltree.New(kind, "id", m.id("set"))
		s.Parent = owner
		// what an element is made of comes behind its sets
		owner.Children = append([]*xmltree.Element{s}, owner.Children...)
	}
	for nv := range s.Elements("nvpair") {
		if nv.Get("name") == name {
			nv.Set("value", value)
			return
		}
	}
	s.Add("nvpair", "id", s.ID()+"-"+xmltree.SanitizeID(name), "name", name, "value", value)
}

// some sets up to n of the names.
func (m *maker) some(owner *xmltree.Element, kind string, n int, pairs []pair) {
	for range m.upTo(n) {
		p := pick(m, pairs)
		m.set(owner, kind, p.name, m.word(p.values))
	}
}
