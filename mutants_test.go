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
	"hash/crc32"
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
//	a == b    becomes  ((a == b) != plantedAt(7))
//	f(x)      becomes  if !plantedAt(7) { f(x) }
//
// Only the mutants that are asked for are planted, so that all other code runs
// as fast as ever. Each test runs once without an error and writes down which
// mutants it comes by; a mutant then meets no other tests.
//
// docs/testing.md has the results.

// drawingFiles only draw: a mutant there moves a line or a letter in
// a picture, which a person judges better than a test. They are counted apart.
var drawingFiles = []string{"svg.go", "plot.go", "cmd_figure.go"}

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
	site       int    // number of the first mutant in the same place
	file, text string // text is file:line: function: what: change
	cites      bool   // the comment of the function cites an equation
	tests      int    // how many come by
	left       int    // and how many of these it never met
	killer     string // the test that killed it, "" while it is alive
	late       bool   // killed for not coming to an end
}

// TestMutants: at least 90 % of the mutants are killed, apart from those in
// drawingFiles. NNDL_MUTANTS=sample tries 300 of all files, sample2 and so on
// others, NNDL_MUTANTS=1 all of them, NNDL_MUTANTS=N every Nth, and any other value
// those whose line in the report matches it as a regular expression.
func TestMutants(t *testing.T) {
	which := os.Getenv("NNDL_MUTANTS")
	if which == "" || runtime.GOOS != "linux" {
		t.Skip("a quarter of an hour on Linux; NNDL_MUTANTS=sample runs it")
	}
	p := readPlanter(t)
	p.plant(t)
	counts := map[string]int{}
	for _, m := range p.mutants {
		counts[m.file]++
	}
	p.chosen = map[int]bool{}
	for _, m := range choose(p.mutants, which) {
		p.chosen[m.number] = true
	}
	p.plant(t)
	mutants := slices.DeleteFunc(p.mutants, func(m *mutant) bool { return !p.chosen[m.number] })
	binary := p.build(t)
	began := time.Now()
	tests := visits(t, binary)
	t.Logf("%d mutants, %d tests, which take %.0f s one by one", len(mutants), len(tests), time.Since(began).Seconds())
	var all sync.WaitGroup
	cores := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, m := range mutants {
		cores <- struct{}{}
		all.Add(1)
		go func() {
			defer func() { <-cores; all.Done() }()
			m.meet(t, binary, tests)
			t.Logf("%s: %s", cmp.Or(m.killer, fmt.Sprintf("survived %d of %d tests", m.tests-m.left, m.tests)), m.text)
		}()
	}
	all.Wait()
	report(t, mutants, counts)
}

// choose returns the mutants that NNDL_MUTANTS asks for.
func choose(mutants []*mutant, which string) []*mutant {
	if seed, ok := strings.CutPrefix(which, "sample"); ok {
		return sample(mutants, 300, cmp.Or(seed, "1"))
	}
	every, err := strconv.Atoi(which)
	return slices.DeleteFunc(slices.Clone(mutants), func(m *mutant) bool {
		return err == nil && m.number%max(1, every) != 0 || err != nil && !regexp.MustCompile(which).MatchString(m.text)
	})
}

// sample returns n of the mutants: of each file one, and more in proportion to its
// mutants. The hash of the seed and a mutant's text decides, without its line, so that
// a change of one function leaves the sample of others as it is.
func sample(mutants []*mutant, n int, seed string) (chosen []*mutant) {
	line := regexp.MustCompile(`:\d+:`)
	byFile, seen, hash := map[string][]*mutant{}, map[string]int{}, map[*mutant]uint32{}
	for _, m := range mutants {
		byFile[m.file] = append(byFile[m.file], m)
		text := line.ReplaceAllString(m.text, ":")
		seen[text]++
		hash[m] = crc32.ChecksumIEEE([]byte(fmt.Sprint(seed, " ", seen[text], text)))
	}
	before, spare := 0, n-len(byFile)
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		of := byFile[file]
		after := before + len(of)
		share := 1 + spare*after/len(mutants) - spare*before/len(mutants)
		slices.SortStableFunc(of, func(a, b *mutant) int { return cmp.Compare(hash[a], hash[b]) })
		chosen = append(chosen, of[:min(share, len(of))]...)
		before = after
	}
	return chosen
}

