// Nndl is Michael Nielsen's book "Neural Networks and Deep Learning", chapters
// 1 to 3, as a program: it trains the book's networks on the MNIST digits,
// which are part of it, with every technique of those chapters.
//
//	go run . [flags]              train a network
//	go run . COMMAND [flags]      the rest; go run . -h lists it
//
// Without flags it is the first run of §1.6: a network of 784, 30 and 10
// sigmoid neurons, 30 epochs of stochastic gradient descent with mini-batches
// of 10 and learning rate η = 3.0. After each epoch it prints how many of the
// 10,000 test images the network reads right, as network.py does:
//
//	Epoch 0: 8925 / 10000
//
// Results go to stdout; the configuration, hints and, on a terminal, the
// progress go to stderr. The exit status is 0 when all is done, 1 when
// something failed, 2 when a flag or its value is wrong, 130 when interrupted.
// It is also 0 when the reader of stdout goes away, as head does: that ends the
// program, too.
//
// Training can be interrupted with Ctrl-C and goes on later with the same
// bits: -checkpoint FILE keeps its state, -resume FILE continues it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// main runs the program; it alone ends the process. The first Ctrl-C, or
// SIGTERM, lets the mini-batch in hand and the files of the training be
// finished, the second does not; where nothing is to be finished, the first
// ends the process (§3.7.1).
func main() {
	signal.Ignore(syscall.Signal(13)) // SIGPIPE, a name that js lacks: a closed stdout is an error of Write, see output
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupted.Store(true)
		if unfinished.Load() > 0 {
			<-signals
		}
		os.Exit(130)
	}()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// A usageError says which flag is wrong, and what it may be (§3.7).
type usageError string

// Error returns the message (package errors; §3.7).
func (e usageError) Error() string { return string(e) }

// usagef returns a usageError (§3.7).
func usagef(format string, args ...any) error {
	return usageError(fmt.Sprintf(format, args...))
}

// A command is what the first argument may name instead of a training (§1.6).
type command struct {
	name, args, about string

	run func(args []string, stdin io.Reader, stdout, stderr io.Writer) error
}

// commands returns the commands but for training, which has no name (§1.6). It
// is no variable, since the help that a command may print lists them all.
func commands() []command {
	return []command{
		{"demo", "[NAME]", "short demonstrations of single neurons, the valley, Newton's method, the baselines (§1.1-§3.8)", demo},
		{"trace", "", "one worked step of a 2-3-1 network, under the names BP1-BP4 (§2.4)", trace},
		{"check", "[flags]", "the gradient of the network that the flags describe, against finite differences (§2.4)", check},
		{"show", "[N… | NAME]", "pictures of digits, mistakes, confusions, weights (§1.5)", show},
		{"classify", "IMAGE…", "reads your own digits (§1.4)", classify},
		{"figure", "[N… | all]", "draws the article's figures (§1.1-§3.8)", figureCommand},
		{"replay", "[NAME… | all]", "runs the article's experiments, its numbers beside those here (§1.6, §3.4-§3.8)", replayCommand},
		{"tune", "[flags]", "looks for η, λ and the number of hidden neurons by the article's strategy (§3.7)", tuneCommand},
	}
}

// run is main with its surroundings as arguments, for the tests. It returns
// the exit status (§1.6).
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &output{Writer: stdout}
	err := dispatch(args, stdin, out, stderr)
	if out.err != nil && (err == nil || errors.Is(err, errInterrupted) || errors.Is(err, out.err)) {
		err = out.err
		if closedPipe(err) {
			return 0
		}
	}
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, new(usageError)):
		fmt.Fprintf(stderr, "nndl: %s\nnndl: -h lists the flags\n", oneLine(err))
		return 2
	case errors.Is(err, errInterrupted):
		return 130
	}
	fmt.Fprintf(stderr, "nndl: %s\n", oneLine(err))
	return 1
}

