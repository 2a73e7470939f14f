package ocftest

import (
	"fmt"
	"hash/crc32"
	"strings"
)

// Rename moves a file or a directory with all that is in it.
func (m *Machine) Rename(from, to string) error {
	if _, ok := m.Files[from]; !ok {
		if _, done := m.Files[to]; done {
			return nil
		}
		return fmt.Errorf("move %s: there is no such file", from)
	}
	if _, taken := m.Files[to]; taken {
		return fmt.Errorf("move %s to %s: that name is taken", from, to)
	}
	for _, p := range []string{from, to} {
		if err := m.place(p); err != nil {
			return err
		}
	}
	if err := m.change("move %s to %s", from, to); err != nil {
		return err
	}
	for p, f := range m.Files {
		if rest, ok := strings.CutPrefix(p, from); ok && (rest == "" || rest[0] == '/') {
			delete(m.Files, p)
			m.Files[to+rest] = f
		}
	}
	return nil
}

// ID is the number that a Machine gives to a user or a group.
func ID(name string) int {
	if name == "root" {
		return 0
	}
	return 1000 + int(crc32.ChecksumIEEE([]byte(name))%60000)
}

// SetOwner changes the owner of a file.
func (m *Machine) SetOwner(p, user, group string) error {
	f, ok := m.Files[p]
	if !ok {
		return fmt.Errorf("change the owner of %s: there is no such file", p)
	}
	if err := m.change("give %s to %s:%s", p, user, group); err != nil {
		return err
	}
	if user != "" {
		f.UID = ID(user)
	}
	if group != "" {
		f.GID = ID(group)
	}
	m.Files[p] = f
	return nil
}

// SetMode changes the permission bits of a file.
func (m *Machine) SetMode(p string, mode uint32) error {
	f, ok := m.Files[p]
	if !ok {
		return fmt.Errorf("change the mode of %s: there is no such file", p)
	}
	if err := m.change("set the mode of %s to %04o", p, mode); err != nil {
		return err
	}
	f.Mode = mode
	m.Files[p] = f
	return nil
}
