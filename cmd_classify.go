package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file holds the commands that take pictures: classify, in which the network
// reads the digits of a picture that segment.go has taken apart, and decides where
// digits that touch are cut (§1.4), and pack, which makes a set of images of many
// pictures.

const classifyHelp = `[-load FILE] [-o FILE.png] IMAGE…
    Reads the digits in pictures, PNG, JPEG or GIF files, or - for the standard
    input: for each digit what the network sees and its ten outputs, and in the
    end those of each line as a string. -o writes the picture with a box around
    each digit, and how sure the network is of it.

Examples:
  go run . classify testdata/lines.png
  go run . classify -load net.json -o boxes.png photo.jpg
  go run . classify -load net.json -json *.png
  go run . classify -data letters photo.jpg
`

// classify is the command that reads pictures: the program for separate digits
// of §1.4. It prints how the network came to the string in each picture, and the
// string. All pictures are taken apart before a network is trained for them.
func classify(_ context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("classify")
	asJSON := f.Bool("json", false, "write one JSON object a picture, one a line")
	out := f.String("o", "", "write the picture with boxes, digits and confidence to a PNG `FILE`")
	source := networkFlags(f)
	names, err := readCommand(f, classifyHelp, args, stderr)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usageError("classify: no picture given, expected PNG, JPEG or GIF files, or - for the standard input")
	}
	if *out != "" {
		if len(names) > 1 {
			return usagef("classify: -o takes the boxes of one picture, given %d", len(names))
		}
		if err := checkWritable(*out); err != nil {
			return err
		}
	}
	var readings []*pageReading
	var errs []error
	for _, name := range names {
		r, err := readFrom(name, stdin)
		if err != nil { // the other pictures are read
			errs = append(errs, err)
			continue
		}
		readings = append(readings, r)
	}
	if len(readings) == 0 {
		return errors.Join(errs...)
	}
	net, err := source.network(nil, stderr)
	if err != nil {
		return err
	}
	s := newScreen(stdout)
	for _, r := range readings {
		if err := r.read(net); err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(source.load, "the network"), err)
		}
		r.warn(stderr)
		if *out != "" {
			errs = append(errs, savePNG(*out, r.boxed()))
		}
		switch {
		case *asJSON:
			if err := json.NewEncoder(s).Encode(r); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		default:
			r.print(s, net.Encoding, len(names))
		}
	}
	return errors.Join(append(errs, s.Flush())...)
}

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
	var pieces []readDigit
	for i := range r.Digits {
		pieces = append(pieces, r.pieces(&r.Digits[i])...)
	}
	if err := readAll(net, pieces); err != nil {
		return nil, err
	}
	var digits []readDigit
	for _, g := range r.Digits {
		n := len(g.cuts) + 1
		digits = append(digits, r.cheapestCut(pieces[:n*(n+1)/2], n, g.line)...)
		pieces = pieces[n*(n+1)/2:]
	}
	return digits, nil
}

