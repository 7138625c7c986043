package main

import (
	"math"
	"slices"
	"testing"
)

// This file tests the equations of networks, each by what it says, on the
// functions that train. The equations of single neurons and of functions of a
// few variables are in neuron_test.go. docs/equations.md lists them all.
//
// An equation about derivatives is held against differences of the cost, one
// about indices against loops over j and k, one about a step against the
// network before and after it.

// examples returns n examples of 2×3 pixels, a third of them white.
func examples(n int, random *MersenneTwister) *Data {
	d := &Data{Height: 2, Width: 3}
	for range n {
		for range 6 {
			d.Images = append(d.Images, byte(255*max(0, 1.5*random.Float64()-0.5)))
		}
		d.Labels = append(d.Labels, byte(10*random.Float64()))
	}
	return d
}

// small returns a network for such examples and n of them.
func small(n int) (*Network, *Data) {
	random := NewNumPyRandom(uint32(100 + n))
	return large([]int{6, 5, 10}, random), examples(n, random)
}

// all returns the numbers of all examples of d.
func all(d *Data) []int32 {
	order := make([]int32, d.Len())
	for i := range order {
		order[i] = int32(i)
	}
	return order
}

// filled returns a batch with those examples of d.
func filled(net *Network, d *Data, order []int32) *batch {
	b := net.newBatch(len(order))
	net.fill(b, d, order, nil)
	return b
}

// dense returns a copy of a matrix that has all its elements.
func dense(a *Matrix) *Matrix {
	c := NewMatrix(a.Rows, a.Cols)
	for i := range a.Rows {
		for k := range a.Cols {
			c.Row(i)[k] = a.At(i, k)
		}
	}
	return c
}

// flat returns all weights and biases as one vector.
func flat(w []*Matrix, b [][]float64) (v []float64) {
	for l := 1; l < len(w); l++ {
		v = append(append(v, w[l].Data...), b[l]...)
	}
	return v
}

// change returns the change of all weights, and that of all biases, in one step
// on the examples of d in order.
func change(net *Network, d *Data, order []int32, h Hyper) (dw, db []float64) {
	after := net.Clone()
	after.updateMiniBatch(filled(after, d, order), h.Settings, &State{Eta: h.Eta, Order: all(d)})
	for l := 1; l <= net.L(); l++ {
		for i, w := range after.Weights[l].Data {
			dw = append(dw, w-net.Weights[l].Data[i])
		}
		for j, b := range after.Biases[l] {
			db = append(db, b-net.Biases[l][j])
		}
	}
	return dw, db
}

// slopes returns ∂C/∂w for all weights and ∂C/∂b for all biases, by
// differences of the cost of §1.5, §3.2, §3.3 or §3.5 over the examples of d
// in order, without backpropagation.
func slopes(net *Network, d *Data, order []int32, more Settings) (nablaW, nablaB []float64) {
	b := filled(net, d, order)
	cost := func() float64 {
		net.feedforward(b)
		sum := 0.0
		for x := range b.y.Rows {
			sum += net.Cost.Fn(b.z[net.L()].Row(x), b.a[net.L()].Row(x), b.y.Row(x)) / float64(b.y.Rows)
		}
		return sum + net.penalty(more, d.Len())
	}
	for l := 1; l <= net.L(); l++ {
		w, bias := make([]float64, len(net.Weights[l].Data)), make([]float64, len(net.Biases[l]))
		numericalGradient(w, net.Weights[l].Data, cost)
		numericalGradient(bias, net.Biases[l], cost)
		nablaW, nablaB = append(nablaW, w...), append(nablaB, bias...)
	}
	return nablaW, nablaB
}

// largest returns the index of the element of the largest absolute value.
func largest(v []float64) (at int) {
	for i := range v {
		if math.Abs(v[i]) > math.Abs(v[at]) {
			at = i
		}
	}
	return at
}

// weights returns all weights as one vector.
func weights(net *Network) (v []float64) {
	for _, w := range net.Weights[1:] {
		v = append(v, w.Data...)
	}
	return v
}

// scaled returns f v.
func scaled(f float64, v []float64) []float64 {
	s := make([]float64, len(v))
	for i := range v {
		s[i] = f * v[i]
	}
	return s
}

// plus returns u + v.
func plus(u, v []float64) []float64 {
	return addVectors(u, v)
}

// wantClose fails the test unless all elements of got are within tol of want,
// relative to the largest; NaN never is.
func wantClose(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d elements, want %d", what, len(got), len(want))
	}
	e := relativeError(got, want)
	if e <= tol {
		return
	}
	worst, differ := 0, 0
	for i := range got {
		if got[i] != want[i] {
			differ++
		}
		if !(math.Abs(got[i]-want[i]) <= math.Abs(got[worst]-want[worst])) {
			worst = i
		}
	}
	t.Errorf("%s: element %d is %.8g, want %.8g, the worst of %d of %d that differ; relative error %.1e, want at most %.0e",
		what, worst, got[worst], want[worst], differ, len(got), e, tol)
}

// slope returns f'(x) by a central difference.
func slope(f func(float64) float64, x float64) float64 {
	return Gradient(func(v []float64) float64 { return f(v[0]) }, []float64{x})[0]
}

func TestEq3(t *testing.T) {
	for _, c := range []struct{ z, want float64 }{
		{0, 0.5}, {1.5, 0.817574476}, {4, 0.982013790}, {-1.5, 0.182425524}, {1000, 1}, {-1000, 0},
	} {
		wantNear(t, "sigmoid", sigmoid(c.z), c.want, 5e-10)
	}
	wantNear(t, "sigmoid just above where e⁻ᶻ overflows", sigmoid(-709.78)/math.Exp(-709.78), 1, 1e-12)
	for z := -30.0; z <= 30; z += 0.37 {
		wantNear(t, "sigmoid(z) + sigmoid(-z)", sigmoid(z)+sigmoid(-z), 1, 3e-16)
		wantNear(t, "sigmoid(z)(1+e⁻ᶻ)", sigmoid(z)*(1+math.Exp(-z)), 1, 1e-15)
		if got := Sigmoid.Func(z); got != sigmoid(z) {
			t.Errorf("Sigmoid.Func(%v) = %v, want sigmoid's %v", z, got, sigmoid(z))
		}
	}
}

