package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pythonWith returns a Python that has a library, or skips the test.
func pythonWith(t *testing.T, library string) string {
	t.Helper()
	if !long() {
		t.Skip("starts Python; NNDL_LONG=1 does")
	}
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+library).Run() == nil {
			return python
		}
	}
	t.Skipf("no Python with %s here", library)
	return ""
}

// pageScripts writes the Python scripts of docs/beyond.md into a new folder.
func pageScripts(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("docs", "beyond.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range regexp.MustCompile("(?s)```python\n# (\\w+\\.py)\n(.*?)```").FindAllSubmatch(page, -1) {
		writeFile(t, filepath.Join(dir, string(m[1])), m[2])
	}
	return dir
}

// A tracedNetwork is a network file and what trace -json says of it: outputs, and the
// weights after one mini-batch.
type tracedNetwork struct {
	cost, file, trace string
	Eta               float64
	X, Y              [][]float64
	Layers            []struct {
		A    [][]float64
		NewW [][]float64 `json:"new_w"`
		NewB []float64   `json:"new_b"`
	}
}

// tracedNetworks trains a network for each cost, with other hidden neurons each.
func tracedNetworks(t *testing.T) (all []*tracedNetwork) {
	t.Helper()
	for cost, flags := range map[string]string{
		"quadratic":      "-sizes 784,12,10",
		"cross-entropy":  "-sizes 784,12,8,10 -activation tanh -eta 0.1",
		"log-likelihood": "-sizes 784,12,10 -activation relu -eta 0.1",
	} {
		n := &tracedNetwork{cost: cost, file: filepath.Join(t.TempDir(), cost+".json")}
		line := strings.Fields(flags + " -init default -cost " + cost + " -train-size 500 -epochs 2 -eval-size 100 -save " + n.file)
		if status, _, stderr := runs(line...); status != 0 {
			t.Fatal(stderr)
		}
		status, stdout, stderr := runs("trace", "-load", n.file, "-cost", cost, "-eta", "0.5", "-train-size", "500", "-json")
		if err := json.Unmarshal([]byte(stdout), n); status != 0 || err != nil {
			t.Fatalf("%v; %s", err, stderr)
		}
		n.trace = filepath.Join(filepath.Dir(n.file), cost+".trace")
		writeFile(t, n.trace, []byte(stdout))
		all = append(all, n)
	}
	return all
}

// python runs lines of Python in a folder and reads the JSON that they print.
func pythonSays(t *testing.T, python, dir string, into any, script string, args ...string) {
	t.Helper()
	c := exec.Command(python, append([]string{"-W", "ignore", "-c", script}, args...)...)
	c.Dir = dir
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err == nil {
		err = json.Unmarshal(out, into)
	}
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, stderr.String(), script)
	}
}

// near reports numbers that differ by more than 1e-12.
func near(t *testing.T, what string, got, want [][]float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		for k := range want[i] {
			if len(got[i]) != len(want[i]) || !(math.Abs(got[i][k]-want[i][k]) <= 1e-12) {
				t.Errorf("%s: row %d: %v, want %v", what, i, got[i], want[i])
				return
			}
		}
	}
}

const readTrace = "import json, sys; import numpy as np; trace = json.load(open(sys.argv[2])); x, y = np.array(trace['x']), np.array(trace['y'], dtype=float)\n"