// pieces returns what lies from the cut i to the cut k of a digit as a digit, not yet
// read, by i and then by k, each twice: without and with the strokes that it
// shares with its neighbours.
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
				d = d.between(left, right, 0)
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
	for i := range sums {
		digits[i].Digit = net.Encoding.Digit(sums[i])
		digits[i].Confidence = confidence(net.Encoding, sums[i], digits[i].Digit)
	}
	return err
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
	whole := math.Inf(1)
	for i := range n {
		for k := i + 1; k <= n; k++ {
			g := &pieces[0]
			c := r.cutCost(g)
			if k-i == n { // digits that touch are rare, and together wider than most
				b := g.whole.box
				whole = c - max(0, perCut*r.apart()*(wide-float64(b.Dx())/float64(b.Dy())))
				c = whole
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
		if b := r.Digits[i].whole.box; float64(b.Dx()) < wide*float64(b.Dy()) {
			narrow++
		}
	}
	return min(1+float64(narrow)/2, 4)
}

// cutCost returns what it costs to take a piece for a digit: minus the logarithm
// of the network's confidence, the log-likelihood cost of its answer (Eq. 38; Eq. 80
// of the book); for a shape that this digit hardly has in MNIST, and for ink that the cut
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

// What it costs to take digits for touching, in the units of ln: chosen on 1000 single digits of MNIST's
// training images, of which 7 are cut, and 200 pairs of them that touch, of which
// 110 are cut as they should.
const (
	perCut    = 2.0 // times what a component's width is short of wide heights, more where others stand apart
	wide      = 1.3
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
	{"the network is not sure; compare the picture with the digits that it has learned (show 0 to show 99)", func(r *pageReading, i int) bool {
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

// warn says what is doubtful, one line for each warning.
func (r *pageReading) warn(stderr io.Writer) {
	for _, warning := range r.Warnings {
		fmt.Fprintf(stderr, "nndl: %s: %s\n", printable(r.name), warning)
	}
}

// print writes for each digit the picture that the network sees and its outputs as
// bars, two digits side by side where they are narrow, and then the string, under a
// heading where there are several pictures.
func (r *pageReading) print(s *textScreen, e *Encoding, pictures int) {
	if pictures > 1 {
		fmt.Fprintf(s, "%s:\n", printable(r.name))
	}
	for i := 0; i < len(r.Digits); {
		g := &r.Digits[i]
		if !g.narrow(e) {
			fmt.Fprintln(s, g.heading(i))
			g.printImage(s, g.bars(e, 41))
			i++
		} else {
			lines := g.lines(s, e, i)
			if i++; i < len(r.Digits) {
				for y, right := range r.Digits[i].lines(s, e, i) {
					lines[y] += strings.Repeat(" ", max(1, 41-visible(lines[y]))) + right
				}
				i++
			}
			for _, line := range lines {
				fmt.Fprintln(s, strings.TrimRight(line, " "))
			}
		}
		fmt.Fprintln(s)
	}
	fmt.Fprintln(s, r.Text)
	if pictures > 1 {
		fmt.Fprintln(s)
	}
}

// narrow reports whether a digit fits half a screen.
func (g *readDigit) narrow(e *Encoding) bool {
	for j := range g.Outputs {
		if e.Name == Unit.Name && utf8.RuneCountInString(className(e.Classes, j)) > 2 {
			return false
		}
	}
	return len(g.image) == digitSide*digitSide && len(g.Outputs) <= 26
}

// name returns the class of a digit as print writes it.
func (g *readDigit) name() string { return cmp.Or(printable(g.Class), strconv.Itoa(g.Digit)) }

// heading returns the line above digit i.
func (g *readDigit) heading(i int) string {
	return fmt.Sprintf("number %d, %d×%d at %d,%d: %s, %.0f %%", i+1, g.width(), g.height(), g.Box[0], g.Box[1], g.name(), 100*g.Confidence)
}

// lines returns a digit for half a screen, at most 39 columns wide: a heading, and
// the image beside the outputs.
func (g *readDigit) lines(s *textScreen, e *Encoding, i int) []string {
	out := []string{g.heading(i)}
	cropped := greyImage(g.image, digitSide).SubImage(image.Rect(1, 1, digitSide-1, digitSide-1)).(*image.Gray)
	bars := g.bars(e, 6)
	for y, line := range s.halfBlocks(cropped) {
		if j := y - 1; j >= 0 && j < len(bars) {
			line += strings.Repeat(" ", max(0, digitSide-1-visible(line))) + bars[j]
		}
		out = append(out, line)
	}
	return out
}

// printImage writes what the network sees, and beside it, or below where it is too
// wide, the bars.
func (g *readDigit) printImage(s *textScreen, bars []string) {
	side := squareSide(len(g.image))
	picture := s.halfBlocks(greyImage(g.image, side))
	if side > digitSide+4 {
		for _, line := range append(picture, bars...) {
			fmt.Fprintln(s, strings.TrimRight(line, " "))
		}
		return
	}
	first := max(0, (len(picture)-len(bars))/2)
	for y := range max(len(picture), len(bars)) {
		line := strings.Repeat(" ", side)
		if y < len(picture) {
			line = picture[y]
		}
		if j := y - first; j >= 0 && j < len(bars) {
			line += "  " + bars[j]
		}
		fmt.Fprintln(s, strings.TrimRight(line, " "))
	}
}

// visible returns the columns that a line takes: its characters without the
// escape sequences of colours.
func visible(line string) (columns int) {
	for {
		text, rest, found := strings.Cut(line, "\x1b[")
		columns += utf8.RuneCountInString(text)
		if !found {
			return columns
		}
		_, line, _ = strings.Cut(rest, "m")
	}
}

// bars returns the outputs as bars: each under its digit, or its class where that has
// a name, both at most longest characters long. Of more than ten those with the
// highest activations, in that order.
func (g *readDigit) bars(e *Encoding, longest int) (bars []string) {
	order := make([]int, len(g.Outputs))
	width := 1
	for j := range order {
		order[j] = j
	}
	if len(order) > 10 {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.Outputs[b], g.Outputs[a]) })
		order = order[:10]
	}
	var names []string
	for _, j := range order {
		name := strconv.Itoa(j)
		if e.Name == Unit.Name {
			name = printable(className(e.Classes, j))
		}
		if runes := []rune(name); len(runes) > 20 {
			name = string(runes[:19]) + "…"
		}
		names = append(names, name)
		width = max(width, utf8.RuneCountInString(name))
	}
	for i, j := range order {
		bars = append(bars, fmt.Sprintf("%-*s %s", width, names[i], outputBar(g.Outputs[j], longest-width)))
	}
	return bars
}

// outputBar returns an activation a, 0 to 1, and a bar of up to longest characters.
func outputBar(a float64, longest int) string {
	eighths := int(math.Round(8 * float64(longest) * min(max(a, 0), 1)))
	block := strings.Repeat("█", eighths/8) + []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}[eighths%8]
	return fmt.Sprintf("%.2f %s", a, block)
}

