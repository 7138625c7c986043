package main

import (
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"
	"path/filepath"
	"slices"
	"sync"
)

// This file holds the data of §1.5: the MNIST images, which are part of the
// program, their split into training, validation and test data (§3.4), and
// the mini-batches that are made of them. It does the work of mnist_loader.py.
// Eq. 7 is the article's number, book Eq. 6 the online book's.

// Data is a set of images of digits, each with the digit that it shows: the
// x and y(x) of §1.5. Pixels stay bytes, 0 white to 255 black, and become
// numbers when a mini-batch is filled (mnist_loader.py keeps floats).
type Data struct {
	Height, Width int
	Images        []byte // m×(Height·Width), one image a row
	Labels        []byte // m digits, or classes

	Classes []string  // names of the classes; nil: the digits
	Inputs  []float64 // of a table, m×Width, instead of images
	Targets []float64 // of a table, m×outputs: desired outputs instead of classes
	Columns []string  // of a table: names of the inputs, then of the targets; nil: none

	transposed bool // the images were turned over their diagonal, as EMNIST's need it

	once sync.Once
	rows []SparseRow // of all images, once sparseRows was called
}

// Len returns the number of examples, the n of Eq. 7 (book Eq. 6).
func (d *Data) Len() int {
	return len(d.Labels)
}

// Image returns the pixels of example i, not a copy.
func (d *Data) Image(i int) []byte {
	size := d.Height * d.Width
	return d.Images[i*size : (i+1)*size]
}

// Slice returns examples lo to hi without copying them, as training_data[:1000]
// does.
func (d *Data) Slice(lo, hi int) *Data {
	size := d.Height * d.Width
	s := &Data{Height: d.Height, Width: d.Width, Labels: d.Labels[lo:hi], Classes: d.Classes, Columns: d.Columns, transposed: d.transposed}
	if d.Inputs == nil {
		s.Images = d.Images[lo*size : hi*size]
		return s
	}
	outputs := len(d.Targets) / max(1, d.Len())
	s.Inputs, s.Targets = d.Inputs[lo*size:hi*size], d.Targets[lo*outputs:hi*outputs]
	return s
}

// classCount returns the number of classes: of those that have names, or else as many
// as the largest label asks for.
func (d *Data) classCount() int {
	if d.Classes != nil {
		return len(d.Classes)
	}
	return int(slices.Max(append([]byte{1}, d.Labels...))) + 1
}

// dataSets are the three parts of MNIST, cut down as the flags have it.
// validation is nil where nothing asks for it.
type dataSets struct {
	training, validation, evaluation *Data
}

// LoadTraining returns the training data and the validation data: the first
// 50,000 and the last 10,000 of MNIST's 60,000 training images, and five to
// one in any other set (mnist_loader.py: load_data; §3.4).
func LoadTraining(dir string) (training, validation *Data, err error) {
	d, err := loadPart(dir, "train")
	if err != nil {
		return nil, nil, err
	}
	cut := d.Len() - d.Len()/6
	return d.Slice(0, cut), d.Slice(cut, d.Len()), nil
}

// LoadTest returns the test data (mnist_loader.py: load_data; §1.5).
func LoadTest(dir string) (*Data, error) {
	return loadPart(dir, "t10k")
}

// embeddedParts are the two parts of MNIST in the program, each decompressed
// when it is first asked for.
var embeddedParts = map[string]func() (*Data, error){
	"train": sync.OnceValues(func() (*Data, error) { return readPart("", "train") }),
	"t10k":  sync.OnceValues(func() (*Data, error) { return readPart("", "t10k") }),
}

// loadPart returns the images and the labels of one part of MNIST from dir, or
// from the program itself where dir is empty (mnist_loader.py: load_data).
func loadPart(dir, part string) (*Data, error) {
	if dir == "" {
		return embeddedParts[part]()
	}
	return readPart(dir, part)
}

