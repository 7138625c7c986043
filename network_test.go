package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// gradientShapes are the networks and mini-batches of the gradient check.
var gradientShapes = []struct {
	sizes []int
	m     int
}{
	{[]int{1, 1}, 1},
	{[]int{3, 2}, 4},
	{[]int{2, 3, 1}, 1},
	{[]int{3, 4, 2}, 5},
	{[]int{7, 6, 5, 4}, 1}, // two hidden layers
	{[]int{9, 11, 8, 10}, 6},
	{[]int{4, 3, 5, 2, 3}, 3}, // three
}

// randomBatch returns a mini-batch of m examples with inputs in [0, 1), a
// third of them 0, and one desired output of each example 1.
func randomBatch(net *Network, m int, random *MersenneTwister) *batch {
	b := net.newBatch(m)
	_, b.a[0] = randomImages(m, net.Sizes[0], random)
	for x := range m {
		b.y.Row(x)[int(random.Float64()*float64(b.y.Cols))] = 1
	}
	return b
}

// worst returns the largest error of a gradient check.
func worst(errs []GradientError) float64 {
	w := 0.0
	for _, e := range errs {
		w = max(w, e.Weights, e.Biases)
	}
	return w
}

// large returns a network with N(0,1) weights and biases.
func large(sizes []int, random *MersenneTwister) *Network {
	net := NewNetwork(sizes)
	net.LargeWeights(random)
	return net
}

// TestGradient is the gradient check: BP1-BP4 against finite differences (book
// Eq. 46, central), for several shapes and sizes of the mini-batch.
func TestGradient(t *testing.T) {
	random := NewNumPyRandom(1)
	for _, s := range gradientShapes {
		net := large(s.sizes, random)
		if got := worst(net.GradientCheck(randomBatch(net, s.m, random), Hyper{})); !(got < 1e-7) {
			t.Errorf("%v, m = %d: relative error %.1e, want below 1e-7", s.sizes, s.m, got)
		}
	}
}

// TestGradientOfEveryMode is the gradient check over every cost × activation ×
// regularization × dropout × one or two hidden layers, on fresh and on trained
// networks. docs/testing.md has the worst error of each cost × activation ×
// regularization.
func TestGradientOfEveryMode(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "testing.md"))
	if err != nil {
		t.Fatal(err)
	}
	checks, worstSeen := 0, 0.0
	for _, cost := range costs {
		for _, hidden := range activations {
			row := fmt.Sprintf("| %s | %s |", cost.Name, hidden.Name)
			for _, h := range []Hyper{{}, {Lambda: 0.7}, {L1: 0.3}, {Lambda: 0.7, L1: 0.3}} {
				worstOfMode := 0.0
				for _, dropped := range []float64{0, 0.5} {
					for _, sizes := range [][]int{{8, 10, 4}, {7, 8, 6, 3}} {
						random := NewNumPyRandom(uint32(10 + checks))
						net := NewNetwork(sizes)
						net.DefaultWeights(random)
						net.Cost, net.Hidden = cost, hidden
						b := randomBatch(net, 5, random)
						b.drop(dropped, random)
						for _, state := range []string{"fresh", "trained"} {
							offKinks(net, b)
							got := worst(net.GradientCheck(b, h))
							if !(got < 1e-7) {
								t.Errorf("%s %s cost, %s, λ %v, L1 %v, dropout %v, %v: relative error %.1e, want below 1e-7",
									state, cost.Name, hidden.Name, h.Lambda, h.L1, dropped, sizes, got)
							}
							worstOfMode = max(worstOfMode, got)
							checks++
							for range 10 {
								net.updateMiniBatch(b, h, &State{Eta: 0.1, Order: make([]int32, 5)})
							}
						}
					}
				}
				row += fmt.Sprintf(" %.0e |", worstOfMode)
				worstSeen = max(worstSeen, worstOfMode)
			}
			if t.Log(row); !strings.Contains(string(page), row+"\n") {
				t.Errorf("docs/testing.md lacks %s", row)
			}
		}
	}
	t.Logf("%d checks, worst relative error %.1e", checks, worstSeen)
}

// offKinks moves weights and weighted inputs away from 0, where |w| of L1 and
// the rectified linear neuron have no derivative.
func offKinks(net *Network, b *batch) {
	for _, w := range net.Weights[1:] {
		for i, x := range w.Data {
			if math.Abs(x) < 1e-3 {
				w.Data[i] = 1e-3
			}
		}
	}
	for near := true; near; {
		near = false
		net.feedforward(b)
		for l := 1; l < net.L(); l++ {
			for i, z := range b.z[l].Data {
				if math.Abs(z) < 1e-3 {
					net.Biases[l][i%b.z[l].Cols] += 1e-2
					near = true
				}
			}
		}
	}
}

