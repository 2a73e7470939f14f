// Package mountinfo is the table of mounts as the kernel gives it in
// /proc/PID/mountinfo (proc_pid_mountinfo(5)), and questions about it. Reading it
// asks no file system: it cannot hang on one that does not answer.
package mountinfo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Mount is one mount.
type Mount struct {
	ID, Parent int
	Device     string // number of the device, as 8:1; 0:N if there is none
	Root       string // the directory of the file system that is mounted
	Point      string // where
	Options    string // of the mount
	Type       string // of the file system
	Source     string
	Super      string // options of the file system
}

// ReadOnly says whether nothing can be written through the mount.
func (m Mount) ReadOnly() bool {
	return slices.Contains(strings.Split(m.Options, ","), "ro") || slices.Contains(strings.Split(m.Super, ","), "ro")
}

// Table is all mounts, in the order in which they were made.
type Table []Mount

// Parse reads a table.
func Parse(text string) (Table, error) {
	var t Table
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		m, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d of the table of mounts is not understood: %w: %q", len(t)+1, err, line)
		}
		t = append(t, m)
	}
	return t, nil
}

func parseLine(line string) (m Mount, err error) {
	head, tail, ok := strings.Cut(line, " - ")
	f, g := strings.Split(head, " "), strings.Split(tail, " ")
	if !ok || len(f) < 6 || len(g) < 3 {
		return m, fmt.Errorf("it has too few fields")
	}
	if m.ID, err = strconv.Atoi(f[0]); err != nil {
		return m, err
	}
	if m.Parent, err = strconv.Atoi(f[1]); err != nil {
		return m, err
	}
	m.Device, m.Root, m.Point, m.Options = f[2], unescape(f[3]), unescape(f[4]), f[5]
	m.Type, m.Source, m.Super = unescape(g[0]), unescape(g[1]), g[2]
	return m, nil
}

// unescape reads what the kernel writes for blanks and the like: \040.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b = append(b, byte(n))
				i += 3
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// At are the mounts at a point, the one on top first.
func (t Table) At(point string) []Mount {
	var list []Mount
	for _, m := range t {
		if m.Point == point {
			list = append(list, m)
		}
	}
	slices.Reverse(list)
	return list
}

// Below are the mounts at points under a point, those to be unmounted first first.
func (t Table) Below(point string) []Mount {
	var list []Mount
	for _, m := range t {
		if strings.HasPrefix(m.Point, strings.TrimSuffix(point, "/")+"/") {
			list = append(list, m)
		}
	}
	slices.Reverse(list)
	return list
}

// Of are the mounts of a device, given by its number.
func (t Table) Of(device string) []Mount {
	var list []Mount
	for _, m := range t {
		if m.Device == device {
			list = append(list, m)
		}
	}
	return list
}

// Holding is the mount that a path is in.
func (t Table) Holding(path string) (best Mount, found bool) {
	for _, m := range t {
		if (path == m.Point || strings.HasPrefix(path, strings.TrimSuffix(m.Point, "/")+"/")) && len(m.Point) >= len(best.Point) {
			best, found = m, true
		}
	}
	return best, found
}

// Device is what stands at the path of a device.
type Device struct {
	Path   string // without symbolic links
	Exists bool
	Block  bool   // a block device
	Dir    bool   // a directory: the source of a bind mount
	Number string // of a block device, as 8:1
}

// User is a process that uses a mount.
type User struct {
	PID int
	How string // cwd, root, exe, fd 3, a mapped file
}
