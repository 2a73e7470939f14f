package scheduler

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

const testUUID = "f5a2b0d4-0000-4000-8000-000000000001"

func entryOf(pairs ...string) *opEntry {
	var e opEntry
	e.read(xmltree.New("lrm_rsc_op", pairs...))
	return &e
}

func magicOf(transition int, uuid string) string {
	return fmt.Sprintf("0:0;1:%d:0:%s", transition, uuid)
}

// 02 §3.1: what is missing or unreadable keeps its preset.
func TestEntryRead_Presets(t *testing.T) {
	e := entryOf("id", "a", "call-id", "x", "rc-code", "5000000000", "op-status", "", "interval", "-3", "last-rc-change", "now")
	require.Equal(t, int32(-1), e.call)
	require.False(t, e.hasRC, "beyond 32 bits")
	require.False(t, e.hasStatus)
	require.False(t, e.hasInterval)
	require.Zero(t, e.intervalMs)
	require.Equal(t, int64(-1), e.lastChange)
	require.True(t, e.changeInvalid)
	require.Equal(t, int32(-1), e.expected)
	require.Equal(t, "a", e.key(), "the id stands in for the key")

	e = entryOf("call-id", " 12abc", "interval", "4294967295", "operation_key", "r_monitor_1", "id", "a")
	require.Equal(t, int32(12), e.call, "rubbish behind a number is ignored")
	require.Equal(t, uint32(4294967295), e.intervalMs)
	require.Equal(t, "r_monitor_1", e.key())
}

// 02 §9.7 step 3.
func TestEntryRead_MaskableProbe(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  bool
	}{
		{[]string{"operation", "monitor", "rc-code", "5", "op-status", "0"}, true},
		{[]string{"operation", "monitor", "rc-code", "2", "op-status", "0"}, true},
		{[]string{"operation", "monitor", "rc-code", "1", "op-status", "7"}, true},
		{[]string{"operation", "monitor", "rc-code", "1", "op-status", "4"}, false},
		{[]string{"operation", "monitor", "rc-code", "5", "interval", "10000"}, false},
		{[]string{"operation", "monitor", "rc-code", "5", "interval", "5000000000"}, false},
		{[]string{"operation", "start", "rc-code", "5"}, false},
	} {
		require.Equal(t, c.want, entryOf(c.pairs...).maskable, "%v", c.pairs)
	}
}

// 02 §9.7 step 3 and §9.2 rule 5.
func TestTransitionKeyAndMagic(t *testing.T) {
	k, ok := decodeKey("3:17:7:" + testUUID)
	require.True(t, ok)
	require.Equal(t, transition{action: 3, number: 17, targetRC: 7, uuid: testUUID}, k)

	k, ok = decodeMagic("-1:193;3:-1:0:" + testUUID)
	require.True(t, ok)
	require.Equal(t, int32(-1), k.number, "a shutdown's operation")

	for _, bad := range []string{"", "3:17:7", "3:17:7:", "a:1:2:x", "3::7:x", "3:17x:7:u", "99999999999:1:1:u"} {
		_, ok := decodeKey(bad)
		require.False(t, ok, "%q", bad)
		require.Equal(t, int32(-1), targetRC(bad))
	}
	for _, bad := range []string{"", "0:0", "0:0;", "0;0:1:2:3:u", "0:x;1:2:3:u"} {
		_, ok := decodeMagic(bad)
		require.False(t, ok, "%q", bad)
	}
}

func FuzzDecodeMagic(f *testing.F) {
	f.Add("0:0;1:2:3:" + testUUID)
	f.Add("-1:193;:::")
	f.Fuzz(func(t *testing.T, text string) {
		if k, ok := decodeMagic(text); ok {
			require.NotEmpty(t, k.uuid)
			require.LessOrEqual(t, len(k.uuid), 36)
		}
	})
}

