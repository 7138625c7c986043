package main

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// This file holds the demonstrations that take images or a network: the
// baselines of §1.6, the shrinkage of §3.5.1.1, the Hessian, the universal
// approximation and the tanh outputs of §3.8. The command demo runs them.
// Eq. 46 is the article's number, book Eq. 93 the online book's.

// demoBaseline scores two classifiers that learn next to nothing, for
// comparison with the network of §1.6: by the darkness of the whole image
// (mnist_average_darkness.py), and by the mean image of each digit.
func demoBaseline(out io.Writer) error {
	training, _, err := LoadTraining("")
	if err != nil {
		return err
	}
	test, err := LoadTest("")
	if err != nil {
		return err
	}
	means := meanImages(training)
	fmt.Fprintln(out, "TWO BASELINES (§1.6): HOW MANY OF THE TEST IMAGES THEY READ RIGHT")
	fmt.Fprintf(out, "\n%5s%11s%13s%15s%9s\n", "digit", "mean", "by average", "by nearest", "of so")
	fmt.Fprintf(out, "%16s%13s%15s%9s\n", "darkness", "darkness", "mean image", "many")
	var all [3]int
	for digit, scores := range baselineScores(means, test) {
		darkness := 0.0
		for _, v := range means[digit] {
			darkness += v / 256
		}
		fmt.Fprintf(out, "%5d%11.2f%13d%15d%9d\n", digit, darkness, scores[0], scores[1], scores[2])
		for k, n := range scores {
			all[k] += n
		}
	}
	fmt.Fprintf(out, "%5s%24d%15d%9d\n", "all", all[0], all[1], all[2])
	percent := func(n int) float64 { return 100 * float64(n) / float64(all[2]) }
	fmt.Fprintf(out, "%27.2f %%%13.2f %%\n", percent(all[0]), percent(all[1]))
	return nil
}

// baselineScores returns, for each digit, the number of its images that each of the
// two baselines reads right, and their number (mnist_average_darkness.py: main).
func baselineScores(means [10][]float64, d *Data) (scores [10][3]int) {
	for i, label := range d.Labels {
		for k, guess := range []int{byDarkness(means, d.Image(i)), byMeanImage(means, d.Image(i)), int(label)} {
			if guess == int(label) {
				scores[label][k]++
			}
		}
	}
	return scores
}

// meanImages returns the mean of all images of each digit, 0 to 255
// (mnist_average_darkness.py: avg_darknesses takes the mean of the sums).
func meanImages(d *Data) (means [10][]float64) {
	var count [10]float64
	for digit := range means {
		means[digit] = make([]float64, d.Height*d.Width)
	}
	for i, label := range d.Labels {
		count[label]++
		for k, v := range d.Image(i) {
			means[label][k] += float64(v)
		}
	}
	for digit := range means {
		for k := range means[digit] {
			means[digit][k] /= max(count[digit], 1)
		}
	}
	return means
}

// byDarkness returns the digit whose images are on average as dark as this one,
// or nearly (mnist_average_darkness.py: guess_digit).
func byDarkness(means [10][]float64, image []byte) int {
	var nearness [10]float64
	for digit, mean := range means {
		for k, v := range image {
			nearness[digit] += mean[k] - float64(v)
		}
		nearness[digit] = -math.Abs(nearness[digit])
	}
	return argmax(nearness[:])
}

// byMeanImage returns the digit whose mean image is nearest to this one in
// ‖·‖, the length of Eq. 7 (book Eq. 6).
func byMeanImage(means [10][]float64, image []byte) int {
	var nearness [10]float64
	for digit, mean := range means {
		for k, v := range image {
			d := mean[k] - float64(v)
			nearness[digit] -= float64(d * d)
		}
	}
	return argmax(nearness[:])
}

