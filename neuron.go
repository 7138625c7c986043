package main

// This file holds single neurons and functions of a few variables, in the order
// of the text: perceptrons (§1.1), sigmoid neurons (§1.2), the valley (§1.5), one
// neuron that learns (§3.1, §3.2), Newton, momentum and other neurons (§3.8).
// Eq. 46 is the article's number, book Eq. 93 the online book's.
//
//	text     here        meaning                           shape
//	x, w, b  x, W, B     inputs, weights, bias             m, m, 1
//	z, a     z, a        weighted input w·x + b, output    1
//	y        y, Y        desired output                    1
//	C        C           function to be made small         m numbers to 1
//	v        v           where it stands (in Eq. 54: w)    m
//	∇C, Δv   nablaC, dv  gradient, change of position      m
//	H        H           second derivatives                m×m, symmetric
//
// The letter v is the position in §1.5 and the velocity in Eq. 54; each function
// below keeps the letter of its own section.

import (
	"fmt"
	"math"
	"slices"
)

// ThresholdPerceptron decides by weighing evidence: it says yes when the
// weights of the true inputs exceed its threshold. Eq. 1 (book Eq. 1).
type ThresholdPerceptron struct {
	W         []float64 // w, one weight an input
	Threshold float64
}

// Output is 1 if Σ_j w_j x_j > threshold and 0 otherwise, at equality too.
// Eq. 1 (book Eq. 1).
func (p ThresholdPerceptron) Output(x []float64) float64 {
	if dotProduct(p.W, x) > p.Threshold {
		return 1
	}
	return 0
}

// Neuron returns the neuron that decides as p does. Eq. 2 (book Eq. 2):
// b = -threshold; the article's print lost the minus.
func (p ThresholdPerceptron) Neuron() Neuron {
	return Neuron{p.W, -p.Threshold}
}

// dotProduct is w·x = Σ_j w_j x_j of §1.1, added up in the order of j.
// Vectors of different lengths panic.
func dotProduct(w, x []float64) float64 {
	if len(w) != len(x) {
		panic(fmt.Sprintf("neuron: w·x with %d weights and %d inputs", len(w), len(x)))
	}
	sum := 0.0
	for j := range w {
		sum += float64(w[j] * x[j])
	}
	return sum
}

// Neuron holds what every model of a neuron has: weights and a bias. The
// methods Perceptron, Sigmoid, Tanh and RectifiedLinear are the models; they
// differ in what they make of z. Eq. 2 (book Eq. 2).
type Neuron struct {
	W []float64 // w, one weight an input
	B float64   // b
}

// Z is the weighted input z = w·x + b of §1.2.
func (n Neuron) Z(x []float64) float64 {
	return dotProduct(n.W, x) + n.B
}

// Perceptron is 1 if w·x + b > 0 and 0 otherwise. Eq. 2 (book Eq. 2). The bias
// says how easily it fires: a large one fires on anything, a very negative one
// on nothing.
func (n Neuron) Perceptron(x []float64) float64 {
	if n.Z(x) > 0 {
		return 1
	}
	return 0
}

// Layers is a feedforward network of neurons, layer by layer as in Fig. 3 of
// §1.1. Layers[0] is the input layer and has no neurons; every neuron of
// Layers[l] takes all the outputs of Layers[l-1].
type Layers [][]Neuron

// Output returns what the last layer answers to x. All neurons are of the
// same model, for example Neuron.Perceptron (§1.1) or Neuron.Sigmoid (§1.2),
// so that both can be tried on the same weights.
func (net Layers) Output(x []float64, model func(Neuron, []float64) float64) []float64 {
	a := x
	for _, layer := range net[1:] {
		next := make([]float64, len(layer))
		for j, n := range layer {
			next[j] = model(n, a)
		}
		a = next
	}
	return a
}

// nand is the perceptron of the book's §1.1 that computes NAND, from which
// any other gate can be built: weights -2, -2 and bias 3.
var nand = Neuron{[]float64{-2, -2}, 3}

