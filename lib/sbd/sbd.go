// Package sbd is the format of an SBD device: a small shared disk on which every node
// of a cluster has a slot with a mailbox, and on which fencing leaves messages.
//
// It is that of the sbd program, version 2 (ClusterLabs sbd, sbd.h): sector 0 is the
// header, then every slot has two sectors, one with the name of the node and one with
// its mailbox. Numbers are big-endian.
package sbd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	magic   = "SBD_SBD_"
	version = 2

	// MaxName is the longest name of a node, in bytes.
	MaxName = 63
	// MinSector and MaxSector are the sizes that disks have.
	MinSector = 512
	MaxSector = 4096

	longest = 24 * time.Hour // of a timeout that can be meant
)

// Message is what lies in a mailbox.
type Message byte

// The messages.
const (
	Clear Message = iota
	Test
	Reset
	Off
	Exit
	CrashDump
)

// names is a table.
var names = [...]string{"clear", "test", "reset", "off", "exit", "crashdump"}

func (m Message) String() string {
	if int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("message %d", byte(m))
}

// Deadly says that a node that reads it goes down.
func (m Message) Deadly() bool { return m == Reset || m == Off || m == CrashDump }

// Header is what all nodes must agree about.
type Header struct {
	Slots      int
	SectorSize int
	// Watchdog is how long a node that cannot read the device lives on, and MsgWait
	// after which time a message has certainly been obeyed, or the node is down.
	Watchdog, Allocate, Loop, MsgWait time.Duration
	UUID                              [16]byte // zero in minor version 0
}

// Certain is how long after the delivery of a deadly message its node is down: msgwait,
// or twice the time of the watchdog if somebody has set it to less than that.
func (h *Header) Certain() time.Duration { return max(h.MsgWait, 2*h.Watchdog) }

// Problem says what is wrong with the times, if anything is.
func (h *Header) Problem() string {
	if h.MsgWait < 2*h.Watchdog {
		return fmt.Sprintf("msgwait (%s) is less than twice the watchdog timeout (%s): create the device anew with sbd -1 and -4", h.MsgWait, h.Watchdog)
	}
	return ""
}

// Size is that of the whole structure in bytes.
func (h *Header) Size() int { return (1 + 2*h.Slots) * h.SectorSize }

// Mailbox is where the mailbox of a slot begins, in bytes.
func (h *Header) Mailbox(slot int) int64 { return int64(2+2*slot) * int64(h.SectorSize) }

// ParseHeader reads sector 0, of which MinSector bytes will do.
func ParseHeader(b []byte) (*Header, error) {
	if len(b) < MinSector {
		return nil, fmt.Errorf("the header has %d bytes of %d", len(b), MinSector)
	}
	if string(b[:8]) != magic {
		return nil, errors.New("it is no SBD device: create one with sbd create")
	}
	if b[8] != version {
		return nil, fmt.Errorf("it has version %d of the format, only %d is known", b[8], version)
	}
	h := &Header{Slots: int(b[9]), SectorSize: int(binary.BigEndian.Uint32(b[12:]))}
	for i, t := range []*time.Duration{&h.Watchdog, &h.Allocate, &h.Loop, &h.MsgWait} {
		*t = time.Duration(binary.BigEndian.Uint32(b[16+4*i:])) * time.Second
		if *t > longest {
			return nil, fmt.Errorf("a timeout of %s in the header cannot be meant", *t)
		}
	}
	if b[32] > 0 {
		copy(h.UUID[:], b[33:49])
	}
	switch {
	case h.Slots == 0:
		return nil, errors.New("it has no slots")
	case h.SectorSize < MinSector || h.SectorSize > MaxSector || h.SectorSize&(h.SectorSize-1) != 0:
		return nil, fmt.Errorf("sectors of %d bytes cannot be", h.SectorSize)
	case h.Watchdog == 0 || h.MsgWait == 0:
		return nil, errors.New("its timeouts are zero")
	}
	return h, nil
}

// EncodeHeader is sector 0.
func EncodeHeader(h *Header) []byte {
	b := make([]byte, h.SectorSize)
	copy(b, magic)
	b[8], b[9] = version, byte(h.Slots)
	binary.BigEndian.PutUint32(b[12:], uint32(h.SectorSize))
	for i, t := range []time.Duration{h.Watchdog, h.Allocate, h.Loop, h.MsgWait} {
		binary.BigEndian.PutUint32(b[16+4*i:], uint32(t/time.Second))
	}
	if h.UUID != [16]byte{} {
		b[32] = 1
		copy(b[33:], h.UUID[:])
	}
	return b
}

// Slot is that of a node.
type Slot struct {
	Number  int
	Node    string
	Message Message
	From    string // who has sent it; "" if the node itself has cleared it
}

// Disk is a whole device.
type Disk struct {
	*Header
	Nodes []Slot // that are in use, in order
}

// Parse reads a device. A message that is not known is an error of its slot alone, and
// left to the reader: it is neither clear nor deadly.
func Parse(b []byte) (*Disk, error) {
	h, err := ParseHeader(b)
	if err != nil {
		return nil, err
	}
	if len(b) < h.Size() {
		return nil, fmt.Errorf("the device has %d bytes, %d slots need %d", len(b), h.Slots, h.Size())
	}
	d := &Disk{Header: h}
	for i := range h.Slots {
		box := int(h.Mailbox(i))
		node := b[box-h.SectorSize : box]
		if node[0] == 0 {
			continue
		}
		name, err := parseName(node[1 : 1+MaxName+1])
		if err != nil || name == "" {
			return nil, fmt.Errorf("slot %d has no name of a node: the device is damaged", i)
		}
		from, err := parseName(b[box+1 : box+1+MaxName+1])
		if err != nil {
			return nil, fmt.Errorf("the mailbox of slot %d has no name of a sender: the device is damaged", i)
		}
		d.Nodes = append(d.Nodes, Slot{Number: i, Node: name, Message: Message(b[box]), From: from})
	}
	return d, nil
}

func parseName(b []byte) (string, error) {
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return "", errors.New("the name has no end")
	}
	for _, c := range b[:i] {
		if c <= ' ' || c >= 0x7f {
			return "", errors.New("the name has bytes that no name has")
		}
	}
	return string(b[:i]), nil
}

// Find is the slot of a node, whose case does not matter; nil if it has none.
func (d *Disk) Find(node string) *Slot {
	for i := range d.Nodes {
		if strings.EqualFold(d.Nodes[i].Node, node) {
			return &d.Nodes[i]
		}
	}
	return nil
}

// EncodeMailbox is the sector of a message.
func EncodeMailbox(size int, m Message, from string) []byte {
	b := make([]byte, size)
	b[0] = byte(m)
	copy(b[1:1+MaxName], from)
	return b
}

// EncodeNode is the sector of a slot that is in use.
func EncodeNode(size int, node string) []byte {
	b := make([]byte, size)
	b[0] = 1
	copy(b[1:1+MaxName], node)
	return b
}
