package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHistories: the table has a row an epoch, -every more; the lists have
// network2.py's order; the curves are well-formed.
func TestHistories(t *testing.T) {
	dir := t.TempDir()
	csv, lists, svg := filepath.Join(dir, "h.csv"), filepath.Join(dir, "h.json"), filepath.Join(dir, "h.svg")
	status, stdout, stderr := runs("-train-size", "300", "-eval-size", "100", "-epochs", "2", "-every", "100",
		"-monitor", "accuracy,cost,training-cost,training-accuracy,weight-length", "-csv", csv, "-json", lists, "-plot", svg)
	if status != 0 {
		t.Fatal(stderr)
	}
	data, _ := os.ReadFile(csv)
	rows := strings.Split(strings.TrimSpace(string(data)), "\n")
	if rows[0] != "seed,epoch,examples,eta,evaluation_cost,evaluation_accuracy,training_cost,training_accuracy,weight_length,network2_cost" || len(rows) != 7 ||
		!strings.HasPrefix(rows[1], "12345678,0,100,3,") || !strings.HasPrefix(rows[6], "12345678,1,300,3,") {
		t.Errorf("CSV: %s", data)
	}
	var four [4][]float64
	data, _ = os.ReadFile(lists)
	if err := json.Unmarshal(data, &four); err != nil || len(four[0]) != 6 || len(four[3]) != 6 || four[1][5] != math.Trunc(four[1][5]) {
		t.Errorf("lists: %v, %s", err, data)
	}
	data, _ = os.ReadFile(svg)
	checkSVG(t, data)
	for _, want := range []string{"Epoch 0, 100 examples: ", "\nEpoch 1: ", "\nCost on training data: ", "\nAccuracy on training data: ", " / 300\n", "\nLength of the weight vector: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("stdout %q lacks %q", stdout, want)
		}
	}
}

// TestRuns: -runs repeats with the seeds that follow, and prints mean ±
// standard deviation.
func TestRuns(t *testing.T) {
	args := strings.Fields("-train-size 200 -eval-size 100 -epochs 2")
	status, stdout, stderr := runs(append(args, "-seed", "5", "-runs", "2")...)
	_, fifth, _ := runs(append(args, "-seed", "5")...)
	_, sixth, _ := runs(append(args, "-seed", "6")...)
	want := "Run 1 of 2, seed 5\n" + fifth + "Run 2 of 2, seed 6\n" + sixth
	last := regexp.MustCompile(`^2 runs: best \d+\.\d\d ± \d+\.\d\d %, last \d+\.\d\d ± \d+\.\d\d %\n$`)
	if status != 0 || !strings.HasPrefix(stdout, want) || !last.MatchString(strings.TrimPrefix(stdout, want)) {
		t.Errorf("status %d, stdout %q, stderr %q, want %q", status, stdout, stderr, want)
	}
	if mean, deviation := meanDeviation([]float64{7}); mean != 7 || deviation != 0 {
		t.Errorf("of one: mean %v ± %v", mean, deviation)
	}
	if mean, deviation := meanDeviation([]float64{1, 2, 3, 4}); mean != 2.5 || math.Abs(deviation-math.Sqrt(5./3)) > 1e-15 {
		t.Errorf("mean %v ± %v", mean, deviation)
	}
}

