package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestXOR: the problem that everybody tries first is learned in one command, with
// one output neuron or two, by classes or by desired outputs.
func TestXOR(t *testing.T) {
	file := filepath.Join("docs", "examples", "xor.csv")
	for _, flags := range []string{"-sizes 2,3,1", "-sizes 2,3,2", "-sizes 2,3,1 -target xor", "-sizes 2,3,2 -raw"} {
		for seed := range 3 {
			line := fmt.Sprintf("-data %s -epochs 600 -batch 4 -eta 10 -seed %d %s", file, seed, flags)
			status, stdout, stderr := runs(strings.Fields(line)...)
			if status != 0 || !strings.HasSuffix(stdout, "Epoch 599: 4 / 4\n") {
				t.Errorf("%s: status %d, ends %q; %s", line, status, stdout[max(0, len(stdout)-40):], stderr)
			}
		}
	}
}

// TestIris: at least 28 of 30 held-out flowers are read; the network keeps the names
// of the classes and the scaling, and reads the same when it is loaded.
func TestIris(t *testing.T) {
	net := filepath.Join(t.TempDir(), "iris.json")
	file := filepath.Join("docs", "examples", "iris.csv")
	for _, seed := range []string{"12345678", "1", "2", "3"} {
		status, stdout, stderr := runs(strings.Fields("-data " + file + " -sizes 4,10,3 -cost log-likelihood -init default -eta 0.5 -epochs 60 -seed " + seed + " -save " + net)...)
		if status != 0 || lastRight(stdout) < 28 || !strings.Contains(stdout, " / 30\n") {
			t.Errorf("seed %s: status %d, %d / 30; %s", seed, status, lastRight(stdout), stderr)
		}
		want := fmt.Sprintf("Loaded: %d / 30\n", lastRight(stdout))
		if _, got, stderr := runs("-data", file, "-load", net, "-epochs", "0", "-seed", seed); got != want {
			t.Errorf("seed %s: %q, want %q; %s", seed, got, want, stderr)
		}
	}
	_, stdout, stderr := runs("show", "confusion", "-data", file, "-load", net)
	for _, want := range []string{"setosa", "versicolor", "virginica", "100.00 %"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q lacks %q; %s", stdout, want, stderr)
		}
	}
}

// TestRegions: -plot draws the plane of a table with two inputs, each field in the
// colour of the class that the network reads there, with all examples on it.
func TestRegions(t *testing.T) {
	dir := t.TempDir()
	plot, gates := filepath.Join(dir, "plane.svg"), filepath.Join(dir, "gates.csv")
	writeFile(t, gates, []byte("a,b,and,or\n0,0,0,0\n0,1,0,1\n1,0,0,1\n1,1,1,1\n"))
	xor := filepath.Join("docs", "examples", "xor.csv")
	for _, c := range []struct {
		flags          string
		inputs, legend []string
		class          func(x, y int) int
	}{
		{"-data " + xor + " -sizes 2,3,1", []string{"x1", "x2"}, []string{"xor 0", "xor 1"}, func(x, y int) int { return x ^ y }},
		{"-data " + xor + " -raw -sizes 2,3,2", []string{"x1", "x2"}, []string{"xor 0", "xor 1"}, func(x, y int) int { return x ^ y }},
		{"-data " + gates + " -target and,or -sizes 2,4,2", []string{"a", "b"}, []string{"0 0", "0 1", "1 1"}, func(x, y int) int { return 2*(x&y) + x | y }},
	} {
		status, stdout, stderr := runs(strings.Fields(c.flags + " -epochs 600 -batch 4 -eta 10 -plot " + plot)...)
		if status != 0 || !strings.HasSuffix(stdout, "Epoch 599: 4 / 4\n") {
			t.Fatalf("%s: status %d, %s", c.flags, status, stderr)
		}
		svg, err := os.ReadFile(plot)
		if err != nil {
			t.Fatal(err)
		}
		got := checkSVG(t, svg)
		for _, text := range append(append(c.inputs, c.legend...), "600 epochs: 4 / 4", "Epoch") {
			if got.says(text) != 1 {
				t.Errorf("%s: %q stands there %d times", c.flags, text, got.says(text))
			}
		}
		dots := append(got.pick("circle", "dot"), got.pick("circle", "ring")...)
		if want := 4 + len(c.legend); len(dots) != want {
			t.Errorf("%s: %d dots, want %d", c.flags, len(dots), want)
		}
		var left, right, top, bottom = dots[0].num("cx"), dots[0].num("cx"), dots[0].num("cy"), dots[0].num("cy")
		for _, d := range dots[:4] {
			left, right, top, bottom = min(left, d.num("cx")), max(right, d.num("cx")), min(top, d.num("cy")), max(bottom, d.num("cy"))
		}
		for _, d := range dots[:4] {
			class := c.class(int((d.num("cx")-left)/(right-left)), int((bottom-d.num("cy"))/(bottom-top)))
			field := fieldAt(got, point{d.num("cx"), d.num("cy")})
			if want := curveColour(class); !d.has(want) || field != want {
				t.Errorf("%s: at %v,%v the dot is %s, the field %s, want %s", c.flags, d.num("cx"), d.num("cy"), d.attr["class"], field, want)
			}
		}
	}
}

