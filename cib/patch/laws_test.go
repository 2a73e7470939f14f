package patch

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/cib/digest"
	"systole/lib/xmltree"
)

func text(e *xmltree.Element) string {
	return string(xmltree.AppendXML(nil, e, xmltree.PrintOptions{}))
}

// ids has some that a path cannot hold, and few, so that many are alike.
var ids = []string{"1", "2", "3", "4", "1", "2", "", "a/b", "a'b", "a b", "x']/y[@id='z"}

// generator draws documents.
type generator struct {
	*rapid.T
	tame bool // only ids and names that are unique and can be in a path
	n    int
}

func (g *generator) word(list ...string) string { return rapid.SampledFrom(list).Draw(g.T, "word") }
func (g *generator) upTo(n int) int             { return rapid.IntRange(0, n).Draw(g.T, "n") }
func (g *generator) chance(n int) bool          { return g.upTo(n) == 0 }

func (g *generator) node(depth int) *xmltree.Element {
	if g.chance(5) {
		return &xmltree.Element{Kind: xmltree.KindComment, Text: g.word(" a ", " A ", " b ")}
	}
	e := xmltree.New(g.word("a", "b", "b", "c", "comment"))
	if g.tame {
		g.n++
		e = xmltree.New(g.word("a", "b"), "id", strconv.Itoa(g.n))
	} else if !g.chance(4) {
		e.Set("id", g.word(ids...))
	}
	g.attributes(e)
	if depth > 0 {
		many := 4
		if g.chance(9) { // above fewChildren
			many, depth = 30, 1
		}
		for range g.upTo(many) {
			e.Append(g.node(depth - 1))
		}
	}
	return e
}

func (g *generator) attributes(e *xmltree.Element) {
	for range g.upTo(3) {
		e.Set(g.word("u", "v", "w", "x", "crm-debug-origin"), g.word("", "0", "1", "<&\"'>\n"))
	}
}

func (g *generator) document() *xmltree.Element {
	root := xmltree.New("cib", "admin_epoch", "0", "epoch", g.word("1", "2"), "num_updates", "0", "crm_feature_set", g.word("3.0.4", "3.0.7", "3.20.5"))
	for range g.upTo(5) {
		root.Append(g.node(3))
	}
	return root
}

// change edits a document in some places.
func (g *generator) change(root *xmltree.Element) {
	for range 1 + g.upTo(4) {
		e := root
		for len(e.Children) > 0 && !g.chance(2) {
			if c := e.Children[g.upTo(len(e.Children)-1)]; c.Kind == xmltree.KindElement {
				e = c
			}
		}
		g.edit(e, root)
	}
}

func (g *generator) edit(e, root *xmltree.Element) {
	switch n := len(e.Children); g.upTo(6) {
	case 0:
		g.attributes(e)
	case 1:
		if len(e.Attrs) > 0 && e != root {
			e.Del(e.Attrs[g.upTo(len(e.Attrs)-1)].Name)
		}
	case 2:
		if e != root {
			e.Attrs = rapid.Permutation(e.Attrs).Draw(g.T, "order")
		}
	case 3:
		c := g.node(2)
		c.Parent = e
		e.Children = slices.Insert(e.Children, g.upTo(n), c)
	case 4:
		if n > 0 {
			e.Children[g.upTo(n-1)].Remove()
		}
	case 5:
		e.Children = rapid.Permutation(e.Children).Draw(g.T, "order")
	case 6:
		if n > 0 {
			c := e.Children[g.upTo(n-1)].Copy()
			c.Parent = e
			e.Children = slices.Insert(e.Children, g.upTo(n), c)
		}
	}
}

// pairOfDocuments draws an old and a new one.
func (g *generator) pair() (old, new *xmltree.Element) {
	old = g.document()
	if g.chance(4) {
		return old, g.document()
	}
	new = old.Copy()
	g.change(new)
	return old, new
}

func TestApplyingADifferenceGivesTheNewDocument(t *testing.T) { rapid.Check(t, applyDifference) }

func FuzzApplyingADifference(f *testing.F) { f.Fuzz(rapid.MakeFuzz(applyDifference)) }

func applyDifference(t *rapid.T) {
	g := &generator{T: t}
	old, new := g.pair()
	before, want := text(old), text(new)
	s, err := Diff(old, new, Options{Digest: true})
	if err != nil {
		require.ErrorContains(t, err, "cannot be written as a path")
		return
	}
	require.Equal(t, before == want, s.Empty())
	got, err := s.Apply(old, ApplyOptions{AnyVersion: true})
	require.NoError(t, err, "%s", text(s.XML()))
	require.Equal(t, want, text(got), "%s", text(s.XML()))
	require.Equal(t, before, text(old))
	require.Equal(t, want, text(new))
	requireParents(t, got, nil)
}

func requireParents(t require.TestingT, e, parent *xmltree.Element) {
	require.Same(t, parent, e.Parent)
	for _, c := range e.Children {
		requireParents(t, c, e)
	}
}

func TestADocumentDiffersNotFromItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := (&generator{T: t}).document()
		for _, opt := range []Options{{}, {Format: 1}, {Digest: true, IgnoreAttrOrder: true}, {NoVersion: true}, {Bump: true}} {
			s, err := Diff(doc, doc.Copy(), opt)
			require.NoError(t, err)
			require.True(t, s.Empty(), "%+v", opt)
			got, err := s.Apply(doc, ApplyOptions{AnyVersion: true})
			require.NoError(t, err)
			require.Equal(t, text(doc), text(got))
		}
	})
}

