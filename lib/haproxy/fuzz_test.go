package haproxy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzAnswers: whatever comes from a stats socket, a process that is named has a
// number that a process can have, so that no signal goes to a group or to all.
func FuzzAnswers(f *testing.F) {
	f.Add("Name: HAProxy\nVersion: 2.6.12\nPid: 17\nUptime_sec: 5\nCurrConns: 2\nStopping: 0\n")
	f.Add("#<PID> <type> <reloads> <uptime> <version>\n17 master 0 [failed: 1] 0d00h01m 2.6.12\n# workers\n18 worker 0 0d 2.6\n# old workers\n-1 worker 1 0d 2.6\n")
	f.Add("1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_port\n3 db 1 n1 10.0.0.1 2 0 3306\n")
	f.Add("# pxname,svname,status,scur\ndb,n1,UP,3\n")
	f.Fuzz(func(t *testing.T, text string) {
		if in, err := ParseInfo(text); err == nil {
			require.Positive(t, in.PID)
		}
		if p, err := ParseProc(text); err == nil {
			require.Positive(t, p.Master)
			for _, w := range p.Workers {
				require.Positive(t, w.PID)
			}
		}
		_, _ = ParseStat(text)
		_, _ = ParseServers(text)
		if a, ok := ParseAddress(text); ok {
			require.NotEqual(t, Address{}, a)
		}
		_ = Complaint(text)
	})
}
