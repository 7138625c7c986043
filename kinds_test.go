package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

// This file draws pages of the kinds that people photograph, scan and draw, from
// MNIST's test digits, and tests that classify reads them or says why not.

// A tint is a colour: red, green and blue from 0 to 255.
type tint [3]float64

var (
	inkTints   = []tint{{18, 18, 20}, {20, 25, 100}, {25, 65, 35}, {105, 25, 25}, {55, 55, 60}}
	paperTints = []tint{{250, 250, 248}, {238, 232, 205}, {210, 210, 206}, {228, 234, 240}}
	ruleTints  = []tint{{95, 125, 200}, {120, 120, 125}, {110, 165, 130}, {200, 110, 110}, {70, 65, 95}}
)

// mixed returns the colour that is the share of the way from a to b.
func (a tint) mixed(b tint, share float64) (c tint) {
	for i := range c {
		c[i] = a[i] + float64((b[i]-a[i])*share)
	}
	return c
}

// scaled returns the colour in so much light.
func (a tint) scaled(light float64) tint { return tint{}.mixed(a, light) }

// luminance returns the brightness with the weights of JPEG.
func (a tint) luminance() float64 {
	return float64(0.299*a[0]) + float64(0.587*a[1]) + float64(0.114*a[2])
}

// A sheet is a picture while it is drawn, row by row.
type sheet struct {
	w, h  int
	pixel []tint
}

// newSheet returns an empty sheet of paper.
func newSheet(w, h float64, paper tint) *sheet {
	s := &sheet{w: int(w), h: int(h)}
	s.pixel = make([]tint, s.w*s.h)
	s.each(func(x, y float64, _ tint) tint { return paper })
	return s
}

// each replaces each colour by what f makes of it and of the middle of its pixel.
func (s *sheet) each(f func(x, y float64, was tint) tint) {
	for i, c := range s.pixel {
		s.pixel[i] = f(float64(i%s.w)+0.5, float64(i/s.w)+0.5, c)
	}
}

// fill paints a rectangle.
func (s *sheet) fill(x0, y0, x1, y1 float64, c tint) {
	for y := max(0, int(y0)); y < min(s.h, int(y1)); y++ {
		for x := max(0, int(x0)); x < min(s.w, int(x1)); x++ {
			s.pixel[y*s.w+x] = c
		}
	}
}

// box draws a rectangle in lines of so many pixels, the coordinates in their middle.
func (s *sheet) box(x0, y0, x1, y1, line float64, c tint) {
	a, b := math.Floor(line/2), math.Ceil(line/2)
	s.fill(x0-a, y0-a, x1+b, y0+b, c)
	s.fill(x0-a, y1-a, x1+b, y1+b, c)
	s.fill(x0-a, y0-a, x0+b, y1+b, c)
	s.fill(x1-a, y0-a, x1+b, y1+b, c)
}

// rule draws parallel lines, so far apart, at an angle to the rows.
func (s *sheet) rule(spacing, first, line, angle float64, c tint, strength float64) {
	sin, cos := math.Sincos(angle)
	s.each(func(x, y float64, was tint) tint {
		at := math.Abs(math.Remainder(float64(cos*y)-float64(sin*x)-first, spacing))
		return was.mixed(c, strength*min(1, max(0, line/2+0.5-at)))
	})
}

// turned returns a picture of the sheet on something larger: its middle at x, y,
// turned clockwise.
func (s *sheet) turned(w, h, x, y, angle float64, around tint) *sheet {
	out := newSheet(w, h, around)
	sin, cos := math.Sincos(angle)
	at := func(x, y int) tint {
		if x < 0 || y < 0 || x >= s.w || y >= s.h {
			return around
		}
		return s.pixel[y*s.w+x]
	}
	out.each(func(px, py float64, _ tint) tint {
		dx, dy := px-x, py-y
		fx := float64(cos*dx) + float64(sin*dy) + float64(s.w)/2 - 0.5
		fy := float64(cos*dy) - float64(sin*dx) + float64(s.h)/2 - 0.5
		x0, y0 := int(math.Floor(fx)), int(math.Floor(fy))
		upper := at(x0, y0).mixed(at(x0+1, y0), fx-float64(x0))
		lower := at(x0, y0+1).mixed(at(x0+1, y0+1), fx-float64(x0))
		return upper.mixed(lower, fy-float64(y0))
	})
	return out
}

