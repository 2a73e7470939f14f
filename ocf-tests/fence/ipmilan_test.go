package fence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
	"systole/fence/fencing/host"
	"systole/fence/suite"
	sim "systole/ocf-tests/bmc/ipmi"
)

// result is the end of one call of an agent.
type result struct {
	code           int
	stdout, stderr string
	took           time.Duration
	on             bool // the truth when the agent returned
}

func (r result) String() string {
	return fmt.Sprintf("code %d after %s, machine on: %v\n%s%s", r.code, r.took.Round(time.Millisecond), r.on, r.stdout, r.stderr)
}

// act runs fence_ipmilan in this process, with its options on standard input.
func act(options map[string]string, truth func() bool) result {
	var in strings.Builder
	for k, v := range options {
		fmt.Fprintf(&in, "%s=%s\n", k, v)
	}
	var out, errs bytes.Buffer
	began := time.Now()
	r := result{code: suite.Main(host.Process{Args: []string{"fence_ipmilan"}, Environ: []string{"PATH=/usr/bin:/bin"}, Stdin: strings.NewReader(in.String()), Stdout: &out, Stderr: &errs, Began: began, Quiet: true})}
	r.on, r.took = truth(), time.Since(began)
	r.stdout, r.stderr = out.String(), errs.String()
	return r
}

// fast are options with which a case is over soon.
func fast(b *sim.BMC, more map[string]string) map[string]string {
	o := map[string]string{
		"ip": b.Address(), "ipport": strconv.Itoa(b.Port()), "username": "admin", "password": secret, "lanplus": "1", "ipmitool_timeout": "300ms",
		"shell_timeout": "1500ms", "login_timeout": "4", "power_timeout": "5", "power_wait": "2", "action": "off",
	}
	for k, v := range more {
		if v == "" {
			delete(o, k)
		} else {
			o[k] = v
		}
	}
	return o
}

// patient gives options times that what succeeds does not come to, however busy the
// machine is.
func patient(options map[string]string) {
	for _, name := range []string{"shell_timeout", "login_timeout", "power_timeout"} {
		options[name] = "60"
	}
}

const secret = "Kenn-w0rt"

// longest is how long off may take with the options of fast: power_wait, power_timeout,
// and one login and call on top; the rest is for a busy machine.
const longest = 2*time.Second + 5*time.Second + 4*time.Second + 1500*time.Millisecond + 15*time.Second

// TestIpmilan_Liars turns machines off through BMCs that misbehave in every way that the
// simulation knows. It must never say off while the machine is on, must end in time, and
// must succeed where it can.
func TestIpmilan_Liars(t *testing.T) {
	t.Parallel()
	versions := map[string]map[string]string{
		"2.0":          {},
		"2.0 suite 3":  {"cipher": "3"},
		"1.5":          {"lanplus": "0"},
		"1.5 password": {"lanplus": "0", "auth": "password"},
	}
	type cell struct {
		name string
		b    sim.Behaviour
		r    result
		err  error
	}
	var cells []*cell
	var all sync.WaitGroup
	for version, options := range versions {
		for _, b := range sim.Behaviours() {
			suite3 := version == "2.0 suite 3"
			if b.Plus && (options["lanplus"] == "0" || suite3) {
				continue
			}
			if version == "1.5 password" && b.Name == "wrong integrity code" {
				continue // the password itself is the code: covered by 1.5
			}
			c := &cell{name: version + ": " + b.Name, b: b}
			cells = append(cells, c)
			all.Go(func() {
				dev, err := sim.Start(sim.Config{User: "admin", Password: secret, Behaviour: b})
				if c.err = err; err != nil {
					return
				}
				defer dev.Close()
				more := map[string]string{}
				maps.Copy(more, options)
				if !b.Fails {
					patient(more)
				}
				c.r = act(fast(dev, more), dev.Host.On)
			})
		}
	}
	all.Wait()
	require.Greater(t, len(cells), 100)
	for _, c := range cells {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.err)
			if c.r.code == 0 {
				require.False(t, c.r.on, "FALSE OFF: %s", c.r)
			}
			require.Equal(t, c.b.Fails, c.r.code != 0, c.r)
			if c.b.Fails {
				require.Less(t, c.r.took, longest, c.r)
			}
			require.NotContains(t, c.r.stderr, secret)
			require.NotContains(t, c.r.stderr, "panic")
		})
	}
}

