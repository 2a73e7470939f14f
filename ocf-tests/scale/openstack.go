package scale

import (
	"fmt"
	"strings"
)

const controllers = 5

// OpenStack is a highly available OpenStack with five controllers, which are
// cluster nodes, and this many compute nodes, which are remote nodes: some
// thirty clones on the controllers, five interleaved ones on the compute nodes.
func OpenStack(computes int, event Event) []byte {
	d := &openStack{cluster: newCluster(), event: event}
	for i := range controllers {
		d.controllers = append(d.controllers, fmt.Sprintf("ctl-%d", i+1))
		d.node(fmt.Sprint(i+1), d.controllers[i], "", pairs{{"osprole", "controller"}})
	}
	for i := range computes {
		name := fmt.Sprintf("compute-%04d", i)
		d.computes = append(d.computes, name)
		d.node(name, name, "remote", pairs{{"osprole", "compute"}})
	}
	d.connectionsAndFencing()
	d.addresses()
	d.services()
	d.computeServices()
	d.constraintsBetween()
	d.controllerStates()
	for _, name := range d.computes {
		d.openState(name, name, true, true, nil)
		for _, p := range d.onCompute {
			d.history(name, p, started, false)
		}
		d.closeState()
	}
	return d.bytes(100)
}

type openStack struct {
	*cluster
	event                       Event
	controllers, computes       []string
	connections, fences, vips   []*primitive
	onController, onCompute     []*primitive // clones
	galera, redis, cinderVolume *primitive
}

func (d *openStack) connectionsAndFencing() {
	for _, name := range d.computes {
		p := &primitive{
			id: name, class: "ocf", provider: "pacemaker", kind: "remote", params: pairs{{"reconnect_interval", "60"}},
			ops: []operation{{"start", 0, 60, ""}, {"stop", 0, 60, ""}, {"monitor", 20, 30, ""}},
		}
		d.connections = append(d.connections, p)
		d.resources.WriteString(p.xml())
	}
	device := func(id, kind string, params pairs) *primitive {
		p := &primitive{id: id, class: "stonith", kind: kind, params: params, ops: []operation{{"monitor", 60, 20, ""}}}
		d.fences = append(d.fences, p)
		d.resources.WriteString(p.xml())
		d.only(id, "osprole", "controller")
		return p
	}
	for i, name := range d.controllers {
		p := device("fence-"+name, "fence_ipmilan", pairs{
			{"pcmk_host_list", name}, {"ipaddr", fmt.Sprintf("192.0.2.%d", i+1)}, {"login", "admin"}, {"lanplus", "1"},
		})
		d.constraint("location", pairs{{"rsc", p.id}, {"node", name}, {"score", "-INFINITY"}})
	}
	device("fence-nova", "fence_compute", pairs{{"auth_url", "http://10.8.0.1:5000"}, {"record_only", "1"}, {"domain", "localdomain"}})
	device("fence-computes", "fence_rsa", pairs{{"pcmk_host_check", "none"}, {"ipaddr", "192.0.2.99"}})
}

// addresses are eight virtual addresses, each where a proxy runs.
func (d *openStack) addresses() {
	for i := range 8 {
		p := &primitive{
			id: fmt.Sprintf("ip-10.8.%d.1", i), class: "ocf", provider: "heartbeat", kind: "IPaddr2",
			params: pairs{{"ip", fmt.Sprintf("10.8.%d.1", i)}, {"cidr_netmask", "32"}}, ops: standardOps(),
		}
		d.vips = append(d.vips, p)
		d.resources.WriteString(p.xml())
		d.only(p.id, "osprole", "controller")
		d.order(p.id, "haproxy-clone", [2]string{"kind", "Optional"})
		d.colocate(p.id, "haproxy-clone", "INFINITY")
	}
}

func (d *openStack) clone(p *primitive, role string, meta pairs) {
	fmt.Fprintf(&d.resources, "<clone id=\"%s-clone\">\n%s%s</clone>\n", p.id, set("meta_attributes", p.id+"-clone-meta", meta), p.xml())
	d.only(p.id+"-clone", "osprole", role)
}

