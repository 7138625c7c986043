package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// This file holds the commands that show the gradient at work: trace (one step
// of §2.4 with all its numbers), and check (the gradient of any network that
// can be trained, against finite differences). Eq. 46 is the article's number,
// book Eq. 93 the online book's.

const traceHelp = `go run . trace [-sizes … -x … -y …] [-batch N] [-json] [flags]
    One step of gradient descent with all its numbers: of a 2-3-1 network, of
    any other, or of the first mini-batch of a training. -json prints them in
    full, as reference for a port in another language: per layer w, b, z, a,
    δ, ∇ summed over the examples as network.py has it, and the updated w and
    b.

Examples:
  go run . trace
  go run . trace -sizes 3,4,2 -x 0.1,0.2,0.3 -y 0,1 -cost cross-entropy
  go run . trace -batch 10 -json
`

// traceFlags are the flags of training that trace takes.
var traceFlags = strings.Fields("sizes cost activation init encoding batch eta seed lambda l1 mu dropout train-size digits data transpose target raw load")

// trace prints one step of gradient descent.
func trace(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	if helpAsked(args) {
		fmt.Fprintf(stderr, "%s\nThe step\n", traceHelp)
		for _, f := range [][2]string{{"x", "inputs of the one example, e.g. 0.5,0.9; with -y"}, {"y", "its desired outputs, e.g. 0,1"}, {"json", "write every number of the step as JSON"}} {
			printFlag(stderr, &flag.Flag{Name: f[0], Usage: f[1]})
		}
		o := newOptions()
		sizes := o.flags.Lookup("sizes")
		sizes.DefValue, sizes.Usage = "", "neurons in each layer; as many as -x and -y have, with 3 between, else 784,30,10; trace alone draws a 2-3-1 network"
		o.printFlags(stderr, traceFlags...)
		return flag.ErrHelp
	}
	if len(args) == 0 {
		return traceStep(stdout)
	}
	if !strings.HasPrefix(args[0], "-") {
		return usagef("trace takes no arguments, not %q", args[0])
	}
	o := newOptions()
	o.anySizes = true
	var x, y vectorFlag
	o.flags.Var(&x, "x", "inputs")
	o.flags.Var(&y, "y", "desired outputs")
	asJSON := o.flags.Bool("json-trace", false, "")
	for i, word := range args {
		if word == "-json" || word == "--json" { // of a training, it names a file
			args = slices.Clone(args)
			args[i] = "-json-trace"
		}
	}
	if err := o.read(args); err != nil {
		return err
	}
	if err := o.checkTrace(*asJSON); err != nil {
		return err
	}
	net, b, n, err := o.tracedBatch(x, y, *asJSON)
	if err != nil {
		return err
	}
	if *asJSON {
		return traceJSON(stdout, net, b, o.hyper, n)
	}
	if count := parameterCount(net.Sizes); count > 1000 {
		return usagef("trace: %d weights and biases are too many to read: -json writes them", count)
	}
	return writeStep(stdout, net, b, o.hyper.Eta)
}

// checkTrace refuses flags that trace would pass over: those that are not its own,
// and in the text form, which works out Eq. 17 on one example, what else the step of
// a training has.
func (o *options) checkTrace(asJSON bool) error {
	for name := range o.explicit {
		switch {
		case slices.Contains([]string{"x", "y", "json-trace"}, name):
		case !slices.Contains(traceFlags, name):
			return usagef("trace does not take -%s; trace -h lists its flags", name)
		case !asJSON && slices.Contains(strings.Fields("batch lambda l1 mu dropout"), name):
			return usagef("trace without -json works out one example, without -%s; with -json it has the whole step", name)
		}
	}
	return nil
}

