package ocf

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Outcome is what a call of an agent gives back.
type Outcome struct {
	Code   Code
	Reason string // exit reason; "" if there is none to be given
	Stdout string
	Stderr string // besides the exit reason
}

// Text answers the actions that need neither parameters nor machine: meta-data,
// usage, and actions that the agent does not have. ok is false for all others.
func Text(d *Description, r *Request, program string) (o Outcome, ok bool) {
	switch {
	case r.Action == "meta-data":
		return Outcome{Stdout: d.Metadata(r)}, true
	case r.Action == "usage", r.Action == "help":
		return Outcome{Stdout: d.Usage(program)}, true
	case !d.Supports(r.Action) && !(r.Action == "reload" && !r.API.AtLeast(1, 1) && d.Supports("reload-agent")):
		return Outcome{Code: ErrUnimplemented, Reason: d.unknown(r.Action), Stderr: d.Usage(program)}, true
	}
	return Outcome{}, false
}

// Call does the action of r that Text does not answer. s holds all but the values
// of the parameters.
func Call(ctx context.Context, a Runnable, r *Request, s *Session) Outcome {
	d := a.About()
	values, err := ReadValues(d, r)
	s.Request, s.Values = r, values
	for _, w := range r.Warnings {
		s.Log(Warn, w)
	}
	if fault := r.fault(); fault != nil {
		err = fault
	}
	var v Verdict
	if err != nil {
		v = verdictOf(err)
	} else {
		warnUndeclared(d, r, s)
		v = a.Perform(ctx, s)
	}
	o := Outcome{Code: v.Code.For(r.API)}
	switch {
	case v.Reason == "":
	case v.Code == NotRunning && r.Probe():
		// That a resource is not running where nobody said it was needs no words.
		s.Log(Debug, v.Reason)
	case v.Code == Success, v.Code == RunningPromoted && r.Action == "monitor":
		s.Log(Info, v.Reason)
	default:
		o.Reason = v.Reason
	}
	if s.Verbose {
		s.Log(Debug, fmt.Sprintf("%s %s : %d", r.Instance, r.Action, o.Code))
	}
	return o
}

// warnUndeclared finds misspelt parameters when parameters are being checked.
func warnUndeclared(d *Description, r *Request, s *Session) {
	if r.Action != "validate-all" {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		param, ok := strings.CutPrefix(name, "OCF_RESKEY_")
		if !ok || strings.HasPrefix(param, "CRM_meta_") || d.param(param) != nil {
			continue
		}
		switch param {
		case "crm_feature_set", "trace_ra", "trace_dir", "trace_file", "OCF_CHECK_LEVEL":
			continue
		}
		s.Log(Warn, fmt.Sprintf("parameter %s is not one of the agent %s and has no effect: see the action usage", param, d.Name))
	}
}
