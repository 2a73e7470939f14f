package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
)

const (
	self    = "rabbit@node1"
	base    = "/var/lib/rabbitmq/mnesia"
	dataDir = base + "/" + self
	pidFile = "/var/run/rabbitmq/rmq.pid"
)

// world is what the agent of node1 lives in: a machine, and a network with other
// nodes. A server that is started runs when its conditions are met.
type world struct {
	*ocftest.Machine
	sights map[string]Sight
	known  map[string]string // last-known names by host
	stuck  bool              // the server ignores SIGTERM
	needs  []string          // nodes that must be alive for the server to run
	alone  bool              // a server without data does not find the cluster
	broker error
	probe  error
}

func newWorld() *world {
	w := &world{Machine: ocftest.New(), sights: map[string]Sight{}, known: map[string]string{}}
	for _, d := range []string{"/var", "/var/run", "/var/run/rabbitmq", "/var/log", "/var/log/rabbitmq", "/var/lib", "/var/lib/rabbitmq", base} {
		w.Files[d] = ocftest.Dir()
	}
	w.Files["/var/lib/rabbitmq/.erlang.cookie"] = ocftest.File{Data: "COOKIE"}
	w.OnCommand = w.command
	w.OnStart = w.start
	w.OnSignal = func(_ *ocftest.Machine, p ocf.Process, signal int) {
		if signal == ocf.SIGKILL || !w.stuck {
			delete(w.Procs, p.PID)
			delete(w.sights, self)
		}
	}
	w.OnSleep = func(*ocftest.Machine) { w.settle() }
	return w
}

func (w *world) Look(_ context.Context, targets []Target) []Sight {
	var list []Sight
	for _, t := range targets {
		s, ok := w.sights[t.Name]
		if !ok {
			s = Sight{Refused: true, Err: "connection refused"}
		}
		list = append(list, s)
	}
	return list
}

func (w *world) Listens(context.Context, string) error    { return w.broker }
func (w *world) Greets(context.Context, string) error     { return w.broker }
func (w *world) Probe(context.Context, Account) error     { return w.probe }
func (w *world) RoundTrip(context.Context, Account) error { return w.probe }

func (w *world) data(members, running []string, more ...string) {
	w.Files[dataDir] = ocftest.Dir()
	w.Files[dataDir+"/schema.DAT"] = ocftest.File{Data: "x"}
	w.Files[dataDir+"/cluster_nodes.config"] = ocftest.File{Data: "{" + strings.TrimSuffix(record(members), ".\n") + "," + strings.TrimSuffix(record(members), ".\n") + "}.\n"}
	w.Files[dataDir+"/nodes_running_at_shutdown"] = ocftest.File{Data: record(running)}
	for _, m := range more {
		w.Files[dataDir+"/"+m] = ocftest.File{Data: "x"}
	}
}

// start is a server: a beam with data, after the nodes that it needs.
func (w *world) start(m *ocftest.Machine, d ocf.Daemon) (int, error) {
	pid := 500 + len(m.Changes)
	m.Procs[pid] = ocf.Process{PID: pid, Start: uint64(pid), Name: "beam.smp", Args: []string{"beam.smp", "-s", "rabbit", "boot"}}
	m.Files[pidFile] = ocftest.File{Data: fmt.Sprint(pid)}
	w.sights[self] = Sight{Registered: true, Alive: true, Booting: true}
	if _, there := m.Files[dataDir]; !there {
		members := []string{self}
		for _, v := range d.Env {
			if strings.HasPrefix(v, "RABBITMQ_SERVER_START_ARGS=") && !w.alone {
				for name, s := range w.sights {
					if s.Running {
						members = slices.Clone(s.Members)
						members = append(members, self)
						w.join(name)
					}
				}
			}
		}
		slices.Sort(members)
		w.data(slices.Compact(members), slices.Compact(members))
	}
	// So does the real one while it waits for its tables.
	w.Files[dataDir+"/nodes_running_at_shutdown"] = ocftest.File{Data: record([]string{self})}
	return pid, nil
}

// tells is what the instance of another host has published.
func (w *world) tells(host string, n Note) {
	w.Attributes["rmq-node-data-rsc@"+host] = n.String()
}

func (w *world) join(name string) {
	s := w.sights[name]
	if !slices.Contains(s.Members, self) {
		s.Members = append(slices.Clone(s.Members), self)
		slices.Sort(s.Members)
	}
	w.sights[name] = s
}