// adder adds two bits with NAND perceptrons only, the circuit of the book's
// §1.1. The output n1 feeds three of the others: it is one output all the same.
func adder(x1, x2 float64) (carry, sum float64) {
	gate := func(a, b float64) float64 { return nand.Perceptron([]float64{a, b}) }
	n1 := gate(x1, x2)
	n2 := gate(x1, n1)
	n3 := gate(n1, x2)
	return gate(n1, n1), gate(n2, n3)
}

// xor is the smallest use of a second layer (§1.1): it fires when the inputs
// differ. No single perceptron does, since Eq. 2 would need b ≤ 0, w_1+b > 0,
// w_2+b > 0 and w_1+w_2+b ≤ 0, and the middle two exclude the outer two.
func xor() Layers {
	or := Neuron{[]float64{2, 2}, -1}
	and := Neuron{[]float64{2, 2}, -3}
	return Layers{nil, {nand, or}, {and}}
}

// disagreement is a network of the shape of Fig. 3 (§1.1), 5-3-4-1. It fires
// when five answers are not all alike. The first layer counts, the second
// names the outcome, the third tests it.
func disagreement() Layers {
	atLeast := func(count float64) Neuron {
		return Neuron{[]float64{1, 1, 1, 1, 1}, 0.5 - count}
	}
	return Layers{
		nil,
		{atLeast(1), atLeast(3), atLeast(5)},
		{
			{[]float64{-1, 0, 0}, 0.5},  // nobody
			{[]float64{1, -1, 0}, -0.5}, // one or two
			{[]float64{0, 1, -1}, -0.5}, // three or four
			{[]float64{0, 0, 1}, -0.5},  // all five
		},
		{{[]float64{0, 1, 1, 0}, -0.5}},
	}
}

// stepFunction is the Heaviside function of Fig. 6 (§1.2). It differs from a
// perceptron at one point only: at z = 0 it is 1, where Eq. 2 gives 0.
func stepFunction(z float64) float64 {
	if z >= 0 {
		return 1
	}
	return 0
}

// Sigmoid is a perceptron made smooth: 1/(1 + exp(-Σ_j w_j x_j - b)).
// Eq. 4 (book Eq. 4); the article's print lost both minus signs. Far from
// z = 0 it answers as the perceptron does; inputs may lie anywhere in between
// 0 and 1, as the output does.
func (n Neuron) Sigmoid(x []float64) float64 {
	return sigmoid(n.Z(x))
}

// SigmoidChange predicts how far the output of a sigmoid neuron moves when its
// weights change by dw and its bias by db. Eq. 5 (book Eq. 5), where
// ∂output/∂w_j = σ'(z) x_j and ∂output/∂b = σ'(z). What it misses is of second
// order. A perceptron has no such rule: its slope is 0, or there is none.
func (n Neuron) SigmoidChange(x, dw []float64, db float64) float64 {
	sp := sigmoidPrime(n.Z(x), n.Sigmoid(x))
	change := float64(sp * db)
	for j := range dw {
		change += float64(float64(sp*x[j]) * dw[j])
	}
	return change
}

// smallChange is a network of the shape of Fig. 4 (§1.2), 3-4-1, with the
// weight from the first input to the first hidden neuron changed by dw. With
// all inputs 1 that neuron has z = -0.01 + dw: a perceptron there flips
// between dw = 0 and dw = 0.02, and takes the output with it.
func smallChange(dw float64) Layers {
	return Layers{
		nil,
		{
			{[]float64{1 + dw, -2, 0.5}, 0.49},
			{[]float64{-1, 1, 2}, -1.5},
			{[]float64{2, -1, -1}, 0.5},
			{[]float64{0.5, -2, 1}, -1},
		},
		{{[]float64{3, -2, 1, 1}, -0.5}},
	}
}

// smallChangeOutput is the output of that network of Fig. 4 (§1.2) when all
// inputs are 1.
func smallChangeOutput(dw float64, model func(Neuron, []float64) float64) float64 {
	return smallChange(dw).Output([]float64{1, 1, 1}, model)[0]
}

