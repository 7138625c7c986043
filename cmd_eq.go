package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file is the command eq: any equation by the article's number or the book's,
// with what it says, the code that is it, and its test; equations.go is the table of
// them. Eq. 46 is the article's number, book Eq. 93 the online book's.

const eqHelp = `[NUMBER | book NUMBER | BP1-BP4 | WORD] [-latex]
    Shows an equation by the article's number, by the book's, or by a word: the
    formula, what it says, the code that is it, its test, and a command that
    shows it. Without an argument it lists all 62.

Examples:
  go run . eq 46
  go run . eq book 93
  go run . eq cross-entropy
`

// eqCommand shows equations.
func eqCommand(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("eq")
	latex := f.Bool("latex", false, "show the formula in LaTeX, too")
	words, err := readCommand(f, eqHelp, args, stderr)
	if err != nil {
		return err
	}
	table := equationTable()
	if len(words) == 0 {
		for _, e := range table {
			fmt.Fprintln(stdout, wrapped(fmt.Sprintf("%-24s %s", e.names(), readable(e.latex)), 29))
		}
		return nil
	}
	chosen := findEquations(table, strings.ToLower(strings.Join(words, " ")))
	if len(chosen) == 0 {
		return unknownEquation(table, strings.ToLower(strings.Join(words, " ")))
	}
	for i, e := range chosen {
		if i > 0 {
			fmt.Fprintln(stdout)
		}
		if err := e.print(stdout, *latex, len(chosen) <= 4); err != nil {
			return err
		}
	}
	return nil
}

var (
	bookQuery = regexp.MustCompile(`^(?:book ?(?:eqs?\.?)? ?)(\w+)$`)
	ownQuery  = regexp.MustCompile(`^(?:eqs?\.? ?)?(\d+|bp\d)$`)
)

// findEquations returns the equations that a query names: by the book's number, by a
// bare number both that of the article and that of the book, or by a word.
func findEquations(table []equationEntry, query string) (chosen []equationEntry) {
	isBook := func(e equationEntry, number string) bool {
		return slices.Contains(strings.Split(strings.ToLower(e.book), ", "), number)
	}
	for _, e := range table {
		hit := false
		if m := bookQuery.FindStringSubmatch(query); m != nil {
			hit = isBook(e, m[1])
		} else if m := ownQuery.FindStringSubmatch(query); m != nil {
			hit = strings.ToLower(e.number) == m[1] || isBook(e, m[1])
		} else if strings.HasPrefix("backpropagation", query) && len(query) > 3 || query == "bp" {
			hit = strings.HasPrefix(e.number, "BP")
		} else {
			words, plain := e.words(), strings.NewReplacer("-", "", " ", "")
			hit = strings.Contains(words, query) || strings.Contains(plain.Replace(words), plain.Replace(query))
		}
		if hit {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// unknownEquation says what is nearest to a query that names none, by the numbers of
// the article, of the book or of both, or by the words of the sentences.
func unknownEquation(table []equationEntry, query string) error {
	ofBook := bookQuery.FindStringSubmatch(query)
	var number int
	if ofBook != nil {
		fmt.Sscan(ofBook[1], &number)
	} else if m := ownQuery.FindStringSubmatch(query); m != nil {
		fmt.Sscan(m[1], &number)
	}
	if number == 0 {
		var words []string
		for _, e := range table {
			words = append(words, strings.FieldsFunc(strings.ToLower(equationNotes[e.number].says+" "+e.number), func(r rune) bool { return r == ' ' || strings.ContainsRune(".,:;-", r) })...)
		}
		return usagef("no equation has to do with %q%s; eq alone lists all", query, didYouMean(query, words, ""))
	}
	var own, book []int
	for _, e := range table {
		if n, err := strconv.Atoi(e.number); err == nil {
			own = append(own, n)
		}
		for _, word := range strings.Split(e.book, ", ") {
			if n, err := strconv.Atoi(word); err == nil {
				book = append(book, n)
			}
		}
	}
	if ofBook != nil {
		return usagef("the article has no counterpart of the book's Eq. %d; the nearest is book %d (docs/equations.md)", number, nearest(book, number))
	}
	return usagef("no equation %d: the nearest is %d of the article, which has Eqs. 1 to 58, and book %d of the book (docs/equations.md)", number, nearest(own, number), nearest(book, number))
}

// nearest returns the number of a list that is nearest to n.
func nearest(list []int, n int) int {
	return slices.MinFunc(list, func(a, b int) int { return cmp.Compare(max(a-n, n-a), max(b-n, n-b)) })
}

// print shows one equation, with the source of its functions.
func (e equationEntry) print(w io.Writer, latex, sources bool) error {
	fmt.Fprintf(w, "%s\n\n    %s\n\n", e.names(), readable(e.latex))
	if latex {
		fmt.Fprintf(w, "    %s\n\n", e.latex)
	}
	fmt.Fprintf(w, "%s\n\n", equationNotes[e.number].says)
	for _, f := range e.functions {
		source, line := sourceOf(equationSources[f[1]], f[0])
		if source == "" {
			return errors.New(f[1] + ": no function " + f[0])
		}
		fmt.Fprintf(w, "%s:%d  %s\n", f[1], line, f[0])
		if sources {
			fmt.Fprintf(w, "\n    %s\n\n", strings.ReplaceAll(source, "\n", "\n    "))
		}
	}
	fmt.Fprintf(w, "test:     go test -run '^%s$' -v .\ncommand:  go run . %s\n", e.test, equationNotes[e.number].command)
	return nil
}
