package scheduler

import (
	"strconv"
	"strings"

	"systole/lib/xmltree"
)

// defaultControlPort is where a bundle's pacemaker-remoted listens.
const defaultControlPort = "3121"

// unpackBundle reads a bundle and makes everything that it stands for: the
// implicit clone, then per replica container, IP and connection (03 §7).
func (s *State) unpackBundle(r *Resource) bool {
	b := &bundleData{ReplicasPerHost: 1, addHost: true}
	r.bundle = b
	tech := r.XML.Child("docker")
	if tech == nil {
		tech = r.XML.Child("podman")
	}
	if tech == nil {
		s.configError(r.XML, "ignoring bundle %s because it has neither docker nor podman", r.ID)
		return false
	}
	s.readTechnology(r, tech)
	s.readBundleNetwork(r)
	s.readBundleStorage(r)
	primitive := r.XML.Child("primitive")
	if primitive != nil {
		if !s.validNetwork(r) {
			s.configError(r.XML, "ignoring bundle %s: a primitive in it needs ip-range-start or control-port", r.ID)
			return false
		}
		clone := s.unpackResource(bundleCloneXML(r, primitive), r, -1)
		if clone == nil {
			return false
		}
		b.Clone = clone
		b.addImplicitMounts()
	}
	if !s.makeReplicas(r) {
		return false
	}
	if b.Clone != nil {
		r.Children = append(r.Children, b.Clone)
	}
	return true
}

func (s *State) readTechnology(r *Resource, tech *xmltree.Element) {
	b := r.bundle
	b.Technology = tech.Name
	b.Image = tech.Get("image")
	b.PromotedMax = parseMin(tech.Get("promoted-max"), 0)
	if v, ok := tech.Attr("replicas"); ok {
		b.nReplicas = parseMin(v, 1)
	} else {
		b.nReplicas = max(1, b.PromotedMax)
	}
	b.ReplicasPerHost = parseMin(tech.Get("replicas-per-host"), 1)
	if b.ReplicasPerHost == 1 {
		r.unset(RscUnique)
	}
	b.runCommand = optional(tech, "run-command")
	b.options = optional(tech, "options")
	b.network = optional(tech, "network")
	b.image = optional(tech, "image")
}

func optional(e *xmltree.Element, name string) *string {
	if v, ok := e.Attr(name); ok {
		return &v
	}
	return nil
}

func (s *State) readBundleNetwork(r *Resource) {
	b := r.bundle
	net := r.XML.Child("network")
	if net == nil {
		return
	}
	b.ipRangeStart = optional(net, "ip-range-start")
	b.hostNetmask = optional(net, "host-netmask")
	b.hostInterface = optional(net, "host-interface")
	b.controlPort = optional(net, "control-port")
	b.addHost = !isFalse(net.Get("add-host"))
	for m := range net.Elements("port-mapping") {
		p := bundlePort{source: m.Get("port")}
		if m.Has("port") {
			p.target = m.Get("internal-port")
		} else {
			p.source = m.Get("range")
		}
		if p.target == "" {
			p.target = p.source
		}
		if p.source == "" {
			s.configError(m, "bundle %s: ignoring a port-mapping without port and range", r.ID)
			continue
		}
		b.ports = append(b.ports, p)
	}
}

func (s *State) readBundleStorage(r *Resource) {
	b := r.bundle
	for m := range r.XML.Child("storage").Elements("storage-mapping") {
		mount := bundleMount{source: m.Get("source-dir"), target: m.Get("target-dir"), options: optional(m, "options")}
		if !m.Has("source-dir") {
			mount.source = m.Get("source-dir-root")
			mount.subdirectory = true
		}
		if mount.source == "" || mount.target == "" {
			s.configError(m, "bundle %s: ignoring a storage-mapping without source or target", r.ID)
			continue
		}
		b.mounts = append(b.mounts, mount)
	}
}

