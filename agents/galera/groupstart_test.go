package galera

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/wsrep"
)

// TestGroupStart_Text: what is written is what is read.
func TestGroupStart_Text(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := GroupStart{
			ID:       StartID{rapid.Int64Range(1, maxStarts).Draw(t, "number"), rapid.StringMatching(`[a-z][a-z0-9.-]{0,20}`).Draw(t, "node")},
			Position: wsrep.Position{UUID: rapid.SampledFrom([]wsrep.UUID{wsrep.Zero, uuidA}).Draw(t, "uuid"), Seqno: rapid.Int64Min(-1).Draw(t, "seqno")},
			At:       time.Unix(rapid.Int64Range(0, 1<<40).Draw(t, "at"), 0).UTC(),
			Without:  rapid.SliceOfN(rapid.StringMatching(`[a-z][a-z0-9.-]{0,20}`), 0, 3).Draw(t, "without"),
		}
		if len(g.Without) == 0 {
			g.Without = nil
		}
		got, err := parseGroupStart(g.ID.Node, g.String())
		require.NoError(t, err)
		require.Equal(t, g, got)
		id, err := parseStartID(g.ID.String() + "\n")
		require.NoError(t, err)
		require.Equal(t, g.ID, id)
	})
	for _, text := range []string{"", "1", "0 " + string(uuidA) + ":3 5", "x " + string(uuidA) + ":3 5", "1 " + string(uuidA) + " 5", "1 " + string(uuidA) + ":3 -5", "1 " + string(uuidA) + ":3 5 a b"} {
		_, err := parseGroupStart("n", text)
		require.Error(t, err, text)
	}
	for _, text := range []string{"", "1", "@n", "1@", "-1@n", "1@n m"} {
		_, err := parseStartID(text)
		require.Error(t, err, text)
	}
}

func FuzzParseGroupStart(f *testing.F) {
	f.Add("3 " + string(uuidA) + ":17 1764000000 n1,n2")
	f.Fuzz(func(t *testing.T, text string) {
		if g, err := parseGroupStart("n", text); err == nil {
			again, err := parseGroupStart("n", g.String())
			require.NoError(t, err)
			require.Equal(t, g, again)
		}
	})
}

// twoStarted is a group of two nodes that serves.
func twoStarted(t *testing.T) (w *world, a, b *simNode) {
	t.Helper()
	w = newWorld(2)
	require.True(t, w.settle(30), w.story())
	w.write()
	return w, w.nodes["n1"], w.nodes["n2"]
}

// TestStartsAreCounted: every start of the group is written down, and who is in
// sync notes which it was.
func TestStartsAreCounted(t *testing.T) {
	w, a, b := twoStarted(t)
	require.Len(t, w.kept, 1)
	require.True(t, strings.HasPrefix(w.kept["rsc-group-start@n2"], "1 "+string(wsrep.Zero)+":-1 "), w.kept)
	for _, n := range []*simNode{a, b} {
		require.Equal(t, "1@n2\n", n.m.Files[simDir+startFile].Data)
	}
	a.die()
	b.die()
	require.True(t, w.settle(30), w.story())
	require.Equal(t, a.m.Files[simDir+startFile], b.m.Files[simDir+startFile])
	require.True(t, strings.HasPrefix(a.m.Files[simDir+startFile].Data, "2@"))
}

// TestNotCounted: nothing is started that cannot be written down.
func TestNotCounted(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(n *simNode)
		why   string
	}{
		"not understood": {func(n *simNode) { n.w.kept["rsc-group-start@n9"] = "x" }, "node n9: \"x\" is not NUMBER"},
		"refused": {func(n *simNode) {
			n.m.Fail = map[string]error{"set node attribute rsc-group-start": errors.New("permission denied")}
		}, "has not taken within 10s"},
		"another one": {func(n *simNode) {
			publish := n.m.OnPublish
			n.m.OnPublish = func(m *ocftest.Machine, p ocf.Publication) bool {
				if p.Persistent {
					n.w.kept["rsc-group-start@n9"] = "2 " + string(uuidA) + ":3 5"
				}
				return publish(m, p)
			}
		}, "another node has started the group in the meantime"},
	} {
		t.Run(name, func(t *testing.T) {
			w, a, b := twoStarted(t)
			w.sql = true
			a.die()
			b.die()
			for _, n := range []*simNode{a, b} {
				n.recover()
				require.Equal(t, ocf.Success, n.do("start").Code)
			}
			starter := w.nodes[scored(w)]
			c.fault(starter)
			res := starter.do("promote")
			require.Equal(t, ocf.Success, res.Code, res)
			require.Contains(t, strings.Join(res.Log, "\n"), c.why)
			require.Zero(t, starter.pid)
			require.NotContains(t, w.scores, starter.name)
		})
	}
}

func scored(w *world) string {
	for _, name := range w.names {
		if w.scores[name] != "" {
			return name
		}
	}
	return ""
}

// TestOvertaken: what an operator had given up does not come back.
func TestOvertaken(t *testing.T) {
	w, a, b := twoStarted(t)
	b.die()
	b.powerOff()
	b.seqno += 5 // it had taken writes that nobody else has
	a.recover()
	a.turn()
	w.attrs["rsc-without@n1"] = "n2@" + fmt.Sprint(a.m.Time.Add(5*time.Minute).Unix())
	for range 6 {
		a.turn()
	}
	require.True(t, a.primary, w.story())
	require.Contains(t, w.kept["rsc-group-start@n1"], " n2")
	b.on = true
	w.waived = true
	require.True(t, w.settle(30), w.story())
	require.Equal(t, a.seqno, b.seqno)
	aside := 0
	for name := range b.m.Files {
		if strings.HasPrefix(name, grastate+".overtaken.") {
			aside++
		}
	}
	require.Equal(t, 1, aside)
}

// TestWaiting: why nothing is promoted is where operators look.
func TestWaiting(t *testing.T) {
	w, a, b := twoStarted(t)
	require.NotContains(t, w.attrs, "rsc-waiting@n1")
	b.powerOff()
	a.die()
	a.recover()
	a.turn()
	require.Equal(t, ocf.Success, a.do("monitor").Code)
	require.Contains(t, w.attrs["rsc-waiting@n1"], "waiting for what the data hold on n2; it goes on by itself when they do")
	b.on = true
	require.True(t, w.settle(30), w.story())
	require.NotContains(t, w.attrs, "rsc-waiting@n1")
}
