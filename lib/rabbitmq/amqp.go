package rabbitmq

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Account is who logs in at a broker, and where.
type Account struct {
	Address        string // HOST:PORT
	User, Password string
	VHost          string
	// Dial makes the connection; nil: as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Listens says whether something accepts connections at an address. A broker logs
// nothing of a connection on which nothing was sent.
func Listens(ctx context.Context, address string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c, err := dialer(nil).dial(ctx, address)
	if err != nil {
		return err
	}
	return c.Close()
}

// Greets begins a connection and waits for the broker's greeting. Without an account
// that is all that can be had; the broker logs a warning for it.
func Greets(ctx context.Context, address string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c, err := dialer(nil).dial(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		return fmt.Errorf("greeting the broker at %s: %w", address, err)
	}
	// A frame of the type method on channel 0.
	var head [3]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return fmt.Errorf("no greeting of the broker at %s: %w", address, err)
	}
	if head != [3]byte{1, 0, 0} {
		return fmt.Errorf("the greeting of the broker at %s begins with %q: it does not speak AMQP 0-9-1", address, head)
	}
	return nil
}

// Probe logs in and opens a channel: what a client needs before anything else.
func Probe(ctx context.Context, a Account) error {
	return a.with(ctx, func(*amqp.Channel) error { return nil })
}

// RoundTrip sends a message through a queue of its own, which is gone afterwards.
func RoundTrip(ctx context.Context, a Account) error {
	return a.with(ctx, func(ch *amqp.Channel) error {
		q, err := ch.QueueDeclare("systole-probe-"+rand.Text(), false, true, true, false, nil)
		if err != nil {
			return fmt.Errorf("declare a queue: %w", err)
		}
		if err := ch.Confirm(false); err != nil {
			return fmt.Errorf("confirm mode: %w", err)
		}
		text := rand.Text()
		sent, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", q.Name, true, false, amqp.Publishing{Body: []byte(text)})
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		if ok, err := sent.WaitContext(ctx); err != nil || !ok {
			return errors.Join(errors.New("the message was not confirmed"), err)
		}
		got, ok, err := ch.Get(q.Name, true)
		switch {
		case err != nil:
			return fmt.Errorf("get: %w", err)
		case !ok || string(got.Body) != text:
			return errors.New("the message that was confirmed did not come out of the queue")
		}
		return nil
	})
}

// with opens a channel for f. All of it, closing included, ends with ctx.
func (a Account) with(ctx context.Context, f func(*amqp.Channel) error) (err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	conn, socket, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer within(ctx, socket, &err)()
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel at %s: %w", a.Address, err)
	}
	return f(ch)
}

// connect logs in. ctx, which has a deadline, limits the login alone.
func (a Account) connect(ctx context.Context) (*amqp.Connection, net.Conn, error) {
	var socket net.Conn
	stop := func() bool { return true }
	conn, err := amqp.DialConfig("amqp://"+a.Address+"/", amqp.Config{
		Vhost: a.VHost, SASL: []amqp.Authentication{&amqp.PlainAuth{Username: a.User, Password: a.Password}},
		Properties: amqp.Table{"connection_name": "systole"},
		Heartbeat:  10 * time.Second,
		Dial: func(_, address string) (c net.Conn, err error) {
			if c, err = dialer(a.Dial).connection(ctx, address); err != nil {
				return nil, err
			}
			socket = c
			stop = context.AfterFunc(ctx, func() { _ = c.Close() })
			end, _ := ctx.Deadline()
			return c, c.SetDeadline(end)
		},
	})
	over := !stop()
	switch {
	case err != nil && over:
		return nil, nil, fmt.Errorf("log in at %s as %s: %w (%w)", a.Address, a.User, context.Cause(ctx), err)
	case err != nil:
		if socket != nil {
			_ = socket.Close()
		}
		return nil, nil, fmt.Errorf("log in at %s as %s: %w", a.Address, a.User, err)
	}
	return conn, socket, nil
}

// within ends a connection with ctx: the library has no contexts for most of what it
// does, and takes the deadlines of its socket away when the login is over. The function that is
// returned ends the watch, and adds to an error that it was time.
func within(ctx context.Context, socket net.Conn, err *error) func() {
	stop := context.AfterFunc(ctx, func() { _ = socket.Close() })
	return func() {
		if !stop() && *err != nil && !errors.Is(*err, context.Cause(ctx)) {
			*err = fmt.Errorf("%w (%w)", context.Cause(ctx), *err)
		}
	}
}
