package conform

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

func lifeChecks() []Check {
	return []Check{
		{"probe-stopped", "a probe of the stopped resource ends with 7 (or 5)", "OCF", checkProbeStopped},
		{"monitor-stopped", "a monitor of the stopped resource ends with 7", "OCF", checkMonitorStopped},
		{"start", "start succeeds, and the resource runs when it returns", "OCF", checkStart},
		{"start-again", "start of the running resource succeeds and leaves it running", "OCF", checkStartAgain},
		{"start-output", "what was started does not hold the output of the agent", "Pacemaker", checkOutput},
		{"monitor-repeat", "monitors of the running resource agree", "OCF", checkMonitorRepeat},
		{"monitor-concurrent", "monitors that run at the same time agree", "OCF", checkMonitorConcurrent},
		{"monitor-writes-nothing", "a monitor changes no file, running or stopped", "house", checkMonitorWrites},
		{"monitor-levels", "a check level that is not advertised is as good as the next lower one", "OCF", checkLevels},
		{"stop", "stop succeeds, and the resource is stopped when it returns", "OCF", checkStop},
		{"stop-again", "stop of the stopped resource succeeds", "OCF", checkStopAgain},
		{"stop-clean", "stop leaves no process and no file", "OCF", checkStopClean},
		{"restart", "the resource can be started after a stop", "OCF", checkRestart},
		{"reload", "reload and reload-agent of the running resource succeed and leave it running", "OCF", checkReload},
		{"migrate", "migrate_to ends the resource here, migrate_from begins it", "Pacemaker", checkMigrate},
		{"advertised", "no advertised action is unimplemented", "OCF", checkAdvertised},
		{"api-1.0", "the resource lives under a resource manager of OCF 1.0", "OCF", checkOldAPI},
	}
}

func checkProbeStopped(t *T) { t.want(t.probe(), "probe", notRunning, notInstalled) }

func checkMonitorStopped(t *T) { t.want(t.monitor(), "monitor", notRunning) }

func checkStart(t *T) {
	t.want(t.act("start"), "start", success)
	t.want(t.monitor(), "monitor", success)
	t.want(t.probe(), "probe", success)
}

func checkStartAgain(t *T) {
	t.started()
	t.want(t.act("start"), "second start", success)
	t.want(t.monitor(), "monitor", success)
}

func checkOutput(t *T) {
	if r := t.act("start"); r.held {
		t.fail("after start a process still holds the output of the agent: whoever reads it waits")
	}
	if r := t.act("stop"); r.held {
		t.fail("after stop a process still holds the output of the agent")
	}
}

func checkMonitorRepeat(t *T) {
	t.started()
	for n := range 5 {
		t.want(t.monitor(), fmt.Sprintf("monitor %d", n+1), success)
	}
}

func (t *T) concurrently(n int, what string, code int) {
	results := make([]result, n)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = t.monitor() })
	}
	group.Wait()
	for _, r := range results {
		if !t.want(r, what, code) {
			return
		}
	}
}

func checkMonitorConcurrent(t *T) {
	t.concurrently(8, "one of 8 monitors of the stopped resource", notRunning)
	t.started()
	t.concurrently(8, "one of 8 monitors of the running resource", success)
}

// snapshot is what is in the directories of the suite and of the parameters, by
// path: everything that a write changes. Logs and calls of cluster tools are
// left out.
func (t *T) snapshot() map[string]string {
	dirs := []string{t.path("rsctmp"), t.path("run"), t.path("lib"), t.path("cwd")}
	for _, p := range slices.Concat(t.c.Params, t.c.Odd) {
		if _, value, _ := strings.Cut(p, "="); strings.HasPrefix(value, t.dir+"/") {
			dirs = append(dirs, filepath.Dir(value))
		}
	}
	files := map[string]string{}
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			if info, err := os.Lstat(path); err == nil {
				files[path] = fmt.Sprint(info.Mode(), info.Size(), info.ModTime())
			}
			return nil
		})
	}
	return files
}

