package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// This file reads IDX, the format of MNIST's files and of other sets, plain or
// gzipped, from the program itself or from a folder, under the names that such
// files have.

//go:embed data/*.gz
var embedded embed.FS

// readIDX opens a file of MNIST, plain or gzipped, and hands its bytes to read,
// which must use all of them, with the number of bytes that a file of its size
// can hold at most.
func readIDX(dir, name string, read func(r io.Reader, limit uint64) error) error {
	const deflate = 1032 // no byte of a deflated file becomes more than these
	f, name, err := openIDX(dir, name)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = bufio.NewReaderSize(f, 1<<16)
	limit := uint64(0)
	if info, err := f.Stat(); err == nil {
		limit = uint64(max(0, info.Size()))
	}
	if head, _ := r.(*bufio.Reader).Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		limit *= deflate
	}
	if err := read(r, limit); err != nil {
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

// idxName is how the files of IDX sets are called: MNIST's with a dot or a hyphen,
// EMNIST's with what they hold in front, and test for t10k in some others.
var idxName = regexp.MustCompile(`^(?:(.+)-)?(train|t10k|test)-(images|labels)[-.]idx\d-(?:ubyte|int)(\.gz)?$`)

// openIDX opens the file of a set that has the given name, or a name like it, in
// dir or in a folder there of that name; where dir is empty, in the program
// itself. It returns the name that it found.
func openIDX(dir, name string) (fs.File, string, error) {
	if dir == "" {
		name = "data/" + name + ".gz"
		f, err := embedded.Open(name)
		return f, name, err
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, "", fmt.Errorf("-data %s is a file, expected a folder with the four IDX files of MNIST, or of a set in its format; or a table, a file that ends in .csv", dir)
	}
	entries, _ := os.ReadDir(dir)
	var found, there []string
	for _, e := range entries {
		there = append(there, e.Name())
		if !sameIDX(e.Name(), name) {
			continue
		}
		file := filepath.Join(dir, e.Name())
		if e.IsDir() { // as some archives unpack
			inner, _ := os.ReadDir(file)
			for _, i := range inner {
				if sameIDX(i.Name(), name) && !i.IsDir() {
					found = append(found, filepath.Join(file, i.Name()))
				}
			}
			continue
		}
		found = append(found, file)
	}
	if i := slices.Index(found, filepath.Join(dir, name)); i >= 0 {
		found = found[i : i+1]
	} else if len(found) == 2 && found[0]+".gz" == found[1] {
		found = found[:1]
	}
	switch len(found) {
	case 0:
		list := strings.Join(there[:min(len(there), 10)], ", ")
		if list == "" {
			list = "nothing"
		}
		return nil, "", fmt.Errorf("no file %s or %s.gz in %s: -data must name a folder with the four IDX files of MNIST, or of a set in its format; found %s", name, name, dir, list)
	case 1:
		f, err := os.Open(found[0])
		return f, strings.TrimPrefix(found[0], filepath.Clean(dir)+string(filepath.Separator)), err
	}
	return nil, "", fmt.Errorf("-data %s has several files for %s: %s; keep one set in a folder", dir, name, strings.Join(found, ", "))
}

// sameIDX reports whether a file may be the one of MNIST's name (§1.5).
func sameIDX(file, name string) bool {
	a, b := idxName.FindStringSubmatch(file), idxName.FindStringSubmatch(name)
	if a == nil {
		return false
	}
	if a[2] == "test" {
		a[2] = "t10k"
	}
	return slices.Equal(a[2:4], b[2:4])
}

// readImages reads an IDX file of images: magic number 2051, count, height,
// width, each 32 bits, most significant byte first; then the pixels.
func readImages(r io.Reader, limit uint64) (height, width int, images []byte, err error) {
	var head [4]uint32
	if err := readHeader(r, head[:], 2051, "images"); err != nil {
		return 0, 0, nil, err
	}
	n, h, w := uint64(head[1]), uint64(head[2]), uint64(head[3])
	if n == 0 || h == 0 || w == 0 || h > 256 || w > 256 { // the columns of a SparseRow have 16 bits
		return 0, 0, nil, fmt.Errorf("%d images of %d×%d pixels: expected at least one, of at most 256×256", n, h, w)
	}
	images, err = readExactly(r, n*h*w, limit)
	if err != nil {
		return 0, 0, nil, fmt.Errorf("%d images of %d×%d pixels announced: %w", n, h, w, err)
	}
	return int(h), int(w), images, nil
}

// readLabels reads an IDX file of labels: magic number 2049, count, then a byte
// each. QMNIST's have the number 3074: count, columns, then rows of numbers of 32
// bits, of which the first is the label.
func readLabels(r io.Reader, limit uint64) (labels []byte, err error) {
	var head [2]uint32
	b := bufio.NewReader(r)
	if start, _ := b.Peek(4); bytes.Equal(start, []byte{0, 0, 0x0c, 2}) {
		return readExtendedLabels(b, limit)
	}
	r = b
	if err := readHeader(r, head[:], 2049, "labels"); err != nil {
		return nil, err
	}
	labels, err = readExactly(r, uint64(head[1]), limit)
	if err != nil {
		return nil, fmt.Errorf("%d labels announced: %w", head[1], err)
	}
	return labels, nil
}

// readExtendedLabels reads QMNIST's labels.
func readExtendedLabels(r io.Reader, limit uint64) (labels []byte, err error) {
	var head [3]uint32
	if err := readHeader(r, head[:], 3074, "labels"); err != nil {
		return nil, err
	}
	n, columns := uint64(head[1]), uint64(head[2])
	if columns == 0 || columns > 64 {
		return nil, fmt.Errorf("%d columns of labels, expected 1 to 64", columns)
	}
	rows, err := readExactly(r, 4*n*columns, limit)
	if err != nil {
		return nil, fmt.Errorf("%d labels announced: %w", n, err)
	}
	for i := range int(n) {
		label := binary.BigEndian.Uint32(rows[4*int(columns)*i:])
		if label > 255 {
			return nil, fmt.Errorf("label %d is %d, expected 0 to 255", i, label)
		}
		labels = append(labels, byte(label))
	}
	return labels, nil
}

// readHeader reads the numbers at the head of an IDX file and checks the first,
// the magic number.
func readHeader(r io.Reader, head []uint32, magic uint32, what string) error {
	if err := binary.Read(r, binary.BigEndian, head); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return fmt.Errorf("header of %d bytes expected: %w", 4*len(head), io.ErrUnexpectedEOF)
		}
		return err
	}
	if head[0] != magic {
		return fmt.Errorf("magic number is %d, expected %d, an IDX file of %s", head[0], magic, what)
	}
	return nil
}

