package sbd

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func device(nodes ...string) []byte {
	h := &Header{Slots: 4, SectorSize: 512, Watchdog: 5 * time.Second, Allocate: 2 * time.Second, Loop: time.Second, MsgWait: 10 * time.Second, UUID: [16]byte{1, 2}}
	b := make([]byte, h.Size())
	copy(b, EncodeHeader(h))
	for i, n := range nodes {
		copy(b[int(h.Mailbox(i))-512:], EncodeNode(512, n))
	}
	return b
}

func TestParse(t *testing.T) {
	b := device("node1", "node2")
	copy(b[4*512:], EncodeMailbox(512, Off, "node1"))
	d, err := Parse(b)
	require.NoError(t, err)
	require.Equal(t, []Slot{{0, "node1", Clear, ""}, {1, "node2", Off, "node1"}}, d.Nodes)
	require.Equal(t, &d.Nodes[1], d.Find("NODE2"))
	require.Nil(t, d.Find("node3"))
	require.Equal(t, 10*time.Second, d.Certain())
	require.Empty(t, d.Problem())
	require.Equal(t, b[:512], EncodeHeader(d.Header))
	d.MsgWait = 8 * time.Second
	require.Equal(t, 10*time.Second, d.Certain())
	require.Contains(t, d.Problem(), "less than twice")
	require.Equal(t, "message 77", Message(77).String())
	require.False(t, Message(77).Deadly())
}

func TestParse_Broken(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(b []byte) []byte
		err    string
	}{
		"empty":        {func(b []byte) []byte { return nil }, "of 512"},
		"magic":        {func(b []byte) []byte { b[0] = 'X'; return b }, "no SBD device"},
		"version":      {func(b []byte) []byte { b[8] = 3; return b }, "version 3"},
		"no slots":     {func(b []byte) []byte { b[9] = 0; return b }, "no slots"},
		"sector":       {func(b []byte) []byte { b[14] = 3; return b }, "cannot be"},
		"no timeouts":  {func(b []byte) []byte { copy(b[16:20], []byte{0, 0, 0, 0}); return b }, "zero"},
		"long timeout": {func(b []byte) []byte { b[28] = 1; return b }, "cannot be meant"},
		"short":        {func(b []byte) []byte { return b[:4096] }, "slots need"},
		"no name":      {func(b []byte) []byte { b[513] = 0; return b }, "slot 0 has no name"},
		"long name":    {func(b []byte) []byte { copy(b[513:], bytes.Repeat([]byte("x"), 64)); return b }, "slot 0 has no name"},
		"binary name":  {func(b []byte) []byte { b[513] = 7; return b }, "slot 0 has no name"},
		"sender":       {func(b []byte) []byte { b[1025] = 7; return b }, "no name of a sender"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.damage(device("node1")))
			require.ErrorContains(t, err, c.err)
		})
	}
}

// FuzzParse: no device makes the parser panic, and what it reads can be written again.
func FuzzParse(f *testing.F) {
	f.Add(device("node1", "node2"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		again := make([]byte, d.Size())
		copy(again, EncodeHeader(d.Header))
		for _, n := range d.Nodes {
			box := int(d.Mailbox(n.Number))
			copy(again[box-d.SectorSize:], EncodeNode(d.SectorSize, n.Node))
			copy(again[box:], EncodeMailbox(d.SectorSize, n.Message, n.From))
		}
		second, err := Parse(again)
		require.NoError(t, err)
		require.Equal(t, d, second)
	})
}
