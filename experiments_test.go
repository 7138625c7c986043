package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The first values of runs that the book published beside those of testdata:
// training costs of multiple_eta.json, accuracies of weight_initialization_30
// .json and of regularized_full.json (MIT, Michael Nielsen).
var (
	publishedSlow        = []float64{0.87809508908377998, 0.67406552530098141}
	publishedDefault     = []float64{9270, 9414, 9470, 9504}
	publishedLarge       = []float64{8643, 9044, 9141, 9231}
	publishedRegularized = []float64{9212, 9341, 9375, 9424}
)

// shortened returns a script with the number of epochs of its lines changed.
func shortened(s script, epochs int) script {
	short := script{oneProcess: s.oneProcess}
	for _, line := range s.lines {
		short.lines = append(short.lines, strings.Replace(line, "-epochs 400", "", 1)+fmt.Sprintf(" -epochs %d", epochs))
	}
	return short
}

// sameCurve compares the beginning of a curve with a published one.
func sameCurve(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) == 0 || len(got) > len(want) {
		t.Fatalf("%s: %d values, want 1 to %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("%s, epoch %d: %v, want %v", what, i, got[i], want[i])
		}
	}
}

// TestCurvesOfTheBook: the lines behind Figures 24-26, 28 and 29 begin as the
// book's runs do, to the last digit; with NNDL_LONG=1 that of η = 0.025 in Figure
// 38 too.
func TestCurvesOfTheBook(t *testing.T) {
	for _, c := range []struct{ file, line string }{{"overfitting.json", overfitting}, {"regularized.json", regularized}} {
		r, err := newLab(bookSeed, io.Discard).run(shortened(script{lines: []string{c.line}}, 2))
		if err != nil {
			t.Fatal(err)
		}
		want := published(t, c.file)
		for list := 1; list < 4; list++ {
			sameCurve(t, fmt.Sprint(c.file, " ", list), r[0].four[list], want[list])
		}
	}
	if !long() {
		return // Figure 38 has all 50,000 images
	}
	slow := script{lines: learningRates.lines[:1]}
	r, err := newLab(bookSeed, io.Discard).run(shortened(slow, 1))
	if err != nil {
		t.Fatal(err)
	}
	sameCurve(t, "η = 0.025", r[0].trainingCost(), publishedSlow)
}

// TestScriptsOfTheBook: a second run in the same process goes on from the
// generators and the order of the first. Its curve in weight_initialization_30
// .json comes out only so; so do the numbers of the experiments that are exact
// (NNDL_LONG=1).
func TestScriptsOfTheBook(t *testing.T) {
	if !long() {
		t.Skip("minutes; NNDL_LONG=1 runs it")
	}
	b := newLab(bookSeed, io.Discard)
	for _, e := range experiments {
		if !slices.ContainsFunc(e.quantities, func(q quantity) bool { return q.exact }) {
			continue
		}
		r, err := b.run(e.script)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range e.quantities {
			if v := q.of(r); !q.holds(v, bookSeed) {
				t.Errorf("%s, %s: "+q.format+", want %s", e.name, q.what, v, q.book)
			}
		}
		switch e.name {
		case "initialization":
			sameCurve(t, "default", r[0].four[1][:4], publishedDefault)
			sameCurve(t, "large", r[1].four[1][:4], publishedLarge)
		case "regularized-full":
			sameCurve(t, e.name, r[0].four[1][:4], publishedRegularized)
		}
	}
}