// TestIpmilan_Actions does every action against an honest BMC.
func TestIpmilan_Actions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		off     bool
		options map[string]string
		code    int
		stdout  string
		on      bool
	}{
		"status":            {false, map[string]string{"action": "status"}, 0, "Status: ON", true},
		"status, off":       {true, map[string]string{"action": "status"}, 2, "Status: OFF", false},
		"monitor":           {true, map[string]string{"action": "monitor"}, 0, "", false},
		"on":                {true, map[string]string{"action": "on"}, 0, "Success: Powered ON", true},
		"on, on already":    {false, map[string]string{"action": "on"}, 0, "Success: Already ON", true},
		"off":               {false, map[string]string{"action": "off"}, 0, "Success: Powered OFF", false},
		"off, off already":  {true, map[string]string{"action": "off"}, 0, "Success: Already OFF", false},
		"reboot":            {false, map[string]string{"action": "reboot"}, 0, "Success: Rebooted", true},
		"reboot, off":       {true, map[string]string{"action": "reboot"}, 0, "Success: Rebooted", true},
		"cycle":             {false, map[string]string{"action": "reboot", "method": "cycle"}, 0, "Success: Rebooted", true},
		"cycle, off":        {true, map[string]string{"action": "reboot", "method": "cycle"}, 0, "Success: Rebooted", true},
		"diag":              {false, map[string]string{"action": "diag"}, 0, "Success: Diagnostic interrupt sent", true},
		"validate-all":      {false, map[string]string{"action": "validate-all"}, 0, "", true},
		"operator":          {false, map[string]string{"action": "off", "privlvl": "operator"}, 0, "Success: Powered OFF", false},
		"user sees":         {false, map[string]string{"action": "status", "privlvl": "user"}, 0, "Status: ON", true},
		"beside pacemaker":  {false, map[string]string{"action": "off", "disable_timeout": "1"}, 0, "Success: Powered OFF", false},
		"plug for address":  {false, map[string]string{"action": "status", "port_as_ip": "1", "plug": "127.0.0.1", "ip": ""}, 0, "Status: ON", true},
		"1.5":               {false, map[string]string{"action": "reboot", "lanplus": "0"}, 0, "Success: Rebooted", true},
		"1.5 with password": {false, map[string]string{"action": "reboot", "lanplus": "0", "auth": "password"}, 0, "Success: Rebooted", true},
		"1.5 with none":     {false, map[string]string{"action": "off", "lanplus": "0", "auth": "none"}, 0, "Success: Powered OFF", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := sim.Start(sim.Config{User: "admin", Password: secret, Off: c.off})
			require.NoError(t, err)
			defer b.Close()
			c.options["power_wait"] = "0"
			patient(c.options)
			r := act(fast(b, c.options), b.Host.On)
			require.Equal(t, c.code, r.code, r)
			require.Contains(t, r.stdout, c.stdout, r)
			require.Equal(t, c.on, r.on, r)
			require.Zero(t, b.Sessions(), "a session was left open")
		})
	}
}

// TestIpmilan_Refused are logins that cannot succeed, each with its reason.
func TestIpmilan_Refused(t *testing.T) {
	t.Parallel()
	kg := []byte("0123456789abcdefghij")
	for name, c := range map[string]struct {
		config  sim.Config
		options map[string]string
		text    string
	}{
		"wrong password":         {sim.Config{}, map[string]string{"password": "other"}, "the password is wrong"},
		"no password":            {sim.Config{}, map[string]string{"password": ""}, "the password is wrong"},
		"wrong user":             {sim.Config{}, map[string]string{"username": "root"}, "does not know the user"},
		"K_g missing":            {sim.Config{Kg: kg}, map[string]string{}, "the BMC has one, give it"},
		"K_g wrong":              {sim.Config{Kg: kg}, map[string]string{"hexadecimal_kg": "00ff"}, "check hexadecimal_kg"},
		"cipher not there":       {sim.Config{Ciphers: []int{3}}, map[string]string{"cipher": "17"}, "does not support the cipher suite"},
		"cipher 0":               {sim.Config{}, map[string]string{"cipher": "0"}, "cipher suite 0 is not supported"},
		"cipher x":               {sim.Config{}, map[string]string{"cipher": "x"}, "no number of a cipher suite"},
		"privilege":              {sim.Config{Level: 3}, map[string]string{}, "privlvl=operator"},
		"user may not turn off":  {sim.Config{}, map[string]string{"privlvl": "user"}, "correct privileges"},
		"target":                 {sim.Config{}, map[string]string{"target": "0x24"}, "target 0x24"},
		"long password":          {sim.Config{}, map[string]string{"password": strings.Repeat("x", 21)}, "21 bytes"},
		"long password for 1.5":  {sim.Config{}, map[string]string{"password": strings.Repeat("x", 17), "lanplus": "0"}, "17 bytes"},
		"K_g no hex":             {sim.Config{}, map[string]string{"hexadecimal_kg": "geheim"}, "hexadecimal digits"},
		"1.5 wrong password":     {sim.Config{}, map[string]string{"password": "other", "lanplus": "0"}, "the password may be wrong"},
		"1.5 wrong user":         {sim.Config{}, map[string]string{"username": "root", "lanplus": "0"}, "does not know the user"},
		"1.5 privilege":          {sim.Config{Level: 3}, map[string]string{"lanplus": "0"}, "privlvl=operator"},
		"nobody there":           {sim.Config{}, map[string]string{"ipport": "9"}, "no valid answer"},
		"no such name":           {sim.Config{}, map[string]string{"ip": "bmc.invalid"}, "look up the BMC bmc.invalid"},
		"no such privilege name": {sim.Config{}, map[string]string{"privlvl": "root"}, "is not one of callback"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.config.User, c.config.Password = "admin", secret
			b, err := sim.Start(c.config)
			require.NoError(t, err)
			defer b.Close()
			options := fast(b, c.options)
			r := act(options, b.Host.On)
			require.Equal(t, 1, r.code, r)
			require.True(t, r.on, r)
			require.Contains(t, r.stderr, c.text)
			for _, hidden := range []string{secret, options["hexadecimal_kg"]} {
				if hidden != "" {
					require.NotContains(t, r.stderr, hidden)
				}
			}
			require.Less(t, r.took, longest)
		})
	}
}

// TestIpmilan_Kg logs in with a key of the BMC, over IPv6, and shows the evidence.
func TestIpmilan_Kg(t *testing.T) {
	t.Parallel()
	kg := []byte("0123456789abcdefghij")
	b, err := sim.Start(sim.Config{User: "admin", Password: secret, Kg: kg, Network: "udp6"})
	require.NoError(t, err)
	defer b.Close()
	r := act(fast(b, map[string]string{"hexadecimal_kg": fmt.Sprintf("%x", kg), "evidence": "-", "quiet": "1"}), b.Host.On)
	require.Zero(t, r.code, r)
	require.False(t, r.on)
	var e fencing.Evidence
	require.NoError(t, json.Unmarshal([]byte(r.stderr), &e), r.stderr)
	require.Equal(t, "::1", e.Device)
	require.Contains(t, r.stderr, "power off")
}
