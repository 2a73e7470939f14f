package scheduler

import "systole/lib/xmltree"

// unpackRemoteNodes makes the nodes that resources stand for: remote nodes of
// connection resources, and guest nodes with their implicit connections, which
// are kept in State.implicit behind the configured resources (02 §4.3).
func (s *State) unpackRemoteNodes() {
	for e := range s.configuration.Child("resources").Elements() {
		switch {
		case isRemoteConnection(e.Get("class"), e.Get("provider"), e.Get("type")):
			s.ensureRemoteNode(e.ID())
		case e.Name == "primitive":
			s.checkGuest(e)
		case e.Name == "group":
			for m := range e.Elements() {
				s.checkGuest(m)
			}
		}
	}
}

func (s *State) ensureRemoteNode(id string) {
	if id != "" && s.nodeByName(id) == nil {
		s.addNode(id, id, true, 0)
	}
}

// checkGuest looks for a remote-node meta-attribute in the plain XML and makes
// the implicit connection (03 §8.3).
func (s *State) checkGuest(e *xmltree.Element) {
	v := map[string]string{"remote-connect-timeout": "60s"}
	for meta := range e.Elements("meta_attributes") {
		for nv := range meta.Elements() {
			v[nv.Get("name")] = nv.Get("value")
		}
	}
	name := v["remote-node"]
	if name == "" {
		return
	}
	s.implicit = append(s.implicit, remoteConnectionXML(connectionSpec{
		id: name, container: e.ID(), allowMigrate: v["remote-allow-migrate"], managed: v["is-managed"],
		addr: v["remote-addr"], port: v["remote-port"], startTimeout: v["remote-connect-timeout"],
	}))
	s.ensureRemoteNode(name)
}

// connectionSpec says what an implicit remote connection looks like; empty
// texts are left out.
type connectionSpec struct {
	id, container, allowMigrate, managed, addr, port, startTimeout string
}

// remoteConnectionXML builds the element of an implicit connection (03 §8.3).
func remoteConnectionXML(c connectionSpec) *xmltree.Element {
	e := xmltree.New("primitive", "id", c.id, "class", "ocf", "provider", "pacemaker", "type", "remote")
	meta := e.Add("meta_attributes", "id", xmltree.SanitizeID(c.id+"-meta_attributes"))
	addPair(meta, "internal_rsc", "true")
	addPair(meta, "container", c.container)
	if c.allowMigrate != "" {
		addPair(meta, "allow-migrate", c.allowMigrate)
	}
	if c.managed != "" {
		addPair(meta, "is-managed", c.managed)
	}
	if c.addr != "" || c.port != "" {
		attrs := e.Add("instance_attributes", "id", xmltree.SanitizeID(c.id+"-instance_attributes"))
		if c.addr != "" {
			addPair(attrs, "addr", c.addr)
		}
		if c.port != "" {
			addPair(attrs, "port", c.port)
		}
	}
	ops := e.Add("operations")
	ops.Add("op", "id", xmltree.SanitizeID(c.id+"-monitor-30s"), "interval", "30s", "name", "monitor", "timeout", "30s")
	if c.startTimeout != "" {
		ops.Add("op", "id", xmltree.SanitizeID(c.id+"-start-0"), "interval", "0", "name", "start", "timeout", c.startTimeout)
	}
	return e
}

func addPair(set *xmltree.Element, name, value string) {
	set.Add("nvpair", "id", xmltree.SanitizeID(set.ID()+"-"+name), "name", name, "value", value)
}

// Implicit returns the elements of the implicit guest connections, for a saved
// input (08 §11.1).
func (s *State) Implicit() []*xmltree.Element { return s.implicit }
