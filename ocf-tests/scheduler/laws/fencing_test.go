package laws

import (
	"testing"

	"pgregory.net/rapid"

	"systole/crm/scheduler"
)

// What was active on a node that is fenced, or has to be, is started elsewhere
// only after the fencing.
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
				if len(fencing) == 0 && !(n.Unclean && c.was.Config.FencingEnabled) {
					continue
				}
				if !anyBefore(fencing, o) {
					t.Fatalf("%s on %s does not wait for the fencing of %s, where %s is active", o.Key, o.Node, n.Name, o.rsc.ID)
				}
			}
		}
	})
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
