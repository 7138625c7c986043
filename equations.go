package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// This file is the table of the equations, docs/equations.md, with a sentence for
// each, the source of its functions and its formula in one line: for the command eq
// and for the page. Eq. 46 is the article's number, book Eq. 93 the online book's.

//go:embed docs/equations.md
var equationPage string

//go:embed network.go
var sourceOfNetwork string

//go:embed backprop.go
var sourceOfBackprop string

//go:embed matrix.go
var sourceOfMatrix string

//go:embed cost.go
var sourceOfCost string

//go:embed neuron.go
var sourceOfNeuron string

// equationSources are the files with the functions of the equations.
var equationSources = map[string]string{"network.go": sourceOfNetwork, "backprop.go": sourceOfBackprop, "matrix.go": sourceOfMatrix, "cost.go": sourceOfCost, "neuron.go": sourceOfNeuron}

// An equationEntry is a row of docs/equations.md.
type equationEntry struct {
	number, book, latex string
	functions           [][2]string // name, file
	test                string
}

var (
	equationLine = regexp.MustCompile(`(?m)^\| (\d+|BP\d)(?:\\\*)? \| (.+?) \| \$(.+)\$ \| (.+) \| (.+) \|$`)
	functionLink = regexp.MustCompile("\\[`([\\w.]+)`\\]\\(\\.\\./(\\w+\\.go)\\)")
)

// equationTable returns the 62 rows.
func equationTable() (table []equationEntry) {
	for _, row := range equationLine.FindAllStringSubmatch(equationPage, -1) {
		e := equationEntry{number: row[1], book: row[2], latex: row[3]}
		for _, link := range functionLink.FindAllStringSubmatch(row[4], -1) {
			e.functions = append(e.functions, [2]string{link[1], link[2]})
		}
		e.test = functionLink.FindStringSubmatch(row[5])[1]
		table = append(table, e)
	}
	return table
}

