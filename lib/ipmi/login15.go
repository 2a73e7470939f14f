package ipmi

import (
	"context"
	"errors"
	"fmt"
)

// login15 opens a session of IPMI 1.5 (section 6.12.1).
func (c *Conn) login15(ctx context.Context) error {
	outside := &session15{}
	data, err := c.outside(ctx, outside, 0x38, []byte{0x0E, byte(c.options.Level)}, c.tries)
	if err != nil {
		return err
	}
	offered, err := capabilities(data)
	if err != nil {
		return err
	}
	kind, err := chooseAuth(c.options.Auth, offered)
	if err != nil {
		return err
	}
	user := make([]byte, maxUser)
	copy(user, c.options.User)
	data, err = c.outside(ctx, outside, 0x39, append([]byte{kind.format}, user...), loginTries)
	var code Code
	if errors.As(err, &code) {
		return challengeErr(code)
	}
	if err != nil {
		return begun(err)
	}
	id, text, err := challenge(data)
	if err != nil {
		return err
	}
	s := &session15{format: kind.format, id: id}
	copy(s.password[:], c.options.Password)
	if err := c.activate(ctx, s, text); err != nil {
		return err
	}
	c.session = s
	return nil
}

// outside does a request while there is no session.
func (c *Conn) outside(ctx context.Context, s *session15, cmd byte, data []byte, tries int) ([]byte, error) {
	r := request{netFn: netApp, cmd: cmd, sequence: c.pre % maxSequence, data: data}
	c.pre++
	return c.ask(ctx, s, r, tries)
}

// activate proves the password, and takes the name and the numbers of the session.
func (c *Conn) activate(ctx context.Context, s *session15, text [16]byte) error {
	first, err := randomName()
	if err != nil {
		return err
	}
	data := append([]byte{s.format, byte(c.options.Level)}, text[:]...)
	data, err = c.outsideAs(ctx, s, append(data, le(first)...))
	var code Code
	if errors.As(err, &code) {
		return activateErr(code)
	}
	if errors.Is(err, ErrNoAnswer) {
		// Many BMCs say nothing to a code that does not fit.
		return begun(fmt.Errorf("the login was not answered, though the BMC knows the user: the password may be wrong: %w", err))
	}
	if err != nil {
		return err
	}
	a, err := readActivated(data)
	if err != nil {
		return err
	}
	if a.format != s.format && a.format != formatNone {
		return fmt.Errorf("%w: authentication type %d for %d", ErrMalformed, a.format, s.format)
	}
	if a.level != 0 && a.level < byte(c.options.Level) {
		return fmt.Errorf("%w: the BMC allows level %s at most, asked for was %s", ErrPrivilege, Level(a.level), c.options.Level)
	}
	s.format, s.id, s.sequence = a.format, a.id, max(1, a.sequence)
	return nil
}

// outsideAs is Activate Session. Its answer comes in the name of the challenge or of the
// session; a refusal may come without authentication.
func (c *Conn) outsideAs(ctx context.Context, s *session15, data []byte) ([]byte, error) {
	r := request{netFn: netApp, cmd: 0x3A, sequence: c.pre % maxSequence, data: data}
	c.pre++
	return c.ask(ctx, &activating{s, r}, r, loginTries)
}

// activating is a session whose activation is on the way.
type activating struct {
	*session15
	r request
}

func (a *activating) open(packet []byte) ([]byte, error) {
	h, err := read15(packet)
	if err != nil {
		return nil, err
	}
	as := *a.session15
	as.id = h.id
	if h.format == formatNone {
		as.format = formatNone
	}
	message, err := as.open(packet)
	if err != nil {
		return nil, err
	}
	code, data, err := a.r.answer(message)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		return message, nil
	}
	if h.format != a.format {
		return nil, drop("a login without authentication")
	}
	if act, err := readActivated(data); err == nil && h.id != a.id && h.id != act.id {
		return nil, drop("a packet of another session (0x%08X)", h.id)
	}
	return message, nil
}
