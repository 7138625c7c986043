package main

import (
	"image"
	"math"
	"slices"
	"strings"
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

// part returns a component with the given box, filled.
func part(x0, y0, x1, y1 int) *component {
	return &component{box: image.Rect(x0, y0, x1, y1), area: (x1 - x0) * (y1 - y0)}
}

// TestHasEqual: a low component is a digit of a smaller hand where another of nearly
// its height stands beside it.
func TestHasEqual(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		d, e *component
		want bool
	}{
		{"beside it", 60, part(0, 0, 10, 20), part(20, 0, 30, 20), true},
		{"as far as three times its height", 60, part(0, 0, 10, 20), part(69, 0, 80, 20), true},
		{"farther", 60, part(0, 0, 10, 20), part(70, 0, 80, 20), false},
		{"touching", 60, part(0, 0, 10, 20), part(10, 0, 20, 20), false},
		{"a pixel away", 60, part(0, 0, 10, 20), part(11, 0, 20, 20), true},
		{"as high as a sixth of the digits", 60, part(0, 0, 10, 10), part(20, 0, 30, 10), true},
		{"lower than that", 60, part(0, 0, 10, 9), part(20, 0, 30, 9), false},
		{"8 pixels high", 30, part(0, 0, 10, 8), part(20, 0, 30, 8), true},
		{"7 pixels high", 30, part(0, 0, 10, 7), part(20, 0, 30, 7), false},
		{"twice as wide as high", 60, part(0, 0, 40, 20), part(50, 0, 60, 20), true},
		{"wider", 60, part(0, 0, 41, 20), part(50, 0, 60, 20), false},
		{"as much ink as a stroke", 60, &component{box: image.Rect(0, 0, 10, 20), area: 40}, part(20, 0, 30, 20), true},
		{"less ink", 60, &component{box: image.Rect(0, 0, 10, 20), area: 39}, part(20, 0, 30, 20), false},
		{"beside more than half of it", 60, part(0, 0, 10, 20), part(20, 9, 30, 29), true},
		{"beside half of it", 60, part(0, 0, 10, 20), part(20, 10, 30, 30), false},
		{"three quarters as high", 60, part(0, 0, 10, 20), part(20, 0, 30, 15), false},
		{"nearly as high", 60, part(0, 0, 10, 20), part(20, 0, 30, 16), true},
		{"four thirds as high", 60, part(0, 0, 10, 21), part(20, 0, 30, 28), false},
		{"a little higher", 60, part(0, 0, 10, 21), part(20, 0, 30, 27), true},
	} {
		p := &page{size: c.size}
		if got := p.hasEqual(c.d, []*component{c.d, c.e}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	alone := part(0, 0, 10, 20)
	if p := (&page{size: 60}); p.hasEqual(alone, []*component{alone}) {
		t.Error("a component is its own equal")
	}
}

// TestSameDigit: parts of a digit lie close together or overlap, and are no larger
// than a digit together.
func TestSameDigit(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		a, b *component
		want bool
	}{
		{"a bar close to the right", 60, part(0, 0, 20, 60), part(29, 10, 49, 15), true},
		{"a bar farther away", 60, part(0, 0, 20, 60), part(30, 10, 49, 15), false},
		{"a bar close below", 60, part(0, 0, 20, 60), part(0, 72, 20, 77), true},
		{"a bar farther below", 60, part(0, 0, 20, 60), part(0, 73, 20, 78), false},
		{"together four thirds as wide", 60, part(0, 0, 20, 60), part(29, 10, 80, 15), true},
		{"together wider", 60, part(0, 0, 20, 60), part(29, 10, 81, 15), false},
		{"together four thirds as high", 60, part(0, 0, 20, 60), part(0, 70, 20, 80), true},
		{"together higher", 60, part(0, 0, 20, 60), part(0, 70, 20, 81), false},
		{"a larger digit, and a bar below", 60, part(0, 0, 20, 75), part(0, 85, 20, 99), true},
		{"small ones side by side, close", 60, part(0, 0, 15, 20), part(18, 0, 28, 13), true},
		{"small ones side by side", 60, part(0, 0, 15, 20), part(19, 0, 28, 13), false},
		{"small ones, too high for a part", 60, part(0, 0, 15, 20), part(18, 0, 28, 14), false},
		{"small ones that touch, too high for a part", 60, part(0, 0, 15, 20), part(15, 0, 25, 14), false},
		{"half of the width overlaps", 60, part(0, 0, 40, 60), part(20, 5, 60, 65), true},
		{"less of the width overlaps", 60, part(0, 0, 40, 60), part(21, 5, 61, 65), false},
		{"half of the height overlaps", 90, part(0, 0, 40, 64), part(20, 32, 60, 96), true},
		{"less of the height overlaps", 90, part(0, 0, 40, 64), part(20, 33, 60, 97), false},
	} {
		p := &page{size: c.size}
		if got, back := p.sameDigit(c.a, c.b), p.sameDigit(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%s: %v, the other way round %v", c.name, got, back)
		}
	}
}

// TestFittedSlope: the slope is that of least squares over all lines, each around its
// own mean.
func TestFittedSlope(t *testing.T) {
	digits := func(middles ...image.Point) (d []*component) {
		for _, m := range middles {
			d = append(d, part(m.X-5, m.Y-20, m.X+5, m.Y+20))
		}
		return d
	}
	for _, c := range []struct {
		digits      []*component
		about, want float64
	}{
		{digits(image.Pt(100, 130), image.Pt(0, 100), image.Pt(200, 140)), 0.2, 0.2},
		{digits(image.Pt(0, 0), image.Pt(100, 30), image.Pt(200, 40), image.Pt(0, 100), image.Pt(200, 160)), 0.25, 0.25},
		{digits(image.Pt(0, 0), image.Pt(100, 19)), 0, 0.19}, // one line
		{digits(image.Pt(0, 0), image.Pt(100, 20)), 0, 0},    // two, half a digit apart
		{digits(image.Pt(0, 0), image.Pt(0, 50), image.Pt(0, 100)), 0.1, 0.1},
	} {
		if got := fittedSlope(c.digits, c.about); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("about %v: %v, want %v", c.about, got, c.want)
		}
	}
}

