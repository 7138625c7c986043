package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file is the command classify: the network reads the digits of a picture
// that segment.go has taken apart (§1.4).

const classifyHelp = `[-load FILE] IMAGE…
    Reads the digits in pictures, PNG, JPEG or GIF files, or - for the standard
    input: those of each line as a string, and for each digit what the network
    sees and its ten outputs.

Examples:
  go run . classify testdata/lines.png
  go run . classify -load net.json photo.jpg
  go run . classify -load net.json -json *.png
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
	net, err := source.network(digitSide*digitSide, 10, stderr)
	if err != nil {
		return err
	}
	s := newScreen(stdout)
	for _, r := range readings {
		if err := r.read(net); err != nil {
			return err
		}
		switch {
		case *asJSON:
			if err := json.NewEncoder(s).Encode(r); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		default:
			r.print(s, len(names))
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
	Digit   int       `json:"digit"`
	Outputs []float64 `json:"outputs"` // aᴸ, ten numbers
	Box     [4]int    `json:"box"`     // x0, y0, x1, y1 in the upright picture; x1 and y1 are outside

	line  int    // of the page, from 0
	image []byte // what the network sees, 28×28
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
	d := &Data{Height: digitSide, Width: digitSide, Labels: make([]byte, len(r.Digits))}
	for _, g := range r.Digits {
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
		if i > 0 && g.line != r.Digits[i-1].line {
			text.WriteByte('\n')
		}
		name := net.Encoding.class(g.Digit) // ? for four outputs that are no digit
		if utf8.RuneCountInString(name) > 1 && i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(name)
	}
	r.Text = text.String()
	return nil
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
func (r *pageReading) print(s *textScreen, pictures int) {
	if pictures > 1 {
		fmt.Fprintf(s, "%s:\n", printable(r.name))
	}
	fmt.Fprintln(s, r.Text)
	for i, g := range r.Digits {
		fmt.Fprintf(s, "\nnumber %d at %d,%d to %d,%d: %d\n", i+1, g.Box[0], g.Box[1], g.Box[2], g.Box[3], g.Digit)
		for y, line := range s.halfBlocks(greyImage(g.image, digitSide)) {
			if j := y - 2; j >= 0 && j < len(g.Outputs) {
				line += "  " + outputBar(j, g.Outputs[j])
			}
			fmt.Fprintln(s, strings.TrimRight(line, " "))
		}
	}
	if pictures > 1 {
		fmt.Fprintln(s)
	}
}

// outputBar returns output neuron j and its activation a, 0 to 1, as a bar of
// up to 40 characters.
func outputBar(j int, a float64) string {
	const longest = 40
	eighths := int(math.Round(8 * longest * min(max(a, 0), 1)))
	block := strings.Repeat("█", eighths/8) + []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}[eighths%8]
	return fmt.Sprintf("%d %.2f %s", j, a, block)
}
