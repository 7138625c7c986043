package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An otherSet is an IDX set that is not MNIST, made of its digits.
type otherSet struct {
	name, flags string // of a training that learns it
	dir         string
	sizes       string // that follow from the data
	names       []string
	least       int    // right of 600
	read        string // part of what classify prints for testdata/lines.png
}

// otherSets writes a set of 26 letters as EMNIST has them, one of two classes without
// names, and one of 32×32 pixels with names.
func otherSets(t *testing.T) []otherSet {
	t.Helper()
	write := func(prefix, test string, side int, change func(i int, digit byte, image []byte) ([]byte, byte)) string {
		dir := t.TempDir()
		d := mnist().training
		for part, lo := range map[string]int{"train": 0, test: 3600} {
			n := 3600
			if part == test {
				n = 600
			}
			var pixels, labels []byte
			for i := lo; i < lo+n; i++ {
				image, label := change(i, d.Labels[i], slices.Clone(d.Image(i)))
				pixels, labels = append(pixels, image...), append(labels, label)
			}
			writeFile(t, filepath.Join(dir, prefix+part+"-images-idx3-ubyte"), idxImages(2051, uint32(n), uint32(side), uint32(side), pixels))
			writeFile(t, filepath.Join(dir, prefix+part+"-labels-idx1-ubyte"), idxLabels(2049, uint32(n), labels))
		}
		return dir
	}
	letters := write("emnist-letters-", "test", 28, func(i int, digit byte, image []byte) ([]byte, byte) {
		image, label := letterImage(i, digit, image)
		d := &Data{Height: 28, Width: 28, Images: image, Labels: []byte{0}}
		d.transpose()
		return image, label
	})
	mapping, names := "", []string{}
	for k := 1; k <= 26; k++ {
		mapping += fmt.Sprintf("%d %d %d\n", k, 64+k, 96+k)
		names = append(names, string(rune(64+k)))
	}
	writeFile(t, filepath.Join(letters, "emnist-letters-mapping.txt"), []byte(mapping))
	two := write("", "t10k", 28, func(_ int, digit byte, image []byte) ([]byte, byte) { return image, digit % 2 })
	large := write("", "t10k", 32, func(_ int, digit byte, image []byte) ([]byte, byte) { return imageOfSide(image, 32), digit })
	writeFile(t, filepath.Join(large, "labels.txt"), []byte("nought\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"))
	learn := "-cost cross-entropy -init default -eta 0.5 -epochs 6"
	return []otherSet{
		{"letters", learn, letters, "784,30,26", names, 420, ""},
		{"two classes", learn, two, "784,30,2", []string{"0", "1"}, 540, ""},
		{"32×32", learn + " -sizes 1024,30,10", large, "1024,30,10", []string{"nought", "nine"}, 510, "seven"},
	}
}

// letterImage returns a digit as one of 26 letters: as it is, as its negative, or with
// its upper and lower half in each other's place.
func letterImage(i int, digit byte, image []byte) ([]byte, byte) {
	switch {
	case i%3 == 1:
		for k := range image {
			image[k] = 255 - image[k]
		}
		return image, 11 + digit
	case i%3 == 2 && digit < 6:
		return slices.Concat(image[392:], image[:392]), 21 + digit
	}
	return image, 1 + digit
}

