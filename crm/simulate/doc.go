// Package simulate plays what may happen to a cluster: it changes a copy of a
// CIB as events and executed actions would change it (08 §8–§10), so that the
// scheduler can be asked again.
//
// It is pure: what the clock says is handed in, what happens comes back as
// events. Printing them is the business of crm/render.
//
// A World is the copy of the CIB. Only what is changed is copied; the document
// it was made from stays as it is.
package simulate
