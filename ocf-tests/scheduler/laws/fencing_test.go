package laws

import (
	"testing"

	"pgregory.net/rapid"

	"systole/crm/scheduler"
)

// What was active on a node that is fenced, or has to be, is started elsewhere
// only after the fencing.
//
// A remote node that is unclean because its connection is lost needs no fencing
// once it is connected again (07 §7.2): then it is the stop there that the start
// waits for, and one that is really done.
func TestStartedAfterFencing(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		for _, o := range c.ops {
			if !isArrival(o) || !o.rsc.Has(scheduler.RscNeedsFencing) || inAnonymousClone(o.rsc) {
				continue
			}
			for _, n := range o.rsc.Active {
				if n == o.node {
					continue
				}
				fencing := c.fencing(n)
				switch {
				case len(fencing) > 0:
				case !n.Unclean || !c.was.Config.FencingEnabled:
					continue
				case n.Remote:
					fencing = c.realStops(o.rsc, n)
				}
				if !anyBefore(fencing, o) {
					t.Fatalf("%s on %s does not wait for the fencing of %s, where %s is active", o.Key, o.Node, n.Name, o.rsc.ID)
				}
			}
		}
	})
}

// realStops lists the stops on a node that are more than a pseudo-action.
func (c *cluster) realStops(r *scheduler.Resource, n *scheduler.Node) (list []*op) {
	for _, o := range c.find("stop", r, n) {
		if o.Primitive != nil {
			list = append(list, o)
		}
	}
	return list
}

// fencing lists what takes a node down.
func (c *cluster) fencing(node *scheduler.Node) (list []*op) {
	for _, o := range c.find("stonith", nil, node) {
		if how, _ := o.Attr("CRM_meta_stonith_action"); how != "on" {
			list = append(list, o)
		}
	}
	return list
}
