package schema

// The sets of name/value pairs. They differ in the pairs they reject and in
// the rule language they understand, so each context has its own definition.
// It is a table: only read.
var setTables = []table{
	set("cluster_property_set", "pair/options", "rule/options"),
	set("set/rsc_defaults", "pair/rsc_defaults", "rule/options"),
	set("set/op_defaults", "pair/op_defaults", "rule/options"),
	set("set/node", "pair", "rule"),
	set("set/alert", "pair", "rule/late"),
	set("set/primitive-params", "pair/primitive-params", "rule"),
	set("set/primitive-meta", "pair/primitive-meta", "rule"),
	set("set/params", "pair", "rule"),
	set("set/meta", "pair/meta", "rule"),
	set("set/op-params", "pair/op-params", "rule"),
	set("set/op-meta", "pair/op-meta", "rule"),

	pair("pair", "1.3-", nil),
	pair("pair/primitive-params", "1.3-", paramsRejected),
	pair("pair/primitive-meta", "1.3-", primitiveMetaRejected),
	pair("pair/meta", "1.3-", metaRejected),
	pair("pair/op-params", "1.3-", opParamsRejected),
	pair("pair/op-meta", "1.3-", opMetaRejected),
	pair("pair/options", "3.0-", optionsRejected),
	pair("pair/rsc_defaults", "3.0-", metaRejected),
	pair("pair/op_defaults", "3.0-", opDefaultsRejected),
}

func set(name, pair, rule string) table {
	return table{
		name:  name,
		types: "id:ID id-ref:IDREF score:score",
		forms: []tableForm{
			{attrs: "id score?", kids: "rule=" + rule + "? nvpair=" + pair + "*"},
			{attrs: "id-ref"},
		},
	}
}

// pair makes the definition of an nvpair; references to other pairs came at
// different times to different contexts.
func pair(name, references string, rejected pairRules) table {
	return table{
		name:  name,
		types: "id:ID id-ref:IDREF",
		forms: []tableForm{
			{attrs: "id name value?@-3.10 value@4.0"},
			{in: references, attrs: "id-ref name?@-3.10"},
		},
		pairs: rejected,
	}
}

var (
	since30To310 = span(V3_0, V3_10)
	only30       = V3_0.set()
	only40       = V4_0.set()
)

// reject adds rules for several names with one remedy.
func (p pairRules) reject(in Set, hint string, names ...string) pairRules {
	for _, n := range names {
		p[n] = pairRule{in: in, hint: hint}
	}
	return p
}

// optionsRejected is a table: only read.
var optionsRejected = pairRules{
	"cluster-infrastructure": {
		in:     since30To310,
		values: []string{"heartbeat", "openais", "classic openais", "classic openais (with plugin)", "cman"},
		exact:  true,
		hint:   "only corosync is supported",
	},
	"stonith-action": {in: only40, values: []string{"poweroff"}, exact: true, hint: "use off"},
}.
	reject(since30To310, "write it with - instead of _",
		"cluster_recheck_interval", "dc_deadtime", "election_timeout", "no_quorum_policy", "remove_after_stop",
		"shutdown_escalation", "startup_fencing", "stonith_action", "stonith_enabled", "stop_orphan_actions",
		"stop_orphan_resources", "symmetric_cluster").
	reject(since30To310, "use cluster-delay", "transition_idle_timeout").
	reject(since30To310, "set timeout in op_defaults", "default-action-timeout", "default_action_timeout").
	reject(since30To310, "set resource-stickiness in rsc_defaults",
		"default-resource-stickiness", "default_resource_stickiness").
	reject(since30To310, "set is-managed in rsc_defaults", "is-managed-default", "is_managed_default").
	reject(since30To310, "set migration-threshold in rsc_defaults",
		"default-migration-threshold", "default_migration_threshold",
		"default-resource-failure-stickiness", "default_resource_failure_stickiness").
	reject(since30To310, "remove it: corosync tracks quorum", "expected-quorum-votes").
	reject(since30To310, "configure alerts", "notification-agent", "notification-recipient").
	reject(only40, "use join-finalization-timeout", "crmd-finalization-timeout").
	reject(only40, "use join-integration-timeout", "crmd-integration-timeout").
	reject(only40, "use transition-delay", "crmd-transition-delay").
	reject(only40, "remove it: it is no longer supported", "remove-after-stop")

// metaRejected is a table: only read.
var metaRejected = pairRules{}.
	reject(only40, `remove it and consider the "kind" of the orders concerned`, "restart-type")

// primitiveMetaRejected is a table: only read.
var primitiveMetaRejected = pairRules{}.
	reject(only40, `remove it and consider the "kind" of the orders concerned`, "restart-type").
	reject(since30To310, "use a bundle",
		"isolation", "isolation-host", "isolation-instance", "isolation-wrapper")

// paramsRejected is a table: only read.
var paramsRejected = pairRules{}.
	reject(only30, "use pcmk_host_argument", "pcmk_arg_map").
	reject(only30, "write it with _action instead of _cmd",
		"pcmk_list_cmd", "pcmk_monitor_cmd", "pcmk_off_cmd", "pcmk_on_cmd", "pcmk_reboot_cmd", "pcmk_status_cmd")

// opParamsRejected is a table: only read.
var opParamsRejected = pairRules{}.
	reject(only30, "make it an attribute or meta-attribute of the operation",
		"interval-origin", "start-delay", "enabled", "on-fail", "record-pending", "role", "timeout").
	reject(only30, "make it a meta-attribute of the resource", "requires")

// opMetaRejected is a table: only read.
var opMetaRejected = pairRules{}.
	reject(since30To310, "make it a meta-attribute of the resource", "requires").
	reject(only40, `remove it and consider the operation attribute "on-fail"`, "can_fail", "role_after_failure")

// opDefaultsRejected is a table: only read.
var opDefaultsRejected = pairRules{}.
	reject(only40, `remove it and consider the operation attribute "on-fail"`, "can_fail", "role_after_failure")
