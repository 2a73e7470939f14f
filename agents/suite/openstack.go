package suite

import (
	"context"
	"os"

	"systole/agents/openstack"
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
