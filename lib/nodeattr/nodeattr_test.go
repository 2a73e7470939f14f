package nodeattr_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/nodeattr"
)

func TestValues(t *testing.T) {
	tools := nodeattr.Tools{Sbin: "/usr/sbin"}
	require.Equal(t, nodeattr.Command{Path: "/usr/sbin/attrd_updater", Args: []string{"-n", "x", "-Q", "-A"}}, tools.GetAll("x"))
	got, err := nodeattr.Values(0, "name=\"x\" host=\"n1\" value=\"a b=\"c\"\"\nname=\"x\" host=\"n2\" value=\"\"\nodd\n", "")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"n1": `a b="c"`}, got)
	got, err = nodeattr.Values(105, "", "no such")
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = nodeattr.Values(78, "", "attrd_updater: Could not query value of x: attribute does not exist\n")
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = nodeattr.Values(102, "", "not connected")
	require.ErrorContains(t, err, "not connected")
}

func TestCommands(t *testing.T) {
	tools := nodeattr.Tools{Sbin: "/usr/sbin"}
	for want, c := range map[string]nodeattr.Command{
		"/usr/sbin/crm_attribute --promotion -v 5":           tools.Promotion("", "5"),
		"/usr/sbin/crm_attribute --promotion -D":             tools.DeletePromotion(""),
		"/usr/sbin/crm_attribute -l reboot -n a -v x y":      tools.Set(nodeattr.Attribute{Name: "a"}, "x y"),
		"/usr/sbin/crm_attribute -l reboot -n a -N n1 -G -q": tools.Get(nodeattr.Attribute{Name: "a", Node: "n1"}),
		"/usr/sbin/crm_attribute -l reboot -n a -N n1 -D":    tools.Delete(nodeattr.Attribute{Name: "a", Node: "n1"}),
		"/usr/sbin/crm_attribute -l forever -n a -v 1":       tools.Set(nodeattr.Attribute{Name: "a", Persistent: true}, "1"),
		"/usr/sbin/crm_attribute --promotion -v 5 -N n":      tools.Promotion("n", "5"),
		"/s/crm_master -l reboot -v 5":                       nodeattr.Tools{Sbin: "/s", FeatureSet: "3.9.9"}.Promotion("", "5"),
		"/s/crm_master -l reboot -D":                         nodeattr.Tools{Sbin: "/s", FeatureSet: "2.20.0"}.DeletePromotion(""),
		"/s/crm_attribute --promotion -v 6":                  nodeattr.Tools{Sbin: "/s", FeatureSet: "3.10.0"}.Promotion("", "6"),
		"/s/crm_attribute --promotion -v 7":                  nodeattr.Tools{Sbin: "/s", FeatureSet: "junk"}.Promotion("", "7"),
	} {
		require.Equal(t, want, c.Path+" "+strings.Join(c.Args, " "))
	}
}

func TestValue(t *testing.T) {
	value, found, err := nodeattr.Value(0, "12\n", "")
	require.True(t, found && err == nil && value == "12")
	for _, code := range []int{105, 6} {
		_, found, err = nodeattr.Value(code, "", "no such")
		require.True(t, !found && err == nil)
	}
	_, _, err = nodeattr.Value(102, "", "not connected\n")
	require.EqualError(t, err, "crm_attribute ended with exit code 102: not connected")
}
