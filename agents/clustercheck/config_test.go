package clustercheck

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/wsrep"
)

func read(t *testing.T, text string) (Config, error) {
	values, err := ParseSettings(text)
	require.NoError(t, err)
	return ReadConfig(func(name string) string { return values[name] })
}

func TestReadConfig(t *testing.T) {
	c, err := read(t, "")
	require.NoError(t, err)
	require.Equal(t, Config{
		Listen: ":9200", Policy: Policy{ReadOnly: true, MaxAge: 3 * time.Second, Hold: 10 * time.Second}, Interval: 500 * time.Millisecond, Maintenance: "/var/tmp/clustercheck.disabled",
	}, c)
	c, err = read(t, `# as the script has it
MYSQL_USERNAME="check user"
export MYSQL_PASSWORD='p$a"s\s'  # a comment
MYSQL_HOST=db1
MYSQL_PORT=3307
AVAILABLE_WHEN_DONOR=1
AVAILABLE_WHEN_READONLY=0
ERR_FILE="/dev/null"
CLUSTERCHECK_MAX_AGE=2s
CLUSTERCHECK_LISTEN=127.0.0.1:9201
`)
	require.NoError(t, err)
	require.Equal(t, wsrep.Login{Address: "db1:3307", User: "check user", Password: `p$a"s\s`}, c.Login)
	require.Equal(t, Policy{Donor: true, MaxAge: 2 * time.Second, Hold: 10 * time.Second}, c.Policy)
	require.Equal(t, "127.0.0.1:9201", c.Listen)
	c, err = read(t, "MYSQL_SOCKET=/x\nMYSQL_HOST=ignored\n")
	require.NoError(t, err)
	require.Equal(t, wsrep.Login{Socket: "/x"}, c.Login)
	c, err = read(t, "MYSQL_HOST=::1\n")
	require.NoError(t, err)
	require.Equal(t, "[::1]:3306", c.Login.Address)
	for text, want := range map[string]string{
		"AVAILABLE_WHEN_DONOR=2":        "AVAILABLE_WHEN_DONOR: \"2\" is neither 0 nor 1",
		"MYSQL_HOST=a\nMYSQL_PORT=x":    "MYSQL_PORT",
		"CLUSTERCHECK_INTERVAL=1":       "give a duration from 50ms to 10s, such as 500ms",
		"CLUSTERCHECK_MAX_AGE=100ms":    "CLUSTERCHECK_MAX_AGE",
		"CLUSTERCHECK_INTERVAL=5s":      "must be shorter than",
		"AVAILABLE_WHEN_READONLY=maybe": "AVAILABLE_WHEN_READONLY",
	} {
		_, err := read(t, text)
		require.ErrorContains(t, err, want)
	}
}

func TestParseSettings(t *testing.T) {
	v, err := ParseSettings("A=\nB=a\\ b\nC=\"x \\\"y\\\" \\n $z `w`\"\n D = \nE='a'b\"c\"\n")
	require.Error(t, err, "a blank before the sign")
	require.Nil(t, v)
	v, err = ParseSettings("A=\nB=a\\ b\nC=\"x \\\"y\\\" \\n \\$z\"\n\n  E='a'b\"c\" # d\nF=#x\n")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"A": "", "B": "a b", "C": `x "y" \n $z`, "E": "abc", "F": "#x"}, v)
	for _, text := range []string{"x", "A='b", "A=\"b", "A=b c", "A=b\\", "=x", "A-B=x", "if true; then"} {
		_, err = ParseSettings(text)
		require.Error(t, err, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		_, _ = ParseSettings(text)
		_ = ReadDefaults(wsrep.Login{}, text)
	})
}

func TestReadDefaults(t *testing.T) {
	const text = "[mysqld]\nuser=mysql\n; no\n[client]\nuser = root\npassword=\"a b\"\nsocket=/run/x.sock\n[mysqldump]\nuser=x\n"
	require.Equal(t, wsrep.Login{User: "root", Password: "a b", Socket: "/run/x.sock"}, ReadDefaults(wsrep.Login{}, text))
	require.Equal(t, wsrep.Login{User: "me", Password: "a b", Address: "h:1"}, ReadDefaults(wsrep.Login{User: "me", Address: "h:1"}, text))
	require.Equal(t, wsrep.Login{Address: "h:3306"}, ReadDefaults(wsrep.Login{}, "[client]\nhost=h\n"))
}
