package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// This file is the command exercise: a small module in which the reader writes
// network.py's heart, BP1 to BP4, and the book's exercises, and tests that grade what
// is written. The module is in docs/exercise; its right numbers come from here.

const exerciseHelp = `-o DIR [-seed N]
    Writes a Go module with network.py's skeleton, in which feedforward, BP1
    to BP4 and the update are left blank, and with the book's exercises that
    can be done in code. Its tests grade them one by one and print the first
    wrong number beside the right one. docs/exercises.md has the questions and
    hints. With another seed the numbers are others.

Examples:
  go run . exercise -o mine
  cd mine && go test
  cd mine && go test -run Step1
`

//go:embed docs/exercise
var exerciseFiles embed.FS

// exercise is the command that writes the module.
func exercise(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("exercise")
	dir, seed := "", uint64(bookSeed)
	f.StringVar(&dir, "o", "", "folder for the module; it is made where there is none")
	f.Var(&numberFlag[uint64]{&seed, 0, math.MaxUint32, false}, "seed", "seed of the numbers to be met")
	words, err := readCommand(f, exerciseHelp, args, stderr)
	switch {
	case err != nil:
		return err
	case len(words) > 0:
		return usagef("exercise takes no argument, not %q", words[0])
	case dir == "":
		return usagef("exercise: -o must name a folder for the module")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return fmt.Errorf("%s is there already: exercise writes over nothing, choose a new folder", filepath.Join(dir, there[0].Name()))
	}
	const from = "docs/exercise"
	files, err := exerciseFiles.ReadDir(from)
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := exerciseFiles.ReadFile(path.Join(from, file.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, strings.TrimSuffix(file.Name(), ".txt")), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	reference, err := json.MarshalIndent(exerciseReference(uint32(seed)), "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "reference.json"), reference, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "write into %s and %s, then: cd %s && go test\n",
		printable(filepath.Join(dir, "network.go")), printable(filepath.Join(dir, "exercises.go")), printable(dir))
	return nil
}

// exerciseReference returns what each step of the exercise must come to, for a network
// with three inputs and two hidden layers (BP1-BP4).
func exerciseReference(seed uint32) map[string]any {
	random := NewNumPyRandom(seed)
	net := NewNetwork([]int{3, 4, 5, 2})
	net.LargeWeights(random)
	const m, eta = 3, 0.5
	xor := NewNetwork([]int{2, 3, 1})
	xor.LargeWeights(NewNumPyRandom(bookSeed))
	r := map[string]any{
		"Sizes": net.Sizes, "Weights": exerciseRows(net.Weights), "Biases": exerciseLists(net.Biases), "Eta": eta,
		"XOR": map[string]any{"Sizes": xor.Sizes, "Weights": exerciseRows(xor.Weights), "Biases": exerciseLists(xor.Biases)},
	}
	all, first := net.newBatch(m), net.newBatch(1)
	all.a[0] = NewMatrix(m, 3)
	var examples []map[string]any
	for i := range m {
		x, y := all.a[0].Row(i), all.y.Row(i)
		for k := range x {
			x[k] = random.Gaussian()
		}
		y[i%2] = 1
		examples = append(examples, map[string]any{"X": x, "Y": y})
	}
	r["Examples"] = examples

	// The first example.
	first.a[0] = &Matrix{Rows: 1, Cols: 3, Data: all.a[0].Row(0)}
	copy(first.y.Data, all.y.Row(0))
	net.backprop(first)
	nablaB, nablaW := net.gradient(first)
	z, a, delta := [][]float64{{}}, [][]float64{first.a[0].Data}, [][]float64{{}}
	for l := 1; l <= net.L(); l++ {
		z, a, delta = append(z, first.z[l].Row(0)), append(a, first.a[l].Row(0)), append(delta, first.delta[l].Row(0))
	}
	r["Z"], r["A"], r["Delta"], r["NablaB"], r["NablaW"] = z, a, delta, exerciseLists(nablaB), exerciseRows(nablaW)

	// The mini-batch.
	net.backprop(all)
	sumB, sumW := net.gradient(all)
	r["SumB"], r["SumW"] = exerciseLists(sumB), exerciseRows(sumW)
	net.updateMiniBatch(all, Settings{}, &State{Eta: eta, Order: make([]int32, m)})
	r["NewB"], r["NewW"] = exerciseLists(net.Biases), exerciseRows(net.Weights)

	// Softmax.
	softZ, softA := []float64{1, -0.5, 2, 0}, make([]float64, 4)
	LogLikelihoodCost.Output(softA, softZ)
	slopes := make([][]float64, len(softA))
	for j := range softA {
		for k := range softA {
			slope := -float64(softA[j] * softA[k])
			if j == k {
				slope = float64(softA[j] * (1 - softA[j]))
			}
			slopes[j] = append(slopes[j], slope)
		}
	}
	r["SoftmaxZ"], r["SoftmaxA"], r["SoftmaxSlope"] = softZ, softA, slopes
	return r
}

// exerciseRows returns matrices as lists of rows; that of the input layer is empty.
func exerciseRows(layers []*Matrix) [][][]float64 {
	lists := make([][][]float64, len(layers))
	for l := 1; l < len(layers); l++ {
		for j := range layers[l].Rows {
			lists[l] = append(lists[l], append([]float64(nil), layers[l].Row(j)...))
		}
	}
	return lists
}

// exerciseLists returns lists of numbers, copied; that of the input layer is empty.
func exerciseLists(layers [][]float64) [][]float64 {
	lists := make([][]float64, len(layers))
	for l := 1; l < len(layers); l++ {
		lists[l] = append([]float64(nil), layers[l]...)
	}
	return lists
}
