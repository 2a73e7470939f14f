// Package run starts child processes the way agents need it: with a deadline
// that is kept, output that cannot fill the memory, no process left behind, and
// no secret in a log.
//
//   - [Runner.Run] runs a command to its end. When the context ends first, the
//     whole process group gets SIGTERM and, after Cmd.Grace, SIGKILL. If the
//     program that called Run dies, the kernel kills the command.
//   - [Runner.Start] starts a daemon that shall outlive the caller: in a session
//     of its own and without any file of the caller, so that nobody who reads the
//     caller's output waits for the daemon.
//
// Environments are given in full, nothing is inherited by accident: see [Environ].
package run
