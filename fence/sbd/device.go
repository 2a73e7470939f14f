package sbd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"systole/fence/fencing"
	"systole/lib/sbd"
	"systole/lib/sbd/disk"
)

// pills are the deadly messages that this call has delivered: when, by node.
type pills map[string]time.Time

type device struct {
	paths   []string
	disks   []*disk.Device // nil where it could not be opened
	pills   pills
	world   fencing.World
	deadly  sbd.Message
	fences  bool // the action is off or reboot
	reboots bool
	certain time.Duration
	from    string
}

func (p pills) open(ctx context.Context, v *fencing.Values, w fencing.World) (fencing.Device, error) {
	d := &device{paths: devices(v), pills: p, world: w, deadly: sbd.Off}
	d.disks = make([]*disk.Device, len(d.paths))
	d.reboots = v.Action() == "reboot"
	d.fences = d.reboots || v.Action() == "off"
	switch {
	case v.Bool("crashdump"):
		d.deadly = sbd.CrashDump
	case d.reboots:
		d.deadly = sbd.Reset
	}
	d.from, _ = os.Hostname()
	d.from = d.from[:min(len(d.from), sbd.MaxName)]
	_ = v.String("method")
	if err := d.begin(ctx, v); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// begin opens the disks and learns their times.
func (d *device) begin(ctx context.Context, v *fencing.Values) error {
	errs := d.each(ctx, func(ctx context.Context, i int) (err error) {
		d.disks[i], err = disk.Open(ctx, d.paths[i])
		return err
	})
	if err := d.enough(errs, "open the disks"); err != nil {
		return err
	}
	disks, err := d.read(ctx)
	if err != nil {
		return err
	}
	for i, h := range disks {
		if h == nil {
			continue
		}
		if p := h.Problem(); p != "" {
			d.world.Log(fencing.Warn, d.paths[i]+": "+p+"; waiting for twice the watchdog timeout")
		}
		d.certain = max(d.certain, h.Certain())
	}
	limit := v.Time("power_timeout")
	if d.fences && !v.Bool("disable_timeout") && limit > 0 && limit <= d.certain {
		return fencing.Errorf(fencing.Usage, "power_timeout (%s) is not larger than the time after which a message is certain to be obeyed (%s): set it to %s or more", limit, d.certain, d.certain+10*time.Second)
	}
	return nil
}

// majority is how many disks decide.
func (d *device) majority() int { return len(d.paths)/2 + 1 }

// each does something with all disks at the same time: one that hangs must not keep
// the others.
func (d *device) each(ctx context.Context, f func(ctx context.Context, i int) error) []error {
	if deadline, ok := ctx.Deadline(); ok {
		// Time must be left to act on what the others say.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)*2/3)
		defer cancel()
	}
	errs := make([]error, len(d.paths))
	var wg sync.WaitGroup
	for i := range d.paths {
		wg.Go(func() { errs[i] = f(ctx, i) })
	}
	wg.Wait()
	return errs
}

// enough is an error when fewer disks than decide have worked. Otherwise the errors of
// the rest are told.
func (d *device) enough(errs []error, what string) error {
	good, missing := 0, 0
	for _, err := range errs {
		switch {
		case err == nil:
			good++
		case errors.Is(err, disk.ErrNoSlot):
			missing++
		}
	}
	all := errors.Join(errs...)
	switch {
	case good >= d.majority():
		if all != nil {
			d.world.Log(fencing.Warn, line(all))
		}
		return nil
	case missing >= d.majority():
		return fencing.Errorf(fencing.Missing, "%s: see the action list", line(all))
	}
	return fencing.Errorf(fencing.ConnectionLost, "%s: %d of %d disks work, %d must: %s", what, good, len(d.paths), d.majority(), line(all))
}

func line(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// read reads all disks; what could not be read is nil.
func (d *device) read(ctx context.Context) ([]*sbd.Disk, error) {
	list := make([]*sbd.Disk, len(d.paths))
	errs := d.each(ctx, func(ctx context.Context, i int) (err error) {
		if d.disks[i] == nil {
			return fmt.Errorf("SBD device %s is not open", d.paths[i])
		}
		list[i], err = d.disks[i].Read(ctx)
		return err
	})
	return list, d.enough(errs, "read the disks")
}

// vote is what the disks say of a node.
type vote struct {
	deadly, alive, missing int
	cleared                int // of alive: by the node itself
	text                   string
}

func count(disks []*sbd.Disk, node string) vote {
	var v vote
	for _, disk := range disks {
		if disk == nil {
			continue
		}
		s := disk.Find(node)
		switch {
		case s == nil:
			v.missing++
			continue
		case s.Message.Deadly():
			v.deadly++
		case s.Message == sbd.Clear || s.Message == sbd.Test || s.Message == sbd.Exit:
			v.alive++
			if s.Message == sbd.Clear && s.From == "" {
				v.cleared++
			}
		}
		v.text = "message " + s.Message.String()
		if s.From != "" {
			v.text += " of " + s.From
		}
	}
	return v
}

// Status is what the mailbox says; while fencing, what is certain by then.
func (d *device) Status(ctx context.Context, node string) (fencing.Status, error) {
	disks, err := d.read(ctx)
	if err != nil {
		return fencing.Status{}, err
	}
	return d.judge(node, count(disks, node))
}

func (d *device) judge(node string, v vote) (fencing.Status, error) {
	s := fencing.Status{Detail: v.text}
	need := d.majority()
	if v.missing >= need {
		return s, fencing.Errorf(fencing.Missing, "%d of %d disks have no slot for the node %s: see the action list", v.missing, len(d.paths), node)
	}
	sent, ours := d.pills[strings.ToLower(node)]
	switch {
	case !d.fences && v.deadly >= need:
		s.State = fencing.Off
	case v.alive >= need && !ours:
		s.State = fencing.On
	case !ours:
		s.Detail += ", of unknown age"
	case d.world.Now().Sub(sent) < d.certain:
		s.Detail += fmt.Sprintf(", obeyed for certain %s after it was delivered", d.certain)
	case v.deadly >= need:
		s.State = fencing.Off
	case v.cleared >= need && d.reboots:
		s.State = fencing.Off // and has come up again, as it should
		s.Detail += ": the node has started again"
	case v.alive >= need:
		s.State = fencing.On // somebody has taken our message away, or started the node
		delete(d.pills, strings.ToLower(node))
	}
	return s, nil
}

// Turn leaves a message. One of ours that stands there still is not repeated, as that
// would only make it younger.
func (d *device) Turn(ctx context.Context, node string, on bool) error {
	m, key := d.deadly, strings.ToLower(node)
	if on {
		m = sbd.Clear
	} else if _, ours := d.pills[key]; ours {
		disks, err := d.read(ctx)
		if err != nil {
			return err
		}
		if v := count(disks, node); v.deadly >= d.majority() || d.reboots && v.cleared >= d.majority() {
			return nil
		}
	}
	delete(d.pills, key)
	errs := d.each(ctx, func(ctx context.Context, i int) error {
		if d.disks[i] == nil {
			return fmt.Errorf("SBD device %s is not open", d.paths[i])
		}
		return d.disks[i].Send(ctx, node, m, d.from)
	})
	if err := d.enough(errs, "leave the message "+m.String()); err != nil {
		return err
	}
	if !on {
		d.pills[key] = d.world.Now()
	}
	return nil
}

// List is the nodes that have a slot.
func (d *device) List(ctx context.Context) ([]fencing.Plug, error) {
	disks, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	var list []fencing.Plug
	seen := map[string]bool{}
	for _, disk := range disks {
		if disk == nil {
			continue
		}
		for _, n := range disk.Nodes {
			key := strings.ToLower(n.Node)
			v := count(disks, n.Node)
			if seen[key] || v.deadly+v.alive < d.majority() {
				continue
			}
			seen[key] = true
			p := fencing.Plug{ID: n.Node, Name: n.Node}
			if s, err := d.judge(n.Node, v); err == nil {
				p.State = s.State
			}
			list = append(list, p)
		}
	}
	return list, nil
}

// Close closes the disks.
func (d *device) Close() {
	for _, disk := range d.disks {
		if disk != nil {
			disk.Close()
		}
	}
}