func (d *openStack) services() {
	names := strings.Fields(`haproxy memcached openstack-core keystone httpd glance-api glance-registry cinder-api
		cinder-scheduler nova-api nova-conductor nova-scheduler nova-consoleauth nova-novncproxy neutron-server neutron-l3-agent
		neutron-dhcp-agent neutron-ovs-agent neutron-metadata-agent heat-api heat-engine ceilometer-central`)
	interleaved := pairs{{"interleave", "true"}}
	for _, name := range names {
		p := &primitive{id: name, class: "systemd", kind: name, ops: standardOps()}
		d.onController = append(d.onController, p)
		d.clone(p, "controller", interleaved)
	}
	promotable := func(id string, params pairs, most string) *primitive {
		p := &primitive{id: id, class: "ocf", provider: "heartbeat", kind: id, params: params, ops: promotableOps()}
		d.clone(p, "controller", pairs{
			{"promotable", "true"}, {"promoted-max", most}, {"ordered", "true"}, {"interleave", "true"}, {"notify", "true"},
		})
		return p
	}
	d.galera = promotable("galera", pairs{{"wsrep_cluster_address", "gcomm://" + strings.Join(d.controllers, ",")}, {"enable_creation", "true"}}, "5")
	d.redis = promotable("redis", pairs{{"wait_last_known_master", "true"}}, "1")
	rabbit := &primitive{
		id: "rabbitmq", class: "ocf", provider: "heartbeat", kind: "rabbitmq-cluster",
		params: pairs{{"set_policy", "ha-all ^(?!amq.).* {mode:all}"}}, meta: pairs{{"notify", "true"}}, ops: standardOps(),
	}
	d.onController = append(d.onController, rabbit)
	d.clone(rabbit, "controller", pairs{{"ordered", "true"}, {"interleave", "true"}})
	d.cinderVolume = &primitive{id: "cinder-volume", class: "systemd", kind: "cinder-volume", ops: standardOps()}
	d.resources.WriteString(d.cinderVolume.xml())
	d.only("cinder-volume", "osprole", "controller")
}

// computeServices follow each other on every compute node.
func (d *openStack) computeServices() {
	d.onCompute = []*primitive{
		{id: "libvirtd-compute", class: "systemd", kind: "libvirtd", ops: standardOps()},
		{id: "neutron-ovs-compute", class: "systemd", kind: "neutron-openvswitch-agent", ops: standardOps()},
		{id: "ceilometer-compute", class: "systemd", kind: "openstack-ceilometer-compute", ops: standardOps()},
		{
			id: "nova-checkevacuate", class: "ocf", provider: "openstack", kind: "nova-compute-wait",
			params: pairs{{"auth_url", "http://10.8.0.1:5000"}, {"domain", "localdomain"}}, ops: standardOps(),
		},
		{id: "nova-compute", class: "systemd", kind: "openstack-nova-compute", ops: standardOps()},
	}
	for i, p := range d.onCompute {
		d.clone(p, "compute", pairs{{"interleave", "true"}})
		if i > 0 {
			before := d.onCompute[i-1].id + "-clone"
			d.order(before, p.id+"-clone")
			d.colocate(p.id+"-clone", before, "INFINITY")
		}
	}
}

func (d *openStack) constraintsBetween() {
	either := [2]string{"require-all", "false"}
	d.order("nova-conductor-clone", "nova-checkevacuate-clone", either)
	d.order("neutron-server-clone", "neutron-ovs-compute-clone", either)
	d.order("galera-clone", "openstack-core-clone", [2]string{"first-action", "promote"}, [2]string{"then-action", "start"})
	for _, pair := range strings.Fields(`haproxy:openstack-core memcached:openstack-core rabbitmq:openstack-core
		openstack-core:keystone keystone:glance-registry glance-registry:glance-api keystone:cinder-api cinder-api:cinder-scheduler
		keystone:nova-consoleauth nova-consoleauth:nova-novncproxy nova-novncproxy:nova-api nova-api:nova-scheduler
		nova-scheduler:nova-conductor keystone:neutron-server neutron-server:neutron-ovs-agent neutron-ovs-agent:neutron-dhcp-agent
		neutron-dhcp-agent:neutron-l3-agent neutron-l3-agent:neutron-metadata-agent openstack-core:heat-api heat-api:heat-engine
		openstack-core:ceilometer-central openstack-core:httpd`) {
		first, then, _ := strings.Cut(pair, ":")
		d.order(first+"-clone", then+"-clone")
	}
	for _, pair := range strings.Fields(`glance-registry:glance-api cinder-api:cinder-scheduler nova-consoleauth:nova-novncproxy
		nova-scheduler:nova-conductor heat-api:heat-engine neutron-ovs-agent:neutron-dhcp-agent`) {
		with, rsc, _ := strings.Cut(pair, ":")
		d.colocate(rsc+"-clone", with+"-clone", "INFINITY")
	}
	d.order("cinder-scheduler-clone", "cinder-volume")
	d.colocate("cinder-volume", "cinder-scheduler-clone", "INFINITY")
}

func (d *openStack) controllerStates() {
	for i, name := range d.controllers {
		best, role := "1", started
		if i == 0 {
			best, role = "100", promoted
		}
		up := d.event != NodeLost || i != 2
		d.openState(fmt.Sprint(i+1), name, false, up, pairs{
			{"master-galera", "100"}, {"master-redis", best}, {"rmq-node-attr-rabbitmq", "rabbit@" + name},
		})
		for j, p := range d.connections {
			here := j%controllers == i
			d.history(name, p, startedIf(here), here && d.event == RemoteFailed && j == len(d.connections)/2)
		}
		for j, p := range d.fences {
			d.history(name, p, startedIf((j+1)%controllers == i), false)
		}
		for j, p := range d.vips {
			d.history(name, p, startedIf(j%controllers == i), false)
		}
		for _, p := range d.onController {
			d.history(name, p, started, false)
		}
		d.history(name, d.galera, promoted, false)
		d.history(name, d.redis, role, false)
		d.history(name, d.cinderVolume, startedIf(i == 1), false)
		d.closeState()
	}
}