// TestBeyondNumPy: the script of docs/beyond.md loads a network of each kind with the
// outputs of this program, and its file is loaded here again, as it was.
func TestBeyondNumPy(t *testing.T) {
	t.Parallel()
	python, dir := pythonWith(t, "numpy"), pageScripts(t)
	for _, n := range tracedNetworks(t) {
		var a [][]float64
		back := filepath.Join(dir, n.cost+".json")
		pythonSays(t, python, dir, &a, readTrace+"import net_numpy as m; net = m.load(sys.argv[1]); m.save(net, sys.argv[3]); print(json.dumps(m.feedforward(net, x).tolist()))", n.file, n.trace, back)
		near(t, n.cost, a, n.Layers[len(n.Layers)-1].A)
		got, err := LoadNetwork(back)
		if err != nil {
			t.Fatal(err)
		}
		want, err := LoadNetwork(n.file)
		if err != nil {
			t.Fatal(err)
		}
		sameNetwork(t, n.cost, got, want)
	}
	// The script itself, in the folder of the program.
	n := tracedNetworks(t)[0]
	_, stdout, _ := runs("-load", n.file, "-cost", n.cost, "-epochs", "0")
	out, err := exec.Command(python, filepath.Join(dir, "net_numpy.py"), n.file).CombinedOutput()
	if want := strings.TrimPrefix(stdout, "Loaded: "); err != nil || string(out) != want || want == "" {
		t.Errorf("%s, %v, want %s", out, err, want)
	}
	// A table's inputs are scaled.
	file := filepath.Join(t.TempDir(), "iris.json")
	if status, _, stderr := runs(strings.Fields("-data docs/examples/iris.csv -cost log-likelihood -init default -eta 0.5 -epochs 20 -save " + file)...); status != 0 {
		t.Fatal(stderr)
	}
	var right int
	pythonSays(t, python, dir, &right, `import csv, sys, numpy as np, net_numpy as m
net = m.load(sys.argv[1])
rows = list(csv.reader(open(sys.argv[2])))[1:]
a = m.feedforward(net, np.array([[float(x) for x in row[:4]] for row in rows]))
print(sum(net["classes"][i] == row[4] for i, row in zip(a.argmax(axis=1), rows)))`, file, absolute(t, "docs/examples/iris.csv"))
	if right < 135 {
		t.Errorf("%d of 150 flowers", right)
	}
}

// absolute returns the full name of a file of the project.
func absolute(t *testing.T, name string) string {
	t.Helper()
	full, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return full
}

// TestBeyondTorch: PyTorch has the same outputs, and its step on the same mini-batch
// leads to the same weights.
func TestBeyondTorch(t *testing.T) {
	t.Parallel()
	python, dir := pythonWith(t, "torch"), pageScripts(t)
	for _, n := range tracedNetworks(t) {
		var got struct {
			A [][]float64
			W [][][]float64
			B [][]float64
		}
		pythonSays(t, python, dir, &got, readTrace+`import torch, net_torch as m
model, loss = m.load(sys.argv[1])
x, y = torch.tensor(x), torch.tensor(y)
a = model(x).tolist()
m.step(model, loss, x, y, trace["eta"])
layers = [l for l in model if isinstance(l, torch.nn.Linear)]
print(json.dumps({"a": a, "w": [l.weight.tolist() for l in layers], "b": [l.bias.tolist() for l in layers]}))`, n.file, n.trace)
		n.check(t, got.A, got.W, got.B)
	}
}

// check compares outputs and the weights after a step with those of this program.
func (n *tracedNetwork) check(t *testing.T, a [][]float64, w [][][]float64, b [][]float64) {
	t.Helper()
	near(t, n.cost+" outputs", a, n.Layers[len(n.Layers)-1].A)
	for l, layer := range n.Layers {
		if w != nil {
			near(t, fmt.Sprintf("%s, weights of layer %d", n.cost, l+2), w[l], layer.NewW)
			near(t, fmt.Sprintf("%s, biases of layer %d", n.cost, l+2), b[l:l+1], [][]float64{layer.NewB})
		}
	}
}

// TestBeyondSklearn: so has scikit-learn, which has no quadratic cost to train on
// with.
func TestBeyondSklearn(t *testing.T) {
	t.Parallel()
	python, dir := pythonWith(t, "sklearn"), pageScripts(t)
	for _, n := range tracedNetworks(t) {
		var got struct {
			A [][]float64
			W [][][]float64
			B [][]float64
		}
		pythonSays(t, python, dir, &got, readTrace+`import net_sklearn as m
model = m.load(sys.argv[1], trace["eta"])
a = model.predict_proba(x).tolist()
model.partial_fit(x, y.argmax(axis=1) if model.out_activation_ == "softmax" else y.astype(int))
print(json.dumps({"a": a, "w": [w.T.tolist() for w in model.coefs_], "b": [b.tolist() for b in model.intercepts_]}))`, n.file, n.trace)
		if n.cost == "quadratic" {
			got.W = nil
		}
		n.check(t, got.A, got.W, got.B)
	}
}
