package suite

import (
	"context"

	"systole/agents/ocf"
	"systole/agents/ocf/host"
	"systole/agents/openstack"
	"systole/agents/openstack/worker"
	client "systole/lib/openstack"
	"systole/lib/openstack/api"
)

func dialNova(ctx context.Context, c api.Credentials) (openstack.Nova, error) {
	return client.Dial(ctx, c)
}

func dialCinder(ctx context.Context, c api.Credentials) (openstack.Cinder, error) {
	return client.Dial(ctx, c)
}

func unfence(a ocf.Runnable, resource string, p host.Process) int {
	return worker.Unfence(a, openstack.Unfence(dialNova), resource, p)
}