// TestOtherSets: sets of 26 classes, of 2, and of 32×32 pixels train, resume, stop
// early, and are shown and read, with the names of their classes.
func TestOtherSets(t *testing.T) {
	for _, c := range otherSets(t) {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			whole, part, checkpoint := filepath.Join(dir, "whole.json"), filepath.Join(dir, "part.json"), filepath.Join(dir, "checkpoint.json")
			must := func(args ...string) string {
				t.Helper()
				status, stdout, stderr := runs(args...)
				if status != 0 {
					t.Fatalf("%v: status %d, %s", args, status, stderr)
				}
				return stdout + stderr
			}
			train := append(strings.Fields(c.flags), "-data", c.dir)
			out := must(append(train, "-save", whole)...)
			if sizes := "sizes [" + strings.ReplaceAll(c.sizes, ",", " ") + "]"; !strings.Contains(out, sizes) || lastRight(out) < c.least {
				t.Errorf("%d / 600, want %d; %s", lastRight(out), c.least, out)
			}
			must(append(train, "-epochs", "2", "-checkpoint", checkpoint)...)
			must("-resume", checkpoint, "-epochs", "6", "-save", part)
			if !sameFiles(t, whole, part) {
				t.Error("resumed, it is another network")
			}
			other := filepath.Join(dir, "other")
			if err := os.CopyFS(other, os.DirFS(c.dir)); err != nil {
				t.Fatal(err)
			}
			if status, _, stderr := runs("-resume", checkpoint, "-data", other, "-epochs", "3"); status != 0 {
				t.Errorf("resumed with the same data elsewhere: status %d, %s", status, stderr)
			}
			spoil(t, other)
			if status, _, stderr := runs("-resume", checkpoint, "-data", other, "-epochs", "4"); status != 1 || !strings.Contains(stderr, "made with other training data") {
				t.Errorf("resumed with other data: status %d, %s", status, stderr)
			}
			if out := must(append(train, "-epochs", "60", "-stop-after", "1")...); strings.Contains(out, "Epoch 59:") || !strings.Contains(out, "Best network") {
				t.Errorf("early stopping: %s", out)
			}
			source := []string{"-data", c.dir, "-load", whole}
			confusion := must(append([]string{"show", "confusion"}, source...)...)
			mistakes := must(append([]string{"show", "mistakes", "-n", "20"}, source...)...)
			for _, name := range c.names {
				if !strings.Contains(confusion, " "+name+" ") {
					t.Errorf("%q is not in the confusions\n%s", name, confusion)
				}
			}
			if !strings.Contains(mistakes, "read as ") || !strings.Contains(must(append([]string{"show", "weights", "-n", "1"}, source...)...), "neuron 0") {
				t.Errorf("mistakes: %s", mistakes)
			}
			if out := must("classify", "-load", whole, filepath.Join("testdata", "lines.png")); !strings.Contains(out, c.read) || len(regexp.MustCompile(`number \d+, \d+×`).FindAllString(out, -1)) != 11 {
				t.Errorf("classify: %s", out)
			}
			check := []string{"check", "-data", c.dir, "-sizes", strings.Replace(c.sizes, ",30,", ",2,", 1), "-batch", "1"}
			if out := must(check...); !strings.Contains(out, "good (at most 1e-7)") {
				t.Errorf("check: %s", out)
			}
		})
	}
}

