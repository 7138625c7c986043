package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"math"
	"runtime"
	"slices"
)

// This file solves the first of the two problems of §1.4: to break an image
// with many digits into single ones (Figure 9). The steps, in order:
//
//	decode      a PNG, JPEG or GIF picture becomes a page of grey levels (picture.go)
//	findInk     what is darker or lighter than the paper around it (ink.go),
//	            without the lines of ruled paper and of boxes (rules.go)
//	components  connected ink, without frames and specks
//	join        the components of one digit: the bar of a 5 often stands alone
//	lines       reading order; where the lines slope, the page is turned
//	cuts        where components may be digits that touch (touching.go)
//	prepare     28×28 pixels, as MNIST's makers made theirs (prepare.go)
//
// Which of the cuts are taken is for the network to say: reading.go asks it.

const maxPieces = 5000 // of foreground

// findInk finds the ink, and the height of the digits, each of which needs the
// other: it begins with large digits and goes on until the height stays.
func (p *page) findInk() ([]*component, error) {
	p.smooth = p.despeckled()
	size := max(8, min(p.width, p.height)/2)
	for rounds := 0; ; rounds++ {
		runtime.GC() // of a large page, the last round's levels
		p.inkOfSize(size)
		components, err := p.components()
		if p.size*8 < size && size > 16 && rounds < 4 { // nothing but specks: no digits are so large
			size /= 2
			continue
		}
		if err != nil || p.size == 0 || rounds == 4 || p.size*8 >= size*5 && p.size*4 <= size*5 {
			p.sharpen()
			return components, err
		}
		size = min(max(8, p.size), p.height)
	}
}

// inkError says that there is no ink.
func (p *page) inkError() error {
	return fmt.Errorf("no ink found, nothing stands out from the paper by %d of 255 grey levels; expected digits darker or lighter than the paper around them", slices.Min(p.floor))
}

// A pixelRun is a row of neighbouring pixels of stroke. One component of foreground is a
// tree of runs, whose root is the first of them.
type pixelRun struct {
	y, x0, x1 int32
	parent    int32
	light     bool
}

// runs returns the runs of the page from top to bottom and left to right. A
// pixel with less than two neighbours of stroke counts as noise.
func (p *page) runs() (runs []pixelRun) {
	w := p.width
	stroke := make([]byte, (w+2)*(p.height+2)) // with a margin of paper
	for i, level := range p.foreground {
		if level >= p.stroke[i] {
			stroke[(i/w+1)*(w+2)+i%w+1] = 1
		}
	}
	for y := range p.height {
		above, row, below := stroke[y*(w+2):], stroke[(y+1)*(w+2):], stroke[(y+2)*(w+2):]
		open := false
		for x := range w {
			neighbours := above[x] + above[x+1] + above[x+2] + row[x] + row[x+2] + below[x] + below[x+1] + below[x+2]
			on := row[x+1] == 1 && neighbours >= 2
			light := p.light[y*w+x]
			switch {
			case on && open && runs[len(runs)-1].light == light:
				runs[len(runs)-1].x1++
			case on:
				runs = append(runs, pixelRun{int32(y), int32(x), int32(x + 1), int32(len(runs)), light})
			}
			open = on
		}
	}
	return runs
}

// findRoot returns the root of the tree of run i, and shortens the way to it.
func findRoot(runs []pixelRun, i int32) int32 {
	for runs[i].parent != i {
		runs[i].parent = runs[runs[i].parent].parent
		i = runs[i].parent
	}
	return i
}

// uniteRuns makes one tree of the runs that touch, also at a corner.
func uniteRuns(runs []pixelRun) {
	above := 0 // first run that can touch this or a later one
	for i := range runs {
		r := &runs[i]
		for runs[above].y < r.y-1 || runs[above].y == r.y-1 && runs[above].x1 < r.x0 {
			above++
		}
		for k := above; runs[k].y == r.y-1 && runs[k].x0 <= r.x1; k++ {
			if runs[k].light != r.light {
				continue
			}
			a, b := findRoot(runs, int32(k)), findRoot(runs, int32(i))
			runs[max(a, b)].parent = min(a, b) // so that the root is the topmost run
		}
	}
}

// A component is connected foreground, and, once joined, a digit (§1.4, Figure 9).
type component struct {
	box  image.Rectangle // in pixels of the page
	area int             // pixels of stroke
	runs []pixelRun
}

