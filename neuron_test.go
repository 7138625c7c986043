package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wantNear fails the test unless got is within tol of want; NaN never is.
func wantNear(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.12g, want %.12g within %g", what, got, want, tol)
	}
}

// hills is a function of four variables in which no two play the same part.
func hills(v []float64) float64 {
	return v[0]*v[0]*v[1] + 3*math.Sin(v[1]) + math.Exp(v[2]/2)*v[3] - v[3]*v[3]*v[0]
}

// hillsGradient is ∇C of hills, differentiated by hand.
func hillsGradient(v []float64) []float64 {
	return []float64{
		2*v[0]*v[1] - v[3]*v[3],
		v[0]*v[0] + 3*math.Cos(v[1]),
		math.Exp(v[2]/2) * v[3] / 2,
		math.Exp(v[2]/2) - 2*v[3]*v[0],
	}
}

// hillsHessian is H of hills, differentiated by hand.
func hillsHessian(v []float64) [][]float64 {
	e := math.Exp(v[2] / 2)
	return [][]float64{
		{2 * v[1], 2 * v[0], 0, -2 * v[3]},
		{2 * v[0], -3 * math.Sin(v[1]), 0, 0},
		{0, 0, e * v[3] / 4, e / 2},
		{-2 * v[3], 0, e / 2, -2 * v[0]},
	}
}

// bowl is a convex quadratic with its minimum 7 at (1, -2, 3).
func bowl(w []float64) float64 {
	a, b, c := w[0]-1, w[1]+2, w[2]-3
	return 7 + 2*a*a + 3*b*b + 0.5*c*c + 2*a*b + 0.5*b*c + 0.5*a*c
}

var (
	hillsAt = []float64{0.7, -1.2, 0.4, 1.5}
	trio    = Neuron{[]float64{0.8, -1.3, 0.4}, 0.2}
	// trioData has three inputs as in Fig. 21, and more than one example.
	trioData = []neuronExample{
		{[]float64{1, 0.5, -2}, 1},
		{[]float64{-0.3, 2, 0.7}, 0},
		{[]float64{0.9, -1, 1.1}, 0},
		{[]float64{0.1, 0.2, 0.3}, 0.25},
	}
)

// trioCost is Eq. 31 on trioData as a function of (w_1, w_2, w_3, b).
func trioCost(v []float64) float64 {
	return Neuron{v[:3], v[3]}.CrossEntropy(trioData)
}

func trioPoint() []float64 { return append(slices.Clone(trio.W), trio.B) }

func TestEq1(t *testing.T) {
	tests := []struct {
		w, x      []float64
		threshold float64
		want      float64
	}{
		{[]float64{6, 2, 2}, []float64{1, 0, 0}, 5, 1},
		{[]float64{6, 2, 2}, []float64{0, 1, 1}, 5, 0},
		{[]float64{6, 2, 2}, []float64{0, 1, 1}, 3, 1},
		{[]float64{6, 2, 2}, []float64{0, 1, 1}, 4, 0}, // equal is not above
		{[]float64{6, -2, 2}, []float64{1, 1, 0}, 5, 0},
		{[]float64{-1, -1}, []float64{0, 0}, -0.5, 1},
		{[]float64{-1, -1}, []float64{1, 0}, -0.5, 0},
		{nil, nil, 0, 0},
	}
	for _, tt := range tests {
		if got := (ThresholdPerceptron{tt.w, tt.threshold}).Output(tt.x); got != tt.want {
			t.Errorf("ThresholdPerceptron{%v, %v}.Output(%v) = %v, want %v", tt.w, tt.threshold, tt.x, got, tt.want)
		}
	}
}

// Whole numbers make ties frequent, where a wrong comparison shows.
func TestEq2(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ties, misprint := 0, 0
	for range 2000 {
		w, x := make([]float64, 3), make([]float64, 3)
		for j := range w {
			w[j], x[j] = float64(rng.IntN(9)-4), float64(rng.IntN(2))
		}
		p := ThresholdPerceptron{w, float64(rng.IntN(9) - 4)}
		want := p.Output(x)
		if got := p.Neuron().Perceptron(x); got != want {
			t.Fatalf("%+v: bias form on %v = %v, want %v", p, x, got, want)
		}
		if p.Neuron().Z(x) == 0 {
			ties++
		}
		if (Neuron{w, p.Threshold}).Perceptron(x) != want {
			misprint++
		}
	}
	t.Logf("of 2,000 random perceptrons %d decide otherwise with b = +threshold, as printed, and none with b = -threshold", misprint)
	if ties < 50 {
		t.Errorf("%d ties among 2000 trials, want 50 or more", ties)
	}
	if misprint < 200 {
		t.Errorf("b = +threshold, as printed, differs in %d of 2000 trials, want many", misprint)
	}
	for _, z := range []float64{-1, -1e-300, 0, 1e-300, 1} { // w = 1, b = 0
		perceptron, step := Neuron{[]float64{1}, 0}.Perceptron([]float64{z}), stepFunction(z)
		if (perceptron != step) != (z == 0) {
			t.Errorf("at z = %v the perceptron is %v, the step function %v, want them to differ at 0 only", z, perceptron, step)
		}
	}
	for i, want := range []float64{0, 1, 1, 0} { // two layers of Eq. 2 compute what one does not
		x := []float64{float64(i >> 1), float64(i & 1)}
		if got := xor().Output(x, Neuron.Perceptron); !slices.Equal(got, []float64{want}) {
			t.Errorf("XOR of %v = %v, want %v", x, got, want)
		}
	}
}

func TestEq4(t *testing.T) {
	n := Neuron{[]float64{1}, 2}
	wantNear(t, "Sigmoid at w·x=1, b=2", n.Sigmoid([]float64{1}), 0.952574, 5e-7)
	wantNear(t, "the printed form there", 1/(1+math.Exp(1*2)), 0.119203, 5e-7)
	t.Logf("w·x = 1, b = 2: %.4f; as printed %.4f", n.Sigmoid([]float64{1}), 1/(1+math.Exp(1*2)))
	for _, d := range trioData {
		z := 0.8*d.x[0] - 1.3*d.x[1] + 0.4*d.x[2] + 0.2
		wantNear(t, "Sigmoid", trio.Sigmoid(d.x), 1/(1+math.Exp(-z)), 1e-15)
	}
	wantNear(t, "Sigmoid at z=1000", Neuron{[]float64{1000}, 0}.Sigmoid([]float64{1}), 1, 0)
	wantNear(t, "Sigmoid at z=-1000", Neuron{[]float64{-1000}, 0}.Sigmoid([]float64{1}), 0, 0)
}

