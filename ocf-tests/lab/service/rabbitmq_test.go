//go:build linux

package service

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
)

// TestRabbitMQ: real RabbitMQ servers become one cluster under the stock agent.
func TestRabbitMQ(t *testing.T) {
	need(t, RabbitMQProgram)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	c := lab.New(t, lab.Options{Nodes: 2, Private: RabbitMQPrivate})
	var r RabbitMQ
	require.NoError(t, r.SetUp(ctx, c))
	require.NoError(t, c.Configure(ctx, "resources", r.Resource("heartbeat")))
	require.NoError(t, c.Wait(ctx, "two instances, or a failure", func(s lab.Status) bool {
		return len(s.Active("rabbitmq")) == 2 || len(s.Failures) > 0
	}))
	s, err := c.Status(ctx)
	require.NoError(t, err)
	require.Empty(t, s.Failures)
	got, err := c.Node(2).Run(ctx, "rabbitmqctl", "--silent", "cluster_status", "--formatter", "json")
	require.NoError(t, err)
	require.Contains(t, got, `"running_nodes":["rabbit@node-1","rabbit@node-2"]`)
}
