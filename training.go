package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file holds what goes on around SGD while it runs: monitoring (§3.4),
// early stopping (§3.7.3), the learning rate schedule (§3.7.4), checkpoints,
// and advice when a network does not learn (§1.6, §3.7.1).

// measure computes one metric of net.
func (t *Training) measure(m *metric, net *Network) float64 {
	switch m.name {
	case "cost":
		return t.cost(net, t.Evaluation, t.Data.Len())
	case "network2-cost":
		return t.cost(net, t.Evaluation, t.Evaluation.Len())
	case "accuracy":
		return t.accuracy(net, t.Evaluation)
	case "training-cost":
		return t.cost(net, t.Data, t.Data.Len())
	case "training-accuracy":
		return t.accuracy(net, t.Data)
	}
	return net.WeightLength()
}

// cost returns the total cost over data, and keeps the accuracy that comes with
// it. The n of λ/n (§3.5) is the number of the training data, or of the data at hand
// (network2.py: total_cost).
func (t *Training) cost(net *Network, data *Data, n int) float64 {
	cost, right := net.TotalCost(data, t.Hyper.Settings, n)
	t.right[data] = right
	return cost
}

// accuracy returns the number of examples that are right (network2.py:
// accuracy), from cost where that has just seen the same data.
func (t *Training) accuracy(net *Network, data *Data) float64 {
	right, ok := t.right[data]
	if !ok {
		var err error
		if right, err = net.accuracy(data); err != nil && t.overflow == nil {
			t.overflow = err
		}
		t.right[data] = right
	}
	return float64(right)
}

// WeightLength returns √(Σ_w w²), the length of the weight vector, which grows
// without regularization and stays bounded with it.
func (net *Network) WeightLength() float64 {
	squares := 0.0
	for _, w := range net.Weights[1:] {
		for _, x := range w.Data {
			squares += float64(x * x)
		}
	}
	return math.Sqrt(squares)
}

// Hyper holds all hyper-parameters of a training.
type Hyper struct {
	Epochs int
	Batch  int     // m, examples in a mini-batch
	Eta    float64 // η, learning rate
	Settings
}

// Training is one run of SGD with all that is watched and decided on the way.
type Training struct {
	Net        *Network
	Hyper      Hyper
	Data       *Data // the training data
	Expand     *expander
	Evaluation *Data    // what is scored; it decides nothing
	Validation *Data    // what early stopping and the schedule go by
	Scaling    *scaling // of the inputs, if they are a table's
	Progress   *Checkpoint

	Monitors   []*metric
	Unprinted  []*metric // of the monitors
	Every      int       // score every N training examples, 0: every epoch
	StopAfter  int       // end after N epochs without improvement, 0: never
	HalveAfter int       // halve η after N epochs without improvement, 0: never
	HalveBy    float64   // what it divides η by
	Halvings   int       // end after N halvings

	Checkpoint string    // file to write after each epoch, if any
	Out        io.Writer // results
	Log        io.Writer // hints
	Status     func(done float64, line string)

	Line func(changes map[string]string) string // the command line with other values

	begin    time.Time
	epochNet *Network // at the start of the epoch, until a hint was given
	lastCost float64
	right    map[*Data]int // accuracies of this moment
	overflow error         // outputs that are not finite
}

// How a training may end before its last epoch.
var (
	errInterrupted = errors.New("interrupted")
	errStopped     = errors.New("stopped early") // as planned
)

// diverged is the error of a training whose weights or cost are no numbers any
// more.
type diverged string

// Error says where that was found, and what to try.
func (d diverged) Error() string { return string(d) }

// Run trains the network to its end: the last epoch, early stopping, the end of
// the schedule, or an error. With early stopping the network is then the best
// that was seen.
func (t *Training) Run(ctx context.Context) error {
	t.begin = time.Now()
	if t.Progress.Stopped {
		return t.keepBest()
	}
	h := t.Hyper
	err := t.Net.SGD(t.Data, h.Epochs, h.Batch, h.Eta, Run{h.Settings, t.Expand, t.Progress.State, func(s *State) error { return t.afterMiniBatch(ctx, s) }})
	if err != nil && err != errStopped {
		return err
	}
	return t.keepBest()
}

// Result returns the network as it is scored and saved: with all its neurons
// where training drops some.
func (t *Training) Result() *Network {
	return t.Net.WithoutDropout()
}

// keepBest makes the network the best one of early stopping.
func (t *Training) keepBest() error {
	p := t.Progress
	if t.StopAfter == 0 || p.BestNet == nil {
		return nil
	}
	best, err := p.BestNet.network()
	if err != nil {
		return err
	}
	t.Net.copyFrom(best)
	fmt.Fprintf(t.Log, "nndl: best validation accuracy %d / %d in epoch %d; that network is kept\n", p.Best, t.Validation.Len(), p.BestEpoch)
	return nil
}