// valley is the function of Fig. 13 (§1.5), C(v) = v_1² + v_2². Its bottom is
// at (0, 0), its gradient 2v.
func valley(v []float64) float64 {
	return float64(v[0]*v[0]) + float64(v[1]*v[1])
}

// Gradient is the vector of the slopes of C at v: Eq. 9 (book Eq. 8) for two
// variables, Eq. 10 (book Eq. 13) for m. Each is a central difference, which
// needs nothing but values of C; its error falls with h².
//
// h is 2⁻¹⁷, about the cube root of the rounding of C, where the errors of
// rounding and of the difference are alike; about ten digits come out. Entries
// of v beyond 1 take a step in proportion.
func Gradient(C func([]float64) float64, v []float64) []float64 {
	nablaC := make([]float64, len(v))
	at := slices.Clone(v)
	for j := range v {
		h := float64(0x1p-17 * max(1, math.Abs(v[j])))
		above, below := v[j]+h, v[j]-h
		at[j] = above
		nablaC[j] = C(at)
		at[j] = below
		nablaC[j] = (nablaC[j] - C(at)) / (above - below)
		at[j] = v[j]
	}
	return nablaC
}

// PredictedChange is ΔC ≈ ∇C·Δv, the change of C when v moves by dv:
// Eq. 8 (book Eq. 7) written out, Eq. 11 (book Eq. 9) as a dot product, whose
// dot the article's print lost.
func PredictedChange(nablaC, dv []float64) float64 {
	return dotProduct(nablaC, dv)
}

// GradientStep is the move downhill Δv = -η∇C. Eq. 12 (book Eq. 10); the
// article's print lost the minus.
func GradientStep(nablaC []float64, eta float64) []float64 {
	dv := make([]float64, len(nablaC))
	for j := range dv {
		dv[j] = -float64(eta * nablaC[j])
	}
	return dv
}

// PredictedFall is the change that this move should bring about,
// ΔC ≈ -η‖∇C‖², which is never above 0. Eq. 13, unnumbered in the book; the
// article's print lost both minus signs.
func PredictedFall(nablaC []float64, eta float64) float64 {
	return -float64(eta * dotProduct(nablaC, nablaC))
}

// GradientDescent lets the ball roll: v → v' = v - η∇C, again and again.
// Eq. 14 (book Eq. 11); the article's print lost the minus. η must be small
// for Eq. 11 to hold over a whole step, and not so small that nothing moves.
//
// The result is the path, steps+1 positions with v first. It runs all steps,
// also when C rises: too large an η is something to look at.
func GradientDescent(C func([]float64) float64, v []float64, eta float64, steps int) [][]float64 {
	path := [][]float64{v}
	for range steps {
		v = addVectors(v, GradientStep(Gradient(C, v), eta))
		path = append(path, v)
	}
	return path
}

// addVectors is v + Δv, the new position of Eq. 14 (book Eq. 11), in a slice of
// its own.
func addVectors(v, dv []float64) []float64 {
	next := slices.Clone(v)
	for j := range next {
		next[j] += dv[j]
	}
	return next
}

// stepsToFlat is the first step from which on the slope ‖∇C‖ of a path stays
// below tol, the "stops" of §1.5; len(path) if there is none.
func stepsToFlat(C func([]float64) float64, path [][]float64, tol float64) int {
	for i := len(path) - 1; i >= 0; i-- {
		nablaC := Gradient(C, path[i])
		if !(math.Sqrt(dotProduct(nablaC, nablaC)) < tol) {
			return i + 1
		}
	}
	return 0
}

// SingleNeuron is the toy of Fig. 17 (§3.1): a sigmoid neuron with one input,
// and the one example that it shall learn.
type SingleNeuron struct {
	W, B   float64 // weight and bias; Train changes them
	X, Y   float64 // input and desired output
	Eta    float64 // η
	Epochs int
	Cost   *neuronCost
}

