//go:build linux

package outage

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
)

// memory is a service in memory: all nodes have one store, and each node can be
// made to fail, before or after it has stored.
type memory struct {
	mu      sync.Mutex
	stored  map[ID]bool
	writing int
	broken  map[string]bool
	// forget is something acknowledged that node-2 does not have.
	forget ID
	digest string // of node-3, if it differs
}

var _ Service = (*memory)(nil)

func (m *memory) Primitive() string                                 { return "memory" }
func (m *memory) Program(name string) string                        { return name }
func (m *memory) DataFolder() string                                { return "/var/lib/mysql" }
func (m *memory) PeerPorts() []int                                  { return []int{4567} }
func (m *memory) SetUp(context.Context, *lab.Cluster) error         { return nil }
func (m *memory) Whole(context.Context, lab.Status, []string) error { return nil }
func (m *memory) Session(_ context.Context, node string) (Session, error) {
	return &memorySession{m, node}, nil
}

func (m *memory) Stored(_ context.Context, node string) (Contents, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writing > 0 {
		return Contents{}, errors.New("somebody writes")
	}
	var c Contents
	for id := range m.stored {
		if node != "node-2" || id != m.forget {
			c.IDs = append(c.IDs, id)
		}
	}
	if node == "node-3" {
		c.Digest = m.digest
	}
	return c, nil
}

type memorySession struct {
	m    *memory
	node string
}

func (s *memorySession) Close() {}

func (s *memorySession) Write(_ context.Context, id ID) error {
	s.m.mu.Lock()
	s.m.writing++
	broken := s.m.broken[s.node]
	s.m.mu.Unlock()
	defer func() {
		s.m.mu.Lock()
		s.m.writing--
		s.m.mu.Unlock()
	}()
	if broken && id%2 == 0 {
		return errors.New("refused")
	}
	s.m.mu.Lock()
	twice := s.m.stored[id]
	s.m.stored[id] = true
	s.m.mu.Unlock()
	if twice {
		panic("an ID was used twice")
	}
	if broken {
		return errors.New("stored, and the answer got lost")
	}
	return nil
}

// TestClients: clients of a service of which one node fails, and audits while
// they write.
func TestClients(t *testing.T) {
	m := &memory{stored: map[ID]bool{}, broken: map[string]bool{"node-1": true}}
	nodes := nodeNames(3)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := &scene{Campaign: Campaign{Writers: 4, Pause: time.Microsecond}.withDefaults(), service: m, nodes: nodes, ledger: NewLedger()}
	s.writers = startWriters(ctx, s.Campaign, m, s.ledger, nodes, s.event)
	defer s.writers.stop()
	require.NoError(t, s.written(ctx, 200))
	for range 5 {
		got, _, err := s.audit(ctx)
		require.NoError(t, err, "an audit must find nobody writing")
		require.Empty(t, got)
	}
	before := s.ledger.Acknowledgements()
	require.NoError(t, s.written(ctx, before+10), "clients must go on after an audit")

	m.mu.Lock()
	m.forget = 2<<32 | 3 // of the client that began at a good node
	m.digest = "other"
	m.mu.Unlock()
	got, _, err := s.audit(ctx)
	require.NoError(t, err)
	require.Equal(t, []Violation{
		{What: "lost", Node: "node-2", Count: 1, Examples: []ID{2<<32 | 3}},
		{What: "other content (digest )", Node: "[node-1 node-2]"},
		{What: "other content (digest other)", Node: "[node-3]"},
	}, got)
}
