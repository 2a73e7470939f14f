package ipmi

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/redact"
)

// bmcSession is the side of the BMC of a session: what it seals, the console opens.
func sessions(id int) (console, bmc *session20) {
	s, err := suiteOf(id)
	if err != nil {
		panic(err)
	}
	k := s.keys(bytes.Repeat([]byte{7}, 20))
	return &session20{keys: k, console: 0x01020304, bmc: 0x0A0B0C0D}, &session20{keys: k, console: 0x0A0B0C0D, bmc: 0x01020304}
}

// off is the message that must not be forged: an answer that says off.
func off(sequence byte) []byte {
	b := []byte{addressConsole, (netChassis | netAnswer) << 2, 0, addressBMC, sequence << 2, 0x01, 0, 0x40, 0, 0, 0}
	b[2] = checksum(b[:2])
	b[len(b)-1] = checksum(b[3 : len(b)-1])
	return b
}

// TestOpen_Flips changes every bit of a packet in turn, cuts it at every length and makes
// it longer: none of these is opened.
func TestOpen_Flips(t *testing.T) {
	type pair struct{ ours, theirs session }
	pairs := map[string]pair{}
	for _, s := range suites {
		ours, theirs := sessions(s.id)
		pairs["suite "+string(rune('0'+s.id/10))+string(rune('0'+s.id%10))] = pair{ours, theirs}
	}
	pairs["1.5 MD5"] = pair{&session15{format: formatMD5, id: 5, sequence: 9, password: [16]byte{1}}, &session15{format: formatMD5, id: 5, sequence: 9, password: [16]byte{1}}}
	for name, p := range pairs {
		t.Run(name, func(t *testing.T) {
			message := off(11)
			packet, err := p.theirs.seal(message)
			require.NoError(t, err)
			got, err := p.ours.open(packet)
			require.NoError(t, err)
			require.Equal(t, message, got)
			for i := range 8 * len(packet) {
				bad := bytes.Clone(packet)
				bad[i/8] ^= 1 << (i % 8)
				_, err := p.ours.open(bad)
				require.Error(t, err, "bit %d of byte %d", i%8, i/8)
			}
			for n := range packet {
				_, err := p.ours.open(packet[:n])
				require.Error(t, err, "cut to %d bytes", n)
			}
			_, err = p.ours.open(append(bytes.Clone(packet), 0, 0))
			require.Error(t, err)
		})
	}
}

// TestAnswer_Flips does the same to a message, which two sums protect.
func TestAnswer_Flips(t *testing.T) {
	r := request{netFn: netChassis, cmd: 0x01, sequence: 11}
	code, data, err := r.answer(off(11))
	require.NoError(t, err)
	require.Zero(t, code)
	s, err := readPower(data)
	require.NoError(t, err)
	require.False(t, s.On)
	require.Equal(t, "power off, after loss of power: turns on", s.String())
	for i := range 8 * len(off(11)) {
		bad := off(11)
		bad[i/8] ^= 1 << (i % 8)
		_, _, err := r.answer(bad)
		require.Error(t, err, "bit %d of byte %d", i%8, i/8)
	}
	for sequence := range byte(maxSequence) {
		if _, _, err := r.answer(off(sequence)); sequence != 11 {
			require.Error(t, err)
		}
	}
}

func TestReadPower(t *testing.T) {
	s, err := readPower([]byte{0x7F, 0x1F, 0, 0})
	require.NoError(t, err)
	require.Equal(t, PowerState{true, true, true, true, true, "unknown", "loss of power and overload and interlock and power fault and command"}, s)
	for n := range 12 {
		_, err := readPower(make([]byte, n))
		require.Equal(t, n == 3 || n == 4, err == nil, n)
	}
}

func TestCrypt(t *testing.T) {
	key := bytes.Repeat([]byte{3}, 16)
	for n := range 70 {
		data := bytes.Repeat([]byte{9}, n)
		packet, err := encrypt(key, data)
		require.NoError(t, err)
		require.Zero(t, len(packet)%16)
		got, err := decrypt(key, packet)
		require.NoError(t, err)
		require.Equal(t, data, append([]byte{}, got...))
	}
}

func TestCodes(t *testing.T) {
	require.ErrorIs(t, CodePrivilege, ErrPrivilege)
	require.NotErrorIs(t, CodeBusy, ErrPrivilege)
	require.ErrorContains(t, CodeState, "present state (completion code 0xD5)")
	require.ErrorContains(t, Code(0x33), "refused by the BMC (completion code 0x33)")
	require.NoError(t, status(0).err())
	for s := 1; s < 256; s++ {
		require.Error(t, status(s).err())
	}
}

func TestOptions(t *testing.T) {
	good := Options{Address: "bmc", Lanplus: true, Cipher: AutoCipher, Password: "geheim", Kg: "0xABCDEF"}
	require.NoError(t, good.Check())
	require.Equal(t, 623, good.Port)
	require.Equal(t, Administrator, good.Level)
	for name, change := range map[string]func(o *Options){
		"address":  func(o *Options) { o.Address = "" },
		"port":     func(o *Options) { o.Port = 70000 },
		"user":     func(o *Options) { o.User = strings.Repeat("u", 17) },
		"password": func(o *Options) { o.Password = redact.Secret(strings.Repeat("geheim", 5)) },
		"1.5":      func(o *Options) { o.Lanplus = false },
		"kg":       func(o *Options) { o.Kg = "geheim" },
		"long kg":  func(o *Options) { o.Kg = redact.Secret(strings.Repeat("00", 21)) },
		"cipher":   func(o *Options) { o.Cipher = 1 },
		"auth":     func(o *Options) { o.Auth = "md2" },
		"target":   func(o *Options) { o.Target = 0x24 },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			err := o.Check()
			require.ErrorIs(t, err, ErrOptions)
			require.NotContains(t, err.Error(), "geheim")
		})
	}
	zero := Options{Kg: "0000"}
	key, err := zero.kg()
	require.NoError(t, err)
	require.Empty(t, key)
	_, err = ParseLevel("root")
	require.ErrorIs(t, err, ErrOptions)
	l, err := ParseLevel("Operator")
	require.NoError(t, err)
	require.Equal(t, Operator, l)
}

func TestChooseAuth(t *testing.T) {
	for _, c := range []struct {
		asked   string
		offered byte
		want    string
	}{
		{"", 1<<2 | 1<<4 | 1, "md5"},
		{"", 1<<4 | 1, "password"},
		{"", 1, ""},
		{"none", 1, "none"},
		{"md5", 1 << 4, ""},
		{"", 1 << 1, ""},
	} {
		a, err := chooseAuth(c.asked, c.offered)
		require.Equal(t, c.want, a.name)
		require.Equal(t, c.want == "", err != nil)
	}
}
