//go:build goexperiment.simd && amd64

package main

import "simd/archsimd"

// This file holds vector forms of the products and of the descent of matrix.go,
// for GOEXPERIMENT=simd go run . on processors with AVX2 or AVX-512: four or eight
// numbers at a time, each still multiplied, rounded and added in the order of the plain
// leaves, so that the bits are the same.
//
// A sum over k in order cannot be split over the elements of a vector, but
// sixteen columns of a product can: what they take from k stands side by side in
// row k of a panel. A dense product is made of tiles, three rows of it by the sixteen
// columns of a panel, whose sums stay in registers. With sparse rows the panel holds
// the weights of sixteen neurons, or their gradient, which grows in it.

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

// tileHeight is the number of rows of a tile: with two vectors of each that is what
// the compiler keeps in registers.
const tileHeight = 3

// mulTPanels is mulTRows by panels, of sixteen rows of b each.
func mulTPanels(t poolJob, u *buffer, lo, hi int) {
	c, a, b := t.c, t.a, t.b
	a.prefetch(u)
	first, last := a.nonzeroColumns()
	p := u.scratch(panel * b.Cols)
	for j := lo; j < hi; j += panel {
		packPanel(p, b, j, hi, first, last)
		if a.Sparse == nil {
			mulPanel(c, a, p, j, min(j+panel, hi))
			continue
		}
		for i, row := range a.Sparse {
			if hi-j >= panel {
				dotSparsePanel((*[panel]float64)(c.Row(i)[j:hi]), row, a.Values, p)
				continue
			}
			var z [panel]float64
			dotSparsePanel(&z, row, a.Values, p)
			copy(c.Row(i)[j:hi], z[:])
		}
	}
	archsimd.ClearAVXUpperBits() // plain code that follows would run slowly
}

// mulPanels sets columns lo to hi of c = a b, as mulRows sets rows of it (BP2).
func mulPanels(t poolJob, u *buffer, lo, hi int) {
	p := u.scratch(panel * t.b.Rows)
	for j := lo; j < hi; j += panel {
		end := min(j+panel, hi)
		copyPanel(p, t.b, j, end)
		mulPanel(t.c, t.a, p, j, end)
	}
	archsimd.ClearAVXUpperBits()
}

// tMulDensePanels is tMulRows by panels, for a dense b: the rows of BP4 for t.grain
// neurons are the product of their δ, a row each, and the activations b.
func tMulDensePanels(t poolJob, u *buffer, lo, hi int) {
	m, n := t.a.Rows, t.b.Cols
	for j := lo; j < hi; j += t.grain {
		rows := min(t.grain, hi-j)
		s := u.scratch(panel*m + rows*(m+n))
		p, s := s[:panel*m], s[panel*m:]
		delta, g := Matrix{Rows: rows, Cols: m, Data: s[:rows*m]}, Matrix{Rows: rows, Cols: n, Data: s[rows*m:]}
		for i := range m {
			for r, d := range t.a.Row(i)[j : j+rows] {
				delta.Data[r*m+i] = d
			}
		}
		for k := 0; k < n; k += panel {
			end := min(k+panel, n)
			copyPanel(p, t.b, k, end)
			mulPanel(&g, &delta, p, k, end)
		}
		archsimd.ClearAVXUpperBits()
		for r := range rows {
			t.emit.TakeRow(j+r, g.Row(r))
		}
	}
}

// mulPanel sets columns j to hi, sixteen at most, of c = a b, tile by tile. The
// panel p holds these columns of b: a is m×k, p k×16, c as high as a. Where fewer rows than a tile's are left, the last one fills the places.
func mulPanel(c, a *Matrix, p []float64, j, hi int) {
	var edge [tileHeight][panel]float64 // a tile that reaches beyond hi
	for i := 0; i < a.Rows; i += tileHeight {
		i1, i2 := min(i+1, a.Rows-1), min(i+2, a.Rows-1)
		z0, z1, z2 := &edge[0], &edge[1], &edge[2]
		if hi-j == panel {
			z0, z1, z2 = (*[panel]float64)(c.Row(i)[j:hi]), (*[panel]float64)(c.Row(i1)[j:hi]), (*[panel]float64)(c.Row(i2)[j:hi])
		}
		if wide {
			mulTileWide(z0, z1, z2, a.Row(i), a.Row(i1), a.Row(i2), p)
		} else {
			mulTile(z0, z1, z2, a.Row(i), a.Row(i1), a.Row(i2), p)
		}
		if hi-j < panel {
			copy(c.Row(i)[j:hi], z0[:])
			copy(c.Row(i1)[j:hi], z1[:])
			copy(c.Row(i2)[j:hi], z2[:])
		}
	}
}

