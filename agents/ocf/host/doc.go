// Package host runs an agent on the machine it is called on: it is what package
// ocf leaves out because it is pure. [Main] is the whole of a call of an agent,
// [Host] the machine.
package host
