package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// This file holds the flags of training, which most commands share: what they
// mean, what they may be, and the network, the data and the training that they
// describe (§3.7).

// options holds the values of the flags.
type options struct {
	// The network.
	sizes        []int
	cost         *Cost
	activation   *Activation
	initializers []string // in the order in which they draw
	encoding     *Encoding
	// How it learns.
	hyper                           Hyper
	expand                          Expansion
	stopAfter, halveAfter, halvings int
	halveBy                         float64
	// The data.
	data, eval          string
	digits              []int // nil: all
	trainSize, evalSize int
	// What is watched.
	monitor     []*metric
	every, runs int
	seed        uint64
	// Files.
	load, save, checkpoint, resume, csv, json, plot string

	flags    *flag.FlagSet
	groups   []flagGroup
	explicit map[string]bool // flags on the command line

	anySizes bool // -sizes need not fit the data

	gradientOnly bool // nothing is trained

	watch func(*Training) // told of a training before it begins

	vary         []variation
	setting      string // of -vary that this run has
	transpose    bool
	target, test string // of a table
	raw          bool
	scaling      *scaling // of a table, or of the loaded network
	turned       bool     // the images were

	continues   bool
	classes     []string          // names of the loaded network's classes, if it has any
	trained     map[string]string // how the loaded network was trained, if its file says
	trainedLine string            // the command line that trained the loaded network, if it is another
}

// A flagGroup is a section of the help.
type flagGroup struct {
	title string
	names []string
}