// TestOneProcess: the second training of a process starts from weights that are
// drawn after the first one's, and shuffles on; without oneProcess it starts
// as if it were alone.
func TestOneProcess(t *testing.T) {
	const line = "-sizes 784,3,10 -train-size 30 -eval-size 10 -epochs 2"
	b := newLab(5, io.Discard)
	r, err := b.run(script{[]string{line, line + " -eta 2"}, true})
	if err != nil {
		t.Fatal(err)
	}
	weights, order := NewNumPyRandom(5), make([]int32, 30)
	NewNetwork([]int{784, 3, 10}).LargeWeights(weights)
	second := NewNetwork([]int{784, 3, 10})
	second.LargeWeights(weights)
	shuffle := NewPythonRandom(5)
	for i := range order {
		order[i] = int32(i)
	}
	for range 4 {
		shuffle.Shuffle(order)
	}
	if !slices.Equal(r[1].state.Order, order) {
		t.Errorf("order %v, want %v", r[1].state.Order, order)
	}
	s := &State{Order: make([]int32, 30), Eta: 2, Shuffle: NewPythonRandom(5)}
	for i := range s.Order {
		s.Order[i] = int32(i)
	}
	s.Shuffle.Shuffle(s.Order)
	s.Shuffle.Shuffle(s.Order)
	if err := second.SGD(&Source{Data: r[1].sets.training}, Hyper{Epochs: 2, Batch: 10, Eta: 2}, s, never); err != nil {
		t.Fatal(err)
	}
	sameNetwork(t, "second run", r[1].net, second)

	alone, err := newLab(5, io.Discard).run(script{lines: []string{line + " -eta 2"}})
	if err != nil {
		t.Fatal(err)
	}
	after, err := b.run(script{lines: []string{line, line + " -eta 2"}})
	if err != nil {
		t.Fatal(err)
	}
	sameNetwork(t, "run alone", after[1].net, alone[0].net)
	if after[0] != r[0] || after[1] == r[1] {
		t.Error("the first run was done twice, or the second not")
	}
}

// TestSavedInScript: a line may load what the one before it has saved, and
// trains a copy.
func TestSavedInScript(t *testing.T) {
	const line = "-sizes 784,10 -train-size 20 -eval-size 10"
	r, err := newLab(5, io.Discard).run(script{lines: []string{
		line + " -epochs 1 -save net.json", line + " -epochs 0 -load net.json", line + " -epochs 1 -load net.json"}})
	if err != nil {
		t.Fatal(err)
	}
	sameNetwork(t, "no more epochs", r[1].net, r[0].net)
	if r[2].net.distance(r[0].net) == 0 {
		t.Error("nothing was learned from the network that was loaded")
	}
	if _, err := os.Stat("net.json"); err == nil {
		t.Error("a file was written")
	}
}

// TestExperimentTable: every experiment has a name of its own, lines that
// parse, and bands that hold what the book's run gave.
func TestExperimentTable(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range experiments {
		if seen[e.name] || !strings.Contains(e.about, "§") || e.seconds < 1 || len(e.quantities) == 0 {
			t.Errorf("experiment %q: %q, %d s, %d quantities", e.name, e.about, e.seconds, len(e.quantities))
		}
		seen[e.name] = true
		for _, line := range e.lines {
			if err := newOptions().read(strings.Fields(line)); err != nil {
				t.Errorf("%s: %s: %v", e.name, line, err)
			}
		}
		for _, q := range e.quantities {
			var book float64
			fmt.Sscan(q.book, &book)
			if q.exact && !q.holds(book, bookSeed) || q.low > q.high {
				t.Errorf("%s, %s: book's %s, band %s", e.name, q.what, q.book, q.band())
			}
		}
	}
	if len(seen) != 23 {
		t.Errorf("%d experiments, want 23", len(seen))
	}
}

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

