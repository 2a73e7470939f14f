package schema

import (
	"strings"

	"systole/lib/xmltree"
)

// replacement is what the transformation to pacemaker-3.0 does with a name
// (01 §5.2).
type replacement struct {
	what      string
	with      string // the new name; empty: dropped
	where     string // moved there; empty: in place
	values    string // only for these values, or operations, separated by |
	prefix    string // only for values that begin so and have no comma; the prefix is cut
	redefined string // the new value; empty: the old one
	extra     string // the explanation
	severe    bool
}

// replacements are the rules for one place; title begins its messages.
type replacements struct {
	title string
	rules []replacement
}

const (
	useMigrationThreshold = "migration-threshold in rsc_defaults can be configured instead"
	useThreshold          = "migration-threshold can be configured instead"
	useAlerts             = "standalone alerts can be configured instead"
	useBundles            = "i.e. resource at hand disabled; isolation wrappers obsoleted with bundle resources"
	onlyStarts            = "only start/promote operation taken into account"
	neverInEffect         = "was actually never in effect"
)

// options210 is a table: only read.
var options210 = &replacements{"Cluster properties", append([]replacement{
	{
		what:   "cluster-infrastructure",
		values: "heartbeat|openais|classic openais|classic openais (with plugin)|cman",
		extra:  "corosync (2+) infrastructure can be used instead, though the value is not of significance",
	},
	{what: "default-action-timeout", with: "timeout", where: "op_defaults"},
	{what: "default_action_timeout", with: "timeout", where: "op_defaults"},
	{what: "default-migration-threshold", extra: useMigrationThreshold},
	{what: "default_migration_threshold", extra: useMigrationThreshold},
	{what: "default-resource-stickiness", with: "resource-stickiness", where: "rsc_defaults"},
	{what: "default_resource_stickiness", with: "resource-stickiness", where: "rsc_defaults"},
	{
		what: "default-resource-failure-stickiness", values: "-INFINITY",
		with: "migration-threshold", where: "rsc_defaults", redefined: "1",
	},
	{what: "default-resource-failure-stickiness", extra: useMigrationThreshold},
	{
		what: "default_resource_failure_stickiness", values: "-INFINITY",
		with: "migration-threshold", where: "rsc_defaults", redefined: "1",
	},
	{what: "default_resource_failure_stickiness", extra: useMigrationThreshold},
	{what: "expected-quorum-votes", extra: "corosync (2+) infrastructure tracks quorum on its own"},
	{what: "is-managed-default", with: "is-managed", where: "rsc_defaults"},
	{what: "is_managed_default", with: "is-managed", where: "rsc_defaults"},
	{what: "notification-agent", extra: useAlerts},
	{what: "notification-recipient", extra: useAlerts},
	{what: "transition_idle_timeout", with: "cluster-delay"},
}, dashed("cluster_recheck_interval", "dc_deadtime", "election_timeout", "no_quorum_policy", "remove_after_stop",
	"shutdown_escalation", "startup_fencing", "stonith_action", "stonith_enabled", "stop_orphan_actions",
	"stop_orphan_resources", "symmetric_cluster")...)}

// dashed are names that are now written with dashes.
func dashed(names ...string) []replacement {
	var rules []replacement
	for _, n := range names {
		rules = append(rules, replacement{what: n, with: strings.ReplaceAll(n, "_", "-")})
	}
	return rules
}

