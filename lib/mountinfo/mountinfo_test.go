package mountinfo

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const table = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
40 27 8:1 / /srv rw,relatime - xfs /dev/sda1 ro,attr2
41 40 0:50 / /srv/a\040b rw master:3 propagate_from:2 - nfs4 srv:/export\011x rw,vers=4.2
42 40 8:1 /sub /srv/c ro,relatime - xfs /dev/sda1 rw
43 27 0:51 / /srv rw - tmpfs none rw
44 27 0:52 / /srvx rw - tmpfs none rw
`

func TestParse(t *testing.T) {
	tab, err := Parse(table)
	require.NoError(t, err)
	require.Len(t, tab, 7)
	require.Equal(t, Mount{
		ID: 41, Parent: 40, Device: "0:50", Root: "/", Point: "/srv/a b", Options: "rw", Type: "nfs4", Source: "srv:/export\tx", Super: "rw,vers=4.2",
	}, tab[3])

	ids := func(list []Mount) (ids []int) {
		for _, m := range list {
			ids = append(ids, m.ID)
		}
		return ids
	}
	require.Equal(t, []int{43, 40}, ids(tab.At("/srv")), "the one on top first")
	require.Equal(t, []int{42, 41}, ids(tab.Below("/srv")), "not /srvx")
	require.Equal(t, []int{40, 42}, ids(tab.Of("8:1")))
	require.Empty(t, tab.At("/no"))
	for path, id := range map[string]int{"/srv/c/x": 42, "/srv/cx": 43, "/etc": 27, "/srvx": 44} {
		m, ok := tab.Holding(path)
		require.True(t, ok)
		require.Equal(t, id, m.ID, path)
	}
	_, ok := Table(nil).Holding("/")
	require.False(t, ok)
	require.True(t, tab[2].ReadOnly(), "the file system")
	require.True(t, tab[4].ReadOnly(), "the mount")
	require.False(t, tab[1].ReadOnly())

	for _, bad := range []string{"x", "1 2 3 4 5 6", "x 1 8:1 / / rw - xfs a rw", "1 x 8:1 / / rw - xfs a rw", "1 1 8:1 / / rw - xfs"} {
		_, err := Parse(bad)
		require.ErrorContains(t, err, "line 1 of the table of mounts is not understood", bad)
	}
	rapid.Check(t, func(t *rapid.T) { _, _ = Parse(rapid.String().Draw(t, "text")) })
}
