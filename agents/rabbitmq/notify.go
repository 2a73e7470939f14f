package rabbitmq

import (
	"slices"

	"systole/agents/ocf"
)

// notify lets the cluster forget members whose nodes an administrator has removed.
func notify(in ocf.Input[params], f facts) ocf.Decision {
	if in.Meta.Notify.Type != "post" || !f.Self.Running || len(f.Self.Connected) == 0 || slices.Min(f.Self.Connected) != f.Name {
		return ocf.Done()
	}
	for _, name := range removed(f) {
		step := ocf.Try{Step: forget(in, f, f.Name, name)}
		if _, done := did(in, func(s ocf.Step) bool { return s.String() == step.String() }); done {
			continue
		}
		small := ocf.Try{Step: shrink{via: f.Name, node: name, command: queuesCommand(in, f, f.Name, "shrink", name)}}
		if t, done := did(in, func(s ocf.Step) bool { return s.String() == small.String() }); !done {
			return ocf.Do(name+" was removed from the cluster's configuration", small)
		} else if t.Err == nil {
			return ocf.Do(name+" was removed from the cluster's configuration", step)
		}
	}
	return ocf.Done()
}

// removed are the members that do not run and whose nodes are no longer configured.
func removed(f facts) []string {
	var list []string
	for _, p := range f.Peers {
		if p.Removed && slices.Contains(f.Self.Members, p.Name) && !f.Self.sees(p.Name) && !p.Registered && !p.Alive {
			list = append(list, p.Name)
		}
	}
	return list
}
