package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWriteWhole: whatever goes wrong with the new file, the old one stays, or
// there is none; nothing is left beside it, and the error names it alone.
func TestWriteWhole(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"all is well", func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }, ""},
		{"an error at the start", func(io.Writer) error { return broken }, "broken"},
		{"an error after a megabyte", func(w io.Writer) error { w.Write(make([]byte, 1<<20)); return broken }, "broken"},
		{"an error with the other name", func(io.Writer) error {
			return &os.PathError{Op: "write", Path: ".net.json-1.tmp", Err: os.ErrClosed}
		}, "file already closed"},
	} {
		for _, old := range []string{"", "old"} {
			dir := t.TempDir()
			name := filepath.Join(dir, "net.json")
			if old != "" {
				writeFile(t, name, []byte(old))
			}
			err := writeFileAtomic(name, c.write)
			want, content := "<nil>", "new"
			if c.want != "" {
				want, content = "write "+name+": "+c.want, old
			}
			if fmt.Sprint(err) != want {
				t.Errorf("%s: error %v, want %s", c.name, err, want)
			}
			data, _ := os.ReadFile(name)
			files, _ := os.ReadDir(dir)
			if string(data) != content || len(files) != min(1, len(content)) {
				t.Errorf("%s: %q in %v, want %q", c.name, data, files, content)
			}
		}
	}
	name := filepath.Join(t.TempDir(), "net.json")
	err := writeFileAtomic(name, func(io.Writer) error { return os.Mkdir(name, 0o755) }) // no file can take its place
	if files, _ := os.ReadDir(filepath.Dir(name)); err == nil || !strings.HasPrefix(err.Error(), "write "+name+": ") || len(files) != 1 {
		t.Errorf("a folder in the way: %v, %v", err, files)
	}
	if !filesInHand.TryLock() {
		t.Error("a file is still being written")
	} else {
		filesInHand.Unlock()
	}
}

// TestWriteWholeStale: what a killed process left beside the file goes after an
// hour; what may be another process's work, or the user's, stays.
func TestWriteWholeStale(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []struct {
		name string
		age  time.Duration
	}{
		{".net.json-123.tmp", 2 * time.Hour}, {".net.json-4294967295.tmp", 61 * time.Minute}, // these go
		{".net.json-124.tmp", 0}, {".net.json-125.tmp", 59 * time.Minute}, {".net.json-126.tmp", -2 * time.Hour}, {".other.json-127.tmp", 2 * time.Hour},
		{".net.json-.tmp", 2 * time.Hour}, {".net.json-12a.tmp", 2 * time.Hour}, {"net.json-123.tmp", 2 * time.Hour}, {".net.json-123", 2 * time.Hour}, {".net.json-old-123.tmp", 2 * time.Hour},
	} {
		name := filepath.Join(dir, f.name)
		writeFile(t, name, []byte("half"))
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-f.age)); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(dir, ".net.json-128.tmp")
	if err := errors.Join(os.Mkdir(folder, 0o755), os.Chtimes(folder, time.Time{}, time.Now().Add(-2*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := large([]int{2, 1}, NewNumPyRandom(1)).Save(filepath.Join(dir, "net.json")); err != nil {
		t.Fatal(err)
	}
	var left []string
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		left = append(left, f.Name())
	}
	want := []string{".net.json-.tmp", ".net.json-123", ".net.json-124.tmp", ".net.json-125.tmp", ".net.json-126.tmp", ".net.json-128.tmp", ".net.json-12a.tmp",
		".net.json-old-123.tmp", ".other.json-127.tmp", "net.json", "net.json-123.tmp"}
	if !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}

// TestWriteWholeLink: a link stays one, and what it leads to is written.
func TestWriteWholeLink(t *testing.T) {
	dir := t.TempDir()
	link, target := filepath.Join(dir, "link.json"), filepath.Join(dir, "net.json")
	writeFile(t, target, []byte("old"))
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := large([]int{2, 1}, NewNumPyRandom(1)).Save(link); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if _, err := LoadNetwork(target); err != nil {
		t.Error(err)
	}
}

// TestWriteElsewhere: a link stays one, and what is no regular file is written
// to.
func TestWriteElsewhere(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	writeFile(t, file, []byte("old"))
	whole := func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	}
	if os.Symlink("file", link) == nil { // some systems have none
		err := writeFileAtomic(link, whole)
		got, _ := os.ReadFile(file)
		if target, _ := os.Readlink(link); err != nil || target != "file" || string(got) != "new" {
			t.Errorf("by a link to %q: error %v, the file holds %q", target, err, got)
		}
	}
	called := false
	if err := writeFileAtomic(os.DevNull, func(io.Writer) error { called = true; return nil }); err != nil || !called {
		t.Errorf("%s: error %v, written to: %v", os.DevNull, err, called)
	}
}

