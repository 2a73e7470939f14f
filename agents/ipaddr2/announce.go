package ipaddr2

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/netstate"
)

// denied gives errors of permission their exit code.
func denied(err error) error {
	if errors.Is(err, netstate.ErrPermission) {
		return ocf.Errorf(ocf.ErrPerm, "%w", err)
	}
	return err
}

// Command is the command of the program that announces an address, in the
// background of a start: see Announcer and ReadAnnouncer.
const Command = "announce"

// announcer are the arguments of the program for an announcement.
func announcer(a netstate.Announcement) []string {
	kind := "both"
	switch {
	case a.RequestsOnly:
		kind = "requests"
	case a.RepliesOnly:
		kind = "replies"
	}
	return []string{Command, "namespace=" + a.Namespace, a.Link, a.IP.String(), strconv.Itoa(a.Count), a.Interval.String(), kind}
}

// ReadAnnouncer reads the arguments of the command that announces.
func ReadAnnouncer(args []string) (a netstate.Announcement, err error) {
	if len(args) != 6 {
		return a, fmt.Errorf("%s is for the agent IPaddr2: it needs namespace=NAME, interface, address, count, interval and kind", Command)
	}
	namespace, ok := strings.CutPrefix(args[0], "namespace=")
	if !ok {
		return a, fmt.Errorf("%s: the first argument is namespace=NAME, not %q", Command, args[0])
	}
	a = netstate.Announcement{Namespace: namespace, Link: args[1], RequestsOnly: args[5] == "requests", RepliesOnly: args[5] == "replies"}
	if a.IP, err = netip.ParseAddr(args[2]); err != nil {
		return a, err
	}
	if a.Count, err = strconv.Atoi(args[3]); err != nil {
		return a, err
	}
	a.Interval, err = time.ParseDuration(args[4])
	return a, err
}

// announces says whether a process is one that announces the address.
func announces(p ocf.Process, namespace string, ip netip.Addr) bool {
	return len(p.Args) == 8 && p.Args[1] == Command && p.Args[2] == "namespace="+namespace && p.Args[4] == ip.String()
}
