package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"syscall/js"
	"testing"
	"time"
)

// asked returns the answer of an engine to a request, as the page gets it.
func asked(t *testing.T, e *pageEngine, request string, into any) {
	t.Helper()
	var r pageRequest
	if err := json.Unmarshal([]byte(request), &r); err != nil {
		t.Fatal(err)
	}
	answer, err := e.answer(r)
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	text, err := json.Marshal(answer)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
}

// wantLog checks that a training of the engine prints what the terminal prints.
func wantLog(t *testing.T, e *pageEngine, line string) {
	t.Helper()
	var log strings.Builder
	ended := make(chan string, 1)
	js.Global().Set("postMessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var e struct{ Event, Text, How, Message string }
		json.Unmarshal([]byte(args[0].String()), &e)
		switch e.Event {
		case "log":
			log.WriteString(e.Text)
		case "end":
			ended <- e.How + e.Message
		}
		return nil
	}))
	var yes bool
	request, err := json.Marshal(map[string]string{"do": "train", "line": "go run . " + line})
	if err != nil {
		t.Fatal(err)
	}
	asked(t, e, string(request), &yes)
	how := <-ended
	words, err := commandWords(line)
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := runs(words...)
	if how != "done" || log.String() != want || want == "" {
		t.Errorf("%s: %s: %q, want %q", line, how, log.String(), want)
	}
}

// A postedEvent is an event or a reply as the page gets it.
type postedEvent struct {
	Event, Text, How, Message, Error, Setting, What, Line string
	ID, Number, Of                                        int
	Seed                                                  uint64
	On                                                    bool
	Data                                                  any
	Record                                                Record
}

// posted returns what the engine posts while f runs and until it has posted what
// ends it.
func posted(f func(), ends func(postedEvent) bool) (all []postedEvent) {
	events := make(chan postedEvent, 10000)
	js.Global().Set("postMessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var e postedEvent
		json.Unmarshal([]byte(args[0].String()), &e)
		events <- e
		return nil
	}))
	f()
	for {
		e := <-events
		if all = append(all, e); ends(e) {
			return all
		}
	}
}

// trained returns what the engine posts of a training.
func trained(t *testing.T, e *pageEngine, line string) []postedEvent {
	t.Helper()
	return posted(func() {
		if _, err := e.train(line); err != nil {
			t.Fatal(err)
		}
	}, func(e postedEvent) bool { return e.Event == "end" })
}

// refused checks that the engine answers requests with errors.
func refused(t *testing.T, e *pageEngine, wants map[string]string) {
	t.Helper()
	for request, want := range wants {
		var r pageRequest
		if err := json.Unmarshal([]byte(request), &r); err != nil {
			t.Fatal(err)
		}
		if _, err := e.answer(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", request, err, want)
		}
	}
}

// TestPageEngine: the engine of the page trains with the lines of the terminal and
// computes what the commands compute.
func TestPageEngine(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	wantLog(t, e, "-epochs 2 -train-size 500 -eval-size 200")
	var trace struct {
		Layers []struct{ NablaW, NumericW []float64 }
		Cost   float64
	}
	asked(t, e, `{"do": "trace", "eta": 0.5}`, &trace)
	for l, layer := range trace.Layers[1:] {
		if d := relativeError(layer.NablaW, layer.NumericW); d > 1e-7 || len(layer.NablaW) == 0 {
			t.Errorf("layer %d: relative error %v", l+2, d)
		}
	}
	wantSlow(t, e)
	var softmax struct{ A []float64 }
	asked(t, e, `{"do": "softmax", "x": [1, 2, 3, 4]}`, &softmax)
	wantClose(t, "softmax", softmax.A, softmaxNeurons(1, 2, 3, 4), 0)
	refused(t, e, map[string]string{
		`{"do": "check", "line": "-epoch 3"}`:      "did you mean -epochs?",
		`{"do": "check", "line": "-data 'a b"}`:    "the quotation mark ' is not closed",
		`{"do": "check", "line": "-data nosuch"}`:  "-data nosuch is not in this page",
		`{"do": "train", "line": "-save net"}`:     "-save net needs a file",
		`{"do": "check", "line": "-plot a.svg"}`:   "Here the curves are below",
		`{"do": "check", "line": "-load no.json"}`: "-load no.json is not in this page: choose it",
		`{"do": "check", "line": "-help"}`:         "the form explains each flag",
		`{"do": "nosuch"}`:                         "unknown request",
		`{"do": "read", "text": "bm8gcGljdHVyZQ"}`: "illegal base64",
	})
}

