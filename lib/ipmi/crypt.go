package ipmi

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
)

// suite is a cipher suite (table 22-20): how a login and the packets of a session are
// proven, and whether they are encrypted.
type suite struct {
	id                               int
	auth, integrity, confidentiality byte
	hash                             func() hash.Hash
	size                             int // bytes of an integrity code, and of that of RAKP 4
}

// suites is a table. Those without authentication or integrity codes are left out:
// anybody in the network could say "off" in the name of the BMC.
var suites = []suite{
	{2, 1, 1, 0, sha1.New, 12},
	{3, 1, 1, 1, sha1.New, 12},
	{16, 3, 4, 0, sha256.New, 16},
	{17, 3, 4, 1, sha256.New, 16},
}

func suiteOf(id int) (suite, error) {
	for _, s := range suites {
		if s.id == id {
			return s, nil
		}
	}
	return suite{}, fmt.Errorf("%w: cipher suite %d is not supported here: give 3 or 17 (also 2 and 16), or none to have it chosen", ErrOptions, id)
}

func (s suite) hmac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(s.hash, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// encrypt makes the payload of AES-CBC-128: an initialization vector, then the data and
// a pad of 1, 2, 3 … with its length (section 13.29).
func encrypt(key, data []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	n := (aes.BlockSize - (len(data)+1)%aes.BlockSize) % aes.BlockSize
	out := make([]byte, aes.BlockSize, 2*aes.BlockSize+len(data)+n)
	if _, err := rand.Read(out); err != nil {
		return nil, err
	}
	plain := append([]byte(nil), data...)
	for i := 1; i <= n; i++ {
		plain = append(plain, byte(i))
	}
	plain = append(plain, byte(n))
	out = out[:aes.BlockSize+len(plain)]
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], plain)
	return out, nil
}

// decrypt is the other way.
func decrypt(key, payload []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(payload) < 2*aes.BlockSize || len(payload)%aes.BlockSize != 0 {
		return nil, drop("an encrypted payload of %d bytes", len(payload))
	}
	plain := make([]byte, len(payload)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, payload[:aes.BlockSize]).CryptBlocks(plain, payload[aes.BlockSize:])
	n := int(plain[len(plain)-1])
	end := len(plain) - 1 - n
	if n >= aes.BlockSize || end < 0 {
		return nil, drop("an encrypted payload with a pad of %d bytes", n)
	}
	for i, x := range plain[end : len(plain)-1] {
		if x != byte(i+1) {
			return nil, drop("an encrypted payload with a wrong pad")
		}
	}
	return plain[:end], nil
}

// keys are those of a session (section 13.32).
type keys struct {
	suite
	integrityKey, cryptKey []byte
}

func (s suite) keys(sik []byte) keys {
	return keys{s, s.hmac(sik, bytes.Repeat([]byte{1}, 20)), s.hmac(sik, bytes.Repeat([]byte{2}, 20))[:16]}
}

// session20 is a session of IPMI 2.0.
type session20 struct {
	keys
	console, bmc uint32 // the names that both sides have for it
	sequence     uint32
}

// seal makes the packet of a message.
func (s *session20) seal(message []byte) ([]byte, error) {
	kind := byte(payloadIPMI | bitAuthenticated)
	if s.confidentiality != 0 {
		kind |= bitEncrypted
		var err error
		if message, err = encrypt(s.cryptKey, message); err != nil {
			return nil, err
		}
	}
	if s.sequence++; s.sequence == 0 {
		s.sequence = 1
	}
	b := header20{kind: kind, id: s.bmc, sequence: s.sequence, payload: message}.bytes()
	n := (4 - (len(b)-4+2)%4) % 4
	for range n {
		b = append(b, 0xFF)
	}
	b = append(b, byte(n), 0x07)
	return append(b, s.hmac(s.integrityKey, b[4:])[:s.size]...), nil
}

// open checks a packet and returns its message. The sequence number of the packet is not
// judged: there are BMCs that count wrongly, and each message of a session has a
// sequence number of its own that is used once.
func (s *session20) open(packet []byte) ([]byte, error) {
	h, err := read20(packet)
	if err != nil {
		return nil, err
	}
	kind := byte(payloadIPMI | bitAuthenticated)
	if s.confidentiality != 0 {
		kind |= bitEncrypted
	}
	switch {
	case h.kind != kind:
		return nil, drop("a payload of type 0x%02X for 0x%02X", h.kind, kind)
	case h.id != s.console:
		return nil, drop("a packet of another session (0x%08X)", h.id)
	case len(h.trailer) < 2+s.size || len(h.trailer) > 2+s.size+3:
		return nil, drop("a packet with a trailer of %d bytes", len(h.trailer))
	}
	pad := len(h.trailer) - 2 - s.size
	covered := len(h.protected) - s.size
	if !hmac.Equal(s.hmac(s.integrityKey, h.protected[:covered])[:s.size], h.protected[covered:]) {
		return nil, drop("a packet with a wrong integrity code")
	}
	if int(h.trailer[pad]) != pad {
		return nil, drop("a packet with a wrong pad")
	}
	if s.confidentiality == 0 {
		return h.payload, nil
	}
	return decrypt(s.cryptKey, h.payload)
}

func (s *session20) name() uint32 { return s.bmc }
