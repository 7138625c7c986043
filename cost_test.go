package main

import (
	"math"
	"testing"
)

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
		t.Logf("%s: z = %v, a = %v, y = %v: %v", c.cost.Name, z, a, c.y, c.cost.Fn(z, a, c.y))
		if got := c.cost.Fn(z, a, c.y); got != c.want {
			t.Errorf("%s(z %v, y %v) = %v, want %v", c.cost.Name, z, c.y, got, c.want)
		}
		delta := make([]float64, 2)
		c.cost.Delta(delta, z, a, c.y)
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
// 10 to 15 of four outputs are no digits.
func TestEncodings(t *testing.T) {
	for _, e := range encodings {
		for digit := range byte(10) {
			y := make([]float64, e.Outputs)
			e.Set(y, digit)
			t.Logf("%s: y of a %d is %v", e.Name, digit, y)
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