// A linear prediction is right to first order: what it misses falls with h².
func TestEq5(t *testing.T) {
	x, dw, db := []float64{0.638, 1, -0.5}, []float64{1, -2, 0.5}, 0.7
	residual := func(h float64) float64 {
		moved := Neuron{slices.Clone(trio.W), trio.B + h*db}
		step := make([]float64, 3)
		for j := range step {
			step[j] = h * dw[j]
			moved.W[j] += step[j]
		}
		return moved.Sigmoid(x) - trio.Sigmoid(x) - trio.SigmoidChange(x, step, h*db)
	}
	for _, h := range []float64{0x1p-5, 0x1p-7, 0x1p-9} {
		t.Logf("x = %v, h = %g: what Eq. 5 misses of Δoutput is %.2e, at half the h %.2e", x, h, residual(h), residual(h/2))
		wantNear(t, "residual(h)/residual(h/2)", residual(h)/residual(h/2), 4, 0.2)
	}
	for j, want := range Gradient(func(v []float64) float64 { return Neuron{v[:3], v[3]}.Sigmoid(x) }, trioPoint()) {
		unit := make([]float64, 4)
		unit[j] = 1
		wantNear(t, "∂output", trio.SigmoidChange(x, unit[:3], unit[3]), want, 1e-9)
	}
}

func TestEq8(t *testing.T) {
	v := []float64{0.8, -0.6}
	tests := []struct {
		dv   []float64
		want float64 // 2v_1 Δv_1 + 2v_2 Δv_2
	}{
		{[]float64{0.1, 0}, 0.16},
		{[]float64{0, 0.1}, -0.12},
		{[]float64{0.1, 0.1}, 0.04},
		{[]float64{0.01, -0.02}, 0.04},
	}
	for _, tt := range tests {
		got := PredictedChange(Gradient(valley, v), tt.dv)
		wantNear(t, "PredictedChange", got, tt.want, 1e-9)
		dC := valley(addVectors(v, tt.dv)) - valley(v)
		wantNear(t, "what it misses on the valley, ‖Δv‖²", dC-got, valley(tt.dv), 1e-9)
	}
}

func TestEq9(t *testing.T) {
	skew := func(v []float64) float64 { return 3*v[0]*v[0] + v[0]*v[1] - 2*v[1] }
	tests := []struct {
		C       func([]float64) float64
		v, want []float64
	}{
		{valley, []float64{0, 0}, []float64{0, 0}},
		{valley, []float64{1, 0.5}, []float64{2, 1}},
		{valley, []float64{-0.3, 0.7}, []float64{-0.6, 1.4}},
		{valley, []float64{1e9, -3}, []float64{2e9, 0}}, // v_2 is lost in C's rounding
		{skew, []float64{1, 0.5}, []float64{6.5, -1}},
	}
	for _, tt := range tests {
		at := slices.Clone(tt.v)
		got := Gradient(tt.C, at)
		wantNear(t, "∂C/∂v_1", got[0], tt.want[0], 1e-9*max(1, math.Abs(tt.want[0])))
		if tt.v[0] < 1e9 {
			wantNear(t, "∂C/∂v_2", got[1], tt.want[1], 1e-9)
		}
		if !slices.Equal(at, tt.v) {
			t.Errorf("Gradient moved v from %v to %v", tt.v, at)
		}
	}
}

func TestEq10(t *testing.T) {
	for _, v := range [][]float64{hillsAt, {0, 0, 0, 0}, {-2, 3, 1, -0.5}} {
		got, want := Gradient(hills, v), hillsGradient(v)
		if len(got) != 4 {
			t.Fatalf("Gradient(hills, %v) has %d entries, want 4", v, len(got))
		}
		for j := range want {
			wantNear(t, "∂C/∂v_j", got[j], want[j], 1e-8)
		}
	}
}

func TestEq11(t *testing.T) {
	dv := []float64{0.3, -0.5, 0.2, 0.7}
	g := hillsGradient(hillsAt)
	want := g[0]*dv[0] + g[1]*dv[1] + g[2]*dv[2] + g[3]*dv[3]
	wantNear(t, "∇C·Δv", PredictedChange(Gradient(hills, hillsAt), dv), want, 1e-8)
	residual := func(h float64) float64 {
		step := []float64{h * dv[0], h * dv[1], h * dv[2], h * dv[3]}
		return hills(addVectors(hillsAt, step)) - hills(hillsAt) - PredictedChange(g, step)
	}
	for _, h := range []float64{0x1p-5, 0x1p-7, 0x1p-9} {
		step := []float64{h * dv[0], h * dv[1], h * dv[2], h * dv[3]}
		t.Logf("Δv = %.5f: ΔC = %.7f, ∇C·Δv = %.7f", step, hills(addVectors(hillsAt, step))-hills(hillsAt), PredictedChange(g, step))
		wantNear(t, "residual(h)/residual(h/2)", residual(h)/residual(h/2), 4, 0.2)
	}
}

func TestEq12(t *testing.T) {
	for _, v := range [][]float64{hillsAt, {-2, 3, 1, -0.5}} {
		nablaC := Gradient(hills, v)
		dv := GradientStep(nablaC, 0.001)
		for j := range dv {
			if want := -0.001 * nablaC[j]; dv[j] != want {
				t.Errorf("GradientStep(%v, 0.001)[%d] = %v, want %v", nablaC, j, dv[j], want)
			}
		}
		if got := hills(addVectors(v, dv)) - hills(v); !(got < 0) {
			t.Errorf("ΔC of a small step from %v = %v, want below 0", v, got)
		}
		printed := GradientStep(nablaC, -0.001)
		t.Logf("from %v: ΔC = %+.6f with Δv = -η∇C, %+.6f with Δv = η∇C, as printed", v, hills(addVectors(v, dv))-hills(v), hills(addVectors(v, printed))-hills(v))
		if got := hills(addVectors(v, printed)) - hills(v); !(got > 0) {
			t.Errorf("ΔC of the printed +η∇C from %v = %v, want above 0", v, got)
		}
	}
}

