// Package ocflog logs as the ocf_log function of the resource-agents project
// does, so that messages of agents stand where operators look for them:
//
//   - with a terminal on standard input, on standard error;
//   - else through syslog when HA_LOGFACILITY names a facility (other than
//     none), and into HA_LOGFILE when that is set; with neither, on standard
//     error;
//   - and into HA_DEBUGLOG too when that is set. Debug messages go to syslog and
//     HA_DEBUGLOG alone, and only when HA_debug is set to something but 0.
//
// Three things differ, because they lose messages or time there: the socket of
// syslog is written directly (no process per message), and without waiting when
// the reader has stopped reading; a message that syslog or a file does not take
// goes to standard error; the priority of syslog is that of the message. HA_LOGD,
// the log daemon of heartbeat, is not supported.
//
// Secrets never reach a log: see Config.Redact.
package ocflog

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"systole/lib/redact"
)

// Level is the severity of a message, worded as by ocf_log.
type Level int

// The levels, least severe first.
const (
	Debug Level = iota
	Info
	Warn
	Err
	Crit
)

// String is the word that stands before the message.
func (l Level) String() string {
	switch l {
	case Debug:
		return "DEBUG"
	case Info:
		return "INFO"
	case Warn:
		return "WARNING"
	case Err:
		return "ERROR"
	default:
		return "CRIT"
	}
}

// maxMessage is how many bytes of a message are logged. Syslog daemons cut
// messages of more than 8 KiB.
const maxMessage = 8000

// Config is where a Logger writes to.
type Config struct {
	Tag       string // who speaks: NAME(INSTANCE)[PID]
	Facility  string // of syslog; "" or "none": no syslog
	File      string // HA_LOGFILE; "": none
	DebugFile string // HA_DEBUGLOG; "": none
	Debug     bool   // whether debug messages are logged
	Terminal  bool   // standard input is a terminal: standard error alone

	Stderr io.Writer           // nil: os.Stderr
	Socket string              // of syslog; "": /dev/log
	Now    func() time.Time    // nil: time.Now
	Redact *redact.Redactor    // knows the secrets
	Sink   func(Level, string) // gets every message in place of all of the above; for tests
}

// FromEnviron reads a Config from the variables that Pacemaker sets.
func FromEnviron(getenv func(string) string, tag string) Config {
	debug := getenv("HA_debug")
	c := Config{
		Tag:       tag,
		Facility:  getenv("HA_LOGFACILITY"),
		File:      getenv("HA_LOGFILE"),
		DebugFile: getenv("HA_DEBUGLOG"),
		Debug:     debug != "" && debug != "0",
		Terminal:  isTerminal(0),
	}
	if t := getenv("HA_LOGTAG"); t != "" {
		c.Tag = t
	}
	return c
}

// Logger writes messages. It is not made for use by several goroutines.
type Logger struct {
	c Config
}

// New makes a Logger.
func New(c Config) *Logger {
	if c.Stderr == nil {
		c.Stderr = os.Stderr
	}
	if c.Socket == "" {
		c.Socket = "/dev/log"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Facility == "none" {
		c.Facility = ""
	}
	if c.DebugFile == os.DevNull {
		c.DebugFile = ""
	}
	return &Logger{c: c}
}

// Debugging says whether debug messages are written.
func (l *Logger) Debugging() bool { return l.c.Debug }

// Log writes one message. Line ends inside it become spaces.
func (l *Logger) Log(level Level, format string, args ...any) {
	l.log(level, true, fmt.Sprintf(format, args...))
}

// LogOnly is Log for a message that standard error has got already in another form.
func (l *Logger) LogOnly(level Level, format string, args ...any) {
	l.log(level, false, fmt.Sprintf(format, args...))
}

func (l *Logger) log(level Level, toStderr bool, text string) {
	if level == Debug && !l.c.Debug {
		return
	}
	text = oneLine(l.c.Redact.String(text))
	if l.c.Sink != nil {
		l.c.Sink(level, text)
		return
	}
	text = level.String() + ": " + text
	if l.c.Terminal {
		if toStderr {
			fmt.Fprintf(l.c.Stderr, "%s: %s\n", l.c.Tag, text)
		}
		return
	}
	now := l.c.Now().Format("Jan 02 15:04:05")
	lost := l.toSyslog(level, now, text) != nil
	if l.c.File != "" && level != Debug {
		lost = appendLine(l.c.File, now+" "+l.c.Tag+":    "+text) != nil || lost
	}
	if l.c.DebugFile != "" && l.c.DebugFile != l.c.File {
		// What goes to the debug log only is worth no complaint on standard error.
		err := appendLine(l.c.DebugFile, l.c.Tag+":\t"+now+" "+text)
		lost = lost || err != nil && level != Debug && l.c.File == "" && l.c.Facility == ""
	}
	nowhere := l.c.Facility == "" && (level == Debug && l.c.DebugFile == "" || level != Debug && l.c.File == "")
	if toStderr && (nowhere || lost) {
		fmt.Fprintf(l.c.Stderr, "%s %s: %s\n", now, l.c.Tag, text)
	}
}

// oneLine keeps a message from looking like several, and from growing without bound.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < 0x20 || r == 0x7f:
			return '?'
		}
		return r
	}, strings.TrimSpace(text))
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "..."
	}
	return text
}

func appendLine(file, line string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	// One write a line: lines of processes that log at the same time stay whole.
	_, err = f.WriteString(line + "\n")
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
