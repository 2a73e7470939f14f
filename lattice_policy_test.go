package systole_test

import (
	"fmt"
	"path"
	"strings"
)

// A room is a part of the house: packages with one purpose and one set of
// rights.
type room struct {
	pattern string
	kind    string // pure, io or main
	allowed []string
}

// A policy is the lattice as read from its text.
type policy struct {
	rooms   []room
	never   [][2]string         // from, to
	clients map[string]string   // module: package
	helpers map[string][]string // module: rooms
	tests   map[string]bool     // modules

	pureStd map[string]bool // standard packages that a pure one may import
	impure  map[string]bool // "pkg.Name" that it may not use
}

func parsePolicy(text, std, impure string) (*policy, error) {
	p := &policy{
		clients: map[string]string{}, helpers: map[string][]string{}, tests: map[string]bool{},
		pureStd: wordSet(std), impure: wordSet(impure),
	}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := p.parseLine(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return p, nil
}

func (p *policy) parseLine(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	if word == "never" {
		from, to, ok := strings.Cut(rest, "->")
		if !ok {
			return fmt.Errorf("want: never FROM -> TO, have %q", line)
		}
		p.never = append(p.never, [2]string{strings.TrimSpace(from), strings.TrimSpace(to)})
		return nil
	}
	head, list, ok := strings.Cut(rest, ":")
	if !ok {
		return fmt.Errorf("want: %s …: LIST, have %q", word, line)
	}
	head, names := strings.TrimSpace(head), strings.Fields(list)
	switch word {
	case "room":
		return p.addRoom(head, names)
	case "client":
		if len(names) != 1 {
			return fmt.Errorf("client %s: want exactly one package, have %d", head, len(names))
		}
		p.clients[head] = names[0]
	case "helper":
		p.helpers[head] = names
	case "tests":
		p.tests[head] = true
	default:
		return fmt.Errorf("unknown word %q: want room, never, client, helper or tests", word)
	}
	return nil
}

func (p *policy) addRoom(head string, allowed []string) error {
	f := strings.Fields(head)
	if len(f) != 2 {
		return fmt.Errorf("want: room KIND PATTERN: LIST, have %q", head)
	}
	switch f[0] {
	case "pure", "io", "main":
	default:
		return fmt.Errorf("unknown kind %q: want pure, io or main", f[0])
	}
	for _, r := range p.rooms {
		if r.pattern == f[1] {
			return fmt.Errorf("room %s stands twice", f[1])
		}
	}
	p.rooms = append(p.rooms, room{pattern: f[1], kind: f[0], allowed: allowed})
	return nil
}

// roomOf is the room of a package, given by its folder; nil if it has none.
func (p *policy) roomOf(dir string) *room {
	for i := range p.rooms {
		if matches(p.rooms[i].pattern, dir) {
			return &p.rooms[i]
		}
	}
	return nil
}

// matches: "..." at the end is any depth, "*" one element.
func matches(pattern, dir string) bool {
	if pattern == "..." {
		return true
	}
	base, deep := strings.CutSuffix(pattern, "/...")
	if deep {
		n := strings.Count(base, "/") + 1
		if parts := strings.SplitN(dir, "/", n+1); len(parts) > n {
			dir = strings.Join(parts[:n], "/")
		}
	}
	ok, err := path.Match(base, dir)
	return ok && err == nil
}

func matchesAny(patterns []string, dir string) bool {
	for _, p := range patterns {
		if matches(p, dir) {
			return true
		}
	}
	return false
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}
