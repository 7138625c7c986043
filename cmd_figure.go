package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	paint "image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// This file holds the figures of the article, one function each, and the
// command that draws them. The drawings of neurons and networks follow the
// book's in what they show, not in how they look. Eq. 46 is the article's number,
// book Eq. 93 the online book's.

const figureHelp = `[-o DIR] [N… | all]
    Draws figures 1 to 40 of the article as DIR/figNN.svg, or .png where they
    are pictures of digits. The curves come from real trainings, each done once
    for all the figures that show it. Without a number it lists the figures.

Examples:
  go run . figure 7 16
  go run . figure -o /tmp 24 25 26
  go run . figure all
`

// figureCommand draws the figures with the given numbers (Figures 1 to 40).
func figureCommand(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("figure")
	dir := f.String("o", filepath.Join("docs", "figures"), "folder to write in; made where it does not exist")
	words, err := readCommand(f, figureHelp, args, stderr)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return listFigures(stdout)
	}
	chosen, err := chosenFigures(words)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	begin, b := time.Now(), newRunner(ctx, bookSeed, stderr)
	for i, g := range chosen {
		name := filepath.Join(*dir, g.file())
		fmt.Fprintf(stderr, "nndl: %d of %d: %s\n", i+1, len(chosen), printable(name))
		var picture bytes.Buffer // its trainings come before the file
		err := g.draw(&picture, b)
		if err == nil {
			err = writeFileAtomic(name, func(w io.Writer) error { _, err := picture.WriteTo(w); return err })
		}
		if err != nil {
			return fmt.Errorf("figure %d: %w", g.n, err)
		}
		if ctx.Err() != nil {
			return errInterrupted
		}
	}
	fmt.Fprintf(stderr, "nndl: done in %.1f s\n", time.Since(begin).Seconds())
	return nil
}

// A figure is one of the article's, under its number: the ending of its file,
// a caption, and what draws it.
type figure struct {
	n       int
	ext     string
	caption string
	draw    func(w io.Writer, b *runner) error // b does the trainings that it shows
}

// file returns the name of a figure's file, fig01.png for Figure 1.
func (g figure) file() string { return fmt.Sprintf("fig%02d.%s", g.n, g.ext) }

// figures lists the figures in the article's order.
var figures = []figure{
	{1, "png", "The first hundred digits of the training data.", fromTrainingData(figure1)},
	{2, "svg", "A perceptron weighs its inputs and puts out 0 or 1.", noTraining(figure2)},
	{3, "svg", "Perceptrons in columns: each one weighs what the column before it decided.", noTraining(figure3)},
	{4, "svg", "What learning needs: a small change in a weight changes the output a little.", noTraining(figure4)},
	{5, "svg", "The sigmoid function, Eq. 3.", noTraining(figure5)},
	{6, "svg", "The step function. It and the perceptron differ at one point, z = 0.", noTraining(figure6)},
	{7, "svg", "A network with one hidden layer.", noTraining(figure7)},
	{8, "svg", "A network of four layers, two of them hidden.", noTraining(figure8)},
	{9, "png", "Six digits in one picture, and the six segments that are found in it.", fromTrainingData(figure9)},
	{10, "svg", "The network that reads digits: 784 pixels in, one output for each digit.", noTraining(figure10)},
	{11, "png", "The four quadrants of a zero: what neurons of the hidden layer might look for.", fromTrainingData(figure11)},
	{12, "png", "The first six digits of MNIST, whole.", fromTrainingData(figure12)},
	{13, "svg", "A cost of two variables, C = v₁² + v₂², is a valley.", noTraining(figure13)},
	{14, "svg", "The weight from neuron 4 of layer 2 to neuron 2 of layer 3.", noTraining(figure14)},
	{15, "svg", "The bias of neuron 3 in layer 2 and the activation of neuron 1 in layer 3.", noTraining(figure15)},
	{16, "svg", "The four equations of backpropagation.", noTraining(figure16)},
	{17, "svg", "A neuron with one input.", noTraining(figure17)},
	{18, "svg", "A neuron with the quadratic cost learns at once from w = 0.6, b = 0.9.", noTraining(figure18)},
	{19, "svg", "From w = b = 2 it hardly moves for 150 epochs.", noTraining(figure19)},
	{20, "svg", "The sigmoid and its slope σ': almost 0 where the second of the two neurons of §3.1 starts.", noTraining(figure20)},
	{21, "svg", "A neuron with several inputs.", noTraining(figure21)},
	{22, "svg", "The cross-entropy from w = 0.6, b = 0.9.", noTraining(figure22)},
	{23, "svg", "The cross-entropy from w = b = 2: steepest at the start.", noTraining(figure23)},
	{24, "svg", "Overfitting: the cost on 1,000 training images keeps falling; epochs 200 to 400.", figure24},
	{25, "svg", "The accuracy on the test data has stopped rising; epochs 200 to 400.", figure25},
	{26, "svg", "The network has learned all 1,000 training images.", figure26},
	{27, "svg", "With 50,000 training images the two accuracies stay closer.", figure27},
	{28, "svg", "With regularization the cost falls too; epochs 200 to 400.", figure28},
	{29, "svg", "With regularization the accuracy on the test data goes on rising; epochs 200 to 400.", figure29},
	{30, "svg", "50,000 training images and regularization: a gap of less than one percent.", figure30},
	{31, "svg", "A network before dropout.", noTraining(figure31)},
	{32, "svg", "The same network with half of its hidden neurons dropped.", noTraining(figure32)},
	{33, "svg", "Dropout makes the training images harder to learn by heart.", figure33},
	{34, "svg", "Dropout makes the network better at new digits.", figure34},
	{35, "svg", "The same from 80 percent on.", figure35},
	{36, "png", "A five, the first training image.", fromTrainingData(figure36)},
	{37, "png", "The same five, rotated by 15 degrees.", fromTrainingData(figure37)},
	{38, "svg", "Three learning rates: too slow, about right, too large.", figure38},
	{39, "svg", "The tanh function, Eq. 56.", noTraining(figure39)},
	{40, "svg", "The rectifying function max(0, z), Eq. 58.", noTraining(figure40)},
}

