// Package ocftest has what tests of agents need: a [Machine] that exists in
// memory only, with files, processes, commands, a clock and a cluster, and [Do],
// which calls an agent on it as a resource manager does.
package ocftest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
)

// Machine is a machine in memory. Tests set and look at the fields; agents see
// it as an ocf.System. Time passes only by Sleep.
type Machine struct {
	Files      map[string]File
	Procs      map[int]ocf.Process
	Time       time.Time
	Name       string            // of the host
	Programs   map[string]bool   // that LookPath finds; nil: all
	Attributes map[string]string // transient node attributes, by "name" for this node, else "name@node"
	Persistent map[string]string // node attributes of the configuration, likewise
	Promotion  string            // promotion score of this node; "" is none
	Promotions map[string]string // promotion scores of other nodes
	Claims     map[string]bool   // held by other processes

	// NoCluster is the error of AttributeOfAll and PersistentAttributeOfAll where no cluster runs; nil: one does.
	NoCluster error

	// OnCommand answers Query and Run; nil: every command succeeds in silence.
	OnCommand func(m *Machine, c ocf.Command) (ocf.Output, error)
	// OnStart and OnSignal say what a daemon and a signal do; nil: a daemon becomes
	// a process, and SIGTERM and SIGKILL end one.
	OnStart  func(m *Machine, d ocf.Daemon) (int, error)
	OnSignal func(m *Machine, p ocf.Process, signal int)
	// OnPublish takes what is told to the cluster, if it says so; nil, or false: it
	// is in Attributes, Persistent and Promotions at once.
	OnPublish func(m *Machine, p ocf.Publication) bool
	// OnSleep is called before time passes: the world moves on.
	OnSleep func(m *Machine)
	// Fail makes changes fail whose text, as in Changes, begins with a key.
	Fail map[string]error
	// KillAfter makes the agent die, as by SIGKILL, when it has made that many
	// changes and begins another one. 0: it lives.
	KillAfter int

	// Changes are the changes that were made, one a line: "write /run/x".
	Changes []string
	// Commands are the command lines of Query and Run.
	Commands []string
}

var _ ocf.System = (*Machine)(nil)

// File is a file or directory of a Machine.
type File struct {
	Data     string
	Kind     ocf.Kind // None is Regular
	Mode     uint32
	UID, GID int
	ReadOnly bool // Writable is false, and writing to it or in it fails
}

// New is a machine with the directories that agents expect.
func New() *Machine {
	return &Machine{
		Files: map[string]File{
			"/": Dir(), "/run": Dir(), "/run/resource-agents": Dir(), "/tmp": Dir(),
			"/dev/urandom": {Kind: ocf.Other, Data: "\x00"},
		},
		Procs: map[int]ocf.Process{}, Attributes: map[string]string{}, Persistent: map[string]string{}, Promotions: map[string]string{}, Claims: map[string]bool{},
		Time: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Name: "node1",
	}
}

// Dir is a directory.
func Dir() File { return File{Kind: ocf.Directory, Mode: 0o755} }

// killed is what a change panics with when KillAfter is over.
type killed struct{}

// change records a change, or says why it is not made.
func (m *Machine) change(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if m.KillAfter > 0 && len(m.Changes) >= m.KillAfter {
		panic(killed{})
	}
	for _, prefix := range slices.Sorted(maps.Keys(m.Fail)) {
		if strings.HasPrefix(text, prefix) {
			return m.Fail[prefix]
		}
	}
	m.Changes = append(m.Changes, text)
	return nil
}

// Change records a change that is made through something else than the Machine,
// such as a server that the test stands in for; or it says why it is not made. So
// Fail, KillAfter and Changes hold for it too.
func (m *Machine) Change(format string, args ...any) error { return m.change(format, args...) }

// ReadFile reads a file.
func (m *Machine) ReadFile(p string, max int) ([]byte, bool, error) {
	f, ok := m.Files[p]
	switch {
	case !ok:
		return nil, false, nil
	case f.Kind == ocf.Directory:
		return nil, true, fmt.Errorf("read %s: is a directory", p)
	case len(f.Data) > max && f.Kind != ocf.Other:
		return nil, true, fmt.Errorf("read %s: it has more than %d bytes", p, max)
	}
	return []byte(f.Data[:min(max, len(f.Data))]), true, nil
}