// readPart reads the two files of one part of MNIST (mnist_loader.py:
// load_data).
func readPart(dir, part string) (*Data, error) {
	d := new(Data)
	err := readIDX(dir, part+"-images-idx3-ubyte", func(r io.Reader, limit uint64) (err error) {
		d.Height, d.Width, d.Images, err = readImages(r, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = readIDX(dir, part+"-labels-idx1-ubyte", func(r io.Reader, limit uint64) (err error) {
		d.Labels, err = readLabels(r, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	if images := len(d.Images) / (d.Height * d.Width); images != d.Len() {
		return nil, fmt.Errorf("%s: %d images but %d labels", filepath.Join(dir, part), images, d.Len())
	}
	if dir == "" {
		return d, nil
	}
	if emnist, _ := filepath.Glob(filepath.Join(dir, "emnist-*")); len(emnist) > 0 {
		d.turn()
	}
	var first int
	if d.Classes, first, err = classNames(dir); err == nil && d.Classes != nil {
		err = shiftLabels(d.Labels, d.Classes, first, dir, part)
	}
	return d, err
}

// turn turns the images over their diagonal, if that has not been done.
func (d *Data) turn() {
	if !d.transposed {
		d.transposed = true
		d.transpose()
	}
}

// transpose turns each image over its diagonal.
func (d *Data) transpose() {
	h, w := d.Height, d.Width
	turned := make([]byte, h*w)
	for i := range d.Len() {
		image := d.Image(i)
		for y := range h {
			for x := range w {
				turned[x*h+y] = image[y*w+x]
			}
		}
		copy(image, turned)
	}
	d.Height, d.Width = w, h
}

// pixelValues are the numbers that stand for the 256 grey values, white 0 to
// black 255/256. The book's data file divides by 256, not by 255, and the
// curves of §3.4 come out digit for digit only so (mnist_loader.py).
var pixelValues = func() (x [256]float64) {
	for p := range x {
		x[p] = float64(p) / 256
	}
	return x
}()

// sparseRows returns the nonzero pixels of each image. They are found once,
// since most images are needed once per epoch; serves Eq. 19 (book Eq. 25).
func (d *Data) sparseRows() []SparseRow {
	d.once.Do(func() {
		pixels := 0
		for _, p := range d.Images {
			if p != 0 {
				pixels++
			}
		}
		columns, bytes := make([]uint16, 0, pixels), make([]byte, 0, pixels)
		d.rows = make([]SparseRow, d.Len())
		for i := range d.rows {
			at := len(columns)
			columns, bytes = appendNonzero(columns, bytes, d.Image(i))
			d.rows[i] = SparseRow{columns[at:len(columns):len(columns)], bytes[at:len(bytes):len(bytes)]}
		}
	})
	return d.rows
}

// Fill sets row i of x to the pixels of example order[i]: the inputs of a
// mini-batch. x is m×784 for MNIST, m ≤ len(order).
func (d *Data) Fill(x *Matrix, order []int32) {
	if d.Inputs != nil {
		for i := range x.Rows {
			copy(x.Row(i), d.Inputs[int(order[i])*d.Width:])
		}
		return
	}
	rows := d.sparseRows()
	for i := range x.Rows {
		x.Sparse[i] = rows[order[i]]
	}
}

// appendNonzero appends the columns of the nonzero pixels of an image, in
// increasing order, and their bytes; it passes over eight zeros at a time.
func appendNonzero(columns []uint16, bytes, image []byte) ([]uint16, []byte) {
	k := 0
	for ; k+8 <= len(image); k += 8 {
		for word := binary.LittleEndian.Uint64(image[k:]); word != 0; {
			shift := bits.TrailingZeros64(word) &^ 7
			columns = append(columns, uint16(k+shift/8))
			bytes = append(bytes, byte(word>>shift))
			word &^= 0xff << shift
		}
	}
	for ; k < len(image); k++ {
		if image[k] != 0 {
			columns = append(columns, uint16(k))
			bytes = append(bytes, image[k])
		}
	}
	return columns, bytes
}

// FilterDigits returns the examples of some digits, in their order; all of them
// for an empty list (§3.7.1: strip the problem down).
func (d *Data) FilterDigits(digits []int) *Data {
	if len(digits) == 0 {
		return d
	}
	only := &Data{Height: d.Height, Width: d.Width, Classes: d.Classes}
	for i, label := range d.Labels {
		if slices.Contains(digits, int(label)) {
			only.Images = append(only.Images, d.Image(i)...)
			only.Labels = append(only.Labels, label)
		}
	}
	return only
}

// mostFrequent returns how often the most frequent digit occurs. A network that
// always says the same gets no more than this right: chance.
func (d *Data) mostFrequent() float64 {
	var counts [256]float64
	for _, label := range d.Labels {
		counts[label]++
	}
	return slices.Max(counts[:])
}

// firstExamples returns the first n examples of d, all for n = 0, as
// training_data[:1000] does.
func (d *Data) firstExamples(n int) (*Data, error) {
	if n > d.Len() {
		return nil, fmt.Errorf("there are no more than %d examples", d.Len())
	}
	if n == 0 {
		n = d.Len()
	}
	return d.Slice(0, n), nil
}

// exampleImage returns image i of the data as a picture.
func exampleImage(d *Data, i int) *image.Gray {
	return greyImage(d.Image(i), d.Width)
}

// croppedImage returns columns and rows 3 to 24 of image i, where all of the digit is,
// or nearly all (Figures 1 and 9).
func croppedImage(d *Data, i int) *image.Gray {
	return exampleImage(d, i).SubImage(image.Rect(3, 3, 25, 25)).(*image.Gray)
}