var (
	// node210 is a table: only read.
	node210 = &replacements{"Cluster node", []replacement{
		{what: "type", with: "type", values: "normal", redefined: "member"},
	}}

	// params210 is a table: only read.
	params210 = &replacements{"Resource instance_attributes", []replacement{
		{what: "pcmk_arg_map"},
		{what: "pcmk_arg_map", with: "pcmk_host_argument", prefix: "port:"},
		{what: "pcmk_list_cmd", with: "pcmk_list_action"},
		{what: "pcmk_monitor_cmd", with: "pcmk_monitor_action"},
		{what: "pcmk_off_cmd", with: "pcmk_off_action"},
		{what: "pcmk_on_cmd", with: "pcmk_on_action"},
		{what: "pcmk_reboot_cmd", with: "pcmk_reboot_action"},
		{what: "pcmk_status_cmd", with: "pcmk_status_action"},
	}}

	// meta210 is a table: only read.
	meta210 = &replacements{"Resource meta_attributes", []replacement{
		{what: "isolation", with: "target-role", redefined: "Stopped", extra: useBundles, severe: true},
		{what: "isolation-host", with: "target-role", redefined: "Stopped", extra: useBundles, severe: true},
		{what: "isolation-instance", with: "target-role", redefined: "Stopped", extra: useBundles, severe: true},
		{what: "isolation-wrapper", with: "target-role", redefined: "Stopped", extra: useBundles, severe: true},
		{what: "resource-failure-stickiness", values: "-INFINITY", with: "migration-threshold", redefined: "1"},
		{what: "resource-failure-stickiness", extra: useThreshold},
		{what: "resource_failure_stickiness", values: "-INFINITY", with: "migration-threshold", redefined: "1"},
		{what: "resource_failure_stickiness", extra: useThreshold},
	}}

	// op210 is a table: only read.
	op210 = &replacements{"Resources-operation", []replacement{
		{what: "requires", extra: onlyStarts},
		{what: "requires", values: "start|promote", with: "requires", where: inMeta},
	}}

	// opParams210 is a table: only read.
	opParams210 = &replacements{"Resources-operation instance_attributes", []replacement{
		{what: "requires", extra: onlyStarts},
		{what: "requires", values: "start|promote", with: "requires", where: "per-resource-meta_attributes"},
		{what: "interval-origin", with: "interval-origin", where: inMeta},
		{what: "start-delay", with: "start-delay", where: inMeta},
		{what: "enabled", with: "enabled", where: inMeta},
		{what: "on-fail", with: "on-fail", where: inMeta},
		{what: "record-pending", with: "record-pending", where: inMeta},
		{what: "role", with: "role", where: inMeta},
		{what: "timeout", with: "timeout", where: inMeta},
	}}

	// colocation210 is a table: only read.
	colocation210 = &replacements{"Constraints-colocation", []replacement{
		{what: "score-attribute", extra: neverInEffect},
		{what: "score-attribute-mangle", extra: neverInEffect},
	}}
)

const inMeta = "meta_attributes"

// find returns the rule for a name, or nil. What the conditions of the rules
// are about, a value or the name of an operation, depends on the place. A rule
// without condition is for what no other rule of the name is for.
func (r *replacements) find(name, subject string) *replacement {
	var otherwise *replacement
	for i := range r.rules {
		rule := &r.rules[i]
		switch {
		case rule.what != name:
		case rule.values != "":
			if strings.Contains("|"+rule.values+"|", "|"+subject+"|") {
				return rule
			}
		case rule.prefix != "":
			if strings.HasPrefix(subject, rule.prefix) && !strings.Contains(subject, ",") {
				return rule
			}
		default:
			otherwise = rule
		}
	}
	return otherwise
}

// tell says what becomes of a name (01 §5.4).
func (r *replacements) tell(messages *[]string, context string, rule *replacement) {
	if rule == nil {
		return
	}
	label := "DEBUG: "
	switch {
	case rule.severe:
		label = "WARNING: "
	case rule.extra != "":
		label = "INFO: "
	}
	label += r.title + ": "
	text := label
	if context != "" {
		text += context + ": "
	}
	*messages = append(*messages, text+rule.deed()+rule.condition())
	if rule.extra != "" {
		*messages = append(*messages, label+"... "+rule.extra)
	}
}

func (rule *replacement) deed() string {
	switch {
	case rule.with == "":
		return "dropping " + rule.what
	case rule.where != "":
		return "moving " + rule.what + " under " + rule.where + " as " + rule.with + " unless already defined there"
	case rule.with == rule.what:
		return "keeping " + rule.what + " as " + rule.with
	}
	return "renaming " + rule.what + " as " + rule.with
}

func (rule *replacement) condition() string {
	text := ""
	if rule.redefined != "" {
		text = ", redefined as " + rule.redefined
		if rule.values != "" {
			text += ","
		}
	}
	switch {
	case rule.values != "":
		text += " for matching " + rule.values
	case rule.prefix != "":
		text += " for matching " + rule.prefix + " prefix that will, meanwhile, get dropped"
	}
	return text
}

// apply makes the pair that stands for the old one.
func (rule *replacement) apply(pair *xmltree.Element) *xmltree.Element {
	n := withAttrs(pair)
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch {
		case a.Name == "name":
			a.Value = rule.with
		case a.Name == "value" && rule.redefined != "":
			a.Value = rule.redefined
		case a.Name == "value":
			a.Value = strings.TrimPrefix(a.Value, rule.prefix)
		}
	}
	return n
}