// oneLine returns the message of an error, or of several, in one line (§1.6).
func oneLine(err error) string {
	return printable(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// printable returns text without the control characters that arguments, file
// names and files may bring to a terminal (§1.6).
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// An output is stdout with the first error that it gave. That error ends the
// command as Ctrl-C does, so that nothing works on lines that cannot be read,
// and run reports it (§3.7.1).
type output struct {
	io.Writer
	err error
}

// Write passes p on until the first error (package io; §1.6).
func (o *output) Write(p []byte) (n int, err error) {
	if o.err == nil {
		if n, o.err = o.Writer.Write(p); o.err != nil {
			interrupted.Store(true)
		}
	}
	return n, o.err
}

// closedPipe reports whether a write failed because nobody reads any more:
// EPIPE, or Windows's ERROR_BROKEN_PIPE and ERROR_NO_DATA (§1.6).
func closedPipe(err error) bool {
	var code syscall.Errno
	return errors.Is(err, syscall.EPIPE) || runtime.GOOS == "windows" && errors.As(err, &code) && (code == 109 || code == 232)
}

// dispatch runs the command that the first argument names, or trains (§1.6).
func dispatch(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(args[1:], stdin, stdout, stderr)
			}
		}
		known := names(commands(), func(c command) string { return c.name })
		return usagef("unknown command %q, want flags, or first one of %s", args[0], strings.Join(known, ", "))
	}
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	return train(o, stdout, stderr)
}

// options holds the values of the flags (§3.7).
type options struct {
	// The network.
	sizes, cost, activation, init, encoding string
	// How it learns.
	hyper                           Hyper
	expand                          string
	stopAfter, halveAfter, halvings int
	// The data.
	data, digits, eval  string
	trainSize, evalSize int
	// What is watched.
	monitor     string
	every, runs int
	seed        uint64
	// Files.
	load, save, checkpoint, resume, csv, json, plot string

	flags *flag.FlagSet
	given map[string]bool // flags on the command line

	layers []int // sizes, parsed
}

// flagGroups are the flags in the order of the help, by the text's sections
// (§1.6, §3.7).
var flagGroups = []struct {
	title string
	names []string
}{
	{"The network (§1.3, §3.1-§3.3, §3.8)", []string{"sizes", "cost", "activation", "init", "encoding"}},
	{"How it learns (§1.5, §1.6)", []string{"epochs", "batch", "eta", "seed", "runs"}},
	{"Against overfitting (§3.5, §3.6)", []string{"lambda", "l1", "dropout", "expand"}},
	{"Faster (§3.7.3, §3.7.4, §3.8)", []string{"mu", "stop-after", "halve-after", "halvings"}},
	{"The data (§1.5, §3.4, §3.7.1)", []string{"train-size", "eval-size", "digits", "eval", "data"}},
	{"What is watched (§3.4, §3.7.1)", []string{"monitor", "every", "csv", "json", "plot"}},
	{"Keeping it", []string{"load", "save", "checkpoint", "resume"}},
}

// newOptions returns the options with their flags, set to the defaults (§1.6).
func newOptions() *options {
	o := new(options)
	f := flag.NewFlagSet("nndl", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.sizes, "sizes", "784,30,10", "neurons in each layer")
	f.StringVar(&o.cost, "cost", "quadratic", "quadratic, cross-entropy or log-likelihood (with softmax)")
	f.StringVar(&o.activation, "activation", "sigmoid", "hidden neurons: sigmoid, tanh or relu")
	f.StringVar(&o.init, "init", "large", "large (network.py), default (1/√n_in), or both in the order in which they draw: default,large")
	f.StringVar(&o.encoding, "encoding", "unit", "unit (10 outputs) or binary (4 outputs, §1.4)")
	f.IntVar(&o.hyper.Epochs, "epochs", 30, "passes over the training data")
	f.IntVar(&o.hyper.Batch, "batch", 10, "m, examples in a mini-batch")
	f.Float64Var(&o.hyper.Eta, "eta", 3.0, "η, learning rate")
	f.Uint64Var(&o.seed, "seed", bookSeed, "seed of all random numbers; the default is the book's")
	f.IntVar(&o.runs, "runs", 1, "repeat with so many seeds, the given one and those after it; print mean ± standard deviation")
	f.Float64Var(&o.hyper.Lambda, "lambda", 0, "λ, L2 regularization (weight decay)")
	f.Float64Var(&o.hyper.L1, "l1", 0, "λ of L1 regularization")
	f.Float64Var(&o.hyper.Dropout, "dropout", 0, "share of the hidden neurons that each mini-batch drops, as 0.5")
	f.StringVar(&o.expand, "expand", "none", "vary the training images: shift, rotate, elastic; a comma joins")
	f.Float64Var(&o.hyper.Mu, "mu", 0, "μ, momentum co-efficient")
	f.IntVar(&o.stopAfter, "stop-after", 0, "end when the validation accuracy has not improved in so many epochs; keep the best network")
	f.IntVar(&o.halveAfter, "halve-after", 0, "halve η when the validation accuracy has not improved in so many epochs")
	f.IntVar(&o.halvings, "halvings", 10, "with -halve-after: end after so many halvings (10: η/1024)")
	f.IntVar(&o.trainSize, "train-size", 0, "train on the first so many examples; 0: all 50,000")
	f.IntVar(&o.evalSize, "eval-size", 0, "score on the first so many examples; 0: all 10,000")
	f.StringVar(&o.digits, "digits", "all", "only these digits, as 0,1")
	f.StringVar(&o.eval, "eval", "test", "data to score on: test or validation")
	f.StringVar(&o.data, "data", "", "folder with other IDX files in the place of MNIST's four, plain or gzipped")
	f.StringVar(&o.monitor, "monitor", "accuracy", "list of accuracy, cost, training-accuracy, training-cost, weight-length")
	f.IntVar(&o.every, "every", 0, "score every so many training examples, too; 0: after each epoch only")
	f.StringVar(&o.csv, "csv", "", "file for the history as a table")
	f.StringVar(&o.json, "json", "", "file for the history as network2.py's four lists")
	f.StringVar(&o.plot, "plot", "", "file for the curves, as SVG")
	f.StringVar(&o.load, "load", "", "network file to start from (network2.py's format)")
	f.StringVar(&o.save, "save", "", "network file to write at the end")
	f.StringVar(&o.checkpoint, "checkpoint", "", "file to write after each epoch and when interrupted")
	f.StringVar(&o.resume, "resume", "", "checkpoint to continue; its flags hold unless given again")
	o.flags = f
	return o
}

