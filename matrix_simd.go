//go:build goexperiment.simd && amd64

package main

import "simd/archsimd"

// This file holds vector forms of the products and of the descent (§2.1,
// Eq. 46), for GOEXPERIMENT=simd go run . on processors with AVX2: four numbers
// at a time, each still multiplied, rounded and added in the order of the plain
// leaves, so that the bits are the same.
//
// A sum over k in order cannot be shared out among the lanes of a vector, but
// sixteen neurons can: their weights from input k stand side by side in row k
// of a panel. The gradient grows in such a panel, too.

// vectors reports whether the processor has what this file needs (§2.1).
var vectors = archsimd.X86.AVX2()

// A quad is sixteen numbers (§2.1).
type quad struct{ a, b, c, d archsimd.Float64x4 }

// at returns the place of x[j] and the three numbers behind it (§2.1).
func at(x []float64, j int) *[4]float64 { return (*[4]float64)(x[j : j+4 : j+4]) }

// four returns the numbers at a place (§2.1).
func four(x *[4]float64) archsimd.Float64x4 { return archsimd.LoadFloat64x4(x) }

// same returns x four times (§2.1).
func same(x float64) archsimd.Float64x4 { return archsimd.BroadcastFloat64x4(x) }

// quadOf returns the numbers of x (§2.1).
func quadOf(x *[panel]float64) quad {
	return quad{four((*[4]float64)(x[0:4])), four((*[4]float64)(x[4:8])), four((*[4]float64)(x[8:12])), four((*[4]float64)(x[12:16]))}
}

// store puts z into x (§2.1).
func (z quad) store(x *[panel]float64) {
	z.a.Store((*[4]float64)(x[0:4]))
	z.b.Store((*[4]float64)(x[4:8]))
	z.c.Store((*[4]float64)(x[8:12]))
	z.d.Store((*[4]float64)(x[12:16]))
}

// plus returns z + x w, a term of Eq. 18 or of BP4 for sixteen neurons.
func (z quad) plus(x float64, w quad) quad {
	v := same(x)
	return quad{z.a.Add(v.Mul(w.a)), z.b.Add(v.Mul(w.b)), z.c.Add(v.Mul(w.c)), z.d.Add(v.Mul(w.d))}
}

// mulTPanels is mulTRows by panels (Eq. 19).
func mulTPanels(t job, u *buffer, lo, hi int) {
	c, a, b, n := t.c, t.a, t.b, t.b.Cols
	first, last := a.inked()
	p := u.numbers(panel * n)
	for j := lo; j < hi; j += panel {
		transpose(p[panel*first:], panel, b.Data[j*n+first:], n, min(panel, hi-j), last-first)
		for i := range a.Rows {
			var z [panel]float64
			if a.Ink != nil {
				dotInkPanel(&z, a.Ink[i], p)
			} else {
				dotPanel(&z, a.Row(i), p)
			}
			copy(c.Row(i)[j:hi], z[:])
		}
	}
	archsimd.ClearAVXUpperBits() // plain code that follows would run slowly
}

// dotPanel sets z[r] = w_r·x for the sixteen neurons of a panel (Eq. 18).
func dotPanel(z *[panel]float64, x, p []float64) {
	var s quad
	for k, xk := range x {
		s = s.plus(xk, quadOf((*[panel]float64)(p[panel*k:panel*k+panel:panel*k+panel])))
	}
	s.store(z)
}

// dotInkPanel is dotPanel for an x of which the ink is known (Eq. 18).
func dotInkPanel(z *[panel]float64, ink Ink, p []float64) {
	var s quad
	grey := ink.Grey[:len(ink.At)]
	for i, pixel := range ink.At {
		k := panel * int(pixel)
		s = s.plus(greys[grey[i]], quadOf((*[panel]float64)(p[k:k+panel:k+panel])))
	}
	s.store(z)
}

