package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	paint "image/draw"
	"image/png"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
)

// This file holds what the program knows of terminals and pictures: the line of
// progress, pictures in characters, and grids of grey images.

// A commandOutput is stdout with the first error that it gave. That error ends
// the command as Ctrl-C does, so that nothing works on lines that cannot be
// read, and run reports it.
type commandOutput struct {
	io.Writer
	cancel context.CancelFunc // ends the command
	err    error
}

// Write passes p on until the first error.
func (o *commandOutput) Write(p []byte) (n int, err error) {
	if o.err == nil {
		if n, o.err = o.Writer.Write(p); o.err != nil {
			o.cancel()
		}
	}
	return n, o.err
}

// closedPipe reports whether a write failed because nobody reads any more:
// EPIPE, or Windows's ERROR_BROKEN_PIPE and ERROR_NO_DATA.
func closedPipe(err error) bool {
	var code syscall.Errno
	return errors.Is(err, syscall.EPIPE) || runtime.GOOS == "windows" && errors.As(err, &code) && (code == 109 || code == 232)
}

// openFile returns the file that w writes to in the end, nil where it is none.
func openFile(w io.Writer) *os.File {
	switch o := w.(type) {
	case *commandOutput:
		return openFile(o.Writer)
	case lineWriter:
		return openFile(o.Writer)
	case *os.File:
		return o
	}
	return nil
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f := openFile(w)
	if f == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// consoleTakesEscapes asks a console of Windows to follow escape sequences, and
// reports whether it does. Other systems have none.
var consoleTakesEscapes = func(*os.File) bool { return true }

// escapesUnderstood reports whether the terminal w understands escape sequences:
// all but dumb ones, and the older consoles of Windows. A variable of the
// environment alone is no proof there, since a console started from a newer one
// has it, too.
func escapesUnderstood(w io.Writer) bool {
	if os.Getenv("TERM") == "dumb" {
		return false
	}
	if runtime.GOOS != "windows" {
		return true
	}
	newer := os.Getenv("WT_SESSION")+os.Getenv("ANSICON")+os.Getenv("TERM") != "" || os.Getenv("ConEmuANSI") == "ON"
	f := openFile(w)
	return newer && f != nil && consoleTakesEscapes(f)
}

// A statusLine is the last line of a terminal while something takes long. It is
// rewritten in place, and cleared before anything else is written.
type statusLine struct {
	mu     sync.Mutex
	out    io.Writer
	shown  bool
	closed bool
}

// over returns a writer to w that clears the line first.
func (l *statusLine) over(w io.Writer) io.Writer { return lineWriter{w, l} }

// A lineWriter writes to a terminal that may show a status line.
type lineWriter struct {
	io.Writer
	line *statusLine
}

// Write clears the status line and writes p in its place.
func (w lineWriter) Write(p []byte) (int, error) {
	w.line.mu.Lock()
	defer w.line.mu.Unlock()
	w.line.clear()
	return w.Writer.Write(p)
}

// show writes the line. Where the terminal is narrower, it cuts off the rest: a
// line that wrapped could not be rewritten.
func (l *statusLine) show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.shown = true
	if escapesUnderstood(l.out) {
		fmt.Fprintf(l.out, "\r\x1b[K\x1b[?7l%s\x1b[?7h\r", text)
	} else {
		fmt.Fprintf(l.out, "\r%-79.79s\r", text)
	}
}

// clear takes the line away; the caller holds mu.
func (l *statusLine) clear() {
	if !l.shown {
		return
	}
	l.shown = false
	if escapesUnderstood(l.out) {
		io.WriteString(l.out, "\r\x1b[K")
	} else {
		fmt.Fprintf(l.out, "\r%79s\r", "")
	}
}

// close clears the line for good, before the process ends.
func (l *statusLine) close() {
	l.mu.Lock()
	l.clear()
	l.closed = true
	l.mu.Unlock()
}

