package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// A parsed is an SVG file as the tests see it.
type parsed struct {
	page  box
	texts []parsedText
	elems []parsedElem
}

// A parsedText is one text element: what it says and the box it needs.
type parsedText struct {
	s    string
	area box
}

// A parsedElem is any other element with its attributes.
type parsedElem struct {
	name string
	attr map[string]string
}

// num returns an attribute as a number, 0 when there is none.
func (e parsedElem) num(name string) float64 {
	v, _ := strconv.ParseFloat(e.attr[name], 64)
	return v
}

// has reports whether the element has a class.
func (e parsedElem) has(class string) bool {
	return strings.Contains(" "+e.attr["class"]+" ", " "+class+" ")
}

// pick returns the elements of a name and class; class "" is any.
func (p parsed) pick(name, class string) (out []parsedElem) {
	for _, e := range p.elems {
		if e.name == name && (class == "" || e.has(class)) {
			out = append(out, e)
		}
	}
	return out
}

// says reports how many texts read s.
func (p parsed) says(s string) (n int) {
	for _, t := range p.texts {
		if t.s == s {
			n++
		}
	}
	return n
}

// parseSVG decodes a file to its end.
func parseSVG(t *testing.T, svg []byte) parsed {
	t.Helper()
	var p parsed
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return p
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		e := parsedElem{start.Name.Local, map[string]string{}}
		for _, a := range start.Attr {
			e.attr[a.Name.Local] = a.Value
		}
		switch e.name {
		case "svg":
			fmt.Sscan(e.attr["viewBox"], &p.page.x0, &p.page.y0, &p.page.x1, &p.page.y1)
		case "text":
			p.texts = append(p.texts, parseText(t, d, e))
		default:
			p.elems = append(p.elems, e)
		}
	}
}

// parseText reads a text element and measures it by a table of its own:
// narrow letters a third of the font size, wide ones 0.9, all others 0.64; 0.78
// above the base line and 0.22 below it.
func parseText(t *testing.T, d *xml.Decoder, e parsedElem) parsedText {
	t.Helper()
	type level struct{ size, down float64 }
	var s string
	var width, dy, top, bottom float64
	size := e.num("font-size")
	stack := []level{{size, 0}}
	for len(stack) > 0 {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			next := level{size: stack[len(stack)-1].size}
			for _, a := range token.Attr {
				v, _ := strconv.ParseFloat(a.Value, 64)
				switch a.Name.Local {
				case "font-size":
					next.size = v
				case "dx":
					width += v
				case "dy":
					dy += v
				}
			}
			stack = append(stack, next)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			size := stack[len(stack)-1].size
			for _, r := range string(token) {
				em := 0.64
				if strings.ContainsRune("iljI .,:;'′", r) {
					em = 0.33
				} else if strings.ContainsRune("tfr()", r) {
					em = 0.41
				} else if strings.ContainsRune("mwMW=+⊙≈…", r) {
					em = 0.9
				}
				width += em * size
			}
			top, bottom = min(top, dy-0.78*size), max(bottom, dy+0.22*size)
			s += string(token)
		}
	}
	x, y := e.num("x"), e.num("y")
	from := map[string]float64{"middle": width / 2, "end": width}[e.attr["text-anchor"]]
	if strings.HasPrefix(e.attr["transform"], "rotate(-90 ") {
		return parsedText{s, box{x + top, y + from - width, x + bottom, y + from}}
	}
	return parsedText{s, box{x - from, y + top, x - from + width, y + bottom}}
}

// pathPoints returns the points of path data made of M and L.
func pathPoints(t *testing.T, d string) (points []point, moves int) {
	t.Helper()
	for _, part := range strings.Fields(strings.NewReplacer("M", " M", "L", " L", " ", ",").Replace(d)) {
		var p point
		part = strings.TrimLeft(part, ",")
		if strings.HasPrefix(part, "M") {
			moves++
		}
		if _, err := fmt.Sscanf(part[1:], "%g,%g", &p.x, &p.y); err != nil {
			t.Fatalf("path data %q: %v", part, err)
		}
		points = append(points, p)
	}
	return points, moves
}

