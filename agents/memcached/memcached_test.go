package memcached

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
)

// server is one in memory: what answers at the address.
type server struct {
	err     error // of every question
	stats   map[string]string
	other   bool // something that is not ours listens
	m       *ocftest.Machine
	slow    int // questions until the first answer
	address string
}

var errFull = errors.New("full")

func (s *server) Full(err error) bool { return errors.Is(err, errFull) }

func (s *server) ask(address string) error {
	s.address = address
	if s.slow--; s.slow >= 0 {
		return errors.New("connection refused")
	}
	if len(running(s.m)) == 0 && !s.other {
		return errors.New("connection refused")
	}
	return s.err
}

func (s *server) Version(_ context.Context, address string, _ time.Duration) (string, error) {
	return "1.6.18", s.ask(address)
}

func (s *server) Stats(_ context.Context, address string, _ time.Duration) (map[string]string, error) {
	return s.stats, s.ask(address)
}

func (s *server) Connect(_ context.Context, address string, _ time.Duration) error {
	return s.ask(address)
}

func running(m *ocftest.Machine) (pids []int) {
	for pid, p := range m.Procs {
		if p.Name == "memcached" {
			pids = append(pids, pid)
		}
	}
	return pids
}

func newServer(t testing.TB) (*server, ocf.Runnable) {
	t.Helper()
	s := &server{m: ocftest.New(), stats: map[string]string{"accepting_conns": "1", "curr_connections": "10"}}
	s.obey(ocf.SIGUSR1, ocf.SIGTERM, ocf.SIGKILL)
	return s, Agent(s)
}

// obey says which signals end the server.
func (s *server) obey(signals ...int) {
	s.m.OnSignal = func(m *ocftest.Machine, p ocf.Process, signal int) {
		if slices.Contains(signals, signal) {
			delete(m.Procs, p.PID)
		}
	}
}

const (
	pid     = "/run/resource-agents/memcached-rsc.pid"
	log     = "/run/resource-agents/memcached-rsc.log"
	command = "start memcached -u memcache -p 11211 -l 127.0.0.1 -m 64 -c 1024"
)

func TestAgent(t *testing.T) {
	_, a := newServer(t)
	ocftest.Check(t, a)
}

func TestParameters(t *testing.T) {
	for vars, want := range map[string]string{
		"options=-t 8 -o no_hashexpand": "",
		"listen=127.0.0.1,::1":          "",
		"options=-d":                    "must not have -d",
		"options=-t 1 -P /x":            "must not have -P",
		"options=--pidfile=/x":          "must not have --pidfile=/x",
		"options=-m 7":                  "must not have -m",
		"options=-s /sock":              "must not have -s",
		"pid=x":                         "is not an absolute path",
		"listen=a b":                    "have no blanks",
		"port=0":                        "out of range",
		"connections=1":                 "out of range",
	} {
		s, a := newServer(t)
		res := ocftest.Do(a, s.m, "validate-all", vars)
		if want == "" {
			require.Equal(t, ocf.Success, res.Code, res)
			continue
		}
		require.Equal(t, ocf.ErrConfigured, res.Code, vars)
		require.Contains(t, res.Reason, want)
		require.Equal(t, ocf.ErrConfigured, ocftest.Do(a, s.m, "start", vars).Code)
		require.Empty(t, s.m.Changes)
	}
	s, a := newServer(t)
	s.m.Programs = map[string]bool{}
	require.Equal(t, ocf.ErrInstalled, ocftest.Do(a, s.m, "monitor", "CRM_meta_interval=0").Code)
	require.Contains(t, ocftest.Do(a, s.m, "start").Reason, "install the package memcached or set the parameter binary")
}

