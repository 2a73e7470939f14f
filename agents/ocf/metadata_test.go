package ocf

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func fullDescription() *Description {
	d := testDescription()
	d.Long = "A <test> & \"more\".\n\n.Second paragraph"
	d.Actions = []Action{
		{Name: "start", Timeout: 20 * time.Second, StartDelay: 1500 * time.Millisecond},
		{Name: "stop", Timeout: 20 * time.Second},
		{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second, Role: Promoted},
		{Name: "monitor", Timeout: 30 * time.Second, Interval: 11 * time.Second, Role: Unpromoted, Depth: 10},
		{Name: "promote", Timeout: 10 * time.Second},
		{Name: "demote", Timeout: 10 * time.Second},
		{Name: "reload-agent", Timeout: 10 * time.Second},
	}
	d.Notes = []Note{{"Files", "Only a|b."}}
	d.Params = append(d.Params, Param{Name: "old", ReplacedBy: "new", Short: "Old"})
	return d
}

// lint runs xmllint over a document and returns what it complains of.
func lint(t *testing.T, document string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (Debian package libxml2-utils): metadata is not held against its grammars")
	}
	cmd := exec.Command("xmllint", append(append([]string{"--noout"}, args...), "-")...)
	cmd.Dir = "."
	if dtd := "/usr/share/resource-agents"; exists(filepath.Join(dtd, "ra-api-1.dtd")) {
		cmd.Dir = dtd
	} else if contains(args, "--valid") {
		t.Skip("ra-api-1.dtd is not installed (Debian package resource-agents)")
	}
	cmd.Stdin = strings.NewReader(document)
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(strings.ReplaceAll(string(out), "- validates", ""))
	if err != nil && text == "" {
		return err.Error()
	}
	return text
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func grammar(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../ocf-tests/conform/ocf-1.1.rng")
	require.NoError(t, err)
	return path
}

func metadata(d *Description, env ...string) string {
	return d.Metadata(ReadRequest(d.Name, "meta-data", env))
}

func TestMetadata_Grammars(t *testing.T) {
	for name, d := range map[string]*Description{"plain": testDescription(), "all features": fullDescription()} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, lint(t, metadata(d), "--valid"))
			require.Empty(t, lint(t, metadata(d), "--relaxng", grammar(t)))
			old := metadata(d, "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=0")
			require.Empty(t, lint(t, old, "--dtdvalid", "/usr/share/resource-agents/ra-api-1.dtd"), "without declarations of its own")
		})
	}
	require.NotEmpty(t, lint(t, strings.Replace(metadata(fullDescription()), `name="start"`, `game="start"`, 1), "--valid"), "the check can fail")
	require.NotEmpty(t, lint(t, strings.Replace(metadata(fullDescription()), `name="start"`, `game="start"`, 1), "--relaxng", grammar(t)))
}

func TestMetadata_Text(t *testing.T) {
	now := metadata(fullDescription(), "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1")
	for _, want := range []string{
		`<version>1.1</version>`, `A &lt;test&gt; &amp; &quot;more&quot;.`,
		`<parameter name="state" unique-group="state" unique="1">`, `<parameter name="port" required="1">`,
		`<parameter name="mode" reloadable="1">`, `One of: a, b.`, `From 1 to 65535.`, `Deprecated: use new.`,
		`<content type="integer" />`, `<content type="string" default="/run/resource-agents/X-RESOURCE_ID.state" />`,
		`<action name="start" timeout="20s" start-delay="1500ms" />`,
		`<action name="monitor" timeout="30s" interval="11s" depth="10" role="Unpromoted" />`,
		`<action name="reload-agent" timeout="10s" />`, `<action name="validate-all" timeout="20s" />`, `<action name="meta-data" timeout="5s" />`,
	} {
		require.Contains(t, now, want)
	}
	old := metadata(fullDescription(), "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=0")
	for _, want := range []string{
		`<version>1.0</version>`, `role="Slave"`, `role="Master"`, `<action name="reload" timeout="10s" />`,
		`<parameter name="mode">`, `<parameter name="wait" unique="1">`,
	} {
		require.Contains(t, old, want)
	}
	for _, never := range []string{"reload-agent", "reloadable", "unique-group", "Promoted"} {
		require.NotContains(t, old, never)
	}
}

func TestManual(t *testing.T) {
	page := fullDescription().Manual("systole")
	require.Contains(t, page, `.TH "ocf_systole_X" "7"`)
	require.Contains(t, page, `\&.Second paragraph`)
	require.Contains(t, page, `clone cl_X p_X meta promotable=true`)
	if _, err := exec.LookPath("groff"); err != nil {
		t.Skip("groff is not installed (Debian package groff-base): the manual page is not formatted")
	}
	cmd := exec.Command("groff", "-man", "-ww", "-Tutf8")
	cmd.Stdin = strings.NewReader(page)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Empty(t, stderr.String())
	require.Contains(t, strings.Join(strings.Fields(string(out)), " "), "Suggested minimum timeout: 30s. Suggested interval: 11s. Role: Unpromoted. Check level: 10.")
}

func TestPageAndUsage(t *testing.T) {
	page := fullDescription().Page("systole")
	for _, want := range []string{
		"# ocf:systole:X", "| `port` | integer, required |  | Port. From 1 to 65535. |", "A &lt;test>",
		"| `monitor` | 30s | 11s | Unpromoted | 10 |", "## Files", "params port=VALUE", "op monitor interval=11s timeout=30s role=Unpromoted OCF_CHECK_LEVEL=10",
	} {
		require.Contains(t, page, want)
	}
	usage := testDescription().Usage("X")
	require.Contains(t, usage, "usage: X {start|monitor|validate-all|meta-data|usage|help}")
	require.Contains(t, usage, "port      Port (required)")
}

func TestProblems(t *testing.T) {
	require.Empty(t, testDescription().problems())
	d := fullDescription()
	d.Long, d.EnvFile = "", "nowhere"
	d.Params = append(d.Params, Param{Name: "a b", Required: true, Default: "x", Options: []string{"x"}}, Param{Name: "old", Type: Integer, Default: "x", Short: "s."})
	d.Actions = append(d.Actions, Action{Name: "notify", Role: "Master"})
	text := strings.Join(d.problems(), "\n")
	for _, want := range []string{
		"a short and a long text", "letters, digits", "without a full stop", "and yet with a default", "options are for select",
		"old stands twice", "the default is not an integer", "EnvFile", "action notify",
	} {
		require.Contains(t, text, want)
	}
}
