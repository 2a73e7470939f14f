package schema

import (
	"fmt"
	"math/rand"

	"systole/lib/xmltree"
)

// generator makes documents rich in what the transformation to pacemaker-3.0
// is about, valid in pacemaker-2.10 for the most part.
type generator struct {
	*rand.Rand
	n int
}

func (g *generator) one(words ...string) string { return words[g.Intn(len(words))] }

func (g *generator) id(name string) string {
	g.n++
	return fmt.Sprintf("%s%d", name, g.n)
}

func (g *generator) maybe(e *xmltree.Element, name string, words ...string) {
	if g.Intn(2) == 0 {
		e.Set(name, g.one(words...))
	}
}

func (g *generator) remark(e *xmltree.Element) {
	for g.Intn(6) == 0 {
		e.Append(&xmltree.Element{Kind: xmltree.KindComment, Text: g.one("", " a remark ", "x", "requires ", " timeout")})
	}
}

// set adds a set of pairs, or now and then a reference to an earlier one.
func (g *generator) set(e *xmltree.Element, name string, sets *[]string, names, values []string) {
	g.remark(e)
	if len(*sets) > 0 && g.Intn(5) == 0 {
		e.Add(name, "id-ref", g.one(*sets...))
		return
	}
	id := g.id("set")
	*sets = append(*sets, id)
	s := e.Add(name, "id", id)
	g.maybe(s, "score", "1", "INFINITY")
	g.remark(s)
	if g.Intn(4) == 0 {
		rule := s.Add("rule", "id", g.id("rule"), "score", "1")
		rule.Add("expression", "id", g.id("expr"), "attribute", "x", "operation", "defined")
	}
	for range g.Intn(4) {
		g.remark(s)
		if g.Intn(12) == 0 {
			s.Add("nvpair", "value", g.one(values...), "name", g.one(names...), "id", g.id("pair"))
			continue
		}
		p := s.Add("nvpair", "id", g.id("pair"), "name", g.one(names...))
		if g.Intn(8) > 0 {
			p.Set("value", g.one(values...))
		}
	}
	g.remark(s)
}

func (g *generator) names(r *replacements, more ...string) []string {
	for _, rule := range r.rules {
		more = append(more, rule.what, rule.with)
	}
	for i, n := range more {
		if n == "" {
			more[i] = "x"
		}
	}
	return more
}

func (g *generator) resource(e *xmltree.Element, sets *[3][]string) {
	r := e.Add(g.one("primitive", "template"), "id", g.id("rsc"), "class", "stonith", "type", "x")
	for range g.Intn(3) {
		g.set(r, "instance_attributes", &sets[0], g.names(params210), []string{"port:1", "port:a,b:c", "x"})
	}
	if g.Intn(3) > 0 {
		ops := r.Add("operations")
		for range g.Intn(4) {
			g.remark(ops)
			op := ops.Add("op", "id", g.id("op"), "name", g.one("start", "promote", "monitor", "start|promote"), "interval", "0")
			g.maybe(op, "requires", "fencing", "nothing")
			g.maybe(op, "timeout", "1")
			for range g.Intn(4) {
				if g.Intn(2) == 0 {
					g.set(op, "instance_attributes", &sets[0], g.names(opParams210), []string{"1", "fencing"})
				} else {
					g.set(op, "meta_attributes", &sets[1], g.names(op210, "timeout", "on-fail"), []string{"1", "fencing"})
				}
			}
		}
		g.remark(ops)
	}
	for range g.Intn(4) {
		g.set(r, "meta_attributes", &sets[1], g.names(meta210, "requires", "timeout"), []string{"1", "-INFINITY", "x"})
	}
	g.remark(r)
	if n := len(r.Children); n > 1 && g.Intn(2) == 0 {
		i, j := g.Intn(n), g.Intn(n)
		r.Children[i], r.Children[j] = r.Children[j], r.Children[i]
	}
}

func (g *generator) document() *xmltree.Element {
	cib := xmltree.New("cib", "validate-with", "pacemaker-2.10", "epoch", "1", "num_updates", "2", "admin_epoch", "3")
	conf := cib.Add("configuration")
	var sets [3][]string
	parts := []func(){
		func() {
			c := conf.Add("crm_config")
			for range g.Intn(4) {
				g.set(c, "cluster_property_set", &sets[2], g.names(options210, "timeout"),
					[]string{"1", "cman", "-INFINITY", "heartbeat|openais", "openais", ""})
			}
			g.remark(c)
		},
		func() {
			n := conf.Add("nodes").Add("node", "id", "n", "uname", "N")
			g.maybe(n, "type", "normal", "member", "ping", "remote")
			if g.Intn(4) == 0 {
				g.set(n, "instance_attributes", &sets[0], g.names(params210), []string{"1"})
			}
		},
		func() {
			r := conf.Add("resources")
			r.Add("primitive", "id", "base", "class", "stonith", "type", "x")
			for range g.Intn(4) {
				g.remark(r)
				g.resource(r, &sets)
			}
			if g.Intn(2) == 0 {
				group := r.Add("group", "id", g.id("group"))
				g.resource(group, &sets)
				group.Children[len(group.Children)-1].Name = "primitive"
				g.set(group, "meta_attributes", &sets[1], g.names(meta210), []string{"1", "-INFINITY"})
			}
		},
		func() {
			c := conf.Add("constraints").Add("rsc_colocation", "id", "col", "rsc", "base", "with-rsc", "base")
			g.maybe(c, g.one("score-attribute", "score-attribute-mangle"), "x")
		},
	}
	for _, name := range []string{"rsc_defaults", "op_defaults"} {
		if g.Intn(2) == 0 {
			parts = append(parts, func() {
				d := conf.Add(name)
				for range g.Intn(3) {
					g.set(d, "meta_attributes", &sets[1],
						[]string{"timeout", "is-managed", "resource-stickiness", "migration-threshold", "requires"}, []string{"1", "2"})
				}
				g.remark(d)
			})
		}
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	for _, p := range parts {
		p()
	}
	cib.Add("status")
	return cib
}