// progressPrinter returns the function that shows how much of a long work is
// done, in a line of its own at most ten times a second; nil where w is no
// terminal. The time left follows from what was done since the first call, and
// is shown after half a second.
func progressPrinter(w io.Writer) func(done float64, line string) {
	o, ok := w.(lineWriter)
	if !ok || !isTerminal(w) {
		return nil
	}
	begin, shown, first := time.Now(), time.Time{}, -1.0
	return func(done float64, line string) {
		if first < 0 {
			begin, first = time.Now(), done
		}
		if time.Since(shown) < 100*time.Millisecond {
			return
		}
		shown = time.Now()
		if elapsed := time.Since(begin); elapsed > time.Second/2 && done > first {
			line += fmt.Sprintf(", %v left", timeLeft(elapsed, first, done))
		}
		o.line.show(line)
	}
}

// timeLeft returns how long the rest of a work takes whose part done was first
// before the time elapsed, such as that of a training that was resumed.
func timeLeft(elapsed time.Duration, first, done float64) time.Duration {
	return time.Duration(float64(elapsed) * (1 - done) / (done - first)).Round(time.Second)
}

// printable returns text without the control characters that arguments, file
// names and files may bring to a terminal, and without those that turn the order
// of its letters, hide, or break lines.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// oneLine returns the message of an error, or of several, in one line.
func oneLine(err error) string {
	return printable(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// thousands returns n with commas, as the text writes 23,860.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// wrapped returns text in lines of less than 80 columns, broken at spaces, all but
// the first indented.
func wrapped(text string, indent int) string {
	var lines []string
	for rest := []rune(text); ; {
		if len(rest) < termColumns {
			return strings.Join(append(lines, string(rest)), "\n")
		}
		end := termColumns - 1
		for end > indent && rest[end] != ' ' {
			end--
		}
		if end == indent { // a word longer than a line
			end = termColumns - 1
		}
		lines = append(lines, strings.TrimRight(string(rest[:end]), " "))
		rest = []rune(strings.Repeat(" ", indent) + strings.TrimLeft(string(rest[end:]), " "))
	}
}

// plural returns n with a noun, in the plural where n is not 1.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// A textScreen is a terminal of 80 columns, or a file in its place.
type textScreen struct {
	*bufio.Writer
	colour    bool
	threshold byte // without colour, what is darker than this is drawn
}

// termColumns is the width of a screen.
const termColumns = 80

// digitSide is the width and the height of MNIST's images.
const digitSide = 28

// newScreen returns the screen for w. It has colour if w is a terminal and the
// environment does not ask for none (no-color.org; §1.5).
func newScreen(w io.Writer) *textScreen {
	s := &textScreen{Writer: bufio.NewWriter(w), threshold: 128}
	s.colour = isTerminal(w) && os.Getenv("NO_COLOR") == "" && escapesUnderstood(w)
	return s
}

// halfBlocks returns a picture as lines of characters, each two pixels high: in
// grey levels, or where there is no colour, dark pixels as blocks in the terminal's
// own. A picture too wide loses columns and rows.
func (s *textScreen) halfBlocks(img *image.Gray) (lines []string) {
	b := img.Bounds()
	k := (b.Dx() + termColumns - 1) / termColumns
	for y := b.Min.Y; y < b.Max.Y; y += 2 * k {
		var line strings.Builder
		for x := b.Min.X; x < b.Max.X; x += k {
			upper, lower := img.GrayAt(x, y).Y, byte(255)
			if y+k < b.Max.Y {
				lower = img.GrayAt(x, y+k).Y
			}
			if s.colour {
				fmt.Fprintf(&line, "\x1b[38;5;%d;48;5;%dm▀", ansiGrey(upper), ansiGrey(lower))
				continue
			}
			switch {
			case upper < s.threshold && lower < s.threshold:
				line.WriteRune('█')
			case upper < s.threshold:
				line.WriteRune('▀')
			case lower < s.threshold:
				line.WriteRune('▄')
			default:
				line.WriteRune(' ')
			}
		}
		if s.colour {
			line.WriteString("\x1b[0m")
		}
		lines = append(lines, line.String())
	}
	return lines
}

// ansiGrey returns the colour nearest to a grey level among the 256 of a
// terminal: black, 24 greys from 8 to 238, white (xterm's palette; §1.5).
func ansiGrey(grey byte) int {
	switch {
	case grey < 4:
		return 16
	case grey > 246:
		return 231
	}
	return 232 + min((max(int(grey), 8)-8+5)/10, 23)
}

// A captionedImage is one of several pictures, and what stands above it.
type captionedImage struct {
	caption string
	image   *image.Gray
}

// printGallery prints tiles of one size side by side. Of MNIST's images the outermost
// pixels are left out, which are white nearly always, so that three of them
// stand in a row (§1.5, Figure 12).
func (s *textScreen) printGallery(tiles []captionedImage) {
	if len(tiles) == 0 {
		return
	}
	crop := tiles[0].image.Bounds()
	if crop.Dx() == digitSide && len(tiles) > 1 {
		crop = crop.Inset(1)
	}
	width := min(crop.Dx(), termColumns)
	for row := range slices.Chunk(tiles, max(1, (termColumns+1)/(width+1))) {
		var captions []string
		lines := make([]string, 0, termColumns)
		for i, t := range row {
			captions = append(captions, fmt.Sprintf("%-*.*s", width, width, t.caption))
			for y, line := range s.halfBlocks(t.image.SubImage(crop).(*image.Gray)) {
				if i == 0 {
					lines = append(lines, "")
				} else {
					lines[y] += " "
				}
				lines[y] += line
			}
		}
		fmt.Fprintln(s, strings.TrimRight(strings.Join(captions, " "), " "))
		for _, line := range lines {
			fmt.Fprintln(s, strings.TrimRight(line, " "))
		}
	}
}

// greyImage returns pixels, 0 white to 255 black, row by row, as a picture.
func greyImage(pixels []byte, width int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, len(pixels)/width))
	for i, v := range pixels {
		img.Pix[i] = 255 - v
	}
	return img
}

