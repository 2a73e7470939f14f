package serve

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"systole/agents/clustercheck"
	"systole/lib/mariadb"
	"systole/lib/wsrep"
)

// Server is a database server that can be asked again and again.
type Server interface {
	// Look asks for the state and the settings named. ctx has a deadline.
	Look(ctx context.Context, settings ...string) (wsrep.Status, map[string]string, error)
	// Close ends the connection.
	Close()
}

// poller asks one server, and keeps the last answer.
type poller struct {
	config clustercheck.Config
	server Server
	seen   atomic.Pointer[clustercheck.Sight]
	told   func(clustercheck.Answer) // is told when the judgement changes
	last   string
	gone   bool // the server has ended since its last answer
}

// run asks until ctx ends. No two questions are under way at a time: a server
// that hangs gets no second one.
func (p *poller) run(ctx context.Context) {
	defer p.server.Close()
	tick := time.NewTicker(p.config.Interval)
	defer tick.Stop()
	for {
		p.ask(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const settingRejects = "wsrep_reject_queries"

func (p *poller) ask(ctx context.Context) {
	next := clustercheck.Sight{}
	if old := p.seen.Load(); old != nil {
		next = *old
	}
	next.Maintenance = ""
	if _, err := os.Stat(p.config.Maintenance); err == nil {
		next.Maintenance = p.config.Maintenance
	}
	// Maintenance is heeded at once, also when the server hangs.
	early := next
	p.seen.Store(&early)

	ctx, cancel := context.WithTimeout(ctx, p.config.Policy.MaxAge)
	defer cancel()
	began := time.Now()
	status, values, err := p.server.Look(ctx, settingRejects)
	if err != nil {
		next.Err = err.Error()
		// A server that has refused a connection since its last answer is not frozen: it
		// had ended. Other errors do not tell the two apart.
		p.gone = p.gone || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist)
	} else {
		// This service may have been frozen too, with the node: then there is no error.
		if old := next.At; !old.IsZero() && !p.gone && time.Since(old) > p.config.Policy.MaxAge {
			next.Back = time.Now()
		}
		p.gone = false
		if status.Component != wsrep.Primary || status.State != wsrep.Synced && status.State != wsrep.Donor {
			next.Back = time.Time{} // it knows better by now, and says the truth when it is in sync
		}
		next.Status, next.Rejects, next.At, next.Err = status, values[settingRejects], began, ""
	}
	p.seen.Store(&next)
	p.tell()
}

// tell reports a judgement that differs from the one of before.
func (p *poller) tell() {
	a := p.judge(time.Now())
	if a.Reason != p.last && p.told != nil {
		p.last = a.Reason
		p.told(a)
	}
}

// sight is what is known.
func (p *poller) sight() clustercheck.Sight {
	if s := p.seen.Load(); s != nil {
		return *s
	}
	return clustercheck.Sight{}
}

func (p *poller) judge(now time.Time) clustercheck.Answer {
	return clustercheck.Judge(p.config.Policy, p.sight(), now)
}

// sockets is where the packages of Debian, Red Hat and SUSE have the socket.
var sockets = []string{"/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/run/mysql/mysql.sock"}

// database finds the server anew whenever it is not connected: its socket may
// come after the service.
type database struct {
	config  clustercheck.Config
	login   wsrep.Login
	session *mariadb.Session
	queries int64 // of sessions of before
}

// Look asks the server.
func (d *database) Look(ctx context.Context, settings ...string) (wsrep.Status, map[string]string, error) {
	if d.session == nil {
		login, err := resolve(d.config)
		if err != nil {
			return wsrep.Status{}, nil, err
		}
		d.session = mariadb.NewSession(login)
	}
	status, values, err := d.session.Look(ctx, settings...)
	if err != nil {
		d.Close()
	}
	return status, values, err
}

// Close ends the connection.
func (d *database) Close() {
	if d.session != nil {
		d.queries += d.session.Queries()
		d.session.Close()
		d.session = nil
	}
}

// resolve completes the login.
func resolve(c clustercheck.Config) (wsrep.Login, error) {
	login := c.Login
	if c.Defaults != "" {
		text, err := readFile(c.Defaults)
		if err != nil {
			return login, err
		}
		login = clustercheck.ReadDefaults(login, text)
	}
	if login.Socket != "" || login.Address != "" {
		return login, nil
	}
	for _, s := range sockets {
		if _, err := os.Stat(s); err == nil {
			login.Socket = s
			return login, nil
		}
	}
	login.Address = "127.0.0.1:3306"
	return login, nil
}
