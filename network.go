package main

import (
	"fmt"
	"math"
	"slices"
)

// This file is a port of network.py and network2.py: the network of §1.3, its
// initialization, the feedforward pass, and stochastic gradient descent with
// the update rules of §1.5, §3.5 and §3.8. The gradient itself is computed in
// backprop.go. Eq. 46 is the article's number, book Eq. 93 that of the online
// book; BP1-BP4 are the same in both.
//
//	text     here            shape
//	l, L     l, L            layer; 0 is the input layer, L the output layer
//	wˡ       Weights[l]      n_l×n_{l-1}: row j holds the weights into neuron j
//	bˡ       Biases[l]       n_l
//	m, n     Batch, n        size of the mini-batch, of the training data
//	η, λ, μ  Eta, Lambda, Mu
//
// Every slice over layers has an entry for the input layer too, which is empty
// where that layer has nothing of the kind, so that w[l+1] and z[l] mean what
// they mean in BP2. The text counts layers from 1, the code from 0.

// A Network is a feedforward network (§1.3).
type Network struct {
	Sizes    []int       // neurons in each layer
	Weights  []*Matrix   // wˡ
	Biases   [][]float64 // bˡ
	Hidden   *Activation // σ of the hidden layers
	Cost     *Cost       // C, with the output layer that belongs to it
	Encoding *Encoding   // what the outputs mean
	Dropout  float64     // rate with which the weights were trained; see WithoutDropout
}

// NewNetwork returns a network of sigmoid neurons with the quadratic cost,
// whose weights and biases are still 0 (network.py: Network.__init__; §1.3).
func NewNetwork(sizes []int) *Network {
	net := &Network{Sizes: slices.Clone(sizes), Hidden: Sigmoid, Cost: QuadraticCost, Encoding: Unit}
	net.Weights, net.Biases = net.zeros()
	return net
}

// zeros returns weights and biases of the network's shape, all 0. Gradients
// (∇_w C, ∇_b C of §2.3) and velocities (v of Eq. 54) have this shape, too.
func (net *Network) zeros() (w []*Matrix, b [][]float64) {
	w, b = make([]*Matrix, len(net.Sizes)), make([][]float64, len(net.Sizes))
	for l := 1; l < len(net.Sizes); l++ {
		w[l] = NewMatrix(net.Sizes[l], net.Sizes[l-1])
		b[l] = make([]float64, net.Sizes[l])
	}
	return w, b
}

// LargeWeights draws all biases, then all weights, from the normal
// distribution with mean 0 and standard deviation 1 (§1.6; network.py:
// Network.__init__; network2.py: large_weight_initializer).
func (net *Network) LargeWeights(random *MersenneTwister) {
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
}

// DefaultWeights is LargeWeights with the weights into each neuron divided by
// √n_in, where n_in is their number. A weighted input is then of the order of
// 1, and no neuron begins saturated (named in §3; network2.py:
// default_weight_initializer).
func (net *Network) DefaultWeights(random *MersenneTwister) {
	net.LargeWeights(random)
	for _, w := range net.Weights[1:] {
		root := math.Sqrt(float64(w.Cols))
		for i := range w.Data {
			w.Data[i] /= root
		}
	}
}

// L returns the index of the output layer, the L of BP1.
func (net *Network) L() int {
	return len(net.Sizes) - 1
}

// Clone returns a copy that shares nothing that training changes, such as the
// best network so far of early stopping (§3.7.3).
func (net *Network) Clone() *Network {
	c := *net
	c.Weights, c.Biases = c.zeros()
	c.copyFrom(net)
	return &c
}

// copyFrom sets all weights and biases to those of another network of the same
// shape (§3.7.3).
func (net *Network) copyFrom(other *Network) {
	for l := 1; l <= net.L(); l++ {
		copy(net.Weights[l].Data, other.Weights[l].Data)
		copy(net.Biases[l], other.Biases[l])
	}
}

// Feedforward returns the outputs aᴸ of the network for the inputs x, one
// example per row (network.py: feedforward).
//
// x is m×n_0, the result m×n_L; other shapes panic.
func (net *Network) Feedforward(x *Matrix) *Matrix {
	b := net.newBatch(x.Rows)
	b.a[0] = x
	return net.feedforward(b)
}

