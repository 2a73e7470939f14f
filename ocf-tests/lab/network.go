//go:build linux

package lab

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// The network of every lab. It exists in the lab's own namespaces alone, so that
// labs side by side can have the same.
const (
	networkPrefix = "10.77.0."
	bridgeAddress = networkPrefix + "254"
	// bridgeMAC stays the same. Without one a bridge has the lowest address of its ports,
	// which changes with the power of a node; the others then send to nobody for seconds.
	bridgeMAC = "02:00:0a:4d:00:fe"
)

// address is the IPv4 address of node i, counted from 1.
func address(i int) string { return networkPrefix + strconv.Itoa(i) }

// port is the name of node i's end of the cable at the bridge.
func port(i int) string { return fmt.Sprintf("node-%d", i) }

// ip runs commands of ip(8) in the network namespace of a process.
func ip(ctx context.Context, pid int, commands ...string) error {
	cmd := exec.CommandContext(ctx, "nsenter", "--target", strconv.Itoa(pid), "--net", "ip", "-batch", "-")
	cmd.Env = nodeEnviron()
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(commands, "; "), err, strings.TrimSpace(out.String()))
	}
	return nil
}

func makeBridge(ctx context.Context, keeper int) error {
	return ip(ctx, keeper,
		"link set lo up",
		// Without forward_delay 0 a port would forward only after seconds.
		"link add br0 address "+bridgeMAC+" type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
		"addr add "+bridgeAddress+"/24 dev br0",
		"link set br0 up",
	)
}

// plugIn makes the cable of node i, whose process 1 is pid. The node's end is
// born in the node's namespace: it never appears on the machine.
func plugIn(ctx context.Context, keeper, i, pid int, cut bool) error {
	state := "up"
	if cut {
		state = "down"
	}
	if err := ip(ctx, keeper,
		fmt.Sprintf("link add %s type veth peer name eth0 netns %d", port(i), pid),
		fmt.Sprintf("link set %s master br0", port(i)),
		fmt.Sprintf("link set %s %s", port(i), state),
	); err != nil {
		return err
	}
	return ip(ctx, pid,
		"link set lo up",
		"addr add "+address(i)+"/24 dev eth0",
		"link set eth0 up",
		"route add default via "+bridgeAddress,
	)
}

// unplug removes the cable with the interface of the node.
func unplug(ctx context.Context, keeper, i int) error {
	return ip(ctx, keeper, "link del "+port(i))
}

func setPort(ctx context.Context, keeper, i int, state string) error {
	return ip(ctx, keeper, fmt.Sprintf("link set %s %s", port(i), state))
}
