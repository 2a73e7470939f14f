//go:build linux && outages

package outage_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/outage"
)

// run makes a campaign of faults of these kinds and requires that every round
// ends well. OUTAGE_SEED and OUTAGE_ROUNDS change the plan.
func run(t *testing.T, c outage.Campaign, rounds int, kinds ...string) *outage.Report {
	t.Helper()
	plan, err := outage.Plan(uint64(number(t, "OUTAGE_SEED", 1)), number(t, "OUTAGE_ROUNDS", rounds), []string{"node-1", "node-2", "node-3"}, kinds...)
	require.NoError(t, err)
	c.Plan, c.Progress = plan, t.Logf
	c.Logs = filepath.Join(logFolder(), "outage-"+t.Name())
	r, err := c.Run(t.Context())
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, r.Text(&text))
	require.Empty(t, r.Failed(), text.String())
	t.Log(text.String())
	require.Len(t, r.Rounds, len(plan))
	return r
}
