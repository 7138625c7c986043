package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
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

// TestInterruptedMidEpoch: what is done of an epoch is in the checkpoint.
func TestInterruptedMidEpoch(t *testing.T) {
	defer interrupted.Store(false)
	dir := t.TempDir()
	checkpoint, net, whole := filepath.Join(dir, "run.json"), filepath.Join(dir, "net.json"), filepath.Join(dir, "whole.json")
	args := quick(t, "2")
	status := run(with(args, "-checkpoint", checkpoint), strings.NewReader(""), &breaker{io.Discard, 1}, io.Discard)
	interrupted.Store(false)
	_, p, err := loadFile(checkpoint)
	if status != 130 || err != nil || p.State.Epoch != 0 || p.State.Done != 10 {
		t.Fatalf("status %d, %+v, %v; want example 10 of epoch 0", status, p, err)
	}
	for _, a := range [][]string{with(args, "-save", whole), {"-resume", checkpoint, "-save", net}} {
		if status, _, stderr := runs(a...); status != 0 {
			t.Fatal(stderr)
		}
	}
	if !sameFiles(t, net, whole) {
		t.Error("the resumed run ends with another network")
	}
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
	status, stdout, stderr = runs("-resume", checkpoint)
	if status != 0 || stdout != "" || !strings.Contains(stderr, "has done 2 epochs already") {
		t.Errorf("none left: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestResumeRefusesEach: each flag that makes a run what it is, given again with
// another value, is refused with both values; with the same value, it is not,
// and neither are the free flags with another.
func TestResumeRefusesEach(t *testing.T) {
	checkpoint := filepath.Join(t.TempDir(), "run.json")
	before := map[string]string{"sizes": "4,5,10", "eta": "0.5", "stop-after": "9", "train-size": "40", "data": smallSet(t, 60), "epochs": "1", "dropout": "0.4"}
	other := map[string]string{
		"sizes": "4,6,10", "cost": "cross-entropy", "activation": "tanh", "init": "default", "encoding": "binary", "batch": "9", "eta": "0.25",
		"seed": "1", "lambda": "0.1", "l1": "0.1", "dropout": "0.2", "expand": "shift", "mu": "0.9", "stop-after": "8", "halve-after": "3", "halvings": "9",
		"train-size": "39", "digits": "0,1,2,3", "eval": "validation",
		"epochs": "2", "monitor": "cost", "every": "7", "eval-size": "5", "data": smallSet(t, 60),
	}
	args := []string{"-checkpoint", checkpoint}
	for name, value := range before {
		args = append(args, "-"+name, value)
	}
	if status, _, stderr := runs(args...); status != 0 {
		t.Fatal(stderr)
	}
	data, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range runFlags {
		if other[name] == "" {
			t.Errorf("-%s is not tested", name)
			continue
		}
		same, ok := before[name]
		if !ok {
			same = newOptions().flags.Lookup(name).Value.String()
		}
		for _, value := range []string{same, other[name]} {
			status, stdout, stderr := runs("-resume", checkpoint, "-"+name, value)
			want := fmt.Sprintf("nndl: -%s is %s, but %s was made with -%s %s\n", name, value, checkpoint, name, same)
			switch {
			case value == same || slices.Contains(freeFlags, name):
				if status != 0 {
					t.Errorf("-%s %s: status %d, stderr %q", name, value, status, stderr)
				}
				writeFile(t, checkpoint, data)
			case status != 2 || stdout != "" || !strings.HasPrefix(stderr, want):
				t.Errorf("-%s %s: status %d, stdout %q, stderr %q, want %q", name, value, status, stdout, stderr, want)
			}
		}
	}
	if now, err := os.ReadFile(checkpoint); !bytes.Equal(now, data) {
		t.Errorf("a run that was refused wrote the checkpoint; %v", err)
	}
}

// TestKills: a run that is killed at a random moment, in the midst of writing
// its checkpoint or not, and resumed, ends with the bits of a run that was not.
// A dozen kills of a short run; 200 of a longer one with NNDL_LONG=1.
func TestKills(t *testing.T) {
	const seed = 1
	kills, epochs, random := 12, "5", rand.New(rand.NewPCG(seed, 0))
	if long() {
		kills, epochs = 200, "10"
	}
	flags := strings.Fields("-sizes 4,200,10 -cost cross-entropy -init default -eta 0.4 -mu 0.4 -dropout 0.25 -lambda 0.5 -l1 0.1 " +
		"-expand shift,rotate -every 170 -halve-after 1 -halvings 99 -stop-after 99 -monitor accuracy,cost,weight-length")
	flags = with(flags, "-data", smallSet(t, 600), "-epochs", epochs)
	files := func(dir string) []string {
		return []string{"-save", filepath.Join(dir, "net.json"), "-csv", filepath.Join(dir, "run.csv"), "-checkpoint", filepath.Join(dir, "checkpoint.json")}
	}
	whole := t.TempDir()
	begin := time.Now()
	if err := child(t, with(flags, files(whole)...)...).Run(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)

	count, fresh := map[string]int{}, 0
	for kill := range kills {
		dir := t.TempDir()
		after := time.Duration(random.Int64N(int64(took)))
		p := child(t, with(flags, files(dir)...)...)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		p.Process.Kill()
		p.Wait()

		half, _ := filepath.Glob(filepath.Join(dir, ".*.tmp"))
		_, err := os.Stat(filepath.Join(dir, "checkpoint.json"))
		next := with(files(dir), "-resume", filepath.Join(dir, "checkpoint.json"))
		switch {
		case p.ProcessState.Success():
			count["after the end"]++
		case len(half) > 0:
			count["while a file was written"]++
		default:
			count["between"]++
		}
		if err != nil { // there is none yet
			fresh++
			next = with(flags, files(dir)...)
		}
		for _, name := range half {
			os.Chtimes(name, time.Time{}, time.Now().Add(-2*time.Hour))
		}
		if status, _, stderr := runs(next...); status != 0 {
			t.Fatalf("seed %d, kill %d, after %v: status %d, %s", seed, kill, after, status, stderr)
		}
		if !sameFiles(t, filepath.Join(dir, "net.json"), filepath.Join(whole, "net.json")) || !sameFiles(t, filepath.Join(dir, "run.csv"), filepath.Join(whole, "run.csv")) {
			t.Errorf("seed %d, kill %d, after %v of %v: the resumed run ends with another network or history", seed, kill, after, took)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*.tmp")); len(left) > 0 {
			t.Errorf("seed %d, kill %d, after %v of %v: %v stay", seed, kill, after, took, left)
		}
	}
	t.Logf("%d kills in runs of %v: %v; %d before the first checkpoint stood", kills, took, count, fresh)
	if long() && count["while a file was written"] < kills/20 {
		t.Errorf("of %d kills %d came while a file was written, want at least %d", kills, count["while a file was written"], kills/20)
	}
}

// watcher keeps all the contents that a file has had when a line is written.
type watcher struct {
	file     string
	versions map[string]bool
}

// Write reads the file.
func (r *watcher) Write(p []byte) (int, error) {
	if data, err := os.ReadFile(r.file); err == nil {
		r.versions[string(data)] = true
	}
	return len(p), nil
}

// TestTwoWriters: while two processes write the same checkpoint, whoever reads
// it finds one that either of them wrote, whole.
func TestTwoWriters(t *testing.T) {
	checkpoint := filepath.Join(t.TempDir(), "run.json")
	args := strings.Fields("-sizes 4,60,10 -mu 0.5 -epochs 20 -checkpoint " + checkpoint + " -data " + smallSet(t, 60) + " -seed ")
	seeds, versions := []string{"1", "2"}, []map[string]bool{{}, {}}
	for i, seed := range seeds {
		r := &watcher{checkpoint, versions[i]}
		if status := run(with(args, seed), strings.NewReader(""), r, io.Discard); status != 0 {
			t.Fatalf("seed %s: status %d", seed, status)
		}
		r.Write(nil)
	}
	done := make(chan error)
	for _, seed := range seeds {
		p := child(t, with(args, seed)...)
		go func() { done <- p.Run() }()
	}
	reads, of, seen := 0, [2]int{}, map[string]bool{}
	for ended := 0; ended < len(seeds); {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			ended++
		default:
		}
		data, err := os.ReadFile(checkpoint)
		if err != nil {
			continue // Windows, in the moment of a rename
		}
		reads++
		seen[string(data)] = true
		for i := range seeds {
			if versions[i][string(data)] {
				of[i]++
			}
		}
		if !versions[0][string(data)] && !versions[1][string(data)] {
			t.Fatalf("read %d: %d bytes that none wrote: %.200s", reads, len(data), data)
		}
	}
	t.Logf("%d reads, %v of them of the one and the other, %d versions of %d and %d", reads, of, len(seen), len(versions[0]), len(versions[1]))
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(checkpoint), ".*.tmp")); len(left) > 0 || of[0] == 0 || of[1] == 0 {
		t.Errorf("%v stay; reads %v", left, of)
	}
	if _, p, err := loadFile(checkpoint); err != nil || p == nil {
		t.Error(err)
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

// TestWriteElsewhere: a link stays one, and what is no regular file is written
// to.
func TestWriteElsewhere(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	writeFile(t, file, []byte("old"))
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

// TestWeighed: a file of which more would become than there is memory is
// refused before anything is made of it, and so is the network that would then
// take too much; what stands behind a network is an error.
func TestWeighed(t *testing.T) {
	const layers = 300000
	list := func(item string, n int) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	deep := fmt.Sprintf(`{"sizes": %s, "weights": %s, "biases": %[2]s, "cost": "QuadraticCost"}`, list("1", layers+1), list("[[1]]", layers))
	limitMemory(t, 1<<28)
	for _, c := range []struct {
		file, want string
		used       uint64 // bytes of memory
	}{
		{`{"weights": [` + list("[]", 4<<20), "too large for the 0.27 GB of memory here", 64 << 20},
		{`{"training": {"history": ` + list("{}", 2<<20), "too large for", 64 << 20},
		{`{"sizes": ` + list("1", 16<<20), "too large for", 128 << 20},
		{strings.Repeat(" ", 90<<20), "too large for", 512 << 20},
		{deep, "a network of 300001 layers needs", 256 << 20},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost"} {}`, "it goes on after its end", 1 << 20},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost"}]`, "invalid character ']'", 1 << 20},
	} {
		name := filepath.Join(t.TempDir(), "net.json")
		writeFile(t, name, []byte(c.file))
		used := allocated(func() {
			if _, err := LoadNetwork(name); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "load "+name+": ") {
				t.Errorf("%.60s: error %v, want %q", c.file, err, c.want)
			}
		})
		if used > c.used {
			t.Errorf("%.60s: %d bytes of memory used", c.file, used)
		}
	}
}

// smallCheckpoint trains a network of 4, 2 and 10 neurons on a small set, with
// every technique on, and returns the folder of the set and the checkpoint, of
// which the random generators are cut short.
func smallCheckpoint(tb testing.TB) (set, checkpoint string) {
	tb.Helper()
	set = smallSet(tb, 60)
	name := filepath.Join(tb.TempDir(), "checkpoint.json")
	status, _, stderr := runs("-data", set, "-sizes", "4,2,10", "-epochs", "2", "-batch", "4", "-mu", "0.5", "-dropout", "0.5", "-expand", "elastic", "-halve-after", "2", "-stop-after", "3", "-checkpoint", name)
	if status != 0 {
		tb.Fatal(stderr)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	short := regexp.MustCompile(`"State":\[(\d+,\d+),[^\]]*\]`).ReplaceAllString(string(text), `"State":[$1]`)
	if len(short) > 6000 {
		tb.Fatalf("a checkpoint of %d bytes, want a short one", len(short))
	}
	return set, short
}

// bestNetwork returns a checkpoint with the network of sizes 4 and 10 in the
// place of the best one.
func bestNetwork(checkpoint string) string {
	other := `"best_network":{"sizes":[4,10],"weights":[[` + strings.Repeat(`[0,0,0,0],`, 9) + `[0,0,0,0]]],"biases":[[` + strings.Repeat(`[0],`, 9) + `[0]]],"cost":"QuadraticCost"},"stopped":true,"halved_at":`
	return regexp.MustCompile(`"best_network":.*"halved_at":`).ReplaceAllString(strings.Replace(checkpoint, `"stopped":false`, `"x":0`, 1), other)
}

// TestBadCheckpoints: a checkpoint that no run can go on from is one line that
// says why.
func TestBadCheckpoints(t *testing.T) {
	set, checkpoint := smallCheckpoint(t)
	for _, c := range []struct{ old, new, want string }{
		{`"training"`, `"no training"`, "a network, but no checkpoint"},
		{`"state"`, `"no state"`, "lacks its state"},
		{`"Drop"`, `"Drip"`, "lacks its state"},
		{`"flags"`, `"fags"`, "lacks its flags"},
		{`"batch":"4"`, `"batch":"four"`, "flag -batch: parse error"},
		{`"sizes":"4,2,10"`, `"sizes":"4,3,10"`, "was made with -sizes 4,3,10"},
		{`"Order":[`, `"Order":[51,`, "example 51 is out of place in an order of 51"},
		{`"Order":[27,`, `"Order":[14,`, "example 14 is out of place in an order of 50"},
		{`"Order":[27,`, `"Order":[-1,`, "example -1 is out of place in an order of 50"},
		{`"Order":[`, `"Order":[50,`, "it was made with 51 training examples, here are 50"},
		{`"Done":50`, `"Done":51`, "stands at epoch 1, example 51 of 50"},
		{`"Epoch":1`, `"Epoch":-1`, "stands at epoch -1"},
		{`"Eta":3`, `"Eta":0`, "η 0"},
		{`"Index":`, `"Index":9`, "a random generator stands at 9"},
		{`"Index":`, `"Index":-`, "a random generator stands at -"},
		{`"State":[`, `"State":[0],"state":[],"":[`, "a random generator holds zeros alone"},
		{`"VelocityW":[null,`, `"VelocityW":[`, "velocities do not fit the layers"},
		{`"VelocityB":[null,`, `"VelocityB":[`, "velocities do not fit the layers"},
		{`"Rows":2,"Cols":4`, `"Rows":4,"Cols":2`, "velocities of layer 2 do not fit its weights"},
		{`"VelocityW":`, `"velocity":`, "its velocities do not go with -mu 0.5"},
		{"", "another best network", "the best network is not one of [4 2 10] neurons"},
	} {
		changed := strings.Replace(checkpoint, c.old, c.new, 1)
		if c.old == "" {
			changed = bestNetwork(checkpoint)
		}
		name := filepath.Join(t.TempDir(), "checkpoint.json")
		writeFile(t, name, []byte(changed))
		status, stdout, stderr := runs("-resume", name, "-data", set, "-sizes", "4,2,10", "-epochs", "5")
		lines := strings.Split(stderr, "\n")
		if status == 0 || status > 2 || stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, name) || len(lines) > 3 {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", c.new, status, stdout, stderr, c.want)
		}
	}
}

// TestCheckpointOfAnother: the flags in a checkpoint describe the network in it.
func TestCheckpointOfAnother(t *testing.T) {
	set, checkpoint := smallCheckpoint(t)
	name := filepath.Join(t.TempDir(), "checkpoint.json")
	writeFile(t, name, []byte(strings.Replace(checkpoint, `"sizes":"4,2,10"`, `"sizes":"4,3,10"`, 1)))
	status, stdout, stderr := runs("-resume", name, "-data", set)
	if want := "nndl: -sizes is 4,3,10, but the network of " + name + " is [4 2 10]\n"; status != 2 || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("status %d, stdout %q, stderr %q, want %q", status, stdout, stderr, want)
	}
}

// FuzzNetwork: no file crashes the reader of networks and checkpoints, or costs
// much more memory than it holds. What it takes is no larger than the file,
// computes outputs, and comes back from a file of its own with the same bits;
// cut off anywhere, it ends too early.
func FuzzNetwork(f *testing.F) {
	_, checkpoint := smallCheckpoint(f)
	f.Add(checkpoint, uint16(0))
	f.Add(`{"sizes": [2, 1], "weights": [[[1, -0]]], "biases": [[[5e-324]]], "cost": "LogLikelihoodCost", "activation": "relu", "encoding": "binary"}`, uint16(9))
	f.Add(`{"sizes": [1, 1, 1], "weights": [[[1e308]], [[1e308]]], "biases": [[[1]], [[1]]], "cost": "CrossEntropyCost", "activation": "tanh"}`, uint16(99))
	f.Add(`{"sizes": [2, 1], "sizes": [1, 1], "weights": [[[1]], [[null]]], "weights": [[[7]]], "biases": [[[1]]], "cost": "QuadraticCost"} `, uint16(0))
	f.Add(`{"sizes": [9007199254740993, 1000000000], "weights": [[]], "biases": null, "cost": "QuadraticCost"}`, uint16(0))
	f.Add(`{"weights": [[[[[[[[[[[[[[[[`, uint16(0))
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		name := filepath.Join(t.TempDir(), "net.json")
		writeFile(t, name, []byte(text))
		var net *Network
		var err error
		if used := allocated(func() { net, _, err = loadFile(name) }); used > uint64(1<<20+200*len(text)) {
			t.Errorf("%d bytes of memory used for a file of %d", used, len(text))
		}
		if err != nil {
			wantRefusal(t, err, name)
			return
		}
		numbers := 0
		for l := 1; l <= net.L(); l++ {
			numbers += len(net.Weights[l].Data) + len(net.Biases[l])
		}
		if numbers > len(text) {
			t.Errorf("%d weights and biases in a file of %d bytes", numbers, len(text))
		}
		x := NewMatrix(1, net.Sizes[0])
		if a := net.Feedforward(x); len(a.Data) != net.Sizes[net.L()] {
			t.Errorf("%d outputs of a network of %v", len(a.Data), net.Sizes)
		}
		if err := net.Save(name); err != nil {
			t.Fatal(err)
		}
		got, err := LoadNetwork(name)
		if err != nil {
			t.Fatal(err)
		}
		sameNetwork(t, "saved and loaded", got, net)
		if got.Cost != net.Cost || got.Hidden != net.Hidden || got.Encoding != net.Encoding {
			t.Errorf("%s, %s, %s come back as %s, %s, %s", net.Cost.Name, net.Hidden.Name, net.Encoding.Name, got.Cost.Name, got.Hidden.Name, got.Encoding.Name)
		}
		text = strings.TrimRight(text, " \t\r\n")
		writeFile(t, name, []byte(text[:int(cut)%len(text)]))
		if _, err := LoadNetwork(name); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut off at %d of %d bytes: error %v, want io.ErrUnexpectedEOF", int(cut)%len(text), len(text), err)
		}
	})
}

// FuzzResume: a run goes on from any checkpoint that is taken, up to the end of
// its first mini-batch, where it is interrupted, and that leaves a checkpoint
// that is taken; histories are written. One that is refused stays as it is.
func FuzzResume(f *testing.F) {
	set, checkpoint := smallCheckpoint(f)
	f.Add(checkpoint)
	f.Add(bestNetwork(checkpoint))
	for _, r := range [][2]string{
		{`"flags":{`, `"flags":{"sizes":"4,3,10","nosuch":"1",`},
		{`"flags":`, `"fags":`},
		{`"best_network":{"sizes":[4,2,10]`, `"best_network":{"sizes":[4,10]`},
		{`"epoch":0`, `"epoch":1000000000000`},
		{`"Eta":3`, `"Eta":1e308`},
		{`"State":[`, `"State":[0],"State":[0,0,`},
		{`"Index":`, `"Index":6`},
		{`"stopped":false`, `"stopped":true`},
	} {
		changed := strings.Replace(checkpoint, r[0], r[1], 1)
		if changed == checkpoint {
			f.Fatalf("no %s in %s", r[0], checkpoint)
		}
		f.Add(changed)
	}
	f.Fuzz(func(t *testing.T, checkpoint string) {
		dir := t.TempDir()
		name, csv, svg := filepath.Join(dir, "checkpoint.json"), filepath.Join(dir, "a.csv"), filepath.Join(dir, "a.svg")
		writeFile(t, name, []byte(checkpoint))
		interrupted.Store(true)
		defer interrupted.Store(false)
		status, stdout, stderr := runs("-resume", name, "-data", set, "-sizes", "4,2,10", "-epochs", "5", "-csv", csv, "-plot", svg)
		left, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch status {
		case 130, 0:
			if net, progress, err := loadFile(name); err != nil || progress == nil || net == nil {
				t.Errorf("status %d leaves a checkpoint that does not load: %v", status, err)
			}
			for _, file := range []string{csv, svg} {
				if _, err := os.Stat(file); err != nil {
					t.Errorf("status %d: %v", status, err)
				}
			}
		case 1, 2:
			if !strings.HasPrefix(stderr, "nndl: ") || status == 2 && stdout != "" || string(left) != checkpoint {
				t.Errorf("status %d, stdout %q, stderr %q, checkpoint the same %v", status, stdout, stderr, string(left) == checkpoint)
			}
		default:
			t.Errorf("status %d, stderr %q", status, stderr)
		}
	})
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
	training := &Training{Net: net, Source: &Source{Data: mnist().test}, Hyper: Hyper{Eta: 0.5}, Checkpoint: checkpoint, Progress: &Progress{State: &State{Eta: 0.5}}}
	for _, err := range []error{net.Save(checkpoint), training.save()} {
		if err == nil || !strings.Contains(err.Error(), "a weight or bias of layer 2 is NaN") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := os.Stat(checkpoint); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a checkpoint is there: %v", err)
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
	if mean, deviation := meanDeviation([]float64{7}); mean != 7 || deviation != 0 {
		t.Errorf("of one: mean %v ± %v", mean, deviation)
	}
	if mean, deviation := meanDeviation([]float64{1, 2, 3, 4}); mean != 2.5 || math.Abs(deviation-math.Sqrt(5./3)) > 1e-15 {
		t.Errorf("mean %v ± %v", mean, deviation)
	}
}

// TestHistoriesOfRuns: the files of several runs hold the history of each;
// without accuracies there is no mean to print.
func TestHistoriesOfRuns(t *testing.T) {
	dir := t.TempDir()
	files := func(name string) []string {
		return []string{"-json", filepath.Join(dir, name+".json"), "-csv", filepath.Join(dir, name+".csv"), "-plot", filepath.Join(dir, name+".svg")}
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	args := with(quick(t, "3"), "-monitor", "cost")
	for _, c := range []struct {
		name string
		args []string
	}{{"both", []string{"-seed", "5", "-runs", "2"}}, {"5", []string{"-seed", "5"}}, {"6", []string{"-seed", "6"}}} {
		status, stdout, stderr := runs(slices.Concat(args, c.args, files(c.name))...)
		if status != 0 || strings.Contains(stdout, " runs: ") {
			t.Errorf("%s: status %d, stdout %q, stderr %q", c.name, status, stdout, stderr)
		}
	}
	if got, want := read("both.json"), "["+strings.TrimSpace(read("5.json"))+","+strings.TrimSpace(read("6.json"))+"]\n"; got != want {
		t.Errorf("lists of two runs: %s, want %s", got, want)
	}
	head, sixth, _ := strings.Cut(read("6.csv"), "\n")
	if got, want := read("both.csv"), read("5.csv")+sixth; got != want || head == "" {
		t.Errorf("table of two runs: %s, want %s", got, want)
	}
	if svg := read("both.svg"); !strings.Contains(svg, ", run 1") || !strings.Contains(svg, ", run 2") {
		t.Error("the curves do not say of which run they are")
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