func TestEq6(t *testing.T) {
	for z := -8.0; z <= 8; z += 0.37 {
		want := slope(sigmoid, z)
		wantNear(t, "sigmoidPrime", sigmoidPrime(z, sigmoid(z)), want, 1e-10)
		wantNear(t, "Sigmoid.Prime", Sigmoid.Prime(z, sigmoid(z)), want, 1e-10)
	}
	t.Logf("σ'(1.5) = %.9f by Eq. 6, %.9f by a difference quotient", sigmoidPrime(1.5, sigmoid(1.5)), slope(sigmoid, 1.5))
	wantNear(t, "the steepest slope", sigmoidPrime(0, sigmoid(0)), 0.25, 0)
}

func TestEq7(t *testing.T) {
	net, d := small(2)
	want := 0.0
	for x := range 2 {
		b := filled(net, d, []int32{int32(x)})
		a := net.Feedforward(b.a[0]).Data
		for j := range a {
			y := 0.0
			if j == int(d.Labels[x]) {
				y = 1
			}
			want += (y - a[j]) * (y - a[j]) / (2 * 2) // 1/2n with n = 2
		}
	}
	got, _ := net.TotalCost(d, Settings{}, 2)
	wantNear(t, "C over two examples", got, want, 1e-15)
	if other, _ := net.TotalCost(d, Settings{}, 50); other != got { // n of Eq. 7 is what is summed over
		t.Errorf("C over two examples = %v after training on 50, %v on 2, want the same", other, got)
	}
	for _, c := range []struct {
		a, y []float64
		want float64
	}{
		{[]float64{0, 1}, []float64{0, 1}, 0},
		{[]float64{0.5, 1}, []float64{0, 1}, 0.125},
		{[]float64{0.6, 0.8}, []float64{0, 0}, 0.5},
		{[]float64{0, 0.25}, []float64{1, 1}, 0.78125},
	} {
		t.Logf("a = %v, y = %v: C_x = %g", c.a, c.y, QuadraticCost.Fn(nil, c.a, c.y))
		wantNear(t, "C_x", QuadraticCost.Fn(nil, c.a, c.y), c.want, 1e-16)
	}
}

// With all examples in one mini-batch a step is one of gradient descent.
func TestEq15(t *testing.T) {
	net, d := small(12)
	nablaW, nablaB := slopes(net, d, all(d), Settings{})
	for _, eta := range []float64{0.1, 3} {
		dw, db := change(net, d, all(d), Hyper{Eta: eta})
		i := largest(nablaW)
		t.Logf("η = %g: w = %.6f, ∂C/∂w = %.6f, w' = %.6f; as printed, without a minus, %.6f", eta, weights(net)[i], nablaW[i], weights(net)[i]+dw[i], weights(net)[i]*eta*nablaW[i])
		wantClose(t, "w' - w", dw, scaled(-eta, nablaW), 1e-8)
		wantClose(t, "b' - b", db, scaled(-eta, nablaB), 1e-8)
	}
}

// meanGradient returns (1/m) Σ ∇C_X over the examples in order, as one vector.
func meanGradient(net *Network, d *Data, order []int32) []float64 {
	b := filled(net, d, order)
	net.backprop(b)
	nablaB, nablaW := net.gradient(b)
	return scaled(1/float64(len(order)), flat(nablaW, nablaB))
}

func TestEq16(t *testing.T) {
	net, d := small(60)
	full := meanGradient(net, d, all(d))
	t.Run("mean of a partition", func(t *testing.T) {
		mean := make([]float64, len(full))
		for part := range slices.Chunk(all(d), 5) {
			mean = plus(mean, scaled(5.0/60, meanGradient(net, d, part)))
		}
		wantClose(t, "the mean of the estimates", mean, full, 1e-12)
		nablaW, nablaB := slopes(net, d, all(d), Settings{})
		numeric := &Network{Weights: []*Matrix{nil, {Data: nablaW[:30]}, {Data: nablaW[30:]}}, Biases: [][]float64{nil, nablaB[:5], nablaB[5:]}}
		wantClose(t, "∇C", full, flat(numeric.Weights, numeric.Biases), 1e-8)
	})
	t.Run("spread", func(t *testing.T) {
		random := NewNumPyRandom(16)
		spread := func(m int) float64 { // of the estimate from m random examples
			const draws = 400
			sum := 0.0
			for range draws {
				order := make([]int32, m)
				for i := range order {
					order[i] = int32(random.Float64() * 60)
				}
				off := plus(meanGradient(net, d, order), scaled(-1, full))
				sum += dotProduct(off, off) / draws
			}
			return math.Sqrt(sum)
		}
		one := spread(1)
		for _, m := range []int{4, 16, 64} {
			t.Logf("m = %2d: the mean over a mini-batch is off by %.4f; from one example by %.4f, 1/√m of that is %.4f", m, spread(m), one, one/math.Sqrt(float64(m)))
			wantNear(t, "spread(1)/spread(m)/√m", one/spread(m)/math.Sqrt(float64(m)), 1, 0.15)
		}
	})
}

