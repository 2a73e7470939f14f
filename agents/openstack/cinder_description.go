package openstack

import (
	"time"

	"systole/agents/ocf"
)

func volumeDescription() ocf.Description {
	own := []ocf.Param{
		{Name: "host", Short: "Name that cinder knows the service by", Long: "The option host, or backend_host, that the configuration must have. Without it any is accepted, but there must be one."},
		{Name: "check_live", Type: ocf.Boolean, Default: "yes", Short: "Ask cinder whether another one lives", Long: "Do not start while another cinder-volume of the same name reports itself to cinder, and wait after the start until cinder sees this one. It needs credentials."},
		{
			Name: "watch", Type: ocf.Time, Default: "25s", Limits: &ocf.Limits{Min: 1, Max: 600}, Short: "How long another one is watched",
			Long: "How long a service that cinder has as up is watched before it is taken for dead. It must be longer than twice the option report_interval of cinder (10 seconds). The timeout of start must be longer.",
		},
		{Name: "service_state", Type: ocf.Boolean, Default: "no", Short: "Disable on stop, enable on start", Long: "Disable the service in cinder before a stop, so that no new volume is given to it, and enable it after the start. What an administrator has disabled stays disabled."},
		{Name: "pid", Short: "Has no effect", Long: "A parameter of the stock agent, without effect: the process is found in the process table."},
		{Name: "amqp_server_port", Type: ocf.Integer, Short: "Has no effect", Long: "A parameter of the stock agent, without effect: a monitor of depth 10 asks cinder whether the service reports itself."},
		{Name: "multibackend", Type: ocf.Boolean, Short: "Has no effect", Long: "A parameter of the stock agent, without effect: backends are read from the configuration."},
	}
	return ocf.Description{
		Name: "cinder-volume", Version: "1.0.0",
		Short: "Runs cinder-volume on one node at a time",
		Long: `Runs cinder-volume as a service that is active on one node and can move to another. For
that, cinder must know it by the same name on every node: the option host, or backend_host of
each backend, has to be set in its configuration, and is checked. It does not start while
another cinder-volume of that name lives.`,
		Params: append(append(credentialParams(), serviceParams("cinder-volume", "cinder-volume", "cinder", "/etc/cinder/cinder.conf")...), own...),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 120 * time.Second},
			{Name: "stop", Timeout: 60 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "monitor", Timeout: 30 * time.Second, Interval: 61 * time.Second, Depth: 10},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "After a failure", Text: `Cinder has a service that has died as up for a minute (service_down_time). The start therefore
watches it for the time of the parameter watch: one that lives reports itself.`},
			{Title: "Clones", Text: `As a clone the agent runs cinder-volume on several nodes, if the configuration has the option
cluster, that is if cinder itself keeps the instances apart.`},
		},
	}
}
