package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// This file is the strategy of §3.7 as a program: strip the problem down, find
// the order of magnitude of η, then λ, then try more neurons. It looks at
// training and validation data alone; the test data stay unseen.

const tuneHelp = `[-data DIR] [-seed S] [-train-size N] [-eval-size N] [-epochs N]
    Walks as §3.7.1 advises: first on 0s and 1s with a [784, 10] network and
    100 validation images, then on all digits with 0, 10, 20 and 30 hidden
    neurons, each time η anew by powers of ten from 0.01, then λ by powers of
    ten from 1. Every 1,000 training images the validation data are looked at.
    It goes by the training cost and by the validation data, never by the test
    data, and ends with the command line that it recommends. With other data
    it begins with two of their classes, or with all where there are no more,
    or in a table.

Examples:
  go run . tune
  go run . tune -seed 1 -epochs 5
  go run . tune -data docs/examples/iris.csv
`

// A tuner holds what is settled at each step.
type tuner struct {
	ctx       context.Context // ends the trainings
	out, log  io.Writer
	seed      uint64
	trainSize int // images to train on
	evalSize  int // validation images to score on
	few       int // epochs in which the cost must fall, "the first few" of §3.7.2
	epochs    int // of the trials in hand

	dataFlags []string
	all       *dataSets // once they are read
	step      int

	digits, sizes string
	eta, lambda   float64
}

// tuneCommand is the strategy from its beginning to its end.
func tuneCommand(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	t := &tuner{ctx: ctx, out: stdout, log: stderr, digits: "0,1", sizes: "784,10", seed: bookSeed, trainSize: 1000, evalSize: 100, few: 3}
	var data, target string
	var transpose, raw bool
	f := commandFlags("tune")
	f.StringVar(&data, "data", "", "folder with IDX files to use instead of MNIST; or a table, FILE.csv")
	f.BoolVar(&transpose, "transpose", false, "turn the images of -data over their diagonal, as EMNIST's need it")
	f.StringVar(&target, "target", "", "of a table: column of the class, or comma-separated columns of desired outputs")
	f.BoolVar(&raw, "raw", false, "of a table: leave the inputs as they are")
	f.Var(&numberFlag[uint64]{&t.seed, 0, math.MaxUint32, false}, "seed", "seed of all random numbers")
	f.Var(&numberFlag[int]{&t.trainSize, 10, 5000, false}, "train-size", "training images at the start; five times as many with hidden neurons")
	f.Var(&numberFlag[int]{&t.evalSize, 10, 1000, false}, "eval-size", "validation images at the start; ten times as many with all digits")
	f.Var(&numberFlag[int]{&t.few, 1, 100, false}, "epochs", "epochs in which the cost must fall; λ is chosen after ten times as many")
	words, err := readCommand(f, tuneHelp, args, stderr)
	switch {
	case err != nil:
		return err
	case len(words) > 0:
		return usagef("unknown argument %q", words[0])
	}
	for _, name := range []string{"data", "transpose", "target", "raw"} {
		if value := f.Lookup(name).Value.String(); value != f.Lookup(name).DefValue {
			t.dataFlags = append(t.dataFlags, "-"+name+"="+value)
		}
	}
	return t.simplestFirst()
}

// data returns all of the data, which are read once.
func (t *tuner) data() (dataSets, error) {
	if t.all == nil {
		o := newOptions()
		o.anySizes = true
		if err := o.read(append(t.dataFlags, "-eval=validation")); err != nil {
			return dataSets{}, err
		}
		sets, err := o.readData()
		if err != nil {
			return sets, err
		}
		t.all = &sets
	}
	return *t.all, nil
}

// examples returns the examples of the classes in hand, to train and to score on.
func (t *tuner) examples() (training, evaluation *Data) {
	sets, err := t.data()
	if err != nil {
		return &Data{}, &Data{} // the trial returns the error
	}
	if sets.training.Inputs != nil {
		(&options{eval: "validation"}).cutTable(&sets)
	}
	training, evaluation = sets.training, sets.evaluation
	if a, b, two := strings.Cut(t.digits, ","); two {
		digits := []int{int(a[0] - '0'), int(b[0] - '0')}
		training, evaluation = training.FilterDigits(digits), evaluation.FilterDigits(digits)
	}
	return training, evaluation
}

