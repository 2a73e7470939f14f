package haproxy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The commands that an agent sends.
const (
	ShowInfo = "show info"
	// ShowProxies shows frontends and backends without their servers.
	ShowProxies = "show stat -1 3 -1"
	ShowStat    = "show stat"
	ShowServers = "show servers state"
	ShowProc    = "show proc"         // master alone
	StartupLogs = "show startup-logs" // since 2.7
	// CurrentWorker, sent to the master, lets the commands after it go to the worker
	// that serves.
	CurrentWorker = "@1"
)

// Info is the answer to show info.
type Info struct {
	Version     string
	PID         int
	Uptime      time.Duration
	Connections int
	// Stopping says that haproxy takes no new connections and ends when the last
	// one has.
	Stopping bool
}

// ParseInfo finds the answer to show info in text, which may hold other answers.
func ParseInfo(text string) (Info, error) {
	var in Info
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok {
			if _, twice := fields[name]; !twice {
				fields[name] = strings.TrimSpace(value)
			}
		}
	}
	pid, err := strconv.Atoi(fields["Pid"])
	if err != nil || pid <= 0 {
		return in, fmt.Errorf("the answer to %q has no process number: %s", ShowInfo, Excerpt(text))
	}
	in.PID, in.Version = pid, fields["Version"]
	seconds, _ := strconv.ParseInt(fields["Uptime_sec"], 10, 32)
	in.Uptime = time.Duration(seconds) * time.Second
	in.Connections, _ = strconv.Atoi(fields["CurrConns"])
	in.Stopping = fields["Stopping"] == "1"
	return in, nil
}

// Row is a line of the answer to show stat.
type Row struct {
	Proxy, Server string // Server is FRONTEND or BACKEND for the proxy itself
	Status        string // OPEN, UP, DOWN, MAINT, "UP 1/2", ...
	Sessions      int
	Active        int    // servers that take work
	Backup        int    // backup servers that do
	Check, Detail string // of the last check: L7STS, "HTTP status check returned code <503>"
	Code          int    // HTTP status of the last check; 0 if none
	// Changed is how long ago the status became what it is; 0 if haproxy does not say.
	Changed time.Duration
}

// Frontend says whether the row is that of a frontend as a whole.
func (r Row) Frontend() bool { return r.Server == "FRONTEND" }

// Backend says whether the row is that of a backend as a whole.
func (r Row) Backend() bool { return r.Server == "BACKEND" }

// Up says whether a backend or a server takes work. One that is not checked does.
func (r Row) Up() bool {
	return strings.HasPrefix(r.Status, "UP") || r.Status == "no check" || r.Status == "OPEN"
}

// ParseStat finds the answer to show stat in text, which may hold other answers
// before it.
func ParseStat(text string) ([]Row, error) {
	const head = "# pxname,"
	begin := strings.Index(text, head)
	if begin < 0 || begin > 0 && text[begin-1] != '\n' {
		return nil, fmt.Errorf("the answer to %q is not understood: %s", ShowStat, Excerpt(text))
	}
	var rows []Row
	columns := map[string]int{}
	for line := range strings.Lines(text[begin+len("# "):]) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		fields := splitCSV(line)
		if len(columns) == 0 {
			for i, f := range fields {
				columns[f] = i
			}
			continue
		}
		get := func(name string) string {
			if i, ok := columns[name]; ok && i < len(fields) {
				return fields[i]
			}
			return ""
		}
		number := func(name string) int { n, _ := strconv.Atoi(get(name)); return n }
		rows = append(rows, Row{
			Proxy: get("pxname"), Server: get("svname"), Status: get("status"), Sessions: number("scur"),
			Active: number("act"), Backup: number("bck"),
			Check: strings.TrimPrefix(get("check_status"), "* "), Detail: get("last_chk"), Code: number("check_code"),
			Changed: time.Duration(number("lastchg")) * time.Second,
		})
	}
	return rows, nil
}

// splitCSV splits a line: a field in quotes may hold commas, and quotes doubled.
func splitCSV(line string) []string {
	var fields []string
	for {
		if !strings.HasPrefix(line, `"`) {
			field, rest, more := strings.Cut(line, ",")
			fields = append(fields, field)
			if !more {
				return fields
			}
			line = rest
			continue
		}
		var field strings.Builder
		line = line[1:]
		for {
			part, rest, closed := strings.Cut(line, `"`)
			field.WriteString(part)
			line = rest
			if !closed || !strings.HasPrefix(line, `"`) {
				break
			}
			field.WriteByte('"')
			line = line[1:]
		}
		fields = append(fields, field.String())
		_, rest, more := strings.Cut(line, ",")
		if !more {
			return fields
		}
		line = rest
	}
}

// Worker is a process in the answer of the master to show proc.
type Worker struct {
	PID     int
	Old     bool // of an earlier configuration: it ends when its connections have
	Reloads int  // of the master since it began
}

// Proc is the answer to show proc.
type Proc struct {
	Master  int // number of the process
	Workers []Worker
	// Failed counts the reloads that failed since the last that did not; haproxy
	// says it since 2.5.
	Failed int
}

// ParseProc reads the answer to show proc.
func ParseProc(text string) (Proc, error) {
	var p Proc
	old := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			old = strings.HasPrefix(line, "# old workers")
			continue
		}
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		pid, err := strconv.Atoi(f[0])
		if err != nil || pid <= 0 { // a signal to 0 or less would go to a group
			continue
		}
		switch f[1] {
		case "master":
			p.Master = pid
			if _, after, ok := strings.Cut(line, "[failed:"); ok {
				n, _, _ := strings.Cut(after, "]")
				p.Failed, _ = strconv.Atoi(strings.TrimSpace(n))
			}
		case "worker":
			n, _ := strconv.Atoi(f[2])
			p.Workers = append(p.Workers, Worker{PID: pid, Old: old, Reloads: n})
		}
	}
	if p.Master == 0 {
		return p, fmt.Errorf("the answer to %q names no master: %s", ShowProc, Excerpt(text))
	}
	return p, nil
}

// Excerpt is the beginning of an answer, in one line.
func Excerpt(text string) string {
	const limit = 120
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return strconv.Quote(text)
}