// boxed returns the picture with a box around each digit, and above it the digit
// and the network's confidence in percent: green, or orange below 50 %.
func (r *pageReading) boxed() image.Image {
	p := r.page
	if p.unturned != nil {
		p = p.unturned
	}
	out := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	for i, g := range p.grey {
		out.SetRGBA(i%p.width, i/p.width, color.RGBA{g, g, g, 255})
	}
	scale := 1 + r.medianHeight()/p.reduced/40
	for i := range r.Digits {
		g := &r.Digits[i]
		pen := color.RGBA{0, 140, 60, 255}
		if g.Confidence < 0.5 {
			pen = color.RGBA{220, 90, 0, 255}
		}
		b := rectangle(g.Box)
		b.Min, b.Max = b.Min.Div(p.reduced), b.Max.Div(p.reduced)
		b = b.Inset(-2 * scale)
		inner := b.Inset(scale)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if !(image.Point{x, y}).In(inner) {
					out.SetRGBA(x, y, pen)
				}
			}
		}
		label := fmt.Sprintf("%s %.0f", g.name(), 100*g.Confidence)
		drawLabel(out, label, image.Pt(b.Min.X, max(0, b.Min.Y-6*scale)), scale, pen)
	}
	return out
}

// smallDigits are the digits in 3×5 pixels, a bit each, row by row from the top.
var smallDigits = [10]uint16{0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7249, 0x7bef, 0x7bcf}

// drawLabel writes digits and spaces into a picture, with the upper left corner at a
// point; other letters leave a gap.
func drawLabel(out *image.RGBA, text string, at image.Point, scale int, pen color.RGBA) {
	for _, letter := range text {
		if letter >= '0' && letter <= '9' {
			for k := range 15 {
				if smallDigits[letter-'0']>>(14-k)&1 == 0 {
					continue
				}
				for d := range scale * scale {
					out.SetRGBA(at.X+k%3*scale+d%scale, at.Y+k/3*scale+d/scale, pen)
				}
			}
		}
		at.X += 4 * scale
	}
}