// 02 §9.2, rule by rule: want < 0 when a comes first.
func TestCompareOps(t *testing.T) {
	uuid2 := "f5a2b0d4-0000-4000-8000-000000000002"
	for _, c := range []struct {
		name string
		a, b []string
		want int
	}{
		{"1 same id", []string{"id", "x", "call-id", "1"}, []string{"id", "x", "call-id", "2"}, 0},
		{
			"1 same id on another node",
			[]string{"id", "x", "on_node", "n1", "call-id", "1", "last-rc-change", "5"},
			[]string{"id", "x", "on_node", "n2", "call-id", "2", "last-rc-change", "4"},
			1,
		},
		{"2 both pending", []string{"id", "a", "call-id", "-1"}, []string{"id", "b"}, 0},
		{"3 call ids", []string{"id", "a", "call-id", "3", "on_node", "N1"}, []string{"id", "b", "call-id", "10", "on_node", "n1"}, -1},
		{"4 equal calls by time", []string{"id", "a", "call-id", "3", "last-rc-change", "9"}, []string{"id", "b", "call-id", "3", "last-rc-change", "8"}, 1},
		{"4 no time", []string{"id", "a", "call-id", "3"}, []string{"id", "b", "call-id", "3"}, 0},
		{"4 one time", []string{"id", "a", "call-id", "3"}, []string{"id", "b", "call-id", "3", "last-rc-change", "8"}, 0},
		{"5 no magic", []string{"id", "a", "call-id", "3"}, []string{"id", "b"}, 0},
		{"5 bad magic", []string{"id", "a", "call-id", "3", "transition-magic", "x"}, []string{"id", "b", "transition-magic", magicOf(1, testUUID)}, 0},
		{
			"5 other uuid",
			[]string{"id", "a", "call-id", "3", "transition-magic", magicOf(9, testUUID)},
			[]string{"id", "b", "transition-magic", magicOf(1, uuid2)},
			-1,
		},
		{
			"5 same transition",
			[]string{"id", "a", "transition-magic", magicOf(6, testUUID)},
			[]string{"id", "b", "call-id", "17", "transition-magic", magicOf(6, testUUID)},
			1,
		},
		{
			"5 older transition",
			[]string{"id", "a", "transition-magic", magicOf(6, testUUID)},
			[]string{"id", "b", "call-id", "19", "transition-magic", magicOf(7, testUUID)},
			-1,
		},
		{
			"5 transition -1 is last",
			[]string{"id", "a", "transition-magic", magicOf(6, testUUID)},
			[]string{"id", "b", "call-id", "19", "transition-magic", magicOf(-1, testUUID)},
			-1,
		},
	} {
		a, b := entryOf(c.a...), entryOf(c.b...)
		require.Equal(t, c.want, compareOps(a, b), c.name)
		require.Equal(t, -c.want, compareOps(b, a), c.name+", turned round")
	}
}

func historyOf(ops ...[]string) *xmltree.Element {
	e := xmltree.New("lrm_resource", "id", "r")
	for _, pairs := range ops {
		e.Add("lrm_rsc_op", pairs...)
	}
	return e
}

func idsOf(list []*opEntry) (ids []string) {
	for _, e := range list {
		ids = append(ids, e.id)
	}
	return ids
}

// 02 §9.2: ties are processed in reverse document order.
func TestLoad_TiesInReverseDocumentOrder(t *testing.T) {
	var l opList
	list := l.load(historyOf([]string{"id", "start", "call-id", "5"}, []string{"id", "stop", "call-id", "5"}, []string{"id", "probe", "call-id", "2"}))
	require.Equal(t, []string{"probe", "stop", "start"}, idsOf(list))
	require.Equal(t, []string{"a"}, idsOf(l.load(historyOf([]string{"id", "a"}))), "the buffer is used again")
	require.Empty(t, l.load(historyOf()))
}

