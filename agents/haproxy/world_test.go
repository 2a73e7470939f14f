package haproxy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	proxy "systole/lib/haproxy"
)

const (
	conf    = "/etc/haproxy/haproxy.cfg"
	pidfile = "/var/run/haproxy.pid"
	master  = "/run/resource-agents/haproxy-rsc.master"
	config  = `global
  stats socket /run/haproxy/admin.sock level admin
  user haproxy
  group haproxy
frontend web
  bind 192.0.2.1:80
listen db
  bind 192.0.2.1:3306
  server a 10.0.0.1:3306 check
`
)

// world is a machine with a haproxy that behaves as the real one does, as far as
// the agent can see.
type world struct {
	*ocftest.Machine
	bad      string            // what haproxy says of the configuration; "" if it is good
	unbound  map[string]error  // by address
	url      error             // of statusurl
	down     []string          // backends
	downFor  int               // seconds
	answers  int               // process that answers in the place of the right one
	mute     bool              // nothing answers
	holds    time.Duration     // how long connections last after SIGUSR1
	ignores  map[int]bool      // signals without effect
	refuses  bool              // a reload fails after the check has passed
	stopping map[int]time.Time // processes that drain, and until when
	failed   int
	deaf     int           // questions that fail from now on, as while a master replaces itself
	execs    time.Duration // how long a master executes itself after the worker serves
	settled  time.Time     // when it is through
}

func newWorld() *world {
	w := &world{Machine: ocftest.New(), stopping: map[int]time.Time{}, execs: 300 * time.Millisecond}
	w.Files[conf] = ocftest.File{Data: config}
	for _, d := range []string{"/etc", "/etc/haproxy", "/var", "/var/run", "/run/haproxy", "/run/netns"} {
		w.Files[d] = ocftest.Dir()
	}
	w.OnCommand = w.command
	w.OnSignal = w.signal
	w.OnSleep = func(*ocftest.Machine) { w.pass() }
	return w
}

func (w *world) agent() ocf.Runnable { return Agent(w) }

func (w *world) command(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
	args := append([]string{c.Path}, c.Args...)
	for i, a := range args {
		if strings.HasSuffix(a, "haproxy") && i+1 < len(args) && (a != "haproxy" || i == 0) && strings.HasPrefix(args[i+1], "-") {
			args = args[i:]
			break
		}
	}
	switch {
	case slices.Contains(args, "-c"):
		if w.bad != "" {
			return ocf.Output{Code: 1, Stderr: "[ALERT]    (1) : config : " + w.bad + "\n"}, nil
		}
	case slices.Contains(args, "-W"):
		w.launch(args)
	}
	return ocf.Output{}, nil
}

// launch makes a master and a worker.
func (w *world) launch(args []string) int {
	pid := 1000
	for w.Procs[pid].PID != 0 || w.Procs[pid+1].PID != 0 {
		pid += 2
	}
	w.add(pid, 1, args)
	w.add(pid+1, pid, args)
	w.settled = w.Time.Add(w.execs)
	if p := argument(args, "-p"); p != "" {
		w.Files[p] = ocftest.File{Data: fmt.Sprint(pid) + "\n"}
	}
	if s := argument(args, "-S"); s != "" {
		w.Files[proxy.SocketAddress(s)] = ocftest.File{Kind: ocf.Other}
	}
	if i := slices.Index(args, "-sf"); i > 0 {
		for _, o := range args[i+1:] {
			var n int
			_, _ = fmt.Sscan(o, &n)
			w.drain(n)
		}
	}
	return pid
}

func (w *world) add(pid, parent int, args []string) {
	w.Procs[pid] = ocf.Process{PID: pid, Parent: parent, Start: uint64(pid) + uint64(w.Time.Unix()), Name: "haproxy", Args: args}
}

func (w *world) drain(pid int) {
	if _, there := w.stopping[pid]; !there {
		w.stopping[pid] = w.Time.Add(w.holds)
	}
}

