package mountinfo

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParse(f *testing.F) {
	f.Add("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n36 22 0:30 / /mnt/a\\040b ro - nfs4 h:/x rw,addr=1\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := Parse(text)
		require.LessOrEqual(t, len(table), strings.Count(text, "\n")+1)
		require.True(t, err == nil || table == nil)
		for _, m := range table {
			_ = m.ReadOnly()
		}
	})
}
