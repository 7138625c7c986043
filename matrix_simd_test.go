//go:build goexperiment.simd && amd64

package main

import "testing"

// TestNarrow repeats what fixes bits with vectors of four numbers on a processor
// that has longer ones, and without vectors.
func TestNarrow(t *testing.T) {
	if !wide {
		t.Skip("no vectors of eight numbers")
	}
	defer func() { wide, vectors = true, true }()
	for _, c := range []struct {
		name    string
		vectors bool
	}{{"four", true}, {"none", false}} {
		wide, vectors = false, c.vectors
		t.Run(c.name+"/products", TestProducts)
		t.Run(c.name+"/variants", TestDrawBits)
		t.Run(c.name+"/expander", TestExpander)
		t.Run(c.name+"/training", TestGoldenBits)
	}
}
