package generate

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/schema"
	"systole/lib/xmltree"
)

// Every CIB is one that Pacemaker would accept.
func TestValid(t *testing.T) {
	for seed := range uint64(600) {
		make := CIB
		if seed%3 == 0 {
			make = Lived
		}
		root := make(rand.New(rand.NewPCG(seed, 0)))
		text := xmltree.AppendXML(nil, root, xmltree.PrintOptions{})
		parsed, err := xmltree.Parse(text, xmltree.Limits{})
		require.NoError(t, err)
		require.Empty(t, schema.Validate(parsed, schema.Latest), "seed %d:\n%s", seed, text)
	}
}

// The plainest choice makes a plain CIB.
func TestPlainest(t *testing.T) {
	root := CIB(&Bytes{})
	require.Len(t, root.Path("configuration", "nodes").Children, 1)
	require.Empty(t, root.Path("configuration", "resources").Children)
	require.Empty(t, root.Path("configuration", "constraints").Children)
}
