package main

import (
	"image"
	"slices"
	"testing"
)

// levelsOf returns an image of w×h pixels with the given level in some rectangles.
func levelsOf(w, h int, level byte, rectangles ...image.Rectangle) []byte {
	levels := make([]byte, w*h)
	for _, r := range rectangles {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				levels[y*w+x] = level
			}
		}
	}
	return levels
}

// TestRunsAlong: a line may have small gaps and ink of a row beside it, and is no rule
// where most of it is thick.
func TestRunsAlong(t *testing.T) {
	const w, h, size = 60, 40, 24 // gaps of two columns, thin ink of six rows
	type run struct{ from, to, thick int }
	for _, c := range []struct {
		name     string
		ink      []image.Rectangle
		shortest int
		want     []run
	}{
		{"two rows", []image.Rectangle{image.Rect(5, 10, 30, 12)}, 25, []run{{5, 30, 2}}},
		{"too short", []image.Rectangle{image.Rect(5, 10, 30, 12)}, 26, nil},
		{"a small gap", []image.Rectangle{image.Rect(5, 10, 12, 11), image.Rect(14, 11, 30, 12)}, 8, []run{{5, 30, 1}}},
		{"a gap", []image.Rectangle{image.Rect(5, 10, 12, 11), image.Rect(15, 10, 30, 11)}, 7, []run{{5, 12, 1}, {15, 30, 1}}},
		{"a gap, and too short before it", []image.Rectangle{image.Rect(5, 10, 12, 11), image.Rect(15, 10, 30, 11)}, 8, []run{{15, 30, 1}}},
		{"two rows away", []image.Rectangle{image.Rect(5, 12, 30, 13)}, 8, nil},
		{"thick", []image.Rectangle{image.Rect(5, 10, 30, 17)}, 8, nil},
		{"as thick as thin ink may be", []image.Rectangle{image.Rect(5, 10, 30, 16)}, 8, []run{{5, 30, 6}}},
		{"half of it thick", []image.Rectangle{image.Rect(5, 10, 15, 17), image.Rect(15, 10, 25, 11)}, 8, []run{{5, 25, 1}}},
		{"more than half of it thick", []image.Rectangle{image.Rect(5, 10, 16, 17), image.Rect(16, 10, 25, 11)}, 8, nil},
	} {
		f := newRuleFinder(levelsOf(w, h, 1, c.ink...), w, size)
		var got []run
		for _, r := range f.runsAlong(inkRule{y0: 10}, c.shortest) {
			got = append(got, run{r.from, r.to, r.thick})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestRuleRow: a rule is at row y0 + slope·x, rounded.
func TestRuleRow(t *testing.T) {
	for _, c := range []struct {
		r    inkRule
		x    int
		want int
	}{{inkRule{y0: 2.25, slope: 0.5}, 3, 4}, {inkRule{y0: 2.25, slope: -0.5}, 3, 1}, {inkRule{y0: 2.25}, 3, 2}} {
		if got := c.r.row(c.x); got != c.want {
			t.Errorf("%+v: row %d at column %d, want %d", c.r, got, c.x, c.want)
		}
	}
}

// TestKeptRules: a line is a rule by its length, by its length and its thinness, or as
// one of two sides of a box.
func TestKeptRules(t *testing.T) {
	const size = 20
	line := func(y0, from, to, thick int) inkRule {
		return inkRule{y0: float64(y0), from: from, to: to, thick: thick}
	}
	sides := []inkRule{line(10, 10, 40, 5), line(40, 10, 40, 5)}
	for _, c := range []struct {
		name            string
		lines, crossing []inkRule
		want            int
	}{
		{"four times as long", []inkRule{line(0, 5, 85, 10)}, nil, 1},
		{"shorter", []inkRule{line(0, 5, 84, 10)}, nil, 0},
		{"twice as long and thin", []inkRule{line(0, 5, 45, 2)}, nil, 1},
		{"twice as long and thick", []inkRule{line(0, 5, 45, 3)}, nil, 0},
		{"thin and shorter", []inkRule{line(0, 5, 44, 2)}, nil, 0},
		{"a box", sides, sides, 2},
		{"a box that is open at an end", sides, sides[:1], 0},
		{"a box that is open at its beginning", sides, sides[1:], 0},
		{"sides of two lengths", []inkRule{line(10, 10, 40, 5), line(40, 10, 43, 5)}, sides, 0},
		{"sides close together", []inkRule{line(10, 10, 40, 5), line(19, 10, 40, 5)}, sides, 0},
	} {
		if got := keptRules(c.lines, c.crossing, size); len(got) != c.want {
			t.Errorf("%s: %d rules, want %d", c.name, len(got), c.want)
		}
	}
}

// TestEraseThick: a part of a rule that is thicker than the rest goes where it is
// longer than a digit is high; what crosses it stays.
func TestEraseThick(t *testing.T) {
	const w, h, size = 60, 30, 20
	rule := inkRule{y0: 10, from: 5, to: 55, thick: 2}
	for _, c := range []struct {
		name string
		ink  []image.Rectangle
		left []image.Rectangle
	}{
		{"seven rows", []image.Rectangle{image.Rect(10, 8, 37, 15)}, nil},
		{"nine rows to the end", []image.Rectangle{image.Rect(25, 8, 55, 17)}, nil},
		{"too short", []image.Rectangle{image.Rect(10, 8, 36, 15)}, []image.Rectangle{image.Rect(10, 8, 36, 15)}},
		{"too thick", []image.Rectangle{image.Rect(10, 8, 37, 18)}, []image.Rectangle{image.Rect(10, 8, 37, 18)}},
		{"a stroke across", []image.Rectangle{image.Rect(10, 8, 37, 15), image.Rect(20, 2, 22, 25)}, []image.Rectangle{image.Rect(20, 2, 22, 25)}},
		{"a gap", []image.Rectangle{image.Rect(10, 8, 24, 15), image.Rect(27, 8, 40, 15)}, nil},
	} {
		got := levelsOf(w, h, 200, c.ink...)
		eraseThick(got, w, &rule, size, 100)
		if want := levelsOf(w, h, 200, c.left...); !slices.Equal(got, want) {
			t.Errorf("%s: not what is wanted is left", c.name)
		}
	}
}

// TestEraseRules: rules across and down are taken away, and counted.
func TestEraseRules(t *testing.T) {
	const w, h = 120, 100
	for _, c := range []struct {
		name string
		ink  []image.Rectangle
		want int
	}{
		{"across", []image.Rectangle{image.Rect(0, 40, w, 42)}, 1},
		{"down", []image.Rectangle{image.Rect(50, 0, 52, h)}, 1},
		{"none", nil, 0},
	} {
		p := &page{width: w, height: h, size: 20, foreground: levelsOf(w, h, 200, c.ink...), floor: slices.Repeat([]byte{50}, w*h)}
		p.eraseRules()
		if p.rules != c.want || slices.Max(p.foreground) != 0 {
			t.Errorf("%s: %d rules, foreground of up to %d left", c.name, p.rules, slices.Max(p.foreground))
		}
	}
}
