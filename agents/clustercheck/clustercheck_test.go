package clustercheck

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
)

const (
	program = "/usr/bin/systole-agents"
	pidfile = "/run/resource-agents/clustercheck-rsc.pid"
	logfile = "/run/resource-agents/clustercheck-rsc.log"
)

// world is a machine with a service that answers as long as its process runs.
type world struct {
	*ocftest.Machine
	dies  string // what the service says before it ends at once
	mute  bool
	slow  int // questions until the service answers
	env   []string
	stays bool // SIGTERM has no effect
}

func newWorld() *world {
	w := &world{Machine: ocftest.New()}
	w.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		w.env = d.Env
		if w.dies != "" {
			m.Files[d.Output] = ocftest.File{Data: "x\n" + w.dies + "\n"}
			return 99, nil
		}
		m.Files[d.Output] = ocftest.File{}
		pid := 100
		for m.Procs[pid].PID != 0 {
			pid++
		}
		m.Procs[pid] = ocf.Process{PID: pid, Parent: 1, Start: uint64(m.Time.UnixMilli()), Name: "systole-agents", Args: append([]string{d.Path}, d.Args...)}
		return pid, nil
	}
	w.OnSignal = func(m *ocftest.Machine, p ocf.Process, number int) {
		if number == ocf.SIGKILL || !w.stays {
			delete(m.Procs, p.PID)
		}
	}
	return w
}

func (w *world) Get(_ context.Context, _ time.Duration, _, url string) error {
	if !strings.HasSuffix(url, "/alive") || w.mute {
		return errors.New("timed out")
	}
	if w.slow > 0 {
		w.slow--
		return errors.New("connection refused")
	}
	return nil
}

func (w *world) do(action string, vars ...string) ocftest.Result {
	return ocftest.Do(Agent(program, w), w.Machine, action, append([]string{"CRM_meta_interval=10000"}, vars...)...)
}

func TestAgent(t *testing.T) { ocftest.Check(t, Agent("", nil)) }

func TestLife(t *testing.T) {
	w := newWorld()
	require.Equal(t, ocf.NotRunning, w.do("monitor").Code)
	require.Equal(t, ocf.Success, w.do("stop").Code)
	w.slow = 3
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Contains(t, res.Changes, "start "+program+" clustercheck serve --name clustercheck-rsc")
	require.Equal(t, "100\n", w.Files[pidfile].Data)
	require.Equal(t, ocf.Success, w.do("monitor").Code)
	require.Equal(t, []string(nil), append([]string(nil), w.do("start").Changes...))
	delete(w.Files, pidfile)
	require.Equal(t, ocf.Success, w.do("monitor").Code, "found by its arguments")
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, "100\n", w.Files[pidfile].Data)
	w.mute = true
	res = w.do("monitor")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "does not answer: timed out")
	require.Equal(t, ocf.Success, w.do("stop").Code, "it need not answer")
	require.Empty(t, w.Procs)
	require.NotContains(t, w.Files, pidfile)
	require.NotContains(t, w.Files, logfile)

	w.mute, w.stays = false, true
	require.Equal(t, ocf.Success, w.do("start").Code)
	res = w.do("stop")
	require.Equal(t, ocf.Success, res.Code)
	require.Contains(t, res.Changes, "signal 9 to 100")
}

func TestStart_Fails(t *testing.T) {
	w := newWorld()
	w.dies = "listen tcp :9200: bind: address already in use: end the other process, or choose another port"
	res := w.do("start")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, w.dies)
	w = newWorld()
	w.mute = true
	require.Equal(t, ocf.ErrGeneric, w.do("start").Code)
	require.Equal(t, ocf.ErrArgs, newWorld().do("start", "conffile=/no/such").Code)
	w = newWorld()
	w.Files["/etc"], w.Files["/etc/sysconfig"] = ocftest.Dir(), ocftest.Dir()
	w.Files["/etc/sysconfig/clustercheck"] = ocftest.File{Data: "AVAILABLE_WHEN_DONOR=x\n"}
	res = w.do("start")
	require.Equal(t, ocf.ErrArgs, res.Code)
	require.Contains(t, res.Reason, "AVAILABLE_WHEN_DONOR")
}

