package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// This file repeats the experiments of the article: what it trains in §1.4,
// §1.6 and §3.4-§3.8, with the numbers that it quotes, the book's run where it
// was published, and the range in which a run of any seed must end. The figures
// of cmd_figure.go draw the same trainings.

// A trainingScript is one training after another, each the flags of a command line. A
// later one may -load what an earlier one has saved.
//
// The book's scripts with several runs in one process (multiple_eta.py) seed
// once and go on drawing, and each run finds the training data in the order of
// the last shuffle; here that is oneProcess.
type trainingScript struct {
	lines      []string
	oneProcess bool
}

// trainingResult is what one training of a script has left.
type trainingResult struct {
	net     *Network
	sets    dataSets
	history []Record
	four    [4][]float64 // network2.py's lists
	seconds float64

	committee []*trainingResult // all runs, where a number is of all of them

	weights *MersenneTwister // where the generator of the weights stands
	state   *State
}

// accuracy returns the accuracies on the evaluation data in percent, one an
// epoch (Figure 25).
func (r *trainingResult) accuracy() []float64 {
	return percent(r.four[1], r.sets.evaluation)
}

// trainingAccuracy returns the accuracies on the training data in percent, one
// an epoch (Figure 26).
func (r *trainingResult) trainingAccuracy() []float64 {
	return percent(r.four[3], r.sets.training)
}

// trainingCost returns the costs on the training data, one per epoch (Figure 24).
func (r *trainingResult) trainingCost() []float64 { return r.four[2] }

// percent returns numbers of right examples as parts of a hundred of the data
// (Figure 25).
func percent(right []float64, data *Data) (share []float64) {
	for _, x := range right {
		share = append(share, 100*x/float64(data.Len()))
	}
	return share
}

// A runner does the trainings of one seed, each of them once.
type runner struct {
	ctx   context.Context // ends the trainings
	seed  uint32
	log   io.Writer
	bar   io.Writer                  // shows the progress; log unless set otherwise
	done  map[string]*trainingResult // by the line, and those before it in one process
	saved map[string]*Network        // by the file name of -save
}

// newRunner returns a runner that has done nothing yet.
func newRunner(ctx context.Context, seed uint32, log io.Writer) *runner {
	return &runner{ctx: ctx, seed: seed, log: log, bar: log, done: map[string]*trainingResult{}, saved: map[string]*Network{}}
}

