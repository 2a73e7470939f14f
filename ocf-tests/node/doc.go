// Package node tests agents on the kernel of this machine: real mounts, devices,
// interfaces and daemons, in namespaces that end with each test. No cluster is needed;
// package lab has that.
package node
