package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// This file holds what goes on around SGD while it runs: monitoring (§3.4),
// early stopping (§3.7.3), the learning rate schedule (§3.7.4), checkpoints,
// and advice when a network does not learn (§1.6, §3.7.1).

// A monitor is a number that can be watched while a network trains, one row a
// kind, in the order in which network2.py: SGD returns its lists.
type monitor struct {
	name   string // value of -monitor
	column string // in the CSV file
	label  string // as network2.py prints it
	of     func(t *Training, net *Network) float64
}

// monitors lists the values of -monitor.
var monitors = []*monitor{
	{"cost", "evaluation_cost", "Cost on evaluation data", func(t *Training, net *Network) float64 {
		return t.cost(net, t.Evaluation)
	}},
	{"accuracy", "evaluation_accuracy", "Accuracy on evaluation data", func(t *Training, net *Network) float64 {
		return t.accuracy(net, t.Evaluation)
	}},
	{"training-cost", "training_cost", "Cost on training data", func(t *Training, net *Network) float64 {
		return t.cost(net, t.Source.Data)
	}},
	{"training-accuracy", "training_accuracy", "Accuracy on training data", func(t *Training, net *Network) float64 {
		return t.accuracy(net, t.Source.Data)
	}},
	{"weight-length", "weight_length", "Length of the weight vector", func(_ *Training, net *Network) float64 {
		return net.WeightLength()
	}},
}

// cost returns the total cost over data (network2.py: total_cost), and keeps
// the accuracy that comes with it.
func (t *Training) cost(net *Network, data *Data) float64 {
	cost, right := net.TotalCost(data, t.Hyper, t.Source.Len())
	t.right[data] = right
	return cost
}

// accuracy returns the number of examples that are right (network2.py:
// accuracy), from cost where that has just seen the same data.
func (t *Training) accuracy(net *Network, data *Data) float64 {
	right, ok := t.right[data]
	if !ok {
		right = net.Accuracy(data)
		t.right[data] = right
	}
	return float64(right)
}

// WeightLength returns √(Σ_w w²), the length of the weight vector, which grows
// without regularization and stays bounded with it (§3.5).
func (net *Network) WeightLength() float64 {
	squares := 0.0
	for _, w := range net.Weights[1:] {
		for _, x := range w.Data {
			squares += float64(x * x)
		}
	}
	return math.Sqrt(squares)
}

// Training is one run of SGD with all that is watched and decided on the way.
type Training struct {
	Net        *Network
	Hyper      Hyper
	Source     *Source // the training data
	Evaluation *Data   // what is scored; it decides nothing
	Validation *Data   // what early stopping and the schedule go by
	Progress   *Progress

	Monitors   []*monitor
	Every      int // score every so many training examples, 0: every epoch
	StopAfter  int // end after so many epochs without improvement, 0: never
	HalveAfter int // halve η after so many epochs without improvement, 0: never
	Halvings   int // end after so many halvings

	Checkpoint string    // file to write after each epoch, if any
	Out        io.Writer // results
	Log        io.Writer // hints
	Status     func(done float64, line string)

	begin    time.Time
	epochNet *Network // at the start of the epoch, until a hint was given
	lastCost float64
	right    map[*Data]int // accuracies of this moment
}

// Progress is how far a training has come: everything of a checkpoint but the
// network itself (§3.7.3).
type Progress struct {
	State   *State            `json:"state"`
	Flags   map[string]string `json:"flags"` // of the command that made the checkpoint
	History []Row             `json:"history"`

	Best      int          `json:"best"` // highest validation accuracy
	BestEpoch int          `json:"best_epoch"`
	BestNet   *networkFile `json:"best_network,omitempty"`
	HalvedAt  int          `json:"halved_at"` // epoch of the last improvement or halving
	Halved    int          `json:"halved"`
	Stopped   bool         `json:"stopped"` // by early stopping or the schedule
	HintGiven bool         `json:"hint_given"`
}

// A Row is what was measured at one moment of a training (network2.py: SGD has
// a list for each column).
type Row struct {
	Epoch    int                `json:"epoch"`
	Examples int                `json:"examples"` // of this epoch that were done
	Eta      float64            `json:"eta"`
	Values   map[string]float64 `json:"values"` // by column
}