// TestTransposed: a set in EMNIST's names trains as the same set in MNIST's names with
// its images upright, and so does one in MNIST's names with -transpose; the commands
// that show it turn it, too, and say so.
func TestTransposed(t *testing.T) {
	emnist, lying, upright := classSet(t, "emnist-digits-", 300, plainClass), t.TempDir(), t.TempDir()
	for _, part := range []string{"train", "test"} {
		images, err := os.ReadFile(filepath.Join(emnist, "emnist-digits-"+part+"-images-idx3-ubyte"))
		if err != nil {
			t.Fatal(err)
		}
		labels, err := os.ReadFile(filepath.Join(emnist, "emnist-digits-"+part+"-labels-idx1-ubyte"))
		if err != nil {
			t.Fatal(err)
		}
		d := &Data{Height: 28, Width: 28, Images: slices.Clone(images[16:]), Labels: labels[8:]}
		d.transpose()
		for dir, file := range map[string][]byte{lying: images, upright: slices.Concat(images[:16], d.Images)} {
			writeFile(t, filepath.Join(dir, part+"-images-idx3-ubyte"), file)
			writeFile(t, filepath.Join(dir, part+"-labels-idx1-ubyte"), labels)
		}
	}
	train := strings.Fields("-init default -cost cross-entropy -eta 0.5 -epochs 2 -data")
	_, want, stderr := runs(append(train, upright)...)
	if want == "" || strings.Contains(stderr, "turned") {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{{emnist}, {emnist, "-transpose"}, {lying, "-transpose"}, {lying, "-transpose", "-eval", "test"}} {
		if _, got, stderr := runs(append(train, args...)...); got != want || !strings.Contains(strings.ReplaceAll(stderr, "\n     ", ""), "images turned over their diagonal") {
			t.Errorf("%v: %q, want %q; %s", args[1:], got, want, stderr)
		}
	}
	if _, got, _ := runs(append(train, lying)...); got == want {
		t.Error("the images are trained as they lie, with the same result")
	}
	_, want, _ = runs("show", "0", "1", "-data", upright)
	for _, args := range [][]string{{emnist}, {lying, "-transpose"}} {
		_, got, stderr := runs(append([]string{"show", "0", "1", "-data"}, args...)...)
		if got != want || strings.Count(stderr, "turned over their diagonal") != 1 {
			t.Errorf("show %v: %s; %s", args[1:], got, stderr)
		}
	}
	_, want, _ = runs("classify", "-data", upright, filepath.Join("testdata", "large.png"))
	_, got, stderr := runs("classify", "-transpose", "-data", lying, filepath.Join("testdata", "large.png"))
	if got != want || !strings.Contains(stderr, "turned over their diagonal") {
		t.Errorf("classify: %s; %s", got, stderr)
	}
	for _, command := range []string{"", "show", "classify testdata/large.png", "tune"} {
		if status, _, stderr := runs(append(strings.Fields(command), "-transpose")...); status != 2 || !strings.Contains(stderr, "-transpose turns the images of -data DIR") {
			t.Errorf("%q: status %d, %s", command, status, stderr)
		}
	}
}

// plainClass leaves a digit's label as it is.
func plainClass(_ int, digit byte) byte { return digit }

// TestTuneOtherData: tune looks at another set, or at a table, as at MNIST, with as
// many examples as there are, and recommends a line that can be run.
func TestTuneOtherData(t *testing.T) {
	two := classSet(t, "", 200, func(_ int, digit byte) byte { return digit % 2 })
	letters := classSet(t, "emnist-letters-", 300, func(_ int, digit byte) byte { return digit + 1 })
	writeFile(t, filepath.Join(letters, "labels.txt"), []byte("-\nalpha\nbeta\nc\nd\ne\nf\ng\nh\ni\nj\n"))
	spaced := filepath.Join(t.TempDir(), "my letters")
	if err := os.Rename(letters, spaced); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want, recommended string }{
		{two, "Step 1, all 2 classes, no hidden layer.", "-sizes 784,"},
		{spaced, "Step 1, strip the problem down (§3.7.1): alpha and beta, no hidden layer.", "-data '" + spaced + "' -sizes 784,"},
		{filepath.Join("docs", "examples", "iris.csv"), "Step 1, all 3 classes, no hidden layer.", "iris.csv -sizes 4,"},
	} {
		status, stdout, stderr := runs("tune", "-train-size", "20", "-epochs", "1", "-data", c.args)
		if status != 0 || !strings.HasPrefix(stdout[strings.Index(stdout, "Step"):], c.want) {
			t.Fatalf("%s: status %d, %s; %s", c.args, status, stdout, stderr)
		}
		last := stdout[strings.LastIndex(stdout, "\ngo run . ")+len("\ngo run . "):]
		if !strings.Contains(last, c.recommended) {
			t.Errorf("%s: recommends %s", c.args, last)
		}
		args := strings.Fields(strings.Replace(last, "'"+spaced+"'", "SPACED", 1))
		for i := range args {
			if args[i] == "SPACED" {
				args[i] = spaced
			}
		}
		if status, _, stderr := runs(append(args, "-epochs", "1")...); status != 0 {
			t.Errorf("%s: %s", last, stderr)
		}
	}
}

