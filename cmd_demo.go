package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// This file is the command demo: single neurons, the valley, Newton's method,
// softmax; demos.go has those that take a network. Eq. 46 is the article's
// number, book Eq. 93 the online book's.

// demo runs one of the demonstrations, or lists them.
func demo(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return listDemos(stdout)
	}
	if args[0] == "all" && len(args) == 1 {
		for i, d := range demos {
			if i > 0 {
				fmt.Fprintln(stdout)
			}
			if err := d.write(stdout); err != nil {
				return err
			}
		}
		return nil
	}
	known := namesOf(demos, func(d demoRow) string { return d.name })
	i := slices.Index(known, args[0])
	switch {
	case helpAsked(args) || helpAsked(args[1:]):
		return listDemos(stderr)
	case args[0] == "all":
		return usagef("demo all takes nothing more, not %q", args[1])
	case i < 0:
		return usagef("there is no demo %q, expected %s%s", args[0], strings.Join(known, ", "), didYouMean(args[0], known, ""))
	case args[0] == "universal" && len(args) == 3 && args[1] == "-plot":
		return errors.Join(writeFileAtomic(args[2], plotUniversal), demos[i].write(stdout))
	case len(args) > 1:
		return usagef("demo takes one name, not %q too", args[1])
	}
	return demos[i].write(stdout)
}

// listDemos prints the names and what each shows.
func listDemos(w io.Writer) error {
	fmt.Fprintln(w, "go run . demo NAME")
	for _, d := range demos {
		fmt.Fprintln(w, wrapped(fmt.Sprintf("  %-11s %s", d.name, d.about), 14))
	}
	fmt.Fprint(w, "  all         all of them\n\nExamples:\n  go run . demo neuron\n  go run . demo universal -plot curves.svg\n  go run . demo all\n")
	return nil
}

// A demoRow is one demonstration.
type demoRow struct {
	name, about string
	run         func(out io.Writer) error
}

// write runs the demonstration.
func (d demoRow) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	return errors.Join(d.run(out), out.Flush())
}

// demos are the short accounts that go with §1.1, §1.2, §1.5, §1.6, §3.1-§3.3
// and §3.8. Each prints less than a screen of plain text.
var demos = []demoRow{
	{"perceptron", "evidence, gates, layers and small changes (§1.1, §1.2)", demoPerceptron},
	{"neuron", "one neuron learns, by either cost (§3.1, §3.2)", demoNeuron},
	{"valley", "gradient descent, learning rate, momentum (§1.5, §3.8)", demoValley},
	{"newton", "Taylor expansion and Hessian technique (§3.8.1)", demoNewton},
	{"hessian", "the Hessian by backpropagation, damped Newton on XOR (§3.8.1)", demoHessian},
	{"shrinkage", "what L1 and L2 take from a weight (§3.5.1.1)", demoShrinkage},
	{"universal", "any function from one hidden layer, weights set by hand (§3.8); -plot FILE draws it", demoUniversal},
	{"tanh", "tanh outputs, and what their targets and costs become (§3.8)", demoTanh},
	{"softmax", "four softmax neurons (§3.3)", demoSoftmax},
	{"baseline", "what reads digits that learned next to nothing (§1.6)", demoBaseline},
}

// demoPerceptron shows perceptrons deciding, by themselves and in layers, and
// why a network that learns has sigmoid neurons instead. §1.1, §1.2.
func demoPerceptron(out io.Writer) error {
	fmt.Fprintln(out, "PERCEPTRONS (§1.1) AND SIGMOID NEURONS (§1.2)")
	writeEvidence(out)
	writeGates(out)
	writeDisagreement(out)
	writeSteps(out)
	writeSmallChange(out)
	return nil
}

