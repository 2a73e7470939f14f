//go:build linux

package lab

import (
	"errors"
	"io"
	"os"
	"time"
)

// keeperMain holds the network namespace of the bridge. When the owner ends
// without having cleaned up, the keeper removes the folder: nodes end by
// themselves, but files do not.
func keeperMain(args []string) error {
	if len(args) != 1 {
		return errors.New("want the lab's folder")
	}
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