func TestEq17(t *testing.T) {
	net, d := small(25)
	for _, order := range [][]int32{{7, 3, 11, 0, 24}, {5}, {1, 1, 2}} {
		m := float64(len(order))
		var sumW, sumB []float64
		for _, x := range order { // Σ_j ∂C_{X_j}, an example at a time
			nablaW, nablaB := slopes(net, d, []int32{x}, Settings{})
			if sumW == nil {
				sumW, sumB = scaled(0, nablaW), scaled(0, nablaB)
			}
			sumW, sumB = plus(sumW, nablaW), plus(sumB, nablaB)
		}
		dw, db := change(net, d, order, Hyper{Eta: 0.4})
		i := largest(sumW)
		t.Logf("m = %d: w = %.6f, w' = %.6f; by the sum %.6f, as printed %.6f", len(order), weights(net)[i], weights(net)[i]+dw[i], weights(net)[i]-0.4/m*sumW[i], weights(net)[i]*0.4/m*sumW[i])
		wantClose(t, "w' - w", dw, scaled(-0.4/m, sumW), 1e-8)
		wantClose(t, "b' - b", db, scaled(-0.4/m, sumB), 1e-8)
	}
	t.Run("two epochs", func(t *testing.T) { // each takes every example once, in random order
		h := Hyper{Epochs: 2, Batch: 10, Eta: 0.4}
		s := net.NewState(25, h.Eta, h.Mu, 1)
		other, steps, done := net.Clone(), 0, 0
		net.SGD(d, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: s, After: func(*State) error {
			miniBatch := s.Order[done:s.ExamplesDone]
			other.updateMiniBatch(filled(other, d, miniBatch), h.Settings, &State{Eta: 0.4, Order: s.Order})
			if !slices.Equal(weights(net), weights(other)) {
				t.Errorf("step %d on %v is another than that on these examples alone", steps, miniBatch)
			}
			steps, done = steps+1, s.ExamplesDone%25
			return nil
		}})
		if slices.Equal(s.Order, all(d)) || steps != 6 {
			t.Errorf("%d steps in the order %v, want 6 in random order", steps, s.Order)
		}
		t.Logf("25 examples, mini-batches of 10, two epochs: %d steps; the second epoch took %v", steps, s.Order)
		slices.Sort(s.Order)
		if !slices.Equal(s.Order, all(d)) {
			t.Errorf("the epoch takes %v, want every example once", s.Order)
		}
	})
}

// neuronByNeuron is Eq. 18 for all layers: one output after the other.
func neuronByNeuron(net *Network, a []float64) []float64 {
	for l := 1; l <= net.L(); l++ {
		next := make([]float64, net.Sizes[l])
		for j := range next {
			z := net.Biases[l][j]
			for k := range a {
				z += net.Weights[l].At(j, k) * a[k]
			}
			next[j] = 1 / (1 + math.Exp(-z))
		}
		a = next
	}
	return a
}

func TestEq18(t *testing.T) {
	random := NewNumPyRandom(18)
	for _, sizes := range [][]int{{1, 1}, {3, 4, 1}, {6, 4, 3, 1}, {2, 9, 7}} {
		net := large(sizes, random)
		x := dense(randomBatch(net, 1, random).a[0])
		t.Logf("%v: a_1 of the last layer %.12f, by the sum over k %.12f", sizes, net.Feedforward(x).Data[0], neuronByNeuron(net, x.Data)[0])
		wantClose(t, "aᴸ", net.Feedforward(x).Data, neuronByNeuron(net, x.Data), 1e-14)
	}
}

func TestEq19(t *testing.T) {
	net := NewNetwork([]int{2, 2})
	copy(net.Weights[1].Data, []float64{1, 2, 3, 4})
	copy(net.Biases[1], []float64{0.5, -1})
	b := net.newBatch(1)
	b.a[0] = &Matrix{Rows: 1, Cols: 2, Data: []float64{0.25, -0.5}}
	net.feedforward(b)
	wantClose(t, "w a + b", b.z[1].Data, []float64{-0.25, -2.25}, 0)
	wantClose(t, "σ(w a + b)", b.a[1].Data, []float64{sigmoid(-0.25), sigmoid(-2.25)}, 0)

	random := NewNumPyRandom(19)
	for _, c := range []struct {
		sizes []int
		m     int
	}{{[]int{6, 5, 4, 3}, 7}, {[]int{6, 43, 3}, 101}} { // the second is large enough for two cores
		net = large(c.sizes, random)
		x := dense(randomBatch(net, c.m, random).a[0])
		a := net.Feedforward(x)
		for i := range c.m { // a mini-batch is its examples, one a row
			wantClose(t, "a row of aᴸ", a.Row(i), neuronByNeuron(net, x.Row(i)), 1e-14)
		}
	}
}

func TestEq20(t *testing.T) {
	s, u := &Matrix{Rows: 2, Cols: 1, Data: []float64{1, 2}}, &Matrix{Rows: 2, Cols: 1, Data: []float64{3, 4}}
	c := NewMatrix(2, 1)
	c.Hadamard(s, u)
	wantClose(t, "(1,2) ⊙ (3,4)", c.Data, []float64{3, 8}, 0)
	t.Logf("(1, 2) ⊙ (3, 4) = %v", c.Data)
	random := NewNumPyRandom(20)
	a, b := randomMatrix(4, 5, random), randomMatrix(4, 5, random)
	want := NewMatrix(4, 5)
	for i := range want.Data {
		want.Data[i] = a.Data[i] * b.Data[i]
	}
	a.Hadamard(a, b)
	sameBits(t, "a ⊙ b in the place of a", a, want)
}

// costFrom returns C_x of one example as a function of the weighted inputs zˡ
// of one layer: from there on forward, index by index.
func costFrom(net *Network, l int, y []float64) func(z []float64) float64 {
	return func(z []float64) float64 {
		for l := l; l < net.L(); l++ {
			next := slices.Clone(net.Biases[l+1])
			for j := range next {
				for k := range z {
					next[j] += net.Weights[l+1].At(j, k) * net.Hidden.Func(z[k])
				}
			}
			z = next
		}
		a := make([]float64, len(z))
		net.Cost.Output(a, z)
		return net.Cost.Fn(z, a, y)
	}
}

// everyPair calls f with a random network of sizes for every cost and kind of
// hidden neuron, and with a mini-batch of m that backprop has done.
func everyPair(sizes []int, m int, f func(net *Network, b *batch)) {
	random := NewNumPyRandom(22) // a seed with which no layer of rectified neurons is all 0
	for _, cost := range costs {
		for _, hidden := range activations {
			net := NewNetwork(sizes)
			net.DefaultWeights(random)
			net.Cost, net.Hidden = cost, hidden
			b := randomBatch(net, m, random)
			offKinks(net, b)
			net.backprop(b)
			f(net, b)
		}
	}
}

// The error is ∂C/∂z: each z is moved by itself and the cost looked at.
func TestEq21(t *testing.T) {
	everyPair([]int{6, 5, 4, 3}, 3, func(net *Network, b *batch) {
		for l := 1; l <= net.L(); l++ {
			for x := range 3 {
				want := Gradient(costFrom(net, l, b.y.Row(x)), b.z[l].Row(x))
				wantClose(t, net.Cost.Name+", "+net.Hidden.Name+": δˡ", b.delta[l].Row(x), want, 1e-8)
			}
		}
	})
}