// newOptions returns the options with their flags, set to the defaults.
func newOptions() *options {
	o := &options{flags: commandFlags("nndl")}
	o.group("The network (§1.3 architecture, §3.1-§3.3 costs, §3.8 other neurons)")
	o.add("sizes", (*sizesFlag)(&o.sizes), "784,30,10", "neurons in each layer")
	o.add("cost", &modeFlag[*Cost]{&o.cost, costs, costName}, "quadratic", "quadratic, cross-entropy or log-likelihood (with softmax)")
	o.add("activation", &modeFlag[*Activation]{&o.activation, activations, activationName}, "sigmoid", "hidden neurons: sigmoid, tanh or relu")
	o.add("init", &listFlag[string]{&o.initializers, []string{"large", "default"}, sameWord}, "large", "large (network.py), default (1/√n_in; the name is network2.py's, not the default here), or both in the order in which they draw: default,large")
	o.add("encoding", &modeFlag[*Encoding]{&o.encoding, encodings, encodingName}, "unit", "unit (10 outputs) or binary (4 outputs, §1.4)")
	o.group("How it learns (§1.5 gradient descent, §1.6 implementing our network)")
	o.add("epochs", &numberFlag[int]{&o.hyper.Epochs, 0, 1e6, false}, "30", "passes over the training data")
	o.add("batch", &numberFlag[int]{&o.hyper.Batch, 1, 1e6, false}, "10", "m, examples in a mini-batch")
	o.add("eta", &numberFlag[float64]{&o.hyper.Eta, 0, 1e6, true}, "3", "η, learning rate")
	o.add("seed", &numberFlag[uint64]{&o.seed, 0, math.MaxUint32, false}, strconv.Itoa(bookSeed), "seed of all random numbers; the default is the book's")
	o.add("runs", &numberFlag[int]{&o.runs, 1, 1e4, false}, "1", "repeat with N seeds, the given one and those after it; print mean ± standard deviation")
	o.group("Against overfitting (§3.5 regularization, §3.6 expanding the data)")
	o.add("lambda", &numberFlag[float64]{&o.hyper.Lambda, 0, 1e9, false}, "0", "λ, L2 regularization (weight decay)")
	o.add("l1", &numberFlag[float64]{&o.hyper.L1, 0, 1e9, false}, "0", "λ of L1 regularization")
	o.add("dropout", &numberFlag[float64]{&o.hyper.Dropout, 0, math.Nextafter(1, 0), false}, "0", "dropout rate: fraction of the hidden neurons that each mini-batch drops, e.g. 0.5")
	o.add("expand", (*expandFlag)(&o.expand), "none", "vary the training images: comma-separated list of shift, rotate, elastic, scale, where wanted with their strengths; they are elastic:alpha=34:sigma=4,rotate:15,shift:1,scale:15 unless given")
	o.group("Faster (§3.7.3 early stopping, §3.7.4 η schedule, §3.8 momentum)")
	o.add("mu", &numberFlag[float64]{&o.hyper.Mu, 0, 1, false}, "0", "μ, momentum co-efficient")
	o.add("stop-after", &numberFlag[int]{&o.stopAfter, 0, 1e6, false}, "0", "end when the validation accuracy has not improved in N epochs; keep the best network")
	o.add("halve-after", &numberFlag[int]{&o.halveAfter, 0, 1e6, false}, "0", "halve η when the validation accuracy has not improved in N epochs")
	o.add("halve-by", &numberFlag[float64]{&o.halveBy, 1, 1e6, true}, "2", "with -halve-after: divide η by this instead, e.g. 10 with -halvings 3 (η/1000)")
	o.add("halvings", &numberFlag[int]{&o.halvings, 1, 1000, false}, "10", "with -halve-after: end after N halvings (10: η/1024)")
	o.group("The data (§1.5 MNIST, §3.4 overfitting, §3.7.1 broad strategy)")
	o.add("train-size", &numberFlag[int]{&o.trainSize, 0, 1e9, false}, "0", "train on the first N examples; 0: all 50,000")
	o.add("eval-size", &numberFlag[int]{&o.evalSize, 0, 1e9, false}, "0", "score on the first N examples; 0: all 10,000")
	o.add("digits", (*digitsFlag)(&o.digits), "all", "only these digits, e.g. 0,1")
	o.add("eval", &modeFlag[string]{&o.eval, []string{"test", "validation"}, sameWord}, "test", "data to score on: test or validation")
	o.add("vary", (*varyFlag)(&o.vary), "", "train with each value of a flag, e.g. eta=0.025,0.25,2.5; values that have commas are separated by ;, e.g. 'sizes=784,10;784,30,10'; given twice, all pairs")
	o.addText("data", &o.data, "folder with other IDX files in the place of MNIST's four, plain or gzipped; or a table, FILE.csv")
	o.add("transpose", (*boolFlag)(&o.transpose), "false", "turn the images of -data over their diagonal, as EMNIST's need it")
	o.addText("target", &o.target, "of a table: column of the class, or comma-separated columns of desired outputs from 0 to 1; the last one unless given")
	o.addText("test", &o.test, "of a table: file of the test data; else one row in five of 20 or more")
	o.add("raw", (*boolFlag)(&o.raw), "false", "of a table: leave the inputs as they are, not scaled to mean 0 and deviation 1")
	o.group("What is monitored (§3.4 overfitting, §3.7.1 broad strategy)")
	o.add("monitor", &listFlag[*metric]{&o.monitor, metrics, metricName}, "accuracy", "comma-separated list of accuracy, cost, training-accuracy, training-cost, weight-length, network2-cost (cost with λ over the number of evaluation examples, as network2.py has it)")
	o.add("every", &numberFlag[int]{&o.every, 0, 1e9, false}, "0", "score every N training examples, too; 0: after each epoch only")
	o.addText("csv", &o.csv, "file for the history as a table")
	o.addText("json", &o.json, "file for the history as network2.py's four lists")
	o.addText("plot", &o.plot, "file for the curves, as SVG; above them, of a table with two inputs, the plane with its classes")
	o.group("Keeping it")
	o.addText("load", &o.load, "network file to start from (network2.py's format)")
	o.add("continue", (*boolFlag)(&o.continues), "false", "with -load: take -batch, -eta, -lambda, -l1, -mu and -expand from the file, too")
	o.addText("save", &o.save, "network file to write at the end")
	o.addText("checkpoint", &o.checkpoint, "file to write after each epoch and when interrupted")
	o.addText("resume", &o.resume, "checkpoint to continue; its flags hold unless given again")
	return o
}

