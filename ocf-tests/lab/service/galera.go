//go:build linux

package service

import (
	"context"
	"fmt"
	"strings"

	"systole/ocf-tests/lab"
)

// GaleraPrivate are the folders that Galera's nodes need of their own.
var GaleraPrivate = []string{"/var/lib/mysql", "/var/log/mysql"}

// Accounts in the database: root without password from the node itself, and this
// one from everywhere with all privileges.
const (
	DatabaseUser     = "lab"
	DatabasePassword = "lab"
)

// Galera says how MariaDB is set up.
type Galera struct {
	// Extra are lines for the [mysqld] section.
	Extra string
	// ProviderOptions are Galera's, separated by semicolons.
	ProviderOptions string
}

// SetUp writes the configuration of all nodes and makes an empty database in
// each. Nodes must be on, and no mariadbd may run. There is no grastate.dat yet: it is a cluster that
// has never been started.
func (g Galera) SetUp(ctx context.Context, c *lab.Cluster) error {
	if err := Check(MariaDBProgram); err != nil {
		return err
	}
	err := eachNode(c, func(n *lab.Node) error {
		return n.WriteFile("/etc/mysql/mariadb.conf.d/90-lab.cnf", g.config(c, n), 0o644, "")
	})
	if err != nil {
		return err
	}
	// Once and copied: it takes seconds.
	first := c.Node(1)
	if err := first.WriteFile("/tmp/accounts.sql", []byte(accountsSQL), 0o644, ""); err != nil {
		return err
	}
	if _, err := first.Run(ctx, "mariadb-install-db", "--user=mysql", "--datadir=/var/lib/mysql",
		"--auth-root-authentication-method=normal", "--skip-test-db", "--extra-file=/tmp/accounts.sql"); err != nil {
		return err
	}
	return eachNode(c, func(n *lab.Node) error {
		if n == first {
			return nil
		}
		return copyFolder(ctx, first, n, "/var/lib/mysql")
	})
}

const accountsSQL = "FLUSH PRIVILEGES;\nCREATE USER '" + DatabaseUser + "'@'%' IDENTIFIED BY '" + DatabasePassword + "';\n" +
	"GRANT ALL PRIVILEGES ON *.* TO '" + DatabaseUser + "'@'%' WITH GRANT OPTION;\n"

// Address is the value of wsrep_cluster_address.
func (g Galera) Address(c *lab.Cluster) string { return "gcomm://" + strings.Join(names(c), ",") }

// config: small buffers, because a lab has several servers and SST copies files.
func (g Galera) config(c *lab.Cluster, n *lab.Node) []byte {
	options := "gcache.size=32M"
	if g.ProviderOptions != "" {
		options += ";" + g.ProviderOptions
	}
	return fmt.Appendf(nil, `[mysqld]
bind-address=0.0.0.0
skip-name-resolve
innodb_buffer_pool_size=64M
innodb_log_file_size=16M
innodb_use_native_aio=0
binlog_format=row
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
wsrep_on=ON
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_provider_options="%s"
wsrep_cluster_name=lab
wsrep_cluster_address=%s
wsrep_node_name=%s
wsrep_node_address=%s
wsrep_sst_method=rsync
%s
`, options, g.Address(c), n.Name(), n.Address(), g.Extra)
}

// Resource is the CIB element: the promotable clone galera-clone of the primitive
// galera, an agent ocf:PROVIDER:galera, promoted on all nodes. more are further
// parameters, NAME=VALUE.
func (g Galera) Resource(c *lab.Cluster, provider string, more ...string) string {
	params := append([]string{"wsrep_cluster_address=" + g.Address(c), "check_user=root"}, more...)
	return `<clone id="galera-clone"><meta_attributes id="galera-clone-meta">` +
		attributes("galera-clone", "promotable=true", fmt.Sprintf("promoted-max=%d", len(c.Nodes())), "interleave=true") +
		`</meta_attributes><primitive id="galera" class="ocf" provider="` + provider + `" type="galera">` +
		`<instance_attributes id="galera-params">` + attributes("galera-params", params...) + `</instance_attributes><operations>` +
		operation("galera", "start", "0s", "120s", "") +
		operation("galera", "stop", "0s", "120s", "") +
		operation("galera", "promote", "0s", "300s", "") +
		operation("galera", "demote", "0s", "120s", "") +
		operation("galera", "monitor", "20s", "30s", "") +
		operation("galera", "monitor", "10s", "30s", `role="Promoted"`) +
		operation("galera", "monitor", "30s", "30s", `role="Unpromoted"`) +
		`</operations></primitive></clone>`
}

// SQL runs statements on a node's database as root and returns the rows, columns
// separated by tabs.
func SQL(ctx context.Context, n *lab.Node, statements string) (string, error) {
	return n.RunInput(ctx, strings.NewReader(statements), "mariadb", "--user=root", "--batch", "--skip-column-names")
}
