package haproxy

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for line, want := range map[string][]string{
		"":                        nil,
		"  # comment":             nil,
		"bind :80 # comment":      {"bind", ":80"},
		`a "b c" d`:               {"a", "b c", "d"},
		`a 'b "c' d\ e`:           {"a", `b "c`, "d e"},
		`a "b\"c" '' "$HOME/x"`:   {"a", `b"c`, "", "$HOME/x"},
		"\tserver  a 1.2.3.4:5\r": {"server", "a", "1.2.3.4:5"},
		`a "open`:                 {"a", "open"},
	} {
		require.Equal(t, want, words(line), line)
	}
}

const sample = `# a comment
global
    stats socket /run/haproxy/user.sock level user
    stats socket /run/haproxy/admin.sock mode 660 level admin
    stats socket ipv4@127.0.0.1:9999 level operator
    stats timeout 5s
    user haproxy
    group "haproxy"
    master-worker

defaults
    mode tcp

frontend web
    bind 192.0.2.1:80,[2001:db8::1]:80 transparent
    bind *:443 ssl crt /etc/x.pem interface eth1 namespace blue
    bind /run/web.sock mode 600
    bind fd@3
    bind "$ADDRESS:80"
    default_backend app

backend app
    server a 10.0.0.1:80 check
    server b 10.0.0.2:80

listen db
    bind :3306-3308
    server a 10.0.0.1:3306 check inter 1s

peers mates
    bind 10.0.0.1:1024
    server node-1 10.0.0.1:1024 check

log-forward logs
    dgram-bind 127.0.0.1:514
`

func TestConfig_Read(t *testing.T) {
	var c Config
	c.Read("/etc/h.cfg", sample)
	require.Equal(t, "/run/haproxy/admin.sock", c.BestSocket())
	require.Equal(t, []StatsSocket{{"/run/haproxy/user.sock", false}, {"/run/haproxy/admin.sock", true}, {"127.0.0.1:9999", false}}, c.Sockets)
	require.Equal(t, []string{"app", "db"}, c.Backends)
	require.Equal(t, []string{"mates"}, c.Peers)
	require.Equal(t, 2, c.Checked)
	require.Equal(t, "haproxy haproxy true", c.User+" "+c.Group+" "+map[bool]string{true: "true"}[c.MasterWorker])
	require.Len(t, c.Binds, 7)
	require.Equal(t, Bind{
		Address: Address{Text: "192.0.2.1:80", Host: "192.0.2.1", First: 80, Last: 80},
		File:    "/etc/h.cfg", Line: 15, Section: "frontend web", Transparent: true,
	}, c.Binds[0])
	require.Equal(t, Address{Text: "[2001:db8::1]:80", Host: "2001:db8::1", First: 80, Last: 80, IPv6: true}, c.Binds[1].Address)
	require.Equal(t, "eth1 blue", c.Binds[2].Interface+" "+c.Binds[2].Namespace)
	require.Equal(t, "/run/web.sock", c.Binds[3].Path)
	require.Equal(t, []int{3306, 3308}, []int{c.Binds[4].First, c.Binds[4].Last})
	require.Equal(t, "peers mates", c.Binds[5].Section)
	require.True(t, c.Binds[6].Datagram)
	require.Empty(t, (&Config{}).BestSocket())
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]Address{
		":80":                {First: 80, Last: 80},
		"*:80":               {First: 80, Last: 80},
		":::80":              {Host: "::", First: 80, Last: 80, IPv6: true},
		"[::1]:80":           {Host: "::1", First: 80, Last: 80, IPv6: true},
		"ipv6@:80":           {First: 80, Last: 80, IPv6: true},
		"ipv4@1.2.3.4:80-90": {Host: "1.2.3.4", First: 80, Last: 90},
		"quic4@:443":         {First: 443, Last: 443, Datagram: true},
		"unix@/run/x":        {Path: "/run/x"},
		"/run/x":             {Path: "/run/x"},
		"localhost:80":       {Host: "localhost", First: 80, Last: 80},
	} {
		want.Text = text
		got, ok := ParseAddress(text)
		require.True(t, ok, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "80", ":", ":0", ":99999", ":90-80", ":x", "fd@3", "abns@x", "${IP}:80", "unix@relative", "sockpair@4"} {
		_, ok := ParseAddress(text)
		require.False(t, ok, text)
	}
}

func TestSocketAddress(t *testing.T) {
	for text, want := range map[string]string{
		"/run/x.sock": "/run/x.sock", "/run/x,mode,600,level,admin": "/run/x", "unix@/run/x": "/run/x",
		"127.0.0.1:99": "127.0.0.1:99", "*:99": "127.0.0.1:99", ":::99": "[::1]:99", "ipv6@:99": "[::1]:99", "[2001:db8::1]:5": "[2001:db8::1]:5",
		"": "", "fd@3": "", "name": "",
	} {
		require.Equal(t, want, SocketAddress(text), text)
	}
}

