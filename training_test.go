package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
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
// out digit for digit: every accuracy equal, every training cost to 1e-9. The
// first 12 of the 400 epochs; all with NNDL_LONG=1.
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
			"-lambda", c.lambda, "-epochs", fmt.Sprint(epochs), "-monitor", "accuracy,training-accuracy,training-cost", "-json", file)
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
			for _, list := range []int{1, 2, 3} {
				if g, w := got[list][epoch], want[list][epoch]; !(math.Abs(g-w) <= 1e-9) {
					t.Errorf("%s, epoch %d, list %d: %v, want %v", c.file, epoch, list, g, w)
				}
			}
		}
		if int(want[1][c.epoch]) != c.best {
			t.Errorf("%s, epoch %d: %v, want %d", c.file, c.epoch, want[1][c.epoch], c.best)
		}
		if len(got[0]) != 0 || len(got[1]) != epochs {
			t.Errorf("%s: %d costs and %d accuracies on evaluation data, want 0 and %d", c.file, len(got[0]), len(got[1]), epochs)
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

// breaker is a stdout that interrupts the training when it has got so many
// writes, as Ctrl-C would.
type breaker struct {
	io.Writer
	after int
}

// Write passes on what it gets.
func (b *breaker) Write(p []byte) (int, error) {
	if b.after--; b.after == 0 {
		interrupted.Store(true)
	}
	return b.Writer.Write(p)
}

// everything has all that a checkpoint must keep switched on.
const everything = "-sizes 784,12,10 -cost cross-entropy -init default -train-size 400 -eval-size 100 -eta 0.4 -mu 0.4 -dropout 0.25 -lambda 0.5 -l1 0.1 " +
	"-expand shift,rotate -every 170 -halve-after 1 -stop-after 6 -epochs 6 -monitor accuracy,cost,weight-length"

// TestResume: interrupted at any moment and resumed, as often as it may be, a
// run ends with the same bits as one that was not, with every technique on.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	args := func(name string) []string {
		return append(strings.Fields(everything), "-save", filepath.Join(dir, name+".json"), "-csv", filepath.Join(dir, name+".csv"))
	}
	if status, _, stderr := runs(args("whole")...); status != 0 {
		t.Fatal(stderr)
	}
	want, _ := os.ReadFile(filepath.Join(dir, "whole.json"))
	wantCSV, _ := os.ReadFile(filepath.Join(dir, "whole.csv"))
	for _, after := range []int{2, 3, 5, 9} {
		name := fmt.Sprint("after", after)
		checkpoint := filepath.Join(dir, name+".checkpoint")
		var out, errs bytes.Buffer
		next := append(args(name), "-checkpoint", checkpoint)
		interruptions := 0
		for {
			status := run(next, strings.NewReader(""), &breaker{&out, after}, &errs)
			if status == 0 {
				break
			}
			if status != 130 || !strings.Contains(errs.String(), "go on with: go run . -resume "+checkpoint) {
				t.Fatalf("status %d, %s", status, &errs)
			}
			interrupted.Store(false)
			interruptions++
			next = []string{"-resume", checkpoint, "-save", filepath.Join(dir, name+".json"), "-csv", filepath.Join(dir, name+".csv")}
		}
		got, _ := os.ReadFile(filepath.Join(dir, name+".json"))
		gotCSV, _ := os.ReadFile(filepath.Join(dir, name+".csv"))
		if interruptions == 0 || !bytes.Equal(got, want) || !bytes.Equal(gotCSV, wantCSV) {
			t.Errorf("after %d lines: %d interruptions, same network %v, same history %v", after, interruptions, bytes.Equal(got, want), bytes.Equal(gotCSV, wantCSV))
		}
	}
	interrupted.Store(false)
}

