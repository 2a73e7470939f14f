// Package sbd is fence_sbd: messages on a shared disk that make nodes go down by
// themselves.
package sbd

import (
	"strings"

	"systole/fence/fencing"
	"systole/lib/sbd"
)

// Agent makes the agent. What it remembers of a message outlives a connection.
func Agent() *fencing.Agent {
	pills := pills{}
	return &fencing.Agent{Description: description(), Validate: validate, Open: pills.open, MayHang: true}
}

func description() fencing.Description {
	return fencing.Description{
		Name: "fence_sbd", Short: "Fence agent for sbd",
		Long: `fence_sbd leaves a message for a node on one to three small shared disks. The sbd daemon of the node reads it
and has the node reset or powered off; a node that cannot read, or whose daemon hangs, is reset by its watchdog.

Off is certain when the message stands on more than half of the disks, was read there again, and the time msgwait
of the disks is over.`,
		Lists: true, ByMessage: true,
		Options: options(),
		Notes: []fencing.Note{
			{Title: "Times", Text: `msgwait of the disks must be at least twice their watchdog timeout; if it is not, the agent says so and waits for
twice the watchdog timeout. power_timeout must be larger than that, and in a cluster stonith-timeout.`},
			{Title: "What the disks cannot tell", Text: `That sbd runs on the node and can read them. Where it does not run, nobody reads the message, and off is said of a node
that lives: the cluster must not start on a node without sbd (Debian's units see to that). And with Pacemaker integration
(sbd -P, the default) a node that has lost the disks lives on while its Pacemaker is healthy and has quorum: it cannot be
fenced then. Use three disks that do not fail together, and stonith levels with another device above this one.`},
			{Title: "Reboot", Text: `A reboot leaves the message reset, with either method, and ends when the node is down. The message is not taken away:
sbd does that when the node starts again, or keeps the node out of the cluster, as its SBD_STARTMODE says. The action
on takes it away.`},
		},
	}
}

func options() []fencing.Option {
	list := fencing.Standard("plug", "method", "power_timeout")
	for i := range list {
		o := &list[i]
		switch o.Name {
		case "plug":
			o.Short = "Name of the node, as sbd knows it"
		case "method":
			o.Default = "cycle"
			o.Text = "It makes no difference here: see Reboot."
		case "power_timeout":
			o.Default = "30"
			o.Text = "It must be larger than msgwait of the disks."
		}
	}
	return append(list,
		fencing.Option{Name: "devices", Word: "device_a,device_b", Required: true, Short: "SBD Device", Text: "One, or three, that all nodes have; with commas between them."},
		fencing.Option{
			Name: "crashdump", Type: fencing.Boolean, Short: "Crashdump instead of regular fence",
			Text: "The kernel of the node crashes, which can leave a dump. That may last longer than msgwait: not\nfor production.",
		},
		fencing.Option{Name: "sbd_path", Word: "path", Default: "/usr/sbin/sbd", Short: "Path to SBD binary", Ignored: "the format of the disks is part of the agent"})
}

// maxDevices is the limit of sbd.
const maxDevices = 3

func validate(v *fencing.Values) []string {
	var list []string
	paths := devices(v)
	if len(paths) == 0 || len(paths) > maxDevices {
		list = append(list, "devices: give one to three, with commas between them")
	}
	for _, p := range paths {
		if !strings.HasPrefix(p, "/") {
			list = append(list, "devices must be paths that begin with /")
		}
	}
	for _, p := range v.Plugs() {
		if len(p) > sbd.MaxName {
			list = append(list, "plug is longer than the name of a node can be")
		}
	}
	return list
}

// devices are the paths, each once.
func devices(v *fencing.Values) []string {
	var list []string
	seen := map[string]bool{}
	for _, p := range strings.FieldsFunc(v.String("devices"), func(r rune) bool { return r == ',' || r == ';' }) {
		if p = strings.TrimSpace(p); p != "" && !seen[p] {
			list, seen[p] = append(list, p), true
		}
	}
	return list
}
