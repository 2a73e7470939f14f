package ipmilan

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
	"systole/lib/ipmi"
)

func values(t *testing.T, given map[string]string) *fencing.Values {
	t.Helper()
	given["ip"] = "bmc"
	d := description()
	v, err := d.Values(fencing.Input{Given: given})
	require.NoError(t, err)
	return &v
}

func TestOptions(t *testing.T) {
	v := values(t, map[string]string{
		"ipport": "6230", "username": "admin", "password": "x", "hexadecimal_kg": "0A", "lanplus": "1", "auth": "MD5", "cipher": "3", "privlvl": "operator", "target": "32",
		"ipmitool_timeout": "1",
	})
	o, err := options(v)
	require.NoError(t, err)
	require.Equal(t, ipmi.Options{
		Address: "bmc", Port: 6230, User: "admin", Password: "x", Kg: "0A", Lanplus: true, Auth: "md5", Cipher: 3, Level: ipmi.Operator, Target: 0x20, Timeout: time.Second, Tries: 3,
	}, o)
	require.Empty(t, v.Unread())
}

// TestOptions_Tries: a question comes to its end within shell_timeout, which Pacemaker
// turns off.
func TestOptions_Tries(t *testing.T) {
	for _, c := range []struct {
		shell, timeout, disabled string
		tries                    int
	}{
		{"3", "2", "0", 1}, {"3", "2", "1", 4}, {"20", "2", "0", 4}, {"5", "0", "0", 2}, {"1", "60", "0", 1}, {"0", "2", "0", 4},
	} {
		o, err := options(values(t, map[string]string{"shell_timeout": c.shell, "ipmitool_timeout": c.timeout, "disable_timeout": c.disabled}))
		require.NoError(t, err)
		require.Equal(t, c.tries, o.Tries, c)
		require.Equal(t, ipmi.AutoCipher, o.Cipher)
	}
}

func TestValidate(t *testing.T) {
	require.Empty(t, validate(values(t, map[string]string{})))
	for name, given := range map[string]map[string]string{
		"cipher": {"cipher": "AES"}, "no such cipher": {"cipher": "99"}, "negative cipher": {"cipher": "-1"}, "target": {"target": "0x100"}, "other target": {"target": "0x24"},
		"K_g": {"hexadecimal_kg": "xyz"}, "user": {"username": "a-name-of-20-letters"},
	} {
		require.Len(t, validate(values(t, given)), 1, name)
	}
}

func TestFault(t *testing.T) {
	require.NoError(t, fault(nil, fencing.Refused))
	for _, c := range []struct {
		err  error
		as   fencing.Kind
		want fencing.Kind
	}{
		{ipmi.ErrPassword, fencing.TimedOut, fencing.LoginDenied},
		{ipmi.ErrUser, fencing.TimedOut, fencing.LoginDenied},
		{ipmi.ErrKg, fencing.TimedOut, fencing.LoginDenied},
		{ipmi.CodePrivilege, fencing.Refused, fencing.Privileges},
		{ipmi.CodeState, fencing.Refused, fencing.Refused},
		{ipmi.Code(0xC1), fencing.NoStatus, fencing.NoStatus},
		{ipmi.ErrNoAnswer, fencing.TimedOut, fencing.TimedOut},
		{ipmi.ErrNoAnswer, fencing.NoStatus, fencing.ConnectionLost},
		{ipmi.ErrMalformed, fencing.Refused, fencing.NoStatus},
		{ipmi.ErrOptions, fencing.TimedOut, fencing.Usage},
		{errors.New("other"), fencing.TimedOut, fencing.TimedOut},
		{fencing.Errorf(fencing.Usage, "x"), fencing.TimedOut, fencing.Usage},
	} {
		err := fault(fmt.Errorf("wrapped: %w", c.err), c.as)
		require.Equal(t, c.want, fencing.KindOf(err), c.err)
		require.ErrorIs(t, err, c.err)
	}
}