// components returns the connected components of foreground, without frames and
// specks, and sets the typical size: half of the ink on the page belongs to
// components of at least that height.
func (p *page) components() ([]*component, error) {
	runs := p.runs()
	uniteRuns(runs)
	found := make([]component, len(runs)) // at the index of its root
	for i, r := range runs {
		d := &found[findRoot(runs, int32(i))]
		d.box = d.box.Union(image.Rect(int(r.x0), int(r.y), int(r.x1), int(r.y)+1))
		d.area += int(r.x1 - r.x0)
		d.runs = append(d.runs, r)
	}
	var components []*component
	for i := range found {
		if found[i].area > 0 {
			components = append(components, &found[i])
		}
	}
	p.leftovers = nil
	components, cut := p.withoutSurroundings(components)
	p.size = typicalHeight(components)
	components = p.withoutSpecks(components)
	p.noteCut(cut)
	if len(components) > maxPieces {
		return nil, fmt.Errorf("more than %d components of ink, expected a page of digits", maxPieces)
	}
	return components, nil
}

// typicalHeight returns the height of which half of the ink belongs to
// components of at least that height.
func typicalHeight(components []*component) int {
	highest := 0
	for _, d := range components {
		highest = max(highest, d.box.Dy())
	}
	heights := make([]int, highest+1)
	for _, d := range components {
		heights[d.box.Dy()] += d.area
	}
	return percentile(heights, 50)
}

// withoutSurroundings returns the components without frames, and without what
// the border of the picture cuts off, which it returns apart: the table under the
// paper, a shadow, the edge of the next sheet.
func (p *page) withoutSurroundings(components []*component) (rest, cut []*component) {
	inside := image.Rect(1, 1, p.width-1, p.height-1)
	rest = slices.DeleteFunc(components, func(d *component) bool {
		out := d.box.Dx() >= 8*d.box.Dy() && d.box.Dx() > p.size || p.openShare(d) > 0.2
		if out && !d.box.In(inside) {
			cut = append(cut, d)
		}
		return out
	})
	frames := make(map[*component]bool)
	for _, d := range rest {
		if d.isFrame() && (d.box.Dy()*5 > p.size*6 || slices.ContainsFunc(rest, func(e *component) bool { return e != d && e.box.In(d.box) })) {
			frames[d] = true
		}
	}
	return slices.DeleteFunc(rest, func(d *component) bool { return frames[d] }), cut
}

// openShare returns the share of a component's outline beyond which there is no
// paper, but what is as dark, or as light, as the component: it is part of
// something larger, a table or a shadow, of which no stroke fits a digit.
func (p *page) openShare(d *component) float64 {
	w := d.box.Dx() + 2
	mask := make([]bool, w*(d.box.Dy()+2))
	for _, r := range d.runs {
		for x := int(r.x0); x < int(r.x1); x++ {
			mask[(int(r.y)-d.box.Min.Y+1)*w+x-d.box.Min.X+1] = true
		}
	}
	beyond := max(2, p.size/16)
	open, outline := 0, 0
	for i, on := range mask {
		if !on {
			continue
		}
		x, y := i%w-1+d.box.Min.X, i/w-1+d.box.Min.Y
		for k, beside := range [4]int{i - 1, i + 1, i - w, i + w} {
			if mask[beside] {
				continue
			}
			outline++
			X, Y := x+beyond*[4]int{-1, 1, 0, 0}[k], y+beyond*[4]int{0, 0, -1, 1}[k]
			if X < 0 || Y < 0 || X >= p.width || Y >= p.height {
				open++
				continue
			}
			ink, paper := p.smooth[y*p.width+x], p.smooth[Y*p.width+X]
			if p.light[y*p.width+x] {
				ink, paper = 255-ink, 255-paper
			}
			if 3*int(shareOf(max(paper, ink)-ink, paper)) < int(p.foreground[y*p.width+x]) {
				open++
			}
		}
	}
	return float64(open) / float64(outline)
}

// isFrame reports whether a component is a rectangle around something: nearly
// all of its ink lies at the sides of its box, and there is ink in its corners.
func (d *component) isFrame() bool {
	edge := max(2, min(d.box.Dx(), d.box.Dy())/6)
	inner := d.box.Inset(edge)
	if inner.Empty() || min(d.box.Dx(), d.box.Dy()) < 12 {
		return false
	}
	inside := 0
	var corners [4]bool
	for _, r := range d.runs {
		y := int(r.y)
		if y >= inner.Min.Y && y < inner.Max.Y {
			inside += max(0, min(int(r.x1), inner.Max.X)-max(int(r.x0), inner.Min.X))
			continue
		}
		for k := range corners {
			x := d.box.Min.X
			if k%2 == 1 {
				x = d.box.Max.X - edge
			}
			if (k < 2) == (y < inner.Min.Y) && int(r.x0) < x+edge && int(r.x1) > x {
				corners[k] = true
			}
		}
	}
	return corners == [4]bool{true, true, true, true} && inside*20 < d.area
}