// blurred returns the sheet out of focus: n times a binomial filter, which is a
// Gaussian blur of √(n/2) pixels.
func (s *sheet) blurred(n int) *sheet {
	for range n {
		for _, step := range []int{1, s.w} {
			out := &sheet{s.w, s.h, make([]tint, len(s.pixel))}
			for i, c := range s.pixel {
				a, b := s.pixel[max(i-step, 0)], s.pixel[min(i+step, len(s.pixel)-1)]
				out.pixel[i] = c.mixed(a.mixed(b, 0.5), 0.5)
			}
			s = out
		}
	}
	return s
}

// A placedDigit is a test image on its way to a sheet: the middle of its strokes'
// box, and the pixels of MNIST's 20.
type placedDigit struct {
	image        int
	line         int
	x, y, height float64
	turn         float64
}

// A pageMaker draws pages at random, for each seed the same.
type pageMaker struct {
	random *MersenneTwister
	height float64 // of the digits
	pen    float64 // from what grey of MNIST's on there is ink, 0 to 1: the lower, the thicker
	sharp  float64 // of the edges
	digits []placedDigit
}

// newPageMaker returns the one of this seed, for digits from 25 pixels up to a height.
func newPageMaker(seed uint32, highest float64) *pageMaker {
	m := &pageMaker{random: NewPythonRandom(seed)}
	share := m.between(0, 1)
	m.height = 25 + float64((highest-25)*share*share) // more small ones
	m.pen, m.sharp = m.between(0.3, 0.5), m.between(0.7, 1.6)
	return m
}

// between returns a number of a range.
func (m *pageMaker) between(a, b float64) float64 { return a + float64((b-a)*m.random.Float64()) }

// count returns a whole number from a to b.
func (m *pageMaker) count(a, b int) int { return a + int(m.random.Float64()*float64(b-a+1)) }

// chance reports whether something happens that does in p of 1.
func (m *pageMaker) chance(p float64) bool { return m.random.Float64() < p }

// one returns one of some colours.
func (m *pageMaker) one(of ...tint) tint { return of[m.count(0, len(of)-1)] }

// digit returns a test digit whose left edge is at x, and its right edge.
func (m *pageMaker) digit(x, y, height float64, line int) (right float64) {
	d := placedDigit{image: m.count(0, 9999), line: line, height: height * m.between(0.92, 1.08), turn: m.between(-0.06, 0.06)}
	box := inkBox(mnist().test.Image(d.image))
	width := float64(box.Dx()) * d.height / 20
	d.x, d.y = x+width/2, y+height*m.between(-0.06, 0.06)
	m.digits = append(m.digits, d)
	return x + width
}

// write sets lines of n digits, with a margin around them, and returns the size
// of the paper that they need. Margin and gaps are in digits' heights.
func (m *pageMaker) write(lines, n int, margin float64) (w, h float64) {
	pitch := m.between(1.45, 1.9)
	for line := range lines {
		x := m.height * (margin + m.between(0, 0.2))
		for range n {
			x = m.digit(x, m.height*(margin+0.5+float64(float64(line)*pitch)), m.height, line) + m.height*m.between(0.28, 0.7)
		}
		w = max(w, x)
	}
	return w + m.height*(margin-0.2), m.height * (2*margin + 1 + float64(float64(lines-1)*pitch))
}

// ink draws the digits.
func (m *pageMaker) ink(s *sheet, digits []placedDigit, c tint) {
	for y, share := range m.shares(s, digits) {
		s.pixel[y] = s.pixel[y].mixed(c, share)
	}
}

