//go:build linux

package outage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"systole/lib/rabbitmq"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

// RabbitMQ is a RabbitMQ cluster on all nodes of a lab. Each message is published
// to a quorum queue and to a durable classic queue of the node that took it, and
// counts as acknowledged when both are confirmed.
//
// What is in the quorum queue must survive every fault. What is in the classic
// queue of a node is on that node's disk alone: it must survive all but the loss
// of that disk.
type RabbitMQ struct {
	// Provider is that of the agent: heartbeat or systole.
	Provider string
	// Parameters are further ones of the resource, NAME=VALUE.
	Parameters []string
	// Unordered lets the cluster start instances at once.
	Unordered bool

	c *lab.Cluster

	mu      sync.Mutex
	cookie  string
	classic map[string]map[ID]bool // confirmed by the classic queue of a node
}

var _ Service = (*RabbitMQ)(nil)

// Primitive is the id of its resource.
func (*RabbitMQ) Primitive() string { return "rabbitmq" }

// DataFolder is where RabbitMQ keeps its data.
func (*RabbitMQ) DataFolder() string { return "/var/lib/rabbitmq/mnesia" }

// PeerPorts are that of the Erlang distribution, by which servers reach one
// another, and that of the port mapper which tells where it is.
func (*RabbitMQ) PeerPorts() []int { return []int{25672, 4369} }

// Program is the name of a program. Data comes to a new member in the server itself.
func (*RabbitMQ) Program(name string) string {
	if name == ServiceProgram || name == TransferProgram {
		return "beam.smp"
	}
	return name
}

const quorumQueue = "outage"

func classicQueue(node string) string { return "outage-" + node }

