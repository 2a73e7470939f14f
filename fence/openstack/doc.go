// Package openstack is the fence agents fence_compute, fence_evacuate and fence_ironic.
//
// The first two turn nothing off. fence_compute tells nova that a host which has
// been fenced is down, and has the cluster remember that its servers have to be
// evacuated (node attribute evacuate=yes); the agent NovaEvacuate does that.
// fence_evacuate evacuates them itself, and waits until that is over. Both stand
// behind a power fencing device, in one level of a fencing topology.
package openstack
