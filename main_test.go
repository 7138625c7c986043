package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runs calls the program and returns its exit status and what it wrote.
func runs(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, strings.NewReader(""), &out, &err)
	return status, out.String(), err.String()
}

// TestMainJob: a short form of the main job prints what network.py prints.
func TestMainJob(t *testing.T) {
	status, stdout, stderr := runs("-epochs", "2", "-train-size", "1000", "-eval-size", "200")
	want := regexp.MustCompile(`^Untrained: \d+ / 200\nEpoch 0: \d+ / 200\nEpoch 1: \d+ / 200\n$`)
	if status != 0 || !want.MatchString(stdout) || !strings.Contains(stderr, "seed 12345678") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestOtherData: -data trains on other IDX files.
func TestOtherData(t *testing.T) {
	status, stdout, stderr := runs("-data", smallSet(t, 60), "-sizes", "4,5,10", "-epochs", "1", "-eval", "validation")
	if status != 0 || !strings.Contains(stdout, " / 10\n") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestBadFlags: each wrong value ends with status 2, one line that names it and
// what is allowed, and no work done.
func TestBadFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-epochs -1", "-epochs is -1, want 0 to 1000000"},
		{"-epochs many", `invalid value "many" for flag -epochs`},
		{"-batch 0", "-batch is 0, want 1 to 1000000"},
		{"-eta 0", "-eta is 0, want more than 0"},
		{"-eta NaN", "-eta is NaN, want more than 0"},
		{"-eta Inf", "-eta is +Inf, want more than 0"},
		{"-sizes 784", "want at least an input and an output layer"},
		{"-sizes 784,x,10", `"x" is no number of neurons`},
		{"-sizes 784,0,10", `"0" is no number of neurons`},
		{"-sizes 783,30,10", "-sizes begins with 783, want 784"},
		{"-sizes 784,30,9", "-sizes ends with 9, want 10"},
		{"-seed -1", `invalid value "-1" for flag -seed`},
		{"-seed 4294967296", "-seed is 4294967296, want 0 to 4294967295"},
		{"-train-size -5", "-train-size is -5, want 0 to"},
		{"-train-size 50001", "-train-size is 50001, want at most 50000"},
		{"-eval-size 10001", "-eval-size is 10001, want at most 10000"},
		{"-eval training", `-eval is "training", want test, validation`},
		{"-nosuch", "flag provided but not defined: -nosuch"},
		{"train", `unknown command "train"`},
	} {
		status, stdout, stderr := runs(strings.Fields(c.args)...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 2 {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", c.args, status, stdout, stderr, c.want)
		}
	}
}

// TestHelp: -h explains the flags and is no failure.
func TestHelp(t *testing.T) {
	status, _, stderr := runs("-h")
	if status != 0 || !strings.Contains(stderr, "-epochs") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

// TestBadData: bad files end with status 1 and one line.
func TestBadData(t *testing.T) {
	dir := smallSet(t, 60)
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-data " + filepath.Join(dir, "none"), "no file train-images-idx3-ubyte", 1},
		{"-data " + dir, "-sizes begins with 784, want 4", 2},
	} {
		status, stdout, stderr := runs(strings.Fields(c.args)...)
		if status != c.status || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", c.args, status, stdout, stderr)
		}
	}
	writeFile(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), idxImages(2051, 60, 2, 2, nil))
	status, _, stderr := runs("-data", dir, "-sizes", "4,10")
	if want := "240 bytes expected, 0 found"; status != 1 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("status %d, stderr %q, want %q", status, stderr, want)
	}
}

// TestZeroDependencies: go.mod requires nothing.
func TestZeroDependencies(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("module nndl\n\ngo %s\n", "1.24"); string(mod) != want {
		t.Errorf("go.mod is %q, want %q", mod, want)
	}
}

// TestLoadedSizes: a network file says its sizes and its encoding, -sizes need
// not be given again, also where there are four outputs.
func TestLoadedSizes(t *testing.T) {
	dir, file := smallSet(t, 20), filepath.Join(t.TempDir(), "net.json")
	for _, args := range []string{"-sizes 4,5,10", "-sizes 4,5,4 -encoding binary", "-sizes 4,6,5,4 -encoding binary"} {
		saved := append(strings.Fields(args), "-data", dir, "-epochs", "1", "-save", file)
		if status, _, stderr := runs(saved...); status != 0 {
			t.Fatalf("%s: status %d, stderr %q", args, status, stderr)
		}
		if status, _, stderr := runs("-data", dir, "-epochs", "1", "-load", file); status != 0 {
			t.Errorf("%s: loading it, status %d, stderr %q", args, status, stderr)
		}
	}
}
