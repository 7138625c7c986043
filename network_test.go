package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
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
func worst(errs []gradientError) float64 {
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
		if got := worst(net.gradientCheckAll(randomBatch(net, s.m, random), Settings{})); !(got < 1e-7) {
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
			for _, h := range []Settings{{}, {Lambda: 0.7}, {L1: 0.3}, {Lambda: 0.7, L1: 0.3}} {
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
							got := worst(net.gradientCheckAll(b, h))
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
		func(z, _ float64) float64 { return sigmoidPrime(z, sigmoid(z)) + 0.1 }}
	got := worst(net.gradientCheckAll(randomBatch(net, 4, random), Settings{}))
	t.Logf("σ(z) + z/10: backpropagation and differences of the cost differ by %.0e", got)
	if !(got < 1e-7) {
		t.Errorf("relative error %.1e, want below 1e-7", got)
	}
}

// plantedErrors are the errors that ports of this code are known to have.
var plantedErrors = []struct {
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
		cost.Delta = func(delta, _, a, y []float64) {
			for j := range a {
				delta[j] = (a[j] - y[j]) * a[j]
			}
		}
	}},
	{"σ' missing in the output layer", func(cost *Cost, _ *Activation) {
		cost.Delta = differenceDelta
	}},
	{"wrong index in the output error", func(cost *Cost, _ *Activation) {
		cost.Delta = func(delta, _, a, y []float64) {
			for j := range a {
				i := (j + 1) % len(a)
				delta[j] = (a[i] - y[i]) * a[j] * (1 - a[j])
			}
		}
	}},
	{"y - a for a - y", func(cost *Cost, _ *Activation) {
		cost.Delta = func(delta, _, a, y []float64) {
			for j := range a {
				delta[j] = (y[j] - a[j]) * a[j] * (1 - a[j])
			}
		}
	}},
	{"a factor m", func(cost *Cost, _ *Activation) {
		cost.Delta = func(delta, z, a, y []float64) {
			quadraticDelta(delta, z, a, y)
			for j := range delta {
				delta[j] *= 5
			}
		}
	}},
	{"the quadratic cost without its 1/2", func(cost *Cost, _ *Activation) {
		cost.Fn = func(z, a, y []float64) float64 { return 2 * quadraticCost(z, a, y) }
	}},
}

// TestPlantedErrors: the gradient check finds each of plantedErrors.
func TestPlantedErrors(t *testing.T) {
	for _, c := range plantedErrors {
		quadratic, hidden := *QuadraticCost, *Sigmoid
		random := NewNumPyRandom(1)
		net := large([]int{5, 4, 3}, random)
		net.Cost, net.Hidden = &quadratic, &hidden
		b := randomBatch(net, 5, random)
		if got := worst(net.gradientCheckAll(b, Settings{})); !(got < 1e-7) {
			t.Fatalf("without an error: %.1e", got)
		}
		c.plant(&quadratic, &hidden)
		got := worst(net.gradientCheckAll(b, Settings{}))
		t.Logf("%s: relative error %.1g", c.name, got)
		if got < 1e-2 {
			t.Errorf("%s: relative error %.1e, want above 1e-2", c.name, got)
		}
	}
}

// naive is one step of the whole training, as plain as it can be written: one
// example after the other, index by index. plant names an error to make.
type naive struct {
	net   *Network
	more  Settings
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
					sumW[l].Data[k] += s.more.Lambda / float64(s.n) * s.net.Weights[l].Data[k] * float64(x.Rows-1)
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
			slope := sumW[l].Data[k]/m + s.more.Lambda/n*w + s.more.L1/n*sgn(w)
			if s.plant == "λ/m for λ/n" {
				slope = sumW[l].Data[k]/m + s.more.Lambda/m*w + s.more.L1/m*sgn(w)
			}
			s.move(&s.net.Weights[l].Data[k], &s.vW[l].Data[k], slope)
		}
		for j, b := range s.net.Biases[l] {
			slope := sumB[l][j] / m
			if s.plant == "penalty on biases" {
				slope += s.more.Lambda / n * b
			}
			s.move(&s.net.Biases[l][j], &s.vB[l][j], slope)
		}
	}
}