// feedforward is Feedforward for the inputs in b.a[0]. It sets z and a of every
// layer by Eq. 19 (book Eqs. 22, 25), which is step 2 of the algorithm of §2.4,
// and returns aᴸ. Training and scoring both call it.
func (net *Network) feedforward(b *batch) *Matrix {
	L := net.L()
	for l := 1; l <= L; l++ {
		b.z[l].MulT(b.a[l-1], net.Weights[l]) // wˡ aˡ⁻¹
		b.z[l].AddRow(net.Biases[l])          // + bˡ
		if l < L {
			b.a[l].Apply(net.Hidden.Func, b.z[l]) // aˡ = σ(zˡ)
			b.mulMask(b.a[l], l)
		}
	}
	for x := range b.a[L].Rows {
		net.Cost.Output(b.a[L].Row(x), b.z[L].Row(x)) // aᴸ
	}
	return b.a[L]
}

// Settings are the techniques of chapter 3 that change the step; the zero value
// is network.py, which has none of them.
type Settings struct {
	Lambda  float64 // λ of L2 regularization, Eq. 40 (network2.py: lmbda)
	L1      float64 // λ of L1 regularization, Eq. 47
	Dropout float64 // rate: fraction of the hidden neurons that each mini-batch drops, §3.5.1.2
	Mu      float64 // μ, momentum co-efficient, Eq. 54
}

// A Run is what SGD takes besides network.py's arguments. The zero value is
// network.py's SGD with the book's seed.
type Run struct {
	Settings
	Expand *expander            // varies the training images, §3.6; nil: none
	State  *State               // where to begin; nil: before the first epoch
	After  func(s *State) error // called after each mini-batch; an error ends SGD; nil: nothing
}

// State is where a run of SGD stands between two mini-batches: together with
// the network, all that a run needs to go on as if it had not stopped.
type State struct {
	Epoch        int     // counted from 0
	ExamplesDone int     `json:"Done"` // of this epoch
	Order        []int32 // the examples in the order of this epoch
	Eta          float64 // η now; the schedule of §3.7.4 lowers it

	// A stream each, so that to switch one on leaves the others as they are.
	Shuffle, Drop, Expand *MersenneTwister

	VelocityW []*Matrix // v of Eq. 54, in the shape of the weights; nil without momentum
	VelocityB [][]float64

	layerStep           // of updateMiniBatch; kept here so that no mini-batch allocates
	nablaB    []float64 // likewise
}

// NewState returns the state before the first epoch over n examples
// (network2.py: SGD). Shuffles come from random.seed(seed).
func (net *Network) NewState(n int, eta, mu float64, seed uint32) *State {
	s := &State{
		Order:   make([]int32, n),
		Eta:     eta,
		Shuffle: NewPythonRandom(seed),
		Drop:    NewPythonRandom(seed ^ 0x64726f70), // "drop", "expa": streams that no
		Expand:  NewPythonRandom(seed ^ 0x65787061), // seed of the book's is likely to meet
	}
	for i := range s.Order {
		s.Order[i] = int32(i)
	}
	if mu != 0 {
		s.VelocityW, s.VelocityB = net.zeros()
	}
	return s
}

// SGD trains the network by stochastic gradient descent, Eqs. 16 and 17 (book
// Eqs. 19-21): in each epoch it shuffles the training data, cuts them into
// mini-batches, and takes a step on each (network.py: SGD; network2.py: SGD).
// With run.State it goes on from there, at the state's own learning rate. It
// returns the error of run.After, if any.
func (net *Network) SGD(training *Data, epochs, miniBatchSize int, eta float64, run Run) error {
	n, s := training.Len(), run.State
	if s == nil {
		s = net.NewState(n, eta, run.Mu, bookSeed)
	}
	b := net.newBatch(min(miniBatchSize, n))
	for ; s.Epoch < epochs; s.Epoch++ {
		net.Dropout = run.Dropout
		if s.ExamplesDone == 0 {
			s.Shuffle.Shuffle(s.Order)
		}
		for s.ExamplesDone < n {
			miniBatch := s.Order[s.ExamplesDone:min(s.ExamplesDone+miniBatchSize, n)]
			net.fill(b, training, miniBatch, run.Expand)
			b.drop(run.Dropout, s.Drop)
			net.updateMiniBatch(b, run.Settings, s)
			s.ExamplesDone += len(miniBatch)
			if run.After == nil {
				continue
			}
			if err := run.After(s); err != nil {
				return err
			}
		}
		s.ExamplesDone = 0
	}
	return nil
}

