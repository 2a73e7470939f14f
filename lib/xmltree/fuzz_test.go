package xmltree

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse: what is refused is refused at a place of the document; what is
// read keeps to the limits, and is read again as it was printed.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "<a/>", "\ufeff<?xml version='1.0' encoding=\"utf-8\" standalone='no'?><!-- x --><a b='1'\n c=\"&lt;&#65;&#x10FFFF;&apos;\r\n\t\"><?pi x?><b/>text<![CDATA[]]]]><!----></a >\n",
		`<!DOCTYPE a PUBLIC "-//x" 'y'><a/>`, `<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`, "<a x='1' x='2'/>", "<ä:b é='ü'/>", "<a>\x00</a>", "<a></b>", "<a/><b/>", "<a>]]></a>",
		"<a><!-- -- --></a>", "<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>", "\xff\xfe<\x00a\x00",
	} {
		f.Add([]byte(s))
	}
	limits := Limits{Bytes: 1 << 16, Depth: 8, Elements: 200, Attrs: 300, AttrsPerElement: 60, NameLen: 100, ValueLen: 1000}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := Parse(data, limits)
		if err != nil {
			require.Nil(t, root)
			requirePlace(t, data, err)
			return
		}
		elements, attrs := 0, 0
		requireTree(t, root, nil, limits, 1, &elements, &attrs)
		require.LessOrEqual(t, elements, limits.Elements)
		require.LessOrEqual(t, attrs, limits.Attrs)
		for _, opt := range []PrintOptions{{}, {Compact: true, Declaration: true}} {
			once := AppendXML(nil, root, opt)
			again, err := Parse(once, Limits{})
			require.NoError(t, err, "%s", once)
			require.Equal(t, string(once), string(AppendXML(nil, again, opt)))
		}
		require.Equal(t, printed(root), printed(root.Copy()))
	})
}

func requirePlace(t *testing.T, data []byte, err error) {
	var syntax *SyntaxError
	var limit *LimitError
	switch {
	case errors.As(err, &syntax):
		require.NotEmpty(t, syntax.Msg)
		require.True(t, 1 <= syntax.Line && syntax.Line <= len(data)+1 && 1 <= syntax.Col && syntax.Col <= len(data)+1, "%v", err)
	case errors.As(err, &limit):
		require.True(t, 0 <= limit.Line && limit.Line <= len(data)+1 && 0 <= limit.Col && limit.Col <= len(data)+1, "%v", err)
	default:
		t.Fatalf("%T: %v", err, err)
	}
	require.Less(t, len(err.Error()), 600)
}

func requireTree(t *testing.T, e, parent *Element, limits Limits, depth int, elements, attrs *int) {
	require.Same(t, parent, e.Parent)
	require.Positive(t, e.Line)
	require.Positive(t, e.Col)
	*elements++
	*attrs += len(e.Attrs)
	if e.Kind == KindComment {
		require.Empty(t, e.Name)
		require.Empty(t, e.Attrs)
		require.Empty(t, e.Children)
		return
	}
	require.LessOrEqual(t, depth, limits.Depth)
	require.Equal(t, len(e.Name), nameEnd(e.Name+"\x00", 0))
	require.LessOrEqual(t, len(e.Attrs), limits.AttrsPerElement)
	names := map[string]bool{}
	for _, a := range e.Attrs {
		require.False(t, names[a.Name], "%q is there twice", a.Name)
		names[a.Name] = true
		require.LessOrEqual(t, len(a.Value), limits.ValueLen)
	}
	for _, c := range e.Children {
		requireTree(t, c, e, limits, depth+1, elements, attrs)
	}
}