// validNetwork tells whether a connection to the replicas is possible. Without
// an IP range only one replica a host can be reached (03 §7.3).
func (s *State) validNetwork(r *Resource) bool {
	b := r.bundle
	if b.ipRangeStart != nil {
		return true
	}
	if b.controlPort == nil {
		return false
	}
	if b.ReplicasPerHost > 1 {
		s.configError(r.XML, "bundle %s: replicas-per-host is taken as 1 because there is no ip-range-start", r.ID)
		b.ReplicasPerHost = 1
	}
	return true
}

// addImplicitMounts adds what every bundle with a primitive mounts and maps
// (03 §7.5).
func (b *bundleData) addImplicitMounts() {
	logs := true
	for _, m := range b.mounts {
		if m.target == "/var/log" {
			logs = false
		}
	}
	b.mounts = append(b.mounts, bundleMount{source: "/etc/pacemaker/authkey", target: "/etc/pacemaker/authkey"})
	if logs {
		b.mounts = append(b.mounts, bundleMount{source: "/var/log/pacemaker/bundles", target: "/var/log", subdirectory: true})
	}
	port := b.port()
	b.ports = append(b.ports, bundlePort{source: port, target: port})
}

func (b *bundleData) port() string {
	if b.controlPort != nil {
		return *b.controlPort
	}
	return defaultControlPort
}

// bundleCloneXML builds the implicit clone (03 §7.5).
func bundleCloneXML(r *Resource, primitive *xmltree.Element) *xmltree.Element {
	b := r.bundle
	suffix := "-clone"
	if b.PromotedMax > 0 {
		suffix = "-master"
	}
	e := xmltree.New("clone", "id", r.ID+suffix)
	meta := e.Add("meta_attributes", "id", r.ID+"-clone-meta")
	addPair(meta, "ordered", "true")
	addPair(meta, "clone-max", itoa(b.nReplicas))
	addPair(meta, "clone-node-max", itoa(b.ReplicasPerHost))
	addPair(meta, "globally-unique", boolText(b.ReplicasPerHost > 1))
	if b.PromotedMax > 0 {
		addPair(meta, "promotable", "true")
		addPair(meta, "promoted-max", itoa(b.PromotedMax))
	}
	e.Append(primitive.Copy())
	return e
}

// makeReplicas creates the replicas in two rounds, as the last IP's host entry
// is in every replica's options (03 §7.6, §7.7).
func (s *State) makeReplicas(r *Resource) bool {
	b := r.bundle
	count := b.nReplicas
	if b.Clone != nil {
		count = len(b.Clone.Children)
	}
	last := ""
	for i := range count {
		rep := &Replica{Offset: i}
		if b.Clone != nil {
			s.adoptChild(r, rep, b.Clone.Children[i])
		}
		if b.ipRangeStart != nil {
			last = nextIP(last, *b.ipRangeStart)
			rep.IPAddress = last
			if last != "" {
				b.addHostEntry(r.ID, rep)
			}
		}
		b.Replicas = append(b.Replicas, rep)
	}
	for _, rep := range b.Replicas {
		if !s.makeReplica(r, rep) {
			s.configError(r.XML, "ignoring bundle %s because replica %d cannot be made", r.ID, rep.Offset)
			return false
		}
	}
	return true
}

func (s *State) adoptChild(r *Resource, rep *Replica, child *Resource) {
	rep.Child = child
	child.set(RscExclusiveProbes)
	if child.Has(RscNotify) {
		r.bundle.Clone.set(RscNotify)
	}
	if target, ok := child.Meta.Get("container-attribute-target"); ok {
		r.Meta.Set("container-attribute-target", target)
		r.bundle.Clone.Meta.Set("container-attribute-target", target)
	}
}

func (b *bundleData) addHostEntry(id string, rep *Replica) {
	if b.addHost {
		b.hostEntries += " --add-host=" + id + "-" + itoa(rep.Offset) + ":" + rep.IPAddress
	} else {
		b.hostEntries += " --hosts-entry=" + rep.IPAddress + "=" + id + "-" + itoa(rep.Offset)
	}
}

