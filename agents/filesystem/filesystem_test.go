package filesystem

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/mountinfo"
)

// disk, share, memory and tree are parameters.
var (
	disk   = []string{"device=/dev/sda1", "directory=/srv/data/", "fstype=ext4"}
	share  = []string{"device=Files:/export/", "directory=/srv/data", "fstype=nfs"}
	memory = []string{"device=x", "directory=/srv/data", "fstype=tmpfs", "options=size=1m"}
	tree   = []string{"device=/srv", "directory=/srv/data", "fstype=none", "options=bind,ro"}
)

func with(vars []string, more ...string) []string { return append(slices.Clone(vars), more...) }

func TestAgent(t *testing.T) {
	_, a := newNode(t)
	ocftest.Check(t, a)
}

func TestParameters(t *testing.T) {
	for name, c := range map[string]struct {
		vars []string
		want string
	}{
		"disk": {disk, ""}, "share": {share, ""}, "memory": {memory, ""}, "tree": {tree, ""},
		"label":           {with(disk, "device=-L data"), ""},
		"modifiers":       {with(disk, "force_unmount=safe,move,xargs,nops"), ""},
		"signals":         {with(disk, "term_signals=TERM SIGINT 12", "kill_signals=9"), ""},
		"relative":        {with(disk, "directory=srv"), "is not an absolute path"},
		"root":            {with(disk, "directory=//"), "/ cannot be a resource"},
		"blank":           {with(disk, "device= /dev/sda1"), "must not begin or end with blanks"},
		"option":          {with(disk, "device=--bind"), "is an option"},
		"no label":        {with(disk, "device=-L "), "blanks"},
		"path as a label": {with(disk, "device=LABEL=../x"), "names no LABEL"},
		"signal":          {with(disk, "term_signals=FOO 99"), `"FOO" is no signal`},
		"force_unmount":   {with(disk, "force_unmount=perhaps"), "is not one of true, safe, false"},
		"fsck":            {with(disk, "run_fsck=perhaps"), "is not one of auto, force, no"},
		"clone":           {with(disk, "CRM_meta_clone=0", "CRM_meta_clone_max=2"), "must be mounted by one node only"},
		"forced clone":    {with(disk, "CRM_meta_clone=0", "CRM_meta_clone_max=2", "force_clones=yes"), ""},
		"read-only clone": {with(disk, "CRM_meta_clone=0", "CRM_meta_clone_max=2", "options=ro"), ""},
		"clone of NFS":    {with(share, "CRM_meta_clone=0", "CRM_meta_clone_max=2"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNode(t)
			res := ocftest.Do(a, n.Machine, "validate-all", c.vars...)
			if c.want == "" {
				require.Equal(t, ocf.Success, res.Code, res)
				return
			}
			require.Equal(t, ocf.ErrConfigured, res.Code, res)
			require.Contains(t, res.Reason, c.want)
			require.Equal(t, ocf.ErrConfigured, ocftest.Do(a, n.Machine, "start", c.vars...).Code)
			require.Empty(t, n.Changes)
		})
	}
}

