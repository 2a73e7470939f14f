package fence

import (
	"bufio"
	"context"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/suite"
)

// stockPython runs the stock agents: their modules belong to Debian's interpreter.
const stockPython = "/usr/bin/python3"

// parameter is one of a fence agent's metadata.
type parameter struct {
	typ, def, required string
	deprecated         bool
	options            []string
	letter             string
}

type metadata struct {
	parameters map[string]parameter
	actions    map[string]string // automatic or ""
}

func readMetadata(t *testing.T, text string) metadata {
	t.Helper()
	var doc struct {
		Parameters []struct {
			Name       string `xml:"name,attr"`
			Required   string `xml:"required,attr"`
			Deprecated string `xml:"deprecated,attr"`
			Getopt     struct {
				Mixed string `xml:"mixed,attr"`
			} `xml:"getopt"`
			Content struct {
				Type    string `xml:"type,attr"`
				Default string `xml:"default,attr"`
				Options []struct {
					Value string `xml:"value,attr"`
				} `xml:"option"`
			} `xml:"content"`
		} `xml:"parameters>parameter"`
		Actions []struct {
			Name      string `xml:"name,attr"`
			Automatic string `xml:"automatic,attr"`
		} `xml:"actions>action"`
	}
	require.NoError(t, xml.Unmarshal([]byte(text), &doc))
	m := metadata{map[string]parameter{}, map[string]string{}}
	for _, e := range doc.Parameters {
		p := parameter{required: e.Required, deprecated: e.Deprecated == "1", typ: e.Content.Type, def: e.Content.Default}
		for _, o := range e.Content.Options {
			p.options = append(p.options, o.Value)
		}
		if mixed := e.Getopt.Mixed; strings.HasPrefix(mixed, "-") && !strings.HasPrefix(mixed, "--") {
			p.letter = mixed[:2]
		}
		// Dashes and underscores are the same to both libraries. Stock agents list both
		// of such a name, one as deprecated.
		name := strings.ReplaceAll(e.Name, "-", "_")
		if old, ok := m.parameters[name]; ok && p.deprecated {
			p = old
		}
		m.parameters[name] = p
	}
	for _, a := range doc.Actions {
		m.actions[a.Name] = a.Automatic
	}
	return m
}

// differences are the lines of docs/fence/differences.md: agent, what, why.
func differences(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open("../../docs/fence/differences.md")
	require.NoError(t, err)
	defer f.Close()
	list := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		cells := strings.Split(s.Text(), "|")
		if len(cells) == 5 && strings.Contains(cells[1], "`") {
			list[strings.Trim(cells[1], " `")+": "+strings.Trim(cells[2], " `")] = true
		}
	}
	return list
}

// TestStock holds the metadata of every agent against those of the stock agent: every
// parameter, older name, default, choice, letter and action of that is there, or the
// difference stands in docs/fence/differences.md with its reason. What stands there
// and is none is a mistake too.
func TestStock(t *testing.T) {
	known, met := differences(t), map[string]bool{}
	for _, name := range suite.Names() {
		stock := filepath.Join("/usr/sbin", name)
		if _, err := os.Stat(stock); err != nil {
			t.Skip("package fence-agents is not installed: " + stock + " is missing")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		out, err := exec.CommandContext(ctx, stockPython, stock, "-o", "metadata").Output()
		cancel()
		require.NoError(t, err, name)
		want, have := readMetadata(t, string(out)), readMetadata(t, suite.Agent(name).Metadata())
		for _, d := range compare(want, have) {
			line := name + ": " + d
			switch {
			case known["all: "+d]:
				met["all: "+d] = true
			case known[line]:
				met[line] = true
			default:
				t.Errorf("%s", line)
			}
		}
	}
	for line := range known {
		if !met[line] {
			t.Errorf("docs/fence/differences.md lists what is no difference: %s", line)
		}
	}
}

func compare(want, have metadata) []string {
	var list []string
	for name, w := range want.parameters {
		h, ok := have.parameters[name]
		if !ok {
			list = append(list, name+" is missing")
			continue
		}
		for _, d := range []struct{ what, want, have string }{
			{"type", w.typ, h.typ},
			{"default", w.def, h.def},
			{"required", w.required, h.required},
			{"letter", w.letter, h.letter},
			{"choices", strings.Join(w.options, ","), strings.Join(h.options, ",")},
		} {
			if d.want != d.have {
				list = append(list, strings.TrimSpace(name+" "+d.what+" "+d.have+" for "+d.want))
			}
		}
		if w.deprecated != h.deprecated {
			list = append(list, name+" deprecated")
		}
	}
	for name, automatic := range want.actions {
		if h, ok := have.actions[name]; !ok || h != automatic {
			list = append(list, "action "+name)
		}
	}
	slices.Sort(list)
	return list
}
