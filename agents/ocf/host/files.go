package host

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"systole/agents/ocf"
)

func digest(s string) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

// absent says whether nothing is at a path; a file on the way to it means that too.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// refused gives errors of permission their exit code.
func refused(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return ocf.Errorf(ocf.ErrPerm, "%w", err)
	}
	return err
}

// ReadFile reads at most max bytes of a file.
func (h *Host) ReadFile(path string, max int) ([]byte, bool, error) {
	f, err := os.Open(path)
	if err != nil {
		if absent(err) {
			return nil, false, nil
		}
		return nil, false, refused(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, true, err
	}
	limit := int64(max)
	if info.Mode().IsRegular() {
		limit++
	}
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if err == nil && len(data) > max {
		return nil, true, fmt.Errorf("read %s: it has more than %d bytes", path, max)
	}
	return data, true, err
}

// Stat says what is at path.
func (h *Host) Stat(path string) (ocf.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		if absent(err) {
			return ocf.FileInfo{}, nil
		}
		return ocf.FileInfo{}, refused(err)
	}
	out := ocf.FileInfo{Kind: ocf.Other, Size: info.Size(), Modified: info.ModTime()}
	switch {
	case info.Mode().IsRegular():
		out.Kind = ocf.Regular
	case info.IsDir():
		out.Kind = ocf.Directory
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		out.UID, out.GID, out.Mode = int(st.Uid), int(st.Gid), st.Mode&0o7777
	}
	return out, nil
}

// List lists a directory.
func (h *Host) List(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		if absent(err) {
			return nil, nil
		}
		return nil, refused(err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// Writable asks the kernel, so that read-only file systems count as well.
func (h *Host) Writable(path string) bool {
	const write, search = 2, 1
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	mode := uint32(write)
	if info.IsDir() {
		mode |= search
	}
	return syscall.Access(path, mode) == nil
}

// newName is where the new content of a file is written before it takes the
// place of the old. The name is always the same, so that what a killed agent
// left is used up by the next one.
func newName(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".systole-new")
}

// WriteFile replaces a file in one step. An existing file keeps its owner, and a
// symbolic link stays one.
func (h *Host) WriteFile(path string, data []byte, mode uint32) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	uid, gid := -1, -1
	if info, err := os.Stat(path); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			uid, gid = int(st.Uid), int(st.Gid)
		}
	}
	temp := newName(path)
	if err := os.Remove(temp); err != nil && !absent(err) {
		return refused(err)
	}
	// O_EXCL: in a directory that others may write to, the name may have become a link.
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return refused(err)
	}
	err = fill(f, data, mode, uid, gid)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return refused(err)
	}
	return syncDir(filepath.Dir(path))
}

func fill(f *os.File, data []byte, mode uint32, uid, gid int) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	if uid >= 0 && (uid != os.Geteuid() || gid != os.Getegid()) {
		if err := f.Chown(uid, gid); err != nil {
			return err
		}
	}
	if err := syscall.Fchmod(int(f.Fd()), mode); err != nil {
		return fmt.Errorf("change the mode of %s: %w", f.Name(), err)
	}
	return f.Sync()
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return refused(err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// MakeDir makes a directory and its parents. An existing one stays as it is.
func (h *Host) MakeDir(path string, mode uint32) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return refused(err)
	}
	if err := syscall.Chmod(path, mode); err != nil {
		return refused(&fs.PathError{Op: "chmod", Path: path, Err: err})
	}
	return nil
}

// Remove removes a file or an empty directory.
func (h *Host) Remove(path string) error {
	_ = os.Remove(newName(path))
	if err := os.Remove(path); err != nil && !absent(err) {
		return refused(err)
	}
	return nil
}