// patience is the CPU time of tests that a mutant meets, in seconds. A test that takes
// more by itself is left out.
const patience = 20

// A visit is a test and the places of mutants that it comes by.
type visit struct {
	name       string
	cpu        float64 // seconds
	time       time.Duration
	sites      map[int]bool
	overweight bool // it takes more than patience
}

// visits runs each test by itself, without a mutant, and returns them, the tests of
// equations first, then the quickest.
func visits(t *testing.T, binary string) []*visit {
	output, err := exec.Command(binary, "-test.list", "^(Test|Fuzz|Example)").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []*visit
	var running sync.WaitGroup
	cores := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, name := range strings.Fields(string(output)) {
		v := &visit{name: name, sites: map[int]bool{}}
		all = append(all, v)
		cores <- struct{}{}
		running.Add(1)
		go func() {
			defer func() { <-cores; running.Done() }()
			v.run(t, binary)
		}()
	}
	running.Wait()
	all = slices.DeleteFunc(all, func(v *visit) bool { return v.overweight })
	slices.SortFunc(all, func(a, b *visit) int {
		if a.ofEquation() != b.ofEquation() {
			return map[bool]int{true: -1, false: 1}[a.ofEquation()]
		}
		return cmp.Compare(a.cpu, b.cpu)
	})
	return all
}

// ofEquation reports whether a test is that of an equation.
func (v *visit) ofEquation() bool {
	return strings.HasPrefix(v.name, "TestEq") || strings.HasPrefix(v.name, "TestBP")
}

// run runs a test without a mutant, a second time where it fails.
func (v *visit) run(t *testing.T, binary string) {
	file := filepath.Join(t.TempDir(), "sites")
	for range 2 {
		r := try(t, binary, v.name, patience, 10*time.Minute, "NNDL_SITES="+file)
		if v.overweight = r.late || r.cpu > patience; v.overweight {
			t.Logf("left out: %s, %.0f s", v.name, r.cpu)
			return
		}
		text, _ := os.ReadFile(file)
		for _, line := range strings.Fields(string(text)) {
			site, _ := strconv.Atoi(line)
			v.sites[site] = true
		}
		if v.cpu, v.time = r.cpu, r.time; !r.failed {
			return
		}
		t.Logf("%s fails without a mutant:\n%s", v.name, r.output)
	}
	v.overweight = true
	t.Errorf("%s failed twice without a mutant", v.name)
}

// meet runs the tests that come by a mutant until one fails: those of equations,
// those that take a second together, and the rest, as far as patience goes.
func (m *mutant) meet(t *testing.T, binary string, tests []*visit) {
	tests = slices.DeleteFunc(slices.Clone(tests), func(v *visit) bool { return !v.sites[m.site] })
	m.tests = len(tests)
	spent := 0.0
	for _, most := range []float64{0, 1, patience} {
		var names []string
		var total float64
		var elapsed time.Duration
		for len(tests) > 0 && (tests[0].ofEquation() || spent+total+tests[0].cpu <= most) {
			names, total, elapsed, tests = append(names, tests[0].name), total+tests[0].cpu, elapsed+tests[0].time, tests[1:]
		}
		spent += total
		if len(names) == 0 {
			continue
		}
		r := try(t, binary, strings.Join(names, "|"), 5+int(3*total), 30*time.Second+4*elapsed, fmt.Sprint("NNDL_MUTANT=", m.number))
		if !r.failed {
			continue
		}
		m.late, m.killer = r.late, "?"
		for _, pattern := range []string{`(?m)^=== RUN   (\w+)`, `(?m)^--- FAIL: (\w+)`} {
			if found := regexp.MustCompile(pattern).FindAllStringSubmatch(r.output, -1); found != nil {
				m.killer = found[len(found)-1][1]
			}
		}
		return
	}
	m.left = len(tests)
}

