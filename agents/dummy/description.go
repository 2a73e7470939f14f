package dummy

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "Dummy", Version: "1.0.0", EnvFile: "envfile",
		Short: "Resource that does nothing but keep its state in a file",
		Long: `A resource for tests of a cluster: it runs while its state file is there. By its
parameters, actions take long or fail on purpose.

It takes the place of ocf:heartbeat:Dummy and of ocf:pacemaker:Dummy.`,
		Params: []ocf.Param{
			{
				Name: "state", UniqueGroup: "state", Default: "${HA_RSCTMP}/Dummy-${OCF_RESOURCE_INSTANCE}.state",
				Short: "State file", Long: "File that is there while the resource runs.",
			},
			{Name: "passwd", Secret: true, Reloadable: true, Short: "Password without use", Long: "A secret that nothing is done with."},
			{
				Name: "fake", Reloadable: true, Default: "dummy", Short: "Value without use",
				Long: "A value that nothing is done with. Changing it makes the cluster reload the resource.",
			},
			{
				Name: "op_sleep", Type: ocf.Time, Reloadable: true, Default: "0", Short: "How long actions take",
				Long: `The time that monitor, start, stop, migrate_to, migrate_from and reload-agent take. A
monitor that begins while another one waits fails, because a resource manager
must not run two at a time.`,
			},
			{
				Name: "fail_start_on", Reloadable: true, Short: "Host on which start reports failure",
				Long: `On the host of this name (as uname -n gives it) start, migrate_from and reload-agent
report a failure, though the resource runs afterwards.`,
			},
			{
				Name: "envfile", Reloadable: true, Short: "File that the environment is written to",
				Long: "If set, the environment of every call is appended to this file, with passwd masked.",
			},
		},
		Actions: []ocf.Action{
			{Name: "start", Timeout: 20 * time.Second},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "reload", Timeout: 20 * time.Second},
			{Name: "reload-agent", Timeout: 20 * time.Second},
			{Name: "migrate_to", Timeout: 20 * time.Second},
			{Name: "migrate_from", Timeout: 20 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "Check levels", Text: `With an OCF_CHECK_LEVEL a monitor of the running resource behaves as tests need it: 10
takes 30 seconds, 20 fails one time in five, 30 always fails, 40 ends with the
exit code that is written in the state file.`},
			{Title: "Differences to the stock agents", Text: `The state file is in HA_RSCTMP, as that of ocf:heartbeat:Dummy; ocf:pacemaker:Dummy has it
in HA_VARRUN unless the parameter state is set.

A monitor that waits for op_sleep leaves no file beside the state file. SIGTERM ends an action.

validate-all looks at the node only with OCF_CHECK_LEVEL of 10 or more. A start whose
directory is missing ends with OCF_ERR_ARGS, so that another node is tried.`},
		},
	}
}