// noTraining is for figures that need neither data nor training, as Figure 2.
func noTraining(f func(io.Writer) error) func(io.Writer, *runner) error {
	return func(w io.Writer, _ *runner) error { return f(w) }
}

// fromTrainingData is for figures that show training images, as Figure 1.
func fromTrainingData(f func(io.Writer, *Data) error) func(io.Writer, *runner) error {
	return func(w io.Writer, _ *runner) error {
		training, _, err := LoadTraining("")
		if err != nil {
			return err
		}
		return f(w, training)
	}
}

// listFigures prints the files and captions of Figures 1 to 40.
func listFigures(w io.Writer) error {
	for _, g := range figures {
		if _, err := fmt.Fprintln(w, wrapped(fmt.Sprintf("%2d  %s  %s", g.n, g.file(), g.caption), 15)); err != nil {
			return err
		}
	}
	return nil
}

// chosenFigures returns figures by their numbers, all of them for all
// (Figures 1 to 40).
func chosenFigures(words []string) (chosen []figure, err error) {
	for _, word := range words {
		n, err := strconv.Atoi(word)
		switch {
		case word == "all":
			chosen = append(chosen, figures...)
		case err != nil || n < 1 || n > len(figures):
			return nil, usagef("no figure %q, expected 1 to %d, or all", word, len(figures))
		default:
			chosen = append(chosen, figures[n-1])
		}
	}
	return chosen, nil
}

// figure1 writes Figure 1 as PNG: the first 100 images of the training data, 10
// a row, cut to columns and rows 3 to 24. The book's own picture begins with
// image 99: its script counts the places from 0, where matplotlib counts from 1.
func figure1(w io.Writer, training *Data) error {
	var images []*image.Gray
	for i := range 100 {
		images = append(images, croppedImage(training, i))
	}
	return png.Encode(w, enlargePicture(imageGrid(images, 10)))
}

// figure2 draws Figure 2, §1.1: a perceptron with three inputs.
func figure2(w io.Writer) error {
	return drawNeuron(w, neuronDrawing{
		title:  "A perceptron",
		inputs: []string{"x_{1}", "x_{2}", "x_{3}"},
		output: "output",
	})
}

// A neuronDrawing is one neuron with its inputs above each other on the left:
// Figure 2, Figure 17, Figure 21.
type neuronDrawing struct {
	title           string
	inputs, weights []string // weights may be fewer than inputs
	bias, output    string
}

// drawNeuron draws a single neuron, for Figure 2, Figure 17 and Figure 21.
func drawNeuron(w io.Writer, d neuronDrawing) error {
	c := &canvas{title: d.title, height: 40 + 70*float64(len(d.inputs))}
	name := textStyle{size: 18, anchor: "middle", math: true}
	middle := c.height / 2
	left := (plotWidth - 330 - textWidth(d.output, name.size)) / 2
	neuron := node{point{left + 190, middle}, 36}
	for i, input := range d.inputs {
		in := node{point{left, middle + float64(70*(float64(i)-float64(len(d.inputs)-1)/2))}, 18}
		c.text(point{in.x, in.y + 6}, input, name)
		p, q := rimPoints(in, neuron)
		c.arrow(p, q, "edge")
		if i < len(d.weights) {
			u := direction(p, q)
			at := point{(p.x + q.x) / 2, (p.y + q.y) / 2}
			c.text(point{at.x + float64(19*u.y), at.y + 4 - float64(19*u.x)}, d.weights[i], name)
		}
	}
	c.circle(neuron, "node")
	c.text(point{neuron.x, neuron.y + 6}, d.bias, name)
	c.arrow(point{neuron.x + neuron.r, middle}, point{left + 320, middle}, "edge")
	c.text(point{left + 330, middle + 6}, d.output, textStyle{size: name.size, math: true})
	return c.writeTo(w)
}