// Each factor of Eq. 22 comes from a difference quotient of its own.
func TestEq22(t *testing.T) {
	random := NewNumPyRandom(22)
	net := large([]int{3, 4, 5}, random)
	b := randomBatch(net, 1, random)
	net.backprop(b)
	z, a, y := b.z[2].Data, b.a[2].Data, b.y.Data
	dCda := Gradient(func(a []float64) float64 { return QuadraticCost.Fn(nil, a, y) }, a)
	for j, got := range b.delta[2].Data {
		wantNear(t, "δ_j", got, dCda[j]*slope(sigmoid, z[j]), 1e-9)
		t.Logf("δ_%d = %.6f, by its own ∂C/∂a_%d %.6f; by ∂C/∂a_%d %.6f", j, got, j, dCda[j]*slope(sigmoid, z[j]), (j+1)%5, dCda[(j+1)%5]*slope(sigmoid, z[j]))
		if i := (j + 1) % 5; math.Abs(got-dCda[i]*slope(sigmoid, z[j])) < 1e-3 {
			t.Errorf("δ_%d = %v, the printed ∂C/∂a_i with i = %d gives the same, want another", j, got, i)
		}
	}
}

func TestEq23(t *testing.T) {
	random := NewNumPyRandom(23)
	net := large([]int{3, 4, 5}, random)
	for _, cost := range costs {
		net.Cost = cost
		b := randomBatch(net, 6, random)
		net.backprop(b)
		want := NewMatrix(6, 5)
		for i, z := range b.z[2].Data {
			want.Data[i] = (b.a[2].Data[i] - b.y.Data[i]) * slope(sigmoid, z) // (aᴸ - y) ⊙ σ'(zᴸ)
		}
		e := relativeError(b.delta[2].Data, want.Data)
		t.Logf("%s: δᴸ and (aᴸ - y) ⊙ σ'(zᴸ) differ by %.1e", cost.Name, e)
		if cost == QuadraticCost && !(e <= 1e-8) {
			t.Errorf("δᴸ differs from (aᴸ - y) ⊙ σ'(zᴸ) by %.1e", e)
		}
		if cost != QuadraticCost && !(e >= 0.1) {
			t.Errorf("%s: δᴸ = (aᴸ - y) ⊙ σ'(zᴸ) within %.1e, want that for the quadratic cost only", cost.Name, e)
		}
	}
}

// δˡ follows from δˡ⁺¹, an element of wˡ⁺¹ at a time.
func TestEq24(t *testing.T) {
	random := NewNumPyRandom(24)
	net := large([]int{3, 5, 4, 6}, random)
	b := randomBatch(net, 1, random)
	net.backprop(b)
	for l := net.L() - 1; l >= 1; l-- {
		for j, got := range b.delta[l].Data {
			want := 0.0
			for i, d := range b.delta[l+1].Data {
				want += net.Weights[l+1].At(i, j) * d * slope(sigmoid, b.z[l].Data[j])
			}
			wantNear(t, "δˡ_j", got, want, 1e-9)
		}
	}
}

func TestEq25(t *testing.T) {
	net, d := small(4)
	for x := range int32(4) {
		b := filled(net, d, []int32{x})
		net.backprop(b)
		_, nablaB := slopes(net, d, []int32{x}, Settings{})
		wantClose(t, "δ", append(slices.Clone(b.delta[1].Data), b.delta[2].Data...), nablaB, 1e-8)
	}
}

// Over a mini-batch each bias gets the sum of its neuron's errors.
func TestEq26(t *testing.T) {
	net, d := small(7)
	b := filled(net, d, all(d))
	net.backprop(b)
	got, _ := net.gradient(b)
	_, want := slopes(net, d, all(d), Settings{})
	wantClose(t, "∂C/∂b, summed", append(slices.Clone(got[1]), got[2]...), scaled(7, want), 1e-8)
}

func TestEq27(t *testing.T) {
	net, d := small(3)
	for x := range int32(3) {
		b := filled(net, d, []int32{x})
		net.backprop(b)
		_, got := net.gradient(b)
		numeric, _ := slopes(net, d, []int32{x}, Settings{})
		wantClose(t, "∂C/∂w", append(slices.Clone(got[1].Data), got[2].Data...), numeric, 1e-8)
		for l := 1; l <= 2; l++ {
			for j := range net.Sizes[l] {
				for k := range net.Sizes[l-1] {
					want := b.a[l-1].At(0, k) * b.delta[l].At(0, j)
					wantNear(t, "∂C/∂w_jk", got[l].At(j, k), want, 1e-16)
				}
			}
		}
	}
}

// A weight learns in proportion to the activation that comes in: not at all
// from a white pixel, and hardly when the output is saturated.
func TestEq28(t *testing.T) {
	net := large([]int{3, 4}, NewNumPyRandom(28))
	gradient := func(x []float64) *Matrix {
		b := net.newBatch(1)
		b.a[0], b.y.Data[2] = &Matrix{Rows: 1, Cols: 3, Data: x}, 1
		net.backprop(b)
		_, nablaW := net.gradient(b)
		for j := range 4 {
			for k := range 3 {
				wantNear(t, "∂C/∂w", nablaW[1].At(j, k), x[k]*b.delta[1].Data[j], 1e-16)
			}
		}
		return nablaW[1]
	}
	for j := range 4 {
		g := gradient([]float64{1, 0, 0.01})
		if g.At(j, 0) == 0 || g.At(j, 1) != 0 || math.Abs(g.At(j, 2)/g.At(j, 0)-0.01) > 1e-12 {
			t.Errorf("∂C/∂w at inputs 1, 0, 0.01 = %v, want that in proportion", g.Row(j))
		}
	}
	t.Logf("at inputs 1, 0, 0.01 ∂C/∂w = %.6f", gradient([]float64{1, 0, 0.01}).Row(0))
	net.Biases[1] = []float64{20, -20, 20, -20}
	for _, g := range gradient([]float64{1, 1, 1}).Data {
		if !(math.Abs(g) < 1e-6) {
			t.Errorf("∂C/∂w of a saturated neuron = %v, want nearly 0", g)
		}
	}
}