// noteCut says how many components at the border of the picture have the size of
// a digit that it cuts off.
func (p *page) noteCut(components []*component) {
	cut := 0
	for _, d := range components {
		if longer := max(d.box.Dx(), d.box.Dy()); 2*longer > p.size && longer < 2*p.size && d.area > p.size*p.size/30 {
			cut++
		}
	}
	if cut > 0 {
		p.leftovers = append(p.leftovers, plural(cut, "piece")+" of ink that the edge of the picture cuts off")
	}
}

// withoutSpecks returns the components without specks, dots, hyphens and other
// marks too low to be a digit or a part of one. A low component is a digit if
// others of its height stand beside it.
func (p *page) withoutSpecks(components []*component) []*component {
	seen := 0
	rest := slices.DeleteFunc(slices.Clone(components), func(d *component) bool {
		if d.box.Dy() >= p.size/2 {
			return false
		}
		tenth := d.area < p.size*p.size/60 // of a thin 1
		speck := tenth && !p.hasEqual(d, components)
		if speck && d.box.Dy() >= max(5, p.size/10) {
			seen++
		}
		return speck
	})
	if seen > 0 {
		p.leftovers = append(p.leftovers, plural(seen, "mark")+" too small for a digit (a point, a speck)")
	}
	return rest
}

// hasEqual reports whether a low component is one of several digits of a
// smaller hand: high enough for one, and beside it another of nearly its height.
func (p *page) hasEqual(d *component, components []*component) bool {
	if d.box.Dy() < max(8, p.size/6) || d.box.Dx() > 2*d.box.Dy() || d.area < d.box.Dy()*max(1, d.box.Dy()/10) {
		return false
	}
	return slices.ContainsFunc(components, func(e *component) bool {
		x, y := boxGaps(d, e)
		return e != d && x < 3*d.box.Dy() && x > 0 && -y*2 > d.box.Dy() &&
			4*e.box.Dy() > 3*d.box.Dy() && 3*e.box.Dy() < 4*d.box.Dy()
	})
}

// add makes b part of a.
func (a *component) add(b *component) {
	a.box = a.box.Union(b.box)
	a.area += b.area
	a.runs = append(a.runs, b.runs...)
}

// joinComponents puts together the components of a digit. Of MNIST's test digits
// one in a hundred has several.
func (p *page) joinComponents(components []*component) []*component {
	slices.SortStableFunc(components, func(a, b *component) int { return cmp.Compare(a.area, b.area) })
	for i, a := range components {
		var nearest *component
		best := math.MaxInt
		for k, b := range components {
			if k != i && b != nil && p.sameDigit(a, b) && boxDistance(a, b) < best {
				nearest, best = b, boxDistance(a, b)
			}
		}
		if nearest != nil {
			nearest.add(a)
			components[i] = nil
		}
	}
	return slices.DeleteFunc(components, func(a *component) bool { return a == nil })
}

// boxGaps returns the pixels between two boxes, across and down, negative where
// they overlap.
func boxGaps(a, b *component) (x, y int) {
	x = max(a.box.Min.X, b.box.Min.X) - min(a.box.Max.X, b.box.Max.X)
	y = max(a.box.Min.Y, b.box.Min.Y) - min(a.box.Max.Y, b.box.Max.Y)
	return x, y
}

// boxDistance returns the square of the distance between two boxes.
func boxDistance(a, b *component) int {
	x, y := boxGaps(a, b)
	x, y = max(x, 0), max(y, 0)
	return x*x + y*y
}

