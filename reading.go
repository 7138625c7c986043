package main

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file reads a picture of many digits: segment.go takes it apart, the network
// reads the digits and decides where those that touch are cut, as §1.4 proposes, and what
// is doubtful becomes a warning. Eq. 35 is the article's number, book Eq. 63 the online
// book's.

// A pageReading is what classify finds in one picture; its JSON is the format
// of -json.
type pageReading struct {
	Text     string      `json:"text"` // the digits, a newline between lines
	Digits   []readDigit `json:"digits"`
	Warnings []string    `json:"warnings"`

	name string // of the picture
	page *page
}

// A readDigit is one digit of a reading.
type readDigit struct {
	Digit      int       `json:"digit"`           // or number of the class
	Class      string    `json:"class,omitempty"` // its name, if the network has names
	Confidence float64   `json:"confidence"`
	Outputs    []float64 `json:"outputs"` // aᴸ, ten numbers
	Box        [4]int    `json:"box"`     // x0, y0, x1, y1 in the upright picture; x1 and y1 are outside

	line  int    // of the page, from 0
	image []byte // what the network sees, 28×28 until the network has another size
	whole *component
	cuts  []cutPath // that may make several digits of it
	joint float64   // ink that the cut at its right crosses, in widths of a stroke
	cut   bool      // from digits that it touches
}

// readFrom takes the picture in a file apart, or on stdin where the name is -.
func readFrom(name string, stdin io.Reader) (*pageReading, error) {
	from := stdin
	if name == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	r := &pageReading{name: name}
	p, err := readPage(from)
	runtime.GC() // so that what decoding took is free for the page and the next picture
	if err == nil {
		r.page, r.Digits, err = p.digits()
	}
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err // which names the file once more
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return r, nil
}

// digits takes the page apart and returns what may be its digits, prepared and
// not yet read, those that touch not yet cut (§1.4, Figure 9), and the page that
// they are on.
func (p *page) digits() (*page, []readDigit, error) {
	p, lines, err := p.segment()
	if err != nil {
		return p, nil, err
	}
	var digits []readDigit
	cuts := 0
	for i, line := range lines {
		for _, d := range line {
			g := p.readDigit(d)
			if g.line = i; cuts < maxCuts*100 { // on a page of so many that touch, the others stay whole
				g.cuts = p.cuts(d)
			}
			cuts += len(g.cuts)
			digits = append(digits, g)
		}
	}
	return p, digits, nil
}

// readDigit returns a component as a digit, prepared and not yet read.
func (p *page) readDigit(d *component) readDigit {
	b := p.inPicture(d.box)
	return readDigit{Box: [4]int{b.Min.X, b.Min.Y, b.Max.X, b.Max.Y}, image: p.prepare(d), whole: d}
}

// read lets the network read the digits, the second problem of §1.4: the
// output neuron with the highest activation names the digit.
func (r *pageReading) read(net *Network) error {
	digits, err := r.takenApart(net)
	if err != nil {
		return err
	}
	r.Digits = digits
	var text strings.Builder
	for i := range r.Digits {
		g := &r.Digits[i]
		g.Digit = net.Encoding.Digit(g.Outputs)
		name := net.Encoding.class(g.Digit, len(g.Outputs)) // ? for four outputs that are no digit
		if net.Encoding.Classes != nil {
			g.Class = name
		}
		if i > 0 && g.line != r.Digits[i-1].line {
			text.WriteByte('\n')
		} else if utf8.RuneCountInString(name) > 1 && i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(name)
	}
	r.Text = text.String()
	r.Warnings = r.doubts()
	return nil
}

