package netif

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"systole/lib/netstate"
)

// EtherTypes.
const (
	typeARP  = 0x0806
	typeIPv6 = 0x86dd
)

// ARP operations.
const (
	arpRequest = 1
	arpReply   = 2
)

// broadcast is a table of one: the address of all stations.
var broadcast = netstate.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

func ethernet(to, from netstate.MAC, kind uint16, payload []byte) []byte {
	b := make([]byte, 0, 14+len(payload))
	b = append(append(b, to[:]...), from[:]...)
	b = binary.BigEndian.AppendUint16(b, kind)
	return append(b, payload...)
}

// arp is an ARP packet for IPv4 over Ethernet (RFC 826).
type arp struct {
	op                 uint16
	sender, target     netstate.MAC
	senderIP, targetIP netip.Addr
}

func (p arp) bytes() []byte {
	b := []byte{0, 1, 8, 0, 6, 4}
	b = binary.BigEndian.AppendUint16(b, p.op)
	b = append(append(b, p.sender[:]...), p.senderIP.AsSlice()...)
	return append(append(b, p.target[:]...), p.targetIP.AsSlice()...)
}

// parseARP reads the frame of an ARP packet.
func parseARP(frame []byte) (p arp, ok bool) {
	if len(frame) < 14+28 || binary.BigEndian.Uint16(frame[12:]) != typeARP || !bytes.Equal(frame[14:20], []byte{0, 1, 8, 0, 6, 4}) {
		return p, false
	}
	b := frame[14:]
	p.op = binary.BigEndian.Uint16(b[6:])
	copy(p.sender[:], b[8:])
	copy(p.target[:], b[18:])
	p.senderIP, p.targetIP = netip.AddrFrom4([4]byte(b[14:18])), netip.AddrFrom4([4]byte(b[24:28]))
	return p, true
}

// Types of ICMPv6 messages (RFC 4861).
const (
	neighbourSolicitation  = 135
	neighbourAdvertisement = 136
)

// discovery is a message of neighbour discovery with its addresses.
type discovery struct {
	kind     byte
	from, to netip.Addr
	target   netip.Addr
	link     netstate.MAC // in the option; the zero value: no option
	override bool
}

func (p discovery) bytes() []byte {
	icmp := []byte{p.kind, 0, 0, 0, 0, 0, 0, 0}
	if p.override {
		icmp[4] = 0x20
	}
	icmp = append(icmp, p.target.AsSlice()...)
	if p.link != (netstate.MAC{}) {
		option := byte(1) // source address, in a solicitation
		if p.kind == neighbourAdvertisement {
			option = 2
		}
		icmp = append(append(icmp, option, 1), p.link[:]...)
	}
	binary.BigEndian.PutUint16(icmp[2:], checksum6(p.from, p.to, icmp))
	b := []byte{0x60, 0, 0, 0, 0, byte(len(icmp)), 58, 255}
	b = append(append(b, p.from.AsSlice()...), p.to.AsSlice()...)
	return append(b, icmp...)
}

// checksum6 is the checksum of ICMPv6, over a pseudo header as well (RFC 8200 §8.1).
func checksum6(from, to netip.Addr, icmp []byte) uint16 {
	b := append(from.AsSlice(), to.AsSlice()...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(icmp)))
	b = append(append(b, 0, 0, 0, 58), icmp...)
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// parseAdvertisement reads the frame of a neighbour advertisement: which station
// says that it has which address.
func parseAdvertisement(frame []byte) (mac netstate.MAC, target netip.Addr, ok bool) {
	const ip, icmp = 14, 14 + 40
	if len(frame) < icmp+24 || binary.BigEndian.Uint16(frame[12:]) != typeIPv6 || frame[ip+6] != 58 || frame[ip+7] != 255 ||
		frame[icmp] != neighbourAdvertisement {
		return mac, target, false
	}
	copy(mac[:], frame[6:])
	return mac, netip.AddrFrom16([16]byte(frame[icmp+8 : icmp+24])), true
}

// multicast is the Ethernet address of an IPv6 group.
func multicast(group netip.Addr) netstate.MAC {
	b := group.As16()
	return netstate.MAC{0x33, 0x33, b[12], b[13], b[14], b[15]}
}

// solicited is the group that a node with the address listens to.
func solicited(ip netip.Addr) netip.Addr {
	b := ip.As16()
	return netip.AddrFrom16([16]byte{0xff, 2, 11: 1, 12: 0xff, 13: b[13], 14: b[14], 15: b[15]})
}

// allNodes is a table of one: the group of all nodes of a link.
var allNodes = netip.AddrFrom16([16]byte{0xff, 2, 15: 1})