// parse reads the flags and checks every value before any work (§3.7). It
// returns flag.ErrHelp for -h, and a usageError for what is wrong.
func parse(args []string, stderr io.Writer) (*options, error) {
	o := newOptions()
	err := o.read(args)
	if errors.Is(err, flag.ErrHelp) {
		o.usage(stderr)
	}
	return o, err
}

// read sets the options to the flags of a command line (§3.7). Its errors are
// those of parse, which also prints the help.
func (o *options) read(args []string) error {
	if err := o.flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError(err.Error())
	}
	if o.flags.NArg() > 0 {
		return usagef("unknown argument %q", o.flags.Arg(0))
	}
	o.given = map[string]bool{}
	o.flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	return o.check()
}

// usage prints the flags by sections (§3.7).
func (o *options) usage(w io.Writer) {
	fmt.Fprintf(w, "go run . %-22s trains a network: by default the first of §1.6, [784, 30, 10]\n", "[flags]")
	for _, c := range commands() {
		fmt.Fprintf(w, "go run . %-22s %s\n", c.name+" "+c.args, c.about)
	}
	fmt.Fprintf(w, "go run . %-22s says more of a command\n", "COMMAND -h")
	for _, group := range flagGroups {
		fmt.Fprintf(w, "\n%s\n", group.title)
		for _, name := range group.names {
			printFlag(w, o.flags.Lookup(name))
		}
	}
}

// printFlag prints a flag, what it means and its default (§3.7).
func printFlag(w io.Writer, f *flag.Flag) {
	usage := f.Usage
	if f.DefValue != "" {
		usage += fmt.Sprintf(" (%s)", f.DefValue)
	}
	fmt.Fprintf(w, "  -%-11s %s\n", f.Name, usage)
}

