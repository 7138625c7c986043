package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTraceColumns: all of trace fits on 80 columns, and no derivative differs
// from its finite difference in the digits shown.
func TestTraceColumns(t *testing.T) {
	var out bytes.Buffer
	if err := traceStep(&out); err != nil {
		t.Fatal(err)
	}
	pair := regexp.MustCompile(`BP[1-4] .* (-?\d\.\d{8}) +(-?\d\.\d{8})$`)
	pairs := 0
	for _, line := range strings.Split(out.String(), "\n") {
		if len(line) > 80 {
			t.Errorf("%q is %d wide, want at most 80", line, len(line))
		}
		if m := pair.FindStringSubmatch(line); m != nil {
			pairs++
			if m[1] != m[2] {
				t.Errorf("%q: the derivatives differ", line)
			}
		}
	}
	if pairs != 4+4+9 {
		t.Errorf("%d derivatives beside their differences, want 17", pairs)
	}
	if err := traceStep(fullDisk{}); err != errFull {
		t.Errorf("on a full disk: error %v, want %v", err, errFull)
	}
}

// TestCheckCommand: the check passes for networks of every kind, says how many
// parameters it looked at, and warns of kinks; an absurd size is refused.
func TestCheckCommand(t *testing.T) {
	dir := smallSet(t, 60)
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-load none.json", `none.json`, 1},
		{"-sizes 4,5,10", `\n    2  20 .*\n    3  50 .*\n\nWorst relative error \S+: good`, 0},
		{"-sizes 4,6,5,10 -cost cross-entropy -activation tanh -lambda 3 -dropout 0.5", `\n    4  50 .*\n\nWorst`, 0},
		{"-sizes 4,5,4 -encoding binary", `good`, 0},
		{"-sizes 4,5,10 -cost log-likelihood -activation relu -l1 2 -init default", `(?s)good.*max\(0, z\) has a kink.*\|w\| has a kink`, 0},
		{"-sizes 4,5,10", `50 training examples, batch 10, seed 12345678\n`, 0},
		{"-sizes 4,5,10 -epochs 3", `check makes no file and trains nothing: it does not take -epochs;`, 2},
		{"-sizes 4,5,10 -monitor cost", `does not take -monitor`, 2},
		{"-sizes 4,5,10 -mu 0.9", `does not take -mu`, 2},
		{"-sizes 4,5,10 -csv x", `does not take -csv`, 2},
		{"-sizes 4,5,10 -batch 1000", `first mini-batch of an epoch, of length 50\.`, 0},
		{"-sizes 4,3000,3000,10 -batch 50", `about \d+ minutes, two feedforward passes`, 1},
	} {
		status, stdout, stderr := runs(append([]string{"check", "-data", dir}, strings.Fields(c.args)...)...)
		if status != c.status || !regexp.MustCompile(c.want).MatchString(stdout+stderr) {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %s", c.args, status, stdout, stderr, c.want)
		}
	}
}

// TestCheckFails: with a wrong δᴸ, σ' missing, the check ends in an error and
// says that the gradient is wrong; it samples large layers.
func TestCheckFails(t *testing.T) {
	random := NewNumPyRandom(1)
	net := large([]int{30, 4, 3}, random)
	planted := *QuadraticCost
	planted.Delta = differenceDelta
	b := randomBatch(net, 5, random)
	for _, cost := range []*Cost{QuadraticCost, &planted} {
		net.Cost = cost
		var out bytes.Buffer
		err := (&gradientCheck{net: net, batch: b}).report(&out)
		if failed := err != nil; failed != (cost == &planted) || failed != strings.Contains(out.String(), "wrong (above 1e-2)") {
			t.Errorf("planted %v: error %v, report %q", cost == &planted, err, out.String())
		}
	}
	net.Cost = QuadraticCost
	net.Weights[1].Data[5] = 4e-6 // next to the kink of |w|, where the difference is not the slope
	var out bytes.Buffer
	if err := (&gradientCheck{net: net, batch: b, more: Settings{L1: 3}}).report(&out); err != nil || !strings.Contains(out.String(), "left out, here 1.") {
		t.Errorf("a weight at the kink: error %v, report %q", err, out.String())
	}
	c := &gradientCheck{net: net, batch: b, most: 50}
	c.gradient = net.stepGradient(b, Settings{})
	if e, looked := c.compareSampled(net.Weights[1].Data, c.gradient.Weights[1].Data); looked != "50 of 120" || !(e <= 1e-7) {
		t.Errorf("looked at %s, error %.1e, want 50 of 120, a good one", looked, e)
	}
	if err := c.report(fullDisk{}); err != errFull {
		t.Errorf("on a full disk: error %v, want %v", err, errFull)
	}
}

