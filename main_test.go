package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// TestMain runs the tests, or the program itself in a process that child has
// started.
func TestMain(m *testing.M) {
	if os.Getenv("NNDL_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// child returns the program as a process of its own, still to be started. It
// ends with the test, or after a minute.
func child(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("js can start no process")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, self, args...)
	c.Env = append(os.Environ(), "NNDL_MAIN=1")
	return c
}

// quick returns the flags of a training on a few small images, whose epochs
// take less than a millisecond.
func quick(t *testing.T, epochs string) []string {
	return []string{"-data", smallSet(t, 60), "-sizes", "4,5,10", "-epochs", epochs}
}

// interrupted returns a context that is over, as after Ctrl-C.
func interrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// runs calls the program and returns its exit status and what it wrote.
func runs(args ...string) (status int, stdout, stderr string) {
	return runsUntil(context.Background(), args...)
}

// runsUntil is runs, interrupted when ctx is done.
func runsUntil(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(ctx, args, strings.NewReader(""), &out, &err)
	return status, out.String(), err.String()
}

// TestMainJob: a short form of the main job prints what network.py prints.
func TestMainJob(t *testing.T) {
	status, stdout, stderr := runs("-epochs", "2", "-train-size", "1000", "-eval-size", "200")
	want := regexp.MustCompile(`^Untrained: \d+ / 200\nEpoch 0: \d+ / 200\nEpoch 1: \d+ / 200\n$`)
	if status != 0 || !want.MatchString(stdout) || !strings.Contains(stderr, "seed 12345678") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestOtherData: -data trains on other IDX files.
func TestOtherData(t *testing.T) {
	status, stdout, stderr := runs("-data", smallSet(t, 60), "-sizes", "4,5,10", "-epochs", "1", "-eval", "validation")
	if status != 0 || !strings.Contains(stdout, " / 10\n") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestTargets: a file that cannot be written where it is to go is named before
// any work is done.
func TestTargets(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"save", "checkpoint", "csv", "json", "plot"} {
		for target, want := range map[string]string{
			dir:                                dir + " is a folder, expected the name of a file",
			filepath.Join(dir, "none", "file"): "no folder " + filepath.Join(dir, "none") + " to write file in",
		} {
			status, stdout, stderr := runs("-"+name, target)
			if status != 1 || stdout != "" || stderr != "nndl: "+want+"\n" {
				t.Errorf("-%s %s: status %d, stdout %q, stderr %q, want %q", name, target, status, stdout, stderr, want)
			}
		}
	}
}

// TestInterruptedElsewhere: what trains ends with status 130 when it is
// interrupted, and draws no figure from half a training.
func TestInterruptedElsewhere(t *testing.T) {
	dir := t.TempDir()
	lines := []string{"tune -train-size 20 -eval-size 10", "replay overfitting"}
	for _, n := range []int{24, 25, 26, 27, 28, 29, 33, 34, 35, 38} {
		lines = append(lines, fmt.Sprint("figure ", n, " -o ", dir))
	}
	for _, line := range lines {
		if status, _, stderr := runsUntil(interrupted(), strings.Fields(line)...); status != 130 {
			t.Errorf("%s: status %d, stderr %q", line, status, stderr)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%v is left, %v", files, err)
	}
}

// TestHelp: -h explains the flags and is no failure.
func TestHelp(t *testing.T) {
	status, _, stderr := runs("-h")
	if status != 0 || !strings.Contains(stderr, "-epochs") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

// TestWidth: the help of every command and every list fit a terminal of 80 columns,
// and so does what trace and eq write.
func TestWidth(t *testing.T) {
	lines := []string{"-h", "demo", "figure", "replay", "eq", "trace"}
	for _, c := range commands {
		lines = append(lines, c.name+" -h")
	}
	for _, line := range lines {
		status, stdout, stderr := runs(strings.Fields(line)...)
		if status != 0 || stdout+stderr == "" {
			t.Errorf("%s: status %d, %s", line, status, stderr)
		}
		for text := range strings.Lines(stdout + stderr) {
			if text = strings.TrimSuffix(text, "\n"); utf8.RuneCountInString(text) >= termColumns {
				t.Errorf("%s: %d columns: %s", line, utf8.RuneCountInString(text), text)
			}
		}
	}
	_, _, stderr := runs("trace", "-h")
	for _, want := range []string{"\n  -x ", "\n  -y ", "\n  -json ", "trace alone draws a 2-3-1 network"} {
		if !strings.Contains(strings.ReplaceAll(stderr, "\n               ", " "), want) {
			t.Errorf("trace -h lacks %q", want)
		}
	}
}

// TestBadData: bad files end with status 1 and one line.
func TestBadData(t *testing.T) {
	dir := smallSet(t, 60)
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"-data " + filepath.Join(dir, "none"), "no file train-images-idx3-ubyte", 1},
		{"-sizes 784,30,10 -data " + dir, "-sizes begins with 784, but must begin with 4", 2},
	} {
		status, stdout, stderr := runs(strings.Fields(c.args)...)
		if status != c.status || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", c.args, status, stdout, stderr)
		}
	}
	for _, command := range []string{"", "check "} {
		status, stdout, stderr := runs(strings.Fields(command + "-sizes 4,10 -digits 7 -data " + smallSet(t, 6))...) // trains on 0 to 4
		if want := "nndl: -digits 7 leaves no examples\n"; status != 2 || stdout != "" || !strings.HasPrefix(stderr, want) {
			t.Errorf("%sstatus %d, stdout %q, stderr %q, want %q", command, status, stdout, stderr, want)
		}
	}
	writeFile(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), idxImages(2051, 60, 2, 2, nil))
	status, _, stderr := runs("-data", dir, "-sizes", "4,10")
	if want := "240 bytes expected, 0 found"; status != 1 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("status %d, stderr %q, want %q", status, stderr, want)
	}
}

