// Package disk reads and writes SBD devices: block devices, or files in tests. It goes
// past all caches, every call ends by its deadline whatever the device does, and what
// is written is read again.
package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"systole/lib/sbd"
)

// Device is an open one. It is for one goroutine.
type Device struct {
	Path   string
	file   *os.File
	sector int // of the block device; 0: it is a file
}

// Open opens a device for reading and writing.
func Open(ctx context.Context, path string) (*Device, error) {
	return within(ctx, path, "open", func() (*Device, error) {
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_DIRECT|unix.O_SYNC, 0)
		if errors.Is(err, unix.EINVAL) { // a file system without direct access
			f, err = os.OpenFile(path, os.O_RDWR|unix.O_SYNC, 0)
		}
		if err != nil {
			return nil, err
		}
		d := &Device{Path: path, file: f}
		info, err := f.Stat()
		switch {
		case err == nil && info.Mode().IsRegular():
			return d, nil
		case err == nil && info.Mode()&os.ModeDevice != 0 && info.Mode()&os.ModeCharDevice == 0:
			if d.sector, err = unix.IoctlGetInt(int(f.Fd()), unix.BLKSSZGET); err == nil {
				return d, nil
			}
		case err == nil:
			err = errors.New("it is no block device")
		}
		_ = f.Close()
		return nil, err
	})
}

// within runs what may hang in the kernel, and does not wait for it longer than the
// deadline. A call that hangs keeps a thread until the device answers.
func within[T any](ctx context.Context, path, what string, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			r.err = fmt.Errorf("%s SBD device %s: %w", what, path, r.err)
		}
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("%s SBD device %s: the device does not answer: %w", what, path, context.Cause(ctx))
	}
}

// aligned is memory that direct access takes.
func aligned(size int) []byte {
	b := make([]byte, size+sbd.MaxSector)
	skip := sbd.MaxSector - int(uintptr(unsafe.Pointer(&b[0]))%sbd.MaxSector)
	return b[skip : skip+size : skip+size]
}

// Read reads the whole device.
func (d *Device) Read(ctx context.Context) (*sbd.Disk, error) {
	return within(ctx, d.Path, "read", func() (*sbd.Disk, error) {
		head := aligned(sbd.MaxSector)
		if _, err := d.file.ReadAt(head, 0); err != nil {
			return nil, fmt.Errorf("the header: %w", err)
		}
		h, err := sbd.ParseHeader(head)
		if err != nil {
			return nil, err
		}
		if d.sector != 0 && d.sector != h.SectorSize {
			return nil, fmt.Errorf("it was created for sectors of %d bytes, and the disk has %d: create it anew", h.SectorSize, d.sector)
		}
		all := aligned(h.Size())
		if _, err := d.file.ReadAt(all, 0); err != nil {
			return nil, fmt.Errorf("the slots: %w", err)
		}
		return sbd.Parse(all)
	})
}

// Send leaves a message for a node, and returns when it stands on the device.
func (d *Device) Send(ctx context.Context, node string, m sbd.Message, from string) error {
	disk, err := d.Read(ctx)
	if err != nil {
		return err
	}
	slot := disk.Find(node)
	if slot == nil {
		return fmt.Errorf("SBD device %s: %w %s", d.Path, ErrNoSlot, node)
	}
	_, err = within(ctx, d.Path, "write", func() (struct{}, error) {
		at := disk.Mailbox(slot.Number)
		want := aligned(disk.SectorSize)
		copy(want, sbd.EncodeMailbox(disk.SectorSize, m, from))
		if _, err := d.file.WriteAt(want, at); err != nil {
			return struct{}{}, err
		}
		have := aligned(disk.SectorSize)
		if _, err := d.file.ReadAt(have, at); err != nil {
			return struct{}{}, fmt.Errorf("read again: %w", err)
		}
		if !bytes.Equal(want, have) {
			return struct{}{}, fmt.Errorf("the message %s for %s does not stand there after it was written", m, node)
		}
		return struct{}{}, nil
	})
	return err
}

// ErrNoSlot is a node that the device does not know.
var ErrNoSlot = errors.New("no slot for the node")

// Close closes it, and does not wait for a device that hangs.
func (d *Device) Close() {
	go func() { _ = d.file.Close() }()
}
