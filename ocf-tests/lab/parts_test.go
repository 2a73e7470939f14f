//go:build linux

package lab

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseStatus(t *testing.T) {
	text, err := os.ReadFile("testdata/crm_mon.xml")
	require.NoError(t, err)
	s, err := parseStatus("node-1", text)
	require.NoError(t, err)
	require.True(t, s.Quorum)
	require.Equal(t, "node-1", s.DC)
	require.Equal(t, []string{"node-1", "node-2"}, s.Online())
	require.True(t, s.Node("node-3").Unclean)
	require.Equal(t, NodeStatus{}, s.Node("node-9"))

	require.Equal(t, "node-1", s.RunsOn("fence"))
	require.Empty(t, s.RunsOn("c"), "it runs on two")
	require.Equal(t, []string{"node-1", "node-2"}, s.Active("c"), "a clone by its id")
	require.Equal(t, []string{"node-1", "node-2"}, s.Active("member"), "a clone by the id of its primitive")
	require.Equal(t, []string{"node-2"}, s.InRole("p", "Promoted"), "the older name of the role")
	require.Equal(t, []string{"node-1"}, s.InRole("p", "Unpromoted"))
	require.Equal(t, []string{"node-2"}, s.Active("vip"), "in a group")
	require.Equal(t, []string{"node-2"}, s.Active("g"))
	require.Equal(t, []string{"node-2"}, s.Active("b"), "a bundle, without the stopped replica")
	require.Empty(t, s.Active("broken"), "failed is not active")
	require.Len(t, s.Failures, 1)
	require.Contains(t, s.String(), "failed broken_start_0 on node-1: error no reason")
	require.Contains(t, s.String(), "node node-3: offline, unclean")
	require.Contains(t, s.String(), "resource b/web: Started node-2")

	_, err = parseStatus("node-1", []byte("Cluster is not available"))
	require.ErrorContains(t, err, "reading the output of crm_mon on node-1")
}

func TestFenceOptions(t *testing.T) {
	for _, c := range []struct {
		args  []string
		stdin string
		want  fenceOpts
	}{
		{nil, "action=off\nport=node-2\nnodename=node-9\n", fenceOpts{"off", "node-2"}},
		{nil, "nodename=node-3\n", fenceOpts{"reboot", "node-3"}},
		{[]string{"-o", "status", "-n", "node-1"}, "action=off\n", fenceOpts{"status", "node-1"}},
		{[]string{"--action=metadata"}, "", fenceOpts{"metadata", ""}},
		{[]string{"-o"}, "", fenceOpts{"", ""}},
	} {
		require.Equal(t, c.want, fenceOptions(c.args, strings.NewReader(c.stdin)), "%v", c.args)
	}
}

// TestPowerSwitch asks it as nodes and the command do.
func TestPowerSwitch(t *testing.T) {
	c := New(t, Options{Nodes: 2, Bare: true})
	n := c.Node(1)
	agent := func(stdin string) (string, error) {
		return n.RunInput(t.Context(), strings.NewReader(stdin), FenceAgent)
	}
	out, err := agent("action=metadata\n")
	require.NoError(t, err)
	require.Equal(t, fenceMetadata, out)
	out, err = agent("action=list\n")
	require.NoError(t, err)
	require.Equal(t, "node-1,\nnode-2,\n", out)

	_, err = agent("action=off\nport=node-2\n")
	require.NoError(t, err)
	require.False(t, c.Node(2).On())
	out, err = agent("action=status\nport=node-2\n")
	require.Equal(t, "Status: OFF\n", out)
	var e *RunError
	require.ErrorAs(t, err, &e)
	require.Equal(t, 2, e.Code)
	require.Len(t, c.Fencings(), 1)
	require.Equal(t, Fencing{c.Fencings()[0].Time, "off", "node-2", "node-1"}, c.Fencings()[0])

	_, err = agent("action=off\nport=node-7\n")
	require.ErrorContains(t, err, `no node "node-7" in this lab`)
	_, err = agent("action=explode\n")
	require.ErrorContains(t, err, `unknown action "explode"`)
	c.BreakFencing(true)
	_, err = agent("action=on\nport=node-2\n")
	require.ErrorContains(t, err, "the power switch is broken")
	c.BreakFencing(false)
	_, err = agent("action=on\nport=node-2\n")
	require.NoError(t, err)
	c.work.Wait() // the boot goes on after the answer
	require.True(t, c.Node(2).On())
}

func TestSeedCIB(t *testing.T) {
	opt, err := Options{Nodes: 2, Properties: map[string]string{"no-quorum-policy": `"freeze"`, "dc-deadtime": "1s"}}.withDefaults()
	require.NoError(t, err)
	text := string(seedCIB(opt))
	require.Contains(t, text, `name="no-quorum-policy" value="&#34;freeze&#34;"`)
	require.Contains(t, text, `name="dc-deadtime" value="1s"`)
	require.Contains(t, text, `name="pcmk_host_list" value="node-1 node-2"`)
	require.Contains(t, string(corosyncConf(opt)), "two_node: 1")
	opt.NoFencing = true
	require.NotContains(t, string(seedCIB(opt)), FenceAgent)
}

// TestHandle: what another process can do with a lab.
func TestHandle(t *testing.T) {
	c := New(t, Options{Nodes: 2, Bare: true})
	require.Contains(t, Running(), c.Dir())
	h, err := Open(c.Dir())
	require.NoError(t, err)
	nodes, err := h.Nodes()
	require.NoError(t, err)
	require.Equal(t, []string{"node-1", "node-2"}, nodes)

	command, environ, err := h.EnterCommand("node-2", "hostname")
	require.NoError(t, err)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = environ
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, "node-2\n", string(out))

	require.ErrorContains(t, h.Kill9("node-2", "nothing-of-that-name"), "no such process")
	_, err = h.Power("off", "node-2")
	require.NoError(t, err)
	state, err := h.Power("status", "node-2")
	require.NoError(t, err)
	require.Equal(t, "off", state)
	_, _, err = h.EnterCommand("node-2", "hostname")
	require.ErrorContains(t, err, "node-2 is off")
	_, err = h.Power("explode", "node-1")
	require.ErrorContains(t, err, `no verb "explode"`)
	require.Empty(t, c.Fencings(), "people are not fence devices")

	closed := make(chan error)
	go func() {
		<-c.Done()
		closed <- c.Close()
	}()
	require.NoError(t, h.Down(t.Context()))
	require.NoError(t, <-closed)
	_, err = Open(c.Dir())
	require.ErrorContains(t, err, "no lab runs in "+c.Dir())
	require.ErrorIs(t, c.Node(1).PowerOn(t.Context()), errClosed)
}
