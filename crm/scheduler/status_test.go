package scheduler

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// 02 §6.3, trap 6.
func TestMemberSinceAndOnlineSince(t *testing.T) {
	const now = 1700000000
	for text, want := range map[string]int64{"1": now, "true": now, "0": 0, "false": 0, "1500": 1500, "-5": -1, "rubbish": -1, "": -1} {
		require.Equal(t, want, memberSince(text, true, now), "in_ccm=%q", text)
	}
	require.Equal(t, int64(-1), memberSince("", false, now))
	for text, want := range map[string]int64{"online": 1, "Offline": 0, "1": 1, "1500": 1500, "-5": 0, "rubbish": 0, "0": 0} {
		require.Equal(t, want, onlineSince(text, true), "crmd=%q", text)
	}
	require.Equal(t, int64(0), onlineSince("", false))
}

// clusterWith returns the state of a cluster with fencing whose node n1 has
// this node_state (attributes and children).
func clusterWith(t *testing.T, options, state string) *State {
	t.Helper()
	return unpackText(t, `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" have-quorum="1" execution-date="1676981997">
 <configuration><crm_config><cluster_property_set id="o"><nvpair id="w" name="have-watchdog" value="true"/>`+options+`</cluster_property_set></crm_config>
 <nodes><node id="1" uname="n1"/></nodes><resources>
  <clone id="c"><primitive id="p" class="ocf" provider="pacemaker" type="Dummy"/></clone></resources><constraints/></configuration>
 <status>`+state+`</status></cib>`)
}

// 02 §6.4 with fencing, row by row.
func TestOnline_WithFencing(t *testing.T) {
	shutdown := `<transient_attributes id="1"><instance_attributes id="i"><nvpair id="s" name="shutdown" value="5"/></instance_attributes></transient_attributes>`
	terminate := `<transient_attributes id="1"><instance_attributes id="i"><nvpair id="s" name="terminate" value="true"/></instance_attributes></transient_attributes>`
	for _, c := range []struct {
		name, attrs, children    string
		online, unclean, pending bool
		reason                   string
	}{
		{"1 shutdown", `in_ccm="false" crmd="online"`, shutdown, true, false, false, ""},
		{"2 never seen", `crmd="online" join="member" expected="member"`, "", false, true, false, "peer has not been seen by the cluster"},
		{"3 banned", `in_ccm="true" crmd="online" join="banned" expected="member"`, "", true, true, false, "peer failed Pacemaker membership criteria"},
		{"4 terminated already", `in_ccm="false" crmd="offline" join="down"`, terminate, false, false, false, ""},
		{"4 terminate", `in_ccm="true" crmd="online" join="member" expected="member"`, terminate, true, true, false, "fencing was requested"},
		{"5a too long", `in_ccm="1676981697" crmd="0"`, "", true, true, false, "peer pending timed out on joining the process group"},
		{"5b pending", `in_ccm="true" crmd="offline" join="down" expected="down"`, "", true, false, true, ""},
		{"5b pending but offline", `in_ccm="false" crmd="online"`, "", false, false, true, ""},
		{"5c down", `in_ccm="false" crmd="offline" expected="down"`, "", false, false, false, ""},
		{"6 lost", `in_ccm="false" crmd="offline" join="down" expected="member"`, "", false, true, false, "peer is no longer part of the cluster"},
		{"7 process gone", `in_ccm="true" crmd="offline" join="member" expected="member"`, "", true, true, false, "peer process is no longer available"},
		{"8 member", `in_ccm="true" crmd="online" join="member" expected="member"`, "", true, false, false, ""},
		{"9 joining", `in_ccm="true" crmd="online" join="pending" expected="member"`, "", true, false, true, ""},
		{"10 letter case counts", `in_ccm="true" crmd="online" join="Member" expected="member"`, "", true, true, false, "peer was in an unknown state"},
	} {
		s := clusterWith(t, `<nvpair id="npt" name="node-pending-timeout" value="300s"/>`, `<node_state id="1" uname="n1" `+c.attrs+`>`+c.children+`</node_state>`)
		n := s.nodeByName("n1")
		require.Equal(t, [3]bool{c.online, c.unclean, c.pending}, [3]bool{n.Online, n.Unclean, n.Pending}, c.name)
		if c.reason == "" {
			require.Empty(t, s.Actions, c.name)
			continue
		}
		require.Len(t, s.Actions, 1, c.name)
		require.Equal(t, c.reason, s.Actions[0].Reason, c.name)
	}
}

// 02 §6.4 without fencing, trap 7.
func TestOnline_WithoutFencing(t *testing.T) {
	for attrs, want := range map[string][2]bool{
		`in_ccm="true" crmd="online" join="Member"`:                      {true, false},
		`in_ccm="true" crmd="online" join="pending"`:                     {false, false},
		`in_ccm="true" crmd="offline" join="member" expected="member"`:   {false, true},
		`in_ccm="true" crmd="offline" join="member" expected="down"`:     {false, false},
		`in_ccm="false" crmd="online" join="member" expected="member"`:   {false, false},
		`in_ccm="rubbish" crmd="online" join="member" expected="member"`: {false, false},
	} {
		s := clusterWith(t, `<nvpair id="f" name="fencing-enabled" value="false"/>`, `<node_state id="1" uname="n1" `+attrs+`/>`)
		n := s.nodeByName("n1")
		require.Equal(t, want, [2]bool{n.Online, n.Unclean}, attrs)
	}
}

func upState(i int, history string) string {
	return fmt.Sprintf(`<node_state id="%d" uname="n%d" in_ccm="true" crmd="online" join="member" expected="member"><lrm id="%d"><lrm_resources>%s</lrm_resources></lrm></node_state>`, i, i, i, history)
}

