package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// bookNumbers are the numbers that Eqs. 1-58 have in Nielsen's online book; two
// have none there.
var bookNumbers = strings.Split("1; 2; 3; 4; 5; in its text; 6; 7; 8; 13; "+
	"9, 12; 10, 14; in its text; 11, 15; 16, 17; 19; 20, 21; 23; 22, 25; 28; "+
	"29; BP1; 30; BP2; BP3; 31; BP4; 32; 54; 55, 56; "+
	"57; 58, 59, 60; 61; 62; 63; 78; 79; 80; 81, 82; 85; "+
	"86; 88, 89; 90; 91, 92; 94; 93; 95; 96; 97; 103; "+
	"104; 105; 106; 107, 108; 109; 110; 111; 112", "; ")

// misprinted are the equations that the article prints wrongly.
const misprinted = "[4 11 12 13 14 15 16 17 22 27 33 38 41 43 44 49 51 53 54 56]"

// equationRow is a row of docs/equations.md: equation, star, book, formula,
// functions, test.
var equationRow = regexp.MustCompile(`(?m)^\| (\d+|BP\d)(\\\*)? \| (.+?) \| \$(.+)\$ \| (.+) \| (.+) \|$`)

// TestPageOfEquations holds docs/equations.md against the code: a row for each
// of Eqs. 1-58 and BP1-BP4, in order, with its numbers in the book, a formula
// that GitHub can show, functions of which at least one cites the equation, and
// the test that is named after it.
func TestPageOfEquations(t *testing.T) {
	page, err := os.ReadFile("docs/equations.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for n := 1; n <= 58; n++ {
		want = append(want, fmt.Sprint(n))
	}
	want = append(want, "BP1", "BP2", "BP3", "BP4")
	rows := equationRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) != len(want) {
		t.Fatalf("%d equations, want %d", len(rows), len(want))
	}
	var stars []string
	for i, row := range rows {
		if row[1] != want[i] {
			t.Errorf("row %d is equation %s, want %s", i+1, row[1], want[i])
		}
		if row[2] != "" {
			stars = append(stars, row[1])
		}
		test, book := "Test"+row[1], row[1]
		if i < len(bookNumbers) {
			test, book = "TestEq"+row[1], bookNumbers[i]
		}
		if row[3] != book {
			t.Errorf("equation %s is %s in the book, want %s", row[1], row[3], book)
		}
		if !strings.HasPrefix(row[6], "[`"+test+"`]") {
			t.Errorf("equation %s has the test %s, want %s", row[1], row[6], test)
		}
		checkFormula(t, row[1], row[4])
		checkDeclared(t, row[5]+", "+row[6])
		checkCited(t, row[1], book, row[5])
	}
	if got := fmt.Sprint(stars); got != misprinted {
		t.Errorf("misprints: %v, want %v", got, misprinted)
	}
}

// TestBookNumbers: the second table of docs/equations.md has each number of the
// book that bookNumbers has, in order, with the article's number beside it.
func TestBookNumbers(t *testing.T) {
	page, err := os.ReadFile("docs/equations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## By the book's numbers")
	got := regexp.MustCompile(`(?m)^\| (\d+|BP\d) \| (\d+) \| \[.TestEq(\d+)`).FindAllStringSubmatch(table, -1)
	var rows, want []string
	for i, numbers := range bookNumbers {
		for _, n := range strings.Split(numbers, ", ") {
			if n != "in its text" {
				want = append(want, fmt.Sprintf("%3s Eq. %d", n, i+1))
			}
		}
	}
	for _, row := range got {
		rows = append(rows, fmt.Sprintf("%3s Eq. %s", row[1], row[2]))
		if row[2] != row[3] {
			t.Errorf("Eq. %s has the test of Eq. %s", row[2], row[3])
		}
	}
	slices.Sort(want)
	if !slices.Equal(rows, want) {
		t.Errorf("the book's numbers are\n%v, want\n%v", rows, want)
	}
}

// overlap is what Markdown takes away from a formula between dollars before it
// is set: an escaped sign such as \, for a thin space, the bar that ends a cell,
// emphasis, links and tags.
var overlap = regexp.MustCompile("\\\\[^A-Za-z]|[*<|`]|\\]\\(|(?:^|\\W)_\\w.*\\w_\\W")

// checkFormula reports what GitHub would not show as it is meant.
func checkFormula(t *testing.T, equation, formula string) {
	t.Helper()
	if bad := overlap.FindString(formula); bad != "" {
		t.Errorf("equation %s: %q in %s means something in Markdown", equation, bad, formula)
	}
	for _, pair := range [][2]string{{"{", "}"}, {`\left`, `\right`}, {`\lVert`, `\rVert`}, {`\lvert`, `\rvert`}} {
		if strings.Count(formula, pair[0]) != strings.Count(formula, pair[1]) {
			t.Errorf("equation %s: %s and %s are no pairs in %s", equation, pair[0], pair[1], formula)
		}
	}
}