// TestZeroDependencies: go.mod requires nothing.
func TestZeroDependencies(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("module nndl\n\ngo %s\n", "1.24"); string(mod) != want {
		t.Errorf("go.mod is %q, want %q", mod, want)
	}
}

// with returns a command line with further words, and leaves it as it is.
func with(args []string, more ...string) []string { return slices.Concat(args, more) }

// obstacles keep a file in the folder $dir from being written. The shell that
// makes one exits with 77 where it cannot.
var obstacles = []struct{ name, shell, before, after, as, want string }{
	{"a limit to files", "sh", "", "ulimit -f 1", "", "file too large"},
	{"a full disk", "unshare -rm sh", `mount -t tmpfs -o size=4k none "$dir"`, "", "", "no space left on device"},
	{"a read-only disk", "unshare -rm sh", `mount -t tmpfs none "$dir"`, `mount -o remount,bind,ro "$dir"`, "", "read-only file system"},
	{"a read-only folder", "sh", "", `chmod 555 "$dir"`, nobody(), "permission denied"},
}

// nobody returns what makes a shell run a command as nobody, where it would
// else run as root, whom no folder stops.
func nobody() string {
	if os.Getuid() != 0 {
		return ""
	}
	return "setpriv --reuid 65534 --regid 65534 --clear-groups"
}

