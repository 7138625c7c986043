package main

import (
	"context"
	"encoding/json"
	"strings"
	"syscall/js"
	"testing"
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

// TestPageEngine: the engine of the page trains with the lines of the terminal and
// computes what the commands compute.
func TestPageEngine(t *testing.T) {
	var log strings.Builder
	ended := make(chan string, 1)
	js.Global().Set("postMessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var e struct{ Event, Text, How string }
		json.Unmarshal([]byte(args[0].String()), &e)
		switch e.Event {
		case "log":
			log.WriteString(e.Text)
		case "end":
			ended <- e.How
		}
		return nil
	}))
	e := &pageEngine{ctx: context.Background()}
	var yes bool
	asked(t, e, `{"do": "train", "line": "go run . -epochs 2 -train-size 500 -eval-size 200"}`, &yes)
	how := <-ended
	_, want, _ := runs("-epochs", "2", "-train-size", "500", "-eval-size", "200")
	if how != "done" || log.String() != want {
		t.Errorf("%s: %q, want %q", how, log.String(), want)
	}
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
	var softmax struct{ A []float64 }
	asked(t, e, `{"do": "softmax", "x": [1, 2, 3, 4]}`, &softmax)
	wantClose(t, "softmax", softmax.A, softmaxNeurons(1, 2, 3, 4), 0)
	for request, want := range map[string]string{
		`{"do": "check", "line": "-epoch 3"}`:      "did you mean -epochs?",
		`{"do": "train", "line": "-save net"}`:     "needs files",
		`{"do": "nosuch"}`:                         "unknown request",
		`{"do": "read", "text": "bm8gcGljdHVyZQ"}`: "illegal base64",
	} {
		var r pageRequest
		json.Unmarshal([]byte(request), &r)
		if _, err := e.answer(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", request, err, want)
		}
	}
}
