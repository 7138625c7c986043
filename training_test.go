package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// long reports whether the tests that take minutes are to run, too.
func long() bool { return os.Getenv("NNDL_LONG") != "" }

// published is a run that the book published: four lists over 400 epochs.
func published(t *testing.T, name string) (curves [4][]float64) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = json.Unmarshal(data, &curves)
	}
	if err != nil {
		t.Fatal(err)
	}
	return curves
}

// TestPublishedRuns: the book's own runs behind Figures 24-26 and 28-29 come
// out digit for digit: every accuracy equal, every cost to 1e-9, that on the test
// data as network2.py has it. The first 12 of the 400 epochs; all with NNDL_LONG=1.
func TestPublishedRuns(t *testing.T) {
	epochs := 12
	if long() {
		epochs = 400
	}
	if testing.Short() {
		epochs = 1
	}
	for _, c := range []struct {
		file, lambda string
		best, epoch  int
	}{
		{"overfitting.json", "0", 8227, 374},
		{"regularized.json", "0.1", 8710, 383},
	} {
		file := filepath.Join(t.TempDir(), "history.json")
		status, _, stderr := runs("-cost", "cross-entropy", "-init", "default,large", "-train-size", "1000", "-eta", "0.5",
			"-lambda", c.lambda, "-epochs", fmt.Sprint(epochs), "-monitor", "network2-cost,accuracy,training-accuracy,training-cost", "-json", file)
		if status != 0 {
			t.Fatal(stderr)
		}
		var got [4][]float64
		data, _ := os.ReadFile(file)
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		want := published(t, c.file)
		for epoch := range epochs {
			for list := range 4 {
				if g, w := got[list][epoch], want[list][epoch]; !(math.Abs(g-w) <= 1e-9) {
					t.Errorf("%s, epoch %d, list %d: %v, want %v", c.file, epoch, list, g, w)
				}
			}
		}
		t.Logf("%s: %d epochs, of four lists each number is the published one; the last: test cost %.6f, test accuracy %v, training cost %.6f, training accuracy %v",
			c.file, epochs, got[0][epochs-1], got[1][epochs-1], got[2][epochs-1], got[3][epochs-1])
		if int(want[1][c.epoch]) != c.best {
			t.Errorf("%s, epoch %d: %v, want %d", c.file, c.epoch, want[1][c.epoch], c.best)
		}
		if len(got[0]) != epochs || len(got[1]) != epochs {
			t.Errorf("%s: %d costs and %d accuracies on evaluation data, want %d", c.file, len(got[0]), len(got[1]), epochs)
		}
	}
}

// TestFullData are the runs of §3.2-§3.7 on all 50,000 images, three seeds
// each (NNDL_LONG=1).
func TestFullData(t *testing.T) {
	if !long() {
		t.Skip("minutes; NNDL_LONG=1 runs it")
	}
	for _, c := range []struct {
		args string
		want float64 // percent, best epoch
	}{
		{"-cost cross-entropy -eta 0.5", 95},
		{"-cost cross-entropy -eta 0.5 -lambda 5", 96},
		{"-sizes 784,100,10 -cost cross-entropy -eta 0.5 -lambda 5 -eval validation", 97.5},
		{"-cost log-likelihood -init default -eta 0.5 -epochs 5", 95},
		{"-digits 0,1 -cost cross-entropy -init default -eta 0.5 -epochs 1", 99.5},
	} {
		for _, seed := range []string{"1", "2", "3"} {
			status, stdout, stderr := runs(append(strings.Fields(c.args), "-seed", seed)...)
			best := 0.0
			for _, m := range regexp.MustCompile(`(?m)^Epoch \d+: (\d+) / (\d+)$`).FindAllStringSubmatch(stdout, -1) {
				var right, of float64
				fmt.Sscan(m[1], &right)
				fmt.Sscan(m[2], &of)
				best = max(best, 100*right/of)
			}
			t.Logf("%s -seed %s: best %.2f", c.args, seed, best)
			if status != 0 || best < c.want {
				t.Errorf("%s -seed %s: best %.2f, want %v; %s", c.args, seed, best, c.want, stderr)
			}
		}
	}
}