// wantSlow checks the room Slow learning: from w = b = 2 the first gradient is Eq. 30's
// and Eq. 33's, both end as the demonstration does, and the quadratic cost is flat where the
// cross-entropy is steep.
func wantSlow(t *testing.T, e *pageEngine) {
	t.Helper()
	var slow []slowCourse
	asked(t, e, `{"do": "slow", "w": [2], "b": [2], "eta": 0.15}`, &slow)
	a := sigmoid(4)
	for i, want := range []float64{a * a * (1 - a), a} { // y = 0, x = 1
		c := slow[i]
		wantClose(t, "gradient", []float64{c.Slopes[0], c.NablaB[0]}, []float64{want, want}, 1e-15)
		s := NewSingleNeuron(2, 2, []*neuronCost{singleQuadratic, singleCrossEntropy}[i])
		wantClose(t, "costs", c.Costs, s.Train(), 0)
		wantClose(t, "end", []float64{c.W[300], c.B[300], c.Outputs[300]}, []float64{s.W, s.B, s.Output()}, 0)
	}
	count := func(levels []float64) (beyond int) {
		for _, z := range levels {
			if z > 2.5 {
				beyond++
			}
		}
		return beyond
	}
	if q, x := count(slow[0].Levels), count(slow[1].Levels); q != 0 || x < 25 {
		t.Errorf("%d and %d lines of equal cost beyond z = 2.5, want none and about 30", q, x)
	}
}

// A takenData is the engine's answer on what was dropped.
type takenData struct{ Data, Test, Sizes, Text, Pack, Out string }

// TestPageEngineData: an IDX set, a folder of pictures and a table become the data
// of a training, which prints what the terminal prints; the tabs show those data.
func TestPageEngineData(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	take := func(name string) (d takenData) {
		asked(t, e, `{"do": "data", "text": "`+name+`"}`, &d)
		return d
	}
	set := classSet(t, "", 300, func(_ int, digit byte) byte { return digit })
	if d := take(set); d.Data != set || d.Sizes != "" || !strings.Contains(d.Text, "250 images for training, 50 for validation, 300 for the test, of 28×28 pixels, in 10 classes") {
		t.Errorf("%+v", d)
	}
	wantLog(t, e, "-epochs 1 -data "+set)
	if d := take(filepath.Dir(set)); d.Data != set { // the only folder in it
		t.Errorf("%+v, want the set in %s", d, set)
	}
	folder, _ := pictureFolder(t, 80)
	d := take(folder)
	if d.Pack != "go run . pack -o "+folder+"-set "+folder || d.Out != folder+"-set" {
		t.Errorf("%+v", d)
	}
	var said string
	asked(t, e, `{"do": "pack", "line": "`+d.Pack+`"}`, &said)
	if want := "68 images for training, 12 for the test, of 28×28 pixels, in 4 classes"; !strings.Contains(said, want) {
		t.Errorf("pack: %q, want %q", said, want)
	}
	d = take(d.Out)
	wantLog(t, e, "-epochs 1 -data "+d.Data)
	var flags []struct {
		Flags []struct{ Name, Value, Default string }
	}
	asked(t, e, `{"do": "check", "line": "-data `+d.Data+`"}`, &flags)
	if f := flags[0].Flags[0]; f.Name != "sizes" || f.Value != "784,30,4" || f.Default != f.Value {
		t.Errorf("the form has %+v, want -sizes 784,30,4", f)
	}
	if !slices.Equal(e.reader.Encoding.Classes, []string{"one", "three", "two", "zero"}) {
		t.Errorf("the room Draw reads %v", e.reader.Encoding.Classes)
	}
	wantTabs(t, e, []string{"one", "three", "two", "zero"}, 12)
	table := filepath.Join(t.TempDir(), "a table's.csv")
	writeFile(t, table, []byte("x,y,kind\n0,0,off\n0,1,on\n1,0,on\n1,1,off\n"))
	reader := e.reader
	if d := take(table); d.Data != table || d.Text != "4 rows for training, 4 for the test, 2 inputs, 2 classes: off, on" {
		t.Errorf("%+v", d)
	}
	wantLog(t, e, strings.TrimPrefix(quotedCommand("-epochs", "2", "-data", table), "go run . "))
	if e.reader != reader {
		t.Error("a network of a table reads drawn digits")
	}
	refused(t, e, map[string]string{`{"do": "mistakes", "n": 3}`: "a table has no pictures"})
}

