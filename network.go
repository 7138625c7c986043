package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
)

// This file is a port of network.py and network2.py: the network of §1.3, its
// initialization, the feedforward pass of Eq. 19, and stochastic gradient
// descent with the update rules of §1.5, §3.5 and §3.8. The gradient itself is
// made in backprop.go.
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
}

// NewNetwork returns a network of sigmoid neurons with the quadratic cost,
// whose weights and biases are still 0 (network.py: Network.__init__; §1.3).
func NewNetwork(sizes []int) *Network {
	net := &Network{Sizes: sizes, Hidden: Sigmoid, Cost: QuadraticCost, Encoding: Unit}
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
// 1, and no neuron begins saturated (promised in §3; network2.py:
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

// L returns the index of the output layer (§2.1).
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

// Hyper holds the hyper-parameters of §3.7, most of them arguments of
// network2.py: SGD.
type Hyper struct {
	Epochs  int
	Batch   int     // m, examples in a mini-batch
	Eta     float64 // η, learning rate
	Lambda  float64 // λ of L2 regularization, Eq. 40
	L1      float64 // λ of L1 regularization, Eq. 47
	Dropout float64 // share of the hidden neurons that each mini-batch drops, §3.5.1.2
	Mu      float64 // μ, momentum co-efficient, Eq. 54
}

// State is where a run of SGD stands between two mini-batches: together with
// the network, all that a run needs to go on as if it had not stopped.
type State struct {
	Epoch int     // counted from 0
	Done  int     // examples of this epoch that are done
	Order []int32 // the examples in the order of this epoch
	Eta   float64 // η now; the schedule of §3.7.4 lowers it

	// A stream each, so that to switch one on leaves the others as they are.
	Shuffle, Drop, Expand *MersenneTwister

	VelocityW []*Matrix // v of Eq. 54, as the weights; nil without momentum
	VelocityB [][]float64
}

// NewState returns the state before the first epoch over n examples
// (network2.py: SGD; §1.6). Shuffles come from random.seed(seed).
func (net *Network) NewState(h Hyper, n int, seed uint32) *State {
	s := &State{
		Order:   make([]int32, n),
		Eta:     h.Eta,
		Shuffle: NewPythonRandom(seed),
		Drop:    NewPythonRandom(seed ^ 0x64726f70), // "drop", "expa": streams that no
		Expand:  NewPythonRandom(seed ^ 0x65787061), // seed of the book's is likely to meet
	}
	for i := range s.Order {
		s.Order[i] = int32(i)
	}
	if h.Mu != 0 {
		s.VelocityW, s.VelocityB = net.zeros()
	}
	return s
}

// SGD trains the network by stochastic gradient descent, Eqs. 16 and 17 (book
// Eqs. 19-21): in each epoch it puts the examples in random order, cuts them
// into mini-batches, and takes a step on each (network2.py: SGD). It begins
// where s stands, and calls after at the end of each mini-batch; when that
// returns an error, SGD stops there and returns it.
func (net *Network) SGD(training *Source, h Hyper, s *State, after func() error) error {
	n := training.Len()
	b := net.newBatch(min(h.Batch, n))
	for ; s.Epoch < h.Epochs; s.Epoch++ {
		if s.Done == 0 {
			s.Shuffle.Shuffle(s.Order)
		}
		for s.Done < n {
			miniBatch := s.Order[s.Done:min(s.Done+h.Batch, n)]
			net.fill(b, training, miniBatch)
			b.drop(h.Dropout, s.Drop)
			net.updateMiniBatch(b, h, s)
			s.Done += len(miniBatch)
			if err := after(); err != nil {
				return err
			}
		}
		s.Done = 0
	}
	return nil
}

// fill puts the examples of a mini-batch into a batch, images and desired
// outputs (§1.5).
func (net *Network) fill(b *batch, data *Source, miniBatch []int32) {
	b.setRows(len(miniBatch))
	data.Fill(b.a[0], miniBatch)
	for x, i := range miniBatch {
		net.Encoding.Set(b.y.Row(x), data.Labels[i])
	}
}

// updateMiniBatch takes one step of gradient descent on the mini-batch in b:
// the algorithm of §2.4, whose last step is one of the rules below
// (network2.py: update_mini_batch). With all training examples in one
// mini-batch it is Eq. 15 (book Eqs. 16, 17), whose print lost the minus.
func (net *Network) updateMiniBatch(b *batch, h Hyper, s *State) {
	net.backprop(b)

	// Gradient descent. m is the length of this mini-batch, also of a short
	// one; n that of the training data.
	m, n := float64(b.y.Rows), float64(len(s.Order))
	b.rule = rule{rate: s.Eta / m, decay: s.Eta * (h.Lambda / n), l1: s.Eta * (h.L1 / n), mu: h.Mu}
	b.velocityW = s.VelocityW
	for l := net.L(); l >= 1; l-- {
		b.delta[l].SumRows(b.nablaB[l]) // BP3
		if h.Mu == 0 {
			b.rule.descendBiases(net.Biases[l], b.nablaB[l])
		} else {
			rule{rate: b.rule.rate, mu: h.Mu}.descendMomentum(net.Biases[l], s.VelocityB[l], b.nablaB[l])
		}
		b.lo, b.hi = b.a[l-1].inked()
		TMulEach(b.delta[l], b.a[l-1], b.descend[l]) // BP4
	}
}

// descend moves the weights into neuron j of layer l, by that of the rules
// below which the hyper-parameters ask for; nablaW is row j of BP4 (Eqs. 17, 46,
// 49, 54; book Eqs. 20, 93, 97, 107).
func (net *Network) descend(b *batch, l, j int, nablaW []float64) {
	w := net.Weights[l].Row(j)
	switch {
	case b.rule.mu != 0:
		b.rule.descendMomentum(w, b.velocityW[l].Row(j), nablaW)
	case b.rule.l1 != 0:
		b.rule.descendL1(w, nablaW)
	case b.rule.decay != 0:
		b.rule.descendWeights(w, nablaW)
	default: // where no example has ink ∇_w C is 0, and no weight moves
		b.rule.descendWeights(w[b.lo:b.hi], nablaW[b.lo:b.hi])
	}
}

// A rule holds the factors of the update rules: η/m, ηλ/n for L2 and for L1,
// and μ (Eqs. 46, 49, 54). The gradients that the rules take are sums over the
// mini-batch, not yet divided by m.
type rule struct {
	rate, decay, l1, mu float64
}

// descendBiases moves the biases of a layer: b → b - (η/m) Σ_x ∂C_x/∂b, Eq. 45
// (book Eq. 94), and Eq. 17 (book Eq. 21), whose print lost the minus, as did
// Eq. 43 (book Eq. 90), the same over all examples. Biases are not regularized.
func (r rule) descendBiases(b, nablaB []float64) {
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
// examples; the first line of it lost the minus, too.
func (r rule) descendWeights(w, nablaW []float64) {
	nablaW = nablaW[:len(w)]
	rate, shrink := r.rate, 1-r.decay
	k := descendWeightsVector(w, nablaW, rate, shrink)
	for ; k+4 <= len(w); k += 4 { // four at a time, a quarter of the checks and counting
		v, g := (*[4]float64)(w[k:k+4]), (*[4]float64)(nablaW[k:k+4])
		v[0] = float64(shrink*v[0]) - float64(rate*g[0])
		v[1] = float64(shrink*v[1]) - float64(rate*g[1])
		v[2] = float64(shrink*v[2]) - float64(rate*g[2])
		v[3] = float64(shrink*v[3]) - float64(rate*g[3])
	}
	for ; k < len(w); k++ {
		w[k] = float64(shrink*w[k]) - float64(rate*nablaW[k])
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

// descendMomentum moves weights, or biases, by way of their velocity, on which
// the gradient of the whole cost, regularization included, acts:
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
	right := 0
	net.forEach(data, func(b *batch, i, x int) {
		if net.Encoding.Digit(b.a[net.L()].Row(x)) == int(data.Labels[i]) {
			right++
		}
	})
	return right
}

// TotalCost returns the cost over data, the average of C_x and the
// regularization term of h for n training examples: Eqs. 7, 35, 38 with Eqs.
// 40, 41, 47 (book Eqs. 85, 86, 95; network2.py: total_cost). It returns the
// accuracy as well, which costs nothing more.
//
// network2.py divides the regularization term by the size of the data that it
// is given instead of by n, so that its costs on training and on evaluation
// data cannot be compared where λ > 0; here they can.
func (net *Network) TotalCost(data *Data, h Hyper, n int) (cost float64, right int) {
	net.forEach(data, func(b *batch, i, x int) {
		z, a := b.z[net.L()].Row(x), b.a[net.L()].Row(x)
		cost += net.Cost.Fn(z, a, b.y.Row(x)) / float64(data.Len())
		if net.Encoding.Digit(a) == int(data.Labels[i]) {
			right++
		}
	})
	return cost + net.penalty(h, n), right
}

// penalty returns the regularization terms, λ/2n Σ_w w² of Eqs. 40 and 41
// (book Eqs. 85, 86) and λ/n Σ_w |w| of Eq. 47 (book Eq. 95). The sums leave
// out the biases.
func (net *Network) penalty(h Hyper, n int) float64 {
	squares, absolutes := 0.0, 0.0
	for _, w := range net.Weights[1:] {
		for _, x := range w.Data {
			squares += float64(x * x)
			absolutes += math.Abs(x)
		}
	}
	return float64(0.5*(h.Lambda/float64(n))*squares) + float64(h.L1/float64(n)*absolutes)
}

// forEach feeds all of data forward, many examples at a time, and calls f for
// each example i with the row x of the batch that it stands in (Eq. 19).
func (net *Network) forEach(data *Data, f func(b *batch, i, x int)) {
	const rows = 100
	b := net.newBatch(rows)
	order := make([]int32, 0, rows)
	source := &Source{Data: data}
	for i := 0; i < data.Len(); i += rows {
		miniBatch := order
		for j := i; j < min(i+rows, data.Len()); j++ {
			miniBatch = append(miniBatch, int32(j))
		}
		net.fill(b, source, miniBatch)
		net.feedforward(b)
		for x, i := range miniBatch {
			f(b, int(i), x)
		}
	}
}

// WithoutDropout returns the network as it is used after training with dropout.
// All its hidden neurons are active then, more than in training, and so the
// weights out of them are made smaller by the share that was dropped: halved
// for one half (§3.5.1.2). The result shares no weights with net.
func (net *Network) WithoutDropout(dropped float64) *Network {
	c := net.Clone()
	for _, w := range c.Weights[min(2, len(c.Weights)):] {
		for i := range w.Data {
			w.Data[i] *= 1 - dropped
		}
	}
	return c
}

// NotFinite returns an error that names the first layer with a weight or bias
// that is NaN or infinite, nil where there is none. Training never goes on
// from there (§1.6: η too high).
func (net *Network) NotFinite() error {
	for l := 1; l <= net.L(); l++ {
		for _, v := range [][]float64{net.Weights[l].Data, net.Biases[l]} {
			for _, x := range v {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return fmt.Errorf("a weight or bias of layer %d is %v", l+1, x)
				}
			}
		}
	}
	return nil
}

// A networkFile is a network as network2.py writes it (network2.py: save). The
// keys after cost are not known to network2.py; they are left out where the
// network is one of its own. Floats have as many digits as bring them back
// exactly.
type networkFile struct {
	Sizes      []int        `json:"sizes"`
	Weights    [][][]number `json:"weights"` // of layers 1 to L; each n_l rows of n_{l-1}
	Biases     [][][]number `json:"biases"`  // columns: n_l rows of 1
	Cost       string       `json:"cost"`
	Activation string       `json:"activation,omitempty"`
	Encoding   string       `json:"encoding,omitempty"`
	Training   *Progress    `json:"training,omitempty"` // of a checkpoint
}

// A number is a float64 in a network file. It refuses null, which a float64
// would read as 0, and network2.py: load as None.
type number float64

// UnmarshalJSON reads a number (network2.py: load).
func (x *number) UnmarshalJSON(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("%s is no number of float64", text)
	}
	*x = number(f)
	return nil
}

// file returns the network in the form of its file (network2.py: save).
func (net *Network) file() *networkFile {
	f := &networkFile{Sizes: net.Sizes, Cost: net.Cost.Class}
	if net.Hidden != Sigmoid {
		f.Activation = net.Hidden.Name
	}
	if net.Encoding != Unit {
		f.Encoding = net.Encoding.Name
	}
	for l := 1; l <= net.L(); l++ {
		rows, column := make([][]number, net.Sizes[l]), make([][]number, net.Sizes[l])
		for j := range rows {
			rows[j] = make([]number, net.Sizes[l-1])
			for k, w := range net.Weights[l].Row(j) {
				rows[j][k] = number(w)
			}
			column[j] = []number{number(net.Biases[l][j])}
		}
		f.Weights, f.Biases = append(f.Weights, rows), append(f.Biases, column)
	}
	return f
}

// network returns the network that a file describes, or an error that names
// what is missing or does not fit (network2.py: load checks nothing).
func (f *networkFile) network() (*Network, error) {
	if len(f.Sizes) < 2 {
		return nil, fmt.Errorf(`"sizes" is %v, want at least two layers`, f.Sizes)
	}
	if len(f.Weights) != len(f.Sizes)-1 || len(f.Biases) != len(f.Sizes)-1 {
		return nil, fmt.Errorf(`"sizes" has %d layers, "weights" %d, "biases" %d; want one less of these`, len(f.Sizes), len(f.Weights), len(f.Biases))
	}
	for l, n := range f.Sizes {
		if n < 1 || l > 0 && (len(f.Weights[l-1]) != n || len(f.Biases[l-1]) != n) {
			return nil, fmt.Errorf("layer %d has %d neurons, but not as many rows of weights and biases", l+1, n)
		}
		for j := 0; l > 0 && j < n; j++ {
			if got, want := len(f.Weights[l-1][j]), f.Sizes[l-1]; got != want || len(f.Biases[l-1][j]) != 1 {
				return nil, fmt.Errorf("neuron %d of layer %d has %d weights and %d biases, want %d and 1", j+1, l+1, got, len(f.Biases[l-1][j]), want)
			}
		}
	}
	if need, there := footprint(f.Sizes, 1, 0), memory(); need > there {
		return nil, fmt.Errorf("a network of %d layers needs %s of memory, here are %s", len(f.Sizes), gigabytes(need), gigabytes(there))
	}
	net := NewNetwork(f.Sizes)
	for l := 1; l <= net.L(); l++ {
		for j := range net.Sizes[l] {
			for k, w := range f.Weights[l-1][j] {
				net.Weights[l].Row(j)[k] = float64(w)
			}
			net.Biases[l][j] = float64(f.Biases[l-1][j][0])
		}
	}
	return net, f.modes(net)
}

// footprint returns about how many bytes a network takes in memory: so many
// copies of its weights and biases, a mini-batch of m examples, and the 100
// examples that are scored at a time (§1.3, §2.4: newBatch).
func footprint(sizes []int, copies float64, m int) float64 {
	parameters, neurons := 0.0, 0.0 // float64, since the products may be larger than any int
	for l, n := range sizes[1:] {
		neurons += float64(n)
		parameters += float64(n) * (float64(sizes[l]) + 1)
	}
	const perNeuron, perExample, perLayer = 4 * 8, 200, 1000 // a, z, δ, σ'; y and where its ink is; slices and their heads
	return 8*copies*parameters + (perNeuron*neurons+perExample)*float64(m+100) + perLayer*float64(len(sizes))
}

// modes sets the network's cost, hidden neurons and encoding to those that
// the file names (network2.py: load).
func (f *networkFile) modes(net *Network) error {
	i := slices.IndexFunc(costs, func(c *Cost) bool { return c.Class == f.Cost })
	if i < 0 {
		return fmt.Errorf(`"cost" is %q, want QuadraticCost, CrossEntropyCost or LogLikelihoodCost`, f.Cost)
	}
	net.Cost = costs[i]
	if f.Activation != "" {
		if i = slices.IndexFunc(activations, func(a *Activation) bool { return a.Name == f.Activation }); i < 0 {
			return fmt.Errorf(`"activation" is %q, want sigmoid, tanh or relu`, f.Activation)
		}
		net.Hidden = activations[i]
	}
	if f.Encoding != "" {
		if i = slices.IndexFunc(encodings, func(e *Encoding) bool { return e.Name == f.Encoding }); i < 0 {
			return fmt.Errorf(`"encoding" is %q, want unit or binary`, f.Encoding)
		}
		net.Encoding = encodings[i]
	}
	return nil
}

// Save writes the network to a file that network2.py loads (network2.py:
// save). The file is whole at any moment: the old one or the new one.
func (net *Network) Save(name string) error {
	if err := net.NotFinite(); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return writeWhole(name, func(w io.Writer) error { return json.NewEncoder(w).Encode(net.file()) })
}

// LoadNetwork reads a network from a file of Save or of network2.py
// (network2.py: load).
func LoadNetwork(name string) (*Network, error) {
	net, _, err := loadFile(name)
	return net, err
}

// loadFile reads a network and, if the file is a checkpoint, where its
// training stands, nil if not (network2.py: load).
func loadFile(name string) (*Network, *Progress, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	file, err := readNetworkFile(f)
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", name, err)
	}
	net, err := file.network()
	if err == nil {
		err = file.Training.check(net)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", name, err)
	}
	return net, file.Training, nil
}

// readNetworkFile reads one JSON value, to the end of the file (network2.py:
// load).
func readNetworkFile(r io.Reader) (file networkFile, err error) {
	d := json.NewDecoder(&weighed{r: r, room: memory()})
	if err = d.Decode(&file); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return file, err
	}
	if _, err = d.Token(); err == nil {
		err = errors.New("it goes on after its end")
	}
	if err == io.EOF {
		err = nil
	}
	return file, err
}