// TestHintsLead: a flag of chapter 3 that wrecks the run on the defaults gets a
// hint, and the command line that the hint names learns.
func TestHintsLead(t *testing.T) {
	if !long() {
		t.Skip("set NNDL_LONG=1")
	}
	for _, activation := range []string{"sigmoid", "tanh", "relu"} {
		for _, cost := range []string{"quadratic", "cross-entropy", "log-likelihood"} {
			for _, mu := range []string{"0", "0.9", "0.99"} {
				line := []string{"-activation", activation, "-cost", cost, "-mu", mu, "-epochs", "2"}
				_, stdout, stderr := runs(line...)
				before := lastRight(stdout)
				_, hint, found := strings.Cut(stderr, "Try: go run . ")
				if !found {
					if before < 8500 {
						t.Errorf("%v: %d / 10000 and no hint", line, before)
					}
					continue
				}
				hint, _, _ = strings.Cut(hint, "nndl: ")
				_, stdout, _ = runs(strings.Fields(hint)...)
				t.Logf("%v: %d / 10000; %s: %d", line, before, strings.Join(strings.Fields(hint), " "), lastRight(stdout))
				if lastRight(stdout) < 9000 {
					t.Errorf("%v, then %s: %d / 10000", line, hint, lastRight(stdout))
				}
			}
		}
	}
}

// lastRight returns the number of images that were right at the end.
func lastRight(stdout string) (right int) {
	for _, m := range regexp.MustCompile(`(?m)^Epoch \d+: (\d+) / `).FindAllStringSubmatch(stdout, -1) {
		right, _ = strconv.Atoi(m[1])
	}
	return right
}

// TestHints: a network that does not learn is told why, once.
func TestHints(t *testing.T) {
	layers := regexp.MustCompile(`saturated\s+neurons:\s+\d+\s+%\s+in\s+layer\s+2,\s+\d+\s+%\s+in\s+layer\s+3;`)
	for _, c := range []struct{ args, want string }{
		{"-eta 100", "η = 100 is too large"},
		{"-eta 0.00001", "η = 1e-05 is too small"},
		{"-cost cross-entropy -init default -eta 0.5 -lambda 500", "λ = 500 is too large"},
	} {
		status, _, stderr := runs(append(strings.Fields(c.args), "-epochs", "4", "-train-size", "1000", "-eval-size", "1000")...)
		if status != 0 || strings.Count(stderr, c.want) != 1 || strings.Count(stderr, "near chance") != 1 || !layers.MatchString(stderr) {
			t.Errorf("%s: status %d, stderr %q, want %q", c.args, status, stderr, c.want)
		}
	}
	if _, _, stderr := runs("-epochs", "2", "-train-size", "2000", "-eval-size", "1000"); strings.Contains(stderr, "chance") {
		t.Errorf("a network that learns gets a hint: %s", stderr)
	}
}

// TestFrozen: with η = 100 every output ends at 0 and the cost at 0.5 (§1.6).
func TestFrozen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history.json")
	status, _, stderr := runs("-eta", "100", "-epochs", "2", "-train-size", "5000", "-eval-size", "1000", "-monitor", "cost,training-cost", "-json", file)
	var four [4][]float64
	data, _ := os.ReadFile(file)
	if err := json.Unmarshal(data, &four); err != nil || status != 0 {
		t.Fatal(err, stderr)
	}
	for _, cost := range append(four[0], four[2]...) {
		if !(math.Abs(cost-0.5) <= 1e-6) {
			t.Errorf("cost %v, want 0.5", cost)
		}
	}
}

// TestDivergence: NaN or Inf ends the run with status 1 and advice, and
// nothing saved before is overwritten.
func TestDivergence(t *testing.T) {
	dir := t.TempDir()
	net, checkpoint := filepath.Join(dir, "net.json"), filepath.Join(dir, "checkpoint.json")
	writeFile(t, net, []byte("old"))
	writeFile(t, checkpoint, []byte("old"))
	status, _, stderr := runs("-activation", "relu", "-cost", "cross-entropy", "-eta", "1000000", "-lambda", "1000", "-train-size", "2000", "-eval-size", "100",
		"-save", net, "-checkpoint", checkpoint)
	if status != 1 || !strings.Contains(stderr, "epoch 0: a weight or bias of layer") || !strings.Contains(stderr, "try ") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	for _, name := range []string{net, checkpoint} {
		if data, _ := os.ReadFile(name); string(data) != "old" {
			t.Errorf("%s was overwritten", name)
		}
	}
}