// group begins a section of the help.
func (o *options) group(title string) {
	o.groups = append(o.groups, flagGroup{title: title})
}

// add adds a flag with its default to the section.
func (o *options) add(name string, value flag.Value, byDefault, usage string) {
	if err := value.Set(byDefault); err != nil {
		panic(err)
	}
	o.flags.Var(value, name, usage)
	g := &o.groups[len(o.groups)-1]
	g.names = append(g.names, name)
}

// addText adds a flag that is any text, empty by default.
func (o *options) addText(name string, p *string, usage string) {
	o.add(name, (*textFlag)(p), "", usage)
}

// value returns the value of a flag as a command line would give it.
func (o *options) value(name string) string { return o.flags.Lookup(name).Value.String() }

func costName(c *Cost) string             { return c.Name }
func activationName(a *Activation) string { return a.Name }
func encodingName(e *Encoding) string     { return e.Name }
func metricName(m *metric) string         { return m.name }

// read sets the options to the flags of a command line and checks every value
// before any work. It returns flag.ErrHelp for -h, and a usageError for what is
// wrong.
func (o *options) read(args []string) error {
	if err := o.flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError(parseError(o.flags, err).Error())
	}
	if o.flags.NArg() > 0 {
		return usagef("unknown argument %q", o.flags.Arg(0))
	}
	o.explicit = map[string]bool{}
	o.flags.Visit(func(f *flag.Flag) { o.explicit[f.Name] = true })
	return o.check()
}

// printFlags prints the flags by sections, those of some names or all.
func (o *options) printFlags(w io.Writer, only ...string) {
	for _, group := range o.groups {
		title := "\n" + group.title + "\n"
		for _, name := range group.names {
			if len(only) == 0 || slices.Contains(only, name) {
				io.WriteString(w, title)
				printFlag(w, o.flags.Lookup(name))
				title = ""
			}
		}
	}
}