// mulTileWide sets a tile: z_i[r] is the sum of x_i[k] p[16k+r] over k. It calls
// the instructions themselves: with load4 and its like between, its numbers no longer
// stay in registers.
func mulTileWide(z0, z1, z2 *[panel]float64, x0, x1, x2, p []float64) {
	x1, x2 = x1[:len(x0)], x2[:len(x0)] // ends the checks of bounds
	var s0, t0, s1, t1, s2, t2 archsimd.Float64x8
	for k, x := range x0 {
		w := (*[panel]float64)(p[panel*k : panel*k+panel : panel*k+panel])
		v, w0, w1 := archsimd.BroadcastFloat64x8(x), archsimd.LoadFloat64x8((*[8]float64)(w[0:8])), archsimd.LoadFloat64x8((*[8]float64)(w[8:16]))
		s0, t0 = s0.Add(v.Mul(w0)), t0.Add(v.Mul(w1))
		v = archsimd.BroadcastFloat64x8(x1[k])
		s1, t1 = s1.Add(v.Mul(w0)), t1.Add(v.Mul(w1))
		v = archsimd.BroadcastFloat64x8(x2[k])
		s2, t2 = s2.Add(v.Mul(w0)), t2.Add(v.Mul(w1))
	}
	s0.Store((*[8]float64)(z0[0:8]))
	t0.Store((*[8]float64)(z0[8:16]))
	s1.Store((*[8]float64)(z1[0:8]))
	t1.Store((*[8]float64)(z1[8:16]))
	s2.Store((*[8]float64)(z2[0:8]))
	t2.Store((*[8]float64)(z2[8:16]))
}

// mulTile is mulTileWide with vectors of four numbers: the one half of the columns,
// then the other.
func mulTile(z0, z1, z2 *[panel]float64, x0, x1, x2, p []float64) {
	x1, x2 = x1[:len(x0)], x2[:len(x0)] // ends the checks of bounds
	for r := 0; r < panel; r += 8 {
		var s0, t0, s1, t1, s2, t2 archsimd.Float64x4
		for k, x := range x0 {
			i := panel*k + r
			w := (*[8]float64)(p[i : i+8 : i+8])
			v, w0, w1 := archsimd.BroadcastFloat64x4(x), archsimd.LoadFloat64x4((*[4]float64)(w[0:4])), archsimd.LoadFloat64x4((*[4]float64)(w[4:8]))
			s0, t0 = s0.Add(v.Mul(w0)), t0.Add(v.Mul(w1))
			v = archsimd.BroadcastFloat64x4(x1[k])
			s1, t1 = s1.Add(v.Mul(w0)), t1.Add(v.Mul(w1))
			v = archsimd.BroadcastFloat64x4(x2[k])
			s2, t2 = s2.Add(v.Mul(w0)), t2.Add(v.Mul(w1))
		}
		s0.Store(at4(z0[:], r))
		t0.Store(at4(z0[:], r+4))
		s1.Store(at4(z1[:], r))
		t1.Store(at4(z1[:], r+4))
		s2.Store(at4(z2[:], r))
		t2.Store(at4(z2[:], r+4))
	}
}

// dotSparsePanel sets z[r] = w_r·x for the sixteen neurons of a panel and a sparse
// row x, as dotSparse5 does for five.
func dotSparsePanel(z *[panel]float64, x SparseRow, values *[256]float64, p []float64) {
	if wide {
		dotSparseWide(z, x, values, p)
		return
	}
	var s quad
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, column := range x.Columns {
		k := panel * int(column)
		s = s.mulAdd(values[value[i]], quadOf((*[panel]float64)(p[k:k+panel:k+panel])))
	}
	s.store(z)
}

// dotSparseWide is dotSparsePanel with vectors of eight numbers.
func dotSparseWide(z *[panel]float64, x SparseRow, values *[256]float64, p []float64) {
	var s, t archsimd.Float64x8
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, column := range x.Columns {
		k := panel * int(column)
		v, w := archsimd.BroadcastFloat64x8(values[value[i]]), (*[panel]float64)(p[k:k+panel:k+panel])
		s = s.Add(v.Mul(archsimd.LoadFloat64x8((*[8]float64)(w[0:8]))))
		t = t.Add(v.Mul(archsimd.LoadFloat64x8((*[8]float64)(w[8:16]))))
	}
	s.Store((*[8]float64)(z[0:8]))
	t.Store((*[8]float64)(z[8:16]))
}

// tMulSparsePanels is tMulRows by panels, for a b with sparse rows (BP4).
func tMulSparsePanels(t poolJob, u *buffer, lo, hi int) {
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
	if wide {
		outerSparseWide(p, d, x, values)
		return
	}
	delta := quadOf(d)
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, column := range x.Columns {
		k := panel * int(column)
		g := (*[panel]float64)(p[k : k+panel : k+panel])
		quadOf(g).mulAdd(values[value[i]], delta).store(g)
	}
}

// outerSparseWide is outerSparsePanel with vectors of eight numbers (BP4).
func outerSparseWide(p []float64, d *[panel]float64, x SparseRow, values *[256]float64) {
	d0, d1 := archsimd.LoadFloat64x8((*[8]float64)(d[0:8])), archsimd.LoadFloat64x8((*[8]float64)(d[8:16]))
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, column := range x.Columns {
		k := panel * int(column)
		v, g := archsimd.BroadcastFloat64x8(values[value[i]]), (*[panel]float64)(p[k:k+panel:k+panel])
		g0, g1 := (*[8]float64)(g[0:8]), (*[8]float64)(g[8:16])
		archsimd.LoadFloat64x8(g0).Add(v.Mul(d0)).Store(g0)
		archsimd.LoadFloat64x8(g1).Add(v.Mul(d1)).Store(g1)
	}
}

// copyPanel brings columns j to hi of b, sixteen at most, into a panel; 0 fills
// the places of those that are missing.
func copyPanel(p []float64, b *Matrix, j, hi int) {
	for k := range b.Rows {
		row := (*[panel]float64)(p[panel*k : panel*k+panel])
		if hi-j == panel {
			quadOf((*[panel]float64)(b.Row(k)[j:hi])).store(row)
		} else {
			clear(row[copy(row[:], b.Row(k)[j:hi]):])
		}
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
