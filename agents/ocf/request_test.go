package ocf

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRequest_Manual(t *testing.T) {
	r := ReadRequest("X", "monitor", nil)
	require.Equal(t, "default", r.Instance)
	require.Equal(t, "X", r.Type)
	require.Equal(t, Version{1, 1}, r.API)
	require.False(t, r.Managed)
	require.True(t, r.Probe())
	require.Equal(t, Dirs{"/run/resource-agents", "/var/run", "/var/lib/heartbeat", "/usr/sbin"}, r.Dirs)
	require.Equal(t, "ocf-exit-reason:", r.ReasonPrefix)
	require.NoError(t, r.fault())
	require.Equal(t, "/run/resource-agents/X-default.state", r.StateFile(".state"))
}

func TestRequest_Pacemaker(t *testing.T) {
	r := ReadRequest("X", "notify", strings.Split(strings.TrimSpace(`
OCF_RA_VERSION_MAJOR=1
OCF_RA_VERSION_MINOR=1
OCF_ROOT=/usr/lib/ocf
OCF_RESOURCE_INSTANCE=rsc:2
OCF_RESOURCE_TYPE=X
OCF_RESOURCE_PROVIDER=systole
OCF_EXIT_REASON_PREFIX=why:
OCF_CHECK_LEVEL=10
HA_RSCTMP=/tmp/ra/
OCF_TRACE_RA=1
OCF_RESKEY_crm_feature_set=3.16.2
OCF_RESKEY_CRM_meta_timeout=20000
OCF_RESKEY_CRM_meta_interval=10000
OCF_RESKEY_CRM_meta_on_node=n1
OCF_RESKEY_CRM_meta_physical_host=h1
OCF_RESKEY_CRM_meta_container_attribute_target=host
OCF_RESKEY_CRM_meta_clone=2
OCF_RESKEY_CRM_meta_clone_max=3
OCF_RESKEY_CRM_meta_clone_node_max=1
OCF_RESKEY_CRM_meta_promoted_max=1
OCF_RESKEY_CRM_meta_promoted_node_max=1
OCF_RESKEY_CRM_meta_globally_unique=false
OCF_RESKEY_CRM_meta_promotable=true
OCF_RESKEY_CRM_meta_notify=true
OCF_RESKEY_CRM_meta_notify_type=post
OCF_RESKEY_CRM_meta_notify_operation=stop
OCF_RESKEY_CRM_meta_notify_active_resource=rsc:0 rsc:1 
OCF_RESKEY_CRM_meta_notify_active_uname=n1 n2 
OCF_RESKEY_CRM_meta_notify_inactive_resource=rsc:2 
OCF_RESKEY_CRM_meta_notify_stop_resource=rsc:1 
OCF_RESKEY_CRM_meta_notify_stop_uname=n2 
OCF_RESKEY_CRM_meta_notify_start_resource= 
OCF_RESKEY_CRM_meta_notify_start_uname= 
OCF_RESKEY_CRM_meta_notify_promoted_resource=rsc:0 
OCF_RESKEY_CRM_meta_notify_promoted_uname=n1 
OCF_RESKEY_CRM_meta_notify_master_resource=wrong 
OCF_RESKEY_CRM_meta_notify_master_uname=wrong 
OCF_RESKEY_CRM_meta_notify_slave_resource=rsc:1 
OCF_RESKEY_CRM_meta_notify_slave_uname=n2 
OCF_RESKEY_CRM_meta_notify_available_uname=n1 n2 n3 
OCF_RESKEY_CRM_meta_notify_all_uname=n1 n2 n3 `), "\n"))
	require.NoError(t, r.fault())
	require.Empty(t, r.Warnings)
	require.True(t, r.Managed)
	require.False(t, r.Probe())
	require.True(t, r.Trace)
	require.Equal(t, 10, r.CheckLevel)
	require.Equal(t, "3.16.2", r.FeatureSet)
	require.Equal(t, "why:", r.ReasonPrefix)
	require.Equal(t, "/tmp/ra/X-rsc.s", r.StateFile(".s"))
	require.Equal(t, Meta{
		Timeout: 20 * time.Second, Interval: 10 * time.Second,
		OnNode: "n1", PhysicalHost: "h1", AttributeTarget: "host",
		Clone: Clone{Is: true, Instance: 2, Max: 3, NodeMax: 1, PromotedMax: 1, PromotedNodeMax: 1, Promotable: true, Notify: true},
		Notify: Notify{
			Type: "post", Operation: "stop",
			Active:   []Member{{"rsc:0", "n1"}, {"rsc:1", "n2"}},
			Inactive: []Member{{"rsc:2", ""}},
			Stop:     []Member{{"rsc:1", "n2"}},
			Promoted: []Member{{"rsc:0", "n1"}}, Unpromoted: []Member{{"rsc:1", "n2"}},
			Available: []string{"n1", "n2", "n3"}, AllNodes: []string{"n1", "n2", "n3"}, AllNodesOnHosts: []string{},
		},
	}, r.Meta)
	require.True(t, r.Meta.Notify.Is("post", "stop"))
	require.Equal(t, []string{"n1", "n2"}, Nodes(r.Meta.Notify.Active))
}

