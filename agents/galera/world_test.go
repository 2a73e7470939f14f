package galera

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/wsrep"
)

// A world is a cluster in memory: nodes with the agent, their servers, and a
// simple Galera. It breaks a law as soon as data would be lost.
type world struct {
	names  []string
	nodes  map[string]*simNode
	attrs  map[string]string // NAME@NODE, as the attribute daemons agree on them
	kept   map[string]string // NAME@NODE, in the configuration of the cluster
	scores map[string]string // of nodes
	acked  int64             // writes that clients were told are safe
	views  int               // components so far
	uuids  int
	broken string // the law that was broken
	// between is called wherever time may pass for others inside an action.
	between func()
	log     []string
	sql     bool // servers of other nodes can be asked
	waived  bool // an operator has decided to lose data
}

// simNode is a node, its data and its server.
type simNode struct {
	w       *world
	name    string
	m       *ocftest.Machine
	on      bool
	role    string // as the cluster has recorded it
	busy    bool   // an action is under way
	seqno   int64
	uuid    wsrep.UUID
	pid     int
	primary bool
	synced  bool
	joining int // sleeps until a joiner is in sync
	me      wsrep.UUID
	view    []string // last component
	viewID  int
	crashed bool // the storage engine has to recover

	deaf   bool              // its attribute daemon hears nothing new: its attributes are those of before
	mute   bool              // what it tells is on its way
	blind  bool              // its configuration is that of before
	outbox []ocf.Publication // and comes in this order

	recovered string // what the last recovery has logged
}

const (
	simDir   = "/var/lib/mysql"
	simState = "/run/resource-agents/galera-rsc.state"
)

func newWorld(n int) *world {
	w := &world{nodes: map[string]*simNode{}, attrs: map[string]string{}, kept: map[string]string{}, scores: map[string]string{}, between: func() {}}
	for i := range n {
		name := fmt.Sprintf("n%d", i+1)
		w.names = append(w.names, name)
		node := &simNode{w: w, name: name, on: true}
		w.nodes[name] = node
		node.m = ocftest.New()
		node.m.Name = name
		node.m.Attributes, node.m.Persistent, node.m.Promotions = w.attrs, w.kept, w.scores
		for _, dir := range []string{"/etc", "/etc/mysql", "/var", "/var/lib", simDir, simDir + "/mysql", "/var/log", "/var/log/mysql", "/var/run", "/var/run/mysqld"} {
			node.m.Files[dir] = ocftest.Dir()
		}
		node.m.Files["/etc/mysql/my.cnf"] = ocftest.File{Data: "x"}
		node.m.Files[simDir+"/ibdata1"] = ocftest.File{Data: "0"}
		node.m.OnCommand, node.m.OnStart, node.m.OnSignal, node.m.OnSleep = node.command, node.start, node.signal, node.sleep
		node.m.OnPublish = node.publish
	}
	return w
}