// figure3 draws Figure 3, §1.1: five inputs and columns of 3, 4 and 1
// perceptrons, as in the book's drawing.
func figure3(w io.Writer) error {
	c := &canvas{title: "A network of perceptrons", height: 330}
	net := nodeColumns(box{95, 45, 465, 285}, 20, 5, 3, 4, 1)
	for i := range net[0] {
		net[0][i].r = 4
		c.circle(net[0][i], "dot edge")
	}
	c.drawLayers(net)
	c.output(net[3][0], "output")
	c.text(point{82, 170}, "inputs", textStyle{size: 15, anchor: "end"})
	return c.writeTo(w)
}

// drawLayers draws the connections of a network and its neurons from the second
// column on (Figure 7).
func (c *canvas) drawLayers(net [][]node) {
	for l := 1; l < len(net); l++ {
		c.connect(net[l-1], net[l], "edge")
	}
	for _, layer := range net[1:] {
		c.circles(layer, "node")
	}
}

// output draws the arrow that leaves a neuron and what it carries (Figure 2).
func (c *canvas) output(n node, name string) {
	c.arrow(point{n.x + n.r, n.y}, point{n.x + n.r + 36, n.y}, "edge")
	c.text(point{n.x + n.r + 42, n.y + 5}, name, textStyle{size: 15, math: true})
}

// figure4 draws Figure 4, §1.2: a [3, 4, 1] network in which the change Δw of
// one weight changes the output by Δoutput (Eq. 5).
func figure4(w io.Writer) error {
	c := &canvas{title: "A small change in a weight, a small change in the output", height: 340}
	net := nodeColumns(box{50, 90, 380, 290}, 20, 3, 4, 1)
	c.drawLayers(net)
	c.circles(net[0], "node")
	c.link(net[0][0], net[1][0], "hot")
	c.output(net[2][0], "output + ∆output")
	p, q := rimPoints(net[0][0], net[1][0])
	c.text(point{(p.x + q.x) / 2, (p.y+q.y)/2 - 14}, "w + ∆w", textStyle{size: 16, anchor: "middle", class: "hot", math: true})
	c.text(point{30, 40}, "a small change in one weight (or bias) …", textStyle{size: textSize})
	c.text(point{575, 226}, "… changes the output a little", textStyle{size: textSize, anchor: "end"})
	return c.writeTo(w)
}

// figure5 plots Figure 5, §1.2: σ(z), Eq. 3, for z from -5 to 5. The y axis
// goes a tenth beyond 0 and 1, so that the flat ends stand clear of the border.
func figure5(w io.Writer) error {
	return functionPlot("Sigmoid function", "σ(z)", -0.1, 1.1, sigmoid).WriteSVG(w)
}

// functionPlot returns the plot of f over z from -5 to 5, at 201 points, for
// Figures 5, 20, 39 and 40.
func functionPlot(title, label string, low, high float64, f func(z float64) float64) *Plot {
	var c Curve
	for i := -100; i <= 100; i++ {
		z := float64(i) / 20
		c.X, c.Y = append(c.X, z), append(c.Y, f(z))
	}
	return &Plot{Title: title, XLabel: "z", YLabel: label, XMin: -5, XMax: 5, YMin: low, YMax: high, Curves: []Curve{c}}
}

// figure6 plots Figure 6, §1.2: the step function for z from -5 to 5, on the
// axes of Figure 5. At z = 0 it is 1 where the perceptron of Eq. 2 puts out 0.
func figure6(w io.Writer) error {
	gap := math.NaN()
	p := Plot{
		Title: "Step function", XLabel: "z", YLabel: "output",
		XMin: -5, XMax: 5, YMin: -0.1, YMax: 1.1,
		Curves: []Curve{{X: []float64{-5, 0, gap, 0, 5}, Y: []float64{0, 0, gap, 1, 1}}},
		Marks: []Mark{
			{Name: "step function at 0", X: 0, Y: 1},
			{Name: "perceptron at 0", X: 0, Y: 0, Open: true},
		},
	}
	return p.WriteSVG(w)
}

// figure7 draws Figure 7, §1.3: a [3, 4, 1] network with its layers named.
func figure7(w io.Writer) error {
	c := &canvas{title: "A network with one hidden layer", height: 332}
	net := nodeColumns(box{110, 85, 440, 295}, 22, 3, 4, 1)
	c.drawLayers(net)
	c.circles(net[0], "node")
	c.output(net[2][0], "output")
	c.nameColumn(net[0][0].x, "input layer")
	c.nameColumn(net[1][0].x, "hidden layer")
	c.nameColumn(net[2][0].x, "output layer")
	return c.writeTo(w)
}

// nameColumn writes the name of a layer over it, further lines below the first
// (Figure 10).
func (c *canvas) nameColumn(x float64, lines ...string) {
	for i, line := range lines {
		c.text(point{x, 28 + float64(18*i)}, line, textStyle{size: 14, anchor: "middle", math: true})
	}
}

