package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // a format of classify
	_ "image/jpeg" // a format of classify
	_ "image/png"  // a format of classify
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// This file solves the first of the two problems of §1.4: to break an image
// with many digits into single ones (Figure 9). The steps, in order:
//
//	decode      a PNG, JPEG or GIF picture becomes a page of grey levels
//	subtract    the paper is subtracted; what is left is foreground, 0 to 255
//	components  connected foreground, without specks
//	join        the components of one digit: the bar of a 5 often stands alone
//	lines       reading order
//	prepare     28×28 pixels, as MNIST's makers made theirs
//
// Digits that touch each other are taken for one; to cut them is left to the
// reader, with a warning.

// Limits on the pictures that are read, so that a file may be hostile and still
// costs less than 10 s and 512 MB.
const (
	maxBytes  = 32 << 20        // of the file
	maxRoom   = 400 << 20       // bytes for decoding
	maxTime   = 8 * time.Second // for decoding
	maxPage   = 1 << 22         // pixels of the page, to which larger pictures are reduced
	maxPieces = 5000            // of foreground
	minSide   = 8               // pixels of the picture

	// maxRatio is how many pixels a byte of the file can hold: in PNG, whose
	// deflate makes at most 1032 bytes of it, 8 black or white ones each. JPEG
	// and GIF pack less.
	maxRatio = 8 * 1032
)

// A page is a picture on its way from grey levels to digits (§1.4, Figure 9).
type page struct {
	width, height int
	reduced       int    // a pixel here is the mean of reduced×reduced of the picture
	grey          []byte // as decoded: 0 black to 255 white; row by row
	foreground    []byte // how far a pixel stands out from the paper, 0 for paper
	faint, stroke byte   // foreground from which a pixel counts as more than noise, and as part of a stroke
	size          int    // typical height of a digit
}

// readPage reads a picture.
func readPage(r io.Reader) (*page, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	return decode(data)
}

// decode returns the picture in data as a page of grey levels, white where it
// is transparent. It looks at the size before it makes room for the pixels.
func decode(data []byte) (*page, error) {
	if len(data) == 0 {
		return nil, errors.New("the file is empty, expected a PNG, JPEG or GIF picture")
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("more than %d MB, expected a smaller picture", maxBytes>>20)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("expected a PNG, JPEG or GIF picture, found a file that begins with %q", data[:min(8, len(data))])
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	w, h := config.Width, config.Height
	pixels := int64(w) * int64(h)
	if most := maxPixels(config.ColorModel); w < minSide || h < minSide || pixels > most {
		return nil, fmt.Errorf("%d×%d pixels, expected at least %d×%d and at most %d million", w, h, minSide, minSide, most/1000000)
	}
	if pixels > maxRatio*int64(len(data)) {
		return nil, fmt.Errorf("%d×%d pixels announced, more than %d bytes can hold: %w", w, h, len(data), io.ErrUnexpectedEOF)
	}
	img, format, err := image.Decode(&deadlineReader{bytes.NewReader(data), time.Now().Add(maxTime)})
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("%s of %d×%d pixels announced, the file is cut off or damaged: %w", strings.ToUpper(format), w, h, err)
	}
	if b := img.Bounds(); b.Dx() < minSide || b.Dy() < minSide { // the first image of a GIF may be smaller than the GIF
		return nil, fmt.Errorf("%d×%d pixels, expected at least %d×%d", b.Dx(), b.Dy(), minSide, minSide)
	}
	return newPage(img).turnUpright(orientation(data)), nil
}

// maxPixels returns how many pixels a picture may have: there is room for the
// bytes that each takes while the worst kind of file is decoded, a JPEG of many
// passes or an interlaced PNG.
func maxPixels(model color.Model) int64 {
	switch model {
	case color.CMYKModel:
		return maxRoom / 24
	case color.RGBAModel:
		return maxRoom / 20
	}
	return maxRoom / 16
}

// A deadlineReader fails when its time is up: a small file can hold
// thousands of passes over a large picture. It reads little at once, since a
// pass may take 30 bytes and a twentieth of a second.
type deadlineReader struct {
	r     io.Reader
	until time.Time
}

