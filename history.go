package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// This file holds what was watched while a network trained (§3.4): as CSV, as
// network2.py's JSON, as curves, and as means over several runs.

// A Record is what was measured at one moment of a training.
type Record struct {
	Epoch    int     `json:"epoch"`
	Examples int     `json:"examples"` // of this epoch that were done
	Eta      float64 `json:"eta"`
	Measured `json:"values"`
}

// Measured are the numbers of a Record; nil where one is not monitored.
type Measured struct {
	EvaluationCost     *float64 `json:"evaluation_cost,omitempty"`
	EvaluationAccuracy *float64 `json:"evaluation_accuracy,omitempty"` // examples that are right
	TrainingCost       *float64 `json:"training_cost,omitempty"`
	TrainingAccuracy   *float64 `json:"training_accuracy,omitempty"`
	WeightLength       *float64 `json:"weight_length,omitempty"`
	Network2Cost       *float64 `json:"network2_cost,omitempty"` // EvaluationCost with λ over the number of evaluation examples
}

// A metric is a number that can be watched while a network trains.
type metric struct {
	name   string // value of -monitor
	column string // in the CSV file
	label  string // as network2.py prints it
	axis   string // label of its plot
	of     func(m *Measured) **float64
}

// metrics lists the values of -monitor, in the order in which network2.py: SGD
// returns its lists.
var metrics = []*metric{
	{"cost", "evaluation_cost", "Cost on evaluation data", "Cost", func(m *Measured) **float64 { return &m.EvaluationCost }},
	{"accuracy", "evaluation_accuracy", "Accuracy on evaluation data", "Accuracy (%)", func(m *Measured) **float64 { return &m.EvaluationAccuracy }},
	{"training-cost", "training_cost", "Cost on training data", "Cost", func(m *Measured) **float64 { return &m.TrainingCost }},
	{"training-accuracy", "training_accuracy", "Accuracy on training data", "Accuracy (%)", func(m *Measured) **float64 { return &m.TrainingAccuracy }},
	{"weight-length", "weight_length", "Length of the weight vector", "Length of the weight vector", func(m *Measured) **float64 { return &m.WeightLength }},
	{"network2-cost", "network2_cost", "Cost on evaluation data as network2.py has it", "Cost", func(m *Measured) **float64 { return &m.Network2Cost }},
}

// network2Lists returns the four lists that network2.py: SGD returns, in its
// order: evaluation cost, evaluation accuracy, training cost, training
// accuracy. What was not monitored is an empty list, as there. The cost is
// network2-cost where that was monitored.
func network2Lists(history []Record) [4][]float64 {
	var four [4][]float64
	for i := range four {
		four[i] = []float64{}
		for _, record := range history {
			x := *metrics[i].of(&record.Measured)
			if i == 0 && record.Network2Cost != nil {
				x = record.Network2Cost
			}
			if x != nil {
				four[i] = append(four[i], *x)
			}
		}
	}
	return four
}

// A finishedRun is what is left of one training of several.
type finishedRun struct {
	setting    string // of -vary
	seed       uint32
	history    []Record
	seconds    float64
	training   int // number of training examples
	evaluation int // and of evaluation examples
	regions    *Plot
}

// historiesOf returns the histories of some runs.
func historiesOf(runs []finishedRun) (histories [][]Record) {
	for _, r := range runs {
		histories = append(histories, r.history)
	}
	return histories
}

// writeCSV writes histories as a table, one row per record, a run after the
// other; what was not monitored stays empty. Where runs have settings, these are
// the first column.
func writeCSV(w io.Writer, runs []finishedRun) error {
	c := csv.NewWriter(w)
	head := []string{"seed", "epoch", "examples", "eta"}
	varied := len(runs) > 0 && runs[0].setting != ""
	if varied {
		head = append([]string{"setting"}, head...)
	}
	for _, m := range metrics {
		head = append(head, m.column)
	}
	c.Write(head)
	for _, run := range runs {
		for _, record := range run.history {
			line := []string{fmt.Sprint(run.seed), fmt.Sprint(record.Epoch), fmt.Sprint(record.Examples), fmt.Sprint(record.Eta)}
			for _, m := range metrics {
				cell := ""
				if x := *m.of(&record.Measured); x != nil {
					cell = strconv.FormatFloat(*x, 'g', -1, 64)
				}
				line = append(line, cell)
			}
			if varied {
				line = append([]string{run.setting}, line...)
			}
			c.Write(line)
		}
	}
	c.Flush()
	return c.Error()
}

// writeJSON writes the four lists of a run as the book's figures read them
// (network2.py: SGD, then json.dump), or a list of such for several runs, of which
// those with settings name them.
func writeJSON(w io.Writer, runs []finishedRun) error {
	if len(runs) == 1 && runs[0].setting == "" {
		return json.NewEncoder(w).Encode(network2Lists(runs[0].history))
	}
	type variedRun struct {
		Setting string       `json:"setting"`
		Seed    uint32       `json:"seed"`
		Lists   [4][]float64 `json:"lists"`
	}
	var all []any
	for _, r := range runs {
		if lists := network2Lists(r.history); r.setting == "" {
			all = append(all, lists)
		} else {
			all = append(all, variedRun{r.setting, r.seed, lists})
		}
	}
	return json.NewEncoder(w).Encode(all)
}

