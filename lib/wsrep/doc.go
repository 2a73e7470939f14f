// Package wsrep is what Galera's replication says of itself, as data: positions
// in the history of a group, the files grastate.dat and gvwstate.dat, what a
// server finds when it recovers its position, and the state that a running
// server reports. It reads no file and asks no server; package mariadb does.
package wsrep
