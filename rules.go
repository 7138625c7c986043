package main

import (
	"math"
	"slices"
)

// This file takes the lines of ruled and squared paper, of boxes and of tables
// away before digits are cut. A rule is longer than the digits are high, or the
// side of a rectangle. Nothing in it is in the book.

// An inkRule is a straight line of ink: at column x it is at row y0 + slope·x. For a
// rule that runs down the page, rows and columns have changed places.
type inkRule struct {
	y0, slope float64
	from, to  int // columns
	thick     int // rows
}

// row returns the row of the rule at a column.
func (r *inkRule) row(x int) int { return int(math.Round(r.y0 + float64(r.slope*float64(x)))) }

// length returns the columns of the rule.
func (r *inkRule) length() int { return r.to - r.from }

// A ruleFinder looks for rules along the rows of a mask of ink.
type ruleFinder struct {
	ink, thin []byte // 1 for ink, and for ink of few rows
	w, h      int
	size      int // height of the digits
}

// eraseRules takes the rules out of the foreground, and remembers how much that was.
func (p *page) eraseRules() {
	ink := make([]byte, len(p.foreground))
	for i, level := range p.foreground {
		if level >= p.floor[i] {
			ink[i] = 1
		}
	}
	across := newRuleFinder(ink, p.width, p.size)
	down := newRuleFinder(transposed(ink, p.width), p.height, p.size)
	rows, columns := across.rules(), down.rules()
	rows, columns = keptRules(rows, columns, p.size), keptRules(columns, rows, p.size)
	p.rules = len(rows) + len(columns)
	if len(rows) > 0 {
		eraseAlong(p.foreground, p.width, rows, p.size, slices.Min(p.floor))
	}
	if len(columns) > 0 {
		turned := transposed(p.foreground, p.width)
		eraseAlong(turned, p.height, columns, p.size, slices.Min(p.floor))
		p.foreground = transposed(turned, p.height)
	}
}

// transposed returns an image of width w with rows and columns changed.
func transposed(src []byte, w int) []byte {
	h := len(src) / w
	out := make([]byte, len(src))
	for y := range h {
		for x, v := range src[y*w : (y+1)*w] {
			out[x*h+y] = v
		}
	}
	return out
}

// newRuleFinder returns a finder of the rules in ink, 1 or 0, with rows of w.
func newRuleFinder(ink []byte, w, size int) *ruleFinder {
	f := &ruleFinder{ink: ink, thin: make([]byte, len(ink)), w: w, h: len(ink) / w, size: size}
	most := max(3, size/4)
	length := make([]int, w) // of the run of ink that ends above
	mark := func(x, y int) {
		if n := length[x]; n > 0 && n <= most {
			for k := y - n; k < y; k++ {
				f.thin[k*w+x] = 1
			}
		}
		length[x] = 0
	}
	for y := range f.h {
		for x, v := range ink[y*w : (y+1)*w] {
			if v == 1 {
				length[x]++
			} else {
				mark(x, y)
			}
		}
	}
	for x := range w {
		mark(x, f.h)
	}
	return f
}

