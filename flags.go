package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// This file holds the kinds of flags. Each parses straight to what it means,
// and says in its error what it must be.

// A usageError says which flag is wrong, and what it may be.
type usageError string

func (e usageError) Error() string { return string(e) }

// usagef returns a usageError.
func usagef(format string, args ...any) error {
	return usageError(fmt.Sprintf(format, args...))
}

// commandFlags returns an empty set of flags for a command that has its own.
func commandFlags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// readCommand reads the arguments of such a command, flags and words in any
// order, and returns the words; after -- there are words only. For -h it prints
// the help and returns flag.ErrHelp; what is wrong is a usageError.
func readCommand(f *flag.FlagSet, help string, args []string, stderr io.Writer) (words []string, err error) {
	for len(args) > 0 {
		err := f.Parse(args)
		switch end := len(args) - f.NArg(); {
		case errors.Is(err, flag.ErrHelp):
			text, examples, _ := strings.Cut(help, "\nExamples:\n")
			fmt.Fprintf(stderr, "go run . %s %s\n", f.Name(), text)
			f.VisitAll(func(g *flag.Flag) { printFlag(stderr, g) })
			fmt.Fprintf(stderr, "\nExamples:\n%s", examples)
			return nil, err
		case err != nil:
			return nil, usagef("%s: %v", f.Name(), parseError(f, err))
		case f.NArg() == 0 || end > 0 && args[end-1] == "--":
			return append(words, f.Args()...), nil
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
	return words, nil
}

// printFlag prints a flag, what it means and its default.
func printFlag(w io.Writer, f *flag.Flag) {
	usage := f.Usage
	if f.DefValue != "" {
		usage += fmt.Sprintf(" (%s)", f.DefValue)
	}
	fmt.Fprintln(w, wrapped(fmt.Sprintf("  -%-11s %s", f.Name, usage), 15))
}

// parseError returns an error of package flag with the name that an unknown flag
// may have meant.
func parseError(f *flag.FlagSet, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return err
	}
	var known []string
	f.VisitAll(func(g *flag.Flag) { known = append(known, g.Name) })
	return fmt.Errorf("unknown flag -%s%s", name, didYouMean(strings.TrimLeft(name, "-"), known, "-"))
}

// didYouMean returns "; did you mean -epochs?" for a misspelled word, nothing
// where no known word is near.
func didYouMean(word string, known []string, prefix string) string {
	best, least := "", 3
	for _, k := range known {
		d := editDistance(word, k)
		if len(word) > 2 && strings.HasPrefix(k, word) {
			d = min(d, 2)
		}
		if d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s%s?", prefix, best)
}

// editDistance returns the number of letters to insert, delete or replace that
// make a into b (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// helpAsked says whether the first argument asks for help, as package flag has
// it.
func helpAsked(args []string) bool {
	return len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0])
}

type textFlag string

func (t *textFlag) String() string         { return string(*t) }
func (t *textFlag) Set(value string) error { *t = textFlag(value); return nil }

// A variation is one -vary: the values that a flag takes in turn.
type variation struct {
	flag   string
	values []string
}

// varyFlag is the list of variations; each -vary adds one.
type varyFlag []variation

// String returns the variations as -vary takes them.
func (v *varyFlag) String() string {
	var all []string
	for _, x := range *v {
		separator := ","
		if strings.Contains(strings.Join(x.values, ""), ",") {
			separator = ";"
		}
		all = append(all, x.flag+"="+strings.Join(x.values, separator))
	}
	return strings.Join(all, " ")
}

// Set adds FLAG=V1,V2,… or FLAG=V1;V2;….
func (v *varyFlag) Set(value string) error {
	if value == "" {
		return nil
	}
	flag, list, ok := strings.Cut(value, "=")
	separator := ","
	if strings.Contains(list, ";") {
		separator = ";"
	}
	values := strings.Split(list, separator)
	if flag = strings.TrimLeft(flag, "-"); !ok || flag == "" || slices.Contains(values, "") {
		return errors.New("must be a flag and its values, e.g. eta=0.025,0.25,2.5")
	}
	if flag == "sizes" && separator == "," {
		return errors.New("must have ; between the values of sizes, which have commas: 'sizes=784,10;784,30,10'")
	}
	*v = append(*v, variation{flag, values})
	return nil
}

// A boolFlag is true where it is given.
type boolFlag bool

func (b *boolFlag) String() string   { return strconv.FormatBool(b != nil && bool(*b)) }
func (b *boolFlag) IsBoolFlag() bool { return true }

// Set reads a truth value.
func (b *boolFlag) Set(value string) error {
	x, err := strconv.ParseBool(value)
	if err != nil {
		return errors.New("must be true or false")
	}
	*b = boolFlag(x)
	return nil
}

type numberFlag[T int | float64 | uint64] struct {
	p         *T
	low, high T
	open      bool // low itself is not allowed
}

