package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// mustExpand is ParseExpansion for lists that are right.
func mustExpand(tb testing.TB, list string) Expansion {
	tb.Helper()
	e, err := ParseExpansion(list)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// TestParseExpansion: names are read in their order, and a wrong one is
// answered with those that are right.
func TestParseExpansion(t *testing.T) {
	for _, c := range []struct{ list, want string }{
		{"none", "none"}, {"shift", "shift"}, {"rotate", "rotate"}, {"elastic", "elastic"},
		{"elastic,shift", "elastic,shift"}, {"rotate, shift ,rotate", "rotate,shift,rotate"},
		{"elastic:alpha=34:sigma=4,rotate:15,shift:1", "elastic,rotate,shift"}, {"elastic:sigma=4", "elastic"},
		{"elastic:alpha=40:sigma=5.5", "elastic:alpha=40:sigma=5.5"}, {"elastic:sigma=5:alpha=34", "elastic:sigma=5"},
		{"scale:percent=15", "scale"}, {"scale:12.5", "scale:12.5"}, {"rotate:7.5, shift:2", "rotate:7.5,shift:2"}, {"rotate:degrees=0,shift:pixels=3", "rotate:0,shift:3"},
	} {
		if e, err := ParseExpansion(c.list); err != nil || e.String() != c.want {
			t.Errorf("ParseExpansion(%q) = %v, %v, want %s", c.list, e, err, c.want)
		}
	}
	for _, c := range []struct{ list, wrong string }{
		{"", `""`}, {"shift,", `""`}, {"Shift", `"Shift"`}, {"shift,skew", `"skew"`}, {"none,shift", `"none"`}, {"shift,none", `"none"`},
	} {
		e, err := ParseExpansion(c.list)
		if e != nil || err == nil {
			t.Errorf("ParseExpansion(%q) = %v, %v, want an error", c.list, e, err)
			continue
		}
		for _, part := range []string{c.wrong + " is", "none alone", "shift, rotate, elastic, scale"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("ParseExpansion(%q): %v; does not say %s", c.list, err, part)
			}
		}
	}
}

// TestParseStrengths: a strength that is wrong is answered with what it must be.
func TestParseStrengths(t *testing.T) {
	for list, want := range map[string]string{
		"elastic:alpha=-1":         `"elastic:alpha=-1": alpha must be a number from 0 to 1000`,
		"shift, elastic:sigma=0.4": `"elastic:sigma=0.4": sigma must be a number from 0.5 to 20`,
		"elastic:sigma=NaN":        `"elastic:sigma=NaN": sigma must be a number from 0.5 to 20`,
		"elastic:beta=1":           `"elastic:beta=1": "beta=1" is no strength of elastic; it must be like elastic:alpha=34:sigma=4`,
		"elastic:34":               `"elastic:34": "34" is no strength of elastic; it must be like elastic:alpha=34:sigma=4`,
		"elastic:alpha":            `"elastic:alpha": alpha must be a number from 0 to 1000`,
		"elastic:":                 `"elastic:": "" is no strength of elastic; it must be like elastic:alpha=34:sigma=4`,
		"elastic:alpha=2:alpha=3":  `"elastic:alpha=2:alpha=3": alpha is given twice`,
		"rotate:":                  `"rotate:": degrees must be a number from 0 to 180`,
		"rotate:181":               `"rotate:181": degrees must be a number from 0 to 180`,
		"rotate:10:11":             `"rotate:10:11": degrees is given twice`,
		"rotate:angle=3":           `"rotate:angle=3": "angle=3" is no strength of rotate; it must be like rotate:15`,
		"shift:1.5":                `"shift:1.5": pixels must be a whole number from 1 to 100`,
		"scale:91":                 `"scale:91": percent must be a number from 0 to 90`,
		"shift:0":                  `"shift:0": pixels must be a whole number from 1 to 100`,
		"none:1":                   `"none:1" is no expansion; it must be none alone, or a comma-separated list of shift, rotate, elastic, scale`,
	} {
		if e, err := ParseExpansion(list); e != nil || err == nil || err.Error() != want {
			t.Errorf("ParseExpansion(%q) = %v, %v, want %s", list, e, err, want)
		}
	}
}