// TestWeighed: a file of which more would become than there is memory is
// refused before anything is made of it, and so is the network that would then
// take too much; what stands behind a network is an error.
func TestWeighed(t *testing.T) {
	const layers = 300000
	list := func(item string, n int) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	deep := fmt.Sprintf(`{"sizes": %s, "weights": %s, "biases": %[2]s, "cost": "QuadraticCost"}`, list("1", layers+1), list("[[1]]", layers))
	limitMemory(t, 1<<28)
	for _, c := range []struct {
		file, want string
		used       uint64 // bytes of memory
	}{
		{`{"weights": [` + list("[]", 4<<20), "too large for the 0.27 GB of memory here", 64 << 20},
		{`{"training": {"history": ` + list("{}", 2<<20), "too large for", 64 << 20},
		{`{"sizes": ` + list("1", 16<<20), "too large for", 128 << 20},
		{strings.Repeat(" ", 90<<20), "too large for", 512 << 20},
		{deep, "a network of 300001 layers needs", 256 << 20},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost"} {}`, "it goes on after its end", 1 << 20},
		{`{"sizes": [2, 1], "weights": [[[1, 2]]], "biases": [[[1]]], "cost": "QuadraticCost"}]`, "invalid character ']'", 1 << 20},
	} {
		name := filepath.Join(t.TempDir(), "net.json")
		writeFile(t, name, []byte(c.file))
		used := allocated(func() {
			if _, err := LoadNetwork(name); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "load "+name+": ") {
				t.Errorf("%.60s: error %v, want %q", c.file, err, c.want)
			}
		})
		if used > c.used {
			t.Errorf("%.60s: %d bytes of memory used", c.file, used)
		}
	}
}

// TestModes: a new file has the mode that any new file gets, an old one keeps its
// own.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("no modes")
	}
	name := filepath.Join(t.TempDir(), strings.Repeat("n", 250))
	for _, mode := range []os.FileMode{0o600, 0o640, 0o666} {
		writeFile(t, name, nil)
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		if err := writeFileAtomic(name, func(w io.Writer) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %o became %v, %v", mode, info.Mode(), err)
		}
	}
	os.Remove(name)
	plain := name[:len(name)-1]
	writeFileAtomic(name, func(w io.Writer) error { return nil })
	os.WriteFile(plain, nil, 0o666)
	a, errA := os.Stat(name)
	b, errB := os.Stat(plain)
	if errA != nil || errB != nil || a.Mode() != b.Mode() {
		t.Errorf("a new file has mode %v, want %v", a.Mode(), b.Mode())
	}
}

