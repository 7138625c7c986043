package main

import (
	"fmt"
	"image"
	"testing"
)

// touching draws n of the validation images, from first on, each moved to the left
// until it shares three pixels of ink with those before it, at four times their
// size, and returns the picture and the digits.
func touching(first, n int) (*image.Gray, string) {
	const scale, margin, shared = 4, 5, 3
	w := 2 * margin
	for i := first; i < first+n; i++ {
		w += inkBox(mnist().validation.Image(i)).Dx()
	}
	ink, text, x := make([]byte, 28*w), "", margin
	for i := first; i < first+n; i++ {
		digit := mnist().validation.Image(i)
		b := inkBox(digit)
		for at := x; i > first && at > 0; at-- {
			common := 0
			for y := range 28 {
				for k := range b.Dx() {
					common += b2i(digit[y*28+b.Min.X+k] > 100 && ink[y*w+at+k] > 100)
				}
			}
			if common >= shared {
				x = at
				break
			}
		}
		for y := range 28 {
			for k := range b.Dx() {
				at := y*w + x + k
				ink[at] = max(ink[at], digit[y*28+b.Min.X+k])
			}
		}
		x += b.Dx()
		text += fmt.Sprint(mnist().validation.Labels[i])
	}
	small := greyImage(ink, w)
	picture := image.NewGray(image.Rect(0, 0, scale*w, scale*28))
	for i := range picture.Pix {
		x, y := (2*(i%picture.Stride)+1-scale)/2, (2*(i/picture.Stride)+1-scale)/2 // in quarters of a pixel, from the middle of the first
		sum := 0
		for _, c := range [4][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
			dx, dy := (x+scale)%scale, (y+scale)%scale
			if c[0] == 0 {
				dx = scale - dx
			}
			if c[1] == 0 {
				dy = scale - dy
			}
			level := 255
			if at := image.Pt((x+scale)/scale-1+c[0], (y+scale)/scale-1+c[1]); at.In(small.Rect) {
				level = int(small.GrayAt(at.X, at.Y).Y)
			}
			sum += dx * dy * level
		}
		picture.Pix[i] = byte(sum / (scale * scale))
	}
	return picture, text
}

// TestTouching: of digits that touch, many are cut as they should be, and hardly a
// digit that stands alone is cut.
func TestTouching(t *testing.T) {
	t.Parallel()
	pages := [4]int{1: 60, 2: 20, 3: 10}
	if long() {
		pages = [4]int{1: 1000, 2: 200, 3: 100}
	} else if testing.Short() {
		t.Skip("needs a trained network")
	}
	for n, want := range [4]struct{ cut, right float64 }{1: {0.97, 0.85}, 2: {0.4, 0.2}, 3: {0.1, 0}} {
		cut, right := 0, 0
		for i := range pages[n] {
			picture, text := touching(1000*n+i*n, n)
			p, digits, err := newPage(picture).digits()
			if err != nil {
				continue
			}
			r := &pageReading{Digits: digits, page: p}
			if err := r.read(reader()); err != nil {
				t.Fatal(err)
			}
			cut += b2i(len(r.Digits) == n)
			right += b2i(r.Text == text)
		}
		if n > 0 {
			t.Logf("%d digits: of %d pages %d cut as they should be, %d read", n, pages[n], cut, right)
		}
		if float64(cut) < want.cut*float64(pages[n]) || float64(right) < want.right*float64(pages[n]) {
			t.Errorf("%d digits: of %d pages %d cut as they should be, %d read; want %v, %v of them", n, pages[n], cut, right, want.cut, want.right)
		}
	}
}