// A trial is what became of some tests.
type trial struct {
	output       string
	failed, late bool
	cpu          float64
	time         time.Duration
}

// try runs tests, their names joined by |, until their CPU time or the time is over.
// What they leave in the folder for temporary files is removed.
func try(t *testing.T, binary, tests string, seconds int, limit time.Duration, env string) (r trial) {
	folder, err := os.MkdirTemp("", "mutant")
	if err != nil {
		t.Error(err)
		return r
	}
	defer os.RemoveAll(folder)
	os.Chmod(folder, 0o755) // TestUnwritable becomes somebody else
	c := exec.Command("sh", "-c", `ulimit -S -t $0; exec "$@"`, fmt.Sprint(seconds), binary,
		"-test.run", "^("+tests+")$", "-test.v", "-test.short", "-test.failfast", "-test.timeout", limit.String())
	c.Env = append(os.Environ(), "NNDL_MUTANTS=", "NNDL_LONG=", "TMPDIR="+folder, "NNDL_LIMIT="+(limit+time.Second).String(), env)
	c.WaitDelay = time.Second // children that do not end
	began := time.Now()
	text, err := c.CombinedOutput()
	if r.time = time.Since(began); c.ProcessState == nil {
		t.Error(err)
		return trial{failed: true}
	}
	r.cpu = (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
	r.output, r.failed = string(text), err != nil
	r.late = r.failed && regexp.MustCompile(`panic: test timed out|planted: out of time|SIGXCPU|CPU time limit`).MatchString(r.output+err.Error())
	return r
}

// report prints what each file's mutants came to, those that did not end, and the
// functions that cite an equation but can do nothing for all its tests say.
func report(t *testing.T, mutants []*mutant, counts map[string]int) {
	t.Log("| file | mutants | tried | killed | by tests of equations | by not ending | survived |")
	var rest, drawn [2]int // tried and killed
	for _, file := range slices.Sorted(maps.Keys(counts)) {
		all, killed, late, byEquations := 0, 0, 0, 0
		for _, m := range mutants {
			if m.file != file {
				continue
			}
			all++
			byEquation := (&visit{name: m.killer}).ofEquation()
			switch {
			case m.killer == "":
				continue
			case m.late:
				late++
				t.Logf("out of time in %s: %s", m.killer, m.text)
			case byEquation:
				byEquations++
			case m.cites && strings.HasSuffix(m.text, nothing):
				t.Logf("killed, but by no test of an equation: %s", m.text)
			}
			killed++
		}
		if all > 0 {
			t.Logf("| %s | %d | %d | %d | %d | %d | %d |", file, counts[file], all, killed, byEquations, late, all-killed)
		}
		sum := &rest
		if slices.Contains(drawingFiles, file) {
			sum = &drawn
		}
		sum[0], sum[1] = sum[0]+all, sum[1]+killed
	}
	share := func(of [2]int) float64 { return 100 * float64(of[1]) / float64(max(1, of[0])) }
	t.Logf("killed %d of %d, %.1f %%; in what only draws %d of %d, %.1f %%", rest[1], rest[0], share(rest), drawn[1], drawn[0], share(drawn))
	if 10*rest[1] < 9*rest[0] {
		t.Error("want at least 90 %")
	}
}

// A planter turns the files into ones that hold all mutants.
type planter struct {
	files   *token.FileSet
	info    types.Info
	parsed  map[string]*ast.File
	texts   map[string]string // what becomes of a file
	mutants []*mutant
	chosen  map[int]bool // the numbers of those to plant, all where it is nil

	// Of the file that is being read, at each offset: what is to stand before
	// what begins there, behind what ends there, and how much to leave out.
	source         []byte
	before, behind map[int]string
	left           map[int]int
	function       *ast.FuncDecl
}

// readPlanter reads the package.
func readPlanter(t *testing.T) *planter {
	p := &planter{files: token.NewFileSet(), parsed: map[string]*ast.File{}}
	p.info.Types = map[ast.Expr]types.TypeAndValue{}
	folder, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range folder.GoFiles {
		if p.parsed[name], err = parser.ParseFile(p.files, name, nil, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
	}
	config := types.Config{Importer: importer.Default()}
	if _, err := config.Check("main", p.files, slices.Collect(maps.Values(p.parsed)), &p.info); err != nil {
		t.Fatal(err)
	}
	return p
}

// plant numbers the mutants of all files, in their order, and plants the chosen.
func (p *planter) plant(t *testing.T) {
	p.mutants, p.texts = nil, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(p.parsed)) {
		var err error
		if p.source, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
		if text := p.file(p.parsed[name]); text != string(p.source) {
			p.texts[name] = text
		}
	}
	p.texts["planted.go"] = helpers(len(p.mutants))
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
	case *ast.CommClause:
		p.lose(n.Body)
	case *ast.AssignStmt:
		if changes[n.Tok] != nil && p.isVariable(n.Lhs[0]) {
			p.call(n, n.Tok, n.TokPos, [3]string{"&", ",", ")"})
		}
	case *ast.IncDecStmt:
		if p.isVariable(n.X) {
			p.call(n, n.Tok, n.TokPos, [3]string{"&", "", ")"})
		}
	case ast.Expr:
		if p.info.Types[n].Value != nil {
			return false
		}
		p.operator(n)
	}
	return true
}

