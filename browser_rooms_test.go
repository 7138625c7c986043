//go:build browser

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// keys types into an element of the page as a reader does.
func (b *browser) keys(selector, text string) {
	b.t.Helper()
	element := b.call("POST", "/element", map[string]string{"using": "css selector", "value": selector}).(map[string]any)
	for _, id := range element {
		b.call("POST", "/element/"+id.(string)+"/value", map[string]string{"text": text})
	}
}

// visit goes to an address within the page.
func (b *browser) visit(hash string) {
	b.t.Helper()
	b.run(`location.hash = "training"`)
	time.Sleep(50 * time.Millisecond)
	b.run(`location.hash = arguments[0]`, hash)
	time.Sleep(50 * time.Millisecond)
}

// shown returns what stands in an element, with true minus signs as hyphens.
func (b *browser) shown(selector string) string {
	b.t.Helper()
	return strings.ReplaceAll(b.run(`return document.querySelector(arguments[0]).textContent`, selector).(string), "−", "-")
}

// TestBrowserRooms: the rooms beside Training and Draw keep focus, numbers and state,
// and their numbers are those of the command that they name.
func TestBrowserRooms(t *testing.T) {
	page := filepath.Join(t.TempDir(), "nndl.html")
	if status, _, stderr := runs("page", "-small", "-o", page); status != 0 {
		t.Fatal(stderr)
	}
	b := openBrowser(t, page)
	b.wait(2*time.Minute, `document.documentElement.dataset.engine === "ready"`)
	t.Run("address", func(t *testing.T) { browserAddress(t, b) })
	t.Run("backpropagation", func(t *testing.T) { browserBackpropagation(t, b) })
	t.Run("commands", func(t *testing.T) { browserCommands(t, b) })
	t.Run("equations", func(t *testing.T) { browserEquations(t, b) })
	b.t = t
	b.run(`location.hash = "backpropagation&y=0.25&step=2"`)
	b.call("POST", "/refresh", map[string]any{})
	b.wait(2*time.Minute, `document.getElementById("trace-step").textContent.startsWith("2. Feedforward to layer 3")`)
	if got := b.run(`return location.hash + document.querySelector("#trace-net [aria-label='target y']").value`); got != "#backpropagation&y=0.25&step=20.25" {
		t.Errorf("a reload leads to %v", got)
	}
	if log := b.call("POST", "/se/log", map[string]any{"type": "browser"}).([]any); len(log) > 0 {
		t.Errorf("the console says %v", log)
	}
}

// browserAddress: the state of a room is in the address, which restores it; what is
// not usable there is said.
func browserAddress(t *testing.T, b *browser) {
	b.t = t
	for _, c := range []struct{ address, show, want string }{
		{"#neuron&w1=-10&w2=-10&b=15", "#neuron-text", "z = 5.00: the sigmoid neuron (solid) puts out 0.993307, the perceptron (dashed) 1."},
		{"#valley&eta=0.5&steps=1", "#valley-text", "After 1 step v = (0.0000, 0.0000)"},
		{"#valley&eta=1.1&steps=2", "#valley-text", "The ball has left the picture"},
		{"#slow&w=0.6&b=0.9&epoch=300", "#slow-text-0", "the output is 0.093956, the cost 0.004414."},
		{"#softmax&z4=7&c=1000", "#softmax-bars", "a₄ = 0.9673"},
		{"#backpropagation&eta=2&step=3", "#trace-step", "3. Output error, BP1"},
		{"#equations&q=momentum", "#cards", "Momentum: the gradient changes the velocity, and the velocity the weights."},
	} {
		b.visit(c.address)
		b.wait(time.Minute, `document.querySelector("`+c.show+`").textContent.replaceAll("−", "-").includes("`+c.want+`")`)
		time.Sleep(300 * time.Millisecond)
		if got := b.run("return location.hash"); got != c.address && got != strings.ReplaceAll(c.address, " ", "%20") {
			t.Errorf("the address %s becomes %v", c.address, got)
		}
	}
	b.visit("#valley&eta=-1&speed=3&mu=0.5")
	b.wait(time.Minute, `document.getElementById("valley-text").textContent`)
	if got := b.shown("#notice"); !strings.Contains(got, "eta=-1, speed=3") {
		t.Errorf("of a wrong address the page says %q", got)
	}
	b.wait(time.Minute, `location.hash === "#valley&mu=0.5"`)
	b.keys("#valley-controls input[type=number]", "\uE003\uE003\uE003") // Backspace
	if got := b.shown("#valley-controls .error"); got != "A number from 0.001 to 2; 0.1 is kept." {
		t.Errorf("of an empty field the page says %q", got)
	}
}

