// Package rabbitmq looks at RabbitMQ nodes over the network. Nothing in it changes
// a node.
//
//   - [Look] asks many nodes at once: the port mapper of the host (epmd) whether the
//     node is registered, and the node itself, over the Erlang distribution
//     protocol as a hidden node, whether RabbitMQ runs in it and whom it sees. That
//     costs a thousandth of what rabbitmqctl costs, which starts a virtual machine
//     of its own to ask the same.
//   - [Probe] and [RoundTrip] are clients of the broker, over AMQP 0-9-1.
package rabbitmq
