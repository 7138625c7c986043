package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// This file is training, the command without a name: the sessions of §1.6 and
// of chapter 3.

// train is the default command, the sessions of §1.6 and §3.4-§3.6: load the
// data, make a network, train it, once or with several seeds and settings, and
// keep what is asked for.
func train(ctx context.Context, o *options, stdout, stderr io.Writer) error {
	begin := time.Now()
	net, progress, err := o.startingPoint()
	if err != nil {
		return err
	}
	settings, err := o.settings()
	if err != nil {
		return err
	}
	var sets dataSets
	var done []finishedRun
	for i, v := range settings {
		if i > 0 {
			runtime.GC() // the network of the setting before is no longer needed
		}
		if sets, err = v.loadData(); err != nil {
			break
		}
		if len(o.vary) > 0 {
			fmt.Fprintf(stdout, "%s\n", printable(v.setting))
		}
		fmt.Fprintln(stderr, v.configuration(sets.training.Len()))
		var runs []finishedRun
		runs, err = v.trainRuns(ctx, net, progress, sets, stdout, stderr)
		if done = append(done, runs...); err != nil {
			break
		}
	}
	if err != nil {
		if len(o.vary) > 0 && len(done) > 0 {
			summarizeSettings(stdout, done)
		}
		failed := o.writeHistories(done)
		if failed != nil && errors.Is(err, errInterrupted) {
			return failed // to be interrupted is no failure
		}
		return errors.Join(err, failed)
	}
	switch {
	case len(o.vary) > 0:
		summarizeSettings(stdout, done)
	case o.runs > 1:
		summarize(stdout, historiesOf(done), sets.evaluation.Len())
	}
	if err := o.writeHistories(done); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "nndl: done in %.1f s\n", time.Since(begin).Seconds())
	return nil
}

// settings returns the options of each combination of -vary, or the options
// themselves.
func (o *options) settings() ([]*options, error) {
	if len(o.vary) == 0 {
		return []*options{o}, nil
	}
	combinations := [][]string{nil}
	for _, v := range o.vary {
		var longer [][]string
		for _, c := range combinations {
			for _, value := range v.values {
				longer = append(longer, append(slices.Clone(c), "-"+v.flag, value))
			}
		}
		combinations = longer
	}
	var all []*options
	for _, c := range combinations {
		var words, names []string
		for name := range o.explicit {
			if name != "vary" {
				words = append(words, "-"+name+"="+o.value(name))
			}
		}
		for i := 0; i < len(c); i += 2 {
			words = append(words, c[i]+"="+c[i+1])
			names = append(names, c[i][1:]+" "+c[i+1])
		}
		v := newOptions()
		if err := v.read(words); err != nil {
			return nil, err
		}
		v.setting, v.watch = strings.Join(names, ", "), o.watch
		all = append(all, v)
	}
	return all, nil
}