// settle lets a server run when what it needs is there.
func (w *world) settle() {
	s, there := w.sights[self]
	if !there || s.Running {
		return
	}
	_, forced := w.Files[dataDir+"/force_load"]
	for _, n := range w.needs {
		if !w.sights[n].Alive && !forced {
			return
		}
	}
	text := w.Files[dataDir+"/cluster_nodes.config"].Data
	members := firstList(text)
	connected := []string{self}
	for name, o := range w.sights {
		if o.Running && slices.Contains(members, name) {
			connected = append(connected, name)
		}
	}
	slices.Sort(connected)
	w.Files[dataDir+"/rabbit_serial"] = ocftest.File{Data: fmt.Sprintf("%d.", len(w.Changes))}
	w.Files[dataDir+"/nodes_running_at_shutdown"] = ocftest.File{Data: record(connected)}
	w.sights[self] = Sight{Registered: true, Alive: true, Running: true, Members: members, Connected: connected}
}

func (w *world) command(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
	line := c.String()
	switch {
	case strings.Contains(line, "cibadmin"):
		text := "<nodes>"
		known := maps.Clone(w.known)
		known["node1"] = m.Persistent["rmq-node-attr-last-known-rsc"]
		for h, n := range known {
			text += `<node id="1" uname="` + h + `"><instance_attributes id="i"><nvpair id="x" name="rmq-node-attr-last-known-rsc" value="` + n + `"/></instance_attributes></node>`
		}
		return ocf.Output{Stdout: text + "</nodes>"}, nil
	case strings.Contains(line, "forget_cluster_node"):
		for name, s := range w.sights {
			s.Members = without(s.Members, c.Args[len(c.Args)-1])
			w.sights[name] = s
		}
	case strings.Contains(line, "force_boot"):
		m.Files[dataDir+"/force_load"] = ocftest.File{}
	case strings.Contains(line, "shrink"):
		return ocf.Output{Stdout: `[{"vhost":"/","name":"q","size":2,"result":"ok"}]`}, nil
	case strings.Contains(line, "start_app"):
		for name, s := range w.sights {
			if name != self && s.Running {
				w.join(name)
				w.data(w.sights[name].Members, w.sights[name].Members)
			}
		}
		w.sights[self] = Sight{Registered: true, Alive: true, Booting: true}
		w.settle()
	}
	return ocf.Output{}, nil
}

func (w *world) do(action string, vars ...string) ocftest.Result {
	return ocftest.Do(Agent(w), w.Machine, action, append([]string{"CRM_meta_timeout=150000", "CRM_meta_on_node=node1"}, vars...)...)
}

func (w *world) monitor() ocftest.Result { return w.do("monitor", "CRM_meta_interval=10000") }

func (w *world) has(t require.TestingT, change string) {
	require.True(t, slices.ContainsFunc(w.Changes, func(c string) bool { return strings.Contains(c, change) }), "%s is not among %q", change, w.Changes)
}

func (w *world) hasNot(t require.TestingT, change string) {
	require.False(t, slices.ContainsFunc(w.Changes, func(c string) bool { return strings.Contains(c, change) }), "%s is among %q", change, w.Changes)
}

func TestAgent(t *testing.T) { ocftest.Check(t, Agent(newWorld())) }

func TestStart_Founds(t *testing.T) {
	w := newWorld()
	require.Equal(t, ocf.NotRunning, w.monitor().Code)
	res := w.do("start", `set_policy=ha ^x {"ha-mode":"all"}`)
	require.Equal(t, ocf.Success, res.Code, res)
	w.has(t, `run /usr/sbin/rabbitmqctl -n rabbit@node1 set_policy ha ^x {"ha-mode":"all"}`)
	require.Equal(t, self, w.Attributes["rmq-node-attr-rsc"])
	require.Equal(t, self, w.Persistent["rmq-node-attr-last-known-rsc"])
	require.Equal(t, started, ReadNote(w.Attributes["rmq-node-data-rsc"]).Phase)
	require.Equal(t, ocf.Success, w.monitor().Code)
	res = w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Empty(t, slices.DeleteFunc(res.Changes, func(c string) bool { return strings.HasPrefix(c, "set node attribute") }))

	res = w.do("stop")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Empty(t, w.Procs)
	require.NotContains(t, w.Attributes, "rmq-node-attr-rsc")
	require.Equal(t, self, w.Persistent["rmq-node-attr-last-known-rsc"])
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.Equal(t, ocf.NotRunning, w.monitor().Code)
	require.Equal(t, None+1, ReadNote(w.Attributes["rmq-node-data-rsc"]).Data.Kind, "it was alone")

	// The policy belongs to the data now.
	w.Changes = nil
	require.Equal(t, ocf.Success, w.do("start").Code)
	w.hasNot(t, "set_policy")
	w.hasNot(t, "move ")
}

