package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/ocflog"
	"systole/lib/redact"
)

// tracer returns a function that records facts and decisions, when the request
// asks for it: OCF_TRACE_RA or the parameter trace_ra, with OCF_TRACE_FILE (a
// path, or the number of an open file from 3 to 9) or the parameter trace_dir, as
// for agents written in shell.
func (c *call) tracer() func(string) {
	if !c.r.Trace {
		return nil
	}
	f, err := c.traceFile()
	if err != nil {
		c.logger().Log(ocflog.Warn, "no trace is written: %v", err)
		return nil
	}
	return func(text string) {
		stamp := time.Now().Format("15:04:05.000000")
		_, _ = f.WriteString(stamp + " " + c.secrets.String(text) + "\n")
	}
}

func (c *call) traceFile() (*os.File, error) {
	path := c.r.Getenv("OCF_TRACE_FILE")
	if len(path) == 1 && path[0] >= '3' && path[0] <= '9' {
		return os.NewFile(uintptr(path[0]-'0'), "trace"), nil
	}
	if !filepath.IsAbs(path) {
		dir := c.r.Getenv("OCF_RESKEY_trace_dir")
		if dir == "" {
			dir = filepath.Join(c.r.Dirs.Lib, "trace_ra")
		}
		name := fmt.Sprintf("%s.%s.%s", c.r.Instance, c.r.Action, c.p.Began.Format("2006-01-02.15:04:05"))
		path = filepath.Join(dir, c.r.Type, name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
}

// dumpEnviron appends the environment to the file that the EnvFile parameter
// names. It is for diagnosis, so that a failure to write is no failure of the action.
func dumpEnviron(d *ocf.Description, r *ocf.Request, environ []string, secrets *redact.Redactor) {
	if d.EnvFile == "" {
		return
	}
	path := r.Getenv("OCF_RESKEY_" + d.EnvFile)
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	sorted := slices.Sorted(slices.Values(environ))
	text := fmt.Sprintf("### %s @ %s ###\n%s\n###\n", r.Action, time.Now().Format(time.UnixDate), strings.Join(sorted, "\n"))
	_, _ = f.WriteString(secrets.String(text))
}
