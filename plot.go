package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// This file is the plotter: curves over two axes, written as SVG 1.1 text. It
// serves the figures and -plot, and has no logarithmic axes, bars or error bars.
//
// Lengths are user units of a viewBox that is 600 wide; y grows downwards.
// Nothing here depends on the machine: coordinates are printed with at most two
// decimals, products are rounded before they are added, and only functions that
// are exact everywhere (Sqrt, Floor, Pow10) touch a coordinate. The same data
// give the same bytes.

const (
	axesHeight = 320.0 // height of the rectangle inside the axes
	keyWidth   = 40.0  // of the stroke in a legend and the gap behind it
	keyHeight  = 18.0  // of one line of a legend
)

// Plot is a set of curves over a pair of linear axes, as in Figure 24. Limits
// that are equal (as both are when left out) are chosen from the data.
//
// Title, labels and names may hold subscripts and superscripts in braces:
// "w_{jk}^{l}".
type Plot struct {
	Title, XLabel, YLabel  string
	XMin, XMax, YMin, YMax float64
	Curves                 []Curve
	Marks                  []Mark
	Regions                *Regions // nil: none
}

// Curve is a line through the points (X[i], Y[i]), in that order. A point that
// is NaN or infinite breaks the line. A curve without a name has no line in the
// legend.
type Curve struct {
	Name  string
	X, Y  []float64
	Alike bool // drawn like the curve before it: another run of the same kind
}

// Mark is a point worth a look, with its name beside it: filled, or a ring
// where the function leaves the point out, as in Figure 6.
type Mark struct {
	Name string
	X, Y float64
	Open bool
}

// Regions colours the plane by the class in which a network finds each point, below
// the examples themselves: the nonlinear boundaries of §1.1.
type Regions struct {
	Columns int   // of a grid over the axes
	Class   []int // of the middle of each field, row by row from the top
	Dots    []Dots
}

// Dots are examples of one class, in its colour; Open ones are rings.
type Dots struct {
	Name  string
	Class int
	X, Y  []float64
	Open  bool
}

// style returns the class of the circles (SVG 1.1, 6.12).
func (d Dots) style() string {
	if d.Open {
		return "ring " + curveColour(d.Class)
	}
	return "dot " + curveColour(d.Class)
}

// WriteSVG writes the plot, such as Figure 24, as an SVG 1.1 file. The error is
// of the limits (XMin > XMax, or one of them not finite) or of w; a curve whose
// X and Y differ in length panics.
func (p *Plot) WriteSVG(w io.Writer) error {
	return writePanels(w, p)
}

// writePanels writes plots as one SVG file, one below the other.
func writePanels(w io.Writer, panels ...*Plot) error {
	c := &canvas{title: panels[0].Title}
	for _, p := range panels {
		if err := p.check(); err != nil {
			return err
		}
		p.draw(c)
	}
	return c.writeTo(w)
}

// draw adds the plot below what the canvas holds.
func (p *Plot) draw(c *canvas) {
	f := p.frame()
	f.y0, f.y1 = f.y0+c.height, f.y1+c.height
	c.height = f.y1 + 48
	p.Regions.drawFields(c, f)
	f.drawAxes(c)
	p.drawLabels(c, f)
	var taken occupied
	styles := p.styles()
	for i, curve := range p.Curves {
		lines := f.polylines(curve)
		c.drawCurve(f.visible(), lines, styles[i])
		taken.addLines(lines)
	}
	for _, m := range p.Marks {
		taken.addLines(f.polylines(Curve{X: []float64{m.X}, Y: []float64{m.Y}}))
	}
	p.drawLegend(c, f, &taken)
	p.drawMarks(c, f, &taken)
	p.Regions.drawDots(c, f)
}

// styles returns the number of the colour and dashes of each curve (Figure 38).
func (p *Plot) styles() (styles []int) {
	next := -1
	for i, curve := range p.Curves {
		if i == 0 || !curve.Alike {
			next++
		}
		styles = append(styles, next)
	}
	return styles
}

