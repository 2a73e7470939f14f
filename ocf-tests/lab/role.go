//go:build linux

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// The roles in which a program that imports this package runs itself.
const (
	roleVariable = "SYSTOLE_LAB_ROLE"

	roleNode   = "node"   // process 1 of a node
	roleKeeper = "keeper" // holds the bridge's network namespace
	roleStart  = "start"  // starts the cluster daemons of a node
	roleStop   = "stop"   // stops them in an orderly way
	roleFence  = "fence"  // the fence agent
	roleProbe  = "probe"  // does nothing: shows whether namespaces are allowed
)

// An init function, because the roles must not depend on what else the program does in main
// or TestMain. Without the variable it does nothing.
func init() {
	role := os.Getenv(roleVariable)
	if role == "" {
		return
	}
	_ = os.Unsetenv(roleVariable)
	os.Exit(runRole(role, os.Args[1:]))
}

func runRole(role string, args []string) int {
	var err error
	switch role {
	case roleNode:
		err = nodeMain(args)
	case roleKeeper:
		err = keeperMain(args)
	case roleStart:
		err = startMain(args)
	case roleStop:
		err = stopMain(args)
	case roleFence:
		return fenceMain(args, os.Stdin, os.Stdout, os.Stderr)
	case roleProbe:
	default:
		err = fmt.Errorf("%s=%s: no such role", roleVariable, role)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "lab %s: %v\n", role, err)
		return 1
	}
	return 0
}

// roleCommand is this program in another role, in a session of its own: a
// Ctrl-C at the terminal is for the owner, which then ends the others.
func roleCommand(exe, role string, flags uintptr, args ...string) *exec.Cmd {
	cmd := exec.Command(exe, args...)
	cmd.Env = append(nodeEnviron(), roleVariable+"="+role, "GOMAXPROCS=1")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: flags}
	return cmd
}

// nodeEnviron is the environment of every command in a node: a fixed one, so
// that nothing of the caller's decides what a test finds.
func nodeEnviron() []string {
	return []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "TERM=dumb", "LC_ALL=C.UTF-8",
	}
}