// nextIP counts an IPv4 address up; "" when the range is used up, after which
// it starts over (03 §7.7 a).
func nextIP(last, start string) string {
	if last == "" {
		return start
	}
	parts := strings.Split(last, ".")
	if len(parts) != 4 {
		return ""
	}
	var oct [4]int
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return ""
		}
		oct[i] = n
	}
	switch {
	case oct[2] > 253:
		return ""
	case oct[3] > 253:
		oct[2]++
		oct[3] = 1
	default:
		oct[3]++
	}
	return itoa(oct[0]) + "." + itoa(oct[1]) + "." + itoa(oct[2]) + "." + itoa(oct[3])
}

// makeReplica makes container, IP and connection of a replica, in this order
// (03 §7.7).
func (s *State) makeReplica(r *Resource, rep *Replica) bool {
	add := func(e *xmltree.Element) *Resource {
		part := s.unpackResource(e, r, -1)
		if part != nil {
			r.Children = append(r.Children, part)
		}
		return part
	}
	if rep.Container = add(containerXML(r, rep)); rep.Container == nil {
		return false
	}
	rep.Container.set(RscReplicaContainer)
	rep.Container.replica = rep
	if rep.IPAddress != "" {
		if rep.IP = add(replicaIPXML(r, rep)); rep.IP == nil {
			return false
		}
	}
	if rep.Child != nil && s.validNetwork(r) && !s.makeConnection(r, rep, add) {
		return false
	}
	if rep.Child != nil && rep.IPAddress != "" {
		rep.Child.Meta.Set("external-ip", rep.IPAddress)
	}
	if rep.Child != nil {
		rep.Container.Utilization, rep.Child.Utilization = rep.Child.Utilization, rep.Container.Utilization
	}
	return true
}

// makeConnection makes the connection to a replica and the bundle node behind
// it, which only the replica's own instance may use (03 §7.7 d).
func (s *State) makeConnection(r *Resource, rep *Replica, add func(*xmltree.Element) *Resource) bool {
	id := r.ID + "-" + itoa(rep.Offset)
	if s.findResource(id) != nil {
		id = "pcmk-internal-" + rep.Child.ID + "-remote-" + itoa(rep.Offset)
	}
	addr := "#uname"
	if rep.IPAddress != "" {
		addr = rep.IPAddress
	}
	xml := remoteConnectionXML(connectionSpec{id: id, container: rep.Container.ID, addr: addr, port: r.bundle.port()})
	s.makeBundleNode(rep, id)
	rep.Connection = add(xml)
	if rep.Connection == nil {
		return false
	}
	c := rep.Connection
	for _, n := range s.Nodes {
		if n.Remote && c.Allowed.Has(n) {
			c.Allowed.Set(n, -Infinity)
		}
	}
	rep.Node.Connection = c
	c.Launcher = rep.Container
	rep.Node.Attrs["#kind"] = "container"
	c.set(RscRemoteNestingAllowed)
	return true
}

// bundleNodeScore is how much an instance wants its own bundle node.
const bundleNodeScore = 500

func (s *State) makeBundleNode(rep *Replica, id string) {
	n := s.nodeByName(id)
	if n == nil {
		n = s.addNode(id, id, true, -Infinity)
	} else {
		for _, other := range s.all {
			if other.Allowed.Has(n) && other.Top() != rep.Child.Top() {
				other.Allowed.Set(n, -Infinity)
				other.Allowed.SetMode(n, DiscoverNever)
			}
		}
	}
	s.setNodeScore(n, -Infinity, DiscoverNever)
	rep.Node = n
	rep.Child.Allowed = Table{}
	rep.Child.Allowed.Set(n, bundleNodeScore)
	rep.Child.Allowed.SetMode(n, DiscoverExclusive)
	clone := rep.Child.Parent
	clone.Allowed.Set(n, -Infinity)
	clone.Allowed.SetMode(n, DiscoverExclusive)
}

