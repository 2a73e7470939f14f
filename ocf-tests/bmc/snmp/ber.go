// Package snmp is a simulated power distribution unit behind SNMP 1 and 2c on
// loopback, with outlets whose true power a test can ask. It misbehaves on request
// (Misbehaviours). It shares no code with the client that it tests, down to the
// encoding.
package snmp

import (
	"errors"
	"strconv"
	"strings"
)

// Tags of BER and SNMP that occur here.
const (
	tagInteger = 0x02
	tagOctets  = 0x04
	tagNull    = 0x05
	tagOID     = 0x06
	tagList    = 0x30
	tagCounter = 0x41

	tagNoInstance = 0x81
	tagEnd        = 0x82

	pduGet      = 0xa0
	pduNext     = 0xa1
	pduResponse = 0xa2
	pduSet      = 0xa3
)

// value is a tag and its content.
type value struct {
	tag     byte
	content []byte
}

func (v value) bytes() []byte {
	n := len(v.content)
	switch {
	case n < 0x80:
		return append([]byte{v.tag, byte(n)}, v.content...)
	case n < 0x100:
		return append([]byte{v.tag, 0x81, byte(n)}, v.content...)
	}
	return append([]byte{v.tag, 0x82, byte(n >> 8), byte(n)}, v.content...)
}

func integer(n int) value {
	var b []byte
	for {
		b = append([]byte{byte(n)}, b...)
		if (n < 0x80 && n >= 0) || (n < 0 && n >= -0x80) {
			break
		}
		n >>= 8
	}
	return value{tagInteger, b}
}

func octets(s string) value { return value{tagOctets, []byte(s)} }

func list(tag byte, parts ...value) value {
	v := value{tag: tag}
	for _, p := range parts {
		v.content = append(v.content, p.bytes()...)
	}
	return v
}

func oid(text string) value {
	var b []byte
	for i, part := range strings.Split(strings.TrimPrefix(text, "."), ".") {
		n, _ := strconv.Atoi(part)
		switch i {
		case 0:
			b = append(b, byte(40*n))
			continue
		case 1:
			b[0] += byte(n)
			continue
		}
		digits := []byte{byte(n & 0x7f)}
		for n >>= 7; n > 0; n >>= 7 {
			digits = append([]byte{byte(n&0x7f) | 0x80}, digits...)
		}
		b = append(b, digits...)
	}
	return value{tagOID, b}
}

var errShort = errors.New("the message ends too early")

// next takes a value off the front.
func next(b []byte) (value, []byte, error) {
	if len(b) < 2 {
		return value{}, nil, errShort
	}
	tag, n, b := b[0], int(b[1]), b[2:]
	if n >= 0x80 {
		size := n & 0x7f
		if size > 3 || len(b) < size {
			return value{}, nil, errShort
		}
		n = 0
		for _, c := range b[:size] {
			n = n<<8 | int(c)
		}
		b = b[size:]
	}
	if len(b) < n {
		return value{}, nil, errShort
	}
	return value{tag, b[:n]}, b[n:], nil
}

// parts are the values inside of one.
func (v value) parts() ([]value, error) {
	var all []value
	for b := v.content; len(b) > 0; {
		p, rest, err := next(b)
		if err != nil {
			return nil, err
		}
		all, b = append(all, p), rest
	}
	return all, nil
}

func (v value) int() int {
	n := 0
	for i, c := range v.content {
		if i == 0 && c >= 0x80 {
			n = -1
		}
		n = n<<8 | int(c)
	}
	return n
}

func (v value) oid() string {
	if len(v.content) == 0 {
		return ""
	}
	text := "." + strconv.Itoa(int(v.content[0])/40) + "." + strconv.Itoa(int(v.content[0])%40)
	n := 0
	for _, c := range v.content[1:] {
		n = n<<7 | int(c&0x7f)
		if c < 0x80 {
			text, n = text+"."+strconv.Itoa(n), 0
		}
	}
	return text
}

// message is a request, or an answer to one, about one object.
type message struct {
	version   int
	community string
	kind      byte
	id        int
	status    int
	oid       string
	value     value
	twice     bool // the object stands there twice
}

func parse(b []byte) (m message, err error) {
	top, _, err := next(b)
	if err != nil {
		return m, err
	}
	head, err := top.parts()
	if err != nil || len(head) != 3 {
		return m, errShort
	}
	pdu, err := head[2].parts()
	if err != nil || len(pdu) != 4 {
		return m, errShort
	}
	binds, err := pdu[3].parts()
	if err != nil || len(binds) != 1 {
		return m, errShort
	}
	bind, err := binds[0].parts()
	if err != nil || len(bind) != 2 {
		return m, errShort
	}
	return message{
		version: head[0].int(), community: string(head[1].content), kind: head[2].tag,
		id: pdu[0].int(), status: pdu[1].int(), oid: bind[0].oid(), value: bind[1],
	}, nil
}

func (m message) bytes() []byte {
	bind := list(tagList, oid(m.oid), m.value)
	binds := []value{bind}
	if m.twice {
		binds = append(binds, bind)
	}
	index := 0
	if m.status != 0 {
		index = 1
	}
	return list(tagList, integer(m.version), octets(m.community),
		list(m.kind, integer(m.id), integer(m.status), integer(index), list(tagList, binds...))).bytes()
}
