package main

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDespeckled: a pixel keeps its level between the second lowest and the second
// highest of its eight neighbours; those at the border stay.
func TestDespeckled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][2]int{{3, 3}, {5, 4}, {9, 12}} {
		w, h := size[0], size[1]
		p := &page{width: w, height: h, grey: make([]byte, w*h)}
		for range 20 {
			for i := range p.grey {
				p.grey[i] = byte(random.IntN(6)) // many are equal
			}
			got := p.despeckled()
			for i, g := range p.grey {
				if x, y := i%w, i/w; x > 0 && y > 0 && x < w-1 && y < h-1 {
					var near []byte
					for k := range 9 {
						if k != 4 {
							near = append(near, p.grey[(y-1+k/3)*w+x-1+k%3])
						}
					}
					slices.Sort(near)
					g = min(max(g, near[1]), near[6])
				}
				if got[i] != g {
					t.Fatalf("%d×%d, pixel %d of %v: %d, want %d", w, h, i, p.grey, got[i], g)
				}
			}
		}
	}
}
