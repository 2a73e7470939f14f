package openstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/openstack/api"
)

// site is a machine, a nova, and what happens while time passes.
type site struct {
	*ocftest.Machine
	services    []api.Service
	servers     []api.Server
	evacuations []api.Migration
	away        error // nova does not answer
	refusals    int   // of taking back that the host is forced down
	told        []string
	waited      time.Duration
	events      map[time.Duration]func() // what happens when so much time has passed
	dies        bool                     // nova-compute, at once
}

const here = "node1"

func newSite() *site {
	s := &site{Machine: ocftest.New(), events: map[time.Duration]func(){}}
	s.services = []api.Service{{ID: "id-1", Host: here, Enabled: true}, {ID: "id-2", Host: "node2", Enabled: true, Up: true}}
	s.Files["/etc/nova"] = ocftest.Dir()
	s.Files["/etc/nova/nova.conf"] = ocftest.File{Data: "[DEFAULT]\n"}
	s.Files["/run/systemd/system"] = ocftest.Dir()
	s.OnCommand = func(_ *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
		if strings.HasSuffix(c.Path, "attrd_updater") && slices.Contains(c.Args, "-D") {
			s.mark("")
		}
		return ocf.Output{}, nil
	}
	s.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		if !s.dies {
			m.Procs[50] = ocf.Process{PID: 50, Start: 50, Args: append([]string{"/usr/bin/python3", d.Path}, d.Args...)}
		}
		return 50, nil
	}
	s.OnSleep = func(m *ocftest.Machine) {
		s.waited = m.Time.Sub(ocftest.New().Time)
		for at, event := range s.events {
			if s.waited >= at {
				delete(s.events, at)
				event()
			}
		}
		// A nova-compute that runs reports itself.
		s.services[0].Up = len(m.Procs) > 0 && !s.services[0].ForcedDown
	}
	return s
}

func (s *site) nova(context.Context, api.Credentials) (Nova, error) { return s, s.away }

func (s *site) ComputeServices(context.Context, string) ([]api.Service, error) {
	return slices.Clone(s.services), s.away
}

func (s *site) Servers(context.Context, string) ([]api.Server, error) { return s.servers, s.away }

func (s *site) Evacuations(context.Context, string) ([]api.Migration, error) {
	return s.evacuations, s.away
}

func (s *site) tell(id, what string) *api.Service {
	s.told = append(s.told, what)
	return &s.services[slices.IndexFunc(s.services, func(v api.Service) bool { return v.ID == id })]
}

func (s *site) UnforceService(_ context.Context, id string) error {
	svc := s.tell(id, "unforce")
	if len(s.Procs) == 0 {
		panic("taken back before nova-compute runs")
	}
	if s.refusals > 0 {
		s.refusals--
		return fmt.Errorf("%w: records remain", api.ErrBadRequest)
	}
	svc.ForcedDown = false
	return nil
}

func (s *site) EnableService(_ context.Context, id string) error {
	svc := s.tell(id, "enable")
	if !svc.Up {
		panic("enabled before it is up")
	}
	svc.Enabled, svc.DisabledReason = true, ""
	return nil
}

// mark sets the attribute of this node, or deletes it.
func (s *site) mark(value string) {
	if s.Attributes["evacuate"] = value; value == "" {
		delete(s.Attributes, "evacuate")
	}
}

func (s *site) marked() string { return s.Attributes["evacuate"] }

func (s *site) fenced(reason string) {
	s.services[0] = api.Service{ID: "id-1", Host: here, ForcedDown: true, DisabledReason: reason}
}

func (s *site) compute(action string, vars ...string) ocftest.Result {
	env := append([]string{"CRM_meta_timeout=600000"}, vars...)
	return ocftest.Do(NovaCompute(s.nova), s.Machine, action, append(env, login...)...)
}

func TestComputeAgent(t *testing.T) { ocftest.Check(t, NovaCompute(newSite().nova)) }