// Read reads, or says that the time is up.
func (t *deadlineReader) Read(p []byte) (int, error) {
	if time.Now().After(t.until) {
		return 0, fmt.Errorf("gave up after %v, expected a simpler picture", maxTime)
	}
	return t.r.Read(p[:min(len(p), 128)])
}

// newPage returns the grey levels of a picture, as many pixels to one as bring
// it down to maxPage.
func newPage(img image.Image) *page {
	b := img.Bounds()
	k := int(math.Ceil(math.Sqrt(float64(b.Dx()) * float64(b.Dy()) / maxPage)))
	k = min(max(k, 1), b.Dx(), b.Dy())
	p := &page{width: b.Dx() / k, height: b.Dy() / k, reduced: k}
	p.grey = make([]byte, p.width*p.height)
	pixels := img.(image.RGBA64Image) // as all that the standard decoders return
	sums := make([]int, p.width)
	for y := range p.height {
		clear(sums)
		for dy := range k {
			for x := range p.width * k {
				sums[x/k] += greyLevel(pixels.RGBA64At(b.Min.X+x, b.Min.Y+y*k+dy))
			}
		}
		for x, sum := range sums {
			p.grey[y*p.width+x] = byte(sum / (k * k))
		}
	}
	return p
}

// orientation returns how the camera was held, 1 for upright to 8, by the first
// of the tags that a JPEG file begins with; 1 where there are none.
func orientation(jpeg []byte) int {
	at := bytes.Index(jpeg[:min(len(jpeg), 1<<12)], []byte("Exif\x00\x00"))
	if at < 0 || !bytes.HasPrefix(jpeg, []byte("\xff\xd8")) {
		return 1
	}
	tiff := jpeg[at+6:]
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 10 || int64(order.Uint32(tiff[4:])) > int64(len(tiff)-2) {
		return 1
	}
	tags := tiff[order.Uint32(tiff[4:]):]
	count := int(order.Uint16(tags))
	for tags = tags[2:]; count > 0 && len(tags) >= 12; count, tags = count-1, tags[12:] {
		if order.Uint16(tags) == 274 {
			return int(order.Uint16(tags[8:]))
		}
	}
	return 1
}

// turnUpright returns the page as it was before the camera, of this
// orientation, turned or mirrored it: from 5 on, rows and columns change
// places; then 2, 3, 6 and 7 begin at the right, 3, 4, 7 and 8 below.
func (p *page) turnUpright(orientation int) *page {
	if orientation < 2 || orientation > 8 {
		return p
	}
	out := &page{width: p.width, height: p.height, reduced: p.reduced, grey: make([]byte, len(p.grey))}
	if orientation >= 5 {
		out.width, out.height = p.height, p.width
	}
	for i, g := range p.grey {
		x, y := i%p.width, i/p.width
		if orientation >= 5 {
			x, y = y, x
		}
		if orientation%4 == 2 || orientation%4 == 3 {
			x = out.width - 1 - x
		}
		if orientation%4 == 3 || orientation%4 == 0 {
			y = out.height - 1 - y
		}
		out.grey[y*out.width+x] = g
	}
	return out
}

