package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// This file holds what the book leaves to Python and to the machine: files that
// are whole at any moment (network2.py: save), and the limit of memory, up to
// which files, networks and mini-batches are taken.

// writeWhole writes a file by way of another in the same folder, so that the
// old one stays as it is until the new one is complete (network2.py: save
// writes in place). What is no regular file, such as a pipe, is written to
// directly.
func writeWhole(name string, write func(io.Writer) error) error {
	unfinished.Add(1)
	defer unfinished.Add(-1)
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		target = name // there is none yet
	}
	if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	if err := replace(target, write); err != nil {
		return fmt.Errorf("write %s: %w", name, cause(err))
	}
	return nil
}

// replace writes a new file and puts it in the place of the old one
// (network2.py: save). Where that fails, the new one is removed.
func replace(name string, write func(io.Writer) error) error {
	removeStale(name)
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*.tmp")
	if err != nil {
		return err
	}
	err = errors.Join(writeSynced(f, write), f.Close())
	if err == nil {
		err = rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// removeStale removes the files of replace that processes left behind when they
// were killed. Those of the last hour stay: another process may be writing
// them. What it cannot remove does no harm (network2.py: save).
func removeStale(name string) {
	dir := filepath.Dir(name)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), "."+filepath.Base(name)+"-")
		number, temporary := strings.CutSuffix(number, ".tmp")
		if !ours || !temporary || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > time.Hour {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// writeSynced writes a file through to the disk, up to the first error
// (network2.py: save).
func writeSynced(f *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	return f.Sync()
}

// rename gives the new file the name of the old one, in one step (network2.py:
// save). Windows refuses that while anybody has the old file open; a second of
// patience is then enough.
func rename(from, to string) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || wait > time.Second {
			return err
		}
		time.Sleep(wait)
	}
}

// syncFolder makes a new name last when the power fails (network2.py: save).
// Windows has no such thing, some file systems have none and say so, and some
// folders can be written but not read: there the name is left to the system.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer dir.Close()
	if err = dir.Sync(); errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// cause returns an error of replace without the name of the file that is
// gone: the message shall have no name but the one that the user gave (package
// os; network2.py: save).
func cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// memory returns how many bytes the program may take, so that a network that
// is too large is refused instead of ending the program, or the machine
// (§1.3). GOMEMLIMIT says it, or else Linux: the memory of the machine, or of
// the container if that is less. On other systems the standard library does
// not tell it: 16 GB are a hundred times what the largest network of these
// chapters takes with all that goes with it. A 32-bit program, or one in
// WebAssembly, can address little more than 2 GB.
func memory() float64 {
	bytes := math.Inf(1)
	for _, source := range []struct {
		file, format string
		unit         float64
	}{
		{"/proc/meminfo", "MemTotal: %g kB", 1 << 10},
		{"/sys/fs/cgroup/memory.max", "%g", 1},
	} {
		var found float64
		text, _ := os.ReadFile(source.file)
		if _, err := fmt.Sscanf(string(text), source.format, &found); err == nil {
			bytes = min(bytes, found*source.unit)
		}
	}
	if math.IsInf(bytes, 1) {
		bytes = 16 << 30
	}
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		bytes = float64(limit)
	}
	if strconv.IntSize == 32 || runtime.GOARCH == "wasm" {
		bytes = min(bytes, 2<<30)
	}
	return bytes
}

// gigabytes writes a number of bytes for the messages about memory (§1.3).
func gigabytes(bytes float64) string {
	return fmt.Sprintf("%.2f GB", bytes/1e9)
}

// A weighed reader reads JSON as long as there is memory for what becomes of
// it. It can tell in time, since the decoder makes nothing of a value before it
// has read it to its end (network2.py: load).
type weighed struct {
	r    io.Reader
	room float64 // bytes of memory that are left
}

// Read reads, or says that what it has read is too much (io.Reader;
// network2.py: load). Three bytes of text may become a list of 24 bytes or a
// record of 200, two bytes a number of 8; a slice that grows is there twice or
// three times for a while.
func (w *weighed) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.room -= 3 * float64(n)
	for _, c := range []struct{ of, bytes byte }{{'[', 80}, {',', 20}, {'{', 200}, {':', 100}} {
		w.room -= float64(c.bytes) * float64(bytes.Count(p[:n], []byte{c.of}))
	}
	if w.room < 0 {
		return n, fmt.Errorf("too large for the %s of memory here", gigabytes(memory()))
	}
	return n, err
}
