package main

import (
	"math"
	"slices"
	"testing"
)

// TestGrid: the fields of the plane are looked at in their middles, row by row from
// the top.
func TestGrid(t *testing.T) {
	p := &Plot{XMin: -1, XMax: 3, YMin: 0, YMax: 2, Regions: &Regions{Columns: 4, Class: make([]int, 8)}}
	want := []float64{-0.5, 1.5, 0.5, 1.5, 1.5, 1.5, 2.5, 1.5, -0.5, 0.5, 0.5, 0.5, 1.5, 0.5, 2.5, 0.5}
	if d := p.grid(); d.Len() != 8 || !slices.Equal(d.Inputs, want) {
		t.Errorf("%v, want %v", d.Inputs, want)
	}
}

// TestDots: the examples of a table are drawn by classes, in their order, where they
// were before they were scaled.
func TestDots(t *testing.T) {
	d := &Data{Height: 1, Width: 2, Labels: []byte{1, 0, 1}, Classes: []string{"oak", "2"}, Columns: []string{"x", "y", "tree"}, Inputs: []float64{1, 2, 3, 4, 5, 6}}
	o := &options{scaling: &scaling{Mean: []float64{10, 20}, Deviation: []float64{2, 4}}}
	got := o.dots(d, " (test)", true)
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []Dots{
		{Name: "oak (test)", Class: 0, X: []float64{16}, Y: []float64{36}},
		{Name: "tree 2 (test)", Class: 1, X: []float64{12, 20}, Y: []float64{28, 44}},
	} {
		if g := got[i]; g.Name != want.Name || g.Class != want.Class || !g.Open || !slices.Equal(g.X, want.X) || !slices.Equal(g.Y, want.Y) {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
}

// TestLimitsAround: the axes go around all examples, with 8 % of their extent to
// spare.
func TestLimitsAround(t *testing.T) {
	var p Plot
	p.limitsAround([]Dots{{X: []float64{1, 2}, Y: []float64{0, 5}}, {X: []float64{4, 11}, Y: []float64{-20, 30}}})
	for _, c := range [][2]float64{{p.XMin, 0.2}, {p.XMax, 11.8}, {p.YMin, -24}, {p.YMax, 34}} {
		if math.Abs(c[0]-c[1]) > 1e-9 {
			t.Errorf("x %v to %v, y %v to %v; want 0.2 to 11.8, -24 to 34", p.XMin, p.XMax, p.YMin, p.YMax)
		}
	}
}