// equationNotes say each equation in a sentence, with the command that shows it.
var equationNotes = map[string]struct{ says, command string }{
	"1":   {"A perceptron outputs 1 if the weighted evidence exceeds its threshold, else 0.", "demo perceptron"},
	"2":   {"The same with a bias, the negative threshold.", "demo perceptron"},
	"3":   {"The sigmoid function, a smoothed step from 0 to 1.", "figure 5"},
	"4":   {"The output of a sigmoid neuron with weights, inputs and a bias.", "demo perceptron"},
	"5":   {"A small change of weights and bias changes the output by nearly a linear amount.", "demo perceptron"},
	"6":   {"The derivative of the sigmoid, by its own value.", "figure 20"},
	"7":   {"The quadratic cost, the mean squared distance of outputs and desired outputs, halved.", "-monitor cost -epochs 3"},
	"8":   {"How much a cost of two variables changes when both move a little.", "demo valley"},
	"9":   {"The gradient of a cost of two variables.", "demo valley"},
	"10":  {"The gradient of a cost of any number of variables.", "demo valley"},
	"11":  {"The change of the cost is the inner product of gradient and step.", "demo valley"},
	"12":  {"The step of gradient descent: against the gradient, times the learning rate η.", "demo valley"},
	"13":  {"Such a step always lowers the cost, if it is small.", "demo valley"},
	"14":  {"The update rule of gradient descent.", "demo valley"},
	"15":  {"Gradient descent on weights and biases.", "-batch 50000 -epochs 3"},
	"16":  {"The gradient, estimated by the mean over a mini-batch.", "replay batch-sizes"},
	"17":  {"The update rule of stochastic gradient descent, for one mini-batch.", "-epochs 30"},
	"18":  {"The activation of one neuron from those of the layer before.", "trace"},
	"19":  {"The same for a whole layer, as a matrix equation.", "trace"},
	"20":  {"The Hadamard product multiplies element by element.", "trace"},
	"21":  {"The error of a neuron: how the cost changes with its weighted input.", "trace"},
	"22":  {"The error of an output neuron.", "trace"},
	"23":  {"The error of the output layer for the quadratic cost.", "trace"},
	"24":  {"The error of a layer from that of the next.", "trace"},
	"25":  {"The gradient with respect to a bias is the error itself.", "trace"},
	"26":  {"The same without indices.", "trace"},
	"27":  {"The gradient with respect to a weight: activation in, times error out.", "trace"},
	"28":  {"The same without indices: a weight from a neuron of low activation learns slowly.", "trace"},
	"29":  {"The quadratic cost of one neuron on one example.", "demo neuron"},
	"30":  {"Its derivatives hold σ', which is almost 0 where the neuron saturates: it learns slowly.", "demo neuron"},
	"31":  {"The cross-entropy cost of one neuron.", "demo neuron"},
	"32":  {"Its derivative, before σ' cancels.", "demo neuron"},
	"33":  {"Its derivative: the larger the error, the faster the neuron learns.", "demo neuron"},
	"34":  {"The same for the bias.", "demo neuron"},
	"35":  {"The cross-entropy cost of a layer of outputs.", "-cost cross-entropy -init default -eta 0.5 -epochs 3"},
	"36":  {"Softmax turns weighted inputs into outputs that are a probability distribution.", "demo softmax"},
	"37":  {"The outputs of softmax sum to 1.", "demo softmax"},
	"38":  {"The log-likelihood cost: minus the log of the output that should be 1.", "demo softmax"},
	"39":  {"With softmax its derivatives have no σ' either.", "check -cost log-likelihood"},
	"40":  {"The cross-entropy with L2 regularization.", "check -cost cross-entropy -lambda 5"},
	"41":  {"The quadratic cost with L2 regularization.", "check -lambda 5"},
	"42":  {"The gradient of a regularized cost: weights get a term, biases none.", "check -lambda 5"},
	"43":  {"The update rule of the biases, which are not regularized.", "-lambda 5 -epochs 3"},
	"44":  {"The update rule of the weights: weight decay, then the gradient.", "-lambda 5 -epochs 3"},
	"45":  {"The update rule of the biases for one mini-batch.", "-lambda 5 -epochs 3"},
	"46":  {"The update rule of the weights with L2 regularization, for one mini-batch.", "replay regularized"},
	"47":  {"A cost with L1 regularization.", "check -l1 5"},
	"48":  {"Its gradient: a term of constant size, towards 0.", "check -l1 5"},
	"49":  {"The update rule of the weights with L1 regularization.", "replay l1"},
	"50":  {"Taylor's theorem for the cost, to second order.", "demo newton"},
	"51":  {"The same with gradient and Hessian matrix.", "demo newton"},
	"52":  {"The approximation without the higher terms.", "demo newton"},
	"53":  {"The step of the Hessian technique, to the minimum of that approximation.", "demo newton"},
	"54":  {"Momentum: the gradient changes the velocity, and the velocity the weights.", "demo valley"},
	"55":  {"The output of a tanh neuron.", "demo tanh"},
	"56":  {"The hyperbolic tangent.", "figure 39"},
	"57":  {"The sigmoid is a tanh, scaled and moved.", "demo tanh"},
	"58":  {"The output of a rectified linear neuron.", "figure 40"},
	"BP1": {"The error of the output layer.", "trace"},
	"BP2": {"The error of a layer from that of the next.", "trace"},
	"BP3": {"The gradient with respect to the biases.", "trace"},
	"BP4": {"The gradient with respect to the weights.", "trace"},
}

// names returns an equation's number and that in the book.
func (e equationEntry) names() string {
	switch {
	case strings.HasPrefix(e.number, "BP"):
		return e.number
	case e.book == "in its text":
		return "Eq. " + e.number + " (book's text)"
	case strings.HasPrefix(e.book, "BP"):
		return fmt.Sprintf("Eq. %s (%s)", e.number, e.book)
	case strings.Contains(e.book, ","):
		return fmt.Sprintf("Eq. %s (book Eqs. %s)", e.number, e.book)
	}
	return fmt.Sprintf("Eq. %s (book Eq. %s)", e.number, e.book)
}

// words returns the text in which a word is searched: the sentence, the command, the
// functions and the formula, in lower case.
func (e equationEntry) words() string {
	note := equationNotes[e.number]
	return strings.ToLower(fmt.Sprint(note.says, " ", note.command, e.functions, e.latex, "\n", readable(e.latex)))
}

// sourceOf returns the source of a function, method or type with its comment, and
// the line of its name.
func sourceOf(file, name string) (source string, line int) {
	pattern := `func ` + name + `[(\[]`
	if receiver, method, ok := strings.Cut(name, "."); ok {
		pattern = `func \(\w+ \*?` + receiver + `\) ` + method + `\(`
	}
	at := regexp.MustCompile(`(?m)((?:^//.*\n)*)^` + pattern + `.*(?:\}$|\n(?s:.*?)^\})`).FindStringSubmatchIndex(file)
	if at == nil {
		return "", 0
	}
	return file[at[0]:at[1]], 1 + strings.Count(file[:at[3]], "\n")
}

