package rabbitmq

import (
	"slices"
	"strings"

	"systole/agents/ocf"
)

// notify tells RabbitMQ of members that have been fenced, and lets it forget those
// whose nodes an administrator has removed.
func notify(in ocf.Input[params], f facts) ocf.Decision {
	for _, name := range fenced(in, f) {
		step := ocf.Try{Step: ocf.Run{Command: ctl(in, f, f.Name, "eval", "erlang:disconnect_node('"+name+"').")}}
		if _, done := did(in, func(s ocf.Step) bool { return s.String() == step.String() }); !done {
			return ocf.Do(name+" has ended without a word: RabbitMQ is told", step)
		}
	}
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

// fenced are the members that the cluster manager has just seen to be stopped, that
// do not answer, and that this node still counts as connected. When the power of a
// node is cut, its connections stay open: Erlang notices by itself after a minute,
// and so long quorum queues have no leader.
func fenced(in ocf.Input[params], f facts) []string {
	if !in.Meta.Notify.Is("post", "stop") || !f.Self.Running {
		return nil
	}
	stopped := ocf.Nodes(in.Meta.Notify.Stop)
	var list []string
	for _, p := range f.Peers {
		if slices.Contains(stopped, p.Host) && f.Self.sees(p.Name) && !p.Alive && !p.Registered && !strings.ContainsAny(p.Name, `'\`) {
			list = append(list, p.Name)
		}
	}
	return list
}
