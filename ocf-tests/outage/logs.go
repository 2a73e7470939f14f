//go:build linux

package outage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// keepLogs copies the logs of all nodes, the events of the lab, the CIB and the
// status into a folder of the round.
func (s *scene) keepLogs(ctx context.Context, r *Round) {
	dir := filepath.Join(s.Logs, fmt.Sprintf("%s-round-%02d-%s", time.Now().Format("150405"), r.Number, r.Fault.Kind))
	if err := s.writeLogs(ctx, dir, *r); err != nil {
		s.Progress("keeping the logs of round %d: %v", r.Number, err)
	}
	r.Logs = dir
	s.Progress("its logs are in %s", dir)
}

func (s *scene) writeLogs(ctx context.Context, dir string, r Round) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	s.mu.Lock()
	events := strings.Join(s.events, "\n") + "\n"
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cib, err := s.c.CIB(ctx)
	if err != nil {
		cib = "<!-- " + strings.ReplaceAll(err.Error(), "--", "- -") + " -->\n"
	}
	status, err := s.c.Run(ctx, "crm_mon", "--one-shot", "--inactive", "--show-node-attributes", "--operations", "--failcounts")
	if err != nil {
		status += err.Error() + "\n"
	}
	round, err := json.MarshalIndent(r, "", "  ")
	errs := []error{err}
	for name, text := range map[string]string{"events.txt": events, "cib.xml": cib, "crm_mon.txt": status, "round.json": string(round) + "\n"} {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return errors.Join(append(errs, s.c.CollectLogs(dir))...)
}
