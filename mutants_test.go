package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// This file tests the tests. A mutant is the program with one small error in
// it; a test that fails kills it. All mutants are compiled at once, into one
// program that reads from NNDL_MUTANT which error to make:
//
//	a + b     becomes  planted12(7, a, b), which is a - b in mutant 7
//	a == b    becomes  ((a == b) != (planted == 7))
//	f(x)      becomes  if planted != 7 { f(x) }
//
// docs/testing.md has the results.

// mutated are the files with the equations of the text.
var mutated = []string{"matrix.go", "network.go", "backprop.go", "cost.go", "neuron.go", "math.go", "parallel.go"}

// changes holds what an operator becomes, each in a mutant of its own.
var changes = map[token.Token][]token.Token{
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL},
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN},
	token.MUL_ASSIGN: {token.QUO_ASSIGN}, token.QUO_ASSIGN: {token.MUL_ASSIGN},
	token.INC: {token.DEC}, token.DEC: {token.INC},
}

// A mutant is one error and what became of it.
type mutant struct {
	number     int
	file, text string // text is file:line: function: what: change
	cites      bool   // the comment of the function cites an equation
	killer     string // the tests that killed it, "" while it is alive
	late       bool   // killed for not coming to an end
}

// TestMutants: at least 90 % of the mutants are killed. NNDL_MUTANTS=1 tries
// all of them, NNDL_MUTANTS=N every Nth, and any other value those whose line
// in the report matches it as a regular expression.
func TestMutants(t *testing.T) {
	which := os.Getenv("NNDL_MUTANTS")
	if which == "" {
		t.Skip("half an hour; NNDL_MUTANTS=1 runs it")
	}
	p := plant(t)
	binary := p.build(t)
	every, err := strconv.Atoi(which)
	chosen := slices.DeleteFunc(p.mutants, func(m *mutant) bool {
		return err == nil && m.number%max(1, every) != 0 || err != nil && !regexp.MustCompile(which).MatchString(m.text)
	})
	tryAll(t, chosen, binary, "equations", "^Test(Eq|BP)")
	tryAll(t, chosen, binary, "quick", quickTests(t, binary))
	tryAll(t, chosen, binary, "all", ".")
	report(t, chosen)
}

