package galera

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxDecision is how far ahead the end of an operator's decision may be: one that
// lies around for longer is about a situation that has changed.
const maxDecision = time.Hour

// withoutAttribute is the node attribute by which the operator decides to start
// the group without some nodes: NODE,NODE@SECONDS, the time at which the decision
// ends. It is used once, and deleted then.
func withoutAttribute(resource string) string { return resource + "-without" }

// withoutCommand is how an operator decides to go on without nodes.
func withoutCommand(resource, on, nodes string) string {
	return fmt.Sprintf(`crm_attribute -l reboot -N %s -n %s -v "%s@$(($(date +%%s)+600))"`, on, withoutAttribute(resource), nodes)
}

// decision reads the operator's decisions from the values of the attribute on all
// nodes. What is not valid is said, and has no effect.
func decision(values map[string]string, now time.Time) (without []string, problems []string) {
	for _, on := range sortedKeys(values) {
		value := values[on]
		if value == "" {
			continue
		}
		list, end, ok := strings.Cut(value, "@")
		seconds, err := strconv.ParseInt(end, 10, 64)
		until := time.Unix(seconds, 0)
		switch {
		case !ok || err != nil || list == "":
			problems = append(problems, fmt.Sprintf("decision %q on %s is not understood: want NODE,NODE@SECONDS", value, on))
			continue
		case !until.After(now):
			problems = append(problems, fmt.Sprintf("decision %q on %s has expired", value, on))
			continue
		case until.Sub(now) > maxDecision:
			problems = append(problems, fmt.Sprintf("decision %q on %s would hold for more than %s: give a time not so far ahead", value, on, maxDecision))
			continue
		}
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.Contains(without, name) {
				without = append(without, name)
			}
		}
	}
	slices.Sort(without)
	return without, problems
}
