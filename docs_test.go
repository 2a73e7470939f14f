package systole_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// markdown returns the text of every document of the module by its path.
func markdown(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "bin" || name == "out" || path.Base(name) == "testdata" || strings.HasPrefix(name, ".git")):
			return fs.SkipDir
		case path.Ext(name) == ".md":
			docs[name] = readText(t, name)
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, docs, "README.md")
	return docs
}

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

var (
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.*)$`)
)

// TestDocs_Links: what a document links to is there.
func TestDocs_Links(t *testing.T) {
	docs := markdown(t)
	for name, text := range docs {
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(text, ""), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := name
			if target != "" {
				file = path.Join(path.Dir(name), target)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			} else if anchor != "" && !slices.Contains(anchors(docs[file]), anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", name, m[1], file)
			}
		}
	}
}

// anchors are the names by which the headings of a document are linked to.
func anchors(text string) []string {
	var list []string
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		list = append(list, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case strings.ContainsRune("-_0123456789abcdefghijklmnopqrstuvwxyz", r):
				return r
			}
			return -1
		}, strings.ToLower(m[1])))
	}
	return list
}

// TestDocs_Files: a file that a document names in code quotes, with its folder,
// is there (out/ is made by make), and so is a Go file that is named without
// folder where that means crm/scheduler.
func TestDocs_Files(t *testing.T) {
	file := regexp.MustCompile("`([a-z0-9_.-]+/[a-zA-Z0-9_./-]+\\.(?:go|sh|txt|svg))`")
	bare := regexp.MustCompile(`[^/a-z0-9_]([a-z0-9_*\\]+\.go)\b`)
	docs := markdown(t)
	for _, name := range []string{"docs/GLOSSARY.md", "docs/scheduler/README.md"} {
		for _, m := range bare.FindAllStringSubmatch(docs[name], -1) {
			files, err := fs.Glob(os.DirFS("crm/scheduler"), strings.ReplaceAll(m[1], `\`, ""))
			if err != nil || len(files) == 0 {
				t.Errorf("%s names %s: there is no such file in crm/scheduler", name, m[1])
			}
		}
	}
	for name, text := range docs {
		for _, m := range file.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(m[1]); err != nil && !strings.HasPrefix(m[1], "out/") {
				t.Errorf("%s names the file %s, which is not there", name, m[1])
			}
		}
	}
}

// TestDocs_MakeTargets: a make command that a document shows exists.
func TestDocs_MakeTargets(t *testing.T) {
	shown := regexp.MustCompile("(?m)(?:^ *|`|&& *|[A-Z_]+=[^ ]+ )make ([a-z][a-z-]*)")
	makefile := readText(t, "Makefile")
	found := 0
	for name, text := range markdown(t) {
		for _, m := range shown.FindAllStringSubmatch(text, -1) {
			found++
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s shows make %s, which the Makefile does not have", name, m[1])
			}
		}
	}
	require.NotZero(t, found)
}

// TestDocs_Packages: ARCHITECTURE.md names every package of the module in its
// table, and every package says what it is for.
func TestDocs_Packages(t *testing.T) {
	table := readText(t, "docs/ARCHITECTURE.md")
	pkgs, err := loadPackages(os.DirFS("."), "systole")
	require.NoError(t, err)
	for _, p := range pkgs {
		if p.dir == "." {
			continue
		}
		if !strings.Contains(table, "\n| `"+p.dir+"` |") {
			t.Errorf("docs/ARCHITECTURE.md does not name the package %s in its table", p.dir)
		}
		documented := len(p.files) == 0
		for _, f := range p.files {
			documented = documented || f.Doc != nil
		}
		if !documented {
			t.Errorf("package %s has no doc comment: say what it is for", p.dir)
		}
	}
}

