package snmp

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/redact"
)

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		Config
		err string
	}{
		"1":                 {Config{Version: "1", Community: "c"}, ""},
		"2c":                {Config{Version: "2c", Community: "c"}, ""},
		"no version":        {Config{}, "give 1, 2c or 3"},
		"no port":           {Config{Version: "1", Port: -1}, "port -1 is none"},
		"3":                 {Config{Version: "3", User: "u"}, ""},
		"3, no user":        {Config{Version: "3"}, "needs a user"},
		"3, authentication": {Config{Version: "3", User: "u", AuthPass: "12345678"}, ""},
		"3, short":          {Config{Version: "3", User: "u", AuthPass: "1234567"}, "needs a password of 8"},
		"3, none":           {Config{Version: "3", User: "u", Level: "authNoPriv"}, "needs a password of 8"},
		"3, no privacy":     {Config{Version: "3", User: "u", Level: "authPriv", AuthPass: "12345678"}, "needs a privacy passphrase"},
		"3, protocol":       {Config{Version: "3", User: "u", AuthPass: "12345678", AuthProtocol: "X"}, "give MD5 or SHA"},
		"3, privacy":        {Config{Version: "3", User: "u", AuthPass: "12345678", PrivPass: "12345678", PrivProtocol: "X"}, "give DES or AES"},
		"3, level":          {Config{Version: "3", User: "u", Level: "x"}, "give noAuthNoPriv"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.Port == 0 {
				c.Port = 161
			}
			_, err := c.client()
			if c.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.err)
			require.NotContains(t, err.Error(), "1234567")
		})
	}
}

func TestSecrets(t *testing.T) {
	c := Config{Community: "hidden", AuthPass: redact.Secret("hidden")}
	require.NotContains(t, fmt.Sprintf("%v %+v", c, c), "hidden")
}

// wire is a connection that answers with one datagram, once.
type wire struct{ answer *bytes.Reader }

func (w wire) Read(b []byte) (int, error) {
	if w.answer.Len() == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	return w.answer.Read(b)
}

func (wire) Write(b []byte) (int, error)      { return len(b), nil }
func (wire) Close() error                     { return nil }
func (wire) LocalAddr() net.Addr              { return &net.UDPAddr{} }
func (wire) RemoteAddr() net.Addr             { return &net.UDPAddr{} }
func (wire) SetDeadline(time.Time) error      { return nil }
func (wire) SetReadDeadline(time.Time) error  { return nil }
func (wire) SetWriteDeadline(time.Time) error { return nil }

// whole is an answer of version 2c: 1.3.6.1 is 2.
func whole(kind, tag, community, id string) []byte {
	bind := "\x06\x03\x2b\x06\x01" + tag + "\x01\x02"
	pdu := "\x02\x01" + id + "\x02\x01\x00\x02\x01\x00\x30" + string(rune(len(bind)+2)) + "\x30" + string(rune(len(bind))) + bind
	text := "\x02\x01\x01\x04\x01" + community + kind + string(rune(len(pdu))) + pdu
	return []byte("\x30" + string(rune(len(text))) + text)
}

// session asks for number 4 next, and gets the answer. Its socket is only to have the
// client set itself up.
func session(t *testing.T, version string, answer []byte) *Session {
	s, err := Dial(t.Context(), Config{Host: "127.0.0.1", Port: 9, Version: version, Community: "c", User: "u"})
	require.NoError(t, err)
	s.Close()
	s.g.Retries, s.g.Conn = 0, wire{bytes.NewReader(answer)}
	s.g.SetRequestID(3)
	return s
}

func TestInt(t *testing.T) {
	for name, c := range map[string]struct {
		answer []byte
		err    string
	}{
		"good":          {whole("\xa2", "\x02", "c", "\x04"), ""},
		"other request": {whole("\xa2", "\x02", "c", "\x05"), "timeout"},
		"no request":    {whole("\xa2", "\x02", "c", "\x00"), "no request"},
		"community":     {whole("\xa2", "\x02", "d", "\x04"), "another community"},
		"a request":     {whole("\xa0", "\x02", "c", "\x04"), "is no answer"},
		"text":          {whole("\xa2", "\x04", "c", "\x04"), "not an INTEGER"},
		"counter":       {whole("\xa2", "\x41", "c", "\x04"), "not an INTEGER"},
		"cut":           {whole("\xa2", "\x02", "c", "\x04")[:20], "packet sanity"},
		"empty":         {nil, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := session(t, "2c", c.answer).Int(t.Context(), ".1.3.6.1")
			if c.err == "" {
				require.NoError(t, err)
				require.Equal(t, 2, n)
				return
			}
			require.ErrorContains(t, err, c.err)
			require.Zero(t, n)
		})
	}
}

// FuzzAnswer: no datagram makes a session panic, and one that is believed is an answer
// with the community in it.
func FuzzAnswer(f *testing.F) {
	for _, kind := range []string{"\xa2", "\xa0", "\xa8"} {
		f.Add(whole(kind, "\x02", "c", "\x04"))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, version := range []string{"1", "2c", "3"} {
			ctx := t.Context()
			if _, err := session(t, version, answer).Int(ctx, ".1.3.6.1"); err == nil && version != "3" {
				require.Contains(t, string(answer), "c")
			}
			_, _ = session(t, version, answer).ObjectID(ctx, ".1.3.6.1")
			_, _, _ = session(t, version, answer).Rows(ctx, ".1.3", 2)
			_ = session(t, version, answer).SetInt(ctx, ".1.3.6.1", 1)
		}
	})
}
