package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file holds the commands that take pictures: classify, in which the network
// reads the digits of a picture that segment.go has taken apart (§1.4), and pack,
// which makes a set of images of many pictures.

const classifyHelp = `[-load FILE] IMAGE…
    Reads the digits in pictures, PNG, JPEG or GIF files, or - for the standard
    input: those of each line as a string, and for each digit what the network
    sees and its ten outputs.

Examples:
  go run . classify testdata/lines.png
  go run . classify -load net.json photo.jpg
  go run . classify -load net.json -json *.png
  go run . classify -data letters photo.jpg
`

// classify is the command that reads pictures: the program for separate digits
// of §1.4. It prints the string in each picture and how the network came to it.
// All pictures are taken apart before a network is trained for them.
func classify(_ context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("classify")
	asJSON := f.Bool("json", false, "write one JSON object a picture, one a line")
	source := networkFlags(f)
	names, err := readCommand(f, classifyHelp, args, stderr)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usageError("classify: no picture given, expected PNG, JPEG or GIF files, or - for the standard input")
	}
	var readings []*pageReading
	var errs []error
	for _, name := range names {
		r, err := readFrom(name, stdin)
		if err != nil { // the other pictures are read
			errs = append(errs, err)
			continue
		}
		r.warn(stderr)
		readings = append(readings, r)
	}
	if len(readings) == 0 {
		return errors.Join(errs...)
	}
	net, err := source.network(nil, stderr)
	if err != nil {
		return err
	}
	s := newScreen(stdout)
	for _, r := range readings {
		if err := r.read(net); err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(source.load, "the network"), err)
		}
		switch {
		case *asJSON:
			if err := json.NewEncoder(s).Encode(r); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		default:
			r.print(s, net.Encoding, len(names))
		}
	}
	return errors.Join(append(errs, s.Flush())...)
}

// A pageReading is what classify finds in one picture; its JSON is the format
// of -json.
type pageReading struct {
	Text   string      `json:"text"` // the digits, a newline between lines
	Digits []readDigit `json:"digits"`

	name string // of the picture
}

// A readDigit is one digit of a reading.
type readDigit struct {
	Digit   int       `json:"digit"`           // or number of the class
	Class   string    `json:"class,omitempty"` // its name, if the network has names
	Outputs []float64 `json:"outputs"`         // aᴸ, ten numbers
	Box     [4]int    `json:"box"`             // x0, y0, x1, y1 in the upright picture; x1 and y1 are outside

	line  int    // of the page, from 0
	image []byte // what the network sees, 28×28 until the network has another size
}

// readFrom takes the picture in a file apart, or on stdin where the name is -.
func readFrom(name string, stdin io.Reader) (*pageReading, error) {
	from := stdin
	if name == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	r := &pageReading{name: name}
	p, err := readPage(from)
	runtime.GC() // so that what decoding took is free for the page and the next picture
	if err == nil {
		r.Digits, err = p.digits()
	}
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err // which names the file once more
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return r, nil
}

// digits takes the page apart and returns its digits, prepared and not yet read
// (§1.4, Figure 9).
func (p *page) digits() (digits []readDigit, err error) {
	if err := p.subtractBackground(); err != nil {
		return nil, err
	}
	lines, err := p.segment()
	for i, line := range lines {
		for _, d := range line {
			k, b := p.reduced, d.box
			digits = append(digits, readDigit{
				Box:   [4]int{k * b.Min.X, k * b.Min.Y, k * b.Max.X, k * b.Max.Y},
				line:  i,
				image: p.prepare(d),
			})
		}
	}
	return digits, err
}

