package redfish

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// Kind is the class of a failure.
type Kind int

// The kinds.
const (
	Protocol    Kind = iota // the answer is not what Redfish says
	BadConfig               // an option cannot be right
	Credentials             // user or password are wrong
	Password                // the password must be changed first
	Forbidden               // the user may not do that
	NoSession               // the controller has no session left
	Expired                 // a login that was good is no longer
	Certificate             // the certificate is not trusted
	NotRedfish              // something else answers there
	NoAnswer                // nothing answers, or not in time
	NoSystem                // which machine is meant is not clear
	Missing                 // the resource is not there
	Refused                 // the controller does not do it
	Already                 // refused, as the machine is in that state
	Busy                    // the controller asks to come back later
	Unsupported             // the machine has no such reset
)

// Error is a failure with its kind. Its text names what was tried and holds no secret.
type Error struct {
	Kind Kind
	Op   string // such as: GET https://bmc/redfish/v1
	Err  error
}

func (e *Error) Error() string {
	if e.Op == "" {
		return e.Err.Error()
	}
	return e.Op + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of an error; Protocol if it is none of ours.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Protocol
}

func failf(kind Kind, op, format string, args ...any) error {
	return &Error{Kind: kind, Op: op, Err: fmt.Errorf(format, args...)}
}

// transportKind is the class of an error of net/http.
func transportKind(err error) Kind {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		dial    *net.OpError
	)
	switch {
	case errors.As(err, &verify), errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return Certificate
	case errors.As(err, &record), errors.As(err, &alert):
		return NotRedfish
	case errors.As(err, &dial):
		return NoAnswer
	}
	return NoAnswer
}
