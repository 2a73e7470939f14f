// Package agents tests our agents under real Pacemaker: what the cluster really calls, with
// which variables, and what its users see when nodes fail.
package agents
