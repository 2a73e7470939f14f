package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Client is a connection with one channel in confirm mode. It is not for use by
// several goroutines.
type Client struct {
	conn    *amqp.Connection
	socket  net.Conn
	ch      *amqp.Channel
	returns chan amqp.Return
}

// Connect logs in at a broker. The context limits the login alone.
func Connect(ctx context.Context, a Account) (c *Client, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	conn, socket, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer within(ctx, socket, &err)()
	c = &Client{conn: conn, socket: socket}
	if c.ch, err = conn.Channel(); err == nil {
		err = c.ch.Confirm(false)
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("open a channel at %s: %w", a.Address, err)
	}
	c.returns = c.ch.NotifyReturn(make(chan amqp.Return, 16))
	return c, nil
}

// Close ends the connection, without waiting long for a broker that does not answer.
func (c *Client) Close() { _ = c.conn.CloseDeadline(time.Now().Add(time.Second)) }

// Declare makes a durable queue, if missing: a quorum queue or a classic one. When ctx
// ends before, so does the connection; this is so for all methods.
func (c *Client) Declare(ctx context.Context, queue string, quorum bool) (err error) {
	defer within(ctx, c.socket, &err)()
	args := amqp.Table{"x-queue-type": "classic"}
	if quorum {
		args["x-queue-type"] = "quorum"
	}
	if _, err := c.ch.QueueDeclare(queue, true, false, false, false, args); err != nil {
		return fmt.Errorf("declare queue %s: %w", queue, err)
	}
	return nil
}

// Publish sends a persistent message to each of the queues and waits until the
// broker has confirmed all of them.
func (c *Client) Publish(ctx context.Context, body string, queues ...string) (err error) {
	defer within(ctx, c.socket, &err)()
	var sent []*amqp.DeferredConfirmation
	for _, q := range queues {
		d, err := c.ch.PublishWithDeferredConfirmWithContext(ctx, "", q, true, false, amqp.Publishing{Body: []byte(body), DeliveryMode: amqp.Persistent})
		if err != nil {
			return fmt.Errorf("publish to %s: %w", q, err)
		}
		sent = append(sent, d)
	}
	for i, d := range sent {
		switch ok, err := d.WaitContext(ctx); {
		case err != nil:
			return fmt.Errorf("waiting for the confirmation of %s: %w", queues[i], err)
		case !ok:
			return fmt.Errorf("%s did not take the message", queues[i])
		}
	}
	return c.returned()
}

// returned says which messages no queue took. They come back before they are confirmed.
func (c *Client) returned() error {
	var errs []error
	for {
		select {
		case r, ok := <-c.returns:
			if !ok {
				return errors.Join(append(errs, errors.New("the channel was closed"))...)
			}
			errs = append(errs, fmt.Errorf("no queue %s: %s", r.RoutingKey, r.ReplyText))
		default:
			return errors.Join(errs...)
		}
	}
}

// Messages reads all messages of a queue and leaves them in it. The connection is
// then of no more use than to be closed.
func (c *Client) Messages(ctx context.Context, queue string) (list []string, err error) {
	defer within(ctx, c.socket, &err)()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q, err := c.ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		return nil, fmt.Errorf("look at queue %s: %w", queue, err)
	}
	if q.Messages > maxMessages {
		return nil, fmt.Errorf("queue %s has %d messages, more than %d are not read", queue, q.Messages, maxMessages)
	}
	messages := make(chan amqp.Delivery)
	// A quorum queue gives no more than 2000 messages to a consumer that does not
	// acknowledge any.
	const perConsumer = 2000
	for range q.Messages/perConsumer + 2 {
		part, err := c.ch.ConsumeWithContext(ctx, queue, "", false, false, false, false, nil)
		if err != nil {
			return nil, fmt.Errorf("consume from %s: %w", queue, err)
		}
		go func() {
			for m := range part {
				select {
				case messages <- m:
				case <-ctx.Done():
				}
			}
		}()
	}
	// The count may lag behind: messages that another reader has just given back are
	// not in it. So the end is where nothing more comes.
	const quiet = time.Second
	for len(list) <= maxMessages {
		patience := quiet
		if len(list) < q.Messages {
			patience = 30 * time.Second
		}
		t := time.NewTimer(patience)
		select {
		case m := <-messages:
			t.Stop()
			list = append(list, string(m.Body))
		case <-ctx.Done():
			t.Stop()
			return nil, fmt.Errorf("consuming from %s ended after %d of %d messages: %w", queue, len(list), q.Messages, context.Cause(ctx))
		case <-t.C:
			if len(list) < q.Messages {
				return nil, fmt.Errorf("queue %s has given %d of its %d messages in %s", queue, len(list), q.Messages, patience)
			}
			return list, nil
		}
	}
	return nil, fmt.Errorf("queue %s gives more than %d messages", queue, maxMessages)
}

// maxMessages limits what is kept of a queue.
const maxMessages = 1 << 20