// Stat says what is at a path.
func (m *Machine) Stat(p string) (ocf.FileInfo, error) {
	f, ok := m.Files[p]
	if !ok {
		return ocf.FileInfo{}, nil
	}
	kind := f.Kind
	if kind == ocf.None {
		kind = ocf.Regular
	}
	return ocf.FileInfo{Kind: kind, Size: int64(len(f.Data)), Mode: f.Mode, UID: f.UID, GID: f.GID}, nil
}

// List lists a directory.
func (m *Machine) List(p string) ([]string, error) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if name != "/" && path.Dir(name) == p {
			names = append(names, path.Base(name))
		}
	}
	return names, nil
}

// Writable says whether a file may be written to.
func (m *Machine) Writable(p string) bool {
	f, ok := m.Files[p]
	return ok && !f.ReadOnly
}

// Process returns a process.
func (m *Machine) Process(pid int) (ocf.Process, bool, error) {
	p, ok := m.Procs[pid]
	return p, ok, nil
}

// Find looks through the processes.
func (m *Machine) Find(match func(ocf.Process) bool) ([]ocf.Process, error) {
	var list []ocf.Process
	for _, p := range m.Procs {
		if match(p) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b ocf.Process) int { return cmp.Compare(a.PID, b.PID) })
	return list, nil
}

// LookPath finds a program.
func (m *Machine) LookPath(name string) (string, bool) {
	if m.Programs != nil && !m.Programs[name] {
		return "", false
	}
	if strings.Contains(name, "/") {
		return name, true
	}
	return "/usr/bin/" + name, true
}

// Query runs a command that changes nothing.
func (m *Machine) Query(ctx context.Context, c ocf.Command) (ocf.Output, error) {
	if ctx.Err() != nil {
		return ocf.Output{Code: -1}, context.Cause(ctx)
	}
	m.Commands = append(m.Commands, c.String())
	if m.OnCommand == nil {
		return ocf.Output{}, nil
	}
	return m.OnCommand(m, c)
}

// Now is the time.
func (m *Machine) Now() time.Time { return m.Time }

// Sleep lets time pass. When that reaches the deadline of ctx, Sleep ends as if ctx had.
func (m *Machine) Sleep(ctx context.Context, d time.Duration) error {
	if m.OnSleep != nil {
		m.OnSleep(m)
	}
	if end, ok := ctx.Deadline(); ok && m.Time.Add(d).After(end) {
		m.Time = end
		if e, ok := ctx.(*deadline); ok {
			e.over = true
		}
		return context.Cause(ctx)
	}
	m.Time = m.Time.Add(d)
	return ctx.Err()
}

// Hostname is the name of the host.
func (m *Machine) Hostname() string { return m.Name }

// Attribute returns a node attribute.
func (m *Machine) Attribute(_ context.Context, name, node string) (string, bool, error) {
	value, ok := m.Attributes[attributeKey(name, node)]
	return value, ok, nil
}

// PersistentAttribute returns a node attribute of the configuration.
func (m *Machine) PersistentAttribute(_ context.Context, name, node string) (string, bool, error) {
	value, ok := m.Persistent[attributeKey(name, node)]
	return value, ok, nil
}

// AttributeOfAll returns a node attribute of all nodes.
func (m *Machine) AttributeOfAll(_ context.Context, name string) (map[string]string, error) {
	return m.ofAll(m.Attributes, name)
}

// PersistentAttributeOfAll returns a node attribute of the configuration, of all nodes.
func (m *Machine) PersistentAttributeOfAll(_ context.Context, name string) (map[string]string, error) {
	return m.ofAll(m.Persistent, name)
}

func (m *Machine) ofAll(attributes map[string]string, name string) (map[string]string, error) {
	if err := m.NoCluster; err != nil {
		return nil, err
	}
	values := map[string]string{}
	for key, value := range attributes {
		of, node, elsewhere := strings.Cut(key, "@")
		if !elsewhere {
			node = m.Name
		}
		if of == name {
			values[node] = value
		}
	}
	return values, nil
}

func attributeKey(name, node string) string {
	if node != "" {
		return name + "@" + node
	}
	return name
}

// Claim holds a name.
func (m *Machine) Claim(name string) (func(), bool, error) {
	if m.Claims[name] {
		return nil, false, nil
	}
	m.Claims[name] = true
	return func() { delete(m.Claims, name) }, true, nil
}

var errReadOnly = errors.New("read-only file system")