// TestUnwritable: where a file cannot be written, the old one stays whole,
// nothing stays beside it, the error names it, and the status is 1.
func TestUnwritable(t *testing.T) {
	folder := t.TempDir()
	os.Chmod(filepath.Dir(folder), 0o755) // nobody may read the data, and run the program:
	program := copyOfProgram(t)
	training := with(quick(t, "60"), "-monitor", "accuracy,cost")
	for _, o := range obstacles {
		script := fmt.Sprintf(`dir=$1 file=$2; shift 2
			{ :; %s
			} && printf old >"$dir/$file" && { :; %s
			} && %s true || exit 77
			%s "$@" >/dev/null
			echo "status $?"; ls -A "$dir"; cat "$dir/$file"`, o.before, o.after, o.as, o.as)
		t.Run(o.name, func(t *testing.T) {
			for i, c := range []struct {
				file string
				args []string
			}{
				{"net.json", with(training, "-save", "FILE")},
				{"run.json", with(training, "-checkpoint", "FILE")},
				{"run.csv", with(training, "-csv", "FILE")},
				{"lists.json", with(training, "-json", "FILE")},
				{"run.svg", with(training, "-plot", "FILE")},
				{"fig07.svg", []string{"figure", "7", "-o", "DIR"}},
				{"digits.png", []string{"show", "0", "1", "-data", training[1], "-o", "FILE"}},
			} {
				dir := filepath.Join(folder, strings.ReplaceAll(o.name, " ", "-")+fmt.Sprint(i))
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				defer os.Chmod(dir, 0o755)
				file := filepath.Join(dir, c.file)
				words := append(strings.Fields(o.shell), "-c", script, "sh", dir, c.file, program)
				for _, a := range c.args {
					words = append(words, strings.NewReplacer("FILE", file, "DIR", dir).Replace(a))
				}
				var out, errs bytes.Buffer
				p := child(t)
				if p.Path, p.Err = exec.LookPath(words[0]); p.Err != nil {
					t.Skip(p.Err)
				}
				p.Args, p.Stdout, p.Stderr = words, &out, &errs
				p.Run()
				if p.ProcessState.ExitCode() == 77 || strings.HasPrefix(errs.String(), "unshare: ") {
					t.Skipf("this machine gives it to none: %s", &errs)
				}
				failed := regexp.MustCompile(`(?m)^nndl: (figure 7: )?write ` + regexp.QuoteMeta(file) + ": " + o.want + "$")
				if want := "status 1\n" + c.file + "\nold"; out.String() != want || !failed.Match(errs.Bytes()) ||
					strings.Count(errs.String(), file+": ") != 1 || strings.Contains(errs.String(), "done in") {
					t.Errorf("%s: stdout %q, want %q; stderr %q, want %v", strings.Join(c.args, " "), &out, want, &errs, failed)
				}
			}
		})
	}
}

// copyOfProgram returns a file with the program that every user may run.
func copyOfProgram(t *testing.T) string {
	t.Helper()
	from, err := os.Open(child(t).Path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(t.TempDir(), "nndl.exe"), os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return to.Name()
}

// trigger calls do at the write with the given number, from 1, and passes all
// on.
type trigger struct {
	io.Writer
	writes, at int
	do         func()
}

// Write passes on what it gets.
func (w *trigger) Write(p []byte) (int, error) {
	if w.writes++; w.writes == w.at {
		w.do()
	}
	return w.Writer.Write(p)
}

// TestFolderGone: a folder that is removed while the training runs costs the
// files that were to be written there, with an error for each; an interruption
// does not hide it, and promises nothing.
func TestFolderGone(t *testing.T) {
	for _, c := range []struct {
		flag      string
		at        int  // 1: in the first epoch, 2: at its end
		interrupt bool // then, too
	}{
		{"-save", 2, false}, {"-checkpoint", 2, false}, {"-csv", 2, false}, {"-json", 2, false}, {"-plot", 2, false},
		{"-checkpoint", 1, true}, {"-csv", 1, true}, {"-json", 1, true}, {"-plot", 1, true},
		{"-checkpoint", 2, true}, {"-csv", 2, true}, {"-json", 2, true}, {"-plot", 2, true},
	} {
		dir := filepath.Join(t.TempDir(), "gone")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "file")
		var out, errs bytes.Buffer
		ctx, cancel := context.WithCancel(context.Background())
		status := run(ctx, with(quick(t, "3"), c.flag, file), strings.NewReader(""), &trigger{Writer: &out, at: c.at, do: func() {
			os.RemoveAll(dir)
			if c.interrupt {
				cancel()
			}
		}}, &errs)
		cancel()
		if want := "nndl: write " + file + ": "; status != 1 || !strings.Contains(errs.String(), want) || strings.Contains(errs.String(), "go on with") {
			t.Errorf("%+v: status %d, stderr %q, want %q", c, status, &errs, want)
		}
	}
}

