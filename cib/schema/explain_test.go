package schema

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is said of the documents in testdata/invalid, in the version their name
// begins with.
func TestInvalidGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid/*.xml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		number, _, _ := strings.Cut(filepath.Base(f), "-")
		v, ok := versionOf(number)
		require.True(t, ok, f)
		var text strings.Builder
		for _, p := range Validate(readXML(t, f), v) {
			fmt.Fprintln(&text, p)
		}
		compareGolden(t, strings.TrimSuffix(f, ".xml")+".want.txt", text.String())
	}
}

// The explanation has to find a problem in exactly those documents that are
// not valid: otherwise it makes one up, and says nothing else.
func TestExplanationsAgreeWithVersions(t *testing.T) {
	t.Parallel()
	valid, invalid := 0, 0
	for _, f := range ownDocuments(t) {
		original := readXML(t, f)
		for i := range 60 {
			r := randomFor(t, i)
			doc := original.Copy()
			what := mutator{r}.mutate(doc)
			v := Version(r.Intn(int(Latest) + 1))
			problems := explain(doc, v)
			require.NotEmpty(t, problems, what)
			madeUp := strings.HasPrefix(problems[0].Msg, "the document is not valid in ")
			require.Equal(t, Versions(doc).Has(v), madeUp, "%s %s in %s: %v", f, what, v, problems)
			if madeUp {
				valid++
			} else {
				invalid++
			}
		}
	}
	require.NotZero(t, valid)
	require.NotZero(t, invalid)
}
