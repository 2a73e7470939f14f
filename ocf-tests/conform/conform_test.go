package conform_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/agents/suite"
	"systole/ocf-tests/build"
	"systole/ocf-tests/conform"
)

// installed is a folder with the program and a link for each agent, as installed.
func installed(t testing.TB) string {
	t.Helper()
	dir := folder(t)
	require.NoError(t, build.Agents(dir))
	return dir
}

// folder is one that every user can look into, unlike those of testing.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "conform-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

// ready is the configuration of an agent for a run in a folder, which takes the
// place of DIR in parameters and files.
func (c config) ready(t testing.TB, dir string) conform.Config {
	t.Helper()
	for _, list := range []*[]string{&c.Params, &c.Odd} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i] = strings.ReplaceAll((*list)[i], "DIR", dir)
		}
	}
	for name, text := range c.files {
		require.NoError(t, os.WriteFile(strings.ReplaceAll(name, "DIR", dir), []byte(strings.ReplaceAll(text, "DIR", dir)), 0o644))
	}
	if c.setUp != nil {
		c.Params = append(c.Params, c.setUp(t)...)
	}
	return c.Config
}

// check runs the suite.
func check(t *testing.T, path string, c config) *conform.Report {
	t.Helper()
	cfg := c.ready(t, folder(t))
	cfg.Path = path
	report, err := conform.Run(t.Context(), cfg)
	require.NoError(t, err)
	return report
}

func text(t *testing.T, r *conform.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Text(&b))
	return b.String()
}

// TestOurs: our agents pass every check that applies to them.
func TestOurs(t *testing.T) {
	dir := installed(t)
	for _, name := range suite.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, ok := configs[name]
			require.True(t, ok, "give the agent a line in ours_test.go")
			r := check(t, filepath.Join(dir, name), c)
			require.Empty(t, r.Failed(), text(t, r))
			require.ElementsMatch(t, c.skipped, r.Skipped(), text(t, r))
			require.NotNil(t, r.Cost)
		})
	}
}

// TestStock tells the truth about the stock agents of Debian 12: these faults,
// and no others.
func TestStock(t *testing.T) {
	// With agents that take this long these alone take two minutes; they pass.
	slow := []string{"kill-start", "kill-stop"}
	for agent, c := range map[string]struct {
		conform.Config
		faults    []string
		sometimes []string // it depends on the moment of a kill
		setUp     func(t testing.TB) (params []string)
		programs  []string // that it needs; their Debian packages are in tools/deps.sh
	}{
		"heartbeat/IPaddr2": {
			// Text is taken for false, or for a number, in most parameters.
			Config: conform.Config{Params: []string{"ip=10.9.0.9", "arp_count=1"}, Bad: []string{"ip=10.9.0.9/24", "cidr_netmask=33"}, Skip: slow},
			faults: []string{"validate-types", "api-2.0"}, sometimes: []string{"start-output"}, // it announces for a second
			setUp: network, programs: []string{"ip"},
		},
		"heartbeat/Filesystem": {
			// validate-all checks nothing; more arguments are an error; failures have
			// no reason; check levels between those it knows are an error.
			Config: conform.Config{Params: []string{"device=conform", "fstype=tmpfs", "options=size=1m"}, Skip: slow},
			faults: []string{"action-arguments", "validate-types", "validate-required", "api-2.0", "reason-prefix", "monitor-levels"},
			setUp:  plainMountPoint, programs: []string{"modprobe", "fuser"},
		},
		"heartbeat/Dummy": {
			// No version is refused; blanks in the name of the state file break every
			// action, and leave a file in the working directory.
			Config: conform.Config{Odd: []string{"state=DIR/a b.state"}},
			faults: []string{"api-2.0", "odd-values"},
		},
		"pacemaker/Dummy": {
			// The grammar is not named and words of OCF 1.1 are used with any version;
			// op_sleep is checked by validate-all alone, and without a reason; a trace
			// shows the password; the timeout of the action is not looked at.
			Config: conform.Config{Bad: []string{"op_sleep=soon"}, Odd: []string{"state=DIR/a b.state"}, Slow: []string{"op_sleep=8"}, Secret: []string{"passwd"}},
			faults: []string{"metadata-dtd", "metadata-api-1.0", "validate-bad", "start-bad", "api-2.0", "reason-prefix", "deadline", "secrets"},
		},
		"heartbeat/Stateful": {
			// A promoted instance is not stopped; failures have no reasons; the role is
			// not written in one step.
			faults:    []string{"api-2.0", "reason-prefix", "stop-promoted"},
			sometimes: []string{"kill-start", "kill-promote"},
		},
		"pacemaker/Stateful": {
			faults:    []string{"metadata-dtd", "metadata-api-1.0", "api-2.0", "reason-prefix", "stop-promoted"},
			sometimes: []string{"kill-start", "kill-promote"},
		},
	} {
		t.Run(agent, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("/usr/lib/ocf/resource.d", agent)
			if _, err := os.Stat(path); err != nil {
				t.Skipf("%s is not installed (Debian packages resource-agents and pacemaker-resource-agents)", path)
			}
			for _, p := range c.programs {
				if _, err := exec.LookPath(p); err != nil {
					t.Skipf("%s needs the program %s, which is not installed", agent, p)
				}
			}
			r := check(t, path, config{Config: c.Config, setUp: c.setUp})
			failed := slices.DeleteFunc(r.Failed(), func(id string) bool { return slices.Contains(c.sometimes, id) })
			require.ElementsMatch(t, c.faults, failed, text(t, r))
		})
	}
}

