// Package openstack is an OpenStack in memory, for tests: keystone, nova, cinder and
// glance as far as agents use them, with the rules that the real ones were seen to
// have. The tests of this package hold it, and the real services where there are
// some, against one list of expectations.
//
// What it does not have: policies, quotas, networks, cells, and what a hypervisor
// does. A server is a record that takes memory on a host.
package openstack
