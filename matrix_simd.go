//go:build goexperiment.simd && amd64

package main

import "simd/archsimd"

// This file holds vector forms of the products and of the descent of matrix.go,
// for GOEXPERIMENT=simd go run . on processors with AVX2: four numbers
// at a time, each still multiplied, rounded and added in the order of the plain
// leaves, so that the bits are the same.
//
// A sum over k in order cannot be split over the elements of a vector, but
// sixteen neurons can: their weights from input k stand side by side in row k
// of a panel. The gradient grows in such a panel, too.

// vectors reports whether the processor has what this file needs.
var vectors = archsimd.X86.AVX2()

// wide reports whether it has vectors of eight numbers, too.
var wide = vectors && archsimd.X86.AVX512()

// A quad is sixteen numbers.
type quad struct{ a, b, c, d archsimd.Float64x4 }

// at4 returns the place of x[j] and the three numbers behind it.
func at4(x []float64, j int) *[4]float64 { return (*[4]float64)(x[j : j+4 : j+4]) }

// at16 returns the place of x[j] and the fifteen numbers behind it.
func at16(x []float64, j int) *[16]float64 { return (*[16]float64)(x[j : j+16 : j+16]) }

// load4 returns the numbers at a place.
func load4(x *[4]float64) archsimd.Float64x4 { return archsimd.LoadFloat64x4(x) }

// broadcast returns x four times.
func broadcast(x float64) archsimd.Float64x4 { return archsimd.BroadcastFloat64x4(x) }

// quadOf returns the numbers of x.
func quadOf(x *[panel]float64) quad {
	return quad{load4((*[4]float64)(x[0:4])), load4((*[4]float64)(x[4:8])), load4((*[4]float64)(x[8:12])), load4((*[4]float64)(x[12:16]))}
}

// store puts z into x.
func (z quad) store(x *[panel]float64) {
	z.a.Store((*[4]float64)(x[0:4]))
	z.b.Store((*[4]float64)(x[4:8]))
	z.c.Store((*[4]float64)(x[8:12]))
	z.d.Store((*[4]float64)(x[12:16]))
}

// mulAdd returns z + x w, a term of a sum for sixteen neurons.
func (z quad) mulAdd(x float64, w quad) quad {
	v := broadcast(x)
	return quad{z.a.Add(v.Mul(w.a)), z.b.Add(v.Mul(w.b)), z.c.Add(v.Mul(w.c)), z.d.Add(v.Mul(w.d))}
}

// blockK is the number of rows of a block in mulRows, 32 KiB of the first cache.
const blockK = 16

// mulTVector returns the kernel of a bᵀ, and its number of rows of b at a time.
func mulTVector(a, b *Matrix) (kernel func(t poolJob, u *buffer, lo, hi int), grain int) {
	const many = 64
	if a.Sparse == nil && b.Rows >= many {
		return mulTTransposed, many
	}
	return mulTPanels, panel
}

// mulTPanels is mulTRows by panels.
func mulTPanels(t poolJob, u *buffer, lo, hi int) {
	c, a, b, n := t.c, t.a, t.b, t.b.Cols
	a.prefetch(u)
	first, last := a.nonzeroColumns()
	p := u.scratch(panel * n)
	for j := lo; j < hi; j += panel {
		packPanel(p, b, j, hi, first, last)
		for i := 0; i < a.Rows; i += 2 { // two rows of a at a time, the last perhaps twice
			next := min(i+1, a.Rows-1)
			var z, y [panel]float64
			if a.Sparse != nil {
				dotSparsePanel(&z, a.Sparse[i], a.Values, p)
				dotSparsePanel(&y, a.Sparse[next], a.Values, p)
			} else {
				dotPanel(&z, &y, a.Row(i), a.Row(next), p)
			}
			copy(c.Row(i)[j:hi], z[:])
			copy(c.Row(next)[j:hi], y[:])
		}
	}
	archsimd.ClearAVXUpperBits() // plain code that follows would run slowly
}

