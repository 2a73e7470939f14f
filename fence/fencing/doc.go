// Package fencing is what a fence agent is: its options, metadata and manual from one
// description, and the procedure of its actions.
//
// It follows the FenceAgentAPI of ClusterLabs (names, actions, exit codes), with one
// difference in what it believes. A fence agent that says "off" while the machine
// runs makes the cluster start everything a second time, on the same disks. So "off"
// here is never what a device answers to a command. It is what the device shows,
// several times in a row, after it has taken our command; a machine that was off
// before gets the command all the same. What contradicts itself is a failure.
//
// The procedure sees the world through Device, Clock and Log alone, so that tests run
// it against devices that lie, in no time.
package fencing
