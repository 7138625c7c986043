package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file holds the files of networks, in the format of network2.py, and of
// trainings that were interrupted, which are the same with a state added.

// A networkFile is a network as network2.py writes it. The keys after cost are
// not known to network2.py; they are left out where the network is one of its
// own. Floats have as many digits as bring them back exactly.
type networkFile struct {
	Sizes      []int        `json:"sizes"`
	Weights    [][][]number `json:"weights"` // of layers 1 to L; each n_l rows of n_{l-1}
	Biases     [][][]number `json:"biases"`  // columns: n_l rows of 1
	Cost       string       `json:"cost"`
	Activation string       `json:"activation,omitempty"`
	Encoding   string       `json:"encoding,omitempty"`

	// Dropout is there if weights were trained with it. Those above are then the
	// ones of WithoutDropout, which network2.py can use; these are the trained ones.
	Dropout *droppedWeights `json:"dropout,omitempty"`

	Classes  []string          `json:"classes,omitempty"`  // names of what the outputs stand for
	Scaling  *scaling          `json:"scaling,omitempty"`  // of the inputs, where they come from a table
	Flags    map[string]string `json:"flags,omitempty"`    // of -save: how it was trained
	Training *Checkpoint       `json:"training,omitempty"` // of a checkpoint
}

// droppedWeights are the weights of layers 2 to L as training with dropout has
// them.
type droppedWeights struct {
	Rate    float64      `json:"rate"`
	Weights [][][]number `json:"weights"`
}

// A number is a float64 in a network file. It refuses null, which a float64
// would read as 0, and network2.py: load as None.
type number float64

// UnmarshalJSON reads a number.
func (x *number) UnmarshalJSON(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("%s is no number of float64", text)
	}
	*x = number(f)
	return nil
}

// file returns the network in the form of its file.
func (net *Network) file() *networkFile {
	f := &networkFile{Sizes: net.Sizes, Cost: net.Cost.Class}
	if net.Hidden != Sigmoid {
		f.Activation = net.Hidden.Name
	}
	if net.Encoding.Name != Unit.Name {
		f.Encoding = net.Encoding.Name
	}
	f.Classes = net.Encoding.Classes
	if net.Dropout != 0 {
		f.Dropout = &droppedWeights{Rate: net.Dropout}
		for _, w := range net.Weights[2:] {
			f.Dropout.Weights = append(f.Dropout.Weights, fileRows(w))
		}
	}
	net = net.WithoutDropout()
	for l := 1; l <= net.L(); l++ {
		column := make([][]number, net.Sizes[l])
		for j := range column {
			column[j] = []number{number(net.Biases[l][j])}
		}
		f.Weights, f.Biases = append(f.Weights, fileRows(net.Weights[l])), append(f.Biases, column)
	}
	return f
}

// fileRows returns the rows of a matrix of weights as they stand in a file.
func fileRows(w *Matrix) [][]number {
	rows := make([][]number, w.Rows)
	for j := range rows {
		rows[j] = make([]number, w.Cols)
		for k, x := range w.Row(j) {
			rows[j][k] = number(x)
		}
	}
	return rows
}

// network returns the network that a file describes, or an error that names
// what is missing or does not fit.
func (f *networkFile) network() (*Network, error) {
	if len(f.Sizes) < 2 {
		return nil, fmt.Errorf(`"sizes" is %v, expected at least two layers`, f.Sizes)
	}
	if len(f.Weights) != len(f.Sizes)-1 || len(f.Biases) != len(f.Sizes)-1 {
		return nil, fmt.Errorf(`"sizes" has %d layers, "weights" %d, "biases" %d; expected one less of these`, len(f.Sizes), len(f.Weights), len(f.Biases))
	}
	for l, n := range f.Sizes {
		if n < 1 || l > 0 && (len(f.Weights[l-1]) != n || len(f.Biases[l-1]) != n) {
			return nil, fmt.Errorf("layer %d has %d neurons, but not as many rows of weights and biases", l+1, n)
		}
		for j := 0; l > 0 && j < n; j++ {
			if got, want := len(f.Weights[l-1][j]), f.Sizes[l-1]; got != want || len(f.Biases[l-1][j]) != 1 {
				return nil, fmt.Errorf("neuron %d of layer %d has %d weights and %d biases, expected %d and 1", j+1, l+1, got, len(f.Biases[l-1][j]), want)
			}
		}
	}
	if need, there := footprint(f.Sizes, 1, 0), memoryLimit(); need > there {
		return nil, fmt.Errorf("a network of %d layers needs %s of memory, here are %s", len(f.Sizes), gigabytes(need), gigabytes(there))
	}
	net := NewNetwork(f.Sizes)
	for l := 1; l <= net.L(); l++ {
		for j := range net.Sizes[l] {
			for k, w := range f.Weights[l-1][j] {
				net.Weights[l].Row(j)[k] = float64(w)
			}
			net.Biases[l][j] = float64(f.Biases[l-1][j][0])
		}
	}
	if err := f.trainedWeights(net); err != nil {
		return nil, err
	}
	return net, f.modes(net)
}

