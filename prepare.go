package main

import (
	"image"
	"math"
)

// This file makes of a digit that segment.go has found an image of 28×28 pixels, as
// MNIST's makers made theirs.

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

// Strokes thinner than the first and thicker than the second, of which MNIST has
// one image in a hundred each, are made as wide as MNIST's usual ones.
const (
	thinStroke  = 1.15
	thickStroke = 4.2
	usualStroke = 2.3
)

// prepare returns a digit as the network knows them, 28×28 pixels, made as
// MNIST's makers made theirs: the longer side of the foreground becomes 20 pixels, the
// centre of mass the centre of the image, and the strokes' edges grey. The
// strokes of thin and thick pens are made MNIST's before.
func (p *page) prepare(d *component) []byte {
	c := p.cut(d)
	image := centred(scaledToBox(c))
	if width := strokeWidth(image); width < thinStroke || width > thickStroke {
		image = centred(scaledToBox(c.withUsualStrokes()))
	}
	return image
}

// centred returns an image of 28×28 pixels with the centre of mass of small in its
// centre.
func centred(small greyBox) []byte {
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

// strokeWidth returns about the width of the strokes of an image, in pixels:
// twice the foreground over the sum of the steps from each pixel to its neighbours,
// since a stroke has two edges.
func strokeWidth(image []byte) float64 {
	c := greyBox{w: digitSide}
	for _, v := range image {
		c.grey = append(c.grey, float64(v))
	}
	return c.strokeWidth()
}

// strokeWidth returns about the width of the strokes in a box, in pixels.
func (c greyBox) strokeWidth() float64 {
	foreground, steps := 0.0, 0.0
	for i, v := range c.grey {
		foreground += v
		left, above := 0.0, 0.0
		if i%c.w > 0 {
			left = c.grey[i-1]
		}
		if i >= c.w {
			above = c.grey[i-c.w]
		}
		steps += math.Abs(v-left) + math.Abs(v-above)
		if i%c.w == c.w-1 {
			steps += v
		}
		if i+c.w >= len(c.grey) {
			steps += v
		}
	}
	return 2 * foreground / steps
}

// withUsualStrokes returns the digit with strokes as wide as MNIST's are, where it
// fills the box: each pixel the strongest, or the weakest, within half of what is
// to be added, or taken away (dilation and erosion), at four times MNIST's size.
func (c greyBox) withUsualStrokes() greyBox {
	const fine = 4
	longer := max(c.w, len(c.grey)/c.w)
	scaled := func(n int) int { return max(1, n*fine*mnistBox/longer) }
	h := scaled(len(c.grey) / c.w)
	c = resample(resample(c, scaled(c.w)), h)
	by := usualStroke - c.strokeWidth()/fine
	reach := math.Abs(by) * fine / 2
	margin := int(math.Ceil(reach))
	out := greyBox{w: c.w + 2*margin, grey: make([]float64, (c.w+2*margin)*(h+2*margin))}
	strongest := 0.0
	for i := range out.grey {
		x, y := i%out.w-margin, i/out.w-margin
		level := b2f(by < 0)
		for dy := -margin; dy <= margin; dy++ {
			for dx := -margin; dx <= margin; dx++ {
				if float64(dx*dx+dy*dy) > reach*reach {
					continue
				}
				v := 0.0
				if X, Y := x+dx, y+dy; X >= 0 && Y >= 0 && X < c.w && Y < h {
					v = c.grey[Y*c.w+X]
				}
				if by > 0 {
					level = max(level, v)
				} else {
					level = min(level, v)
				}
			}
		}
		out.grey[i] = level
		strongest = max(strongest, level)
	}
	if strongest < 0.2 {
		return c // nothing would be left
	}
	for i := range out.grey {
		out.grey[i] /= strongest
	}
	return out.trimmed()
}

// b2f returns 1 for true.
func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// trimmed returns the smallest box that holds what is more than a tenth.
func (c greyBox) trimmed() greyBox {
	var box image.Rectangle
	for i, level := range c.grey {
		if level > 0.1 {
			box = box.Union(image.Rect(i%c.w, i/c.w, i%c.w+1, i/c.w+1))
		}
	}
	out := greyBox{w: box.Dx()}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		out.grey = append(out.grey, c.grey[y*c.w+box.Min.X:y*c.w+box.Max.X]...)
	}
	return out
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
		for _, level := range p.foreground[int(r.y)*p.width+int(r.x0) : int(r.y)*p.width+int(r.x1)] {
			histogram[level]++
		}
		x0, x1 := max(int(r.x0)-edge, area.Min.X), min(int(r.x1)+edge, area.Max.X)
		for y := max(int(r.y)-edge, area.Min.Y); y < min(int(r.y)+edge+1, area.Max.Y); y++ {
			copy(near[(y-area.Min.Y)*w+x0-area.Min.X:], p.foreground[y*p.width+x0:y*p.width+x1])
		}
	}
	darkest := float64(percentile(histogram[:], 95))
	faint := byte(max(6, darkest/10))
	var box image.Rectangle
	for i, level := range near {
		if level >= faint {
			box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
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
