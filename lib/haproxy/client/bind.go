package client

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"systole/lib/haproxy"
)

// maxPorts is how many ports of a range are tried.
const maxPorts = 1024

// Bindable asks the kernel whether a socket could be bound to an address in a
// network namespace ("" is that of the caller): nil, or why not. Nothing listens
// at any time. An address that another process listens at cannot be bound, also
// where that process would share it, because two haproxy that share an address each get
// a part of the connections. Names are not looked up, they count as bindable.
func (Client) Bindable(namespace string, b haproxy.Bind) error {
	if b.Path != "" {
		return bindablePath(b.Path)
	}
	if b.Namespace != "" {
		namespace = b.Namespace
	}
	sa, family, ok := sockaddr(b.Address)
	if !ok {
		return nil
	}
	var err error
	nsErr := inNamespace(namespace, func() {
		for port := b.First; port <= b.Last && port < b.First+maxPorts && err == nil; port++ {
			err = try(b, sa(port), family)
		}
	})
	return errors.Join(nsErr, err)
}

// sockaddr makes a function from port to address.
func sockaddr(a haproxy.Address) (sa func(port int) unix.Sockaddr, family int, ok bool) {
	ip := net.ParseIP(a.Host)
	switch {
	case a.Host != "" && ip == nil:
		return nil, 0, false
	case ip != nil && ip.To4() != nil && !a.IPv6:
		return func(port int) unix.Sockaddr { return &unix.SockaddrInet4{Port: port, Addr: [4]byte(ip.To4())} }, unix.AF_INET, true
	case ip != nil:
		return func(port int) unix.Sockaddr { return &unix.SockaddrInet6{Port: port, Addr: [16]byte(ip.To16())} }, unix.AF_INET6, true
	case a.IPv6:
		return func(port int) unix.Sockaddr { return &unix.SockaddrInet6{Port: port} }, unix.AF_INET6, true
	}
	return func(port int) unix.Sockaddr { return &unix.SockaddrInet4{Port: port} }, unix.AF_INET, true
}

func try(b haproxy.Bind, sa unix.Sockaddr, family int) error {
	kind := unix.SOCK_STREAM
	if b.Datagram {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if !b.Datagram {
		// Connections of before that are not quite over yet are no hindrance.
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
	}
	if family == unix.AF_INET6 {
		// The IPv4 half of a socket for both is not tried: to miss a hindrance is
		// better than to invent one.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return err
		}
	}
	if b.Interface != "" {
		if err := unix.BindToDevice(fd, b.Interface); err != nil {
			return fmt.Errorf("interface %s: %w", b.Interface, err)
		}
	}
	if b.Transparent {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_FREEBIND, 1); err != nil {
			return err
		}
	}
	err = unix.Bind(fd, sa)
	if errors.Is(err, unix.EADDRNOTAVAIL) {
		return haproxy.ErrAbsent
	}
	return err
}

// bindablePath: haproxy makes a new socket and moves it over the old one.
func bindablePath(path string) error {
	if len(path) > 107 {
		return errors.New("the path of a Unix socket has at most 107 bytes")
	}
	info, err := os.Stat(filepath.Dir(path))
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	return err
}

// inNamespace runs f in a network namespace of ip-netns(8).
func inNamespace(name string, f func()) error {
	if name == "" {
		f()
		return nil
	}
	if name != filepath.Base(name) {
		return fmt.Errorf("network namespace %q: not a name", name)
	}
	done := make(chan error, 1)
	go func() {
		// The thread is given up at the end: it is in the wrong namespace.
		runtime.LockOSThread()
		fd, err := unix.Open("/run/netns/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			done <- fmt.Errorf("network namespace %s: %w", name, err)
			return
		}
		defer unix.Close(fd)
		if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("network namespace %s: %w", name, err)
			return
		}
		f()
		done <- nil
	}()
	return <-done
}
