package scale

import (
	"fmt"
	"strings"
)

// cluster is a CIB in the making: its sections, each written where it is
// described, put together at the end.
type cluster struct {
	nodes, resources, constraints, status strings.Builder
	constraintCount                       int
	calls                                 map[string]int // by node: the last call-id of its executor
}

const (
	featureSet = "3.17.4"
	began      = 1750000000 // when the first operation was run, seconds since the epoch
	transition = "5dd45a8b-1f6b-4b5a-9c3e-8d1f0a6c7e21"
)

func newCluster() *cluster { return &cluster{calls: map[string]int{}} }

// bytes puts the document together.
func (c *cluster) bytes(stickiness int) []byte {
	return fmt.Appendf(nil, `<cib crm_feature_set="%s" validate-with="pacemaker-3.9" epoch="120" num_updates="77" admin_epoch="0" have-quorum="1" dc-uuid="1">
<configuration>
<crm_config><cluster_property_set id="cib-bootstrap-options">
%s</cluster_property_set></crm_config>
<nodes>
%s</nodes>
<resources>
%s</resources>
<constraints>
%s</constraints>
<rsc_defaults><meta_attributes id="rsc-defaults">
%s</meta_attributes></rsc_defaults>
</configuration>
<status>
%s</status>
</cib>
`, featureSet, nvpairs("option", pairs{
		{"stonith-enabled", "true"},
		{"have-watchdog", "false"},
		{"dc-version", "2.1.9"},
		{"cluster-infrastructure", "corosync"},
		{"cluster-name", "large"},
		{"no-quorum-policy", "stop"},
	}), c.nodes.String(), c.resources.String(), c.constraints.String(),
		nvpairs("default", pairs{{"resource-stickiness", fmt.Sprint(stickiness)}}), c.status.String())
}

// pairs are names and values in document order.
type pairs [][2]string

func nvpairs(prefix string, p pairs) string {
	var b strings.Builder
	for _, x := range p {
		fmt.Fprintf(&b, "<nvpair id=\"%s-%s\" name=\"%s\" value=\"%s\"/>\n", prefix, x[0], x[0], x[1])
	}
	return b.String()
}

// set is an element with name-value pairs, or nothing when there are none.
func set(element, id string, p pairs) string {
	if len(p) == 0 {
		return ""
	}
	return fmt.Sprintf("<%s id=\"%s\">\n%s</%s>\n", element, id, nvpairs(id, p), element)
}

func (c *cluster) node(id, name, kind string, attributes pairs) {
	if kind != "" {
		kind = fmt.Sprintf(" type=%q", kind)
	}
	fmt.Fprintf(&c.nodes, "<node id=\"%s\" uname=\"%s\"%s>\n%s</node>\n", id, name, kind, set("instance_attributes", "nodes-"+id, attributes))
}

// constraint writes <rsc_KIND> with an id of its own.
func (c *cluster) constraint(kind string, attributes pairs) {
	c.constraintCount++
	fmt.Fprintf(&c.constraints, "<rsc_%s id=\"c%d-%s\"", kind, c.constraintCount, kind)
	for _, a := range attributes {
		fmt.Fprintf(&c.constraints, " %s=\"%s\"", a[0], a[1])
	}
	c.constraints.WriteString("/>\n")
}

func (c *cluster) order(first, then string, more ...[2]string) {
	c.constraint("order", append(pairs{{"first", first}, {"then", then}}, more...))
}

func (c *cluster) colocate(rsc, with, score string) {
	c.constraint("colocation", pairs{{"rsc", rsc}, {"with-rsc", with}, {"score", score}})
}

// only restricts a resource to the nodes where an attribute has this value, and
// its probes as well.
func (c *cluster) only(rsc, attribute, value string) {
	c.constraintCount++
	id := fmt.Sprintf("c%d-location", c.constraintCount)
	fmt.Fprintf(&c.constraints, "<rsc_location id=\"%s\" rsc=\"%s\" resource-discovery=\"exclusive\"><rule id=\"%s-r\" score=\"0\">"+
		"<expression id=\"%s-e\" attribute=\"%s\" operation=\"eq\" value=\"%s\"/></rule></rsc_location>\n", id, rsc, id, id, attribute, value)
}
