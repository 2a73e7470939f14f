package schema

import (
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/xmltree"
)

// checkUpgrade holds the upgrade of any document against what it promises.
func checkUpgrade(t require.TestingT, root *xmltree.Element) {
	before := print(root)
	_, known := ParseVersion(root.Get("validate-with"))
	result, err := Upgrade(root)
	switch {
	case err != nil:
		require.Equal(t, before, print(root), "a failed upgrade leaves the document as it was")
		var unknown *UnknownSchemaError
		if known {
			require.NotErrorAs(t, err, &unknown)
		} else {
			require.ErrorAs(t, err, &unknown)
		}
		return
	case result.From == Disabled || result.From == Latest:
		require.Equal(t, before, print(root))
		require.Equal(t, result.From, result.To)
		return
	}
	require.Equal(t, Latest, result.To)
	require.Equal(t, Latest.String(), root.Get("validate-with"))
	require.True(t, result.Valid)
	require.Empty(t, Validate(root, Latest))
	if !result.Transformed {
		require.Empty(t, result.Messages)
	}
	root.Walk(func(e *xmltree.Element) bool {
		for _, c := range e.Children {
			require.Same(t, e, c.Parent)
		}
		return true
	})
}

// checkSteps runs each transformation on a document that is valid where it
// starts.
func checkSteps(t require.TestingT, root *xmltree.Element) {
	in := Versions(root)
	for _, v := range []Version{V1_3, V2_10, V3_10} {
		if !in.Has(v) {
			continue
		}
		doc := root.Copy()
		var messages []string
		if err := transformations[v](doc, &messages); err != nil {
			require.NotEmpty(t, err.Error())
			continue
		}
		require.Equal(t, (v + 1).String(), doc.Get("validate-with"))
	}
}

func FuzzUpgrade(f *testing.F) {
	for _, pattern := range []string{"testdata/valid/*.xml", "testdata/upgrade/*.xml", "testdata/invalid/*.xml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		require.NotEmpty(f, files)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(data)
		}
	}
	f.Add([]byte(nestedReferences(3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := xmltree.Parse(data, xmltree.Limits{Bytes: 1 << 20, Elements: 10_000})
		if err != nil {
			return
		}
		checkSteps(t, root)
		checkUpgrade(t, root)
	})
}

// Changed documents claim any version, so that walks begin anywhere.
func TestUpgradeKeepsItsPromises(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*/*.xml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	originals := make([]*xmltree.Element, len(files))
	for i, f := range files {
		originals[i] = readXML(t, f)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := mutator{rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))}
		root := originals[rapid.IntRange(0, len(files)-1).Draw(t, "document")].Copy()
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			m.change(root)
		}
		if rapid.Bool().Draw(t, "relabel") && root.Name == "cib" {
			root.Set("validate-with", Version(m.Intn(int(Latest)+1)).String())
		}
		checkSteps(t, root)
		checkUpgrade(t, root)
	})
}

// leftovers are what Pacemaker's stylesheet leaves wrong: new elements with the
// same id, and a pair without a value that it does not see for what it is.
var leftovers = regexp.MustCompile(`is already the id of|the name "cluster-infrastructure" without a value is rejected`)

func TestTransformationTo30GivesValidDocuments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		root := (&generator{Rand: rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))}).document()
		require.Empty(t, Validate(root, V2_10))
		var messages []string
		require.NoError(t, from210(root, &messages))
		for _, p := range Validate(root, V3_0) {
			require.Regexp(t, leftovers, p.Msg)
		}
	})
}

// nestedReferences is a document whose status has n sets, each of them with
// two references to the one before: resolved it is 2^n times as large.
func nestedReferences(n int) string {
	var sets strings.Builder
	id := func(i int) string { return "s" + strings.Repeat("x", i) }
	sets.WriteString(`<meta_attributes id="` + id(0) + `"><nvpair id="p" name="a" value="1"/></meta_attributes>`)
	for i := 1; i <= n; i++ {
		ref := `<meta_attributes id-ref="` + id(i-1) + `"/>`
		sets.WriteString(`<meta_attributes id="` + id(i) + `">` + ref + ref + `</meta_attributes>`)
	}
	return `<cib validate-with="pacemaker-2.10" admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config/><nodes>` +
		`<node id="1" uname="one" type="normal"/></nodes><resources/><constraints/></configuration><status>` + sets.String() +
		`</status></cib>`
}

func TestReferencesThatGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	root := parse(t, nestedReferences(3))
	result, err := Upgrade(root)
	require.NoError(t, err)
	require.True(t, result.Transformed)

	root = parse(t, nestedReferences(40))
	result, err = Upgrade(root)
	var failed *UpgradeError
	require.ErrorAs(t, err, &failed)
	require.Contains(t, result.Rejected[0].Problems[0].Msg, "refer to each other too often")
}

// A chain of sets, each deep inside refers to the one before, may not be
// resolved to any depth.
func TestReferencesThatDeepenWithoutEnd(t *testing.T) {
	const levels = 200
	var sets strings.Builder
	for i, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		sets.WriteString(`<meta_attributes id="` + id + `">` + strings.Repeat("<x>", levels))
		if i > 0 {
			sets.WriteString(`<meta_attributes id-ref="` + string("abcdefg"[i-1]) + `"/>`)
		}
		sets.WriteString(strings.Repeat("</x>", levels) + `</meta_attributes>`)
	}
	root := parse(t, strings.Replace(nestedReferences(0), "<status>", "<status>"+sets.String(), 1))
	result, err := Upgrade(root)
	require.Error(t, err)
	require.Contains(t, result.Rejected[0].Problems[0].Msg, "refer to each other too often")
}