// checkSVG holds a file to what every figure must be: well-formed, 600 wide,
// without NaN or Inf, all shapes and texts on the page, no text over another.
func checkSVG(t *testing.T, svg []byte) parsed {
	t.Helper()
	p := parseSVG(t, svg)
	if p.page.x1 != 600 || p.page.y1 < 50 || len(p.elems) < 4 {
		t.Fatalf("page %v with %d elements", p.page, len(p.elems))
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if bytes.Contains(svg, []byte(bad)) {
			t.Errorf("the file holds %s", bad)
		}
	}
	for i, a := range p.texts {
		if !p.page.holds(point{a.area.x0, a.area.y0}) || !p.page.holds(point{a.area.x1, a.area.y1}) {
			t.Errorf("text %q at %.0f is clipped by %.0f", a.s, a.area, p.page)
		}
		for _, b := range p.texts[:i] {
			if a.area.overlaps(b.area) {
				t.Errorf("text %q at %.0f lies over %q at %.0f", a.s, a.area, b.s, b.area)
			}
		}
	}
	for _, e := range p.elems {
		for _, corner := range corners(t, e) {
			if !p.page.holds(corner) {
				t.Errorf("%s %v is clipped at %v", e.name, e.attr, corner)
			}
		}
	}
	return p
}

// corners returns points that span a shape.
func corners(t *testing.T, e parsedElem) (out []point) {
	t.Helper()
	switch e.name {
	case "circle":
		x, y, r := e.num("cx"), e.num("cy"), e.num("r")
		return []point{{x - r, y - r}, {x + r, y + r}}
	case "line":
		return []point{{e.num("x1"), e.num("y1")}, {e.num("x2"), e.num("y2")}}
	case "polygon":
		for _, pair := range strings.Fields(e.attr["points"]) {
			var p point
			if _, err := fmt.Sscanf(pair, "%g,%g", &p.x, &p.y); err != nil {
				t.Fatal(err)
			}
			out = append(out, p)
		}
	}
	return out
}

// render returns the file of a plot.
func render(t *testing.T, p Plot) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// series returns a curve over x = 0, 1, ..., n-1.
func series(name string, n int, f func(x float64) float64) Curve {
	c := Curve{Name: name}
	for i := range n {
		c.X, c.Y = append(c.X, float64(i)), append(c.Y, f(float64(i)))
	}
	return c
}

// plots are what the plotter may meet: names of all kinds, curves that leave
// room for a legend and curves that do not, runs that diverge, no data at all.
func plots() map[string]Plot {
	wave := func(k float64) func(float64) float64 {
		return func(x float64) float64 { return math.Sin(k*x*x + k) }
	}
	return map[string]Plot{
		"empty":    {},
		"title":    {Title: "<T> & \"C\"", XLabel: "x < y", YLabel: "&amp;"},
		"one":      {XLabel: "epoch", Curves: []Curve{{Name: "a", X: []float64{3}, Y: []float64{0.5}}}},
		"constant": {YLabel: "accuracy", Curves: []Curve{series("", 30, func(float64) float64 { return 9.74 })}},
		"long": {
			Title:  strings.Repeat("a long title ", 12),
			YLabel: strings.Repeat("a long label ", 9), XLabel: strings.Repeat("words ", 30),
			Curves: []Curve{series(strings.Repeat("name ", 40), 9, wave(3)), series("b", 9, wave(4))},
		},
		"diverged": {Title: "η = 2.5", XLabel: "epoch", YLabel: "cost", Curves: []Curve{
			{Name: "diverged", X: []float64{0, 1, 2, 3, 4, 5, 6}, Y: []float64{1, 2, math.NaN(), 4, 5, math.Inf(1), 3}},
			{Name: "far", X: []float64{0, 1, 2}, Y: []float64{1, -1e308, 1}}}, YMin: -1, YMax: 6},
		"tiny":   {Curves: []Curve{series("10^{-9}", 20, func(x float64) float64 { return 1e-9 * x })}},
		"huge":   {Curves: []Curve{{X: []float64{-1e300, 1e300}, Y: []float64{1e300, -1e300}}}},
		"narrow": {Curves: []Curve{{X: []float64{1e15, 1e15 + 1}, Y: []float64{-1e-310, 1e-310}}}},
		"full": {Title: "Oscillations", XLabel: "epoch", YLabel: "cost", Curves: []Curve{
			series("random oscillations", 60, wave(29)), series("b", 60, wave(17)), series("another name", 60, wave(11)),
			series("d", 60, wave(5)), series("the fifth of the curves", 60, wave(3)), series("f", 60, wave(7))},
			Marks: []Mark{{Name: "here", X: 20, Y: 0}, {Name: "there", X: 21, Y: 0}, {Name: "lost", X: 99, Y: 0}}},
		"falling": {Title: "Cost", XLabel: "epoch", YLabel: "cost", Curves: []Curve{
			series("training", 30, func(x float64) float64 { return 1 / (1 + x) }),
			series("test", 30, func(x float64) float64 { return 2 / (2 + x) })},
			Marks: []Mark{{Name: "best", X: 29, Y: 2.0 / 31}}},
	}
}

