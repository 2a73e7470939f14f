package generate

import (
	"fmt"
	"maps"
	"strconv"

	"systole/cib/digest"
	"systole/lib/xmltree"
)

// outcome is the result of an operation.
type outcome struct {
	task              string
	interval, timeout int // seconds
	rc, want, status  int
	pending, failed   bool
	source, target    string // of a migration
}

// history returns the lrm_resource of a primitive or instance on a node.
func (n *node) history(p *prim, suffix string) *xmltree.Element {
	if h := n.rsc[p.id+suffix]; h != nil {
		return h
	}
	h := xmltree.New("lrm_resource", "id", p.id+suffix, "class", p.class, "type", p.kind)
	if p.provider != "" {
		h.Set("provider", p.provider)
	}
	n.rsc[p.id+suffix] = h
	n.order = append(n.order, h)
	return h
}

const transition = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

// result writes down the result of an operation. There is one entry for the
// last operation without interval, one per recurring one, and one for the last
// failure; a later one takes the place of an earlier one.
func (n *node) result(h *xmltree.Element, p *prim, suffix string, o outcome) *xmltree.Element {
	n.calls++
	key := fmt.Sprintf("%s_%s_%d", p.id+suffix, o.task, o.interval*1000)
	id := p.id + suffix + "_last_0"
	switch {
	case o.failed:
		id = p.id + suffix + "_last_failure_0"
	case o.interval > 0:
		id = key
	}
	if old := h.ChildByID("lrm_rsc_op", id); old != nil {
		old.Remove()
	}
	call, rc, status := n.calls, o.rc, o.status
	if o.pending {
		call, rc, status = -1, 193, -1
	}
	tk := fmt.Sprintf("%d:%d:%d:%s", n.calls, 5, o.want, transition)
	e := h.Add("lrm_rsc_op", "id", id, "operation_key", key, "operation", o.task, "crm-debug-origin", "generated",
		"crm_feature_set", "3.20.0", "transition-key", tk, "transition-magic", fmt.Sprintf("%d:%d;%s", status, rc, tk),
		"exit-reason", "", "on_node", n.name, "call-id", strconv.Itoa(call), "rc-code", strconv.Itoa(rc), "op-status", strconv.Itoa(status),
		"interval", strconv.Itoa(o.interval*1000), "last-rc-change", strconv.Itoa(Date-1000+n.calls), "exec-time", "20", "queue-time", "0")
	if p.params != nil {
		e.Set("op-digest", p.digest(o))
		if p.params["password"] != "" {
			e.Set("op-secure-params", " password  passwd ")
			e.Set("op-secure-digest", p.secureDigest())
		}
	}
	if o.source != "" {
		e.Set("migrate_source", o.source)
		e.Set("migrate_target", o.target)
	}
	return e
}

// digest is the digest of what an operation is called with (01 §17).
func (p *prim) digest(o outcome) string {
	table := maps.Clone(p.params)
	if o.interval > 0 {
		table["CRM_meta_timeout"] = strconv.Itoa(o.timeout * 1000)
	}
	return digest.Parameters(table)
}

// secureDigest leaves the secrets out (01 §17.4).
func (p *prim) secureDigest() string {
	table := maps.Clone(p.params)
	delete(table, "password")
	return digest.Parameters(table)
}
