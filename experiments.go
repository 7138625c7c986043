package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// This file repeats the experiments of the article: what it trains in §1.4,
// §1.6 and §3.4-§3.8, with the numbers that it quotes, the book's run where it
// was published, and the band in which a run of any seed must end. The figures
// of figures.go draw the same trainings.

// A script is one training after another, each the flags of a command line. A
// later one may -load what an earlier one has saved.
//
// The book's scripts with several runs in one process (multiple_eta.py) seed
// once and go on drawing, and each run finds the training data in the order of
// the last shuffle; here that is oneProcess.
type script struct {
	lines      []string
	oneProcess bool
}

// trained is what one training of a script has left.
type trained struct {
	net     *Network
	sets    dataSets
	history []Row
	four    [4][]float64 // network2.py's lists
	seconds float64

	weights *MersenneTwister // where the generator of the weights stands
	state   *State
}

// accuracy returns the accuracies on the evaluation data in percent, one an
// epoch (Figure 25).
func (r *trained) accuracy() []float64 {
	return percent(r.four[1], r.sets.evaluation)
}

// trainingAccuracy returns the accuracies on the training data in percent, one
// an epoch (Figure 26).
func (r *trained) trainingAccuracy() []float64 {
	return percent(r.four[3], r.sets.training)
}

// trainingCost returns the costs on the training data, one an epoch (Figure 24).
func (r *trained) trainingCost() []float64 {
	return r.four[2]
}

// percent returns numbers of right examples as parts of a hundred of the data
// (Figure 25).
func percent(right []float64, data *Data) (share []float64) {
	for _, x := range right {
		share = append(share, 100*x/float64(data.Len()))
	}
	return share
}

// A lab does the trainings of one seed, each of them once (§3.7.1: rapid
// experimentation).
type lab struct {
	seed  uint32
	log   io.Writer
	done  map[string]*trained // by the line, and those before it in one process
	saved map[string]*Network // by the file name of -save
}

// newLab returns a lab in which nothing was done yet (§3.7).
func newLab(seed uint32, log io.Writer) *lab {
	return &lab{seed: seed, log: log, done: map[string]*trained{}, saved: map[string]*Network{}}
}

// run returns what the trainings of a script leave (§3.4-§3.8).
func (b *lab) run(s script) ([]*trained, error) {
	var all []*trained
	for i, line := range s.lines {
		key := line
		var before *trained
		if s.oneProcess && i > 0 {
			key, before = strings.Join(s.lines[:i+1], "; "), all[i-1]
		}
		if b.done[key] == nil {
			r, err := b.train(line, before)
			if err != nil {
				return nil, err
			}
			b.done[key] = r
		}
		all = append(all, b.done[key])
	}
	return all, nil
}

// train does the training that a line describes, after another one in the same
// process unless before is nil (network2.py: SGD).
func (b *lab) train(line string, before *trained) (*trained, error) {
	begin := time.Now()
	o := newOptions()
	o.seed = uint64(b.seed)
	if err := o.read(strings.Fields(line)); err != nil {
		return nil, err
	}
	sets, err := o.loadData()
	if err != nil {
		return nil, err
	}
	r := &trained{sets: sets, weights: NewNumPyRandom(b.seed)}
	if before != nil {
		w := *before.weights
		r.weights = &w
	}
	if r.net = b.saved[o.load].cloned(); r.net == nil {
		r.net = o.drawNetwork(r.weights)
	}
	r.state = r.net.NewState(o.hyper, sets.training.Len(), b.seed)
	if before != nil {
		shuffle := *before.state.Shuffle
		r.state.Shuffle, r.state.Order = &shuffle, slices.Clone(before.state.Order)
	}
	fmt.Fprintf(b.log, "nndl: %s\n", o.configuration(sets.training.Len()))
	if err := b.finish(o, r); err != nil {
		return nil, err
	}
	if o.save != "" {
		b.saved[o.save] = r.net
	}
	r.seconds = time.Since(begin).Seconds()
	return r, nil
}

// cloned returns a copy of the network that a script has saved, nil where
// there is none (§3.7.2: η may change then).
func (net *Network) cloned() *Network {
	if net == nil {
		return nil
	}
	return net.Clone()
}

