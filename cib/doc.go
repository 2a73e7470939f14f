// Package cib is Pacemaker's Cluster Information Base as a document: reading and
// checking one, its version, and typed views of what it holds.
//
// The views are the elements themselves with names for what Pacemaker means by
// them. They copy nothing, so that whatever a document holds that this package
// does not know is still there when it is written again.
//
// What the parts mean is in the packages below this one: values (value), times
// (isotime), rules (rule), sets of name-value pairs (nvset), the grammar and the
// upgrade of old documents (schema). Specification: docs/scheduler/01.
package cib
