package generate

import "strconv"

// clusterOptions is a table: options and values to try, the default first.
var clusterOptions = []pair{
	{"no-quorum-policy", "stop ignore freeze demote fence"},
	{"symmetric-cluster", "true true false"},
	{"maintenance-mode", "false false true"},
	{"start-failure-is-fatal", "true false"},
	{"enable-startup-probes", "true false"},
	{"stop-all-resources", "false false true"},
	{"stop-removed-resources", "true false"},
	{"cancel-removed-actions", "true false"},
	{"startup-fencing", "true false"},
	{"concurrent-fencing", "true false"},
	{"have-watchdog", "false true"},
	{"fencing-watchdog-timeout", "0 10s"},
	{"priority-fencing-delay", "0 15s"},
	{"shutdown-lock", "false true true"},
	{"shutdown-lock-limit", "0 5min 10000000s"},
	{"fencing-action", "reboot off"},
	{"node-pending-timeout", "0 10s 100000000s"},
	{"fence-remote-without-quorum", "false true"},
	{"cluster-delay", "60s 0"},
	{"batch-limit", "0 5"},
	{"migration-limit", "-1 2"},
}

func (m *maker) makeOptions() {
	m.option("fencing-enabled", strconv.FormatBool(m.has.fencing || m.chance(2)))
	if m.has.options {
		for range 1 + m.src.IntN(4) {
			p := pick(m, clusterOptions)
			m.option(p.name, m.word(p.values))
		}
		if m.chance(4) {
			m.root.Set("have-quorum", "0")
		}
	}
	if m.has.lostNodes && m.chance(6) {
		m.root.Set("have-quorum", "0")
	}
	if m.has.health {
		m.option("node-health-strategy", m.word("migrate-on-red only-green progressive custom none"))
		if m.chance(2) {
			m.option("node-health-yellow", m.word("-10 0 5"))
		}
		if m.chance(2) {
			m.option("node-health-base", m.word("5 0 -5"))
		}
	}
	if m.has.utilization {
		m.option("placement-strategy", m.word("balanced utilization minimal default"))
	}
	if m.chance(4) {
		m.set(m.config("rsc_defaults"), "meta_attributes", "resource-stickiness", m.word("1 100 INFINITY -1"))
	}
	if m.chance(10) {
		m.set(m.config("op_defaults"), "meta_attributes", "timeout", m.word("30s 2min"))
	}
	if m.has.metas && m.chance(6) {
		m.set(m.config("rsc_defaults"), "meta_attributes", "priority", m.word("1 5"))
	}
}

func (m *maker) option(name, value string) { m.set(m.crmConfig, "cluster_property_set", name, value) }

// makeTopology registers fence devices for nodes, in levels.
func (m *maker) makeTopology() {
	var devices []string
	for e := range m.resourceList.Elements("primitive") {
		if e.Get("class") == "stonith" {
			devices = append(devices, e.ID())
		}
	}
	if len(devices) == 0 || m.often(3) {
		return
	}
	topology := m.config("fencing-topology")
	for i := range 1 + m.src.IntN(3) {
		level := topology.Add("fencing-level", "id", m.id("level"))
		switch m.src.IntN(3) {
		case 0:
			level.Set("target", pick(m, m.nodes).name)
		case 1:
			level.Set("target-pattern", "n[12]")
		default:
			level.Set("target-attribute", "site")
			level.Set("target-value", "a")
		}
		level.Set("index", strconv.Itoa(i+1))
		level.Set("devices", pick(m, devices))
	}
}
