package main

import (
	"fmt"
	"slices"
)

// This file holds the matrix routines of §2.1 and §2.2: three products, the
// Hadamard product and its friends. It knows nothing of neurons; comments say
// which equation each routine serves (Eq. 19 is the article's number, book
// Eq. 25 the online book's).
//
// Every element of a product is the sum of its terms in increasing order of
// the summation index, each term rounded before it is added: float64(x*y), so
// that no compiler may fuse the two. The bits are therefore those of the
// naive triple loop, on any number of cores and any architecture; blocks,
// tiles and skipped zeros change only the speed.
//
// What is blocked, and why: an operand that passes by again and again should still be
// in the second-level cache, some hundred KiB. So Mul takes b in blocks, MulT the rows
// of a, and TMul makes more rows in a pass over b. A training's mini-batches are smaller
// than that; their products are tiled for the registers (tileRows, axpy2x4).
// BenchmarkBlocking measures both, at 512×512 and 2048×2048.
//
// For a first reading, Matrix and the comments of MulT, Mul, TMul and TMulEach
// are enough. The kernels below each of them say how they are made fast.

// A Matrix is a row-major matrix of float64, like w in §2.1. Its rows are
// stored dense, in Data, or sparse, in Sparse; the other field is nil.
type Matrix struct {
	Rows, Cols int
	Data       []float64     // row i is Data[i*Cols : (i+1)*Cols]
	Sparse     []SparseRow   // the nonzero elements of each row
	Values     *[256]float64 // what the bytes of sparse rows stand for; Values[0] is 0
}

// A SparseRow holds the nonzero elements of a row: that of column Columns[i]
// is Values[Bytes[i]]. Columns increases. Products skip all other columns.
type SparseRow struct {
	Columns []uint16
	Bytes   []byte
}

// NewMatrix returns a rows×cols matrix of zeros (§2.1).
func NewMatrix(rows, cols int) *Matrix {
	return &Matrix{Rows: rows, Cols: cols, Data: make([]float64, rows*cols)}
}

// NewSparseMatrix returns a rows×cols matrix of sparse rows, all empty, whose
// bytes stand for values. It is the x of Eq. 19 (book Eq. 25): four in five
// pixels of a digit are 0.
func NewSparseMatrix(rows, cols int, values *[256]float64) *Matrix {
	return &Matrix{Rows: rows, Cols: cols, Sparse: make([]SparseRow, rows), Values: values}
}

// Row returns row i of a dense matrix, not a copy: in a matrix of weights wˡ,
// the weights into neuron i (§2.1). It panics if the rows are sparse.
func (a *Matrix) Row(i int) []float64 {
	if a.Data == nil {
		panic("matrix: Row of a matrix with sparse rows; At reads its elements")
	}
	return a.Data[i*a.Cols : (i+1)*a.Cols : (i+1)*a.Cols]
}

// At returns the element in row j and column k; in a matrix of weights it is
// w_jk, the weight from neuron k to neuron j (§2.1, Figure 14).
func (a *Matrix) At(j, k int) float64 {
	if a.Sparse == nil {
		return a.Row(j)[k]
	}
	row := a.Sparse[j]
	if i, ok := slices.BinarySearch(row.Columns, uint16(k)); ok {
		return a.Values[row.Bytes[i]]
	}
	return 0
}

// setRows makes a matrix shorter or longer within its first size, for the short
// last mini-batch of an epoch; serves Eq. 17 (book Eq. 20).
func (a *Matrix) setRows(rows int) {
	a.Rows = rows
	if a.Sparse != nil {
		a.Sparse = a.Sparse[:rows]
	} else {
		a.Data = a.Data[:rows*a.Cols]
	}
}

// prefetch reads one element of each cache line of the sparse rows, so that
// they come from memory all at once; a product would wait for one row after the
// other. Serves Eq. 19 (book Eq. 25).
func (a *Matrix) prefetch(u *buffer) {
	const line = 64 // bytes
	for i := range a.Sparse {
		row := &a.Sparse[i]
		for k := 0; k < len(row.Columns); k += line / 2 {
			u.sink += int(row.Columns[k])
		}
		for k := 0; k < len(row.Bytes); k += line {
			u.sink += int(row.Bytes[k])
		}
	}
}