// trainedWeights sets the weights of net to those that dropout trained, if the
// file has them, and refuses them where the others do not follow from them.
func (f *networkFile) trainedWeights(net *Network) error {
	if f.Dropout == nil {
		return nil
	}
	rate, weights := f.Dropout.Rate, f.Dropout.Weights
	if !(rate > 0 && rate < 1) || len(weights) != len(f.Sizes)-2 {
		return fmt.Errorf(`"dropout" has the rate %v and weights of %d layers, expected a rate between 0 and 1 and %d layers`, rate, len(weights), len(f.Sizes)-2)
	}
	net.Dropout = rate
	for i, rows := range weights {
		factor := active(f.Sizes[i+1], rate)
		for j, row := range rows {
			if len(rows) != f.Sizes[i+2] || len(row) != f.Sizes[i+1] {
				return fmt.Errorf(`"dropout": the weights of layer %d do not fit "sizes"`, i+3)
			}
			for k, w := range row {
				if scaled := float64(w) * factor; scaled != float64(f.Weights[i+1][j][k]) {
					return fmt.Errorf(`"weights" and "dropout" differ: layer %d, neuron %d, weight %d is %v, but %v × %v is %v; without the key "dropout" the file has the first`, i+3, j+1, k+1, f.Weights[i+1][j][k], w, factor, scaled)
				}
				net.Weights[i+2].Row(j)[k] = float64(w)
			}
		}
	}
	return nil
}

// footprint returns about the number of bytes a network takes in memory: the given
// number of copies of its weights and biases, a mini-batch of m examples, and the 100
// examples that are scored at a time.
func footprint(sizes []int, copies float64, m int) float64 {
	parameters, neurons := 0.0, 0.0 // float64, since the products may be larger than any int
	for l, n := range sizes[1:] {
		neurons += float64(n)
		parameters += float64(n) * (float64(sizes[l]) + 1)
	}
	const perNeuron, perExample, perLayer = 4 * 8, 200, 1000 // a, z, δ, σ'; y and its sparse row; slices and their heads
	return 8*copies*parameters + (perNeuron*neurons+perExample)*float64(m+100) + perLayer*float64(len(sizes))
}

// modes sets the network's cost, hidden neurons and encoding to those that the
// file names.
func (f *networkFile) modes(net *Network) error {
	i := slices.IndexFunc(costs, func(c *Cost) bool { return c.Class == f.Cost })
	if i < 0 {
		return fmt.Errorf(`"cost" is %q, expected QuadraticCost, CrossEntropyCost or LogLikelihoodCost`, f.Cost)
	}
	net.Cost = costs[i]
	if f.Activation != "" {
		if i = slices.IndexFunc(activations, func(a *Activation) bool { return a.Name == f.Activation }); i < 0 {
			return fmt.Errorf(`"activation" is %q, expected sigmoid, tanh or relu`, f.Activation)
		}
		net.Hidden = activations[i]
	}
	if f.Encoding != "" {
		if i = slices.IndexFunc(encodings, func(e *Encoding) bool { return e.Name == f.Encoding }); i < 0 {
			return fmt.Errorf(`"encoding" is %q, expected unit or binary`, f.Encoding)
		}
		net.Encoding = encodings[i]
	}
	if len(f.Classes) > 256 {
		return fmt.Errorf(`"classes" has %d names, expected at most 256`, len(f.Classes))
	}
	if f.Classes != nil {
		net.Encoding = encodingOf(net.Encoding.Name, net.Sizes[net.L()], f.Classes)
	}
	return nil
}

// Save writes the network to a file that network2.py loads. The file is whole
// at any moment: the old one or the new one.
func (net *Network) Save(name string) error { return net.saveTrained(name, nil, nil) }

