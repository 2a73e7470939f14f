package ocflog_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/ocflog"
	"systole/lib/redact"
)

func at() time.Time { return time.Date(2026, 11, 6, 2, 39, 10, 0, time.UTC) }

// destinations are the places that messages of one Logger end up in.
type destinations struct{ stderr, syslog, file, debug string }

// logged logs a debug, an info and an error message by c and collects them.
func logged(t *testing.T, c ocflog.Config) destinations {
	t.Helper()
	dir := t.TempDir()
	var stderr bytes.Buffer
	c.Tag, c.Stderr, c.Now = "Dummy(d)[42]", &stderr, at
	c.Socket = filepath.Join(dir, "log")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: c.Socket, Net: "unixgram"})
	require.NoError(t, err)
	defer conn.Close()
	for _, f := range []*string{&c.File, &c.DebugFile} {
		if *f != "" && !strings.HasPrefix(*f, "/") {
			*f = filepath.Join(dir, *f)
		}
	}
	l := ocflog.New(c)
	l.Log(ocflog.Debug, "detail")
	l.Log(ocflog.Info, "two\nlines")
	l.LogOnly(ocflog.Err, "known %d", 1)
	l.Log(ocflog.Err, "bad")

	d := destinations{stderr: stderr.String(), file: read(c.File), debug: read(c.DebugFile)}
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	buf := make([]byte, 10000)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return d
		}
		d.syslog += string(buf[:n]) + "\n"
	}
}

func read(file string) string {
	text, _ := os.ReadFile(file)
	return string(text)
}

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

func TestDestinations(t *testing.T) {
	const stamp = "Nov 06 02:39:10 "
	allFile := lines(
		stamp+"Dummy(d)[42]:    INFO: two lines", stamp+"Dummy(d)[42]:    ERROR: known 1", stamp+"Dummy(d)[42]:    ERROR: bad")
	allStderr := lines(stamp+"Dummy(d)[42]: INFO: two lines", stamp+"Dummy(d)[42]: ERROR: bad")
	daemon := lines(
		"<30>"+stamp+"Dummy(d)[42]: INFO: two lines", "<27>"+stamp+"Dummy(d)[42]: ERROR: known 1", "<27>"+stamp+"Dummy(d)[42]: ERROR: bad")
	for name, c := range map[string]struct {
		config ocflog.Config
		want   destinations
	}{
		"nowhere":         {want: destinations{stderr: allStderr}},
		"none":            {config: ocflog.Config{Facility: "none", DebugFile: "/dev/null"}, want: destinations{stderr: allStderr}},
		"syslog":          {config: ocflog.Config{Facility: "daemon"}, want: destinations{syslog: daemon}},
		"file":            {config: ocflog.Config{File: "f"}, want: destinations{file: allFile}},
		"syslog and file": {config: ocflog.Config{Facility: "daemon", File: "f"}, want: destinations{syslog: daemon, file: allFile}},
		"debug to syslog": {
			config: ocflog.Config{Facility: "local1", Debug: true},
			want:   destinations{syslog: strings.NewReplacer("<30>", "<142>", "<27>", "<139>").Replace("<143>" + stamp + "Dummy(d)[42]: DEBUG: detail\n" + daemon)},
		},
		"debug log": {
			config: ocflog.Config{File: "f", DebugFile: "d", Debug: true},
			want: destinations{file: allFile, debug: lines(
				"Dummy(d)[42]:\t"+stamp+"DEBUG: detail", "Dummy(d)[42]:\t"+stamp+"INFO: two lines",
				"Dummy(d)[42]:\t"+stamp+"ERROR: known 1", "Dummy(d)[42]:\t"+stamp+"ERROR: bad")},
		},
		"debug nowhere": {
			config: ocflog.Config{Debug: true},
			want:   destinations{stderr: stamp + "Dummy(d)[42]: DEBUG: detail\n" + allStderr},
		},
		"terminal": {
			config: ocflog.Config{Facility: "daemon", File: "f", Terminal: true},
			want:   destinations{stderr: lines("Dummy(d)[42]: INFO: two lines", "Dummy(d)[42]: ERROR: bad")},
		},
		"file that cannot be written": {config: ocflog.Config{File: "/no/such/dir/f"}, want: destinations{stderr: allStderr}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, logged(t, c.config)) })
	}
}

func TestSyslogIsNotThere(t *testing.T) {
	var stderr bytes.Buffer
	l := ocflog.New(ocflog.Config{Facility: "daemon", Tag: "t", Socket: "/no/such/socket", Stderr: &stderr, Now: at})
	l.Log(ocflog.Warn, "heard")
	require.Contains(t, stderr.String(), "t: WARNING: heard")
}

// A log daemon that has stopped reading must not stop the agent.
func TestSyslogDoesNotRead(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "log")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	require.NoError(t, err)
	defer conn.Close()
	var stderr bytes.Buffer
	l := ocflog.New(ocflog.Config{Facility: "daemon", Tag: "t", Socket: socket, Stderr: &stderr, Now: at})
	for range 2000 {
		l.Log(ocflog.Info, "more")
	}
	require.Contains(t, stderr.String(), "INFO: more", "what does not fit into the socket goes to standard error")
}

func TestMessageIsSafe(t *testing.T) {
	var got []string
	l := ocflog.New(ocflog.Config{
		Redact: redact.New("pa\nss"),
		Sink:   func(l ocflog.Level, text string) { got = append(got, l.String()+" "+text) },
	})
	l.Log(ocflog.Crit, " a\tb\x1b[2J pa\nss ")
	l.Log(ocflog.Debug, "off")
	l.Log(ocflog.Info, "%s", strings.Repeat("ä", 10000))
	require.Equal(t, "CRIT a b?[2J ***", got[0])
	require.Len(t, got, 2)
	require.Less(t, len(got[1]), 8100)
}

func TestFromEnviron(t *testing.T) {
	env := map[string]string{"HA_LOGFACILITY": "local3", "HA_LOGFILE": "/f", "HA_DEBUGLOG": "/d", "HA_debug": "1"}
	c := ocflog.FromEnviron(func(n string) string { return env[n] }, "tag")
	c.Terminal = false
	require.Equal(t, ocflog.Config{Tag: "tag", Facility: "local3", File: "/f", DebugFile: "/d", Debug: true}, c)
	env = map[string]string{"HA_debug": "0", "HA_LOGTAG": "mine"}
	c = ocflog.FromEnviron(func(n string) string { return env[n] }, "tag")
	require.False(t, c.Debug)
	require.Equal(t, "mine", c.Tag)
}
