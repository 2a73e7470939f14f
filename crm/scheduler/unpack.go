package scheduler

import (
	"slices"
	"strconv"
	"strings"

	"systole/lib/xmltree"
)

// unpackResources reads the resources section, the implicit connections of
// guest nodes behind it, and sorts the top level by priority (03 §2.2).
func (s *State) unpackResources() {
	for t := range s.configuration.Child("resources").Elements("template") {
		if id := t.ID(); id != "" {
			s.templates[id] = &refList{}
		}
	}
	elements := slices.Collect(s.configuration.Child("resources").Elements("primitive", "group", "clone", "bundle", "master"))
	elements = append(elements, s.implicit...)
	for _, e := range elements {
		if r := s.unpackResource(e, nil, -1); r != nil {
			s.Resources = append(s.Resources, r)
		} else {
			s.configError(e, "ignoring %s resource %q because its configuration is invalid", e.Name, e.ID())
		}
	}
	for _, r := range s.Resources {
		r.leaves(s.linkLauncher)
		s.linkRemote(r)
	}
	slices.SortStableFunc(s.Resources, func(a, b *Resource) int { return int(b.Priority) - int(a.Priority) })
}

// linkLauncher sets what the meta-attribute "container" says (03 §8.1).
func (s *State) linkLauncher(r *Resource) {
	id, ok := r.Meta.Get("container")
	if !ok || id == r.ID {
		return
	}
	launcher := s.findResource(id)
	if launcher == nil {
		s.configError(r.XML, "resource %s: there is no resource %q to be its container", r.ID, id)
		return
	}
	r.Launcher = launcher
	launcher.Launched = append(launcher.Launched, r)
}

// linkRemote ties a top-level remote connection to its node (02 §4.5).
func (s *State) linkRemote(r *Resource) {
	if !r.Has(RscRemoteConnection) {
		return
	}
	n := s.nodeByID(r.ID)
	if n == nil {
		return
	}
	n.Connection = r
	if r.Launcher == nil {
		s.setStartupUnclean(n)
	} else {
		n.Attrs["#kind"] = "container"
	}
}

// unpackResource makes a resource and everything below it from an element; nil
// when its configuration is unusable (03 §2.3). instance is the number given
// by a clone, or -1.
func (s *State) unpackResource(e *xmltree.Element, parent *Resource, instance int) *Resource {
	id := e.ID()
	if id == "" {
		return nil
	}
	cfg := s.configFor(e)
	if cfg == nil {
		return nil
	}
	kind, ok := kindOf(cfg.xml.Name)
	if !ok {
		return nil
	}
	r := &Resource{
		Index: int32(len(s.all)), ID: id, XMLID: id, Kind: kind, Instance: instance,
		XML: cfg.xml, cfg: cfg, Parent: parent,
		Class: cfg.xml.Get("class"), Provider: cfg.xml.Get("provider"), Type: cfg.xml.Get("type"),
		OrigRole: RoleStopped,
	}
	s.all = append(s.all, r)
	if instance >= 0 {
		r.ID = id + ":" + strconv.Itoa(instance)
	}
	s.buildMeta(r)
	s.readResourceOptions(r)
	if !s.unpackKind(r) {
		return nil
	}
	s.addDefaultNodes(r)
	s.readUtilization(r)
	if cfg.template != "" {
		if list := s.templates[cfg.template]; list != nil && !slices.Contains(list.ids, id) {
			list.ids = append(list.ids, id)
		}
	}
	s.indexResource(r)
	return r
}

func kindOf(name string) (Kind, bool) {
	switch strings.ToLower(name) {
	case "primitive":
		return KindPrimitive, true
	case "group":
		return KindGroup, true
	case "clone", "master":
		return KindClone, true
	case "bundle":
		return KindBundle, true
	}
	return 0, false
}

func (s *State) unpackKind(r *Resource) bool {
	switch r.Kind {
	case KindGroup:
		return s.unpackGroup(r)
	case KindClone:
		return s.unpackClone(r)
	case KindBundle:
		return s.unpackBundle(r)
	}
	return s.checkAgent(r)
}

// indexResource makes the resource findable; the first of an id wins.
func (s *State) indexResource(r *Resource) {
	if _, ok := s.rscByID[r.ID]; !ok {
		s.rscByID[r.ID] = r
	}
}

// appendRemoved puts a resource that is only in the history at the end of the
// list (03 §9.5).
func (s *State) appendRemoved(r *Resource) { s.Resources = append(s.Resources, r) }

// findResource finds a resource by id or, failing that, by the name of its
// history (03 §2.8).
func (s *State) findResource(id string) *Resource {
	r, h := s.rscByID[id], s.rscByHist[id]
	if r == nil || (h != nil && h.listedBefore(r)) {
		return h
	}
	return r
}