// read lets the network read the digits, the second problem of §1.4: the
// output neuron with the highest activation names the digit.
func (r *pageReading) read(net *Network) error {
	side := squareSide(net.Sizes[0])
	d := &Data{Height: side, Width: side, Labels: make([]byte, len(r.Digits))}
	for i := range r.Digits {
		g := &r.Digits[i]
		g.image = imageOfSide(g.image, side)
		d.Images = append(d.Images, g.image...)
	}
	err := net.forEach(d, func(b *batch, i, x int) {
		r.Digits[i].Outputs = slices.Clone(b.a[net.L()].Row(x))
	})
	if err != nil {
		return err
	}
	var text strings.Builder
	for i := range r.Digits {
		g := &r.Digits[i]
		g.Digit = net.Encoding.Digit(g.Outputs)
		if net.Encoding.Classes != nil {
			g.Class = net.Encoding.class(g.Digit, len(g.Outputs))
		}
		if i > 0 && g.line != r.Digits[i-1].line {
			text.WriteByte('\n')
		}
		name := net.Encoding.class(g.Digit, len(g.Outputs)) // ? for four outputs that are no digit
		if utf8.RuneCountInString(name) > 1 && i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(name)
	}
	r.Text = text.String()
	return nil
}

// imageOfSide returns a prepared image of digitSide×digitSide pixels for a network
// that knows others: in the middle of a larger one, or scaled to a smaller one, each
// of whose pixels is the mean of what it covers.
func imageOfSide(prepared []byte, side int) []byte {
	if side == digitSide {
		return prepared
	}
	out := make([]byte, side*side)
	if margin := (side - digitSide) / 2; side > digitSide {
		for y := range digitSide {
			copy(out[(margin+y)*side+margin:], prepared[y*digitSide:(y+1)*digitSide])
		}
		return out
	}
	covered := func(i, k int) int { // in parts of a pixel
		return max(0, min((i+1)*digitSide, (k+1)*side)-max(i*digitSide, k*side))
	}
	for i := range out {
		sum := 0
		for k, v := range prepared {
			sum += int(v) * covered(i/side, k/digitSide) * covered(i%side, k%digitSide)
		}
		out[i] = byte((2*sum + digitSide*digitSide) / (2 * digitSide * digitSide)) // rounded
	}
	return out
}

// readingWarnings are the ways in which a digit may differ from MNIST's, so that
// the network has learned nothing about it; the limits of the strokes and of
// the shape hold for 99 in 100 of MNIST's training images.
var readingWarnings = []struct {
	text string
	test func(g *readDigit) bool
}{
	{"strokes thinner than MNIST's; use a thicker pen", func(g *readDigit) bool { return strokeWidth(g.image) < 1.1 }},
	{"strokes thicker than MNIST's; use a thinner pen", func(g *readDigit) bool { return strokeWidth(g.image) > 4 }},
	{"wider than any digit; digits that touch each other, or a line, are read as one", func(g *readDigit) bool { return g.width() > 2*g.height() }},
	{"less than 8 pixels high; use a larger picture", func(g *readDigit) bool { return max(g.width(), g.height()) < 8 }},
}

// width returns the pixels of the picture that the digit is wide.
func (g *readDigit) width() int { return g.Box[2] - g.Box[0] }

// height returns the pixels of the picture that the digit is high.
func (g *readDigit) height() int { return g.Box[3] - g.Box[1] }

// strokeWidth returns about the width of the strokes of an image, in pixels:
// twice the foreground over the sum of the steps from each pixel to its neighbours,
// since a stroke has two edges.
func strokeWidth(image []byte) float64 {
	foreground, steps := 0, 0
	for i, v := range image {
		foreground += int(v)
		if i%digitSide > 0 {
			d := int(v) - int(image[i-1])
			steps += max(d, -d)
		}
		if i >= digitSide {
			d := int(v) - int(image[i-digitSide])
			steps += max(d, -d)
		}
	}
	return 2 * float64(foreground) / float64(steps)
}