// mulTTransposed is mulTRows for dense rows and many neurons: the weights of these
// are transposed, and the product is Mul's, whose sums grow in the same order.
func mulTTransposed(t poolJob, u *buffer, lo, hi int) {
	c, a, b, n := t.c, t.a, t.b, hi-lo
	p := u.scratch((b.Cols + a.Rows) * n)
	w := Matrix{Rows: b.Cols, Cols: n, Data: p[:b.Cols*n]}
	z := Matrix{Rows: a.Rows, Cols: n, Data: p[b.Cols*n:]}
	w.transposeRows(b, lo, hi)
	mulRows(poolJob{c: &z, a: a, b: &w}, u, 0, a.Rows)
	for i := range a.Rows {
		copy(c.Row(i)[lo:hi], z.Row(i))
	}
}

// transposeRows sets column r of w to row lo+r of b.
func (w *Matrix) transposeRows(b *Matrix, lo, hi int) {
	n, r := hi-lo, 0
	for ; r+4 <= n; r += 4 {
		b0, b1, b2, b3 := b.Row(lo+r), b.Row(lo+r+1), b.Row(lo+r+2), b.Row(lo+r+3)
		for k := 0; k < b.Cols; k += 4 {
			k := min(k, b.Cols-4)
			x0, x1, x2, x3 := transpose4(at4(b0, k), at4(b1, k), at4(b2, k), at4(b3, k))
			to := k*n + r
			x0.Store(at4(w.Data, to))
			x1.Store(at4(w.Data, to+n))
			x2.Store(at4(w.Data, to+2*n))
			x3.Store(at4(w.Data, to+3*n))
		}
	}
	for ; r < n; r++ {
		for k, x := range b.Row(lo + r) {
			w.Data[k*n+r] = x
		}
	}
	archsimd.ClearAVXUpperBits()
}

// dotPanel sets z[r] = w_r·x and y[r] = w_r·v for the sixteen neurons of a panel,
// eight at a time, by the instructions themselves as in axpy2x4Vector.
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
		s0.Store(at4(z[:], r))
		s1.Store(at4(z[:], r+4))
		t0.Store(at4(y[:], r))
		t1.Store(at4(y[:], r+4))
	}
}

// dotSparsePanel is dotPanel for one sparse row x.
func dotSparsePanel(z *[panel]float64, x SparseRow, values *[256]float64, p []float64) {
	var s quad
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, column := range x.Columns {
		k := panel * int(column)
		s = s.mulAdd(values[value[i]], quadOf((*[panel]float64)(p[k:k+panel:k+panel])))
	}
	s.store(z)
}

// tMulPanels is tMulRows by panels, for a b with sparse rows (BP4).
func tMulPanels(t poolJob, u *buffer, lo, hi int) {
	a, b, n := t.a, t.b, t.b.Cols
	first, last := b.nonzeroColumns()
	p := u.scratch(2 * panel * n)
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
			outerSparsePanel(p, &d, b.Sparse[i], b.Values)
		}
		unpackPanel(g, p, n, first, last)
		archsimd.ClearAVXUpperBits()
		for r := range min(panel, hi-j) {
			t.emit.TakeRow(j+r, g[r*n:(r+1)*n])
		}
	}
}

// outerSparsePanel adds d[r] x to the sixteen neurons' columns of a panel (BP4).
func outerSparsePanel(p []float64, d *[panel]float64, x SparseRow, values *[256]float64) {
	delta := quadOf(d)
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, column := range x.Columns {
		k := panel * int(column)
		g := (*[panel]float64)(p[k : k+panel : k+panel])
		quadOf(g).mulAdd(values[value[i]], delta).store(g)
	}
}

// packPanel brings columns first to last of the sixteen rows of b from j on into
// a panel, as its rows; row hi-1 fills the places of rows from hi on. Of fours
// of columns the last may overlap the one before, here as in unpackPanel.
func packPanel(p []float64, b *Matrix, j, hi, first, last int) {
	var row [panel]int // where it begins
	for r := range row {
		row[r] = min(j+r, hi-1) * b.Cols
	}
	for k := first; k < last; k += 4 {
		k := min(k, last-4)
		for r := 0; r < panel; r += 4 {
			x0, x1, x2, x3 := transpose4(at4(b.Data, row[r]+k), at4(b.Data, row[r+1]+k), at4(b.Data, row[r+2]+k), at4(b.Data, row[r+3]+k))
			to := panel*k + r
			x0.Store(at4(p, to))
			x1.Store(at4(p, to+panel))
			x2.Store(at4(p, to+2*panel))
			x3.Store(at4(p, to+3*panel))
		}
	}
}

