package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBoxed: -o writes the picture as it is, with a box in colour around each digit and
// above it the digit; it takes one picture, and a place that can be written.
func TestBoxed(t *testing.T) {
	net := storedNetwork(t, biased(7))
	file := filepath.Join(t.TempDir(), "boxes.png")
	if _, _, err := called(classify, nil, "-load", net, "-o", file, "testdata/plain.png"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	boxed, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	d := pictures["plain"].drawing
	picture := d.draw()
	if boxed.Bounds() != picture.Rect {
		t.Fatalf("%v, want %v", boxed.Bounds(), picture.Rect)
	}
	r := takeApart(t, picture)
	grey := func(c color.Color) bool { r, g, b, _ := c.RGBA(); return r == g && g == b }
	for i := range r.Digits {
		b := rectangle(r.Digits[i].Box)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if g, _, _, _ := boxed.At(x, y).RGBA(); byte(g>>8) != picture.GrayAt(x, y).Y {
					t.Fatalf("number %d: %d,%d is changed", i+1, x, y)
				}
			}
		}
		coloured := 0
		for y := b.Min.Y - 20; y < b.Max.Y+20; y++ {
			for x := b.Min.X - 6; x < b.Max.X+6; x++ {
				coloured += 1 - b2i(grey(boxed.At(x, y)))
			}
		}
		if coloured < b.Dx()*2 {
			t.Errorf("number %d: %d pixels of colour above it, want a line and a label", i+1, coloured)
		}
	}
	for _, args := range [][]string{{"-o", file, "testdata/plain.png", "testdata/large.png"}, {"-o", filepath.Join(file, "none", "a.png"), "testdata/plain.png"}} {
		_, _, err := called(classify, nil, append([]string{"-load", net}, args...)...)
		if err == nil || errors.As(err, new(usageError)) != (len(args) == 4) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestNamesInJSON: each line of -json says of which picture it is, also where
// another could not be read.
func TestNamesInJSON(t *testing.T) {
	net := storedNetwork(t, biased(7))
	input, err := os.ReadFile("testdata/plain.png")
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := called(classify, input, "-load", net, "-json", "testdata/plain.png", "none.png", "-")
	if err == nil {
		t.Error("no error for none.png")
	}
	var files []string
	for line := range strings.Lines(out) {
		var r struct {
			File, Text string
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Text == "" {
			t.Errorf("%.60s: %v", line, err)
		}
		files = append(files, r.File)
	}
	if !slices.Equal(files, []string{"testdata/plain.png", "-"}) {
		t.Errorf("%q", files)
	}
}

// TestLeftOut: a point is no digit, half a digit at the edge of the picture may be none,
// and both are mentioned.
func TestLeftOut(t *testing.T) {
	d := drawing{lines: [][]int{{0, 1, 2, 3}}, scale: 4, paper: 255}
	whole := d.draw()
	point := image.NewGray(whole.Rect)
	copy(point.Pix, whole.Pix)
	for y := 90; y < 100; y++ {
		for x := 108; x < 118; x++ {
			point.Pix[y*point.Stride+x] = 0
		}
	}
	box := takeApart(t, whole).Digits[3].Box
	half := whole.SubImage(image.Rect(0, 0, (box[0]+box[2])/2, whole.Rect.Dy())).(*image.Gray)
	net := biased(7)
	for _, c := range []struct {
		name    string
		picture image.Image
		want    string
	}{
		{"as it is", whole, ""},
		{"with a point", point, "left out: 1 mark too small for a digit"},
		{"half a digit", half, "number 4: at the edge of the picture"},
	} {
		r := takeApart(t, c.picture)
		if err := r.read(net); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(r.Warnings, "\n")
		if len(r.Digits) != 4 || !strings.Contains(got, c.want) || c.want == "" && (strings.Contains(got, "left out") || strings.Contains(got, "edge")) {
			t.Errorf("%s: %d digits, warnings %q; want 4, %q", c.name, len(r.Digits), got, c.want)
		}
	}
}

// TestBoxColours: the box of a digit of which the network is less than half sure is
// orange; its name stands below where there is no room above.
func TestBoxColours(t *testing.T) {
	green, orange := color.RGBA{0, 140, 60, 255}, color.RGBA{220, 90, 0, 255}
	for _, c := range []struct {
		confidence float64
		top        int
		pen        color.RGBA
		from, to   int // rows of the name
	}{
		{0.5, 18, green, 10, 15},
		{0.49, 18, orange, 10, 15},
		{0.9, 8, green, 0, 5},
		{0.9, 7, green, 20, 25},
	} {
		p := &page{width: 60, height: 60, reduced: 1, grey: slices.Repeat([]byte{255}, 3600)}
		r := &pageReading{page: p, Digits: []readDigit{{Digit: 8, Confidence: c.confidence, Box: [4]int{20, c.top, 30, c.top + 10}}}}
		img := r.boxed()
		box := image.Rect(18, c.top-2, 32, c.top+12)
		rows := image.Rectangle{}
		for y := range 60 {
			for x := range 60 {
				if img.At(x, y) != (color.RGBA{255, 255, 255, 255}) && !image.Pt(x, y).In(box) {
					rows = rows.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if img.At(18, c.top) != c.pen || rows.Min.X != 18 || rows.Min.Y != c.from || rows.Max.Y != c.to {
			t.Errorf("%+v: box %v, name at %v", c, img.At(18, c.top), rows)
		}
	}
}

// TestLines: each output has its bar beside the image, below the heading.
func TestLines(t *testing.T) {
	g := &readDigit{Digit: 3, Confidence: 0.8, image: make([]byte, digitSide*digitSide), Outputs: []float64{0, 0.1, 0.2, 0.8, 0.3, 0.4, 0.5, 0.6, 0.7, 1}}
	lines, bars := g.lines(newScreen(io.Discard), Unit, 0), g.bars(Unit, 6)
	if len(bars) != 10 || lines[0] != g.heading(0) {
		t.Fatalf("%d bars, heading %q", len(bars), lines[0])
	}
	for j, bar := range bars {
		if !strings.HasSuffix(lines[j+2], bar) {
			t.Errorf("line %d is %q, want the bar %q", j+2, lines[j+2], bar)
		}
	}
}

// TestBarsOfMany: of more than ten classes the ten strongest have bars, the strongest
// first.
func TestBarsOfMany(t *testing.T) {
	g := &readDigit{Outputs: make([]float64, 12)}
	for j := range g.Outputs {
		g.Outputs[j] = float64(j) / 20
	}
	bars := g.bars(&Encoding{Name: "unit", Outputs: 12}, 6)
	if len(bars) != 10 || !strings.HasPrefix(bars[0], "11 0.55 ") || !strings.HasPrefix(bars[9], "2  0.10") {
		t.Errorf("%q", bars)
	}
}
