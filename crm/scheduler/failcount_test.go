package scheduler

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// failureCIB is one resource of one online node; its failure timeout is 60 s
// and now is 1000000. ATTRS are node attributes, OPS its history.
func failureState(t *testing.T, attrs, ops, operations string) (*State, *Resource, *Node) {
	t.Helper()
	text := `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" have-quorum="1" execution-date="1000000">
 <configuration><crm_config><cluster_property_set id="o"><nvpair id="o1" name="fencing-enabled" value="false"/></cluster_property_set></crm_config>
 <nodes><node id="1" uname="n1"/></nodes>
 <resources><primitive id="a.b" class="ocf" provider="pacemaker" type="Dummy">
  <meta_attributes id="m"><nvpair id="m1" name="failure-timeout" value="60s"/></meta_attributes>
  <operations>` + operations + `</operations></primitive></resources><constraints/></configuration>
 <status><node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member">
  <transient_attributes id="1"><instance_attributes id="t">` + attrs + `</instance_attributes></transient_attributes>
  <lrm id="1"><lrm_resources><lrm_resource id="a.b" class="ocf" provider="pacemaker" type="Dummy">` + ops + `</lrm_resource></lrm_resources></lrm>
 </node_state></status></cib>`
	s := unpackText(t, text)
	return s, s.findResource("a.b"), s.nodeByName("n1")
}

func attr(name, value string) string {
	return `<nvpair id="` + strings.NewReplacer("#", "-", ":", "-").Replace(name) + `" name="` + name + `" value="` + value + `"/>`
}

func failedMonitor(change string) string {
	return `<lrm_rsc_op id="a.b_last_failure_0" operation_key="a.b_monitor_10000" operation="monitor" interval="10000" call-id="5" rc-code="7" op-status="0" on_node="n1" transition-key="1:1:0:` + testUUID + `" last-rc-change="` + change + `"/>`
}

// 02 §10.1.
func TestFailCount_Attributes(t *testing.T) {
	s, r, n := failureState(t, attr("fail-count-a.b#start_0", "2")+attr("fail-count-axb#monitor_10000", "3")+
		attr("fail-count-a.b", "100")+attr("fail-count-a.b#start", "100")+attr("fail-count-a.b#_0", "100")+
		attr("fail-count-a.bc#start_0", "100")+attr("fail-count-a.b:1#start_0", "100")+attr("fail-count-a.b#stop_0", "rubbish")+
		attr("last-failure-a.b#start_0", "50")+attr("last-failure-axb#monitor_10000", "70"), "", "")
	count, last := s.FailCount(r, n)
	require.Equal(t, Score(5), count, "a dot stands for any byte; a unique resource has no instance number")
	require.Equal(t, int64(70), last)

	r.unset(RscUnique)
	count, _ = s.FailCount(r, n)
	require.Equal(t, Score(105), count, "any instance number counts when it is not unique")
}

func TestIsFailOp(t *testing.T) {
	for text, want := range map[string]bool{"start_0": true, "a_b_1": true, "_0": false, "start_": false, "start0": false, "": false, "x_12": true, "__1": true} {
		require.Equal(t, want, isFailOp(text), "%q", text)
	}
}

// The index answers what the regular expressions of 02 §10.1 do.
func TestFailCount_IndexWithoutDots(t *testing.T) {
	s, _, n := failureState(t, attr("fail-count-p#start_0", "1")+attr("fail-count-p:3#start_0", "10")+attr("fail-count-pp#start_0", "100"), "", "")
	sum := func(name string, unique bool) (total int64) {
		s.failIndexOf(n).matching(name, unique, func(a *failAttr) { total += a.n })
		return total
	}
	require.Equal(t, int64(11), sum("p", false))
	require.Equal(t, int64(1), sum("p", true))
	require.Equal(t, int64(10), sum("p:3", true))
	require.Equal(t, int64(0), sum("q", false))
}

// The borders of 02 §10.3: the entry expires at now >= t+60, the count at
// now > last+60.
func TestExpiry_Borders(t *testing.T) {
	fails := func(last string) string {
		text := attr("fail-count-a.b#monitor_10000", "1")
		if last != "" {
			text += attr("last-failure-a.b#monitor_10000", last)
		}
		return text
	}
	for _, c := range []struct {
		name, attrs, change string
		count               Score // effective
		recheck             int64
		failed              bool
	}{
		{"expired", fails("999939"), "999939", 0, 0, false},
		{"the entry is old enough, the count is not", fails("999940"), "999940", 1, 1000001, true},
		{"young", fails("999980"), "999980", 1, 1000041, true},
		{"no time, never", fails(""), "999900", 1, 0, true},
		{"no fail count", "", "999940", 0, 0, false},
	} {
		s, r, n := failureState(t, c.attrs, failedMonitor(c.change), "")
		count, _ := s.failCount(r, n, true, false, nil)
		require.Equal(t, c.count, count, c.name)
		require.Equal(t, c.recheck, s.RecheckBy, c.name)
		require.Equal(t, c.failed, len(s.Failed) == 1, c.name)
		require.Equal(t, !c.failed, s.hist.expired != nil, "an expired monitor is scheduled anew: "+c.name)
	}
}

// 02 §10.4: on-fail=block switches the failure timeout off for good.
func TestExpiry_BlockingFailureNeverExpires(t *testing.T) {
	op := `<op id="m" name="monitor" interval="10s" on-fail="block"/>`
	s, r, _ := failureState(t, attr("fail-count-a.b#monitor_10000", "1")+attr("last-failure-a.b#monitor_10000", "5"), failedMonitor("5"), op)
	require.Zero(t, r.FailureTimeoutMs)
	require.Len(t, s.Failed, 1)
	require.True(t, r.Has(RscBlocked))
}