// check returns an error where a checkpoint does not fit its network
// (network2.py has none; §3.7.3).
func (p *Progress) check(net *Network) error {
	if p == nil {
		return nil
	}
	s := p.State
	if s == nil || s.Shuffle == nil || s.Drop == nil || s.Expand == nil {
		return errors.New(`"training" lacks its state`)
	}
	if p.Flags == nil {
		return errors.New(`"training" lacks its flags`)
	}
	seen := make([]bool, len(s.Order))
	for _, i := range s.Order {
		if i < 0 || int(i) >= len(seen) || seen[i] {
			return fmt.Errorf(`"training": example %d is out of place in an order of %d`, i, len(seen))
		}
		seen[i] = true
	}
	if s.Epoch < 0 || s.Done < 0 || s.Done > len(s.Order) || !(s.Eta > 0) {
		return fmt.Errorf(`"training" stands at epoch %d, example %d of %d, η %v`, s.Epoch, s.Done, len(s.Order), s.Eta)
	}
	for _, r := range []*MersenneTwister{s.Shuffle, s.Drop, s.Expand} {
		if r.Index < 0 || r.Index > len(r.State) {
			return fmt.Errorf(`"training": a random generator stands at %d of %d`, r.Index, len(r.State))
		}
		if r.State == [624]uint32{} { // from which it would never come away
			return errors.New(`"training": a random generator holds zeros alone`)
		}
	}
	if p.BestNet != nil {
		if best, err := p.BestNet.network(); err != nil || !slices.Equal(best.Sizes, net.Sizes) {
			return fmt.Errorf(`"training": the best network is not one of %v neurons`, net.Sizes)
		}
	}
	if s.VelocityW == nil {
		return nil
	}
	if len(s.VelocityW) != len(net.Sizes) || len(s.VelocityB) != len(net.Sizes) {
		return errors.New(`"training": velocities do not fit the layers`)
	}
	for l := 1; l <= net.L(); l++ {
		v, w := s.VelocityW[l], net.Weights[l]
		if v == nil || v.Rows != w.Rows || v.Cols != w.Cols || len(v.Data) != len(w.Data) || len(s.VelocityB[l]) != w.Rows {
			return fmt.Errorf(`"training": velocities of layer %d do not fit its weights`, l+1)
		}
	}
	return nil
}

// interrupted is set by the first Ctrl-C; a training then ends after the
// mini-batch in hand (§3.7.1: to try many hyper-parameters is to break off
// often).
var interrupted atomic.Bool

// unfinished counts what may still come to its end after the first Ctrl-C: a
// training with what it keeps, a file half written (§3.7.1).
var unfinished atomic.Int32

// How a training may end before its last epoch.
var (
	errInterrupted = errors.New("interrupted")
	errStopped     = errors.New("stopped early") // as planned
)

// diverged is the error of a training whose weights or cost are no numbers any
// more (§1.6).
type diverged string

// Error says where that was found, and what to try (§1.6).
func (d diverged) Error() string { return string(d) }

// Run trains the network to its end: the last epoch, early stopping (§3.7.3),
// the end of the schedule (§3.7.4), or an error. With early stopping the
// network is then the best that was seen.
func (t *Training) Run() error {
	t.begin = time.Now()
	if t.Progress.Stopped {
		return t.keepBest()
	}
	err := t.Net.SGD(t.Source, t.Hyper, t.Progress.State, t.afterMiniBatch)
	if err != nil && err != errStopped {
		return err
	}
	return t.keepBest()
}

// Result returns the network as it is scored and saved: with all its neurons
// where training drops some (§3.5.1.2).
func (t *Training) Result() *Network {
	if t.Hyper.Dropout == 0 {
		return t.Net
	}
	return t.Net.WithoutDropout(t.Hyper.Dropout)
}

// keepBest makes the network the best one of early stopping (§3.7.3).
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
// and saves when it is time to (§3.4, §3.7.1).
func (t *Training) afterMiniBatch() error {
	s := t.Progress.State
	n := len(s.Order)
	last := (s.Done-1)%t.Hyper.Batch + 1 // length of this mini-batch
	switch {
	case s.Done == n:
		if err := t.afterEpoch(); err != nil {
			return err
		}
	case t.Every > 0 && s.Done/t.Every > (s.Done-last)/t.Every:
		if _, err := t.score(); err != nil {
			return err
		}
	case s.Done == last && !t.Progress.HintGiven:
		t.epochNet = t.Net.Clone()
	}
	if t.Status != nil {
		t.Status(t.share(), t.line())
	}
	if interrupted.Load() {
		if err := t.save(); err != nil {
			return err
		}
		return errInterrupted
	}
	return nil
}