// shares returns how much ink of the digits there is in each pixel.
func (m *pageMaker) shares(s *sheet, digits []placedDigit) []float64 {
	shares := make([]float64, len(s.pixel))
	for _, d := range digits {
		pixels := mnist().test.Image(d.image)
		box := inkBox(pixels)
		cx, cy := float64(box.Min.X+box.Max.X-1)/2, float64(box.Min.Y+box.Max.Y-1)/2
		sin, cos := math.Sincos(d.turn)
		scale, pen := d.height/20, min(m.pen, 0.65*meanInk(pixels))
		reach := int(17 * scale)
		for y := max(0, int(d.y)-reach); y < min(s.h, int(d.y)+reach); y++ {
			for x := max(0, int(d.x)-reach); x < min(s.w, int(d.x)+reach); x++ {
				dx, dy := (float64(x)+0.5-d.x)/scale, (float64(y)+0.5-d.y)/scale
				v := interpolated(pixels, float64(cos*dx)+float64(sin*dy)+cx, float64(cos*dy)-float64(sin*dx)+cy) / 255
				v = min(1, max(0, float64((v-pen)*max(0.5/pen, scale*m.sharp))+0.5))
				shares[y*s.w+x] = max(shares[y*s.w+x], v)
			}
		}
	}
	return shares
}

// meanInk returns the mean of the pixels of an image that are not 0, so that a
// faint digit keeps its strokes.
func meanInk(pixels []byte) float64 {
	sum, n := 0, 0
	for _, v := range pixels {
		sum, n = sum+int(v), n+b2i(v > 0)
	}
	return float64(sum) / float64(255*n)
}

// text returns what is to be read on the page.
func (m *pageMaker) text() string {
	var text strings.Builder
	for i, d := range m.digits {
		if i > 0 && d.line != m.digits[i-1].line {
			text.WriteByte('\n')
		}
		text.WriteByte('0' + mnist().test.Labels[d.image])
	}
	return text.String()
}

// scanned returns the sheet as a PNG file.
func (m *pageMaker) scanned(s *sheet) []byte { return pngFile(m.picture(s, m.between(0, 1.5))) }

// pngFile returns a picture as a PNG file.
func pngFile(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// photographed returns the sheet as a camera's JPEG file, with noise.
func (m *pageMaker) photographed(s *sheet, noise float64) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m.picture(s, noise), &jpeg.Options{Quality: m.count(65, 95)}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// picture returns the pixels of a sheet with Gaussian noise.
func (m *pageMaker) picture(s *sheet, noise float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, s.w, s.h))
	for i, c := range s.pixel {
		n := noise * m.random.Gaussian()
		for k, v := range c {
			img.Pix[4*i+k] = byte(min(255, max(0, v+n+0.5)))
		}
		img.Pix[4*i+3] = 255
	}
	return img
}

// kindsOfPages are the kinds of pages, each with what draws one.
var kindsOfPages = []struct {
	name string
	draw func(m *pageMaker) []byte
}{
	{"desk", (*pageMaker).desk}, {"shadow", (*pageMaker).shadow}, {"squared", (*pageMaker).squared}, {"ruled", (*pageMaker).ruled},
	{"boxes", (*pageMaker).boxes}, {"table", (*pageMaker).table}, {"marker", (*pageMaker).marker}, {"inks", (*pageMaker).inks},
	{"touching", (*pageMaker).touching}, {"clear", (*pageMaker).transparent}, {"sizes", (*pageMaker).sizes},
	{"colours", (*pageMaker).colours}, {"slope", (*pageMaker).slope}, {"lamp", (*pageMaker).lamp},
}

// page returns a sheet of paper with lines of digits.
func (m *pageMaker) page(lines, n int, margin float64, paper, ink tint) *sheet {
	w, h := m.write(lines, n, margin)
	s := newSheet(w, h, paper)
	m.ink(s, m.digits, ink)
	return s
}

// desk draws a sheet of paper on a table that is darker or lighter, turned a
// little, not in the middle, in half of them with an edge outside the picture.
func (m *pageMaker) desk() []byte {
	paper := m.one(paperTints...)
	table := m.one(tint{38, 38, 44}, tint{70, 45, 30}, tint{125, 123, 128}, tint{150, 115, 80}, tint{90, 100, 85})
	if m.chance(0.2) {
		paper, table = tint{200, 200, 196}, tint{247, 247, 247}
	}
	s := m.page(m.count(1, 2), m.count(3, 6), m.between(0.6, 1), paper, m.one(inkTints[:4]...))
	w, h := float64(s.w), float64(s.h)
	angle := m.between(-0.15, 0.15)
	W, H := w*m.between(1.15, 1.9), h*m.between(1.2, 2.2)+0.3*w*math.Abs(angle)
	x, y := m.between(0.53*w, W-0.53*w), m.between(0.55*h, H-0.55*h)
	if m.chance(0.5) {
		x = w/2 - 0.4*m.height
	}
	out := s.turned(W, H, x, y, angle, table)
	return m.photographed(out, m.between(1.5, 4))
}

