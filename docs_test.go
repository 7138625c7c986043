package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPageOfEquations holds docs/equations.md against the code: a row for each
// of Eqs. 1-58 and BP1-BP4, in order, whose functions and test are declared in
// the files that it links; the test is named after the equation. Twenty rows
// have the star of a misprint.
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
	rows := regexp.MustCompile(`(?m)^\| (\d+|BP\d)(\\\*)? \| (.+?) \| \$(.+)\$ \| (.+) \| (.+) \|$`).FindAllStringSubmatch(string(page), -1)
	if len(rows) != len(want) {
		t.Fatalf("%d equations, want %d", len(rows), len(want))
	}
	stars := 0
	for i, row := range rows {
		if row[1] != want[i] {
			t.Errorf("row %d is equation %s, want %s", i+1, row[1], want[i])
		}
		if row[2] != "" {
			stars++
		}
		test := "TestEq" + row[1]
		if strings.HasPrefix(row[1], "BP") {
			test = "Test" + row[1]
		}
		if !strings.HasPrefix(row[6], "[`"+test+"`]") {
			t.Errorf("equation %s has the test %s, want %s", row[1], row[6], test)
		}
		if !strings.Contains(row[5], "](../") {
			t.Errorf("equation %s has no function: %q", row[1], row[5])
		}
		checkDeclared(t, row[5]+", "+row[6])
	}
	if stars != 20 {
		t.Errorf("%d misprints, want 20", stars)
	}
}

// TestErrataNameAll: docs/errata.md has each of the equations that
// docs/equations.md marks as misprinted, and no other.
func TestErrataNameAll(t *testing.T) {
	page, err := os.ReadFile("docs/equations.md")
	errata, err2 := os.ReadFile("docs/errata.md")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	numbers := func(pattern string, text []byte) (list []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			list = append(list, string(m[1]))
		}
		return list
	}
	want := numbers(`(?m)^\| (\d+)\\\* `, page)
	if got := numbers(`(?m)^\| (\d+) \| `, errata); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("docs/errata.md lists Eqs. %v, want %v", got, want)
	}
}

// link is a name that a page links to a file of the code.
var link = regexp.MustCompile("\\[`([\\w.]+)`\\]\\(\\.\\./(\\w+\\.go)\\)")

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
		pattern := `(?m)^func ` + name + `[(\[]`
		if receiver, method, ok := strings.Cut(name, "."); ok {
			pattern = `(?m)^func \((\w+ )?\*?` + receiver + `\) ` + method + `\(`
		}
		if !regexp.MustCompile(pattern).Match(source) {
			t.Errorf("%s is not declared in %s", name, file)
		}
	}
}

// TestPages: the functions and tests that the other pages link exist, and so
// do the pages and files that they link and the commands that they name.
func TestPages(t *testing.T) {
	for _, name := range []string{"docs/reading.md", "docs/errata.md", "docs/equations.md"} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkDeclared(t, string(page))
		for _, m := range regexp.MustCompile(`\]\((\.\./)?([\w./-]+)\)`).FindAllStringSubmatch(string(page), -1) {
			target := "docs/" + m[2]
			if m[1] != "" {
				target = m[2]
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links %s, which is not there", name, m[0])
			}
		}
		for _, m := range regexp.MustCompile(`(?m)go run \. demo (\w+)`).FindAllStringSubmatch(string(page), -1) {
			if m[1] != "NAME" && !strings.Contains(fmt.Sprint(names(demos, func(d demoRow) string { return d.name })), m[1]) {
				t.Errorf("%s names the demo %s", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`-run '?(Test\w+)'?`).FindAllStringSubmatch(string(page), -1) {
			checkTest(t, name, m[1])
		}
	}
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
