package fence

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	sim "systole/ocf-tests/bmc/snmp"
)

func pdu(t *testing.T, f sim.Family, m sim.Misbehaviour) (*sim.Unit, []string) {
	t.Helper()
	u, err := sim.Start(f, m)
	require.NoError(t, err)
	t.Cleanup(u.Close)
	return u, []string{
		"ip=127.0.0.1", "ipport=" + strconv.Itoa(u.Port), "community=" + sim.Community, "snmp_version=2c",
		"plug=" + f.Plug, "power_timeout=60", "shell_timeout=5", "login_timeout=20", "stonith_status_sleep=0.25",
	}
}

// TestSNMP_Families: every family that the agent knows, in versions 1 and 2c.
func TestSNMP_Families(t *testing.T) {
	t.Parallel()
	type trial struct {
		u        *sim.Unit
		off      <-chan outcome
		settings []string
		name     string
	}
	var trials []trial
	for _, f := range sim.Families {
		for _, version := range []string{"1", "2c"} {
			u, settings := pdu(t, f, sim.Misbehaviour{})
			settings = append(settings, "snmp_version="+version)
			trials = append(trials, trial{u, begin("fence_apc_snmp", append(settings, "action=off")...), settings, f.Name + "/" + version})
		}
	}
	for _, r := range trials {
		t.Run(r.name, func(t *testing.T) {
			o := end(t, r.off)
			require.Equal(t, outcome{0, "Success: Powered OFF\n", ""}, o)
			require.False(t, r.u.On())
			require.True(t, r.u.Others())
			for _, c := range []struct {
				action string
				code   int
				stdout string
			}{
				{"status", 2, "Status: OFF\n"},
				{"on", 0, "Success: Powered ON\n"},
				{"status", 0, "Status: ON\n"},
				{"monitor", 0, ""},
			} {
				o := call(t, "fence_apc_snmp", append(r.settings, "action="+c.action)...)
				require.Equal(t, outcome{c.code, c.stdout, ""}, o, c.action)
			}
			o = call(t, "fence_tripplite_snmp", append(r.settings, "action=list-status")...)
			require.Contains(t, o.stdout, r.u.Plug+",node7,ON\n")
			require.Equal(t, 0, o.code, o.stderr)
		})
	}
}

// TestSNMP_Misbehaviours: with every unit of the table, "off" is never said of an
// outlet that has power, and what can be done is done.
func TestSNMP_Misbehaviours(t *testing.T) {
	t.Parallel()
	type trial struct {
		m      sim.Misbehaviour
		action string
		u      *sim.Unit
		done   chan outcome
		on     bool
	}
	var trials []*trial
	for _, m := range sim.Misbehaviours() {
		for _, action := range []string{"off", "reboot"} {
			u, settings := pdu(t, sim.Families[0], m)
			settings = append(settings, "action="+action)
			if m.Plug != "" {
				settings = append(settings, "plug="+m.Plug)
			}
			if m.Waits {
				settings = append(settings, "power_timeout=3", "shell_timeout=2", "login_timeout=3")
			}
			r := &trial{m: m, action: action, u: u, done: make(chan outcome, 1)}
			go func() {
				o := <-begin("fence_apc_snmp", settings...)
				r.on = u.On()
				r.done <- o
			}()
			trials = append(trials, r)
		}
	}
	for _, r := range trials {
		t.Run(r.m.Name+"/"+r.action, func(t *testing.T) {
			o := end(t, r.done)
			said := fmt.Sprintf("%+v, %d commands", o, r.u.Sets())
			if o.code == 0 {
				require.NotZero(t, r.u.Offs(), "FALSE OFF: "+said)
				require.Equal(t, r.action == "reboot", r.on, "FALSE OFF: "+said)
			}
			require.Equal(t, r.m.Works, o.code == 0, said)
			require.Contains(t, o.stderr, r.m.Says)
			require.NotContains(t, o.stderr, sim.Community)
		})
	}
}
