package main

import "testing"

// TestDidYouMean: a word is taken for the nearest flag, at most two letters away, or
// for one that it begins, from three letters on.
func TestDidYouMean(t *testing.T) {
	for _, c := range []struct {
		word  string
		known []string
		want  string
	}{
		{"eopchs", []string{"epochs", "eta"}, "; did you mean -epochs?"},
		{"xpoxhs", []string{"epochs"}, "; did you mean -epochs?"},
		{"xpoxhx", []string{"epochs"}, ""},
		{"epo", []string{"epochs"}, "; did you mean -epochs?"},
		{"ep", []string{"epochs"}, ""},
		{"ab", []string{"mu"}, ""},
		{"lambda2", []string{"lambdas", "lambda"}, "; did you mean -lambdas?"},
	} {
		if got := didYouMean(c.word, c.known, "-"); got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.word, c.known, got, c.want)
		}
	}
}

// TestNumberFlag: a number is taken within its limits; else the error says whether it
// is none and what it must be.
func TestNumberFlag(t *testing.T) {
	var n int
	var x float64
	whole := &numberFlag[int]{&n, 1, 10, false}
	open, part := &numberFlag[float64]{&x, 0, 10, true}, &numberFlag[float64]{&x, 0, 0.5, false}
	for _, c := range []struct {
		set  func(string) error
		text string
		want string // the error; "" where the number is taken
	}{
		{whole.Set, "1", ""},
		{whole.Set, "10", ""},
		{whole.Set, "0", "must be a number from 1 to 10"},
		{whole.Set, "11", "must be a number from 1 to 10"},
		{whole.Set, "2.5", "must be a number from 1 to 10"},
		{open.Set, "0.1", ""},
		{open.Set, "10", ""},
		{open.Set, "0", "must be more than 0, at most 10"},
		{open.Set, "ten", "no number here; it must be more than 0, at most 10"},
		{part.Set, "0", ""},
		{part.Set, "0.6", "must be at least 0, less than 1"},
		{part.Set, "half", "no number here; it must be at least 0, less than 1"},
	} {
		got := ""
		if err := c.set(c.text); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}
