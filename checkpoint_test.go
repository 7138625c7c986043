package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

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

// TestBadNetworks: each hostile file is one clear error, in bounded memory.
func TestBadNetworks(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{``, "the file is empty"},
		{" \n", "the file is empty"},
		{`{"sizes": [784.5, 10]}`, `"sizes" holds the number 784.5 where a whole number is expected, at byte `},
		{`{"sizes": [784, 10], "dropout": 0.5}`, `"dropout" holds a number where an object is expected, at byte 35; expected rate and weights`},
		{`{"dropout": {"rate": "half"}}`, `"dropout.rate" holds a text where a number is expected`},
		{`{"training": []}`, `"training" holds a list where an object is expected`},
		{`{"training": {"best": true}}`, `"training.best" holds true or false where a whole number is expected`},
		{`{"training": {"state": {"Eta": "3"}}}`, `"training": "Eta" holds a text where a number is expected`},
		{`{"training": {"state": {"Drop": {"Index": "3"}}}}`, `"training": "Index" holds a text where a whole number is expected`},
		{`{"flags": {"eta": 3}}`, `holds a number where a text in quotes is expected`},
		{`{"flags": "eta"}`, `"flags" holds a text where an object is expected`},
		{`{"scaling": {"mean": [null], "deviation": [1]}}`, `"scaling": expected the lists mean and deviation, one number per input: null is no number`},
		{`{"scaling": 3}`, `"scaling": expected the lists mean and deviation`},
		{`{"classes": "abc"}`, `"classes" holds a text where a list is expected`},
		{`{"activation": 3}`, `"activation" holds a number where a text in quotes is expected, at byte 16; expected sigmoid, tanh or relu`},
		{`{"encoding": {}}`, `"encoding" holds an object where a text in quotes is expected`},
		{`{"sizes": [2, 3`, "unexpected EOF"},
		{`[]`, "found one array, expected an object"},
		{`{}`, `"sizes" is [], expected at least two layers`},
		{`{"sizes": [2]}`, "expected at least two layers"},
		{`{"sizes": [2, 1]}`, `"weights" 0`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "cost": "QuadraticCost"}`, `"biases" 0`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]]}`, `"cost" is ""`},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "AbsoluteCost"}`, `"cost" is "AbsoluteCost", expected`},
		{`{"sizes": [2, 1], "weights": [[[1, 2, 3]]], "biases": [[[1]]], "cost": "QuadraticCost"}`, "neuron 1 of layer 2 has 3 weights and 1 biases, expected 2 and 1"},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1, 2]]], "cost": "QuadraticCost"}`, "2 biases"},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[1]], "cost": "QuadraticCost"}`, `"biases" holds a number where a list is expected`},
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
	short := regexp.MustCompile(`"State":\[(\d+,\d+),[^\]]*\]`).ReplaceAllString(string(text), `"State":[$1`+strings.Repeat(",0", 622)+"]")
	if len(short) > 12000 {
		tb.Fatalf("a checkpoint of %d bytes, expected a short one", len(short))
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
		{`"batch":"4"`, `"batch":"four"`, "flag -batch: must be a number from 1"},
		{`"sizes":"4,2,10"`, `"sizes":"4,3,10"`, "was made with -sizes 4,3,10"},
		{`"Order":[`, `"Order":[51,`, "example 51 is out of place in an order of 51"},
		{`"Order":[27,`, `"Order":[14,`, "example 14 is out of place in an order of 50"},
		{`"Order":[27,`, `"Order":[-1,`, "example -1 is out of place in an order of 50"},
		{`"Order":[`, `"Order":[50,`, "it was made with 51 training examples, here are 50"},
		{`"Done":50`, `"Done":51`, "stands at epoch 1, example 51 of 50"},
		{`"Epoch":1`, `"Epoch":-1`, "stands at epoch -1"},
		{`"Eta":3`, `"Eta":0`, "η 0"},
		{`"Index":`, `"Index":null,"x":`, "its state holds null where a number is expected"},
		{`"State":[`, `"State":[null,`, "its state holds null where a number is expected"},
		{`"Done":50`, `"Done": null`, "its state holds null where a number is expected"},
		{`"VelocityB":[null,[`, `"VelocityB":[null,[null,`, "its state holds null where a number is expected"},
		{`"Data":[`, `"Data":[null,`, "its state holds null where a number is expected"},
		{`"Index":`, `"Index":9`, "a random generator stands at 9"},
		{`"Index":`, `"Index":-`, "a random generator stands at -"},
		{`"State":[`, `"State":[0` + strings.Repeat(",0", 623) + `],"":[`, "a random generator holds zeros alone"},
		{`"State":[`, `"State":[1` + strings.Repeat(",0", 623) + `],"":[`, "a random generator holds zeros alone"},
		{`"State":[`, `"State":[7,`, "a random generator has 625 words of state, expected 624"},
		{`"State":[`, `"State":[1` + strings.Repeat(",0", 622) + `],"":[`, "a random generator has 623 words of state, expected 624"},
		{`"cost":"quadratic"`, `"cost":"cross-entropy"`, "was made with -cost cross-entropy, but the network has quadratic"},
		{`"activation":"sigmoid"`, `"activation":"tanh"`, "was made with -activation tanh, but the network has sigmoid"},
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
		if status == 0 || status > 2 || stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, name) || len(lines) > 8 {
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
	if want := "nndl: load " + name + `: "training" was made with -sizes 4,3,10, but the network has 4,2,10` + "\n"; status != 1 || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("status %d, stdout %q, stderr %q, want %q", status, stdout, stderr, want)
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

// everything has all that a checkpoint must keep switched on.
const everything = "-sizes 784,12,10 -cost cross-entropy -init default -train-size 400 -eval-size 100 -eta 0.4 -mu 0.4 -dropout 0.25 -lambda 0.5 -l1 0.1 " +
	"-expand shift:2,rotate:20,elastic:sigma=3 -every 170 -halve-after 1 -stop-after 6 -epochs 6 -monitor accuracy,cost,weight-length"

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
			ctx, cancel := context.WithCancel(context.Background())
			status := run(ctx, next, strings.NewReader(""), &breaker{&out, after, cancel}, &errs)
			cancel()
			if status == 0 {
				break
			}
			if status != 130 || !strings.Contains(errs.String(), "go on with: go run . -resume "+checkpoint) {
				t.Fatalf("status %d, %s", status, &errs)
			}
			interruptions++
			next = []string{"-resume", checkpoint, "-save", filepath.Join(dir, name+".json"), "-csv", filepath.Join(dir, name+".csv")}
		}
		got, _ := os.ReadFile(filepath.Join(dir, name+".json"))
		gotCSV, _ := os.ReadFile(filepath.Join(dir, name+".csv"))
		if interruptions == 0 || !bytes.Equal(got, want) || !bytes.Equal(gotCSV, wantCSV) {
			t.Errorf("after %d lines: %d interruptions, same network %v, same history %v", after, interruptions, bytes.Equal(got, want), bytes.Equal(gotCSV, wantCSV))
		}
	}
}

// TestInterruptedMidEpoch: what is done of an epoch is in the checkpoint.
func TestInterruptedMidEpoch(t *testing.T) {
	dir := t.TempDir()
	checkpoint, net, whole := filepath.Join(dir, "run.json"), filepath.Join(dir, "net.json"), filepath.Join(dir, "whole.json")
	args := quick(t, "2")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	status := run(ctx, with(args, "-checkpoint", checkpoint), strings.NewReader(""), &breaker{io.Discard, 1, cancel}, io.Discard)
	_, file, err := loadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := file.Training
	if status != 130 || p.State.Epoch != 0 || p.State.ExamplesDone != 10 {
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
	before := map[string]string{"sizes": "4,5,10", "eta": "0.5", "stop-after": "9", "train-size": "40", "data": smallSet(t, 60), "epochs": "1", "dropout": "0.4", "expand": "rotate:9"}
	other := map[string]string{"halve-by": "10", "raw": "true", "target": "2", "test": "x.csv", "transpose": "true",
		"sizes": "4,6,10", "cost": "cross-entropy", "activation": "tanh", "init": "default", "encoding": "binary", "batch": "9", "eta": "0.25",
		"seed": "1", "lambda": "0.1", "l1": "0.1", "dropout": "0.2", "expand": "shift", "mu": "0.9", "stop-after": "8", "halve-after": "3", "halvings": "9",
		"train-size": "39", "digits": "0,1,2,3", "eval": "validation",
		"epochs": "2", "monitor": "cost", "every": "7", "eval-size": "5", "data": smallSet(t, 60),
	}
	args := []string{"-checkpoint", checkpoint}
	for name, value := range before {
		args = append(args, "-"+name+"="+value)
	}
	if status, _, stderr := runs(args...); status != 0 {
		t.Fatal(stderr)
	}
	data, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	newOptions().flags.VisitAll(func(f *flag.Flag) {
		if newOptions().keeps(f.Name) {
			kept = append(kept, f.Name)
		}
	})
	for _, name := range kept {
		if other[name] == "" {
			t.Errorf("-%s is not tested", name)
			continue
		}
		same, ok := before[name]
		if !ok {
			same = newOptions().flags.Lookup(name).Value.String()
		}
		for _, value := range []string{same, other[name]} {
			status, stdout, stderr := runs("-resume", checkpoint, "-"+name+"="+value)
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

// killedAfter starts the program, kills it after some time, and returns what is
// known of it.
func killedAfter(t *testing.T, after time.Duration, args []string) *exec.Cmd {
	p := child(t, args...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	p.Process.Kill()
	p.Wait()
	return p
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
		p := killedAfter(t, after, with(flags, files(dir)...))
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
		if status := run(context.Background(), with(args, seed), strings.NewReader(""), r, io.Discard); status != 0 {
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
	if _, file, err := loadFile(checkpoint); err != nil || file.Training == nil {
		t.Error(err)
	}
}

// breaker is a stdout that interrupts the training when it has got so many
// writes, as Ctrl-C would.
type breaker struct {
	io.Writer
	after     int
	interrupt func()
}

// Write passes on what it gets.
func (b *breaker) Write(p []byte) (int, error) {
	if b.after--; b.after == 0 {
		b.interrupt()
	}
	return b.Writer.Write(p)
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
		if _, err := LoadNetwork(name); !errors.Is(err, io.ErrUnexpectedEOF) && int(cut)%len(text) > 0 {
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
		status, stdout, stderr := runsUntil(interrupted(), "-resume", name, "-data", set, "-sizes", "4,2,10", "-epochs", "5", "-csv", csv, "-plot", svg)
		left, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch status {
		case 130, 0:
			if net, file, err := loadFile(name); err != nil || file.Training == nil || net == nil {
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

// TestSaveLoadSave: a network that is loaded and saved again keeps its numbers,
// whatever flags of training are given, for each cost, activation, encoding and
// dropout rate; what -load, show and classify compute is what training printed.
func TestSaveLoadSave(t *testing.T) {
	dir := t.TempDir()
	set := smallSet(t, 60)
	for _, mode := range []string{
		"-dropout 0.5", "-dropout 0.333 -cost cross-entropy", "-dropout 0.9 -activation tanh -init default -eta 0.1",
		"-dropout 0.5 -activation relu -cost log-likelihood -init default -eta 0.1", "-encoding binary -sizes 4,5,4 -dropout 0.2", "-dropout 0",
		"-sizes 4,5,6,10 -dropout 0.5",
	} {
		base := []string{"-data", set}
		if !strings.Contains(mode, "-sizes") {
			base = with(base, "-sizes", "4,5,10")
		}
		first, again := filepath.Join(dir, "first.json"), filepath.Join(dir, "again.json")
		status, stdout, stderr := runs(with(base, strings.Fields(mode+" -epochs 2 -save "+first)...)...)
		if status != 0 {
			t.Fatal(stderr)
		}
		lines := strings.Split(strings.TrimSpace(stdout), "\n")
		_, last, _ := strings.Cut(lines[len(lines)-1], ": ")
		want, _, err := loadFile(first)
		if err != nil {
			t.Fatal(err)
		}
		from := first
		for _, flags := range []string{"", "-dropout 0.5 -eta 7", "-dropout 0.1 -lambda 3", "-continue"} {
			status, stdout, stderr := runs(with([]string{"-data", set}, strings.Fields(flags+" -epochs 0 -load "+from+" -save "+again)...)...)
			if status != 0 || !strings.HasPrefix(stdout, "Loaded: "+last+"\n") {
				t.Fatalf("%s, then %s: status %d, stdout %q, want %q; stderr %q", mode, flags, status, stdout, last, stderr)
			}
			got, err := LoadNetwork(again)
			if err != nil {
				t.Fatal(err)
			}
			sameNetwork(t, mode+", then "+flags, got, want)
			if got.Dropout != want.Dropout {
				t.Errorf("%s, then %s: dropout %v, want %v", mode, flags, got.Dropout, want.Dropout)
			}
			os.Rename(again, from)
		}
	}
}

// TestLoadCheckpoint: a checkpoint of a run with dropout is used as the run's own
// last line says.
func TestLoadCheckpoint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	set := smallSet(t, 60)
	_, stdout, _ := runs("-data", set, "-sizes", "4,9,10", "-dropout", "0.5", "-epochs", "3", "-checkpoint", file)
	_, last, _ := strings.Cut(stdout, "Epoch 2")
	if status, stdout, stderr := runs("-data", set, "-load", file, "-epochs", "0"); status != 0 || stdout != "Loaded"+last {
		t.Errorf("status %d, %q, want %q; %s", status, stdout, "Loaded"+last, stderr)
	}
}

// TestChangeDropout: another rate leaves what the network computes, and at least
// one neuron of a layer is active.
func TestChangeDropout(t *testing.T) {
	random := NewNumPyRandom(3)
	net := large([]int{4, 5, 1, 3}, random)
	x := randomMatrix(2, 4, random)
	net.Dropout = 0.9
	want := net.WithoutDropout().Feedforward(x)
	net.changeDropout(0.333)
	got := net.WithoutDropout().Feedforward(x)
	for i, a := range got.Data {
		if math.Abs(a-want.Data[i]) > 1e-15 {
			t.Errorf("output %d is %v, was %v", i, a, want.Data[i])
		}
	}
	for _, c := range []struct {
		n    int
		rate float64
		want int
	}{{5, 0.9, 4}, {1, 0.5, 0}, {30, 0.01, 0}, {20, 0.333, 7}, {30, 0.5, 15}} {
		if got := dropped(c.n, c.rate); got != c.want {
			t.Errorf("dropped(%d, %v) = %d, want %d", c.n, c.rate, got, c.want)
		}
	}
}

// TestResumeDecides: what early stopping goes by stays the same when a run is
// resumed.
func TestResumeDecides(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	set := smallSet(t, 60)
	args := []string{"-data", set, "-sizes", "4,9,10", "-eval", "validation", "-stop-after", "3"}
	runs(with(args, "-epochs", "2", "-checkpoint", file)...)
	want := "it decides by 10 validation images, here are 5"
	if status, _, stderr := runs("-resume", file, "-data", set, "-eval-size", "5", "-epochs", "4"); status != 1 || !strings.Contains(stderr, want) {
		t.Errorf("status %d, stderr %q, want %q", status, stderr, want)
	}
	if status, _, stderr := runs("-resume", file, "-data", set, "-epochs", "4"); status != 0 {
		t.Error(stderr)
	}
}

// TestForeignFiles: what is no network file is named for what it seems to be; the
// mark that some editors put at the beginning does no harm.
func TestForeignFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "net")
	for text, want := range map[string]string{
		"\x1f\x8b\x08": "a gzipped file", "PK\x03\x04": "a zip archive", "\x93NUMPY": "an array of NumPy", "\x80\x04\x95": "a pickle of Python",
		"\x89PNG\r\n": "a PNG picture", "import": "no JSON", `{"sizes": "784,10"}`: `"sizes" holds a text where a list is expected`,
		"\xff\xfe{\x00\"\x00": "UTF-16, such as the > of PowerShell writes, expected a network file, the JSON of network2.py; save it as UTF-8", "{\x00\"\x00s\x00": "UTF-16",
		"BZh91AY": "a file of bzip2", "\xfd7zXZ\x00": "a file of xz, expected a network file, the JSON of network2.py; unpack it first",
		"(lp0\nF0.5\na.": "a pickle of Python", "(dp0\nS'a'\n": "a pickle", "((lp0\n": "a pickle", "ccopy_reg\n_reconstructor\n": "a pickle", "(I784\nI30\n": "a pickle",
		"]q\x00(K\x01": "a pickle", "}q\x00U": "a pickle", "(]q\x00": "a pickle", "c__main__\nNetwork\n": "a pickle", "(See": "no JSON", "cost: 3\n": "no JSON",
		"\x00\x00\x08\x03\x00": "an IDX file", "\n<!DOCTYPE html><html>": "a page of HTML", "<html>": "a page of HTML",
		"version https://git-lfs.github.com/spec/v1\noid":           "a pointer of Git LFS in the place of a file, expected a network file, the JSON of network2.py; git lfs pull fetches the file",
		`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[1]]}`: `"biases" holds a number`,
	} {
		writeFile(t, name, []byte(text))
		if _, err := LoadNetwork(name); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "main.") || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	writeFile(t, name, []byte("\ufeff"+`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost"}`))
	if _, err := LoadNetwork(name); err != nil {
		t.Error(err)
	}
}

// TestOtherDropout: weights that do not follow from those that dropout trained are
// refused, with both and with their place.
func TestOtherDropout(t *testing.T) {
	net := large([]int{3, 2, 4, 2}, NewNumPyRandom(1))
	net.Dropout = 0.5
	f := net.file()
	if err := f.trainedWeights(NewNetwork(net.Sizes)); err != nil {
		t.Fatal(err)
	}
	f.Weights[2][1][3], f.Dropout.Weights[1][1][3] = 7, 4
	err := f.trainedWeights(NewNetwork(net.Sizes))
	if want := "layer 4, neuron 2, weight 4 is 7, but 4 × 0.5 is 2;"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
