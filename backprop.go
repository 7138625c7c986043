package main

import "math"

// This file is §2.3 and §2.4: the backpropagation algorithm, and the check of
// its gradient by finite differences.
//
// A mini-batch is a matrix with an example a row, so that each equation stands
// transposed here (with one row it is network.py's backprop):
//
//	text                             for one example x            for a mini-batch
//	Eq. 19 (book Eq. 25)             zˡ = wˡ aˡ⁻¹ + bˡ            zˡ = aˡ⁻¹ (wˡ)ᵀ + bˡ
//	BP1                              δᴸ = ∇_a C ⊙ σ'(zᴸ)          the same
//	BP2                              δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ σ'(zˡ)   δˡ = δˡ⁺¹ wˡ⁺¹ ⊙ σ'(zˡ)
//	BP3, summed over the examples    ∇_b C = δˡ                   the sum of δˡ's rows
//	BP4, summed over the examples    ∇_w C = δˡ (aˡ⁻¹)ᵀ           (δˡ)ᵀ aˡ⁻¹

// A batch is a mini-batch on its way through the network: what the algorithm
// of §2.4 computes for it, layer by layer. It is made once and used for every
// mini-batch.
type batch struct {
	a     []*Matrix // aˡ, m×n_l; a[0] is x, by its ink
	z     []*Matrix // zˡ, m×n_l
	delta []*Matrix // δˡ, m×n_l
	sp    []*Matrix // σ'(zˡ), m×n_l
	y     *Matrix   // y, m×n_L

	mask [][]float64 // of each hidden layer: 1 for a neuron that stays, 0 for one that dropout deletes; nil: all stay

	// What updateMiniBatch needs to go down the gradient.
	rule      rule
	lo, hi    int                             // columns of aˡ⁻¹ that are not all 0
	velocityW []*Matrix                       // v of Eq. 54
	nablaB    [][]float64                     // ∇_b C, as the biases
	descend   []func(j int, nablaW []float64) // descend for each layer
}

// newBatch returns a batch for mini-batches of up to m examples (§2.4).
func (net *Network) newBatch(m int) *batch {
	b := &batch{y: NewMatrix(m, net.Sizes[net.L()])}
	for l, n := range net.Sizes {
		layer := func() *Matrix { return NewMatrix(m, n) }
		if l == 0 { // the input layer has no numbers; its a is the ink, set below
			layer = func() *Matrix { return &Matrix{Rows: m, Cols: n} }
		}
		b.a = append(b.a, layer())
		b.z = append(b.z, layer())
		b.delta = append(b.delta, layer())
		b.sp = append(b.sp, layer())
		b.nablaB = append(b.nablaB, make([]float64, n))
		b.descend = append(b.descend, func(j int, nablaW []float64) { net.descend(b, l, j, nablaW) })
	}
	b.a[0].Ink = make([]Ink, m)
	return b
}

// setRows sets the number of examples, at most that of newBatch (Eq. 17).
func (b *batch) setRows(m int) {
	b.y.setRows(m)
	for l := range b.a {
		b.a[l].setRows(m)
		b.z[l].setRows(m)
		b.delta[l].setRows(m)
		b.sp[l].setRows(m)
	}
}

// drop draws the hidden neurons that this mini-batch trains without: in each
// hidden layer that share of the neurons, rounded, at random (§3.5.1.2).
func (b *batch) drop(share float64, random *MersenneTwister) {
	if share == 0 {
		return
	}
	if b.mask == nil {
		b.mask = make([][]float64, len(b.a))
		for l := 1; l < len(b.a)-1; l++ {
			b.mask[l] = make([]float64, b.a[l].Cols)
		}
	}
	for _, mask := range b.mask {
		left := int(math.Round(share * float64(len(mask)))) // to be dropped
		for j := range mask {
			mask[j] = 1
			if random.Float64()*float64(len(mask)-j) < float64(left) {
				mask[j] = 0
				left--
			}
		}
	}
}

// mulMask deletes the dropped neurons of layer l from activations or from
// slopes σ', forward and backward alike (§3.5.1.2). With δ = 0 for a dropped
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

// feedforward sets z and a of every layer from the inputs in a[0]: step 2 of
// the algorithm of §2.4, Eq. 19 (book Eq. 25).
func (net *Network) feedforward(b *batch) {
	for l := 1; l <= net.L(); l++ {
		b.z[l].MulT(b.a[l-1], net.Weights[l]) // wˡ aˡ⁻¹
		b.z[l].AddRow(net.Biases[l])          // + bˡ
		if l < net.L() {
			b.a[l].Apply(net.Hidden.Func, b.z[l]) // aˡ = σ(zˡ)
			b.mulMask(b.a[l], l)
		}
	}
	z, a := b.z[net.L()], b.a[net.L()]
	for x := range z.Rows {
		net.Cost.Output(a.Row(x), z.Row(x))
	}
}

// backprop sets the error δˡ = ∂C/∂zˡ of every layer, Eq. 21 (book Eq. 29), by
// BP1 and BP2, for the mini-batch in a[0] and y: steps 1 to 4 of the algorithm
// of §2.4 (network.py: backprop). Step 5, the gradient itself, is done by
// gradient, and by updateMiniBatch, which uses each part of it up at once.
func (net *Network) backprop(b *batch) {
	L := net.L()

	// Feedforward.
	net.feedforward(b)

	// Output error.
	for x := range b.y.Rows {
		net.Cost.Delta(b.delta[L].Row(x), b.a[L].Row(x), b.y.Row(x)) // BP1
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
// mini-batch of which backprop has set the errors: step 5 of the algorithm of
// §2.4, BP3 and BP4. Without indices they are Eqs. 26 and 28 (book Eqs. 31, 32).
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
// from ε to ε². It needs two feedforward passes a parameter, where backprop
// needs one and as much again for all of them (§2.4).
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

// GradientError is what the gradient check found in one layer: the largest
// difference between backpropagation and finite differences, relative to the
// largest element of that layer's gradient (§2.4).
type GradientError struct {
	Weights, Biases float64
}

// GradientCheck compares, for the mini-batch in b as the whole training data,
// the gradient by which updateMiniBatch moves the network with the finite
// differences of the regularized cost, layer by layer; entry 0 is empty
// (Eqs. 42 and 48, §2.4, book Eq. 46). Dropout's mask in b stays as it is.
func (net *Network) GradientCheck(b *batch, h Hyper) []GradientError {
	h.Mu = 0
	gradient := net.stepGradient(b, h)
	cost := func() float64 { return net.batchCost(b, h) }
	errs := make([]GradientError, len(net.Sizes))
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

// stepGradient returns, as a network, the gradient ∇C of the regularized cost
// (Eqs. 42 and 48; book Eqs. 88, 89, 96) as a step of updateMiniBatch with
// η = 1 shows it: what the weights were, less what they become.
func (net *Network) stepGradient(b *batch, h Hyper) *Network {
	before := net.Clone()
	net.updateMiniBatch(b, h, &State{Eta: 1, Order: make([]int32, b.y.Rows)})
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
func (net *Network) batchCost(b *batch, h Hyper) float64 {
	net.feedforward(b)
	L := net.L()
	sum := 0.0
	for x := range b.y.Rows {
		sum += net.Cost.Fn(b.z[L].Row(x), b.a[L].Row(x), b.y.Row(x))
	}
	return sum/float64(b.y.Rows) + net.penalty(h, b.y.Rows)
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