// check returns a usageError for flags that do not go together.
func (o *options) check() error {
	for _, err := range []error{o.checkSizes(), o.checkMemory(), o.checkFiles()} {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSizes checks that -sizes fits the encoding, and MNIST where no other
// data are given.
func (o *options) checkSizes() error {
	if o.value("sizes") == o.flags.Lookup("sizes").DefValue && !o.explicit["sizes"] && o.encoding == Binary {
		o.sizes = []int{784, 30, 4}
	}
	switch last := len(o.sizes) - 1; {
	case o.data == "" && !o.anySizes && o.sizes[last] != o.encoding.Outputs:
		return usagef("-sizes ends with %d, but must end with %d, the output neurons of -encoding %s", o.sizes[last], o.encoding.Outputs, o.encoding.Name)
	case o.encoding.Name == Binary.Name && o.cost == LogLikelihoodCost:
		return usagef("-encoding binary has several outputs at 1 at once, but -cost log-likelihood allows one: use -encoding unit")
	case o.data == "" && !o.anySizes && o.resume == "" && o.sizes[0] != 784:
		return usagef("-sizes begins with %d, but must begin with 784, one input neuron per pixel of 28×28", o.sizes[0])
	}
	return nil
}

// checkMemory checks that the machine has the memory for the network and its
// mini-batches.
func (o *options) checkMemory() error {
	if need, there := o.footprint(), memoryLimit(); need > there {
		return usagef("-sizes %s with -batch %d needs %s of memory, here are %s", o.value("sizes"), o.hyper.Batch, gigabytes(need), gigabytes(there))
	}
	return nil
}

// footprint returns about the number of bytes of the training that the flags
// describe. It holds the network, what that was when the epoch began, and a
// third in passing; a file is made from a copy of its own, of 20 bytes a
// number, which move each time that they have become twice as many. A
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
		parts++ // velocities
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
	if len(o.expand) > 0 {
		variants = 3 * float64(o.sizes[0]) * float64(m) // changed images, §3.6
	}
	return footprint(o.sizes, copies, m) + variants
}

// checkFiles checks which files go together, and those to be written.
func (o *options) checkFiles() error {
	if o.runs > 1 && (o.load != "" || o.save != "" || o.checkpoint != "" || o.resume != "") {
		return usagef("-runs %d makes several networks; it goes with none of -load, -save, -checkpoint, -resume", o.runs)
	}
	for i, v := range o.vary {
		if slices.ContainsFunc(o.vary[:i], func(other variation) bool { return other.flag == v.flag }) {
			return usagef("-vary %s is given twice: one list holds all its values", v.flag)
		}
		if !slices.Contains(o.variable(), v.flag) {
			return usagef("-vary %s: not a flag of how a network is trained%s", v.flag, didYouMean(v.flag, o.variable(), ""))
		}
	}
	if len(o.vary) > 0 && (o.load != "" || o.save != "" || o.checkpoint != "" || o.resume != "") {
		return usagef("-vary makes several networks; it goes with none of -load, -save, -checkpoint, -resume")
	}
	if o.continues && o.load == "" {
		return usagef("-continue goes with -load FILE; -resume FILE continues a checkpoint")
	}
	if o.load != "" && o.resume != "" {
		return usagef("-load and -resume both say where to begin: give one of them")
	}
	if o.runs > 1 && o.seed+uint64(o.runs-1) > math.MaxUint32 {
		return usagef("-seed %d with -runs %d goes beyond the largest seed, %d", o.seed, o.runs, uint32(math.MaxUint32))
	}
	outputs := []string{"save", "checkpoint", "csv", "json", "plot"}
	for i, flag := range outputs {
		name := o.value(flag)
		if err := checkTarget(name); err != nil {
			return err
		}
		for _, other := range outputs[:i] {
			if samePath(name, o.value(other)) {
				return usagef("-%s %s and -%s %s are one file: each needs its own", other, o.value(other), flag, name)
			}
		}
		if err := o.checkInputs(flag, name); err != nil {
			return err
		}
	}
	return nil
}

// variable returns the flags that -vary takes.
func (o *options) variable() (names []string) {
	o.flags.VisitAll(func(f *flag.Flag) {
		if o.keeps(f.Name) && f.Name != "data" {
			names = append(names, f.Name)
		}
	})
	return names
}

// checkInputs checks that an output does not overwrite what the run reads. A
// loaded network may be replaced by what becomes of it, as may a checkpoint.
func (o *options) checkInputs(flag, name string) error {
	in := inputs{load: o.load, resume: o.resume, data: o.data, test: o.test}
	switch flag {
	case "save":
		in.load = ""
	case "checkpoint":
		in.resume = ""
	}
	return in.checkOutput("-"+flag, name)
}

// inputs say which files a command reads, by the flags that name them, and those
// that no flag names, such as pictures; - is the standard input.
type inputs struct {
	load, resume, data, test string
	others                   []string
}

// checkOutput returns a usageError where the file of an output is one that the
// command reads, also through links and by other names.
func (in inputs) checkOutput(flag, name string) error {
	for _, input := range [][2]string{{"the file of -load", in.load}, {"the file of -resume", in.resume}, {"the file of -test", in.test}} {
		if samePath(name, input[1]) {
			return usagef("%s %s would overwrite %s", flag, name, input[0])
		}
	}
	if in.data != "" && isDataFile(name, in.data) {
		return usagef("%s %s would overwrite a file of -data", flag, name)
	}
	for _, other := range in.others {
		if other == "-" {
			other = "/dev/stdin"
		}
		if samePath(name, other) {
			return usagef("%s %s would overwrite %s, which is read", flag, name, other)
		}
	}
	return nil
}

// isDataFile reports whether a file is one that -data reads, or would be read with
// them once it is there: the table; or of a folder the files that are called as
// those of a set are, also in folders of such names, and the names of its classes.
func isDataFile(name, data string) bool {
	if samePath(name, data) {
		return true
	}
	isOne := func(file string) bool {
		mapping, _ := filepath.Match("*-mapping.txt", file)
		return mapping || file == "labels.txt" || idxName.MatchString(file)
	}
	target, _ := writeTarget(name)
	folders := []string{data}
	for i := 0; i < len(folders); i++ {
		entries, _ := os.ReadDir(folders[i])
		files := []string{filepath.Base(target)}
		for _, e := range entries {
			files = append(files, e.Name())
		}
		for _, file := range files {
			path := filepath.Join(folders[i], file)
			if !isOne(file) {
				continue
			}
			if samePath(name, path) {
				return true
			}
			if info, err := os.Stat(path); err == nil && info.IsDir() && i == 0 {
				folders = append(folders, path)
			}
		}
	}
	return false
}

// checkTarget checks that the folder of a file exists into which the program is
// to write, if the file has a name.
func checkTarget(name string) error {
	if name == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return fmt.Errorf("no folder %s to write %s in", filepath.Dir(name), filepath.Base(name))
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder, expected the name of a file", name)
	}
	return checkWritable(name)
}

