package rabbitmq

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf/ocftest"
)

func TestPlace(t *testing.T) {
	for name, k := range map[string]struct {
		env, conf string
		p         params
		want      place
	}{
		"defaults": {want: place{Name: "rabbit@node1", Base: "/var/lib/rabbitmq/mnesia", Listen: "127.0.0.1:5672"}},
		"environment": {
			env:  "# x\nNODENAME=mq\nexport RABBITMQ_NODE_PORT=\"5673\"\nMNESIA_BASE='/data/mq'\nNODE_IP_ADDRESS=10.0.0.1\n",
			want: place{Name: "mq@node1", Base: "/data/mq", Listen: "10.0.0.1:5673"},
		},
		"whole name":    {env: "NODENAME=mq@alias\n", want: place{Name: "mq@alias", Base: "/var/lib/rabbitmq/mnesia", Listen: "127.0.0.1:5672"}},
		"long names":    {env: "USE_LONGNAME=true\n", want: place{Name: "rabbit@node1.example", Long: true, Base: "/var/lib/rabbitmq/mnesia", Listen: "127.0.0.1:5672"}},
		"listener":      {conf: "# listeners.tcp.x = 1\nlisteners.tcp.default = 5675\n", want: place{Name: "rabbit@node1", Base: "/var/lib/rabbitmq/mnesia", Listen: "127.0.0.1:5675"}},
		"address":       {conf: "listeners.tcp.local = 10.0.0.2:5675 # x\nlisteners.tcp.other = 10.0.0.3:5675\n", want: place{Name: "rabbit@node1", Base: "/var/lib/rabbitmq/mnesia", Listen: "10.0.0.2:5675"}},
		"all addresses": {conf: "listeners.tcp.local = :::5675\n", want: place{Name: "rabbit@node1", Base: "/var/lib/rabbitmq/mnesia", Listen: "127.0.0.1:5675"}},
		"TLS alone":     {conf: "listeners.tcp = none\nlisteners.ssl.default = 5671\n", want: place{Name: "rabbit@node1", Base: "/var/lib/rabbitmq/mnesia"}},
		"parameters": {
			env: "NODENAME=mq\n", p: params{node: "rmq@x", base: "/b", host: "fe80::1", port: 7},
			want: place{Name: "rmq@x", Base: "/b", Listen: "[fe80::1]:7"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := ocftest.New()
			m.Files["/env"], m.Files["/etc/rabbitmq/rabbitmq.conf"] = ocftest.File{Data: k.env}, ocftest.File{Data: k.conf}
			k.p.envFile = "/env"
			host := "node1"
			if k.want.Long {
				host = "node1.example"
			}
			got, err := findPlace(k.p, host, m)
			require.NoError(t, err)
			k.want.Dir = k.want.Base + "/" + k.want.Name
			require.Equal(t, k.want, got)
		})
	}
}

