package main

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestMersenneTwister: the 10,000th output after the standard's default seed,
// 5489, is 4123659995 (C++11, [rand.predef]).
func TestMersenneTwister(t *testing.T) {
	r := NewNumPyRandom(5489)
	var got uint32
	for range 10000 {
		got = r.Uint32()
	}
	if got != 4123659995 {
		t.Errorf("output 10,000 = %d, want 4123659995", got)
	}
}

// TestPythonRandom holds the generator against values printed by Python's
// random.seed(s), getrandbits(32), random(), and by NumPy's
// numpy.random.seed(s), randn().
func TestPythonRandom(t *testing.T) {
	for _, c := range []struct {
		seed   uint32
		words  [3]uint32
		floats [2]float64 // the two after the words
		randn  [3]float64
	}{
		{0, [3]uint32{3626764237, 1654615998, 3255389356}, [2]float64{0x1.c7ce0d1aeaa51p-1, 0x1.4ba5e50921780p-5},
			[3]float64{0x1.c398ef3e5cfa5p+0, 0x1.99c2cfacc8953p-2, 0x1.f51d25222c9abp-1}},
		{1, [3]uint32{577090037, 2444712010, 3639700191}, [2]float64{0x1.9ac27c70e1aefp-1, 0x1.027c4c8298680p-4},
			[3]float64{0x1.9fd5190657c50p+0, -0x1.393822fb7d9adp-1, -0x1.0e6c872548fd2p-1}},
		{12345678, [3]uint32{3093523876, 427854528, 2718847444}, [2]float64{0x1.2daf2c4ea435ap-1, 0x1.85c4455029b56p-1},
			[3]float64{0x1.1b7fa3c7aefb7p-1, -0x1.75aa713a635f5p+0, -0x1.4b69ee8383c23p+0}},
		{4294967295, [3]uint32{2728839433, 2661025012, 872737089}, [2]float64{0x1.b905fd9b7c608p-3, 0x1.0b77bb92a53dcp-1},
			[3]float64{0x1.4bfc38c486d8ap-1, 0x1.56b192e507eeep-1, -0x1.149e836f192fdp+0}},
	} {
		r := NewPythonRandom(c.seed)
		for i, want := range c.words {
			if got := r.Uint32(); got != want {
				t.Errorf("seed %d: word %d = %d, want %d", c.seed, i, got, want)
			}
		}
		for i, want := range c.floats {
			if got := r.Float64(); got != want {
				t.Errorf("seed %d: float %d = %v, want %v", c.seed, i, got, want)
			}
		}
		r = NewNumPyRandom(c.seed)
		for i, want := range c.randn {
			if got := r.Gaussian(); math.Abs(got-want) > 2e-15 {
				t.Errorf("seed %d: randn %d = %v, want %v", c.seed, i, got, want)
			}
		}
	}
}

// TestGaussianSum: the sum of 1,001 randn after numpy.random.seed(s) and the
// last of them, printed by NumPy; a number left out or drawn twice shows.
func TestGaussianSum(t *testing.T) {
	for seed, want := range map[uint32][2]float64{
		0:        {-44.70074481048551, 0.555962679709798},
		1:        {38.65923999783462, -0.15323616176709168},
		12345678: {3.172483957478163, 0.5013111255563326},
	} {
		r := NewNumPyRandom(seed)
		var sum, last float64
		for range 1001 {
			last = r.Gaussian()
			sum += last
		}
		if math.Abs(sum-want[0]) > 1e-12 || math.Abs(last-want[1]) > 2e-15 {
			t.Errorf("seed %d: sum %v, last %v, want %v", seed, sum, last, want)
		}
	}
}

// TestShuffle holds the shuffle against Python 2's algorithm, run in Python on
// range(10) after random.seed(s).
func TestShuffle(t *testing.T) {
	for seed, want := range map[uint32][]int32{
		0:        {9, 4, 0, 5, 2, 7, 1, 3, 6, 8},
		1:        {8, 0, 3, 4, 5, 2, 9, 6, 7, 1},
		5489:     {3, 6, 1, 2, 4, 5, 8, 9, 0, 7},
		12345678: {6, 4, 0, 8, 2, 3, 9, 1, 5, 7},
	} {
		got := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
		NewPythonRandom(seed).Shuffle(got)
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: Shuffle = %v, want %v", seed, got, want)
		}
	}
}

// ExampleMersenneTwister draws the first two biases of the book's seed.
func ExampleMersenneTwister() {
	random := NewNumPyRandom(12345678)
	fmt.Printf("%.6f %.6f\n", random.Gaussian(), random.Gaussian())
	// Output: 0.553708 -1.459632
}
