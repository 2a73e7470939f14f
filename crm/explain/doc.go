// Package explain tells why a cluster does what it does: why a resource runs on
// one node and not on another, what made an action necessary, what keeps it from
// running, why a node is fenced. Every statement names the element of the CIB
// that it rests on, with its line.
//
// It reads what the scheduler wrote down while it decided
// (scheduler.Options.Trail); it decides nothing itself.
package explain
