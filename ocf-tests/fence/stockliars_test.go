//go:build outages

package fence

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sim "systole/ocf-tests/bmc/redfish"
)

// TestRedfish_StockMisbehaviours measures how often Debian's fence_redfish says "off"
// of a machine that has power, with the controllers that ours is tested with:
//
//	go test -tags=outages -run StockMisbehaviours -v ./ocf-tests/fence
func TestRedfish_StockMisbehaviours(t *testing.T) {
	var wrong, hung, failed []string
	all := sim.Misbehaviours()
	for _, m := range all {
		if m.Plain { // which the stock agent does not have
			continue
		}
		s, err := sim.Start(m, true)
		require.NoError(t, err)
		address, port, err := net.SplitHostPort(s.Addr)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		cmd := exec.CommandContext(ctx, stockPython, "/usr/sbin/fence_redfish")
		cmd.Stdin = strings.NewReader(strings.Join([]string{
			"ip=" + address, "ipport=" + port, "username=" + sim.User, "password=" + sim.Password, "ssl_insecure=1",
			"action=off", "power_timeout=6",
		}, "\n"))
		err = cmd.Run()
		var exit *exec.ExitError
		switch {
		case err == nil && s.On():
			wrong = append(wrong, m.Name)
		case ctx.Err() != nil:
			hung = append(hung, m.Name)
		case errors.As(err, &exit) && m.Works:
			failed = append(failed, m.Name)
		}
		cancel()
		_ = s.Close()
	}
	t.Logf("of %d controllers: off of a machine that has power with %d: %s; no end within 30 s with %d: %s; not turned off, though it could be, with %d: %s",
		len(all)-1, len(wrong), strings.Join(wrong, ", "), len(hung), strings.Join(hung, ", "), len(failed), strings.Join(failed, ", "))
}
