// Package dummy is fence_dummy: a device that is a file, for tests and exercises.
package dummy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"systole/fence/fencing"
)

// Agent makes the agent.
func Agent() *fencing.Agent {
	return &fencing.Agent{Description: description(), Open: open}
}

func description() fencing.Description {
	options := fencing.Standard("plug")
	options[0].Required = false
	return fencing.Description{
		Name: "fence_dummy", Short: "Dummy fence agent",
		Long: `fence_dummy is a device that is a file: the state is what the file says. It is for tests and for
learning how a cluster fences; it turns nothing off.

With type=fail the device takes every command and never obeys.`,
		NoPass: true, Plugless: true, Lists: true,
		Options: append(options,
			fencing.Option{
				Name: "status_file", Word: "file", Default: "/tmp/fence_dummy.status", Short: "File with status",
				Text: "It holds on or off. A file that is missing means off. With a plug, the file has the name of\nthe plug after a dot at its end.",
			},
			fencing.Option{
				Name: "random_sleep_range", Word: "seconds", Type: fencing.Integer, Limits: &fencing.Limits{Min: 0, Max: 3600},
				Short: "Issue a sleep between 1 and X seconds. Used for testing.",
			},
			fencing.Option{
				Name: "type", Word: "type", Type: fencing.Select, Choices: []string{"file", "fail", "recorder"}, Default: "file", Short: "Type of the dummy fence agent",
				Text: "recorder, which leaves fencing to another program that answers in a file, is not supported: such\nan answer is no proof that a machine is off.",
			}),
	}
}

type device struct {
	file string
	fail bool
}

func open(ctx context.Context, v *fencing.Values, w fencing.World) (fencing.Device, error) {
	d := &device{file: v.String("status_file")}
	switch v.String("type") {
	case "recorder":
		return nil, fencing.Errorf(fencing.Usage, "type recorder is not supported: use file or fail")
	case "fail":
		d.fail = true
	}
	if n := v.Int("random_sleep_range"); n > 0 {
		// Not random: the time of day does, and tests can tell it beforehand.
		wait := time.Duration(1+w.Now().Unix()%int64(n)) * time.Second
		if err := w.Wait(ctx, wait); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *device) path(plug string) (string, error) {
	if plug == "" {
		return d.file, nil
	}
	if strings.ContainsAny(plug, "/\x00") || plug == "." || plug == ".." {
		return "", fencing.Errorf(fencing.Missing, "plug %q cannot be part of a file name", plug)
	}
	return d.file + "." + plug, nil
}

// Status reads the file.
func (d *device) Status(_ context.Context, plug string) (fencing.Status, error) {
	path, err := d.path(plug)
	if err != nil {
		return fencing.Status{}, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fencing.Status{State: fencing.Off, Detail: "no file " + path}, nil
	}
	if err != nil {
		return fencing.Status{}, fencing.Errorf(fencing.NoStatus, "read the state: %w", err)
	}
	switch word := strings.ToLower(strings.TrimSpace(string(text[:min(len(text), 16)]))); word {
	case "on":
		return fencing.Status{State: fencing.On}, nil
	case "off":
		return fencing.Status{State: fencing.Off}, nil
	default:
		return fencing.Status{Detail: fmt.Sprintf("%s says %q", path, word)}, nil
	}
}

// Turn writes the file.
func (d *device) Turn(_ context.Context, plug string, on bool) error {
	path, err := d.path(plug)
	if err != nil || d.fail {
		return err
	}
	word := "off"
	if on {
		word = "on"
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".fence_dummy.*")
	if err == nil {
		_, err = f.WriteString(word)
		err = errors.Join(err, f.Close())
		if err == nil {
			err = os.Rename(f.Name(), path)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}
	if err != nil {
		return fencing.Errorf(fencing.Refused, "write the state: %w", err)
	}
	return nil
}

// List is the plugs that have a file.
func (d *device) List(ctx context.Context) ([]fencing.Plug, error) {
	files, err := filepath.Glob(d.file + ".*")
	if err != nil {
		return nil, fencing.Errorf(fencing.NoStatus, "look for state files: %w", err)
	}
	var list []fencing.Plug
	for _, f := range files {
		plug := strings.TrimPrefix(f, d.file+".")
		s, err := d.Status(ctx, plug)
		if err != nil {
			return nil, err
		}
		list = append(list, fencing.Plug{ID: plug, Name: "dummy", State: s.State})
	}
	return list, nil
}

// Close does nothing.
func (d *device) Close() {}
