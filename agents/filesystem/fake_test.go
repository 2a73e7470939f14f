package filesystem

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/mountinfo"
)

// node is one in memory: /dev/sda1 (8:1) with an ext4 file system, and a table of
// mounts that the programs mount and umount change.
type node struct {
	*ocftest.Machine
	t       testing.TB
	devices map[string]string // path: number
	links   map[string]string
	dirs    map[string]bool
	mounts  []mountinfo.Mount
	users   map[string][]mountinfo.User
	holders []string
	// fail says why mount, umount, ... fail, by the beginning of their command line.
	fail map[string]string
	hang bool // the file system does not answer
	ro   bool // mount makes it read-only
}

func newNode(t testing.TB) (*node, ocf.Runnable) {
	t.Helper()
	n := &node{
		Machine: ocftest.New(), t: t, devices: map[string]string{"/dev/sda1": "8:1", "/dev/sdb1": "8:17"}, links: map[string]string{},
		dirs: map[string]bool{"/srv": true}, users: map[string][]mountinfo.User{}, fail: map[string]string{},
	}
	n.mounts = []mountinfo.Mount{{ID: 1, Device: "254:0", Root: "/", Point: "/", Options: "rw", Type: "ext4", Source: "/dev/vda", Super: "rw"}}
	n.Files["/proc/filesystems"] = ocftest.File{Data: "nodev\ttmpfs\nnodev\tnfs4\nnodev\tnfs\n\text4\n\txfs\n\tbtrfs\n\text2\n"}
	n.Files["/proc/self/stat"] = ocftest.File{Data: "500 (agent) R 499"}
	n.Procs[499] = ocf.Process{PID: 499, Parent: 1, Start: 1, Name: "pacemaker-execd"}
	n.Procs[500] = ocf.Process{PID: 500, Parent: 499, Start: 1, Name: "agent"}
	n.OnCommand = func(_ *ocftest.Machine, c ocf.Command) (ocf.Output, error) { return n.run(c) }
	n.table()
	return n, Agent(n, "/sbin/systole-agents")
}

func (n *node) table() {
	var b strings.Builder
	for _, m := range n.mounts {
		fmt.Fprintf(&b, "%d %d %s %s %s %s - %s %s %s\n", m.ID, m.Parent, m.Device, m.Root, m.Point, m.Options, m.Type, m.Source, m.Super)
	}
	n.Files["/proc/self/mountinfo"] = ocftest.File{Data: b.String()}
}

// mount puts a file system in place, as somebody else does.
func (n *node) mount(point, source, fstype, options string) {
	m := mountinfo.Mount{ID: len(n.mounts) + 10, Parent: 1, Device: "0:99", Root: "/", Point: point, Options: options, Type: fstype, Source: source, Super: options}
	if number, ok := n.devices[source]; ok {
		m.Device = number
	}
	if strings.Contains(options, "bind") {
		m.Device, m.Root, m.Type, m.Source, m.Options, m.Super = "254:0", source, "ext4", "/dev/vda", "rw", "rw"
	}
	if n.ro {
		m.Options = "ro"
	}
	n.mounts = append(n.mounts, m)
	n.table()
}

func (n *node) at(point string) int {
	return slices.IndexFunc(n.mounts, func(m mountinfo.Mount) bool { return m.Point == point })
}

func (n *node) run(c ocf.Command) (ocf.Output, error) {
	for prefix, text := range n.fail {
		if strings.HasPrefix(c.String(), prefix) {
			return ocf.Output{Code: 32, Stderr: text}, nil
		}
	}
	last := ""
	if len(c.Args) > 0 {
		last = c.Args[len(c.Args)-1]
	}
	switch path.Base(c.Path) {
	case "mount":
		fstype, options := "none", "rw"
		if i := slices.Index(c.Args, "-t"); i >= 0 {
			fstype = c.Args[i+1]
		}
		if i := slices.Index(c.Args, "-o"); i >= 0 {
			options = c.Args[i+1]
		}
		n.mount(last, c.Args[len(c.Args)-2], fstype, options)
	case "umount":
		if len(n.users[last]) > 0 && !slices.Contains(c.Args, "-l") {
			return ocf.Output{Code: 32, Stderr: "umount: " + last + ": target is busy."}, nil
		}
		for i, m := range slices.Backward(n.mounts) {
			if m.Point == last {
				n.mounts = slices.Delete(n.mounts, i, i+1)
				break
			}
		}
		n.table()
	case "findfs":
		if last == "LABEL=data" {
			return ocf.Output{Stdout: "/dev/sda1\n"}, nil
		}
		return ocf.Output{Code: 1}, nil
	case "systole-agents":
		if n.hang {
			return ocf.Output{Code: -1}, fmt.Errorf("systole-agents took more than %s", c.Timeout)
		}
	}
	return ocf.Output{}, nil
}

// use lets a process use a mount. It is gone when it gets one of the signals.
func (n *node) use(point string, pid int, signals ...int) {
	n.users[point] = append(n.users[point], mountinfo.User{PID: pid, How: "cwd"})
	if _, ok := n.Procs[pid]; !ok {
		n.Procs[pid] = ocf.Process{PID: pid, Start: uint64(pid), Name: "user"}
	}
	n.OnSignal = func(_ *ocftest.Machine, p ocf.Process, signal int) {
		if slices.Contains(signals, signal) {
			n.users[point] = slices.DeleteFunc(n.users[point], func(u mountinfo.User) bool { return u.PID == p.PID })
			delete(n.Procs, p.PID)
		}
	}
}

func (n *node) Device(_ context.Context, name string) (mountinfo.Device, error) {
	if to, ok := n.links[name]; ok {
		name = to
	}
	number, ok := n.devices[name]
	return mountinfo.Device{Path: name, Exists: ok || n.dirs[name], Block: ok, Dir: n.dirs[name], Number: number}, nil
}

func (n *node) Point(_ context.Context, dir string, _ func(string) bool) (string, error) {
	if to, ok := n.links[dir]; ok {
		return to, nil
	}
	return dir, nil
}

func (n *node) Users(_ context.Context, point string) ([]mountinfo.User, error) {
	return n.users[point], nil
}

func (n *node) Holders(context.Context, string) ([]string, error) { return n.holders, nil }
