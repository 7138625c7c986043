package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// mnist returns the data that are part of the program, read once for all
// tests.
var mnist = sync.OnceValue(func() (sets struct{ training, validation, test *Data }) {
	var err error
	if sets.training, sets.validation, err = LoadTraining(""); err != nil {
		panic(err)
	}
	if sets.test, err = LoadTest(""); err != nil {
		panic(err)
	}
	return sets
})

// TestMNIST: the embedded files are MNIST to the last bit, and split as the
// book splits them.
func TestMNIST(t *testing.T) {
	d := mnist()
	for _, c := range []struct {
		name      string
		data      *Data
		len, zero int // how many examples, how many of them 0s
		first     string
	}{
		{"training", d.training, 50000, 4932, "504192"},
		{"validation", d.validation, 10000, 991, "386964"},
		{"test", d.test, 10000, 980, "721041"},
	} {
		zeros, first := 0, ""
		for i, label := range c.data.Labels {
			if label == 0 {
				zeros++
			}
			if i < 6 {
				first += fmt.Sprint(label)
			}
		}
		if c.data.Len() != c.len || zeros != c.zero || first != c.first {
			t.Errorf("%s: %d examples, %d zeros, first %s; want %d, %d, %s", c.name, c.data.Len(), zeros, first, c.len, c.zero, c.first)
		}
		if c.data.Height != 28 || c.data.Width != 28 || len(c.data.Images) != c.len*784 {
			t.Errorf("%s: %d bytes of %d×%d", c.name, len(c.data.Images), c.data.Height, c.data.Width)
		}
	}
}

// TestChecksums: the raw bytes of the four files have the checksums published
// for MNIST.
func TestChecksums(t *testing.T) {
	for name, want := range map[string]string{
		"train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
		"train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
		"t10k-images-idx3-ubyte":  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
		"t10k-labels-idx1-ubyte":  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
	} {
		sum := sha256.New()
		err := readIDX("", name, func(r io.Reader, _ uint64) error {
			_, err := io.Copy(sum, r)
			return err
		})
		if got := fmt.Sprintf("%x", sum.Sum(nil)); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
}

// TestFill: pixels are byte/256, the white ones left out, and a batch that is
// used again holds nothing of the images before.
func TestFill(t *testing.T) {
	d := mnist().training
	x := NewSparseMatrix(2, 784, &pixelValues)
	for round, order := range [][]int32{{0, 1}, {18, 7}, {49999, 3}, {18, 7}, {4, 49999}} {
		d.Fill(x, order)
		for i, o := range order {
			row := x.Sparse[i]
			for k, p := range d.Image(int(o)) {
				if p == 0 {
					continue
				}
				if len(row.Columns) == 0 || len(row.Bytes) == 0 || int(row.Columns[0]) != k || x.At(i, k) != float64(p)/256 {
					t.Fatalf("round %d, example %d: pixel %d is %d, but the row goes on with %v, %v", round, o, k, p, row.Columns, row.Bytes)
				}
				row.Columns, row.Bytes = row.Columns[1:], row.Bytes[1:]
			}
			if len(row.Columns) != 0 || len(row.Bytes) != 0 {
				t.Errorf("round %d, example %d: more elements than nonzero pixels", round, o)
			}
		}
	}
	t.Logf("pixels of 0, 128 and 255 are inputs of %v, %v and %v", pixelValues[0], pixelValues[128], pixelValues[255])
}

// idxImages returns an IDX file of n images of h×w pixels, of which data may
// hold more or less.
func idxImages(magic, n, h, w uint32, data []byte) []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.BigEndian, []uint32{magic, n, h, w})
	b.Write(data)
	return b.Bytes()
}

// idxLabels returns an IDX file of n labels.
func idxLabels(magic, n uint32, data []byte) []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.BigEndian, []uint32{magic, n})
	b.Write(data)
	return b.Bytes()
}

