package patch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// history is a CIB with the history of so many resources on each of 20 nodes.
func history(resources int) *xmltree.Element {
	root := xmltree.New("cib", "admin_epoch", "0", "epoch", "1", "num_updates", "1", "crm_feature_set", "3.20.5")
	config := root.Add("configuration").Add("resources")
	for i := range resources {
		config.Add("primitive", "id", "r"+strconv.Itoa(i), "class", "ocf", "provider", "pacemaker", "type", "Dummy")
	}
	status := root.Add("status")
	for n := range 20 {
		id := strconv.Itoa(n + 1)
		list := status.Add("node_state", "id", id, "uname", "node"+id).Add("lrm", "id", id).Add("lrm_resources")
		for i := range resources {
			rsc := "r" + strconv.Itoa(i)
			list.Add("lrm_resource", "id", rsc, "class", "ocf", "provider", "pacemaker", "type", "Dummy").
				Add("lrm_rsc_op", "id", rsc+"_last_0", "operation", "start", "call-id", strconv.Itoa(i), "rc-code", "0", "op-digest", "f2317cad3d54cec5d7d7aa7d0bf35cf8")
		}
	}
	return root
}

// With tens of thousands of siblings, all moved or gone, what is quadratic
// takes minutes.
func TestManySiblings(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	old := xmltree.New("cib", "epoch", "1")
	nodes := old.Add("configuration").Add("nodes")
	for i := range 60_000 {
		nodes.Add("node", "id", strconv.Itoa(i))
		if i%10 == 0 {
			nodes.Append(&xmltree.Element{Kind: xmltree.KindComment, Text: strconv.Itoa(i)})
		}
	}
	wide := nodes.Add("wide")
	for i := range 4000 {
		wide.Set("a"+strconv.Itoa(i), "")
	}
	new := old.Copy()
	list := new.Path("configuration", "nodes")
	slices.Reverse(new.Path("configuration", "nodes", "wide").Attrs)
	rng.Shuffle(len(list.Children), func(i, j int) { list.Children[i], list.Children[j] = list.Children[j], list.Children[i] })
	list.Children = list.Children[:len(list.Children)*3/4]
	for i := range 20_000 {
		list.Add("node", "id", fmt.Sprintf("new-%d", i))
	}
	for _, c := range list.Children[:30_000] {
		if c.Kind == xmltree.KindElement {
			c.Set("uname", "changed")
		}
	}
	s, err := Diff(old, new, Options{Digest: true})
	require.NoError(t, err)
	s, err = Parse(s.XML(), Limits{})
	require.NoError(t, err)
	got, err := s.Apply(old, ApplyOptions{AnyVersion: true})
	require.NoError(t, err)
	require.True(t, text(new) == text(got))

	// All alike: everything is deleted and made again.
	for _, c := range nodes.Children {
		c.Attrs = nil
	}
	new = old.Copy()
	new.Path("configuration", "nodes").Children[40_000].Remove()
	s, err = Diff(old, new, Options{})
	require.NoError(t, err)
	got, err = s.Apply(old, ApplyOptions{AnyVersion: true})
	require.NoError(t, err)
	require.True(t, text(new) == text(got))
}

func BenchmarkStatusChange(b *testing.B) {
	old := history(500)
	new := old.Copy()
	op := new.Child("status").Children[7].Path("lrm", "lrm_resources").Children[300].Children[0]
	op.Set("rc-code", "7")
	new.Set("num_updates", "2")
	s, err := Diff(old, new, Options{Digest: true})
	require.NoError(b, err)
	b.Run("diff", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Diff(old, new, Options{})
		}
	})
	b.Run("diff-digest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Diff(old, new, Options{Digest: true})
		}
	})
	b.Run("apply", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Apply(old, ApplyOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkMoveAll(b *testing.B) {
	old := history(2000)
	new := old.Copy()
	list := new.Path("configuration", "resources").Children
	slices.Reverse(list)
	new.Set("epoch", "2")
	s, err := Diff(old, new, Options{})
	require.NoError(b, err)
	b.Run("diff", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Diff(old, new, Options{})
		}
	})
	b.Run("apply", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Apply(old, ApplyOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
