// Package snmp reads and sets objects of one SNMP agent. It is made for fencing: an
// answer counts when it comes from the address that was asked, to the request that was
// asked, at the security level that was asked for, about the object that was asked
// for, and has the type that was asked for. Everything else is an error.
//
// It is the only importer of gosnmp. Give every call a context with a deadline: the
// request is repeated until then, as datagrams get lost.
package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

// Kind is the class of a failure.
type Kind int

// The kinds.
const (
	Protocol    Kind = iota // the answer is not what it must be
	BadConfig               // an option cannot be right
	NoAnswer                // nothing answers; also to a community that is wrong
	Credentials             // the user, a passphrase or the level is wrong (version 3)
	NoObject                // the agent does not have the object
	Forbidden               // the community or user may not do that
	Refused                 // the agent does not do it
)

// Error is a failure with its kind. Its text holds no secret.
type Error struct {
	Kind Kind
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of an error; Protocol if it is none of ours.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Protocol
}

// Session asks one agent. It is for one goroutine.
type Session struct {
	g    *gosnmp.GoSNMP
	peer string
}

// Dial makes a socket; nothing is sent in versions 1 and 2c, and nothing that needs a
// login in version 3.
func Dial(ctx context.Context, c Config) (*Session, error) {
	g, err := c.client()
	if err != nil {
		return nil, &Error{BadConfig, err}
	}
	g.Context = ctx
	s := &Session{g: g, peer: c.Host + ":" + strconv.Itoa(c.Port)}
	if err := g.Connect(); err != nil {
		return nil, s.fail("connect", "", err)
	}
	return s, nil
}

// Close closes the socket.
func (s *Session) Close() { _ = s.g.Close() }

// fail makes an error of a request.
func (s *Session) fail(what, oid string, err error) error {
	kind := NoAnswer
	switch {
	case errors.Is(err, gosnmp.ErrUnknownUsername), errors.Is(err, gosnmp.ErrWrongDigest), errors.Is(err, gosnmp.ErrDecryption), errors.Is(err, gosnmp.ErrUnknownSecurityLevel):
		kind = Credentials
	case strings.Contains(err.Error(), "not authentic"):
		kind = Credentials // gosnmp has no error of its own for what a wrong passphrase leads to
	case errors.Is(err, gosnmp.ErrUnknownReportPDU), errors.Is(err, gosnmp.ErrUnknownSecurityModels), errors.Is(err, gosnmp.ErrInvalidMsgs):
		kind = Protocol
	}
	return s.failf(kind, what, oid, "%w", err)
}

func (s *Session) failf(kind Kind, what, oid, format string, args ...any) error {
	return &Error{kind, fmt.Errorf("SNMP %s %s %s: %w", s.peer, what, oid, fmt.Errorf(format, args...))}
}

// patience is how long an answer is waited for before the request is sent again.
const patience = time.Second

// ask does one request. A parser that panics on what a stranger sends is an error.
func (s *Session) ask(ctx context.Context, what, oid string, f func() (*gosnmp.SnmpPacket, error)) (pdu gosnmp.SnmpPDU, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.failf(Protocol, what, oid, "the answer cannot be read: %v", p)
		}
	}()
	s.g.Context = ctx
	answer, err := f()
	if err != nil {
		return pdu, s.fail(what, oid, err)
	}
	if err := s.genuine(answer); err != nil {
		return pdu, s.failf(Protocol, what, oid, "%w", err)
	}
	switch answer.Error {
	case gosnmp.NoError:
	case gosnmp.NoSuchName:
		if what == "set" { // version 1 has no other word for it
			return pdu, s.failf(Forbidden, what, oid, "there is no such object, or the community may not write it")
		}
		return pdu, s.failf(NoObject, what, oid, "there is no such object")
	case gosnmp.AuthorizationError, gosnmp.NoAccess, gosnmp.ReadOnly, gosnmp.NotWritable:
		return pdu, s.failf(Forbidden, what, oid, "refused (%s): the community or user may not write it", answer.Error)
	default:
		return pdu, s.failf(Refused, what, oid, "refused (%s)", answer.Error)
	}
	if len(answer.Variables) != 1 {
		return pdu, s.failf(Protocol, what, oid, "asked for one object, %d came", len(answer.Variables))
	}
	return answer.Variables[0], nil
}