// startingPoint returns the network and the progress that -load or -resume
// begin with, and takes from them the flags that were not given.
func (o *options) startingPoint() (*Network, *Checkpoint, error) {
	if o.load == "" && o.resume == "" {
		return nil, nil, nil
	}
	name := cmp.Or(o.load, o.resume)
	net, file, err := loadFile(name)
	if err != nil {
		return nil, nil, err
	}
	progress, flags := file.Training, net.flags()
	o.scaling, o.classes, o.trained = file.Scaling, net.Encoding.Classes, file.trained()
	switch {
	case o.load != "" && o.data == "" && !o.anySizes && (net.Sizes[0] != 784 || o.classes != nil):
		return nil, nil, usagef("%s is a network of %v neurons for other data than MNIST: give them by -data", name, net.Sizes)
	case o.resume != "" && progress == nil:
		return nil, nil, fmt.Errorf("resume %s: a network, but no checkpoint of a training; -load starts from it", o.resume)
	case o.resume != "":
		flags = progress.Flags
		if o.checkpoint == "" {
			o.flags.Set("checkpoint", o.resume)
		}
	case o.continues && file.trained() == nil:
		return nil, nil, usagef("-continue: %s does not say how it was trained", name)
	case o.continues:
		for _, flag := range learningFlags {
			if value, ok := file.trained()[flag]; ok {
				flags[flag] = value
			}
		}
	}
	o.trainedLine = ""
	if o.load != "" && !o.continues {
		o.trainedLine = o.goingOn(file.trained())
	}
	if err := o.inheritAll(name, flags); err != nil {
		return nil, nil, err
	}
	if !slices.Equal(o.sizes, net.Sizes) {
		return nil, nil, usagef("-sizes is %s, but the network of %s is %v", o.value("sizes"), name, net.Sizes)
	}
	if o.resume == "" {
		net.Cost, progress = o.cost, nil
	}
	return net, progress, nil
}

// learningFlags are the flags of how a network learns, which -continue takes from
// the file of -load.
var learningFlags = []string{"batch", "eta", "lambda", "l1", "mu", "expand"}

// trained returns the flags by which the network of a file was trained, nil where
// it does not say.
func (f *networkFile) trained() map[string]string {
	if f.Training != nil {
		return f.Training.Flags
	}
	return f.Flags
}

// trainedFlags returns those flags for the file of a network. A loaded network that
// was not trained on keeps its own.
func (o *options) trainedFlags() map[string]string {
	if o.trained != nil && o.hyper.Epochs == 0 {
		return o.trained
	}
	flags := map[string]string{}
	for _, name := range append([]string{"epochs", "seed", "init", "data", "target", "test"}, learningFlags...) {
		flags[name] = o.value(name)
	}
	return flags
}

