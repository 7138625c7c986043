package main

import (
	"fmt"
	"math"
	"testing"
)

// awkward are sizes around the blocks, tiles and walks of matrix.go.
var awkward = []int{0, 1, 2, 3, 4, 5, 6, 9, 10, 63, 64, 65}

// randomMatrix returns a matrix of Gaussians, every fifth element 0.
func randomMatrix(rows, cols int, random *MersenneTwister) *Matrix {
	m := NewMatrix(rows, cols)
	for i := range m.Data {
		if i%5 != 0 {
			m.Data[i] = random.Gaussian()
		}
	}
	return m
}

// randomImages returns a matrix whose rows are images, half of their pixels
// white, as dense and as sparse rows.
func randomImages(rows, cols int, random *MersenneTwister) (dense, sparse *Matrix) {
	dense = NewMatrix(rows, cols)
	sparse = NewSparseMatrix(rows, cols, &pixelValues)
	image := make([]byte, cols)
	for i := range rows {
		for k := range image {
			if image[k] = 0; random.Float64() < 0.5 {
				image[k] = byte(1 + 255*random.Float64())
			}
			dense.Row(i)[k] = float64(image[k]) / 256
		}
		sparse.Sparse[i].Columns, sparse.Sparse[i].Bytes = appendNonzero(nil, nil, image)
	}
	return dense, sparse
}

// tripleLoop is the oracle of all products: c_ij = Σ_k a_ik b_kj, with the
// operands given by their elements.
func tripleLoop(m, n, k int, a, b func(i, j int) float64) *Matrix {
	c := NewMatrix(m, n)
	for i := range m {
		for j := range n {
			sum := 0.0
			for k := range k {
				sum += float64(a(i, k) * b(k, j))
			}
			c.Row(i)[j] = sum
		}
	}
	return c
}

// sameBits reports the first element in which got and want differ in any bit.
func sameBits(t *testing.T, what string, got, want *Matrix) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
	first, differ := 0, 0
	for i, x := range want.Data {
		if math.Float64bits(got.Data[i]) != math.Float64bits(x) {
			if differ++; differ == 1 {
				first = i
			}
		}
	}
	if differ > 0 {
		t.Fatalf("%s: element %d = %v, want %v; %d of %d differ", what, first, got.Data[first], want.Data[first], differ, len(want.Data))
	}
}

// TestProducts holds every product against the triple loop, to the last bit,
// dense and sparse, over awkward sizes and on several numbers of cores.
func TestProducts(t *testing.T) {
	type size struct{ m, n, k int }
	var sizes []size
	for _, m := range awkward {
		for _, n := range awkward {
			for _, k := range awkward {
				if m*n*k <= 10*65*65 && (!testing.Short() || m+n+k < 75) {
					sizes = append(sizes, size{m, n, k})
				}
			}
		}
	}
	sizes = append(sizes, size{10, 30, 784}, size{65, 65, 65}, size{33, 301, 129}, size{7, 513, 70}, size{301, 33, 9})
	random := NewNumPyRandom(1)
	for _, s := range sizes {
		m, n, k := s.m, s.n, s.k
		name := fmt.Sprintf("%d×%d×%d", m, n, k)
		a, b := randomMatrix(m, k, random), randomMatrix(n, k, random)
		want := tripleLoop(m, n, k, a.At, func(k, j int) float64 { return b.At(j, k) })
		got := NewMatrix(m, n)
		got.MulT(a, b)
		sameBits(t, "MulT "+name, got, want)
		a, sparse := randomImages(m, k, random)
		want = tripleLoop(m, n, k, a.At, func(k, j int) float64 { return b.At(j, k) })
		got = NewMatrix(m, n)
		got.MulT(sparse, b)
		sameBits(t, "MulT of sparse rows "+name, got, want)

		b = randomMatrix(k, n, random)
		want = tripleLoop(m, n, k, a.At, b.At)
		got.Mul(a, b) // overwrites what stands there
		sameBits(t, "Mul "+name, got, want)

		a = randomMatrix(k, m, random)
		want = tripleLoop(m, n, k, func(i, k int) float64 { return a.At(k, i) }, b.At)
		got.TMul(a, b)
		sameBits(t, "TMul "+name, got, want)
		b, sparse = randomImages(k, n, random)
		want = tripleLoop(m, n, k, func(i, k int) float64 { return a.At(k, i) }, b.At)
		got = NewMatrix(m, n)
		got.TMul(a, sparse)
		sameBits(t, "TMul of sparse rows "+name, got, want)
	}
}

