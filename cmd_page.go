//go:build !js

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// This file is the command page: it compiles this program for WebAssembly and
// packs it with the page's own files into one HTML file, which needs no server
// and no network. The engine inside is cmd_page_js.go; docs/page holds the rest.

const pageHelp = `[-o FILE] [-small] [-data DIR]
    Writes the program as one HTML file: open it in a browser, mail it, or put
    it on any web space. Everything in it is computed by this very program,
    compiled for WebAssembly by the go command, with the same numbers as here.
    -data puts another set into it in the place of MNIST, of images of 28×28
    pixels in up to ten classes.

Examples:
  go run . page
  go run . page -small -o nndl-small.html
`

//go:embed docs/page
var pageFiles embed.FS

// pageCommand writes the page.
func pageCommand(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	f := commandFlags("page")
	name := f.String("o", "nndl.html", "file to write")
	small := f.Bool("small", false, "with 10,000 training and 2,000 test images, a smaller file to mail")
	source := &pageData{}
	f.StringVar(&source.dir, "data", "", "folder with IDX files to use instead of MNIST")
	f.BoolVar(&source.transpose, "transpose", false, "turn the images of -data over their diagonal, as EMNIST's need it")
	words, err := readCommand(f, pageHelp, args, stderr)
	if err != nil {
		return err
	}
	if len(words) > 0 {
		return usagef("page takes no argument, not %q", words[0])
	}
	if err := errors.Join(source.checkOutput(*name), inSourceFolder()); err != nil {
		return err
	}
	if *small {
		source.most = map[string]int{"train": 12000, "t10k": 2000} // 10,000 for training, 2,000 for validation
	}
	dir, err := os.MkdirTemp("", "nndl-page-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(stderr, "nndl: compiling the program for WebAssembly; the first time this takes some seconds")
	program, loader, err := buildEngine(ctx, dir, source)
	if err != nil {
		return err
	}
	page, err := packPage(program, loader)
	if err != nil {
		return err
	}
	err = writeFileAtomic(*name, func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	})
	if err != nil {
		return err
	}
	path, err := filepath.Abs(*name)
	if err != nil {
		return err
	}
	if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive of Windows
	}
	fmt.Fprintf(stdout, "file://%s\n", printable(strings.ReplaceAll(path, " ", "%20")))
	fmt.Fprintf(stderr, "nndl: %.1f MB\n", float64(len(page))/1e6)
	return nil
}

// checkOutput returns an error where the page cannot be written, or would take the
// place of a file that it is made from, or of one that is no page.
func (p *pageData) checkOutput(name string) error {
	if err := checkTarget(name); err != nil {
		return err
	}
	in := inputs{data: p.dir}
	sources, err := pageFiles.ReadDir("docs/page")
	if err != nil {
		return err
	}
	for _, file := range sources {
		in.others = append(in.others, filepath.Join("docs", "page", file.Name()))
	}
	if err := in.checkOutput("page: -o", name); err != nil {
		return err
	}
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 1024)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !htmlStart.Match(start[:n]) {
		return usagef("page: -o %s would overwrite a file that is no page", name)
	}
	return nil
}

// htmlStart is how a file of HTML begins.
var htmlStart = regexp.MustCompile(`(?i)^(\x{feff})?\s*(<!--|<!doctype html|<html)`)

// inSourceFolder returns an error where the go command or the sources of the
// program are missing.
func inSourceFolder() error {
	if mod, err := os.ReadFile("go.mod"); err != nil || !bytes.HasPrefix(mod, []byte("module nndl\n")) {
		return errors.New("page compiles the program: run it in the folder of its sources, where go.mod is")
	}
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("page compiles the program with the go command, which is not there: install Go, or put it into PATH")
	}
	return nil
}

// buildEngine compiles the program for WebAssembly and returns it gzipped, with
// the loader of the toolchain that compiled it.
func buildEngine(ctx context.Context, dir string, source *pageData) (program, loader []byte, err error) {
	output := filepath.Join(dir, "nndl.wasm")
	flags := "-ldflags=-s -w"
	if source.dir != "" {
		flags += " -X 'main.pageSet=" + strings.ReplaceAll(filepath.Base(source.dir), "'", "’") + "'"
	}
	args := []string{"build", "-trimpath", flags, "-o", output}
	if source.dir != "" || source.transpose || source.most != nil {
		overlay, err := source.overlay(dir)
		if err != nil {
			return nil, nil, err
		}
		args = append(args, "-overlay", overlay)
	}
	c := exec.CommandContext(ctx, "go", append(args, ".")...)
	c.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=")
	if text, err := c.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("go build: %w: %s", err, bytes.TrimSpace(text))
	}
	wasm, err := os.ReadFile(output)
	if err != nil {
		return nil, nil, err
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	for _, folder := range []string{"lib", "misc"} { // Go 1.24 moved it
		if loader, err = os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), folder, "wasm", "wasm_exec.js")); err == nil {
			break
		}
	}
	if err != nil {
		return nil, nil, err
	}
	program, err = gzipped(wasm)
	return program, loader, err
}