// 02 §9.2: the pending monitor of leftover-pending-monitor is before the stop.
func TestLoad_PendingIsNotAlwaysLast(t *testing.T) {
	var l opList
	list := l.load(historyOf(
		[]string{"id", "failure", "call-id", "17", "transition-magic", magicOf(6, testUUID)},
		[]string{"id", "stop", "call-id", "19", "transition-magic", magicOf(7, testUUID)},
		[]string{"id", "monitor", "call-id", "-1", "transition-magic", magicOf(6, testUUID)},
	))
	require.Equal(t, []string{"failure", "monitor", "stop"}, idsOf(list))
}

// Where the comparison is a strict weak order the sort is the stable one.
func TestLoad_SortsByCall(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	var l opList
	for range 200 {
		e := historyOf()
		n := random.Intn(13)
		for i := range n {
			e.Add("lrm_rsc_op", "id", fmt.Sprint(i), "call-id", fmt.Sprint(random.Intn(7)))
		}
		list := l.load(e)
		require.Len(t, list, n)
		for i := 1; i < n; i++ {
			a, b := list[i-1], list[i]
			require.LessOrEqual(t, a.call, b.call)
			if a.call == b.call {
				require.Greater(t, docIndex(e, a.id), docIndex(e, b.id), "ties keep reverse document order")
			}
		}
	}
}

func docIndex(e *xmltree.Element, id string) int {
	for i, c := range e.Children {
		if c.ID() == id {
			return i
		}
	}
	return -1
}

// 02 §9.12.
func TestActiveSpan(t *testing.T) {
	op := func(task, status, rc string) *opEntry {
		return entryOf("operation", task, "op-status", status, "rc-code", rc)
	}
	for _, c := range []struct {
		name        string
		list        []*opEntry
		start, stop int
	}{
		{"nothing", nil, -1, -1},
		{"started", []*opEntry{op("monitor", "0", "7"), op("start", "0", "0"), op("monitor", "0", "0")}, 1, -1},
		{"failed start counts", []*opEntry{op("stop", "0", "0"), op("start", "4", "1")}, 1, 0},
		{"failed stop does not", []*opEntry{op("start", "0", "0"), op("stop", "4", "1")}, 0, -1},
		{"stopped", []*opEntry{op("start", "0", "0"), op("stop", "0", "0")}, 0, 1},
		{"implied by the first monitor", []*opEntry{op("monitor", "0", "0"), op("monitor", "0", "8")}, 0, -1},
		{"implied after a stop", []*opEntry{op("monitor", "0", "0"), op("stop", "0", "0"), op("monitor", "0", "0")}, 2, 1},
		{"promote beats monitor", []*opEntry{op("monitor", "0", "0"), op("promote", "0", "0"), op("monitor", "0", "8")}, 1, -1},
	} {
		start, stop := activeSpan(c.list)
		require.Equal(t, [2]int{c.start, c.stop}, [2]int{start, stop}, c.name)
	}
}

// 02 §9.7.5.
func TestFailureIsNewer(t *testing.T) {
	pending := entryOf("operation", "monitor", "interval", "10000", "last-rc-change", "100")
	require.False(t, failureIsNewer(nil, pending))
	require.True(t, failureIsNewer(entryOf("operation", "monitor", "interval", "10000", "last-rc-change", "100"), pending))
	require.False(t, failureIsNewer(entryOf("operation", "monitor", "interval", "10000", "last-rc-change", "99"), pending))
	require.False(t, failureIsNewer(entryOf("operation", "monitor", "last-rc-change", "100"), pending), "its interval must be readable")
	require.False(t, failureIsNewer(entryOf("operation", "start", "interval", "10000", "last-rc-change", "100"), pending))
	require.True(t, failureIsNewer(entryOf("operation", "start", "interval", "0"), entryOf("operation", "start")), "a missing time counts as 0")
}

func TestReadableInterval(t *testing.T) {
	for ms, want := range map[uint32]string{0: "0s", 5: "5ms", 1000: "1s", 1500: "1.500s", 90000: "1m30s", 86400000: "1d", 90061007: "1d1h1m1.007s"} {
		require.Equal(t, want, readableInterval(ms))
	}
}
