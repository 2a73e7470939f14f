// Package worker is the process that NovaEvacuate starts: it looks at the cluster and
// at nova, has the state machine decide (lib/openstack/evacuation), does what that
// says, and writes a report for the monitor.
package worker
