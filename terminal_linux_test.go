package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"
)

// These tests run the program on a pseudo-terminal and play what it writes into
// a model of a screen, to see what a person sees.

// openTerminal returns the two ends of a pseudo-terminal of the given size.
func openTerminal(t *testing.T, rows, columns int) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { master.Close() })
	control := func(request uintptr, p unsafe.Pointer) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(p)); errno != 0 {
			t.Skip(errno)
		}
	}
	var unlock, number int32
	size := [4]uint16{uint16(rows), uint16(columns)}
	control(syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	control(syscall.TIOCGPTN, unsafe.Pointer(&number))
	control(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	return master, slave
}

// A tinyScreen is a terminal as far as the program uses one: text that wraps, or
// not; carriage return, line feed, clear to the end of the line, colours.
type tinyScreen struct {
	columns, row, column int
	lines                [][]rune
	noWrap               bool
}

var escapeSequence = regexp.MustCompile(`^\x1b\[\??([\d;]*)([A-Za-z])`)

// play writes output to the screen and returns an error for what it does not
// know.
func (s *tinyScreen) play(output []byte) error {
	for len(output) > 0 {
		if m := escapeSequence.FindSubmatch(output); m != nil {
			switch string(m[0]) {
			case "\x1b[K":
				s.lines[s.row] = s.lines[s.row][:min(s.column, len(s.lines[s.row]))]
			case "\x1b[?7l", "\x1b[?7h":
				s.noWrap = string(m[0]) == "\x1b[?7l"
			default:
				if string(m[2]) != "m" {
					return fmt.Errorf("unknown escape sequence %q", m[0])
				}
			}
			output = output[len(m[0]):]
			continue
		}
		r, n := utf8.DecodeRune(output)
		output = output[n:]
		switch {
		case r == '\r':
			s.column = 0
		case r == '\n':
			s.row++
		case r < ' ':
			return fmt.Errorf("control character %q", r)
		default:
			s.put(r)
		}
		for len(s.lines) <= s.row {
			s.lines = append(s.lines, nil)
		}
	}
	return nil
}

// put writes one character at the cursor.
func (s *tinyScreen) put(r rune) {
	if s.column == s.columns {
		if s.noWrap {
			s.column--
		} else {
			s.row, s.column = s.row+1, 0
		}
	}
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, nil)
	}
	for len(s.lines[s.row]) <= s.column {
		s.lines[s.row] = append(s.lines[s.row], ' ')
	}
	s.lines[s.row][s.column] = r
	s.column++
}

// String returns the lines of the screen without spaces at their ends.
func (s *tinyScreen) String() string {
	var out strings.Builder
	for _, line := range s.lines {
		out.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// onTerminal runs the program on a terminal of so many columns. Once what it
// wrote has the text after, it gets a Ctrl-C, if after is not empty. It returns
// the screen, all bytes, and the exit status.
func onTerminal(t *testing.T, columns int, after string, args ...string) (screen string, output []byte, status int) {
	t.Helper()
	master, slave := openTerminal(t, 24, columns)
	p := child(t, args...)
	p.Env = append(p.Env, "TERM=xterm", "NO_COLOR=")
	p.Stdin, p.Stdout, p.Stderr = slave, slave, slave
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	var mu sync.Mutex
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			mu.Lock()
			output = append(output, buffer[:n]...)
			mu.Unlock()
			if err != nil { // EIO: the program has ended
				return
			}
		}
	}()
	if after != "" {
		for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			seen := bytes.Contains(output, []byte(after))
			mu.Unlock()
			if seen {
				break
			}
		}
		io.WriteString(master, "\x03")
	}
	p.Wait()
	<-done
	s := &tinyScreen{columns: columns, lines: [][]rune{nil}}
	if err := s.play(output); err != nil {
		t.Errorf("%s: %v in %q", strings.Join(args, " "), err, output)
	}
	return s.String(), output, p.ProcessState.ExitCode()
}

// TestTerminal: on a terminal, a result stands in a line of its own, whatever
// progress was shown before; in the end no progress is left, also after Ctrl-C
// and where the terminal is narrow.
func TestTerminal(t *testing.T) {
	dir := t.TempDir()
	config := `^nndl: sizes[^;]*seed 12345678\n`
	for _, c := range []struct {
		line, after string
		status      int
		want        string // of the screen of 80 columns
		progress    bool
	}{
		{"-epochs 3 -train-size 20000 -eval-size 1000", "", 0, config + `Untrained: \d+ / 1000\nEpoch 0: \d+ / 1000\nEpoch 1: \d+ / 1000\nEpoch 2: \d+ / 1000\nnndl: done in [\d.]+ s\n$`, true},
		{"-epochs 300 -eval-size 100", " / 50000 examples", 130, config + `Untrained: \d+ / 100\n(Epoch \d: \d+ / 100\n)*nndl: interrupted in epoch \d`, true},
		{"-epochs 300 -eval-size 100 -checkpoint " + filepath.Join(dir, "run.json"), " / 50000 examples", 130, `nndl: interrupted in epoch \d.*\nnndl: go on with: go run \. -resume `, true},
		{"replay initialization", " / 50000 examples", 130, config + `\n*$`, true},
		{"tune -train-size 100", "", 0, `Best: sizes`, true},
		{"figure 7 -o " + dir, "", 0, `fig07\.svg\nnndl: done in`, false},
		{"figure 38 -o " + dir, " / 50000 examples", 130, `fig38\.svg\n` + config[1:] + `\n*$`, true},
		{"show 0", "", 0, `▀`, false},
		{"classify testdata/lines.png", "", 0, `7210\s*\n`, true},
	} {
		for _, columns := range []int{80, 40} {
			t.Run(fmt.Sprint(c.line, " ", columns), func(t *testing.T) {
				t.Parallel()
				screen, output, status := onTerminal(t, columns, c.after, strings.Fields(c.line)...)
				if status != c.status {
					t.Errorf("status %d, want %d", status, c.status)
				}
				if columns == 80 && !regexp.MustCompile(c.want).MatchString(screen) {
					t.Errorf("the screen shows\n%s\nwant %s", screen, c.want)
				}
				if bytes.Contains(output, []byte("examples")) != c.progress && c.progress {
					t.Error("no progress was shown")
				}
				if left := regexp.MustCompile(`(?m)^.*(\d+ / \d+ examples|\d left).*$`).FindString(screen); left != "" {
					t.Errorf("progress is left: %q", left)
				}
			})
		}
	}
}

// TestTimeLeftShown: the time left that is shown is never far from what it takes.
func TestTimeLeftShown(t *testing.T) {
	begin := time.Now()
	_, output, _ := onTerminal(t, 80, "", "-epochs", "3", "-eval-size", "100")
	took := time.Since(begin).Seconds()
	shown := regexp.MustCompile(`, (\d+)s left`).FindAllSubmatch(output, -1)
	for _, m := range shown {
		if left, _ := strconv.ParseFloat(string(m[1]), 64); left > 4*took+2 {
			t.Errorf("%s left of %.1f s", m[1], took)
		}
	}
	if long := regexp.MustCompile(`\d+[hm]\d*s? left`).Find(output); long != nil {
		t.Errorf("%s of %.1f s", long, took)
	}
}
