package scheduler

func (s *State) settleSummary() {}
