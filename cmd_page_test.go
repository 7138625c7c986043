//go:build !js

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPageData: the page takes another set, turned if need be and cut down for a small
// one, as files in the place of MNIST's; what it cannot draw is refused with what was
// found and what is wanted.
func TestPageData(t *testing.T) {
	emnist, dir := classSet(t, "emnist-digits-", 60, plainClass), t.TempDir()
	p := &pageData{dir: emnist, most: map[string]int{"train": 50, "t10k": 100}}
	overlay, err := p.overlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(overlay)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Replace) != 4 {
		t.Fatalf("%v, %v", file, err)
	}
	for original, other := range file.Replace {
		if _, err := os.Stat(original); err != nil {
			t.Error(err)
		}
		if filepath.Base(original) != filepath.Base(other) {
			t.Errorf("%s stands for %s", other, original)
		}
	}
	for part, n := range map[string]int{"train": 50, "t10k": 60} {
		want, err := loadPart(emnist, part)
		if err != nil {
			t.Fatal(err)
		}
		got, err := loadPart(dir, part)
		if err != nil || got.Len() != n || !bytes.Equal(got.Images, want.Images[:784*n]) || !bytes.Equal(got.Labels, want.Labels[:n]) {
			t.Errorf("%s: %d images, %v", part, got.Len(), err)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"-data " + smallSet(t, 60), "10 classes of images of 2×2 pixels, expected at most 10 of 28×28"},
		{"-data " + classSet(t, "", 60, func(_ int, digit byte) byte { return 5 + digit }), "15 classes of images of 28×28 pixels"},
		{"-transpose", "-transpose turns the images of -data DIR"},
		{"-data none", "no file train-images"},
	} {
		args := append(strings.Fields("page -o "+filepath.Join(dir, "page.html")), strings.Fields(c.args)...)
		if status, stdout, stderr := runs(args...); status == 0 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %s, want %q", c.args, status, stderr, c.want)
		}
	}
}

// TestPageEquations: the page shows the 62 equations with sentence, test and command,
// and their functions from the first line of the comment to the closing brace.
func TestPageEquations(t *testing.T) {
	list, err := pageEquations()
	if err != nil || len(list) != 62 {
		t.Fatalf("%d equations, %v, want 62", len(list), err)
	}
	functions := 0
	for _, e := range list {
		if e.Says == "" || e.Test == "" || e.Command == "" || !strings.Contains(e.Words, strings.ToLower(e.Says)) {
			t.Errorf("Eq. %s: %+v lacks its sentence, test or command", e.Number, e)
		}
		if !strings.HasPrefix(e.Math, "<math") {
			t.Errorf("Eq. %s: %s is not MathML", e.Number, e.Math)
		}
		for _, f := range e.Functions {
			functions++
			if _, err := parser.ParseFile(token.NewFileSet(), f.File, "package main\n"+f.Source, 0); err != nil || !strings.HasPrefix(f.Source, "//") || !strings.HasSuffix(f.Source, "}") {
				t.Errorf("Eq. %s: %s of %s is not a whole function, %v:\n%s", e.Number, f.Name, f.File, err, f.Source)
			}
		}
		if e.Number == "46" && !strings.Contains(fmt.Sprint(e.Functions), "float64(shrink*w[k]) - float64(r.rate*nablaW[k])") {
			t.Errorf("Eq. 46 lacks its line: %v", e.Functions)
		}
	}
	if functions < 62 {
		t.Errorf("%d functions, want one for each equation at least", functions)
	}
}

// TestPageSides: the page draws images of 28×28 pixels alone, whichever side differs.
func TestPageSides(t *testing.T) {
	for _, size := range [][2]uint32{{28, 20}, {20, 28}} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "train-images-idx3-ubyte"), idxImages(2051, 10, size[0], size[1], make([]byte, 10*size[0]*size[1])))
		writeFile(t, filepath.Join(dir, "train-labels-idx1-ubyte"), idxLabels(2049, 10, make([]byte, 10)))
		if _, err := (&pageData{dir: dir}).part("train"); err == nil || !strings.Contains(err.Error(), "expected at most 10 of 28×28") {
			t.Errorf("%v: error %v", size, err)
		}
	}
}
