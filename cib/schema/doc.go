// Package schema knows the grammar of the CIB in every version Pacemaker ever
// shipped, pacemaker-1.0 to pacemaker-4.0: it validates a document against one
// of them and brings an older one up to the latest.
//
// The grammar is data (the tables_*.go files): for each element the forms it
// can take, with the attributes and children of each, every item marked with
// the versions it belongs to. One walk over a document tells for all versions
// at once whether it is valid, without allocating per element; the walk that
// explains what is wrong is a second one, made only when something is.
//
// Upgrade follows docs/scheduler/01 §2: most documents are only relabelled.
package schema