func (w *world) peer(name string, s Sight) {
	w.sights[name] = s
	w.Attributes["rmq-node-attr-rsc@"+strings.TrimPrefix(name, "rabbit@")] = name
}

func up(members ...string) Sight {
	return Sight{Registered: true, Alive: true, Running: true, Members: members, Connected: without(members, self)}
}

const node2, node3 = "rabbit@node2", "rabbit@node3"

func TestStart_Joins(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(node2))
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{self, node2}, w.sights[self].Members)
	w.has(t, "rabbitmq-queues -n rabbit@node1 grow rabbit@node1 even")
	w.hasNot(t, "forget_cluster_node")
	w.hasNot(t, "join_cluster")
}

func TestStart_JoinsByHand(t *testing.T) {
	w := newWorld()
	w.alone = true // as with another peer discovery in the configuration
	w.peer(node2, up(node2))
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{self, node2}, w.sights[self].Members)
	w.has(t, "rabbitmqctl -n rabbit@node1 join_cluster rabbit@node2")
}

// A node whose disk was replaced: first its replicas go, then the member, then it joins.
func TestStart_WipedNode(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(self, node2, node3))
	w.peer(node3, up(self, node2, node3))
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	shrunk := slices.Index(w.Changes, "run /usr/sbin/rabbitmq-queues -n rabbit@node2 shrink rabbit@node1 --formatter json")
	forgotten := slices.Index(w.Changes, "run /usr/sbin/rabbitmqctl -n rabbit@node2 forget_cluster_node rabbit@node1")
	launched := slices.IndexFunc(w.Changes, func(c string) bool { return strings.HasPrefix(c, "start ") })
	require.True(t, 0 <= shrunk && shrunk < forgotten && forgotten < launched, w.Changes)
}

// A replica that could not be removed keeps the member from being forgotten.
func TestStart_WipedNodeWithoutQuorum(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(self, node2, node3))
	command := w.OnCommand
	w.OnCommand = func(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
		if slices.Contains(c.Args, "shrink") {
			return ocf.Output{Stdout: `[{"vhost":"/","name":"q","size":3,"result":"error: timeout"}]`}, nil
		}
		return command(m, c)
	}
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, "to fail would ban the instance from the node: %s", res)
	w.hasNot(t, "forget_cluster_node")
	require.Empty(t, w.Procs)
	require.Contains(t, w.Files["/run/resource-agents/rabbitmq-cluster-rsc.standby"].Data, "q in /: error: timeout")
	require.Equal(t, ocf.ErrGeneric, w.monitor().Code, "it is tried again")
}

// The cluster that was to be joined dies in the middle: a cluster of its own must not stay.
func TestStart_JoinedNobody(t *testing.T) {
	w := newWorld()
	w.alone = true
	w.peer(node2, up(self, node2))
	w.tells("node2", Note{Name: node2, Phase: started})
	command := w.OnCommand
	w.OnCommand = func(m *ocftest.Machine, c ocf.Command) (ocf.Output, error) {
		out, err := command(m, c)
		if slices.Contains(c.Args, "forget_cluster_node") {
			w.OnSleep = func(*ocftest.Machine) {
				if w.sights[self].Alive {
					delete(w.sights, node2)
				}
				w.settle()
			}
		}
		return out, err
	}
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Empty(t, w.Procs)
	require.Equal(t, ocf.Degraded, w.monitor().Code)
	w.OnSleep = func(*ocftest.Machine) { w.settle() }
	w.alone = false
	w.peer(node2, up(node2))
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, []string{self, node2}, w.sights[self].Members)
}

// A server that ends while it joins: others must hear what the node has now.
func TestStart_EndedWhileJoining(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(node2))
	n := 0
	w.OnSleep = func(*ocftest.Machine) {
		if n++; n == 3 { // the whole cluster dies, and so does this server
			delete(w.sights, node2)
			delete(w.sights, self)
			clear(w.Procs)
			w.tells("node2", Note{Name: node2, Phase: idle, Data: Data{Kind: Clustered, Members: []string{self, node2}, Running: []string{self, node2}}})
			w.needs = []string{node2}
		}
		if n > 3 {
			w.settle()
		}
	}
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	note := ReadNote(w.Attributes["rmq-node-data-rsc"])
	require.Equal(t, waiting, note.Phase)
	require.Equal(t, Clustered, note.Data.Kind)
}

