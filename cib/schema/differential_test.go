package schema

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// The schemas of a Pacemaker are the authority on what is valid. Debian's
// package pacemaker-common has those up to pacemaker-3.9; PACEMAKER_SCHEMAS can
// name the folder of a newer Pacemaker. The checker is xmllint of libxml2-utils,
// the library Pacemaker itself uses.
func oracle(t *testing.T) *xmllint {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils); make test installs it")
	}
	dir := os.Getenv("PACEMAKER_SCHEMAS")
	if dir == "" {
		dir = "/usr/share/pacemaker"
	}
	if _, err := os.Stat(filepath.Join(dir, "pacemaker-1.0.rng")); err != nil {
		t.Skipf("no schemas in %s (Debian: pacemaker-common, or name a folder in PACEMAKER_SCHEMAS); make test installs them", dir)
	}
	return &xmllint{program: program, schemas: dir, dir: t.TempDir()}
}

type xmllint struct {
	program, schemas, dir string
	docs                  []sample
}

// sample is a document and the versions we think it is valid in.
type sample struct {
	name string
	doc  *xmltree.Element
	ours Set
}

// add puts a document on the list. validate-with is not what is tested here,
// and an older Pacemaker does not know the newer names.
func (x *xmllint) add(name string, doc *xmltree.Element) {
	if doc.Name == "cib" && doc.Has("validate-with") {
		doc = doc.Copy()
		doc.Set("validate-with", "none")
	}
	x.docs = append(x.docs, sample{name, doc, versionsOf(doc, allVersions)})
}

// compare validates all documents added so far against every schema there is.
func (x *xmllint) compare(t *testing.T) {
	t.Helper()
	files := make([]string, len(x.docs))
	for i, d := range x.docs {
		files[i] = strconv.Itoa(i) + ".xml"
		text := xmltree.AppendXML(nil, d.doc, xmltree.PrintOptions{})
		require.NoError(t, os.WriteFile(filepath.Join(x.dir, files[i]), text, 0o600))
	}
	wrong, compared := 0, 0
	for v := Oldest; v <= Latest; v++ {
		rng := filepath.Join(x.schemas, v.String()+".rng")
		if _, err := os.Stat(rng); err != nil {
			continue
		}
		theirs := x.run(t, rng, files)
		for i, d := range x.docs {
			compared++
			valid, ok := theirs[files[i]]
			require.True(t, ok, "xmllint said nothing about %s", d.name)
			if valid == d.ours.Has(v) {
				continue
			}
			if wrong++; wrong <= 10 {
				t.Errorf("%s: xmllint says valid=%v for %s, we say %v: %v", d.name, valid, v, d.ours.Has(v), Validate(d.doc, v))
				x.keep(t, files[i])
			}
		}
	}
	require.NotZero(t, compared)
	require.Zero(t, wrong, "%d of %d judgements differ", wrong, compared)
}

func (x *xmllint) run(t *testing.T, rng string, files []string) map[string]bool {
	t.Helper()
	cmd := exec.Command(x.program, append([]string{"--noout", "--relaxng", rng}, files...)...)
	cmd.Dir = x.dir
	out, _ := cmd.CombinedOutput() // the exit status only says that some file is invalid
	valid := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if f, ok := strings.CutSuffix(line, " validates"); ok {
			valid[f] = true
		} else if f, ok := strings.CutSuffix(line, " fails to validate"); ok {
			valid[f] = false
		}
	}
	return valid
}

// keep copies a document that is judged differently to KEEP_SAMPLES.
func (x *xmllint) keep(t *testing.T, file string) {
	t.Helper()
	dir := os.Getenv("KEEP_SAMPLES")
	if dir == "" {
		return
	}
	data, err := os.ReadFile(filepath.Join(x.dir, file))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), data, 0o600))
}

func readXML(t testing.TB, file string) *xmltree.Element {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	root, err := xmltree.Parse(data, xmltree.Limits{})
	require.NoError(t, err, file)
	return root
}

func ownDocuments(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/valid/*.xml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestOwnDocumentsAgainstXmllint(t *testing.T) {
	x := oracle(t)
	for _, f := range ownDocuments(t) {
		x.add(f, readXML(t, f))
	}
	x.compare(t)
}

func TestMutationsAgainstXmllint(t *testing.T) {
	x := oracle(t)
	seed, rounds := int64(1), 60
	if s := os.Getenv("MUTATION_SEED"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err, "MUTATION_SEED")
		seed, rounds = int64(n), 600
	}
	for _, f := range ownDocuments(t) {
		original := readXML(t, f)
		for i := range rounds {
			m := mutator{rand.New(rand.NewSource(seed*1000003 + int64(i)))}
			doc := original.Copy()
			what := m.mutate(doc)
			x.add(fmt.Sprintf("%s mutation %d (%s)", f, i, what), doc)
		}
	}
	x.compare(t)
}