// writeEvidence lists the inputs that overcome some thresholds (Eqs. 1, 2).
// The weights are those of the festival in the book's §1.1.
func writeEvidence(out io.Writer) {
	fmt.Fprintln(out, "\nEqs. 1, 2: three inputs with weights 6, 2, 2. A larger bias fires more easily.")
	fmt.Fprintln(out, "  threshold  bias  fires on")
	for _, threshold := range []float64{9, 5, 3, 1, -1} {
		p := ThresholdPerceptron{[]float64{6, 2, 2}, threshold}
		n := p.Neuron()
		fmt.Fprintf(out, "  %9g  %4g ", threshold, n.B)
		for i := range 8 {
			x := []float64{float64(i >> 2), float64(i >> 1 & 1), float64(i & 1)}
			switch byThreshold, byBias := p.Output(x), n.Perceptron(x); {
			case byThreshold != byBias: // Eq. 1 and Eq. 2 are the same
				fmt.Fprintf(out, " %03b?", i)
			case byBias == 1:
				fmt.Fprintf(out, " %03b", i)
			}
		}
		fmt.Fprintln(out)
	}
}

// writeGates prints the truth tables of the gates made of perceptrons, §1.1.
func writeGates(out io.Writer) {
	fmt.Fprintln(out, "\nGates: NAND is one perceptron, XOR takes two layers, the adder five NANDs.")
	fmt.Fprintln(out, "  x1 x2  NAND  XOR  carry sum")
	for i := range 4 {
		x1, x2 := float64(i>>1), float64(i&1)
		x := []float64{x1, x2}
		carry, sum := adder(x1, x2)
		fmt.Fprintf(out, "   %g  %g     %g    %g      %g   %g\n", x1, x2,
			nand.Perceptron(x), xor().Output(x, Neuron.Perceptron)[0], carry, sum)
	}
}

// writeDisagreement prints what each layer of the network of Fig. 3 says when
// none, one, ... and all of five answers are yes.
func writeDisagreement(out io.Writer) {
	fmt.Fprintln(out, "\nFig. 3, 5-3-4-1: are five answers unlike? Each layer judges the one before.")
	fmt.Fprintln(out, "  answers      1+,3+,5   0,1-2,3-4,5  unlike")
	net, x := disagreement(), make([]float64, 5)
	for yes := 0; yes <= 5; yes++ {
		if yes > 0 {
			x[yes-1] = 1
		}
		fmt.Fprintf(out, "  %g  %g   %g     %g\n", x,
			net[:2].Output(x, Neuron.Perceptron),
			net[:3].Output(x, Neuron.Perceptron), net.Output(x, Neuron.Perceptron)[0])
	}
}

// writeSteps sets the perceptron beside the step function of Fig. 6 and the
// sigmoid of Fig. 5: the first two differ at z = 0 and nowhere else.
func writeSteps(out io.Writer) {
	fmt.Fprintln(out, "\nFigs. 5, 6: step function and perceptron differ at z = 0 only.")
	for _, row := range []struct {
		name, format string
		of           func(z float64) float64
	}{
		{"z", "  %6g", func(z float64) float64 { return z }},
		{"perceptron", "  %6g", func(z float64) float64 { return Neuron{nil, z}.Perceptron(nil) }},
		{"step", "  %6g", stepFunction},
		{"e⁻ᶻ", "  %6.3g", func(z float64) float64 { return exp(-z) }},
		{"sigmoid", "  %6.4f", sigmoid},
	} {
		fmt.Fprintf(out, "  %-10s", row.name)
		for _, z := range []float64{-4, -1, -0.01, 0, 0.01, 1, 4} {
			fmt.Fprintf(out, row.format, row.of(z))
		}
		fmt.Fprintln(out)
	}
}

// writeSmallChange moves one weight of the network of Fig. 4 and sets the
// answers of perceptrons and of sigmoid neurons beside Eq. 5.
func writeSmallChange(out io.Writer) {
	fmt.Fprintln(out, "\nFig. 4, 3-4-1: one weight changes by dw. Perceptrons flip; sigmoid neurons move,")
	fmt.Fprintln(out, "by nearly what Eq. 5 predicts.")
	fmt.Fprintln(out, "       dw  perceptrons  sigmoids     change      Eq. 5")
	for _, dw := range []float64{-0.02, 0, 0.02, 0.2} {
		a := smallChangeOutput(dw, Neuron.Sigmoid)
		fmt.Fprintf(out, "  %7.2f  %11g  %.6f  %+.6f  %+.6f\n", dw,
			smallChangeOutput(dw, Neuron.Perceptron), a,
			a-smallChangeOutput(0, Neuron.Sigmoid), predictedSmallChange(dw))
	}
}

