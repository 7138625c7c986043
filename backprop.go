package main

import "math"

// This file is §2.3 and §2.4: the backpropagation algorithm, and the check of
// its gradient by finite differences. Eq. 46 is the article's number, book
// Eq. 93 that of the online book; BP1-BP4 are the same in both.
//
// A mini-batch is a matrix with one example per row, so each equation stands
// transposed here (with one row it is network.py's backprop):
//
//	text                             for one example x            for a mini-batch
//	Eq. 19 (book Eq. 25)             zˡ = wˡ aˡ⁻¹ + bˡ            zˡ = aˡ⁻¹ (wˡ)ᵀ + bˡ
//	BP1                              δᴸ = ∇_a C ⊙ σ'(zᴸ)          the same
//	BP2                              δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ σ'(zˡ)   δˡ = δˡ⁺¹ wˡ⁺¹ ⊙ σ'(zˡ)
//	BP3, summed over the examples    ∇_b C = δˡ                   the sum of δˡ's rows
//	BP4, summed over the examples    ∇_w C = δˡ (aˡ⁻¹)ᵀ           (δˡ)ᵀ aˡ⁻¹

// A batch is a mini-batch on its way through the network: what the algorithm
// of §2.4 computes for it, layer by layer. It is allocated once and used for
// every mini-batch.
type batch struct {
	a     []*Matrix // aˡ, m×n_l; a[0] is x, with sparse rows
	z     []*Matrix // zˡ, m×n_l
	delta []*Matrix // δˡ, m×n_l
	sp    []*Matrix // σ'(zˡ), m×n_l
	y     *Matrix   // y, m×n_L

	mask [][]float64 // of each hidden layer: 1 for a neuron that stays, 0 for one that dropout deletes; nil: all stay
}

// newBatch returns a batch for mini-batches of up to m examples (§2.4).
func (net *Network) newBatch(m int) *batch {
	b := &batch{y: NewMatrix(m, net.Sizes[net.L()])}
	for l, n := range net.Sizes {
		if l == 0 { // the input layer has activations alone
			b.a, b.z = append(b.a, NewSparseMatrix(m, n, &pixelValues)), append(b.z, nil)
			b.delta, b.sp = append(b.delta, nil), append(b.sp, nil)
			continue
		}
		b.a, b.z = append(b.a, NewMatrix(m, n)), append(b.z, NewMatrix(m, n))
		b.delta, b.sp = append(b.delta, NewMatrix(m, n)), append(b.sp, NewMatrix(m, n))
	}
	return b
}

// setRows sets the number of examples, at most that of newBatch (Eq. 17).
func (b *batch) setRows(m int) {
	b.y.setRows(m)
	b.a[0].setRows(m)
	for l := 1; l < len(b.a); l++ {
		b.a[l].setRows(m)
		b.z[l].setRows(m)
		b.delta[l].setRows(m)
		b.sp[l].setRows(m)
	}
}

// dropped returns the number of neurons that dropout deletes in a hidden layer of
// n: that fraction, rounded, but not all of them (§3.5.1.2).
func dropped(n int, rate float64) int {
	return min(int(math.Round(rate*float64(n))), n-1)
}

// drop draws the hidden neurons that this mini-batch trains without, at random
// in each hidden layer (§3.5.1.2).
func (b *batch) drop(rate float64, random *MersenneTwister) {
	if rate == 0 {
		return
	}
	if b.mask == nil {
		b.mask = make([][]float64, len(b.a))
		for l := 1; l < len(b.a)-1; l++ {
			b.mask[l] = make([]float64, b.a[l].Cols)
		}
	}
	for _, mask := range b.mask {
		left := dropped(len(mask), rate)
		for j := range mask {
			mask[j] = 1
			if random.Float64()*float64(len(mask)-j) < float64(left) {
				mask[j] = 0
				left--
			}
		}
	}
}

// mulMask deletes the dropped neurons of layer l from a or from σ', forward and
// backward alike (§3.5.1.2). With δ = 0 for a dropped
// neuron its weights get no gradient from this mini-batch.
func (b *batch) mulMask(a *Matrix, l int) {
	if b.mask == nil {
		return
	}
	for x := range a.Rows {
		for j, keep := range b.mask[l] {
			a.Row(x)[j] *= keep
		}
	}
}

