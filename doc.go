// Package systole is the root of the module. It holds no code: only the test
// that keeps the house in order (who may import whom, and which packages are
// pure). Start at README.md; docs/ARCHITECTURE.md says which room is where.
package systole