// predictedSmallChange is that change by Eq. 5, neuron by neuron: the weight moves
// the hidden neuron's output, and that moves the output neuron's as a weight would,
// since z is a sum of products.
func predictedSmallChange(dw float64) float64 {
	net, x := smallChange(0), []float64{1, 1, 1}
	hidden := net[:2].Output(x, Neuron.Sigmoid)
	change := make([]float64, len(hidden))
	change[0] = net[1][0].SigmoidChange(x, []float64{dw, 0, 0}, 0)
	last := net[2][0]
	return Neuron{W: hidden, B: last.B}.SigmoidChange(last.W, change, 0)
}

// demoNeuron trains the neuron of §3.1 and §3.2 from both starts by both
// costs, draws the slow start, and shows where the article's 0.008 is from.
func demoNeuron(out io.Writer) error {
	fmt.Fprintln(out, "ONE NEURON LEARNS TO TURN 1 INTO 0 (§3.1, §3.2): η = 0.15, 300 epochs")
	fmt.Fprintln(out, "\n                             output  at the end:")
	fmt.Fprintln(out, "  w, b      cost           at first    output      cost  w, b")
	for _, start := range [][2]float64{{0.6, 0.9}, {2, 2}} {
		for _, cost := range []*neuronCost{singleQuadratic, singleCrossEntropy} {
			s := NewSingleNeuron(start[0], start[1], cost)
			first := s.Output()
			costs := s.Train()
			fmt.Fprintf(out, "  %.1f, %.1f  %-13s  %.6f  %.6f  %.6f  %.6f, %.6f\n",
				start[0], start[1], cost.name, first, s.Output(), costs[len(costs)-1], s.W, s.B)
		}
	}
	q := NewSingleNeuron(2, 2, singleQuadratic).Train()
	c := NewSingleNeuron(2, 2, singleCrossEntropy).Train()
	fmt.Fprintln(out, "\nShare of the first cost that is left, from (2.0, 2.0):")
	fmt.Fprintln(out, "q quadratic (Eqs. 29, 30), c cross-entropy (Eqs. 31-34).")
	writeShares(out, q, c)
	fmt.Fprintf(out, "The fall is steepest at epoch %d for q, at epoch %d for c.\n", steepestEpoch(q), steepestEpoch(c))
	writeSlowness(out)
	n, data := Neuron{[]float64{2}, 2}, []neuronExample{{[]float64{1}, 0}}
	nablaW, nablaB := n.CrossEntropyGradient(data)
	fmt.Fprintf(out, "\nThe cross-entropy at (2.0, 2.0): ∂C/∂w = %.6f by Eq. 32, where σ' still\n", n.crossEntropySlope(data, 0))
	fmt.Fprintf(out, "stands, %.6f by Eq. 33, where it cancelled; ∂C/∂b = %.6f by Eq. 34.\n", nablaW[0], nablaB)
	writeNearZero(out)
	s := NewSingleNeuron(0.6, 0.9, singleQuadratic)
	costs := s.misprintedTrain()
	fmt.Fprintln(out, "\nThe article's listing multiplies the weight's step by the output, not by x. From")
	fmt.Fprintf(out, "(0.6, 0.9) it ends at output %.6f; its \"0.008\" is the cost there, %.6f.\n",
		s.Output(), costs[len(costs)-1])
	return nil
}

// writeShares draws two curves of Figs. 19 and 23 in one frame, each divided by
// its first cost, one column for five epochs.
func writeShares(out io.Writer, q, c []float64) {
	const rows, perColumn = 8, 5
	grid := make([][]byte, rows+1)
	for r := range grid {
		grid[r] = []byte(strings.Repeat(" ", (len(q)-1)/perColumn+1))
	}
	for i := 0; i < len(q); i += perColumn {
		grid[rows-int(math.Round(rows*q[i]/q[0]))][i/perColumn] = 'q'
		grid[rows-int(math.Round(rows*c[i]/c[0]))][i/perColumn] = 'c'
	}
	for r, line := range grid {
		label := fmt.Sprintf("%.3f", float64(rows-r)/rows)
		fmt.Fprintf(out, "  %s |%s\n", label, strings.TrimRight(string(line), " "))
	}
	fmt.Fprintf(out, "        0%*d epochs\n", (len(q)-1)/perColumn, len(q)-1)
}

