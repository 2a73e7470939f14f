package haproxy

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	proxy "systole/lib/haproxy"
)

func TestAgent(t *testing.T) { ocftest.Check(t, Agent(nil)) }

func TestMonitor_Table(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(w *world)
		vars   []string
		code   ocf.Code
		reason string
	}{
		"runs":          {code: ocf.Success},
		"stopped":       {set: func(w *world) { clear(w.Procs) }, code: ocf.NotRunning, reason: "which is no process of this resource"},
		"never started": {set: func(w *world) { clear(w.Procs); delete(w.Files, pidfile) }, code: ocf.NotRunning, reason: "there is no pid file"},
		"pid file lost": {set: func(w *world) { delete(w.Files, pidfile) }, code: ocf.Success},
		"pid file of another": {set: func(w *world) {
			w.add(77, 1, []string{"haproxy", "-f", "/other.cfg"})
			w.Files[pidfile] = ocftest.File{Data: "77"}
		}, code: ocf.Success},
		"pid of no haproxy": {set: func(w *world) {
			clear(w.Procs)
			w.Procs[1000] = ocf.Process{PID: 1000, Name: "sshd", Args: []string{"sshd", "-f", conf}}
		}, code: ocf.NotRunning},
		"vi of the configuration": {set: func(w *world) {
			clear(w.Procs)
			w.Procs[9] = ocf.Process{PID: 9, Name: "haproxy", Args: []string{"sh", "-f", conf, "haproxy"}}
		}, code: ocf.NotRunning},
		"master killed":          {set: func(w *world) { delete(w.Procs, 1000) }, code: ocf.ErrGeneric, reason: "has no master process"},
		"mute":                   {set: func(w *world) { w.mute = true }, code: ocf.ErrGeneric, reason: "(process 1000) does not answer at " + master + ": timed out"},
		"master replaces itself": {set: func(w *world) { w.deaf = 5 }, code: ocf.Success},
		"soft stop":              {set: func(w *world) { w.holds = time.Hour; w.drain(1001) }, code: ocf.ErrGeneric, reason: "is stopping"},
		"backend down":           {set: func(w *world) { w.down = []string{"db"} }, code: ocf.Success},
		"listed down":            {set: func(w *world) { w.down, w.downFor = []string{"db"}, 30 }, vars: []string{"backends=db"}, code: ocf.ErrGeneric, reason: "no server takes work in db"},
		"listed just down":       {set: func(w *world) { w.down, w.downFor = []string{"db"}, 29 }, vars: []string{"backends=db"}, code: ocf.Degraded, reason: "db (since 29s)"},
		"other grace":            {set: func(w *world) { w.down, w.downFor = []string{"db"}, 29 }, vars: []string{"backends=db", "backend_grace=20"}, code: ocf.ErrGeneric, reason: "db (since 29s)"},
		"listed up":              {vars: []string{"backends=db"}, code: ocf.Success},
		"down, degraded":         {set: func(w *world) { w.down = []string{"db"} }, vars: []string{"backends=db", "backend_failure=degraded"}, code: ocf.Degraded, reason: "db"},
		"unknown listed":         {vars: []string{"backends=db,x"}, code: ocf.Degraded, reason: "haproxy has no backend x"},
		"url":                    {vars: []string{"statusurl=http://x/"}, code: ocf.Success},
		"another answers":        {set: func(w *world) { w.add(9000, 1, []string{"haproxy", "-f", "/other.cfg"}); w.answers = 9000 }, code: ocf.ErrGeneric, reason: "process 9000 answers, which is not of this resource"},
		"url, no socket": {set: func(w *world) {
			clear(w.Procs)
			w.add(60, 1, []string{"haproxy", "-D", "-f", conf})
			w.Files[conf] = ocftest.File{Data: "listen x\n"}
			w.url = errors.New("refused")
		}, vars: []string{"statusurl=http://x/"}, code: ocf.ErrGeneric, reason: "http://x/"},
		"no socket": {set: func(w *world) {
			clear(w.Procs)
			w.add(60, 1, []string{"haproxy", "-D", "-f", conf})
			w.Files[conf] = ocftest.File{Data: "listen x\n"}
		}, code: ocf.Success},
		"url fails":    {set: func(w *world) { w.url = errors.New("503") }, vars: []string{"statusurl=http://x/"}, code: ocf.ErrGeneric, reason: "http://x/ does not answer well: 503"},
		"old url name": {set: func(w *world) { w.url = errors.New("503") }, vars: []string{"monitor_url=http://x/"}, code: ocf.ErrGeneric, reason: "http://x/"},
		"file now bad": {set: func(w *world) { w.bad = "parsing [x:3] : bad" }, code: ocf.Success},
		"deep, file now bad": {
			set: func(w *world) { w.bad = "parsing [x:3] : bad" }, vars: []string{"OCF_CHECK_LEVEL=10"}, code: ocf.Degraded,
			reason: "could not be started again: its configuration is wrong: parsing [x:3] : bad",
		},
		"deep, file gone": {set: func(w *world) { delete(w.Files, conf) }, vars: []string{"OCF_CHECK_LEVEL=10"}, code: ocf.Degraded, reason: "does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld().started(t)
			if c.set != nil {
				c.set(w)
			}
			ran := len(w.Commands)
			res := w.do("monitor", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Empty(t, res.Changes)
			if !slices.Contains(c.vars, "OCF_CHECK_LEVEL=10") {
				require.Len(t, w.Commands, ran, "a monitor starts no process")
			}
			if c.code != ocf.Success {
				require.NotEmpty(t, res.Reason)
			}
		})
	}
}