// check refuses what cannot be drawn: the limits are those of Figure 24.
func (p *Plot) check() error {
	for _, c := range p.Curves {
		if len(c.X) != len(c.Y) {
			panic(fmt.Sprintf("plot: curve %q with %d x and %d y", c.Name, len(c.X), len(c.Y)))
		}
	}
	if !isFinite(p.XMin) || !isFinite(p.XMax) || p.XMin > p.XMax {
		return fmt.Errorf("plot: x axis from %v to %v, expected two finite limits in rising order", p.XMin, p.XMax)
	}
	if !isFinite(p.YMin) || !isFinite(p.YMax) || p.YMin > p.YMax {
		return fmt.Errorf("plot: y axis from %v to %v, expected two finite limits in rising order", p.YMin, p.YMax)
	}
	return nil
}

// isFinite reports whether v can be drawn, which the cost of a run that diverged
// cannot (Figure 38 comes close). The bound leaves space for differences of two
// such values; SVG 1.1, 4.2 asks for no more than single precision.
func isFinite(v float64) bool { return math.Abs(v) <= 1e300 }

// A frame is the rectangle inside the axes, in pixels, with the axes' limits
// and ticks: the border that Figure 24 is drawn in.
type frame struct {
	box
	x, y axis
}

// frame lays the axes out, for Figure 24 as for any other plot: the widest
// label on the y axis sets the left margin, and the labels below take as many
// ticks as fit side by side.
func (p *Plot) frame() frame {
	var xs, ys []float64
	for _, c := range p.Curves {
		xs, ys = append(xs, c.X...), append(ys, c.Y...)
	}
	f := frame{box: box{y0: 14, x1: plotWidth - 24}, y: newAxis(p.YMin, p.YMax, ys, 10)}
	if p.Title != "" {
		f.y0 = 38
	}
	f.y1 = f.y0 + axesHeight
	f.x0 = 14 + f.y.widest()
	if p.YLabel != "" {
		f.x0 += 24
	}
	for n := 10; n > 0; n-- {
		f.x = newAxis(p.XMin, p.XMax, xs, n)
		if float64(len(f.x.ticks)-1)*(f.x.widest()+14) <= f.x1-f.x0 {
			break
		}
	}
	f.x1 = min(f.x1, plotWidth-6-f.x.widest()/2)
	return f
}

// An axis is a range of numbers with ticks inside it, such as 200 to 400 in
// Figure 24.
type axis struct {
	lo, hi float64
	ticks  []tick
}

// A tick is a number on an axis and its label. All labels of an axis have the
// same number of decimals, as in Figure 24.
type tick struct {
	value float64
	label string
}

// newAxis returns the axis from lo to hi or, when they are equal, one that
// holds all values and ends on ticks (Figure 18 needs the second, Figure 24 the
// first). It has at most n steps between ticks, and none between whole numbers
// such as epochs.
func newAxis(lo, hi float64, values []float64, n int) axis {
	auto := lo == hi
	if auto {
		lo, hi = valueRange(values)
	}
	s := newStep(hi-lo, n)
	if s.exp < 0 && allIntegers(values) {
		s = step{1, 0}
	}
	first, last := math.Ceil(s.count(lo)-1e-9), math.Floor(s.count(hi)+1e-9)
	if auto {
		first, last = math.Floor(s.count(lo)+1e-9), math.Ceil(s.count(hi)-1e-9)
		lo, hi = s.value(first), s.value(last)
	}
	a := axis{lo: lo, hi: hi}
	for i := 0.0; i <= last-first; i++ {
		v := s.value(first + i)
		a.ticks = append(a.ticks, tick{v, s.label(v, max(math.Abs(lo), math.Abs(hi)))})
	}
	return a
}

