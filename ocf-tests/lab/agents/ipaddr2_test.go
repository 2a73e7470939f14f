package agents

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
)

// TestIPaddr2 lets a node with an IPv4 and an IPv6 address lose its power. A neighbour that
// sends nothing in the meantime learns where they have gone.
func TestIPaddr2(t *testing.T) {
	vip := lab.Address(7)
	const vip6 = "fd00:77::107"
	c := lab.New(t, lab.Options{
		Nodes: 3, OCF: []string{install(t)},
		Resources: `<group id="vip">` +
			primitive("four", "IPaddr2", []string{"ip=" + vip, "arp_interval=500"}, nil, []string{"start 0s", "monitor 5s"}) +
			primitive("six", "IPaddr2", []string{"ip=" + vip6, "nic=eth0", "cidr_netmask=64", "arp_bg=true", "arp_interval=500"}, nil, []string{"start 0s", "monitor 5s"}) + `</group>`,
		// The third node is the neighbour.
		Constraints: `<rsc_location id="not-there" rsc="vip" node="node-3" score="-INFINITY"/>`,
	})
	wait := func(what string, wanted func(lab.Status) bool) string {
		t.Helper()
		on := ""
		require.NoError(t, c.Wait(t.Context(), what, func(s lab.Status) bool {
			on = s.RunsOn("four")
			return on != "" && s.RunsOn("six") == on && wanted(s)
		}))
		return on
	}
	old := c.NodeNamed(wait("the addresses to be there", func(lab.Status) bool { return true }))
	client := c.Node(3)
	_, err := client.Run(t.Context(), "ip", "-6", "address", "add", "fd00:77::3/64", "dev", "eth0", "nodad")
	require.NoError(t, err)
	mac := func(n *lab.Node) string {
		t.Helper()
		out, err := n.Run(t.Context(), "cat", "/sys/class/net/eth0/address")
		require.NoError(t, err)
		return strings.TrimSpace(out)
	}
	// table is what the neighbour believes.
	table := func() string {
		t.Helper()
		out, err := client.Run(t.Context(), "ip", "neighbour", "show", "dev", "eth0")
		require.NoError(t, err)
		return out
	}
	knows := func(m string) bool {
		now := table()
		return strings.Contains(now, vip+" lladdr "+m) && strings.Contains(now, vip6+" lladdr "+m)
	}
	// A connection that is refused is enough to learn an address.
	for _, host := range []string{vip, vip6} {
		_, _ = client.Run(t.Context(), "bash", "-c", "exec 3<>/dev/tcp/"+host+"/9")
	}
	require.NoError(t, c.Wait(t.Context(), "the neighbour to know the addresses", func(lab.Status) bool { return knows(mac(old)) }), table())

	began := time.Now()
	oldMAC := mac(old)
	require.NoError(t, old.PowerOff(t.Context()))
	on := c.NodeNamed(wait("the addresses to be elsewhere", func(s lab.Status) bool { return s.RunsOn("four") != old.Name() }))
	moved := time.Since(began)
	require.NotEqual(t, oldMAC, mac(on))
	require.NoError(t, c.Wait(t.Context(), "the neighbour to learn of it", func(lab.Status) bool { return knows(mac(on)) }), table())
	t.Logf("from the loss of power to the addresses on another node: %s; until the neighbour knows: %s", moved.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	require.Equal(t, old.Name(), c.Fencings()[0].Node)

	// Somebody takes the address by hand: a start is refused everywhere, and says who it is.
	require.NoError(t, c.Wait(t.Context(), "the fenced node to be back", func(s lab.Status) bool { return len(s.Online()) == 3 }))
	_, err = client.Run(t.Context(), "ip", "address", "add", vip+"/24", "dev", "eth0")
	require.NoError(t, err)
	require.NoError(t, c.SetStandby(t.Context(), on.Name(), true))
	var last lab.Status
	require.NoError(t, c.Wait(t.Context(), "the start to be refused", func(s lab.Status) bool { last = s; return len(s.Failures) > 0 && s.RunsOn("four") == "" }))
	require.Contains(t, last.Failures[0].Reason, "in use by the station "+mac(client))
}