// zip returns data as gzip packs it.
func zip(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// smallSet writes an IDX set of n images of 2×2 pixels into a new folder and
// returns it.
func smallSet(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	pixels, labels := make([]byte, 4*n), make([]byte, n)
	for i := range n {
		labels[i] = byte(i % 10)
		pixels[4*i+i%4] = byte(25 * (i % 10))
	}
	for _, part := range []string{"train", "t10k"} {
		writeFile(t, filepath.Join(dir, part+"-images-idx3-ubyte"), idxImages(2051, uint32(n), 2, 2, pixels))
		writeFile(t, filepath.Join(dir, part+"-labels-idx1-ubyte.gz"), zip(idxLabels(2049, uint32(n), labels)))
	}
	return dir
}

// writeFile writes a file or ends the test.
func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadsIDX: other sets of the format load, plain and gzipped, and split
// five to one.
func TestReadsIDX(t *testing.T) {
	dir := smallSet(t, 60)
	training, validation, err := LoadTraining(dir)
	if err != nil {
		t.Fatal(err)
	}
	if training.Len() != 50 || validation.Len() != 10 || training.Labels[13] != 3 || validation.Image(9)[3] != 225 {
		t.Errorf("%d, %d examples, label %d, pixel %d", training.Len(), validation.Len(), training.Labels[13], validation.Image(9)[3])
	}
}

// TestBadIDX: each wrong file is one error that names the file, what was
// expected and what was found, and costs little memory.
func TestBadIDX(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	pixels := make([]byte, 60*4)
	good := idxImages(2051, 60, 2, 2, pixels)
	var broken bytes.Buffer // after its header
	z := gzip.NewWriter(&broken)
	z.Write(good[:20])
	z.Flush()
	broken.Write([]byte{7, 7, 7, 7})
	for _, c := range []struct {
		file string // the one that is replaced; nil data removes it
		data []byte
		want string
	}{
		{images, nil, "no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz in"},
		{images, []byte{}, "header of 16 bytes expected: unexpected EOF"},
		{images, good[:11], "header of 16 bytes expected: unexpected EOF"},
		{images, idxImages(2049, 60, 2, 2, pixels), "magic number is 2049, expected 2051"},
		{images, good[:100], "60 images of 2×2 pixels announced: 240 bytes expected, 84 found: unexpected EOF"},
		{images, append(bytes.Clone(good), 0), "more bytes than its header announces"},
		{images, idxImages(2051, 0, 2, 2, nil), "0 images of 2×2 pixels"},
		{images, idxImages(2051, 1<<31, 256, 256, pixels), "140737488355328 bytes expected, 240 found"},
		{images, idxImages(2051, 1<<32-1, 1<<32-1, 1<<32-1, pixels), "expected at least one, of at most 256×256"},
		{images, idxImages(2051, 1, 257, 256, make([]byte, 257*256)), "1 images of 257×256 pixels: expected at least one"},
		{images, zip(good)[:30], "unexpected EOF"},
		{images, append(zip(good)[:20], 1, 2, 3, 4, 5, 6, 7, 8, 9), "read train-images-idx3-ubyte: "},
		{images, broken.Bytes(), "60 images of 2×2 pixels announced: flate: corrupt input"},
		{images, append(zip(good)[:10], 7, 7, 7, 7, 7, 7, 7, 7, 7, 7), "read train-images-idx3-ubyte: flate: corrupt input"},
		{images, []byte{0x1f, 0x8b, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, "gzip: invalid header"},
		{images, zip(idxImages(2051, 1<<31, 28, 28, make([]byte, 1<<20))), "1683627180032 bytes expected, 1048576 found"},
		{images, zip(idxImages(2051, 60, 2, 2, make([]byte, 64<<20))), "more bytes than its header announces"},
		{labels, zip(idxLabels(2049, 60, make([]byte, 64<<20))), "more bytes than its header announces"},
		{labels, idxLabels(2051, 60, make([]byte, 60)), "magic number is 2051, expected 2049"},
		{labels, idxLabels(2049, 59, make([]byte, 59)), "train: 60 images but 59 labels"},
		{labels, idxLabels(2049, 1<<32-1, make([]byte, 59)), "4294967295 bytes expected, 59 found"},
	} {
		dir := smallSet(t, 60)
		os.Remove(filepath.Join(dir, c.file+".gz"))
		os.Remove(filepath.Join(dir, c.file))
		if c.data != nil {
			writeFile(t, filepath.Join(dir, c.file), c.data)
		}
		var err error
		used := allocated(func() { _, _, err = LoadTraining(dir) })
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "train") {
			t.Errorf("error %v, want one that holds %q", err, c.want)
		}
		if used > 16<<20 {
			t.Errorf("%v: %d bytes of memory used", err, used)
		}
	}
}

// TestBomb: a small file that its header says to be huge, and that becomes
// huge, ends with the memory there is.
func TestBomb(t *testing.T) {
	dir := t.TempDir()
	bomb := zip(idxImages(2051, 1<<31, 28, 28, make([]byte, 64<<20)))
	writeFile(t, filepath.Join(dir, "train-images-idx3-ubyte.gz"), bomb)
	limitMemory(t, 200<<20)
	var err error
	used := allocated(func() { _, _, err = LoadTraining(dir) })
	if want := "too many for the 0.21 GB of memory here"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that holds %q", err, want)
	}
	if used > 100<<20 {
		t.Errorf("%d bytes of memory used for a file of %d", used, len(bomb))
	}
}