// gzipped returns data compressed as well as gzip can.
func gzipped(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// pageData says which images the page has.
type pageData struct {
	dir       string // empty: MNIST
	transpose bool
	most      map[string]int // number of images of each part; nil: all
}

// part returns the images of one part, which must be such as the page can draw.
func (p *pageData) part(name string) (*Data, error) {
	if p.transpose && p.dir == "" {
		return nil, usagef("page: -transpose turns the images of -data DIR, MNIST's are upright")
	}
	d, err := loadPart(p.dir, name)
	if err != nil {
		return nil, err
	}
	if classes := d.classCount(); d.Height != digitSide || d.Width != digitSide || classes > 10 {
		return nil, fmt.Errorf("page -data %s: %d classes of images of %d×%d pixels, expected at most 10 of %d×%d", p.dir, classes, d.Height, d.Width, digitSide, digitSide)
	}
	if p.transpose {
		d.turn()
	}
	if n := p.most[name]; p.most != nil && n < d.Len() {
		d = d.Slice(0, n)
	}
	return d, nil
}

// overlay writes files of other images in the format of MNIST's and returns the file
// that tells the go command to take them instead.
func (p *pageData) overlay(dir string) (string, error) {
	replace := map[string]string{}
	for _, part := range []string{"train", "t10k"} {
		d, err := p.part(part)
		if err != nil {
			return "", err
		}
		n := d.Len()
		for name, file := range map[string][]byte{
			part + "-images-idx3-ubyte.gz": append(idxHead(2051, n, d.Height, d.Width), d.Images...),
			part + "-labels-idx1-ubyte.gz": append(idxHead(2049, n), d.Labels...),
		} {
			packed, err := gzipped(file)
			if err != nil {
				return "", err
			}
			if err := os.WriteFile(filepath.Join(dir, name), packed, 0o600); err != nil {
				return "", err
			}
			original, err := filepath.Abs(filepath.Join("data", name))
			if err != nil {
				return "", err
			}
			replace[original] = filepath.Join(dir, name)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}

// packPage returns the page with everything in it.
func packPage(program, loader []byte) ([]byte, error) {
	file := func(name string) string {
		text, err := pageFiles.ReadFile("docs/page/" + name)
		if err != nil {
			panic(err) // it is embedded
		}
		return string(text)
	}
	list, err := pageEquations()
	if err != nil {
		return nil, err
	}
	equations, err := json.Marshal(list) // which writes < as \u003c
	if err != nil {
		return nil, err
	}
	var script strings.Builder
	for _, name := range []string{"engine.js", "draw.js", "controls.js", "neuron.js", "valley.js", "backpropagation.js", "slow.js", "softmax.js", "equations.js", "training.js", "data.js", "page.js"} {
		script.WriteString(file(name))
	}
	page := strings.NewReplacer(
		"/* page.css */", file("page.css"),
		"/* worker.js */", file("files.js")+string(loader)+"\n"+file("worker.js"),
		"/* page.js */", script.String(),
		"<!-- equations -->", string(equations),
		"<!-- program -->", base64.StdEncoding.EncodeToString(program),
	).Replace(file("index.html"))
	return []byte(page), nil
}

// A pageEquation is an equation as eq shows it, with its MathML.
type pageEquation struct {
	Number    string         `json:"number"`
	Book      string         `json:"book"`
	Names     string         `json:"names"`
	Math      string         `json:"math"` // MathML
	Says      string         `json:"says"`
	Words     string         `json:"words"` // to search in, as eq does
	Functions []pageFunction `json:"functions"`
	Test      string         `json:"test"`
	Command   string         `json:"command"`
}

// A pageFunction is a function of an equation.
type pageFunction struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Source string `json:"source"`
}

// pageEquations returns the equations, from the table and the sentences of eq, the
// sources and the MathML of docs/page/mathml.json.
func pageEquations() ([]pageEquation, error) {
	var mathML map[string]string
	text, err := pageFiles.ReadFile("docs/page/mathml.json")
	if err == nil {
		err = json.Unmarshal(text, &mathML)
	}
	if err != nil {
		return nil, err
	}
	var list []pageEquation
	for _, e := range equationTable() {
		note := equationNotes[e.number]
		p := pageEquation{Number: e.number, Book: e.book, Names: e.names(), Math: mathML[e.number], Says: note.says, Words: e.words(), Test: e.test, Command: note.command}
		if p.Math == "" {
			p.Math = "<code>" + html.EscapeString(e.latex) + "</code>"
		}
		for _, f := range e.functions {
			source, line := sourceOf(equationSources[f[1]], f[0])
			if source == "" {
				return nil, fmt.Errorf("%s: no function %s", f[1], f[0])
			}
			p.Functions = append(p.Functions, pageFunction{f[0], f[1], line, source})
		}
		list = append(list, p)
	}
	return list, nil
}