// RabbitMQ may break its own data when it ends while it joins, and then does not
// start with it any more.
func TestStart_BrokenByJoining(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(node2))
	broken := 0
	w.OnSleep = func(*ocftest.Machine) {
		if w.sights[self].Alive && broken < 2 {
			broken++
			delete(w.sights, self)
			clear(w.Procs)
			return
		}
		w.settle()
	}
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	w.has(t, "move "+dataDir+" to "+dataDir+".aside-")
	w.has(t, "forget_cluster_node rabbit@node1")
	require.True(t, w.sights[self].Running)

	// Data that was there before is never put aside for that.
	w = newWorld()
	w.data([]string{self, node2}, []string{self, node2})
	w.peer(node2, up(self, node2))
	w.OnSleep = func(*ocftest.Machine) {
		delete(w.sights, self)
		clear(w.Procs)
	}
	res = w.do("start")
	require.Equal(t, ocf.ErrGeneric, res.Code, res)
	w.hasNot(t, "move "+dataDir)
}

// It may have ended before it had any data; then nobody must wait for it to join.
func TestStart_EndedBeforeJoining(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(node2))
	n := 0
	var phases []string
	w.OnSleep = func(*ocftest.Machine) {
		if n++; n == 3 {
			delete(w.sights, node2)
			delete(w.sights, self)
			clear(w.Procs)
			for p := range w.Files {
				if strings.HasPrefix(p, dataDir) {
					delete(w.Files, p)
				}
			}
			delete(w.Attributes, "rmq-node-attr-rsc@node2")
			w.tells("node2", Note{Name: node2, Phase: starting, Data: Data{Kind: Clustered, Members: []string{self, node2}, Running: []string{self, node2}}})
		}
		phases = append(phases, ReadNote(w.Attributes["rmq-node-data-rsc"]).Phase)
	}
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, joining, phases[0])
	require.Equal(t, starting, phases[len(phases)-1])
	require.Equal(t, idle, ReadNote(w.Attributes["rmq-node-data-rsc"]).Phase)
}

// The process ID file may name a process of another node.
func TestStop_OtherNodeInFile(t *testing.T) {
	w := newWorld()
	w.Procs[77] = ocf.Process{PID: 77, Start: 1, Name: "beam.smp", Args: []string{"beam.smp", "-s", "rabbit", "boot"}}
	w.Files["/proc/77/environ"] = ocftest.File{Data: "RABBITMQ_NODENAME=other\x00"}
	w.Files[pidFile] = ocftest.File{Data: "77"}
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.Contains(t, w.Procs, 77)
}

func TestRecords_Removed(t *testing.T) {
	for name, k := range map[string]struct {
		known   map[string]string
		started map[string]string
		want    bool
	}{
		"removed":                     {map[string]string{"node1": self}, nil, true},
		"configured, by its name":     {map[string]string{"node1": self, "node2": ""}, nil, false},
		"configured, by what it told": {map[string]string{"node1": self, "other": node2}, nil, false},
		"configured, fully qualified": {map[string]string{"node1": self, "node2.example": ""}, nil, false},
		"started":                     {map[string]string{"node1": self}, map[string]string{"x": node2}, false},
		// The attributes of the agent are missing, so nothing can be said of others.
		"no proof": {map[string]string{"node1": "", "node3": node3}, nil, false},
		"nothing":  {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range (Records{LastKnown: k.known, Started: k.started}).peers(self, Data{Members: []string{self, node2}}) {
				if p.Name == node2 {
					require.Equal(t, k.want, p.Removed)
					return
				}
			}
			t.Fatal("the peer is missing")
		})
	}
}

// A start that takes longer than its timeout goes on, and monitor says so.
func TestStart_Slow(t *testing.T) {
	w := newWorld()
	w.data([]string{self, node2}, []string{self})
	w.needs = []string{"never"}
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, ocf.Degraded, w.monitor().Code)
	w.needs = nil
	w.settle()
	require.Equal(t, ocf.Success, w.monitor().Code)
}

