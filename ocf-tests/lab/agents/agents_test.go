package agents

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/build"
	"systole/ocf-tests/lab"
)

// install is a folder for lab.Options.OCF with our agents in it.
func install(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, build.Agents(filepath.Join(dir, "systole")))
	return dir
}

// primitive is a resource of ours in XML. Parameters are NAME=VALUE; so are meta
// attributes, in meta; operations are NAME INTERVAL [ROLE].
func primitive(id, agent string, params, meta, operations []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<primitive id="%s" class="ocf" provider="systole" type="%s">`, id, agent)
	for kind, list := range map[string][]string{"instance_attributes": params, "meta_attributes": meta} {
		fmt.Fprintf(&b, `<%s id="%s-%s">`, kind, id, kind)
		for _, nv := range list {
			name, value, _ := strings.Cut(nv, "=")
			fmt.Fprintf(&b, `<nvpair id="%s-%s" name="%s" value="%s"/>`, id, name, name, value)
		}
		fmt.Fprintf(&b, `</%s>`, kind)
	}
	b.WriteString("<operations>")
	for _, op := range operations {
		f := append(strings.Fields(op), "")
		role := ""
		if f[2] != "" {
			role = ` role="` + f[2] + `"`
		}
		fmt.Fprintf(&b, `<op id="%s-%s-%s%s" name="%s" interval="%s" timeout="20s"%s/>`, id, f[0], f[1], f[2], f[0], f[1], role)
	}
	b.WriteString("</operations></primitive>")
	return b.String()
}

const (
	dummyLog    = "/var/log/dummy.env"
	statefulLog = "/var/log/stateful.env"
)

// called are the actions of an agent on a node, in order, as it wrote them down;
// a notification has its type and operation behind it.
func called(t *testing.T, n *lab.Node, log string) (actions []string) {
	t.Helper()
	out, err := n.Run(t.Context(), "cat", log)
	var failed *lab.RunError
	if errors.As(err, &failed) {
		return nil // it was never called there
	}
	require.NoError(t, err)
	for block := range strings.SplitSeq(out, "\n###\n") {
		_, rest, ok := strings.Cut(block, "### ")
		if !ok {
			continue
		}
		action, _, _ := strings.Cut(rest, " @")
		env := map[string]string{}
		for line := range strings.Lines(rest) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			env[name] = value
		}
		switch action {
		case "notify":
			action += " " + env["OCF_RESKEY_CRM_meta_notify_type"] + "-" + env["OCF_RESKEY_CRM_meta_notify_operation"]
		case "migrate_to":
			action += " " + env["OCF_RESKEY_CRM_meta_migrate_target"]
		case "migrate_from":
			action += " " + env["OCF_RESKEY_CRM_meta_migrate_source"]
		}
		actions = append(actions, action)
	}
	return actions
}

// after is what follows the first n actions.
func after(actions []string, n int) []string { return actions[min(n, len(actions)):] }

func count(actions []string, action string) (n int) {
	for _, a := range actions {
		if a == action {
			n++
		}
	}
	return n
}

// TestDummyAndStateful takes the two through every action that Pacemaker has for them.
func TestDummyAndStateful(t *testing.T) {
	c := lab.New(t, lab.Options{
		Nodes: 2, OCF: []string{install(t)},
		Resources: primitive("d", "Dummy", []string{"envfile=" + dummyLog, "fake=one"}, []string{"allow-migrate=true"}, []string{"monitor 2s"}) +
			`<clone id="s"><meta_attributes id="s-meta"><nvpair id="s-promotable" name="promotable" value="true"/><nvpair id="s-notify" name="notify" value="true"/></meta_attributes>` +
			primitive("member", "Stateful", []string{"envfile=" + statefulLog}, nil, []string{"monitor 2s Promoted", "monitor 3s Unpromoted"}) + `</clone>`,
	})
	r := &life{c: c}
	for _, step := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"Start", r.start},
		{"Migrate", r.migrate},
		{"ReloadAgent", r.reload},
		{"Promote", r.promote},
		{"Failure", r.failure},
		{"Stop", r.stop},
	} {
		if !t.Run(step.name, step.test) {
			return
		}
	}
	s, err := c.Status(t.Context())
	require.NoError(t, err)
	require.Empty(t, c.Fencings(), s)
}

type life struct{ c *lab.Cluster }

func (r *life) wait(t *testing.T, what string, wanted func(lab.Status) bool) lab.Status {
	t.Helper()
	var last lab.Status
	require.NoError(t, r.c.Wait(t.Context(), what, func(s lab.Status) bool { last = s; return wanted(s) }))
	return last
}

// settled: the primitive runs, and one of two instances is promoted.
func settled(s lab.Status) bool {
	return s.RunsOn("d") != "" && len(s.InRole("member", "Promoted")) == 1 && len(s.InRole("member", "Unpromoted")) == 1
}

func (r *life) holder(t *testing.T) (here, there *lab.Node) {
	t.Helper()
	on := r.wait(t, "all to run", settled).RunsOn("d")
	here, there = r.c.Node(1), r.c.Node(2)
	if on != here.Name() {
		here, there = there, here
	}
	return here, there
}

func (r *life) start(t *testing.T) {
	s := r.wait(t, "all to run", settled)
	require.Empty(t, s.Failures, s)
	here, there := r.holder(t)
	first := called(t, here, dummyLog)
	require.Equal(t, []string{"monitor", "start", "monitor"}, slices.DeleteFunc(first, func(a string) bool { return a == "meta-data" })[:3], "a probe, a start, a monitor")
	require.NotContains(t, called(t, there, dummyLog), "start")
}

func (r *life) migrate(t *testing.T) {
	here, there := r.holder(t)
	_, err := r.c.Run(t.Context(), "crm_resource", "--resource", "d", "--move", "--node", there.Name())
	require.NoError(t, err)
	r.wait(t, "the migration", func(s lab.Status) bool { return settled(s) && s.RunsOn("d") == there.Name() })
	require.Contains(t, called(t, here, dummyLog), "migrate_to "+there.Name())
	require.Contains(t, called(t, there, dummyLog), "migrate_from "+here.Name())
	require.NotContains(t, called(t, there, dummyLog), "start", "a migration is no restart")
}

// reload: a change of a parameter that is reloadable restarts nothing.
func (r *life) reload(t *testing.T) {
	here, _ := r.holder(t)
	before := len(called(t, here, dummyLog))
	_, err := r.c.Run(t.Context(), "crm_resource", "--resource", "d", "--set-parameter", "fake", "--parameter-value", "two")
	require.NoError(t, err)
	r.wait(t, "reload-agent", func(lab.Status) bool {
		return count(called(t, here, dummyLog), "reload-agent") == 1
	})
	require.NotContains(t, after(called(t, here, dummyLog), before), "stop")
}

func (r *life) promote(t *testing.T) {
	s := r.wait(t, "all to run", settled)
	promoted := r.c.NodeNamed(s.InRole("member", "Promoted")[0])
	other := r.c.NodeNamed(s.InRole("member", "Unpromoted")[0])
	before := len(called(t, other, statefulLog))
	require.NoError(t, r.c.SetStandby(t.Context(), promoted.Name(), true))
	r.wait(t, "the other instance to be promoted", func(s lab.Status) bool {
		return slices.Equal(s.InRole("member", "Promoted"), []string{other.Name()}) && len(s.InRole("member", "Unpromoted")) == 0
	})
	require.Subset(t, called(t, promoted, statefulLog), []string{"demote", "stop"})
	since := after(called(t, other, statefulLog), before)
	for _, action := range []string{"notify pre-demote", "notify post-demote", "notify pre-stop", "notify post-stop", "notify pre-promote", "promote", "notify post-promote"} {
		require.Contains(t, since, action)
	}
	require.NoError(t, r.c.SetStandby(t.Context(), promoted.Name(), false))
	s = r.wait(t, "the instance to come back", settled)
	require.Equal(t, other.Name(), s.InRole("member", "Promoted")[0], "its score is the higher one")
	require.Contains(t, called(t, other, statefulLog), "notify post-start")
	require.Empty(t, s.Failures, s)
}

// failure: what a monitor says reaches those who look at the cluster, with its reason.
func (r *life) failure(t *testing.T) {
	s := r.wait(t, "all to run", settled)
	n := r.c.NodeNamed(s.InRole("member", "Promoted")[0])
	out, err := n.Run(t.Context(), "sh", "-c", "echo nonsense >/run/resource-agents/Stateful-member.state")
	require.NoError(t, err, out)
	s = r.wait(t, "the failure to be seen and mended", func(s lab.Status) bool { return len(s.Failures) > 0 && settled(s) })
	require.Contains(t, s.Failures[0].Reason, "holds neither Promoted nor Unpromoted")
	_, err = r.c.Run(t.Context(), "crm_resource", "--cleanup")
	require.NoError(t, err)
	r.wait(t, "no failure", func(s lab.Status) bool { return len(s.Failures) == 0 && settled(s) })
}

func (r *life) stop(t *testing.T) {
	for _, n := range r.c.Nodes() {
		require.NoError(t, r.c.SetStandby(t.Context(), n.Name(), true))
	}
	// The cluster says that nothing runs while stops are still on their way.
	r.wait(t, "nothing to be left", func(s lab.Status) bool {
		for _, n := range r.c.Nodes() {
			out, err := n.Run(t.Context(), "ls", "/run/resource-agents")
			require.NoError(t, err)
			if strings.Contains(out, ".state") {
				return false
			}
		}
		return s.RunsOn("d") == "" && len(s.Active("member")) == 0
	})
}
