package worker

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"systole/agents/ocf"
	"systole/agents/ocf/host"
	agents "systole/agents/openstack"
	"systole/lib/ocflog"
	"systole/lib/openstack"
	"systole/lib/redact"
)

// Main is the process of the worker of a resource of the agent a, and returns its
// exit code.
func Main(a ocf.Runnable, resource string, p host.Process) int {
	d := a.About()
	r := ocf.ReadRequest(d.Name, "work", p.Environ)
	r.Instance = resource
	secrets := redact.New(d.Secrets(r)...)
	conf := ocflog.FromEnviron(r.Getenv, r.Type+"("+r.Instance+")["+strconv.Itoa(os.Getpid())+"]")
	conf.Stderr, conf.Redact, conf.Sink = p.Stderr, secrets, p.Log
	log := ocflog.New(conf)
	values, err := ocf.ReadValues(d, r)
	if err != nil {
		log.Log(ocflog.Err, "%v", err)
		return int(ocf.ErrConfigured)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	w := &Worker{
		System: host.New(r, p.Environ, secrets, nil), Request: r, Params: agents.ReadEvacuateParams(values),
		Log: func(l ocflog.Level, text string) { log.Log(l, "%s", text) },
		Dial: func(ctx context.Context) (Cloud, error) {
			return openstack.Dial(ctx, agents.ReadEvacuateParams(values).Credentials)
		},
		Idle: 5 * time.Second, Busy: time.Second,
	}
	if err := w.Run(ctx); err != nil {
		log.Log(ocflog.Err, "%v", err)
		fmt.Fprintln(p.Stderr, err)
		return int(ocf.ErrGeneric)
	}
	return 0
}
