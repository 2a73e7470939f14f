package scheduler

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/crm/simulate/command"
	"systole/lib/xmltree"
	"systole/ocf-tests/scheduler/mutate"
)

// fuzzCIBMax keeps one run short; larger documents are the matter of
// ocf-tests/scale.
const fuzzCIBMax = 64 << 10

// FuzzCIB simulates and explains whatever it is given: any bytes at all, and
// with a seed the CIB that they are after some changes (mutate). It ends in a
// result or in one of the program's exit statuses with a message, never in a
// panic, and the same input gives the same output.
func FuzzCIB(f *testing.F) {
	for _, data := range fuzzSeeds(f) {
		f.Add(data, uint64(0))
		f.Add(data, uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if len(data) > fuzzCIBMax {
			t.Skip("too long")
		}
		if seed != 0 {
			root, err := xmltree.Parse(data, xmltree.Limits{})
			if err != nil {
				return
			}
			mutate.Document(root, rand.New(rand.NewPCG(seed, 0)))
			data = xmltree.AppendXML(nil, root, xmltree.PrintOptions{})
		}
		first := fuzzRun(t, data)
		require.Equal(t, first, fuzzRun(t, data), "the same input gives another output")
	})
}

// fuzzSeeds are the example and the smaller ones of Pacemaker's cases where
// they are there.
func fuzzSeeds(f *testing.F) (list [][]byte) {
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*.xml"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	dir := os.Getenv("PACEMAKER_CTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "scheduler")
	}
	cases, err := filepath.Glob(filepath.Join(dir, "xml", "*.xml"))
	require.NoError(f, err)
	for i := 0; i < len(cases); i += 12 {
		files = append(files, cases[i])
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		if len(data) <= fuzzCIBMax {
			list = append(list, data)
		}
	}
	return list
}

// fuzzRun returns everything that the program writes about a CIB.
func fuzzRun(t *testing.T, data []byte) string {
	var out bytes.Buffer
	env := &command.Env{
		Stdout: &out, Stderr: &out, Now: 1790000000,
		ReadFile:  func(string) ([]byte, error) { return data, nil },
		WriteFile: func(name string, text []byte) error { out.WriteString(name); out.Write(text); return nil },
	}
	status := command.Main([]string{"-x", "cib.xml", "-S", "-s", "-U", "-a", "-G", "graph", "-D", "dot", "-O", "out"}, env)
	require.Contains(t, fuzzStatuses, status, "exit status")
	play := &command.Play{Source: "cib.xml", Explain: true, Scores: true, Settle: true, Save: "cib", SVG: "svg", Format: "text"}
	status = command.Simulate(play, env)
	require.Contains(t, fuzzStatuses, status, "exit status of systole simulate")
	require.NotEmpty(t, out.Bytes(), "nothing was said at all")
	return out.String()
}

// fuzzStatuses are the exit statuses that a CIB may lead to: it was simulated,
// the transition ended early, it cannot be read, it is not valid, and the
// cluster does not come to rest. Not among them is 70, an internal fault.
var fuzzStatuses = []int{0, 1, 65, 75, 78}
