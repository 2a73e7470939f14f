package fence

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run at once than there are processors: nearly all of their time
// they wait for a device, as fence agents do.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "24"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