// simplestFirst goes from the smallest problem back to the whole one: 0s and 1s, then
// all digits, then 10, 20, 30 hidden neurons on more images.
func (t *tuner) simplestFirst() error {
	sets, err := t.data()
	if err != nil {
		return err
	}
	d := sets.training
	inputs, classes, all := d.Height*d.Width, max(d.classCount(), sets.validation.classCount()), "digits"
	if d.Targets != nil {
		classes = len(d.Targets) / d.Len()
	}
	if len(t.dataFlags) > 0 {
		all = "classes"
	}
	t.rules()
	t.sizes = fmt.Sprintf("%d,%d", inputs, classes)
	if t.digits = d.twoClasses(); t.digits != "all" {
		t.say("strip the problem down (§3.7.1): %s, no hidden layer.", d.named(t.digits))
		if _, err := t.settle(); err != nil {
			return err
		}
	}
	t.digits, t.evalSize = "all", 10*t.evalSize
	t.say("all %d %s, no hidden layer.", classes, all)
	if _, err := t.settle(); err != nil {
		return err
	}
	t.trainSize *= 5
	var best trialScore
	var choice tuner
	for i, hidden := range []int{10, 20, 30} {
		t.sizes = fmt.Sprintf("%d,%d,%d", inputs, hidden, classes)
		images, _ := t.counts()
		t.say("all %s, %d hidden neurons, %d training examples.", all, hidden, images)
		s, err := t.settle()
		if err != nil {
			return err
		}
		if i == 0 || s.better(best) {
			best, choice = s, *t
		}
	}
	choice.recommend(best)
	return nil
}

// twoClasses returns the first two labels below ten that occur, for -digits; all where
// there are no others.
func (d *Data) twoClasses() string {
	var labels []string
	for digit := range byte(10) {
		if slices.Contains(d.Labels, digit) && len(labels) < 2 {
			labels = append(labels, strconv.Itoa(int(digit)))
		}
	}
	if len(labels) < 2 || d.Inputs != nil || d.classCount() == 2 {
		return "all"
	}
	return strings.Join(labels, ",")
}

// named returns two labels by the names of their classes, such as 0s and 1s.
func (d *Data) named(labels string) string {
	a, b, _ := strings.Cut(labels, ",")
	if d.Classes == nil {
		return a + "s and " + b + "s"
	}
	return printable(className(d.Classes, int(a[0]-'0')) + " and " + className(d.Classes, int(b[0]-'0')))
}

// counts returns the numbers of examples to train and to score on: those that are
// asked for, or all that there are.
func (t *tuner) counts() (train, eval int) {
	training, evaluation := t.examples()
	return min(t.trainSize, training.Len()), min(t.evalSize, evaluation.Len())
}

// rules prints how the trials are compared.
func (t *tuner) rules() {
	fmt.Fprintf(t.out, "η: %d epochs with λ = 0. Kept is the largest power of ten with which the cost on\n"+
		"the training data, printed from before the first epoch on, falls in each of them (§3.7.2).\n"+
		"Below it, the validation images that are right after each 1,000 training images (§3.7.1).\n", t.few)
	fmt.Fprintf(t.out, "λ: %d epochs with that η. Kept is what reads most validation images right; where\n"+
		"they are as many, the lower cost, by a hundredth or more (§3.7.5).\n\n", 10*t.few)
}

// say prints a step of the strategy and what it is tried on.
func (t *tuner) say(format string, args ...any) {
	t.step++
	fmt.Fprintf(t.out, "Step %d, %s\n", t.step, fmt.Sprintf(format, args...))
	fmt.Fprintf(t.out, "  %s\n", t.command())
}

// command returns the command line of the trials, without η, λ and the number
// of epochs.
func (t *tuner) command() string {
	train, eval := t.counts()
	line := fmt.Sprintf("%s-sizes %s -cost cross-entropy -init default -train-size %d -every 1000 -eval validation -eval-size %d",
		t.dataLine(), t.sizes, train, eval)
	if t.digits != "all" {
		line += " -digits " + t.digits
	}
	return line
}

