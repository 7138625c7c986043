package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pictureFolder writes n of MNIST's images of the digits 0 to 3 as PNG files, one
// subfolder per digit, and returns the folder and the images in the order of their
// names, by digits.
func pictureFolder(t *testing.T, n int) (folder string, images [4][][]byte) {
	t.Helper()
	folder = t.TempDir()
	names := []string{"zero", "one", "two", "three"}
	d := mnist().training
	for i, count := 0, 0; count < n; i++ {
		digit := int(d.Labels[i])
		if digit > 3 || len(images[digit]) == n/4 {
			continue
		}
		file := filepath.Join(folder, names[digit], fmt.Sprintf("%05d.png", i))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		picture := &image.Gray{Pix: d.Image(i), Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
		if err := savePNG(file, picture); err != nil {
			t.Fatal(err)
		}
		images[digit] = append(images[digit], d.Image(i))
		count++
	}
	return folder, images
}

// TestPack: 200 pictures of four classes train to the accuracy of the same images
// from IDX files, and prepared as classify does they train as well; no image is lost
// or under another class, whatever the seed.
func TestPack(t *testing.T) {
	t.Parallel()
	folder, images := pictureFolder(t, 200)
	train := strings.Fields("-cost cross-entropy -init default -eta 0.5 -epochs 20 -sizes 784,30,4 -data")
	var right []int
	for _, flags := range []string{"-raw", "-raw -seed 1", ""} {
		out := filepath.Join(t.TempDir(), "set")
		status, stdout, stderr := runs(append(strings.Fields("pack -o "+out+" "+flags), folder)...)
		if want := "168 images for training, 32 for the test, of 28×28 pixels, in 4 classes\n"; status != 0 || !strings.HasSuffix(stdout, want) || !strings.Contains(stderr, "-sizes 784,30,4") {
			t.Fatalf("%q: status %d, %q, want %q; %s", flags, status, stdout, want, stderr)
		}
		if test, err := LoadTest(out); err != nil || slices.IsSorted(test.Labels) {
			t.Errorf("the test images are not mixed: %v, %v", test.Labels, err)
		}
		if names, err := os.ReadFile(filepath.Join(out, "labels.txt")); string(names) != "one\nthree\ntwo\nzero\n" {
			t.Errorf("labels.txt is %q, %v", names, err)
		}
		_, stdout, _ = runs(append(train, out)...)
		right = append(right, lastRight(stdout))
		if flags == "" {
			break
		}
		if _, want, stderr := runs(append(train, sameFromIDX(t, out, images))...); stdout != want || want == "" {
			t.Errorf("%q: trains to %q, the same images from IDX to %q; %s", flags, stdout, want, stderr)
		}
	}
	t.Logf("right of 32: %v", right)
	if slices.Min(right) < 27 {
		t.Errorf("%v of 32 right, want at least 27", right)
	}
}

// sameFromIDX finds the images of a packed set among those that were packed, by their
// classes, and writes these as an IDX set in the same order.
func sameFromIDX(t *testing.T, packed string, images [4][][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	digits := []int{1, 3, 2, 0} // one, three, two, zero: the names in order
	seen := map[string]bool{}
	for _, part := range []string{"train", "t10k"} {
		d, err := loadPart(packed, part)
		if err != nil {
			t.Fatal(err)
		}
		var pixels []byte
		count := [4]int{}
		for i, label := range d.Labels {
			of := images[digits[label]]
			k := slices.IndexFunc(of, func(image []byte) bool { return bytes.Equal(image, d.Image(i)) })
			if k < 0 {
				t.Fatalf("%s image %d is none of class %d", part, i, label)
			}
			pixels = append(pixels, of[k]...)
			seen[string(of[k])] = true
			count[label]++
		}
		if part == "t10k" && count != [4]int{8, 8, 8, 8} {
			t.Errorf("%v test images of the classes, want 8 of each", count)
		}
		if part == "train" && slices.IsSorted(d.Labels) {
			t.Error("the training images are not mixed")
		}
		writeFile(t, filepath.Join(dir, part+"-images-idx3-ubyte"), idxImages(2051, uint32(d.Len()), 28, 28, pixels))
		writeFile(t, filepath.Join(dir, part+"-labels-idx1-ubyte"), idxLabels(2049, uint32(d.Len()), d.Labels))
	}
	if len(seen) != 200 {
		t.Errorf("%d different images, want 200", len(seen))
	}
	return dir
}

// singleDigit returns the image of the one digit that classify sees in a picture.
func singleDigit(t *testing.T, picture []byte) []byte {
	p, err := readPage(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	_, digits, err := p.digits()
	if err != nil || len(digits) != 1 {
		t.Fatalf("%d digits, %v", len(digits), err)
	}
	return digits[0].image
}

// TestPackPrepares: what pack writes without -raw is what classify sees, of PNG and
// of JPEG files; a picture of two digits is left out, with its name and the reason.
func TestPackPrepares(t *testing.T) {
	folder, out := t.TempDir(), filepath.Join(t.TempDir(), "a", "set")
	large, err := os.ReadFile(filepath.Join("testdata", "large.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(large))
	if err != nil {
		t.Fatal(err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, img, nil); err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(filepath.Join("testdata", "plain.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"2", "10", ".hidden"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string][]byte{
		"10/a.png": large, "10/b.JPG": photo.Bytes(), "10/several.png": plain, "10/notes.txt": large, "2/c.png": large, "2/d.jpeg": photo.Bytes(), ".hidden/e.png": large,
	} {
		writeFile(t, filepath.Join(folder, filepath.FromSlash(name)), file)
	}
	status, stdout, stderr := runs("pack", "-o", out, folder)
	if status != 0 || !strings.Contains(stdout, "2 images for training, 2 for the test") {
		t.Fatalf("status %d, %q; %s", status, stdout, stderr)
	}
	for _, want := range []string{"1 picture left out", "several.png", "4 digits, expected one"} {
		if !strings.Contains(strings.Join(strings.Fields(stderr), " "), want) {
			t.Errorf("%q lacks %q", stderr, want)
		}
	}
	if names, err := os.ReadFile(filepath.Join(out, "labels.txt")); string(names) != "2\n10\n" {
		t.Errorf("labels.txt is %q, %v", names, err)
	}
	want := [][]byte{singleDigit(t, large), singleDigit(t, photo.Bytes())}
	for _, part := range []string{"train", "t10k"} {
		d, err := loadPart(out, part)
		if err != nil {
			t.Fatal(err)
		}
		for i := range d.Len() {
			if !bytes.Equal(d.Image(i), want[0]) && !bytes.Equal(d.Image(i), want[1]) {
				t.Errorf("%s image %d is not what classify sees", part, i)
			}
		}
	}
}

// TestBadPacks: what is wrong with the folders or the pictures is named, and no set
// is written over.
func TestBadPacks(t *testing.T) {
	folder, _ := pictureFolder(t, 16)
	set := smallSet(t, 60)
	uneven := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(uneven, name), 0o755); err != nil {
			t.Fatal(err)
		}
		for side := 9; side < 11; side++ {
			if err := savePNG(filepath.Join(uneven, name, fmt.Sprintf("%d.png", side)), image.NewGray(image.Rect(0, 0, side, side))); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, link := filepath.Join(t.TempDir(), "set"), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-o " + filepath.Join(link, "0") + " " + folder, "expected a folder outside the pictures", 2},
		{"-o " + filepath.Join(folder, "a", "b") + " " + link, "expected a folder outside the pictures", 2},
		{"", "0 folders, expected one", 2},
		{folder, "-o must name a folder", 2},
		{"-o " + out + " none", "none", 1},
		{"-o " + out + " " + filepath.Join(folder, "one"), "0 subfolders, expected 2 to 256", 1},
		{"-o " + filepath.Join(folder, "set") + " " + folder, "expected a folder outside the pictures", 2},
		{"-o " + folder + " " + folder, "expected a folder outside the pictures", 2},
		{"-o " + set + " " + folder, "writes over no data set", 1},
		{"-raw -o " + out + " " + uneven, "9.png: 9×9 pixels, expected 10×10 as of", 1},
		{"-o " + out + " " + uneven, "0 pictures, expected at least 2", 1},
	} {
		status, stdout, stderr := runs(append([]string{"pack"}, strings.Fields(c.args)...)...)
		if got := strings.Join(strings.Fields(stderr), " "); status != c.status || stdout != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q: status %d, %s, want %d, %q", c.args, status, got, c.status, c.want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a set was begun")
	}
}

// TestPackGrey: -raw takes colours as grey levels, of any size up to 256.
func TestPackGrey(t *testing.T) {
	img := image.NewNRGBA(image.Rect(3, 4, 5, 7)) // 2 wide, 3 high, not at the origin
	img.Set(3, 4, color.NRGBA{255, 0, 0, 255})
	img.Set(4, 6, color.White)
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	p := &packer{raw: true}
	if pixels, width, err := p.imageOf(file.Bytes()); width != 2 || !slices.Equal(pixels, []byte{76, 0, 0, 0, 0, 255}) {
		t.Errorf("%v, %d wide, %v", pixels, width, err)
	}
	for want, file := range map[string][]byte{"257×1 pixels, expected at most 256×256": encoded(t, image.NewGray(image.Rect(0, 0, 1, 257))), "unknown format": []byte("PNG")} {
		if _, _, err := p.imageOf(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