// replicaIPXML builds a replica's IP resource (03 §7.7 c).
func replicaIPXML(r *Resource, rep *Replica) *xmltree.Element {
	b := r.bundle
	id := xmltree.SanitizeID(r.ID + "-ip-" + rep.IPAddress)
	e := xmltree.New("primitive", "id", id, "class", "ocf", "provider", "heartbeat", "type", "IPaddr2")
	attrs := e.Add("instance_attributes", "id", xmltree.SanitizeID(r.ID+"-attributes-"+itoa(rep.Offset)))
	addPair(attrs, "ip", rep.IPAddress)
	if b.hostInterface != nil {
		addPair(attrs, "nic", *b.hostInterface)
	}
	mask := "32"
	if b.hostNetmask != nil {
		mask = *b.hostNetmask
	}
	addPair(attrs, "cidr_netmask", mask)
	addMonitor60(e, id)
	return e
}

func addMonitor60(e *xmltree.Element, id string) {
	e.Add("operations").Add("op", "id", id+"-monitor-60s", "name", "monitor", "interval", "60s")
}

// containerXML builds a replica's container resource (03 §7.7 b).
func containerXML(r *Resource, rep *Replica) *xmltree.Element {
	b := r.bundle
	id := xmltree.SanitizeID(r.ID + "-" + b.Technology + "-" + itoa(rep.Offset))
	e := xmltree.New("primitive", "id", id, "class", "ocf", "provider", "heartbeat", "type", b.Technology)
	attrs := e.Add("instance_attributes", "id", xmltree.SanitizeID(r.ID+"-attributes-"+itoa(rep.Offset)))
	if b.image != nil {
		addPair(attrs, "image", *b.image)
	}
	addPair(attrs, "allow_pull", "true")
	addPair(attrs, "force_kill", "false")
	addPair(attrs, "reuse", "false")
	addPair(attrs, "run_opts", b.runOptions(r.ID, rep))
	addPair(attrs, "mount_points", b.mountPoints(r.ID, rep))
	switch {
	case b.runCommand != nil:
		addPair(attrs, "run_cmd", *b.runCommand)
	case rep.Child != nil:
		addPair(attrs, "run_cmd", "/usr/sbin/pacemaker-remoted")
	}
	addPair(attrs, "monitor_cmd", "/bin/true")
	addMonitor60(e, id)
	return e
}

func (b *bundleData) mountPoints(id string, rep *Replica) string {
	var dirs []string
	for _, m := range b.mounts {
		if m.subdirectory {
			dirs = append(dirs, m.source+"/"+id+"-"+itoa(rep.Offset))
		}
	}
	return strings.Join(dirs, ",")
}

// runOptions builds the container's run_opts; every blank matters for digests.
func (b *bundleData) runOptions(id string, rep *Replica) string {
	name := id + "-" + itoa(rep.Offset)
	var o strings.Builder
	if b.Technology == "docker" {
		o.WriteString(" --restart=no")
	}
	if b.ipRangeStart != nil {
		o.WriteString(" -h " + name)
	}
	o.WriteString(" -e PCMK_stderr=1")
	if b.network != nil {
		o.WriteString(" --net=" + *b.network)
	}
	o.WriteString(" -e PCMK_remote_port=" + b.port())
	for _, m := range b.mounts {
		source := m.source
		if m.subdirectory {
			source += "/" + name
		}
		o.WriteString(" -v " + source + ":" + m.target)
		if m.options != nil {
			o.WriteString(":" + *m.options)
		}
	}
	for _, p := range b.ports {
		switch {
		case rep.IPAddress != "":
			o.WriteString(" -p " + rep.IPAddress + ":" + p.source + ":" + p.target)
		case b.network == nil || *b.network != "host":
			o.WriteString(" -p " + p.source + ":" + p.target)
		}
	}
	if b.options != nil {
		o.WriteString(" " + *b.options)
	}
	o.WriteString(" " + b.hostEntries)
	return o.String()
}