// move is Eq. 54 for one weight or bias; with μ = 0 gradient descent.
func (s *naive) move(w, v *float64, slope float64) {
	old := *v
	*v = s.more.Mu*old - s.eta*slope
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
	net.Cost.Delta(delta, z[L], a[L], y)
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
			h := Settings{Lambda: 3, L1: 2, Mu: 0.6}
			const n, eta = 50, 0.2
			state := net.NewState(n, eta, h.Mu, 1)
			s := &naive{net: net.Clone(), more: h, eta: eta, n: n, plant: plant}
			s.vW, s.vB = net.zeros()
			for range 4 {
				b := randomBatch(net, 5, random)
				b.drop(0.5, random)
				s.mask = b.mask
				s.step(dense(b.a[0]), b.y)
				net.updateMiniBatch(b, h, state)
			}
			e := 0.0
			for l := 1; l <= net.L(); l++ {
				e = max(e, relativeError(net.Weights[l].Data, s.net.Weights[l].Data), relativeError(net.Biases[l], s.net.Biases[l]))
			}
			if hidden == Sigmoid {
				t.Logf("planted %q: the steps differ by %.0e", plant, e)
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
	h := Settings{Lambda: 0.7, L1: 0.3}
	numeric := make([]float64, len(net.Weights[1].Data))
	numericalGradient(numeric, net.Weights[1].Data, func() float64 { return net.batchCost(b, h) })
	for name, planted := range map[string]Settings{
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
				delta[l][j] = (a[l][j] - y[j]) * sigmoidPrime(z[l][j], a[l][j]) // Eq. 22
			} else {
				for i := range net.Sizes[l+1] {
					delta[l][j] += net.Weights[l+1].At(i, j) * delta[l+1][i] * sigmoidPrime(z[l][j], a[l][j]) // Eq. 24
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
				delta, nablaB, nablaW := oracle(net, dense(b.a[0]).Row(x), b.y.Row(x))
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
		net.updateMiniBatch(b, Settings{}, &State{Eta: eta, Order: make([]int32, 100)})
		sameNetwork(t, fmt.Sprintf("m = %d", m), net, want)
	}
}

// A pythonNetwork is network.py, line for line and example by example, in plain
// loops: the oracle of network.go. Layers are numbered as in Python, so that
// weights[0] are the weights into the second layer. decay is network2.py's
// 1 - η λ/n.
type pythonNetwork struct {
	sizes   []int
	biases  [][]float64
	weights [][][]float64
}

// SGD is network.py: SGD; random.shuffle is that of the Python of the time.
func (p *pythonNetwork) SGD(trainingData [][2][]float64, epochs, miniBatchSize int, eta, lmbda float64, random *MersenneTwister) {
	n := len(trainingData)
	for range epochs {
		for i := n - 1; i > 0; i-- { // random.shuffle(training_data)
			j := int(random.Float64() * float64(i+1))
			trainingData[i], trainingData[j] = trainingData[j], trainingData[i]
		}
		for k := 0; k < n; k += miniBatchSize {
			p.updateMiniBatch(trainingData[k:min(k+miniBatchSize, n)], eta, lmbda, n)
		}
	}
}

// updateMiniBatch is network2.py: update_mini_batch, with λ = 0 network.py's.
func (p *pythonNetwork) updateMiniBatch(miniBatch [][2][]float64, eta, lmbda float64, n int) {
	nablaB, nablaW := p.zeros()
	for _, xy := range miniBatch {
		deltaNablaB, deltaNablaW := p.backprop(xy[0], xy[1])
		for l := range nablaB {
			for j := range nablaB[l] {
				nablaB[l][j] += deltaNablaB[l][j]
				for k := range nablaW[l][j] {
					nablaW[l][j][k] += deltaNablaW[l][j][k]
				}
			}
		}
	}
	rate, decay := eta/float64(len(miniBatch)), 1-eta*(lmbda/float64(n))
	for l := range p.weights {
		for j := range p.weights[l] {
			for k := range p.weights[l][j] {
				p.weights[l][j][k] = float64(decay*p.weights[l][j][k]) - float64(rate*nablaW[l][j][k])
			}
			p.biases[l][j] -= float64(rate * nablaB[l][j])
		}
	}
}

// backprop is network.py: backprop.
func (p *pythonNetwork) backprop(x, y []float64) (nablaB [][]float64, nablaW [][][]float64) {
	nablaB, nablaW = p.zeros()
	activation, activations := x, [][]float64{x}
	var zs [][]float64
	for l, w := range p.weights {
		z, a := make([]float64, len(w)), make([]float64, len(w))
		for j := range w {
			for k := range w[j] { // np.dot(w, activation)
				z[j] += float64(w[j][k] * activation[k])
			}
			z[j] += p.biases[l][j]
			a[j] = 1 / (1 + exp(-z[j]))
		}
		zs, activation, activations = append(zs, z), a, append(activations, a)
	}
	last := len(p.weights) - 1
	delta := make([]float64, len(y))
	for j := range delta { // self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
		s := 1 / (1 + exp(-zs[last][j]))
		delta[j] = (activations[last+1][j] - y[j]) * (s * (1 - s))
	}
	for l := last; ; l-- {
		for j := range delta {
			nablaB[l][j] = delta[j]
			for k := range nablaW[l][j] { // np.dot(delta, activations[-l-1].transpose())
				nablaW[l][j][k] = delta[j] * activations[l][k]
			}
		}
		if l == 0 {
			return nablaB, nablaW
		}
		below := make([]float64, p.sizes[l])
		for k := range below { // np.dot(self.weights[-l+1].transpose(), delta) * sp
			for j := range delta {
				below[k] += float64(p.weights[l][j][k] * delta[j])
			}
			s := 1 / (1 + exp(-zs[l-1][k]))
			below[k] *= s * (1 - s)
		}
		delta = below
	}
}

// zeros returns nabla_b and nabla_w, all 0.
func (p *pythonNetwork) zeros() (b [][]float64, w [][][]float64) {
	for l, n := range p.sizes[1:] {
		b, w = append(b, make([]float64, n)), append(w, make([][]float64, n))
		for j := range n {
			w[l][j] = make([]float64, p.sizes[l])
		}
	}
	return b, w
}

// TestLiteralPort trains network.go and network.py from the same seeds and
// wants the same bits, without and with L2 regularization.
func TestLiteralPort(t *testing.T) {
	const n, epochs, seed = 2001, 2, 7 // the last mini-batch has one example
	for _, lambda := range []float64{0, 4} {
		net := large([]int{784, 15, 12, 10}, NewNumPyRandom(seed))
		p := &pythonNetwork{sizes: net.Sizes}
		p.biases, p.weights = p.zeros()
		for l := range p.weights {
			copy(p.biases[l], net.Biases[l+1])
			for j := range p.weights[l] {
				copy(p.weights[l][j], net.Weights[l+1].Row(j))
			}
		}
		training := mnist().training.Slice(0, n)
		examples := make([][2][]float64, n)
		for i := range examples {
			x, y := make([]float64, 784), make([]float64, 10)
			for k, pixel := range training.Image(i) {
				x[k] = float64(pixel) / 256
			}
			y[training.Labels[i]] = 1
			examples[i] = [2][]float64{x, y}
		}
		p.SGD(examples, epochs, 10, 3, lambda, NewPythonRandom(seed))
		h := Hyper{Epochs: epochs, Batch: 10, Eta: 3, Settings: Settings{Lambda: lambda}}
		net.SGD(training, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: net.NewState(n, h.Eta, h.Mu, seed)})
		for l := range p.weights {
			for j := range p.weights[l] {
				if !slices.Equal(net.Weights[l+1].Row(j), p.weights[l][j]) || net.Biases[l+1][j] != p.biases[l][j] {
					t.Fatalf("λ = %v: the weights or the bias of neuron %d in layer %d are not those of network.py", lambda, j, l+2)
				}
			}
		}
	}
}

// TestShortLastBatch: SGD on 25 examples in mini-batches of 10 takes three
// steps, the last with the 5 that remain.
func TestShortLastBatch(t *testing.T) {
	training := mnist().training.Slice(0, 25)
	start := large([]int{784, 5, 10}, NewNumPyRandom(4))
	got, want := start.Clone(), start.Clone()
	h := Hyper{Epochs: 1, Batch: 10, Eta: 3}
	got.SGD(training, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: got.NewState(25, h.Eta, h.Mu, 4)})

	s := want.NewState(25, h.Eta, h.Mu, 4)
	NewPythonRandom(4).Shuffle(s.Order)
	for _, miniBatch := range [][]int32{s.Order[:10], s.Order[10:20], s.Order[20:]} {
		b := want.newBatch(len(miniBatch))
		want.fill(b, training, miniBatch, nil)
		want.updateMiniBatch(b, h.Settings, s)
	}
	sameNetwork(t, "SGD", got, want)
}

