package main

import (
	"fmt"
	"testing"
)

// BenchmarkEpoch is one epoch of chapter 1's run, 50,000 examples in
// mini-batches of 10, or of 100 for the widest network, and the scoring of
// 10,000 after it.
func BenchmarkEpoch(b *testing.B) {
	training := mnist().training
	training.sparseRows() // once a run, as BenchmarkSparseRows has it
	mnist().test.sparseRows()
	for _, c := range []struct{ hidden, batch int }{{30, 10}, {100, 10}, {800, 100}} {
		b.Run(fmt.Sprintf("784-%d-10", c.hidden), func(b *testing.B) {
			net := large([]int{784, c.hidden, 10}, NewNumPyRandom(1))
			h := Hyper{Epochs: 1, Batch: c.batch, Eta: 3}
			s := net.NewState(50000, h.Eta, h.Mu, 1)
			b.ReportAllocs()
			for b.Loop() {
				s.Epoch = 0
				net.SGD(training, h.Epochs, h.Batch, h.Eta, Run{Settings: h.Settings, State: s})
				net.Accuracy(mnist().test)
			}
		})
	}
}

// BenchmarkSparseRows is the one pass over all training and test images that a run
// makes before its first epoch, on one core.
func BenchmarkSparseRows(b *testing.B) {
	for b.Loop() {
		for _, d := range []*Data{mnist().training, mnist().test} {
			d.Slice(0, d.Len()).sparseRows()
		}
	}
}

// BenchmarkScore is the scoring of 10,000 examples alone.
func BenchmarkScore(b *testing.B) {
	net := large([]int{784, 30, 10}, NewNumPyRandom(1))
	test := mnist().test
	for b.Loop() {
		net.Accuracy(test)
	}
}

// BenchmarkStart is the decompression of all of MNIST, which comes before
// training.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		for _, part := range []string{"train", "t10k"} {
			if _, err := readPart("", part); err != nil {
				b.Fatal(err)
			}
		}
	}
}
