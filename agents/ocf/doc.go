// Package ocf is the framework of the OCF resource agents: what an agent is,
// without anything that touches the machine. It is pure, and so are the packages
// of agents that use nothing else (package host has the machine).
//
// # What an agent is
//
// One [Agent] value: a [Description], from which metadata, usage, manual page
// and documentation are printed and by which parameters are read, and functions
// over the typed parameters P and the facts F:
//
//	Gather(ctx, input, Reader) F        the only one that looks at the machine
//	Monitor(input, F) Verdict           in which state the resource is
//	Start(input, F) Decision            what to do next; so for stop, promote, ...
//
// # How an action runs
//
// Perform gathers facts, asks the decider of the action, takes the steps, and
// begins again, until the decider says that the action is over. So a start that
// has taken its steps does not believe that it has succeeded: it looks. A decider
// sees facts, parameters, the time, and what was done before ([History]);
// it needs no memory and no loop of its own.
//
// A monitor has no decider: its function returns a [Verdict], which has no place
// for a step. And Gather is given a [Reader], which has no method that changes
// anything. So a monitor cannot write. What it may do is to publish node
// attributes and the promotion score ([Publication]): what it has seen.
//
// # Duties of an agent
//
//   - Stop must be idempotent and end in success only when nothing is left.
//   - Start, promote and demote of a resource that is there already succeed.
//   - Every failure has a reason: one sentence that says what to do.
//   - ErrArgs if the parameters are wrong on this node, ErrConfigured if they are
//     wrong everywhere, ErrInstalled if software is missing.
//   - Facts hold no secret that is not of type [Secret]; they are traced.
//
// # What the framework does for it
//
// Unknown actions end with ErrUnimplemented, parameters that are missing or
// malformed with ErrConfigured, programs that are missing with ErrInstalled.
// The deadline is CRM_meta_timeout less a little, so that the agent can say what
// it was waiting for before the cluster kills it. A panic is an exit code
// with a reason. To a resource manager of API 1.0, roles, codes and reload look as they did then.
package ocf
