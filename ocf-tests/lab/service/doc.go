// Package service sets up real MariaDB with Galera, RabbitMQ and haproxy, as
// Debian packages them, in the nodes of a lab: configuration files, data folders
// of their own, accounts, and the CIB elements of their agents.
//
// What they need of the lab is in the Private lists: give them to lab.Options.
// The programs come from the Debian packages that [Check] names.
//
// Nothing here starts a service, but for [StartHAProxy]: that is the business of
// agents.
package service
