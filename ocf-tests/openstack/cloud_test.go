package openstack_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"systole/lib/openstack/api"
	fake "systole/ocf-tests/openstack"
)

// serve serves a cloud and returns the credentials of its user.
func serve(t *testing.T, c *fake.Cloud) api.Credentials {
	t.Helper()
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return api.Credentials{
		AuthURL: s.URL + "/identity/v3", Username: fake.User, Password: fake.Password, Project: fake.Project, Region: fake.Region,
	}
}

// hosts is a cloud with hosts host-0 and so on, each with room for thirty small
// servers, or for one large one on the first.
func hosts(n int) (*fake.Cloud, []string) {
	c := fake.New()
	c.AddFlavor(fake.Flavor{ID: "large", Memory: 5000})
	var names []string
	for i := range n {
		name := fmt.Sprint("host-", i)
		names = append(names, name)
		memory := 30 * 64
		if i == 0 {
			memory += 5000
		}
		c.AddHost(name, memory)
	}
	return c, names
}

func TestExpectations(t *testing.T) {
	c, names := hosts(3)
	c.EvacuationTime, c.DownTime, c.CleanupTime = 200*time.Millisecond, 300*time.Millisecond, 200*time.Millisecond
	c.AddVolumeService("vol-a@fake")
	expectations(t, world{
		credentials: serve(t, c), hosts: names, volumes: "vol-a@fake",
		boot: func(_ *testing.T, host string, n int, large bool) (ids []string) {
			flavor := "1"
			if large {
				flavor = "large"
			}
			for i := range n {
				ids = append(ids, c.Boot(host, fmt.Sprint("vm-", i), flavor, "image-1"))
			}
			return ids
		},
		stopCompute:  func(_ *testing.T, host string) { c.StopCompute(host) },
		startCompute: func(_ *testing.T, host string) { c.StartCompute(host) },
		schedulable:  c.Schedulable,
	})
}
