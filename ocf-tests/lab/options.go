//go:build linux

package lab

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// MaxNodes is how many nodes a cluster may have. The addresses would suffice for
// more, but two processors do not.
const MaxNodes = 16

// Options say what cluster to make. The zero value of each field but Nodes is a
// sensible choice.
type Options struct {
	// Nodes is how many nodes: node-1, node-2, ...
	Nodes int
	// Bare leaves corosync and Pacemaker out: namespaces and network alone.
	Bare bool

	// Properties are cluster options, added to those the lab sets (see Seed).
	Properties map[string]string
	// Resources and Constraints are XML: the content of those sections of the
	// CIB that the cluster starts with.
	Resources, Constraints string
	// NoFencing leaves out the fence device "fence" and sets stonith-enabled=false.
	NoFencing bool

	// OCF are folders laid over /usr/lib/ocf/resource.d, the first on top: a file
	// systole/galera in one of them is the agent ocf:systole:galera.
	OCF []string
	// Sbin are folders laid over /usr/sbin, the first on top: fence agents.
	Sbin []string
	// Private are folders of Debian packages below /var that get a folder of
	// their own in each node, with owner and mode of the machine's but without
	// its content; for example /var/lib/mysql. Other folders of /var begin as a
	// copy of the machine's.
	Private []string

	// Token is corosync's token timeout, 1 s if 0. A peer counts as lost after
	// about 3 times as long.
	Token time.Duration
	// BootDelay is how long a node that fencing reboots stays off, as machines do
	// in their firmware. On a machine that is busy, a node that boots at once may
	// be back before the news of its fencing; Pacemaker then believes that it was
	// fenced just now, and stops there for good.
	BootDelay time.Duration
	// Timeout limits a Wait whose context has no deadline, 60 s if 0.
	Timeout time.Duration
	// Dir is the folder for the cluster's files: a new one below the temporary
	// folder if empty. It must not exist, is removed by Close, and may not be
	// below /etc, /var, /root or /run.
	Dir string
	// Log gets a line for every event of the lab: power, cables, fencing.
	Log func(format string, args ...any)
}

func (o Options) withDefaults() (Options, error) {
	if o.Nodes < 1 || o.Nodes > MaxNodes {
		return o, fmt.Errorf("lab of %d nodes: want 1 to %d", o.Nodes, MaxNodes)
	}
	if o.Token == 0 {
		o.Token = time.Second
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	for _, list := range []*[]string{&o.OCF, &o.Sbin, &o.Private} {
		*list = slices.Clone(*list)
		for i, dir := range *list {
			abs, err := layerPath(dir)
			if err != nil {
				return o, err
			}
			(*list)[i] = abs
		}
	}
	for _, dir := range o.Private {
		if !strings.HasPrefix(dir, "/var/") {
			return o, fmt.Errorf("private folder %s: only folders below /var can be private", dir)
		}
	}
	return o, nil
}

// layerPath refuses what the options of an overlay mount cannot express.
func layerPath(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("folder %s: %w", dir, err)
	}
	if strings.ContainsAny(abs, ",:\\\n") {
		return "", fmt.Errorf("folder %q: a path with a comma, colon, backslash or line break cannot be mounted", abs)
	}
	return abs, nil
}

// checkDir refuses folders that nodes have layers over: a layer that is below
// itself is undefined.
func checkDir(dir string) error {
	for _, top := range []string{"/etc", "/var", "/root", "/run", "/dev", "/proc", "/sys"} {
		if dir == top || strings.HasPrefix(dir, top+"/") {
			return fmt.Errorf("lab folder %s: nodes have their own %s, choose a folder elsewhere (Options.Dir, or the environment variable TMPDIR)", dir, top)
		}
	}
	return nil
}

// properties are the cluster options of the seed CIB in a fixed order.
//
// dc-deadtime is how long nodes wait for a DC at start, 20 s by default, of no use where all
// nodes start at once. transition-delay would collect events; tests want the first.
func (o Options) properties() ([]string, map[string]string) {
	p := map[string]string{"dc-deadtime": "2s", "transition-delay": "0s", "stonith-enabled": "true", "cluster-name": "lab"}
	if o.NoFencing {
		p["stonith-enabled"] = "false"
	}
	maps.Copy(p, o.Properties)
	return slices.Sorted(maps.Keys(p)), p
}

var errClosed = errors.New("the lab is closed")
