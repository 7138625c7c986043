package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// This file says where a training has its data from, MNIST or others, and how it is
// fitted to them; and where a command has its network from that takes none or makes
// one first (§1.5, §3.4).

// loadData returns the data, as the flags have them.
func (o *options) loadData() (dataSets, error) {
	sets, err := o.readData()
	if err == nil {
		err = o.cutData(&sets)
	}
	return sets, err
}

// readData reads the data, all of them.
func (o *options) readData() (sets dataSets, err error) {
	if isTable(o.data) {
		return o.readTable()
	}
	if o.target != "" || o.test != "" || o.raw {
		return sets, usagef("-target, -test and -raw belong to a table: -data FILE.csv")
	}
	if o.data == "" && o.eval == "test" {
		go LoadTest("") // on the other core; it is read once
	}
	if sets.training, sets.validation, err = LoadTraining(o.data); err != nil {
		return sets, err
	}
	sets.evaluation = sets.validation
	if o.eval == "test" {
		if sets.evaluation, err = LoadTest(o.data); err != nil {
			return sets, err
		}
	}
	if o.transpose && o.data == "" {
		return sets, usagef("-transpose turns the images of -data DIR, MNIST's are upright")
	}
	for _, d := range []*Data{sets.training, sets.validation, sets.evaluation} {
		if o.transpose {
			d.turn()
		}
	}
	o.turned = sets.training.transposed
	if e, t := sets.evaluation, sets.training; e.Height != t.Height || e.Width != t.Width {
		return sets, fmt.Errorf("-data %s: test images of %d×%d pixels, but training images of %d×%d", o.data, e.Height, e.Width, t.Height, t.Width)
	}
	return sets, nil
}

// cutData fits -sizes to the data, and cuts them down as the flags have it.
func (o *options) cutData(sets *dataSets) (err error) {
	classes := max(sets.training.classCount(), sets.validation.classCount(), sets.evaluation.classCount())
	if err := o.fitSizes(sets.training, classes); err != nil {
		return err
	}
	if sets.training.Inputs == nil {
		err = o.cutDigits(sets)
	} else {
		o.cutTable(sets)
	}
	if err != nil {
		return err
	}
	if sets.training, err = sets.training.firstExamples(o.trainSize); err != nil {
		return usagef("-train-size is %d: %v", o.trainSize, err)
	}
	if sets.evaluation, err = sets.evaluation.firstExamples(o.evalSize); err != nil {
		return usagef("-eval-size is %d: %v", o.evalSize, err)
	}
	if o.eval == "validation" && sets.training.Inputs == nil {
		sets.validation = sets.evaluation // 100 images may do to choose by, §3.7.1
	}
	return nil
}

// cutDigits leaves the digits of -digits, and checks that there are some.
func (o *options) cutDigits(sets *dataSets) error {
	decides := o.stopAfter > 0 || o.halveAfter > 0
	for _, part := range []struct {
		d    **Data
		name string
		used bool
	}{{&sets.training, "training", true}, {&sets.validation, "validation", decides || o.eval == "validation"}, {&sets.evaluation, o.eval, true}} {
		d := part.d
		if *d = (*d).FilterDigits(o.digits); (*d).Len() == 0 && part.used {
			if len(o.digits) == 0 {
				return usagef("-data %s has no %s images: of %d training images, a sixth is for validation", o.data, part.name, sets.training.Len())
			}
			return usagef("-digits %s leaves no examples", o.value("digits"))
		}
	}
	return nil
}

