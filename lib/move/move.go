// Package move renames files and directories without overwriting anything.
package move

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// NoReplace moves a file or directory within a file system. The kernel makes sure
// that nothing is overwritten, however many do it at once. A move that has been
// made already (from is gone and to is there) is no error.
func NoReplace(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, fs.ErrNotExist) && absent(from) && !absent(to) {
		return nil
	}
	if err != nil {
		return &os.LinkError{Op: "move", Old: from, New: to, Err: err}
	}
	return nil
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
