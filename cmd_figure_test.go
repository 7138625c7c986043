package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// drawings are the figures that need neither data nor training.
var drawings = []int{2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 31, 32, 39, 40}

// TestFigureName: a name of odd characters does nothing to the terminal.
func TestFigureName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "F\x1b[31m\u202e")
	status, stdout, stderr := runs("figure", "7", "-o", dir)
	if status != 0 || strings.ContainsAny(stdout+stderr, "\x1b\u202e") || !strings.Contains(stderr, "F\ufffd[31m\ufffd") {
		t.Errorf("status %d, %q%q", status, stdout, stderr)
	}
}

// draw returns the file of figure n.
func draw(t *testing.T, n int) []byte {
	t.Helper()
	for _, f := range figures {
		if f.n == n {
			var b bytes.Buffer
			if err := f.draw(&b, nil); err != nil {
				t.Fatalf("figure %d: %v", n, err)
			}
			return b.Bytes()
		}
	}
	t.Fatalf("no figure %d", n)
	return nil
}

// All 40 figures are there, in order, each with its file and caption.
func TestFigureTable(t *testing.T) {
	for i, f := range figures {
		if f.n != i+1 || f.ext != "svg" && f.ext != "png" || !strings.HasSuffix(f.caption, ".") || f.draw == nil {
			t.Errorf("figure %d, place %d: %+v", f.n, i+1, f)
		}
		if picture := slices.Contains([]int{1, 9, 11, 12, 36, 37}, f.n); picture != (f.ext == "png") {
			t.Errorf("figure %d is %s", f.n, f.ext)
		}
	}
	if len(figures) != 40 {
		t.Errorf("%d figures, want 40", len(figures))
	}
}