// share returns which part of the planned examples is done (§1.5: epochs).
func (t *Training) share() float64 {
	s := t.Progress.State
	return (float64(s.Epoch) + float64(s.Done)/float64(len(s.Order))) / float64(t.Hyper.Epochs)
}

// line returns the line of progress, epoch, examples and last cost (§3.4);
// status adds the time that is left.
func (t *Training) line() string {
	s := t.Progress.State
	line := fmt.Sprintf("epoch %d of %d, %d / %d examples", s.Epoch, t.Hyper.Epochs, s.Done, len(s.Order))
	if t.lastCost != 0 {
		line += fmt.Sprintf(", cost %.4g", t.lastCost)
	}
	return line
}

// afterEpoch scores the network, gives a hint where it does not learn, lets
// the schedule and early stopping decide, and writes the checkpoint, in this
// order (§3.7.3, §3.7.4).
func (t *Training) afterEpoch() error {
	row, err := t.score()
	if err != nil {
		return err
	}
	t.hint(row)
	t.decide()
	if err := t.save(); err != nil {
		return err
	}
	if t.Progress.Stopped {
		return errStopped
	}
	return nil
}

// score measures what is monitored, keeps it in the history and prints it as
// network.py: SGD does, or network2.py: SGD where there is more to print. A
// network that is no longer finite is an error, before anything is saved.
func (t *Training) score() (*Row, error) {
	s := t.Progress.State
	if err := t.Net.NotFinite(); err != nil {
		return nil, diverged(fmt.Sprintf("epoch %d: %v; %s", s.Epoch, err, t.divergence()))
	}
	row := Row{Epoch: s.Epoch, Examples: s.Done, Eta: s.Eta, Values: map[string]float64{}}
	net := t.Result()
	t.right = map[*Data]int{}
	for _, m := range t.Monitors {
		x := m.of(t, net)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, diverged(fmt.Sprintf("epoch %d: %s is %v; %s", s.Epoch, m.label, x, t.divergence()))
		}
		row.Values[m.column] = x
		if strings.HasSuffix(m.column, "cost") {
			t.lastCost = x
		}
	}
	t.Progress.History = append(t.Progress.History, row)
	t.print(row)
	return &row, nil
}

// print writes a row to Out (network.py: SGD; network2.py: SGD). Where that
// fails, output ends the training after the checkpoint that is due.
func (t *Training) print(row Row) {
	line := fmt.Sprintf("Epoch %d", row.Epoch)
	if row.Examples < t.Source.Len() {
		line += fmt.Sprintf(", %d examples", row.Examples)
	}
	if x, ok := row.Values["evaluation_accuracy"]; ok {
		line += fmt.Sprintf(": %.0f / %d\n", x, t.Evaluation.Len())
	} else {
		line += " complete\n"
	}
	for _, m := range t.Monitors {
		switch x := row.Values[m.column]; m.name {
		case "accuracy": // stands in the first line
		case "training-accuracy":
			line += fmt.Sprintf("%s: %.0f / %d\n", m.label, x, t.Source.Len())
		default:
			line += fmt.Sprintf("%s: %v\n", m.label, x)
		}
	}
	io.WriteString(t.Out, line)
}

// decide is early stopping and the schedule, which both go by the accuracy on
// the validation data: remember the best network, halve η, or stop. "No
// improvement" is none in so many epochs, the book's rule (§3.7.3, §3.7.4).
func (t *Training) decide() {
	p := t.Progress
	if t.StopAfter == 0 && t.HalveAfter == 0 {
		return
	}
	epoch := p.State.Epoch
	if accuracy := int(t.accuracy(t.Result(), t.Validation)); accuracy > p.Best || p.BestNet == nil {
		p.Best, p.BestEpoch, p.HalvedAt = accuracy, epoch, epoch
		p.BestNet = t.Net.file()
	}
	if t.HalveAfter > 0 && epoch-p.HalvedAt >= t.HalveAfter {
		p.State.Eta /= 2
		p.Halved++
		p.HalvedAt = epoch
		fmt.Fprintf(t.Log, "nndl: no improvement in %d epochs, η is now %v\n", t.HalveAfter, p.State.Eta)
	}
	p.Stopped = t.StopAfter > 0 && epoch-p.BestEpoch >= t.StopAfter ||
		t.HalveAfter > 0 && p.Halved >= t.Halvings
}