// TestMomentumZero: μ = 0 is plain gradient descent, bit for bit.
func TestMomentumZero(t *testing.T) {
	random := NewNumPyRandom(8)
	plain := large([]int{9, 8, 7}, random)
	moving := plain.Clone()
	b := randomBatch(plain, 5, random)
	vW, vB := plain.zeros()
	for range 3 {
		plain.updateMiniBatch(b, Settings{}, &State{Eta: 0.5, Order: make([]int32, 5)})
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
	t.Logf("of 10 hidden neurons 5 stay, each draw anew: in %d draws they were dropped %v times", draws, dropped)
	for j, d := range dropped {
		if d < draws*45/100 || d > draws*55/100 {
			t.Errorf("neuron %d dropped %d times of %d, want about half", j, d, draws)
		}
	}
}

// TestDropInSGD: SGD takes each step with a draw of its own (§3.5.1.2).
func TestDropInSGD(t *testing.T) {
	net, d := small(20)
	h := Hyper{Epochs: 1, Batch: 10, Eta: 0.5, Settings: Settings{Dropout: 0.4}}
	s, other := net.NewState(20, h.Eta, h.Mu, 1), net.Clone()
	random, done := net.NewState(20, h.Eta, h.Mu, 1).Drop, 0
	net.SGD(d, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: s, After: func(*State) error {
		b := filled(other, d, s.Order[done:s.ExamplesDone])
		b.drop(0.4, random)
		other.updateMiniBatch(b, h.Settings, &State{Eta: 0.5, Order: s.Order})
		sameNetwork(t, "a step with dropout", net, other)
		done = s.ExamplesDone
		return nil
	}})
}