// Hadamard sets c = a ⊙ b, the elementwise product of Eq. 20 (book Eq. 28).
// All three have the same shape; c may be a or b. Other shapes panic.
func (c *Matrix) Hadamard(a, b *Matrix) {
	if a.Rows != b.Rows || a.Cols != b.Cols || c.Rows != a.Rows || c.Cols != a.Cols {
		panic(fmt.Sprintf("matrix: %v = a ⊙ b with a %v, b %v", c, a, b))
	}
	x, y := a.Data, b.Data
	for i := range c.Data {
		c.Data[i] = x[i] * y[i]
	}
}

// Apply sets c = f(a), element by element: the vectorized σ of Eq. 19 (book
// Eq. 25). Both have the same shape; other shapes panic.
func (c *Matrix) Apply(f func(float64) float64, a *Matrix) {
	if c.Rows != a.Rows || c.Cols != a.Cols {
		panic(fmt.Sprintf("matrix: %v = f(a) with a %v", c, a))
	}
	const work = 32 // multiply-adds that take as long as an exponential
	parallelRows(poolJob{kernel: applyRows, grain: 4, c: c, a: a, apply: f}, c.Rows, work*c.Cols)
}

// applyRows sets rows lo to hi of c = f(a) (Eq. 19).
func applyRows(t poolJob, _ *buffer, lo, hi int) {
	c, a := t.c.Data[lo*t.c.Cols:hi*t.c.Cols], t.a.Data[lo*t.c.Cols:]
	for i := range c {
		c[i] = t.apply(a[i])
	}
}

// AddRow adds the vector v to each row of c: the + b of Eq. 19 (book Eq. 25)
// for a whole mini-batch. A v that is not as long as a row panics.
func (c *Matrix) AddRow(v []float64) {
	if len(v) != c.Cols {
		panic(fmt.Sprintf("matrix: %v + a row of %d", c, len(v)))
	}
	for i := range c.Rows {
		row := c.Row(i)
		for j := range row {
			row[j] += v[j]
		}
	}
}

// SumRows sets v to the sum of the rows of a, from the first to the last: BP3
// over a mini-batch, where row x is the error of example x. A v that is not as
// long as a row panics.
func (a *Matrix) SumRows(v []float64) {
	if len(v) != a.Cols {
		panic(fmt.Sprintf("matrix: rows of %v summed into %d", a, len(v)))
	}
	clear(v)
	for i := range a.Rows {
		for j, x := range a.Row(i) {
			v[j] += x
		}
	}
}

// String returns the shape of a in the notation of §2.1, e.g. 10×30.
func (a *Matrix) String() string {
	return fmt.Sprintf("%d×%d", a.Rows, a.Cols)
}

// A poolJob is one product on its way through the pool. Its rows are those of
// the result or of the weights.
type poolJob struct {
	kernel  func(t poolJob, u *buffer, lo, hi int) // does rows lo to hi
	grain   int                                    // rows of a group
	c, a, b *Matrix
	emit    RowTaker // of TMulEach
	apply   func(float64) float64
}

// A buffer is a worker's scratch memory. It grows as needed and is used again.
type buffer struct {
	x    []float64
	sink int // keeps the compiler from leaving out prefetch
	_    cacheLine
}

// scratch returns n numbers of the buffer, of any values; serves BP4.
func (u *buffer) scratch(n int) []float64 {
	if len(u.x) < n {
		u.x = make([]float64, n)
	}
	return u.x[:n:n]
}

// tileRows is the number of rows of weights that the plain kernels serve at a time:
// five running sums of Eq. 18 (book Eq. 23) fit into the registers, and hide
// the latency of an addition. panel is that of the vector kernels, and
// vectorLen the number of elements of a vector there: no row may be shorter.
const (
	tileRows  = 5
	panel     = 16
	vectorLen = 4
)

// MulT sets c = a bᵀ. Row i of c holds the inner products of row i of a with
// every row of b, so z.MulT(a, w) is w aˡ⁻¹ of Eq. 19 (book Eq. 25) for a
// whole mini-batch.
//
// a is m×k, b is n×k, c is m×n and neither of them; other shapes panic.
func (c *Matrix) MulT(a, b *Matrix) {
	if a.Cols != b.Cols || c.Rows != a.Rows || c.Cols != b.Rows {
		panic(fmt.Sprintf("matrix: %v = a bᵀ with a %v, b %v", c, a, b))
	}
	t := poolJob{kernel: mulTRows, grain: tileRows, c: c, a: a, b: b}
	if vectors && b.Cols >= vectorLen {
		t.kernel, t.grain = mulTPanels, panel
	}
	parallelRows(t, b.Rows, a.Rows*a.Cols)
}