// tracedBatch returns the network that the flags describe and the batch to trace: one
// example of given numbers, or the first mini-batch that the network would be
// trained on, of which the text form takes the first example. n is the number of
// training examples.
func (o *options) tracedBatch(x, y vectorFlag, all bool) (net *Network, b *batch, n int, err error) {
	if net, _, err = o.startingPoint(); err != nil {
		return nil, nil, 0, err
	}
	if x != nil || y != nil {
		last := len(o.sizes) - 1
		if !o.explicit["sizes"] && o.load == "" {
			o.sizes, last = []int{len(x), 3, len(y)}, 2
		}
		if len(x) != o.sizes[0] || len(y) != o.sizes[last] {
			return nil, nil, 0, usagef("trace: %d numbers in -x and %d in -y, expected %d and %d for -sizes %s", len(x), len(y), o.sizes[0], o.sizes[last], o.value("sizes"))
		}
		if o.cost == LogLikelihoodCost && !oneOf(y) {
			return nil, nil, 0, usagef("trace: -cost log-likelihood is of one right class: -y must have one 1, else zeros")
		}
		if net == nil {
			net = o.newNetwork(uint32(o.seed))
		}
		b = net.newBatch(1)
		b.a[0] = &Matrix{Rows: 1, Cols: len(x), Data: x}
		copy(b.y.Data, y)
		return net, b, 1, nil
	}
	if o.data == "" && o.sizes[0] != 784 {
		return nil, nil, 0, usagef("trace: -sizes %s needs an example, -x and -y or a table, -data FILE.csv: MNIST's have 784 inputs", o.value("sizes"))
	}
	sets, err := o.loadData()
	if err != nil {
		return nil, nil, 0, err
	}
	if net == nil {
		net = o.newNetwork(uint32(o.seed))
	}
	if !all {
		o.hyper.Batch = 1
	}
	return net, o.firstMiniBatch(net, sets.training), sets.training.Len(), nil
}

// oneOf reports whether y is the desired output of one class: a 1, else zeros.
func oneOf(y []float64) bool {
	ones := 0
	for _, v := range y {
		if v == 1 {
			ones++
		} else if v != 0 {
			return false
		}
	}
	return ones == 1 && len(y) > 1
}

// A vectorFlag is a comma-separated list of numbers.
type vectorFlag []float64

// String returns the numbers as the flag takes them.
func (v *vectorFlag) String() string {
	return strings.Join(namesOf(*v, func(x float64) string { return fmt.Sprint(x) }), ",")
}

// Set reads the numbers.
func (v *vectorFlag) Set(text string) error {
	*v = nil
	for _, word := range strings.Split(text, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("must be comma-separated numbers, e.g. 0.5,0.9")
		}
		*v = append(*v, x)
	}
	return nil
}

// traceJSON writes every number of one step of updateMiniBatch.
func traceJSON(w io.Writer, net *Network, b *batch, h Hyper, n int) error {
	type layer struct {
		Layer  int         `json:"layer"` // counted from 1, as in the text
		W      [][]float64 `json:"w"`
		B      []float64   `json:"b"`
		Z      [][]float64 `json:"z"` // one row per example
		A      [][]float64 `json:"a"`
		Delta  [][]float64 `json:"delta"`
		NablaW [][]float64 `json:"nabla_w"` // summed over the examples
		NablaB []float64   `json:"nabla_b"`
		NewW   [][]float64 `json:"new_w"`
		NewB   []float64   `json:"new_b"`
	}
	rows := func(m *Matrix) (list [][]float64) {
		for i := range m.Rows {
			row := make([]float64, m.Cols)
			for k := range row {
				row[k] = m.At(i, k)
			}
			list = append(list, row)
		}
		return list
	}
	if err := finiteStep(net, b); err != nil {
		return err
	}
	cost := net.batchCost(b, Settings{})
	nablaB, nablaW := net.gradient(b)
	var layers []layer
	for l := 1; l <= net.L(); l++ {
		layers = append(layers, layer{Layer: l + 1, W: rows(net.Weights[l]), B: slices.Clone(net.Biases[l]),
			Z: rows(b.z[l]), A: rows(b.a[l]), Delta: rows(b.delta[l]), NablaW: rows(nablaW[l]), NablaB: nablaB[l]})
	}
	net.updateMiniBatch(b, h.Settings, net.NewState(n, h.Eta, h.Mu, 0))
	for l := 1; l <= net.L(); l++ {
		layers[l-1].NewW, layers[l-1].NewB = rows(net.Weights[l]), net.Biases[l]
	}
	return json.NewEncoder(w).Encode(map[string]any{"sizes": net.Sizes, "cost": cost, "eta": h.Eta, "x": rows(b.a[0]), "y": rows(b.y), "layers": layers})
}

// finiteStep does backprop, and returns an error where a number of the step
// overflows: there is nothing to compare then.
func finiteStep(net *Network, b *batch) error {
	net.backprop(b)
	for l := 1; l <= net.L(); l++ {
		for _, list := range [][]float64{b.z[l].Data, b.a[l].Data, b.delta[l].Data} {
			if x, found := notFinite(list); found {
				return fmt.Errorf("the weights are too large: in layer %d a z, an a or a δ is %v", l+1, x)
			}
		}
	}
	return nil
}

