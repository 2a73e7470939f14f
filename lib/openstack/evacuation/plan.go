package evacuation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"systole/lib/openstack/api"
)

// Needed says which hosts have to be looked at. f has all but Hosts.
func (r *Record) Needed(f Facts) []Need {
	r.sight(&f)
	var list []Need
	for _, name := range slices.Sorted(maps.Keys(r.nodes)) {
		n := r.nodes[name]
		svc, problem := r.service(&f, n)
		if problem != "" || n.done && len(n.left) == 0 {
			continue
		}
		if since, ok := begunSince(svc.DisabledReason); ok && !n.begun {
			n.begun, n.begin = true, since // by a program before this one
		}
		n.looked = n.begun
		since := f.Nova
		if n.begun {
			since = n.begin
		}
		list = append(list, Need{Host: svc.Host, Since: since})
	}
	return list
}

// service finds nova's service of a node.
func (r *Record) service(f *Facts, n *node) (svc api.Service, problem string) {
	found := 0
	for _, s := range f.Services {
		if s.Host == n.name || s.Host == n.name+r.suffix() {
			svc = s
			found++
		}
	}
	switch found {
	case 0:
		return svc, fmt.Sprintf("node %s: nova has no nova-compute on a host of that name: set the parameter domain, or the option host of nova, so that names agree; or set the attribute evacuate of the node to no", n.name)
	case 1:
		n.host = svc.Host
		return svc, ""
	}
	return svc, fmt.Sprintf("node %s: nova has several nova-compute services for it: delete those that are old, see: openstack compute service list", n.name)
}

// planner is a plan in the making.
type planner struct {
	*Record
	f      *Facts
	plan   Plan
	room   int    // how many more evacuations may be begun
	halt   string // why nothing new may be begun
	saying map[string]bool
}

// Plan decides what to do. f.Hosts has the hosts that Needed has named from the rest.
func (r *Record) Plan(f Facts) Plan {
	p := &planner{Record: r, f: &f, room: r.cfg.MaxParallel, saying: map[string]bool{}}
	for _, text := range r.sight(&f) {
		p.problem(text)
	}
	names := slices.Sorted(maps.Keys(r.nodes))
	p.guard(names)
	for _, name := range names {
		p.countInFlight(r.nodes[name])
	}
	for _, name := range names {
		p.node(r.nodes[name])
	}
	r.said = p.saying
	return p.plan
}

func (p *planner) problem(text string) {
	p.plan.Status.Problems = append(p.plan.Status.Problems, text)
	p.say(true, text)
}

// say logs a line, unless it was true the last time already.
func (p *planner) say(bad bool, text string) {
	if !p.said[text] && !p.saying[text] {
		p.plan.Messages = append(p.plan.Messages, Message{bad, text})
	}
	p.saying[text] = true
}

// guard keeps a failure of many hosts, which may be one of the network, from
// becoming a storm. Hosts that an administrator has disabled count for nothing.
func (p *planner) guard(names []string) {
	failed, all := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		if n := p.nodes[name]; !n.done {
			if svc, problem := p.service(p.f, n); problem == "" {
				failed[svc.Host], all[svc.Host] = true, true
			}
		}
	}
	for _, s := range p.f.Services {
		if s.Enabled {
			all[s.Host] = true
			if !s.Up {
				failed[s.Host] = true
			}
		}
	}
	if len(failed)*100 > p.cfg.Threshold*len(all) {
		p.halt = fmt.Sprintf("%d of %d hosts have failed (%s), which is more than the threshold of %d%%: nothing is evacuated until fewer are; see to the hosts and the network, or raise the parameter threshold",
			len(failed), len(all), strings.Join(slices.Sorted(maps.Keys(failed)), ", "), p.cfg.Threshold)
	}
}

func (p *planner) countInFlight(n *node) {
	seen := map[string]bool{}
	for _, m := range p.f.Hosts[n.host].Migrations {
		// What is stuck must not keep the others from getting away.
		young := p.f.Nova.Sub(m.Created) <= p.cfg.ServerTimeout
		if m.Kind == api.Evacuation && m.Outcome() == api.InFlight && young && !p.f.fenced(m.Destination) && !seen[m.Server] {
			seen[m.Server] = true
			p.room--
		}
	}
	// Of requests without answer each may be one.
	for id, s := range n.servers {
		if !s.unknown.IsZero() && !seen[id] && p.f.Now.Before(s.unknown.Add(Settle)) {
			p.room--
		}
	}
}

