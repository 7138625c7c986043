package main

import (
	"image"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestCheapestCut: of the ways to cut a component the one is taken whose digits cost
// least together, in their order; a component that is narrow for two digits stays
// whole the sooner, the more others stand apart.
func TestCheapestCut(t *testing.T) {
	piece := func(digit, width int, confidence float64) readDigit {
		d := &component{box: image.Rect(0, 0, width, 40), area: 40 * width}
		return readDigit{Digit: digit, Confidence: confidence, Outputs: make([]float64, 10), whole: d}
	}
	three := []readDigit{piece(4, 20, 0.99), piece(0, 40, 1e-9), piece(0, 60, 1e-9), piece(5, 20, 0.99), piece(0, 40, 1e-9), piece(6, 20, 0.99)}
	one := []readDigit{piece(4, 20, 1e-9), piece(0, 40, 0.99), piece(0, 60, 1e-9), piece(5, 20, 1e-9), piece(0, 40, 1e-9), piece(6, 20, 0.99)}
	two := func(whole float64) []readDigit {
		return []readDigit{piece(1, 20, 0.99), piece(0, 40, whole), piece(1, 20, 0.99)}
	}
	for _, c := range []struct {
		pieces []readDigit
		n      int
		narrow int // other digits of the page
		want   []int
	}{
		{three, 3, 0, []int{4, 5, 6}},
		{one, 3, 0, []int{0, 6}},
		{two(0.7), 2, 0, []int{0}},
		{two(0.4), 2, 0, []int{1, 1}},
		{two(0.2), 2, 2, []int{0}},
		{two(0.15), 2, 2, []int{1, 1}},
		{two(0.01), 2, 6, []int{0}},
		{two(0.005), 2, 20, []int{1, 1}},
	} {
		r := &pageReading{page: &page{size: 40}}
		for range c.narrow {
			r.Digits = append(r.Digits, piece(1, 51, 1))
		}
		r.Digits = append(r.Digits, piece(0, 52, 1)) // too wide to count
		var got []int
		for _, g := range r.cheapestCut(slices.Clone(c.pieces), c.n, 7) {
			got = append(got, g.Digit)
			if g.line != 7 || g.cut != (len(c.want) > 1) {
				t.Errorf("want %v: line %d, cut %v", c.want, g.line, g.cut)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d digits stand apart: %v, want %v", c.narrow, got, c.want)
		}
	}
}

// TestCutCost: a piece costs the logarithm of the network's confidence, a fifth of its
// squared deviation from the usual shape of its digit, a fifth of the ink at its cut,
// and more where it is lower than six tenths of the digits.
func TestCutCost(t *testing.T) {
	r := &pageReading{page: &page{size: 40}}
	for _, c := range []struct {
		digit, width, height, outputs int
		confidence, joint             float64
		want                          float64
	}{
		{0, 20, 40, 10, 0.5, 0, math.Ln2 + 0.2*math.Pow((-math.Ln2+0.12)/0.22, 2)},
		{0, 40, 20, 10, 0.5, 0, math.Ln2 + 0.2*math.Pow((math.Ln2+0.12)/0.22, 2) + 1},
		{1, 20, 40, 10, 1, 3, 0.2*math.Pow((-math.Ln2+0.97)/0.49, 2) + 0.6},
		{1, 20, 40, 26, 1, 0, 0.2 * math.Pow((-math.Ln2+0.33)/0.38, 2)}, // a letter
		{0, 24, 24, 10, 1, 0, 0.2 * math.Pow(0.12/0.22, 2)},
		{0, 24, 24, 10, 0, 0, 9*math.Ln10 + 0.2*math.Pow(0.12/0.22, 2)},
	} {
		d := &component{box: image.Rect(0, 0, c.width, c.height), area: 100}
		g := readDigit{Digit: c.digit, Confidence: c.confidence, Outputs: make([]float64, c.outputs), whole: d, joint: c.joint}
		if got := r.cutCost(&g); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if got := r.cutCost(&readDigit{whole: &component{}}); !math.IsInf(got, 1) {
		t.Errorf("nothing costs %v", got)
	}
}

// TestDoubts: each way in which a digit may be doubtful has its limit.
func TestDoubts(t *testing.T) {
	const side, sure = 400, 0.9
	digit := func(x, y, w, h int, confidence float64) readDigit {
		return readDigit{Box: [4]int{x, y, x + w, y + h}, Confidence: confidence}
	}
	others := []readDigit{digit(300, 300, 10, 20, sure), digit(330, 300, 10, 20, sure), digit(360, 300, 10, 20, sure)}
	for _, c := range []struct {
		g    readDigit
		want string // how the warning begins
	}{
		{digit(50, 50, 10, 20, sure), ""},
		{digit(50, 50, 41, 20, sure), "wider than any digit"},
		{digit(50, 50, 40, 20, 0.8), ""},
		{digit(50, 50, 40, 20, 0.79), "as wide as two digits"},
		{digit(50, 50, 20, 20, 0.79), ""},
		{digit(50, 50, 5, 7, sure), "less than 8 pixels high"},
		{digit(50, 50, 5, 8, sure), ""},
		{digit(50, 50, 8, 7, sure), ""},
		{digit(50, 50, 21, 45, sure), "more than twice as high as most"},
		{digit(50, 50, 21, 44, sure), ""},
		{digit(50, 50, 20, 45, sure), ""},
		{digit(0, 50, 10, 20, sure), "at the edge of the picture"},
		{digit(50, 380, 10, 20, sure), "at the edge of the picture"},
		{digit(50, 50, 10, 20, 0.49), "the network is not sure"},
		{digit(50, 50, 10, 20, 0.5), ""},
		{digit(297, 300, 10, 20, sure), "the boxes overlap"},
		{digit(294, 300, 10, 20, sure), "the boxes overlap"},
		{digit(293, 300, 10, 20, sure), ""},
	} {
		r := &pageReading{page: &page{width: side, height: side, reduced: 1}, Digits: append(slices.Clone(others), c.g)}
		got := ""
		for _, warning := range readingWarnings {
			if warning.test(r, len(others)) {
				got += warning.text
			}
		}
		if got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%v, confidence %v: %q, want %q", c.g.Box, c.g.Confidence, got, c.want)
		}
	}
}
