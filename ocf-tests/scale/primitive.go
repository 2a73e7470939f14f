package scale

import (
	"crypto/md5" // #nosec: the digest of operations is Pacemaker's
	"fmt"
	"slices"
	"strings"
)

// primitive is a resource as it is configured.
type primitive struct {
	id, class, provider, kind string
	params                    pairs
	meta                      pairs
	ops                       []operation
}

// operation is a configured one; interval and timeout in seconds.
type operation struct {
	name              string
	interval, timeout int
	role              string
}

func standardOps() []operation {
	return []operation{{"start", 0, 100, ""}, {"stop", 0, 100, ""}, {"monitor", 10, 20, ""}}
}

func promotableOps() []operation {
	return []operation{
		{"start", 0, 120, ""},
		{"stop", 0, 120, ""},
		{"promote", 0, 300, ""},
		{"demote", 0, 120, ""},
		{"monitor", 10, 30, "Promoted"},
		{"monitor", 30, 30, "Unpromoted"},
	}
}

func (p *primitive) attributes() string {
	text := fmt.Sprintf(`id="%s" class="%s"`, p.id, p.class)
	if p.provider != "" {
		text += fmt.Sprintf(` provider="%s"`, p.provider)
	}
	return text + fmt.Sprintf(` type="%s"`, p.kind)
}

func (p *primitive) xml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<primitive %s>\n%s%s<operations>\n", p.attributes(),
		set("instance_attributes", p.id+"-params", p.params), set("meta_attributes", p.id+"-meta", p.meta))
	for _, o := range p.ops {
		role := ""
		if o.role != "" {
			role = fmt.Sprintf(" role=%q", o.role)
		}
		fmt.Fprintf(&b, "<op id=\"%s-%s-%d\" name=\"%s\" interval=\"%ds\" timeout=\"%ds\"%s/>\n", p.id, o.name, o.interval, o.name, o.interval, o.timeout, role)
	}
	b.WriteString("</operations>\n</primitive>\n")
	return b.String()
}

// digest is the digest of an operation's parameters (01 §17).
func (p *primitive) digest(o operation) string {
	all := slices.Clone(p.params)
	if o.interval > 0 {
		all = append(all, [2]string{"CRM_meta_timeout", fmt.Sprint(o.timeout * 1000)})
	}
	slices.SortFunc(all, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	text := " <parameters"
	for _, x := range all {
		text += fmt.Sprintf(` %s="%s"`, x[0], x[1])
	}
	return fmt.Sprintf("%x", md5.Sum([]byte(text+"/>\n")))
}

// state is what a resource is on a node.
type state int

const (
	stopped state = iota
	started
	promoted
)

// history writes what the executor of a node knows of a resource. failed adds
// a recurring monitor that timed out after everything else.
func (c *cluster) history(node string, p *primitive, is state, failed bool) {
	fmt.Fprintf(&c.status, "<lrm_resource %s>\n", p.attributes())
	switch is {
	case stopped:
		c.result(node, p, operation{name: "monitor"}, outcome{rc: 7, expected: 7})
	case started:
		c.result(node, p, operation{name: "start"}, outcome{})
	case promoted:
		c.result(node, p, operation{name: "promote"}, outcome{})
	}
	for _, o := range p.ops {
		if is == stopped || o.interval == 0 || (o.role != "" && (o.role == "Promoted") != (is == promoted)) {
			continue
		}
		rc := 0
		if is == promoted {
			rc = 8
		}
		c.result(node, p, o, outcome{rc: rc, expected: rc})
		if failed {
			c.result(node, p, o, outcome{rc: 1, status: 4, suffix: "_last_failure_0", delay: 500})
		}
	}
	c.status.WriteString("</lrm_resource>\n")
}

// outcome is the result of an operation.
type outcome struct {
	rc, expected, status int
	suffix               string // of the entry's id; "" = by its kind
	delay                int    // seconds
}

func (c *cluster) result(node string, p *primitive, o operation, r outcome) {
	c.calls[node]++
	call := c.calls[node]
	key := fmt.Sprintf("%s_%s_%d", p.id, o.name, o.interval*1000)
	id := key
	switch {
	case r.suffix != "":
		id = p.id + r.suffix
	case o.interval == 0:
		id = p.id + "_last_0"
	}
	tk := fmt.Sprintf("%d:7:%d:%s", call, r.expected, transition)
	fmt.Fprintf(&c.status, `<lrm_rsc_op id="%s" operation_key="%s" operation="%s" crm-debug-origin="build_active_RAs" crm_feature_set="%s"`+
		` transition-key="%s" transition-magic="%d:%d;%s" exit-reason="" on_node="%s" call-id="%d" rc-code="%d" op-status="%d"`+
		` interval="%d" last-rc-change="%d" exec-time="31" queue-time="0" op-digest="%s"/>`+"\n",
		id, key, o.name, featureSet, tk, r.status, r.rc, tk, node, call, r.rc, r.status,
		o.interval*1000, began+r.delay+call, p.digest(o))
}

func (c *cluster) openState(id, name string, remote, up bool, attributes pairs) {
	switch {
	case remote:
		fmt.Fprintf(&c.status, "<node_state id=\"%s\" uname=\"%s\" remote_node=\"true\" in_ccm=\"true\" crm-debug-origin=\"do_state_transition\">\n", id, name)
	case up:
		fmt.Fprintf(&c.status, "<node_state id=\"%s\" uname=\"%s\" in_ccm=\"true\" crmd=\"online\" join=\"member\" expected=\"member\" crm-debug-origin=\"do_update_resource\">\n", id, name)
	default:
		fmt.Fprintf(&c.status, "<node_state id=\"%s\" uname=\"%s\" in_ccm=\"false\" crmd=\"offline\" join=\"down\" expected=\"member\" crm-debug-origin=\"do_update_resource\">\n", id, name)
	}
	if len(attributes) > 0 {
		fmt.Fprintf(&c.status, "<transient_attributes id=\"%s\">\n%s</transient_attributes>\n", id, set("instance_attributes", "status-"+id, attributes))
	}
	fmt.Fprintf(&c.status, "<lrm id=\"%s\"><lrm_resources>\n", id)
}

func (c *cluster) closeState() { c.status.WriteString("</lrm_resources></lrm>\n</node_state>\n") }