// quickTests returns the quickest tests and examples, which together take a
// tenth of the time of all, as a pattern.
func quickTests(t *testing.T, binary string) string {
	output, err := try(t, binary, ".", 0, time.Hour)
	if err != nil {
		t.Fatalf("a test fails without a mutant: %v\n%s", err, output)
	}
	lines := regexp.MustCompile(`(?m)^--- PASS: (\w+) \((.+)s\)`).FindAllStringSubmatch(output, -1)
	seconds := func(line []string) float64 {
		s, _ := strconv.ParseFloat(line[2], 64)
		return s
	}
	slices.SortFunc(lines, func(a, b []string) int { return cmp.Compare(seconds(a), seconds(b)) })
	total, sum := 0.0, 0.0
	for _, line := range lines {
		total += seconds(line)
	}
	var names []string
	for _, line := range lines {
		if sum += seconds(line); sum > total/10 {
			break
		}
		names = append(names, line[1])
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

// tryAll runs tests on the mutants that are still alive, on all cores.
func tryAll(t *testing.T, mutants []*mutant, binary, name, tests string) {
	began := time.Now()
	if output, err := try(t, binary, tests, 0, time.Hour); err != nil {
		t.Fatalf("tests %q fail without a mutant: %v\n%s", name, err, output)
	}
	limit := 10*time.Since(began) + 20*time.Second
	mutants = slices.DeleteFunc(slices.Clone(mutants), func(m *mutant) bool { return m.killer != "" })
	t.Logf("tests %q: %d mutants, at most %.0f s each", name, len(mutants), limit.Seconds())
	var all sync.WaitGroup
	cores := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, m := range mutants {
		cores <- struct{}{}
		all.Add(1)
		go func() {
			defer func() { <-cores; all.Done() }()
			if output, err := try(t, binary, tests, m.number, limit); err != nil {
				m.killer, m.late = name, strings.Contains(output, "panic: test timed out")
			}
		}()
	}
	all.Wait()
}

// try runs tests on a mutant; the error is nil where they pass. What they leave
// in the folder for temporary files is removed.
func try(t *testing.T, binary, tests string, number int, limit time.Duration) (output string, err error) {
	folder, err := os.MkdirTemp("", "mutant")
	if err != nil {
		t.Error(err)
		return "", nil
	}
	defer os.RemoveAll(folder)
	os.Chmod(folder, 0o755) // TestUnwritable becomes somebody else
	c := exec.Command(binary, "-test.run", tests, "-test.v", "-test.short", "-test.failfast", "-test.timeout", limit.String())
	c.Env = append(os.Environ(), "NNDL_MUTANTS=", "NNDL_LONG=", "TMPDIR="+folder, fmt.Sprint("NNDL_MUTANT=", number))
	text, err := c.CombinedOutput()
	return string(text), err
}

// report prints what each file's mutants came to, the survivors, and the
// functions that cite an equation but can do nothing for all its tests say.
func report(t *testing.T, mutants []*mutant) {
	total := 0
	for _, file := range mutated {
		all, killed, late, byEquations := 0, 0, 0, 0
		for _, m := range mutants {
			if m.file != file {
				continue
			}
			all++
			switch {
			case m.killer == "":
				t.Logf("survived: %s", m.text)
				continue
			case m.killer == "equations":
				byEquations++
			case m.cites && strings.HasSuffix(m.text, nothing):
				t.Logf("killed, but by no test of an equation: %s", m.text)
			}
			killed++
			if m.late {
				late++
				t.Logf("timed out: %s", m.text)
			}
		}
		t.Logf("%s: killed %d of %d, %d by tests of equations, %d by time", file, killed, all, byEquations, late)
		total += killed
	}
	t.Logf("killed %d of %d, %.1f %%", total, len(mutants), 100*float64(total)/float64(len(mutants)))
	if 10*total < 9*len(mutants) {
		t.Error("want at least 90 %")
	}
}

// A planter turns the files into ones that hold all mutants.
type planter struct {
	files   *token.FileSet
	info    types.Info
	texts   map[string]string // what becomes of a file
	mutants []*mutant

	// Of the file that is being read, at each offset: what is to stand before
	// what begins there, behind what ends there, and how much to leave out.
	source         []byte
	before, behind map[int]string
	left           map[int]int
	function       *ast.FuncDecl
}

// plant reads the package and plants the mutants into the mutated files.
func plant(t *testing.T) *planter {
	p := &planter{files: token.NewFileSet(), texts: map[string]string{"planted.go": helpers()}}
	p.info.Types = map[ast.Expr]types.TypeAndValue{}
	folder, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	parsed := map[string]*ast.File{}
	for _, name := range folder.GoFiles {
		if parsed[name], err = parser.ParseFile(p.files, name, nil, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
	}
	config := types.Config{Importer: importer.Default()}
	if _, err := config.Check("main", p.files, slices.Collect(maps.Values(parsed)), &p.info); err != nil {
		t.Fatal(err)
	}
	for _, name := range mutated {
		if p.source, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
		p.texts[name] = p.file(parsed[name])
	}
	return p
}

// build compiles the mutants, in the place of the files that they are made of,
// and returns the name of the program that tests them.
func (p *planter) build(t *testing.T) string {
	folder, replace := t.TempDir(), map[string]string{}
	write := func(name string, text []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for name, text := range p.texts {
		original, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		replace[original] = write(name, []byte(text))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(folder, "mutants.exe")
	if output, err := exec.Command("go", "test", "-c", "-overlay", write("overlay", overlay), "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return binary
}

// file returns the source of a file with its mutants.
func (p *planter) file(f *ast.File) string {
	p.before, p.behind, p.left = map[int]string{}, map[int]string{}, map[int]int{}
	for _, d := range f.Decls {
		p.function, _ = d.(*ast.FuncDecl)
		ast.Inspect(d, p.node)
	}
	var text strings.Builder
	for i := range p.source {
		text.WriteString(p.behind[i] + p.before[i])
		if n := p.left[i]; n > 0 {
			p.left[i+1] = n - 1
			continue
		}
		text.WriteByte(p.source[i])
	}
	return text.String()
}

// node plants what can be changed in a part of the program, and reports whether
// its own parts can be: a constant has to stay one.
func (p *planter) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		p.empty(n)
	case *ast.BlockStmt:
		p.lose(n.List)
	case *ast.CaseClause:
		p.lose(n.Body)
	case *ast.AssignStmt:
		if changes[n.Tok] != nil {
			p.call(n, n.Tok, n.TokPos, [3]string{"&", ",", ")"})
		}
	case *ast.IncDecStmt:
		p.call(n, n.Tok, n.TokPos, [3]string{"&", "", ")"})
	case ast.Expr:
		if p.info.Types[n].Value != nil {
			return false
		}
		p.operator(n)
	}
	return true
}

// nothing is the change of a function that returns at once.
const nothing = "does nothing"

// empty plants the mutant of a function that does nothing and returns zeros.
func (p *planter) empty(f *ast.FuncDecl) {
	var zeros []string
	if f.Type.Results != nil && f.Type.Results.List[0].Names == nil {
		for _, r := range f.Type.Results.List {
			zeros = append(zeros, "*new("+p.text(r.Type)+")")
		}
	}
	p.before[p.offset(f.Body.Lbrace)+1] = fmt.Sprintf(" if planted == %d { return %s };", p.add(f.Name, nothing), strings.Join(zeros, ", "))
}

// lose plants the loss of each statement that can be lost, except for those
// that only print.
func (p *planter) lose(list []ast.Stmt) {
	for _, s := range list {
		switch a := s.(type) {
		case *ast.AssignStmt, *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt, *ast.DeferStmt, *ast.GoStmt:
			if a, ok := a.(*ast.AssignStmt); ok && a.Tok == token.DEFINE || strings.HasPrefix(p.text(s), "fmt.") {
				continue
			}
			p.around(s, fmt.Sprintf("if planted != %d { ", p.add(s, "lost")), " }")
		}
	}
}

// operator plants the mutants of an operator that gives a value.
func (p *planter) operator(e ast.Expr) {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.SUB {
			p.around(e, "", ")")
			p.replace(e.OpPos, 1, fmt.Sprintf("plantedMinus(%d, ", p.add(e, "minus lost")))
		}
	case *ast.BinaryExpr:
		basic, _ := p.info.TypeOf(e.X).Underlying().(*types.Basic)
		switch {
		case e.Op == token.EQL || e.Op == token.NEQ: // also of what has no order
			p.around(e, "((", fmt.Sprintf(") != (planted == %d))", p.add(e, e.Op.String()+" → "+changes[e.Op][0].String())))
		case e.Op == token.LAND || e.Op == token.LOR:
			p.call(e, e.Op, e.OpPos, [3]string{"", ", func() bool { return ", " })"})
		case changes[e.Op] != nil && basic.Info()&types.IsNumeric != 0:
			p.call(e, e.Op, e.OpPos, [3]string{"", ",", ")"})
		}
	}
}

// call makes an operator a call of its helper, with the given text before,
// between and behind the operands, and a mutant of each of its changes.
func (p *planter) call(n ast.Node, op token.Token, at token.Pos, text [3]string) {
	first := len(p.mutants) + 1
	for _, other := range changes[op] {
		p.add(n, op.String()+" → "+other.String())
	}
	p.around(n, fmt.Sprintf("planted%d(%d, %s", op, first, text[0]), text[2])
	p.replace(at, len(op.String()), text[1])
}

// around puts text around a part of the program, inside of what is around it
// already.
func (p *planter) around(n ast.Node, before, behind string) {
	p.before[p.offset(n.Pos())] += before
	p.behind[p.offset(n.End())] = behind + p.behind[p.offset(n.End())]
}

// replaceFile puts text in the place of the n bytes of an operator.
func (p *planter) replace(at token.Pos, n int, text string) {
	p.before[p.offset(at)] += text
	p.left[p.offset(at)] = n
}

// add makes the next mutant, and returns its number.
func (p *planter) add(n ast.Node, change string) int {
	at, function := p.files.Position(n.Pos()), "-"
	m := &mutant{number: len(p.mutants) + 1, file: at.Filename}
	if p.function != nil {
		function = p.function.Name.Name
		m.cites = regexp.MustCompile(`\bEqs?\. \d|\bBP\d`).MatchString(p.function.Doc.Text())
	}
	text, _, _ := strings.Cut(p.text(n), "\n")
	m.text = fmt.Sprintf("%s:%d: %s: %s: %s", at.Filename, at.Line, function, text, change)
	p.mutants = append(p.mutants, m)
	return m.number
}

// text returns the source of a part of the program.
func (p *planter) text(n ast.Node) string {
	return string(p.source[p.offset(n.Pos()):p.offset(n.End())])
}

// offset returns the place of a position in its file.
func (p *planter) offset(at token.Pos) int {
	return p.files.Position(at).Offset
}

// helpers returns the file of what the mutants call, a function an operator;
// its changes are the mutants n, n+1 and so on.
func helpers() string {
	s := `package main

import (
	"os"
	"strconv"
)

var planted, _ = strconv.Atoi(os.Getenv("NNDL_MUTANT"))

type plantable interface {
	~int | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float64
}

func plantedMinus[T plantable](n int, a T) T {
	if planted == n {
		return a
	}
	return -a
}
`
	for op, others := range changes {
		signature, statement := "[T plantable](n int, a, b T) T", "return a %v b"
		switch {
		case op == token.EQL || op == token.NEQ:
			continue
		case op == token.LAND || op == token.LOR:
			signature, statement = "(n int, a bool, b func() bool) bool", "return a %v b()"
		case op >= token.ADD_ASSIGN && op <= token.QUO_ASSIGN:
			signature, statement = "[T plantable](n int, a *T, b T)", "*a %v b"
		case op == token.INC || op == token.DEC:
			signature, statement = "[T plantable](n int, a *T)", "*a %v"
		case len(others) > 1:
			signature = "[T plantable](n int, a, b T) bool"
		}
		s += fmt.Sprintf("\nfunc planted%d%s {\n\tswitch planted {\n", op, signature)
		for i, other := range others {
			s += fmt.Sprintf("\tcase n + %d:\n\t\t"+statement+"\n", i, other)
		}
		s += fmt.Sprintf("\tdefault:\n\t\t"+statement+"\n\t}\n}\n", op)
	}
	return s
}
