package ipmi

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzOpen gives packets to sessions. Nobody without the key makes one that is opened.
func FuzzOpen(f *testing.F) {
	old := &session15{format: formatMD5, id: 5, sequence: 9, password: [16]byte{1}}
	for _, s := range suites {
		_, theirs := sessions(s.id)
		packet, _ := theirs.seal(off(1))
		packet[len(packet)-1] ^= 1
		f.Add(packet)
	}
	packet, _ := old.seal(off(1))
	packet[13] ^= 1
	f.Add(packet)
	f.Fuzz(func(t *testing.T, packet []byte) {
		// The seeds are a byte away from real packets, which may be found; no others.
		for _, s := range suites {
			ours, _ := sessions(s.id)
			if payload, err := ours.open(packet); err == nil {
				require.Equal(t, off(1), payload)
			}
		}
		if payload, err := old.open(packet); err == nil {
			require.Equal(t, off(1), payload)
		}
		a := &activating{old, request{netFn: netApp, cmd: 0x3A}}
		_, _ = a.open(packet)
		_, _ = (&session15{}).open(packet)
		_, _ = setup(packet, payloadRAKP2)
	})
}

// FuzzLogin gives login messages: none but those of the BMC with the password is taken.
func FuzzLogin(f *testing.F) {
	l := &login{suite: suites[3], tag: 1, console: 0x01020304, role: 0x14, user: "admin", password: []byte("x"), key: []byte("x")}
	f.Add([]byte{1, 0, 4, 0, 4, 3, 2, 1, 9, 9, 9, 9, 0, 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0})
	f.Add(append([]byte{1, 0, 0, 0, 4, 3, 2, 1}, make([]byte, 64)...))
	f.Add([]byte{1, 0x0D, 0, 0, 4, 3, 2, 1})
	f.Add([]byte{1, 0x12})
	f.Fuzz(func(t *testing.T, b []byte) {
		as := *l
		if refused, err := as.openResponse(b); refused == nil && err == nil {
			require.NotZero(t, as.bmc)
		}
		for _, read := range []func([]byte) (error, error){as.rakp2, as.rakp4} {
			refused, err := read(b)
			require.True(t, refused != nil || err != nil)
		}
	})
}

// FuzzAnswer gives messages and their data.
func FuzzAnswer(f *testing.F) {
	f.Add(off(3))
	f.Add(off(3)[7:])
	f.Add(make([]byte, 20))
	f.Add(make([]byte, 10))
	f.Add(make([]byte, 8))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := request{netFn: netChassis, cmd: 0x01, sequence: 3}
		if _, data, err := r.answer(b); err == nil {
			require.Len(t, data, len(b)-8)
		}
		s, err := readPower(b)
		require.Equal(t, len(b) == 3 || len(b) == 4, err == nil)
		_ = s.String()
		_, _ = capabilities(b)
		_, _, _ = challenge(b)
		if a, err := readActivated(b); err == nil {
			require.NotZero(t, a.id)
		}
		_, _ = decrypt(make([]byte, 16), b)
	})
}
