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

// Pacemaker 2.1.5 has an exit code of its own for an attribute that nobody has set.
func TestValues_NeverSet(t *testing.T) {
	got, err := Values(78, "", "attrd_updater: Could not query value of evacuate: attribute does not exist\n")
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = Values(78, "", "something else")
	require.Error(t, err)
}