// dataLine returns the flags of other data as a shell takes them, with a space behind.
func (t *tuner) dataLine() (line string) {
	for _, word := range t.dataFlags {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case value == "true":
			line += name + " "
		case strings.ContainsAny(value, " $&;()'\"\\*?"):
			line += name + " '" + strings.ReplaceAll(printable(value), "'", `'\''`) + "' "
		default:
			line += name + " " + printable(value) + " "
		}
	}
	return line
}

// settle finds η without regularization, then λ with that η.
func (t *tuner) settle() (trialScore, error) {
	t.lambda, t.epochs = 0, t.few
	if err := t.settleEta(); err != nil {
		return trialScore{}, err
	}
	t.epochs = 10 * t.few // overfitting takes its time
	return t.settleLambda()
}

// settleEta finds the order of magnitude of η: the greatest power of ten with
// which the training cost falls in each of the first epochs.
func (t *tuner) settleEta() error {
	falls := func(exponent int) (bool, error) {
		t.eta = math.Pow10(exponent)
		s, err := t.try("accuracy,training-cost")
		fmt.Fprintf(t.out, "  η %-7v cost %s: %s\n", t.eta, joined(s.cost), s.verdict())
		if len(s.rightAfter) > 0 {
			fmt.Fprintf(t.out, "            right %s\n", strings.Trim(fmt.Sprint(s.rightAfter), "[]"))
		}
		return s.falls(), err
	}
	exponent, step := -2, -1 // the article's 0.01
	fell, err := falls(exponent)
	if fell {
		step = 1
	}
	for next := exponent + step; err == nil && next >= -8 && next <= 4; next += step {
		var falling bool
		if falling, err = falls(next); falling || !fell {
			exponent = next
		}
		if falling != fell {
			break
		}
	}
	t.eta = math.Pow10(exponent)
	fmt.Fprintf(t.out, "  -> η %v, the largest with which the cost falls from the start\n", t.eta)
	return err
}

// settleLambda starts from λ = 1 and goes up by tens while that improves the
// performance on the validation data, or else down; λ = 0 stays when nothing is
// better.
func (t *tuner) settleLambda() (trialScore, error) {
	best, err := t.tryLambda(0)
	choice := 0.0
	one, err1 := t.tryLambda(1)
	if one.better(best) {
		best, choice = one, 1
	}
	err = errors.Join(err, err1)
	for _, factor := range []float64{10, 0.1} {
		from := one
		for lambda := factor; err == nil && lambda < 1e5 && lambda > 1e-5; lambda *= factor {
			var s trialScore
			if s, err = t.tryLambda(lambda); !s.better(from) {
				break
			}
			if from = s; s.better(best) {
				best, choice = s, lambda
			}
		}
		if choice > 1 {
			break
		}
	}
	t.lambda = choice
	fmt.Fprintf(t.out, "  -> λ %.3g, the best on the validation data\n\n", choice)
	return best, err
}

// tryLambda makes a trial with λ and prints what the validation data say of it.
func (t *tuner) tryLambda(lambda float64) (trialScore, error) {
	t.lambda = lambda
	s, err := t.try("accuracy")
	_, eval := t.counts()
	fmt.Fprintf(t.out, "  λ %-5.3g %d / %d right, cost %.4g on the validation data", lambda, s.right, eval, s.validationCost)
	if len(s.rightAfter) > 0 {
		most := slices.Max(s.rightAfter)
		fmt.Fprintf(t.out, "; at most %v, after %s images", most, thousands(s.done[slices.Index(s.rightAfter, most)]))
	}
	fmt.Fprintln(t.out)
	return s, err
}

// A trialScore is what a trial shows.
type trialScore struct {
	cost           []float64 // on the training data, from before the first epoch on
	rightAfter     []int     // validation images, every 1,000 training images
	done           []int     // those training images
	right          int       // validation images, at the end
	validationCost float64   // of those, without regularization
	failed         bool      // the weights were no numbers any more
}

