package openstack

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/gophercloud/gophercloud/v2"

	"systole/lib/openstack/api"
)

// Error is an answer that is none of the expected ones.
type Error struct {
	Code    int    // of HTTP
	Message string // of the service
	kind    error  // of package api; nil: nobody knows whether the request was done
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Code, http.StatusText(e.Code), e.Message)
}

func (e *Error) Unwrap() error { return e.kind }

// kinds is a table.
var kinds = map[int]error{
	http.StatusBadRequest: api.ErrBadRequest, http.StatusUnauthorized: api.ErrUnauthorized, http.StatusForbidden: api.ErrForbidden,
	http.StatusNotFound: api.ErrNotFound, http.StatusConflict: api.ErrConflict, http.StatusNotAcceptable: api.ErrBadRequest,
	http.StatusRequestEntityTooLarge: api.ErrBusy, http.StatusTooManyRequests: api.ErrBusy,
}

// understand makes an error of ours of one of gophercloud or of the network.
func understand(err error) error {
	if err == nil {
		return nil
	}
	var code gophercloud.ErrUnexpectedResponseCode
	var again *gophercloud.ErrErrorAfterReauthentication
	var login *gophercloud.ErrUnableToReauthenticate
	switch {
	case errors.As(err, &login):
		// The first answer was 401, so that nothing has been done.
		return fmt.Errorf("%w: the login has ended and a new one failed: %w", api.ErrUnauthorized, understand(login.ErrReauth))
	case errors.As(err, &again):
		return understand(again.ErrOriginal)
	case errors.As(err, &code):
		return &Error{Code: code.Actual, Message: message(code.Body), kind: kinds[code.Actual]}
	}
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	if errors.As(err, &op) && op.Op == "dial" || errors.As(err, &cert) {
		return fmt.Errorf("%w: %w", api.ErrNotSent, err)
	}
	return err
}

// message is the text in the body of an error: services wrap it in an object
// with one member, the name of which differs.
func message(body []byte) string {
	const limit = 400
	var wrapped map[string]json.RawMessage
	text := strings.Join(strings.Fields(string(body)), " ")
	if json.Unmarshal(body, &wrapped) == nil {
		for _, name := range slices.Sorted(maps.Keys(wrapped)) {
			var m struct {
				Message string `json:"message"`
			}
			if json.Unmarshal(wrapped[name], &m) == nil && m.Message != "" {
				text = strings.Join(strings.Fields(m.Message), " ")
				break
			}
		}
	}
	// It ends up in logs and on terminals.
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if text == "" {
		return "no text"
	}
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return text
}