// TestDesignedNeuron: backpropagation holds for any activation function, such
// as one whose slope never comes near 0 (§2.3), with no more than a row.
func TestDesignedNeuron(t *testing.T) {
	random := NewNumPyRandom(5)
	net := large([]int{6, 5, 4}, random)
	net.Hidden = &Activation{"leaning sigmoid",
		func(z float64) float64 { return sigmoid(z) + z/10 },
		func(z, _ float64) float64 { return sigmoidPrime(z) + 0.1 }}
	if got := worst(net.GradientCheck(randomBatch(net, 4, random), Hyper{})); !(got < 1e-7) {
		t.Errorf("relative error %.1e, want below 1e-7", got)
	}
}

// TestPlantedErrors: the gradient check finds each of the errors that ports of
// this code are known to have.
func TestPlantedErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(cost *Cost, hidden *Activation)
	}{
		{"σ for σ' in a hidden layer", func(_ *Cost, hidden *Activation) {
			hidden.Prime = func(_, a float64) float64 { return a }
		}},
		{"σ' missing in a hidden layer", func(_ *Cost, hidden *Activation) {
			hidden.Prime = func(_, a float64) float64 { return 1 }
		}},
		{"σ for σ' in the output layer", func(cost *Cost, _ *Activation) {
			cost.Delta = func(delta, a, y []float64) {
				for j := range a {
					delta[j] = (a[j] - y[j]) * a[j]
				}
			}
		}},
		{"σ' missing in the output layer", func(cost *Cost, _ *Activation) {
			cost.Delta = differenceDelta
		}},
		{"wrong index in the output error", func(cost *Cost, _ *Activation) {
			cost.Delta = func(delta, a, y []float64) {
				for j := range a {
					i := (j + 1) % len(a)
					delta[j] = (a[i] - y[i]) * a[j] * (1 - a[j])
				}
			}
		}},
		{"y - a for a - y", func(cost *Cost, _ *Activation) {
			cost.Delta = func(delta, a, y []float64) {
				for j := range a {
					delta[j] = (y[j] - a[j]) * a[j] * (1 - a[j])
				}
			}
		}},
		{"a factor m", func(cost *Cost, _ *Activation) {
			cost.Delta = func(delta, a, y []float64) {
				quadraticDelta(delta, a, y)
				for j := range delta {
					delta[j] *= 5
				}
			}
		}},
		{"the quadratic cost without its 1/2", func(cost *Cost, _ *Activation) {
			cost.Fn = func(z, a, y []float64) float64 { return 2 * quadraticCost(z, a, y) }
		}},
	} {
		quadratic, hidden := *QuadraticCost, *Sigmoid
		random := NewNumPyRandom(1)
		net := large([]int{5, 4, 3}, random)
		net.Cost, net.Hidden = &quadratic, &hidden
		b := randomBatch(net, 5, random)
		if got := worst(net.GradientCheck(b, Hyper{})); !(got < 1e-7) {
			t.Fatalf("without an error: %.1e", got)
		}
		c.plant(&quadratic, &hidden)
		if got := worst(net.GradientCheck(b, Hyper{})); got < 1e-2 {
			t.Errorf("%s: relative error %.1e, want above 1e-2", c.name, got)
		}
	}
}

// naive is one step of the whole training, as plain as it can be written: one
// example after the other, index by index. plant names an error to make.
type naive struct {
	net   *Network
	h     Hyper
	eta   float64
	n     int
	mask  [][]float64
	vW    []*Matrix
	vB    [][]float64
	plant string
}

// step moves the network by the gradient of the examples x, y.
func (s *naive) step(x, y *Matrix) {
	sumW, sumB := s.net.zeros()
	for i := range x.Rows {
		nablaB, nablaW := s.gradient(x.Row(i), y.Row(i))
		for l := 1; l <= s.net.L(); l++ {
			for k := range sumW[l].Data {
				sumW[l].Data[k] += nablaW[l].Data[k]
				if s.plant == "penalty once an example" {
					sumW[l].Data[k] += s.h.Lambda / float64(s.n) * s.net.Weights[l].Data[k] * float64(x.Rows-1)
				}
			}
			for j := range sumB[l] {
				sumB[l][j] += nablaB[l][j]
			}
		}
	}
	m, n := float64(x.Rows), float64(s.n)
	for l := 1; l <= s.net.L(); l++ {
		for k, w := range s.net.Weights[l].Data {
			slope := sumW[l].Data[k]/m + s.h.Lambda/n*w + s.h.L1/n*sgn(w)
			if s.plant == "λ/m for λ/n" {
				slope = sumW[l].Data[k]/m + s.h.Lambda/m*w + s.h.L1/m*sgn(w)
			}
			s.move(&s.net.Weights[l].Data[k], &s.vW[l].Data[k], slope)
		}
		for j, b := range s.net.Biases[l] {
			slope := sumB[l][j] / m
			if s.plant == "penalty on biases" {
				slope += s.h.Lambda / n * b
			}
			s.move(&s.net.Biases[l][j], &s.vB[l][j], slope)
		}
	}
}