func (w *world) address() string { return "gcomm://" + strings.Join(w.names, ",") }

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func (w *world) breakLaw(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

// primaries are the nodes in a Primary component.
func (w *world) primaries() (list []*simNode) {
	for _, name := range w.names {
		if w.nodes[name].primary {
			list = append(list, w.nodes[name])
		}
	}
	return list
}

func (n *simNode) command(_ *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
	n.w.between()
	base := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
	switch {
	case base == "crm_mon":
		return ocf.Output{Stdout: n.w.status()}, nil
	case base == "mariadbd":
		p := wsrep.Position{UUID: n.uuid, Seqno: n.seqno}
		if n.uuid.IsZero() {
			p.Seqno = -1
		}
		n.recovered = "[Note] WSREP: Recovered position: " + p.String() + "\n"
		n.touch()
	case base == "mktemp":
		return ocf.Output{Stdout: "/tmp/x\n"}, nil
	case base == "tail" && c.User != "":
		return ocf.Output{Stdout: n.recovered}, nil
	}
	return ocf.Output{}, nil
}

// touch changes the data, as every run of the server does.
func (n *simNode) touch() {
	f := n.m.Files[simDir+"/ibdata1"]
	f.Data += "x"
	n.m.Files[simDir+"/ibdata1"] = f
}

func (w *world) status() string {
	var b strings.Builder
	b.WriteString(`<crm_mon><summary><current_dc with_quorum="true"/><cluster_options stonith-enabled="true"/></summary><nodes>`)
	for _, name := range w.names {
		fmt.Fprintf(&b, `<node name="%s" online="%t" unclean="false" type="member"/>`, name, w.nodes[name].on)
	}
	b.WriteString(`</nodes><resources>`)
	for _, name := range w.names {
		if role := w.nodes[name].role; role != "" {
			fmt.Fprintf(&b, `<resource id="rsc" role="%s" active="true" orphaned="false"><node name="%s"/></resource>`, role, name)
		}
	}
	b.WriteString(`</resources></crm_mon>`)
	return b.String()
}

// publish tells the attribute daemon of the node.
func (n *simNode) publish(_ *ocftest.Machine, p ocf.Publication) bool {
	n.w.between()
	switch {
	case p.Attribute == "":
		return false
	case p.Persistent: // who is told that it is written has seen everything before
		n.w.kept[p.Attribute+"@"+p.Node] = p.Value
		if n.blind {
			n.m.Persistent = maps.Clone(n.w.kept)
		}
	case n.mute:
		n.outbox = append(n.outbox, p)
	default:
		n.w.agree(p)
	}
	return true
}

// agree has all attribute daemons take an update, in one order for all.
func (w *world) agree(p ocf.Publication) {
	if key := p.Attribute + "@" + p.Node; p.Delete {
		delete(w.attrs, key)
	} else {
		w.attrs[key] = p.Value
	}
}

// see sets whether the configuration of a node keeps up with the others'.
func (n *simNode) see(blind bool) {
	if n.blind = blind; blind {
		n.m.Persistent = maps.Clone(n.m.Persistent)
	} else {
		n.m.Persistent = n.w.kept
	}
}

// hear sets whether the attribute daemon of a node keeps up with the others.
func (n *simNode) hear(deaf, mute bool) {
	if n.deaf = deaf; deaf {
		n.m.Attributes = maps.Clone(n.m.Attributes)
	} else {
		n.m.Attributes = n.w.attrs
	}
	if n.mute = mute; !mute {
		for _, p := range n.outbox {
			n.w.agree(p)
		}
		n.outbox = nil
	}
}

// start starts a server, to begin a group or to join one.
func (n *simNode) start(m *ocftest.Machine, d ocf.Daemon) (int, error) {
	n.w.between()
	n.pid = 100 + n.w.views*10
	for m.Procs[n.pid].PID != 0 {
		n.pid++
	}
	m.Procs[n.pid] = ocf.Process{PID: n.pid, Parent: 1, Start: uint64(n.pid), Name: "mariadbd", Args: append([]string{"/usr/sbin/mariadbd"}, d.Args...)}
	n.w.uuids++
	n.me = wsrep.UUID(fmt.Sprintf("%08x-1111-11f0-8000-000000000000", n.w.uuids))
	n.touch()
	if !slices.Contains(d.Args, newGroup) {
		n.joining = 4
		return n.pid, nil
	}
	n.w.note("%s starts the group at %s:%d", n.name, n.uuid, n.seqno)
	for _, p := range n.w.primaries() {
		n.w.breakLaw("%s starts a group while %s is in a Primary component", n.name, p.name)
	}
	if n.seqno < n.w.acked && !n.w.waived {
		n.w.breakLaw("%s starts the group at %d, but %d writes were acknowledged", n.name, n.seqno, n.w.acked)
	}
	if strings.Contains(n.m.Files[simDir+"/grastate.dat"].Data, "safe_to_bootstrap: 0") {
		n.w.breakLaw("%s starts the group, and Galera refuses that: safe_to_bootstrap is 0", n.name)
	}
	if n.uuid.IsZero() {
		n.w.uuids++
		n.uuid = wsrep.UUID(fmt.Sprintf("%08x-2222-11f0-8000-000000000000", n.w.uuids))
	}
	n.primary, n.synced = true, true
	n.w.newView([]*simNode{n})
	return n.pid, nil
}

// newView is a new Primary component.
func (w *world) newView(members []*simNode) {
	w.views++
	var names []string
	for _, m := range members {
		names = append(names, m.name)
	}
	for _, m := range members {
		m.view, m.viewID = names, w.views
		m.writeStates(-1, false)
	}
}

// writeStates writes what Galera keeps in files.
func (n *simNode) writeStates(seqno int64, safe bool) {
	n.m.Files[simDir+"/grastate.dat"] = ocftest.File{Data: fmt.Sprintf("# GALERA saved state\nversion: 2.1\nuuid:    %s\nseqno:   %d\nsafe_to_bootstrap: %s\n", n.uuid, seqno, bit(safe))}
	if seqno >= 0 {
		delete(n.m.Files, simDir+"/gvwstate.dat")
		return
	}
	text := fmt.Sprintf("my_uuid: %s\n#vwbeg\nview_id: 3 x %d\nbootstrap: 0\n", n.me, n.viewID)
	for _, name := range n.view {
		text += "member: " + string(n.w.nodes[name].me) + " 0\n"
	}
	n.m.Files[simDir+"/gvwstate.dat"] = ocftest.File{Data: text + "#vwend\n"}
}

// sleep lets time pass: joiners get on.
func (n *simNode) sleep(*ocftest.Machine) {
	n.w.tick()
	n.w.between()
}

func (w *world) tick() {
	for _, name := range w.names {
		n := w.nodes[name]
		if n.pid == 0 || n.joining == 0 {
			continue
		}
		if n.joining--; n.joining > 0 {
			continue
		}
		donors := w.primaries()
		if len(donors) == 0 {
			w.note("%s has found nothing to join", name)
			n.die()
			continue
		}
		n.uuid, n.seqno = donors[0].uuid, donors[0].seqno
		n.m.Files[simDir+"/mysql"] = ocftest.Dir()
		n.primary, n.synced = true, true
		w.newView(append(donors, n))
	}
}

// signal ends a server in order, or not.
func (n *simNode) signal(m *ocftest.Machine, p ocf.Process, signal int) {
	if p.PID != n.pid {
		delete(m.Procs, p.PID)
		return
	}
	if signal == ocf.SIGKILL || !n.primary {
		n.die()
		return
	}
	rest := slices.DeleteFunc(n.w.primaries(), func(p *simNode) bool { return p == n })
	n.gone()
	n.writeStates(n.seqno, len(rest) == 0)
	if len(rest) > 0 {
		n.w.newView(rest)
	}
}

func (n *simNode) gone() {
	delete(n.m.Procs, n.pid)
	n.pid, n.primary, n.synced, n.joining = 0, false, false, 0
	n.touch()
}

// die is the end of a server by force. The others stay Primary if they are most of
// the component.
func (n *simNode) die() {
	if n.pid == 0 {
		return
	}
	was := n.primary
	n.gone()
	if !was {
		return
	}
	n.crashed = true
	rest := n.w.primaries()
	if len(rest) == 0 {
		return
	}
	if 2*len(rest) > len(n.view) {
		n.w.newView(rest)
		return
	}
	for _, r := range rest {
		r.primary = false // it keeps its files, and lives
	}
}

// powerOff takes everything that is not on disk.
func (n *simNode) powerOff() {
	n.die()
	n.on, n.role = false, ""
	n.outbox = nil
	n.hear(false, false)
	n.see(false)
	for name := range n.m.Files {
		if strings.HasPrefix(name, "/run/resource-agents/") {
			delete(n.m.Files, name)
		}
	}
	for key := range n.w.attrs {
		if strings.HasSuffix(key, "@"+n.name) {
			delete(n.w.attrs, key)
		}
	}
	delete(n.w.scores, n.name)
}

// wipe replaces the disk of a node that is off.
func (n *simNode) wipe() {
	for name := range n.m.Files {
		if strings.HasPrefix(name, simDir+"/") {
			delete(n.m.Files, name)
		}
	}
	n.uuid, n.seqno, n.view, n.crashed = "", 0, nil, false
}

// copied says that another node has all writes, and has noted that it has the data of
// the newest start of the group.
func (n *simNode) copied() bool {
	var starts []GroupStart
	for key, value := range n.w.kept {
		_, node, _ := strings.Cut(key, "@")
		if g, err := parseGroupStart(node, value); err == nil {
			starts = append(starts, g)
		}
	}
	newest, ok := newestStart(starts)
	for _, other := range n.w.nodes {
		if other != n && ok && other.seqno >= n.w.acked && strings.TrimSpace(other.m.Files[simDir+startFile].Data) == newest.ID.String() {
			return true
		}
	}
	return false
}

// write is a client that writes, anywhere.
func (w *world) write() {
	p := w.primaries()
	if len(p) == 0 {
		return
	}
	w.acked = max(w.acked, p[0].seqno) + 1
	for _, n := range p {
		n.seqno = w.acked
	}
}

// simServers is how the agent of a node reaches servers.
type simServers struct{ n *simNode }

func (s simServers) Status(context.Context, wsrep.Login) (wsrep.Status, error) {
	n := s.n
	st := wsrep.Status{Component: wsrep.NonPrimary, Connected: true, Size: len(n.view), State: wsrep.Joining, Comment: "Joining"}
	switch {
	case n.pid == 0:
		return wsrep.Status{}, fmt.Errorf("connection refused")
	case n.joining > 0:
		return wsrep.Status{}, fmt.Errorf("no socket")
	case n.primary:
		st.Component, st.State, st.Ready = wsrep.Primary, wsrep.Synced, true
	default:
		st.State, st.Comment = wsrep.Initialized, "Initialized"
	}
	return st, nil
}

func (s simServers) Peers(_ context.Context, peers []wsrep.Peer) (list []wsrep.Presence) {
	for _, p := range peers {
		host, _, _ := strings.Cut(p.Group, ":")
		n := s.n.w.nodes[host]
		switch {
		case !n.on:
			list = append(list, wsrep.Silent)
		case n.pid == 0:
			list = append(list, wsrep.Closed)
		case !s.n.w.sql || n.joining > 0:
			list = append(list, wsrep.Listening)
		case n.primary:
			list = append(list, wsrep.InPrimary)
		default:
			list = append(list, wsrep.Outside)
		}
	}
	return list
}

func (simServers) Within(ctx context.Context, _ time.Duration) (context.Context, context.CancelFunc) {
	return ctx, func() {}
}

// do calls the agent of a node.
func (n *simNode) do(action string, vars ...string) ocftest.Result {
	if n.busy || !n.on {
		return ocftest.Result{}
	}
	n.busy = true
	defer func() { n.busy = false }()
	for _, name := range n.w.names { // one clock for all
		if t := n.w.nodes[name].m.Time; t.After(n.m.Time) {
			n.m.Time = t
		}
	}
	vars = append([]string{
		"wsrep_cluster_address=" + n.w.address(), "CRM_meta_container_attribute_target=host",
		"CRM_meta_physical_host=" + n.name, "CRM_meta_timeout=120000", "CRM_meta_interval=10000",
	}, vars...)
	res := ocftest.Do(Agent(simServers{n}), n.m, action, vars...)
	n.w.note("%s: %s: %s %q %q", n.name, action, res.Code, res.Reason, res.Log)
	return res
}
