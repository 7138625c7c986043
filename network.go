package main

import (
	"math"
	"slices"
)

// This file is a port of network.py: the network of §1.3, its initialization,
// the feedforward pass of Eq. 19 and the stochastic gradient descent of
// Eqs. 16 and 17. The gradient itself is made in backprop.go.
//
//	text     here            shape
//	l, L     l, L            layer; 0 is the input layer, L the output layer
//	wˡ       Weights[l]      n_l×n_{l-1}: row j holds the weights into neuron j
//	bˡ       Biases[l]       n_l
//	m, n     batch size, size of the training data
//	η        Eta
//
// Every slice over layers has an entry for the input layer too, which is empty
// where that layer has nothing of the kind, so that w[l+1] and z[l] mean what
// they mean in BP2. The text counts layers from 1, the code from 0.

// A Network is a feedforward network of sigmoid neurons (§1.3).
type Network struct {
	Sizes   []int       // neurons in each layer
	Weights []*Matrix   // wˡ
	Biases  [][]float64 // bˡ
	Hidden  *Activation // σ of the hidden layers
	Cost    *Cost       // C, with the output layer that belongs to it
}

// NewNetwork returns a network of the given sizes whose biases, then weights,
// are drawn from the normal distribution with mean 0 and standard deviation 1
// (§1.6; network.py: Network.__init__).
func NewNetwork(sizes []int, random *MersenneTwister) *Network {
	net := &Network{
		Sizes:   sizes,
		Weights: []*Matrix{nil},
		Biases:  [][]float64{nil},
		Hidden:  Sigmoid,
		Cost:    QuadraticCost,
	}
	for l := 1; l < len(sizes); l++ {
		net.Weights = append(net.Weights, NewMatrix(sizes[l], sizes[l-1]))
		net.Biases = append(net.Biases, make([]float64, sizes[l]))
	}
	for _, b := range net.Biases {
		for j := range b {
			b[j] = random.Gaussian()
		}
	}
	for _, w := range net.Weights[1:] {
		for i := range w.Data {
			w.Data[i] = random.Gaussian()
		}
	}
	return net
}

// L returns the index of the output layer (§2.1).
func (net *Network) L() int {
	return len(net.Sizes) - 1
}

// Feedforward returns the outputs aᴸ of the network for the inputs x, an
// example a row: Eq. 19 (book Eqs. 22, 25) once a layer
// (network.py: feedforward).
//
// x is m×n_0, the result m×n_L; other shapes panic.
func (net *Network) Feedforward(x *Matrix) *Matrix {
	b := net.newBatch(x.Rows)
	b.a[0] = x
	net.feedforward(b)
	return b.a[net.L()]
}

// Hyper holds the hyper-parameters of §1.6, the arguments of network.py: SGD.
type Hyper struct {
	Epochs int
	Batch  int     // m, examples in a mini-batch
	Eta    float64 // η, learning rate
}

// SGD trains the network by stochastic gradient descent, Eqs. 16 and 17 (book
// Eqs. 19-21): in each epoch it puts the examples in random order, cuts them
// into mini-batches, and takes a step on each. It calls after at the end of
// each epoch, counted from 0 (network.py: SGD).
func (net *Network) SGD(training *Data, h Hyper, random *MersenneTwister, after func(epoch int)) {
	order := make([]int32, training.Len())
	for i := range order {
		order[i] = int32(i)
	}
	b := net.newBatch(h.Batch)
	for epoch := range h.Epochs {
		random.Shuffle(order)
		for miniBatch := range slices.Chunk(order, h.Batch) {
			b.setRows(len(miniBatch))
			training.Fill(b.a[0], b.y, miniBatch)
			net.updateMiniBatch(b, h.Eta)
		}
		after(epoch)
	}
}

// updateMiniBatch takes one step of gradient descent on the mini-batch in b:
// the algorithm of §2.4, whose last step is Eq. 17 (book Eqs. 20, 21)
// (network.py: update_mini_batch).
func (net *Network) updateMiniBatch(b *batch, eta float64) {
	net.backprop(b)

	// Gradient descent. m is the length of this mini-batch, also of a short one.
	b.rate = eta / float64(b.y.Rows) // η/m
	for l := net.L(); l >= 1; l-- {
		b.delta[l].SumRows(b.nablaB[l])
		descend(net.Biases[l], b.nablaB[l], b.rate)
		TMulEach(b.delta[l], b.a[l-1], b.descendW[l])
	}
}

// descend moves one neuron's weights, or one layer's biases, down the
// gradient: w → w - (η/m) ∇_w C, Eq. 17 (book Eqs. 20, 21); the article's
// print lost the minus. rate is η/m, nabla the sum of the gradients C_x over
// the mini-batch.
func descend(w, nabla []float64, rate float64) {
	nabla = nabla[:len(w)] // ends the checks of bounds
	for k := range w {
		w[k] -= float64(rate * nabla[k])
	}
}

// Accuracy returns the number of examples for which the network outputs the
// right digit: the index of the output neuron with the highest activation,
// the lowest index where several are equal (§1.4; network.py: evaluate).
func (net *Network) Accuracy(data *Data) int {
	right := 0
	net.forEach(data, func(b *batch, i, x int) {
		if argmax(b.a[net.L()].Row(x)) == int(data.Labels[i]) {
			right++
		}
	})
	return right
}

// forEach feeds all of data forward, many examples at a time, and calls f for
// each example i with the row x of the batch that it stands in (Eq. 19).
func (net *Network) forEach(data *Data, f func(b *batch, i, x int)) {
	const rows = 100
	b := net.newBatch(rows)
	order := make([]int32, rows)
	for i := 0; i < data.Len(); i += rows {
		m := min(rows, data.Len()-i)
		for x := range m {
			order[x] = int32(i + x)
		}
		b.setRows(m)
		data.Fill(b.a[0], b.y, order)
		net.feedforward(b)
		for x := range m {
			f(b, i+x, x)
		}
	}
}

// argmax returns the index of the largest element, the first of equals
// (§1.4; network.py: evaluate).
func argmax(v []float64) int {
	best, at := math.Inf(-1), 0
	for j, x := range v {
		if x > best {
			best, at = x, j
		}
	}
	return at
}
