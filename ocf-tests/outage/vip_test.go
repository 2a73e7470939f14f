//go:build linux && outages

package outage_test

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

// TestGalera_Failovers: clients write through a virtual address and haproxy while
// the server that they use dies, and the node with the address loses its power. No
// write goes to a server out of sync. OUTAGE_FAILOVERS names other kinds.
func TestGalera_Failovers(t *testing.T) {
	opt := lab.Options{Nodes: 3, Private: slices.Concat(service.GaleraPrivate, service.HAProxyPrivate)}
	need(t, opt, service.MariaDBProgram, service.HAProxyProgram)
	opt.OCF = []string{agents(t)}
	kinds := strings.Split(cmp.Or(os.Getenv("OUTAGE_FAILOVERS"), "kill-active,off-owner"), ",")
	plan, err := outage.Plan(uint64(number(t, "OUTAGE_SEED", 1)), number(t, "OUTAGE_ROUNDS", len(kinds)), []string{"node-1", "node-2", "node-3"}, kinds...)
	require.NoError(t, err)
	r, err := outage.Campaign{
		Service: func() outage.Service { return &outage.GaleraVIP{Galera: outage.Galera{Provider: provider()}} },
		Lab:     opt, Plan: plan, Timeout: 4 * time.Minute, WriteTimeout: time.Second,
		Logs: filepath.Join(logFolder(), "outage-"+t.Name()), Progress: t.Logf,
	}.Run(t.Context())
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, r.Text(&text))
	require.Empty(t, r.Failed(), text.String())
	t.Log(text.String())
}