// mulTRows sets columns lo to hi of c = a bᵀ (Eq. 19; book Eq. 25): each row of
// a is read once for five rows of b, which stay in the cache meanwhile. Where
// fewer than five rows of b are left, the last one fills the empty places.
func mulTRows(t poolJob, u *buffer, lo, hi int) {
	c, a, b := t.c, t.a, t.b
	a.prefetch(u)
	for i0 := 0; i0 < a.Rows; i0 += blockI {
		for j := lo; j < hi; j += tileRows {
			last := hi - 1
			b0, b1, b2, b3, b4 := b.Row(j), b.Row(min(j+1, last)), b.Row(min(j+2, last)), b.Row(min(j+3, last)), b.Row(min(j+4, last))
			for i := i0; i < min(i0+blockI, a.Rows); i++ {
				var z [tileRows]float64
				if a.Sparse != nil {
					z[0], z[1], z[2], z[3], z[4] = dotSparse5(a.Sparse[i], a.Values, b0, b1, b2, b3, b4)
				} else {
					z[0], z[1], z[2], z[3], z[4] = dot5(a.Row(i), b0, b1, b2, b3, b4)
				}
				copy(c.Row(i)[j:hi], z[:])
			}
		}
	}
}

// dot5 returns z_r = w_r·x for five neurons, the sum of Eq. 18:
//
//	for k := range x { z_r += w_r[k] * x[k] }
func dot5(x, w0, w1, w2, w3, w4 []float64) (z0, z1, z2, z3, z4 float64) {
	n := len(x)
	w0, w1, w2, w3, w4 = w0[:n], w1[:n], w2[:n], w3[:n], w4[:n] // ends the checks of bounds
	for k, xk := range x {
		z0 += float64(w0[k] * xk)
		z1 += float64(w1[k] * xk)
		z2 += float64(w2[k] * xk)
		z3 += float64(w3[k] * xk)
		z4 += float64(w4[k] * xk)
	}
	return z0, z1, z2, z3, z4
}

// dotSparse5 is dot5 for a sparse row x (Eq. 18; book Eq. 23). Leaving out a
// term that is 0 changes no bit of a sum, as long as the weights are finite.
func dotSparse5(x SparseRow, values *[256]float64, w0, w1, w2, w3, w4 []float64) (z0, z1, z2, z3, z4 float64) {
	n := len(w0)
	w1, w2, w3, w4 = w1[:n], w2[:n], w3[:n], w4[:n] // one check of k serves all
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, k := range x.Columns {
		if int(k) >= n {
			break
		}
		xk := values[value[i]]
		z0 += float64(w0[k] * xk)
		z1 += float64(w1[k] * xk)
		z2 += float64(w2[k] * xk)
		z3 += float64(w3[k] * xk)
		z4 += float64(w4[k] * xk)
	}
	return z0, z1, z2, z3, z4
}

// Mul sets c = a b, so delta.Mul(delta_{l+1}, w_{l+1}) is (wˡ⁺¹)ᵀ δˡ⁺¹ of BP2
// for a whole mini-batch.
//
// a is m×k, b is k×n, c is m×n and neither of them; other shapes panic.
func (c *Matrix) Mul(a, b *Matrix) {
	if a.Cols != b.Rows || c.Rows != a.Rows || c.Cols != b.Cols {
		panic(fmt.Sprintf("matrix: %v = a b with a %v, b %v", c, a, b))
	}
	if vectors {
		parallelRows(poolJob{kernel: mulPanels, grain: panel, c: c, a: a, b: b}, b.Cols, a.Rows*a.Cols)
		return
	}
	parallelRows(poolJob{kernel: mulRows, grain: 8, c: c, a: a, b: b}, a.Rows, a.Cols*b.Cols)
}

// Sizes of the blocks: 64 rows of 256 numbers of b in Mul (BP2), 128 KiB, which scalar
// code reads as fast as it computes; 128 rows of a in MulT.
const blockK, blockJ, blockI = 64, 256, 128

