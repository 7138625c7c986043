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
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// This file holds what the book leaves to Python and to the machine: files that
// are whole at any moment (network2.py: save), and the limit of memory, up to
// which files, networks and mini-batches are taken.

// filesInHand is held for reading while a file is written. Whoever takes it for
// writing before the end of the process leaves no file half written.
var filesInHand sync.RWMutex

// stopWaiting is closed when the program is interrupted, for whoever waits for
// another process.
var stopWaiting = make(chan struct{})

// writeFileAtomic writes a file by way of another in the same folder, so that
// the old one stays as it is until the new one is complete. What is no regular
// file, such as a pipe, is written to directly.
func writeFileAtomic(name string, write func(io.Writer) error) error {
	target, plain := writeTarget(name)
	if plain {
		f, err := openPlain(target)
		if err != nil {
			return fmt.Errorf("write %s: %w", name, withoutFileName(err))
		}
		return errors.Join(write(f), f.Close())
	}
	filesInHand.RLock()
	defer filesInHand.RUnlock()
	if err := replaceFile(target, write); err != nil {
		return fmt.Errorf("write %s: %w", name, withoutFileName(err))
	}
	return nil
}

// openDescriptors is how the folders are called in which a system shows the files
// that a process has open: /dev/stdout leads to one of them.
var openDescriptors = regexp.MustCompile(`^/(proc/[^/]+(/task/[^/]+)?|dev)/fd$`)

// writeTarget follows the links of a name, also to a file that is not there yet,
// and reports whether to write to it directly: a pipe, a device, or what is open
// already, which may be a regular file at whose end others write.
func writeTarget(name string) (target string, plain bool) {
	for range 40 {
		folder, err := filepath.EvalSymlinks(filepath.Dir(name))
		if err == nil && openDescriptors.MatchString(filepath.ToSlash(folder)) {
			return name, true
		}
		link, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(name), link)
		}
		name = link
	}
	info, err := os.Stat(name)
	return name, err == nil && !info.Mode().IsRegular()
}

// openStreamOf returns stdout or stderr where that is the file of a name, nil
// for any other.
func openStreamOf(name string) *os.File {
	info, err := os.Stat(name)
	if err != nil || runtime.GOOS == "windows" && !info.Mode().IsRegular() { // all devices are the same there
		return nil
	}
	for _, stream := range []*os.File{os.Stdout, os.Stderr} {
		if open, err := stream.Stat(); err == nil && os.SameFile(open, info) {
			return stream
		}
	}
	return nil
}

// openPlain opens a pipe or a device. A pipe without a reader waits for one, until
// the program is interrupted.
func openPlain(name string) (io.WriteCloser, error) {
	if stream := openStreamOf(name); stream != nil { // a second opening would have a place of its own in a file
		return openStream{stream}, nil
	}
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-stopWaiting:
		return nil, errors.New("interrupted while no process read from it")
	}
}

// An openStream stays open.
type openStream struct{ io.Writer }

func (openStream) Close() error { return nil }

// createTemporary creates a new file beside a file that is to be written, with
// the mode of the old one, or that of any new file.
func createTemporary(name string) (*os.File, error) {
	for number := os.Getpid(); ; number++ {
		f, err := os.OpenFile(fmt.Sprintf("%s%d.tmp", temporaryPrefix(name), number), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if info, missing := os.Stat(name); err == nil && missing == nil {
			if err = f.Chmod(info.Mode().Perm()); err != nil {
				f.Close()
				os.Remove(f.Name())
			}
		}
		return f, err
	}
}

// temporaryPrefix is how the names of such files begin: no longer than a file
// system takes where it takes the name itself.
func temporaryPrefix(name string) string {
	base := filepath.Base(name)
	if len(base) > 200 {
		base = strings.ToValidUTF8(base[:200], "")
	}
	return filepath.Join(filepath.Dir(name), "."+base+"-")
}

// checkWritable returns an error if a file could not be written where it is to
// go.
func checkWritable(name string) error {
	target, plain := writeTarget(name)
	if plain {
		if err := checkPlain(target); err != nil {
			return fmt.Errorf("write %s: %w", name, withoutFileName(err))
		}
		return nil
	}
	if len(filepath.Base(target)) > 255 {
		return fmt.Errorf("write %s: %w", name, syscall.ENAMETOOLONG)
	}
	if openStreamOf(target) != nil {
		return fmt.Errorf("write %s: the output of the program goes there already; choose another file", name)
	}
	f, err := createTemporary(target)
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, withoutFileName(err))
	}
	return nil
}

