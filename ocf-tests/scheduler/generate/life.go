package generate

import (
	"fmt"
	"strconv"

	"systole/crm/graph"
	"systole/crm/scheduler"
	"systole/crm/simulate"
	"systole/lib/xmltree"
)

// Lived makes a CIB that has a past: transitions were executed, with failures,
// nodes came and went, the configuration was changed. Its histories are those
// that the simulation writes, with the digests of all resources, implicit ones
// too. It takes decisions of the scheduler to make one, so whoever doubts those
// uses CIB.
func Lived(src Source) *xmltree.Element {
	m := &maker{src: src, counts: map[string]int{}}
	m.make()
	for range 1 + m.src.IntN(3) {
		if !m.transition() {
			break
		}
		if m.often(3) {
			m.event()
		}
		if m.chance(2) {
			m.edit()
		}
	}
	return m.root
}

// transition plans and executes; one operation may fail.
func (m *maker) transition() bool {
	s, err := scheduler.Unpack(m.root, scheduler.Options{RealNow: Date})
	if err == nil {
		err = s.Plan()
	}
	if err != nil {
		return false
	}
	g := s.Graph()
	x := simulate.Execution{Now: Date - 100}
	if m.has.failures && m.chance(2) {
		var ops []*graph.Action
		for i := range g.Synapses {
			for _, a := range g.Synapses[i].Actions {
				if a.Kind == graph.RscOp {
					ops = append(ops, a)
				}
			}
		}
		if a := pick(m, ops); a != nil {
			x.Fail = append(x.Fail, fmt.Sprintf("%s@%s=%s", a.Key, a.Node, m.word("1 7 5 6 8")))
		}
	}
	w := simulate.NewWorld(m.root)
	if _, err := w.Execute(s, g, x, func(simulate.Event) {}); err != nil {
		return false
	}
	m.root = w.CIB().Copy()
	return true
}

// event lets something happen to the cluster.
func (m *maker) event() {
	s, err := scheduler.Unpack(m.root, scheduler.Options{RealNow: Date})
	if err != nil {
		return
	}
	var in simulate.Injection
	n := pick(m, m.of(false, member))
	switch m.src.IntN(7) {
	case 0:
		in.NodesFail = []string{n.name}
	case 1:
		in.NodesDown = []string{n.name}
	case 2:
		in.NodesUp = []string{n.name}
	case 3, 4:
		u := pick(m, m.placed)
		if u == nil {
			return
		}
		p := pick(m, u.prims)
		op := fmt.Sprintf("%s_monitor_%s", p.id, m.word("10000 0 20000 60000"))
		if m.chance(4) {
			op = p.id + m.word("_start_0 _stop_0 _promote_0")
		}
		n := pick(m, m.mayRunOn(u))
		if n == nil {
			return
		}
		in.Ops = []string{fmt.Sprintf("%s@%s=%s", op, n.name, m.word("7 1 0 8 9 5"))}
	case 5:
		v := m.word("0 1")
		in.Quorum = &v
		in.NodesUp = []string{n.name}
	default:
		if len(m.tickets) == 0 {
			return
		}
		t := pick(m, m.tickets)
		switch m.src.IntN(3) {
		case 0:
			in.Revoke = []string{t}
		case 1:
			in.Grant = []string{t}
		default:
			in.Standby = []string{t}
		}
	}
	w := simulate.NewWorld(m.root)
	if w.Inject(s, &in, Date-50, func(simulate.Event) {}) == nil {
		m.root = w.CIB().Copy()
	}
}

// mayRunOn lists the nodes that something could be found on.
func (m *maker) mayRunOn(u *placed) []*node {
	switch {
	case u.inside != nil:
		return []*node{u.inside}
	case u.beside != nil:
		return m.of(false, member)
	}
	return m.of(false, distinct(u.kinds)...)
}

// edit changes the configuration, or an attribute of a node.
func (m *maker) edit() {
	config := m.root.Child("configuration")
	m.crmConfig, m.nodeList, m.resourceList = config.Child("crm_config"), config.Child("nodes"), config.Child("resources")
	m.constraints = config.Child("constraints")
	m.tops = m.tops[:0]
	for e := range m.resourceList.Elements("primitive", "group", "clone", "bundle") {
		m.tops = append(m.tops, e)
	}
	switch m.src.IntN(6) {
	case 0:
		if e := pick(m, m.tops); e != nil {
			p := pick(m, metas)
			m.set(e, "meta_attributes", p.name, m.word(p.values))
		}
	case 1:
		if c := pick(m, m.constraints.Children); c != nil {
			c.Remove()
		}
	case 2:
		if len(m.tops) > 0 {
			m.location()
		}
	case 3:
		p := pick(m, modes)
		n := pick(m, m.of(false, member))
		if e := m.nodeList.ChildByID("node", n.id); e != nil {
			m.set(e, "instance_attributes", p.name, m.word(p.values))
		}
	case 4:
		if e := pick(m, m.tops); e != nil && e.Name == "primitive" {
			m.set(e, "instance_attributes", "config", "changed"+strconv.Itoa(m.src.IntN(2)))
		}
	default:
		p := pick(m, clusterOptions)
		m.option(p.name, m.word(p.values))
	}
}
