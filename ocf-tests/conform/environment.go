package conform

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func environmentChecks() []Check {
	return []Check{
		{"hostile-locale", "the locale of the caller does not matter", "house", with(
			"LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "LANGUAGE=tr", "LC_NUMERIC=de_DE.UTF-8")},
		{"hostile-variables", "variables that steer shells and tools do not matter", "house", with(
			"IFS=e", "CDPATH=/tmp", "BASH_ENV=/no/such/file", "ENV=/no/such/file", "GREP_OPTIONS=--color=always", "LS_COLORS=x",
			"POSIXLY_CORRECT=1", "TMPDIR=/no/such/directory", "HOME=", "TERM=dumb", "COLUMNS=1", "OCF_FAKE=x", "OCF_RESKEY_unknown_parameter=x")},
		{"no-path", "a caller without PATH does not matter", "house", with("PATH")},
		{"no-stdin", "a standard input that cannot be read does not matter", "house", life(call{noStdin: true})},
		{"no-directory", "a working directory that is gone does not matter", "house", checkNoDirectory},
		{"umask", "a strict umask does not matter", "house", checkUmask},
		{"odd-values", "unusual but valid values of parameters work", "house", checkOddValues},
		{"injection", "values of parameters are not executed", "house", checkInjection},
		{"secrets", "secret parameters appear in no output and no log", "house", checkSecrets},
		{"working-directory", "nothing is left in the working directory", "house", checkWorkingDirectory},
	}
}

// with is a life under changed variables.
func with(env ...string) func(*T) { return life(call{env: env}) }

// life goes through the life of the resource with calls like c.
func life(c call) func(*T) {
	return func(t *T) { t.live(c) }
}

func (t *T) live(c call) {
	do := func(action string) result {
		c.action, c.interval = action, 0
		if action == "monitor" {
			c.interval = 10e9
		}
		return t.do(t.ctx, c)
	}
	t.want(do("monitor"), "monitor of the stopped resource", notRunning)
	t.want(do("start"), "start", success)
	t.want(do("monitor"), "monitor", success)
	if t.meta.Promotable() {
		t.want(do("promote"), "promote", success)
		t.want(do("monitor"), "monitor of the promoted resource", runsPromoted)
		t.want(do("demote"), "demote", success)
	}
	t.want(do("stop"), "stop", success)
	t.want(do("monitor"), "monitor after stop", notRunning)
}

// checkNoDirectory runs the agent in a directory that is removed at once, by way
// of a shell, because a process cannot be started in one that is gone already.
func checkNoDirectory(t *T) {
	t.wrapped(`mkdir "$0.gone" && cd "$0.gone" && rmdir "$0.gone" && exec "$@"`)
}

func checkUmask(t *T) { t.wrapped(`umask 077 && exec "$@"`) }

// wrapped goes through a life with an agent that is called by a shell script.
func (t *T) wrapped(script string) {
	dir := t.path("wrapped")
	wrapper := filepath.Join(dir, filepath.Base(t.c.Path))
	text := "#!/bin/sh\nset -- '" + strings.ReplaceAll(t.c.Path, "'", `'\''`) + "' \"$@\"\n" + strings.ReplaceAll(script, "$0", wrapper) + "\n"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.skip("%v", err)
	}
	if err := WriteProgram(wrapper, []byte(text)); err != nil {
		t.skip("%v", err)
	}
	defer os.RemoveAll(dir)
	copied := *t.agent
	copied.c.Path = wrapper
	was := t.agent
	t.agent = &copied
	defer func() { t.agent = was }()
	t.live(call{env: []string{"OCF_RESOURCE_PROVIDER=" + filepath.Base(filepath.Dir(was.c.Path))}})
}

func checkOddValues(t *T) {
	if len(t.c.Odd) == 0 {
		t.skip("no unusual values are configured")
	}
	for _, odd := range t.c.Odd {
		before := len(t.problems)
		t.live(call{params: []string{odd}})
		t.do(t.ctx, call{action: "stop", params: []string{odd}})
		for i := before; i < len(t.problems); i++ {
			t.problems[i] = odd + ": " + t.problems[i]
		}
	}
}

// checkInjection puts commands into every parameter and sees whether they are run.
func checkInjection(t *T) {
	trap := t.path("executed")
	for _, p := range t.meta.Params {
		for _, value := range []string{"$(touch " + trap + ")", "`touch " + trap + "`", "; touch " + trap + " ;", "' ; touch " + trap + " ; '", "-x $(touch " + trap + ")"} {
			for _, action := range []string{"validate-all", "monitor"} {
				t.do(t.ctx, call{action: action, params: []string{p.Name + "=" + value}, interval: 10e9})
			}
			if _, err := os.Stat(trap); err == nil {
				_ = os.Remove(trap)
				t.fail("parameter %s: %s was executed", p.Name, value)
				break
			}
		}
	}
}

// checkSecrets goes through a life with debugging and bad parameters, and looks
// for the secret.
func checkSecrets(t *T) {
	if len(t.c.Secret) == 0 {
		t.skip("no secret parameters are configured")
	}
	const secret = "Th3-Secret!of-conform"
	var params []string
	for _, name := range t.c.Secret {
		params = append(params, name+"="+secret)
	}
	log := t.path("secret-log")
	defer os.Remove(log)
	env := []string{"HA_debug=1", "HA_LOGFILE=" + log, "HA_DEBUGLOG=" + log, "OCF_TRACE_RA=1", "OCF_TRACE_FILE=" + t.path("secret-trace")}
	calls := []call{}
	for _, action := range []string{"validate-all", "monitor", "start", "monitor", "promote", "demote", "reload-agent", "stop", "no-such-action", "meta-data"} {
		calls = append(calls, call{action: action, params: params, env: env})
	}
	for _, bad := range t.c.Bad {
		calls = append(calls, call{action: "start", params: append([]string{bad}, params...), env: env})
	}
	for _, c := range calls {
		if r := t.do(t.ctx, c); strings.Contains(r.stdout+r.stderr, secret) {
			t.fail("%s prints it", c.action)
		}
	}
	for _, file := range []string{log, t.path("secret-trace")} {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), secret) {
			t.fail("%s has it", filepath.Base(file))
		}
		_ = os.Remove(file)
	}
}

func checkWorkingDirectory(t *T) {
	t.live(call{})
	for _, bad := range t.c.Bad {
		t.do(t.ctx, call{action: "start", params: []string{bad}})
	}
	t.do(t.ctx, call{action: "start", signal: syscall.SIGKILL, killAt: 1})
	entries, err := os.ReadDir(t.path("cwd"))
	if err != nil {
		t.skip("%v", err)
	}
	for _, e := range entries {
		t.fail("%s is left", e.Name())
		_ = os.RemoveAll(t.path("cwd", e.Name()))
	}
}