// TestIsFrame: a frame has ink in its four corners and hardly any inside.
func TestIsFrame(t *testing.T) {
	frame := func(size, open int) *component {
		d := &component{box: image.Rect(40, 30, 40+size, 30+size)}
		for y := range size {
			right := size
			if y < open {
				right = size - 4
			}
			row := func(x0, x1 int) {
				d.runs = append(d.runs, pixelRun{y: int32(30 + y), x0: int32(40 + x0), x1: int32(40 + x1)})
				d.area += x1 - x0
			}
			if y < 2 || y >= size-2 {
				row(0, right)
				continue
			}
			row(0, 2)
			if right == size {
				row(size-2, size)
			}
		}
		return d
	}
	inside := func(n, area int) *component {
		d := frame(20, 0)
		d.runs = append(d.runs, pixelRun{y: 40, x0: 45, x1: int32(45 + n)})
		d.area = area
		return d
	}
	for _, c := range []struct {
		name string
		d    *component
		want bool
	}{
		{"20 pixels", frame(20, 0), true},
		{"12 pixels", frame(12, 0), true},
		{"11 pixels", frame(11, 0), false},
		{"a corner open", frame(20, 3), false},
		{"a corner half open", frame(20, 2), true},
		{"a twentieth inside", inside(7, 140), false},
		{"less inside", inside(7, 141), true},
	} {
		if got := c.d.isFrame(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestNoteCut: what the edge cuts off is mentioned where it is as large as part of a
// digit.
func TestNoteCut(t *testing.T) {
	sized := func(w, h, area int) *component { return &component{box: image.Rect(0, 0, w, h), area: area} }
	for _, c := range []struct {
		components []*component
		want       string
	}{
		{[]*component{sized(11, 4, 14), sized(4, 39, 14)}, "2 pieces of ink that the edge of the picture cuts off"},
		{[]*component{sized(4, 11, 14)}, "1 piece of ink that the edge of the picture cuts off"},
		{[]*component{sized(10, 10, 50), sized(4, 40, 50), sized(11, 11, 13)}, ""},
	} {
		p := &page{size: 20}
		p.noteCut(c.components)
		if got := strings.Join(p.leftovers, "; "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestTurnedSize: a turned page is as large as its turned corners need.
func TestTurnedSize(t *testing.T) {
	p := &page{width: 100, height: 50, grey: make([]byte, 5000)}
	for _, slope := range []float64{0.75, -0.75} { // 3, 4, 5
		if q := p.turned(slope); q.width != 111 || q.height != 101 {
			t.Errorf("slope %v: %d×%d, want 111×101", slope, q.width, q.height)
		}
	}
}

// TestFrames: a rectangle of the size of the digits is a frame where it holds
// something else, and may be a 0 where it does not.
func TestFrames(t *testing.T) {
	box := func(x, y, side int) *component {
		d := &component{box: image.Rect(x, y, x+side, y+side)}
		for k := range side {
			if k < 2 || k >= side-2 {
				d.runs = append(d.runs, pixelRun{y: int32(y + k), x0: int32(x), x1: int32(x + side)})
				d.area += side
			} else {
				d.runs = append(d.runs, pixelRun{y: int32(y + k), x0: int32(x), x1: int32(x + 2)}, pixelRun{y: int32(y + k), x0: int32(x + side - 2), x1: int32(x + side)})
				d.area += 4
			}
		}
		return d
	}
	empty, frame, held := box(10, 10, 40), box(70, 10, 40), box(80, 20, 14)
	p := &page{width: 130, height: 60, size: 40, smooth: slices.Repeat([]byte{255}, 7800), foreground: make([]byte, 7800), light: make([]bool, 7800)}
	for _, d := range []*component{empty, frame, held} {
		for _, r := range d.runs {
			for x := r.x0; x < r.x1; x++ {
				p.smooth[int(r.y)*p.width+int(x)], p.foreground[int(r.y)*p.width+int(x)] = 0, 255
			}
		}
	}
	rest, cut := p.withoutSurroundings([]*component{empty, frame, held})
	if len(rest) != 2 || rest[0] != empty || rest[1] != held || len(cut) != 0 {
		t.Errorf("%d components are left, %d at the border", len(rest), len(cut))
	}
}

// TestJoinComponents: each part goes to the nearest component of which it may be a
// part, the smaller ones first.
func TestJoinComponents(t *testing.T) {
	p := &page{size: 60}
	bar, five, far := part(29, 10, 49, 15), part(0, 0, 20, 60), part(120, 0, 140, 60)
	got := p.joinComponents([]*component{five, bar, far})
	if len(got) != 2 || got[0] != five && got[1] != five {
		t.Fatalf("%d components", len(got))
	}
	if five.box != image.Rect(0, 0, 49, 60) || five.area != 20*60+20*5 || far.area != 20*60 {
		t.Errorf("box %v, area %d; the other %d", five.box, five.area, far.area)
	}
}

// TestWithoutMarks: what is lower than a third of a digit is left out, unless it is as
// wide as a digit, or all that there is.
func TestWithoutMarks(t *testing.T) {
	p := &page{size: 60}
	digit, low, wide := part(0, 0, 30, 60), part(50, 30, 60, 49), part(50, 30, 110, 49)
	third := part(50, 30, 60, 50)
	for _, c := range []struct{ digits, want []*component }{
		{[]*component{digit, low}, []*component{digit}},
		{[]*component{digit, wide}, []*component{digit, wide}},
		{[]*component{digit, third}, []*component{digit, third}},
		{[]*component{low}, []*component{low}},
	} {
		if got := p.withoutMarks(c.digits); !slices.Equal(got, c.want) {
			t.Errorf("%d of %d are left, want %d", len(got), len(c.digits), len(c.want))
		}
	}
}
