package conform_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/conform"
)

var ipaddr2Config = config{
	Config: conform.Config{
		// To ask who has the address takes half a second of each of many starts.
		Params: []string{"ip=10.9.0.9", "arp_interval=1", "collision_detection=no"},
		Bad:    []string{"ip=10.9.0.9/24", "cidr_netmask=33", "broadcast=here", "arp_sender=x"},
		Odd:    []string{"iflabel=a'$(b)", "collision_detection=yes"}, Slow: []string{"arp_bg=no", "arp_count=1000", "arp_interval=1000"},
	},
	skipped: append([]string{"migrate", "secrets"}, promotion...),
	setUp:   network,
}

// networks counts them, for their names.
var networks atomic.Int32

// network is a network namespace with an interface that has an address.
func network(t testing.TB) []string {
	t.Helper()
	name := fmt.Sprintf("systole-conform-%d-%d", os.Getpid(), networks.Add(1))
	if os.Geteuid() != 0 {
		t.Skip("a network namespace needs root")
	}
	for _, args := range [][]string{
		{"netns", "add", name},
		{"-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"},
		{"-n", name, "address", "add", "10.9.0.1/24", "dev", "eth0"},
		{"-n", name, "link", "set", "eth0", "up"},
		{"-n", name, "link", "set", "eth1", "up"},
	} {
		out, err := exec.Command("ip", args...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", name).Run() })
	return []string{"network_namespace=" + name}
}