// saveTrained is Save with the flags by which the network was trained, and the
// scaling of its inputs.
func (net *Network) saveTrained(name string, flags map[string]string, s *scaling) error {
	if err := net.NotFinite(); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	f := net.file()
	f.Flags, f.Scaling = flags, s
	return writeFileAtomic(name, func(w io.Writer) error { return json.NewEncoder(w).Encode(f) })
}

// LoadNetwork reads a network from a file of Save or of network2.py, or from a
// checkpoint.
func LoadNetwork(name string) (*Network, error) {
	net, _, err := loadFile(name)
	return net, err
}

// loadFile reads a network with what its file holds further: the flags by which
// it was trained and, in a checkpoint, where its training stands.
func loadFile(name string) (*Network, *networkFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	file, err := readNetworkFile(f)
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", name, err)
	}
	net, err := file.network()
	if err == nil && file.Training != nil && file.Dropout == nil { // of a version that kept the rate as a flag alone
		net.Dropout, _ = strconv.ParseFloat(file.Training.Flags["dropout"], 64)
	}
	if err == nil {
		err = file.Training.check(net)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", name, err)
	}
	file.Weights, file.Biases, file.Dropout = nil, nil, nil // net has them
	return net, &file, nil
}

// readNetworkFile reads one JSON value, to the end of the file.
func readNetworkFile(r io.Reader) (file networkFile, err error) {
	head := bufio.NewReader(&limitedReader{r: r, limit: memoryLimit()})
	start, _ := head.Peek(512)
	for _, f := range foreignFormats {
		if f.begins(start) {
			return file, fmt.Errorf("%s, expected a network file, the JSON of network2.py%s", f.name, f.advice)
		}
	}
	if bytes.HasPrefix(start, []byte("\ufeff")) { // the mark that some editors put at the beginning
		head.Discard(len("\ufeff"))
	}
	d := json.NewDecoder(head)
	if err = d.Decode(&file); err == io.EOF {
		err = errors.New("the file is empty, expected a network file, the JSON of network2.py")
	}
	if err != nil {
		return file, networkError(err)
	}
	if _, err = d.Token(); err == nil {
		err = errors.New("it goes on after its end")
	}
	if err == io.EOF {
		err = nil
	}
	return file, err
}

const (
	unpackAdvice = "; unpack it first"
	pickleAdvice = "; save it by the function save of network2.py, which writes JSON"
)

// A fileStart says how files of a format begin.
type fileStart func(start []byte) bool

// starts is for files that begin with some bytes.
func starts(heads ...string) fileStart {
	return func(start []byte) bool {
		return slices.ContainsFunc(heads, func(head string) bool { return strings.HasPrefix(string(start), head) })
	}
}

// foreignFormats are files that are taken for networks, by how they begin.
var foreignFormats = []struct {
	begins       fileStart
	name, advice string
}{
	{starts("\x1f\x8b"), "a gzipped file", unpackAdvice},
	{starts("BZh"), "a file of bzip2", unpackAdvice},
	{starts("\xfd7zXZ"), "a file of xz", unpackAdvice},
	{starts("\x28\xb5\x2f\xfd"), "a file of zstd", unpackAdvice},
	{starts("7z\xbc\xaf"), "an archive of 7-Zip", unpackAdvice},
	{starts("PK\x03\x04"), "a zip archive, such as NumPy's npz or PyTorch's", ""},
	{starts("\x93NUMPY"), "an array of NumPy", ""},
	{starts("\xff\xfe", "\xfe\xff", "{\x00", "\x00{"), "text in UTF-16, such as the > of PowerShell writes", "; save it as UTF-8"},
	{starts("\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"), "a pickle of Python", pickleAdvice},
	{regexp.MustCompile(`^(\(*[\]})]q|\(+([ldt][pq]|[IFL]-?[\d.]|S['"]|[\](])|\(*c[A-Za-z_][\w.]*\n)`).Match, "a pickle of Python", pickleAdvice}, // protocols 0 and 1
	{starts("\x00\x00\x08"), "an IDX file, such as MNIST's", "; -data takes the folder of such files"},
	{starts("\x89PNG"), "a PNG picture", ""},
	{starts("\xff\xd8"), "a JPEG picture", ""},
	{starts("GIF8"), "a GIF picture", ""},
	{starts("\x89HDF"), "an HDF5 file, such as Keras's", ""},
	{starts("version https://git-lfs"), "a pointer of Git LFS in the place of a file", "; git lfs pull fetches the file"},
	{regexp.MustCompile(`(?i)^\s*<(!doctype|html|head|\?xml|svg|!--)`).Match, "a page of HTML or XML", "; a download may have brought an error page in the place of the file"},
}

