package filesystem

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
)

type params struct {
	device, directory, fstype string
	options                   []string
	tag                       string // LABEL, UUID, ... if the device is named by one
	statusPrefix              string
	fsck                      string
	fastStop, forceClones     bool
	kill, lazy                bool // in stop
	termSignals, killSignals  []int
	delay                     time.Duration
	problem                   string
}

func words(list string) func(string) bool {
	set := strings.Fields(list)
	return func(s string) bool { return slices.Contains(set, s) }
}

// Kinds of file systems, by their types.
func isNetwork(fstype string) bool {
	return words("nfs nfs4 aznfs efs cifs smb3 smbfs glusterfs ceph lustre cvfs fuse.sshfs fuse.glusterfs fuse.ceph")(fstype)
}

func isBare(fstype string) bool {
	return isNetwork(fstype) || words("none tmpfs ramfs overlay overlayfs rozofs zfs")(fstype) || strings.HasPrefix(fstype, "fuse.")
}

// isShared says whether several nodes may mount the file system at once.
func isShared(fstype string) bool {
	return isNetwork(fstype) || words("none tmpfs ramfs overlay overlayfs gfs2 ocfs2")(fstype)
}

func needsNoCheck(fstype string) bool {
	return isBare(fstype) || words("ext3 ext4 ext4dev reiserfs reiser4 nss xfs jfs vfat fat ocfs2 gfs2 btrfs")(fstype)
}

func (p *params) has(option string) bool { return slices.Contains(p.options, option) }

func (p *params) bind() bool { return p.has("bind") || p.has("rbind") }

// onDevice says whether the file system is on a block device.
func (p *params) onDevice() bool { return !isBare(p.fstype) && !p.bind() && !p.has("loop") }

// local says whether what is mounted can be told for sure to be another file system,
// which is then nothing of ours: neither in a probe nor in a stop.
func (p *params) local() bool { return p.onDevice() || p.has("loop") }

func (p *params) wantsReadOnly() bool { return p.has("ro") }

func parse(v ocf.Values) params {
	p := params{
		device: v.String("device"), directory: v.String("directory"), fstype: strings.TrimSpace(v.String("fstype")),
		statusPrefix: v.String("statusfile_prefix"), fsck: v.String("run_fsck"),
		fastStop: v.Bool("fast_stop"), forceClones: v.Bool("force_clones"), lazy: v.Bool("lazy_unmount"),
		delay: v.Time("signal_delay"), kill: true,
	}
	for option := range strings.SplitSeq(v.String("options"), ",") {
		if option = strings.TrimSpace(option); option != "" {
			p.options = append(p.options, option)
		}
	}
	for _, text := range []string{p.device, p.directory} {
		if text != strings.TrimSpace(text) {
			p.wrong("device and directory must not begin or end with blanks: " + strconv.Quote(text))
		}
	}
	p.parseTag()
	switch {
	case !path.IsAbs(p.directory):
		p.wrong("parameter directory " + strconv.Quote(p.directory) + " is not an absolute path")
	case path.Clean(p.directory) == "/":
		p.wrong("/ cannot be a resource: take another directory")
	}
	p.directory = path.Clean(p.directory)
	if strings.HasPrefix(p.device, "-") {
		p.wrong("parameter device " + strconv.Quote(p.device) + " is an option: of these only -L and -U are known")
	}
	p.parseUnmount(v.String("force_unmount"))
	p.termSignals = p.signals("term_signals", v.String("term_signals"))
	p.killSignals = p.signals("kill_signals", v.String("kill_signals"))
	return p
}

func (p *params) wrong(text string) {
	if p.problem != "" {
		p.problem += "; "
	}
	p.problem += text
}

// parseTag brings the ways to name a device by its label or UUID into one form.
func (p *params) parseTag() {
	for _, c := range [][2]string{
		{"--uuid", "UUID"},
		{"--label", "LABEL"},
		{"-U", "UUID"},
		{"-L", "LABEL"},
		{"UUID=", "UUID"},
		{"LABEL=", "LABEL"},
		{"PARTUUID=", "PARTUUID"},
		{"PARTLABEL=", "PARTLABEL"},
	} {
		if rest, ok := strings.CutPrefix(p.device, c[0]); ok {
			p.tag = c[1]
			p.device = strings.Trim(strings.TrimLeft(rest, "= \t"), `"`)
			if p.device == "" || strings.Contains(p.device, "/") {
				p.wrong("parameter device names no " + c[1] + " that a file system can have")
			}
			return
		}
	}
}

// shown is the device as people know it.
func (p *params) shown() string {
	if p.tag != "" {
		return p.tag + "=" + p.device
	}
	return p.device
}

func (p *params) parseUnmount(text string) {
	for word := range strings.SplitSeq(text, ",") {
		switch strings.ToLower(strings.TrimSpace(word)) {
		case "false", "no", "off", "0":
			p.kill = false
		case "", "true", "yes", "on", "1", "ja", "safe", "move", "nomove", "ps", "nops", "xargs", "noxargs":
		default:
			p.wrong("parameter force_unmount " + strconv.Quote(text) + " is not one of true, safe, false")
		}
	}
}

// signalNumbers is a table.
var signalNumbers = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "CONT": 18, "STOP": 19,
}

func (p *params) signals(name, text string) (list []int) {
	for _, word := range strings.Fields(text) {
		n, ok := signalNumbers[strings.TrimPrefix(strings.ToUpper(word), "SIG")]
		if !ok {
			var err error
			if n, err = strconv.Atoi(word); err != nil || n < 1 || n > 64 {
				p.wrong("parameter " + name + ": " + strconv.Quote(word) + " is no signal: give names as TERM, or numbers")
				continue
			}
		}
		list = append(list, n)
	}
	return list
}

// check says what is wrong with the parameters. A stop is let through as far as it
// knows where to look.
func check(in ocf.Input[params]) error {
	p := &in.Params
	switch {
	case p.problem != "" && in.Action != "stop":
		return ocf.Errorf(ocf.ErrConfigured, "%s", p.problem)
	case in.Action != "start" && in.Action != "validate-all":
		return nil
	case in.Meta.Clone.Is && !isShared(p.fstype) && !p.bind() && !p.forceClones && !p.wantsReadOnly():
		return ocf.Errorf(ocf.ErrConfigured,
			"%s must be mounted by one node only, two destroy it: do not make a clone of it, or set force_clones if every node has a device of its own", p.fstype)
	}
	return nil
}
