package openstack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/openstack/api"
)

// storage is a machine and a cinder.
type storage struct {
	*ocftest.Machine
	services  []api.VolumeService
	away      error
	told      []string
	elsewhere bool // another cinder-volume of our name lives
}

func newStorage() *storage {
	s := &storage{Machine: ocftest.New()}
	s.services = []api.VolumeService{
		{Host: "group@lvm", Enabled: true}, {Host: "group@ceph", Enabled: true}, {Host: "other@lvm", Enabled: true, Up: true, Updated: s.Time},
	}
	s.Files["/etc/cinder"] = ocftest.Dir()
	s.configure("[DEFAULT]\nhost = group\nenabled_backends = lvm,ceph\n[lvm]\n[ceph]\n")
	s.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		m.Procs[60] = ocf.Process{PID: 60, Start: 60, Args: append([]string{"/usr/bin/python3", "/usr/bin/" + d.Path}, d.Args...)}
		return 60, nil
	}
	s.OnSleep = func(m *ocftest.Machine) {
		for i := range 2 {
			if len(m.Procs) > 0 || s.elsewhere {
				s.services[i].Up, s.services[i].Updated = true, m.Time.Add(time.Second)
			}
		}
	}
	return s
}

func (s *storage) configure(text string) {
	s.Files["/etc/cinder/cinder.conf"] = ocftest.File{Data: text}
}

func (s *storage) cinder(context.Context, api.Credentials) (Cinder, error) { return s, s.away }

func (s *storage) VolumeServices(context.Context) ([]api.VolumeService, error) {
	return slices.Clone(s.services), s.away
}

func (s *storage) set(host string, enabled bool, reason string) error {
	i := slices.IndexFunc(s.services, func(v api.VolumeService) bool { return v.Host == host })
	s.services[i].Enabled, s.services[i].DisabledReason = enabled, reason
	return s.away
}

func (s *storage) DisableVolumeService(_ context.Context, host, reason string) error {
	s.told = append(s.told, "disable "+host)
	return s.set(host, false, reason)
}

func (s *storage) EnableVolumeService(_ context.Context, host string) error {
	s.told = append(s.told, "enable "+host)
	return s.set(host, true, "")
}

func (s *storage) do(action string, vars ...string) ocftest.Result {
	return ocftest.Do(CinderVolume(s.cinder), s.Machine, action, append(append([]string{"CRM_meta_timeout=120000"}, login...), vars...)...)
}

func TestVolumeAgent(t *testing.T) { ocftest.Check(t, CinderVolume(newStorage().cinder)) }

func TestVolume_Life(t *testing.T) {
	s := newStorage()
	require.Equal(t, ocf.NotRunning, s.do("monitor").Code)
	res := s.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"start cinder-volume --config-file=/etc/cinder/cinder.conf"}, res.Changes)
	require.Empty(t, s.told)
	require.Equal(t, ocf.Success, s.do("monitor").Code)
	require.Equal(t, ocf.NotRunning, s.do("monitor", "config=/etc/cinder/second.conf").Code, "that is another one")
	require.Equal(t, ocf.Success, s.do("monitor", "OCF_CHECK_LEVEL=10").Code)
	require.Empty(t, s.do("start").Changes)
	require.Equal(t, ocf.Success, s.do("stop").Code)
	require.Empty(t, s.do("stop").Changes)
}

// Cinder has a service that has died as up for a minute.
func TestVolume_Other(t *testing.T) {
	s := newStorage()
	s.services[0].Up, s.services[0].Updated = true, s.Time
	begin := s.Time
	res := s.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.GreaterOrEqual(t, s.Time.Sub(begin), 25*time.Second, "it was watched")

	s = newStorage()
	s.services[0].Up, s.services[0].Updated, s.elsewhere = true, s.Time, true
	res = s.do("start")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "another one that calls itself group@lvm lives")
	require.Len(t, res.Changes, 0)

	res = s.do("start", "check_live=no")
	require.Equal(t, ocf.Success, res.Code, res)
}

