package scheduler

import (
	"strings"

	"systole/lib/xmltree"
)

// optionKind says how an option's value is checked (01 §15.1).
type optionKind uint8

const (
	optText optionKind = iota
	optBool
	optInterval
	optInt
	optPosInt
	optSelect
	optPercent
)

// clusterOption describes one cluster option: current name, former name, how
// it is checked, and its default.
type clusterOption struct {
	name, old string
	kind      optionKind
	def       string
	words     string // of optSelect, separated by blanks
}

// clusterOptions is a table: every option that Pacemaker knows, in its order
// (01 §15.2).
var clusterOptions = []clusterOption{
	{name: "dc-version", kind: optText},
	{name: "cluster-infrastructure", kind: optText},
	{name: "cluster-name", kind: optText},
	{name: "dc-deadtime", kind: optInterval, def: "20s"},
	{name: "cluster-recheck-interval", kind: optInterval, def: "15min"},
	{name: "fencing-reaction", old: "fence-reaction", kind: optSelect, def: "stop", words: "stop panic"},
	{name: "election-timeout", kind: optInterval, def: "2min"},
	{name: "shutdown-escalation", kind: optInterval, def: "20min"},
	{name: "join-integration-timeout", kind: optInterval, def: "3min"},
	{name: "join-finalization-timeout", kind: optInterval, def: "30min"},
	{name: "transition-delay", kind: optInterval, def: "0s"},
	{name: "no-quorum-policy", kind: optSelect, def: "stop", words: "stop freeze ignore demote fence suicide"},
	{name: "shutdown-lock", kind: optBool, def: "false"},
	{name: "shutdown-lock-limit", kind: optInterval, def: "0"},
	{name: "enable-acl", kind: optBool, def: "false"},
	{name: "symmetric-cluster", kind: optBool, def: "true"},
	{name: "maintenance-mode", kind: optBool, def: "false"},
	{name: "start-failure-is-fatal", kind: optBool, def: "true"},
	{name: "enable-startup-probes", kind: optBool, def: "true"},
	{name: "fence-remote-without-quorum", kind: optBool, def: "false"},
	{name: "fencing-enabled", old: "stonith-enabled", kind: optBool, def: "true"},
	{name: "fencing-action", old: "stonith-action", kind: optSelect, def: "reboot", words: "reboot off"},
	{name: "fencing-timeout", old: "stonith-timeout", kind: optInterval, def: "60s"},
	{name: "have-watchdog", kind: optBool, def: "false"},
	{name: "fencing-watchdog-timeout", old: "stonith-watchdog-timeout", kind: optText, def: "0"},
	{name: "fencing-max-attempts", old: "stonith-max-attempts", kind: optPosInt, def: "10"},
	{name: "concurrent-fencing", kind: optBool, def: "true"},
	{name: "startup-fencing", kind: optBool, def: "true"},
	{name: "priority-fencing-delay", kind: optInterval, def: "0"},
	{name: "node-pending-timeout", kind: optInterval, def: "0"},
	{name: "cluster-delay", kind: optInterval, def: "60s"},
	{name: "load-threshold", kind: optPercent, def: "80%"},
	{name: "node-action-limit", kind: optInt, def: "0"},
	{name: "batch-limit", kind: optInt, def: "0"},
	{name: "migration-limit", kind: optInt, def: "-1"},
	{name: "cluster-ipc-limit", kind: optText, def: "500"},
	{name: "stop-all-resources", kind: optBool, def: "false"},
	{name: "stop-removed-resources", old: "stop-orphan-resources", kind: optBool, def: "true"},
	{name: "cancel-removed-actions", old: "stop-orphan-actions", kind: optBool, def: "true"},
	{name: "pe-error-series-max", kind: optInt, def: "-1"},
	{name: "pe-warn-series-max", kind: optInt, def: "5000"},
	{name: "pe-input-series-max", kind: optInt, def: "4000"},
	{name: "node-health-strategy", kind: optSelect, def: "none", words: "none migrate-on-red only-green progressive custom"},
	{name: "node-health-base", kind: optInt, def: "0"},
	{name: "node-health-green", kind: optInt, def: "0"},
	{name: "node-health-yellow", kind: optInt, def: "0"},
	{name: "node-health-red", kind: optInt, def: "-INFINITY"},
	{name: "placement-strategy", kind: optSelect, def: "default", words: "default utilization minimal balanced"},
}

// valid checks a value as configured.
func (o *clusterOption) valid(text string) bool {
	switch o.kind {
	case optBool:
		_, ok := parseBool(text)
		return ok
	case optInterval:
		_, ok := parseInterval(text)
		return ok
	case optInt, optPosInt:
		if text == "INFINITY" || text == "+INFINITY" || (text == "-INFINITY" && o.kind == optInt) {
			return true
		}
		n, ok := parseOptionInteger(text)
		return ok && (o.kind == optInt || n > 0)
	case optSelect:
		for word := range strings.FieldsSeq(o.words) {
			if word == text || (o.name != "fencing-action" && strings.EqualFold(word, text)) {
				return true
			}
		}
		return false
	case optPercent:
		n, ok := parseInteger(text)
		return ok && n >= 0 && strings.Contains(text, "%")
	}
	return true
}

