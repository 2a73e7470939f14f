package systole_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A pkg is one folder of Go files, parsed.
type pkg struct {
	dir   string // "." for the root
	fset  *token.FileSet
	files []*ast.File // without tests
	tests []*ast.File
}

// loadPackages parses every Go file of the module, whatever its build
// constraints. Folders that the go command ignores, and modules of their own,
// are not part of it.
func loadPackages(fsys fs.FS, module string) ([]*pkg, error) {
	fset := token.NewFileSet()
	byDir := map[string]*pkg{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" || ownModule(fsys, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(base) != ".go" || base[0] == '.' || base[0] == '_' {
			return nil
		}
		return addFile(fsys, fset, byDir, name)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the packages of module %s: %w", module, err)
	}
	var pkgs []*pkg
	for _, p := range byDir {
		pkgs = append(pkgs, p)
	}
	slices.SortFunc(pkgs, func(a, b *pkg) int { return strings.Compare(a.dir, b.dir) })
	return pkgs, nil
}

func ownModule(fsys fs.FS, dir string) bool {
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err == nil
}

func addFile(fsys fs.FS, fset *token.FileSet, byDir map[string]*pkg, name string) error {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	p := byDir[dir]
	if p == nil {
		p = &pkg{dir: dir, fset: fset}
		byDir[dir] = p
	}
	if strings.HasSuffix(name, "_test.go") {
		p.tests = append(p.tests, f)
	} else {
		p.files = append(p.files, f)
	}
	return nil
}

// A checker collects what is wrong with one package.
type checker struct {
	*policy
	module   string
	pkg      *pkg
	room     *room
	problems []string
}

func (c *checker) say(at token.Pos, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("%v: %s", c.pkg.fset.Position(at), fmt.Sprintf(format, args...)))
}

// check returns a line for everything that breaks the policy.
func check(pol *policy, module string, pkgs []*pkg) []string {
	var problems []string
	for _, p := range pkgs {
		c := &checker{policy: pol, module: module, pkg: p, room: pol.roomOf(p.dir)}
		c.checkPackage()
		problems = append(problems, c.problems...)
	}
	return problems
}

func (c *checker) checkPackage() {
	if c.room == nil {
		c.problems = append(c.problems, fmt.Sprintf("package %s has no room: add a line to the lattice, in a commit that says why", c.pkg.dir))
		return
	}
	for _, f := range c.pkg.files {
		c.checkName(f)
		for _, imp := range f.Imports {
			c.checkImport(imp, false)
		}
	}
	for _, f := range c.pkg.tests {
		for _, imp := range f.Imports {
			c.checkImport(imp, true)
		}
	}
	if c.room.kind == "pure" {
		c.checkPurity()
	}
}

func (c *checker) checkName(f *ast.File) {
	isMain, mayBeMain := f.Name.Name == "main", c.room.kind == "main"
	switch {
	case isMain && !mayBeMain:
		c.say(f.Package, "package main belongs into <folder>/cmd/<name>")
	case !isMain && mayBeMain:
		c.say(f.Package, "a package below cmd must be main: what others import lives elsewhere")
	}
}

func (c *checker) checkImport(imp *ast.ImportSpec, test bool) {
	target, err := strconv.Unquote(imp.Path.Value)
	if err != nil {
		c.say(imp.Pos(), "import path %s: %v", imp.Path.Value, err)
		return
	}
	at := imp.Path.Pos()
	if imp.Name != nil {
		at = imp.Name.Pos()
	}
	first, _, _ := strings.Cut(target, "/")
	switch {
	case first == c.module:
		if !test { // a test may look at its package from anywhere
			c.checkOwn(at, cmpOr(strings.TrimPrefix(strings.TrimPrefix(target, c.module), "/"), "."))
		}
	case strings.Contains(first, "."):
		c.checkThirdParty(at, target, test)
	case c.room.kind == "pure" && !test && !c.pureStd[target]:
		c.say(at, "%s is pure and may not import %s: move the effect to a command or to an io package, hand its result in", c.pkg.dir, target)
	}
}

// checkOwn holds an import of this module against never and the room's rights.
func (c *checker) checkOwn(at token.Pos, target string) {
	dir := c.pkg.dir
	for _, n := range c.never {
		if matches(n[0], dir) && matches(n[1], target) {
			c.say(at, "%s must never import %s (never %s -> %s)", dir, target, n[0], n[1])
			return
		}
	}
	if !matchesAny(c.room.allowed, target) {
		c.say(at, "%s may not import %s (its room allows: %s)", dir, target, strings.Join(c.room.allowed, " "))
		return
	}
	if r := c.roomOf(target); c.room.kind == "pure" && r != nil && r.kind != "pure" {
		c.say(at, "%s is pure, %s is not: hand its result in instead", dir, target)
	}
}

func (c *checker) checkThirdParty(at token.Pos, target string, test bool) {
	within := func(module string) bool { return target == module || strings.HasPrefix(target, module+"/") }
	for module, owner := range c.clients {
		if within(module) {
			if c.pkg.dir != owner {
				c.say(at, "only %s imports %s: use it, or extend it", owner, target)
			}
			return
		}
	}
	for module, rooms := range c.helpers {
		if within(module) {
			if !test && !matchesAny(rooms, c.pkg.dir) {
				c.say(at, "%s may not import %s (allowed in: %s)", c.pkg.dir, target, strings.Join(rooms, " "))
			}
			return
		}
	}
	for module := range c.tests {
		if within(module) {
			if !test {
				c.say(at, "%s is for tests alone", target)
			}
			return
		}
	}
	c.say(at, "%s is not in the lattice: a new dependency is a decision, add it there with its reason", target)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