func TestEq13(t *testing.T) {
	tests := []struct {
		name string
		C    func([]float64) float64
		v    []float64
	}{
		{"valley", valley, []float64{1, 0.5}},
		{"valley", valley, []float64{-0.2, 3}},
		{"hills", hills, hillsAt},
		{"trioCost", trioCost, trioPoint()},
	}
	for _, tt := range tests {
		nablaC := Gradient(tt.C, tt.v)
		dC := tt.C(addVectors(tt.v, GradientStep(nablaC, 1e-3))) - tt.C(tt.v)
		predicted := PredictedFall(nablaC, 1e-3)
		if !(predicted < 0) {
			t.Errorf("%s: PredictedFall = %v, want below 0", tt.name, predicted)
		}
		wantNear(t, tt.name+": ΔC/(-η‖∇C‖²)", dC/predicted, 1, 0.01)
		wantNear(t, tt.name+": Eq. 13 - Eq. 11 at Δv = -η∇C",
			predicted-PredictedChange(nablaC, GradientStep(nablaC, 1e-3)), 0, 1e-15)
	}
	t.Run("a network", func(t *testing.T) { // a step of training, all weights and biases at once
		net, d := small(12)
		nablaW, nablaB := slopes(net, d, all(d), Settings{})
		before, _ := net.TotalCost(d, Settings{}, 12)
		for _, eta := range []float64{1e-2, 1e-3} {
			after := net.Clone()
			after.updateMiniBatch(filled(after, d, all(d)), Settings{}, &State{Eta: eta, Order: all(d)})
			C, _ := after.TotalCost(d, Settings{}, 12)
			wantNear(t, "ΔC/(-η‖∇C‖²)", (C-before)/PredictedFall(append(nablaW, nablaB...), eta), 1, 0.01)
		}
	})
}

// On the valley a step multiplies v by 1-2η.
func TestEq14(t *testing.T) {
	for _, eta := range []float64{0.001, 0.1, 0.5, 0.9, 1, 1.1} {
		path := GradientDescent(valley, []float64{1, -0.5}, eta, 12)
		if len(path) != 13 {
			t.Fatalf("GradientDescent of 12 steps returns %d positions, want 13", len(path))
		}
		t.Logf("η = %g: v_1 = %.6g after 12 steps from 1, (1-2η)¹² = %.6g", eta, path[12][0], math.Pow(1-2*eta, 12))
		for i, v := range path {
			want := math.Pow(1-2*eta, float64(i))
			wantNear(t, "v_1", v[0], want, 1e-8)
			wantNear(t, "v_2", v[1], -want/2, 1e-8)
		}
	}
}

func TestValleyLearningRates(t *testing.T) {
	start := []float64{0.8, -0.9}
	tests := []struct {
		eta    float64
		lo, hi float64 // C after 100 steps, as a share of the first C
	}{
		{0.0001, 0.9, 0.99}, // creeps
		{0.1, 0, 1e-15},
		{0.5, 0, 1e-15},
		{0.9, 0, 1e-15},
		{1, 0.999, 1.001}, // to and fro for ever
		{1.1, 1e10, math.MaxFloat64},
	}
	for _, tt := range tests {
		path := GradientDescent(valley, start, tt.eta, 100)
		if got := valley(path[100]) / valley(start); !(got >= tt.lo && got <= tt.hi) {
			t.Errorf("eta %v: C after 100 steps / first C = %v, want %v to %v", tt.eta, got, tt.lo, tt.hi)
		}
	}
}

func TestSettled(t *testing.T) {
	path := [][]float64{{1, 0}, {0.01, 0}, {0.2, 0}, {0.01, 0}, {0, 0.01}}
	for _, tt := range []struct {
		tol  float64
		want int
	}{{0.1, 3}, {0.5, 1}, {3, 0}, {0.001, 5}} {
		if got := stepsToFlat(valley, path, tt.tol); got != tt.want {
			t.Errorf("settled(valley, path, %v) = %v, want %v", tt.tol, got, tt.want)
		}
	}
}

func TestEq29(t *testing.T) {
	for _, tt := range []struct{ y, a, want float64 }{
		{0, 0, 0}, {1, 1, 0}, {0, 1, 0.5}, {1, 0, 0.5}, {1, 0.2, 0.32}, {0.5, 0.1, 0.08},
	} {
		wantNear(t, "neuronQuadratic", neuronQuadratic(tt.y, tt.a), tt.want, 1e-16)
	}
	wantNear(t, "C from (0.6, 0.9)", NewSingleNeuron(0.6, 0.9, singleQuadratic).CurrentCost(), 0.334214, 5e-7)
	wantNear(t, "C from (2, 2)", NewSingleNeuron(2, 2, singleQuadratic).CurrentCost(), 0.482176, 5e-7)
}

// singleTasks are neurons with inputs and outputs other than the text's too.
func singleTasks(cost *neuronCost) []SingleNeuron {
	var tasks []SingleNeuron
	for _, w := range []float64{-1.5, 0.6, 2} {
		for _, x := range []float64{-0.7, 0, 1, 2.5} {
			for _, y := range []float64{0, 0.3, 1} {
				tasks = append(tasks, SingleNeuron{W: w, B: 0.4, X: x, Y: y, Eta: 0.15, Epochs: 1, Cost: cost})
			}
		}
	}
	return tasks
}

func TestEq30(t *testing.T) {
	for _, s := range singleTasks(singleQuadratic) {
		want := Gradient(func(v []float64) float64 {
			at := s
			at.W, at.B = v[0], v[1]
			return at.CurrentCost()
		}, []float64{s.W, s.B})
		nablaW, nablaB := s.Gradient()
		wantNear(t, "∂C/∂w", nablaW, want[0], 1e-9)
		wantNear(t, "∂C/∂b", nablaB, want[1], 1e-9)
		after := s
		if costs := after.Train(); !slices.Equal(costs, []float64{s.CurrentCost(), after.CurrentCost()}) {
			t.Errorf("costs of an epoch = %v, want those before and after it", costs)
		}
		wantNear(t, "w after a step", after.W, s.W-0.15*want[0], 1e-9)
		wantNear(t, "b after a step", after.B, s.B-0.15*want[1], 1e-9)
		if s.X == 0 && after.W != s.W {
			t.Errorf("input 0: w = %v after a step, want %v still", after.W, s.W)
		}
		after = s // by the listing that has a where Eq. 30 has x
		costs := after.misprintedTrain()
		wantNear(t, "w after a step of the listing", after.W, s.W-0.15*want[1]*s.Output(), 1e-9)
		wantNear(t, "b after a step of the listing", after.B, s.B-0.15*want[1], 1e-9)
		if !slices.Equal(costs, []float64{s.CurrentCost(), after.CurrentCost()}) {
			t.Errorf("costs of an epoch of the listing = %v, want those before and after it", costs)
		}
	}
	s := NewSingleNeuron(0.6, 0.9, singleQuadratic)
	nablaW, nablaB := s.Gradient()
	a := 1 / (1 + math.Exp(-1.5))
	wantNear(t, "∂C/∂w = aσ'(z)", nablaW, a*a*(1-a), 1e-15)
	wantNear(t, "∂C/∂b = aσ'(z)", nablaB, a*a*(1-a), 1e-15)
}

