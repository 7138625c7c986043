// The plotter: curves over two axes, drawings of neurons, and a surface in
// projection, all written as SVG 1.1 text. It serves the figures of the article
// and the -plot flag, and leaves out what they do not need: logarithmic axes,
// bars, error bars.
//
// Lengths are user units of a viewBox that is 600 wide; y grows downwards.
// Nothing here depends on the machine: coordinates are printed with at most two
// decimals, products are rounded before they are added, and only functions that
// are exact everywhere (Sqrt, Floor, Pow10) touch a coordinate. The same data
// give the same bytes.

package main

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	plotWidth  = 600.0 // width of every viewBox
	axesHeight = 320.0 // height of the rectangle inside the axes
	textSize   = 13.0  // labels
	titleSize  = 15.0
	keyWidth   = 40.0 // of the stroke in a legend and the gap behind it
	keyHeight  = 18.0 // of one line of a legend
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
}

// Curve is a line through the points (X[i], Y[i]), in that order. A point that
// is NaN or infinite breaks the line. A curve without a name has no line in the
// legend.
type Curve struct {
	Name string
	X, Y []float64
}

// Mark is a point worth a look, with its name beside it: filled, or a ring
// where the function leaves the point out, as in Figure 6.
type Mark struct {
	Name string
	X, Y float64
	Open bool
}

// WriteSVG writes the plot, such as Figure 24, as an SVG 1.1 file. The error is
// of the limits (XMin > XMax, or one of them not finite) or of w; a curve whose
// X and Y differ in length panics.
func (p *Plot) WriteSVG(w io.Writer) error {
	if err := p.check(); err != nil {
		return err
	}
	f := p.frame()
	c := &canvas{title: p.Title, height: f.y1 + 48}
	f.drawAxes(c)
	p.drawLabels(c, f)
	var taken clutter
	for i, curve := range p.Curves {
		lines := f.polylines(curve)
		c.drawCurve(f.visible(), lines, i)
		taken.addLines(lines)
	}
	for _, m := range p.Marks {
		taken.addLines(f.polylines(Curve{X: []float64{m.X}, Y: []float64{m.Y}}))
	}
	p.drawLegend(c, f, &taken)
	p.drawMarks(c, f, &taken)
	return c.writeTo(w)
}

// check refuses what cannot be drawn: the limits are those of Figure 24.
func (p *Plot) check() error {
	for _, c := range p.Curves {
		if len(c.X) != len(c.Y) {
			panic(fmt.Sprintf("plot: curve %q with %d x and %d y", c.Name, len(c.X), len(c.Y)))
		}
	}
	if !finite(p.XMin) || !finite(p.XMax) || p.XMin > p.XMax {
		return fmt.Errorf("plot: x axis from %v to %v, want two finite limits in rising order", p.XMin, p.XMax)
	}
	if !finite(p.YMin) || !finite(p.YMax) || p.YMin > p.YMax {
		return fmt.Errorf("plot: y axis from %v to %v, want two finite limits in rising order", p.YMin, p.YMax)
	}
	return nil
}

