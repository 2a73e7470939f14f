// Package filesystem is the agent Filesystem: a mounted file system.
package filesystem

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/mountinfo"
)

// Node is what the agent asks of the node besides files and programs. Nothing is
// changed by it, and no answer of a mounted file system is waited for beyond ctx.
type Node interface {
	// Device says what stands at the path of a device.
	Device(ctx context.Context, path string) (mountinfo.Device, error)
	// Point is the path of a mount point without symbolic links.
	Point(ctx context.Context, dir string, mounted func(point string) bool) (string, error)
	// Users are the processes that use what is mounted at a point.
	Users(ctx context.Context, point string) ([]mountinfo.User, error)
	// Holders are what the kernel itself has open there.
	Holders(ctx context.Context, point string) ([]string, error)
}

// Command is the command of the program that asks a file system something, in a
// process of its own: see Probe. Its arguments are a question and a path.
const Command = "filesystem"

// The questions of Command.
const (
	Ask   = "ask"   // is there an answer
	Read  = "read"  // can the device be read
	Write = "write" // can a file be written and read back
)

// user is a process that uses the mount.
type user struct {
	ocf.Process
	How   string
	Spare bool // it must not be signalled
}

// facts is what the agent knows of the node.
type facts struct {
	Table  mountinfo.Table
	Point  string           // the directory without symbolic links
	Device mountinfo.Device // what is to be mounted
	Lookup string           // why the device could not be found by its label; "" if it was, or has none
	Top    mountinfo.Mount  // on top at the point
	// TopSource is Device for the source of Top; Backing the file of its loop device.
	TopSource mountinfo.Device
	Backing   string
	// Broken says what the check of the level has found; "" if nothing.
	Broken string

	Types   string   // the types that the kernel knows, as in /proc/filesystems
	Users   []user   // of the mount that is to be unmounted next
	Holders []string // likewise
}

func (f *facts) mounted() bool { return f.Top.Point != "" }

type agent struct {
	node Node
	self string
}

// Agent is the agent. self is the path of the program that has Command.
func Agent(node Node, self string) ocf.Runnable {
	a := agent{node, self}
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse:       parse, Check: check, Programs: programs,
		Gather: a.gather, Monitor: monitor, Validate: validate,
		Start: start, Stop: a.stop,
		ReloadAgent: func(ocf.Input[params], facts) ocf.Decision { return ocf.Done() },
	}
}

func programs(p params) []ocf.Program {
	list := []ocf.Program{{Name: "mount", Package: "mount"}, {Name: "umount", Package: "mount"}}
	switch p.fstype {
	case "nfs", "nfs4":
		list = append(list, ocf.Program{Name: "mount.nfs", Package: "nfs-common"})
	case "cifs", "smb3":
		list = append(list, ocf.Program{Name: "mount.cifs", Package: "cifs-utils"})
	case "glusterfs":
		list = append(list, ocf.Program{Name: "mount.glusterfs", Package: "glusterfs-client"})
	case "ceph":
		list = append(list, ocf.Program{Name: "mount.ceph", Package: "ceph-common"})
	case "efs", "aznfs":
		list = append(list, ocf.Program{Name: "mount." + p.fstype})
	}
	return list
}

// maxTable is the most bytes of a table of mounts.
const maxTable = 64 << 20

func (a agent) gather(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	p := &in.Params
	text, _, err := sys.ReadFile("/proc/self/mountinfo", maxTable)
	if err != nil {
		return f, err
	}
	if f.Table, err = mountinfo.Parse(string(text)); err != nil {
		return f, err
	}
	f.Point, err = a.node.Point(ctx, p.directory, func(point string) bool { return len(f.Table.At(point)) > 0 })
	if err != nil {
		return f, fmt.Errorf("find the directory %s: %w", p.directory, err)
	}
	if at := f.Table.At(f.Point); len(at) > 0 {
		f.Top = at[0]
	}
	if f.mounted() || in.Action != "monitor" {
		if err := a.devices(ctx, in, sys, &f); err != nil {
			return f, err
		}
	}
	switch in.Action {
	case "monitor":
		a.probe(ctx, in, sys, &f)
	case "start":
		types, _, err := sys.ReadFile("/proc/filesystems", 1<<20)
		f.Types = string(types)
		return f, err
	case "stop":
		err = a.findUsers(ctx, in, sys, &f)
	}
	return f, err
}

