// Nndl is Michael Nielsen's book "Neural Networks and Deep Learning", chapters
// 1 to 3, as a program: it trains the book's networks on the MNIST digits,
// which are part of it, with every technique of those chapters.
//
//	go run . [flags]              train a network
//	go run . COMMAND [flags]      the rest; go run . -h lists it
//
// Without flags it is the first run of §1.6: a network of 784, 30 and 10
// sigmoid neurons, 30 epochs of stochastic gradient descent with mini-batches
// of 10 and learning rate η = 3.0. After each epoch it prints how many of the
// 10,000 test images the network reads right, as network.py does:
//
//	Epoch 0: 8925 / 10000
//
// Results go to stdout; the configuration, hints and, on a terminal, the
// progress go to stderr. The exit status is 0 when all is done, 1 when
// something failed, 2 when a flag or its value is wrong, 130 when interrupted.
// It is also 0 when the reader of stdout goes away, as head does: that ends the
// program, too.
//
// Training can be interrupted with Ctrl-C and goes on later with the same
// bits: -checkpoint FILE keeps its state, -resume FILE continues it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// main runs the program; it alone ends the process. After the first Ctrl-C, or
// SIGTERM, a training ends with the mini-batch in hand and writes its files; any
// other command ends at once, but for a file that it is writing. The second
// Ctrl-C ends the process in any case.
func main() {
	signal.Ignore(syscall.Signal(13)) // SIGPIPE, a name that js lacks: a closed stdout is an error of Write, see output
	line := &statusLine{out: os.Stderr}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		close(stopWaiting)
		if trains(os.Args[1:]) {
			second := make(chan os.Signal, 1)
			signal.Notify(second, os.Interrupt, syscall.SIGTERM)
			stop() // not deferred: a panic of run is to be seen, and is no Ctrl-C
			<-second
		} else {
			filesInHand.Lock()
		}
		line.close()
		os.Exit(130)
	})
	status := run(ctx, os.Args[1:], os.Stdin, line.over(os.Stdout), line.over(os.Stderr))
	line.close()
	os.Exit(status)
}

// trains reports whether a command line is a training.
func trains(args []string) bool { return len(args) == 0 || strings.HasPrefix(args[0], "-") }

// A command is what the first argument may name instead of a training.
type command struct {
	name, args, about string
	run               func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error
}

// commands are the commands except training, which has no name.
var commands = []command{
	{"demo", "[NAME | all]", "short demonstrations of single neurons, the valley, Newton's method, the baselines (§1.1-§3.8)", demo},
	{"trace", "", "one worked step of a 2-3-1 network, under the names BP1-BP4 (§2.4)", trace},
	{"check", "[flags]", "the gradient of the network that the flags describe, against finite differences (§2.4)", check},
	{"eq", "[N | book N | WORD]", "an equation by either number: formula, code, test", eqCommand},
	{"show", "[N… | NAME]", "pictures of digits, mistakes, confusions, weights (§1.5)", show},
	{"classify", "IMAGE…", "reads your own digits (§1.4)", classify},
	{"pack", "-o DIR FOLDER", "makes a data set of your own pictures, a subfolder per class", pack},
	{"figure", "[N… | all]", "draws the article's figures (§1.1-§3.8)", figureCommand},
	{"replay", "[NAME… | all]", "runs the article's experiments, its numbers beside those here (§1.6, §3.4-§3.8)", replayCommand},
	{"page", "[flags]", "writes a page for the browser, in which all of this runs", pageCommand},
	{"exercise", "-o DIR", "a module in which you write backpropagation yourself, with tests that grade it (§2.3, §2.4)", exercise},
	{"tune", "[flags]", "looks for η, λ and the number of hidden neurons by the article's strategy (§3.7)", tuneCommand},
}

// run is main with its surroundings as arguments, for the tests. It returns the
// exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &commandOutput{Writer: stdout, cancel: cancel}
	err := dispatch(ctx, args, stdin, out, stderr)
	if out.err != nil && (err == nil || errors.Is(err, errInterrupted) || errors.Is(err, out.err)) {
		err = out.err
		if closedPipe(err) {
			return 0
		}
	}
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, new(usageError)):
		fmt.Fprintf(stderr, "nndl: %s\nnndl: -h lists the flags\n", oneLine(err))
		return 2
	case errors.Is(err, errInterrupted):
		return 130
	}
	fmt.Fprintf(stderr, "nndl: %s\n", oneLine(err))
	return 1
}

// dispatch runs the command that the first argument names, or trains.
func dispatch(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if !trains(args) {
		for _, c := range commands {
			if c.name == args[0] {
				return c.run(ctx, args[1:], stdin, stdout, stderr)
			}
		}
		known := namesOf(commands, func(c command) string { return c.name })
		return usagef("unknown command %q, expected flags, or first one of %s%s", args[0], strings.Join(known, ", "), didYouMean(args[0], known, ""))
	}
	o := newOptions()
	if err := o.read(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			printUsage(stderr, o)
		}
		return err
	}
	return train(ctx, o, stdout, stderr)
}

// printUsage prints the commands, and the flags of training by sections.
func printUsage(w io.Writer, o *options) {
	line := func(name, about string) { fmt.Fprintln(w, wrapped(fmt.Sprintf("go run . %-20s %s", name, about), 30)) }
	line("[flags]", "trains a network: by default the first of §1.6, [784, 30, 10]")
	for _, c := range commands {
		line(c.name+" "+c.args, c.about)
	}
	line("COMMAND -h", "says more about a command")
	fmt.Fprint(w, `
Examples:
  go run . -epochs 30
  go run . -cost cross-entropy -eta 0.5 -lambda 5 -init default -save net.json
  go run . -train-size 1000 -monitor accuracy,cost -plot curves.svg
`)
	o.printFlags(w)
	fmt.Fprint(w, "\n§1, §2 and §3 are the book's chapters: Using neural nets to recognize\nhandwritten digits, How the backpropagation algorithm works, Improving the way\nneural networks learn.\n")
}