// commandFlags returns an empty set of flags for a command that has its own
// (§3.7).
func commandFlags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// readCommand reads the arguments of such a command, flags and words in any
// order, and returns the words (§3.7); after -- there are words only. For -h it
// prints the help and returns flag.ErrHelp; what is wrong is a usageError.
func readCommand(f *flag.FlagSet, help string, args []string, stderr io.Writer) (words []string, err error) {
	for len(args) > 0 {
		err := f.Parse(args)
		switch end := len(args) - f.NArg(); {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprintf(stderr, "go run . %s %s", f.Name(), help)
			f.VisitAll(func(g *flag.Flag) { printFlag(stderr, g) })
			return nil, err
		case err != nil:
			return nil, usagef("%s: %v", f.Name(), err)
		case f.NArg() == 0 || end > 0 && args[end-1] == "--":
			return append(words, f.Args()...), nil
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
	return words, nil
}

// check returns a usageError for the first value that is not allowed, and
// parses the lists (§3.7).
func (o *options) check() error {
	if err := o.checkNumbers(); err != nil {
		return err
	}
	if err := o.checkNames(); err != nil {
		return err
	}
	if err := o.checkSizes(); err != nil {
		return err
	}
	if err := o.checkMemory(); err != nil {
		return err
	}
	return o.checkFiles()
}

// checkNumbers checks the hyper-parameters of §3.7 and the other numbers.
func (o *options) checkNumbers() error {
	h := o.hyper
	for _, c := range []struct {
		name  string
		value float64
		low   float64
		high  float64
		open  bool // low itself is not allowed
	}{
		{"epochs", float64(h.Epochs), 0, 1e6, false},
		{"batch", float64(h.Batch), 1, 1e6, false},
		{"eta", h.Eta, 0, 1e6, true},
		{"lambda", h.Lambda, 0, 1e9, false},
		{"l1", h.L1, 0, 1e9, false},
		{"mu", h.Mu, 0, 1, false},
		{"stop-after", float64(o.stopAfter), 0, 1e6, false},
		{"halve-after", float64(o.halveAfter), 0, 1e6, false},
		{"halvings", float64(o.halvings), 1, 1000, false},
		{"train-size", float64(o.trainSize), 0, 1e9, false},
		{"eval-size", float64(o.evalSize), 0, 1e9, false},
		{"every", float64(o.every), 0, 1e9, false},
		{"runs", float64(o.runs), 1, 1e4, false},
		{"seed", float64(o.seed), 0, 1<<32 - 1, false},
	} {
		if c.open && !(c.value > c.low && c.value <= c.high) {
			return usagef("-%s is %v, want more than %v, at most %v", c.name, c.value, c.low, c.high)
		}
		if !(c.value >= c.low && c.value <= c.high) {
			return usagef("-%s is %v, want %.0f to %.0f", c.name, o.flags.Lookup(c.name).Value, c.low, c.high)
		}
	}
	if !(h.Dropout >= 0 && h.Dropout < 1) {
		return usagef("-dropout is %v, want 0 (none) or more, less than 1", h.Dropout)
	}
	return nil
}

// checkNames checks the flags whose values are words (§3.7).
func (o *options) checkNames() error {
	for _, c := range []struct {
		flag, list string
		allowed    []string
	}{
		{"cost", o.cost, names(costs, func(c *Cost) string { return c.Name })},
		{"activation", o.activation, names(activations, func(a *Activation) string { return a.Name })},
		{"encoding", o.encoding, names(encodings, func(e *Encoding) string { return e.Name })},
		{"eval", o.eval, []string{"test", "validation"}},
	} {
		if !slices.Contains(c.allowed, c.list) {
			return usagef("-%s is %q, want %s", c.flag, c.list, strings.Join(c.allowed, ", "))
		}
	}
	digits := o.digits
	if digits == "all" {
		digits = ""
	}
	for _, c := range []struct {
		flag, list string
		allowed    []string
	}{
		{"init", o.init, []string{"large", "default"}},
		{"monitor", o.monitor, names(monitors, func(m *monitor) string { return m.name })},
		{"digits", digits, strings.Split("0123456789", "")},
	} {
		for _, word := range split(c.list) {
			if !slices.Contains(c.allowed, word) {
				return usagef("-%s %s: %q is none of %s", c.flag, c.list, word, strings.Join(c.allowed, ", "))
			}
		}
	}
	if _, err := ParseExpansion(o.expand); err != nil {
		return err
	}
	if o.init == "" || o.digits == "" {
		return usagef("-init and -digits want a value")
	}
	return nil
}

// names returns the names of the rows of a table of modes (§3).
func names[T any](rows []T, name func(T) string) (list []string) {
	for _, r := range rows {
		list = append(list, name(r))
	}
	return list
}

// byName returns the row of a table of modes that has a name; checkNames saw
// that there is one (§3).
func byName[T any](rows []T, name func(T) string, want string) T {
	return rows[slices.IndexFunc(rows, func(r T) bool { return name(r) == want })]
}

// split returns the words of a list with commas, none of the empty list (§3.7).
func split(list string) (words []string) {
	if list == "" {
		return nil
	}
	for _, word := range strings.Split(list, ",") {
		words = append(words, strings.TrimSpace(word))
	}
	return words
}

// checkSizes parses -sizes, the list of network.py: Network, and checks that
// it fits the encoding, and MNIST where no other data are given.
func (o *options) checkSizes() error {
	outputs := o.codes().Outputs
	if o.sizes == o.flags.Lookup("sizes").DefValue && !o.given["sizes"] && o.encoding == "binary" {
		o.flags.Set("sizes", "784,30,4")
	}
	o.layers = nil
	for _, word := range strings.Split(o.sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > 1<<20 {
			return usagef("-sizes %s: %q is no number of neurons, want 1 to %d", o.sizes, word, 1<<20)
		}
		o.layers = append(o.layers, n)
	}
	last := len(o.layers) - 1
	switch {
	case last < 1:
		return usagef("-sizes %s: want at least an input and an output layer, as 784,10", o.sizes)
	case o.layers[last] != outputs:
		return usagef("-sizes ends with %d, want %d, the output neurons of -encoding %s", o.layers[last], outputs, o.encoding)
	case o.encoding == "binary" && o.cost == "log-likelihood":
		return usagef("-encoding binary has several outputs at 1 at once; -cost log-likelihood wants one: use -encoding unit")
	case o.data == "" && o.resume == "" && o.layers[0] != 784:
		return usagef("-sizes begins with %d, want 784, an input neuron a pixel of 28×28", o.layers[0])
	}
	return nil
}

// checkMemory checks that the machine has the memory for the network and its
// mini-batches (§1.3, §1.5).
func (o *options) checkMemory() error {
	if need, there := o.footprint(), memory(); need > there {
		return usagef("-sizes %s with -batch %d needs %s of memory, here are %s", o.sizes, o.hyper.Batch, gigabytes(need), gigabytes(there))
	}
	return nil
}

// footprint returns about how many bytes the training takes that the flags
// describe (§1.3, §1.5). It holds the network, what that was when the epoch
// began, and a third in passing; a file is made from a copy of its own, of 20
// bytes a number, which move each time that they have become twice as many. A
// mini-batch is no longer than the training data, if the flags tell their size.
func (o *options) footprint() float64 {
	m := o.hyper.Batch
	switch {
	case o.trainSize > 0:
		m = min(m, o.trainSize)
	case o.data == "":
		m = min(m, 50000)
	}
	parts := 1.0 // of a checkpoint
	if o.hyper.Mu != 0 {
		parts++ // v of Eq. 54
	}
	if o.stopAfter > 0 || o.halveAfter > 0 {
		parts++ // the best network
	}
	copies := parts + 2
	switch {
	case o.checkpoint != "":
		copies += 7 * parts
	case o.save != "":
		copies += 7
	}
	variants := 0.0
	if o.expand != "none" {
		variants = 3 * float64(o.layers[0]) * float64(m) // the ink of changed images, §3.6
	}
	return footprint(o.layers, copies, m) + variants
}

// codes returns the encoding that -encoding names (§1.4).
func (o *options) codes() *Encoding {
	return byName(encodings, func(e *Encoding) string { return e.Name }, o.encoding)
}

// checkFiles checks which files go together, and those to be written
// (network2.py: save).
func (o *options) checkFiles() error {
	if o.runs > 1 && (o.load != "" || o.save != "" || o.checkpoint != "" || o.resume != "") {
		return usagef("-runs %d makes several networks; it goes with none of -load, -save, -checkpoint, -resume", o.runs)
	}
	if o.load != "" && o.resume != "" {
		return usagef("-load and -resume both say where to begin: give one of them")
	}
	for _, name := range []string{o.save, o.checkpoint, o.csv, o.json, o.plot} {
		if err := checkTarget(name); err != nil {
			return err
		}
	}
	return nil
}

// checkTarget checks that the folder of a file exists into which the program is
// to write, if the file has a name (network2.py: save).
func checkTarget(name string) error {
	if name == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return fmt.Errorf("no folder %s to write %s in", filepath.Dir(name), filepath.Base(name))
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder, want the name of a file", name)
	}
	return nil
}

// train is the default command, the sessions of §1.6 and §3.4-§3.6: load the
// data, make a network, train it, once or with several seeds, and keep what is
// asked for.
func train(o *options, stdout, stderr io.Writer) error {
	begin := time.Now()
	net, progress, err := o.start()
	if err != nil {
		return err
	}
	sets, err := o.loadData()
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "nndl: %s\n", o.configuration(sets.training.Len()))
	unfinished.Add(1)
	defer unfinished.Add(-1)
	var seeds []uint32
	var histories [][]Row
	for run := range o.runs {
		seed := uint32(o.seed) + uint32(run)
		if o.runs > 1 {
			fmt.Fprintf(stdout, "Run %d of %d, seed %d\n", run+1, o.runs, seed)
		}
		t, err := o.training(net, progress, sets, seed)
		if err != nil {
			return err
		}
		t.Out, t.Log, t.Status = stdout, stderr, status(stderr)
		err = o.trainOnce(t)
		seeds, histories = append(seeds, seed), append(histories, t.Progress.History)
		if err != nil {
			failed := o.writeHistories(seeds, histories, sets)
			if failed != nil && errors.Is(err, errInterrupted) {
				return failed // to be interrupted is no failure
			}
			return errors.Join(err, failed)
		}
	}
	if o.runs > 1 {
		summarize(stdout, histories, sets.evaluation.Len())
	}
	if err := o.writeHistories(seeds, histories, sets); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "nndl: done in %.1f s\n", time.Since(begin).Seconds())
	return nil
}

