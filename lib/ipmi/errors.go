package ipmi

import (
	"errors"
	"fmt"
)

// Errors of a BMC. They come wrapped, with the device and what to do.
var (
	ErrUser         = errors.New("the BMC does not know the user name")
	ErrPassword     = errors.New("the password is wrong")
	ErrKg           = errors.New("the key K_g is wrong or missing")
	ErrCipher       = errors.New("the BMC does not support the cipher suite")
	ErrAuth         = errors.New("the BMC does not support the authentication type")
	ErrPrivilege    = errors.New("the user may not do that")
	ErrNoAnswer     = errors.New("no valid answer")
	ErrMalformed    = errors.New("the answer breaks the protocol")
	ErrNoSession    = errors.New("the BMC has no free session")
	ErrSessionEnded = errors.New("the BMC has ended the session")
	ErrOptions      = errors.New("the options of the connection are wrong")
)

// Code is the completion code of a command that was refused (table 5-2).
type Code byte

// Codes that callers tell apart.
const (
	CodeBusy         Code = 0xC0
	CodeTimeout      Code = 0xC3
	CodeInitializing Code = 0xD2
	CodePrivilege    Code = 0xD4
	CodeState        Code = 0xD5 // not supported in the present state, as "off" for a machine that is off
)

// codeTexts is a table.
var codeTexts = map[Code]string{
	0xC0: "the BMC is busy",
	0xC1: "the BMC does not know the command",
	0xC2: "the command is not valid for this logical unit",
	0xC3: "the BMC came to a timeout of its own",
	0xC4: "the BMC is out of space",
	0xC5: "the reservation is gone",
	0xC6: "the request was cut short",
	0xC7: "the length of the request is wrong",
	0xC8: "the request is too long",
	0xC9: "a parameter is out of range",
	0xCA: "the BMC cannot return that many bytes",
	0xCB: "there is no such sensor or record",
	0xCC: "a field of the request is not valid",
	0xCD: "the command is not allowed for this sensor or record",
	0xCE: "the BMC could not answer",
	0xCF: "the BMC takes it for a duplicate",
	0xD0: "the sensor data are being updated",
	0xD1: "the firmware is being updated",
	0xD2: "the BMC is still starting",
	0xD3: "the destination is not available",
	0xD4: "the privilege level of the user or session is too low",
	0xD5: "the command or a parameter is not supported in the present state",
	0xD6: "a part of the command is disabled",
	0xFF: "unspecified error",
}

func (c Code) Error() string {
	text, ok := codeTexts[c]
	if !ok {
		text = "refused by the BMC"
	}
	return fmt.Sprintf("%s (completion code 0x%02X)", text, byte(c))
}

// Is makes a lack of privilege the same whether it shows at the login or at a command.
func (c Code) Is(target error) bool { return target == ErrPrivilege && c == CodePrivilege }

// passing says that the same request may be taken a little later.
func (c Code) passing() bool {
	return c == CodeBusy || c == CodeTimeout || c == CodeInitializing
}

// status is that of an RMCP+ open session response or RAKP message (table 13-15).
type status byte

// statusTexts is a table.
var statusTexts = map[status]string{
	0x01: "out of resources for a session",
	0x02: "invalid session",
	0x03: "invalid payload type",
	0x04: "invalid authentication algorithm",
	0x05: "invalid integrity algorithm",
	0x06: "no matching authentication payload",
	0x07: "no matching integrity payload",
	0x08: "inactive session",
	0x09: "invalid role",
	0x0A: "role or privilege level not allowed for the user",
	0x0B: "out of resources for a session with that role",
	0x0C: "invalid length of the name",
	0x0D: "name not allowed",
	0x0E: "GUID not allowed",
	0x0F: "invalid integrity check value",
	0x10: "invalid confidentiality algorithm",
	0x11: "no cipher suite matches",
	0x12: "illegal parameter",
}

// err is the sentinel of a status with its text; nil for success.
func (s status) err() error {
	if s == 0 {
		return nil
	}
	text, ok := statusTexts[s]
	if !ok {
		text = "unknown status"
	}
	return fmt.Errorf("%w (RMCP+ status 0x%02X: %s)", s.sentinel(), byte(s), text)
}

func (s status) sentinel() error {
	switch s {
	case 0x01, 0x0B:
		return ErrNoSession
	case 0x02, 0x08:
		return ErrSessionEnded
	case 0x04, 0x05, 0x06, 0x07, 0x10, 0x11:
		return ErrCipher
	case 0x09, 0x0A:
		return ErrPrivilege
	case 0x0C, 0x0D:
		return ErrUser
	case 0x0F:
		return ErrPassword
	}
	return ErrMalformed
}

// drop is why a packet is not the answer that is waited for.
func drop(format string, args ...any) error { return fmt.Errorf(format, args...) }
