package stateful

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "Stateful", Version: "1.0.0", EnvFile: "envfile",
		Short: "Promotable resource that does nothing but keep its role in a file",
		Long: `A promotable resource for tests of a cluster: its role is what is written in its state
file, and it has a promotion score of 5, or 10 when promoted.

It takes the place of ocf:pacemaker:Stateful and of ocf:heartbeat:Stateful.`,
		Params: []ocf.Param{
			{
				Name: "state", UniqueGroup: "state", Default: "${HA_RSCTMP}/Stateful-${OCF_RESOURCE_INSTANCE}.state",
				Short: "State file", Long: "File that holds the role while the resource runs.",
			},
			{
				Name: "envfile", Reloadable: true, Short: "File that the environment is written to",
				Long: "If set, the environment of every call is appended to this file.",
			},
			{
				Name: "notify_delay", Type: ocf.Time, Reloadable: true, Short: "How long notify takes",
				Long: "The time that the notify action takes, for tests of slow notifications.",
			},
		},
		Actions: []ocf.Action{
			{Name: "start", Timeout: 20 * time.Second},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second, Role: ocf.Promoted},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 11 * time.Second, Role: ocf.Unpromoted},
			{Name: "promote", Timeout: 10 * time.Second},
			{Name: "demote", Timeout: 10 * time.Second},
			{Name: "notify", Timeout: 5 * time.Second},
			{Name: "reload-agent", Timeout: 10 * time.Second},
			{Name: "validate-all", Timeout: 30 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "Exit codes on demand", Text: `When there is a file with the name of the state file and .rc after it, a monitor ends
with the exit code that is written in it.`},
			{Title: "Differences to the stock agents", Text: `The state file is in HA_RSCTMP, as that of ocf:heartbeat:Stateful; ocf:pacemaker:Stateful has
it in HA_VARRUN unless the parameter state is set. Its content is that of
ocf:pacemaker:Stateful; that of ocf:heartbeat:Stateful is understood.

A stop of a promoted instance stops it, and a start of one makes it unpromoted: the stock
agents end both with OCF_RUNNING_PROMOTED and leave it as it is.`},
		},
	}
}