const packHelp = `-o DIR [-raw] [-seed N] FOLDER
    Makes a data set of your own pictures. FOLDER has a subfolder for each class,
    and in it PNG or JPEG pictures of one digit, letter or sign each. DIR gets four
    IDX files and labels.txt, the names of the subfolders; one picture in six is
    for the test. The pictures are prepared as classify prepares them: background
    removed, 20 pixels high or wide, centred in 28×28. With -raw they stay as they
    are, grey levels of 0 to 255, all of one size of up to 256×256; MNIST's digits
    are white on black.

Examples:
  go run . pack -o letters photos
  go run . pack -raw -o letters small
  go run . -data letters
`

// A packer makes a data set of the pictures of a folder.
type packer struct {
	folder, out string
	raw         bool
	seed        uint64
	classes     []string
	train, test Data // 28×28 pixels, or with -raw those of the first picture
	first       string
	left        []error // what is wrong with pictures that are left out
	status      func(done float64, line string)
}

// pack is the command that makes a data set of pictures.
func pack(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("pack")
	p := &packer{seed: bookSeed, status: progressPrinter(stderr)}
	f.StringVar(&p.out, "o", "", "folder for the data set; it is made where there is none")
	f.BoolVar(&p.raw, "raw", false, "leave the pictures as they are")
	f.Var(&numberFlag[uint64]{&p.seed, 0, math.MaxUint32, false}, "seed", "seed of the split and of the order")
	words, err := readCommand(f, packHelp, args, stderr)
	switch {
	case err != nil:
		return err
	case len(words) != 1:
		return usagef("pack: %s, expected one, with a subfolder per class", plural(len(words), "folder"))
	case p.out == "":
		return usagef("pack: -o must name a folder for the data set")
	}
	p.folder = words[0]
	if err := p.checkFolders(); err != nil {
		return err
	}
	if err := p.readClasses(); err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return err
	}
	if n := len(p.left); n > 0 {
		fmt.Fprintln(stderr, wrapped(fmt.Sprintf("nndl: %s left out, the first is %s", plural(n, "picture"), oneLine(p.left[0])), 6))
	}
	fmt.Fprintf(stdout, "%s: %s for training, %d for the test, of %d×%d pixels, in %d classes\n",
		printable(p.out), plural(p.train.Len(), "image"), p.test.Len(), p.train.Height, p.train.Width, len(p.classes))
	fmt.Fprintf(stderr, "nndl: train with: go run . -data %s -sizes %d,30,%d\n", printable(p.out), p.train.Height*p.train.Width, len(p.classes))
	return nil
}

// checkFolders finds the classes, and refuses to write over another set.
func (p *packer) checkFolders() error {
	entries, err := os.ReadDir(p.folder)
	if err != nil {
		return err
	}
	from, err := filepath.Abs(p.folder)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(p.out)
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(from, to); err == nil && filepath.IsLocal(inside) {
		return usagef("pack: -o %s is in %s, expected a folder outside the pictures", p.out, p.folder)
	}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(p.folder, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			if strings.ContainsAny(e.Name(), "\r\n") {
				return fmt.Errorf("%s: subfolder %q, expected a name of one line", p.folder, e.Name())
			}
			p.classes = append(p.classes, e.Name())
		}
	}
	slices.SortFunc(p.classes, compareClasses)
	if len(p.classes) < 2 || len(p.classes) > 256 {
		return fmt.Errorf("%s: %s, expected 2 to 256, one per class", p.folder, plural(len(p.classes), "subfolder"))
	}
	there, err := os.ReadDir(p.out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range there {
		if idxName.MatchString(e.Name()) || e.Name() == "labels.txt" {
			return fmt.Errorf("%s is there already: pack writes over no data set, choose a new folder", filepath.Join(p.out, e.Name()))
		}
	}
	return nil
}

