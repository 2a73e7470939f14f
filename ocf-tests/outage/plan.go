package outage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Plan makes so many faults for a cluster of those nodes. The same arguments give
// the same plan. only names the kinds, also of FailoverKinds; without it all of
// Kinds are used.
//
// Kinds come as from a pack of cards: none comes again before all have come.
func Plan(seed uint64, rounds int, nodes []string, only ...string) ([]Fault, error) {
	if rounds < 1 || len(nodes) < 3 {
		return nil, fmt.Errorf("a plan of %d rounds for %d nodes: want at least one round, and three nodes", rounds, len(nodes))
	}
	var pack []kind
	for _, k := range slices.Concat(kinds, failovers) {
		if len(only) == 0 && len(pack) < len(kinds) || slices.Contains(only, k.name) {
			pack = append(pack, k)
		}
	}
	every := append(Kinds(), FailoverKinds()...)
	for _, name := range only {
		if !slices.Contains(every, name) {
			return nil, fmt.Errorf("no kind of fault %q: there are %s", name, strings.Join(every, ", "))
		}
	}
	if len(pack) == 0 {
		return nil, errors.New("a plan without kinds of faults")
	}
	d := dice{rand.New(rand.NewPCG(seed, uint64(len(nodes)))), nodes}
	var plan []Fault
	for i := range rounds {
		at := i % len(pack)
		if at == 0 {
			d.Shuffle(len(pack), func(i, j int) { pack[i], pack[j] = pack[j], pack[i] })
		}
		k := pack[at]
		plan = append(plan, Fault{k.name, k.make(d)})
	}
	return plan, nil
}
