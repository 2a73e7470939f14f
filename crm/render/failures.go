package render

import "systole/crm/scheduler"

// attributes writes the node attributes (08 §5.7).
func (b *textStatus) attributes() {
	open := false
	for _, n := range b.s.Nodes {
		if !n.Online {
			continue
		}
		list := shownAttrs(b.s, n)
		if len(list) == 0 {
			continue
		}
		if !open {
			b.section("Node Attributes")
			open = true
		}
		b.begin("Node: ", n.Name)
		for _, a := range list {
			line := pad(a.name, 32) + "\t: " + pad(a.value, 10)
			if a.checked {
				switch v := intValue(a.value); {
				case v <= 0:
					line += "\t: Connectivity is lost"
				case v < a.expected:
					line += "\t: Connectivity is degraded (Expected=" + itoa(a.expected) + ")"
				}
			}
			b.item(line)
		}
		b.end()
	}
	if open {
		b.end()
	}
}

// failCounts writes the fail counts of every online node (08 §5.8).
func (b *textStatus) failCounts() {
	all := allFailures(b.s)
	if len(all) == 0 {
		return
	}
	b.section("Migration Summary")
	for _, f := range all {
		if len(f.list) == 0 {
			continue
		}
		b.begin("Node: ", f.node.Name)
		for _, r := range f.list {
			line := r.id + ": migration-threshold=" + thresholdText(r.rsc) + " fail-count=" + itoa(int(r.count))
			if r.last > 0 {
				line += " last-failure='" + ctime(r.last, b.o.Zone) + "'"
			}
			b.item(line)
		}
		b.end()
	}
	b.end()
}

func thresholdText(r *scheduler.Resource) string { return itoa(int(r.Threshold)) }

// failedActions writes the failed operations (08 §5.9).
func (b *textStatus) failedActions() {
	list := shownFailures(b.s)
	if len(list) == 0 {
		return
	}
	b.section("Failed Resource Actions")
	for _, f := range list {
		call := f.CallID
		if call == "" {
			call = "unknown"
		}
		line := f.Key + " on " + f.Node.Name + " '" + ExitWord(f.RC) + "' (" + itoa(f.RC) + "): call=" + call +
			", status='" + execWord(f.Status) + "'"
		if f.ExitReason != "" {
			line += ", exitreason='" + f.ExitReason + "'"
		}
		if f.Op.Has("last-rc-change") {
			line += ", last-rc-change='" + ctime(f.LastChange, b.o.Zone) + "'"
		}
		if f.QueueTime != "" {
			line += ", queued=" + f.QueueTime + "ms"
		}
		if f.ExecTime != "" {
			line += ", exec=" + f.ExecTime + "ms"
		}
		b.item(line)
	}
	b.end()
}