// run returns what the trainings of a script leave.
func (b *runner) run(s trainingScript) ([]*trainingResult, error) {
	var all []*trainingResult
	for i, line := range s.lines {
		key := line
		var before *trainingResult
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
func (b *runner) train(line string, before *trainingResult) (*trainingResult, error) {
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
	r := &trainingResult{sets: sets, weights: NewNumPyRandom(b.seed)}
	if before != nil {
		w := *before.weights
		r.weights = &w
	}
	if r.net = b.saved[o.load].cloned(); r.net == nil {
		r.net = o.drawNetwork(r.weights)
	}
	r.state = r.net.NewState(sets.training.Len(), o.hyper.Eta, o.hyper.Mu, b.seed)
	if before != nil {
		shuffle := *before.state.Shuffle
		r.state.Shuffle, r.state.Order = &shuffle, slices.Clone(before.state.Order)
	}
	fmt.Fprintln(b.log, o.configuration(sets.training.Len()))
	if err := b.finish(o, r); err != nil {
		return nil, err
	}
	if o.save != "" {
		b.saved[o.save] = r.net
	}
	r.seconds = time.Since(begin).Seconds()
	return r, nil
}

// cloned returns a copy of the network that a script has saved, nil where there
// is none.
func (net *Network) cloned() *Network {
	if net == nil {
		return nil
	}
	return net.Clone()
}

// finish trains r from its state to its end.
func (b *runner) finish(o *options, r *trainingResult) error {
	p := &Checkpoint{State: r.state, Flags: map[string]string{}}
	t, err := o.newTraining(r.net, p, r.sets, b.seed)
	if err != nil {
		return err
	}
	t.Out, t.Log, t.Status = io.Discard, b.log, progressPrinter(b.bar)
	if err := t.Run(b.ctx); err != nil {
		return err
	}
	r.net, r.history, r.four = t.Result(), p.History, network2Lists(p.History)
	return nil
}

// An experiment is one of the article's: the trainings that it takes and what
// is read off them.
type experiment struct {
	name    string
	about   string // with the section
	seconds int    // on two cores that have nothing else to do
	trainingScript
	measurements []measurement
}

// A measurement is one number of an experiment.
type measurement struct {
	what      string
	article   string // as printed; empty where it gives no number
	book      string // of the book's own run, where that was published
	run       int    // of the script, or secondMinusFirst
	value     func(r *trainingResult) float64
	format    string
	low, high float64 // the expected range, for any seed
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
	alone           = "-sizes 784,100,10 -cost cross-entropy -init default -eta 0.5 -train-size 1000 -epochs 60"
	learningRate    = "-cost cross-entropy -init default -lambda 5 -monitor training-cost -eta " // and its value
	record          = "-sizes 784,800,400,10 -activation relu -cost log-likelihood -init default -eta 0.25 -lambda 2 -batch 100 -epochs 290 -halve-after 30 -halvings 5 -expand elastic:alpha=36:sigma=5,rotate:10,scale:12"
	short           = "-cost cross-entropy -init default -epochs 5 " // and what is tried
)

// learningRates are the three runs of §3.7.2 (multiple_eta.py).
var learningRates = trainingScript{[]string{learningRate + "0.025", learningRate + "0.25", learningRate + "2.5"}, true}

// experiments lists the experiments in the article's order.
var experiments = []*experiment{
	{"first-run", "§1.6: the first training run", 5, trainingScript{[]string{""}, false}, []measurement{
		{"best test accuracy, %", "95.42", "", 0, bestAccuracy, "%.2f", 94, 96, false},
		{"in epoch", "28", "", 0, bestEpoch, "%.0f", 5, 29, false},
		{"last test accuracy, %", "95.34", "", 0, lastAccuracy, "%.2f", 93.5, 96, false},
		{"accuracy after epoch 0, %", "91.29", "", 0, firstAccuracy, "%.2f", 55, 93, false},
	}},
	{"eta-too-low", "§1.6: η = 0.001", 12, trainingScript{[]string{"-eta 0.001 -epochs 100"}, false}, []measurement{
		{"test accuracy after 100 epochs, %", "bad", "", 0, lastAccuracy, "%.2f", 5, 75, false},
	}},
	{"eta-too-high", "§1.6: η = 100", 1, trainingScript{[]string{"-eta 100 -epochs 5 -monitor accuracy,training-cost"}, false}, []measurement{
		{"test accuracy after 5 epochs, %", "very low", "10.09", 0, lastAccuracy, "%.2f", 5, 25, false},
		{"cost after epoch 0", "", "", 0, firstTrainingCost, "%.4f", 0.2, 2, false},
		{"cost after epoch 4: it is frozen", "diverges", "", 0, lastTrainingCost, "%.4f", 0.2, 2, false},
	}},
	{"four-outputs", "§1.4: a binary code in 4 outputs against 10 outputs", 7, trainingScript{[]string{"-encoding binary", ""}, false}, []measurement{
		{"4 outputs, best test accuracy, %", "", "", 0, bestAccuracy, "%.2f", 91, 94, false},
		{"10 outputs, best test accuracy, %", "", "", 1, bestAccuracy, "%.2f", 94, 96, false},
		{"10 outputs ahead by, %", "better", "", secondMinusFirst, bestAccuracy, "%.2f", 1, 5, false},
	}},
	{"overfitting", "§3.4, Figures 24-26: 1,000 images, 400 epochs", 5, trainingScript{[]string{overfitting}, false}, []measurement{
		{"best test accuracy, %", "82.27", "82.27", 0, bestAccuracy, "%.2f", 79, 85, true},
		{"in epoch", "280", "374", 0, bestEpoch, "%.0f", 20, 399, true},
		{"training accuracy at the end, %", "100", "100", 0, lastTrainingAccuracy, "%.0f", 100, 100, true},
		{"training cost at the end", "", "0.004202", 0, lastTrainingCost, "%.6f", 0.003, 0.006, true},
	}},
	{"full-data", "§3.4, Figure 27: the same on 50,000 images, 30 epochs", 5, trainingScript{[]string{fullData}, false}, []measurement{
		{"best test accuracy, %", "95.49", "95.33", 0, bestAccuracy, "%.2f", 94.5, 96, false},
		{"training ahead of test at the end, %", "", "2.55", 0, overfittingGap, "%.2f", 1.5, 4, false},
	}},
	{"regularized", "§3.5, Figures 28, 29: 1,000 images, λ = 0.1", 4, trainingScript{[]string{regularized}, false}, []measurement{
		{"best test accuracy, %", "87.1", "87.10", 0, bestAccuracy, "%.2f", 85, 89, true},
		{"in epoch", "", "383", 0, bestEpoch, "%.0f", 50, 399, true},
		{"training cost at the end", "", "0.115391", 0, lastTrainingCost, "%.6f", 0.1, 0.13, true},
	}},
	{"regularized-full", "§3.5, Figure 30: 50,000 images, λ = 5", 5, trainingScript{[]string{regularizedFull}, false}, []measurement{
		{"best test accuracy, %", "96.49", "96.49", 0, bestAccuracy, "%.2f", 95.8, 96.8, true},
		{"last test accuracy, %", "", "95.61", 0, lastAccuracy, "%.2f", 94.5, 96.7, true},
		{"training ahead of test, best to best, %", "under 1", "0.63", 0, bestTrainingLead, "%.2f", 0.2, 1.3, true},
	}},
	{"hundred-hidden", "§3.5: 100 hidden neurons, validation data", 12, trainingScript{[]string{"-sizes 784,100,10 -cost cross-entropy -eta 0.5 -lambda 5 -eval validation"}, false}, []measurement{
		{"best validation accuracy, %", "97.92", "", 0, bestAccuracy, "%.2f", 97.4, 98.2, false},
	}},
	{"l1", "§3.5.1.1: L1 against L2", 3, trainingScript{[]string{short + "-eta 0.5 -l1 5", short + "-eta 0.5 -lambda 5"}, false}, []measurement{
		{"weights nearer to 0 than 0.001, with L1, %", "few remain", "", 0, weightsNearZero, "%.1f", 20, 95, false},
		{"the same with L2, %", "", "", 1, weightsNearZero, "%.1f", 0, 10, false},
		{"best test accuracy with L1, %", "", "", 0, bestAccuracy, "%.2f", 92, 97, false},
	}},
	{"dropout", "§3.5.1.2, Figures 33-35: half of 100 neurons dropped", 9, trainingScript{[]string{withoutDropout, withDropout}, false}, []measurement{
		{"best test accuracy without, %", "", "", 0, bestAccuracy, "%.2f", 80, 87, false},
		{"best test accuracy with dropout, %", "higher", "", 1, bestAccuracy, "%.2f", 85, 90, false},
		{"training accuracy after 10 epochs without, %", "", "", 0, trainingAccuracyAfter10, "%.2f", 98, 100, false},
		{"training accuracy after 10 epochs with dropout, %", "lower", "", 1, trainingAccuracyAfter10, "%.2f", 88, 97.5, false},
	}},
	{"robustness", "§3.5.1.2: 1, 5, 10 of 100 neurons removed, 20 times", 9, trainingScript{[]string{withoutDropout, withDropout}, false}, []measurement{
		{"no dropout, none removed: accuracy, %", "", "", 0, lastAccuracy, "%.2f", 80, 87, false},
		{"no dropout, 1 removed: accuracy, %", "", "", 0, meanWithout(1), "%.2f", 80, 87, false},
		{"no dropout, 1 removed: deviation, %", "", "", 0, deviationWithout(1), "± %.2f", 0.1, 1, false},
		{"no dropout, 5 removed: accuracy, %", "", "", 0, meanWithout(5), "%.2f", 78, 86, false},
		{"no dropout, 5 removed: deviation, %", "", "", 0, deviationWithout(5), "± %.2f", 0.3, 3, false},
		{"no dropout, 10 removed: accuracy, %", "", "", 0, meanWithout(10), "%.2f", 74, 84, false},
		{"no dropout, 10 removed: deviation, %", "", "", 0, deviationWithout(10), "± %.2f", 0.7, 5, false},
		{"dropout, none removed: accuracy, %", "", "", 1, lastAccuracy, "%.2f", 85, 90, false},
		{"dropout, 1 removed: accuracy, %", "robust", "", 1, meanWithout(1), "%.2f", 85, 90, false},
		{"dropout, 1 removed: deviation, %", "", "", 1, deviationWithout(1), "± %.2f", 0.03, 0.4, false},
		{"dropout, 5 removed: accuracy, %", "robust", "", 1, meanWithout(5), "%.2f", 84, 90, false},
		{"dropout, 5 removed: deviation, %", "", "", 1, deviationWithout(5), "± %.2f", 0.08, 0.8, false},
		{"dropout, 10 removed: accuracy, %", "robust", "", 1, meanWithout(10), "%.2f", 83, 89, false},
		{"dropout, 10 removed: deviation, %", "", "", 1, deviationWithout(10), "± %.2f", 0.1, 1.2, false},
	}},
	{"committee", "§3.5.1.2: five networks averaged, and dropout's many", 12, trainingScript{[]string{alone, alone, alone, alone, alone, alone + " -dropout 0.5"}, true}, []measurement{
		{"five networks, each alone: accuracy, %", "", "", allRuns, meanOfFive, "%.2f", 85, 90, false},
		{"the five together: accuracy, %", "better", "", allRuns, fiveTogether, "%.2f", 87, 92, false},
		{"dropout, weights halved: accuracy, %", "", "", 5, lastAccuracy, "%.2f", 85, 91, false},
		{"50 dropout masks together: accuracy, %", "alike", "", 5, maskedMean, "%.2f", 85, 91, false},
	}},
	{"rotation", "§3.6: training images rotated by up to 15°", 3, trainingScript{[]string{
		"-cost cross-entropy -init default -eta 0.5 -train-size 1000 -epochs 100",
		"-cost cross-entropy -init default -eta 0.5 -train-size 1000 -epochs 100 -expand rotate"}, false}, []measurement{
		{"best test accuracy, images as they are, %", "", "", 0, bestAccuracy, "%.2f", 85, 91, false},
		{"best test accuracy, rotated anew in each epoch, %", "higher", "", 1, bestAccuracy, "%.2f", 88, 91, false},
	}},
	{"zeros-and-ones", "§3.7.1: 0s and 1s alone", 1, trainingScript{[]string{"-digits 0,1 -cost cross-entropy -init default -eta 0.5 -epochs 1 -eval validation"}, false}, []measurement{
		{"less training data by, %", "80", "", 0, imagesSaved, "%.1f", 78.7, 78.9, false},
		{"times fewer images", "5", "", 0, timesFewerImages, "%.2f", 4.7, 4.72, false},
		{"validation accuracy after one epoch, %", "", "", 0, lastAccuracy, "%.2f", 99.5, 100, false},
	}},
	{"no-hidden-layer", "§3.7.1: [784, 10]", 1, trainingScript{[]string{short + "-sizes 784,10 -eta 0.5"}, false}, []measurement{
		{"best test accuracy, %", "above chance", "", 0, bestAccuracy, "%.2f", 89, 93, false},
	}},
	{"learning-rates", "§3.7.2, Figure 38: η = 0.025, 0.25, 2.5", 17, learningRates, []measurement{
		{"η = 0.025: epochs in which the cost rose", "0", "0", 0, epochsCostRose, "%.0f", 0, 2, true},
		{"η = 0.025: cost at the end", "", "0.339200", 0, lastTrainingCost, "%.6f", 0.33, 0.35, true},
		{"η = 0.25: epochs in which the cost rose", "after about 20", "12", 1, epochsCostRose, "%.0f", 5, 20, true},
		{"η = 0.25: cost at the end", "", "0.338796", 1, lastTrainingCost, "%.6f", 0.31, 0.36, true},
		{"η = 2.5: lowest cost", "oscillates", "0.7249", 2, lowestTrainingCost, "%.4f", 0.5, 1, false},
	}},
	{"schedule", "§3.7.2, §3.7.4: η lowered once, or when nothing improves", 9, trainingScript{[]string{
		learningRate + "0.25 -epochs 20 -save net.json",
		learningRate + "0.025 -epochs 10 -load net.json",
		"-cost cross-entropy -init default -eta 0.5 -lambda 0.5 -train-size 5000 -eval validation -epochs 400 -halve-after 5",
		"-cost cross-entropy -init default -eta 0.5 -lambda 0.5 -train-size 5000 -eval validation -epochs 60"}, false}, []measurement{
		{"cost with 0.25 for 20 epochs", "", "", 0, lastTrainingCost, "%.4f", 0.3, 0.37, false},
		{"cost after 10 more with 0.025", "lower", "", 1, lastTrainingCost, "%.4f", 0.27, 0.3, false},
		{"5,000 images, η halved to 1/1024: last accuracy, %", "", "", 2, lastAccuracy, "%.2f", 92, 95.5, false},
		{"5,000 images, η constant: last accuracy, %", "", "", 3, lastAccuracy, "%.2f", 91.5, 95, false},
	}},
	{"batch-sizes", "§3.7.6: mini-batches of 1, 10, 100 with η in proportion", 3, trainingScript{[]string{
		"-cost cross-entropy -init default -epochs 3 -batch 1 -eta 0.05",
		"-cost cross-entropy -init default -epochs 3 -batch 10 -eta 0.5",
		"-cost cross-entropy -init default -epochs 3 -batch 100 -eta 5"}, false}, []measurement{
		{"mini-batches of 1: accuracy, %", "", "", 0, lastAccuracy, "%.2f", 93.5, 96.5, false},
		{"mini-batches of 10: accuracy, %", "", "", 1, lastAccuracy, "%.2f", 93.5, 96.5, false},
		{"mini-batches of 100: accuracy, %", "", "", 2, lastAccuracy, "%.2f", 70, 96.5, false},
		{"mini-batches of 1: seconds", "", "", 0, secondsTaken, "%.1f", 0, math.Inf(1), false},
		{"mini-batches of 10: seconds", "", "", 1, secondsTaken, "%.1f", 0, math.Inf(1), false},
		{"mini-batches of 100: seconds", "", "", 2, secondsTaken, "%.1f", 0, math.Inf(1), false},
	}},
	{"online", "§3.7.6: mini-batches of 1", 2, trainingScript{[]string{"-cost cross-entropy -init default -epochs 3 -batch 1 -eta 0.05"}, false}, []measurement{
		{"test accuracy after 3 epochs, %", "no problem", "", 0, lastAccuracy, "%.2f", 93.5, 96.5, false},
	}},
	{"momentum", "§3.8: μ = 0.9 against μ = 0", 2, trainingScript{[]string{
		"-cost cross-entropy -init default -epochs 3 -eta 0.025",
		"-cost cross-entropy -init default -epochs 3 -eta 0.025 -mu 0.9"}, false}, []measurement{
		{"test accuracy after 3 epochs, μ = 0, %", "", "", 0, lastAccuracy, "%.2f", 91, 93.5, false},
		{"test accuracy after 3 epochs, μ = 0.9, %", "faster", "", 1, lastAccuracy, "%.2f", 93, 96, false},
	}},
	{"tanh", "§3.8: hidden tanh neurons", 1, trainingScript{[]string{short + "-activation tanh -eta 0.1"}, false}, []measurement{
		{"best test accuracy, %", "", "", 0, bestAccuracy, "%.2f", 94, 96.5, false},
	}},
	{"relu", "§3.8: hidden rectified linear neurons", 1, trainingScript{[]string{short + "-activation relu -eta 0.1"}, false}, []measurement{
		{"best test accuracy, %", "", "", 0, bestAccuracy, "%.2f", 94, 97, false},
	}},
	{"softmax", "§3.3: softmax outputs and the log-likelihood cost", 2, trainingScript{[]string{"-cost log-likelihood -init default -epochs 5 -eta 0.5"}, false}, []measurement{
		{"best test accuracy, %", "", "", 0, bestAccuracy, "%.2f", 94, 96.5, false},
	}},
	{"initialization", "§3: weights N(0, 1)/√n_in against N(0, 1), η = 0.1", 8, trainingScript{[]string{
		"-cost cross-entropy -init default -eta 0.1 -lambda 5 -eval validation",
		"-cost cross-entropy -init large -eta 0.1 -lambda 5 -eval validation"}, true}, []measurement{
		{"1/√n_in: validation accuracy after epoch 0, %", "", "92.70", 0, firstAccuracy, "%.2f", 91.5, 93.5, true},
		{"N(0, 1): validation accuracy after epoch 0, %", "", "86.43", 1, firstAccuracy, "%.2f", 80, 89.5, true},
		{"1/√n_in: last validation accuracy, %", "", "96.50", 0, lastAccuracy, "%.2f", 96, 97, true},
		{"N(0, 1): last validation accuracy, %", "", "96.37", 1, lastAccuracy, "%.2f", 95.5, 97, true},
	}},
}

// longExperiments go beyond the article's numbers and take long; replay all leaves
// them out. The record is the best of 25 settings that were tried, by the
// validation data (docs/experiments.md).
var longExperiments = []*experiment{
	{"record", "beyond §3.6: 800 and 400 neurons, elastic distortions", 3700, trainingScript{[]string{record}, false}, []measurement{
		{"test accuracy of the last epoch, %", "", "", 0, lastAccuracy, "%.2f", 99.2, 99.6, false},
		{"epochs", "", "", 0, epochsTrained, "%.0f", 200, 290, false},
	}},
}

// allExperiments returns the article's experiments and those beyond it.
func allExperiments() []*experiment { return slices.Concat(experiments, longExperiments) }

// secondMinusFirst in the place of a run means the number of run 1 less that of
// run 0.
const secondMinusFirst = -1

// allRuns in the place of a run means a number of all runs together.
const allRuns = -2

// of returns the number that m reads off the runs of an experiment.
func (m *measurement) of(runs []*trainingResult) float64 {
	switch m.run {
	case secondMinusFirst:
		return m.value(runs[1]) - m.value(runs[0])
	case allRuns:
		return m.value(&trainingResult{sets: runs[0].sets, committee: runs})
	}
	return m.value(runs[m.run])
}

// What can be read off a run. Accuracies are in percent, epochs count from 0.

func bestAccuracy(r *trainingResult) float64 { return slices.Max(r.accuracy()) }

// bestEpoch returns the first epoch with the best accuracy.
func bestEpoch(r *trainingResult) float64 {
	return float64(slices.Index(r.accuracy(), bestAccuracy(r)))
}

func firstAccuracy(r *trainingResult) float64           { return r.accuracy()[0] }
func lastAccuracy(r *trainingResult) float64            { return lastOf(r.accuracy()) }
func lastOf(x []float64) float64                        { return x[len(x)-1] }
func epochsTrained(r *trainingResult) float64           { return float64(len(r.accuracy())) }
func lastTrainingAccuracy(r *trainingResult) float64    { return lastOf(r.trainingAccuracy()) }
func trainingAccuracyAfter10(r *trainingResult) float64 { return r.trainingAccuracy()[9] }

// overfittingGap returns the lead of the training accuracy over the accuracy on
// the evaluation data at the end, the sign of overfitting of §3.4.
func overfittingGap(r *trainingResult) float64 { return lastTrainingAccuracy(r) - lastAccuracy(r) }

// bestTrainingLead returns the same lead, best to best.
func bestTrainingLead(r *trainingResult) float64 {
	return slices.Max(r.trainingAccuracy()) - bestAccuracy(r)
}

func firstTrainingCost(r *trainingResult) float64  { return r.trainingCost()[0] }
func lastTrainingCost(r *trainingResult) float64   { return lastOf(r.trainingCost()) }
func lowestTrainingCost(r *trainingResult) float64 { return slices.Min(r.trainingCost()) }

// epochsCostRose returns the number of epochs in which the training cost rose.
func epochsCostRose(r *trainingResult) (n float64) {
	cost := r.trainingCost()
	for epoch := 1; epoch < len(cost); epoch++ {
		if cost[epoch] > cost[epoch-1] {
			n++
		}
	}
	return n
}

// accuraciesWithout returns the accuracies in percent with so many hidden neurons
// removed, for 20 random choices of them: z of the outputs loses what they add to it.
// Dropout is to make the network robust to such a loss.
func accuraciesWithout(neurons int, r *trainingResult) []float64 {
	random, w := NewPythonRandom(1), r.net.Weights[2]
	removed, right := make([][]int32, 20), make([]float64, 20)
	for c := range removed {
		order := make([]int32, w.Cols)
		for j := range order {
			order[j] = int32(j)
		}
		random.Shuffle(order)
		removed[c] = order[:neurons]
	}
	z := make([]float64, w.Rows)
	r.net.forEach(r.sets.evaluation, func(b *batch, i, x int) {
		for c := range removed {
			copy(z, b.z[2].Row(x))
			for _, j := range removed[c] {
				for k := range z {
					z[k] -= float64(w.At(k, int(j)) * b.a[1].At(x, int(j)))
				}
			}
			if argmax(z) == int(r.sets.evaluation.Labels[i]) {
				right[c]++
			}
		}
	})
	return percent(right, r.sets.evaluation)
}

// meanWithout returns the measure of the mean of those accuracies.
func meanWithout(neurons int) func(r *trainingResult) float64 {
	return func(r *trainingResult) float64 {
		mean, _ := meanDeviation(accuraciesWithout(neurons, r))
		return mean
	}
}

// deviationWithout returns the measure of their standard deviation.
func deviationWithout(neurons int) func(r *trainingResult) float64 {
	return func(r *trainingResult) float64 {
		_, deviation := meanDeviation(accuraciesWithout(neurons, r))
		return deviation
	}
}

// accuracyTogether returns the accuracy in percent of the mean output of some
// networks.
func accuracyTogether(nets []*Network, data *Data) float64 {
	order := make([]int32, data.Len())
	for i := range order {
		order[i] = int32(i)
	}
	x := NewSparseMatrix(data.Len(), data.Height*data.Width, &pixelValues)
	data.Fill(x, order)
	sum, right := NewMatrix(data.Len(), 10), 0
	for _, net := range nets {
		for i, a := range net.Feedforward(x).Data {
			sum.Data[i] += a
		}
	}
	for i, label := range data.Labels {
		if argmax(sum.Row(i)) == int(label) {
			right++
		}
	}
	return 100 * float64(right) / float64(data.Len())
}

// meanOfFive returns the mean accuracy of the first five networks, each by itself.
func meanOfFive(r *trainingResult) (mean float64) {
	for _, one := range r.committee[:5] {
		mean += lastAccuracy(one) / 5
	}
	return mean
}

// fiveTogether returns the accuracy of their mean output.
func fiveTogether(r *trainingResult) float64 {
	var nets []*Network
	for _, one := range r.committee[:5] {
		nets = append(nets, one.net)
	}
	return accuracyTogether(nets, r.sets.evaluation)
}

// maskedMean returns the accuracy of the mean output of 50 networks that are the
// trained one with half of its hidden neurons dropped, as in training.
func maskedMean(r *trainingResult) float64 {
	raw := r.net.Clone()
	raw.changeDropout(0.5) // the weights as they were trained
	random := NewPythonRandom(2)
	var nets []*Network
	for range 50 {
		b := raw.newBatch(1)
		b.drop(0.5, random)
		net := raw.Clone()
		for k := range net.Sizes[2] {
			for j, keep := range b.mask[1] {
				net.Weights[2].Row(k)[j] *= keep
			}
		}
		nets = append(nets, net)
	}
	return accuracyTogether(nets, r.sets.evaluation)
}

// weightsNearZero returns the percentage of the weights below 0.001: with L1
// regularization most weights go to 0.
func weightsNearZero(r *trainingResult) float64 {
	near, all := 0.0, 0.0
	for _, w := range r.net.Weights[1:] {
		for _, x := range w.Data {
			all++
			if math.Abs(x) < 0.001 {
				near++
			}
		}
	}
	return 100 * near / all
}

// imagesSaved returns the percentage of MNIST's 50,000 training images that the
// run does without.
func imagesSaved(r *trainingResult) float64 {
	return 100 - 100*float64(r.sets.training.Len())/50000
}

func timesFewerImages(r *trainingResult) float64 { return 50000 / float64(r.sets.training.Len()) }
func secondsTaken(r *trainingResult) float64     { return r.seconds }
