package netif

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"systole/lib/netstate"
)

// namespaces is where network namespaces that have names are mounted.
const namespaces = "/run/netns"

// within calls f in a network namespace; "" is that of the process. The thread that
// f ran on never comes back from another namespace, and so is not used again.
func within(ctx context.Context, namespace string, f func() error) error {
	if namespace == "" {
		return permission(f())
	}
	if strings.ContainsRune(namespace, '/') || namespace == "." || namespace == ".." {
		return &netstate.NoNamespaceError{Name: namespace}
	}
	file, err := os.Open(filepath.Join(namespaces, namespace))
	if errors.Is(err, fs.ErrNotExist) {
		return &netstate.NoNamespaceError{Name: namespace}
	}
	if err != nil {
		return err
	}
	defer file.Close()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter the network namespace %s: %w", namespace, err)
			return
		}
		done <- f()
	}()
	select {
	case err = <-done:
		return permission(err)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// permission marks errors that root would not get.
func permission(err error) error {
	if errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 {
		return fmt.Errorf("%w: %w", netstate.ErrPermission, err)
	}
	return err
}