func TestStart_Table(t *testing.T) {
	inUse := errors.New("address already in use")
	for name, c := range map[string]struct {
		set    func(w *world)
		vars   []string
		code   ocf.Code
		reason string
		change string // one of the changes
		// The master does not answer in time.
		unsettled bool
	}{
		"plain": {change: "run /usr/sbin/haproxy -W -D -p /var/run/haproxy.pid -S " + master + ",mode,600,level,admin -f " + conf},
		"more files": {vars: []string{"extraconf=/a.cfg /b"}, set: func(w *world) {
			w.Files["/a.cfg"] = ocftest.File{}
			w.Files["/b"] = ocftest.Dir()
			w.Files["/b/c.cfg"] = ocftest.File{}
		}, change: "run /usr/sbin/haproxy -W -D -p /var/run/haproxy.pid -S " + master + ",mode,600,level,admin -f " + conf + " -f /a.cfg -f /b"},
		"options":     {vars: []string{"options=-n 4000", "renice=-5"}, change: "run nice -n -5 /usr/sbin/haproxy -W"},
		"old names":   {vars: []string{"config=" + conf, "pid=/run/x.pid", "haproxy=/opt/haproxy"}, change: "run /opt/haproxy -W -D -p /run/x.pid"},
		"stale pid":   {set: func(w *world) { w.Files[pidfile] = ocftest.File{Data: "4711\n"} }, change: "remove " + pidfile},
		"no run dir":  {set: func(w *world) { delete(w.Files, "/run/haproxy") }, change: "give /run/haproxy to haproxy:haproxy"},
		"owner":       {vars: []string{"pid_owner=ha"}, change: "give " + pidfile + " to ha:"},
		"bad file":    {set: func(w *world) { w.bad = "parsing [x:3] : unknown keyword" }, code: ocf.ErrArgs, reason: "parsing [x:3] : unknown keyword"},
		"no file":     {set: func(w *world) { delete(w.Files, conf) }, code: ocf.ErrInstalled, reason: conf + " does not exist"},
		"no program":  {set: func(w *world) { w.Programs = map[string]bool{} }, code: ocf.ErrInstalled, reason: "install the package haproxy"},
		"in use":      {set: func(w *world) { w.unbound = map[string]error{"192.0.2.1:80": inUse} }, code: ocf.ErrGeneric, reason: "192.0.2.1:80 of frontend web (" + conf + ":6): address already in use"},
		"no address":  {set: func(w *world) { w.unbound = map[string]error{"192.0.2.1:80": proxy.ErrAbsent} }, code: ocf.ErrGeneric, reason: "ip_nonlocal_bind"},
		"not checked": {set: func(w *world) { w.unbound = map[string]error{"192.0.2.1:80": inUse} }, vars: []string{"bind_check=no"}},
		"address comes": {set: func(w *world) {
			w.unbound = map[string]error{"192.0.2.1:80": proxy.ErrAbsent}
			end := w.Time.Add(5 * time.Second)
			w.OnSleep = func(*ocftest.Machine) {
				if w.Time.After(end) {
					w.unbound = nil
				}
			}
		}},
		"settles late":  {set: func(w *world) { w.execs = 9 * time.Second }},
		"never settles": {set: func(w *world) { w.execs = time.Hour }, unsettled: true},
		"mute":          {set: func(w *world) { w.mute = true }, code: ocf.ErrGeneric, reason: "does not answer"},
		"mute, v":       {set: func(w *world) { w.mute = true }, vars: []string{"verify_start=2"}, code: ocf.ErrGeneric, reason: "verify_start is over"},
		"url":           {set: func(w *world) { w.url = errors.New("refused") }, vars: []string{"statusurl=http://x/"}, code: ocf.ErrGeneric, reason: "http://x/"},
		"stray":         {set: func(w *world) { w.add(60, 1, []string{"haproxy", "-W", "-f", conf}) }, change: "signal 15 to 60"},
		"stubborn": {set: func(w *world) {
			w.add(60, 1, []string{"haproxy", "-W", "-f", conf})
			w.ignores = map[int]bool{ocf.SIGTERM: true}
		}, change: "signal 9 to 60"},
		"by hand": {set: func(w *world) { w.add(60, 1, []string{"haproxy", "-D", "-f", conf}) }, change: "write " + pidfile},
		"ns":      {vars: []string{"ns=blue"}, set: func(w *world) { w.Files["/run/netns/blue"] = ocftest.File{} }, change: "run ip netns exec blue /usr/sbin/haproxy -W"},
		"no ns":   {vars: []string{"ns=blue"}, code: ocf.ErrInstalled, reason: "ip netns add blue"},
		"made ns": {vars: []string{"ns=blue", "namespace_ip=240.0.0.2", "other_networks=10.0.0.0/8"}, change: "run ip -n blue route replace 10.0.0.0/8 via 240.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if c.set != nil {
				c.set(w)
			}
			res := w.do("start", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			if c.unsettled {
				require.Contains(t, res.String(), "haproxy serves, but its master (process 1000) does not answer at "+master)
			}
			found := slices.ContainsFunc(res.Changes, func(s string) bool { return strings.HasPrefix(s, c.change) })
			require.True(t, c.change == "" || found, "%s", res)
			if c.code == ocf.Success {
				require.False(t, w.executing() && !c.unsettled, "the master is still executing itself: %s", res)
				again := w.do("start", c.vars...)
				require.Equal(t, ocf.Success, again.Code, again)
				require.Equal(t, ocf.Success, w.do("monitor", c.vars...).Code)
			}
		})
	}
}

