package openstack

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
)

func (s *site) wait(action string, vars ...string) ocftest.Result {
	a := ComputeWait(func() string { return "/usr/bin/systole-agents" }, s.nova)
	return ocftest.Do(a, s.Machine, action, append(append([]string{"CRM_meta_timeout=600000"}, vars...), login...)...)
}

func TestWaitAgent(t *testing.T) {
	ocftest.Check(t, ComputeWait(func() string { return "" }, newSite().nova))
}

func TestWait(t *testing.T) {
	const (
		state       = "/run/resource-agents/rsc.active"
		environment = "/run/resource-agents/nova-compute-wait-rsc.environment"
		drop        = "/run/systemd/system/openstack-nova-compute.service.d/unfence-20.conf"
	)
	s := newSite()
	s.fenced("systole: evacuating since 2026-11-26T11:59:00Z by ctl-1")
	s.mark("ctl-1@17")
	s.events[20*time.Second] = func() { s.mark("no") }
	require.Equal(t, ocf.NotRunning, s.wait("monitor").Code)
	res := s.wait("start", "evacuation_delay=30")
	require.Equal(t, ocf.Success, res.Code, res)
	require.GreaterOrEqual(t, s.Time.Sub(ocftest.New().Time), 50*time.Second)
	require.Equal(t, "no", s.marked(), "nova-compute has not started yet")
	require.Empty(t, s.told)
	require.Equal(t, ocf.Success, s.wait("monitor").Code)
	require.Contains(t, s.Files[drop].Data, "\nExecStartPost=+/usr/bin/systole-agents work nova-compute-wait rsc\n")
	require.NotContains(t, s.Files[drop].Data, "hush")
	require.Contains(t, s.Files[environment].Data, "OCF_RESKEY_password=hush\n")
	require.EqualValues(t, 0o600, s.Files[environment].Mode)
	require.Contains(t, res.Changes, "run systemctl daemon-reload")
	require.Empty(t, s.wait("start").Changes)

	// Systemd starts nova-compute and calls the worker.
	s.Procs[50] = ocf.Process{PID: 50, Start: 50, Args: []string{"/usr/bin/python3", "/usr/bin/nova-compute"}}
	s.refusals = 2
	environ := append(ocftest.Env("CRM_meta_timeout=600000"), strings.Fields(s.Files[environment].Data)...)
	res = ocftest.DoEnv(Unfence(s.nova), s.Machine, "start", environ)
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"unforce", "unforce", "unforce", "enable"}, s.told)
	require.Empty(t, s.marked())

	res = s.wait("stop")
	require.Equal(t, ocf.Success, res.Code, res)
	for _, file := range []string{state, environment, drop} {
		require.NotContains(t, s.Files, file)
	}
	require.Empty(t, s.wait("stop").Changes)
	require.Equal(t, ocf.NotRunning, s.wait("monitor").Code)

	res = s.wait("start", "unit=none")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"write " + state}, res.Changes)
}