// isNumber reports whether an expression has a type of numbers, none of a
// type parameter.
func (p *planter) isNumber(e ast.Expr) bool {
	basic, ok := p.info.TypeOf(e).Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

// isVariable reports whether an expression is a number with an address, which an
// element of a map has not.
func (p *planter) isVariable(e ast.Expr) bool {
	if of, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		if _, ok := p.info.TypeOf(of.X).Underlying().(*types.Map); ok {
			return false
		}
	}
	return p.isNumber(e)
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
	if n := p.add(f.Name, nothing); p.wanted(n) {
		p.before[p.offset(f.Body.Lbrace)+1] = fmt.Sprintf(" if plantedAt(%d) { return %s };", n, strings.Join(zeros, ", "))
	}
}

// lose plants the loss of each statement that can be lost, except for those
// that only print, and panics, behind which the compiler expects nothing.
func (p *planter) lose(list []ast.Stmt) {
	for _, s := range list {
		switch a := s.(type) {
		case *ast.AssignStmt, *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt, *ast.DeferStmt, *ast.GoStmt:
			text := p.text(s)
			if a, ok := a.(*ast.AssignStmt); ok && a.Tok == token.DEFINE || strings.HasPrefix(text, "fmt.") || strings.HasPrefix(text, "panic(") {
				continue
			}
			if n := p.add(s, "lost"); p.wanted(n) {
				p.around(s, fmt.Sprintf("if !plantedAt(%d) { ", n), " }")
			}
		}
	}
}

// operator plants the mutants of an operator that gives a value.
func (p *planter) operator(e ast.Expr) {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.SUB && p.isNumber(e.X) {
			if n := p.add(e, "minus lost"); p.wanted(n) {
				p.around(e, "", ")")
				p.replace(e.OpPos, 1, fmt.Sprintf("plantedMinus(%d, ", n))
			}
		}
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.EQL || e.Op == token.NEQ: // also of what has no order
			if n := p.add(e, e.Op.String()+" → "+changes[e.Op][0].String()); p.wanted(n) {
				p.around(e, "((", fmt.Sprintf(") != plantedAt(%d))", n))
			}
		case e.Op == token.LAND || e.Op == token.LOR:
			p.call(e, e.Op, e.OpPos, [3]string{"", ", func() bool { return (", ") })"})
		case changes[e.Op] != nil && p.isNumber(e.X) && p.isNumber(e.Y):
			p.call(e, e.Op, e.OpPos, [3]string{"", ",", ")"})
		}
	}
}