// neuronCost is a cost of one neuron on one example, in one row: C, and the
// neuron's error ∂C/∂z from which both slopes follow.
type neuronCost struct {
	name  string
	cost  func(y, a float64) float64
	delta func(y, z float64) float64
}

var (
	singleQuadratic    = &neuronCost{"quadratic", neuronQuadratic, neuronQuadraticDelta}           // Eqs. 29, 30
	singleCrossEntropy = &neuronCost{"cross-entropy", neuronCrossEntropy, neuronCrossEntropyDelta} // Eqs. 31, 33
)

// NewSingleNeuron sets the task of §3.1: turn the input 1 into the output 0 in
// 300 epochs at η = 0.15, starting from weight w and bias b.
func NewSingleNeuron(w, b float64, cost *neuronCost) *SingleNeuron {
	return &SingleNeuron{W: w, B: b, X: 1, Y: 0, Eta: 0.15, Epochs: 300, Cost: cost}
}

// Z is the weighted input z = wx + b of §3.1.
func (s *SingleNeuron) Z() float64 {
	return float64(s.W*s.X) + s.B
}

// Output is a = σ(z), §3.1.
func (s *SingleNeuron) Output() float64 {
	return sigmoid(s.Z())
}

// CurrentCost is C of Eq. 29 (book Eq. 54) or of Eq. 31 (book Eq. 57), as
// s.Cost says.
func (s *SingleNeuron) CurrentCost() float64 {
	return s.Cost.cost(s.Y, s.Output())
}

// Gradient is ∂C/∂w = ∂C/∂z x and ∂C/∂b = ∂C/∂z. Eq. 30 (book Eqs. 55, 56).
func (s *SingleNeuron) Gradient() (nablaW, nablaB float64) {
	delta := s.Cost.delta(s.Y, s.Z())
	return float64(delta * s.X), delta
}

// Train runs gradient descent, Eq. 14, and returns the curve of the costs:
// one before each epoch and one at the end, 301 for the task of §3.1.
func (s *SingleNeuron) Train() []float64 {
	costs := make([]float64, 0, s.Epochs+1)
	for range s.Epochs {
		costs = append(costs, s.CurrentCost())
		nablaW, nablaB := s.Gradient()
		s.W -= float64(s.Eta * nablaW)
		s.B -= float64(s.Eta * nablaB)
	}
	return append(costs, s.CurrentCost())
}

// steepestEpoch is the epoch in which a curve of costs falls most: late where a
// neuron begins saturated and learns by the quadratic cost (§3.1).
func steepestEpoch(costs []float64) int {
	at := 0
	for i := range len(costs) - 1 {
		if costs[i]-costs[i+1] > costs[at]-costs[at+1] {
			at = i
		}
	}
	return at
}

// misprintedTrain is the article's listing in §3.1 as it was run: the weight's
// update multiplies by the output where Eq. 30 has the input x. From (0.6, 0.9)
// it ends at the output 0.127385; the cost there, 0.008114, is what the
// listing prints under the word "output" and the text quotes as 0.008.
func (s *SingleNeuron) misprintedTrain() []float64 {
	costs := make([]float64, 0, s.Epochs+1)
	for range s.Epochs {
		costs = append(costs, s.CurrentCost())
		a, delta := s.Output(), s.Cost.delta(s.Y, s.Z())
		s.W -= float64(s.Eta * float64(delta*a))
		s.B -= float64(s.Eta * delta)
	}
	return append(costs, s.CurrentCost())
}

// neuronQuadratic is C = (y-a)²/2. Eq. 29 (book Eq. 54).
func neuronQuadratic(y, a float64) float64 {
	return float64((y-a)*(y-a)) / 2
}

// neuronQuadraticDelta is ∂C/∂z = (a-y) σ'(z), the common factor of Eq. 30
// (book Eqs. 55, 56). Where the neuron is saturated σ' is nearly 0: learning
// slows down however wrong a is.
func neuronQuadraticDelta(y, z float64) float64 {
	a := sigmoid(z)
	return float64((a - y) * sigmoidPrime(z, a))
}

