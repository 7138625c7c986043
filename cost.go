package main

import (
	"math"
	"slices"
)

// This file holds what can be chosen about neurons and costs, one row a kind:
// the hidden neurons (§1.2, §3.8), the costs with their output layers (§1.5,
// §3.1-§3.3) and the encodings of the digit (§1.4). Each formula is a function
// of its own. Below them stand the exponential and the logarithm.

// An Activation is the function of a layer of hidden neurons (§1.2: other
// activation functions change only the partial derivatives of Eq. 5; §2.3:
// BP1-BP4 hold for any that works neuron by neuron).
type Activation struct {
	Name  string
	Func  func(z float64) float64    // σ(z)
	Prime func(z, a float64) float64 // σ'(z); a is σ(z), which spares a second exponential
}

// The hidden neurons of the text.
var (
	Sigmoid = &Activation{"sigmoid", sigmoid, func(_, a float64) float64 { return a * (1 - a) }} // Eqs. 3, 6
	Tanh    = &Activation{"tanh", tanh, func(_, a float64) float64 { return 1 - float64(a*a) }}  // Eqs. 55, 56
	ReLU    = &Activation{"relu", relu, func(z, _ float64) float64 { return reluPrime(z) }}      // Eq. 58
)

// activations lists the values of -activation.
var activations = []*Activation{Sigmoid, Tanh, ReLU}

// sigmoid returns σ(z) = 1/(1+e⁻ᶻ), Eq. 3.
func sigmoid(z float64) float64 {
	return 1 / (1 + exp(-z))
}

