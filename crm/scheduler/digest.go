package scheduler

import (
	"slices"
	"strings"

	"systole/cib/digest"
	"systole/lib/xmltree"
)

// digestKey is an operation on a node.
type digestKey struct {
	node       int32
	task       string
	intervalMs uint32
}

// digests are the calculated parameter digests of one operation key on one
// node. They are computed with the first history entry that asks (01 §17.5).
type digests struct {
	all, restart string
	secure       string
	secureParams func() string // computes secure on first use
	state        verdict       // the key's last verdict
}

// verdict says how the parameters of a history entry compare to the
// configuration (01 §17.6).
type verdict uint8

const (
	verdictMatch verdict = iota
	verdictMismatch
	verdictUnknown
	verdictRestart
)

// digestsFor computes the digests of an operation on a node; entry is the
// history entry that they are compared with, or nil (01 §17.2–17.5).
func (s *State) digestsFor(r *Resource, task string, intervalMs uint32, n *Node, entry *xmltree.Element) *digests {
	key := digestKey{node: noNode, task: task, intervalMs: intervalMs}
	if n != nil {
		key.node = n.Index
	}
	if d := r.digests[key]; d != nil {
		return d
	}
	op := s.findOp(r, task, intervalMs, true)
	extra := s.opParams(op, n)
	d := &digests{all: s.allDigest(r, task, intervalMs, n, op, extra)}
	if intervalMs == 0 && len(extra) > 0 {
		d.state = verdictRestart
	}
	if entry.Has("op-restart-digest") {
		d.restart = s.restartDigest(r, task, intervalMs, n, op, extra, entry)
	}
	d.secureParams = func() string { return s.secureDigestOf(r, n, extra, entry) }
	if r.digests == nil {
		r.digests = map[digestKey]*digests{}
	}
	r.digests[key] = d
	return d
}

func (d *digests) secureDigest() string {
	if d.secure == "" {
		d.secure = d.secureParams()
	}
	return d.secure
}

// opParams reads the operation's instance attributes for a node.
func (s *State) opParams(op *xmltree.Element, n *Node) map[string]string {
	if op == nil || op.Child("instance_attributes") == nil {
		return nil
	}
	table := map[string]string{}
	in := s.ruleInput()
	in.setNode(n)
	s.evalSets(op, "instance_attributes", in, table)
	return table
}

// allDigest is the digest over all parameters; it is kept per configuration
// where it is the same on every node.
func (s *State) allDigest(r *Resource, task string, ms uint32, n *Node, op *xmltree.Element, extra map[string]string) string {
	cacheable := len(extra) == 0 && !s.paramsDependOnNode(r) && !needsAddress(r, s.paramsFor(r, n))
	key := opKey{task: task, intervalMs: ms}
	if cacheable {
		if d, ok := r.cfg.digests[key]; ok {
			return d
		}
	}
	d := digest.Parameters(s.digestParams(r, task, ms, n, op, extra))
	if cacheable {
		if r.cfg.digests == nil {
			r.cfg.digests = map[opKey]string{}
		}
		r.cfg.digests[key] = d
	}
	return d
}

// needsAddress tells whether a bundle connection takes its address from the
// host of its container (03 §11.4).
func needsAddress(r *Resource, params *Values) bool {
	return r.Has(RscRemoteConnection) && r.Launcher != nil && r.Launcher.Has(RscReplicaContainer) && params.Value("addr") == "#uname"
}

// connectionAddress is the host's name that stands for the address "#uname".
func connectionAddress(r *Resource) (string, bool) {
	if n := r.Launcher.Assigned; n != nil {
		return n.Name, true
	}
	if n := r.Launcher.activeNode(); n != nil {
		return n.Name, true
	}
	return "", false
}

