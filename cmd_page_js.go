package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"syscall/js"
	"time"
)

// This file is the engine of the browser page: requests come in as JSON, events go
// out as JSON, and all that is computed is computed by what the commands use. It
// runs in a Worker; the JavaScript of docs/page only draws.
// Eq. 30 is the article's number, book Eqs. 55, 56 the online book's.

// A pageRequest asks for one thing; its reply has the same ID.
type pageRequest struct {
	ID    int       `json:"id"`
	Do    string    `json:"do"`
	Line  string    `json:"line"`  // of a command
	Text  string    `json:"text"`  // a network file, or a picture in base64
	W     []float64 `json:"w"`     // weights
	B     []float64 `json:"b"`     // biases
	X     []float64 `json:"x"`     // inputs
	Y     float64   `json:"y"`     // desired output
	Eta   float64   `json:"eta"`   // η
	Mu    float64   `json:"mu"`    // μ
	Steps int       `json:"steps"` // of a descent
	N     int       `json:"n"`     // how much to show

	Network string `json:"network"` // that reads a picture: own, that of the room Draw, or the last one
}

// A pageEngine is the state of the page: the training of one room and the network
// that the others read with.
type pageEngine struct {
	ctx     context.Context
	own     *Network // of the room Draw
	reader  *Network // the last one trained or opened that can read what is drawn
	last    learner  // that the tabs of the room Training show
	before  *opened  // what was there when a network was opened
	running *pageRun
	shapes  map[string]dataShape // of the reader's data, by the flags that choose them
}

// A pageRun is a training that the page started.
type pageRun struct {
	cancel  context.CancelFunc
	all     []*options // the settings of -vary, or the only ones
	o       *options   // of the training that is under way
	t       *Training
	number  int // of that training, from 1
	paused  bool
	steps   int // mini-batches to do before it pauses again
	toEpoch int // the epoch at whose end it pauses, -1: none
	sent    int // records that were sent
	slice   time.Time
}

// pageCommand is the engine; it ends with the page.
func pageCommand(ctx context.Context, _ []string, _ io.Reader, _, _ io.Writer) error {
	e := &pageEngine{ctx: ctx}
	for part := range embeddedParts {
		embeddedParts[part] = sync.OnceValues(func() (*Data, error) { return unpackPart(part) })
	}
	requests := make(chan string, 1000)
	js.Global().Set("nndlRequest", js.FuncOf(func(_ js.Value, args []js.Value) any {
		requests <- args[0].String()
		return nil
	}))
	postEvent(map[string]any{"event": "ready"})
	for text := range requests {
		var r pageRequest
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			postReply(r.ID, nil, err)
			continue
		}
		go e.serve(r)
	}
	return nil
}

// postEvent sends an event to the page.
func postEvent(event any) {
	text, err := json.Marshal(event)
	if err != nil {
		text, _ = json.Marshal(map[string]any{"event": "note", "text": fmt.Sprintf("nndl: %v\n", err)})
	}
	js.Global().Call("postMessage", string(text))
}

// postDoing tells the page that something that takes its time begins or ends.
func postDoing(what string, on bool) {
	postEvent(map[string]any{"event": "doing", "what": what, "on": on})
}

// postReply sends the answer to a request. One that JSON cannot hold is an error of
// this request.
func postReply(id int, data any, err error) {
	var text []byte
	if err == nil {
		text, err = json.Marshal(map[string]any{"event": "reply", "id": id, "data": data})
	}
	var unsupported *json.UnsupportedValueError
	if errors.As(err, &unsupported) {
		err = fmt.Errorf("one of the results is %s: the numbers are too large", unsupported.Str)
	}
	if err != nil {
		text, _ = json.Marshal(map[string]any{"event": "reply", "id": id, "error": oneLine(err)})
	}
	js.Global().Call("postMessage", string(text))
}

// serve answers one request. What panics is reported, too.
func (e *pageEngine) serve(r pageRequest) {
	defer func() {
		if p := recover(); p != nil {
			postReply(r.ID, nil, fmt.Errorf("%v", p))
		}
	}()
	data, err := e.answer(r)
	postReply(r.ID, data, err)
}

// A pageNumber is a number of a reply. JSON has none that are not finite; they go as
// "#NaN", "#Infinity" and "#-Infinity", which engine.js turns back.
type pageNumber float64

// MarshalJSON writes the number.
func (x pageNumber) MarshalJSON() ([]byte, error) {
	switch f := float64(x); {
	case math.IsNaN(f):
		return []byte(`"#NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"#Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"#-Infinity"`), nil
	default:
		return json.Marshal(f)
	}
}

// pageNumbers are several.
type pageNumbers []float64

