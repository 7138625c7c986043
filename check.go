package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// This file holds the commands that show the equations at work: demo, trace
// (one step of §2.4 with all its numbers), and check (the gradient of any
// network that can be trained, held against finite differences).

// demo runs one of the demonstrations (§1.1 to §3.8), or lists them.
func demo(args []string, _ io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		fmt.Fprintln(stdout, "go run . demo NAME")
		for _, d := range demos {
			fmt.Fprintf(stdout, "  %-11s %s\n", d.name, d.about)
		}
		return nil
	}
	i := slices.IndexFunc(demos, func(d demoRow) bool { return d.name == args[0] })
	switch {
	case helpAsked(args) || helpAsked(args[1:]):
		return demo(nil, nil, stderr, nil)
	case i < 0:
		return usagef("there is no demo %q, want %s", args[0], strings.Join(names(demos, func(d demoRow) string { return d.name }), ", "))
	case len(args) > 1:
		return usagef("demo takes one name, not %q too", args[1])
	}
	return demos[i].run(stdout)
}

// helpAsked says whether the first argument asks for help, as package flag
// has it (§3.7: flags).
func helpAsked(args []string) bool {
	return len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0])
}

// trace prints one step of gradient descent of a small network (§2.4).
func trace(args []string, _ io.Reader, stdout, stderr io.Writer) error {
	if helpAsked(args) {
		fmt.Fprintln(stderr, "go run . trace\n    One step of a 2-3-1 network, line by line; it takes no flags.")
		return flag.ErrHelp
	}
	if len(args) > 0 {
		return usagef("trace takes no arguments, not %q", args[0])
	}
	return traceStep(stdout)
}

// tracedStep returns the network that trace works out and the batch with its
// one example: sizes 2, 3 and 1, weights from the book's seed, the quadratic
// cost (§2.4).
func tracedStep() (*Network, *batch) {
	net := NewNetwork([]int{2, 3, 1})
	net.LargeWeights(NewNumPyRandom(bookSeed))
	b := net.newBatch(1)
	b.a[0] = &Matrix{Rows: 1, Cols: 2, Data: []float64{0.5, 0.9}}
	b.y.Data[0] = 1
	return net, b
}

// traceStep writes the five steps of the algorithm of §2.4, and the sixth of
// gradient descent, with every number, each derivative beside its finite
// difference. Layers are counted from 1 here, as in the text.
func traceStep(w io.Writer) error {
	const eta = 0.5
	net, b := tracedStep()
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "ONE STEP OF BACKPROPAGATION (2.4): sizes [2 3 1], quadratic cost, eta 0.5")
	fmt.Fprintln(out, "Layers l count from 1, as in the text; neurons j and k too.")
	net.backprop(b)
	fmt.Fprintf(out, "\n1. Input: a1 = %v, desired output y = %v\n", b.a[0].Data, b.y.Data)
	traceForward(out, net, b)
	traceErrors(out, net, b)
	traceGradient(out, net, b)

	before := net.batchCost(b, Hyper{})
	h := Hyper{Eta: eta}
	net.updateMiniBatch(b, h, &State{Eta: eta, Order: make([]int32, 1)})
	fmt.Fprintln(out, "\n6. Gradient descent, Eq. 17 with m = 1: w and b move by -eta times their slope.")
	fmt.Fprintf(out, "   C falls from %.8f to %.8f\n", before, net.batchCost(b, h))
	return out.Flush()
}

// traceForward writes z and a of every layer, Eq. 19 (book Eq. 25), with the
// weights and biases that they come from.
func traceForward(out io.Writer, net *Network, b *batch) {
	fmt.Fprintln(out, "\n2. Feedforward, Eq. 19: z = w a + b with the a of the layer before, a = sigma(z)")
	fmt.Fprintln(out, "    l j   w_j1 ...                              b          z          a")
	for l := 1; l <= net.L(); l++ {
		for j := range net.Sizes[l] {
			var ws string
			for _, w := range net.Weights[l].Row(j) {
				ws += fmt.Sprintf(" %10.6f", w)
			}
			fmt.Fprintf(out, "    %d %d%-33s %10.6f %10.6f %10.6f\n", l+1, j+1, ws, net.Biases[l][j], b.z[l].At(0, j), b.a[l].At(0, j))
		}
	}
}

