package haproxy

import (
	"fmt"
	"time"

	"systole/agents/ocf"
)

// longestSettle is how long a master that does not answer is waited for while its
// worker serves already.
const longestSettle = 10 * time.Second

// settling waits, after haproxy was started or told to reload, until its master
// answers at its socket.
//
// A master (2.6) makes all sockets and forks the worker, and then executes itself once
// more, to do nothing but watch over the worker. Some tens of milliseconds after the
// worker serves, it thereby closes its own socket, makes another and renames that over
// the old one. Whoever asks it in between is not answered, and a file changes that
// nobody has touched. It never looks at its socket before it is through, so an answer
// says that it is.
//
// The service is there by then: an answer that does not come fails nothing.
func settling(in ocf.Input[params], f facts, since time.Time) (d ocf.Decision, wait bool) {
	why := unsettled(f)
	if why == "" || in.Left() < reserve || in.Now.Sub(since) > longestSettle {
		return d, false
	}
	return ocf.Wait(poll, "haproxy serves, but %s", why), true
}

// settled is the success of an action. It says when the master did not answer.
func settled(f facts) ocf.Decision {
	if why := unsettled(f); why != "" {
		return ocf.End(ocf.Success, "haproxy serves, but %s: reloads may fail until the resource is restarted", why)
	}
	return ocf.Done()
}

// unsettled is what the master lacks; "" if it answers, or has no socket.
func unsettled(f facts) string {
	socket := masterSocketOf(*f.Master)
	if socket == "" || f.Proc != nil && f.Proc.Master == f.Master.PID {
		return ""
	}
	return fmt.Sprintf("its master (process %d) does not answer at %s", f.Master.PID, socket)
}
