package patch

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// rewrite writes goldens anew. The differences are to be read before they are
// committed.
var rewrite = flag.Bool("rewrite", false, "write goldens anew")

// A file of testdata/golden is one scenario: what it shows, a line with options
// ("options: ..."), and sections that begin with "-- NAME --". From old and
// new, a patch or an error is made; from document and patch, a result or an
// error. -rewrite writes the last section anew.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			sc := readScenario(t, string(data))
			sc.last, sc.got = sc.play(t)
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(sc.head+fmt.Sprintf("-- %s --\n%s", sc.last, sc.got)), 0o644))
				return
			}
			require.Equal(t, sc.sections[sc.last], sc.got)
		})
	}
}

type scenario struct {
	head      string // all but the last section
	options   []string
	sections  map[string]string
	last, got string
}

func readScenario(t require.TestingT, data string) *scenario {
	sc := &scenario{sections: map[string]string{}}
	name := ""
	for line := range strings.Lines(data) {
		switch words := strings.Fields(line); {
		case name == "" && len(words) > 0 && words[0] == "options:":
			sc.options = words[1:]
		case len(words) == 3 && words[0] == "--" && words[2] == "--":
			name = words[1]
			sc.sections[name] = ""
			continue
		}
		if name != "" {
			sc.sections[name] += line
		}
	}
	inputs := [][2]string{{"old", "new"}, {"document", "patch"}}
	if _, ok := sc.sections["document"]; ok {
		inputs = inputs[1:]
	}
	mark := "-- " + inputs[0][1] + " --\n"
	at := strings.Index(data, mark)
	require.NotEqual(t, -1, at, "no section %q", inputs[0][1])
	at += len(mark)
	if next := strings.Index(data[at:], "\n-- "); next >= 0 {
		sc.head = data[:at+next+1]
	} else {
		sc.head = data
	}
	return sc
}

func (sc *scenario) has(option string) bool {
	for _, o := range sc.options {
		if o == option {
			return true
		}
	}
	return false
}

func (sc *scenario) tree(t *testing.T, name string) *xmltree.Element {
	root, err := xmltree.Parse([]byte(strings.TrimSpace(sc.sections[name])), xmltree.Limits{})
	require.NoError(t, err, name)
	return root
}

func (sc *scenario) play(t *testing.T) (section, content string) {
	if _, ok := sc.sections["document"]; ok {
		return sc.apply(t)
	}
	opt := Options{
		Digest: sc.has("digest"), NoVersion: sc.has("no-version"), IgnoreAttrOrder: sc.has("ignore-attr-order"), Bump: sc.has("bump"),
	}
	if sc.has("format-1") {
		opt.Format, opt.FeatureSet = 1, "3.0.8"
	}
	s, err := Diff(sc.tree(t, "old"), sc.tree(t, "new"), opt)
	if err != nil {
		return "error", err.Error() + "\n"
	}
	_, err = s.Apply(sc.tree(t, "old"), ApplyOptions{AnyVersion: opt.NoVersion})
	require.NoError(t, err)
	return "patch", text(s.XML())
}

func (sc *scenario) apply(t *testing.T) (section, content string) {
	s, err := Parse(sc.tree(t, "patch"), Limits{Depth: 20})
	if err != nil {
		return "error", err.Error() + "\n"
	}
	got, err := s.Apply(sc.tree(t, "document"), ApplyOptions{AnyVersion: sc.has("any-version"), Limits: Limits{Depth: 20}})
	if err != nil {
		return "error", err.Error() + "\n"
	}
	return "result", text(got)
}
