package openstack

import (
	"context"

	"systole/lib/openstack/api"
)

// link is a login that is kept from one round of an action to the next, because
// logging in takes longer than what is asked then.
type link[S any] struct {
	dial    func(context.Context, api.Credentials) (S, error)
	server  S
	dialled bool
}

// get is the service.
func (l *link[S]) get(ctx context.Context, c api.Credentials) (S, error) {
	if l.dialled {
		return l.server, nil
	}
	s, err := l.dial(ctx, c)
	if err == nil {
		l.server, l.dialled = s, true
	}
	return s, err
}

// drop has the next round log in anew.
func (l *link[S]) drop() { l.dialled = false }