// MarshalJSON writes them as a list.
func (x pageNumbers) MarshalJSON() ([]byte, error) {
	list := make([]pageNumber, len(x))
	for i := range x {
		list[i] = pageNumber(x[i])
	}
	return json.Marshal(list)
}

// answer does what a request asks for.
func (e *pageEngine) answer(r pageRequest) (any, error) {
	if e.running != nil && e.running.control(r.Do) {
		return true, nil
	}
	switch r.Do {
	case "check":
		return e.check(r.Line)
	case "data":
		return e.takeData(r.Text)
	case "pack":
		return e.pack(r.Line)
	case "train":
		return e.train(r.Line)
	case "weights", "mistakes", "confusion", "network":
		return e.show(r)
	case "prepare":
		return e.prepare(r.Line)
	case "open":
		return e.open(r.Text)
	case "close":
		return true, e.close()
	case "read":
		return e.readPicture(r.Text, r.Network)
	}
	return pageMath(r)
}

// control does what a button of a running training asks for, if it is one.
func (r *pageRun) control(do string) bool {
	switch do {
	case "pause":
		r.paused = true
	case "resume":
		r.paused, r.steps, r.toEpoch = false, 0, -1
	case "batch":
		r.steps = 1
	case "epoch":
		r.toEpoch, r.paused = 1, false
		if r.t != nil {
			r.toEpoch = r.t.Progress.State.Epoch + 1
		}
	case "stop":
		r.paused = false
		r.cancel()
	default:
		return false
	}
	return true
}

// errTrainingRuns is the error of what has to wait for the end of a training.
var errTrainingRuns = errors.New("a training is running: stop it first")

// An eventWriter sends what is written to it as events.
type eventWriter string

// Write sends the text.
func (w eventWriter) Write(p []byte) (int, error) {
	postEvent(map[string]any{"event": string(w), "text": string(p)})
	return len(p), nil
}

// train starts the training that a command line describes.
func (e *pageEngine) train(line string) (any, error) {
	if e.running != nil {
		return nil, errTrainingRuns
	}
	o, err := pageOptions(line)
	if err != nil {
		return nil, err
	}
	all, err := o.settings()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(e.ctx)
	r := &pageRun{cancel: cancel, all: all, o: o, toEpoch: -1, slice: time.Now()}
	e.running = r
	o.watch = func(t *Training) { r.begin(ctx, t) }
	go func() {
		postDoing("training", true)
		err := train(ctx, o, eventWriter("log"), eventWriter("note"))
		end := map[string]any{"event": "end", "how": "done"}
		switch {
		case errors.Is(err, errInterrupted):
			end["how"] = "stopped"
		case err != nil:
			end["how"], end["message"] = "failed", oneLine(err)
		}
		if r.t != nil {
			r.sendRecords()
			if r.t.Net.NotFinite() == nil {
				end["reads"], end["reader"] = e.keep(r.t, r.o)
				end["kept"] = true
			}
		}
		e.running = nil
		cancel()
		postDoing("training", false)
		postEvent(end)
	}()
	return true, nil
}

// begin is told of each training of a command line, of which -vary and -runs make
// several.
func (r *pageRun) begin(ctx context.Context, t *Training) {
	if r.t != nil {
		r.sendRecords()
	}
	each := r.o.runs
	setting := r.all[r.number/each]
	seed := setting.seed + uint64(r.number%each)
	if setting.setting != "" {
		r.o = setting
	}
	r.t, r.sent, r.number = t, 0, r.number+1
	if r.toEpoch >= 0 {
		r.paused, r.toEpoch = true, -1
	}
	t.Status = func(float64, string) { r.pace(ctx) }
	event := map[string]any{"event": "begin", "number": r.number, "of": len(r.all) * each, "setting": setting.setting, "runs": each, "seed": seed}
	if len(r.all)*each > 1 {
		event["line"] = setting.lineWith(map[string]string{"runs": "1", "seed": fmt.Sprint(seed)}) // of this one alone
	}
	postEvent(event)
}

// pace is called after each mini-batch: it lets requests in every 20 ms, and waits
// while the training is paused.
func (r *pageRun) pace(ctx context.Context) {
	s := r.t.Progress.State
	if r.toEpoch >= 0 && (s.Epoch >= r.toEpoch || s.Epoch == r.toEpoch-1 && s.ExamplesDone == len(s.Order)) {
		r.paused, r.toEpoch = true, -1
	}
	if r.steps > 0 {
		r.steps--
	}
	if time.Since(r.slice) < 20*time.Millisecond && !r.waits() {
		return
	}
	r.sendProgress()
	time.Sleep(time.Millisecond)
	if r.waits() {
		r.sendProgress()
	}
	for r.waits() && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	r.slice = time.Now()
}

