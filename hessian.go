package main

// This file is the remark of §3.8.1 that backpropagation can compute the Hessian,
// too: Pearlmutter's R-operator (Fast exact multiplication by the Hessian, Neural
// Computation 6, 1994), which differentiates each line of backpropagation along a
// direction v, so that H v costs about as much as a gradient. The hidden neurons are
// sigmoid, the cost is the cross-entropy, for which δᴸ = aᴸ - y. All weights and
// biases stand in one list, layer by layer. Eq. 53 is the article's number, book
// Eq. 106 the online book's.

// A derived is a matrix of backpropagation and its derivative along v.
type derived struct{ x, r *Matrix }

// productRule sets c to R{a b} = R{a} b + a R{b}, for one of the products of matrices.
func productRule(c *Matrix, product func(c, a, b *Matrix), a, b derived) {
	second := NewMatrix(c.Rows, c.Cols)
	product(c, a.r, b.x)
	product(second, a.x, b.r)
	for i, x := range second.Data {
		c.Data[i] += x
	}
}

// hessianTimes returns H v for the cost over the examples in the rows of x and y,
// the mean of C_x, at the network's weights and biases.
func (net *Network) hessianTimes(x, y *Matrix, v []float64) []float64 {
	b, L := net.backpropagated(x, y), net.L()
	r, rNet := net.newBatch(x.Rows), net.Clone() // R{z}, R{a}, R{δ}, and v = R{w}, R{b}
	r.a[0] = NewMatrix(x.Rows, x.Cols)
	rNet.setParameters(v)

	// Forward: R{z} = R{w} a + w R{a} + R{b}, R{a} = σ'(z) R{z}.
	for l := 1; l <= L; l++ {
		productRule(r.z[l], (*Matrix).MulT, derived{b.a[l-1], r.a[l-1]}, derived{net.Weights[l], rNet.Weights[l]})
		r.z[l].AddRow(rNet.Biases[l])
		b.sp[l].Apply(func(a float64) float64 { return sigmoidPrime(0, a) }, b.a[l])
		r.a[l].Hadamard(b.sp[l], r.z[l])
	}

	// Backward: R{δᴸ} = R{aᴸ}; below, with e = wᵀ δ of the layer above,
	// R{δ} = R{e} σ'(z) + e σ''(z) R{z}, where e σ' is δ and σ'' = σ' (1 - 2σ).
	r.delta[L] = r.a[L]
	for l := L - 1; l >= 1; l-- {
		productRule(r.delta[l], (*Matrix).Mul, derived{b.delta[l+1], r.delta[l+1]}, derived{net.Weights[l+1], rNet.Weights[l+1]})
		for i, re := range r.delta[l].Data {
			r.delta[l].Data[i] = float64(re*b.sp[l].Data[i]) + float64(b.delta[l].Data[i]*(1-2*b.a[l].Data[i])*r.z[l].Data[i])
		}
	}

	// BP3 and BP4.
	nablaW, nablaB := net.zeros()
	for l := 1; l <= L; l++ {
		r.delta[l].SumRows(nablaB[l])
		productRule(nablaW[l], (*Matrix).TMul, derived{b.delta[l], r.delta[l]}, derived{b.a[l-1], r.a[l-1]})
	}
	return meanOfRows(inOneList(nablaW, nablaB), x.Rows)
}

// backpropagated returns the batch of the examples after backpropagation.
func (net *Network) backpropagated(x, y *Matrix) *batch {
	b := net.newBatch(x.Rows)
	b.a[0], b.y = x, y
	net.backprop(b)
	return b
}

// meanGradient returns ∇C over the examples, and C.
func (net *Network) meanGradient(x, y *Matrix) (nabla []float64, cost float64) {
	b := net.backpropagated(x, y)
	nablaB, nablaW := net.gradient(b)
	return meanOfRows(inOneList(nablaW, nablaB), x.Rows), net.batchCost(b, Settings{})
}

// meanOfRows divides a sum over m examples by m.
func meanOfRows(sum []float64, m int) []float64 {
	for i := range sum {
		sum[i] /= float64(m)
	}
	return sum
}

// inOneList returns weights and biases, or their gradient, in one list.
func inOneList(w []*Matrix, b [][]float64) (list []float64) {
	for l := 1; l < len(w); l++ {
		list = append(append(list, w[l].Data...), b[l]...)
	}
	return list
}

// parameters returns the network's weights and biases.
func (net *Network) parameters() []float64 { return inOneList(net.Weights, net.Biases) }

// setParameters sets them from such a list.
func (net *Network) setParameters(list []float64) {
	for l := 1; l <= net.L(); l++ {
		list = list[copy(net.Weights[l].Data, list):]
		list = list[copy(net.Biases[l], list):]
	}
}

// hessianOf returns the whole H, one product per column.
func (net *Network) hessianOf(x, y *Matrix) [][]float64 {
	h := make([][]float64, parameterCount(net.Sizes))
	for k := range h {
		unit := make([]float64, len(h))
		unit[k] = 1
		h[k] = net.hessianTimes(x, y, unit)
	}
	return h
}

// dampedNewtonStep moves the parameters by -(H + d I)⁻¹ ∇C, with the smallest of
// some dampings d for which that lowers the cost (Eq. 53; book Eq. 106).
func (net *Network) dampedNewtonStep(x, y *Matrix) {
	nabla, cost := net.meanGradient(x, y)
	h, w := net.hessianOf(x, y), net.parameters()
	for before, d := 0.0, 1e-6; d < 1e6; before, d = d, 10*d {
		for i := range h {
			h[i][i] += d - before
		}
		factor, err := cholesky(h)
		if err != nil {
			continue // not positive definite yet
		}
		net.setParameters(addVectors(w, GradientStep(solveCholesky(factor, nabla), 1)))
		if _, c := net.meanGradient(x, y); c < cost {
			return
		}
	}
	net.setParameters(w)
}
