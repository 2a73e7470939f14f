package fence

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sim "systole/ocf-tests/bmc/ipmi"
	"systole/ocf-tests/build"
)

// BenchmarkIpmilan_Status measures one status of fence_ipmilan beside that of Debian, one
// after the other with the same simulated BMC. The processor time is that of the agent and
// of the programs that it runs.
func BenchmarkIpmilan_Status(b *testing.B) { ipmilanBeside(b, "status") }

// BenchmarkIpmilan_Reboot is the same for a reboot of a machine that is on. Of both most of
// the time is power_wait, of two seconds twice.
func BenchmarkIpmilan_Reboot(b *testing.B) { ipmilanBeside(b, "reboot") }

func ipmilanBeside(b *testing.B, action string) {
	b.Helper()
	const stock = "/usr/sbin/fence_ipmilan"
	ours := filepath.Join(b.TempDir(), "fence_ipmilan")
	require.NoError(b, build.Program(ours, "fence/cmd/systole-fence"))
	dev, err := sim.Start(sim.Config{User: "admin", Password: secret})
	require.NoError(b, err)
	defer dev.Close()
	in := fmt.Sprintf("action=%s\nip=%s\nipport=%d\nusername=admin\npassword=%s\nlanplus=1\ncipher=17\n", action, dev.Address(), dev.Port(), secret)
	for _, c := range []struct {
		name string
		args []string
	}{{"ours", []string{ours}}, {"stock", []string{stockPython, stock}}} {
		b.Run(c.name, func(b *testing.B) {
			if c.name == "stock" {
				for _, p := range []string{stock, "ipmitool"} {
					if _, err := exec.LookPath(p); err != nil {
						b.Skip("fence-agents or ipmitool is not installed")
					}
				}
			}
			var cpu time.Duration
			for b.Loop() {
				cmd := exec.Command(c.args[0], c.args[1:]...)
				cmd.Stdin = strings.NewReader(in)
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				require.False(b, err != nil && !errors.As(err, &exit), err)
				require.Zero(b, cmd.ProcessState.ExitCode(), string(out))
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			b.ReportMetric(float64(cpu.Microseconds())/float64(b.N)/1000, "cpu-ms/op")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "wall-ms/op")
			b.ReportMetric(0, "ns/op")
		})
	}
}