// noise returns an image whose pixels have nothing to do with each other.
func noise(height, width int, r *MersenneTwister) []byte {
	pixels := make([]byte, height*width)
	for i := range pixels {
		pixels[i] = byte(r.Uint32())
	}
	return pixels
}

// rolled returns the images that expand_mnist.py makes of one, index by index
// as np.roll does it, and the image itself before them.
func rolled(src []byte, height, width int) [5][]byte {
	images := [5][]byte{src}
	for i, move := range []struct{ d, axis, first, last int }{
		{1, 0, 0, -1}, {-1, 0, height - 1, -1}, {1, 1, -1, 0}, {-1, 1, -1, width - 1},
	} {
		rolled := make([]byte, len(src))
		for j := range height {
			for k := range width {
				j2, k2 := (j+height+move.d)%height, k
				if move.axis == 1 {
					j2, k2 = j, (k+width+move.d)%width
				}
				if j2 != move.first && k2 != move.last {
					rolled[j2*width+k2] = src[j*width+k]
				}
			}
		}
		images[i+1] = rolled
	}
	return images
}

// TestShift: int(5 random()) says which of the images of expand_mnist.py comes
// out, and each comes out as often as the others.
func TestShift(t *testing.T) {
	e := mustExpand(t, "shift")
	r, twin := NewNumPyRandom(1), NewNumPyRandom(1)
	for _, size := range [][2]int{{1, 1}, {1, 5}, {5, 1}, {3, 4}, {28, 28}} {
		height, width := size[0], size[1]
		src := noise(height, width, NewNumPyRandom(2))
		want := rolled(src, height, width)
		c, dst := newWarper(height, width), make([]byte, len(src))
		var count [5]int
		for range 1000 {
			e.Draw(dst, src, c, r)
			i := int(5 * twin.Float64())
			count[i]++
			if !bytes.Equal(dst, want[i]) {
				t.Fatalf("%d×%d, shift %d:\n%v, want\n%v", height, width, i, dst, want[i])
			}
		}
		if slices.Min(count[:]) < 150 || slices.Max(count[:]) > 250 {
			t.Errorf("the five shifts of 1000 images came %v times", count)
		}
	}
}

// TestShiftFar: a shift of up to N pixels has 1+4N images, all with the same
// chance; white comes in, and nothing is left of an image shifted out of itself.
func TestShiftFar(t *testing.T) {
	const height, width, most = 4, 3, 5
	e, c, dst := mustExpand(t, "shift:5"), newWarper(height, width), make([]byte, height*width)
	src, r := bytes.Repeat([]byte{1}, height*width), NewNumPyRandom(1)
	for i := range src {
		src[i] += byte(i)
	}
	count := map[string]int{}
	for range 4200 {
		e.Draw(dst, src, c, r)
		count[string(dst)]++
	}
	for _, move := range []struct{ down, right int }{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		for n := range most + 1 {
			want, left := make([]byte, len(src)), false
			for j := range height {
				for k := range width {
					if j2, k2 := j-n*move.down, k-n*move.right; j2 >= 0 && j2 < height && k2 >= 0 && k2 < width {
						want[j*width+k], left = src[j2*width+k2], true
					}
				}
			}
			if got := count[string(want)]; left && (got < 140 || got > 260) {
				t.Errorf("by %d down, %d right: %d of 4200 images, want 200", n*move.down, n*move.right, got)
			}
		}
	}
	if white := count[string(make([]byte, len(src)))]; white < 1800 || white > 2200 || len(count) != 12 {
		t.Errorf("%d images, %d of them white, want 12 with 2000 (10 of 21 shifts) white", len(count), white)
	}
}