// browserBackpropagation: a field that is changed keeps the focus, and the arrow keys
// go on after a button was pressed.
func browserBackpropagation(t *testing.T, b *browser) {
	b.t = t
	b.visit("#backpropagation")
	b.wait(time.Minute, `document.querySelector("#trace-net input")`)
	b.keys("#trace-net input", "\uE009a\uE0000.25")
	b.wait(10*time.Second, `location.hash.includes("w=0.25,")`)
	if got := b.run(`return document.activeElement.getAttribute("aria-label") + " " + document.activeElement.value`); got != "weight w11 into layer 2 0.25" {
		t.Errorf("after a change the focus is at %v", got)
	}
	b.keys("#trace-net input", "\uE004") // Tab
	if got := b.run(`return document.activeElement.getAttribute("aria-label")`); got != "weight w12 into layer 2" {
		t.Errorf("Tab goes to %v", got)
	}
	b.keys("#trace-net input", "\uE009a\uE0001e300")
	if got := b.shown("#trace-error"); !strings.Contains(got, "0.25 is kept") && !strings.Contains(got, "1 is kept") { // 1, 1e, 1e3
		t.Errorf("of a weight of 1e300 the page says %q", got)
	}
	b.run(`document.getElementById("trace-reset").click()`)
	b.wait(10*time.Second, `location.hash === "#backpropagation"`)
	b.run(`document.getElementById("trace-forward").focus(); document.getElementById("trace-forward").click()`)
	b.keys("#trace-forward", "\uE014\uE014\uE012") // right, right, left
	if got := b.shown("#trace-step"); !strings.HasPrefix(got, "2. Feedforward to layer 3") {
		t.Errorf("the arrow keys lead to step %q", got)
	}
}

// browserCommands: the command below a room has the room's numbers.
func browserCommands(t *testing.T, b *browser) {
	b.t = t
	files := regexp.MustCompile(`^echo '(.*)' > net\.json && `)
	for _, c := range []struct{ address, show, pattern, want string }{
		{"#slow&epoch=300", "#slow-text-0", `output is ([\d.]+), the cost ([\d.]+)\.w = (-?\d\.\d+), b = (-?\d\.\d+)`, "2.0, 2.0  quadratic      0.982014  $1  $2  $3, $4"},
		{"#slow&epoch=300", "#slow-text-1", `output is ([\d.]+), the cost ([\d.]+)\.w = (-?\d\.\d+), b = (-?\d\.\d+)`, "2.0, 2.0  cross-entropy  0.982014  $1  $2  $3, $4"},
		{"#softmax&z4=1", "#softmax-bars", `a₁ = ([\d.]+)-.*\da₂ = ([\d.]+)-.*\da₃ = ([\d.]+)-.*\da₄ = ([\d.]+)-`, "   1  $1  $2  $3  $4"},
		{"#neuron&w1=0.7&x2=0.3", "#neuron-text", `puts out ([\d.]+)`, "$1"},
		{"#backpropagation&eta=0.5&step=6", "#trace-net", `C = ([\d.]+)after the step ([\d.]+)`, "C falls from $1 to $2"},
		{"#backpropagation&step=6&w=1,2,3,-4,5,6,0.5,-0.25,0.125&b=0,1,-1,2&x=0.2,0.7&y=0.25&eta=1", "#trace-net", `C = ([\d.]+)after the step ([\d.]+)`, "C falls from $1 to $2"},
	} {
		b.visit(c.address)
		b.wait(time.Minute, `document.querySelector("`+c.show+`").textContent`)
		room, _, _ := strings.Cut(c.address, "&")
		time.Sleep(300 * time.Millisecond)
		command, got := b.shown(room+" .terminal code"), b.shown(c.show)
		if m := files.FindStringSubmatch(command); m != nil {
			name := filepath.Join(t.TempDir(), "net.json")
			os.WriteFile(name, []byte(m[1]), 0o644)
			command = strings.Replace(command[len(m[0]):], "net.json", name, 1)
		}
		status, stdout, stderr := runs(strings.Fields(strings.TrimPrefix(command, "go run . "))...)
		m := regexp.MustCompile(c.pattern)
		at := m.FindStringSubmatchIndex(got)
		if at == nil {
			t.Errorf("%s: %q lacks %s", c.address, got, c.pattern)
			continue
		}
		if want := string(m.ExpandString(nil, c.want, got, at)); status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s: %s says %s%s, want %q", c.address, command, stdout, stderr, want)
		}
	}
}

// browserEquations: a word finds what eq finds, and the code of Eq. 46 is whole.
func browserEquations(t *testing.T, b *browser) {
	b.t = t
	for _, word := range []string{"46", "(46)", "book 93", "weight decay", "softmax", "bp", "sigma"} {
		b.visit("#equations&q=" + strings.ReplaceAll(word, " ", "%20"))
		b.wait(time.Minute, `document.getElementById("found").textContent`)
		want := len(findEquations(equationTable(), strings.Trim(word, "()")))
		if got := b.run(`return parseInt(document.getElementById("found").textContent)`); got != float64(want) {
			t.Errorf("%q finds %v equations, in the terminal %d", word, got, want)
		}
	}
	b.visit("#equations&q=46")
	b.wait(time.Minute, `document.getElementById("eq-46")`)
	if got := b.shown("#eq-46"); !strings.Contains(got, "w[k] = float64(shrink*w[k]) - float64(r.rate*nablaW[k])\n\t}\n}") || !strings.Contains(got, equationNotes["46"].says) {
		t.Errorf("Eq. 46: %s", got)
	}
}
