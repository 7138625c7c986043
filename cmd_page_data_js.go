package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
)

// This file is what the engine of the page does with data of the reader's own, and
// what it shows of a network and the data that it was scored on. The files that were
// dropped on the page are where package os finds them (docs/page/files.js), so that
// -data and pack read them as in a terminal.

// pageSet is the name of the set in the page; the command page -data sets it.
var pageSet = "MNIST"

// A dataShape is what -sizes follows of some data.
type dataShape struct {
	first   *Data // one example, without its pixels
	classes int
}

// takeData finds out what the reader has dropped under a name. The answer has the
// flags that train on it, or the command that makes a set of pictures first.
func (e *pageEngine) takeData(name string) (any, error) {
	if name == "" {
		return map[string]any{"set": pageSet}, nil
	}
	if e.running != nil {
		return nil, errTrainingRuns
	}
	e.shapes = nil // there may be other files under the same name
	flags, pictures, err := dataFlags(name)
	if err != nil {
		return nil, err
	}
	if pictures {
		return map[string]any{"pack": quotedCommand("pack", "-o", name+"-set", name), "out": name + "-set"}, nil
	}
	o := newOptions()
	if err := o.read(flags); err != nil {
		return nil, err
	}
	sets, err := o.readData()
	if err != nil {
		return nil, err
	}
	sizes := ""
	if d := sets.training; d.Inputs == nil && d.Height*d.Width != o.sizes[0] {
		sizes = fmt.Sprintf("%d,30,%d", d.Height*d.Width, max(d.classCount(), sets.evaluation.classCount()))
	}
	return map[string]any{"data": o.data, "test": o.test, "sizes": sizes, "text": sets.describe()}, nil
}

// dataFlags returns the flags for a table or an IDX set, or reports that a folder
// has pictures. What it is not sure of it leaves to -data, whose error says what is
// missing.
func dataFlags(name string) (flags []string, pictures bool, err error) {
	flags = []string{"-data", name}
	if isTable(name) {
		return flags, false, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, false, err
	}
	var tables, folders []string
	for _, entry := range entries {
		switch n := entry.Name(); {
		case idxName.MatchString(n):
			return flags, false, nil
		case isTable(n):
			tables = append(tables, filepath.Join(name, n))
		case entry.IsDir() && !strings.HasPrefix(n, "."):
			folders = append(folders, filepath.Join(name, n))
		}
	}
	isTest := func(table string) bool { return strings.Contains(strings.ToLower(filepath.Base(table)), "test") }
	switch {
	case len(tables) == 1:
		return []string{"-data", tables[0]}, false, nil
	case len(tables) == 2 && isTest(tables[0]) != isTest(tables[1]):
		if isTest(tables[0]) {
			slices.Reverse(tables)
		}
		return []string{"-data", tables[0], "-test", tables[1]}, false, nil
	case len(tables) > 1:
		return nil, false, fmt.Errorf("%s: %d tables, expected one, or a second one with test in its name", name, len(tables))
	case len(folders) == 1: // as data sets often come
		if flags, pictures, err := dataFlags(folders[0]); err == nil && !pictures {
			return flags, false, nil
		}
	}
	return flags, len(folders) > 0, nil
}

// describe says in a line what is in the data.
func (s *dataSets) describe() string {
	d := s.training
	names := ""
	if d.Classes != nil && d.Targets == nil {
		names = ": " + strings.Join(d.Classes[:min(len(d.Classes), 10)], ", ")
		if len(d.Classes) > 10 {
			names += " …"
		}
	}
	switch {
	case d.Targets != nil:
		return fmt.Sprintf("%s for training, %d for the test, %s and %s", plural(d.Len(), "row"), s.evaluation.Len(), plural(d.Width, "input"), plural(len(d.Targets)/d.Len(), "desired output"))
	case d.Inputs != nil:
		return fmt.Sprintf("%s for training, %d for the test, %s, %d classes%s", plural(d.Len(), "row"), s.evaluation.Len(), plural(d.Width, "input"), len(d.Classes), printable(names))
	}
	turned := ""
	if d.transposed {
		turned = ", turned over their diagonal"
	}
	return fmt.Sprintf("%s for training, %d for validation, %d for the test, of %d×%d pixels%s, in %d classes%s", plural(d.Len(), "image"), s.validation.Len(), s.evaluation.Len(),
		d.Height, d.Width, turned, max(d.classCount(), s.evaluation.classCount()), printable(names))
}