// writeSlowness compares the slopes of both costs at some weighted inputs
// (Eqs. 30, 33): σ' makes the difference, and an input of 0 stops both.
func writeSlowness(out io.Writer) {
	fmt.Fprintln(out, "\nSlope ∂C/∂w at x = 1 (0 at x = 0, always):")
	fmt.Fprintln(out, "    z     output  quadratic, Eq. 30  cross-entropy, Eq. 33")
	for _, z := range []float64{0, 4, 10} {
		q, _ := NewSingleNeuron(z, 0, singleQuadratic).Gradient()
		c, _ := NewSingleNeuron(z, 0, singleCrossEntropy).Gradient()
		fmt.Fprintf(out, "  %3g  %9.6f  %17.6f  %21.6f\n", z, sigmoid(z), q, c)
	}
}

// writeNearZero sets the two values that the article has from sympy (§3.2) beside
// that of log1p and those of Eq. 31 as it reads. Sympy puts in a first and collects y:
// for y = 1 that is the difference of two numbers near 11.5.
func writeNearZero(out io.Writer) {
	fmt.Fprintln(out, "\nThe cross-entropy near its 0 (§3.2), and what rounding makes of it:")
	fmt.Fprintln(out, "                     y = 0, a = 0.00001    y = 1, a = 0.99999")
	for _, form := range []struct {
		name string
		of   func(y, a float64) float64
	}{
		{"log1p(-0.00001)", func(float64, float64) float64 { return -log1p(-0.00001) }},
		{"as Eq. 31 reads", func(y, a float64) float64 { return -(float64(y*log(a)) + float64((1-y)*log(1-a))) }},
		{"as sympy does", func(y, a float64) float64 { c := -log(1 - a); return c - float64((c+log(a))*y) }},
	} {
		fmt.Fprintf(out, "  %-15s  %21.14e  %20.14e\n", form.name, form.of(0, 0.00001), form.of(1, 0.99999))
	}
}

// demoValley rolls a ball into the valley of Fig. 13 at several learning rates,
// checks Eq. 13, and adds momentum.
func demoValley(out io.Writer) error {
	fmt.Fprintln(out, "GRADIENT DESCENT (§1.5) on the valley C = v1² + v2², from (1, 0.5)")
	writeRates(out)
	writeFall(out)
	writeFriction(out)
	return nil
}

// writeRates draws nine steps of Eq. 14 (book Eq. 11) for learning rates from
// too small to too large. On this valley a step multiplies v by 1-2η.
func writeRates(out io.Writer) {
	fmt.Fprintln(out, "\nEq. 14: v1 after steps 0 to 9, each digit a step, and C after 20. A small η")
	fmt.Fprintln(out, "creeps, 0.5 happens to land at once, above it the ball jumps across the bottom,")
	fmt.Fprintln(out, "and from 1 on it never gets down.")
	fmt.Fprintf(out, "      η  %-28s0%28s  C\n", "-1", "1")
	for _, eta := range []float64{0.001, 0.01, 0.1, 0.5, 0.9, 1, 1.1} {
		path := GradientDescent(valley, []float64{1, 0.5}, eta, 20)
		fmt.Fprintf(out, "  %5g  %s  %.2g\n", eta, formatPath(path[:10]), valley(path[20]))
	}
}

// formatPath draws the first coordinates of a path on a line from -1 to 1.
// Digits count the steps; the earliest at a place is drawn.
func formatPath(path [][]float64) string {
	line := []byte(strings.Repeat(".", 57))
	for i, v := range path {
		column := int(math.Round(28 + float64(28*v[0])))
		if column >= 0 && column < len(line) && line[column] == '.' {
			line[column] = byte('0' + i)
		}
	}
	return string(line)
}

