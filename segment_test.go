package main

import (
	"image"
	"math"
	"testing"
)

// TestSlope: lines of text that slope, either way, are turned level before their digits
// are prepared: the network sees them as if they had never sloped, and their boxes
// are where they are in the picture.
func TestSlope(t *testing.T) {
	d := drawing{lines: [][]int{{0, 1, 2, 3}, {4, 17, 18, 5}}, scale: 3, paper: 255}
	text := d.draw()
	level := image.NewGray(image.Rect(0, 0, 500, 400))
	for i := range level.Pix {
		level.Pix[i] = 255
	}
	for y := range text.Rect.Dy() {
		copy(level.Pix[(y+100)*level.Stride+80:], text.Pix[y*text.Stride:(y+1)*text.Stride])
	}
	want := takeApart(t, level)
	if len(want.Digits) != 8 || want.page.slope != 0 {
		t.Fatalf("%d digits, turned by %v; want 8, 0", len(want.Digits), want.page.slope)
	}
	for _, slope := range []float64{-0.4, -0.2, 0.12, 0.3, 0.4} {
		sloping := newPage(level).turned(-slope)
		r := takeApart(t, &image.Gray{Pix: sloping.grey, Stride: sloping.width, Rect: image.Rect(0, 0, sloping.width, sloping.height)})
		if math.Abs(r.page.slope-slope) > 0.03 || len(r.Digits) != 8 {
			t.Errorf("slope %v: turned by %v, %d digits; want 8", slope, r.page.slope, len(r.Digits))
			continue
		}
		for i, g := range r.Digits {
			difference := 0
			for k, v := range g.image {
				difference += max(int(v), int(want.Digits[i].image[k])) - min(int(v), int(want.Digits[i].image[k]))
			}
			if difference > 20*784 {
				t.Errorf("slope %v: number %d differs by %d grey levels from the level one", slope, i+1, difference/784)
			}
			b := rectangle(want.Digits[i].Box)
			x, y := newPage(level).turnedBack(sloping, float64(g.Box[0]+g.Box[2])/2, float64(g.Box[1]+g.Box[3])/2)
			if !image.Pt(int(x), int(y)).In(b) {
				t.Errorf("slope %v: the box of number %d, %v, belongs to %v, %v; want the inside of %v", slope, i+1, g.Box, x, y, b)
			}
		}
	}
}