// fieldAt returns the class of the rectangle at a point, without the ground.
func fieldAt(svg parsed, p point) string {
	for _, r := range svg.pick("rect", "") {
		b := box{r.num("x"), r.num("y"), r.num("x") + r.num("width"), r.num("y") + r.num("height")}
		if !r.has("ground") && b.holds(p) {
			return r.attr["class"]
		}
	}
	return ""
}

// TestRegionsOfSplit: test data of a table are rings; with -vary each setting has its
// plane; a table of other than two inputs has none.
func TestRegionsOfSplit(t *testing.T) {
	plot := filepath.Join(t.TempDir(), "plane.svg")
	for flags, want := range map[string]int{"spiral.csv -sizes 2,5,2 -vary eta=0.1,0.2": 2, "spiral.csv -sizes 2,5,2 -runs 2": 1, "iris.csv -sizes 4,3": 0} {
		if status, _, stderr := runs(strings.Fields("-epochs 2 -plot " + plot + " -data docs/examples/" + flags)...); status != 0 {
			t.Fatalf("%s: status %d, %s", flags, status, stderr)
		}
		svg, err := os.ReadFile(plot)
		if err != nil {
			t.Fatal(err)
		}
		got := checkSVG(t, svg)
		if n := got.says("arm 0 (test)"); n != want || got.says("arm 1") != want || (len(got.pick("circle", "ring")) > 0) != (want > 0) {
			t.Errorf("%s: %d planes, want %d", flags, n, want)
		}
	}
}

// TestTargets: several columns of desired outputs train as many output neurons.
func TestTableTargets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gates.csv")
	writeFile(t, file, []byte("a,b,and,or\n0,0,0,0\n0,1,0,1\n1,0,0,1\n1,1,1,1\n"))
	status, stdout, stderr := runs(strings.Fields("-data " + file + " -target and,or -sizes 2,4,2 -epochs 300 -batch 4 -eta 5")...)
	if status != 0 || !strings.HasSuffix(stdout, "Epoch 299: 4 / 4\n") {
		t.Errorf("status %d, %q; %s", status, stdout[max(0, len(stdout)-40):], stderr)
	}
}

