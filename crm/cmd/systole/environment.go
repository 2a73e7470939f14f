package main

import (
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"systole/crm/simulate/command"
	"systole/lib/xmltree"
)

// environment is the outside world for the simulation: files, clock, standard
// error.
func environment(args []string) *command.Env {
	return &command.Env{
		Stdout: os.Stdout, Stderr: os.Stderr,
		ReadFile: readFile, WriteFile: writeFile, ListDir: listDir, CPU: cpu,
		Now: time.Now().Unix(), Zone: zone, CIBFile: os.Getenv("CIB_file"), Args: args,
	}
}

// zone is the offset of local time, in seconds.
func zone(epoch int64) int {
	_, offset := time.Unix(epoch, 0).Zone()
	return offset
}

// readFile reads a file, or standard input for "-". Files that end in .bz2 are
// decompressed. What is larger than any document may be is not read to its end.
func readFile(name string) ([]byte, error) {
	limit := int64(xmltree.Limits{}.WithDefaults().Bytes) + 1
	if name == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, limit))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if strings.HasSuffix(name, ".bz2") {
		data, err := io.ReadAll(io.LimitReader(bzip2.NewReader(f), limit))
		if err != nil {
			return nil, fmt.Errorf("decompressing %s: %w", name, err)
		}
		return data, nil
	}
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		data := make([]byte, min(st.Size(), limit))
		n, err := io.ReadFull(f, data)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if n < len(data) || int64(n) == limit {
			return data[:n], nil
		}
		rest, err := io.ReadAll(io.LimitReader(f, limit-int64(n)))
		return append(data, rest...), err
	}
	return io.ReadAll(io.LimitReader(f, limit))
}

// writeFile replaces a file as a whole: a reader sees the old contents or the
// new ones, never a part. What is no regular file is written into.
func writeFile(name string, data []byte) error {
	if st, err := os.Stat(name); err == nil && !st.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return fileError(err)
		}
		_, err = f.Write(data)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		return fileError(err)
	}
	return fileError(replaceFile(name, data))
}

func replaceFile(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	mode := fs.FileMode(0o666) &^ umask()
	if st, err := os.Stat(name); err == nil {
		mode = st.Mode().Perm()
		if err := syscall.Access(name, 2); err != nil { // as if it were written into
			return &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	tmp := f.Name()
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		os.Remove(tmp) //nolint:errcheck // the first error tells what is wrong
	}
	return err
}

// umask is what the process does not allow on new files.
func umask() fs.FileMode {
	m := syscall.Umask(0)
	syscall.Umask(m)
	return fs.FileMode(m)
}

// fileError adds what Pacemaker's programs end with.
func fileError(err error) error {
	if err == nil {
		return nil
	}
	e := &command.FileError{Exit: 1, Text: err.Error()}
	var no syscall.Errno
	if errors.As(err, &no) {
		e.Text = systemText(no)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Exit = 105
	case errors.Is(err, fs.ErrPermission):
		e.Exit = 4
	}
	return e
}

// systemText begins with a capital, as the C library has it.
func systemText(no syscall.Errno) string {
	text := no.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

func listDir(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fileError(err)
	}
	var names []string
	for _, e := range entries {
		if st, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && st.Mode().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// cpu is the processor time of the process, in seconds.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
