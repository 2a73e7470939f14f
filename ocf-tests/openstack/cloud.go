package openstack

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"systole/lib/openstack/api"
)

// User, password and so on of the one user there is.
const (
	User, Password, Project          = "admin", "secret", "admin"
	ApplicationCredential, AppSecret = "app-1", "app-secret"
	Region                           = "RegionOne"
)

// Cloud is the simulated OpenStack. It is an http.Handler; the URL of keystone is
// that of the server with /identity/v3 after it. Fields are set before it is used.
type Cloud struct {
	// EvacuationTime is how long nova takes to rebuild a server.
	EvacuationTime time.Duration
	// DownTime is how long after its last report a service counts as up.
	DownTime time.Duration
	// CleanupTime is how long nova-compute takes, after it was started, to take
	// notice of the evacuations of its host.
	CleanupTime time.Duration
	// MaxMicroversion of nova; 0 is 93, which is that of Debian 12.
	MaxMicroversion int
	// SharedStorage says that every host sees the disks of every server.
	SharedStorage bool
	// Hook, if set, is called for every request, before it is looked at. What it
	// returns is done with the request.
	Hook func(r *http.Request) Fault
	// Clock, if set, is the time.
	Clock func() time.Time

	mu         sync.Mutex
	tokens     map[string]bool
	hosts      []*host
	servers    []*server
	migrations []*migration
	flavors    []Flavor
	images     []Image
	volumes    []*api.VolumeService
	serial     int
	requests   []string
	machines   []*Machine
}

// Fault is what happens to a request.
type Fault struct {
	Status int    // answer with this and do nothing
	Body   string // of the answer
	Lose   bool   // do what is asked, and give no answer
	Delay  time.Duration
}

// Flavor is a flavor.
type Flavor struct {
	ID     string
	Memory int
	Specs  map[string]string
}

// Image is an image.
type Image struct {
	ID         string
	Tags       []string
	Properties map[string]string
}

// host is a nova-compute service and the machine that it runs on.
type host struct {
	service  api.Service
	memory   int
	running  bool
	reported time.Time // last report of a service that runs no more
	started  time.Time
	// trait is COMPUTE_STATUS_DISABLED in placement: the scheduler avoids the host.
	trait bool
}

// server is a server and what is being done with it.
type server struct {
	api.Server
	memory  int
	busy    *migration
	doubled bool
}

type migration struct {
	api.Migration
	shared *bool
	done   time.Time
	chosen bool
}

// New is a cloud with shared storage and nothing in it but a flavor and an image.
func New() *Cloud {
	return &Cloud{
		SharedStorage: true, tokens: map[string]bool{},
		flavors: []Flavor{{ID: "1", Memory: 64}},
		images:  []Image{{ID: "image-1"}},
	}
}

func (c *Cloud) now() time.Time {
	if c.Clock != nil {
		return c.Clock()
	}
	return time.Now()
}

// id makes a UUID, reproducibly.
func (c *Cloud) id() string {
	c.serial++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", c.serial, c.serial)
}

// AddHost adds a host with a nova-compute that runs, and memory for servers in MB.
func (c *Cloud) AddHost(name string, memory int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts = append(c.hosts, &host{
		service: api.Service{ID: c.id(), Host: name, Enabled: true}, memory: memory, running: true, started: c.now(),
	})
}

// AddFlavor adds a flavor.
func (c *Cloud) AddFlavor(f Flavor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flavors = append(c.flavors, f)
}

// AddImage adds an image.
func (c *Cloud) AddImage(i Image) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.images = append(c.images, i)
}

// AddVolumeService adds a cinder-volume service.
func (c *Cloud) AddVolumeService(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.volumes = append(c.volumes, &api.VolumeService{Host: host, Up: true, Enabled: true, Updated: c.now()})
}

// SetVolumeService says whether the cinder-volume of a host runs.
func (c *Cloud) SetVolumeService(host string, up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.volumes {
		if v.Host == host {
			v.Up, v.Updated = up, c.now()
		}
	}
}

// VolumeService is the state of a cinder-volume service.
func (c *Cloud) VolumeService(host string) api.VolumeService {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.volumes {
		if v.Host == host {
			return *v
		}
	}
	return api.VolumeService{}
}

