// Package scheduler makes Pacemaker's decisions: a CIB goes in, a transition
// comes out. It is one pure function cut into phases (run.go shows them all on
// one screen): no clock, no IO, no goroutine, no global, no logger. Time is an
// option; everything a person may want to read (score lines, reasons, causes)
// is data in the State.
//
// # Vocabulary
//
// The words are Pacemaker's: resource, instance, replica, launcher, active,
// assigned, role, stickiness, colocation, ordering, synapse, fencing. "Top
// below a bundle" is the topmost ancestor that is still below a bundle
// (03 §2.7). "05 §3.2" in a comment is docs/scheduler/05…, section 3.2.
//
// # Duties of the caller
//
// The document given to Unpack must have been validated and upgraded
// (systole/cib/schema); the scheduler reads it and never changes it. A State is
// used by one goroutine. Unpack, then read the status, then Plan once.
//
// # Data
//
// Nodes and resources carry a small index each; whatever is kept "per node and
// resource" is a slice indexed by the node (Table). Clone instances share one
// table until they differ. Slices named "before", "after", "Actions" grow at
// the end; Pacemaker's lists grow at the front, so "newest first" is a walk
// from the back.
package scheduler