func TestEq31(t *testing.T) {
	want := 0.0
	for _, d := range trioData {
		z := 0.8*d.x[0] - 1.3*d.x[1] + 0.4*d.x[2] + 0.2
		a := 1 / (1 + math.Exp(-z))
		want -= (d.y*math.Log(a) + (1-d.y)*math.Log(1-a)) / 4
	}
	wantNear(t, "CrossEntropy", trio.CrossEntropy(trioData), want, 1e-14)

	const almost = 1.0000050000333336e-5 // -ln(1 - 0.00001), without rounding noise
	wantNear(t, "cost at y=0, a=0.00001", neuronCrossEntropy(0, 0.00001)/almost, 1, 1e-13)
	wantNear(t, "cost at y=1, a=0.99999", neuronCrossEntropy(1, 0.99999)/almost, 1, 1e-10)
	t.Logf("y = 0, a = 0.00001: %.15g; as Eq. 31 reads, which rounds 1-a, %.15g", neuronCrossEntropy(0, 0.00001), -math.Log(1-0.00001))
	wantNear(t, "cost at y=0, a=1e-20", neuronCrossEntropy(0, 1e-20)/1e-20, 1, 1e-13)
	wantNear(t, "cost of AND where all outputs are 1/2", andCost([]float64{0, 0, 0}), math.Ln2, 1e-15)
	wantNear(t, "C from (0.6, 0.9)", NewSingleNeuron(0.6, 0.9, singleCrossEntropy).CurrentCost(), 1.701413, 5e-7)
	wantNear(t, "C from (2, 2)", NewSingleNeuron(2, 2, singleCrossEntropy).CurrentCost(), 4.018150, 5e-7)
}

func TestCrossEntropyIsACost(t *testing.T) {
	for _, tt := range []struct{ y, a, lo, hi float64 }{
		{0, 0, 0, 0},
		{1, 1, 0, 0},
		{0, 1, 700, 710},
		{1, 0, 700, 710},
		{0.5, 0, 350, 355},
		{0.5, 1, 350, 355},
		{0, 1 - 0x1p-53, 36, 37},
		{1, 5e-324, 700, 710},
		{0, 1e-300, 1e-300, 1.001e-300},
	} {
		got := neuronCrossEntropy(tt.y, tt.a)
		if !(got >= tt.lo && got <= tt.hi) || math.Signbit(got) {
			t.Errorf("neuronCrossEntropy(%v, %v) = %v, want %v to %v", tt.y, tt.a, got, tt.lo, tt.hi)
		}
	}
	for y := 0.0; y <= 1; y += 0.125 {
		t.Logf("y = %.3f: at a = y %.6f, the entropy of y; at a = 0.3 %.6f, at a = 0.6 %.6f", y, neuronCrossEntropy(y, y), neuronCrossEntropy(y, 0.3), neuronCrossEntropy(y, 0.6))
		for a := 0.0; a <= 1; a += 0.0625 {
			got, least := neuronCrossEntropy(y, a), neuronCrossEntropy(y, y)
			if !(got >= 0 && got >= least) {
				t.Errorf("neuronCrossEntropy(%v, %v) = %v, want 0 or more and at least %v", y, a, got, least)
			}
		}
	}
	if got := neuronCrossEntropy(0, math.NaN()); !math.IsNaN(got) {
		t.Errorf("neuronCrossEntropy(0, NaN) = %v, want NaN", got)
	}
}

// The three lines of Eq. 32: with ∂σ/∂w_j as a difference quotient, with
// σ'(z) x_j, and rearranged as the code has it.
func TestEq32(t *testing.T) {
	for j := range 3 {
		line1, line2 := 0.0, 0.0
		for _, d := range trioData {
			s := trio.Sigmoid(d.x)
			dsigma := Gradient(func(w []float64) float64 { return Neuron{w, trio.B}.Sigmoid(d.x) }, trio.W)
			line1 -= (d.y/s - (1-d.y)/(1-s)) * dsigma[j] / 4
			line2 -= (d.y/s - (1-d.y)/(1-s)) * sigmoidPrime(trio.Z(d.x), trio.Sigmoid(d.x)) * d.x[j] / 4
		}
		t.Logf("∂C/∂w_%d: %.8f by the first line, %.8f by the second, %.8f by the third", j+1, line1, line2, trio.crossEntropySlope(trioData, j))
		got := trio.crossEntropySlope(trioData, j)
		wantNear(t, "Eq. 32, third line", got, line1, 1e-9)
		wantNear(t, "Eq. 32, third line", got, line2, 1e-15)
	}
}

func TestEq33(t *testing.T) {
	want := Gradient(trioCost, trioPoint())
	nablaW, _ := trio.CrossEntropyGradient(trioData)
	for j := range nablaW {
		wantNear(t, "∂C/∂w_j", nablaW[j], want[j], 1e-9)
		t.Logf("∂C/∂w_%d = %.8f by Eq. 33, %.8f by differences of the cost", j+1, nablaW[j], want[j])
		wantNear(t, "∂C/∂w_j by Eq. 32", nablaW[j], trio.crossEntropySlope(trioData, j), 1e-15)
	}
	for _, s := range singleTasks(singleCrossEntropy) {
		nablaW, nablaB := s.Gradient()
		dW, dB := Neuron{[]float64{s.W}, s.B}.CrossEntropyGradient([]neuronExample{{[]float64{s.X}, s.Y}})
		wantNear(t, "single ∂C/∂w", nablaW, dW[0], 1e-15)
		wantNear(t, "single ∂C/∂b", nablaB, dB, 1e-15)
	}
	q, _ := NewSingleNeuron(2, 2, singleQuadratic).Gradient()
	c, _ := NewSingleNeuron(2, 2, singleCrossEntropy).Gradient()
	wantNear(t, "first step from (2, 2), cross-entropy/quadratic", c/q, 56.6, 0.05)
}

func TestEq34(t *testing.T) {
	_, nablaB := trio.CrossEntropyGradient(trioData)
	wantNear(t, "∂C/∂b", nablaB, Gradient(trioCost, trioPoint())[3], 1e-9)
	mean := 0.0
	for _, d := range trioData {
		mean += (trio.Sigmoid(d.x) - d.y) / 4
	}
	t.Logf("∂C/∂b = %.8f by Eq. 34, %.8f by differences of Eq. 31", mean, Gradient(trioCost, trioPoint())[3])
	wantNear(t, "∂C/∂b, mean of σ(z)-y", nablaB, mean, 1e-15)
}