// unpackOptions reads the cluster options (01 §15).
func (s *State) unpackOptions() {
	table := map[string]string{}
	if e := s.single("crm_config"); e != nil {
		s.evalSets(e, "cluster_property_set", s.ruleInput(), table)
	}
	for i := range clusterOptions {
		o := &clusterOptions[i]
		v, ok := table[o.name]
		if !ok && o.old != "" {
			v, ok = table[o.old]
		}
		if ok && !o.valid(v) {
			s.configError(nil, "using default value %q for cluster option %s because %q is invalid", o.def, o.name, v)
			ok = false
		}
		switch {
		case ok:
			table[o.name] = v
		case o.def != "":
			table[o.name] = o.def
		}
	}
	s.Config.Values = table
	s.readConfig(table)
}

func (s *State) readConfig(table map[string]string) {
	c := &s.Config
	on := func(name string) bool { return isTrue(table[name]) }
	ms := func(name string) int64 { v, _ := parseInterval(table[name]); return v }
	c.StartupProbes = on("enable-startup-probes")
	s.haveFence = on("have-watchdog")
	s.unfencing = s.findUnfencing()
	c.FencingEnabled = on("fencing-enabled")
	c.FencingAction = table["fencing-action"]
	c.ConcurrentFencing = on("concurrent-fencing")
	c.PriorityFencingDelay = ms("priority-fencing-delay")
	c.StopAll = on("stop-all-resources")
	c.Symmetric = on("symmetric-cluster")
	c.StopRemoved = on("stop-removed-resources")
	c.CancelRemoved = on("cancel-removed-actions")
	c.MaintenanceMode = on("maintenance-mode")
	c.StartFailureFatal = on("start-failure-is-fatal")
	c.StartupFencing = c.FencingEnabled && on("startup-fencing")
	c.FenceRemoteNoQuorum = on("fence-remote-without-quorum")
	c.NodePendingTimeout = ms("node-pending-timeout")
	if c.ShutdownLock = on("shutdown-lock"); c.ShutdownLock {
		c.ShutdownLockLimitMs = ms("shutdown-lock-limit")
	}
	c.NoQuorumPolicy = s.quorumPolicy(table["no-quorum-policy"])
	s.readHealth(table)
	switch strings.ToLower(table["placement-strategy"]) {
	case "utilization":
		c.Placement = PlaceUtilization
	case "minimal":
		c.Placement = PlaceMinimal
	case "balanced":
		c.Placement = PlaceBalanced
	}
}

// quorumPolicy reads no-quorum-policy; fencing oneself is only possible where
// fencing is, and only wanted in a partition that had quorum (01 §15.3).
func (s *State) quorumPolicy(text string) QuorumPolicy {
	switch strings.ToLower(text) {
	case "ignore":
		return QuorumIgnore
	case "freeze":
		return QuorumFreeze
	case "demote":
		return QuorumDemote
	case "fence", "suicide":
		panicked, _ := parseInteger(s.CIB.Get("no-quorum-panic"))
		if s.Config.FencingEnabled && (s.Quorate || panicked != 0) {
			return QuorumFence
		}
	}
	return QuorumStop
}

// readHealth sets what the health words are worth (01 §15.4).
func (s *State) readHealth(table map[string]string) {
	c := &s.Config
	c.HealthStrategy = strings.ToLower(table["node-health-strategy"])
	score := func(name string) Score { v, _ := s.parseScore(table[name]); return v }
	switch c.HealthStrategy {
	case "migrate-on-red":
		c.Health = HealthScores{Red: -Infinity}
	case "only-green":
		c.Health = HealthScores{Red: -Infinity, Yellow: -Infinity}
	case "progressive", "custom":
		c.Health = HealthScores{
			Red: score("node-health-red"), Yellow: score("node-health-yellow"), Green: score("node-health-green"),
		}
		if c.HealthStrategy == "progressive" {
			c.HealthBase = score("node-health-base")
		}
	}
}

// findUnfencing tells whether unfencing is in use: a plain search of the text,
// as Pacemaker does it (01 §15.5).
func (s *State) findUnfencing() bool {
	found := false
	search := func(meta *xmltree.Element) {
		for nv := range meta.Elements("nvpair") {
			if name := nv.Get("name"); (name == "provides" || name == "requires") && nv.Get("value") == "unfencing" {
				found = true
			}
		}
	}
	s.configuration.Child("resources").Walk(func(e *xmltree.Element) bool {
		if e.Name == "meta_attributes" {
			search(e)
		}
		return !found
	})
	for meta := range s.configuration.Child("rsc_defaults").Elements("meta_attributes") {
		search(meta)
	}
	return found
}