func TestRequest_Faults(t *testing.T) {
	for env, want := range map[string]string{
		"OCF_RA_VERSION_MAJOR=1":                              "OCF_RESOURCE_INSTANCE is not set",
		"OCF_RA_VERSION_MAJOR=2 OCF_RESOURCE_INSTANCE=r":      "speaks version 2.0",
		"OCF_RESOURCE_INSTANCE=a/b":                           "no slash",
		"OCF_RESOURCE_INSTANCE=../x OCF_RA_VERSION_MAJOR=1":   "no slash",
		"OCF_RA_VERSION_MAJOR=0 OCF_RESOURCE_INSTANCE=r junk": "speaks version 0.0",
	} {
		require.ErrorContains(t, ReadRequest("X", "start", strings.Fields(env)).fault(), want, env)
	}
	r := ReadRequest("X", "start", []string{"OCF_RESKEY_CRM_meta_timeout=soon", "OCF_CHECK_LEVEL=-3"})
	require.Len(t, r.Warnings, 2)
	require.Zero(t, r.Meta.Timeout)
	r = ReadRequest("X", "notify", []string{"OCF_RESKEY_CRM_meta_notify_start_resource=a b", "OCF_RESKEY_CRM_meta_notify_start_uname=n"})
	require.Equal(t, []Member{{"a", "n"}, {"b", ""}}, r.Meta.Notify.Start)
	require.Len(t, r.Warnings, 1)
}

// Nothing that stands in an environment makes reading it fail.
func TestRequest_AnyEnvironment(t *testing.T) {
	names := []string{
		"OCF_RA_VERSION_MAJOR", "OCF_RA_VERSION_MINOR", "OCF_RESOURCE_INSTANCE", "OCF_CHECK_LEVEL", "HA_RSCTMP",
		metaPrefix + "timeout", metaPrefix + "interval", metaPrefix + "clone", metaPrefix + "notify_start_resource",
		metaPrefix + "notify_start_uname", metaPrefix + "globally_unique",
	}
	rapid.Check(t, func(t *rapid.T) {
		var env []string
		for _, n := range names {
			env = append(env, n+"="+rapid.OneOf(rapid.StringMatching(`-?[0-9]{0,25}`), rapid.String()).Draw(t, n))
		}
		r := ReadRequest("X", "monitor", env)
		require.GreaterOrEqual(t, r.Meta.Timeout, time.Duration(0))
		require.GreaterOrEqual(t, r.CheckLevel, 0)
		_ = r.fault()
	})
}

func TestCode(t *testing.T) {
	old, now := Version{1, 0}, Version{1, 1}
	require.Equal(t, Success, Degraded.For(old))
	require.Equal(t, RunningPromoted, DegradedPromoted.For(old))
	require.Equal(t, Degraded, Degraded.For(now))
	require.Equal(t, FailedPromoted, FailedPromoted.For(old))
	require.Equal(t, "OCF_ERR_CONFIGURED", ErrConfigured.String())
	require.Equal(t, "exit code 77", Code(77).String())
	require.Equal(t, ErrPerm, verdictOf(Errorf(ErrPerm, "no")).Code)
	require.Equal(t, ErrGeneric, verdictOf(errorString("no")).Code)
}

type errorString string

func (e errorString) Error() string { return string(e) }