// String returns the number.
func (n *numberFlag[T]) String() string {
	if n.p == nil { // package flag asks a zero Value
		return ""
	}
	return fmt.Sprint(*n.p)
}

// Set reads a decimal number within the limits.
func (n *numberFlag[T]) Set(value string) error {
	var x T
	var err error
	switch p := any(&x).(type) {
	case *int:
		*p, err = strconv.Atoi(value)
	case *uint64:
		*p, err = strconv.ParseUint(value, 10, 64)
	case *float64:
		*p, err = strconv.ParseFloat(value, 64)
	}
	must := "must be"
	if err != nil {
		must = "no number here; it must be"
	}
	switch {
	case err == nil && (x > n.low || x == n.low && !n.open) && x <= n.high:
		*n.p = x
		return nil
	case n.open:
		return fmt.Errorf("%s more than %v, at most %.0f", must, n.low, float64(n.high))
	case float64(n.high) < 1:
		return fmt.Errorf("%s at least %v, less than 1", must, n.low)
	}
	return fmt.Errorf("must be a number from %.0f to %.0f", float64(n.low), float64(n.high))
}

// parseNames returns those rows of a table whose names stand in a
// comma-separated list.
func parseNames[T any](list string, rows []T, name func(T) string) (chosen []T, err error) {
	for _, word := range strings.Split(list, ",") {
		word = strings.TrimSpace(word)
		i := slices.IndexFunc(rows, func(r T) bool { return name(r) == word })
		if i < 0 {
			known := namesOf(rows, name)
			return nil, fmt.Errorf("%q is none of %s%s", word, strings.Join(known, ", "), didYouMean(word, known, ""))
		}
		chosen = append(chosen, rows[i])
	}
	return chosen, nil
}

// namesOf returns the names of the rows of a table.
func namesOf[T any](rows []T, name func(T) string) (list []string) {
	for _, r := range rows {
		list = append(list, name(r))
	}
	return list
}

func sameWord(word string) string { return word }

type modeFlag[T any] struct {
	p    *T
	rows []T
	name func(T) string
}

// String returns the name of the mode.
func (m *modeFlag[T]) String() string {
	if m.p == nil {
		return ""
	}
	return m.name(*m.p)
}

// Set reads the name of one of the rows.
func (m *modeFlag[T]) Set(value string) error {
	chosen, err := parseNames(value, m.rows, m.name)
	if err != nil || len(chosen) != 1 {
		known := namesOf(m.rows, m.name)
		return fmt.Errorf("must be one of %s%s", strings.Join(known, ", "), didYouMean(value, known, ""))
	}
	*m.p = chosen[0]
	return nil
}

type listFlag[T any] struct {
	p    *[]T
	rows []T
	name func(T) string
}

// String returns the comma-separated names.
func (l *listFlag[T]) String() string {
	if l.p == nil {
		return ""
	}
	return strings.Join(namesOf(*l.p, l.name), ",")
}

// Set reads comma-separated names of the rows.
func (l *listFlag[T]) Set(value string) (err error) {
	*l.p, err = parseNames(value, l.rows, l.name)
	return err
}

type digitsFlag []int

// String returns the comma-separated digits, or all.
func (d *digitsFlag) String() string {
	if len(*d) == 0 {
		return "all"
	}
	return strings.Join(namesOf(*d, strconv.Itoa), ",")
}

// Set reads comma-separated digits, or all.
func (d *digitsFlag) Set(value string) error {
	if value == "all" {
		*d = nil
		return nil
	}
	*d = nil
	for _, word := range strings.Split(value, ",") {
		digit, err := strconv.ParseUint(strings.TrimSpace(word), 10, 8)
		if err != nil {
			return fmt.Errorf("%q is none of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, nor the number of another class", word)
		}
		*d = append(*d, int(digit))
	}
	return nil
}

type expandFlag Expansion

func (e *expandFlag) String() string { return Expansion(*e).String() }

// Set reads distortions and their strengths, or none.
func (e *expandFlag) Set(value string) error {
	expansion, err := ParseExpansion(value)
	*e = expandFlag(expansion)
	return err
}

type sizesFlag []int

func (s *sizesFlag) String() string { return strings.Join(namesOf(*s, strconv.Itoa), ",") }

// Set reads the list of network.py: Network, comma-separated.
func (s *sizesFlag) Set(value string) error {
	const most = 1 << 20
	var sizes []int
	if fields := strings.Fields(value); len(fields) > 1 && !strings.Contains(value, ",") {
		return fmt.Errorf("needs commas between the numbers: %s", strings.Join(fields, ","))
	}
	for _, word := range strings.Split(value, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("%q is no number of neurons; it must be a comma-separated list of numbers from 1 to %d", word, most)
		}
		sizes = append(sizes, n)
	}
	if len(sizes) < 2 {
		return errors.New("must have at least an input and an output layer, e.g. 784,10")
	}
	*s = sizes
	return nil
}