// traceErrors writes the errors δ of BP1 and BP2, each beside the finite
// difference ∂C/∂z that it is by Eq. 21 (book Eq. 29).
func traceErrors(out io.Writer, net *Network, b *batch) {
	fmt.Fprintln(out, "\n3. Output error, BP1, and 4. backpropagated error, BP2: delta is dC/dz, Eq. 21")
	fmt.Fprintln(out, "    l j               sigma'(z)         delta  finite difference")
	for l := net.L(); l >= 1; l-- {
		by := "BP1"
		if l < net.L() {
			by = "BP2"
		}
		for j := range net.Sizes[l] {
			moved := make([]float64, 1)
			z := net.Biases[l][j : j+1] // to move z_j is to move its bias
			numericalGradient(moved, z, func() float64 { return net.batchCost(b, Hyper{}) })
			fmt.Fprintf(out, "    %d %d  %s       %12.8f  %12.8f       %12.8f\n", l+1, j+1, by, sigmoidPrime(b.z[l].At(0, j)), b.delta[l].At(0, j), moved[0])
		}
	}
}

// traceGradient writes ∂C/∂b and ∂C/∂w of BP3 and BP4, each beside its finite
// difference.
func traceGradient(out io.Writer, net *Network, b *batch) {
	fmt.Fprintln(out, "\n5. Gradient: BP3, dC/db_j = delta_j, and BP4, dC/dw_jk = a_k delta_j")
	fmt.Fprintln(out, "    l j k                    a_k         slope  finite difference")
	net.feedforward(b) // a as it was before the differences of traceErrors
	nablaB, nablaW := net.gradient(b)
	cost := func() float64 { return net.batchCost(b, Hyper{}) }
	for l := 1; l <= net.L(); l++ {
		numericB, numericW := make([]float64, net.Sizes[l]), make([]float64, len(net.Weights[l].Data))
		numericalGradient(numericB, net.Biases[l], cost)
		numericalGradient(numericW, net.Weights[l].Data, cost)
		net.feedforward(b)
		for j := range net.Sizes[l] {
			fmt.Fprintf(out, "    %d %d    BP3   dC/db               %12.8f       %12.8f\n", l+1, j+1, nablaB[l][j], numericB[j])
			for k := range net.Sizes[l-1] {
				fmt.Fprintf(out, "    %d %d %d  BP4   dC/dw  %10.6f   %12.8f       %12.8f\n", l+1, j+1, k+1,
					b.a[l-1].At(0, k), nablaW[l].At(j, k), numericW[j*net.Sizes[l-1]+k])
			}
		}
	}
}

// check is the gradient check of the network that the flags describe, on the
// first mini-batch that it would be trained on (§2.4).
func check(args []string, _ io.Reader, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if o.resume != "" || o.runs > 1 || o.expand != "none" {
		return usagef("check takes none of -resume, -runs, -expand: it looks at one network and one mini-batch")
	}
	net, _, err := o.start()
	if err != nil {
		return err
	}
	sets, err := o.loadData()
	if err != nil {
		return err
	}
	if net == nil {
		net = o.newNetwork(uint32(o.seed))
	}
	c := &gradientCheck{net: net, hyper: o.hyper, batch: o.firstMiniBatch(net, sets.training), status: status(stderr)}
	c.hyper.Mu = 0                                                  // momentum changes the step, not the gradient
	share := float64(c.batch.y.Rows) / float64(sets.training.Len()) // stepGradient takes m for n;
	c.hyper.Lambda *= share                                         // λ/n stays as it is in training
	c.hyper.L1 *= share
	fmt.Fprintf(stderr, "nndl: %s\n", o.configuration(sets.training.Len()))
	return c.report(stdout)
}

