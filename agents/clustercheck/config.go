package clustercheck

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"systole/lib/wsrep"
)

// Defaults of the service.
const (
	DefaultPort        = 9200
	DefaultInterval    = 500 * time.Millisecond
	DefaultMaxAge      = 3 * time.Second
	DefaultHold        = 10 * time.Second
	DefaultMaintenance = "/var/tmp/clustercheck.disabled"
	// MaxConfig is how large a file of settings may be, in bytes.
	MaxConfig = 64 << 10
)

// Config is what the service is told.
type Config struct {
	Listen      string // ADDRESS:PORT
	Login       wsrep.Login
	Defaults    string // option file of the database's clients that holds more of the login; "" is none
	Policy      Policy
	Interval    time.Duration // between two questions to the server
	Maintenance string        // file that takes the node out of use
}

// The variables, most of them those of the well-known clustercheck script.
const (
	envUser        = "MYSQL_USERNAME"
	envPassword    = "MYSQL_PASSWORD"
	envSocket      = "MYSQL_SOCKET"
	envHost        = "MYSQL_HOST"
	envPort        = "MYSQL_PORT"
	envDefaults    = "DEFAULTS_EXTRA_FILE"
	envDonor       = "AVAILABLE_WHEN_DONOR"
	envReadOnly    = "AVAILABLE_WHEN_READONLY"
	envListen      = "CLUSTERCHECK_LISTEN"
	envInterval    = "CLUSTERCHECK_INTERVAL"
	envMaxAge      = "CLUSTERCHECK_MAX_AGE"
	envHold        = "CLUSTERCHECK_HOLD"
	envMaintenance = "CLUSTERCHECK_MAINTENANCE_FILE"
)

// ReadConfig reads the settings from variables.
func ReadConfig(get func(name string) string) (Config, error) {
	var errs []error
	c := Config{
		Listen: cmp.Or(get(envListen), ":"+strconv.Itoa(DefaultPort)), Defaults: get(envDefaults),
		Login:       wsrep.Login{User: get(envUser), Password: get(envPassword), Socket: get(envSocket)},
		Maintenance: cmp.Or(get(envMaintenance), DefaultMaintenance),
	}
	flag := func(name string, otherwise bool) bool {
		v, err := boolean(get(name), otherwise)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return v
	}
	duration := func(name string, otherwise, least, most time.Duration) time.Duration {
		text := get(name)
		if text == "" {
			return otherwise
		}
		d, err := time.ParseDuration(text)
		if err != nil || d < least || d > most {
			errs = append(errs, fmt.Errorf("%s is %q: give a duration from %s to %s, such as %s", name, text, least, most, otherwise))
		}
		return d
	}
	c.Policy = Policy{Donor: flag(envDonor, false), ReadOnly: flag(envReadOnly, true), MaxAge: duration(envMaxAge, DefaultMaxAge, 500*time.Millisecond, time.Minute), Hold: duration(envHold, DefaultHold, 0, 10*time.Minute)}
	c.Interval = duration(envInterval, DefaultInterval, 50*time.Millisecond, 10*time.Second)
	if len(errs) == 0 && c.Interval >= c.Policy.MaxAge {
		errs = append(errs, fmt.Errorf("%s (%s) must be shorter than %s (%s)", envInterval, c.Interval, envMaxAge, c.Policy.MaxAge))
	}
	host, port := get(envHost), get(envPort)
	if c.Login.Socket == "" && (host != "" || port != "") {
		n, err := strconv.Atoi(cmp.Or(port, "3306"))
		if err != nil || n < 1 || n > 65535 {
			errs = append(errs, fmt.Errorf("%s is %q: give a port", envPort, port))
		}
		c.Login.Address = hostPort(cmp.Or(host, "127.0.0.1"), strconv.Itoa(n))
	}
	return c, errors.Join(errs...)
}

func boolean(text string, otherwise bool) (bool, error) {
	switch strings.ToLower(text) {
	case "":
		return otherwise, nil
	case "1", "yes", "true", "on":
		return true, nil
	case "0", "no", "false", "off":
		return false, nil
	}
	return otherwise, fmt.Errorf("%q is neither 0 nor 1", text)
}

// ParseSettings reads a file of shell assignments, as /etc/sysconfig/clustercheck
// is: NAME=VALUE, with or without quotes and export. Nothing in it is executed or expanded.
func ParseSettings(text string) (map[string]string, error) {
	values := map[string]string{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, "export "))
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return nil, fmt.Errorf("line %d is not NAME=VALUE", n)
		}
		value, err := unquote(value)
		if err != nil {
			return nil, fmt.Errorf("line %d, %s: %w", n, name, err)
		}
		values[name] = value
	}
	return values, nil
}

// unquote reads a word as a shell does, without expanding anything.
func unquote(text string) (string, error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == '\'' && c != '\'', quote == '"' && c != '"' && c != '\\':
			b.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\':
			i++
			if i == len(text) {
				return "", errors.New("a backslash at the end")
			}
			if quote == '"' && !strings.ContainsRune("\"\\$`", rune(text[i])) {
				b.WriteByte('\\')
			}
			b.WriteByte(text[i])
		case c == '\'' || c == '"':
			quote = c
		case c == ' ' || c == '\t':
			rest := strings.TrimSpace(text[i:])
			if rest != "" && rest[0] != '#' {
				return "", errors.New("a blank that is not in quotes")
			}
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", errors.New("a quote that is not closed")
	}
	return b.String(), nil
}

// ReadDefaults completes a login from an option file of the database's clients:
// the keys user, password, socket, host and port of the section [client]. What
// is set already stays.
func ReadDefaults(login wsrep.Login, text string) wsrep.Login {
	values := map[string]string{}
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		if len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		if section == "client" {
			values[strings.TrimSpace(name)] = value
		}
	}
	login.User, login.Password = cmp.Or(login.User, values["user"]), cmp.Or(login.Password, values["password"])
	if login.Socket == "" && login.Address == "" {
		login.Socket = values["socket"]
		if login.Socket == "" && (values["host"] != "" || values["port"] != "") {
			login.Address = hostPort(cmp.Or(values["host"], "127.0.0.1"), cmp.Or(values["port"], "3306"))
		}
	}
	return login
}

// hostPort is net.JoinHostPort, which a pure package cannot call.
func hostPort(host, port string) string {
	if strings.ContainsRune(host, ':') {
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}