func TestPlotsAreLegible(t *testing.T) {
	for name, p := range plots() {
		t.Run(name, func(t *testing.T) { checkSVG(t, render(t, p)) })
	}
}

// The same data give the same bytes, and the bytes are these.
func TestPlotIsDeterministic(t *testing.T) {
	again := plots()
	for name, p := range plots() {
		if a, b := render(t, p), render(t, again[name]); !bytes.Equal(a, b) {
			t.Errorf("%s differs from run to run", name)
		}
	}
	p := Plot{XMax: 1, YMax: 1, Curves: []Curve{{X: []float64{0, 1.0 / 3, 1}, Y: []float64{1, 0, 2.0 / 3}}}}
	want := `<path class="curve c0" d="M34.8 14L215.2 334L576 120.67"/>`
	if got := render(t, p); !strings.Contains(string(got), want) {
		t.Errorf("the plot lacks %s:\n%s", want, got)
	}
}

func TestNewStep(t *testing.T) {
	for _, c := range []struct {
		length float64
		n      int
		want   step
	}{
		{10, 10, step{1, 0}}, {10.1, 10, step{2, 0}}, {0.3, 3, step{1, -1}}, {1.2, 8, step{2, -1}},
		{200, 10, step{2, 1}}, {400, 8, step{5, 1}}, {0.0061, 8, step{1, -3}}, {45, 5, step{1, 1}},
		{55, 5, step{2, 1}}, {3e-7, 8, step{5, -8}}, {2e300, 8, step{5, 299}}, {1, 1, step{1, 0}},
	} {
		if got := newStep(c.length, c.n); got != c.want {
			t.Errorf("newStep(%v, %v) = %v, want %v", c.length, c.n, got, c.want)
		}
	}
}

func TestNewAxis(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		lo, hi float64
		values []float64
		n      int
		want   string
	}{
		{0.3, 1.2, nil, 10, "0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0 1.1 1.2"},
		{-0.1, 1.1, nil, 8, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-1, 1, nil, 4, "−1.0 −0.5 0.0 0.5 1.0"},
		{200, 400, []float64{0, 7}, 5, "200 250 300 350 400"},
		{0, 0, []float64{0, 29}, 10, "0 5 10 15 20 25 30"},
		{0, 0, []float64{81.93, 82.27}, 8, "81.90 81.95 82.00 82.05 82.10 82.15 82.20 82.25 82.30"},
		{0, 0, []float64{0, 1, 2}, 10, "0 1 2"},
		{0, 0, []float64{0, 0.5, 2}, 5, "0.0 0.5 1.0 1.5 2.0"},
		{0, 0, []float64{nan, 3.5, inf, 1.5, -inf}, 4, "1.5 2.0 2.5 3.0 3.5"},
		{0, 0, nil, 5, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0, 0, []float64{nan}, 5, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0, 0, []float64{0, 0}, 5, "−1 0 1"},
		{0, 0, []float64{9, 9}, 4, "8 9 10"},
		{0, 0, []float64{0, 4e6}, 4, "0e+00 1e+06 2e+06 3e+06 4e+06"},
		{0, 0, []float64{0, 1.2e-7}, 3, "0.0e+00 5.0e−08 1.0e−07 1.5e−07"},
	} {
		a := newAxis(c.lo, c.hi, c.values, c.n)
		var labels []string
		for _, tick := range a.ticks {
			labels = append(labels, tick.label)
			if tick.value < a.lo-1e-9 || tick.value > a.hi+1e-9 {
				t.Errorf("tick %v outside %v to %v", tick.value, a.lo, a.hi)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("newAxis(%v, %v, %v, %v) = %s, want %s", c.lo, c.hi, c.values, c.n, got, c.want)
		}
		if c.lo < c.hi && (a.lo != c.lo || a.hi != c.hi) {
			t.Errorf("limits %v, %v became %v, %v", c.lo, c.hi, a.lo, a.hi)
		}
	}
}