// goingOn returns the command line that trains a loaded network as it was trained
// before, if the flags here are others.
func (o *options) goingOn(trained map[string]string) string {
	for _, name := range learningFlags {
		if value, ok := trained[name]; ok && value != o.value(name) {
			line := ""
			if o.data != "" {
				line = " -data " + quoted(o.data)
			}
			for _, name := range learningFlags {
				if value, ok := trained[name]; ok && value != o.flags.Lookup(name).DefValue {
					line += fmt.Sprintf(" -%s %s", name, trained[name])
				}
			}
			return fmt.Sprintf("go run . -load %s%s (or -continue)", quoted(o.load), line)
		}
	}
	return ""
}

// inheritAll takes those flags from a file that were not given, and checks all.
func (o *options) inheritAll(file string, flags map[string]string) error {
	for name, value := range flags {
		if o.keeps(name) {
			if err := o.inherit(file, name, value); err != nil {
				return err
			}
		}
	}
	return o.check()
}

// keeps reports whether a checkpoint keeps a flag, because it makes the run what
// it is, so that a resumed run has the same.
func (o *options) keeps(name string) bool {
	return o.flags.Lookup(name) != nil &&
		!slices.Contains([]string{"runs", "csv", "json", "plot", "load", "continue", "save", "checkpoint", "resume", "vary"}, name)
}

// freeFlags are kept flags that may change when a run is resumed: they
// change nothing of what it learns up to where it stands.
var freeFlags = []string{"epochs", "monitor", "every", "eval-size", "data"}

// inherit sets a flag that was not given to the value in a file, and refuses
// one that was given and differs; of a loaded network cost and dropout may change.
func (o *options) inherit(file, name, value string) error {
	f := o.flags.Lookup(name)
	switch {
	case !o.explicit[name]:
		if err := f.Value.Set(value); err != nil {
			return fmt.Errorf("%s: flag -%s: %w", file, name, err)
		}
	case f.Value.String() == value || slices.Contains(freeFlags, name) || o.load != "" && (name == "cost" || name == "dropout" || slices.Contains(learningFlags, name)):
	default:
		return usagef("-%s is %s, but %s was made with -%s %s", name, f.Value, file, name, value)
	}
	return nil
}

// configuration returns the lines that say what is run, broken at commas.
func (o *options) configuration(n int) string {
	begin := "init " + o.value("init")
	if o.load+o.resume != "" {
		begin = "weights from " + cmp.Or(o.load, o.resume)
	}
	line := fmt.Sprintf("nndl: sizes %v, %s cost, %s neurons, %s, %s", o.sizes, o.cost.Name, o.activation.Name, begin, plural(n, "training example"))
	if o.gradientOnly {
		line += fmt.Sprintf(", batch %d", o.hyper.Batch)
	} else {
		line += fmt.Sprintf(", %s, batch %d, eta %v", plural(o.hyper.Epochs, "epoch"), o.hyper.Batch, o.hyper.Eta)
	}
	for _, name := range []string{"lambda", "l1", "dropout", "mu", "expand", "digits", "stop-after", "halve-after"} {
		if f := o.flags.Lookup(name); f.Value.String() != f.DefValue {
			line += fmt.Sprintf(", %s %v", name, f.Value)
		}
	}
	line = strings.NewReplacer(", ", ", ", " ", "\u00a0").Replace(printable(line) + fmt.Sprintf(", seed %d", o.seed))
	if o.turned {
		line += ", images\u00a0turned\u00a0over\u00a0their\u00a0diagonal"
	}
	return strings.ReplaceAll(wrapped(line, 6), "\u00a0", " ")
}