// Settings come from the file and from parameters, which come first; passwords
// are in the environment of the service and nowhere else.
func TestSettings(t *testing.T) {
	w := newWorld()
	w.Files["/etc"], w.Files["/etc/default"] = ocftest.Dir(), ocftest.Dir()
	w.Files["/etc/default/clustercheck"] = ocftest.File{Data: "MYSQL_USERNAME=file\nMYSQL_PASSWORD=hush\nAVAILABLE_WHEN_DONOR=1\nAVAILABLE_WHEN_READONLY=1\nLD_PRELOAD=/x\n"}
	res := w.do("start", "user=param", "available_when_readonly=no", "port=9300", "address=::1", "max_age=2s")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{
		"MYSQL_USERNAME=param", "MYSQL_PASSWORD=hush", "AVAILABLE_WHEN_DONOR=1", "AVAILABLE_WHEN_READONLY=false",
		"CLUSTERCHECK_LISTEN=[::1]:9300", "CLUSTERCHECK_MAX_AGE=2s",
	}, w.env)
	require.NotContains(t, fmt.Sprint(res, w.Changes), "hush")
	require.NotContains(t, fmt.Sprintf("%+v %v", facts{Env: w.env}, environment(w.env)), "hush")
	w.do("stop")
	res = w.do("start", "password=deep")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Contains(t, w.env, "MYSQL_PASSWORD=deep")
	require.NotContains(t, fmt.Sprint(res, w.Changes), "deep")
}

func TestValidate(t *testing.T) {
	for vars, code := range map[string]ocf.Code{
		"": 0, "port=0": ocf.ErrConfigured, "port=x": ocf.ErrConfigured, "conffile=x": ocf.ErrConfigured, "socket=x": ocf.ErrConfigured,
		"pidfile=x": ocf.ErrConfigured, "maintenance_file=x": ocf.ErrConfigured, "interval=5": ocf.ErrConfigured, "interval=10ms": ocf.ErrConfigured,
		"max_age=2s": 0, "host=db": 0, "host=db database_port=3307": 0, "conffile=/no/such": 0, "conffile=/no/such OCF_CHECK_LEVEL=10": ocf.ErrArgs,
	} {
		res := newWorld().do("validate-all", strings.Fields(vars)...)
		require.Equal(t, code, res.Code, "%s: %s", vars, res)
	}
}

// After any sequence of actions, some killed at any change: stop leaves nothing,
// start leaves one service that answers.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		w.Procs[7] = ocf.Process{PID: 7, Name: "systole-agents", Args: []string{program, "clustercheck", "serve", "--name", "clustercheck-other"}}
		for range rapid.IntRange(1, 10).Draw(t, "actions") {
			switch rapid.IntRange(0, 5).Draw(t, "mishap") {
			case 0:
				delete(w.Files, pidfile)
			case 1:
				w.Files[pidfile] = ocftest.File{Data: rapid.SampledFrom([]string{"7", "x", "5555"}).Draw(t, "pid file")}
			}
			action := rapid.SampledFrom([]string{"start", "stop", "monitor"}).Draw(t, "action")
			if after := rapid.IntRange(0, 4).Draw(t, "killed after"); after > 0 && after < 4 {
				w.KillAfter = len(w.Changes) + after
			}
			res := w.do(action)
			w.KillAfter = 0
			require.Contains(t, w.Procs, 7)
			if res.Killed {
				continue
			}
			switch action {
			case "start":
				require.Equal(t, ocf.Success, res.Code, res)
				require.Len(t, w.Procs, 2)
			case "stop":
				require.Equal(t, ocf.Success, res.Code, res)
				require.Len(t, w.Procs, 1)
			case "monitor":
				require.Empty(t, res.Changes)
			}
		}
	})
}
