package ipmi

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"fmt"
)

// session15 is a session of IPMI 1.5 (section 6.12), also the one of name 0 in which
// there is no login yet.
type session15 struct {
	format   byte
	id       uint32
	sequence uint32 // of the next packet; 0 until the session is active
	password [16]byte
}

// code proves a packet (section 22.17.1).
func (s *session15) code(format byte, sequence uint32, payload []byte) [16]byte {
	if format != formatMD5 {
		return s.password
	}
	h := md5.New()
	h.Write(s.password[:])
	h.Write(le(s.id))
	h.Write(payload)
	h.Write(le(sequence))
	h.Write(s.password[:])
	return [16]byte(h.Sum(nil))
}

func (s *session15) seal(message []byte) ([]byte, error) {
	h := header15{format: s.format, sequence: s.sequence, id: s.id, payload: message}
	if h.format != formatNone {
		h.code = s.code(h.format, h.sequence, message)
	}
	if s.sequence != 0 {
		if s.sequence++; s.sequence == 0 {
			s.sequence = 1
		}
	}
	return h.bytes(), nil
}

func (s *session15) open(packet []byte) ([]byte, error) {
	h, err := read15(packet)
	switch {
	case err != nil:
		return nil, err
	case h.id != s.id:
		return nil, drop("a packet of another session (0x%08X)", h.id)
	case h.format != s.format:
		return nil, drop("a packet of authentication type %d for %d", h.format, s.format)
	}
	if h.format != formatNone {
		want := s.code(h.format, h.sequence, h.payload)
		if !hmac.Equal(want[:], h.code[:]) {
			return nil, drop("a packet with a wrong authentication code")
		}
	}
	return h.payload, nil
}

func (s *session15) name() uint32 { return s.id }

// auth is an authentication type of IPMI 1.5 (table 22-15).
type auth struct {
	name   string
	format byte
}

// auths is a table, best first. MD2 is left out: it is broken, and no BMC has it alone.
var auths = []auth{{"md5", formatMD5}, {"password", formatPassword}, {"none", formatNone}}

// chooseAuth picks the type that was asked for, or the best that the BMC has. What
// proves nothing is never chosen unasked.
func chooseAuth(asked string, offered byte) (auth, error) {
	names := ""
	for _, a := range auths {
		has := offered&(1<<a.format) != 0
		if has {
			names += " " + a.name
		}
		if has && (asked == a.name || asked == "" && a.format != formatNone) {
			return a, nil
		}
	}
	if names == "" {
		names = " none of those that are supported here"
	}
	what := "md5 or password"
	if asked != "" {
		what = asked
	}
	return auth{}, fmt.Errorf("%w %s: it offers%s: give one of these as auth, or use IPMI 2.0 (lanplus)", ErrAuth, what, names)
}

// capabilities is the answer to Get Channel Authentication Capabilities (table 22-15).
func capabilities(data []byte) (offered byte, err error) {
	if len(data) < 3 {
		return 0, fmt.Errorf("%w: authentication capabilities of %d bytes for 8", ErrMalformed, len(data))
	}
	return data[1] & 0x3F, nil
}

// challenge is the answer to Get Session Challenge (table 22-16).
func challenge(data []byte) (id uint32, text [16]byte, err error) {
	if len(data) != 20 {
		return 0, text, fmt.Errorf("%w: a challenge of %d bytes for 20", ErrMalformed, len(data))
	}
	return binary.LittleEndian.Uint32(data), [16]byte(data[4:]), nil
}

// activated is the answer to Activate Session (table 22-17).
type activated struct {
	format, level byte
	id, sequence  uint32
}

func readActivated(data []byte) (a activated, err error) {
	if len(data) != 10 {
		return a, fmt.Errorf("%w: an activation of %d bytes for 10", ErrMalformed, len(data))
	}
	a = activated{data[0] & 0x0F, data[9] & 0x0F, binary.LittleEndian.Uint32(data[1:]), binary.LittleEndian.Uint32(data[5:])}
	if a.id == 0 {
		return a, fmt.Errorf("%w: a session of name 0", ErrMalformed)
	}
	return a, nil
}

// challengeErr and activateErr say what their codes of their own mean.
func challengeErr(c Code) error {
	if c == 0x81 || c == 0x82 {
		return fmt.Errorf("%w (completion code 0x%02X)", ErrUser, byte(c))
	}
	return c
}

func activateErr(c Code) error {
	switch c {
	case 0x81, 0x82, 0x83:
		return fmt.Errorf("%w (completion code 0x%02X)", ErrNoSession, byte(c))
	case 0x86:
		return fmt.Errorf("%w: the level asked for is above that of the user or channel (completion code 0x86)", ErrPrivilege)
	case 0xCC: // of many BMCs, for a code that does not fit
		return fmt.Errorf("%w (completion code 0xCC)", ErrPassword)
	}
	return c
}
