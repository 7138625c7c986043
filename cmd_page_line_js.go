package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// This file is what the engine of the page does with a command line, and with a
// network file that the reader opens: it is where package os finds it
// (docs/page/files.js), so that -load reads it as in a terminal.

// pageOptions returns the flags of a command line as it stands in the page.
func pageOptions(line string) (*options, error) {
	words, err := commandWords(line)
	if err != nil {
		return nil, err
	}
	if err := refuseFiles(words); err != nil {
		return nil, err
	}
	o := newOptions()
	if err := o.read(words); err != nil {
		return nil, err
	}
	if _, err := os.Stat(o.data); o.data != "" && err != nil {
		return nil, usagef("-data %s is not in this page: drop it here, or choose it with “Your own data”", o.data)
	}
	return o, nil
}

// pageFiles are the flags whose files a page does not have, and what it has instead.
var pageFiles = map[string]string{
	"save":       "“Save network” keeps the network",
	"plot":       "the curves are below",
	"csv":        "the curves and the log are below",
	"json":       "the curves and the log are below",
	"checkpoint": "a run can be paused, but ends with the page",
	"resume":     "“Open network” and -continue train on from a network",
}

// refuseFiles returns an error for the flags of files that a page does not have, in
// place of what the terminal says of them, and for -h.
func refuseFiles(words []string) (refused error) {
	o := newOptions()
	if err := o.flags.Parse(words); errors.Is(err, flag.ErrHelp) {
		return usagef("the form explains each flag; in a terminal -h prints them all")
	}
	o.flags.Visit(func(f *flag.Flag) {
		name := f.Value.String()
		if instead := pageFiles[f.Name]; instead != "" {
			refused = usagef("-%s %s needs a file, which a page cannot write or read by its name; in a terminal it works. Here %s", f.Name, name, instead)
		} else if _, err := os.Stat(name); f.Name == "load" && err != nil {
			refused = usagef("-load %s is not in this page: choose it with “Open network”", name)
		}
	})
	return refused
}

// check returns the flags of a command line for the form, or says what is wrong.
func (e *pageEngine) check(line string) (any, error) {
	o, err := pageOptions(line)
	if err != nil {
		return nil, err
	}
	byDefault := newOptions()
	if o.load != "" {
		if byDefault, err = o.ofFile(); err != nil {
			return nil, err
		}
		if _, _, err = o.startingPoint(); err != nil {
			return nil, err
		}
	}
	if o.data != "" {
		if err := e.fitSizesToData(o); err != nil {
			return nil, err
		}
	}
	return o.pageFlags(byDefault), nil
}

// ofFile returns what the flags are with -load where none but those that choose the
// file and the data are given.
func (o *options) ofFile() (*options, error) {
	words := []string{"-load", o.load, "-data", o.data}
	if o.continues {
		words = append(words, "-continue")
	}
	byDefault := newOptions()
	if err := byDefault.read(words); err != nil {
		return nil, err
	}
	_, _, err := byDefault.startingPoint()
	return byDefault, err
}

// pageFlags returns the values of the flags, with defaults and meaning, by
// sections. The file of -load has defaults of its own.
func (o *options) pageFlags(byDefault *options) any {
	type flagRow struct {
		Name, Value, Default, Usage string
		Bool                        bool
	}
	type section struct {
		Title string
		Flags []flagRow
	}
	var sections []section
	for _, g := range o.groups {
		s := section{Title: g.title}
		for _, name := range g.names {
			f := o.flags.Lookup(name)
			_, isBool := f.Value.(*boolFlag)
			row := flagRow{name, f.Value.String(), f.DefValue, f.Usage, isBool}
			switch {
			case name == "sizes" && !o.explicit[name]:
				row.Default = row.Value // which follows the data and the encoding
			case o.load != "" && o.keeps(name) && name != "data":
				row.Default = byDefault.value(name)
			}
			s.Flags = append(s.Flags, row)
		}
		sections = append(sections, s)
	}
	return sections
}

// opened is what was there before a network was opened.
type opened struct {
	last   learner
	reader *Network
}

// open takes the network of a file, for the tabs and to read with, and returns its
// score. The data of the last training stay with it where their classes have the same
// names.
func (e *pageEngine) open(name string) (any, error) {
	if e.running != nil {
		return nil, errTrainingRuns
	}
	net, file, err := loadFile(name)
	if err != nil {
		return nil, err
	}
	if net = net.WithoutDropout(); file.Scaling != nil || squareSide(net.Sizes[0]) < minSide {
		return nil, fmt.Errorf("a network of %v neurons, expected 784 in the first layer, one per pixel of 28×28, or another square of at least %d×%[2]d", net.Sizes, minSide)
	}
	kept := learner{net: net, data: e.last.data, what: e.last.what, flags: file.trained()}
	answer := map[string]any{"sizes": strings.Trim(strings.ReplaceAll(fmt.Sprint(net.Sizes), " ", "-"), "[]"), "continue": kept.flags != nil}
	if kept.data == nil || kept.fit() != nil {
		kept.data = nil
	}
	if err := kept.fit(); err != nil {
		answer["unfit"] = oneLine(err)
	} else {
		right, err := net.accuracy(kept.data)
		if err != nil {
			return nil, err
		}
		answer["right"], answer["of"], answer["what"] = right, kept.data.Len(), kept.what
	}
	if e.before == nil {
		e.before = &opened{e.last, e.reader}
	}
	e.last, e.reader = kept, net
	return answer, nil
}

// close brings back the network that was there before one was opened, unless there
// has been a training since.
func (e *pageEngine) close() error {
	if e.running != nil {
		return errTrainingRuns
	}
	if e.before != nil {
		e.last, e.reader, e.before = e.before.last, e.before.reader, nil
	}
	return nil
}

// unpackPart unpacks one part of the page's data and lets requests in meanwhile.
func unpackPart(part string) (*Data, error) {
	postDoing("unpacking", true)
	defer postDoing("unpacking", false)
	d := new(Data)
	err := readIDX("", part+"-images-idx3-ubyte", func(r io.Reader, limit uint64) (err error) {
		d.Height, d.Width, d.Images, err = readImages(&yieldingReader{r, time.Now()}, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = readIDX("", part+"-labels-idx1-ubyte", func(r io.Reader, limit uint64) (err error) {
		d.Labels, err = readLabels(r, limit)
		return err
	})
	return d, err
}

// A yieldingReader lets requests in every 20 ms.
type yieldingReader struct {
	r     io.Reader
	slice time.Time
}

// Read reads.
func (y *yieldingReader) Read(p []byte) (int, error) {
	if time.Since(y.slice) > 20*time.Millisecond {
		time.Sleep(time.Millisecond)
		y.slice = time.Now()
	}
	return y.r.Read(p)
}