func TestCompute_FirstStart(t *testing.T) {
	s := newSite()
	require.Equal(t, ocf.NotRunning, s.compute("monitor").Code)
	res := s.compute("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"start /usr/bin/nova-compute"}, res.Changes)
	require.Empty(t, s.told)
	require.Less(t, s.waited, 10*time.Second)
	require.Equal(t, ocf.Success, s.compute("monitor").Code)
	require.Equal(t, ocf.Success, s.compute("monitor", "OCF_CHECK_LEVEL=10").Code)
	require.Empty(t, s.compute("start").Changes)
	require.Equal(t, ocf.Success, s.compute("stop").Code)
	require.Empty(t, s.compute("stop").Changes)
	require.Equal(t, ocf.NotRunning, s.compute("monitor").Code)
}

// The whole way back of a host that was evacuated.
func TestCompute_Return(t *testing.T) {
	s := newSite()
	s.fenced("systole: evacuating since 2026-11-26T11:59:00Z by ctl-1")
	s.mark("yes")
	s.refusals = 3
	s.evacuations = []api.Migration{{Status: "accepted"}}
	var started time.Duration
	start := s.OnStart
	s.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		started = m.Time.Sub(ocftest.New().Time)
		require.Contains(t, d.Env, "LIBGUESTFS_ATTACH_METHOD=appliance")
		require.Equal(t, "nova", d.User)
		return start(m, d)
	}
	s.events[10*time.Second] = func() { s.mark("ctl-1@1700000000") }
	s.events[30*time.Second] = func() { s.mark("no") }
	s.events[50*time.Second] = func() { s.evacuations = nil }
	res := s.compute("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.GreaterOrEqual(t, started, 50*time.Second+120*time.Second, "evacuation_delay after the last evacuation")
	require.Equal(t, []string{"unforce", "unforce", "unforce", "unforce", "enable"}, s.told)
	require.Empty(t, s.marked(), "the next start has nothing to wait for")
	require.Equal(t, api.Service{ID: "id-1", Host: here, Up: true, Enabled: true}, s.services[0])
	require.Contains(t, strings.Join(res.Log, "\n"), "waiting for the evacuation of node1 by NovaEvacuate on ctl-1")
}

func TestCompute_Waits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *site)
		reason string
	}{
		"not begun":          {func(s *site) { s.mark("yes") }, "which NovaEvacuate has not begun"},
		"under way":          {func(s *site) { s.mark("ctl@12") }, "by NovaEvacuate on ctl"},
		"odd":                {func(s *site) { s.mark("perhaps") }, `is "perhaps", not understood`},
		"nova is away":       {func(s *site) { s.away = errors.New("no answer") }, "nova cannot be asked whether servers of node1 are being evacuated: no answer"},
		"an evacuation runs": {func(s *site) { s.evacuations = make([]api.Migration, 2) }, "waiting for 2 evacuations from node1"},
		"attribute is lost":  {func(s *site) { s.fenced("systole: evacuating since 2026-11-26T11:59:00Z by ctl-1") }, "of which the cluster has lost the attribute"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			c.change(s)
			res := s.compute("start", "CRM_meta_timeout=60000")
			require.Equal(t, ocf.ErrGeneric, res.Code)
			require.Empty(t, res.Changes, "nothing is started")
			require.Contains(t, strings.Join(res.Log, "\n"), c.reason)
		})
	}
}

func TestCompute_Enable(t *testing.T) {
	for reason, want := range map[string]bool{"": true, "systole: evacuated 2026-11-26T11:59:00Z: 3 moved": true, "broken memory, ticket 7": false} {
		s := newSite()
		s.fenced(reason)
		s.mark("no")
		res := s.compute("start", "evacuation_delay=0")
		require.Equal(t, ocf.Success, res.Code, res)
		require.Equal(t, want, s.services[0].Enabled, reason)
		require.False(t, s.services[0].ForcedDown)
	}
}

func TestCompute_HandOver(t *testing.T) {
	for name, c := range map[string]struct {
		vars   []string
		change func(s *site)
		fenced bool
		reason string
	}{
		"off by default":      {nil, func(*site) {}, false, "nova-compute has ended soon after each of 3 starts"},
		"on":                  {[]string{"handover=yes"}, func(*site) {}, true, "this node was handed over to fencing"},
		"no server runs":      {[]string{"handover=yes"}, func(s *site) { s.servers[0].State = "stopped" }, false, "no server runs on it"},
		"others are down too": {[]string{"handover=yes"}, func(s *site) { s.services[1].Up = false }, false, "only 0 of 1 other hosts are up"},
		"nova is away":        {[]string{"handover=yes"}, func(s *site) { s.events[3*time.Second] = func() { s.away = errors.New("gone") } }, false, "nova cannot be asked for its servers: gone"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			s.dies = true
			s.servers = []api.Server{{ID: "u", State: "active"}}
			c.change(s)
			res := s.compute("start", c.vars...)
			require.Equal(t, ocf.ErrGeneric, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			fenced := slices.ContainsFunc(res.Changes, func(l string) bool { return strings.Contains(l, "stonith_admin --reboot node1") })
			require.Equal(t, c.fenced, fenced)
		})
	}
}

func TestCompute_Stop(t *testing.T) {
	s := newSite()
	require.Equal(t, ocf.Success, s.compute("start").Code)
	s.OnSignal = func(m *ocftest.Machine, p ocf.Process, signal int) {
		if signal == ocf.SIGKILL {
			delete(m.Procs, p.PID)
		}
	}
	begin := s.Time
	res := s.compute("stop", "CRM_meta_timeout=60000")
	require.Equal(t, ocf.Success, res.Code, res)
	require.InDelta(t, 56, s.Time.Sub(begin).Seconds(), 2, "SIGKILL comes as late as possible")
	require.Equal(t, []string{"signal 15 to 50", "signal 9 to 50"}, res.Changes)
}

