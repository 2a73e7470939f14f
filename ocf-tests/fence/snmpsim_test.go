package fence

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// masterSwitch is two outlets that remember what is written. The text stands for any
// community of that name and, in version 3, for whoever asks from this machine.
const masterSwitch = `1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.4.2
1.3.6.1.4.1.318.1.1.4.4.2.1.3.1|2:writecache|value=1
1.3.6.1.4.1.318.1.1.4.4.2.1.3.2|2:writecache|value=1
1.3.6.1.4.1.318.1.1.4.4.2.1.4.1|4|node1
1.3.6.1.4.1.318.1.1.4.4.2.1.4.2|4|node2
`

// snmpsim starts Debian's SNMP simulator with one user of version 3, and returns its
// port.
func snmpsim(t *testing.T, user ...string) string {
	t.Helper()
	const program = "/usr/bin/snmpsimd"
	if _, err := os.Stat(program); err != nil {
		t.Skip("package snmpsim is not installed: " + program + " is missing")
	}
	dir := t.TempDir()
	for _, name := range []string{"unit", "1.3.6.1.6.1.1.0/127.0.0.1"} {
		file := filepath.Join(dir, "data", name+".snmprec")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(masterSwitch), 0o644))
	}
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	port := strconv.Itoa(free.LocalAddr().(*net.UDPAddr).Port)
	require.NoError(t, free.Close())
	args := []string{
		program, "--data-dir=" + filepath.Join(dir, "data"), "--cache-dir=" + filepath.Join(dir, "cache"),
		"--agent-udpv4-endpoint=127.0.0.1:" + port,
	}
	if os.Getuid() == 0 {
		args = append(args, "--process-user=root", "--process-group=root")
	}
	cmd := exec.Command(stockPython, append(args, user...)...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	require.Eventually(t, func() bool {
		return call(t, "fence_apc_snmp", "ip=127.0.0.1", "ipport="+port, "community=unit", "action=monitor", "login_timeout=1").code == 0
	}, time.Minute, 100*time.Millisecond, "snmpsim does not answer")
	return port
}

// TestSNMP_Snmpsim: versions 1, 2c and 3 with an agent that is not ours.
func TestSNMP_Snmpsim(t *testing.T) {
	t.Parallel()
	port := snmpsim(t, "--v3-user=fencer", "--v3-auth-key=authpass1234", "--v3-auth-proto=SHA", "--v3-priv-key=privpass1234", "--v3-priv-proto=AES")
	v3 := []string{"snmp_version=3", "username=fencer", "password=authpass1234", "snmp_auth_prot=SHA", "snmp_priv_passwd=privpass1234", "snmp_priv_prot=AES"}
	for _, c := range []struct {
		name    string
		options []string
		code    int
		stdout  string
		stderr  string
	}{
		{"version 1, list", []string{"community=unit", "action=list-status"}, 0, "1,node1,ON\n2,node2,ON\n", ""},
		{"version 1, off", []string{"community=unit", "action=off"}, 0, "Success: Powered OFF\n", ""},
		{"version 2c, status", []string{"community=unit", "action=status", "snmp_version=2c"}, 2, "Status: OFF\n", ""},
		{"version 2c, on", []string{"community=unit", "action=on", "snmp_version=2c"}, 0, "Success: Powered ON\n", ""},
		{"version 2c, no such plug", []string{"community=unit", "action=off", "snmp_version=2c", "plug=7"}, 1, "", "there is no such object"},
		{"version 1, no such plug", []string{"community=unit", "action=off", "plug=7"}, 1, "", "there is no such object"},
		{"another community", []string{"community=none", "action=off", "login_timeout=2"}, 1, "", "community: a wrong one gets no answer"},
		{"version 3, list", append(v3, "action=list"), 0, "1,node1\n2,node2\n", ""},
		{"version 3, off", append(v3, "action=off"), 0, "Success: Powered OFF\n", ""},
		{"version 3, both", append(v3, "action=off", "plug=1,node2"), 0, "Success: Powered OFF\n", ""},
		{"version 3, status", append(v3, "action=status", "plug=1"), 2, "Status: OFF\n", ""},
		{"version 3, reboot", append(v3, "action=reboot"), 0, "Success: Rebooted\n", ""},
		{"version 3, wrong password", append(v3, "action=off", "password=authpass9999"), 1, "", "check username, password"},
		{"version 3, wrong privacy", append(v3, "action=off", "snmp_priv_passwd=privpass9999", "login_timeout=3"), 1, "", "check"},
		{"version 3, no password", []string{"snmp_version=3", "username=fencer", "action=off"}, 1, "", "unknown security level"},
		{"version 3, short password", append(v3, "action=off", "password=short"), 1, "", "8 characters"},
		{"version 3, no user", append(v3, "action=off", "username="), 1, "", "needs a username"},
	} {
		t.Run(c.name, func(t *testing.T) {
			options := append([]string{"ip=127.0.0.1", "ipport=" + port, "plug=node2", "shell_timeout=20", "login_timeout=20"}, c.options...)
			o := call(t, "fence_apc_snmp", options...)
			require.Equal(t, c.code, o.code, o.stderr)
			require.Equal(t, c.stdout, o.stdout)
			require.Contains(t, o.stderr, c.stderr)
			for _, secret := range []string{"authpass", "privpass"} {
				require.NotContains(t, o.stderr, secret)
			}
		})
	}
}
