package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file is the command classify: the digits of a picture, as reading.go finds
// them, on the screen, as JSON, or drawn into the picture (§1.4).

const classifyHelp = `[-load FILE] [-o FILE.png] IMAGE…
    Reads the digits in pictures, PNG, JPEG or GIF files, or - for the standard
    input: for each digit what the network sees and its ten outputs, and in the
    end those of each line as a string. -o writes the picture with a box around
    each digit, and how sure the network is of it.

Examples:
  go run . classify testdata/lines.png
  go run . classify -load net.json -o boxes.png photo.jpg
  go run . classify -load net.json -json *.png
  go run . classify -data letters photo.jpg
`

// classify is the command that reads pictures: the program for separate digits
// of §1.4. It prints how the network came to the string in each picture, and the
// string. All pictures are taken apart before a network is trained for them.
func classify(_ context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("classify")
	asJSON := f.Bool("json", false, "write one JSON object per picture, one per line, with its name as file")
	out := f.String("o", "", "write the picture with boxes, digits and confidence to a PNG `FILE`")
	source := networkFlags(f)
	names, err := readCommand(f, classifyHelp, args, stderr)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usageError("classify: no picture given, expected PNG, JPEG or GIF files, or - for the standard input")
	}
	if *out != "" {
		if len(names) > 1 {
			return usagef("classify: -o takes the boxes of one picture, given %d", len(names))
		}
		in := inputs{load: source.load, data: source.data, others: names}
		if err := errors.Join(checkTarget(*out), in.checkOutput("classify: -o", *out)); err != nil {
			return err
		}
	}
	readings, files, errs := readPictures(names, stdin)
	if len(readings) == 0 {
		return errors.Join(errs...)
	}
	net, err := source.network(nil, stderr)
	if err != nil {
		return err
	}
	s := newScreen(stdout)
	for i, r := range readings {
		if err := r.read(net); err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(source.load, "the network"), err)
		}
		r.warn(stderr)
		if *out != "" {
			errs = append(errs, savePNG(*out, r.boxed()))
		}
		switch {
		case *asJSON:
			line := struct {
				File string `json:"file"`
				*pageReading
			}{files[i], r}
			if err := json.NewEncoder(s).Encode(line); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		default:
			r.print(s, net.Encoding, len(names))
		}
	}
	return errors.Join(append(errs, s.Flush())...)
}

// readPictures takes pictures apart, and returns those that it can, with their names
// as they were given, and the errors of the others.
func readPictures(names []string, stdin io.Reader) (readings []*pageReading, files []string, errs []error) {
	for _, name := range names {
		r, err := readFrom(name, stdin)
		if err != nil { // the other pictures are read
			errs = append(errs, err)
			continue
		}
		readings, files = append(readings, r), append(files, name)
	}
	return readings, files, errs
}

// print writes for each digit the picture that the network sees and its outputs as
// bars, two digits side by side where they are narrow, and then the string, under a
// heading where there are several pictures.
func (r *pageReading) print(s *textScreen, e *Encoding, pictures int) {
	if pictures > 1 {
		fmt.Fprintf(s, "%s:\n", printable(r.name))
	}
	for i := 0; i < len(r.Digits); {
		g := &r.Digits[i]
		if !g.narrow(e) {
			fmt.Fprintln(s, g.heading(i))
			g.printImage(s, g.bars(e, 41))
			i++
		} else {
			lines := g.lines(s, e, i)
			if i++; i < len(r.Digits) {
				for y, right := range r.Digits[i].lines(s, e, i) {
					lines[y] += strings.Repeat(" ", max(1, 41-visible(lines[y]))) + right
				}
				i++
			}
			for _, line := range lines {
				fmt.Fprintln(s, strings.TrimRight(line, " "))
			}
		}
		fmt.Fprintln(s)
	}
	fmt.Fprintln(s, r.Text)
	if pictures > 1 {
		fmt.Fprintln(s)
	}
}

// narrow reports whether a digit fits half a screen.
func (g *readDigit) narrow(e *Encoding) bool {
	for j := range g.Outputs {
		if e.Name == Unit.Name && utf8.RuneCountInString(className(e.Classes, j)) > 2 {
			return false
		}
	}
	return len(g.image) == digitSide*digitSide && len(g.Outputs) <= 26
}

// name returns the class of a digit as print writes it.
func (g *readDigit) name() string { return cmp.Or(printable(g.Class), strconv.Itoa(g.Digit)) }

// heading returns the line above digit i.
func (g *readDigit) heading(i int) string {
	return fmt.Sprintf("number %d, %d×%d at %d,%d: %s, %.0f %%", i+1, g.width(), g.height(), g.Box[0], g.Box[1], g.name(), 100*g.Confidence)
}

