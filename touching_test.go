package main

import (
	"fmt"
	"image"
	"math"
	"slices"
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

// bridged returns a page with blocks of 20×40 pixels, four columns apart, that one row
// of ink joins to one component.
func bridged(blocks, width int) (*page, *component) {
	p := &page{width: 24*blocks + 20, height: 60, size: 40}
	p.foreground, p.stroke = make([]byte, p.width*p.height), slices.Repeat([]byte{60}, p.width*p.height)
	d := &component{box: image.Rect(10, 10, 10+width, 50)}
	for y := 10; y < 50; y++ {
		run := func(x0, x1 int) {
			if x1 = min(x1, 10+width); x1 > x0 {
				d.runs = append(d.runs, pixelRun{y: int32(y), x0: int32(x0), x1: int32(x1)})
				d.area += x1 - x0
				for x := x0; x < x1; x++ {
					p.foreground[y*p.width+x] = 200
				}
			}
		}
		if y == 30 {
			run(10, 10+width)
			continue
		}
		for k := range blocks {
			run(10+24*k, 30+24*k)
		}
	}
	return p, d
}

// TestCuts: there is one cut in each gap, which costs the row of ink that it crosses
// in widths of a stroke; what is no wider than a digit has none.
func TestCuts(t *testing.T) {
	within := func(p *page, d *component) []cutPath { // none of those beside it
		return slices.DeleteFunc(p.cuts(d), func(c cutPath) bool {
			x := c.columns[len(c.columns)/2]
			return x <= d.box.Min.X || x >= d.box.Max.X
		})
	}
	cuts := within(bridged(3, 68))
	if len(cuts) != 2 {
		t.Fatalf("%d cuts, want 2", len(cuts))
	}
	for k, c := range cuts {
		for y, x := range c.columns {
			if from := 30 + 24*k; x < from || x > from+4 {
				t.Fatalf("cut %d, row %d: column %d, want %d to %d", k, y, x, from, from+4)
			}
		}
		if math.Abs(c.cost-0.05) > 0.01 {
			t.Errorf("cut %d costs %v, want one row of ink in strokes of 20", k, c.cost)
		}
	}
	for width, want := range map[int]int{31: 0, 32: 1} {
		if got := within(bridged(2, width)); len(got) != want {
			t.Errorf("%d columns, 40 rows: %d cuts, want %d", width, len(got), want)
		}
	}
}

// TestCheapestPath: where nothing is in the way, the cut goes straight down.
func TestCheapestPath(t *testing.T) {
	p, d := bridged(2, 44)
	path := p.cheapestPath(d, 32, 5)
	for y, x := range path.columns {
		if x != 32 {
			t.Errorf("row %d: column %d, want 32", y, x)
		}
	}
	if path.cost != 1 {
		t.Errorf("cost %v, want the one row of ink", path.cost)
	}
}

// TestBetween: a piece holds what lies from one cut to the next, with its box and its
// ink.
func TestBetween(t *testing.T) {
	_, d := bridged(2, 44)
	path := func(x int) *cutPath { return &cutPath{columns: slices.Repeat([]int{x}, 40)} }
	for _, c := range []struct {
		left, right *cutPath
		box         image.Rectangle
		area        int
	}{
		{nil, nil, image.Rect(10, 10, 54, 50), 40*40 + 4},
		{nil, path(30), image.Rect(10, 10, 30, 50), 800},
		{path(32), nil, image.Rect(32, 10, 54, 50), 802},
		{path(31), path(33), image.Rect(31, 30, 33, 31), 2},
	} {
		got := d.between(c.left, c.right)
		area := 0
		for _, r := range got.runs {
			area += int(r.x1 - r.x0)
		}
		if got.box != c.box || got.area != c.area || area != c.area {
			t.Errorf("box %v, area %d, runs of %d pixels; want %v, %d", got.box, got.area, area, c.box, c.area)
		}
	}
}
