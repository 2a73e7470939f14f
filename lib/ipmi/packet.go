package ipmi

import "encoding/binary"

// maxPacket is more than any packet in use here, and less than what a network may send.
const maxPacket = 1024

// The header of RMCP: version, reserved, no acknowledgement, class IPMI (section 13.1.3).
var rmcpHeader = [4]byte{0x06, 0x00, 0xFF, 0x07}

// Formats of a session header (table 13-8).
const (
	formatNone     = 0x00
	formatMD5      = 0x02
	formatPassword = 0x04
	format20       = 0x06
)

// Types of payload (table 13-16), and the bits beside them.
const (
	payloadIPMI         = 0x00
	payloadOpenRequest  = 0x10
	payloadOpenResponse = 0x11
	payloadRAKP1        = 0x12
	payloadRAKP2        = 0x13
	payloadRAKP3        = 0x14
	payloadRAKP4        = 0x15

	bitEncrypted     = 0x80
	bitAuthenticated = 0x40
)

// body is what follows the RMCP header.
func body(packet []byte) ([]byte, error) {
	if len(packet) < 5 {
		return nil, drop("a packet of %d bytes, too short for IPMI", len(packet))
	}
	if [4]byte(packet[:4]) != rmcpHeader {
		return nil, drop("a packet that is no IPMI over RMCP")
	}
	return packet[4:], nil
}

// header20 is the session header of RMCP+ (table 13-8).
type header20 struct {
	kind      byte // of payload, with its two bits
	id        uint32
	sequence  uint32
	payload   []byte
	trailer   []byte // all behind the payload
	protected []byte // what the integrity code covers, if there is one of size bytes
}

func (h header20) bytes() []byte {
	b := make([]byte, 0, 64+len(h.payload))
	b = append(b, rmcpHeader[:]...)
	b = append(b, format20, h.kind)
	b = binary.LittleEndian.AppendUint32(b, h.id)
	b = binary.LittleEndian.AppendUint32(b, h.sequence)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.payload)))
	return append(b, h.payload...)
}

// read20 splits a packet. The integrity code is not checked here.
func read20(packet []byte) (header20, error) {
	b, err := body(packet)
	if err != nil {
		return header20{}, err
	}
	if b[0] != format20 {
		return header20{}, drop("a packet of session format %d for RMCP+", b[0])
	}
	if len(b) < 12 {
		return header20{}, drop("an RMCP+ packet of %d bytes, too short", len(packet))
	}
	h := header20{kind: b[1], id: binary.LittleEndian.Uint32(b[2:]), sequence: binary.LittleEndian.Uint32(b[6:])}
	n := int(binary.LittleEndian.Uint16(b[10:]))
	if n > len(b)-12 {
		return header20{}, drop("a payload of %d bytes in a packet of %d", n, len(packet))
	}
	h.payload, h.trailer, h.protected = b[12:12+n], b[12+n:], b
	return h, nil
}

// setup reads a packet outside of sessions, with the type of payload that is waited for.
func setup(packet []byte, kind byte) ([]byte, error) {
	h, err := read20(packet)
	switch {
	case err != nil:
		return nil, err
	case h.kind != kind:
		return nil, drop("a payload of type 0x%02X for 0x%02X", h.kind, kind)
	case h.id != 0 || h.sequence != 0:
		return nil, drop("a packet of session 0x%08X while there is none yet", h.id)
	case len(h.trailer) != 0:
		return nil, drop("%d bytes too many", len(h.trailer))
	}
	return h.payload, nil
}

// header15 is the session header of IPMI 1.5 (table 13-8).
type header15 struct {
	format   byte
	sequence uint32
	id       uint32
	code     [16]byte // unless the format is none
	payload  []byte
}

func (h header15) bytes() []byte {
	b := make([]byte, 0, 32+len(h.payload))
	b = append(b, rmcpHeader[:]...)
	b = append(b, h.format)
	b = binary.LittleEndian.AppendUint32(b, h.sequence)
	b = binary.LittleEndian.AppendUint32(b, h.id)
	if h.format != formatNone {
		b = append(b, h.code[:]...)
	}
	b = append(b, byte(len(h.payload)))
	b = append(b, h.payload...)
	if legacyPad(len(b)) {
		b = append(b, 0)
	}
	return b
}

// legacyPad says that a packet of that length has a byte more, for old network chips
// (section 13.6, note 5 of table 13-8).
func legacyPad(n int) bool { return n == 56 || n == 84 || n == 112 || n == 128 || n == 156 }

func read15(packet []byte) (h header15, err error) {
	b, err := body(packet)
	if err != nil {
		return h, err
	}
	h.format = b[0]
	start := 9
	switch h.format {
	case formatNone:
	case formatMD5, formatPassword:
		start += 16
	default:
		return h, drop("a packet of session format %d for IPMI 1.5", h.format)
	}
	if len(b) < start+1 {
		return h, drop("an IPMI 1.5 packet of %d bytes, too short", len(packet))
	}
	h.sequence, h.id = binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint32(b[5:])
	if h.format != formatNone {
		h.code = [16]byte(b[9:])
	}
	n := int(b[start])
	b = b[start+1:]
	if n > len(b) || len(b)-n > 1 {
		return h, drop("a payload of %d bytes where the packet has %d", n, len(b))
	}
	h.payload = b[:n]
	return h, nil
}
