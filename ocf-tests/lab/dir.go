//go:build linux

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The name of a lab's folder below the temporary folder.
const dirPrefix = "systole-lab-"

// lockDir marks a folder as in use. The kernel lets go of the lock when its
// owner ends in whatever way.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("lab folder %s is in use: %w", dir, err)
	}
	return f, nil
}

// removeStale removes folders whose owner and keeper were both killed.
func removeStale(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), dirPrefix) {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		// A folder without lock file is being made just now, or is not ours.
		if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
			continue
		}
		if lock, err := lockDir(dir); err == nil {
			_ = os.RemoveAll(dir)
			lock.Close()
		}
	}
}