// ∇_a C ⊙ σ'(zᴸ) for the costs with sigmoid outputs, each factor worked out
// from its own formula; softmax, where every output depends on every z, by
// differences.
func TestBP1(t *testing.T) {
	everyPair([]int{4, 5, 6}, 3, func(net *Network, b *batch) {
		for x := range 3 {
			z, y := b.z[2].Row(x), b.y.Row(x)
			want := Gradient(costFrom(net, 2, y), z)
			if x == 0 {
				t.Logf("%s, %s: δ_1 = %.8f, ∂C/∂z_1 by differences %.8f", net.Cost.Name, net.Hidden.Name, b.delta[2].Row(x)[0], want[0])
			}
			wantClose(t, net.Cost.Name+": ∂C/∂zᴸ", b.delta[2].Row(x), want, 1e-8)
			if net.Cost == LogLikelihoodCost {
				continue
			}
			for j := range z {
				a := sigmoid(z[j])
				dCda := a - y[j]
				if net.Cost == CrossEntropyCost {
					dCda = -y[j]/a + (1-y[j])/(1-a)
				}
				want[j] = dCda * slope(sigmoid, z[j])
			}
			wantClose(t, net.Cost.Name+": ∇_a C ⊙ σ'(zᴸ)", b.delta[2].Row(x), want, 1e-8)
		}
	})
}

// The matrix form, for every kind of hidden neuron and a mini-batch that is
// large enough for two cores to share it.
func TestBP2(t *testing.T) {
	everyPair([]int{5, 41, 30, 4}, 27, func(net *Network, b *batch) {
		for l := net.L() - 1; l >= 1; l-- {
			want := tripleLoop(27, net.Sizes[l], net.Sizes[l+1], b.delta[l+1].At, net.Weights[l+1].At)
			for i, z := range b.z[l].Data {
				want.Data[i] *= slope(net.Hidden.Func, z)
			}
			t.Logf("%s, %s, layer %d: δ_1 = %.8f, (wᵀ δ)_1 σ'(z_1) = %.8f", net.Cost.Name, net.Hidden.Name, l, b.delta[l].Data[0], want.Data[0])
			wantClose(t, net.Hidden.Name+": δˡ", b.delta[l].Data, want.Data, 1e-8)
		}
	})
}

// wantChecked checks the error that gradientCheckAll found in what, a part of a
// layer: small, but not 0, which would say that nothing was compared.
func wantChecked(t *testing.T, net *Network, what string, l int, e float64) {
	t.Helper()
	if !(e > 0 && e < 1e-7) {
		t.Errorf("%s, %s: %s of layer %d: relative error %.1e, want above 0 and below 1e-7", net.Cost.Name, net.Hidden.Name, what, l, e)
	}
}

func TestBP3(t *testing.T) {
	everyPair([]int{6, 5, 4, 3}, 7, func(net *Network, b *batch) {
		errs := net.gradientCheckAll(b, Settings{})
		t.Logf("%s, %s: ∂C/∂b of layer 1 and differences of the cost differ by %.0e", net.Cost.Name, net.Hidden.Name, errs[1].Biases)
		for l := 1; l <= 3; l++ {
			wantChecked(t, net, "biases", l, errs[l].Biases)
		}
	})
}

func TestBP4(t *testing.T) {
	everyPair([]int{6, 5, 4, 3}, 7, func(net *Network, b *batch) {
		errs := net.gradientCheckAll(b, Settings{})
		t.Logf("%s, %s: ∂C/∂w of layer 1 and differences of the cost differ by %.0e", net.Cost.Name, net.Hidden.Name, errs[1].Weights)
		for l := 1; l <= 3; l++ {
			wantChecked(t, net, "weights", l, errs[l].Weights)
		}
	})
}

func TestEq35(t *testing.T) {
	net, d := small(5)
	net.Cost = CrossEntropyCost
	want := 0.0
	for x := range 5 {
		for j, a := range neuronByNeuron(net, dense(filled(net, d, []int32{int32(x)}).a[0]).Data) {
			if j == int(d.Labels[x]) {
				want -= math.Log(a) / 5
			} else {
				want -= math.Log(1-a) / 5
			}
		}
	}
	got, _ := net.TotalCost(d, Settings{}, 5)
	wantNear(t, "C", got/want, 1, 1e-13)
	t.Logf("C over five examples and ten outputs = %.9f, summed by hand %.9f", got, want)
	z, y := []float64{0.3, -2, 1}, []float64{0.25, 0.5, 1} // y between 0 and 1, too
	want = 0
	for j := range z {
		a := 1 / (1 + math.Exp(-z[j]))
		want -= y[j]*math.Log(a) + (1-y[j])*math.Log(1-a)
	}
	wantNear(t, "C_x", CrossEntropyCost.Fn(z, nil, y), want, 1e-14)
}

func TestEq36(t *testing.T) {
	a := make([]float64, 4)
	for _, z := range [][]float64{{2.5, -1, 3.2, 0.5}, {0, 0, 0, 0}, {-3, 5, 5, 1}} {
		LogLikelihoodCost.Output(a, z)
		total := 0.0
		for _, zk := range z {
			total += math.Exp(zk)
		}
		for j := range z {
			wantNear(t, "a_j", a[j], math.Exp(z[j])/total, 1e-15)
		}
		above := softmaxNeurons(z[0]+1000, z[1]+1000, z[2]+1000, z[3]+1000)
		wantClose(t, "a with 1000 added to every z", above, a, 1e-12)
	}
	for _, c := range []float64{1, 2, 10} {
		t.Logf("z = (1, 2, 3) times %g: a = %.6f", c, softmaxNeurons(c, 2*c, 3*c))
	}
	wantClose(t, "a far apart", softmaxNeurons(1000, -1000, 0), []float64{1, 0, 0}, 0)
	wantNear(t, "a smaller than any normal number", softmaxNeurons(0, -720)[1]/math.Exp(-720), 1, 1e-9)
}