// wantRefusal: an error is one line, names the file, and is no io.EOF, which
// would mean that the file ends where it may.
func wantRefusal(t *testing.T, err error, name string) {
	t.Helper()
	if message := err.Error(); !strings.Contains(message, name) || strings.ContainsAny(message, "\r\n") || errors.Is(err, io.EOF) {
		t.Errorf("error %q, want one line that names %s, no io.EOF", message, name)
	}
}

// zipped reports whether a file begins as gzip does.
func zipped(file []byte) bool { return bytes.HasPrefix(file, []byte{0x1f, 0x8b}) }

// limit returns how many bytes a file can hold, gzipped or not.
func room(file []byte) int {
	if zipped(file) {
		return 1032 * len(file)
	}
	return len(file)
}

// unzipped returns what a file holds, gzipped or not.
func unzipped(t *testing.T, file []byte) []byte {
	t.Helper()
	if !zipped(file) {
		return file
	}
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// FuzzIDX: no two files crash the reader of MNIST's format or cost much more
// memory than they hold. What it takes is to the last byte what the format says,
// and fills a mini-batch; cut off anywhere, it ends too early.
func FuzzIDX(f *testing.F) {
	images := idxImages(2051, 6, 2, 3, []byte("\x00\x01\xff\x00\x00\x00......######%%%%%%++++++      "))
	labels := idxLabels(2049, 6, []byte{0, 9, 1, 8, 2, 7})
	f.Add(images, labels, uint16(17))
	f.Add(zip(images), zip(labels), uint16(20))
	f.Add(images, zip(labels), uint16(3))
	f.Add(images[:40], labels, uint16(0))
	f.Add(idxImages(2051, 1<<31, 256, 256, nil), labels, uint16(0))
	f.Add(zip(idxImages(2051, 1<<20, 28, 28, make([]byte, 1<<20))), labels, uint16(0))
	f.Add(images, append(bytes.Clone(labels), 0), uint16(0))
	f.Add(idxImages(2051, 1, 256, 256, bytes.Repeat([]byte{7, 0, 0}, 1<<16)[:1<<16]), idxLabels(2049, 1, []byte{3}), uint16(0))
	f.Fuzz(func(t *testing.T, images, labels []byte, cut uint16) {
		dir := t.TempDir()
		name := filepath.Join(dir, "train-images-idx3-ubyte")
		writeFile(t, name, images)
		writeFile(t, filepath.Join(dir, "train-labels-idx1-ubyte"), labels)
		var d *Data
		var err error
		used := allocated(func() { d, err = readPart(dir, "train") })
		if most := 4<<20 + 6*(room(images)+room(labels)); used > uint64(most) {
			t.Errorf("%d bytes of memory used for files of %d and %d", used, len(images), len(labels))
		}
		if err != nil {
			wantRefusal(t, err, "train")
			return
		}
		n := d.Len()
		if !bytes.Equal(unzipped(t, images), idxImages(2051, uint32(n), uint32(d.Height), uint32(d.Width), d.Images)) ||
			!bytes.Equal(unzipped(t, labels), idxLabels(2049, uint32(n), d.Labels)) {
			t.Errorf("%d images of %d×%d are not what the files hold", n, d.Height, d.Width)
		}
		x := NewSparseMatrix(1, d.Height*d.Width, &pixelValues)
		(d).Fill(x, []int32{int32(cut) % int32(n)})
		for k, p := range d.Image(int(cut) % n) {
			if got := x.At(0, k); got != float64(p)/256 {
				t.Errorf("input %d is %v for the grey value %d", k, got, p)
			}
		}
		if zipped(images) {
			return // where it may be cut off at the end of a member
		}
		writeFile(t, name, images[:int(cut)%len(images)])
		if _, err := readPart(dir, "train"); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut off at %d of %d bytes: error %v, want io.ErrUnexpectedEOF", int(cut)%len(images), len(images), err)
		}
	})
}

