package fence

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets many tests run beside each other: nearly all of their time is waiting,
// and the default is made for tests that compute.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "40"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