// fill puts the examples of a mini-batch into b, images x and desired outputs
// y(x): step 1 of the algorithm of §2.4. expand, if not nil, varies the images.
func (net *Network) fill(b *batch, data *Data, miniBatch []int32, expand *expander) {
	if data.Inputs != nil && b.a[0].Data == nil {
		b.a[0] = NewMatrix(cap(b.a[0].Sparse), data.Width) // dense, where the inputs are no pixels
	}
	b.setRows(len(miniBatch))
	if expand == nil {
		data.Fill(b.a[0], miniBatch)
	} else {
		expand.fill(b.a[0], data, miniBatch)
	}
	for x, i := range miniBatch {
		if y := b.y.Row(x); data.Targets != nil {
			copy(y, data.Targets[int(i)*len(y):])
		} else {
			net.Encoding.Set(y, data.Labels[i])
		}
	}
}

// updateMiniBatch takes one step of gradient descent on the mini-batch in b:
// the algorithm of §2.4 (network2.py: update_mini_batch). Backpropagation
// finds the errors; then, layer by layer, BP3 and BP4 give the gradient, summed
// over the mini-batch, and the update rules below move biases and weights. With
// all training examples in one mini-batch it is Eq. 15 (book Eqs. 16, 17),
// whose print lost the minus.
func (net *Network) updateMiniBatch(b *batch, more Settings, s *State) {
	net.backprop(b)

	// Gradient descent. m is the length of this mini-batch, also of a short
	// one; n that of the training data.
	m, n := float64(b.y.Rows), float64(len(s.Order))
	s.rule = rule{rate: s.Eta / m, decay: s.Eta * (more.Lambda / n), l1: s.Eta * (more.L1 / n), mu: more.Mu}
	for l := net.L(); l >= 1; l-- {
		var velocityB []float64
		if s.w = net.Weights[l]; more.Mu != 0 {
			s.v, velocityB = s.VelocityW[l], s.VelocityB[l]
		}
		s.nablaB = append(s.nablaB[:0], net.Biases[l]...) // only their number counts
		b.delta[l].SumRows(s.nablaB)                      // BP3
		s.descendBiases(net.Biases[l], velocityB, s.nablaB)
		TMulEach(b.delta[l], b.a[l-1], &s.layerStep) // BP4, row by row into TakeRow
	}
}

// A layerStep moves the weights of one layer as their gradient comes.
type layerStep struct {
	rule
	w, v *Matrix // wˡ and its velocity, nil without momentum
}

// TakeRow moves the weights into neuron j by row j of BP4, their gradient
// summed over the mini-batch.
func (s *layerStep) TakeRow(j int, nablaW []float64) {
	var v []float64
	if s.mu != 0 {
		v = s.v.Row(j)
	}
	s.descendWeights(s.w.Row(j), v, nablaW)
}

// A rule holds the factors of the update rules: η/m, ηλ/n for L2 and for L1,
// and μ (Eqs. 17, 45, 46, 49, 54). The gradients that the rules take are sums
// over the mini-batch, not yet divided by m.
type rule struct {
	rate, decay, l1, mu float64
}

// descendBiases moves the biases of a layer, which are not regularized:
//
//	b → b - (η/m) Σ_x ∂C_x/∂b    Eq. 45 (book Eq. 94)
//
// It is Eq. 17 (book Eq. 21), too, whose print lost the minus, as did Eq. 43
// (book Eq. 90), the same over all examples. v is their velocity, if μ > 0.
func (r rule) descendBiases(b, v, nablaB []float64) {
	if r.mu != 0 {
		rule{rate: r.rate, mu: r.mu}.descendMomentum(b, v, nablaB)
		return
	}
	for j := range b {
		b[j] -= float64(r.rate * nablaB[j])
	}
}