// rotated returns the rotation of mnist.py: plot_rotated_image about column x0
// and row y0, without its factor 1.3 and with white around the image.
func rotated(src []byte, height, width int, degrees, x0, y0 float64) []float64 {
	value := func(x, y float64) float64 {
		j, k := int(math.Round(-y+y0)), int(math.Round(x+x0))
		if j < 0 || j >= height || k < 0 || k >= width {
			return 0
		}
		return float64(src[j*width+k])
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	dst := make([]float64, len(src))
	for j := range height {
		for k := range width {
			x, y := float64(k)-x0, -float64(j)+y0
			x1, y1 := cos*x+sin*y, -sin*x+cos*y
			x2, y2 := math.Floor(x1+x0)-x0, math.Floor(y1-y0)+y0
			dx, dy := x1-x2, y1-y2
			dst[j*width+k] = (1-dx)*(1-dy)*value(x2, y2) + (1-dx)*dy*value(x2, y2+1) +
				dx*(1-dy)*value(x2+1, y2) + dx*dy*value(x2+1, y2+1)
		}
	}
	return dst
}

// moments returns the ink of an image, black counting 1, and the direction of
// its principal axis in degrees, counter-clockwise from the x axis.
func moments[T byte | float64](pixels []T, width int) (ink, axis float64) {
	var mx, my, xx, xy, yy float64
	for i, v := range pixels {
		m, x, y := float64(v)/256, float64(i%width), -float64(i/width)
		ink, mx, my = ink+m, mx+m*x, my+m*y
		xx, xy, yy = xx+m*x*x, xy+m*x*y, yy+m*y*y
	}
	mx, my = mx/ink, my/ink
	return ink, math.Atan2(2*(xy/ink-mx*my), xx/ink-mx*mx-(yy/ink-my*my)) / 2 * 180 / math.Pi
}

// rotate sets dst to an image rotated.
func rotate(c *warper, dst, src []byte, degrees float64) {
	c.load(src)
	c.rotate(degrees)
	c.sample(dst)
}

// TestRotate holds rotations against those of mnist.py, on digits, and on
// noise and on black up to the border, where white comes in.
func TestRotate(t *testing.T) {
	type picture struct {
		height, width int
		pixels        []byte
	}
	pictures := []picture{
		{1, 1, []byte{255}}, {28, 28, bytes.Repeat([]byte{255}, 784)},
		{5, 9, noise(5, 9, NewNumPyRandom(1))}, {28, 28, noise(28, 28, NewNumPyRandom(2))},
	}
	for i := range 10 {
		pictures = append(pictures, picture{28, 28, mnist().training.Image(i)})
	}
	for _, p := range pictures {
		c, dst := newWarper(p.height, p.width), make([]byte, len(p.pixels))
		for _, degrees := range []float64{0, 0.1, 15, -15, 7.3, 45, -100, 179} {
			rotate(c, dst, p.pixels, degrees)
			want := rotated(p.pixels, p.height, p.width, degrees, float64(p.width-1)/2, float64(p.height-1)/2)
			for i := range dst {
				if math.Abs(float64(dst[i])-want[i]) > 0.5+1e-9 {
					t.Fatalf("%d×%d by %v°: pixel %d = %d, want %v", p.height, p.width, degrees, i, dst[i], want[i])
				}
			}
		}
	}
}

// TestRotateExactly: no turn, half a turn and quarter turns only move pixels;
// a quarter turn to the left brings the right edge to the top.
func TestRotateExactly(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 28} {
		src, dst, want := noise(n, n, NewNumPyRandom(1)), make([]byte, n*n), make([]byte, n*n)
		c := newWarper(n, n)
		for degrees, from := range map[float64]func(j, k int) int{
			0:    func(j, k int) int { return j*n + k },
			90:   func(j, k int) int { return k*n + n - 1 - j },
			-90:  func(j, k int) int { return (n-1-k)*n + j },
			180:  func(j, k int) int { return (n-1-j)*n + n - 1 - k },
			-180: func(j, k int) int { return (n-1-j)*n + n - 1 - k },
		} {
			for i := range want {
				want[i] = src[from(i/n, i%n)]
			}
			if rotate(c, dst, src, degrees); !bytes.Equal(dst, want) {
				t.Errorf("%d×%d by %v°: %v, want %v", n, n, degrees, dst, want)
			}
		}
	}
}

