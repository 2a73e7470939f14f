package ocf_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
)

// params and facts of a small service: a file says whether it runs, and a daemon
// makes the file some time after it was started.
type params struct {
	file string
	wait time.Duration
	pass ocf.Secret
}

type facts struct{ running bool }

type service = ocf.Agent[params, facts]

func newService() *service {
	return &service{
		Description: ocf.Description{
			Name: "svc", Version: "1", Short: "A service", Long: "A service.",
			Params: []ocf.Param{
				{Name: "file", Default: "${HA_RSCTMP}/svc", Short: "File"},
				{Name: "wait", Type: ocf.Time, Default: "1", Short: "Wait"},
				{Name: "pass", Secret: true, Short: "Password"},
			},
			Actions: []ocf.Action{
				{Name: "start", Timeout: 20 * time.Second},
				{Name: "stop", Timeout: 20 * time.Second},
				{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
				{Name: "reload-agent", Timeout: 20 * time.Second},
			},
		},
		Parse: func(v ocf.Values) params {
			return params{v.String("file"), v.Time("wait"), v.Secret("pass")}
		},
		Check: func(in ocf.Input[params]) error {
			if !strings.HasPrefix(in.Params.file, "/") {
				return ocf.Errorf(ocf.ErrConfigured, "file must be absolute")
			}
			return nil
		},
		Programs: func(params) []ocf.Program {
			return []ocf.Program{{Name: "svcd", Param: "binary", Package: "svc"}}
		},
		Gather: func(_ context.Context, in ocf.Input[params], sys ocf.Reader) (facts, error) {
			_, found, err := sys.ReadFile(in.Params.file, 100)
			return facts{found}, err
		},
		Monitor: func(_ ocf.Input[params], f facts) ocf.Verdict {
			if f.running {
				return ocf.Verdict{Publish: []ocf.Publication{ocf.SetPromotionScore(5)}}
			}
			return ocf.Verdict{Code: ocf.NotRunning, Reason: "no file"}
		},
		Start: func(in ocf.Input[params], f facts) ocf.Decision {
			if f.running {
				return ocf.Done()
			}
			if _, started := in.Past.First(func(s ocf.Step) bool { _, ok := s.(ocf.Start); return ok }); !started {
				return ocf.Do("start it", ocf.Start{Daemon: ocf.Daemon{Path: "svcd"}})
			}
			return ocf.Wait(in.Params.wait, "until the file is there")
		},
		Stop: func(in ocf.Input[params], f facts) ocf.Decision {
			if !f.running {
				return ocf.Done()
			}
			return ocf.Do("", ocf.Remove{Path: in.Params.file})
		},
		ReloadAgent: func(ocf.Input[params], facts) ocf.Decision { return ocf.Done() },
	}
}

// slowly makes the file after so many sleeps.
func slowly(sleeps int) *ocftest.Machine {
	m := ocftest.New()
	m.OnSleep = func(m *ocftest.Machine) {
		if sleeps--; sleeps == 0 {
			m.Files["/run/resource-agents/svc"] = ocftest.File{}
		}
	}
	return m
}

func TestStartWaitsUntilItRuns(t *testing.T) {
	m := slowly(3)
	a := newService()
	ocftest.Check(t, a)
	res := ocftest.Do(a, m, "start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"start svcd"}, res.Changes)
	require.Equal(t, []string{"start it", "until the file is there"}, res.Log, "a reason is logged once")
	require.Equal(t, 3*time.Second, m.Time.Sub(ocftest.New().Time))

	require.Empty(t, ocftest.Do(a, m, "start").Changes, "starting again changes nothing")
	require.Equal(t, []string{"remove /run/resource-agents/svc"}, ocftest.Do(a, m, "stop").Changes)
	res = ocftest.Do(a, m, "stop")
	require.Equal(t, ocf.Success, res.Code)
	require.Empty(t, res.Changes)
}

func TestDeadline(t *testing.T) {
	m := slowly(100)
	res := ocftest.Do(newService(), m, "start", "CRM_meta_timeout=10000")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "not done within its timeout")
	require.Equal(t, 10*time.Second, m.Time.Sub(ocftest.New().Time))
}

func TestMonitorPublishes(t *testing.T) {
	m := ocftest.New()
	a := newService()
	res := ocftest.Do(a, m, "monitor")
	require.Equal(t, ocf.NotRunning, res.Code)
	require.Empty(t, res.Reason, "a probe that finds nothing has no exit reason")
	res = ocftest.Do(a, m, "monitor", "CRM_meta_interval=10000")
	require.Equal(t, ocf.NotRunning, res.Code)
	require.Equal(t, "no file", res.Reason)

	m.Files["/run/resource-agents/svc"] = ocftest.File{}
	res = ocftest.Do(a, m, "monitor")
	require.Equal(t, ocf.Success, res.Code)
	require.Equal(t, "5", m.Promotion)

	m.Fail = map[string]error{"set promotion": errors.New("no cluster")}
	res = ocftest.Do(a, m, "monitor")
	require.Equal(t, ocf.Success, res.Code, "the resource runs, whether the cluster hears of it or not")
	require.Equal(t, []string{"could not set promotion score to 5: no cluster"}, res.Log)
}

// The reader that Gather gets has no way to the rest of the machine.
func TestGatherCannotWrite(t *testing.T) {
	a := newService()
	a.Gather = func(_ context.Context, _ ocf.Input[params], sys ocf.Reader) (facts, error) {
		_, isSystem := sys.(ocf.System)
		_, isWriter := sys.(ocf.Writer)
		_, isPublisher := sys.(ocf.Publisher)
		return facts{isSystem || isWriter || isPublisher}, nil
	}
	require.Equal(t, ocf.NotRunning, ocftest.Do(a, ocftest.New(), "monitor").Code)
}

func TestEndings(t *testing.T) {
	type in = ocf.Input[params]
	for name, c := range map[string]struct {
		change func(a *service, m *ocftest.Machine)
		action string
		vars   []string
		code   ocf.Code
		reason string
	}{
		"unknown action":   {action: "fly", code: ocf.ErrUnimplemented, reason: `action "fly" is not supported by the agent svc: use one of start, stop, monitor, reload-agent, validate-all, meta-data`},
		"no action":        {action: "", code: ocf.ErrUnimplemented, reason: "no action was given"},
		"bad type":         {action: "start", vars: []string{"wait=soon"}, code: ocf.ErrConfigured, reason: `parameter wait "soon" is not a time`},
		"bad on stop":      {action: "stop", vars: []string{"wait=soon"}, code: ocf.ErrConfigured, reason: "not a time"},
		"check":            {action: "start", vars: []string{"file=x"}, code: ocf.ErrConfigured, reason: "file must be absolute"},
		"other API":        {action: "start", vars: []string{"OCF_RA_VERSION_MAJOR=3"}, code: ocf.ErrGeneric, reason: "speaks version 3.1"},
		"validate offline": {action: "validate-all", code: ocf.Success, change: func(a *service, m *ocftest.Machine) { m.Programs = map[string]bool{} }},
		"validate online": {
			action: "validate-all", vars: []string{"OCF_CHECK_LEVEL=10"}, code: ocf.ErrInstalled,
			change: func(a *service, m *ocftest.Machine) { m.Programs = map[string]bool{} },
			reason: "program svcd is not installed: install the package svc or set the parameter binary",
		},
		"validate this node": {
			action: "validate-all", vars: []string{"OCF_CHECK_LEVEL=10"}, code: ocf.ErrArgs, reason: "not here",
			change: func(a *service, m *ocftest.Machine) {
				a.Validate = func(in, facts) ocf.Verdict { return ocf.Verdict{Code: ocf.ErrArgs, Reason: "not here"} }
			},
		},
		"probe without program": {action: "monitor", code: ocf.ErrInstalled, reason: "not installed", change: func(a *service, m *ocftest.Machine) { m.Programs = map[string]bool{} }},
		"start without program": {action: "start", code: ocf.ErrInstalled, reason: "not installed", change: func(a *service, m *ocftest.Machine) { m.Programs = map[string]bool{} }},
		"stop without program":  {action: "stop", code: ocf.Success, change: func(a *service, m *ocftest.Machine) { m.Programs = map[string]bool{} }},
		"gather fails": {
			action: "monitor", code: ocf.ErrPerm, reason: "no access",
			change: func(a *service, m *ocftest.Machine) {
				a.Gather = func(context.Context, in, ocf.Reader) (facts, error) {
					return facts{}, ocf.Errorf(ocf.ErrPerm, "no access")
				}
			},
		},
		"step fails": {
			action: "start", code: ocf.ErrGeneric, reason: "could not start svcd: broken",
			change: func(a *service, m *ocftest.Machine) { m.Fail = map[string]error{"start": errors.New("broken")} },
		},
		"panic": {
			action: "start", code: ocf.ErrGeneric, reason: "internal error of the agent svc 1 in start: oh",
			change: func(a *service, m *ocftest.Machine) { a.Start = func(in, facts) ocf.Decision { panic("oh") } },
		},
		"undecided": {
			action: "start", code: ocf.ErrGeneric, reason: "neither to end nor to do",
			change: func(a *service, m *ocftest.Machine) { a.Start = func(in, facts) ocf.Decision { return ocf.Decision{} } },
		},
		"no effect": {
			action: "start", code: ocf.ErrGeneric, reason: "start svcd was done 10 times without effect",
			change: func(a *service, m *ocftest.Machine) {
				a.Start = func(in, facts) ocf.Decision { return ocf.Do("", ocf.Start{Daemon: ocf.Daemon{Path: "svcd"}}) }
			},
		},
		"degraded": {
			action: "monitor", code: ocf.Degraded, reason: "half",
			change: func(a *service, m *ocftest.Machine) {
				a.Monitor = func(in, facts) ocf.Verdict { return ocf.Verdict{Code: ocf.Degraded, Reason: "half"} }
			},
		},
		"degraded, OCF 1.0": {
			action: "monitor", vars: []string{"OCF_RA_VERSION_MINOR=0"}, code: ocf.Success, reason: "half",
			change: func(a *service, m *ocftest.Machine) {
				a.Monitor = func(in, facts) ocf.Verdict { return ocf.Verdict{Code: ocf.Degraded, Reason: "half"} }
			},
		},
		"reload, OCF 1.0": {action: "reload", vars: []string{"OCF_RA_VERSION_MINOR=0"}, code: ocf.Success},
		"reload, OCF 1.1": {action: "reload", code: ocf.ErrUnimplemented, reason: "not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			a, m := newService(), ocftest.New()
			m.Programs = map[string]bool{"svcd": true}
			if c.change != nil {
				c.change(a, m)
			}
			res := ocftest.Do(a, m, c.action, c.vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Equal(t, c.reason == "", res.Reason == "", res.Reason)
		})
	}
}

func TestTry(t *testing.T) {
	m, a := ocftest.New(), newService()
	m.Fail = map[string]error{"remove": errors.New("busy")}
	m.Files["/run/x"] = ocftest.File{}
	var past ocf.History
	a.Stop = func(in ocf.Input[params], _ facts) ocf.Decision {
		if past = in.Past; len(past) > 0 {
			return ocf.Done()
		}
		return ocf.Do("", ocf.Try{Step: ocf.Remove{Path: "/run/x"}}, ocf.Pause{For: time.Second})
	}
	res := ocftest.Do(a, m, "stop")
	require.Equal(t, ocf.Success, res.Code)
	require.Equal(t, []string{"could not remove /run/x: busy"}, res.Log)
	require.EqualError(t, past[0].Err, "busy")
	require.Len(t, past, 2)
}

func TestSteps(t *testing.T) {
	m := ocftest.New()
	ctx := t.Context()
	m.OnCommand = func(_ *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
		return ocf.Output{Code: 3, Stderr: "first\nlast\n"}, nil
	}
	m.Procs[7] = ocf.Process{PID: 7, Start: 1, Name: "p"}
	for want, step := range map[string]ocf.Step{
		"write /run/a":                    ocf.WriteFile{Path: "/run/a", Data: "x"},
		"make directory /run/d":           ocf.MakeDir{Path: "/run/d"},
		"run tool a b":                    ocf.Run{Command: ocf.Command{Path: "tool", Args: []string{"a", "b"}}, Accept: []int{3}},
		"start d -x":                      ocf.Start{Daemon: ocf.Daemon{Path: "d", Args: []string{"-x"}}},
		"send signal 15 to process 7 (p)": ocf.Kill{Process: m.Procs[7], Signal: ocf.SIGTERM},
		"wait 2s":                         ocf.Pause{For: 2 * time.Second},
		"set promotion score to 5":        ocf.SetPromotionScore(5),
		"delete promotion score":          ocf.DeletePromotionScore(),
		"set node attribute a to b":       ocf.SetAttribute("a", "b"),
		"delete node attribute a":         ocf.DeleteAttribute("a"),
		"set node attribute a of n to b":  ocf.Publication{Attribute: "a", Node: "n", Value: "b"},
		"remove /run/a":                   ocf.Remove{Path: "/run/a"},
	} {
		require.Equal(t, want, step.String())
		require.NoError(t, step.Do(ctx, m), want)
	}
	require.EqualError(t, ocf.Run{Command: ocf.Command{Path: "tool"}}.Do(ctx, m), "tool ended with exit code 3: last")
	require.Equal(t, "b", m.Attributes["a@n"])
	require.NotContains(t, m.Procs, 7)
}

func TestValidateWarnsOfMisspeltParameters(t *testing.T) {
	res := ocftest.Do(newService(), ocftest.New(), "validate-all", "fiel=/x", "trace_ra=no", "crm_feature_set=3.16.2")
	require.Equal(t, ocf.Success, res.Code)
	require.Len(t, res.Log, 1)
	require.Contains(t, res.Log[0], "parameter fiel is not one of the agent svc")
}

// Problems finds descriptions and functions that disagree.
func TestProblems(t *testing.T) {
	a := newService()
	a.Reload = a.Stop
	a.Parse = func(v ocf.Values) params { return params{file: v.String("file"), wait: v.Time("wait")} }
	require.Equal(t, []string{
		"action reload: in the description: false, as a function: true", "parameter pass is described but never read",
	}, a.Problems())
	a.Parse = func(v ocf.Values) params { return params{file: v.String("flie")} }
	require.Contains(t, strings.Join(a.Problems(), " "), "reads parameter flie as string, which is not in its description")
}
