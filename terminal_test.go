package main

import (
	"image"
	"io"
	"testing"
	"time"
	"unicode"
)

// TestTimeLeft: the rest takes as much longer than what was done since the first
// look as it is larger; what was done before that look took none of the time.
func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		elapsed     time.Duration
		first, done float64
		want        time.Duration
	}{
		{10 * time.Second, 0, 0.5, 10 * time.Second},
		{10 * time.Second, 0, 0.25, 30 * time.Second},
		{10 * time.Second, 0.5, 0.75, 10 * time.Second},
		{10 * time.Second, 0.5, 0.6, 40 * time.Second},
		{1400 * time.Millisecond, 0.25, 0.5, 3 * time.Second},
		{time.Minute, 0.2, 1, 0},
	} {
		if got := timeLeft(c.elapsed, c.first, c.done); got != c.want {
			t.Errorf("timeLeft(%v, %v, %v) = %v, want %v", c.elapsed, c.first, c.done, got, c.want)
		}
	}
}

// TestPrintable: of the characters that no terminal may get none passes, letters and
// signs of any script do.
func TestPrintable(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		bad := unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r >= 0xd800 && r < 0xe000
		if got := printable(string(r)); (got == "\ufffd") != (bad || r == '\ufffd') || !bad && got != string(r) {
			t.Errorf("%U becomes %q", r, got)
		}
	}
	if got := printable("a\x9bb\u202ec é日"); got != "a\ufffdb\ufffdc é日" {
		t.Errorf("%q", got)
	}
}

// TestHalfBlocks: a pixel is dark below the threshold.
func TestHalfBlocks(t *testing.T) {
	s := newScreen(io.Discard)
	dark, light := s.threshold-1, s.threshold
	for _, c := range []struct {
		upper, lower byte
		want         string
	}{{dark, dark, "█"}, {dark, light, "▀"}, {light, dark, "▄"}, {light, light, " "}} {
		img := &image.Gray{Pix: []byte{c.upper, c.lower}, Stride: 1, Rect: image.Rect(0, 0, 1, 2)}
		if got := s.halfBlocks(img); len(got) != 1 || got[0] != c.want {
			t.Errorf("%d over %d: %q, want %q", c.upper, c.lower, got, c.want)
		}
	}
}
