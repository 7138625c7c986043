package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
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
func shortened(s trainingScript, epochs int) trainingScript {
	short := trainingScript{oneProcess: s.oneProcess}
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
		r, err := newRunner(context.Background(), bookSeed, io.Discard).run(shortened(trainingScript{lines: []string{c.line}}, 2))
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
	slow := trainingScript{lines: learningRates.lines[:1]}
	r, err := newRunner(context.Background(), bookSeed, io.Discard).run(shortened(slow, 1))
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
	b := newRunner(context.Background(), bookSeed, io.Discard)
	for _, e := range experiments {
		if !slices.ContainsFunc(e.measurements, func(q measurement) bool { return q.exact }) {
			continue
		}
		r, err := b.run(e.trainingScript)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range e.measurements {
			if v := q.of(r); !q.inRange(v, bookSeed) {
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
	b := newRunner(context.Background(), 5, io.Discard)
	r, err := b.run(trainingScript{[]string{line, line + " -eta 2"}, true})
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
	if err := second.SGD(r[1].sets.training, 2, 10, 2, Run{State: s}); err != nil {
		t.Fatal(err)
	}
	sameNetwork(t, "second run", r[1].net, second)

	alone, err := newRunner(context.Background(), 5, io.Discard).run(trainingScript{lines: []string{line + " -eta 2"}})
	if err != nil {
		t.Fatal(err)
	}
	after, err := b.run(trainingScript{lines: []string{line, line + " -eta 2"}})
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
	r, err := newRunner(context.Background(), 5, io.Discard).run(trainingScript{lines: []string{
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
// parse, and expected ranges that hold what the book's run gave.
func TestExperimentTable(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range allExperiments() {
		if seen[e.name] || !strings.Contains(e.about, "§") || e.seconds < 1 || len(e.measurements) == 0 {
			t.Errorf("experiment %q: %q, %d s, %d quantities", e.name, e.about, e.seconds, len(e.measurements))
		}
		seen[e.name] = true
		for _, line := range e.lines {
			if err := newOptions().read(strings.Fields(line)); err != nil {
				t.Errorf("%s: %s: %v", e.name, line, err)
			}
		}
		for _, q := range e.measurements {
			var book float64
			fmt.Sscan(q.book, &book)
			if q.exact && !q.inRange(book, bookSeed) || q.low > q.high {
				t.Errorf("%s, %s: book's %s, expected %s", e.name, q.what, q.book, q.expectedRange())
			}
		}
	}
	if len(seen) != 26 {
		t.Errorf("%d experiments, want 26", len(seen))
	}
}

// TestListedSeconds: no experiment takes more than three times, or less than a third, of
// the seconds that replay lists, on a machine that is as fast as this one by the first
// of them (NNDL_LONG=1).
func TestListedSeconds(t *testing.T) {
	if !long() {
		t.Skip("minutes; NNDL_LONG=1 runs it")
	}
	scale := 0.0
	for _, e := range experiments {
		begin := time.Now()
		r, err := newRunner(context.Background(), bookSeed, io.Discard).run(e.trainingScript)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range e.measurements {
			q.of(r)
		}
		took, listed := time.Since(begin).Seconds(), float64(e.seconds)
		if scale == 0 {
			scale = took / listed
		}
		t.Logf("%-16s %5.1f s, listed %v", e.name, took, listed)
		if took > 3*listed*scale || took < listed*scale/3 && listed > 2 { // of few seconds much is rounding
			t.Errorf("%s takes %.1f s, replay lists %v, times %.2f on this machine", e.name, took, listed, scale)
		}
	}
}

// TestQuantities reads numbers off a made-up run.
func TestQuantities(t *testing.T) {
	net := NewNetwork([]int{2, 2})
	copy(net.Weights[1].Data, []float64{0, -0.0005, 0.002, -1})
	data := &Data{Height: 1, Width: 1, Images: make([]byte, 200), Labels: make([]byte, 200)}
	r := &trainingResult{net: net, sets: dataSets{training: data, evaluation: data}, seconds: 7,
		four: [4][]float64{nil, {100, 150, 150, 120}, {3, 1, 2, 1.5}, {120, 180, 200, 190, 0, 0, 0, 0, 0, 190}}}
	for _, c := range []struct {
		what string
		of   func(*trainingResult) float64
		want float64
	}{
		{"bestAccuracy", bestAccuracy, 75}, {"bestEpoch", bestEpoch, 1}, {"firstAccuracy", firstAccuracy, 50}, {"lastAccuracy", lastAccuracy, 60},
		{"bestTrainingLead", bestTrainingLead, 25}, {"lastTrainingAccuracy", lastTrainingAccuracy, 95}, {"trainingAccuracyAfter10", trainingAccuracyAfter10, 95}, {"overfittingGap", overfittingGap, 35},
		{"firstTrainingCost", firstTrainingCost, 3}, {"lastTrainingCost", lastTrainingCost, 1.5}, {"lowestTrainingCost", lowestTrainingCost, 1}, {"epochsCostRose", epochsCostRose, 1},
		{"weightsNearZero", weightsNearZero, 50}, {"imagesSaved", imagesSaved, 99.6}, {"timesFewerImages", timesFewerImages, 250}, {"secondsTaken", secondsTaken, 7},
	} {
		if got := c.of(r); got != c.want {
			t.Errorf("%s is %v, want %v", c.what, got, c.want)
		}
	}
	m := measurement{run: secondMinusFirst, value: secondsTaken}
	if got := m.of([]*trainingResult{{seconds: 3}, {seconds: 5}}); got != 2 {
		t.Errorf("the second run less the first is %v, want 2", got)
	}
}

// TestAccuraciesWithout: of two hidden neurons one holds up the right output, the other
// does nothing. 20 choices remove neither, one of the two, or both.
func TestAccuraciesWithout(t *testing.T) {
	net := NewNetwork([]int{1, 2, 10})
	net.Weights[2].Row(0)[0] = 4 // times σ(0) = 1/2
	net.Biases[2][1] = 1
	data := &Data{Height: 1, Width: 1, Images: make([]byte, 30), Labels: make([]byte, 30)}
	r := &trainingResult{net: net, sets: dataSets{evaluation: data}}
	for neurons, want := range []map[float64]bool{{100: true}, {0: true, 100: true}, {0: true}} {
		got := map[float64]bool{}
		accuracies := accuraciesWithout(neurons, r)
		for _, x := range accuracies {
			got[x] = true
		}
		if len(accuracies) != 20 || !maps.Equal(got, want) {
			t.Errorf("%d removed: %v, want 20 of %v", neurons, accuracies, want)
		}
		mean, deviation := meanDeviation(accuracies)
		if a, b := meanWithout(neurons)(r), deviationWithout(neurons)(r); a != mean || b != deviation || (b > 0) != (neurons == 1) {
			t.Errorf("%d removed: %v ± %v, want %v ± %v", neurons, a, b, mean, deviation)
		}
	}
}