// A node that was forgotten keeps its old data beside the new.
func TestStart_Forgotten(t *testing.T) {
	w := newWorld()
	w.data([]string{self, node2}, []string{self, node2}, "msg_stores")
	w.peer(node2, up(node2, node3))
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	w.has(t, "move "+dataDir+" to "+dataDir+".aside-2026")
	aside := slices.ContainsFunc(slices.Collect(maps.Keys(w.Files)), func(p string) bool {
		return strings.Contains(p, ".aside-") && strings.HasSuffix(p, "/schema.DAT")
	})
	require.True(t, aside)
	require.Equal(t, []string{self, node2, node3}, w.sights[self].Members)
}

func TestStart_Refuses(t *testing.T) {
	w := newWorld()
	w.data([]string{self}, []string{self})
	w.Files[dataDir+"/quorum"] = ocftest.Dir()
	w.Files[dataDir+"/quorum/"+self] = ocftest.Dir()
	w.Files[dataDir+"/quorum/"+self+"/2F_QABCDEF"] = ocftest.Dir()
	w.peer(node2, up(node2))
	res := w.do("start")
	require.Equal(t, ocf.ErrArgs, res.Code, res)
	require.Contains(t, res.Reason, "are nowhere else")
	require.Empty(t, w.Procs)
	w.hasNot(t, "move ")

	w = newWorld()
	w.Files["/etc/fstab"] = ocftest.File{Data: "# x\n/dev/sdb1 /var/lib/rabbitmq ext4 defaults 0 2\n"}
	root := "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	w.Files["/proc/self/mountinfo"] = ocftest.File{Data: root}
	res = w.do("start")
	require.Equal(t, ocf.ErrArgs, res.Code, res)
	require.Contains(t, res.Reason, "/var/lib/rabbitmq is not mounted")
	w.Files["/proc/self/mountinfo"] = ocftest.File{Data: root + "23 22 8:16 / /var/lib/rabbitmq rw - ext4 /dev/sdb1 rw\n"}
	require.Equal(t, ocf.Success, w.do("start").Code)
}

// After a full outage a start must not hold up the starts that it waits for.
func TestStart_WaitsForMembersThatAreNotStarted(t *testing.T) {
	w := newWorld()
	all := []string{self, node2, node3}
	w.data(all, all)
	w.needs = []string{node2, node3}
	for host, name := range map[string]string{"node2": node2, "node3": node3} {
		w.tells(host, Note{Name: name, Phase: idle, Data: Data{Kind: Clustered, Members: all, Running: all}})
	}
	began := w.Time
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Less(t, w.Time.Sub(began), 30*time.Second)
	require.Equal(t, waiting, ReadNote(w.Attributes["rmq-node-data-rsc"]).Phase)
	res = w.monitor()
	require.Equal(t, ocf.Degraded, res.Code, res)
	require.Contains(t, res.Reason, "wait for rabbit@node2, rabbit@node3")
	w.sights[node2], w.sights[node3] = Sight{Alive: true, Registered: true, Booting: true}, Sight{Alive: true, Registered: true, Booting: true}
	w.settle()
	require.Equal(t, ocf.Success, w.monitor().Code)
}

// A server that waited in vain knows afterwards what it knew before, until it has run.
func TestStart_KnowledgeSurvivesWaiting(t *testing.T) {
	w := newWorld()
	all := []string{self, node2, node3}
	w.data(all, all)
	w.needs = []string{node2}
	w.known = map[string]string{"node2": node2, "node3": node3}
	known := func() []string { return ReadNote(w.Attributes["rmq-node-data-rsc"]).Data.Running }
	for range 2 {
		require.Equal(t, ocf.Success, w.do("start").Code)
		require.Contains(t, w.Files[dataDir+"/nodes_running_at_shutdown"].Data, "['"+self+"']", "the test is about this")
		require.Equal(t, all, known())
		require.Equal(t, ocf.Success, w.do("stop").Code)
		require.Equal(t, all, known())
	}
	w.needs = nil
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.Equal(t, []string{self}, known(), "it has run alone since")
}

// If they are being started it waits, and ends when it runs.
func TestStart_WaitsForMembersThatAreBeingStarted(t *testing.T) {
	w := newWorld()
	all := []string{self, node2}
	w.data(all, all)
	w.needs = []string{node2}
	w.tells("node2", Note{Name: node2, Phase: starting, Data: Data{Kind: Clustered, Members: all, Running: all}})
	end := w.Time.Add(40 * time.Second)
	w.OnSleep = func(*ocftest.Machine) {
		if w.Time.After(end) {
			w.sights[node2] = Sight{Alive: true, Registered: true, Booting: true}
		}
		w.settle()
	}
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.True(t, w.sights[self].Running)
	require.Equal(t, started, ReadNote(w.Attributes["rmq-node-data-rsc"]).Phase)
}