// move is Eq. 54 for one weight or bias; with μ = 0 gradient descent.
func (s *naive) move(w, v *float64, slope float64) {
	old := *v
	*v = s.h.Mu*old - s.eta*slope
	if s.plant == "the old velocity" {
		*w += old
		return
	}
	*w += *v
}

// gradient is oracle with the network's own cost and activation, and the mask
// of dropout.
func (s *naive) gradient(x, y []float64) (nablaB [][]float64, nablaW []*Matrix) {
	net, L := s.net, s.net.L()
	nablaW, nablaB = net.zeros()
	a, z := [][]float64{x}, [][]float64{nil}
	for l := 1; l <= L; l++ {
		a, z = append(a, make([]float64, net.Sizes[l])), append(z, make([]float64, net.Sizes[l]))
		for j := range z[l] {
			z[l][j] = net.Biases[l][j]
			for k := range a[l-1] {
				z[l][j] += net.Weights[l].At(j, k) * a[l-1][k]
			}
			if l < L {
				a[l][j] = net.Hidden.Func(z[l][j])
				if s.mask != nil {
					a[l][j] *= s.mask[l][j]
				}
			}
		}
	}
	net.Cost.Output(a[L], z[L])
	delta := make([]float64, net.Sizes[L])
	net.Cost.Delta(delta, a[L], y)
	for l := L; l >= 1; l-- {
		below := make([]float64, net.Sizes[l-1])
		for j, d := range delta {
			nablaB[l][j] = d
			for k := range a[l-1] {
				nablaW[l].Row(j)[k] = d * a[l-1][k]
				if l > 1 {
					term := d * net.Weights[l].At(j, k) * net.Hidden.Prime(z[l-1][k], net.Hidden.Func(z[l-1][k]))
					if s.mask != nil && s.plant != "mask missing backward" {
						term *= s.mask[l-1][k]
					}
					below[k] += term
				}
			}
		}
		delta = below
	}
	return nablaB, nablaW
}

// TestStep holds updateMiniBatch, with every technique on at once, against the
// naive step over several mini-batches; each planted error shows.
func TestStep(t *testing.T) {
	for _, plant := range []string{"", "penalty once an example", "λ/m for λ/n", "penalty on biases", "mask missing backward", "the old velocity"} {
		for _, hidden := range activations {
			random := NewNumPyRandom(6)
			net := large([]int{9, 8, 7, 5}, random)
			net.Cost, net.Hidden = CrossEntropyCost, hidden
			h := Hyper{Lambda: 3, L1: 2, Mu: 0.6}
			const n, eta = 50, 0.2
			state := net.NewState(h, n, 1)
			state.Eta = eta
			s := &naive{net: net.Clone(), h: h, eta: eta, n: n, plant: plant}
			s.vW, s.vB = net.zeros()
			for range 4 {
				b := randomBatch(net, 5, random)
				b.drop(0.5, random)
				s.mask = b.mask
				s.step(b.a[0], b.y)
				net.updateMiniBatch(b, h, state)
			}
			e := 0.0
			for l := 1; l <= net.L(); l++ {
				e = max(e, relativeError(net.Weights[l].Data, s.net.Weights[l].Data), relativeError(net.Biases[l], s.net.Biases[l]))
			}
			if plant == "" && !(e <= 1e-12) || plant != "" && e < 1e-6 {
				t.Errorf("planted %q, %s: the steps differ by %.1e", plant, hidden.Name, e)
			}
		}
	}
}

// TestPlantedPenalty: the gradient check itself finds a penalty that is wrong.
func TestPlantedPenalty(t *testing.T) {
	random := NewNumPyRandom(7)
	net := large([]int{6, 5, 4}, random)
	b := randomBatch(net, 5, random)
	h := Hyper{Lambda: 0.7, L1: 0.3}
	numeric := make([]float64, len(net.Weights[1].Data))
	numericalGradient(numeric, net.Weights[1].Data, func() float64 { return net.batchCost(b, h) })
	for name, planted := range map[string]Hyper{
		"none":       {},
		"λ doubled":  {Lambda: 1.4, L1: 0.3},
		"L1 for L2":  {L1: 1},
		"L1 missing": {Lambda: 0.7},
	} {
		if e := relativeError(net.stepGradient(b, planted).Weights[1].Data, numeric); e < 1e-3 {
			t.Errorf("penalty %s: relative error %.1e, want above 1e-3", name, e)
		}
	}
	if e := relativeError(net.stepGradient(b, h).Weights[1].Data, numeric); !(e <= 1e-7) {
		t.Errorf("relative error %.1e, want below 1e-7", e)
	}
}