// Whatever the range, labels are different, read back as their ticks, and have
// equally many decimals; automatic limits hold all data.
func TestTickLabels(t *testing.T) {
	for i := range 3000 {
		lo := math.Sin(float64(i)) * math.Pow(10, float64(i%13-6))
		hi := lo + (1.01+math.Cos(float64(i*i)))*math.Pow(10, float64(i%11-5))
		a := newAxis(0, 0, []float64{lo, hi}, 1+i%10)
		if slack := 1e-8 * (a.hi - a.lo); a.lo > lo+slack || a.hi < hi-slack {
			t.Fatalf("axis %v to %v loses %v or %v", a.lo, a.hi, lo, hi)
		}
		for k, tick := range a.ticks {
			label := strings.ReplaceAll(tick.label, "−", "-")
			v, err := strconv.ParseFloat(label, 64)
			if err != nil || math.Abs(v-tick.value) > 1e-9*(a.hi-a.lo) {
				t.Fatalf("label %s of tick %v, from %v to %v", label, tick.value, a.lo, a.hi)
			}
			if decimals(tick.label) != decimals(a.ticks[0].label) || k > 0 && tick.label == a.ticks[k-1].label {
				t.Fatalf("labels %s and %s on one axis", a.ticks[0].label, tick.label)
			}
		}
	}
}

