package main

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// This file holds the matrix routines that §2.1 and §2.2 ask for: three
// products, the Hadamard product, and the helper that spreads their rows over
// the cores. It knows nothing of neurons.
//
// Every element of a product is the sum of its terms in increasing order of
// the summation index, each term rounded before it is added: float64(x*y), so
// that no compiler may fuse the two. The bits are therefore those of the
// naive triple loop, on any number of cores and any architecture; blocks,
// tiles and skipped zeros change only the speed.
//
// For a first reading, Matrix and the comments of MulT, Mul, TMul and TMulEach
// are enough: they say what the products are, and the kernels below each of
// them only how they are made fast. All from job to the end of the file is the
// crew, which shares the work among the cores; nothing of the text is in it.

// A Matrix is a row-major matrix of float64, as the w of §2.1.
type Matrix struct {
	Rows, Cols int
	Data       []float64 // row i is Data[i*Cols : (i+1)*Cols]

	// Ink holds, where the rows are images, those pixels of each that are not
	// white, about one in five. Such a matrix needs no Data, and products with
	// it skip the zeros.
	Ink []Ink
}

// Ink is the part of an image that is not white (§1.5): element At[i] of the
// row is greys[Grey[i]]; At increases. Images stay in the form in which the
// data hold them, three bytes a pixel, so that a mini-batch copies nothing.
type Ink struct {
	At   []uint16
	Grey []byte
}

// greys are the numbers that stand for the 256 grey values, white 0 to black
// 255/256 (§1.5). The book's data file divides by 256, not by 255, and §3.4's
// curves come out digit for digit only so.
var greys = func() (x [256]float64) {
	for p := range x {
		x[p] = float64(p) / 256
	}
	return x
}()

// NewMatrix returns a rows×cols matrix of zeros (§2.1).
func NewMatrix(rows, cols int) *Matrix {
	return &Matrix{Rows: rows, Cols: cols, Data: make([]float64, rows*cols)}
}

// Row returns row i, not a copy: in a matrix of weights wˡ, the weights into
// neuron i (§2.1).
func (a *Matrix) Row(i int) []float64 {
	return a.Data[i*a.Cols : (i+1)*a.Cols : (i+1)*a.Cols]
}

// At returns the element in row j and column k; for a matrix of weights it is
// w_jk, the weight from neuron k to neuron j (§2.1, Figure 14).
func (a *Matrix) At(j, k int) float64 {
	if a.Data != nil {
		return a.Row(j)[k]
	}
	if i, ok := slices.BinarySearch(a.Ink[j].At, uint16(k)); ok {
		return greys[a.Ink[j].Grey[i]]
	}
	return 0
}

// setRows makes a matrix shorter or longer within its first size, for the last
// mini-batch of an epoch, which may have fewer examples (Eq. 17).
func (a *Matrix) setRows(rows int) {
	a.Rows = rows
	if a.Ink != nil {
		a.Ink = a.Ink[:rows]
	}
	if a.Data != nil {
		a.Data = a.Data[:rows*a.Cols]
	}
}

// inked returns a range of columns outside of which all rows of a are 0: what
// lies outside is the white margin of all images of a mini-batch (§1.5). It is no
// narrower than a vector, unless a itself is. Without Ink it is all columns.
func (a *Matrix) inked() (lo, hi int) {
	if a.Ink == nil {
		return 0, a.Cols
	}
	lo, hi = a.Cols, 0
	for _, ink := range a.Ink {
		if n := len(ink.At); n > 0 {
			lo, hi = min(lo, int(ink.At[0])), max(hi, int(ink.At[n-1])+1)
		}
	}
	if hi-lo < lanes {
		lo = max(0, min(lo, hi, a.Cols-lanes))
		hi = min(lo+lanes, a.Cols)
	}
	return lo, hi
}

