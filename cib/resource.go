package cib

import (
	"strings"

	"systole/lib/xmltree"
)

// ResourceKind is a kind of resource, by the name of its element.
type ResourceKind string

const (
	Primitive ResourceKind = "primitive"
	Group     ResourceKind = "group"
	Clone     ResourceKind = "clone"
	Bundle    ResourceKind = "bundle"

	// PromotableClone is the element of promotable clones in old schemas; in new
	// ones they are clones with a meta-attribute.
	PromotableClone ResourceKind = "master"
)

// Resource is a resource of the configuration. The zero Resource is none.
type Resource struct{ *xmltree.Element }

// Exists tells whether there is a resource at all.
func (r Resource) Exists() bool { return r.Element != nil }

// Kind is the kind of the resource.
func (r Resource) Kind() ResourceKind { return ResourceKind(r.Name) }

// Template is the id of the template that a primitive takes from, or "".
func (r Resource) Template() string { return r.Get("template") }

// Members are the resources directly inside this one, in document order: those
// of a group, the one of a clone or bundle.
func (r Resource) Members() []Resource { return resourcesIn(r.Element) }

// Container is the resource that this one is in, if any.
func (r Resource) Container() Resource {
	if p := r.Parent; p != nil && isResource(p) {
		return Resource{p}
	}
	return Resource{}
}

// Agent names what runs a primitive.
type Agent struct{ Class, Provider, Type string }

// String is the form of the command line tools: "ocf:heartbeat:IPaddr2",
// "systemd:httpd".
func (a Agent) String() string {
	if a.Provider == "" {
		return a.Class + ":" + a.Type
	}
	return a.Class + ":" + a.Provider + ":" + a.Type
}

// Agent is the agent of a primitive or template; a primitive that takes from a
// template has none itself (see Document.AgentOf).
func (r Resource) Agent() Agent {
	return Agent{Class: r.Get("class"), Provider: r.Get("provider"), Type: r.Get("type")}
}

// AgentOf is the agent of a primitive, of its template where it has one.
func (d *Document) AgentOf(r Resource) Agent {
	if name := r.Template(); name != "" {
		if t := d.Find("template", name); t != nil {
			return Resource{t}.Agent()
		}
	}
	return r.Agent()
}

// Resources are the outermost resources, in document order.
func (d *Document) Resources() []Resource { return resourcesIn(d.Configuration("resources")) }

// AllResources yields every resource, outer ones before what is in them.
func (d *Document) AllResources(yield func(Resource) bool) {
	var walk func([]Resource) bool
	walk = func(list []Resource) bool {
		for _, r := range list {
			if !yield(r) || !walk(r.Members()) {
				return false
			}
		}
		return true
	}
	walk(d.Resources())
}

// Resource finds a resource by its id. Instances of clones ("web:0") and bundles
// ("proxy-podman-0") are no resources of the configuration.
func (d *Document) Resource(id string) Resource {
	for r := range d.AllResources {
		if r.ID() == id {
			return r
		}
	}
	return Resource{}
}

func resourcesIn(e *xmltree.Element) (list []Resource) {
	for c := range e.Elements() {
		if isResource(c) {
			list = append(list, Resource{c})
		}
	}
	return list
}

func isResource(e *xmltree.Element) bool {
	switch ResourceKind(e.Name) {
	case Primitive, Group, Clone, Bundle, PromotableClone:
		return true
	}
	return false
}

// Constraint is a constraint of the configuration.
type Constraint struct{ *xmltree.Element }

// Constraints are all constraints, in document order.
func (d *Document) Constraints() (list []Constraint) {
	for e := range d.Configuration("constraints").Elements() {
		list = append(list, Constraint{e})
	}
	return list
}

// Names are the ids of the resources, templates and tags that a constraint is
// about, in document order, each once.
func (c Constraint) Names() (ids []string) {
	seen := map[string]bool{}
	note := func(id string) {
		if id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, a := range [...]string{"rsc", "with-rsc", "first", "then"} {
		note(c.Get(a))
	}
	for set := range c.Elements("resource_set") {
		for ref := range set.Elements("resource_ref") {
			note(ref.ID())
		}
	}
	return ids
}

// Kind is the kind of the constraint: location, colocation, order or ticket.
func (c Constraint) Kind() string { return strings.TrimPrefix(c.Name, "rsc_") }