// afterMiniBatch is what SGD calls after each mini-batch: it scores, decides
// and saves when it is time to.
func (t *Training) afterMiniBatch(ctx context.Context, s *State) error {
	n := len(s.Order)
	last := (s.ExamplesDone-1)%t.Hyper.Batch + 1 // length of this mini-batch
	switch {
	case s.ExamplesDone == n:
		if err := t.afterEpoch(); err != nil {
			return err
		}
	case t.Every > 0 && s.ExamplesDone/t.Every > (s.ExamplesDone-last)/t.Every:
		if _, err := t.scoreNetwork(); err != nil {
			return err
		}
	case s.ExamplesDone == last && !t.Progress.HintGiven:
		t.epochNet = t.Net.Clone()
	}
	if t.Status != nil {
		t.Status(fractionDone(s, t.Hyper.Epochs), t.progressLine())
	}
	if ctx.Err() != nil {
		if err := t.saveCheckpoint(); err != nil {
			return err
		}
		return errInterrupted
	}
	return nil
}

// fractionDone returns which part of a training with this number of epochs is done.
func fractionDone(s *State, epochs int) float64 {
	return (float64(s.Epoch) + float64(s.ExamplesDone)/float64(len(s.Order))) / float64(epochs)
}

// progressLine returns the line of progress, epoch, examples and last cost;
// status adds the time that is left.
func (t *Training) progressLine() string {
	s := t.Progress.State
	line := fmt.Sprintf("epoch %d of %d, %d / %d examples", s.Epoch, t.Hyper.Epochs, s.ExamplesDone, len(s.Order))
	if t.lastCost != 0 {
		line += fmt.Sprintf(", cost %.4g", t.lastCost)
	}
	return line
}

// afterEpoch scores the network, gives a hint where it does not learn, lets the
// schedule and early stopping decide, and writes the checkpoint, in this order.
func (t *Training) afterEpoch() error {
	row, err := t.scoreNetwork()
	if err != nil {
		return err
	}
	t.giveHint(row)
	t.decideSchedule()
	if err := t.saveCheckpoint(); err != nil {
		return err
	}
	if t.Progress.Stopped {
		return errStopped
	}
	return nil
}

// scoreNetwork measures what is monitored, keeps it in the history and prints it as
// network.py: SGD does, or network2.py: SGD where there is more to print. A
// network that is no longer finite is an error, before anything is saved.
func (t *Training) scoreNetwork() (*Record, error) {
	s := t.Progress.State
	if err := t.Net.NotFinite(); err != nil {
		return nil, diverged(fmt.Sprintf("epoch %d: %v; %s", s.Epoch, err, t.divergenceAdvice()))
	}
	row := Record{Epoch: s.Epoch, Examples: s.ExamplesDone, Eta: s.Eta}
	net := t.Result()
	t.right = map[*Data]int{}
	for _, m := range t.Monitors {
		x := t.measure(m, net)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, diverged(fmt.Sprintf("epoch %d: %s is %v; %s", s.Epoch, m.label, x, t.divergenceAdvice()))
		}
		if t.overflow != nil {
			return nil, diverged(fmt.Sprintf("epoch %d: %v; %s", s.Epoch, t.overflow, t.divergenceAdvice()))
		}
		*m.of(&row.Measured) = &x
		if m.axis == "Cost" {
			t.lastCost = x
		}
	}
	t.Progress.History = append(t.Progress.History, row)
	t.printRecord(row)
	return &row, nil
}

// printRecord writes a row to Out (network.py: SGD; network2.py: SGD). Where that
// fails, output ends the training after the checkpoint that is due.
func (t *Training) printRecord(row Record) {
	line := fmt.Sprintf("Epoch %d", row.Epoch)
	if row.Examples < t.Data.Len() {
		line += fmt.Sprintf(", %d examples", row.Examples)
	}
	if x := row.EvaluationAccuracy; x != nil {
		line += fmt.Sprintf(": %.0f / %d\n", *x, t.Evaluation.Len())
	} else {
		line += " complete\n"
	}
	for _, m := range t.Monitors {
		switch x := **m.of(&row.Measured); {
		case m.name == "accuracy" || slices.Contains(t.Unprinted, m): // accuracy stands in the first line
		case m.name == "training-accuracy":
			line += fmt.Sprintf("%s: %.0f / %d\n", m.label, x, t.Data.Len())
		default:
			line += fmt.Sprintf("%s: %v\n", m.label, x)
		}
	}
	io.WriteString(t.Out, line)
}

