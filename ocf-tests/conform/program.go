package conform

import (
	"os"
	"syscall"
)

// WriteProgram writes a file that will be executed. A process that is begun meanwhile
// would inherit the open file, and until that has called execve the program could not
// be started: "text file busy" (golang/go#22315). Holding the lock, none is begun.
func WriteProgram(path string, text []byte) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, text, 0o755)
}