func TestStop_Table(t *testing.T) {
	for name, c := range map[string]struct {
		set     func(w *world)
		vars    []string
		code    ocf.Code
		reason  string
		signals []string
		within  time.Duration
	}{
		"idle":            {signals: []string{"signal 10 to 1000"}, within: time.Second},
		"connections":     {set: func(w *world) { w.holds = time.Hour }, signals: []string{"signal 10 to 1000", "signal 15 to 1000"}, within: 11 * time.Second},
		"short timeout":   {set: func(w *world) { w.holds = time.Hour }, vars: []string{"CRM_meta_timeout=6000"}, signals: []string{"signal 10 to 1000", "signal 15 to 1000"}, within: 3 * time.Second},
		"no drain":        {vars: []string{"drain_timeout=0"}, signals: []string{"signal 15 to 1000"}, within: time.Second},
		"ignores SIGTERM": {set: func(w *world) { w.ignores = map[int]bool{ocf.SIGTERM: true, ocf.SIGUSR1: true} }, vars: []string{"drain_timeout=1"}, signals: []string{"signal 10 to 1000", "signal 15 to 1000", "signal 15 to 1001", "signal 9 to 1000", "signal 9 to 1001"}, within: 7 * time.Second},
		"verify_stop":     {set: func(w *world) { w.ignores = map[int]bool{ocf.SIGTERM: true} }, vars: []string{"drain_timeout=0", "verify_stop=1"}, signals: []string{"signal 15 to 1000", "signal 15 to 1001", "signal 9 to 1000", "signal 9 to 1001"}, within: 2 * time.Second},
		"immortal":        {set: func(w *world) { w.ignores = map[int]bool{ocf.SIGTERM: true, ocf.SIGUSR1: true, ocf.SIGKILL: true} }, code: ocf.ErrGeneric, reason: "does not die even of SIGKILL"},
		"stopped":         {set: func(w *world) { clear(w.Procs) }, within: time.Second},
		"only a worker":   {set: func(w *world) { delete(w.Procs, 1000) }, signals: []string{"signal 10 to 1001"}, within: time.Second},
		"pid of another":  {set: func(w *world) { clear(w.Procs); w.Procs[1000] = ocf.Process{PID: 1000, Name: "mariadbd"} }, within: time.Second},
		"started again": {set: func(w *world) {
			w.OnSleep = func(*ocftest.Machine) {
				if w.Time.Second() == 2 && w.Procs[6000].PID == 0 {
					w.add(6000, 1, []string{"/usr/sbin/haproxy", "-Ws", "-f", conf})
					w.add(6001, 6000, []string{"/usr/sbin/haproxy", "-Ws", "-f", conf})
				}
				w.pass()
			}
			w.holds = 4 * time.Second
		}, code: ocf.ErrGeneric, reason: "systemctl disable --now haproxy"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld().started(t)
			if c.set != nil {
				c.set(w)
			}
			begin := w.Time
			res := w.do("stop", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			if c.code != ocf.Success {
				return
			}
			var signals []string
			for _, s := range res.Changes {
				if strings.HasPrefix(s, "signal") {
					signals = append(signals, s)
				}
			}
			if c.signals != nil {
				require.Subset(t, c.signals, signals, res)
			}
			require.LessOrEqual(t, w.Time.Sub(begin), c.within)
			require.NotContains(t, w.Files, pidfile)
			require.NotContains(t, w.Files, master)
			require.Equal(t, ocf.Success, w.do("stop", c.vars...).Code)
			require.Equal(t, ocf.NotRunning, w.do("monitor", c.vars...).Code)
		})
	}
}

