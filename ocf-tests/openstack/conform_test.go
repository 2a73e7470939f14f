package openstack_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/openstack"
	"systole/lib/openstack/api"
)

// world is an OpenStack with what only its operator can do. It has the hosts
// Hosts[0] and more, each with room for the servers of a test.
type world struct {
	credentials api.Credentials
	hosts       []string
	volumes     string // host of a cinder-volume that runs
	// boot makes servers that run on a host, small or of a size that only the host
	// that they are on has room for.
	boot func(t *testing.T, host string, n int, large bool) []string
	// stopCompute and startCompute end and start the nova-compute of a host.
	stopCompute, startCompute func(t *testing.T, host string)
	// schedulable says whether new servers may go to a host; nil: nobody knows.
	schedulable func(host string) bool
}

// patience is how long a machine that is busy with other things may take.
const patience = 3 * time.Minute

// eventually asks until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(end) {
			t.Fatalf("waited %s for %s", patience, what)
		}
		time.Sleep(50 * time.Millisecond) // between two looks
	}
}

// expectations are what agents rely on, in the order of an evacuation and the
// return of its host. They are held against the simulated and the real services.
func expectations(t *testing.T, w world) {
	ctx := t.Context()
	c, err := openstack.Dial(ctx, w.credentials)
	require.NoError(t, err)
	defer c.Close()
	e := &expectation{world: w, c: c, ctx: ctx, source: w.hosts[0]}
	for _, step := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"logging in", e.logIn},
		{"services", e.services},
		{"a host that runs is not evacuated", e.running},
		{"fencing in one request", e.fence},
		{"evacuation", e.evacuate},
		{"a server that fits nowhere", e.unplaceable},
		{"a second request leaves the server in ERROR", e.twice},
		{"return of the host", e.unfence},
		{"volume services", e.volume},
	} {
		if !t.Run(step.name, step.run) {
			return
		}
	}
}

type expectation struct {
	world
	c      *openstack.Client
	ctx    context.Context
	source string
	small  []string
}

func (e *expectation) service(t *testing.T) api.Service {
	list, err := e.c.ComputeServices(e.ctx, e.source)
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0]
}

func (e *expectation) server(t *testing.T, id string) api.Server {
	for _, h := range e.hosts {
		list, err := e.c.Servers(e.ctx, h)
		require.NoError(t, err)
		for _, s := range list {
			if s.ID == id {
				return s
			}
		}
	}
	return api.Server{}
}

func (e *expectation) migration(t *testing.T, server string) api.Migration {
	list, err := e.c.Migrations(e.ctx, e.source, time.Time{})
	require.NoError(t, err)
	for _, m := range list { // the newest first
		if m.Server == server {
			return m
		}
	}
	return api.Migration{}
}

func (e *expectation) logIn(t *testing.T) {
	wrong := e.credentials
	wrong.Password = "wrong"
	_, err := openstack.Dial(e.ctx, wrong)
	require.ErrorIs(t, err, api.ErrUnauthorized)
	require.True(t, api.Refused(err))

	wrong = e.credentials
	wrong.AuthURL = "http://127.0.0.1:1/v3"
	_, err = openstack.Dial(e.ctx, wrong)
	require.ErrorIs(t, err, api.ErrNotSent)

	wrong = e.credentials
	wrong.Region = "Atlantis"
	c, err := openstack.Dial(e.ctx, wrong)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.ComputeServices(e.ctx, "")
	require.ErrorContains(t, err, "in region Atlantis")
}

func (e *expectation) services(t *testing.T) {
	list, err := e.c.ComputeServices(e.ctx, "no-such-host")
	require.NoError(t, err)
	require.Empty(t, list, "an unknown host is an empty list, not an error")
	servers, err := e.c.Servers(e.ctx, "no-such-host")
	require.NoError(t, err)
	require.Empty(t, servers)

	s := e.service(t)
	require.True(t, s.Up && s.Enabled && !s.ForcedDown, "%+v", s)
	require.WithinDuration(t, time.Now(), e.c.Now(), 30*time.Second)
	err = e.c.EnableService(e.ctx, "00000000-0000-4000-8000-00000000dead")
	require.ErrorIs(t, err, api.ErrNotFound)
	tagged, err := e.c.Tagged(e.ctx, "evacuable")
	require.NoError(t, err)
	require.Empty(t, append(tagged.Flavors, tagged.Images...))
}

func (e *expectation) running(t *testing.T) {
	e.small = e.boot(t, e.source, 3, false)
	list, err := e.c.Servers(e.ctx, e.source)
	require.NoError(t, err)
	for _, id := range e.small {
		i := slices.IndexFunc(list, func(s api.Server) bool { return s.ID == id })
		require.GreaterOrEqual(t, i, 0)
		s := list[i]
		require.True(t, s.Host == e.source && s.State == "active" && s.Status == "ACTIVE" && s.TaskState == "" && s.Flavor != "" && s.Image != "", "%+v", s)
	}
	shared := true
	err = e.c.Evacuate(e.ctx, e.small[0], &shared)
	require.ErrorIs(t, err, api.ErrBadRequest)
	require.ErrorContains(t, err, "still in use")
	err = e.c.Evacuate(e.ctx, "00000000-0000-4000-8000-00000000dead", &shared)
	require.ErrorIs(t, err, api.ErrNotFound)
}

