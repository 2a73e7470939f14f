package galera

import (
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

type params struct {
	binary, config, datadir, user, group string
	log, pid, socket                     string
	create, twoNode                      bool
	additional                           []string
	address, hostMap                     string
	seats                                []seat
	seatsErr                             error
	checkUser                            string
	checkPassword                        ocf.Secret
	emptyPassword                        bool
	stall                                time.Duration
}

func parse(v ocf.Values) params {
	_ = v.String("client_binary") // accepted: the agent speaks to the server itself
	p := params{
		binary: v.String("binary"), config: v.String("config"), datadir: path.Clean(v.String("datadir")),
		user: v.String("user"), group: v.String("group"),
		log: v.String("log"), pid: v.String("pid"), socket: v.String("socket"),
		create: v.Bool("enable_creation"), twoNode: v.Bool("two_node_mode"),
		additional: words(v.String("additional_parameters")),
		address:    v.String("wsrep_cluster_address"), hostMap: v.String("cluster_host_map"),
		checkUser: v.String("check_user"), checkPassword: v.Secret("check_passwd"),
		emptyPassword: v.Bool("check_passwd_use_empty"),
		stall:         v.Time("join_stall_timeout"),
	}
	p.seats, p.seatsErr = parseSeats(p.address, p.hostMap)
	return p
}

// words takes text apart as a shell would, as far as quotes go: the stock agent
// gives the parameter to a shell.
func words(text string) (list []string) {
	var word strings.Builder
	var quote rune
	open := false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if open {
				list = append(list, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if open {
		list = append(list, word.String())
	}
	return list
}

// check says what is wrong with the parameters on every node.
func check(in ocf.Input[params]) error {
	if err := in.Params.seatsErr; err != nil {
		// What runs must be stoppable, and what does not run is not running, whatever
		// the configuration says by now.
		if in.Action == "stop" || in.Action == "monitor" || in.Action == "demote" {
			return nil
		}
		return ocf.Errorf(ocf.ErrConfigured, "%w", err)
	}
	if in.Managed && in.Action == "start" && !in.Meta.Clone.Promotable && in.Meta.Clone.Is {
		return ocf.Errorf(ocf.ErrConfigured, "the clone of %s is not promotable: set its meta-attribute promotable=true", in.Instance)
	}
	return nil
}

// resource is the name of the resource without the number of the instance: node
// attributes begin with it.
func resource(r *ocf.Request) string {
	name, _, _ := strings.Cut(r.Instance, ":")
	return name
}

// target is the node that keeps the attributes of this instance, and the name by
// which others know it; explicit says that it is not this node itself.
func target(r *ocf.Request, host string) (name string, explicit bool) {
	switch {
	case r.Meta.AttributeTarget == "host" && r.Meta.PhysicalHost != "":
		return r.Meta.PhysicalHost, true
	case r.Meta.OnNode != "":
		return r.Meta.OnNode, false
	}
	return host, false
}

// defaults of the program, where the parameter has its default and that is not there.
func binaries(p params) []string {
	list := []string{p.binary}
	if p.binary == defaultBinary {
		list = append(list, "mysqld_safe", "mariadbd-safe", "safe_mysqld")
	}
	return list
}

// servers are where the server program itself may be: it is needed to recover a
// position, which the wrapper would do twice.
func servers(binary string) []string {
	base := path.Base(binary)
	if base == "mariadbd" || base == "mysqld" {
		return []string{binary}
	}
	dir := path.Dir(binary)
	var list []string
	if strings.HasPrefix(dir, "/") {
		for _, d := range []string{dir, path.Join(dir, "../sbin"), path.Join(dir, "../libexec")} {
			list = append(list, d+"/mariadbd", d+"/mysqld")
		}
	}
	return append(list, "mariadbd", "mysqld")
}

// credentials are those of the parameters, or of the file that the stock agent
// and clustercheck read.
type credentials struct {
	User     string
	Password ocf.Secret
	Host     string // "" is the socket
	Port     string
}

func (p params) credentials(sysconfig string) credentials {
	c := credentials{User: p.checkUser, Password: p.checkPassword, Port: sqlPort}
	file := map[string]string{}
	for line := range strings.Lines(sysconfig) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if w := words(value); ok && len(w) > 0 {
			file[strings.TrimSpace(name)] = w[0]
		}
	}
	if c.Password == "" {
		c.Password = ocf.Secret(file["MYSQL_PASSWORD"])
	}
	if c.User == "" {
		c.User = file["MYSQL_USERNAME"]
	}
	if c.User == "" {
		c.User = "root"
	}
	if p.emptyPassword {
		c.Password = ""
	}
	if h := file["MYSQL_HOST"]; h != "localhost" {
		c.Host = h
	}
	if port := file["MYSQL_PORT"]; port != "" {
		c.Port = port
	}
	return c
}

// login is how the server of this node is asked.
func (p params) login(c credentials) wsrep.Login {
	l := wsrep.Login{User: c.User, Password: c.Password.Reveal(), Socket: p.socket}
	if c.Host != "" {
		l.Socket, l.Address = "", hostPort(c.Host, c.Port)
	}
	return l
}

// peers are the other servers. The login is tried there only if there is a
// password: root without one is for the socket.
func (p params) peers(c credentials, self string) (list []wsrep.Peer, nodes []string) {
	for _, s := range p.seats {
		if s.Node == self {
			continue
		}
		peer := wsrep.Peer{Group: hostPort(s.Host, s.Port)}
		if c.Password != "" {
			peer.SQL = &wsrep.Login{User: c.User, Password: c.Password.Reveal(), Address: hostPort(s.Host, c.Port)}
		}
		list, nodes = append(list, peer), append(nodes, s.Node)
	}
	return list, nodes
}