func TestReload_Table(t *testing.T) {
	for name, c := range map[string]struct {
		set     func(w *world)
		action  string
		vars    []string
		code    ocf.Code
		reason  string
		monitor ocf.Code // afterwards
		kept    bool     // the old worker serves
	}{
		"good":             {},
		"connections":      {set: func(w *world) { w.holds = time.Hour }},
		"bad file":         {set: func(w *world) { w.bad = "parsing [x:3] : bad" }, monitor: ocf.Degraded, kept: true},
		"bad file, reload": {set: func(w *world) { w.bad = "parsing [x:3] : bad" }, action: "reload", code: ocf.ErrGeneric, reason: "parsing [x:3] : bad", monitor: ocf.Degraded, kept: true},
		"API 1.0":          {set: func(w *world) { w.bad = "parsing [x:3] : bad" }, action: "reload", vars: []string{"OCF_RA_VERSION_MINOR=0"}, monitor: ocf.Degraded, kept: true},
		"file gone":        {set: func(w *world) { delete(w.Files, conf) }, monitor: ocf.Degraded, kept: true},
		"fails at last":    {set: func(w *world) { w.refuses = true }, monitor: ocf.Degraded, kept: true},
		"fails, reload":    {set: func(w *world) { w.refuses = true; w.unbound = map[string]error{"192.0.2.1:80": proxy.ErrAbsent} }, action: "reload", code: ocf.ErrGeneric, reason: "it cannot listen at 192.0.2.1:80", monitor: ocf.Degraded, kept: true},
		"no answer":        {set: func(w *world) { w.ignores = map[int]bool{ocf.SIGUSR2: true} }, action: "reload", code: ocf.ErrGeneric, reason: "no new worker answered", monitor: ocf.Degraded, kept: true},
		"stopped":          {set: func(w *world) { clear(w.Procs) }, code: ocf.NotRunning, reason: "start it", monitor: ocf.NotRunning},
		"by hand, no master": {set: func(w *world) {
			clear(w.Procs)
			w.add(60, 1, []string{"haproxy", "-D", "-f", conf})
			w.holds = time.Minute
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld().started(t)
			if c.set != nil {
				c.set(w)
			}
			before, _ := w.serving()
			res := w.do(orElse(c.action, "reload-agent"), c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			after, stopping := w.serving()
			require.False(t, stopping)
			require.False(t, w.executing(), "the master is still executing itself: %s", res)
			if c.monitor != ocf.NotRunning {
				require.Equal(t, c.kept, before == after, res)
			}
			require.Equal(t, c.monitor, w.do("monitor").Code)
			if c.monitor != ocf.Degraded {
				return
			}
			// The next one that succeeds ends it.
			w.bad, w.refuses, w.ignores, w.Files[conf] = "", false, nil, ocftest.File{Data: config}
			require.Equal(t, ocf.Success, w.do("reload").Code)
			require.Equal(t, ocf.Success, w.do("monitor").Code)
		})
	}
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestValidate(t *testing.T) {
	w := newWorld()
	for _, c := range []struct {
		code ocf.Code
		vars []string
	}{
		{ocf.Success, nil},
		{ocf.ErrConfigured, []string{"conffile=haproxy.cfg"}},
		{ocf.ErrConfigured, []string{"extraconf=/a b"}},
		{ocf.ErrConfigured, []string{"pidfile=x"}},
		{ocf.ErrConfigured, []string{"master_socket=x"}},
		{ocf.ErrConfigured, []string{"master_socket=/a,b"}},
		{ocf.ErrConfigured, []string{"master_socket=/" + strings.Repeat("x", 107)}},
		{ocf.ErrConfigured, []string{"stats_socket=x"}},
		{ocf.ErrConfigured, []string{"statusurl=ftp://x"}},
		{ocf.ErrConfigured, []string{"options=-n 3 -D"}},
		{ocf.ErrConfigured, []string{"renice=20"}},
		{ocf.ErrConfigured, []string{"ns=a/b"}},
		{ocf.ErrConfigured, []string{"ns=.."}},
		{ocf.ErrConfigured, []string{"namespace_ip=1.2.3.4"}},
		{ocf.ErrConfigured, []string{"ns=a", "namespace_ip=1.2.3"}},
		{ocf.ErrConfigured, []string{"ns=a", "namespace_ip=1.2.3.4", "other_networks=x"}},
		{ocf.ErrConfigured, []string{"ns=a", "namespace_ip=1.2.3.4", "host_interface=-x"}},
		{ocf.ErrConfigured, []string{"ns=a", "namespace_ip=1.2.3.4", "namespace_interface=muchmuchtoolong1"}},
		{ocf.Success, []string{"ns=a", "namespace_ip=1.2.3.4", "other_networks=False", "debug=true"}},
		{ocf.Success, []string{"conffile=/no/such"}},
		{ocf.ErrInstalled, []string{"conffile=/no/such", "OCF_CHECK_LEVEL=10"}},
		{ocf.ErrArgs, []string{"backends=x", "OCF_CHECK_LEVEL=10"}},
		{ocf.Success, []string{"backends=db", "OCF_CHECK_LEVEL=10"}},
		{ocf.ErrInstalled, []string{"ns=blue", "OCF_CHECK_LEVEL=10"}},
	} {
		res := w.do("validate-all", c.vars...)
		require.Equal(t, c.code, res.Code, "%v: %s", c.vars, res)
		require.Equal(t, c.code != 0, res.Reason != "")
	}
	w.bad = "parsing [x:3] : bad"
	res := w.do("validate-all", "OCF_CHECK_LEVEL=10")
	require.Equal(t, ocf.ErrArgs, res.Code)
	require.Contains(t, res.Reason, "parsing [x:3] : bad")
}

// After any sequence of actions and mishaps, some actions killed at any change: a
// start that ends in success serves, a stop leaves nothing, nobody else's process
// is touched, and there is never more than one haproxy that takes connections.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		w.add(77, 1, []string{"haproxy", "-W", "-f", "/other.cfg", "-p", "/run/other.pid"})
		w.Procs[78] = ocf.Process{PID: 78, Parent: 1, Name: "mariadbd"}
		for range rapid.IntRange(1, 12).Draw(t, "actions") {
			w.holds = time.Duration(rapid.SampledFrom([]int{0, 1, 60}).Draw(t, "holds")) * time.Second
			w.bad = rapid.SampledFrom([]string{"", "", "bad"}).Draw(t, "configuration")
			switch rapid.IntRange(0, 9).Draw(t, "mishap") {
			case 0:
				delete(w.Files, pidfile)
			case 1:
				w.Files[pidfile] = ocftest.File{Data: rapid.SampledFrom([]string{"77\n", "78\n", "999999", "x", ""}).Draw(t, "pid file")}
			case 2:
				for pid, p := range w.Procs {
					if p.Parent == 1 && pid >= 1000 {
						delete(w.Procs, pid) // the master is killed
					}
				}
			}
			action := rapid.SampledFrom([]string{"start", "stop", "monitor", "reload-agent", "reload"}).Draw(t, "action")
			if after := rapid.IntRange(0, 5).Draw(t, "killed after"); after > 0 && after < 5 {
				w.KillAfter = len(w.Changes) + after
			}
			before, _ := w.serving()
			res := w.do(action)
			w.KillAfter = 0
			require.Contains(t, w.Procs, 77)
			require.Contains(t, w.Procs, 78)
			if res.Killed {
				continue
			}
			require.False(t, action != "stop" && action != "monitor" && before == 0 && w.executing(), "the master is still executing itself: %s", res)
			code := w.do("monitor").Code
			switch {
			case action == "monitor":
				require.Empty(t, res.Changes)
			case action == "stop":
				require.Equal(t, ocf.Success, res.Code, res)
				require.Equal(t, ocf.NotRunning, code)
				require.Len(t, w.Procs, 2)
			case action == "start" && res.Code == ocf.Success:
				require.Contains(t, []ocf.Code{ocf.Success, ocf.Degraded}, code, res)
			case strings.HasPrefix(action, "reload") && w.bad != "":
				after, _ := w.serving()
				require.Equal(t, before, after, res)
			}
			heads := 0
			for pid, p := range w.Procs {
				if _, s := w.stopping[pid]; p.Parent == 1 && pid >= 1000 && !s && !allStop(w, pid) {
					heads++
				}
			}
			require.LessOrEqual(t, heads, 1, res)
		}
	})
}

// allStop says whether all workers of a master drain.
func allStop(w *world, pid int) bool {
	workers := w.workers(pid)
	for _, c := range workers {
		if _, s := w.stopping[c]; !s {
			return false
		}
	}
	return len(workers) > 0
}