// firstMiniBatch returns the mini-batch with which SGD begins, the mask of
// dropout included (§1.5, §3.5.1.2; network2.py: SGD).
func (o *options) firstMiniBatch(net *Network, training *Data) *batch {
	s := net.NewState(o.hyper, training.Len(), uint32(o.seed))
	s.Shuffle.Shuffle(s.Order)
	b := net.newBatch(min(o.hyper.Batch, training.Len()))
	net.fill(b, &Source{Data: training}, s.Order[:b.y.Rows])
	b.drop(o.hyper.Dropout, s.Drop)
	return b
}

// A gradientCheck compares the gradient of backpropagation with finite
// differences, layer by layer (§2.4).
type gradientCheck struct {
	net    *Network
	hyper  Hyper
	batch  *batch
	status func(done float64, line string) // nil: no terminal

	gradient    *Network // by backpropagation
	most        int      // parameters looked at in a row of the table; of more, a sample
	done, total int      // parameters
	kinked      int      // weights left out, at the kink of |w|

	worst, rounded float64 // largest errors: beyond rounding, and by rounding
}

// report does the check and writes a row a layer and the verdict (§2.4). It
// returns an error when backpropagation is wrong.
func (c *gradientCheck) report(stdout io.Writer) error {
	if err := c.affordable(); err != nil {
		return err
	}
	net := c.net
	c.gradient = net.stepGradient(c.batch, c.hyper)
	out := bufio.NewWriter(stdout)
	fmt.Fprintf(out, "Gradient check: backpropagation against (C(w+h) - C(w-h)) / 2h, h = 1e-5,\n")
	fmt.Fprintf(out, "on the first mini-batch of an epoch, of length %d.\n\n", c.batch.y.Rows)
	fmt.Fprintf(out, "layer  weights checked         worst error   biases checked        worst error\n")
	for l := 1; l <= net.L(); l++ {
		w, ofW := c.compare(net.Weights[l].Data, c.gradient.Weights[l].Data)
		b, ofB := c.compare(net.Biases[l], c.gradient.Biases[l])
		fmt.Fprintf(out, "%5d  %-21s %13.1e   %-19s %13.1e\n", l+1, ofW, w, ofB, b)
	}
	c.judge(out)
	c.kinks(out)
	if err := out.Flush(); err != nil {
		return err
	}
	if !(c.worst <= doubtful) {
		return errors.New("the gradient of backpropagation is not that of the cost")
	}
	return nil
}

// affordable sets how many parameters of a layer are looked at: all of them in
// [784, 30, 10], fewer in larger networks, never fewer than 100. It returns an
// error with an estimate where even these take too long (§2.4: two feedforward
// passes a parameter).
func (c *gradientCheck) affordable() error {
	const budget, limit, perSecond = 2.5e10, 4e11, 1.5e9 // multiply-adds
	perPass := 0.0
	for _, w := range c.net.Weights[1:] {
		perPass += float64(len(w.Data)) * float64(c.batch.y.Rows)
	}
	L := c.net.L()
	c.most = max(100, int(budget/(2*perPass)/float64(L)))
	for l := 1; l <= L; l++ {
		c.total += min(c.most, len(c.net.Weights[l].Data)) + min(c.most, len(c.net.Biases[l]))
	}
	if need := 2 * perPass * float64(c.total); need > limit {
		return fmt.Errorf("check would take about %.0f minutes, two feedforward passes for each of %s parameters: try a smaller -batch, or smaller layers in -sizes",
			need/perSecond/60, thousands(c.total))
	}
	return nil
}

