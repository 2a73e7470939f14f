package scheduler

import (
	"strings"

	"systole/lib/xmltree"
)

// FailedOp is an entry of the failed-operations list: what a status report
// says about it (02 §9.9, 08 §5.9). Degraded results and ignored failures are
// in the list, too.
type FailedOp struct {
	Op   *xmltree.Element // the history entry, as it is in the CIB
	Node *Node
	Rsc  *Resource
	// Key is the operation key, or the entry's XML id where it has none.
	Key        string
	Task       string
	IntervalMs uint32
	RC         int    // as recorded, not remapped
	Status     int    // op-status as recorded
	CallID     string // "" when absent
	ExitReason string
	LastChange int64  // epoch seconds, 0 when unknown
	QueueTime  string // milliseconds as recorded, "" when absent
	ExecTime   string
	// MaskedProbe marks a probe that counts as "not running"; it is no failure
	// to people (08 §5.3.5).
	MaskedProbe bool
}

type failedKey struct{ key, node string }

// maskedIndex finds masked probes by resource name and on_node (lower case);
// on_node "" stands for any node. The first in the failed list wins.
type maskedIndex map[failedKey]int

// recordFailed appends an entry to the failed list, once per operation and
// node, for online nodes only.
func (s *State) recordFailed(h *history, e *opEntry) {
	if !h.n.Online {
		return
	}
	k := failedKey{key: e.key(), node: strings.ToLower(h.n.Name)}
	if s.failedSeen[k] {
		return
	}
	if s.failedSeen == nil {
		s.failedSeen = map[failedKey]bool{}
	}
	s.failedSeen[k] = true
	f := &FailedOp{
		Op: e.xml, Node: h.n, Rsc: h.r, Key: k.key, Task: e.task, IntervalMs: e.intervalMs,
		CallID: e.xml.Get("call-id"), ExitReason: e.xml.Get("exit-reason"),
		LastChange: e.changed(), QueueTime: e.xml.Get("queue-time"), ExecTime: e.xml.Get("exec-time"),
		MaskedProbe: e.maskable,
	}
	if n, ok := parseInt32(e.rcText); ok {
		f.RC = int(n)
	}
	if n, ok := parseInt32(e.statusText); ok {
		f.Status = int(n)
	}
	s.Failed = append(s.Failed, f)
	if e.maskable {
		s.indexMasked(f, e)
	}
}

func (s *State) indexMasked(f *FailedOp, e *opEntry) {
	rsc, _, _, ok := splitKey(f.Key)
	if !ok || !e.hasNode {
		return
	}
	if s.hist.masked == nil {
		s.hist.masked = maskedIndex{}
	}
	for _, node := range [...]string{"", strings.ToLower(e.node)} {
		k := failedKey{key: rsc, node: node}
		if _, ok := s.hist.masked[k]; !ok {
			s.hist.masked[k] = f.RC
		}
	}
}

// MaskedProbe returns the result of the resource's first masked failed probe
// on the node, or on any node when n is nil (08 §5.3.5). For instances of a
// clone, and members of a cloned group, the name of the clone's child counts.
func (s *State) MaskedProbe(r *Resource, n *Node) (rc int, ok bool) {
	if len(s.hist.masked) == 0 {
		return 0, false
	}
	k := failedKey{key: r.ID}
	if top := r.TopBelowBundle(); top.Kind == KindClone {
		k.key = top.clone.childXML.ID()
	}
	if n != nil {
		k.node = strings.ToLower(n.Name)
	}
	rc, ok = s.hist.masked[k]
	return rc, ok
}