// valueRange returns the least and the greatest finite value, moved apart where they
// are too close for ticks, as with the constant accuracies of Figure 26.
func valueRange(values []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if isFinite(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		return 0, 1
	}
	size := max(math.Abs(lo), math.Abs(hi))
	if hi-lo > 1e-9*size && hi-lo > 1e-100 {
		return lo, hi
	}
	if size < 1e-100 {
		return -1, 1
	}
	return lo - size/10, hi + size/10
}

// allIntegers reports whether the finite values, of which there are some, are whole
// numbers, like the epochs of Figure 18.
func allIntegers(values []float64) bool {
	some := false
	for _, v := range values {
		if isFinite(v) && v != math.Floor(v) {
			return false
		}
		some = some || isFinite(v)
	}
	return some
}

// A step is the distance m·10^exp between two ticks, m being 1, 2 or 5: the
// steps of .02 in Figure 28, of 5 in Figure 26.
type step struct {
	m   float64
	exp int
}

// newStep returns the smallest step that cuts a length into at most n parts,
// which is how the axes of Figure 24 get round numbers.
func newStep(length float64, n int) step {
	least := length / float64(n) * (1 - 1e-9)
	exp := int(math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5} {
		if s := (step{m, exp}); s.value(1) >= least {
			return s
		}
	}
	return step{1, exp + 1}
}

// value returns k steps. Dividing by a power of ten, where 0.1 would have to be
// multiplied, keeps ticks such as the 0.3 of Figure 38 exact.
func (s step) value(k float64) float64 {
	if s.exp < 0 {
		return k * s.m / math.Pow10(-s.exp)
	}
	return k * s.m * math.Pow10(s.exp)
}

// count is the inverse of value: the number of steps that make v (Figure 38).
func (s step) count(v float64) float64 { return v / s.value(1) }

// label prints a tick with the decimals that its step has, so 0.0 stands beside
// 0.2 as in Figure 38; very large and very small steps are printed as
// powers of ten, with as many digits as the greatest tick needs.
func (s step) label(v, greatest float64) string {
	out := strconv.FormatFloat(v, 'f', max(0, -s.exp), 64)
	if s.exp > 5 || s.exp < -5 {
		digits := max(0, int(math.Floor(math.Log10(greatest)+1e-9))-s.exp)
		out = strconv.FormatFloat(v, 'e', digits, 64)
	}
	return strings.ReplaceAll(out, "-", "−")
}

// widest returns the width of the widest label of an axis: in Figure 24 the
// four decimals of the cost.
func (a axis) widest() (w float64) {
	for _, t := range a.ticks {
		w = max(w, textWidth(t.label, textSize))
	}
	return w
}

// at maps a point of the data to pixels (Figure 24). Far points are held at ten
// million pixels, beyond which SVG 1.1, 4.2 promises no precision; the slope of
// a line to them changes by less than can be seen.
func (f frame) at(x, y float64) point {
	const far = 1e7
	px := f.x0 + float64((x-f.x.lo)/(f.x.hi-f.x.lo)*(f.x1-f.x0))
	py := f.y1 - float64((y-f.y.lo)/(f.y.hi-f.y.lo)*(f.y1-f.y0))
	return point{min(max(px, -far), far), min(max(py, -far), far)}
}

// visible is the part of the page that shows curves: the frame, and a hair more
// lest rounding drop what lies on its border, such as the 100 percent of
// Figure 26.
func (f frame) visible() box { return f.grow(0.004) }

// drawAxes draws grid, zero lines, border and tick labels (Figure 24).
func (f frame) drawAxes(c *canvas) {
	for _, t := range f.x.ticks {
		x := f.at(t.value, f.y.lo).x
		c.line(point{x, f.y0}, point{x, f.y1}, gridClass(t.value))
		c.text(point{x, f.y1 + 18}, t.label, textStyle{size: textSize, anchor: "middle"})
	}
	for _, t := range f.y.ticks {
		y := f.at(f.x.lo, t.value).y
		c.line(point{f.x0, y}, point{f.x1, y}, gridClass(t.value))
		c.text(point{f.x0 - 7, y + 4.5}, t.label, textStyle{size: textSize, anchor: "end"})
	}
	c.add(`<path class="frame" d="M%v %vV%vH%vV%vZ"/>`, num(f.x0), num(f.y0), num(f.y1), num(f.x1), num(f.y0))
}

