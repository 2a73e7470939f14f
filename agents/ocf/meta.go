package ocf

import (
	"strconv"
	"strings"
	"time"
)

// Meta is what Pacemaker says in the variables OCF_RESKEY_CRM_meta_*.
type Meta struct {
	Timeout  time.Duration // of this action; 0: none was given
	Interval time.Duration // of a recurring action; 0: it does not recur

	OnNode       string // name of the node the action runs on
	PhysicalHost string // node that the container of a bundle runs on
	// AttributeTarget is "host" when a bundle keeps its node attributes with PhysicalHost.
	AttributeTarget string
	MigrateSource   string // node that migrate_from comes from
	MigrateTarget   string // node that migrate_to goes to
	Clone           Clone
	Notify          Notify
}

// Clone is what an instance of a clone is told about it.
type Clone struct {
	Is              bool // the resource is an instance of a clone
	Instance        int  // number of the instance; -1 if not known
	Max             int  // clone-max
	NodeMax         int  // clone-node-max
	PromotedMax     int
	PromotedNodeMax int
	GloballyUnique  bool
	Promotable      bool
	Notify          bool
	Ordered         bool
	Interleave      bool
}

// Notify is what a notification says: which action is about to happen or has
// happened, and which instances are affected. Only a notify action, and the
// actions of a clone with notify=true, have it.
type Notify struct {
	Type      string // "pre" or "post"
	Operation string // "start", "stop", "promote" or "demote"

	Active, Inactive          []Member // before the operation
	Promoted, Unpromoted      []Member // before the operation
	Start, Stop               []Member // that are being started or stopped
	Promote, Demote           []Member // that are being promoted or demoted
	Available                 []string // nodes that can run an instance
	AllNodes, AllNodesOnHosts []string // all nodes; and the hosts of each, for bundles
}

// Member is an instance of a clone, and its node where there is one.
type Member struct{ Resource, Node string }

// Is says whether this is the notification of the given type and operation.
func (n *Notify) Is(kind, operation string) bool { return n.Type == kind && n.Operation == operation }

// Nodes are the nodes of a list of members.
func Nodes(members []Member) []string {
	nodes := make([]string, 0, len(members))
	for _, m := range members {
		nodes = append(nodes, m.Node)
	}
	return nodes
}

const metaPrefix = "OCF_RESKEY_CRM_meta_"

func (r *Request) meta(name string) string { return r.env[metaPrefix+name] }

func (r *Request) metaNumber(names ...string) int {
	for _, name := range names {
		if text := r.meta(name); text != "" {
			return r.number(metaPrefix+name, text, 0)
		}
	}
	return 0
}

func (r *Request) metaTrue(name string) bool {
	value, _ := parseBoolean(r.meta(name))
	return value
}

func (r *Request) metaTime(name string) time.Duration {
	ms := min(r.metaNumber(name), int(maxTimeout.Milliseconds()))
	return time.Duration(ms) * time.Millisecond
}

func (r *Request) readMeta() {
	r.Meta = Meta{
		Timeout: r.metaTime("timeout"), Interval: r.metaTime("interval"),
		OnNode: r.meta("on_node"), PhysicalHost: r.meta("physical_host"),
		AttributeTarget: r.meta("container_attribute_target"),
		MigrateSource:   r.meta("migrate_source"), MigrateTarget: r.meta("migrate_target"),
	}
	c := &r.Meta.Clone
	c.Instance = -1
	if n, err := strconv.Atoi(r.meta("clone")); err == nil {
		c.Is, c.Instance = true, n
	}
	c.Is = c.Is || r.meta("clone_max") != ""
	c.Max, c.NodeMax = r.metaNumber("clone_max"), r.metaNumber("clone_node_max")
	c.PromotedMax = r.metaNumber("promoted_max", "master_max")
	c.PromotedNodeMax = r.metaNumber("promoted_node_max", "master_node_max")
	c.GloballyUnique, c.Notify = r.metaTrue("globally_unique"), r.metaTrue("notify")
	c.Ordered, c.Interleave = r.metaTrue("ordered"), r.metaTrue("interleave")
	c.Promotable = r.metaTrue("promotable") || c.PromotedMax > 0
	r.readNotify()
}

func (r *Request) readNotify() {
	n := &r.Meta.Notify
	n.Type, n.Operation = r.meta("notify_type"), r.meta("notify_operation")
	n.Active, n.Inactive = r.members("active"), r.members("inactive")
	n.Start, n.Stop = r.members("start"), r.members("stop")
	n.Promote, n.Demote = r.members("promote"), r.members("demote")
	// Before Pacemaker 2.1 there were only the old names of the roles.
	n.Promoted = r.members("promoted", "master")
	n.Unpromoted = r.members("unpromoted", "slave")
	n.Available = strings.Fields(r.meta("notify_available_uname"))
	n.AllNodes = strings.Fields(r.meta("notify_all_uname"))
	n.AllNodesOnHosts = strings.Fields(r.meta("notify_all_hosts"))
}

// members reads a list of instances and its list of nodes, by the first of
// names that is there.
func (r *Request) members(names ...string) []Member {
	for _, name := range names {
		resources := strings.Fields(r.meta("notify_" + name + "_resource"))
		nodes := strings.Fields(r.meta("notify_" + name + "_uname"))
		if len(resources) == 0 {
			continue
		}
		if name != "inactive" && len(nodes) != len(resources) {
			r.warn("notify_%s: %d resources, %d nodes", name, len(resources), len(nodes))
		}
		list := make([]Member, len(resources))
		for i, res := range resources {
			list[i].Resource = res
			if i < len(nodes) {
				list[i].Node = nodes[i]
			}
		}
		return list
	}
	return nil
}