// finish trains r from its state to its end (§1.6).
func (b *lab) finish(o *options, r *trained) error {
	p := &Progress{State: r.state, Flags: map[string]string{}}
	t, err := o.training(r.net, p, r.sets, b.seed)
	if err != nil {
		return err
	}
	t.Out, t.Log, t.Status = io.Discard, b.log, status(b.log)
	if err := t.Run(); err != nil {
		return err
	}
	r.net, r.history, r.four = t.Result(), p.History, lists(p.History)
	return nil
}

// An experiment is one of the article's: the trainings that it takes and what
// is read off them.
type experiment struct {
	name    string
	about   string // with the section
	seconds int    // on one of two busy cores
	script
	quantities []quantity
}

// A quantity is one number of an experiment.
type quantity struct {
	what      string
	article   string // as printed; empty where it gives no number
	book      string // of the book's own run, where that was published
	of        func(r []*trained) float64
	format    string
	low, high float64 // the band, for any seed
	exact     bool    // with the book's seed it is the book's number
}

// The command lines that several experiments or figures share.
const (
	overfitting     = "-cost cross-entropy -init default,large -eta 0.5 -train-size 1000 -epochs 400 -monitor accuracy,training-cost,training-accuracy"
	regularized     = "-cost cross-entropy -init default,large -eta 0.5 -lambda 0.1 -train-size 1000 -epochs 400 -monitor accuracy,training-cost,training-accuracy"
	fullData        = "-cost cross-entropy -init default,large -eta 0.5 -monitor accuracy,training-accuracy"
	regularizedFull = "-cost cross-entropy -init default,large -eta 0.5 -lambda 5 -monitor accuracy,training-accuracy"
	withoutDropout  = "-sizes 784,100,10 -cost cross-entropy -eta 0.5 -train-size 1000 -epochs 100 -monitor accuracy,training-accuracy"
	withDropout     = "-sizes 784,100,10 -cost cross-entropy -eta 0.5 -dropout 0.5 -train-size 1000 -epochs 100 -monitor accuracy,training-accuracy"
	learningRate    = "-cost cross-entropy -init default -lambda 5 -monitor training-cost -eta " // and its value
	short           = "-cost cross-entropy -init default -epochs 5 "                             // and what is tried
)

// learningRates are the three runs of §3.7.2 (multiple_eta.py).
var learningRates = script{[]string{learningRate + "0.025", learningRate + "0.25", learningRate + "2.5"}, true}

