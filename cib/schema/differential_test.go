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
	rounds := number(t, "MUTATIONS", 0)
	for _, f := range ownDocuments(t) {
		original := readXML(t, f)
		x.add(t, f, original, allVersions)
		for i := range max(rounds, 25) {
			r := randomFor(t, i)
			doc := original.Copy()
			name := fmt.Sprintf("%s mutation %d (%s)", f, i, mutator{r}.mutate(doc))
			compare := allVersions
			if rounds == 0 {
				compare = x.some(r, 3)
			}
			x.add(t, name, doc, compare)
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
	rounds := number(t, "MUTATIONS", 0)
	for i, f := range schedulerCases(t) {
		original := readXML(t, f)
		name, r := filepath.Base(f), randomFor(t, i)
		if rounds == 0 {
			x.add(t, name, original, x.some(r, 1))
		} else {
			x.add(t, name, original, allVersions)
		}
		// Nearly all of most cases is status, which may contain anything.
		original.Child("status").Remove()
		n := rounds
		if rounds == 0 && i%6 == 0 {
			n = 1
		}
		for k := range n {
			doc := original.Copy()
			what := mutator{r}.mutate(doc)
			compare := allVersions
			if rounds == 0 {
				compare = x.some(r, 2)
			}
			x.add(t, fmt.Sprintf("%s mutation %d (%s)", name, k, what), doc, compare)
		}
	}
	x.compareAll(t)
}
