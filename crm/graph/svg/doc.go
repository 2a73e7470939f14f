// Package svg draws a transition graph as a picture for people: time runs
// downwards, each cluster node has a lane, and what no node executes has one at
// the left.
//
// # Vocabulary
//
// A vertex is an action as a box. A layer is how many actions must be done
// before it at least; a row is what stands at one height: a layer, or a part of
// one where it would be too wide. An item is what takes room in a row: a vertex,
// or a bend of an edge that passes the row. A bundle is the edges that share
// their bends: all lead to one vertex, or all come from one.
//
// # What is drawn
//
// Orderings that follow from others are left out: if b waits for a and c for b,
// nobody learns from a line between a and c. In graphs of more than reduceMax
// actions, where finding them costs too much, all are drawn.
//
// # Invariants
//
// The same graph gives the same bytes: all arithmetic is in whole pixels, and
// ties are broken by the order in the graph. Everything from outside is escaped.
// A graph with a cycle is drawn too, with the edges that close it as dashed.
package svg
