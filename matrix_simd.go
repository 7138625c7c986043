//go:build goexperiment.simd && amd64

package main

import "simd/archsimd"

// This file holds vector forms of three leaves of the products and of the
// descent (§2.1, Eq. 46), for GOEXPERIMENT=simd go run . on processors with
// AVX2: four numbers at a time, each still multiplied, rounded and added in the
// order of the plain leaf, so that the bits are the same. Each does the first
// columns, up to the last whole four, and returns how many these are; the
// plain leaf goes on from there.

// vectors reports whether the processor has what this file needs (§2.1).
var vectors = archsimd.X86.AVX2()

// addRows2x4Vector does the first columns of addRows2x4 (BP2, BP4).
func addRows2x4Vector(c0, c1 []float64, p, q *[4]float64, b0, b1, b2, b3 []float64) int {
	if !vectors {
		return 0
	}
	n := len(c0) &^ 3
	c0, c1, b0, b1, b2, b3 = c0[:n:n], c1[:n:n], b0[:n:n], b1[:n:n], b2[:n:n], b3[:n:n]
	p0, p1, p2, p3 := archsimd.BroadcastFloat64x4(p[0]), archsimd.BroadcastFloat64x4(p[1]), archsimd.BroadcastFloat64x4(p[2]), archsimd.BroadcastFloat64x4(p[3])
	q0, q1, q2, q3 := archsimd.BroadcastFloat64x4(q[0]), archsimd.BroadcastFloat64x4(q[1]), archsimd.BroadcastFloat64x4(q[2]), archsimd.BroadcastFloat64x4(q[3])
	for j := 0; j+4 <= n; j += 4 {
		x0, x1 := archsimd.LoadFloat64x4((*[4]float64)(b0[j:j+4:j+4])), archsimd.LoadFloat64x4((*[4]float64)(b1[j:j+4:j+4]))
		x2, x3 := archsimd.LoadFloat64x4((*[4]float64)(b2[j:j+4:j+4])), archsimd.LoadFloat64x4((*[4]float64)(b3[j:j+4:j+4]))
		d0, d1 := (*[4]float64)(c0[j:j+4:j+4]), (*[4]float64)(c1[j:j+4:j+4])
		s := archsimd.LoadFloat64x4(d0).Add(p0.Mul(x0)).Add(p1.Mul(x1)).Add(p2.Mul(x2)).Add(p3.Mul(x3))
		t := archsimd.LoadFloat64x4(d1).Add(q0.Mul(x0)).Add(q1.Mul(x1)).Add(q2.Mul(x2)).Add(q3.Mul(x3))
		s.Store(d0)
		t.Store(d1)
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// descendWeightsVector does the first weights of descendWeights, Eq. 46 (book
// Eq. 93).
func descendWeightsVector(w, nablaW []float64, rate, shrink float64) int {
	if !vectors {
		return 0
	}
	n := len(w) &^ 3
	w, nablaW = w[:n:n], nablaW[:n:n]
	r, s := archsimd.BroadcastFloat64x4(rate), archsimd.BroadcastFloat64x4(shrink)
	for k := 0; k+4 <= n; k += 4 {
		at := (*[4]float64)(w[k : k+4 : k+4])
		g := archsimd.LoadFloat64x4((*[4]float64)(nablaW[k : k+4 : k+4]))
		s.Mul(archsimd.LoadFloat64x4(at)).Sub(r.Mul(g)).Store(at)
	}
	archsimd.ClearAVXUpperBits()
	return n
}
