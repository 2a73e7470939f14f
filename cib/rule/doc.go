// Package rule evaluates the rules of a CIB: node attribute, date, resource and
// operation expressions (docs/scheduler/01 §10). A rule is compiled once and
// then evaluated for any number of nodes; nothing is looked up in the document
// while evaluating.
package rule