// experiments lists the experiments in the article's order.
var experiments = []*experiment{
	{"first-run", "§1.6: the first training run", 15, script{[]string{""}, false}, []quantity{
		{"best test accuracy, %", "95.42", "", best(0), "%.2f", 94, 96, false},
		{"in epoch", "28", "", bestEpoch(0), "%.0f", 5, 29, false},
		{"last test accuracy, %", "95.34", "", last(0), "%.2f", 93.5, 96, false},
		{"accuracy after epoch 0, %", "91.29", "", first(0), "%.2f", 55, 93, false},
	}},
	{"eta-too-low", "§1.6: η = 0.001", 50, script{[]string{"-eta 0.001 -epochs 100"}, false}, []quantity{
		{"test accuracy after 100 epochs, %", "bad", "", last(0), "%.2f", 5, 75, false},
	}},
	{"eta-too-high", "§1.6: η = 100", 5, script{[]string{"-eta 100 -epochs 5 -monitor accuracy,training-cost"}, false}, []quantity{
		{"test accuracy after 5 epochs, %", "very low", "10.09", last(0), "%.2f", 5, 25, false},
		{"cost after epoch 0", "", "", costAt(0, 0), "%.4f", 0.2, 2, false},
		{"cost after epoch 4: it is frozen", "diverges", "", costAt(0, 4), "%.4f", 0.2, 2, false},
	}},
	{"four-outputs", "§1.4: a binary code in 4 outputs against 10 outputs", 30, script{[]string{"-encoding binary", ""}, false}, []quantity{
		{"4 outputs, best test accuracy, %", "", "", best(0), "%.2f", 91, 94, false},
		{"10 outputs, best test accuracy, %", "", "", best(1), "%.2f", 94, 96, false},
		{"10 outputs ahead by, %", "better", "", difference(best(1), best(0)), "%.2f", 1, 5, false},
	}},
	{"overfitting", "§3.4, Figures 24-26: 1,000 images, 400 epochs", 25, script{[]string{overfitting}, false}, []quantity{
		{"best test accuracy, %", "82.27", "82.27", best(0), "%.2f", 79, 85, true},
		{"in epoch", "280", "374", bestEpoch(0), "%.0f", 20, 399, true},
		{"training accuracy at the end, %", "100", "100", lastTraining(0), "%.0f", 100, 100, true},
		{"training cost at the end", "", "0.004202", costAt(0, 399), "%.6f", 0.003, 0.006, true},
	}},
	{"full-data", "§3.4, Figure 27: the same on 50,000 images, 30 epochs", 20, script{[]string{fullData}, false}, []quantity{
		{"best test accuracy, %", "95.49", "95.33", best(0), "%.2f", 94.5, 96, false},
		{"training ahead of test at the end, %", "", "2.55", gap(0), "%.2f", 1.5, 4, false},
	}},
	{"regularized", "§3.5, Figures 28, 29: 1,000 images, λ = 0.1", 25, script{[]string{regularized}, false}, []quantity{
		{"best test accuracy, %", "87.1", "87.10", best(0), "%.2f", 85, 89, true},
		{"in epoch", "", "383", bestEpoch(0), "%.0f", 50, 399, true},
		{"training cost at the end", "", "0.115391", costAt(0, 399), "%.6f", 0.1, 0.13, true},
	}},
	{"regularized-full", "§3.5, Figure 30: 50,000 images, λ = 5", 25, script{[]string{regularizedFull}, false}, []quantity{
		{"best test accuracy, %", "96.49", "96.49", best(0), "%.2f", 95.8, 96.8, true},
		{"last test accuracy, %", "", "95.61", last(0), "%.2f", 94.5, 96.7, true},
		{"training ahead of test, best to best, %", "under 1", "0.63", difference(bestTraining(0), best(0)), "%.2f", 0.2, 1.3, true},
	}},
	{"hundred-hidden", "§3.5: 100 hidden neurons, validation data", 55, script{[]string{"-sizes 784,100,10 -cost cross-entropy -eta 0.5 -lambda 5 -eval validation"}, false}, []quantity{
		{"best validation accuracy, %", "97.92", "", best(0), "%.2f", 97.4, 98.2, false},
	}},
	{"l1", "§3.5.1.1: L1 against L2", 10, script{[]string{short + "-eta 0.5 -l1 5", short + "-eta 0.5 -lambda 5"}, false}, []quantity{
		{"weights nearer to 0 than 0.001, with L1, %", "few remain", "", nearZero(0), "%.1f", 20, 95, false},
		{"the same with L2, %", "", "", nearZero(1), "%.1f", 0, 10, false},
		{"best test accuracy with L1, %", "", "", best(0), "%.2f", 92, 97, false},
	}},
	{"dropout", "§3.5.1.2, Figures 33-35: half of 100 hidden neurons dropped", 40, script{[]string{withoutDropout, withDropout}, false}, []quantity{
		{"best test accuracy without, %", "", "", best(0), "%.2f", 80, 87, false},
		{"best test accuracy with dropout, %", "higher", "", best(1), "%.2f", 85, 90, false},
		{"training accuracy after 10 epochs without, %", "", "", trainingAt(0, 9), "%.2f", 98, 100, false},
		{"training accuracy after 10 epochs with dropout, %", "lower", "", trainingAt(1, 9), "%.2f", 88, 97.5, false},
		{"test accuracy lost with one hidden neuron, without", "", "", lossOfOne(0), "%.3f", 0.2, 0.8, false},
		{"test accuracy lost with one hidden neuron, with dropout", "less", "", lossOfOne(1), "%.3f", 0, 0.15, false},
	}},
	{"rotation", "§3.6: training images rotated by up to 15°", 20, script{[]string{
		"-cost cross-entropy -init default -eta 0.5 -train-size 1000 -epochs 100",
		"-cost cross-entropy -init default -eta 0.5 -train-size 1000 -epochs 100 -expand rotate"}, false}, []quantity{
		{"best test accuracy, images as they are, %", "", "", best(0), "%.2f", 85, 91, false},
		{"best test accuracy, rotated anew in each epoch, %", "higher", "", best(1), "%.2f", 88, 91, false},
	}},
	{"zeros-and-ones", "§3.7.1: 0s and 1s alone", 1, script{[]string{"-digits 0,1 -cost cross-entropy -init default -eta 0.5 -epochs 1 -eval validation"}, false}, []quantity{
		{"less training data by, %", "80", "", saved(0), "%.1f", 78.7, 78.9, false},
		{"times fewer images", "5", "", fewer(0), "%.2f", 4.7, 4.72, false},
		{"validation accuracy after one epoch, %", "", "", last(0), "%.2f", 99.5, 100, false},
	}},
	{"no-hidden-layer", "§3.7.1: [784, 10]", 2, script{[]string{short + "-sizes 784,10 -eta 0.5"}, false}, []quantity{
		{"best test accuracy, %", "above chance", "", best(0), "%.2f", 89, 93, false},
	}},
	{"learning-rates", "§3.7.2, Figure 38: η = 0.025, 0.25, 2.5", 110, learningRates, []quantity{
		{"η = 0.025: epochs in which the cost rose", "0", "0", rises(0), "%.0f", 0, 2, true},
		{"η = 0.025: cost at the end", "", "0.339200", costAt(0, 29), "%.6f", 0.33, 0.35, true},
		{"η = 0.25: epochs in which the cost rose", "after about 20", "12", rises(1), "%.0f", 5, 20, true},
		{"η = 0.25: cost at the end", "", "0.338796", costAt(1, 29), "%.6f", 0.31, 0.36, true},
		{"η = 2.5: lowest cost", "oscillates", "0.7249", lowest(2), "%.4f", 0.5, 1, false},
	}},
	{"schedule", "§3.7.2, §3.7.4: η = 0.25, then 0.025; η halved when nothing improves", 55, script{[]string{
		learningRate + "0.25 -epochs 20 -save net.json",
		learningRate + "0.025 -epochs 10 -load net.json",
		"-cost cross-entropy -init default -eta 0.5 -lambda 0.5 -train-size 5000 -eval validation -epochs 400 -halve-after 5",
		"-cost cross-entropy -init default -eta 0.5 -lambda 0.5 -train-size 5000 -eval validation -epochs 60"}, false}, []quantity{
		{"cost with 0.25 for 20 epochs", "", "", lastCost(0), "%.4f", 0.3, 0.37, false},
		{"cost after 10 more with 0.025", "lower", "", lastCost(1), "%.4f", 0.27, 0.3, false},
		{"5,000 images, η halved to 1/1024: last accuracy, %", "", "", last(2), "%.2f", 92, 95.5, false},
		{"5,000 images, η constant: last accuracy, %", "", "", last(3), "%.2f", 91.5, 95, false},
	}},
	{"batch-sizes", "§3.7.6: mini-batches of 1, 10, 100 with η in proportion", 10, script{[]string{
		"-cost cross-entropy -init default -epochs 3 -batch 1 -eta 0.05",
		"-cost cross-entropy -init default -epochs 3 -batch 10 -eta 0.5",
		"-cost cross-entropy -init default -epochs 3 -batch 100 -eta 5"}, false}, []quantity{
		{"mini-batches of 1: accuracy, %", "", "", last(0), "%.2f", 93.5, 96.5, false},
		{"mini-batches of 10: accuracy, %", "", "", last(1), "%.2f", 93.5, 96.5, false},
		{"mini-batches of 100: accuracy, %", "", "", last(2), "%.2f", 70, 96.5, false},
		{"mini-batches of 1: seconds", "", "", seconds(0), "%.1f", 0, math.Inf(1), false},
		{"mini-batches of 10: seconds", "", "", seconds(1), "%.1f", 0, math.Inf(1), false},
		{"mini-batches of 100: seconds", "", "", seconds(2), "%.1f", 0, math.Inf(1), false},
	}},
	{"online", "§3.7.6: mini-batches of 1", 6, script{[]string{"-cost cross-entropy -init default -epochs 3 -batch 1 -eta 0.05"}, false}, []quantity{
		{"test accuracy after 3 epochs, %", "no problem", "", last(0), "%.2f", 93.5, 96.5, false},
	}},
	{"momentum", "§3.8: μ = 0.9 against μ = 0", 9, script{[]string{
		"-cost cross-entropy -init default -epochs 3 -eta 0.025",
		"-cost cross-entropy -init default -epochs 3 -eta 0.025 -mu 0.9"}, false}, []quantity{
		{"test accuracy after 3 epochs, μ = 0, %", "", "", last(0), "%.2f", 91, 93.5, false},
		{"test accuracy after 3 epochs, μ = 0.9, %", "faster", "", last(1), "%.2f", 93, 96, false},
	}},
	{"tanh", "§3.8: hidden tanh neurons", 5, script{[]string{short + "-activation tanh -eta 0.1"}, false}, []quantity{
		{"best test accuracy, %", "", "", best(0), "%.2f", 94, 96.5, false},
	}},
	{"relu", "§3.8: hidden rectified linear neurons", 4, script{[]string{short + "-activation relu -eta 0.1"}, false}, []quantity{
		{"best test accuracy, %", "", "", best(0), "%.2f", 94, 97, false},
	}},
	{"softmax", "§3.3: softmax outputs and the log-likelihood cost", 4, script{[]string{"-cost log-likelihood -init default -epochs 5 -eta 0.5"}, false}, []quantity{
		{"best test accuracy, %", "", "", best(0), "%.2f", 94, 96.5, false},
	}},
	{"initialization", "§3: weights N(0, 1)/√n_in against N(0, 1), η = 0.1", 50, script{[]string{
		"-cost cross-entropy -init default -eta 0.1 -lambda 5 -eval validation",
		"-cost cross-entropy -init large -eta 0.1 -lambda 5 -eval validation"}, true}, []quantity{
		{"1/√n_in: validation accuracy after epoch 0, %", "", "92.70", first(0), "%.2f", 91.5, 93.5, true},
		{"N(0, 1): validation accuracy after epoch 0, %", "", "86.43", first(1), "%.2f", 80, 89.5, true},
		{"1/√n_in: last validation accuracy, %", "", "96.50", last(0), "%.2f", 96, 97, true},
		{"N(0, 1): last validation accuracy, %", "", "96.37", last(1), "%.2f", 95.5, 97, true},
	}},
}