func TestStart_ForceBoot(t *testing.T) {
	w := newWorld()
	all := []string{self, node2, node3}
	w.data(all, all)
	w.needs = []string{node2, node3}
	w.tells("node2", Note{Name: node2, Phase: idle, Data: Data{Kind: Clustered, Members: all, Running: all}})
	w.tells("node3", Note{Name: node3, Phase: idle, Data: Data{Kind: None}})
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	w.has(t, "run /usr/sbin/rabbitmqctl -n rabbit@node1 force_boot")
	require.True(t, w.sights[self].Running)
}

// A node without data is started without a server while there is no cluster, and
// restarted when there is one.
func TestStart_Standby(t *testing.T) {
	w := newWorld()
	w.tells("node2", Note{Name: node2, Phase: idle, Data: Data{Kind: Clustered, Members: []string{node2, node3}, Running: []string{node2}}})
	res := w.do("start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Empty(t, w.Procs)
	res = w.monitor()
	require.Equal(t, ocf.Degraded, res.Code, res)
	require.Contains(t, res.Reason, "waits to join rabbit@node2")
	require.Equal(t, ocf.NotRunning, w.do("monitor", "CRM_meta_interval=0").Code, "a probe finds no server")
	w.peer(node2, up(node2, node3))
	res = w.monitor()
	require.Equal(t, ocf.ErrGeneric, res.Code, res)
	require.Contains(t, res.Reason, "restarted to join it")
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.Equal(t, ocf.NotRunning, w.monitor().Code)
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, []string{self, node2, node3}, w.sights[self].Members)
}

func TestStop_Kills(t *testing.T) {
	w := newWorld()
	require.Equal(t, ocf.Success, w.do("start").Code)
	w.stuck = true
	began := w.Time
	res := w.do("stop", "CRM_meta_timeout=90000")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Empty(t, w.Procs)
	require.Less(t, w.Time.Sub(began), 80*time.Second)
	require.Greater(t, w.Time.Sub(began), 40*time.Second)
	w.has(t, "signal 15 to")
	w.has(t, "signal 9 to")
}

// A shell that has not started its server yet must not do so after stop.
func TestStop_Shells(t *testing.T) {
	w := newWorld()
	w.Procs[77] = ocf.Process{PID: 77, Start: 1, Name: "rabbitmq-server", Args: []string{"/bin/sh", "/usr/sbin/rabbitmq-server"}}
	w.Procs[78] = ocf.Process{PID: 78, Start: 1, Name: "sh", Args: []string{"sh", "-c", "sleep 1"}}
	w.Files["/proc/77/environ"] = ocftest.File{Data: "A=b\x00RABBITMQ_PID_FILE=" + pidFile + "\x00"}
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.NotContains(t, w.Procs, 77)
	require.Contains(t, w.Procs, 78)
}

// Another RabbitMQ node of the machine is not touched.
func TestStop_OtherNode(t *testing.T) {
	w := newWorld()
	w.Procs[77] = ocf.Process{PID: 77, Start: 1, Name: "beam.smp", Args: []string{"beam.smp", "-s", "rabbit", "boot"}}
	w.Files["/proc/77/environ"] = ocftest.File{Data: "RABBITMQ_NODENAME=other\x00"}
	require.Equal(t, ocf.NotRunning, w.monitor().Code)
	require.Equal(t, ocf.Success, w.do("stop").Code)
	require.Contains(t, w.Procs, 77)
}

func TestStop_AwaitsQuorum(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(self, node2, node3))
	w.peer(node3, up(self, node2, node3))
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, ocf.Success, w.do("stop").Code)
	w.has(t, "rabbitmq-upgrade -n rabbit@node1 await_online_quorum_plus_one -t 20")

	w.Changes = nil
	require.Equal(t, ocf.Success, w.do("start").Code)
	require.Equal(t, ocf.Success, w.do("stop", "CRM_meta_notify_stop_resource=rsc rsc rsc", "CRM_meta_notify_stop_uname=node1 node2 node3").Code)
	w.hasNot(t, "await_online_quorum_plus_one")
}

