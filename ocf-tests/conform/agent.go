package conform

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// agent is the agent under test and the directories it works in.
type agent struct {
	c        Config
	dir      string // of the suite
	ours     bool   // dir was made by us
	meta     metadata
	instance string
}

// exit codes that checks ask for
const (
	success        = 0
	errGeneric     = 1
	errArgs        = 2
	unimplemented  = 3
	notInstalled   = 5
	errConfigured  = 6
	notRunning     = 7
	runsPromoted   = 8
	maxOutput      = 1 << 20
	defaultTimeout = time.Minute
)

// clusterTool stands for a tool of the cluster. It writes down how it is called, and
// keeps node attributes: an agent may wait until the cluster knows what it was told.
const clusterTool = `#!/bin/sh
dir='%s'
tool=${0##*/} name= node=node1 act= value= all= kept=attributes
echo "$tool $*" >>"$dir/calls"
while [ $# -gt 0 ]; do
	case $1 in
	-n|--name) name=$2; shift ;;
	-N|--node) node=$2; shift ;;
	-v|--update|-U) act=set value=$2; shift ;;
	-D|--delete) act=delete ;;
	-G|-Q|--query) act=get ;;
	-A|--all) all=yes ;;
	-l|--lifetime) [ "$2" != forever ] || kept=persistent; shift ;;
	esac
	shift
done
if [ "$tool,$act" = cibadmin,get ]; then
	echo '<nodes>'
	for file in "$dir/persistent/"*; do
		[ -f "$file" ] || continue
		at=${file##*/}
		printf '<node uname="%%s"><instance_attributes><nvpair name="%%s" value="%%s"/></instance_attributes></node>\n' "${at#*@}" "${at%%%%@*}" "$(cat "$file")"
	done
	echo '</nodes>'
	exit 0
fi
case $act,$name in
get,) exit 105 ;;
*,|*/*) exit 0 ;;
esac
file=$dir/$kept/$name@$node
case $act in
set) mkdir -p "$dir/$kept" && printf '%%s\n' "$value" >"$file" ;;
delete) rm -f "$file" ;;
get)
	[ -n "$all" ] || { [ -f "$file" ] && cat "$file" && exit 0; exit 105; }
	for file in "$dir/$kept/$name@"*; do
		[ -f "$file" ] || exit 105
		printf 'name="%%s" host="%%s" value="%%s"\n' "$name" "${file##*@}" "$(cat "$file")"
	done ;;
esac
exit 0
`

// runs counts the runs of this process: each has a resource of its own.
var runs atomic.Int64

func newAgent(ctx context.Context, c Config) (a *agent, err error) {
	a = &agent{c: c, dir: c.Dir, instance: fmt.Sprintf("conform-%d-%d", os.Getpid(), runs.Add(1))}
	if a.c.Timeout <= 0 {
		a.c.Timeout = defaultTimeout
	}
	if a.dir == "" {
		if a.dir, err = os.MkdirTemp("", "ocf-conform-"); err != nil {
			return nil, err
		}
		a.ours = true
	}
	if err := os.MkdirAll(a.path("sbin"), 0o755); err != nil {
		return nil, err
	}
	if err := a.emptyDirs(); err != nil {
		return nil, err
	}
	if err := os.Chmod(a.dir, 0o755); err != nil {
		return nil, err
	}
	if err := ClusterTools(a.path("sbin"), a.dir); err != nil {
		return nil, err
	}
	a.meta, err = readMetadata(a.do(ctx, call{action: "meta-data"}))
	if err != nil {
		// The checks of the metadata will say what is wrong with it.
		a.meta = metadata{problem: err.Error()}
	}
	return a, nil
}

// ClusterTools puts stand-ins of the tools of the cluster into the folder sbin; they
// keep what they are told in the folder state.
func ClusterTools(sbin, state string) error {
	for _, name := range []string{"crm_attribute", "crm_master", "attrd_updater", "cibadmin"} {
		if err := WriteProgram(filepath.Join(sbin, name), fmt.Appendf(nil, clusterTool, state)); err != nil {
			return err
		}
	}
	return nil
}

func (a *agent) path(parts ...string) string {
	return filepath.Join(append([]string{a.dir}, parts...)...)
}

func (a *agent) close() {
	if a.ours {
		_ = os.RemoveAll(a.dir)
	}
}

// call is one call of the agent.
type call struct {
	action   string
	params   []string // beside those of the configuration; later ones win
	env      []string // variables; one without "=" is taken out
	interval time.Duration
	timeout  time.Duration // CRM_meta_timeout; 0: that of the metadata
	patience time.Duration // until it is killed; 0: the timeout
	args     []string      // after the action
	dir      string
	user     *syscall.Credential
	killAt   time.Duration  // when to send signal; only with signal
	signal   syscall.Signal // sent to the process group
	bare     bool           // an environment with nothing but a PATH
	noStdin  bool
}

