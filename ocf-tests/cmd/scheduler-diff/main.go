// Command scheduler-diff compares what two crm_simulate programs, ours and a
// current Pacemaker's, make of mutated or generated CIBs.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"systole/lib/xmltree"
	"systole/ocf-tests/scheduler/generate"
	"systole/ocf-tests/scheduler/mutate"
	"systole/ocf-tests/scheduler/views"
)

func main() {
	var (
		c     comparison
		from  = flag.String("from", filepath.Join("..", "shared", "scheduler", "xml"), "`folder` of CIBs to mutate")
		whole = flag.Bool("generate", false, "make whole random CIBs instead of mutating those of a folder")
		seed  = flag.Uint64("seed", 1, "first seed; each CIB has its own, counted up")
		count = flag.Int("count", 100, "how many CIBs to try")
		jobs  = flag.Int("jobs", 2, "how many at once")
	)
	asIs := flag.Bool("as-is", false, "compare the CIBs of the folder as they are, all of them")
	lived := flag.Bool("lived", false, "with --generate: let the cluster run, fail and change before it is compared")
	flag.StringVar(&c.oracle, "oracle", "crm_simulate", "the `program` that is right")
	flag.StringVar(&c.ours, "ours", "bin/crm_simulate", "the `program` to check")
	flag.StringVar(&c.keep, "keep", "", "`folder` for the CIBs that differ")
	flag.StringVar(&c.views, "views", views.All, "`views` to compare, comma separated")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), `scheduler-diff compares two crm_simulate programs on CIBs that are in no suite:
the cases of a folder with 1 to 3 changes each, the files of a folder as they
are (--as-is), or whole random ones (--generate).

Every CIB that they disagree on is printed with its seed, its changes and the
first differing lines ("-" only the oracle says, "+" only ours), and kept if
--keep names a folder. The exit status is 1 if any differ.

  scheduler-diff --oracle /usr/sbin/crm_simulate --count 1000 --seed 7 --keep out

`)
		flag.PrintDefaults()
	}
	flag.Parse()
	c.make = func(_ uint64, rng *rand.Rand) (document, error) {
		if *lived {
			return document{root: generate.Lived(rng), name: "lived.xml"}, nil
		}
		return document{root: generate.CIB(rng), name: "generated.xml"}, nil
	}
	if !*whole {
		files, err := filepath.Glob(filepath.Join(*from, "*.xml"))
		if err != nil || len(files) == 0 {
			fmt.Fprintf(os.Stderr, "scheduler-diff: no CIBs (*.xml) in %s; name a folder with --from\n", *from)
			os.Exit(2)
		}
		c.make = func(_ uint64, rng *rand.Rand) (document, error) { return mutated(files, rng) }
		if *asIs {
			*seed, *count = 0, len(files)
			c.make = func(n uint64, _ *rand.Rand) (document, error) { return read(files[n]) }
		}
	}
	os.Exit(c.run(*seed, *count, *jobs))
}

// comparison is what is compared, and how.
type comparison struct {
	oracle, ours, keep, views string
	make                      func(seed uint64, rng *rand.Rand) (document, error)
}

// document is a CIB, where it came from and what was done to it.
type document struct {
	root    *xmltree.Element
	name    string
	changes []string
}

func mutated(files []string, rng *rand.Rand) (document, error) {
	d, err := read(files[rng.IntN(len(files))])
	if err == nil {
		d.changes = mutate.Document(d.root, rng)
	}
	return d, err
}

func read(file string) (document, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return document{}, err
	}
	root, err := xmltree.Parse(data, xmltree.Limits{})
	return document{root: root, name: filepath.Base(file)}, err
}

func (c *comparison) run(seed uint64, count, jobs int) int {
	var (
		lock                    sync.Mutex
		wait                    sync.WaitGroup
		agree, differ, unusable int
	)
	seeds := make(chan uint64)
	for range max(1, jobs) {
		wait.Go(func() {
			for n := range seeds {
				text, result := c.try(n)
				lock.Lock()
				fmt.Print(text)
				switch result {
				case same:
					agree++
				case other:
					differ++
				default:
					unusable++
				}
				lock.Unlock()
			}
		})
	}
	for n := range uint64(count) {
		seeds <- seed + n
	}
	close(seeds)
	wait.Wait()
	fmt.Printf("%d agree, %d differ, %d refused by both or unusable\n", agree, differ, unusable)
	if differ > 0 {
		return 1
	}
	return 0
}

type result int

const (
	same result = iota
	other
	unusable
)

// try compares the two programs on the CIB of a seed.
func (c *comparison) try(seed uint64) (string, result) {
	made, err := c.make(seed, rand.New(rand.NewPCG(seed, 0)))
	if err != nil {
		return err.Error() + "\n", unusable
	}
	head := fmt.Sprintf("seed %d %s: %s", seed, made.name, strings.Join(made.changes, "; "))
	dir, err := os.MkdirTemp("", "scheduler-diff-")
	if err != nil {
		return err.Error() + "\n", unusable
	}
	defer os.RemoveAll(dir)
	cib := filepath.Join(dir, "cib.xml")
	text := xmltree.AppendXML(nil, made.root, xmltree.PrintOptions{})
	if err := os.WriteFile(cib, text, 0o600); err != nil {
		return err.Error() + "\n", unusable
	}
	want, err := views.Run(c.oracle, cib, dir)
	if err != nil {
		return err.Error() + "\n", unusable
	}
	if want.Status[0] < 0 || want.Status[0] >= 128 {
		return fmt.Sprintf("the oracle died (status %d) of %s\n", want.Status[0], head), unusable
	}
	got, err := views.Run(c.ours, cib, dir)
	if err != nil {
		return err.Error() + "\n", other
	}
	diff := views.Compare(want, got, c.views)
	if len(diff) == 0 {
		if want.Status[0] != 0 {
			return "", unusable
		}
		return "", same
	}
	if c.keep != "" {
		if err := os.WriteFile(filepath.Join(c.keep, fmt.Sprintf("%d-%s", seed, made.name)), text, 0o600); err != nil {
			return err.Error() + "\n", other
		}
	}
	return fmt.Sprintf("=== %s\n%s\n", head, strings.Join(diff, "\n")), other
}
