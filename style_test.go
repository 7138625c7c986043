package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A citation is what ties a function to the text: an equation of the article
// or of the book, a section, a figure, or the Python file that is ported.
var (
	citation    = regexp.MustCompile(`\bEqs?\. \d|\bBP[1-4]|§\d|\bFigures? \d|\b(network|network2|mnist_loader|expand_mnist|mnist_average_darkness|mnist)\.py\b`)
	equation    = regexp.MustCompile(`(book )?Eqs?\. (\d+)((?:(?:, | and |-)\d+)*)`)
	both        = regexp.MustCompile(`(book )?Eqs?\. (\d+(?:(?:, | and |-)\d+)*)(?: \(|; )book Eqs?\. (\d+(?:(?:, | and |-)\d+)*)`)
	one         = regexp.MustCompile(`\bEq\. \d+(?:, | and |-)\d`) // of several
	chapter     = regexp.MustCompile(`§(\d+(?:\.\d+)*)`)
	anyFigure   = regexp.MustCompile(`\bFig(?:ure)?s?\.? (\d+(?:(?:, | and |-)\d+)*)`)
	fundamental = regexp.MustCompile(`\bBP\d+`)
	numeral     = regexp.MustCompile(`\d+`)
	sections    = strings.Fields("1 1.1 1.2 1.3 1.4 1.5 1.6 2 2.1 2.2 2.3 2.4 3 3.1 3.2 3.3 3.4 3.5 3.5.1 3.5.1.1 3.5.1.2 " +
		"3.6 3.7 3.7.1 3.7.2 3.7.3 3.7.4 3.7.5 3.7.6 3.8 3.8.1") // of the article
)

// textFiles are the files in which every function cites the text, except
// helpers.
var textFiles = []string{"network.go", "backprop.go", "cost.go", "matrix.go", "neuron.go", "expand.go"}

// whoseNumbers is what the head of a file says that cites equations.
var whoseNumbers = regexp.MustCompile(`Eq\. \d+ is the article's number`)

// goFiles returns the names of the Go files: those of the program, and with
// tests those of the tests, too.
func goFiles(t *testing.T, tests bool) (names []string) {
	t.Helper()
	all, err := filepath.Glob("*.go")
	if err != nil || len(all) < 50 {
		t.Fatalf("%d Go files, %v", len(all), err)
	}
	for _, name := range all {
		if tests || !strings.HasSuffix(name, "_test.go") {
			names = append(names, name)
		}
	}
	return names
}

// privateWords are words of earlier versions that only their author knew, and
// turns of phrase that style excludes, as whole words of code, comments and
// pages.
var privateWords = regexp.MustCompile(`\b(?i:easel|crew|inked|RememberInk|weighed|brokenOff|shewn|lanes|intoPanel|outOfPanel|` +
	`adopt|adopts|claims? a row|so many epochs|an example a row|a comma joins)\b`)

// TestWords: the standard terms of the field stand in the code and the pages.
func TestWords(t *testing.T) {
	for _, name := range append(goFiles(t, true), pages...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if bad := privateWords.FindString(line); bad != "" && name != "style_test.go" {
				t.Errorf("%s:%d: %q is a private word", name, i+1, bad)
			}
		}
	}
}

// helper matches functions that read or write a value's name.
var helper = regexp.MustCompile(`^(String|Parse\w+)$`)

// TestCitations: the doc comment of every function of the text cites it, a file
// that uses equation numbers says whose they are, and all cited numbers exist:
// Eqs. 1-58 of the article, Eqs. 1-112 of the book's first three chapters,
// BP1-BP4, the article's sections and Figures 1-40. So do those that the pages
// for readers cite.
func TestCitations(t *testing.T) {
	files := token.NewFileSet()
	functions := 0
	for _, name := range goFiles(t, false) {
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, group := range file.Comments {
			checkNumbers(t, files.Position(group.Pos()), group.Text())
			text += strings.ReplaceAll(group.Text(), "\n", " ") + "\n"
		}
		if equation.MatchString(text) && !whoseNumbers.MatchString(text) {
			t.Errorf("%s uses equation numbers, but its head does not say whose they are: %v", name, whoseNumbers)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			functions++
			doc := f.Doc.Text()
			oneLine := f.Body != nil && files.Position(f.Pos()).Line == files.Position(f.End()).Line
			if !strings.HasPrefix(doc, f.Name.Name+" ") && !(oneLine && doc == "") {
				t.Errorf("%s: the comment of %s does not begin with its name", files.Position(f.Pos()), f.Name.Name)
			}
			if slices.Contains(textFiles, name) && !citation.MatchString(doc) && !helper.MatchString(f.Name.Name) {
				t.Errorf("%s: the comment of %s cites nothing", files.Position(f.Pos()), f.Name.Name)
			}
		}
	}
	for _, name := range pages {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkNumbers(t, token.Position{Filename: name}, string(page))
	}
	if functions < 50 {
		t.Errorf("%d functions seen, want more", functions)
	}
}

// checkNumbers reports numbers of equations, sections and figures that do not
// exist, and equations of the book that are not the article's beside them.
func checkNumbers(t *testing.T, at token.Position, text string) {
	text = strings.ReplaceAll(text, "\n", " ")
	for _, m := range equation.FindAllStringSubmatch(text, -1) {
		last := 58
		if m[1] != "" {
			last = 112
		}
		for _, n := range numeral.FindAllString(m[2]+m[3], -1) {
			if n, _ := strconv.Atoi(n); n < 1 || n > last {
				t.Errorf("%v: there is no %s", at, m[0])
			}
		}
	}
	for _, m := range both.FindAllStringSubmatch(text, -1) {
		if m[1] == "" && !sameEquations(numbersIn(m[2]), numbersIn(m[3])) {
			t.Errorf("%v: %s are not the same equations", at, m[0])
		}
	}
	for _, m := range chapter.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(sections, m[1]) {
			t.Errorf("%v: there is no section %s", at, m[0])
		}
	}
	for _, m := range anyFigure.FindAllStringSubmatch(text, -1) {
		for _, n := range numeral.FindAllString(m[1], -1) {
			if n, _ := strconv.Atoi(n); n < 1 || n > 40 {
				t.Errorf("%v: there is no %s", at, m[0])
			}
		}
	}
	for _, name := range fundamental.FindAllString(text, -1) {
		if !strings.Contains("BP1 BP2 BP3 BP4", name) {
			t.Errorf("%v: there is no %s", at, name)
		}
	}
	if bad := one.FindString(text); bad != "" {
		t.Errorf("%v: %q names several equations, want Eqs.", at, bad)
	}
}

// sameEquations says whether all those numbers of the book belong to those of
// the article.
func sameEquations(article, book []string) bool {
	var want []string
	for _, n := range article {
		if n, _ := strconv.Atoi(n); n >= 1 && n <= len(bookNumbers) {
			want = append(want, strings.Split(bookNumbers[n-1], ", ")...)
		}
	}
	return !slices.ContainsFunc(book, func(n string) bool { return !slices.Contains(want, n) })
}
