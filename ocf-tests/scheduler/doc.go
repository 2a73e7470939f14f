// Package scheduler holds Pacemaker's own scheduler cases against ours: 852
// CIBs with the scores, the graph, the picture and the summary that are right.
// The cases are no part of the project; PACEMAKER_CTS names their folder (a
// Pacemaker checkout's cts/scheduler), else ../shared/scheduler is looked at.
package scheduler
