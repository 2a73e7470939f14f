// Package mutate makes new CIBs out of given ones: one to three changes of the
// kind that happens in life, such as a node lost, an operation failed, a
// constraint or an option added. It feeds the differential runs against
// Pacemaker; every change is reproducible from its seed.
package mutate
