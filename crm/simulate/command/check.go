package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"systole/crm/scheduler"
	"systole/crm/simulate"
)

// check refuses steps that name what is not there, and says what there is.
func (r *run) check(s *scheduler.State, steps []Step) int {
	c := newChecker(s)
	for i := range steps {
		err := c.step(&steps[i])
		if err == nil {
			continue
		}
		r.refuse("%v", err)
		var no *missingError
		switch {
		case !errors.As(err, &no):
			return exitUsage
		case no.what == "node":
			return exitNoNode
		}
		return exitNoSuchThing
	}
	return exitOK
}

// missingError names something that is not there.
type missingError struct{ what, text string }

func (e *missingError) Error() string { return e.text }

// checker knows what there is.
type checker struct {
	s       *scheduler.State
	nodes   []string
	tickets []string
	names   []string // of resources
}

func newChecker(s *scheduler.State) *checker {
	c := &checker{s: s}
	for _, n := range s.Nodes {
		c.nodes = append(c.nodes, n.Name)
	}
	for e := range s.CIB.Path("configuration", "constraints").Elements("rsc_ticket") {
		c.tickets = append(c.tickets, e.Get("ticket"))
	}
	for e := range s.StatusXML().Child("tickets").Elements("ticket_state") {
		c.tickets = append(c.tickets, e.ID())
	}
	slices.Sort(c.tickets)
	c.tickets = slices.Compact(c.tickets)
	c.names = names(s)
	return c
}

func (c *checker) step(step *Step) error {
	in := &step.Injection
	for _, n := range in.NodesUp {
		if n == "" {
			return errors.New("--node-up: the name of the node is empty")
		}
		if !slices.Contains(c.nodes, n) {
			c.nodes = append(c.nodes, n)
		}
	}
	for _, f := range [...]struct {
		flag  string
		list  []string
		check func(string) error
	}{
		{"--node-down", in.NodesDown, c.node},
		{"--node-fail", in.NodesFail, c.lost},
		{"--node-standby", in.NodesStandby, c.node},
		{"--node-unstandby", in.NodesUnstandby, c.node},
		{"--node-shutdown", in.NodesLeave, c.node},
		{"--ticket-grant", in.Grant, c.ticket},
		{"--ticket-revoke", in.Revoke, c.ticket},
		{"--ticket-standby", in.Standby, c.ticket},
		{"--ticket-activate", in.Activate, c.ticket},
		{"--rsc-stop", in.RscStop, c.configured},
		{"--rsc-start", in.RscStart, c.configured},
		{"--op-inject", in.Ops, c.injected},
		{"--op-fail", step.Fail, c.operation},
	} {
		for _, v := range f.list {
			if err := f.check(v); err != nil {
				return fmt.Errorf("%s: %w", f.flag, err)
			}
		}
	}
	for i, spec := range in.RscFail {
		full, err := c.failing(spec)
		if err != nil {
			return fmt.Errorf("--rsc-fail: %w", err)
		}
		in.RscFail[i] = full
	}
	return nil
}

func (c *checker) node(name string) error {
	if slices.Contains(c.nodes, name) {
		return nil
	}
	return &missingError{"node", fmt.Sprintf("there is no node %q; there are: %s", name, some(c.nodes))}
}

// lost checks a node that is to fail: a Pacemaker Remote node has to be
// connected for that.
func (c *checker) lost(name string) error {
	if err := c.node(name); err != nil {
		return err
	}
	for _, n := range c.s.Nodes {
		if n.Name == name && n.Remote && n.Connection != nil && n.Connection.ActiveNode() == nil {
			return fmt.Errorf("%s has no connection that could be lost: %s is not active", name, n.Connection.ID)
		}
	}
	return nil
}

func (c *checker) ticket(name string) error {
	switch {
	case slices.Contains(c.tickets, name):
		return nil
	case len(c.tickets) == 0:
		return &missingError{"ticket", fmt.Sprintf("there is no ticket %q: no rsc_ticket constraint is configured", name)}
	}
	return &missingError{"ticket", fmt.Sprintf("there is no ticket %q; there are: %s", name, some(c.tickets))}
}

// resource finds a resource by a name that histories use.
func (c *checker) resource(name string) (*scheduler.Resource, error) {
	r := c.s.FindResource(name)
	if r == nil {
		r = c.s.FindResource(name + ":0")
	}
	if r == nil {
		return nil, &missingError{"resource", fmt.Sprintf("there is no resource %q%s", name, DidYouMean(name, c.names))}
	}
	return r, nil
}