// fitSizes checks that -sizes fits the data, and lets the first and the last layer
// follow them where it was not given.
func (o *options) fitSizes(d *Data, classes int) error {
	inputs, outputs, last := d.Height*d.Width, classes, len(o.sizes)-1
	name, what := o.encoding.Name, "one per class"
	given := o.explicit["sizes"] || o.load+o.resume != ""
	switch unnamed := d.Classes == nil && d.Inputs == nil && outputs < 10; { // not every digit need occur
	case unnamed && given && o.sizes[last] == o.encoding.Outputs:
		outputs = 10
	case unnamed && o.load+o.resume != "" && name == Unit.Name:
		outputs = max(outputs, o.sizes[last])
	}
	switch {
	case d.Targets != nil:
		outputs, what = len(d.Targets)/d.Len(), "one per column of -target"
	case name == Binary.Name:
		outputs, what = bits.Len(uint(outputs-1)), "bits of the classes"
	case d.Inputs != nil && outputs == 2 && o.sizes[last] == 1: // which of two
		name, outputs = Binary.Name, 1
	}
	if o.classes != nil && d.Classes != nil && !slices.Equal(o.classes, d.Classes) {
		return fmt.Errorf("%s has the classes %s, but %s %s", cmp.Or(o.load, o.resume), listed(o.classes), o.data, listed(d.Classes))
	}
	if o.cost == LogLikelihoodCost && (d.Targets != nil || name == Binary.Name) {
		return usagef("-cost log-likelihood is of one right class among at least two outputs: use -cost cross-entropy for %s", cmp.Or(o.data, "such outputs"))
	}
	if !given {
		o.sizes = slices.Clone(o.sizes)
		o.sizes[0], o.sizes[last] = inputs, outputs
	}
	switch {
	case o.sizes[0] != inputs && d.Inputs != nil:
		return usagef("-sizes begins with %d, but must begin with %d, the columns of %s without the class", o.sizes[0], inputs, o.data)
	case o.sizes[0] != inputs:
		return usagef("-sizes begins with %d, but must begin with %d, one input neuron per pixel of %d×%d", o.sizes[0], inputs, d.Height, d.Width)
	case o.sizes[last] != outputs:
		return usagef("-sizes ends with %d, but must end with %d output neurons, %s", o.sizes[last], outputs, what)
	}
	o.encoding = encodingOf(name, outputs, d.Classes)
	return nil
}

// listed returns names as a list, of many the first.
func listed(names []string) string {
	list := strings.Join(names[:min(len(names), 5)], ", ")
	if len(names) > 5 {
		list += fmt.Sprintf(" and %d more", len(names)-5)
	}
	return list
}

// readTable returns the data of a table.
func (o *options) readTable() (sets dataSets, err error) {
	if len(o.expand) > 0 || len(o.digits) > 0 || o.transpose {
		return sets, usagef("-expand, -digits and -transpose are for images, not for a table")
	}
	t := tableSource{file: o.data, test: o.test, target: o.target, raw: o.raw || o.load != "" && o.scaling == nil, seed: uint32(o.seed), classes: o.classes}
	sets.training, sets.evaluation, o.scaling, err = t.load(o.scaling)
	sets.validation = sets.training
	return sets, err
}

// cutTable takes validation data from the training data of a table, where something
// asks for them and there are enough.
func (o *options) cutTable(sets *dataSets) {
	if n := sets.training.Len(); n >= smallTable && (o.stopAfter > 0 || o.halveAfter > 0 || o.eval == "validation") {
		sets.training, sets.validation = sets.training.Slice(0, n-n/6), sets.training.Slice(n-n/6, n)
	}
	if o.eval == "validation" {
		sets.evaluation = sets.validation
	}
}

// networkSource is where a command has its network from, and the images.
type networkSource struct {
	load, data string
	transpose  bool
	seed       uint64
	said       bool // that the images are turned
}

// networkFlags adds the flags of a networkSource to f.
func networkFlags(f *flag.FlagSet) *networkSource {
	n := &networkSource{seed: bookSeed}
	f.StringVar(&n.load, "load", "", "network file; without it one is trained first")
	f.StringVar(&n.data, "data", "", "folder with IDX files to use instead of MNIST")
	f.BoolVar(&n.transpose, "transpose", false, "turn the images of -data over their diagonal, as EMNIST's need it")
	f.Var(&numberFlag[uint64]{&n.seed, 0, math.MaxUint32, false}, "seed", "seed of the random numbers, where a network is trained")
	return n
}

// images returns the training, validation or test images of the source.
func (n *networkSource) images(part string, stderr io.Writer) (d *Data, err error) {
	if n.transpose && n.data == "" {
		return nil, usagef("-transpose turns the images of -data DIR, MNIST's are upright")
	}
	switch part {
	case "training":
		d, _, err = LoadTraining(n.data)
	case "validation":
		_, d, err = LoadTraining(n.data)
	default:
		d, err = LoadTest(n.data)
	}
	if err != nil {
		return nil, err
	}
	if n.transpose {
		d.turn()
	}
	if d.transposed && !n.said {
		n.said = true
		fmt.Fprintln(stderr, "nndl: images turned over their diagonal")
	}
	return d, nil
}

