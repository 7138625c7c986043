package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// fileOrder is the order of the files: each uses only names of files that stand
// before it, or on the same line. Commands use no other command.
var fileOrder = []string{
	"math.go", "files.go", "terminal.go terminal_windows.go", "svg.go", "plot.go", "picture.go", "rules.go", "ink.go", "segment.go", "prepare.go", "touching.go", "idx.go",
	"random.go", "cost.go",
	"matrix.go parallel.go matrix_simd.go matrix_plain.go",
	"neuron.go", "mnist.go", "table.go", "expand.go",
	"network.go backprop.go", "hessian.go",
	"flags.go", "history.go", "checkpoint.go", "training.go", "options.go", "sources.go", "experiments.go", "demos.go", "reading.go", "equations.go",
	"cmd_train.go", "cmd_check.go", "cmd_demo.go", "cmd_eq.go", "cmd_show.go", "cmd_classify.go", "cmd_pack.go", "cmd_figure.go", "cmd_replay.go", "cmd_tune.go", "cmd_page.go", "cmd_page_js.go cmd_page_line_js.go cmd_page_data_js.go", "cmd_exercise.go",
	"main.go",
}

// upwardUses type-checks files by name and returns a sentence for each use of a
// name against the order.
func upwardUses(t *testing.T, sources map[string]string, order []string) (faults []string) {
	t.Helper()
	place := map[string]int{}
	for i, line := range order {
		for _, name := range strings.Fields(line) {
			place[name] = i
		}
	}
	set := token.NewFileSet()
	var files []*ast.File
	for name, source := range sources {
		file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		if _, ok := place[name]; !ok {
			faults = append(faults, fmt.Sprintf("%s has no place in the order of files", name))
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "source", nil)}
	pkg, err := config.Check("main", set, files, info)
	if err != nil {
		t.Fatal(err)
	}
	file := func(p token.Pos) string { return filepath.Base(set.Position(p).Filename) }
	for id, object := range info.Uses {
		if object.Pkg() != pkg || !object.Pos().IsValid() {
			continue
		}
		user, used := file(id.Pos()), file(object.Pos())
		commands := user != used && strings.HasPrefix(user, "cmd_") && strings.HasPrefix(used, "cmd_")
		if place[used] > place[user] || commands {
			faults = append(faults, fmt.Sprintf("%s uses %s of %s, which stands after it", user, object.Name(), used))
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// TestFileOrder: no file uses a name of a file that stands after it.
func TestFileOrder(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("type-checking needs the sources of the standard library")
	}
	context := build.Default
	if runtime.GOARCH != "amd64" {
		context.BuildTags = nil
	}
	pkg, err := context.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, name := range pkg.GoFiles {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = string(text)
	}
	for _, fault := range upwardUses(t, sources, fileOrder) {
		t.Error(fault)
	}
}

// TestUpwardUses: the check finds an upward use, a command that uses another,
// and a file without a place.
func TestUpwardUses(t *testing.T) {
	order := []string{"a.go", "b.go c.go", "cmd_x.go", "cmd_y.go"}
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"a.go": "const A = 1", "b.go": "const B = A + C", "c.go": "const C = 2", "cmd_x.go": "const X = B"}, ""},
		{map[string]string{"a.go": "const A = B", "b.go": "const B = 1"}, "a.go uses B of b.go, which stands after it"},
		{map[string]string{"b.go": "type B struct{ field int }", "a.go": "var A B; var _ = A.field"},
			"a.go uses B of b.go, which stands after it; a.go uses field of b.go, which stands after it"},
		{map[string]string{"cmd_x.go": "const X = 1", "cmd_y.go": "const Y = X"}, "cmd_y.go uses X of cmd_x.go, which stands after it"},
		{map[string]string{"d.go": "const D = 1"}, "d.go has no place in the order of files"},
	} {
		for name, text := range c.files {
			c.files[name] = "package main\n" + text
		}
		if got := strings.Join(upwardUses(t, c.files, order), "; "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// programTypes returns the files of the program, without its tests, and what their
// names stand for.
func programTypes(t *testing.T) ([]*ast.File, types.Info) {
	set := token.NewFileSet()
	folder, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range folder.GoFiles {
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "source", nil)}
	if _, err := config.Check("main", set, files, &info); err != nil {
		t.Fatal(err)
	}
	return files, info
}

// usesOfNames returns what each function and variable of the program uses, and the
// functions by their names, those of methods with the receiver's type.
func usesOfNames(t *testing.T) (uses map[types.Object][]types.Object, functions map[string]types.Object) {
	files, info := programTypes(t)
	uses, functions = map[types.Object][]types.Object{}, map[string]types.Object{}
	note := func(from types.Object, node ast.Node) {
		ast.Inspect(node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && info.Uses[id] != nil {
				uses[from] = append(uses[from], info.Uses[id])
			}
			return true
		})
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					name = strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*") + "." + name
				}
				functions[name] = info.Defs[d.Name]
				note(info.Defs[d.Name], d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						for _, id := range v.Names {
							note(info.Defs[id], v)
						}
					}
				}
			}
		}
	}
	return uses, functions
}

// TestListedFunctionsRun: each function that docs/equations.md lists is reached from main,
// by the names that functions use: what trains, or a command that shows it.
func TestListedFunctionsRun(t *testing.T) {
	uses, functions := usesOfNames(t)
	reached := map[types.Object]bool{}
	var reach func(types.Object)
	reach = func(o types.Object) {
		if o == nil || reached[o] {
			return
		}
		reached[o] = true
		for _, next := range uses[o] {
			reach(next)
		}
	}
	reach(functions["main"])
	for _, e := range equationTable() {
		for _, f := range e.functions {
			if o := functions[f[0]]; o == nil || !reached[o] {
				t.Errorf("Eq. %s: %s is run by tests alone", e.number, f[0])
			}
		}
	}
	if len(reached) < 500 || reached[nil] {
		t.Errorf("%d names reached", len(reached))
	}
}
