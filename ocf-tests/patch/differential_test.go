package patch

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/patch"
	"systole/lib/xmltree"
	"systole/ocf-tests/scheduler/mutate"
)

var (
	pairs = flag.Int("pairs", 40, "compare `n` pairs of CIBs")
	seed  = flag.Uint64("seed", 1, "first `seed` of the mutations")
)

// documents are the files that CIBs are made of.
func documents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*.xml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	dir := os.Getenv("PACEMAKER_CTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "scheduler")
	}
	cases, err := filepath.Glob(filepath.Join(dir, "xml", "*.xml"))
	require.NoError(t, err)
	return append(files, cases...)
}

// options are the ways of making a patch set that crm_diff has.
var options = []struct {
	flags []string
	opt   patch.Options
}{
	{nil, patch.Options{}},
	{[]string{"-c"}, patch.Options{Digest: true, IgnoreAttrOrder: true}},
	{[]string{"-u"}, patch.Options{NoVersion: true}},
}

func TestAgainstCrmDiff(t *testing.T) {
	crm := findCrmDiff(t)
	files := documents(t)
	count := map[string]int{}
	for i := range uint64(*pairs) {
		n := *seed + i
		rng := rand.New(rand.NewPCG(n, 0))
		file := files[rng.IntN(len(files))]
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		old, err := xmltree.Parse(data, xmltree.Limits{})
		if err != nil || crm.old && !plain(old) {
			count["left out"]++
			continue
		}
		new := change(old, rng)
		t.Run(fmt.Sprintf("seed %d, %s", n, filepath.Base(file)), func(t *testing.T) {
			for _, o := range options {
				count[compare(t, crm, old, new, o.flags, o.opt)]++
				if t.Failed() {
					return
				}
			}
		})
	}
	t.Logf("%v", count)
	require.NotZero(t, count["identical"])
}

// Documents with elements that Pacemaker's paths cannot tell apart or not hold:
// it must apply what we make of them, as far as it can be written. What it
// makes is often wrong, or right where we do not count on it.
func TestAlikeElementsAgainstCrmDiff(t *testing.T) {
	crm := findCrmDiff(t)
	crm.loose = true
	count := map[string]int{}
	for i := range uint64(*pairs) {
		n := *seed + i
		t.Run(fmt.Sprintf("seed %d", n), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(n, 1))
			old := xmltree.New("cib", "admin_epoch", "0", "epoch", "1", "num_updates", "0", "crm_feature_set", "3.20.5")
			grow(old, rng, 3)
			new := old.Copy()
			new.Set("epoch", "2")
			for range 1 + rng.IntN(4) {
				shuffle(new, rng)
			}
			if _, err := patch.Diff(old, new, patch.Options{}); err != nil {
				count["cannot be written"]++
				return
			}
			count[compare(t, crm, old, new, nil, patch.Options{})]++
		})
	}
	t.Logf("%v", count)
	require.NotZero(t, count["identical"])
	require.NotZero(t, count["theirs is faulty in format 2"], "the documents are too tame")
}

// grow adds children.
func grow(e *xmltree.Element, rng *rand.Rand, depth int) {
	for range rng.IntN(6) {
		if rng.IntN(5) == 0 {
			e.Append(&xmltree.Element{Kind: xmltree.KindComment, Text: [...]string{" a ", " A ", " b "}[rng.IntN(3)]})
			continue
		}
		c := e.Add([...]string{"a", "b"}[rng.IntN(2)])
		if rng.IntN(3) > 0 {
			c.Set("id", [...]string{"1", "2", "3", "4", "a/b", "a b", "it's", ""}[rng.IntN(8)])
		}
		c.Set("value", strconv.Itoa(rng.IntN(3)))
		if depth > 0 {
			grow(c, rng, depth-1)
		}
	}
}

// change makes the new CIB: a few changes of the kind that happens, some of
// those that only XML knows, and a higher epoch.
func change(old *xmltree.Element, rng *rand.Rand) *xmltree.Element {
	new := old.Copy()
	if new.Child("configuration") != nil {
		mutate.Document(new, rng)
	}
	for range rng.IntN(4) {
		shuffle(new, rng)
	}
	epoch, _ := strconv.Atoi(new.Get("epoch"))
	for i, name := range []string{"admin_epoch", "epoch", "num_updates"} {
		if i == 1 || !new.Has(name) {
			new.Set(name, strconv.Itoa(i*(epoch+1)))
		}
		if !old.Has(name) {
			old.Set(name, "0")
		}
	}
	return new
}

