package node

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// server is a file system of one empty directory, which this process serves through
// FUSE. When it is dead it takes requests and never answers, as a server of NFS whose
// network is gone: those who wait for it cannot even be killed.
type server struct {
	fd   int
	dead atomic.Bool
}

func serve(t *testing.T, dir, fstype string) *server {
	t.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("FUSE cannot be used on this machine: %v", err)
	}
	s := &server{fd: fd}
	go s.loop()
	require.NoError(t, unix.Mount("server", dir, fstype, 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd)))
	t.Cleanup(func() { _ = unix.Close(fd) }) // those who wait get an error
	return s
}

// Requests of FUSE that are answered.
const (
	getattr = 3
	statfs  = 17
	initial = 26
)

func (s *server) loop() {
	b := make([]byte, 1<<20)
	for {
		n, err := unix.Read(s.fd, b)
		if err == unix.EINTR || err == unix.EAGAIN || err == unix.ENOENT {
			continue
		}
		if err != nil || n < 40 {
			return
		}
		op, unique := binary.NativeEndian.Uint32(b[4:]), binary.NativeEndian.Uint64(b[8:])
		if s.dead.Load() {
			continue
		}
		out := make([]byte, 16)
		binary.NativeEndian.PutUint64(out[8:], unique)
		switch op {
		case initial:
			body := make([]byte, 64)
			binary.NativeEndian.PutUint32(body, 7)
			binary.NativeEndian.PutUint32(body[4:], 31)
			binary.NativeEndian.PutUint32(body[20:], 4096)
			out = append(out, body...)
		case getattr:
			body := make([]byte, 104)
			binary.NativeEndian.PutUint64(body[16:], 1)
			binary.NativeEndian.PutUint32(body[16+60:], 0o40755)
			binary.NativeEndian.PutUint32(body[16+64:], 2)
			out = append(out, body...)
		case statfs:
			out = append(out, make([]byte, 80)...)
		default:
			enosys := -int32(unix.ENOSYS)
			binary.NativeEndian.PutUint32(out[4:], uint32(enosys))
		}
		binary.NativeEndian.PutUint32(out, uint32(len(out)))
		if _, err := unix.Write(s.fd, out); err != nil && err != unix.ENOENT {
			return
		}
	}
}