// start returns the network and the progress that -load or -resume begin with,
// and takes from them the flags that were not given (network2.py: load).
func (o *options) start() (*Network, *Progress, error) {
	if o.load == "" && o.resume == "" {
		return nil, nil, nil
	}
	net, progress, err := loadFile(o.load + o.resume) // one of them is empty
	if err != nil {
		return nil, nil, err
	}
	flags := net.flags()
	if o.resume != "" {
		if progress == nil {
			return nil, nil, fmt.Errorf("resume %s: a network, but no checkpoint of a training; -load starts from it", o.resume)
		}
		flags = progress.Flags
		if o.checkpoint == "" {
			o.flags.Set("checkpoint", o.resume)
		}
	}
	for _, name := range runFlags {
		if value, ok := flags[name]; ok {
			if err := o.adopt(name, value); err != nil {
				return nil, nil, err
			}
		}
	}
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	if !slices.Equal(o.layers, net.Sizes) {
		return nil, nil, usagef("-sizes is %s, but the network of %s%s is %v", o.sizes, o.load, o.resume, net.Sizes)
	}
	if o.resume == "" {
		net.Cost, progress = byName(costs, func(c *Cost) string { return c.Name }, o.cost), nil
	}
	return net, progress, nil
}

// runFlags are the flags that make a run what it is: a checkpoint keeps them,
// and a resumed run has the same (§3.7).
var runFlags = []string{
	"sizes", "cost", "activation", "init", "encoding", "batch", "eta", "seed", "lambda", "l1", "dropout", "expand", "mu",
	"stop-after", "halve-after", "halvings", "train-size", "eval-size", "digits", "eval", "data", "monitor", "every", "epochs",
}