// waits reports whether the training is paused, with no mini-batch left to do.
func (r *pageRun) waits() bool { return r.paused && r.steps == 0 }

// sendProgress sends where the training is.
func (r *pageRun) sendProgress() {
	r.sendRecords()
	s := r.t.Progress.State
	postEvent(map[string]any{"event": "progress", "epoch": s.Epoch, "epochs": r.t.Hyper.Epochs, "examples": s.ExamplesDone, "of": len(s.Order), "eta": s.Eta, "paused": r.waits()})
}

// sendRecords sends what was measured since the last time.
func (r *pageRun) sendRecords() {
	history := r.t.Progress.History
	for ; r.sent < len(history); r.sent++ {
		postEvent(map[string]any{"event": "record", "record": history[r.sent], "training": r.t.Data.Len(), "evaluation": r.t.Evaluation.Len()})
	}
}

// prepare trains the network of the room Draw, as far as no other training runs.
func (e *pageEngine) prepare(line string) (any, error) {
	if e.own != nil {
		return true, nil
	}
	o, err := pageOptions(line)
	if err != nil {
		return nil, err
	}
	postDoing("preparing", true)
	defer postDoing("preparing", false)
	sets, err := o.loadData()
	if err != nil {
		return nil, err
	}
	t, err := o.newTraining(nil, nil, sets, uint32(o.seed))
	if err != nil {
		return nil, err
	}
	t.Out, t.Log, t.Monitors = io.Discard, io.Discard, nil
	slice := time.Now()
	t.Status = func(done float64, _ string) {
		if time.Since(slice) < 20*time.Millisecond {
			return
		}
		postEvent(map[string]any{"event": "preparing", "done": done, "waits": e.running != nil && !e.running.waits()})
		time.Sleep(time.Millisecond)
		for e.running != nil && !e.running.waits() {
			time.Sleep(50 * time.Millisecond)
		}
		slice = time.Now()
	}
	if err := t.Run(e.ctx); err != nil {
		return nil, err
	}
	e.own = t.Result()
	if e.last.net == nil {
		e.last = learner{net: e.own, flags: o.trainedFlags()}
	}
	return true, nil
}