// TestFewNonzeros holds the products with ink against the triple loop where one
// pixel of one image is all the ink that there is, or where there is none, after
// other products have left their numbers in the buffers.
func TestFewNonzeros(t *testing.T) {
	random := NewNumPyRandom(7)
	for cols := 1; cols <= 11; cols++ {
		w, d := randomMatrix(7, cols, random), randomMatrix(3, 7, random)
		for at := range cols + 1 { // cols: nowhere
			dense, sparse := NewMatrix(3, cols), NewSparseMatrix(3, cols, &pixelValues)
			if at < cols {
				dense.Row(1)[at] = 200. / 256
				sparse.Sparse[1] = SparseRow{[]uint16{uint16(at)}, []byte{200}}
			}
			_, other := randomImages(3, cols, random)
			name := fmt.Sprintf("at %d of %d", at, cols)
			got := NewMatrix(3, 7)
			got.MulT(other, w)
			got.MulT(sparse, w)
			sameBits(t, "MulT of sparse rows "+name, got, tripleLoop(3, 7, cols, dense.At, func(k, j int) float64 { return w.At(j, k) }))
			got = NewMatrix(7, cols)
			got.TMul(d, other)
			got.TMul(d, sparse)
			sameBits(t, "TMul of sparse rows "+name, got, tripleLoop(7, cols, 3, func(j, x int) float64 { return d.At(x, j) }, dense.At))
		}
	}
}

// TestApply: element by element, serial and shared.
func TestApply(t *testing.T) {
	for _, rows := range []int{0, 1, 5, 300} {
		a, c := randomMatrix(rows, 31, NewNumPyRandom(4)), NewMatrix(rows, 31)
		c.Apply(sigmoid, a)
		for i, x := range a.Data {
			if c.Data[i] != sigmoid(x) {
				t.Fatalf("%d rows: element %d = %v, want %v", rows, i, c.Data[i], sigmoid(x))
			}
		}
	}
}

// TestZeroTimesAnything: to leave out the terms of white pixels is exact also
// where a sum is -0 or the weights are huge.
func TestZeroTimesAnything(t *testing.T) {
	a := &Matrix{Rows: 1, Cols: 4, Data: []float64{0, 1. / 256, 0, 255. / 256}}
	sparse := &Matrix{Rows: 1, Cols: 4, Sparse: []SparseRow{{[]uint16{1, 3}, []byte{1, 255}}}, Values: &pixelValues}
	b := &Matrix{Rows: 5, Cols: 4, Data: []float64{
		-1, -1e-300, -1, 0,
		math.MaxFloat64, 1, -math.MaxFloat64, 1,
		1, math.Copysign(0, -1), 1, math.Copysign(0, -1),
		5e-324, 5e-324, 5e-324, 5e-324,
		-1, -2, -3, -4,
	}}
	dense, product := NewMatrix(1, 5), NewMatrix(1, 5)
	dense.MulT(a, b)
	product.MulT(sparse, b)
	sameBits(t, "MulT of sparse rows", product, dense)
}

