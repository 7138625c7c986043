package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// This file is the command replay, which runs the article's experiments and
// prints its numbers beside those measured here.

const replayHelp = `[-runs N] [-seed S] [NAME… | all]
    Repeats experiments of the article and prints its numbers, those of the
    book's run where it was published, and those found here. Without a name it
    lists them. A number outside its expected range is marked, and the exit
    status is 1.

Examples:
  go run . replay overfitting
  go run . replay -runs 10 -seed 1 online
  go run . replay all
`

// replayCommand repeats the experiments that are named.
func replayCommand(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("replay")
	runs, seed := 1, uint64(bookSeed)
	f.Var(&numberFlag[int]{&runs, 1, 1e4, false}, "runs", "seeds to repeat each with: median, minimum and maximum")
	f.Var(&numberFlag[uint64]{&seed, 0, math.MaxUint32, false}, "seed", "first of the seeds; the default is the book's")
	names, err := readCommand(f, replayHelp, args, stderr)
	switch {
	case err != nil:
		return err
	case seed+uint64(runs-1) > math.MaxUint32:
		return usagef("-seed is %d, but must be at most %d with -runs %d", seed, int64(math.MaxUint32)-int64(runs)+1, runs)
	case len(names) == 0:
		return listExperiments(stdout)
	}
	chosen, err := namedExperiments(names)
	if err != nil {
		return err
	}
	r := &replay{out: stdout}
	for i := range runs {
		r.runners = append(r.runners, newRunner(ctx, uint32(seed)+uint32(i), stderr))
	}
	for _, e := range chosen {
		if err := r.run(e); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if r.outside > 0 {
		return fmt.Errorf("%d of %d numbers lie outside their expected ranges", r.outside, r.numbers)
	}
	return nil
}

// listExperiments prints the names, and how long each takes.
func listExperiments(w io.Writer) error {
	out := bufio.NewWriter(w)
	total := 0
	for _, e := range experiments {
		fmt.Fprintln(out, wrapped(fmt.Sprintf("%-16s  %4d s  %s", e.name, e.seconds, e.about), 26))
		total += e.seconds
	}
	fmt.Fprintf(out, "%-16s  %4d s  the experiments above\n", "all", total)
	for _, e := range longExperiments {
		fmt.Fprintln(out, wrapped(fmt.Sprintf("%-16s  %4d s  %s", e.name, e.seconds, e.about), 26))
	}
	return out.Flush()
}

// namedExperiments returns the experiments of some names, all of the article's
// for all.
func namedExperiments(names []string) (chosen []*experiment, err error) {
	known := allExperiments()
	for _, name := range names {
		i := slices.IndexFunc(known, func(e *experiment) bool { return e.name == name })
		switch {
		case name == "all":
			chosen = append(chosen, experiments...)
		case i < 0:
			return nil, usagef("no experiment %q%s; replay alone lists them", name, didYouMean(name, namesOf(known, func(e *experiment) string { return e.name }), ""))
		default:
			chosen = append(chosen, known[i])
		}
	}
	return chosen, nil
}

// A replay prints experiments, each done by one runner per seed.
type replay struct {
	out              io.Writer
	runners          []*runner
	numbers, outside int
}

// run does an experiment and prints its table.
func (r *replay) run(e *experiment) error {
	begin := time.Now()
	var runs [][]*trainingResult
	for _, b := range r.runners {
		results, err := b.run(e.trainingScript)
		if err != nil {
			return err
		}
		runs = append(runs, results)
	}
	fmt.Fprintf(r.out, "%s (%s)\n", e.name, e.about)
	for i, times := 0, 1; i < len(e.lines); i, times = i+times, 1 {
		for i+times < len(e.lines) && e.lines[i+times] == e.lines[i] {
			times++
		}
		note := ""
		switch {
		case times > 1 && e.oneProcess:
			note = fmt.Sprintf("   (%d times, one after the other in the same process)", times)
		case i > 0 && e.oneProcess:
			note = "   (after the one above, in the same process)"
		}
		fmt.Fprintf(r.out, "  %s%s\n", r.command(e.lines[i]), note)
	}
	t := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	here := "here"
	if len(r.runners) > 1 {
		here = "here: median (least to greatest)"
	}
	fmt.Fprintf(t, "  \tarticle\tbook's run\t%s\texpected\n", here)
	for _, q := range e.measurements {
		r.row(t, q, runs)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out, "  %.1f s\n\n", time.Since(begin).Seconds())
	return err
}

// command returns the command line that repeats a training.
func (r *replay) command(line string) string {
	words := append([]string{"go run ."}, strings.Fields(line)...)
	if seed := r.runners[0].seed; seed != bookSeed {
		words = append(words, "-seed", strconv.FormatUint(uint64(seed), 10))
	}
	if len(r.runners) > 1 {
		words = append(words, "-runs", strconv.Itoa(len(r.runners)))
	}
	return strings.Join(words, " ")
}

// row prints one number beside the article's and the book's, as the median,
// minimum and maximum of several seeds, and marks it where one of them lies
// outside the range.
func (r *replay) row(w io.Writer, q measurement, runs [][]*trainingResult) {
	var x []float64
	mark := ""
	for i, results := range runs {
		v := q.of(results)
		x = append(x, v)
		if !q.inRange(v, r.runners[i].seed) {
			mark = "\t<- outside"
		}
	}
	r.numbers++
	if mark != "" {
		r.outside++
	}
	here := fmt.Sprintf(q.format, median(x))
	if len(x) > 1 {
		here += fmt.Sprintf(" ("+q.format+" to "+q.format+")", slices.Min(x), slices.Max(x))
	}
	fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s%s\n", q.what, orDash(q.article), orDash(q.book), here, q.expectedRange(), mark)
}

// inRange reports whether a number lies in its range and, where the book's seed
// gives the book's number, is that.
func (q *measurement) inRange(v float64, seed uint32) bool {
	if q.exact && seed == bookSeed && fmt.Sprintf(q.format, v) != q.book {
		return false
	}
	return v >= q.low && v <= q.high
}

// expectedRange returns the limits of a measurement for any seed; a time has none.
func (q *measurement) expectedRange() string {
	if math.IsInf(q.high, 1) {
		return "-"
	}
	return fmt.Sprintf("%v to %v", q.low, q.high)
}

// orDash returns a dash for a number that was not published.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// median returns the middle of x, the mean of the two in the middle where their
// number is even.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
