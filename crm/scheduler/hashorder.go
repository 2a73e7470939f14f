package scheduler

import "math/bits"

// Pacemaker keeps nodes and utilization attributes in hash tables. Where its
// decision or its text depends on the order in which such a table is walked
// (05 §10.5, §12.5, 04 §3.5), the same order is found here: that of an
// open-addressing table with triangular probing, whose size is a power of two and
// whose home slots are modulo a prime.

// hashPrimes are the primes below the powers of two.
var hashPrimes = [...]uint32{ // table
	1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071,
	262139, 524287, 1048573, 2097143, 4194301, 8388593, 16777213, 33554393, 67108859, 134217689,
	268435399, 536870909, 1073741789, 2147483647,
}

const minHashShift = 3

// hashOrder returns the positions of the keys in the order in which a hash
// table that they were put into one after the other is walked.
func hashOrder(keys []string) []int {
	t := hashTable{}
	t.resize(minHashShift)
	t.hashes = make([]uint32, len(keys))
	for i, key := range keys {
		t.hashes[i] = hashText(key)
		t.insert(i)
	}
	order := make([]int, 0, len(keys))
	for _, k := range t.slots {
		if k != 0 {
			order = append(order, int(k-1))
		}
	}
	return order
}

// hashText is the hash of a text; bytes count as signed.
func hashText(text string) uint32 {
	h := uint32(0)
	for i := range len(text) {
		h = h<<5 - h + uint32(int32(int8(text[i])))
	}
	return max(h, 2)
}

type hashTable struct {
	slots  []int32 // position of a key plus one, 0 = free
	hashes []uint32
	prime  uint32
	used   int
}

func (t *hashTable) resize(shift int) {
	shift = min(shift, len(hashPrimes)-1)
	t.slots = append(t.slots, make([]int32, 1<<shift-len(t.slots))...)
	t.prime = hashPrimes[shift]
}

// place finds the first slot in the probe sequence of a key that free accepts.
func (t *hashTable) place(key int32, free func(slot uint32) bool) uint32 {
	mask := uint32(len(t.slots) - 1)
	slot := t.hashes[key-1] * 11 % t.prime
	for step := uint32(1); !free(slot); step++ {
		slot = (slot + step) & mask
	}
	return slot
}

func (t *hashTable) insert(i int) {
	key := int32(i + 1)
	t.slots[t.place(key, func(slot uint32) bool { return t.slots[slot] == 0 })] = key
	t.used++
	if len(t.slots) <= t.used+t.used/16 {
		t.grow()
	}
}

// grow makes the table larger and moves the keys in place: each key evicts what
// is in its new slot unless that has been moved already.
func (t *hashTable) grow() {
	old := len(t.slots)
	t.resize(bits.Len(uint(float64(t.used) * 1.333)))
	moved := make([]bool, len(t.slots))
	for i := range old {
		key := t.slots[i]
		if key == 0 || moved[i] {
			continue
		}
		t.slots[i] = 0
		for key != 0 {
			slot := t.place(key, func(slot uint32) bool { return !moved[slot] })
			moved[slot] = true
			key, t.slots[slot] = t.slots[slot], key
		}
	}
}

// hashedNodes lists the nodes of a table as Pacemaker's would be walked, if they
// were put into it by name. The list must not be written to.
func (s *State) hashedNodes(t *Table) []*Node {
	last := &s.placing.hashed
	if !last.shape.differs(t) && last.nodes != nil {
		return last.nodes
	}
	var nodes []*Node
	var ids []string
	for _, n := range s.Nodes {
		if t.Has(n) {
			nodes = append(nodes, n)
			ids = append(ids, n.ID)
		}
	}
	last.nodes = make([]*Node, len(nodes))
	for i, k := range hashOrder(ids) {
		last.nodes[i] = nodes[k]
	}
	return last.nodes
}

// hashedList is the last list of hashedNodes; most tables hold the same nodes.
type hashedList struct {
	shape tableShape
	nodes []*Node
}

// tableShape is which nodes a table holds.
type tableShape []bool

// differs tells whether a table holds other nodes, and takes them over if so.
func (l *tableShape) differs(t *Table) bool {
	same := len(*l) == len(t.scores)
	for i := 0; same && i < len(t.scores); i++ {
		same = (*l)[i] == (t.scores[i] != absent)
	}
	if same {
		return false
	}
	*l = (*l)[:0]
	for _, score := range t.scores {
		*l = append(*l, score != absent)
	}
	return true
}
