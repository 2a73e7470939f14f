package ipmi

import (
	"bytes"
	"crypto/hmac"
	"encoding/binary"
	"fmt"
)

// login is what a login of IPMI 2.0 knows (sections 13.17 to 13.24).
type login struct {
	suite
	tag           byte
	console, bmc  uint32
	random        [16]byte // ours
	bmcRandom     [16]byte
	guid          [16]byte
	role          byte // level, and the bit that a user is looked up by the name alone
	user          string
	password, key []byte // key is K_g, or the password
}

const byNameOnly = 0x10

func le(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// roleAndName is the end of what is signed.
func (l *login) roleAndName() []byte {
	return append([]byte{l.role, byte(len(l.user))}, l.user...)
}

// openRequest proposes the suite.
func (l *login) openRequest() []byte {
	b := append([]byte{l.tag, l.role &^ byNameOnly, 0, 0}, le(l.console)...)
	for i, algorithm := range []byte{l.auth, l.integrity, l.confidentiality} {
		b = append(b, byte(i), 0, 0, 8, algorithm, 0, 0, 0)
	}
	return b
}

// head reads the beginning that all messages of a login have. done says that there is
// nothing more, because the BMC has refused with err.
func (l *login) head(b []byte, size int) (refused, err error) {
	if len(b) < 2 {
		return nil, drop("a login message of %d bytes", len(b))
	}
	if b[0] != l.tag {
		return nil, drop("an answer to login message %d for that to %d", b[0], l.tag)
	}
	// Some BMCs leave out our name of the session when they refuse.
	if len(b) >= 8 && binary.LittleEndian.Uint32(b[4:]) != l.console {
		if s := status(b[1]); s == 0 || binary.LittleEndian.Uint32(b[4:]) != 0 {
			return nil, drop("a login message of another session")
		}
	}
	if s := status(b[1]); s != 0 {
		return s.err(), nil
	}
	if len(b) != size {
		return nil, drop("a login message of %d bytes for %d", len(b), size)
	}
	return nil, nil
}

// openResponse reads the answer to openRequest.
func (l *login) openResponse(b []byte) (refused, err error) {
	if refused, err = l.head(b, 36); refused != nil || err != nil {
		return refused, err
	}
	for i, algorithm := range []byte{l.auth, l.integrity, l.confidentiality} {
		part := b[12+8*i : 20+8*i]
		if part[0] != byte(i) || part[4]&0x3F != algorithm {
			return fmt.Errorf("%w %d: it offers other algorithms", ErrCipher, l.id), nil
		}
	}
	if l.bmc = binary.LittleEndian.Uint32(b[8:]); l.bmc == 0 {
		return nil, drop("a login message with session 0")
	}
	if level := b[2] & 0x0F; level != 0 && level < l.role&0x0F {
		return fmt.Errorf("%w: the BMC allows level %s at most, asked for was %s", ErrPrivilege, Level(level), Level(l.role&0x0F)), nil
	}
	return nil, nil
}

func (l *login) rakp1() []byte {
	b := append([]byte{l.tag, 0, 0, 0}, le(l.bmc)...)
	b = append(b, l.random[:]...)
	b = append(b, l.role, 0, 0, byte(len(l.user)))
	return append(b, l.user...)
}

// rakp2 reads the answer to rakp1: the BMC proves that it knows the password.
func (l *login) rakp2(b []byte) (refused, err error) {
	sum := l.hash().Size()
	if refused, err = l.head(b, 40+sum); refused != nil || err != nil {
		return refused, err
	}
	l.bmcRandom, l.guid = [16]byte(b[8:]), [16]byte(b[24:])
	want := l.hmac(l.password, le(l.console), le(l.bmc), l.random[:], l.bmcRandom[:], l.guid[:], l.roleAndName())
	if !hmac.Equal(want, b[40:]) {
		return fmt.Errorf("%w, or the BMC is another one", ErrPassword), nil
	}
	return nil, nil
}

func (l *login) rakp3() []byte {
	b := append([]byte{l.tag, 0, 0, 0}, le(l.bmc)...)
	return append(b, l.hmac(l.password, l.bmcRandom[:], le(l.console), l.roleAndName())...)
}

// sik is the key that the keys of the session are made of.
func (l *login) sik() []byte { return l.hmac(l.key, l.random[:], l.bmcRandom[:], l.roleAndName()) }

// rakp4 reads the answer to rakp3: the BMC proves that it has made the same key.
func (l *login) rakp4(b []byte) (refused, err error) {
	if refused, err = l.head(b, 8+l.size); refused != nil || err != nil {
		return refused, err
	}
	want := l.hmac(l.sik(), l.random[:], le(l.bmc), l.guid[:])[:l.size]
	if !hmac.Equal(want, b[8:]) {
		if bytes.Equal(l.key, l.password) {
			return fmt.Errorf("%w: the BMC has one, give it as K_g", ErrKg), nil
		}
		return ErrKg, nil
	}
	return nil, nil
}

func (l *login) session() *session20 {
	return &session20{keys: l.keys(l.sik()), console: l.console, bmc: l.bmc}
}
