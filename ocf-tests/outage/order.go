package outage

import (
	"cmp"
	"maps"
	"slices"
)

// sortedKeys, because what is shown must not depend on the order of a map.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