// trainRuns trains once for each of -runs seeds.
func (o *options) trainRuns(ctx context.Context, net *Network, progress *Checkpoint, sets dataSets, stdout, stderr io.Writer) (done []finishedRun, err error) {
	for run := range o.runs {
		if run > 0 {
			runtime.GC() // the network of the run before is no longer needed
		}
		seed, begin := uint32(o.seed)+uint32(run), time.Now()
		if o.runs > 1 {
			fmt.Fprintf(stdout, "Run %d of %d, seed %d\n", run+1, o.runs, seed)
		}
		t, err := o.newTraining(net, progress, sets, seed)
		if err != nil {
			return done, err
		}
		t.Out, t.Log, t.Status = stdout, stderr, progressPrinter(stderr)
		if o.watch != nil {
			o.watch(t)
		}
		err = o.trainOnce(ctx, t)
		r := finishedRun{setting: o.setting, seed: seed, history: t.Progress.History, seconds: time.Since(begin).Seconds(), training: sets.training.Len(), evaluation: sets.evaluation.Len()}
		if o.setting != "" && errors.Is(err, errInterrupted) {
			r.setting += ", interrupted" // a row of its own
		}
		if o.plot != "" && run == 0 {
			r.regions = o.regions(t)
		}
		done = append(done, r)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// trainOnce runs one training from its untrained network to the saved one.
func (o *options) trainOnce(ctx context.Context, t *Training) error {
	if t.Progress.History == nil && slices.Contains(t.Monitors, metrics[1]) {
		what, net := "Untrained", t.Net
		if o.load != "" {
			what, net = "Loaded", t.Result()
		}
		right, err := net.accuracy(t.Evaluation)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.Out, "%s: %d / %d\n", what, right, t.Evaluation.Len())
	}
	if o.trainedLine != "" && o.hyper.Epochs > 0 {
		fmt.Fprintln(t.Log, wrapped("nndl: it was trained with other values; to go on with those: "+printable(o.trainedLine), 6))
	}
	s := t.Progress.State
	if done := s.Epoch + s.ExamplesDone/len(s.Order); o.resume != "" && done >= o.hyper.Epochs {
		fmt.Fprintf(t.Log, "nndl: %s has done %s already; a larger -epochs goes on\n", printable(o.resume), plural(done, "epoch"))
	}
	err := t.Run(ctx)
	if errors.Is(err, errInterrupted) {
		return o.reportInterrupted(t)
	}
	if err != nil {
		return err
	}
	if o.stopAfter > 0 && t.Progress.BestNet != nil {
		fmt.Fprintf(t.Out, "Best network, epoch %d: %d / %d\n", t.Progress.BestEpoch, t.Result().Accuracy(t.Evaluation), t.Evaluation.Len())
	}
	if o.save != "" {
		return o.saveNetwork(t)
	}
	return nil
}

// saveNetwork writes the file of -save. A network whose outputs overflow is
// refused, as one that is not finite itself.
func (o *options) saveNetwork(t *Training) error {
	if _, err := t.Result().accuracy(t.Evaluation.Slice(0, min(1000, t.Evaluation.Len()))); err != nil {
		return fmt.Errorf("save %s: %w", o.save, err)
	}
	return t.Net.saveTrained(o.save, o.trainedFlags(), o.scaling)
}

// reportInterrupted says how a training that was interrupted can go on, and
// returns errInterrupted. The network of -save is written as it is. When stdout
// has ended instead, that is said only where there is such a network.
func (o *options) reportInterrupted(t *Training) error {
	out, _ := t.Out.(*commandOutput)
	ended := out != nil && out.err != nil
	if ended && o.save == "" {
		return errInterrupted
	}
	fmt.Fprintf(t.Log, "nndl: interrupted in epoch %d\n", t.Progress.State.Epoch)
	if o.save != "" {
		if err := o.saveNetwork(t); err != nil {
			return err
		}
		fmt.Fprintf(t.Log, "nndl: %s holds the network as it is now\n", printable(o.save))
	}
	switch {
	case o.csv+o.json+o.plot != "" && (o.setting != "" || o.runs > 1):
		fmt.Fprintf(t.Log, "nndl: the files hold what was done\n")
	case o.setting != "":
	case o.runs > 1:
		fmt.Fprintf(t.Log, "nndl: nothing was kept; -csv, -json and -plot keep what is done\n")
	case t.Checkpoint != "":
		fmt.Fprintf(t.Log, "nndl: go on with: go run . -resume %s\n", quoted(t.Checkpoint))
	case o.save != "":
		fmt.Fprintln(t.Log, wrapped("nndl: train on with: "+o.lineFrom(o.save), 6))
	default:
		fmt.Fprintf(t.Log, "nndl: nothing was kept; with -checkpoint FILE a run can go on by -resume FILE\n")
	}
	return errInterrupted
}

// writeHistories writes the files of -csv, -json and -plot.
func (o *options) writeHistories(done []finishedRun) error {
	var errs []error
	if o.csv != "" {
		errs = append(errs, writeFileAtomic(o.csv, func(w io.Writer) error { return writeCSV(w, done) }))
	}
	if o.json != "" {
		errs = append(errs, writeFileAtomic(o.json, func(w io.Writer) error { return writeJSON(w, done) }))
	}
	if o.plot != "" {
		errs = append(errs, writeFileAtomic(o.plot, func(w io.Writer) error {
			return plotHistories(w, done)
		}))
	}
	return errors.Join(errs...)
}

// regions returns a picture of the plane in which the examples of a table with two
// inputs lie: the class that the network finds at each point, and the examples. It is
// nil for other data, and for a network whose outputs overflow.
func (o *options) regions(t *Training) *Plot {
	d := t.Data
	if d.Inputs == nil || d.Width != 2 {
		return nil
	}
	net := t.Result()
	right, err := net.accuracy(t.Evaluation)
	if err != nil {
		return nil
	}
	p := &Plot{XLabel: "x_{1}", YLabel: "x_{2}", Regions: &Regions{Columns: 270, Class: make([]int, 270*160)}}
	p.Title = fmt.Sprintf("%s: %d / %d", plural(t.Progress.State.Epoch, "epoch"), right, t.Evaluation.Len())
	if o.setting != "" {
		p.Title = o.setting + ", " + p.Title
	}
	if len(d.Columns) > 2 {
		p.XLabel, p.YLabel = d.Columns[0], d.Columns[1]
	}
	p.Regions.Dots = o.dots(d, "", false)
	if e := t.Evaluation; e.Len() != d.Len() || &e.Inputs[0] != &d.Inputs[0] { // other examples
		p.Regions.Dots = append(p.Regions.Dots, o.dots(t.Evaluation, " ("+o.eval+")", true)...)
	}
	p.limitsAround(p.Regions.Dots)
	grid := p.grid()
	if o.scaling != nil {
		grid.scale(o.scaling)
	}
	err = net.forEach(grid, func(b *batch, i, x int) {
		if a := b.a[net.L()].Row(x); d.Targets != nil {
			p.Regions.Class[i] = fromBits(a)
		} else {
			p.Regions.Class[i] = net.Encoding.Digit(a)
		}
	})
	if err != nil {
		return nil
	}
	return p
}

// limitsAround sets the limits of the axes to those of all examples, and some space.
func (p *Plot) limitsAround(all []Dots) {
	const margin = 0.08
	var x, y []float64
	for _, dots := range all {
		x, y = append(x, dots.X...), append(y, dots.Y...)
	}
	p.XMin, p.XMax = valueRange(x)
	p.YMin, p.YMax = valueRange(y)
	dx, dy := p.XMax-p.XMin, p.YMax-p.YMin
	p.XMin, p.XMax = p.XMin-float64(margin*dx), p.XMax+float64(margin*dx)
	p.YMin, p.YMax = p.YMin-float64(margin*dy), p.YMax+float64(margin*dy)
}

// grid returns the middles of the fields of the plot as the inputs of a table.
func (p *Plot) grid() *Data {
	columns, rows := p.Regions.Columns, len(p.Regions.Class)/p.Regions.Columns
	grid := &Data{Height: 1, Width: 2, Labels: make([]byte, columns*rows)}
	for i := range grid.Labels {
		across := (float64(i%columns) + 0.5) / float64(columns)
		down := (float64(i/columns) + 0.5) / float64(rows)
		grid.Inputs = append(grid.Inputs, p.XMin+float64(across*(p.XMax-p.XMin)), p.YMax-float64(down*(p.YMax-p.YMin)))
	}
	return grid
}

// dots returns the examples of a table by classes, as they were before they were
// scaled; of several desired outputs each combination is a class.
func (o *options) dots(d *Data, suffix string, open bool) (all []Dots) {
	outputs := len(d.Targets) / d.Len()
	for i, label := range d.Labels {
		class, name := int(label), className(d.Classes, int(label))
		if d.Targets != nil {
			y := d.Targets[i*outputs : (i+1)*outputs]
			class, name = fromBits(y), strings.Trim(fmt.Sprint(y), "[]")
		} else if len(d.Columns) > 2 && isNumber(name) {
			name = d.Columns[2] + " " + name
		}
		at := slices.IndexFunc(all, func(s Dots) bool { return s.Class == class })
		if at < 0 {
			at = len(all)
			all = append(all, Dots{Name: name + suffix, Class: class, Open: open})
		}
		x := slices.Clone(d.Inputs[2*i : 2*i+2])
		for k := range x {
			if o.scaling != nil {
				x[k] = float64(x[k]*o.scaling.Deviation[k]) + o.scaling.Mean[k]
			}
		}
		all[at].X, all[at].Y = append(all[at].X, x[0]), append(all[at].Y, x[1])
	}
	slices.SortFunc(all, func(a, b Dots) int { return a.Class - b.Class })
	return all
}
