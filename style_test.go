package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A citation is what ties a function to the text: an equation of the article
// or of the book, a section, a figure, or the Python file that is ported.
var (
	citation    = regexp.MustCompile(`\bEqs?\. \d|\bBP[1-4]|§\d|\bFigures? \d|\b(network|network2|mnist_loader|expand_mnist|mnist_average_darkness|mnist)\.py\b`)
	equation    = regexp.MustCompile(`(book )?Eqs?\. (\d+)((?:(?:, | and |-)\d+)*)`)
	chapter     = regexp.MustCompile(`§(\d+)(?:\.(\d+))?`)
	numeral     = regexp.MustCompile(`\d+`)
	lastSection = map[string]int{"1": 6, "2": 4, "3": 8} // the article's sections
)

// TestCitations: the doc comment of every function outside the tests begins
// with the function's name and cites the text, and all cited numbers exist:
// Eqs. 1-58 of the article, Eqs. 1-112 of the book's first three chapters.
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
	if functions < 50 {
		t.Errorf("%d functions seen, want more", functions)
	}
}

// checkNumbers reports numbers of equations and sections that do not exist.
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
	for _, m := range chapter.FindAllStringSubmatch(text, -1) {
		section, _ := strconv.Atoi(m[2])
		if last, ok := lastSection[m[1]]; !ok || section > last {
			t.Errorf("%v: there is no section %s", at, m[0])
		}
	}
}