// TestResumeRefuses: a checkpoint of other hyper-parameters is refused, and
// the difference named; a network is no checkpoint.
func TestResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	checkpoint, net := filepath.Join(dir, "checkpoint.json"), filepath.Join(dir, "net.json")
	status, _, stderr := runs("-train-size", "100", "-eval-size", "100", "-epochs", "1", "-eta", "0.5", "-checkpoint", checkpoint, "-save", net)
	if status != 0 {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-resume " + checkpoint + " -eta 3", "-eta is 3, but " + checkpoint + " was made with -eta 0.5", 2},
		{"-resume " + checkpoint + " -sizes 784,20,10", "was made with -sizes 784,30,10", 2},
		{"-resume " + checkpoint + " -mu 0.5", "was made with -mu 0", 2},
		{"-resume " + checkpoint + " -seed 7", "was made with -seed 12345678", 2},
		{"-resume " + checkpoint + " -load " + net, "give one of them", 2},
		{"-resume " + net, "a network, but no checkpoint", 1},
		{"-resume " + checkpoint + " -runs 2", "goes with none of", 2},
		{"-load " + net + " -sizes 784,20,10", "was made with -sizes 784,30,10", 2},
		{"-load " + filepath.Join(dir, "none.json"), "none.json: no such file", 1},
	} {
		status, stdout, stderr := runs(strings.Fields(c.args)...)
		if status != c.status || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", c.args, status, stdout, stderr, c.want)
		}
	}
	status, stdout, stderr := runs("-resume", checkpoint, "-epochs", "2")
	if status != 0 || !strings.HasPrefix(stdout, "Epoch 1: ") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("one more epoch: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestSaveLoad: a network survives its file bit for bit, with every cost,
// activation and encoding.
func TestSaveLoad(t *testing.T) {
	random := NewNumPyRandom(1)
	for _, cost := range costs {
		for _, hidden := range activations {
			for _, encoding := range encodings {
				net := large([]int{5, 4, encoding.Outputs}, random)
				net.Cost, net.Hidden, net.Encoding = cost, hidden, encoding
				net.Weights[1].Data[0] = 5e-324
				net.Weights[1].Data[1] = -math.MaxFloat64
				name := filepath.Join(t.TempDir(), "net.json")
				if err := net.Save(name); err != nil {
					t.Fatal(err)
				}
				got, err := LoadNetwork(name)
				if err != nil {
					t.Fatal(err)
				}
				sameNetwork(t, name, got, net)
				if got.Cost != cost || got.Hidden != hidden || got.Encoding != encoding {
					t.Errorf("%s, %s, %s come back as %s, %s, %s", cost.Name, hidden.Name, encoding.Name, got.Cost.Name, got.Hidden.Name, got.Encoding.Name)
				}
			}
		}
	}
}

// TestNetwork2File: a network that network2.py saved loads here and gives the
// outputs that network2.py printed.
func TestNetwork2File(t *testing.T) {
	net, err := LoadNetwork(filepath.Join("testdata", "network2.json"))
	if err != nil {
		t.Fatal(err)
	}
	a := net.Feedforward(&Matrix{Rows: 1, Cols: 5, Data: []float64{0.1, 0.2, 0.3, 0.4, 0.5}})
	for j, want := range []float64{0.3175951841090402, 0.5271555690080396, 0.5560892544975229} {
		if !(math.Abs(a.Data[j]-want) <= 1e-12) {
			t.Errorf("output %d = %v, want %v", j, a.Data[j], want)
		}
	}
	if net.Cost != CrossEntropyCost {
		t.Errorf("cost %s, want the cross-entropy", net.Cost.Name)
	}
}

// TestNamedModes: a file may also name what is meant where it names nothing.
func TestNamedModes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "net.json")
	writeFile(t, name, []byte(`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[3]]], "cost": "QuadraticCost", "activation": "sigmoid", "encoding": "unit"}`))
	net, err := LoadNetwork(name)
	if err != nil || net.Hidden != Sigmoid || net.Encoding != Unit || net.Cost != QuadraticCost {
		t.Errorf("network %+v, error %v", net, err)
	}
}