// demoShrinkage shows how much one step of L1 and of L2 regularization takes from a
// weight, and what is left of the weights after training with each.
func demoShrinkage(out io.Writer) error {
	const decay = 0.01 // ηλ/n
	fmt.Fprintln(out, "L1 AGAINST L2 (§3.5.1.1): what one step takes from a weight, with ηλ/n = 0.01")
	fmt.Fprintln(out, "and no other gradient. By Eq. 46 it is proportional to |w|, by Eq. 49 constant.")
	fmt.Fprintln(out, "\n    |w|     L2, Eq. 46  L1, Eq. 49  larger")
	for _, size := range []float64{0.01, 0.1, 0.5, 0.9, 1, 1.1, 2, 4} {
		l2, l1 := []float64{size}, []float64{size}
		rule{decay: decay}.descendWeights(l2, nil, []float64{0})
		rule{l1: decay}.descendWeights(l1, nil, []float64{0})
		larger := "L1"
		switch taken2, taken1 := size-l2[0], size-l1[0]; {
		case math.Abs(taken1-taken2) < 1e-12:
			larger = "equal"
		case taken2 > taken1:
			larger = "L2"
		}
		fmt.Fprintf(out, "  %5g       %8.5f    %8.5f  %s\n", size, size-l2[0], size-l1[0], larger)
	}
	if err := writeShrunkWeights(out); err != nil {
		return err
	}
	return nil
}

// writeShrunkWeights trains with each and writes how large the weights are.
func writeShrunkWeights(out io.Writer) error {
	bounds := []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, math.Inf(1)}
	fmt.Fprintln(out, "\nPercent of the weights of [784, 30, 10] by size, each in the first column that")
	fmt.Fprint(out, "it fits, after 60 epochs on 1,000 images (cross-entropy, η = 0.5):\n\n  |w| below ")
	for _, b := range bounds[:len(bounds)-1] {
		fmt.Fprintf(out, "%7g", b)
	}
	fmt.Fprintf(out, "%7s", "any")
	for _, c := range []struct {
		name string
		more Settings
	}{{"none", Settings{}}, {"L2, λ = 1", Settings{Lambda: 1}}, {"L1, λ = 1", Settings{L1: 1}}} {
		net, err := trainedOnThousand(Sigmoid, CrossEntropyCost, c.more, 60, 0.5)
		if err != nil {
			return err
		}
		counts := make([]float64, len(bounds))
		for _, w := range net.Weights[1:] {
			for _, x := range w.Data {
				counts[slices.IndexFunc(bounds, func(b float64) bool { return math.Abs(x) < b })]++
			}
		}
		fmt.Fprintf(out, "\n  %-10s", c.name)
		for _, n := range counts {
			fmt.Fprintf(out, "%7.1f", 100*n/float64(784*30+30*10))
		}
	}
	_, err := fmt.Fprintln(out)
	return err
}

// trainedOnThousand returns [784, 30, 10] with some hidden neurons and cost after
// training on 1,000 images.
func trainedOnThousand(hidden *Activation, cost *Cost, more Settings, epochs int, eta float64) (*Network, error) {
	training, _, err := LoadTraining("")
	if err != nil {
		return nil, err
	}
	net := NewNetwork([]int{784, 30, 10})
	net.Hidden, net.Cost = hidden, cost
	net.DefaultWeights(NewNumPyRandom(bookSeed))
	return net, net.SGD(training.Slice(0, 1000), epochs, 10, eta, Run{Settings: more})
}