// freeFlags are those of runFlags that may change when a run is resumed: they
// change nothing of what it learns up to where it stands (§3.7.3).
var freeFlags = []string{"epochs", "monitor", "every", "eval-size", "data"}

// flags returns the flags that describe a network (network2.py: load).
func (net *Network) flags() map[string]string {
	return map[string]string{
		"sizes":      strings.Trim(strings.ReplaceAll(fmt.Sprint(net.Sizes), " ", ","), "[]"),
		"activation": net.Hidden.Name,
		"encoding":   net.Encoding.Name,
		"cost":       net.Cost.Name,
	}
}

// adopt sets a flag that was not given to the value in a file, and refuses one
// that was given and differs; of a loaded network the cost may change
// (network2.py: load).
func (o *options) adopt(name, value string) error {
	f := o.flags.Lookup(name)
	switch {
	case !o.given[name]:
		if err := f.Value.Set(value); err != nil {
			return fmt.Errorf("%s%s: flag -%s: %w", o.load, o.resume, name, err)
		}
	case f.Value.String() == value || slices.Contains(freeFlags, name) || o.load != "" && name == "cost":
	default:
		return usagef("-%s is %s, but %s%s was made with -%s %s", name, f.Value, o.load, o.resume, name, value)
	}
	return nil
}

// dataSets are the three parts of MNIST, cut down as the flags have it (§3.4).
// validation is nil where nothing asks for it.
type dataSets struct {
	training, validation, evaluation *Data
}

// loadData returns the data, as the flags have them (§1.5, §3.4, §3.7.1).
func (o *options) loadData() (sets dataSets, err error) {
	if o.data == "" && o.eval == "test" {
		go LoadTest("") // on the other core; it is read once
	}
	if sets.training, sets.validation, err = LoadTraining(o.data); err != nil {
		return sets, err
	}
	if size := sets.training.Height * sets.training.Width; size != o.layers[0] {
		return sets, usagef("-sizes begins with %d, want %d, an input neuron a pixel of %d×%d", o.layers[0], size, sets.training.Height, sets.training.Width)
	}
	sets.evaluation = sets.validation
	if o.eval == "test" {
		if sets.evaluation, err = LoadTest(o.data); err != nil {
			return sets, err
		}
	}
	for _, d := range []**Data{&sets.training, &sets.validation, &sets.evaluation} {
		if *d = (*d).Only(o.digits); (*d).Len() == 0 {
			return sets, usagef("-digits %s leaves no examples", o.digits)
		}
	}
	if sets.training, err = sets.training.first(o.trainSize, "-train-size"); err != nil {
		return sets, err
	}
	if sets.evaluation, err = sets.evaluation.first(o.evalSize, "-eval-size"); err != nil {
		return sets, err
	}
	if o.eval == "validation" {
		sets.validation = sets.evaluation // 100 images may do to choose by, §3.7.1
	}
	return sets, nil
}