// readClasses reads the pictures of all classes. Of each class one picture in six,
// by the seed, is for the test; then the training images are mixed, since the last
// of them are the validation data.
func (p *packer) readClasses() error {
	random := NewPythonRandom(uint32(p.seed))
	var train Data
	for class, name := range p.classes {
		images, err := p.readClass(class)
		if err != nil {
			return err
		}
		if len(images) < 2 {
			return errors.Join(append([]error{fmt.Errorf("%s: %s, expected at least 2 PNG or JPEG files of one digit or letter each", filepath.Join(p.folder, name), plural(len(images), "picture"))}, p.left...)...)
		}
		cut := max(1, len(images)/6)
		for i, k := range shuffled(len(images), random) {
			to := &train
			if i < cut {
				to = &p.test
			}
			to.Images, to.Labels = append(to.Images, images[k]...), append(to.Labels, byte(class))
		}
	}
	train.Height, train.Width = p.train.Height, p.train.Width
	for _, k := range shuffled(train.Len(), random) {
		p.train.Images, p.train.Labels = append(p.train.Images, train.Image(int(k))...), append(p.train.Labels, train.Labels[k])
	}
	return nil
}

// shuffled returns the numbers below n in a random order.
func shuffled(n int, random *MersenneTwister) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	random.Shuffle(order)
	return order
}

// readClass returns the images of one class, in the order of their names. What is
// no picture is passed over; a picture that cannot be used is left out and said.
func (p *packer) readClass(class int) (images [][]byte, err error) {
	folder := filepath.Join(p.folder, p.classes[class])
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".png", ".jpg", ".jpeg":
		default:
			continue
		}
		name := filepath.Join(folder, e.Name())
		if p.status != nil {
			p.status((float64(class)+float64(i)/float64(len(entries)))/float64(len(p.classes)), printable(name))
		}
		file, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		pixels, width, err := p.imageOf(file)
		if err != nil {
			p.left = append(p.left, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if height := len(pixels) / width; p.first == "" {
			p.first, p.train.Width, p.train.Height = name, width, height
		} else if width != p.train.Width || height != p.train.Height {
			return nil, fmt.Errorf("%s: %d×%d pixels, expected %d×%d as of %s; without -raw all become 28×28", name, height, width, p.train.Height, p.train.Width, p.first)
		}
		images = append(images, pixels)
	}
	return images, nil
}

// imageOf returns the pixels of a picture and the width of a row: prepared, or with
// -raw as they are.
func (p *packer) imageOf(file []byte) (pixels []byte, width int, err error) {
	if !p.raw {
		pixels, err = preparedDigit(bytes.NewReader(file))
		return pixels, digitSide, err
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, 0, err
	}
	if w, h := config.Width, config.Height; w < 1 || h < 1 || w > 256 || h > 256 {
		return nil, 0, fmt.Errorf("%d×%d pixels, expected at most 256×256", h, w)
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, 0, err
	}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			pixels = append(pixels, color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
		}
	}
	return pixels, img.Bounds().Dx(), nil
}

// preparedDigit returns the one digit or letter of a picture, 28×28 pixels, as
// classify prepares it.
func preparedDigit(r io.Reader) ([]byte, error) {
	p, err := readPage(r)
	if err != nil {
		return nil, err
	}
	_, digits, err := p.digits()
	if err != nil {
		return nil, err
	}
	if len(digits) != 1 {
		return nil, fmt.Errorf("%s, expected one; -raw takes a picture as it is", plural(len(digits), "digit"))
	}
	return digits[0].image, nil
}

// write writes the four IDX files and labels.txt.
func (p *packer) write() error {
	if err := os.MkdirAll(p.out, 0o755); err != nil {
		return err
	}
	p.test.Height, p.test.Width = p.train.Height, p.train.Width
	write := func(name string, parts ...[]byte) error {
		return writeFileAtomic(filepath.Join(p.out, name), func(w io.Writer) (err error) {
			for _, part := range parts {
				if _, err = w.Write(part); err != nil {
					break
				}
			}
			return err
		})
	}
	for part, d := range map[string]*Data{"train": &p.train, "t10k": &p.test} {
		if err := write(part+"-images-idx3-ubyte", idxHead(2051, d.Len(), d.Height, d.Width), d.Images); err != nil {
			return err
		}
		if err := write(part+"-labels-idx1-ubyte", idxHead(2049, d.Len()), d.Labels); err != nil {
			return err
		}
	}
	return write("labels.txt", []byte(strings.Join(p.classes, "\n")+"\n"))
}
