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

// TestUnread: agents that look at all their options before they ask their device leave
// none out, but those that they say are not used. None of the devices is there.
func TestUnread(t *testing.T) {
	for name, given := range map[string]map[string]string{
		"fence_apc_snmp":       {"ip": "127.0.0.1", "ipport": "1", "plug": "1"},
		"fence_tripplite_snmp": {"ip": "127.0.0.1", "ipport": "1", "plug": "1"},
		"fence_redfish":        {"ip": "127.0.0.1", "ipport": "1", "username": "u", "password": "p"},
		"fence_sbd":            {"devices": "/nonexistent", "plug": "1"},
	} {
		a := suite.Agent(name)
		v, err := a.Values(fencing.Input{Given: given})
		require.NoError(t, err, name)
		require.NoError(t, v.Need(), name)
		require.Empty(t, a.Validate(&v), name)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err = a.Open(ctx, &v, fencing.World{Clock: noClock{}, Log: func(fencing.Level, string) {}})
		cancel()
		require.Error(t, err, name)
		require.Empty(t, v.Unread(), name)
	}
}
