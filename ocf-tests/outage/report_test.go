package outage

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write the goldens anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestReportText(t *testing.T) {
	r := &Report{Service: "galera", Provider: "heartbeat:galera", Seed: 7, Acknowledged: 4321, Rounds: []Round{
		{Number: 1, Fault: Fault{"kill-all", []Step{kill("service", "node-1", "node-2")}}, Recovery: 20.5, Outage: 18, Acknowledged: 1000},
		{Number: 2, Fault: Fault{"kill-all", nil}, Recovery: 30.5, Outage: 31, Acknowledged: 2000},
		{
			Number: 3, Fault: Fault{"lost", []Step{{Verb: Off, Nodes: []string{"node-1"}}}}, Recovery: 9, Without: 4.2, Outage: 5, Acknowledged: 1321,
			Violations: []Violation{{"lost", "node-2", 2, []ID{4, 5}}, {"other content", "[node-3]", 0, nil}}, Logs: "/logs/3",
		},
		{
			Number: 4, Fault: Fault{"off-one", []Step{{Verb: Off, Nodes: []string{"node-1"}}}}, Outage: 360,
			Stuck: "not whole on [node-1] after 360 s: promoted are []\nas seen by node-2", Notes: []string{"a step failed"}, Logs: "/logs/4",
		},
	}}
	var b strings.Builder
	require.NoError(t, r.Text(&b))
	golden(t, "report.txt", b.String())
	require.Len(t, r.Failed(), 2)
	require.Equal(t, []float64{20.5, 30.5}, r.Recoveries("kill-all"))
	require.Empty(t, r.Recoveries("off-one"), "a round that was stuck has no time")
}

func TestMedian(t *testing.T) {
	require.InDelta(t, 2, Median([]float64{2}), 0)
	require.InDelta(t, 2.5, Median([]float64{1, 2, 3, 9}), 0)
}