// TestBadTables: what is wrong with a table is named with its row and column.
func TestBadTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.csv")
	for text, want := range map[string]string{
		"":                             "expected rows of at least two columns, separated by commas, found 0 rows",
		"a,b\n":                        "0 rows",
		"1,2\n3,x,4\n":                 "wrong number of fields",
		"a,b,c\n1,x,0\n1,2,1\n":        "line 2, column 2 is \"x\", expected a number",
		"a,b\n1,2\n3,2\n":              "1 classes, expected 2 to 256",
		"a,b\n" + "NaN,1\n1,0\n":       "line 2, column 1 is \"NaN\", expected a number",
		"a,b,c\n1,2,0\n1,2,1\n -sizes": "",
	} {
		writeFile(t, file, []byte(strings.TrimSuffix(text, " -sizes")))
		status, _, stderr := runs("-data", file)
		if want != "" && (status == 0 || !strings.Contains(stderr, want)) {
			t.Errorf("%q: status %d, %s, want %q", text, status, stderr, want)
		}
	}
	for flags, want := range map[string]string{"-target z": "no column \"z\"", "-expand shift": "are for images", "-sizes 3,2": "must begin with 2", "-sizes 2,5": "must end with 2", "-test none.csv": "none.csv"} {
		if status, _, stderr := runs(append(strings.Fields(flags), "-data", filepath.Join("docs", "examples", "xor.csv"))...); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s, want %q", flags, status, stderr, want)
		}
	}
}

// classSet writes an IDX set of MNIST's images whose labels are class(i).
func classSet(t *testing.T, prefix string, n int, class func(i int, digit byte) byte) string {
	t.Helper()
	dir := t.TempDir()
	d := mnist().training
	for part, lo := range map[string]int{"train": 0, "test": n} {
		var labels []byte
		for i := range n {
			labels = append(labels, class(lo+i, d.Labels[lo+i]))
		}
		writeFile(t, filepath.Join(dir, prefix+part+"-images-idx3-ubyte"), idxImages(2051, uint32(n), 28, 28, d.Images[lo*784:(lo+n)*784]))
		writeFile(t, filepath.Join(dir, prefix+part+"-labels-idx1-ubyte"), idxLabels(2049, uint32(n), labels))
	}
	return dir
}