// place says why nothing can be put at a path.
func (m *Machine) place(p string) error {
	d, ok := m.Files[path.Dir(p)]
	switch {
	case !ok:
		return fmt.Errorf("%s: no such directory", path.Dir(p))
	case d.Kind != ocf.Directory:
		return fmt.Errorf("%s: not a directory", path.Dir(p))
	case d.ReadOnly || m.Files[p].ReadOnly:
		return ocf.Errorf(ocf.ErrPerm, "%s: %w", p, errReadOnly)
	}
	return nil
}

// WriteFile writes a file.
func (m *Machine) WriteFile(p string, data []byte, mode uint32) error {
	if err := m.place(p); err != nil {
		return err
	}
	if m.Files[p].Kind == ocf.Directory {
		return fmt.Errorf("%s: is a directory", p)
	}
	if err := m.change("write %s", p); err != nil {
		return err
	}
	f := m.Files[p]
	f.Data, f.Mode, f.Kind = string(data), mode, ocf.Regular
	m.Files[p] = f
	return nil
}

// MakeDir makes a directory and its parents.
func (m *Machine) MakeDir(p string, mode uint32) error {
	if f, ok := m.Files[p]; ok {
		if f.Kind != ocf.Directory {
			return fmt.Errorf("%s: is no directory", p)
		}
		return nil
	}
	if err := m.change("make directory %s", p); err != nil {
		return err
	}
	for d := path.Dir(p); d != "/"; d = path.Dir(d) {
		if _, ok := m.Files[d]; !ok {
			m.Files[d] = Dir()
		}
	}
	m.Files[p] = File{Kind: ocf.Directory, Mode: mode}
	return nil
}

// Remove removes a file.
func (m *Machine) Remove(p string) error {
	if _, ok := m.Files[p]; !ok {
		return nil
	}
	if err := m.place(p); err != nil {
		return err
	}
	if names, _ := m.List(p); len(names) > 0 {
		return fmt.Errorf("%s: directory not empty", p)
	}
	if err := m.change("remove %s", p); err != nil {
		return err
	}
	delete(m.Files, p)
	return nil
}

// Run runs a command.
func (m *Machine) Run(ctx context.Context, c ocf.Command) (ocf.Output, error) {
	if ctx.Err() != nil {
		return ocf.Output{Code: -1}, context.Cause(ctx)
	}
	if err := m.change("run %s", c); err != nil {
		return ocf.Output{Code: -1}, err
	}
	return m.Query(ctx, c)
}

// Start starts a daemon.
func (m *Machine) Start(d ocf.Daemon) (int, error) {
	if err := m.change("start %s", strings.Join(append([]string{d.Path}, d.Args...), " ")); err != nil {
		return 0, err
	}
	if m.OnStart != nil {
		return m.OnStart(m, d)
	}
	pid := 1000
	for m.Procs[pid].PID != 0 {
		pid++
	}
	m.Procs[pid] = ocf.Process{PID: pid, Parent: 1, Start: uint64(pid), Name: path.Base(d.Path), Args: append([]string{d.Path}, d.Args...)}
	return pid, nil
}

// Signal sends a signal.
func (m *Machine) Signal(p ocf.Process, signal int) error {
	now, ok := m.Procs[p.PID]
	if !ok || now.Start != p.Start {
		return nil
	}
	if err := m.change("signal %d to %d", signal, p.PID); err != nil {
		return err
	}
	switch {
	case m.OnSignal != nil:
		m.OnSignal(m, p, signal)
	case signal == ocf.SIGTERM, signal == ocf.SIGKILL:
		delete(m.Procs, p.PID)
	}
	return nil
}

// Publish tells the cluster.
func (m *Machine) Publish(_ context.Context, p ocf.Publication) error {
	if err := m.change("%s", p); err != nil {
		return err
	}
	if m.OnPublish != nil && m.OnPublish(m, p) {
		return nil
	}
	key, values := attributeKey(p.Attribute, p.Node), m.Attributes
	if p.Persistent {
		values = m.Persistent
	}
	switch {
	case p.Attribute == "" && p.Node == "":
		m.Promotion = p.Value
	case p.Attribute == "" && p.Delete:
		delete(m.Promotions, p.Node)
	case p.Attribute == "":
		m.Promotions[p.Node] = p.Value
	case p.Delete:
		delete(values, key)
	default:
		values[key] = p.Value
	}
	return nil
}