// unpackPanel brings rows first to last of a panel into the sixteen rows of g, as
// columns of these.
func unpackPanel(g, p []float64, n, first, last int) {
	for k := first; k < last; k += 4 {
		k := min(k, last-4)
		for r := 0; r < panel; r += 4 {
			from := panel*k + r
			x0, x1, x2, x3 := transpose4(at4(p, from), at4(p, from+panel), at4(p, from+2*panel), at4(p, from+3*panel))
			x0.Store(at4(g, r*n+k))
			x1.Store(at4(g, (r+1)*n+k))
			x2.Store(at4(g, (r+2)*n+k))
			x3.Store(at4(g, (r+3)*n+k))
		}
	}
}

// transpose4 returns the columns of four rows of four.
func transpose4(a0, a1, a2, a3 *[4]float64) (y0, y1, y2, y3 archsimd.Float64x4) {
	x0, x1, x2, x3 := load4(a0), load4(a1), load4(a2), load4(a3)
	z0, z2 := x0.SelectFromPairGrouped(0, 2, x1), x2.SelectFromPairGrouped(0, 2, x3) // x00 x10 x02 x12, x20 x30 x22 x32
	z1, z3 := x0.SelectFromPairGrouped(1, 3, x1), x2.SelectFromPairGrouped(1, 3, x3) // x01 x11 x03 x13, x21 x31 x23 x33
	return z0.Select128FromPair(0, 2, z2), z1.Select128FromPair(0, 2, z3), z0.Select128FromPair(1, 3, z2), z1.Select128FromPair(1, 3, z3)
}