// decimals counts the digits between the point and the exponent, if any.
func decimals(label string) int {
	mantissa, _, _ := strings.Cut(label, "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	return len(fraction)
}

func TestWriteSVGRefusesLimits(t *testing.T) {
	for _, p := range []Plot{
		{XMin: 2, XMax: 1}, {YMin: 2, YMax: 1}, {XMin: math.NaN()}, {XMax: math.Inf(1)},
		{YMax: math.NaN()}, {YMin: math.Inf(-1)},
	} {
		var b bytes.Buffer
		if err := p.WriteSVG(&b); err == nil || b.Len() > 0 {
			t.Errorf("limits %v %v %v %v: error %v and %d bytes", p.XMin, p.XMax, p.YMin, p.YMax, err, b.Len())
		}
	}
}

func TestWriteSVGPanicsOnUnequalLengths(t *testing.T) {
	defer func() {
		if got, want := fmt.Sprint(recover()), `plot: curve "c" with 2 x and 1 y`; got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	p := Plot{Curves: []Curve{{Name: "c", X: []float64{1, 2}, Y: []float64{1}}}}
	p.WriteSVG(io.Discard)
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteSVGReturnsTheErrorOfTheWriter(t *testing.T) {
	if err := (&Plot{}).WriteSVG(brokenWriter{}); err != errBroken {
		t.Errorf("error %v, want %v", err, errBroken)
	}
}

// NaN and Inf break the line; a point left alone between them becomes a dot.
func TestGapsBreakTheLine(t *testing.T) {
	nan := math.NaN()
	p := Plot{Curves: []Curve{{
		X: []float64{0, 1, 2, 3, 4, 5, nan, 7, 8},
		Y: []float64{1, 2, nan, 4, math.Inf(-1), 1, 1, 1, 2},
	}}}
	got := parseSVG(t, render(t, p))
	paths := got.pick("path", "curve")
	if len(paths) != 1 {
		t.Fatalf("%d paths, want 1", len(paths))
	}
	if points, moves := pathPoints(t, paths[0].attr["d"]); len(points) != 4 || moves != 2 {
		t.Errorf("%d points in %d pieces, want 4 in 2", len(points), moves)
	}
	if dots := got.pick("circle", "dot"); len(dots) != 2 {
		t.Errorf("%d dots, want 2", len(dots))
	}
}

// Curves end at the axes, wherever their points are.
func TestCurvesStayInsideTheAxes(t *testing.T) {
	p := Plot{XMin: 2, XMax: 8, YMin: -0.5, YMax: 0.5, Curves: []Curve{
		series("", 12, math.Sin), {X: []float64{5, 5, 1e300}, Y: []float64{-1e300, 1e300, 0}},
		{X: []float64{5}, Y: []float64{3}},
	}}
	f := p.frame()
	got := parseSVG(t, render(t, p))
	paths := got.pick("path", "curve")
	if len(paths) != 2 || len(got.pick("circle", "")) != 0 {
		t.Fatalf("%d paths and %d dots, want 2 and 0", len(paths), len(got.pick("circle", "")))
	}
	for _, path := range paths {
		points, _ := pathPoints(t, path.attr["d"])
		for _, q := range points {
			if !f.grow(0.01).holds(q) {
				t.Errorf("point %v outside %v", q, f.box)
			}
		}
	}
	vertical, _ := pathPoints(t, paths[1].attr["d"])
	if want := []point{{f.at(5, 0).x, f.y1}, {f.at(5, 0).x, f.y0}}; math.Abs(vertical[0].x-want[0].x) > 0.01 ||
		vertical[0].y != want[0].y || vertical[1].y != want[1].y {
		t.Errorf("line %v, want it to start %v", vertical, want)
	}
}

// A curve along the border is drawn, however its limits round: the sum of 0.1
// and 0.2 lies beyond the tick at 0.3.
func TestCurvesOnTheBorderShow(t *testing.T) {
	tenth := 0.1
	beyond := Plot{Curves: []Curve{{X: []float64{0, 1}, Y: []float64{0, 0}}, {X: []float64{0, 1}, Y: []float64{tenth + 0.2, tenth + 0.2}}}}
	if lines := len(parseSVG(t, render(t, beyond)).pick("path", "curve")); lines != 2 {
		t.Errorf("%d lines, want 2", lines)
	}
	for i := range 200 {
		lo := math.Sin(float64(i)) * 10
		hi := lo + 1 + math.Cos(float64(i)) + 1e-3
		p := Plot{XMin: lo, XMax: hi, YMin: lo, YMax: hi, Curves: []Curve{
			{X: []float64{lo, hi}, Y: []float64{hi, hi}}, {X: []float64{lo, hi}, Y: []float64{lo, lo}},
			{X: []float64{hi, hi}, Y: []float64{lo, hi}}, {X: []float64{hi}, Y: []float64{hi}}},
			Marks: []Mark{{X: lo, Y: hi}}}
		got := parseSVG(t, render(t, p))
		if lines, dots := len(got.pick("path", "curve")), len(got.pick("circle", "dot")); lines != 3 || dots != 2 {
			t.Fatalf("limits %v, %v: %d lines and %d dots, want 3 and 2", lo, hi, lines, dots)
		}
	}
}

// The legend names every named curve once, and no curve passes behind it.
func TestLegend(t *testing.T) {
	for name, below := range map[string]bool{"falling": false, "full": true, "diverged": false} {
		p := plots()[name]
		f := p.frame()
		got := parseSVG(t, render(t, p))
		for _, curve := range p.Curves {
			if got.says(curve.Name) != 1 {
				t.Errorf("%s: curve %q named %d times", name, curve.Name, got.says(curve.Name))
			}
			for _, text := range got.texts {
				if text.s != curve.Name {
					continue
				}
				if (text.area.y0 > f.y1) != below {
					t.Errorf("%s: name %q at %.0f, axes end at %v", name, text.s, text.area, f.y1)
				}
				for _, other := range p.Curves {
					for _, line := range f.polylines(other) {
						for k := 1; k < len(line); k++ {
							if _, _, hit := text.area.clip(line[k-1], line[k]); hit {
								t.Fatalf("%s: curve %q passes %q", name, other.Name, text.s)
							}
						}
					}
				}
			}
		}
	}
	silent := Plot{Curves: []Curve{series("", 9, math.Sin)}}
	if n := len(parseSVG(t, render(t, silent)).pick("path", "curve")); n != 1 {
		t.Errorf("a curve without name has %d strokes, want 1", n)
	}
}

// Marks inside the axes are drawn, rings where they are open, and named where
// there is room, clear of curves if that can be.
func TestMarks(t *testing.T) {
	p := Plot{XMax: 10, YMax: 10,
		Curves: []Curve{{X: []float64{0, 10}, Y: []float64{0, 10}}},
		Marks: []Mark{{Name: "closed", X: 5, Y: 5}, {Name: "open", X: 10, Y: 2, Open: true},
			{Name: "out", X: 11, Y: 5}, {Name: "nowhere", X: math.NaN(), Y: 5}}}
	got := checkSVG(t, render(t, p))
	if d, r := len(got.pick("circle", "dot")), len(got.pick("circle", "ring")); d != 1 || r != 1 {
		t.Errorf("%d dots and %d rings, want 1 and 1", d, r)
	}
	if n := len(got.pick("rect", "ground")); n != 3 {
		t.Errorf("%d grounds, want one of the page and two under names", n)
	}
	for name, want := range map[string]int{"closed": 1, "open": 1, "out": 0, "nowhere": 0} {
		if n := got.says(name); n != want {
			t.Errorf("mark %q named %d times, want %d", name, n, want)
		}
	}
	f := p.frame()
	for _, text := range got.texts {
		if _, _, hit := text.area.clip(f.at(0, 0), f.at(10, 10)); hit && (text.s == "closed" || text.s == "open") {
			t.Errorf("the curve passes through %q at %.0f", text.s, text.area)
		}
	}
	full := parseSVG(t, render(t, plots()["full"]))
	if full.says("here") != 1 || full.says("there") != 1 {
		t.Error("a mark among curves lost its name")
	}
}
