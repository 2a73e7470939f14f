package scheduler

// unpackGroup makes the members of a group (03 §5).
func (s *State) unpackGroup(r *Resource) bool {
	r.group = &groupData{
		ordered:   !isFalse(r.Meta.Value("ordered")),
		colocated: !isFalse(r.Meta.Value("collocated")),
	}
	for e := range r.XML.Elements("primitive") {
		if m := s.unpackResource(e, r, r.Instance); m != nil {
			r.Children = append(r.Children, m)
		}
	}
	if len(r.Children) == 0 {
		s.configError(r.XML, "ignoring group %s because it has no usable member", r.ID)
		return false
	}
	return true
}
