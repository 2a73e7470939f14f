// Package scale makes large CIBs with complete histories, for benchmarks and
// for comparing programs: an OpenStack cluster with many compute nodes, and a
// cluster of 16 nodes with many groups.
//
// The deployments are those of Pacemaker users who reported slow scheduling;
// every resource is where the scheduler would put it, every history entry has
// its digest, so that an undisturbed cluster needs no action.
package scale

// Event is what has just happened to the cluster.
type Event int

const (
	Nothing      Event = iota
	RemoteFailed       // the connection to one compute node has failed (OpenStack only)
	NodeLost           // one cluster node has left without a shutdown
)