// touch reads a number of each cache line of the ink, so that all of it is on
// its way from memory at once; a walk would wait for one image after the other
// (§1.5).
func (a *Matrix) touch(u *buffer) {
	const line = 64 // bytes
	for i := range a.Ink {
		ink := &a.Ink[i]
		for k := 0; k < len(ink.At); k += line / 2 {
			u.touched += int(ink.At[k])
		}
		for k := 0; k < len(ink.Grey); k += line {
			u.touched += int(ink.Grey[k])
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
	const work = 32 // an exponential is worth so many multiply-adds
	share(job{kernel: applyRows, grain: 4, c: c, a: a, apply: f}, c.Rows, work*c.Cols)
}

// applyRows sets rows lo to hi of c = f(a) (Eq. 19).
func applyRows(t job, _ *buffer, lo, hi int) {
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

// String returns the shape as the panics of this file print it, 10×30 (§2.1).
func (a *Matrix) String() string {
	return fmt.Sprintf("%d×%d", a.Rows, a.Cols)
}

// walk is how many rows of weights one walk over a row of inputs serves: five
// running sums fit into the registers, and hide the time that an addition
// takes (Eq. 18, five neurons j at a time).
const walk = 5

// panel is how many rows of weights the kernels of matrix_simd.go serve at a
// time, lanes how many numbers a vector has there: rows must not be shorter
// (Eq. 18).
const (
	panel = 16
	lanes = 4
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
	t := job{kernel: mulTRows, grain: walk, c: c, a: a, b: b}
	if vectors && b.Cols >= lanes {
		t.kernel, t.grain = mulTPanels, panel
	}
	share(t, b.Rows, a.Rows*a.Cols)
}

// mulTRows sets columns lo to hi of c = a bᵀ, one walk over each row of a for
// five rows of b, which stay in the cache meanwhile (Eq. 19). Where fewer than
// five rows of b are left, the last one fills the empty places.
func mulTRows(t job, u *buffer, lo, hi int) {
	c, a, b := t.c, t.a, t.b
	a.touch(u)
	for j := lo; j < hi; j += walk {
		last := hi - 1
		b0, b1, b2, b3, b4 := b.Row(j), b.Row(min(j+1, last)), b.Row(min(j+2, last)), b.Row(min(j+3, last)), b.Row(min(j+4, last))
		for i := range a.Rows {
			var z [walk]float64
			if a.Ink != nil {
				z[0], z[1], z[2], z[3], z[4] = dotInk5(a.Ink[i], b0, b1, b2, b3, b4)
			} else {
				z[0], z[1], z[2], z[3], z[4] = dot5(a.Row(i), b0, b1, b2, b3, b4)
			}
			copy(c.Row(i)[j:hi], z[:])
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

// dotInk5 is dot5 for an x of which the ink is known (Eq. 18). To leave out a
// term that is 0 changes no bit of a sum, as long as the weights are finite.
func dotInk5(ink Ink, w0, w1, w2, w3, w4 []float64) (z0, z1, z2, z3, z4 float64) {
	n := len(w0)
	w1, w2, w3, w4 = w1[:n], w2[:n], w3[:n], w4[:n] // one check of k serves all
	grey := ink.Grey[:len(ink.At)]
	for i, k := range ink.At {
		if int(k) >= n {
			break
		}
		xk := greys[grey[i]]
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
	share(job{kernel: mulRows, grain: 8, c: c, a: a, b: b}, a.Rows, a.Cols*b.Cols)
}

// Sizes of a block of b in mulRows: 64 rows of 256 numbers, 128 KiB, which
// stay in the cache while all rows of a pass over them (BP2).
const (
	blockK = 64
	blockJ = 256
)

// mulRows sets rows lo to hi of c = a b, block by block of b; within a block
// each element of c still gets its terms in increasing k (BP2).
func mulRows(t job, _ *buffer, lo, hi int) {
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
					addRows2x4(c0, c1, (*[4]float64)(a0[k:]), (*[4]float64)(a1[k:]),
						b.Row(k)[j0:j1], b.Row(k + 1)[j0:j1], b.Row(k + 2)[j0:j1], b.Row(k + 3)[j0:j1])
				}
				for ; k < k1; k++ {
					addRow(c0, a0[k], b.Row(k)[j0:j1])
					addRow(c1, a1[k], b.Row(k)[j0:j1])
				}
			}
			for ; i < hi; i++ {
				for k := k0; k < k1; k++ {
					addRow(c.Row(i)[j0:j1], a.At(i, k), b.Row(k)[j0:j1])
				}
			}
		}
	}
}

// addRow adds a multiple of b to c, one term of BP2 or BP4 for a row of c:
//
//	for j := range c { c[j] += p * b[j] }
func addRow(c []float64, p float64, b []float64) {
	b = b[:len(c)] // ends the checks of bounds
	for j := range c {
		c[j] += float64(p * b[j])
	}
}

// addRows2x4 adds four multiples of rows to each of two rows, in order
// (four terms of BP2 or BP4 for two rows of c):
//
//	for r := range 4 { addRow(c0, p[r], b_r); addRow(c1, q[r], b_r) }
func addRows2x4(c0, c1 []float64, p, q *[4]float64, b0, b1, b2, b3 []float64) {
	n := len(c0)
	c1, b0, b1, b2, b3 = c1[:n], b0[:n], b1[:n], b2[:n], b3[:n] // ends the checks of bounds
	p0, p1, p2, p3 := p[0], p[1], p[2], p[3]
	q0, q1, q2, q3 := q[0], q[1], q[2], q[3]
	for j := addRows2x4Vector(c0, c1, p, q, b0, b1, b2, b3); j < n; j++ {
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
	TMulEach(a, b, func(j int, row []float64) { copy(c.Row(j), row) })
}

// TMulEach calls f(j, row) with every row j of aᵀ b while the row is still in
// the cache, and never stores the whole product: step 6 of the algorithm of
// §2.4 uses up each row of BP4 at once. The calls come from several goroutines
// and in any order; f must not keep row, nor change a or b.
//
// a is m×n, b is m×k; a row has k elements. Other shapes panic.
func TMulEach(a, b *Matrix, f func(j int, row []float64)) {
	if a.Rows != b.Rows {
		panic(fmt.Sprintf("matrix: aᵀ b with a %v, b %v", a, b))
	}
	t := job{kernel: tMulRows, grain: walk, a: a, b: b, f: f}
	switch {
	case b.Ink == nil:
		t.grain = 4 // two pairs for addRows2x4
	case vectors && b.Cols >= lanes:
		t.kernel, t.grain = tMulPanels, panel
	}
	share(t, a.Cols, b.Rows*b.Cols)
}

// tMulRows makes rows lo to hi of aᵀ b in the buffer, a few at a time, and
// hands them to f (BP4).
func tMulRows(t job, u *buffer, lo, hi int) {
	a, b := t.a, t.b
	n := b.Cols
	g := u.numbers(t.grain * n)
	for j := lo; j < hi; j += t.grain {
		rows := min(t.grain, hi-j)
		clear(g)
		if b.Ink != nil {
			for i := range a.Rows {
				var d [walk]float64 // 0 where fewer rows are left
				copy(d[:], a.Row(i)[j:hi])
				addInk5(g, &d, b.Ink[i])
			}
		} else {
			addOuter(g, a, b, j, rows)
		}
		for r := range rows {
			t.f(j+r, g[r*n:(r+1)*n])
		}
	}
}

// addOuter adds rows j to j+rows of aᵀ b to g: BP4 for a few neurons and all
// examples of the mini-batch, four examples at a time.
func addOuter(g []float64, a, b *Matrix, j, rows int) {
	n := b.Cols
	i := 0
	for ; i+4 <= a.Rows; i += 4 {
		a0, a1, a2, a3 := a.Row(i)[j:j+rows], a.Row(i + 1)[j:j+rows], a.Row(i + 2)[j:j+rows], a.Row(i + 3)[j:j+rows]
		b0, b1, b2, b3 := b.Row(i), b.Row(i+1), b.Row(i+2), b.Row(i+3)
		r := 0
		for ; r+2 <= rows; r += 2 {
			p0, p1 := [4]float64{a0[r], a1[r], a2[r], a3[r]}, [4]float64{a0[r+1], a1[r+1], a2[r+1], a3[r+1]}
			addRows2x4(g[r*n:(r+1)*n], g[(r+1)*n:(r+2)*n], &p0, &p1, b0, b1, b2, b3)
		}
		for ; r < rows; r++ {
			for x := i; x < i+4; x++ {
				addRow(g[r*n:(r+1)*n], a.Row(x)[j+r], b.Row(x))
			}
		}
	}
	for ; i < a.Rows; i++ {
		for r := range rows {
			addRow(g[r*n:(r+1)*n], a.Row(i)[j+r], b.Row(i))
		}
	}
}

// addInk5 adds d[r] x to the five rows of g, one example's term of BP4 for five
// neurons, where x has ink:
//
//	for r := range d { addRow(g_r, d[r], x) }
func addInk5(g []float64, d *[walk]float64, ink Ink) {
	n := len(g) / walk
	g0, g1, g2, g3, g4 := g[:n], g[n:][:n], g[2*n:][:n], g[3*n:][:n], g[4*n:][:n] // one check of k serves all
	d0, d1, d2, d3, d4 := d[0], d[1], d[2], d[3], d[4]
	grey := ink.Grey[:len(ink.At)]
	for i, k := range ink.At {
		if int(k) >= n {
			break
		}
		xk := greys[grey[i]]
		g0[k] += float64(d0 * xk)
		g1[k] += float64(d1 * xk)
		g2[k] += float64(d2 * xk)
		g3[k] += float64(d3 * xk)
		g4[k] += float64(d4 * xk)
	}
}

// A job is one product on its way through the crew. Its rows are those of the
// result or of the weights. None of them depends on another, so that it changes
// no bit who computes which (§2.1).
type job struct {
	kernel  func(t job, u *buffer, lo, hi int) // does rows lo to hi
	grain   int                                // rows that belong together
	c, a, b *Matrix
	f       func(j int, row []float64)
	apply   func(float64) float64
}

// A buffer is where a kernel keeps numbers while it works. It grows as needed,
// and is used again by the next job (§2.1).
type buffer struct {
	x       []float64
	touched int // is there so that the compiler does not leave out touch
	_       cacheLine
}

// numbers returns n numbers of the buffer, of any values (§2.1).
func (u *buffer) numbers(n int) []float64 {
	if len(u.x) < n {
		u.x = make([]float64, n)
	}
	return u.x[:n:n]
}

// The crew is one goroutine a core that helps with products. Those of a
// mini-batch of §1.6 are too short for channels: the crew spins while it waits
// for work, and sleeps when none comes for a fifth of a millisecond or so.
//
// Each worker owns a range of the rows, the same in every mini-batch, so that
// the weights of a neuron stay in one core's cache. A worker that is done with
// its own takes over what others have not begun; one that the system holds up
// delays the rest by no more than the rows that it has in hand.
//
// job and rows need no lock: share writes them while all claims are used up,
// and a worker reads them between its claim and its count of what is left. The
// goroutines live as long as the program.
//
// What one core writes while another one spins on it has a cache line of its own:
// each time that a line changes cores costs a tenth of a microsecond or more.
var crew struct {
	busy    atomic.Bool // held by the goroutine whose job it is
	job     job
	rows    int
	workers atomic.Int32 // goroutines, and the caller as worker 0

	_    cacheLine
	turn atomic.Uint32 // number of the job
	_    cacheLine
	left atomic.Int32 // groups of rows not yet done
	_    cacheLine

	claims  [maxWorkers]claim
	buffers [maxWorkers]buffer

	asleep atomic.Int32 // workers that wait for wake
	mu     sync.Mutex
	wake   sync.Cond

	together int // jobs since the last call that found all awake
	vain     int // calls in a row after which that were few
	rest     int // small jobs to come that call nobody
}

// maxWorkers bounds the crew (§2.1); the book's networks have no work for more.
const maxWorkers = 32

// worthwhile is the number of multiply-adds below which a product is done
// sooner than shared (§2.1).
const worthwhile = 8192

// A claim is what is left of a worker's range of rows in one job: turn<<32 |
// end<<16 | next. Since it is one word, a group of rows is taken by one
// compare-and-swap, which fails when the job is over (§2.1).
type claim struct {
	atomic.Uint64
	_ cacheLine
}

// A cacheLine keeps what stands before it and behind it out of the same line of
// the cache (§2.1).
type cacheLine [64]byte

// share does the n rows of a job, work multiply-adds each, together with the
// crew, and returns when all are done (§2.1).
//
// A kernel that panics leaves the crew busy for good, since workers may still
// be at its rows: whoever recovers from that computes alone, and rightly.
func share(t job, n, work int) {
	if !crew.busy.CompareAndSwap(false, true) { // another product is under way
		t.kernel(t, new(buffer), 0, n)
		return
	}
	groups := (n + t.grain - 1) / t.grain
	workers := 1
	if groups > 1 && groups <= 0xffff && n*work >= worthwhile {
		workers = min(runtime.GOMAXPROCS(0), runtime.NumCPU(), maxWorkers, groups)
	}
	if workers < 2 {
		t.kernel(t, &crew.buffers[0], 0, n)
		crew.busy.Store(false)
		return
	}
	for int(crew.workers.Load()) < workers {
		hire(max(1, int(crew.workers.Load())))
	}
	crew.job, crew.rows = t, n
	crew.left.Store(int32(groups))
	turn := crew.turn.Load() + 1
	for w := range workers {
		next, end := groups*w/workers, groups*(w+1)/workers
		crew.claims[w].Store(uint64(turn)<<32 | uint64(end)<<16 | uint64(next))
	}
	crew.turn.Store(turn)
	if crew.asleep.Load() > 0 {
		wake(n * work)
	} else {
		crew.together++
	}
	help(0)
	for spins := 0; crew.left.Load() > 0; spins++ {
		if spins > 1000 {
			runtime.Gosched()
		}
	}
	crew.busy.Store(false)
}

// wake calls the workers that are asleep to a job of so many multiply-adds
// (§2.1). Where other programs have the cores a call takes longer than a small
// job and brings nobody in time: when workers fall asleep again soon after a
// call, twice as many small jobs go by before the next.
func wake(work int) {
	const soon, large = 200, 1 << 21 // jobs; multiply-adds, much longer than a call takes
	if crew.rest > 0 && work < large {
		crew.rest--
		return
	}
	if crew.vain = min(crew.vain+1, 10); crew.together > soon {
		crew.vain = 0
	}
	crew.together, crew.rest = 0, 1<<crew.vain
	crew.mu.Lock()
	crew.wake.Broadcast()
	crew.mu.Unlock()
}

// hire adds worker w to the crew (§2.1).
func hire(w int) {
	if w == 1 {
		crew.wake.L = &crew.mu
	}
	crew.workers.Store(int32(w + 1))
	go func() {
		for turn := crew.turn.Load(); ; turn = await(turn) {
			help(w)
		}
	}()
}

// await returns the number of the next job after turn (§2.1).
func await(turn uint32) uint32 {
	for spins := 0; spins < 21000; spins++ {
		if now := crew.turn.Load(); now != turn {
			return now
		}
		if spins > 20000 {
			runtime.Gosched()
		}
	}
	crew.mu.Lock()
	defer crew.mu.Unlock()
	crew.asleep.Add(1)
	defer crew.asleep.Add(-1)
	for crew.turn.Load() == turn {
		crew.wake.Wait()
	}
	return crew.turn.Load()
}

// help does groups of rows as worker w until none is left: first its own from
// the front, then the others' from the back (§2.1).
func help(w int) {
	workers := int(crew.workers.Load())
	done := int32(0)
	for i := 0; i < workers; {
		c := &crew.claims[(w+i)%workers]
		old := c.Load()
		next, end := old&0xffff, old>>16&0xffff
		if next >= end {
			i++
			continue
		}
		group, rest := next, old+1
		if i > 0 {
			group, rest = end-1, old-1<<16
		}
		if c.CompareAndSwap(old, rest) {
			lo := int(group) * crew.job.grain
			crew.job.kernel(crew.job, &crew.buffers[w], lo, min(lo+crew.job.grain, crew.rows))
			done++
		}
	}
	if done > 0 {
		crew.left.Add(-done)
	}
}
