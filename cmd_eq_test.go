package main

import (
	"strings"
	"testing"
)

// TestFindEquations: each equation is found by the article's number and by each of
// the book's, with its sentence, function, test and command; what is shown is right.
func TestFindEquations(t *testing.T) {
	table := equationTable()
	if len(table) != 62 || len(equationNotes) != 62 {
		t.Fatalf("%d equations, %d sentences, want 62", len(table), len(equationNotes))
	}
	for _, e := range table {
		queries := []string{"eq " + e.number}
		for _, n := range strings.Split(e.book, ", ") {
			if n != "in its text" && !strings.HasPrefix(n, "BP") {
				queries = append(queries, "eq book "+n)
			}
		}
		for _, query := range queries {
			status, stdout, stderr := runs(strings.Fields(query)...)
			for _, want := range []string{e.names(), readable(e.latex), equationNotes[e.number].says, "test:     go test -run '^" + e.test + "$'", "command:  go run . " + equationNotes[e.number].command} {
				if status != 0 || !strings.Contains(stdout, want) {
					t.Errorf("%s: status %d, %s lacks %q", query, status, stdout+stderr, want)
				}
			}
		}
		if words := strings.Fields(equationNotes[e.number].command); checkLine(words) != nil {
			t.Errorf("Eq. %s: go run . %s: %v", e.number, strings.Join(words, " "), checkLine(words))
		}
		if r := readable(e.latex); strings.ContainsAny(r, `\{}$`) {
			t.Errorf("Eq. %s: %s", e.number, r)
		}
	}
	for query, want := range map[string]string{
		"eq 46": "w → (1-ηλ/n)w - η/m Σₓ∂Cₓ/∂w", "eq bp2": "δˡ = ((wˡ⁺¹)ᵀδˡ⁺¹)⊙σ'(zˡ)", "eq cross-entropy": "Eq. 35 (book Eq. 63)",
		"eq 57": "Eq. 31 (book Eq. 57)", "eq book 57 -latex": `\sum_x`, "eq 7": "C = 1/(2n) Σₓ ‖y(x)-a‖²",
	} {
		if status, stdout, stderr := runs(strings.Fields(query)...); status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s: %s%s lacks %q", query, stdout, stderr, want)
		}
	}
	for query, want := range map[string]string{"eq 113": "the nearest is 58 of the article", "eq sofmax": "did you mean softmax?", "eq entrpy": "did you mean entropy?",
		"eq book 50": "the nearest is book 54", "eq book 18": "the nearest is book 17", "eq bp5": "did you mean bp1?"} {
		if status, _, stderr := runs(strings.Fields(query)...); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s lacks %q", query, status, stderr, want)
		}
	}
	if _, stdout, _ := runs("eq"); strings.Count("\n"+stdout, "\nEq. ") != 58 || strings.Count(stdout, "\nBP") != 4 {
		t.Errorf("%s", stdout)
	}
}
