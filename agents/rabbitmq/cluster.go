package rabbitmq

import (
	"context"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"systole/agents/ocf"
)

// The names of node attributes. The first two are those of the stock agent.
func runningAttribute(r *ocf.Request) string { return "rmq-node-attr-" + clone(r) }

func lastKnownAttribute(r *ocf.Request) string { return "rmq-node-attr-last-known-" + clone(r) }

func noteAttribute(r *ocf.Request) string { return "rmq-node-data-" + clone(r) }

// clone is the name of the resource without the number of the instance.
func clone(r *ocf.Request) string {
	name, _, _ := strings.Cut(r.Instance, ":")
	return name
}

// Peer is another node that is, was or may become a member.
type Peer struct {
	Name string // NAME@HOST
	Host string // the cluster's name of the node it runs on; "" if not known
	// Started says that the instance there is started as the cluster's attribute
	// has it, which may be out of date.
	Started bool
	// Note is what the instance has published; its Phase is "" if it has published
	// nothing, as when its node is not in the cluster.
	Note Note
	// Removed says that an administrator has removed its node from the cluster.
	Removed bool
	Sight
}

// present says whether the node of the peer is in the cluster and has told of its data.
// What it told when it was started is out of date once RabbitMQ has run.
func (p Peer) present() bool {
	switch p.Note.Phase {
	case "", started:
		return false
	case waiting:
		return p.Alive && !p.Running
	}
	return true
}

// coming says whether waiting for the peer can help without anybody else acting.
func (p Peer) coming() bool {
	return p.Alive || slices.Contains([]string{starting, founding, joining, forcing}, p.Note.Phase)
}

// gone says whether nothing can come from the peer any more: it has told that it has
// no data, or its node was removed.
func (p Peer) gone() bool {
	return p.Removed || p.present() && p.Note.Data.Kind == None && p.Note.Phase != joining
}

// unseen says that nobody answers at the host of the peer, so that it may run.
func (p Peer) unseen() bool { return !p.Refused && !p.Registered && !p.Alive }

// none says whether a tool of the cluster has answered that there is no such thing.
func none(out ocf.Output) bool {
	const noSuch, noSuchOld = 105, 6 // of Pacemaker 2 and later, and of 1.1
	return out.Code == noSuch || out.Code == noSuchOld || out.Code != 0 && strings.Contains(out.Stderr, "does not exist")
}

// configuredNodes reads the nodes section of the configuration: the value of a
// permanent attribute for every node, "" where it is not set.
func configuredNodes(ctx context.Context, r *ocf.Request, sys ocf.Reader, name string) (map[string]string, error) {
	out, err := sys.Query(ctx, ocf.Command{Path: r.Dirs.Sbin + "/cibadmin", Args: []string{"-Q", "-o", "nodes"}, MaxOutput: 16 << 20})
	if err != nil {
		return nil, fmt.Errorf("asking for the nodes of the cluster: %w", err)
	}
	if none(out) {
		return map[string]string{}, nil
	}
	if out.Code != 0 {
		return nil, fmt.Errorf("asking for the nodes of the cluster: cibadmin ended with exit code %d: %s", out.Code, strings.TrimSpace(out.Stderr))
	}
	return parseNodes(out.Stdout, name)
}

func parseNodes(text, name string) (map[string]string, error) {
	var doc struct {
		Nodes []struct {
			Name  string `xml:"uname,attr"`
			Pairs []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"instance_attributes>nvpair"`
		} `xml:"node"`
	}
	if strings.TrimSpace(text) == "" {
		return map[string]string{}, nil
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("the nodes of the cluster, as cibadmin prints them: %w", err)
	}
	values := map[string]string{}
	for _, n := range doc.Nodes {
		values[n.Name] = ""
		for _, p := range n.Pairs {
			if p.Name == name {
				values[n.Name] = p.Value
			}
		}
	}
	return values, nil
}

// Records is what the cluster manager holds about the instances.
type Records struct {
	Started   map[string]string // RabbitMQ node by the cluster's name of the node
	Notes     map[string]string
	LastKnown map[string]string // "" where a node has none
}

// peers puts together all other nodes that anybody knows of.
func (rec Records) peers(self string, own Data) []Peer {
	byName := map[string]*Peer{}
	get := func(name string) *Peer {
		if byName[name] == nil {
			byName[name] = &Peer{Name: name}
		}
		return byName[name]
	}
	for _, name := range slices.Concat(own.Members, own.Running) {
		get(name)
	}
	for host, name := range rec.LastKnown {
		if name != "" {
			get(name).Host = host
		}
	}
	for host, text := range rec.Notes {
		if n := ReadNote(text); n.Name != "" {
			p := get(n.Name)
			p.Host, p.Note = host, n
			for _, m := range slices.Concat(n.Data.Members, n.Data.Running) {
				get(m)
			}
		}
	}
	for host, name := range rec.Started {
		p := get(name)
		p.Host, p.Started = host, true
	}
	delete(byName, self)
	delete(byName, "")
	list := make([]Peer, 0, len(byName))
	for _, p := range byName {
		p.Removed = rec.removed(self, *p)
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Peer) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// removed says whether the node of a peer is no longer configured. Proof of that
// needs a configuration that holds what the agent writes there.
func (rec Records) removed(self string, p Peer) bool {
	_, host, _ := strings.Cut(p.Name, "@")
	short, _, _ := strings.Cut(host, ".")
	proof := false
	for node, name := range rec.LastKnown {
		nodeShort, _, _ := strings.Cut(node, ".")
		if name == p.Name || nodeShort == short {
			return false
		}
		proof = proof || name == self
	}
	return proof && !p.Started && p.Note.Phase == ""
}
