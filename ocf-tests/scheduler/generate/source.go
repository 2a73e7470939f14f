package generate

import "strings"

// Source makes choices: 0 <= IntN(n) < n, for n > 0. A *rand.Rand of
// math/rand/v2 is one.
type Source interface{ IntN(n int) int }

// Bytes is a Source that reads a byte a choice, and chooses 0 when none are
// left.
type Bytes []byte

// IntN implements Source.
func (b *Bytes) IntN(n int) int {
	if len(*b) == 0 {
		return 0
	}
	v := int((*b)[0])
	*b = (*b)[1:]
	return v % n
}

// chance is true once in n times.
func (m *maker) chance(n int) bool { return m.src.IntN(n) == n-1 }

// often is true unless chance(n).
func (m *maker) often(n int) bool { return m.src.IntN(n) < n-1 }

// upTo is a count from 0 to n, both possible.
func (m *maker) upTo(n int) int { return m.src.IntN(n + 1) }

// word picks one of the words of a text. The plainest comes first; a word that
// is there twice is picked twice as often.
func (m *maker) word(words string) string {
	list := strings.Fields(words)
	return list[m.src.IntN(len(list))]
}

// pick picks one of a list, the zero value of an empty one.
func pick[T any](m *maker, list []T) (v T) {
	if len(list) == 0 {
		return v
	}
	return list[m.src.IntN(len(list))]
}

// pair is a name with the values to choose from.
type pair struct{ name, values string }