// TestPageEngineRefuses: what is broken is refused in the terminal's words.
func TestPageEngineRefuses(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	set := classSet(t, "", 300, func(_ int, digit byte) byte { return digit })
	broken := classSet(t, "", 300, func(_ int, digit byte) byte { return digit })
	writeFile(t, filepath.Join(broken, "test-labels-idx1-ubyte"), idxLabels(2050, 300, make([]byte, 300)))
	missing := t.TempDir()
	writeFile(t, filepath.Join(missing, "train-images-idx3-ubyte"), idxImages(2051, 1, 28, 28, make([]byte, 784)))
	terminal := func(name string) string {
		_, _, stderr := runs("-data", name)
		return strings.Join(strings.Fields(strings.TrimPrefix(stderr, "nndl: ")), " ")
	}
	refused(t, e, map[string]string{
		`{"do": "data", "text": "` + broken + `"}`:                  "magic number is 2050, expected 2049",
		`{"do": "data", "text": "` + missing + `"}`:                 "no file train-labels-idx1-ubyte",
		`{"do": "data", "text": "` + set + `/x.csv"}`:               "No such file",
		`{"do": "pack", "line": "pack -o x ` + set + `"}`:           "0 subfolders, expected 2 to 256",
		`{"do": "check", "line": "-sizes 784,9 -data ` + set + `"}`: "-sizes ends with 9, but must end with 10",
	})
	for _, name := range []string{broken, missing} {
		_, err := e.takeData(name)
		if got := strings.Join(strings.Fields(oneLine(err)), " "); got != terminal(name) {
			t.Errorf("%q, in the terminal %q", got, terminal(name))
		}
	}
}

// wantTabs checks the names of the classes that the tabs show and the number of
// examples that they count.
func wantTabs(t *testing.T, e *pageEngine, names []string, n int) {
	t.Helper()
	var confusion struct {
		Names []string
		Count [][]int
	}
	asked(t, e, `{"do": "confusion"}`, &confusion)
	sum, wrong := 0, 0
	for k, row := range confusion.Count {
		for said, count := range row {
			if sum += count; said != k {
				wrong += count
			}
		}
	}
	var mistakes struct {
		Wrong, Of int
		Mistakes  []struct{ Label, Said string }
	}
	asked(t, e, `{"do": "mistakes", "n": 100}`, &mistakes)
	if !slices.Equal(confusion.Names, names) || sum != n || mistakes.Of != n || mistakes.Wrong != wrong || len(mistakes.Mistakes) != wrong {
		t.Errorf("%d examples of %v, %d mistakes: %+v", sum, confusion.Names, wrong, mistakes)
	}
}

// TestPageEngineNotFinite: numbers that are not finite come as texts, and a reply that
// JSON cannot hold is an error of its request alone.
func TestPageEngineNotFinite(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	isReply := func(e postedEvent) bool { return e.Event == "reply" }
	large := make([]float64, 9)
	for i := range large {
		large[i] = 1e300
	}
	for _, r := range []pageRequest{
		{ID: 7, Do: "trace", W: large, B: make([]float64, 4), X: []float64{1e300, 1e300}, Eta: 1e300},
		{ID: 7, Do: "valley", Eta: 1e6, X: []float64{1, 1}, Steps: 200},
		{ID: 7, Do: "neuron", W: []float64{1e300}, B: []float64{0}, X: []float64{1e300}},
	} {
		all := posted(func() { e.serve(r) }, isReply)
		text, _ := json.Marshal(all[0].Data)
		if len(all) != 1 || all[0].ID != 7 || all[0].Error != "" || !strings.Contains(string(text), `"#`) {
			t.Errorf("%s: %.200q, %+v", r.Do, text, all[0].Error)
		}
	}
	all := posted(func() { postReply(8, math.NaN(), nil) }, isReply)
	if want := "one of the results is NaN"; all[0].ID != 8 || !strings.Contains(all[0].Error, want) {
		t.Errorf("%+v, want %q", all[0], want)
	}
	if all := posted(func() { e.serve(pageRequest{ID: 9, Do: "slow"}) }, isReply); all[0].ID != 9 || all[0].Error == "" {
		t.Errorf("no error of a request without numbers: %+v", all[0])
	}
}

