package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplay: an experiment prints its command line and the table, once or for
// several seeds.
func TestReplay(t *testing.T) {
	status, stdout, stderr := runs("replay", "zeros-and-ones")
	for _, want := range []string{"go run . -digits 0,1 ", "article", "here", " 78.8 ", " 4.71 "} {
		if status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("status %d, stdout %q, stderr %q, want %q", status, stdout, stderr, want)
		}
	}
	status, stdout, stderr = runs("replay", "-runs", "2", "-seed", "3", "zeros-and-ones")
	for _, want := range []string{" -seed 3 -runs 2\n", " here: median (least to greatest) ", " 4.71 (4.71 to 4.71) "} {
		if status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("status %d, stdout %q, stderr %q, want %q", status, stdout, stderr, want)
		}
	}
}

// TestOutside: a number outside its expected range is marked, and the status is 1; a
// command line that goes on in the process of the one above says so.
func TestOutside(t *testing.T) {
	old := experiments
	defer func() { experiments = old }()
	experiments = []*experiment{{"tiny", "§3.7", 1, trainingScript{[]string{"-sizes 784,10 -train-size 20 -eval-size 10 -epochs 1", "-sizes 784,10 -train-size 20 -eval-size 10 -epochs 2"}, true}, []measurement{
		{"accuracy", "1", "", 0, lastAccuracy, "%.0f", 0, 100, false},
		{"twice that", "2", "", 0, func(r *trainingResult) float64 { return 101 + lastAccuracy(r) }, "%.0f", 0, 100, false},
	}}}
	status, stdout, stderr := runs("replay", "all")
	if status != 1 || strings.Count(stdout, "<- outside") != 1 || strings.Count(stdout, " -epochs 2   (after the one above, in the same process)\n") != 1 || !strings.Contains(stderr, "1 of 2 numbers lie outside their expected ranges") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestHolds: with the book's seed an exact quantity is the book's number, with
// any other it lies in the expected range.
func TestHolds(t *testing.T) {
	q := measurement{book: "82.27", format: "%.2f", low: 80, high: 84, exact: true}
	for _, c := range []struct {
		v    float64
		seed uint32
		want bool
	}{{82.27, bookSeed, true}, {82.26, bookSeed, false}, {82.26, 1, true}, {79.9, 1, false}, {84.1, 1, false}, {math.NaN(), 1, false}} {
		if got := q.inRange(c.v, c.seed); got != c.want {
			t.Errorf("holds(%v, %d) = %v, want %v", c.v, c.seed, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{4, 1, 2}, 2}, {[]float64{4, 1, 2, 10}, 3}} {
		if got := median(c.x); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

// TestBadCommands: what the commands do not know is wrong usage, status 2.
func TestBadCommands(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"replay first-run nosuch", `no experiment "nosuch"`},
		{"replay -runs 0 all", `invalid value "0" for flag -runs: must be a number from 1 to 10000`},
		{"replay -seed 4294967295 -runs 2 all", "-seed is 4294967295, but must be at most 4294967294 with -runs 2"},
		{"replay -nosuch", "unknown flag -nosuch"},
		{"figure 41", `no figure "41", expected 1 to 40`},
		{"figure 2 zero", `no figure "zero"`},
		{"figure all 41", `no figure "41"`},
		{"replay all nosuch", `no experiment "nosuch"`},
		{"tune now", `unknown argument "now"`},
		{"tune -seed 4294967296", "for flag -seed: must be a number from 0 to 4294967295"},
		{"tune -train-size 9", "for flag -train-size: must be a number from 10 to 5000"},
		{"tune -eval-size 1001", "for flag -eval-size: must be a number from 10 to 1000"},
		{"tune -epochs 0", "for flag -epochs: must be a number from 1 to 100"},
	} {
		status, stdout, stderr := runs(strings.Fields(c.args)...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", c.args, status, stdout, stderr, c.want)
		}
	}
	for _, command := range []string{"figure", "replay", "tune"} {
		if status, _, stderr := runs(command, "-h"); status != 0 || !strings.Contains(stderr, "go run . "+command+" [") {
			t.Errorf("%s -h: status %d, stderr %q", command, status, stderr)
		}
	}
}

// TestListings: without a name replay and figure list what there is.
func TestListings(t *testing.T) {
	status, stdout, _ := runs("replay")
	for _, e := range allExperiments() {
		if status != 0 || !strings.Contains(stdout, e.name+" ") {
			t.Errorf("replay: status %d, %s is not listed", status, e.name)
		}
	}
	status, stdout, _ = runs("figure")
	if status != 0 || strings.Count(stdout, "  fig") != 40 || !strings.Contains(stdout, "24  fig24.svg  ") {
		t.Errorf("figure: status %d, %q", status, stdout)
	}
}

// TestDocumented: docs/experiments.md has a row for every measurement, with the expected range,
// the article's number and the book's as the program has them; where the book's
// run is met exactly, its number stands in the next column, too.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "experiments.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range allExperiments() {
		for _, q := range e.measurements {
			row := fmt.Sprintf("| %s | %s | %s | %s | %s | ", e.name, q.what, q.expectedRange(), q.article, q.book)
			if q.exact {
				row += q.book + " |"
			}
			if !strings.Contains(string(page), row) {
				t.Errorf("docs/experiments.md lacks %q", row)
			}
		}
	}
}

// TestReplayRow: what was not published is a dash, and a number outside its range is
// marked.
func TestReplayRow(t *testing.T) {
	for _, c := range []struct {
		article, book string
		high          float64
		want          string
		outside       int
	}{
		{"", "95.42", 96, "  accuracy\t-\t95.42\t95.50\t95 to 96\n", 0},
		{"95.4", "", 95.4, "  accuracy\t95.4\t-\t95.50\t95 to 95.4\t<- outside\n", 1},
	} {
		q := measurement{what: "accuracy", article: c.article, book: c.book, format: "%.2f", low: 95, high: c.high, value: func(*trainingResult) float64 { return 95.5 }}
		r := &replay{runners: []*runner{{seed: 1}}}
		var out strings.Builder
		if r.row(&out, q, [][]*trainingResult{{nil}}); out.String() != c.want || r.outside != c.outside {
			t.Errorf("%q, %d outside, want %q, %d", out.String(), r.outside, c.want, c.outside)
		}
	}
}