// descendWeights moves the weights of one neuron:
//
//	w → (1 - ηλ/n) w - (η/m) Σ_x ∂C_x/∂w    Eq. 46 (book Eq. 93)
//
// Without regularization the factor is 1, and this is Eq. 17 (book Eq. 20),
// whose print lost the minus. Eq. 44 (book Eqs. 91, 92) is the same over all
// examples; its first line lost the minus, too. L1 regularization and momentum
// have rules of their own.
func (r rule) descendWeights(w, v, nablaW []float64) {
	switch {
	case r.mu != 0:
		r.descendMomentum(w, v, nablaW)
		return
	case r.l1 != 0:
		r.descendL1(w, nablaW)
		return
	}
	shrink := 1 - r.decay
	k := scaleSub4(w, shrink, r.rate, nablaW) // the loop below, four at a time
	for ; k < len(w); k++ {
		w[k] = float64(shrink*w[k]) - float64(r.rate*nablaW[k])
	}
}

// descendL1 is descendWeights with L1 regularization:
//
//	w → w - (ηλ/n) sgn(w) - (η/m) Σ_x ∂C_x/∂w    Eq. 49 (book Eq. 97)
//
// The article's print lost the first minus. L2 may go with it.
func (r rule) descendL1(w, nablaW []float64) {
	for k := range w {
		w[k] = float64((1-r.decay)*w[k]) - float64(r.l1*sgn(w[k])) - float64(r.rate*nablaW[k])
	}
}

// descendMomentum moves weights, or biases, by their velocity, on which the
// gradient of the whole cost acts, regularization included:
//
//	v → v' = μ v - η ∇C,  w → w' = w + v'    Eq. 54 (book Eqs. 107, 108)
//
// The article's print lost the primes: w moves by the new velocity.
func (r rule) descendMomentum(w, v, nabla []float64) {
	for k := range w {
		force := float64(r.decay*w[k]) + float64(r.l1*sgn(w[k])) + float64(r.rate*nabla[k]) // η ∇C
		v[k] = float64(r.mu*v[k]) - force
		w[k] += v[k]
	}
}

// sgn returns the sign of w, with sgn(0) = 0, as §3.5.1.1 asks for Eqs. 48 and
// 49 (book Eqs. 96, 97).
func sgn(w float64) float64 {
	switch {
	case w > 0:
		return 1
	case w < 0:
		return -1
	}
	return 0
}

// Accuracy returns the number of examples for which the network outputs the
// right digit (§1.4; network.py: evaluate; network2.py: accuracy).
func (net *Network) Accuracy(data *Data) int {
	right, _ := net.accuracy(data)
	return right
}

// accuracy is Accuracy with the error of forEach (network2.py: accuracy).
func (net *Network) accuracy(data *Data) (right int, err error) {
	err = net.forEach(data, func(b *batch, i, x int) {
		if net.isRight(b.a[net.L()].Row(x), data, i) {
			right++
		}
	})
	return right, err
}

// isRight reports whether the outputs a are right for example i: they name its
// digit, or lie on the right side of one half (§1.4).
func (net *Network) isRight(a []float64, data *Data, i int) bool {
	if data.Targets == nil {
		return net.Encoding.Digit(a) == int(data.Labels[i])
	}
	for j, y := range data.Targets[i*len(a) : (i+1)*len(a)] {
		if (a[j] > 0.5) != (y > 0.5) {
			return false
		}
	}
	return true
}

// TotalCost returns the cost over data, the average of C_x and the
// regularization term of more for n training examples: Eqs. 7, 35, 38 with Eqs.
// 40, 41, 47 (book Eqs. 85, 86, 95; network2.py: total_cost). It returns the
// accuracy as well, which costs nothing more.
//
// network2.py divides the regularization term by the size of the data that it
// is given instead of by n, so that its costs on training and on evaluation
// data cannot be compared where λ > 0; here they can.
func (net *Network) TotalCost(data *Data, more Settings, n int) (cost float64, right int) {
	net.forEach(data, func(b *batch, i, x int) {
		z, a := b.z[net.L()].Row(x), b.a[net.L()].Row(x)
		cost += net.Cost.Fn(z, a, b.y.Row(x)) / float64(data.Len())
		if net.isRight(a, data, i) {
			right++
		}
	})
	return cost + net.penalty(more, n), right
}

