//go:build linux && outages

package outage_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

// BenchmarkRabbitMQ_Monitor measures a monitor of a node of a running cluster of
// three, ours beside the stock agent: elapsed time, and processor time of the
// agent and all that it calls in cpu-ms/op. What the server itself spends is not in it.
//
//	go test ./ocf-tests/outage -run '^$' -bench RabbitMQ_Monitor -benchtime 20x
func BenchmarkRabbitMQ_Monitor(b *testing.B) {
	opt := lab.Options{Nodes: 3, Private: service.RabbitMQPrivate}
	need(b, opt, service.RabbitMQProgram)
	opt.OCF = []string{agents(b)}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	c := lab.New(b, opt)
	r := &outage.RabbitMQ{Provider: outage.Ours, Unordered: true}
	require.NoError(b, r.SetUp(ctx, c))
	for _, k := range []struct{ name, agent, level string }{
		{"systole", "systole/rabbitmq-cluster", "0"},
		{"systole-level-10", "systole/rabbitmq-cluster", "10"},
		{"heartbeat", "heartbeat/rabbitmq-cluster", "0"},
	} {
		b.Run(k.name, func(b *testing.B) {
			var cpu time.Duration
			for b.Loop() {
				cmd := c.Node(2).Command(ctx, "env", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
					"OCF_RESOURCE_INSTANCE=rabbitmq", "OCF_RESOURCE_TYPE=rabbitmq-cluster", "OCF_RESKEY_CRM_meta_on_node=node-2",
					"OCF_RESKEY_CRM_meta_timeout=60000", "OCF_RESKEY_CRM_meta_interval=10000", "OCF_CHECK_LEVEL="+k.level, "HA_LOGFACILITY=none",
					"/usr/lib/ocf/resource.d/"+k.agent, "monitor")
				out, err := cmd.CombinedOutput()
				require.NoError(b, err, string(out))
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
		})
	}
}