// result is how a call ended.
type result struct {
	action         string
	code           int
	signal         syscall.Signal
	late           bool // it was killed because it took longer than patience
	held           bool // someone kept its output open
	stdout, stderr string
	reasons        []string
	took, cpu      time.Duration
	err            error
}

func (r result) ended() bool { return r.err == nil && !r.late && r.signal == 0 }

func (r result) String() string {
	how := fmt.Sprintf("exit code %d", r.code)
	switch {
	case r.err != nil:
		how = r.err.Error()
	case r.late:
		how = fmt.Sprintf("killed after %s", r.took.Round(10*time.Millisecond))
	case r.signal != 0:
		how = fmt.Sprintf("killed by signal %d", int(r.signal))
	}
	if len(r.reasons) > 0 {
		return how + " (" + r.reasons[len(r.reasons)-1] + ")"
	}
	if text := strings.TrimSpace(r.stderr); text != "" && r.code != success {
		if len(text) > 200 {
			text = "..." + strings.ToValidUTF8(text[len(text)-200:], "")
		}
		return how + " (" + text + ")"
	}
	return how
}

const reasonPrefix = "conform-reason:"

// environ is an environment as Pacemaker makes it.
func (a *agent) environ(c call, timeout time.Duration) []string {
	if c.bare {
		return apply(apply([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, a.c.Env), c.env)
	}
	path := "/usr/sbin:/usr/bin:/sbin:/bin"
	env := []string{
		"OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE=" + a.instance, "OCF_RESOURCE_TYPE=" + filepath.Base(a.c.Path),
		"OCF_RESOURCE_PROVIDER=" + filepath.Base(filepath.Dir(a.c.Path)),
		"OCF_EXIT_REASON_PREFIX=" + reasonPrefix,
		"OCF_RESKEY_crm_feature_set=3.16.2",
		fmt.Sprintf("OCF_RESKEY_CRM_meta_timeout=%d", timeout.Milliseconds()),
		fmt.Sprintf("OCF_RESKEY_CRM_meta_interval=%d", c.interval.Milliseconds()),
		"OCF_RESKEY_CRM_meta_on_node=node1",
		"HA_LOGFILE=" + a.path("log"), "HA_LOGFACILITY=none", "HA_debug=0", "PCMK_service=pacemaker-execd",
		"HA_RSCTMP=" + a.path("rsctmp"), "HA_VARRUN=" + a.path("run"), "HA_VARLIB=" + a.path("lib"),
	}
	if !a.c.Cluster {
		env = append(env, "HA_SBIN_DIR="+a.path("sbin"))
		path = a.path("sbin") + ":" + path
	}
	env = append(env, "PATH="+path)
	if a.meta.Promotable() {
		env = append(env, "OCF_RESKEY_CRM_meta_promotable=true", "OCF_RESKEY_CRM_meta_clone_max=2", "OCF_RESKEY_CRM_meta_promoted_max=1",
			"OCF_RESKEY_CRM_meta_clone_node_max=1", "OCF_RESKEY_CRM_meta_globally_unique=false", "OCF_RESKEY_CRM_meta_notify=true")
	}
	for _, p := range slices.Concat(a.c.Params, c.params) {
		env = append(env, "OCF_RESKEY_"+p)
	}
	return apply(apply(env, a.c.Env), c.env)
}

// apply sets variables; one without "=" is taken out.
func apply(env, changes []string) []string {
	for _, change := range changes {
		name, _, set := strings.Cut(change, "=")
		env = slices.DeleteFunc(env, func(nv string) bool { return strings.HasPrefix(nv, name+"=") })
		if set {
			env = append(env, change)
		}
	}
	return env
}

// do calls the agent as Pacemaker does: in a process group of its own, which is
// killed when time is over.
func (a *agent) do(ctx context.Context, c call) result {
	timeout := c.timeout
	if timeout == 0 {
		timeout = min(a.meta.timeout(c.action, a.c.Timeout), a.c.Timeout)
	}
	if c.patience == 0 {
		c.patience = timeout
	}
	cmd := exec.Command(a.c.Path, append(strings.Fields(c.action), c.args...)...)
	cmd.Dir, cmd.Env = cmp.Or(c.dir, a.path("cwd")), a.environ(c, timeout)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.user}
	cmd.WaitDelay = time.Second
	var stdout, stderr limited
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if c.noStdin {
		closed, err := os.Open(os.DevNull)
		if err == nil {
			_ = closed.Close()
			cmd.Stdin = closed
		}
	}
	began := time.Now()
	r := result{action: c.action}
	if r.err = cmd.Start(); r.err != nil {
		return r
	}
	var wait error
	wait, r.late = a.wait(ctx, cmd, c)
	r.took = time.Since(began)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	r.held = errors.Is(wait, exec.ErrWaitDelay)
	r.code = cmd.ProcessState.ExitCode()
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		r.signal = ws.Signal()
	}
	for line := range strings.SplitSeq(r.stderr, "\n") {
		if _, reason, ok := strings.Cut(line, reasonPrefix); ok {
			r.reasons = append(r.reasons, strings.TrimSpace(reason))
		}
	}
	return r
}

