package main

// This file is the remark of §3.8.1 that backpropagation can compute the Hessian,
// too: Pearlmutter's R-operator (Fast exact multiplication by the Hessian, Neural
// Computation 6, 1994), which differentiates each line of backpropagation along a
// direction v, so that H v costs about as much as a gradient. The hidden neurons are
// sigmoid, the cost is the cross-entropy, for which δᴸ = aᴸ - y.

// HessianTimes returns H v for the cost over the examples in the rows of x and y,
// the mean of C_x, at the network's weights and biases: v and the result are
// weights and biases in the shape of net's.
func (net *Network) HessianTimes(x, y *Matrix, v *Network) *Network {
	m, L := x.Rows, net.L()
	b := net.newBatch(m)
	b.a[0], b.y = x, y
	net.backprop(b)
	// Forward: R{z} = R{w} a + w R{a} + R{b}, R{a} = σ'(z) R{z}.
	rz, ra := make([]*Matrix, L+1), make([]*Matrix, L+1)
	ra[0] = NewMatrix(m, net.Sizes[0])
	for l := 1; l <= L; l++ {
		rz[l], ra[l] = NewMatrix(m, net.Sizes[l]), NewMatrix(m, net.Sizes[l])
		for i := range m {
			for j := range net.Sizes[l] {
				z := v.Biases[l][j]
				for k := range net.Sizes[l-1] {
					z += float64(v.Weights[l].At(j, k)*b.a[l-1].At(i, k)) + float64(net.Weights[l].At(j, k)*ra[l-1].At(i, k))
				}
				rz[l].Row(i)[j] = z
				ra[l].Row(i)[j] = sigmoidPrime(0, b.a[l].At(i, j)) * z
			}
		}
	}

	// Backward: R{δᴸ} = R{aᴸ}; below, with e = wᵀ δ of the layer above,
	// R{δ} = R{e} σ'(z) + e σ''(z) R{z}, and σ'' = σ' (1 - 2σ).
	rd := make([]*Matrix, L+1)
	rd[L] = ra[L]
	for l := L - 1; l >= 1; l-- {
		rd[l] = NewMatrix(m, net.Sizes[l])
		for i := range m {
			for j := range net.Sizes[l] {
				e, re := 0.0, 0.0
				for k := range net.Sizes[l+1] {
					w, rw := net.Weights[l+1].At(k, j), v.Weights[l+1].At(k, j)
					e += float64(w * b.delta[l+1].At(i, k))
					re += float64(rw*b.delta[l+1].At(i, k)) + float64(w*rd[l+1].At(i, k))
				}
				a := b.a[l].At(i, j)
				prime := sigmoidPrime(0, a)
				rd[l].Row(i)[j] = float64(re*prime) + float64(e*prime*(1-2*a)*rz[l].At(i, j))
			}
		}
	}

	return net.hessianGradient(b, ra, rd)
}

// hessianGradient returns BP3 and BP4, differentiated, as the mean over the
// examples.
func (net *Network) hessianGradient(b *batch, ra, rd []*Matrix) *Network {
	m, L := b.y.Rows, net.L()
	sum := func(f func(x int) float64) (total float64) {
		for i := range m {
			total += f(i) / float64(m)
		}
		return total
	}
	result := net.Clone()
	for l := 1; l <= L; l++ {
		for j := range net.Sizes[l] {
			result.Biases[l][j] = sum(func(i int) float64 { return rd[l].At(i, j) })
			for k := range net.Sizes[l-1] {
				result.Weights[l].Row(j)[k] = sum(func(i int) float64 {
					return float64(rd[l].At(i, j)*b.a[l-1].At(i, k)) + float64(b.delta[l].At(i, j)*ra[l-1].At(i, k))
				})
			}
		}
	}
	return result
}

// parameters returns all weights and biases in one list, layer by layer.
func (net *Network) parameters() (list []float64) {
	for l := 1; l <= net.L(); l++ {
		list = append(append(list, net.Weights[l].Data...), net.Biases[l]...)
	}
	return list
}

// setParameters sets them from such a list.
func (net *Network) setParameters(list []float64) {
	for l := 1; l <= net.L(); l++ {
		n := copy(net.Weights[l].Data, list)
		list = list[n:]
		list = list[copy(net.Biases[l], list):]
	}
}

// hessianOf returns the whole H, one product per column.
func (net *Network) hessianOf(x, y *Matrix) [][]float64 {
	n := len(net.parameters())
	h := make([][]float64, n)
	for k := range n {
		unit := make([]float64, n)
		unit[k] = 1
		v := net.Clone()
		v.setParameters(unit)
		h[k] = net.HessianTimes(x, y, v).parameters()
	}
	return h
}

// meanGradient returns ∇C over the examples, in the order of parameters, and C.
func (net *Network) meanGradient(x, y *Matrix) (nabla []float64, cost float64) {
	b := net.newBatch(x.Rows)
	b.a[0], b.y = x, y
	net.backprop(b)
	nablaB, nablaW := net.gradient(b)
	for l := 1; l <= net.L(); l++ {
		nabla = append(append(nabla, nablaW[l].Data...), nablaB[l]...)
	}
	for i := range nabla {
		nabla[i] /= float64(x.Rows)
	}
	return nabla, net.batchCost(b, Settings{})
}

// dampedNewtonStep moves the parameters by -(H + d I)⁻¹ ∇C, with the smallest of
// some dampings d for which that lowers the cost.
func (net *Network) dampedNewtonStep(x, y *Matrix) {
	nabla, cost := net.meanGradient(x, y)
	h, w := net.hessianOf(x, y), net.parameters()
	for d := 1e-6; d < 1e6; d *= 10 {
		damped := make([][]float64, len(h))
		for i := range h {
			damped[i] = append([]float64(nil), h[i]...)
			damped[i][i] += d
		}
		factor, err := cholesky(damped)
		if err != nil {
			continue // not positive definite yet
		}
		step := solveCholesky(factor, nabla)
		moved := append([]float64(nil), w...)
		for i := range moved {
			moved[i] -= step[i]
		}
		net.setParameters(moved)
		if _, c := net.meanGradient(x, y); c < cost {
			return
		}
	}
	net.setParameters(w)
}
