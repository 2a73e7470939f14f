package conform

import (
	"cmp"
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// grammar11 is a table: the grammar of metadata of OCF 1.1.
//
//go:embed ocf-1.1.rng
var grammar11 []byte

const dtdDir = "/usr/share/resource-agents"

// metadata is what the suite reads of an agent's metadata.
type metadata struct {
	problem string // why there is none
	text    string

	Name    string `xml:"name,attr"`
	Version string `xml:"version,attr"`
	API     string `xml:"version"`
	Long    string `xml:"longdesc"`
	Short   string `xml:"shortdesc"`
	Params  []struct {
		Name     string `xml:"name,attr"`
		Required string `xml:"required,attr"`
		Long     string `xml:"longdesc"`
		Short    string `xml:"shortdesc"`
		Content  struct {
			Type    string  `xml:"type,attr"`
			Default *string `xml:"default,attr"`
		} `xml:"content"`
	} `xml:"parameters>parameter"`
	Actions []struct {
		Name     string `xml:"name,attr"`
		Timeout  string `xml:"timeout,attr"`
		Interval string `xml:"interval,attr"`
		Role     string `xml:"role,attr"`
		Depth    string `xml:"depth,attr"`
	} `xml:"actions>action"`
}

func readMetadata(r result) (m metadata, err error) {
	if !r.ended() || r.code != success {
		return m, fmt.Errorf("meta-data: %s", r)
	}
	m.text = r.stdout
	if err := xml.Unmarshal([]byte(r.stdout), &m); err != nil {
		return m, fmt.Errorf("meta-data is no XML: %w", err)
	}
	return m, nil
}

func (m *metadata) has(action string) bool {
	for _, a := range m.Actions {
		if a.Name == action {
			return true
		}
	}
	return false
}

// Promotable says whether the agent has roles.
func (m *metadata) Promotable() bool { return m.has("promote") && m.has("demote") }

// api11 says whether the agent claims version 1.1 or later of the API.
func (m *metadata) api11() bool {
	major, minor, _ := strings.Cut(strings.TrimSpace(m.API), ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return errA == nil && errB == nil && (a > 1 || a == 1 && b >= 1)
}

// timeout is the longest of the timeouts of an action.
func (m *metadata) timeout(action string, otherwise time.Duration) time.Duration {
	var longest time.Duration
	for _, a := range m.Actions {
		if d, ok := parseTimeout(a.Timeout); ok && a.Name == action {
			longest = max(longest, d)
		}
	}
	if longest == 0 {
		return otherwise
	}
	return longest
}

func parseTimeout(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return time.Duration(n) * time.Second, true
	}
	for _, unit := range [...][2]string{{"msec", "ms"}, {"sec", "s"}, {"min", "m"}, {"hr", "h"}} {
		if number, ok := strings.CutSuffix(text, unit[0]); ok {
			text = number + unit[1]
			break
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0
}

func metadataChecks() []Check {
	return []Check{
		{"metadata", "meta-data succeeds, is XML and names the agent", "OCF", checkMetadata},
		{"metadata-bare", "meta-data needs no environment and no privileges", "OCF", checkMetadataBare},
		{"metadata-dtd", "meta-data is valid by ra-api-1.dtd", "Pacemaker", checkDTD},
		{"metadata-ocf11", "meta-data of an agent of OCF 1.1 is valid by its grammar", "OCF", checkGrammar},
		{"metadata-actions", "start, stop, monitor and meta-data are advertised with timeouts, promote only with demote", "OCF", checkActions},
		{"metadata-text", "agent and parameters are described, required parameters have no default", "OCF", checkTexts},
		{"metadata-api-1.0", "to a resource manager of OCF 1.0 meta-data has no words of 1.1", "OCF", checkMetadataOld},
	}
}

func checkMetadata(t *T) {
	r := t.act("meta-data")
	if m, err := readMetadata(r); err != nil {
		t.fail("%v", err)
	} else if base := filepath.Base(t.c.Path); m.Name != base {
		t.fail("the metadata is that of %q, the file is %q", m.Name, base)
	}
	if r.stderr != "" {
		t.fail("it writes to standard error: %s", strings.TrimSpace(r.stderr))
	}
	if again := t.act("meta-data"); again.stdout != r.stdout {
		t.fail("it is another one the second time")
	}
}

func checkMetadataBare(t *T) {
	c := call{action: "meta-data", bare: true, env: []string{"OCF_ROOT=/usr/lib/ocf"}}
	if os.Getuid() == 0 {
		c.user = &syscall.Credential{Uid: 65534, Gid: 65534}
		c.dir = "/"
	}
	if _, err := readMetadata(t.do(t.ctx, c)); err != nil {
		t.fail("%v", err)
	}
}

// lint validates a document and returns the complaints.
func (t *T) lint(document string, args ...string) string {
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.skip("xmllint is not installed (Debian package libxml2-utils)")
	}
	cmd := exec.Command("xmllint", append(append([]string{"--noout", "--nonet"}, args...), "-")...)
	cmd.Stdin = strings.NewReader(document)
	cmd.Dir = dtdDir
	if _, err := os.Stat(dtdDir); err != nil {
		cmd.Dir = t.dir
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &exit):
		return cmp.Or(strings.TrimSpace(string(out)), err.Error())
	}
	t.skip("xmllint: %v", err)
	return ""
}

func checkDTD(t *T) {
	dtd := filepath.Join(dtdDir, "ra-api-1.dtd")
	if _, err := os.Stat(dtd); err != nil {
		t.skip("%s is not installed (Debian package resource-agents)", dtd)
	}
	// As ocf-tester does: by the grammar that the document names.
	if bad := t.lint(t.act("meta-data").stdout, "--valid"); bad != "" {
		t.fail("%s", bad)
	}
}

func checkGrammar(t *T) {
	if !t.meta.api11() {
		t.skip("the agent claims OCF %s", cmp.Or(t.meta.API, "of no version"))
	}
	file := t.path("ocf-1.1.rng")
	if err := os.WriteFile(file, grammar11, 0o644); err != nil {
		t.skip("%v", err)
	}
	if bad := t.lint(t.act("meta-data").stdout, "--relaxng", file); bad != "" {
		t.fail("%s", bad)
	}
}

func checkActions(t *T) {
	for _, action := range []string{"start", "stop", "monitor", "meta-data"} {
		if !t.meta.has(action) {
			t.fail("%s is not advertised", action)
		}
	}
	if t.meta.has("promote") != t.meta.has("demote") {
		t.fail("of promote and demote only one is advertised")
	}
	if t.meta.has("migrate_to") != t.meta.has("migrate_from") {
		t.fail("of migrate_to and migrate_from only one is advertised")
	}
	for _, a := range t.meta.Actions {
		if _, ok := parseTimeout(a.Timeout); !ok {
			t.fail("action %s: timeout %q", a.Name, a.Timeout)
		}
		roles := []string{"", "Promoted", "Unpromoted", "Master", "Slave", "Started"}
		if t.meta.api11() {
			roles = roles[:3]
		}
		if !slices.Contains(roles, a.Role) {
			t.fail("action %s: role %q", a.Name, a.Role)
		}
	}
}

func checkTexts(t *T) {
	if t.meta.problem != "" {
		t.skip("there is no metadata")
	}
	if strings.TrimSpace(t.meta.Long) == "" || strings.TrimSpace(t.meta.Short) == "" {
		t.fail("the agent has no long or no short description")
	}
	for _, p := range t.meta.Params {
		if strings.TrimSpace(p.Long) == "" || strings.TrimSpace(p.Short) == "" {
			t.fail("parameter %s has no long or no short description", p.Name)
		}
		if p.Required == "1" && p.Content.Default != nil && *p.Content.Default != "" {
			t.fail("parameter %s is required, and has the default %q", p.Name, *p.Content.Default)
		}
	}
}

func checkMetadataOld(t *T) {
	if !t.meta.api11() {
		t.skip("the agent claims OCF %s", cmp.Or(t.meta.API, "of no version"))
	}
	text := t.do(t.ctx, call{action: "meta-data", env: []string{"OCF_RA_VERSION_MINOR=0"}}).stdout
	for _, word := range []string{`role="Promoted"`, `role="Unpromoted"`, `name="reload-agent"`, "reloadable=", "unique-group="} {
		if strings.Contains(text, word) {
			t.fail("it has %s", word)
		}
	}
}
