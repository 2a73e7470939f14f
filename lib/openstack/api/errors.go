package api

import "errors"

// Kinds of refusals, for errors.Is. An error that is none of them is a request of
// which nobody knows whether it was done: it may have been.
var (
	// ErrBadRequest: 400. For a change of a service or an evacuation it means that
	// the state forbids it.
	ErrBadRequest = errors.New("bad request")
	// ErrUnauthorized: 401, the credentials are not those of a user.
	ErrUnauthorized = errors.New("not authorized")
	// ErrForbidden: 403, the user is not allowed to.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: 404.
	ErrNotFound = errors.New("not found")
	// ErrConflict: 409, the state of the server forbids it.
	ErrConflict = errors.New("conflict")
	// ErrBusy: 413 or 429, there were too many requests; this one was not done.
	ErrBusy = errors.New("too many requests")
	// ErrNotSent: the request has not left this machine.
	ErrNotSent = errors.New("not sent")
)

// Refused says whether err proves that the request was not done.
func Refused(err error) bool {
	for _, kind := range []error{ErrBadRequest, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrBusy, ErrNotSent} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