func TestMonitor_Table(t *testing.T) {
	running := func(w *world) { w.do("start") }
	for name, k := range map[string]struct {
		set    func(w *world)
		code   ocf.Code
		reason string
	}{
		"stopped": {func(*world) {}, ocf.NotRunning, "not running"},
		"running": {running, ocf.Success, ""},
		"does not answer": {func(w *world) {
			running(w)
			w.sights[self] = Sight{Registered: true, Err: "i/o timeout"}
			w.broker = errors.New("refused")
		}, ocf.ErrGeneric, "i/o timeout"},
		"hangs":       {func(w *world) { running(w); w.sights[self] = Sight{Registered: true, Silent: true, Err: "i/o timeout"} }, ocf.ErrGeneric, "hangs"},
		"no cookie":   {func(w *world) { running(w); w.sights[self] = Sight{Registered: true, Err: "no cookie"} }, ocf.Degraded, "cannot be asked"},
		"app stopped": {func(w *world) { running(w); w.sights[self] = Sight{Registered: true, Alive: true} }, ocf.ErrGeneric, "does not run in it"},
		"no listener": {func(w *world) { running(w); w.broker = errors.New("connection refused") }, ocf.Degraded, "maintenance"},
		"smaller side": {func(w *world) {
			running(w)
			s := w.sights[self]
			s.Members = []string{self, node2, node3}
			w.sights[self] = s
			w.peer(node2, Sight{Err: "timeout"})
			w.peer(node3, Sight{Err: "timeout"})
		}, ocf.ErrGeneric, "sees 1 of the 3 instances"},
		"others wait for tables": {func(w *world) {
			running(w)
			s := w.sights[self]
			s.Members = []string{self, node2, node3}
			w.sights[self] = s
			w.peer(node2, Sight{Registered: true, Alive: true, Booting: true})
			w.peer(node3, Sight{Refused: true})
		}, ocf.Success, ""},
		"parted, the side that stays": {func(w *world) {
			running(w)
			s := w.sights[self]
			s.Members, s.Partitions = []string{self, node2}, []string{node2}
			w.sights[self] = s
			p := up(self, node2)
			p.Partitions = []string{self}
			w.peer(node2, p)
		}, ocf.Degraded, "rabbit@node2 was parted"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			k.set(w)
			before := len(w.Changes)
			w.OnSleep = nil // what is seen stays so
			res := w.monitor()
			require.Equal(t, k.code, res.Code, res)
			require.Contains(t, res.Reason, k.reason)
			for _, change := range w.Changes[before:] {
				require.Contains(t, change, "node attribute", "a monitor writes nothing")
			}
		})
	}
}

func TestMonitor_Account(t *testing.T) {
	w := newWorld()
	require.Equal(t, ocf.Success, w.do("start").Code)
	account := []string{"CRM_meta_interval=10000", "check_user=u", "check_passwd=topsecret"}
	require.Equal(t, ocf.Success, w.do("monitor", account...).Code)
	w.probe = errors.New(`Exception (403) Reason: "username or password not allowed"`)
	res := w.do("monitor", account...)
	require.Equal(t, ocf.Degraded, res.Code, res)
	w.probe = errors.New("the message was not confirmed")
	res = w.do("monitor", account...)
	require.Equal(t, ocf.ErrGeneric, res.Code, res)
	require.NotContains(t, fmt.Sprint(res, w.Commands), "topsecret")
}

// A steady monitor starts no program.
func TestMonitor_CallsNothing(t *testing.T) {
	w := newWorld()
	require.Equal(t, ocf.Success, w.do("start").Code)
	w.Commands = nil
	require.Equal(t, ocf.Success, w.monitor().Code)
	require.Empty(t, w.Commands)
}

func TestParted(t *testing.T) {
	sight := func(partitions ...string) Sight { return Sight{Running: true, Partitions: partitions} }
	all := map[string]Sight{a: sight(b, c), b: sight(a), c: sight(a)}
	for name, k := range map[string]struct {
		views  map[string]Sight
		losers []string
	}{
		"none":                         {map[string]Sight{a: sight(), b: sight(), c: sight()}, nil},
		"one against two":              {all, []string{a}},
		"one against one":              {map[string]Sight{a: sight(b), b: sight(a)}, []string{b}},
		"each against each":            {map[string]Sight{a: sight(b, c), b: sight(a, c), c: sight(a, b)}, []string{b, c}},
		"two that a third sees both":   {map[string]Sight{a: sight(), b: sight(c), c: sight(b)}, []string{c}},
		"only one side has noticed it": {map[string]Sight{a: sight(b), b: sight()}, nil},
		"two against two":              {map[string]Sight{a: sight(c, "rabbit@d"), b: sight(c, "rabbit@d"), c: sight(a, b), "rabbit@d": sight(a, b)}, []string{c, "rabbit@d"}},
	} {
		t.Run(name, func(t *testing.T) {
			var losers []string
			for _, self := range slices.Sorted(maps.Keys(k.views)) {
				var peers []Peer
				for n, s := range k.views {
					if n != self {
						peers = append(peers, Peer{Name: n, Sight: s})
					}
				}
				if loser, kept := Parted(self, k.views[self], peers); loser {
					losers = append(losers, self)
					require.NotEmpty(t, kept)
				}
			}
			require.Equal(t, k.losers, losers)
		})
	}
	// While the others cannot be seen a restart would help nobody.
	loser, _ := Parted(b, sight(a), []Peer{{Name: a}})
	require.False(t, loser)
}

