package worker

import (
	"fmt"
	"os"
	"strings"

	"systole/agents/ocf"
	"systole/agents/ocf/host"
	agents "systole/agents/openstack"
)

// Unfence is the process that systemd calls after it has started nova-compute (see
// agents.ComputeWait). job is what it does, a is the agent whose resource it is for.
func Unfence(a, job ocf.Runnable, resource string, p host.Process) int {
	d := a.About()
	environ := append(append([]string(nil), p.Environ...), "OCF_RESOURCE_INSTANCE="+resource)
	file := agents.EnvironmentFile(ocf.ReadRequest(d.Name, "start", environ))
	text, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintf(p.Stderr, "the parameters of the resource %s: %v: the resource must be started before nova-compute\n", resource, err)
		return int(ocf.ErrConfigured)
	}
	for line := range strings.Lines(string(text)) {
		environ = append(environ, strings.TrimRight(line, "\n"))
	}
	p.Environ = environ
	p.Args = []string{d.Name, "start"}
	return host.Main(job, p)
}