// gridClass tells the lines through zero from the rest of the grid; Figure 5 is
// read against them.
func gridClass(v float64) string {
	if v == 0 {
		return "zero"
	}
	return "grid"
}

// drawLabels writes the title and the names of the axes (Figure 18: "Epoch",
// "Cost"), smaller where they would not fit.
func (p *Plot) drawLabels(c *canvas, f frame) {
	middle := point{(f.x0 + f.x1) / 2, (f.y0 + f.y1) / 2}
	c.text(point{plotWidth / 2, f.y0 - 13}, p.Title,
		textStyle{size: fitTextSize(p.Title, titleSize, plotWidth-24), anchor: "middle", math: true})
	available := 2 * min(middle.x-6, plotWidth-6-middle.x)
	c.text(point{middle.x, f.y1 + 38}, p.XLabel,
		textStyle{size: fitTextSize(p.XLabel, textSize, available), anchor: "middle", math: true})
	c.text(point{18, middle.y}, p.YLabel,
		textStyle{size: fitTextSize(p.YLabel, textSize, f.y1-f.y0), anchor: "middle", math: true, upwards: true})
}

// polylines returns the curve in pixels, cut where a point is NaN or infinite:
// where a run of Figure 38 diverged, its line ends.
func (f frame) polylines(curve Curve) [][]point {
	var lines [][]point
	open := false
	for i, x := range curve.X {
		if !isFinite(x) || !isFinite(curve.Y[i]) {
			open = false
			continue
		}
		if !open {
			lines = append(lines, nil)
			open = true
		}
		last := len(lines) - 1
		lines[last] = append(lines[last], f.at(x, curve.Y[i]))
	}
	return lines
}

// drawCurve draws the lines of curve number i, a learning rate in Figure 38, in
// its colour and dashes, clipped to the axes. A point without neighbours
// becomes a dot, so that a history of one epoch still shows. The path data
// follow SVG 1.1, 8.3.
func (c *canvas) drawCurve(axes box, lines [][]point, i int) {
	var d strings.Builder
	for _, line := range lines {
		if len(line) == 1 && axes.holds(line[0]) {
			c.circle(node{line[0], 3}, "dot "+curveColour(i))
		}
		pen := point{math.NaN(), 0} // equal to no point
		for k := 1; k < len(line); k++ {
			p, q, ok := axes.clip(line[k-1], line[k])
			if !ok {
				continue
			}
			if p != pen {
				fmt.Fprintf(&d, "M%v %v", num(p.x), num(p.y))
			}
			fmt.Fprintf(&d, "L%v %v", num(q.x), num(q.y))
			pen = q
		}
	}
	if d.Len() > 0 {
		c.add(`<path class="curve %s"%s d="%s"/>`, curveColour(i), curveDashes(i), d.String())
	}
}

// A occupied is what no text may cover: segments of curves, marks (segments
// without length) and boxes of text. The curves of Figure 27 leave only some
// corners free.
type occupied struct {
	segments [][2]point
	boxes    []box
}

// addLines adds every segment of a curve (Figure 27).
func (t *occupied) addLines(lines [][]point) {
	for _, line := range lines {
		for k := range line {
			t.segments = append(t.segments, [2]point{line[max(0, k-1)], line[k]})
		}
	}
}