// warn says what the network may stumble over, one line for each warning.
func (r *pageReading) warn(stderr io.Writer) {
	for _, warning := range readingWarnings {
		count, first := 0, 0
		for i := range r.Digits {
			if warning.test(&r.Digits[i]) {
				if count++; count == 1 {
					first = i + 1
				}
			}
		}
		if count > 0 {
			fmt.Fprintf(stderr, "nndl: %s: %d of %d digits, the first is number %d: %s\n", printable(r.name), count, len(r.Digits), first, warning.text)
		}
	}
}

// print writes the string, then for each digit the picture that the
// network sees and its ten outputs as bars, under a heading where there are
// several pictures.
func (r *pageReading) print(s *textScreen, e *Encoding, pictures int) {
	if pictures > 1 {
		fmt.Fprintf(s, "%s:\n", printable(r.name))
	}
	fmt.Fprintln(s, r.Text)
	for i, g := range r.Digits {
		fmt.Fprintf(s, "\nnumber %d at %d,%d to %d,%d: %s\n", i+1, g.Box[0], g.Box[1], g.Box[2], g.Box[3], g.name())
		g.printImage(s, g.bars(e))
	}
	if pictures > 1 {
		fmt.Fprintln(s)
	}
}

// printImage writes what the network sees, and beside it, or below where it is too
// wide, the bars.
func (g *readDigit) printImage(s *textScreen, bars []string) {
	side := squareSide(len(g.image))
	picture := s.halfBlocks(greyImage(g.image, side))
	if side > digitSide+4 {
		for _, line := range append(picture, bars...) {
			fmt.Fprintln(s, strings.TrimRight(line, " "))
		}
		return
	}
	first := max(0, (len(picture)-len(bars))/2)
	for y := range max(len(picture), len(bars)) {
		line := strings.Repeat(" ", side)
		if y < len(picture) {
			line = picture[y]
		}
		if j := y - first; j >= 0 && j < len(bars) {
			line += "  " + bars[j]
		}
		fmt.Fprintln(s, strings.TrimRight(line, " "))
	}
}

// name returns the class of a digit as print writes it.
func (g *readDigit) name() string { return cmp.Or(printable(g.Class), strconv.Itoa(g.Digit)) }

// bars returns the outputs as bars: each under its digit, or its class where that has
// a name. Of more than ten those with the highest activations, in that order.
func (g *readDigit) bars(e *Encoding) (bars []string) {
	order := make([]int, len(g.Outputs))
	width := 1
	for j := range order {
		order[j] = j
	}
	if len(order) > 10 {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.Outputs[b], g.Outputs[a]) })
		order = order[:10]
	}
	var names []string
	for _, j := range order {
		name := strconv.Itoa(j)
		if e.Name == Unit.Name {
			name = printable(className(e.Classes, j))
		}
		if runes := []rune(name); len(runes) > 20 {
			name = string(runes[:19]) + "…"
		}
		names = append(names, name)
		width = max(width, utf8.RuneCountInString(name))
	}
	for i, j := range order {
		bars = append(bars, fmt.Sprintf("%-*s %s", width, names[i], outputBar(g.Outputs[j], 41-width)))
	}
	return bars
}

// outputBar returns an activation a, 0 to 1, and a bar of up to longest characters.
func outputBar(a float64, longest int) string {
	eighths := int(math.Round(8 * float64(longest) * min(max(a, 0), 1)))
	block := strings.Repeat("█", eighths/8) + []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}[eighths%8]
	return fmt.Sprintf("%.2f %s", a, block)
}

const packHelp = `-o DIR [-raw] [-seed N] FOLDER
    Makes a data set of your own pictures. FOLDER has a subfolder for each class,
    and in it PNG or JPEG pictures of one digit, letter or sign each. DIR gets four
    IDX files and labels.txt, the names of the subfolders; one picture in six is
    for the test. The pictures are prepared as classify prepares them: background
    removed, 20 pixels high or wide, centred in 28×28. With -raw they stay as they
    are, grey levels of 0 to 255, all of one size of up to 256×256; MNIST's digits
    are white on black.

Examples:
  go run . pack -o letters photos
  go run . pack -raw -o letters small
  go run . -data letters
`

