package fence

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
	agents "systole/fence/openstack"
	"systole/lib/openstack"
	"systole/lib/openstack/api"
	fake "systole/ocf-tests/openstack"
)

func (s *scene) ironic(lines ...string) (int, string, string) {
	return s.call(func(agents.Tools) *fencing.Agent {
		return agents.Baremetal(func(ctx context.Context, c api.Credentials) (agents.Ironic, error) { return openstack.Dial(ctx, c) })
	}, lines...)
}

func TestIronic(t *testing.T) {
	for name, c := range map[string]struct {
		m     fake.Machine
		lines []string
		code  int
		text  string
		on    bool
	}{
		"status":            {fake.Machine{On: true}, []string{"action=status"}, 0, "Status: ON", true},
		"status off":        {fake.Machine{}, []string{"action=status"}, 2, "Status: OFF", false},
		"by UUID":           {fake.Machine{On: true}, []string{"action=status", "plug=uuid-1"}, 0, "Status: ON", true},
		"by server":         {fake.Machine{On: true, Instance: "server-1"}, []string{"action=status", "plug=server-1"}, 0, "Status: ON", true},
		"off":               {fake.Machine{On: true, Delay: 300 * time.Millisecond}, []string{"action=off"}, 0, "Success: Powered OFF", false},
		"off, was off":      {fake.Machine{}, []string{"action=off"}, 0, "Success: Already OFF", false},
		"on":                {fake.Machine{Delay: 300 * time.Millisecond}, []string{"action=on"}, 0, "Success: Powered ON", true},
		"reboot":            {fake.Machine{On: true, Delay: 200 * time.Millisecond}, []string{"action=reboot"}, 0, "Success: Rebooted", true},
		"locked for once":   {fake.Machine{On: true, Locked: 1}, []string{"action=off"}, 0, "Success: Powered OFF", false},
		"locked for ever":   {fake.Machine{On: true, Locked: 1 << 30}, []string{"action=off", "power_timeout=2"}, 1, "is locked", true},
		"without effect":    {fake.Machine{On: true, Deaf: true}, []string{"action=off", "power_timeout=2"}, 1, "Timed out waiting to power OFF", true},
		"on the way":        {fake.Machine{On: true, Delay: time.Hour}, []string{"action=off", "power_timeout=2"}, 1, "on the way to power off", true},
		"driver fails":      {fake.Machine{On: true, Broken: "IPMI call failed"}, []string{"action=off", "power_timeout=2"}, 1, "last error: IPMI call failed", true},
		"no such node":      {fake.Machine{On: true}, []string{"action=off", "plug=nobody"}, 1, "ironic has no node nobody", true},
		"wrong password":    {fake.Machine{On: true}, []string{"action=monitor", "password=falsch"}, 1, "Unable to connect/login", true},
		"monitor":           {fake.Machine{On: true}, []string{"action=monitor"}, 0, "", true},
		"list":              {fake.Machine{On: true}, []string{"action=list"}, 0, "uuid-1,node-1\n", true},
		"list with a state": {fake.Machine{On: true}, []string{"action=list-status"}, 0, "uuid-1,node-1,ON\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, 1)
			c.m.ID, c.m.Name = "uuid-1", "node-1"
			s.cloud.AddMachine(c.m)
			code, out, errs := s.ironic(append([]string{"plug=node-1", "stonith_status_sleep=0.25"}, c.lines...)...)
			require.Equal(t, c.code, code, errs)
			require.Contains(t, out+errs, c.text)
			require.Equal(t, c.on, s.cloud.MachineOn("node-1"))
		})
	}
}