// TestWithoutDropout: the weighted inputs of the full network with smaller
// weights are the mean over all masks, exactly so for one hidden layer.
func TestWithoutDropout(t *testing.T) {
	random := NewNumPyRandom(10)
	net := large([]int{5, 4, 3}, random)
	b := randomBatch(net, 1, random)
	net.Dropout = 0.5
	full := net.WithoutDropout()
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
	t.Logf("z with half the weights %.8f, mean over the %v networks with half the neurons %.8f", fb.z[2].Row(0), masks, mean)
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
		_, right := net.TotalCost(d, Settings{}, 230)
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
		net.SGD(d.training, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: net.NewState(50000, h.Eta, h.Mu, seed)})
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
		h := Hyper{Epochs: 2, Batch: 10, Eta: 0.5, Settings: Settings{Dropout: 0.5, Mu: 0.5}}
		net.SGD(mnist().training.Slice(0, 2000), h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: net.NewState(2000, h.Eta, h.Mu, seed)})
		return net
	}
	first := train(7)
	sameNetwork(t, "seed 7 again", train(7), first)
	if other := train(8); other.Weights[2].Data[0] == first.Weights[2].Data[0] {
		t.Error("seeds 7 and 8 give the same weight")
	}
}

// TestNoAllocation: a mini-batch allocates nothing, whatever technique is on.
func TestNoAllocation(t *testing.T) {
	training := mnist().training
	for _, c := range []struct {
		h      Settings
		expand string
	}{{Settings{}, "none"}, {Settings{Lambda: 5}, "none"}, {Settings{L1: 5}, "none"}, {Settings{Mu: 0.5, Dropout: 0.5}, "none"}, {Settings{}, "shift"}, {Settings{}, "elastic,rotate,shift"}} {
		net := large([]int{784, 30, 10}, NewNumPyRandom(1))
		b, s := net.newBatch(10), net.NewState(50000, 0.5, c.h.Mu, 1)
		expand := newExpander(mustExpand(t, c.expand), training, s.Expand)
		i := 0
		allocs := testing.AllocsPerRun(200, func() {
			net.fill(b, training, s.Order[i:i+10], expand)
			b.drop(c.h.Dropout, s.Drop)
			net.updateMiniBatch(b, c.h, s)
			i += 10
		})
		if allocs > 0 {
			t.Errorf("%+v, %s: %v allocations a mini-batch, want 0", c.h, c.expand, allocs)
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
		expand string
		want   string
	}{
		{"chapter 1", []int{784, 30, 10}, QuadraticCost, Sigmoid, Hyper{Epochs: 1, Batch: 10, Eta: 3}, "none", "9c4fe7a4a85195f5"},
		{"weight decay", []int{784, 100, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 16, Eta: 0.5, Settings: Settings{Lambda: 0.1}}, "none", "59bb041f07d3ede6"},
		{"softmax, tanh", []int{784, 33, 21, 10}, LogLikelihoodCost, Tanh, Hyper{Epochs: 1, Batch: 7, Eta: 0.1, Settings: Settings{L1: 0.1}}, "none", "70653fbc7aa40c9b"},
		{"dropout, momentum", []int{784, 32, 10}, CrossEntropyCost, ReLU, Hyper{Epochs: 1, Batch: 10, Eta: 0.05, Settings: Settings{Mu: 0.5, Dropout: 0.5, Lambda: 0.1}}, "none", "d5fd35a57ee664d1"},
		{"shift", []int{784, 20, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 10, Eta: 0.5}, "shift", "37832675be0a39c8"},
		{"rotate", []int{784, 20, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 10, Eta: 0.5}, "rotate", "36ea1b79cab8aed6"},
		{"elastic", []int{784, 20, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 130, Eta: 5}, "elastic", "3cb0303b065bd163"},
		{"all distortions", []int{784, 20, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 7, Eta: 0.5}, "elastic,rotate,shift", "a16155db0b069be2"},
		{"scale and rotate", []int{784, 20, 10}, CrossEntropyCost, Sigmoid, Hyper{Epochs: 1, Batch: 10, Eta: 0.5}, "scale:12.5,rotate", "4130ead7bb293efb"},
	} {
		for _, cores := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(cores)
			net := NewNetwork(c.sizes)
			net.DefaultWeights(NewNumPyRandom(12345678))
			net.Cost, net.Hidden = c.cost, c.hidden
			training, s := mnist().training.Slice(0, 1000), net.NewState(1000, c.h.Eta, c.h.Mu, 12345678)
			net.SGD(training, c.h.Epochs, c.h.Batch, c.h.Eta, Run{Settings: c.h.Settings, Expand: newExpander(mustExpand(t, c.expand), training, s.Expand), State: s})
			if got := weightsHash(net); got != c.want {
				t.Errorf("%s on %d cores: hash %s, want %s", c.name, cores, got, c.want)
			}
		}
	}
}

