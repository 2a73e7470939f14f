package clustercheck

import (
	"fmt"
	"strings"
	"time"

	"systole/lib/wsrep"
)

// Policy says which servers may be used.
type Policy struct {
	// Donor lets a server be used that gives a state transfer, or was taken out of
	// sync on purpose.
	Donor bool
	// ReadOnly lets a server be used that takes no writes.
	ReadOnly bool
	// MaxAge is how old what is known of the server may be.
	MaxAge time.Duration
	// Hold is how long a server must answer well that was frozen. Longer than Galera
	// needs to find out that the others have gone on without it (evs.suspect_timeout, 5 s).
	Hold time.Duration
}

// Sight is what was last seen of a server.
type Sight struct {
	wsrep.Status
	// Rejects is wsrep_reject_queries; "" and NONE are none.
	Rejects string
	// At is when the question was sent that this answers; zero if none was answered.
	At time.Time
	// Back is when it answered for the first time after it was frozen; zero if it was
	// not, or has found its place among the others since.
	Back time.Time
	// Err says why the last question was not answered; "" if it was.
	Err string
	// Maintenance is the maintenance file that was found; "" if none was.
	Maintenance string
}

// Answer is what a load balancer is told.
type Answer struct {
	Available bool
	// Reason is a sentence for people.
	Reason string
}

// Judge says whether the server may be used at the time now. Whatever is not
// known to be good is not.
func Judge(p Policy, s Sight, now time.Time) Answer {
	no := func(format string, args ...any) Answer { return Answer{Reason: fmt.Sprintf(format, args...)} }
	age := now.Sub(s.At)
	switch {
	case s.Maintenance != "":
		return no("the node is in maintenance: remove %s to end it", s.Maintenance)
	case s.Err != "":
		return no("the server does not answer: %s", s.Err)
	case s.At.IsZero():
		return no("the server has not been asked yet")
	case age > p.MaxAge:
		return no("the server has not answered for %s", age.Round(100*time.Millisecond))
	case age < -p.MaxAge:
		return no("the clock was set back: the last answer is from the future")
	case s.Component == wsrep.Disconnected:
		return no("the server is no member of a Galera cluster")
	case s.Component != wsrep.Primary:
		return no("the server is in a part of the cluster that is %s, without quorum", s.Component)
	case s.State == wsrep.Donor && !p.Donor:
		return no("the node is %s, and AVAILABLE_WHEN_DONOR is 0", s.State)
	case s.State != wsrep.Synced && s.State != wsrep.Donor:
		return no("the node is not synced: it is %s", s.State)
	case !s.Ready:
		return no("the node is %s, but wsrep_ready is OFF: it refuses queries", s.State)
	case s.Rejects != "" && !strings.EqualFold(s.Rejects, "NONE"):
		return no("wsrep_reject_queries is %s: it refuses queries", s.Rejects)
	case s.ReadOnly && !p.ReadOnly:
		return no("the node is %s, but read-only, and AVAILABLE_WHEN_READONLY is 0", s.State)
	}
	// A server that was frozen believes for a moment that it is what it was before,
	// while the others have gone on without it.
	if again := now.Sub(s.Back); !s.Back.IsZero() && again < p.Hold {
		return no("the server was frozen and answers again for %s: it has to for %s", again.Round(100*time.Millisecond), p.Hold)
	}
	text := "the node is synced"
	if s.State == wsrep.Donor {
		text = "the node is a donor, which AVAILABLE_WHEN_DONOR permits"
	}
	if s.ReadOnly {
		text += ", and read-only"
	}
	return Answer{Available: true, Reason: fmt.Sprintf("%s (group of %d)", text, s.Size)}
}
