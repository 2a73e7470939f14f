package nodeattr

import (
	"fmt"
	"strings"
)

// Private attributes are known to the attribute manager alone: they are not written
// to the CIB, so that a change starts no transition, and crm_attribute does not see
// them. The agents of OpenStack clusters speak to each other through one.

// SetPrivate sets a private attribute.
func (t Tools) SetPrivate(a Attribute, value string) Command { return t.private(a, "-U", value) }

// DeletePrivate deletes a private attribute.
func (t Tools) DeletePrivate(a Attribute) Command { return t.private(a, "-D") }

// GetPrivate asks for the value that an attribute has on each node, private or
// not; see Values.
func (t Tools) GetPrivate(name string) Command {
	return Command{t.Sbin + "/attrd_updater", []string{"-n", name, "-Q", "-A"}}
}

func (t Tools) private(a Attribute, args ...string) Command {
	all := []string{"-p", "-n", a.Name}
	if a.Node != "" {
		all = append(all, "-N", a.Node)
	}
	return Command{t.Sbin + "/attrd_updater", append(all, args...)}
}

// Values reads the answer to GetPrivate: values by node, without empty ones.
func Values(code int, stdout, stderr string) (map[string]string, error) {
	values := map[string]string{}
	switch code {
	case 0:
	case noSuch, noSuchOld:
		return values, nil
	default:
		return nil, fmt.Errorf("attrd_updater ended with exit code %d: %s", code, strings.TrimSpace(stderr))
	}
	for line := range strings.Lines(stdout) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		// name="evacuate" host="node-1" value="yes"
		_, rest, ok1 := strings.Cut(line, `" host="`)
		node, value, ok2 := strings.Cut(rest, `" value="`)
		value, ok3 := strings.CutSuffix(value, `"`)
		if !ok1 || !ok2 || !ok3 {
			return nil, fmt.Errorf("the answer of attrd_updater is not understood: %q", line)
		}
		if value != "" && value != "(null)" {
			values[node] = value
		}
	}
	return values, nil
}
