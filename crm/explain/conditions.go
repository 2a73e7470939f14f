package explain

import (
	"systole/crm/scheduler"
)

// conditions lists what limits a resource, apart from nodes.
func (x *Index) conditions(r *scheduler.Resource) []Fact {
	var list []Fact
	add := func(f Fact) { list = append(list, f) }
	if r.Has(scheduler.RscRemoved) {
		add(plain("removed", "it is configured no more, and still in the history of a node"))
	}
	if !r.Managed() {
		add(x.unmanagedFact(r))
	}
	if r.IsLeaf() && r.Has(scheduler.RscFailed) {
		add(x.failedFact(r))
	}
	if x.s.Config.StopAll {
		add(from("stop-all-resources", "stop-all-resources=true", x.option("stop-all-resources")))
	}
	if r.IsLeaf() {
		if f, ok := x.limitedRole(r); ok {
			add(f)
		}
	} else if v := r.Meta.Value("target-role"); v != "" && v != "Started" {
		add(from("target-role", "target-role="+v, x.metaPair(r, "target-role")))
	}
	for q := r; q != nil; q = q.Parent {
		for _, t := range q.Tickets() {
			if !t.Ticket.Granted || t.Ticket.Standby {
				c := x.s.CauseOf(t.Cause)
				add(fact(x.ticketText(c.XML), c))
			}
		}
	}
	if !x.s.Quorate && r.Parent == nil {
		if v := x.s.Config.Values["no-quorum-policy"]; v != "ignore" {
			add(from("no-quorum-policy", "the cluster has no quorum, and no-quorum-policy="+v, x.option("no-quorum-policy")))
		}
	}
	return list
}

// unmanagedFact says why the cluster does not act on a resource.
func (x *Index) unmanagedFact(r *scheduler.Resource) Fact {
	text := "it is not managed: "
	if r.Has(scheduler.RscBlocked) {
		text = "it is blocked: "
	}
	if c := r.Why().Unmanaged; c != 0 {
		info := x.s.CauseOf(c)
		switch info.Kind {
		case "rsc_ticket":
			return fact(text+x.ticketText(info.XML)+", loss-policy=freeze", info)
		case "failure":
			return fact(text+failureText(info)+", on-fail=block", info)
		case "failed-stop":
			return fact(text+operation(info.XML)+", and the node cannot be fenced", info)
		case "removed":
			return fact(text+"it is configured no more, and stop-removed-resources=false", info)
		}
		return fact(text+x.builtIn(r, nil, info), info)
	}
	if x.s.Config.MaintenanceMode {
		return from("maintenance-mode", text+"maintenance-mode=true", x.option("maintenance-mode"))
	}
	for _, name := range [...]string{"maintenance", "is-managed"} {
		if v, ok := r.Meta.Get(name); ok && (v == "true") == (name == "maintenance") {
			return from(name, text+name+"="+v, x.metaPair(r, name))
		}
	}
	for _, n := range r.Active {
		if n.Maintenance {
			return from("maintenance", text+n.Name+" is in maintenance mode", x.nodeAttr(n, "maintenance"))
		}
	}
	return plain("is-managed", text+"is-managed is not true")
}

// failedFact says what failed.
func (x *Index) failedFact(r *scheduler.Resource) Fact {
	if c := r.Why().Failed; c != 0 {
		info := x.s.CauseOf(c)
		if info.XML != nil && info.XML.Name == "lrm_rsc_op" {
			return fact("it failed: "+operation(info.XML), info)
		}
		return fact("it counts as failed: "+x.builtIn(r, nil, info), info)
	}
	for _, n := range r.Active {
		if op := x.lastFailure(r, n); op != nil {
			return from("failure", "it failed: "+operation(op), op)
		}
	}
	return plain("failure", "it counts as failed: a live migration of it was broken off")
}

// limitedRole says why a primitive shall have less than its usual role.
func (x *Index) limitedRole(r *scheduler.Resource) (Fact, bool) {
	if r.Why().Role != 0 && r.NextRole == scheduler.RoleStopped {
		return x.roleFact(r), true
	}
	switch x.s.ConfiguredRole(r) {
	case scheduler.RoleStopped, scheduler.RoleUnpromoted:
		return from("target-role", "target-role="+r.Meta.Value("target-role"), x.metaPair(r, "target-role")), true
	}
	return Fact{}, false
}
