// Package ipmi is a simulated BMC with its machine, for tests of IPMI clients: IPMI 1.5
// and 2.0 over LAN on the loopback device. It shares no code with lib/ipmi, so that a
// mistake in how that reads the protocol is not made twice, and it can be told to
// misbehave (Behaviours). The machine knows its true state.
package ipmi
