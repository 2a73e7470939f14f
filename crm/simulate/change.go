package simulate

import (
	"strconv"
	"strings"

	"systole/lib/xmltree"
)

// origin is what changes are signed with (crm-debug-origin).
const origin = "crm_simulate"

// nodeUp makes a node a member that runs the cluster; failed: the process is
// there, the member is not, which is what a failing node looks like.
func (w *World) nodeUp(name string, failed bool) error {
	w.ownStatus()
	if _, known := w.nodeID(name); w.Humane && !failed && len(w.states[name]) == 0 && !known {
		w.configureNode(name)
	}
	s, err := w.state(name, "")
	if err != nil {
		return err
	}
	e := w.edit(s)
	member := "true"
	if failed {
		member = "false"
	}
	if setAll(e, "in_ccm", member, "crmd", "online", "join", "member", "expected", "member", "crm-debug-origin", origin) {
		w.commit(s)
	}
	return nil
}

// nodeDown makes a node one that left in good order, or was fenced: nothing is
// known of its resources and transient attributes any more.
func (w *World) nodeDown(name, by string) error {
	s, err := w.state(name, "")
	if err != nil {
		return err
	}
	e := w.edit(s)
	if setAll(e, "in_ccm", "false", "crmd", "offline", "join", "down", "expected", "down", "crm-debug-origin", by) {
		w.commit(s)
		e = s.xml
	}
	kept := e.Children[:0:0]
	for _, c := range e.Children {
		if c.Kind != xmltree.KindElement || (c.Name != "lrm" && c.Name != "transient_attributes") {
			kept = append(kept, c)
		} else {
			w.updates++
		}
	}
	e.Children, s.rsc = kept, nil
	return nil
}

// setAll sets attributes and tells whether that changed anything.
func setAll(e *xmltree.Element, pairs ...string) (changed bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if v, ok := e.Attr(pairs[i]); !ok || v != pairs[i+1] {
			e.Set(pairs[i], pairs[i+1])
			changed = true
		}
	}
	return changed
}

// setQuorum sets have-quorum, whatever the text is.
func (w *World) setQuorum(text string) {
	w.own()
	had := w.root.Get("have-quorum")
	if setAll(w.root, "have-quorum", text) {
		w.updates++
	}
	if w.Humane && text == "false" && had != "0" && had != "false" {
		w.root.Set("no-quorum-panic", "1") // a cluster that loses quorum notes that it had it
	}
}

// setWatchdog sets the cluster option have-watchdog in its present place, else
// in the bootstrap options.
func (w *World) setWatchdog(text string) {
	const option, set = "have-watchdog", "cib-bootstrap-options"
	config := w.configuration("crm_config")
	var found *xmltree.Element
	config.Walk(func(e *xmltree.Element) bool {
		if found == nil && e.Name == "nvpair" && e.Get("name") == option {
			found = e
		}
		return true
	})
	if found != nil {
		if setAll(found, "value", text) {
			w.noteConfig()
		}
		return
	}
	w.noteConfig()
	options := config.ChildByID("cluster_property_set", set)
	if options == nil {
		options = config.Add("cluster_property_set", "id", set)
	}
	options.Add("nvpair", "id", set+"-"+option, "name", option, "value", text)
}

// setTicket sets an attribute of a ticket's state. several tells that more than
// one state has this id; all are left as they are then.
func (w *World) setTicket(id, name, value string) (several bool) {
	status := w.ownStatus()
	var found *xmltree.Element
	for tickets := range status.Elements("tickets") {
		for t := range tickets.Elements("ticket_state") {
			if t.ID() != id {
				continue
			}
			if found != nil {
				return true
			}
			found = t
		}
	}
	tickets := section(status, "tickets", true)
	if found == nil {
		found = tickets.Add("ticket_state", "id", id)
	} else {
		found = tickets.ChildByID("ticket_state", id)
	}
	if setAll(found, name, value) {
		w.updates++
	}
	return false
}

// addFailure counts a failure of an operation on a node (08 §9.4). infinity:
// once is enough. The attributes are new ones beside those that carry the same
// name under another id.
func (w *World) addFailure(s *nodeState, op opKey, rc int, infinity bool, now int64, emit func(Event)) {
	if rc == 0 || (rc == notRunning && op.intervalMs == 0) {
		return
	}
	suffix := op.rsc + "#" + op.task + "_" + strconv.FormatUint(uint64(op.intervalMs), 10)
	value := "INFINITY"
	if !infinity {
		value = strconv.Itoa(w.failures(s, "fail-count-"+suffix) + 1)
	}
	w.setTransient(s, "fail-count-"+suffix, value, emit)
	w.setTransient(s, "last-failure-"+suffix, strconv.FormatInt(now, 10), emit)
}

// notRunning is the result of a probe that found nothing.
const notRunning = 7

// failures reads a fail count that is there exactly once; anything else is 0.
func (w *World) failures(s *nodeState, name string) int {
	var found *xmltree.Element
	n := 0
	for t := range s.xml.Elements("transient_attributes") {
		t.Walk(func(e *xmltree.Element) bool {
			if e.Name == "nvpair" && e.Get("name") == name {
				found = e
				n++
			}
			return true
		})
	}
	if n != 1 {
		return 0
	}
	v, err := strconv.ParseInt(strings.TrimSpace(found.Get("value")), 10, 32)
	if err != nil {
		return 0
	}
	return int(v)
}

func (w *World) setTransient(s *nodeState, name, value string, emit func(Event)) {
	e := w.edit(s)
	id := e.ID()
	emit(Event{Kind: EventAttr, Name: name, Value: value, Node: id})
	attrs := childOrNew(childOrNew(e, "transient_attributes", id), "instance_attributes", id)
	pair := xmltree.SanitizeID(attrs.ID() + "-" + name)
	nv := attrs.ChildByID("nvpair", pair)
	if nv == nil {
		nv = attrs.Add("nvpair", "id", pair)
	}
	setAll(nv, "name", name, "value", value)
}

func childOrNew(e *xmltree.Element, name, id string) *xmltree.Element {
	c := e.Child(name)
	if c == nil {
		c = e.Add(name)
		if id != "" {
			c.Set("id", id)
		}
	}
	return c
}