// finite reports whether v can be drawn, which the cost of a run that diverged
// cannot (Figure 38 comes close). The bound leaves room for differences of two
// such values; SVG 1.1, 4.2 asks for no more than single precision.
func finite(v float64) bool {
	return math.Abs(v) <= 1e300
}

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
		lo, hi = span(values)
	}
	s := newStep(hi-lo, n)
	if s.exp < 0 && whole(values) {
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

// span returns the least and the greatest finite value, moved apart where they
// are too close for ticks, as with the constant accuracies of Figure 26.
func span(values []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
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

// whole reports whether the finite values, of which there are some, are whole
// numbers, like the epochs of Figure 18.
func whole(values []float64) bool {
	some := false
	for _, v := range values {
		if finite(v) && v != math.Floor(v) {
			return false
		}
		some = some || finite(v)
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

// count is the inverse of value: how many steps make v (Figure 38).
func (s step) count(v float64) float64 {
	return v / s.value(1)
}

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
func (f frame) visible() box {
	return f.grow(0.004)
}

// drawAxes draws grid, zero lines, border and tick labels (Figure 24).
func (f frame) drawAxes(c *canvas) {
	for _, t := range f.x.ticks {
		x := f.at(t.value, f.y.lo).x
		c.line(point{x, f.y0}, point{x, f.y1}, gridClass(t.value))
		c.text(point{x, f.y1 + 18}, t.label, lettering{size: textSize, anchor: "middle"})
	}
	for _, t := range f.y.ticks {
		y := f.at(f.x.lo, t.value).y
		c.line(point{f.x0, y}, point{f.x1, y}, gridClass(t.value))
		c.text(point{f.x0 - 7, y + 4.5}, t.label, lettering{size: textSize, anchor: "end"})
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
	c.text(point{plotWidth / 2, 25}, p.Title,
		lettering{size: fit(p.Title, titleSize, plotWidth-24), anchor: "middle", math: true})
	room := 2 * min(middle.x-6, plotWidth-6-middle.x)
	c.text(point{middle.x, f.y1 + 38}, p.XLabel,
		lettering{size: fit(p.XLabel, textSize, room), anchor: "middle", math: true})
	c.text(point{18, middle.y}, p.YLabel,
		lettering{size: fit(p.YLabel, textSize, f.y1-f.y0), anchor: "middle", math: true, upwards: true})
}

// fit returns the font size, at most size, at which s is no wider than room:
// unlike the title of Figure 5, one made of flags may be long, and the text of
// SVG 1.1, 10.1 does not wrap.
func fit(s string, size, room float64) float64 {
	return min(size, size*room/max(room, textWidth(s, size)))
}

// polylines returns the curve in pixels, cut where a point is NaN or infinite:
// where a run of Figure 38 diverged, its line ends.
func (f frame) polylines(curve Curve) [][]point {
	var lines [][]point
	open := false
	for i, x := range curve.X {
		if !finite(x) || !finite(curve.Y[i]) {
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
			c.circle(node{line[0], 3}, "dot "+colour(i))
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
		c.add(`<path class="curve %s"%s d="%s"/>`, colour(i), dashes(i), d.String())
	}
}

// colour names the style class (SVG 1.1, 6.12) of curve number i: in Figure 38
// each rate has its own.
func colour(i int) string {
	return "c" + strconv.Itoa(i%len(palette))
}

// dashes returns the attribute that gives curve number i its pattern (SVG 1.1,
// 11.4), so that the rates of Figure 38 differ in print without colours too.
func dashes(i int) string {
	patterns := []string{"", "8 3", "2 3", "10 3 2 3"}
	if pattern := patterns[i%len(patterns)]; pattern != "" {
		return ` stroke-dasharray="` + pattern + `"`
	}
	return ""
}

// A clutter is what no text may cover: segments of curves, marks (segments
// without length) and boxes of text. The curves of Figure 27 leave only some
// corners free.
type clutter struct {
	segments [][2]point
	boxes    []box
}

// addLines adds every segment of a curve (Figure 27).
func (t *clutter) addLines(lines [][]point) {
	for _, line := range lines {
		for k := range line {
			t.segments = append(t.segments, [2]point{line[max(0, k-1)], line[k]})
		}
	}
}

// leaves reports whether b is inside the axes and clear of everything; so
// Figure 38 finds the place of its legend.
func (t *clutter) leaves(b, axes box) bool {
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
func (p *Plot) drawLegend(c *canvas, f frame, taken *clutter) {
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
			if taken.leaves(b.grow(4), f.box) {
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
	for i, curve := range p.Curves {
		if curve.Name != "" {
			c.drawKey(at, i, lettering{size: textSize, math: true}, curve.Name)
			at.y += keyHeight
		}
	}
}

// plate hides the grid where text is to stand, as beside the marks of Figure 6
// (SVG 1.1, 9.2).
func (c *canvas) plate(b box) {
	c.add(`<rect class="ground" x="%v" y="%v" width="%v" height="%v"/>`,
		num(b.x0), num(b.y0), num(b.x1-b.x0), num(b.y1-b.y0))
}

// legendBelow writes the names under the axis label, as many to a line as fit
// (Figure 38, when its curves fill every corner).
func (p *Plot) legendBelow(c *canvas, f frame) {
	at := point{f.x0, f.y1 + 60}
	for i, curve := range p.Curves {
		if curve.Name == "" {
			continue
		}
		size := fit(curve.Name, textSize, plotWidth-12-f.x0-keyWidth)
		w := keyWidth + textWidth(curve.Name, size)
		if at.x > f.x0 && at.x+w > plotWidth-12 {
			at = point{f.x0, at.y + keyHeight}
		}
		c.drawKey(at, i, lettering{size: size, math: true}, curve.Name)
		at.x += w + 20
	}
	c.height = at.y + 14
}

// drawKey draws the stroke of curve number i and its name: in Figure 38 a rate.
func (c *canvas) drawKey(at point, i int, l lettering, name string) {
	c.add(`<path class="curve %s"%s d="M%v %vh%v"/>`, colour(i), dashes(i), num(at.x), num(at.y), num(keyWidth-10))
	c.text(point{at.x + keyWidth, at.y + 4.5}, name, l)
}

// drawMarks draws each mark and its name: in Figure 6 the two values at zero.
func (p *Plot) drawMarks(c *canvas, f frame, taken *clutter) {
	for _, m := range p.Marks {
		at := f.at(m.X, m.Y)
		if !finite(m.X) || !finite(m.Y) || !f.visible().holds(at) {
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

// nameMark writes the name of a mark, such as a start in Figure 20, on the first
// side that is free. Where curves are on every side, it covers one of them, but
// never another text.
func (p *Plot) nameMark(c *canvas, f frame, m Mark, taken *clutter) {
	mark := f.at(m.X, m.Y)
	for _, t := range []*clutter{taken, {boxes: taken.boxes}} {
		for _, s := range sides {
			at := point{mark.x + s.dx, mark.y + s.dy}
			l := lettering{size: textSize, anchor: s.anchor, math: true}
			b := l.bounds(at, m.Name)
			if t.leaves(b.grow(2), f.box) {
				c.plate(b)
				c.text(at, m.Name, l)
				taken.boxes = append(taken.boxes, b)
				return
			}
		}
	}
}

// A side is a place for the name of a mark: the start of its base line seen
// from the mark, and the anchor (SVG 1.1, 10.9).
type side struct {
	dx, dy float64
	anchor string
}

// sides are the places in the order in which they are tried.
var sides = []side{
	{10, 4.5, "start"}, {-10, 4.5, "end"},
	{8, -9, "start"}, {-8, -9, "end"}, {8, 19, "start"}, {-8, 19, "end"},
	{0, -12, "middle"}, {0, 22, "middle"},
}

// A point is a place on the page; y grows downwards (SVG 1.1, 7.3).
type point struct{ x, y float64 }

// A box is a rectangle with x0 <= x1 and y0 <= y1 (SVG 1.1, 9.2).
type box struct{ x0, y0, x1, y1 float64 }

// holds reports whether p lies in b or on its border, as a mark must in the
// axes of Figure 6.
func (b box) holds(p point) bool {
	return b.x0 <= p.x && p.x <= b.x1 && b.y0 <= p.y && p.y <= b.y1
}

// overlaps reports whether the two boxes share some area, as no names in
// Figure 20 may.
func (b box) overlaps(o box) bool {
	return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1
}

// grow returns b with a margin of d added all round, the air around a name in
// Figure 20.
func (b box) grow(d float64) box {
	return box{b.x0 - d, b.y0 - d, b.x1 + d, b.y1 + d}
}

// clip returns the part of the segment pq that lies in b, if there is one:
// Figure 24 shows half of a run. It is the clipping of SVG 1.1, 14.3, done here
// by the method of Liang and Barsky so that the file holds no point outside the
// axes: along p + t(q-p) each of the four sides allows t up to a bound or from
// a bound on.
func (b box) clip(p, q point) (point, point, bool) {
	dx, dy := q.x-p.x, q.y-p.y
	t0, t1 := 0.0, 1.0
	for _, s := range [4][2]float64{{-dx, p.x - b.x0}, {dx, b.x1 - p.x}, {-dy, p.y - b.y0}, {dy, b.y1 - p.y}} {
		switch along, room := s[0], s[1]; {
		case along == 0 && room < 0:
			return p, q, false
		case along < 0:
			t0 = max(t0, room/along)
		case along > 0:
			t1 = min(t1, room/along)
		}
	}
	from, to := p, q
	if t0 > 0 {
		from = point{p.x + float64(t0*dx), p.y + float64(t0*dy)}
	}
	if t1 < 1 {
		to = point{p.x + float64(t1*dx), p.y + float64(t1*dy)}
	}
	return from, to, t0 <= t1
}

// A canvas collects the elements of one drawing; what comes later lies on top
// (SVG 1.1, 3.3).
type canvas struct {
	title  string
	height float64
	body   bytes.Buffer
}

// num is a number as the file has it: at most two decimals, no exponent, no
// negative zero (SVG 1.1, 4.2).
type num float64

// String formats a coordinate, in Figure 2 and everywhere (SVG 1.1, 4.2).
func (n num) String() string {
	s := strconv.FormatFloat(float64(n), 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// add appends one element, such as a neuron of Figure 2; the format is SVG 1.1
// with its values left open.
func (c *canvas) add(format string, args ...any) {
	fmt.Fprintf(&c.body, format+"\n", args...)
}

// writeTo writes the file, that of Figure 2 or any other: the root with its
// viewBox (SVG 1.1, 7.7), the style, a ground of its own, the elements. The
// spaces around an index are text too and must be preserved (SVG 1.1, 10.15).
func (c *canvas) writeTo(w io.Writer) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%v" height="%v" viewBox="0 0 %v %v" font-family="sans-serif" role="img" xml:space="preserve">`+"\n",
		num(plotWidth), num(c.height), num(plotWidth), num(c.height))
	fmt.Fprintf(&out, "<title>%s</title>\n<style>%s</style>\n", escape(c.title), stylesheet())
	fmt.Fprintf(&out, `<rect class="ground" width="%v" height="%v"/>`+"\n", num(plotWidth), num(c.height))
	out.Write(c.body.Bytes())
	out.WriteString("</svg>\n")
	_, err := w.Write(out.Bytes())
	return err
}

// A shade is a colour on a light and on a dark ground. Each keeps the contrast
// that WCAG 2.1, 1.4.11 asks of graphics.
type shade struct{ class, light, dark string }

// palette holds the colours of curves, after Okabe and Ito: told apart with any
// kind of colour vision, in the order in which the curves of Figure 38 take
// them.
var palette = []shade{
	{"c0", "#0072b2", "#56b4e9"},
	{"c1", "#d55e00", "#f5904a"},
	{"c2", "#00805d", "#2fc795"},
	{"c3", "#b0508a", "#e59bc6"},
	{"c4", "#7a6a00", "#e8d94a"},
	{"c5", "#55606e", "#aab4c0"},
}

// inks holds the colours of everything else; "hot" is what a drawing points
// out, such as the weight in Figure 14.
var inks = []shade{
	{"ink", "#1f2328", "#e6e9ed"},
	{"frame", "#57606a", "#9aa4af"},
	{"edge", "#6b7480", "#949eaa"},
	{"faint", "#848d97", "#6f7985"},
	{"hot", "#c24e00", "#ff9b57"},
}

// grounds holds what lies behind: the page, the grid, the body of a neuron.
// They have no contrast to keep (WCAG 2.1, 1.4.11).
var grounds = []shade{
	{"ground", "#ffffff", "#14181d"},
	{"grid", "#dfe3e8", "#2b323a"},
	{"zero", "#aeb6bf", "#56606b"},
	{"node", "#eef3f9", "#232b34"},
}

// stylesheet returns the CSS of every file from Figure 2 on. Shapes take their
// colour from their class, and the classes have a second colour for readers who
// prefer a dark screen (SVG 1.1, 6.8; Media Queries 5, prefers-color-scheme).
func stylesheet() string {
	const shapes = "line,path,circle{stroke:currentColor;fill:none}" +
		"polygon,text{fill:currentColor}" +
		".curve{stroke-width:2;stroke-linejoin:round}" +
		".hot{stroke-width:2}.faint{stroke-width:.6}.gone{stroke-dasharray:4 3}" +
		".i{font-style:italic}" +
		".face{stroke:#1f2328;stroke-opacity:.45;stroke-width:.7;stroke-linejoin:round}"
	light, dark := "", ""
	for _, s := range slices.Concat(palette, inks, grounds) {
		light += cssRule(s.class, s.light)
		dark += cssRule(s.class, s.dark)
	}
	return shapes + light + "@media (prefers-color-scheme:dark){" + dark + "}"
}

// cssRule returns the CSS that gives a class its colour (SVG 1.1, 6.12). The
// ink colours all that has no class, rings are filled with the ground, and a
// neuron, as in Figure 2, has the ink around it.
func cssRule(class, colour string) string {
	switch class {
	case "ink":
		return "svg{color:" + colour + "}.dot{fill:currentColor}"
	case "ground":
		return ".ground,.ring{fill:" + colour + "}"
	case "node":
		return ".node{fill:" + colour + ";stroke-width:1.5}"
	}
	return "." + class + "{color:" + colour + "}"
}

// escape makes s fit to stand between tags, for Figure 2 and any other: XML
// 1.0, 2.4 for the markup, 2.2 for characters that no file may hold.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// A lettering says how a text is set: font size, text-anchor, whether letters
// are italic as in mathematics, whether it runs upwards, and a class (SVG 1.1,
// 10.9, 10.10).
type lettering struct {
	size    float64
	anchor  string
	class   string
	math    bool
	upwards bool
}

// text writes s with its base line at p (SVG 1.1, 10.4); "_{...}" and "^{...}"
// in s are set lower and higher, as in Figure 14. An empty s writes nothing.
func (c *canvas) text(p point, s string, l lettering) {
	if s == "" {
		return
	}
	attrs := fmt.Sprintf(`x="%v" y="%v" font-size="%v"`, num(p.x), num(p.y), num(l.size))
	if l.anchor != "" {
		attrs += fmt.Sprintf(` text-anchor="%s"`, l.anchor)
	}
	if l.class != "" {
		attrs += fmt.Sprintf(` class="%s"`, l.class)
	}
	if l.upwards {
		attrs += fmt.Sprintf(` transform="rotate(-90 %v %v)"`, num(p.x), num(p.y))
	}
	runs := typeset(s, l.size)
	if l.math {
		runs = slant(runs, l.size)
	}
	var spans strings.Builder
	for _, r := range runs {
		r.write(&spans, l.size)
	}
	c.add(`<text %s>%s</text>`, attrs, spans.String())
}

// A textRun is a piece of a text on one base line and in one slant; dx and dy
// move the pen before it (SVG 1.1, 10.5).
type textRun struct {
	s            string
	dx, dy, size float64
	italic       bool
}

// scriptSize is the size of a subscript or superscript over that of its text.
const scriptSize = 0.75

// typeset cuts s into runs on the base line, above it and below it. A
// superscript and a subscript that touch, as in the w_{24}^{3} of Figure 14,
// stand one above the other: the pen goes back by the width of the first.
func typeset(s string, size float64) []textRun {
	var runs []textRun
	down, back, gap := 0.0, 0.0, 0.0 // pen below the base line; width of the last script; what is still to skip
	for s != "" {
		head, script, tail, shift := cutScript(s)
		if head != "" {
			runs = append(runs, textRun{s: head, dx: gap, dy: -down, size: size})
			down, back, gap = 0, 0, 0
		}
		if script != "" {
			w, to := advance(script, scriptSize*size), float64(shift*size)
			runs = append(runs, textRun{s: script, dx: -back, dy: to - down, size: scriptSize * size})
			down, back, gap = to, w, max(0, back-w)
		}
		s = tail
	}
	return runs
}

// cutScript splits s around its first "_{...}" or "^{...}", the indices of
// Figure 14, and returns how far down the script stands, in font sizes. A brace
// that is never closed is text.
func cutScript(s string) (head, script, tail string, shift float64) {
	for i := 0; i+1 < len(s); i++ {
		if (s[i] != '_' && s[i] != '^') || s[i+1] != '{' {
			continue
		}
		end := i + strings.IndexByte(s[i:], '}')
		if end < i {
			break
		}
		shift = 0.28
		if s[i] == '^' {
			shift = -0.42
		}
		return s[:i], s[i+2 : end], s[end+1:], shift
	}
	return s, "", "", 0
}

// slant cuts runs where letters and other signs meet and makes the letters
// italic that stand alone, in indices also pairs: in the equations of Figure 16
// z and jk slant, the brackets do not, nor does the word "output" in Figure 2.
func slant(runs []textRun, size float64) []textRun {
	var out []textRun
	for _, r := range runs {
		for r.s != "" {
			first, _ := utf8.DecodeRuneInString(r.s)
			letter := unicode.IsLetter(first)
			n := strings.IndexFunc(r.s, func(c rune) bool { return unicode.IsLetter(c) != letter })
			if n < 0 {
				n = len(r.s)
			}
			piece := r
			piece.s = r.s[:n]
			count := utf8.RuneCountInString(piece.s)
			piece.italic = letter && (count == 1 || count == 2 && r.size < size)
			out = joinRun(out, piece)
			r = textRun{s: r.s[n:], size: r.size}
		}
	}
	return out
}

// joinRun appends a run, to the last one where that goes on in the same way: the
// title of Figure 28 is three runs, with the λ in the middle.
func joinRun(runs []textRun, r textRun) []textRun {
	if k := len(runs) - 1; k >= 0 && runs[k].italic == r.italic && runs[k].size == r.size && r.dx == 0 && r.dy == 0 {
		runs[k].s += r.s
		return runs
	}
	return append(runs, r)
}

// write writes the run as a tspan (SVG 1.1, 10.5) in a text of the given font
// size: in Figure 14, one for each index.
func (r textRun) write(w io.Writer, size float64) {
	attrs := ""
	if r.dx != 0 {
		attrs += fmt.Sprintf(` dx="%v"`, num(r.dx))
	}
	if r.dy != 0 {
		attrs += fmt.Sprintf(` dy="%v"`, num(r.dy))
	}
	if r.size != size {
		attrs += fmt.Sprintf(` font-size="%v"`, num(r.size))
	}
	if r.italic {
		attrs += ` class="i"`
	}
	fmt.Fprintf(w, "<tspan%s>%s</tspan>", attrs, escape(r.s))
}

// textWidth estimates the width of s, indices included, so that the axes of
// Figure 24 leave room for their labels. The fonts of SVG 1.1, 10.10 are the
// reader's: no more than an estimate is to be had.
func textWidth(s string, size float64) (w float64) {
	for _, r := range typeset(s, size) {
		w += r.dx + advance(r.s, r.size)
	}
	return w
}

// advance adds up the widths of the letters of s, which are those of DejaVu
// Sans, wider than most of the fonts that SVG 1.1, 10.10 calls sans-serif. The
// indices of Figure 14 stand above each other by it.
func advance(s string, size float64) (w float64) {
	for _, r := range s {
		em := 0.64
		switch {
		case strings.ContainsRune("ijlI|.,:;'′! ", r):
			em = 0.32
		case strings.ContainsRune("frt()[]-·∂", r):
			em = 0.42
		case strings.ContainsRune("mwMW−+=≈×⊙→<>&%…", r):
			em = 0.9
		case unicode.IsUpper(r):
			em = 0.72
		}
		w += float64(em * size)
	}
	return w
}

// bounds returns the box around s with its base line at p, for a line that does
// not run upwards (SVG 1.1, 10.9); it keeps the names in Figure 20 off the
// curve.
func (l lettering) bounds(p point, s string) box {
	w := textWidth(s, l.size)
	x := p.x
	switch l.anchor {
	case "middle":
		x -= w / 2
	case "end":
		x -= w
	}
	return box{x, p.y - l.size, x + w, p.y + l.size/3}
}

// line draws the segment pq, a connection in Figure 10 (SVG 1.1, 9.5).
func (c *canvas) line(p, q point, class string) {
	c.add(`<line class="%s" x1="%v" y1="%v" x2="%v" y2="%v"/>`, class, num(p.x), num(p.y), num(q.x), num(q.y))
}

// polygon draws a closed, filled outline, a patch in Figure 13 (SVG 1.1, 9.7).
// attrs is its class or what else it has.
func (c *canvas) polygon(attrs string, corners ...point) {
	var points []string
	for _, p := range corners {
		points = append(points, num(p.x).String()+","+num(p.y).String())
	}
	c.add(`<polygon %s points="%s"/>`, attrs, strings.Join(points, " "))
}

// arrow draws the segment pq with a head that ends in q, like the connections
// in Figure 2.
func (c *canvas) arrow(p, q point, class string) {
	const long, wide = 8, 3
	u := unit(p, q)
	base := point{q.x - float64(long*u.x), q.y - float64(long*u.y)}
	c.line(p, base, class)
	c.polygon(`class="`+class+`"`, q,
		point{base.x - float64(wide*u.y), base.y + float64(wide*u.x)},
		point{base.x + float64(wide*u.y), base.y - float64(wide*u.x)})
}

// unit returns the vector of length 1 from p towards q, the direction of an
// arrow in Figure 2.
func unit(p, q point) point {
	dx, dy := q.x-p.x, q.y-p.y
	d := math.Sqrt(float64(dx*dx) + float64(dy*dy))
	return point{dx / d, dy / d}
}

// A node is a neuron in a drawing: a circle around its centre (Figure 2). A
// radius that is not drawn keeps arrows off a label.
type node struct {
	point
	r float64
}

// circle draws the outline of n, filled as its class says: a neuron in Figure 2
// (SVG 1.1, 9.3).
func (c *canvas) circle(n node, class string) {
	c.add(`<circle class="%s" cx="%v" cy="%v" r="%v"/>`, class, num(n.x), num(n.y), num(n.r))
}

// circles draws a column of neurons (Figure 7).
func (c *canvas) circles(column []node, class string) {
	for _, n := range column {
		c.circle(n, class)
	}
}

// between returns the ends of the connection from a to b: on the line through
// their centres, on a's rim and just off b's (Figure 7).
func between(a, b node) (p, q point) {
	u := unit(a.point, b.point)
	p = point{a.x + float64(a.r*u.x), a.y + float64(a.r*u.y)}
	q = point{b.x - float64((b.r+1)*u.x), b.y - float64((b.r+1)*u.y)}
	return p, q
}

// link draws the connection from neuron a to neuron b (Figure 7).
func (c *canvas) link(a, b node, class string) {
	p, q := between(a, b)
	c.arrow(p, q, class)
}

// connect links every neuron of a column to every neuron of the next, as in
// Figure 7, in the order of w_{jk}: by receiving neuron j, then by sending
// neuron k.
func (c *canvas) connect(from, to []node, class string) {
	for _, b := range to {
		for _, a := range from {
			c.link(a, b, class)
		}
	}
}

// columns places the neurons of a network in b: sizes[i] of radius r in column
// i, columns at equal distances, each centred. The fullest column fills the
// height and sets the pitch of all (Figure 8).
func columns(b box, r float64, sizes ...int) [][]node {
	pitch := (b.y1 - b.y0) / float64(max(1, slices.Max(sizes)-1))
	net := make([][]node, len(sizes))
	for i, size := range sizes {
		x := b.x0 + float64((b.x1-b.x0)*float64(i)/float64(max(1, len(sizes)-1)))
		for j := range size {
			y := (b.y0+b.y1)/2 + float64(pitch*(float64(j)-float64(size-1)/2))
			net[i] = append(net[i], node{point{x, y}, r})
		}
	}
	return net
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
// angle whose sine is 3/5. The turn has the sides of a 3-4-5 triangle too,
// which keeps sines out of the drawing. For Figure 13.
func (s *surface) project(x, y, z float64) point {
	const size, high = 145, 125
	u := 2*(x-s.x.lo)/(s.x.hi-s.x.lo) - 1
	v := 2*(y-s.y.lo)/(s.y.hi-s.y.lo) - 1
	h := (z - s.z.lo) / (s.z.hi - s.z.lo)
	across, near := float64(0.8*u)-float64(0.6*v), float64(0.6*u)+float64(0.8*v)
	return point{plotWidth/2 + float64(size*across), 280 + float64(size*0.6*near) - float64(high*h)}
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
			p.colour = ramp((height - s.z.lo) / (s.z.hi - s.z.lo))
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b patch) int { return cmp.Compare(a.near, b.near) })
	return out
}

// ramp returns the colour of a height from 0 to 1, from blue through green to
// yellow: lightness grows along it, so that Figure 13 reads without colours.
func ramp(t float64) string {
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
		c.beside(s.project(t.value, s.y.hi, s.z.lo), -6, 25, t.label)
	}
	for _, t := range s.y.ticks {
		c.beside(s.project(s.x.hi, t.value, s.z.lo), 6, 25, t.label)
	}
	for _, t := range s.z.ticks {
		c.beside(s.project(s.x.lo, s.y.hi, t.value), -8, 4, t.label)
	}
	c.beside(s.project((s.x.lo+s.x.hi)/2, s.y.hi, s.z.lo), -32, 52, s.labels[0])
	c.beside(s.project(s.x.hi, (s.y.lo+s.y.hi)/2, s.z.lo), 32, 52, s.labels[1])
	c.beside(s.project(s.x.lo, s.y.hi, (s.z.lo+s.z.hi)/2), -50, 5, s.labels[2])
}

// beside writes s a little off p, away from the drawing: to the left of it or,
// when dx is positive, to the right (Figure 13).
func (c *canvas) beside(p point, dx, dy float64, s string) {
	l := lettering{size: textSize, math: true}
	if dx < 0 {
		l.anchor = "end"
	}
	c.text(point{p.x + dx, p.y + dy}, s, l)
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
