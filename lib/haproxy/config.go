package haproxy

import (
	"slices"
	"strings"
)

// MaxConfig is how large a configuration file may be, in bytes.
const MaxConfig = 16 << 20

// Config is what an agent has to know of a configuration. Conditional blocks
// (.if) are not evaluated: what stands in them counts.
type Config struct {
	// Sockets are the stats sockets.
	Sockets []StatsSocket
	// Binds are the addresses that haproxy will listen at.
	Binds []Bind
	// Backends are the names of the sections backend and listen.
	Backends []string
	// Peers are the names of the sections peers.
	Peers []string
	// Checked counts the servers that are checked.
	Checked int
	// User and Group are those that haproxy becomes; "" if they are not named.
	User, Group string
	// MasterWorker is the keyword master-worker.
	MasterWorker bool
}

// StatsSocket is a stats socket.
type StatsSocket struct {
	// Address is a path of a Unix socket, or HOST:PORT.
	Address string
	// Admin says that the socket takes every command.
	Admin bool
}

// Bind is an address of a bind line.
type Bind struct {
	Address
	File string // and Line: where it stands
	Line int
	// Section is the keyword and the name of the section: "frontend web".
	Section string
	// Interface and Namespace are those of the line, if any.
	Interface, Namespace string
	// Transparent says that the address need not be one of the node.
	Transparent bool
}

// sections is a table: the keywords that begin a section.
var sections = map[string]bool{
	"global": true, "defaults": true, "frontend": true, "listen": true, "backend": true, "peers": true,
	"resolvers": true, "mailers": true, "userlist": true, "program": true, "ring": true, "cache": true,
	"http-errors": true, "fcgi-app": true, "log-forward": true, "log-profile": true, "crt-store": true,
	"traces": true, "acme": true, "dynamic-update": true, "haterm": true,
}

// Read adds a configuration file to c. It is lenient: what it does not know it
// passes over, because haproxy itself checks the file.
func (c *Config) Read(file, text string) {
	section, name := "", ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		w := words(strings.TrimRight(line, "\n"))
		if len(w) == 0 {
			continue
		}
		if sections[w[0]] {
			section, name = w[0], ""
			if len(w) > 1 {
				name = w[1]
			}
			c.open(section, name)
			continue
		}
		switch section {
		case "global":
			c.global(w)
		case "frontend", "listen", "backend", "peers", "log-forward":
			c.proxy(w, file, n, section, strings.TrimSpace(section+" "+name))
		}
	}
}

func (c *Config) open(section, name string) {
	switch section {
	case "backend", "listen":
		if !slices.Contains(c.Backends, name) {
			c.Backends = append(c.Backends, name)
		}
	case "peers":
		c.Peers = append(c.Peers, name)
	}
}

func (c *Config) global(w []string) {
	switch {
	case w[0] == "master-worker":
		c.MasterWorker = true
	case len(w) < 2:
	case w[0] == "user":
		c.User = w[1]
	case w[0] == "group":
		c.Group = w[1]
	case w[0] == "stats" && w[1] == "socket" && len(w) > 2:
		s := StatsSocket{Address: SocketAddress(w[2])}
		if i := slices.Index(w, "level"); i > 0 && i+1 < len(w) {
			s.Admin = w[i+1] == "admin"
		}
		if s.Address != "" {
			c.Sockets = append(c.Sockets, s)
		}
	}
}

func (c *Config) proxy(w []string, file string, line int, section, title string) {
	switch w[0] {
	case "server":
		if section != "peers" && slices.Contains(w, "check") {
			c.Checked++
		}
		return
	case "bind", "dgram-bind":
	default:
		return
	}
	if len(w) < 2 {
		return
	}
	b := Bind{File: file, Line: line, Section: title}
	for i := 2; i < len(w); i++ {
		switch next := i+1 < len(w); {
		case w[i] == "transparent":
			b.Transparent = true
		case w[i] == "interface" && next:
			b.Interface = w[i+1]
		case w[i] == "namespace" && next:
			b.Namespace = w[i+1]
		}
	}
	for _, text := range strings.Split(w[1], ",") {
		if a, ok := ParseAddress(text); ok {
			b.Address = a
			b.Datagram = b.Datagram || w[0] == "dgram-bind"
			c.Binds = append(c.Binds, b)
		}
	}
}

// BestSocket is the stats socket to use: one that takes every command if there is one.
func (c *Config) BestSocket() string {
	for _, s := range c.Sockets {
		if s.Admin {
			return s.Address
		}
	}
	if len(c.Sockets) > 0 {
		return c.Sockets[0].Address
	}
	return ""
}
