package fence

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ipmiSim is a BMC of the OpenIPMI project in a process of its own, whose machine is a
// file.
type ipmiSim struct {
	dir, ip string
	port    int
	process *os.Process
}

// simScript is what ipmi_sim calls to read and change the power: SCRIPT MC get power, or
// SCRIPT MC set power 0.
const simScript = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
case "$2 $3" in
"get power") echo "power:$(cat power)" ;;
"set power") echo "$4" >>orders; [ -e stuck ] || echo "$4" >power ;;
esac
`

const simLan = `name "test"
set_working_mc 0x20
  startlan 1
    addr %s %d
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "%s/chassis.sh 0x20"
  user 1 true "" "test" user 10 none md2 md5 straight
  user 2 true "admin" "%s" admin 10 none md2 md5 straight
  user 3 true "watcher" "%s" user 10 none md2 md5 straight
`

const simEmu = "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n"

func startSim(t *testing.T, ip string) *ipmiSim {
	t.Helper()
	program, err := exec.LookPath("ipmi_sim")
	if err != nil {
		t.Skip("package openipmi is not installed: ipmi_sim is missing")
	}
	s := &ipmiSim{dir: t.TempDir(), ip: ip}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip)})
	require.NoError(t, err)
	s.port = conn.LocalAddr().(*net.UDPAddr).Port
	require.NoError(t, conn.Close())
	for name, text := range map[string]string{
		"chassis.sh": simScript, "power": "1\n", "emu": simEmu, "lan": fmt.Sprintf(simLan, ip, s.port, s.dir, secret, secret),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o755))
	}
	cmd := exec.Command(program, "-c", filepath.Join(s.dir, "lan"), "-f", filepath.Join(s.dir, "emu"), "-s", s.dir, "-n")
	require.NoError(t, cmd.Start())
	s.process = cmd.Process
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 20 {
		if s.act(map[string]string{"action": "monitor"}).code == 0 {
			return s
		}
	}
	t.Fatal("ipmi_sim does not answer")
	return nil
}

func (s *ipmiSim) on() bool {
	text, _ := os.ReadFile(filepath.Join(s.dir, "power"))
	return strings.TrimSpace(string(text)) == "1"
}

func (s *ipmiSim) act(more map[string]string) result {
	o := map[string]string{
		"ip": s.ip, "ipport": strconv.Itoa(s.port), "username": "admin", "password": secret, "lanplus": "1", "ipmitool_timeout": "300ms",
		"shell_timeout": "1500ms", "login_timeout": "3", "power_timeout": "4", "power_wait": "0",
	}
	for k, v := range more {
		o[k] = v
	}
	return act(o, s.on)
}

// TestIpmilan_Sim does every action against ipmi_sim, by both versions of IPMI and of IP.
func TestIpmilan_Sim(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ip      string
		options map[string]string
	}{
		"2.0":           {"127.0.0.1", nil},
		"2.0, suite 3":  {"127.0.0.1", map[string]string{"cipher": "3"}},
		"2.0 over IPv6": {"::1", nil},
		"1.5":           {"127.0.0.1", map[string]string{"lanplus": "0"}},
		"1.5, password": {"127.0.0.1", map[string]string{"lanplus": "0", "auth": "password"}},
		"1.5 over IPv6": {"::1", map[string]string{"lanplus": "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSim(t, c.ip)
			step := func(action, method string, code int, stdout string, on bool) {
				o := map[string]string{"action": action, "method": method}
				patient(o)
				for k, v := range c.options {
					o[k] = v
				}
				r := s.act(o)
				require.Equal(t, code, r.code, "%s %s: %s", action, method, r)
				require.Contains(t, r.stdout, stdout)
				require.Equal(t, on, r.on, "%s %s: %s", action, method, r)
			}
			step("status", "onoff", 0, "Status: ON", true)
			step("off", "onoff", 0, "Success: Powered OFF", false)
			step("status", "onoff", 2, "Status: OFF", false)
			step("off", "onoff", 0, "Success: Already OFF", false)
			step("monitor", "onoff", 0, "", false)
			step("on", "onoff", 0, "Success: Powered ON", true)
			step("reboot", "onoff", 0, "Success: Rebooted", true)
			step("reboot", "cycle", 0, "Success: Rebooted", true)
			step("diag", "onoff", 1, "", true) // ipmi_sim does not know it
		})
	}
}

// TestIpmilan_SimRefused are logins at ipmi_sim that cannot succeed.
func TestIpmilan_SimRefused(t *testing.T) {
	t.Parallel()
	s := startSim(t, "127.0.0.1")
	for name, c := range map[string]struct {
		options map[string]string
		text    string
	}{
		"wrong password":     {map[string]string{"password": "other"}, "the password is wrong"},
		"wrong user":         {map[string]string{"username": "root"}, "does not know the user"},
		"cipher not there":   {map[string]string{"cipher": "17"}, "does not support the cipher suite"},
		"off as user":        {map[string]string{"username": "watcher", "privlvl": "user"}, "correct privileges"},
		"1.5 wrong password": {map[string]string{"password": "other", "lanplus": "0"}, "password"},
		"1.5 wrong user":     {map[string]string{"username": "root", "lanplus": "0"}, "user"},
	} {
		t.Run(name, func(t *testing.T) {
			c.options["action"] = "off"
			r := s.act(c.options)
			require.Equal(t, 1, r.code, r)
			require.True(t, r.on)
			require.Contains(t, r.stderr, c.text)
			require.NotContains(t, r.stderr, secret)
		})
	}
}

// TestIpmilan_SimAway kills the BMC: before the call, and when the command has arrived.
func TestIpmilan_SimAway(t *testing.T) {
	t.Parallel()
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		s := startSim(t, "127.0.0.1")
		require.NoError(t, s.process.Kill())
		r := s.act(map[string]string{"action": "off"})
		require.Equal(t, 1, r.code, r)
		require.Contains(t, r.stderr, "no valid answer")
		require.Less(t, r.took, longest)
	})
	t.Run("half-way", func(t *testing.T) {
		t.Parallel()
		s := startSim(t, "127.0.0.1")
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, "stuck"), nil, 0o644))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		killed := make(chan error, 1)
		go func() {
			for ctx.Err() == nil {
				if text, _ := os.ReadFile(filepath.Join(s.dir, "orders")); len(text) > 0 {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			killed <- s.process.Kill()
		}()
		r := s.act(map[string]string{"action": "off"})
		cancel()
		require.NoError(t, <-killed)
		require.Equal(t, 1, r.code, r)
		require.True(t, r.on)
		require.Contains(t, r.stderr, "Timed out waiting to power OFF")
		require.Less(t, r.took, longest)
	})
}
