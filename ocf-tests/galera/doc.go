// Package galera takes the agent galera through outages on three real nodes:
// corosync, Pacemaker and MariaDB in a lab. Where it says how long something
// took, the stock agent can be had beside it.
package galera
