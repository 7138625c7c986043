package main

import (
	"fmt"
	"testing"
	"time"
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

// A lapClock keeps the times between its laps by part.
type lapClock struct {
	last  time.Time
	parts []string
	laps  map[string][]float64 // microseconds
}

// lap gives the time since the last lap to a part.
func (c *lapClock) lap(part string) {
	now := time.Now()
	if _, ok := c.laps[part]; !ok {
		c.parts = append(c.parts, part)
	}
	c.laps[part] = append(c.laps[part], float64(now.Sub(c.last).Nanoseconds())/1000)
	c.last = time.Now()
}

// timedStep is one mini-batch of SGD on a network of three layers, call by call
// as fill, backprop and updateMiniBatch make them, with a lap after each part.
func timedStep(net *Network, b *batch, training *Data, s *State, miniBatch []int32, c *lapClock) {
	c.last = time.Now()
	c.lap("clock")
	net.fill(b, training, miniBatch, nil)
	c.lap("fill")
	b.z[1].MulT(b.a[0], net.Weights[1])
	c.lap("forward-product")
	b.z[1].AddRow(net.Biases[1])
	b.a[1].Apply(net.Hidden.Func, b.z[1])
	c.lap("forward-sigmoid")
	b.z[2].MulT(b.a[1], net.Weights[2])
	b.z[2].AddRow(net.Biases[2])
	for x := range b.a[2].Rows {
		net.Cost.Output(b.a[2].Row(x), b.z[2].Row(x))
	}
	c.lap("output-layer")
	for x := range b.y.Rows {
		net.Cost.Delta(b.delta[2].Row(x), b.z[2].Row(x), b.a[2].Row(x), b.y.Row(x))
	}
	sp, a := b.sp[1].Data, b.a[1].Data
	for i, z := range b.z[1].Data {
		sp[i] = net.Hidden.Prime(z, a[i])
	}
	b.delta[1].Mul(b.delta[2], net.Weights[2])
	b.delta[1].Hadamard(b.delta[1], b.sp[1])
	c.lap("backward")
	s.rule = rule{rate: s.Eta / float64(len(miniBatch))}
	for l := 2; l >= 1; l-- {
		s.w = net.Weights[l]
		s.nablaB = append(s.nablaB[:0], net.Biases[l]...)
		b.delta[l].SumRows(s.nablaB)
		s.descendBiases(net.Biases[l], nil, s.nablaB)
		TMulEach(b.delta[l], b.a[l-1], &s.layerStep)
		c.lap([]string{1: "update-hidden", 2: "update-output"}[l])
	}
}

// BenchmarkMiniBatch says where the time of a mini-batch of chapter 1's run goes:
// the median of each part in microseconds, and what shuffling and scoring once an
// epoch add to a mini-batch.
func BenchmarkMiniBatch(b *testing.B) {
	const seed, m = 1, 10
	training, test := mnist().training, mnist().test
	training.sparseRows()
	test.sparseRows()
	net, want := large([]int{784, 30, 10}, NewNumPyRandom(seed)), large([]int{784, 30, 10}, NewNumPyRandom(seed))
	s, c := net.NewState(50000, 3, 0, seed), &lapClock{laps: map[string][]float64{}}
	parts, whole := net.newBatch(m), want.newBatch(m)
	for i := 0; i < 1000; i += m {
		timedStep(net, parts, training, s, s.Order[i:i+m], c)
		want.fill(whole, training, s.Order[i:i+m], nil)
		want.updateMiniBatch(whole, Settings{}, &State{Eta: 3, Order: s.Order})
	}
	if weightsHash(net) != weightsHash(want) {
		b.Fatal("the parts are not those of updateMiniBatch")
	}
	clear(c.laps)
	c.parts = nil
	for b.Loop() {
		c.last = time.Now()
		s.Shuffle.Shuffle(s.Order)
		c.lap("shuffle")
		for i := 0; i < len(s.Order); i += m {
			timedStep(net, parts, training, s, s.Order[i:i+m], c)
		}
		c.last = time.Now()
		net.Accuracy(test)
		c.lap("score")
	}
	clock, total := median(c.laps["clock"]), 0.0
	for _, part := range c.parts {
		x := median(c.laps[part]) - clock
		if part == "shuffle" || part == "score" {
			x /= float64(len(s.Order) / m)
		}
		total += x
		b.ReportMetric(x, "µs/"+part)
	}
	b.ReportMetric(total, "µs/mini-batch")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBarrier is a job of the pool in which there is nothing to do, as many
// rows as the hidden layer of chapter 1 has groups.
func BenchmarkBarrier(b *testing.B) {
	nothing := poolJob{kernel: func(poolJob, *buffer, int, int) {}, grain: tileRows}
	for b.Loop() {
		parallelRows(nothing, 30, minWork)
	}
}

// BenchmarkGradient is BP4 for the hidden layer of chapter 1 alone, without the
// descent that a mini-batch makes of it at once.
func BenchmarkGradient(b *testing.B) {
	training := mnist().training
	x, delta := NewSparseMatrix(10, 784, &pixelValues), randomMatrix(10, 30, NewNumPyRandom(1))
	order := make([]int32, training.Len())
	for i := range order {
		order[i] = int32(i)
	}
	NewPythonRandom(1).Shuffle(order)
	i := 0
	for b.Loop() {
		training.Fill(x, order[i:i+10])
		TMulEach(delta, x, takeRow(func(int, []float64) {}))
		i = (i + 10) % len(order)
	}
}
