package rabbitmq

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"systole/agents/ocf"
)

// shrink is the step that takes the replicas of quorum queues away from a member
// that is to be forgotten. It must be done first: a replica that came back empty
// under its old name could vote for a leader that lacks what was confirmed.
type shrink struct {
	via, node string
	command   ocf.Command
}

// Do runs the command and reads its answer: its exit code does not tell about queues.
func (s shrink) Do(ctx context.Context, sys ocf.System) error {
	c := s.command
	c.Args = append(append([]string{}, c.Args...), "--formatter", "json")
	out, err := sys.Run(ctx, c)
	if err != nil {
		return err
	}
	if out.Code != 0 {
		return fmt.Errorf("%s ended with exit code %d: %s", c.Path, out.Code, strings.TrimSpace(cmp.Or(out.Stderr, out.Stdout)))
	}
	return shrunk(out.Stdout)
}

func (s shrink) String() string {
	return "remove the quorum queue replicas of " + s.node + " by " + s.via
}

// shrunk reads the list of queues that "rabbitmq-queues shrink" prints as JSON.
// A queue whose only replica was on the node cannot be shrunk; what it held is
// gone with the node.
func shrunk(text string) error {
	i := strings.IndexByte(text, '[')
	if i < 0 {
		if strings.TrimSpace(text) == "" {
			return nil
		}
		return fmt.Errorf("the answer of rabbitmq-queues shrink is not understood: %.200q", text)
	}
	var rows []struct {
		Name   string
		VHost  string
		Result string
	}
	if err := json.NewDecoder(strings.NewReader(text[i:])).Decode(&rows); err != nil {
		return fmt.Errorf("the answer of rabbitmq-queues shrink is not understood: %w", err)
	}
	var bad []string
	for _, r := range rows {
		if r.Result != "ok" && !strings.Contains(r.Result, "last node") {
			bad = append(bad, fmt.Sprintf("%s in %s: %s", r.Name, r.VHost, r.Result))
		}
	}
	const shown = 3
	switch {
	case len(bad) == 0:
		return nil
	case len(bad) > shown:
		bad = append(bad[:shown], fmt.Sprintf("and %d more", len(bad)-shown))
	}
	return fmt.Errorf("quorum queues still have a replica there, most likely because too few of their members run: %s", strings.Join(bad, "; "))
}
