package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemoCommand: demo lists the demonstrations, runs one, and refuses others.
func TestDemoCommand(t *testing.T) {
	status, list, _ := runs("demo")
	for _, d := range demos {
		if !strings.Contains(list, d.name) {
			t.Errorf("the list %q lacks %s", list, d.name)
		}
		var want bytes.Buffer
		d.write(&want)
		if s, stdout, stderr := runs("demo", d.name); s != 0 || stdout != want.String() || stderr != "" {
			t.Errorf("demo %s: status %d, stdout %q, stderr %q", d.name, s, stdout, stderr)
		}
	}
	if status != 0 {
		t.Errorf("demo: status %d, want 0", status)
	}
	for _, args := range []string{"demo -h", "demo neuron -h"} {
		if s, stdout, stderr := runs(strings.Fields(args)...); s != 0 || stdout != "" || stderr != list {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want the list there", args, s, stdout, stderr)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"demo nosuch", `there is no demo "nosuch", expected perceptron, neuron,`},
		{"demo neuron valley", `demo takes one name, not "valley" too`},
		{"trace 3", `trace takes no arguments, not "3"`},
		{"check -expand shift", "check takes none of"},
		{"check -sizes 784,30,9", "-sizes ends with 9, but must end with 10"},
	} {
		if s, stdout, stderr := runs(strings.Fields(c.args)...); s != 2 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", c.args, s, stdout, stderr, c.want)
		}
	}
	for _, command := range []string{"demo", "trace"} {
		if s, stdout, stderr := runs(command, "-h"); s != 0 || stdout != "" || !strings.Contains(stderr, "go run . "+command) {
			t.Errorf("%s -h: status %d, stdout %q, stderr %q", command, s, stdout, stderr)
		}
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("disk full")

func TestDemos(t *testing.T) {
	t.Parallel()
	for _, d := range demos {
		var b strings.Builder
		if err := d.write(&b); err != nil {
			t.Errorf("demo %s: %v", d.name, err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) < 10 || len(lines) > 40 {
			t.Errorf("demo %s prints %d lines, want 10 to 40", d.name, len(lines))
		}
		for _, line := range lines {
			if len(line) > 80 || strings.TrimRight(line, " ") != line {
				t.Errorf("demo %s: %q is %d wide, want at most 80 and no blanks at its end", d.name, line, len(line))
			}
			if strings.Contains(line, "NaN") || strings.Contains(line, "Inf") || strings.Contains(line, "%!") {
				t.Errorf("demo %s prints %q", d.name, line)
			}
		}
		if err := d.write(fullDisk{}); !errors.Is(err, errFull) {
			t.Errorf("demo %s on a full disk: error %v, want %v", d.name, err, errFull)
		}
	}
}

// showDemo runs a demo for an Example.
func showDemo(demo func(io.Writer) error) {
	if err := demo(os.Stdout); err != nil {
		panic(err)
	}
}

func Example_demoPerceptron() {
	showDemo(demoPerceptron)
	// Output:
	// PERCEPTRONS (§1.1) AND SIGMOID NEURONS (§1.2)
	//
	// Eqs. 1, 2: three inputs with weights 6, 2, 2. A larger bias fires more easily.
	//   threshold  bias  fires on
	//           9    -9  111
	//           5    -5  100 101 110 111
	//           3    -3  011 100 101 110 111
	//           1    -1  001 010 011 100 101 110 111
	//          -1     1  000 001 010 011 100 101 110 111
	//
	// Gates: NAND is one perceptron, XOR takes two layers, the adder five NANDs.
	//   x1 x2  NAND  XOR  carry sum
	//    0  0     1    0      0   0
	//    0  1     1    1      0   1
	//    1  0     1    1      0   1
	//    1  1     0    0      1   0
	//
	// Fig. 3, 5-3-4-1: are five answers unlike? Each layer judges the one before.
	//   answers      1+,3+,5   0,1-2,3-4,5  unlike
	//   [0 0 0 0 0]  [0 0 0]   [1 0 0 0]     0
	//   [1 0 0 0 0]  [1 0 0]   [0 1 0 0]     1
	//   [1 1 0 0 0]  [1 0 0]   [0 1 0 0]     1
	//   [1 1 1 0 0]  [1 1 0]   [0 0 1 0]     1
	//   [1 1 1 1 0]  [1 1 0]   [0 0 1 0]     1
	//   [1 1 1 1 1]  [1 1 1]   [0 0 0 1]     0
	//
	// Figs. 5, 6: step function and perceptron differ at z = 0 only.
	//   z               -4      -1   -0.01       0    0.01       1       4
	//   perceptron       0       0       0       0       1       1       1
	//   step             0       0       0       1       1       1       1
	//   e⁻ᶻ           54.6    2.72    1.01       1    0.99   0.368  0.0183
	//   sigmoid     0.0180  0.2689  0.4975  0.5000  0.5025  0.7311  0.9820
	//
	// Fig. 4, 3-4-1: one weight changes by dw. Perceptrons flip; sigmoid neurons move,
	// by nearly what Eq. 5 predicts.
	//        dw  perceptrons  sigmoids     change      Eq. 5
	//     -0.02            0  0.631223  -0.003484  -0.003478
	//      0.00            0  0.634708  +0.000000  +0.000000
	//      0.02            1  0.638178  +0.003471  +0.003478
	//      0.20            1  0.668640  +0.033932  +0.034777
}

func Example_demoNeuron() {
	showDemo(demoNeuron)
	// Output:
	// ONE NEURON LEARNS TO TURN 1 INTO 0 (§3.1, §3.2): η = 0.15, 300 epochs
	//
	//                              output  at the end:
	//   w, b      cost           at first    output      cost  w, b
	//   0.6, 0.9  quadratic      0.817574  0.093956  0.004414  -1.283132, -0.983132
	//   0.6, 0.9  cross-entropy  0.817574  0.011638  0.011706  -2.370878, -2.070878
	//   2.0, 2.0  quadratic      0.982014  0.202848  0.020574  -0.684293, -0.684293
	//   2.0, 2.0  cross-entropy  0.982014  0.012009  0.012081  -2.205020, -2.205020
	//
	// Share of the first cost that is left, from (2.0, 2.0):
	// q quadratic (Eqs. 29, 30), c cross-entropy (Eqs. 31-34).
	//   1.000 |cqqqqqqqqqqqqqqqqqqqqqqqqq
	//   0.875 |                          qqqqqqqqqq
	//   0.750 |                                    qqqq
	//   0.625 | c                                      qq
	//   0.500 |                                          qq
	//   0.375 |  c                                         qq
	//   0.250 |   c                                          qq
	//   0.125 |    cc                                          qqqqqqqq
	//   0.000 |      ccccccccccccccccccccccccccccccccccccccccccccccccccccccc
	//         0                                                         300 epochs
	// The fall is steepest at epoch 214 for q, at epoch 0 for c.
	//
	// Slope ∂C/∂w at x = 1 (0 at x = 0, always):
	//     z     output  quadratic, Eq. 30  cross-entropy, Eq. 33
	//     0   0.500000           0.125000               0.500000
	//     4   0.982014           0.017345               0.982014
	//    10   0.999955           0.000045               0.999955
	//
	// The cross-entropy at (2.0, 2.0): ∂C/∂w = 0.982014 by Eq. 32, where σ' still
	// stands, 0.982014 by Eq. 33, where it cancelled; ∂C/∂b = 0.982014 by Eq. 34.
	//
	// The cross-entropy near its 0 (§3.2), and what rounding makes of it:
	//                      y = 0, a = 0.00001    y = 1, a = 0.99999
	//   log1p(-0.00001)   1.00000500003333e-05  1.00000500003333e-05
	//   as Eq. 31 reads   1.00000500002878e-05  1.00000500002878e-05
	//   as sympy does     1.00000500002878e-05  1.00000500005137e-05
	//
	// The article's listing multiplies the weight's step by the output, not by x. From
	// (0.6, 0.9) it ends at output 0.127385; its "0.008" is the cost there, 0.008114.
}

func Example_demoValley() {
	showDemo(demoValley)
	// Output:
	// GRADIENT DESCENT (§1.5) on the valley C = v1² + v2², from (1, 0.5)
	//
	// Eq. 14: v1 after steps 0 to 9, each digit a step, and C after 20. A small η
	// creeps, 0.5 happens to land at once, above it the ball jumps across the bottom,
	// and from 1 on it never gets down.
	//       η  -1                          0                           1  C
	//   0.001  ........................................................0  1.2
	//    0.01  ...................................................975310  0.56
	//     0.1  ................................9876.5.4..3...2...1.....0  0.00017
	//     0.5  ............................1...........................0  0
	//     0.9  ......1.......3....5..7.9........8.6...4......2.........0  0.00017
	//       1  1.......................................................0  1.2
	//     1.1  ........................................................0  1.8e+03
	//
	// Eq. 13: C should change by -η |∇C|² in a step.
	//        η     Eq. 13    measured    ratio
	//      0.1  -0.500000   -0.450000  0.90000
	//     0.01  -0.050000   -0.049500  0.99000
	//    0.001  -0.005000   -0.004995  0.99900
	//
	// Eq. 54, momentum: η = 0.02, 1-μ is friction. Too little of it overshoots.
	//      μ  steps to a slope below 0.000001  farthest past the bottom
	//      0                              359                    0.0000
	//    0.5                              159                    0.0000
	//   0.65                               74                    0.0000
	//    0.9                              273                    0.4364
	//   0.99                             2897                    0.9287
	//      1                      not in 5000                    1.0050
}

func Example_demoNewton() {
	showDemo(demoNewton)
	// Output:
	// THE HESSIAN TECHNIQUE (§3.8.1)
	//
	// C: cross-entropy of a neuron with two inputs that learns AND, 0.1 for no and 0.9
	// for yes; w stands for its w1, w2 and b, and starts at (0, 0, 0).
	//
	// Eq. 52 at w+dw, dw = (h, h, -h): half the h, about an eighth of the error.
	//        h  C(w+dw)     error of Eq. 11  error of Eq. 52
	//      0.4  0.65034832       0.00949031      -0.00020977
	//      0.2  0.67713727       0.00240222      -0.00002280
	//      0.1  0.69227719       0.00060363      -0.00000263
	// Eq. 50, the same index by index, differs from it by at most 1e-09.
	//
	// Steps until the slope stays below 0.00001:
	//   Eq. 53, Δw = -η H⁻¹ ∇C, η = 1        5
	//   Eq. 53, Δw = -η H⁻¹ ∇C, η = 0.5     16
	//   Eq. 14, Δw = -η ∇C,     η = 1      961
	//   Eq. 14, Δw = -η ∇C,     η = 5      189
	//
	// Eq. 53 needs a positive definite H. The quadratic cost of the saturated neuron
	// of 3.1, at w = b = 2, does not have one:
	//   newton: H is not positive definite: pivot 1 of 2 is -0.0164, expected above 0
	//   with H + 0.25 I instead of H, ten steps: C from 0.482176 to 0.025189
	//
	// A [784,30,10] network has 23,860 weights and biases, its H 23,860 x 23,860 =
	// 569,299,600 entries. That is why the text turns to momentum.
}

func Example_demoSoftmax() {
	showDemo(demoSoftmax)
	// Output:
	// FOUR SOFTMAX NEURONS (§3.3): z = (2.5, -1, 3.2, z4)
	//
	// Eq. 36: as z4 rises a4 rises and the others fall. Eq. 37: the sum stays 1.
	//   z4      a1      a2      a3      a4     sum  a4
	//   -5  0.3285  0.0099  0.6614  0.0002  1.0000 |
	//   -3  0.3281  0.0099  0.6607  0.0013  1.0000 |
	//   -1  0.3253  0.0098  0.6551  0.0098  1.0000 |
	//    0  0.3199  0.0097  0.6442  0.0263  1.0000 |#
	//    1  0.3061  0.0092  0.6164  0.0683  1.0000 |##
	//    2  0.2739  0.0083  0.5516  0.1662  1.0000 |#####
	//    3  0.2131  0.0064  0.4291  0.3513  1.0000 |###########
	//    4  0.1329  0.0040  0.2676  0.5955  1.0000 |##################
	//    5  0.0657  0.0020  0.1323  0.8001  1.0000 |########################
	//    7  0.0107  0.0003  0.0216  0.9673  1.0000 |#############################
	//
	// From z4 = 1 to z4 = 2 the activations change by
	//   a1 -0.032147  a2 -0.000971  a3 -0.064736  a4 +0.097854  together 0.000000
	//
	// A constant added to every z changes nothing: with 1000 more, a4 is 0.068297
	// and was 0.068297.
}

func Example_demoHessian() {
	showDemo(demoHessian)
	// Output:
	// THE HESSIAN BY BACKPROPAGATION (§3.8.1): a [2, 3, 1] network on XOR
	//
	// H of the cross-entropy, 13×13, for the six weights into the hidden layer; each
	// column is one product H v (Pearlmutter 1994):
	//
	//     0.000728   -0.000128   -0.000116   -0.000076   -0.000014   -0.000009
	//    -0.000128   -0.000697   -0.000076   -0.000175   -0.000009   -0.000022
	//    -0.000116   -0.000076    0.030772    0.001147    0.000615    0.000318
	//    -0.000076   -0.000175    0.001147    0.029084    0.000318    0.000630
	//    -0.000014   -0.000009    0.000615    0.000318    0.002550    0.000213
	//    -0.000009   -0.000022    0.000318    0.000630    0.000213    0.001906
	//
	// H_ij and H_ji differ by at most 1e-09; H and finite differences of the
	// gradient by at most 1e-09.
	//
	// Steps until the cross-entropy is below 0.01:
	//   damped Newton with the whole H      11
	//   gradient descent, η = 2            610
	//
	// The H of [784, 30, 10] has 569,299,600 entries.
}

func Example_demoShrinkage() {
	showDemo(demoShrinkage)
	// Output:
	// L1 AGAINST L2 (§3.5.1.1): what one step takes from a weight, with ηλ/n = 0.01
	// and no other gradient. By Eq. 46 it is proportional to |w|, by Eq. 49 constant.
	//
	//     |w|     L2, Eq. 46  L1, Eq. 49  larger
	//    0.01        0.00010     0.01000  L1
	//     0.1        0.00100     0.01000  L1
	//     0.5        0.00500     0.01000  L1
	//     0.9        0.00900     0.01000  L1
	//       1        0.01000     0.01000  equal
	//     1.1        0.01100     0.01000  L2
	//       2        0.02000     0.01000  L2
	//       4        0.04000     0.01000  L2
	//
	// Percent of the weights of [784, 30, 10] by size, each in the first column that
	// it fits, after 60 epochs on 1,000 images (cross-entropy, η = 0.5):
	//
	//   |w| below   0.001  0.003   0.01   0.03    0.1    0.3      1    any
	//   none          1.1    2.1    7.6   19.3   33.3   26.3    9.5    0.9
	//   L2, λ = 1    12.6   15.4    9.6   12.0   24.1   22.5    3.3    0.5
	//   L1, λ = 1    64.5    5.6    8.8   10.2    6.2    1.8    2.2    0.6
}

func Example_demoUniversal() {
	showDemo(demoUniversal)
	// Output:
	// ANY FUNCTION (§3.8): a curve on [0, 1] from one hidden layer whose weights are
	// set by hand: steps of sigmoid or tanh neurons, kinks of rectified linear ones.
	// It is 0.5 + 0.3 sin 2πx + 0.2x² - 0.3x sin 6πx; the output is the weighted
	// sum. Largest error at 1,001 points:
	//
	//   hidden neurons   sigmoid      tanh      relu
	//               10    0.1085    0.1625    0.1080
	//               20    0.0588    0.0935    0.0286
	//               40    0.0280    0.0465    0.0073
	//               80    0.0138    0.0230    0.0018
	//
	// Sigmoid and tanh neurons differ in scale alone, Eq. 57: σ(z) and
	// (1+tanh(z/2))/2 differ by at most 1e-09 for z from -8 to 8.
}

func Example_demoTanh() {
	showDemo(demoTanh)
	// Output:
	// TANH OUTPUTS (§3.8): t = tanh(z) goes from -1 to 1
	//
	// By Eq. 57 a = (1+t)/2 is the output of a sigmoid neuron at 2z, and a target y
	// becomes s = 2y-1. One neuron that is to learn y = 0, which is s = -1:
	//
	//                                   quadratic cost       cross-entropy of a
	//    z   tanh(z)   (1+t)/2       σ(2z)   (s-t)²/2    slope   cost     slope t-s
	//   -2  -0.96403   0.01799     0.01799    0.00065  0.00254  0.01815    0.03597
	// -0.5  -0.46212   0.26894     0.26894    0.14466  0.42302  0.31326    0.53788
	//    0   0.00000   0.50000     0.50000    0.50000  1.00000  0.69315    1.00000
	//  0.5   0.46212   0.73106     0.73106    1.06889  1.14988  1.31326    1.46212
	//    2   0.96403   0.98201     0.98201    1.92870  0.13876  4.01815    1.96403
	//    4   0.99933   0.99966     0.99966    1.99866  0.00268  8.00034    1.99933
	//
	// (s-t)²/2 is four times the (y-a)²/2 of Eq. 29, and its slope has a 1-t² that
	// saturation takes away; the cross-entropy's has none, as with sigmoid outputs.
	//
	// [784, 30, 10], all neurons tanh, 1,000 images, 20 epochs, η = 0.1:
	//
	//   targets   cost           right of 10,000 test images   outputs below 0
	//    0 and 1  quadratic                             8627            35.0 %
	//   -1 and 1  quadratic                             8689            90.6 %
	//   -1 and 1  cross-entropy                         8702            90.9 %
}

// TestTanhCosts: the derivatives of the costs with tanh outputs are right.
func TestTanhCosts(t *testing.T) {
	for i, cost := range []*Cost{tanhCost(0, tanhQuadratic, tanhQuadraticDelta), tanhCost(-1, tanhQuadratic, tanhQuadraticDelta), tanhCost(-1, tanhCrossEntropy, tanhCrossEntropyDelta)} {
		random := NewNumPyRandom(3)
		net := NewNetwork([]int{6, 5, 4})
		net.DefaultWeights(random)
		net.Cost, net.Hidden = cost, Tanh
		if got := worst(net.gradientCheckAll(randomBatch(net, 4, random), Settings{})); !(got > 0 && got < 1e-7) {
			t.Errorf("cost %d: relative error %.1e, want below 1e-7", i, got)
		}
	}
}

// TestPlotUniversal: demo universal -plot FILE draws the curve and three approximations
// in two panels, and prints what it prints without.
func TestPlotUniversal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "curves.svg")
	_, want, _ := runs("demo", "universal")
	status, stdout, stderr := runs("demo", "universal", "-plot", file)
	svg, err := os.ReadFile(file)
	if status != 0 || stdout != want || err != nil {
		t.Fatalf("status %d, %v, stdout %q, stderr %q", status, err, stdout, stderr)
	}
	checkSVG(t, svg)
	for _, name := range []string{"the curve", "sigmoid", "tanh", "relu"} {
		if n := strings.Count(string(svg), ">"+name+"<"); n != 2 {
			t.Errorf("%s stands %d times in the drawing, want 2", name, n)
		}
	}
}
