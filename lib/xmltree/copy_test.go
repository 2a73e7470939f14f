package xmltree

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A copy shares nothing that can be changed, neither with its original nor
// between its own elements.
func TestCopy(t *testing.T) {
	const doc = `<a x="1" y="2"><b z="3"><c/></b><!-- n --><b/><d e="f"/></a>`
	root, err := Parse([]byte(doc), Limits{})
	require.NoError(t, err)
	b := root.Children[0]
	c := b.Copy()
	require.Nil(t, c.Parent)
	require.Equal(t, printed(b), printed(c))

	all := root.Copy()
	require.Equal(t, printed(root), printed(all))
	all.Walk(func(e *Element) bool {
		for _, child := range e.Children {
			require.Same(t, e, child.Parent)
		}
		return true
	})
	require.Equal(t, root.Children[3].Col, all.Children[3].Col)
	for _, e := range append([]*Element{all}, all.Children...) {
		e.Attrs = append(e.Attrs, Attr{"new", "n"})
		if e.Kind == KindElement && e != all {
			e.Add("last").Set("q", "q")
		}
	}
	all.Children[0].Children[0].Set("deep", "d")
	require.Equal(t, `<a x="1" y="2" new="n"><b z="3" new="n"><c deep="d"/><last q="q"/></b><!-- n --><b new="n"><last q="q"/></b><d e="f" new="n"><last q="q"/></d></a>`, printed(all))
	require.Equal(t, doc, printed(root))
}

func TestSkip(t *testing.T) {
	root := New("a", "x", "1", "y", "2")
	root.Add("b", "x", "3")
	skip := func(name string) bool { return name == "x" }
	require.Equal(t, `<a y="2"><b/></a>`, string(AppendXML(nil, root, PrintOptions{Compact: true, Skip: skip})))
}

func printed(e *Element) string { return string(AppendXML(nil, e, PrintOptions{Compact: true})) }
