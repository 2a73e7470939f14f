// Package real runs a real OpenStack on this machine, for tests: keystone,
// placement, glance, nova and cinder of Debian 12, with MariaDB and RabbitMQ below
// them, as processes on loopback. Hypervisors are nova's fake driver, and in
// place of neutron a service answers that there are no networks.
//
// It needs root, Debian 12 with its package archive, five minutes for the first
// installation, three for the first start, and 2 GB of memory. What it writes is in
// one folder; nothing is enabled or started as a service of the machine.
package real