func TestEq37(t *testing.T) {
	random := NewNumPyRandom(37)
	for range 200 {
		z := make([]float64, 10)
		for j := range z {
			z[j] = 5 * random.Gaussian()
		}
		a := softmaxNeurons(z...)
		z[4]++
		above := softmaxNeurons(z...)
		sum, change := 0.0, 0.0
		for j := range a {
			sum += a[j]
			change += above[j] - a[j]
			if !(a[j] > 0) || (above[j] > a[j]) != (j == 4) {
				t.Fatalf("a_%d = %v, and %v with a larger z_4; want above 0, and only a_4 to rise", j, a[j], above[j])
			}
		}
		wantNear(t, "Σ_j a_j", sum, 1, 1e-15)
		wantNear(t, "total change", change, 0, 1e-15)
	}
}

func TestEq38(t *testing.T) {
	net, d := small(6)
	net.Cost = LogLikelihoodCost
	want := 0.0
	for x := range 6 {
		a := net.Feedforward(filled(net, d, []int32{int32(x)}).a[0]).Data
		want += -math.Log(a[d.Labels[x]]) / 6
	}
	got, _ := net.TotalCost(d, Settings{}, 6)
	wantNear(t, "C", got, want, 1e-13)
	y, before := []float64{0, 0, 1}, math.Inf(1)
	for _, z := range []float64{5, 0, -5} {
		a := softmaxNeurons(1, -1, z)
		t.Logf("a_y = %.6f: -ln a_y = %.6f, the sum over all neurons %.6f; as printed %.6f", a[2], -math.Log(a[2]), LogLikelihoodCost.Fn([]float64{1, -1, z}, nil, y), math.Log(a[2]))
	}
	for z := -40.0; z <= 30; z += 0.5 { // a_y rises from 0 to 1, the cost falls to 0
		if C := LogLikelihoodCost.Fn([]float64{1, -1, z}, nil, y); !(C < before && C >= 0) {
			t.Errorf("C = %v at z_y = %v, want less than %v, and not below 0", C, z, before)
		} else {
			before = C
		}
	}
}

// For one example, as it is printed: no 1/n.
func TestEq39(t *testing.T) {
	net, d := small(3)
	net.Cost = LogLikelihoodCost
	for x := range int32(3) {
		b := filled(net, d, []int32{x})
		net.backprop(b)
		nablaB, nablaW := net.gradient(b)
		numericW, numericB := slopes(net, d, []int32{x}, Settings{})
		wantClose(t, "∂C/∂bᴸ", nablaB[2], numericB[5:], 1e-8)
		wantClose(t, "∂C/∂wᴸ", nablaW[2].Data, numericW[30:], 1e-8)
		for j, a := range b.a[2].Data {
			y := 0.0
			if j == int(d.Labels[x]) {
				y = 1
			}
			if j == 0 {
				t.Logf("example %d: a_0 - y_0 = %.8f, ∂C/∂b_0 by differences %.8f", x, a-y, numericB[5])
			}
			wantNear(t, "∂C/∂b_j", nablaB[2][j], a-y, 1e-16)
			for k, below := range b.a[1].Data {
				wantNear(t, "∂C/∂w_jk", nablaW[2].At(j, k), below*(a-y), 1e-16)
			}
		}
	}
}

// sums returns Σ_w w² and Σ_w |w|; biases are not among them.
func sums(net *Network) (squares, absolutes float64) {
	for _, w := range weights(net) {
		squares += w * w
		absolutes += math.Abs(w)
	}
	return squares, absolutes
}

// wantPenalty checks that the regularized cost exceeds the plain one by want,
// and goes on doing so with other biases and on other data of the same n.
func wantPenalty(t *testing.T, net *Network, h Settings, n int, want float64) {
	t.Helper()
	d := examples(8, NewNumPyRandom(40))
	for range 2 {
		with, _ := net.TotalCost(d, h, n)
		without, _ := net.TotalCost(d, Settings{}, n)
		wantNear(t, net.Cost.Name+": C - C_0", with-without, want, 1e-12*max(1, want))
		net.Biases[1][2] += 3 // no part of the sum
		d = d.Slice(0, 3)     // n is the size of the training data, whatever is scored
	}
}

func TestEq40(t *testing.T) {
	net, _ := small(40)
	net.Cost = CrossEntropyCost
	squares, _ := sums(net)
	t.Logf("λ = 5, n = 40: λ/2n Σw² = %.6f, with or without a change of a bias by 3", 5*squares/(2*40))
	wantPenalty(t, net, Settings{Lambda: 5}, 40, 5*squares/(2*40))
	wantPenalty(t, net, Settings{Lambda: 0.1}, 1000, 0.1*squares/(2*1000))
}

// The first term is not below 0, whatever the weights; the print's minus
// would put it there.
func TestEq41(t *testing.T) {
	net, d := small(20)
	squares, _ := sums(net)
	wantPenalty(t, net, Settings{Lambda: 5}, 20, 5*squares/(2*20))
	data, _ := net.TotalCost(d, Settings{}, 20)
	want := 0.0
	for x := range 20 {
		for j, a := range net.Feedforward(filled(net, d, []int32{int32(x)}).a[0]).Data {
			y := 0.0
			if j == int(d.Labels[x]) {
				y = 1
			}
			want += (y - a) * (y - a) / 40
		}
	}
	wantNear(t, "1/2n Σ‖y-a‖²", data, want, 1e-14)
	t.Logf("1/2n Σ‖y-a‖² = %.6f; as printed %.6f", data, -data)
	if !(data > 0) {
		t.Errorf("the cost of the data = %v, want above 0", data)
	}
}

func TestEq42(t *testing.T) {
	for _, cost := range costs {
		net, d := small(9)
		net.Cost = cost
		h := Settings{Lambda: 0.8}
		b := filled(net, d, all(d))
		with, without := net.stepGradient(b, h), net.stepGradient(b, Settings{})
		extra := plus(weights(with), scaled(-1, weights(without)))
		wantClose(t, "∂C/∂w - ∂C_0/∂w", extra, scaled(0.8/9, weights(net)), 1e-12)
		numeric, _ := slopes(net, d, all(d), h)
		wantClose(t, "∂C/∂w", weights(with), numeric, 1e-8)
		i := largest(extra)
		t.Logf("%s: w = %.6f: λ adds %.8f to ∂C/∂w, (λ/n) w = %.8f; nothing to ∂C/∂b", cost.Name, weights(net)[i], extra[i], 0.8/9*weights(net)[i])
		for l := 1; l <= 2; l++ {
			if !slices.Equal(with.Biases[l], without.Biases[l]) {
				t.Errorf("∂C/∂b = %v with λ, %v without, want no difference", with.Biases[l], without.Biases[l])
			}
			momentum := Settings{Lambda: 0.8, Mu: 0.5} // has no part in the gradient
			wantChecked(t, net, "weights", l, net.gradientCheckAll(b, momentum)[l].Weights)
		}
	}
}

