package schema

import (
	"flag"
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

// The documents in testdata/upgrade are our own. What is expected of them was
// compared with what Pacemaker's stylesheets make of them. UPDATE_GOLDEN=1
// writes the expectations anew.
func TestUpgradeGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/upgrade/*.xml")
	require.NoError(t, err)
	tested := 0
	for _, f := range files {
		if strings.HasSuffix(f, ".want.xml") {
			continue
		}
		tested++
		t.Run(filepath.Base(f), func(t *testing.T) { testGolden(t, strings.TrimSuffix(f, ".xml")) })
	}
	require.NotZero(t, tested)
}

func testGolden(t *testing.T, base string) {
	root := readXML(t, base+".xml")
	result, err := Upgrade(root)
	require.NoError(t, err, "%v", result.Rejected)
	require.True(t, result.Transformed)
	require.Empty(t, Validate(root, Latest))
	compareGolden(t, base+".want.xml", string(xmltree.AppendXML(nil, root, xmltree.PrintOptions{})))
	compareGolden(t, base+".want.txt", strings.Join(result.Messages, "\n")+"\n")
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, file)
}

// What a transformation makes of a document that a test documents lists as
// valid must be valid again, and a failed one must leave no trace.
func TestUpgradeOwnDocuments(t *testing.T) {
	for _, f := range ownDocuments(t) {
		root := readXML(t, f)
		before := print(root)
		result, err := Upgrade(root)
		if err != nil {
			require.Equal(t, before, print(root), f)
			continue
		}
		require.Empty(t, Validate(root, result.To), f)
	}
}
