//go:build linux

package outage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
)

// TestInject: what steps do to real nodes, on which no cluster runs.
func TestInject(t *testing.T) {
	ctx := t.Context()
	c := lab.New(t, lab.Options{Nodes: 3, Bare: true, Private: []string{"/var/lib/mysql"}})
	var notes, wholes []string
	in := &injector{
		c: c, service: &memory{}, nodes: nodeNames(3),
		note:  func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) },
		whole: func(_ context.Context, nodes []string) error { wholes = append(wholes, fmt.Sprint(nodes)); return nil },
	}
	do := func(steps ...Step) {
		t.Helper()
		require.NoError(t, in.perform(ctx, Fault{Steps: steps}))
	}
	n := c.Node(2)
	two := []string{"node-2"}
	sleeper := func() int {
		t.Helper()
		_, err := n.Run(ctx, "sh", "-c", "(sleep 1000 &)")
		require.NoError(t, err)
		pids, err := n.Processes("sleep")
		require.NoError(t, err)
		require.Len(t, pids, 1)
		return pids[0]
	}
	state := func(pid int) string {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return "gone"
		}
		return string(text[strings.LastIndexByte(string(text), ')')+2])
	}

	pid := sleeper()
	do(Step{Verb: Freeze, Program: "sleep", Nodes: two})
	require.NoError(t, watch(ctx, time.Millisecond, func() bool { return state(pid) == "T" }))
	do(Step{Verb: Running, Program: "sleep", Nodes: two}, kill("sleep", "node-2"))
	require.Contains(t, "gone Z", state(pid))
	require.Empty(t, notes)
	do(kill("sleep", "node-2", "node-3"))
	require.Len(t, notes, 2, "a program that does not run is worth a note, and no error: %v", notes)

	l, err := c.Listen(ctx, "tcp", ":4567")
	require.NoError(t, err)
	defer l.Close()
	reach := func() error {
		_, err := n.Run(ctx, "bash", "-c", "exec 3<>/dev/tcp/gateway/4567")
		return err
	}
	require.NoError(t, reach())
	do(Step{Verb: Isolate, Nodes: two})
	require.Error(t, reach())
	do(Step{Verb: Rejoin, Nodes: two})
	require.NoError(t, reach())
	do(Step{Verb: Rejoin, Nodes: two}) // of a node that was fenced meanwhile

	data := n.Path("/var/lib/mysql")
	require.NoError(t, os.MkdirAll(filepath.Join(data, "mysql", "inner"), 0o755))
	err = in.perform(ctx, Fault{Steps: []Step{{Verb: Wipe, Nodes: two}}})
	require.ErrorContains(t, err, "the node is on")
	require.DirExists(t, filepath.Join(data, "mysql", "inner"))
	do(Step{Verb: Break, Nodes: two}, Step{Verb: Off, Nodes: two}, Step{Verb: Wipe, Nodes: two}, Step{Verb: Whole, Nodes: two})
	left, err := os.ReadDir(data)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, []string{"[node-1 node-3]"}, wholes)
	require.Error(t, n.PowerOn(ctx))
	do(Step{Verb: Mend, Nodes: two}, Step{Verb: On, Nodes: two})
	require.True(t, n.On())

	carrier := func() string {
		out, err := n.Run(ctx, "cat", "/sys/class/net/eth0/carrier")
		require.NoError(t, err)
		return strings.TrimSpace(out)
	}
	do(Step{Verb: Cut, Nodes: two})
	require.Equal(t, "0", carrier())
	do(Step{Verb: Heal, Nodes: two})
	require.Equal(t, "1", carrier())

	// No cluster runs, so that nobody is DC.
	notes = nil
	do(Step{Verb: Off, Nodes: []string{DC}}, Step{Verb: On, Nodes: []string{DC}})
	require.Len(t, notes, 1, "%v", notes)
	require.Contains(t, notes[0], "nobody is DC: node-1 instead")

	began, cause := time.Now(), errors.New("enough")
	ended, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	require.ErrorIs(t, in.perform(ended, Fault{Steps: []Step{{After: time.Hour, Verb: Off, Nodes: two}}}), cause)
	require.Less(t, time.Since(began), time.Minute)
	require.True(t, n.On())
}