// Every drawing is well-formed and legible, the same twice, and no line or
// neuron lies under a text, unless the text is the neuron's own.
func TestDrawnFigures(t *testing.T) {
	for _, n := range drawings {
		svg := draw(t, n)
		p := checkSVG(t, svg)
		if !bytes.Equal(svg, draw(t, n)) {
			t.Errorf("figure %d differs from run to run", n)
		}
		if len(p.pick("path", "curve")) > 0 {
			continue // namesOf of marks may stand on the grid
		}
		for _, text := range p.texts {
			for _, e := range p.elems {
				if covers(t, e, text.area) {
					t.Errorf("figure %d: %s %v under text %q at %.0f", n, e.name, e.attr, text.s, text.area)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("figure %d", n)
		}
	}
}

// covers reports whether a shape lies under a text without holding all of it.
func covers(t *testing.T, e parsedElem, text box) bool {
	c := corners(t, e)
	switch e.name {
	case "line":
		_, _, hit := text.grow(-1).clip(c[0], c[1])
		return hit
	case "circle":
		area := box{c[0].x, c[0].y, c[1].x, c[1].y}
		inside := area.holds(point{text.x0, text.y0}) && area.holds(point{text.x1, text.y1})
		return area.overlaps(text) && !inside
	}
	return false
}

// The drawings have as many neurons and connections as the networks that they
// name: a [3, 4, 1] network has 8 and 16.
func TestDrawnNetworks(t *testing.T) {
	for _, c := range []struct{ n, neurons, arrows int }{
		{2, 1, 3 + 1}, {3, 3 + 4 + 1, 15 + 12 + 4 + 1}, {4, 8, 16 + 1 + 1}, {7, 8, 16 + 1},
		{8, 14, 24 + 12 + 3 + 1}, {10, 8 + 15 + 10, 0}, {14, 9, 20 + 1}, {15, 9 + 2, 20},
		{17, 1, 1 + 1}, {21, 1, 3 + 1}, {31, 11, 30}, {32, 8, 15},
	} {
		p := parseSVG(t, draw(t, c.n))
		neurons, arrows := len(p.pick("circle", "node")), len(p.pick("polygon", ""))
		if neurons != c.neurons || arrows != c.arrows {
			t.Errorf("figure %d has %d neurons and %d arrows, want %d and %d", c.n, neurons, arrows, c.neurons, c.arrows)
		}
	}
	if lines := len(parseSVG(t, draw(t, 10)).pick("line", "faint")); lines != 8*15+15*10 {
		t.Errorf("figure 10 has %d connections, want 270", lines)
	}
	if gone := len(parseSVG(t, draw(t, 32)).pick("circle", "gone")); gone != 3 {
		t.Errorf("figure 32 drops %d neurons, want 3", gone)
	}
}

// Figure 14 points out the weight from neuron 4 of layer 2 to neuron 2 of
// layer 3; Figure 15 neuron 3 of layer 2 and neuron 1 of layer 3.
func TestNotationDrawings(t *testing.T) {
	c := &canvas{}
	net := c.notation()
	p := parseSVG(t, draw(t, 14))
	ends := corners(t, p.pick("line", "hot")[0])
	tip := corners(t, p.pick("polygon", "hot")[0])[0]
	if d := distance(ends[0], net[1][3].point); math.Abs(d-net[1][3].r) > 0.02 {
		t.Errorf("figure 14 starts %.1f from neuron 4", d)
	}
	if d := distance(tip, net[2][1].point); math.Abs(d-net[2][1].r-1) > 0.02 {
		t.Errorf("figure 14 ends %.1f from neuron 2", d)
	}
	hot := parseSVG(t, draw(t, 15)).pick("circle", "hot")
	for i, n := range []node{net[1][2], net[2][0]} {
		if len(hot) != 2 || hot[i].num("cx") != n.x || math.Abs(hot[i].num("cy")-n.y) > 0.01 {
			t.Errorf("figure 15 points out %v, want neuron at %v", hot, n)
		}
	}
	if p.says("w324") != 1 {
		t.Error("figure 14 does not name the weight")
	}
}

// The box holds BP1 to BP4 as corrected: j, not i, in BP4, and BP1 once.
func TestFigure16(t *testing.T) {
	var got []string
	for _, text := range parseSVG(t, draw(t, 16)).texts {
		got = append(got, text.s)
	}
	want := "δL = ∇aC ⊙ σ′(zL) (BP1) δl = ((wl+1)T δl+1) ⊙ σ′(zl) (BP2) ∂C ∂blj = δlj (BP3) ∂C ∂wljk = al−1k δlj (BP4)"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("figure 16 says %q, want %q", s, want)
	}
}

// The curves pass where their functions do: σ(0) = 1/2 and tanh 0 = 0 in the
// middle of the axes, the rectifier flat to 0 and then into the corner.
func TestDrawnFunctions(t *testing.T) {
	middle, top := 38+axesHeight/2, 38.0
	curve := func(n int) []point {
		points, _ := pathPoints(t, parseSVG(t, draw(t, n)).pick("path", "curve")[0].attr["d"])
		return points
	}
	for _, n := range []int{5, 20, 39} {
		c := curve(n)
		if c[100].y != middle || c[0].y <= c[99].y || math.Abs(c[0].y+c[200].y-2*middle) > 0.02 {
			t.Errorf("figure %d runs from %v through %v to %v", n, c[0], c[100], c[200])
		}
	}
	if s, th := curve(5), curve(39); s[0].y == th[0].y {
		t.Error("figures 5 and 39 are the same")
	}
	if c := curve(40); c[0].y != c[100].y || c[100].y <= c[101].y || c[200].y != top {
		t.Errorf("figure 40 runs from %v through %v to %v", c[0], c[100], c[200])
	}
	if c := curve(6); len(c) != 4 || c[0].y != c[1].y || c[2].y != c[3].y || c[1].x != c[2].x || c[3].y >= c[0].y {
		t.Errorf("figure 6 is %v", c)
	}
}

// The neurons of §3.1 start at 0.82 and 0.98.
func TestFigure20(t *testing.T) {
	p := parseSVG(t, draw(t, 20))
	for _, want := range []string{"w = 0.6, b = 0.9: output 0.82", "w = 2.0, b = 2.0: output 0.98"} {
		if p.says(want) != 1 {
			t.Errorf("figure 20 does not say %q", want)
		}
	}
	if p.says("step function at 0") != 0 || len(p.pick("circle", "dot")) != 2 {
		t.Errorf("figure 20 has the marks %v", p.pick("circle", ""))
	}
}

// The valley has 20 by 20 patches and is lowest in the middle.
func TestFigure13(t *testing.T) {
	p := parseSVG(t, draw(t, 13))
	faces := p.pick("polygon", "face")
	if len(faces) != 400 {
		t.Fatalf("%d patches, want 400", len(faces))
	}
	low, high := 0, 0
	for _, f := range faces {
		switch f.attr["color"] {
		case colourRamp(0.005):
			low++
		case colourRamp((0.9*0.9 + 1) / 2):
			high++
		}
	}
	if low != 4 || high != 4 {
		t.Errorf("%d lowest and %d highest patches, want 4 and 4", low, high)
	}
}

// rehearsed is a lab in which all trainings of the figures are done: those of
// testdata as the book published them, the others made up.
func rehearsed(t *testing.T) *runner {
	b := newRunner(context.Background(), bookSeed, io.Discard)
	full, small := &Data{Labels: make([]byte, 50000)}, &Data{Labels: make([]byte, 1000)}
	test := &Data{Labels: make([]byte, 10000)}
	rising := func(lo, hi float64, n int) (y []float64) {
		for i := range n {
			y = append(y, hi-(hi-lo)/float64(i+1))
		}
		return y
	}
	for line, file := range map[string]string{overfitting: "overfitting.json", regularized: "regularized.json"} {
		b.done[line] = &trainingResult{sets: dataSets{training: small, evaluation: test}, four: published(t, file)}
	}
	for _, line := range []string{fullData, regularizedFull} {
		b.done[line] = &trainingResult{sets: dataSets{training: full, evaluation: test}, four: [4][]float64{1: rising(9100, 9650, 30), 3: rising(45600, 48500, 30)}}
	}
	for _, line := range []string{withoutDropout, withDropout} {
		b.done[line] = &trainingResult{sets: dataSets{training: small, evaluation: test}, four: [4][]float64{1: rising(5500, 8800, 100), 3: rising(600, 1000, 100)}}
	}
	for i := range learningRates.lines {
		key := strings.Join(learningRates.lines[:i+1], "; ")
		b.done[key] = &trainingResult{sets: dataSets{training: full, evaluation: test}, four: [4][]float64{2: rising(0.9, 0.3+float64(i)/10, 30)}}
	}
	return b
}

// The curves of trainings are well-formed and legible, and are drawn from the
// trainings that they should be: none is missing in the lab. A curve with a name
// has another in the legend.
func TestCurveFigures(t *testing.T) {
	b := rehearsed(t)
	trainings := len(b.done)
	for n, curves := range map[int]int{24: 1, 25: 1, 26: 1, 27: 4, 28: 1, 29: 1, 30: 4, 33: 4, 34: 4, 35: 4, 38: 6} {
		var svg bytes.Buffer
		if err := figures[n-1].draw(&svg, b); err != nil {
			t.Fatal(err)
		}
		p := checkSVG(t, svg.Bytes())
		if got := len(p.pick("path", "curve")); got != curves || len(b.done) != trainings {
			t.Errorf("figure %d has %d curves, want %d; %d trainings, want %d", n, got, curves, len(b.done), trainings)
		}
		if t.Failed() {
			t.Fatalf("figure %d", n)
		}
	}
}

// The axes are the article's, and the peaks those that its text quotes: the
// curve of Figure 25 goes through 82.27, that of Figure 29 through 87.1.
func TestCurveAxes(t *testing.T) {
	b := rehearsed(t)
	for _, c := range []struct {
		n    int
		says string
	}{
		{24, "200 400 0.004 0.010"}, {25, "200 400 81.90 82.30"}, {26, "0 400 65 100"}, {27, "0 30 90 100"},
		{28, "200 400 0.10 0.26"}, {29, "200 400 85.8 87.2"}, {30, "0 30 90 100"}, {38, "0 30 0.3 1.2"},
		{25, "{82.27 in epoch 374}"}, {29, "{87.10 in epoch 383}"}, {38, "{η = 0.025} {η = 0.25} {η = 2.5}"},
	} {
		var svg bytes.Buffer
		if err := figures[c.n-1].draw(&svg, b); err != nil {
			t.Fatal(err)
		}
		p := parseSVG(t, svg.Bytes())
		words := strings.Fields(c.says)
		if strings.HasPrefix(c.says, "{") {
			words = strings.Split(strings.Trim(c.says, "{}"), "} {")
		}
		for _, word := range words {
			if p.says(word) == 0 {
				t.Errorf("figure %d does not say %q", c.n, word)
			}
		}
	}
}

// The ends of Figures 18, 19, 22 and 23 are the costs of §3.1 and §3.2, and
// each falls from the first epoch to the last.
func TestNeuronFigures(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range []int{18, 19, 22, 23} {
		path := parseSVG(t, draw(t, n)).pick("path", "curve")[0].attr["d"]
		points, _ := pathPoints(t, path)
		if len(points) != 301 || seen[path] {
			t.Errorf("figure %d has %d points, want 301", n, len(points))
		}
		seen[path] = true
		for i := 1; i < len(points); i++ {
			if points[i].y < points[i-1].y { // upwards
				t.Fatalf("figure %d rises at epoch %d", n, i)
			}
		}
		half := 0
		for half < 300 && points[half].y < (points[0].y+points[300].y)/2 {
			half++
		}
		if slow := n == 19; slow != (half > 200) {
			t.Errorf("figure %d is half way down at epoch %d", n, half)
		}
	}
}

// The command writes each file that it is asked for, and nothing else.
func TestFigureCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	status, stdout, stderr := runs("figure", "2", "-o", dir, "18", "1", "37")
	if status != 0 || stdout != "" || !strings.Contains(stderr, "2 of 4: ") {
		t.Fatalf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	entries, err := os.ReadDir(dir)
	if got := fmt.Sprint(entries, err); got != "[- fig01.png - fig02.svg - fig18.svg - fig37.png] <nil>" {
		t.Errorf("wrote %s", got)
	}
	svg, err := os.ReadFile(filepath.Join(dir, "fig18.svg"))
	if err != nil || !bytes.Equal(svg, draw(t, 18)) {
		t.Errorf("fig18.svg is not figure 18: %v", err)
	}
	inside := filepath.Join(dir, "fig18.svg", "more")
	if status, _, stderr := runs("figure", "2", "-o", inside); status != 1 || !strings.Contains(stderr, "fig18.svg") {
		t.Errorf("into a file: status %d, stderr %q", status, stderr)
	}
}

// The gallery shows every figure with its caption and command, and the files in
// docs/figures are those that the program draws now. Of the curves, those of the
// runs in testdata are drawn anew; of the others, whose trainings take minutes,
// the texts are compared.
func TestGallery(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "figures.md"))
	if err != nil {
		t.Fatal(err)
	}
	b := rehearsed(t)
	for _, f := range figures {
		show := regexp.MustCompile(strings.NewReplacer("N", fmt.Sprint(f.n), "FILE", f.file(), "CAPTION", regexp.QuoteMeta(f.caption)).Replace(
			`(?m)^## Figure N \(§[\d.]+\)\n\n!\[Figure N\]\(figures/FILE\)\n\n\*\*Figure N\.\*\* CAPTION.*\n\n\x60go run \. figure N\x60$`))
		if len(show.FindAll(page, -1)) != 1 {
			t.Errorf("docs/figures.md does not match %s", show)
		}
		name := filepath.Join("docs", "figures", f.file())
		file, err := os.ReadFile(name)
		var now bytes.Buffer
		if err = errors.Join(err, f.draw(&now, b)); err != nil {
			t.Fatal(err)
		}
		if made := slices.Contains([]int{27, 30, 33, 34, 35, 38}, f.n); !made {
			if !bytes.Equal(file, now.Bytes()) {
				t.Errorf("%s is not what figure %d draws", name, f.n)
			}
			continue
		}
		if got, want := said(checkSVG(t, file)), said(parseSVG(t, now.Bytes())); !slices.Equal(got, want) {
			t.Errorf("%s says %q, figure %d %q", name, got, f.n, want)
		}
	}
}