// best returns the quantity "best accuracy of run i, in percent" (§1.6).
func best(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return slices.Max(r[i].accuracy()) }
}

// bestEpoch returns the quantity "first epoch with the best accuracy of run i",
// counted from 0 (§1.6).
func bestEpoch(i int) func([]*trained) float64 {
	return func(r []*trained) float64 {
		return float64(slices.Index(r[i].accuracy(), slices.Max(r[i].accuracy())))
	}
}

// first returns the quantity "accuracy of run i after epoch 0" (§1.6).
func first(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return r[i].accuracy()[0] }
}

// last returns the quantity "accuracy of run i at its end" (§1.6).
func last(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return end(r[i].accuracy()) }
}

// end returns the last of a list (§1.6: the last epoch).
func end(x []float64) float64 {
	return x[len(x)-1]
}

// bestTraining returns the quantity "best training accuracy of run i" (§3.5).
func bestTraining(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return slices.Max(r[i].trainingAccuracy()) }
}

// lastTraining returns the quantity "training accuracy of run i at its end"
// (§3.4).
func lastTraining(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return end(r[i].trainingAccuracy()) }
}

// trainingAt returns the quantity "training accuracy of run i after an epoch"
// (§3.5.1.2).
func trainingAt(i, epoch int) func([]*trained) float64 {
	return func(r []*trained) float64 { return r[i].trainingAccuracy()[epoch] }
}

