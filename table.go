package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// This file holds a reader's own small problems: tables of numbers, such as XOR or
// Fisher's iris, one example per row. They train as the images do, but their
// inputs are the numbers of the table, scaled, and their classes what the table
// says. At its end are the names of classes, of a table or of other images, and how
// the outputs stand for them.

// A tableSource says where a table is and how it is read.
type tableSource struct {
	file, test string   // test: a file of its own for the test data
	target     string   // the column of the class, or comma-separated columns of desired outputs; empty: the last one
	raw        bool     // inputs are not scaled
	seed       uint32   // of the split
	classes    []string // of a loaded network, nil to find them
	whole      bool     // all rows are test data: none was trained on
}

// A scaling makes each input of mean 0 and deviation 1 on the training data; it is
// kept with the network.
type scaling struct {
	Mean      []float64 `json:"mean"`
	Deviation []float64 `json:"deviation"`
}

// isTable reports whether -data names a table instead of a folder of images.
func isTable(name string) bool {
	return strings.EqualFold(filepath.Ext(name), ".csv") || strings.EqualFold(filepath.Ext(name), ".tsv")
}

// smallTable is the number of rows up to which a table is training and test data at
// once: of the four rows of XOR none can be spared.
const smallTable = 20

// load reads the table and splits it: one row in five is for the test, chosen by
// the seed, unless that has a file of its own. s is the scaling of a loaded
// network, nil to make one.
func (t tableSource) load(s *scaling) (training, test *Data, used *scaling, err error) {
	d, err := t.read(t.file, t.classes)
	if err != nil {
		return nil, nil, nil, err
	}
	training, test = d, d
	switch {
	case t.test != "":
		if test, err = t.read(t.test, d.Classes); err != nil {
			return nil, nil, nil, err
		}
		if test.Width != d.Width {
			return nil, nil, nil, fmt.Errorf("%s has %d inputs, but %s has %d", t.test, test.Width, t.file, d.Width)
		}
	case d.Len() >= smallTable && !t.whole:
		order := make([]int32, d.Len())
		for i := range order {
			order[i] = int32(i)
		}
		NewPythonRandom(t.seed).Shuffle(order)
		cut := d.Len() / 5
		test, training = d.choose(order[:cut]), d.choose(order[cut:])
	}
	if !t.raw {
		if s == nil {
			s = training.newScaling()
		}
		if len(s.Mean) != d.Width || len(s.Deviation) != d.Width {
			return nil, nil, nil, fmt.Errorf("the network was trained on %d inputs, but %s has %d", len(s.Mean), t.file, d.Width)
		}
		if k := slices.IndexFunc(s.Deviation, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }); k >= 0 {
			return nil, nil, nil, fmt.Errorf("%s: the numbers of input %d are too large to scale", t.file, k+1)
		}
		training.scale(s)
		if test != training {
			test.scale(s)
		}
		used = s
	}
	return training, test, used, nil
}

