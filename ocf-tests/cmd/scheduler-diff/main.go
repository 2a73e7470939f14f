// Command scheduler-diff mutates CIBs and compares what two crm_simulate
// programs make of them: ours and a current Pacemaker's.
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
	"systole/ocf-tests/scheduler/mutate"
	"systole/ocf-tests/scheduler/views"
)

func main() {
	var (
		oracle = flag.String("oracle", "crm_simulate", "the `program` that is right")
		ours   = flag.String("ours", "bin/crm_simulate", "the `program` to check")
		from   = flag.String("from", filepath.Join("..", "shared", "scheduler", "xml"), "`folder` of CIBs to mutate")
		keep   = flag.String("keep", "", "`folder` for the CIBs that differ")
		seed   = flag.Uint64("seed", 1, "first seed; each CIB has its own, counted up")
		count  = flag.Int("count", 100, "how many CIBs to try")
		names  = flag.String("views", views.All, "`views` to compare, comma separated")
		jobs   = flag.Int("jobs", 2, "how many at once")
	)
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), `scheduler-diff mutates CIBs (1 to 3 changes each) and compares two crm_simulate programs.

Every CIB that they disagree on is printed with its seed, its changes and the
first differing lines ("-" only the oracle says, "+" only ours), and kept if
--keep names a folder. The exit status is 1 if any differ.

  scheduler-diff --oracle /usr/sbin/crm_simulate --count 1000 --seed 7 --keep out

`)
		flag.PrintDefaults()
	}
	flag.Parse()
	os.Exit(compare(*oracle, *ours, *from, *keep, *names, *seed, *count, *jobs))
}

func compare(oracle, ours, from, keep, names string, seed uint64, count, jobs int) int {
	files, err := filepath.Glob(filepath.Join(from, "*.xml"))
	if err != nil || len(files) == 0 {
		fmt.Fprintf(os.Stderr, "scheduler-diff: no CIBs (*.xml) in %s; name a folder with --from\n", from)
		return 2
	}
	var (
		lock                    sync.Mutex
		wait                    sync.WaitGroup
		agree, differ, unusable int
	)
	seeds := make(chan uint64)
	for range max(1, jobs) {
		wait.Go(func() {
			for n := range seeds {
				text, result := try(oracle, ours, files, keep, names, n)
				lock.Lock()
				switch result {
				case same:
					agree++
				case other:
					differ++
					fmt.Print(text)
				default:
					unusable++
					if text != "" {
						fmt.Print(text)
					}
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

func try(oracle, ours string, files []string, keep, names string, seed uint64) (string, result) {
	rng := rand.New(rand.NewPCG(seed, 0))
	file := files[rng.IntN(len(files))]
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error() + "\n", unusable
	}
	root, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		return err.Error() + "\n", unusable
	}
	changes := mutate.Document(root, rng)
	dir, err := os.MkdirTemp("", "scheduler-diff-")
	if err != nil {
		return err.Error() + "\n", unusable
	}
	defer os.RemoveAll(dir)
	cib := filepath.Join(dir, "cib.xml")
	mutated := xmltree.AppendXML(nil, root, xmltree.PrintOptions{})
	if err := os.WriteFile(cib, mutated, 0o600); err != nil {
		return err.Error() + "\n", unusable
	}
	want, err := views.Run(oracle, cib, dir)
	if err != nil {
		return err.Error() + "\n", unusable
	}
	if want.Status[0] < 0 || want.Status[0] >= 128 {
		return fmt.Sprintf("seed %d: the oracle died (status %d) of %s\n", seed, want.Status[0], strings.Join(changes, "; ")), unusable
	}
	got, err := views.Run(ours, cib, dir)
	if err != nil {
		return err.Error() + "\n", other
	}
	diff := views.Compare(want, got, names)
	if len(diff) == 0 {
		if want.Status[0] != 0 {
			return "", unusable
		}
		return "", same
	}
	if keep != "" {
		name := fmt.Sprintf("%d-%s", seed, filepath.Base(file))
		if err := os.WriteFile(filepath.Join(keep, name), mutated, 0o600); err != nil {
			return err.Error() + "\n", other
		}
	}
	return fmt.Sprintf("=== seed %d %s: %s\n%s\n", seed, filepath.Base(file), strings.Join(changes, "; "), strings.Join(diff, "\n")), other
}
