package schema

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// stylesheets are Pacemaker's transformations, under the names of Debian's
// pacemaker-common and of newer Pacemakers.
// It is a table: only read.
var stylesheets = map[Version][][]string{
	V1_3: {{"upgrade-1.3.xsl"}, {"upgrade-1.3-0.xsl"}},
	V2_10: {
		{"upgrade-2.10-enter.xsl", "upgrade-2.10.xsl", "upgrade-2.10-leave.xsl"},
		{"upgrade-2.10-0.xsl", "upgrade-2.10-1.xsl", "upgrade-2.10-2.xsl"},
	},
	V3_10: {{
		"upgrade-3.10-0.xsl", "upgrade-3.10-1.xsl", "upgrade-3.10-2.xsl", "upgrade-3.10-3.xsl",
		"upgrade-3.10-4.xsl", "upgrade-3.10-99.xsl",
	}},
}

// xsltproc runs them, with the library that Pacemaker itself uses.
type xsltproc struct{ program, sheets, dir string }

func newXSLTProc(t *testing.T) *xsltproc {
	t.Helper()
	program, err := exec.LookPath("xsltproc")
	if err != nil {
		t.Skip("xsltproc is not installed (Debian: xsltproc); make test installs it")
	}
	return &xsltproc{program, schemaFolder(t), t.TempDir()}
}

// chain returns the stylesheets of one transformation, none if they are not
// there: Debian's Pacemaker ends with pacemaker-3.9.
func (x *xsltproc) chain(v Version) []string {
	for _, names := range stylesheets[v] {
		if _, err := os.Stat(filepath.Join(x.sheets, names[0])); err == nil {
			return names
		}
	}
	return nil
}

// outcome is what a transformation made of a document.
type outcome struct {
	doc      *xmltree.Element
	messages []string
	failed   bool
}

// transform applies stylesheets to documents, with one process for each
// stylesheet.
func (x *xsltproc) transform(t *testing.T, sheets []string, docs []*xmltree.Element) []outcome {
	t.Helper()
	outcomes := make([]outcome, len(docs))
	for i, d := range docs {
		outcomes[i].doc = d
	}
	for _, sheet := range sheets {
		args := []string{"--timing", filepath.Join(x.sheets, sheet)}
		for i, o := range outcomes {
			if o.failed {
				continue
			}
			text := xmltree.AppendXML(nil, o.doc, xmltree.PrintOptions{Compact: true})
			require.NoError(t, os.WriteFile(filepath.Join(x.dir, fileOf(i)), text, 0o600))
			args = append(args, fileOf(i))
		}
		cmd := exec.Command(x.program, args...)
		cmd.Dir = x.dir
		var out, log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &log
		if err := cmd.Run(); err != nil {
			var exit *exec.ExitError // a failed transformation, which the log tells
			require.True(t, errors.As(err, &exit), err)
		}
		readLog(t, log.String(), outcomes)
		results, err := xmltree.Parse([]byte("<all>"+out.String()+"</all>"), xmltree.Limits{})
		require.NoError(t, err, sheet)
		i := 0
		for doc := range results.Elements() {
			for outcomes[i].failed {
				i++
			}
			outcomes[i].doc = doc
			i++
		}
		for i < len(docs) {
			require.True(t, outcomes[i].failed, "%s wrote fewer documents than it read: %d of %d\n%s", sheet, i, len(docs), log.String())
			i++
		}
	}
	return outcomes
}

// readLog shares out what was written to standard error: the timing tells which
// document it is about.
func readLog(t *testing.T, log string, outcomes []outcome) {
	t.Helper()
	var o *outcome
	aborted := false // a circle of references: then comes a list of the templates
	for line := range strings.Lines(log) {
		line = strings.TrimSuffix(line, "\n")
		var i int
		if _, err := fmt.Sscanf(line, "Parsing document %d.xml took", &i); err == nil {
			o, aborted = &outcomes[i], false
			continue
		}
		switch {
		case strings.HasPrefix(line, "Parsing stylesheet "), strings.HasPrefix(line, "Running stylesheet "), strings.HasPrefix(line, "Applying stylesheet "),
			strings.HasPrefix(line, "Saving result "), strings.HasPrefix(line, "error: file "):
		case strings.HasPrefix(line, "xsltRunStylesheet : run failed"), strings.HasPrefix(line, "no result for "):
			o.failed = true
		case strings.HasPrefix(line, "runtime error: "):
			aborted = true
		case aborted:
		default:
			require.NotNil(t, o, line)
			o.messages = append(o.messages, line)
		}
	}
}

// compare holds our transformation against the stylesheets.
func (x *xsltproc) compare(t *testing.T, v Version, docs []*xmltree.Element) {
	t.Helper()
	for i, want := range x.transform(t, x.chain(v), docs) {
		got := outcome{doc: docs[i].Copy()}
		got.failed = transformations[v](got.doc, &got.messages) != nil
		if want.text() != got.text() {
			t.Logf("document %d:\n%s", i, print(docs[i]))
			require.Equal(t, want.text(), got.text())
		}
	}
	t.Logf("%d documents", len(docs))
}

func (o outcome) text() string {
	text := strings.Join(o.messages, "\n") + "\n"
	if o.failed {
		return text + "failed"
	}
	return text + print(o.doc)
}

// transformable are our documents that are valid in a version, and changed
// copies of them that still are.
func transformable(t *testing.T, v Version, rounds int) []*xmltree.Element {
	t.Helper()
	files, err := filepath.Glob("testdata/upgrade/*.xml")
	require.NoError(t, err)
	var docs []*xmltree.Element
	for _, f := range append(files, ownDocuments(t)...) {
		original := readXML(t, f)
		if !versionsOf(original, allVersions).Has(v) {
			continue
		}
		docs = append(docs, original)
		for i := range rounds {
			docs = append(docs, changeWithin(v, original, randomFor(t, i)))
		}
	}
	require.NotEmpty(t, docs)
	return docs
}

// changeWithin makes up to six changes that leave a document valid.
func changeWithin(v Version, doc *xmltree.Element, r *rand.Rand) *xmltree.Element {
	for range 6 {
		try := doc.Copy()
		mutator{r}.change(try)
		if versionsOf(try, v.set()) != 0 {
			doc = try
		}
	}
	return doc
}

func TestTransformationsAgainstStylesheets(t *testing.T) {
	t.Parallel()
	rounds := number(t, "MUTATIONS", 0)
	for _, v := range []Version{V1_3, V2_10, V3_10} {
		x := newXSLTProc(t)
		if x.chain(v) == nil {
			t.Logf("no stylesheets for %s in %s", v, x.sheets)
			continue
		}
		t.Run(v.String(), func(t *testing.T) {
			docs := transformable(t, v, max(rounds, 6))
			for i := range max(rounds, 25) {
				r := randomFor(t, i)
				doc := (&generator{Rand: r}).document()
				if v == V2_10 && versionsOf(doc, v.set()) != 0 {
					docs = append(docs, doc, changeWithin(v, doc, r))
				}
			}
			x.compare(t, v, docs)
		})
	}
}
