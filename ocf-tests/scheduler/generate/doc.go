// Package generate makes whole random CIBs: nodes, resources, constraints,
// options, and a status section that fits them. A resource is active where its
// history says; the histories have the digests of their parameters.
//
// # Choices
//
// Everything random is taken from a Source, one small integer after the other,
// so that the same package serves rapid (failures shrink: 0 is always the
// plainest choice, and "no more" in a list), math/rand/v2 (long runs against
// Pacemaker) and bytes (fuzzing).
//
// # Features
//
// A CIB first draws which features it has at all (remote nodes, bundles,
// tickets, utilization …). Few at a time: what two features do to each other
// shows more often than where every CIB has a little of everything.
package generate
