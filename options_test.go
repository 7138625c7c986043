package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestBadFlags: each wrong value ends with status 2, one line that names it and
// what is allowed, and no work done.
func TestBadFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-epochs -1", `invalid value "-1" for flag -epochs: must be a number from 0 to 1000000`},
		{"-epochs many", `invalid value "many" for flag -epochs`},
		{"-batch 0", `invalid value "0" for flag -batch: must be a number from 1 to 1000000`},
		{"-eta 0", `invalid value "0" for flag -eta: must be more than 0`},
		{"-eta NaN", `invalid value "NaN" for flag -eta: must be more than 0`},
		{"-eta Inf", `invalid value "Inf" for flag -eta: must be more than 0`},
		{"-sizes 784", "must have at least an input and an output layer"},
		{"-sizes 784,x,10", `"x" is no number of neurons`},
		{"-sizes 784,0,10", `"0" is no number of neurons`},
		{"-sizes 783,30,10", "-sizes begins with 783, but must begin with 784"},
		{"-sizes 784,30,9", "-sizes ends with 9, but must end with 10"},
		{"-seed -1", `invalid value "-1" for flag -seed`},
		{"-seed 4294967296", `for flag -seed: must be a number from 0 to 4294967295`},
		{"-train-size -5", `for flag -train-size: must be a number from 0 to`},
		{"-train-size 50001", "-train-size is 50001: there are no more than 50000"},
		{"-eval-size 10001", "-eval-size is 10001: there are no more than 10000"},
		{"-eval training", `for flag -eval: must be one of test, validation`},
		{"-digits all5", `for flag -digits: "all5" is none of 0, 1`},
		{"-dropout 1", `invalid value "1" for flag -dropout: must be at least 0, less than 1`},
		{"-dropout NaN", `invalid value "NaN" for flag -dropout: must be at least 0`},
		{"-mu 1.5", `invalid value "1.5" for flag -mu: must be a number from 0 to 1`},
		{"-expand shift,zoom", `for flag -expand: "zoom" is no expansion; it must be none alone, or`},
		{"-expand elastic:sigma=99", `for flag -expand: "elastic:sigma=99": sigma must be a number from 0.5 to 20`},
		{"-encoding binary -cost log-likelihood", "-encoding binary has several outputs at 1 at once"},
		{"-nosuch", "unknown flag -nosuch"},
		{"-cost crossentropy", "log-likelihood; did you mean cross-entropy?"},
		{"-activation tnh", "did you mean tanh?"},
		{"-monitor acuracy", "did you mean accuracy?"},
		{"-init defualt", "did you mean default?"},
		{"-vary epoch=1,2", "-vary epoch: not a flag of how a network is trained; did you mean epochs?"},
		{"-vary csv=a,b", "-vary csv: not a flag of how a network is trained"},
		{"show mistake", "or mistakes, confusion, weights; did you mean mistakes?"},
		{"-seed 4294967295 -runs 3", "-seed 4294967295 with -runs 3 goes beyond the largest seed, 4294967295"},
		{"-eta abc", `invalid value "abc" for flag -eta: no number here; it must be more than 0`},
		{"train", `unknown command "train"`},
	} {
		status, stdout, stderr := runs(strings.Fields(c.args)...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 2 {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", c.args, status, stdout, stderr, c.want)
		}
	}
}

// TestSizesWithSpaces: sizes without commas are told to have some.
func TestSizesWithSpaces(t *testing.T) {
	want := "for flag -sizes: needs commas between the numbers: 784,30,10"
	if status, stdout, stderr := runs("-sizes", "784 30 10"); status != 2 || stdout != "" || !strings.Contains(stderr, want) {
		t.Errorf("status %d, %s%s, want %q", status, stdout, stderr, want)
	}
}