// demoHessian shows that backpropagation can compute the Hessian, and what it is
// worth: damped Newton against gradient descent on XOR.
func demoHessian(out io.Writer) error {
	x := &Matrix{Rows: 4, Cols: 2, Data: []float64{0, 0, 0, 1, 1, 0, 1, 1}}
	y := &Matrix{Rows: 4, Cols: 1, Data: []float64{0, 1, 1, 0}}
	net := NewNetwork([]int{2, 3, 1})
	net.Cost = CrossEntropyCost
	net.LargeWeights(NewNumPyRandom(bookSeed))
	h, start := net.hessianOf(x, y), net.parameters()
	fmt.Fprintln(out, "THE HESSIAN BY BACKPROPAGATION (§3.8.1): a [2, 3, 1] network on XOR")
	fmt.Fprintf(out, "\nH of the cross-entropy, %d×%d, for the six weights into the hidden layer; each\n", len(h), len(h))
	fmt.Fprintf(out, "column is one product H v (Pearlmutter 1994):\n\n")
	for i := range 6 {
		for k := range 6 {
			fmt.Fprintf(out, "  %10.6f", h[i][k])
		}
		fmt.Fprintln(out)
	}
	asymmetry, difference := 0.0, 0.0
	row, at := make([]float64, len(h)), slices.Clone(start)
	for i := range h {
		numericalGradient(row, at, func() float64 {
			net.setParameters(at)
			nabla, _ := net.meanGradient(x, y)
			return nabla[i]
		})
		for k := range h {
			asymmetry = max(asymmetry, math.Abs(h[i][k]-h[k][i]))
			difference = max(difference, math.Abs(h[i][k]-row[k]))
		}
	}
	fmt.Fprintf(out, "\nH_ij and H_ji differ by %s; H and finite differences of the\ngradient by %s.\n", atMost(asymmetry), atMost(difference))
	fmt.Fprintln(out, "\nSteps until the cross-entropy is below 0.01:")
	steps := func(step func()) (n int) {
		net.setParameters(start)
		for ; n < 10000; n++ {
			if _, cost := net.meanGradient(x, y); cost < 0.01 {
				break
			}
			step()
		}
		return n
	}
	newton := steps(func() { net.dampedNewtonStep(x, y) })
	descent := steps(func() {
		nabla, _ := net.meanGradient(x, y)
		net.setParameters(addVectors(net.parameters(), GradientStep(nabla, 2)))
	})
	fmt.Fprintf(out, "  damped Newton with the whole H  %6d\n  gradient descent, η = 2         %6d\n", newton, descent)
	fmt.Fprintf(out, "\nThe H of [784, 30, 10] has %s entries.\n", thousands(int(hessianEntries([]int{784, 30, 10}))))
	return nil
}

// atMost writes a small number as a bound that holds on any machine.
func atMost(x float64) string {
	for _, bound := range []float64{1e-9, 1e-8, 1e-7} {
		if x <= bound {
			return fmt.Sprintf("at most %.0e", bound)
		}
	}
	return fmt.Sprintf("%.0e", x)
}

// demoUniversal builds networks that approximate a curve, with weights set by hand: a
// hidden neuron of large weight is a step (§1.2), a rectified linear one a kink. So
// sigmoid, tanh and rectified linear neurons can compute any function (§3.8).
func demoUniversal(out io.Writer) error {
	fmt.Fprintln(out, "ANY FUNCTION (§3.8): a curve on [0, 1] from one hidden layer whose weights are")
	fmt.Fprintln(out, "set by hand: steps of sigmoid or tanh neurons, kinks of rectified linear ones.")
	fmt.Fprintln(out, "It is 0.5 + 0.3 sin 2πx + 0.2x² - 0.3x sin 6πx; the output is the weighted")
	fmt.Fprintln(out, "sum. Largest error at 1,001 points:")
	fmt.Fprint(out, "\n  hidden neurons")
	for _, kind := range universalKinds {
		fmt.Fprintf(out, "%10s", kind.name)
	}
	for _, n := range []int{10, 20, 40, 80} {
		fmt.Fprintf(out, "\n  %14d", n)
		for _, kind := range universalKinds {
			worst, g := 0.0, universalNetwork(universalCurve, n, kind.model)
			for i := range 1001 {
				x := float64(i) / 1000
				worst = max(worst, math.Abs(g(x)-universalCurve(x)))
			}
			fmt.Fprintf(out, "%10.4f", worst)
		}
	}
	apart := 0.0
	for z := -8.0; z <= 8; z += 0.25 {
		apart = max(apart, math.Abs(sigmoid(z)-sigmoidByTanh(z)))
	}
	fmt.Fprintf(out, "\n\nSigmoid and tanh neurons differ in scale alone, Eq. 57: σ(z) and\n(1+tanh(z/2))/2 differ by %s for z from -8 to 8.\n", atMost(apart))
	return nil
}

