// Package haproxy tests the agents haproxy and clustercheck on real daemons in a
// lab.
package haproxy