// networkError returns an error of package json in the terms of the file.
func networkError(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("%s, at byte %d%s", wrongKind(wrong), wrong.Offset, networkKeys[wrong.Field])
	case errors.As(err, &wrong):
		return fmt.Errorf("found one %s, expected an object with sizes, weights, biases and cost, as network2.py writes it", wrong.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON: %w, at byte %d", err, syntax.Offset)
	}
	return err
}

// wrongKind says what a key holds, and what it should.
func wrongKind(wrong *json.UnmarshalTypeError) string {
	expected := "an object"
	switch wrong.Type.Kind().String() {
	case "string":
		expected = "a text in quotes"
	case "bool":
		expected = "true or false"
	case "float64":
		expected = "a number"
	case "slice", "array":
		expected = "a list"
	case "int", "int32", "uint32":
		expected = "a whole number"
	}
	found, number, _ := strings.Cut(wrong.Value, " ")
	if text, ok := map[string]string{"string": "a text", "array": "a list", "object": "an object", "bool": "true or false"}[found]; ok {
		found = text
	} else {
		found = strings.TrimSpace("the number " + number)
		if number == "" {
			found = "a number"
		}
	}
	return fmt.Sprintf("%q holds %s where %s is expected", wrong.Field, found, expected)
}

// networkKeys say what the keys of a network file hold.
var networkKeys = map[string]string{
	"sizes":      "; expected the list of the numbers of neurons, such as [784, 30, 10]",
	"weights":    "; expected a matrix for each layer but the first: a list of rows, one per neuron",
	"biases":     "; expected a column for each layer but the first: a list of rows of one number, such as [[0.1], [0.2]]",
	"cost":       "; expected QuadraticCost, CrossEntropyCost or LogLikelihoodCost",
	"classes":    "; expected the list of the names of the classes",
	"scaling":    "; expected the lists mean and deviation, one number per input",
	"flags":      "; expected the flags of the training, such as {\"eta\": \"3\"}",
	"dropout":    "; expected rate and weights",
	"training":   "; expected the state of a checkpoint",
	"activation": "; expected sigmoid, tanh or relu",
	"encoding":   "; expected unit or binary",
}

// Checkpoint is how far a training has come: everything of a checkpoint but the
// network itself.
type Checkpoint struct {
	State   *State            `json:"state"`
	Flags   map[string]string `json:"flags"` // of the command that made the checkpoint
	History []Record          `json:"history"`

	Best      int          `json:"best"` // highest validation accuracy
	BestEpoch int          `json:"best_epoch"`
	BestNet   *networkFile `json:"best_network,omitempty"`
	HalvedAt  int          `json:"halved_at"` // epoch of the last improvement or halving
	Halved    int          `json:"halved"`
	Stopped   bool         `json:"stopped"` // by early stopping or the schedule
	HintGiven bool         `json:"hint_given"`
	Of        int          `json:"of,omitempty"` // validation images that Best counts

	DataSum uint32 `json:"data_sum,omitempty"` // of other training data than MNIST's
}

// checksum returns the CRC-32 of the examples, by which a resumed training knows them
// again.
func (d *Data) checksum() uint32 {
	sum := crc32.ChecksumIEEE(d.Images)
	sum = crc32.Update(sum, crc32.IEEETable, d.Labels)
	for _, list := range [][]float64{d.Inputs, d.Targets} {
		for _, x := range list {
			sum = crc32.Update(sum, crc32.IEEETable, binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
		}
	}
	return sum
}

// flags returns the flags that describe a network.
func (net *Network) flags() map[string]string {
	return map[string]string{
		"sizes":      strings.Join(namesOf(net.Sizes, strconv.Itoa), ","),
		"activation": net.Hidden.Name,
		"encoding":   net.Encoding.Name,
		"cost":       net.Cost.Name,
		"dropout":    strconv.FormatFloat(net.Dropout, 'g', -1, 64),
	}
}

// UnmarshalJSON reads a random generator and refuses a state of another length
// than 624 words.
func (r *MersenneTwister) UnmarshalJSON(text []byte) error {
	type fields MersenneTwister // without this method
	if err := json.Unmarshal(text, (*fields)(r)); err != nil {
		return stateError(err)
	}
	var words struct{ State []json.RawMessage }
	if err := json.Unmarshal(text, &words); err != nil || len(words.State) != len(r.State) {
		return fmt.Errorf("a random generator has %d words of state, expected %d", len(words.State), len(r.State))
	}
	return nil
}

// UnmarshalJSON reads where a training stands, and refuses null where a number
// belongs, which package json would read as 0.
func (s *State) UnmarshalJSON(text []byte) error {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("null"))
		if i < 0 {
			break
		}
		at += i
		if before := text[max(0, at-50):at]; !nullAllowed.Match(before) {
			return errors.New(`"training": its state holds null where a number is expected`)
		}
		at += len("null")
	}
	type fields State // without this method
	return stateError(json.Unmarshal(text, (*fields)(s)))
}

