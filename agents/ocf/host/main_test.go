package host

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/lib/ocflog"
)

// probe is an agent whose start does what the test says.
func probe(start func(ctx context.Context, sys ocf.Reader) error) ocf.Runnable {
	type facts struct {
		Pass ocf.Secret
		Text string
	}
	done := func(ocf.Input[ocf.Secret], facts) ocf.Decision { return ocf.Done() }
	return &ocf.Agent[ocf.Secret, facts]{
		Description: ocf.Description{
			Name: "probe", Version: "1", Short: "Probe", Long: "Probe.", EnvFile: "envfile",
			Params: []ocf.Param{{Name: "pass", Secret: true, Short: "P"}, {Name: "envfile", Short: "E"}},
			Actions: []ocf.Action{
				{Name: "start", Timeout: time.Second}, {Name: "stop", Timeout: time.Second}, {Name: "monitor", Timeout: time.Second},
			},
		},
		Parse: func(v ocf.Values) ocf.Secret { return v.Secret("pass") },
		Gather: func(ctx context.Context, in ocf.Input[ocf.Secret], sys ocf.Reader) (facts, error) {
			f := facts{in.Params, "password " + in.Params.Reveal()}
			if in.Action == "start" {
				return f, start(ctx, sys)
			}
			return f, nil
		},
		Monitor: func(ocf.Input[ocf.Secret], facts) ocf.Verdict { return ocf.Verdict{Code: ocf.NotRunning} },
		Start:   done, Stop: done,
	}
}

type outcome struct {
	code           int
	stdout, stderr string
	log            string
}

func callAgent(a ocf.Runnable, action string, environ ...string) outcome {
	var stdout, stderr bytes.Buffer
	var log strings.Builder
	environ = append([]string{"OCF_RESOURCE_INSTANCE=rsc", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1", "HA_debug=1"}, environ...)
	code := Main(a, Process{
		Args: []string{"/usr/lib/ocf/resource.d/systole/probe", action, "ignored"}, Environ: environ,
		Stdout: &stdout, Stderr: &stderr, Began: time.Now(),
		Log: func(l ocflog.Level, text string) { log.WriteString(l.String() + " " + text + "\n") },
	})
	return outcome{code, stdout.String(), stderr.String(), log.String()}
}

func TestMain_Actions(t *testing.T) {
	a := probe(func(context.Context, ocf.Reader) error { return ocf.Errorf(ocf.ErrArgs, "the disk\nis %s", "gone") })
	o := callAgent(a, "meta-data")
	require.Zero(t, o.code)
	require.Contains(t, o.stdout, `<resource-agent name="probe" version="1">`)
	require.Empty(t, o.stderr+o.log)
	o = callAgent(a, "usage")
	require.Zero(t, o.code)
	require.Contains(t, o.stdout, "usage: probe {start|")
	o = callAgent(a, "fly")
	require.Equal(t, 3, o.code)
	require.Contains(t, o.stderr, "usage: probe {start|")
	require.Contains(t, o.stderr, `ocf-exit-reason:action "fly" is not supported`)
	o = callAgent(a, "stop")
	require.Equal(t, outcome{log: "DEBUG rsc stop : 0\n"}, o)
	o = callAgent(a, "start", "OCF_EXIT_REASON_PREFIX=because:")
	require.Equal(t, 2, o.code)
	require.Equal(t, "because:the disk is gone\n", o.stderr)
	require.Contains(t, o.log, "ERROR the disk is gone\n")
}

// TestMain_Ends: whatever an agent does when its time is over or a signal comes,
// the process ends and says why. It is a process of its own, because one that is
// stuck is abandoned.
func TestMain_Ends(t *testing.T) {
	for name, c := range map[string]struct{ what, reason string }{
		"deadline":        {"query", "ocf-exit-reason:start was not done within its timeout of 400ms; its last step: gather facts\n"},
		"stuck, deadline": {"stuck", "ocf-exit-reason:start was not done within its timeout of 400ms; its last step: gather facts\n"},
		"stuck, signal":   {"kill", `ocf-exit-reason:the action was ended by the signal "terminated"; its last step: gather facts` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "HOST_TEST="+c.what, "OCF_RESOURCE_INSTANCE=rsc", "HA_LOGFACILITY=none", "HA_LOGFILE=/dev/null")
			if c.what != "kill" {
				cmd.Env = append(cmd.Env, "OCF_RESKEY_CRM_meta_timeout=400")
			}
			var stderr strings.Builder
			cmd.Stderr = &stderr
			require.Error(t, cmd.Run())
			require.Equal(t, 1, cmd.ProcessState.ExitCode())
			require.Equal(t, c.reason, stderr.String())
		})
	}
}

