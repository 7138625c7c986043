package main

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTune: on a few images the walk goes through its steps and ends with a
// command line that can be run; no step looks at the test data.
func TestTune(t *testing.T) {
	status, stdout, stderr := runs("tune", "-train-size", "20", "-eval-size", "10", "-epochs", "1")
	if status != 0 {
		t.Fatalf("status %d, %s", status, stderr)
	}
	for _, want := range []string{"Step 1,", "0s and 1s", "-digits 0,1", "Step 2,", "Step 5, all digits, 30 hidden neurons", "η 0.01 ", "-> η ", "λ 1 ", "-> λ "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	last, ok := strings.CutPrefix(lines[len(lines)-1], "go run . ")
	o := newOptions()
	if err := o.read(strings.Fields(last)); !ok || err != nil || o.stopAfter == 0 {
		t.Errorf("recommends %q: %v", last, err)
	}
	if strings.Count(stdout, "-eval validation") != 6 {
		t.Errorf("not every step has -eval validation:\n%s", stdout)
	}
}

// TestSettleEta: the search goes up from 0.01 as long as the cost falls, and
// ends with the last η with which it did.
func TestSettleEta(t *testing.T) {
	var out strings.Builder
	tuner := &tuner{ctx: context.Background(), out: &out, seed: 1, trainSize: 200, evalSize: 50, few: 3, epochs: 3, digits: "0,1", sizes: "784,10"}
	if err := tuner.settleEta(); err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSpace(out.String()), "\n")
	trials := slices.DeleteFunc(all[:len(all)-1], func(line string) bool { return strings.HasPrefix(line, "            right ") })
	for i, line := range trials {
		if falls := strings.HasSuffix(line, ": falls"); falls != (i < len(trials)-1) {
			t.Errorf("trial %d of %d: %s", i, len(trials), line)
		}
	}
	if len(trials) < 2 || !strings.HasPrefix(trials[0], "η 0.01 ") || tuner.eta < 0.01 {
		t.Errorf("eta %v after %d trials", tuner.eta, len(trials))
	}
	chosen, err := tuner.try("accuracy,training-cost")
	if err != nil || !chosen.falls() {
		t.Errorf("with the chosen eta the cost is %v, %v", chosen.cost, err)
	}
}

// TestTrialThatFails: a trial whose weights are no numbers any more is a score,
// not an error: the search goes on without it.
func TestTrialThatFails(t *testing.T) {
	var out strings.Builder
	tuner := &tuner{ctx: context.Background(), out: &out, seed: 1, trainSize: 200, evalSize: 50, epochs: 3, digits: "0,1", sizes: "784,10", eta: 1, lambda: 1e9}
	s, err := tuner.try("accuracy,training-cost")
	if err != nil || !s.failed || s.falls() || s.better(trialScore{}) {
		t.Errorf("score %+v, error %v", s, err)
	}
	tuner.sizes = "784,0"
	if _, err := tuner.try("accuracy,training-cost"); err == nil {
		t.Error("a trial of no network is no error")
	}
}

// TestSettleLambda: the search goes up by tens from 1 while that helps, and
// down only where no λ above 1 helped; no trial reads more images right than
// that of the λ that is kept.
func TestSettleLambda(t *testing.T) {
	trial := regexp.MustCompile(`(?m)^  λ (\S+) +(\d+) / 100 right`)
	for _, c := range []struct {
		eta      float64
		size     int
		up, down bool // whether it keeps a λ above 1, or one between 0 and 1
	}{{0.5, 3000, true, false}, {0.5, 1000, false, false}, {2, 1000, false, true}} {
		var out strings.Builder
		tuner := &tuner{ctx: context.Background(), out: &out, seed: 1, trainSize: c.size, evalSize: 100, epochs: 10, digits: "all", sizes: "784,10", eta: c.eta}
		best, err := tuner.settleLambda()
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), " right, cost "); n == 0 || strings.Count(out.String(), "; at most ") != n {
			t.Errorf("%+v: not each λ says after how many images it was best\n%s", c, &out)
		}
		tried := map[string]bool{}
		for _, m := range trial.FindAllStringSubmatch(out.String(), -1) {
			tried[m[1]] = true
			if right, _ := strconv.Atoi(m[2]); right > best.right {
				t.Errorf("%d right with λ = %s, but %d with %v, which is kept", right, m[1], best.right, tuner.lambda)
			}
		}
		if up, down := tuner.lambda > 1, tuner.lambda > 0 && tuner.lambda < 1; up != c.up || down != c.down {
			t.Errorf("%+v: λ = %v is kept", c, tuner.lambda)
		}
		if !tried["0"] || !tried["1"] || !tried["10"] || tried["100"] != c.up || tried["0.1"] == c.up || tried["0.01"] != c.down {
			t.Errorf("%+v: tried %v", c, tried)
		}
	}
}