// figure8 draws Figure 8, §1.3: a [6, 4, 3, 1] network, two of whose layers are
// hidden.
func figure8(w io.Writer) error {
	c := &canvas{title: "A network of four layers", height: 400}
	net := nodeColumns(box{62, 75, 452, 365}, 20, 6, 4, 3, 1)
	c.drawLayers(net)
	c.circles(net[0], "node")
	c.output(net[3][0], "output")
	c.nameColumn(net[0][0].x, "input layer")
	c.nameColumn((net[1][0].x+net[2][0].x)/2, "hidden layers")
	c.nameColumn(net[3][0].x, "output layer")
	return c.writeTo(w)
}

// figure9 writes Figure 9 as PNG: above, the training images 0 to 5, that is
// 504192, cut to columns and rows 3 to 24 and pasted side by side; below, what
// segment finds in that picture.
func figure9(w io.Writer, training *Data) error {
	strip := pastedDigits(training, 0, 6)
	_, found, err := newPage(strip).segment()
	if err != nil {
		return err
	}
	var images []*image.Gray
	for _, line := range found {
		for _, d := range line {
			images = append(images, framedImage(strip, d.box, image.Pt(24, 24)))
		}
	}
	below := imageGrid(images, len(images))
	b := below.Rect
	above := imageGrid([]*image.Gray{framedImage(strip, strip.Rect, image.Pt(b.Dx()-2*gridGap, 24))}, 1)
	out := image.NewGray(image.Rect(0, 0, b.Dx(), above.Rect.Dy()+3*gridGap+b.Dy()))
	paint.Draw(out, out.Rect, image.White, image.Point{}, paint.Src)
	paint.Draw(out, above.Rect, above, image.Point{}, paint.Src)
	paint.Draw(out, b.Add(image.Pt(0, above.Rect.Dy()+3*gridGap)), below, image.Point{}, paint.Src)
	return png.Encode(w, enlargePicture(out))
}

// pastedDigits returns the examples lo to hi, cut to columns and rows 3 to 24, side by
// side (Figure 9).
func pastedDigits(d *Data, lo, hi int) *image.Gray {
	strip := image.NewGray(image.Rect(0, 0, 22*(hi-lo), 22))
	for i := lo; i < hi; i++ {
		img := croppedImage(d, i)
		at := image.Rect(22*(i-lo), 0, 22*(i-lo+1), 22)
		paint.Draw(strip, at, img, img.Bounds().Min, paint.Src)
	}
	return strip
}

// framedImage returns the part of a picture inside box, in the middle of a white one
// of some size (Figure 9).
func framedImage(img *image.Gray, box image.Rectangle, size image.Point) *image.Gray {
	out := image.NewGray(image.Rectangle{Max: size})
	paint.Draw(out, out.Bounds(), image.White, image.Point{}, paint.Src)
	at := size.Sub(box.Size()).Div(2)
	paint.Draw(out, image.Rectangle{at, at.Add(box.Size())}, img, box.Min, paint.Src)
	return out
}

// figure10 draws Figure 10, §1.4: the [784, n, 10] network with n = 15. Of the
// 784 inputs eight are shown; the connections have no heads, there being 270.
func figure10(w io.Writer) error {
	c := &canvas{title: "The network that reads digits", height: 490}
	net := nodeColumns(box{110, 85, 480, 465}, 10, 9, 15, 10)
	dots := net[0][4]
	net[0] = append(net[0][:4:4], net[0][5:]...)
	c.add(`<g opacity=".45">`) // or else the many crossings make a pattern
	for l := 1; l < len(net); l++ {
		for _, b := range net[l] {
			for _, a := range net[l-1] {
				c.line(a.point, b.point, "faint")
			}
		}
	}
	c.add("</g>")
	for _, layer := range net {
		c.circles(layer, "node")
	}
	for k := -1.0; k <= 1; k++ {
		c.circle(node{point{dots.x, dots.y + float64(7*k)}, 1.5}, "dot")
	}
	for digit, n := range net[2] {
		c.text(point{n.x + 20, n.y + 5}, fmt.Sprint(digit), textStyle{size: 15})
	}
	c.nameColumn(net[0][0].x, "input layer", "784 = 28 × 28 pixels")
	c.nameColumn(net[1][0].x, "hidden layer", "n = 15 neurons")
	c.nameColumn(net[2][0].x, "output layer", "10 digits")
	return c.writeTo(w)
}

// figure11 writes Figure 11 as PNG: the four quadrants of 14×14 pixels of
// training image 1, the first 0, each in its place in an image that is white
// elsewhere.
func figure11(w io.Writer, training *Data) error {
	zero := exampleImage(training, 1)
	var images []*image.Gray
	for q := range 4 {
		out := greyImage(make([]byte, digitSide*digitSide), digitSide)
		at := image.Rect(0, 0, 14, 14).Add(image.Pt(q%2*14, q/2*14))
		paint.Draw(out, at, zero, at.Min, paint.Src)
		images = append(images, out)
	}
	return png.Encode(w, enlargePicture(imageGrid(images, 4)))
}