// writeFall sets the fall of C in one step beside Eq. 13.
func writeFall(out io.Writer) {
	fmt.Fprintln(out, "\nEq. 13: C should change by -η |∇C|² in a step.")
	fmt.Fprintln(out, "       η     Eq. 13    measured    ratio")
	v := []float64{1, 0.5}
	nablaC := Gradient(valley, v)
	for _, eta := range []float64{0.1, 0.01, 0.001} {
		fall := valley(addVectors(v, GradientStep(nablaC, eta))) - valley(v)
		predicted := PredictedFall(nablaC, eta)
		fmt.Fprintf(out, "  %6g  %9.6f  %10.6f  %.5f\n", eta, predicted, fall, fall/predicted)
	}
}

// writeFriction rolls the ball of Eq. 54 (book Eqs. 107, 108) at one small η
// with more and less friction.
func writeFriction(out io.Writer) {
	const eta, steps = 0.02, 5000
	fmt.Fprintf(out, "\nEq. 54, momentum: η = %g, 1-μ is friction. Too little of it overshoots.\n", eta)
	fmt.Fprintln(out, "     μ  steps to a slope below 0.000001  farthest past the bottom")
	for _, mu := range []float64{0, 0.5, 0.65, 0.9, 0.99, 1} {
		path := Ball{eta, mu}.Descend(valley, []float64{1, 0.5}, steps)
		past := 0.0
		for _, w := range path {
			past = max(past, -w[0])
		}
		when := fmt.Sprintf("not in %d", steps)
		if i := stepsToFlat(valley, path, 1e-6); i < len(path) {
			when = fmt.Sprint(i)
		}
		fmt.Fprintf(out, "  %4g  %31s  %24.4f\n", mu, when, past)
	}
}

// demoNewton shows the Taylor expansion, the Hessian technique against
// gradient descent, where it is refused, and how big H is. §3.8.1.
func demoNewton(out io.Writer) error {
	fmt.Fprintln(out, "THE HESSIAN TECHNIQUE (§3.8.1)")
	fmt.Fprintln(out, "\nC: cross-entropy of a neuron with two inputs that learns AND, 0.1 for no and 0.9")
	fmt.Fprintln(out, "for yes; w stands for its w1, w2 and b, and starts at (0, 0, 0).")
	writeTaylor(out)
	if err := writeRace(out); err != nil {
		return err
	}
	if err := writeRefusal(out); err != nil {
		return err
	}
	sizes := []int{784, 30, 10}
	n := thousands(int(parameterCount(sizes)))
	fmt.Fprintf(out, "\nA [784,30,10] network has %s weights and biases, its H %s x %s =\n", n, n, n)
	fmt.Fprintf(out, "%s entries. That is why the text turns to momentum.\n", thousands(int(hessianEntries(sizes))))
	return nil
}

// andCost is the cost of the neuron of writeRace and writeTaylor as a function
// of w = (w_1, w_2, b): Eq. 31 (book Eq. 57) over the four rows of AND. The
// desired outputs 0.1 and 0.9 put the minimum at finite w.
func andCost(w []float64) float64 {
	return Neuron{w[:2], w[2]}.CrossEntropy([]neuronExample{
		{[]float64{0, 0}, 0.1}, {[]float64{0, 1}, 0.1},
		{[]float64{1, 0}, 0.1}, {[]float64{1, 1}, 0.9},
	})
}

// writeTaylor shows that the error of Eq. 52 (book Eq. 105) is of third order:
// halving the step divides it by 8, and the error without H by 4.
func writeTaylor(out io.Writer) {
	fmt.Fprintln(out, "\nEq. 52 at w+dw, dw = (h, h, -h): half the h, about an eighth of the error.")
	fmt.Fprintln(out, "       h  C(w+dw)     error of Eq. 11  error of Eq. 52")
	w := []float64{0.5, 0, 0}
	t := Expand(andCost, w)
	apart := 0.0 // of Eq. 50 and Eq. 52
	for _, h := range []float64{0.4, 0.2, 0.1} {
		dw := []float64{h, h, -h}
		C := andCost(addVectors(w, dw))
		linear := t.C + PredictedChange(t.NablaC, dw)
		fmt.Fprintf(out, "  %6g  %.8f  %15.8f  %15.8f\n", h, C, C-linear, C-t.Value(dw))
		apart = max(apart, math.Abs(t.Sum(dw)-t.Value(dw)))
	}
	fmt.Fprintf(out, "Eq. 50, the same index by index, differs from it by %s.\n", atMost(apart))
}

