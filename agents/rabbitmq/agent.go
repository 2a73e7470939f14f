// Package rabbitmq is the agent rabbitmq-cluster: RabbitMQ as a clone whose
// instances form one cluster, and form it again after any outage.
//
// plan.go has the decisions: a pure function from what is known of all nodes to
// what this one does. data.go says what a node knows by its own files, cluster.go
// what the cluster manager holds, sight.go what can be seen over the network.
package rabbitmq

import (
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
)

type params struct {
	policy                []string
	binary, ctl           string
	user, group           string
	node                  string
	long                  bool
	envFile, base, logDir string
	pidFile, cookieFile   string
	epmd                  int
	host                  string
	port                  int
	checkUser             string
	checkPassword         ocf.Secret
	checkVHost            string
	awaitQuorum           time.Duration
}

// Agent is the agent. network is how nodes are looked at.
func Agent(network Network) ocf.Runnable {
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse: func(v ocf.Values) params {
			return params{
				policy: strings.Fields(v.String("set_policy")),
				binary: v.String("binary"), ctl: v.String("ctl"), user: v.String("username"), group: v.String("groupname"),
				node: v.String("node_name"), long: v.Bool("use_longname"), envFile: v.String("env_file"), base: v.String("mnesia_base"),
				logDir: v.String("log_dir"), pidFile: v.String("pid_file"), cookieFile: v.String("erlang_cookie_file"),
				epmd: int(v.Int("epmd_port")), host: v.String("host_ip"), port: int(v.Int("node_port")),
				checkUser: v.String("check_user"), checkPassword: v.Secret("check_passwd"), checkVHost: v.String("check_vhost"),
				awaitQuorum: v.Time("await_quorum"),
			}
		},
		Check: check,
		Programs: func(p params) []ocf.Program {
			return []ocf.Program{
				{Name: p.binary, Param: "binary", Package: "rabbitmq-server"},
				{Name: p.ctl, Param: "ctl", Package: "rabbitmq-server"},
			}
		},
		Gather:  gatherer{network}.gather,
		Monitor: monitor, Validate: validate, Start: start, Stop: stop, Notify: notify,
	}
}

func check(in ocf.Input[params]) error {
	p := in.Params
	if len(p.policy) == 1 {
		return ocf.Errorf(ocf.ErrConfigured, "parameter set_policy is %q: give at least the name of a policy, a pattern and a definition", p.policy[0])
	}
	if p.checkUser == "" && p.checkPassword != "" {
		return ocf.Errorf(ocf.ErrConfigured, "parameter check_passwd is set without check_user: set both or none")
	}
	for _, f := range []struct{ name, value string }{
		{"binary", p.binary},
		{"ctl", p.ctl},
		{"env_file", p.envFile},
		{"mnesia_base", p.base},
		{"log_dir", p.logDir},
		{"pid_file", p.pidFile},
		{"erlang_cookie_file", p.cookieFile},
	} {
		if f.value != "" && !path.IsAbs(f.value) {
			return ocf.Errorf(ocf.ErrConfigured, "parameter %s is %q: give an absolute path", f.name, f.value)
		}
	}
	if name, host, ok := strings.Cut(p.node, "@"); p.node != "" && (name == "" || ok && host == "" || strings.ContainsAny(p.node, " \t/'\",")) {
		return ocf.Errorf(ocf.ErrConfigured, "parameter node_name is %q: give NAME or NAME@HOST", p.node)
	}
	return nil
}
