package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// drawings are the figures that need neither data nor training.
var drawings = []int{2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 31, 32, 39, 40}

// draw returns the file of figure n.
func draw(t *testing.T, n int) []byte {
	t.Helper()
	for _, f := range figures {
		if f.n == n {
			var b bytes.Buffer
			if err := f.draw(&b, nil); err != nil {
				t.Fatalf("figure %d: %v", n, err)
			}
			return b.Bytes()
		}
	}
	t.Fatalf("no figure %d", n)
	return nil
}

func TestFigureTable(t *testing.T) {
	last := 0
	for _, f := range figures {
		if f.n <= last || f.n > 40 {
			t.Errorf("figure %d follows figure %d", f.n, last)
		}
		if f.ext != "svg" && f.ext != "png" || !strings.HasSuffix(f.caption, ".") || f.draw == nil {
			t.Errorf("figure %d: %+v", f.n, f)
		}
		last = f.n
	}
}

// Every drawing is well-formed and legible, the same twice, and no line or
// neuron lies under a text, unless the text is the neuron's own.
func TestDrawnFigures(t *testing.T) {
	for _, n := range drawings {
		svg := draw(t, n)
		p := checkSVG(t, svg)
		if !bytes.Equal(svg, draw(t, n)) {
			t.Errorf("figure %d differs from run to run", n)
		}
		if len(p.pick("path", "curve")) > 0 {
			continue // names of marks may stand on the grid
		}
		for _, text := range p.texts {
			for _, e := range p.elems {
				if covers(t, e, text.area) {
					t.Errorf("figure %d: %s %v under text %q at %.0f", n, e.name, e.attr, text.s, text.area)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("figure %d", n)
		}
	}
}

// covers reports whether a shape lies under a text without holding all of it.
func covers(t *testing.T, e parsedElem, text box) bool {
	c := corners(t, e)
	switch e.name {
	case "line":
		_, _, hit := text.grow(-1).clip(c[0], c[1])
		return hit
	case "circle":
		area := box{c[0].x, c[0].y, c[1].x, c[1].y}
		inside := area.holds(point{text.x0, text.y0}) && area.holds(point{text.x1, text.y1})
		return area.overlaps(text) && !inside
	}
	return false
}

// The drawings have as many neurons and connections as the networks that they
// name: a [3, 4, 1] network has 8 and 16.
func TestDrawnNetworks(t *testing.T) {
	for _, c := range []struct{ n, neurons, arrows int }{
		{2, 1, 3 + 1}, {3, 3 + 4 + 1, 15 + 12 + 4 + 1}, {4, 8, 16 + 1 + 1}, {7, 8, 16 + 1},
		{8, 14, 24 + 12 + 3 + 1}, {10, 8 + 15 + 10, 0}, {14, 9, 20 + 1}, {15, 9 + 2, 20},
		{17, 1, 1 + 1}, {21, 1, 3 + 1}, {31, 11, 30}, {32, 8, 15},
	} {
		p := parseSVG(t, draw(t, c.n))
		neurons, arrows := len(p.pick("circle", "node")), len(p.pick("polygon", ""))
		if neurons != c.neurons || arrows != c.arrows {
			t.Errorf("figure %d has %d neurons and %d arrows, want %d and %d", c.n, neurons, arrows, c.neurons, c.arrows)
		}
	}
	if lines := len(parseSVG(t, draw(t, 10)).pick("line", "faint")); lines != 8*15+15*10 {
		t.Errorf("figure 10 has %d connections, want 270", lines)
	}
	if gone := len(parseSVG(t, draw(t, 32)).pick("circle", "gone")); gone != 3 {
		t.Errorf("figure 32 drops %d neurons, want 3", gone)
	}
}

// Figure 14 points out the weight from neuron 4 of layer 2 to neuron 2 of
// layer 3; Figure 15 neuron 3 of layer 2 and neuron 1 of layer 3.
func TestNotationDrawings(t *testing.T) {
	c := &canvas{}
	net := c.notation()
	p := parseSVG(t, draw(t, 14))
	ends := corners(t, p.pick("line", "hot")[0])
	tip := corners(t, p.pick("polygon", "hot")[0])[0]
	if d := distance(ends[0], net[1][3].point); math.Abs(d-net[1][3].r) > 0.02 {
		t.Errorf("figure 14 starts %.1f from neuron 4", d)
	}
	if d := distance(tip, net[2][1].point); math.Abs(d-net[2][1].r-1) > 0.02 {
		t.Errorf("figure 14 ends %.1f from neuron 2", d)
	}
	hot := parseSVG(t, draw(t, 15)).pick("circle", "hot")
	for i, n := range []node{net[1][2], net[2][0]} {
		if len(hot) != 2 || hot[i].num("cx") != n.x || math.Abs(hot[i].num("cy")-n.y) > 0.01 {
			t.Errorf("figure 15 points out %v, want neuron at %v", hot, n)
		}
	}
	if p.says("w324") != 1 {
		t.Error("figure 14 does not name the weight")
	}
}

// The box holds BP1 to BP4 as corrected: j, not i, in BP4, and BP1 once.
func TestFigure16(t *testing.T) {
	var got []string
	for _, text := range parseSVG(t, draw(t, 16)).texts {
		got = append(got, text.s)
	}
	want := "δL = ∇aC ⊙ σ′(zL) (BP1) δl = ((wl+1)T δl+1) ⊙ σ′(zl) (BP2) ∂C ∂blj = δlj (BP3) ∂C ∂wljk = al−1k δlj (BP4)"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("figure 16 says %q, want %q", s, want)
	}
}

// The curves pass where their functions do: σ(0) = 1/2 and tanh 0 = 0 in the
// middle of the axes, the rectifier flat to 0 and then into the corner.
func TestDrawnFunctions(t *testing.T) {
	middle, top := 38+axesHeight/2, 38.0
	curve := func(n int) []point {
		points, _ := pathPoints(t, parseSVG(t, draw(t, n)).pick("path", "curve")[0].attr["d"])
		return points
	}
	for _, n := range []int{5, 20, 39} {
		c := curve(n)
		if c[100].y != middle || c[0].y <= c[99].y || math.Abs(c[0].y+c[200].y-2*middle) > 0.02 {
			t.Errorf("figure %d runs from %v through %v to %v", n, c[0], c[100], c[200])
		}
	}
	if s, th := curve(5), curve(39); s[0].y == th[0].y {
		t.Error("figures 5 and 39 are the same")
	}
	if c := curve(40); c[0].y != c[100].y || c[100].y <= c[101].y || c[200].y != top {
		t.Errorf("figure 40 runs from %v through %v to %v", c[0], c[100], c[200])
	}
	if c := curve(6); len(c) != 4 || c[0].y != c[1].y || c[2].y != c[3].y || c[1].x != c[2].x || c[3].y >= c[0].y {
		t.Errorf("figure 6 is %v", c)
	}
}

// The neurons of §3.1 start at 0.82 and 0.98.
func TestFigure20(t *testing.T) {
	p := parseSVG(t, draw(t, 20))
	for _, want := range []string{"w = 0.6, b = 0.9: output 0.82", "w = 2.0, b = 2.0: output 0.98"} {
		if p.says(want) != 1 {
			t.Errorf("figure 20 does not say %q", want)
		}
	}
	if p.says("step function at 0") != 0 || len(p.pick("circle", "dot")) != 2 {
		t.Errorf("figure 20 has the marks %v", p.pick("circle", ""))
	}
}

// The valley has 20 by 20 patches and is lowest in the middle.
func TestFigure13(t *testing.T) {
	p := parseSVG(t, draw(t, 13))
	faces := p.pick("polygon", "face")
	if len(faces) != 400 {
		t.Fatalf("%d patches, want 400", len(faces))
	}
	low, high := 0, 0
	for _, f := range faces {
		switch f.attr["color"] {
		case ramp(0.005):
			low++
		case ramp((0.9*0.9 + 1) / 2):
			high++
		}
	}
	if low != 4 || high != 4 {
		t.Errorf("%d lowest and %d highest patches, want 4 and 4", low, high)
	}
}
