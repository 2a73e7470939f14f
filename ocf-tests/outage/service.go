//go:build linux

package outage

import (
	"context"

	"systole/ocf-tests/lab"
)

// A Service is what is taken through outages: one cluster of it in one lab.
type Service interface {
	// Primitive is the id of its resource.
	Primitive() string
	// Program is the name that Kill gives a program: ServiceProgram or
	// TransferProgram in, the real one out.
	Program(name string) string
	// DataFolder is where it keeps its data.
	DataFolder() string
	// PeerPorts are the TCP ports by which its servers reach one another.
	PeerPorts() []int

	// SetUp configures the service and its resource in a lab whose nodes are
	// online, waits until it runs, and makes it ready for sessions.
	SetUp(ctx context.Context, c *lab.Cluster) error
	// Whole tells whether the service runs on exactly these nodes and could not be
	// better there: nil, or what is missing. It asks the cluster, whose status s
	// is, and the service itself on each node.
	Whole(ctx context.Context, s lab.Status, nodes []string) error
	// Session connects to the service, at a node or wherever it likes.
	Session(ctx context.Context, node string) (Session, error)
	// Stored is everything that the service has kept, as that node sees it. Nobody
	// writes meanwhile.
	Stored(ctx context.Context, node string) (Contents, error)
}

// A Locator is a Service that knows which node is Owner and Active.
type Locator interface {
	Locate(ctx context.Context, s lab.Status, part string) (string, error)
}

// Contents are what a node has.
type Contents struct {
	IDs []ID
	// Digest is the same on all nodes if their contents are.
	Digest string
	// Problems are what the service itself sees to be wrong with its contents.
	Problems []string
	// Notes are what it has to tell beside that.
	Notes []string
}

// A Session is a connection of a client.
type Session interface {
	// Write returns nil when the service has promised to keep it. After an
	// error nobody knows, and the session is of no more use.
	Write(ctx context.Context, id ID) error
	Close()
}
