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
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return c.Close()
}

// Greets begins a connection and waits for the broker's greeting. Without an account
// that is all that can be had; the broker logs a warning for it.
func Greets(ctx context.Context, address string) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(end); err != nil {
			return err
		}
	}
	if _, err := c.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		return err
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

func (a Account) with(ctx context.Context, f func(*amqp.Channel) error) error {
	conn, err := a.connect(ctx, true)
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open a channel at %s: %w", a.Address, err)
	}
	return f(ch)
}

// connect logs in. whole says that the deadline of ctx is that of all that is done
// on the connection.
func (a Account) connect(ctx context.Context, whole bool) (*amqp.Connection, error) {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(10 * time.Second)
	}
	dialer := a.Dial
	if dialer == nil {
		dialer = (&net.Dialer{}).DialContext
	}
	var socket net.Conn
	conn, err := amqp.DialConfig("amqp://"+a.Address+"/", amqp.Config{
		Vhost: a.VHost, SASL: []amqp.Authentication{&amqp.PlainAuth{Username: a.User, Password: a.Password}},
		Properties: amqp.Table{"connection_name": "systole"},
		Heartbeat:  10 * time.Second,
		Dial: func(network, address string) (net.Conn, error) {
			c, err := dialer(ctx, network, address)
			if err != nil {
				return nil, err
			}
			socket = c
			return c, c.SetDeadline(end)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("log in at %s as %s: %w", a.Address, a.User, err)
	}
	if !whole {
		_ = socket.SetDeadline(time.Time{})
	}
	return conn, nil
}
