package main

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestClip(t *testing.T) {
	b := box{0, 0, 10, 5}
	for _, c := range []struct {
		p, q, from, to point
		ok             bool
	}{
		{point{1, 1}, point{2, 3}, point{1, 1}, point{2, 3}, true},
		{point{-5, 1}, point{5, 1}, point{0, 1}, point{5, 1}, true},
		{point{5, 1}, point{15, 1}, point{5, 1}, point{10, 1}, true},
		{point{5, -5}, point{5, 15}, point{5, 0}, point{5, 5}, true},
		{point{-2, 1}, point{12, 4.5}, point{0, 1.5}, point{10, 4}, true},
		{point{3, 3}, point{3, 3}, point{3, 3}, point{3, 3}, true},
		{point{11, 1}, point{20, 1}, point{}, point{}, false},
		{point{-1, 6}, point{11, 6}, point{}, point{}, false},
		{point{-3, 0}, point{0, -3}, point{}, point{}, false},
		{point{20, 3}, point{20, 3}, point{}, point{}, false},
	} {
		from, to, ok := b.clip(c.p, c.q)
		if ok != c.ok || ok && (from != c.from || to != c.to) {
			t.Errorf("clip(%v, %v) = %v, %v, %v, want %v, %v, %v", c.p, c.q, from, to, ok, c.from, c.to, c.ok)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	p := Plot{Title: "a<b & \"c\" \x00", XLabel: "</text>", Curves: []Curve{series("]]>", 9, math.Sin)}}
	got := checkSVG(t, render(t, p))
	for _, want := range []string{"a<b & \"c\" \ufffd", "</text>", "]]>"} {
		if got.says(want) != 1 {
			t.Errorf("text %q is there %d times", want, got.says(want))
		}
	}
}

func TestNum(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 10: "10", 1.5: "1.5", 0.126: "0.13", -0.001: "0", -2.25: "-2.25", 1e7: "10000000"} {
		if got := num(v).String(); got != want {
			t.Errorf("num(%v) = %s, want %s", v, got, want)
		}
	}
}

// Indices stand where they belong, and the base line comes back after them.
func TestTypeset(t *testing.T) {
	for _, c := range []struct {
		s    string
		want []textRun
	}{
		{"", nil},
		{"cost_x^2", []textRun{{s: "cost_x^2", size: 20}}},
		{"a_{b", []textRun{{s: "a_{b", size: 20}}},
		{"x_{1}", []textRun{{s: "x", size: 20}, {s: "1", dy: 5.6, size: 15}}},
		{"z^{L})", []textRun{{s: "z", size: 20}, {s: "L", dy: -8.4, size: 15}, {s: ")", dy: 8.4, size: 20}}},
		{"w^{3}_{24}x", []textRun{{s: "w", size: 20}, {s: "3", dy: -8.4, size: 15},
			{s: "24", dx: -9.6, dy: 14, size: 15}, {s: "x", dy: -5.6, size: 20}}},
		{"b^{jk}_{l} c", []textRun{{s: "b", size: 20}, {s: "jk", dy: -8.4, size: 15},
			{s: "l", dx: -14.4, dy: 14, size: 15}, {s: " c", dx: 9.6, dy: -5.6, size: 20}}},
	} {
		got := typeset(c.s, 20)
		for i := range got { // to a hundredth, as in the file
			got[i].dx, got[i].dy = math.Round(100*got[i].dx)/100, math.Round(100*got[i].dy)/100
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("typeset(%q) = %v, want %v", c.s, got, c.want)
		}
	}
}

func TestSlant(t *testing.T) {
	var italic, upright []string
	for _, r := range italicize(typeset("∂C = (w^{jk} δ) output ab", 20), 20) {
		if r.italic {
			italic = append(italic, r.s)
		} else if s := strings.TrimSpace(r.s); s != "" {
			upright = append(upright, s)
		}
	}
	if got, want := strings.Join(italic, " "), "C w jk δ"; got != want {
		t.Errorf("italic %q, want %q", got, want)
	}
	if got, want := strings.Join(upright, " "), "∂ = ( ) output ab"; got != want {
		t.Errorf("upright %q, want %q", got, want)
	}
	if runs := italicize(typeset("Cost from w = 0.6", 15), 15); len(runs) != 3 || runs[0].s != "Cost from " {
		t.Errorf("%d runs, the first %q, want 3 and \"Cost from \"", len(runs), runs[0].s)
	}
	a, b := typeset("w^{3}x", 20), italicize(typeset("w^{3}x", 20), 20)
	for i := range b {
		b[i].italic = false
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("slant moved the runs %v to %v", a, b)
	}
}

func TestFit(t *testing.T) {
	long := strings.Repeat("m", 100)
	if got := fitTextSize("short", 15, 500); got != 15 {
		t.Errorf("fit of a short text = %v, want 15", got)
	}
	if size := fitTextSize(long, 15, 500); math.Abs(textWidth(long, size)-500) > 1e-9 {
		t.Errorf("a long text fits 500 with %v", textWidth(long, size))
	}
}

// The estimate of a text's box follows its anchor.
func TestBounds(t *testing.T) {
	w := textWidth("abc", 10)
	for anchor, x := range map[string]float64{"": 50, "start": 50, "middle": 50 - w/2, "end": 50 - w} {
		b := textStyle{size: 10, anchor: anchor}.bounds(point{50, 20}, "abc")
		if b.x0 != x || math.Abs(b.x1-x-w) > 1e-9 || b.y0 >= 20 || b.y1 <= 20 {
			t.Errorf("bounds with anchor %q = %v", anchor, b)
		}
	}
}

func TestAdvance(t *testing.T) {
	for _, c := range []struct {
		s    string
		want float64
	}{{"", 0}, {"il", 6.4}, {"n0", 12.8}, {"δ", 6.4}, {"AB", 14.4}, {"mW", 18}, {"∂(", 8.4}} {
		if got := advance(c.s, 10); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("advance(%q, 10) = %v, want %v", c.s, got, c.want)
		}
	}
}