// universalKinds are the neurons that it takes.
var universalKinds = []struct {
	name  string
	model func(Neuron, []float64) float64
}{{"sigmoid", Neuron.Sigmoid}, {"tanh", Neuron.Tanh}, {"relu", Neuron.RectifiedLinear}}

// universalCurve is the curve that it approximates.
func universalCurve(x float64) float64 {
	sinTurns := func(x float64) float64 {
		sin, _ := sinCos(2 * math.Pi * (x - math.Round(x)))
		return sin
	}
	return 0.5 + float64(0.3*sinTurns(x)) + float64(0.2*x*x) - float64(0.3*sinTurns(3*x)*x)
}

// plotUniversal draws the curve and what 10 and 40 hidden neurons of each kind make of it.
func plotUniversal(w io.Writer) error {
	var panels []*Plot
	for _, n := range []int{10, 40} {
		p := &Plot{XLabel: "x", YLabel: fmt.Sprintf("%d hidden neurons", n)}
		curve := func(name string, f func(float64) float64) {
			c := Curve{Name: name}
			for i := range 201 {
				x := float64(i) / 200
				c.X, c.Y = append(c.X, x), append(c.Y, f(x))
			}
			p.Curves = append(p.Curves, c)
		}
		curve("the curve", universalCurve)
		for _, kind := range universalKinds {
			curve(kind.name, universalNetwork(universalCurve, n, kind.model))
		}
		panels = append(panels, p)
	}
	panels[0].Title = "Any function from one hidden layer"
	return writePanels(w, panels...)
}

// universalNetwork returns the output of n hidden neurons of a model whose weights
// make it follow f on [0, 1].
func universalNetwork(f func(float64) float64, n int, model func(Neuron, []float64) float64) func(x float64) float64 {
	hidden, out := make([]Neuron, n), make([]float64, n)
	offset, steep := f(0), 10*float64(n)
	kink := model(Neuron{[]float64{1}, 0}, []float64{2}) == 2 // rectified linear
	before := 0.0
	for k := range n {
		at, next := float64(k)/float64(n), float64(k+1)/float64(n)
		switch {
		case kink: // the slope of this piece, less that of the one before
			slope := (f(next) - f(at)) * float64(n)
			hidden[k], out[k] = Neuron{[]float64{1}, -at}, slope-before
			before = slope
		default: // a step in the middle of the piece
			hidden[k] = Neuron{[]float64{steep}, -steep * (at + next) / 2}
			low, high := model(hidden[k], []float64{-1}), model(hidden[k], []float64{2})
			out[k] = (f(next) - f(at)) / (high - low)
			offset -= float64(low * out[k])
		}
	}
	return func(x float64) float64 {
		sum := offset
		for k := range hidden {
			sum += float64(out[k] * model(hidden[k], []float64{x}))
		}
		return sum
	}
}

