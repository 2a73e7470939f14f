package worker

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"systole/agents/ocf"
	agents "systole/agents/openstack"
	"systole/lib/nodeattr"
	"systole/lib/ocflog"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
)

// Cloud is the services as the worker needs them.
type Cloud interface {
	Now() time.Time
	Close()
	ComputeServices(ctx context.Context, host string) ([]api.Service, error)
	DisableService(ctx context.Context, id, reason string) error
	Servers(ctx context.Context, host string) ([]api.Server, error)
	Migrations(ctx context.Context, source string, since time.Time) ([]api.Migration, error)
	Evacuate(ctx context.Context, server string, shared *bool) error
	Tagged(ctx context.Context, tag string) (api.Tagged, error)
}

// Limits of a round and of what it consists of. The report of a round is never
// older than these and the time between two rounds.
const (
	roundTimeout = 90 * time.Second
	attrTimeout  = 10 * time.Second
	// farewell is how long answers are waited for when the worker has to end.
	farewell = 10 * time.Second
	// peace is how often nova is looked at when no node is marked: it may remember
	// an evacuation that the cluster has forgotten.
	peace = 15 * time.Second
	// renewal is how old the report of an idle worker may become.
	renewal = 30 * time.Second
	// tagsAge is how old the list of tagged flavors and images may be.
	tagsAge = time.Minute
)

// attribute is the name of the node attribute.
const attribute = "evacuate"

// Worker is the worker of a resource.
type Worker struct {
	System  ocf.System
	Request *ocf.Request
	Params  agents.EvacuateParams
	Log     func(l ocflog.Level, text string)
	Dial    func(ctx context.Context) (Cloud, error)
	// Idle and Busy are the times between two rounds, when there is nothing to do
	// and when there is.
	Idle, Busy time.Duration

	tools   nodeattr.Tools
	cloud   Cloud
	record  *evacuation.Record
	report  agents.Report
	written agents.Report // what the file says
	looked  time.Time     // at nova
	tagged  api.Tagged
	tagsAt  time.Time
	asking  sync.WaitGroup
}

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) error {
	w.tools = nodeattr.Tools{Sbin: w.Request.Dirs.Sbin, FeatureSet: w.Request.FeatureSet}
	conf := w.Params.Evacuation
	conf.Self = cmp.Or(w.Request.Meta.OnNode, w.System.Hostname())
	w.record = evacuation.New(conf)
	w.report.PID = os.Getpid()
	if err := w.writeReport(); err != nil {
		return err
	}
	w.Log(ocflog.Info, "the worker begins")
	for ctx.Err() == nil {
		if gone, err := w.dismissed(); err != nil {
			w.Log(ocflog.Err, err.Error())
		} else if gone {
			w.Log(ocflog.Warn, "the resource was stopped, or has another worker")
			break
		}
		again := w.round(ctx)
		if err := w.renewReport(); err != nil {
			w.Log(ocflog.Err, err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
	w.leave()
	return nil
}

// round looks, decides and acts, and says when to do so again.
func (w *Worker) round(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, roundTimeout)
	defer cancel()
	plan, err := w.plan(ctx)
	if err == nil && plan == nil {
		return w.Idle
	}
	if err == nil {
		err = w.act(ctx, plan.Steps)
	}
	w.note(ctx, err)
	switch {
	case err != nil:
		return w.Idle
	case advances(plan.Steps):
		return 0
	case plan.Status.Busy():
		return w.Busy
	}
	return w.Idle
}

// advances says whether the next round can do more at once.
func advances(steps []evacuation.Step) bool {
	for _, s := range steps {
		if _, ok := s.(evacuation.Mark); ok {
			return true
		}
	}
	return false
}

// note keeps and logs what is wrong with the services or the cluster.
func (w *Worker) note(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil && context.Cause(ctx) == context.Canceled:
	case err == nil:
		if w.report.Error != "" {
			w.Log(ocflog.Info, "cluster and services answer again")
		}
		w.report.Error, w.report.Since = "", time.Time{}
	default:
		if w.report.Error != err.Error() {
			w.Log(ocflog.Err, err.Error())
		}
		if w.report.Error == "" {
			w.report.Since = time.Now()
		}
		w.report.Error = err.Error()
		// The token may have expired, the services may have moved.
		if w.cloud != nil {
			w.cloud.Close()
			w.cloud = nil
		}
	}
}

// plan looks at cluster and nova; nil if there is nothing to look for.
func (w *Worker) plan(ctx context.Context) (*evacuation.Plan, error) {
	marks, err := w.marks(ctx)
	if err != nil {
		return nil, err
	}
	if w.report.Error == "" && !wanted(marks) && !w.report.Status.Busy() && time.Since(w.looked) < peace {
		return nil, nil
	}
	f, err := w.facts(ctx, marks)
	if err != nil {
		return nil, err
	}
	p := w.record.Plan(f)
	for _, m := range p.Messages {
		level := ocflog.Info
		if m.Bad {
			level = ocflog.Err
		}
		w.Log(level, m.Text)
	}
	w.report.Status = p.Status
	w.looked = time.Now()
	return &p, nil
}

// wanted says whether any node is to be evacuated.
func wanted(marks map[string]string) bool {
	for _, mark := range marks {
		if mark != evacuation.Released {
			return true
		}
	}
	return false
}

// marks reads the attribute of all nodes.
func (w *Worker) marks(ctx context.Context) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, attrTimeout)
	defer cancel()
	marks, err := w.System.AttributeOfAll(ctx, attribute)
	if err != nil {
		return nil, fmt.Errorf("read the node attribute %s: %w", attribute, err)
	}
	return marks, nil
}

