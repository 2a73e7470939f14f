package node

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// plug makes two network namespaces with a cable between them.
func plug(t *testing.T) (a, b string) {
	t.Helper()
	needs(t, "ip", "ps")
	t.Parallel()
	name := fmt.Sprintf("systole-node-%d-%s-", os.Getpid(), strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")))
	a, b = name+"a", name+"b"
	for _, ns := range []string{a, b} {
		run(t, "ip", "netns", "add", ns)
		t.Cleanup(func() { run(t, "ip", "netns", "delete", ns) })
	}
	run(t, "ip", "link", "add", "eth0", "netns", a, "type", "veth", "peer", "name", "eth0", "netns", b)
	for i, ns := range []string{a, b} {
		run(t, "ip", "-n", ns, "address", "add", fmt.Sprintf("10.9.0.%d/24", i+1), "broadcast", "+", "dev", "eth0")
		run(t, "ip", "-n", ns, "-6", "address", "add", fmt.Sprintf("fd00::%d/64", i+1), "dev", "eth0", "nodad")
		run(t, "ip", "-n", ns, "link", "set", "eth0", "up")
	}
	for _, ns := range []string{a, b} {
		require.Eventually(t, func() bool {
			show := run(t, "ip", "-n", ns, "address", "show", "dev", "eth0")
			return strings.Contains(show, "state UP") && !strings.Contains(show, "tentative")
		}, time.Minute, 20*time.Millisecond)
	}
	return a, b
}

func TestIPaddr2(t *testing.T) {
	a, b := plug(t)
	for _, ip := range []string{"10.9.0.9", "fd00::9"} {
		here, there := newResource(t, "IPaddr2", "ip="+ip, "network_namespace="+a), newResource(t, "IPaddr2", "ip="+ip, "network_namespace="+b)
		here.must(7, "monitor")
		here.must(0, "start")
		here.must(0, "start")
		here.must(0, "monitor", "OCF_CHECK_LEVEL=10")
		require.Contains(t, run(t, "ip", "-n", a, "address"), ip)

		// Two nodes want it: the second one is refused, and nothing is left of its try.
		reason := there.must(1, "start").reason
		require.Regexp(t, "in use by the station|another node on eth0 has", reason)
		there.must(7, "monitor")
		here.must(0, "monitor", "OCF_CHECK_LEVEL=10")

		// It goes over, and the neighbour's table with it.
		here.must(0, "stop")
		there.must(0, "start", "arp_interval=10")
		mac := strings.Fields(run(t, "ip", "-n", b, "-brief", "link", "show", "dev", "eth0"))[2]
		run(t, "ip", "-n", a, "neighbour", "replace", ip, "lladdr", "02:00:00:00:00:66", "dev", "eth0", "nud", "stale")
		there.must(0, "start", "arp_interval=10")
		require.Eventually(t, func() bool { return strings.Contains(run(t, "ip", "-n", a, "neighbour"), ip+" dev eth0 lladdr "+mac) }, 30*time.Second, 20*time.Millisecond)

		// Somebody takes it by hand: both nodes say so.
		run(t, "ip", "-n", a, "address", "add", ip+"/"+map[bool]string{true: "64", false: "24"}[strings.Contains(ip, ":")], "dev", "eth0", "nodad")
		require.Contains(t, there.must(190, "monitor", "OCF_CHECK_LEVEL=10").reason, "has the address "+ip+" too")
		here.must(0, "stop")
		there.must(0, "monitor", "OCF_CHECK_LEVEL=10")
		there.must(0, "stop")
	}
}

func TestIPaddr2_Carrier(t *testing.T) {
	a, b := plug(t)
	r := newResource(t, "IPaddr2", "ip=10.9.0.9", "network_namespace="+a, "iflabel=vip", "cidr_netmask=255.255.255.0", "arp_interval=60000", "arp_count=1000")
	r.must(0, "start")
	require.Contains(t, run(t, "ip", "-n", a, "address", "show", "label", "eth0:vip"), "10.9.0.9/24 brd 10.9.0.255")
	announcers := func() (n int) {
		for line := range strings.Lines(run(t, "ps", "-eo", "args")) {
			if strings.Contains(line, "announce namespace="+a+" ") {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, announcers())

	run(t, "ip", "-n", b, "link", "set", "eth0", "down")
	require.Contains(t, r.must(1, "monitor").reason, "has no carrier")
	r.must(0, "monitor", "check_link_status=no")
	r.must(0, "stop")
	require.Zero(t, announcers(), "what is not here any more is not announced")
	require.Contains(t, r.must(1, "start").reason, "has no carrier")
	r.must(7, "monitor")
	run(t, "ip", "-n", b, "link", "set", "eth0", "up")
	r.must(0, "start", "arp_count=0")
	r.must(0, "stop")
	r.must(7, "monitor", "network_namespace=no-such")
}