// gap returns the quantity "how far training accuracy is ahead of test accuracy
// at the end of run i", the sign of overfitting of §3.4.
func gap(i int) func([]*trained) float64 {
	return difference(lastTraining(i), last(i))
}

// difference returns the quantity a - b (§3.4).
func difference(a, b func([]*trained) float64) func([]*trained) float64 {
	return func(r []*trained) float64 { return a(r) - b(r) }
}

// costAt returns the quantity "training cost of run i after an epoch" (§3.4).
func costAt(i, epoch int) func([]*trained) float64 {
	return func(r []*trained) float64 { return r[i].trainingCost()[epoch] }
}

// lastCost returns the quantity "training cost at the end of run i" (§3.7.2).
func lastCost(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return end(r[i].trainingCost()) }
}

// lowest returns the quantity "lowest training cost of run i" (§3.7.2).
func lowest(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return slices.Min(r[i].trainingCost()) }
}

// rises returns the quantity "epochs in which the training cost of run i rose"
// (§3.7.2: decreases, or oscillates).
func rises(i int) func([]*trained) float64 {
	return func(r []*trained) (n float64) {
		cost := r[i].trainingCost()
		for epoch := 1; epoch < len(cost); epoch++ {
			if cost[epoch] > cost[epoch-1] {
				n++
			}
		}
		return n
	}
}