// shuffle changes something in a random place.
func shuffle(root *xmltree.Element, rng *rand.Rand) {
	e := root
	for len(e.Children) > 0 && rng.IntN(4) > 0 {
		if c := e.Children[rng.IntN(len(e.Children))]; c.Kind == xmltree.KindElement {
			e = c
		}
	}
	switch n := len(e.Children); rng.IntN(6) {
	case 0:
		rng.Shuffle(n, func(i, j int) { e.Children[i], e.Children[j] = e.Children[j], e.Children[i] })
	case 1:
		rng.Shuffle(len(e.Attrs), func(i, j int) { e.Attrs[i], e.Attrs[j] = e.Attrs[j], e.Attrs[i] })
	case 2:
		comment := &xmltree.Element{Kind: xmltree.KindComment, Text: fmt.Sprintf(" %d ", rng.IntN(3)), Parent: e}
		e.Children = slices.Insert(e.Children, rng.IntN(n+1), comment)
	case 3:
		if n > 1 && e != root {
			e.Children[rng.IntN(n)].Remove()
		}
	case 4:
		if n > 0 {
			c := e.Children[rng.IntN(n)].Copy()
			if c.Parent = e; c.Kind == xmltree.KindElement {
				c.Set("id", fmt.Sprintf("copy-%d", rng.IntN(1000)))
				e.Children = slices.Insert(e.Children, rng.IntN(n+1), c)
			}
		}
	case 5:
		if len(e.Attrs) > 1 && e != root {
			i := rng.IntN(len(e.Attrs))
			if e.Attrs[i].Name != "id" {
				e.Del(e.Attrs[i].Name)
			}
		}
	}
}

// compare makes and applies a patch set both ways and says how alike the two
// are.
func compare(t *testing.T, crm *crmDiff, old, new *xmltree.Element, flags []string, opt patch.Options) string {
	t.Helper()
	theirsText := crm.make(t, old, new, flags...)
	var theirs *patch.Set
	if theirsText != "" {
		var err error
		theirs, err = patch.Parse(parse(t, []byte(theirsText)), patch.Limits{})
		require.NoError(t, err, "%s", theirsText)
		opt.Format, opt.FeatureSet = theirs.Format, theirs.FeatureSet
	}
	ours, err := patch.Diff(old, new, opt)
	if err != nil && opt.Format == 1 {
		require.ErrorContains(t, err, "format 1 cannot say")
		return "refused in format 1"
	}
	require.NoError(t, err)
	require.Equal(t, theirsText == "", ours.Empty(), "%s", theirsText)
	if ours.Empty() {
		return "nothing"
	}
	want, err := ours.Apply(old, patch.ApplyOptions{})
	if opt.NoVersion {
		want, err = ours.Apply(old, patch.ApplyOptions{AnyVersion: true})
	}
	require.NoError(t, err)
	if !opt.NoVersion && !opt.IgnoreAttrOrder && opt.Format == 2 {
		require.Equal(t, text(new), text(want))
	}

	applied := crm.apply(t, old, ours, applyFlags(flags)...)
	if opt.Format == 1 && text(applied) != text(want) {
		alike := *theirs
		alike.Digest = ours.Digest
		again := crm.apply(t, old, &alike, applyFlags(flags)...)
		for _, root := range []*xmltree.Element{applied, again} {
			if root != nil { // theirs puts the version in front of the other attributes, with -u
				slices.SortFunc(root.Attrs, func(a, b xmltree.Attr) int { return strings.Compare(a.Name, b.Name) })
			}
		}
		require.Equal(t, text(applied), text(again))
		return "format 1 is applied with faults" // see old_test.go
	}
	require.NotNil(t, applied, "%s", text(ours.XML()))
	require.Equal(t, text(want), text(applied), "they apply ours otherwise:\n%s", text(ours.XML()))
	oursText := text(ours.XML())
	if crm.loose {
		theirsText = text(theirs.XML())
	}
	if oursText == theirsText {
		return "identical"
	}
	return differing(t, crm, old, want, theirs, oursText, theirsText)
}

// applyFlags are the flags for applying a patch set that was made with flags.
func applyFlags(made []string) []string {
	if slices.Contains(made, "-c") {
		return made
	}
	return nil
}

// differing looks at two different patch sets: theirs may be one that does not
// lead to the new document. With Pacemaker 3, nothing else is accepted.
func differing(t *testing.T, crm *crmDiff, old, want *xmltree.Element, theirs *patch.Set, oursText, theirsText string) string {
	t.Helper()
	show := func() string { return "ours:\n" + oursText + "\ntheirs:\n" + theirsText }
	byThem := crm.apply(t, old, theirs)
	byUs, err := theirs.Apply(old, patch.ApplyOptions{AnyVersion: true})
	if byThem == nil || text(byThem) != text(want) {
		t.Logf("theirs does not lead to the new document: %v", err)
		return fmt.Sprintf("theirs is faulty in format %d", theirs.Format)
	}
	require.NoError(t, err, show())
	require.Equal(t, text(byThem), text(byUs), "theirs is applied otherwise: %s", show())
	require.True(t, crm.loose, show())
	return fmt.Sprintf("equivalent in format %d", theirs.Format)
}