// readPicture reads the digits of a picture as classify does, with the network of the
// room or the last one, and returns what that saw on the way.
func (e *pageEngine) readPicture(text, network string) (any, error) {
	picture, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	net := e.reader
	if network == "own" {
		net = e.own
	}
	if net == nil {
		return nil, errors.New("no network yet: one is being trained")
	}
	reading, err := readFrom("-", bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	if err := reading.read(net); err != nil {
		return nil, err
	}
	type digit struct {
		readDigit
		Image  string    `json:"image"`
		Hidden []float64 `json:"hidden"`
	}
	var digits []digit
	side := squareSide(net.Sizes[0])
	d := &Data{Height: side, Width: side, Labels: make([]byte, len(reading.Digits))}
	for _, g := range reading.Digits {
		digits = append(digits, digit{readDigit: g, Image: base64.StdEncoding.EncodeToString(g.image)})
		d.Images = append(d.Images, g.image...)
	}
	if net.L() > 1 { // there are hidden neurons
		err = net.forEach(d, func(b *batch, i, x int) { digits[i].Hidden = slices.Clone(b.a[1].Row(x)) })
	}
	var names []string
	if net.Encoding.Name == Unit.Name {
		names = net.Encoding.Classes
	}
	return map[string]any{"text": reading.Text, "digits": digits, "names": names, "warnings": reading.Warnings}, err
}

// pageMath answers the rooms of single neurons and small networks.
func pageMath(r pageRequest) (any, error) {
	switch r.Do {
	case "neuron":
		n := Neuron{W: r.W, B: r.B[0]}
		return map[string]any{"z": pageNumber(n.Z(r.X)), "perceptron": n.Perceptron(r.X), "sigmoid": pageNumber(n.Sigmoid(r.X))}, nil
	case "sigmoid": // of several z at once
		a := make(pageNumbers, len(r.X))
		for i, z := range r.X {
			a[i] = sigmoid(z)
		}
		return a, nil
	case "valley":
		var path []pageNumbers
		for _, v := range (Ball{Eta: r.Eta, Mu: r.Mu}).Descend(valley, r.X, r.Steps) {
			path = append(path, v)
		}
		return path, nil
	case "slow":
		var both []any
		for _, cost := range []*neuronCost{singleQuadratic, singleCrossEntropy} {
			s := NewSingleNeuron(r.W[0], r.B[0], cost)
			s.Eta = r.Eta
			both = append(both, slowNeuron(s))
		}
		return both, nil
	case "softmax":
		a := softmaxNeurons(r.X...)
		costs := make(pageNumbers, len(a))
		for j := range a {
			y := make([]float64, len(a))
			y[j] = 1
			costs[j] = logLikelihoodCost(r.X, a, y)
		}
		return map[string]any{"a": pageNumbers(a), "cost": costs}, nil
	case "trace":
		return pageTrace(r)
	}
	return nil, fmt.Errorf("unknown request %q", r.Do)
}

// A slowCourse is how one neuron learns, before each epoch and at the end; Slopes and
// NablaB are the gradient, ∂C/∂w and ∂C/∂b of Eq. 30 (book Eqs. 55, 56) or of Eq. 33 (book Eq. 61).
type slowCourse struct {
	Costs   pageNumbers `json:"costs"`
	Outputs pageNumbers `json:"outputs"`
	W       pageNumbers `json:"w"`
	B       pageNumbers `json:"b"`
	Slopes  pageNumbers `json:"slopes"`
	NablaB  pageNumbers `json:"nablaB"`
	Sigma   pageNumbers `json:"sigma"`  // σ'(z)
	Levels  pageNumbers `json:"levels"` // z = w + b where the cost is 0.2, 0.4 and so on
}

// slowNeuron trains one neuron and returns its course.
func slowNeuron(s *SingleNeuron) (c slowCourse) {
	epochs := s.Epochs
	s.Epochs = 1
	for epoch := range epochs + 1 {
		nablaW, nablaB := s.Gradient()
		c.Costs, c.Outputs = append(c.Costs, s.CurrentCost()), append(c.Outputs, s.Output())
		c.W, c.B = append(c.W, s.W), append(c.B, s.B)
		c.Slopes, c.NablaB = append(c.Slopes, nablaW), append(c.NablaB, nablaB)
		c.Sigma = append(c.Sigma, sigmoidPrime(s.Z(), s.Output()))
		if epoch < epochs {
			s.Train()
		}
	}
	const step, farthest, distance = 0.01, 8, 0.2
	level := func(i int) int { return int(s.Cost.cost(s.Y, sigmoid(float64(step*float64(i)))) / distance) }
	for i := int(-farthest / step); i < farthest/step; i++ {
		for range max(0, level(i+1)-level(i)) {
			c.Levels = append(c.Levels, float64(step*(float64(i)+0.5)))
		}
	}
	return c
}

// pageTrace is trace with weights, inputs and target of the reader's.
func pageTrace(r pageRequest) (any, error) {
	net, b := tracedStep()
	if len(r.W) == 9 && len(r.B) == 4 {
		copy(net.Weights[1].Data, r.W[:6])
		copy(net.Weights[2].Data, r.W[6:])
		copy(net.Biases[1], r.B[:3])
		copy(net.Biases[2], r.B[3:])
		copy(b.a[0].Data, r.X)
		b.y.Data[0] = r.Y
	}
	net.backprop(b)
	type layer struct {
		Z, A, Sigma, Delta, NablaB, NablaW, NumericB, NumericW, W, B pageNumbers
	}
	layers := []layer{{A: b.a[0].Data}}
	nablaB, nablaW := net.gradient(b)
	cost := func() float64 { return net.batchCost(b, Settings{}) }
	for l := 1; l <= net.L(); l++ {
		clone := func(x []float64) []float64 { return append([]float64(nil), x...) }
		layers = append(layers, layer{
			Z: clone(b.z[l].Data), A: clone(b.a[l].Data), Delta: clone(b.delta[l].Data), NablaB: nablaB[l], NablaW: nablaW[l].Data,
			W: clone(net.Weights[l].Data), B: clone(net.Biases[l]),
		})
		for j, z := range b.z[l].Data {
			layers[l].Sigma = append(layers[l].Sigma, sigmoidPrime(z, b.a[l].Data[j]))
		}
	}
	before := cost()
	for l := 1; l <= net.L(); l++ {
		layers[l].NumericB, layers[l].NumericW = make([]float64, net.Sizes[l]), make([]float64, len(net.Weights[l].Data))
		numericalGradient(layers[l].NumericB, net.Biases[l], cost)
		numericalGradient(layers[l].NumericW, net.Weights[l].Data, cost)
	}
	net.backprop(b)
	net.updateMiniBatch(b, Settings{}, &State{Eta: r.Eta, Order: make([]int32, 1)})
	return map[string]any{"layers": layers, "y": b.y.Data[0], "cost": pageNumber(before), "after": pageNumber(cost()),
		"w": append(append(pageNumbers(nil), net.Weights[1].Data...), net.Weights[2].Data...), "b": append(append(pageNumbers(nil), net.Biases[1]...), net.Biases[2]...)}, nil
}
