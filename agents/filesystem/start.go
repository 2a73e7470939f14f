package filesystem

import (
	"fmt"
	"strings"
	"time"

	"systole/agents/ocf"
)

// How long a start waits for a device that is not there yet: storage may be slow to
// show what another node has just made.
const (
	deviceWait = 10 * time.Second
	pollEvery  = 200 * time.Millisecond
)

// ran says whether a program was run, and whether that failed.
func ran(in ocf.Input[params], program string) (done bool) {
	_, done = in.Past.First(func(s ocf.Step) bool {
		if try, ok := s.(ocf.Try); ok {
			s = try.Step
		}
		run, ok := s.(ocf.Run)
		return ok && run.Command.Path == program
	})
	return done
}

func start(in ocf.Input[params], f facts) ocf.Decision {
	p := &in.Params
	if f.mounted() {
		return finish(in, &f)
	}
	if ran(in, "mount") {
		return ocf.End(ocf.ErrGeneric, "mount succeeded, but nothing is mounted on %s: something unmounts it, such as systemd for an entry in /etc/fstab", f.Point)
	}
	if below := f.Table.Below(f.Point); len(below) > 0 {
		return ocf.End(ocf.ErrGeneric, "%s is mounted below %s and would be hidden: unmount it first", below[0].Point, f.Point)
	}
	if d, wait := awaitDevice(in, &f); wait {
		return d
	}
	if at := elsewhere(in, &f); at != "" {
		return ocf.End(ocf.ErrGeneric, "%s is mounted on %s of this node: unmount it there first", p.shown(), at)
	}
	if d, wait := needType(in, &f); wait {
		return d
	}
	if p.onDevice() && f.Device.Block && (p.fsck == "force" || p.fsck == "auto" && !needsNoCheck(p.fstype)) && !ran(in, "fsck") {
		// 1 and 2 are faults that were repaired.
		return ocf.Do("the file system is checked", ocf.Run{
			Command: ocf.Command{Path: "fsck", Args: []string{"-t", p.fstype, "-p", f.Device.Path}}, Accept: []int{1, 2, 3},
		})
	}
	return ocf.Do("", ocf.MakeDir{Path: f.Point}, ocf.Run{Command: mountCommand(in, &f)})
}

// finish is the end of a start: something is mounted.
func finish(in ocf.Input[params], f *facts) ocf.Decision {
	switch {
	case ours(in, f) == no:
		return ocf.End(ocf.ErrGeneric, "%s", other(in, f))
	case f.Top.ReadOnly() && !in.Params.wantsReadOnly():
		return ocf.End(ocf.ErrGeneric, "%s is mounted read-only, which the options do not ask for: the device may be write-protected, or the kernel has found an error, see its log", f.Point)
	}
	return ocf.Done()
}

func awaitDevice(in ocf.Input[params], f *facts) (ocf.Decision, bool) {
	p := &in.Params
	if !p.onDevice() && !p.bind() && !p.has("loop") || f.Device.Exists {
		if p.onDevice() && !f.Device.Block && !f.Device.Dir && p.device != "/dev/null" {
			return ocf.End(ocf.ErrInstalled, "%s is no block device: correct device, or add the option loop for a file", p.device), true
		}
		return ocf.Decision{}, false
	}
	begun, polled := in.Past.First(func(s ocf.Step) bool { _, ok := s.(ocf.Pause); return ok })
	switch {
	case p.bind(), p.has("loop"), polled && (in.Now.Sub(begun.At) > deviceWait || in.Left() < 2*time.Second):
		reason := f.Lookup
		if reason == "" {
			reason = missing(p)
		}
		return ocf.End(ocf.ErrInstalled, "%s", reason), true
	}
	// The pause is there to be found in the history.
	return ocf.Decision{Do: []ocf.Step{ocf.Pause{For: pollEvery / 2}}, Wait: pollEvery / 2, Why: "the device " + p.shown() + " is not there yet"}, true
}

// needType makes sure that the kernel knows the type of the file system.
func needType(in ocf.Input[params], f *facts) (ocf.Decision, bool) {
	p := &in.Params
	if p.bind() || p.fstype == "none" || p.fstype == "auto" {
		return ocf.Decision{}, false
	}
	need := p.fstype
	switch {
	case strings.HasPrefix(need, "fuse."), words("glusterfs rozofs")(need):
		need = "fuse"
	case words("efs aznfs")(need):
		need = "nfs4"
	}
	for line := range strings.Lines(f.Types) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[len(fields)-1] == need {
			return ocf.Decision{}, false
		}
	}
	if ran(in, "modprobe") {
		return ocf.End(ocf.ErrInstalled, "the kernel does not know the file system %s, and there is no module for it: install one, or correct fstype", need), true
	}
	return ocf.Do(fmt.Sprintf("the kernel does not know %s yet", need), ocf.Try{Step: ocf.Run{Command: ocf.Command{Path: "modprobe", Args: []string{need}}}}), true
}

func mountCommand(in ocf.Input[params], f *facts) ocf.Command {
	p := &in.Params
	c := ocf.Command{Path: "mount"}
	if p.fstype != "none" && !p.bind() {
		c.Args = append(c.Args, "-t", p.fstype)
	}
	var options []string
	for _, option := range p.options {
		// mount.cifs takes a password from its environment, where others cannot read it.
		if word, secret, ok := strings.Cut(option, "="); ok && words("cifs smb3 smbfs")(p.fstype) && (word == "password" || word == "pass") {
			c.Env = append(c.Env, "PASSWD="+secret)
			continue
		}
		options = append(options, option)
	}
	if len(options) > 0 {
		c.Args = append(c.Args, "-o", strings.Join(options, ","))
	}
	source := p.device
	if p.onDevice() && f.Device.Path != "" && p.tag != "" {
		source = f.Device.Path
	}
	c.Args = append(c.Args, "--", source, f.Point)
	return c
}