// TestCheckAllFlags: the check passes for every cost, kind of hidden neuron,
// regularization and depth, and fails for each with a wrong σ' or δᴸ.
func TestCheckAllFlags(t *testing.T) {
	for _, cost := range costs {
		for _, hidden := range activations {
			for _, h := range []Settings{{}, {Lambda: 3}, {L1: 2}, {Lambda: 1, L1: 2, Dropout: 0.5}} {
				for _, sizes := range [][]int{{12, 8, 4}, {12, 8, 6, 6, 4}} {
					random := NewNumPyRandom(11)
					net := NewNetwork(sizes)
					net.DefaultWeights(random)
					net.Cost, net.Hidden = cost, hidden
					b := randomBatch(net, 6, random)
					offKinks(net, b)
					b.drop(h.Dropout, random)
					var out bytes.Buffer
					if err := (&gradientCheck{net: net, batch: b, more: h}).report(&out); err != nil || !strings.Contains(out.String(), ": good (at most 1e-7)") {
						t.Fatalf("%s, %s, %+v, %v: error %v, report %s", cost.Name, hidden.Name, h, sizes, err, out.String())
					}
					planted := *hidden
					planted.Prime = func(z, a float64) float64 { return 1.1*hidden.Prime(z, a) + 0.01 }
					net.Hidden = &planted
					if err := (&gradientCheck{net: net, batch: b, more: h}).report(io.Discard); err == nil {
						t.Errorf("%s, %s, %+v, %v: no error with a wrong σ'", cost.Name, hidden.Name, h, sizes)
					}
				}
			}
		}
	}
}

// TestCheckRounding: where a network is so saturated that a difference of its
// cost is little more than rounding, the check says that; a wrong gradient is
// an error there too.
func TestCheckRounding(t *testing.T) {
	random := NewNumPyRandom(2)
	net := large([]int{20, 8, 4}, random)
	b := randomBatch(net, 5, random)
	for j := range net.Biases[2] {
		net.Biases[2][j] = -22
	}
	var out bytes.Buffer
	if err := (&gradientCheck{net: net, batch: b}).report(&out); err != nil || !strings.Contains(out.String(), "no more than the rounding of C") {
		t.Errorf("saturated: error %v, report %s", err, out.String())
	}
	planted := *QuadraticCost
	planted.Delta = differenceDelta
	net.Cost = &planted
	if err := (&gradientCheck{net: net, batch: b}).report(io.Discard); err == nil {
		t.Error("saturated, with σ' left out: no error")
	}
}

// TestCheckStatus: a wrong gradient ends the program with exit status 1, as
// any other failure does.
func TestCheckStatus(t *testing.T) {
	right := *Tanh
	defer func() { *Tanh = right }()
	dir := smallSet(t, 20)
	for _, c := range []struct {
		prime  func(z, a float64) float64
		status int
	}{{right.Prime, 0}, {func(_, a float64) float64 { return 1 + a*a }, 1}} {
		Tanh.Prime = c.prime
		if status, stdout, stderr := runs("check", "-data", dir, "-sizes", "4,5,10", "-activation", "tanh"); status != c.status {
			t.Errorf("status %d, want %d; stdout %q, stderr %q", status, c.status, stdout, stderr)
		}
	}
}