// TestClasses: a set of 26 classes, or of 2, sets the number of outputs, and its
// names are shown; EMNIST's images are turned.
func TestClasses(t *testing.T) {
	letters := classSet(t, "emnist-letters-", 3000, func(i int, digit byte) byte { return 1 + digit*2 + byte(i%2)*6%2 })
	mapping := ""
	for k := 1; k <= 26; k++ {
		mapping += fmt.Sprintf("%d %d %d\n", k, 64+k, 96+k)
	}
	writeFile(t, filepath.Join(letters, "emnist-letters-mapping.txt"), []byte(mapping))
	net := filepath.Join(t.TempDir(), "net.json")
	status, stdout, stderr := runs(strings.Fields("-data " + letters + " -cost cross-entropy -init default -eta 0.5 -epochs 3 -save " + net)...)
	if status != 0 || lastRight(stdout) < 1500 || !strings.Contains(stderr, "sizes [784 30 26]") || !strings.Contains(stderr, "turned over their diagonal") {
		t.Errorf("status %d, %d / 3000; %s", status, lastRight(stdout), stderr)
	}
	if _, stdout, stderr := runs("show", "confusion", "-data", letters, "-load", net); !strings.Contains(stdout, "A") || !strings.Contains(stdout, "S") {
		t.Errorf("%s; %s", stdout, stderr)
	}
	two := classSet(t, "", 500, func(i int, digit byte) byte { return digit % 2 })
	writeFile(t, filepath.Join(two, "labels.txt"), []byte("even\nodd\n"))
	status, stdout, stderr = runs(strings.Fields("-data " + two + " -sizes 784,10,2 -cost cross-entropy -init default -eta 0.5 -epochs 5 -stop-after 3 -save " + net)...)
	if status != 0 || lastRight(stdout) < 350 {
		t.Errorf("status %d, %d / 500; %s", status, lastRight(stdout), stderr)
	}
	if _, stdout, stderr := runs("show", "mistakes", "-data", two, "-load", net); !strings.Contains(stdout, "read as odd") {
		t.Errorf("%.300s; %s", stdout, stderr)
	}
	if status, _, stderr := runs("-data", two, "-sizes", "784,10"); status != 2 || !strings.Contains(stderr, "must end with 2") {
		t.Errorf("status %d, %s", status, stderr)
	}
	writeFile(t, filepath.Join(two, "labels.txt"), []byte("even\n"))
	if status, _, stderr := runs("-data", two); status != 1 || !strings.Contains(stderr, "names 1 classes, but train-labels has a label 1") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestExtendedLabels: QMNIST's labels, rows of eight numbers, are read.
func TestExtendedLabels(t *testing.T) {
	dir := smallSet(t, 60)
	for old, part := range map[string]string{"train": "train", "t10k": "test"} {
		os.Remove(filepath.Join(dir, old+"-labels-idx1-ubyte.gz"))
		file := []byte{0, 0, 0x0c, 2, 0, 0, 0, 60, 0, 0, 0, 8}
		for i := range 60 {
			for k := range 8 {
				file = binary.BigEndian.AppendUint32(file, uint32((i%10)*(1-min(k, 1))+100*k))
			}
		}
		writeFile(t, filepath.Join(dir, "qmnist-"+part+"-labels-idx2-int"), file)
	}
	status, want, stderr := runs(quick(t, "2")...)
	status2, got, stderr2 := runs("-data", dir, "-sizes", "4,5,10", "-epochs", "2")
	if status != 0 || status2 != 0 || got != want {
		t.Errorf("%d %d, %q, want %q; %s %s", status, status2, got, want, stderr, stderr2)
	}
}

// TestFashion trains on Fashion-MNIST where Debian's package is installed.
func TestFashion(t *testing.T) {
	t.Parallel()
	const from = "/usr/share/datasets/fashion-mnist"
	files, err := filepath.Glob(filepath.Join(from, "*-ubyte.gz"))
	if err != nil || len(files) != 4 {
		t.Skip("dataset-fashion-mnist is not installed")
	}
	if testing.Short() {
		t.Skip("trains on all of it")
	}
	epochs, want := "1", 8230 // docs/experiments.md
	if long() {
		epochs, want = "3", 8515
	}
	dir, net := t.TempDir(), filepath.Join(t.TempDir(), "net.json")
	for _, file := range files {
		if err := os.Symlink(file, filepath.Join(dir, filepath.Base(file))); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(dir, "labels.txt"), []byte("T-shirt\ntrouser\npullover\ndress\ncoat\nsandal\nshirt\nsneaker\nbag\nboot\n"))
	train := strings.Fields("-sizes 784,100,10 -activation relu -cost log-likelihood -init default -eta 0.1 -data")
	status, stdout, stderr := runs(append(train, dir, "-epochs", epochs, "-save", net)...)
	t.Logf("%s", stdout)
	if status != 0 || lastRight(stdout) != want {
		t.Errorf("status %d, %q; %s", status, stdout, stderr)
	}
	if status, _, stderr := runs("-data", from, "-epochs", "0", "-train-size", "10", "-eval-size", "10"); status != 0 {
		t.Errorf("as the package has it: %s", stderr)
	}
	if _, stdout, stderr := runs("show", "confusion", "-data", dir, "-load", net); !regexp.MustCompile(`(?m)^ *trouser .* 9\d\.\d\d %$`).MatchString(stdout) {
		t.Errorf("%s; %s", stdout, stderr)
	}
}

// trainTable trains on docs/examples/iris.csv, and returns the standard output and
// the standard error.
func trainTable(t *testing.T, flags ...string) (stdout, stderr string) {
	t.Helper()
	line := append(strings.Fields("-epochs 5 -eta 0.5 -cost cross-entropy -init default"), flags...)
	status, stdout, stderr := runs(line...)
	if status != 0 {
		t.Fatalf("%v: status %d, %s", line, status, stderr)
	}
	return stdout, stderr
}

// TestCheckpointOfTable: a checkpoint of a table keeps its scaling, as a network does:
// loaded and shown it is right as often.
func TestCheckpointOfTable(t *testing.T) {
	iris, dir := filepath.Join("docs", "examples", "iris.csv"), t.TempDir()
	checkpoint := filepath.Join(dir, "checkpoint.json")
	trained, _ := trainTable(t, "-data", iris, "-checkpoint", checkpoint)
	loaded, _ := trainTable(t, "-data", iris, "-load", checkpoint, "-epochs", "0")
	if want := fmt.Sprintf("Loaded: %d / 30\n", lastRight(trained)); loaded != want || lastRight(trained) < 20 {
		t.Errorf("%q, want %q", loaded, want)
	}
	_, stdout, _ := runs("show", "confusion", "-data", iris, "-load", checkpoint)
	right := 0
	for i, line := range strings.Split(strings.TrimSpace(stdout), "\n")[1:] {
		n, _ := strconv.Atoi(strings.Fields(line)[1+i])
		right += n
	}
	if right != lastRight(trained) {
		t.Errorf("%d right, shown %d\n%s", lastRight(trained), right, stdout)
	}
}

// TestConfusionOfTable: show confusion says which rows it shows; of another table
// than that of the training, or where the test had a table of its own, all.
func TestConfusionOfTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("docs", "examples", "iris.csv"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rows := strings.SplitAfter(string(text), "\n")
	name := func(file string, rows ...string) string {
		file = filepath.Join(dir, file)
		writeFile(t, file, []byte(strings.Join(rows, "")))
		return file
	}
	all, some := name("all.csv", rows...), name("some.csv", append(rows[:1:1], rows[30:110]...)...)
	split, apart := filepath.Join(dir, "split.json"), filepath.Join(dir, "apart.json")
	trainTable(t, "-data", all, "-save", split)
	trainTable(t, "-data", all, "-test", some, "-save", apart)
	for _, c := range []struct{ net, data, want string }{
		{split, all, "the 30 of 150 rows that were left out of training"},
		{split, some, "all 80 rows\n"},
		{apart, all, "all 150 rows, on which the network was trained"},
		{apart, some, "all 80 rows\n"},
	} {
		if status, _, stderr := runs("show", "confusion", "-load", c.net, "-data", c.data); status != 0 || !strings.Contains(stderr, c.want) {
			t.Errorf("status %d, %s, want %q", status, stderr, c.want)
		}
	}
}

// TestOtherClasses: a network is refused data of other classes, and given some of its
// own it knows them by their names.
func TestOtherClasses(t *testing.T) {
	dir := t.TempDir()
	table := func(file string, names ...string) string {
		file = filepath.Join(dir, file)
		text := "x,y,class\n"
		for i := range 40 {
			text += fmt.Sprintf("%d,%d,%s\n", i%len(names), i%3, names[i%len(names)])
		}
		writeFile(t, file, []byte(text))
		return file
	}
	three, other, two := table("three.csv", "apple", "pear", "plum"), table("other.csv", "aaa", "mmm", "zzz"), table("two.csv", "plum", "apple")
	net := filepath.Join(dir, "net.json")
	trainTable(t, "-data", three, "-save", net)
	for _, command := range []string{"", "show confusion "} {
		line := append(strings.Fields(command), "-load", net, "-data")
		if status, _, stderr := runs(append(line, other)...); status != 1 || !strings.Contains(stderr, `class "aaa", expected one of apple, pear, plum`) {
			t.Errorf("%s: status %d, %s", command, status, stderr)
		}
		if status, _, stderr := runs(append(line, two)...); status != 0 {
			t.Errorf("%s: status %d, %s", command, status, stderr)
		}
	}
	set := classSet(t, "", 60, func(i int, digit byte) byte { return digit % 2 })
	writeFile(t, filepath.Join(set, "labels.txt"), []byte("even\nodd\n"))
	trainTable(t, "-data", set, "-save", net)
	writeFile(t, filepath.Join(set, "labels.txt"), []byte("white\nblack\n"))
	for _, command := range []string{"", "show confusion "} {
		if status, _, stderr := runs(append(strings.Fields(command), "-load", net, "-data", set)...); status != 1 || !strings.Contains(stderr, "has the classes even, odd, but") {
			t.Errorf("%s: status %d, %s", command, status, stderr)
		}
	}
	if status, _, stderr := runs("-load", net); status != 2 || !strings.Contains(stderr, "for other data than MNIST: give them by -data") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestSeparators: semicolons and tabs separate columns, too, and a byte order mark is
// no part of the first.
func TestSeparators(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{
		"a.csv": "x;y;class\n0;1;a\n1;0;b\n", "b.tsv": "# tabs\nx\ty\tclass\n0\t1\ta\n1\t0\tb\n", "c.csv": "\ufeff0,1,a\n1,0,b\n", "d.csv": "0,1,\"a;b\"\n1,0,b\n",
	} {
		file = filepath.Join(dir, file)
		writeFile(t, file, []byte(text))
		if _, stderr := trainTable(t, "-data", file); !strings.Contains(stderr, "sizes [2 30 2]") {
			t.Errorf("%s: %s", file, stderr)
		}
	}
}

// TestDesiredOutput: a comma behind its name makes one column a desired output; numbers
// that are not whole are not taken for classes.
func TestDesiredOutput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mean.csv")
	text := "a,b,mean\n"
	for i := range 30 {
		text += fmt.Sprintf("%d,%d,%.3f\n", i%2, i%3, float64(i%2+i%3)/6)
	}
	writeFile(t, file, []byte(text))
	if _, stderr := trainTable(t, "-data", file, "-target", "mean,"); !strings.Contains(stderr, "sizes [2 30 1]") {
		t.Error(stderr)
	}
	for flags, want := range map[string]string{
		"": "say so by a comma behind its name: -target NAME,", "-target mean,mean": "-target names column \"mean\" twice",
		"-target mean, -cost log-likelihood": "use -cost cross-entropy for",
	} {
		if status, _, stderr := runs(append(strings.Fields(flags), "-data", file)...); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s, want %q", flags, status, stderr, want)
		}
	}
	writeFile(t, file, []byte("x,class\n1e308,a\n-1e308,b\n"))
	if status, _, stderr := runs("-data", file); status != 1 || !strings.Contains(stderr, "too large to scale") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// TestNamesOfNetwork: where the data name no classes, those of the network's file are
// shown.
func TestNamesOfNetwork(t *testing.T) {
	net, name := biased(3), filepath.Join(t.TempDir(), "net.json")
	named := *net.Encoding
	named.Classes = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	net.Encoding = &named
	if err := net.Save(name); err != nil {
		t.Fatal(err)
	}
	dir, images, labels := t.TempDir(), make([]byte, 10*784), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, part := range []string{"train", "t10k"} {
		writeFile(t, filepath.Join(dir, part+"-images-idx3-ubyte"), idxImages(2051, 10, 28, 28, images))
		writeFile(t, filepath.Join(dir, part+"-labels-idx1-ubyte"), idxLabels(2049, 10, labels))
	}
	if status, stdout, stderr := runs("show", "confusion", "-data", dir, "-load", name); status != 0 || !strings.Contains(stdout, " three ") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
}

// TestEncodingOf: the encodings of ten digits are those of the program; others are
// copies of them with outputs and names of their own.
func TestEncodingOf(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	if got := encodingOf("unit", 10, nil); got != Unit {
		t.Errorf("%+v", got)
	}
	for _, c := range []struct {
		outputs int
		classes []string
	}{{10, names}, {3, nil}, {3, names[:3]}} {
		got := encodingOf("unit", c.outputs, c.classes)
		if got == Unit || got.Name != "unit" || got.Outputs != c.outputs || !slices.Equal(got.Classes, c.classes) {
			t.Errorf("%d outputs, %d names: %+v", c.outputs, len(c.classes), got)
		}
	}
	if Unit.Outputs != 10 || Unit.Classes != nil {
		t.Errorf("the program's own became %+v", Unit)
	}
}
