// Package openstack speaks to keystone, nova, cinder and glance. It is the only
// package that imports gophercloud.
//
// Every call has a deadline of its own besides that of its context, answers are
// limited in size, redirects are not followed (they would carry the token to
// elsewhere), and a request that changes something is sent once: the caller decides
// what a lost answer means, see [api.Refused].
//
// Microversions are chosen for each kind of request, because their meaning changes:
//
//   - services: 2.53 (a service has a UUID, one request fences a host)
//   - servers: 2.46, the last one that says which flavor a server has
//   - migrations: 2.59 (UUIDs and pages)
//   - evacuation: 2.13, the last one that can be told whether storage is shared, or
//     2.14, from which on nova finds out by itself. From 2.95 on an evacuated server
//     stays stopped.
package openstack