// deaf is a stdout that fails from some write on.
type deaf struct {
	left int
	err  error
}

// Write fails when its time has come.
func (d *deaf) Write(p []byte) (int, error) {
	if d.left--; d.left < 0 {
		return 0, d.err
	}
	return len(p), nil
}

// TestDeafOutput: each command ends quietly with status 0 when its reader has
// gone, and with status 1 and one error when stdout fails otherwise.
func TestDeafOutput(t *testing.T) {
	data := quick(t, "1000000")
	for _, c := range []struct {
		args []string
		left int
	}{
		{data, 0}, {data, 1}, {data, 5},
		{with(data, "-runs", "10000"), 0},
		{[]string{"demo"}, 0}, {[]string{"demo"}, 2},
		{[]string{"demo", "valley"}, 0}, {[]string{"demo", "perceptron"}, 0}, {[]string{"demo", "neuron"}, 0}, {[]string{"demo", "newton"}, 0}, {[]string{"demo", "softmax"}, 0},
		{[]string{"trace"}, 0},
		{with([]string{"check"}, data[:4]...), 0},
		{[]string{"show", "0", "-data", data[1]}, 0},
		{[]string{"classify", "-load", storedNetwork(t, biased(3)), filepath.Join("testdata", "plain.png")}, 0},
		{[]string{"figure"}, 0}, {[]string{"figure"}, 3},
		{[]string{"replay"}, 0},
		{[]string{"tune", "-epochs", "100"}, 0}, {[]string{"tune", "-epochs", "100"}, 2},
	} {
		for _, e := range []struct {
			err    error
			status int
		}{{syscall.EPIPE, 0}, {&os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}, 1}} {
			var errs bytes.Buffer
			begin := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			status := run(ctx, c.args, strings.NewReader(""), &deaf{c.left, e.err}, &errs)
			cancel()
			took := time.Since(begin)
			failures := 0
			for _, line := range strings.Split(errs.String(), "\n") {
				if strings.Contains(line, e.err.Error()) || strings.Contains(line, "interrupted") {
					failures++
				}
			}
			if status != e.status || failures != e.status || took > 20*time.Second {
				t.Errorf("%s, %d writes, %v: status %d, want %d, after %v; stderr %q", strings.Join(c.args, " "), c.left, e.err, status, e.status, took, &errs)
			}
		}
	}
}