// lossOfOne returns the quantity "points of accuracy that the network of run i
// loses with one hidden neuron deleted", the mean over all of them: dropout is to
// make it robust to such a loss (§3.5.1.2).
func lossOfOne(i int) func(r []*trained) float64 {
	return func(r []*trained) float64 {
		net, data := r[i].net, r[i].sets.evaluation
		whole, lost := net.Accuracy(data), 0
		for j := range net.Sizes[1] {
			without := net.Clone()
			for k := range without.Sizes[2] {
				without.Weights[2].Row(k)[j] = 0
			}
			lost += whole - without.Accuracy(data)
		}
		return 100 * float64(lost) / float64(data.Len()*net.Sizes[1])
	}
}

// nearZero returns the quantity "share of the weights of run i below 0.001", in
// percent: with L1 regularization most weights go to 0 (§3.5.1.1).
func nearZero(i int) func([]*trained) float64 {
	return func(r []*trained) float64 {
		near, all := 0.0, 0.0
		for _, w := range r[i].net.Weights[1:] {
			for _, x := range w.Data {
				all++
				if math.Abs(x) < 0.001 {
					near++
				}
			}
		}
		return 100 * near / all
	}
}

// saved returns the quantity "part of MNIST's 50,000 training images that run i
// does without", in percent (§3.7.1).
func saved(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return 100 - 100*float64(r[i].sets.training.Len())/50000 }
}

// fewer returns the quantity "how many times fewer than 50,000 training images
// run i has" (§3.7.1).
func fewer(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return 50000 / float64(r[i].sets.training.Len()) }
}

// seconds returns the quantity "time that run i took" (§3.7.6).
func seconds(i int) func([]*trained) float64 {
	return func(r []*trained) float64 { return r[i].seconds }
}

const replayHelp = `[-runs N] [-seed S] [NAME… | all]
    Repeats experiments of the article and prints its numbers, those of the
    book's run where it was published, and those found here. Without a name it
    lists them. A number outside its band is marked, and the exit status is 1.

`