func TestMonitor(t *testing.T) {
	for name, c := range map[string]struct {
		vars   []string
		set    func(*node)
		probe  ocf.Code
		code   ocf.Code
		reason string
	}{
		"stopped":             {disk, nil, ocf.NotRunning, ocf.NotRunning, "nothing is mounted on /srv/data"},
		"disk":                {disk, func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }, 0, 0, ""},
		"disk by a link":      {with(disk, "device=/dev/vg/lv"), func(n *node) { n.links["/dev/vg/lv"] = "/dev/sda1"; n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }, 0, 0, ""},
		"disk by label":       {with(disk, "device=LABEL=data"), func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }, 0, 0, ""},
		"directory a link":    {disk, func(n *node) { n.links["/srv/data"] = "/mnt/x"; n.mount("/mnt/x", "/dev/sda1", "ext4", "rw") }, 0, 0, ""},
		"another disk":        {disk, func(n *node) { n.mount("/srv/data", "/dev/sdb1", "ext4", "rw") }, ocf.NotRunning, ocf.ErrGeneric, "/dev/sdb1 (ext4) is mounted on /srv/data, not /dev/sda1"},
		"share":               {share, func(n *node) { n.mount("/srv/data", "files:/export", "nfs4", "rw") }, 0, 0, ""},
		"another share":       {share, func(n *node) { n.mount("/srv/data", "files:/other", "nfs4", "rw") }, ocf.ErrGeneric, ocf.ErrGeneric, "not Files:/export/"},
		"memory":              {memory, func(n *node) { n.mount("/srv/data", "x", "tmpfs", "rw") }, 0, 0, ""},
		"no memory":           {memory, func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }, ocf.ErrGeneric, ocf.ErrGeneric, "not x"},
		"tree":                {tree, func(n *node) { n.mount("/srv/data", "/srv", "none", "bind") }, 0, 0, ""},
		"another tree":        {tree, func(n *node) { n.dirs["/opt"] = true; n.mount("/srv/data", "/opt", "none", "bind") }, ocf.ErrGeneric, ocf.ErrGeneric, "not /srv"},
		"read-only":           {disk, func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "ro") }, ocf.Degraded, ocf.Degraded, "mounted read-only"},
		"read-only, level":    {with(disk, "OCF_CHECK_LEVEL=10"), func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "ro") }, ocf.ErrGeneric, ocf.ErrGeneric, "mounted read-only"},
		"read-only, wanted":   {with(disk, "options=noatime, ro"), func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "ro") }, 0, 0, ""},
		"disk gone":           {disk, func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw"); delete(n.devices, "/dev/sda1") }, ocf.ErrGeneric, ocf.ErrGeneric, "is gone"},
		"disk dead":           {with(disk, "OCF_CHECK_LEVEL=10"), func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw"); n.hang = true }, ocf.ErrGeneric, ocf.ErrGeneric, "/dev/sda1 does not answer"},
		"share dead":          {with(share, "OCF_CHECK_LEVEL=10"), func(n *node) { n.mount("/srv/data", "files:/export", "nfs4", "rw"); n.hang = true }, ocf.ErrGeneric, ocf.ErrGeneric, "/srv/data does not answer"},
		"share dead, level 0": {share, func(n *node) { n.mount("/srv/data", "files:/export", "nfs4", "rw"); n.hang = true }, 0, 0, ""},
		"cannot be written": {with(disk, "OCF_CHECK_LEVEL=20"), func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.fail["/sbin/systole-agents filesystem write"] = "systole-agents: no space left on device"
		}, ocf.ErrGeneric, ocf.ErrGeneric, "no space left on device"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, interval := range []string{"0", "10000"} {
				n, a := newNode(t)
				if c.set != nil {
					c.set(n)
				}
				res := ocftest.Do(a, n.Machine, "monitor", with(c.vars, "CRM_meta_interval="+interval)...)
				want := c.code
				if interval == "0" {
					want = c.probe
				}
				require.Equal(t, want, res.Code, res)
				if interval != "0" {
					require.Contains(t, res.Reason, c.reason)
					require.Equal(t, c.reason == "", res.Reason == "")
				}
				require.Empty(t, n.Changes)
			}
		})
	}
}

func TestQuestions(t *testing.T) {
	n, a := newNode(t)
	n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
	require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "monitor", disk...).Code)
	require.Empty(t, n.Commands, "level 0 asks nobody")
	ocftest.Do(a, n.Machine, "monitor", with(disk, "OCF_CHECK_LEVEL=10")...)
	ocftest.Do(a, n.Machine, "monitor", with(disk, "OCF_CHECK_LEVEL=20", "statusfile_prefix=.s-")...)
	ocftest.Do(a, n.Machine, "monitor", with(disk, "OCF_CHECK_LEVEL=20", "CRM_meta_clone=3", "CRM_meta_clone_max=4", "options=noatime")...)
	const read = "/sbin/systole-agents filesystem read /dev/sda1"
	require.Equal(t, []string{
		read, read, "/sbin/systole-agents filesystem write /srv/data/.s-rsc_node1 rsc",
		read, "/sbin/systole-agents filesystem write /srv/data/.Filesystem_status/rsc_3_node1 rsc",
	}, n.Commands)
}