func opXML(rsc, task string, call, rc int) string {
	return fmt.Sprintf(`<lrm_rsc_op id="%s_%s_0" operation_key="%s_%s_0" operation="%s" interval="0" call-id="%d" rc-code="%d" op-status="0" transition-key="1:1:%d:%s"/>`,
		rsc, task, rsc, task, task, call, rc, rc, testUUID)
}

func lrmXML(rsc string, ops ...string) string {
	text := `<lrm_resource id="` + rsc + `" class="ocf" provider="pacemaker" type="Dummy">`
	for _, op := range ops {
		text += op
	}
	return text + `</lrm_resource>`
}

// 02 §9.4: instances are numbered in document order of the histories that show
// them active; a second history on one node and a third node get surplus ones.
func TestInstances_DocumentOrder(t *testing.T) {
	start := opXML("p", "start", 2, 0)
	s := unpackText(t, `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" have-quorum="1">
 <configuration><crm_config/><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/></nodes><resources>
  <clone id="c"><meta_attributes id="m"><nvpair id="m1" name="clone-max" value="2"/></meta_attributes>
   <primitive id="p" class="ocf" provider="pacemaker" type="Dummy"/></clone></resources><constraints/></configuration>
 <status>`+upState(3, lrmXML("p", opXML("p", "monitor", 2, 7)))+upState(2, lrmXML("p", start)+lrmXML("p:1", start))+upState(1, lrmXML("p", start))+`</status></cib>`)
	c := s.findResource("c")
	require.Len(t, c.Children, 3)
	where := func(i int) string {
		if len(c.Children[i].Active) != 1 {
			return ""
		}
		return c.Children[i].Active[0].Name
	}
	require.Equal(t, []string{"n2", "n1", "n2"}, []string{where(0), where(1), where(2)}, "the stopped history of n3 occupies nothing")
	require.True(t, c.Children[2].Has(RscRemoved))
	require.False(t, c.Children[1].Has(RscRemoved))
	require.Equal(t, 3, s.NInstances, "an active surplus instance counts (02 §12)")
}

// 02 §9.5, §10.5 of removed resources.
func TestRemovedResource(t *testing.T) {
	s := clusterWith(t, "", upState(1, lrmXML("gone", opXML("gone", "start", 2, 0))+lrmXML("c", opXML("c", "monitor", 3, 7))+lrmXML("empty")))
	gone := s.findResource("gone")
	require.True(t, gone.Has(RscRemoved))
	require.Equal(t, RoleStarted, gone.OrigRole)
	score, _ := gone.Allowed.Get(s.nodeByName("n1"))
	require.Equal(t, -Infinity, score)
	last := s.Resources[len(s.Resources)-1]
	require.Equal(t, "c", last.ID, "the history of a collective's id makes a primitive")
	require.Equal(t, KindPrimitive, last.Kind)
	require.Nil(t, s.findResource("empty"), "no operations, no resource")
}

// 08 §5.3.5.
func TestMaskedProbe(t *testing.T) {
	op := `<lrm_rsc_op id="p_last_0" operation_key="p_monitor_0" operation="monitor" on_node="n1" interval="0" call-id="2" rc-code="5" op-status="0" transition-key="1:1:7:` + testUUID + `"/>`
	s := clusterWith(t, "", upState(1, lrmXML("p", op)))
	r := s.findResource("p:0")
	rc, ok := s.MaskedProbe(r, s.nodeByName("n1"))
	require.True(t, ok)
	require.Equal(t, 5, rc)
	_, ok = s.MaskedProbe(r, nil)
	require.True(t, ok, "no node stands for any")
	require.True(t, s.Failed[0].MaskedProbe)
	require.Equal(t, RoleStopped, r.OrigRole)
	require.False(t, r.Has(RscFailed))
	score, _ := r.Allowed.Get(s.nodeByName("n1"))
	require.Equal(t, -Infinity, score, "all instances are kept away")
}

// 02 §11.1, §11.2.
func TestShutdownLock(t *testing.T) {
	state := func(limit string) *State {
		s := unpackText(t, `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" have-quorum="1" execution-date="1000">
 <configuration><crm_config><cluster_property_set id="o"><nvpair id="o1" name="shutdown-lock" value="true"/>`+limit+`</cluster_property_set></crm_config>
 <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes><resources>
  <primitive id="r" class="ocf" provider="pacemaker" type="Dummy"/></resources><constraints/></configuration>
 <status><node_state id="1" uname="n1" in_ccm="false" crmd="offline" join="down" expected="down"><lrm id="1"><lrm_resources>
  <lrm_resource id="r" class="ocf" provider="pacemaker" type="Dummy" shutdown-lock="900"/><lrm_resource id="gone" shutdown-lock="900"/>
 </lrm_resources></lrm></node_state></status></cib>`)
		s.applyShutdownLocks()
		return s
	}
	s := state(`<nvpair id="o2" name="shutdown-lock-limit" value="5min"/>`)
	r := s.findResource("r")
	require.Equal(t, "n1", r.LockNode.Name)
	require.Equal(t, int64(1201), s.RecheckBy)
	score, _ := r.Allowed.Get(s.nodeByName("n2"))
	require.Equal(t, -Infinity, score)
	require.Nil(t, s.findResource("gone"), "a lock alone makes no resource")

	s = state(`<nvpair id="o2" name="shutdown-lock-limit" value="1min"/>`)
	require.Nil(t, s.findResource("r").LockNode)
	require.Len(t, s.Actions, 1)
	require.Equal(t, taskLRMDelete, s.Actions[0].Task)
}