// checkCited reports an equation that none of the functions in its row cites,
// by its number or as the BP1-BP4 that it is in the book.
func checkCited(t *testing.T, equation, book, functions string) {
	t.Helper()
	for _, m := range link.FindAllStringSubmatch(functions, -1) {
		source, _ := os.ReadFile(m[2])
		doc := regexp.MustCompile(`(?m)((?:^//.*\n)+)` + declaration(m[1])).FindStringSubmatch(string(source))
		if doc == nil {
			continue
		}
		for _, c := range citations(strings.ReplaceAll(doc[1], "\n//", "")) {
			if c == equation || c == book && strings.HasPrefix(book, "BP") {
				return
			}
		}
	}
	t.Errorf("equation %s: none of %s cites it", equation, functions)
}

// citations returns the article's equations that a comment cites.
func citations(doc string) (list []string) {
	for _, m := range equation.FindAllStringSubmatch(doc, -1) {
		if m[1] == "" {
			list = append(list, numbersIn(m[2]+m[3])...)
		}
	}
	return append(list, regexp.MustCompile(`\bBP\d`).FindAllString(doc, -1)...)
}

// numbersIn returns the numbers of a list such as 1, 2 and 5-7.
func numbersIn(list string) (all []string) {
	for _, m := range regexp.MustCompile(`(\d+)(?:-(\d+))?`).FindAllStringSubmatch(list, -1) {
		first, _ := strconv.Atoi(m[1])
		last, err := strconv.Atoi(m[2])
		if err != nil {
			last = first
		}
		for n := first; n <= last; n++ {
			all = append(all, fmt.Sprint(n))
		}
	}
	return all
}

// TestErrataNameAll: docs/errata.md has each of the equations that are
// misprinted, and no other.
func TestErrataNameAll(t *testing.T) {
	errata, err := os.ReadFile("docs/errata.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \| `).FindAllSubmatch(errata, -1) {
		got = append(got, string(m[1]))
	}
	if fmt.Sprint(got) != misprinted {
		t.Errorf("docs/errata.md lists Eqs. %v, want %v", got, misprinted)
	}
}

// link is a name that a page links to a file of the code.
var link = regexp.MustCompile("\\[`([\\w.]+)`\\]\\((?:\\.\\./)?(\\w+\\.go)\\)")

// checkDeclared reports the functions that a page names but that are not
// declared in the file that it links.
func checkDeclared(t *testing.T, text string) {
	t.Helper()
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		name, file := m[1], m[2]
		source, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if !regexp.MustCompile(`(?m)` + declaration(name)).Match(source) {
			t.Errorf("%s is not declared in %s", name, file)
		}
	}
}

// declaration returns the pattern of how a function, a type, or a method as
// Network.SGD is declared.
func declaration(name string) string {
	if receiver, method, ok := strings.Cut(name, "."); ok {
		return `^func \((?:\w+ )?\*?` + receiver + `\) ` + method + `\(`
	}
	return `^(?:func ` + name + `[(\[]|type ` + name + ` )`
}

// pages are the pages for readers.
var pages = []string{"README.md", "docs/reading.md", "docs/errata.md", "docs/equations.md", "docs/testing.md", "docs/performance.md", "docs/porting.md", "docs/beyond.md", "docs/exercises.md", "CONTRIBUTING.md"}

// TestPages: the functions and tests that the pages link exist, and so do the
// files that they link, and the commands, flags, figures, experiments, demos
// and tests that they name.
func TestPages(t *testing.T) {
	defer func(old []*Activation) { activations = old }(activations)
	activations = append(slices.Clone(activations), &Activation{Name: "leaning"}) // of the tour
	for _, name := range pages {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(page)
		checkDeclared(t, text)
		for _, m := range regexp.MustCompile(`\]\(([\w./-]+)\)`).FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links %s, which is not there", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`-run '?(Test\w+)`).FindAllStringSubmatch(text, -1) {
			checkTest(t, name, m[1])
		}
		for _, m := range regexp.MustCompile("(?m)`(go run \\. ?[^`]*|-[a-z0-9][^`]*)`|^    (?:\\$ )?(go run \\. ?[^#\n]*?)(?:$|   )").FindAllStringSubmatch(text, -1) {
			line := strings.ReplaceAll(m[1]+m[2], "\n", " ")
			if err := checkLine(strings.Fields(strings.TrimPrefix(line, "go run ."))); err != nil {
				t.Errorf("%s: %q: %v", name, line, err)
			}
		}
	}
}

