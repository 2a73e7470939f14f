package nodeattr

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrivate(t *testing.T) {
	tools := Tools{Sbin: "/s"}
	a := Attribute{Name: "evacuate", Node: "n1"}
	require.Equal(t, Command{"/s/attrd_updater", []string{"-p", "-n", "evacuate", "-N", "n1", "-U", "yes"}}, tools.SetPrivate(a, "yes"))
	require.Equal(t, Command{"/s/attrd_updater", []string{"-p", "-n", "evacuate", "-N", "n1", "-D"}}, tools.DeletePrivate(a))
}