// neuronCrossEntropy is -[y ln a + (1-y) ln(1-a)], a term of the sum in Eq. 31
// (book Eq. 57). ln(1-a) is taken by log1p, as forming 1-a first costs digits
// when a is small. A logarithm of 0 counts as that of the smallest normal
// number, so a = 0 and a = 1 cost 0 or 708.4, never Inf or NaN.
func neuronCrossEntropy(y, a float64) float64 {
	const tiny = 0x1p-1022
	lnA := log(max(a, tiny))
	ln1A := log(tiny)
	if a != 1 {
		ln1A = log1p(-a)
	}
	return 0 - float64(y*lnA) - float64((1-y)*ln1A)
}

// neuronCrossEntropyDelta is ∂C/∂z = σ(z) - y, the common factor of Eq. 33
// (book Eq. 61) and Eq. 34 (book Eq. 62): the larger the error, the faster.
func neuronCrossEntropyDelta(y, z float64) float64 {
	return sigmoid(z) - y
}

// neuronExample is a training input of §3.2 with the output desired for it.
type neuronExample struct {
	x []float64 // one entry a weight
	y float64   // 0 to 1
}

// CrossEntropy is the cost of a sigmoid neuron with several inputs (Fig. 21)
// over a training set, C = -(1/n) Σ_x [y ln a + (1-y) ln(1-a)].
// Eq. 31 (book Eq. 57).
func (n Neuron) CrossEntropy(data []neuronExample) float64 {
	sum := 0.0
	for _, d := range data {
		sum += neuronCrossEntropy(d.y, n.Sigmoid(d.x))
	}
	return sum / float64(len(data))
}

// crossEntropySlope is ∂C/∂w_j before σ' cancels,
// (1/n) Σ_x σ'(z) x_j (σ(z) - y) / (σ(z) (1 - σ(z))).
// Eq. 32 (book Eq. 60); 0/0 where the neuron is saturated.
func (n Neuron) crossEntropySlope(data []neuronExample, j int) float64 {
	sum := 0.0
	for _, d := range data {
		s := n.Sigmoid(d.x)
		sp := sigmoidPrime(n.Z(d.x), s)
		sum += float64(float64(sp*d.x[j]) / float64(s*(1-s)) * (s - d.y))
	}
	return sum / float64(len(data))
}

// CrossEntropyGradient is ∂C/∂w_j = (1/n) Σ_x x_j (σ(z) - y) for every j,
// Eq. 33 (book Eq. 61; the article prints w_i), and ∂C/∂b, the same without
// x_j, Eq. 34 (book Eq. 62).
func (n Neuron) CrossEntropyGradient(data []neuronExample) (nablaW []float64, nablaB float64) {
	nablaW = make([]float64, len(n.W))
	for _, d := range data {
		delta := neuronCrossEntropyDelta(d.y, n.Z(d.x))
		for j := range nablaW {
			nablaW[j] += float64(d.x[j]*delta) / float64(len(data))
		}
		nablaB += delta / float64(len(data))
	}
	return nablaW, nablaB
}

// softmaxNeurons is a softmax layer by itself: the activations for the
// weighted inputs z. Eq. 36 (book Eq. 78); by Eq. 37 (book Eq. 79) they sum
// to 1.
func softmaxNeurons(z ...float64) []float64 {
	a := make([]float64, len(z))
	softmax(a, z)
	return a
}

// Taylor is what is known of C near a point w: value, gradient and Hessian
// there. Eq. 51 (book Eq. 104).
type Taylor struct {
	C      float64
	NablaC []float64   // m
	H      [][]float64 // m×m
}

// Expand works out the Taylor expansion of C about w by differences.
// Eq. 51 (book Eq. 104).
func Expand(C func([]float64) float64, w []float64) Taylor {
	return Taylor{C(w), Gradient(C, w), Hessian(C, w)}
}

