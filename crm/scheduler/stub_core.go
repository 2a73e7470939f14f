package scheduler

import "systole/lib/xmltree"

func newState(cib *xmltree.Element, opt Options) *State { return &State{CIB: cib, opt: opt} }
func (s *State) newerFeatureSet() bool                  { return false }
func (s *State) unpackOptions()                         {}
func (s *State) unpackNodes()                           {}
func (s *State) unpackRemoteNodes()                     {}
func (s *State) unpackResources()                       {}
func (s *State) unpackTags()                            {}
func (s *State) err() error                             { return nil }

func (s *State) fail(format string, args ...any)                                    {}
func (s *State) configError(e *xmltree.Element, format string, args ...any)         {}
func (s *State) configWarning(e *xmltree.Element, format string, args ...any)       {}
func (s *State) cause(kind, id string, e *xmltree.Element) Cause                    { return 0 }
func (s *State) nodeByName(name string) *Node                                       { return nil }
func (s *State) nodeByID(id string) *Node                                           { return nil }
func (s *State) nodeAny(id, uname string) *Node                                     { return nil }
func (s *State) addNode(id, name string, remote bool, score Score) *Node            { return nil }
func (s *State) addNodeAttributes(n *Node, e *xmltree.Element, overwrite bool)      {}
func (s *State) unpackResource(e *xmltree.Element, p *Resource, inst int) *Resource { return nil }
func (s *State) newInstance(clone *Resource) *Resource                              { return nil }
func (s *State) appendRemoved(r *Resource)                                          {}
func (s *State) findResource(id string) *Resource                                   { return nil }
func (s *State) findResourceExact(id string) *Resource                              { return nil }
func (s *State) linkRemote(r *Resource)                                             {}
func (s *State) setStartupUnclean(n *Node)                                          {}
func (s *State) setHistoryID(r *Resource, id string)                                {} // keeps the index of findResource true
func (r *Resource) findByBase(base string, anonymousOnly bool) *Resource            { return nil }
func baseName(id string) string                                                     { return id }
func (r *Resource) Role(next bool) Role                                             { return RoleUnknown }
func (r *Resource) IsActive(all bool) bool                                          { return false }

// locWhich selects kinds of locations (03 §10.3).
type locWhich uint8

const (
	locCurrent locWhich = 1 << iota
	locPending
	locAssigned
)

func (r *Resource) locationsOf(which locWhich) []*Node        { return nil }
func (r *Resource) location(which locWhich) *Node             { return nil }
func (r *Resource) activeNode() *Node                         { return nil }
func (r *Resource) activeCounts() (cur *Node, all, clean int) { return nil, 0, 0 }
func (s *State) addRunning(r *Resource, n *Node, failed bool) {}
func (s *State) paramsFor(r *Resource, n *Node) *Values       { return &Values{} }
func (s *State) attrFor(r *Resource, n *Node, name string, assigned bool) (string, bool) {
	return "", false
}
func (s *State) prefer(r *Resource, n *Node, sc Score, c Cause)   {}
func (s *State) preferAll(r *Resource, sc Score, c Cause)         {}
func (s *State) addScore(r *Resource, n *Node, sc Score, c Cause) {}
func (s *State) setScore(r *Resource, n *Node, sc Score, c Cause) {}
func (s *State) updateRecheck(t int64)                            {}
func (s *State) parseScore(text string) (Score, bool)             { return 0, false } // 01 §8: with the health words; ok=false when invalid
func (s *State) findOp(r *Resource, name string, intervalMs uint32, disabledToo bool) *xmltree.Element {
	return nil
}

// recurringOp is a configured recurring operation that counts (03 §14.2).
type recurringOp struct {
	name       string
	intervalMs uint32
	role       Role
	hasRole    bool
	op         *xmltree.Element
}

func (s *State) recurringOps(r *Resource) []recurringOp { return nil }
func (s *State) opOnFail(r *Resource, task string, intervalMs uint32) (OnFail, Role) {
	return OnFailRestart, RoleStarted
}
func opID(rsc, task string, intervalMs uint32) string { return "" }
func splitKey(key string) (rsc, task string, intervalMs uint32, ok bool) {
	return "", "", 0, false
}
func (s *State) action(r *Resource, task string, intervalMs uint32, n *Node, optional bool) *Action {
	return nil
}
func (s *State) actionByKey(r *Resource, key, task string, n *Node, optional bool) *Action {
	return nil
}
func (s *State) pseudoAction(r *Resource, task string, optional, runnable bool) *Action { return nil }
func (s *State) clusterPseudo(name string) *Action                                      { return nil }
func (r *Resource) findActions(key string, n *Node) []*Action                           { return nil }
func (r *Resource) findExact(key string, n *Node) []*Action                             { return nil }
func (r *Resource) findFirst(key, task string, n *Node) *Action                         { return nil }
func (a *Action) setReason(reason string, overwrite bool)                               {}
func (a *Action) clearBecause(f ActionFlags, because *Action) bool                      { return false }
func (s *State) fenceOp(n *Node, op string, optional bool, reason string, delay bool) *Action {
	return nil
}
func (s *State) fenceNode(n *Node, reason string, delay bool, c Cause)                    {}
func (s *State) canFence(n *Node) bool                                                    { return false }
func (s *State) triggerUnfencing(r *Resource, n *Node, reason string, dependency *Action) {}
func (s *State) isUnfenced(n *Node) bool                                                  { return false }

// digests are the calculated parameter digests of one operation key on one
// node (01 §17).
type digests struct {
	all, restart, secure string
}

type verdict uint8

const (
	verdictMatch verdict = iota
	verdictMismatch
	verdictUnknown
	verdictRestart
)

func (s *State) digestsFor(r *Resource, task string, intervalMs uint32, n *Node, entry *xmltree.Element) *digests {
	return nil
}
func (d *digests) verdict(entry *xmltree.Element, intervalMs uint32) verdict { return verdictMatch }
func (s *State) resolveRef(e *xmltree.Element) *xmltree.Element              { return e }

// refKind says what a name in a constraint stands for (04 §8.2).
type refKind uint8

const (
	refNone refKind = iota
	refResource
	refTemplate
	refTag
)

func (s *State) expandName(id string) (refKind, []string) { return refNone, nil }

type opTable struct{}
type paramCache struct{}
