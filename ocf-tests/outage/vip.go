//go:build linux

package outage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

// GaleraVIP is Galera as OpenStack uses it: clients reach it through a virtual
// address and haproxy, which sends all of them to one server, the active one,
// and asks clustercheck on each node whether the server there may be used. Its
// agents are ours.
type GaleraVIP struct {
	Galera
}

var (
	_ Service = (*GaleraVIP)(nil)
	_ Locator = (*GaleraVIP)(nil)
)

// Ports on every node, beside MariaDB's own.
const (
	proxyPort = 3307
	checkPort = 9200
)

// Program adds that of haproxy.
func (v *GaleraVIP) Program(name string) string {
	if name == ProxyProgram {
		return "haproxy"
	}
	return v.Galera.Program(name)
}

func (v *GaleraVIP) address() string { return net.JoinHostPort(lab.Address(0), fmt.Sprint(proxyPort)) }

// SetUp sets up Galera, and in front of it the rest.
func (v *GaleraVIP) SetUp(ctx context.Context, c *lab.Cluster) error {
	v.Galera.states = true
	if err := v.Galera.SetUp(ctx, c); err != nil {
		return err
	}
	h := service.HAProxy{Sections: service.Listen(c, "galera", fmt.Sprintf(":%d", proxyPort), 3306, proxyOptions...)}
	if err := h.SetUp(ctx, c); err != nil {
		return err
	}
	if err := c.Configure(ctx, "resources", clone("clustercheck", "clustercheck", fmt.Sprintf("port=%d", checkPort), "host=127.0.0.1", "user="+service.DatabaseUser, "password="+service.DatabasePassword)+
		clone("haproxy", "haproxy")+
		`<primitive id="vip" class="ocf" provider="`+Ours+`" type="IPaddr2"><instance_attributes id="vip-params">`+
		`<nvpair id="vip-ip" name="ip" value="`+lab.Address(0)+`"/><nvpair id="vip-mask" name="cidr_netmask" value="24"/></instance_attributes>`+
		`<operations>`+monitor("vip")+`</operations></primitive>`); err != nil {
		return err
	}
	return c.Configure(ctx, "constraints",
		`<rsc_colocation id="vip-with-haproxy" rsc="vip" with-rsc="haproxy-clone" score="INFINITY"/>`+
			`<rsc_order id="haproxy-then-vip" first="haproxy-clone" then="vip" kind="Optional"/>`)
}

// proxyOptions is a table: all clients use one server while it is good. Servers
// that turn bad lose their connections.
var proxyOptions = []string{
	"option httpchk",
	"stick-table type ip size 10",
	"stick on dst",
	"timeout client 90m",
	"timeout server 90m",
	fmt.Sprintf("default-server port %d fastinter 200 fall 2 rise 2 on-marked-down shutdown-sessions backup", checkPort),
}

func clone(id, agent string, params ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<clone id="%s-clone"><meta_attributes id="%s-meta"><nvpair id="%s-interleave" name="interleave" value="true"/></meta_attributes>`, id, id, id)
	fmt.Fprintf(&b, `<primitive id="%s" class="ocf" provider="%s" type="%s"><instance_attributes id="%s-params">`, id, Ours, agent, id)
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		fmt.Fprintf(&b, `<nvpair id="%s-%s" name="%s" value="%s"/>`, id, name, name, value)
	}
	fmt.Fprintf(&b, `</instance_attributes><operations>%s</operations></primitive></clone>`, monitor(id))
	return b.String()
}

func monitor(id string) string {
	return `<op id="` + id + `-monitor" name="monitor" interval="5s" timeout="20s"/>`
}

// Whole adds that haproxy and clustercheck run on these nodes, the address on one
// of them, and that the database answers through it.
func (v *GaleraVIP) Whole(ctx context.Context, s lab.Status, nodes []string) error {
	want := slices.Sorted(slices.Values(nodes))
	for _, id := range []string{"clustercheck", "haproxy"} {
		if on := s.Active(id); !slices.Equal(on, want) {
			return fmt.Errorf("%s runs on %v, not %v", id, on, want)
		}
	}
	if owner := s.RunsOn("vip"); !slices.Contains(want, owner) {
		return fmt.Errorf("the virtual address is on %q, which is none of %v", owner, want)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if _, err := v.serving(ctx); err != nil {
		return fmt.Errorf("through the virtual address: %w", err)
	}
	return v.Galera.Whole(ctx, s, nodes)
}

// serving is the node of the server that clients reach.
func (v *GaleraVIP) serving(ctx context.Context) (node string, err error) {
	db, err := v.pool(v.address())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return node, db.QueryRowContext(ctx, "SELECT @@wsrep_node_name").Scan(&node)
}

// Locate tells which node is Owner and which is Active.
func (v *GaleraVIP) Locate(ctx context.Context, s lab.Status, part string) (string, error) {
	if part == Owner {
		return s.RunsOn("vip"), nil
	}
	return v.serving(ctx)
}

// Session is a connection through the virtual address, whatever the node.
func (v *GaleraVIP) Session(ctx context.Context, _ string) (Session, error) {
	return v.Galera.Session(ctx, v.address())
}
