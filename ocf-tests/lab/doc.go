// Package lab makes real clusters on one machine, for tests and by hand: real
// corosync and Pacemaker, each node in namespaces of its own, a network that can
// be cut, a power switch that Pacemaker's fencing uses.
//
//	c := lab.New(t, lab.Options{Nodes: 3, Resources: `<primitive .../>`})
//	err := c.Wait(ctx, "d to run", func(s lab.Status) bool { return s.RunsOn("d") != "" })
//	err = c.Node(1).PowerOff()
//
// A node is a process with mount, pid, uts, ipc and network namespaces of its
// own. It shares the root file system of the machine, read-only, and has its own
// /etc, /var, /root, /tmp, /run and /dev/shm, which (but for the last two)
// survive a power-off. The nodes' network interfaces end in a bridge in one more
// network namespace, held by a process called the keeper. No namespace has a
// name: all of them, with their mounts and interfaces, are gone when their
// processes are.
//
// The process that called [Start] owns the cluster. Every node and the keeper
// hold the end of a pipe of the owner's and end when it is closed, so nothing is
// left behind when the owner is killed, and the keeper then removes the folder.
//
// The package starts the running program anew in other roles (node, keeper, fence
// agent): its init function looks for the environment variable SYSTOLE_LAB_ROLE.
// A program or test that imports the package needs to do nothing for it.
//
// It needs Linux, root, and Debian's packages pacemaker, pacemaker-cli-utils,
// corosync, resource-agents and iproute2. [Check] says what is missing.
package lab