// isFree reports whether b is inside the axes and clear of everything; so
// Figure 38 finds the place of its legend.
func (t *occupied) isFree(b, axes box) bool {
	for _, s := range t.segments {
		if _, _, hit := b.clip(s[0], s[1]); hit {
			return false
		}
	}
	return axes.holds(point{b.x0, b.y0}) && axes.holds(point{b.x1, b.y1}) &&
		!slices.ContainsFunc(t.boxes, b.overlaps)
}

// drawLegend names the curves where no curve or mark passes, in a corner if one
// is free, or else below the plot. Figure 38 needs it for its three rates.
func (p *Plot) drawLegend(c *canvas, f frame, taken *occupied) {
	w, h := 0.0, 8.0
	for _, curve := range p.Curves {
		if curve.Name != "" {
			w = max(w, keyWidth+18+textWidth(curve.Name, textSize))
			h += keyHeight
		}
	}
	if w == 0 {
		return
	}
	for _, down := range []float64{0, 1, 0.25, 0.5, 0.75} {
		for _, across := range []float64{1, 0, 0.5} {
			x := f.x0 + 8 + float64(across*(f.x1-f.x0-w-16))
			y := f.y0 + 8 + float64(down*(f.y1-f.y0-h-16))
			b := box{x, y, x + w, y + h}
			if taken.isFree(b.grow(4), f.box) {
				p.legendInside(c, b)
				taken.boxes = append(taken.boxes, b)
				return
			}
		}
	}
	p.legendBelow(c, f)
}

// legendInside writes the names one below the other into b (Figure 30).
func (p *Plot) legendInside(c *canvas, b box) {
	c.plate(b)
	c.add(`<path class="grid" d="M%v %vV%vH%vV%vZ"/>`, num(b.x0), num(b.y0), num(b.y1), num(b.x1), num(b.y0))
	at := point{b.x0 + 8, b.y0 + 4 + keyHeight/2}
	styles := p.styles()
	for i, curve := range p.Curves {
		if curve.Name != "" {
			c.drawKey(at, styles[i], textStyle{size: textSize, math: true}, curve.Name)
			at.y += keyHeight
		}
	}
}

// legendBelow writes the names under the axis label, as many to a line as fit
// (Figure 38, when its curves fill every corner).
func (p *Plot) legendBelow(c *canvas, f frame) {
	at := point{f.x0, f.y1 + 60}
	styles := p.styles()
	for i, curve := range p.Curves {
		if curve.Name == "" {
			continue
		}
		size := fitTextSize(curve.Name, textSize, plotWidth-12-f.x0-keyWidth)
		w := keyWidth + textWidth(curve.Name, size)
		if at.x > f.x0 && at.x+w > plotWidth-12 {
			at = point{f.x0, at.y + keyHeight}
		}
		c.drawKey(at, styles[i], textStyle{size: size, math: true}, curve.Name)
		at.x += w + 20
	}
	c.height = at.y + 14
}

// drawKey draws the stroke of curve number i and its name: in Figure 38 a rate.
func (c *canvas) drawKey(at point, i int, l textStyle, name string) {
	c.add(`<path class="curve %s"%s d="M%v %vh%v"/>`, curveColour(i), curveDashes(i), num(at.x), num(at.y), num(keyWidth-10))
	c.text(point{at.x + keyWidth, at.y + 4.5}, name, l)
}

// drawMarks draws each mark and its name: in Figure 6 the two values at zero.
func (p *Plot) drawMarks(c *canvas, f frame, taken *occupied) {
	for _, m := range p.Marks {
		at := f.at(m.X, m.Y)
		if !isFinite(m.X) || !isFinite(m.Y) || !f.visible().holds(at) {
			continue
		}
		class := "dot"
		if m.Open {
			class = "ring"
		}
		c.circle(node{at, 4.5}, class)
		p.nameMark(c, f, m, taken)
	}
}

