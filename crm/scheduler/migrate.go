package scheduler

// canMigrate tells whether a resource may move live from the node (07 §4.2).
func canMigrate(r *Resource, current *Node) bool {
	return r.Has(RscMigratable|RscManaged) && !r.Has(RscFailed) && !r.Has(RscStartPending) &&
		!current.Unclean && !r.Assigned.Unclean
}

// createMigration creates the actions of a live migration beside start and
// stop, which become parts of it (07 §4.5).
func (s *State) createMigration(r *Resource, current *Node) {
	start := s.action(r, taskStart, 0, r.Assigned, true)
	stop := s.action(r, taskStop, 0, current, true)
	partial := r.PartialTarget != nil
	var to *Action
	if !partial {
		to = s.action(r, taskMigrateTo, 0, current, true)
	}
	from := s.action(r, taskMigrateFrom, 0, r.Assigned, true)
	start.set(ActMigratable | ActPseudo)
	stop.set(ActMigratable)
	from.set(ActMigratable)
	if partial {
		from.Needs = start.Needs
		s.orderTasks(r, taskMonitor, r, taskMigrateFrom, RelOrdered, 0)
	} else {
		to.set(ActMigratable)
		to.Needs = start.Needs
		s.orderTasks(r, taskMonitor, r, taskMigrateTo, RelOrdered, 0)
		s.orderTasks(r, taskMigrateTo, r, taskMigrateFrom, RelOrdered|RelUnmigratableThenBlocks, 0)
	}
	s.orderTasks(r, taskMigrateFrom, r, taskStop, RelOrdered|RelUnmigratableThenBlocks, 0)
	s.orderTasks(r, taskMigrateFrom, r, taskStart, RelOrdered|RelUnmigratableThenBlocks|RelFirstElseThen, 0)
	for _, a := range [...]*Action{to, from} {
		if a != nil {
			a.Meta.Set("migrate_source", current.Name)
			a.Meta.Set("migrate_target", r.Assigned.Name)
		}
	}
	if to != nil && !r.Has(RscRemoteConnection) {
		to.Meta.Set("record-pending", "true")
	}
}
