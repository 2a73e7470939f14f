// Package evacuator carries out what package evacuation decides: it asks nova for what
// a decision needs, and takes the steps. The agent NovaEvacuate and the fence agent
// fence_evacuate work with it.
package evacuator

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
)

// Cloud is the services as they are needed.
type Cloud interface {
	Now() time.Time
	ComputeServices(ctx context.Context, host string) ([]api.Service, error)
	DisableService(ctx context.Context, id, reason string) error
	Servers(ctx context.Context, host string) ([]api.Server, error)
	Migrations(ctx context.Context, source string, since time.Time) ([]api.Migration, error)
	Evacuate(ctx context.Context, server string, shared *bool) error
	Tagged(ctx context.Context, tag string) (api.Tagged, error)
}

const (
	// farewell is how long answers are waited for when the program has to end.
	farewell = 10 * time.Second
	// tagsAge is how old the list of tagged flavors and images may be.
	tagsAge = time.Minute
)

// Evacuator is a record and what is needed to act on it.
type Evacuator struct {
	Record *evacuation.Record
	Tag    string // of flavors and images that may be evacuated
	Shared *bool  // whether disks are on shared storage; nil: nova looks
	// Mark sets the attribute evacuate of a node.
	Mark func(ctx context.Context, node, value string) error
	Log  func(bad bool, text string)
	// Asking gets every request before it is sent; may be nil.
	Asking func(evacuation.Ask)

	tagged api.Tagged
	tagsAt time.Time
	asking sync.WaitGroup
}

// Plan asks nova for all that the decision needs, and decides. choose, which may be
// nil, changes what is seen of the services.
func (e *Evacuator) Plan(ctx context.Context, cloud Cloud, marks map[string]string, choose func([]api.Service)) (*evacuation.Plan, error) {
	f := evacuation.Facts{Marks: marks, Hosts: map[string]evacuation.Host{}}
	var err error
	if f.Services, err = cloud.ComputeServices(ctx, ""); err != nil {
		return nil, err
	}
	if choose != nil {
		choose(f.Services)
	}
	f.Now, f.Nova = time.Now(), cloud.Now()
	if f.Nova.IsZero() {
		return nil, fmt.Errorf("the answers of nova have no date: a proxy before it removes the header Date")
	}
	needs := e.Record.Needed(f)
	if len(needs) > 0 && time.Since(e.tagsAt) > tagsAge {
		if e.tagged, err = cloud.Tagged(ctx, e.Tag); err != nil {
			return nil, err
		}
		e.tagsAt = time.Now()
	}
	f.Tagged = e.tagged
	for _, need := range needs {
		var h evacuation.Host
		// Servers before migrations: a server that is listed here has, if it was
		// asked for, a record in the list that is made later.
		if h.Servers, err = cloud.Servers(ctx, need.Host); err != nil {
			return nil, err
		}
		if h.Migrations, err = cloud.Migrations(ctx, need.Host, need.Since); err != nil {
			return nil, err
		}
		f.Hosts[need.Host] = h
	}
	p := e.Record.Plan(f)
	for _, m := range p.Messages {
		e.Log(m.Bad, m.Text)
	}
	return &p, nil
}

// Act takes the steps: those that write down what is about to happen one by one,
// requests for servers at once. The error is that of a step that is not about a
// single server.
func (e *Evacuator) Act(ctx context.Context, cloud Cloud, steps []evacuation.Step) error {
	var asks []evacuation.Ask
	var failed []string
	for _, step := range steps {
		var err error
		at := time.Now()
		switch s := step.(type) {
		case evacuation.Ask:
			asks = append(asks, s)
			continue
		case evacuation.Claim:
			err = e.Mark(ctx, s.Node, s.Value)
		case evacuation.Release:
			err = e.Mark(ctx, s.Node, evacuation.Released)
		case evacuation.Mark:
			err = cloud.DisableService(ctx, s.Service, s.Reason)
		}
		e.Record.Done(step, err, at)
		if err != nil {
			failed = append(failed, fmt.Sprintf("could not %s: %v", step, err))
		}
	}
	e.ask(ctx, cloud, asks)
	if failed != nil {
		return fmt.Errorf("%s", strings.Join(failed, "; "))
	}
	return nil
}

// ask sends requests at once and waits for the answers. A request that has been
// begun is not broken off when the program has to end, except after farewell:
// otherwise nobody would know whether nova has received it.
func (e *Evacuator) ask(ctx context.Context, cloud Cloud, asks []evacuation.Ask) {
	if len(asks) == 0 || ctx.Err() != nil {
		return
	}
	type answer struct {
		ask evacuation.Ask
		at  time.Time
		err error
	}
	answers := make(chan answer, len(asks))
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 40*time.Second)
	defer cancel()
	for _, a := range asks {
		if e.Asking != nil {
			e.Asking(a)
		}
		e.asking.Go(func() {
			at := time.Now()
			answers <- answer{a, at, cloud.Evacuate(sending, a.Server.ID, e.Shared)}
		})
	}
	ended := ctx.Done()
	for range asks {
		var a answer
		for got := false; !got; {
			select {
			case a = <-answers:
				got = true
			case <-ended:
				ended = nil
				time.AfterFunc(farewell, cancel)
			}
		}
		e.Record.Done(a.ask, a.err, a.at)
		if a.err != nil {
			e.Log(true, fmt.Sprintf("could not %s: %v", a.ask, a.err))
		}
	}
	e.asking.Wait()
}

// Leave lets another program go on at once with what this one has begun.
func (e *Evacuator) Leave(ctx context.Context) {
	for _, node := range e.Record.Unclaimed() {
		if err := e.Mark(ctx, node, evacuation.Wanted); err != nil {
			e.Log(true, fmt.Sprintf("could not give the evacuation of %s to the next worker: %v", node, err))
		}
	}
}

// Advances says whether another round can do more at once.
func Advances(steps []evacuation.Step) bool {
	for _, s := range steps {
		if _, ok := s.(evacuation.Mark); ok {
			return true
		}
	}
	return false
}
