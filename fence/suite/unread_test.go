package suite_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
	"systole/fence/suite"
)

type noClock struct{}

func (noClock) Now() time.Time                            { return time.Unix(1_800_000_000, 0) }
func (noClock) Wait(context.Context, time.Duration) error { return context.Canceled }
func (noClock) Limit(ctx context.Context, _ time.Duration) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}

// TestUnread: every agent reads every option that its description has, or says that it
// does not. None of the devices is there.
func TestUnread(t *testing.T) {
	for _, name := range suite.Names() {
		a := suite.Agent(name)
		given := map[string]string{}
		for option, value := range map[string]string{
			"ip": "127.0.0.1", "ipport": "1", "username": "u", "password": "p", "plug": "1", "devices": "/nonexistent", "action": "off",
			"status_file": t.TempDir() + "/status",
		} {
			for _, o := range a.Options {
				if o.Name == option || option == "action" {
					given[option] = value
				}
			}
		}
		v, err := a.Values(fencing.Input{Given: given})
		require.NoError(t, err, name)
		require.NoError(t, v.Need(), name)
		if a.Validate != nil {
			require.Empty(t, a.Validate(&v), name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		d, err := a.Open(ctx, &v, fencing.World{Clock: noClock{}, Log: func(fencing.Level, string) {}})
		cancel()
		if err == nil {
			d.Close()
		}
		require.Empty(t, v.Unread(), name)
	}
}