// first returns the first n examples of d, all for n = 0, as
// training_data[:1000] does; more than there are is a usageError (§3.4).
func (d *Data) first(n int, name string) (*Data, error) {
	if n > d.Len() {
		return nil, usagef("%s is %d, want at most %d, the number of examples", name, n, d.Len())
	}
	if n == 0 {
		n = d.Len()
	}
	return d.Slice(0, n), nil
}

// configuration returns the line that says what is run (§3.7: an experiment
// without its hyper-parameters cannot be repeated).
func (o *options) configuration(n int) string {
	line := fmt.Sprintf("sizes %v, %s cost, %s neurons, init %s, %d training examples, %d epochs, batch %d, eta %v",
		o.layers, o.cost, o.activation, o.init, n, o.hyper.Epochs, o.hyper.Batch, o.hyper.Eta)
	for _, name := range []string{"lambda", "l1", "dropout", "mu", "expand", "digits", "stop-after", "halve-after"} {
		if f := o.flags.Lookup(name); f.Value.String() != f.DefValue {
			line += fmt.Sprintf(", %s %v", name, f.Value)
		}
	}
	return printable(line) + fmt.Sprintf(", seed %d", o.seed)
}

// training returns the training that the flags describe: a new network, the
// loaded one, or the resumed run (network2.py: Network, load).
func (o *options) training(net *Network, p *Progress, sets dataSets, seed uint32) (*Training, error) {
	if net == nil {
		net = o.newNetwork(seed)
	}
	h, n := o.hyper, sets.training.Len()
	if p == nil {
		p = &Progress{State: net.NewState(h, n, seed), Flags: map[string]string{}}
	}
	for _, name := range runFlags {
		p.Flags[name] = o.flags.Lookup(name).Value.String()
	}
	if len(p.State.Order) != n {
		return nil, fmt.Errorf("resume %s: it was made with %d training examples, here are %d", o.resume, len(p.State.Order), n)
	}
	if (h.Mu != 0) != (p.State.VelocityW != nil) {
		return nil, fmt.Errorf("resume %s: its velocities do not go with -mu %v", o.resume, h.Mu)
	}
	t := &Training{
		Net: net, Hyper: h, Source: o.source(sets.training, p.State.Expand), Evaluation: sets.evaluation, Validation: sets.validation, Progress: p,
		Every: o.every, StopAfter: o.stopAfter, HalveAfter: o.halveAfter, Halvings: o.halvings, Checkpoint: o.checkpoint,
	}
	for _, m := range monitors {
		if slices.Contains(split(o.monitor), m.name) {
			t.Monitors = append(t.Monitors, m)
		}
	}
	return t, nil
}

// source returns the training data as -expand varies them: training images
// only, after the split, drawn anew in each epoch (§3.6).
func (o *options) source(training *Data, random *MersenneTwister) *Source {
	s := &Source{Data: training}
	if e, _ := ParseExpansion(o.expand); len(e) > 0 { // check saw that it parses
		image, c := make([]byte, training.Height*training.Width), newEasel(training.Height, training.Width)
		s.Expand = func(original []byte) []byte {
			e.Draw(image, original, c, random)
			return image
		}
	}
	return s
}

// newNetwork returns a network with random weights, from the initializers in
// the order of -init: each draws a whole set, and the last one's stays
// (network2.py: Network.__init__, large_weight_initializer).
func (o *options) newNetwork(seed uint32) *Network {
	return o.drawNetwork(NewNumPyRandom(seed))
}

// drawNetwork is newNetwork with a generator that may have been drawn from, as
// by the first network of a script of the book's (network2.py:
// Network.__init__).
func (o *options) drawNetwork(random *MersenneTwister) *Network {
	net := NewNetwork(o.layers)
	net.Cost = byName(costs, func(c *Cost) string { return c.Name }, o.cost)
	net.Hidden = byName(activations, func(a *Activation) string { return a.Name }, o.activation)
	net.Encoding = o.codes()
	for _, name := range split(o.init) {
		if name == "default" {
			net.DefaultWeights(random)
		} else {
			net.LargeWeights(random)
		}
	}
	return net
}

