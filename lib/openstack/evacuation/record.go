package evacuation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/lib/openstack/api"
)

// Record is what a program remembers between two looks at the world.
type Record struct {
	cfg   Config
	nodes map[string]*node
	said  map[string]bool // messages of the last plan
}

// New is the record of a program that begins.
func New(cfg Config) *Record {
	return &Record{cfg: cfg, nodes: map[string]*node{}, said: map[string]bool{}}
}

// node is a node whose host is being evacuated, or was.
type node struct {
	name  string
	host  string // nova's name; "" as long as it is not known
	quiet time.Time
	why   string // it has to be quiet

	claim   string    // value of the attribute that was set last
	claimed time.Time // when; zero: it is not claimed
	begun   bool      // nova's service says since when
	begin   time.Time // by nova's clock
	looked  bool      // the facts have the migrations since begin
	ended   bool      // nova's service says that all is done
	done    bool      // released
	servers map[string]*server
	moved   int
	left    []Left
}

// server is what was asked for a server by this program.
type server struct {
	seen    bool
	base    int       // evacuations that nova knew of before this program asked
	asked   int       // requests that nova has accepted
	unknown time.Time // when a request was sent that got no answer; zero: none
	refused int       // requests that nova has refused for reasons of the server
	next    time.Time // when to ask again at the earliest
	err     string    // of the last request
}

func newNode(name string) *node { return &node{name: name, servers: map[string]*server{}} }

func (n *node) server(id string) *server {
	s := n.servers[id]
	if s == nil {
		s = &server{}
		n.servers[id] = s
	}
	return s
}

// Done tells the record what came of a step. at is the own clock when the step was
// begun: what is counted from then on is never too short.
func (r *Record) Done(step Step, err error, at time.Time) {
	switch s := step.(type) {
	case Claim:
		if n := r.nodes[s.Node]; n != nil && err == nil {
			n.claim, n.claimed = s.Value, at
		}
	case Mark:
		if n := r.nodes[s.Node]; n != nil && err == nil {
			if since, ok := begunSince(s.Reason); ok {
				n.begun, n.begin = true, since
			} else {
				n.ended = true
			}
		}
	case Release:
		if n := r.nodes[s.Node]; n != nil && err == nil {
			n.done = true
		}
	case Ask:
		if n := r.nodes[s.Node]; n != nil {
			r.asked(n.server(s.Server.ID), err, at)
		}
	}
}

// asked notes the answer to a request.
func (r *Record) asked(s *server, err error, at time.Time) {
	switch {
	case err == nil:
		s.asked++
		s.err = ""
		return
	case !api.Refused(err):
		s.unknown = at
	case errors.Is(err, api.ErrNotFound):
		// The server was deleted: it will not be in the next list.
	case errors.Is(err, api.ErrBadRequest), errors.Is(err, api.ErrConflict):
		s.refused++
		s.next = at.Add(backoff(r.cfg.RetryDelay, s.refused))
	default:
		// It is not the fault of this server: no attempt is used up.
		s.next = at.Add(r.cfg.RetryDelay)
	}
	s.err = err.Error()
}

// Unclaimed are the nodes of which another program may take the evacuation at once,
// when this one ends: it is known of every request whether nova has received it.
func (r *Record) Unclaimed() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(r.nodes)) {
		n := r.nodes[name]
		open := slices.ContainsFunc(slices.Collect(maps.Values(n.servers)), func(s *server) bool { return !s.unknown.IsZero() })
		if !n.claimed.IsZero() && !n.done && !open {
			list = append(list, name)
		}
	}
	return list
}

// backoff doubles with every failure, up to sixteen times the delay.
func backoff(delay time.Duration, failures int) time.Duration {
	return delay << min(max(failures-1, 0), 4)
}

// begunSince reads the time in the mark of an evacuation that was begun.
func begunSince(reason string) (time.Time, bool) {
	text, ok := strings.CutPrefix(reason, markBegun)
	if !ok {
		return time.Time{}, false
	}
	word, _, _ := strings.Cut(text, " ")
	t, err := time.Parse(markTimeFmt, word)
	return t, err == nil
}

// sight brings the nodes of the record up to the attributes and services, and says
// what is odd about them.
func (r *Record) sight(f *Facts) (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(f.Marks)) {
		if p := r.sightMark(f, name, f.Marks[name]); p != "" {
			problems = append(problems, p)
		}
	}
	// Nova remembers what the cluster has lost.
	lost := map[string]bool{}
	for _, s := range f.Services {
		name := strings.TrimSuffix(s.Host, r.suffix())
		_, known := f.Marks[name]
		_, begun := begunSince(s.DisabledReason)
		if known || !s.Fenced() || s.Enabled || !begun && !strings.HasPrefix(s.DisabledReason, markFenced) {
			continue
		}
		lost[name] = true
		if n := r.nodes[name]; n == nil || n.done {
			n = newNode(name)
			if begun {
				n.quiet, n.why = f.Now.Add(Settle), "the attribute evacuate is lost, nova remembers the evacuation"
			}
			r.nodes[name] = n
		}
	}
	for name := range r.nodes {
		if _, known := f.Marks[name]; !known && !lost[name] {
			delete(r.nodes, name)
		}
	}
	return problems
}

func (r *Record) suffix() string {
	if r.cfg.Domain == "" {
		return ""
	}
	return "." + r.cfg.Domain
}

func (r *Record) sightMark(f *Facts, name, mark string) (problem string) {
	n := r.nodes[name]
	owner, epoch, claimed := parseClaim(mark)
	switch {
	case mark == "" || mark == Released:
		if n != nil && !n.done {
			delete(r.nodes, name) // somebody else has ended it
		}
	case n != nil && n.done && mark == n.claim:
		// The cluster has not heard yet that it is released.
	case mark == Wanted:
		if n == nil || n.done {
			r.nodes[name] = newNode(name)
		} else {
			n.claimed = time.Time{} // it was fenced once more
		}
	case !claimed:
		return fmt.Sprintf("node %s: the attribute evacuate is %q, not understood: set it to yes to have the host evacuated, to no to have it left alone", name, mark)
	case n == nil || n.done:
		n = newNode(name)
		wait := min(max(epoch.Add(Settle).Sub(f.Nova), 0), Settle)
		n.quiet, n.why = f.Now.Add(wait), "requests of "+owner+" may still be on their way"
		r.nodes[name] = n
	case n.claimed.IsZero():
		// Whoever claims it is at work as long as the claim is renewed.
		if wait := epoch.Add(Settle).Sub(f.Nova); wait > 0 && f.Now.Add(min(wait, Settle)).After(n.quiet) {
			n.quiet, n.why = f.Now.Add(min(wait, Settle)), "requests of "+owner+" may still be on their way"
		}
	case mark != n.claim && owner != r.cfg.Self:
		n.claimed = time.Time{}
		n.quiet, n.why = f.Now.Add(Settle), owner+" claims the evacuation as well"
	}
	return ""
}

// parseClaim reads NODE@TIME.
func parseClaim(mark string) (owner string, at time.Time, ok bool) {
	i := strings.LastIndexByte(mark, '@')
	if i <= 0 {
		return "", time.Time{}, false
	}
	sec, err := strconv.ParseInt(mark[i+1:], 10, 64)
	return mark[:i], time.Unix(sec, 0), err == nil
}