// configured checks a resource whose configuration is to be changed.
func (c *checker) configured(name string) error {
	r, err := c.resource(name)
	switch {
	case err != nil:
		return err
	case r.XMLID != name && r.ID == name:
		return fmt.Errorf("%s is one instance of %s and cannot be told by itself; name the clone", name, r.TopBelowBundle().ID)
	case r.Has(scheduler.RscRemoved):
		return fmt.Errorf("%s is configured no more", name)
	case r.Bundled() && r.Kind != scheduler.KindBundle && r.XML.Line == 0:
		return fmt.Errorf("%s is made by the bundle %s; name the bundle", name, r.Top().ID)
	}
	return nil
}

// failing completes RSC[@NODE]: a primitive that is active somewhere.
func (c *checker) failing(spec string) (string, error) {
	name, node, given := strings.Cut(spec, "@")
	r, err := c.resource(name)
	if err != nil {
		return "", err
	}
	if given {
		if err := c.node(node); err != nil {
			return "", err
		}
	}
	var active []*scheduler.Resource
	where := []string{}
	for _, leaf := range primitives(r) {
		for _, n := range leaf.Active {
			if !given || n.Name == node {
				active = append(active, leaf)
				where = append(where, n.Name)
			}
		}
	}
	switch {
	case len(active) == 0 && given:
		return "", fmt.Errorf("%s is not active on %s", name, node)
	case len(active) == 0:
		return "", fmt.Errorf("%s is active nowhere", name)
	case len(active) > 1 && r.Kind == scheduler.KindGroup:
		return "", fmt.Errorf("%s is a group; name one of its members, as in %s@%s", name, active[0].ID, where[0])
	case len(active) > 1:
		return "", fmt.Errorf("%s is active on %s; say on which one it fails, as in %s@%s", name, some(where), name, where[0])
	}
	id := active[0].HistoryID
	if id == "" {
		id = active[0].ID
	}
	if _, ok := c.s.MonitorInterval(active[0], active[0].OrigRole); !ok {
		return "", fmt.Errorf("%s has no recurring monitor, so the cluster would not notice; use --op-inject", name)
	}
	return id + "@" + where[0], nil
}

// primitives lists what is at or below a resource. An instance stands for all
// of its clone.
func primitives(r *scheduler.Resource) []*scheduler.Resource {
	if p := r.Parent; p != nil && p.IsAnonymousClone() && r.IsLeaf() {
		return p.Children
	}
	if r.IsLeaf() {
		return []*scheduler.Resource{r}
	}
	var list []*scheduler.Resource
	for _, c := range r.Children {
		list = append(list, primitives(c)...)
	}
	return list
}

// injected checks the specification of an operation that is said to have
// happened: a recurring one has to be configured.
func (c *checker) injected(spec string) error {
	if err := c.operation(spec); err != nil {
		return err
	}
	key, _, _, _ := simulate.ParseSpec(spec)
	rsc, task, ms, _ := scheduler.SplitKey(key)
	if task != "monitor" || ms == 0 {
		return nil
	}
	r, err := c.resource(rsc)
	if err != nil {
		return err
	}
	list := c.s.MonitorIntervals(r)
	if slices.Contains(list, ms) {
		return nil
	}
	if len(list) == 0 {
		return fmt.Errorf("%s has no recurring monitor", rsc)
	}
	var keys []string
	for _, other := range list {
		keys = append(keys, fmt.Sprintf("%s_monitor_%d", rsc, other))
	}
	return fmt.Errorf("%s has no monitor with an interval of %d ms; there is: %s", rsc, ms, some(keys))
}

// operation says what is wrong with RSC_TASK_INTERVALMS@NODE=RC.
func (c *checker) operation(spec string) error {
	key, node, _, ok := simulate.ParseSpec(spec)
	if !ok {
		return fmt.Errorf("%q: want RSC_TASK_INTERVALMS@NODE=RC, as in web_monitor_10000@node1=7", spec)
	}
	rsc, task, _, ok := scheduler.SplitKey(key)
	if !ok {
		return fmt.Errorf("%q is no operation: want RSC_TASK_INTERVALMS, as in web_start_0", key)
	}
	if !slices.Contains(tasks, task) {
		return fmt.Errorf("%q is no task; there are: %s", task, some(tasks))
	}
	r, err := c.resource(rsc)
	switch {
	case err != nil:
		return err
	case c.s.FindResource(rsc) == nil:
		return fmt.Errorf("%s is an instance of a clone: name it with its number, as in %s:0", rsc, rsc)
	case !r.IsLeaf():
		return fmt.Errorf("%s is no primitive: name one that is in it", rsc)
	}
	return c.node(node)
}

// tasks is the table of what operations do.
var tasks = []string{"monitor", "start", "stop", "promote", "demote", "migrate_to", "migrate_from", "reload", "reload-agent", "notify"} // table