// sameDigit reports whether two components are parts of one digit: together they
// are no larger than a digit, and either one lies mostly above or inside the
// other, or one is too low to be a digit and close to the other.
func (p *page) sameDigit(a, b *component) bool {
	union := a.box.Union(b.box)
	largest := max(p.size, a.box.Dx(), a.box.Dy(), b.box.Dx(), b.box.Dy()) * 4 / 3
	if union.Dx() > largest || union.Dy() > largest {
		return false
	}
	x, y := boxGaps(a, b)
	low := min(a.box.Dy(), b.box.Dy())
	size, highest := p.size, p.size*7/10
	if x >= 0 { // side by side: small digits beside large ones stay apart
		high := max(a.box.Dy(), b.box.Dy())
		size, highest = min(size, high*5/4), min(highest, high*7/10)
	}
	if low < highest {
		return x <= size*3/20 && y <= size/5
	}
	return -x >= min(a.box.Dx(), b.box.Dx())/2 && -y >= low/2
}

// textLines returns the digits in reading order, line by line. A line may
// slope: from left to right, each digit goes to the line whose last digit is
// most nearly beside it.
func textLines(digits []*component) (lines [][]*component) {
	slices.SortStableFunc(digits, func(a, b *component) int { return cmp.Compare(a.box.Min.X, b.box.Min.X) })
	for _, d := range digits {
		at, best := -1, 0
		for i, line := range lines {
			last := line[len(line)-1]
			_, y := boxGaps(last, d)
			if -y*2 >= min(last.box.Dy(), d.box.Dy()) && -y > best {
				at, best = i, -y
			}
		}
		if at < 0 {
			lines = append(lines, nil)
			at = len(lines) - 1
		}
		lines[at] = append(lines[at], d)
	}
	middle := func(line []*component) (sum int) {
		for _, d := range line {
			sum += d.box.Min.Y + d.box.Max.Y
		}
		return sum / len(line)
	}
	slices.SortStableFunc(lines, func(a, b []*component) int { return cmp.Compare(middle(a), middle(b)) })
	return lines
}

// segment breaks the page into single digits, line by line: the first problem
// of §1.4 (Figure 9). It returns the page that they are on, which is this one or
// this one turned.
func (p *page) segment() (*page, [][]*component, error) {
	components, err := p.findInk()
	if err != nil {
		return p, nil, err
	}
	if len(components) == 0 {
		return p, nil, p.nothing()
	}
	digits := p.joinComponents(components)
	if slope := lineSlope(digits); p.unturned == nil && math.Abs(slope) > steep {
		return p.turned(slope).segment()
	}
	return p, textLines(p.withoutMarks(digits)), nil
}

// nothing says why there are no digits.
func (p *page) nothing() error {
	if slices.Max(p.foreground) < slices.Min(p.floor) && p.rules == 0 {
		return p.inkError()
	}
	return errors.New("no digits found, expected strokes at least two pixels wide")
}

// withoutMarks returns the digits without points, hyphens and colons, which are
// too low for a digit.
func (p *page) withoutMarks(digits []*component) []*component {
	marks := 0
	rest := slices.DeleteFunc(slices.Clone(digits), func(d *component) bool {
		mark := 3*d.box.Dy() < p.size && d.box.Dx() < p.size && !p.hasEqual(d, digits)
		if mark {
			marks++
		}
		return mark
	})
	if len(rest) == 0 {
		return digits
	}
	if marks > 0 {
		p.leftovers = append(p.leftovers, plural(marks, "mark")+" too low for a digit (a point, a hyphen, a colon)")
	}
	return rest
}

// steep is the slope from which lines of text are turned level, about 4°.
const steep = 0.07

// lineSlope returns the slope of the lines of text, up to 26°: that at which the
// middles of the digits, seen along it, cover the least height; 0 unless that is
// a quarter less than without a slope.
func lineSlope(digits []*component) float64 {
	if len(digits) < 3 {
		return 0
	}
	best, level, least := 0.0, 0.0, math.Inf(1)
	for k := range 53 {
		slope := float64((k+1)/2*(k%2*2-1)) / 52 // 0, 1/52, -1/52, 2/52
		c := covered(digits, slope)
		if k == 0 {
			level = c
		}
		if c < float64(0.97*least) {
			best, least = slope, c
		}
	}
	if least > float64(0.75*level) {
		return 0
	}
	return fittedSlope(digits, best)
}

