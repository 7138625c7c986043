package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// This file is the command pack, which makes a set of images of many pictures.

const packHelp = `-o DIR [-raw] [-seed N] FOLDER
    Makes a data set of your own pictures. FOLDER has a subfolder for each
    class, and in it PNG or JPEG pictures of one digit, letter or sign each.
    DIR gets four IDX files and labels.txt, the names of the subfolders; one
    picture in six is for the test. The pictures are prepared as classify
    prepares them: background removed, 20 pixels high or wide, centred in
    28×28. With -raw they stay as they are, grey levels of 0 to 255, all of
    one size of up to 256×256; MNIST's digits are white on black.

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
	p, err := newPacker(args, stderr)
	if err != nil {
		return err
	}
	p.status = progressPrinter(stderr)
	return p.run(stdout, stderr)
}

// newPacker returns the packer that a command line describes.
func newPacker(args []string, stderr io.Writer) (*packer, error) {
	f := commandFlags("pack")
	p := &packer{seed: bookSeed}
	f.StringVar(&p.out, "o", "", "folder for the data set; it is made where there is none")
	f.BoolVar(&p.raw, "raw", false, "leave the pictures as they are")
	f.Var(&numberFlag[uint64]{&p.seed, 0, math.MaxUint32, false}, "seed", "seed of the split and of the order")
	words, err := readCommand(f, packHelp, args, stderr)
	switch {
	case err != nil:
		return nil, err
	case len(words) != 1:
		return nil, usagef("pack: %s, expected one, with a subfolder per class", plural(len(words), "folder"))
	case p.out == "":
		return nil, usagef("pack: -o must name a folder for the data set")
	}
	p.folder = words[0]
	return p, nil
}

// run makes the set and says what is in it.
func (p *packer) run(stdout, stderr io.Writer) error {
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
	folders := []string{p.folder}
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(p.folder, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			if strings.ContainsAny(e.Name(), "\r\n") {
				return fmt.Errorf("%s: subfolder %q, expected a name of one line", p.folder, e.Name())
			}
			p.classes = append(p.classes, e.Name())
			folders = append(folders, filepath.Join(p.folder, e.Name())) // which may be a link
		}
	}
	for _, folder := range folders {
		if isInside(p.out, folder) {
			return usagef("pack: -o %s is in %s, expected a folder outside the pictures", p.out, folder)
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
// by the seed, is for the test; then both parts are mixed, since the last training
// images are the validation data, and -eval-size scores the first of the test.
func (p *packer) readClasses() error {
	random := NewPythonRandom(uint32(p.seed))
	var train, test Data
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
				to = &test
			}
			to.Images, to.Labels = append(to.Images, images[k]...), append(to.Labels, byte(class))
		}
	}
	for _, part := range []struct{ from, to *Data }{{&train, &p.train}, {&test, &p.test}} {
		from, to := part.from, part.to
		from.Height, from.Width = p.train.Height, p.train.Width
		for _, k := range shuffled(from.Len(), random) {
			to.Images, to.Labels = append(to.Images, from.Image(int(k))...), append(to.Labels, from.Labels[k])
		}
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
	_, digits, err := p.digits()
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
