// Package rule evaluates the rules of a CIB: node attribute, date, resource and
// operation expressions (01 §10).
//
// A rule is compiled once: references are followed, literals parsed and
// everything that can never pass is found out. Evaluating it for one more node
// then costs a few look-ups and comparisons, and Uses tells what the answer
// depends on, so that callers need not ask again for every node.
//
// What a rule gets wrong never stops anything: a condition that makes no sense
// is one that does not pass, as in Pacemaker. Problems lists such conditions.
package rule