// said returns all texts of a file in order.
func said(p parsed) (all []string) {
	for _, text := range p.texts {
		all = append(all, text.s)
	}
	return all
}

// TestFigures36And37: the five, and the five whose axis is turned by 15° to the
// left; the numbers of mnist.py's own rotation, about row 14 and column 13, are
// 15.02° and an ink of 107.43.
func TestFigures36And37(t *testing.T) {
	d := mnist().training
	_, axis := moments(d.Image(0), 28)
	ink, turned := moments(rotated(d.Image(0), 28, 28, 15, 13, 14), 28)
	if math.Abs(ink-107.43) > 0.005 || math.Abs(turned-axis-15.02) > 0.005 {
		t.Errorf("mnist.py's rotation is by %.3f°, with ink %.3f; want 15.02°, 107.43", turned-axis, ink)
	}
	var pictures [2]bytes.Buffer
	if err := errors.Join(figure36(&pictures[0], d), figure37(&pictures[1], d)); err != nil {
		t.Fatal(err)
	}
	for i, figure := range []func(io.Writer, *Data) error{figure36, figure37} {
		closed, w := io.Pipe()
		closed.Close()
		if err := figure(w, d); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Figure %d on a writer that fails: %v, want %v", 36+i, err, io.ErrClosedPipe)
		}
	}
	if got := shrink(t, &pictures[0]); !bytes.Equal(got, d.Image(0)) {
		t.Errorf("Figure 36 shows\n%v, want\n%v", got, d.Image(0))
	}
	ink, turned = moments(shrink(t, &pictures[1]), 28)
	if math.Abs(ink-107.50) > 0.005 || math.Abs(turned-axis-15) > 0.01 {
		t.Errorf("Figure 37 is turned by %.3f°, with ink %.3f; want 15.00°, 107.50", turned-axis, ink)
	}
}

// shrink returns the ink of the 28×28 squares of a PNG, which must each be of
// 20×20 pixels of the same grey.
func shrink(t *testing.T, r *bytes.Buffer) []byte {
	t.Helper()
	m, err := png.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	picture, ok := m.(*image.Gray)
	if !ok || picture.Bounds() != image.Rect(0, 0, 560, 560) {
		t.Fatalf("a %T of %v, want grey, 560×560", m, m.Bounds())
	}
	ink := make([]byte, 784)
	for i, grey := range picture.Pix {
		j, k := i/560/20, i%560/20
		if i/560%20 == 0 && i%20 == 0 {
			ink[j*28+k] = 255 - grey
		}
		if ink[j*28+k] != 255-grey {
			t.Fatalf("square %d, %d has pixels of grey %d and %d", j, k, 255-ink[j*28+k], grey)
		}
	}
	return ink
}
