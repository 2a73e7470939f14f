// Package redfish asks the management controller of a machine over Redfish (DMTF
// DSP0266) for its power state, and resets it.
//
// It is made for fencing: an answer that is not exactly what the schema says is an
// error and never a state, nothing is remembered between two questions, and nothing
// but the controller itself is asked, whatever links it sends.
//
// Duties of the caller: give every call a context with a deadline, and Close at the
// end, or the controller runs out of sessions.
package redfish