// What haproxy 2.6 answered, cut.
const info26 = `Name: HAProxy
Version: 2.6.12-1+deb12u4
Pid: 27228
Uptime: 0d 0h10m37s
Uptime_sec: 637
CurrConns: 4
Stopping: 0

# pxname,svname,qcur,scur,status,act,bck,check_status,check_code,last_chk,lastchg,
db,FRONTEND,,0,OPEN,,,,,,
db,a,0,0,DOWN,0,1,* L7STS,503,"HTTP status check returned code <503>, ""said""",
db,BACKEND,0,0,DOWN,0,0,,,,638,
be,c,0,0,no check,1,0,,,,
be,BACKEND,0,2,UP,1,0,,,,

`

func TestAnswers(t *testing.T) {
	in, err := ParseInfo(info26)
	require.NoError(t, err)
	require.Equal(t, Info{Version: "2.6.12-1+deb12u4", PID: 27228, Uptime: 637e9, Connections: 4}, in)
	in, err = ParseInfo(strings.Replace(info26, "Stopping: 0", "Stopping: 1", 1))
	require.NoError(t, err)
	require.True(t, in.Stopping)
	rows, err := ParseStat(info26)
	require.NoError(t, err)
	require.Len(t, rows, 5)
	require.Equal(t, Row{Proxy: "db", Server: "a", Status: "DOWN", Backup: 1, Check: "L7STS", Code: 503, Detail: `HTTP status check returned code <503>, "said"`}, rows[1])
	require.Equal(t, 638*time.Second, rows[2].Changed)
	up := []bool{}
	for _, r := range rows {
		up = append(up, r.Up())
	}
	require.Equal(t, []bool{true, false, false, true, true}, up)
	require.True(t, rows[0].Frontend() && rows[2].Backend() && !rows[1].Backend())
	for _, text := range []string{"", "Unknown command", "Pid: x", "Permission denied\n"} {
		_, err = ParseInfo(text)
		require.Error(t, err, text)
		_, err = ParseStat(text)
		require.Error(t, err, text)
		_, err = ParseProc(text)
		require.Error(t, err, text)
		_, err = ParseServers(text)
		require.Error(t, err, text)
	}
}

func TestParseProc(t *testing.T) {
	p, err := ParseProc(`#<PID>          <type>          <reloads>       <uptime>        <version>
27223           master          2 [failed: 1]   0d00h13m27s     2.6.12
# workers
18425           worker          0               0d00h02m49s     2.6.12
# old workers
18400           worker          2               0d00h09m49s     2.6.12
# programs
`)
	require.NoError(t, err)
	require.Equal(t, Proc{Master: 27223, Failed: 1, Workers: []Worker{{PID: 18425}, {PID: 18400, Old: true, Reloads: 2}}}, p)
	// 2.2 has another column and no count of failures.
	p, err = ParseProc("#<PID>          <type>          <relative PID>  <reloads>       <uptime>        <version>\n" +
		"1162            master          0               5               0d00h02m07s     2.2.9\n# workers\n1271            worker          1               0               0d00h00m00s     2.2.9\n")
	require.NoError(t, err)
	require.Equal(t, 1162, p.Master)
	require.Equal(t, 1271, p.Workers[0].PID)
}

func TestServers(t *testing.T) {
	list, err := ParseServers("1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_port\n" +
		"2 db 1 a 127.0.0.1 2 0 1 1 3306\n2 db 2 b 127.0.0.1 0 1 1 1 3307\n2 db 3 c 127.0.0.1 2 8 1 1 3308\n")
	require.NoError(t, err)
	require.Equal(t, []Server{
		{Backend: "db", Name: "a", Address: "127.0.0.1", Port: 3306, Running: true},
		{Backend: "db", Name: "b", Address: "127.0.0.1", Port: 3307, Maint: true},
		{Backend: "db", Name: "c", Address: "127.0.0.1", Port: 3308, Running: true, Drain: true},
	}, list)
	c, err := SetState("db", "a", Drain)
	require.NoError(t, err)
	require.Equal(t, "set server db/a state drain", c)
	for _, bad := range []string{"", "a b", "a;shutdown", "a\n"} {
		_, err = SetState("db", bad, Maint)
		require.Error(t, err)
	}
}

func TestComplaint(t *testing.T) {
	for output, want := range map[string]string{
		"[NOTICE]   (9999) : haproxy version is 2.6\n[ALERT]    (9999) : config : parsing [a.cfg:24] : unknown keyword 'x'\n[ALERT]    (9999) : config : Fatal errors\n": "parsing [a.cfg:24] : unknown keyword 'x'",
		"[ALERT] 329/120000 (12) : parsing [a.cfg:2] : bad\n": "parsing [a.cfg:2] : bad",
		"sh: not found\n": "sh: not found",
		"":                "",
	} {
		require.Equal(t, want, Complaint(output))
	}
}

// No text, whatever it is, makes a reader fail in any other way than by an error.
func TestReaders_AnyText(t *testing.T) {
	line := rapid.SampledFrom([]string{"global", "listen a", "bind", "bind :1", "bind \"", "stats socket", "# pxname,svname,status", `a,"b`, `"`, "1 master", "# be_id", "Pid: 4", "server x check", "x\x00y", ","})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.OneOf(line, rapid.String())).Draw(t, "lines"), "\n")
		var c Config
		c.Read("f", text)
		_, _ = ParseInfo(text)
		_, _ = ParseStat(text)
		_, _ = ParseProc(text)
		_, _ = ParseServers(text)
		_ = Complaint(text)
	})
}
