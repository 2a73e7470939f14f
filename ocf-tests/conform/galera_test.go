package conform_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/conform"
)

// galeraConfig is a group of one node, of real servers: node1 is what the suite
// calls the node. The server is started without its wrapper, which takes longer.
var galeraConfig = config{
	Config: conform.Config{
		Bad:    []string{"two_node_mode=perhaps", "wsrep_cluster_address=node1", "join_stall_timeout=soon", "cluster_host_map=x"},
		Secret: []string{"check_passwd"},
	},
	skipped: []string{"migrate", "reload", "notify", "notify-bare", "term-start", "deadline", "kill-slow", "odd-values"},
	setUp:   galeraNode,
}

// galeraNode makes a folder for a database, and returns the parameters.
func galeraNode(t testing.TB) []string {
	const server, provider = "/usr/sbin/mariadbd", "/usr/lib/galera/libgalera_smm.so"
	for _, file := range []string{server, provider} {
		if _, err := os.Stat(file); err != nil {
			t.Skip(file + " is missing: install the packages mariadb-server and galera-4")
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root: the server runs as the user mysql")
	}
	dir := folder(t)
	data := filepath.Join(dir, "data")
	require.NoError(t, os.Mkdir(data, 0o755))
	account, err := user.Lookup("mysql")
	require.NoError(t, err)
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	require.NoError(t, os.Chown(data, uid, gid))
	group := freePort(t)
	conf := filepath.Join(dir, "my.cnf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, `[mysqld]
skip-networking
innodb_buffer_pool_size=16M
innodb_use_native_aio=0
binlog_format=row
innodb_autoinc_lock_mode=2
wsrep_on=ON
wsrep_provider=%s
wsrep_provider_options="gmcast.listen_addr=tcp://127.0.0.1:%s;ist.recv_addr=127.0.0.1:%s;gcache.size=16M"
wsrep_node_address=127.0.0.1
wsrep_sst_method=rsync
`, provider, group, freePort(t)), 0o644))
	params := []string{
		"binary=" + server, "config=" + conf, "datadir=" + data, "socket=" + dir + "/run/s", "pid=" + dir + "/run/pid", "log=" + dir + "/log/error.log",
		"enable_creation=yes", "wsrep_cluster_address=gcomm://127.0.0.1:" + group, "cluster_host_map=node1:127.0.0.1",
	}
	// A check that fails may leave a server.
	t.Cleanup(func() { _ = exec.Command("fuser", "-k", "-KILL", "-s", data+"/ibdata1").Run() })
	return params
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}
