package main

import (
	"math"
	"testing"
)

// TestHessianTimes: H v equals the finite difference of the gradient along v, on
// networks with one and two hidden layers.
func TestHessianTimes(t *testing.T) {
	for _, sizes := range [][]int{{2, 3, 1}, {4, 5, 3}, {3, 4, 5, 2}} {
		random := NewNumPyRandom(7)
		net := large(sizes, random)
		net.Cost = CrossEntropyCost
		x := randomMatrix(6, sizes[0], random)
		y := NewMatrix(6, sizes[len(sizes)-1])
		for i := range y.Data {
			y.Data[i] = float64(i % 2)
		}
		v := large(sizes, random)
		const epsilon = 1e-5
		w, direction := net.parameters(), v.parameters()
		moved := net.Clone()
		at := func(step float64) []float64 {
			list := append([]float64(nil), w...)
			for i := range list {
				list[i] += step * direction[i]
			}
			moved.setParameters(list)
			nabla, _ := moved.meanGradient(x, y)
			return nabla
		}
		up, down := at(epsilon), at(-epsilon)
		want := make([]float64, len(up))
		for i := range up {
			want[i] = (up[i] - down[i]) / (2 * epsilon)
		}
		if e := relativeError(net.hessianTimes(x, y, direction), want); !(e < 1e-7) {
			t.Errorf("%v: relative error %.1e", sizes, e)
		}
		h := net.hessianOf(x, y)
		for i := range h {
			for k := range h {
				if math.Abs(h[i][k]-h[k][i]) > 1e-12 {
					t.Errorf("%v: H[%d][%d] = %v, but %v", sizes, i, k, h[i][k], h[k][i])
				}
			}
		}
	}
}