// figure12 writes Figure 12 as PNG: the training images 0 to 5, whole.
func figure12(w io.Writer, training *Data) error {
	var images []*image.Gray
	for i := range 6 {
		images = append(images, exampleImage(training, i))
	}
	return png.Encode(w, enlargePicture(imageGrid(images, 6)))
}

// figure13 draws Figure 13, §1.5: the valley C = v₁² + v₂² on which Eq. 8 lets
// a ball roll, both variables from -1 to 1 in steps of 0.1, with the ball and the
// way that it takes, -∇C.
func figure13(w io.Writer) error {
	c := &canvas{title: "A valley", height: 470}
	side := newAxis(-1, 1, nil, 4)
	s := surface{
		f: func(v1, v2 float64) float64 { return float64(v1*v1) + float64(v2*v2) },
		x: side, y: side, z: newAxis(0, 2, nil, 4),
		n:      20,
		labels: [3]string{"v_{1}", "v_{2}", "C"},
	}
	s.draw(c)
	at := func(t float64) point { return s.project(-0.75*t, -0.55*t, s.f(-0.75*t, -0.55*t)) }
	from, to := at(1), at(0.5)
	c.add(`<circle style="fill:#f5f5f5;stroke:#1f2328" cx="%v" cy="%v" r="8"/>`, num(from.x), num(from.y-8))
	c.arrow(point{from.x, from.y - 8}, point{to.x, to.y - 8}, "hot")
	return c.writeTo(w)
}

// figure14 draws Figure 14, §2.1: a network of three layers of 3, 4 and 2
// neurons, and in it the weight w_{24}^{3} of Eq. 18: from neuron 4 of layer 2
// to neuron 2 of layer 3.
func figure14(w io.Writer) error {
	c := &canvas{title: "The weight from neuron 4 of layer 2 to neuron 2 of layer 3", height: 400}
	net := c.notation()
	c.link(net[1][3], net[2][1], "hot")
	p, q := rimPoints(net[1][3], net[2][1])
	c.text(point{(p.x+q.x)/2 + 14, (p.y+q.y)/2 + 26}, "w^{3}_{24}", textStyle{size: 20, anchor: "middle", class: "hot", math: true})
	c.text(point{plotWidth / 2, 382}, "w^{l}_{jk} leads from neuron k of layer l−1 to neuron j of layer l",
		textStyle{size: 14, anchor: "middle", math: true})
	return c.writeTo(w)
}

// notation draws the network of Figure 14 and Figure 15.
func (c *canvas) notation() [][]node {
	net := nodeColumns(box{110, 80, 490, 310}, 22, 3, 4, 2)
	c.drawLayers(net)
	c.circles(net[0], "node")
	for l, layer := range net {
		c.nameColumn(layer[0].x, fmt.Sprintf("layer %d", l+1))
	}
	return net
}

// figure15 draws Figure 15, §2.1: in the network of Figure 14, the bias b_3^2
// of neuron 3 in layer 2 and the activation a_1^3 of neuron 1 in layer 3.
func figure15(w io.Writer) error {
	c := &canvas{title: "A bias and an activation", height: 400}
	net := c.notation()
	name := textStyle{size: 18, anchor: "middle", class: "hot", math: true}
	b, a := net[1][2], net[2][0]
	c.circle(b, "node hot")
	c.text(point{b.x, b.y + 6}, "b^{2}_{3}", name)
	c.circle(a, "node hot")
	c.text(point{a.x, a.y + 6}, "a^{3}_{1}", name)
	c.text(point{plotWidth / 2, 364}, "b^{2}_{3} is the bias of neuron 3 in layer 2",
		textStyle{size: 14, anchor: "middle", math: true})
	c.text(point{plotWidth / 2, 386}, "a^{3}_{1} is the activation of neuron 1 in layer 3",
		textStyle{size: 14, anchor: "middle", math: true})
	return c.writeTo(w)
}

// figure16 draws Figure 16, §2.3: the box of BP1, BP2, BP3 and BP4. The
// article's print has BP1 twice and, in Eq. 27, the index i for j in BP4.
func figure16(w io.Writer) error {
	c := &canvas{title: "The equations of backpropagation", height: 310}
	c.add(`<path class="frame" d="M70 16V294H530V16Z"/>`)
	size := textStyle{size: 20, math: true}
	for i, eq := range []struct{ top, bottom, left, right string }{
		{"", "", "δ^{L}", "= ∇_{a}C ⊙ σ′(z^{L})"},
		{"", "", "δ^{l}", "= ((w^{l+1})^{T} δ^{l+1}) ⊙ σ′(z^{l})"},
		{"∂C", "∂b^{l}_{j}", "", "= δ^{l}_{j}"},
		{"∂C", "∂w^{l}_{jk}", "", "= a^{l−1}_{k} δ^{l}_{j}"},
	} {
		y := []float64{60, 110, 172, 246}[i]
		c.text(point{166, y}, eq.left, textStyle{size: 20, anchor: "end", math: true})
		c.fraction(point{142, y}, eq.top, eq.bottom)
		c.text(point{178, y}, eq.right, size)
		c.text(point{510, y}, fmt.Sprintf("(BP%d)", i+1), textStyle{size: 16, anchor: "end"})
	}
	return c.writeTo(w)
}

