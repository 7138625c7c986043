package main

import (
	"math"
	"math/big"
	"testing"
)

// ulps returns how many float64s lie between a and b.
func ulps(a, b float64) int64 {
	return int64(math.Float64bits(a)) - int64(math.Float64bits(b))
}

// trueExp returns eᶻ correctly rounded, from the series of e^(z/1024) with 300
// bits, squared ten times.
func trueExp(z float64) float64 {
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(x) }
	x, sum, term := number(z/1024), number(1), number(1)
	for i := 1; i < 80; i++ {
		term.Quo(term.Mul(term, x), number(float64(i)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	f, _ := sum.Float64()
	return f
}

// TestExp: within 1 ulp of eᶻ over its range and nearly always the float64
// next to it; exact at 0, right at both ends and where the result is
// subnormal. math.Exp, whose own error reaches 1 ulp, is nowhere further than 2.
func TestExp(t *testing.T) {
	random := NewNumPyRandom(1)
	const draws = 2000
	rounded := 0
	for range draws {
		z := 1450*random.Float64() - 741
		if random.Uint32()&1 == 0 {
			z /= 50 // where sigmoids are
		}
		want := trueExp(z)
		if d := ulps(exp(z), want); d > 1 || d < -1 {
			t.Errorf("exp(%v) = %v, want %v", z, exp(z), want)
		} else if d == 0 {
			rounded++
		}
	}
	if rounded < draws*98/100 {
		t.Errorf("%d of %d are correctly rounded, want 98 %%", rounded, draws)
	}
	far := 0
	for range 200000 {
		z := 1450*random.Float64() - 741
		switch d := ulps(exp(z), math.Exp(z)); {
		case d > 2 || d < -2:
			t.Errorf("exp(%v) = %v, math.Exp %v", z, exp(z), math.Exp(z))
		case d == 2 || d == -2:
			far++
		}
	}
	if far > 20 {
		t.Errorf("%d of 200,000 are 2 ulp from math.Exp, want next to none", far)
	}
	inf := math.Inf(1)
	top := 709.782712893384 // ln of the largest float64, rounded
	for _, c := range []struct{ z, want float64 }{
		{0, 1}, {math.Copysign(0, -1), 1}, {inf, inf}, {-inf, 0}, {1e300, inf}, {-1e300, 0},
		{1, math.E}, {top, 1.7976931348622732e+308}, {math.Nextafter(top, inf), inf},
		{-745.13321910194122, 0}, {-745.1332191019411, 5e-324}, {-740, 4.2e-322}, {-709.5, 7.38014831401258e-309},
		{1e-320, 1}, {-1e-18, 1}, {5e-16, 1 + 4.440892098500626e-16},
	} {
		if got := exp(c.z); got != c.want {
			t.Errorf("exp(%v) = %v, want %v", c.z, got, c.want)
		}
	}
	if got := exp(math.NaN()); !math.IsNaN(got) {
		t.Errorf("exp(NaN) = %v", got)
	}
}

// TestExp2Table: the table holds 2^(i/32), worked out with 200 bits as the
// root of the root of … 2.
func TestExp2Table(t *testing.T) {
	const bits = 200
	root := new(big.Float).SetPrec(bits).SetInt64(2)
	for range 5 {
		root.Sqrt(root)
	}
	power := new(big.Float).SetPrec(bits).SetInt64(1)
	for i, entry := range exp2Table {
		high, _ := power.Float64()
		low, _ := new(big.Float).Sub(power, new(big.Float).SetFloat64(high)).Float64()
		if entry != [2]float64{high, low} {
			t.Errorf("entry %d is %v, want %v, %v", i, entry, high, low)
		}
		power.Mul(power, root)
	}
}

// TestLog: within 1 ulp of math.Log, and log1p of math.Log1p to 2 ulp.
func TestLog(t *testing.T) {
	random := NewNumPyRandom(2)
	worst, worst1p := int64(0), int64(0)
	for range 400000 {
		x := math.Ldexp(1+random.Float64(), int(random.Uint32()%2046)-1022)
		if random.Uint32()&1 == 0 {
			x = 0.5 + 1.5*random.Float64()
		}
		d := ulps(log(x), math.Log(x))
		worst = max(worst, d, -d)
		y := math.Ldexp(random.Float64(), -int(random.Uint32()%60))
		d = ulps(log1p(y), math.Log1p(y))
		worst1p = max(worst1p, d, -d)
	}
	if worst > 1 || worst1p > 2 {
		t.Errorf("log is up to %d ulp from math.Log, want 1; log1p %d, want 2", worst, worst1p)
	}
	inf := math.Inf(1)
	for _, c := range []struct{ x, want float64 }{{1, 0}, {0, -inf}, {inf, inf}, {5e-324, -744.4400719213812}, {math.E, 1}} {
		if got := log(c.x); got != c.want {
			t.Errorf("log(%v) = %v, want %v", c.x, got, c.want)
		}
	}
	if got := log(-1); !math.IsNaN(got) {
		t.Errorf("log(-1) = %v", got)
	}
	for _, c := range []struct{ x, want float64 }{{0, 0}, {math.Copysign(0, -1), math.Copysign(0, -1)}, {1e-300, 1e-300}, {inf, inf}, {-1, -inf}} {
		if got := log1p(c.x); got != c.want {
			t.Errorf("log1p(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

// TestTanh: within 4 ulp of math.Tanh, odd, and flat at both ends.
func TestTanh(t *testing.T) {
	random := NewNumPyRandom(3)
	for range 100000 {
		z := 20 * random.Gaussian() * random.Float64() * random.Float64()
		if d := ulps(tanh(math.Abs(z)), math.Tanh(math.Abs(z))); d > 4 || d < -4 {
			t.Fatalf("tanh(%v) = %v, want %v", z, tanh(z), math.Tanh(z))
		}
		if tanh(-z) != -tanh(z) {
			t.Fatalf("tanh(%v) = %v, tanh of its negative %v", z, tanh(z), tanh(-z))
		}
	}
	if tanh(1000) != 1 || tanh(-1000) != -1 || tanh(0) != 0 {
		t.Errorf("tanh(1000), tanh(-1000), tanh(0) = %v, %v, %v", tanh(1000), tanh(-1000), tanh(0))
	}
}

// TestSinCos holds the series against package math.
func TestSinCos(t *testing.T) {
	for theta := -math.Pi; theta <= math.Pi; theta += math.Pi / 720 {
		sin, cos := sinCos(theta)
		if math.Abs(sin-math.Sin(theta)) > 1e-15 || math.Abs(cos-math.Cos(theta)) > 1e-15 {
			t.Errorf("sinCos(%v) = %v, %v, want %v, %v", theta, sin, cos, math.Sin(theta), math.Cos(theta))
		}
	}
}

func BenchmarkExp(b *testing.B) {
	x, sum := NewNumPyRandom(1), 0.0
	z := make([]float64, 1024)
	for i := range z {
		z[i] = 4 * x.Gaussian()
	}
	for b.Loop() {
		for _, z := range z {
			sum += exp(z)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/1024, "ns/exp")
	_ = sum
}