// listedBefore tells whether an instance that goes by the id of the other
// resource comes first in the list of all: instances stand where their clone
// does, removed resources at the end.
func (r *Resource) listedBefore(other *Resource) bool {
	if other.Parent == nil {
		return other.Has(RscRemoved)
	}
	return r.Index < other.Index && r.Top() == other.Top()
}

func (s *State) findResourceExact(id string) *Resource { return s.rscByID[id] }

// setHistoryID gives an instance the name of its history entry, "" to forget
// it, and keeps findResource true.
func (s *State) setHistoryID(r *Resource, id string) {
	if old := r.HistoryID; old != "" && s.rscByHist[old] == r {
		delete(s.rscByHist, old)
	}
	r.HistoryID = id
	if id == "" {
		return
	}
	if old := s.rscByHist[id]; old == nil || old.Index > r.Index {
		s.rscByHist[id] = r
	}
}

// baseName strips a trailing instance number: a colon and digits (03 §2.5).
func baseName(id string) string {
	i := len(id)
	for i > 0 && isDigit(id[i-1]) {
		i--
	}
	if i == len(id) || i == 0 || id[i-1] != ':' {
		return id
	}
	return id[:i-1]
}

// findByBase finds the resource in r's tree whose id or XML id is the name;
// with anonymousOnly, XML ids count only for instances that are not unique.
func (r *Resource) findByBase(base string, anonymousOnly bool) *Resource {
	if r.ID == base || (r.XMLID == base && !(anonymousOnly && r.Has(RscUnique))) {
		return r
	}
	for _, c := range r.Children {
		if found := c.findByBase(base, anonymousOnly); found != nil {
			return found
		}
	}
	return nil
}

// defaultTable is the table of a resource with no constraints: made once for
// all resources that are unpacked while the nodes stay the same.
type defaultTable struct {
	table Table
	valid bool
}

// addDefaultNodes gives a resource its first allowed nodes (03 §2.6). In an
// asymmetric cluster only guests' connections have any: all, bundle nodes too.
func (s *State) addDefaultNodes(r *Resource) {
	opensAll := !s.Config.Symmetric
	if opensAll && !(r.Has(RscRemoteConnection) && r.Meta.Has("container")) {
		return
	}
	if r.Has(RscExclusiveProbes) && !opensAll {
		return
	}
	if !s.defaults.valid {
		s.defaults = defaultTable{valid: true}
		for _, n := range s.byIndex {
			if opensAll || n.Mode != DiscoverNever {
				s.defaults.table.Set(n, n.Score)
				s.defaults.table.SetMode(n, n.Mode)
			}
		}
	}
	if r.Allowed.scores == nil {
		r.Allowed = s.defaults.table.Clone()
		return
	}
	for _, n := range s.byIndex {
		if (opensAll || n.Mode != DiscoverNever) && !r.Allowed.Has(n) {
			r.Allowed.Set(n, n.Score)
			r.Allowed.SetMode(n, n.Mode)
		}
	}
}

// readUtilization reads a primitive's own utilization (03 §2.3 step 10).
func (s *State) readUtilization(r *Resource) {
	table := map[string]string{}
	s.evalSets(r.XML, "utilization", s.ruleInput(), table)
	for name, v := range table {
		if r.Utilization == nil {
			r.Utilization = map[string]int32{}
		}
		r.Utilization[name] = parseCapacity(v)
	}
}

// unpackTags reads the tags section (01 §14.1).
func (s *State) unpackTags() {
	for tag := range s.single("tags").Elements("tag") {
		id := tag.ID()
		if id == "" {
			continue
		}
		list := s.tags[id]
		if list == nil {
			list = &refList{}
			s.tags[id] = list
		}
		for ref := range tag.Elements("obj_ref") {
			if rid := ref.ID(); rid != "" && !slices.Contains(list.ids, rid) {
				list.ids = append(list.ids, rid)
			}
		}
	}
}

// refKind says what a name in a constraint stands for (04 §8.2).
type refKind uint8

const (
	refNone refKind = iota
	refResource
	refTemplate
	refTag
)

// expandName says what a name stands for: a resource, or a template or tag
// with its members. A template or tag without members is nothing.
func (s *State) expandName(id string) (refKind, []string) {
	if s.findResource(id) != nil {
		return refResource, nil
	}
	if list := s.templates[id]; list != nil {
		if len(list.ids) == 0 {
			return refNone, nil
		}
		return refTemplate, list.ids
	}
	if list := s.tags[id]; list != nil && len(list.ids) > 0 {
		return refTag, list.ids
	}
	return refNone, nil
}