// SetUp makes the resource, waits for it, and makes the queues and a user.
func (r *RabbitMQ) SetUp(ctx context.Context, c *lab.Cluster) error {
	r.c, r.classic = c, map[string]map[ID]bool{}
	conf := service.RabbitMQ{Unordered: r.Unordered}
	if err := conf.SetUp(ctx, c); err != nil {
		return err
	}
	text, err := os.ReadFile(c.Node(1).Path("/var/lib/rabbitmq/.erlang.cookie"))
	if err != nil {
		return err
	}
	r.cookie = string(text)
	if err := c.Configure(ctx, "resources", conf.Resource(r.Provider, r.Parameters...)); err != nil {
		return err
	}
	var nodes []string
	for _, n := range c.Nodes() {
		nodes = append(nodes, n.Name())
	}
	last := errors.New("nobody has answered")
	if err := c.Wait(ctx, "all instances in one cluster", func(s lab.Status) bool {
		last = r.running(ctx, s, nodes)
		return last == nil
	}); err != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	for _, n := range c.Nodes() {
		s, err := r.Session(ctx, n.Name())
		if err != nil {
			return err
		}
		s.Close()
	}
	for _, args := range [][]string{
		{"add_user", "keeper", "secret"},
		{"set_permissions", "keeper", ".*", ".*", ".*"},
		{"set_policy", "kept", "^nothing$", `{"max-length":7}`},
	} {
		if _, err := c.Node(2).Run(ctx, append([]string{"rabbitmqctl", "-q"}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// Whole: exactly these nodes are started and see each other, and the quorum queue
// has a replica that is online on each node.
func (r *RabbitMQ) Whole(ctx context.Context, s lab.Status, nodes []string) error {
	if err := r.running(ctx, s, nodes); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := r.c.NodeNamed(nodes[0]).Run(ctx, "rabbitmqctl", "-q", "list_queues", "name", "online", "--formatter", "json")
	if err != nil {
		return err
	}
	var queues []struct {
		Name   string
		Online any
	}
	if err := json.Unmarshal([]byte(out), &queues); err != nil {
		return fmt.Errorf("list_queues: %w: %s", err, out)
	}
	for _, q := range queues {
		if online, _ := q.Online.([]any); q.Name == quorumQueue {
			if len(online) != len(nodes) {
				return fmt.Errorf("the quorum queue is online on %v", online)
			}
			return nil
		}
	}
	return fmt.Errorf("there is no quorum queue: %s", out)
}

func nodeName(node string) string { return "rabbit@" + node }

// running: exactly these nodes are started, run, and are connected with each other.
func (r *RabbitMQ) running(ctx context.Context, s lab.Status, nodes []string) error {
	want := slices.Sorted(slices.Values(nodes))
	if have := s.Active(r.Primitive()); !slices.Equal(slices.Sorted(slices.Values(have)), want) {
		return fmt.Errorf("started are %v, not %v", have, want)
	}
	var targets []rabbitmq.Target
	var names []string
	for _, n := range want {
		names = append(names, nodeName(n))
		targets = append(targets, rabbitmq.Target{Name: nodeName(n), Epmd: 4369, Cookie: r.cookie, Timeout: askTimeout, Dial: r.c.Dial})
	}
	for i, v := range rabbitmq.Look(ctx, targets) {
		switch {
		case v.Err != nil:
			return fmt.Errorf("%s: %w", want[i], v.Err)
		case !v.Running:
			return fmt.Errorf("%s: RabbitMQ does not run in the node", want[i])
		case !slices.Equal(v.Connected, names):
			return fmt.Errorf("%s is connected with %v", want[i], v.Connected)
		case len(v.Members) != len(r.c.Nodes()):
			return fmt.Errorf("%s has the members %v", want[i], v.Members)
		case len(v.Partitions) > 0:
			return fmt.Errorf("%s has been parted from %v", want[i], v.Partitions)
		}
	}
	return nil
}

func (r *RabbitMQ) connect(ctx context.Context, node string) (*rabbitmq.Client, error) {
	return rabbitmq.Connect(ctx, rabbitmq.Account{Address: node + ":5672", User: "guest", Password: "guest", VHost: "/", Dial: r.c.Dial})
}

// sign is a file in the data directory of a node, made with its classic queue: where
// it is gone, the disk was lost.
func (r *RabbitMQ) sign(node string) string {
	return r.c.NodeNamed(node).Path(filepath.Join(r.DataFolder(), nodeName(node), ".outage"))
}

// checkDisk notes that the messages of a classic queue are gone with the disk.
func (r *RabbitMQ) checkDisk(node string) {
	if _, err := os.Stat(r.sign(node)); err != nil {
		r.classic[node] = map[ID]bool{}
	}
}

// Session is a connection to a node.
func (r *RabbitMQ) Session(ctx context.Context, node string) (Session, error) {
	c, err := r.connect(ctx, node)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.Declare(ctx, quorumQueue, true), c.Declare(ctx, classicQueue(node), false)); err != nil {
		c.Close()
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checkDisk(node)
	if err := os.WriteFile(r.sign(node), nil, 0o644); err != nil {
		c.Close()
		return nil, err
	}
	return &rabbitSession{c, r, node}, nil
}

type rabbitSession struct {
	*rabbitmq.Client
	r    *RabbitMQ
	node string
}

// Write publishes a message and waits for both confirmations.
func (s *rabbitSession) Write(ctx context.Context, id ID) error {
	if err := s.Publish(ctx, strconv.FormatUint(uint64(id), 10), quorumQueue, classicQueue(s.node)); err != nil {
		return err
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.classic[s.node][id] = true
	return nil
}

// Stored are the messages of the quorum queue, read through that node. Those of its
// classic queue are compared with what was confirmed: what is missing is a problem.
func (r *RabbitMQ) Stored(ctx context.Context, node string) (Contents, error) {
	var contents Contents
	ids, err := r.messages(ctx, node, quorumQueue)
	if err != nil {
		return contents, err
	}
	contents.IDs = ids
	if problem := r.kept(ctx, node); problem != nil {
		contents.Problems = append(contents.Problems, problem.Error())
	}
	r.mu.Lock()
	r.checkDisk(node)
	want := maps.Clone(r.classic[node])
	r.mu.Unlock()
	if len(want) == 0 {
		return contents, nil
	}
	ids, err = r.messages(ctx, node, classicQueue(node))
	if err != nil {
		contents.Problems = append(contents.Problems, fmt.Sprintf("classic queue with %d confirmed messages: %v", len(want), err))
		return contents, nil
	}
	for _, id := range ids {
		delete(want, id)
	}
	if len(want) > 0 {
		contents.Problems = append(contents.Problems, fmt.Sprintf("%d confirmed messages of the classic queue are lost", len(want)))
	}
	if aside, _ := filepath.Glob(r.c.NodeNamed(node).Path(r.DataFolder()) + "/*.aside-*"); len(aside) > 0 {
		contents.Problems = append(contents.Problems, fmt.Sprintf("data was moved aside: %v", aside))
	}
	return contents, nil
}

func (r *RabbitMQ) messages(ctx context.Context, node, queue string) ([]ID, error) {
	c, err := r.connect(ctx, node)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	bodies, err := c.Messages(ctx, queue)
	if err != nil {
		return nil, err
	}
	ids := make([]ID, 0, len(bodies))
	for _, b := range bodies {
		n, err := strconv.ParseUint(b, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("queue %s has a message that nobody has sent: %q", queue, b)
		}
		ids = append(ids, ID(n))
	}
	return ids, nil
}

// kept says what is missing of users, permissions and policies.
func (r *RabbitMQ) kept(ctx context.Context, node string) error {
	c, err := rabbitmq.Connect(ctx, rabbitmq.Account{Address: node + ":5672", User: "keeper", Password: "secret", VHost: "/", Dial: r.c.Dial})
	if err != nil {
		return fmt.Errorf("the user is gone: %w", err)
	}
	c.Close()
	out, err := r.c.NodeNamed(node).Run(ctx, "rabbitmqctl", "-q", "list_policies", "--formatter", "json")
	if err != nil {
		return err
	}
	var policies []struct{ Name string }
	if err := json.Unmarshal([]byte(out), &policies); err != nil || len(policies) != 1 || policies[0].Name != "kept" {
		return fmt.Errorf("policies are %s", out)
	}
	return nil
}