// fraction writes top over bottom around p, a derivative of BP3 or BP4. Nothing
// above nothing has no line.
func (c *canvas) fraction(p point, top, bottom string) {
	if top == "" {
		return
	}
	half := textWidth(bottom, 20)/2 + 3
	c.line(point{p.x - half, p.y - 6}, point{p.x + half, p.y - 6}, "ink")
	c.text(point{p.x, p.y - 13}, top, textStyle{size: 20, anchor: "middle", math: true})
	c.text(point{p.x, p.y + 16}, bottom, textStyle{size: 20, anchor: "middle", math: true})
}

// figure17 draws Figure 17, §3.1: the neuron with one input whose slow start
// Eq. 30 explains.
func figure17(w io.Writer) error {
	return drawNeuron(w, neuronDrawing{
		title:  "A neuron with one input",
		inputs: []string{"x"}, weights: []string{"w"},
		bias: "b", output: "a = σ(w · x + b)",
	})
}

// figure18 plots Figure 18, §3.1: the cost of a neuron that learns to turn the
// input 1 into 0, from w = 0.6, b = 0.9; quadratic cost, Eq. 29, η = 0.15.
func figure18(w io.Writer) error {
	return plotNeuron(w, "Quadratic cost from w = 0.6, b = 0.9", NewSingleNeuron(0.6, 0.9, singleQuadratic))
}

// plotNeuron plots the cost of a single neuron over its 300 epochs, for Figure
// 18, Figure 19, Figure 22 and Figure 23.
func plotNeuron(w io.Writer, title string, s *SingleNeuron) error {
	c := Curve{Y: s.Train()}
	for epoch := range c.Y {
		c.X = append(c.X, float64(epoch))
	}
	p := Plot{Title: title, XLabel: "Epoch", YLabel: "Cost", XMax: 300, Curves: []Curve{c}}
	return p.WriteSVG(w)
}

// figure19 plots Figure 19, §3.1: Figure 18 from w = b = 2, where σ' is small
// and the neuron learns slowly.
func figure19(w io.Writer) error {
	return plotNeuron(w, "Quadratic cost from w = 2.0, b = 2.0", NewSingleNeuron(2, 2, singleQuadratic))
}

// figure20 plots Figure 20, §3.1: σ(z), Eq. 3, on the axes of Figure 5, and
// σ'(z), Eq. 6. The
// marks are where the two neurons of Figure 18 and Figure 19 start, at z = 1.5
// and z = 4: the flatter the curve, the slower the start.
func figure20(w io.Writer) error {
	p := functionPlot("The sigmoid function and its slope", "σ(z), σ'(z)", -0.1, 1.1, sigmoid)
	slope := functionPlot("", "", 0, 0, func(z float64) float64 { return sigmoidPrime(z, sigmoid(z)) }).Curves[0]
	p.Curves[0].Name, slope.Name = "σ(z)", "σ'(z)"
	p.Curves = append(p.Curves, slope)
	for _, start := range []struct{ w, b float64 }{{0.6, 0.9}, {2, 2}} {
		z := start.w + start.b
		p.Marks = append(p.Marks, Mark{X: z, Y: sigmoid(z),
			Name: fmt.Sprintf("w = %.1f, b = %.1f: output %.2f", start.w, start.b, sigmoid(z))})
	}
	return p.WriteSVG(w)
}

// figure21 draws Figure 21, §3.2: a neuron with three inputs, for which Eq. 31
// defines the cross-entropy.
func figure21(w io.Writer) error {
	return drawNeuron(w, neuronDrawing{
		title:   "A neuron with several inputs",
		inputs:  []string{"x_{1}", "x_{2}", "x_{3}"},
		weights: []string{"w_{1}", "w_{2}", "w_{3}"},
		bias:    "b", output: "a = σ(z)",
	})
}

// figure22 plots Figure 22, §3.2: Figure 18 with the cross-entropy cost, Eq. 31,
// at the article's η = 0.15 (the book has 0.005).
func figure22(w io.Writer) error {
	return plotNeuron(w, "Cross-entropy cost from w = 0.6, b = 0.9", NewSingleNeuron(0.6, 0.9, singleCrossEntropy))
}

// figure23 plots Figure 23, §3.2: Figure 22 from w = b = 2.
func figure23(w io.Writer) error {
	return plotNeuron(w, "Cross-entropy cost from w = 2.0, b = 2.0", NewSingleNeuron(2, 2, singleCrossEntropy))
}