// sample is the configuration of testdata/sample.
func sample(t *testing.T) (path string, c conform.Config) {
	t.Helper()
	data, err := os.ReadFile("testdata/sample")
	require.NoError(t, err)
	path = filepath.Join(folder(t), "sample")
	require.NoError(t, conform.WriteProgram(path, data))
	return path, conform.Config{
		Params: []string{"name=x"}, Bad: []string{"slow=soon"}, Odd: []string{"state=DIR/a b.state"},
		Slow: []string{"slow=8"}, Secret: []string{"password"},
	}
}

// TestSample: an agent in another language, without faults, passes.
func TestSample(t *testing.T) {
	t.Parallel()
	path, c := sample(t)
	r := check(t, path, config{Config: c})
	require.Empty(t, r.Failed(), text(t, r))
	require.Empty(t, r.Skipped(), text(t, r))
}

// TestEveryCheckCanFail: an agent with the fault that a check is for fails it.
func TestEveryCheckCanFail(t *testing.T) {
	path, c := sample(t)
	for _, k := range conform.Checks() {
		t.Run(k.ID, func(t *testing.T) {
			t.Parallel()
			c := c
			c.Env, c.Only = []string{"FAULT=" + k.ID}, []string{k.ID}
			r := check(t, path, config{Config: c})
			require.Equal(t, []string{k.ID}, r.Failed(), text(t, r))
			require.NotEmpty(t, r.Findings[0].Details)
		})
	}
}

// TestOcfTester: Debian's tool accepts our agents too.
func TestOcfTester(t *testing.T) {
	const tester = "/usr/sbin/ocf-tester"
	if _, err := os.Stat(tester); err != nil {
		t.Skip("ocf-tester is not installed (Debian package resource-agents)")
	}
	dir := installed(t)
	for _, name := range suite.Names() {
		t.Run(name, func(t *testing.T) {
			c := configs[name].ready(t, folder(t))
			args := []string{"-n", "tested-by-ocf-tester"}
			for _, p := range c.Params {
				// ocf-tester puts the value between quotes and has the shell read it.
				args = append(args, "-o", strings.ReplaceAll(p, "'", `'\''`))
			}
			cmd := exec.Command(tester, append(args, filepath.Join(dir, name))...)
			sbin := folder(t)
			require.NoError(t, conform.ClusterTools(sbin, sbin))
			cmd.Env = append(os.Environ(), "HA_RSCTMP="+folder(t), "HA_SBIN_DIR="+sbin, "OCF_RESKEY_CRM_meta_on_node=node1")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Contains(t, string(out), name+" passed all tests")
		})
	}
}

// TestProgram: one static file that is not large.
func TestProgram(t *testing.T) {
	path := filepath.Join(installed(t), build.Hidden)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(15<<20))
	f, err := elf.Open(path)
	require.NoError(t, err)
	defer f.Close()
	for _, p := range f.Progs {
		require.NotEqual(t, elf.PT_INTERP, p.Type, "the program is linked dynamically")
	}
}

func TestReport(t *testing.T) {
	r := &conform.Report{
		Agent: "/x", Version: "1", API: "1.1",
		Findings: []conform.Finding{
			{ID: "a", Title: "A", Source: "OCF", Outcome: conform.Pass},
			{ID: "bb", Title: "B", Source: "house", Outcome: conform.Fail, Details: []string{"one\ntwo"}},
			{ID: "c", Title: "C", Source: "OCF", Outcome: conform.Skip, Details: []string{"why"}},
		},
		Cost: &conform.Cost{Calls: 1, CPUMillis: 1.234, WallMillis: 2},
	}
	require.Equal(t, `/x (version 1, OCF 1.1)

ok    a   A [OCF]
FAIL  bb  B [house]
      one
      two
skip  c   C [OCF]
      why

1 passed, 1 failed, 1 skipped; one monitor: 1.23 ms CPU, 2.00 ms elapsed
`, text(t, r))
	js, err := r.JSON()
	require.NoError(t, err)
	var again conform.Report
	require.NoError(t, json.Unmarshal(js, &again))
	require.Equal(t, *r, again)
	require.Error(t, r.Text(failing{}))
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestRun_Errors(t *testing.T) {
	path, _ := sample(t)
	for want, c := range map[string]conform.Config{
		"no such file":      {Path: "/no/such/agent"},
		"absolute path":     {Path: "/usr"},
		"no check \"nope\"": {Path: path, Only: []string{"nope"}},
	} {
		_, err := conform.Run(t.Context(), c)
		require.ErrorContains(t, err, want)
	}
}