// TestScore: the verdict on a curve of costs, and which of two trials the
// validation data prefer.
func TestScore(t *testing.T) {
	for _, c := range []struct {
		s    trialScore
		want string
	}{
		{trialScore{cost: []float64{3, 2, 1}}, "falls"},
		{trialScore{cost: []float64{3, 1, 2}}, "oscillates"},
		{trialScore{cost: []float64{3, 3, 2}}, "oscillates"},
		{trialScore{cost: []float64{3, 5, 4}}, "rises"},
		{trialScore{cost: []float64{3}, failed: true}, "no numbers any more"},
	} {
		if got := c.s.verdict(); got != c.want || c.s.falls() != (got == "falls") {
			t.Errorf("%v: %s, want %s", c.s.cost, got, c.want)
		}
	}
	a := trialScore{right: 90, validationCost: 1}
	for _, c := range []struct {
		s    trialScore
		want bool
	}{
		{trialScore{right: 91, validationCost: 2}, true},
		{trialScore{right: 89, validationCost: 0.5}, false},
		{trialScore{right: 90, validationCost: 0.9}, true},
		{trialScore{right: 90, validationCost: 0.995}, false},
		{trialScore{right: 99, failed: true}, false},
	} {
		if got := c.s.better(a); got != c.want {
			t.Errorf("%+v better: %v, want %v", c.s, got, c.want)
		}
	}
	if !a.better(trialScore{failed: true}) {
		t.Error("a failed trial is preferred")
	}
}

// TestTuneScales: the recommended λ is that of the trials for as many times more
// images, and what the validation data decide by is their cost without the
// regularization term.
func TestTuneScales(t *testing.T) {
	var out bytes.Buffer
	u := tuner{ctx: context.Background(), out: &out, log: io.Discard, seed: 1, sizes: "784,10", digits: "0,1", trainSize: 100, evalSize: 50, epochs: 1, eta: 0.5, lambda: 2}
	s, err := u.try("accuracy")
	if err != nil {
		t.Fatal(err)
	}
	u.recommend(s)
	if want := "-lambda 1e+03 "; !strings.Contains(out.String(), want) {
		t.Errorf("%s, want %q", &out, want)
	}
	o := newOptions()
	if err := o.read(strings.Fields(u.command() + " -epochs 1 -eta 0.5 -lambda 2 -seed 1")); err != nil {
		t.Fatal(err)
	}
	sets, err := o.loadData()
	if err != nil {
		t.Fatal(err)
	}
	net := o.newNetwork(1)
	net.SGD(sets.training, 1, 10, 0.5, Run{Settings: Settings{Lambda: 2}, State: net.NewState(100, 0.5, 0, 1)})
	if want, right := net.TotalCost(sets.evaluation, Settings{}, 100); s.validationCost != want || s.right != right {
		t.Errorf("cost %v, %d right, want %v, %d", s.validationCost, s.right, want, right)
	}
}

// TestJoined: costs are printed with three digits.
func TestJoined(t *testing.T) {
	if got := joined([]float64{3, 2.5, 1.2345}); got != "3 2.5 1.23" {
		t.Error(got)
	}
}

// TestTuneExamples: of two classes only their examples are tried.
func TestTuneExamples(t *testing.T) {
	d := &Data{Height: 1, Width: 1, Images: make([]byte, 6), Labels: []byte{0, 7, 3, 7, 1, 3}}
	u := &tuner{digits: "3,7", all: &dataSets{training: d, validation: d, evaluation: d}}
	training, evaluation := u.examples()
	if want := []byte{7, 3, 7, 3}; !slices.Equal(training.Labels, want) || !slices.Equal(evaluation.Labels, want) {
		t.Errorf("%v and %v, want %v", training.Labels, evaluation.Labels, want)
	}
}