func TestReadData(t *testing.T) {
	const dir = "/m/rabbit@a"
	file := func(data string) ocftest.File { return ocftest.File{Data: data} }
	for name, k := range map[string]struct {
		files map[string]ocftest.File
		want  Data
	}{
		"missing":           {nil, Data{Kind: None}},
		"empty file system": {map[string]ocftest.File{dir + "/lost+found": ocftest.Dir()}, Data{Kind: None}},
		// As RabbitMQ 3.10.8 of Debian 12 writes them.
		"clustered": {
			map[string]ocftest.File{
				dir + "/cluster_nodes.config":      file("{['rabbit@a','rabbit@b','rabbit@c'],['rabbit@a','rabbit@b','rabbit@c']}.\n"),
				dir + "/nodes_running_at_shutdown": file("['rabbit@a',\n 'rabbit@c'].\n"), dir + "/rabbit_serial": file("7."),
			},
			Data{Kind: Clustered, Members: abc, Running: []string{a, c}, Serial: "7."},
		},
		"atoms without quotes": {
			map[string]ocftest.File{dir + "/cluster_nodes.config": file("{[rabbit@a,rabbit@b],[rabbit@a]}."), dir + "/nodes_running_at_shutdown": file("[rabbit@a].")},
			Data{Kind: Clustered, Members: []string{a, b}, Running: []string{a}},
		},
		"alone with a quorum queue": {
			map[string]ocftest.File{
				dir + "/cluster_nodes.config": file("{['rabbit@a'],['rabbit@a']}."), dir + "/nodes_running_at_shutdown": file("['rabbit@a']."),
				dir + "/quorum/rabbit@a/00000001.wal": file("x"), dir + "/quorum/rabbit@a/2F_QQ1B2C": ocftest.Dir(),
			},
			Data{Kind: Alone, Members: []string{a}, Running: []string{a}, Queues: true},
		},
		"alone with a classic queue": {
			map[string]ocftest.File{
				dir + "/cluster_nodes.config": file("{['rabbit@a'],['rabbit@a']}."), dir + "/nodes_running_at_shutdown": file("['rabbit@a']."),
				dir + "/msg_stores/vhosts/628W": ocftest.Dir(), dir + "/msg_stores/vhosts/628W/queues/1JD": ocftest.Dir(),
			},
			Data{Kind: Alone, Members: []string{a}, Running: []string{a}, Queues: true},
		},
		"killed before it had written its files": {map[string]ocftest.File{dir + "/LATEST.LOG": file("x")}, Data{Kind: Alone}},
		"waited in vain": {
			map[string]ocftest.File{
				dir + "/cluster_nodes.config": file("{['rabbit@a','rabbit@b'],['rabbit@a']}."), dir + "/nodes_running_at_shutdown": file("['rabbit@a']."),
				dir + "/rabbit_serial": file("7."), dir + "-systole-before-boot": file("serial=7. running=rabbit@a,rabbit@b\n"),
			},
			Data{Kind: Clustered, Members: []string{a, b}, Running: []string{a, b}, Serial: "7."},
		},
		"has run since": {
			map[string]ocftest.File{
				dir + "/cluster_nodes.config": file("{['rabbit@a','rabbit@b'],['rabbit@a']}."), dir + "/nodes_running_at_shutdown": file("['rabbit@a']."),
				dir + "/rabbit_serial": file("8."), dir + "-systole-before-boot": file("serial=7. running=rabbit@a,rabbit@b\n"),
			},
			Data{Kind: Clustered, Members: []string{a, b}, Running: []string{a}, Serial: "8."},
		},
		// With Khepri the files of RabbitMQ are out of date or missing.
		"Khepri": {
			map[string]ocftest.File{
				dir + "/cluster_nodes.config": file("{['rabbit@a'],['rabbit@a']}."), dir + "-feature_flags": file("[detailed_queues_endpoint,khepri_db,\n message_containers]."),
				dir + "-systole-members": file(record(abc)),
			},
			Data{Kind: Clustered, Members: abc, Running: abc, Khepri: true},
		},
		"Khepri without a record": {
			map[string]ocftest.File{dir + "/coordination/rabbit@a/meta.dets": file("x"), dir + "/coordination": ocftest.Dir(), dir + "-feature_flags": file("[khepri_db].")},
			Data{Kind: Unknown, Khepri: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := ocftest.New()
			for p, f := range k.files {
				m.Files[p] = f
			}
			got, err := readData(m, dir, a)
			require.NoError(t, err)
			require.Equal(t, k.want, got)
			n := Note{Name: a, Phase: idle, Data: got}
			n.Data.Serial = ""
			require.Equal(t, n, ReadNote(n.String()))
		})
	}
}

// TestShrunk: answers of "rabbitmq-queues shrink --formatter json", of 3.10 on Debian
// 12 (recorded) and as the command line tools of 4.x print the same table.
func TestShrunk(t *testing.T) {
	for text, bad := range map[string]string{
		"":     "",
		"[]\n": "",
		`[{"vhost":"/","name":"outage","size":2,"result":"ok"}]`:                                                           "",
		"Shrinking queues on rabbit@c...\n[\n{\"result\":\"ok\",\"size\":2,\"name\":\"q\",\"vhost\":\"/\"}]":               "",
		`[{"vhost":"/","name":"q","size":1,"result":"error: the last node cannot be removed"}]`:                            "",
		`[{"vhost":"/","name":"q","size":"?","result":"error: the operation timed out and may not have been completed"}]`:  "q in /: error: the operation timed out",
		`[{"vhost":"v","name":"r","size":3,"result":"error: {noproc,x}"},{"vhost":"/","name":"q","size":2,"result":"ok"}]`: "r in v",
		"Error: unable to perform an operation on node 'rabbit@c'":                                                         "not understood",
		`[{"vhost":`: "not understood",
	} {
		err := shrunk(text)
		if bad == "" {
			require.NoError(t, err, text)
		} else {
			require.ErrorContains(t, err, bad)
		}
	}
}
