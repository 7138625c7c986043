package main

import (
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
	file, test string // test: a file of its own for the test data
	target     string // the column of the class, or comma-separated columns of desired outputs; empty: the last one
	raw        bool   // inputs are not scaled
	seed       uint32 // of the split
}

// A scaling makes each input of mean 0 and deviation 1 on the training data; it is
// kept with the network.
type scaling struct {
	Mean      []float64 `json:"mean"`
	Deviation []float64 `json:"deviation"`
}

// isTable reports whether -data names a table instead of a folder of images.
func isTable(name string) bool {
	return strings.EqualFold(filepath.Ext(name), ".csv")
}

// smallTable is the number of rows up to which a table is training and test data at
// once: of the four rows of XOR none can be spared.
const smallTable = 20

// load reads the table and splits it: one row in five is for the test, chosen by
// the seed, unless that has a file of its own. s is the scaling of a loaded
// network, nil to make one.
func (t tableSource) load(s *scaling) (training, test *Data, used *scaling, err error) {
	d, err := t.read(t.file, nil)
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
	case d.Len() >= smallTable:
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
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(io.LimitReader(f, 64<<20))
	r.TrimLeadingSpace, r.Comment = true, '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(rows) == 0 || len(rows[0]) < 2 {
		return nil, fmt.Errorf("%s: expected rows of at least two columns, found %d rows", name, len(rows))
	}
	header := rows[0]
	if !slices.ContainsFunc(header, isNumber) { // names of columns
		rows = rows[1:]
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
	names, err := t.cells(d, name, rows, targets)
	if err != nil {
		return nil, err
	}
	if names == nil {
		d.Labels = make([]byte, len(rows))
		d.Classes = make([]string, len(targets))
		return d, nil
	}
	return d, d.setClasses(name, names, classes)
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
func (t tableSource) cells(d *Data, name string, rows [][]string, targets []int) (names []string, err error) {
	for i, row := range rows {
		for k, cell := range row {
			isTarget := slices.Contains(targets, k)
			if isTarget && !strings.Contains(t.target, ",") {
				names = append(names, strings.TrimSpace(cell))
				continue
			}
			x, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("%s: row %d, column %d is %q, expected a number", name, i+1, k+1, printable(cell))
			}
			if isTarget {
				if x < 0 || x > 1 {
					return nil, fmt.Errorf("%s: row %d: the desired output is %v, expected 0 to 1", name, i+1, x)
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

// targets returns the columns of the class or of the desired outputs.
func (t tableSource) targets(header []string, columns int) (at []int, err error) {
	if t.target == "" {
		return []int{columns - 1}, nil
	}
	for _, name := range strings.Split(t.target, ",") {
		i := slices.Index(header, strings.TrimSpace(name))
		if i < 0 {
			if i, err = strconv.Atoi(name); err != nil || i < 1 || i > columns {
				return nil, fmt.Errorf("-target: no column %q, expected one of %s or a number from 1 to %d", name, strings.Join(header, ", "), columns)
			}
			i--
		}
		at = append(at, i)
	}
	return at, nil
}

// setClasses sets the labels to the places of names among the classes: those that
// occur, numbers in order and then words.
func (d *Data) setClasses(file string, names, classes []string) error {
	if classes == nil {
		classes = slices.Clone(names)
		slices.SortFunc(classes, compareClasses)
		classes = slices.Compact(classes)
	}
	if len(classes) < 2 || len(classes) > 256 {
		return fmt.Errorf("%s: %d classes, expected 2 to 256; -target names the column of the class, or several of desired outputs", file, len(classes))
	}
	d.Classes = classes
	for i, name := range names {
		c := slices.Index(classes, name)
		if c < 0 {
			return fmt.Errorf("%s: row %d is of class %q, expected one of %s", file, i+1, printable(name), strings.Join(classes, ", "))
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