// oracle is backpropagation index by index for one example, as Eqs. 18, 22,
// 24, 25 and 27 (book Eqs. 23, BP1-BP4) say it; it returns every δˡ_j,
// ∂C/∂bˡ_j and ∂C/∂wˡ_jk.
func oracle(net *Network, x, y []float64) (delta, nablaB [][]float64, nablaW []*Matrix) {
	L := net.L()
	a, z := [][]float64{x}, [][]float64{nil}
	for l := 1; l <= L; l++ {
		a, z = append(a, make([]float64, net.Sizes[l])), append(z, make([]float64, net.Sizes[l]))
		for j := range net.Sizes[l] {
			sum := 0.0
			for k := range net.Sizes[l-1] {
				sum += net.Weights[l].At(j, k) * a[l-1][k]
			}
			z[l][j] = sum + net.Biases[l][j]
			a[l][j] = sigmoid(z[l][j]) // Eq. 18
		}
	}
	delta, nablaB, nablaW = make([][]float64, L+1), make([][]float64, L+1), make([]*Matrix, L+1)
	for l := L; l >= 1; l-- {
		delta[l], nablaB[l] = make([]float64, net.Sizes[l]), make([]float64, net.Sizes[l])
		nablaW[l] = NewMatrix(net.Sizes[l], net.Sizes[l-1])
		for j := range net.Sizes[l] {
			if l == L {
				delta[l][j] = (a[l][j] - y[j]) * sigmoidPrime(z[l][j]) // Eq. 22
			} else {
				for i := range net.Sizes[l+1] {
					delta[l][j] += net.Weights[l+1].At(i, j) * delta[l+1][i] * sigmoidPrime(z[l][j]) // Eq. 24
				}
			}
			nablaB[l][j] = delta[l][j] // Eq. 25
			for k := range net.Sizes[l-1] {
				nablaW[l].Row(j)[k] = a[l-1][k] * delta[l][j] // Eq. 27
			}
		}
	}
	return delta, nablaB, nablaW
}

// TestOracle: the matrix form of backprop agrees with the index form, and the
// gradient of a mini-batch is the sum of its examples' gradients.
func TestOracle(t *testing.T) {
	random := NewNumPyRandom(2)
	for _, s := range gradientShapes {
		net := large(s.sizes, random)
		b := randomBatch(net, s.m, random)
		net.backprop(b)
		gotB, gotW := net.gradient(b)
		for l := 1; l <= net.L(); l++ {
			wantB, wantW := make([]float64, s.sizes[l]), NewMatrix(s.sizes[l], s.sizes[l-1])
			for x := range s.m {
				delta, nablaB, nablaW := oracle(net, b.a[0].Row(x), b.y.Row(x))
				if e := relativeError(b.delta[l].Row(x), delta[l]); !(e <= 1e-12) {
					t.Errorf("%v: δ of layer %d, example %d: error %.1e", s.sizes, l, x, e)
				}
				for j := range wantB {
					wantB[j] += nablaB[l][j]
				}
				for i := range wantW.Data {
					wantW.Data[i] += nablaW[l].Data[i]
				}
			}
			if e := max(relativeError(gotB[l], wantB), relativeError(gotW[l].Data, wantW.Data)); !(e <= 1e-12) {
				t.Errorf("%v: layer %d: error %.1e", s.sizes, l, e)
			}
		}
	}
}

// sameNetwork reports the first weight or bias in which two networks differ in
// any bit.
func sameNetwork(t *testing.T, what string, got, want *Network) {
	t.Helper()
	for l := 1; l <= want.L(); l++ {
		sameBits(t, fmt.Sprintf("%s: weights of layer %d", what, l), got.Weights[l], want.Weights[l])
		for j, b := range want.Biases[l] {
			if got.Biases[l][j] != b {
				t.Fatalf("%s: bias %d of layer %d = %v, want %v", what, j, l, got.Biases[l][j], b)
			}
		}
	}
}

// TestUpdateMiniBatch: without further techniques one step is
// w - (η/m) Σ ∇C_x with the gradient of backprop, to the last bit, with m the
// length of the mini-batch in hand, also of a short one.
func TestUpdateMiniBatch(t *testing.T) {
	for _, m := range []int{10, 7, 1} {
		random := NewNumPyRandom(3)
		net := large([]int{12, 8, 10}, random)
		b := randomBatch(net, 10, random)
		b.setRows(m)
		const eta = 0.7
		want := net.Clone()
		net.backprop(b)
		nablaB, nablaW := net.gradient(b)
		for l := 1; l <= net.L(); l++ {
			for i, g := range nablaW[l].Data {
				want.Weights[l].Data[i] -= float64(eta / float64(m) * g)
			}
			for j, g := range nablaB[l] {
				want.Biases[l][j] -= float64(eta / float64(m) * g)
			}
		}
		net.updateMiniBatch(b, Hyper{}, &State{Eta: eta, Order: make([]int32, 100)})
		sameNetwork(t, fmt.Sprintf("m = %d", m), net, want)
	}
}

// never is the after of SGD where nothing is to be done.
func never() error { return nil }