// TestDivergenceFound: whatever is no number any more, the cost or a weight, is
// found where it is scored or saved, with advice, and nothing is written.
func TestDivergenceFound(t *testing.T) {
	dir := t.TempDir()
	name, checkpoint := filepath.Join(dir, "net.json"), filepath.Join(dir, "checkpoint.json")
	net := large([]int{4, 10}, NewNumPyRandom(1))
	net.Weights[1].Data[3] = 1e200 // its square is too large for a number
	if err := net.Save(name); err != nil {
		t.Fatal(err)
	}
	for _, every := range []string{"0", "10"} {
		status, _, stderr := runs("-load", name, "-data", smallSet(t, 60), "-lambda", "1", "-monitor", "cost", "-epochs", "1", "-every", every, "-checkpoint", checkpoint)
		if want := "nndl: epoch 0: Cost on evaluation data is +Inf; η = 3 is too large for this network: try -eta 0.3"; status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("-every %s: status %d, stderr %q, want %q", every, status, stderr, want)
		}
	}
	net.Weights[1].Data[3] = math.NaN()
	training := &Training{Net: net, Data: mnist().test, Hyper: Hyper{Eta: 0.5}, Checkpoint: checkpoint, Progress: &Checkpoint{State: &State{Eta: 0.5}}}
	for _, err := range []error{net.Save(checkpoint), training.saveCheckpoint()} {
		if err == nil || !strings.Contains(err.Error(), "a weight or bias of layer 2 is NaN") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := os.Stat(checkpoint); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a checkpoint is there: %v", err)
	}
}

