// Command testsum reads the output of "go test -json" and prints it as a person
// reads it: one line a package as go test prints it, the full output of each
// test that failed, the tests that were skipped with their reasons, and as the
// last line the plain count "N passed, N failed, N skipped".
//
// Its exit status is 1 if anything failed or no test ran, and with -no-skip
// also if a test was skipped: a test that CI skips proves nothing, and nobody
// would see it.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	noSkip := flag.Bool("no-skip", false, "count a skipped test as a failure")
	flag.Parse()

	sum, err := summarize(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintf(os.Stderr, "testsum: reading test events from standard input: %v\n", err)
		os.Exit(2)
	}
	os.Exit(sum.report(os.Stdout, *noSkip))
}