// devices looks at what is to be mounted, and at what is.
func (a agent) devices(ctx context.Context, in ocf.Input[params], sys ocf.Reader, f *facts) (err error) {
	p := &in.Params
	if p.onDevice() || p.bind() || p.has("loop") {
		name := p.device
		if p.tag != "" {
			name, f.Lookup = a.byTag(ctx, p, sys)
		}
		if name != "" {
			if f.Device, err = a.node.Device(ctx, name); err != nil {
				return err
			}
		}
	}
	if f.mounted() && strings.HasPrefix(f.Top.Source, "/dev/") {
		if f.TopSource, err = a.node.Device(ctx, f.Top.Source); err != nil {
			return err
		}
		if p.has("loop") {
			file, _, err := sys.ReadFile("/sys/block/"+path.Base(f.Top.Source)+"/loop/backing_file", 5000)
			f.Backing = strings.TrimSpace(string(file))
			return err
		}
	}
	return nil
}

// byTag finds a device by its label or UUID: by the links of udev, or by asking all
// devices.
func (a agent) byTag(ctx context.Context, p *params, sys ocf.Reader) (device, problem string) {
	link := "/dev/disk/by-" + strings.ToLower(p.tag) + "/" + p.device
	if info, err := sys.Stat(link); err == nil && info.Kind != ocf.None {
		return link, ""
	}
	out, err := sys.Query(ctx, ocf.Command{Path: "findfs", Args: []string{p.shown()}, Timeout: 10 * time.Second})
	if err != nil {
		return "", err.Error()
	}
	if out.Code != 0 || !strings.HasPrefix(out.Stdout, "/") {
		return "", "no device of this node has " + p.shown()
	}
	return strings.TrimSpace(out.Stdout), ""
}

// answer is whether something on the node is what the parameters mean.
type answer int

const (
	no answer = iota
	yes
	unsure // it cannot be found out
)

// ours says whether a mount at the point is that of the parameters.
func ours(in ocf.Input[params], f *facts) answer {
	p := &in.Params
	truth := func(is bool) answer {
		if is {
			return yes
		}
		return no
	}
	switch {
	case p.bind():
		source, found := f.Table.Holding(f.Device.Path)
		if !f.Device.Exists || !found {
			return unsure
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(f.Device.Path, source.Point), "/")
		// A directory that is mounted on itself is its own holder by now.
		return truth(f.Top.Device == source.Device && f.Top.Root == path.Join(source.Root, rest))
	case p.has("loop"):
		return truth(f.Backing != "" && f.Backing == f.Device.Path)
	case p.onDevice():
		if f.Top.Source == p.device || f.Device.Number != "" && f.Device.Number == f.Top.Device {
			return yes
		}
		if !f.Device.Exists {
			return unsure
		}
		return truth(f.TopSource.Path != "" && f.TopSource.Path == f.Device.Path)
	case words("nfs nfs4")(p.fstype):
		return truth(words("nfs nfs4")(f.Top.Type) && server(f.Top.Source) == server(p.device))
	case words("tmpfs ramfs overlay")(p.fstype):
		return truth(f.Top.Type == p.fstype)
	}
	return unsure
}

// server brings the ways to write an export into one form.
func server(source string) string {
	host, dir, ok := strings.Cut(source, ":/")
	if !ok {
		return source
	}
	return strings.ToLower(host) + ":" + path.Clean("/"+dir)
}

// other says what is mounted instead.
func other(in ocf.Input[params], f *facts) string {
	return fmt.Sprintf("%s (%s) is mounted on %s, not %s: unmount it, or correct the parameters", f.Top.Source, f.Top.Type, f.Point, in.Params.shown())
}

// probe asks the file system what the level of a monitor wants to know.
func (a agent) probe(ctx context.Context, in ocf.Input[params], sys ocf.Reader, f *facts) {
	p := &in.Params
	if !f.mounted() || in.CheckLevel < 10 || ours(in, f) == no {
		return
	}
	timeout := patience(in, sys.Now())
	question := []string{Ask, f.Point}
	if p.onDevice() && f.Device.Path != "" {
		question = []string{Read, f.Device.Path}
	}
	f.Broken = a.question(ctx, sys, timeout, question...)
	if f.Broken == "" && in.CheckLevel >= 20 && !p.wantsReadOnly() {
		f.Broken = a.question(ctx, sys, timeout, Write, statusFile(in, f, sys.Hostname()), in.Instance)
	}
}