// shadow draws a page of which one side lies in a shadow with a hard or a soft edge.
func (m *pageMaker) shadow() []byte {
	s := m.page(m.count(1, 2), m.count(4, 7), 1, m.one(paperTints...), m.one(inkTints[:3]...))
	sin, cos := math.Sincos(m.between(-0.6, 0.6))
	if m.chance(0.5) {
		sin, cos = -sin, -cos // the left side
	}
	light, soft := m.between(0.4, 0.7), m.height*m.between(0.05, 2)
	x0, y0 := float64(s.w)*m.between(0.3, 0.7), float64(s.h)/2
	s.each(func(x, y float64, was tint) tint {
		dark := min(1, max(0, (float64(cos*(x-x0))+float64(sin*(y-y0)))/soft+0.5))
		return was.scaled(1 - (1-light)*dark)
	})
	return m.photographed(s, m.between(1, 4))
}

// squared draws a page on squared paper, with a red margin in some.
func (m *pageMaker) squared() []byte {
	return m.onLines(m.height*m.between(0.4, 0.85), true)
}

// ruled draws a page on ruled paper, with a red margin in some.
func (m *pageMaker) ruled() []byte {
	return m.onLines(m.height*m.between(1.1, 1.9), false)
}

// onLines draws a page on paper with lines, which the writer did not heed.
func (m *pageMaker) onLines(spacing float64, squared bool) []byte {
	w, h := m.write(2, m.count(4, 6), 1)
	s := newSheet(w, h, m.one(paperTints...))
	line, c, strength := max(1, m.height*m.between(0.015, 0.045)), m.one(ruleTints...), m.between(0.3, 1)
	angle := m.between(-0.03, 0.03)
	s.rule(spacing, m.between(0, spacing), line, angle, c, strength)
	if squared {
		s.rule(spacing, m.between(0, spacing), line, angle+math.Pi/2, c, strength)
	}
	if m.chance(0.3) {
		s.rule(1e6, -m.height*0.6, line, angle+math.Pi/2, tint{215, 60, 60}, strength)
	}
	m.ink(s, m.digits, m.one(inkTints[:3]...))
	if m.chance(0.3) {
		return m.scanned(s)
	}
	return m.photographed(s, m.between(1, 3))
}

// boxes draws the boxes of a postcode or a form, side by side or apart.
func (m *pageMaker) boxes() []byte {
	n, side := m.count(4, 7), m.height*m.between(1.45, 1.9)
	step := side
	if m.chance(0.3) {
		step = side * m.between(1.1, 1.3)
	}
	margin := m.height * m.between(0.5, 1.2)
	s := newSheet(2*margin+float64(step*float64(n-1))+side, 2*margin+side, m.one(paperTints...))
	line, c := max(1, m.height*m.between(0.02, 0.07)), m.one(tint{10, 10, 10}, tint{150, 150, 150}, tint{90, 80, 80}, tint{225, 120, 60}, tint{70, 140, 90})
	for i := range n {
		m.cell(margin+float64(step*float64(i)), margin, side, 0)
		s.box(margin+float64(step*float64(i)), margin, margin+float64(step*float64(i))+side, margin+side, line, c)
	}
	m.ink(s, m.digits, m.one(inkTints[:3]...))
	return m.scanned(s)
}

// cell sets a digit into a box.
func (m *pageMaker) cell(x, y, side float64, line int) {
	right := m.digit(0, y+side/2, m.height, line)
	m.digits[len(m.digits)-1].x += x + (side-right)/2 + m.between(-0.06, 0.06)*m.height
}