// drawFields draws the fields of one class that stand side by side as one rectangle
// (SVG 1.1, 9.2).
func (r *Regions) drawFields(c *canvas, f frame) {
	if r == nil {
		return
	}
	rows := len(r.Class) / r.Columns
	dx, dy := (f.x1-f.x0)/float64(r.Columns), (f.y1-f.y0)/float64(rows)
	c.add(`<g fill="currentColor" fill-opacity="0.3" shape-rendering="crispEdges">`)
	for y := range rows {
		row := r.Class[y*r.Columns : (y+1)*r.Columns]
		for x := 0; x < len(row); {
			end := x + 1
			for end < len(row) && row[end] == row[x] {
				end++
			}
			c.add(`<rect class="%s" x="%v" y="%v" width="%v" height="%v"/>`, curveColour(row[x]),
				num(f.x0+float64(dx*float64(x))), num(f.y0+float64(dy*float64(y))), num(dx*float64(end-x)), num(dy))
			x = end
		}
	}
	c.add(`</g>`)
}

// drawDots draws the examples, and their classes below the plot.
func (r *Regions) drawDots(c *canvas, f frame) {
	if r == nil {
		return
	}
	for _, d := range r.Dots {
		for i, x := range d.X {
			c.circle(node{f.at(x, d.Y[i]), 3}, d.style())
		}
	}
	at := point{f.x0, f.y1 + 60}
	for _, d := range r.Dots {
		w := 16 + textWidth(d.Name, textSize)
		if at.x > f.x0 && at.x+w > plotWidth-12 {
			at = point{f.x0, at.y + keyHeight}
		}
		c.circle(node{point{at.x + 3, at.y}, 3}, d.style())
		c.text(point{at.x + 14, at.y + 4.5}, d.Name, textStyle{size: textSize})
		at.x += w + 20
	}
	c.height = at.y + 14
}

// nameMark writes the name of a mark, such as a start in Figure 20, on the first
// side that is free. Where curves are on every side, it covers one of them, but
// never another text.
func (p *Plot) nameMark(c *canvas, f frame, m Mark, taken *occupied) {
	mark := f.at(m.X, m.Y)
	for _, t := range []*occupied{taken, {boxes: taken.boxes}} {
		for _, s := range sides {
			at := point{mark.x + s.dx, mark.y + s.dy}
			l := textStyle{size: textSize, anchor: s.anchor, math: true}
			b := l.bounds(at, m.Name)
			if t.isFree(b.grow(2), f.box) {
				c.plate(b)
				c.text(at, m.Name, l)
				taken.boxes = append(taken.boxes, b)
				return
			}
		}
	}
}

// A surface is z = f(x, y) over a square, cut into n by n patches, for the
// valley of Figure 13.
type surface struct {
	f       func(x, y float64) float64
	x, y, z axis
	n       int
	labels  [3]string
}

// project maps a point of space to the page, a parallel projection: turned so
// that the corner of the greatest x and y is nearest, and seen from above at an
// angle whose sine is 4/5. The turn has the sides of a 3-4-5 triangle too,
// which keeps sines out of the drawing. For Figure 13.
func (s *surface) project(x, y, z float64) point {
	const size, high = 145, 100
	u := 2*(x-s.x.lo)/(s.x.hi-s.x.lo) - 1
	v := 2*(y-s.y.lo)/(s.y.hi-s.y.lo) - 1
	h := (z - s.z.lo) / (s.z.hi - s.z.lo)
	across, near := float64(0.8*u)-float64(0.6*v), float64(0.6*u)+float64(0.8*v)
	return point{plotWidth/2 + float64(size*across), 275 + float64(size*0.8*near) - float64(high*h)}
}

// A patch is a piece of a surface: its corners on the page, how near it lies,
// and its colour (Figure 13).
type patch struct {
	corners [4]point
	near    float64
	colour  string
}

