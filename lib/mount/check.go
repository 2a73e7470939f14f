package mount

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These look at a file system that may not answer: they are called in a process of
// their own, which whoever waits for it can leave behind.

// Ask asks the file system of a directory for its state.
func Ask(dir string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fmt.Errorf("ask the file system of %s: %w", dir, err)
	}
	// The answer may come from a cache: the attributes of the root may not.
	var sx unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_STATX_FORCE_SYNC, unix.STATX_BASIC_STATS, &sx); err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	return nil
}

// blockSize is what O_DIRECT needs as alignment, on any disk of today.
const blockSize = 4096

// aligned is memory that O_DIRECT takes.
func aligned(size int) []byte {
	b := make([]byte, size+blockSize)
	shift := blockSize - int(uintptr(unsafe.Pointer(&b[0]))%blockSize)
	return b[shift : shift+size]
}

// ReadDevice reads the first 64 KiB of a block device, past all caches.
func ReadDevice(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECT, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := f.Read(aligned(16 * blockSize))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if n == 0 {
		return fmt.Errorf("read %s: it is empty", path)
	}
	return nil
}

// WriteRead writes a file on a file system, to its disk or its server, and reads it
// back from there.
func WriteRead(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if len(text) >= blockSize {
		text = text[:blockSize-1]
	}
	want := aligned(blockSize)
	copy(want, text+"\n")
	// Not every file system has direct access; then sync must do.
	err := writeRead(path, want, unix.O_DIRECT)
	if errors.Is(err, unix.EINVAL) {
		err = writeRead(path, want, 0)
	}
	return err
}

func writeRead(path string, want []byte, flag int) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_SYNC|unix.O_NOFOLLOW|flag, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(want, 0); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	have := aligned(blockSize)
	if _, err := f.ReadAt(have, 0); err != nil {
		return err
	}
	if !bytes.Equal(want, have) {
		return fmt.Errorf("read %s: it does not hold what was written", path)
	}
	return nil
}
