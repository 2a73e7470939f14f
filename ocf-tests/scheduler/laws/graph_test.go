package laws

import (
	"testing"

	"pgregory.net/rapid"

	"systole/crm/graph"
)

// Every graph can be executed to its end: no action waits for itself, by
// whatever way.
func TestNoCycle(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		if c.end != graph.Complete {
			t.Fatalf("the transition ends as %v with %d of %d actions done", c.end, len(c.ops), c.g.NumActions())
		}
	})
}
