package rabbitmq

import (
	"context"
	"slices"
	"time"

	"systole/agents/ocf"
)

// Target is a RabbitMQ node to look at over the network.
type Target struct {
	Name    string // NAME@HOST
	Epmd    int    // port of the Erlang port mapper
	Cookie  ocf.Secret
	Timeout time.Duration
}

// Sight is what could be seen of a RabbitMQ node over the network.
type Sight struct {
	// Refused says that the host has answered and the node is not there. Neither
	// Refused nor Registered says that nobody has answered.
	Refused    bool
	Registered bool // the port mapper of the host knows the node
	Alive      bool // the Erlang node has answered
	Silent     bool // it takes connections and has not answered in time
	Running    bool // RabbitMQ runs in it
	Booting    bool // RabbitMQ is being started in it
	// Members of its cluster, and those that run as it sees them; both with itself.
	Members, Connected []string
	Partitions         []string // nodes that it was parted from while they ran
	Err                string   // why less is known than was asked for
}

// sees says whether the node is connected with another one.
func (s Sight) sees(name string) bool { return slices.Contains(s.Connected, name) }

// Account is how the broker is to be logged in at.
type Account struct {
	Address  string
	User     string
	Password ocf.Secret
	VHost    string
}

// Network is how nodes are looked at; package lib/rabbitmq has one.
type Network interface {
	// Look looks at nodes, all at once.
	Look(ctx context.Context, targets []Target) []Sight
	// Listens says whether connections are accepted at an address.
	Listens(ctx context.Context, address string) error
	// Greets waits for the greeting of the broker at an address.
	Greets(ctx context.Context, address string) error
	// Probe logs in and opens a channel.
	Probe(ctx context.Context, a Account) error
	// RoundTrip sends a message through a queue of its own.
	RoundTrip(ctx context.Context, a Account) error
}
