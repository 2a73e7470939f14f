//go:build linux

package outage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"systole/ocf-tests/lab"
)

// A Campaign says what to do. Service, Lab, Plan and Logs must be set.
type Campaign struct {
	// Service makes the service anew for each lab.
	Service func() Service
	// Lab are the options of the labs; there must be three nodes or more. BootDelay
	// is 5 s if 0.
	Lab  lab.Options
	Plan []Fault
	// Logs is the folder for the logs of failed rounds.
	Logs string

	// Writers are how many clients write, 6 if 0; Pause is between two writes of
	// one, 50 ms if 0.
	Writers int
	Pause   time.Duration
	// WriteTimeout is when a client gives up a write and turns elsewhere, 5 s if 0.
	WriteTimeout time.Duration
	// Hold is how long the service must stay whole to count as recovered, 5 s if
	// 0. Without it a failure that nobody has seen yet would pass for health.
	Hold time.Duration
	// Timeout is how long a recovery may take, 6 minutes if 0.
	Timeout time.Duration
	// Progress gets lines for people. It may be called from any goroutine.
	Progress func(format string, args ...any)
	// Events gets a line for all that happens in the lab, as it is also kept with
	// the logs of a failed round.
	Events func(format string, args ...any)
}

func (c Campaign) withDefaults() Campaign {
	if c.Writers == 0 {
		c.Writers = 6
	}
	if c.Pause == 0 {
		c.Pause = 50 * time.Millisecond
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = 5 * time.Second
	}
	if c.Hold == 0 {
		c.Hold = 5 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 6 * time.Minute
	}
	if c.Progress == nil {
		c.Progress = func(string, ...any) {}
	}
	if c.Events == nil {
		c.Events = func(string, ...any) {}
	}
	return c
}

// Run goes through the plan. The error is one of the lab or of ctx; the report
// then has the rounds so far. What the service did wrong is in the report alone.
func (c Campaign) Run(ctx context.Context) (*Report, error) {
	c = c.withDefaults()
	report := &Report{Began: time.Now()}
	var s *scene
	defer func() { s.close() }()
	for i, f := range c.Plan {
		if s == nil {
			var err error
			if s, err = c.open(ctx); err != nil {
				return report, err
			}
		}
		r := s.round(ctx, i+1, f)
		if ctx.Err() != nil {
			return report, context.Cause(ctx)
		}
		report.Rounds = append(report.Rounds, r)
		report.Acknowledged += r.Acknowledged
		c.Progress("round %d of %d: %s", i+1, len(c.Plan), r.verdict())
		if !r.OK() {
			s.keepLogs(ctx, &report.Rounds[i])
			s.close()
			s = nil
		}
	}
	return report, nil
}

// A scene is a lab with the service and its clients.
type scene struct {
	Campaign
	c       *lab.Cluster
	service Service
	nodes   []string
	ledger  *Ledger
	writers *writers

	mu     sync.Mutex
	events []string // of the round
	began  time.Time
}

func (c Campaign) open(ctx context.Context) (_ *scene, err error) {
	s := &scene{Campaign: c, service: c.Service(), ledger: NewLedger(), began: time.Now()}
	opt := c.Lab
	opt.Log = s.event
	if opt.BootDelay == 0 {
		opt.BootDelay = 5 * time.Second
	}
	c.Progress("starting a lab of %d nodes", opt.Nodes)
	if s.c, err = lab.Start(ctx, opt); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r := Round{Fault: Fault{Kind: "first-start"}, Stuck: err.Error()}
			s.keepLogs(ctx, &r)
			err = fmt.Errorf("%w (logs are in %s)", err, r.Logs)
			s.close()
		}
	}()
	for _, n := range s.c.Nodes() {
		s.nodes = append(s.nodes, n.Name())
	}
	if err := s.c.WaitOnline(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	setUp, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if err := s.service.SetUp(setUp, s.c); err != nil {
		return nil, fmt.Errorf("first start of the service: %w", err)
	}
	if _, err := s.recovered(setUp, s.nodes); err != nil {
		return nil, fmt.Errorf("first start of the service: %w", err)
	}
	c.Progress("the service runs, %.0f s after its configuration", time.Since(began).Seconds())
	s.writers = startWriters(ctx, c, s.service, s.ledger, s.nodes, s.event)
	return s, nil
}

func (s *scene) close() {
	if s == nil {
		return
	}
	if s.writers != nil {
		s.writers.stop()
	}
	if err := s.c.Close(); err != nil {
		s.Progress("closing the lab: %v", err)
	}
}

