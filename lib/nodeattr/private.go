package nodeattr

// Private attributes are known to the attribute manager alone: they are not written
// to the CIB, so that a change starts no transition, and Get does not see them, but
// GetAll does. The agents of OpenStack clusters speak to each other through one.

// SetPrivate sets a private attribute.
func (t Tools) SetPrivate(a Attribute, value string) Command { return t.private(a, "-U", value) }

// DeletePrivate deletes a private attribute.
func (t Tools) DeletePrivate(a Attribute) Command { return t.private(a, "-D") }

func (t Tools) private(a Attribute, args ...string) Command {
	all := []string{"-p", "-n", a.Name}
	if a.Node != "" {
		all = append(all, "-N", a.Node)
	}
	return Command{t.Sbin + "/attrd_updater", append(all, args...)}
}