// genuine holds an answer against what was asked. The client has compared the number
// of the request already, but takes 0 for any.
func (s *Session) genuine(a *gosnmp.SnmpPacket) error {
	switch {
	case a.PDUType != gosnmp.GetResponse:
		return fmt.Errorf("a %s is no answer", a.PDUType)
	case a.RequestID == 0:
		return errors.New("an answer to no request")
	case a.Version != s.g.Version:
		return fmt.Errorf("asked in version %s, answered in version %s", s.g.Version, a.Version)
	case a.Version != gosnmp.Version3 && a.Community != s.g.Community:
		return errors.New("answered for another community")
	case a.Version == gosnmp.Version3 && a.MsgFlags&gosnmp.AuthPriv != s.g.MsgFlags&gosnmp.AuthPriv:
		return errors.New("answered at a lower security level")
	}
	return nil
}

// get asks for one object.
func (s *Session) get(ctx context.Context, oid string) (gosnmp.SnmpPDU, error) {
	v, err := s.ask(ctx, "get", oid, func() (*gosnmp.SnmpPacket, error) { return s.g.Get([]string{oid}) })
	if err != nil {
		return v, err
	}
	if v.Name != oid {
		return v, s.failf(Protocol, "get", oid, "the answer is of %s", v.Name)
	}
	if missing(v) {
		return v, s.failf(NoObject, "get", oid, "there is no such object")
	}
	return v, nil
}

func missing(v gosnmp.SnmpPDU) bool {
	return v.Type == gosnmp.NoSuchObject || v.Type == gosnmp.NoSuchInstance || v.Type == gosnmp.EndOfMibView
}

// Int asks for an INTEGER. An OID begins with a dot.
func (s *Session) Int(ctx context.Context, oid string) (int, error) {
	v, err := s.get(ctx, oid)
	if err != nil {
		return 0, err
	}
	n, ok := v.Value.(int)
	if v.Type != gosnmp.Integer || !ok {
		return 0, s.failf(Protocol, "get", oid, "the answer is not an INTEGER but of type %s", v.Type)
	}
	return n, nil
}

// ObjectID asks for an OBJECT IDENTIFIER. It begins with a dot.
func (s *Session) ObjectID(ctx context.Context, oid string) (string, error) {
	v, err := s.get(ctx, oid)
	if err != nil {
		return "", err
	}
	id, ok := v.Value.(string)
	if v.Type != gosnmp.ObjectIdentifier || !ok {
		return "", s.failf(Protocol, "get", oid, "the answer is not an OBJECT IDENTIFIER but of type %s", v.Type)
	}
	return "." + strings.TrimPrefix(id, "."), nil
}

// SetInt sets an INTEGER, and returns when the agent has taken it.
func (s *Session) SetInt(ctx context.Context, oid string, n int) error {
	v, err := s.ask(ctx, "set", oid, func() (*gosnmp.SnmpPacket, error) {
		return s.g.Set([]gosnmp.SnmpPDU{{Name: oid, Type: gosnmp.Integer, Value: n}})
	})
	switch {
	case err != nil:
		return err
	case v.Name != oid:
		return s.failf(Protocol, "set", oid, "the answer is of %s", v.Name)
	case missing(v):
		return s.failf(NoObject, "set", oid, "there is no such object")
	}
	return nil
}

// Row is an object below a root that holds text.
type Row struct {
	Index string // below the root, without a dot at its beginning: 3, or 1.1.3
	Text  string
}

// Rows asks for the strings below a root, and for no more than max of them; more says
// that there are further ones.
func (s *Session) Rows(ctx context.Context, root string, max int) (rows []Row, more bool, err error) {
	last, position := root, []uint64(nil)
	for {
		v, err := s.ask(ctx, "get next of", last, func() (*gosnmp.SnmpPacket, error) { return s.g.GetNext([]string{last}) })
		if KindOf(err) == NoObject && err != nil {
			return rows, false, nil // the end, in version 1
		}
		if err != nil {
			return nil, false, err
		}
		index, below := strings.CutPrefix(v.Name, root+".")
		if missing(v) || !below {
			return rows, false, nil
		}
		place, err := numbers(index)
		if err != nil || slices.Compare(place, position) <= 0 {
			return nil, false, s.failf(Protocol, "get next of", last, "the answer %s is not after it", v.Name)
		}
		text, ok := v.Value.([]byte)
		if v.Type != gosnmp.OctetString || !ok {
			return nil, false, s.failf(Protocol, "get next of", last, "the answer is not an OCTET STRING but of type %s", v.Type)
		}
		if len(rows) >= max {
			return rows, true, nil
		}
		rows = append(rows, Row{index, string(text)})
		last, position = v.Name, place
	}
}

func numbers(oid string) ([]uint64, error) {
	var list []uint64
	for part := range strings.SplitSeq(oid, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}