// save writes the checkpoint, if there is to be one (network2.py: save holds
// the network only).
func (t *Training) save() error {
	if t.Checkpoint == "" {
		return nil
	}
	if err := t.Net.NotFinite(); err != nil {
		return fmt.Errorf("%w; %s", err, t.divergence())
	}
	f := t.Net.file()
	f.Training = t.Progress
	return writeWhole(t.Checkpoint, func(w io.Writer) error { return json.NewEncoder(w).Encode(f) })
}

// divergence returns the advice for a network whose weights or cost are no
// longer finite (§1.6).
func (t *Training) divergence() string {
	h, n := t.Hyper, float64(t.Source.Len())
	if decay := t.Progress.State.Eta * h.Lambda / n; decay > 1 {
		return fmt.Sprintf("ηλ/n = %.3g makes the factor 1-ηλ/n of Eq. 46 negative: try a smaller -lambda", decay)
	}
	return fmt.Sprintf("η = %v is too large for this network: try -eta %v (§1.6, §3.7.2)", t.Progress.State.Eta, t.Progress.State.Eta/10)
}

// hint looks for the cause where the accuracy is still near chance after two
// epochs, and says once what it found (§1.6: η too low, too high).
func (t *Training) hint(row *Row) {
	p := t.Progress
	accuracy, ok := row.Values["evaluation_accuracy"]
	chance := t.Evaluation.mostFrequent()
	if !ok || p.HintGiven || t.epochNet == nil || row.Epoch < min(1, t.Hyper.Epochs-1) || accuracy > 1.25*chance {
		return
	}
	p.HintGiven = true
	h, n := t.Hyper, float64(t.Source.Len())
	saturated := t.Net.saturation(t.Evaluation)
	moved := t.Net.distance(t.epochNet) / t.epochNet.WeightLength()
	decay := p.State.Eta * h.Lambda / n
	var shares []string
	for l := 1; l < len(saturated); l++ {
		shares = append(shares, fmt.Sprintf("%.0f %% in layer %d", 100*saturated[l], l+1))
	}
	fmt.Fprintf(t.Log, "nndl: after epoch %d the accuracy, %.0f / %d, is near chance (%.0f).\n", row.Epoch, accuracy, t.Evaluation.Len(), chance)
	fmt.Fprintf(t.Log, "nndl: saturated neurons: %s; the weights moved by %.2g of their length in this epoch; ηλ/n = %.2g.\n", strings.Join(shares, ", "), moved, decay)
	switch {
	case decay*n/float64(h.Batch) > 3:
		fmt.Fprintf(t.Log, "nndl: λ = %v is too large: weight decay alone takes the weights to %.2g of their size in an epoch (Eq. 46). Try -lambda %v.\n", h.Lambda, math.Pow(math.Abs(1-decay), n/float64(h.Batch)), h.Lambda/10)
	case saturated[len(saturated)-1] > 0.9:
		fmt.Fprintf(t.Log, "nndl: η = %v is too large: it has driven the outputs to where σ' is almost 0 and they learn no more (§1.6, §2.3). Try -eta %v.\n", p.State.Eta, p.State.Eta/10)
	case moved < 0.02:
		fmt.Fprintf(t.Log, "nndl: η = %v is too small: the weights hardly move (§1.6). Try -eta %v, or many more epochs.\n", p.State.Eta, p.State.Eta*10)
	default:
		fmt.Fprintf(t.Log, "nndl: strip the problem down, as §3.7.1 advises: -digits 0,1, fewer neurons, another η or -init default.\n")
	}
}

// mostFrequent returns how often the most frequent digit occurs. A network that
// always says the same gets no more than this right: chance (§1.6).
func (d *Data) mostFrequent() float64 {
	var counts [10]float64
	for _, label := range d.Labels {
		counts[label]++
	}
	return slices.Max(counts[:])
}

