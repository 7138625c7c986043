package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"sync"
)

// This file holds the data of §1.5: the MNIST images, which are part of the
// program, their split into training, validation and test data (§3.4), and
// the mini-batches that are made of them. It does the work of mnist_loader.py.

//go:embed data/*.gz
var embedded embed.FS

// Data is a set of images of digits, each with the digit that it shows: the
// x and y(x) of §1.5. Pixels stay bytes, 0 white to 255 black, and become
// numbers when a mini-batch is filled (mnist_loader.py keeps floats).
type Data struct {
	Height, Width int
	Images        []byte // m×(Height·Width), one image a row
	Labels        []byte // m digits

	once  sync.Once
	ink   Ink   // of all images, one behind the other, once RememberInk was called
	begin []int // where that of each image begins, and where the last ends
}

// Len returns the number of examples, the n of Eq. 7 (book Eq. 6).
func (d *Data) Len() int {
	return len(d.Labels)
}

// Image returns the pixels of example i, not a copy (§1.5).
func (d *Data) Image(i int) []byte {
	size := d.Height * d.Width
	return d.Images[i*size : (i+1)*size]
}

// Slice returns examples lo to hi without copying them, as
// training_data[:1000] does (§3.4).
func (d *Data) Slice(lo, hi int) *Data {
	size := d.Height * d.Width
	return &Data{Height: d.Height, Width: d.Width, Images: d.Images[lo*size : hi*size], Labels: d.Labels[lo:hi]}
}

// LoadTraining returns the training data and the validation data: the first
// 50,000 and the last 10,000 of MNIST's 60,000 training images, and five to
// one in any other set (mnist_loader.py: load_data; §3.4).
func LoadTraining(dir string) (training, validation *Data, err error) {
	d, err := load(dir, "train")
	if err != nil {
		return nil, nil, err
	}
	cut := d.Len() - d.Len()/6
	return d.Slice(0, cut), d.Slice(cut, d.Len()), nil
}

// LoadTest returns the test data (mnist_loader.py: load_data; §1.5).
func LoadTest(dir string) (*Data, error) {
	return load(dir, "t10k")
}

// embeddedParts are the two parts of MNIST in the program, each decompressed
// when it is first asked for (§1.5).
var embeddedParts = map[string]func() (*Data, error){
	"train": sync.OnceValues(func() (*Data, error) { return readPart("", "train") }),
	"t10k":  sync.OnceValues(func() (*Data, error) { return readPart("", "t10k") }),
}

// load returns the images and the labels of one part of MNIST from dir, or
// from the program itself where dir is empty (mnist_loader.py: load_data).
func load(dir, part string) (*Data, error) {
	if dir == "" {
		return embeddedParts[part]()
	}
	return readPart(dir, part)
}

// readPart reads the two files of one part of MNIST (mnist_loader.py:
// load_data).
func readPart(dir, part string) (*Data, error) {
	d := new(Data)
	var images, labels int
	err := readFile(dir, part+"-images-idx3-ubyte", func(r io.Reader, room uint64) (err error) {
		images, err = d.readImages(r, room)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = readFile(dir, part+"-labels-idx1-ubyte", func(r io.Reader, room uint64) (err error) {
		labels, err = d.readLabels(r, room)
		return err
	})
	if err != nil {
		return nil, err
	}
	if images != labels {
		return nil, fmt.Errorf("%s: %d images but %d labels", part, images, labels)
	}
	return d, nil
}

// readFile opens a file of MNIST, plain or gzipped, and hands its bytes to
// read, which must use all of them, with the number of bytes that a file of
// its size can hold at most (§1.5; the format of gzip is RFC 1952).
func readFile(dir, name string, read func(r io.Reader, room uint64) error) error {
	const deflate = 1032 // no byte of a deflated file becomes more than these
	f, name, err := open(dir, name)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = bufio.NewReaderSize(f, 1<<16)
	room := uint64(0)
	if info, err := f.Stat(); err == nil {
		room = uint64(max(0, info.Size()))
	}
	if head, _ := r.(*bufio.Reader).Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		room *= deflate
	}
	if err := read(r, room); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("read %s: more bytes than its header announces", name)
	default:
		return fmt.Errorf("read %s: %w", name, err)
	}
}

// open opens name or name.gz in dir, or in the program itself where dir is
// empty, and returns the name that it found (§1.5).
func open(dir, name string) (fs.File, string, error) {
	var files fs.FS = os.DirFS(dir)
	if dir == "" {
		files, dir = embedded, "data"
		name = "data/" + name
	}
	for _, n := range []string{name, name + ".gz"} {
		f, err := files.Open(n)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, n, err
		}
	}
	return nil, "", fmt.Errorf("no file %s or %s.gz in %s: -data wants the four IDX files of MNIST, or of a set in its format", name, name, dir)
}

// readImages reads an IDX file of images: magic number 2051, count, height,
// width, each 32 bits, most significant byte first; then the pixels (§1.5; the
// format is described on MNIST's page).
func (d *Data) readImages(r io.Reader, room uint64) (count int, err error) {
	var head [4]uint32
	if err := readHeader(r, head[:], 2051, "images"); err != nil {
		return 0, err
	}
	n, h, w := uint64(head[1]), uint64(head[2]), uint64(head[3])
	if n == 0 || h == 0 || w == 0 || h > 256 || w > 256 { // the columns of Ink have 16 bits
		return 0, fmt.Errorf("%d images of %d×%d pixels: want at least one, of at most 256×256", n, h, w)
	}
	d.Height, d.Width = int(h), int(w)
	d.Images, err = readExactly(r, n*h*w, room)
	if err != nil {
		return 0, fmt.Errorf("%d images of %d×%d pixels announced: %w", n, h, w, err)
	}
	return int(n), nil
}

