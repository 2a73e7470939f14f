package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// The grammar is held against the schemas of Pacemaker. In the environment
// MUTATIONS says how many changed copies of each document there are, and that
// each is compared in every version; MUTATION_SEED makes other changes.

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
	t.Parallel()
	x := newXMLLint(t)
	for _, f := range ownDocuments(t) {
		original := readXML(t, f)
		x.add(t, f, original, allVersions)
		for i := range max(x.rounds, 25) {
			r := randomFor(t, i)
			doc := original.Copy()
			what := mutator{r}.mutate(doc)
			x.add(t, fmt.Sprintf("%s mutation %d (%s)", f, i, what), doc, x.some(r, 3))
		}
	}
	x.compareAll(t)
}

// Pacemaker's own scheduler cases are in $PACEMAKER_CTS, or in
// ../shared/scheduler beside the checkout.
func schedulerCases(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("PACEMAKER_CTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "scheduler")
	}
	files, err := filepath.Glob(filepath.Join(dir, "xml", "*.xml"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skipf("no scheduler cases in %s: set PACEMAKER_CTS to a folder that has xml/*.xml", dir)
	}
	return files
}

func TestSchedulerCasesAgainstXmllint(t *testing.T) {
	t.Parallel()
	x := newXMLLint(t)
	for i, f := range schedulerCases(t) {
		original := readXML(t, f)
		name, r := filepath.Base(f), randomFor(t, i)
		versions := x.some(r, 1)
		if x.rounds > 0 || i%8 == 0 {
			x.add(t, name, original, versions)
		}
		// Nearly all of most cases is status, which may contain anything: it
		// would get most of the changes, and takes most of the time.
		original.Child("status").Remove()
		if x.rounds == 0 {
			x.add(t, name+" without status", original, versions)
		}
		n := x.rounds
		if i%6 == 0 {
			n = max(n, 1)
		}
		for k := range n {
			doc := original.Copy()
			what := mutator{r}.mutate(doc)
			x.add(t, fmt.Sprintf("%s mutation %d (%s)", name, k, what), doc, x.some(r, 2))
		}
	}
	x.compareAll(t)
}