// lines returns a digit for half a screen, at most 39 columns wide: a heading, and
// the image beside the outputs.
func (g *readDigit) lines(s *textScreen, e *Encoding, i int) []string {
	out := []string{g.heading(i)}
	cropped := greyImage(g.image, digitSide).SubImage(image.Rect(1, 1, digitSide-1, digitSide-1)).(*image.Gray)
	bars := g.bars(e, 6)
	for y, line := range s.halfBlocks(cropped) {
		if j := y - 1; j >= 0 && j < len(bars) {
			line += strings.Repeat(" ", max(0, digitSide-1-visible(line))) + bars[j]
		}
		out = append(out, line)
	}
	return out
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

// visible returns the columns that a line takes: its characters without the
// escape sequences of colours.
func visible(line string) (columns int) {
	for {
		text, rest, found := strings.Cut(line, "\x1b[")
		columns += utf8.RuneCountInString(text)
		if !found {
			return columns
		}
		_, line, _ = strings.Cut(rest, "m")
	}
}

// bars returns the outputs as bars: each under its digit, or its class where that has
// a name, both at most longest characters long. Of more than ten those with the
// highest activations, in that order.
func (g *readDigit) bars(e *Encoding, longest int) (bars []string) {
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
		bars = append(bars, fmt.Sprintf("%-*s %s", width, names[i], outputBar(g.Outputs[j], longest-width)))
	}
	return bars
}

// outputBar returns an activation a, 0 to 1, and a bar of up to longest characters.
func outputBar(a float64, longest int) string {
	eighths := int(math.Round(8 * float64(longest) * min(max(a, 0), 1)))
	block := strings.Repeat("█", eighths/8) + []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}[eighths%8]
	return fmt.Sprintf("%.2f %s", a, block)
}

// boxed returns the picture with a box around each digit, and above it the digit
// and the network's confidence in percent: green, or orange below 50 %.
func (r *pageReading) boxed() image.Image {
	p := r.page
	if p.unturned != nil {
		p = p.unturned
	}
	out := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	for i, g := range p.grey {
		out.SetRGBA(i%p.width, i/p.width, color.RGBA{g, g, g, 255})
	}
	scale := 1 + r.medianHeight()/p.reduced/40
	for i := range r.Digits {
		g := &r.Digits[i]
		pen := color.RGBA{0, 140, 60, 255}
		if g.Confidence < 0.5 {
			pen = color.RGBA{220, 90, 0, 255}
		}
		b := rectangle(g.Box)
		b.Min, b.Max = b.Min.Div(p.reduced), b.Max.Div(p.reduced)
		b = b.Inset(-2 * scale)
		inner := b.Inset(scale)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if !(image.Point{x, y}).In(inner) {
					out.SetRGBA(x, y, pen)
				}
			}
		}
		label := fmt.Sprintf("%s %.0f", g.name(), 100*g.Confidence)
		at := image.Pt(b.Min.X, b.Min.Y-6*scale)
		if at.Y < 0 { // no room above
			at.Y = b.Max.Y + scale
		}
		drawLabel(out, label, at, scale, pen)
	}
	return out
}

// smallDigits are the digits in 3×5 pixels, a bit each, row by row from the top.
var smallDigits = [10]uint16{0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7249, 0x7bef, 0x7bcf}

// smallLetters are A to Z in the same way, for the names of classes.
var smallLetters = [26]uint16{
	0x2bed, 0x6bae, 0x3923, 0x6b6e, 0x79a7, 0x79a4, 0x396b, 0x5bed, 0x7497, 0x126a, 0x5bad, 0x4927, 0x5fed,
	0x6b6d, 0x2b6a, 0x6ba4, 0x2b73, 0x6bad, 0x388e, 0x7492, 0x5b6f, 0x5b6a, 0x5bfd, 0x5aad, 0x5a92, 0x72a7,
}

// drawLabel writes digits, letters and spaces into a picture, with the upper left
// corner at a point; letters are capitals, and what is none of these leaves a gap.
func drawLabel(out *image.RGBA, text string, at image.Point, scale int, pen color.RGBA) {
	for _, letter := range strings.ToUpper(text) {
		pixels := uint16(0)
		switch {
		case letter >= '0' && letter <= '9':
			pixels = smallDigits[letter-'0']
		case letter >= 'A' && letter <= 'Z':
			pixels = smallLetters[letter-'A']
		}
		for k := range 15 {
			if pixels>>(14-k)&1 == 0 {
				continue
			}
			for d := range scale * scale {
				out.SetRGBA(at.X+k%3*scale+d%scale, at.Y+k/3*scale+d/scale, pen)
			}
		}
		at.X += 4 * scale
	}
}