// read reads one table. classes are those of the training data, nil to find them.
func (t tableSource) read(name string, classes []string) (*Data, error) {
	rows, lines, err := readRows(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(rows) == 0 || len(rows[0]) < 2 {
		return nil, fmt.Errorf("%s: expected rows of at least two columns, separated by commas, found %s", name, plural(len(rows), "row"))
	}
	header := rows[0]
	if !slices.ContainsFunc(header, isNumber) { // names of columns
		rows, lines = rows[1:], lines[1:]
	} else {
		header = nil
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: 0 rows below the names of the columns", name)
	}
	targets, err := t.targets(header, len(rows[0]))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := &Data{Height: 1, Width: len(rows[0]) - len(targets)}
	if d.Width == 0 {
		return nil, fmt.Errorf("%s: all %d columns are desired outputs, expected an input", name, len(targets))
	}
	d.nameColumns(header, targets)
	names, err := t.cells(d, name, rows, lines, targets)
	if err != nil {
		return nil, err
	}
	if names == nil {
		d.Labels = make([]byte, len(rows))
		d.Classes = make([]string, len(targets))
		return d, nil
	}
	return d, d.setClasses(name, names, lines, classes)
}

// readRows returns the rows of a file of comma-separated values, or such with
// semicolons or tabs, and the line on which each begins.
func readRows(name string) (rows [][]string, lines []int, err error) {
	const most = 64 << 20
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, nil, err
	}
	if len(text) > most {
		return nil, nil, fmt.Errorf("more than %d MB, the largest table", most>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	r := csv.NewReader(bytes.NewReader(text))
	r.TrimLeadingSpace, r.Comment, r.Comma = true, '#', separatorOf(text)
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, lines, nil
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := r.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

// separatorOf returns what separates the columns: the semicolon or the tab, if the
// first row has one, else the comma.
func separatorOf(text []byte) rune {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		for _, separator := range ";\t" {
			if n := bytes.Count(line, []byte(string(separator))); n > 0 && n >= bytes.Count(line, []byte(",")) {
				return separator
			}
		}
		break
	}
	return ','
}

// nameColumns keeps the names of the columns, if the table has them.
func (d *Data) nameColumns(header []string, targets []int) {
	var last []string
	for k, name := range header {
		if slices.Contains(targets, k) {
			last = append(last, strings.TrimSpace(name))
		} else {
			d.Columns = append(d.Columns, strings.TrimSpace(name))
		}
	}
	d.Columns = append(d.Columns, last...)
}

// cells adds the numbers of the rows to d, and returns the class of each row, if it
// has one.
func (t tableSource) cells(d *Data, name string, rows [][]string, lines, targets []int) (names []string, err error) {
	for i, row := range rows {
		for k, cell := range row {
			isTarget := slices.Contains(targets, k)
			if isTarget && !strings.Contains(t.target, ",") {
				names = append(names, strings.TrimSpace(cell))
				continue
			}
			x, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("%s: line %d, column %d is %q, expected a number", name, lines[i], k+1, printable(cell))
			}
			if isTarget {
				if x < 0 || x > 1 {
					return nil, fmt.Errorf("%s: line %d: the desired output is %v, expected 0 to 1", name, lines[i], x)
				}
				d.Targets = append(d.Targets, x)
			} else {
				d.Inputs = append(d.Inputs, x)
			}
		}
	}
	return names, nil
}

// isNumber reports whether a cell is a number.
func isNumber(cell string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	return err == nil
}

// isWord reports whether a cell is no number.
func isWord(cell string) bool { return !isNumber(cell) }

// isFraction reports whether a cell is a number that is not whole.
func isFraction(cell string) bool {
	x, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	return err == nil && x != math.Trunc(x)
}

// targets returns the columns of the class or of the desired outputs.
func (t tableSource) targets(header []string, columns int) (at []int, err error) {
	if t.target == "" {
		return []int{columns - 1}, nil
	}
	for _, name := range strings.Split(strings.TrimSuffix(t.target, ","), ",") {
		i := slices.Index(header, strings.TrimSpace(name))
		if i < 0 {
			if i, err = strconv.Atoi(name); err != nil || i < 1 || i > columns {
				return nil, fmt.Errorf("-target: no column %q, expected one of %s or a number from 1 to %d", name, strings.Join(header, ", "), columns)
			}
			i--
		}
		if slices.Contains(at, i) {
			return nil, fmt.Errorf("-target names column %q twice", name)
		}
		at = append(at, i)
	}
	return at, nil
}

// setClasses sets the labels to the places of names among the classes: those that
// occur, numbers in order and then words.
func (d *Data) setClasses(file string, names []string, lines []int, classes []string) error {
	if classes == nil {
		classes = slices.Clone(names)
		slices.SortFunc(classes, compareClasses)
		classes = slices.Compact(classes)
		if fraction := slices.IndexFunc(classes, isFraction); fraction >= 0 && len(classes) > 2 && !slices.ContainsFunc(classes, isWord) {
			return fmt.Errorf("%s: the column of the class has numbers such as %s; if it is a desired output from 0 to 1, say so by a comma behind its name: -target NAME,", file, classes[fraction])
		}
	}
	if len(classes) < 2 || len(classes) > 256 {
		return fmt.Errorf("%s: %d classes, expected 2 to 256; -target names the column of the class, or several of desired outputs", file, len(classes))
	}
	d.Classes = classes
	for i, name := range names {
		c := slices.Index(classes, name)
		if c < 0 {
			return fmt.Errorf("%s: line %d is of class %q, expected one of %s", file, lines[i], printable(name), strings.Join(classes, ", "))
		}
		d.Labels = append(d.Labels, byte(c))
	}
	return nil
}

// compareClasses orders the names of classes: numbers by their value, then words.
func compareClasses(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}

// choose returns some examples of a table, copied.
func (d *Data) choose(order []int32) *Data {
	c := &Data{Height: 1, Width: d.Width, Classes: d.Classes, Columns: d.Columns}
	outputs := 0
	if d.Targets != nil {
		outputs = len(d.Targets) / d.Len()
	}
	for _, i := range order {
		c.Inputs = append(c.Inputs, d.Inputs[int(i)*d.Width:(int(i)+1)*d.Width]...)
		c.Targets = append(c.Targets, d.Targets[int(i)*outputs:(int(i)+1)*outputs]...)
		c.Labels = append(c.Labels, d.Labels[i])
	}
	return c
}

// newScaling returns the scaling of the inputs; one that is always the same is only
// moved.
func (d *Data) newScaling() *scaling {
	s := &scaling{make([]float64, d.Width), make([]float64, d.Width)}
	for k := range d.Width {
		var column []float64
		for i := range d.Len() {
			column = append(column, d.Inputs[i*d.Width+k])
		}
		s.Mean[k], s.Deviation[k] = meanOf(column)
		if s.Deviation[k] == 0 {
			s.Deviation[k] = 1
		}
	}
	return s
}

// meanOf returns the mean of some numbers and their standard deviation.
func meanOf(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		deviation += float64((v-mean)*(v-mean)) / float64(len(x))
	}
	return mean, math.Sqrt(deviation)
}

