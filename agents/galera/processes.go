package galera

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"systole/agents/ocf"
)

// processes are those of the database on this node.
type processes struct {
	Server *ocf.Process
	// Recovering says that Server was started to find a position, and ends by itself.
	Recovering bool
	// Others are wrappers, and programs that transfer state. They are known only if
	// the whole process table was looked at.
	Others []ocf.Process
}

// isServer says that p is a database server.
func isServer(p ocf.Process) bool {
	switch path.Base(first(p.Args)) {
	case "mariadbd", "mysqld":
		return true
	}
	// Of a process that ends the arguments may be gone already.
	return len(p.Args) == 0 && (p.Name == "mariadbd" || p.Name == "mysqld")
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func recovering(p ocf.Process) bool {
	return slices.ContainsFunc(p.Args, func(a string) bool {
		a = strings.ReplaceAll(a, "_", "-")
		return a == "--wsrep-recover" || strings.HasPrefix(a, "--wsrep-recover=")
	})
}

// ours says that a process works on the data of the resource.
func (p params) ours(q ocf.Process) bool {
	for _, a := range q.Args {
		_, value, ok := strings.Cut(a, "=")
		if ok && (strings.TrimRight(value, "/") == p.datadir || value == p.pid || value == p.socket) {
			return true
		}
		if strings.HasPrefix(a, p.datadir+"/") || strings.TrimRight(a, "/") == p.datadir {
			return true
		}
	}
	return false
}

// helpers is a table: programs besides the server that may be ended with it; the
// first three are wrappers.
var helpers = []string{
	"mysqld_safe", "mariadbd-safe", "safe_mysqld", "rsync", "socat", "nc", "mariadb-backup", "mariabackup", "xtrabackup",
	"innobackupex", "mbstream", "xbstream", "stunnel", "pv",
}

// isWrapper says that p is a program that starts the server, and starts it again.
func isWrapper(p ocf.Process) bool {
	for i, a := range p.Args {
		if i < 2 && slices.Contains(helpers[:3], path.Base(a)) {
			return true
		}
	}
	return false
}

// isHelper says that p is a wrapper, or a program of a state transfer. Scripts
// run in a shell, so that the name of the script is an argument.
func isHelper(p ocf.Process) bool {
	for i, a := range p.Args {
		base := path.Base(a)
		if i < 2 && (slices.Contains(helpers, base) || strings.HasPrefix(base, "wsrep_sst_")) {
			return true
		}
	}
	return false
}

// findServer looks where the pid file says, which is cheap, and if that leads to
// nothing through the whole process table: the file may be stale or gone.
func (p params) findServer(sys ocf.Reader, whole bool) (found processes, err error) {
	text, _, err := sys.ReadFile(p.pid, 100)
	if err != nil {
		text = nil // too long, or not readable: then the process table decides
	}
	if pid, perr := strconv.Atoi(strings.TrimSpace(string(text))); perr == nil {
		q, ok, err := sys.Process(pid)
		if err != nil {
			return found, err
		}
		if ok && isServer(q) && (p.ours(q) || len(q.Args) < 2) {
			found.Server, found.Recovering = &q, recovering(q)
		}
	}
	if found.Server != nil && !whole {
		return found, nil
	}
	all, err := sys.Find(func(ocf.Process) bool { return true })
	if err != nil {
		return found, err
	}
	p.sort(all, &found)
	return found, nil
}

// sort picks the processes of the resource out of all.
func (p params) sort(all []ocf.Process, found *processes) {
	family := map[int]bool{}
	for _, q := range all {
		switch {
		case !p.ours(q):
		case isServer(q):
			family[q.PID] = true
			// A server that recovers a position may be there beside the one that serves.
			if found.Server == nil || found.Recovering && !recovering(q) {
				found.Server, found.Recovering = &q, recovering(q)
			}
		case isHelper(q):
			family[q.PID] = true
		}
	}
	// Children of the family, in any order of the table.
	for grown := true; grown; {
		grown = false
		for _, q := range all {
			if !family[q.PID] && family[q.Parent] && q.Parent > 1 {
				family[q.PID], grown = true, true
			}
		}
	}
	for _, q := range all {
		if family[q.PID] && (found.Server == nil || q.PID != found.Server.PID) {
			found.Others = append(found.Others, q)
		}
	}
}
