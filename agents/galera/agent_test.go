package galera

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/wsrep"
)

func TestAgent(t *testing.T) { ocftest.Check(t, Agent(simServers{})) }

// single is a group of one node, n1, that has been started and promoted as asked.
func single(t *testing.T, actions ...string) *simNode {
	t.Helper()
	w := newWorld(1)
	n := w.nodes["n1"]
	for _, a := range actions {
		res := n.do(a)
		require.Equal(t, ocf.Success, res.Code, "%s: %v", a, res)
	}
	return n
}

const grastate = simDir + "/grastate.dat"

func saved(u wsrep.UUID, seqno int64, safe int) string {
	return fmt.Sprintf("version: 2.1\nuuid: %s\nseqno: %d\nsafe_to_bootstrap: %d\n", u, seqno, safe)
}

// TestStart_Table: what a start finds on disk, and what it reports.
func TestStart_Table(t *testing.T) {
	recovered := func(text string) func(n *simNode) {
		return func(n *simNode) {
			before := n.m.OnCommand
			n.m.OnCommand = func(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
				out, err := before(m, c)
				if strings.HasSuffix(c.Path, "mariadbd") {
					n.recovered = text
					if strings.Contains(c.String(), rollback) {
						n.recovered = "[Note] WSREP: Recovered position: " + string(uuidA) + ":6\n"
					}
				}
				return out, err
			}
		}
	}
	file := func(name, data string) func(n *simNode) {
		return func(n *simNode) { n.m.Files[name] = ocftest.File{Data: data} }
	}
	without := func(name string) func(n *simNode) { return func(n *simNode) { delete(n.m.Files, name) } }
	answer := func(name string, code int) func(n *simNode) {
		return func(n *simNode) {
			before := n.m.OnCommand
			n.m.OnCommand = func(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
				if strings.HasPrefix(c.String(), name) {
					return ocf.Output{Code: code, Stderr: "no"}, nil
				}
				return before(m, c)
			}
		}
	}
	for name, c := range map[string]struct {
		set    []func(n *simNode)
		vars   []string
		code   ocf.Code
		reason string
		state  string // part of the published record
	}{
		"stopped in order":             {set: []func(*simNode){file(grastate, saved(uuidA, 5, 1))}, state: "uuid=" + string(uuidA) + " seqno=5 safe=1 grastate=1 prepared=0"},
		"not the last":                 {set: []func(*simNode){file(grastate, saved(uuidA, 5, 0))}, state: "seqno=5 safe=0 grastate=1"},
		"crashed":                      {set: []func(*simNode){file(grastate, saved(uuidA, -1, 0)), recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "uuid=" + string(uuidA) + " seqno=9 safe=0 grastate=1"},
		"flag without seqno":           {set: []func(*simNode){file(grastate, saved(uuidA, -1, 1)), recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "seqno=9 safe=0"},
		"grastate is gone":             {set: []func(*simNode){recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "seqno=9 safe=0 grastate=0"},
		"nothing written yet":          {set: []func(*simNode){file(grastate, saved(uuidA, -1, 0)), recovered("WSREP: Recovered position: " + string(wsrep.Zero) + ":-1\n")}, state: "uuid=" + string(uuidA) + " seqno=-1"},
		"engine disagrees":             {set: []func(*simNode){file(grastate, saved(uuidA, -1, 0)), recovered("WSREP: Recovered position: " + string(uuidB) + ":9\n")}, state: "other=" + string(uuidA)},
		"prepared":                     {set: []func(*simNode){file(grastate, saved(uuidA, -1, 0)), recovered("[ERROR] Found 1 prepared transactions! x\n")}, state: "uuid=" + string(uuidA) + " seqno=6 safe=0 grastate=0 prepared=1"},
		"state is not sound":           {set: []func(*simNode){file(grastate, saved(wsrep.Zero, -1, 1)), recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "uuid=" + string(wsrep.Zero) + " seqno=-1 safe=0 grastate=1 prepared=0 databases=0"},
		"rest of a transfer by us":     {set: []func(*simNode){file(grastate, saved(wsrep.Zero, -1, 1)), file(simDir+startFile, "joining\n")}, state: "grastate=1 prepared=0 broken=1"},
		"transfer not begun":           {set: []func(*simNode){without(simDir + "/mysql"), without(simDir + "/ibdata1"), file(grastate, ""), file(simDir+startFile, "joining\n")}, state: "grastate=0 prepared=0 empty=1"},
		"not a member yet":             {set: []func(*simNode){without(simDir + "/mysql"), without(simDir + "/ibdata1"), file(grastate, "")}, state: "grastate=0 prepared=0 empty=1"},
		"transfer begun":               {set: []func(*simNode){without(simDir + "/mysql"), file(grastate, ""), file(simDir+startFile, "joining\n")}, state: "grastate=0 prepared=0 empty=1"},
		"transfer broken off":          {set: []func(*simNode){file(grastate, ""), file(simDir+startFile, "joining\n"), recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "uuid=" + string(wsrep.Zero) + " seqno=-1 safe=0 grastate=0 prepared=0 broken=1"},
		"emptied beside data":          {set: []func(*simNode){file(grastate, ""), recovered("[ERROR] InnoDB: no\n")}, state: "uuid=" + string(unreadable)},
		"emptied, files remain":        {set: []func(*simNode){without(simDir + "/mysql"), file(grastate, "")}, code: ocf.ErrInstalled, reason: "other files of a server"},
		"rest of a backup":             {set: []func(*simNode){file(simDir+transferMark, ""), recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "uuid=" + string(wsrep.Zero) + " seqno=-1 safe=0 grastate=0 prepared=0 broken=1"},
		"data of a start":              {set: []func(*simNode){file(grastate, saved(uuidA, 5, 1)), file(simDir+startFile, "7@n2\n")}, state: "start=7@n2"},
		"data of a start, left":        {set: []func(*simNode){file(grastate, saved(uuidA, 5, 0)), file(simDir+startFile, "left 7@n2\n")}, state: "seqno=5 safe=0 grastate=1 prepared=0 databases=0 "},
		"data of a start, left last":   {set: []func(*simNode){file(grastate, saved(uuidA, 5, 1)), file(simDir+startFile, "left 7@n2\n")}, state: "safe=1 grastate=1 prepared=0 start=7@n2"},
		"data of a start, crashed":     {set: []func(*simNode){file(grastate, saved(uuidA, -1, 0)), file(simDir+startFile, "7@n2\n"), recovered("WSREP: Recovered position: " + string(uuidA) + ":9\n")}, state: "start=7@n2"},
		"rest of a transfer":           {set: []func(*simNode){recovered("[ERROR] InnoDB: no\n[ERROR] Aborting\n")}, state: "uuid=" + string(wsrep.Zero) + " seqno=-1 safe=0 grastate=0 prepared=0 broken=1"},
		"damaged":                      {set: []func(*simNode){file(grastate, saved(uuidA, -1, 0)), recovered("[ERROR] InnoDB: no\n")}, state: "uuid=" + string(uuidA) + " seqno=-1 safe=0 grastate=1 prepared=0 broken=1"},
		"damaged all over":             {set: []func(*simNode){file(grastate, "\x00\x00"), recovered("[ERROR] InnoDB: no\n")}, state: "uuid=" + string(unreadable)},
		"Galera is off":                {set: []func(*simNode){recovered("[Note] WSREP: disabled, skipping position recovery\n")}, code: ocf.ErrArgs, reason: "wsrep_on=ON"},
		"no data directory":            {set: []func(*simNode){without(simDir)}, code: ocf.ErrInstalled, reason: "data directory"},
		"empty":                        {set: []func(*simNode){without(simDir + "/mysql"), without(simDir + "/ibdata1")}, state: "uuid=" + string(wsrep.Zero) + " seqno=-1 safe=0 grastate=0 prepared=0 empty=1"},
		"half copied":                  {set: []func(*simNode){without(simDir + "/mysql"), file(grastate, saved(wsrep.Zero, -1, 1))}, state: "empty=1"},
		"no database":                  {set: []func(*simNode){without(simDir + "/mysql")}, code: ocf.ErrInstalled, reason: "other files of a server"},
		"a history without a database": {set: []func(*simNode){without(simDir + "/mysql"), without(simDir + "/ibdata1"), file(grastate, saved(uuidA, 7, 1))}, code: ocf.ErrInstalled, reason: "other files of a server"},
		"no configuration":             {set: []func(*simNode){without("/etc/mysql/my.cnf")}, code: ocf.ErrInstalled, reason: "/etc/mysql/my.cnf"},
		"no user":                      {set: []func(*simNode){answer("id ", 1)}, code: ocf.ErrInstalled, reason: "user mysql or group mysql"},
		"not writable":                 {set: []func(*simNode){answer("test -w /var/lib/mysql", 1)}, code: ocf.ErrPerm, reason: "/var/lib/mysql is not writable by mysql"},
		"not in the address":           {vars: []string{"wsrep_cluster_address=gcomm://x,y"}, code: ocf.ErrConfigured, reason: "n1 is none of"},
		"address not readable":         {vars: []string{"wsrep_cluster_address=x"}, code: ocf.ErrConfigured, reason: "gcomm://"},
		"a name without node":          {vars: []string{"cluster_host_map=n2:a"}, code: ocf.ErrConfigured, reason: "cluster_host_map"},
		"started by hand": {set: []func(n *simNode){func(n *simNode) {
			n.m.Procs[77] = ocf.Process{PID: 77, Parent: 1, Start: 77, Name: "mariadbd", Args: []string{"/usr/sbin/mariadbd", "--datadir=" + simDir}}
		}}, code: ocf.ErrGeneric, reason: "process 77"},
		"cannot write the record": {set: []func(n *simNode){file(grastate, saved(uuidA, 5, 1)), func(n *simNode) {
			n.m.Fail = map[string]error{"write " + simState: errors.New("no space left on device")}
		}}, code: ocf.ErrGeneric, reason: "no space left"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newWorld(1).nodes["n1"]
			for _, set := range c.set {
				set(n)
			}
			res := n.do("start", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			if c.code != ocf.Success {
				require.NotEmpty(t, res.Reason)
				require.NotContains(t, n.m.Files, simState)
				return
			}
			require.Contains(t, n.w.attrs["rsc-state@n1"], c.state)
			require.Equal(t, ocf.Success, n.do("monitor").Code)
			require.Equal(t, ocf.Success, n.do("start").Code, "once more")
		})
	}
}

// faultyServers answer with an error, or a status.
type faultyServers struct {
	simServers
	err    error
	status wsrep.Status
}

func (s faultyServers) Status(context.Context, wsrep.Login) (wsrep.Status, error) {
	return s.status, s.err
}

// TestMonitor_Promoted: what the monitor says of a server that runs.
func TestMonitor_Promoted(t *testing.T) {
	ok := wsrep.Status{Component: wsrep.Primary, State: wsrep.Synced, Ready: true}
	for name, c := range map[string]struct {
		err    error
		status wsrep.Status
		code   ocf.Code
		says   string // the reason, or the log
	}{
		"synced":         {status: ok, code: ocf.RunningPromoted},
		"donor":          {status: wsrep.Status{Component: wsrep.Primary, State: wsrep.Donor}, code: ocf.RunningPromoted},
		"catching up":    {status: wsrep.Status{Component: wsrep.NonPrimary, State: wsrep.Joining, Comment: "Joining: receiving State Transfer"}, code: ocf.RunningPromoted, says: "catching up"},
		"not Primary":    {status: wsrep.Status{Component: wsrep.NonPrimary, Comment: "Initialized"}, code: ocf.ErrGeneric, says: "not in the Primary component"},
		"without Galera": {status: wsrep.Status{Component: wsrep.Disconnected}, code: ocf.ErrGeneric, says: "wsrep_provider"},
		"wrong password": {err: fmt.Errorf("%w: x", wsrep.ErrDenied), code: ocf.RunningPromoted, says: "check_passwd"},
		"no connection":  {err: fmt.Errorf("%w: x", wsrep.ErrBusy), code: ocf.RunningPromoted, says: "max_connections"},
		"hangs":          {err: fmt.Errorf("%w: x", wsrep.ErrSilent), code: ocf.ErrGeneric, says: "does not answer"},
		"no socket":      {err: errors.New("no such file"), code: ocf.ErrGeneric, says: "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			n := single(t, "start", "promote")
			n.m.Commands = nil
			res := ocftest.Do(Agent(faultyServers{simServers{n}, c.err, c.status}), n.m, "monitor",
				"CRM_meta_on_node=n1", "CRM_meta_interval=10000", "wsrep_cluster_address=gcomm://n1")
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason+strings.Join(res.Log, " "), c.says)
			require.Empty(t, res.Changes)
			require.Empty(t, n.m.Commands, "the monitor of a promoted instance runs no other program")
		})
	}
}

// TestStalePidFile: the number in a pid file may be that of another program by now.
func TestStalePidFile(t *testing.T) {
	n := single(t)
	n.m.Files["/var/run/mysqld/mysqld.pid"] = ocftest.File{Data: "55\n"}
	n.m.Procs[55] = ocf.Process{PID: 55, Start: 1, Name: "bash", Args: []string{"bash", "-c", "work"}}
	n.m.Procs[56] = ocf.Process{PID: 56, Start: 1, Name: "mariadbd", Args: []string{"/usr/sbin/mariadbd", "--datadir=/elsewhere"}}
	require.Equal(t, ocf.NotRunning, n.do("monitor").Code)
	require.Equal(t, ocf.Success, n.do("start").Code)
	require.Equal(t, ocf.Success, n.do("promote").Code)
	require.Equal(t, ocf.Success, n.do("stop").Code)
	require.Contains(t, n.m.Procs, 55)
	require.Contains(t, n.m.Procs, 56)
	require.Equal(t, ocf.NotRunning, n.do("monitor").Code)
}

// TestLeftover: an agent was killed while the server recovered its position.
func TestLeftover(t *testing.T) {
	left := ocf.Process{PID: 60, Parent: 1, Start: 1, Name: "mariadbd", Args: []string{"/usr/sbin/mariadbd", "--datadir=" + simDir, "--wsrep-recover"}}
	n := single(t)
	n.m.Procs[60] = left
	require.Equal(t, ocf.NotRunning, n.do("monitor").Code)
	require.Equal(t, ocf.Success, n.do("start").Code)
	require.NotContains(t, n.m.Procs, 60)
	n.m.Procs[60] = left
	require.Equal(t, ocf.Success, n.do("monitor").Code)
	require.Equal(t, ocf.Success, n.do("promote").Code)
	require.NotContains(t, n.m.Procs, 60)
	require.True(t, n.primary)
}

// TestWrapper: the wrapper starts the server again unless it is ended first.
func TestWrapper(t *testing.T) {
	n := single(t, "start", "promote")
	n.m.Procs[50] = ocf.Process{PID: 50, Parent: 1, Start: 1, Name: "mysqld_safe", Args: []string{"/bin/sh", "/usr/bin/mysqld_safe", "--datadir=" + simDir}}
	n.m.OnSignal = func(m *ocftest.Machine, p ocf.Process, signal int) {
		if p.PID == 50 && signal != ocf.SIGKILL {
			return
		}
		if _, there := n.m.Procs[50]; there && p.PID == n.pid {
			t.Error("the server is ended before its wrapper")
		}
		n.signal(m, p, signal)
	}
	require.Equal(t, ocf.Success, n.do("stop").Code)
	require.NotContains(t, n.m.Procs, 50)
}

// TestRestOfTransfer: the script of a state transfer outlives a server that was killed.
func TestRestOfTransfer(t *testing.T) {
	n := single(t, "start")
	n.m.Procs[50] = ocf.Process{PID: 50, Parent: 1, Start: 1, Name: "wsrep_sst_rsync", Args: []string{"/bin/bash", "-ue", "/usr//bin/wsrep_sst_rsync", "--role", "joiner", "--datadir", simDir + "/"}}
	n.m.Procs[51] = ocf.Process{PID: 51, Parent: 50, Start: 1, Name: "rsync", Args: []string{"rsync", "--daemon", "--config", simDir + "/rsync_sst.conf"}}
	n.m.Procs[52] = ocf.Process{PID: 52, Parent: 1, Start: 1, Name: "rsync", Args: []string{"rsync", "--daemon", "--config", "/etc/rsyncd.conf"}}
	n.m.Procs[53] = ocf.Process{PID: 53, Parent: 1, Start: 1, Name: "mariadb-backup", Args: []string{"mariadb-backup", "--copy-back", "--datadir=" + simDir}}
	rest := n.m.Procs[50]
	require.Equal(t, ocf.Success, n.do("stop").Code)
	require.NotContains(t, n.m.Procs, 50)
	require.NotContains(t, n.m.Procs, 51)
	n.m.Procs[50] = rest
	require.Equal(t, ocf.Success, n.do("start").Code)
	require.NotContains(t, n.m.Procs, 50)
	require.Contains(t, n.m.Procs, 52)
	require.Contains(t, n.m.Procs, 53)
}

// TestStop: in order, by force, and not at all.
func TestStop(t *testing.T) {
	n := single(t, "start", "promote")
	began := n.m.Time
	hangs := func(_ *ocftest.Machine, p ocf.Process, signal int) {
		if signal == ocf.SIGKILL {
			n.signal(n.m, p, signal)
		}
	}
	n.m.OnSignal = hangs
	res := n.do("stop")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Contains(t, strings.Join(res.Log, "\n"), "killing it")
	require.Less(t, n.m.Time.Sub(began), 120*time.Second)
	require.Empty(t, n.w.scores)
	require.Equal(t, ocf.Success, n.do("stop").Code)

	n = single(t, "start", "promote")
	n.m.OnSignal = func(*ocftest.Machine, ocf.Process, int) {}
	res = n.do("stop")
	require.Equal(t, ocf.ErrGeneric, res.Code, "what cannot be stopped is not said to be stopped")
	require.NotEmpty(t, res.Reason)
}

// TestStop_Leaves: what was stopped while the group went on does not count as data of
// its newest start, until it has joined again.
func TestStop_Leaves(t *testing.T) {
	w := newWorld(2)
	a, b := w.nodes["n1"], w.nodes["n2"]
	mark := func(n *simNode) string { return n.m.Files[simDir+startFile].Data }
	for _, n := range []*simNode{a, b} {
		require.Equal(t, ocf.Success, n.do("start").Code)
		n.role = ocf.Unpromoted
	}
	for _, n := range []*simNode{b, a} {
		require.Equal(t, ocf.Success, n.do("promote").Code)
		n.role = ocf.Promoted
		for range 3 {
			n.do("monitor")
		}
	}
	require.Equal(t, "1@n2\n", mark(a))
	require.Equal(t, ocf.Success, a.do("demote").Code)
	require.Equal(t, "left 1@n2\n", mark(a))
	require.NotContains(t, w.attrs["rsc-state@n1"], "start=")
	a.role = ocf.Unpromoted
	require.Equal(t, ocf.Success, a.do("promote").Code)
	a.role = ocf.Promoted
	for range 3 {
		a.do("monitor")
	}
	require.Equal(t, "1@n2\n", mark(a), "it has joined again")
	require.Equal(t, ocf.Success, a.do("demote").Code)
	require.Equal(t, ocf.Success, b.do("demote").Code)
	require.Equal(t, "1@n2\n", mark(b), "the last to leave has everything")
	require.Contains(t, w.attrs["rsc-state@n2"], "start=1@n2")
}

// TestLongTransfer: a state transfer that takes longer than a promote may.
func TestLongTransfer(t *testing.T) {
	w := newWorld(2)
	a, b := w.nodes["n1"], w.nodes["n2"]
	for _, n := range []*simNode{a, b} {
		require.Equal(t, ocf.Success, n.do("start").Code)
		n.role = ocf.Unpromoted
	}
	require.Equal(t, ocf.Success, b.do("promote").Code, "n2 is the last in the address")
	b.role = ocf.Promoted
	require.Equal(t, "100", w.scores["n1"])
	slow := func(d int) { a.joining = d }
	start := a.m.OnStart
	a.m.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		pid, err := start(m, d)
		slow(1 << 30)
		return pid, err
	}
	bytes := 0
	move := func() {
		bytes += 1 << 20
		a.m.Files[fmt.Sprintf("/proc/%d/io", a.pid)] = ocftest.File{Data: fmt.Sprintf("rchar: 1\nwchar: %d\n", bytes)}
	}
	a.m.OnSleep = func(*ocftest.Machine) { move() }
	res := a.do("promote", "CRM_meta_timeout=60000")
	require.Equal(t, ocf.Success, res.Code, res)
	require.NotContains(t, w.scores, "n1", "without a score the cluster makes it unpromoted")
	require.Contains(t, strings.Join(res.Log, "\n"), "takes longer than this promote may")
	require.Equal(t, ocf.Success, a.do("demote").Code)
	require.NotZero(t, a.pid, "the server is left to its transfer")
	for range 5 {
		a.m.Time = a.m.Time.Add(time.Minute)
		move()
		res = a.do("monitor")
		require.Equal(t, ocf.Success, res.Code, res)
		require.Contains(t, strings.Join(res.Log, "\n"), "MiB written in")
	}
	require.NotContains(t, w.scores, "n1")

	// It stops moving.
	a.m.Time = a.m.Time.Add(4 * time.Minute)
	require.Equal(t, ocf.Success, a.do("monitor").Code)
	a.m.Time = a.m.Time.Add(4 * time.Minute)
	res = a.do("monitor")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "join_stall_timeout")

	// It ends after all.
	slow(1)
	w.tick()
	require.Equal(t, ocf.Success, a.do("monitor").Code)
	require.Equal(t, "100", w.scores["n1"])
	require.Equal(t, ocf.Success, a.do("promote").Code)
	require.Equal(t, ocf.RunningPromoted, a.do("monitor").Code)
	require.NotContains(t, a.m.Files, simState)
}

// TestNothingToJoin: the group dies while a node is on its way into it.
func TestNothingToJoin(t *testing.T) {
	w := newWorld(2)
	a, b := w.nodes["n1"], w.nodes["n2"]
	for _, n := range []*simNode{a, b} {
		require.Equal(t, ocf.Success, n.do("start").Code)
	}
	require.Equal(t, ocf.Success, b.do("promote").Code)
	w.write()
	a.m.OnSleep = func(*ocftest.Machine) {
		if b.pid != 0 {
			b.die()
		}
	}
	start := a.m.OnStart
	a.m.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		pid, err := start(m, d)
		a.joining = 1 << 30
		return pid, err
	}
	res := a.do("promote")
	require.Equal(t, ocf.Success, res.Code, res)
	require.NotContains(t, w.scores, "n1")
	require.Zero(t, a.pid)
	require.Equal(t, ocf.Success, a.do("demote").Code)
	res = a.do("monitor")
	require.Equal(t, ocf.Success, res.Code, "the node has reported again")
	require.Contains(t, strings.Join(res.Log, "\n"), "waiting for what the data hold on n2")
}

// TestWithout: the operator decides to go on without a node; once.
func TestWithout(t *testing.T) {
	w := newWorld(2)
	require.True(t, w.settle(30), w.story())
	w.write()
	a, b := w.nodes["n1"], w.nodes["n2"]
	a.die()
	b.powerOff()
	a.recover()
	a.turn()
	res := a.do("monitor")
	require.Contains(t, strings.Join(res.Log, "\n"), `-n rsc-without -v "n2@$(($(date +%s)+600))"`)
	w.attrs["rsc-without@n1"] = fmt.Sprintf("n2@%d", a.m.Time.Add(-time.Minute).Unix())
	res = a.do("monitor")
	require.Contains(t, strings.Join(res.Log, "\n"), "has expired")
	require.NotContains(t, w.scores, "n1")
	w.attrs["rsc-without@n1"] = fmt.Sprintf("n2@%d", a.m.Time.Add(5*time.Minute).Unix())
	res = a.do("monitor")
	require.Contains(t, strings.Join(res.Log, "\n"), "at worst this loses every write after sequence number 1")
	a.turn()
	require.True(t, a.primary, w.story())
	require.NotContains(t, w.attrs, "rsc-without@n1")
}

func TestParseSeats(t *testing.T) {
	got, err := parseSeats(" gcomm://a:4000, [fd00::1]:4001,fd00::2?pc.wait_prim=no", "n1:a;n2:fd00::1; n3:[fd00::2]")
	require.NoError(t, err)
	require.Equal(t, []seat{{"n1", "a", "4000"}, {"n2", "fd00::1", "4001"}, {"n3", "fd00::2", "4567"}}, got)
	for _, bad := range [][2]string{{"", ""}, {"a,b", ""}, {"gcomm://", ""}, {"gcomm://a,a", ""}, {"gcomm://a", "n"}, {"gcomm://a", "n:"}} {
		_, err := parseSeats(bad[0], bad[1])
		require.Error(t, err, "%q", bad)
	}
	require.Equal(t, []string{"--a=b c", "--d", ""}, words(` "--a=b c"  --d '' `))
}

// TestRecord: what is written is read, and nothing makes reading panic.
func TestRecord(t *testing.T) {
	uuid := rapid.SampledFrom([]wsrep.UUID{wsrep.Zero, uuidA, uuidB})
	moment := rapid.Custom(func(t *rapid.T) time.Time { return time.Unix(rapid.Int64Range(1, 1<<33).Draw(t, "seconds"), 0).UTC() })
	rapid.Check(t, func(t *rapid.T) {
		r := record{Kind: rapid.SampledFrom([]string{kindStopped, kindJoining, kindPromoted}).Draw(t, "kind"), Since: moment.Draw(t, "since")}
		switch r.Kind {
		case kindStopped:
			r.Report = &Report{
				Position: wsrep.Position{UUID: uuid.Draw(t, "uuid"), Seqno: rapid.Int64Range(-1, 1<<62).Draw(t, "seqno")},
				Grastate: rapid.Bool().Draw(t, "grastate"), Safe: rapid.Bool().Draw(t, "safe"), Prepared: rapid.Bool().Draw(t, "prepared"),
				Broken: rapid.Bool().Draw(t, "broken"), Databases: rapid.IntRange(0, 9).Draw(t, "databases"), Written: moment.Draw(t, "written"),
			}
			if rapid.Bool().Draw(t, "view") {
				r.Report.View = wsrep.View{Me: uuidA, ID: "3 x 4", Members: []wsrep.UUID{uuidA, uuidB}}
				r.Me = uuidA
			}
		case kindJoining:
			r.Bytes, r.Moved = rapid.Int64Range(0, 1<<50).Draw(t, "bytes"), moment.Draw(t, "moved")
		case kindPromoted:
			r.Bytes, r.Me = rapid.Int64Range(0, 1<<50).Draw(t, "bytes"), uuidA
		}
		got, err := parseRecord(r.String() + " later=1")
		if err != nil || got.String() != r.String() {
			t.Fatalf("%q became %q, %v", r, got, err)
		}
		text := r.String()
		_, _ = parseRecord(text[:rapid.IntRange(0, len(text)).Draw(t, "cut")])
	})
	for _, bad := range []string{"", "running", "stopped", "stopped uuid=x", "stopped uuid=" + string(uuidA) + " seqno=1e9", "stopped uuid=" + string(uuidA) + " safe=2", strings.Repeat("x", maxRecord+1)} {
		_, err := parseRecord(bad)
		require.Error(t, err, bad)
	}
}

// TestStopped: a server that is stopped by a signal is not waited for.
func TestStopped(t *testing.T) {
	n := single(t, "start", "promote")
	p := n.m.Procs[n.pid]
	p.Stopped = true
	n.m.Procs[n.pid] = p
	begun := n.m.Time
	res := n.do("monitor")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "SIGSTOP")
	require.Equal(t, ocf.Success, n.do("demote").Code)
	require.Zero(t, n.pid)
	require.Less(t, n.m.Time.Sub(begun), 5*time.Second)
}