// TestOtherSetsThatDoNotFit: an error names the file, what was found and what was
// wanted.
func TestOtherSetsThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, sizes ...int) string {
		file := filepath.Join(dir, name)
		if err := large(sizes, NewNumPyRandom(1)).Save(file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	oblong, letters, mnistNet := save("oblong.json", 600, 10), save("letters.json", 784, 27), save("mnist.json", 784, 10)
	small := smallSet(t, 60)
	named := classSet(t, "", 60, plainClass)
	writeFile(t, filepath.Join(named, "labels.txt"), []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n"))
	short := smallSet(t, 60)
	writeFile(t, filepath.Join(short, "t10k-labels-idx1-ubyte.gz"), zip(idxLabels(2049, 59, make([]byte, 59))))
	for _, c := range []struct{ args, want string }{
		{"classify testdata/large.png -load " + oblong, oblong + ": a network of [600 10] neurons, expected 784 in the first layer"},
		{"classify testdata/large.png -data " + small, "images of 2×2 pixels, expected 28×28, or another square of at least 8×8"},
		{"show confusion -load " + letters, letters + ": a network of [784 27] neurons, expected 784 in the first layer, one per pixel, and 10 in the last"},
		{"show confusion -data " + named + " -load " + mnistNet, mnistNet + ": a network of [784 10] neurons, expected 784 in the first layer, one per pixel, and 11 in the last"},
		{"-sizes 4,10 -data " + short, filepath.Join(short, "t10k") + ": 60 images but 59 labels"},
		{"-data " + named + " -load " + mnistNet, "-sizes ends with 10, but must end with 11 output neurons, one per class"},
		{"-data " + named + " -sizes 784,10", "-sizes ends with 10, but must end with 11 output neurons, one per class"},
		{"show -data " + filepath.Join("docs", "examples", "iris.csv"), "needs a network: -load FILE"},
	} {
		if status, stdout, stderr := runs(strings.Fields(c.args)...); status == 0 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %q, %s, want %q", c.args, status, stdout, stderr, c.want)
		}
	}
	if status, _, stderr := runs("-sizes", "4,10", "-epochs", "1", "-data", smallSet(t, 6)); status != 0 { // labels 0 to 5 alone
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestImageOfSide: an image for a network of another size keeps its place in a larger
// one, and its mean in a smaller one.
func TestImageOfSide(t *testing.T) {
	prepared := mnist().test.Image(0)
	if !bytes.Equal(imageOfSide(prepared, 28), prepared) {
		t.Error("28×28 is another image")
	}
	larger := imageOfSide(prepared, 32)
	for i, v := range larger {
		x, y := i%32-2, i/32-2
		if inside := x >= 0 && y >= 0 && x < 28 && y < 28; inside && v != prepared[28*y+x] || !inside && v != 0 {
			t.Fatalf("pixel %d,%d is %d", x, y, v)
		}
	}
	half := imageOfSide(prepared, 14)
	for i, v := range half {
		x, y := 2*(i%14), 2*(i/14)
		sum := int(prepared[28*y+x]) + int(prepared[28*y+x+1]) + int(prepared[28*y+28+x]) + int(prepared[28*y+28+x+1])
		if int(v) != (sum+2)/4 {
			t.Errorf("pixel %d,%d is %d of the sum %d", x, y, v, sum)
		}
	}
	for _, side := range []int{8, 16, 20, 27} {
		mean := func(image []byte) (sum float64) {
			for _, v := range image {
				sum += float64(v) / float64(len(image))
			}
			return sum
		}
		if a, b := mean(prepared), mean(imageOfSide(prepared, side)); a-b > 0.5 || b-a > 0.5 {
			t.Errorf("side %d: the mean is %v, want %v", side, b, a)
		}
	}
}

// spoil changes the first of the training labels of a set to another class.
func spoil(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*train-labels*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	text[8] = text[8+slices.IndexFunc(text[8:], func(label byte) bool { return label != text[8] })] // a label that occurs
	writeFile(t, names[0], text)
}

// TestPlainBesideZip: of a file and its compressed copy the first is read; two others
// are refused.
func TestPlainBesideZip(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "train-images.idx3-ubyte"), []byte("plain"))
	writeFile(t, filepath.Join(dir, "train-images.idx3-ubyte.gz"), []byte("packed"))
	f, name, err := openIDX(dir, "train-images-idx3-ubyte")
	if err != nil || name != "train-images.idx3-ubyte" {
		t.Fatalf("opened %q, error %v", name, err)
	}
	f.Close()
	writeFile(t, filepath.Join(dir, "other-train-images-idx3-ubyte"), []byte("other"))
	if _, _, err := openIDX(dir, "train-images-idx3-ubyte"); err == nil || !strings.Contains(err.Error(), "several files") {
		t.Errorf("error %v", err)
	}
}

// TestQMNISTLabels: the first column of QMNIST's labels is the digit, one byte of a
// word of four.
func TestQMNISTLabels(t *testing.T) {
	file := func(labels ...uint32) io.Reader {
		var b bytes.Buffer
		binary.Write(&b, binary.BigEndian, []uint32{3074, uint32(len(labels)), 2})
		for _, label := range labels {
			binary.Write(&b, binary.BigEndian, []uint32{label, 999})
		}
		return &b
	}
	if got, err := readExtendedLabels(file(3, 255), 1000); err != nil || !bytes.Equal(got, []byte{3, 255}) {
		t.Errorf("%v, error %v", got, err)
	}
	if _, err := readExtendedLabels(file(3, 256), 1000); err == nil || !strings.Contains(err.Error(), "label 1 is 256, expected 0 to 255") {
		t.Errorf("error %v", err)
	}
}