// wait waits for the end of a call, and causes it when it is time.
func (a *agent) wait(ctx context.Context, cmd *exec.Cmd, c call) (err error, late bool) {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	over := time.NewTimer(c.patience)
	defer over.Stop()
	var signal <-chan time.Time
	if c.signal != 0 {
		t := time.NewTimer(c.killAt)
		defer t.Stop()
		signal = t.C
	}
	for {
		select {
		case err := <-done:
			return err, late
		case <-signal:
			_ = syscall.Kill(-cmd.Process.Pid, c.signal)
			signal = nil
		case <-over.C:
			late = true
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		case <-ctx.Done():
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			return <-done, true
		}
	}
}

// limited keeps the first bytes of an output.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := maxOutput - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// calls are the calls of the cluster tools since the last time.
func (a *agent) calls() []string {
	text, _ := os.ReadFile(a.path("calls"))
	_ = os.Remove(a.path("calls"))
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// stateDirs is a table: the directories that agents keep things in.
var stateDirs = [...]string{"rsctmp", "run", "lib", "cwd"}

// emptyDirs makes them as they are when a node has booted.
func (a *agent) emptyDirs() error {
	for _, name := range stateDirs {
		if err := os.RemoveAll(a.path(name)); err != nil {
			return err
		}
		if err := os.Mkdir(a.path(name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// cleanUp stops the resource, and ends what is left of it, so that a check is not
// judged by what an earlier one has left behind.
func (a *agent) cleanUp(ctx context.Context) {
	if a.do(ctx, call{action: "stop"}).code != success && a.meta.has("demote") {
		a.do(ctx, call{action: "demote"})
		a.do(ctx, call{action: "stop"})
	}
	for _, p := range a.processes() {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
	a.calls()
	_ = a.emptyDirs()
}

// process is a process of the resource.
type process struct {
	pid  int
	name string
}

// processes are those that have the resource in their environment: what the agent
// has started, daemons and leftovers.
func (a *agent) processes() []process {
	entries, _ := os.ReadDir("/proc")
	mark := []byte("OCF_RESOURCE_INSTANCE=" + a.instance)
	var list []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err != nil || !slices.ContainsFunc(bytes.Split(env, []byte{0}), func(nv []byte) bool { return bytes.Equal(nv, mark) }) {
			continue
		}
		name, _ := os.ReadFile("/proc/" + e.Name() + "/comm")
		list = append(list, process{pid, strings.TrimSpace(string(name))})
	}
	return list
}

// monitor is a recurring monitor.
func (t *T) monitor() result {
	return t.do(t.ctx, call{action: "monitor", interval: 10 * time.Second})
}

// probe is a monitor that does not recur.
func (t *T) probe() result { return t.do(t.ctx, call{action: "monitor"}) }

// act does an action with the parameters of the configuration.
func (t *T) act(action string) result { return t.do(t.ctx, call{action: action}) }

// started starts the resource, or skips the check: another one says that start fails.
func (t *T) started() {
	if r := t.act("start"); r.code != success || !r.ended() {
		t.skip("the resource does not start: %s", r)
	}
}

// promoted starts and promotes it.
func (t *T) promoted() {
	t.started()
	if r := t.act("promote"); r.code != success || !r.ended() {
		t.skip("the resource cannot be promoted: %s", r)
	}
}

func (t *T) need(action string) {
	if !t.meta.has(action) {
		t.skip("the agent does not have the action %s", action)
	}
}

// cost measures monitors of the running resource.
func (a *agent) cost(ctx context.Context) *Cost {
	const calls = 20
	defer a.cleanUp(ctx)
	if r := a.do(ctx, call{action: "start"}); r.code != success || !r.ended() {
		return nil
	}
	var cpu, wall time.Duration
	for range calls {
		r := a.do(ctx, call{action: "monitor", interval: 10 * time.Second})
		if !r.ended() {
			return nil
		}
		cpu, wall = cpu+r.cpu, wall+r.took
	}
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 / calls }
	return &Cost{Calls: calls, CPUMillis: ms(cpu), WallMillis: ms(wall)}
}