// writeRace counts the steps that Eq. 53 (book Eq. 106) and Eq. 14
// (book Eq. 11) need to the bottom of one cost.
func writeRace(out io.Writer) error {
	fmt.Fprintln(out, "\nSteps until the slope stays below 0.00001:")
	start := []float64{0, 0, 0}
	for _, eta := range []float64{1, 0.5} {
		path, err := Newton{Eta: eta}.Descend(andCost, start, 40)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  Eq. 53, Δw = -η H⁻¹ ∇C, η = %-4g %5d\n", eta, stepsToFlat(andCost, path, 1e-5))
	}
	for _, eta := range []float64{1, 5} {
		path := GradientDescent(andCost, start, eta, 2000)
		fmt.Fprintf(out, "  Eq. 14, Δw = -η ∇C,     η = %-4g %5d\n", eta, stepsToFlat(andCost, path, 1e-5))
	}
	return nil
}

// writeRefusal takes Eq. 53 (book Eq. 106) to the saturated neuron of §3.1,
// where C has no minimum nearby, and prints the refusal.
func writeRefusal(out io.Writer) error {
	fmt.Fprintln(out, "\nEq. 53 needs a positive definite H. The quadratic cost of the saturated neuron")
	fmt.Fprintln(out, "of 3.1, at w = b = 2, does not have one:")
	C := func(w []float64) float64 { return NewSingleNeuron(w[0], w[1], singleQuadratic).CurrentCost() }
	start := []float64{2, 2}
	_, err := Newton{Eta: 1}.Step(C, start)
	fmt.Fprintf(out, "  %v\n", err)
	o := Newton{Eta: 1, Damping: 0.25}
	path, err := o.Descend(C, start, 10)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  with H + %g I instead of H, ten steps: C from %.6f to %.6f\n",
		o.Damping, C(start), C(path[len(path)-1]))
	return nil
}

// demoSoftmax moves one of four weighted inputs and prints all activations:
// Eq. 36 (book Eq. 78), Eq. 37 (book Eq. 79).
func demoSoftmax(out io.Writer) error {
	fmt.Fprintln(out, "FOUR SOFTMAX NEURONS (§3.3): z = (2.5, -1, 3.2, z4)")
	fmt.Fprintln(out, "\nEq. 36: as z4 rises a4 rises and the others fall. Eq. 37: the sum stays 1.")
	fmt.Fprintln(out, "  z4      a1      a2      a3      a4     sum  a4")
	for _, z4 := range []float64{-5, -3, -1, 0, 1, 2, 3, 4, 5, 7} {
		a := softmaxNeurons(2.5, -1, 3.2, z4)
		fmt.Fprintf(out, "  %2g  %.4f  %.4f  %.4f  %.4f  %.4f |%s\n", z4,
			a[0], a[1], a[2], a[3], a[0]+a[1]+a[2]+a[3],
			strings.Repeat("#", int(math.Round(30*a[3]))))
	}
	below, above := softmaxNeurons(2.5, -1, 3.2, 1), softmaxNeurons(2.5, -1, 3.2, 2)
	fmt.Fprintln(out, "\nFrom z4 = 1 to z4 = 2 the activations change by")
	total := 0.0
	for j := range above {
		fmt.Fprintf(out, "  a%d %+.6f", j+1, above[j]-below[j])
		total += above[j] - below[j]
	}
	fmt.Fprintf(out, "  together %.6f\n", math.Abs(total))
	a := softmaxNeurons(1002.5, 999, 1003.2, 1001)
	fmt.Fprintf(out, "\nA constant added to every z changes nothing: with 1000 more, a4 is %.6f\n", a[3])
	fmt.Fprintf(out, "and was %.6f.\n", below[3])
	return nil
}
