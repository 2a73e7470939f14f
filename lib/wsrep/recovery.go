package wsrep

import (
	"regexp"
	"strings"
)

// Recovery is what a server that was started with --wsrep-recover has logged.
type Recovery struct {
	Position Position
	Found    bool // a position was logged
	// Prepared says that the server refused to start because of transactions that
	// are prepared and neither committed nor rolled back.
	Prepared bool
	Problem  string // the last error that was logged
}

// recovered is a table: the words before a position. They differ in case between
// releases. A log may hold any bytes, and a line in lower case can be longer than
// the line: the place is looked for in the line itself.
var recovered = regexp.MustCompile(`(?i)recovered position[: \t]*`)

// ParseRecovery reads the log of such a server.
func ParseRecovery(log string) (r Recovery) {
	for line := range strings.SplitSeq(log, "\n") {
		if at := recovered.FindStringIndex(line); at != nil && strings.Contains(line, "WSREP") {
			if p, err := ParsePosition(line[at[1]:]); err == nil {
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
