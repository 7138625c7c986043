package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	paint "image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// This file makes digits visible: in the terminal, as PNG pictures, and in the
// figures of §1.3 to §1.5 that are made of them. At its end are the two
// classifiers by which chapter 1 measures what learning is worth.

// networkSource is where a command has its network from (§1.6).
type networkSource struct {
	load, data string
	seed       uint32
}

// networkFlags adds the flags of a networkSource to f (§1.6).
func networkFlags(f *flag.FlagSet) *networkSource {
	n := &networkSource{seed: bookSeed}
	f.StringVar(&n.load, "load", "", "network file; without it one is trained first")
	f.StringVar(&n.data, "data", "", "folder with IDX files to use instead of MNIST")
	f.Func("seed", fmt.Sprintf("seed of the random numbers, where a network is trained (%d)", bookSeed), func(value string) error {
		seed, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return fmt.Errorf("want 0 to %d", uint32(math.MaxUint32))
		}
		n.seed = uint32(seed)
		return nil
	})
	return n
}

// network returns the network of -load, which must have so many inputs and ten
// outputs, or trains that of §1.6.
func (n *networkSource) network(inputs int, stderr io.Writer) (*Network, error) {
	if n.load == "" {
		return n.train(inputs, stderr)
	}
	net, err := LoadNetwork(n.load)
	if err != nil {
		return nil, err
	}
	if got := net.Sizes; got[0] != inputs || got[net.L()] != 10 {
		return nil, fmt.Errorf("%s: a network of %v neurons, want %d in the first layer, a pixel each, and 10 in the last, a digit each", n.load, got, inputs)
	}
	return net, nil
}

// train returns the network of §1.6, 784, 30 and 10 neurons, after 10 of its 30
// epochs: a few seconds, and less than a point below the end.
func (n *networkSource) train(inputs int, stderr io.Writer) (*Network, error) {
	training, _, err := LoadTraining(n.data)
	if err != nil {
		return nil, err
	}
	if size := training.Height * training.Width; size != inputs {
		return nil, fmt.Errorf("-data %s: images of %d×%d pixels, want %d pixels", n.data, training.Height, training.Width, inputs)
	}
	net := NewNetwork([]int{inputs, 30, 10})
	net.LargeWeights(NewNumPyRandom(n.seed))
	h := Hyper{Epochs: 10, Batch: 10, Eta: 3}
	fmt.Fprintf(stderr, "nndl: no -load: training a network first: sizes %v, %d epochs, batch %d, eta %v, seed %d\n", net.Sizes, h.Epochs, h.Batch, h.Eta, n.seed)
	net.SGD(&Source{Data: training}, h, net.NewState(h, training.Len(), n.seed), func() error { return nil })
	return net, nil
}

// A screen is a terminal of 80 columns, or a file in its place (§1.5).
type screen struct {
	*bufio.Writer
	colour bool
	ink    byte // without colour, what is darker than this is ink
}

// termColumns is the width of a screen (§1.5).
const termColumns = 80

// newScreen returns the screen for w. It has colour if w is a terminal and the
// environment does not ask for none (no-color.org; §1.5).
func newScreen(w io.Writer) *screen {
	s := &screen{Writer: bufio.NewWriter(w), ink: 128}
	s.colour = terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return s
}

