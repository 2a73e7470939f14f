//go:build linux

package lab

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// writeFiles fills the lab's folder before the first boot. Files of nodes go
// straight into the upper layers of their overlays.
func (c *Cluster) writeFiles() error {
	if err := copyFile("/proc/self/exe", c.exe(), 0o755); err != nil {
		return fmt.Errorf("copying the running program: %w", err)
	}
	data, err := json.Marshal(plan{OCF: c.opt.OCF, Sbin: c.opt.Sbin, Private: c.opt.Private})
	if err != nil {
		return err
	}
	key := make([]byte, 512)
	_, _ = rand.Read(key) // never fails
	f := &fileWriter{dir: c.dir}
	f.write("plan.json", data, 0o644)
	f.write("sbin/"+FenceAgent, []byte(fenceWrapper), 0o755)
	for i := 1; i <= c.opt.Nodes; i++ {
		n := newNode(c, i)
		etc := filepath.Join("nodes", n.name, "etc.upper")
		f.write(filepath.Join(etc, "hosts"), hosts(c.opt.Nodes), 0o644)
		f.write(filepath.Join(etc, "hostname"), []byte(n.name+"\n"), 0o644)
		if c.opt.Bare {
			continue
		}
		f.write(filepath.Join(etc, "corosync/corosync.conf"), corosyncConf(c.opt), 0o644)
		f.write(filepath.Join(etc, "pacemaker/authkey"), key, 0o640)
		f.own(filepath.Join(etc, "pacemaker/authkey"), "root", "haclient")
		cib := filepath.Join("nodes", n.name, "own/var/lib/pacemaker/cib/cib.xml")
		f.write(cib, seedCIB(c.opt), 0o600)
		f.own(cib, "hacluster", "haclient")
	}
	return f.err
}

// A fileWriter writes below dir until the first error.
type fileWriter struct {
	dir string
	err error
}

func (f *fileWriter) write(name string, data []byte, mode fs.FileMode) {
	path := filepath.Join(f.dir, name)
	if f.err == nil {
		f.err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if f.err == nil {
		f.err = os.WriteFile(path, data, mode)
	}
	if f.err == nil {
		f.err = os.Chmod(path, mode) // the umask has taken its share
	}
}

func (f *fileWriter) own(name, user, group string) {
	if f.err != nil {
		return
	}
	uid, gid, err := lookUp(user, group)
	if err == nil {
		err = os.Chown(filepath.Join(f.dir, name), uid, gid)
	}
	f.err = err
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func hosts(nodes int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "127.0.0.1 localhost\n::1 localhost\n%s gateway\n", bridgeAddress)
	for i := 1; i <= nodes; i++ {
		fmt.Fprintf(&b, "%s node-%d\n", address(i), i)
	}
	return b.Bytes()
}

func corosyncConf(opt Options) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `totem {
  version: 2
  cluster_name: lab
  transport: knet
  token: %d
  crypto_cipher: none
  crypto_hash: none
}
quorum {
  provider: corosync_votequorum
`, opt.Token.Milliseconds())
	if opt.Nodes == 2 {
		// Either node may go on alone, once they have seen each other.
		b.WriteString("  two_node: 1\n")
	}
	b.WriteString(`}
logging {
  to_logfile: yes
  logfile: /var/log/corosync/corosync.log
  to_syslog: no
  timestamp: hires
}
system {
  move_to_root_cgroup: no
}
nodelist {
`)
	for i := 1; i <= opt.Nodes; i++ {
		fmt.Fprintf(&b, "  node {\n    ring0_addr: %s\n    name: node-%d\n    nodeid: %d\n  }\n", address(i), i, i)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// seedCIB is the CIB that each node starts with. Its feature set is older than
// any daemon's, which would refuse a newer one.
func seedCIB(opt Options) []byte {
	var b bytes.Buffer
	b.WriteString(`<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
`)
	names, values := opt.properties()
	for _, name := range names {
		fmt.Fprintf(&b, `        <nvpair id="option-%s" name="%s" value="%s"/>`+"\n", escape(name), escape(name), escape(values[name]))
	}
	b.WriteString("      </cluster_property_set>\n    </crm_config>\n    <nodes/>\n    <resources>\n")
	if !opt.NoFencing {
		b.WriteString(fenceDevice(opt.Nodes))
	}
	b.WriteString(opt.Resources + "\n    </resources>\n    <constraints>\n" + opt.Constraints + "\n    </constraints>\n  </configuration>\n  <status/>\n</cib>\n")
	return b.Bytes()
}

func fenceDevice(nodes int) string {
	names := make([]string, nodes)
	for i := range names {
		names[i] = fmt.Sprintf("node-%d", i+1)
	}
	return `      <primitive id="fence" class="stonith" type="` + FenceAgent + `">
        <instance_attributes id="fence-params">
          <nvpair id="fence-hosts" name="pcmk_host_list" value="` + strings.Join(names, " ") + `"/>
          <nvpair id="fence-check" name="pcmk_host_check" value="static-list"/>
        </instance_attributes>
      </primitive>
`
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