// The rows of both programs, from both starts, by both costs.
func TestSingleNeuronRows(t *testing.T) {
	tests := []struct {
		start         float64 // 0.6 stands for (0.6, 0.9), 2 for (2, 2)
		cost          *neuronCost
		train         func(*SingleNeuron) []float64
		w, b, a, last float64
	}{
		{0.6, singleQuadratic, (*SingleNeuron).misprintedTrain, -0.424803, -1.499474, 0.127385, 0.008114},
		{0.6, singleQuadratic, (*SingleNeuron).Train, -1.283132, -0.983132, 0.093956, 0.004414},
		{0.6, singleCrossEntropy, (*SingleNeuron).misprintedTrain, -0.544298, -3.249223, 0.022020, 0.022266},
		{0.6, singleCrossEntropy, (*SingleNeuron).Train, -2.370878, -2.070878, 0.011638, 0.011706},
		{2, singleQuadratic, (*SingleNeuron).misprintedTrain, -0.075825, -0.909052, 0.271925, 0.036972},
		{2, singleQuadratic, (*SingleNeuron).Train, -0.684293, -0.684293, 0.202848, 0.020574},
		{2, singleCrossEntropy, (*SingleNeuron).misprintedTrain, -0.350988, -3.410771, 0.022715, 0.022977},
		{2, singleCrossEntropy, (*SingleNeuron).Train, -2.205020, -2.205020, 0.012009, 0.012081},
	}
	bias := map[float64]float64{0.6: 0.9, 2: 2}
	for _, tt := range tests {
		s := NewSingleNeuron(tt.start, bias[tt.start], tt.cost)
		first := s.CurrentCost()
		costs := tt.train(s)
		if len(costs) != 301 || costs[0] != first {
			t.Fatalf("%d costs from %v, want 301 from %v", len(costs), costs[0], first)
		}
		t.Logf("from %.1f, %.1f, %-13s output %.6f, cost %.6f, w %.6f, b %.6f", tt.start, bias[tt.start], tt.cost.name+":", s.Output(), costs[300], s.W, s.B)
		wantNear(t, "w", s.W, tt.w, 5.1e-7)
		wantNear(t, "b", s.B, tt.b, 5.1e-7)
		wantNear(t, "output", s.Output(), tt.a, 5.1e-7)
		wantNear(t, "cost", costs[300], tt.last, 5.1e-7)
	}
}

// From (2, 2) the slopes for w and b are the same at x = 1, so w = b for ever;
// the misprinted listing loses that.
func TestWeightAndBiasStayEqual(t *testing.T) {
	s, m := NewSingleNeuron(2, 2, singleQuadratic), NewSingleNeuron(2, 2, singleQuadratic)
	s.Train()
	m.misprintedTrain()
	if s.W != s.B {
		t.Errorf("Train: w = %v, b = %v, want equal", s.W, s.B)
	}
	if m.W == m.B {
		t.Errorf("misprintedTrain: w = b = %v, want unequal", m.W)
	}
}

func TestLearningSlowdown(t *testing.T) {
	for _, tt := range []struct {
		w, b float64
		cost *neuronCost
		want int
	}{
		{2, 2, singleQuadratic, 214},
		{2, 2, singleCrossEntropy, 0},
		{0.6, 0.9, singleCrossEntropy, 0},
	} {
		costs := NewSingleNeuron(tt.w, tt.b, tt.cost).Train()
		if got := steepestEpoch(costs); got != tt.want {
			t.Errorf("(%v, %v) %s: steepest fall at epoch %v, want %v", tt.w, tt.b, tt.cost.name, got, tt.want)
		}
	}
	costs := NewSingleNeuron(2, 2, singleQuadratic).Train()
	wantNear(t, "quadratic cost from (2, 2) at epoch 150", costs[150], 0.4356, 5e-5)
	output := func(epoch int) float64 { return math.Sqrt(2 * costs[epoch]) }
	if !(output(171) > 0.9 && output(172) <= 0.9 && output(231) > 0.5 && output(232) <= 0.5) {
		t.Errorf("outputs at 171, 172, 231, 232 = %v, %v, %v, %v, want 0.9 and 0.5 passed between",
			output(171), output(172), output(231), output(232))
	}
}

// A saturated neuron learns by the cross-entropy and not by the quadratic cost.
func TestSaturatedNeuron(t *testing.T) {
	for _, z := range []float64{10, 50, 1000} {
		q, _ := NewSingleNeuron(z, 0, singleQuadratic).Gradient()
		c, _ := NewSingleNeuron(z, 0, singleCrossEntropy).Gradient()
		t.Logf("z = %g: slope %.2g by the quadratic cost, %.6f by the cross-entropy", z, q, c)
		if !(q >= 0 && q < 1e-4 && c > 0.9999) {
			t.Errorf("z = %v: slopes %v (quadratic), %v (cross-entropy), want about 0 and 1", z, q, c)
		}
	}
}

func TestEq50(t *testing.T) {
	tests := []struct {
		taylor Taylor
		dw     []float64
		want   float64
	}{
		{Taylor{1, []float64{2, 3}, [][]float64{{4, 5}, {5, 6}}}, []float64{1, 2}, 33}, // 1 + 8 + ½(4+10+10+24)
		{Taylor{1, []float64{2, 3}, [][]float64{{4, 5}, {7, 6}}}, []float64{1, 2}, 35},
		{Taylor{-1, []float64{0.5}, [][]float64{{-8}}}, []float64{0.5}, -1.75},
	}
	for _, tt := range tests {
		if got := tt.taylor.Sum(tt.dw); got != tt.want {
			t.Errorf("%+v.Sum(%v) = %v, want %v", tt.taylor, tt.dw, got, tt.want)
		}
	}
	dw := []float64{0.01, -0.02, 0.015, 0.01}
	wantNear(t, "Sum at hills", Expand(hills, hillsAt).Sum(dw), hills(addVectors(hillsAt, dw)), 5e-6)
}

// The dots of Eq. 51 are of third order: what the written terms miss falls
// with h³.
func TestEq51(t *testing.T) {
	taylor := Taylor{hills(hillsAt), hillsGradient(hillsAt), hillsHessian(hillsAt)}
	got := Expand(hills, hillsAt)
	wantNear(t, "C", got.C, taylor.C, 0)
	for j := range 4 {
		wantNear(t, "∂C/∂w_j", got.NablaC[j], taylor.NablaC[j], 1e-8)
		for k := range 4 {
			wantNear(t, "H_jk", got.H[j][k], taylor.H[j][k], 1e-6)
			if got.H[j][k] != got.H[k][j] {
				t.Errorf("H_%d%d = %v, H_%d%d = %v, want equal", j, k, got.H[j][k], k, j, got.H[k][j])
			}
		}
	}
	residual := func(h float64) float64 {
		dw := []float64{h, -h, 2 * h, h / 2}
		return hills(addVectors(hillsAt, dw)) - taylor.Value(dw)
	}
	far := []float64{1234.5, -678.9} // where C = v_1² v_2 has the H (2v_2, 2v_1; 2v_1, 0)
	H := Hessian(func(v []float64) float64 { return v[0] * v[0] * v[1] }, far)
	wantClose(t, "H far out", slices.Concat(H...), []float64{-1357.8, 2469, 2469, 0}, 1e-6)
	for _, h := range []float64{0x1p-4, 0x1p-6, 0x1p-8} {
		wantNear(t, "residual(h)/residual(h/2)", residual(h)/residual(h/2), 8, 0.8)
	}
}