// TestOutside: a number outside its band is marked, and the status is 1; a
// command line that goes on in the process of the one above says so.
func TestOutside(t *testing.T) {
	old := experiments
	defer func() { experiments = old }()
	experiments = []*experiment{{"tiny", "§3.7", 1, script{[]string{"-sizes 784,10 -train-size 20 -eval-size 10 -epochs 1", "-sizes 784,10 -train-size 20 -eval-size 10 -epochs 2"}, true}, []quantity{
		{"accuracy", "1", "", last(0), "%.0f", 0, 100, false},
		{"twice that", "2", "", func(r []*trained) float64 { return 101 + last(0)(r) }, "%.0f", 0, 100, false},
	}}}
	status, stdout, stderr := runs("replay", "all")
	if status != 1 || strings.Count(stdout, "<- outside") != 1 || strings.Count(stdout, " -epochs 2   (after the one above, in the same process)\n") != 1 || !strings.Contains(stderr, "1 of 2 numbers lie outside their bands") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestHolds: with the book's seed an exact quantity is the book's number, with
// any other it lies in the band.
func TestHolds(t *testing.T) {
	q := quantity{book: "82.27", format: "%.2f", low: 80, high: 84, exact: true}
	for _, c := range []struct {
		v    float64
		seed uint32
		want bool
	}{{82.27, bookSeed, true}, {82.26, bookSeed, false}, {82.26, 1, true}, {79.9, 1, false}, {84.1, 1, false}, {math.NaN(), 1, false}} {
		if got := q.holds(c.v, c.seed); got != c.want {
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

// TestQuantities reads numbers off a made-up run.
func TestQuantities(t *testing.T) {
	net := NewNetwork([]int{2, 2})
	copy(net.Weights[1].Data, []float64{0, -0.0005, 0.002, -1})
	data := &Data{Height: 1, Width: 1, Images: make([]byte, 200), Labels: make([]byte, 200)}
	r := []*trained{{net: net, sets: dataSets{training: data, evaluation: data}, seconds: 7,
		four: [4][]float64{nil, {100, 150, 150, 120}, {3, 1, 2, 1.5}, {120, 180, 200, 190}}}}
	for _, c := range []struct {
		what string
		of   func([]*trained) float64
		want float64
	}{
		{"best", best(0), 75}, {"bestEpoch", bestEpoch(0), 1}, {"first", first(0), 50}, {"last", last(0), 60},
		{"bestTraining", bestTraining(0), 100}, {"lastTraining", lastTraining(0), 95}, {"trainingAt", trainingAt(0, 1), 90}, {"gap", gap(0), 35},
		{"costAt", costAt(0, 2), 2}, {"lastCost", lastCost(0), 1.5}, {"lowest", lowest(0), 1}, {"rises", rises(0), 1},
		{"nearZero", nearZero(0), 50}, {"saved", saved(0), 99.6}, {"fewer", fewer(0), 250}, {"seconds", seconds(0), 7},
	} {
		if got := c.of(r); got != c.want {
			t.Errorf("%s is %v, want %v", c.what, got, c.want)
		}
	}
}

// TestBadCommands: what the commands do not know is wrong usage, status 2.
func TestBadCommands(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"replay first-run nosuch", `no experiment "nosuch"`},
		{"replay -runs 0 all", "-runs is 0, want 1 to 10000"},
		{"replay -seed 4294967295 -runs 2 all", "-seed is 4294967295, want 0 to 4294967294, with -runs 2"},
		{"replay -nosuch", "flag provided but not defined: -nosuch"},
		{"figure 41", `no figure "41", want 1 to 40`},
		{"figure 2 zero", `no figure "zero"`},
		{"figure all 41", `no figure "41"`},
		{"replay all nosuch", `no experiment "nosuch"`},
		{"tune now", `unknown argument "now"`},
		{"tune -seed 4294967296", "-seed is 4294967296, want 0 to 4294967295"},
		{"tune -train-size 9", "-train-size is 9, want 10 to 5000"},
		{"tune -eval-size 1001", "-eval-size is 1001, want 10 to 1000"},
		{"tune -epochs 0", "-epochs is 0, want 1 to 100"},
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
	for _, e := range experiments {
		if status != 0 || !strings.Contains(stdout, e.name+" ") {
			t.Errorf("replay: status %d, %s is not listed", status, e.name)
		}
	}
	status, stdout, _ = runs("figure")
	if status != 0 || strings.Count(stdout, "\n") != 40 || !strings.Contains(stdout, "24  fig24.svg  ") {
		t.Errorf("figure: status %d, %q", status, stdout)
	}
}

// TestDocumented: docs/experiments.md has a row for every quantity, with the band,
// the article's number and the book's as the program has them; where the book's
// run is met exactly, its number stands in the next column, too.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "experiments.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range experiments {
		for _, q := range e.quantities {
			row := fmt.Sprintf("| %s | %s | %s | %s | %s | ", e.name, q.what, q.band(), q.article, q.book)
			if q.exact {
				row += q.book + " |"
			}
			if !strings.Contains(string(page), row) {
				t.Errorf("docs/experiments.md lacks %q", row)
			}
		}
	}
}

// TestLossOfOne: of two hidden neurons one holds up the right output, the other
// does nothing.
func TestLossOfOne(t *testing.T) {
	net := NewNetwork([]int{1, 2, 10})
	net.Weights[2].Row(0)[0] = 4 // times σ(0) = 1/2
	net.Biases[2][1] = 1
	data := &Data{Height: 1, Width: 1, Images: make([]byte, 30), Labels: make([]byte, 30)}
	if got := lossOfOne(0)([]*trained{{net: net, sets: dataSets{evaluation: data}}}); got != 50 {
		t.Errorf("%v points lost, want 50", got)
	}
}
