package main

import "math"

// This file holds the elementary functions on which results depend. math.Exp
// and math.Log differ in the last bit from one architecture to the next, and a
// trained network would with them; these are the same everywhere.

// exp returns eᶻ, the e of sigmoid, softmax and tanh. math.Exp differs in the last bit
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
	return ldexp(t[0]+(t[1]+float64(t[0]*p)), int(k)>>5)
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

// ldexp returns y 2ᵏ for y from 0.98 to 2, also where 2ᵏ alone is no normal
// number.
func ldexp(y float64, k int) float64 {
	switch {
	case k > 1023:
		return y * 2 * math.Float64frombits(uint64(k-1+1023)<<52)
	case k < -1022:
		return y * math.Float64frombits(uint64(k+54+1023)<<52) * (1.0 / (1 << 54))
	}
	return y * math.Float64frombits(uint64(k+1023)<<52)
}

// log returns ln x, the same on every architecture, for the Gaussians of
// network.py: Network.__init__ and the costs.
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
// cross-entropy: what 1+x rounds away is corrected by its ratio.
func log1p(x float64) float64 {
	u := 1 + x
	if u == 1 || math.IsInf(u, 1) {
		return x
	}
	return log(u) * (x / (u - 1))
}

// sinCos returns the sine and the cosine of an angle from -π to π, for the
// rotation of Figure 37, from their power series. A division stands between
// each product and the sum that takes it, so that no compiler can fuse them,
// as it may in math.Sin on some architectures.
func sinCos(theta float64) (sin, cos float64) {
	s, c := theta, 1.0 // θⁿ/n! for odd and for even n, with their signs
	sin, cos = s, c
	for n := 1.0; n < 40; n += 2 {
		c = -c * theta * theta / (n * (n + 1))
		s = -s * theta * theta / ((n + 1) * (n + 2))
		sin, cos = sin+s, cos+c
	}
	return sin, cos
}