// decideSchedule is early stopping and the schedule, which both go by the
// accuracy on the validation data: remember the best network, halve η, or stop.
// "No improvement" is none in N epochs, the book's rule.
func (t *Training) decideSchedule() {
	p := t.Progress
	if t.StopAfter == 0 && t.HalveAfter == 0 {
		return
	}
	epoch := p.State.Epoch
	if accuracy := int(t.accuracy(t.Result(), t.Validation)); accuracy > p.Best || p.BestNet == nil {
		p.Best, p.BestEpoch, p.HalvedAt = accuracy, epoch, epoch
		p.BestNet, p.Of = t.Net.file(), t.Validation.Len()
	}
	if t.HalveAfter > 0 && epoch-p.HalvedAt >= t.HalveAfter {
		p.State.Eta /= t.HalveBy
		p.Halved++
		p.HalvedAt = epoch
		end := ""
		if p.Halved >= t.Halvings {
			end = fmt.Sprintf(": lowered %s, the run ends", plural(p.Halved, "time"))
		}
		fmt.Fprintf(t.Log, "nndl: no improvement in %s, η is now %v%s\n", plural(t.HalveAfter, "epoch"), p.State.Eta, end)
	}
	p.Stopped = t.StopAfter > 0 && epoch-p.BestEpoch >= t.StopAfter ||
		t.HalveAfter > 0 && p.Halved >= t.Halvings
}

// saveCheckpoint writes the checkpoint, if there is to be one (network2.py: save holds
// the network only).
func (t *Training) saveCheckpoint() error {
	if t.Checkpoint == "" {
		return nil
	}
	if err := t.Net.NotFinite(); err != nil {
		return fmt.Errorf("%w; %s", err, t.divergenceAdvice())
	}
	f := t.Net.file()
	f.Training, f.Scaling = t.Progress, t.Scaling
	return writeFileAtomic(t.Checkpoint, func(w io.Writer) error { return json.NewEncoder(w).Encode(f) })
}

// divergenceAdvice returns the advice for a network whose weights or cost are
// no longer finite.
func (t *Training) divergenceAdvice() string {
	h, n := t.Hyper, float64(t.Data.Len())
	if decay := t.Progress.State.Eta * h.Lambda / n; decay > 1 {
		return fmt.Sprintf("ηλ/n = %.3g makes the factor 1-ηλ/n of Eq. 46 negative: try a smaller -lambda", decay)
	}
	return fmt.Sprintf("η = %v is too large for this network: try -eta %v (§1.6, §3.7.2)", t.Progress.State.Eta, t.Progress.State.Eta/10)
}

// giveHint looks for the cause where the accuracy after two epochs is near chance,
// or far below what such a network reaches, and says once what it found.
func (t *Training) giveHint(row *Record) {
	p := t.Progress
	chance := t.Evaluation.mostFrequent()
	second := min(1, t.Hyper.Epochs-1)
	if t.Data.Inputs != nil || p.HintGiven || t.epochNet == nil || row.Epoch < second || row.EvaluationAccuracy == nil && row.Epoch > second {
		return
	}
	accuracy, total := t.accuracy(t.Result(), t.Evaluation), float64(t.Evaluation.Len())
	isChance := accuracy <= 1.25*chance
	if !isChance && !t.farBelow(accuracy/total, chance/total) {
		return
	}
	saturated := t.Net.saturation(t.Evaluation)
	moved := t.Net.distance(t.epochNet) / t.epochNet.WeightLength()
	advice := t.adviceFor(isChance, saturated[len(saturated)-1], moved)
	if advice == "" {
		return
	}
	p.HintGiven = true
	what := "is far below what such a network reaches"
	if isChance {
		what = fmt.Sprintf("is near chance (%.0f)", chance)
	}
	t.say(fmt.Sprintf("after epoch %d the accuracy, %.0f / %.0f, %s.", row.Epoch, accuracy, total, what))
	var fractions []string
	for l := 1; l < len(saturated); l++ {
		fractions = append(fractions, fmt.Sprintf("%.0f %% in layer %d", 100*saturated[l], l+1))
	}
	t.say(fmt.Sprintf("saturated neurons: %s; the weights moved by %.2g of their length in this epoch; ηλ/n = %.2g.",
		strings.Join(fractions, ", "), moved, p.State.Eta*t.Hyper.Lambda/float64(t.Data.Len())))
	t.say(advice)
}

// say writes a hint.
func (t *Training) say(hint string) { fmt.Fprintln(t.Log, wrapped("nndl: "+hint, 6)) }

// farBelow reports whether an accuracy is one that no usual network has after two
// epochs on at least 10,000 images, 85 % of all digits, or after one, 50 %.
func (t *Training) farBelow(accuracy, chance float64) bool {
	least := 0.83 // of the way from chance to 1
	if t.Progress.State.Epoch == 0 {
		least = 0.45
	}
	return t.Data.Len() >= 10000 && accuracy < chance+least*(1-chance)
}

