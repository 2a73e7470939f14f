package evacuation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"systole/lib/openstack/api"
)

// model is a nova and a cluster as simple as they can be, with an eye on what must
// not happen.
type model struct {
	t        rapid.TB
	now      time.Time
	marks    map[string]string
	services map[string]*api.Service
	servers  map[string]*api.Server
	records  []*api.Migration
	late     []late // requests that nova gets later than their sender thinks
	takes    map[string]time.Duration
	fate     map[string]string // of evacuations of a server, used up one by one: "ok", "fail", "hang"
	cfg      Config
	asks     int
	arriving bool
}

type late struct {
	at     time.Time
	server string
}

func newModel(t rapid.TB, cfg Config) *model {
	return &model{
		t: t, now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), cfg: cfg,
		marks: map[string]string{}, services: map[string]*api.Service{}, servers: map[string]*api.Server{},
		takes: map[string]time.Duration{}, fate: map[string]string{},
	}
}

func (m *model) host(names ...string) {
	for _, name := range names {
		m.services[name] = &api.Service{ID: "id-" + name, Host: name, Up: true, Enabled: true}
	}
}

func (m *model) boot(host string, n int) {
	for i := range n {
		id := fmt.Sprintf("%s-%02d", host, i)
		m.servers[id] = &api.Server{ID: id, Name: "vm-" + id, Host: host, Status: "ACTIVE", State: "active", Flavor: "f", Image: "i"}
	}
}

// fence is what a fence agent does.
func (m *model) fence(host string) {
	s := m.services[host]
	s.Up, s.ForcedDown, s.Enabled, s.DisabledReason = false, true, false, ""
	m.marks[host] = Wanted
}

func (m *model) remove(server string) {
	delete(m.servers, server)
	for _, r := range m.records {
		if r.Server == server && r.Outcome() == api.InFlight {
			r.Status = "error"
		}
	}
}

func (m *model) inFlight(server string) *api.Migration {
	for _, r := range m.records {
		if r.Server == server && r.Outcome() == api.InFlight && !m.dead(r.Destination) {
			return r
		}
	}
	return nil
}

func (m *model) dead(host string) bool { return host != "" && m.services[host].Fenced() }

// receive is nova getting a request.
func (m *model) receive(server string) error {
	s := m.servers[server]
	if s == nil {
		return api.ErrNotFound
	}
	svc := m.services[s.Host]
	if svc.Up {
		return fmt.Errorf("%w: still in use", api.ErrBadRequest)
	}
	if !svc.ForcedDown {
		m.t.Fatalf("%s: evacuation of a host that is not fenced", server)
	}
	if r := m.inFlight(server); r != nil {
		m.t.Fatalf("%s: asked twice, %+v at %s", server, r, m.now)
	}
	m.asks++
	m.records = append(m.records, &api.Migration{
		ID: fmt.Sprint(len(m.records)), Kind: api.Evacuation, Status: "accepted", Server: server, Source: s.Host, Created: m.now, Updated: m.now,
	})
	s.TaskState = "rebuilding"
	n := 0
	for _, r := range m.records {
		if r.Outcome() == api.InFlight && !m.dead(r.Destination) && m.now.Sub(r.Created) <= m.cfg.ServerTimeout {
			n++
		}
	}
	if n > m.cfg.MaxParallel && !m.arriving {
		m.t.Fatalf("%d evacuations at once", n)
	}
	return nil
}

// pass lets time pass.
func (m *model) pass(d time.Duration) {
	m.now = m.now.Add(d)
	for len(m.late) > 0 && !m.late[0].at.After(m.now) {
		l := m.late[0]
		m.late = m.late[1:]
		m.arriving = true // what a predecessor sent does not count against the bound
		_ = m.receive(l.server)
		m.arriving = false
	}
	for _, r := range m.records {
		s := m.servers[r.Server]
		if s == nil || r.Outcome() != api.InFlight || m.dead(r.Destination) {
			continue
		}
		if r.Destination == "" {
			for _, name := range slices.Sorted(maps.Keys(m.services)) {
				if svc := m.services[name]; svc.Up && svc.Enabled {
					r.Destination, r.Status = name, "pre-migrating"
					break
				}
			}
		}
		if m.now.Sub(r.Created) < m.takes[r.Server] {
			continue
		}
		fate := m.fate[r.Server]
		if r.Destination == "" {
			fate = "fail"
		}
		r.Updated = m.now
		switch fate {
		case "hang":
		case "fail", "fail once":
			r.Status, s.Status, s.State, s.TaskState, s.Fault = "error", "ERROR", "error", "", "No valid host was found."
			if fate == "fail once" {
				m.fate[r.Server] = ""
			}
		default:
			r.Status, s.Host, s.TaskState, s.Status, s.State, s.Fault = "done", r.Destination, "", "ACTIVE", "active", ""
		}
	}
}

