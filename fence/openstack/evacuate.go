package openstack

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"systole/fence/fencing"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
	"systole/lib/openstack/evacuator"
)

// Evacuate is the agent fence_evacuate.
func Evacuate(t Tools) *fencing.Agent {
	extra := []fencing.Option{
		{Name: "evacuable_tag", Word: "tag", Default: "evacuable", Short: "Tag of flavors and images whose servers are evacuated; all are if none has it"},
		{Name: "max_parallel", Word: "number", Type: fencing.Integer, Limits: &fencing.Limits{Min: 1, Max: 1000}, Default: "16", Short: "Evacuations at once"},
		{Name: "attempts", Word: "number", Type: fencing.Integer, Limits: &fencing.Limits{Min: 1, Max: 100}, Default: "3", Short: "Attempts for each server"},
		{Name: "threshold", Word: "percent", Type: fencing.Integer, Limits: &fencing.Limits{Min: 1, Max: 100}, Default: "50", Short: "Part of all hosts that may have failed for anything to be evacuated"},
		{
			Name: "left", Word: "result", Type: fencing.Select, Choices: []string{"warn", "fail"}, Default: "warn", Short: "What servers are that could not be moved",
			Text: "warn: they are reported, and the action is a success: the host is fenced, and a failure would have the\ncluster fence it again and again. fail: a failure.",
		},
	}
	return &fencing.Agent{
		Description: fencing.Description{
			Name: "fence_evacuate", Short: "Fence agent for the automatic resurrection of OpenStack compute instances",
			Long: `fence_evacuate evacuates the servers of a host that has been fenced, and waits until nova says of
each that it was moved or cannot be. It refuses while nova does not have the host as forced down
(fence_compute does that). It turns nothing off: it stands behind a power fencing device and
fence_compute, in the same level of a fencing topology. Where the agent NovaEvacuate runs, which
does the same outside of fencing, it is not needed.`,
			Lists: true, NoOn: false, NoLogin: true, NoPass: true, Options: append(options(), extra...),
			Notes: []fencing.Note{{Title: "Beside NovaEvacuate", Text: `Both use the node attribute evacuate to agree on who evacuates a host, and read nova's list of
evacuations before each request: no server is asked for twice.`}},
		},
		Validate: validate, Open: t.open,
		Acts: map[string]func(context.Context, *fencing.Call) (string, error){
			"off": t.evacuate, "reboot": t.evacuate,
			"on": func(context.Context, *fencing.Call) (string, error) {
				return "", fencing.Errorf(fencing.Usage, "fence_evacuate brings no host back: use fence_compute -o on")
			},
		},
	}
}

// attempt is an evacuation by this process.
type attempt struct {
	Tools
	c     *fencing.Call
	node  string
	host  string
	own   map[string]string // marks where there is no cluster
	work  *evacuator.Evacuator
	known bool // there is a cluster
}

func (t Tools) evacuate(ctx context.Context, c *fencing.Call) (string, error) {
	if !c.Bool("instance_filtering") {
		return "Success: nothing is evacuated (instance_filtering=false)", nil
	}
	a := &attempt{Tools: t, c: c, node: c.Plugs()[0], own: map[string]string{}}
	if err := a.begin(ctx); err != nil {
		return "", err
	}
	said := ""
	for {
		st, again, err := a.round(ctx)
		switch {
		case err != nil && final(err):
			return "", err
		case err != nil:
			c.Lost()
			if err.Error() != said {
				said = err.Error()
				c.Note(fencing.Warn, "%v", err)
			}
		case st != nil:
			return a.verdict(st)
		}
		if err := c.Wait(ctx, again); err != nil {
			a.leave(ctx)
			return "", fencing.Errorf(fencing.TimedOut, "the evacuation of %s was broken off: %w; another call goes on with it", a.host, err)
		}
	}
}

func final(err error) bool {
	switch fencing.KindOf(err) {
	case fencing.Usage, fencing.LoginDenied, fencing.Missing, fencing.Privileges:
		return true
	}
	return false
}