// TestFootprint: what a training asks for, and does not all hold at once, is up
// to two and a half times what footprint says, and hardly less, whatever goes
// with it.
func TestFootprint(t *testing.T) {
	mnist() // not to be counted
	dir := t.TempDir()
	for _, args := range []string{
		"", "-batch 1000 -train-size 2000", "-mu 0.5", "-stop-after 3", "-save " + filepath.Join(dir, "net.json"),
		"-mu 0.5 -stop-after 3 -checkpoint " + filepath.Join(dir, "checkpoint.json"),
	} {
		line := append(strings.Fields("-sizes 784,500,10 -train-size 20 -eval-size 20 -epochs 1 -eta 0.1"), strings.Fields(args)...)
		o, err := readOptions(line)
		if err != nil {
			t.Fatal(err)
		}
		used := float64(allocated(func() { runs(line...) }))
		if ratio := used / o.footprint(); !(ratio > 0.85 && ratio < 2.5) {
			t.Errorf("%s: %.0f bytes of memory used, %.0f expected", args, used, o.footprint())
		}
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
	text = bytes.Replace(text, []byte(`"batch":"10"`), []byte(`"batch":"900000"`), 1)
	writeFile(t, hostile, bytes.Replace(text, []byte(`"train-size":"20"`), []byte(`"train-size":"900000"`), 1))
	limitMemory(t, 1<<30)
	for _, c := range []struct{ args, want string }{
		{"-sizes 784,1048576,1048576,10", "-sizes 784,1048576,1048576,10 with -batch 10 needs 26415.69 GB of memory, here are 1.07 GB"},
		{"check -sizes 784,100000,10", "-sizes 784,100000,10 with -batch 10 needs 2.26 GB of memory, here are 1.07 GB"},
		{"-sizes 784" + strings.Repeat(",1", 1<<18) + ",10", "GB of memory"},
		{"-data . -batch 1000000", "-sizes 784,30,10 with -batch 1000000 needs 1.48 GB"},
		{"check -data . -batch 1000000", "needs 1.48 GB"},
		{"-load " + checkpoint + " -data . -batch 1000000", "needs 1.48 GB"},
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
	for _, args := range []string{"-sizes 784,40000,10", "-batch 1000000", "-data . -batch 1000000 -train-size 1000", "-sizes 784,10000,10 -mu 0.5 -stop-after 3"} {
		if _, err := readOptions(strings.Fields(args)); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
	line := strings.Fields("-train-size 20 -eval-size 20 -epochs 1 -batch 1000000")
	if used := allocated(func() { runs(line...) }); used > 64<<20 {
		t.Errorf("%s: %d bytes of memory used for 20 examples", line, used)
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

// roundTrip: options that were accepted are within their bounds, and their flags,
// written out, are accepted again and mean the same.
func roundTrip(t *testing.T, o *options) {
	t.Helper()
	h := o.hyper
	if h.Epochs < 0 || h.Batch < 1 || !(h.Eta > 0 && h.Eta <= 1e6) || !(h.Mu >= 0 && h.Mu <= 1) || !(h.Dropout >= 0 && h.Dropout < 1) ||
		o.seed > math.MaxUint32 || len(o.sizes) < 2 || slices.Min(o.sizes) < 1 || o.footprint() > memoryLimit() {
		t.Errorf("accepted %+v, layers %v", h, o.sizes)
	}
	var args []string
	o.flags.VisitAll(func(f *flag.Flag) { args = append(args, "-"+f.Name+"="+f.Value.String()) })
	again, err := readOptions(args)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	if again.hyper != h || !slices.Equal(again.sizes, o.sizes) || again.seed != o.seed {
		t.Errorf("%+v, %v come back as %+v, %v", h, o.sizes, again.hyper, again.sizes)
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
		o, err := readOptions(args[1:])
		return err != nil || o.sizes[0] < 10 && o.footprint() < 5e6
	}
	if args[0] != "" && args[0][0] != '-' {
		return true
	}
	o, err := readOptions(args)
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
	status, stdout, stderr := runsUntil(interrupted(), args...)
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
	if err := savePNG(filepath.Join(set, "picture.png"), exampleImage(mnist().test, 0)); err != nil {
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
		_, err := readOptions(args)
		want := map[bool]int{true: 2, false: 1}[errors.As(err, new(usageError))]
		if errors.Is(err, flag.ErrHelp) {
			want = 0
		}
		if err != nil && (status != want || used > 2<<20+100*uint64(len(line)+len(picks))) {
			t.Errorf("status %d, want %d, and %d bytes of memory used to refuse a line: %v", status, want, used, err)
		}
	})
}

// readOptions returns the options of a command line.
func readOptions(args []string) (*options, error) {
	o := newOptions()
	return o, o.read(args)
}

// TestKeptFlags: a network that is loaded and saved keeps how it was trained, -continue
// takes that from it, and the command lines that are named have what the file lacks.
func TestKeptFlags(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first net.json"), filepath.Join(dir, "second.json")
	small := strings.Fields("-train-size 300 -eval-size 200")
	learn := append(small, strings.Fields("-cost cross-entropy -eta 0.5 -lambda 5 -mu 0.3 -batch 20 -init default -expand rotate -epochs 1")...)
	if status, _, stderr := runs(append(learn, "-save", first)...); status != 0 {
		t.Fatal(stderr)
	}
	_, _, stderr := runs(append(small, "-load", first, "-epochs", "0", "-save", second)...)
	if status, _, stderr := runs(append(small, "-load", second, "-epochs", "0")...); status != 0 || strings.Contains(stderr, "trained with other") {
		t.Errorf("status %d, %s", status, stderr)
	}
	var files [2]networkFile
	for i, name := range []string{first, second} {
		text, err := os.ReadFile(name)
		if err = errors.Join(err, json.Unmarshal(text, &files[i])); err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(files[0].Flags, files[1].Flags) || files[0].Flags["expand"] != "rotate" {
		t.Errorf("%v, then %v; %s", files[0].Flags, files[1].Flags, stderr)
	}
	_, _, stderr = runs(append(small, "-load", first, "-epochs", "1")...)
	if flat := strings.Join(strings.Fields(stderr), " "); !strings.Contains(flat, "go run . -load '"+first+"' -batch 20 -eta 0.5 -lambda 5 -mu 0.3 -expand rotate (or -continue)") {
		t.Error(stderr)
	}
	_, one, _ := runs(append(small, "-load", first, "-epochs", "1", "-continue")...)
	_, other, _ := runs(append(small, "-load", second, "-epochs", "1", "-continue")...)
	if one == "" || one != other {
		t.Errorf("%q, then %q", one, other)
	}
	o := newOptions()
	if err := o.read(append(learn, "-data", "my data", "-dropout", "0.5")); err != nil {
		t.Fatal(err)
	}
	if line, want := o.lineFrom("it's.json"), `go run . -load 'it'\''s.json' -continue -epochs 1 -dropout 0.5 -train-size 300 -eval-size 200 -data 'my data'`; line != want {
		t.Errorf("%s\nwant %s", line, want)
	}
}

// TestPixelsOfOne: images whose pixels are all 0 or 1 are told to be bytes up to 255.
func TestPixelsOfOne(t *testing.T) {
	dir := smallSet(t, 60)
	pixels := make([]byte, 240)
	for i := range pixels {
		pixels[i] = byte(i % 2)
	}
	for _, part := range []string{"train", "t10k"} {
		writeFile(t, filepath.Join(dir, part+"-images-idx3-ubyte"), idxImages(2051, 60, 2, 2, pixels))
	}
	status, _, stderr := runs("-data", dir, "-epochs", "3", "-eta", "0.001")
	if want := "the brightest pixel of the training images is 1 of 255"; status != 0 || !strings.Contains(strings.Join(strings.Fields(stderr), " "), want) {
		t.Errorf("status %d, %s, want %q", status, stderr, want)
	}
}

// TestStopWithoutEpochs: early stopping over no epochs has no best network, and the
// one that is saved is the untrained one.
func TestStopWithoutEpochs(t *testing.T) {
	dir, name := smallSet(t, 60), filepath.Join(t.TempDir(), "net.json")
	status, stdout, stderr := runs("-data", dir, "-epochs", "0", "-stop-after", "3", "-save", name)
	if status != 0 || !strings.HasPrefix(stdout, "Untrained: ") || strings.Contains(stdout, "Best network") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	net, err := LoadNetwork(name)
	if err != nil {
		t.Fatal(err)
	}
	o, err := readOptions([]string{"-data", dir, "-sizes", "4,30,10"})
	if err != nil {
		t.Fatal(err)
	}
	sameNetwork(t, "after no epochs", net, o.newNetwork(bookSeed))
}

// TestRunsGoWith: several runs go with none of the files of a single network.
func TestRunsGoWith(t *testing.T) {
	for _, set := range []func(o *options){
		func(o *options) { o.load = "x" }, func(o *options) { o.save = "x" },
		func(o *options) { o.checkpoint = "x" }, func(o *options) { o.resume = "x" },
	} {
		o := newOptions()
		o.runs = 2
		if err := o.checkFiles(); err != nil {
			t.Error(err)
		}
		set(o)
		if err := o.checkFiles(); err == nil || !strings.Contains(err.Error(), "-runs 2 makes several networks") {
			t.Errorf("load %q, save %q, checkpoint %q, resume %q: error %v", o.load, o.save, o.checkpoint, o.resume, err)
		}
	}
}

// TestGoingOn: a network is said to have been trained otherwise where a flag differs
// that its file holds.
func TestGoingOn(t *testing.T) {
	o := newOptions()
	trained := o.trainedFlags()
	if got := o.goingOn(trained); got != "" {
		t.Errorf("with the same flags: %q", got)
	}
	trained["eta"] = "0.25"
	if got := o.goingOn(trained); !strings.Contains(got, "-eta 0.25") {
		t.Errorf("with another η: %q", got)
	}
	delete(trained, "eta")
	if got := o.goingOn(trained); got != "" {
		t.Errorf("of a file without η: %q", got)
	}
}

// TestOtherValidation: a run that decides by the validation data goes on with as many
// images of them; any other may have others.
func TestOtherValidation(t *testing.T) {
	d := mnist().test.Slice(0, 20)
	for _, c := range []struct {
		stop, halve, of int
		refused         bool
	}{{0, 0, 7, false}, {3, 0, 7, true}, {0, 3, 7, true}, {3, 0, 20, false}, {3, 0, 0, false}} {
		o := newOptions()
		o.sizes = []int{784, 10}
		net := o.newNetwork(1)
		o.stopAfter, o.halveAfter = c.stop, c.halve
		p := &Checkpoint{State: net.NewState(20, 3, 0, 1), Flags: map[string]string{}, Of: c.of}
		_, err := o.newTraining(net, p, dataSets{training: d, validation: d, evaluation: d}, 1)
		if refused := err != nil; refused != c.refused || refused && !strings.Contains(err.Error(), "it decides by 7 validation images, here are 20") {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}
