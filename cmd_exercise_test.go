package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// graded runs the tests of a module of exercises and returns the names of those that
// passed and of those that failed, and what they said.
func graded(t *testing.T, dir string) (passed, failed []string, said string) {
	t.Helper()
	c := exec.Command("go", "test", "-v", ".")
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-vet=off", "GOEXPERIMENT=", "GOOS=", "GOARCH=")
	out, _ := c.CombinedOutput()
	for _, m := range regexp.MustCompile(`(?m)^--- (PASS|FAIL): (\w+)`).FindAllSubmatch(out, -1) {
		if string(m[1]) == "PASS" {
			passed = append(passed, string(m[2]))
		} else {
			failed = append(failed, string(m[2]))
		}
	}
	return passed, failed, string(out)
}

// TestExercise: of the module that exercise writes, every test fails with the skeleton
// and passes with the solution; a wrong step fails alone, with the first wrong number
// beside the right one.
func TestExercise(t *testing.T) {
	t.Parallel()
	if testing.Short() || runtime.GOOS == "js" {
		t.Skip("compiles a module three times")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	dir := filepath.Join(t.TempDir(), "mine")
	if status, stdout, stderr := runs("exercise", "-o", dir); status != 0 || !strings.Contains(stdout, "go test") {
		t.Fatalf("status %d, %s; %s", status, stdout, stderr)
	}
	passed, failed, said := graded(t, dir)
	if len(passed) != 0 || len(failed) != 8+15 {
		t.Errorf("the skeleton passes %v and fails %d, want 23\n%s", passed, len(failed), said)
	}
	for _, name := range []string{"network.go", "exercises.go"} {
		solution, err := os.ReadFile(filepath.Join("testdata", "exercise", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), solution)
	}
	all := failed
	if passed, failed, said = graded(t, dir); !slices.Equal(passed, all) || len(failed) != 0 {
		t.Errorf("the solution fails %v\n%s", failed, said)
	}
	// σ in the place of σ', as in more than one port of the book.
	solution, err := os.ReadFile(filepath.Join(dir, "network.go"))
	if err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Replace(solution, []byte("* sigmoidPrime(z[k])"), []byte("* sigmoid(z[k])"), 1)
	writeFile(t, filepath.Join(dir, "network.go"), wrong)
	_, failed, said = graded(t, dir)
	if want := []string{"TestStep3HiddenError", "TestStep6Backprop", "TestStep7UpdateMiniBatch"}; !slices.Equal(failed[:min(3, len(failed))], want) || slices.Contains(failed, "TestStep2OutputError") {
		t.Errorf("with a wrong BP2 there fail %v\n%s", failed, said)
	}
	if !regexp.MustCompile(`δ of layer 2\[0\] is -?[\d.e-]+, right is -?[\d.e-]+\n`).MatchString(said) {
		t.Errorf("the wrong number is not beside the right one\n%s", said)
	}
}

// TestExerciseFolder: exercise writes over nothing, and the numbers depend on the seed
// alone.
func TestExerciseFolder(t *testing.T) {
	dir := t.TempDir()
	read := func(name string, args ...string) string {
		t.Helper()
		if status, _, stderr := runs(append([]string{"exercise", "-o", filepath.Join(dir, name)}, args...)...); status != 0 {
			t.Fatal(stderr)
		}
		text, err := os.ReadFile(filepath.Join(dir, name, "reference.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if a := read("a"); a != read("b") || a == read("c", "-seed", "1") {
		t.Error("the numbers do not depend on the seed alone")
	}
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-o " + filepath.Join(dir, "a"), "exercise writes over nothing", 1},
		{"", "-o must name a folder", 2},
		{"-o x y", `takes no argument, not "y"`, 2},
	} {
		if status, _, stderr := runs(append([]string{"exercise"}, strings.Fields(c.args)...)...); status != c.status || !strings.Contains(strings.Join(strings.Fields(stderr), " "), c.want) {
			t.Errorf("%q: status %d, %s", c.args, status, stderr)
		}
	}
}

// TestExerciseReference: the sums of the reference are those of the examples one by
// one, and its step is Eqs. 20 and 21 (book Eqs. 20, 21) with them.
func TestExerciseReference(t *testing.T) {
	r := exerciseReference(7)
	weights, biases := r["Weights"].([][][]float64), r["Biases"].([][]float64)
	net := NewNetwork(r["Sizes"].([]int))
	examples := r["Examples"].([]map[string]any)
	sumW, sumB := NewNetwork(net.Sizes).Weights, NewNetwork(net.Sizes).Biases
	for l := 1; l <= net.L(); l++ {
		for j, row := range weights[l] {
			copy(net.Weights[l].Row(j), row)
		}
		copy(net.Biases[l], biases[l])
	}
	for _, e := range examples {
		b := net.newBatch(1)
		b.a[0] = &Matrix{Rows: 1, Cols: 3, Data: e["X"].([]float64)}
		copy(b.y.Data, e["Y"].([]float64))
		net.backprop(b)
		nablaB, nablaW := net.gradient(b)
		for l := 1; l <= net.L(); l++ {
			for i, x := range nablaW[l].Data {
				sumW[l].Data[i] += x
			}
			for j, x := range nablaB[l] {
				sumB[l][j] += x
			}
		}
	}
	step := r["Eta"].(float64) / float64(len(examples))
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }
	for l := 1; l <= net.L(); l++ {
		for j := range net.Sizes[l] {
			for k, x := range sumW[l].Row(j) {
				if got, next := r["SumW"].([][][]float64)[l][j][k], r["NewW"].([][][]float64)[l][j][k]; !near(got, x) || !near(next, weights[l][j][k]-step*x) {
					t.Fatalf("layer %d, weight %d, %d: sum %v, new weight %v, want %v, %v", l+1, j, k, got, next, x, weights[l][j][k]-step*x)
				}
			}
			x := sumB[l][j]
			if got, next := r["SumB"].([][]float64)[l][j], r["NewB"].([][]float64)[l][j]; !near(got, x) || !near(next, biases[l][j]-step*x) {
				t.Fatalf("layer %d, bias %d: sum %v, new bias %v, want %v, %v", l+1, j, got, next, x, biases[l][j]-step*x)
			}
		}
	}
}
