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
	require.Equal(t, Command{"/s/attrd_updater", []string{"-n", "evacuate", "-Q", "-A"}}, tools.GetPrivate("evacuate"))
}

func TestValues(t *testing.T) {
	got, err := Values(0, "name=\"evacuate\" host=\"n1\" value=\"yes\"\nname=\"evacuate\" host=\"n2\" value=\"ctl@17\"\nname=\"evacuate\" host=\"n3\" value=\"\"\n", "")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"n1": "yes", "n2": "ctl@17"}, got)
	for _, code := range []int{6, 105} {
		got, err = Values(code, "", "does not exist")
		require.NoError(t, err)
		require.Empty(t, got)
	}
	_, err = Values(1, "", "no connection")
	require.ErrorContains(t, err, "no connection")
	_, err = Values(0, "something else", "")
	require.ErrorContains(t, err, "not understood")
}
