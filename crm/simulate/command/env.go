// Package command is the program crm_simulate as a function: arguments and an
// environment go in, bytes and an exit status come out (08 §1–§3, §11, §12). It
// answers as Pacemaker's own program does; what is ours is systole simulate.
package command

import "io"

// Exit statuses (08 §1.4).
const (
	exitOK          = 0
	exitError       = 1
	exitPermission  = 4
	exitUsage       = 64
	exitBadInput    = 65
	exitSoftware    = 70
	exitGraph       = 74
	exitConfig      = 78
	exitNotFound    = 102
	exitNoSuchThing = 105
)

// Env is the outside world, as far as the program needs it.
type Env struct {
	Stdout, Stderr io.Writer
	// ReadFile reads a file, decompressed; "-" is standard input.
	ReadFile func(name string) ([]byte, error)
	// WriteFile replaces a file as a whole. Its errors are *FileError.
	WriteFile func(name string, data []byte) error
	// ListDir names the regular files of a directory, in byte order.
	ListDir func(dir string) ([]string, error)
	// CPU is the processor time used so far, in seconds.
	CPU func() float64
	// Now is what the clock says, in epoch seconds; Zone the offset of local
	// time at a moment, in seconds.
	Now  int64
	Zone func(epoch int64) int
	// CIBFile is the environment variable CIB_file.
	CIBFile string
	// Args is the whole command line, for the XML report.
	Args []string
}

// FileError is a file that could not be read or written.
type FileError struct {
	Exit int    // what Pacemaker ends with: 105 for what is not there, 4 for no permission
	Text string // what the system says, as in "No such file or directory"
}

func (e *FileError) Error() string { return e.Text }
