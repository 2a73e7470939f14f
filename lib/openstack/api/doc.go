// Package api is what agents know of OpenStack, as data: credentials, nova's
// services, servers and migrations, cinder's services. It is pure, so that what is
// decided from these can be tested without any network; package openstack speaks to
// the services and fills them in.
package api