// TestDocs_Phases: ARCHITECTURE.md lists the phases of the scheduler in the
// order of run.go, each with the file where it is.
func TestDocs_Phases(t *testing.T) {
	const dir = "crm/scheduler/"
	var phases []string
	for _, m := range regexp.MustCompile(`\bs\.([a-zA-Z]+)\(\)`).FindAllStringSubmatch(readText(t, dir+"run.go"), -1) {
		if m[1] != "err" {
			phases = append(phases, m[1])
		}
	}
	var listed []string
	goFile := regexp.MustCompile(`[a-z_0-9*]+\.go`)
	row := regexp.MustCompile("(?m)^\\| `([a-zA-Z]+)` \\| ([a-z_]+\\.go) \\|(.*)$")
	for _, m := range row.FindAllStringSubmatch(readText(t, "docs/ARCHITECTURE.md"), -1) {
		listed = append(listed, m[1])
		if !strings.Contains(readText(t, dir+m[2]), "\nfunc (s *State) "+m[1]+"(") {
			t.Errorf("docs/ARCHITECTURE.md says that %s is in %s, which it is not", m[1], m[2])
		}
		for _, also := range goFile.FindAllString(m[3], -1) {
			if files, err := fs.Glob(os.DirFS(dir), also); err != nil || len(files) == 0 {
				t.Errorf("docs/ARCHITECTURE.md names %s beside %s: there is no such file in %s", also, m[1], dir)
			}
		}
	}
	require.Equal(t, phases, listed)
}

// TestDocs_Citations: "04 §3.2" in code and documents is a section of the
// specification, or an item of a numbered list in one.
func TestDocs_Citations(t *testing.T) {
	parts := map[string]map[string]bool{}
	files, err := fs.Glob(os.DirFS("."), "docs/scheduler/0*.md")
	require.NoError(t, err)
	for _, file := range files {
		parts[path.Base(file)[:2]] = sections(readText(t, file))
	}
	require.Len(t, parts, 8)
	texts := markdown(t)
	pkgs, err := loadPackages(os.DirFS("."), "systole")
	require.NoError(t, err)
	for _, p := range pkgs {
		for _, f := range slices.Concat(p.files, p.tests) {
			name := p.fset.Position(f.Package).Filename
			texts[name] = readText(t, name)
		}
	}
	citation := regexp.MustCompile(`\b(0[1-8]) §([0-9]+(?:\.[0-9]+)*)`)
	found := 0
	for name, text := range texts {
		for _, m := range citation.FindAllStringSubmatch(text, -1) {
			found++
			if !parts[m[1]][m[2]] {
				t.Errorf("%s cites %s §%s, which docs/scheduler does not have", name, m[1], m[2])
			}
		}
	}
	require.Greater(t, found, 500)
}

// sections are the numbers of the sections of a part, with those of the items of
// their lists: item 5 of section 14 is 14.5.
func sections(text string) map[string]bool {
	number := regexp.MustCompile(`^(\s*)(#+ +|\*\*)?([0-9]+(?:\.[0-9]+)*)[. ]`)
	found := map[string]bool{}
	section := ""
	for line := range strings.Lines(text) {
		m := number.FindStringSubmatch(line)
		switch {
		case m == nil:
		case m[2] != "" || strings.Contains(m[3], "."):
			section = m[3]
			found[section] = true
		default:
			found[section+"."+m[3]] = true
		}
	}
	return found
}

// TestDocs_Rows: no row of a table of packages, agents or documents stands twice.
func TestDocs_Rows(t *testing.T) {
	docs := markdown(t)
	for _, name := range []string{"README.md", "agents/README.md", "docs/ARCHITECTURE.md", "lib/README.md", "ocf-tests/README.md"} {
		seen := map[string]bool{}
		for line := range strings.Lines(docs[name]) {
			cells := strings.Split(line, "|")
			if len(cells) < 4 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[1]) == "package" {
				seen = map[string]bool{} // another table
				continue
			}
			key := strings.TrimSpace(cells[1])
			require.False(t, seen[key], "%s: the row %s stands twice", name, key)
			seen[key] = true
		}
	}
}