// TestFirstMiniBatch: check looks at the examples and the mask with which
// training begins.
func TestFirstMiniBatch(t *testing.T) {
	o, err := readOptions([]string{"-batch", "7", "-dropout", "0.5", "-seed", "9"})
	if err != nil {
		t.Fatal(err)
	}
	training := mnist().training.Slice(0, 200)
	net := o.newNetwork(9)
	got := o.firstMiniBatch(net, training)
	want := NewPythonRandom(9)
	order := all(training)
	want.Shuffle(order)
	sameBits(t, "the inputs", got.a[0], filled(net, training, order[:7]).a[0])
	kept := 0.0
	for _, keep := range got.mask[1] {
		kept += keep
	}
	if kept != 15 {
		t.Errorf("%v hidden neurons stay, want 15", kept)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 23860: "23,860", 1002003: "1,002,003"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for e, want := range map[float64]string{1e-9: "good (", 1e-6: "good enough where", 1e-3: "doubtful (", 0.1: "wrong"} {
		if got := verdict(e); !strings.HasPrefix(got, want) {
			t.Errorf("verdict(%v) = %s, want %s", e, got, want)
		}
	}
}

func Example_trace() {
	if err := traceStep(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// ONE STEP OF BACKPROPAGATION (§2.4): sizes [2 3 1], quadratic cost, η = 0.5
	// Layers l count from 1, as in the text; neurons j and k too.
	//
	// 1. Input: a1 = [0.5 0.9], desired output y = [1]
	//
	// 2. Feedforward, Eq. 19: z = w a + b with the a of the layer before, a = σ(z)
	//     l j   w_j1 ...                              b          z          a
	//     2 1   1.571875  -0.975696              0.553708   0.461519   0.613374
	//     2 2   0.480699   0.625614             -1.459632  -0.656230   0.341587
	//     2 3   0.722353   0.910326             -1.294585  -0.114115   0.471502
	//     3 1   0.052467  -1.400124  -0.164340  -1.509674  -2.033243   0.115757
	//
	// 3. Output error, BP1, and 4. backpropagated error, BP2: δ is ∂C/∂z, Eq. 21
	//     l j                   σ'(z)             δ  finite difference
	//     3 1  BP1         0.10235622   -0.09050851        -0.09050851
	//     2 1  BP2         0.23714677   -0.00112615        -0.00112615
	//     2 2  BP2         0.22490463    0.02850072         0.02850072
	//     2 3  BP2         0.24918773    0.00370646         0.00370646
	//
	// 5. Gradient: BP3, ∂C/∂b_j = δ_j, and BP4, ∂C/∂w_jk = a_k δ_j
	//     l j k                    a_k         slope  finite difference
	//     2 1    BP3   ∂C/∂b                -0.00112615        -0.00112615
	//     2 1 1  BP4   ∂C/∂w    0.500000    -0.00056307        -0.00056307
	//     2 1 2  BP4   ∂C/∂w    0.900000    -0.00101353        -0.00101353
	//     2 2    BP3   ∂C/∂b                 0.02850072         0.02850072
	//     2 2 1  BP4   ∂C/∂w    0.500000     0.01425036         0.01425036
	//     2 2 2  BP4   ∂C/∂w    0.900000     0.02565064         0.02565064
	//     2 3    BP3   ∂C/∂b                 0.00370646         0.00370646
	//     2 3 1  BP4   ∂C/∂w    0.500000     0.00185323         0.00185323
	//     2 3 2  BP4   ∂C/∂w    0.900000     0.00333581         0.00333581
	//     3 1    BP3   ∂C/∂b                -0.09050851        -0.09050851
	//     3 1 1  BP4   ∂C/∂w    0.613374    -0.05551561        -0.05551561
	//     3 1 2  BP4   ∂C/∂w    0.341587    -0.03091654        -0.03091654
	//     3 1 3  BP4   ∂C/∂w    0.471502    -0.04267496        -0.04267496
	//
	// 6. Gradient descent, Eq. 17 with m = 1: w and b move by -η times their slope.
	//    C falls from 0.39094320 to 0.38285597
}

// TestTraceJSON: the reference vectors of a step are those of the literal port of
// network.py, for the first mini-batch of the book's first run; any other network
// can be traced, too.
func TestTraceJSON(t *testing.T) {
	type layer struct {
		B, NablaB, NewB   []float64
		Z, A, Delta, NewW [][]float64
		NablaW            [][]float64 `json:"nabla_w"`
		Nabla             []float64   `json:"nabla_b"`
		Updated           []float64   `json:"new_b"`
		UpdatedW          [][]float64 `json:"new_w"`
	}
	var trace struct {
		Sizes  []int
		X, Y   [][]float64
		Layers []layer
		Cost   float64
	}
	status, stdout, stderr := runs("trace", "-json", "-batch", "10")
	if err := json.Unmarshal([]byte(stdout), &trace); status != 0 || err != nil || len(trace.X) != 10 || len(trace.X[0]) != 784 || len(trace.Layers) != 2 {
		t.Fatalf("status %d, %v, %s", status, err, stderr)
	}
	net := NewNetwork([]int{784, 30, 10})
	net.LargeWeights(NewNumPyRandom(bookSeed))
	training, _, err := LoadTraining("")
	if err != nil {
		t.Fatal(err)
	}
	done := errors.New("one mini-batch")
	if err := net.SGD(training, 1, 10, 3, Run{After: func(*State) error { return done }}); err != done {
		t.Fatal(err)
	}
	for l := 1; l <= 2; l++ {
		if got := trace.Layers[l-1]; !slices.Equal(got.Updated, net.Biases[l]) || !slices.Equal(got.UpdatedW[3], net.Weights[l].Row(3)) {
			t.Errorf("layer %d: the updated biases are %v, want %v", l+1, got.Updated, net.Biases[l])
		}
	}
	status, stdout, stderr = runs(strings.Fields("trace -sizes 3,4,2 -x 0.1,0.2,0.3 -y 0,1 -cost cross-entropy -activation tanh")...)
	if status != 0 || !strings.Contains(stdout, "sizes [3 4 2], cross-entropy cost") || !strings.Contains(stdout, "BP4") {
		t.Errorf("status %d, %s, %s", status, stdout, stderr)
	}
	status, stdout, stderr = runs("trace", "-sizes", "2,3,1", "-data", filepath.Join("docs", "examples", "xor.csv"))
	if status != 0 || !strings.Contains(stdout, "sizes [2 3 1]") {
		t.Errorf("status %d, %s, %s", status, stdout, stderr)
	}
	for line, want := range map[string]string{"trace -x 1,2 -y 1 -sizes 3,1": "expected 3 and 1", "trace -x a": "comma-separated numbers", "trace -sizes 784,30,10": "-json writes them"} {
		if status, _, stderr := runs(strings.Fields(line)...); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s, want %q", line, status, stderr, want)
		}
	}
}

// TestTraceRefuses: what trace would pass over, or cannot work out, it refuses.
func TestTraceRefuses(t *testing.T) {
	large := NewNetwork([]int{784, 30, 10})
	large.LargeWeights(NewNumPyRandom(1))
	for l := 1; l <= large.L(); l++ {
		for i := range large.Weights[l].Data {
			large.Weights[l].Data[i] *= 1e300
		}
	}
	saturated := storedNetwork(t, large)
	if status, stdout, stderr := runs("trace", "-json", "-batch", "2", "-load", saturated); status != 0 || !strings.Contains(stdout, `"delta":[[0,`) {
		t.Errorf("saturated: status %d, %s", status, stderr)
	}
	if status, _, stderr := runs("check", "-load", saturated); status != 0 {
		t.Errorf("saturated: status %d, %s", status, stderr)
	}
	large.Hidden = ReLU
	file := filepath.Join(t.TempDir(), "relu.json")
	if err := large.Save(file); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"trace -expand rotate -json": "does not take -expand",
		"trace -vary eta=1,2":        "does not take -vary",
		"trace -batch 4":             "without -batch; with -json",
		"trace -mu 0.5":              "without -mu; with -json",
		"trace -sizes 2,3,1":         "needs an example, -x and -y",
		"trace -sizes 2,3,2 -x 0.5,1 -y 1,1 -cost log-likelihood": "-y must have one 1",
		"check -vary eta=1,2":                "does not take -vary",
		"check -load " + file:                "the weights are too large",
		"trace -json -batch 2 -load " + file: "the weights are too large",
		"-data docs/examples/xor.csv -sizes 2,3,1 -cost log-likelihood": "use -cost cross-entropy for docs/examples/xor.csv",
	} {
		if status, _, stderr := runs(strings.Fields(line)...); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s, want %q", line, status, stderr, want)
		}
	}
	status, stdout, stderr := runs(strings.Fields("trace -json -batch 2 -mu 0.5 -lambda 1 -l1 1 -dropout 0.5")...)
	if status != 0 || !strings.Contains(stdout, `"new_w"`) {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestCheckProgress: the check says how many of the parameters are done.
func TestCheckProgress(t *testing.T) {
	random := NewNumPyRandom(1)
	net := large([]int{3, 4, 2}, random)
	b := randomBatch(net, 2, random)
	var fractions []float64
	var last string
	c := &gradientCheck{net: net, batch: b, most: 5, total: 10, status: func(done float64, line string) {
		fractions, last = append(fractions, done), line
	}}
	c.gradient = net.stepGradient(b, Settings{})
	c.compareSampled(net.Weights[1].Data, c.gradient.Weights[1].Data)
	if want := []float64{0.1, 0.2, 0.3, 0.4, 0.5}; !slices.Equal(fractions, want) || last != "5 of 10 parameters" {
		t.Errorf("%v, %q, want %v", fractions, last, want)
	}
}