// TestWriteWhole: a write that fails leaves the old file and nothing else, a
// link stays one, and what is no regular file is written to.
func TestWriteWhole(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	writeFile(t, file, []byte("old"))
	err := writeWhole(file, func(w io.Writer) error {
		io.WriteString(w, "half")
		return errors.New("no more")
	})
	if got, _ := os.ReadFile(file); err == nil || err.Error() != "write "+file+": no more" || string(got) != "old" {
		t.Errorf("error %v, the file holds %q", err, got)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("the failed write leaves %v", names)
	}
	whole := func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	}
	if os.Symlink("file", link) == nil { // some systems have none
		err := writeWhole(link, whole)
		got, _ := os.ReadFile(file)
		if target, _ := os.Readlink(link); err != nil || target != "file" || string(got) != "new" {
			t.Errorf("by a link to %q: error %v, the file holds %q", target, err, got)
		}
	}
	called := false
	if err := writeWhole(os.DevNull, func(io.Writer) error { called = true; return nil }); err != nil || !called {
		t.Errorf("%s: error %v, written to: %v", os.DevNull, err, called)
	}
}

// TestBadNetworks: each hostile file is one clear error, in bounded memory.
func TestBadNetworks(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{``, "unexpected EOF"},
		{`{"sizes": [2, 3`, "unexpected EOF"},
		{`[]`, "cannot unmarshal array"},
		{`{}`, `"sizes" is [], want at least two layers`},
		{`{"sizes": [2]}`, "want at least two layers"},
		{`{"sizes": [2, 1]}`, `"weights" 0`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "cost": "QuadraticCost"}`, `"biases" 0`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]]}`, `"cost" is ""`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "AbsoluteCost"}`, `"cost" is "AbsoluteCost", want`},
		{`{"sizes": [2, 1], "weights": [[[1, 2, 3]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "neuron 1 of layer 2 has 3 weights and 1 biases, want 2 and 1"},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1, 2]]], "cost": "QuadraticCost"}`, "2 biases"},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[1]], "cost": "QuadraticCost"}`, "cannot unmarshal number"},
		{`{"sizes": [2, 2], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "layer 2 has 2 neurons, but not as many rows"},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1], [2]]], "cost": "QuadraticCost"}`, "layer 2 has 1 neurons, but not as many rows"},
		{`{"sizes": [0, 1], "weights": [[[]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "layer 1 has 0 neurons"},
		{`{"sizes": [-2, 1], "weights": [[[]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "layer 1 has -2 neurons"},
		{`{"sizes": [1000000000, 1000000000], "weights": [[]], "biases": [[]], "cost": "QuadraticCost"}`, "not as many rows"},
		{`{"sizes": [2, 1], "weights": [[[1, NaN]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "invalid character 'N'"},
		{`{"sizes": [2, 1], "weights": [[[1, null]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "null is no number"},
		{`{"sizes": [2, 1], "weights": [[[1, 1e400]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "1e400 is no number of float64"},
		{`{"sizes": [2, 1], "weights": [[[1, "2"]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, `"2" is no number`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost", "activation": "step"}`, `"activation" is "step"`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost", "encoding": "gray"}`, `"encoding" is "gray"`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost", "training": {}}`, `"training" lacks its state`},
		{`{"sizes": ` + strings.Repeat("[", 1<<20), "exceeded max depth"},
	} {
		name := filepath.Join(t.TempDir(), "net.json")
		writeFile(t, name, []byte(c.file))
		status, stdout, stderr := runs("-load", name)
		if status != 1 || stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, name) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%.60s: status %d, stderr %q, want %q", c.file, status, stderr, c.want)
		}
	}
}

// TestHugeFile: a file of 3 GB of nesting ends early.
func TestHugeFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "net.json")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"sizes": [`)
	f.Truncate(3 << 30) // a hole: zeros that take no room
	f.Close()
	if _, err := LoadNetwork(name); err == nil || !strings.Contains(err.Error(), "invalid character") {
		t.Errorf("error %v", err)
	}
}

// TestHints: a network that does not learn is told why, once.
func TestHints(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-eta 100", "η = 100 is too large"},
		{"-eta 0.00001", "η = 1e-05 is too small"},
		{"-cost cross-entropy -init default -eta 0.5 -lambda 500", "λ = 500 is too large"},
	} {
		status, _, stderr := runs(append(strings.Fields(c.args), "-epochs", "4", "-train-size", "1000", "-eval-size", "1000")...)
		if status != 0 || strings.Count(stderr, c.want) != 1 || strings.Count(stderr, "near chance") != 1 || !strings.Contains(stderr, "saturated neurons: ") {
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

// TestEarlyStopping: with -stop-after the run ends so many epochs after the
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

// TestSchedule: η is halved when the validation accuracy stops improving, and
// the run ends after so many halvings (§3.7.4). The test data choose nothing.
func TestSchedule(t *testing.T) {
	csv := filepath.Join(t.TempDir(), "history.csv")
	args := strings.Fields("-cost cross-entropy -init default -train-size 200 -eval-size 100 -eta 0.5 -epochs 300 -halve-after 2 -halvings 3")
	status, _, stderr := runs(append(args, "-csv", csv)...)
	data, _ := os.ReadFile(csv)
	rows := strings.Split(strings.TrimSpace(string(data)), "\n")
	etas := map[string]bool{}
	for _, row := range rows[1:] {
		etas[strings.Split(row, ",")[3]] = true
	}
	if status != 0 || len(rows) > 250 || len(etas) != 3 || !etas["0.5"] || !etas["0.25"] || !etas["0.125"] {
		t.Errorf("status %d, %d rows, η %v, stderr %q", status, len(rows)-1, etas, stderr)
	}
}

// TestHistories: the table has a row an epoch, -every more; the lists have
// network2.py's order; the curves are well-formed.
func TestHistories(t *testing.T) {
	dir := t.TempDir()
	csv, lists, svg := filepath.Join(dir, "h.csv"), filepath.Join(dir, "h.json"), filepath.Join(dir, "h.svg")
	status, stdout, stderr := runs("-train-size", "300", "-eval-size", "100", "-epochs", "2", "-every", "100",
		"-monitor", "accuracy,cost,training-cost,training-accuracy,weight-length", "-csv", csv, "-json", lists, "-plot", svg)
	if status != 0 {
		t.Fatal(stderr)
	}
	data, _ := os.ReadFile(csv)
	rows := strings.Split(strings.TrimSpace(string(data)), "\n")
	if rows[0] != "seed,epoch,examples,eta,evaluation_cost,evaluation_accuracy,training_cost,training_accuracy,weight_length" || len(rows) != 7 ||
		!strings.HasPrefix(rows[1], "12345678,0,100,3,") || !strings.HasPrefix(rows[6], "12345678,1,300,3,") {
		t.Errorf("CSV: %s", data)
	}
	var four [4][]float64
	data, _ = os.ReadFile(lists)
	if err := json.Unmarshal(data, &four); err != nil || len(four[0]) != 6 || len(four[3]) != 6 || four[1][5] != math.Trunc(four[1][5]) {
		t.Errorf("lists: %v, %s", err, data)
	}
	data, _ = os.ReadFile(svg)
	checkSVG(t, data)
	for _, want := range []string{"Epoch 0, 100 examples: ", "\nEpoch 1: ", "\nCost on training data: ", "\nAccuracy on training data: ", " / 300\n", "\nLength of the weight vector: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("stdout %q lacks %q", stdout, want)
		}
	}
}

// TestRuns: -runs repeats with the seeds that follow, and prints mean ±
// standard deviation.
func TestRuns(t *testing.T) {
	args := strings.Fields("-train-size 200 -eval-size 100 -epochs 2")
	status, stdout, stderr := runs(append(args, "-seed", "5", "-runs", "2")...)
	_, fifth, _ := runs(append(args, "-seed", "5")...)
	_, sixth, _ := runs(append(args, "-seed", "6")...)
	want := "Run 1 of 2, seed 5\n" + fifth + "Run 2 of 2, seed 6\n" + sixth
	last := regexp.MustCompile(`^2 runs: best \d+\.\d\d ± \d+\.\d\d %, last \d+\.\d\d ± \d+\.\d\d %\n$`)
	if status != 0 || !strings.HasPrefix(stdout, want) || !last.MatchString(strings.TrimPrefix(stdout, want)) {
		t.Errorf("status %d, stdout %q, stderr %q, want %q", status, stdout, stderr, want)
	}
	if mean, deviation := meanDeviation([]float64{1, 2, 3, 4}); mean != 2.5 || math.Abs(deviation-math.Sqrt(5./3)) > 1e-15 {
		t.Errorf("mean %v ± %v", mean, deviation)
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