// halfBlocks returns a picture as lines of characters, each two pixels high:
// in grey levels, or where there is no colour, ink as blocks in the terminal's
// own (§1.5). A picture too wide loses columns and rows.
func (s *screen) halfBlocks(img *image.Gray) (lines []string) {
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
			case upper < s.ink && lower < s.ink:
				line.WriteRune('█')
			case upper < s.ink:
				line.WriteRune('▀')
			case lower < s.ink:
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

// A tile is one of several pictures, and what stands above it (§1.5).
type tile struct {
	caption string
	image   *image.Gray
}

// gallery prints tiles of one size side by side. Of MNIST's images the outermost
// pixels are left out, which are white nearly always, so that three of them
// stand in a row (§1.5, Figure 12).
func (s *screen) gallery(tiles []tile) {
	if len(tiles) == 0 {
		return
	}
	crop := tiles[0].image.Bounds()
	if crop.Dx() == mnistSide && len(tiles) > 1 {
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

// A showing is one call of show: its flags, and what they name (§1.5).
type showing struct {
	source    *networkSource
	eval, out string
	digits    string
	count     int
	data      *Data
	screen    *screen
	stderr    io.Writer
}

const showHelp = `[NUMBER… | mistakes | confusion | weights]
    Shows digits by their numbers, digits that the network reads wrong, how
    often it takes a digit for which other, or the weights of its hidden
    neurons. Without an argument it shows the first digits.

`

// show is the command that shows digits, what the network reads wrong, and what
// it has learned: in the terminal, and as a PNG picture (§1.5, Figures 1 and 12).
func show(args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("show")
	o := &showing{screen: newScreen(stdout), stderr: stderr, source: networkFlags(f)}
	f.StringVar(&o.eval, "eval", "test", "data to show: test or validation")
	f.StringVar(&o.out, "o", "", "PNG file to write as well")
	f.StringVar(&o.digits, "digits", "", "show only these, as 0,1")
	f.IntVar(&o.count, "n", 0, "show at most so many; 0: 12 digits, and all weights")
	rest, err := readCommand(f, showHelp, args, stderr)
	if err != nil {
		return err
	}
	act := o.showDigits
	if len(rest) > 0 {
		if named, ok := map[string]func([]string) (*image.Gray, error){
			"mistakes": o.showMistakes, "confusion": o.showConfusion, "weights": o.showWeights,
		}[rest[0]]; ok {
			act, rest = named, rest[1:]
		}
	}
	if err := o.prepare(); err != nil {
		return err
	}
	picture, err := act(rest)
	if err == nil && o.out != "" {
		err = savePNG(o.out, poster(picture))
	}
	return errors.Join(err, o.screen.Flush())
}

// prepare checks the flags and loads the data that they name (§1.5, §3.4).
func (o *showing) prepare() (err error) {
	if err := checkTarget(o.out); err != nil {
		return err
	}
	switch {
	case o.count < 0:
		return usagef("-n is %d, want 0 or more", o.count)
	case o.eval == "test":
		o.data, err = LoadTest(o.source.data)
	case o.eval == "validation":
		_, o.data, err = LoadTraining(o.source.data)
	default:
		return usagef("-eval is %q, want test or validation", o.eval)
	}
	return err
}

// wanted returns the digits that -digits lists, all for an empty list (§3.7).
func (o *showing) wanted() (wanted [10]bool, err error) {
	list := o.digits
	if list == "" {
		list = "0,1,2,3,4,5,6,7,8,9"
	}
	for _, s := range strings.Split(list, ",") {
		d, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || d < 0 || d > 9 {
			return wanted, usagef("-digits %s: %q is no digit, want 0 to 9", list, s)
		}
		wanted[d] = true
	}
	return wanted, nil
}

// showDigits shows the images with the given numbers, or the first of those
// that -digits wants (§1.5, Figure 12).
func (o *showing) showDigits(numbers []string) (*image.Gray, error) {
	var tiles []tile
	for _, number := range numbers {
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= o.data.Len() {
			return nil, usagef("show %s: want a number from 0 to %d, or mistakes, confusion, weights", number, o.data.Len()-1)
		}
		tiles = append(tiles, o.tile(i))
	}
	wanted, err := o.wanted()
	if err != nil {
		return nil, err
	}
	for i := 0; len(numbers) == 0 && i < o.data.Len() && len(tiles) < o.limit(12); i++ {
		if wanted[o.data.Labels[i]] {
			tiles = append(tiles, o.tile(i))
		}
	}
	return o.gallery(tiles, "no such digit")
}

// limit returns the value of -n, or otherwise if it is not set (§1.5).
func (o *showing) limit(otherwise int) int {
	if o.count == 0 {
		return otherwise
	}
	return o.count
}

// tile returns example i under its number and its digit (§1.5).
func (o *showing) tile(i int) tile {
	return tile{fmt.Sprintf("%d: %d", i, o.data.Labels[i]), example(o.data, i)}
}

// gallery prints tiles and returns them as one picture; no tiles are an error
// (§1.5).
func (o *showing) gallery(tiles []tile, none string) (*image.Gray, error) {
	if len(tiles) == 0 {
		return nil, errors.New("nothing to show: " + none)
	}
	o.screen.gallery(tiles)
	var images []*image.Gray
	for _, t := range tiles {
		images = append(images, t.image)
	}
	return grid(images, min(len(images), 10)), nil
}

// network returns the network to show, if no arguments are left (§1.6).
func (o *showing) network(rest []string) (*Network, error) {
	if len(rest) > 0 {
		return nil, usagef("show: unknown argument %q", rest[0])
	}
	return o.source.network(o.data.Height*o.data.Width, o.stderr)
}

// outputs returns what the network says about each example: the number of the
// output neuron with the highest activation (§1.4; network.py: evaluate).
func (o *showing) outputs(rest []string) ([]byte, error) {
	net, err := o.network(rest)
	if err != nil {
		return nil, err
	}
	said := make([]byte, o.data.Len())
	net.forEach(o.data, func(b *batch, i, x int) {
		said[i] = byte(argmax(b.a[net.L()].Row(x)))
	})
	return said, nil
}

// showMistakes shows the images that the network reads wrong, with what it said
// (§1.6).
func (o *showing) showMistakes(rest []string) (*image.Gray, error) {
	wanted, err := o.wanted()
	if err != nil {
		return nil, err
	}
	said, err := o.outputs(rest)
	if err != nil {
		return nil, err
	}
	var tiles []tile
	of, wrong := 0, 0
	for i, label := range o.data.Labels {
		if !wanted[label] {
			continue
		}
		of++
		if said[i] == label {
			continue
		}
		if wrong++; wrong <= o.limit(12) {
			t := o.tile(i)
			t.caption += fmt.Sprintf(", read as %d", said[i])
			tiles = append(tiles, t)
		}
	}
	fmt.Fprintf(o.screen, "%d of %d wrong\n", wrong, of)
	return o.gallery(tiles, "no mistakes")
}

// showConfusion prints how often each digit was read as each other (§1.6). The
// picture has a row for each digit and a column for what was read, as dark as
// the square root of its share in the row, so that rare mistakes are seen.
func (o *showing) showConfusion(rest []string) (*image.Gray, error) {
	said, err := o.outputs(rest)
	if err != nil {
		return nil, err
	}
	var count [10][10]int
	for i, label := range o.data.Labels {
		count[label][said[i]]++
	}
	picture := image.NewGray(image.Rect(0, 0, 10, 10))
	fmt.Fprintf(o.screen, "%7s", "read as")
	for d := range count {
		fmt.Fprintf(o.screen, "%6d", d)
	}
	fmt.Fprintf(o.screen, "%10s\n", "right")
	for d, row := range count {
		total := 0
		for _, n := range row {
			total += n
		}
		fmt.Fprintf(o.screen, "%7d", d)
		for said, n := range row {
			fmt.Fprintf(o.screen, "%6d", n)
			share := float64(n) / float64(max(total, 1))
			picture.SetGray(said, d, color.Gray{Y: byte(255 - math.Round(255*math.Sqrt(share)))})
		}
		fmt.Fprintf(o.screen, "%8.2f %%\n", 100*float64(row[d])/float64(max(total, 1)))
	}
	return picture, nil
}

// showWeights shows the weights into each neuron of the first hidden layer as a
// picture of the size of the input, so that one sees what the neuron looks for:
// black where ink makes it fire, white where ink keeps it from firing, grey
// where ink does not matter (§1.4, Figure 11).
func (o *showing) showWeights(rest []string) (*image.Gray, error) {
	net, err := o.network(rest)
	if err != nil {
		return nil, err
	}
	o.screen.ink = 96 // without colour, show the largest positive weights alone
	var tiles []tile
	for j := range min(net.Sizes[1], o.limit(net.Sizes[1])) {
		w := net.Weights[1].Row(j)
		largest := math.SmallestNonzeroFloat64
		for _, x := range w {
			largest = max(largest, math.Abs(x))
		}
		ink := make([]byte, len(w))
		for k, x := range w {
			ink[k] = byte(128 + math.Round(127*x/largest))
		}
		tiles = append(tiles, tile{fmt.Sprintf("neuron %d, up to %.2f", j, largest), grey(ink, o.data.Width)})
	}
	return o.gallery(tiles, "no neurons")
}

// grey returns ink, 0 white to 255 black, row by row, as a picture (§1.4).
func grey(ink []byte, width int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, len(ink)/width))
	for i, v := range ink {
		img.Pix[i] = 255 - v
	}
	return img
}

// example returns image i of the data as a picture (§1.5).
func example(d *Data, i int) *image.Gray {
	return grey(d.Image(i), d.Width)
}

// gridGap is the number of grey pixels between the pictures of a grid and around
// them, so that white pictures do not run out into a white page (Figure 1).
const gridGap = 2

// grid returns pictures of one size in rows of so many (§1.5, Figure 1).
func grid(images []*image.Gray, perRow int) *image.Gray {
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

// poster returns the picture with every pixel enlarged to a square, 600 pixels
// wide in all or a little more (§1.5, Figures 1, 9, 11 and 12).
func poster(img *image.Gray) *image.Gray {
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
	return writeWhole(name, func(w io.Writer) error { return png.Encode(w, img) })
}

// middle returns columns and rows 3 to 24 of image i, where all its ink is, or
// nearly all (Figures 1 and 9).
func middle(d *Data, i int) *image.Gray {
	return example(d, i).SubImage(image.Rect(3, 3, 25, 25)).(*image.Gray)
}

// figure1 writes Figure 1 as PNG: the first 100 images of the training data, 10
// a row, cut to columns and rows 3 to 24. The book's own picture begins with
// image 99: its script counts the places from 0, where matplotlib counts from 1.
func figure1(w io.Writer, training *Data) error {
	var images []*image.Gray
	for i := range 100 {
		images = append(images, middle(training, i))
	}
	return png.Encode(w, poster(grid(images, 10)))
}

// figure9 writes Figure 9 as PNG: above, the training images 0 to 5, that is
// 504192, cut to columns and rows 3 to 24 and pasted side by side; below, what
// segment finds in that picture.
func figure9(w io.Writer, training *Data) error {
	strip := pasted(training, 0, 6)
	p := newPage(strip)
	err := p.lift()
	if err != nil {
		return err
	}
	found, err := p.segment()
	if err != nil {
		return err
	}
	var images []*image.Gray
	for _, line := range found {
		for _, d := range line {
			images = append(images, framed(strip, d.box, image.Pt(24, 24)))
		}
	}
	below := grid(images, len(images))
	b := below.Rect
	above := grid([]*image.Gray{framed(strip, strip.Rect, image.Pt(b.Dx()-2*gridGap, 24))}, 1)
	out := image.NewGray(image.Rect(0, 0, b.Dx(), above.Rect.Dy()+3*gridGap+b.Dy()))
	paint.Draw(out, out.Rect, image.White, image.Point{}, paint.Src)
	paint.Draw(out, above.Rect, above, image.Point{}, paint.Src)
	paint.Draw(out, b.Add(image.Pt(0, above.Rect.Dy()+3*gridGap)), below, image.Point{}, paint.Src)
	return png.Encode(w, poster(out))
}

// pasted returns the examples lo to hi, cut to columns and rows 3 to 24, side by
// side (Figure 9).
func pasted(d *Data, lo, hi int) *image.Gray {
	strip := image.NewGray(image.Rect(0, 0, 22*(hi-lo), 22))
	for i := lo; i < hi; i++ {
		img := middle(d, i)
		at := image.Rect(22*(i-lo), 0, 22*(i-lo+1), 22)
		paint.Draw(strip, at, img, img.Bounds().Min, paint.Src)
	}
	return strip
}

// framed returns the part of a picture inside box, in the middle of a white one
// of some size (Figure 9).
func framed(img *image.Gray, box image.Rectangle, size image.Point) *image.Gray {
	out := image.NewGray(image.Rectangle{Max: size})
	paint.Draw(out, out.Bounds(), image.White, image.Point{}, paint.Src)
	at := size.Sub(box.Size()).Div(2)
	paint.Draw(out, image.Rectangle{at, at.Add(box.Size())}, img, box.Min, paint.Src)
	return out
}

// figure11 writes Figure 11 as PNG: the four quadrants of 14×14 pixels of
// training image 1, the first 0, each in its place in an image that is white
// elsewhere.
func figure11(w io.Writer, training *Data) error {
	zero := example(training, 1)
	var images []*image.Gray
	for q := range 4 {
		out := grey(make([]byte, mnistSide*mnistSide), mnistSide)
		at := image.Rect(0, 0, 14, 14).Add(image.Pt(q%2*14, q/2*14))
		paint.Draw(out, at, zero, at.Min, paint.Src)
		images = append(images, out)
	}
	return png.Encode(w, poster(grid(images, 4)))
}

// figure12 writes Figure 12 as PNG: the training images 0 to 5, whole.
func figure12(w io.Writer, training *Data) error {
	var images []*image.Gray
	for i := range 6 {
		images = append(images, example(training, i))
	}
	return png.Encode(w, poster(grid(images, 6)))
}

// demoBaseline scores two classifiers that learn next to nothing, for
// comparison with the network of §1.6: by the darkness of the whole image
// (mnist_average_darkness.py), and by the mean image of each digit.
func demoBaseline(w io.Writer) error {
	training, _, err := LoadTraining("")
	if err != nil {
		return err
	}
	test, err := LoadTest("")
	if err != nil {
		return err
	}
	means := meanImages(training)
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "TWO BASELINES (1.6): HOW MANY OF THE TEST IMAGES THEY READ RIGHT")
	fmt.Fprintf(out, "\n%5s%11s%13s%15s%9s\n", "digit", "mean", "by average", "by nearest", "of so")
	fmt.Fprintf(out, "%16s%13s%15s%9s\n", "darkness", "darkness", "mean image", "many")
	var all [3]int
	for digit, scores := range baselineScores(means, test) {
		darkness := 0.0
		for _, v := range means[digit] {
			darkness += v / 256
		}
		fmt.Fprintf(out, "%5d%11.2f%13d%15d%9d\n", digit, darkness, scores[0], scores[1], scores[2])
		for k, n := range scores {
			all[k] += n
		}
	}
	fmt.Fprintf(out, "%5s%24d%15d%9d\n", "all", all[0], all[1], all[2])
	percent := func(n int) float64 { return 100 * float64(n) / float64(all[2]) }
	fmt.Fprintf(out, "%27.2f %%%13.2f %%\n", percent(all[0]), percent(all[1]))
	return out.Flush()
}

// baselineScores returns, for each digit, how many of its images each of the
// two baselines reads right, and of how many (mnist_average_darkness.py: main).
func baselineScores(means [10][]float64, d *Data) (scores [10][3]int) {
	for i, label := range d.Labels {
		for k, guess := range []int{byDarkness(means, d.Image(i)), byMeanImage(means, d.Image(i)), int(label)} {
			if guess == int(label) {
				scores[label][k]++
			}
		}
	}
	return scores
}

// meanImages returns the mean of all images of each digit, 0 to 255
// (mnist_average_darkness.py: avg_darknesses takes the mean of the sums).
func meanImages(d *Data) (means [10][]float64) {
	var count [10]float64
	for digit := range means {
		means[digit] = make([]float64, d.Height*d.Width)
	}
	for i, label := range d.Labels {
		count[label]++
		for k, v := range d.Image(i) {
			means[label][k] += float64(v)
		}
	}
	for digit := range means {
		for k := range means[digit] {
			means[digit][k] /= max(count[digit], 1)
		}
	}
	return means
}

// byDarkness returns the digit whose images are on average as dark as this one,
// or nearly (mnist_average_darkness.py: guess_digit).
func byDarkness(means [10][]float64, image []byte) int {
	var nearness [10]float64
	for digit, mean := range means {
		for k, v := range image {
			nearness[digit] += mean[k] - float64(v)
		}
		nearness[digit] = -math.Abs(nearness[digit])
	}
	return argmax(nearness[:])
}

// byMeanImage returns the digit whose mean image is nearest to this one in
// ‖·‖, the length of Eq. 7 (book Eq. 6).
func byMeanImage(means [10][]float64, image []byte) int {
	var nearness [10]float64
	for digit, mean := range means {
		for k, v := range image {
			d := mean[k] - float64(v)
			nearness[digit] -= float64(d * d)
		}
	}
	return argmax(nearness[:])
}
