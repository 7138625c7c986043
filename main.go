// Nndl trains the neural network of Michael Nielsen's book "Neural Networks
// and Deep Learning" on the MNIST digits, which are part of the program.
//
//	go run . [flags]
//
// Without flags it is the first run of §1.6: a network of 784, 30 and 10
// sigmoid neurons, 30 epochs of stochastic gradient descent with mini-batches
// of 10 and learning rate η = 3.0. After each epoch it prints how many of the
// 10,000 test images the network reads right, as network.py does:
//
//	Epoch 0: 8925 / 10000
//
// Results go to stdout; the configuration, and on a terminal the progress, go
// to stderr. The exit status is 0 when all is done, 1 when something failed,
// 2 when a flag or its value is wrong. go run . -h lists the flags.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// main runs the program; it alone ends the process (§1.6).
func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// options holds the values of the flags, the arguments of a session with
// network.py (§1.6).
type options struct {
	sizes     []int
	hyper     Hyper
	seed      uint32
	trainSize int
	evalSize  int
	eval      string
	data      string
}

// errUsage marks a wrong flag, of which the user was told already (§1.6).
var errUsage = errors.New("usage")

// run is main with its surroundings as arguments, for the tests. It returns
// the exit status (§1.6).
func run(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = train(o, stdout, stderr)
	}
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		fmt.Fprintf(stderr, "nndl: %v\nnndl -h lists the flags.\n", err)
		return 2
	}
	fmt.Fprintf(stderr, "nndl: %v\n", err)
	return 1
}

// A usageError says which flag is wrong, and what it may be (§1.6).
type usageError string

// Error returns the message (package errors; §1.6).
func (e usageError) Error() string { return string(e) }

// parse reads the flags and checks every value before any work (§1.6). It
// returns flag.ErrHelp for -h, and a usageError for what is wrong.
func parse(args []string, stderr io.Writer) (*options, error) {
	o := new(options)
	var sizes string
	var seed uint64
	f := flag.NewFlagSet("nndl", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&sizes, "sizes", "784,30,10", "neurons in each layer")
	f.IntVar(&o.hyper.Epochs, "epochs", 30, "passes over the training data")
	f.IntVar(&o.hyper.Batch, "batch", 10, "m, examples in a mini-batch")
	f.Float64Var(&o.hyper.Eta, "eta", 3.0, "η, learning rate")
	f.Uint64Var(&seed, "seed", 12345678, "seed of the random numbers")
	f.IntVar(&o.trainSize, "train-size", 0, "use the first `N` training examples, 0 all")
	f.IntVar(&o.evalSize, "eval-size", 0, "score on the first `N` examples, 0 all")
	f.StringVar(&o.eval, "eval", "test", "data to score on: test or validation")
	f.StringVar(&o.data, "data", "", "`folder` with IDX files to use instead of MNIST")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "usage: go run . [flags]")
			f.SetOutput(stderr)
			f.PrintDefaults()
			return nil, err
		}
		return nil, usageError(err.Error())
	}
	if f.NArg() > 0 {
		return nil, usageError(fmt.Sprintf("unknown argument %q", f.Arg(0)))
	}
	if seed > 1<<32-1 {
		return nil, usageError(fmt.Sprintf("-seed is %d, want 0 to 4294967295, as numpy.random.seed takes", seed))
	}
	o.seed = uint32(seed)
	var err error
	if o.sizes, err = parseSizes(sizes); err != nil {
		return nil, err
	}
	return o, o.check()
}

// parseSizes reads the value of -sizes, the list of network.py: Network.
func parseSizes(list string) (sizes []int, err error) {
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 || n > 1<<20 {
			return nil, usageError(fmt.Sprintf("-sizes %s: %q is no number of neurons, want 1 to %d", list, s, 1<<20))
		}
		sizes = append(sizes, n)
	}
	if len(sizes) < 2 {
		return nil, usageError(fmt.Sprintf("-sizes %s: want at least an input and an output layer, as 784,10", list))
	}
	return sizes, nil
}

