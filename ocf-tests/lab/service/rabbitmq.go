//go:build linux

package service

import (
	"context"
	"crypto/rand"
	"fmt"

	"systole/ocf-tests/lab"
)

// RabbitMQPrivate are the folders that RabbitMQ's nodes need of their own.
var RabbitMQPrivate = []string{"/var/lib/rabbitmq", "/var/log/rabbitmq"}

// RabbitMQ says how RabbitMQ is set up.
type RabbitMQ struct {
	// Extra are lines for /etc/rabbitmq/rabbitmq.conf.
	Extra string
	// Unordered lets the cluster start all instances at once, which the stock agent
	// does not allow.
	Unordered bool
}

// SetUp writes the configuration of all nodes, which must be on, and gives them
// one Erlang cookie. There is no data yet: each node would start a cluster of
// its own. The account guest, password guest, may log in from everywhere.
func (r RabbitMQ) SetUp(_ context.Context, c *lab.Cluster) error {
	if err := Check(RabbitMQProgram); err != nil {
		return err
	}
	cookie := []byte(rand.Text())
	return eachNode(c, func(n *lab.Node) error {
		for _, f := range []struct {
			path, owner string
			data        []byte
			private     bool
		}{
			{"/var/lib/rabbitmq/.erlang.cookie", "rabbitmq:rabbitmq", cookie, true},
			{"/root/.erlang.cookie", "root:root", cookie, true}, // of rabbitmqctl
			{"/etc/rabbitmq/rabbitmq-env.conf", "", []byte(rabbitmqEnvironment), false},
			{"/etc/rabbitmq/rabbitmq.conf", "", []byte("loopback_users = none\n" + r.Extra + "\n"), false},
		} {
			mode := filePublic
			if f.private {
				mode = filePrivate
			}
			if err := n.WriteFile(f.path, f.data, mode, f.owner); err != nil {
				return err
			}
		}
		return nil
	})
}

// One scheduler a virtual machine that sleeps when idle: several nodes share two
// processors.
const rabbitmqEnvironment = `SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none"
CTL_ERL_ARGS="+S 1:1 +sbwt none"
`

// Resource is the CIB element: the clone rabbitmq-clone of the primitive
// rabbitmq, an agent ocf:PROVIDER:rabbitmq-cluster. more are parameters,
// NAME=VALUE.
func (r RabbitMQ) Resource(provider string, more ...string) string {
	params := ""
	if len(more) > 0 {
		params = `<instance_attributes id="rabbitmq-params">` + attributes("rabbitmq-params", more...) + `</instance_attributes>`
	}
	return `<clone id="rabbitmq-clone"><meta_attributes id="rabbitmq-clone-meta">` +
		attributes("rabbitmq-clone", "notify=true", "interleave=true", fmt.Sprintf("ordered=%v", !r.Unordered)) +
		`</meta_attributes><primitive id="rabbitmq" class="ocf" provider="` + provider + `" type="rabbitmq-cluster">` + params + `<operations>` +
		operation("rabbitmq", "start", "0s", "150s", "") +
		operation("rabbitmq", "stop", "0s", "90s", "") +
		operation("rabbitmq", "notify", "0s", "60s", "") +
		operation("rabbitmq", "monitor", "10s", "60s", "") +
		`</operations></primitive></clone>`
}