// TestShortLastBatch: SGD on 25 examples in mini-batches of 10 takes three
// steps, the last with the 5 that remain.
func TestShortLastBatch(t *testing.T) {
	training := &Source{Data: mnist().training.Slice(0, 25)}
	start := large([]int{784, 5, 10}, NewNumPyRandom(4))
	got, want := start.Clone(), start.Clone()
	h := Hyper{Epochs: 1, Batch: 10, Eta: 3}
	got.SGD(training, h, got.NewState(h, 25, 4), never)

	s := want.NewState(h, 25, 4)
	NewPythonRandom(4).Shuffle(s.Order)
	for _, miniBatch := range [][]int32{s.Order[:10], s.Order[10:20], s.Order[20:]} {
		b := want.newBatch(len(miniBatch))
		want.fill(b, training, miniBatch)
		want.updateMiniBatch(b, h, s)
	}
	sameNetwork(t, "SGD", got, want)
}

// TestMomentumZero: μ = 0 is plain gradient descent, bit for bit (R100).
func TestMomentumZero(t *testing.T) {
	random := NewNumPyRandom(8)
	plain := large([]int{9, 8, 7}, random)
	moving := plain.Clone()
	b := randomBatch(plain, 5, random)
	vW, vB := plain.zeros()
	for range 3 {
		plain.updateMiniBatch(b, Hyper{}, &State{Eta: 0.5, Order: make([]int32, 5)})
		moving.backprop(b)
		nablaB, nablaW := moving.gradient(b)
		r := rule{rate: 0.5 / 5}
		for l := 1; l <= moving.L(); l++ {
			r.descendMomentum(moving.Weights[l].Data, vW[l].Data, nablaW[l].Data)
			r.descendMomentum(moving.Biases[l], vB[l], nablaB[l])
		}
	}
	sameNetwork(t, "μ = 0", moving, plain)
}

// TestDropMask: half the neurons of each hidden layer are dropped, not always
// the same, and none of the input or output layer (§3.5.1.2).
func TestDropMask(t *testing.T) {
	random := NewNumPyRandom(9)
	net := large([]int{6, 10, 7, 5}, random)
	b := net.newBatch(1)
	dropped := make([]int, 10)
	const draws = 2000
	for range draws {
		b.drop(0.5, random)
		if b.mask[0] != nil || b.mask[3] != nil {
			t.Fatal("input or output neurons are dropped")
		}
		for l, want := range map[int]float64{1: 5, 2: 3} { // round(3.5) = 4 of 7 go
			kept := 0.0
			for _, keep := range b.mask[l] {
				kept += keep
			}
			if kept != want {
				t.Fatalf("%v neurons of %d stay, want %v", kept, len(b.mask[l]), want)
			}
		}
		for j, keep := range b.mask[1] {
			dropped[j] += int(1 - keep)
		}
	}
	for j, d := range dropped {
		if d < draws*45/100 || d > draws*55/100 {
			t.Errorf("neuron %d dropped %d times of %d, want about half", j, d, draws)
		}
	}
}

// TestDropInSGD: SGD takes each step with a draw of its own (§3.5.1.2).
func TestDropInSGD(t *testing.T) {
	net, d := small(20)
	h := Hyper{Epochs: 1, Batch: 10, Eta: 0.5, Dropout: 0.4}
	s, other := net.NewState(h, 20, 1), net.Clone()
	random, done := net.NewState(h, 20, 1).Drop, 0
	net.SGD(&Source{Data: d}, h, s, func() error {
		b := filled(other, d, s.Order[done:s.Done])
		b.drop(0.4, random)
		other.updateMiniBatch(b, h, &State{Eta: 0.5, Order: s.Order})
		sameNetwork(t, "a step with dropout", net, other)
		done = s.Done
		return nil
	})
}

// TestWithoutDropout: the weighted inputs of the full network with smaller
// weights are the mean over all masks, exactly so for one hidden layer (R77).
func TestWithoutDropout(t *testing.T) {
	random := NewNumPyRandom(10)
	net := large([]int{5, 4, 3}, random)
	b := randomBatch(net, 1, random)
	full := net.WithoutDropout(0.5)
	fb := full.newBatch(1)
	fb.a[0] = b.a[0]
	full.feedforward(fb)
	mean := make([]float64, 3)
	masks := 0.0
	for bits := range 16 {
		mask := []float64{float64(bits & 1), float64(bits >> 1 & 1), float64(bits >> 2 & 1), float64(bits >> 3 & 1)}
		if mask[0]+mask[1]+mask[2]+mask[3] != 2 {
			continue
		}
		masks++
		b.mask = [][]float64{nil, mask, nil}
		net.feedforward(b)
		for j, z := range b.z[2].Row(0) {
			mean[j] += z
		}
	}
	for j := range mean {
		mean[j] /= masks
	}
	if e := relativeError(fb.z[2].Row(0), mean); masks != 6 || !(e <= 1e-14) {
		t.Errorf("z %v, mean over %v masks %v", fb.z[2].Row(0), masks, mean)
	}
}