// compare returns the relative error of backpropagation for some parameters of
// the network, evenly spread, and how many of them it looked at, as "984 of
// 627,200" (§2.4).
func (c *gradientCheck) compare(parameters, gradient []float64) (e float64, looked string) {
	n := min(c.most, len(parameters))
	numeric, exact := make([]float64, n), make([]float64, n)
	for i := range n {
		at := i * len(parameters) / n
		exact[i] = gradient[at]
		if c.atKink(parameters[at]) {
			numeric[i] = exact[i]
			c.kinked++
		} else {
			numericalGradient(numeric[i:i+1], parameters[at:at+1], func() float64 { return c.net.batchCost(c.batch, c.hyper) })
		}
		if c.done++; c.status != nil {
			c.status(float64(c.done)/float64(c.total), fmt.Sprintf("%s of %s parameters", thousands(c.done), thousands(c.total)))
		}
	}
	looked = thousands(n)
	if n < len(parameters) {
		looked += " of " + thousands(len(parameters))
	}
	e = relativeError(exact, numeric)
	if e > good && e <= c.noise(numeric) {
		c.rounded = max(c.rounded, e)
	} else {
		c.worst = max(c.worst, e)
	}
	return e, looked
}

// noise returns the relative error that rounding may bring into differences of
// this size: two values of C, each off by a few units in its last place, over
// 2h. It is large where the gradient is small beside C, as it is with saturated
// neurons (§2.3) and far from the output of a deep network.
func (c *gradientCheck) noise(numeric []float64) float64 {
	const h, unit = 1e-5, 0x1p-53
	largest := 0.0
	for _, slope := range numeric {
		largest = max(largest, math.Abs(slope))
	}
	return 8 * unit * c.net.batchCost(c.batch, c.hyper) / h / largest
}

// atKink says whether a difference of L1's |w| would straddle 0, where it has
// no slope: Eq. 47 (book Eq. 95).
func (c *gradientCheck) atKink(w float64) bool {
	return c.hyper.L1 != 0 && math.Abs(w) <= 1e-5
}

// The limits that Stanford's course CS231n gives for the relative error of a
// gradient (§2.4; the text has no check of its own).
const (
	good     = 1e-7
	doubtful = 1e-4
	wrong    = 1e-2
)

// verdict says in CS231n's terms what a relative error means (§2.4).
func verdict(e float64) string {
	switch {
	case e <= good:
		return "good (at most 1e-7)"
	case e <= doubtful:
		return "good enough where there are kinks, doubtful where all is smooth (1e-7 to 1e-4)"
	case e <= wrong:
		return "doubtful (1e-4 to 1e-2)"
	}
	return "wrong (above 1e-2)"
}

// judge writes the verdict on the worst error, that of rounding apart (§2.4).
func (c *gradientCheck) judge(out io.Writer) {
	if c.rounded <= c.worst {
		fmt.Fprintf(out, "\nWorst relative error %.1e: %s.\n", c.worst, verdict(c.worst))
		return
	}
	fmt.Fprintf(out, "\nWorst relative error %.1e: no more than the rounding of C explains.\n", c.rounded)
	if c.worst > 0 {
		fmt.Fprintf(out, "Worst of the others %.1e: %s.\n", c.worst, verdict(c.worst))
	}
}

// kinks writes where the cost has kinks, at which the finite difference and
// not backpropagation is at fault: Eq. 58 (book Eq. 112) at z = 0, Eq. 47
// (book Eq. 95) at w = 0.
func (c *gradientCheck) kinks(out io.Writer) {
	if c.net.Hidden == ReLU && c.net.L() > 1 {
		fmt.Fprintln(out, "max(0, z) has a kink at 0: a difference that straddles it is off, and may show\nabove as an error that is none.")
	}
	if c.hyper.L1 != 0 {
		fmt.Fprintf(out, "|w| has a kink at 0, where the difference is off: parameters within 1e-5 of it are\nleft out, here %d.\n", c.kinked)
	}
}

// thousands returns n with commas, as the text writes 23,860 (§3.4).
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