// gridGap is the number of grey pixels between the pictures of a grid and around
// them, so that white pictures do not run out into a white page (Figure 1).
const gridGap = 2

// imageGrid returns pictures of one size in rows (§1.5, Figure 1).
func imageGrid(images []*image.Gray, perRow int) *image.Gray {
	w, h := images[0].Bounds().Dx(), images[0].Bounds().Dy()
	rows := (len(images) + perRow - 1) / perRow
	out := image.NewGray(image.Rect(0, 0, perRow*(w+gridGap)+gridGap, rows*(h+gridGap)+gridGap))
	paint.Draw(out, out.Bounds(), image.NewUniform(color.Gray{Y: 200}), image.Point{}, paint.Src)
	for i, img := range images {
		at := image.Pt(gridGap+i%perRow*(w+gridGap), gridGap+i/perRow*(h+gridGap))
		paint.Draw(out, image.Rectangle{at, at.Add(image.Pt(w, h))}, img, img.Bounds().Min, paint.Src)
	}
	return out
}

// enlargePicture returns the picture with every pixel enlarged to a square, 600 pixels
// wide in all or a little more (§1.5, Figures 1, 9, 11 and 12).
func enlargePicture(img *image.Gray) *image.Gray {
	b := img.Bounds()
	k := (600 + b.Dx() - 1) / b.Dx()
	out := image.NewGray(image.Rect(0, 0, k*b.Dx(), k*b.Dy()))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetGray(x, y, img.GrayAt(b.Min.X+x/k, b.Min.Y+y/k))
		}
	}
	return out
}

// savePNG writes a picture to a file (PNG; §1.5).
func savePNG(name string, img image.Image) error {
	return writeFileAtomic(name, func(w io.Writer) error { return png.Encode(w, img) })
}