// tracedStep returns the network that trace works out and the batch with its
// one example: sizes 2, 3 and 1, weights from the book's seed, the quadratic
// cost.
func tracedStep() (*Network, *batch) {
	net := NewNetwork([]int{2, 3, 1})
	net.LargeWeights(NewNumPyRandom(bookSeed))
	b := net.newBatch(1)
	b.a[0] = &Matrix{Rows: 1, Cols: 2, Data: []float64{0.5, 0.9}}
	b.y.Data[0] = 1
	return net, b
}

// traceStep writes one step of the small network (§2.4).
func traceStep(w io.Writer) error {
	net, b := tracedStep()
	return writeStep(w, net, b, 0.5)
}

// writeStep writes the five steps of the algorithm of §2.4, and the sixth of
// gradient descent, with every number, each derivative beside its finite
// difference. Layers are counted from 1 here, as in the text.
func writeStep(w io.Writer, net *Network, b *batch, eta float64) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "ONE STEP OF BACKPROPAGATION (§2.4): sizes %v, %s cost, η = %v\n", net.Sizes, net.Cost.Name, eta)
	fmt.Fprintln(out, "Layers l count from 1, as in the text; neurons j and k too.")
	if err := finiteStep(net, b); err != nil {
		return err
	}
	if b.a[0].Cols <= 20 {
		fmt.Fprintf(out, "\n1. Input: a1 = %v, desired output y = %v\n", b.a[0].Data, b.y.Data)
	} else {
		fmt.Fprintf(out, "\n1. Input: a1 of %d numbers, desired output y = %v\n", b.a[0].Cols, b.y.Data)
	}
	traceForward(out, net, b)
	traceErrors(out, net, b)
	traceGradient(out, net, b)

	before := net.batchCost(b, Settings{})
	net.updateMiniBatch(b, Settings{}, &State{Eta: eta, Order: make([]int32, 1)})
	fmt.Fprintln(out, "\n6. Gradient descent, Eq. 17 with m = 1: w and b move by -η times their slope.")
	fmt.Fprintf(out, "   C falls from %.8f to %.8f\n", before, net.batchCost(b, Settings{}))
	return out.Flush()
}

// traceForward writes z and a of every layer, Eq. 19 (book Eq. 25), with the
// weights and biases that they come from.
func traceForward(out io.Writer, net *Network, b *batch) {
	fmt.Fprintln(out, "\n2. Feedforward, Eq. 19: z = w a + b with the a of the layer before, a = σ(z)")
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
	fmt.Fprintln(out, "\n3. Output error, BP1, and 4. backpropagated error, BP2: δ is ∂C/∂z, Eq. 21")
	fmt.Fprintln(out, "    l j                   σ'(z)             δ  finite difference")
	for l := net.L(); l >= 1; l-- {
		by, prime := "BP1", sigmoidPrime
		if l < net.L() {
			by, prime = "BP2", net.Hidden.Prime
		}
		for j := range net.Sizes[l] {
			moved := make([]float64, 1)
			z := net.Biases[l][j : j+1] // to move z_j is to move its bias
			numericalGradient(moved, z, func() float64 { return net.batchCost(b, Settings{}) })
			fmt.Fprintf(out, "    %d %d  %s       %12.8f  %12.8f       %12.8f\n", l+1, j+1, by, prime(b.z[l].At(0, j), b.a[l].At(0, j)), b.delta[l].At(0, j), moved[0])
		}
	}
}

// traceGradient writes ∂C/∂b and ∂C/∂w of BP3 and BP4, each beside its finite
// difference.
func traceGradient(out io.Writer, net *Network, b *batch) {
	fmt.Fprintln(out, "\n5. Gradient: BP3, ∂C/∂b_j = δ_j, and BP4, ∂C/∂w_jk = a_k δ_j")
	fmt.Fprintln(out, "    l j k                    a_k         slope  finite difference")
	net.feedforward(b) // a as it was before the differences of traceErrors
	nablaB, nablaW := net.gradient(b)
	cost := func() float64 { return net.batchCost(b, Settings{}) }
	for l := 1; l <= net.L(); l++ {
		numericB, numericW := make([]float64, net.Sizes[l]), make([]float64, len(net.Weights[l].Data))
		numericalGradient(numericB, net.Biases[l], cost)
		numericalGradient(numericW, net.Weights[l].Data, cost)
		net.feedforward(b)
		for j := range net.Sizes[l] {
			fmt.Fprintf(out, "    %d %d    BP3   ∂C/∂b               %12.8f       %12.8f\n", l+1, j+1, nablaB[l][j], numericB[j])
			for k := range net.Sizes[l-1] {
				fmt.Fprintf(out, "    %d %d %d  BP4   ∂C/∂w  %10.6f   %12.8f       %12.8f\n", l+1, j+1, k+1,
					b.a[l-1].At(0, k), nablaW[l].At(j, k), numericW[j*net.Sizes[l-1]+k])
			}
		}
	}
}