// check returns a usageError for the first value that is out of its range
// (§1.6).
func (o *options) check() error {
	switch h := o.hyper; {
	case h.Epochs < 0:
		return usageError(fmt.Sprintf("-epochs is %d, want 0 or more", h.Epochs))
	case h.Batch < 1:
		return usageError(fmt.Sprintf("-batch is %d, want 1 or more", h.Batch))
	case !(h.Eta > 0 && h.Eta <= 1e6):
		return usageError(fmt.Sprintf("-eta is %v, want more than 0, at most 1e6", h.Eta))
	case o.trainSize < 0:
		return usageError(fmt.Sprintf("-train-size is %d, want 0 (all) or more", o.trainSize))
	case o.evalSize < 0:
		return usageError(fmt.Sprintf("-eval-size is %d, want 0 (all) or more", o.evalSize))
	case o.eval != "test" && o.eval != "validation":
		return usageError(fmt.Sprintf("-eval is %q, want test or validation", o.eval))
	case o.sizes[len(o.sizes)-1] != 10:
		return usageError(fmt.Sprintf("-sizes ends with %d, want 10, an output neuron a digit", o.sizes[len(o.sizes)-1]))
	case o.data == "" && o.sizes[0] != 784:
		return usageError(fmt.Sprintf("-sizes begins with %d, want 784, an input neuron a pixel of 28×28", o.sizes[0]))
	}
	return nil
}

// train is the default command, the session of §1.6: load the data, make a
// network, train it, and print its accuracy after each epoch.
func train(o *options, stdout, stderr io.Writer) error {
	begin := time.Now()
	training, evaluation, err := o.load()
	if err != nil {
		return err
	}
	net := NewNetwork(o.sizes, NewNumPyRandom(o.seed))
	fmt.Fprintf(stderr, "nndl: sizes %v, %d training examples, %d epochs, batch %d, eta %v, seed %d\n",
		o.sizes, training.Len(), o.hyper.Epochs, o.hyper.Batch, o.hyper.Eta, o.seed)
	fmt.Fprintf(stdout, "Untrained: %d / %d\n", net.Accuracy(evaluation), evaluation.Len())
	net.SGD(training, o.hyper, NewPythonRandom(o.seed), func(epoch int) {
		fmt.Fprintf(stdout, "Epoch %d: %d / %d\n", epoch, net.Accuracy(evaluation), evaluation.Len())
	})
	fmt.Fprintf(stderr, "nndl: done in %.1f s\n", time.Since(begin).Seconds())
	return nil
}

// load returns the training data and the data to score on, as the flags have
// them (§1.5, §3.4).
func (o *options) load() (training, evaluation *Data, err error) {
	training, evaluation, err = LoadTraining(o.data)
	if err == nil && o.eval == "test" {
		evaluation, err = LoadTest(o.data)
	}
	if err != nil {
		return nil, nil, err
	}
	if size := training.Height * training.Width; size != o.sizes[0] {
		return nil, nil, usageError(fmt.Sprintf("-sizes begins with %d, want %d, an input neuron a pixel of %d×%d", o.sizes[0], size, training.Height, training.Width))
	}
	if training, err = first(training, o.trainSize, "-train-size"); err != nil {
		return nil, nil, err
	}
	evaluation, err = first(evaluation, o.evalSize, "-eval-size")
	return training, evaluation, err
}

// first returns the first n examples of d, all for n = 0, as
// training_data[:1000] does; more than there are is a usageError (§3.4).
func first(d *Data, n int, name string) (*Data, error) {
	if n > d.Len() {
		return nil, usageError(fmt.Sprintf("%s is %d, want at most %d, the number of examples", name, n, d.Len()))
	}
	if n == 0 {
		n = d.Len()
	}
	return d.Slice(0, n), nil
}