// TestEarlyStopping: with -stop-after the run ends N epochs after the
// best one on the validation data, and the best network is what is saved.
func TestEarlyStopping(t *testing.T) {
	name := filepath.Join(t.TempDir(), "net.json")
	args := strings.Fields("-cost cross-entropy -init default -train-size 200 -eta 0.5 -epochs 200 -stop-after 4 -eval validation -eval-size 500")
	status, stdout, stderr := runs(append(args, "-save", name)...)
	lines := regexp.MustCompile(`(?m)^Epoch (\d+): (\d+) / 500$`).FindAllStringSubmatch(stdout, -1)
	best, at := -1, 0
	for epoch, line := range lines {
		var right int
		if fmt.Sscan(line[2], &right); right > best {
			best, at = right, epoch
		}
	}
	if status != 0 || len(lines) != at+5 || len(lines) > 150 {
		t.Errorf("status %d: %d epochs, best %d in epoch %d; %s", status, len(lines), best, at, stderr)
	}
	if want := fmt.Sprintf("Best network, epoch %d: %d / 500\n", at, best); !strings.HasSuffix(stdout, want) {
		t.Errorf("stdout ends %q, want %q", stdout[max(0, len(stdout)-60):], want)
	}
	net, err := LoadNetwork(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := net.Accuracy(mnist().validation.Slice(0, 500)); got != best {
		t.Errorf("the saved network has %d right, want %d", got, best)
	}
}

// TestSchedule: η is divided by 2 or 10 when the validation accuracy stops improving, and
// the run ends after so many halvings (§3.7.4). The test data choose nothing.
func TestSchedule(t *testing.T) {
	for _, c := range []struct{ by, etas, end string }{
		{"2", "0.5 0.25 0.125", "η is now 0.0625: lowered 3 times, the run ends\n"},
		{"10", "0.5 0.05 0.005", "η is now 0.0005: lowered 3 times, the run ends\n"},
	} {
		csv := filepath.Join(t.TempDir(), "history.csv")
		args := strings.Fields("-cost cross-entropy -init default -train-size 200 -eval-size 100 -eta 0.5 -epochs 300 -halve-after 2 -halvings 3")
		status, _, stderr := runs(append(args, "-halve-by", c.by, "-csv", csv)...)
		data, _ := os.ReadFile(csv)
		rows := strings.Split(strings.TrimSpace(string(data)), "\n")
		var etas []string
		for _, row := range rows[1:] {
			etas = append(etas, strings.Split(row, ",")[3])
		}
		etas = slices.Compact(etas)
		if status != 0 || len(rows) > 250 || strings.Join(etas, " ") != c.etas || strings.Count(stderr, "the run ends") != 1 || !strings.Contains(stderr, c.end) {
			t.Errorf("by %s: status %d, %d rows, η %v, stderr %q", c.by, status, len(rows)-1, etas, stderr)
		}
	}
}

// TestBinaryEncoding: four outputs train; the default sizes follow (§1.4).
func TestBinaryEncoding(t *testing.T) {
	status, stdout, stderr := runs("-encoding", "binary", "-train-size", "3000", "-eval-size", "500", "-epochs", "3")
	m := regexp.MustCompile(`Epoch 2: (\d+) / 500`).FindStringSubmatch(stdout)
	if status != 0 || m == nil || len(m[1]) < 3 || m[1] < "250" || !strings.Contains(stderr, "[784 30 4]") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestTechniques: each technique trains a small network far above chance.
func TestTechniques(t *testing.T) {
	for _, args := range []string{
		"-cost cross-entropy -eta 0.5", "-cost log-likelihood -eta 0.5", "-activation tanh -cost cross-entropy -eta 0.1",
		"-activation relu -cost cross-entropy -eta 0.1", "-mu 0.5 -cost cross-entropy -eta 0.2", "-dropout 0.5 -cost cross-entropy -eta 0.5",
		"-l1 0.5 -cost cross-entropy -eta 0.5", "-lambda 0.5 -cost cross-entropy -eta 0.5", "-sizes 784,30,20,10 -cost cross-entropy -eta 0.5",
		"-sizes 784,10 -cost cross-entropy -eta 0.2", "-expand shift,rotate,elastic -cost cross-entropy -eta 0.5", "-batch 1 -cost cross-entropy -eta 0.05",
	} {
		status, stdout, stderr := runs(append(strings.Fields(args), "-init", "default", "-train-size", "2000", "-eval-size", "1000", "-epochs", "4")...)
		m := regexp.MustCompile(`Epoch 3: (\d+) / 1000`).FindStringSubmatch(stdout)
		if status != 0 || m == nil || m[1] < "780" {
			t.Errorf("%s: status %d, stdout %q, stderr %q", args, status, stdout, stderr)
		}
	}
}

// column returns a column of a CSV history.
func column(t *testing.T, file, name string) (values []float64) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	at := slices.Index(strings.Split(lines[0], ","), name)
	for _, line := range lines[1:] {
		x, err := strconv.ParseFloat(strings.Split(line, ",")[at], 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, x)
	}
	return values
}

// TestDecidesByValidation: early stopping and the schedule go by the accuracy on
// the validation data of the network as it is used, with the text's rules told
// here once more, whatever is scored; and the best network is the first of the
// best.
func TestDecidesByValidation(t *testing.T) {
	dir := t.TempDir()
	csv, checkpoint := filepath.Join(dir, "h.csv"), filepath.Join(dir, "run.json")
	for _, flags := range []string{"-stop-after 4", "-halve-after 2 -halvings 3", "-stop-after 9 -halve-after 2", "-dropout 0.5 -stop-after 6 -halve-after 3", "-halve-after 2 -halve-by 10 -halvings 3"} {
		args := strings.Fields("-cost cross-entropy -init default -train-size 300 -eta 0.5 -epochs 60 -csv " + csv + " " + flags)
		status, _, stderr := runs(with(args, "-eval", "validation")...)
		if status != 0 {
			t.Fatal(stderr)
		}
		o := newOptions()
		if err := o.read(args); err != nil {
			t.Fatal(err)
		}
		right, etas := column(t, csv, "evaluation_accuracy"), column(t, csv, "eta")
		best, bestEpoch, since, halved, end, eta := -1.0, 0, 0, 0, 60, 0.5
		for epoch := 0; epoch < end; epoch++ {
			if epoch >= len(right) || etas[epoch] != eta {
				t.Fatalf("%s: epoch %d of %d has η %v, want %v", flags, epoch, len(right), etas, eta)
			}
			if right[epoch] > best {
				best, bestEpoch, since = right[epoch], epoch, 0
			} else if since++; o.halveAfter > 0 && since == o.halveAfter {
				eta, halved, since = eta/o.halveBy, halved+1, 0
			}
			if o.stopAfter > 0 && epoch-bestEpoch == o.stopAfter || o.halveAfter > 0 && halved == o.halvings {
				end = epoch + 1
			}
		}
		if len(right) != end {
			t.Errorf("%s: %d epochs, want %d", flags, len(right), end)
		}
		status, _, stderr = runs(with(args, "-checkpoint", checkpoint, "-eval-size", "200")...)
		_, file, err := loadFile(checkpoint)
		if status != 0 || err != nil {
			t.Fatal(stderr, err)
		}
		p := file.Training
		net, err := p.BestNet.network()
		if err != nil {
			t.Fatal(err)
		}
		validation := net.WithoutDropout().Accuracy(mnist().validation)
		if p.Best != int(best) || p.BestEpoch != bestEpoch || validation != p.Best || !slices.Equal(column(t, csv, "eta"), etas) {
			t.Errorf("%s, scored on the test data: best %d in epoch %d, its network %d, want %v in epoch %d; η %v, want %v", flags, p.Best, p.BestEpoch, validation, best, bestEpoch, column(t, csv, "eta"), etas)
		}
	}
}

// TestEvery: -every N scores at the first mini-batch that comes to or passes a
// multiple of N, and after each epoch.
func TestEvery(t *testing.T) {
	csv := filepath.Join(t.TempDir(), "h.csv")
	for _, c := range []struct{ batch, every int }{{7, 20}, {10, 20}, {10, 5}, {1, 13}, {50, 20}, {7, 0}} {
		status, _, stderr := runs(with(quick(t, "2"), "-csv", csv, "-batch", fmt.Sprint(c.batch), "-every", fmt.Sprint(c.every))...)
		if status != 0 {
			t.Fatal(stderr)
		}
		var want []float64
		for range 2 {
			for done, passed := 0, 0; done < 50; {
				done = min(done+c.batch, 50)
				if c.every > 0 && done >= passed+c.every || done == 50 {
					want = append(want, float64(done))
					for c.every > 0 && passed+c.every <= done {
						passed += c.every
					}
				}
			}
		}
		if got := column(t, csv, "examples"); !slices.Equal(got, want) {
			t.Errorf("-batch %d -every %d: scored at %v, want %v", c.batch, c.every, got, want)
		}
	}
}

// TestUsualSettings: a run gets other settings where its η is more than twice the
// usual, or its momentum more than 0.9, or where large weights saturate.
func TestUsualSettings(t *testing.T) {
	net := func(cost *Cost, hidden *Activation, sizes ...int) *Network {
		net := NewNetwork(sizes)
		net.Cost, net.Hidden = cost, hidden
		return net
	}
	deep := net(QuadraticCost, Sigmoid, 784, 30, 10)
	for _, c := range []struct {
		net      *Network
		init     string
		eta, mu  float64
		batch    int
		wantEta  string // "" where the settings are usual
		momentum string
	}{
		{deep, "default", 2, 0, 10, "", ""},
		{deep, "default", 2.1, 0, 10, "1", "0"},
		{deep, "large", 1, 0, 10, "", ""},
		{deep, "large", 1.1, 0, 10, "1", "0"},
		{deep, "numpy,large", 1.1, 0, 10, "1", "0"},
		{deep, "default", 1, 0.5, 10, "", ""},
		{deep, "default", 1.1, 0.5, 10, "0.5", "0.5"},
		{deep, "default", 0.01, 0.99, 10, "0.1", "0.9"},
		{deep, "default", 0.19, 0.9, 10, "", ""},
		{deep, "default", 6, 0, 30, "", ""},
		{deep, "default", 6.1, 0, 100, "3", "0"},
		{deep, "default", 1.1, 0, 5, "0.5", "0"},
		{net(QuadraticCost, Sigmoid, 784, 10), "default", 1.1, 0, 10, "0.5", "0"},
		{net(CrossEntropyCost, Sigmoid, 784, 30, 10), "default", 1, 0, 10, "", ""},
		{net(CrossEntropyCost, Sigmoid, 784, 30, 10), "default", 1.1, 0, 10, "0.5", "0"},
		{net(CrossEntropyCost, Tanh, 784, 30, 10), "default", 0.2, 0, 10, "", ""},
		{net(CrossEntropyCost, Tanh, 784, 30, 10), "large", 0.01, 0, 10, "0.1", "0"},
	} {
		run := &Training{Net: c.net, Hyper: Hyper{Batch: c.batch, Settings: Settings{Mu: c.mu}},
			Progress: &Checkpoint{State: &State{Eta: c.eta}, Flags: map[string]string{"init": c.init}}}
		got := run.usualSettings()
		if got["eta"] != c.wantEta || got["mu"] != c.momentum || len(got) > 0 && got["init"] != "default" {
			t.Errorf("%s, %s, %v neurons, -init %s, η = %v, μ = %v, batch %d: %v, want η %q, μ %q",
				c.net.Cost.Name, c.net.Hidden.Name, c.net.Sizes, c.init, c.eta, c.mu, c.batch, got, c.wantEta, c.momentum)
		}
	}
}

// TestAdvice: each cause of a network that does not learn has its advice, the
// certain ones first.
func TestAdvice(t *testing.T) {
	line := func(changes map[string]string) string { return "go run . -eta " + changes["eta"] }
	for _, c := range []struct {
		brightest             byte
		eta, lambda           float64
		line                  func(map[string]string) string
		chance                bool
		saturated, moved      float64
		want, also, forbidden string
	}{
		{31, 100, 0, line, true, 1, 0, "the brightest pixel of the training images is 31", "", "η"},
		{32, 2, 20, line, true, 1, 0, "λ = 20 is too large", "takes the weights to 0.006 of their size in an epoch (Eq. 46). Try -lambda 2.", ""},
		{32, 2, 14, line, true, 1, 0, "η = 2 is too large: it has driven", "Try -eta 0.2.", ""},
		{32, 4, 0, line, true, 1, 0, "η = 4 is too large for sigmoid neurons", "Try: go run . -eta 1", ""},
		{32, 4, 0, nil, true, 1, 0, "η = 4 is too large: it has driven", "Try -eta 0.4.", ""},
		{32, 2, 0, line, true, 0.9, 0.019, "η = 2 is too small: the weights moved by 0.019 ", "Try -eta 20,", ""},
		{32, 2, 0, line, true, 0.9, 0.02, "strip the problem down", "", ""},
	} {
		run := &Training{Net: NewNetwork([]int{4, 3, 10}), Hyper: Hyper{Batch: 10, Settings: Settings{Lambda: c.lambda}}, Line: c.line,
			Data:     &Data{Height: 2, Width: 2, Images: append(make([]byte, 4*100-1), c.brightest), Labels: make([]byte, 100)},
			Progress: &Checkpoint{State: &State{Eta: c.eta}, Flags: map[string]string{"init": "default"}}}
		run.Net.Cost, run.Net.Hidden = QuadraticCost, Sigmoid
		got := run.adviceFor(c.chance, c.saturated, c.moved)
		if !strings.HasPrefix(got, c.want) || !strings.Contains(got, c.also) || c.forbidden != "" && strings.Contains(got, c.forbidden) {
			t.Errorf("%+v: %q", c, got)
		}
		if c.want == "strip the problem down" {
			if got := run.adviceFor(false, c.saturated, c.moved); got != "" {
				t.Errorf("not at chance and no certain cause: %q", got)
			}
		}
	}
}

// TestFarBelow: an accuracy below 85 % is far below what a network reaches after
// two epochs on 10,000 examples of all digits, and below 50 % after one.
func TestFarBelow(t *testing.T) {
	for _, c := range []struct {
		epoch, n         int
		accuracy, chance float64
		want             bool
	}{
		{1, 10000, 0.84, 0.1, true},
		{2, 50000, 0.5, 0.19, true},
		{0, 10000, 0.84, 0.1, false},
		{1, 9999, 0.84, 0.1, false},
		{1, 10000, 0.85, 0.1, false},
		{1, 10000, 0.87, 0.2, false},
		{1, 10000, 0.86, 0.2, true},
		{0, 10000, 0.52, 0.1, false},
		{0, 10000, 0.5, 0.1, true},
	} {
		run := &Training{Data: &Data{Labels: make([]byte, c.n)}, Progress: &Checkpoint{State: &State{Epoch: c.epoch}}}
		if got := run.farBelow(c.accuracy, c.chance); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestHintsByKind: a hint is given whatever is monitored, after a single epoch, and for
// some of the digits; large mini-batches are named as the cause, and no larger η is
// called smaller.
func TestHintsByKind(t *testing.T) {
	for flags, want := range map[string]string{
		"-epochs 2 -mu 0.9 -monitor cost":      "Try: go run . -init default",
		"-epochs 1 -mu 0.9":                    "Try: go run . -init default",
		"-epochs 2 -mu 0.9 -digits 0,1,2,3,4":  "Try: go run . -init default",
		"-epochs 2 -batch 1000":                "Try -batch 10",
		"-epochs 2 -activation relu -eta 0.03": "weights begin too large for relu neurons",
		"-epochs 2 -train-size 0":              "",
		"-epochs 1 -train-size 0 -digits 0,1":  "",
	} {
		status, _, stderr := runs(append(strings.Fields("-train-size 10000 -eval-size 1000"), strings.Fields(flags)...)...)
		flat := strings.Join(strings.Fields(stderr), " ")
		if hinted := strings.Contains(flat, "accuracy"); status != 0 || hinted != (want != "") || !strings.Contains(flat, want) {
			t.Errorf("%s: status %d, %s, want %q", flags, status, stderr, want)
		}
	}
}

// TestFractionDone: what is done of a training counts epochs and, of the one in hand,
// examples.
func TestFractionDone(t *testing.T) {
	for _, c := range []struct {
		epoch, done int
		want        float64
	}{{0, 0, 0}, {0, 5, 0.125}, {1, 0, 0.25}, {2, 5, 0.625}, {3, 10, 1}} {
		s := &State{Epoch: c.epoch, ExamplesDone: c.done, Order: make([]int32, 10)}
		if got := fractionDone(s, 4); got != c.want {
			t.Errorf("epoch %d, %d of 10 examples, of 4 epochs: %v, want %v", c.epoch, c.done, got, c.want)
		}
	}
}

// TestDecideSchedule: the best network is the first of the best; η is divided after N
// epochs without improvement, and the run stops after N of them, or after so many
// divisions.
func TestDecideSchedule(t *testing.T) {
	for _, c := range []struct {
		right                []int // per epoch
		stop, halve, halving int
		best, epoch, stopped int
		eta                  float64
	}{
		{[]int{5, 6, 6, 7, 7, 7, 7}, 3, 0, 0, 7, 3, 6, 8},
		{[]int{0, 0, 0}, 2, 0, 0, 0, 0, 2, 8},
		{[]int{5, 5, 5, 5, 5}, 0, 2, 2, 5, 0, 4, 2},
		{[]int{5, 5, 6, 6, 6, 6, 6}, 0, 2, 2, 6, 2, 6, 2},
		{[]int{5, 5, 5, 5, 6, 5, 5}, 4, 2, 9, 6, 4, -1, 2},
		{[]int{5, 4, 4, 4}, 0, 0, 0, 0, 0, -1, 8},
	} {
		net, validation := NewNetwork([]int{2, 2}), &Data{Labels: make([]byte, 9)}
		net.Cost = QuadraticCost
		p := &Checkpoint{State: &State{Eta: 8}}
		run := &Training{Net: net, Validation: validation, Progress: p, StopAfter: c.stop, HalveAfter: c.halve, Halvings: c.halving, HalveBy: 2, Log: io.Discard}
		stopped := -1
		for epoch, right := range c.right {
			p.State.Epoch, run.right = epoch, map[*Data]int{validation: right}
			if run.decideSchedule(); p.Stopped {
				stopped = epoch
				break
			}
		}
		if p.Best != c.best || p.BestEpoch != c.epoch || stopped != c.stopped || p.State.Eta != c.eta {
			t.Errorf("%+v: best %d in epoch %d, stopped %d, η %v", c, p.Best, p.BestEpoch, stopped, p.State.Eta)
		}
	}
}