func TestEq43(t *testing.T) {
	net, d := small(9)
	_, nablaB := slopes(net, d, all(d), Settings{})
	_, db := change(net, d, all(d), Hyper{Eta: 0.7, Settings: Settings{Lambda: 4}})
	i := largest(nablaB)
	t.Logf("η = 0.7, λ = 4: ∂C_0/∂b = %.6f, b moves by %.6f, -η ∂C_0/∂b = %.6f; as printed, b η ∂C_0/∂b, to %.6f", nablaB[i], db[i], -0.7*nablaB[i], 0.7*nablaB[i]*append(slices.Clone(net.Biases[1]), net.Biases[2]...)[i])
	wantClose(t, "b' - b", db, scaled(-0.7, nablaB), 1e-8)
}

func TestEq44(t *testing.T) {
	net, d := small(9)
	const eta, lambda, n = 0.7, 4.0, 9.0
	nablaW, _ := slopes(net, d, all(d), Settings{})
	w := weights(net)
	dw, _ := change(net, d, all(d), Hyper{Eta: eta, Settings: Settings{Lambda: lambda}})
	first := plus(plus(w, scaled(-eta, nablaW)), scaled(-eta*lambda/n, w))
	second := plus(scaled(1-eta*lambda/n, w), scaled(-eta, nablaW))
	i := largest(nablaW)
	t.Logf("w = %.6f, w' = %.6f; first line %.6f, second line %.6f; first line as printed %.6f", w[i], w[i]+dw[i], first[i], second[i], w[i]*eta*nablaW[i]-eta*lambda/n*w[i])
	wantClose(t, "w', first line", plus(w, dw), first, 1e-8)
	wantClose(t, "w', second line", plus(w, dw), second, 1e-8)
}

func TestEq45(t *testing.T) {
	net, d := small(30)
	order := []int32{4, 17, 2, 29}
	_, mean := slopes(net, d, order, Settings{}) // (1/m) Σ_x ∂C_x/∂b
	for _, h := range []Hyper{{Eta: 0.5}, {Eta: 0.5, Settings: Settings{Lambda: 6}}, {Eta: 0.5, Settings: Settings{L1: 6}}} {
		_, db := change(net, d, order, h)
		i := largest(mean)
		t.Logf("λ = %g, L1 %g: b moves by %.8f, -(η/m) Σ ∂C_x/∂b = %.8f", h.Lambda, h.L1, db[i], -0.5*mean[i])
		wantClose(t, "b' - b", db, scaled(-0.5, mean), 1e-8)
	}
}

// learned returns a network without a data gradient: on every image its
// outputs round to the label 3.
func learned(n int) (*Network, *Data) {
	net, d := small(n)
	for j := range net.Biases[2] {
		net.Biases[2][j] = -1000
	}
	net.Biases[2][3] = 1000
	for i := range d.Labels {
		d.Labels[i] = 3
	}
	return net, d
}

func TestEq46(t *testing.T) {
	net, d := small(30)
	for i := 0; i < len(d.Images); i += 6 {
		d.Images[i] = 0 // a pixel that is white in all examples: its weights decay too
	}
	order := []int32{4, 17, 2, 29}
	mean, _ := slopes(net, d, order, Settings{})
	dw, _ := change(net, d, order, Hyper{Eta: 0.5, Settings: Settings{Lambda: 6}})
	want := plus(scaled(1-0.5*6/30, weights(net)), scaled(-0.5, mean))
	wantClose(t, "w'", plus(weights(net), dw), want, 1e-8)

	t.Run("decay", func(t *testing.T) {
		const eta, lambda, n, m = 0.5, 6.0, 40, 10
		net, d := learned(n)
		w, biases := weights(net), slices.Clone(net.Biases[1])
		h := Hyper{Epochs: 1, Batch: m, Eta: eta, Settings: Settings{Lambda: lambda}}
		factor := 1 - eta*(lambda/n)
		net.SGD(d, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: net.NewState(n, h.Eta, h.Mu, 1), After: func(*State) error {
			for i := range w {
				w[i] *= factor
			}
			if !slices.Equal(weights(net), w) {
				t.Error("the weights of a step are not (1 - ηλ/n) times those before, to the last bit")
			}
			return nil
		}})
		start, _ := learned(n)
		t.Logf("no data gradient, ηλ/n = 0.075, 4 steps: |w| from %.6f to %.6f, times %.6f; (1-ηλ/n)⁴ = %.6f", start.WeightLength(), net.WeightLength(), net.WeightLength()/start.WeightLength(), math.Pow(1-eta*lambda/n, n/m))
		wantClose(t, "w after an epoch", weights(net), scaled(math.Pow(1-eta*lambda/n, n/m), weights(start)), 1e-14)
		if !slices.Equal(net.Biases[1], biases) {
			t.Errorf("biases decay from %v to %v, want them to stay", biases, net.Biases[1])
		}
	})
}

func TestEq47(t *testing.T) {
	for _, cost := range costs {
		net, _ := small(50)
		net.Cost = cost
		squares, absolutes := sums(net)
		wantPenalty(t, net, Settings{L1: 7}, 50, 7*absolutes/50)
		wantPenalty(t, net, Settings{L1: 7, Lambda: 2}, 50, 7*absolutes/50+2*squares/(2*50))
	}
}

