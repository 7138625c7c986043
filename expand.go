package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// This file holds the artificial expansion of the training data (§3.6): out of
// an image of a digit it makes another that the same label fits, by the shift
// of a pixel of expand_mnist.py, by the small rotation of Figure 37
// (mnist.py: plot_rotated_image), by the elastic distortion of Simard,
// Steinkraus and Platt (2003), the paper to which the book refers here, or by the
// change of size of Ciresan, Meier, Gambardella and Schmidhuber (2010). No
// expanded set is stored: a variant is drawn afresh whenever one is wanted. An
// expander does that for a mini-batch, on all cores.
//
//	j, k    row and column of a pixel, row 0 on top
//	x, y    place in an image, in pixels: x to the right, y down
//	H, W    height and width of an image
//
// Images are H×W bytes, row by row, 0 white to 255 black, and white around.

// An Expansion is a list of distortions that an image goes through one after
// the other; the empty list leaves images as they are (§3.6).
type Expansion []*distortion

// A distortion is one way to make an image out of another, and how strongly
// (§3.6).
type distortion struct {
	*distortionKind
	strength []float64 // one number per setting of the kind
	gaussian []float64 // of an elastic distortion: half of the weights that smooth it
}

// A distortionKind is what distortions of one name have in common (§3.6). Its draw
// moves the places in the warper from which pixels come. It takes the same number of
// words from r whatever the image and whatever it draws, so that the i-th image of a
// run always meets the same random numbers.
type distortionKind struct {
	name     string
	settings []strengthSetting
	draw     func(d *distortion, c *warper, r *MersenneTwister)

	words, wordsPerPixel int // words of 32 bits that an image costs
}

// A strengthSetting is a number that says how strong a distortion is: what it is
// unless given, and its limits.
type strengthSetting struct {
	name                  string
	standard, least, most float64
	whole                 bool
}

// The kinds of distortions. The standard strengths are those of expand_mnist.py,
// the "say 15 degrees" of §3.6, and for the elastic distortion the values that
// Simard, Steinkraus and Platt (2003) found best on MNIST: alpha multiplies the
// smoothed displacements, sigma is the standard deviation of the Gaussian that
// smooths them, in pixels. Height and width change by 15 %, the least of what Ciresan
// and others (2010) used.
var distortionKinds = []*distortionKind{
	{"shift", []strengthSetting{{"pixels", 1, 1, 100, true}}, drawShift, 2, 0},
	{"rotate", []strengthSetting{{"degrees", 15, 0, 180, false}}, drawRotation, 2, 0},
	{"elastic", []strengthSetting{{"alpha", 34, 0, 1000, false}, {"sigma", 4, 0.5, 20, false}}, drawElastic, 0, 2},
	{"scale", []strengthSetting{{"percent", 15, 0, 90, false}}, drawScale, 4, 0},
}

