package wsrep

import "strings"

// Recovery is what a server that was started with --wsrep-recover has logged.
type Recovery struct {
	Position Position
	Found    bool // a position was logged
	// Prepared says that the server refused to start because of transactions that
	// are prepared and neither committed nor rolled back.
	Prepared bool
	Problem  string // the last error that was logged
}

// ParseRecovery reads the log of such a server.
func ParseRecovery(log string) (r Recovery) {
	for line := range strings.SplitSeq(log, "\n") {
		if i := strings.Index(strings.ToLower(line), "recovered position"); i >= 0 && strings.Contains(line, "WSREP") {
			rest := strings.TrimLeft(line[i+len("recovered position"):], ": \t")
			if p, err := ParsePosition(rest); err == nil {
				r.Position, r.Found = p, true
			}
		}
		if strings.Contains(line, "skipping position recovery") {
			r.Problem = "Galera is switched off in the configuration: set wsrep_on=ON and wsrep_provider"
		}
		if _, after, ok := strings.Cut(line, "[ERROR]"); ok {
			if after = strings.TrimSpace(after); !strings.HasPrefix(after, "Aborting") {
				r.Problem = after
			}
			if strings.Contains(after, "prepared transaction") && strings.Contains(after, "Found") {
				r.Prepared = true
			}
		}
	}
	return r
}
