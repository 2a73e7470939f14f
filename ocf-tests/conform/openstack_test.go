package conform_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/conform"
	"systole/ocf-tests/openstack"
)

// cloudBad and cloudOdd are tables: values of the parameters that all agents of
// OpenStack have.
var (
	cloudBad = []string{"auth_url=keystone:5000", "endpoint_type=inside", "insecure=perhaps"}
	cloudOdd = []string{"password=a'b $(c)", "user_domain=Default"}
)

// cloudSkipped is a table: no parameter is required by itself, and nothing that
// takes long can be had by a parameter.
var cloudSkipped = append([]string{"validate-required", "migrate", "term-start", "deadline", "kill-slow", "reload"}, promotion...)

// cloud serves an OpenStack in which this node is a compute host.
func cloud(t testing.TB) []string {
	t.Helper()
	c := openstack.New()
	c.AddHost("node1", 1000) // the name that the suite gives to its node
	c.AddVolumeService("group")
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return []string{
		"auth_url=" + s.URL + "/identity/v3", "application_credential_id=" + openstack.ApplicationCredential,
		"application_credential_secret=" + openstack.AppSecret, "password=beside-the-point",
	}
}

// daemon is cloud, with a program that stands for nova-compute or cinder-volume.
func daemon(name string, params ...string) func(t testing.TB) []string {
	return func(t testing.TB) []string {
		t.Helper()
		dir := t.TempDir()
		require.NoError(t, os.Chmod(dir, 0o755))
		program, conf := filepath.Join(dir, name), filepath.Join(dir, "service.conf")
		require.NoError(t, conform.WriteProgram(program, []byte("#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 0.1; done\n")))
		require.NoError(t, os.WriteFile(conf, []byte("[DEFAULT]\nhost = group\n"), 0o644))
		return append(append(cloud(t), "binary="+program, "config="+conf, "user=root"), params...)
	}
}

var evacuateConfig = config{
	Config: conform.Config{
		Bad: append([]string{"threshold=0", "max_parallel=many", "storage=here"}, cloudBad...), Odd: cloudOdd,
		Secret: []string{"password", "application_credential_secret"},
	},
	skipped: cloudSkipped, setUp: cloud,
}

var computeConfig = config{
	Config: conform.Config{
		Bad: append([]string{"evacuation_delay=soon", "attempts=0", "handover=perhaps"}, cloudBad...), Odd: cloudOdd,
		Secret: []string{"password", "application_credential_secret"},
	},
	skipped: cloudSkipped, setUp: daemon("nova-compute", "host=node1"),
}

var volumeConfig = config{
	Config: conform.Config{
		Bad: append([]string{"watch=soon", "check_live=perhaps"}, cloudBad...), Odd: cloudOdd,
		Secret: []string{"password", "application_credential_secret"},
	},
	skipped: cloudSkipped, setUp: daemon("cinder-volume", "check_live=no", "service_state=yes"),
}

var waitConfig = config{
	Config: conform.Config{
		Bad: append([]string{"evacuation_delay=soon"}, cloudBad...), Odd: cloudOdd,
		Secret: []string{"password", "application_credential_secret"},
	},
	skipped: cloudSkipped, setUp: func(t testing.TB) []string {
		return append(cloud(t), "host=node1", "unit=none", "config=/no/such/nova.conf")
	},
}
