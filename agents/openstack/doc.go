// Package openstack is the agents of an OpenStack cluster: NovaCompute,
// NovaEvacuate, nova-compute-wait and cinder-volume. They are in one package because
// they log in with the same parameters and speak to each other through one node
// attribute.
//
// # The evacuation of a dead compute node
//
//  1. Its fencing ends with a fence agent that forces nova's service down and sets
//     the attribute evacuate of the node to yes.
//  2. NovaEvacuate, once in the cluster, has the servers evacuated and sets the
//     attribute to no (package lib/openstack/evacuation).
//  3. When the node is back, NovaCompute or nova-compute-wait waits for that, starts
//     nova-compute, takes back that the service is down, and enables it.
//
// # Why NovaEvacuate has a process of its own
//
// The stock agent evacuates within its monitor, which may then take ten minutes: it
// is killed in the middle if it takes longer, the cluster does not learn in that
// time that anything is wrong, and a resource that is being monitored cannot be
// stopped. A monitor of ours never writes. So start begins a process, the worker
// (agents/openstack/worker), which lives as long as the resource is started; monitor
// looks whether it lives and what it says; stop ends it. The cluster supervises the
// worker as it does any daemon: if it dies or hangs it is started again, and if its
// node dies another node starts one. What was done so far is in nova.
package openstack
