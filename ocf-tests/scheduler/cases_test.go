package scheduler

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/crm/simulate/command"
	"systole/ocf-tests/scheduler/views"
)

// one shows how a single case differs:
//
//	go test ./ocf-tests/scheduler -run Cases -case NAME -v
var one = flag.String("case", "", "run only the case of this `name`, and show all its differences")

// folder finds the cases.
func folder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PACEMAKER_CTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "scheduler")
	}
	if _, err := os.Stat(filepath.Join(dir, "xml")); err != nil {
		t.Skipf("no scheduler cases in %s: set PACEMAKER_CTS to a folder with xml, exp, dot, scores and summary (CI=%q)", dir, os.Getenv("CI"))
	}
	return dir
}

// arguments reads what each case is run with, by its name.
func arguments(t *testing.T, dir string) map[string][]string {
	t.Helper()
	args := map[string][]string{}
	if data, err := os.ReadFile(filepath.Join(dir, "cases.tsv")); err == nil {
		for line := range strings.Lines(string(data)) {
			fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
			args[fields[0]] = nil
			if len(fields) > 1 {
				args[fields[0]] = words(fields[1])
			}
		}
		return args
	}
	// A checkout of Pacemaker has no such list; the four cases with a date are
	// these.
	for name, date := range map[string]string{"date-1": "2005-020", "date-2": "2005-020T12:30", "date-3": "2005-020T11:30", "origin": "2014-05-07 00:28:00"} {
		args[name] = []string{"-t", date}
	}
	return args
}

// words splits a command line with the quotes of a shell.
func words(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1]+m[2]+m[3])
	}
	return list
}

// differing is the list of cases that are known to differ, with the views:
// "NAME VIEW,VIEW why".
func differing(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("differing.txt")
	require.NoError(t, err)
	known := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Fields(line)
		require.GreaterOrEqual(t, len(fields), 3, "differing.txt: want NAME VIEWS WHY, have %q", line)
		known[fields[0]] = fields[1]
	}
	return known
}

// TestCases runs every case and compares what comes out, view by view.
func TestCases(t *testing.T) {
	dir := folder(t)
	args, known := arguments(t, dir), differing(t)
	files, err := filepath.Glob(filepath.Join(dir, "xml", "*.xml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	found := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".xml")
		found[name] = true
		if *one != "" && name != *one {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkCase(t, dir, name, args[name], known[name])
		})
	}
	for name := range known {
		require.True(t, found[name], "differing.txt names the case %s, which is not in %s", name, dir)
	}
}

func checkCase(t *testing.T, dir, name string, args []string, known string) {
	want, err := expected(dir, name)
	require.NoError(t, err)
	got, stderr, err := run(filepath.Join(dir, "xml", name+".xml"), args)
	require.NoError(t, err)
	if !strings.Contains(known, "stderr") {
		wantErr, _ := os.ReadFile(filepath.Join(dir, "stderr", name+".stderr")) //nolint:errcheck // most cases have none
		require.Equal(t, strings.TrimSpace(string(wantErr)), strings.TrimSpace(stderr), "what is written to standard error")
	}
	var differ []string
	for _, view := range strings.Split(views.All, ",") {
		d := views.Compare(want, got, view)
		switch isKnown := slices.Contains(strings.Split(known, ","), view); {
		case len(d) == 0 && isKnown:
			t.Errorf("%s agrees in %s now: take it out of differing.txt", name, view)
		case len(d) > 0 && (!isKnown || *one != ""):
			differ = append(differ, d...)
		}
	}
	if len(differ) > 0 {
		t.Errorf("%s (\"-\" is only expected, \"+\" is only ours):\n%s", name, strings.Join(differ, "\n"))
	}
}

// expected reads what is right.
func expected(dir, name string) (views.Output, error) {
	var o views.Output
	var err error
	read := func(folder string) []byte {
		data, e := os.ReadFile(filepath.Join(dir, folder, name+"."+folder))
		if e != nil {
			err = e
		}
		return data
	}
	o.Summary, o.Scores = string(read("summary")), string(read("scores"))
	o.Dot, o.Graph = read("dot"), read("exp")
	return o, err
}

// cut are the attributes of a graph that are not compared.
var cut = regexp.MustCompile(`crm_feature_set="[^"]*"|batch-limit="[0-9]*"`)

// run runs the program twice in this process, as Pacemaker's harness does.
func run(file string, args []string) (o views.Output, stderr string, err error) {
	var out, errs bytes.Buffer
	files := map[string][]byte{}
	env := &command.Env{
		Stdout: &out, Stderr: &out, ReadFile: os.ReadFile,
		WriteFile: func(name string, data []byte) error { files[name] = data; return nil },
		Now:       1790000000, // later than anything in the histories
	}
	o.Status[0] = command.Main(append([]string{"-x", file, "-S"}, args...), env)
	o.Summary = out.String()
	out.Reset()
	env.Stderr = &errs
	o.Status[1] = command.Main(append([]string{"-x", file, "-D", "dot", "-G", "graph", "-sSQ"}, args...), env)
	o.Scores, o.Dot = out.String(), files["dot"]
	o.Graph = cut.ReplaceAll(files["graph"], nil)
	if o.Dot == nil || o.Graph == nil {
		return o, errs.String(), fmt.Errorf("%s: no graph or picture was written: %s", file, errs.String())
	}
	return o, errs.String(), nil
}