func TestLife(t *testing.T) {
	s, a := newServer(t)
	do := func(action string, vars ...string) ocftest.Result { return ocftest.Do(a, s.m, action, vars...) }
	require.Equal(t, ocf.NotRunning, do("monitor").Code)
	s.slow = 5
	res := do("start")
	require.Equal(t, []string{command, "write " + pid}, res.Changes, res)
	require.Equal(t, "1000\n", s.m.Files[pid].Data)
	require.Equal(t, ocf.Success, do("monitor").Code)
	require.Empty(t, do("start").Changes)
	require.Equal(t, ocf.NotRunning, do("monitor", "port=11212").Code, "the server of another resource")
	require.Empty(t, do("reload-agent").Changes)
	require.Equal(t, []string{"signal 10 to 1000", "remove " + pid}, do("stop").Changes)
	require.Empty(t, do("stop").Changes)
	require.Equal(t, ocf.NotRunning, do("monitor").Code)

	// The directory of state files is made at the first start after a boot.
	delete(s.m.Files, "/run/resource-agents")
	require.Equal(t, ocf.Success, do("start").Code)
}

func TestMonitor(t *testing.T) {
	for name, c := range map[string]struct {
		vars   []string
		set    func(*server)
		code   ocf.Code
		reason string
	}{
		"good":         {nil, func(*server) {}, 0, ""},
		"no PID file":  {nil, func(s *server) { delete(s.m.Files, pid) }, 0, ""},
		"odd PID file": {nil, func(s *server) { s.m.Files[pid] = ocftest.File{Data: "x"} }, 0, ""},
		"another's PID": {nil, func(s *server) {
			s.m.Files[pid] = ocftest.File{Data: "1"}
			s.m.Procs[1] = ocf.Process{PID: 1, Args: []string{"init"}}
		}, 0, ""},
		"dead":             {nil, func(s *server) { delete(s.m.Procs, 1000) }, ocf.NotRunning, "there is no process memcached"},
		"silent":           {nil, func(s *server) { s.err = errors.New("it took more than 5s") }, ocf.ErrGeneric, "process 1000 runs, but the server does not answer at 127.0.0.1:11211: it took more than 5s"},
		"full":             {nil, func(s *server) { s.err = errFull }, ocf.Degraded, "no connection left"},
		"refuses":          {[]string{"OCF_CHECK_LEVEL=10"}, func(s *server) { s.stats["accepting_conns"] = "0" }, ocf.Degraded, "has no connection left"},
		"nearly full":      {[]string{"OCF_CHECK_LEVEL=10"}, func(s *server) { s.stats["curr_connections"] = "1000" }, ocf.Degraded, "nearly no connection left"},
		"not asked":        {nil, func(s *server) { s.stats["curr_connections"] = "1000" }, 0, ""},
		"good at level 10": {[]string{"OCF_CHECK_LEVEL=10"}, func(*server) {}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := newServer(t)
			require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "start").Code)
			c.set(s)
			res := ocftest.Do(a, s.m, "monitor", append([]string{"CRM_meta_interval=10000"}, c.vars...)...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Empty(t, res.Changes)
		})
	}
}

func TestAddress(t *testing.T) {
	for listen, want := range map[string]string{
		"10.0.0.1": "10.0.0.1:11211", "0.0.0.0": "127.0.0.1:11211", "::": "[::1]:11211", "fd00::1,10.0.0.1": "[fd00::1]:11211", "[::1]": "[::1]:11211", "host": "host:11211",
	} {
		s, a := newServer(t)
		require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "start", "listen="+listen).Code)
		require.Equal(t, want, s.address)
	}
	s, a := newServer(t)
	require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "start", "options=-Z").Code, "with TLS a connection must do")
	require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "monitor", "options=-Z", "OCF_CHECK_LEVEL=10").Code)
}

func TestStartFails(t *testing.T) {
	s, a := newServer(t)
	s.other = true
	res := ocftest.Do(a, s.m, "start")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "systemctl disable --now memcached")
	require.Empty(t, res.Changes)

	s, a = newServer(t)
	s.m.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		m.Files[d.Output] = ocftest.File{Data: "starting\nfailed to listen on TCP port 11211: Address already in use\n"}
		return 1000, nil
	}
	res = ocftest.Do(a, s.m, "start")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Equal(t, "the server has ended at once: failed to listen on TCP port 11211: Address already in use", res.Reason)
	require.Equal(t, []string{"remove " + log}, ocftest.Do(a, s.m, "stop").Changes)

	s, a = newServer(t)
	s.slow = 1_000_000
	require.Contains(t, ocftest.Do(a, s.m, "start").Reason, "not done within its timeout")
}

