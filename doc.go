// Package systole is the root of the module. It holds no code, only the tests
// that hold the whole tree: who may import whom and which packages are pure
// (lattice_test.go), and that the documents agree with the code (docs_test.go).
// Start at README.md; docs/ARCHITECTURE.md lists the packages.
package systole
