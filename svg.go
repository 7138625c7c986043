package main

import (
	"bytes"
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

// This file is a canvas that becomes SVG: text with scripts, lines, arrows,
// diagrams of neurons, and a surface in perspective. plot.go draws on it, and so
// do the figures.

const (
	plotWidth = 600.0 // width of every viewBox
	textSize  = 13.0  // labels
	titleSize = 15.0
)

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
func (b box) grow(d float64) box { return box{b.x0 - d, b.y0 - d, b.x1 + d, b.y1 + d} }

// clip returns the part of the segment pq that lies in b, if there is one:
// Figure 24 shows half of a run. It is the clipping of SVG 1.1, 14.3, done here
// by the method of Liang and Barsky so that the file holds no point outside the
// axes: along p + t(q-p) each of the four sides allows t up to a bound or from
// a bound on.
func (b box) clip(p, q point) (point, point, bool) {
	dx, dy := q.x-p.x, q.y-p.y
	t0, t1 := 0.0, 1.0
	for _, s := range [4][2]float64{{-dx, p.x - b.x0}, {dx, b.x1 - p.x}, {-dy, p.y - b.y0}, {dy, b.y1 - p.y}} {
		switch along, distance := s[0], s[1]; {
		case along == 0 && distance < 0:
			return p, q, false
		case along < 0:
			t0 = max(t0, distance/along)
		case along > 0:
			t1 = min(t1, distance/along)
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
	fmt.Fprintf(&out, "<title>%s</title>\n<style>%s</style>\n", escapeXML(c.title), stylesheet())
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

// lineColours holds the colours of everything else; "hot" is what a drawing points
// out, such as the weight in Figure 14.
var lineColours = []shade{
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
	for _, s := range slices.Concat(palette, lineColours, grounds) {
		light += cssRule(s.class, s.light)
		dark += cssRule(s.class, s.dark)
	}
	return shapes + light + "@media (prefers-color-scheme:dark){" + dark + "}"
}

// cssRule returns the CSS that gives a class its colour (SVG 1.1, 6.12). The
// class ink colours all that has no class, rings are filled with the ground, and a
// neuron, as in Figure 2, is drawn in it.
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

// curveColour names the style class (SVG 1.1, 6.12) of curve number i: in Figure 38
// each rate has its own.
func curveColour(i int) string { return "c" + strconv.Itoa(i%len(palette)) }

// curveDashes returns the attribute that gives curve number i its pattern (SVG 1.1,
// 11.4), so that the rates of Figure 38 differ in print without colours too.
func curveDashes(i int) string {
	patterns := []string{"", "8 3", "2 3", "10 3 2 3"}
	if pattern := patterns[i%len(patterns)]; pattern != "" {
		return ` stroke-dasharray="` + pattern + `"`
	}
	return ""
}

// escapeXML makes s fit to stand between tags, for Figure 2 and any other: XML
// 1.0, 2.4 for the markup, 2.2 for characters that no file may hold.
func escapeXML(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// A textStyle says how a text is set: font size, text-anchor, whether letters
// are italic as in mathematics, whether it runs upwards, and a class (SVG 1.1,
// 10.9, 10.10).
type textStyle struct {
	size    float64
	anchor  string
	class   string
	math    bool
	upwards bool
}

// text writes s with its base line at p (SVG 1.1, 10.4); "_{...}" and "^{...}"
// in s are set lower and higher, as in Figure 14. An empty s writes nothing.
func (c *canvas) text(p point, s string, l textStyle) {
	if s == "" {
		return
	}
	runs := typeset(s, l.size)
	if l.math {
		runs = italicize(runs, l.size)
	}
	if placeStacked(runs, l.bounds(p, s).x0, l.size) {
		p.x, l.anchor = l.bounds(p, s).x0, ""
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
	x            float64 // 0: where the pen is
	dx, dy, size float64
	italic       bool
}

// placeStacked gives places of their own to scripts that stand one above the other
// in a text that begins at x, from the letter before them to what follows: the
// pen's way back over the first would depend on the reader's font. It reports
// whether there are any.
func placeStacked(runs []textRun, x, size float64) bool {
	first := slices.IndexFunc(runs, func(r textRun) bool { return r.dx < 0 })
	if first < 0 {
		return false
	}
	last := len(runs) - 1
	for runs[last].dx >= 0 {
		last--
	}
	for first > 0 && runs[first].size != size {
		first--
	}
	for last+1 < len(runs) && runs[last].size != size {
		last++
	}
	for i := range runs {
		r := &runs[i]
		at := x + r.dx
		if i >= first && i <= last {
			r.x, r.dx = at, 0
		}
		x = at + advance(r.s, r.size)
	}
	return true
}

// scriptSize is the size of a subscript or superscript over that of its text.
const scriptSize = 0.75

// typeset cuts s into runs on the base line, above it and below it. A
// superscript and a subscript that meet, as in the w_{24}^{3} of Figure 14,
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

// italicize cuts runs where letters and other signs meet and makes the letters
// italic that stand alone, in indices also pairs: in the equations of Figure 16
// z and jk slant, the brackets do not, nor does the word "output" in Figure 2.
func italicize(runs []textRun, size float64) []textRun {
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
	if r.x != 0 {
		attrs += fmt.Sprintf(` x="%v"`, num(r.x))
	}
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
	fmt.Fprintf(w, "<tspan%s>%s</tspan>", attrs, escapeXML(r.s))
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
func (l textStyle) bounds(p point, s string) box {
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
	u := direction(p, q)
	base := point{q.x - float64(long*u.x), q.y - float64(long*u.y)}
	c.line(p, base, class)
	c.polygon(`class="`+class+`"`, q,
		point{base.x - float64(wide*u.y), base.y + float64(wide*u.x)},
		point{base.x + float64(wide*u.y), base.y - float64(wide*u.x)})
}

// direction returns the vector of length 1 from p towards q, the direction of an
// arrow in Figure 2.
func direction(p, q point) point {
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

// rimPoints returns the ends of the connection from a to b: on the line through
// their centres, on a's rim and just off b's (Figure 7).
func rimPoints(a, b node) (p, q point) {
	u := direction(a.point, b.point)
	p = point{a.x + float64(a.r*u.x), a.y + float64(a.r*u.y)}
	q = point{b.x - float64((b.r+1)*u.x), b.y - float64((b.r+1)*u.y)}
	return p, q
}

// link draws the connection from neuron a to neuron b (Figure 7).
func (c *canvas) link(a, b node, class string) {
	p, q := rimPoints(a, b)
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

// nodeColumns places the neurons of a network in b: sizes[i] of radius r in column
// i, columns at equal distances, each centred. The fullest column fills the
// height and sets the pitch of all (Figure 8).
func nodeColumns(b box, r float64, sizes ...int) [][]node {
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

// plate hides the grid where text is to stand, as beside the marks of Figure 6
// (SVG 1.1, 9.2).
func (c *canvas) plate(b box) {
	c.add(`<rect class="ground" x="%v" y="%v" width="%v" height="%v"/>`,
		num(b.x0), num(b.y0), num(b.x1-b.x0), num(b.y1-b.y0))
}

// fitTextSize returns the font size, at most size, at which s is no wider than available:
// unlike the title of Figure 5, one made of flags may be long, and the text of
// SVG 1.1, 10.1 does not wrap.
func fitTextSize(s string, size, available float64) float64 {
	return min(size, size*available/max(available, textWidth(s, size)))
}
