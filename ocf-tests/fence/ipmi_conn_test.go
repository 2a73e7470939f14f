package fence

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/ipmi"
	sim "systole/ocf-tests/bmc/ipmi"
)

func connect(t *testing.T, b *sim.BMC, lanplus bool, timeout time.Duration) (*ipmi.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return ipmi.Dial(ctx, ipmi.Options{
		Address: b.Address(), Port: b.Port(), User: "admin", Password: secret, Lanplus: lanplus, Cipher: ipmi.AutoCipher, Timeout: timeout, Tries: 6,
	})
}

// TestIpmi_Long asks more often than a session has sequence numbers. Every answer is that
// of the moment, and there is one session at any time.
func TestIpmi_Long(t *testing.T) {
	t.Parallel()
	for _, lanplus := range []bool{true, false} {
		b, err := sim.Start(sim.Config{User: "admin", Password: secret})
		require.NoError(t, err)
		defer b.Close()
		// Long enough for a busy machine: a try that is over leaves a session behind.
		c, err := connect(t, b, lanplus, 10*time.Second)
		require.NoError(t, err)
		for i := range 400 {
			b.Host.Set(i%3 == 0)
			s, err := c.Power(t.Context())
			require.NoError(t, err)
			require.Equal(t, i%3 == 0, s.On)
			require.Equal(t, 1, b.Sessions())
		}
		c.Close()
		require.Zero(t, b.Sessions())
		_, err = c.Power(t.Context())
		require.ErrorIs(t, err, ipmi.ErrSessionEnded)
	}
}

// mangler loses, repeats, swaps, delays, cuts and corrupts packets by chance.
type mangler struct {
	rand *rand.Rand
	kept [][]byte
}

func (m *mangler) wire(_ *sim.BMC, p []byte) [][]byte {
	m.kept = append(m.kept, slices.Clone(p))
	bad := slices.Clone(p)
	for range 1 + m.rand.IntN(3) {
		bad[m.rand.IntN(len(bad))] ^= byte(1 << m.rand.IntN(8))
	}
	old := m.kept[m.rand.IntN(len(m.kept))]
	switch m.rand.IntN(10) {
	case 0:
		return nil
	case 1:
		return [][]byte{bad}
	case 2:
		return [][]byte{bad, p}
	case 3:
		return [][]byte{old, p}
	case 4:
		return [][]byte{p, p, old}
	case 5:
		return [][]byte{p[:m.rand.IntN(len(p))], p}
	}
	return [][]byte{p}
}

// TestIpmi_Chaos asks a machine that was off and is on since before the question, over a
// network that mangles. An answer that says off is an old or corrupt one.
func TestIpmi_Chaos(t *testing.T) {
	t.Parallel()
	const seeds, questions = 40, 60
	var all sync.WaitGroup
	var mu sync.Mutex
	answers, lies := 0, 0
	for seed := range uint64(seeds) {
		all.Go(func() {
			m := &mangler{rand: rand.New(rand.NewPCG(seed, 1))}
			b, err := sim.Start(sim.Config{User: "admin", Password: secret, Behaviour: sim.Behaviour{Wire: m.wire}})
			if err != nil {
				return
			}
			defer b.Close()
			var c *ipmi.Conn
			for i := range questions {
				on := i%2 == 1
				b.Host.Set(on)
				if c == nil {
					if c, err = connect(t, b, seed%4 != 0, 30*time.Millisecond); err != nil {
						continue
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				s, err := c.Power(ctx)
				cancel()
				mu.Lock()
				if err == nil {
					answers++
					if s.On != on {
						lies++
					}
				}
				mu.Unlock()
				if err != nil {
					c.Close()
					c = nil
				}
			}
			if c != nil {
				c.Close()
			}
		})
	}
	all.Wait()
	require.Zero(t, lies, "of %d answers", answers)
	require.Greater(t, answers, seeds*questions/2)
	t.Logf("%d answers to %d questions", answers, seeds*questions)
}

// TestIpmi_Deadline ends contexts while BMCs say nothing, send garbage or are busy.
func TestIpmi_Deadline(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"no answer", "only garbage", "a flood of garbage", "forgets sessions at once", "no session left", "busy for ever"} {
		i := slices.IndexFunc(sim.Behaviours(), func(b sim.Behaviour) bool { return b.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		b, err := sim.Start(sim.Config{User: "admin", Password: secret, Behaviour: sim.Behaviours()[i]})
		require.NoError(t, err)
		defer b.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		c, err := ipmi.Dial(ctx, ipmi.Options{Address: b.Address(), Port: b.Port(), User: "admin", Password: secret, Lanplus: true, Cipher: 17, Timeout: time.Hour})
		if err == nil {
			_, err = c.Power(ctx)
			c.Close()
		}
		want := context.DeadlineExceeded
		switch name { // better reasons
		case "no session left":
			want = ipmi.ErrNoSession
		case "a flood of garbage":
			want = ipmi.ErrNoAnswer
		}
		require.ErrorIs(t, err, want, name)
	}
}