// pack makes a set of a folder of pictures, as the command does, and returns what that
// says.
func (e *pageEngine) pack(line string) (any, error) {
	if e.running != nil {
		return nil, errTrainingRuns
	}
	words, err := commandWords(line)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 || words[0] != "pack" {
		return nil, usagef("expected go run . pack -o DIR FOLDER")
	}
	var said bytes.Buffer
	p, err := newPacker(words[1:], &said)
	if err != nil {
		return nil, err
	}
	slice := time.Now()
	p.status = func(done float64, name string) {
		if time.Since(slice) > 50*time.Millisecond {
			postEvent(map[string]any{"event": "packing", "done": done, "name": name})
			time.Sleep(time.Millisecond)
			slice = time.Now()
		}
	}
	if err := p.run(&said, &said); err != nil {
		return nil, err
	}
	return said.String(), nil
}

// fitSizesToData lets -sizes follow the data as the training will, and checks them.
func (e *pageEngine) fitSizesToData(o *options) error {
	key := strings.Join([]string{o.data, o.test, o.target, o.value("transpose")}, "\n")
	shape, known := e.shapes[key]
	if !known {
		sets, err := o.readData()
		if err != nil {
			return err
		}
		shape = dataShape{sets.training.Slice(0, 1), max(sets.training.classCount(), sets.validation.classCount(), sets.evaluation.classCount())}
		shape.first.Images = nil
		if e.shapes == nil {
			e.shapes = map[string]dataShape{}
		}
		e.shapes[key] = shape
	}
	return o.fitSizes(shape.first, shape.classes)
}

// commandWords returns the words of a command line without go run, taken apart and
// unquoted as a shell does it.
func commandWords(line string) (words []string, err error) {
	var word strings.Builder
	var quote rune
	begun, escaped := false, false
	for _, r := range strings.TrimPrefix(strings.TrimSpace(line), "go run .") + " " {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			begun, escaped = true, true
		case r == quote && quote != 0:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			begun, quote = true, r
		case quote == 0 && unicode.IsSpace(r):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, usagef("the quotation mark %c is not closed", quote)
	}
	return words, nil
}

// quotedCommand returns a command of some words, quoted where a shell needs that.
func quotedCommand(words ...string) string {
	line := "go run ."
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./,:=+@%", r)
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		line += " " + w
	}
	return line
}

// A learner is a network with the data that it was scored on.
type learner struct {
	net     *Network
	data    *Data             // nil: the test images of the page
	what    string            // these data
	flags   map[string]string // by which it was trained, if known
	scaling *scaling          // of its inputs
}

// learnerOf returns what a training has made so far.
func learnerOf(t *Training, o *options) learner {
	noun := "images"
	if t.Evaluation.Inputs != nil {
		noun = "examples"
	}
	return learner{t.Result(), t.Evaluation, fmt.Sprintf("%s %s of %s", o.eval, noun, dataName(o)), o.trainedFlags(), o.scaling}
}

// dataName returns the name of the data of a command line.
func dataName(o *options) string {
	if o.data == "" {
		return pageSet
	}
	return printable(o.data)
}

// keep keeps the network of a training, for the room Draw as well if its inputs are
// square images, and returns a sentence on which network reads there, and whether it is
// this one.
func (e *pageEngine) keep(t *Training, o *options) (string, bool) {
	if t.Evaluation.Inputs != nil && o.scaling == nil { // a setting of -vary, read anew
		o.readData()
	}
	e.last, e.before = learnerOf(t, o), nil
	if d := t.Evaluation; d.Inputs != nil || d.Height != d.Width || d.Height < minSide {
		return fmt.Sprintf("The last training was on %s, which has no pictures such as are drawn here; the network before it goes on reading.", dataName(o)), false
	}
	e.reader = e.last.net
	text := fmt.Sprintf("It was trained on %s.", dataName(o))
	if names := e.reader.Encoding.Classes; names != nil {
		text += fmt.Sprintf(" It knows %s, and takes all else for one of these.", printable(strings.Join(names, ", ")))
	}
	return text, true
}

// current returns the network of the training, or else the last one.
func (e *pageEngine) current() (learner, error) {
	if e.running != nil && e.running.t != nil {
		return learnerOf(e.running.t, e.running.o), nil
	}
	if e.last.net == nil {
		return learner{}, errors.New("no network yet: start a training")
	}
	return e.last, nil
}

