package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"unicode/utf8"
)

// This file is the command show, which makes digits visible: in the terminal
// and as PNG pictures.

// A showOptions is one call of show: its flags, and what they name.
type showOptions struct {
	source    *networkSource
	eval, out string
	digits    []int
	count     int
	data      *Data
	classes   int // of the data, and of the network
	screen    *textScreen
	stderr    io.Writer
}

const showHelp = `[NUMBER… | mistakes | confusion | weights]
    Shows digits by their numbers, digits that the network reads wrong, how
    often it takes a digit for which other, or the weights of its hidden
    neurons. Without an argument it shows the first digits.

Examples:
  go run . show
  go run . show mistakes -load net.json
  go run . show confusion -digits 3,5,8 -eval validation
  go run . show -data letters mistakes -load net.json
`

// show is the command that shows digits, what the network reads wrong, and what
// it has learned: in the terminal, and as a PNG picture (§1.5, Figures 1 and 12).
func show(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("show")
	o := &showOptions{screen: newScreen(stdout), stderr: stderr, source: networkFlags(f)}
	o.eval = "test"
	f.Var(&modeFlag[string]{&o.eval, []string{"test", "validation"}, sameWord}, "eval", "data to show: test or validation")
	f.StringVar(&o.out, "o", "", "PNG file to write as well")
	f.Var((*digitsFlag)(&o.digits), "digits", "show only these, e.g. 0,1")
	f.Var(&numberFlag[int]{&o.count, 0, 1e9, false}, "n", "show at most N; 0: 12 digits, and all weights")
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
		err = savePNG(o.out, enlargePicture(picture))
	}
	return errors.Join(err, o.screen.Flush())
}

// prepare checks the flags and loads the data that they name.
func (o *showOptions) prepare() (err error) {
	if err := checkTarget(o.out); err != nil {
		return err
	}
	in := inputs{load: o.source.load, data: o.source.data}
	if err := in.checkOutput("show: -o", o.out); err != nil {
		return err
	}
	if isTable(o.source.data) {
		return o.prepareTable()
	}
	if o.data, err = o.source.images(o.eval, o.stderr); err == nil && o.data.Len() == 0 {
		err = fmt.Errorf("-data %s has no %s images", o.source.data, o.eval)
	}
	return err
}

// prepareTable loads the test part of a table, scaled as the network was trained.
func (o *showOptions) prepareTable() error {
	if o.source.load == "" {
		return usagef("show -data %s needs a network: -load FILE", o.source.data)
	}
	net, file, err := loadFile(o.source.load)
	if err != nil {
		return err
	}
	flags := file.trained()
	t := tableSource{file: o.source.data, target: flags["target"], raw: file.Scaling == nil, seed: uint32(o.source.seed), classes: net.Encoding.Classes}
	trainedOn := filepath.Base(flags["data"]) == filepath.Base(t.file)
	t.whole = flags["data"] != "" && (flags["test"] != "" || !trainedOn)
	if seed, err := strconv.ParseUint(flags["seed"], 10, 32); err == nil {
		t.seed = uint32(seed) // of the split
	}
	training, test, _, err := t.load(file.Scaling)
	if err != nil {
		return err
	}
	if o.data = test; o.data.Targets != nil {
		return fmt.Errorf("%s was trained on several desired outputs, %s, which are no classes to show", o.source.load, t.target)
	}
	which := fmt.Sprintf("all %d rows", test.Len())
	switch {
	case training != test:
		which = fmt.Sprintf("the %d of %d rows that were left out of training", test.Len(), test.Len()+training.Len())
	case trainedOn:
		which += ", on which the network was trained"
	}
	fmt.Fprintf(o.stderr, "nndl: %s: %s\n", printable(t.file), which)
	return nil
}

// isWanted reports whether -digits lists a digit, or nothing.
func (o *showOptions) isWanted(digit byte) bool {
	return len(o.digits) == 0 || slices.Contains(o.digits, int(digit))
}

// showDigits shows the images with the given numbers, or the first of those
// that -digits wants (§1.5, Figure 12).
func (o *showOptions) showDigits(numbers []string) (*image.Gray, error) {
	if o.data.Inputs != nil {
		return nil, errNoPictures
	}
	var tiles []captionedImage
	for _, number := range numbers {
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= o.data.Len() {
			near := didYouMean(number, []string{"mistakes", "confusion", "weights"}, "")
			return nil, usagef("show %s: expected a number from 0 to %d, or mistakes, confusion, weights%s", number, o.data.Len()-1, near)
		}
		tiles = append(tiles, o.tile(i))
	}
	for i := 0; len(numbers) == 0 && i < o.data.Len() && len(tiles) < o.limit(12); i++ {
		if o.isWanted(o.data.Labels[i]) {
			tiles = append(tiles, o.tile(i))
		}
	}
	return o.gallery(tiles, "no such digit")
}

// limit returns the value of -n, or otherwise if it is not set.
func (o *showOptions) limit(otherwise int) int {
	if o.count == 0 {
		return otherwise
	}
	return o.count
}

// tile returns example i under its number and its digit.
func (o *showOptions) tile(i int) captionedImage {
	return captionedImage{fmt.Sprintf("%d: %s", i, printable(className(o.data.Classes, int(o.data.Labels[i])))), exampleImage(o.data, i)}
}