// tMulPanels is tMulRows by panels, for a b that has ink (BP4).
func tMulPanels(t job, u *buffer, lo, hi int) {
	a, b, n := t.a, t.b, t.b.Cols
	first, last := b.inked()
	p := u.numbers(2 * panel * n)
	p, g := p[:panel*n], p[panel*n:]
	for r := range panel {
		clear(g[r*n : r*n+first])
		clear(g[r*n+last : (r+1)*n])
	}
	for j := lo; j < hi; j += panel {
		clear(p[panel*first : panel*last])
		for i := range a.Rows {
			var d [panel]float64 // 0 where fewer rows are left
			copy(d[:], a.Row(i)[j:hi])
			addInkPanel(p, &d, b.Ink[i])
		}
		transpose(g[first:], n, p[panel*first:], panel, last-first, panel)
		archsimd.ClearAVXUpperBits()
		for r := range min(panel, hi-j) {
			t.f(j+r, g[r*n:(r+1)*n])
		}
	}
}

// addInkPanel adds d[r] x to the sixteen neurons' columns of a panel (BP4).
func addInkPanel(p []float64, d *[panel]float64, ink Ink) {
	delta := quadOf(d)
	grey := ink.Grey[:len(ink.At)]
	for i, pixel := range ink.At {
		k := panel * int(pixel)
		g := (*[panel]float64)(p[k : k+panel : k+panel])
		quadOf(g).plus(greys[grey[i]], delta).store(g)
	}
}

// transpose brings rows×cols numbers of b, whose rows lie n apart, into c,
// whose rows lie m apart, as columns: weights into a panel, a gradient out of
// one (§2.1):
//
//	for r := range rows { for k := range cols { c[k*m+r] = b[r*n+k] } }
func transpose(c []float64, m int, b []float64, n, rows, cols int) {
	r := 0
	for ; r+4 <= rows; r += 4 {
		k := 0
		for ; k+4 <= cols; k += 4 {
			i, j := r*n+k, k*m+r
			x0, x1, x2, x3 := four(at(b, i)), four(at(b, i+n)), four(at(b, i+2*n)), four(at(b, i+3*n))
			y0, y2 := x0.SelectFromPairGrouped(0, 2, x1), x2.SelectFromPairGrouped(0, 2, x3) // x00 x10 x02 x12, x20 x30 x22 x32
			y1, y3 := x0.SelectFromPairGrouped(1, 3, x1), x2.SelectFromPairGrouped(1, 3, x3) // x01 x11 x03 x13, x21 x31 x23 x33
			y0.Select128FromPair(0, 2, y2).Store(at(c, j))
			y1.Select128FromPair(0, 2, y3).Store(at(c, j+m))
			y0.Select128FromPair(1, 3, y2).Store(at(c, j+2*m))
			y1.Select128FromPair(1, 3, y3).Store(at(c, j+3*m))
		}
		for ; k < cols; k++ {
			for i := range 4 {
				c[k*m+r+i] = b[(r+i)*n+k]
			}
		}
	}
	for ; r < rows; r++ {
		for k := range cols {
			c[k*m+r] = b[r*n+k]
		}
	}
}

// addRows2x4Vector does the first columns of addRows2x4, up to the last whole
// four, and returns how many these are (BP2, BP4). It calls the instructions
// themselves: with same, four and at between, two of its numbers no longer stay
// in registers.
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

// descendWeightsVector does the first weights of descendWeights, up to the last
// whole four, and returns how many these are: Eq. 46 (book Eq. 93).
func descendWeightsVector(w, nablaW []float64, rate, shrink float64) int {
	if !vectors {
		return 0
	}
	n := len(w) &^ 3
	w, nablaW = w[:n:n], nablaW[:n:n]
	r, s := same(rate), same(shrink)
	for k := 0; k+4 <= n; k += 4 {
		s.Mul(four(at(w, k))).Sub(r.Mul(four(at(nablaW, k)))).Store(at(w, k))
	}
	archsimd.ClearAVXUpperBits()
	return n
}
