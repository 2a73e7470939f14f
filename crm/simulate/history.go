package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// opKey names an operation of a resource.
type opKey struct {
	rsc, task  string
	intervalMs uint32
}

func (k opKey) String() string { return k.withTask(k.task) }

func (k opKey) withTask(task string) string {
	return k.rsc + "_" + task + "_" + strconv.FormatUint(uint64(k.intervalMs), 10)
}

// agent is what a history must know of a resource.
type agent struct{ class, provider, kind string }

// history finds the history of a resource on a node, under the first or the
// second name, or makes one under the second (08 §9.3). problem tells, in
// Pacemaker's words, why there is none.
func (w *World) history(s *nodeState, first, second string, a agent) (h *history, problem string) {
	e := w.edit(s)
	if s.rsc == nil {
		s.indexHistories()
	}
	for _, name := range [...]string{first, second} {
		if h := s.rsc[name]; h != nil && !h.several {
			return h, ""
		}
	}
	switch {
	case a.class == "" || a.kind == "":
		return nil, fmt.Sprintf("Resource %s not found in the status section of %s (supply class and type to continue)", first, e.ID())
	case !knownClass(a.class):
		return nil, fmt.Sprintf("Invalid class for %s: %s", first, a.class)
	case strings.EqualFold(a.class, "ocf") && a.provider == "":
		return nil, fmt.Sprintf("Please specify the provider for resource %s", first)
	}
	xml := childOrNew(childOrNew(e, "lrm", e.ID()), "lrm_resources", "").Add("lrm_resource", "id", second, "class", a.class)
	if a.provider != "" {
		xml.Set("provider", a.provider)
	}
	xml.Set("type", a.kind)
	h = &history{xml: xml, entries: map[string]*xmltree.Element{}}
	if old := s.rsc[second]; old != nil {
		old.several = true
		return h, ""
	}
	s.rsc[second] = h
	return h, ""
}

func knownClass(class string) bool {
	switch strings.ToLower(class) {
	case "ocf", "stonith", "service", "systemd", "lsb":
		return true
	}
	return false
}

func (s *nodeState) indexHistories() {
	s.rsc = map[string]*history{}
	s.xml.Walk(func(e *xmltree.Element) bool {
		if e.Name != "lrm_resource" {
			return true
		}
		if old := s.rsc[e.ID()]; old != nil {
			old.several = true
		} else {
			s.rsc[e.ID()] = &history{xml: e}
		}
		return true
	})
}

// load indexes the entries of a history.
func (h *history) load() {
	if h.entries != nil {
		return
	}
	h.entries = map[string]*xmltree.Element{}
	for e := range h.xml.Elements() {
		if n, err := strconv.ParseInt(strings.TrimSpace(e.Get("call-id")), 10, 32); err == nil && int(n) > h.lastID {
			h.lastID = int(n)
		}
		if _, ok := h.entries[e.ID()]; !ok && e.Name == "lrm_rsc_op" {
			h.entries[e.ID()] = e
		}
	}
}

// entry returns the entry with that id, a new one when there is none.
func (h *history) entry(id string) *xmltree.Element {
	e := h.entries[id]
	if e == nil {
		e = h.xml.Add("lrm_rsc_op", "id", id)
		h.entries[id] = e
	}
	return e
}

// result is the outcome of an operation, ready to be written down.
type result struct {
	key             opKey
	node            string
	rc, target      int
	reason          string // exit reason, written only for failures
	notifyType      string // of notifications
	notifyOp        string
	source, target2 string // of migrations
	digest          string // "" = none
	now             int64
}

// fakeUUID stands in transition keys for the transition engine that did not run
// the action.
const fakeUUID = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

// record writes a result into the history (08 §9.3).
func (h *history) record(r result) {
	h.load()
	h.lastID++
	task := r.key.task
	if task == "reload" || task == "reload-agent" {
		task = "start" // what is reloaded is as good as started
	}
	ids, reason := entryIDs(&r, task)
	transition := fmt.Sprintf("%d:-1:%d:%s", h.lastID, r.target, fakeUUID)
	for _, id := range ids {
		e := h.entry(id)
		e.Line, e.Col = 0, 0 // what was read there is gone
		setAll(e,
			"operation_key", r.key.withTask(task), "operation", task,
			"crm-debug-origin", origin, "crm_feature_set", scheduler.FeatureSet,
			"transition-key", transition, "transition-magic", fmt.Sprintf("0:%d;%s", r.rc, transition),
			"exit-reason", reason, "on_node", r.node,
			"call-id", strconv.Itoa(h.lastID), "rc-code", strconv.Itoa(r.rc), "op-status", "0",
			"interval", strconv.FormatUint(uint64(r.key.intervalMs), 10),
			"last-rc-change", strconv.FormatInt(r.now, 10), "exec-time", "0", "queue-time", "0")
		if isMigration(r.key.task) {
			for _, a := range [...]xmltree.Attr{{Name: "migrate_source", Value: r.source}, {Name: "migrate_target", Value: r.target2}} {
				if a.Value != "" {
					e.Set(a.Name, a.Value)
				}
			}
		}
		if r.digest != "" {
			e.Set("op-digest", r.digest)
		}
	}
}

// entryIDs says under which ids a result is written; failures of what runs once
// are written twice.
func entryIDs(r *result, task string) (ids []string, reason string) {
	last := r.key.rsc + "_last_0"
	switch {
	case task == "notify":
		r.rc = 0
		return []string{r.key.rsc + "_" + r.notifyType + "_notify_" + r.notifyOp + "_0"}, ""
	case isMigration(r.key.task):
		return []string{r.key.withTask(task)}, ""
	case r.rc != r.target:
		ids = []string{r.key.rsc + "_last_failure_0"}
		if r.key.intervalMs == 0 {
			ids = append(ids, last)
		}
		return ids, r.reason
	case r.key.intervalMs > 0:
		return []string{r.key.withTask(task)}, ""
	}
	return []string{last}, ""
}

func isMigration(task string) bool { return task == "migrate_to" || task == "migrate_from" }