// figure24 plots Figure 24, §3.4: the training cost of [784, 30, 10] on the
// first 1,000 training images, cross-entropy, η = 0.5, 400 epochs; epochs 200
// to 400 (overfitting.py: plot_training_cost; network2.py: SGD).
func figure24(w io.Writer, b *runner) error {
	p := Plot{Title: "Cost on the training data, from epoch 200", YLabel: "Cost", XMin: 200, XMax: 400, YMin: 0.004, YMax: 0.010}
	return b.plot(w, oneRun(overfitting), p, epochCurve{"", 0, (*trainingResult).trainingCost, false})
}

// An epochCurve is a number of one run over the epochs, counted from 0.
type epochCurve struct {
	name string
	run  int
	of   func(*trainingResult) []float64
	peak bool // marked
}

// plot runs a script and draws curves of it on p.
func (b *runner) plot(w io.Writer, script trainingScript, p Plot, curves ...epochCurve) error {
	r, err := b.run(script)
	if err != nil {
		return err
	}
	p.XLabel = "Epoch"
	for _, e := range curves {
		c := Curve{Name: e.name, Y: e.of(r[e.run])}
		for epoch := range c.Y {
			c.X = append(c.X, float64(epoch))
		}
		if p.Curves = append(p.Curves, c); e.peak {
			best := slices.Max(c.Y)
			epoch := slices.Index(c.Y, best)
			p.Marks = append(p.Marks, Mark{Name: fmt.Sprintf("%.2f in epoch %d", best, epoch), X: float64(epoch), Y: best})
		}
	}
	return p.WriteSVG(w)
}

// oneRun returns the script of one training.
func oneRun(line string) trainingScript { return trainingScript{lines: []string{line}} }

// figure25 plots Figure 25, §3.4: the test accuracy of the run of Figure 24,
// epochs 200 to 400, with its peak.
func figure25(w io.Writer, b *runner) error {
	p := Plot{Title: "Accuracy on the test data, from epoch 200", YLabel: "Accuracy (%)", XMin: 200, XMax: 400, YMin: 81.90, YMax: 82.30}
	return b.plot(w, oneRun(overfitting), p, epochCurve{"", 0, (*trainingResult).accuracy, true})
}

// figure26 plots Figure 26, §3.4: the training accuracy of the run of Figure
// 24, all epochs.
func figure26(w io.Writer, b *runner) error {
	p := Plot{Title: "Accuracy on the training data", YLabel: "Accuracy (%)", XMax: 400, YMin: 65, YMax: 101}
	return b.plot(w, oneRun(overfitting), p, epochCurve{"", 0, (*trainingResult).trainingAccuracy, false})
}

// figure27 plots Figure 27, §3.4: both accuracies with all 50,000 training
// images, the rest as for Figure 24, 30 epochs (overfitting.py: plot_overlay;
// network2.py: SGD).
func figure27(w io.Writer, b *runner) error {
	return plotAccuracies(w, b, fullData, "Accuracy on the training and on the test data")
}

// plotAccuracies plots the accuracies on the training and on the test data over
// 30 epochs, from 90 to 100 percent, for Figure 27 and Figure 30.
func plotAccuracies(w io.Writer, b *runner, line, title string) error {
	p := Plot{Title: title, YLabel: "Accuracy (%)", XMax: 30, YMin: 90, YMax: 100}
	return b.plot(w, oneRun(line), p, epochCurve{"test data", 0, (*trainingResult).accuracy, false},
		epochCurve{"training data", 0, (*trainingResult).trainingAccuracy, false})
}

// figure28 plots Figure 28, §3.5: Figure 24 with L2 regularization, λ = 0.1.
func figure28(w io.Writer, b *runner) error {
	p := Plot{Title: "Cost on the training data, λ = 0.1, from epoch 200", YLabel: "Cost", XMin: 200, XMax: 400, YMin: 0.10, YMax: 0.26}
	return b.plot(w, oneRun(regularized), p, epochCurve{"", 0, (*trainingResult).trainingCost, false})
}

// figure29 plots Figure 29, §3.5: the test accuracy of the run of Figure 28.
func figure29(w io.Writer, b *runner) error {
	p := Plot{Title: "Accuracy on the test data, λ = 0.1, from epoch 200", YLabel: "Accuracy (%)", XMin: 200, XMax: 400, YMin: 85.8, YMax: 87.2}
	return b.plot(w, oneRun(regularized), p, epochCurve{"", 0, (*trainingResult).accuracy, true})
}

// figure30 plots Figure 30, §3.5: Figure 27 with λ = 5.
func figure30(w io.Writer, b *runner) error {
	return plotAccuracies(w, b, regularizedFull, "Accuracy on the training and on the test data, λ = 5")
}

// figure31 draws Figure 31, §3.5: the [3, 6, 2] network that dropout starts
// from.
func figure31(w io.Writer) error { return drawDropout(w, "A network before dropout", nil) }

// figure32 draws Figure 32, §3.5: the network of Figure 31 without its hidden
// neurons 1, 4 and 6.
func figure32(w io.Writer) error {
	return drawDropout(w, "The network with half of its hidden neurons dropped", []int{0, 3, 5})
}

