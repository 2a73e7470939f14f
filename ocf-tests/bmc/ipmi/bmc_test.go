package ipmi

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestIpmitool holds the simulation against the client that everybody uses.
func TestIpmitool(t *testing.T) {
	if _, err := exec.LookPath("ipmitool"); err != nil {
		t.Skip("package ipmitool is not installed")
	}
	kg := []byte("0123456789abcdefghij")
	for name, c := range map[string]struct {
		config Config
		args   []string
	}{
		"2.0, suite 3":  {Config{}, []string{"-I", "lanplus", "-C", "3"}},
		"2.0, suite 17": {Config{}, []string{"-I", "lanplus", "-C", "17"}},
		"2.0, K_g":      {Config{Kg: kg}, []string{"-I", "lanplus", "-C", "17", "-k", string(kg)}},
		"1.5":           {Config{}, []string{"-I", "lan"}},
		"1.5, MD5":      {Config{}, []string{"-I", "lan", "-A", "MD5"}},
		"1.5, password": {Config{}, []string{"-I", "lan", "-A", "PASSWORD"}},
		"2.0 over IPv6": {Config{Network: "udp6"}, []string{"-I", "lanplus", "-C", "17"}},
		"1.5, operator": {Config{Level: 3}, []string{"-I", "lan", "-L", "OPERATOR"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.config.User, c.config.Password = "admin", "secret"
			b, err := Start(c.config)
			require.NoError(t, err)
			defer b.Close()
			tool := func(args ...string) string {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				all := append([]string{"-H", b.Address(), "-p", strconv.Itoa(b.Port()), "-U", "admin", "-E"}, c.args...)
				cmd := exec.CommandContext(ctx, "ipmitool", append(all, args...)...)
				cmd.Env = append(os.Environ(), "IPMI_PASSWORD=secret")
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, string(out))
				return string(out)
			}
			require.Contains(t, tool("chassis", "power", "status"), "Chassis Power is on")
			tool("chassis", "power", "off")
			require.Eventually(t, func() bool { return !b.Host.On() }, 5*time.Second, 20*time.Millisecond)
			require.Contains(t, tool("chassis", "power", "status"), "Chassis Power is off")
			require.Zero(t, b.Sessions())
		})
	}
}