// inside says whether an image of 28×28 has all its ink so near to the middle
// that none leaves it in a rotation.
func inside(pixels []byte) bool {
	for i, v := range pixels {
		if v > 0 && math.Hypot(float64(i/28)-13.5, float64(i%28)-13.5) > 13.5 {
			return false
		}
	}
	return true
}

// TestRotateAxis: the principal axis of a digit turns by the angle, to the
// left for positive ones; the ink stays.
func TestRotateAxis(t *testing.T) {
	d := mnist().training
	c, dst, digits := newWarper(28, 28), make([]byte, 784), 0
	for i := range 200 {
		if !inside(d.Image(i)) {
			continue
		}
		digits++
		ink, axis := moments(d.Image(i), 28)
		for _, degrees := range []float64{15, -15, 4} {
			rotate(c, dst, d.Image(i), degrees)
			ink2, axis2 := moments(dst, 28)
			if math.Abs(ink2/ink-1) > 0.003 {
				t.Errorf("image %d by %v°: ink %.2f, want %.2f", i, degrees, ink2, ink)
			}
			if turn := math.Remainder(axis2-axis, 180); math.Abs(turn-degrees) > 0.4 {
				t.Errorf("image %d by %v°: its axis turns by %.2f°", i, degrees, turn)
			}
		}
	}
	if digits < 150 {
		t.Errorf("only %d of 200 images measured", digits)
	}
}

// TestRotateAngles: the angles of an expansion are spread evenly from -15° to
// 15°, a third of them in each third.
func TestRotateAngles(t *testing.T) {
	five := mnist().training.Image(0)
	_, axis := moments(five, 28)
	e, c, dst, r := mustExpand(t, "rotate"), newWarper(28, 28), make([]byte, 784), NewNumPyRandom(1)
	var thirds [3]int
	least, most := 0.0, 0.0
	for range 900 {
		e.Draw(dst, five, c, r)
		_, turned := moments(dst, 28)
		degrees := math.Remainder(turned-axis, 180)
		thirds[min(max(int((degrees+15)/10), 0), 2)]++
		least, most = min(least, degrees), max(most, degrees)
	}
	if slices.Min(thirds[:]) < 250 || slices.Max(thirds[:]) > 350 || math.Abs(least+15) > 0.1 || math.Abs(most-15) > 0.1 {
		t.Errorf("900 angles from %.2f° to %.2f°, %v in the thirds; want -15° to 15°, 300 each", least, most, thirds)
	}
}

// TestRotateBack: by 15° and back again is nearly the image itself, as nearly
// as two interpolations allow, and not by 15° twice.
func TestRotateBack(t *testing.T) {
	d := mnist().training
	c, there, back := newWarper(28, 28), make([]byte, 784), make([]byte, 784)
	distance := func(a, b []byte) (sum float64) {
		for i := range a {
			sum += math.Abs(float64(a[i]) - float64(b[i]))
		}
		return sum
	}
	for i := range 100 {
		rotate(c, there, d.Image(i), 15)
		rotate(c, back, there, -15)
		if near, far := distance(back, d.Image(i)), distance(there, d.Image(i)); near > 0.7*far {
			t.Errorf("image %d: changed by %v there and back, by %v there", i, near, far)
		}
	}
}

