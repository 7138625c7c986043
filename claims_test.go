package main

import (
	"go/token"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A claim is a row of docs/claims.md.
type claim struct {
	says, see, prints, verdict string
	command                    string // go run or go test, with what follows
	slow                       bool   // it takes more than ten seconds
}

// claimCommand is what stands in the second column, where it is no reason.
var claimCommand = regexp.MustCompile("^`(go run \\. ?[^`]*|go test -run '[^']*' [^`]*)`( \\(\\d+ s\\))?$")

// claims returns the rows of docs/claims.md.
func claims(t *testing.T, page string) (rows []claim) {
	t.Helper()
	for _, line := range strings.Split(page, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| the text says") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00"), "|")
		if len(cells) != 4 {
			t.Errorf("%q has %d cells, want 4", line, len(cells))
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
		}
		c := claim{says: cells[0], see: cells[1], prints: cells[2], verdict: cells[3]}
		if m := claimCommand.FindStringSubmatch(c.see); m != nil {
			c.command, c.slow = m[1], m[2] != ""
		}
		rows = append(rows, c)
	}
	return rows
}

// claimsPage returns docs/claims.md.
func claimsPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("docs/claims.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestClaims: each row of docs/claims.md has a command that can be run, and what it
// prints, or a reason why there is none; the tests and functions that it names exist,
// and so do the rows of errata.md.
func TestClaims(t *testing.T) {
	page := claimsPage(t)
	errata, err := os.ReadFile("docs/errata.md")
	if err != nil {
		t.Fatal(err)
	}
	checkDeclared(t, page)
	checkNumbers(t, token.Position{Filename: "docs/claims.md"}, page)
	if bad := privateWords.FindString(page); bad != "" {
		t.Errorf("docs/claims.md: %q is a private word", bad)
	}
	rows := claims(t, page)
	if len(rows) < 100 {
		t.Errorf("%d claims, want 100 or more", len(rows))
	}
	for _, c := range rows {
		switch {
		case c.command == "" && (strings.Contains(c.see, "`") || len(c.see) < 10 || c.prints+c.verdict != ""):
			t.Errorf("%q has neither a command nor a reason: %q", c.says, c.see)
		case c.command == "":
			continue
		case strings.HasPrefix(c.command, "go test"):
			for _, m := range regexp.MustCompile(`\w+`).FindAllString(strings.Split(c.command, "'")[1], -1) {
				checkTest(t, "docs/claims.md", m)
			}
		default:
			if err := checkLine(claimArguments(c.command)); err != nil {
				t.Errorf("docs/claims.md: %s: %v", c.command, err)
			}
		}
		if spans(c.prints) == nil && !c.slow && !strings.Contains(c.command, "-bench") {
			t.Errorf("%q: nothing is looked for in the output of %s", c.says, c.command)
		}
		m := regexp.MustCompile(`^(?:holds|does not: errata)`).FindString(c.verdict)
		if m == "" {
			t.Errorf("%q: it %q, want holds, or does not, with the row of errata.md", c.says, c.verdict)
		}
		for _, e := range regexp.MustCompile(`errata, (?:Eq\. (\d+)|§([\d.]+\d))`).FindAllStringSubmatch(c.verdict, -1) {
			if row := regexp.MustCompile(`(?m)^\| ` + e[1] + e[2] + `(?:, [\d., ]+)? \||\*\*Eq\. ` + e[1] + `\*\*|§` + e[2] + `,`); !row.Match(errata) {
				t.Errorf("%q: docs/errata.md has no row for %s", c.says, e[0])
			}
		}
	}
}

// claimArguments returns the arguments of go run . in a row; quotes are for a shell.
func claimArguments(command string) []string {
	return strings.Fields(strings.ReplaceAll(strings.TrimPrefix(command, "go run ."), "'", ""))
}

// spans returns what stands between backquotes.
func spans(cell string) (list []string) {
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		list = append(list, m[1])
	}
	return list
}

// TestClaimsPrint: what docs/claims.md says that a command prints is in its output,
// whatever the blanks between. Demonstrations, equations and tests are run here, and
// with NNDL_LONG=1 all that takes less than ten seconds.
func TestClaimsPrint(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("js can start no process")
	}
	rows, outputs := claims(t, claimsPage(t)), map[string][]string{} // by words
	tests := testOutput(t, rows)
	for _, c := range rows {
		quick := regexp.MustCompile(`^go run \. (demo|eq|trace|figure) `).MatchString(c.command + " ")
		switch {
		case c.command == "" || c.prints == "" || c.slow:
			continue
		case strings.HasPrefix(c.command, "go test"):
			outputs[c.command] = strings.Fields(" - " + linesOf(tests, strings.Split(c.command, "'")[1]))
		case outputs[c.command] == nil && (quick || long()):
			args := claimArguments(c.command)
			if args[0] == "figure" {
				args = append(args, "-o", t.TempDir())
			}
			begin := time.Now()
			status, stdout, stderr := runs(args...)
			took := time.Since(begin)
			if outputs[c.command] = strings.Fields("- " + stdout + stderr); status != 0 {
				t.Errorf("%s: status %d, want 0; %s", c.command, status, stderr)
			}
			t.Logf("%5.1f s  %s", took.Seconds(), c.command)
		}
		output, ran := strings.Join(outputs[c.command], " "), outputs[c.command] != nil
		for _, want := range spans(c.prints) {
			if ran && !strings.Contains(output, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: %s does not print %q", c.says, c.command, want)
			}
		}
	}
}

// testOutput runs all tests that the rows name, in a process of their own, and
// returns what they log.
func testOutput(t *testing.T, rows []claim) string {
	t.Helper()
	var patterns []string
	for _, c := range rows {
		if strings.HasPrefix(c.command, "go test") && c.prints != "" {
			patterns = append(patterns, strings.Split(c.command, "'")[1])
		}
	}
	slices.Sort(patterns)
	out, err := exec.Command(os.Args[0], "-test.v", "-test.run", strings.Join(slices.Compact(patterns), "|")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// linesOf returns the lines of the tests whose names match.
func linesOf(output, pattern string) string {
	var lines []string
	match, at := regexp.MustCompile(pattern), false
	for _, line := range strings.Split(output, "\n") {
		if name, ok := strings.CutPrefix(line, "=== RUN   "); ok {
			at = match.MatchString(strings.Split(name, "/")[0])
		}
		if at {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
