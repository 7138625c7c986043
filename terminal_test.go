package main

import (
	"testing"
	"time"
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
