package ocflog

import (
	"fmt"
	"syscall"
	"unsafe"
)

// The datagram is written with system calls and not with log/syslog: that
// package waits for a reader who has stopped reading, and an agent must end in
// time whatever the log daemon does.

// facility is the number of a facility of syslog; that of daemon, Pacemaker's
// default, for an unknown name.
func facility(name string) int {
	names := [...]string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		12: "", 13: "", 14: "", 15: "",
		16: "local0", 17: "local1", 18: "local2", 19: "local3", 20: "local4", 21: "local5", 22: "local6", 23: "local7",
	}
	for n, word := range names {
		if word == name && word != "" {
			return n
		}
	}
	return 3
}

func severity(l Level) int {
	return [...]int{Debug: 7, Info: 6, Warn: 4, Err: 3, Crit: 2}[l]
}

// toSyslog sends one message in the form of RFC 3164 without host name.
func (l *Logger) toSyslog(level Level, now, text string) error {
	if l.c.Facility == "" {
		return nil
	}
	n := facility(l.c.Facility)
	message := fmt.Sprintf("<%d>%s %s: %s", n<<3|severity(level), now, l.c.Tag, text)
	err := send(l.c.Socket, syscall.SOCK_DGRAM, message)
	if err == syscall.EPROTOTYPE { // some daemons listen for streams
		err = send(l.c.Socket, syscall.SOCK_STREAM, message+"\x00")
	}
	return err
}

func send(socket string, kind int, message string) error {
	fd, err := syscall.Socket(syscall.AF_UNIX, kind|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fd) }()
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: socket}); err != nil {
		return err
	}
	_, err = syscall.Write(fd, []byte(message))
	return err
}

func isTerminal(fd int) bool {
	var termios syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TCGETS, uintptr(unsafe.Pointer(&termios)))
	return errno == 0
}
