//go:build linux && outages

package fence

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
)

// part takes the two nodes' way to each other away, or gives it back. Both still reach
// the controllers.
func part(ctx context.Context, c *lab.Cluster, verb string) {
	for i, n := range c.Nodes() {
		// A node that was fenced has no such route any more, or is off.
		_, _ = n.Run(ctx, "ip", "route", verb, "blackhole", c.Node(2-i).Address()+"/32")
	}
}

// TestCampaign_Race: two nodes lose each other and both fence the other one. With a
// delay for one of them exactly one survives each time, and it is that one. RACES is
// how often.
func TestCampaign_Race(t *testing.T) {
	races := 10
	if n, err := strconv.Atoi(os.Getenv("RACES")); err == nil {
		races = n
	}
	// The delay of our agent protects node-1: whoever fences that waits.
	c, power := fencedLab(t, 2, ipmiDevice("f1", 1, firstPort, "delay=3")+ipmiDevice("f2", 2, firstPort+1))
	ctx := t.Context()
	online := func() {
		require.NoError(t, c.WaitOnline(ctx, "node-1", "node-2"))
		require.NoError(t, c.Wait(ctx, "the fence devices to run", func(s lab.Status) bool { return s.RunsOn("f1") != "" && s.RunsOn("f2") != "" }))
	}
	for race := range races {
		online()
		before := [2]int{power[0].taken(), power[1].taken()}
		began := time.Now()
		part(ctx, c, "add")
		require.NoError(t, c.Wait(ctx, fmt.Sprintf("race %d to be decided", race+1), func(lab.Status) bool {
			return power[0].taken()+power[1].taken() > before[0]+before[1]
		}))
		t.Logf("race %d of %d: decided after %.1f s", race+1, races, time.Since(began).Seconds())
		part(ctx, c, "del")
		online()
		require.Equal(t, before[0], power[0].taken(), "node-1 survives")
		require.Equal(t, before[1]+1, power[1].taken(), "node-2 is fenced once")
	}
}