// network returns the network of -load, which must have the inputs and the classes
// of the data, or trains that of §1.6 on the training images. Without data its images
// must be square.
func (n *networkSource) network(d *Data, stderr io.Writer) (*Network, error) {
	if n.load == "" {
		return n.train(d, stderr)
	}
	net, err := LoadNetwork(n.load)
	if err != nil {
		return nil, err
	}
	net = net.WithoutDropout()
	if d == nil {
		if squareSide(net.Sizes[0]) < minSide {
			return nil, fmt.Errorf("%s: a network of %v neurons, expected 784 in the first layer, one per pixel of 28×28, or another square of at least %d×%[3]d", n.load, net.Sizes, minSide)
		}
		return net, nil
	}
	inputs, classes := d.Height*d.Width, d.classCount()
	if n.data != "" && d.Classes == nil && net.Encoding.Classes == nil { // not every label need occur
		classes = max(classes, net.Encoding.classCount(net.Sizes[net.L()]))
	}
	outputs := classes
	if net.Encoding.Name == Binary.Name {
		outputs = bits.Len(uint(outputs - 1))
	}
	if n.data == "" && net.Encoding.Classes != nil {
		return nil, usagef("%s is a network of %v neurons for other data than MNIST: give them by -data", n.load, net.Sizes)
	}
	if known := net.Encoding.Classes; known != nil && d.Classes != nil && !slices.Equal(known, d.Classes) {
		return nil, fmt.Errorf("%s has the classes %s, but %s %s", n.load, listed(known), n.data, listed(d.Classes))
	}
	per := "pixel"
	if d.Inputs != nil {
		per = "column"
	}
	if got := net.Sizes; got[0] != inputs || got[net.L()] != outputs {
		return nil, fmt.Errorf("%s: a network of %v neurons, expected %d in the first layer, one per %s, and %d in the last, the outputs of -encoding %s", n.load, got, inputs, per, outputs, net.Encoding.Name)
	}
	return net, nil
}

// squareSide returns the side of a square of so many pixels, 0 where there is none.
func squareSide(pixels int) int {
	side := int(math.Sqrt(float64(pixels)))
	if side*side != pixels {
		return 0
	}
	return side
}

// train returns the network of §1.6, 784, 30 and 10 neurons, after 10 of its 30
// epochs: a few seconds, and less than a point below the end. The first and the last
// layer follow the training images, and d, if there is any.
func (n *networkSource) train(d *Data, stderr io.Writer) (*Network, error) {
	training, err := n.images("training", stderr)
	if err != nil {
		return nil, err
	}
	inputs, classes := training.Height*training.Width, training.classCount()
	switch {
	case d == nil && squareSide(inputs) < minSide || d == nil && training.Height != training.Width:
		return nil, fmt.Errorf("-data %s: images of %d×%d pixels, expected 28×28, or another square of at least %d×%[4]d", n.data, training.Height, training.Width, minSide)
	case d != nil && d.Height*d.Width != inputs:
		return nil, fmt.Errorf("-data %s: training images of %d×%d pixels, expected %d×%d as of the test images", n.data, training.Height, training.Width, d.Height, d.Width)
	case d != nil:
		classes = max(classes, d.classCount())
	}
	net := NewNetwork([]int{inputs, 30, classes})
	net.Encoding = encodingOf(Unit.Name, classes, training.Classes)
	net.LargeWeights(NewNumPyRandom(uint32(n.seed)))
	h := Hyper{Epochs: 10, Batch: 10, Eta: 3}
	fmt.Fprintf(stderr, "nndl: no -load: training a network first: sizes %v, %d epochs, batch %d, eta %v, seed %d\n", net.Sizes, h.Epochs, h.Batch, h.Eta, n.seed)
	show := progressPrinter(stderr)
	after := func(s *State) error {
		if show != nil {
			show(fractionDone(s, h.Epochs), fmt.Sprintf("epoch %d of %d, %d / %d examples", s.Epoch, h.Epochs, s.ExamplesDone, len(s.Order)))
		}
		return nil
	}
	net.SGD(training, h.Epochs, h.Batch, h.Eta, Run{State: net.NewState(training.Len(), h.Eta, 0, uint32(n.seed)), After: after})
	return net, nil
}
