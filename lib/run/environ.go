package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DefaultPath is the PATH of children whose parent has none. It is that of a
// root shell of Debian: cluster daemons often run with a short one or with none.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Environ makes the environment of a child from that of the parent: the C locale
// whatever the parent has, because output is parsed; a PATH in any case; and
// without the variables that change what a program or a shell executes. keep
// decides on the rest (nil keeps all).
func Environ(parent []string, keep func(name string) bool) []string {
	env := make([]string, 0, len(parent)+2)
	path := "PATH=" + DefaultPath
	for _, nv := range parent {
		name, value, ok := strings.Cut(nv, "=")
		switch {
		case !ok, name == "", dangerous(name), isLocale(name):
		case name == "PATH":
			if value != "" {
				path = nv
			}
		case keep == nil || keep(name):
			env = append(env, nv)
		}
	}
	return append(env, path, "LC_ALL=C")
}

// Set returns env with the variable name set to value.
func Set(env []string, name, value string) []string {
	out := make([]string, 0, len(env)+1)
	for _, nv := range env {
		if n, _, _ := strings.Cut(nv, "="); n != name {
			out = append(out, nv)
		}
	}
	return append(out, name+"="+value)
}

// Lookup returns the value of the variable name; the last of several counts, as
// for execve's callers.
func Lookup(env []string, name string) (value string, ok bool) {
	for _, nv := range env {
		if n, v, found := strings.Cut(nv, "="); found && n == name {
			value, ok = v, true
		}
	}
	return value, ok
}

func isLocale(name string) bool {
	return name == "LANG" || name == "LANGUAGE" || strings.HasPrefix(name, "LC_")
}

func dangerous(name string) bool {
	switch name {
	case "BASH_ENV", "ENV", "IFS", "CDPATH", "SHELLOPTS", "BASHOPTS", "GLOBIGNORE", "PS4",
		"PYTHONSTARTUP", "PYTHONPATH", "PERL5OPT", "PERL5LIB":
		return true
	}
	return strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "BASH_FUNC_")
}

// LookPath finds an executable file: name itself if it holds a slash, else in
// the directories of path. Relative directories are passed over.
func LookPath(name, path string) (string, error) {
	if strings.Contains(name, "/") {
		return name, executable(name)
	}
	if name == "" {
		return "", errors.New("no program was named")
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if file := filepath.Join(dir, name); executable(file) == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("program %s: %w in %s", name, fs.ErrNotExist, path)
}

func executable(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return fmt.Errorf("program %s: %w", file, errors.Unwrap(err))
	case info.IsDir():
		return fmt.Errorf("program %s: is a directory", file)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("program %s: %w: not executable", file, fs.ErrPermission)
	}
	return nil
}