func (m *model) facts(r *Record) Facts {
	f := Facts{Now: m.now, Nova: m.now, Marks: maps.Clone(m.marks), Hosts: map[string]Host{}}
	for _, name := range slices.Sorted(maps.Keys(m.services)) {
		f.Services = append(f.Services, *m.services[name])
	}
	for _, need := range r.Needed(f) {
		var h Host
		for _, id := range slices.Sorted(maps.Keys(m.servers)) {
			if s := m.servers[id]; s.Host == need.Host {
				h.Servers = append(h.Servers, *s)
			}
		}
		for _, rec := range slices.Backward(m.records) {
			if rec.Source == need.Host && (rec.Outcome() == api.InFlight || !rec.Created.Before(need.Since)) {
				h.Migrations = append(h.Migrations, *rec)
			}
		}
		f.Hosts[need.Host] = h
	}
	return f
}

// act takes a step. trouble may make its answer something else than what happened.
func (m *model) act(s Step, trouble func(Step) string) error {
	what := trouble(s)
	if what == "refused" {
		return api.ErrBusy
	}
	var err error
	switch s := s.(type) {
	case Claim:
		m.marks[s.Node] = s.Value
	case Release:
		for _, r := range m.records {
			if r.Source == s.Node && m.servers[r.Server] != nil && r.Outcome() == api.InFlight && !m.dead(r.Destination) {
				m.t.Fatalf("%s is released while %s is under way", s.Node, r.Server)
			}
		}
		m.marks[s.Node] = Released
	case Mark:
		for _, svc := range m.services {
			if svc.ID == s.Service {
				svc.DisabledReason = s.Reason
			}
		}
	case Ask:
		if what == "late" {
			m.late = append(m.late, late{m.now.Add(25 * time.Second), s.Server.ID})
			return fmt.Errorf("no answer")
		}
		err = m.receive(s.Server.ID)
	}
	if what == "lost" {
		return fmt.Errorf("no answer")
	}
	return err
}

func (m *model) round(r *Record, trouble func(Step) string) Plan {
	p := r.Plan(m.facts(r))
	for _, s := range p.Steps {
		at := m.now
		r.Done(s, m.act(s, trouble), at)
	}
	return p
}

func none(Step) string { return "" }

var config = Config{
	Self: "ctl-1", MaxParallel: 4, Attempts: 3, RetryDelay: 10 * time.Second, ServerTimeout: 5 * time.Minute, Threshold: 50,
}

// released says whether a node is done with. A cluster that forgets the attribute
// after nova was told that all is done has forgotten nothing of use.
func (m *model) released(node string) bool {
	mark, known := m.marks[node]
	return mark == Released || !known && strings.HasPrefix(m.services[node].DisabledReason, markEnded)
}

// Whatever happens to requests and to the program itself: no server is asked for
// twice, nothing is asked without proof, not too much at once (receive and act watch
// that), and it ends with the node released and every server moved that can be.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, config)
		m.host("a", "b", "c", "d", "e")
		m.boot("a", rapid.IntRange(0, 9).Draw(rt, "servers of a"))
		m.boot("b", rapid.IntRange(0, 3).Draw(rt, "servers of b"))
		for _, id := range slices.Sorted(maps.Keys(m.servers)) {
			m.takes[id] = time.Duration(rapid.IntRange(0, 40).Draw(rt, "takes")) * time.Second
			m.fate[id] = rapid.SampledFrom([]string{"", "", "", "fail", "fail once"}).Draw(rt, "fate")
		}
		m.fence("a")
		disturbed := rapid.IntRange(0, 40).Draw(rt, "rounds of trouble")
		trouble := func(s Step) string {
			if disturbed <= 0 {
				return ""
			}
			return rapid.SampledFrom([]string{"", "", "", "lost", "late", "refused"}).Draw(rt, "trouble")
		}
		r := New(config)
		for i := 0; ; i++ {
			if i > 3000 {
				rt.Fatalf("it does not end: %+v", m.marks)
			}
			if disturbed--; disturbed > 0 {
				switch rapid.IntRange(0, 25).Draw(rt, "event") {
				case 0: // the program is killed, and another one starts
					cfg := config
					cfg.Self = fmt.Sprint("ctl-", i)
					r = New(cfg)
				case 1:
					if !m.services["b"].ForcedDown {
						m.fence("b")
					}
				case 2: // the cluster forgets
					if m.services["a"].DisabledReason != "" {
						delete(m.marks, "a")
					}
				case 3:
					m.remove("a-00")
				}
			}
			p := m.round(r, trouble)
			m.pass(time.Duration(rapid.IntRange(1, 8).Draw(rt, "seconds")) * time.Second)
			over := m.released("a") && (!m.services["b"].ForcedDown || m.released("b"))
			if disturbed <= 0 && over && len(m.late) == 0 && !p.Status.Busy() {
				break
			}
		}
		for id, s := range m.servers {
			if (s.Host == "a" || s.Host == "b" && m.services["b"].ForcedDown) && m.fate[id] != "fail" {
				// Three failures, of which some were others' fault, use up the attempts.
				failures := 0
				for _, rec := range m.records {
					if rec.Server == id && rec.Outcome() != api.Moved {
						failures++
					}
				}
				if failures < config.Attempts {
					rt.Fatalf("%s was left on %s: %+v", id, s.Host, *s)
				}
			}
		}
	})
}