// A packer makes a data set of the pictures of a folder.
type packer struct {
	folder, out string
	raw         bool
	seed        uint64
	classes     []string
	train, test Data // 28×28 pixels, or with -raw those of the first picture
	first       string
	left        []error // what is wrong with pictures that are left out
	status      func(done float64, line string)
}

// pack is the command that makes a data set of pictures.
func pack(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("pack")
	p := &packer{seed: bookSeed, status: progressPrinter(stderr)}
	f.StringVar(&p.out, "o", "", "folder for the data set; it is made where there is none")
	f.BoolVar(&p.raw, "raw", false, "leave the pictures as they are")
	f.Var(&numberFlag[uint64]{&p.seed, 0, math.MaxUint32, false}, "seed", "seed of the split and of the order")
	words, err := readCommand(f, packHelp, args, stderr)
	switch {
	case err != nil:
		return err
	case len(words) != 1:
		return usagef("pack: %s, expected one, with a subfolder per class", plural(len(words), "folder"))
	case p.out == "":
		return usagef("pack: -o must name a folder for the data set")
	}
	p.folder = words[0]
	if err := p.checkFolders(); err != nil {
		return err
	}
	if err := p.readClasses(); err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return err
	}
	if n := len(p.left); n > 0 {
		fmt.Fprintln(stderr, wrapped(fmt.Sprintf("nndl: %s left out, the first is %s", plural(n, "picture"), oneLine(p.left[0])), 6))
	}
	fmt.Fprintf(stdout, "%s: %s for training, %d for the test, of %d×%d pixels, in %d classes\n",
		printable(p.out), plural(p.train.Len(), "image"), p.test.Len(), p.train.Height, p.train.Width, len(p.classes))
	fmt.Fprintf(stderr, "nndl: train with: go run . -data %s -sizes %d,30,%d\n", printable(p.out), p.train.Height*p.train.Width, len(p.classes))
	return nil
}

// checkFolders finds the classes, and refuses to write over another set.
func (p *packer) checkFolders() error {
	entries, err := os.ReadDir(p.folder)
	if err != nil {
		return err
	}
	from, err := filepath.Abs(p.folder)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(p.out)
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(from, to); err == nil && filepath.IsLocal(inside) {
		return usagef("pack: -o %s is in %s, expected a folder outside the pictures", p.out, p.folder)
	}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(p.folder, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			if strings.ContainsAny(e.Name(), "\r\n") {
				return fmt.Errorf("%s: subfolder %q, expected a name of one line", p.folder, e.Name())
			}
			p.classes = append(p.classes, e.Name())
		}
	}
	slices.SortFunc(p.classes, compareClasses)
	if len(p.classes) < 2 || len(p.classes) > 256 {
		return fmt.Errorf("%s: %s, expected 2 to 256, one per class", p.folder, plural(len(p.classes), "subfolder"))
	}
	there, err := os.ReadDir(p.out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range there {
		if idxName.MatchString(e.Name()) || e.Name() == "labels.txt" {
			return fmt.Errorf("%s is there already: pack writes over no data set, choose a new folder", filepath.Join(p.out, e.Name()))
		}
	}
	return nil
}

// readClasses reads the pictures of all classes. Of each class one picture in six,
// by the seed, is for the test; then the training images are mixed, since the last
// of them are the validation data.
func (p *packer) readClasses() error {
	random := NewPythonRandom(uint32(p.seed))
	var train Data
	for class, name := range p.classes {
		images, err := p.readClass(class)
		if err != nil {
			return err
		}
		if len(images) < 2 {
			return errors.Join(append([]error{fmt.Errorf("%s: %s, expected at least 2 PNG or JPEG files of one digit or letter each", filepath.Join(p.folder, name), plural(len(images), "picture"))}, p.left...)...)
		}
		cut := max(1, len(images)/6)
		for i, k := range shuffled(len(images), random) {
			to := &train
			if i < cut {
				to = &p.test
			}
			to.Images, to.Labels = append(to.Images, images[k]...), append(to.Labels, byte(class))
		}
	}
	train.Height, train.Width = p.train.Height, p.train.Width
	for _, k := range shuffled(train.Len(), random) {
		p.train.Images, p.train.Labels = append(p.train.Images, train.Image(int(k))...), append(p.train.Labels, train.Labels[k])
	}
	return nil
}

