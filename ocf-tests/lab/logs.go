//go:build linux

package lab

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// CollectLogs copies what is worth reading after a failure into dir, a folder
// for each node: /var/log, the CIB and the inputs of the scheduler. It
// works while nodes are off.
func (c *Cluster) CollectLogs(dir string) error {
	for _, n := range c.nodes {
		for from, to := range map[string]string{
			"/var/log":                   "log",
			"/var/lib/pacemaker/cib":     "cib",
			"/var/lib/pacemaker/pengine": "pengine",
		} {
			if err := copyTree(n.Path(from), filepath.Join(dir, n.name, to)); err != nil {
				return fmt.Errorf("collecting the logs of %s: %w", n.name, err)
			}
		}
	}
	return nil
}

// Of a file of logs so much at most.
const maxLogFile = 64 << 20

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // not there, or just removed
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return copyEnd(path, target, maxLogFile)
	})
}

// copyEnd copies the last limit bytes of a file that may vanish.
func copyEnd(from, to string, limit int64) error {
	in, err := os.Open(from)
	if err != nil {
		return nil
	}
	defer in.Close()
	if st, err := in.Stat(); err == nil && st.Size() > limit {
		if _, err := in.Seek(-limit, io.SeekEnd); err != nil {
			return err
		}
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, io.LimitReader(in, limit)); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// worthReading are the lines of Pacemaker's log that tell what was decided and
// what went wrong.
var worthReading = regexp.MustCompile(`(?:warning|error|crit|notice): `)

// LogSummary is the end of each node's logs, lines lines of each log, in one
// text.
func (c *Cluster) LogSummary(lines int) string {
	var b strings.Builder
	for _, n := range c.nodes {
		for _, log := range []struct {
			path string
			want *regexp.Regexp
		}{
			{"/var/log/corosync/corosync.log", nil},
			{"/var/log/pacemaker/pacemaker.log", worthReading},
		} {
			if text := lastLines(n.Path(log.path), lines, log.want); text != "" {
				fmt.Fprintf(&b, "--- %s %s\n%s", n.name, log.path, text)
			}
		}
	}
	return b.String()
}

func lastLines(path string, count int, want *regexp.Regexp) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var found [][]byte
	for line := range bytes.Lines(data) {
		if want == nil || want.Match(line) {
			found = append(found, line)
		}
	}
	return string(bytes.Join(found[max(0, len(found)-count):], nil))
}
