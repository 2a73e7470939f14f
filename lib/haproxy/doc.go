// Package haproxy reads what haproxy writes and writes what it reads: its
// configuration files, as far as an agent has to know them, the answers of its
// stats socket and of the socket of its master process, and the complaints of a
// configuration check. It is pure; package client talks to a running haproxy.
//
// It knows the forms of haproxy 2.2 to 3.x. Columns and fields are found by name.
package haproxy