// shuffled returns the numbers below n in a random order.
func shuffled(n int, random *MersenneTwister) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	random.Shuffle(order)
	return order
}

// readClass returns the images of one class, in the order of their names. What is
// no picture is passed over; a picture that cannot be used is left out and said.
func (p *packer) readClass(class int) (images [][]byte, err error) {
	folder := filepath.Join(p.folder, p.classes[class])
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".png", ".jpg", ".jpeg":
		default:
			continue
		}
		name := filepath.Join(folder, e.Name())
		if p.status != nil {
			p.status((float64(class)+float64(i)/float64(len(entries)))/float64(len(p.classes)), printable(name))
		}
		file, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		pixels, width, err := p.imageOf(file)
		if err != nil {
			p.left = append(p.left, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if height := len(pixels) / width; p.first == "" {
			p.first, p.train.Width, p.train.Height = name, width, height
		} else if width != p.train.Width || height != p.train.Height {
			return nil, fmt.Errorf("%s: %d×%d pixels, expected %d×%d as of %s; without -raw all become 28×28", name, height, width, p.train.Height, p.train.Width, p.first)
		}
		images = append(images, pixels)
	}
	return images, nil
}

// imageOf returns the pixels of a picture and the width of a row: prepared, or with
// -raw as they are.
func (p *packer) imageOf(file []byte) (pixels []byte, width int, err error) {
	if !p.raw {
		pixels, err = preparedDigit(bytes.NewReader(file))
		return pixels, digitSide, err
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, 0, err
	}
	if w, h := config.Width, config.Height; w < 1 || h < 1 || w > 256 || h > 256 {
		return nil, 0, fmt.Errorf("%d×%d pixels, expected at most 256×256", h, w)
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, 0, err
	}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			pixels = append(pixels, color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
		}
	}
	return pixels, img.Bounds().Dx(), nil
}

// preparedDigit returns the one digit or letter of a picture, 28×28 pixels, as
// classify prepares it.
func preparedDigit(r io.Reader) ([]byte, error) {
	p, err := readPage(r)
	if err != nil {
		return nil, err
	}
	digits, err := p.digits()
	if err != nil {
		return nil, err
	}
	if len(digits) != 1 {
		return nil, fmt.Errorf("%s, expected one; -raw takes a picture as it is", plural(len(digits), "digit"))
	}
	return digits[0].image, nil
}

// write writes the four IDX files and labels.txt.
func (p *packer) write() error {
	if err := os.MkdirAll(p.out, 0o755); err != nil {
		return err
	}
	p.test.Height, p.test.Width = p.train.Height, p.train.Width
	write := func(name string, parts ...[]byte) error {
		return writeFileAtomic(filepath.Join(p.out, name), func(w io.Writer) (err error) {
			for _, part := range parts {
				if _, err = w.Write(part); err != nil {
					break
				}
			}
			return err
		})
	}
	for part, d := range map[string]*Data{"train": &p.train, "t10k": &p.test} {
		if err := write(part+"-images-idx3-ubyte", idxHead(2051, d.Len(), d.Height, d.Width), d.Images); err != nil {
			return err
		}
		if err := write(part+"-labels-idx1-ubyte", idxHead(2049, d.Len()), d.Labels); err != nil {
			return err
		}
	}
	return write("labels.txt", []byte(strings.Join(p.classes, "\n")+"\n"))
}
