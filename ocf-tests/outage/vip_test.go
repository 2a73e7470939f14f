//go:build linux && outages

package outage_test

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

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
	run(t, outage.Campaign{
		Service: func() outage.Service { return &outage.GaleraVIP{Galera: outage.Galera{Provider: provider()}} },
		Lab:     opt, Timeout: 4 * time.Minute, WriteTimeout: time.Second,
	}, len(kinds), kinds...)
}