// takenApart returns the digits of a reading with those cut that touch. As §1.4
// proposes, the network reads each piece of each way to cut, and the way with the
// least cost is taken.
func (r *pageReading) takenApart(net *Network) ([]readDigit, error) {
	if err := readAll(net, r.Digits); err != nil {
		return nil, err
	}
	const surely = 0.9 // of a digit that is no wider than one
	var pieces []readDigit
	for i := range r.Digits {
		g := &r.Digits[i]
		if b := g.whole.box; g.Confidence >= surely && float64(b.Dx()) <= wideness*float64(b.Dy()) {
			g.cuts = nil
		}
		if g.cuts != nil {
			pieces = append(pieces, r.pieces(g)...)
		}
	}
	if err := readAll(net, pieces); err != nil {
		return nil, err
	}
	var digits []readDigit
	for _, g := range r.Digits {
		if g.cuts == nil {
			digits = append(digits, g)
			continue
		}
		n := len(g.cuts) + 1
		digits = append(digits, r.cheapestCut(pieces[:n*(n+1)/2], n, g.line)...)
		pieces = pieces[n*(n+1)/2:]
	}
	return digits, nil
}

// pieces returns what lies from the cut i to the cut k of a digit as a digit, not yet
// read, by i and then by k.
func (r *pageReading) pieces(g *readDigit) (pieces []readDigit) {
	n := len(g.cuts) + 1
	for i := range n {
		for k := i + 1; k <= n; k++ {
			var left, right *cutPath
			joint := 0.0
			if i > 0 {
				left = &g.cuts[i-1]
			}
			if k < n {
				right = &g.cuts[k-1]
				joint = right.cost
			}
			d := g.whole
			if left != nil || right != nil {
				d = d.between(left, right)
			}
			piece := readDigit{whole: d, image: make([]byte, digitSide*digitSide)}
			if d.area > 0 {
				piece = r.page.readDigit(d)
			}
			piece.joint, piece.whole = joint, &component{box: d.box, area: d.area}
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// readAll lets the network read digits, each five times: as it is, and moved by a
// pixel each way. What is a digit is one wherever it stands; what is a piece of one often
// isn't. The confidence is that of the mean of the outputs.
func readAll(net *Network, digits []readDigit) error {
	moves := [...][2]int{{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}}
	side := squareSide(net.Sizes[0])
	d := &Data{Height: side, Width: side, Labels: make([]byte, len(moves)*len(digits))}
	d.Images = make([]byte, len(d.Labels)*side*side)
	for i := range digits {
		digits[i].image = imageOfSide(digits[i].image, side)
		for k, m := range moves {
			to := d.Images[(i*len(moves)+k)*side*side:][:side*side]
			for at, v := range digits[i].image {
				if v > 0 {
					y, x := (at/side+m[0]+side)%side, (at+m[1]+side)%side
					to[y*side+x] = v
				}
			}
		}
	}
	sums := make([][]float64, len(digits))
	err := net.forEach(d, func(b *batch, i, x int) {
		g := &digits[i/len(moves)]
		row := b.a[net.L()].Row(x)
		if i%len(moves) == 0 {
			g.Outputs = slices.Clone(row)
			sums[i/len(moves)] = make([]float64, len(row))
		}
		for k, a := range row {
			sums[i/len(moves)][k] += a / float64(len(moves))
		}
	})
	if err != nil {
		return err
	}
	for i := range sums {
		digits[i].Digit = net.Encoding.Digit(sums[i])
		digits[i].Confidence = confidence(net.Encoding, sums[i], digits[i].Digit)
	}
	return nil
}

// imageOfSide returns a prepared image of digitSide×digitSide pixels for a network
// that knows others: in the middle of a larger one, or scaled to a smaller one, each
// of whose pixels is the mean of what it covers.
func imageOfSide(prepared []byte, side int) []byte {
	if side == digitSide {
		return prepared
	}
	out := make([]byte, side*side)
	if margin := (side - digitSide) / 2; side > digitSide {
		for y := range digitSide {
			copy(out[(margin+y)*side+margin:], prepared[y*digitSide:(y+1)*digitSide])
		}
		return out
	}
	covered := func(i, k int) int { // in parts of a pixel
		return max(0, min((i+1)*digitSide, (k+1)*side)-max(i*digitSide, k*side))
	}
	for i := range out {
		sum := 0
		for k, v := range prepared {
			sum += int(v) * covered(i/side, k/digitSide) * covered(i%side, k%digitSide)
		}
		out[i] = byte((2*sum + digitSide*digitSide) / (2 * digitSide * digitSide)) // rounded
	}
	return out
}

// confidence returns how sure the network is of a digit: the probability that each
// output is as it should be for it, each taken for the probability of a 1. That is
// e^-C of the cross-entropy cost C, Eq. 35 (book Eq. 63), with the digit for y.
func confidence(e *Encoding, outputs []float64, digit int) float64 {
	y := make([]float64, len(outputs))
	if digit < max(10, len(outputs)) {
		e.Set(y, byte(digit))
	}
	sure := 1.0
	for j, a := range outputs {
		sure *= 1 - min(math.Abs(y[j]-a), 1)
	}
	return sure
}

// cheapestCut returns the way with the least cost to make digits of n neighbours,
// found by dynamic programming, from the pieces that they make in the order
// of pieces.
func (r *pageReading) cheapestCut(pieces []readDigit, n, line int) []readDigit {
	type way struct {
		cost float64
		from int // neighbour that the last digit begins with
		last *readDigit
	}
	best := make([]way, n+1)
	for k := 1; k <= n; k++ {
		best[k].cost = math.Inf(1)
	}
	for i := range n {
		for k := i + 1; k <= n; k++ {
			g := &pieces[0]
			c := r.cutCost(g)
			if k-i == n { // digits that touch are rare, and together wider than most
				b := g.whole.box
				apart := r.apart()
				c -= max(0, perCut*apart*(wideness+(apart-1)/10-float64(b.Dx())/float64(b.Dy())))
			}
			if best[i].cost+c < best[k].cost {
				best[k] = way{best[i].cost + c, i, g}
			}
			pieces = pieces[1:]
		}
	}
	var digits []readDigit
	for k := n; k > 0; k = best[k].from {
		g := *best[k].last
		g.line = line
		digits = append(digits, g)
	}
	slices.Reverse(digits)
	for i := range digits {
		digits[i].cut = len(digits) > 1
	}
	return digits
}

// apart returns how much a page speaks against digits that touch: 1, and more the
// more of its digits stand apart.
func (r *pageReading) apart() float64 {
	narrow := 0
	for i := range r.Digits {
		if b := r.Digits[i].whole.box; float64(b.Dx()) < wideness*float64(b.Dy()) {
			narrow++
		}
	}
	return min(1+float64(narrow)/2, 4)
}

// cutCost returns what it costs to take a piece for a digit: minus the logarithm
// of the network's confidence, which is the cross-entropy cost of its answer;
// for a shape that this digit hardly has in MNIST, and for ink that the cut
// beside it crosses.
func (r *pageReading) cutCost(g *readDigit) float64 {
	d := g.whole
	if d.area == 0 {
		return math.Inf(1)
	}
	cost := float64(perStroke*g.joint) - math.Log(max(g.Confidence, 1e-9))
	usual := otherShape
	if g.Digit < len(digitShapes) && len(g.Outputs) <= len(digitShapes) {
		usual = digitShapes[g.Digit]
	}
	shape := math.Log(float64(d.box.Dx()) / float64(d.box.Dy()))
	cost += float64(perShape * math.Pow((shape-usual[0])/usual[1], 2))
	if high := float64(d.box.Dy()) / float64(r.page.size); high < 0.6 {
		cost += float64(10 * (0.6 - high))
	}
	return cost
}

// What it costs to take digits for touching, in the units of ln. TestTouching says, for
// validation images, how many are then cut as they should be.
const (
	perCut    = 2.0 // times what a component's width is short of wide heights, more where others stand apart
	wideness  = 1.3
	perStroke = 0.2 // for each width of a stroke that a cut crosses
	perShape  = 0.2 // for each squared deviation of ln(width / height)
)

// digitShapes are the mean and the standard deviation of ln(width / height) of each
// digit in MNIST's first 20,000 training images, otherShape of all of them.
var (
	digitShapes = [10][2]float64{{-0.12, 0.22}, {-0.97, 0.49}, {-0.08, 0.25}, {-0.25, 0.23}, {-0.26, 0.22},
		{-0.07, 0.29}, {-0.36, 0.23}, {-0.29, 0.23}, {-0.31, 0.24}, {-0.42, 0.21}}
	otherShape = [2]float64{-0.33, 0.38}
)

// doubts returns what in a reading may be wrong, and why, in sentences.
func (r *pageReading) doubts() (doubts []string) {
	doubts = []string{} // [] in JSON
	for _, warning := range readingWarnings {
		count, first := 0, 0
		for i := range r.Digits {
			if warning.test(r, i) {
				if count++; count == 1 {
					first = i + 1
				}
			}
		}
		if count > 0 {
			doubts = append(doubts, fmt.Sprintf("%d of %s, the first is number %d: %s", count, plural(len(r.Digits), "digit"), first, warning.text))
		}
	}
	if len(r.page.leftovers) > 0 {
		doubts = append(doubts, "left out: "+strings.Join(r.page.leftovers, ", "))
	}
	return doubts
}

// readingWarnings are the ways in which a digit may be doubtful.
var readingWarnings = []struct {
	text string
	test func(r *pageReading, i int) bool
}{
	{"wider than any digit; digits that touch each other, or a line, are read as one", func(r *pageReading, i int) bool {
		return r.Digits[i].width() > 2*r.Digits[i].height()
	}},
	{"less than 8 pixels high; use a larger picture", func(r *pageReading, i int) bool {
		return max(r.Digits[i].width(), r.Digits[i].height()) < 8
	}},
	{"touches its neighbour and was cut where the network is most sure of both; see that they are right, or leave more space between digits", func(r *pageReading, i int) bool {
		return r.Digits[i].cut
	}},
	{"as wide as two digits, and not surely one", func(r *pageReading, i int) bool {
		g := &r.Digits[i]
		return g.width() > g.height() && g.width() <= 2*g.height() && g.Confidence < 0.8
	}},
	{"more than twice as high as most; a line or a box may join digits", func(r *pageReading, i int) bool {
		return r.Digits[i].height() > 11*r.medianHeight()/5 && r.Digits[i].width() > r.medianHeight()
	}},
	{"the boxes overlap; is it one digit or two?", func(r *pageReading, i int) bool {
		return slices.ContainsFunc(r.Digits[:i], func(g readDigit) bool {
			a, b := rectangle(g.Box), rectangle(r.Digits[i].Box)
			c := a.Intersect(b)
			return 3*c.Dx()*c.Dy() > min(a.Dx()*a.Dy(), b.Dx()*b.Dy())
		})
	}},
	{"at the edge of the picture; is it cut off?", func(r *pageReading, i int) bool {
		p := r.page
		if p.unturned != nil {
			p = p.unturned
		}
		b := rectangle(r.Digits[i].Box)
		return b.Min.X == 0 || b.Min.Y == 0 || b.Max.X >= p.reduced*p.width || b.Max.Y >= p.reduced*p.height
	}},
	{"the network is not sure; compare the picture with those that it has learned (show 0 to show 99)", func(r *pageReading, i int) bool {
		return r.Digits[i].Confidence < 0.5
	}},
}

// rectangle returns a box as a rectangle.
func rectangle(b [4]int) image.Rectangle { return image.Rect(b[0], b[1], b[2], b[3]) }

// medianHeight returns the median of the heights of the digits.
func (r *pageReading) medianHeight() int {
	var heights []int
	for i := range r.Digits {
		heights = append(heights, r.Digits[i].height())
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}

// width returns the pixels of the picture that the digit is wide.
func (g *readDigit) width() int { return g.Box[2] - g.Box[0] }

// height returns the pixels of the picture that the digit is high.
func (g *readDigit) height() int { return g.Box[3] - g.Box[1] }

// warn says what is doubtful: one line for each warning, broken at spaces on a
// terminal.
func (r *pageReading) warn(stderr io.Writer) {
	for _, warning := range r.Warnings {
		line := fmt.Sprintf("nndl: %s: %s", printable(r.name), warning)
		if isTerminal(stderr) {
			line = wrapped(line, 6)
		}
		fmt.Fprintln(stderr, line)
	}
}
