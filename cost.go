package main

import (
	"math"
	"slices"
)

// This file holds what can be chosen about neurons and costs, one row per kind:
// the hidden neurons (§1.2, §3.8), the costs with their output layers (§1.5,
// §3.1-§3.3) and the encodings of the digit (§1.4). Each formula is a function
// of its own. Eq. 46 is the article's number, book Eq. 93 the online book's.

// An Activation is the function of a layer of hidden neurons. BP1-BP4 hold for
// any that works neuron by neuron (§1.2, §2.3).
type Activation struct {
	Name  string
	Func  func(z float64) float64    // σ(z)
	Prime func(z, a float64) float64 // σ'(z), where a is σ(z), which spares a second exponential
}

// The hidden neurons of the text.
var (
	Sigmoid = &Activation{"sigmoid", sigmoid, sigmoidPrime} // Eqs. 3, 6
	Tanh    = &Activation{"tanh", tanh, tanhPrime}          // Eqs. 55, 56
	ReLU    = &Activation{"relu", relu, reluPrime}          // Eq. 58
)

// activations lists the values of -activation.
var activations = []*Activation{Sigmoid, Tanh, ReLU}

// sigmoid returns σ(z) = 1/(1+e⁻ᶻ), Eq. 3 (network.py: sigmoid).
func sigmoid(z float64) float64 {
	return 1 / (1 + exp(-z))
}

// sigmoidPrime returns σ'(z) = σ(z)(1-σ(z)), Eq. 6, the derivative of the
// sigmoid, from a = σ(z) (network.py: sigmoid_prime).
func sigmoidPrime(_, a float64) float64 {
	return a * (1 - a)
}

// tanh returns (eᶻ-e⁻ᶻ)/(eᶻ+e⁻ᶻ), Eq. 56 (book Eq. 110); the article's print
// lost the minus of the numerator. Near 0, where the difference would cancel,
// it is the rational function of Cephes' tanh.c.
func tanh(z float64) float64 {
	switch s := z * z; {
	case math.Abs(z) < 0.625:
		p := float64((float64((float64(-9.64399179425052238628e-1*s)-9.92877231001918586564e1)*s) - 1.61468768441708447952e3) * s)
		q := float64((float64((float64(s)+1.12811678491632931402e2)*s)+2.23548839060100448583e3)*s) + 4.84406305325125486048e3
		return z + float64(z*(p/q))
	case z < 0:
		return -tanh(-z)
	}
	e := exp(-2 * z) // Eq. 56, both sides of the fraction divided by eᶻ
	return (1 - e) / (1 + e)
}

// tanhPrime returns tanh'(z) = 1 - tanh²(z), the derivative of Eq. 56 (book
// Eq. 110), from a = tanh(z).
func tanhPrime(_, a float64) float64 {
	return 1 - float64(a*a)
}

// relu returns max(0, z), the rectified linear neuron of Eq. 58 (book
// Eq. 112).
func relu(z float64) float64 {
	return max(0, z)
}

// reluPrime returns the derivative of Eq. 58 (book Eq. 112): 0 below 0, 1
// above, and 0 at 0 itself, where there is none.
func reluPrime(z, _ float64) float64 {
	if z > 0 {
		return 1
	}
	return 0
}

// A Cost is a cost function together with the output layer that it needs,
// since δᴸ belongs to the pair of them (BP1). All vectors have n_L entries.
type Cost struct {
	Name   string                          // value of -cost
	Class  string                          // network2.py's name of it
	Output func(a, z []float64)            // sets aᴸ from zᴸ
	Fn     func(z, a, y []float64) float64 // returns C_x, the cost of one example
	Delta  func(delta, z, a, y []float64)  // sets δᴸ
}

// The costs of the text, each with its output layer.
var (
	QuadraticCost     = &Cost{"quadratic", "QuadraticCost", sigmoidLayer, quadraticCost, quadraticDelta}            // Eqs. 7, 23
	CrossEntropyCost  = &Cost{"cross-entropy", "CrossEntropyCost", sigmoidLayer, crossEntropyCost, differenceDelta} // Eq. 35
	LogLikelihoodCost = &Cost{"log-likelihood", "LogLikelihoodCost", softmax, logLikelihoodCost, differenceDelta}   // Eqs. 36-39
)

// costs lists the values of -cost.
var costs = []*Cost{QuadraticCost, CrossEntropyCost, LogLikelihoodCost}

// sigmoidLayer sets a = σ(z), the output layer of Eq. 19 (book Eq. 25).
func sigmoidLayer(a, z []float64) {
	for j := range z {
		a[j] = sigmoid(z[j])
	}
}

// softmax sets a_j = e^z_j / Σ_k e^z_k, the output layer of Eq. 36 (book
// Eq. 78); by Eq. 37 (book Eq. 79) the a_j sum to 1. The largest z is taken off
// all of them first: it cancels, and nothing overflows.
func softmax(a, z []float64) {
	top := slices.Max(z)
	sum := 0.0
	for j := range z {
		a[j] = exp(z[j] - top)
		sum += a[j]
	}
	for j := range a {
		a[j] /= sum
	}
}