// TestDeafSave: when stdout ends, the network of -save is written as it is, and
// said to be; the checkpoint goes on to the same bits.
func TestDeafSave(t *testing.T) {
	dir := t.TempDir()
	net, whole, checkpoint := filepath.Join(dir, "net.json"), filepath.Join(dir, "whole.json"), filepath.Join(dir, "run.json")
	args := with(quick(t, "9"), "-mu", "0.5")
	if status, _, stderr := runs(with(args, "-save", whole)...); status != 0 {
		t.Fatal(stderr)
	}
	var errs bytes.Buffer
	status := run(context.Background(), with(args, "-save", net, "-checkpoint", checkpoint), strings.NewReader(""), &deaf{4, syscall.EPIPE}, &errs)
	for _, want := range []string{"nndl: go on with: go run . -resume " + checkpoint + "\n", "nndl: " + net + " holds the network as it is now"} {
		if _, err := LoadNetwork(net); status != 0 || err != nil || !strings.Contains(errs.String(), want) {
			t.Errorf("status %d, stderr %q, want %q", status, &errs, want)
		}
	}
	if status, stdout, stderr := runs("-resume", checkpoint, "-save", net); status != 0 || !strings.HasPrefix(stdout, "Epoch 4: ") {
		t.Errorf("resumed: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	if !sameFiles(t, net, whole) {
		t.Error("the resumed run ends with another network")
	}
}

// sameFiles reports whether two files hold the same bytes, and some.
func sameFiles(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.ReadFile(a)
	y, err2 := os.ReadFile(b)
	if err != nil || err2 != nil {
		t.Error(err, err2)
	}
	return len(x) > 0 && bytes.Equal(x, y)
}

// TestHead: piped into head -1, the program ends with status 0 and no word,
// long before its last epoch. So do commands whose reader is gone from the
// start; training goes on when only stderr has gone.
func TestHead(t *testing.T) {
	p := child(t, quick(t, "1000000")...)
	var errs bytes.Buffer
	p.Stderr = &errs
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	out.Close()
	if err := p.Wait(); err != nil || !strings.HasPrefix(line, "Untrained: ") || strings.Count(errs.String(), "\n") > 15 || strings.Contains(errs.String(), "pipe") {
		t.Errorf("%v after %q; stderr %q", err, line, &errs)
	}
	for _, c := range []struct {
		args           []string
		stdout, stderr bool // gone
		want           string
	}{
		{args: []string{"figure"}, stdout: true},
		{args: []string{"replay"}, stdout: true},
		{args: []string{"demo", "valley"}, stdout: true},
		{args: []string{"show", "0", "-data", quick(t, "1")[1]}, stdout: true},
		{args: []string{"-h"}, stderr: true},
		{args: quick(t, "1000000"), stdout: true, stderr: true},
		{args: quick(t, "2"), stderr: true, want: "Epoch 1: "},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		var text bytes.Buffer
		p := child(t, c.args...)
		p.Stdout, p.Stderr = &text, &text
		if c.stdout {
			p.Stdout = w
		}
		if c.stderr {
			p.Stderr = w
		}
		err = p.Run()
		w.Close()
		if err != nil || strings.Contains(text.String(), "pipe") || !strings.Contains(text.String(), c.want) {
			t.Errorf("%s: %v, %q", strings.Join(c.args, " "), err, &text)
		}
	}
}

// TestClosedStreams: a stream that is closed from the start is no crash, and no
// file of the program's takes its place. A full device is an error.
func TestClosedStreams(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	save := filepath.Join(t.TempDir(), "net.json")
	training := with(quick(t, "2"), "-save", save)
	for _, c := range []struct {
		args   []string
		how    string
		status int
		want   string
	}{
		{training, "<&-", 0, "Epoch 1: "},
		{training, ">&-", 0, "done in"},
		{training, "2>&-", 0, "Epoch 1: "},
		{training, "<&- >&- 2>&-", 0, ""},
		{[]string{"classify", "-load", storedNetwork(t, biased(3)), "-"}, "<&-", 1, "nndl: read standard input: "},
		{training, ">/dev/full", 1, "no space left on device"},
		{with(quick(t, "2"), "-csv", "/dev/full"), "", 1, "write /dev/full: no space left on device"},
	} {
		if _, err := os.Stat("/dev/full"); err != nil && strings.Contains(fmt.Sprint(c), "/dev/full") {
			continue
		}
		os.Remove(save)
		p := child(t)
		p.Args = append([]string{"sh", "-c", `"$@" ` + c.how, "sh", p.Path}, c.args...)
		p.Path, _ = exec.LookPath("sh")
		text, _ := p.CombinedOutput()
		if p.ProcessState.ExitCode() != c.status || !strings.Contains(string(text), c.want) {
			t.Errorf("%s %s: status %d, %q, want %d, %q", strings.Join(c.args, " "), c.how, p.ProcessState.ExitCode(), text, c.status, c.want)
		}
		if _, err := LoadNetwork(save); c.status == 0 && err != nil {
			t.Errorf("%s: %v", c.how, err)
		}
	}
}

// signalled starts a process, sends it signals after it has written a word to
// stdout or stderr, a fifth of a second apart, and returns when it has ended: its
// status, its output, and how long that took.
func signalled(t *testing.T, p *exec.Cmd, word string, signals ...os.Signal) (status int, text string, took time.Duration) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p.Stdout, p.Stderr = w, w
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var begin time.Time
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		text += lines.Text() + "\n"
		if begin.IsZero() && strings.Contains(lines.Text(), word) {
			begin = time.Now()
			go func() {
				for i, s := range signals {
					time.Sleep(time.Duration(i) * 200 * time.Millisecond)
					p.Process.Signal(s)
				}
			}()
		}
	}
	p.Wait()
	if begin.IsZero() {
		t.Fatalf("%q does not come: %s", word, text)
	}
	return p.ProcessState.ExitCode(), text, time.Since(begin)
}

