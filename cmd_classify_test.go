package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
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