// TestElastic holds an elastic distortion against its definition: a Gaussian
// in two dimensions over displacements, on awkward sizes also.
func TestElastic(t *testing.T) {
	for _, c0 := range []struct {
		list          string
		height, width int
		alpha, sigma  float64
	}{
		{"elastic", 1, 1, 34, 4}, {"elastic", 3, 5, 34, 4}, {"elastic", 30, 7, 34, 4}, {"elastic", 28, 28, 34, 4},
		{"elastic:alpha=80:sigma=6", 28, 28, 80, 6}, {"elastic:sigma=0.5", 28, 28, 34, 0.5}, {"elastic:alpha=3:sigma=2.2", 9, 30, 3, 2.2},
	} {
		height, width, reach := c0.height, c0.width, 3*int(math.Ceil(c0.sigma))
		src := noise(height, width, NewNumPyRandom(1))
		c, dst := newWarper(height, width), make([]byte, len(src))
		mustExpand(t, c0.list).Draw(dst, src, c, NewNumPyRandom(2))

		r, field := NewNumPyRandom(2), make([]struct{ x, y float64 }, len(src))
		for i := range field {
			field[i].x = (float64(r.Uint32())+0.5)/(1<<31) - 1
			field[i].x -= math.Copysign(1, field[i].x) // as a signed number
			field[i].y = (float64(r.Uint32())+0.5)/(1<<31) - 1
			field[i].y -= math.Copysign(1, field[i].y)
		}
		for i := range field {
			j, k := i/width, i%width
			var x, y, sum float64
			for dj := -reach; dj <= reach; dj++ {
				for dk := -reach; dk <= reach; dk++ {
					weight := math.Exp(-float64(dj*dj+dk*dk) / (2 * c0.sigma * c0.sigma))
					f := field[(j+dj+reach*height)%height*width+(k+dk+reach*width)%width]
					x, y, sum = x+weight*f.x, y+weight*f.y, sum+weight
				}
			}
			x, y = float64(k)+c0.alpha*x/sum, float64(j)+c0.alpha*y/sum
			if got := c.from[2*i:][:2]; math.Abs(got[0]-x) > 1e-9 || math.Abs(got[1]-y) > 1e-9 {
				t.Fatalf("%d×%d: pixel %d comes from %v, want %v, %v", height, width, i, got, x, y)
			}
			if want := bilinear(src, height, width, x, y); math.Abs(float64(dst[i])-want) > 0.5+1e-6 {
				t.Fatalf("%d×%d: pixel %d = %d, want %v", height, width, i, dst[i], want)
			}
		}
	}
}

// bilinear returns the grey at a point of an image: each pixel weighs as much
// as it is near, none from a distance of 1 on.
func bilinear(src []byte, height, width int, x, y float64) (grey float64) {
	for j := range height {
		for k := range width {
			grey += float64(src[j*width+k]) * max(0, 1-math.Abs(x-float64(k))) * max(0, 1-math.Abs(y-float64(j)))
		}
	}
	return grey
}

// TestElasticField: displacements have mean 0 and the spread that the
// smoothing of uniform numbers leaves, equally at the border and in the middle;
// those of near pixels resemble each other, as a Gaussian of σ = 4 has it;
// those in x and in y do not.
func TestElasticField(t *testing.T) {
	const images = 400
	c, dst, r := newWarper(28, 28), make([]byte, 784), NewNumPyRandom(1)
	elastic := mustExpand(t, "elastic")[0]
	squares := 0.0 // of the weights in one direction
	for t := -12; t <= 12; t++ {
		squares += math.Pow(elastic.gaussian[max(t, -t)], 2)
	}
	variance := 34 * 34 / 3.0 * squares * squares
	var mean, middle, border, lag4, lag8, cross float64
	for range images {
		c.load(dst)
		drawElastic(elastic, c, r)
		at := func(j, k int) (dx, dy float64) {
			from := c.from[(j*28+k)*2:]
			return from[0] - float64(k), from[1] - float64(j)
		}
		for i := range 28 {
			x, y := at(i, 14)
			x4, _ := at(i, 18)
			x8, _ := at(i, 22)
			b, _ := at(i, 0)
			mean += (x + y) / 2 / (28 * images)
			middle += x * x / (28 * images)
			border += b * b / (28 * images)
			lag4 += x * x4 / (28 * images) / variance
			lag8 += x * x8 / (28 * images) / variance
			cross += x * y / (28 * images) / variance
		}
	}
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{
		{"mean", mean, 0, 0.08},
		{"variance in the middle", middle, variance, 0.12 * variance},
		{"variance at the border", border, variance, 0.12 * variance},
		{"correlation of pixels 4 apart", lag4, math.Exp(-4 * 4 / 64.0), 0.1},
		{"correlation of pixels 8 apart", lag8, math.Exp(-8 * 8 / 64.0), 0.1},
		{"correlation of x and y", cross, 0, 0.1},
		{"standard deviation", math.Sqrt(variance), 1.39, 0.01},
	} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s: %.4f, want %.4f ± %.4f", c.name, c.got, c.want, c.tol)
		}
	}
}

