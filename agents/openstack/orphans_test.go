package openstack

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
)

func TestIsOrphan(t *testing.T) {
	r := &ocf.Request{Type: "NovaEvacuate"}
	for name, c := range map[string]struct {
		p    ocf.Process
		want bool
	}{
		"before execve":              {ocf.Process{Parent: 1, Name: "NovaEvacuate", Args: []string{"/x/NovaEvacuate", "start"}}, true},
		"in execve, old name":        {ocf.Process{Parent: 1, Name: "NovaEvacuate"}, true},
		"in execve, new name":        {ocf.Process{Parent: 1, Name: "systole-agents"}, true},
		"in execve, hidden program":  {ocf.Process{Parent: 1, Name: ".systole-agents"}, true},
		"the worker":                 {ocf.Process{Parent: 1, Name: "systole-agents", Args: []string{"systole-agents", "work", "NovaEvacuate", "rsc"}}, false},
		"a start that lives":         {ocf.Process{Parent: 77, Name: "NovaEvacuate", Args: []string{"/x/NovaEvacuate", "start"}}, false},
		"of another agent":           {ocf.Process{Parent: 1, Name: "NovaCompute", Args: []string{"/x/NovaCompute", "start"}}, false},
		"a thread of the kernel":     {ocf.Process{Parent: 2, Name: "kworker/0:1"}, false},
		"somebody without arguments": {ocf.Process{Parent: 1, Name: "init"}, false},
	} {
		require.Equal(t, c.want, isOrphan(c.p, r), name)
	}
}