// TestHistoriesOfRuns: the files of several runs hold the history of each;
// without accuracies there is no mean to print.
func TestHistoriesOfRuns(t *testing.T) {
	dir := t.TempDir()
	files := func(name string) []string {
		return []string{"-json", filepath.Join(dir, name+".json"), "-csv", filepath.Join(dir, name+".csv"), "-plot", filepath.Join(dir, name+".svg")}
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	args := with(quick(t, "3"), "-monitor", "cost")
	for _, c := range []struct {
		name string
		args []string
	}{{"both", []string{"-seed", "5", "-runs", "2"}}, {"5", []string{"-seed", "5"}}, {"6", []string{"-seed", "6"}}} {
		status, stdout, stderr := runs(slices.Concat(args, c.args, files(c.name))...)
		if status != 0 || strings.Contains(stdout, " runs: ") {
			t.Errorf("%s: status %d, stdout %q, stderr %q", c.name, status, stdout, stderr)
		}
	}
	if got, want := read("both.json"), "["+strings.TrimSpace(read("5.json"))+","+strings.TrimSpace(read("6.json"))+"]\n"; got != want {
		t.Errorf("lists of two runs: %s, want %s", got, want)
	}
	head, sixth, _ := strings.Cut(read("6.csv"), "\n")
	if got, want := read("both.csv"), read("5.csv")+sixth; got != want || head == "" {
		t.Errorf("table of two runs: %s, want %s", got, want)
	}
	if svg := read("both.svg"); !strings.Contains(svg, ", run 1") || !strings.Contains(svg, ", run 2") {
		t.Error("the curves do not say of which run they are")
	}
}

// TestCurves: epoch 0 stands at 0 when it is done, and each accuracy is a percentage
// of its own data.
func TestCurves(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	runs := []finishedRun{{training: 200, evaluation: 40, history: []Record{
		{Epoch: 0, Examples: 50, Measured: Measured{EvaluationAccuracy: number(10), TrainingAccuracy: number(150), TrainingCost: number(3)}},
		{Epoch: 0, Examples: 200, Measured: Measured{EvaluationAccuracy: number(20), TrainingAccuracy: number(100), TrainingCost: number(2)}},
		{Epoch: 1, Examples: 200, Measured: Measured{EvaluationAccuracy: number(30), TrainingAccuracy: number(200), TrainingCost: number(1)}},
	}}}
	for i, want := range [][]float64{1: {25, 50, 75}, 2: {3, 2, 1}, 3: {75, 50, 100}} {
		curves := metrics[i].curves(runs)
		if want == nil {
			if len(curves) != 0 {
				t.Errorf("%s: %v, want none", metrics[i].name, curves)
			}
			continue
		}
		if len(curves) != 1 || !slices.Equal(curves[0].X, []float64{-0.75, 0, 1}) || !slices.Equal(curves[0].Y, want) {
			t.Errorf("%s: %v, want x -0.75, 0, 1 and y %v", metrics[i].name, curves, want)
		}
	}
}

// TestCurvesOfSettings: the runs of one setting of -vary look alike, and the legend has
// a line for each setting.
func TestCurvesOfSettings(t *testing.T) {
	right := 5.0
	p := new(Plot)
	for _, setting := range []string{"eta 1", "eta 2"} {
		var runs []finishedRun
		for seed := range uint32(3) {
			runs = append(runs, finishedRun{setting: setting, seed: seed, training: 10, evaluation: 10, history: []Record{{Examples: 10, Measured: Measured{EvaluationAccuracy: &right}}}})
		}
		p.Curves = append(p.Curves, metrics[1].curves(runs)...)
	}
	var names []string
	for _, c := range p.Curves {
		names = append(names, c.Name)
	}
	if want := []string{"eta 1, 3 seeds, on evaluation data", "", "", "eta 2, 3 seeds, on evaluation data", "", ""}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if got, want := p.styles(), []int{0, 0, 0, 1, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("styles %v, want %v", got, want)
	}
}

// TestVary: -vary trains with each value, or all pairs, with the numbers of single
// runs, and ends with a table; the files name the settings.
func TestVary(t *testing.T) {
	dir := t.TempDir()
	csv, lists, svg := filepath.Join(dir, "h.csv"), filepath.Join(dir, "h.json"), filepath.Join(dir, "h.svg")
	base := strings.Fields("-epochs 2 -train-size 300 -eval-size 100")
	status, stdout, stderr := runs(append(base, "-vary", "eta=0.5,3", "-vary", "sizes=784,10;784,5,10", "-csv", csv, "-json", lists, "-plot", svg, "-monitor", "accuracy,cost")...)
	if status != 0 {
		t.Fatal(stderr)
	}
	want := ""
	for _, eta := range []string{"0.5", "3"} {
		for _, sizes := range []string{"784,10", "784,5,10"} {
			_, single, _ := runs(append(base, "-eta", eta, "-sizes", sizes, "-monitor", "accuracy,cost")...)
			want += "eta " + eta + ", sizes " + sizes + "\n" + single
		}
	}
	if !strings.HasPrefix(stdout, want) || !regexp.MustCompile(`\nsetting +best % +in epoch +last % +cost +seconds\n(eta .*\n){4}$`).MatchString(stdout) {
		t.Errorf("%s\nwant it to begin with\n%s", stdout, want)
	}
	text, _ := os.ReadFile(csv)
	if !strings.HasPrefix(string(text), "setting,seed,epoch,") || strings.Count(string(text), "\n\"eta 3, sizes 784,5,10\",") != 2 {
		t.Errorf("%s", text)
	}
	var all []struct{ Setting string }
	text, _ = os.ReadFile(lists)
	if err := json.Unmarshal(text, &all); err != nil || len(all) != 4 || all[0].Setting != "eta 0.5, sizes 784,10" {
		t.Errorf("%v, %v", all, err)
	}
	text, _ = os.ReadFile(svg)
	checkSVG(t, text)
	for line, want := range map[string]string{"-vary epoch=1": "not a flag", "-vary eta": "must be a flag and its values", "-vary eta=1,abc": "flag -eta", "-vary eta=1 -save x": "goes with none of"} {
		if status, _, stderr := runs(strings.Fields(line)...); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s, want %q", line, status, stderr, want)
		}
	}
}

