//go:build linux && outages

package outage_test

import (
	"cmp"
	"os"
	"path/filepath"
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
	plan, err := outage.Plan(uint64(number(t, "OUTAGE_SEED", 1)), number(t, "OUTAGE_ROUNDS", 2), []string{"node-1", "node-2", "node-3"}, kinds...)
	require.NoError(t, err)
	logs := os.Getenv("SYSTOLE_LAB_LOGS")
	if logs == "" {
		logs = os.TempDir()
	}
	began := time.Now()
	r, err := outage.Campaign{
		Service: func() outage.Service {
			return &outage.RabbitMQ{Provider: provider(), Unordered: os.Getenv("OUTAGE_ORDERED") == ""}
		},
		Lab: opt, Plan: plan, Timeout: 5 * time.Minute, Writers: 4, Pause: 100 * time.Millisecond,
		Logs: filepath.Join(logs, "outage-"+t.Name()),
		Progress: func(format string, args ...any) {
			t.Logf("%5.0f s "+format, append([]any{time.Since(began).Seconds()}, args...)...)
		},
	}.Run(t.Context())
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, r.Text(&text))
	require.Empty(t, r.Failed(), text.String())
	t.Log(text.String())
	require.Len(t, r.Rounds, len(plan))
	require.Positive(t, r.Acknowledged)
}