// backprop sets the error δˡ = ∂C/∂zˡ of every layer, Eq. 21 (book Eq. 29), by
// BP1 and BP2, for the mini-batch in a[0] and y: steps 1 to 4 of the algorithm
// of §2.4 (network.py: backprop). Step 5, the gradient itself, follows in
// updateMiniBatch, which uses up each part of it at once, and in gradient.
func (net *Network) backprop(b *batch) {
	L := net.L()

	// Feedforward.
	net.feedforward(b)

	// Output error.
	for x := range b.y.Rows {
		net.Cost.Delta(b.delta[L].Row(x), b.z[L].Row(x), b.a[L].Row(x), b.y.Row(x)) // BP1
	}

	// Backpropagate the error.
	for l := L - 1; l >= 1; l-- {
		sp, a, prime := b.sp[l].Data, b.a[l].Data, net.Hidden.Prime
		for i, z := range b.z[l].Data {
			sp[i] = prime(z, a[i]) // σ'(zˡ)
		}
		b.mulMask(b.sp[l], l)
		b.delta[l].Mul(b.delta[l+1], net.Weights[l+1])
		b.delta[l].Hadamard(b.delta[l], b.sp[l]) // BP2
	}
}

// gradient returns the gradient of the cost, summed over the examples of the
// mini-batch for which backprop has set the errors: step 5 of the algorithm of
// §2.4, BP3 and BP4, for check and trace; training does the same layer by layer in
// updateMiniBatch (network.go). Without indices they are Eqs. 26 and 28 (book Eqs. 31, 32).
func (net *Network) gradient(b *batch) (nablaB [][]float64, nablaW []*Matrix) {
	nablaW, nablaB = net.zeros()
	for l := 1; l <= net.L(); l++ {
		b.delta[l].SumRows(nablaB[l])        // BP3
		nablaW[l].TMul(b.delta[l], b.a[l-1]) // BP4
	}
	return nablaB, nablaW
}

// numericalGradient sets nabla[k] to (C(w_k+ε) - C(w_k-ε)) / 2ε for each of
// the parameters w of cost. This is book Eq. 46, but central: the error falls
// from ε to ε². It needs two feedforward passes per parameter, where backprop
// needs one pass forward and one back for all of them (§2.4).
func numericalGradient(nabla, w []float64, cost func() float64) {
	const epsilon = 1e-5
	for k, wk := range w {
		w[k] = wk + epsilon
		up := cost()
		w[k] = wk - epsilon
		down := cost()
		w[k] = wk
		nabla[k] = (up - down) / (2 * epsilon)
	}
}

// stepGradient returns, as a network, the gradient ∇C of the regularized cost
// (Eqs. 42 and 48; book Eqs. 88, 89, 96) as a step of updateMiniBatch with
// η = 1 shows it: what the weights were, less what they become.
func (net *Network) stepGradient(b *batch, more Settings) *Network {
	before := net.Clone()
	net.updateMiniBatch(b, more, &State{Eta: 1, Order: make([]int32, b.y.Rows)})
	gradient := before.Clone()
	for l := 1; l <= net.L(); l++ {
		for i, w := range net.Weights[l].Data {
			gradient.Weights[l].Data[i] -= w
		}
		for j, bias := range net.Biases[l] {
			gradient.Biases[l][j] -= bias
		}
	}
	net.copyFrom(before)
	return gradient
}

// batchCost returns the regularized cost of Eq. 40 (book Eq. 85), or of the
// network's other costs, with the mini-batch in b as the whole training data.
func (net *Network) batchCost(b *batch, more Settings) float64 {
	net.feedforward(b)
	L := net.L()
	sum := 0.0
	for x := range b.y.Rows {
		sum += net.Cost.Fn(b.z[L].Row(x), b.a[L].Row(x), b.y.Row(x))
	}
	return sum/float64(b.y.Rows) + net.penalty(more, b.y.Rows)
}

// relativeError returns the largest |u-v| divided by the largest |u| or |v|;
// 0 where both are 0 throughout (§2.4).
func relativeError(u, v []float64) float64 {
	difference, largest := 0.0, 0.0
	for i := range u {
		difference = max(difference, math.Abs(u[i]-v[i]))
		largest = max(largest, math.Abs(u[i]), math.Abs(v[i]))
	}
	if largest == 0 {
		return 0
	}
	return difference / largest
}
