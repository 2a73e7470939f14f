package xmltree

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse_KeepsPlaceOrderAndValues(t *testing.T) {
	root, err := Parse([]byte("<a x='1' b=\"&lt;&#65;\">\n  <c/>text<!-- note --></a>"), Limits{})
	require.NoError(t, err)
	require.Equal(t, []Attr{{"x", "1"}, {"b", "<A"}}, root.Attrs)
	require.Equal(t, int32(2), root.Child("c").Line)
	require.Equal(t, int32(3), root.Child("c").Col)
	require.Equal(t, KindComment, root.Children[1].Kind)
}

func TestParse_Refuses(t *testing.T) {
	for _, text := range []string{
		"", "<a>", "<a></b>", `<a x="1" x="2"/>`, "<a/><b/>", `<a x="<"/>`, "<a>&evil;</a>", "<a x=1/>",
		`<!DOCTYPE a [<!ENTITY e "x">]><a/>`,
	} {
		_, err := Parse([]byte(text), Limits{})
		require.Error(t, err, text)
	}
}

func TestRoundTrip(t *testing.T) {
	const text = `<a x="1"><b y="&amp;&lt;&quot;"/></a>`
	root, err := Parse([]byte(text), Limits{})
	require.NoError(t, err)
	again, err := Parse(AppendXML(nil, root, PrintOptions{}), Limits{})
	require.NoError(t, err)
	require.Equal(t, root.Child("b").Get("y"), again.Child("b").Get("y"))
	require.Equal(t, `&<"`, again.Child("b").Get("y"))
}
