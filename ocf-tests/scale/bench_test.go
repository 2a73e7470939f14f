package scale

import (
	"fmt"
	"io"
	"testing"

	"systole/crm/simulate/command"
)

// sizes of the benchmarks; the ratio of the first two tells how the time grows.
var cases = []struct {
	name string
	make func(int, Event) []byte
	size int
	what Event
}{
	{"openstack/300/ok", OpenStack, 300, Nothing},
	{"openstack/1000/ok", OpenStack, 1000, Nothing},
	{"openstack/1000/remotefail", OpenStack, 1000, RemoteFailed},
	{"openstack/1000/nodefail", OpenStack, 1000, NodeLost},
	{"groups/1000/nodefail", Groups, 1000, NodeLost},
	{"groups/3000/nodefail", Groups, 3000, NodeLost},
}

// BenchmarkPlan is everything from the bytes of a CIB to the transition.
func BenchmarkPlan(b *testing.B) {
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			data := c.make(c.size, c.what)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plan(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSimulate is crm_simulate -S: also what the transition does to the
// CIB, and the status before and after.
func BenchmarkSimulate(b *testing.B) {
	for _, size := range []int{1000, 3000} {
		b.Run(fmt.Sprintf("groups/%d/nodefail", size), func(b *testing.B) {
			data := Groups(size, NodeLost)
			for b.Loop() {
				env := &command.Env{
					Stdout: io.Discard, Stderr: io.Discard, Now: now,
					ReadFile: func(string) ([]byte, error) { return data, nil },
				}
				if status := command.Main([]string{"-x", "cib.xml", "-S"}, env); status != 0 {
					b.Fatalf("status %d", status)
				}
			}
		})
	}
}