// drawDropout draws Figure 31 and Figure 32: dropped neurons are dashed rings
// without connections.
func drawDropout(w io.Writer, title string, dropped []int) error {
	c := &canvas{title: title, height: 400}
	net := nodeColumns(box{120, 75, 480, 365}, 20, 3, 6, 2)
	var kept, gone []node
	for j, n := range net[1] {
		if slices.Contains(dropped, j) {
			gone = append(gone, n)
		} else {
			kept = append(kept, n)
		}
	}
	net[1] = kept
	c.drawLayers(net)
	c.circles(net[0], "node")
	c.circles(gone, "gone")
	c.nameColumn(net[0][0].x, "input layer")
	c.nameColumn(net[1][0].x, "hidden layer")
	c.nameColumn(net[2][0].x, "output layer")
	return c.writeTo(w)
}

// figure33 plots Figure 33, §3.5.1.2: the training accuracy with and without
// dropout. The article names no parameters; these show the effect: [784, 100,
// 10], 1,000 images, large weights, cross-entropy, η = 0.5, 100 epochs.
func figure33(w io.Writer, b *runner) error {
	return plotDropout(w, b, Plot{Title: "Accuracy on the training data", YMin: 60, YMax: 101}, (*trainingResult).trainingAccuracy)
}

// plotDropout plots an accuracy with and without dropout, for Figures 33, 34
// and 35; p holds the title and the y axis.
func plotDropout(w io.Writer, b *runner, p Plot, accuracy func(*trainingResult) []float64) error {
	p.YLabel, p.XMax = "Accuracy (%)", 100
	return b.plot(w, trainingScript{lines: []string{withoutDropout, withDropout}}, p,
		epochCurve{"without dropout", 0, accuracy, false}, epochCurve{"with dropout", 1, accuracy, false})
}

// figure34 plots Figure 34, §3.5.1.2: the test accuracy of the runs of Figure
// 33.
func figure34(w io.Writer, b *runner) error {
	return plotDropout(w, b, Plot{Title: "Accuracy on the test data", YMin: 50, YMax: 90}, (*trainingResult).accuracy)
}

// figure35 plots Figure 35, §3.5.1.2. Its caption is that of Figure 34; here it
// is the upper part of it.
func figure35(w io.Writer, b *runner) error {
	return plotDropout(w, b, Plot{Title: "Accuracy on the test data, from 80 % on", YMin: 80, YMax: 90}, (*trainingResult).accuracy)
}

// figure36 writes Figure 36, "normal number five": training image 0 as it is,
// each pixel a square of 20×20.
func figure36(w io.Writer, d *Data) error { return writeEnlarged(w, d, d.Image(0)) }

// figure37 writes Figure 37, "rotated number five": training image 0 rotated
// by 15 degrees counter-clockwise (mnist.py: plot_rotated_image, where the
// comment says 10 but the code 15), each pixel a square of 20×20.
func figure37(w io.Writer, d *Data) error {
	c := newWarper(d.Height, d.Width)
	c.load(d.Image(0))
	c.rotate(15)
	five := make([]byte, d.Height*d.Width)
	c.sample(five)
	return writeEnlarged(w, d, five)
}

// writeEnlarged writes an image of the size of those in d as a PNG, black
// on white, each pixel a square of 20×20 (Figures 36 and 37; the format is
// ISO/IEC 15948).
func writeEnlarged(w io.Writer, d *Data, pixels []byte) error {
	const zoom = 20
	picture := image.NewGray(image.Rect(0, 0, zoom*d.Width, zoom*d.Height))
	for i := range picture.Pix {
		x, y := i%picture.Stride, i/picture.Stride
		picture.Pix[i] = 255 - pixels[y/zoom*d.Width+x/zoom]
	}
	return png.Encode(w, picture)
}

// figure38 plots Figure 38, §3.7.2: the training cost of [784, 30, 10] with
// three learning rates, cross-entropy, λ = 5, default weights, all 50,000
// images, 30 epochs (multiple_eta.py; network2.py: SGD).
func figure38(w io.Writer, b *runner) error {
	p := Plot{Title: "Cost on the training data", YLabel: "Cost", XMax: 30, YMin: 0.3, YMax: 1.2}
	cost := (*trainingResult).trainingCost
	return b.plot(w, learningRates, p, epochCurve{"η = 0.025", 0, cost, false}, epochCurve{"η = 0.25", 1, cost, false}, epochCurve{"η = 2.5", 2, cost, false})
}

// figure39 plots Figure 39, §3.8: tanh z, Eq. 56, for z from -5 to 5. The y
// axis goes a fifth beyond -1 and 1.
func figure39(w io.Writer) error {
	return functionPlot("Tanh function", "tanh(z)", -1.2, 1.2, tanh).WriteSVG(w)
}

// figure40 plots Figure 40, §3.8: max(0, z), Eq. 58, for z from -5 to 5 on a y
// axis from -1 to 5; below that the book's is empty.
func figure40(w io.Writer) error {
	return functionPlot("Rectifying function", "max(0, z)", -1, 5, relu).WriteSVG(w)
}