// table draws a grid, some of whose cells are empty and some of whose lines are
// thicker.
func (m *pageMaker) table() []byte {
	rows, columns, side := m.count(2, 4), m.count(3, 5), m.height*m.between(1.5, 1.9)
	margin := m.height * m.between(0.5, 1)
	s := newSheet(2*margin+float64(side*float64(columns)), 2*margin+float64(side*float64(rows)), m.one(paperTints[:3]...))
	thin, c := max(1, m.height*m.between(0.02, 0.05)), m.one(tint{10, 10, 10}, tint{60, 60, 90}, tint{130, 130, 130})
	for row := range rows {
		full := m.count(0, columns-1)
		for column := range columns {
			x, y, line := margin+float64(side*float64(column)), margin+float64(side*float64(row)), thin
			if m.chance(0.25) {
				line = 2*thin + 1
			}
			s.box(x, y, x+side, y+side, line, c)
			if column == full || m.chance(0.7) {
				m.cell(x, y, side, row)
			}
		}
	}
	m.ink(s, m.digits, m.one(inkTints[:3]...))
	return m.scanned(s)
}

// marker draws digits on a band of marker, or white ones on a dark band.
func (m *pageMaker) marker() []byte {
	w, h := m.write(1, m.count(4, 7), 1.1)
	s := newSheet(w, h, tint{251, 251, 249})
	band, ink := m.one(tint{255, 240, 90}, tint{150, 240, 150}, tint{255, 165, 200}, tint{95, 160, 230}, tint{255, 180, 90}), m.one(inkTints[:2]...)
	if m.chance(0.25) {
		band, ink = m.one(tint{35, 35, 35}, tint{25, 35, 90}, tint{120, 20, 30}), tint{250, 250, 250}
	}
	left, top, slant, ragged := m.height*m.between(0.45, 0.8), m.height*m.between(0.55, 0.8), m.between(-0.01, 0.01), m.height*m.between(0, 0.08)
	s.each(func(x, y float64, was tint) tint {
		wave := float64(ragged * math.Sin(5*y/m.height))
		inside := min(x-left-wave, w-left+wave-x, y-top-float64(slant*x), h-top+float64(slant*x)-y)
		return was.mixed(band, min(1, max(0, inside+0.5)))
	})
	m.ink(s, m.digits, ink)
	return m.scanned(s)
}

// inks draws a line in pen above one in pencil, or black and white digits side
// by side on grey.
func (m *pageMaker) inks() []byte {
	if m.chance(0.5) {
		n := m.count(3, 6)
		w, h := m.write(2, n, 1)
		s := newSheet(w, h, m.one(paperTints...))
		pencil := s.pixel[0].luminance() - m.between(60, 120)
		m.ink(s, m.digits[:n], m.one(inkTints[:3]...))
		m.ink(s, m.digits[n:], tint{pencil, pencil, pencil})
		return m.scanned(s)
	}
	left := m.count(2, 4)
	w, h := m.write(1, left+m.count(2, 4), 1)
	grey := m.between(110, 150)
	s := newSheet(w+m.height, h, tint{grey, grey, grey})
	for i := range m.digits[left:] {
		m.digits[left+i].x += m.height
	}
	m.ink(s, m.digits[:left], tint{15, 15, 15})
	m.ink(s, m.digits[left:], tint{245, 245, 245})
	return m.scanned(s)
}

// touching draws two or three digits that touch, in some with others beside them.
func (m *pageMaker) touching() []byte {
	m.pen = min(m.pen, 0.45)
	w, h := m.write(1, m.count(2, 3), 1)
	for i := range m.digits[1:] {
		m.touch(newSheet(w, h, tint{}), i, m.height*m.between(0.02, 0.08))
	}
	if m.chance(0.3) {
		last := m.digits[len(m.digits)-1]
		w = max(w, m.digit(last.x+m.height*0.9, last.y, m.height, 0)+m.height)
	}
	s := newSheet(w, h, m.one(paperTints...))
	m.ink(s, m.digits, m.one(inkTints[:3]...))
	return m.scanned(s)
}

