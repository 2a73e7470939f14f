package scale

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"systole/ocf-tests/build"
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
	if err := build.Program(ours, "crm/cmd/systole"); err != nil {
		b.Fatal(err)
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
				args := append([]string{"-x", file}, c.args...)
				if err := us.add(b, ours, args); err != nil {
					b.Fatal(err)
				}
				if err := them.add(b, theirs, args); err != nil {
					b.Skip(err) // Pacemaker 2.1.5 aborts on the simulation
				}
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

// add runs a program and adds what it took. The program is started by a small
// process, this one once more, since the peak memory of a child is at least
// what its parent has.
func (u *usage) add(b *testing.B, program string, args []string) error {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{program}, args...)...)
	cmd.Env = append(os.Environ(), measureEnv+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	var cpu, memory float64
	if _, err := fmt.Sscan(string(out), &cpu, &memory); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	u.cpu += cpu
	u.memory = max(u.memory, memory)
	return nil
}

const measureEnv = "SYSTOLE_SCALE_MEASURE"

func TestMain(m *testing.M) {
	if os.Getenv(measureEnv) != "" {
		os.Exit(measure(os.Args[1], os.Args[2:]))
	}
	os.Exit(m.Run())
}

// measure runs a program and prints its CPU seconds and megabytes.
func measure(program string, args []string) int {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		fmt.Fprintln(os.Stderr, "this system does not tell how much memory a process had")
		return 1
	}
	fmt.Println((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), float64(r.Maxrss)/1024)
	return 0
}
