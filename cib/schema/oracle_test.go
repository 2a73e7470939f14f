package schema

import (
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// schemaFolder finds the schemas of a Pacemaker, the authority on what is valid
// and on what an upgrade yields. Debian's package pacemaker-common has those up
// to pacemaker-3.9; PACEMAKER_SCHEMAS can name the folder of a newer Pacemaker.
func schemaFolder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PACEMAKER_SCHEMAS")
	if dir == "" {
		dir = "/usr/share/pacemaker"
	}
	if _, err := os.Stat(filepath.Join(dir, "pacemaker-1.0.rng")); err != nil {
		t.Skipf("no schemas in %s (Debian: pacemaker-common, or name a folder in PACEMAKER_SCHEMAS); make test installs them", dir)
	}
	return dir
}

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// randomFor makes the random numbers for sample i. MUTATION_SEED gives others.
func randomFor(t *testing.T, i int) *rand.Rand {
	t.Helper()
	return rand.New(rand.NewSource(int64(number(t, "MUTATION_SEED", 1))*1_000_003 + int64(i)))
}

// xmllint validates documents with the program of libxml2-utils, which uses the
// library that Pacemaker itself uses.
type xmllint struct {
	program, schemas, dir string
	rounds                int // changed copies of each document; 0 to be quick
	known                 []Version
	samples               []sample
}

// sample is a document, the versions we think it is valid in, and those it is
// to be compared in.
type sample struct {
	name          string
	doc           *xmltree.Element
	ours, compare Set
}

func newXMLLint(t *testing.T) *xmllint {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils); make test installs it")
	}
	return &xmllint{program: program, schemas: schemaFolder(t), dir: t.TempDir(), rounds: number(t, "MUTATIONS", 0)}
}

// versions returns those whose schema is in the folder.
func (x *xmllint) versions() []Version {
	if len(x.known) > 0 {
		return x.known
	}
	for v := Oldest; v <= Latest; v++ {
		if _, err := os.Stat(x.schema(v)); err == nil {
			x.known = append(x.known, v)
		}
	}
	return x.known
}

func (x *xmllint) schema(v Version) string { return filepath.Join(x.schemas, v.String()+".rng") }

// some picks n of the versions, or fewer; all of them if there is time.
func (x *xmllint) some(r *rand.Rand, n int) Set {
	if x.rounds > 0 {
		return allVersions
	}
	all := x.versions()
	set := Set(0)
	for range n {
		set |= all[r.Intn(len(all))].set()
	}
	return set
}

// add puts a document on the list. validate-with is not what is tested here,
// and an older Pacemaker does not know the newer names.
func (x *xmllint) add(t *testing.T, name string, doc *xmltree.Element, compare Set) {
	t.Helper()
	if doc.Name == "cib" && doc.Has("validate-with") {
		doc = doc.Copy()
		doc.Set("validate-with", "none")
	}
	x.samples = append(x.samples, sample{name, doc, versionsOf(doc, allVersions), compare})
	text := xmltree.AppendXML(nil, doc, xmltree.PrintOptions{})
	require.NoError(t, os.WriteFile(filepath.Join(x.dir, fileOf(len(x.samples)-1)), text, 0o600))
}

func fileOf(i int) string { return strconv.Itoa(i) + ".xml" }

// compareAll validates the documents with one process per schema.
func (x *xmllint) compareAll(t *testing.T) {
	t.Helper()
	versions := x.versions()
	theirs := make([]map[string]bool, len(versions))
	var work sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, v := range versions {
		work.Go(func() {
			slots <- struct{}{}
			theirs[i] = x.run(v)
			<-slots
		})
	}
	work.Wait()
	wrong, compared := 0, 0
	for i, s := range x.samples {
		for k, v := range versions {
			if !s.compare.Has(v) {
				continue
			}
			compared++
			valid, ok := theirs[k][fileOf(i)]
			require.True(t, ok, "xmllint said nothing about %s", s.name)
			if valid == s.ours.Has(v) {
				continue
			}
			if wrong++; wrong <= 10 {
				t.Errorf("%s: xmllint says valid=%v for %s, we say %v: %v", s.name, valid, v, !valid, Validate(s.doc, v))
				x.keep(t, fileOf(i))
			}
		}
	}
	require.NotZero(t, compared)
	require.Zero(t, wrong, "%d of %d judgements differ", wrong, compared)
	t.Logf("%d documents, %d judgements", len(x.samples), compared)
}

// run returns the verdict on each document that is to be compared in a version.
func (x *xmllint) run(v Version) map[string]bool {
	args := []string{"--noout", "--relaxng", x.schema(v)}
	for i, s := range x.samples {
		if s.compare.Has(v) {
			args = append(args, fileOf(i))
		}
	}
	cmd := exec.Command(x.program, args...)
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
