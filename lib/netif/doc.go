// Package netif reads and changes the network of a node through netlink, and talks
// to the neighbours on its links: ARP and neighbour discovery. It works in the
// network namespace of the process, or in one that has a name.
package netif
