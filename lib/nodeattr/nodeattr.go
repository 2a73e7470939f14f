// Package nodeattr makes the command lines with which transient node attributes
// and promotion scores are set and read, and reads their answers. It runs nothing.
package nodeattr

import (
	"fmt"
	"strconv"
	"strings"
)

// Command is a program and its arguments.
type Command struct {
	Path string
	Args []string
}

// Tools are the tools of the cluster on a node.
type Tools struct {
	Sbin string // directory of the tools
	// FeatureSet is Pacemaker's; "" if not known.
	FeatureSet string
}

// exit codes of crm_attribute for an attribute that is not there: Pacemaker 2
// and later, and 1.1 (ENXIO).
const (
	noSuch    = 105
	noSuchOld = 6
)

// Promotion sets the promotion score on a node ("" is this node) of the resource
// that OCF_RESOURCE_INSTANCE names in the environment of the command. Pacemaker
// before 2.1 (feature set 3.10.0) has crm_master for it.
func (t Tools) Promotion(node, value string) Command {
	return t.promotion(node, "-v", value)
}

// DeletePromotion deletes the promotion score.
func (t Tools) DeletePromotion(node string) Command { return t.promotion(node, "-D") }

func (t Tools) promotion(node string, args ...string) Command {
	if node != "" {
		args = append(args, "-N", node)
	}
	if t.FeatureSet != "" && older(t.FeatureSet, 3, 10) {
		return Command{t.Sbin + "/crm_master", append([]string{"-l", "reboot"}, args...)}
	}
	return Command{t.Sbin + "/crm_attribute", append([]string{"--promotion"}, args...)}
}

// An Attribute is a node attribute.
type Attribute struct {
	Name string
	Node string // "" is this node
	// Persistent attributes are part of the configuration; the others are gone when
	// the node leaves the cluster.
	Persistent bool
}

// Set sets an attribute.
func (t Tools) Set(a Attribute, value string) Command { return t.attribute(a, "-v", value) }

// Delete deletes an attribute.
func (t Tools) Delete(a Attribute) Command { return t.attribute(a, "-D") }

// Get asks for an attribute; see Value.
func (t Tools) Get(a Attribute) Command { return t.attribute(a, "-G", "-q") }

func (t Tools) attribute(a Attribute, args ...string) Command {
	lifetime := "reboot"
	if a.Persistent {
		lifetime = "forever"
	}
	all := []string{"-l", lifetime, "-n", a.Name}
	if a.Node != "" {
		all = append(all, "-N", a.Node)
	}
	return Command{t.Sbin + "/crm_attribute", append(all, args...)}
}

// GetAll asks for an attribute on all nodes, and asks the daemon that keeps the
// attributes: the configuration learns of them later. See Values.
func (t Tools) GetAll(name string) Command {
	return Command{t.Sbin + "/attrd_updater", []string{"-n", name, "-Q", "-A"}}
}

// Values reads the answer to GetAll, lines of name="N" host="H" value="V". An
// attribute that was deleted has an empty value on a node for a while.
func Values(code int, stdout, stderr string) (map[string]string, error) {
	values := map[string]string{}
	switch {
	case code == 0:
	case code == noSuch, code == noSuchOld, strings.Contains(stderr, noneAtAll):
		return values, nil
	default:
		// Pacemaker 2.1 has the code of a wrong configuration for it.
		if strings.Contains(stderr, "attribute does not exist") {
			return values, nil
		}
		return nil, fmt.Errorf("attrd_updater ended with exit code %d: %s", code, strings.TrimSpace(stderr))
	}
	for line := range strings.Lines(stdout) {
		_, rest, ok := strings.Cut(line, ` host="`)
		host, rest, okHost := strings.Cut(rest, `" value="`)
		end := strings.LastIndexByte(rest, '"')
		if !ok || !okHost || end < 0 {
			continue
		}
		if value := rest[:end]; value != "" {
			values[host] = value
		}
	}
	return values, nil
}

// Value reads the answer to Get from the exit code and the output of the command.
func Value(code int, stdout, stderr string) (value string, found bool, err error) {
	switch code {
	case 0:
		return strings.TrimRight(stdout, "\n"), true, nil
	case noSuch, noSuchOld:
		return "", false, nil
	}
	return "", false, fmt.Errorf("crm_attribute ended with exit code %d: %s", code, strings.TrimSpace(stderr))
}

// noneAtAll is what attrd_updater says of an attribute that no node has had. Its exit
// code has changed from version to version; in 2.1.5 it is that of a bad
// configuration (78).
const noneAtAll = "attribute does not exist"

// older compares the first two numbers of a version.
func older(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	return errA == nil && errB == nil && (a < major || a == major && b < minor)
}