// TestAccuracy: Accuracy and TotalCost count the examples whose largest output,
// or whose bits, are those of the label (§1.4).
func TestAccuracy(t *testing.T) {
	for _, encoding := range encodings {
		random := NewNumPyRandom(12)
		d := examples(230, random)
		net := large([]int{6, 5, encoding.Outputs}, random)
		net.Encoding = encoding
		want := 0
		for x := range d.Len() {
			a := net.Feedforward(filled(net, d, []int32{int32(x)}).a[0]).Data
			digit := slices.Index(a, slices.Max(a))
			if encoding == Binary {
				digit = 0
				for j, bit := range []int{8, 4, 2, 1} {
					if a[j] > 0.5 {
						digit += bit
					}
				}
			}
			if digit == int(d.Labels[x]) {
				want++
			}
		}
		_, right := net.TotalCost(d, Hyper{}, 230)
		if got := net.Accuracy(d); want == 0 || got != want || right != want {
			t.Errorf("%s: Accuracy = %d, by TotalCost %d, want %d, and more than 0", encoding.Name, got, right, want)
		}
	}
}

// TestNotFinite: one NaN or infinity is found in any layer, and the layer named.
func TestNotFinite(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for l := 1; l <= 3; l++ {
			net := large([]int{2, 3, 4, 2}, NewNumPyRandom(13))
			if err := net.NotFinite(); err != nil {
				t.Errorf("of finite weights: %v", err)
			}
			for _, v := range [][]float64{net.Weights[l].Data, net.Biases[l]} {
				last := len(v) - 1
				old := v[last]
				v[last] = x
				want := fmt.Sprintf("a weight or bias of layer %d is %v", l+1, x)
				if err := net.NotFinite(); err == nil || err.Error() != want {
					t.Errorf("error %v, want %s", err, want)
				}
				v[last] = old
			}
		}
	}
}

// TestNetworkPy: the first accuracies of chapter 1's run are those of
// network.py with the same seed. NumPy and this program add in different
// orders, and with η = 3 the differences grow from 1e-14 to whole images in
// the second epoch; the first epoch is equal.
func TestNetworkPy(t *testing.T) {
	if testing.Short() {
		t.Skip("epochs on all of MNIST")
	}
	d := mnist()
	for seed, want := range map[uint32][2]int{12345678: {1147, 8925}, 1: {734, 8204}} { // untrained, Epoch 0
		net := large([]int{784, 30, 10}, NewNumPyRandom(seed))
		if got := net.Accuracy(d.test); got != want[0] {
			t.Errorf("seed %d: untrained %d, want %d", seed, got, want[0])
		}
		h := Hyper{Epochs: 1, Batch: 10, Eta: 3}
		net.SGD(&Source{Data: d.training}, h, net.NewState(h, 50000, seed), never)
		if got := net.Accuracy(d.test); got != want[1] {
			t.Errorf("seed %d: Epoch 0: %d, want %d", seed, got, want[1])
		}
	}
}

// TestInitialWeights holds the initial weights against those of network.py and
// network2.py after np.random.seed(s): the first bias and weight, the last
// weight, and the sum of all absolute values.
func TestInitialWeights(t *testing.T) {
	for _, c := range []struct {
		seed          uint32
		b, w, w2, sum float64
	}{
		{12345678, 0x1.1b7fa3c7aefb7p-1, -0x1.1170286a9f13dp-1, 0x1.91100c0904e35p+0, 19111.80551222483},
		{1, 0x1.9fd5190657c50p+0, -0x1.88e113fcd36b2p-3, -0x1.04a305df34d41p-4, 18986.980224979532},
	} {
		net := large([]int{784, 30, 10}, NewNumPyRandom(c.seed))
		sum := 0.0
		for _, w := range net.Weights[1:] {
			for _, x := range w.Data {
				sum += math.Abs(x)
			}
		}
		for _, v := range [][2]float64{{net.Biases[1][0], c.b}, {net.Weights[1].At(0, 0), c.w}, {net.Weights[2].At(9, 29), c.w2}} {
			if math.Abs(v[0]-v[1]) > 2e-15 {
				t.Errorf("seed %d: %v, want %v", c.seed, v[0], v[1])
			}
		}
		if math.Abs(sum-c.sum) > 1e-9 {
			t.Errorf("seed %d: Σ|w| = %v, want %v", c.seed, sum, c.sum)
		}
		other := NewNetwork(net.Sizes)
		other.DefaultWeights(NewNumPyRandom(c.seed))
		if got, want := other.Weights[1].At(3, 5), net.Weights[1].At(3, 5)/28; got != want {
			t.Errorf("seed %d: default weight %v, want %v", c.seed, got, want)
		}
		if got, want := other.Weights[2].At(9, 29), net.Weights[2].At(9, 29)/math.Sqrt(30); got != want {
			t.Errorf("seed %d: default weight %v, want %v", c.seed, got, want)
		}
	}
}