// TestOnly: a subset of digits keeps their images and their order.
func TestOnly(t *testing.T) {
	d := mnist()
	for _, c := range []struct {
		data *Data
		want int
	}{{d.training, 10610}, {d.validation, 2055}, {d.test, 2115}} {
		only := c.data.FilterDigits([]int{0, 1})
		if only.Len() != c.want || len(only.Images) != c.want*784 {
			t.Errorf("0s and 1s: %d, want %d", only.Len(), c.want)
		}
		j := 0
		for i, label := range c.data.Labels {
			if label < 2 {
				if only.Labels[j] != label || !bytes.Equal(only.Image(j), c.data.Image(i)) {
					t.Fatalf("example %d is not the one at %d", j, i)
				}
				j++
			}
		}
	}
}

// TestFileNames: the names that IDX sets have are found, in folders of the same
// name too; what is not is told with what is there.
func TestFileNames(t *testing.T) {
	for _, c := range []struct{ train, test, want string }{
		{"train-%s-idx%d-ubyte", "t10k-%s-idx%d-ubyte", ""},
		{"train-%s.idx%d-ubyte", "t10k-%s.idx%d-ubyte", ""},
		{"train-%[1]s-idx%[2]d-ubyte/train-%[1]s-idx%[2]d-ubyte", "test-%s-idx%d-ubyte", ""},
		{"emnist-letters-train-%s-idx%d-ubyte", "emnist-letters-test-%s-idx%d-ubyte", ""},
		{"tr-%s-idx%d", "te-%s-idx%d", "found te-images-idx3, te-labels-idx1.gz, tr-images-idx3, tr-labels-idx1.gz"},
	} {
		from, dir := smallSet(t, 60), t.TempDir()
		for old, name := range map[string]string{"train": c.train, "t10k": c.test} {
			for what, n := range map[string]int{"images": 3, "labels": 1} {
				end := ""
				if what == "labels" {
					end = ".gz"
				}
				target := filepath.Join(dir, fmt.Sprintf(name, what, n)+end)
				os.MkdirAll(filepath.Dir(target), 0o755)
				if err := os.Rename(filepath.Join(from, fmt.Sprintf("%s-%s-idx%d-ubyte", old, what, n)+end), target); err != nil {
					t.Fatal(err)
				}
			}
		}
		status, _, stderr := runs("-data", dir, "-sizes", "4,10", "-epochs", "1")
		if c.want == "" && status != 0 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %s; want %q", c.train, status, stderr, c.want)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, nil)
	if _, _, stderr := runs("-data", file); !strings.Contains(stderr, "is a file, expected a folder") {
		t.Error(stderr)
	}
}

// TestSetsThatDoNotFit: test images of another size than the training images are
// refused with both sizes, and no validation images are missed that nothing asks
// for.
func TestSetsThatDoNotFit(t *testing.T) {
	dir := smallSet(t, 60)
	writeFile(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), idxImages(2051, 60, 1, 4, make([]byte, 240)))
	want := "test images of 1×4 pixels, but training images of 2×2"
	if status, stdout, stderr := runs("-data", dir, "-sizes", "4,10"); status != 1 || stdout != "" || !strings.Contains(stderr, want) {
		t.Errorf("status %d, %q, %q; want %q", status, stdout, stderr, want)
	}
	few := smallSet(t, 5)
	if status, _, stderr := runs("-data", few, "-sizes", "4,10", "-epochs", "1"); status != 0 {
		t.Error(stderr)
	}
	want = "has no validation images: of 5 training images, a sixth is for validation"
	if status, _, stderr := runs("-data", few, "-sizes", "4,10", "-epochs", "1", "-stop-after", "2"); status != 2 || !strings.Contains(stderr, want) {
		t.Errorf("status %d, %s, want %q", status, stderr, want)
	}
}
