// Package conform holds OCF resource agents, of whoever and in whatever language,
// against the OCF resource agent API, version 1.1, and against what Pacemaker does
// with agents. An agent is called by its path, in an environment like Pacemaker's,
// with directories and cluster tools of the suite's own, so that no cluster is
// needed and none is touched.
//
// [Run] runs the checks and returns a [Report]. A check that does not apply, or
// that a configuration is missing for, is skipped with the reason. The checks are
// listed by [Checks]; the source of each rule stands beside it: "OCF" is the text
// of the standard, "Pacemaker" what the resource manager relies on, "house" what
// the agents of this module demand of themselves.
package conform
