//go:build linux

package main

import (
	"fmt"
	"strings"

	"systole/ocf-tests/outage"
)

// text is all reports and, of several, what each kind of fault took with each
// provider.
func text(reports []*outage.Report) string {
	var b strings.Builder
	for _, r := range reports {
		_ = r.Text(&b) // a Builder takes everything
		b.WriteString("\n")
	}
	if len(reports) < 2 {
		return b.String()
	}
	fmt.Fprintf(&b, "median recovery in seconds, of how many rounds that recovered\n")
	for _, kind := range outage.Kinds() {
		line := ""
		for _, r := range reports {
			if s := r.Recoveries(kind); len(s) > 0 {
				line += fmt.Sprintf("  %s %.1f (%d)", r.Provider, outage.Median(s), len(s))
			}
		}
		if line != "" {
			fmt.Fprintf(&b, "%-26s%s\n", kind, line)
		}
	}
	return b.String()
}