func TestEq52(t *testing.T) {
	quadratic := Expand(bowl, []float64{-1, 0.5, 2})
	general := Expand(hills, hillsAt)
	for _, dw := range [][]float64{{1, 0, 0}, {0, -3, 0}, {2, 5, -4}, {-7, 0.1, 3}} {
		want := bowl(addVectors([]float64{-1, 0.5, 2}, dw))
		wantNear(t, "Value on a quadratic", quadratic.Value(dw), want, 1e-5)
		dw4 := append(slices.Clone(dw), 1.5)
		wantNear(t, "Value and Sum", general.Value(dw4), general.Sum(dw4), 1e-12)
	}
}

func TestEq53(t *testing.T) {
	minimum := []float64{1, -2, 3}
	for _, w := range [][]float64{{0, 0, 0}, {5, 5, 5}, {-10, 3, 0.5}, minimum} {
		dw, err := Newton{Eta: 1}.Step(bowl, w)
		if err != nil {
			t.Fatal(err)
		}
		half, err := Newton{Eta: 0.5}.Step(bowl, w)
		if err != nil {
			t.Fatal(err)
		}
		for j := range w {
			wantNear(t, "w+Δw", w[j]+dw[j], minimum[j], 1e-6)
			wantNear(t, "Δw at η = 0.5", half[j], dw[j]/2, 1e-12)
		}
		if slices.Equal(w, minimum) {
			continue
		}
		lands := bowl(addVectors(w, dw))
		dw[0], dw[1], dw[2] = -dw[0], -dw[1], -dw[2]
		t.Logf("from %v, C = %g: to %.4f by -H⁻¹∇C, the minimum is 7; to %.4f by +H⁻¹∇C", w, bowl(w), lands, bowl(addVectors(w, dw)))
		if !(bowl(addVectors(w, dw)) > bowl(w)) {
			t.Errorf("from %v the printed +H⁻¹∇C leads down, want up", w)
		}
	}
	trench := func(w []float64) float64 { return math.Cosh(w[0]) + math.Cosh(w[1]-w[0]) } // smallest at (0, 0)
	path, err := Newton{Eta: 1}.Descend(trench, []float64{1, 2}, 8)
	if err != nil || len(path) != 9 {
		t.Fatalf("Descend = %v, %v, want 9 positions", path, err)
	}
	wantNear(t, "w_1 after 8 steps", path[8][0], 0, 1e-9)
	wantNear(t, "w_2 after 8 steps", path[8][1], 0, 1e-9)
	saddle := func(w []float64) float64 { return w[0]*w[0] - w[1]*w[1] }
	if dw, err := (Newton{Eta: 1}).Step(saddle, []float64{1, 1}); err == nil {
		t.Errorf("Step on a saddle = %v, want an error: H is not positive definite", dw)
	}
}

func TestNewtonRefuses(t *testing.T) {
	saddle := func(w []float64) float64 { return w[0]*w[0] - w[1]*w[1] }
	trough := func(w []float64) float64 { return (w[0] + w[1]) * (w[0] + w[1]) }
	saturated := func(w []float64) float64 { return NewSingleNeuron(w[0], w[1], singleQuadratic).CurrentCost() }
	flat := func(w []float64) float64 { return 1e3*w[0]*w[0] + 1e-4*w[1]*w[1] } // next to a trough
	nan := func(w []float64) float64 { return math.NaN() }
	tests := []struct {
		name    string
		C       func([]float64) float64
		w       []float64
		damping float64
		refused bool
	}{
		{"saddle", saddle, []float64{2, 2}, 0, true},
		{"saddle", saddle, []float64{2, 2}, 1, true},
		{"saddle", saddle, []float64{2, 2}, 3, false},
		{"trough", trough, []float64{2, 2}, 0, true},
		{"trough", trough, []float64{2, 2}, 0.1, false},
		{"flat", flat, []float64{2, 2}, 0, true},
		{"flat", flat, []float64{2, 2}, 1, false},
		{"saturated", saturated, []float64{2, 2}, 0, true},
		{"saturated", saturated, []float64{2, 2}, 0.1, false},
		{"NaN", nan, []float64{2, 2}, 1, true},
		{"bowl", bowl, []float64{2, 2, 2}, 0, false},
	}
	for _, tt := range tests {
		dw, err := Newton{Eta: 1, Damping: tt.damping}.Step(tt.C, tt.w)
		if refused := err != nil; refused != tt.refused {
			t.Errorf("%s, damping %v: error %v, want one: %v", tt.name, tt.damping, err, tt.refused)
		}
		if err == nil && !(PredictedChange(Gradient(tt.C, tt.w), dw) < 0) {
			t.Errorf("%s, damping %v: Δw = %v leads up", tt.name, tt.damping, dw)
		}
	}
	if path, err := (Newton{Eta: 1}).Descend(saddle, []float64{1, 1}, 5); err == nil || len(path) != 1 || !strings.HasPrefix(err.Error(), "step 1: newton: ") {
		t.Errorf("Descend on a saddle = %v, %v, want its start and the step's error", path, err)
	}
}

// Damping solves (H + μI)Δw = -∇C: on the saddle, by hand.
func TestNewtonDamping(t *testing.T) {
	saddle := func(w []float64) float64 { return w[0]*w[0] - w[1]*w[1] }
	dw, err := Newton{Eta: 1, Damping: 4}.Step(saddle, []float64{3, 1})
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "Δw_1 = -6/(2+4)", dw[0], -1, 1e-6)
	wantNear(t, "Δw_2 = 2/(-2+4)", dw[1], 1, 1e-6)
}

func TestNewtonNeedsFewerSteps(t *testing.T) {
	start := []float64{0, 0, 0}
	path, err := Newton{Eta: 1}.Descend(andCost, start, 20)
	if err != nil {
		t.Fatal(err)
	}
	newton := stepsToFlat(andCost, path, 1e-5)
	descent := stepsToFlat(andCost, GradientDescent(andCost, start, 5, 400), 1e-5)
	if !(newton <= 6 && descent >= 100 && descent <= 400) {
		t.Errorf("Newton settles at step %d, gradient descent at %d, want at most 6 and 100 to 400", newton, descent)
	}
}