func (e *expectation) fence(t *testing.T) {
	e.stopCompute(t, e.source)
	id := e.service(t).ID
	for range 2 { // it can be repeated
		require.NoError(t, e.c.FenceService(e.ctx, id, "systole: fenced"))
		s := e.service(t)
		require.True(t, s.Fenced() && !s.Enabled, "%+v", s)
		require.Equal(t, "systole: fenced", s.DisabledReason)
	}
	require.NoError(t, e.c.DisableService(e.ctx, id, "systole: another reason"))
	s := e.service(t)
	require.True(t, s.Fenced(), "a new reason leaves the rest as it is")
	require.Equal(t, "systole: another reason", s.DisabledReason)
}

func (e *expectation) evacuate(t *testing.T) {
	shared := true
	begin := e.c.Now()
	require.NoError(t, e.c.Evacuate(e.ctx, e.small[0], &shared))
	m := e.migration(t, e.small[0])
	require.Equal(t, api.Evacuation, m.Kind, "there is a record as soon as the request is answered")
	require.False(t, m.Created.Before(begin), "by the clock that the answers have: %s, %s", m.Created, begin)
	require.NoError(t, e.c.Evacuate(e.ctx, e.small[1], nil), "nova decides about storage itself")
	for _, id := range e.small[:2] {
		eventually(t, "the evacuation to end", func() bool { return e.migration(t, id).Outcome() != api.InFlight })
		m := e.migration(t, id)
		require.Equal(t, "done", m.Status)
		require.NotEqual(t, e.source, m.Destination)
		s := e.server(t, id)
		require.True(t, s.Host == m.Destination && s.State == "active" && s.TaskState == "", "%+v", s)
	}
	list, err := e.c.Migrations(e.ctx, e.source, e.c.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, list, "none is in flight, none is from the future")
}

func (e *expectation) unplaceable(t *testing.T) {
	// It can only be booted while its host is there. As long as nova-compute has
	// not run, nova refuses.
	err := e.c.UnforceService(e.ctx, e.service(t).ID)
	require.ErrorIs(t, err, api.ErrBadRequest)
	e.returnHost(t)
	large := e.boot(t, e.source, 1, true)[0]
	e.fence(t)
	shared := true
	for range 2 { // a server in ERROR may be asked for again
		before := e.migration(t, large).ID
		require.NoError(t, e.c.Evacuate(e.ctx, large, &shared), "accepted does not mean done")
		eventually(t, "the evacuation to fail", func() bool {
			m := e.migration(t, large)
			return m.ID != before && m.Outcome() == api.Failed
		})
		eventually(t, "the server to be in ERROR", func() bool { return e.server(t, large).State == "error" })
		s := e.server(t, large)
		require.Equal(t, e.source, s.Host)
		require.Contains(t, s.Fault, "No valid host was found")
	}
}

func (e *expectation) twice(t *testing.T) {
	shared := true
	id := e.small[2]
	var errs []error
	for range 2 {
		errs = append(errs, e.c.Evacuate(e.ctx, id, &shared))
	}
	require.NoError(t, errors.Join(errs...), "nova does not refuse the second one")
	eventually(t, "the server to be in ERROR", func() bool { return e.server(t, id).State == "error" })
	list, err := e.c.Migrations(e.ctx, e.source, time.Time{})
	require.NoError(t, err)
	var outcomes []api.Outcome
	for _, m := range list {
		if m.Server == id {
			outcomes = append(outcomes, m.Outcome())
		}
	}
	require.Len(t, outcomes, 2, "one of them fails, or never ends")
}

// returnHost is the order of calls in which a host comes back.
func (e *expectation) returnHost(t *testing.T) {
	id := e.service(t).ID
	e.startCompute(t, e.source)
	refusals := 0
	eventually(t, "nova to take back that the host is down", func() bool {
		err := e.c.UnforceService(e.ctx, id)
		if err != nil {
			require.ErrorIs(t, err, api.ErrBadRequest)
			require.ErrorContains(t, err, "evacuation migration records remain")
			refusals++
		}
		return err == nil
	})
	eventually(t, "the service to be up", func() bool { return e.service(t).Up })
	require.NoError(t, e.c.EnableService(e.ctx, id))
	s := e.service(t)
	require.True(t, s.Up && s.Enabled && !s.ForcedDown && s.DisabledReason == "", "%+v", s)
	if e.schedulable != nil {
		eventually(t, "the host to be scheduled to", func() bool { return e.schedulable(e.source) })
	}
	t.Log(refusals, "refusals")
}

func (e *expectation) unfence(t *testing.T) {
	e.returnHost(t)
	require.Equal(t, "completed", e.migration(t, e.small[0]).Status)
}

func (e *expectation) volume(t *testing.T) {
	find := func() api.VolumeService {
		list, err := e.c.VolumeServices(e.ctx)
		require.NoError(t, err)
		i := slices.IndexFunc(list, func(v api.VolumeService) bool { return v.Host == e.volumes })
		require.GreaterOrEqual(t, i, 0, fmt.Sprint(list))
		return list[i]
	}
	v := find()
	require.True(t, v.Up && v.Enabled, "%+v", v)
	require.NoError(t, e.c.DisableVolumeService(e.ctx, e.volumes, "systole: moving"))
	v = find()
	require.True(t, !v.Enabled && v.DisabledReason == "systole: moving", "%+v", v)
	require.NoError(t, e.c.EnableVolumeService(e.ctx, e.volumes))
	require.True(t, find().Enabled)
	require.ErrorIs(t, e.c.EnableVolumeService(e.ctx, "no-such@host"), api.ErrNotFound)
}
