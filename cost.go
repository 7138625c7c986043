package main

import "math"

// This file holds the functions of a neuron and of the cost: the sigmoid
// (§1.2), the quadratic cost (§1.5), and below them the exponential and the
// logarithm that they rest on.

// An Activation is the function of a layer of hidden neurons, one row a kind
// (§1.2: other activation functions change only the partial derivatives of
// Eq. 5; §2.3: BP1-BP4 hold for any of them).
type Activation struct {
	Name  string
	Func  func(z float64) float64    // σ(z)
	Prime func(z, a float64) float64 // σ'(z); a is σ(z), which spares a second exponential
}

// Sigmoid is the neuron of chapter 1.
var Sigmoid = &Activation{"sigmoid", sigmoid, func(_, a float64) float64 { return a * (1 - a) }} // Eqs. 3, 6

// sigmoid returns σ(z) = 1/(1+e⁻ᶻ), Eq. 3.
func sigmoid(z float64) float64 {
	return 1 / (1 + exp(-z))
}

// sigmoidPrime returns σ'(z) = σ(z)(1-σ(z)), Eq. 6, the slope of the sigmoid.
func sigmoidPrime(z float64) float64 {
	a := sigmoid(z)
	return a * (1 - a)
}

// A Cost is a cost function together with the output layer that it needs,
// since δᴸ belongs to the pair of them (BP1). All vectors have n_L entries.
type Cost struct {
	Name   string                          // network2.py's name of the class
	Output func(a, z []float64)            // sets aᴸ from zᴸ
	Fn     func(z, a, y []float64) float64 // returns C_x, the cost of one example
	Delta  func(delta, z, a, y []float64)  // sets δᴸ
}

// QuadraticCost is the cost of chapter 1, Eq. 7 (book Eq. 6).
var QuadraticCost = &Cost{"QuadraticCost", sigmoidLayer, quadraticCost, quadraticDelta}

// sigmoidLayer sets a = σ(z), the output layer of Eq. 19 (book Eq. 25).
func sigmoidLayer(a, z []float64) {
	for j := range z {
		a[j] = sigmoid(z[j])
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
func quadraticDelta(delta, _, a, y []float64) {
	for j := range a {
		delta[j] = (a[j] - y[j]) * (a[j] * (1 - a[j])) // ∇_a C ⊙ σ'(zᴸ)
	}
}

// exp returns eᶻ. math.Exp differs in the last bit from one architecture to
// the next, and a trained network would with it; this one is the same
// everywhere, and within 1 ulp of it. It is the e of Eqs. 3, 36 and 56.
//
// The method is that of FreeBSD's e_exp.c: z = k ln 2 + r with |r| ≤ ln 2 / 2,
// then eʳ as a rational function of r, then eᶻ = 2ᵏ eʳ.
func exp(z float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		log2e = 1.44269504088896338700e+00

		overflow  = 7.09782712893383973096e+02
		underflow = -7.45133219101941108420e+02
	)
	switch {
	case math.IsNaN(z):
		return z
	case z > overflow:
		return math.Inf(1)
	case z < underflow:
		return 0
	}
	k := math.Floor(float64(log2e*z) + 0.5)
	hi := z - float64(k*ln2Hi)
	lo := float64(k * ln2Lo)
	return scale(expReduced(hi, lo), int(k))
}

// expReduced returns e^(hi-lo) for |hi-lo| ≤ ln 2 / 2, by the polynomial of
// FreeBSD's e_exp.c (for Eq. 3).
func expReduced(hi, lo float64) float64 {
	const (
		p1 = 1.66666666666666657415e-01
		p2 = -2.77777777770155933842e-03
		p3 = 6.61375632143793436117e-05
		p4 = -1.65339022054652515390e-06
		p5 = 4.13813679705723846039e-08
	)
	r := hi - lo
	t := r * r
	p := p1 + float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))
	c := r - float64(t*p)
	return 1 - ((lo - float64(r*c)/(2-c)) - hi)
}

// scale returns y 2ᵏ for 0.5 < y < 2, also where 2ᵏ alone is no normal number
// (for Eq. 3, at the ends of its range).
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
