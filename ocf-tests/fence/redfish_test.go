package fence

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing/host"
	"systole/fence/suite"
	sim "systole/ocf-tests/bmc/redfish"
)

// outcome is the end of a call of an agent.
type outcome struct {
	code           int
	stdout, stderr string
}

// begin runs an agent in this process with options on standard input, as the cluster
// does.
func begin(agent string, options ...string) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		var out, errs bytes.Buffer
		code := suite.Main(host.Process{
			Args: []string{agent}, Stdin: strings.NewReader(strings.Join(options, "\n")),
			Stdout: &out, Stderr: &errs, Quiet: true, Began: time.Now(),
		})
		done <- outcome{code, out.String(), errs.String()}
	}()
	return done
}

// end waits for it. One that hangs fails the test.
func end(t *testing.T, done <-chan outcome) outcome {
	t.Helper()
	select {
	case o := <-done:
		return o
	case <-time.After(2 * time.Minute):
		require.FailNow(t, "the agent hangs")
		return outcome{}
	}
}

func call(t *testing.T, agent string, options ...string) outcome {
	t.Helper()
	return end(t, begin(agent, options...))
}

// controller starts a controller and returns the options for it.
func controller(t *testing.T, m sim.Misbehaviour, on bool) (*sim.Service, []string) {
	t.Helper()
	s, err := sim.Start(m, on)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, s.CA, 0o600))
	address, port, err := net.SplitHostPort(s.Addr)
	require.NoError(t, err)
	return s, []string{
		"ip=" + address, "ipport=" + port, "username=" + sim.User, "password=" + sim.Password, "ca_file=" + ca,
		"power_timeout=60", "shell_timeout=30", "login_timeout=30", "stonith_status_sleep=0.25",
	}
}

// trial is a call against a controller that misbehaves, and the truth at its end.
type trial struct {
	sim.Misbehaviour
	action string
	s      *sim.Service
	done   chan outcome
	on     bool // when the agent had spoken
}

// start runs it beside others: nearly all of its time is waiting. What ends by itself
// has time to do so on a slow machine.
func (r *trial) start(t *testing.T, slots chan struct{}) {
	s, options := controller(t, r.Misbehaviour, true)
	options = append(options, "action="+r.action)
	switch r.Ends {
	case sim.ByPowerTimeout:
		options = append(options, "power_timeout=3")
	case sim.BySilence:
		options = append(options, "power_timeout=3", "shell_timeout=2", "login_timeout=3")
	}
	r.s, r.done = s, make(chan outcome, 1)
	go func() {
		slots <- struct{}{}
		o := <-begin("fence_redfish", options...)
		r.on = s.On()
		<-slots
		r.done <- o
	}()
}

func (r *trial) check(t *testing.T) {
	o := end(t, r.done)
	said := fmt.Sprintf("%+v, %d resets", o, r.s.Resets())
	if o.code == 0 && r.action == "off" {
		require.False(t, r.on, "FALSE OFF: "+said)
	}
	if o.code == 0 {
		require.NotZero(t, r.s.Offs(), "FALSE OFF: "+said)
	}
	require.Equal(t, r.Works, o.code == 0, said)
	require.Contains(t, o.stderr, r.Says)
	require.NotContains(t, o.stderr, sim.Password)
	require.NotContains(t, o.stderr, "token-of-session")
	if r.Works && r.action == "reboot" {
		require.True(t, r.on, said)
	}
	open, made := r.s.Sessions()
	require.Zero(t, open, "sessions are left of %d", made)
}

// TestRedfish_Misbehaviours: with every controller of the table, "off" is never said of
// a machine that has power, a reboot never of one that kept it, and what can be done
// is done.
func TestRedfish_Misbehaviours(t *testing.T) {
	t.Parallel()
	var trials []*trial
	slots := make(chan struct{}, 48) // more would wait for the processor
	for _, m := range sim.Misbehaviours() {
		for _, action := range []string{"off", "reboot"} {
			r := &trial{Misbehaviour: m, action: action}
			r.start(t, slots)
			trials = append(trials, r)
		}
	}
	for _, r := range trials {
		t.Run(r.Name+"/"+r.action, r.check)
	}
}