// demoTanh shows what becomes of targets and costs where the outputs are tanh
// neurons, which go from -1 to 1: "you may need to normalize your outputs" (§3.8).
func demoTanh(out io.Writer) error {
	fmt.Fprintln(out, "TANH OUTPUTS (§3.8): t = tanh(z) goes from -1 to 1")
	fmt.Fprintln(out, "\nBy Eq. 57 a = (1+t)/2 is the output of a sigmoid neuron at 2z, and a target y")
	fmt.Fprintln(out, "becomes s = 2y-1. One neuron that is to learn y = 0, which is s = -1:")
	fmt.Fprintln(out, "\n                                  quadratic cost       cross-entropy of a")
	fmt.Fprintln(out, "   z   tanh(z)   (1+t)/2       σ(2z)   (s-t)²/2    slope   cost     slope t-s")
	for _, z := range []float64{-2, -0.5, 0, 0.5, 2, 4} {
		t := Neuron{nil, z}.Tanh(nil)
		fmt.Fprintf(out, "%4g  %8.5f  %8.5f    %8.5f   %8.5f  %7.5f  %7.5f   %8.5f\n", z, t, (1+t)/2, sigmoid(2*z),
			tanhQuadratic(t, -1), tanhQuadraticDelta(t, -1), tanhCrossEntropy(t, -1), tanhCrossEntropyDelta(t, -1))
	}
	fmt.Fprintln(out, "\n(s-t)²/2 is four times the (y-a)²/2 of Eq. 29, and its slope has a 1-t² that")
	fmt.Fprintln(out, "saturation takes away; the cross-entropy's has none, as with sigmoid outputs.")
	if err := writeTanhOutputs(out); err != nil {
		return err
	}
	return nil
}

// writeTanhOutputs trains networks of tanh neurons alone, by either cost.
func writeTanhOutputs(out io.Writer) error {
	test, err := LoadTest("")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\n[784, 30, 10], all neurons tanh, 1,000 images, 20 epochs, η = 0.1:")
	fmt.Fprintln(out, "\n  targets   cost           right of 10,000 test images   outputs below 0")
	for _, c := range []struct {
		targets, name string
		cost          *Cost
	}{
		{" 0 and 1", "quadratic", tanhCost(0, tanhQuadratic, tanhQuadraticDelta)},
		{"-1 and 1", "quadratic", tanhCost(-1, tanhQuadratic, tanhQuadraticDelta)},
		{"-1 and 1", "cross-entropy", tanhCost(-1, tanhCrossEntropy, tanhCrossEntropyDelta)},
	} {
		net, err := trainedOnThousand(Tanh, c.cost, Settings{}, 20, 0.1)
		if err != nil {
			return err
		}
		below := 0
		if err := net.forEach(test, func(b *batch, _, x int) {
			for _, a := range b.a[net.L()].Row(x) {
				if a < 0 {
					below++
				}
			}
		}); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %s  %-13s  %27d   %13.1f %%\n", c.targets, c.name, net.Accuracy(test), float64(below)/1000)
	}
	return nil
}

// tanhCost returns a cost over tanh output neurons, whose targets are low and 1
// where y is 0 and 1; cost and slope are those of one output t with target s.
func tanhCost(low float64, cost, slope func(t, s float64) float64) *Cost {
	target := func(y float64) float64 { return low + float64((1-low)*y) }
	return &Cost{
		Output: func(a, z []float64) {
			for j := range z {
				a[j] = tanh(z[j])
			}
		},
		Fn: func(_, a, y []float64) float64 {
			sum := 0.0
			for j := range a {
				sum += cost(a[j], target(y[j]))
			}
			return sum
		},
		Delta: func(delta, _, a, y []float64) {
			for j := range a {
				delta[j] = slope(a[j], target(y[j]))
			}
		},
	}
}

// tanhQuadratic returns (s-t)²/2, four times the cost of Eq. 29 (book Eq. 54).
func tanhQuadratic(t, s float64) float64 { return float64((s-t)*(s-t)) / 2 }

// tanhQuadraticDelta returns its derivative by z, (t-s) tanh'(z): BP1.
func tanhQuadraticDelta(t, s float64) float64 { return (t - s) * tanhPrime(0, t) }

// tanhCrossEntropy returns the cross-entropy of Eq. 31 (book Eq. 57) with
// a = (1+t)/2 and y = (1+s)/2.
func tanhCrossEntropy(t, s float64) float64 { return neuronCrossEntropy((1+s)/2, (1+t)/2) }

// tanhCrossEntropyDelta returns its derivative by z, where tanh' has cancelled.
func tanhCrossEntropyDelta(t, s float64) float64 { return t - s }