// The session of §1.6 in Go: load the data, make a network, train it.
func ExampleNetwork_SGD() {
	training, _, _ := LoadTraining("")
	test, _ := LoadTest("")
	net := NewNetwork([]int{784, 30, 10})
	net.LargeWeights(NewNumPyRandom(bookSeed))
	net.SGD(training.Slice(0, 5000), 3, 10, 3.0, Run{After: net.printAccuracy(test)})
	// Output:
	// Epoch 0: 5224 / 10000
	// Epoch 1: 6585 / 10000
	// Epoch 2: 7665 / 10000
}

// printAccuracy returns what network.py: SGD does after each epoch with
// test_data.
func (net *Network) printAccuracy(test *Data) func(s *State) error {
	return func(s *State) error {
		if s.ExamplesDone == len(s.Order) {
			fmt.Printf("Epoch %d: %d / %d\n", s.Epoch, net.Accuracy(test), test.Len())
		}
		return nil
	}
}

// A gradientError is what the gradient check found in one layer: the largest
// difference between backpropagation and finite differences, relative to the
// largest element of that layer's gradient (§2.4).
type gradientError struct {
	Weights, Biases float64
}

// gradientCheckAll compares, for the mini-batch in b as the whole training data,
// the gradient by which updateMiniBatch moves the network with the finite
// differences of the regularized cost, layer by layer; entry 0 is empty
// (Eqs. 42 and 48, §2.4, book Eq. 46). Dropout's mask in b stays as it is.
func (net *Network) gradientCheckAll(b *batch, more Settings) []gradientError {
	more.Mu = 0
	gradient := net.stepGradient(b, more)
	cost := func() float64 { return net.batchCost(b, more) }
	errs := make([]gradientError, len(net.Sizes))
	for l := 1; l <= net.L(); l++ {
		numeric := make([]float64, len(net.Weights[l].Data))
		numericalGradient(numeric, net.Weights[l].Data, cost)
		errs[l].Weights = relativeError(gradient.Weights[l].Data, numeric)
		numeric = numeric[:len(net.Biases[l])]
		numericalGradient(numeric, net.Biases[l], cost)
		errs[l].Biases = relativeError(gradient.Biases[l], numeric)
	}
	return errs
}

// TestIsRight: of several desired outputs each must lie on its side of one half, which
// itself belongs to the lower side.
func TestIsRight(t *testing.T) {
	net := NewNetwork([]int{1, 2})
	d := &Data{Targets: []float64{0, 0, 1, 0.5}}
	for _, c := range []struct {
		i    int
		a    []float64
		want bool
	}{
		{1, []float64{0.51, 0.5}, true},
		{1, []float64{0.5, 0.5}, false},
		{1, []float64{0.51, 0.51}, false},
		{0, []float64{0.5, 0.49}, true},
		{0, []float64{0.49, 0.51}, false},
	} {
		if got := net.isRight(c.a, d, c.i); got != c.want {
			t.Errorf("outputs %v for %v: %v", c.a, d.Targets[2*c.i:2*c.i+2], got)
		}
	}
}