// greyLevel returns the brightness of a colour on white paper, 0 to 255, with
// the weights of JPEG and of Go's color.GrayModel.
func greyLevel(c color.RGBA64) int {
	luma := (19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 16
	return int(luma+0xffff-uint32(c.A)) >> 8
}

// subtractBackground subtracts the paper, dark or light, evenly lit or not: the
// shading from which most pixels hardly differ. Foreground is what lies on one
// side of it, darker or lighter, whichever stands out more.
func (p *page) subtractBackground() error {
	paper, noise := p.paper()
	difference := make([]int16, len(p.grey))
	dark := int64(0) // sum of the squares of what is darker, minus that of what is lighter
	for i, g := range p.grey {
		d := int(math.Round(paper.at(p.basis(i)))) - int(g)
		d = min(max(d, -255), 255)
		difference[i] = int16(d)
		dark += int64(d * max(d, -d))
	}
	p.foreground = make([]byte, len(p.grey))
	for i, d := range difference {
		if dark < 0 {
			d = -d
		}
		p.foreground[i] = byte(max(d, 0))
	}
	return p.setLevels(noise)
}

// setLevels finds out how much foreground makes a stroke: a share of what the pixels
// well above the noise have. noise is its standard deviation.
func (p *page) setLevels(noise float64) error {
	const weakest = 12 // of 255: what a picture's compression may leave on blank paper
	floor := min(max(weakest, int(6*noise)), 255)
	var histogram [256]int
	for _, level := range p.foreground {
		histogram[level]++
	}
	clear(histogram[:floor])
	level := percentile(histogram[:], 90)
	if level == 0 {
		return fmt.Errorf("no ink found, expected digits at least %d of 255 grey levels darker or lighter than the paper", floor)
	}
	p.stroke = byte(max(floor, level*3/10))
	p.faint = byte(max(weakest/2, floor/2, level/10))
	return nil
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

// A shading is a grey level that changes smoothly over the page: a polynomial
// of degree 2 in x and y, with the coefficients of 1, x, y, x², xy, y².
type shading [6]float64

// at returns the shading at the point whose terms are t.
func (c *shading) at(t shading) float64 {
	sum := 0.0
	for i := range c {
		sum += float64(c[i] * t[i])
	}
	return sum
}

// basis returns 1, x, y, x², xy, y² at pixel i, with x and y from -1 to 1.
func (p *page) basis(i int) shading {
	x := 2*float64(i%p.width)/float64(p.width-1) - 1
	y := 2*float64(i/p.width)/float64(p.height-1) - 1
	return shading{1, x, y, x * x, x * y, y * y}
}

// paper returns the shading of the paper and the standard deviation of its
// noise: a constant, a plane or a polynomial of degree 2, the next only where
// it brings half of the pixels clearly closer. Thick strokes would otherwise
// bend the paper towards them.
func (p *page) paper() (paper shading, noise float64) {
	points := p.sample()
	median := math.Inf(1)
	for _, terms := range []int{1, 3, 6} {
		if median < 1.25 {
			break // nothing left to gain
		}
		c := p.fit(points, terms)
		left := make([]float64, len(points))
		for i, at := range points {
			left[i] = math.Abs(c.at(p.basis(at)) - float64(p.grey[at]))
		}
		slices.Sort(left)
		if m := left[len(left)/2]; m < float64(0.8*median)-1 {
			paper, median = c, m
		}
	}
	return paper, 1.5 * median // for Gaussian noise
}

// fit returns the shading of so many terms with the smallest sum of
// absolute differences to the grey levels at some points. A sum of squares
// would be drawn towards the foreground. The method is weighted least squares,
// repeated with weights one over the differences that it left.
func (p *page) fit(points []int, terms int) (c shading) {
	weights := make([]float64, len(points))
	for i := range weights {
		weights[i] = 1
	}
	for range 30 {
		var a [6][7]float64 // the normal equations, right-hand side last
		for i, at := range points {
			t := p.basis(at)
			for j := range terms {
				wt := float64(weights[i] * t[j])
				for k := range terms {
					a[j][k] += float64(wt * t[k])
				}
				a[j][6] += float64(wt * float64(p.grey[at]))
			}
		}
		c = solveNormalEquations(&a, terms)
		for i, at := range points {
			weights[i] = 1 / max(0.5, math.Abs(c.at(p.basis(at))-float64(p.grey[at])))
		}
	}
	return c
}

// sample returns the indices of up to 64×64 pixels all over the page.
// The multiples of the golden ratio fall into step with no pattern on the
// paper.
func (p *page) sample() (points []int) {
	n := uint64(len(p.grey))
	for k := range min(n, 64*64) {
		points = append(points, int(k*2654435769%(1<<32)*n>>32))
	}
	return points
}

// solveNormalEquations solves the first n of six linear equations by Gaussian
// elimination. They are symmetric and positive definite and need no pivots.
func solveNormalEquations(a *[6][7]float64, n int) (c shading) {
	for i := range n {
		for j := i + 1; j < n; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k < 7; k++ {
				a[j][k] -= float64(f * a[i][k])
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		c[i] = a[i][6]
		for k := i + 1; k < n; k++ {
			c[i] -= float64(a[i][k] * c[k])
		}
		c[i] /= a[i][i]
	}
	return c
}

// A pixelRun is a row of neighbouring pixels of stroke. One component of foreground is a
// tree of runs, whose root is the first of them.
type pixelRun struct {
	y, x0, x1 int32
	parent    int32
}

// runs returns the runs of the page from top to bottom and left to right. A
// pixel with less than two neighbours of stroke counts as noise.
func (p *page) runs() (runs []pixelRun) {
	w := p.width
	stroke := make([]byte, (w+2)*(p.height+2)) // with a margin of paper
	for i, level := range p.foreground {
		if level >= p.stroke {
			stroke[(i/w+1)*(w+2)+i%w+1] = 1
		}
	}
	for y := range p.height {
		above, row, below := stroke[y*(w+2):], stroke[(y+1)*(w+2):], stroke[(y+2)*(w+2):]
		open := false
		for x := range w {
			neighbours := above[x] + above[x+1] + above[x+2] + row[x] + row[x+2] + below[x] + below[x+1] + below[x+2]
			on := row[x+1] == 1 && neighbours >= 2
			switch {
			case on && open:
				runs[len(runs)-1].x1++
			case on:
				runs = append(runs, pixelRun{int32(y), int32(x), int32(x + 1), int32(len(runs))})
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

// components returns the connected components of foreground, without lines, frames and
// specks, and sets the typical size: half of the stroke on the page belongs to
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
	components = p.withoutRules(components)
	heights := make([]int, p.height+1)
	for _, d := range components {
		heights[d.box.Dy()] += d.area
	}
	p.size = percentile(heights, 50)
	components = slices.DeleteFunc(components, func(d *component) bool {
		return d.box.Dy() < p.size/2 && d.area < p.size*p.size/60 // a tenth of a thin 1
	})
	if len(components) > maxPieces {
		return nil, fmt.Errorf("more than %d components of ink, expected a page of digits", maxPieces)
	}
	return components, nil
}

// withoutRules returns the components without lines, wider than any digit, and
// without a frame around the page, unless hardly any other foreground is left.
func (p *page) withoutRules(components []*component) (rest []*component) {
	inside := image.Rect(2, 2, p.width-2, p.height-2)
	all, left := 0, 0
	for _, d := range components {
		all += d.area
		if d.box.Dx() < 8*d.box.Dy() && !inside.In(d.box) {
			rest = append(rest, d)
			left += d.area
		}
	}
	if 50*left < all {
		return components
	}
	return rest
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
	largest := max(p.size, a.box.Dx(), a.box.Dy(), b.box.Dx(), b.box.Dy()) * 5 / 4
	if union.Dx() > largest || union.Dy() > largest {
		return false
	}
	x, y := boxGaps(a, b)
	low := min(a.box.Dy(), b.box.Dy())
	if low < p.size*7/10 {
		return x <= p.size*3/20 && y <= p.size/5
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
// of §1.4 (Figure 9).
func (p *page) segment() ([][]*component, error) {
	components, err := p.components()
	if err != nil {
		return nil, err
	}
	if len(components) == 0 {
		return nil, errors.New("no digits found, expected strokes at least two pixels wide")
	}
	return textLines(p.joinComponents(components)), nil
}

// A greyBox is a rectangle of foreground while a digit is prepared: w columns wide,
// each pixel 0 to 1.
type greyBox struct {
	w    int
	grey []float64
}

// Sides of MNIST's images and of the box that the digits fill in them.
const (
	mnistBox    = 20
	mnistCentre = 14.5 // the middle of pixel 14, where the mean of MNIST's centres of mass is
)

// prepare returns a digit as the network knows them, 28×28 pixels, made as
// MNIST's makers made theirs: the longer side of the foreground becomes 20 pixels, the
// centre of mass the centre of the image, and the strokes' edges grey.
func (p *page) prepare(d *component) []byte {
	small := scaledToBox(p.cut(d))
	h := len(small.grey) / small.w
	var mass, mx, my float64
	for i, level := range small.grey {
		mass += level
		mx += float64(level * (float64(i%small.w) + 0.5))
		my += float64(level * (float64(i/small.w) + 0.5))
	}
	x0 := min(max(int(math.Round(mnistCentre-mx/mass)), 0), digitSide-small.w)
	y0 := min(max(int(math.Round(mnistCentre-my/mass)), 0), digitSide-h)
	image := make([]byte, digitSide*digitSide)
	for i, level := range small.grey {
		image[(y0+i/small.w)*digitSide+x0+i%small.w] = byte(math.Round(255 * level))
	}
	return image
}

// cut returns the foreground of one digit in the smallest box that holds it: the
// pixels of its strokes, and what is grey close by, but not so far away that
// noise would make the box larger. The foreground of its darkest pixels becomes 1.
func (p *page) cut(d *component) greyBox {
	edge := min(max(1, max(d.box.Dx(), d.box.Dy())/(2*mnistBox)), 8)
	area := d.box.Inset(-edge).Intersect(image.Rect(0, 0, p.width, p.height))
	w := area.Dx()
	near := make([]byte, w*area.Dy())
	var histogram [256]int
	for _, r := range d.runs {
		row := p.foreground[int(r.y)*p.width:]
		for _, level := range row[r.x0:r.x1] {
			histogram[level]++
		}
		x0, x1 := max(int(r.x0)-edge, area.Min.X), min(int(r.x1)+edge, area.Max.X)
		for y := max(int(r.y)-edge, area.Min.Y); y < min(int(r.y)+edge+1, area.Max.Y); y++ {
			copy(near[(y-area.Min.Y)*w+x0-area.Min.X:], p.foreground[y*p.width+x0:y*p.width+x1])
		}
	}
	box := image.Rectangle{}
	for i, level := range near {
		if level >= p.faint {
			box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	darkest := float64(percentile(histogram[:], 95))
	c := greyBox{w: box.Dx()}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, level := range near[y*w+box.Min.X : y*w+box.Max.X] {
			c.grey = append(c.grey, min(1, float64(level)/darkest))
		}
	}
	return c
}

// scaledToBox makes the longer side 20 pixels, also where that is to stretch
// it, and leaves the shape.
func scaledToBox(c greyBox) greyBox {
	w, h := c.w, len(c.grey)/c.w
	longer := max(w, h)
	scaled := func(n int) int { return max(1, (2*n*mnistBox+longer)/(2*longer)) } // rounded
	return resample(resample(c, scaled(w)), scaled(h))
}

// resample scales the rows of c to n pixels and turns the result over, rows to
// columns, so that a second call scales the columns and turns it back.
func resample(c greyBox, n int) greyBox {
	h := len(c.grey) / c.w
	out := greyBox{w: h, grey: make([]float64, n*h)}
	for i := range n {
		weights, first := resampleWindow(c.w, n, i)
		for y := range h {
			sum := 0.0
			for k, weight := range weights {
				sum += float64(c.grey[y*c.w+first+k] * weight)
			}
			out.grey[i*h+y] = sum
		}
	}
	return out
}

// resampleWindow returns the share that each pixel of a row of w, from first
// on, has in pixel i of the same row scaled to n. Shrinking takes the mean of
// what a pixel covers, so that grey levels are kept; stretching takes the line
// through the two nearest.
func resampleWindow(w, n, i int) (weights []float64, first int) {
	ratio := float64(w) / float64(n)
	middle := float64((float64(i) + 0.5) * ratio) // not fused with what follows
	reach := max(ratio/2, 0.5)
	if ratio < 1 {
		reach = 1
	}
	first = max(0, int(math.Floor(middle-reach)))
	sum := 0.0
	for k := first; k < w && float64(k) < middle+reach; k++ {
		share := min(float64(k+1), middle+reach) - max(float64(k), middle-reach)
		if ratio < 1 {
			share = max(0, 1-math.Abs(float64(k)+0.5-middle))
		}
		weights = append(weights, share)
		sum += share
	}
	for k := range weights {
		weights[k] /= sum
	}
	return weights, first
}
