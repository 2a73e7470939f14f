package mutate

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

const cib = `<cib validate-with="pacemaker-4.0" have-quorum="1"><configuration><crm_config/>
<nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
<resources><primitive id="a" class="ocf" provider="heartbeat" type="Dummy"><operations><op id="m" name="monitor" interval="10s"/></operations></primitive>
<clone id="c"><primitive id="b" class="ocf" provider="heartbeat" type="Dummy"/></clone></resources><constraints/></configuration>
<status><node_state id="1" uname="n1"><lrm id="1"><lrm_resources><lrm_resource id="a"><lrm_rsc_op id="a_last_0" operation_key="a_start_0"/></lrm_resource></lrm_resources></lrm></node_state></status></cib>`

// One seed makes one document, and nearly every seed another.
func TestDocument_IsReproducible(t *testing.T) {
	mutated := func(seed uint64) (string, []string) {
		root, err := xmltree.Parse([]byte(cib), xmltree.Limits{})
		require.NoError(t, err)
		what := Document(root, rand.New(rand.NewPCG(seed, 0)))
		text := xmltree.AppendXML(nil, root, xmltree.PrintOptions{})
		_, err = xmltree.Parse(text, xmltree.Limits{})
		require.NoError(t, err)
		return string(text), what
	}
	seen := map[string]bool{}
	for seed := range uint64(500) {
		a, what := mutated(seed)
		b, _ := mutated(seed)
		require.Equal(t, a, b)
		require.NotEmpty(t, what)
		seen[a] = true
	}
	require.Greater(t, len(seen), 450)
}
