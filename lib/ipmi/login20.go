package ipmi

import (
	"context"
	"errors"
	"slices"
)

// loginTries is how often a message of a login that has begun is sent.
const loginTries = 2

// login20 opens a session of IPMI 2.0.
func (c *Conn) login20(ctx context.Context) error {
	l, err := c.open20(ctx)
	if err != nil {
		return err
	}
	l.tag += 0x40
	if err := c.stage(ctx, loginTries, payloadRAKP1, l.rakp1(), payloadRAKP2, l.rakp2); err != nil {
		if errors.Is(err, ErrPassword) {
			c.refuse(l)
		}
		return begun(err)
	}
	l.tag += 0x40
	if err := c.stage(ctx, loginTries, payloadRAKP3, l.rakp3(), payloadRAKP4, l.rakp4); err != nil {
		return begun(err)
	}
	c.session = l.session()
	return nil
}

func begun(err error) error {
	if errors.Is(err, ErrNoAnswer) {
		return &begunError{err}
	}
	return err
}

// open20 agrees on a cipher suite. With several to choose from they take turns, for BMCs
// that do not answer to what they do not know; a late answer to an earlier one counts.
func (c *Conn) open20(ctx context.Context) (*login, error) {
	suites, err := c.options.suites()
	if err != nil {
		return nil, err
	}
	var sent []*login
	for try := 1; ; try++ {
		l, err := c.newLogin(suites[(try-1)%len(suites)])
		if err != nil {
			return nil, err
		}
		l.tag = byte(len(sent) % 0x40)
		sent = append(sent, l)
		err = c.stage(ctx, 1, payloadOpenRequest, l.openRequest(), payloadOpenResponse, func(b []byte) (refused, err error) {
			for _, l = range sent {
				if refused, err = l.openResponse(b); err == nil {
					return refused, nil
				}
			}
			return nil, err
		})
		switch {
		case err == nil:
			return l, nil
		case ctx.Err() != nil:
			return nil, err
		case errors.Is(err, ErrCipher) && len(suites) > 1:
			suites = slices.DeleteFunc(suites, func(s suite) bool { return s.id == l.id })
			try = 0
		case !errors.Is(err, ErrNoAnswer) || try == c.tries:
			return nil, err
		}
	}
}

func (c *Conn) newLogin(s suite) (*login, error) {
	key, err := c.options.kg()
	if err != nil {
		return nil, err
	}
	l := &login{suite: s, role: byte(c.options.Level) | byNameOnly, user: c.options.User, password: []byte(c.options.Password), key: key}
	if len(key) == 0 {
		l.key = l.password
	}
	if l.console, err = randomName(); err != nil {
		return nil, err
	}
	return l, random(l.random[:])
}

// stage is a message of a login and its answer.
func (c *Conn) stage(ctx context.Context, tries int, kind byte, payload []byte, answer byte, read func([]byte) (refused, err error)) error {
	var refused error
	packet := header20{kind: kind, payload: payload}.bytes()
	err := c.link.exchange(ctx, tries,
		func() ([]byte, error) { return packet, nil },
		func(packet []byte) error {
			b, err := setup(packet, answer)
			if err != nil {
				return err
			}
			refused, err = read(b)
			return err
		})
	if err == nil {
		err = refused
	}
	return err
}

// refuse tells the BMC that its proof was wrong, so that it forgets the login.
func (c *Conn) refuse(l *login) {
	b := append([]byte{l.tag, 0x0F, 0, 0}, le(l.bmc)...)
	_, _ = c.link.conn.Write(header20{kind: payloadRAKP3, payload: b}.bytes())
}