const checkHelp = `go run . check [flags]
    Compares the gradient that backpropagation computes with finite
    differences: that of the network that the flags describe, on the first
    mini-batch that it would be trained on.

Examples:
  go run . check
  go run . check -cost cross-entropy -lambda 5
  go run . check -sizes 784,20,10 -activation tanh -init default -dropout 0.5
`

// checkFlags are the flags of training that matter to the gradient.
var checkFlags = strings.Fields("sizes cost activation init encoding batch seed lambda l1 dropout train-size digits data transpose target test raw load")

// check is the gradient check of the network that the flags describe, on the
// first mini-batch that it would be trained on.
func check(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	o := newOptions()
	if err := o.read(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stderr, checkHelp)
			o.printFlags(stderr, checkFlags...)
		}
		return err
	}
	if o.resume != "" || o.runs > 1 || len(o.expand) > 0 {
		return usagef("check takes none of -resume, -runs, -expand: it looks at one network and one mini-batch")
	}
	for _, name := range slices.Sorted(maps.Keys(o.explicit)) {
		if !slices.Contains(checkFlags, name) {
			return usagef("check makes no file and trains nothing: it does not take -%s; check -h lists its flags", name)
		}
	}
	o.gradientOnly = true
	net, _, err := o.startingPoint()
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
	c := &gradientCheck{net: net, more: o.hyper.Settings, batch: o.firstMiniBatch(net, sets.training), status: progressPrinter(stderr)}
	share := float64(c.batch.y.Rows) / float64(sets.training.Len()) // stepGradient takes m for n;
	c.more.Lambda *= share                                          // λ/n stays as it is in training
	c.more.L1 *= share
	fmt.Fprintln(stderr, o.configuration(sets.training.Len()))
	return c.report(stdout)
}

// firstMiniBatch returns the mini-batch with which SGD begins, the mask of
// dropout included.
func (o *options) firstMiniBatch(net *Network, training *Data) *batch {
	s := net.NewState(training.Len(), o.hyper.Eta, o.hyper.Mu, uint32(o.seed))
	s.Shuffle.Shuffle(s.Order)
	b := net.newBatch(min(o.hyper.Batch, training.Len()))
	net.fill(b, training, s.Order[:b.y.Rows], nil)
	b.drop(o.hyper.Dropout, s.Drop)
	return b
}

// A gradientCheck compares the gradient of backpropagation with finite
// differences, layer by layer.
type gradientCheck struct {
	net    *Network
	more   Settings
	batch  *batch
	status func(done float64, line string) // nil: no terminal

	gradient    *Network // by backpropagation
	most        int      // parameters looked at in a row of the table; of more, a sample
	done, total int      // parameters
	kinked      int      // weights left out, at the kink of |w|

	worst, rounded float64 // largest errors: beyond rounding, and by rounding
}

// report does the check and writes one row per layer and the verdict. It returns an
// error when backpropagation is wrong.
func (c *gradientCheck) report(stdout io.Writer) error {
	if err := c.planSample(); err != nil {
		return err
	}
	net := c.net
	if err := finiteStep(net, c.batch); err != nil {
		return err
	}
	c.gradient = net.stepGradient(c.batch, c.more)
	out := bufio.NewWriter(stdout)
	fmt.Fprintf(out, "Gradient check: backpropagation against (C(w+h) - C(w-h)) / 2h, h = 1e-5,\n")
	fmt.Fprintf(out, "on the first mini-batch of an epoch, of length %d.\n\n", c.batch.y.Rows)
	fmt.Fprintf(out, "layer  weights checked         worst error   biases checked        worst error\n")
	for l := 1; l <= net.L(); l++ {
		w, ofW := c.compareSampled(net.Weights[l].Data, c.gradient.Weights[l].Data)
		b, ofB := c.compareSampled(net.Biases[l], c.gradient.Biases[l])
		fmt.Fprintf(out, "%5d  %-21s %13.1e   %-19s %13.1e\n", l+1, ofW, w, ofB, b)
	}
	c.writeVerdict(out)
	c.writeKinks(out)
	if err := out.Flush(); err != nil {
		return err
	}
	if !(c.worst <= doubtfulError) {
		return errors.New("the gradient of backpropagation is not that of the cost")
	}
	return nil
}