// saturation returns for each layer the share of neurons and examples with
// σ'(z) < 0.01, which learn hardly anything (§2.3), over up to 1,000 examples.
func (net *Network) saturation(data *Data) []float64 {
	data = data.Slice(0, min(1000, data.Len()))
	shares := make([]float64, len(net.Sizes))
	net.forEach(data, func(b *batch, _, x int) {
		for l := 1; l <= net.L(); l++ {
			for j, a := range b.a[l].Row(x) {
				slope := a * (1 - a) // of the output layers of the text, Eq. 6
				if l < net.L() {
					slope = net.Hidden.Prime(b.z[l].Row(x)[j], a)
				}
				if slope < 0.01 {
					shares[l] += 1 / float64(data.Len()*net.Sizes[l])
				}
			}
		}
	})
	return shares
}

// distance returns the length of the difference of two weight vectors (§3.5).
func (net *Network) distance(other *Network) float64 {
	d := net.Clone()
	for l := 1; l <= d.L(); l++ {
		for i, w := range other.Weights[l].Data {
			d.Weights[l].Data[i] -= w
		}
	}
	return d.WeightLength()
}

// writeCSV writes histories as a table, one row an epoch, a run after the
// other; what was not monitored stays empty (§3.4).
func writeCSV(w io.Writer, seeds []uint32, histories [][]Row) error {
	c := csv.NewWriter(w)
	head := []string{"seed", "epoch", "examples", "eta"}
	for _, m := range monitors {
		head = append(head, m.column)
	}
	c.Write(head)
	for run, history := range histories {
		for _, row := range history {
			line := []string{fmt.Sprint(seeds[run]), fmt.Sprint(row.Epoch), fmt.Sprint(row.Examples), fmt.Sprint(row.Eta)}
			for _, m := range monitors {
				cell := ""
				if x, ok := row.Values[m.column]; ok {
					cell = strconv.FormatFloat(x, 'g', -1, 64)
				}
				line = append(line, cell)
			}
			c.Write(line)
		}
	}
	c.Flush()
	return c.Error()
}

// lists returns the four lists that network2.py: SGD returns, in its order:
// evaluation cost, evaluation accuracy, training cost, training accuracy. What
// was not monitored is an empty list, as there.
func lists(history []Row) [4][]float64 {
	var four [4][]float64
	for i := range four {
		four[i] = []float64{}
		for _, row := range history {
			if x, ok := row.Values[monitors[i].column]; ok {
				four[i] = append(four[i], x)
			}
		}
	}
	return four
}

// writeJSON writes the four lists of a run as the book's figures read them
// (network2.py: SGD, then json.dump), or a list of such for several runs.
func writeJSON(w io.Writer, histories [][]Row) error {
	if len(histories) == 1 {
		return json.NewEncoder(w).Encode(lists(histories[0]))
	}
	var runs [][4][]float64
	for _, history := range histories {
		runs = append(runs, lists(history))
	}
	return json.NewEncoder(w).Encode(runs)
}

// plotHistories draws the accuracies of one or several runs as curves over the
// epochs, in percent; where none were monitored, the costs; else the length of
// the weight vector (§3.4: Figures 24 to 27 are such plots).
func plotHistories(w io.Writer, histories [][]Row, sets dataSets) error {
	p := &Plot{XLabel: "Epoch"}
	for _, kind := range []struct{ label, suffix string }{
		{"Accuracy (%)", "accuracy"}, {"Cost", "cost"}, {"Length of the weight vector", "length"},
	} {
		for _, m := range monitors {
			if !strings.HasSuffix(m.column, kind.suffix) {
				continue
			}
			scale := 1.0
			if kind.suffix == "accuracy" {
				scale = 100 / float64(sets.evaluation.Len())
				if m.name == "training-accuracy" {
					scale = 100 / float64(sets.training.Len())
				}
			}
			for run, history := range histories {
				if c := curve(history, m, scale, sets.training.Len()); len(c.X) > 0 {
					if c.Name = strings.TrimPrefix(m.label, kind.label+" "); len(histories) > 1 {
						c.Name += fmt.Sprintf(", run %d", run+1)
					}
					p.Curves = append(p.Curves, c)
				}
			}
		}
		if len(p.Curves) > 0 {
			p.YLabel = kind.label
			break
		}
	}
	return p.WriteSVG(w)
}

// curve returns one column of a history over the epochs, each value at the
// number of the epoch after which it was measured (§3.4).
func curve(history []Row, m *monitor, scale float64, n int) (c Curve) {
	for _, row := range history {
		if x, ok := row.Values[m.column]; ok {
			c.X = append(c.X, float64(row.Epoch)+float64(row.Examples)/float64(n)-1)
			c.Y = append(c.Y, x*scale)
		}
	}
	return c
}