// pass ends what has drained.
func (w *world) pass() {
	for pid, end := range w.stopping {
		if !w.Time.Before(end) {
			w.die(pid)
			delete(w.stopping, pid)
		}
	}
}

// die ends a process; with a worker its master ends, and a master without workers.
func (w *world) die(pid int) {
	p := w.Procs[pid]
	delete(w.Procs, pid)
	for _, c := range w.Procs {
		if c.Parent == p.Parent && p.Parent != 1 {
			return
		}
	}
	if p.Parent != 1 && w.Procs[p.Parent].PID != 0 {
		delete(w.Procs, p.Parent)
	}
}

func (w *world) workers(pid int) []int {
	var list []int
	for _, p := range w.Procs {
		if p.Parent == pid {
			list = append(list, p.PID)
		}
	}
	slices.Sort(list)
	return list
}

func (w *world) signal(_ *ocftest.Machine, p ocf.Process, number int) {
	if w.ignores[number] {
		return
	}
	workers := w.workers(p.PID)
	switch number {
	case ocf.SIGKILL:
		w.die(p.PID)
	case ocf.SIGTERM:
		for _, c := range workers {
			delete(w.Procs, c)
		}
		w.die(p.PID)
	case ocf.SIGUSR1:
		if len(workers) == 0 {
			workers = []int{p.PID}
		}
		for _, c := range workers {
			w.drain(c)
		}
	case ocf.SIGUSR2:
		if w.refuses || w.bad != "" {
			w.failed++
			return
		}
		w.failed = 0
		for _, c := range workers {
			w.drain(c)
		}
		n := 5000
		for w.Procs[n].PID != 0 {
			n++
		}
		w.add(n, p.PID, p.Args)
		w.settled = w.Time.Add(w.execs)
	}
}

// serving is the newest worker that is not stopping, or any at all.
func (w *world) serving() (pid int, stopping bool) {
	for _, p := range w.Procs {
		if p.Parent == 1 && len(w.workers(p.PID)) > 0 || argument(p.Args, "-f") != conf {
			continue
		}
		_, s := w.stopping[p.PID]
		if pid == 0 || stopping && !s || stopping == s && p.PID > pid {
			pid, stopping = p.PID, s
		}
	}
	return pid, stopping
}

func (w *world) Ask(_ context.Context, _ time.Duration, socket string, commands ...string) (string, error) {
	pid, stopping := w.serving()
	if w.deaf > 0 {
		w.deaf--
		return "", errors.New("connection refused")
	}
	switch {
	case w.mute:
		return "", errors.New("timed out")
	case pid == 0:
		return "", errors.New("connection refused")
	case w.executing() && socket == master:
		return "", errors.New("connection reset by peer")
	}
	switch commands[0] {
	case proxy.ShowProc:
		return fmt.Sprintf("%d master 0 [failed: %d]\n", w.Procs[pid].Parent, w.failed), nil
	case proxy.StartupLogs:
		return "Unknown command", nil
	}
	if w.answers != 0 {
		pid = w.answers
	}
	text := fmt.Sprintf("Pid: %d\nStopping: %d\nCurrConns: 1\n\n# pxname,svname,status,lastchg,last_chk\n", pid, map[bool]int{true: 1}[stopping])
	for _, b := range []string{"db"} {
		status := "UP"
		if slices.Contains(w.down, b) {
			status = "DOWN"
		}
		text += b + ",BACKEND," + status + fmt.Sprintf(",%d,\n", w.downFor)
	}
	return text, nil
}

// executing says that the master is executing itself anew: it does not answer, and its
// socket will be another file.
func (w *world) executing() bool { return w.Time.Before(w.settled) }

func (w *world) Get(context.Context, time.Duration, string, string) error { return w.url }

func (w *world) Bindable(_ string, b proxy.Bind) error { return w.unbound[b.Text] }

func (w *world) do(action string, vars ...string) ocftest.Result {
	return ocftest.Do(w.agent(), w.Machine, action, append([]string{"CRM_meta_interval=10000"}, vars...)...)
}

func (w *world) started(t require.TestingT) *world {
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	return w
}