// TestDanglingLink: a link to a file that is not there yet stays a link.
func TestDanglingLink(t *testing.T) {
	dir := t.TempDir()
	link, target := filepath.Join(dir, "link"), filepath.Join(dir, "target")
	if err := os.Symlink("target", link); err != nil {
		t.Skip(err)
	}
	if err := writeFileAtomic(link, func(w io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(target); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

// TestOneFileTwice: two outputs in one file, or an output over an input, are
// refused, also through links and other spellings.
func TestOneFileTwice(t *testing.T) {
	dir := t.TempDir()
	net := storedNetwork(t, biased(3))
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(net, link); err != nil {
		t.Skip(err)
	}
	x, same := filepath.Join(dir, "x"), dir+"/./../"+filepath.Base(dir)+"/x"
	for _, line := range []string{
		"-save " + x + " -csv " + x, "-save " + x + " -checkpoint " + same, "-plot " + x + " -json " + same,
		"-load " + net + " -csv " + net, "-load " + link + " -plot " + net, "-load " + net + " -checkpoint " + link,
	} {
		status, _, stderr := runs(strings.Fields(line)...)
		if status != 2 || !strings.Contains(stderr, "are one file") && !strings.Contains(stderr, "would overwrite") {
			t.Errorf("%s: status %d, %s", line, status, stderr)
		}
	}
	if _, err := LoadNetwork(net); err != nil {
		t.Error(err)
	}
	set := smallSet(t, 60)
	images := filepath.Join(set, "train-images-idx3-ubyte")
	if status, _, stderr := runs("-data", set, "-sizes", "4,10", "-save", images); status != 2 || !strings.Contains(stderr, "would overwrite a file of -data") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestWhatTargetsAre: a regular file is replaced whole wherever it lies, what is
// open already gets its text behind the rest of the output, and what cannot be
// written is refused before any work.
func TestWhatTargetsAre(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("no such targets")
	}
	dir := t.TempDir()
	if shared, err := os.MkdirTemp("/dev/shm", "nndl-test-"); err == nil {
		defer os.RemoveAll(shared)
		name := filepath.Join(shared, "net.json")
		for range 2 { // new, and over the first
			if status, _, stderr := runs(with(quick(t, "1"), "-save", name)...); status != 0 {
				t.Errorf("%s: status %d, %s", name, status, stderr)
			}
			if _, err := LoadNetwork(name); err != nil {
				t.Error(err)
			}
		}
	}

	socket := filepath.Join(dir, "socket")
	if l, err := net.Listen("unix", socket); err == nil {
		defer l.Close()
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/proc/nosuch", link); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{socket: "a socket, expected", "/proc/nosuch": "no such file", link: "no such file", "/dev/fd/987": "no such file"} {
		status, stdout, stderr := runs(with(quick(t, "1"), "-csv", name)...)
		if status != 1 || stdout != "" || !strings.Contains(stderr, "write "+name+": "+want) {
			t.Errorf("-csv %s: status %d, %q, %s, want %s", name, status, stdout, stderr, want)
		}
	}
}

// TestIntoOutput: a file that is the program's own output, by a link to
// /dev/stdout, gets it all in order, and by its own name is refused.
func TestIntoOutput(t *testing.T) {
	dir := t.TempDir()
	text, link := filepath.Join(dir, "text"), filepath.Join(dir, "link")
	if _, err := os.Stat("/dev/stdout"); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("/dev/stdout", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/dev/stdout", "/dev/fd/1", "/dev/../dev/stdout", link} {
		f, err := os.Create(text)
		if err != nil {
			t.Fatal(err)
		}
		c := child(t, with(quick(t, "2"), "-csv", name)...)
		c.Stdout = f
		err = errors.Join(c.Run(), f.Close())
		got, _ := os.ReadFile(text)
		if err != nil || !strings.HasPrefix(string(got), "Untrained: ") || !strings.Contains(string(got), "\nrun,") && !strings.Contains(string(got), "\nseed,") {
			t.Errorf("%s: %v, %q", name, err, got)
		}
	}
	f, err := os.Create(text)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := child(t, with(quick(t, "2"), "-save", text)...)
	var stderr strings.Builder
	c.Stdout, c.Stderr = f, &stderr
	if err := c.Run(); err == nil || !strings.Contains(stderr.String(), "goes there already") {
		t.Errorf("%v, %s", err, &stderr)
	}
}

// TestInputsSurvive: no output takes the place of what the same command reads, by
// any name, nor of what it would read the next time; all is as it was then.
func TestInputsSurvive(t *testing.T) {
	dir := t.TempDir()
	net := storedNetwork(t, biased(3))
	table, test := filepath.Join(dir, "xor.csv"), filepath.Join(dir, "test.csv")
	link, picture := filepath.Join(dir, "link"), filepath.Join(dir, "p.png")
	for _, name := range []string{table, test} {
		writeFile(t, name, []byte("a,b,c\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"))
	}
	if err := errors.Join(os.Symlink(table, link), savePNG(picture, exampleImage(mnist().test, 0))); err != nil {
		t.Skip(err)
	}
	set := smallSet(t, 60)
	images := filepath.Join(set, "train-images-idx3-ubyte")
	inner := filepath.Join(smallSet(t, 60), "train-images-idx3-ubyte")
	if err := errors.Join(os.Rename(inner, inner+"-"), os.Mkdir(inner, 0o755), os.Rename(inner+"-", filepath.Join(inner, "train-images-idx3-ubyte"))); err != nil {
		t.Fatal(err)
	}
	html := filepath.Join(dir, "no.html")
	writeFile(t, html, []byte("# Text\n"))
	spaced := dir + "/./../" + filepath.Base(dir) + "/xor.csv"
	before := contents(t, dir, set, filepath.Dir(inner), "docs/page", filepath.Dir(net))
	for _, line := range []string{
		"-data %table -save %table", "-data %table -csv %table", "-data %table -json %link", "-data %link -plot %table", "-data %table -checkpoint %spaced",
		"-data %table -test %test -csv %test", "-data %table -vary eta=1,2 -csv %table",
		"-data %set -csv %set/labels.txt", "-data %set -csv %set/emnist-mapping.txt", "-data %set -json %set/t10k-labels-idx1-ubyte",
		"-data %set -json %set/t10k-labels-idx1-ubyte.gz", "-data %inner -csv %inner/train-images-idx3-ubyte/train-images-idx3-ubyte",
		"classify -load %net -o %net %picture", "classify -load %net -o %picture %picture", "classify -load %net -data %set -o %images %picture",
		"show -load %net -o %net", "show -data %set -o %images", "show -load %net -data %table -o %table",
		"page -data %set -o %images", "page -o %html", "page -o README.md", "page -o go.mod", "page -o docs/page/index.html",
	} {
		if runtime.GOOS == "js" && strings.HasPrefix(line, "page") {
			continue // it is no command there
		}
		for name, value := range map[string]string{"table": table, "link": link, "spaced": spaced, "test": test, "set": set, "images": images, "inner": filepath.Dir(inner), "net": net, "picture": picture, "html": html} {
			line = regexp.MustCompile("%"+name+`\b`).ReplaceAllLiteralString(line, value)
		}
		if status, stdout, stderr := runs(strings.Fields(line)...); status != 2 || stdout != "" || !strings.Contains(stderr, "would overwrite ") {
			t.Errorf("%s: status %d, %s%s", line, status, stdout, stderr)
		}
	}
	if !maps.Equal(before, contents(t, dir, set, filepath.Dir(inner), "docs/page", filepath.Dir(net))) {
		t.Error("a file has changed")
	}
}

// contents returns the text of all files in some folders.
func contents(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var text []byte
				text, err = os.ReadFile(path)
				files[path] = string(text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
