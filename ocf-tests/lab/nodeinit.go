//go:build linux

package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// File descriptors that process 1 of a node gets from the owner.
const (
	fdLife  = 3 // ends when the owner does
	fdReady = 4 // takes "ready", or what went wrong
)

// A plan is what process 1 of a node needs to know, a file in the lab's folder.
type plan struct {
	OCF, Sbin, Private []string
}

// mountpoint of the lab's folder within a node.
const labDirInNode = "/run/lab"

// nodeMain is process 1 of a node. It makes the node's view of the file system,
// says so, and from then on collects orphans until the owner ends.
func nodeMain(args []string) error {
	ready := os.NewFile(fdReady, "ready")
	if len(args) != 2 {
		return errors.New("want the lab's folder and the node's name")
	}
	syscall.Umask(0o022)
	m := mounter{dir: args[0], node: filepath.Join(args[0], "nodes", args[1]), name: args[1]}
	if err := m.run(); err != nil {
		fmt.Fprintf(ready, "%v\n", err)
		return err
	}
	fmt.Fprintln(ready, "ready")
	ready.Close()

	orphans := make(chan os.Signal, 1)
	signal.Notify(orphans, syscall.SIGCHLD)
	// A signal from within the node must not end it; one from outside is SIGKILL.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go endWithOwner()
	for range orphans {
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
	return nil
}

// endWithOwner returns never: the owner writes nothing, so that the read ends
// when the owner closes the pipe or dies. Process 1 takes all others with it.
func endWithOwner() {
	_, _ = os.NewFile(fdLife, "life").Read(make([]byte, 1))
	os.Exit(0)
}

// A mounter makes the file system of one node.
type mounter struct {
	dir, node, name string
	plan            plan
}

func (m *mounter) run() error {
	data, err := os.ReadFile(filepath.Join(m.dir, "plan.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &m.plan); err != nil {
		return fmt.Errorf("reading plan.json: %w", err)
	}
	if err := syscall.Sethostname([]byte(m.name)); err != nil {
		return fmt.Errorf("setting the host name %s: %w", m.name, err)
	}
	// Nothing that happens here may show on the machine.
	if err := mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	for _, step := range []func() error{
		m.layers, m.private, m.runFolder, m.agents, m.kernel, m.tmpFolder, m.readOnlyRoot,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func mount(source, target, fstype string, flags uintptr, data string) error {
	if err := syscall.Mount(source, target, fstype, flags, data); err != nil {
		return fmt.Errorf("mounting %s (%s, %q) on %s: %w", source, fstype, data, target, err)
	}
	return nil
}

func bind(source, target string) error {
	return mount(source, target, "", syscall.MS_BIND, "")
}

// layers gives the node its own /etc, /var and /root over the machine's.
func (m *mounter) layers() error {
	for _, name := range []string{"etc", "var", "root"} {
		upper, work := filepath.Join(m.node, name+".upper"), filepath.Join(m.node, name+".work")
		if err := errors.Join(os.MkdirAll(upper, 0o755), os.MkdirAll(work, 0o755)); err != nil {
			return err
		}
		if err := copyOwner("/"+name, upper); err != nil {
			return err
		}
		data := fmt.Sprintf("lowerdir=/%s,upperdir=%s,workdir=%s,index=on", name, upper, work)
		if err := mountFree("/"+name, data); err != nil {
			return err
		}
	}
	return nil
}

// mountFree mounts an overlay once its upper folder is no longer in use. After a
// power-off the kernel unmounts the old one a moment after its last process has
// ended; index=on makes it say so (EBUSY) where it would otherwise only warn.
func mountFree(target, data string) error {
	var err error
	for pause := time.Millisecond; pause < 4*time.Second; pause *= 2 {
		err = mount("overlay", target, "overlay", 0, data)
		if !errors.Is(err, syscall.EBUSY) {
			return err
		}
		time.Sleep(pause)
	}
	return err
}

// A folder of the node's own: path, owner, group, mode.
type ownFolder struct {
	path, user, group string
	mode              fs.FileMode
}

// ownFolders are those that begin empty. Of a layer this cannot be said: what
// the machine writes to its own /var shows through.
var ownFolders = []ownFolder{
	{"/var/log", "root", "root", 0o755},
	{"/var/log/pacemaker", "hacluster", "haclient", 0o770},
	{"/var/log/corosync", "root", "root", 0o755},
	{"/var/log/cluster", "root", "root", 0o755},
	{"/var/lib/corosync", "root", "root", 0o755},
	{"/var/lib/pacemaker", "hacluster", "haclient", 0o755},
	{"/var/lib/pacemaker/blackbox", "hacluster", "haclient", 0o750},
	{"/var/lib/pacemaker/cib", "hacluster", "haclient", 0o750},
	{"/var/lib/pacemaker/cores", "hacluster", "haclient", 0o750},
	{"/var/lib/pacemaker/pengine", "hacluster", "haclient", 0o750},
}

// private makes the node's own folders, which keep their content from one boot to
// the next, and then shows them: what a folder of the machine looks like can be
// seen before only.
func (m *mounter) private() error {
	for _, f := range ownFolders {
		if err := makeFolder(filepath.Join(m.node, "own", f.path), f); err != nil {
			return err
		}
	}
	for _, path := range m.plan.Private {
		if err := makeLike(path, filepath.Join(m.node, "own", path)); err != nil {
			return err
		}
	}
	for _, path := range append([]string{"/var/log", "/var/lib/corosync", "/var/lib/pacemaker"}, m.plan.Private...) {
		if strings.HasPrefix(path, "/var/log/") {
			continue // within one that is already the node's own
		}
		if err := m.bindOwn(path); err != nil {
			return err
		}
	}
	return nil
}

// makeLike makes an empty folder with owner and mode of another, if that is there.
func makeLike(path, own string) error {
	if _, err := os.Lstat(own); err == nil {
		return nil
	}
	if err := os.MkdirAll(own, 0o755); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	return copyOwner(path, own)
}

func (m *mounter) bindOwn(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return bind(filepath.Join(m.node, "own", path), path)
}

func makeFolder(path string, f ownFolder) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	uid, gid, err := lookUp(f.user, f.group)
	if errors.Is(err, errNoUser) {
		return nil // a bare lab on a machine without Pacemaker
	}
	if err != nil {
		return err
	}
	if err := os.Chown(path, uid, gid); err != nil {
		return err
	}
	return os.Chmod(path, f.mode)
}

var errNoUser = errors.New("no such user or group")

func lookUp(name, group string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, fmt.Errorf("user %s: %w", name, errNoUser)
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, 0, fmt.Errorf("group %s: %w", group, errNoUser)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(g.Gid)
	return uid, gid, errors.Join(err1, err2)
}

func copyOwner(from, to string) error {
	st, err := os.Stat(from)
	if err != nil {
		return err
	}
	sys := st.Sys().(*syscall.Stat_t)
	if err := os.Chown(to, int(sys.Uid), int(sys.Gid)); err != nil {
		return err
	}
	return os.Chmod(to, st.Mode())
}

// runFolder makes what does not survive a power-off, and the lab's folder
// visible in it: below /tmp it would vanish under the node's own.
func (m *mounter) runFolder() error {
	saved, err := os.Open(m.dir)
	if err != nil {
		return err
	}
	defer saved.Close()
	err = errors.Join(
		mount("tmpfs", "/run", "tmpfs", 0, "mode=755"),
		mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777"),
	)
	if err != nil {
		return err
	}
	for path, mode := range map[string]fs.FileMode{
		"/run/lock": 0o777 | fs.ModeSticky, "/run/user": 0o755, "/run/resource-agents": 0o777 | fs.ModeSticky, labDirInNode: 0o755,
	} {
		if err := errors.Join(os.Mkdir(path, 0o755), os.Chmod(path, mode)); err != nil {
			return err
		}
	}
	return bind(fmt.Sprintf("/proc/self/fd/%d", saved.Fd()), labDirInNode)
}

// agents lays agents of tests, and the lab's fence agent, over the installed
// ones. Without an upper folder the result is read-only.
func (m *mounter) agents() error {
	for target, layers := range map[string][]string{
		"/usr/lib/ocf/resource.d": m.plan.OCF,
		"/usr/sbin":               append([]string{filepath.Join(labDirInNode, "sbin")}, m.plan.Sbin...),
	} {
		if _, err := os.Stat(target); err == nil {
			layers = append(layers[:len(layers):len(layers)], target)
		}
		if len(layers) < 2 {
			continue
		}
		if err := mount("overlay", target, "overlay", 0, "lowerdir="+strings.Join(layers, ":")); err != nil {
			return err
		}
	}
	return nil
}

// kernel mounts the views of the kernel that belong to the node's namespaces.
// The control groups are put back into the new /sys: containers need them.
func (m *mounter) kernel() error {
	const groups, saved = "/sys/fs/cgroup", "/run/cgroup"
	if err := mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	_, err := os.Stat(groups)
	there := err == nil
	if there {
		if err := os.Mkdir(saved, 0o755); err != nil {
			return err
		}
		if err := mount(groups, saved, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			return err
		}
	}
	if err := m.protectKernel(); err != nil {
		return err
	}
	if err := mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return err
	}
	if !there {
		return nil
	}
	if err := mount(saved, groups, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return err
	}
	if err := syscall.Unmount(saved, syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmounting %s: %w", saved, err)
	}
	return os.Remove(saved)
}

// protectKernel takes away what would reach the machine: a Pacemaker that wants
// its node to panic writes to sysrq-trigger. The settings of the network belong to
// the node's namespace and stay writable.
func (m *mounter) protectKernel() error {
	if err := bind("/dev/null", "/proc/sysrq-trigger"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, path := range []string{"/proc/sys/kernel", "/proc/sys/vm", "/proc/sys/fs"} {
		if err := bind(path, path); err != nil {
			return err
		}
		if err := mount("none", path, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
			return err
		}
	}
	return nil
}

func (m *mounter) tmpFolder() error {
	own := filepath.Join(labDirInNode, "nodes", m.name, "tmp")
	if err := errors.Join(os.MkdirAll(own, 0o755), os.Chmod(own, 0o777|fs.ModeSticky)); err != nil {
		return err
	}
	return bind(own, "/tmp")
}

// readOnlyRoot protects what nodes share with the machine.
func (m *mounter) readOnlyRoot() error {
	return mount("none", "/", "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, "")
}