func TestStop(t *testing.T) {
	for name, c := range map[string]struct {
		obeys []int
		vars  []string
		want  []string
		least time.Duration
	}{
		"drained":   {[]int{ocf.SIGUSR1}, nil, []string{"signal 10 to 1000"}, 0},
		"ended":     {[]int{ocf.SIGTERM}, nil, []string{"signal 10 to 1000", "signal 15 to 1000"}, 5 * time.Second},
		"at once":   {[]int{ocf.SIGTERM}, []string{"drain_timeout=0"}, []string{"signal 15 to 1000"}, 0},
		"killed":    {[]int{ocf.SIGKILL}, nil, []string{"signal 10 to 1000", "signal 15 to 1000", "signal 9 to 1000"}, 8 * time.Second},
		"long wait": {[]int{ocf.SIGKILL}, []string{"drain_timeout=1h"}, []string{"signal 10 to 1000", "signal 15 to 1000", "signal 9 to 1000"}, 8 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := newServer(t)
			require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "start").Code)
			s.obey(c.obeys...)
			begin := s.m.Time
			res := ocftest.Do(a, s.m, "stop", c.vars...)
			require.Equal(t, ocf.Success, res.Code, res)
			require.Equal(t, append(c.want, "remove "+pid), res.Changes)
			require.GreaterOrEqual(t, s.m.Time.Sub(begin), c.least)
		})
	}
	// A start that was killed between fork and exec: the server is still to come.
	s, a := newServer(t)
	s.m.Procs[7] = ocf.Process{PID: 7, Start: 7, Name: "memcached", Args: []string{"/x/memcached", "start"}}
	s.m.OnSleep = func(m *ocftest.Machine) {
		m.OnSleep = nil
		m.Procs[7] = ocf.Process{PID: 7, Start: 7, Name: "memcached", Args: strings.Fields(strings.TrimPrefix(command, "start "))}
	}
	require.Equal(t, []string{"signal 10 to 7"}, ocftest.Do(a, s.m, "stop").Changes)
	require.Empty(t, s.m.Procs)
	s, a = newServer(t)
	s.m.Procs[8] = ocf.Process{PID: 8, Start: 8, Name: "memcached"}
	begin := s.m.Time
	require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "stop").Code, "that of another resource")
	require.Less(t, s.m.Time.Sub(begin), 3*time.Second)

	s, a = newServer(t)
	require.Equal(t, ocf.Success, ocftest.Do(a, s.m, "start").Code)
	s.obey()
	res := ocftest.Do(a, s.m, "stop")
	require.Equal(t, ocf.ErrGeneric, res.Code, "a process that nothing ends is not stopped")
}

// The laws of every agent, over sequences of actions that may be killed at any change.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, a := newServer(t)
		for range rapid.IntRange(1, 12).Draw(rt, "actions") {
			action := rapid.SampledFrom([]string{"start", "stop", "monitor", "reload-agent", "death"}).Draw(rt, "action")
			if action == "death" {
				for _, pid := range running(s.m) {
					delete(s.m.Procs, pid)
				}
				continue
			}
			if after := rapid.IntRange(0, 3).Draw(rt, "killed after"); after < 3 {
				s.m.KillAfter = len(s.m.Changes) + after + 1
			}
			s.slow = rapid.IntRange(0, 2).Draw(rt, "slow")
			res := ocftest.Do(a, s.m, action)
			s.m.KillAfter, s.slow = 0, 0
			require.LessOrEqual(rt, len(running(s.m)), 1, "never two servers: %s", strings.Join(s.m.Changes, ", "))
			if action == "monitor" {
				require.Empty(rt, res.Changes)
			}
			if res.Killed || action == "monitor" || action == "reload-agent" {
				continue
			}
			require.Equal(rt, ocf.Success, res.Code, res)
			want := map[string]ocf.Code{"start": ocf.Success, "stop": ocf.NotRunning}[action]
			require.Equal(rt, want, ocftest.Do(a, s.m, "monitor").Code)
			require.Empty(rt, ocftest.Do(a, s.m, action).Changes)
		}
	})
}