// quadraticCost returns C_x = ‖y-a‖²/2, the term of one example in Eq. 7
// (book Eq. 6; network2.py: QuadraticCost.fn).
func quadraticCost(_, a, y []float64) float64 {
	sum := 0.0
	for j := range a {
		d := y[j] - a[j]
		sum += float64(d * d)
	}
	return sum / 2
}

// costDerivative returns ∂C_x/∂a_j = a_j - y_j, the derivative of the quadratic
// cost by an output: the ∇_a C of BP1 (network.py: cost_derivative).
func costDerivative(a, y float64) float64 {
	return a - y
}

// quadraticDelta sets δᴸ = (aᴸ-y) ⊙ σ'(zᴸ), Eq. 23 (book Eq. 30), which is
// BP1 for the quadratic cost (network2.py: QuadraticCost.delta).
func quadraticDelta(delta, z, a, y []float64) {
	for j := range a {
		delta[j] = costDerivative(a[j], y[j]) * sigmoidPrime(z[j], a[j]) // ∇_a C ⊙ σ'(zᴸ)
	}
}

// crossEntropyCost returns -Σ_j [y_j ln a_j + (1-y_j) ln(1-a_j)], the
// term of one example in Eq. 35 (book Eq. 63; network2.py: CrossEntropyCost.fn).
//
// It is computed from z, since ln a = -ln(1+e⁻ᶻ) and ln(1-a) = -ln(1+eᶻ). So it
// is right where a rounds to 0 or 1, without network2.py's nan_to_num.
func crossEntropyCost(z, _, y []float64) float64 {
	sum := 0.0
	for j := range z {
		sum += float64(y[j]*softplus(-z[j])) + float64((1-y[j])*softplus(z[j]))
	}
	return sum
}

// softplus returns ln(1+eᶻ), the -ln(1-σ(z)) of Eq. 31 (book Eq. 57), without
// overflow.
func softplus(z float64) float64 {
	return max(z, 0) + log1p(exp(-math.Abs(z)))
}

// logLikelihoodCost returns -ln a_y, Eq. 38 (book Eq. 80), whose minus the
// article's print lost; as the sum -Σ_j y_j ln a_j over a unit vector y. It is
// computed from z, ln a_j = z_j - ln Σ_k e^z_k, and so is finite even where a_y
// rounds to 0.
func logLikelihoodCost(z, _, y []float64) float64 {
	top, sum := slices.Max(z), 0.0
	for _, zk := range z {
		sum += exp(zk - top)
	}
	cost, logSum := 0.0, log(sum)
	for j := range z {
		cost += float64(y[j] * (top - z[j] + logSum))
	}
	return cost
}

// differenceDelta sets δᴸ = aᴸ-y: BP1 where σ' has cancelled, for the
// cross-entropy with sigmoid neurons, Eqs. 33 and 34 (book Eqs. 61, 62;
// network2.py: CrossEntropyCost.delta), and for the log-likelihood with
// softmax, Eq. 39 (book Eqs. 81, 82).
func differenceDelta(delta, _, a, y []float64) {
	for j := range a {
		delta[j] = a[j] - y[j]
	}
}

// An Encoding is how the output neurons stand for a digit (§1.4).
type Encoding struct {
	Name    string
	Outputs int
	Set     func(y []float64, digit byte) // sets the desired output y(x)
	Digit   func(a []float64) int         // reads the output; no digit is Classes or more
	Classes []string                      // names of the classes; nil: the digits
}

// The encodings of §1.4.
var (
	Unit   = &Encoding{"unit", 10, unitVector, argmax, nil}
	Binary = &Encoding{"binary", 4, bitVector, fromBits, nil}
)

// encodings lists the values of -encoding.
var encodings = []*Encoding{Unit, Binary}

// unitVector sets y to 1 at index digit and 0 elsewhere (§1.5;
// mnist_loader.py: vectorized_result).
func unitVector(y []float64, digit byte) {
	clear(y)
	y[digit] = 1
}

// argmax returns the index of the largest element, the first of equals
// (§1.4; network.py: evaluate).
func argmax(a []float64) int {
	best, at := math.Inf(-1), 0
	for j, x := range a {
		if x > best {
			best, at = x, j
		}
	}
	return at
}

// bitVector sets y to the bits of digit, the most significant first: the four
// output neurons of §1.4.
func bitVector(y []float64, digit byte) {
	for j := range y {
		y[j] = float64(digit >> (len(y) - 1 - j) & 1)
	}
}

// fromBits returns the number whose bits are 1 where an output is above 0.5;
// 10 to 15 are no digits and count as wrong (§1.4).
func fromBits(a []float64) int {
	digit := 0
	for _, x := range a {
		digit *= 2
		if x > 0.5 {
			digit++
		}
	}
	return digit
}
