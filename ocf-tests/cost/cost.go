// Package cost measures what one call of an agent costs: ours beside the stock agent,
// one after the other on the same resource, so that a busy machine is busy for both.
// It reports and does not judge: time never decides whether a test passes.
package cost

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// Case is an agent of ours and a stock one for the same resource.
type Case struct {
	Name   string // of the agent
	Stock  string // provider of the stock agent: heartbeat, pacemaker; "" if there is none
	Params []string
	// Ours are parameters beside Params that the stock agent does not have.
	Ours []string
	// Bar is how much of the cost of the stock agent ours may have, as in "1/10": it
	// is shown beside the result.
	Bar string
}

// Call is how one call went.
type Call struct {
	CPU, Wall time.Duration
}

// StockRoot is where stock agents stand.
const StockRoot = "/usr/lib/ocf/resource.d"

// Agents are the paths of the agents of a case: ours in a folder of links, and the stock one,
// "" if it is not installed.
func (c Case) Agents(links string) (ours, stock string) {
	ours = filepath.Join(links, c.Name)
	if c.Stock != "" {
		stock = filepath.Join(StockRoot, c.Stock, c.Name)
		if _, err := os.Stat(stock); err != nil {
			stock = ""
		}
	}
	return ours, stock
}

// Do calls an agent as Pacemaker does, and says what that has cost: processor time of the
// agent and of all programs that it has waited for. want are the exit codes that are right.
func (c Case) Do(agent, action, tmp string, want ...int) (Call, error) {
	cmd := exec.Command(agent, action)
	cmd.Env = []string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE=cost", "OCF_RESOURCE_TYPE=" + c.Name, "HA_RSCTMP=" + tmp, "HA_VARRUN=" + tmp, "HA_SBIN_DIR=/bin/true",
		"HA_LOGFACILITY=none", "HA_debug=0", "OCF_RESKEY_CRM_meta_timeout=20000", "OCF_RESKEY_CRM_meta_interval=10000",
	}
	params := c.Params
	if filepath.Dir(agent) != filepath.Join(StockRoot, c.Stock) {
		params = slices.Concat(params, c.Ours)
	}
	for _, p := range params {
		cmd.Env = append(cmd.Env, "OCF_RESKEY_"+p)
	}
	began := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(began)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Call{}, err
	}
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(want, code) {
		return Call{}, fmt.Errorf("%s %s: exit code %d: %s", agent, action, code, out)
	}
	return Call{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Wall: wall}, nil
}
