package laws

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/crm/graph"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
	"systole/ocf-tests/scheduler/generate"
)

var keep = flag.String("keep", "", "`file` to write each CIB to before the law is tried: after a failure it holds the plainest that breaks it")

// TestMain makes rapid try the same CIBs every time unless it is told
// otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{"rapid.seed": "20", "rapid.checks": "400", "rapid.shrinktime": "20s"} {
		if given[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// choices lets rapid make the choices of a generated CIB, so that a failure
// shrinks to a plain one.
type choices struct{ t *rapid.T }

func (c choices) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(c.t, "") }

// document prints itself as a CIB when rapid shows what was drawn.
type document struct{ root *xmltree.Element }

func (d document) GoString() string {
	return "\n" + string(xmltree.AppendXML(nil, d.root, xmltree.PrintOptions{}))
}

// cibs are generated CIBs, a third of them with a past.
func cibs() *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		src := choices{t}
		if src.IntN(3) == 2 {
			return document{generate.Lived(src)}
		}
		return document{generate.CIB(src)}
	})
}

// options of all runs.
var options = scheduler.Options{RealNow: generate.Date, Scores: true}

// cluster is a CIB with what is planned for it.
type cluster struct {
	root *xmltree.Element
	was  *scheduler.State // as it was read
	plan *scheduler.State
	g    *graph.Graph
	of   map[int]*op // by action id
	ops  []*op       // what is done when the graph is executed, in that order
	end  graph.Status
}

// op is an action of the graph with what it is about.
type op struct {
	*graph.Action
	rsc    *scheduler.Resource // of cluster.was; nil when it is about none
	node   *scheduler.Node     // of cluster.was
	inputs []*op
	behind map[*op]bool // everything that comes before it
}

type failer interface {
	require.TestingT
	Helper()
}

// read plans a CIB.
func read(t failer, root *xmltree.Element) *cluster {
	t.Helper()
	c := &cluster{root: root, of: map[int]*op{}}
	var err error
	c.was, err = scheduler.Unpack(root, options)
	require.NoError(t, err)
	c.plan, err = scheduler.Unpack(root, options)
	require.NoError(t, err)
	require.NoError(t, c.plan.Plan())
	c.g = c.plan.Graph()
	nodes := map[int]string{} // the graph does not say where a pseudo-action is for
	for _, a := range c.plan.Actions {
		if a.Node != nil {
			nodes[a.ID] = a.Node.Name
		}
	}
	for i := range c.g.Synapses {
		for _, a := range c.g.Synapses[i].Actions {
			c.of[a.ID] = &op{Action: a, rsc: c.resource(a), node: c.node(nodes[a.ID])}
		}
	}
	for i := range c.g.Synapses {
		for _, in := range c.g.Synapses[i].Inputs {
			for _, a := range c.g.Synapses[i].Actions {
				if before := c.of[in.ID]; before != nil {
					o := c.of[a.ID]
					o.inputs = append(o.inputs, before)
				}
			}
		}
	}
	run := graph.NewRunner(c.g, graph.Limits{})
	for a := run.Next(); a != nil; a = run.Next() {
		c.ops = append(c.ops, c.of[a.ID])
		run.Done(a, true)
	}
	c.end = run.Status()
	return c
}

// resource finds what an action is about: the instance, where it is a clone's.
func (c *cluster) resource(a *graph.Action) *scheduler.Resource {
	if a.Kind == graph.CRMEvent {
		return nil
	}
	key := a.Key
	if a.InternalKey != "" {
		key = a.InternalKey
	}
	id, _, _, ok := scheduler.SplitKey(key)
	if !ok {
		return nil
	}
	return c.was.FindResource(id)
}

// planned is a resource of cluster.was as it is after planning.
func (c *cluster) planned(r *scheduler.Resource) *scheduler.Resource {
	for _, p := range leaves(c.plan.Resources) {
		if p.Index == r.Index {
			return p
		}
	}
	return nil
}

func (c *cluster) node(name string) *scheduler.Node {
	for _, n := range c.was.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// before tells whether an action is done before another one is started.
func (o *op) before(other *op) bool {
	if other.behind == nil {
		other.behind = map[*op]bool{}
		todo := []*op{other}
		for len(todo) > 0 {
			next := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, in := range next.inputs {
				if !other.behind[in] {
					other.behind[in] = true
					todo = append(todo, in)
				}
			}
		}
	}
	return other.behind[o]
}

// find lists the actions with that task of a resource on a node; nil stands
// for any.
func (c *cluster) find(task string, r *scheduler.Resource, node *scheduler.Node) (list []*op) {
	for _, o := range c.ops {
		if o.Task == task && (r == nil || o.rsc == r) && (node == nil || o.node == node) {
			list = append(list, o)
		}
	}
	return list
}

// anyBefore tells whether one of the actions comes before the other.
func anyBefore(list []*op, other *op) bool {
	for _, o := range list {
		if o.before(other) {
			return true
		}
	}
	return false
}

// check holds a law against generated CIBs.
func check(t *testing.T, law func(t *rapid.T, c *cluster)) {
	t.Helper()
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		root := cibs().Draw(t, "cib").root
		if *keep != "" {
			if err := os.WriteFile(*keep, xmltree.AppendXML(nil, root, xmltree.PrintOptions{}), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		law(t, read(t, root))
	})
}

// leaves lists the primitives of a cluster.
func leaves(list []*scheduler.Resource) (out []*scheduler.Resource) {
	for _, r := range list {
		if r.IsLeaf() {
			out = append(out, r)
		}
		out = append(out, leaves(r.Children)...)
	}
	return out
}
