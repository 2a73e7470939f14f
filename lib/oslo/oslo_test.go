package oslo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfig(t *testing.T) {
	c := Parse("# comment\n[DEFAULT]\nhost = a\nenabled_backends=lvm, ceph ,\n ;comment\ntransport_url:rabbit://x=y\nlong = one\n two\n\n stray\nbroken line\n[ lvm ]\r\nhost = \"quoted\"\r\n",
		"[DEFAULT]\nhost=b\n")
	require.Equal(t, "b", c.Get("DEFAULT", "host"), "the later file counts")
	require.Equal(t, "quoted", c.Get("lvm", "host"))
	require.Equal(t, []string{"lvm", "ceph"}, c.List("DEFAULT", "enabled_backends"))
	require.Equal(t, "rabbit://x=y", c.Get("DEFAULT", "transport_url"))
	require.Equal(t, "one\ntwo", c.Get("DEFAULT", "long"))
	require.Empty(t, c.Get("DEFAULT", "none"))
	require.Nil(t, c.List("none", "none"))
}

func FuzzParse(f *testing.F) {
	f.Add("[a]\nb=c\n d\n")
	f.Fuzz(func(t *testing.T, text string) { Parse(text).Get("a", "b") })
}