// changed are the paths in which two snapshots differ.
func changed(before, after map[string]string) []string {
	var list []string
	for path, was := range before {
		if after[path] != was {
			list = append(list, path)
		}
	}
	for path := range after {
		if _, was := before[path]; !was {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}

func checkMonitorWrites(t *T) {
	for _, state := range []string{"stopped", "running"} {
		if state == "running" {
			t.started()
		}
		before := t.snapshot()
		t.monitor()
		t.probe()
		if c := changed(before, t.snapshot()); len(c) > 0 {
			t.fail("%s: %s", state, strings.Join(c, ", "))
		}
	}
}

func checkLevels(t *T) {
	levels := map[string]bool{"": true, "0": true}
	for _, a := range t.meta.Actions {
		if a.Name == "monitor" {
			levels[a.Depth] = true
		}
	}
	t.started()
	// 7 is no level of the standard: the next lower one is 0.
	t.want(t.do(t.ctx, call{action: "monitor", env: []string{"OCF_CHECK_LEVEL=7"}}), "monitor at level 7", success)
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		if level != "" && level != "0" {
			t.want(t.do(t.ctx, call{action: "monitor", env: []string{"OCF_CHECK_LEVEL=" + level}}), "monitor at the advertised level "+level, success)
		}
	}
}

func checkStop(t *T) {
	t.started()
	t.want(t.act("stop"), "stop", success)
	t.want(t.monitor(), "monitor", notRunning)
	t.want(t.probe(), "probe", notRunning)
}

func checkStopAgain(t *T) {
	t.want(t.act("stop"), "stop of what was never started", success)
	t.started()
	t.act("stop")
	t.want(t.act("stop"), "second stop", success)
	t.want(t.monitor(), "monitor", notRunning)
}

func checkStopClean(t *T) {
	before := t.snapshot()
	t.started()
	t.act("stop")
	t.nothingLeft("stop")
	var files []string
	for path := range t.snapshot() {
		if _, was := before[path]; !was {
			files = append(files, path)
		}
	}
	slices.Sort(files)
	if len(files) > 0 {
		t.fail("files are left: %s", strings.Join(files, ", "))
	}
}

// nothingLeft fails for processes of the resource. They get a moment: a process
// that was killed is there until the kernel has cleared it away.
func (t *T) nothingLeft(after string) {
	var left []process
	for range 100 {
		if left = t.processes(); len(left) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, p := range left {
		t.fail("after %s process %d (%s) is left", after, p.pid, p.name)
	}
}

func checkRestart(t *T) {
	for n := range 3 {
		t.want(t.act("start"), fmt.Sprintf("start %d", n+1), success)
		t.want(t.monitor(), "monitor", success)
		t.want(t.act("stop"), fmt.Sprintf("stop %d", n+1), success)
	}
}

func checkReload(t *T) {
	if !t.meta.has("reload") && !t.meta.has("reload-agent") {
		t.skip("the agent has neither reload nor reload-agent")
	}
	t.started()
	for _, action := range []string{"reload", "reload-agent"} {
		if t.meta.has(action) {
			t.want(t.act(action), action, success)
			t.want(t.monitor(), "monitor after "+action, success)
		}
	}
}

func checkMigrate(t *T) {
	t.need("migrate_to")
	t.started()
	t.want(t.do(t.ctx, call{action: "migrate_to", env: []string{"OCF_RESKEY_CRM_meta_migrate_source=node1", "OCF_RESKEY_CRM_meta_migrate_target=node2"}}), "migrate_to", success)
	t.want(t.monitor(), "monitor after migrate_to", notRunning)
	t.want(t.do(t.ctx, call{action: "migrate_from", env: []string{"OCF_RESKEY_CRM_meta_migrate_source=node1", "OCF_RESKEY_CRM_meta_migrate_target=node2"}}), "migrate_from", success)
	t.want(t.monitor(), "monitor after migrate_from", success)
}

func checkAdvertised(t *T) {
	for _, a := range t.meta.Actions {
		if r := t.act(a.Name); r.ended() && r.code == unimplemented {
			t.fail("%s", a.Name)
		}
	}
}

func checkOldAPI(t *T) {
	old := func(action string) result {
		return t.do(t.ctx, call{action: action, env: []string{"OCF_RA_VERSION_MINOR=0", "OCF_RESKEY_crm_feature_set=3.7.1"}})
	}
	t.want(old("monitor"), "probe", notRunning)
	t.want(old("start"), "start", success)
	t.want(old("monitor"), "probe of the running resource", success)
	if t.meta.Promotable() {
		t.want(old("promote"), "promote", success)
		t.want(old("monitor"), "probe of the promoted resource", runsPromoted)
		t.want(old("demote"), "demote", success)
	}
	t.want(old("stop"), "stop", success)
	t.want(old("monitor"), "probe of the stopped resource", notRunning)
}
