package suite

import (
	"context"
	"os"

	"systole/agents/ocf"
	"systole/agents/ocf/host"
	"systole/agents/openstack"
	"systole/agents/openstack/worker"
	client "systole/lib/openstack"
	"systole/lib/openstack/api"
)

// executable is the path of this program, also when it was called through a link.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return Program
	}
	return path
}

func dialNova(ctx context.Context, c api.Credentials) (openstack.Nova, error) {
	return client.Dial(ctx, c)
}

func dialCinder(ctx context.Context, c api.Credentials) (openstack.Cinder, error) {
	return client.Dial(ctx, c)
}

func unfence(a ocf.Runnable, resource string, p host.Process) int {
	return worker.Unfence(a, openstack.Unfence(dialNova), resource, p)
}
