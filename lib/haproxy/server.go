package haproxy

import (
	"fmt"
	"strconv"
	"strings"
)

// State is an administrative state of a server.
type State string

// The states that SetState can give a server.
const (
	Ready State = "ready"
	Drain State = "drain" // no new connections but those that belong to it
	Maint State = "maint" // none at all, and no checks
)

// SetState is the command that brings a server into a state.
func SetState(backend, server string, state State) (string, error) {
	if !isName(backend) || !isName(server) {
		return "", fmt.Errorf("set state of server %q of backend %q: haproxy has no such names", server, backend)
	}
	return fmt.Sprintf("set server %s/%s state %s", backend, server, state), nil
}

// isName keeps anything out of a command that would end it or begin another.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:") == ""
}

// Server is a server in the answer to show servers state.
type Server struct {
	Backend, Name, Address string
	Port                   int
	// Running says that it takes work as far as checks tell.
	Running bool
	// Maint and Drain are what was ordered, by command or configuration.
	Maint, Drain bool
}

// Bits of srv_admin_state, as the state file of haproxy has them.
const (
	adminMaint = 0x01 | 0x02 | 0x04 | 0x20 // forced, inherited, of the configuration, by name resolution
	adminDrain = 0x08 | 0x10               // forced, inherited
)

// ParseServers reads the answer to show servers state.
func ParseServers(text string) ([]Server, error) {
	var list []Server
	columns := map[string]int{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) > 1 && f[0] == "#" {
			for i, name := range f[1:] {
				columns[name] = i
			}
			continue
		}
		if len(columns) == 0 || len(f) < 2 {
			continue // the first line is the version of the format
		}
		get := func(name string) string {
			if i, ok := columns[name]; ok && i < len(f) {
				return f[i]
			}
			return ""
		}
		number := func(name string) int { n, _ := strconv.Atoi(get(name)); return n }
		admin := number("srv_admin_state")
		list = append(list, Server{
			Backend: get("be_name"), Name: get("srv_name"), Address: get("srv_addr"), Port: number("srv_port"),
			Running: number("srv_op_state") > 0, Maint: admin&adminMaint != 0, Drain: admin&adminDrain != 0,
		})
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("the answer to %q is not understood: %s", ShowServers, Excerpt(text))
	}
	return list, nil
}
