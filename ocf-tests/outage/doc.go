// Package outage takes services in a lab through many outages and looks whether
// they recover by themselves and keep what they have promised.
//
// A [Fault] is data: steps such as "kill mariadbd on node-2, 1.3 s later on
// node-3". [Plan] makes a list of them from a seed and nothing else, so that a
// run can be repeated. A [Service] says how the service is set up, used and
// judged: [Galera] is one. [Campaign.Run] performs the faults one after the
// other while clients write:
//
//	clients write; each notes what it sends and what is acknowledged ([Ledger])
//	for every fault:
//	    its steps are done
//	    wait until the service is whole again, and stays so: nothing is repaired by hand
//	    clients pause
//	    what is stored is held against the ledger
//
// A round fails if the service is not whole again in time (it is stuck), or if
// something acknowledged is gone, something appears that nobody has sent, or
// the nodes differ. Its logs are kept. After a round that is stuck the campaign
// goes on with a lab that is new.
//
// The time of a recovery begins with the last step of the fault and ends when
// the service is whole.
package outage
