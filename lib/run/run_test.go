package run_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/redact"
	"systole/lib/run"
)

// The test program is also the parent whose death TestParentDies causes.
func TestMain(m *testing.M) {
	if fifo := os.Getenv("RUN_TEST_PARENT"); fifo != "" {
		var r run.Runner
		_, err := r.Run(context.Background(), sh("echo $$ >"+fifo+"; exec sleep 600"))
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func sh(script string) run.Cmd { return run.Cmd{Path: "sh", Args: []string{"-c", script}} }

func TestRun(t *testing.T) {
	var r run.Runner
	for name, c := range map[string]struct {
		cmd         run.Cmd
		out, errOut string
		code        int
		kind        run.Kind
		text        string
	}{
		"success":          {cmd: sh("echo out; echo err >&2"), out: "out\n", errOut: "err\n"},
		"code":             {cmd: sh("echo why >&2; exit 7"), errOut: "why\n", code: 7, kind: run.Exited, text: "exit code 7: why"},
		"code, no output":  {cmd: sh("exit 7"), code: 7, kind: run.Exited, text: "sh -c 'exit 7': exit code 7"},
		"reason on stdout": {cmd: sh("echo a; echo b; exit 1"), out: "a\nb\n", code: 1, kind: run.Exited, text: "exit code 1: b"},
		"signal":           {cmd: sh("kill -9 $$"), code: -1, kind: run.Signaled, text: "killed by signal 9"},
		"no input":         {cmd: run.Cmd{Path: "cat"}},
		"input":            {cmd: run.Cmd{Path: "cat", Stdin: []byte("abc")}, out: "abc"},
		"locale":           {cmd: sh("echo $LC_ALL$LANG"), out: "C\n"},
		"environment":      {cmd: run.Cmd{Path: "env", Env: []string{"A=b", "PATH=/usr/bin:/bin"}}, out: "A=b\nPATH=/usr/bin:/bin\n"},
		"directory":        {cmd: run.Cmd{Path: "pwd"}, out: "/\n"},
		"unknown program":  {cmd: run.Cmd{Path: "no-such-program"}, code: -1, kind: run.NotFound, text: "no-such-program: program no-such-program: file does not exist in /"},
		"unknown path":     {cmd: run.Cmd{Path: "/no/such"}, code: -1, kind: run.NotFound, text: "program /no/such: no such file"},
		"directory as program": {
			cmd: run.Cmd{Path: "/usr"}, code: -1, kind: run.NotFound, text: "is a directory",
		},
		"bad directory": {cmd: run.Cmd{Path: "true", Dir: "/no/such"}, code: -1, kind: run.NotStarted, text: "/no/such"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LANG", "tr_TR.UTF-8")
			res, err := r.Run(t.Context(), c.cmd)
			require.Equal(t, c.out, string(res.Stdout))
			require.Equal(t, c.errOut, string(res.Stderr))
			require.Equal(t, c.code, res.Code)
			if c.kind == 0 {
				require.NoError(t, err)
				return
			}
			var e *run.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.kind, e.Kind)
			require.ErrorContains(t, err, c.text)
		})
	}
}

func TestOutputCap(t *testing.T) {
	var r run.Runner
	c := sh("head -c 3000000 /dev/zero; echo end >&2")
	c.MaxOutput = 1000
	res, err := r.Run(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, res.Stdout, 1000)
	require.True(t, res.Truncated)
	require.Equal(t, "end\n", string(res.Stderr))
}

// A daemon that a command leaves behind holds its output: Run returns all the same.
func TestOutputHeld(t *testing.T) {
	var r run.Runner
	res, err := r.Run(t.Context(), sh("sleep 600 & echo $!"))
	require.NoError(t, err)
	require.True(t, res.Held)
	pid, err := strconv.Atoi(strings.TrimSpace(string(res.Stdout)))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL), "it must still run: the command has succeeded")
}

// fifo makes a pipe with a name, and a function that waits for one line on it.
func fifo(t *testing.T) (path string, line func() string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return path, func() string {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		return strings.TrimSpace(string(b))
	}
}

func gone(t *testing.T, pid string) {
	t.Helper()
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) || strings.Contains(string(stat), ") Z ")
	}, 20*time.Second, 2*time.Millisecond, "process %s is still there", pid)
}

func TestContextEnds(t *testing.T) {
	for name, script := range map[string]string{
		"obeys SIGTERM":              "echo $$ >FIFO; exec sleep 600",
		"exits 0 on SIGTERM":         "trap 'exit 0' TERM; echo $$ >FIFO; while :; do read -t 1 x </dev/zero; done",
		"ignores SIGTERM":            "trap '' TERM; echo $$ >FIFO; while :; do sleep 600; done",
		"grandchild ignores SIGTERM": "(trap '' TERM; sh -c 'echo $$ >FIFO; sleep 600'; :) & wait",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, line := fifo(t)
			why := errors.New("the deadline of the test")
			ctx, cancel := context.WithCancelCause(t.Context())
			pid := make(chan string, 1)
			go func() {
				pid <- line()
				cancel(why)
			}()
			c := sh(strings.ReplaceAll(script, "FIFO", path))
			c.Path, c.Grace = "bash", 50*time.Millisecond
			var r run.Runner
			_, err := r.Run(ctx, c)
			require.ErrorIs(t, err, why)
			var e *run.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, run.Ended, e.Kind)
			gone(t, <-pid)
		})
	}
}

func TestContextEndedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "f")
	var r run.Runner
	_, err := r.Run(ctx, run.Cmd{Path: "touch", Args: []string{file}})
	require.ErrorIs(t, err, context.Canceled)
	require.NoFileExists(t, file)
}

// When the caller is killed the command goes with it.
func TestParentDies(t *testing.T) {
	path, line := fifo(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "RUN_TEST_PARENT="+path)
	require.NoError(t, parent.Start())
	pid := line()
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	gone(t, pid)
}

func TestLogHoldsNoSecret(t *testing.T) {
	var lines []string
	r := run.Runner{Log: func(l string) { lines = append(lines, l) }, Redact: redact.New("s3 cret")}
	_, err := r.Run(t.Context(), sh("echo wrong password: s3 cret >&2; exit 1"))
	require.EqualError(t, err, "sh -c 'echo wrong password: *** >&2; exit 1': exit code 1: wrong password: ***")
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], "exit code 1: wrong password: ***")
	require.NotContains(t, lines[0], "s3 cret")
}

func TestEnviron(t *testing.T) {
	got := run.Environ([]string{
		"A=1", "LANG=de_DE", "LC_TIME=fr", "LD_PRELOAD=/x.so", "BASH_ENV=/x", "IFS=x", "B=2", "junk", "PATH=",
		"BASH_FUNC_ls%%=() { :; }",
	}, func(name string) bool { return name != "B" })
	require.Equal(t, []string{"A=1", "PATH=" + run.DefaultPath, "LC_ALL=C"}, got)
	require.Contains(t, run.Environ([]string{"PATH=/x"}, nil), "PATH=/x")

	env := run.Set([]string{"A=1", "B=2", "A=3"}, "A", "4")
	require.Equal(t, []string{"B=2", "A=4"}, env)
	value, ok := run.Lookup([]string{"A=1", "A=3"}, "A")
	require.True(t, ok)
	require.Equal(t, "3", value)
	_, ok = run.Lookup(env, "C")
	require.False(t, ok)
}

func TestLookPath(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tool"), nil, 0o755))
	file, err := run.LookPath("tool", ".:relative:/nowhere:"+dir)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "tool"), file)
	for _, name := range []string{"", "data", "./tool", filepath.Join(dir, "data")} {
		_, err := run.LookPath(name, ".:"+dir)
		require.Error(t, err, name)
	}
}

func TestDaemon(t *testing.T) {
	path, line := fifo(t)
	var lines []string
	r := run.Runner{Log: func(l string) { lines = append(lines, l) }}
	out := filepath.Join(t.TempDir(), "log")
	s, err := r.Start(run.Daemon{Path: "sh", Args: []string{"-c", "echo here; echo $$ >" + path + "; exec sleep 600"}, Output: out})
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(s.PID), line())
	ended, _ := s.Ended()
	require.False(t, ended)
	require.Contains(t, lines[0], "started sh -c")
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "here\n", string(text))
	sid, _, errno := syscall.Syscall(syscall.SYS_GETSID, uintptr(s.PID), 0, 0)
	require.Zero(t, errno)
	require.Equal(t, s.PID, int(sid), "a session of its own")

	require.NoError(t, syscall.Kill(s.PID, syscall.SIGKILL))
	require.Eventually(t, func() bool { ended, how := s.Ended(); return ended && how != nil }, 20*time.Second, time.Millisecond)
	ended, _ = s.Ended()
	require.True(t, ended, "asking twice gives the same answer")

	_, err = r.Start(run.Daemon{Path: "no-such-program"})
	require.ErrorContains(t, err, "no-such-program")
	_, err = r.Start(run.Daemon{Path: "true", Output: "/no/such/dir/log"})
	require.ErrorContains(t, err, "/no/such/dir/log")
}

// Whoever looks for a daemon by its arguments finds it as soon as Start returns.
func TestStart_Arguments(t *testing.T) {
	r := &run.Runner{}
	for range 200 {
		s, err := r.Start(run.Daemon{Path: "/bin/sleep", Args: []string{"60"}})
		require.NoError(t, err)
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.PID))
		require.NoError(t, syscall.Kill(s.PID, syscall.SIGKILL))
		require.NoError(t, err)
		require.Equal(t, "/bin/sleep\x0060\x00", string(text))
	}
}