// begin makes sure that the host is fenced.
func (a *attempt) begin(ctx context.Context) error {
	dev, err := a.c.Device()
	if err != nil {
		return err
	}
	svc, err := dev.(*session).service(ctx, a.node)
	if err != nil {
		return err
	}
	a.host = svc.Host
	if !svc.Fenced() {
		return fencing.Errorf(fencing.Refused, "nova does not have %s as forced down and down (%s): it is not evacuated, because its servers may run; fence the host, then: fence_compute -o off -n %s", svc.Host, words(svc), a.node)
	}
	domain := ""
	if rest, ok := strings.CutPrefix(svc.Host, a.node+"."); ok {
		domain = rest
	} else if svc.Host != a.node {
		a.node = svc.Host
	}
	shared := !a.c.Bool("no_shared_storage")
	a.work = &evacuator.Evacuator{
		Record: evacuation.New(evacuation.Config{
			Self: a.Self, Domain: domain, MaxParallel: a.c.Int("max_parallel"), Attempts: a.c.Int("attempts"),
			RetryDelay: 15 * time.Second, ServerTimeout: 10 * time.Minute, Threshold: a.c.Int("threshold"),
		}),
		Tag: a.c.String("evacuable_tag"), Shared: &shared, Mark: a.mark,
		Log: func(bad bool, text string) {
			if bad {
				a.c.Note(fencing.Warn, "%s", text)
				return
			}
			a.c.Note(fencing.Info, "%s", text)
		},
		Asking: func(ask evacuation.Ask) { a.c.Note(fencing.Debug, "%s", ask) },
	}
	if _, a.known, err = a.Marks.All(ctx); err != nil {
		return fencing.Errorf(fencing.Generic, "read the node attribute evacuate: %w", err)
	}
	if begun := strings.HasPrefix(svc.DisabledReason, evacuation.FencedReason) || !evacuation.Remembered(svc.DisabledReason); begun {
		return a.want(ctx)
	}
	return nil // begun by another program: the record waits until its requests have arrived
}

// want marks the node, unless somebody is at work.
func (a *attempt) want(ctx context.Context) error {
	marks, _, err := a.marks(ctx)
	if err == nil && (marks[a.node] == "" || marks[a.node] == evacuation.Released) {
		err = a.mark(ctx, a.node, evacuation.Wanted)
	}
	if err != nil {
		return fencing.Errorf(fencing.Generic, "mark the node for evacuation: %w", err)
	}
	return nil
}

func (a *attempt) marks(ctx context.Context) (map[string]string, bool, error) {
	if !a.known {
		return maps.Clone(a.own), false, nil
	}
	all, known, err := a.Marks.All(ctx)
	one := map[string]string{}
	if mark, ok := all[a.node]; ok {
		one[a.node] = mark
	}
	return one, known, err
}

func (a *attempt) mark(ctx context.Context, node, value string) error {
	if !a.known {
		a.own[node] = value
		return nil
	}
	return a.Marks.Set(ctx, node, value)
}

// round looks, decides and acts. The status is not nil when it is over.
func (a *attempt) round(ctx context.Context) (*evacuation.HostStatus, time.Duration, error) {
	dev, err := a.c.Device()
	if err != nil {
		return nil, time.Second, err
	}
	nova := dev.(*session).nova
	marks, _, err := a.marks(ctx)
	if err != nil {
		return nil, time.Second, err
	}
	plan, err := a.work.Plan(ctx, nova, marks, a.others)
	if err != nil {
		return nil, time.Second, fault(err)
	}
	if err := a.work.Act(ctx, nova, plan.Steps); err != nil {
		return nil, time.Second, err
	}
	for i := range plan.Status.Hosts {
		st := &plan.Status.Hosts[i]
		released := false
		for _, s := range plan.Steps {
			_, is := s.(evacuation.Release)
			released = released || is
		}
		if released || st.Phase == "released" {
			return st, 0, nil
		}
	}
	if len(plan.Status.Hosts) == 0 && marks[a.node] == evacuation.Released {
		// NovaEvacuate has done it; what it could not move stands in its log.
		return &evacuation.HostStatus{Node: a.node, Host: a.host, Phase: "released"}, 0, nil
	}
	if evacuator.Advances(plan.Steps) {
		return nil, 10 * time.Millisecond, nil
	}
	return nil, time.Second, nil
}

// others hides what nova remembers of other hosts: they are not this call's.
func (a *attempt) others(services []api.Service) {
	for i := range services {
		if services[i].Host != a.host {
			services[i].DisabledReason = ""
		}
	}
}

func (a *attempt) leave(ctx context.Context) {
	ctx, cancel := a.c.Limit(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	a.work.Leave(ctx)
}

func (a *attempt) verdict(st *evacuation.HostStatus) (string, error) {
	for _, l := range st.Left {
		a.c.Note(fencing.Err, "server %s (%s) of %s was not moved: %s", l.Name, l.Server, st.Host, l.Reason)
	}
	text := fmt.Sprintf("Success: %d servers of %s evacuated, %d left, %d not to be evacuated", st.Moved, st.Host, len(st.Left), st.Staying)
	if len(st.Left) > 0 && a.c.String("left") == "fail" {
		return "", fencing.Errorf(fencing.Generic, "%d of %d servers of %s were not moved; the first: %s, %s", len(st.Left), st.Moved+len(st.Left), st.Host, st.Left[0].Name, st.Left[0].Reason)
	}
	return text, nil
}