// checkLine returns what is wrong with the arguments of a command line that a
// page shows: a command and what it names, or flags with their values. FILE,
// NAME and the like stand for anything.
func checkLine(args []string) error {
	if len(args) == 0 || len(args) == 1 && newOptions().flags.Lookup(strings.TrimPrefix(args[0], "-")) != nil || helpAsked(args) {
		return nil
	}
	name := args[0]
	switch i := slices.IndexFunc(commands, func(c command) bool { return c.name == name }); {
	case name == "COMMAND":
		return nil
	case strings.HasPrefix(name, "-") || name == "check":
		return newOptions().read(slices.DeleteFunc(args, func(s string) bool { return s == "check" }))
	case i < 0:
		return fmt.Errorf("no command %s", name)
	}
	for _, word := range args[1:] {
		if strings.ToUpper(word) == word && strings.ToLower(word) != word || word == "all" {
			continue // NAME, all
		}
		if name == "replay" && strings.Trim(word, "-runsed0123456789") == "" {
			continue // -runs 10 -seed 1
		}
		switch name {
		case "demo":
			if word == "-plot" {
				break
			}
			if !slices.ContainsFunc(demos, func(d demoRow) bool { return d.name == word }) {
				return fmt.Errorf("no demo %s", word)
			}
		case "replay":
			if !slices.ContainsFunc(allExperiments(), func(e *experiment) bool { return e.name == word }) {
				return fmt.Errorf("no experiment %s", word)
			}
		case "figure":
			if _, err := chosenFigures([]string{word}); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTest reports a test that a page runs but that no test file declares.
func checkTest(t *testing.T, page, test string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		if source, _ := os.ReadFile(f.Name()); strings.Contains(string(source), "func "+test) {
			return
		}
	}
	t.Errorf("%s runs %s, which no file declares", page, test)
}

// TestSeen: what errata.md and reading.md name to see a thing shows it: each test that
// they link logs what it compares, and each row of errata.md has one, a command, or
// one of a few reasons.
func TestSeen(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("js can start no process")
	}
	var names []string
	for _, name := range []string{"docs/errata.md", "docs/reading.md"} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("\\[`(Test\\w+)`\\]").FindAllStringSubmatch(string(page), -1) {
			names = append(names, m[1])
		}
		if name != "docs/errata.md" {
			continue
		}
		for _, row := range regexp.MustCompile(`(?m)^\| [\d.]+(?:, .*)? \|.*\| (.*?) \|$`).FindAllStringSubmatch(string(page), -1) {
			if !regexp.MustCompile("`go (run|test)|\\[`Test|the book's chapter|experiments\\.md|flags have neither|the command above").MatchString(row[1]) {
				t.Errorf("%s: %q shows nothing", name, row[0])
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	out, err := exec.Command(os.Args[0], "-test.short", "-test.v", "-test.run", "^("+strings.Join(names, "|")+")$").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range names {
		if lines := linesOf(string(out), "^"+name+"$"); !regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: `).MatchString(lines) {
			t.Errorf("%s logs nothing: %s", name, lines)
		}
	}
	if len(names) < 30 {
		t.Errorf("%d tests are named, want more", len(names))
	}
}

// TestActivationOfTheTour: the activation that docs/reading.md adds to cost.go passes
// the check and trains, and with the derivative of the sigmoid alone it fails.
func TestActivationOfTheTour(t *testing.T) {
	if !long() {
		t.Skip("builds the program twice; NNDL_LONG=1 runs it")
	}
	page, err := os.ReadFile("docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	_, added, _ := strings.Cut(string(page), "```go\n")
	added, _, _ = strings.Cut(added, "```")
	cost, err := os.ReadFile("cost.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "cost.go"), filepath.Join(dir, "overlay.json")
	writeFile(t, overlay, fmt.Appendf(nil, `{"Replace": {"cost.go": %q}}`, changed))
	with := strings.Replace(string(cost), "{Sigmoid, Tanh, ReLU}", "{Sigmoid, Tanh, ReLU, Leaning}", 1) + added
	for _, c := range []struct{ code, args, want string }{
		{with, "check -activation leaning -init default", "good (at most 1e-7)"},
		{with, "-activation leaning -cost cross-entropy -init default -eta 0.1 -epochs 1", "Epoch 0: 9"},
		{strings.Replace(with, ") + 0.1 }", ") }", 1), "check -activation leaning -init default", "wrong"},
	} {
		writeFile(t, changed, []byte(c.code))
		command := exec.Command("go", append([]string{"run", "-overlay", overlay, "."}, strings.Fields(c.args)...)...)
		if out, _ := command.CombinedOutput(); !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %s, want %q", c.args, out, c.want)
		}
	}
}