// trainOnce runs one training from its untrained network to the saved one
// (§1.6).
func (o *options) trainOnce(t *Training) error {
	if t.Progress.History == nil && slices.Contains(split(o.monitor), "accuracy") {
		fmt.Fprintf(t.Out, "Untrained: %d / %d\n", t.Net.Accuracy(t.Evaluation), t.Evaluation.Len())
	}
	s := t.Progress.State
	if done := s.Epoch + s.Done/len(s.Order); o.resume != "" && done >= o.hyper.Epochs {
		fmt.Fprintf(t.Log, "nndl: %s has done %d epochs already; a larger -epochs goes on\n", o.resume, done)
	}
	err := t.Run()
	if errors.Is(err, errInterrupted) {
		return o.brokenOff(t)
	}
	if err != nil {
		return err
	}
	if o.stopAfter > 0 {
		fmt.Fprintf(t.Out, "Best network, epoch %d: %d / %d\n", t.Progress.BestEpoch, t.Result().Accuracy(t.Evaluation), t.Evaluation.Len())
	}
	if o.save != "" {
		return t.Result().Save(o.save)
	}
	return nil
}

// brokenOff says how a training that was interrupted can go on, and returns
// errInterrupted (§3.7.3). When stdout has ended instead, that is an error only
// for the sake of a network that was to be saved.
func (o *options) brokenOff(t *Training) error {
	out, _ := t.Out.(*output)
	ended := out != nil && out.err != nil
	if ended && o.save == "" {
		return errInterrupted
	}
	fmt.Fprintf(t.Log, "\nnndl: interrupted in epoch %d\n", t.Progress.State.Epoch)
	if t.Checkpoint != "" {
		fmt.Fprintf(t.Log, "nndl: go on with: go run . -resume %s\n", printable(t.Checkpoint))
	} else {
		fmt.Fprintf(t.Log, "nndl: nothing was kept; -checkpoint FILE keeps a run so that -resume FILE can go on\n")
	}
	if ended {
		return fmt.Errorf("%s was not written, since the standard output ended: %v", o.save, out.err)
	}
	return errInterrupted
}

// terminal reports whether w is a terminal (§1.6).
func terminal(w io.Writer) bool {
	if o, ok := w.(*output); ok {
		w = o.Writer
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// status returns the function that shows progress on a terminal, one line that
// is rewritten, at most ten times a second; nil where w is no terminal (§1.6).
func status(w io.Writer) func(done float64, line string) {
	if !terminal(w) {
		return nil
	}
	begin, shown := time.Now(), time.Now()
	return func(done float64, line string) {
		if time.Since(shown) < 100*time.Millisecond && done < 1 {
			return
		}
		shown = time.Now()
		left := time.Duration(float64(time.Since(begin)) * (1/done - 1)).Round(time.Second)
		fmt.Fprintf(w, "\r\x1b[K%s, %v left\r", line, left)
		if done >= 1 {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

// summarize prints the mean and the standard deviation over several runs of
// the best and of the last accuracy (§3.5: results that can be replicated).
func summarize(w io.Writer, histories [][]Row, total int) {
	var best, last []float64
	for _, history := range histories {
		accuracies := lists(history)[1]
		if len(accuracies) == 0 {
			return
		}
		best = append(best, 100*slices.Max(accuracies)/float64(total))
		last = append(last, 100*accuracies[len(accuracies)-1]/float64(total))
	}
	b, sb := meanDeviation(best)
	l, sl := meanDeviation(last)
	fmt.Fprintf(w, "%d runs: best %.2f ± %.2f %%, last %.2f ± %.2f %%\n", len(histories), b, sb, l, sl)
}

// meanDeviation returns the mean of x and the standard deviation of which x is
// a sample, with n-1 in the denominator; 0 for a single value (§3.5).
func meanDeviation(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	if len(x) < 2 {
		return mean, 0
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, math.Sqrt(deviation)
}

// writeHistories writes the files of -csv, -json and -plot (§3.4).
func (o *options) writeHistories(seeds []uint32, histories [][]Row, sets dataSets) error {
	var errs []error
	if o.csv != "" {
		errs = append(errs, writeWhole(o.csv, func(w io.Writer) error { return writeCSV(w, seeds, histories) }))
	}
	if o.json != "" {
		errs = append(errs, writeWhole(o.json, func(w io.Writer) error { return writeJSON(w, histories) }))
	}
	if o.plot != "" {
		errs = append(errs, writeWhole(o.plot, func(w io.Writer) error { return plotHistories(w, histories, sets) }))
	}
	return errors.Join(errs...)
}
