package laws

import (
	"testing"

	"pgregory.net/rapid"

	"systole/crm/scheduler"
)

// What may be active only once is stopped where it is, or asked to migrate,
// before it is started elsewhere.
//
// Pacemaker's own fault: what is migrated to a node whose connection is
// recovered or moves arrives there although it cannot leave
// (testdata/remote-migrate-failed).
func TestStoppedElsewhereFirst(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		for _, o := range c.ops {
			if !isArrival(o) || inAnonymousClone(o.rsc) || c.migratesTooSoon(o) {
				continue
			}
			for _, n := range o.rsc.Active {
				if n == o.node || (o.Task == "migrate_from" && n == o.rsc.PartialSource) {
					continue // it has been asked to migrate
				}
				gone := append(c.find("stop", o.rsc, n), c.find("migrate_to", o.rsc, n)...)
				if !anyBefore(gone, o) {
					t.Fatalf("%s on %s, although %s is active on %s and not stopped there first", o.Key, o.Node, o.rsc.ID, n.Name)
				}
			}
		}
	})
}

// isArrival tells whether a resource is active on the action's node from then
// on.
func isArrival(o *op) bool {
	return o.Primitive != nil && o.rsc != nil && isAny(o.Task, "start", "migrate_from")
}

// inAnonymousClone tells whether instances have no names of their own: then
// another instance may be active anywhere.
func inAnonymousClone(r *scheduler.Resource) bool {
	for ; r != nil; r = r.Parent {
		if r.IsAnonymousClone() {
			return true
		}
	}
	return false
}

// What is promoted is demoted before others are promoted in its place: there
// are never more promoted instances than promoted-max, whatever the order in
// which actions end that nothing orders.
func TestDemotedFirst(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		for _, p := range c.ops {
			if p.Primitive == nil || p.rsc == nil || p.Task != "promote" {
				continue
			}
			clone := p.rsc
			for clone != nil && clone.Kind != scheduler.KindClone {
				clone = clone.Parent
			}
			if clone == nil {
				continue
			}
			promoted := map[*scheduler.Resource]bool{}
			for _, r := range leaves(clone.Children) {
				if r.OrigRole == scheduler.RolePromoted && r.XMLID == p.rsc.XMLID {
					promoted[r] = true
				}
			}
			before := len(promoted)
			for _, o := range c.ops {
				if o.rsc == nil {
					continue
				}
				switch {
				case isAny(o.Task, "demote", "stop") && promoted[o.rsc] && o.before(p):
					delete(promoted, o.rsc)
				case o.Task == "promote" && o.rsc.XMLID == p.rsc.XMLID && o.rsc.Top() == p.rsc.Top() && o != p && !promoted[o.rsc]:
					promoted[o.rsc] = true
				}
			}
			most := max(clone.PromotedMax(), before)
			if len(promoted)+1 > most && !promoted[p.rsc] {
				t.Fatalf("%s on %s makes %d promoted instances of %s, which may have %d", p.Key, p.Node, len(promoted)+1, clone.ID, most)
			}
		}
	})
}