func TestStart(t *testing.T) {
	const mk = "make directory /srv/data"
	for name, c := range map[string]struct {
		vars    []string
		set     func(*node)
		code    ocf.Code
		reason  string
		changes []string
	}{
		"disk":                     {vars: disk, changes: []string{mk, "run mount -t ext4 -- /dev/sda1 /srv/data"}},
		"by label":                 {vars: with(disk, "device=-L data"), changes: []string{mk, "run mount -t ext4 -- /dev/sda1 /srv/data"}},
		"share":                    {vars: with(share, "options=vers=4.2,hard"), changes: []string{mk, "run mount -t nfs -o vers=4.2,hard -- Files:/export/ /srv/data"}},
		"memory":                   {vars: memory, changes: []string{mk, "run mount -t tmpfs -o size=1m -- x /srv/data"}},
		"tree":                     {vars: with(tree, "options=bind"), changes: []string{mk, "run mount -o bind -- /srv /srv/data"}},
		"again":                    {vars: disk, set: func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }},
		"checked":                  {vars: with(disk, "fstype=ext2"), changes: []string{"run fsck -t ext2 -p /dev/sda1", mk, "run mount -t ext2 -- /dev/sda1 /srv/data"}},
		"not checked":              {vars: with(disk, "fstype=ext2", "run_fsck=no"), changes: []string{mk, "run mount -t ext2 -- /dev/sda1 /srv/data"}},
		"checked all the same":     {vars: with(disk, "run_fsck=force"), changes: []string{"run fsck -t ext4 -p /dev/sda1", mk, "run mount -t ext4 -- /dev/sda1 /srv/data"}},
		"a share is never checked": {vars: with(share, "run_fsck=force"), changes: []string{mk, "run mount -t nfs -- Files:/export/ /srv/data"}},
		"check fails":              {vars: with(disk, "run_fsck=force"), set: func(n *node) { n.fail["fsck"] = "UNEXPECTED INCONSISTENCY" }, code: ocf.ErrGeneric, reason: "UNEXPECTED INCONSISTENCY", changes: []string{"run fsck -t ext4 -p /dev/sda1"}},
		"mount fails":              {vars: disk, set: func(n *node) { n.fail["mount"] = "wrong fs type" }, code: ocf.ErrGeneric, reason: "wrong fs type", changes: []string{mk, "run mount -t ext4 -- /dev/sda1 /srv/data"}},
		"another disk there":       {vars: disk, set: func(n *node) { n.mount("/srv/data", "/dev/sdb1", "ext4", "rw") }, code: ocf.ErrGeneric, reason: "/dev/sdb1 (ext4) is mounted on /srv/data, not /dev/sda1"},
		"mounted elsewhere":        {vars: disk, set: func(n *node) { n.mount("/mnt", "/dev/sda1", "ext4", "rw") }, code: ocf.ErrGeneric, reason: "/dev/sda1 is mounted on /mnt of this node"},
		"btrfs elsewhere":          {vars: with(disk, "fstype=btrfs"), set: func(n *node) { n.mount("/mnt", "/dev/sda1", "btrfs", "rw") }, changes: []string{mk, "run mount -t btrfs -- /dev/sda1 /srv/data"}},
		"something below":          {vars: disk, set: func(n *node) { n.mount("/srv/data/x", "x", "tmpfs", "rw") }, code: ocf.ErrGeneric, reason: "/srv/data/x is mounted below /srv/data"},
		"read-only":                {vars: disk, set: func(n *node) { n.ro = true }, code: ocf.ErrGeneric, reason: "mounted read-only", changes: []string{mk, "run mount -t ext4 -- /dev/sda1 /srv/data"}},
		"no such type":             {vars: with(disk, "fstype=zzfs"), code: ocf.ErrInstalled, reason: "does not know the file system zzfs", changes: []string{"run modprobe zzfs"}},
		"no such tree":             {vars: with(tree, "device=/no"), code: ocf.ErrInstalled, reason: "the directory /no does not exist"},
		"no block device":          {vars: with(disk, "device=/etc/passwd"), set: func(n *node) { n.devices["/etc/passwd"] = "" }, changes: []string{mk, "run mount -t ext4 -- /etc/passwd /srv/data"}},
		"no program":               {vars: share, set: func(n *node) { n.Programs = map[string]bool{"mount": true, "umount": true} }, code: ocf.ErrInstalled, reason: "program mount.nfs is not installed: install the package nfs-common"},
		"password":                 {vars: []string{"device=//s/x", "directory=/srv/data", "fstype=cifs", "options=user=a,password=secret"}, code: ocf.ErrInstalled, reason: "does not know the file system cifs", changes: []string{"run modprobe cifs"}},
		"mounted and gone":         {vars: disk, set: func(n *node) { n.OnCommand = nil }, code: ocf.ErrGeneric, reason: "something unmounts it", changes: []string{mk, "run mount -t ext4 -- /dev/sda1 /srv/data"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNode(t)
			if c.set != nil {
				c.set(n)
			}
			res := ocftest.Do(a, n.Machine, "start", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Equal(t, c.changes, append([]string(nil), res.Changes...))
		})
	}
}

