package wsrep

import (
	"errors"
	"fmt"
)

// Login is how a server is reached.
type Login struct {
	Socket  string // path of a Unix socket; "" is Address
	Address string // HOST:PORT
	User    string
	// Password is not shown by any verb of fmt.
	Password string
}

// String is who asks whom, without the password.
func (l Login) String() string {
	where := l.Address
	if l.Socket != "" {
		where = l.Socket
	}
	return l.User + "@" + where
}

// Format prints String whatever the verb.
func (l Login) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(l.String())) }

// What a server that could not be asked is like. An error of package mariadb is
// one of them, or of another kind if there is no server that answers.
var (
	// ErrDenied: it lives, and does not let this user in.
	ErrDenied = errors.New("login refused")
	// ErrBusy: it lives, and has no connection left.
	ErrBusy = errors.New("too many connections")
	// ErrSilent: it accepts connections and does not answer in time.
	ErrSilent = errors.New("no answer in time")
)

// Presence is what can be seen of another server from outside.
type Presence int

// The kinds of presence, from the least known.
const (
	Unknown   Presence = iota // nobody looked
	Silent                    // the host does not answer: it is off, or cut off
	Closed                    // the host says that nothing listens: no server of the group runs there
	Listening                 // a server of the group runs; more is not known
	Outside                   // it runs, and says that it is not in a Primary component
	InPrimary                 // it runs, and says that it is in the Primary component
)

// String is for messages.
func (p Presence) String() string {
	return [...]string{"unknown", "silent", "closed", "listening", "non-Primary", "Primary"}[p]
}

// Lives says that a server runs.
func (p Presence) Lives() bool { return p >= Listening }

// Peer is another server of the group.
type Peer struct {
	Group string // HOST:PORT of group communication
	SQL   *Login // to ask it; nil: the login is not known to work there
}
