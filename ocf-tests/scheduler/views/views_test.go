package views

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const graphA = `<transition_graph cluster-delay="60s"><synapse id="0"><action_set><rsc_op id="4" operation="start" operation_key="r_start_0" on_node="n" on_node_uuid="1"><attributes/></rsc_op></action_set><inputs/></synapse></transition_graph>`

func TestCompare(t *testing.T) {
	a := Output{Summary: "x\ny\n", Scores: "b 1\na 2\n", Graph: []byte(graphA)}
	same := Output{Summary: " x\n\ny", Scores: "a  2\nb 1\n", Graph: []byte(graphA)}
	require.Empty(t, Compare(a, same, All), "white space and order of scores mean nothing")

	other := same
	other.Summary = "y\nx\n"
	require.Len(t, Compare(a, other, All), 1, "the order of a summary counts")
	require.Empty(t, Compare(a, other, "scores,graph"))

	other = same
	other.Scores = "a 2\na 2\nb 1\n"
	require.NotEmpty(t, Compare(a, other, All), "how often a score is printed counts")

	other = same
	other.Status[1] = 1
	require.NotEmpty(t, Compare(a, other, All))
}
