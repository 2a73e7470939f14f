// Package laws holds what is true of every transition, whatever the cluster, as
// tests on generated CIBs: a fault that both Pacemaker's cases and a comparison
// with Pacemaker would miss breaks one of these.
//
// A law is told without the scheduler's own decisions: from the CIB, from the
// State as it is before anything is planned, and from the graph. Where
// Pacemaker itself breaks a law, the exception is named in the test with the
// reason, as narrow as it is, and a file in ocf-tests/scheduler/testdata shows
// it.
//
// The tests run a fixed set of CIBs, so that they end the same way every time.
// For a longer search:
//
//	go test ./ocf-tests/scheduler/laws -rapid.seed=0 -rapid.checks=100000
package laws