func TestVolume_State(t *testing.T) {
	s := newStorage()
	s.services[1].Enabled, s.services[1].DisabledReason = false, "ticket 7"
	require.Equal(t, ocf.Success, s.do("start", "service_state=yes").Code)
	require.Equal(t, ocf.Success, s.do("stop", "service_state=yes").Code)
	require.Equal(t, []string{"disable group@lvm"}, s.told)
	for i := range 2 {
		s.services[i].Up = false
	}
	require.Equal(t, ocf.Success, s.do("start", "service_state=yes").Code)
	require.Equal(t, []string{"disable group@lvm", "enable group@lvm"}, s.told)
	require.Equal(t, "ticket 7", s.services[1].DisabledReason, "what an administrator has disabled stays so")

	s.away = errors.New("gone")
	require.Equal(t, ocf.Success, s.do("stop", "service_state=yes").Code, "a stop does not need cinder")
	require.Empty(t, s.Procs)
}

func TestVolume_Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *storage)
		vars   []string
		code   ocf.Code
		text   string
	}{
		"no host":          {func(s *storage) { s.configure("[DEFAULT]\nenabled_backends=lvm\n") }, nil, ocf.ErrArgs, "sets no host for the backend lvm"},
		"backend_host":     {func(s *storage) { s.configure("[DEFAULT]\nenabled_backends=lvm\n[lvm]\nbackend_host=group\n") }, []string{"host=group"}, ocf.Success, ""},
		"another host":     {func(*storage) {}, []string{"host=pool"}, ocf.ErrArgs, `has the host "group" for the backend lvm, the parameter host says "pool"`},
		"no configuration": {func(s *storage) { delete(s.Files, "/etc/cinder/cinder.conf") }, nil, ocf.ErrInstalled, "there is no configuration file"},
		"clone":            {func(*storage) {}, []string{"CRM_meta_clone=0", "CRM_meta_clone_max=2"}, ocf.ErrConfigured, "does not set the option cluster"},
		"clone of a cluster": {func(s *storage) {
			s.configure("[DEFAULT]\ncluster = c\nenabled_backends=lvm\n")
			s.services = []api.VolumeService{{Host: "node1@lvm", Enabled: true}, {Host: "node2@lvm"}}
		}, []string{"CRM_meta_clone=0", "CRM_meta_clone_max=2"}, ocf.Success, ""},
		"cinder is away": {func(s *storage) { s.away = errors.New("gone") }, nil, ocf.ErrGeneric, "cinder cannot be asked whether another cinder-volume lives: gone"},
		"no credentials": {func(*storage) {}, []string{"auth_url="}, ocf.ErrConfigured, "without credentials set check_live=no"},
		"none needed":    {func(s *storage) { s.away = errors.New("gone") }, []string{"auth_url=", "check_live=no"}, ocf.Success, ""},
		"ends at once":   {func(s *storage) { s.OnStart = func(*ocftest.Machine, ocf.Daemon) (int, error) { return 1, nil } }, nil, ocf.ErrGeneric, "has ended soon after its start"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStorage()
			c.change(s)
			res := s.do("start", c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason+strings.Join(res.Log, "\n"), c.text)
		})
	}
}

func TestVolume_Monitor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *storage)
		code   ocf.Code
		reason string
	}{
		"one backend is down": {func(s *storage) { s.services[0].Up = false }, ocf.Degraded, "no report of group@lvm: see its log"},
		"all are down":        {func(s *storage) { s.services[0].Up, s.services[1].Up = false, false }, ocf.ErrGeneric, "group@lvm, group@ceph"},
		"cinder is away":      {func(s *storage) { s.away = errors.New("gone") }, ocf.Degraded, "cinder cannot be asked"},
		"dead":                {func(s *storage) { clear(s.Procs) }, ocf.NotRunning, "does not run"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStorage()
			require.Equal(t, ocf.Success, s.do("start").Code)
			c.change(s)
			res := s.do("monitor", "OCF_CHECK_LEVEL=10", "CRM_meta_interval=61000")
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
		})
	}
}
