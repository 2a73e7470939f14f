package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"systole/agents/ocf"
)

// Process reads an entry of the process table.
func (h *Host) Process(pid int) (ocf.Process, bool, error) {
	if pid <= 0 {
		return ocf.Process{}, false, nil
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		if absent(err) || errors.Is(err, syscall.ESRCH) {
			return ocf.Process{}, false, nil
		}
		return ocf.Process{}, false, err
	}
	p, state, err := parseStat(stat)
	if err != nil {
		return ocf.Process{}, false, err
	}
	if state == 'Z' || state == 'X' {
		return ocf.Process{}, false, nil
	}
	p.Stopped = state == 'T'
	// The process may end while it is looked at: what is missing stays empty.
	if cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline"); err == nil {
		p.Args = parseCmdline(cmdline)
	}
	var st syscall.Stat_t
	if err := syscall.Stat("/proc/"+strconv.Itoa(pid), &st); err == nil {
		p.UID = int(st.Uid)
	}
	return p, true, nil
}

// parseStat reads /proc/PID/stat. The name stands in parentheses and may hold
// spaces and parentheses itself.
func parseStat(stat []byte) (p ocf.Process, state byte, err error) {
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return p, 0, fmt.Errorf("the kernel's line of a process is not understood: %q", stat)
	}
	fields := strings.Fields(string(stat[end+1:]))
	if len(fields) < 20 {
		return p, 0, fmt.Errorf("the kernel's line of a process is too short: %q", stat)
	}
	p.Name = string(stat[open+1 : end])
	if p.PID, err = strconv.Atoi(strings.TrimSpace(string(stat[:open]))); err != nil {
		return p, 0, err
	}
	if p.Parent, err = strconv.Atoi(fields[1]); err != nil {
		return p, 0, err
	}
	p.Start, err = strconv.ParseUint(fields[19], 10, 64)
	return p, fields[0][0], err
}

func parseCmdline(cmdline []byte) []string {
	text := strings.TrimRight(string(cmdline), "\x00")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\x00")
}

// Find looks through the process table.
func (h *Host) Find(match func(ocf.Process) bool) ([]ocf.Process, error) {
	names, err := h.List("/proc")
	if err != nil {
		return nil, err
	}
	var list []ocf.Process
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		p, found, err := h.Process(pid)
		if err != nil {
			return nil, err
		}
		if found && match(p) {
			list = append(list, p)
		}
	}
	return list, nil
}

// Signal sends a signal to p. A process that is gone is no error.
func (h *Host) Signal(p ocf.Process, signal int) error {
	now, found, err := h.Process(p.PID)
	if err != nil || !found || now.Start != p.Start {
		return err
	}
	if err := syscall.Kill(p.PID, syscall.Signal(signal)); err != nil && !errors.Is(err, syscall.ESRCH) {
		return refused(fmt.Errorf("signal %d to process %d: %w", signal, p.PID, err))
	}
	return nil
}