// plotHistories draws what was monitored in one or several runs as curves over
// the epochs, a panel for each kind: accuracies in percent, as Figures 24 to 27
// do, costs, the length of the weight vector; above them, where they were drawn, the
// regions of the classes.
func plotHistories(w io.Writer, runs []finishedRun) error {
	var panels []*Plot
	for _, axis := range []string{"Accuracy (%)", "Cost", "Length of the weight vector"} {
		p := &Plot{XLabel: "Epoch", YLabel: axis}
		for _, m := range metrics {
			if m.axis == axis {
				p.Curves = append(p.Curves, m.curves(runs)...)
			}
		}
		if axis == "Accuracy (%)" {
			p.clearOfFrame()
		}
		if len(p.Curves) > 0 {
			panels = append(panels, p)
		}
	}
	if len(panels) == 0 {
		panels = []*Plot{{XLabel: "Epoch"}}
	}
	if len(runs) > 0 {
		panels[0].Title = plural(runs[0].training, "training example")
	}
	var regions []*Plot
	for _, r := range runs {
		if r.regions != nil {
			regions = append(regions, r.regions)
		}
	}
	return writePanels(w, append(regions, panels...)...)
}

// clearOfFrame keeps a curve of accuracies that comes to 100 % off the frame.
func (p *Plot) clearOfFrame() {
	low, high := 100.0, 0.0
	for _, c := range p.Curves {
		low, high = min(low, slices.Min(c.Y)), max(high, slices.Max(c.Y))
	}
	if high > 99 {
		p.YMax = 101
		p.YMin = 5 * math.Floor((low-0.1)/5)
	}
}

// curves returns the curves of one metric, one per run, named by what was measured
// and by the run's setting or number.
func (m *metric) curves(runs []finishedRun) (curves []Curve) {
	for i, run := range runs {
		scale := 1.0
		switch m.name {
		case "accuracy":
			scale = 100 / float64(run.evaluation)
		case "training-accuracy":
			scale = 100 / float64(run.training)
		}
		c := metricCurve(run.history, m, scale, run.training)
		if len(c.X) == 0 {
			continue
		}
		c.Name = m.label[strings.Index(m.label, " on ")+1:]
		first := slices.IndexFunc(runs, func(r finishedRun) bool { return r.setting == run.setting })
		seeds := 0
		for _, r := range runs {
			if r.setting == run.setting {
				seeds++
			}
		}
		switch {
		case run.setting != "" && i > first:
			c.Name, c.Alike = "", true
		case run.setting != "" && seeds > 1:
			c.Name = fmt.Sprintf("%s, %d seeds, %s", run.setting, seeds, c.Name)
		case run.setting != "":
			c.Name = run.setting + ", " + c.Name
		case len(runs) > 1:
			c.Name += fmt.Sprintf(", run %d", i+1)
		}
		curves = append(curves, c)
	}
	return curves
}

// metricCurve returns one metric of a history over the epochs, each value at
// the number of the epoch after which it was measured.
func metricCurve(history []Record, m *metric, scale float64, n int) (c Curve) {
	for _, record := range history {
		if x := *m.of(&record.Measured); x != nil {
			c.X = append(c.X, float64(record.Epoch)+float64(record.Examples)/float64(n)-1)
			c.Y = append(c.Y, *x*scale)
		}
	}
	return c
}

// meanDeviation returns the mean of x and the standard deviation of which x is
// a sample, with n-1 in the denominator; 0 for a single value.
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

// summarize prints the mean and the standard deviation over several runs of the
// best and of the last accuracy.
func summarize(w io.Writer, histories [][]Record, total int) {
	var best, last []float64
	for _, history := range histories {
		accuracies := network2Lists(history)[1]
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

// epochOf returns the epoch of the first record with a given evaluation accuracy,
// counted from 0 as network.py prints it.
func epochOf(history []Record, accuracy float64) float64 {
	for _, r := range history {
		if a := r.EvaluationAccuracy; a != nil && *a == accuracy {
			return float64(r.Epoch)
		}
	}
	return 0
}

// summarizeSettings prints a table of the settings of -vary: best and last accuracy
// and the epoch of the best, or over several seeds their mean and standard
// deviation, the last cost, and the seconds.
func summarizeSettings(w io.Writer, runs []finishedRun) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nsetting\tbest %%\tin epoch\tlast %%\tcost\tseconds\n")
	for i := 0; i < len(runs); {
		setting := runs[i].setting
		var best, at, last, cost, seconds []float64
		for ; i < len(runs) && runs[i].setting == setting; i++ {
			lists := network2Lists(runs[i].history)
			scale := 100 / float64(runs[i].evaluation)
			if a := lists[1]; len(a) > 0 {
				top := slices.Max(a)
				best, last = append(best, scale*top), append(last, scale*a[len(a)-1])
				at = append(at, epochOf(runs[i].history, top))
			}
			for _, c := range [][]float64{lists[0], lists[2]} {
				if len(c) > 0 {
					cost = append(cost, c[len(c)-1])
					break
				}
			}
			seconds = append(seconds, runs[i].seconds)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(setting), spread(best, 2), spread(at, 0), spread(last, 2), spread(cost, 4), spread(seconds, 1))
	}
	t.Flush()
}

// spread returns a number with some decimals, or of several the mean ± the
// standard deviation; - for none.
func spread(x []float64, decimals int) string {
	if len(x) == 0 {
		return "-"
	}
	mean, deviation := meanDeviation(x)
	if len(x) == 1 {
		return strconv.FormatFloat(mean, 'f', decimals, 64)
	}
	return fmt.Sprintf("%.*f ± %.*f", max(decimals, 1), mean, max(decimals, 1), deviation)
}