// TestScale: width and height of a digit, as its ink spreads in both directions,
// are divided by the two numbers, and no more than asked for are drawn.
func TestScale(t *testing.T) {
	spread := func(pixels []byte) (x, y float64) {
		var ink, mx, my, xx, yy float64
		for i, grey := range pixels {
			m, k, j := float64(grey), float64(i%28), float64(i/28)
			ink, mx, my, xx, yy = ink+m, mx+m*k, my+m*j, xx+m*k*k, yy+m*j*j
		}
		return math.Sqrt(xx/ink - mx/ink*mx/ink), math.Sqrt(yy/ink - my/ink*my/ink)
	}
	d, c, dst := mnist().training, newWarper(28, 28), make([]byte, 784)
	for i := range 50 {
		wantX, wantY := spread(d.Image(i))
		c.load(d.Image(i))
		c.scale(1.25, 0.9)
		c.sample(dst)
		if x, y := spread(dst); math.Abs(x-wantX/1.25) > 0.2 || math.Abs(y-wantY/0.9) > 0.2 { // interpolation blurs
			t.Errorf("image %d spreads over %.3f and %.3f pixels, want %.3f and %.3f", i, x, y, wantX/1.25, wantY/0.9)
		}
	}
	e, r := mustExpand(t, "scale:20"), NewNumPyRandom(1)
	var thirds [2][3]int
	for range 900 {
		e.Draw(dst, d.Image(0), c, r)
		for axis, x := range c.from[:2] { // of the corner, 13.5 from the middle
			u := (1 - x/13.5 - 1) / 0.2
			if math.Abs(u) > 1+1e-12 {
				t.Fatalf("the corner comes from %v, further than 20 %%", x)
			}
			thirds[axis][min(int((u+1)*1.5), 2)]++
		}
	}
	for axis, n := range thirds {
		if slices.Min(n[:]) < 250 || slices.Max(n[:]) > 350 {
			t.Errorf("axis %d: %v of 900 in the thirds, want 300 each", axis, n)
		}
	}
}

// TestInk: no kind makes digits darker or lighter on the whole, and the elastic
// one makes no digit a blot or a dot.
func TestInk(t *testing.T) {
	d := mnist().training
	for kind, most := range map[string]float64{"shift": 1.03, "rotate": 1.03, "elastic": 2.5} {
		e, c, r, dst := mustExpand(t, kind), newWarper(28, 28), NewNumPyRandom(1), make([]byte, 784)
		mean := 0.0
		for i := range 500 {
			e.Draw(dst, d.Image(i), c, r)
			before, _ := moments(d.Image(i), 28)
			after, _ := moments(dst, 28)
			mean += after / before / 500
			if after > most*before || before > most*after {
				t.Errorf("%s: image %d had ink %.2f, has %.2f", kind, i, before, after)
			}
		}
		if math.Abs(mean-1) > 0.01 {
			t.Errorf("%s: the ink became %.4f of itself", kind, mean)
		}
	}
}

// TestDrawBits: the same seed gives the same bits on every architecture, of
// pixels and of the places where they come from; and an image does not depend
// on those that the warper drew before.
func TestDrawBits(t *testing.T) {
	d := mnist().training
	for kind, want := range map[string]string{
		"none":                 "fba17fa6b6003dc8",
		"shift":                "3be925271bab61ed",
		"rotate":               "537d6bcfe37643a7",
		"elastic":              "0e69b6d4ee41823c",
		"scale":                "7d771b1bd36baa16",
		"shift,rotate,elastic": "7e79ec185ecac9f1",
		"elastic,shift":        "b3910b2b44406cdc",
	} {
		e, c, r, dst := mustExpand(t, kind), newWarper(28, 28), NewNumPyRandom(12345678), make([]byte, 784)
		sum := sha256.New()
		for i := range 50 {
			before, again := *r, make([]byte, 784)
			e.Draw(dst, d.Image(i), c, r)
			if e.Draw(again, d.Image(i), newWarper(28, 28), &before); !bytes.Equal(dst, again) {
				t.Errorf("%s: image %d differs with a new warper", kind, i)
			}
			sum.Write(dst)
			c.places()
			if err := binary.Write(sum, binary.LittleEndian, c.from); err != nil {
				t.Fatal(err)
			}
		}
		if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); got != want {
			t.Errorf("%s: 50 images have the hash %s, want %s", kind, got, want)
		}
	}
}