// newTraining returns the training that the flags describe: a new network, the
// loaded one, or the resumed run (network2.py: Network, load).
func (o *options) newTraining(net *Network, p *Checkpoint, sets dataSets, seed uint32) (*Training, error) {
	if net == nil {
		net = o.newNetwork(seed)
	} else if p == nil && o.hyper.Epochs > 0 {
		net.changeDropout(o.hyper.Dropout)
	}
	h, n := o.hyper, sets.training.Len()
	if p == nil {
		p = &Checkpoint{State: net.NewState(n, h.Eta, h.Mu, seed), Flags: map[string]string{}}
	}
	o.flags.VisitAll(func(f *flag.Flag) {
		if o.keeps(f.Name) {
			p.Flags[f.Name] = f.Value.String()
		}
	})
	if len(p.State.Order) != n {
		return nil, fmt.Errorf("resume %s: it was made with %d training examples, here are %d", o.resume, len(p.State.Order), n)
	}
	if o.data != "" {
		sum := sets.training.checksum()
		if p.DataSum != 0 && p.DataSum != sum {
			return nil, fmt.Errorf("resume %s: it was made with other training data than those of -data %s", o.resume, o.data)
		}
		p.DataSum = sum
	}
	if decides := o.stopAfter > 0 || o.halveAfter > 0; decides && p.Of != 0 && p.Of != sets.validation.Len() {
		return nil, fmt.Errorf("resume %s: it decides by %d validation images, here are %d", o.resume, p.Of, sets.validation.Len())
	}
	if (h.Mu != 0) != (p.State.VelocityW != nil) {
		return nil, fmt.Errorf("resume %s: its velocities do not go with -mu %v", o.resume, h.Mu)
	}
	t := &Training{
		Net: net, Hyper: h, Data: sets.training, Expand: newExpander(o.expand, sets.training, p.State.Expand), Evaluation: sets.evaluation, Validation: sets.validation, Progress: p,
		Every: o.every, StopAfter: o.stopAfter, HalveAfter: o.halveAfter, HalveBy: o.halveBy, Halvings: o.halvings, Checkpoint: o.checkpoint,
		Scaling: o.scaling, Line: o.lineWith,
	}
	silent := o.setting != "" && !o.explicit["monitor"] // the cost, for the table of -vary
	for i, m := range metrics {                         // in their order, each once
		if slices.Contains(o.monitor, m) || silent && i == 0 {
			t.Monitors = append(t.Monitors, m)
		}
	}
	if silent {
		t.Unprinted = metrics[:1]
	}
	return t, nil
}

// lineWith returns the command line of a new run with other values of some flags.
func (o *options) lineWith(changes map[string]string) string {
	line, left := "go run .", []string{"load", "continue", "resume", "checkpoint"}
	if o.setting != "" {
		left = append(left, "csv", "json", "plot") // they hold all settings
	}
	for _, group := range o.groups {
		for _, name := range group.names {
			value, changed := changes[name]
			if !changed {
				value = o.value(name)
			}
			if value != o.flags.Lookup(name).DefValue && !slices.Contains(left, name) {
				if line += " -" + name; value != "true" {
					line += " " + quoted(value)
				}
			}
		}
	}
	return line
}

// lineFrom returns the command line that trains on the network of a file, with the
// flags of this run that the file does not keep.
func (o *options) lineFrom(file string) string {
	line := "go run . -load " + quoted(file) + " -continue"
	for _, group := range o.groups {
		for _, name := range group.names {
			kept := slices.Contains([]string{"sizes", "cost", "activation", "init", "encoding", "load", "continue"}, name) || slices.Contains(learningFlags, name)
			if value := o.value(name); !kept && value != o.flags.Lookup(name).DefValue {
				if line += " -" + name; value != "true" {
					line += " " + quoted(value)
				}
			}
		}
	}
	return line
}

// quoted returns text as a shell takes it for one word.
func quoted(text string) string {
	text = printable(text)
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r < 128 && !strings.ContainsRune("+,-./:=@_%", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
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
	net := NewNetwork(o.sizes)
	net.Cost, net.Hidden, net.Encoding = o.cost, o.activation, o.encoding
	for _, name := range o.initializers {
		if name == "default" {
			net.DefaultWeights(random)
		} else {
			net.LargeWeights(random)
		}
	}
	return net
}