func TestCompute_Monitor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *site)
		code   ocf.Code
		reason string
	}{
		"up":          {func(*site) {}, ocf.Success, ""},
		"nova away":   {func(s *site) { s.away = errors.New("gone") }, ocf.Degraded, "nova cannot be asked for its state: gone"},
		"down":        {func(s *site) { s.services[0].Up = false }, ocf.ErrGeneric, "nova sees no report of it"},
		"forced down": {func(s *site) { s.services[0].ForcedDown = true }, ocf.ErrGeneric, "as forced down while nova-compute runs here"},
		"unknown":     {func(s *site) { s.services = s.services[1:] }, ocf.ErrGeneric, "nova has no service of node1"},
		"dead":        {func(s *site) { clear(s.Procs) }, ocf.NotRunning, "does not run"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			require.Equal(t, ocf.Success, s.compute("start").Code)
			c.change(s)
			res := s.compute("monitor", "OCF_CHECK_LEVEL=10", "CRM_meta_interval=61000")
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Empty(t, res.Changes)
		})
	}
}

func TestCompute_Names(t *testing.T) {
	for _, c := range []struct {
		conf, extra string
		vars        []string
		code        ocf.Code
	}{
		{conf: "[DEFAULT]\nhost = node1\n"},
		{conf: "[DEFAULT]\nhost = other\n", code: ocf.ErrArgs},
		{conf: "[DEFAULT]\nhost = other\n", extra: "[DEFAULT]\nhost=node1\n"},
		{conf: "[DEFAULT]\nhost = node1.example.com\n", code: ocf.ErrArgs},
		{conf: "[DEFAULT]\nhost = node1.example.com\n", vars: []string{"domain=example.com"}},
		{conf: "[DEFAULT]\nhost = other\n", vars: []string{"host=node1"}},
		{conf: "[DEFAULT]\n", vars: []string{"CRM_meta_on_node=remote-1"}, code: ocf.ErrArgs},
	} {
		s := newSite()
		s.Files["/etc/nova/nova.conf"] = ocftest.File{Data: c.conf}
		if c.extra != "" {
			s.Files["/etc/nova/nova.conf.d"] = ocftest.Dir()
			s.Files["/etc/nova/nova.conf.d/10.conf"] = ocftest.File{Data: c.extra}
		}
		res := s.compute("validate-all", append(c.vars, "OCF_CHECK_LEVEL=10")...)
		require.Equal(t, c.code, res.Code, "%+v %s", c, res)
	}
}

func TestCompute_Unit(t *testing.T) {
	s := newSite()
	unit := "inactive"
	plain := s.OnCommand
	s.OnCommand = func(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
		switch c.String() {
		case "systemctl is-active nova-compute":
			return ocf.Output{Code: 3, Stdout: unit + "\n"}, nil
		case "systemctl start nova-compute":
			unit = "active"
			s.services[0].Up = true
			return ocf.Output{}, nil
		case "systemctl stop nova-compute":
			unit = "inactive"
			return ocf.Output{}, nil
		}
		return plain(m, c)
	}
	s.OnSleep = nil
	require.Equal(t, ocf.NotRunning, s.compute("monitor", "unit=nova-compute").Code)
	require.Equal(t, ocf.Success, s.compute("start", "unit=nova-compute").Code)
	require.Equal(t, ocf.Success, s.compute("monitor", "unit=nova-compute").Code)
	require.Equal(t, ocf.Success, s.compute("stop", "unit=nova-compute").Code)
	unit = "failed"
	require.Equal(t, ocf.NotRunning, s.compute("monitor", "unit=nova-compute").Code)
	require.Equal(t, ocf.Success, s.compute("stop", "unit=nova-compute").Code)
}

// An agent is no service, though it may have the name of one.
func TestIsService(t *testing.T) {
	for line, want := range map[string]bool{
		"/usr/bin/cinder-volume --config-file=x":                       true,
		"/usr/bin/python3 /usr/bin/cinder-volume --config-file=x":      true,
		"/usr/bin/python3.11 /opt/venv/bin/cinder-volume":              true,
		"/bin/sh /usr/bin/cinder-volume":                               true,
		"/usr/lib/ocf/resource.d/systole/cinder-volume stop":           false,
		"/bin/sh /usr/lib/ocf/resource.d/heartbeat/cinder-volume stop": false,
		"vi /etc/cinder/cinder-volume":                                 false,
		"cinder-volume":                                                false,
		"":                                                             false,
	} {
		require.Equal(t, want, isService(strings.Fields(line), "/usr/bin/cinder-volume"), line)
	}
}
