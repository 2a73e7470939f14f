package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"systole/agents/ocf"
	"systole/lib/move"
)

// Rename moves a file or directory within a file system. The kernel makes sure
// that nothing is overwritten.
func (h *Host) Rename(from, to string) error {
	if err := move.NoReplace(from, to); err != nil {
		return refused(err)
	}
	return errors.Join(syncDir(filepath.Dir(from)), syncDir(filepath.Dir(to)))
}

// SetOwner gives a file or directory to a user and a group of this node.
func (h *Host) SetOwner(path, userName, groupName string) error {
	uid, gid := -1, -1
	if userName != "" {
		u, err := user.Lookup(userName)
		if err != nil {
			return ocf.Errorf(ocf.ErrInstalled, "user %s is not known on this node: create it or name another one", userName)
		}
		if uid, err = strconv.Atoi(u.Uid); err != nil {
			return fmt.Errorf("number of user %s: %w", userName, err)
		}
	}
	if groupName != "" {
		g, err := user.LookupGroup(groupName)
		if err != nil {
			return ocf.Errorf(ocf.ErrInstalled, "group %s is not known on this node: create it or name another one", groupName)
		}
		if gid, err = strconv.Atoi(g.Gid); err != nil {
			return fmt.Errorf("number of group %s: %w", groupName, err)
		}
	}
	return refused(os.Lchown(path, uid, gid))
}

// SetMode sets permission bits.
func (h *Host) SetMode(path string, mode uint32) error {
	if err := syscall.Chmod(path, mode); err != nil {
		return refused(&fs.PathError{Op: "chmod", Path: path, Err: err})
	}
	return nil
}