// TestShapes: shapes that do not fit panic with the numbers.
func TestShapes(t *testing.T) {
	m := NewMatrix
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"matrix: 10×30 = a bᵀ with a 10×784, b 30×785", func() { m(10, 30).MulT(m(10, 784), m(30, 785)) }},
		{"matrix: 2×3 = a b with a 2×4, b 5×3", func() { m(2, 3).Mul(m(2, 4), m(5, 3)) }},
		{"matrix: 2×3 = aᵀ b with a 4×3, b 4×3", func() { m(2, 3).TMul(m(4, 3), m(4, 3)) }},
		{"matrix: aᵀ b with a 4×2, b 5×3", func() { m(2, 3).TMul(m(4, 2), m(5, 3)) }},
		{"matrix: 2×2 = a ⊙ b with a 2×2, b 2×3", func() { m(2, 2).Hadamard(m(2, 2), m(2, 3)) }},
		{"matrix: 2×2 = f(a) with a 2×3", func() { m(2, 2).Apply(sigmoid, m(2, 3)) }},
		{"matrix: 2×2 + a row of 3", func() { m(2, 2).AddRow(make([]float64, 3)) }},
		{"matrix: rows of 2×2 summed into 3", func() { m(2, 2).SumRows(make([]float64, 3)) }},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %v", got, c.want)
				}
			}()
			c.f()
		}()
	}
}

// ExampleMatrix_Hadamard is Eq. 20 (book Eq. 28) as it is printed.
func ExampleMatrix_Hadamard() {
	s := &Matrix{Rows: 2, Cols: 1, Data: []float64{1, 2}}
	t := &Matrix{Rows: 2, Cols: 1, Data: []float64{3, 4}}
	c := NewMatrix(2, 1)
	c.Hadamard(s, t)
	fmt.Println(c.Data)
	// Output: [3 8]
}

func BenchmarkProducts(b *testing.B) {
	random := NewNumPyRandom(1)
	for _, s := range []struct{ m, n, k int }{{64, 64, 64}, {256, 256, 256}, {512, 512, 512}, {10, 30, 784}, {100, 800, 784}, {100, 800, 800}} {
		a, w := randomMatrix(s.m, s.k, random), randomMatrix(s.n, s.k, random)
		v, d, c, g := randomMatrix(s.k, s.n, random), randomMatrix(s.m, s.n, random), NewMatrix(s.m, s.n), NewMatrix(s.n, s.k)
		for _, p := range []struct {
			name string
			f    func()
		}{
			{"MulT", func() { c.MulT(a, w) }},
			{"Mul", func() { c.Mul(a, v) }},
			{"TMul", func() { g.TMul(d, a) }},
		} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", p.name, s.m, s.n, s.k), func(b *testing.B) {
				for b.Loop() {
					p.f()
				}
				b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkBlocking is each product of square matrices as it is, and Mul by the
// same kernel over whole rows: what the blocks are worth.
func BenchmarkBlocking(b *testing.B) {
	random := NewNumPyRandom(1)
	for _, n := range []int{512, 2048} {
		x, y, c := randomMatrix(n, n, random), randomMatrix(n, n, random), NewMatrix(n, n)
		for _, p := range []struct {
			name string
			f    func()
		}{
			{"Mul", func() { c.Mul(x, y) }},
			{"Mul-whole-rows", func() {
				parallelRows(poolJob{kernel: mulWholeRows, grain: 8, c: c, a: x, b: y}, n, n*n)
			}},
			{"MulT", func() { c.MulT(x, y) }},
			{"TMul", func() { c.TMul(x, y) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", p.name, n), func(b *testing.B) {
				for b.Loop() {
					p.f()
				}
				b.ReportMetric(2*float64(n*n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// mulWholeRows is mulRows without blocks: all of b passes by for each two rows.
func mulWholeRows(t poolJob, _ *buffer, lo, hi int) {
	clear(t.c.Data[lo*t.c.Cols : hi*t.c.Cols])
	for i := lo; i+2 <= hi; i += 2 {
		a0, a1 := t.a.Row(i), t.a.Row(i+1)
		for k := 0; k+4 <= t.b.Rows; k += 4 {
			axpy2x4(t.c.Row(i), t.c.Row(i+1), (*[4]float64)(a0[k:]), (*[4]float64)(a1[k:]),
				t.b.Row(k), t.b.Row(k+1), t.b.Row(k+2), t.b.Row(k+3))
		}
	}
}

// takeRow is a RowTaker made of a function.
type takeRow func(j int, row []float64)

func (f takeRow) TakeRow(j int, row []float64) { f(j, row) }