// mulRows sets rows lo to hi of c = a b, block by block of b; within a block
// each element of c still gets its terms in increasing k (BP2).
func mulRows(t poolJob, _ *buffer, lo, hi int) {
	c, a, b := t.c, t.a, t.b
	clear(c.Data[lo*c.Cols : hi*c.Cols])
	for j0 := 0; j0 < b.Cols; j0 += blockJ {
		j1 := min(j0+blockJ, b.Cols)
		for k0 := 0; k0 < b.Rows; k0 += blockK {
			k1 := min(k0+blockK, b.Rows)
			i := lo
			for ; i+2 <= hi; i += 2 {
				c0, c1 := c.Row(i)[j0:j1], c.Row(i + 1)[j0:j1]
				a0, a1 := a.Row(i), a.Row(i+1)
				k := k0
				for ; k+4 <= k1; k += 4 {
					axpy2x4(c0, c1, (*[4]float64)(a0[k:]), (*[4]float64)(a1[k:]),
						b.Row(k)[j0:j1], b.Row(k + 1)[j0:j1], b.Row(k + 2)[j0:j1], b.Row(k + 3)[j0:j1])
				}
				for ; k < k1; k++ {
					axpy(c0, a0[k], b.Row(k)[j0:j1])
					axpy(c1, a1[k], b.Row(k)[j0:j1])
				}
			}
			for ; i < hi; i++ {
				for k := k0; k < k1; k++ {
					axpy(c.Row(i)[j0:j1], a.At(i, k), b.Row(k)[j0:j1])
				}
			}
		}
	}
}

// axpy adds a multiple of b to c, one term of BP2 or BP4 for a row of c:
//
//	for j := range c { c[j] += p * b[j] }
func axpy(c []float64, p float64, b []float64) {
	b = b[:len(c)] // ends the checks of bounds
	for j := axpyVector(c, p, b); j < len(c); j++ {
		c[j] += float64(p * b[j])
	}
}

// axpy2x4 adds four multiples of rows to each of two rows, in order
// (four terms of BP2 or BP4 for two rows of c):
//
//	for r := range 4 { axpy(c0, p[r], b_r); axpy(c1, q[r], b_r) }
func axpy2x4(c0, c1 []float64, p, q *[4]float64, b0, b1, b2, b3 []float64) {
	n := len(c0)
	c1, b0, b1, b2, b3 = c1[:n], b0[:n], b1[:n], b2[:n], b3[:n] // ends the checks of bounds
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	q0, q1, q2, q3 := q[0], q[1], q[2], q[3]
	for j := range n {
		x := b0[j]
		s, t := c0[j]+float64(p0*x), c1[j]+float64(q0*x)
		x = b1[j]
		s, t = s+float64(p1*x), t+float64(q1*x)
		x = b2[j]
		s, t = s+float64(p2*x), t+float64(q2*x)
		x = b3[j]
		c0[j], c1[j] = s+float64(p3*x), t+float64(q3*x)
	}
}

// TMul sets c = aᵀ b, so nablaW.TMul(delta, a) is BP4 summed over a
// mini-batch: element jk is the sum over the examples of δ_j a_k.
//
// a is m×n, b is m×k, c is n×k and neither of them; other shapes panic.
func (c *Matrix) TMul(a, b *Matrix) {
	if c.Rows != a.Cols || c.Cols != b.Cols {
		panic(fmt.Sprintf("matrix: %v = aᵀ b with a %v, b %v", c, a, b))
	}
	TMulEach(a, b, c)
}

// A RowTaker is handed the rows of a product, each once.
type RowTaker interface {
	TakeRow(j int, row []float64) // must not keep row
}

// TakeRow keeps row j of aᵀ b, in TMul: the row of BP4 that holds the gradient
// of neuron j.
func (c *Matrix) TakeRow(j int, row []float64) {
	copy(c.Row(j), row)
}

// TMulEach hands every row j of aᵀ b to r while the row is still in the cache,
// and never stores the whole product: step 6 of the algorithm of §2.4 uses up
// each row of BP4 at once. Rows come from several goroutines and in any order;
// r must not change a or b.
//
// a is m×n, b is m×k; a row has k elements. Other shapes panic.
func TMulEach(a, b *Matrix, r RowTaker) {
	if a.Rows != b.Rows {
		panic(fmt.Sprintf("matrix: aᵀ b with a %v, b %v", a, b))
	}
	t := poolJob{kernel: tMulRows, grain: tileRows, a: a, b: b, emit: r}
	switch {
	case b.Sparse == nil && vectors:
		t.kernel, t.grain = tMulDensePanels, 6
		if a.Cols >= blockJ {
			t.grain = 51
		}
	case b.Sparse == nil && a.Cols >= blockJ:
		t.grain = 32
	case b.Sparse == nil:
		t.grain = 4 // two pairs of rows for axpy2x4
	case vectors && b.Cols >= vectorLen:
		t.kernel, t.grain = tMulSparsePanels, panel
	}
	parallelRows(t, a.Cols, b.Rows*b.Cols)
}

