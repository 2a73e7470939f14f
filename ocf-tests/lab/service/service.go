//go:build linux

package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"

	"systole/ocf-tests/lab"
)

// What a test needs, for Check.
const (
	MariaDBProgram  = "mariadbd"
	RabbitMQProgram = "rabbitmq-server"
	HAProxyProgram  = "haproxy"
)

// packages is a table: the Debian packages of programs.
var packages = map[string]string{
	MariaDBProgram:  "mariadb-server, galera-4",
	RabbitMQProgram: "rabbitmq-server",
	HAProxyProgram:  "haproxy",
}

// Check tells whether the programs are installed: nil, or an error that names all
// that are missing and how to get them.
func Check(programs ...string) error {
	var missing []error
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if _, err := os.Stat("/usr/sbin/" + p); err == nil {
			continue
		}
		missing = append(missing, fmt.Errorf("no program %s: install the Debian packages %s (make deps does it as root)", p, packages[p]))
	}
	return errors.Join(missing...)
}

// eachNode runs f for all nodes at once.
func eachNode(c *lab.Cluster, f func(n *lab.Node) error) error {
	nodes := c.Nodes()
	errs := make([]error, len(nodes))
	var wg sync.WaitGroup
	for i, n := range nodes {
		wg.Go(func() { errs[i] = f(n) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func names(c *lab.Cluster) []string {
	var list []string
	for _, n := range c.Nodes() {
		list = append(list, n.Name())
	}
	return list
}

// Attributes makes nvpairs with ids that begin with prefix, of NAME=VALUE pairs.
func attributes(prefix string, pairs ...string) string {
	var b strings.Builder
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		fmt.Fprintf(&b, `<nvpair id="%s-%s" name="%s" value="%s"/>`, prefix, name, name, value)
	}
	return b.String()
}

func operation(id, name, interval, timeout, more string) string {
	return fmt.Sprintf(`<op id="%s-%s-%s" name="%s" interval="%s" timeout="%s" %s/>`, id, name, interval, name, interval, timeout, more)
}

// copyFolder copies a folder of one node into another while both are on or off.
func copyFolder(ctx context.Context, from, to *lab.Node, path string) error {
	out, err := exec.CommandContext(ctx, "cp", "-a", "--reflink=auto", from.Path(path)+"/.", to.Path(path)+"/").CombinedOutput()
	if err != nil {
		return fmt.Errorf("copying %s of %s to %s: %w: %s", path, from.Name(), to.Name(), err, out)
	}
	return nil
}
