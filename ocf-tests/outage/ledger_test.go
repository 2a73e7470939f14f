package outage

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLedgerCheck(t *testing.T) {
	now := time.Unix(1000, 0)
	ledger := func() *Ledger {
		l := NewLedger()
		for id := ID(1); id <= 4; id++ {
			l.Sent(id)
		}
		l.Acknowledged(1, now)
		l.Acknowledged(2, now)
		return l
	}
	for _, c := range []struct {
		name   string
		stored map[string][]ID
		want   []Violation
	}{
		{"all acknowledged", map[string][]ID{"a": {1, 2}, "b": {2, 1}}, nil},
		{"sent, not acknowledged, there", map[string][]ID{"a": {1, 2, 4}, "b": {1, 2, 4}}, nil},
		{"lost on one", map[string][]ID{"a": {1, 2}, "b": {2}}, []Violation{{"lost", "b", 1, []ID{1}}}},
		{"lost on all", map[string][]ID{"a": {}, "b": nil}, []Violation{{"lost", "a", 2, []ID{1, 2}}, {"lost", "b", 2, []ID{1, 2}}}},
		{"differs", map[string][]ID{"a": {1, 2, 3}, "b": {1, 2}}, []Violation{{"differs", "b", 1, []ID{3}}}},
		{"invented", map[string][]ID{"a": {1, 2, 9}, "b": {1, 2, 9}}, []Violation{{"invented", "a", 1, []ID{9}}, {"invented", "b", 1, []ID{9}}}},
	} {
		require.Equal(t, c.want, ledger().Check(c.stored), c.name)
	}

	l := ledger()
	require.Empty(t, l.Check(map[string][]ID{"a": {1, 2, 3}, "b": {1, 2, 3}}))
	require.Equal(t, []Violation{{"vanished", "a", 1, []ID{3}}, {"vanished", "b", 1, []ID{3}}},
		l.Check(map[string][]ID{"a": {1, 2}, "b": {1, 2}}), "what was there once is there for good")
}

// TestLedgerLaw: of a service that keeps everything and loses a few, exactly
// those are named.
func TestLedgerLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewLedger()
		var stored []ID
		lost := 0
		for id := range ID(rapid.IntRange(0, 40).Draw(t, "writes")) {
			l.Sent(id)
			if rapid.Bool().Draw(t, "acknowledged") {
				l.Acknowledged(id, time.Unix(1, 0))
				if rapid.IntRange(0, 9).Draw(t, "kept") == 0 {
					lost++
					continue
				}
				stored = append(stored, id)
			} else if rapid.Bool().Draw(t, "kept although not acknowledged") {
				stored = append(stored, id)
			}
		}
		got := l.Check(map[string][]ID{"a": stored})
		if lost == 0 {
			require.Empty(t, got)
			return
		}
		require.Len(t, got, 1)
		require.Equal(t, "lost", got[0].What)
		require.Equal(t, lost, got[0].Count)
	})
}

func TestLedgerLongest(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	l := NewLedger()
	l.Begin(at(100))
	require.Equal(t, 3*time.Second, l.Longest(at(103)), "nothing acknowledged at all")
	for _, s := range []int{101, 102, 112, 113} {
		l.Acknowledged(ID(s), at(s))
	}
	require.Equal(t, 10*time.Second, l.Longest(at(115)))
	require.Equal(t, 17*time.Second, l.Longest(at(130)), "the time until now counts")
	l.Begin(at(130))
	require.Equal(t, time.Second, l.Longest(at(131)))
	require.Equal(t, 4, l.Acknowledgements())
}