// scale scales the inputs.
func (d *Data) scale(s *scaling) {
	for i := range d.Inputs {
		k := i % d.Width
		d.Inputs[i] = (d.Inputs[i] - s.Mean[k]) / s.Deviation[k]
	}
}

// errNoPictures is the error of commands that show images.
var errNoPictures = errors.New("a table has no pictures; show confusion -data FILE.csv works")

// class returns the name of a digit or class, ? where the outputs, so many, name none
// (§1.4).
func (e *Encoding) class(digit, outputs int) string {
	if digit >= e.classCount(outputs) {
		return "?"
	}
	return className(e.Classes, digit)
}

// classCount returns the number of classes that so many outputs can name; four bits
// are those of ten digits (§1.4).
func (e *Encoding) classCount(outputs int) int {
	switch {
	case e.Classes != nil:
		return len(e.Classes)
	case e.Name == Unit.Name:
		return outputs
	case outputs == Binary.Outputs:
		return 10
	}
	return 1 << min(outputs, 8)
}

// className returns the name of a class, the digit where it has none (§1.4).
func className(classes []string, class int) string {
	if class < len(classes) && classes[class] != "" {
		return classes[class]
	}
	return strconv.Itoa(class)
}

// encodingOf returns the encoding of a name with another number of outputs or
// classes than ten digits have (§1.4).
func encodingOf(name string, outputs int, classes []string) *Encoding {
	e := *encodings[slices.IndexFunc(encodings, func(e *Encoding) bool { return e.Name == name })]
	if e.Outputs == outputs && classes == nil {
		return encodings[slices.IndexFunc(encodings, func(e *Encoding) bool { return e.Name == name })]
	}
	e.Outputs, e.Classes = outputs, classes
	return &e
}
