//go:build linux

package lab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fdRequests is the listening socket that the keeper gets from the owner, beside
// fdLife.
const fdRequests = 4

// keeperMain holds the network namespace of the bridge and opens sockets in it
// for others. When the owner ends without having cleaned up, the keeper removes
// the folder: nodes end by themselves, but files do not.
func keeperMain(args []string) error {
	if len(args) != 1 {
		return errors.New("want the lab's folder")
	}
	l, err := net.FileListener(os.NewFile(fdRequests, "requests"))
	if err != nil {
		return fmt.Errorf("taking over the socket for requests: %w", err)
	}
	go serveSockets(l)
	_, _ = io.Copy(io.Discard, os.NewFile(fdLife, "life"))
	return removeAll(args[0])
}

// removeAll removes a folder that may still be written to by processes that are
// about to end.
func removeAll(dir string) error {
	var err error
	for pause := 10 * time.Millisecond; pause < 8*time.Second; pause *= 2 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(pause)
	}
	return err
}

func serveSockets(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go serveSocket(conn.(*net.UnixConn))
	}
}

// serveSocket answers one request, "dial NETWORK ADDRESS MILLISECONDS" or
// "listen NETWORK ADDRESS", with "ok" and the socket, or with what went wrong.
func serveSocket(conn *net.UnixConn) {
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return
	}
	file, err := openSocket(strings.Fields(line))
	if err != nil {
		_, _ = conn.Write([]byte(err.Error()))
		return
	}
	defer file.Close()
	_, _, _ = conn.WriteMsgUnix([]byte("ok"), syscall.UnixRights(int(file.Fd())), nil)
}

func openSocket(words []string) (*os.File, error) {
	if len(words) == 3 && words[0] == "listen" && strings.HasPrefix(words[1], "udp") {
		l, err := net.ListenPacket(words[1], words[2])
		if err != nil {
			return nil, err
		}
		defer l.Close()
		return fileOf(l)
	}
	if len(words) == 3 && words[0] == "listen" {
		l, err := net.Listen(words[1], words[2])
		if err != nil {
			return nil, err
		}
		defer l.Close()
		return fileOf(l)
	}
	if len(words) == 4 && words[0] == "dial" {
		milliseconds, err := strconv.Atoi(words[3])
		if err != nil {
			return nil, err
		}
		conn, err := net.DialTimeout(words[1], words[2], time.Duration(milliseconds)*time.Millisecond)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		return fileOf(conn)
	}
	return nil, fmt.Errorf("the keeper does not understand %q", words)
}

func fileOf(socket any) (*os.File, error) {
	s, ok := socket.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, fmt.Errorf("a %T has no file", socket)
	}
	return s.File()
}
