package ipmi

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"time"
)

// session makes packets of messages, and messages of packets.
type session interface {
	seal(message []byte) ([]byte, error)
	open(packet []byte) ([]byte, error)
	name() uint32
}

// Conn is a session with a BMC. It is for one goroutine.
type Conn struct {
	options Options
	address netip.AddrPort
	link    *link
	session session // nil while there is none
	used    int     // sequence numbers of the session
	order   []int   // in which they are used
	pre     byte    // sequence number of the next message outside of a session
	tries   int     // of the first and last messages of a login
}

// Dial opens a session at the level of the options.
func Dial(ctx context.Context, o Options) (*Conn, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", o.Address)
	if err != nil {
		return nil, fmt.Errorf("look up the BMC %s: %w", o.Address, err)
	}
	for i, a := range addresses {
		c := &Conn{options: o, address: netip.AddrPortFrom(a.Unmap(), uint16(o.Port))}
		c.tries = max(1, firstTries/len(addresses)) // time for the next one
		err = c.connect(ctx)
		if err == nil {
			return c, nil
		}
		// Of several addresses one may be out of reach; what has answered is the BMC.
		if !errors.Is(err, ErrNoAnswer) || ctx.Err() != nil || i == len(addresses)-1 {
			return nil, err
		}
	}
	return nil, fmt.Errorf("look up the BMC %s: it has no address", o.Address)
}

// String is the device and how it is spoken to.
func (c *Conn) String() string {
	switch s := c.session.(type) {
	case *session20:
		return fmt.Sprintf("BMC %s, IPMI 2.0, cipher suite %d, level %s", c.address, s.id, c.options.Level)
	case *session15:
		return fmt.Sprintf("BMC %s, IPMI 1.5, authentication type %d, level %s", c.address, s.format, c.options.Level)
	}
	return fmt.Sprintf("BMC %s, no session", c.address)
}

// fail says with whom it failed.
func (c *Conn) fail(what string, err error) error {
	version := "IPMI 1.5"
	if c.options.Lanplus {
		version = "IPMI 2.0"
	}
	return fmt.Errorf("%s, BMC %s (%s): %w", what, c.address, version, err)
}

// restarts is how often a login begins anew, and pause how long it waits before.
const (
	restarts = 4
	pause    = 250 * time.Millisecond
)

// firstTries is how often a login is begun. It does not depend on the options: those are
// made for a call in a session, and a login has a time of its own.
const firstTries = 4

// connect makes a socket and a session.
func (c *Conn) connect(ctx context.Context) (err error) {
	for try := range restarts {
		if try > 0 {
			if wait(ctx, pause) != nil {
				return err
			}
		}
		if err = c.attempt(ctx); err == nil {
			return nil
		}
		c.drop()
		var begun *begunError
		again := errors.Is(err, ErrSessionEnded) || errors.Is(err, ErrNoSession) || errors.As(err, &begun)
		if ctx.Err() != nil || !again {
			return err
		}
	}
	return err
}

// begunError is of a login that came to a silence after it had begun: BMCs that have
// sent an answer which was lost do not repeat it.
type begunError struct{ error }

func (e *begunError) Unwrap() error { return e.error }

func (c *Conn) attempt(ctx context.Context) error {
	var err error
	if c.link, err = openLink(c.address, c.options.Timeout); err != nil {
		return c.fail("open a socket", err)
	}
	// No order that an answer could be made for beforehand.
	c.used, c.order = 0, mathrand.Perm(maxSequence)
	if c.options.Lanplus {
		err = c.login20(ctx)
	} else {
		err = c.login15(ctx)
	}
	if err != nil {
		return c.fail("log in as "+fmt.Sprintf("%q", c.options.User), err)
	}
	return c.raise(ctx)
}

// raise sets the level of the session, which begins as user.
func (c *Conn) raise(ctx context.Context) error {
	if c.options.Level <= User {
		return nil
	}
	data, err := c.command(ctx, request{netFn: netApp, cmd: 0x3B, data: []byte{byte(c.options.Level)}}, c.tries)
	what := fmt.Sprintf("ask for the privilege level %s", c.options.Level)
	var code Code
	switch {
	case errors.As(err, &code) && (code == 0x80 || code == 0x81 || code == CodePrivilege || code == 0xCC):
		return c.fail(what, fmt.Errorf("%w (completion code 0x%02X)", ErrPrivilege, byte(code)))
	case err != nil:
		return c.fail(what, err)
	case len(data) != 1 || data[0]&0x0F < byte(c.options.Level):
		return c.fail(what, fmt.Errorf("%w: the BMC grants % X", ErrPrivilege, data))
	}
	return nil
}

// wait is a pause that the context ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func random(b []byte) error {
	_, err := rand.Read(b)
	return err
}

// randomName is a name or number that is not 0.
func randomName() (uint32, error) {
	var b [4]byte
	if err := random(b[:]); err != nil {
		return 0, err
	}
	return max(1, binary.LittleEndian.Uint32(b[:])), nil
}

// command does a request until the BMC has taken or refused it. One that says that it is
// busy is asked again until the context ends.
func (c *Conn) command(ctx context.Context, r request, tries int) ([]byte, error) {
	for {
		data, err := c.once(ctx, r, tries)
		var code Code
		// What has come to a timeout may have been done all the same.
		if !errors.As(err, &code) || !code.passing() || code == CodeTimeout && tries == 1 {
			return data, err
		}
		if wait(ctx, pause) != nil {
			return nil, fmt.Errorf("%w until the call was ended: %w", err, context.Cause(ctx))
		}
	}
}

// once does a request with a sequence number that the session has not used.
func (c *Conn) once(ctx context.Context, r request, tries int) ([]byte, error) {
	if c.session == nil {
		return nil, ErrSessionEnded
	}
	if c.used == maxSequence {
		c.end(ctx)
		if err := c.connect(ctx); err != nil {
			return nil, err
		}
	}
	r.sequence = byte(c.order[c.used])
	c.used++
	return c.ask(ctx, c.session, r, tries)
}

// ask sends a request in a session and waits for its answer.
func (c *Conn) ask(ctx context.Context, s session, r request, tries int) (data []byte, err error) {
	var code Code
	message := r.bytes()
	err = c.link.exchange(ctx, tries,
		func() ([]byte, error) { return s.seal(message) },
		func(packet []byte) error {
			b, err := s.open(packet)
			if err != nil {
				return err
			}
			code, data, err = r.answer(b)
			return err
		})
	if err == nil && code != 0 {
		return nil, code
	}
	return data, err
}

// farewell is how long the answer to the end of a session is waited for.
const farewell = 200 * time.Millisecond

// Close ends the session, so that the BMC has its slot again, and takes no longer than a
// fifth of a second.
func (c *Conn) Close() { c.end(context.Background()) }

func (c *Conn) end(ctx context.Context) {
	if c.session != nil && c.link != nil {
		ctx, cancel := context.WithTimeout(ctx, farewell)
		defer cancel()
		r := request{netFn: netApp, cmd: 0x3C, sequence: byte(c.order[c.used%maxSequence]), data: le(c.session.name())}
		// A session that is not ended so ends by itself after a minute.
		_, _ = c.ask(ctx, c.session, r, 1)
	}
	c.drop()
}

func (c *Conn) drop() {
	if c.link != nil {
		c.link.close()
	}
	c.link, c.session = nil, nil
}