// penalty returns the regularization terms, λ/2n Σ_w w² of Eqs. 40 and 41
// (book Eqs. 85, 86) and λ/n Σ_w |w| of Eq. 47 (book Eq. 95). The sums leave
// out the biases.
func (net *Network) penalty(more Settings, n int) float64 {
	if more.Lambda == 0 && more.L1 == 0 {
		return 0 // also where the sums overflow
	}
	squares, absolutes := 0.0, 0.0
	for _, w := range net.Weights[1:] {
		for _, x := range w.Data {
			squares += float64(x * x)
			absolutes += math.Abs(x)
		}
	}
	return float64(0.5*(more.Lambda/float64(n))*squares) + float64(more.L1/float64(n)*absolutes)
}

// forEach feeds all of data forward, many examples at a time, and calls f for
// each example i with the row x of the batch that it stands in (Eq. 19). Outputs
// that are not finite end it with an error.
func (net *Network) forEach(data *Data, f func(b *batch, i, x int)) error {
	const rows = 100
	b := net.newBatch(rows)
	order := make([]int32, 0, rows)
	for i := 0; i < data.Len(); i += rows {
		miniBatch := order
		for j := i; j < min(i+rows, data.Len()); j++ {
			miniBatch = append(miniBatch, int32(j))
		}
		net.fill(b, data, miniBatch, nil)
		net.feedforward(b)
		if _, found := notFinite(b.a[net.L()].Data); found {
			return b.overflow()
		}
		for x, i := range miniBatch {
			f(b, int(i), x)
		}
	}
	return nil
}

// overflow returns the error of a batch whose outputs are not finite (Eq. 19).
func (b *batch) overflow() error {
	l := 1
	for _, found := notFinite(b.a[l].Data); !found; _, found = notFinite(b.a[l].Data) {
		l++
	}
	return fmt.Errorf("the outputs of the network are not finite: layer %d is the first whose activations overflow", l+1)
}

// notFinite returns the first number that is NaN or infinite, if any (Eq. 19).
func notFinite(list []float64) (x float64, found bool) {
	for _, x := range list {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return x, true
		}
	}
	return 0, false
}

// WithoutDropout returns the network as it is used after training with dropout.
// All its hidden neurons are active then, more than in training, and so the
// weights out of each hidden layer are scaled by the fraction that was active:
// halved for a rate of one half (§3.5.1.2). The result has the rate 0, and shares
// no weights with net unless that has no dropout.
func (net *Network) WithoutDropout() *Network {
	if net.Dropout == 0 {
		return net
	}
	c := net.Clone()
	c.changeDropout(0)
	return c
}

// changeDropout changes the rate for further training, and scales the weights out
// of hidden layers so that WithoutDropout computes the same as before (§3.5.1.2).
func (net *Network) changeDropout(rate float64) {
	for l := 2; l <= net.L(); l++ {
		n := net.Sizes[l-1]
		factor := active(n, net.Dropout) / active(n, rate)
		for i := range net.Weights[l].Data {
			net.Weights[l].Data[i] *= factor
		}
	}
	net.Dropout = rate
}

// active returns the fraction of n hidden neurons that dropout leaves (§3.5.1.2).
func active(n int, rate float64) float64 {
	return 1 - float64(dropped(n, rate))/float64(n)
}

// NotFinite returns an error that names the first layer with a weight or bias
// that is NaN or infinite, nil where there is none. Training never goes on
// from there (§1.6: η too high).
func (net *Network) NotFinite() error {
	for l := 1; l <= net.L(); l++ {
		for _, list := range [][]float64{net.Weights[l].Data, net.Biases[l]} {
			if x, found := notFinite(list); found {
				return fmt.Errorf("a weight or bias of layer %d is %v", l+1, x)
			}
		}
	}
	return nil
}
