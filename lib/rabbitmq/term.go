package rabbitmq

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Tags of Erlang's external term format, those that are needed.
const (
	tagSmallInteger  = 97
	tagInteger       = 98
	tagAtomLatin     = 100
	tagReference     = 90
	tagNewReference  = 114
	tagPid           = 88
	tagOldPid        = 103
	tagPort          = 89
	tagSmallTuple    = 104
	tagLargeTuple    = 105
	tagNil           = 106
	tagString        = 107
	tagList          = 108
	tagBinary        = 109
	tagSmallBig      = 110
	tagLargeBig      = 111
	tagExport        = 113
	tagSmallAtom     = 115
	tagMap           = 116
	tagAtom          = 118
	tagSmallAtomUTF8 = 119
	tagVersion       = 131
	tagNewFloat      = 70
)

// Terms in Go. Integers are int64, strings and lists of bytes are list, maps are
// flat lists of keys and values. What nobody needs the value of, as floats and integers
// of more than 32 bits, is passed over and is nil.
type (
	atom  string
	tuple []any
	list  []any
	// raw is an encoded term that is copied as it is.
	raw []byte
)

func encode(b []byte, t any) []byte {
	switch t := t.(type) {
	case atom:
		b = append(b, tagSmallAtomUTF8, byte(len(t)))
		return append(b, t...)
	case int:
		b = append(b, tagInteger)
		return binary.BigEndian.AppendUint32(b, uint32(int32(t)))
	case tuple:
		b = append(b, tagSmallTuple, byte(len(t)))
		for _, e := range t {
			b = encode(b, e)
		}
		return b
	case list:
		if len(t) > 0 {
			b = append(b, tagList)
			b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
			for _, e := range t {
				b = encode(b, e)
			}
		}
		return append(b, tagNil)
	case raw:
		return append(b, t...)
	}
	panic(fmt.Sprintf("a term of the Go type %T", t))
}

var (
	errShort = errors.New("an Erlang term ends too early")
	errLarge = errors.New("an Erlang term is too large or too deep")
)

// decoder reads terms. depth limits how deeply they may be nested, and terms how
// many there may be: what is read comes from the network.
type decoder struct {
	b     []byte
	depth int
	terms int
}

const (
	maxDepth = 64
	maxTerms = 100_000
)

func (d *decoder) take(n int) ([]byte, error) {
	if n < 0 || n > len(d.b) {
		return nil, errShort
	}
	part := d.b[:n]
	d.b = d.b[n:]
	return part, nil
}

// number reads an unsigned integer of n bytes.
func (d *decoder) number(n int) (int, error) {
	part, err := d.take(n)
	v := 0
	for _, c := range part {
		v = v<<8 | int(c)
	}
	return v, err
}

// sized reads a length of n bytes and as many bytes.
func (d *decoder) sized(n int) ([]byte, error) {
	length, err := d.number(n)
	if err != nil {
		return nil, err
	}
	return d.take(length)
}

func (d *decoder) term() (any, error) {
	d.depth++
	d.terms++
	defer func() { d.depth-- }()
	if d.depth > maxDepth || d.terms > maxTerms {
		return nil, errLarge
	}
	tag, err := d.number(1)
	if err != nil {
		return nil, err
	}
	switch tag {
	case tagSmallInteger:
		n, err := d.number(1)
		return int64(n), err
	case tagInteger:
		n, err := d.number(4)
		return int64(int32(uint32(n))), err
	case tagNil:
		return list(nil), nil
	case tagAtom, tagAtomLatin:
		s, err := d.sized(2)
		return atom(s), err
	case tagSmallAtom, tagSmallAtomUTF8:
		s, err := d.sized(1)
		return atom(s), err
	case tagBinary:
		s, err := d.sized(4)
		return string(s), err
	case tagString:
		s, err := d.sized(2)
		if d.terms += len(s); d.terms > maxTerms {
			return nil, errLarge
		}
		l := make(list, len(s))
		for i, c := range s {
			l[i] = int64(c)
		}
		return l, err
	case tagSmallTuple:
		return d.tuple(1)
	case tagLargeTuple:
		return d.tuple(4)
	case tagList, tagMap:
		return d.list(tag)
	case tagNewFloat:
		_, err := d.take(8)
		return nil, err
	case tagSmallBig:
		return d.big(1)
	case tagLargeBig:
		return d.big(4)
	}
	return d.identifier(tag)
}

// identifier reads terms of which nobody needs the value.
func (d *decoder) identifier(tag int) (any, error) {
	sizes := map[int]int{tagPid: 12, tagOldPid: 9, tagPort: 8}
	words := 0
	switch tag {
	case tagReference, tagNewReference:
		n, err := d.number(2)
		if err != nil {
			return nil, err
		}
		words = n
	case tagExport:
		for range 3 {
			if _, err := d.term(); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case tagPid, tagOldPid, tagPort:
	default:
		return nil, fmt.Errorf("an Erlang term has the unknown tag %d", tag)
	}
	node, err := d.term()
	if err != nil {
		return nil, err
	}
	size := sizes[tag]
	switch tag {
	case tagReference:
		size = 4 + 4*words
	case tagNewReference:
		size = 1 + 4*words
	}
	rest, err := d.take(size)
	name, ok := node.(atom)
	if err == nil && !ok {
		err = fmt.Errorf("an Erlang term names a node by a %T", node)
	}
	return reference{node: string(name), id: string(rest)}, err
}

// reference is a reference, pid or port.
type reference struct{ node, id string }

func (d *decoder) tuple(size int) (any, error) {
	n, err := d.number(size)
	if err != nil {
		return nil, err
	}
	var t tuple
	for range n {
		e, err := d.term()
		if err != nil {
			return nil, err
		}
		t = append(t, e)
	}
	return t, nil
}

func (d *decoder) list(tag int) (any, error) {
	n, err := d.number(4)
	if err != nil {
		return nil, err
	}
	if tag == tagMap {
		n *= 2
	}
	var l list
	for range n {
		e, err := d.term()
		if err != nil {
			return nil, err
		}
		l = append(l, e)
	}
	if tag == tagList { // the tail, usually the empty list
		if _, err := d.term(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// big passes over an integer whose number of digits is an integer of size bytes.
func (d *decoder) big(size int) (any, error) {
	n, err := d.number(size)
	if err != nil {
		return nil, err
	}
	_, err = d.take(1 + n) // the sign comes first
	return nil, err
}
