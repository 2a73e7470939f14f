package evacuation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"systole/lib/openstack/api"
)

// judgement is what is to be done with a server.
type judgement int

const (
	ask      judgement = iota
	wait               // something has to show, or time has to pass
	inFlight           // nova is at it
	stuck              // nova is at it for too long
	stays              // it is not to be evacuated
	givenUp            // it cannot be
)

// scene is what a server is judged by.
type scene struct {
	*Facts
	cfg  Config
	node *node
	// migrations of the server in question
	migrations []api.Migration
}

// judge decides about a server that nova has on a fenced host.
func (c *scene) judge(s api.Server) (judgement, string) {
	if c.untagged(s) {
		return stays, ""
	}
	if s.TaskState == "deleting" || s.TaskState == "soft-deleting" || s.State == "deleted" || s.State == "soft-delete" {
		return stays, ""
	}
	failed, records := 0, 0
	var last time.Time // of failures
	for _, m := range c.migrations {
		if m.Kind != api.Evacuation {
			if m.Outcome() == api.InFlight {
				return givenUp, fmt.Sprintf("a %s to %s was under way when the host failed: find out whether it runs there before it is started elsewhere", m.Kind, cmp.Or(m.Destination, "another host"))
			}
			continue
		}
		records++
		switch m.Outcome() {
		case api.Moved:
			if c.Nova.Sub(m.Updated) < Settle {
				return wait, "" // the list of servers is older
			}
			records-- // it has come back since
		case api.Failed:
			failed++
			last = later(last, m.Updated)
		case api.InFlight:
			if !c.fenced(m.Destination) {
				return c.patience(m.Created, s, m.Destination)
			}
			// Nobody will end it: the host that was to take the server has failed too.
			failed++
		}
	}
	if j, why, decided := c.unsure(s, records); decided {
		return j, why
	}
	if why := refusedState(s); why != "" {
		return givenUp, why
	}
	own := c.node.server(s.ID)
	if attempts := failed + own.refused; attempts >= c.cfg.Attempts {
		why := cmp.Or(s.Fault, own.err)
		if own.refused > 0 {
			why = cmp.Or(own.err, s.Fault)
		}
		return givenUp, fmt.Sprintf("not evacuated after %d attempts: %s", attempts, cmp.Or(why, "nova gives no reason"))
	}
	if failed > 0 && c.Nova.Before(last.Add(backoff(c.cfg.RetryDelay, failed))) || c.Now.Before(own.next) {
		return wait, cmp.Or(s.Fault, own.err)
	}
	return ask, ""
}

// patience is the judgement of a server that nova is at since a time.
func (c *scene) patience(since time.Time, s api.Server, destination string) (judgement, string) {
	switch age := c.Nova.Sub(since); {
	case age > lost*c.cfg.ServerTimeout && destination == "":
		// It has reached no host in all that time. Nova itself keeps the source from
		// starting a server that has such a record.
		return givenUp, fmt.Sprintf("nova has accepted its evacuation %s ago and has given it to no host: look at the nova-conductor and the nova-scheduler, and at: openstack server migration list --server %s", age.Round(time.Second), s.ID)
	case age > c.cfg.ServerTimeout:
		return stuck, fmt.Sprintf("nova has accepted its evacuation to %s %s ago and has not ended it; it is not asked again, because that would leave it in ERROR: look at the nova-conductor and the destination, then at: openstack server migration list --server %s",
			cmp.Or(destination, "a host not chosen yet"), age.Round(time.Second), s.ID)
	}
	return inFlight, ""
}

// lost is after how many times ServerTimeout an evacuation that has reached no host
// is given up.
const lost = 3

// unsure is about what was asked and cannot be seen yet, and about what somebody
// else may be doing.
func (c *scene) unsure(s api.Server, records int) (j judgement, why string, decided bool) {
	own := c.node.server(s.ID)
	if !own.seen {
		own.seen, own.base = true, records
	}
	visible := records - own.base
	if !own.unknown.IsZero() {
		switch {
		case visible > own.asked:
			own.asked, own.unknown = visible, time.Time{} // it had arrived
		case c.Now.Before(own.unknown.Add(Settle)):
			return wait, "a request got no answer: " + own.err, true
		default:
			own.unknown = time.Time{}
		}
	}
	if own.asked > visible {
		return wait, "nova has accepted a request that cannot be seen yet", true
	}
	switch {
	case s.TaskState == "migrating", strings.HasPrefix(s.TaskState, "resize_"):
		return givenUp, fmt.Sprintf("it was being moved (%s) when the host failed: find out whether it runs elsewhere, then reset its state", s.TaskState), true
	case strings.HasPrefix(s.TaskState, "rebuild"):
		// An evacuation has a record. This is a rebuild on the host itself, or the
		// moment before there is a record.
		if own.next.IsZero() {
			own.next = c.Now.Add(Settle)
		}
		if c.Now.Before(own.next) {
			return wait, "it is being rebuilt", true
		}
	}
	return 0, "", false
}

// refusedState says why nova would not evacuate a server in its state.
func refusedState(s api.Server) string {
	switch s.State {
	case "active", "stopped", "error":
		return ""
	}
	return fmt.Sprintf("nova does not evacuate a server that is %s: when its host is back, or after: openstack server set --state error %s", cmp.Or(s.State, cmp.Or(s.Status, "in no known state")), s.ID)
}

func (c *scene) untagged(s api.Server) bool {
	t := c.Tagged
	return len(t.Flavors)+len(t.Images) > 0 && !slices.Contains(t.Flavors, s.Flavor) && !(s.Image != "" && slices.Contains(t.Images, s.Image))
}

// fenced says whether a host is known to be dead.
func (f *Facts) fenced(host string) bool {
	return host != "" && slices.ContainsFunc(f.Services, func(s api.Service) bool { return s.Host == host && s.Fenced() })
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
