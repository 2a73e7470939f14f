package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Target is a node to look at.
type Target struct {
	Name    string // NAME@HOST
	Epmd    int    // port of the port mapper
	Cookie  string
	Timeout time.Duration // for this node
	// Dial makes connections; nil: as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// maxName is the length of an atom, in which Erlang keeps the name of a node.
const maxName = 255

// View is what could be seen of a node.
type View struct {
	// Refused says that somebody answered in the name of the host, and that the node
	// is not there: its port mapper does not know it, or none runs. It is false when
	// nobody answered.
	Refused bool
	// Registered says that the port mapper of the host knows the node.
	Registered bool
	// Alive says that the node itself has answered; Silent that it takes connections
	// and has not answered in time, as one that hangs.
	Alive, Silent bool
	// Running says that RabbitMQ runs in the node, Booting that it is on its way.
	Running, Booting bool
	// Members are the nodes of its cluster, Connected those of them that run as the
	// node sees it, both sorted and with itself.
	Members, Connected []string
	// Partitions are the nodes that it has seen part from it while they ran.
	Partitions []string
	// Err says why less is known than was asked for.
	Err error
}

// Look looks at nodes, all at once.
func Look(ctx context.Context, targets []Target) []View {
	views := make([]View, len(targets))
	var wg sync.WaitGroup
	for i, t := range targets {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, t.Timeout)
			defer cancel()
			views[i] = look(ctx, t)
		})
	}
	wg.Wait()
	return views
}

func look(ctx context.Context, t Target) (v View) {
	short, host, ok := strings.Cut(t.Name, "@")
	if !ok || short == "" || host == "" || len(t.Name) > maxName {
		return View{Err: fmt.Errorf("%q is no name of an Erlang node: it is NAME@HOST", t.Name)}
	}
	port, err := dialer(t.Dial).distributionPort(ctx, host, t.Epmd, short)
	if err != nil {
		v.Refused = errors.Is(err, errNotRegistered) || errors.Is(err, syscall.ECONNREFUSED)
		v.Err = fmt.Errorf("%s: %w", t.Name, err)
		return v
	}
	v.Registered = true
	if t.Cookie == "" {
		v.Err = fmt.Errorf("%s: without the Erlang cookie the node cannot be asked", t.Name)
		return v
	}
	defer func() {
		var timeout net.Error
		v.Silent = errors.As(v.Err, &timeout) && timeout.Timeout()
	}()
	s, err := dialer(t.Dial).connect(ctx, host, port, t.Cookie)
	if err != nil {
		// A node that dies by SIGKILL stays registered until epmd has seen its
		// connection end; a port that nobody listens at tells earlier.
		v.Refused = errors.Is(err, syscall.ECONNREFUSED)
		v.Err = err
		return v
	}
	defer s.close()
	v.Err = s.ask(&v)
	return v
}

// ask asks the node itself. Functions that are new in one version of RabbitMQ or
// gone in another have alternatives.
func (s *session) ask(v *View) error {
	running, err := s.truth("rabbit", "is_running")
	if err != nil {
		// That the call failed is an answer too: early in its start the node has no
		// module rabbit yet.
		var bad *badCall
		v.Alive = errors.As(err, &bad) || errors.Is(err, errOdd)
		return err
	}
	v.Alive = true
	v.Running = running
	switch v.Booting, err = s.truth("rabbit", "is_booting"); {
	case undefined(err): // an older RabbitMQ, which has no such function
	case err != nil:
		return err
	}
	if !v.Running {
		return nil
	}
	if v.Members, err = s.names("rabbit_nodes", "list_members", "all"); err != nil {
		return err
	}
	if v.Connected, err = s.names("rabbit_nodes", "list_running", "all_running"); err != nil {
		return err
	}
	v.Partitions, err = s.names("rabbit_node_monitor", "partitions")
	if undefined(err) { // RabbitMQ 4.3 has no partitions of Mnesia any more
		err = nil
	}
	return err
}

// truth calls a function that answers true or false.
func (s *session) truth(module, function string) (bool, error) {
	value, err := s.call(module, function)
	if err != nil {
		return false, err
	}
	switch value {
	case atom("true"):
		return true, nil
	case atom("false"):
		return false, nil
	}
	return false, fmt.Errorf("call of %s:%s: %w: it is neither true nor false", module, function, errOdd)
}

// errOdd says that a node answered, and not what was asked.
var errOdd = errors.New("an answer that is none")

// names calls the first of the functions that there is.
func (s *session) names(module string, functions ...string) ([]string, error) {
	var err error
	for _, f := range functions {
		var value any
		if value, err = s.call(module, f); err != nil {
			if undefined(err) {
				continue
			}
			return nil, err
		}
		l, ok := value.(list)
		if !ok {
			return nil, fmt.Errorf("call of %s:%s: %w: it is no list", module, f, errOdd)
		}
		var names []string
		for _, e := range l {
			a, ok := e.(atom)
			if !ok {
				// A list that is short by a member would be worse than none.
				return nil, fmt.Errorf("call of %s:%s: %w: it holds what is no name of a node", module, f, errOdd)
			}
			names = append(names, string(a))
		}
		slices.Sort(names)
		return names, nil
	}
	return nil, err
}