// checkPlain is checkWritable for what is written to directly. A pipe is not
// opened: whoever reads it would take the closing for the end.
func checkPlain(name string) error {
	info, err := os.Stat(name)
	if err != nil || openStreamOf(name) != nil {
		return err
	}
	switch mode := info.Mode(); {
	case mode&os.ModeSocket != 0:
		return errors.New("a socket, expected a file, a pipe or a device")
	case mode&os.ModeDevice != 0 && mode&os.ModeCharDevice == 0:
		return errors.New("a disk, expected a file, a pipe or a device")
	case mode&os.ModeDevice != 0:
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		return f.Close()
	}
	return nil
}

// samePath reports whether two names are those of one file, also where it is not
// there yet, or through links.
func samePath(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, _ = writeTarget(a)
	b, _ = writeTarget(b)
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return infoA.Mode().IsRegular() && os.SameFile(infoA, infoB)
	}
	dirA, errA := os.Stat(filepath.Dir(a))
	dirB, errB := os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(dirA, dirB) && filepath.Base(a) == filepath.Base(b)
}

// isInside reports whether a file or folder, there already or not, is a folder or
// lies in it, also through links.
func isInside(name, folder string) bool {
	within, err := os.Stat(folder)
	if err != nil {
		return false
	}
	path, err := filepath.Abs(name)
	for err == nil {
		if info, missing := os.Stat(path); missing == nil {
			if os.SameFile(info, within) {
				return true
			}
			path, err = filepath.EvalSymlinks(path)
		}
		parent := filepath.Dir(path)
		if parent == path {
			return false
		}
		path = parent
	}
	return false
}

// replaceFile writes a new file and puts it in the place of the old one. Where
// that fails, the new one is removed.
func replaceFile(name string, write func(io.Writer) error) error {
	removeStale(name)
	f, err := createTemporary(name)
	if err != nil {
		return err
	}
	err = errors.Join(writeSynced(f, write), f.Close())
	if err == nil {
		err = renameOver(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// removeStale removes the files of replace that processes left behind when they
// were killed. Those of the last hour stay: another process may be writing
// them. What it cannot remove does no harm.
func removeStale(name string) {
	dir := filepath.Dir(name)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), filepath.Base(temporaryPrefix(name)))
		number, temporary := strings.CutSuffix(number, ".tmp")
		if !ours || !temporary || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > time.Hour {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// writeSynced writes a file through to the disk, up to the first error.
func writeSynced(f *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriter(f)
	for _, step := range []func() error{
		func() error { return write(w) }, w.Flush, f.Sync,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// renameOver gives the new file the name of the old one, in one step. Windows
// refuses that while anybody has the old file open; a second of patience is
// then enough.
func renameOver(from, to string) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || wait > time.Second {
			return err
		}
		time.Sleep(wait)
	}
}

// syncFolder makes a new name last when the power fails. Windows has no such
// thing, some file systems have none and say so, and some folders can be
// written but not read: there the name is left to the system.
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

// withoutFileName returns an error of replace without the name of the temporary
// file: a message has no name but the one that the user gave.
func withoutFileName(err error) error {
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

// memoryLimit returns the number of bytes that the program may use, so that a
// network that is too large is refused before it ends the program. It is
// GOMEMLIMIT, or on Linux the memory of the machine or of the container. Where
// the standard library cannot tell, it is 16 GB, a hundred times what the largest
// network of these chapters needs. A 32-bit program can address 2 GB.
func memoryLimit() float64 {
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

// gigabytes writes a number of bytes for the messages about memory.
func gigabytes(bytes float64) string { return fmt.Sprintf("%.2f GB", bytes/1e9) }

// A limitedReader reads JSON as long as there is memory for what becomes
// of it. It can tell in time, since the decoder makes nothing of a value before
// it has read it to its end.
type limitedReader struct {
	r     io.Reader
	limit float64 // bytes of memory that are left
}

// Read reads, or says that what it has read is too much. Three bytes of text
// may become a list of 24 bytes or a record of 200, two bytes a number of 8; a
// slice that grows is there twice or three times for a while.
func (w *limitedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.limit -= 3 * float64(n)
	for _, c := range []struct{ of, bytes byte }{{'[', 80}, {',', 20}, {'{', 200}, {':', 100}} {
		w.limit -= float64(c.bytes) * float64(bytes.Count(p[:n], []byte{c.of}))
	}
	if w.limit < 0 {
		return n, fmt.Errorf("too large for the %s of memory here", gigabytes(memoryLimit()))
	}
	return n, err
}