// Every colour keeps its contrast on both grounds (WCAG 2.1 §1.4.11 and, for
// text, §1.4.6), no two curves share one, and the dark ones stand in the query.
func TestColoursAreLegible(t *testing.T) {
	light, dark := grounds[0].light, grounds[0].dark
	least := func(s shade, want float64) {
		if a, b := contrast(s.light, light), contrast(s.dark, dark); a < want || b < want {
			t.Errorf("%s has contrast %.1f on light, %.1f on dark, want %v", s.class, a, b, want)
		}
	}
	seen := map[string]bool{}
	for i, s := range palette {
		least(s, 3)
		if seen[s.light] || seen[s.dark] || s.class != curveColour(i) {
			t.Errorf("colour %d: %v", i, s)
		}
		seen[s.light], seen[s.dark] = true, true
	}
	for _, s := range lineColours {
		least(s, 3)
	}
	least(lineColours[0], 7)
	day, night, found := strings.Cut(stylesheet(), "@media (prefers-color-scheme:dark){")
	for _, s := range append(append(palette[:len(palette):len(palette)], lineColours...), grounds...) {
		if !found || !strings.Contains(day, s.light) || !strings.Contains(night, s.dark) {
			t.Errorf("the style lacks %v", s)
		}
	}
}

// contrast is the contrast ratio of WCAG 2.1.
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of WCAG 2.1.
func luminance(hex string) float64 {
	var rgb [3]int
	fmt.Sscanf(hex, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2])
	sum := 0.0
	for k, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(rgb[k]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func TestColumns(t *testing.T) {
	net := nodeColumns(box{100, 50, 300, 110}, 9, 3, 4, 1)
	want := [][]node{
		{{point{100, 60}, 9}, {point{100, 80}, 9}, {point{100, 100}, 9}},
		{{point{200, 50}, 9}, {point{200, 70}, 9}, {point{200, 90}, 9}, {point{200, 110}, 9}},
		{{point{300, 80}, 9}},
	}
	if !reflect.DeepEqual(net, want) {
		t.Errorf("columns = %v, want %v", net, want)
	}
	if one := nodeColumns(box{0, 0, 50, 40}, 5, 1); one[0][0].point != (point{0, 20}) {
		t.Errorf("a single neuron stands at %v", one[0][0])
	}
}

// A connection starts on one rim and its head ends a unit before the other.
func TestLinkStopsAtTheRims(t *testing.T) {
	a, b := node{point{50, 80}, 20}, node{point{200, 160}, 30}
	c := &canvas{height: 200}
	c.link(a, b, "edge")
	got := parseSVG(t, c.body.Bytes())
	line, head := corners(t, got.pick("line", "edge")[0]), corners(t, got.pick("polygon", "edge")[0])
	if d := distance(a.point, line[0]); math.Abs(d-20) > 0.02 {
		t.Errorf("the line starts %.2f from the first centre, want 20", d)
	}
	if d := distance(b.point, head[0]); math.Abs(d-31) > 0.02 {
		t.Errorf("the head ends %.2f from the second centre, want 31", d)
	}
	if d := distance(head[0], line[1]); math.Abs(d-8) > 0.02 || math.Abs(distance(head[1], head[2])-6) > 0.02 {
		t.Errorf("a head of %v, and the line ends %.2f before its tip", head, d)
	}
}

func distance(p, q point) float64 { return math.Hypot(p.x-q.x, p.y-q.y) }

// Each patch is painted after all that it may cover: those that lie behind it
// in both directions. Heights run through the ramp.
func TestPatchesAreSortedFarToNear(t *testing.T) {
	unit := axis{lo: 0, hi: 1}
	s := surface{f: func(x, y float64) float64 { return (x + y) / 2 }, x: unit, y: unit, z: unit, n: 4}
	patches := s.patches()
	if len(patches) != 16 {
		t.Fatalf("%d patches, want 16", len(patches))
	}
	if first, last := patches[0].corners[0], patches[15].corners[2]; first != s.project(0, 0, 0) || last != s.project(1, 1, 1) {
		t.Errorf("painted from %v to %v", first, last)
	}
	for i := 1; i < len(patches); i++ {
		if patches[i].near < patches[i-1].near {
			t.Errorf("patch %d is nearer than patch %d", i-1, i)
		}
	}
	if a, b := patches[0].colour, patches[15].colour; a != colourRamp(0.125) || b != colourRamp(0.875) {
		t.Errorf("colours %s to %s, want %s to %s", a, b, colourRamp(0.125), colourRamp(0.875))
	}
}

func TestRamp(t *testing.T) {
	for _, c := range []struct {
		t    float64
		want string
	}{{-1, "#2e548c"}, {0, "#2e548c"}, {0.25, "#357a8f"}, {0.5, "#3ca091"}, {1, "#f0dc50"}, {9, "#f0dc50"}} {
		if got := colourRamp(c.t); got != c.want {
			t.Errorf("ramp(%v) = %s, want %s", c.t, got, c.want)
		}
	}
	for i := range 20 {
		if a, b := luminance(colourRamp(float64(i)/20)), luminance(colourRamp(float64(i+1)/20)); a >= b {
			t.Errorf("lightness falls from %v to %v at %d/20", a, b, i)
		}
	}
}

// Up is up, and nearer is lower on the page.
func TestProject(t *testing.T) {
	unit := axis{lo: -1, hi: 1}
	s := surface{x: unit, y: unit, z: axis{lo: 0, hi: 2}}
	floor := s.project(0, 0, 0)
	if floor.x != plotWidth/2 || s.project(0, 0, 2).y >= floor.y || s.project(0, 0, 2).x != floor.x {
		t.Errorf("the middle at %v, over it %v", floor, s.project(0, 0, 2))
	}
	if a, b := s.project(1, 0, 0), s.project(0, 1, 0); a.x <= floor.x || a.y <= floor.y || b.x >= floor.x || b.y <= floor.y {
		t.Errorf("the first axis leads to %v, the second to %v", a, b)
	}
}

// TestStackedScripts: scripts that stand one above the other have one place,
// whatever the reader's font, and what follows stands behind both.
func TestStackedScripts(t *testing.T) {
	runs := italicize(typeset("= a^{l−1}_{k} δ^{l}_{j}", 20), 20)
	if !placeStacked(runs, 100, 20) {
		t.Fatal("no stacked scripts found")
	}
	at := map[string]float64{}
	for _, r := range runs {
		if r.dx != 0 {
			t.Errorf("%q depends on the width of what stands before it", r.s)
		}
		at[r.s] = r.x
	}
	if at["k"] != at["l"] && at["k"] == 0 || at["j"] <= at["k"] {
		t.Errorf("places %v", at)
	}
	if placeStacked(typeset("w_{1} x", 20), 100, 20) {
		t.Error("a single script is placed")
	}
}
