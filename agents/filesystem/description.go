package filesystem

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "Filesystem", Version: "1.0.0",
		Short: "Mounts a file system on this node",
		Long: `Mounts a file system: of a block device, of a server, of another directory (bind), or one
without a device such as tmpfs. A stop unmounts it, and ends the processes that use it.

It takes the place of ocf:heartbeat:Filesystem and has its parameters. The file system must
not be in /etc/fstab. One that is not made for it must not be mounted on two nodes: have
fencing in the cluster.`,
		Params: params0(),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 60 * time.Second},
			{Name: "stop", Timeout: 60 * time.Second},
			{Name: "monitor", Timeout: 40 * time.Second, Interval: 20 * time.Second},
			{Name: "monitor", Timeout: 40 * time.Second, Interval: 60 * time.Second, Depth: 10},
			{Name: "monitor", Timeout: 40 * time.Second, Interval: 60 * time.Second, Depth: 20},
			{Name: "reload-agent", Timeout: 10 * time.Second},
			{Name: "validate-all", Timeout: 5 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "Check levels of monitor", Text: `0: the file system is mounted on its directory. Only the kernel's table of mounts is
read: this never hangs, whatever the file system does. A file system that the kernel has made
read-only after an error is OCF_DEGRADED, at the levels above it is a failure.

10: also, the first 64 KiB of a block device can be read, past all caches; or the server of a
network file system answers.

20: also, a file can be written and read back (statusfile_prefix). This is the one monitor
that writes.

What levels 10 and 20 ask is asked in a process of its own: when the file system does not
answer, the monitor fails in time and says so, and leaves that process behind.`},
			{Title: "How a stop goes", Text: `File systems mounted below the directory, and other mounts of the same block device,
are unmounted first. If one is busy, the processes that use it get term_signals for the first
half of the time, then kill_signals; a network file system is then unmounted by force.
They are found by their files as the kernel shows them in /proc, which does not ask the file system.
The agent never signals process 1 or its own ancestors.

A stop that cannot unmount fails, and says who uses the file system: processes, loop devices,
swap files. It never detaches a file system and calls that success, unless lazy_unmount says so.`},
			{Title: "Differences to the stock agent", Text: `A start refuses a block device that is mounted elsewhere on the node, and a directory
on which something else is mounted.

Another file system on the directory is OCF_ERR_GENERIC in a monitor. If the resource has a
block device, it is not running for a probe and a stop, as in the stock agent. For others, such as
NFS, a probe fails and a stop unmounts what is there: the stock agent takes it for its own.

Of the modifiers of force_unmount, move is not supported: it is accepted and has no effect. xargs
and ps have none to have. A password in the options of cifs is handed to mount.cifs in its
environment, not as an argument. LABEL=, UUID=, PARTLABEL= and PARTUUID= are understood in
device besides -L and -U.`},
		},
	}
}

func params0() []ocf.Param {
	return []ocf.Param{
		{
			Name: "device", Required: true, Short: "What is mounted",
			Long: `A block device, also as LABEL=, UUID=, -L or -U; SERVER:/PATH of a server; the directory of a
bind mount; or any word for file systems without a device.`,
		},
		{Name: "directory", Required: true, UniqueGroup: "directory", Short: "Mount point", Long: "The directory that it is mounted on. It is made if it is missing."},
		{
			Name: "fstype", Required: true, Short: "Type of the file system",
			Long: "As for mount: ext4, xfs, nfs, tmpfs, ...; none for a bind mount.",
		},
		{Name: "options", Short: "Mount options", Long: `As for mount -o, separated by commas. A bind mount has "bind" here, or "bind,ro".`},
		{
			Name: "statusfile_prefix", Default: ".Filesystem_status/", Reloadable: true, Short: "Beginning of the name of the status file",
			Long: "The file for check level 20 is named by this, the resource and the node, below the directory.",
		},
		{
			Name: "run_fsck", Type: ocf.Select, Options: []string{"auto", "force", "no"}, Default: "auto", Reloadable: true, Short: "Check the file system before it is mounted",
			Long: "auto: for types that need it (not ext3, ext4, xfs and others with a journal); force: for every type on a block device; no: never. fsck -p repairs what is safe; when it cannot, start fails.",
		},
		{
			Name: "fast_stop", Type: ocf.Boolean, Default: "no", Reloadable: true, Short: "Give up a stop after six seconds",
			Long: "If true, the users of a file system get six seconds in all; if false, the timeout of stop.",
		},
		{
			Name: "force_clones", Type: ocf.Boolean, Default: "false", Short: "Allow clones of local file systems",
			Long: "A file system that only one node may mount is refused as a clone, unless this says that each node has a device of its own.",
		},
		{
			Name: "force_unmount", Default: "true", Reloadable: true, Short: "End the processes that use the file system",
			Long: "true or safe: a stop ends them; false: it only waits for them. Modifiers of the stock agent (move, xargs, ps) may follow, separated by commas; they have no effect.",
		},
		{Name: "term_signals", Default: "TERM", Reloadable: true, Short: "Signals of the first half of a stop", Long: "Names or numbers, separated by blanks."},
		{Name: "kill_signals", Default: "KILL", Reloadable: true, Short: "Signals of the second half of a stop", Long: "Names or numbers, separated by blanks."},
		{Name: "signal_delay", Type: ocf.Time, Default: "1", Limits: &ocf.Limits{Min: 0, Max: 3600}, Reloadable: true, Short: "Time between signals", Long: "How long a stop waits after each round of signals."},
		{
			Name: "lazy_unmount", Type: ocf.Boolean, Default: "false", Reloadable: true, Short: "Detach a network file system that cannot be unmounted",
			Long: `At the end of a stop that nothing else has helped, detach a network file system (umount -l). Processes that wait
for its server stay, and may go on writing when the server is back. Without this the stop fails, and the cluster fences the node.`,
		},
	}
}
