//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/outage"
)

func call(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c := rootCommand()
	c.SetArgs(args)
	c.SetOut(&out)
	err := c.Execute()
	return out.String(), err
}

func TestPlan(t *testing.T) {
	one, err := call(t, "plan", "--seed", "7", "--rounds", "3", "--faults", "off-all")
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(one, "off-all: off node-1 node-2 node-3; on node-"), one)
	again, err := call(t, "plan", "--seed", "7", "--rounds", "3", "--faults", "off-all")
	require.NoError(t, err)
	require.Equal(t, one, again)
	_, err = call(t, "plan", "--faults", "flood")
	require.ErrorContains(t, err, `no kind of fault "flood"`)
	_, err = call(t, "plan", "--nodes", "2")
	require.ErrorContains(t, err, "three nodes")
}

func TestKinds(t *testing.T) {
	got, err := call(t, "kinds")
	require.NoError(t, err)
	require.Contains(t, got, "kill-all\n")
	require.Contains(t, got, "off-owner\n")
}

// TestErrorsBeforeTheLab: nothing is started for a command line that is wrong.
func TestErrorsBeforeTheLab(t *testing.T) {
	_, err := call(t, "galera", "--output", "xml")
	require.ErrorContains(t, err, "--output xml: want text or json")
	_, err = call(t, "galera", "--rounds", "0")
	require.ErrorContains(t, err, "at least one round")
	_, err = call(t, "galera", "--provider", "systole", "--agents", "/nowhere")
	require.ErrorContains(t, err, "make build")
}

func TestText(t *testing.T) {
	round := func(seconds float64) outage.Round {
		return outage.Round{Fault: outage.Fault{Kind: "kill-all"}, Recovery: seconds}
	}
	stuck := outage.Round{Fault: outage.Fault{Kind: "kill-all"}, Stuck: "x"}
	one := &outage.Report{Provider: "heartbeat:galera", Rounds: []outage.Round{round(30), stuck, round(40)}}
	two := &outage.Report{Provider: "systole:galera", Rounds: []outage.Round{round(10), round(12)}}
	require.NotContains(t, text([]*outage.Report{one}), "median recovery in seconds")
	require.Contains(t, text([]*outage.Report{one, two}), "kill-all                    heartbeat:galera 35.0 (2)  systole:galera 11.0 (2)\n")
}