// fit returns an error where the network is not one for the data, as one from a file
// can be; without data it takes the page's.
func (l *learner) fit() (err error) {
	if l.data == nil {
		if l.data, err = LoadTest(""); err != nil {
			return err
		}
		l.what = "test images of " + pageSet
	}
	d, net := l.data, l.net
	if known := net.Encoding.classCount(net.Sizes[net.L()]); net.Sizes[0] != d.Height*d.Width || known < d.classCount() || !slices.Equal(net.Encoding.Classes, d.Classes) {
		return fmt.Errorf("a network of %v neurons for %d classes; the %s are of %d×%d pixels in %d classes: choose its data, train, and open it again", net.Sizes, known, l.what, d.Height, d.Width, d.classCount())
	}
	return nil
}

// show returns what the tabs of the training show.
func (e *pageEngine) show(r pageRequest) (any, error) {
	l, err := e.current()
	if err != nil {
		return nil, err
	}
	switch unfit := l.fit(); {
	case r.Do == "network":
		file := l.net.file()
		file.Flags, file.Scaling = l.flags, l.scaling
		text, err := json.Marshal(file)
		return string(text), err
	case r.Do == "weights":
		return l.weights(r.N, unfit == nil), nil
	case unfit != nil:
		return nil, unfit
	case l.data.Targets != nil:
		return nil, errors.New("the desired outputs of this table are no classes that could be mistaken")
	case r.Do == "mistakes":
		return l.mistakes(r.N)
	}
	return l.confusion()
}

// weights returns the weights into the first neurons of layer 2, from -1 to 1 of the
// largest, and where there are data that fit the fractions of saturated neurons.
func (l *learner) weights(n int, fits bool) any {
	type picture struct {
		Largest float64
		Weights []float64
	}
	var pictures []picture
	for j := range min(n, l.net.Sizes[1]) {
		p := picture{Weights: slices.Clone(l.net.Weights[1].Row(j))}
		for _, w := range p.Weights {
			p.Largest = max(p.Largest, w, -w)
		}
		for k := range p.Weights {
			p.Weights[k] = float64(int(1000*p.Weights[k]/max(p.Largest, 1e-300))) / 1000
		}
		pictures = append(pictures, p)
	}
	answer := map[string]any{"side": l.net.Sizes[0], "pictures": pictures}
	if side := squareSide(l.net.Sizes[0]); side >= minSide {
		answer["side"] = side
	}
	if fits {
		answer["side"], answer["saturated"] = l.data.Width, l.net.saturation(l.data)
	}
	return answer
}

// said returns the class that the outputs name, the number of classes where they
// name none.
func (l *learner) said(outputs []float64) int {
	return min(l.net.Encoding.Digit(outputs), len(l.names()))
}

// names returns the names of the classes, ten where these are digits.
func (l *learner) names() []string {
	names := l.data.Classes
	for k := len(names); l.data.Classes == nil && k < max(10, l.data.classCount()); k++ {
		names = append(names, className(nil, k))
	}
	return names
}

// mistakes returns the first n examples that are taken for another class, and the
// number of all.
func (l *learner) mistakes(n int) (any, error) {
	type mistake struct {
		Number      int
		Label, Said string
		Image       string
		Outputs     []float64
	}
	if l.data.Inputs != nil {
		return nil, errors.New("a table has no pictures; the tab Confusion has its mistakes")
	}
	var list []mistake
	wrong, names := 0, l.names()
	err := l.net.forEach(l.data, func(b *batch, i, x int) {
		outputs, label := b.a[l.net.L()].Row(x), int(l.data.Labels[i])
		said := l.said(outputs)
		if said == label {
			return
		}
		if wrong++; wrong <= n {
			list = append(list, mistake{i, names[label], l.net.Encoding.class(said, len(outputs)), base64.StdEncoding.EncodeToString(l.data.Image(i)), slices.Clone(outputs)})
		}
	})
	return map[string]any{"wrong": wrong, "of": l.data.Len(), "what": l.what, "side": l.data.Width, "names": names, "mistakes": list}, err
}

// confusion returns how often each class was taken for each, and in the last column
// for none.
func (l *learner) confusion() (any, error) {
	names := l.names()
	count := make([][]int, len(names))
	for k := range count {
		count[k] = make([]int, len(names)+1)
	}
	err := l.net.forEach(l.data, func(b *batch, i, x int) {
		count[l.data.Labels[i]][l.said(b.a[l.net.L()].Row(x))]++
	})
	return map[string]any{"names": names, "count": count, "what": l.what}, err
}