// fittedSlope returns the common slope of the lines through the middles of the digits
// with the least squares of their distances, where lines are told apart by about that
// slope.
func fittedSlope(digits []*component, about float64) float64 {
	type point struct{ x, y float64 }
	var middles []point
	high := 0.0
	for _, d := range digits {
		middles = append(middles, point{float64(d.box.Min.X+d.box.Max.X) / 2, float64(d.box.Min.Y+d.box.Max.Y) / 2})
		high += float64(d.box.Dy()) / float64(len(digits))
	}
	above := func(p point) float64 { return p.y - float64(about*p.x) }
	slices.SortFunc(middles, func(a, b point) int { return cmp.Compare(above(a), above(b)) })
	var xy, xx float64
	for len(middles) > 0 {
		n := 1 // points of the first line
		for n < len(middles) && above(middles[n])-above(middles[n-1]) < high/2 {
			n++
		}
		var mean point
		for _, p := range middles[:n] {
			mean.x, mean.y = mean.x+p.x/float64(n), mean.y+p.y/float64(n)
		}
		for _, p := range middles[:n] {
			xy += float64((p.x - mean.x) * (p.y - mean.y))
			xx += float64((p.x - mean.x) * (p.x - mean.x))
		}
		middles = middles[n:]
	}
	if xx == 0 {
		return about
	}
	return xy / xx
}

// covered returns the height that the middle halves of the digits cover, seen
// along a slope.
func covered(digits []*component, slope float64) (sum float64) {
	type interval struct{ from, to float64 }
	var all []interval
	for _, d := range digits {
		middle := float64(d.box.Min.Y+d.box.Max.Y)/2 - float64(slope*float64(d.box.Min.X+d.box.Max.X)/2)
		quarter := float64(d.box.Dy()) / 4
		all = append(all, interval{middle - quarter, middle + quarter})
	}
	slices.SortFunc(all, func(a, b interval) int { return cmp.Compare(a.from, b.from) })
	end := math.Inf(-1)
	for _, i := range all {
		sum += max(0, i.to-max(i.from, end))
		end = max(end, i.to)
	}
	return sum
}

// turned returns the page turned so that lines of a slope become level, around
// its middle and large enough for all of it. Outside it goes on as at its border.
func (p *page) turned(slope float64) *page {
	cos := 1 / math.Sqrt(1+float64(slope*slope))
	sin := float64(slope * cos)
	w, h := float64(p.width), float64(p.height)
	out := &page{reduced: p.reduced, slope: slope, unturned: p}
	out.width = int(float64(w*cos) + float64(h*math.Abs(sin)) + 1)
	out.height = int(float64(h*cos) + float64(w*math.Abs(sin)) + 1)
	out.grey, out.outside = make([]byte, out.width*out.height), make([]bool, out.width*out.height)
	for i := range out.grey {
		x, y := p.turnedBack(out, float64(i%out.width), float64(i/out.width))
		out.outside[i] = min(x, y, w-x, h-y) < 3
		x, y = min(max(x, 0), w-1), min(max(y, 0), h-1)
		x0, y0 := int(x), int(y)
		x1, y1 := min(x0+1, p.width-1), min(y0+1, p.height-1)
		dx, dy := x-float64(x0), y-float64(y0)
		at := func(x, y int) float64 { return float64(p.grey[y*p.width+x]) }
		upper := float64(at(x0, y0)*(1-dx)) + float64(at(x1, y0)*dx)
		lower := float64(at(x0, y1)*(1-dx)) + float64(at(x1, y1)*dx)
		out.grey[i] = byte(float64(upper*(1-dy)) + float64(lower*dy) + 0.5)
	}
	return out
}

// turnedBack returns where on page p a point of the turned page was.
func (p *page) turnedBack(turned *page, x, y float64) (float64, float64) {
	cos := 1 / math.Sqrt(1+float64(turned.slope*turned.slope))
	sin := float64(turned.slope * cos)
	x, y = x-float64(turned.width)/2, y-float64(turned.height)/2
	return float64(cos*x) - float64(sin*y) + float64(p.width)/2, float64(sin*x) + float64(cos*y) + float64(p.height)/2
}

// inPicture returns the box in the upright picture that holds a box of the page.
func (p *page) inPicture(b image.Rectangle) image.Rectangle {
	if q := p.unturned; q != nil {
		var x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, c := range [4]image.Point{b.Min, {b.Max.X, b.Min.Y}, {b.Min.X, b.Max.Y}, b.Max} {
			x, y := q.turnedBack(p, float64(c.X), float64(c.Y))
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
		b = image.Rect(int(x0), int(y0), int(math.Ceil(x1)), int(math.Ceil(y1))).Intersect(image.Rect(0, 0, q.width, q.height))
	}
	k := p.reduced
	return image.Rect(k*b.Min.X, k*b.Min.Y, k*b.Max.X, k*b.Max.Y)
}
