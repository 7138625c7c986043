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
	a.touch(u)
	first, last := a.inked()
	p := u.numbers(panel * n)
	for j := lo; j < hi; j += panel {
		intoPanel(p, b, j, hi, first, last)
		for i := 0; i < a.Rows; i += 2 { // two rows of a walk, the last perhaps twice
			next := min(i+1, a.Rows-1)
			var z, y [panel]float64
			if a.Ink != nil {
				dotInkPanel(&z, a.Ink[i], p)
				dotInkPanel(&y, a.Ink[next], p)
			} else {
				dotPanel(&z, &y, a.Row(i), a.Row(next), p)
			}
			copy(c.Row(i)[j:hi], z[:])
			copy(c.Row(next)[j:hi], y[:])
		}
	}
	archsimd.ClearAVXUpperBits() // plain code that follows would run slowly
}

// dotPanel sets z[r] = w_r·x and y[r] = w_r·v for the sixteen neurons of a panel,
// eight at a time, by the instructions themselves as in addRows2x4Vector (Eq. 18).
func dotPanel(z, y *[panel]float64, x, v, p []float64) {
	v = v[:len(x)]
	for r := 0; r < panel; r += 8 {
		var s0, s1, t0, t1 archsimd.Float64x4
		for k, xk := range x {
			i := panel*k + r
			w := (*[8]float64)(p[i : i+8 : i+8])
			w0, w1 := archsimd.LoadFloat64x4((*[4]float64)(w[0:4])), archsimd.LoadFloat64x4((*[4]float64)(w[4:8]))
			a, b := archsimd.BroadcastFloat64x4(xk), archsimd.BroadcastFloat64x4(v[k])
			s0, s1 = s0.Add(a.Mul(w0)), s1.Add(a.Mul(w1))
			t0, t1 = t0.Add(b.Mul(w0)), t1.Add(b.Mul(w1))
		}
		s0.Store(at(z[:], r))
		s1.Store(at(z[:], r+4))
		t0.Store(at(y[:], r))
		t1.Store(at(y[:], r+4))
	}
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
		outOfPanel(g, p, n, first, last)
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

// intoPanel brings columns first to last of the sixteen rows of b from j on into
// a panel, as its rows; row hi-1 fills the places of rows from hi on. Of fours
// of columns the last may overlap the one before, here as in outOfPanel (§2.1).
func intoPanel(p []float64, b *Matrix, j, hi, first, last int) {
	var row [panel]int // where it begins
	for r := range row {
		row[r] = min(j+r, hi-1) * b.Cols
	}
	for k := first; k < last; k += 4 {
		k := min(k, last-4)
		for r := 0; r < panel; r += 4 {
			x0, x1, x2, x3 := across(at(b.Data, row[r]+k), at(b.Data, row[r+1]+k), at(b.Data, row[r+2]+k), at(b.Data, row[r+3]+k))
			to := panel*k + r
			x0.Store(at(p, to))
			x1.Store(at(p, to+panel))
			x2.Store(at(p, to+2*panel))
			x3.Store(at(p, to+3*panel))
		}
	}
}

// outOfPanel brings rows first to last of a panel into the sixteen rows of g, as
// columns of these (§2.1).
func outOfPanel(g, p []float64, n, first, last int) {
	for k := first; k < last; k += 4 {
		k := min(k, last-4)
		for r := 0; r < panel; r += 4 {
			from := panel*k + r
			x0, x1, x2, x3 := across(at(p, from), at(p, from+panel), at(p, from+2*panel), at(p, from+3*panel))
			x0.Store(at(g, r*n+k))
			x1.Store(at(g, (r+1)*n+k))
			x2.Store(at(g, (r+2)*n+k))
			x3.Store(at(g, (r+3)*n+k))
		}
	}
}

// across returns the columns of four rows of four (§2.1).
func across(a0, a1, a2, a3 *[4]float64) (y0, y1, y2, y3 archsimd.Float64x4) {
	x0, x1, x2, x3 := four(a0), four(a1), four(a2), four(a3)
	z0, z2 := x0.SelectFromPairGrouped(0, 2, x1), x2.SelectFromPairGrouped(0, 2, x3) // x00 x10 x02 x12, x20 x30 x22 x32
	z1, z3 := x0.SelectFromPairGrouped(1, 3, x1), x2.SelectFromPairGrouped(1, 3, x3) // x01 x11 x03 x13, x21 x31 x23 x33
	return z0.Select128FromPair(0, 2, z2), z1.Select128FromPair(0, 2, z3), z0.Select128FromPair(1, 3, z2), z1.Select128FromPair(1, 3, z3)
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
	n := len(w) &^ 7
	w, nablaW = w[:n:n], nablaW[:n:n]
	r, s := same(rate), same(shrink)
	for k := 0; k+8 <= n; k += 8 {
		v, g := (*[8]float64)(w[k:k+8:k+8]), (*[8]float64)(nablaW[k:k+8:k+8])
		v0, v1 := (*[4]float64)(v[0:4]), (*[4]float64)(v[4:8])
		s.Mul(four(v0)).Sub(r.Mul(four((*[4]float64)(g[0:4])))).Store(v0)
		s.Mul(four(v1)).Sub(r.Mul(four((*[4]float64)(g[4:8])))).Store(v1)
	}
	archsimd.ClearAVXUpperBits()
	return n
}