// axpy2x4Vector does the first columns of axpy2x4, up to the last whole
// four, and returns their number (BP2, BP4). It calls the instructions
// themselves: with broadcast, load4 and at4 between, two of its numbers no longer stay
// in registers.
func axpy2x4Vector(c0, c1 []float64, p, q *[4]float64, b0, b1, b2, b3 []float64) int {
	switch {
	case !vectors:
		return 0
	case wide && len(c0) >= 8:
		return axpy2x4Wide(c0, c1, p, q, b0, b1, b2, b3)
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

// axpy2x4Wide is axpy2x4Vector with vectors of eight numbers.
func axpy2x4Wide(c0, c1 []float64, p, q *[4]float64, b0, b1, b2, b3 []float64) int {
	n := len(c0) &^ 7
	c0, c1, b0, b1, b2, b3 = c0[:n:n], c1[:n:n], b0[:n:n], b1[:n:n], b2[:n:n], b3[:n:n]
	p0, p1, p2, p3 := archsimd.BroadcastFloat64x8(p[0]), archsimd.BroadcastFloat64x8(p[1]), archsimd.BroadcastFloat64x8(p[2]), archsimd.BroadcastFloat64x8(p[3])
	q0, q1, q2, q3 := archsimd.BroadcastFloat64x8(q[0]), archsimd.BroadcastFloat64x8(q[1]), archsimd.BroadcastFloat64x8(q[2]), archsimd.BroadcastFloat64x8(q[3])
	for j := 0; j+8 <= n; j += 8 {
		x0, x1 := archsimd.LoadFloat64x8((*[8]float64)(b0[j:j+8:j+8])), archsimd.LoadFloat64x8((*[8]float64)(b1[j:j+8:j+8]))
		x2, x3 := archsimd.LoadFloat64x8((*[8]float64)(b2[j:j+8:j+8])), archsimd.LoadFloat64x8((*[8]float64)(b3[j:j+8:j+8]))
		d0, d1 := (*[8]float64)(c0[j:j+8:j+8]), (*[8]float64)(c1[j:j+8:j+8])
		s := archsimd.LoadFloat64x8(d0).Add(p0.Mul(x0)).Add(p1.Mul(x1)).Add(p2.Mul(x2)).Add(p3.Mul(x3))
		t := archsimd.LoadFloat64x8(d1).Add(q0.Mul(x0)).Add(q1.Mul(x1)).Add(q2.Mul(x2)).Add(q3.Mul(x3))
		s.Store(d0)
		t.Store(d1)
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// scaleSubVector does the first weights of scaleSub4, up to the last whole
// eight, and returns their number.
func scaleSubVector(w []float64, s, r float64, g []float64) int {
	if !vectors {
		return 0
	}
	n := len(w) &^ 7
	w, g = w[:n:n], g[:n:n]
	scale, rate := broadcast(s), broadcast(r)
	for k := 0; k+8 <= n; k += 8 {
		v, d := (*[8]float64)(w[k:k+8:k+8]), (*[8]float64)(g[k:k+8:k+8])
		v0, v1 := (*[4]float64)(v[0:4]), (*[4]float64)(v[4:8])
		scale.Mul(load4(v0)).Sub(rate.Mul(load4((*[4]float64)(d[0:4])))).Store(v0)
		scale.Mul(load4(v1)).Sub(rate.Mul(load4((*[4]float64)(d[4:8])))).Store(v1)
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// axpyVector does the first columns of axpy, up to the last whole four, and
// returns their number (BP2, BP4).
func axpyVector(c []float64, p float64, b []float64) int {
	if !vectors {
		return 0
	}
	n, factor := len(c)&^3, broadcast(p)
	c, b = c[:n:n], b[:n:n]
	for j := 0; j+4 <= n; j += 4 {
		d := (*[4]float64)(c[j : j+4 : j+4])
		load4(d).Add(factor.Mul(load4((*[4]float64)(b[j : j+4 : j+4])))).Store(d)
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// convolveVector does all of convolve, and returns the number of numbers, unless
// these are too few for vectors; then it does none (§3.6). The last sixteen may
// overlap those before.
func convolveVector(dst, line []float64, step int, gaussian []float64) int {
	n, middle := len(dst), (len(gaussian)-1)*step
	switch {
	case !vectors || n < 16:
		return 0
	case wide && n >= 32:
		convolveWide(dst, line, step, gaussian)
		return n
	}
	for i := 0; i < n; i += 16 {
		i := min(i, n-16)
		z, w := quadOf(at16(line, middle+i)), broadcast(gaussian[0])
		a, b, c, d := w.Mul(z.a), w.Mul(z.b), w.Mul(z.c), w.Mul(z.d)
		for t, left, right := 1, middle+i, middle+i; t < len(gaussian); t++ {
			left, right = left-step, right+step
			w, x, y := broadcast(gaussian[t]), quadOf(at16(line, left)), quadOf(at16(line, right))
			a, b = a.Add(w.Mul(x.a.Add(y.a))), b.Add(w.Mul(x.b.Add(y.b)))
			c, d = c.Add(w.Mul(x.c.Add(y.c))), d.Add(w.Mul(x.d.Add(y.d)))
		}
		quad{a, b, c, d}.store(at16(dst, i))
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// convolveWide is convolveVector with vectors of eight numbers (§3.6).
func convolveWide(dst, line []float64, step int, gaussian []float64) {
	n, middle := len(dst), (len(gaussian)-1)*step
	for i := 0; i < n; i += 32 {
		i := min(i, n-32)
		w, z := archsimd.BroadcastFloat64x8(gaussian[0]), at32(line, middle+i)
		a, b, c, d := w.Mul(load8(z, 0)), w.Mul(load8(z, 8)), w.Mul(load8(z, 16)), w.Mul(load8(z, 24))
		for t, left, right := 1, middle+i, middle+i; t < len(gaussian); t++ {
			left, right = left-step, right+step
			w, x, y := archsimd.BroadcastFloat64x8(gaussian[t]), at32(line, left), at32(line, right)
			a, b = a.Add(w.Mul(load8(x, 0).Add(load8(y, 0)))), b.Add(w.Mul(load8(x, 8).Add(load8(y, 8))))
			c, d = c.Add(w.Mul(load8(x, 16).Add(load8(y, 16)))), d.Add(w.Mul(load8(x, 24).Add(load8(y, 24))))
		}
		z = at32(dst, i)
		a.Store((*[8]float64)(z[0:8]))
		b.Store((*[8]float64)(z[8:16]))
		c.Store((*[8]float64)(z[16:24]))
		d.Store((*[8]float64)(z[24:32]))
	}
	archsimd.ClearAVXUpperBits()
}

// at32 returns the place of x[j] and the 31 numbers behind it.
func at32(x []float64, j int) *[32]float64 { return (*[32]float64)(x[j : j+32 : j+32]) }

// load8 returns eight of the numbers at a place, from i on.
func load8(x *[32]float64, i int) archsimd.Float64x8 {
	return archsimd.LoadFloat64x8((*[8]float64)(x[i : i+8]))
}

// refillVector makes the next 624 words of a generator's state eight at a time,
// as refill does, and reports whether it did (§3.6).
func refillVector(s *[624]uint32) bool {
	if !vectors {
		return false
	}
	const ahead, behind = 397, 624 - 397
	i := 0
	for ; i+8 <= behind; i += 8 {
		twist8(s, i, i+ahead)
	}
	for ; i < behind; i++ {
		s[i] = s[i+ahead] ^ twist(s[i], s[i+1])
	}
	for ; i+9 <= 624; i += 8 {
		twist8(s, i, i-behind)
	}
	for ; i < 623; i++ {
		s[i] = s[i-behind] ^ twist(s[i], s[i+1])
	}
	s[623] = s[396] ^ twist(s[623], s[0])
	archsimd.ClearAVXUpperBits()
	return true
}

// twist8 makes eight words of a state from those at i and at far (§3.6).
func twist8(s *[624]uint32, i, far int) {
	u, v := archsimd.LoadUint32x8((*[8]uint32)(s[i:i+8])), archsimd.LoadUint32x8((*[8]uint32)(s[i+1:i+9]))
	x := archsimd.LoadUint32x8((*[8]uint32)(s[far : far+8]))
	high, one, a := archsimd.BroadcastUint32x8(0x80000000), archsimd.BroadcastUint32x8(1), archsimd.BroadcastUint32x8(0x9908b0df)
	y := u.And(high).Or(v.AndNot(high))
	x.Xor(y.ShiftAllRight(1)).Xor(y.And(one).Mul(a)).Store((*[8]uint32)(s[i : i+8]))
}

// uniformVector does the first numbers of uniformShifts, up to the last whole
// eight, and returns their number (§3.6).
func uniformVector(row []float64, words []uint32) int {
	if !vectors {
		return 0
	}
	n := len(words) &^ 7
	row, words = row[:n:n], words[:n:n]
	b, c := archsimd.BroadcastUint32x8(0x9d2c5680), archsimd.BroadcastUint32x8(0xefc60000)
	half, scale := broadcast(0.5), broadcast(1./(1<<31))
	for i := 0; i+8 <= n; i += 8 {
		y := archsimd.LoadUint32x8((*[8]uint32)(words[i : i+8 : i+8]))
		y = y.Xor(y.ShiftAllRight(11))
		y = y.Xor(y.ShiftAllLeft(7).And(b))
		y = y.Xor(y.ShiftAllLeft(15).And(c))
		z := y.Xor(y.ShiftAllRight(18)).AsInt32x8()
		z.GetLo().ConvertToFloat64().Add(half).Mul(scale).Store(at4(row, i))
		z.GetHi().ConvertToFloat64().Add(half).Mul(scale).Store(at4(row, i+4))
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// nonzeroColumns returns a range of columns outside of which all rows of a are
// 0: the white margin of a mini-batch of images. It is no narrower than a
// vector, unless a itself is; of a dense matrix it is all columns.
func (a *Matrix) nonzeroColumns() (lo, hi int) {
	if a.Sparse == nil {
		return 0, a.Cols
	}
	lo, hi = a.Cols, 0
	for _, row := range a.Sparse {
		if n := len(row.Columns); n > 0 {
			lo, hi = min(lo, int(row.Columns[0])), max(hi, int(row.Columns[n-1])+1)
		}
	}
	if hi-lo < vectorLen {
		lo = max(0, min(lo, hi, a.Cols-vectorLen))
		hi = min(lo+vectorLen, a.Cols)
	}
	return lo, hi
}