// A device that is late is waited for; one that does not come is not.
func TestDevice(t *testing.T) {
	for _, device := range []string{"device=/dev/sdc1", "device=LABEL=new"} {
		n, a := newNode(t)
		begin := n.Time
		res := ocftest.Do(a, n.Machine, "start", with(disk, device, "CRM_meta_timeout=60000")...)
		require.Equal(t, ocf.ErrInstalled, res.Code, res)
		require.InDelta(t, deviceWait, n.Time.Sub(begin), float64(time.Second))
	}
	n, a := newNode(t)
	n.OnSleep = func(*ocftest.Machine) { n.devices["/dev/sdc1"] = "8:33" }
	require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "start", with(disk, "device=/dev/sdc1")...).Code)
}

// A password does not stand among the arguments of a program.
func TestPassword(t *testing.T) {
	n, _ := newNode(t)
	v, err := ocf.ReadValues(ptr(description()), ocf.ReadRequest("Filesystem", "start", ocftest.Env("device=//s/x", "directory=/srv/data", "fstype=cifs", "options=user=a,password=secret,ro")))
	require.NoError(t, err)
	c := mountCommand(ocf.Input[params]{Params: parse(v)}, &facts{Point: "/srv/data"})
	require.Equal(t, []string{"PASSWD=secret"}, c.Env)
	require.Equal(t, "mount -t cifs -o user=a,ro -- //s/x /srv/data", c.String())
	require.Empty(t, n.Changes)
}

func ptr[T any](v T) *T { return &v }