func TestEq48(t *testing.T) {
	net, d := small(9)
	net.Weights[1].Data[3] = 0
	b := filled(net, d, all(d))
	h := Settings{L1: 0.8}
	with, without := net.stepGradient(b, h), net.stepGradient(b, Settings{})
	for i, extra := range plus(weights(with), scaled(-1, weights(without))) {
		want := math.Copysign(0.8/9, weights(net)[i])
		if i == 3 {
			want = 0 // sgn(0) = 0
		}
		wantNear(t, "∂C/∂w - ∂C_0/∂w", extra, want, 1e-15)
	}
	t.Logf("w = 0: ∂C/∂w - ∂C_0/∂w = %g, sgn(0) = 0", weights(with)[3]-weights(without)[3])
	net.Weights[1].Data[3] = 0.1
	numeric, _ := slopes(net, d, all(d), h)
	wantClose(t, "∂C/∂w", weights(net.stepGradient(b, h)), numeric, 1e-8)
	for l := 1; l <= 2; l++ {
		wantChecked(t, net, "weights", l, net.gradientCheckAll(b, h)[l].Weights)
	}
}

// Without a data gradient L1 takes the same off every weight, L2 a share of
// it; at |w| = 1 they take the same.
func TestEq49(t *testing.T) {
	net, d := learned(20)
	copy(net.Weights[1].Data, []float64{2, 1, 0.5, -2, -1, -0.5, 0})
	const eta, lambda = 0.5, 4.0
	l1, _ := change(net, d, all(d), Hyper{Eta: eta, Settings: Settings{L1: lambda}})
	l2, _ := change(net, d, all(d), Hyper{Eta: eta, Settings: Settings{Lambda: lambda}})
	for i, want := range []float64{-0.1, -0.1, -0.1, 0.1, 0.1, 0.1, 0} { // ηλ/n = 0.1
		t.Logf("w = %4g: L1 moves it by %+.3f, L2 by %+.3f", net.Weights[1].Data[i], l1[i], l2[i])
		wantNear(t, "w' - w by L1", l1[i], want, 1e-15)
		wantNear(t, "w' - w by L2", l2[i], -0.1*net.Weights[1].Data[i], 1e-15)
	}
	net, d = small(20)
	nablaW, _ := slopes(net, d, all(d), Settings{})
	l1, _ = change(net, d, all(d), Hyper{Eta: eta, Settings: Settings{L1: lambda}})
	want := scaled(-eta, nablaW)
	for i, w := range weights(net) {
		want[i] -= math.Copysign(eta*lambda/20, w)
	}
	wantClose(t, "w' - w", l1, want, 1e-8)
	both, _ := change(net, d, all(d), Hyper{Eta: eta, Settings: Settings{L1: lambda, Lambda: 3}}) // L2 may go with it
	wantClose(t, "w' - w with L2", both, plus(want, scaled(-eta*3/20, weights(net))), 1e-8)

	order := []int32{3, 11, 7} // n is 20 for these three, too
	nablaW, _ = slopes(net, d, order, Settings{})
	l1, _ = change(net, d, order, Hyper{Eta: eta, Settings: Settings{L1: lambda}})
	want = scaled(-eta, nablaW)
	for i, w := range weights(net) {
		want[i] -= math.Copysign(eta*lambda/20, w)
	}
	wantClose(t, "w' - w for a mini-batch", l1, want, 1e-8)
}

// Weights and biases of a network, and the ball on the valley, move by the new
// velocity. What the print says, w + v, would leave them at rest in the first
// step.
func TestEq54(t *testing.T) {
	const eta, mu = 0.3, 0.8
	for _, h := range []Settings{{Lambda: 2}, {L1: 1}, {Lambda: 2, L1: 1}} {
		net, d := small(8)
		net.Weights[1].Data[3] = 0 // where |w| has no slope, and sgn is 0
		h.Mu = mu
		s := net.NewState(8, eta, mu, 1)
		b := filled(net, d, all(d))
		vW, vB := scaled(0, weights(net)), make([]float64, 15)
		for range 3 {
			nablaW, nablaB := slopes(net, d, all(d), h) // with the regularization terms
			w, biases := weights(net), append(slices.Clone(net.Biases[1]), net.Biases[2]...)
			vW = plus(scaled(mu, vW), scaled(-eta, nablaW)) // v' = μv - η∇C
			vB = plus(scaled(mu, vB), scaled(-eta, nablaB))
			net.updateMiniBatch(b, h, s)
			wantClose(t, "w'", weights(net), plus(w, vW), 1e-8) // w' = w + v'
			wantClose(t, "b'", append(slices.Clone(net.Biases[1]), net.Biases[2]...), plus(biases, vB), 1e-8)
		}
	}
	path := Ball{0.1, 0.8}.Descend(valley, []float64{1, -1}, 2)
	v := 0.0
	for i := range 2 {
		w, next := path[i][0], path[i+1][0]
		t.Logf("valley, η = 0.1, μ = 0.8, w = %.2f, v = %.2f: v' = %.2f, w' = %.2f; as printed, w + v = %.2f", w, v, next-w, next, w+v)
		v = next - w
	}
	wantNear(t, "w_1 after a step", path[1][0], 0.8, 1e-9)         // v' = -0.2
	wantNear(t, "w_1 after two steps", path[2][0], 0.8-0.32, 1e-9) // v' = -0.8·0.2 - 0.16
	wantNear(t, "w_2 after two steps", path[2][1], -0.48, 1e-9)    // the same mirrored
}

func TestEq56(t *testing.T) {
	for z := -20.0; z <= 20; z += 0.13 {
		want := (math.Exp(z) - math.Exp(-z)) / (math.Exp(z) + math.Exp(-z))
		wantNear(t, "tanh", tanh(z), want, 5e-16)
		wantNear(t, "Tanh.Func", Tanh.Func(z), want, 5e-16)
		wantNear(t, "Tanh.Prime", Tanh.Prime(z, tanh(z)), slope(math.Tanh, z), 1e-9)
	}
	t.Logf("tanh 1 = %.6f; with the print's product e·e⁻¹ in the numerator %.6f", tanh(1), 1/(math.E+1/math.E))
	wantNear(t, "tanh of a very negative z", tanh(-1000), -1, 0)
	wantNear(t, "tanh of a very large z", tanh(1000), 1, 0)
	wantNear(t, "tanh(1), where the print's product gives 0.32", tanh(1), 0.761594156, 5e-10)
}
