package scale

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// BenchmarkAgainstPacemaker runs Pacemaker's crm_simulate and ours one after
// the other on the same CIB and reports the CPU seconds and peak memory of each
// and how many times more Pacemaker takes. CRM_SIMULATE names its program;
// without it the benchmark is skipped.
//
// The larger CIBs take Pacemaker minutes; -bench picks one, as in
// make bench BENCH=AgainstPacemaker/groups_1000 COUNT=1.
func BenchmarkAgainstPacemaker(b *testing.B) {
	theirs := os.Getenv("CRM_SIMULATE")
	if theirs == "" {
		b.Skip("CRM_SIMULATE does not name Pacemaker's crm_simulate")
	}
	dir := b.TempDir()
	ours := filepath.Join(dir, "crm_simulate")
	build := exec.Command("go", "build", "-o", ours, "systole/crm/cmd/systole")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	for _, c := range []struct {
		name string
		data []byte
		args []string
	}{
		{"openstack_100_ok_plan", OpenStack(100, Nothing), []string{"-R"}},
		{"groups_1000_nodefail_plan", Groups(1000, NodeLost), []string{"-R"}},
		{"groups_3000_nodefail_plan", Groups(3000, NodeLost), []string{"-R"}},
		{"groups_1000_nodefail_simulate", Groups(1000, NodeLost), []string{"-S"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			file := filepath.Join(dir, c.name+".xml")
			if err := os.WriteFile(file, c.data, 0o600); err != nil {
				b.Fatal(err)
			}
			var us, them usage
			for b.Loop() {
				us.add(b, ours, append([]string{"-x", file}, c.args...))
				them.add(b, theirs, append([]string{"-x", file}, c.args...))
			}
			b.ReportMetric(us.cpu/float64(b.N), "cpu-s")
			b.ReportMetric(us.memory, "MB")
			b.ReportMetric(them.cpu/float64(b.N), "pacemaker-cpu-s")
			b.ReportMetric(them.memory, "pacemaker-MB")
			b.ReportMetric(them.cpu/us.cpu, "times-cpu")
		})
	}
}

// usage is what a program took: seconds of CPU, and at most this many megabytes.
type usage struct{ cpu, memory float64 }

func (u *usage) add(b *testing.B, program string, args []string) {
	cmd := exec.Command(program, args...)
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v", program, err)
	}
	state := cmd.ProcessState
	u.cpu += (state.UserTime() + state.SystemTime()).Seconds()
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		u.memory = max(u.memory, float64(r.Maxrss)/1024)
	}
}
