//go:build linux && outages

package outage_test

import (
	"cmp"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

// TestRabbitMQ_Campaign is the campaign in short: all servers killed at once while
// clients publish, and a node that loses its disk while the others are killed as
// well. OUTAGE_ROUNDS, OUTAGE_SEED, OUTAGE_FAULTS and OUTAGE_ORDERED make it another.
func TestRabbitMQ_Campaign(t *testing.T) {
	opt := lab.Options{Nodes: 3, Private: service.RabbitMQPrivate}
	need(t, opt, service.RabbitMQProgram)
	opt.OCF = []string{agents(t)}
	kinds := strings.Split(cmp.Or(os.Getenv("OUTAGE_FAULTS"), "kill-all,lost-kill-rest"), ",")
	if kinds[0] == "all" {
		kinds = nil
	}
	r := run(t, outage.Campaign{
		Service: func() outage.Service {
			return &outage.RabbitMQ{Provider: provider(), Unordered: os.Getenv("OUTAGE_ORDERED") == ""}
		},
		Lab: opt, Timeout: 5 * time.Minute, Writers: 4, Pause: 100 * time.Millisecond,
	}, 2, kinds...)
	require.Positive(t, r.Acknowledged)
}