func TestStop(t *testing.T) {
	const um = "run umount -c -- /srv/data"
	for name, c := range map[string]struct {
		vars    []string
		set     func(*node)
		code    ocf.Code
		reason  string
		changes []string // each once, in the order in which they are first made
	}{
		"nothing":                       {vars: disk},
		"disk":                          {vars: disk, set: func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }, changes: []string{um}},
		"disk gone":                     {vars: with(disk, "device=/dev/vg/lv"), set: func(n *node) { n.mount("/srv/data", "/dev/sda1", "ext4", "rw") }, changes: []string{um}},
		"another disk":                  {vars: disk, set: func(n *node) { n.mount("/srv/data", "/dev/sdb1", "ext4", "rw") }},
		"tree":                          {vars: tree, set: func(n *node) { n.mount("/srv/data", "/srv", "none", "bind") }, changes: []string{um}},
		"something else than the share": {vars: share, set: func(n *node) { n.mount("/srv/data", "/dev/sdb1", "ext4", "rw") }, changes: []string{um}},
		"with others": {
			vars: disk,
			set: func(n *node) {
				n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
				n.mount("/srv/data/a", "x", "tmpfs", "rw")
				n.mount("/srv/data/a/b", "x", "tmpfs", "rw")
				n.mount("/mnt", "/dev/sda1", "ext4", "rw")
				n.mount("/srv/data2", "x", "tmpfs", "rw")
			},
			changes: []string{"run umount -c -- /srv/data/a/b", "run umount -c -- /srv/data/a", "run umount -c -- /mnt", um},
		},
		"on top of ours": {vars: disk, set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.mount("/srv/data", "x", "tmpfs", "rw")
		}, changes: []string{um}},
		"not what it is in": {
			vars: with(disk, "device=/dev/gone"), set: func(n *node) { n.mount("/srv/data", "/opt", "none", "bind") }, changes: []string{um},
		},
		"not the directory above": {vars: disk, set: func(n *node) {
			n.mount("/srv", "/dev/sda1", "ext4", "rw")
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
		}, changes: []string{um}},
		"user that obeys": {vars: disk, set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.use("/srv/data", 77, ocf.SIGTERM)
		}, changes: []string{um, "signal 15 to 77"}},
		"user that does not": {vars: disk, set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.use("/srv/data", 77, ocf.SIGKILL)
		}, changes: []string{um, "signal 15 to 77", "signal 9 to 77"}},
		"own signals": {vars: with(disk, "term_signals=HUP USR1", "fast_stop=yes"), set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.use("/srv/data", 77, ocf.SIGUSR1)
		}, changes: []string{um, "signal 1 to 77", "signal 10 to 77"}},
		"user that is let be": {
			vars: with(disk, "force_unmount=no"), set: func(n *node) {
				n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
				n.use("/srv/data", 77, ocf.SIGTERM)
			}, changes: []string{um}, code: ocf.ErrGeneric, reason: "it is used by process 77 (user, cwd)",
		},
		"our own parent": {vars: disk, set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.use("/srv/data", 499, ocf.SIGTERM)
		}, changes: []string{um}, code: ocf.ErrGeneric, reason: "it is used by process 499 (pacemaker-execd, cwd)"},
		"the kernel": {vars: disk, set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.fail["umount"] = "umount: target is busy."
			n.holders = []string{"swap file /srv/data/swap"}
		}, changes: []string{um}, code: ocf.ErrGeneric, reason: "target is busy.; it is used by swap file /srv/data/swap"},
		"who knows": {vars: disk, set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.fail["umount"] = "umount: target is busy."
		}, changes: []string{um}, code: ocf.ErrGeneric, reason: "look for network exports"},
		"share, by force": {vars: share, set: func(n *node) {
			n.mount("/srv/data", "files:/export", "nfs4", "rw")
			n.fail["umount -c -- "] = "umount: target is busy."
		}, changes: []string{um, "run umount -c -f -- /srv/data"}},
		"share, not even by force": {vars: share, set: func(n *node) {
			n.mount("/srv/data", "files:/export", "nfs4", "rw")
			n.fail["umount -c -- "], n.fail["umount -c -f"] = "busy", "still busy"
		}, changes: []string{um, "run umount -c -f -- /srv/data"}, code: ocf.ErrGeneric, reason: "still busy"},
		"share, in the end": {vars: with(share, "lazy_unmount=yes"), set: func(n *node) {
			n.mount("/srv/data", "files:/export", "nfs4", "rw")
			n.fail["umount -c -- "], n.fail["umount -c -f"] = "busy", "still busy"
		}, changes: []string{um, "run umount -c -f -- /srv/data", "run umount -c -l -- /srv/data"}},
		"a disk is never detached": {vars: with(disk, "lazy_unmount=yes"), set: func(n *node) {
			n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
			n.fail["umount -c -- "] = "busy"
		}, changes: []string{um}, code: ocf.ErrGeneric, reason: "busy"},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNode(t)
			if c.set != nil {
				c.set(n)
			}
			res := ocftest.Do(a, n.Machine, "stop", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			var once []string
			for _, change := range res.Changes {
				if !slices.Contains(once, change) {
					once = append(once, change)
				}
			}
			require.Equal(t, c.changes, once)
			require.Equal(t, c.code != 0, strings.Contains(res.Reason, "could not unmount"))
			if c.code == 0 && !strings.Contains(name, "another") && len(c.changes) > 0 && name != "on top of ours" {
				require.Equal(t, -1, n.at("/srv/data"))
			}
		})
	}
}