// patience is how long one of two questions may take. Who does not answer a signal
// either is waited for a little longer, before it is left behind.
func patience(in ocf.Input[params], now time.Time) time.Duration {
	const most, leaveBehind = 15 * time.Second, 3 * time.Second
	if in.Deadline.IsZero() {
		return most
	}
	left := in.Deadline.Sub(now)
	return max((left-leaveBehind)/2, left/6)
}

func statusFile(in ocf.Input[params], f *facts, host string) string {
	name := in.Instance + "_" + host
	if in.Meta.Clone.Is && in.Meta.Clone.Instance >= 0 {
		name = in.Instance + "_" + strconv.Itoa(in.Meta.Clone.Instance) + "_" + host
	}
	return f.Point + "/" + in.Params.statusPrefix + name
}

// question runs Command and says what is wrong; "" if nothing. The file system may
// not answer for ever: whoever asks it is left behind then.
func (a agent) question(ctx context.Context, sys ocf.Reader, timeout time.Duration, args ...string) string {
	out, err := sys.Query(ctx, ocf.Command{
		Path: a.self, Args: append([]string{Command}, args...), Timeout: timeout, Grace: 100 * time.Millisecond,
	})
	switch {
	case err != nil:
		return fmt.Sprintf("%s does not answer within %s: look at its device or server, and at the kernel's log", args[1], timeout.Round(time.Millisecond))
	case out.Code != 0:
		return strings.TrimSpace(strings.TrimPrefix(out.Stderr, "systole-agents: "))
	}
	return ""
}

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	p := &in.Params
	fail := func(format string, args ...any) ocf.Verdict {
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf(format, args...)}
	}
	switch {
	case !f.mounted():
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: nothing is mounted on " + f.Point}
	case ours(in, &f) == no && in.Probe() && p.local():
		return ocf.Verdict{Code: ocf.NotRunning, Reason: other(in, &f)}
	case ours(in, &f) == no:
		return fail("%s", other(in, &f))
	case f.Broken != "":
		return fail("%s", f.Broken)
	case p.onDevice() && !f.Device.Exists && f.Lookup == "" && p.device != "/dev/null":
		return fail("the device %s is gone, and %s is still mounted: look at the storage", p.shown(), f.Point)
	case f.Top.ReadOnly() && !p.wantsReadOnly():
		reason := fmt.Sprintf("%s is mounted read-only, which the options do not ask for: the kernel does that after an error of %s, look at its log", f.Point, f.Top.Source)
		if in.CheckLevel >= 10 {
			return fail("%s", reason)
		}
		return ocf.Verdict{Code: ocf.Degraded, Reason: reason}
	}
	return ocf.Verdict{}
}

func validate(in ocf.Input[params], f facts) ocf.Verdict {
	p := &in.Params
	switch {
	case f.Lookup != "":
		return ocf.Verdict{Code: ocf.ErrInstalled, Reason: f.Lookup}
	case (p.onDevice() || p.bind() || p.has("loop")) && !f.Device.Exists:
		return ocf.Verdict{Code: ocf.ErrInstalled, Reason: missing(p)}
	}
	return ocf.Verdict{}
}

func missing(p *params) string {
	if p.bind() {
		return "the directory " + p.device + " does not exist on this node: make it, or correct device"
	}
	return "the device " + p.shown() + " does not exist on this node: connect the storage, or correct device"
}

// elsewhere is where else on the node the device is mounted; "" if nowhere.
func elsewhere(in ocf.Input[params], f *facts) string {
	p := &in.Params
	if !p.onDevice() || isShared(p.fstype) || p.fstype == "btrfs" {
		return ""
	}
	i := slices.IndexFunc(f.Table, func(m mountinfo.Mount) bool {
		return m.Point != f.Point && (f.Device.Number != "" && m.Device == f.Device.Number || m.Source == f.Device.Path || m.Source == p.device)
	})
	if i < 0 {
		return ""
	}
	return f.Table[i].Point
}
