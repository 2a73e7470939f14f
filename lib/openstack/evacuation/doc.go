// Package evacuation decides how the servers of dead hosts get away: a state
// machine without any IO. A look at the world goes in ([Facts]), what is to be done
// comes out ([Plan]), and what came of that goes in again ([Record.Done]).
//
// # What it promises
//
//   - No request without proof: nova must have the host as forced down and as down,
//     in the same look at the world that the request is decided on.
//   - No server is asked for twice. A second request would be accepted by nova and
//     leave the server in ERROR. What is under way is read from nova's migrations,
//     and a request of which nobody knows whether nova has received it is waited for.
//   - Not more than MaxParallel evacuations at once.
//   - No storm: when more than Threshold percent of all hosts have failed, nothing
//     new is begun.
//   - It ends: a server is asked for Attempts times, and then given up by name and
//     with the reason, while the others go on.
//   - A host is released (attribute evacuate=no: its nova-compute may start) only
//     when nothing of it is under way.
//
// # Where the state is
//
// In the cluster, the attribute evacuate of a node: yes (to be evacuated), NODE@TIME
// (being evacuated by NODE, which was alive at TIME), no (done). In nova, the
// reason for which the service is disabled, which survives the cluster, says since
// when; the migrations say what became of each server. A [Record] holds nothing that
// cannot be found anew: a program that is started again goes on where the other was,
// after the time in which requests of the other may still arrive.
//
// Times that several programs compare (claims, migrations) are by nova's clock.
package evacuation