// nullAllowed is what stands before null in a state: what a training does not have,
// and the layer of the inputs, which has no velocities.
var nullAllowed = regexp.MustCompile(`(?i)"(Shuffle|Drop|Expand|Sparse|Values|Velocity\w*)"\s*:\s*$|"Velocity\w*"\s*:\s*\[\s*$`)

// stateError returns an error of package json in a state without its byte, which is
// counted from the beginning of the state.
func stateError(err error) error {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return fmt.Errorf(`"training": %s`, wrongKind(wrong))
	}
	return err
}

// UnmarshalJSON reads a scaling, and refuses null for a number.
func (s *scaling) UnmarshalJSON(text []byte) error {
	type fields scaling // without this method
	var lists struct{ Mean, Deviation []number }
	if err := json.Unmarshal(text, &lists); errors.As(err, new(*json.UnmarshalTypeError)) {
		return errors.New(`"scaling": expected the lists mean and deviation, one number per input`)
	} else if err != nil {
		return fmt.Errorf(`"scaling": expected the lists mean and deviation, one number per input: %w`, err)
	}
	return json.Unmarshal(text, (*fields)(s))
}

// check returns an error where a checkpoint does not fit its network
// (network2.py has none; §3.7.3).
func (p *Checkpoint) check(net *Network) error {
	if p == nil {
		return nil
	}
	s := p.State
	if s == nil || s.Shuffle == nil || s.Drop == nil || s.Expand == nil {
		return errors.New(`"training" lacks its state`)
	}
	if p.Flags == nil {
		return errors.New(`"training" lacks its flags`)
	}
	seen := make([]bool, len(s.Order))
	for _, i := range s.Order {
		if i < 0 || int(i) >= len(seen) || seen[i] {
			return fmt.Errorf(`"training": example %d is out of place in an order of %d`, i, len(seen))
		}
		seen[i] = true
	}
	if s.Epoch < 0 || s.ExamplesDone < 0 || s.ExamplesDone > len(s.Order) || !(s.Eta > 0) {
		return fmt.Errorf(`"training" stands at epoch %d, example %d of %d, η %v`, s.Epoch, s.ExamplesDone, len(s.Order), s.Eta)
	}
	for _, r := range []*MersenneTwister{s.Shuffle, s.Drop, s.Expand} {
		if r.Index < 0 || r.Index > len(r.State) {
			return fmt.Errorf(`"training": a random generator stands at %d of %d`, r.Index, len(r.State))
		}
		state := r.State
		state[0] &= 1 << 31         // the other bits are never used
		if state == [624]uint32{} { // from which it would never come away
			return errors.New(`"training": a random generator holds zeros alone`)
		}
	}
	for name, value := range net.flags() {
		if flag, ok := p.Flags[name]; ok && flag != value {
			return fmt.Errorf(`"training" was made with -%s %s, but the network has %s`, name, flag, value)
		}
	}
	if p.BestNet != nil {
		if best, err := p.BestNet.network(); err != nil || !slices.Equal(best.Sizes, net.Sizes) {
			return fmt.Errorf(`"training": the best network is not one of %v neurons`, net.Sizes)
		}
	}
	if s.VelocityW == nil {
		return nil
	}
	if len(s.VelocityW) != len(net.Sizes) || len(s.VelocityB) != len(net.Sizes) {
		return errors.New(`"training": velocities do not fit the layers`)
	}
	for l := 1; l <= net.L(); l++ {
		v, w := s.VelocityW[l], net.Weights[l]
		if v == nil || v.Rows != w.Rows || v.Cols != w.Cols || len(v.Data) != len(w.Data) || len(s.VelocityB[l]) != w.Rows {
			return fmt.Errorf(`"training": velocities of layer %d do not fit its weights`, l+1)
		}
	}
	return nil
}
