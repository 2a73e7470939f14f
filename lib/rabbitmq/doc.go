// Package rabbitmq looks at RabbitMQ nodes over the network. Nothing in it changes
// a node.
//
//   - [Look] asks many nodes at once: the port mapper of the host (epmd) whether the
//     node is registered, and the node itself, over the Erlang distribution
//     protocol as a hidden node, whether RabbitMQ runs in it and whom it sees. That
//     costs a hundredth of what rabbitmqctl costs or less, which starts a virtual
//     machine of its own to ask the same.
//   - [Probe] and [RoundTrip] are clients of the broker, over AMQP 0-9-1.
//   - [Client] reads and writes queues; it and [Fake] are for tests.
//
// # Why the protocol is spoken here
//
// A monitor may cost a twentieth of the 1.7 s of processor time that the stock agent's
// does, so that it cannot start rabbitmqctl (half a second and more). erl_call of Erlang would
// be cheap enough, but it is another program for each question to each node, it takes
// the cookie from the command line or from a file of the caller's home, and its answers
// are text. Of the libraries in Go one only answers connections and has been left since
// 2019 (goerlang/node), and one may not be part of a program under the GPL (the
// Erlang stack of ergo, whose licence is sold).
//
// So there is the least that can ask a question, and no more: the client's side of
// epmd's port request, of the handshake of OTP 23 and later, and of a call of a function
// without arguments (distribution.go); and a reader of terms that keeps atoms, small
// integers, strings, tuples and lists, and passes the rest over (term.go). It has no
// processes, links, monitors, atom cache, fragments, nor TLS.
//
// Everything that a peer says is limited: the length of messages, the depth and the number
// of terms, and, by the context, the time. The digest of the cookie goes to the peer, as
// the protocol wants it, never the cookie; what a peer answers counts after it has proven
// that it knows the cookie too. FuzzPeer and FuzzTerms say what they like.
package rabbitmq
