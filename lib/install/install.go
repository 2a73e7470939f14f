// Package install puts the agents of one program where a cluster looks for them:
// as links in a folder. It replaces nothing of others unless told
// to, keeps what it replaces, and does all of it or nothing.
package install

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Options say what is put where.
type Options struct {
	Program string   // name of the program, by which links to it are known
	Links   []string // their names
	Folder  string   // of the links, below Root
	Root    string   // of the file system, absolute
	Binary  string   // the program as seen below Root; "": found out
	Force   bool     // replace what is not ours

	executable string // for tests; "": os.Executable
}

// copyDir is where the program is copied to when it is outside of the root.
const copyDir = "/usr/lib/systole"

// backupMark is in the name of a file that was replaced. The dot before the
// name keeps the cluster from taking it for an agent.
const backupMark = ".before-systole"

func backupName(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+backupMark)
}

func (o *Options) check() error {
	if !filepath.IsAbs(o.Folder) {
		return fmt.Errorf("folder %q: give the path from the root on, beginning with a slash", o.Folder)
	}
	if info, err := os.Stat(o.Root); err != nil || !info.IsDir() {
		return fmt.Errorf("root %s is not a directory: make it first", o.Root)
	}
	if o.Binary != "" && !filepath.IsAbs(o.Binary) {
		return fmt.Errorf("binary %s: give the path from the root on, beginning with a slash", o.Binary)
	}
	return nil
}

func (o *Options) folder() string { return filepath.Join(o.Root, o.Folder) }

// kind is what stands where a link shall be.
type kind int

const (
	nothing kind = iota
	ours
	foreign
)

func (o *Options) look(path string) (kind, string, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nothing, "", nil
	case err != nil:
		return nothing, "", err
	case info.IsDir():
		return nothing, "", fmt.Errorf("%s is a directory: move it away", path)
	case info.Mode()&fs.ModeSymlink == 0:
		return foreign, "", nil
	}
	target, err := os.Readlink(path)
	if err != nil {
		return nothing, "", err
	}
	if filepath.Base(target) == o.Program {
		return ours, target, nil
	}
	return foreign, target, nil
}

// Install makes the links and returns what was done, a line each. On an error
// nothing stays changed but the folder and the copy of the program.
func Install(o Options) (done []string, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	foreigners, err := o.foreigners()
	if err != nil {
		return nil, err
	}
	if len(foreigners) > 0 && !o.Force {
		return nil, fmt.Errorf("not ours: %s: with --force they are replaced and kept as .NAME%s", strings.Join(foreigners, ", "), backupMark)
	}
	target, copied, err := o.program()
	if err != nil {
		return nil, err
	}
	done = append(done, copied...)
	if err := os.MkdirAll(o.folder(), 0o755); err != nil {
		return nil, err
	}
	var undo []func()
	for _, name := range o.Links {
		line, back, err := o.link(filepath.Join(o.folder(), name), target)
		if err != nil {
			for i := len(undo) - 1; i >= 0; i-- {
				undo[i]()
			}
			return nil, fmt.Errorf("nothing was installed: %w", err)
		}
		done, undo = append(done, line), append(undo, back)
	}
	return done, nil
}

func (o *Options) foreigners() (list []string, err error) {
	for _, name := range o.Links {
		path := filepath.Join(o.folder(), name)
		k, _, err := o.look(path)
		if err != nil {
			return nil, err
		}
		if k == foreign {
			list = append(list, path)
		}
	}
	return list, nil
}

// link puts a link in the place of what is there, in one step.
func (o *Options) link(path, target string) (line string, undo func(), err error) {
	k, had, err := o.look(path)
	if err != nil {
		return "", nil, err
	}
	if k == ours && had == target {
		return "unchanged " + path, func() {}, nil
	}
	line, undo = "linked "+path+" -> "+target, func() { _ = os.Remove(path) }
	switch k {
	case ours:
		undo = func() { _ = replaceLink(path, had) }
	case foreign:
		backup := free(backupName(path))
		// A second name for the file, so that there is no moment without it.
		if err := os.Link(path, backup); err != nil {
			return "", nil, fmt.Errorf("keep %s: %w", path, err)
		}
		line += ", before: " + backup
		undo = func() { _ = os.Rename(backup, path) }
	}
	if err := replaceLink(path, target); err != nil {
		return "", nil, err
	}
	return line, undo, nil
}

// free is name, or name with the first number that is not taken: what was kept
// once is never overwritten.
func free(name string) string {
	try := name
	for n := 1; ; n++ {
		if _, err := os.Lstat(try); err != nil {
			return try
		}
		try = fmt.Sprintf("%s.%d", name, n)
	}
}

func replaceLink(path, target string) error {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".systole-new")
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return nil
}

// program finds the path of the program below the root, copying it there if it
// is outside.
func (o *Options) program() (target string, done []string, err error) {
	if o.Binary != "" {
		return o.Binary, nil, nil
	}
	exe := o.executable
	if exe == "" {
		if exe, err = os.Executable(); err != nil {
			return "", nil, err
		}
	}
	if exe, err = filepath.EvalSymlinks(exe); err != nil {
		return "", nil, err
	}
	root, err := filepath.EvalSymlinks(o.Root)
	if err != nil {
		return "", nil, err
	}
	inside, err := filepath.Rel(root, exe)
	if err == nil && filepath.Base(exe) == o.Program && filepath.IsLocal(inside) {
		return "/" + inside, nil, nil
	}
	target = filepath.Join(copyDir, o.Program)
	to := filepath.Join(o.Root, target)
	if err := copyFile(exe, to); err != nil {
		return "", nil, fmt.Errorf("copy the program: %w", err)
	}
	return target, []string{"copied " + exe + " to " + to}, nil
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(out.Name()) }()
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(0o755)
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

// Uninstall removes the links and puts back what they replaced. What is not ours
// stays.
func Uninstall(o Options) (done []string, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	for _, name := range o.Links {
		path := filepath.Join(o.folder(), name)
		k, _, err := o.look(path)
		if err != nil {
			return done, err
		}
		if k != ours {
			continue
		}
		backup := backupName(path)
		if _, err := os.Lstat(backup); err == nil {
			if err := os.Rename(backup, path); err != nil {
				return done, err
			}
			done = append(done, "restored "+path)
			continue
		}
		if err := os.Remove(path); err != nil {
			return done, err
		}
		done = append(done, "removed "+path)
	}
	return done, nil
}