func TestHessianEntries(t *testing.T) {
	for _, tt := range []struct {
		sizes []int
		want  int64
	}{
		{[]int{784, 30, 10}, 23860 * 23860},
		{[]int{784, 100, 10}, 79510 * 79510},
		{[]int{1, 1}, 4},
		{[]int{784}, 0},
	} {
		if got := hessianEntries(tt.sizes); got != tt.want {
			t.Errorf("hessianEntries(%v) = %v, want %v", tt.sizes, got, tt.want)
		}
	}
}

// Eq. 54 on the valley, where w” = (1+μ-2η)w' - μw follows from it. With the
// velocity of before, as printed, the path would be another from step 2 on.
func TestBallOnTheValley(t *testing.T) {
	for _, mu := range []float64{0, 0.5, 0.9, 1} {
		const eta = 0.1
		path := Ball{eta, mu}.Descend(valley, []float64{1, 0.5}, 30)
		if len(path) != 31 {
			t.Fatalf("Roll of 30 steps returns %d positions, want 31", len(path))
		}
		before, now := 1.0, 1-2*eta
		for i := 1; i <= 30; i++ {
			wantNear(t, "w_1", path[i][0], now, 1e-8)
			wantNear(t, "w_2", path[i][1], now/2, 1e-8)
			before, now = now, (1+mu-2*eta)*now-mu*before
		}
	}
}

func TestBallWithFullFriction(t *testing.T) {
	ball := Ball{0.07, 0}.Descend(trioCost, trioPoint(), 20)
	plain := GradientDescent(trioCost, trioPoint(), 0.07, 20)
	for i := range plain {
		if !slices.Equal(ball[i], plain[i]) {
			t.Fatalf("step %d: μ = 0 is at %v, want gradient descent's %v", i, ball[i], plain[i])
		}
	}
}

func TestFriction(t *testing.T) {
	const eta, steps = 0.02, 2000
	settles := func(mu float64) (step int, past float64) {
		path := Ball{eta, mu}.Descend(valley, []float64{1, 0.5}, steps)
		for _, w := range path {
			past = max(past, -w[0])
		}
		return stepsToFlat(valley, path, 1e-6), past
	}
	plain, past := settles(0)
	if plain > 400 || past > 1e-6 {
		t.Errorf("μ = 0 settles at %d, %v past the bottom, want within 400, 0", plain, past)
	}
	if middle, past := settles(0.65); middle > plain/3 || past > 1e-3 {
		t.Errorf("μ = 0.65 settles at %d, %v past the bottom, want within %d, nearly 0", middle, past, plain/3)
	}
	if none, past := settles(1); none != steps+1 || past < 0.9 {
		t.Errorf("μ = 1 settles at %d, %v past the bottom, want never (%d), about 1", none, past, steps+1)
	}
}

func TestEq55(t *testing.T) {
	for _, d := range trioData {
		z := 0.8*d.x[0] - 1.3*d.x[1] + 0.4*d.x[2] + 0.2
		wantNear(t, "Tanh", trio.Tanh(d.x), math.Tanh(z), 1e-15)
		t.Logf("w·x + b = %.2f: tanh %.6f; at %.2f: %.6f", z, trio.Tanh(d.x), -z, Neuron{[]float64{-0.8, 1.3, -0.4}, -0.2}.Tanh(d.x))
		opposite := Neuron{[]float64{-0.8, 1.3, -0.4}, -0.2}
		wantNear(t, "Tanh(-z) + Tanh(z)", opposite.Tanh(d.x)+trio.Tanh(d.x), 0, 1e-16)
	}
}

func TestEq57(t *testing.T) {
	t.Logf("σ(1.5) = %.15f, (1+tanh(0.75))/2 = %.15f", sigmoid(1.5), sigmoidByTanh(1.5))
	for z := -40.0; z <= 40; z += 0.37 {
		wantNear(t, "sigmoidByTanh", sigmoidByTanh(z), sigmoid(z), 3e-16)
	}
}

func TestEq58(t *testing.T) {
	for _, c := range []struct{ z, a, prime float64 }{{-2, 0, 0}, {0, 0, 0}, {5e-324, 5e-324, 1}, {3, 3, 1}} {
		if a, prime := ReLU.Func(c.z), ReLU.Prime(c.z, c.a); a != c.a || prime != c.prime {
			t.Errorf("ReLU at %v = %v with slope %v, want %v, %v", c.z, a, prime, c.a, c.prime)
		}
	}
	n := Neuron{[]float64{2, -3}, 0.5}
	tests := []struct {
		x     []float64
		want  float64
		slope []float64 // by w_1, w_2, b: all 0 where the neuron is dead
	}{
		{[]float64{1, 0.5}, 1, []float64{1, 0.5, 1}},
		{[]float64{1, 1}, 0, []float64{0, 0, 0}},
		{[]float64{-2, -2}, 2.5, []float64{-2, -2, 1}},
		{[]float64{-10, 10}, 0, []float64{0, 0, 0}},
	}
	for _, tt := range tests {
		if got := n.RectifiedLinear(tt.x); got != tt.want {
			t.Errorf("RectifiedLinear(%v) = %v, want %v", tt.x, got, tt.want)
		}
		t.Logf("w·x + b = %g: max(0, z) = %g, slopes %v", n.Z(tt.x), tt.want, tt.slope)
		got := Gradient(func(v []float64) float64 { return Neuron{v[:2], v[2]}.RectifiedLinear(tt.x) }, []float64{2, -3, 0.5})
		for j := range got {
			wantNear(t, "slope", got[j], tt.slope[j], 1e-9)
		}
	}
}

func TestGates(t *testing.T) {
	for i, want := range []struct{ nand, xor, carry, sum float64 }{
		{1, 0, 0, 0}, {1, 1, 0, 1}, {1, 1, 0, 1}, {0, 0, 1, 0},
	} {
		x := []float64{float64(i >> 1), float64(i & 1)}
		if got := nand.Perceptron(x); got != want.nand {
			t.Errorf("NAND%v = %v, want %v", x, got, want.nand)
		}
		if got := xor().Output(x, Neuron.Perceptron); !slices.Equal(got, []float64{want.xor}) {
			t.Errorf("XOR%v = %v, want %v", x, got, want.xor)
		}
		if carry, sum := adder(x[0], x[1]); carry != want.carry || sum != want.sum {
			t.Errorf("adder%v = %v %v, want %v %v", x, carry, sum, want.carry, want.sum)
		}
	}
}

