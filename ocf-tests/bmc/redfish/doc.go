// Package redfish is a simulated management controller with a Redfish service, on
// loopback TLS, and with a machine behind it whose true power a test can ask. It
// misbehaves on request (Misbehaviours), in ways that real controllers are known to.
//
// It shares no code with the client that it tests. What it cannot show: a controller
// that takes the command, never obeys, and says "Off" for ever. Nobody can tell that
// one from an honest one by asking it.
package redfish