// falls reports whether the training cost fell in every epoch: it neither
// oscillated nor rose.
func (s trialScore) falls() bool {
	for i := 1; i < len(s.cost); i++ {
		if !(s.cost[i] < s.cost[i-1]) {
			return false
		}
	}
	return !s.failed
}

// verdict says in a word what falls found.
func (s trialScore) verdict() string {
	switch {
	case s.failed:
		return "no numbers any more"
	case s.falls():
		return "falls"
	case s.cost[len(s.cost)-1] > s.cost[0]:
		return "rises"
	}
	return "oscillates"
}

// better reports whether the validation data prefer s to another score: more
// images right or, where these cannot tell, a cost that is lower by a hundredth
// or more.
func (s trialScore) better(than trialScore) bool {
	if s.failed || than.failed {
		return !s.failed
	}
	if s.right != than.right {
		return s.right > than.right
	}
	return s.validationCost < 0.99*than.validationCost
}

// joined prints a list of costs in the width of a line.
func joined(cost []float64) string {
	words := make([]string, len(cost))
	for i, c := range cost {
		words[i] = fmt.Sprintf("%.3g", c)
	}
	return strings.Join(words, " ")
}

// read takes what was monitored: the validation images that are right, and the
// training cost after each epoch of n examples.
func (s *trialScore) read(history []Record, n int) {
	for _, record := range history {
		s.done = append(s.done, record.Epoch*n+record.Examples)
		s.rightAfter = append(s.rightAfter, int(*record.EvaluationAccuracy))
		if record.TrainingCost != nil && record.Examples == n {
			s.cost = append(s.cost, *record.TrainingCost)
		}
	}
}

// try trains a network with the tuner's hyper-parameters for some epochs.
func (t *tuner) try(monitor string) (trialScore, error) {
	o := newOptions()
	o.seed = t.seed
	line := fmt.Sprintf("%s -epochs %d -eta %v -lambda %v -monitor %s", strings.TrimPrefix(t.command(), t.dataLine()), t.epochs, t.eta, t.lambda, monitor)
	if err := o.read(append(strings.Fields(line), t.dataFlags...)); err != nil {
		return trialScore{}, err
	}
	sets, err := t.data()
	if err == nil {
		err = o.cutData(&sets)
	}
	if err != nil {
		return trialScore{}, err
	}
	net, n := o.newNetwork(uint32(t.seed)), sets.training.Len()
	cost, _ := net.TotalCost(sets.training, o.hyper.Settings, n)
	s := trialScore{cost: []float64{cost}}
	b := newRunner(t.ctx, uint32(t.seed), io.Discard)
	b.bar = t.log
	r := &trainingResult{net: net, sets: sets, state: net.NewState(n, o.hyper.Eta, o.hyper.Mu, uint32(t.seed))}
	switch err := b.finish(o, r); {
	case t.ctx.Err() != nil:
		return s, err
	case errors.As(err, new(diverged)):
		s.failed = true
		return s, nil
	case err != nil:
		return s, err
	}
	s.read(r.history, n)
	s.validationCost, s.right = r.net.TotalCost(sets.evaluation, Settings{}, n)
	return s, nil
}

// recommend prints the command line for the whole training data, where the same
// weight decay takes a λ as many times larger as there are more images, and
// early stopping sets the number of epochs.
func (t *tuner) recommend(s trialScore) {
	whole := *t
	whole.digits = "all"
	training, _ := whole.examples()
	n := training.Len()
	train, eval := t.counts()
	more := float64(n) / float64(train)
	fmt.Fprintf(t.out, "Best: sizes %s, η = %v, λ = %.3g for %d images: %d / %d validation images after %d epochs.\n",
		t.sizes, t.eta, t.lambda, train, s.right, eval, t.epochs)
	fmt.Fprintf(t.out, "On all %s images the same weight decay takes a λ %.3g times as large (§3.5), and early\n"+
		"stopping sets the number of epochs (§3.7.3). Recommended:\n", thousands(n), more)
	fmt.Fprintf(t.out, "go run . %s-sizes %s -cost cross-entropy -init default -eta %v -lambda %.3g -eval validation -epochs 200 -stop-after 10 -seed %d\n",
		t.dataLine(), t.sizes, t.eta, t.lambda*more, t.seed)
}
