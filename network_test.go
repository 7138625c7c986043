package main

import (
	"fmt"
	"math"
	"slices"
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
	for i := range b.a[0].Data {
		b.a[0].Data[i] = max(0, 1.5*random.Float64()-0.5)
	}
	b.a[0] = withInk(b.a[0])
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

// TestGradient is the gradient check: BP1-BP4 against finite differences (book
// Eq. 46, central), for several shapes and sizes of the mini-batch.
func TestGradient(t *testing.T) {
	random := NewNumPyRandom(1)
	for _, s := range gradientShapes {
		net := NewNetwork(s.sizes, random)
		if got := worst(net.GradientCheck(randomBatch(net, s.m, random))); !(got < 1e-7) {
			t.Errorf("%v, m = %d: relative error %.1e, want below 1e-7", s.sizes, s.m, got)
		}
	}
}

// TestPlantedErrors: the gradient check finds each of the errors that ports of
// this code are known to have.
func TestPlantedErrors(t *testing.T) {
	quadratic, hidden := *QuadraticCost, *Sigmoid
	for _, c := range []struct {
		name  string
		plant func(net *Network)
	}{
		{"σ for σ' in a hidden layer", func(net *Network) {
			hidden.Prime = func(_, a float64) float64 { return a }
		}},
		{"σ' missing in a hidden layer", func(net *Network) {
			hidden.Prime = func(_, a float64) float64 { return 1 }
		}},
		{"σ for σ' in the output layer", func(net *Network) {
			quadratic.Delta = func(delta, z, a, y []float64) {
				for j := range a {
					delta[j] = (a[j] - y[j]) * sigmoid(z[j])
				}
			}
		}},
		{"σ' missing in the output layer", func(net *Network) {
			quadratic.Delta = func(delta, _, a, y []float64) {
				for j := range a {
					delta[j] = a[j] - y[j]
				}
			}
		}},
		{"wrong index in the output error", func(net *Network) {
			quadratic.Delta = func(delta, _, a, y []float64) {
				for j := range a {
					i := (j + 1) % len(a)
					delta[j] = (a[i] - y[i]) * a[j] * (1 - a[j])
				}
			}
		}},
		{"y - a for a - y", func(net *Network) {
			quadratic.Delta = func(delta, z, a, y []float64) {
				quadraticDelta(delta, z, y, a)
			}
		}},
		{"a factor m", func(net *Network) {
			quadratic.Delta = func(delta, z, a, y []float64) {
				quadraticDelta(delta, z, a, y)
				for j := range delta {
					delta[j] /= 5
				}
			}
		}},
	} {
		quadratic, hidden = *QuadraticCost, *Sigmoid
		random := NewNumPyRandom(1)
		net := NewNetwork([]int{5, 4, 3}, random)
		net.Cost, net.Hidden = &quadratic, &hidden
		b := randomBatch(net, 5, random)
		if got := worst(net.GradientCheck(b)); !(got < 1e-7) {
			t.Fatalf("without an error: %.1e", got)
		}
		c.plant(net)
		if got := worst(net.GradientCheck(b)); got < 1e-2 {
			t.Errorf("%s: relative error %.1e, want above 1e-2", c.name, got)
		}
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
		net := NewNetwork(s.sizes, random)
		b := randomBatch(net, s.m, random)
		net.backprop(b)
		gotB, gotW := net.gradient(b)
		for l := 1; l <= net.L(); l++ {
			wantB, wantW := make([]float64, s.sizes[l]), NewMatrix(s.sizes[l], s.sizes[l-1])
			for x := range s.m {
				delta, nablaB, nablaW := oracle(net, b.a[0].Row(x), b.y.Row(x))
				if e := relativeError(b.delta[l].Row(x), delta[l]); e > 1e-12 {
					t.Errorf("%v: δ of layer %d, example %d: error %.1e", s.sizes, l, x, e)
				}
				for j := range wantB {
					wantB[j] += nablaB[l][j]
				}
				for i := range wantW.Data {
					wantW.Data[i] += nablaW[l].Data[i]
				}
			}
			if e := max(relativeError(gotB[l], wantB), relativeError(gotW[l].Data, wantW.Data)); e > 1e-12 {
				t.Errorf("%v: layer %d: error %.1e", s.sizes, l, e)
			}
		}
	}
}

// clone returns a copy of a network that shares nothing that training changes.
func clone(net *Network) *Network {
	c := *net
	c.Weights, c.Biases = []*Matrix{nil}, [][]float64{nil}
	for l := 1; l <= net.L(); l++ {
		w := *net.Weights[l]
		w.Data = slices.Clone(w.Data)
		c.Weights, c.Biases = append(c.Weights, &w), append(c.Biases, slices.Clone(net.Biases[l]))
	}
	return &c
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

// TestUpdateMiniBatch: one step is w - (η/m) Σ ∇C_x with the gradient of
// backprop, to the last bit, with m the length of the mini-batch in hand, also
// of a short one.
func TestUpdateMiniBatch(t *testing.T) {
	for _, m := range []int{10, 7, 1} {
		random := NewNumPyRandom(3)
		net := NewNetwork([]int{12, 8, 10}, random)
		b := randomBatch(net, 10, random)
		b.setRows(m)
		b.a[0].Ink = b.a[0].Ink[:m]
		const eta = 0.7
		want := clone(net)
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
		net.updateMiniBatch(b, eta)
		sameNetwork(t, fmt.Sprintf("m = %d", m), net, want)
	}
}

// TestShortLastBatch: SGD on 25 examples in mini-batches of 10 takes three
// steps, the last with the 5 that remain.
func TestShortLastBatch(t *testing.T) {
	training := mnist().training.Slice(0, 25)
	start := NewNetwork([]int{784, 5, 10}, NewNumPyRandom(4))
	got, want := clone(start), clone(start)
	got.SGD(training, Hyper{Epochs: 1, Batch: 10, Eta: 3}, NewPythonRandom(4), func(int) {})

	order := make([]int32, 25)
	for i := range order {
		order[i] = int32(i)
	}
	NewPythonRandom(4).Shuffle(order)
	for _, miniBatch := range [][]int32{order[:10], order[10:20], order[20:]} {
		b := want.newBatch(len(miniBatch))
		training.Fill(b.a[0], b.y, miniBatch)
		want.updateMiniBatch(b, 3)
	}
	sameNetwork(t, "SGD", got, want)
}

// TestNetworkPy: the first accuracies of chapter 1's run are those of
// network.py with the same seed. NumPy and this program add in different
// orders, and with η = 3 the differences grow from 1e-14 to whole images in
// the second epoch; the first epoch is equal.
func TestNetworkPy(t *testing.T) {
	if testing.Short() {
		t.Skip("an epoch on all of MNIST")
	}
	d := mnist()
	seed, want := uint32(12345678), [2]int{1147, 8925} // untrained, Epoch 0
	net := NewNetwork([]int{784, 30, 10}, NewNumPyRandom(seed))
	if got := net.Accuracy(d.test); got != want[0] {
		t.Errorf("seed %d: untrained %d, want %d", seed, got, want[0])
	}
	net.SGD(d.training, Hyper{1, 10, 3}, NewPythonRandom(seed), func(epoch int) {
		if got := net.Accuracy(d.test); got != want[1] {
			t.Errorf("seed %d: Epoch %d: %d, want %d", seed, epoch, got, want[1])
		}
	})
}

// TestNewNetwork holds the initial weights against those of network.py after
// np.random.seed(s): the first, the last, and the sum of all absolute values.
func TestNewNetwork(t *testing.T) {
	for _, c := range []struct {
		seed          uint32
		b, w, w2, sum float64
	}{
		{12345678, 0x1.1b7fa3c7aefb7p-1, -0x1.1170286a9f13dp-1, 0x1.91100c0904e35p+0, 19111.80551222483},
		{1, 0x1.9fd5190657c50p+0, -0x1.88e113fcd36b2p-3, -0x1.04a305df34d41p-4, 18986.980224979532},
	} {
		net := NewNetwork([]int{784, 30, 10}, NewNumPyRandom(c.seed))
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
	}
}

// TestSeedRepeats: the same seed gives the same bits.
func TestSeedRepeats(t *testing.T) {
	train := func(seed uint32) *Network {
		net := NewNetwork([]int{784, 12, 10}, NewNumPyRandom(seed))
		net.SGD(mnist().training.Slice(0, 2000), Hyper{2, 10, 3}, NewPythonRandom(seed), func(int) {})
		return net
	}
	first := train(7)
	sameNetwork(t, "seed 7 again", train(7), first)
	if other := train(8); other.Weights[2].Data[0] == first.Weights[2].Data[0] {
		t.Error("seeds 7 and 8 give the same weight")
	}
}

// TestNoAllocation: a mini-batch allocates nothing.
func TestNoAllocation(t *testing.T) {
	training := mnist().training
	net := NewNetwork([]int{784, 30, 10}, NewNumPyRandom(1))
	b := net.newBatch(10)
	order := make([]int32, 10)
	i := 0
	allocs := testing.AllocsPerRun(200, func() {
		for x := range order {
			order[x] = int32(i)
			i++
		}
		training.Fill(b.a[0], b.y, order)
		net.updateMiniBatch(b, 3)
	})
	if allocs > 0 {
		t.Errorf("%v allocations a mini-batch, want 0", allocs)
	}
}

// BenchmarkEpoch is one epoch of chapter 1's run: 50,000 examples in
// mini-batches of 10.
func BenchmarkEpoch(b *testing.B) {
	training := mnist().training
	for _, hidden := range []int{30, 100} {
		b.Run(fmt.Sprintf("784-%d-10", hidden), func(b *testing.B) {
			net := NewNetwork([]int{784, hidden, 10}, NewNumPyRandom(1))
			random := NewPythonRandom(1)
			b.ReportAllocs()
			for b.Loop() {
				net.SGD(training, Hyper{1, 10, 3}, random, func(int) {})
			}
		})
	}
}