// TestDrawWords: an image costs the same number of random words whatever is in
// it and whatever is drawn.
func TestDrawWords(t *testing.T) {
	const height, width = 6, 5
	for kind, words := range map[string]int{
		"none": 0, "shift": 2, "rotate": 2, "elastic": 2 * height * width, "scale": 4, "elastic,rotate,shift,scale": 8 + 2*height*width,
	} {
		e, c, dst := mustExpand(t, kind), newWarper(height, width), make([]byte, height*width)
		r, twin := NewNumPyRandom(1), NewNumPyRandom(1)
		for i, src := range [][]byte{make([]byte, 30), bytes.Repeat([]byte{255}, 30), noise(height, width, NewNumPyRandom(3)), dst} {
			for range 20 {
				e.Draw(dst, src, c, r)
				for range words {
					twin.Uint32()
				}
				if *r != *twin {
					t.Fatalf("%s: image %d does not cost %d words", kind, i, words)
				}
			}
		}
	}
}

// TestDrawOrder: a list is applied from its first name to its last, and the image
// sampled once: each pixel goes back through the last first, to a place from which
// it takes its grey. Of two rotations that is one by the sum of the angles.
func TestDrawOrder(t *testing.T) {
	five := mnist().training.Image(0)
	for _, list := range []string{"shift,rotate,elastic", "elastic,rotate,shift", "rotate,shift", "rotate,rotate", "scale,rotate,elastic", "rotate,scale"} {
		e, dst, random, twin := mustExpand(t, list), make([]byte, 784), NewNumPyRandom(4), NewNumPyRandom(4)
		e.Draw(dst, five, newWarper(28, 28), random)
		from, alone := slices.Clone(newWarper(28, 28).home), newWarper(28, 28)
		for _, d := range slices.Backward(e) {
			before := *twin
			alone.load(five)
			d.draw(d, alone, twin)
			alone.places()
			u := 2*before.Float64() - 1
			v := 2*before.Float64() - 1
			sin, cos := math.Sincos(15 * u * math.Pi / 180)
			for i := 0; i < len(from); i += 2 {
				x, y := from[i], from[i+1]
				switch d.name {
				case "rotate":
					from[i], from[i+1] = 13.5+cos*(x-13.5)-sin*(y-13.5), 13.5+sin*(x-13.5)+cos*(y-13.5)
				case "scale":
					from[i], from[i+1] = 13.5+(1+0.15*u)*(x-13.5), 13.5+(1+0.15*v)*(y-13.5)
				default:
					from[i], from[i+1] = x+alone.from[i]-alone.home[i], y+alone.from[i+1]-alone.home[i+1]
				}
			}
		}
		for i, grey := range dst {
			if want := bilinear(five, 28, 28, from[2*i], from[2*i+1]); math.Abs(float64(grey)-want) > 0.5+1e-6 {
				t.Fatalf("%s: pixel %d = %d, want %v", list, i, grey, want)
			}
		}
	}
}

// TestExpander: the variants of mini-batches are those that Draw makes of one image
// after the other with the same stream, with any number of cores.
func TestExpander(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	data := mnist().training
	for _, kind := range []string{"shift", "rotate", "elastic", "scale", "scale,elastic,rotate,shift"} {
		for _, cores := range []int{1, 2, 3} {
			runtime.GOMAXPROCS(cores)
			random, twin := NewPythonRandom(1), NewPythonRandom(1)
			e, c, want := newExpander(mustExpand(t, kind), data, random), newWarper(28, 28), make([]byte, 784)
			x := NewSparseMatrix(230, 784, &pixelValues)
			for _, m := range []int{10, 1, 230, 10} {
				x.setRows(m)
				var order []int32
				for i := range m {
					order = append(order, int32(100*m+7*i))
				}
				e.fill(x, data, order)
				for i, o := range order {
					e.expansion.Draw(want, data.Image(int(o)), c, twin)
					columns, pixels := appendNonzero(nil, nil, want)
					if row := x.Sparse[i]; !slices.Equal(row.Columns, columns) || !bytes.Equal(row.Bytes, pixels) {
						t.Fatalf("%s on %d cores, example %d of %d: %v, want %v", kind, cores, i, m, row, want)
					}
				}
				if *random != *twin {
					t.Fatalf("%s on %d cores: the stream stands elsewhere after %d images", kind, cores, m)
				}
			}
		}
	}
	if e := newExpander(mustExpand(t, "none"), data, NewPythonRandom(1)); e != nil {
		t.Errorf("an expander for nothing: %v", e)
	}
}