// ParseExpansion reads the value of -expand: none, or a comma-separated list of
// distortions in the order in which they are applied, such as
// elastic:alpha=34:sigma=4,rotate:15,shift:1, where strengths may be left out.
func ParseExpansion(list string) (Expansion, error) {
	if list == "none" {
		return nil, nil
	}
	var e Expansion
	for _, item := range strings.Split(list, ",") {
		name, strengths, given := strings.Cut(strings.TrimSpace(item), ":")
		i := slices.IndexFunc(distortionKinds, func(kind *distortionKind) bool { return kind.name == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is no expansion; it must be none alone, or a comma-separated list of shift, rotate, elastic, scale", item)
		}
		d := distortionKinds[i].standard()
		if given {
			if err := d.setStrengths(strings.Split(strengths, ":")); err != nil {
				return nil, fmt.Errorf("%q: %v", strings.TrimSpace(item), err)
			}
		}
		if d.name == "elastic" {
			d.gaussian = gaussianKernel(d.strength[1])
		}
		e = append(e, d)
	}
	return e, nil
}

// standard returns the distortion of its standard strength (§3.6).
func (kind *distortionKind) standard() *distortion {
	d := &distortion{distortionKind: kind}
	for _, s := range kind.settings {
		d.strength = append(d.strength, s.standard)
	}
	return d
}

// setStrengths reads strengths such as alpha=34 (§3.6). The name may be left out
// where the distortion has one strength alone.
func (d *distortion) setStrengths(strengths []string) error {
	given := map[string]bool{}
	for _, text := range strengths {
		name, value, named := strings.Cut(text, "=")
		if !named && len(d.settings) == 1 {
			name, value = d.settings[0].name, text
		}
		i := slices.IndexFunc(d.settings, func(s strengthSetting) bool { return s.name == name })
		if i < 0 {
			return fmt.Errorf("%q is no strength of %s; it must be like %s", text, d.name, d.withStandards())
		}
		if given[name] {
			return fmt.Errorf("%s is given twice", name)
		}
		given[name] = true
		x, err := strconv.ParseFloat(value, 64)
		if s := d.settings[i]; err != nil || !(x >= s.least && x <= s.most) || s.whole && x != math.Trunc(x) {
			number := "number"
			if s.whole {
				number = "whole number"
			}
			return fmt.Errorf("%s must be a %s from %v to %v", name, number, s.least, s.most)
		}
		d.strength[i] = x
	}
	return nil
}

// withStandards returns the text of a distortion with all its standard strengths
// (§3.6).
func (kind *distortionKind) withStandards() string {
	text := kind.name
	for _, s := range kind.settings {
		text += kind.strengthText(s, s.standard)
	}
	return text
}

// strengthText returns a strength as setStrengths reads it (§3.6).
func (kind *distortionKind) strengthText(s strengthSetting, x float64) string {
	if len(kind.settings) == 1 {
		return fmt.Sprintf(":%v", x)
	}
	return fmt.Sprintf(":%s=%v", s.name, x)
}

// String returns the list that ParseExpansion reads, without standard strengths.
func (e Expansion) String() string {
	if len(e) == 0 {
		return "none"
	}
	var list []string
	for _, d := range e {
		text := d.name
		for i, s := range d.settings {
			if x := d.strength[i]; x != s.standard {
				text += d.strengthText(s, x)
			}
		}
		list = append(list, text)
	}
	return strings.Join(list, ",")
}

// Draw sets dst to a fresh variant of the image src, which may be dst itself:
// one more of the training examples of §3.6. All randomness comes from r. The
// distortions are applied from the first to the last, but the image is sampled
// once, since each sampling blurs it: a pixel goes back through the last first, to
// the place in src whose grey it takes.
//
// dst and src hold H·W bytes, for the H and W of c; others panic.
func (e Expansion) Draw(dst, src []byte, c *warper, r *MersenneTwister) {
	if size := c.height * c.width; len(dst) != size || len(src) != size {
		panic(fmt.Sprintf("expand: image of %d bytes from one of %d in a warper for %d×%d", len(dst), len(src), c.height, c.width))
	}
	c.load(src)
	for _, d := range slices.Backward(e) {
		d.draw(d, c, r)
	}
	c.sample(dst)
}

// words returns the number of random words that an image costs (§3.6).
func (e Expansion) words(pixels int) (n int) {
	for _, d := range e {
		n += d.words + d.wordsPerPixel*pixels
	}
	return n
}

// An expander makes the variants of the training images of a run (§3.6). It
// deals out the random numbers of a mini-batch in the order of its examples,
// and then spreads the images over the cores, so that no image depends on their
// number.
type expander struct {
	expansion Expansion
	words     int              // that an image costs
	random    *MersenneTwister // the stream of all images
	kernel    func(t poolJob, u *buffer, lo, hi int)
	warpers   chan *warper // one per core, while no image is in it

	// The mini-batch under way.
	data     *Data
	order    []int32
	x        *Matrix
	variants []SparseRow                   // the nonzero pixels of each variant
	first    int                           // example of the first of the streams
	streams  [expandAtOnce]MersenneTwister // where the random numbers of each image begin
}

// expandAtOnce is the number of images that are spread over the cores together.
const expandAtOnce = 100

// newExpander returns an expander for images of the size of data's; nil where
// the expansion is empty (§3.6).
func newExpander(expansion Expansion, data *Data, random *MersenneTwister) *expander {
	if len(expansion) == 0 {
		return nil
	}
	e := &expander{expansion: expansion, words: expansion.words(data.Height * data.Width), random: random}
	e.kernel = e.warpRows
	e.warpers = make(chan *warper, min(runtime.NumCPU(), maxWorkers))
	for range cap(e.warpers) {
		e.warpers <- newWarper(data.Height, data.Width)
	}
	return e
}

// fill sets row i of x to a fresh variant of image order[i], as Data.Fill sets
// it to the image itself (§3.6). The rows stay as they are until the next call.
func (e *expander) fill(x *Matrix, data *Data, order []int32) {
	const work = 4096 // multiply-adds that take as long as a variant, at least
	pixels := data.Height * data.Width
	for len(e.variants) < x.Rows {
		e.variants = append(e.variants, SparseRow{make([]uint16, 0, pixels), make([]byte, 0, pixels)})
	}
	e.data, e.order, e.x = data, order, x
	for e.first = 0; e.first < x.Rows; e.first += expandAtOnce {
		n := min(expandAtOnce, x.Rows-e.first)
		for i := range n {
			e.streams[i] = *e.random
			skipWords(e.random, e.words)
		}
		parallelRows(poolJob{kernel: e.kernel, grain: 1}, n, work)
	}
}

// skipWords passes over n words of r, which is then as if Uint32 had been called
// n times (§3.6).
func skipWords(r *MersenneTwister, n int) {
	for n += r.Index; n > len(r.State); n -= len(r.State) {
		refillWords(r)
	}
	r.Index = n
}

// refillWords is refill, by vectors where there are any (§3.6).
func refillWords(r *MersenneTwister) {
	if r.Index = 0; !refillVector(&r.State) {
		r.refill()
	}
}

// warpRows draws the variants lo to hi of those that have streams (§3.6).
func (e *expander) warpRows(_ poolJob, _ *buffer, lo, hi int) {
	c := <-e.warpers
	for i := lo; i < hi; i++ {
		x := e.first + i
		e.expansion.Draw(c.variant, e.data.Image(int(e.order[x])), c, &e.streams[i])
		v := &e.variants[x]
		v.Columns, v.Bytes = appendNonzero(v.Columns[:0], v.Bytes[:0], c.variant)
		e.x.Sparse[x] = *v
	}
	e.warpers <- c
}

// A warper is where distortions work: it holds the image that is distorted,
// and the space that one image after the other needs (§3.6). It serves one
// goroutine at a time.
type warper struct {
	height, width int

	// The image with a margin of white, one pixel above and left, two below
	// and right: pixel j, k is page[(j+1)*(width+3)+k+1].
	page []byte

	variant []byte    // of warpRows: H·W
	home    []float64 // x and y of each pixel: H·W·2

	// Where pixels come from: as long as the image is whole, it is only shifted.
	whole       bool
	down, right int
	from        []float64 // then x and y of each pixel's place: H·W·2

	// For elastic distortions: x and y of displacements, and on either side
	// what continues them as far as the Gaussian reaches, its radius.
	field []float64 // H·W·2, smoothed
	row   []float64 // (W+2·radius)·2
	rows  []float64 // (H+2·radius)·W·2
}

// newWarper returns a warper for images of height×width pixels (§3.6).
func newWarper(height, width int) *warper {
	c := &warper{
		height:  height,
		width:   width,
		page:    make([]byte, (height+3)*(width+3)),
		variant: make([]byte, height*width),
		home:    make([]float64, height*width*2),
		from:    make([]float64, height*width*2),
		field:   make([]float64, height*width*2),
	}
	for i := range height * width {
		c.home[2*i], c.home[2*i+1] = float64(i%width), float64(i/width)
	}
	return c
}

// load puts an image on the page, where it is as yet; the margin stays white (§3.6).
func (c *warper) load(src []byte) {
	c.whole, c.down, c.right = true, 0, 0
	for j := range c.height {
		copy(c.page[(j+1)*(c.width+3)+1:], src[j*c.width:(j+1)*c.width])
	}
}

// drawShift makes one of the five images that expand_mnist.py makes of each, all
// with the same chance: itself, or one pixel down, up, right or left.
// Where the shift may be larger, further images by 2, 3, … pixels join them.
func drawShift(d *distortion, c *warper, r *MersenneTwister) {
	moves := [...]struct{ down, right int }{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}
	i := int(r.Float64() * float64(1+len(moves)*int(d.strength[0]))) // 0 is the image itself
	pixels, move := (i+len(moves)-1)/len(moves), moves[(i+len(moves)-1)%len(moves)]
	c.shift(move.down*pixels, move.right*pixels)
}

// shift moves the image down and to the right by whole pixels, or up and left by
// negative numbers; white comes in, as the np.zeros of expand_mnist.py.
func (c *warper) shift(down, right int) {
	if c.whole {
		c.down, c.right = c.down+down, c.right+right
		return
	}
	c.moveFrom(down, right)
}

// moveFrom lets each pixel come from a place further up and to the left (§3.6).
func (c *warper) moveFrom(down, right int) {
	for i := 0; i+1 < len(c.from); i += 2 {
		c.from[i] -= float64(right)
		c.from[i+1] -= float64(down)
	}
}

// places makes ready for what moves each pixel by itself (§3.6).
func (c *warper) places() {
	if c.whole {
		c.whole = false
		copy(c.from, c.home)
		c.moveFrom(c.down, c.right)
	}
}

// drawRotation rotates the image by an angle of at most the given one either
// way, all with the same chance: one of the many small rotations of §3.6.
func drawRotation(d *distortion, c *warper, r *MersenneTwister) {
	c.rotate(d.strength[0] * (2*r.Float64() - 1))
}

// rotate turns the image counter-clockwise about its middle, by at most 180
// degrees either way (Figure 37; mnist.py: plot_rotated_image): each pixel is
// rotated back, and takes the grey that it finds there.
//
// mnist.py turns about row 14, column 13, half a pixel off either way, and
// multiplies by a hand-set 1.3. That is left out: interpolation keeps the sum of the pixels
// as it is, and the factor makes pixels blacker than black.
func (c *warper) rotate(degrees float64) {
	sin, cos := sinCos(degrees * (math.Pi / 180))
	x0, y0 := float64(c.width-1)/2, float64(c.height-1)/2 // exact: no rounding to fuse away
	c.places()
	for i := 0; i+1 < len(c.from); i += 2 {
		x, y := c.from[i]-x0, c.from[i+1]-y0
		c.from[i] = x0 + (float64(cos*x) - float64(sin*y))
		c.from[i+1] = y0 + (float64(sin*x) + float64(cos*y))
	}
}

// drawScale makes the image narrower or wider and, by another number, lower or
// higher: pixels come from further away from the middle or from nearer to it, by at
// most the given percentage, all with the same chance (§3.6; Ciresan, Meier,
// Gambardella and Schmidhuber 2010).
func drawScale(d *distortion, c *warper, r *MersenneTwister) {
	most := d.strength[0] / 100
	x := 1 + float64(most*(2*r.Float64()-1))
	c.scale(x, 1+float64(most*(2*r.Float64()-1)))
}

// scale divides the image's width and height, about its middle (§3.6).
func (c *warper) scale(width, height float64) {
	x0, y0 := float64(c.width-1)/2, float64(c.height-1)/2 // exact: no rounding to fuse away
	c.places()
	for i := 0; i+1 < len(c.from); i += 2 {
		c.from[i] = x0 + float64(width*(c.from[i]-x0))
		c.from[i+1] = y0 + float64(height*(c.from[i+1]-y0))
	}
}

// gaussianKernel returns half of the Gaussian that smooths displacements: its
// weights at the distances 0 to a radius of 3σ or a little more, a multiple of 3
// for convolve. All 2·radius+1 weights sum to 1 (§3.6; Simard, Steinkraus and
// Platt 2003).
func gaussianKernel(sigma float64) []float64 {
	kernel, sum := make([]float64, 3*int(math.Ceil(sigma))+1), 0.0
	for t := range kernel {
		kernel[t] = exp(-float64(t*t) / (2 * sigma * sigma))
		sum += kernel[t]
		if t > 0 {
			sum += kernel[t]
		}
	}
	for t := range kernel {
		kernel[t] /= sum
	}
	return kernel
}

// drawElastic distorts the image as if it were drawn on rubber: displacements
// drawn from (-1, 1), two for each pixel, are smoothed and enlarged, and each
// pixel takes the grey that it finds at its displacement from itself (§3.6;
// Simard, Steinkraus and Platt 2003).
//
// The paper does not say what the Gaussian meets at the border. Here the field
// of displacements goes on at the opposite border, so that it is as strong in
// the corners as it is in the middle.
func drawElastic(d *distortion, c *warper, r *MersenneTwister) {
	alpha, radius := d.strength[0], len(d.gaussian)-1
	span := 2 * c.width // numbers in a row: x and y of each pixel
	c.row, c.rows = resized(c.row, span+4*radius), resized(c.rows, (c.height+2*radius)*span)
	for j := range c.height {
		row := c.row[2*radius:][:span]
		uniformShifts(row, r)
		padPeriodic(c.row, radius, 2)
		convolve(c.rows[(radius+j)*span:][:span], c.row, 2, d.gaussian)
	}
	padPeriodic(c.rows, radius, span)
	convolve(c.field, c.rows, span, d.gaussian)
	c.places()
	axpy(c.from, alpha, c.field)
}

// resized returns n numbers, in the place of x where that is large enough (§3.6).
func resized(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	return x[:n]
}

// uniformShifts fills row with numbers from (-1, 1), one word of r each (§3.6). All
// numbers are odd multiples of 2⁻³², so that none is favoured and the mean is 0.
func uniformShifts(row []float64, r *MersenneTwister) {
	for len(row) > 0 {
		if r.Index == len(r.State) {
			refillWords(r)
		}
		words := r.State[r.Index:][:min(len(row), len(r.State)-r.Index)]
		for i := uniformVector(row, words); i < len(words); i++ {
			row[i] = (float64(int32(temper(words[i]))) + 0.5) / (1 << 31)
		}
		r.Index += len(words)
		row = row[len(words):]
	}
}

// padPeriodic continues a line at both ends, by radius elements of step numbers each,
// with what stands at its other end (§3.6).
func padPeriodic(line []float64, radius, step int) {
	margin := radius * step
	n := len(line) - 2*margin
	for done := 0; done < margin; done += n {
		m := min(n, margin-done)
		copy(line[margin+n+done:][:m], line[margin:])
		copy(line[margin-done-m:][:m], line[margin+n-m:])
	}
}

// convolve smooths a line whose elements are step numbers apart (§3.6; Simard,
// Steinkraus and Platt 2003):
//
//	for i := range dst {
//		for t := -radius; t <= radius; t++ { dst[i] += gaussian[|t|] * line[i+(radius+t)*step] }
//	}
//
// but begins in the middle, and two at the same distance share a product;
// three distances at a time.
func convolve(dst, line []float64, step int, gaussian []float64) {
	radius, done := len(gaussian)-1, convolveVector(dst, line, step, gaussian)
	dst, line = dst[done:], line[done:]
	n := len(dst)
	at := func(t int) []float64 { return line[(radius+t)*step:][:n] } // ends the checks of bounds
	for i, d := range at(0) {
		dst[i] = float64(gaussian[0] * d)
	}
	for t := 1; t < radius; t += 3 {
		k0, l0, r0 := gaussian[t], at(-t), at(t)
		k1, l1, r1 := gaussian[t+1], at(-t-1), at(t+1)
		k2, l2, r2 := gaussian[t+2], at(-t-2), at(t+2)
		for i := range dst {
			s := dst[i] + float64(k0*(l0[i]+r0[i]))
			s += float64(k1 * (l1[i] + r1[i]))
			dst[i] = s + float64(k2*(l2[i]+r2[i]))
		}
	}
}

// sample sets each pixel of dst to the grey at its point of c.from, between
// four pixels by bilinear interpolation: the weights of mnist.py:
// plot_rotated_image. It is a mean of four bytes, rounded, and so a byte; white
// wherever no pixel that is not white is nearer than 1 in both directions.
func (c *warper) sample(dst []byte) {
	if c.whole {
		c.copyShifted(dst)
		return
	}
	// Counted from the margin's corner, so that to truncate is to floor.
	firstColumn, lastColumn, firstRow, lastRow := c.boundingBox()
	left, right, top, bottom := float64(firstColumn), float64(lastColumn+2), float64(firstRow), float64(lastRow+2)
	stride := c.width + 3
	for i := range dst {
		from := (*[2]float64)(c.from[2*i:])
		x, y := from[0]+1, from[1]+1
		if !(x > left && x < right && y > top && y < bottom) {
			dst[i] = 0
			continue
		}
		k, j := int(x), int(y)
		above := c.page[j*stride+k:]
		upperTwo, lowerTwo := binary.LittleEndian.Uint16(above), binary.LittleEndian.Uint16(above[stride:])
		if upperTwo|lowerTwo == 0 {
			dst[i] = 0
			continue
		}
		x -= float64(k)
		y -= float64(j)
		upper := lerp(float64(upperTwo&0xff), float64(upperTwo>>8), x)
		lower := lerp(float64(lowerTwo&0xff), float64(lowerTwo>>8), x)
		dst[i] = byte(lerp(upper, lower, y) + 0.5)
	}
}

// copyShifted sets dst to the image shifted, all that is outside of it white (§3.6).
func (c *warper) copyShifted(dst []byte) {
	clear(dst)
	to, from := min(max(0, c.right), c.width), min(max(0, -c.right), c.width)
	for j := max(0, c.down); j < min(c.height, c.height+c.down); j++ {
		copy(dst[j*c.width+to:(j+1)*c.width], c.page[(j+1-c.down)*(c.width+3)+1+from:][:c.width-from])
	}
}

// boundingBox returns the columns and rows between which all lies that is not
// white; the last before the first where all is (§3.6).
func (c *warper) boundingBox() (left, right, top, bottom int) {
	left, right, top, bottom = c.width, -1, c.height, -1
	for j := range c.height {
		row := c.page[(j+1)*(c.width+3)+1:][:c.width]
		first, last := 0, c.width-1
		for first < c.width && row[first] == 0 {
			first++
		}
		if first == c.width {
			continue
		}
		for row[last] == 0 {
			last--
		}
		left, right, top, bottom = min(left, first), max(right, last), min(top, j), j
	}
	return left, right, top, bottom
}

// lerp returns (1-t) a + t b, linear interpolation (mnist.py:
// plot_rotated_image, delta_x and delta_y).
func lerp(a, b, t float64) float64 {
	return a + float64(t*(b-a))
}
