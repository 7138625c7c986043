package main

import (
	"image"
	"slices"
	"testing"
)

// TestCut: the level that all but 5 in 100 of a digit's pixels do not exceed becomes 1,
// and so does what is darker. What is grey around the digit belongs to it from a
// tenth of that level, or from 6, and a fortieth of its longer side away.
func TestCut(t *testing.T) {
	const width, height = 80, 60
	for _, c := range []struct {
		usual, dark, darkest byte // levels of 376, 8 and 16 pixels in 400
		near                 byte // level of a pixel beside the digit
		want                 int  // columns of the box
		level                float64
	}{
		{100, 200, 250, 20, 41, 0.5},
		{100, 200, 250, 19, 40, 0.5},
		{20, 40, 60, 6, 41, 0.5},
		{20, 40, 60, 5, 40, 0.5},
	} {
		p := &page{width: width, height: height, foreground: make([]byte, width*height)}
		d := &component{box: image.Rect(10, 20, 50, 30)}
		for i := range 400 {
			level := c.usual
			if i >= 384 {
				level = c.darkest
			} else if i >= 376 {
				level = c.dark
			}
			p.foreground[(20+i/40)*width+10+i%40] = level
		}
		for y := 20; y < 30; y++ {
			d.runs = append(d.runs, pixelRun{y: int32(y), x0: 10, x1: 50})
		}
		p.foreground[25*width+9], p.foreground[25*width+51] = c.near, 255 // the second is two pixels away
		got := p.cut(d)
		if got.w != c.want || len(got.grey) != 10*c.want {
			t.Errorf("%+v: %d columns, %d pixels", c, got.w, len(got.grey))
			continue
		}
		if first, last := got.grey[c.want-40], got.grey[len(got.grey)-1]; first != c.level || last != 1 {
			t.Errorf("%+v: the first pixel of the digit is %v, the last %v", c, first, last)
		}
	}
}

// TestTrimmed: what is more than a tenth stays, with what lies in its box.
func TestTrimmed(t *testing.T) {
	c := greyBox{w: 4, grey: []float64{
		0, 0, 0, 0,
		0, 0.05, 0.2, 0.3,
		0.1, 0.11, 0.1, 1,
	}}
	got := c.trimmed()
	if want := []float64{0.05, 0.2, 0.3, 0.11, 0.1, 1}; got.w != 3 || !slices.Equal(got.grey, want) {
		t.Errorf("%d columns, %v, want 3, %v", got.w, got.grey, want)
	}
}