// TestSeedRepeats: the same seed gives the same bits, also with dropout and
// momentum; another gives others.
func TestSeedRepeats(t *testing.T) {
	train := func(seed uint32) *Network {
		net := large([]int{784, 12, 10}, NewNumPyRandom(seed))
		h := Hyper{Epochs: 2, Batch: 10, Eta: 0.5, Dropout: 0.5, Mu: 0.5}
		net.SGD(&Source{Data: mnist().training.Slice(0, 2000)}, h, net.NewState(h, 2000, seed), never)
		return net
	}
	first := train(7)
	sameNetwork(t, "seed 7 again", train(7), first)
	if other := train(8); other.Weights[2].Data[0] == first.Weights[2].Data[0] {
		t.Error("seeds 7 and 8 give the same weight")
	}
}

// TestWriteWhole: whatever goes wrong with the new file, the old one stays, or
// there is none; nothing is left beside it, and the error names it alone.
func TestWriteWhole(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"all is well", func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }, ""},
		{"an error at the start", func(io.Writer) error { return broken }, "broken"},
		{"an error after a megabyte", func(w io.Writer) error { w.Write(make([]byte, 1<<20)); return broken }, "broken"},
		{"an error with the other name", func(io.Writer) error {
			return &os.PathError{Op: "write", Path: ".net.json-1.tmp", Err: os.ErrClosed}
		}, "file already closed"},
	} {
		for _, old := range []string{"", "old"} {
			dir := t.TempDir()
			name := filepath.Join(dir, "net.json")
			if old != "" {
				writeFile(t, name, []byte(old))
			}
			err := writeWhole(name, c.write)
			want, content := "<nil>", "new"
			if c.want != "" {
				want, content = "write "+name+": "+c.want, old
			}
			if fmt.Sprint(err) != want {
				t.Errorf("%s: error %v, want %s", c.name, err, want)
			}
			data, _ := os.ReadFile(name)
			files, _ := os.ReadDir(dir)
			if string(data) != content || len(files) != min(1, len(content)) {
				t.Errorf("%s: %q in %v, want %q", c.name, data, files, content)
			}
		}
	}
	name := filepath.Join(t.TempDir(), "net.json")
	err := writeWhole(name, func(io.Writer) error { return os.Mkdir(name, 0o755) }) // no file can take its place
	if files, _ := os.ReadDir(filepath.Dir(name)); err == nil || !strings.HasPrefix(err.Error(), "write "+name+": ") || len(files) != 1 {
		t.Errorf("a folder in the way: %v, %v", err, files)
	}
	if unfinished.Load() != 0 {
		t.Errorf("%d files are unfinished", unfinished.Load())
	}
}

