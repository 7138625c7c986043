package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
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

// TestCitations: the doc comment of every function outside the tests begins
// with the function's name and cites the text, and all cited numbers exist:
// Eqs. 1-58 of the article, Eqs. 1-112 of the book's first three chapters,
// BP1-BP4, the article's sections and Figures 1-40. So do those that the pages
// for readers cite.
func TestCitations(t *testing.T) {
	files := token.NewFileSet()
	packages, err := parser.ParseDir(files, ".", func(f fs.FileInfo) bool {
		return !strings.HasSuffix(f.Name(), "_test.go")
	}, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	functions := 0
	for _, file := range packages["main"].Files {
		for _, group := range file.Comments {
			checkNumbers(t, files.Position(group.Pos()), group.Text())
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			functions++
			doc := f.Doc.Text()
			if !strings.HasPrefix(doc, f.Name.Name+" ") {
				t.Errorf("%s: the comment of %s does not begin with its name", files.Position(f.Pos()), f.Name.Name)
			}
			if !citation.MatchString(doc) {
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
