package patch

import "math/bits"

// counter counts the places of a list that are not crossed out (a Fenwick
// tree), so that positions among thousands of siblings cost little.
type counter []int32

// newCounter makes one in which no place is crossed out.
func newCounter(n int) counter {
	c := make(counter, n+1)
	for i := 1; i <= n; i++ {
		c[i] = int32(i & -i)
	}
	return c
}

// drop crosses out the place i, once.
func (c counter) drop(i int) {
	for i++; i < len(c); i += i & -i {
		c[i]--
	}
}

// before counts the places in front of i.
func (c counter) before(i int) int {
	n := 0
	for ; i > 0; i &= i - 1 {
		n += int(c[i])
	}
	return n
}

// at returns the place that has n places in front of it, or -1.
func (c counter) at(n int) int {
	i, left := 0, int64(n)
	for bit := 1 << (bits.Len(uint(len(c))) - 1); bit > 0; bit >>= 1 {
		if next := i + bit; next < len(c) && int64(c[next]) <= left {
			i, left = next, left-int64(c[next])
		}
	}
	if i == len(c)-1 || n < 0 {
		return -1
	}
	return i
}