// readExactly reads n bytes from a file that can hold at most limit. A header
// that lies costs little: the first piece of memory is no larger than the file
// can fill, nor than MNIST needs; more is taken as more bytes arrive, as far as
// the machine has it.
func readExactly(r io.Reader, n, limit uint64) ([]byte, error) {
	first := max(1<<20, min(limit, 60000*28*28))
	var data []byte
	for uint64(len(data)) < n {
		have := len(data)
		size := min(n, max(first, 4*uint64(have)))
		if there := memoryLimit(); float64(have)+float64(size) > there {
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

// idxHead returns the head of an IDX file: numbers of 32 bits, most significant
// byte first.
func idxHead(numbers ...int) (head []byte) {
	for _, n := range numbers {
		head = append(head, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return head
}

// shiftLabels makes labels count from the first class of a set that has a name, as
// those of EMNIST's letters, 1 to 26, do not. They are of one part of the set in dir.
func shiftLabels(labels []byte, classes []string, first int, dir, part string) error {
	for i, label := range labels {
		if c := int(label) - first; c < 0 || c >= len(classes) {
			return fmt.Errorf("%s names %d classes, but %s-labels has a label %d", dir, len(classes), part, label)
		}
		labels[i] = label - byte(first)
	}
	return nil
}

// classNames returns the names of the classes, if dir has them, and the label of the
// first: the lines of labels.txt, from 0 on, or EMNIST's mapping of labels to
// character codes.
func classNames(dir string) (classes []string, first int, err error) {
	name := filepath.Join(dir, "labels.txt")
	if text, err := os.ReadFile(name); err == nil {
		lines := strings.TrimPrefix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\ufeff")
		classes = strings.Split(strings.TrimRight(lines, "\n"), "\n")
	} else if names, _ := filepath.Glob(filepath.Join(dir, "*-mapping.txt")); len(names) == 1 {
		name = names[0]
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, 0, err
		}
		codes := map[int]string{}
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			var label, code int
			if _, err := fmt.Sscan(line, &label, &code); err != nil || label < 0 || label > 255 {
				return nil, 0, fmt.Errorf("%s: %q, expected a label and a character code", name, line)
			}
			codes[label] = string(rune(code))
		}
		labels := slices.Sorted(maps.Keys(codes))
		first = labels[0]
		for label := first; label <= labels[len(labels)-1]; label++ {
			classes = append(classes, codes[label])
		}
	}
	for i, class := range classes {
		if class != "" && slices.Contains(classes[:i], class) {
			return nil, 0, fmt.Errorf("%s: two classes are called %q", name, class)
		}
	}
	return classes, first, nil
}
