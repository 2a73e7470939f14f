package worker

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"systole/agents/ocf"
	agents "systole/agents/openstack"
	"systole/lib/nodeattr"
	"systole/lib/ocflog"
	"systole/lib/openstack/evacuation"
	"systole/lib/openstack/evacuator"
)

// Cloud is the services as the worker needs them.
type Cloud interface {
	evacuator.Cloud
	Close()
}

// Limits of a round and of what it consists of. The report of a round is never
// older than these and the time between two rounds.
const (
	roundTimeout = 90 * time.Second
	attrTimeout  = 10 * time.Second
	// peace is how often nova is looked at when no node is marked: it may remember
	// an evacuation that the cluster has forgotten.
	peace = 15 * time.Second
	// renewal is how old the report of an idle worker may become.
	renewal = 30 * time.Second
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
	work    *evacuator.Evacuator
	report  agents.Report
	written agents.Report // what the file says
	looked  time.Time     // at nova
}

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) error {
	w.tools = nodeattr.Tools{Sbin: w.Request.Dirs.Sbin, FeatureSet: w.Request.FeatureSet}
	conf := w.Params.Evacuation
	conf.Self = cmp.Or(w.Request.Meta.OnNode, w.System.Hostname())
	w.work = &evacuator.Evacuator{
		Record: evacuation.New(conf), Tag: w.Params.Tag, Shared: w.Params.Shared, Mark: w.mark,
		Log: func(bad bool, text string) {
			if bad {
				w.Log(ocflog.Err, text)
				return
			}
			w.Log(ocflog.Info, text)
		},
	}
	if w.Params.Verbose {
		w.work.Asking = func(a evacuation.Ask) { w.Log(ocflog.Info, a.String()) }
	}
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
		err = w.work.Act(ctx, w.cloud, plan.Steps)
	}
	w.note(ctx, err)
	switch {
	case err != nil:
		return w.Idle
	case evacuator.Advances(plan.Steps):
		return 0
	case plan.Status.Busy():
		return w.Busy
	}
	return w.Idle
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
	if w.cloud == nil {
		cloud, err := w.Dial(ctx)
		if err != nil {
			return nil, err
		}
		w.cloud = cloud
	}
	p, err := w.work.Plan(ctx, w.cloud, marks, nil)
	if err != nil {
		return nil, err
	}
	w.report.Status = p.Status
	w.looked = time.Now()
	return p, nil
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

// leave lets another worker go on at once with what this one has begun.
func (w *Worker) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), attrTimeout)
	defer cancel()
	w.work.Leave(ctx)
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
