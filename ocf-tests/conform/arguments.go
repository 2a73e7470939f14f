package conform

import (
	"cmp"
	"slices"
	"strings"
)

func argumentChecks() []Check {
	return []Check{
		{"action-unknown", "an unknown action ends with 3 and says so", "OCF", checkUnknownAction},
		{"action-none", "a call without action ends with 2 or 3", "OCF", checkNoAction},
		{"action-arguments", "arguments after the action are ignored", "OCF", checkExtraArguments},
		{"usage", "usage or help succeeds", "house", checkUsage},
		{"validate", "validate-all accepts good parameters", "OCF", checkValidate},
		{"validate-offline", "validate-all at level 0 does not look at the node", "OCF", checkValidateOffline},
		{"validate-bad", "validate-all refuses bad parameters with 2 or 6 and a reason", "OCF", checkValidateBad},
		{"validate-types", "validate-all refuses text for parameters of type integer and boolean", "OCF", checkTypes},
		{"validate-required", "validate-all refuses a missing required parameter with 2 or 6", "OCF", checkRequired},
		{"start-bad", "start with bad parameters fails with 2 or 6 and starts nothing", "OCF", checkStartBad},
		{"api-2.0", "a resource manager of another major version is refused", "OCF", checkOtherAPI},
		{"instance-missing", "start without OCF_RESOURCE_INSTANCE fails", "Pacemaker", checkNoInstance},
		{"instance-clone", "an instance name of a clone works", "Pacemaker", checkCloneInstance},
		{"reason-prefix", "exit reasons begin with OCF_EXIT_REASON_PREFIX, in one line", "Pacemaker", checkReasonPrefix},
	}
}

func checkUnknownAction(t *T) {
	r := t.act("no-such-action")
	t.want(r, "no-such-action", unimplemented)
	if r.stderr == "" && r.stdout == "" {
		t.fail("nothing is said")
	}
}

func checkNoAction(t *T) { t.want(t.act(""), "no action", errArgs, unimplemented) }

func checkExtraArguments(t *T) {
	t.want(t.do(t.ctx, call{action: "monitor", args: []string{"start", "--x"}}), "monitor of the stopped resource with more arguments", notRunning)
	t.started()
	t.want(t.do(t.ctx, call{action: "monitor", args: []string{"stop", "--x"}}), "monitor of the running resource with more arguments", success)
}

func checkUsage(t *T) {
	usage, help := t.act("usage"), t.act("help")
	if usage.code != success && help.code != success {
		t.fail("usage: %s, help: %s", usage, help)
	}
}

func checkValidate(t *T) {
	t.need("validate-all")
	t.want(t.act("validate-all"), "validate-all", success)
	t.want(t.do(t.ctx, call{action: "validate-all", env: []string{"OCF_CHECK_LEVEL=10"}}), "validate-all at level 10", success)
}

// checkValidateOffline makes the node one where nothing is installed: no program
// is found, and no directory is there.
func checkValidateOffline(t *T) {
	t.need("validate-all")
	if !t.meta.api11() {
		t.skip("the rule came with OCF 1.1, the agent claims %s", cmp.Or(t.meta.API, "no version"))
	}
	none := t.path("nothing-is-here")
	var params []string
	for _, p := range t.meta.Params {
		// Paths of the configuration may point to what is there: take them elsewhere.
		for _, given := range t.c.Params {
			if name, value, _ := strings.Cut(given, "="); name == p.Name && strings.HasPrefix(value, "/") {
				params = append(params, name+"="+none+value)
			}
		}
	}
	t.want(t.do(t.ctx, call{action: "validate-all", params: params, env: []string{"HA_RSCTMP=" + none, "HA_VARRUN=" + none, "OCF_CHECK_LEVEL=0"}}),
		"validate-all where nothing is there", success)
}

// refused wants the code of bad parameters and a reason.
func (t *T) refused(r result, what string) {
	if t.want(r, what, errArgs, errConfigured) && len(r.reasons) == 0 {
		t.fail("%s: no exit reason", what)
	}
}

func checkValidateBad(t *T) {
	t.need("validate-all")
	if len(t.c.Bad) == 0 {
		t.skip("no bad parameters are configured")
	}
	for _, bad := range t.c.Bad {
		t.refused(t.do(t.ctx, call{action: "validate-all", params: []string{bad}, env: []string{"OCF_CHECK_LEVEL=10"}}), "validate-all with "+bad)
	}
}

func checkTypes(t *T) {
	t.need("validate-all")
	typed := false
	for _, p := range t.meta.Params {
		if p.Content.Type == "integer" || p.Content.Type == "boolean" {
			typed = true
			t.refused(t.do(t.ctx, call{action: "validate-all", params: []string{p.Name + "=neither one"}}), p.Content.Type+" "+p.Name)
		}
	}
	if !typed {
		t.skip("the agent has no parameter of these types")
	}
}

func checkRequired(t *T) {
	t.need("validate-all")
	required := false
	for _, p := range t.meta.Params {
		if p.Required == "1" {
			required = true
			t.refused(t.do(t.ctx, call{action: "validate-all", env: []string{"OCF_RESKEY_" + p.Name}}), "validate-all without "+p.Name)
		}
	}
	if !required {
		t.skip("the agent has no required parameter")
	}
}

func checkStartBad(t *T) {
	if len(t.c.Bad) == 0 {
		t.skip("no bad parameters are configured")
	}
	for _, bad := range t.c.Bad {
		t.refused(t.do(t.ctx, call{action: "start", params: []string{bad}}), "start with "+bad)
		t.want(t.monitor(), "monitor after the start with "+bad, notRunning)
	}
}

func checkOtherAPI(t *T) {
	r := t.do(t.ctx, call{action: "start", env: []string{"OCF_RA_VERSION_MAJOR=2", "OCF_RA_VERSION_MINOR=0"}})
	if r.ended() && r.code == success {
		t.fail("start succeeds")
	}
	t.want(t.monitor(), "monitor afterwards", notRunning)
}

func checkNoInstance(t *T) {
	if r := t.do(t.ctx, call{action: "start", env: []string{"OCF_RESOURCE_INSTANCE"}}); r.ended() && r.code == success {
		t.fail("start succeeds")
	}
}

func checkCloneInstance(t *T) {
	env := []string{"OCF_RESOURCE_INSTANCE=" + t.instance + ":0"}
	t.want(t.do(t.ctx, call{action: "start", env: env}), "start", success)
	t.want(t.do(t.ctx, call{action: "monitor", env: env}), "monitor", success)
	t.want(t.do(t.ctx, call{action: "stop", env: env}), "stop", success)
	t.want(t.do(t.ctx, call{action: "monitor", env: env}), "monitor afterwards", notRunning)
}

func checkReasonPrefix(t *T) {
	calls := []call{{action: "no-such-action"}, {action: "monitor"}}
	for _, bad := range t.c.Bad {
		calls = append(calls, call{action: "validate-all", params: []string{bad}})
	}
	given := false
	for _, c := range calls {
		c.env = append(c.env, "OCF_EXIT_REASON_PREFIX=another-prefix:")
		c.interval = 10e9
		r := t.do(t.ctx, c)
		if strings.Contains(r.stderr, "ocf-exit-reason:") || strings.Contains(r.stderr, reasonPrefix) {
			t.fail("%s: the reason has another prefix: %s", c.action, strings.TrimSpace(r.stderr))
		}
		lines := strings.Split(r.stderr, "\n")
		given = given || slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "another-prefix:") && len(l) > len("another-prefix:") })
	}
	if !given {
		t.fail("no failure gave a reason")
	}
}
