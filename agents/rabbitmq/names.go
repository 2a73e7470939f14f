package rabbitmq

import (
	"cmp"
	"context"
	"path"
	"strconv"
	"strings"

	"systole/agents/ocf"
	"systole/lib/mountinfo"
)

// place is where the node of this machine is: its name, ports and directories, by
// parameters, else by the configuration that RabbitMQ itself reads.
type place struct {
	Name   string // NAME@HOST
	Long   bool   // host names are fully qualified
	Base   string // directory above the data directory
	Dir    string // data directory
	Listen string // HOST:PORT at which the broker is asked; "" if there is none without TLS
}

// settings reads the assignments of a shell file such as rabbitmq-env.conf. The
// prefix RABBITMQ_ of names is optional there.
func settings(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		line = strings.TrimPrefix(line, "export ")
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") || strings.ContainsAny(name, " \t") {
			continue
		}
		value, _, _ = strings.Cut(value, " #")
		values[strings.TrimPrefix(name, "RABBITMQ_")] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	return values
}

// listener returns the first address of the TCP listeners in rabbitmq.conf; none
// says that they are switched off.
func listener(text string) (address string, none bool) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case !ok:
		case key == "listeners.tcp" && value == "none":
			none = true
		case strings.HasPrefix(key, "listeners.tcp.") && address == "":
			address = value
		}
	}
	return address, none && address == ""
}

// loopback turns the address of a listener into one that can be connected to.
func loopback(host string) string {
	host = strings.Trim(host, "[]")
	switch host {
	case "", "auto", "0.0.0.0", "::", "::0": // a listener at :: accepts IPv4 as well
		return "127.0.0.1"
	}
	return host
}

func joinHostPort(host, port string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}

// findPlace reads the configuration files.
func findPlace(p params, hostname string, sys ocf.Files) (place, error) {
	text, _, err := sys.ReadFile(p.envFile, maxClusterFile)
	if err != nil {
		return place{}, err
	}
	env := settings(string(text))
	l := place{Long: p.long || env["USE_LONGNAME"] == "true", Base: cmp.Or(p.base, env["MNESIA_BASE"], "/var/lib/rabbitmq/mnesia")}
	l.Name = cmp.Or(p.node, env["NODENAME"], "rabbit")
	if !strings.Contains(l.Name, "@") {
		host := hostname
		if !l.Long {
			host, _, _ = strings.Cut(host, ".")
		}
		l.Name += "@" + host
	}
	l.Dir = path.Join(l.Base, l.Name)
	conf := cmp.Or(env["CONFIG_FILE"], "/etc/rabbitmq/rabbitmq.conf")
	if path.Ext(conf) == "" {
		conf += ".conf"
	}
	text, _, err = sys.ReadFile(conf, 1<<20)
	if err != nil {
		return l, err
	}
	address, none := listener(string(text))
	host, port := "", address
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		host, port = address[:i], address[i+1:]
	}
	if p.port != 0 {
		port, none = strconv.Itoa(p.port), false
	}
	host = loopback(cmp.Or(p.host, host, env["NODE_IP_ADDRESS"]))
	if !none {
		l.Listen = joinHostPort(host, cmp.Or(port, env["NODE_PORT"], "5672"))
	}
	return l, nil
}

// unmounted returns the mount point that fstab names for a directory and that is
// not mounted: an empty directory would then say nothing about the data.
func unmounted(sys ocf.Files, dir string) (string, error) {
	fstab, _, err := sys.ReadFile("/etc/fstab", 1<<20)
	if err != nil {
		return "", err
	}
	text, _, err := sys.ReadFile("/proc/self/mountinfo", 1<<22)
	if err != nil {
		return "", err
	}
	mounts, err := mountinfo.Parse(string(text))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(fstab)) {
		f := strings.Fields(line)
		if len(f) < 3 || strings.HasPrefix(f[0], "#") || f[2] == "swap" || len(f[1]) < 2 || f[1][0] != '/' {
			continue
		}
		point := path.Clean(f[1])
		if (dir == point || strings.HasPrefix(dir, point+"/")) && len(mounts.At(point)) == 0 {
			return point, nil
		}
	}
	return "", nil
}

// cookie reads the secret with which Erlang nodes know each other.
func cookie(_ context.Context, p params, sys ocf.Files) (ocf.Secret, error) {
	text, _, err := sys.ReadFile(p.cookieFile, 1024)
	return ocf.Secret(strings.TrimSpace(string(text))), err
}