// Among all perceptrons with weights and bias from -3 to 3 in halves, the
// fourteen other tables of two inputs occur; XOR and its opposite do not.
func TestOnePerceptronIsNotXOR(t *testing.T) {
	tables := map[[4]float64]bool{}
	for i := range 13 * 13 * 13 {
		half := func(k int) float64 { return float64(k%13-6) / 2 }
		n := Neuron{[]float64{half(i), half(i / 13)}, half(i / 169)}
		var table [4]float64
		for k := range table {
			table[k] = n.Perceptron([]float64{float64(k >> 1), float64(k & 1)})
		}
		tables[table] = true
	}
	if len(tables) != 14 || tables[[4]float64{0, 1, 1, 0}] || tables[[4]float64{1, 0, 0, 1}] {
		t.Errorf("one perceptron computes %d tables, %v, want 14 without XOR", len(tables), tables)
	}
}

func TestDisagreement(t *testing.T) {
	net := disagreement()
	for l, want := range []int{0, 3, 4, 1} {
		if len(net[l]) != want {
			t.Errorf("layer %d has %d neurons, want %d", l, len(net[l]), want)
		}
	}
	for i := range 32 {
		x, sum := make([]float64, 5), 0.0
		for j := range x {
			x[j] = float64(i >> j & 1)
			sum += x[j]
		}
		want := 0.0
		if sum > 0 && sum < 5 {
			want = 1
		}
		if got := net.Output(x, Neuron.Perceptron); !slices.Equal(got, []float64{want}) {
			t.Errorf("disagreement of %v = %v, want %v", x, got, want)
		}
		t.Logf("%v: %v", x, net.Output(x, Neuron.Perceptron))
		outcome := net[:3].Output(x, Neuron.Perceptron)
		if outcome[0]+outcome[1]+outcome[2]+outcome[3] != 1 {
			t.Errorf("second layer on %v = %v, want a single 1", x, outcome)
		}
	}
}

func TestStepFunction(t *testing.T) {
	for _, z := range []float64{-1000, -1, -5e-324, 0, 5e-324, 1, 1000} {
		got, perceptron := stepFunction(z), Neuron{nil, z}.Perceptron(nil)
		want := 0.0
		if z >= 0 {
			want = 1
		}
		if got != want {
			t.Errorf("stepFunction(%v) = %v, want %v", z, got, want)
		}
		if (got == perceptron) != (z != 0) {
			t.Errorf("z = %v: step %v, perceptron %v, want them to differ at 0 only", z, got, perceptron)
		}
	}
}

// Sigmoid neurons with very large weights are perceptrons wherever no
// weighted sum is 0.
func TestLargeWeightsMakePerceptrons(t *testing.T) {
	sharp := func(net Layers) Layers {
		large := Layers{nil}
		for _, layer := range net[1:] {
			var neurons []Neuron
			for _, n := range layer {
				w := slices.Clone(n.W)
				for j := range w {
					w[j] *= 1e4
				}
				neurons = append(neurons, Neuron{w, n.B * 1e4})
			}
			large = append(large, neurons)
		}
		return large
	}
	for i := range 32 {
		x := []float64{float64(i & 1), float64(i >> 1 & 1), float64(i >> 2 & 1), float64(i >> 3 & 1), float64(i >> 4)}
		want := disagreement().Output(x, Neuron.Perceptron)[0]
		t.Logf("%v: perceptrons %v, sigmoids with weights times 10,000 %v, as they are %.4f", x, want, sharp(disagreement()).Output(x, Neuron.Sigmoid)[0], disagreement().Output(x, Neuron.Sigmoid)[0])
		wantNear(t, "sharp sigmoids", sharp(disagreement()).Output(x, Neuron.Sigmoid)[0], want, 1e-12)
		wantNear(t, "sharp xor", sharp(xor()).Output(x[:2], Neuron.Sigmoid)[0], xor().Output(x[:2], Neuron.Perceptron)[0], 1e-12)
	}
}

// Fig. 4: the perceptrons' output flips, the sigmoid neurons' moves in
// proportion.
func TestSmallChange(t *testing.T) {
	for dw, want := range map[float64]float64{-0.02: 0, 0: 0, 0.02: 1} {
		if got := smallChangeOutput(dw, Neuron.Perceptron); got != want {
			t.Errorf("dw = %v: perceptrons answer %v, want %v", dw, got, want)
		}
	}
	at := func(dw float64) float64 { return smallChangeOutput(dw, Neuron.Sigmoid) }
	slope := Gradient(func(v []float64) float64 { return at(v[0]) }, []float64{0})
	for _, dw := range []float64{-0.02, 0.02} {
		wantNear(t, "change/predicted", (at(dw)-at(0))/PredictedChange(slope, []float64{dw}), 1, 0.01)
	}
	// Eq. 5 twice by hand: σ'(-0.01) into the first hidden neuron, then its
	// weight 3 and σ' at the output.
	hidden := smallChange(0)[:2].Output([]float64{1, 1, 1}, Neuron.Sigmoid)
	slopeAt := func(z float64) float64 { return sigmoidPrime(z, sigmoid(z)) }
	byHand := slopeAt(smallChange(0)[2][0].Z(hidden)) * 3 * slopeAt(-0.01)
	wantNear(t, "slope", slope[0], byHand, 1e-9)
}

// Eqs. 36 and 37 on four neurons. The first row's values were worked out with
// exp by hand.
func TestFourSoftmaxNeurons(t *testing.T) {
	total := math.Exp(2.5) + math.Exp(-1) + math.Exp(3.2) + math.Exp(0.5)
	for j, z := range []float64{2.5, -1, 3.2, 0.5} {
		wantNear(t, "a_j", softmaxNeurons(2.5, -1, 3.2, 0.5)[j], math.Exp(z)/total, 1e-15)
	}
	for z4 := -6.0; z4 < 6; z4++ {
		below, above := softmaxNeurons(2.5, -1, 3.2, z4), softmaxNeurons(2.5, -1, 3.2, z4+1)
		change := 0.0
		for j := range above {
			if (above[j] > below[j]) != (j == 3) {
				t.Errorf("z4 from %v to %v: a%d from %v to %v, want only a4 to rise", z4, z4+1, j+1, below[j], above[j])
			}
			change += above[j] - below[j]
		}
		wantNear(t, "total change", change, 0, 1e-15)
	}
}

func TestShapesPanic(t *testing.T) {
	defer func() {
		const want = "neuron: w·x with 2 weights and 3 inputs"
		if got := recover(); got != want {
			t.Errorf("panic %v, want %v", got, want)
		}
	}()
	nand.Perceptron([]float64{1, 1, 1})
}
