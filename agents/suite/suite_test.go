package suite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf/host"
	"systole/agents/ocf/ocftest"
	"systole/agents/suite"
)

func call(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = suite.Main(host.Process{
		Args: args, Environ: []string{"OCF_RESOURCE_INSTANCE=rsc", "HA_RSCTMP=/no/such/dir"}, Stdout: &out, Stderr: &err,
	})
	return code, out.String(), err.String()
}

func TestCalls(t *testing.T) {
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"by name":             {[]string{"/x/Dummy", "monitor"}, 7, "", ""},
		"by name, metadata":   {[]string{"/x/Dummy", "meta-data"}, 0, `<resource-agent name="Dummy"`, ""},
		"by an unknown name":  {[]string{"/x/galerra", "start"}, 5, "", "ocf-exit-reason:/x/galerra is a link to systole-agents, which has no agent of that name"},
		"another version":     {[]string{"systole-agents-1.2", "list"}, 0, strings.Join(suite.Names(), "\n") + "\n", ""},
		"list":                {[]string{"systole-agents", "list"}, 0, strings.Join(suite.Names(), "\n") + "\n", ""},
		"run":                 {[]string{"systole-agents", "run", "Stateful", "monitor"}, 7, "", ""},
		"run, unknown action": {[]string{"systole-agents", "run", "Stateful", "fly"}, 3, "", "usage: Stateful {"},
		"run, too few":        {[]string{"systole-agents", "run", "Stateful"}, 2, "", "run needs an agent and an action"},
		"run, unknown agent":  {[]string{"systole-agents", "run", "x", "start"}, 1, "", `there is no agent "x": there are ` + strings.Join(suite.Names(), ", ")},
		"metadata":            {[]string{"systole-agents", "metadata", "Stateful"}, 0, `<resource-agent name="Stateful"`, ""},
		"usage":               {[]string{"systole-agents", "usage", "Stateful"}, 0, `usage: Stateful {`, ""},
		"man":                 {[]string{"systole-agents", "man", "Stateful"}, 0, `.TH "ocf_systole_Stateful"`, ""},
		"docs":                {[]string{"systole-agents", "docs", "--provider", "heartbeat", "Stateful"}, 0, `# ocf:heartbeat:Stateful`, ""},
		"docs, option behind": {[]string{"systole-agents", "docs", "Stateful", "--provider=x"}, 0, `# ocf:x:Stateful`, ""},
		"docs of nothing":     {[]string{"systole-agents", "docs"}, 2, "", "docs needs the name of one agent"},
		"docs, bad option":    {[]string{"systole-agents", "docs", "--colour"}, 2, "", "flag provided but not defined"},
		"help":                {[]string{"systole-agents", "help"}, 0, "usage: systole-agents COMMAND", ""},
		"nothing":             {[]string{"systole-agents"}, 2, "", "usage: systole-agents COMMAND"},
		"unknown command":     {[]string{"systole-agents", "fly"}, 2, "", `there is no command "fly"`},
		"announce, nothing":   {[]string{"systole-agents", "announce"}, 2, "", "announce is for the agent IPaddr2"},
		"announce, no link":   {[]string{"systole-agents", "announce", "namespace=", "no-such-link", "192.0.2.1", "1", "1ms", "both"}, 0, "", ""},
		"announce, elsewhere": {[]string{"systole-agents", "announce", "namespace=no-such", "eth0", "192.0.2.1", "1", "1ms", "both"}, 1, "", "network namespace no-such does not exist"},
		"filesystem":          {[]string{"systole-agents", "filesystem", "fly", "/"}, 2, "", "it needs ask DIRECTORY, read DEVICE or write FILE TEXT"},
		"filesystem, ask":     {[]string{"systole-agents", "filesystem", "ask", "/proc"}, 0, "", ""},
		"filesystem, read":    {[]string{"systole-agents", "filesystem", "read", "/no/such"}, 1, "", "no such file"},
		"filesystem, write":   {[]string{"systole-agents", "filesystem", "write", "/proc/no/such", "x"}, 1, "", "no such file"},
		"install, argument":   {[]string{"systole-agents", "install", "x"}, 2, "", `takes no argument "x"`},
		"install, bad agent":  {[]string{"systole-agents", "install", "--agents", "x"}, 1, "", `there is no agent "x"`},
		"install, bad root":   {[]string{"systole-agents", "install", "--root", "/no/such"}, 1, "", "make it first"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := call(c.args...)
			require.Equal(t, c.code, code, stderr)
			require.Contains(t, stdout, c.stdout)
			require.Contains(t, stderr, c.stderr)
			if c.stderr == "" {
				require.Empty(t, stderr)
			}
		})
	}
}

func TestInstall(t *testing.T) {
	root := t.TempDir()
	code, stdout, stderr := call("systole-agents", "install", "--root", root, "--binary", "/bin/systole-agents", "--agents", "Dummy")
	require.Zero(t, code, stderr)
	link := filepath.Join(root, "usr/lib/ocf/resource.d/systole/Dummy")
	require.Equal(t, "linked "+link+" -> /bin/systole-agents\n", stdout)
	code, stdout, _ = call("systole-agents", "uninstall", "--root", root)
	require.Zero(t, code)
	require.Equal(t, "removed "+link+"\n", stdout)
}

// TestAgents holds every agent against the rules of the framework, and its page
// in docs/agents against its description. REWRITE=yes writes the pages.
func TestAgents(t *testing.T) {
	require.Nil(t, suite.Agent("x"))
	for _, name := range suite.Names() {
		a := suite.Agent(name)
		require.Equal(t, name, a.About().Name)
		ocftest.Check(t, a)
		page := "../../docs/agents/" + name + ".md"
		want := a.About().Page("systole")
		if os.Getenv("REWRITE") == "yes" {
			require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		}
		have, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Equal(t, want, string(have), "the page is not that of the description: run REWRITE=yes go test ./agents/suite")
	}
	files, err := filepath.Glob("../../docs/agents/*.md")
	require.NoError(t, err)
	require.Len(t, files, len(suite.Names()))
}
