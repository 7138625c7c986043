package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode"
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
		{"-digits all5", `-digits all5: "all5" is none of 0, 1`},
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

// allocated returns the bytes of memory that f asks for, those that it has
// given back included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// limitMemory has the test run as on a machine with so many bytes of memory.
func limitMemory(t *testing.T, bytes int64) {
	old := debug.SetMemoryLimit(bytes)
	t.Cleanup(func() { debug.SetMemoryLimit(old) })
}

// TestTooLarge: a network, or a mini-batch, for which the memory does not
// suffice is wrong usage in every command that takes them, with what it needs
// and what there is, and nothing of it is allocated.
func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	checkpoint := filepath.Join(dir, "checkpoint.json")
	if status, _, stderr := runs("-train-size", "20", "-eval-size", "20", "-epochs", "1", "-checkpoint", checkpoint); status != 0 {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	hostile := filepath.Join(dir, "hostile.json")
	writeFile(t, hostile, bytes.Replace(text, []byte(`"batch":"10"`), []byte(`"batch":"900000"`), 1))
	limitMemory(t, 1<<30)
	for _, c := range []struct{ args, want string }{
		{"-sizes 784,1048576,1048576,10", "-sizes 784,1048576,1048576,10 with -batch 10 needs 26415.69 GB of memory, here are 1.07 GB"},
		{"check -sizes 784,100000,10", "-sizes 784,100000,10 with -batch 10 needs 2.26 GB of memory, here are 1.07 GB"},
		{"-sizes 784" + strings.Repeat(",1", 1<<18) + ",10", "GB of memory"},
		{"-batch 1000000", "-sizes 784,30,10 with -batch 1000000 needs 1.48 GB"},
		{"check -batch 1000000", "needs 1.48 GB"},
		{"-load " + checkpoint + " -batch 1000000", "needs 1.48 GB"},
		{"-resume " + hostile, "-batch 900000 needs 1.33 GB"},
		{"-sizes 784,40000,10 -save net.json", "needs 2.68 GB"},
		{"-sizes 784,40000,10 -mu 0.5 -stop-after 3", "needs 1.41 GB"},
		{"-sizes 784,10000,10 -mu 0.5 -stop-after 3 -checkpoint net.json", "needs 1.69 GB"},
	} {
		used := allocated(func() {
			status, stdout, stderr := runs(strings.Fields(c.args)...)
			if status != 2 || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 2 {
				t.Errorf("%.60s: status %d, stdout %q, stderr %.300q, want %q", c.args, status, stdout, stderr, c.want)
			}
		})
		if used > 64<<20 {
			t.Errorf("%.60s: %d bytes of memory used", c.args, used)
		}
	}
	for _, args := range []string{"-sizes 784,40000,10", "-batch 20000", "-sizes 784,10000,10 -mu 0.5 -stop-after 3"} {
		if _, err := parse(strings.Fields(args), io.Discard); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// TestFootprint: what a training asks for, and does not all hold at once, is up
// to two and a half times what footprint says, and hardly less, whatever goes
// with it.
func TestFootprint(t *testing.T) {
	mnist() // not to be counted
	dir := t.TempDir()
	for _, args := range []string{
		"", "-batch 2000", "-mu 0.5", "-stop-after 3", "-save " + filepath.Join(dir, "net.json"),
		"-mu 0.5 -stop-after 3 -checkpoint " + filepath.Join(dir, "checkpoint.json"),
	} {
		line := append(strings.Fields("-sizes 784,500,10 -train-size 20 -eval-size 20 -epochs 1 -eta 0.1"), strings.Fields(args)...)
		o, err := parse(line, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		used := float64(allocated(func() { runs(line...) }))
		if ratio := used / o.footprint(); !(ratio > 0.85 && ratio < 2.5) {
			t.Errorf("%s: %.0f bytes of memory used, %.0f expected", args, used, o.footprint())
		}
	}
}

// roundTrip: options that were accepted are within their bounds, and their flags,
// written out, are accepted again and mean the same.
func roundTrip(t *testing.T, o *options) {
	t.Helper()
	h := o.hyper
	if h.Epochs < 0 || h.Batch < 1 || !(h.Eta > 0 && h.Eta <= 1e6) || !(h.Mu >= 0 && h.Mu <= 1) || !(h.Dropout >= 0 && h.Dropout < 1) ||
		o.seed > math.MaxUint32 || o.digits != "all" && strings.Trim(strings.Join(strings.Fields(o.digits), ""), "0123456789,") != "" || len(o.layers) < 2 || slices.Min(o.layers) < 1 || o.footprint() > memory() {
		t.Errorf("accepted %+v, layers %v", h, o.layers)
	}
	var args []string
	o.flags.VisitAll(func(f *flag.Flag) { args = append(args, "-"+f.Name+"="+f.Value.String()) })
	again, err := parse(args, io.Discard)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	if again.hyper != h || !slices.Equal(again.layers, o.layers) || again.seed != o.seed {
		t.Errorf("%+v, %v come back as %+v, %v", h, o.layers, again.hyper, again.layers)
	}
	again.flags.VisitAll(func(f *flag.Flag) {
		if was := o.flags.Lookup(f.Name).Value.String(); f.Value.String() != was {
			t.Errorf("-%s %q comes back as %q", f.Name, was, f.Value)
		}
	})
}

// A commandLine is what FuzzRun tries.
type commandLine []string

// someFlags returns flags with values, right and wrong, as picks choose them: two
// bytes for each.
func someFlags(picks []byte) (args commandLine) {
	names := []string{"o", "n"}
	newOptions().flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	values := []string{
		"", "0", "1", "2", "3", "-1", "10", "60", "50000", "4294967296", "1e309", "NaN", "-Inf", "0x1p-2", ".5", "1e-320",
		"784,10", "784,3,10", "4,10", "4,4", "4,2,4", "784,1048576,1048576,10", "784,99999999999999999999,10", "10", "all", "0,1", "9",
		"quadratic", "cross-entropy", "log-likelihood", "relu", "tanh", "default,large", "large", "binary", "unit", "none", "shift,elastic", "rotate",
		"test", "validation", ".", "net.json", "small.json", "picture.png", "new", "accuracy,cost", "training-cost,weight-length", "true",
	}
	for pick := range slices.Chunk(picks, 2) {
		if len(pick) == 2 {
			args = append(args, "-"+names[int(pick[0])%len(names)]+"="+values[int(pick[1])%len(values)])
		}
	}
	return args
}

// quick reports whether a command line may be run: it reaches no file outside
// the folder, and what it begins is soon over when it is interrupted from the
// start. The gradient check cannot be interrupted, nor can the training of show
// and classify, which therefore get a network with -load.
func (args commandLine) quick(t *testing.T) bool {
	line := strings.Join(args, " ")
	if strings.ContainsAny(line, `/\:~`) {
		return false
	}
	switch args[0] {
	case "show", "classify":
		return !slices.Contains(args, "") && !strings.Contains(line, "load=")
	case "check":
		o, err := parse(args[1:], io.Discard)
		return err != nil || o.layers[0] < 10 && o.footprint() < 5e6
	}
	if args[0] != "" && args[0][0] != '-' {
		return true
	}
	o, err := parse(args, io.Discard)
	if err == nil {
		roundTrip(t, o)
	}
	return err != nil || o.footprint() < 5e6
}

// tried runs a command line in a copy of a folder, interrupted from the start,
// checks what it writes and where, and returns its status.
func tried(t *testing.T, set string, args commandLine) (status int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(set)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	interrupted.Store(true)
	defer interrupted.Store(false)
	status, stdout, stderr := runs(args...)
	lines := strings.Split(stderr, "\n")
	switch status {
	case 0, 130:
	case 1:
		if last := lines[len(lines)-2]; !strings.HasPrefix(last, "nndl: ") {
			t.Errorf("status 1, but the last line is %q", last)
		}
	case 2:
		files, err := os.ReadDir(dir)
		if err != nil || stdout != "" || len(lines) != 3 || lines[1] != "nndl: -h lists the flags" || !strings.HasPrefix(lines[0], "nndl: ") || len(files) != 7 {
			t.Errorf("status 2, stdout %q, stderr %q, files %v", stdout, stderr, files)
		}
	default:
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	if strings.ContainsFunc(stderr, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		t.Errorf("control characters in %q", stderr)
	}
	return status
}

// FuzzRun: no command line crashes the program or ends with another status than
// 0, 1 and 2, or 130 where a training had begun: the tests interrupt it
// from the start. Wrong usage is said in two lines, and before anything else is
// written, anywhere, or any memory used; so is what parse refuses.
func FuzzRun(f *testing.F) {
	mnist()
	set := smallSet(f, 60)
	for name, net := range map[string]*Network{"net.json": biased(7), "small.json": large([]int{4, 5, 10}, NewNumPyRandom(1))} {
		if err := net.Save(filepath.Join(set, name)); err != nil {
			f.Fatal(err)
		}
	}
	if err := savePNG(filepath.Join(set, "picture.png"), example(mnist().test, 0)); err != nil {
		f.Fatal(err)
	}
	for _, line := range []string{
		"-h", "-epochs 2 -epochs=-1", "-eta NaN", "-eta 1e-320 -batch 2000", "-lambda=-0 -seed 0x10", "-sizes 784,1048576,1048576,10", "-sizes 784,,10", "-sizes +784,\n10", "-no\x1bsuch\n", "-sizes 784,\n,10",
		"-data . -sizes 4,5,10 -epochs 3 -mu 0.5 -dropout .5 -l1 1 -monitor cost,accuracy -csv a.csv -json a.json -plot a.svg -save net.json",
		"-data . -load small.json -cost cross-entropy -eval validation -expand shift,elastic,rotate -every 7 -runs 1",
		"-data . -sizes 4,10,4 -encoding binary -digits 0,1 -train-size 9 -eval-size 2 -stop-after 1 -halve-after 1 -checkpoint c.json", "-resume small.json",
		"-init default,large,default -activation tanh -cost log-likelihood -save none", "-digits all5", "-digits  -monitor ", "-- x", "-", "",
		"demo", "demo softmax", "demo -h", "demo nosuch", "trace", "trace x", "check -data . -sizes 4,2,10", "check -runs 2",
		"show 17 -n 3", "show mistakes -n 1 -o a.png", "show -digits 4,x", "show confusion -eval validation", "show weights", "show -data . 3",
		"classify picture.png", "classify -json picture.png picture.png", "classify - -seed 7", "classify",
		"figure", "figure 18 2", "figure -o x 41", "figure 24", "replay", "replay -runs 2 overfitting", "replay -seed 4294967295 -runs 2", "tune", "tune -epochs 0", "nosuch -epochs 2",
	} {
		f.Add(line, []byte(nil))
	}
	f.Add("-data .", []byte{31, 18, 11, 2, 25, 14})
	f.Add("show", []byte{1, 3})
	f.Fuzz(func(t *testing.T, line string, picks []byte) {
		args := append(commandLine(strings.Split(line, " ")), someFlags(picks)...)
		if args[0] == "show" || args[0] == "classify" {
			args = slices.Insert(args, 1, "-load", "net.json")
		}
		if !args.quick(t) {
			return
		}
		var status int
		used := allocated(func() { status = tried(t, set, args) })
		if args[0] != "" && args[0][0] != '-' {
			return
		}
		_, err := parse(args, io.Discard)
		want := map[bool]int{true: 2, false: 1}[errors.As(err, new(usageError))]
		if errors.Is(err, flag.ErrHelp) {
			want = 0
		}
		if err != nil && (status != want || used > 2<<20+100*uint64(len(line)+len(picks))) {
			t.Errorf("status %d, want %d, and %d bytes of memory used to refuse a line: %v", status, want, used, err)
		}
	})
}