// What every option leaves of the difference.
func TestOptionsKeepTheirPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{T: t}
		old, new := g.pair()
		opt := Options{Digest: g.chance(1), NoVersion: g.chance(1), IgnoreAttrOrder: g.chance(1), Bump: g.chance(1)}
		s, err := Diff(old, new, opt)
		if err != nil {
			return
		}
		got, err := s.Apply(old, ApplyOptions{AnyVersion: true})
		require.NoError(t, err)
		want := new.Copy()
		if opt.NoVersion {
			want = withVersionOf(want, old)
			require.Nil(t, s.Source)
			require.Nil(t, s.Target)
		} else {
			require.Equal(t, old.Get("epoch"), strconv.Itoa(s.Source.Epoch))
			require.Equal(t, got.Get("epoch"), strconv.Itoa(s.Target.Epoch))
		}
		if opt.Bump && !s.Empty() {
			for _, name := range versionFields {
				want.Set(name, got.Get(name))
			}
			require.NotEqual(t, old.Get("epoch")+"."+old.Get("num_updates"), got.Get("epoch")+"."+got.Get("num_updates"))
		}
		if opt.IgnoreAttrOrder {
			sortAttrs(want)
			sortAttrs(got)
		}
		require.Equal(t, text(want), text(got))
	})
}

func sortAttrs(e *xmltree.Element) {
	slices.SortFunc(e.Attrs, func(a, b xmltree.Attr) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, c := range e.Children {
		sortAttrs(c)
	}
}

func TestBothFormatsGiveTheSame(t *testing.T) {
	said := 0
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{T: t, tame: true}
		old, new := g.pair()
		s1, err := Diff(old, new, Options{Format: 1})
		if err != nil {
			require.ErrorContains(t, err, "format 1 cannot say")
			return
		}
		s2, err := Diff(old, new, Options{})
		require.NoError(t, err)
		got1, err := s1.Apply(old, ApplyOptions{AnyVersion: true})
		require.NoError(t, err)
		got2, err := s2.Apply(old, ApplyOptions{AnyVersion: true})
		require.NoError(t, err)
		require.Equal(t, digest.Filtered(got2), digest.Filtered(got1), "%s", text(s1.XML()))
		said++
	})
	require.NotZero(t, said)
}

func TestSetsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{T: t}
		old, new := g.pair()
		s, err := Diff(old, new, Options{
			Format: 1 + g.upTo(1), Digest: g.chance(1), NoVersion: g.chance(1), Bump: g.chance(1), FeatureSet: g.word("", "3.20.5"),
		})
		if err != nil {
			return
		}
		requireReadAsWritten(t, s)
	})
}

func requireReadAsWritten(t require.TestingT, s *Set) {
	e, err := xmltree.Parse(xmltree.AppendXML(nil, s.XML(), xmltree.PrintOptions{}), xmltree.Limits{})
	require.NoError(t, err)
	again, err := Parse(e, Limits{})
	require.NoError(t, err, "%s", text(e))
	require.Equal(t, plainSet(s), plainSet(again))
	require.Equal(t, text(e), text(again.XML()))
}

// plainSet is what a set says, without pointers into documents.
func plainSet(s *Set) any {
	type change struct {
		c                  Change
		node, name, result string
	}
	type set struct {
		s              Set
		changes        []change
		removed, added string
	}
	p := set{s: *s, removed: text(s.Removed), added: text(s.Added)}
	p.s.Removed, p.s.Added, p.s.Changes = nil, nil, nil
	for _, c := range s.Changes {
		x := change{node: text(c.Node)}
		if c.Result != nil {
			x.name, x.result = c.Result.Name, text(&xmltree.Element{Name: "x", Attrs: c.Result.Attrs})
		}
		c.Node, c.Result, c.Line, c.Col = nil, nil, 0, 0
		x.c = c
		p.changes = append(p.changes, x)
	}
	return p
}

// What is not there when a set is applied twice is mostly no reason to fail,
// but nothing may break.
func TestASetOnAnotherDocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{T: t}
		old, new := g.pair()
		s, err := Diff(old, new, Options{Format: g.upTo(2)})
		if err != nil {
			return
		}
		other := g.document()
		before := text(other)
		if got, err := s.Apply(other, ApplyOptions{AnyVersion: true}); err == nil {
			requireParents(t, got, nil)
		}
		require.Equal(t, before, text(other))
	})
}

func TestCounter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		c := newCounter(n)
		var rest []int
		for i := range n {
			if rapid.Bool().Draw(t, "drop") {
				c.drop(i)
			} else {
				rest = append(rest, i)
			}
		}
		for k, i := range rest {
			require.Equal(t, k, c.before(i))
			require.Equal(t, i, c.at(k))
		}
		require.Equal(t, -1, c.at(len(rest)))
		require.Equal(t, -1, c.at(-1))
		require.Equal(t, len(rest), c.before(n))
	})
}

// Putting items in their places is what inserting one after the other gives.
func TestSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &family{parent: xmltree.New("p")}
		for i := range rapid.IntRange(0, 6).Draw(t, "stay") {
			f.base = append(f.base, xmltree.New("s"+strconv.Itoa(i)))
		}
		want := slices.Clone(f.base)
		positions := rapid.SliceOfN(rapid.Int32Range(0, 9), 0, 8).Draw(t, "positions")
		slices.Sort(positions)
		for i, p := range positions {
			e := xmltree.New("i" + strconv.Itoa(i))
			f.items = append(f.items, item{e: e, change: &Change{Op: OpCreate, Position: p}})
			want = slices.Insert(want, min(int(p), len(want)), e)
		}
		require.NoError(t, f.settle())
		require.Equal(t, names(want), names(f.parent.Children))
	})
}

func names(list []*xmltree.Element) (names []string) {
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names
}