var (
	latexGroup = regexp.MustCompile(`\\(?:text|mathrm)\{([^{}]*)\}`)
	latexFrac  = regexp.MustCompile(`\\frac(\{(?:[^{}]|\{[^{}]*\})*\}|\d)(\{(?:[^{}]|\{[^{}]*\})*\}|\d|n)`)
	afterSign  = regexp.MustCompile(`([∂∇Δ|‖·]) +`)
	latexScale = regexp.MustCompile(`([_^])(\{(?:[^{}]|\{[^{}]*\})*\}|[^\s{}])`)
)

// readable returns a formula of LaTeX in Unicode, as well as one line can.
func readable(latex string) string {
	s := latexGroup.ReplaceAllString(latex, "$1")
	s = strings.NewReplacer(`\left`, "", `\right`, "", `\lVert`, "‖", `\rVert`, "‖", `\lvert`, "|", `\rvert`, "|", `\partial`, "∂", `\nabla`, "∇",
		`\Delta`, "Δ", `\delta`, "δ", `\sigma`, "σ", `\eta`, "η", `\lambda`, "λ", `\mu`, "μ", `\sum`, "Σ", `\odot`, "⊙", `\cdot`, "·", `\approx`, "≈",
		`\to`, "→", `\ldots`, "…", `\quad`, "  ", `\ln`, "ln ", `\tanh`, "tanh", `\exp`, "exp", `\max`, "max", `\{`, "{", `\}`, "}").Replace(s)
	s = afterSign.ReplaceAllString(s, "$1")
	for latexFrac.MatchString(s) {
		s = latexFrac.ReplaceAllStringFunc(s, func(frac string) string {
			m := latexFrac.FindStringSubmatch(frac)
			below := bracketed(m[2])
			if plain := strings.Trim(m[2], "{}"); utf8.RuneCountInString(plain) > 1 && !strings.ContainsAny(plain, "∂( ") && below == plain {
				below = "(" + below + ")" // 1/(2n)
			}
			return bracketed(m[1]) + "/" + below + " "
		})
	}
	for latexScale.MatchString(s) {
		changed := latexScale.ReplaceAllStringFunc(s, func(script string) string {
			m := latexScale.FindStringSubmatch(script)
			return scripted(m[1], strings.Trim(m[2], "{}"))
		})
		if changed == s {
			break
		}
		s = changed
	}
	return strings.Join(strings.Fields(strings.NewReplacer("{", "(", "}", ")", "\x00", "^", "\x01", "_", " )", ")", " ,", ",").Replace(s)), " ")
}

// bracketed returns the upper or lower part of a fraction, in brackets where it is
// more than a product.
func bracketed(part string) string {
	part = strings.TrimSuffix(strings.TrimPrefix(part, "{"), "}")
	if strings.ContainsAny(part, "+-") || strings.ContainsAny(part, " (") && !strings.ContainsRune(part, '∂') {
		return "(" + part + ")"
	}
	return part
}

var (
	superscripts = map[rune]rune{'0': '⁰', '1': '¹', '2': '²', '-': '⁻', '+': '⁺', 'l': 'ˡ', 'L': 'ᴸ', 'T': 'ᵀ', 'z': 'ᶻ', 'm': 'ᵐ'}
	subscripts   = map[rune]rune{'0': '₀', '1': '₁', '2': '₂', 'j': 'ⱼ', 'k': 'ₖ', 'x': 'ₓ', 'a': 'ₐ', 'm': 'ₘ', 'l': 'ₗ', '=': '₌', 'i': 'ᵢ', 'n': 'ₙ'}
)

// scripted returns a sub- or superscript in Unicode where it has all the letters.
func scripted(kind, text string) string {
	letters := superscripts
	if kind == "_" {
		letters = subscripts
	}
	var out strings.Builder
	for _, r := range text {
		s, ok := letters[r]
		if !ok {
			if kind == "_" {
				return "\x01" + text
			}
			return "\x00(" + text + ")" // not to be found again
		}
		out.WriteRune(s)
	}
	return out.String()
}