// TestVaryKeeps: the table of -vary has the epoch of the best accuracy also where
// -every scores in between, and the cost; what was done is kept where a later value
// cannot be trained; hints name no file of the comparison.
func TestVaryKeeps(t *testing.T) {
	file := filepath.Join(t.TempDir(), "runs.csv")
	status, stdout, _ := runs(strings.Fields("-vary every=100,150 -epochs 2 -train-size 300 -eval-size 500")...)
	for _, setting := range []string{"every 100", "every 150"} {
		if !regexp.MustCompile(`(?m)^` + setting + ` +\d+\.\d\d +[01] +\d+\.\d\d +\d\.\d+ `).MatchString(stdout) {
			t.Errorf("status %d, %s", status, stdout)
		}
	}
	status, stdout, _ = runs("-vary", "train-size=200,60000", "-epochs", "1", "-eval-size", "500", "-csv", file)
	if text, err := os.ReadFile(file); status != 2 || !strings.Contains(stdout, "\nsetting ") || !strings.Contains(string(text), "train-size 200,12345678,0,200,3,") {
		t.Errorf("status %d, %s; %q, %v", status, stdout, text, err)
	}
	if _, _, stderr := runs("-vary", "eta=100,200", "-epochs", "1", "-train-size", "1000", "-eval-size", "500", "-csv", file); !strings.Contains(stderr, "is too large") || strings.Contains(stderr, file) {
		t.Error(stderr)
	}
	for flags, want := range map[string]string{"-vary eta=1,2 -vary eta=3,4": "given twice", "-vary sizes=784,10": "must have ; between the values of sizes"} {
		if status, _, stderr := runs(strings.Fields(flags)...); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %s, want %q", flags, status, stderr, want)
		}
	}
}

// TestPanels: accuracies, costs and lengths are drawn in panels of their own, and only
// accuracies are kept off the frame.
func TestPanels(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	runs := []finishedRun{{training: 100, evaluation: 50, history: []Record{
		{Epoch: 0, Examples: 100, Measured: Measured{EvaluationAccuracy: number(47), EvaluationCost: number(100), WeightLength: number(5)}},
		{Epoch: 1, Examples: 100, Measured: Measured{EvaluationAccuracy: number(50), EvaluationCost: number(94), WeightLength: number(6)}},
	}}}
	var got, want bytes.Buffer
	if err := plotHistories(&got, runs); err != nil {
		t.Fatal(err)
	}
	accuracy := &Plot{Title: "100 training examples", XLabel: "Epoch", YLabel: "Accuracy (%)", Curves: metrics[1].curves(runs), YMin: 90, YMax: 101}
	cost := &Plot{XLabel: "Epoch", YLabel: "Cost", Curves: metrics[0].curves(runs)}
	length := &Plot{XLabel: "Epoch", YLabel: "Length of the weight vector", Curves: metrics[4].curves(runs)}
	if err := writePanels(&want, accuracy, cost, length); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("%s\nwant\n%s", &got, &want)
	}
}

// TestNetwork2Lists: what was not monitored is an empty list, never null.
func TestNetwork2Lists(t *testing.T) {
	if text, err := json.Marshal(network2Lists(nil)); err != nil || string(text) != "[[],[],[],[]]" {
		t.Errorf("%s, error %v", text, err)
	}
}