// TestPageEngineRuns: each training of -vary and -runs begins anew, and each record
// has its epoch and its place in it.
func TestPageEngineRuns(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	for _, c := range []struct {
		line     string
		settings []string
		seeds    []uint64
		last     string
	}{
		{"-epochs 2 -every 100 -train-size 200 -eval-size 50", []string{""}, []uint64{bookSeed}, ""},
		{"-epochs 2 -every 100 -train-size 200 -eval-size 50 -vary eta=0.1,1", []string{"eta 0.1", "eta 1"}, []uint64{bookSeed, bookSeed},
			"go run . -epochs 2 -eta 1 -train-size 200 -eval-size 50 -every 100"},
		{"-epochs 2 -every 100 -train-size 200 -eval-size 50 -runs 2 -seed 5", []string{"", ""}, []uint64{5, 6},
			"go run . -epochs 2 -seed 6 -train-size 200 -eval-size 50 -every 100"},
	} {
		var records [][]Record
		alone := ""
		for _, p := range trained(t, e, c.line) {
			switch p.Event {
			case "begin":
				if n := len(records); p.Number != n+1 || p.Of != len(c.settings) || p.Setting != c.settings[n] || p.Seed != c.seeds[n] {
					t.Errorf("%s: %+v", c.line, p)
				}
				records, alone = append(records, nil), p.Line
			case "record":
				last := len(records) - 1
				records[last] = append(records[last], p.Record)
			}
		}
		if len(records) != len(c.settings) {
			t.Errorf("%s: %d runs, want %d", c.line, len(records), len(c.settings))
		}
		if alone != c.last {
			t.Errorf("%s: the last run alone is %q, want %q", c.line, alone, c.last)
		}
		for _, run := range records {
			var got []int
			for _, r := range run {
				got = append(got, r.Epoch, r.Examples)
			}
			if want := []int{0, 100, 0, 200, 1, 100, 1, 200}; !slices.Equal(got, want) {
				t.Errorf("%s: epochs and examples %v, want %v", c.line, got, want)
			}
		}
	}
}

// TestPageEngineOpen: a network that was saved is opened with its score; training goes
// on from it as in a terminal, and close brings back what was there.
func TestPageEngineOpen(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	wantLog(t, e, "-epochs 1 -eta 2 -train-size 500 -eval-size 200")
	var text string
	asked(t, e, `{"do": "network"}`, &text)
	name := filepath.Join(t.TempDir(), "net.json")
	writeFile(t, name, []byte(text))
	want := e.last.net.Accuracy(e.last.data)
	wantLog(t, e, "-epochs 0 -train-size 500 -eval-size 200")
	before := e.last.net
	var open struct {
		Right, Of int
		Sizes     string
		Continue  bool
	}
	asked(t, e, `{"do": "open", "text": "`+name+`"}`, &open)
	if open.Right != want || open.Of != 200 || open.Sizes != "784-30-10" || !open.Continue {
		t.Errorf("opened: %+v, want %d of 200", open, want)
	}
	var yes bool
	asked(t, e, `{"do": "close"}`, &yes)
	if e.last.net != before || e.reader != before {
		t.Error("close did not bring back the network before")
	}
	line := "-load " + name + " -continue -epochs 1 -train-size 500 -eval-size 200"
	var flags []struct {
		Flags []struct{ Name, Value, Default string }
	}
	asked(t, e, `{"do": "check", "line": "`+line+`"}`, &flags)
	for _, section := range flags {
		for _, f := range section.Flags {
			if f.Name == "eta" && (f.Value != "2" || f.Default != "2") {
				t.Errorf("the form has %+v, want the network's 2", f)
			}
		}
	}
	wantLog(t, e, line)
}

// TestPageEngineYields: other requests are answered while the data are unpacked and
// while the network of the room Draw is trained, which waits for a training.
func TestPageEngineYields(t *testing.T) {
	e := &pageEngine{ctx: context.Background()}
	ticks, stop := 0, false
	go func() {
		for ; !stop; ticks++ {
			time.Sleep(time.Millisecond)
		}
	}()
	all := posted(func() {
		if _, err := unpackPart("t10k"); err != nil {
			t.Fatal(err)
		}
	}, func(e postedEvent) bool { return e.Event == "doing" && !e.On })
	if ticks == 0 || all[0].What != "unpacking" || !all[0].On {
		t.Errorf("%d ticks while the data were unpacked: %+v", ticks, all)
	}
	stop = true
	var order []string
	posted(func() {
		go e.serve(pageRequest{ID: 1, Do: "prepare", Line: "-epochs 2 -train-size 2000"})
	}, func(p postedEvent) bool {
		if p.Event == "preparing" && len(order) == 0 {
			order = append(order, "preparing")
			go e.serve(pageRequest{ID: 2, Do: "sigmoid", X: []float64{0}})
		}
		if p.Event == "reply" {
			order = append(order, fmt.Sprint(p.ID))
		}
		return p.Event == "reply" && p.ID == 1
	})
	if want := []string{"preparing", "2", "1"}; !slices.Equal(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
	if e.own == nil || e.reader != nil {
		t.Error("the network of Draw is not its own")
	}
}