// rules returns what may be a rule: thin ink along a line of the slope that most
// of the lines share, nearly as long as a digit is high or longer.
func (f *ruleFinder) rules() (rules []inkRule) {
	slope := f.slope()
	profile, low := f.profile(slope)
	shortest := f.size * 9 / 10
	var rows []int
	for i, n := range profile {
		if n >= shortest {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(i, j int) int { return profile[j] - profile[i] })
	for _, i := range rows {
		for _, r := range f.runsAlong(inkRule{y0: float64(i + low), slope: slope}, shortest) {
			if !slices.ContainsFunc(rules, r.covers) {
				rules = append(rules, r)
			}
		}
	}
	return rules
}

// covers reports whether most of r lies on another rule or at its side.
func (r *inkRule) covers(other inkRule) bool {
	overlap := min(r.to, other.to) - max(r.from, other.from)
	return math.Abs(r.y0-other.y0) <= float64(max(r.thick, other.thick)+1) && 2*overlap > r.length()
}

// slope returns the slope, up to 15°, whose lines hold the most thin ink: that
// with the largest sum of squares over the lines (Postl 1986), of a sample of
// the pixels, first in steps of two pixels over the width, then of a half.
func (f *ruleFinder) slope() float64 {
	const steepest, samples = 0.27, 40000
	var xs, ys []int32
	for i, v := range f.thin {
		if v == 1 {
			xs, ys = append(xs, int32(i%f.w)), append(ys, int32(i/f.w))
		}
	}
	stride := max(1, len(xs)/samples)
	counts := make([]int32, f.h+2*int(steepest*float64(f.w))+4)
	energy := func(slope float64) (sum int) {
		clear(counts)
		for k := 0; k < len(xs); k += stride {
			at := float64(ys[k]) - float64(slope*float64(xs[k])) + steepest*float64(f.w) + 1
			counts[int(at)]++
		}
		for i, n := range counts[1:] {
			n += counts[i]
			sum += int(n) * int(n)
		}
		return sum
	}
	best, most := 0.0, energy(0)
	search := func(middle, reach, step float64) {
		for s := middle - reach; s <= middle+reach; s += step {
			if e := energy(s); e > most && math.Abs(s) <= steepest {
				best, most = s, e
			}
		}
	}
	step := max(2/float64(f.w), steepest/400)
	search(0, steepest, step)
	search(best, step, max(0.4/float64(f.w), step/20))
	return best
}

// profile returns the thin ink of each line of a slope, and the row at column 0
// of the first line.
func (f *ruleFinder) profile(slope float64) (counts []int, low int) {
	low = -int(math.Abs(slope)*float64(f.w)) - 1
	counts = make([]int, f.h-2*low)
	for i, v := range f.thin {
		if v == 1 {
			counts[int(math.Round(float64(i/f.w)-float64(slope*float64(i%f.w))))-low]++
		}
	}
	return counts, low
}

// runsAlong returns the pieces of a line on which there is ink, most of it thin,
// of at least so many columns. The ink may lie a row beside the line, and have
// small gaps.
func (f *ruleFinder) runsAlong(line inkRule, shortest int) (runs []inkRule) {
	gap := max(2, f.size/12)
	from, last, thin := -1, 0, 0
	end := func() {
		r := inkRule{y0: line.y0, slope: line.slope, from: from, to: last + 1}
		if from >= 0 && r.length() >= shortest && 2*thin >= r.length() {
			r.thick = thickness(f.thin, f.w, &r, f.size/8+2, 1)
			runs = append(runs, r)
		}
		from, thin = -1, 0
	}
	for x := range f.w {
		y := line.row(x)
		ink, isThin := byte(0), byte(0)
		for k := max(y-1, 0); k <= min(y+1, f.h-1); k++ {
			ink |= f.ink[k*f.w+x]
			isThin |= f.thin[k*f.w+x]
		}
		if ink == 1 {
			if from < 0 {
				from = x
			}
			last = x
			thin += int(isThin)
		} else if from >= 0 && x-last > gap {
			end()
		}
	}
	end()
	return runs
}

// thickness returns the median of the rows of ink along a rule, at most twice as
// many as expected.
func thickness(ink []byte, w int, r *inkRule, expected int, floor byte) int {
	histogram := make([]int, 2*expected+1)
	for x := r.from; x < r.to; x++ {
		if y0, y1 := inkAround(ink, w, x, r.row(x), 1, floor); y1 > y0 && y1-y0 < len(histogram) {
			histogram[y1-y0]++
		}
	}
	return percentile(histogram, 50)
}

// inkAround returns the rows of ink in column x that begin at most reach rows
// from row y; none where y1 is y0.
func inkAround(ink []byte, w, x, y, reach int, floor byte) (y0, y1 int) {
	h := len(ink) / w
	on := func(k int) bool { return k >= 0 && k < h && ink[k*w+x] >= floor }
	for d := range reach + 1 {
		for _, k := range [2]int{y - d, y + d} {
			if on(k) {
				y0, y1 = k, k+1
				for on(y0 - 1) {
					y0--
				}
				for on(y1) {
					y1++
				}
				return y0, y1
			}
		}
	}
	return 0, 0
}

// keptRules returns the lines that are rules: four times as long as a digit is high,
// or twice if they are thinner than strokes, since two digits may make one line, or one
// of two equal sides of a box, whose other sides are among the crossing lines.
func keptRules(lines, crossing []inkRule, size int) (kept []inkRule) {
	for i, r := range lines {
		if r.length() >= 4*size || r.length() >= 2*size && 7*r.thick <= size || slices.ContainsFunc(lines[:i], func(o inkRule) bool { return r.boxWith(&o, crossing, size) }) ||
			slices.ContainsFunc(lines[i+1:], func(o inkRule) bool { return r.boxWith(&o, crossing, size) }) {
			kept = append(kept, r)
		}
	}
	return kept
}

// boxWith reports whether two lines are sides of one box: of one length, and joined
// by two of the crossing lines, one from beginning to beginning and one from end
// to end.
func (r *inkRule) boxWith(other *inkRule, crossing []inkRule, size int) bool {
	apart := math.Abs(r.y0 - other.y0)
	if apart < float64(size)/2 || apart > float64(4*size) || 8*max(r.length()-other.length(), other.length()-r.length()) > size {
		return false
	}
	joins := func(x, X int) bool {
		return slices.ContainsFunc(crossing, func(c inkRule) bool { return c.meets(r, x, size) && c.meets(other, X, size) })
	}
	return joins(r.from, other.from) && joins(r.to, other.to)
}

// meets reports whether the crossing rule c comes as near to the rule r at
// column x as two sides of a box do.
func (c *inkRule) meets(r *inkRule, x, size int) bool {
	near := max(size/8, 3) + c.thick
	y := r.row(x)
	at := c.row(y) // the column of r's page at which c crosses
	return max(at-x, x-at) <= near && y >= c.from-near && y <= c.to+near
}

// eraseAlong takes the ink of rules out of foreground, with the grey edges at its sides.
// Where a stroke crosses it, the ink has more rows than the rule and stays.
func eraseAlong(foreground []byte, w int, rules []inkRule, size int, floor byte) {
	h := len(foreground) / w
	for i := range rules {
		r := &rules[i]
		most := r.thick + max(1, r.thick/2)
		for x := r.from; x < r.to; x++ {
			y0, y1 := inkAround(foreground, w, x, r.row(x), 1+r.thick/2, floor)
			if y1 == y0 || y1-y0 > most {
				continue
			}
			for k := max(y0-1, 0); k < min(y1+1, h); k++ {
				foreground[k*w+x] = 0
			}
		}
		eraseThick(foreground, w, r, size, floor)
	}
}

// eraseThick takes the parts of a rule that are thicker than most of it: longer
// than a digit is high, as the sides of single boxes of a table are.
func eraseThick(foreground []byte, w int, r *inkRule, size int, floor byte) {
	h := len(foreground) / w
	most := 3*r.thick + 3
	from, last := -1, 0
	for x := r.from; x <= r.to; x++ {
		y0, y1 := 0, 0
		if x < min(r.to, w) {
			y0, y1 = inkAround(foreground, w, x, r.row(x), 1+r.thick/2, floor)
		}
		if y1 > y0 && y1-y0 <= most {
			if from < 0 {
				from = x
			}
			last = x
			continue
		}
		if from >= 0 && (x-last > max(2, size/6) || x == r.to) {
			if 4*(last-from) > 5*size {
				for k := from; k <= last; k++ {
					if y0, y1 := inkAround(foreground, w, k, r.row(k), 1+r.thick/2, floor); y1-y0 <= most {
						for y := max(y0-1, 0); y1 > y0 && y < min(y1+1, h); y++ {
							foreground[y*w+k] = 0
						}
					}
				}
			}
			from = -1
		}
	}
}

// percentile returns the value that p in 100 of the values counted in histogram
// do not exceed; 0 if there are none.
func percentile(histogram []int, p int) int {
	total, sum := 0, 0
	for _, n := range histogram {
		total += n
	}
	for v, n := range histogram {
		if sum += n; n > 0 && sum*100 >= total*p {
			return v
		}
	}
	return 0
}