// event notes what happens in the lab.
func (s *scene) event(format string, args ...any) {
	s.Events("  "+format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.events = append(s.events, fmt.Sprintf("%s %7.1f s  %s", now.Format("15:04:05.000"), now.Sub(s.began).Seconds(), fmt.Sprintf(format, args...)))
}

func (s *scene) round(ctx context.Context, number int, f Fault) Round {
	began := time.Now()
	s.mu.Lock()
	s.events, s.began = nil, began
	s.mu.Unlock()
	r := Round{Number: number, Fault: f, Began: began}
	s.Progress("round %d of %d: %v", number, len(s.Plan), f)
	before := s.ledger.Acknowledgements()
	stuck := func(err error) Round {
		s.event("stuck: %v", err)
		r.Stuck = err.Error()
		r.Acknowledged = s.ledger.Acknowledgements() - before
		r.Outage = seconds(s.ledger.Longest(time.Now()))
		return r
	}
	if err := s.written(ctx, before+warmUp); err != nil {
		return stuck(err)
	}
	s.ledger.Begin(time.Now())
	in := &injector{c: s.c, service: s.service, nodes: s.nodes}
	in.note = func(format string, args ...any) {
		s.event(format, args...)
		s.mu.Lock()
		defer s.mu.Unlock()
		r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
	}
	in.whole = func(ctx context.Context, nodes []string) error {
		ctx, cancel := context.WithTimeout(ctx, s.Timeout)
		defer cancel()
		took, err := s.recovered(ctx, nodes)
		if err == nil {
			r.Without = seconds(took)
		}
		return err
	}
	if err := in.perform(ctx, f); err != nil {
		return stuck(err)
	}
	s.event("the fault is complete")
	limit, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	took, err := s.recovered(limit, s.nodes)
	if err != nil {
		return stuck(err)
	}
	r.Recovery = seconds(took)
	r.Outage = seconds(s.ledger.Longest(time.Now()))
	r.Acknowledged = s.ledger.Acknowledgements() - before
	s.event("whole after %.1f s", r.Recovery)
	r.Violations, r.Told, err = s.audit(limit)
	if err != nil {
		return stuck(fmt.Errorf("reading what is stored: %w", err))
	}
	return r
}

// warmUp is how much is acknowledged before a fault: it must have something to harm.
const warmUp = 50

func (s *scene) written(ctx context.Context, acknowledgements int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err := watch(ctx, 50*time.Millisecond, func() bool { return s.ledger.Acknowledgements() >= acknowledgements })
	if err != nil {
		return fmt.Errorf("the service seems whole and acknowledges hardly anything: %w", err)
	}
	return nil
}

// audit reads what is stored on every node while nobody writes.
func (s *scene) audit(ctx context.Context) (violations []Violation, told []string, err error) {
	s.writers.pause()
	defer s.writers.resume()
	ids := map[string][]ID{}
	digests := map[string][]string{}
	var problems []Violation
	for _, n := range s.nodes {
		have, err := s.service.Stored(ctx, n)
		if err != nil {
			return nil, nil, err
		}
		ids[n] = have.IDs
		told = have.Notes // all nodes have the same
		digests[have.Digest] = append(digests[have.Digest], n)
		for _, p := range have.Problems {
			problems = append(problems, Violation{What: p, Node: n})
		}
	}
	violations = append(s.ledger.Check(ids), problems...)
	if len(digests) > 1 {
		for _, d := range sortedKeys(digests) {
			violations = append(violations, Violation{What: "other content (digest " + d + ")", Node: fmt.Sprint(digests[d])})
		}
	}
	return violations, told, nil
}

// recovered waits until the service is whole on these nodes and stays so, and
// returns how long it took until it was.
func (s *scene) recovered(ctx context.Context, nodes []string) (time.Duration, error) {
	began := time.Now()
	var since time.Time
	last := errors.New("nobody has answered")
	lastSaid := ""
	var status lab.Status
	err := watch(ctx, 500*time.Millisecond, func() bool {
		now := time.Now()
		st, err := s.c.Status(ctx)
		if err == nil {
			status = st
			err = s.service.Whole(ctx, st, nodes)
		}
		if err != nil {
			if ctx.Err() == nil {
				last = err
			}
			since = time.Time{}
			if text := err.Error(); text != lastSaid && ctx.Err() == nil {
				lastSaid = text
				s.event("not whole: %s", text)
			}
			return false
		}
		if since.IsZero() {
			since = now
			lastSaid = ""
			s.event("whole")
		}
		return now.Sub(since) >= s.Hold
	})
	if err != nil {
		return 0, fmt.Errorf("not whole on %v after %.0f s: %w\n%s", nodes, time.Since(began).Seconds(), last, status)
	}
	return since.Sub(began), nil
}
