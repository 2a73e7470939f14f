package move_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/move"
)

func TestNoReplace(t *testing.T) {
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	require.NoError(t, os.MkdirAll(filepath.Join(a, "in"), 0o755))
	require.NoError(t, os.Mkdir(b, 0o755))

	require.ErrorIs(t, move.NoReplace(a, b), fs.ErrExist, "an empty directory would be replaced by rename(2)")
	require.NoError(t, move.NoReplace(a, c))
	require.DirExists(t, filepath.Join(c, "in"))
	require.NoError(t, move.NoReplace(a, c), "made already")
	require.ErrorIs(t, move.NoReplace(a, filepath.Join(dir, "d")), fs.ErrNotExist)
}