// readLabels reads an IDX file of labels: magic number 2049, count, then a
// byte each, 0 to 9 (§1.5).
func (d *Data) readLabels(r io.Reader, room uint64) (count int, err error) {
	var head [2]uint32
	if err := readHeader(r, head[:], 2049, "labels"); err != nil {
		return 0, err
	}
	d.Labels, err = readExactly(r, uint64(head[1]), room)
	if err != nil {
		return 0, fmt.Errorf("%d labels announced: %w", head[1], err)
	}
	for i, label := range d.Labels {
		if label > 9 {
			return 0, fmt.Errorf("label %d is %d, want a digit from 0 to 9", i, label)
		}
	}
	return len(d.Labels), nil
}

// readHeader reads the numbers at the head of an IDX file and checks the
// first, the magic number (§1.5).
func readHeader(r io.Reader, head []uint32, magic uint32, what string) error {
	if err := binary.Read(r, binary.BigEndian, head); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return fmt.Errorf("header of %d bytes expected: %w", 4*len(head), io.ErrUnexpectedEOF)
		}
		return err
	}
	if head[0] != magic {
		return fmt.Errorf("magic number is %d, want %d, an IDX file of %s", head[0], magic, what)
	}
	return nil
}

// readExactly reads n bytes from a file that can hold at most room (§1.5). A
// header that lies costs little: the first piece of memory is no larger than
// the file can fill, nor than MNIST needs; more is taken as more bytes arrive,
// as far as the machine has it.
func readExactly(r io.Reader, n, room uint64) ([]byte, error) {
	first := max(1<<20, min(room, 60000*28*28))
	var data []byte
	for uint64(len(data)) < n {
		have := len(data)
		size := min(n, max(first, 4*uint64(have)))
		if there := memory(); float64(have)+float64(size) > there {
			return nil, fmt.Errorf("%d bytes announced and more than %d found, too many for the %s of memory here", n, have, gigabytes(there))
		}
		grown := make([]byte, size)
		copy(grown, data)
		data = grown
		got, err := io.ReadFull(r, data[have:])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, fmt.Errorf("%d bytes expected, %d found: %w", n, have+got, io.ErrUnexpectedEOF)
		}
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// RememberInk finds the ink of all images when it is called first: most images
// are wanted again and again, once an epoch (§1.5).
func (d *Data) RememberInk() {
	d.once.Do(func() {
		pixels := 0
		for _, p := range d.Images {
			if p != 0 {
				pixels++
			}
		}
		d.ink = Ink{make([]uint16, 0, pixels), make([]byte, 0, pixels)}
		d.begin = make([]int, d.Len()+1)
		for i := range d.Len() {
			d.ink.At, d.ink.Grey = appendInk(d.ink.At, d.ink.Grey, d.Image(i))
			d.begin[i+1] = len(d.ink.At)
		}
	})
}

// A Source is where mini-batches come from: a set of examples, and for
// training data the expansion that draws a new variant of each image in each
// epoch (§3.6).
type Source struct {
	*Data
	Expand func(image []byte) []byte // nil: the image as it is

	variants []Ink // of the examples of one mini-batch
}

// Fill sets row i of x to the pixels of example order[i], as Ink: the inputs of
// a mini-batch (§1.5). Rows of variants hold until Fill is called again. x is
// m×784 for MNIST, m ≤ len(order).
func (s *Source) Fill(x *Matrix, order []int32) {
	if s.Expand == nil {
		s.RememberInk()
		for i := range x.Rows {
			lo, hi := s.begin[order[i]], s.begin[order[i]+1]
			x.Ink[i] = Ink{s.ink.At[lo:hi], s.ink.Grey[lo:hi]}
		}
		return
	}
	for len(s.variants) < x.Rows {
		s.variants = append(s.variants, Ink{})
	}
	for i := range x.Rows {
		v := &s.variants[i]
		v.At, v.Grey = appendInk(v.At[:0], v.Grey[:0], s.Expand(s.Image(int(order[i]))))
		x.Ink[i] = *v
	}
}

// appendInk appends the columns of an image that are not white, in increasing
// order, to at, and their grey values to grey; eight white pixels at a time
// are passed over (§1.5).
func appendInk(at []uint16, grey, image []byte) ([]uint16, []byte) {
	k := 0
	for ; k+8 <= len(image); k += 8 {
		for word := binary.LittleEndian.Uint64(image[k:]); word != 0; {
			shift := bits.TrailingZeros64(word) &^ 7
			at = append(at, uint16(k+shift/8))
			grey = append(grey, byte(word>>shift))
			word &^= 0xff << shift
		}
	}
	for ; k < len(image); k++ {
		if image[k] != 0 {
			at = append(at, uint16(k))
			grey = append(grey, image[k])
		}
	}
	return at, grey
}

// Only returns the examples of some digits, a list such as 0,1, in their
// order; all of them for the list all (§3.7.1: strip the problem down).
func (d *Data) Only(digits string) *Data {
	if digits == "all" {
		return d
	}
	only := &Data{Height: d.Height, Width: d.Width}
	for i, label := range d.Labels {
		if strings.Contains(digits, strconv.Itoa(int(label))) {
			only.Images = append(only.Images, d.Image(i)...)
			only.Labels = append(only.Labels, label)
		}
	}
	return only
}
