// Package nvset evaluates sets of name/value pairs: which of several sets
// counts, which pair in a set, and which rules let a set count at all (01 §11).
//
// The sets of one kind below one element are compiled once to a list in the
// order in which they are looked at, references followed and pairs sorted out.
// The list can then be evaluated for many nodes; when it does not depend on the
// node, one evaluation serves them all.
package nvset