// call makes an operator a call of its helper, with the given text before,
// between and behind the operands, and a mutant of each of its changes.
func (p *planter) call(n ast.Node, op token.Token, at token.Pos, text [3]string) {
	first := len(p.mutants) + 1
	for _, other := range changes[op] {
		p.mutants[p.add(n, op.String()+" → "+other.String())-1].site = first
	}
	if p.wanted(first) {
		p.around(n, fmt.Sprintf("planted%d(%d, %s", op, first, text[0]), text[2])
		p.replace(at, len(op.String()), text[1])
	}
}

// wanted reports whether one of the mutants from this number on is to be planted.
func (p *planter) wanted(first int) bool {
	return slices.ContainsFunc(p.mutants[first-1:], func(m *mutant) bool { return p.chosen == nil || p.chosen[m.number] })
}

// around puts text around a part of the program, inside of what is around it
// already.
func (p *planter) around(n ast.Node, before, behind string) {
	p.before[p.offset(n.Pos())] += before
	p.behind[p.offset(n.End())] = behind + p.behind[p.offset(n.End())]
}

// replace puts text in the place of the n bytes of an operator.
func (p *planter) replace(at token.Pos, n int, text string) {
	p.before[p.offset(at)] += text
	p.left[p.offset(at)] = n
}

// add makes the next mutant, and returns its number.
func (p *planter) add(n ast.Node, change string) int {
	at, function := p.files.Position(n.Pos()), "-"
	m := &mutant{number: len(p.mutants) + 1, file: at.Filename}
	m.site = m.number
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

// helpers returns the file of what n mutants call, a function an operator; its
// changes are the mutants n, n+1 and so on. A process ends by itself when
// its time is up, or when it has taken more memory than the tests ever do.
func helpers(n int) string {
	s := `package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

var (
	planted        = readPlanted()
	sites, listErr = os.OpenFile(os.Getenv("NNDL_SITES"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	listed         [` + fmt.Sprint(n+1) + `]atomic.Bool
)

func readPlanted() int {
	const memory = 4 << 30
	if limit, err := time.ParseDuration(os.Getenv("NNDL_LIMIT")); err == nil {
		end := time.Now().Add(limit)
		var watch *time.Timer
		watch = time.AfterFunc(time.Hour, func() {
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.Sys-m.HeapReleased > memory || time.Now().After(end) {
				fmt.Fprintln(os.Stderr, "planted: out of time or memory")
				os.Exit(3)
			}
			watch.Reset(time.Second / 5)
		})
		watch.Reset(time.Second / 5)
	}
	n, _ := strconv.Atoi(os.Getenv("NNDL_MUTANT"))
	return n
}

// plantedAt reports whether mutant n is planted.
func plantedAt(n int) bool {
	if listErr == nil {
		list(n)
	}
	return planted == n
}

// list writes down that a test comes by n.
func list(n int) {
	if !listed[n].Load() && !listed[n].Swap(true) {
		var line [24]byte
		sites.Write(append(strconv.AppendInt(line[:0], int64(n), 10), '\n'))
	}
}

type plantable interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

func plantedMinus[T plantable](n int, a T) T {
	if plantedAt(n) {
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
		s += fmt.Sprintf("\nfunc planted%d%s {\n\tif listErr == nil {\n\t\tlist(n)\n\t}\n\tswitch planted {\n", op, signature)
		for i, other := range others {
			s += fmt.Sprintf("\tcase n + %d:\n\t\t"+statement+"\n", i, other)
		}
		s += fmt.Sprintf("\tdefault:\n\t\t"+statement+"\n\t}\n}\n", op)
	}
	return s
}
