package openstack

import (
	"context"
	"errors"

	"systole/agents/ocf"
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

// tell is a step that changes something of a service, which was asked before.
type tell[S any] struct {
	what string
	of   string // what it is about: the id or the host of a service
	link *link[S]
	do   func(ctx context.Context, server S, of string) error
}

// Do tells the service.
func (t tell[S]) Do(ctx context.Context, _ ocf.System) error {
	if !t.link.dialled {
		return errors.New("the service was not asked before")
	}
	return t.do(ctx, t.link.server, t.of)
}

func (t tell[S]) String() string { return t.what }