// digestParams collects what the "all" digest covers; the first writer of a
// name wins (01 §17.2).
func (s *State) digestParams(r *Resource, task string, ms uint32, n *Node, op *xmltree.Element, extra map[string]string) map[string]string {
	table := map[string]string{}
	params := s.paramsFor(r, n)
	if needsAddress(r, params) {
		if addr, ok := connectionAddress(r); ok {
			table["addr"] = addr
		}
	}
	params.Each(func(name, v string) {
		if _, ok := table[name]; !ok {
			table[name] = v
		}
	})
	addMissing(table, extra)
	filterParams(table)
	if ms != 0 {
		timeout := s.opMetaTable(r, task, ms, op)["timeout"]
		table["CRM_meta_timeout"] = timeoutText(timeout)
	}
	return table
}

// filterParams takes out what never counts in a digest.
func filterParams(table map[string]string) {
	for name := range table {
		switch name {
		case "id", "crm_feature_set", "op-digest", "on_node", "on_node_uuid", "pcmk_external_ip":
			delete(table, name)
		default:
			if strings.HasPrefix(name, "CRM_meta_") {
				delete(table, name)
			}
		}
	}
}

// restartDigest covers the parameters whose change needs a restart (01 §17.3).
func (s *State) restartDigest(r *Resource, task string, ms uint32, n *Node, op *xmltree.Element, extra map[string]string, entry *xmltree.Element) string {
	table := s.digestParams(r, task, ms, n, op, extra)
	if list, ok := entry.Attr("op-force-restart"); ok {
		keep := strings.Fields(list)
		for name := range table {
			if !slices.Contains(keep, name) {
				delete(table, name)
			}
		}
	}
	return digest.Parameters(table)
}

// secureSince is the feature set from which secure digests cover all
// parameters (01 §17.4).
const secureSince = "3.16.0"

// secureDigestOf leaves the private parameters out (01 §17.4).
func (s *State) secureDigestOf(r *Resource, n *Node, extra map[string]string, entry *xmltree.Element) string {
	version := FeatureSet
	if v, ok := s.CIB.Attr("crm_feature_set"); ok {
		version = v
	}
	private := []string{"passwd", "password", "user"}
	if entry != nil {
		if v, ok := entry.Attr("crm_feature_set"); ok {
			version = v
		}
		private = strings.Fields(entry.Get("op-secure-params"))
	}
	old := compareVersions(version, secureSince) < 0
	if old {
		extra = nil
	}
	table := s.digestParams(r, "", 0, n, nil, extra)
	for name := range table {
		if slices.Contains(private, name) || (old && equalFold(r.Class, "stonith") && isFencingParam(name)) {
			delete(table, name)
		}
	}
	return digest.Parameters(table)
}

// isFencingParam tells whether a parameter of a fence device is Pacemaker's
// own and not the agent's.
func isFencingParam(name string) bool {
	switch name {
	case "provides", "stonith-timeout", "pcmk_action_limit", "pcmk_delay_base", "pcmk_delay_max",
		"pcmk_host_argument", "pcmk_host_check", "pcmk_host_list", "pcmk_host_map":
		return true
	}
	rest, ok := strings.CutPrefix(name, "pcmk_")
	if !ok {
		return false
	}
	for _, suffix := range [...]string{"_action", "_timeout", "_retries"} {
		if word, ok := strings.CutSuffix(rest, suffix); ok && word != "" && !strings.Contains(word, "_") {
			return true
		}
	}
	return false
}

// verdict compares a history entry with the calculated digests (01 §17.6).
func (d *digests) verdict(entry *xmltree.Element, intervalMs uint32) verdict {
	recordedRestart, hasRestart := entry.Attr("op-restart-digest")
	recorded, has := entry.Attr("op-digest")
	result := verdictMatch
	switch {
	case d.restart != "" && hasRestart && d.restart != recordedRestart:
		result = verdictRestart
	case !has:
		result = verdictUnknown
	case recorded != d.all:
		result = verdictMismatch
		if intervalMs == 0 && d.state == verdictRestart {
			result = verdictRestart
		}
	}
	d.state = result
	return result
}
