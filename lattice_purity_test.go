package systole_test

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
)

// checkPurity looks for what a package does besides importing: clock, output,
// goroutines, memory between calls.
func (c *checker) checkPurity() {
	info := c.typeCheck()
	for _, f := range c.pkg.files {
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					c.say(d.Pos(), "%s is pure and may not have an init function", c.pkg.dir)
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					c.checkVars(d, info)
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c.checkNode(n, info)
			return true
		})
	}
}

// typeCheck resolves the names of the package without its imports: enough to
// tell a package's variable from a local one of the same name, and "time" the
// package from "time" the parameter. What cannot be known without the imports
// stays unknown and is no problem here; the compiler has its own opinion.
func (c *checker) typeCheck() *types.Info {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}, DisableUnusedImportCheck: true}
	_, _ = conf.Check(c.pkg.dir, c.pkg.fset, c.pkg.files, info)
	return info
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }

func (c *checker) checkNode(n ast.Node, info *types.Info) {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.say(n.Pos(), "%s is pure and may not start a goroutine", c.pkg.dir)
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok {
			if p, ok := info.Uses[x].(*types.PkgName); ok && c.impure[p.Imported().Path()+"."+n.Sel.Name] {
				c.say(n.Pos(), "%s is pure and may not use %s.%s", c.pkg.dir, p.Imported().Path(), n.Sel.Name)
			}
		}
	case *ast.CallExpr:
		c.checkBuiltin(n, info)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, l := range n.Lhs {
				c.checkWrite(n.Pos(), l, info)
			}
		}
	case *ast.IncDecStmt:
		c.checkWrite(n.Pos(), n.X, info)
	case *ast.UnaryExpr:
		// &table[i] is how a large row is read; &v is how v gets written to.
		if _, row := n.X.(*ast.IndexExpr); n.Op == token.AND && !row {
			c.checkWrite(n.Pos(), n.X, info)
		}
	}
}

func (c *checker) checkBuiltin(call *ast.CallExpr, info *types.Info) {
	name, ok := call.Fun.(*ast.Ident)
	if !ok {
		return
	}
	if _, ok := info.Uses[name].(*types.Builtin); !ok {
		return
	}
	switch name.Name {
	case "print", "println":
		c.say(call.Pos(), "%s is pure and may not use %s", c.pkg.dir, name.Name)
	case "delete", "clear", "copy":
		if len(call.Args) > 0 {
			c.checkWrite(call.Pos(), call.Args[0], info)
		}
	}
}

// checkWrite complains if what is written to, or whose address is taken, is a
// variable of the package or a part of one.
func (c *checker) checkWrite(at token.Pos, e ast.Expr, info *types.Info) {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.Ident:
			if v, ok := info.Uses[x].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				c.say(at, "package variable %s is written to: %s is pure, keep it in a value that the caller holds", x.Name, c.pkg.dir)
			}
			return
		default:
			return
		}
	}
}

var tableMark = regexp.MustCompile(`(?i)\btables?\b`)

// checkVars: what is never written to is a constant in all but name. If it
// refers to memory that others could write to, a comment must say that it is a
// table, so that the author has thought of it. Sentinels of errors need none.
func (c *checker) checkVars(d *ast.GenDecl, info *types.Info) {
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || marked(d.Doc, v.Doc, v.Comment) || sentinels(v) {
			continue
		}
		for _, name := range v.Names {
			if name.Name == "_" {
				continue
			}
			if o := info.Defs[name]; o == nil || refers(o.Type(), 0) {
				c.say(name.Pos(), "package variable %s: a comment must mark it as a table (read only), or it must go", name.Name)
			}
		}
	}
}

func marked(groups ...*ast.CommentGroup) bool {
	for _, g := range groups {
		if g != nil && tableMark.MatchString(g.Text()) {
			return true
		}
	}
	return false
}

// sentinels reports whether every value is errors.New(…) or fmt.Errorf(…).
func sentinels(v *ast.ValueSpec) bool {
	for _, val := range v.Values {
		call, ok := val.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok || x.Name+"."+sel.Sel.Name != "errors.New" && x.Name+"."+sel.Sel.Name != "fmt.Errorf" {
			return false
		}
	}
	return len(v.Values) > 0
}

// refers reports whether a value of the type leads to memory that is shared
// with its copies. Unknown types do.
func refers(t types.Type, depth int) bool {
	if depth > 20 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.Invalid || u.Kind() == types.UnsafePointer
	case *types.Array:
		return refers(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if refers(f.Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}