// touch moves digit i+1 to the left until its ink and that of digit i overlap
// so much in one row.
func (m *pageMaker) touch(s *sheet, i int, overlap float64) {
	a, b := m.shares(s, m.digits[i:i+1]), m.shares(s, m.digits[i+1:i+2])
	gap := float64(s.w)
	for y := range s.h {
		right, left := -1, -1
		for x := range s.w {
			if a[y*s.w+x] > 0.5 {
				right = x
			}
			if b[y*s.w+x] > 0.5 && left < 0 {
				left = x
			}
		}
		if right >= 0 && left >= 0 {
			gap = min(gap, float64(left-right-1))
		}
	}
	m.digits[i+1].x -= gap + max(1, overlap)
}

// transparent draws ink of any colour on nothing, white too; what colour the
// transparent pixels have, nobody sees.
func (m *pageMaker) transparent() []byte {
	w, h := m.write(1, m.count(4, 7), m.between(0.5, 1.2))
	s := newSheet(w, h, tint{})
	ink := m.one(tint{0, 0, 0}, tint{255, 255, 255}, tint{255, 255, 255}, tint{40, 90, 220}, tint{230, 60, 50}, tint{250, 220, 60})
	hidden := m.one(tint{0, 0, 0}, tint{255, 255, 255}, ink)
	img := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	for i, share := range m.shares(s, m.digits) {
		c := ink
		if share == 0 {
			c = hidden
		}
		copy(img.Pix[4*i:], []byte{byte(c[0]), byte(c[1]), byte(c[2]), byte(255*share + 0.5)})
	}
	return pngFile(img)
}

// sizes draws large digits beside small ones, 2 to 3.2 times lower.
func (m *pageMaker) sizes() []byte {
	m.height = max(m.height, 60)
	large, ratio := m.height, m.between(2, 3.2)
	x, y := 0.5*large, 1.2*large
	for range m.count(1, 2) {
		x = m.digit(x, y, large, 0) + large*m.between(0.3, 0.5)
	}
	for range m.count(3, 4) {
		x = m.digit(x, y+large*m.between(-0.05, 0.05), large/ratio, 0) + large/ratio*m.between(0.3, 0.7)
	}
	s := newSheet(x+0.4*large, 2.4*large, m.one(paperTints...))
	m.ink(s, m.digits, m.one(inkTints[:3]...))
	return m.scanned(s)
}

// colours draws ink and paper that differ in colour and not in luminance.
func (m *pageMaker) colours() []byte {
	hues := []tint{{225, 120, 40}, {130, 130, 130}, {60, 110, 220}, {220, 50, 55}, {0, 190, 190}, {45, 195, 60}, {60, 150, 60}, {170, 80, 200}, {150, 140, 40}}
	for {
		paper, ink := m.one(hues...), m.one(hues...)
		ink = ink.scaled((paper.luminance() + m.between(-8, 8)) / ink.luminance())
		distance := math.Abs(ink[0]-paper[0]) + math.Abs(ink[1]-paper[1]) + math.Abs(ink[2]-paper[2])
		if max(ink[0], ink[1], ink[2]) <= 255 && distance >= 160 {
			return m.scanned(m.page(1, m.count(4, 7), 1, paper, ink))
		}
	}
}

// slope draws lines of text that rise or fall by up to 24 degrees.
func (m *pageMaker) slope() []byte {
	paper := m.one(paperTints...)
	s := m.page(m.count(1, 2), m.count(4, 7), 0.7, paper, m.one(inkTints...))
	angle := m.between(8, 24) * math.Pi / 180
	if m.chance(0.5) {
		angle = -angle
	}
	sin, cos := math.Sincos(math.Abs(angle))
	w, h := float64(s.w), float64(s.h)
	W, H := float64(w*cos)+float64(h*sin), float64(w*sin)+float64(h*cos)
	return m.photographed(s.turned(W, H, W/2, H/2, angle, paper), m.between(1, 4))
}

// lamp draws a page in the uneven light of a lamp, blurred and noisy.
func (m *pageMaker) lamp() []byte {
	s := m.page(2, m.count(4, 6), 1, m.one(paperTints[:3]...), m.one(inkTints...))
	s = s.blurred(m.count(0, int(m.height*m.height/700)))
	x0, y0 := float64(s.w)*m.between(0, 1), float64(s.h)*m.between(0, 1)
	edge, reach := m.between(0.4, 0.7), float64(max(s.w, s.h))
	s.each(func(x, y float64, was tint) tint {
		far := (float64((x-x0)*(x-x0)) + float64((y-y0)*(y-y0))) / (reach * reach)
		return was.scaled(edge + (1-edge)*exp(-3*far))
	})
	return m.photographed(s, m.between(2, 6))
}