// TestSignals: SIGTERM and Ctrl-C end a training with status 130, its
// checkpoint, and the line that says how to go on; it goes on to the same bits.
func TestSignals(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := t.TempDir()
		checkpoint, net, whole := filepath.Join(dir, "run.json"), filepath.Join(dir, "net.json"), filepath.Join(dir, "whole.json")
		args := with(quick(t, "1000000"), "-mu", "0.3", "-dropout", "0.4")
		status, text, took := signalled(t, child(t, with(args, "-checkpoint", checkpoint, "-save", net)...), "Epoch 3: ", s)
		var epoch int
		if _, after, ok := strings.Cut(text, "interrupted in epoch "); ok {
			fmt.Sscan(after, &epoch)
		}
		if status != 130 || epoch < 3 || took > 10*time.Second || !strings.HasSuffix(text, "nndl: go on with: go run . -resume "+checkpoint+"\n") {
			t.Fatalf("%v: status %d after %v, epoch %d; %s", s, status, took, epoch, text)
		}
		args = with(args, "-epochs", fmt.Sprint(epoch+3))
		if status, _, stderr := runs(with(args, "-resume", checkpoint, "-save", net)...); status != 0 {
			t.Errorf("%v, resumed: status %d, %s", s, status, stderr)
		}
		if status, _, stderr := runs(with(args, "-save", whole)...); status != 0 {
			t.Fatal(stderr)
		}
		if !sameFiles(t, net, whole) {
			t.Errorf("%v: the resumed run ends with another network", s)
		}
	}
}

// TestSecondSignal: a training in a long mini-batch goes on after the first signal
// and ends at once at the second.
func TestSecondSignal(t *testing.T) {
	args := []string{"-sizes", "784,300,10", "-batch", "50000", "-eval-size", "10"}
	status, text, took := signalled(t, child(t, args...), "Untrained: ", syscall.SIGTERM, syscall.SIGTERM)
	if status != 130 || strings.Contains(text, "interrupted") || took > 10*time.Second {
		t.Errorf("status %d after %v; %s", status, took, text)
	}
}

// TestPipeWithoutReader: a training whose checkpoint goes to a pipe that nobody
// reads ends at the first signal.
func TestPipeWithoutReader(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Skip(err)
	}
	args := with(quick(t, "1000000"), "-checkpoint", pipe)
	status, text, took := signalled(t, child(t, args...), "Epoch 0: ", syscall.SIGTERM)
	if status != 1 || !strings.Contains(text, "interrupted while no process read from it") || took > 5*time.Second {
		t.Errorf("status %d after %v; %s", status, took, text)
	}
}

// TestSignalsElsewhere: the other commands that take long end as promptly, and
// leave no file.
func TestSignalsElsewhere(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ args, word string }{
		{"figure 30 -o " + dir, "nndl: sizes"},
		{"replay regularized-full", "nndl: sizes"},
		{"tune -epochs 100", "Step 1"},
		{"show mistakes", "training a network first"},
		{"classify " + filepath.Join("testdata", "plain.png"), "training a network first"},
		{"check -sizes 784,300,10", "nndl: sizes"},
	} {
		status, text, took := signalled(t, child(t, strings.Fields(c.args)...), c.word, os.Interrupt)
		if status != 130 || took > 5*time.Second {
			t.Errorf("%s: status %d after %v; %s", c.args, status, took, text)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%v is left, %v", files, err)
	}

	// While it waits for more of a picture.
	p := child(t, "classify", "-")
	w, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1<<20)); err != nil { // it has read most of this, then
		t.Fatal(err)
	}
	p.Process.Signal(os.Interrupt)
	if p.Wait(); p.ProcessState.ExitCode() != 130 {
		t.Errorf("classify - ends with %v", p.ProcessState)
	}
}