// tMulRows makes rows lo to hi of aᵀ b in the buffer, a few at a time, and
// emits them (BP4).
func tMulRows(t poolJob, u *buffer, lo, hi int) {
	a, b := t.a, t.b
	n := b.Cols
	g := u.scratch(t.grain * n)
	for j := lo; j < hi; j += t.grain {
		rows := min(t.grain, hi-j)
		clear(g)
		if b.Sparse != nil {
			for i := range a.Rows {
				var d [tileRows]float64 // 0 where fewer rows are left
				copy(d[:], a.Row(i)[j:hi])
				outerSparse5(g, &d, b.Sparse[i], b.Values)
			}
		} else {
			outerRows(g, a, b, j, rows)
		}
		for r := range rows {
			t.emit.TakeRow(j+r, g[r*n:(r+1)*n])
		}
	}
}

// outerRows adds rows j to j+rows of aᵀ b to g: BP4 for a few neurons and all
// examples of the mini-batch, four examples at a time.
func outerRows(g []float64, a, b *Matrix, j, rows int) {
	n := b.Cols
	i := 0
	for ; i+4 <= a.Rows; i += 4 {
		a0, a1, a2, a3 := a.Row(i)[j:j+rows], a.Row(i + 1)[j:j+rows], a.Row(i + 2)[j:j+rows], a.Row(i + 3)[j:j+rows]
		b0, b1, b2, b3 := b.Row(i), b.Row(i+1), b.Row(i+2), b.Row(i+3)
		r := 0
		for ; r+2 <= rows; r += 2 {
			p0, p1 := [4]float64{a0[r], a1[r], a2[r], a3[r]}, [4]float64{a0[r+1], a1[r+1], a2[r+1], a3[r+1]}
			axpy2x4(g[r*n:(r+1)*n], g[(r+1)*n:(r+2)*n], &p0, &p1, b0, b1, b2, b3)
		}
		for ; r < rows; r++ {
			for x := i; x < i+4; x++ {
				axpy(g[r*n:(r+1)*n], a.Row(x)[j+r], b.Row(x))
			}
		}
	}
	for ; i < a.Rows; i++ {
		for r := range rows {
			axpy(g[r*n:(r+1)*n], a.Row(i)[j+r], b.Row(i))
		}
	}
}

// outerSparse5 adds d[r] x to the five rows of g, one example's term of BP4 for
// five neurons, for a sparse row x:
//
//	for r := range d { axpy(g_r, d[r], x) }
func outerSparse5(g []float64, d *[tileRows]float64, x SparseRow, values *[256]float64) {
	n := len(g) / tileRows
	g0, g1, g2, g3, g4 := g[:n], g[n:][:n], g[2*n:][:n], g[3*n:][:n], g[4*n:][:n] // one check of k serves all
	d0, d1, d2, d3, d4 := d[0], d[1], d[2], d[3], d[4]
	value := x.Bytes[:len(x.Columns)]
	_ = values[0] // ends the checks for nil
	for i, k := range x.Columns {
		if int(k) >= n {
			break
		}
		xk := values[value[i]]
		g0[k] += float64(d0 * xk)
		g1[k] += float64(d1 * xk)
		g2[k] += float64(d2 * xk)
		g3[k] += float64(d3 * xk)
		g4[k] += float64(d4 * xk)
	}
}

// scaleSub4 sets w = s w - r g for the first weights, four at a time, and
// returns their number, len(w) rounded down to a multiple of 4. It is the
// unrolled leaf of Eq. 46 (book Eq. 93):
//
//	for k := range w { w[k] = s*w[k] - r*g[k] }
func scaleSub4(w []float64, s, r float64, g []float64) int {
	g = g[:len(w)]
	k := scaleSubVector(w, s, r, g)
	for ; k+4 <= len(w); k += 4 {
		v, d := (*[4]float64)(w[k:k+4]), (*[4]float64)(g[k:k+4])
		v[0] = float64(s*v[0]) - float64(r*d[0])
		v[1] = float64(s*v[1]) - float64(r*d[1])
		v[2] = float64(s*v[2]) - float64(r*d[2])
		v[3] = float64(s*v[3]) - float64(r*d[3])
	}
	return k
}