// adviceFor says why the network does not learn and what to try, given the
// fraction of saturated outputs and by how much of their length the weights moved.
// Where it is not at chance, only a cause that is certain counts.
func (t *Training) adviceFor(isChance bool, saturated, moved float64) string {
	h, n, eta := t.Hyper, float64(t.Data.Len()), t.Progress.State.Eta
	decay := eta * h.Lambda / n
	changes := t.usualSettings()
	brightest := slices.Max(t.Data.Images)
	switch {
	case brightest < 32:
		return fmt.Sprintf("the brightest pixel of the training images is %d of 255, so that all inputs are almost 0: scale the images to bytes from 0 to 255.", brightest)
	case decay*n/float64(h.Batch) > 3:
		return fmt.Sprintf("λ = %v is too large: weight decay alone takes the weights to %.2g of their size in an epoch (Eq. 46). Try -lambda %v.", h.Lambda, math.Pow(math.Abs(1-decay), n/float64(h.Batch)), h.Lambda/10)
	case len(changes) > 0 && t.Line != nil:
		what := fmt.Sprintf("η = %v is too large", eta)
		if usual, err := strconv.ParseFloat(changes["eta"], 64); err == nil && usual >= eta {
			what = "weights begin too large"
		}
		return fmt.Sprintf("%s for %s neurons with -init %s and μ = %v (§2.3, §3.7.2, §3.8). Try: %s", what, t.Net.Hidden.Name, t.Progress.Flags["init"], h.Mu, t.Line(changes))
	case saturated > 0.9:
		return fmt.Sprintf("η = %v is too large: it has driven the outputs to where σ' is almost 0 and they learn no more (§1.6, §2.3). Try -eta %v.", eta, eta/10)
	case moved < 0.02 && h.Batch >= 100 && n/float64(h.Batch) < 500:
		return fmt.Sprintf("an epoch of %.0f mini-batches of %d has few steps (§1.6). Try -batch 10, or many more epochs.", math.Ceil(n/float64(h.Batch)), h.Batch)
	case moved < 0.02:
		return fmt.Sprintf("η = %v is too small: the weights moved by %.2g of their length in this epoch (§1.6). Try -eta %v, or many more epochs.", eta, moved, eta*10)
	case isChance:
		return "strip the problem down, as §3.7.1 advises: -digits 0,1, fewer neurons, another η or -init default."
	}
	return ""
}

// usualSettings returns the flags with which a network of this kind is known to
// learn, where those of the run are far from them: -init default with an η of 1
// for the quadratic cost, 0.5 for the others, 0.1 for tanh and rectified linear
// neurons, smaller by 1-μ, and in proportion to the mini-batch up to 30.
func (t *Training) usualSettings() map[string]string {
	h := t.Hyper
	eta := 0.5
	if t.Net.Cost == QuadraticCost && t.Net.L() > 1 {
		eta = 1
	}
	if t.Net.Hidden != Sigmoid {
		eta = 0.1
	}
	mu := min(h.Mu, 0.9)
	eta *= (1 - mu) * min(3, float64(h.Batch)/10)
	large := strings.HasSuffix(t.Progress.Flags["init"], "large")
	if t.Progress.State.Eta <= 2*eta && mu == h.Mu && !(large && t.Net.Hidden != Sigmoid) && !(large && t.Progress.State.Eta > eta) {
		return nil
	}
	return map[string]string{"init": "default", "eta": strconv.FormatFloat(eta, 'g', 2, 64), "mu": fmt.Sprint(mu)}
}

// saturation returns for each layer the share of neurons and examples with
// σ'(z) < 0.01, which learn hardly anything, over up to 1,000 examples.
func (net *Network) saturation(data *Data) []float64 {
	data = data.Slice(0, min(1000, data.Len()))
	fractions := make([]float64, len(net.Sizes))
	net.forEach(data, func(b *batch, _, x int) {
		for l := 1; l <= net.L(); l++ {
			for j, a := range b.a[l].Row(x) {
				slope := a * (1 - a) // σ' of sigmoid outputs
				if l < net.L() {
					slope = net.Hidden.Prime(b.z[l].Row(x)[j], a)
				}
				if slope < 0.01 {
					fractions[l] += 1 / float64(data.Len()*net.Sizes[l])
				}
			}
		}
	})
	return fractions
}

// distance returns the length of the difference of two weight vectors.
func (net *Network) distance(other *Network) float64 {
	d := net.Clone()
	for l := 1; l <= d.L(); l++ {
		for i, w := range other.Weights[l].Data {
			d.Weights[l].Data[i] -= w
		}
	}
	return d.WeightLength()
}