// A kindScore is how classify does on pages of one kind.
type kindScore struct {
	pages, cut    int // cut right: as many digits in each line as there are
	digits, right int
	silent        int // cut wrong without a word
}

// add classifies a page, as the command does, and counts what comes out.
func (k *kindScore) add(file []byte, want, net string) {
	stdout, stderr, err := called(classify, file, "-load", net, "-json", "-")
	var got struct{ Text string }
	if err == nil {
		err = json.Unmarshal([]byte(stdout), &got)
	}
	n := len(strings.ReplaceAll(want, "\n", ""))
	k.pages++
	k.digits += n
	k.right += max(0, n-editDistance(strings.ReplaceAll(got.Text, "\n", ""), strings.ReplaceAll(want, "\n", "")))
	switch {
	case err == nil && misread(got.Text, want) >= 0:
		k.cut++
	case err == nil && stderr == "":
		k.silent++
	}
}

// A kindLeast is what must be reached on pages of one kind: of 2 small pages, how
// many are cut right; of 20 pages of all sizes, how many are cut right, what
// percentage of the digits is read right, and how many may be cut wrong without a
// word.
type kindLeast struct{ quick, cut, percent, silent int }

// leastOfKinds is what classify reached, or a little less.
var leastOfKinds = map[string]kindLeast{
	"desk":     {2, 17, 94, 1},
	"shadow":   {2, 19, 95, 1},
	"squared":  {2, 18, 92, 1},
	"ruled":    {2, 18, 95, 1},
	"boxes":    {2, 19, 95, 1},
	"table":    {2, 18, 95, 1},
	"marker":   {2, 16, 87, 1},
	"inks":     {2, 19, 96, 1},
	"touching": {1, 12, 73, 2},
	"clear":    {2, 19, 95, 1},
	"sizes":    {0, 16, 92, 2},
	"colours":  {2, 19, 95, 1},
	"slope":    {1, 17, 91, 1},
	"lamp":     {2, 19, 94, 1},
}

// TestKinds: pages of all kinds are cut and read as leastOfKinds says: 2 small
// ones of each kind, at most one of all of them cut wrong without a word; with NNDL_LONG=1, 20 of all
// sizes, whose results are the table of docs/testing.md.
func TestKinds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("28 pages")
	}
	net := storedNetwork(t, reader())
	pages, highest := 2, 60.0
	if long() {
		pages, highest = 20, 150
	}
	table := "\n| kind | cut right | digits read right | silent |\n|---|---|---|---|\n"
	var all kindScore
	for i, kind := range kindsOfPages {
		var k kindScore
		for page := range pages {
			m := newPageMaker(uint32(1000*i+page), highest)
			k.add(kind.draw(m), m.text(), net)
		}
		all = kindScore{all.pages + k.pages, all.cut + k.cut, all.digits + k.digits, all.right + k.right, all.silent + k.silent}
		table += k.row(kind.name)
		least := leastOfKinds[kind.name]
		quick, whole := !long() && k.cut < least.quick, long() && (k.cut < least.cut || k.percent() < least.percent || k.silent > least.silent)
		if quick || whole {
			t.Errorf("%s: %d pages cut right, %d %% of the digits read right, %d silent; want %+v", kind.name, k.cut, k.percent(), k.silent, least)
		}
	}
	if t.Log(table + all.row("together")); !long() && all.silent > 1 {
		t.Errorf("%d of %d pages cut wrong without a word, want at most 1", all.silent, all.pages)
	}
}

// percent returns how many digits in a hundred are read right.
func (k *kindScore) percent() int { return 100 * k.right / k.digits }

// row returns the row of a table.
func (k *kindScore) row(name string) string {
	return fmt.Sprintf("| %s | %d of %d | %d of %d, %d %% | %d |\n", name, k.cut, k.pages, k.right, k.digits, k.percent(), k.silent)
}