// mark sets the attribute of a node.
func (w *Worker) mark(ctx context.Context, node, value string) error {
	c := w.tools.SetPrivate(nodeattr.Attribute{Name: attribute, Node: node}, value)
	return ocf.Run{Command: ocf.Command{Path: c.Path, Args: c.Args, Timeout: attrTimeout}}.Do(ctx, w.System)
}

// facts asks nova for all that the decision needs.
func (w *Worker) facts(ctx context.Context, marks map[string]string) (f evacuation.Facts, err error) {
	if w.cloud == nil {
		if w.cloud, err = w.Dial(ctx); err != nil {
			w.cloud = nil
			return f, err
		}
	}
	f = evacuation.Facts{Marks: marks, Hosts: map[string]evacuation.Host{}}
	if f.Services, err = w.cloud.ComputeServices(ctx, ""); err != nil {
		return f, err
	}
	f.Now, f.Nova = time.Now(), w.cloud.Now()
	if f.Nova.IsZero() {
		return f, fmt.Errorf("the answers of nova have no date: a proxy before it removes the header Date")
	}
	needs := w.record.Needed(f)
	if len(needs) > 0 && time.Since(w.tagsAt) > tagsAge {
		if w.tagged, err = w.cloud.Tagged(ctx, w.Params.Tag); err != nil {
			return f, err
		}
		w.tagsAt = time.Now()
	}
	f.Tagged = w.tagged
	for _, need := range needs {
		var h evacuation.Host
		// Servers before migrations: a server that is listed here has, if it was
		// asked for, a record in the list that is made later.
		if h.Servers, err = w.cloud.Servers(ctx, need.Host); err != nil {
			return f, err
		}
		if h.Migrations, err = w.cloud.Migrations(ctx, need.Host, need.Since); err != nil {
			return f, err
		}
		f.Hosts[need.Host] = h
	}
	return f, nil
}

// act takes the steps: those that write down what is about to happen one by one,
// requests for servers at once. The error is that of a step that is not about a
// single server.
func (w *Worker) act(ctx context.Context, steps []evacuation.Step) error {
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
			err = w.mark(ctx, s.Node, s.Value)
		case evacuation.Release:
			err = w.mark(ctx, s.Node, evacuation.Released)
		case evacuation.Mark:
			err = w.cloud.DisableService(ctx, s.Service, s.Reason)
		}
		w.record.Done(step, err, at)
		if err != nil {
			failed = append(failed, fmt.Sprintf("could not %s: %v", step, err))
		}
	}
	w.ask(ctx, asks)
	if failed != nil {
		return fmt.Errorf("%s", strings.Join(failed, "; "))
	}
	return nil
}

// ask sends requests at once and waits for the answers. A request that has been
// begun is not broken off when the worker has to end, except after farewell:
// otherwise nobody would know whether nova has received it.
func (w *Worker) ask(ctx context.Context, asks []evacuation.Ask) {
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
		if w.Params.Verbose {
			w.Log(ocflog.Info, a.String())
		}
		w.asking.Go(func() {
			at := time.Now()
			answers <- answer{a, at, w.cloud.Evacuate(sending, a.Server.ID, w.Params.Shared)}
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
		w.record.Done(a.ask, a.err, a.at)
		if a.err != nil {
			w.Log(ocflog.Warn, fmt.Sprintf("could not %s: %v", a.ask, a.err))
		}
	}
	w.asking.Wait()
}

// leave lets another worker go on at once with what this one has begun.
func (w *Worker) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), attrTimeout)
	defer cancel()
	for _, node := range w.record.Unclaimed() {
		if err := w.mark(ctx, node, evacuation.Wanted); err != nil {
			w.Log(ocflog.Warn, fmt.Sprintf("could not give the evacuation of %s to the next worker: %v", node, err))
		}
	}
	if w.cloud != nil {
		w.cloud.Close()
	}
	w.Log(ocflog.Info, "the worker ends")
}

// dismissed says whether the report is that of another worker, or gone: a stop has
// removed it. It is the second line of defence, should a stop not have found this
// process.
func (w *Worker) dismissed() (bool, error) {
	r, found, err := agents.ReadReport(w.System, agents.ReportFile(w.Request))
	return err == nil && (!found || r.PID != w.report.PID), err
}

// renewReport writes the report if it says something new, or is getting old.
func (w *Worker) renewReport() error {
	same := w.report
	same.Time = w.written.Time
	if time.Since(w.written.Time) < renewal && bytes.Equal(same.Encode(), w.written.Encode()) {
		return nil
	}
	return w.writeReport()
}

func (w *Worker) writeReport() error {
	w.report.Time = time.Now()
	if err := w.System.WriteFile(agents.ReportFile(w.Request), w.report.Encode(), 0o600); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	w.written = w.report
	return nil
}