// Sum is the expansion index by index,
// C + Σ_j ∂C/∂w_j Δw_j + ½ Σ_jk Δw_j ∂²C/∂w_j∂w_k Δw_k. Eq. 50 (book Eq. 103).
func (t Taylor) Sum(dw []float64) float64 {
	first, second := 0.0, 0.0
	for j := range dw {
		first += float64(t.NablaC[j] * dw[j])
		for k := range dw {
			second += float64(float64(dw[j]*t.H[j][k]) * dw[k])
		}
	}
	return t.C + first + float64(second/2)
}

// Value is the same with vectors, C + ∇C·Δw + ½ Δwᵀ H Δw: Eq. 51
// (book Eq. 104) without its dots, which makes it the approximation Eq. 52
// (book Eq. 105).
func (t Taylor) Value(dw []float64) float64 {
	Hdw := make([]float64, len(dw))
	for j := range Hdw {
		Hdw[j] = dotProduct(t.H[j], dw)
	}
	return t.C + dotProduct(t.NablaC, dw) + float64(dotProduct(dw, Hdw)/2)
}

// Hessian is the matrix of second derivatives of C at w, H_jk = ∂²C/∂w_j∂w_k
// of Eq. 51 (book Eq. 104), by differences of four values. Only j ≥ k is
// computed. The step is larger than Gradient's, since rounding is divided by
// its square: about seven digits come out.
func Hessian(C func([]float64) float64, w []float64) [][]float64 {
	at := slices.Clone(w)
	value := func(j int, dj float64, k int, dk float64) float64 {
		copy(at, w)
		at[j] += dj
		at[k] += dk
		return C(at)
	}
	H := make([][]float64, len(w))
	for j := range H {
		H[j] = make([]float64, len(w))
		hj := float64(0x1p-13 * max(1, math.Abs(w[j])))
		for k := range j + 1 {
			hk := float64(0x1p-13 * max(1, math.Abs(w[k])))
			up := value(j, hj, k, hk) - value(j, hj, k, -hk)
			down := value(j, -hj, k, hk) - value(j, -hj, k, -hk)
			H[j][k] = (up - down) / (4 * hj * hk)
			H[k][j] = H[j][k]
		}
	}
	return H
}

// Newton is the Hessian technique of §3.8.1. Eta scales the step. Damping adds
// a multiple of the unit matrix to H, for places where H alone has no minimum
// to jump to; it is not in the text.
type Newton struct {
	Eta     float64 // η; 1 jumps to where Eq. 52 is smallest
	Damping float64 // 0 is the text's technique
}

// Step is Δw = -ηH⁻¹∇C. Eq. 53 (book Eq. 106); the article's print lost the
// minus and has H¹ for H⁻¹. The equation supposes that H is positive definite;
// Step returns an error where H, damping included, is not. H is factored, not
// inverted.
func (o Newton) Step(C func([]float64) float64, w []float64) ([]float64, error) {
	H := Hessian(C, w)
	for j := range H {
		H[j][j] += o.Damping
	}
	L, err := cholesky(H)
	if err != nil {
		return nil, err
	}
	dw := solveCholesky(L, Gradient(C, w))
	for j := range dw {
		dw[j] *= -o.Eta
	}
	return dw, nil
}

// Descend repeats w → w + Δw with Eq. 53 (book Eq. 106) and returns the path,
// w first; on an error, the path so far.
func (o Newton) Descend(C func([]float64) float64, w []float64, steps int) ([][]float64, error) {
	path := [][]float64{w}
	for i := range steps {
		dw, err := o.Step(C, w)
		if err != nil {
			return path, fmt.Errorf("step %d: %w", i+1, err)
		}
		w = addVectors(w, dw)
		path = append(path, w)
	}
	return path, nil
}

