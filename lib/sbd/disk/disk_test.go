package disk

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/sbd"
)

func image(t *testing.T, sector int) string {
	h := &sbd.Header{Slots: 255, SectorSize: sector, Watchdog: time.Second, Allocate: time.Second, Loop: time.Second, MsgWait: 2 * time.Second}
	b := make([]byte, h.Size())
	copy(b, sbd.EncodeHeader(h))
	copy(b[sector:], sbd.EncodeNode(sector, "node1"))
	path := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func TestDevice(t *testing.T) {
	for _, sector := range []int{512, 4096} {
		ctx := t.Context()
		path := image(t, sector)
		d, err := Open(ctx, path)
		require.NoError(t, err)
		defer d.Close()
		require.NoError(t, d.Send(ctx, "NODE1", sbd.Off, "here"))
		disk, err := d.Read(ctx)
		require.NoError(t, err)
		require.Equal(t, []sbd.Slot{{Node: "node1", Message: sbd.Off, From: "here"}}, disk.Nodes)
		require.ErrorIs(t, d.Send(ctx, "node2", sbd.Off, "here"), ErrNoSlot)

		require.NoError(t, os.Truncate(path, int64(3*sector)))
		_, err = d.Read(ctx)
		require.ErrorContains(t, err, "read SBD device "+path)
	}
}

func TestOpen_Wrong(t *testing.T) {
	for _, path := range []string{"/nonexistent", "/dev/null", t.TempDir()} {
		_, err := Open(t.Context(), path)
		require.ErrorContains(t, err, "open SBD device "+path)
	}
}

// TestWithin: a device that never answers ends with the deadline.
func TestWithin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hang := make(chan struct{})
	defer close(hang)
	_, err := within(ctx, "/dev/x", "read", func() (int, error) { cancel(); <-hang; return 0, nil })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "read SBD device /dev/x: the device does not answer")
}
