package fence

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sim "systole/ocf-tests/bmc/ipmi"
)

// BenchmarkIpmilan_Liars counts how the stock agent, with ipmitool, fares with the BMCs of
// TestIpmilan_Liars: how often it says off while the machine is on, and how often it fails
// where it could succeed. -v names them. It takes a minute
// or two, whatever the number of rounds: call it with -benchtime 1x.
func BenchmarkIpmilan_Liars(b *testing.B) {
	for _, program := range []string{"ipmitool", "fence_ipmilan"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skip("fence-agents or ipmitool is not installed")
		}
	}
	for _, lanplus := range []string{"1", "0"} {
		b.Run("lanplus="+lanplus, func(b *testing.B) {
			var all sync.WaitGroup
			var mu sync.Mutex
			room := make(chan bool, 8)
			cases, lies, misses := 0, 0, 0
			for _, behaviour := range sim.Behaviours() {
				if behaviour.Plus && lanplus == "0" {
					continue
				}
				all.Go(func() {
					room <- true
					defer func() { <-room }()
					code, on, err := stockOff(b.Context(), behaviour, lanplus)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						b.Error(err)
					}
					cases++
					switch {
					case code == 0 && on:
						lies++
						b.Logf("false off: %s", behaviour.Name)
					case code != 0 && !behaviour.Fails:
						misses++
						b.Logf("failed: %s", behaviour.Name)
					}
				})
			}
			all.Wait()
			require.Positive(b, cases)
			b.ReportMetric(float64(cases), "cases")
			b.ReportMetric(float64(lies), "false-off")
			b.ReportMetric(float64(misses), "failed")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// stockOff turns a machine off by the stock agent.
func stockOff(ctx context.Context, behaviour sim.Behaviour, lanplus string) (code int, on bool, err error) {
	dev, err := sim.Start(sim.Config{User: "admin", Password: secret, Behaviour: behaviour})
	if err != nil {
		return 0, false, err
	}
	defer dev.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, stockPython, "-W", "ignore", "/usr/sbin/fence_ipmilan")
	cmd.Stdin = strings.NewReader(fmt.Sprintf("action=off\nip=%s\nipport=%d\nusername=admin\npassword=%s\nlanplus=%s\nipmitool_timeout=1\npower_timeout=8\nshell_timeout=10\n", dev.Address(), dev.Port(), secret, lanplus))
	_, _ = cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), dev.Host.On(), nil
}
