//go:build linux

package service

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"systole/ocf-tests/lab"
)

const (
	filePublic  fs.FileMode = 0o644
	filePrivate fs.FileMode = 0o400
)

// HAProxyPrivate are the folders that haproxy's nodes need of their own.
var HAProxyPrivate = []string{"/var/lib/haproxy"}

// HAProxyConfig is where SetUp writes to.
const HAProxyConfig = "/etc/haproxy/haproxy.cfg"

// HAProxySocket is the stats socket, level admin.
const HAProxySocket = "/run/haproxy/admin.sock"

// HAProxy says what haproxy does.
type HAProxy struct {
	// Sections are what follows the global and defaults sections: listen,
	// frontend, backend.
	Sections string
}

// Listen is a TCP service at port on the node, or at an address ADDRESS:PORT,
// balanced over the same port of all nodes. options are lines of the section.
func Listen(c *lab.Cluster, name, bind string, port int, options ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "listen %s\n  bind %s\n", name, bind)
	for _, o := range options {
		fmt.Fprintf(&b, "  %s\n", o)
	}
	for _, n := range c.Nodes() {
		fmt.Fprintf(&b, "  server %s %s:%d check inter 500\n", n.Name(), n.Address(), port)
	}
	return b.String()
}

// SetUp writes the configuration to all nodes, which must be on, and lets haproxy
// check it.
func (h HAProxy) SetUp(ctx context.Context, c *lab.Cluster) error {
	if err := Check(HAProxyProgram); err != nil {
		return err
	}
	text := "global\n  stats socket " + HAProxySocket + ` mode 660 level admin
  stats timeout 5s
  maxconn 1000

defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s

` + h.Sections
	return eachNode(c, func(n *lab.Node) error {
		if err := n.WriteFile(HAProxyConfig, []byte(text), filePublic, ""); err != nil {
			return err
		}
		if _, err := n.Run(ctx, "install", "-d", "-o", "haproxy", "-g", "haproxy", "/run/haproxy"); err != nil {
			return err
		}
		_, err := n.Run(ctx, "haproxy", "-c", "-f", HAProxyConfig)
		return err
	})
}

// CheckPort is where clustercheck answers haproxy.
const CheckPort = 9200

// GaleraListen is MariaDB at port 3306 of all nodes behind an address
// ADDRESS:PORT, as docs/agents/haproxy.md has it: all clients use one server as
// long as clustercheck on its node answers well.
func GaleraListen(c *lab.Cluster, bind string) string {
	return Listen(c, "galera", bind, 3306,
		"option httpchk OPTIONS /", "stick-table type ip size 1k", "stick on dst", "timeout client 90m", "timeout server 90m",
		fmt.Sprintf("default-server port %d fastinter 500 fall 2 rise 2 on-marked-down shutdown-sessions backup", CheckPort))
}

// Clustercheck is the CIB element: the clone clustercheck-clone of the primitive
// clustercheck, an agent ocf:PROVIDER:clustercheck that logs in with the account of
// the lab. more are parameters, NAME=VALUE.
func Clustercheck(provider string, more ...string) string {
	return simpleClone("clustercheck", provider, "clustercheck", append([]string{"user=" + DatabaseUser, "password=" + DatabasePassword}, more...)...)
}

// Resource is the CIB element: the clone haproxy-clone of the primitive haproxy, an
// agent ocf:PROVIDER:haproxy. more are parameters, NAME=VALUE.
func (h HAProxy) Resource(provider string, more ...string) string {
	return simpleClone("haproxy", provider, "haproxy", more...)
}

// simpleClone is a clone ID-clone of a primitive ID without roles.
func simpleClone(id, provider, agent string, params ...string) string {
	list := ""
	if len(params) > 0 {
		list = `<instance_attributes id="` + id + `-params">` + attributes(id+"-params", params...) + `</instance_attributes>`
	}
	return `<clone id="` + id + `-clone"><meta_attributes id="` + id + `-clone-meta">` + attributes(id+"-clone", "interleave=true") +
		`</meta_attributes><primitive id="` + id + `" class="ocf" provider="` + provider + `" type="` + agent + `">` + list + `<operations>` +
		operation(id, "start", "0s", "60s", "") +
		operation(id, "stop", "0s", "60s", "") +
		operation(id, "monitor", "5s", "20s", "") +
		`</operations></primitive></clone>`
}

// StartHAProxy starts haproxy on a node without any agent: master and worker, in
// the background, listening when it returns.
func StartHAProxy(ctx context.Context, n *lab.Node) error {
	_, err := n.Run(ctx, "haproxy", "-W", "-D", "-f", HAProxyConfig, "-p", "/run/haproxy.pid")
	return err
}