// TestWriteWholeStale: what a killed process left beside the file goes after an
// hour; what may be another process's work, or the user's, stays.
func TestWriteWholeStale(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []struct {
		name string
		age  time.Duration
	}{
		{".net.json-123.tmp", 2 * time.Hour}, {".net.json-4294967295.tmp", 61 * time.Minute}, // these go
		{".net.json-124.tmp", 0}, {".net.json-125.tmp", 59 * time.Minute}, {".net.json-126.tmp", -2 * time.Hour}, {".other.json-127.tmp", 2 * time.Hour},
		{".net.json-.tmp", 2 * time.Hour}, {".net.json-12a.tmp", 2 * time.Hour}, {"net.json-123.tmp", 2 * time.Hour}, {".net.json-123", 2 * time.Hour}, {".net.json-old-123.tmp", 2 * time.Hour},
	} {
		name := filepath.Join(dir, f.name)
		writeFile(t, name, []byte("half"))
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-f.age)); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(dir, ".net.json-128.tmp")
	if err := errors.Join(os.Mkdir(folder, 0o755), os.Chtimes(folder, time.Time{}, time.Now().Add(-2*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := large([]int{2, 1}, NewNumPyRandom(1)).Save(filepath.Join(dir, "net.json")); err != nil {
		t.Fatal(err)
	}
	var left []string
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		left = append(left, f.Name())
	}
	want := []string{".net.json-.tmp", ".net.json-123", ".net.json-124.tmp", ".net.json-125.tmp", ".net.json-126.tmp", ".net.json-128.tmp", ".net.json-12a.tmp",
		".net.json-old-123.tmp", ".other.json-127.tmp", "net.json", "net.json-123.tmp"}
	if !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}

// TestWriteWholeLink: a link stays one, and what it leads to is written.
func TestWriteWholeLink(t *testing.T) {
	dir := t.TempDir()
	link, target := filepath.Join(dir, "link.json"), filepath.Join(dir, "net.json")
	writeFile(t, target, []byte("old"))
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := large([]int{2, 1}, NewNumPyRandom(1)).Save(link); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if _, err := LoadNetwork(target); err != nil {
		t.Error(err)
	}
}

// TestNoAllocation: a mini-batch allocates nothing, whatever technique is on.
func TestNoAllocation(t *testing.T) {
	training := &Source{Data: mnist().training}
	for _, h := range []Hyper{{}, {Lambda: 5}, {L1: 5}, {Mu: 0.5, Dropout: 0.5}} {
		net := large([]int{784, 30, 10}, NewNumPyRandom(1))
		b, s := net.newBatch(10), net.NewState(h, 50000, 1)
		s.Eta = 0.5
		i := 0
		allocs := testing.AllocsPerRun(200, func() {
			net.fill(b, training, s.Order[i:i+10])
			b.drop(h.Dropout, s.Drop)
			net.updateMiniBatch(b, h, s)
			i += 10
		})
		if allocs > 0 {
			t.Errorf("%+v: %v allocations a mini-batch, want 0", h, allocs)
		}
	}
}

// BenchmarkEpoch is one epoch of chapter 1's run, 50,000 examples in
// mini-batches of 10, or of 100 for the widest network, and the scoring of
// 10,000 after it.
func BenchmarkEpoch(b *testing.B) {
	training := &Source{Data: mnist().training}
	training.RememberInk() // once a run, as BenchmarkInk has it
	mnist().test.RememberInk()
	for _, c := range []struct{ hidden, batch int }{{30, 10}, {100, 10}, {800, 100}} {
		b.Run(fmt.Sprintf("784-%d-10", c.hidden), func(b *testing.B) {
			net := large([]int{784, c.hidden, 10}, NewNumPyRandom(1))
			h := Hyper{Epochs: 1, Batch: c.batch, Eta: 3}
			s := net.NewState(h, 50000, 1)
			b.ReportAllocs()
			for b.Loop() {
				s.Epoch = 0
				net.SGD(training, h, s, never)
				net.Accuracy(mnist().test)
			}
		})
	}
}

// BenchmarkInk is the one pass over all training and test images that a run
// makes before its first epoch, on one core.
func BenchmarkInk(b *testing.B) {
	for b.Loop() {
		for _, d := range []*Data{mnist().training, mnist().test} {
			d.Slice(0, d.Len()).RememberInk()
		}
	}
}

// BenchmarkScore is the scoring of 10,000 examples alone.
func BenchmarkScore(b *testing.B) {
	net := large([]int{784, 30, 10}, NewNumPyRandom(1))
	test := mnist().test
	for b.Loop() {
		net.Accuracy(test)
	}
}

// BenchmarkStart is the decompression of all of MNIST, which comes before
// training.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		for _, part := range []string{"train", "t10k"} {
			if _, err := readPart("", part); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// weightsHash returns the SHA-256 of all weights and biases, bit for bit.
func weightsHash(net *Network) string {
	hash := sha256.New()
	for l := 1; l <= net.L(); l++ {
		binary.Write(hash, binary.LittleEndian, net.Weights[l].Data)
		binary.Write(hash, binary.LittleEndian, net.Biases[l])
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8])
}

// TestGoldenBits: after a fixed run all weights have these bits, on any number
// of cores, on any architecture, in any build. A change of the arithmetic, of
// the order of a sum or of a random number shows here first.
func TestGoldenBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []struct {
		name   string
		sizes  []int
		cost   *Cost
		hidden *Activation
		h      Hyper
		want   string
	}{
		{"chapter 1", []int{784, 30, 10}, QuadraticCost, Sigmoid, Hyper{Epochs: 1, Batch: 10, Eta: 3}, "9c4fe7a4a85195f5"},
		{"weight decay", []int{784, 100, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 16, Eta: 0.5, Lambda: 0.1}, "59bb041f07d3ede6"},
		{"softmax, tanh", []int{784, 33, 21, 10}, LogLikelihoodCost, Tanh, Hyper{Epochs: 1, Batch: 7, Eta: 0.1, L1: 0.1}, "70653fbc7aa40c9b"},
		{"dropout, momentum", []int{784, 32, 10}, CrossEntropyCost, ReLU, Hyper{Epochs: 1, Batch: 10, Eta: 0.05, Mu: 0.5, Dropout: 0.5, Lambda: 0.1}, "d5fd35a57ee664d1"},
	} {
		for _, cores := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(cores)
			net := NewNetwork(c.sizes)
			net.DefaultWeights(NewNumPyRandom(12345678))
			net.Cost, net.Hidden = c.cost, c.hidden
			net.SGD(&Source{Data: mnist().training.Slice(0, 1000)}, c.h, net.NewState(c.h, 1000, 12345678), never)
			if got := weightsHash(net); got != c.want {
				t.Errorf("%s on %d cores: hash %s, want %s", c.name, cores, got, c.want)
			}
		}
	}
}