// planSample sets the number of parameters of a layer to look at: all of them in
// [784, 30, 10], fewer in larger networks, never fewer than 100. It returns an
// error with an estimate where even these take too long.
func (c *gradientCheck) planSample() error {
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

// compareSampled returns the relative error of backpropagation for some
// parameters of the network, evenly spread, and their number,
// e.g. "984 of 627,200".
func (c *gradientCheck) compareSampled(parameters, gradient []float64) (e float64, looked string) {
	n := min(c.most, len(parameters))
	numeric, exact := make([]float64, n), make([]float64, n)
	for i := range n {
		at := i * len(parameters) / n
		exact[i] = gradient[at]
		if c.atKink(parameters[at]) {
			numeric[i] = exact[i]
			c.kinked++
		} else {
			numericalGradient(numeric[i:i+1], parameters[at:at+1], func() float64 { return c.net.batchCost(c.batch, c.more) })
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
	if e > goodError && e <= c.roundingNoise(numeric) {
		c.rounded = max(c.rounded, e)
	} else {
		c.worst = max(c.worst, e)
	}
	return e, looked
}

// roundingNoise returns the relative error that rounding may bring into
// differences of this size: two values of C, each off by a few units in its
// last place, over 2h. It is large where the gradient is small beside C, as it
// is with saturated neurons and far from the output of a deep network.
func (c *gradientCheck) roundingNoise(numeric []float64) float64 {
	const h, unit = 1e-5, 0x1p-53
	largest := 0.0
	for _, slope := range numeric {
		largest = max(largest, math.Abs(slope))
	}
	return 8 * unit * c.net.batchCost(c.batch, c.more) / h / largest
}

// atKink says whether a difference of L1's |w| would straddle 0, where it has
// no slope: Eq. 47 (book Eq. 95).
func (c *gradientCheck) atKink(w float64) bool {
	return c.more.L1 != 0 && math.Abs(w) <= 1e-5
}

// The limits that Stanford's course CS231n gives for the relative error of a
// gradient.
const (
	goodError     = 1e-7
	doubtfulError = 1e-4
	wrongError    = 1e-2
)

// verdict says in CS231n's terms what a relative error means.
func verdict(e float64) string {
	switch {
	case e <= goodError:
		return "good (at most 1e-7)"
	case e <= doubtfulError:
		return "good enough where there are kinks, doubtful where all is smooth (1e-7 to 1e-4)"
	case e <= wrongError:
		return "doubtful (1e-4 to 1e-2)"
	}
	return "wrong (above 1e-2)"
}

// writeVerdict writes the verdict on the worst error, that of rounding apart.
func (c *gradientCheck) writeVerdict(out io.Writer) {
	if c.rounded <= c.worst {
		fmt.Fprintf(out, "\nWorst relative error %.1e: %s.\n", c.worst, verdict(c.worst))
		return
	}
	fmt.Fprintf(out, "\nWorst relative error %.1e: no more than the rounding of C explains.\n", c.rounded)
	if c.worst > 0 {
		fmt.Fprintf(out, "Worst of the others %.1e: %s.\n", c.worst, verdict(c.worst))
	}
}

// writeKinks writes where the cost has kinks, at which the finite difference and
// not backpropagation is at fault: Eq. 58 (book Eq. 112) at z = 0, Eq. 47
// (book Eq. 95) at w = 0.
func (c *gradientCheck) writeKinks(out io.Writer) {
	if c.net.Hidden == ReLU && c.net.L() > 1 {
		fmt.Fprintln(out, "max(0, z) has a kink at 0: a difference that straddles it is off, and may show\nabove as an error that is none.")
	}
	if c.more.L1 != 0 {
		fmt.Fprintf(out, "|w| has a kink at 0, where the difference is off: parameters within 1e-5 of it are\nleft out, here %d.\n", c.kinked)
	}
}
