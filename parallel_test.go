package main

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// TestProductsOnAnyCores repeats some products large enough to be shared, on
// 1, 2, 3 and 8 cores: the bits are the same.
func TestProductsOnAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	random := NewNumPyRandom(2)
	a, b := randomMatrix(40, 300, random), randomMatrix(103, 300, random)
	want := tripleLoop(40, 103, 300, a.At, func(k, j int) float64 { return b.At(j, k) })
	d := randomMatrix(40, 103, random)
	wantMul := tripleLoop(40, 300, 103, d.At, b.At)
	wantTMul := tripleLoop(103, 300, 40, func(i, k int) float64 { return d.At(k, i) }, a.At)
	for _, cores := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(cores)
		for range 20 {
			got := NewMatrix(40, 103)
			got.MulT(a, b)
			sameBits(t, "MulT", got, want)
			got = NewMatrix(40, 300)
			got.Mul(d, b)
			sameBits(t, "Mul", got, wantMul)
			got = NewMatrix(103, 300)
			got.TMul(d, a)
			sameBits(t, "TMul", got, wantTMul)
		}
	}
}

// TestProductsAtOnce lets several goroutines ask for products at the same
// time; one gets the pool, the others work alone.
func TestProductsAtOnce(t *testing.T) {
	random := NewNumPyRandom(3)
	a, b := randomMatrix(50, 200, random), randomMatrix(50, 200, random)
	want := tripleLoop(50, 50, 200, a.At, func(k, j int) float64 { return b.At(j, k) })
	done := make(chan *Matrix)
	for range 4 {
		go func() {
			var got *Matrix
			for range 50 {
				got = NewMatrix(50, 50)
				got.MulT(a, b)
			}
			done <- got
		}()
	}
	for range 4 {
		sameBits(t, "MulT", <-done, want)
	}
}

// TestPool: two cores do rows of a product at the same time, also when the
// workers have exited before: a row waits until another is being done.
func TestPool(t *testing.T) {
	if min(runtime.GOMAXPROCS(0), runtime.NumCPU()) < 2 {
		t.Skip("one core")
	}
	a, b := randomMatrix(200, 40, NewNumPyRandom(5)), randomMatrix(200, 300, NewNumPyRandom(6)) // large enough to be worth a call
	for _, pause := range []time.Duration{0, 0, 100 * time.Millisecond} {
		time.Sleep(pause)
		var now atomic.Int32
		var together atomic.Bool
		late := time.Now().Add(20 * time.Second)
		TMulEach(a, b, takeRow(func(int, []float64) {
			if now.Add(1) > 1 {
				together.Store(true)
			}
			for !together.Load() && time.Now().Before(late) {
				time.Sleep(time.Millisecond)
			}
			now.Add(-1)
		}))
		if !together.Load() {
			t.Fatalf("after a pause of %v no two rows are done at the same time", pause)
		}
	}
}