func (p *planner) node(n *node) {
	st := HostStatus{Node: n.name, Host: n.host, Phase: phaseWaiting}
	defer func() { p.plan.Status.Hosts = append(p.plan.Status.Hosts, st) }()
	svc, problem := p.service(p.f, n)
	st.Host = n.host
	switch {
	case problem != "":
		p.problem(problem)
	case n.done:
		st.Phase = phaseReleased
		p.remember(n)
		st.Left, st.Moved = n.left, n.moved
	case !svc.Fenced():
		p.problem(fmt.Sprintf("node %s is marked for evacuation, but nova does not have its host as forced down and down: it is not evacuated, because its servers may run. If it is off, run the fence agent of nova for it, or: openstack compute service set --down %s nova-compute", n.name, svc.Host))
	case p.f.Now.Before(n.quiet):
		p.say(false, fmt.Sprintf("node %s: waiting for %s: %s", n.name, Settle, n.why))
	case p.halt != "":
		p.problem(p.halt)
	case n.claimed.IsZero() || !n.begun:
		p.begin(n, svc)
	case !n.looked:
		// What has been begun only now is looked at the next time.
		st.Phase = phaseEvacuating
	default:
		st.Phase = phaseEvacuating
		p.evacuate(n, svc, &st)
	}
}

// begin takes the node, and writes down since when.
func (p *planner) begin(n *node, svc api.Service) {
	if n.claimed.IsZero() {
		p.claim(n)
	}
	if !n.begun {
		p.step(Mark{n.name, svc.ID, markBegun + p.f.Nova.UTC().Format(markTimeFmt) + " by " + p.cfg.Self})
		p.say(false, fmt.Sprintf("node %s: its host %s is fenced, its evacuation begins", n.name, svc.Host))
	}
}

func (p *planner) step(s Step) { p.plan.Steps = append(p.plan.Steps, s) }

func (p *planner) claim(n *node) {
	p.step(Claim{n.name, fmt.Sprintf("%s@%d", p.cfg.Self, p.f.Nova.Unix())})
}

// evacuate goes through the servers of a host.
func (p *planner) evacuate(n *node, svc api.Service, st *HostStatus) {
	h, ok := p.f.Hosts[svc.Host]
	if !ok {
		return
	}
	age := p.f.Now.Sub(n.claimed)
	if age >= refresh/2 {
		p.claim(n)
	}
	byServer := map[string][]api.Migration{}
	moved := map[string]bool{}
	for _, m := range h.Migrations {
		byServer[m.Server] = append(byServer[m.Server], m)
		if m.Kind == api.Evacuation && m.Outcome() == api.Moved {
			moved[m.Server] = true
		}
	}
	st.Moved = len(moved)
	for _, s := range inOrder(h.Servers) {
		c := &scene{Facts: p.f, cfg: p.cfg, node: n, migrations: byServer[s.ID]}
		j, why := c.judge(s)
		p.deal(n, s, j, why, age < refresh, st)
	}
	n.moved, n.left = st.Moved, st.Left
	if st.InFlight+st.Waiting == 0 {
		p.end(n, svc, st)
	}
}

// deal acts on the judgement of one server.
func (p *planner) deal(n *node, s api.Server, j judgement, why string, fresh bool, st *HostStatus) {
	left := func() {
		st.Left = append(st.Left, Left{s.ID, s.Name, why})
		p.say(true, fmt.Sprintf("node %s: server %s: %s", n.name, Label(s), why))
	}
	switch j {
	case ask:
		st.Waiting++
		if fresh && p.room > 0 {
			p.room--
			p.step(Ask{n.name, s})
		}
	case wait:
		st.Waiting++
		if why != "" {
			p.say(false, fmt.Sprintf("node %s: server %s waits: %s", n.name, Label(s), why))
		}
	case inFlight:
		st.InFlight++
	case stuck:
		// It holds the host: its disks may be in use elsewhere at any moment.
		st.InFlight++
		left()
	case stays:
		st.Staying++
	case givenUp:
		left()
	}
}

// end releases a host of which nothing is under way.
func (p *planner) end(n *node, svc api.Service, st *HostStatus) {
	if !n.ended {
		reason := markEnded + p.f.Nova.UTC().Format(markTimeFmt) + fmt.Sprintf(": %d moved", st.Moved)
		if len(st.Left) > 0 {
			reason += fmt.Sprintf(", %d left", len(st.Left))
		}
		p.step(Mark{n.name, svc.ID, reason})
		return
	}
	p.say(len(st.Left) > 0, fmt.Sprintf("node %s: the evacuation of %s is over: %d servers moved, %d left, %d not to be evacuated", n.name, svc.Host, st.Moved, len(st.Left), st.Staying))
	p.step(Release{n.name})
}

// remember keeps the servers that were left until they are there no more.
func (p *planner) remember(n *node) {
	h, ok := p.f.Hosts[n.host]
	if !ok {
		return
	}
	n.left = slices.DeleteFunc(slices.Clone(n.left), func(l Left) bool {
		return !slices.ContainsFunc(h.Servers, func(s api.Server) bool { return s.ID == l.Server })
	})
}

// inOrder sorts servers: those that ran first, those in ERROR last.
func inOrder(servers []api.Server) []api.Server {
	rank := func(s api.Server) int { return slices.Index([]string{"error", "stopped", "active"}, s.State) }
	return slices.SortedFunc(slices.Values(servers), func(a, b api.Server) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), strings.Compare(a.ID, b.ID))
	})
}