func misbehaviour(name string) sim.Misbehaviour {
	list := sim.Misbehaviours()
	return list[slices.IndexFunc(list, func(m sim.Misbehaviour) bool { return m.Name == name })]
}

// TestRedfish_Honest: the actions with a controller that is as it should be.
func TestRedfish_Honest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on      bool
		options []string
		code    int
		stdout  string
		on2     bool // afterwards
	}{
		"status on":         {true, []string{"action=status"}, 0, "Status: ON\n", true},
		"status off":        {false, []string{"action=status"}, 2, "Status: OFF\n", false},
		"monitor":           {false, []string{"action=monitor"}, 0, "", false},
		"on":                {false, []string{"action=on"}, 0, "Success: Powered ON\n", true},
		"on already":        {true, []string{"action=on"}, 0, "Success: Already ON\n", true},
		"off":               {true, []string{"action=off"}, 0, "Success: Powered OFF\n", false},
		"off already":       {false, []string{"action=off"}, 0, "Success: Already OFF\n", false},
		"reboot":            {true, nil, 0, "Success: Rebooted\n", true},
		"reboot of off":     {false, nil, 0, "Success: Rebooted\n", true},
		"diag":              {true, []string{"action=diag"}, 0, "Success: Diagnostic interrupt sent\n", true},
		"system given":      {true, []string{"action=status", "systems_uri=/redfish/v1/Systems/node7"}, 0, "Status: ON\n", true},
		"slash":             {true, []string{"action=status", "redfish_uri=/redfish/v1/"}, 0, "Status: ON\n", true},
		"old names":         {true, []string{"action=status", "systems-uri=/redfish/v1/Systems", "redfish-uri=/redfish/v1"}, 0, "Status: ON\n", true},
		"insecure":          {true, []string{"action=status", "ca_file=", "ssl_insecure=1"}, 0, "Status: ON\n", true},
		"no trust":          {true, []string{"action=off", "ca_file="}, 1, "", true},
		"secure wins":       {true, []string{"action=off", "ca_file=", "ssl_insecure=1", "ssl_secure=1"}, 1, "", true},
		"no such CA":        {true, []string{"action=off", "ca_file=/nonexistent"}, 1, "", true},
		"wrong password":    {true, []string{"action=off", "password=x"}, 1, "", true},
		"plain HTTP":        {true, []string{"action=off", "ssl=0"}, 1, "", true},
		"no such system":    {true, []string{"action=off", "systems_uri=/redfish/v1/Systems/x"}, 1, "", true},
		"an address, whole": {true, []string{"action=off", "systems_uri=https://127.0.0.1/redfish/v1/Systems/x"}, 1, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, options := controller(t, misbehaviour("honest"), c.on)
			o := call(t, "fence_redfish", append(options, c.options...)...)
			require.Equal(t, c.code, o.code, o.stderr)
			require.Equal(t, c.stdout, o.stdout, o.stderr)
			require.Equal(t, c.on2, s.On())
			require.NotContains(t, o.stderr, sim.Password)
			if name == "no trust" || name == "secure wins" {
				require.Contains(t, o.stderr, "ca_file")
				require.Zero(t, s.Asked(), "a controller that is not trusted was told something")
			}
			open, _ := s.Sessions()
			require.Zero(t, open)
		})
	}
}

// TestRedfish_OtherCertificate: nothing is told to a controller that shows another
// certificate than the one that is trusted.
func TestRedfish_OtherCertificate(t *testing.T) {
	other, _ := controller(t, misbehaviour("honest"), true)
	s, options := controller(t, misbehaviour("honest"), true)
	ca := filepath.Join(t.TempDir(), "other.pem")
	require.NoError(t, os.WriteFile(ca, other.CA, 0o600))
	o := call(t, "fence_redfish", append(options, "action=off", "ca_file="+ca)...)
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, "ca_file")
	require.Contains(t, o.stderr, "certificate")
	require.Zero(t, s.Asked())
	require.True(t, s.On())
}

// TestRedfish_Gone: nobody listens.
func TestRedfish_Gone(t *testing.T) {
	o := call(t, "fence_redfish", "ip="+sim.Elsewhere, "username=x", "password=y", "action=off", "power_timeout=2", "login_timeout=1")
	require.Equal(t, 1, o.code)
	require.Contains(t, o.stderr, "Connection lost")
}