// A stop takes no longer than it may.
func TestStopTime(t *testing.T) {
	for _, c := range []struct {
		more []string
		want time.Duration
	}{{[]string{"fast_stop=yes"}, fastStop}, {nil, 20*time.Second - lastMoments}, {[]string{"CRM_meta_timeout=100000"}, 100*time.Second - lastMoments}} {
		n, a := newNode(t)
		n.mount("/srv/data", "/dev/sda1", "ext4", "rw")
		n.use("/srv/data", 77)
		begin := n.Time
		res := ocftest.Do(a, n.Machine, "stop", with(disk, c.more...)...)
		require.Equal(t, ocf.ErrGeneric, res.Code)
		require.Contains(t, res.Reason, "process 77")
		require.InDelta(t, c.want, n.Time.Sub(begin), float64(time.Second))
	}
}

func TestValidate(t *testing.T) {
	n, a := newNode(t)
	for _, c := range []struct {
		vars []string
		want ocf.Code
	}{
		{disk, 0},
		{share, 0},
		{memory, 0},
		{tree, 0},
		{with(disk, "device=/no"), ocf.ErrInstalled},
		{with(disk, "device=LABEL=no"), ocf.ErrInstalled},
		{with(tree, "device=/no"), ocf.ErrInstalled},
	} {
		require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "validate-all", c.vars...).Code)
		res := ocftest.Do(a, n.Machine, "validate-all", with(c.vars, "OCF_CHECK_LEVEL=10")...)
		require.Equal(t, c.want, res.Code, res)
		require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "reload-agent", c.vars...).Code)
	}
}

func TestServer(t *testing.T) {
	for a, b := range map[string]string{"Files:/export/": "files:/export", "s:/": "s:/", "[fd00::1]:/x//y": "[fd00::1]:/x/y", "odd": "odd"} {
		require.Equal(t, b, server(a))
	}
}

// The laws of every agent, over sequences of actions that may be killed at any
// change, with any kind of file system and a user of it.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, a := newNode(t)
		vars := rapid.SampledFrom([][]string{disk, share, memory, with(tree, "options=bind")}).Draw(rt, "kind")
		others := len(n.mounts)
		for range rapid.IntRange(1, 10).Draw(rt, "actions") {
			action := rapid.SampledFrom([]string{"start", "stop", "monitor", "reload-agent"}).Draw(rt, "action")
			if after := rapid.IntRange(0, 3).Draw(rt, "killed after"); after < 3 {
				n.KillAfter = len(n.Changes) + after + 1
			}
			if n.at("/srv/data") >= 0 && rapid.Bool().Draw(rt, "used") {
				n.users = map[string][]mountinfo.User{}
				n.use("/srv/data", 77, ocf.SIGTERM)
			}
			res := ocftest.Do(a, n.Machine, action, vars...)
			n.KillAfter = 0
			if action == "monitor" {
				require.Empty(rt, res.Changes)
			}
			if res.Killed || action == "monitor" || action == "reload-agent" {
				continue
			}
			require.Equal(rt, ocf.Success, res.Code, res)
			want := map[string]ocf.Code{"start": ocf.Success, "stop": ocf.NotRunning}[action]
			require.Equal(rt, want, ocftest.Do(a, n.Machine, "monitor", vars...).Code)
			require.Empty(rt, ocftest.Do(a, n.Machine, action, vars...).Changes)
			if action == "stop" {
				require.Len(rt, n.mounts, others)
			}
		}
	})
}