// cholesky factors H = LLᵀ with L lower triangular, which exists only for the
// positive definite H that Eq. 53 (book Eq. 106) needs. A pivot below a
// millionth of the largest diagonal entry counts as 0: Hessian knows no better.
func cholesky(H [][]float64) ([][]float64, error) {
	largest := 0.0
	for j := range H {
		largest = max(largest, math.Abs(H[j][j]))
	}
	L := make([][]float64, len(H))
	for j := range H {
		L[j] = make([]float64, len(H))
		for k := range j {
			L[j][k] = (H[j][k] - dotProduct(L[j][:k], L[k][:k])) / L[k][k]
		}
		pivot := H[j][j] - dotProduct(L[j][:j], L[j][:j])
		if !(pivot > 1e-6*largest) {
			return nil, fmt.Errorf("newton: H is not positive definite: pivot %d of %d is %.3g, expected above 0", j+1, len(H), pivot)
		}
		L[j][j] = math.Sqrt(pivot)
	}
	return L, nil
}

// solveCholesky solves LLᵀu = c, so that u is H⁻¹c as in Eq. 53 (book Eq. 106):
// forward through L, then backward through Lᵀ.
func solveCholesky(L [][]float64, c []float64) []float64 {
	u := slices.Clone(c)
	for j := range u {
		u[j] = (u[j] - dotProduct(L[j][:j], u[:j])) / L[j][j]
	}
	for j := len(u) - 1; j >= 0; j-- {
		for k := j + 1; k < len(u); k++ {
			u[j] -= float64(L[k][j] * u[k])
		}
		u[j] /= L[j][j]
	}
	return u
}

// parameterCount counts the weights and biases of a network of these sizes,
// 23,860 for [784, 30, 10] (§3.4).
func parameterCount(sizes []int) (count int64) {
	for l := 1; l < len(sizes); l++ {
		count += int64(sizes[l]) * int64(sizes[l-1]+1)
	}
	return count
}

// hessianEntries counts the entries of H for a network of these sizes: the
// square of the number of its parameters (§3.8.1).
func hessianEntries(sizes []int) int64 {
	return parameterCount(sizes) * parameterCount(sizes)
}

// Ball rolls with a velocity of its own instead of stepping along the
// gradient, so that steps in one direction add up. The friction is 1-μ: with
// μ = 0 no velocity survives a step and this is Eq. 14; with μ = 1 none is
// lost, and the ball swings through the bottom for ever.
// Eq. 54 (book Eqs. 107, 108).
type Ball struct {
	Eta float64 // η
	Mu  float64 // μ, the momentum co-efficient
}

// Descend repeats v → v' = μv - η∇C, then w → w' = w + v', from rest at w, and
// returns the path, w first. Eq. 54 (book Eqs. 107, 108); w moves by the new
// velocity v', whose prime the article's print lost.
func (p Ball) Descend(C func([]float64) float64, w []float64, steps int) [][]float64 {
	path := [][]float64{w}
	v := make([]float64, len(w))
	for range steps {
		nablaC := Gradient(C, w)
		for j := range v {
			v[j] = float64(p.Mu*v[j]) - float64(p.Eta*nablaC[j])
		}
		w = addVectors(w, v)
		path = append(path, w)
	}
	return path
}

// Tanh is the tanh neuron, tanh(w·x + b), with outputs from -1 to 1.
// Eq. 55 (book Eq. 109). It is odd, tanh(-z) = -tanh(z), where the article's
// print lost the minus.
func (n Neuron) Tanh(x []float64) float64 {
	return tanh(n.Z(x))
}

// sigmoidByTanh is σ(z) = (1 + tanh(z/2))/2: a tanh neuron is a sigmoid neuron
// on another scale. Eq. 57 (book Eq. 111).
func sigmoidByTanh(z float64) float64 {
	return (1 + tanh(z/2)) / 2
}

// RectifiedLinear is the rectified linear neuron, max(0, w·x + b).
// Eq. 58 (book Eq. 112). Below z = 0 all its slopes are 0: on such an input
// the neuron is dead and learns nothing, but above it never saturates.
func (n Neuron) RectifiedLinear(x []float64) float64 {
	return max(0, n.Z(x))
}
