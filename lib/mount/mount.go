// Package mount looks at devices, file systems and the processes that use them, for
// the agent Filesystem.
package mount

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"systole/lib/mountinfo"
)

// Node is this node.
type Node struct{}

// within calls f, and gives up waiting when ctx ends: f may be stuck in the kernel.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// Device says what stands at a path.
func (Node) Device(ctx context.Context, path string) (mountinfo.Device, error) {
	return within(ctx, func() (d mountinfo.Device, err error) {
		d.Path = path
		if real, err := filepath.EvalSymlinks(path); err == nil {
			d.Path = real
		}
		var st unix.Stat_t
		if err := unix.Stat(d.Path, &st); err != nil {
			if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
				return d, nil
			}
			return d, fmt.Errorf("look at %s: %w", path, err)
		}
		d.Exists = true
		d.Dir = st.Mode&unix.S_IFMT == unix.S_IFDIR
		if st.Mode&unix.S_IFMT == unix.S_IFBLK {
			d.Block = true
			d.Number = fmt.Sprintf("%d:%d", unix.Major(uint64(st.Rdev)), unix.Minor(uint64(st.Rdev)))
		}
		return d, nil
	})
}

// Point is the path of a mount point without symbolic links. The last element is
// looked at only if no file system is mounted there, which might not answer.
func (Node) Point(ctx context.Context, dir string, mounted func(point string) bool) (string, error) {
	return within(ctx, func() (string, error) {
		parent, err := filepath.EvalSymlinks(filepath.Dir(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return dir, nil
		}
		if err != nil {
			return "", err
		}
		point := filepath.Join(parent, filepath.Base(dir))
		if mounted(point) {
			return point, nil
		}
		real, err := filepath.EvalSymlinks(point)
		if errors.Is(err, fs.ErrNotExist) {
			return point, nil
		}
		return real, err
	})
}

// Users are the processes that have something open, mapped or as their directory at
// or below a mount point. Nothing is asked of the file system itself.
func (Node) Users(ctx context.Context, point string) ([]mountinfo.User, error) {
	return within(ctx, func() ([]mountinfo.User, error) {
		entries, err := os.ReadDir("/proc")
		if err != nil {
			return nil, err
		}
		var list []mountinfo.User
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil {
				continue
			}
			if how := use(filepath.Join("/proc", e.Name()), point); how != "" {
				list = append(list, mountinfo.User{PID: pid, How: how})
			}
		}
		return list, nil
	})
}

func use(proc, point string) string {
	in := func(link string) bool {
		target, err := os.Readlink(link)
		return err == nil && below(target, point)
	}
	for _, name := range []string{"cwd", "root", "exe"} {
		if in(filepath.Join(proc, name)) {
			return name
		}
	}
	// A process that has ended in the meantime has none.
	fds, _ := os.ReadDir(filepath.Join(proc, "fd"))
	for _, fd := range fds {
		if in(filepath.Join(proc, "fd", fd.Name())) {
			return "fd " + fd.Name()
		}
	}
	maps, _ := os.ReadFile(filepath.Join(proc, "maps"))
	for line := range strings.Lines(string(maps)) {
		if i := strings.IndexByte(line, '/'); i > 0 && below(strings.TrimSuffix(line[i:], "\n"), point) {
			return "a mapped file"
		}
	}
	return ""
}

// below says whether a path, as the kernel shows it, is a directory or in it.
func below(path, dir string) bool {
	path = strings.TrimSuffix(path, " (deleted)")
	return path == dir || strings.HasPrefix(path, dir+"/")
}

// Holders are what the kernel itself has open on a mount, which no signal ends: loop
// devices and swap files.
func (Node) Holders(ctx context.Context, point string) ([]string, error) {
	return within(ctx, func() (list []string, err error) {
		loops, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
		if err != nil {
			return nil, err
		}
		for _, path := range loops {
			file, err := os.ReadFile(path)
			if text := strings.TrimSpace(string(file)); err == nil && below(text, point) {
				list = append(list, "loop device "+strings.Split(path, "/")[3]+" of "+text)
			}
		}
		swaps, err := os.ReadFile("/proc/swaps")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return list, err
		}
		for line := range strings.Lines(string(swaps)) {
			if f := strings.Fields(line); len(f) > 0 && below(f[0], point) {
				list = append(list, "swap file "+f[0])
			}
		}
		slices.Sort(list)
		return list, nil
	})
}