// replayCommand repeats the experiments that are named (§1.6, §3.4-§3.8).
func replayCommand(args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("replay")
	runs := f.Int("runs", 1, "seeds to repeat each with: median, minimum and maximum")
	seed := f.Uint64("seed", bookSeed, "first of the seeds; the default is the book's")
	names, err := readCommand(f, replayHelp, args, stderr)
	switch {
	case err != nil:
		return err
	case *runs < 1 || *runs > 1e4:
		return usagef("-runs is %d, want 1 to 10000", *runs)
	case *seed+uint64(*runs-1) > math.MaxUint32:
		return usagef("-seed is %d, want 0 to %d, with -runs %d", *seed, int64(math.MaxUint32)-int64(*runs)+1, *runs)
	case len(names) == 0:
		return listExperiments(stdout)
	}
	chosen, err := named(names)
	if err != nil {
		return err
	}
	r := &replay{out: stdout}
	for i := range *runs {
		r.labs = append(r.labs, newLab(uint32(*seed)+uint32(i), stderr))
	}
	for _, e := range chosen {
		if err := r.run(e); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if r.outside > 0 {
		return fmt.Errorf("%d of %d numbers lie outside their bands", r.outside, r.numbers)
	}
	return nil
}

// listExperiments prints the names, and how long each takes (§3.7.1).
func listExperiments(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	total := 0
	for _, e := range experiments {
		fmt.Fprintf(t, "%s\t%s\t%d s\n", e.name, e.about, e.seconds)
		total += e.seconds
	}
	fmt.Fprintf(t, "all\t\t%d s\n", total)
	return t.Flush()
}

// named returns the experiments of some names, all of them for all (§3.7).
func named(names []string) (chosen []*experiment, err error) {
	for _, name := range names {
		i := slices.IndexFunc(experiments, func(e *experiment) bool { return e.name == name })
		switch {
		case name == "all":
			chosen = append(chosen, experiments...)
		case i < 0:
			return nil, usagef("no experiment %q; replay alone lists them", name)
		default:
			chosen = append(chosen, experiments[i])
		}
	}
	return chosen, nil
}

// A replay prints experiments, each done in one lab a seed (§3.5: results that
// can be replicated).
type replay struct {
	out              io.Writer
	labs             []*lab
	numbers, outside int
}

// run does an experiment and prints its table (§3.7).
func (r *replay) run(e *experiment) error {
	begin := time.Now()
	var runs [][]*trained
	for _, b := range r.labs {
		results, err := b.run(e.script)
		if err != nil {
			return err
		}
		runs = append(runs, results)
	}
	fmt.Fprintf(r.out, "%s (%s)\n", e.name, e.about)
	for i, line := range e.lines {
		note := ""
		if i > 0 && e.oneProcess {
			note = "   (after the one above, in the same process)"
		}
		fmt.Fprintf(r.out, "  %s%s\n", r.command(line), note)
	}
	t := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	here := "here"
	if len(r.labs) > 1 {
		here = "here: median (least to greatest)"
	}
	fmt.Fprintf(t, "  \tarticle\tbook's run\t%s\tband\n", here)
	for _, q := range e.quantities {
		r.row(t, q, runs)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out, "  %.1f s\n\n", time.Since(begin).Seconds())
	return err
}

// command returns the command line that repeats a training (§3.7: rules of
// thumb call for experiments).
func (r *replay) command(line string) string {
	words := append([]string{"go run ."}, strings.Fields(line)...)
	if seed := r.labs[0].seed; seed != bookSeed {
		words = append(words, "-seed", strconv.FormatUint(uint64(seed), 10))
	}
	if len(r.labs) > 1 {
		words = append(words, "-runs", strconv.Itoa(len(r.labs)))
	}
	return strings.Join(words, " ")
}

// bookSeed is the seed of the runs that the book published (overfitting.py,
// multiple_eta.py, weight_initialization.py).
const bookSeed = 12345678

// row prints one number beside the article's and the book's, as the median,
// minimum and maximum of several seeds, and marks it where one of them lies
// outside the band (§3.5).
func (r *replay) row(w io.Writer, q quantity, runs [][]*trained) {
	var x []float64
	mark := ""
	for i, results := range runs {
		v := q.of(results)
		x = append(x, v)
		if !q.holds(v, r.labs[i].seed) {
			mark = "\t<- outside"
		}
	}
	r.numbers++
	if mark != "" {
		r.outside++
	}
	here := fmt.Sprintf(q.format, median(x))
	if len(x) > 1 {
		here += fmt.Sprintf(" ("+q.format+" to "+q.format+")", slices.Min(x), slices.Max(x))
	}
	fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s%s\n", q.what, dash(q.article), dash(q.book), here, q.band(), mark)
}

// holds reports whether a number lies in its band and, where the book's seed
// gives the book's number, is that (§3.4).
func (q *quantity) holds(v float64, seed uint32) bool {
	if q.exact && seed == bookSeed && fmt.Sprintf(q.format, v) != q.book {
		return false
	}
	return v >= q.low && v <= q.high
}

// band returns the limits of a quantity for any seed; a time has none (§3.5).
func (q *quantity) band() string {
	if math.IsInf(q.high, 1) {
		return "-"
	}
	return fmt.Sprintf("%v to %v", q.low, q.high)
}

// dash returns a dash for a number that was not published (§3.5).
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// median returns the middle of x, the mean of the two in the middle where
// their number is even (§3.5: what several runs agree on).
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