// Boot makes a server that runs on a host, and returns its ID.
func (c *Cloud) Boot(host, name, flavor, image string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.flavors, func(f Flavor) bool { return f.ID == flavor })
	if i < 0 {
		panic("the cloud has no flavor " + flavor)
	}
	s := &server{
		Server: api.Server{ID: c.id(), Name: name, Host: host, Status: "ACTIVE", State: "active", Flavor: flavor, Image: image},
		memory: c.flavors[i].Memory,
	}
	c.servers = append(c.servers, s)
	return s.ID
}

// SetServer changes the state of a server: its vm_state, its task_state.
func (c *Cloud) SetServer(id, vm, task string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.server(id); s != nil {
		s.State, s.TaskState = vm, task
		s.Status = statusOf(vm)
	}
}

// Delete removes a server.
func (c *Cloud) Delete(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers = slices.DeleteFunc(c.servers, func(s *server) bool { return s.ID == id })
}

// StopCompute ends the nova-compute of a host, as a power-off does.
func (c *Cloud) StopCompute(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if h := c.host(name); h != nil && h.running {
		h.running, h.reported = false, c.now()
	}
}

// StartCompute starts the nova-compute of a host.
func (c *Cloud) StartCompute(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if h := c.host(name); h != nil && !h.running {
		h.running, h.started = true, c.now()
	}
}

// AddMigration adds a record as it is, of a live-migration for example that was under way.
func (c *Cloud) AddMigration(m api.Migration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.ID == "" {
		m.ID = c.id()
	}
	c.migrations = append(c.migrations, &migration{Migration: m})
}

// ExpireTokens makes all tokens invalid.
func (c *Cloud) ExpireTokens() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.tokens)
}

// Server is the state of a server.
func (c *Cloud) Server(id string) (api.Server, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if s := c.server(id); s != nil {
		return s.Server, true
	}
	return api.Server{}, false
}

// ServersOn are the servers of a host.
func (c *Cloud) ServersOn(host string) []api.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	var list []api.Server
	for _, s := range c.servers {
		if s.Host == host {
			list = append(list, s.Server)
		}
	}
	return list
}

// Service is the nova-compute service of a host.
func (c *Cloud) Service(name string) api.Service {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if h := c.host(name); h != nil {
		return c.view(h)
	}
	return api.Service{}
}

// Schedulable says whether new servers can be placed on a host.
func (c *Cloud) Schedulable(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	h := c.host(name)
	return h != nil && c.schedulable(h)
}

// Migrations are all records.
func (c *Cloud) Migrations() []api.Migration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	var list []api.Migration
	for _, m := range c.migrations {
		list = append(list, m.Migration)
	}
	return list
}

// maxRequests is how many requests are kept, half of them at least.
const maxRequests = 100_000

// Requests are the requests so far, the oldest left out when there are very many, one
// a line: "POST /compute/v2.1/servers/x/action".
func (c *Cloud) Requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.requests)
}

func (c *Cloud) host(name string) *host {
	for _, h := range c.hosts {
		if h.service.Host == name {
			return h
		}
	}
	return nil
}

func (c *Cloud) server(id string) *server {
	for _, s := range c.servers {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// view is a service as nova shows it.
func (c *Cloud) view(h *host) api.Service {
	s := h.service
	s.Up = !s.ForcedDown && (h.running || c.now().Sub(h.reported) < c.DownTime)
	return s
}

func (c *Cloud) schedulable(h *host) bool {
	s := c.view(h)
	return s.Up && s.Enabled && !h.trait
}

func statusOf(vm string) string {
	switch vm {
	case "stopped":
		return "SHUTOFF"
	case "building":
		return "BUILD"
	}
	return map[string]string{"active": "ACTIVE", "error": "ERROR", "paused": "PAUSED", "suspended": "SUSPENDED", "rescued": "RESCUE", "resized": "VERIFY_RESIZE", "shelved": "SHELVED"}[vm]
}

// ForceDown does what a fence agent of nova does, after the power-off of a host.
func (c *Cloud) ForceDown(name, reason string) {
	c.StopCompute(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.host(name); h != nil {
		h.service.ForcedDown, h.service.Enabled, h.trait = true, false, true
		h.service.DisabledReason = reason
	}
}

// RenameHost gives a host, and the servers on it, another name.
func (c *Cloud) RenameHost(from, to string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.host(from)
	if h == nil {
		panic("the cloud has no host " + from)
	}
	h.service.Host = to
	for _, s := range c.servers {
		if s.Host == from {
			s.Host = to
		}
	}
}