// patches cuts the surface up and sorts the pieces for the painter's algorithm:
// far ones first, so that near ones cover them (Figure 13).
func (s *surface) patches() []patch {
	var out []patch
	dx, dy := (s.x.hi-s.x.lo)/float64(s.n), (s.y.hi-s.y.lo)/float64(s.n)
	for i := range s.n {
		for j := range s.n {
			var p patch
			height := 0.0
			for k, corner := range [4][2]int{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
				x := s.x.lo + float64(dx*float64(i+corner[0]))
				y := s.y.lo + float64(dy*float64(j+corner[1]))
				p.corners[k] = s.project(x, y, s.f(x, y))
				height += s.f(x, y) / 4
			}
			p.near = float64(0.6*float64(i)) + float64(0.8*float64(j))
			p.colour = colourRamp((height - s.z.lo) / (s.z.hi - s.z.lo))
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b patch) int { return cmp.Compare(a.near, b.near) })
	return out
}

// colourRamp returns the colour of a height from 0 to 1, from blue through green to
// yellow: lightness grows along it, so that Figure 13 reads without colours.
func colourRamp(t float64) string {
	stops := [][3]float64{{46, 84, 140}, {60, 160, 145}, {240, 220, 80}}
	t = 2 * min(max(t, 0), 1)
	i := min(int(t), 1)
	t -= float64(i)
	var rgb [3]int
	for k := range rgb {
		rgb[k] = int(math.Round(float64((1-t)*stops[i][k]) + float64(t*stops[i+1][k])))
	}
	return fmt.Sprintf("#%02x%02x%02x", rgb[0], rgb[1], rgb[2])
}

// draw draws the floor and the two walls behind, the patches, and the labels on
// the edges in front (Figure 13).
func (s *surface) draw(c *canvas) {
	s.drawWalls(c)
	for _, p := range s.patches() {
		c.polygon(`class="face" color="`+p.colour+`"`, p.corners[:]...)
	}
	for _, t := range s.x.ticks {
		c.beside(s.project(t.value, s.y.hi, s.z.lo), -14, 22, t.label)
	}
	for _, t := range s.y.ticks {
		c.beside(s.project(s.x.hi, t.value, s.z.lo), 14, 22, t.label)
	}
	for _, t := range s.z.ticks {
		c.beside(s.project(s.x.lo, s.y.hi, t.value), -8, 4, t.label)
	}
	c.beside(s.project((s.x.lo+s.x.hi)/2, s.y.hi, s.z.lo), -32, 52, s.labels[0])
	c.beside(s.project(s.x.hi, (s.y.lo+s.y.hi)/2, s.z.lo), 32, 52, s.labels[1])
	c.beside(s.project(s.x.lo, s.y.hi, (s.z.lo+s.z.hi)/2), -50, 5, s.labels[2])
}

// drawWalls draws the lines of the ticks on the floor and on the walls of least
// x and least y (Figure 13).
func (s *surface) drawWalls(c *canvas) {
	bent := func(a, b, d point) { // a line that folds where floor and wall meet
		c.line(a, b, "zero")
		c.line(b, d, "zero")
	}
	for _, t := range s.x.ticks {
		v := t.value
		bent(s.project(v, s.y.hi, s.z.lo), s.project(v, s.y.lo, s.z.lo), s.project(v, s.y.lo, s.z.hi))
	}
	for _, t := range s.y.ticks {
		v := t.value
		bent(s.project(s.x.hi, v, s.z.lo), s.project(s.x.lo, v, s.z.lo), s.project(s.x.lo, v, s.z.hi))
	}
	for _, t := range s.z.ticks {
		v := t.value
		bent(s.project(s.x.lo, s.y.hi, v), s.project(s.x.lo, s.y.lo, v), s.project(s.x.hi, s.y.lo, v))
	}
}

// beside writes s a little off p, away from the drawing: to the left of it or,
// when dx is positive, to the right (Figure 13).
func (c *canvas) beside(p point, dx, dy float64, s string) {
	l := textStyle{size: textSize, math: true}
	if dx < 0 {
		l.anchor = "end"
	}
	c.text(point{p.x + dx, p.y + dy}, s, l)
}