// TestSkipWords: to skip n words leaves the state that n draws leave, wherever the
// 624 words of a round begin and end.
func TestSkipWords(t *testing.T) {
	for _, drawn := range []int{0, 1, 623, 624, 625} {
		for _, n := range []int{0, 1, 2, 622, 623, 624, 625, 1247, 1248, 1249, 5000} {
			r := NewNumPyRandom(1)
			for range drawn {
				r.Uint32()
			}
			want := *r
			for range n {
				want.Uint32()
			}
			if skipWords(r, n); *r != want {
				t.Errorf("%d words skipped after %d: another state than after drawing them", n, drawn)
			}
		}
	}
}

// TestDrawPlace: Draw leaves src alone, works in place, allocates nothing, and
// refuses images of another size.
func TestDrawPlace(t *testing.T) {
	e, c, five := mustExpand(t, "shift,rotate,elastic"), newWarper(28, 28), mnist().training.Image(0)
	src, dst := slices.Clone(five), make([]byte, 784)
	e.Draw(dst, src, c, NewNumPyRandom(1))
	if !bytes.Equal(src, five) {
		t.Error("Draw changes src")
	}
	if e.Draw(src, src, c, NewNumPyRandom(1)); !bytes.Equal(src, dst) {
		t.Error("Draw in place gives another image")
	}
	r := NewNumPyRandom(1)
	if n := testing.AllocsPerRun(20, func() { e.Draw(dst, five, c, r) }); n != 0 {
		t.Errorf("Draw allocates %v times an image", n)
	}
	for _, size := range [][2]int{{783, 784}, {784, 783}, {784, 785}, {0, 0}} {
		func() {
			defer func() {
				want := fmt.Sprintf("expand: image of %d bytes from one of %d in a warper for 28×28", size[0], size[1])
				if got := recover(); got != want {
					t.Errorf("panic %v, want %s", got, want)
				}
			}()
			e.Draw(make([]byte, size[0]), make([]byte, size[1]), c, r)
		}()
	}
}

// BenchmarkExpansion measures one image of each kind.
func BenchmarkExpansion(b *testing.B) {
	d := mnist().training
	for _, kind := range []string{"none", "shift", "rotate", "elastic", "scale", "shift,rotate,elastic"} {
		b.Run("kind="+kind, func(b *testing.B) {
			e, c, r, dst := mustExpand(b, kind), newWarper(28, 28), NewNumPyRandom(1), make([]byte, 784)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				e.Draw(dst, d.Image(i), c, r)
				i = (i + 1) % d.Len()
			}
		})
	}
}

// BenchmarkExpander measures one epoch of variants, 50,000 images in mini-batches
// of 100, on all cores.
func BenchmarkExpander(b *testing.B) {
	d := mnist().training
	for _, kind := range []string{"shift", "rotate", "elastic", "scale", "scale,elastic,rotate,shift"} {
		b.Run("kind="+kind, func(b *testing.B) {
			e, x := newExpander(mustExpand(b, kind), d, NewPythonRandom(1)), NewSparseMatrix(100, 784, &pixelValues)
			order := make([]int32, d.Len())
			for i := range order {
				order[i] = int32(i)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := 0; i < len(order); i += x.Rows {
					e.fill(x, d, order[i:i+x.Rows])
				}
			}
		})
	}
}
