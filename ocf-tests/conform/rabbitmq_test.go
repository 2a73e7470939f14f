package conform_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/rabbitmq"
	"systole/ocf-tests/conform"
)

var rabbitmqConfig = config{
	Config: conform.Config{
		Bad: []string{"epmd_port=many", "node_name=@x", "set_policy=one", "log_dir=relative"}, Odd: []string{"log_dir=DIR/a b'c", "pid_file=DIR/$(d)/a b.pid"},
		Secret: []string{"check_passwd"},
	},
	skipped: []string{
		"validate-required", "reload", "migrate", "promote", "promote-again", "promote-stopped", "demote", "demote-again",
		"stop-promoted", "promotion-score", "kill-promote", "term-start", "deadline", "kill-slow",
	},
	setUp: rabbitmqNode,
}

// rabbitmqName is that of the Erlang node that the agent is to start.
const rabbitmqName = "conform@localhost"

// This program is a RabbitMQ server too, as far as the agent sees one: a real one
// takes ten seconds to start, and the checks start it forty times.
func init() {
	if filepath.Base(os.Args[0]) != "beam.smp" {
		return
	}
	if err := fakeRabbitMQ(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fakeRabbitMQ() error {
	dir := filepath.Join(os.Getenv("RABBITMQ_MNESIA_BASE"), rabbitmqName)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"schema.DAT": "x", "cluster_nodes.config": "{['" + rabbitmqName + "'],['" + rabbitmqName + "']}.\n",
		"nodes_running_at_shutdown": "['" + rabbitmqName + "'].\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if _, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("FAKE_PORT")); err != nil {
		return err
	}
	self := []string{rabbitmqName}
	f := rabbitmq.Fake{Name: rabbitmqName, Cookie: "conform", Answers: map[string]any{
		"rabbit:is_running": true, "rabbit:is_booting": false, "rabbit_nodes:list_members": self, "rabbit_nodes:list_running": self,
	}}
	if err := f.Serve("127.0.0.1:" + os.Getenv("ERL_EPMD_PORT")); err != nil {
		return err
	}
	if err := os.WriteFile(os.Getenv("RABBITMQ_PID_FILE"), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		return err
	}
	select {}
}

// rabbitmqNode gives the agent a server of its own.
func rabbitmqNode(t testing.TB) (params []string) {
	t.Helper()
	dir := folder(t)
	exe, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(exe, filepath.Join(dir, "beam.smp")))
	port, epmd := freePort(t), freePort(t)
	server := filepath.Join(dir, "rabbitmq-server")
	script := fmt.Sprintf("#!/bin/sh\nexport FAKE_PORT=%s\nexec %s/beam.smp -s rabbit boot\n", port, dir)
	for name, text := range map[string]string{
		"rabbitmq-server": script, "rabbitmqctl": "#!/bin/sh\nexit 0\n", "cookie": "conform\n", "env": "NODE_PORT=" + port + "\n",
	} {
		require.NoError(t, conform.WriteProgram(filepath.Join(dir, name), []byte(text)))
	}
	for name, value := range map[string]string{
		"binary": server, "ctl": filepath.Join(dir, "rabbitmqctl"), "username": "root", "groupname": "root",
		"node_name": rabbitmqName, "env_file": filepath.Join(dir, "env"), "mnesia_base": filepath.Join(dir, "mnesia"),
		"log_dir": filepath.Join(dir, "log"), "pid_file": filepath.Join(dir, "run", "pid"), "erlang_cookie_file": filepath.Join(dir, "cookie"),
		"epmd_port": epmd, "node_port": port,
	} {
		params = append(params, name+"="+value)
	}
	return params
}