// gallery prints tiles and returns them as one picture; no tiles are an
// error.
func (o *showOptions) gallery(tiles []captionedImage, none string) (*image.Gray, error) {
	if len(tiles) == 0 {
		return nil, errors.New("nothing to show: " + none)
	}
	o.screen.printGallery(tiles)
	var images []*image.Gray
	for _, t := range tiles {
		images = append(images, t.image)
	}
	return imageGrid(images, min(len(images), 10)), nil
}

// network returns the network to show, if no arguments are left.
func (o *showOptions) network(rest []string) (*Network, error) {
	if len(rest) > 0 {
		return nil, usagef("show: unknown argument %q", rest[0])
	}
	net, err := o.source.network(o.data, o.stderr)
	if err == nil {
		o.classes = max(o.data.classCount(), net.Encoding.classCount(net.Sizes[net.L()]))
		if o.data.Classes == nil {
			o.data.Classes = net.Encoding.Classes
		}
	}
	return net, err
}

// outputs returns the class that the network reads in each example; the number of
// classes where it names none.
func (o *showOptions) outputs(rest []string) ([]int, error) {
	net, err := o.network(rest)
	if err != nil {
		return nil, err
	}
	said := make([]int, o.data.Len())
	err = net.forEach(o.data, func(b *batch, i, x int) {
		said[i] = min(net.Encoding.Digit(b.a[net.L()].Row(x)), o.classes)
	})
	return said, err
}

// class returns the name of a class, ? for none.
func (o *showOptions) class(class int) string {
	if class >= o.classes {
		return "?"
	}
	return printable(className(o.data.Classes, class))
}

// showMistakes shows the images that the network reads wrong, with what it
// said.
func (o *showOptions) showMistakes(rest []string) (*image.Gray, error) {
	if o.data.Inputs != nil {
		return nil, errNoPictures
	}
	said, err := o.outputs(rest)
	if err != nil {
		return nil, err
	}
	var tiles []captionedImage
	of, wrong := 0, 0
	for i, label := range o.data.Labels {
		if !o.isWanted(label) {
			continue
		}
		of++
		if said[i] == int(label) {
			continue
		}
		if wrong++; wrong <= o.limit(12) {
			t := o.tile(i)
			t.caption += ", read as " + o.class(said[i])
			tiles = append(tiles, t)
		}
	}
	fmt.Fprintf(o.screen, "%d of %d wrong\n", wrong, of)
	return o.gallery(tiles, "no mistakes")
}

// showConfusion prints how often each digit was read as each other. The picture
// has a row for each digit and a column for what was read, as dark as the
// square root of its share in the row, so that rare mistakes are seen.
func (o *showOptions) showConfusion(rest []string) (*image.Gray, error) {
	said, err := o.outputs(rest)
	if err != nil {
		return nil, err
	}
	classes := o.classes
	count := make([][]int, classes)
	for d := range count {
		count[d] = make([]int, classes+1)
	}
	for i, label := range o.data.Labels {
		if o.isWanted(label) {
			count[label][said[i]]++
		}
	}
	columns, width := classes, 6
	if slices.Contains(said, classes) {
		columns++
	}
	for d := range classes {
		width = max(width, utf8.RuneCountInString(o.class(d))+1)
	}
	picture := image.NewGray(image.Rect(0, 0, columns, classes))
	fmt.Fprintf(o.screen, "%*s", max(width+1, 7), "read as")
	for d := range columns {
		name := "none"
		if d < classes {
			name = o.class(d)
		}
		fmt.Fprintf(o.screen, "%*s", width, name)
	}
	fmt.Fprintf(o.screen, "%10s\n", "right")
	for d, row := range count {
		if !o.isWanted(byte(d)) {
			continue
		}
		total := 0
		for _, n := range row {
			total += n
		}
		fmt.Fprintf(o.screen, "%*s", max(width+1, 7), o.class(d))
		for said, n := range row[:columns] {
			fmt.Fprintf(o.screen, "%*d", width, n)
			share := float64(n) / float64(max(total, 1))
			picture.SetGray(said, d, color.Gray{Y: byte(255 - math.Round(255*math.Sqrt(share)))})
		}
		fmt.Fprintf(o.screen, "%8.2f %%\n", 100*float64(row[d])/float64(max(total, 1)))
	}
	return picture, nil
}

// showWeights shows the weights into each neuron of the first hidden layer as a
// picture of the size of the input, so that one sees what the neuron looks for:
// black where a dark pixel makes it fire, white where it keeps it from firing,
// grey where it does not matter (§1.4, Figure 11).
func (o *showOptions) showWeights(rest []string) (*image.Gray, error) {
	if o.data.Inputs != nil {
		return nil, errNoPictures
	}
	net, err := o.network(rest)
	if err != nil {
		return nil, err
	}
	o.screen.threshold = 96 // without colour, show the largest positive weights alone
	var tiles []captionedImage
	for j := range min(net.Sizes[1], o.limit(net.Sizes[1])) {
		w := net.Weights[1].Row(j)
		largest := math.SmallestNonzeroFloat64
		for _, x := range w {
			largest = max(largest, math.Abs(x))
		}
		pixels := make([]byte, len(w))
		for k, x := range w {
			pixels[k] = byte(128 + math.Round(127*x/largest))
		}
		tiles = append(tiles, captionedImage{fmt.Sprintf("neuron %d, up to %.2f", j, largest), greyImage(pixels, o.data.Width)})
	}
	return o.gallery(tiles, "no neurons")
}
