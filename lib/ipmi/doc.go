// Package ipmi speaks to a baseboard management controller (BMC) over LAN, by IPMI 2.0
// (RMCP+) or IPMI 1.5: the power state of its machine, and commands that change it.
//
// It is made for fencing, where a wrong "off" destroys data. A state is returned only
// from an answer that belongs to the question in everything by which the protocol can
// tell: address and port, session, checksums, integrity code, direction, sequence number
// and command, and of a question that was sent after the call began. Everything else
// that arrives is dropped, counted, and named in the error when no answer comes. A
// session is left before its sequence numbers repeat, and every session has a socket of
// its own, so that late answers of one are never heard in the next.
//
// Sections named in comments are those of the Intelligent Platform Management Interface
// Specification, second generation, v2.0, rev. 1.1.
package ipmi