func TestNotify(t *testing.T) {
	w := newWorld()
	w.peer(node2, up(self, node2, node3, "rabbit@old"))
	w.known = map[string]string{"node2": node2, "node3": node3}
	require.Equal(t, ocf.Success, w.do("start").Code)
	w.sights[self] = Sight{Registered: true, Alive: true, Running: true, Members: []string{self, node2, node3, "rabbit@old"}, Connected: []string{self, node2, node3}}
	w.Changes = nil
	post := []string{"CRM_meta_notify_type=post", "CRM_meta_notify_operation=stop", "CRM_meta_notify_stop_resource=rsc", "CRM_meta_notify_stop_uname=node3"}
	w.sights[node3] = Sight{Err: "no route to host"}
	require.Equal(t, ocf.Success, w.do("notify", post...).Code)
	w.has(t, "rabbitmqctl -n rabbit@node1 eval erlang:disconnect_node('rabbit@node3').")
	// The node of rabbit@old is not configured any more; that of node3 is.
	w.has(t, "rabbitmqctl -n rabbit@node1 forget_cluster_node rabbit@old")
	w.hasNot(t, "forget_cluster_node rabbit@node3")

	// One that RabbitMQ has seen to end needs no word.
	s := w.sights[self]
	s.Connected = []string{self, node2}
	w.sights[self] = s
	w.Changes = nil
	require.Equal(t, ocf.Success, w.do("notify", post...).Code)
	w.hasNot(t, "disconnect_node")

	w.Changes = nil
	w.known["old"] = ""
	require.Equal(t, ocf.Success, w.do("notify", post...).Code)
	w.hasNot(t, "forget_cluster_node")
	require.Equal(t, ocf.Success, w.do("notify", "CRM_meta_notify_type=pre", "CRM_meta_notify_operation=stop").Code)
}

// After any sequence of actions, some of them killed at any change, with peers that
// come and go: a start that succeeds is one that monitor agrees with, stop leaves no
// process, and no data is ever removed.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		for range rapid.IntRange(1, 10).Draw(t, "actions") {
			switch rapid.IntRange(0, 4).Draw(t, "peer") {
			case 0:
				w.peer(node2, up(node2))
			case 1:
				delete(w.sights, node2)
				delete(w.Attributes, "rmq-node-attr-rsc@node2")
			}
			if killAfter := rapid.IntRange(0, 12).Draw(t, "killed after"); killAfter < 8 {
				w.KillAfter = len(w.Changes) + killAfter
			}
			action := rapid.SampledFrom([]string{"start", "stop", "monitor"}).Draw(t, "action")
			had := w.Files[dataDir+"/schema.DAT"].Data != ""
			var res ocftest.Result
			if action == "monitor" {
				res = w.monitor()
			} else {
				res = w.do(action)
			}
			w.KillAfter = 0
			for _, change := range res.Changes {
				require.False(t, strings.HasPrefix(change, "remove "+dataDir), change)
			}
			if had {
				kept := slices.ContainsFunc(slices.Collect(maps.Keys(w.Files)), func(p string) bool {
					return strings.HasPrefix(p, dataDir) && strings.HasSuffix(p, "schema.DAT")
				})
				require.True(t, kept, "data is gone")
			}
			if res.Killed {
				continue
			}
			switch action {
			case "start":
				if res.Code == ocf.Success {
					code := w.monitor().Code
					require.Contains(t, []ocf.Code{ocf.Success, ocf.Degraded}, code)
				}
			case "stop":
				require.Equal(t, ocf.Success, res.Code, res)
				require.Empty(t, w.Procs)
				require.Equal(t, ocf.NotRunning, w.monitor().Code)
			}
		}
	})
}
