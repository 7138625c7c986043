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

// TestCostsFarOut: all costs are finite and right at z = ±1000, where the
// outputs round to 0 and 1.
func TestCostsFarOut(t *testing.T) {
	z, a := []float64{1000, -1000}, make([]float64, 2)
	for _, c := range []struct {
		cost *Cost
		y    []float64
		want float64
	}{
		{QuadraticCost, []float64{1, 0}, 0},
		{QuadraticCost, []float64{0, 1}, 1},
		{CrossEntropyCost, []float64{1, 0}, 0},
		{CrossEntropyCost, []float64{0, 1}, 2000},
		{CrossEntropyCost, []float64{0.5, 0.5}, 1000},
		{LogLikelihoodCost, []float64{1, 0}, 0},
		{LogLikelihoodCost, []float64{0, 1}, 2000},
	} {
		c.cost.Output(a, z)
		if got := c.cost.Fn(z, a, c.y); got != c.want {
			t.Errorf("%s(z %v, y %v) = %v, want %v", c.cost.Name, z, c.y, got, c.want)
		}
		delta := make([]float64, 2)
		c.cost.Delta(delta, a, c.y)
		for _, d := range delta {
			if math.IsNaN(d) || math.Abs(d) > 1 {
				t.Errorf("%s: δ = %v", c.cost.Name, delta)
			}
		}
	}
}

// TestCostsByHand holds the costs against their formulas, worked out by hand
// for z = 0 and z = ln 3, which are the outputs 1/2 and 3/4.
func TestCostsByHand(t *testing.T) {
	z, y, a := []float64{0, math.Log(3)}, []float64{0, 1}, make([]float64, 2)
	for _, c := range []struct {
		cost *Cost
		want float64
	}{
		{QuadraticCost, (0.25 + 0.0625) / 2},
		{CrossEntropyCost, math.Log(2) - math.Log(0.75)},
		{LogLikelihoodCost, -math.Log(0.75)}, // softmax of 0, ln 3 is 1/4, 3/4
	} {
		c.cost.Output(a, z)
		if got := c.cost.Fn(z, a, y); !(math.Abs(got-c.want) <= 1e-15) {
			t.Errorf("%s = %v, want %v", c.cost.Name, got, c.want)
		}
	}
}

// TestEncodings: each digit comes back from its own desired output; the codes
// 10 to 15 of four outputs are no digits (R16, R17).
func TestEncodings(t *testing.T) {
	for _, e := range encodings {
		for digit := range byte(10) {
			y := make([]float64, e.Outputs)
			e.Set(y, digit)
			for j := range y {
				y[j] = 0.1 + 0.8*y[j]
			}
			if got := e.Digit(y); got != int(digit) {
				t.Errorf("%s: %d comes back as %d", e.Name, digit, got)
			}
		}
	}
	y := make([]float64, 4)
	if bitVector(y, 6); y[0] != 0 || y[1] != 1 || y[2] != 1 || y[3] != 0 {
		t.Errorf("6 in four outputs is %v, want 0 1 1 0", y)
	}
	if got := Binary.Digit([]float64{1, 0, 1, 0}); got != 10 {
		t.Errorf("1 0 1 0 is %d, want 10, which is no digit", got)
	}
	if got := Binary.Digit([]float64{0.5, 0.5, 0.5, 0.6}); got != 1 {
		t.Errorf("0.5 0.5 0.5 0.6 is %d, want 1: 0.5 is not above 0.5", got)
	}
	if got := Unit.Digit([]float64{0.2, 0.7, 0.7, 0.1}); got != 1 {
		t.Errorf("of equal outputs %d is taken, want the first, 1", got)
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