func TestMain(m *testing.M) {
	what := os.Getenv("HOST_TEST")
	if what == "" {
		os.Exit(m.Run())
	}
	p := ThisProcess(time.Now())
	p.Args = []string{"probe", "start"}
	os.Exit(Main(probe(func(ctx context.Context, sys ocf.Reader) error {
		switch what {
		case "query":
			_, err := sys.Query(ctx, ocf.Command{Path: "sleep", Args: []string{"600"}})
			return err
		case "kill":
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				return err
			}
		}
		select {}
	}), p))
}

func TestMain_Signal(t *testing.T) {
	a := probe(func(ctx context.Context, sys ocf.Reader) error {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		return sys.Sleep(ctx, time.Hour)
	})
	o := callAgent(a, "start")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, `ocf-exit-reason:the action was ended by the signal "terminated"`)
}

func TestMain_Panic(t *testing.T) {
	o := callAgent(probe(func(context.Context, ocf.Reader) error { panic("hush") }), "start", "OCF_RESKEY_pass=hush")
	require.Equal(t, 1, o.code)
	require.Equal(t, "ocf-exit-reason:internal error of the agent probe 1 in start: ***: report it with the log\n", o.stderr)
	require.Contains(t, o.log, "goroutine")
	require.NotContains(t, o.log, "hush")
}

// A secret is nowhere to be seen: not in logs, reasons, traces, nor the dump of the environment.
func TestMain_Secrets(t *testing.T) {
	dir := t.TempDir()
	a := probe(func(ctx context.Context, sys ocf.Reader) error {
		_, err := sys.Query(ctx, ocf.Command{Path: "sh", Args: []string{"-c", "echo hush; exit 1"}})
		if err == nil {
			return ocf.Errorf(ocf.ErrGeneric, "the password hush is wrong")
		}
		return err
	})
	trace := filepath.Join(dir, "trace")
	o := callAgent(a, "start", "OCF_RESKEY_pass=hush", "OCF_RESKEY_envfile="+filepath.Join(dir, "env"), "OCF_TRACE_RA=1", "OCF_TRACE_FILE="+trace)
	require.Equal(t, "ocf-exit-reason:the password *** is wrong\n", o.stderr)
	require.Contains(t, o.log, "ran sh -c 'echo ***; exit 1'")
	callAgent(a, "stop", "OCF_RESKEY_pass=hush", "OCF_RESKEY_trace_ra=yes", "OCF_RESKEY_trace_dir="+dir, "OCF_RESKEY_envfile="+filepath.Join(dir, "env"))

	env, err := os.ReadFile(filepath.Join(dir, "env"))
	require.NoError(t, err)
	require.Contains(t, string(env), "### start @ ")
	require.Contains(t, string(env), "### stop @ ")
	require.Contains(t, string(env), "OCF_RESKEY_pass=***\n")
	first, err := os.ReadFile(trace)
	require.NoError(t, err)
	require.Contains(t, string(first), "now: gather facts")
	files, err := filepath.Glob(filepath.Join(dir, "probe", "rsc.stop.*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	second, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Contains(t, string(second), "facts: {Pass:*** Text:password ***}")
	require.Contains(t, string(second), "decided: end with OCF_SUCCESS")
	for _, text := range []string{o.stdout, o.stderr, o.log, string(env), string(first), string(second)} {
		require.NotContains(t, text, "hush")
	}
}

func TestMargin(t *testing.T) {
	require.Equal(t, 50*time.Millisecond, margin(100*time.Millisecond))
	require.Equal(t, 2*time.Second, margin(20*time.Second))
	require.Equal(t, 3*time.Second, margin(time.Hour))
}