// sigmoidPrime returns σ'(z) = σ(z)(1-σ(z)), Eq. 6, the slope of the sigmoid.
func sigmoidPrime(z float64) float64 {
	a := sigmoid(z)
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

// relu returns max(0, z), the rectified linear neuron of Eq. 58 (book
// Eq. 112).
func relu(z float64) float64 {
	return max(0, z)
}

// reluPrime returns the slope of Eq. 58 (book Eq. 112): 0 below 0, 1 above,
// and 0 at 0 itself, where it has none.
func reluPrime(z float64) float64 {
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
	Delta  func(delta, a, y []float64)     // sets δᴸ
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

// quadraticCost returns ‖y-a‖²/2, one example's share C_x of Eq. 7
// (book Eq. 6; network2.py: QuadraticCost.fn).
func quadraticCost(_, a, y []float64) float64 {
	sum := 0.0
	for j := range a {
		d := y[j] - a[j]
		sum += float64(d * d)
	}
	return sum / 2
}

// quadraticDelta sets δᴸ = (aᴸ-y) ⊙ σ'(zᴸ), Eq. 23 (book Eq. 30), which is
// BP1 for the quadratic cost (network2.py: QuadraticCost.delta).
func quadraticDelta(delta, a, y []float64) {
	for j := range a {
		delta[j] = (a[j] - y[j]) * (a[j] * (1 - a[j])) // ∇_a C ⊙ σ'(zᴸ)
	}
}

// crossEntropyCost returns -Σ_j [y_j ln a_j + (1-y_j) ln(1-a_j)], one
// example's share of Eq. 35 (book Eq. 63; network2.py: CrossEntropyCost.fn).
//
// It is made from z, since ln a = -ln(1+e⁻ᶻ) and ln(1-a) = -ln(1+eᶻ): right
// where a rounds to 0 or 1, and in no need of network2.py's nan_to_num.
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
// made from z, ln a_j = z_j - ln Σ_k e^z_k, and so is finite also where a_y
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
func differenceDelta(delta, a, y []float64) {
	for j := range a {
		delta[j] = a[j] - y[j]
	}
}

// An Encoding is how the output neurons stand for a digit (§1.4).
type Encoding struct {
	Name    string
	Outputs int
	Set     func(y []float64, digit byte) // sets the desired output y(x)
	Digit   func(a []float64) int         // reads the output; no digit is 10 or more
}

// The encodings of §1.4.
var (
	Unit   = &Encoding{"unit", 10, unitVector, argmax}
	Binary = &Encoding{"binary", 4, bitVector, fromBits}
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

// exp returns eᶻ, the e of Eqs. 3, 36 and 56. math.Exp differs in the last bit
// from one architecture to the next, and a trained network would with it; this
// one is the same everywhere, and nearly always the float64 next to eᶻ.
//
// With k the integer next to 32 z/ln 2, eᶻ is 2^(k/32) eʳ: a number of the
// table and a power of 2, times a short series in |r| ≤ ln 2/64.
func exp(z float64) float64 {
	const (
		ln2Hi32   = 0x1.62e42fefa0000p-6  // ln 2/32 to 36 bits, so that k ln2Hi32 is exact
		ln2Lo32   = 0x1.cf79abc9e3b3ap-45 // and the rest of it
		perLn2    = 0x1.71547652b82fep+5  // 32/ln 2
		rounder   = 3 << 51               // so large that its last bit counts 1: to add it rounds to an integer
		overflow  = 7.09782712893383973096e+02
		underflow = -7.45133219101941108420e+02
	)
	switch {
	case z > overflow:
		return math.Inf(1)
	case z < underflow:
		return 0
	case math.IsNaN(z):
		return z
	}
	k := float64(float64(z*perLn2)+rounder) - rounder
	r := z - float64(k*ln2Hi32) - float64(k*ln2Lo32)
	p := r + float64(float64(r*r)*(1./2+float64(r*(1./6+float64(r*(1./24+float64(r*(1./120+float64(r*(1./720))))))))))
	t := &exp2Table[int(k)&31]
	return scale(t[0]+(t[1]+float64(t[0]*p)), int(k)>>5)
}

// exp2Table holds 2^(i/32) as the sum of two float64s (for exp).
var exp2Table = [32][2]float64{
	{1, 0},
	{0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55},
	{0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54},
	{0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54},
	{0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55},
	{0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54},
	{0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54},
	{0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55},
	{0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55},
	{0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54},
	{0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55},
	{0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59},
	{0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56},
	{0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55},
	{0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54},
	{0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54},
	{0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54},
	{0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55},
	{0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55},
	{0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54},
	{0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54},
	{0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57},
	{0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56},
	{0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54},
	{0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54},
	{0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56},
	{0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55},
	{0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56},
	{0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55},
	{0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54},
	{0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54},
	{0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54},
}

// scale returns y 2ᵏ for y from 0.98 to 2, also where 2ᵏ alone is no normal
// number (for Eq. 3, at the ends of its range).
func scale(y float64, k int) float64 {
	switch {
	case k > 1023:
		return y * 2 * math.Float64frombits(uint64(k-1+1023)<<52)
	case k < -1022:
		return y * math.Float64frombits(uint64(k+54+1023)<<52) * (1.0 / (1 << 54))
	}
	return y * math.Float64frombits(uint64(k+1023)<<52)
}

// log returns ln x, the same on every architecture, for the Gaussians of
// network.py: Network.__init__ and the costs of Eqs. 31 and 38.
//
// The method is that of FreeBSD's e_log.c: x = 2ᵏ (1+f), s = f/(2+f), and
// ln(1+f) = f - f²/2 + s (f²/2 + R(s²)).
func log(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10

		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	f1, ki := math.Frexp(x)
	if f1 < math.Sqrt2/2 {
		f1 *= 2
		ki--
	}
	f := f1 - 1
	k := float64(ki)

	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	t1 := s2 * (l1 + float64(s4*(l3+float64(s4*(l5+float64(s4*l7))))))
	t2 := s4 * (l2 + float64(s4*(l4+float64(s4*l6))))
	r := float64(t1) + float64(t2)
	half := float64(0.5 * f * f)
	return float64(k*ln2Hi) - ((half - (float64(s*(half+r)) + float64(k*ln2Lo))) - f)
}

// log1p returns ln(1+x) without losing the digits of a small x, for the
// cross-entropy of Eq. 31: what 1+x rounds away is corrected by its ratio.
func log1p(x float64) float64 {
	u := 1 + x
	if u == 1 || math.IsInf(u, 1) {
		return x
	}
	return log(u) * (x / (u - 1))
}
