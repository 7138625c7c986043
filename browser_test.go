//go:build browser

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests open the page in Chromium by way of chromedriver, whose protocol is
// HTTP and JSON: go test -tags browser -run TestBrowser . Screenshots go to the
// folder that NNDL_SHOTS names.

// A browser is one window of Chromium.
type browser struct {
	t       *testing.T
	session string
}

// openBrowser starts Chromium with the page.
func openBrowser(t *testing.T, page string) *browser {
	t.Helper()
	if _, err := exec.LookPath("chromedriver"); err != nil {
		t.Skip(err)
	}
	const port = "9517"
	driver := exec.Command("chromedriver", "--port="+port)
	if err := driver.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.Process.Kill(); driver.Wait() })
	b := &browser{t: t, session: "http://127.0.0.1:" + port}
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := http.Get(b.session + "/status"); err == nil {
			break
		} else if time.Since(begin) > 10*time.Second {
			t.Fatal(err)
		}
	}
	answer := b.call("POST", "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:loggingPrefs":  map[string]string{"browser": "ALL"},
		"goog:chromeOptions": map[string]any{"args": []string{"--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"}},
	}}})
	b.session += "/session/" + answer.(map[string]any)["sessionId"].(string)
	t.Cleanup(func() { b.call("DELETE", "", nil) })
	b.call("POST", "/url", map[string]any{"url": "file://" + page})
	return b
}

// call sends one command of WebDriver.
func (b *browser) call(method, path string, body any) any {
	b.t.Helper()
	text, _ := json.Marshal(body)
	if body == nil {
		text = nil
	}
	request, err := http.NewRequest(method, b.session+path, bytes.NewReader(text))
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ = io.ReadAll(response.Body)
	var answer struct{ Value any }
	if err := json.Unmarshal(text, &answer); err != nil || response.StatusCode != 200 {
		b.t.Fatalf("%s: %s", path, text)
	}
	return answer.Value
}

// run runs JavaScript in the page and returns its value.
func (b *browser) run(script string, args ...any) any {
	b.t.Helper()
	if args == nil {
		args = []any{}
	}
	return b.call("POST", "/execute/sync", map[string]any{"script": script, "args": args})
}

// wait waits until an expression is true, and returns how long that took.
func (b *browser) wait(limit time.Duration, expression string) time.Duration {
	b.t.Helper()
	begin := time.Now()
	for b.run("return !!("+expression+")") != true {
		if time.Since(begin) > limit {
			b.t.Fatalf("after %v still not %s", limit, expression)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(begin)
}

// size gives the window a size.
func (b *browser) size(width, height int) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": "Emulation.setDeviceMetricsOverride", "params": map[string]any{"width": width, "height": min(height, 3000), "deviceScaleFactor": 1, "mobile": false}})
	time.Sleep(200 * time.Millisecond)
}

// shoot keeps screenshots of a room, wide and narrow, light and dark, and checks
// that nothing reaches beyond the window.
func (b *browser) shoot(room string) {
	for _, theme := range []string{"light", "dark"} {
		b.run(`document.getElementById("theme").value = arguments[0]; document.getElementById("theme").dispatchEvent(new Event("change"))`, theme)
		for _, width := range []int{390, 768, 1280} {
			b.size(width, 900)
			if got := b.run("return document.documentElement.scrollWidth").(float64); got > float64(width) {
				b.t.Errorf("%s: %v pixels wide in a window of %d", room, got, width)
			}
			if dir := os.Getenv("NNDL_SHOTS"); dir != "" {
				b.size(width, int(b.run("return document.documentElement.scrollHeight").(float64)))
				picture, _ := base64.StdEncoding.DecodeString(b.call("GET", "/screenshot", nil).(string))
				os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", room, width, theme)), picture, 0o644)
			}
		}
	}
}

// TestBrowser goes through the rooms of the page by their real controls.
func TestBrowser(t *testing.T) {
	page := filepath.Join(t.TempDir(), "nndl.html")
	if status, _, stderr := runs("page", "-o", page); status != 0 {
		t.Fatal(stderr)
	}
	if info, err := os.Stat(page); err != nil || info.Size() > 20e6 {
		t.Errorf("%v, %v", info.Size(), err)
	}
	b := openBrowser(t, page)
	b.run(`window.long = []; new PerformanceObserver((l) => l.getEntries().forEach((e) => long.push([e.duration, "at " + (e.startTime / 1000).toFixed(1) + " s, in " + location.hash]))).observe({ type: "longtask", buffered: true })`)
	t.Logf("ready after %v", b.wait(time.Minute, `document.documentElement.dataset.engine === "ready"`))
	t.Run("quiet", func(t *testing.T) { browserQuiet(t, b) })
	b.run(`location.hash = "draw"`)
	b.wait(20*time.Second, `document.getElementById("engine").textContent.includes("training the network of Draw")`)
	b.wait(5*time.Minute, `document.getElementById("draw-note").textContent.includes("Ready")`)
	t.Run("training", func(t *testing.T) { browserTraining(t, b) })
	t.Run("runs", func(t *testing.T) { browserRuns(t, b) })
	t.Run("open", func(t *testing.T) { browserOpen(t, b) })
	t.Run("draw", func(t *testing.T) { browserDraw(t, b) })
	t.Run("clear", func(t *testing.T) { browserClear(t, b) })
	t.Run("data", func(t *testing.T) { browserData(t, b) })
	for _, c := range []struct{ room, act, want string }{
		{"neuron", `[...document.querySelectorAll("#neuron-examples button")][1].click()`, `document.getElementById("neuron-text").textContent.includes("z = −1.00")`},
		{"valley", `[...document.querySelectorAll("#valley-controls button")][1].click()`, `document.getElementById("valley-text").textContent.includes("After 1 step v = (0.8000, 0.4000)")`},
		{"backpropagation", `for (let i = 0; i < 5; i++) document.getElementById("trace-forward").click()`, `document.getElementById("trace-table").textContent.includes("-0.00112615")`},
		{"slow", ``, `document.getElementById("slow-text-0").textContent.includes("= 0.9820 · 0.0177 = 0.0173") && document.getElementById("slow-text-1").textContent.includes("step: −0.1473")`},
		{"softmax", ``, `document.getElementById("softmax-bars").textContent.includes("Sum of the outputs: 1.000")`},
		{"equations", `document.getElementById("search").value = "book 93"; document.getElementById("search").dispatchEvent(new Event("input"))`, `document.getElementById("cards").textContent.includes("Eq. 46 (book Eq. 93)")`},
	} {
		b.run("location.hash = arguments[0]", c.room)
		b.wait(20*time.Second, `!document.getElementById("`+c.room+`").hidden`)
		time.Sleep(300 * time.Millisecond)
		b.run(c.act)
		b.wait(20*time.Second, c.want)
		b.shoot(c.room)
	}
	for _, d := range b.run("return long").([]any) {
		task := d.([]any)
		if t.Logf("a task of the page took %v ms, %s", task[0], task[1]); task[0].(float64) > 1000 { // 100 on a quiet machine
			t.Errorf("a task of the page took %v ms, %s, want at most 100, or 1000 on a busy machine", task[0], task[1])
		}
	}
	if log := b.call("POST", "/se/log", map[string]any{"type": "browser"}).([]any); len(log) > 0 {
		t.Errorf("the console says %v", log)
	}
}

// browserQuiet: the program does nothing that no room has asked for, and what fails in
// one room does not stop it.
func browserQuiet(t *testing.T, b *browser) {
	b.run(`location.hash = "neuron"`)
	b.wait(20*time.Second, `document.getElementById("neuron-text").textContent.includes("z = ")`)
	time.Sleep(time.Second)
	if got := b.run(`return document.getElementById("engine").textContent`); got != "Ready." {
		t.Errorf("the header says %q", got)
	}
	b.run(`location.hash = "backpropagation"`)
	b.wait(20*time.Second, `document.querySelector("#trace-net input")`)
	for _, number := range []string{"1e300", "0.5"} {
		b.run(`const i = document.querySelector("#trace-net input"); i.value = arguments[0]; i.dispatchEvent(new Event("input", { bubbles: true })); i.dispatchEvent(new Event("change", { bubbles: true }))`, number)
		time.Sleep(500 * time.Millisecond)
	}
	b.run(`document.getElementById("trace-reset").click()`)
	b.wait(20*time.Second, `document.documentElement.dataset.engine === "ready"`)
}

// setCommand puts a command line into the room Training.
func (b *browser) setCommand(line string) {
	b.t.Helper()
	b.run(`const c = document.getElementById("command"); c.value = arguments[0]; c.dispatchEvent(new Event("input", { bubbles: true }))`, line)
}

// train starts a training in the room Training and waits for its end.
func (b *browser) train(line string) {
	b.t.Helper()
	b.run(`location.hash = "training"`)
	b.setCommand(line)
	b.run(`document.getElementById("where").textContent = ""; document.getElementById("start").click()`)
	b.wait(2*time.Minute, `document.getElementById("where").textContent === "done"`)
}

// text returns the text of an element.
func (b *browser) text(id string) string {
	b.t.Helper()
	return b.run(`return document.getElementById(arguments[0]).textContent`, id).(string)
}

// browserRuns: each training of -vary has a row, and epochs have their own numbers.
func browserRuns(t *testing.T, b *browser) {
	rows := `return document.querySelectorAll("#runs tbody tr").length`
	before := b.run(rows).(float64)
	b.train("go run . -epochs 1 -every 250 -train-size 500 -vary eta=0.1,1,3")
	if got := b.run(rows).(float64); got != before+3 {
		t.Errorf("%v rows more, want 3", got-before)
	}
	if got := b.run(`return document.querySelector("#runs tbody tr:last-child code + small").textContent`); got != "eta 3, 3 of 3" {
		t.Errorf("the last row is %q", got)
	}
	if got := b.text("best"); !strings.Contains(got, ", epoch 0") || !strings.Contains(got, "(eta 3, 3 of 3)") {
		t.Errorf("the best is %q", got)
	}
	b.shoot("runs")
}

// browserOpen: a network that is opened shows its name and its score, trains on as in
// the terminal, and can be put away.
func browserOpen(t *testing.T, b *browser) {
	dir := t.TempDir()
	t.Chdir(dir)
	if status, _, stderr := runs("-epochs", "1", "-train-size", "2000", "-save", "net.json"); status != 0 {
		t.Fatal(stderr)
	}
	input := b.call("POST", "/element", map[string]string{"using": "css selector", "value": "#open-network"}).(map[string]any)
	for _, id := range input {
		b.call("POST", "/element/"+id.(string)+"/value", map[string]string{"text": filepath.Join(dir, "net.json")})
	}
	b.wait(20*time.Second, `document.getElementById("opened").textContent || document.getElementById("command-error").textContent`)
	line := b.run(`return document.getElementById("command").value`).(string)
	if got := b.text("opened"); got != "net.json is open: Start trains on from it." || !strings.HasPrefix(line, "go run . -load net.json -continue") {
		t.Errorf("%q, %q; %s", got, line, b.text("command-error"))
	}
	_, want, _ := runs("-load", "net.json", "-continue", "-epochs", "1", "-train-size", "500")
	var right float64
	fmt.Sscanf(want, "Loaded: %f", &right)
	if got := b.text("accuracy"); got != fmt.Sprintf("%.2f %%", right/100) {
		t.Errorf("the score is %s, in the terminal %s", got, want)
	}
	b.shoot("opened")
	b.train("go run . -load net.json -continue -epochs 1 -train-size 500")
	if got := b.text("log"); got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
	b.run(`document.getElementById("open-back").click()`)
	b.wait(20*time.Second, `!document.getElementById("command").value.includes("-load") && document.getElementById("opened").textContent === ""`)
	b.train("go run . -epochs 1 -eta 0.5 -cost cross-entropy -init default")
}

// browserClear: an answer that comes after Clear is not shown; Undo brings back what
// Clear took; the room says which network reads.
func browserClear(t *testing.T, b *browser) {
	stroke := `const c = document.getElementById("canvas"), r = c.getBoundingClientRect();
		for (const [type, x, y] of [["down", 0.5, 0.3], ["move", 0.5, 0.5], ["move", 0.5, 0.8], ["up", 0.5, 0.8]])
			c.dispatchEvent(new PointerEvent("pointer" + type, { clientX: r.left + x * r.width, clientY: r.top + y * r.height, pointerId: 1, bubbles: true }));`
	click := func(id string) { b.run(`document.getElementById(arguments[0]).click()`, id) }
	click("clear")
	b.run(stroke)
	b.wait(20*time.Second, `document.getElementById("draw-note").textContent.includes("Reading") || document.getElementById("text").textContent`)
	click("clear")
	time.Sleep(2 * time.Second)
	if got := b.text("text") + b.text("digits"); got != "" {
		t.Errorf("after Clear stands %q", got)
	}
	click("undo")
	b.wait(20*time.Second, `document.getElementById("text").textContent === "1"`)
	if got := b.text("reader"); !strings.Contains(got, "of Training") {
		t.Errorf("the reader is %q", got)
	}
	b.run(`const s = document.getElementById("reads"); s.value = "own"; s.dispatchEvent(new Event("change"))`)
	b.wait(20*time.Second, `document.getElementById("text").textContent === "1" && document.getElementById("reader").textContent.includes("It was trained for this room")`)
	b.run(`const s = document.getElementById("reads"); s.value = "last"; s.dispatchEvent(new Event("change"))`)
}

// browserTraining: the log has the lines of the terminal, and pause answers.
func browserTraining(t *testing.T, b *browser) {
	_, want, _ := runs("-epochs", "3")
	b.run(`location.hash = "training"`)
	b.setCommand("go run . -epochs 3")
	b.run(`document.getElementById("start").click()`)
	took := b.wait(5*time.Minute, `document.getElementById("where").textContent === "done"`)
	t.Logf("three epochs in %v", took)
	if got := b.run(`return document.getElementById("log").textContent`); got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
	b.setCommand("-epochs 30 -cost cross-entropy")
	b.run(`document.getElementById("log").textContent = ""; document.getElementById("start").click()`)
	b.wait(time.Minute, `document.getElementById("log").textContent.includes("Epoch 0")`)
	b.run(`location.hash = "neuron"`)
	b.wait(20*time.Second, `document.getElementById("engine").textContent.includes("training")`)
	time.Sleep(500 * time.Millisecond)
	b.run(`location.hash = "training"`)
	if got := b.text("where"); !strings.Contains(got, "of 30") {
		t.Errorf("after a look into another room the run is %q", got)
	}
	ms := b.run(`return new Promise((done) => { const from = performance.now(), where = document.getElementById("where");
		document.getElementById("pause").click();
		const i = setInterval(() => { if (where.textContent.includes("paused")) { clearInterval(i); done(performance.now() - from); } }, 2); })`).(float64)
	if ms > 100 {
		t.Errorf("pause took %.0f ms", ms)
	}
	b.run(`document.getElementById("stop").click()`)
	b.wait(20*time.Second, `document.getElementById("where").textContent === "stopped"`)
	b.setCommand("-epoch 3")
	b.wait(20*time.Second, `document.getElementById("command-error").textContent.includes("did you mean -epochs?")`)
	b.setCommand("go run . -epochs 5 -eta 0.5")
	b.wait(20*time.Second, `document.querySelector("#flags input").closest("form").textContent.includes("-eta")`)
	b.shoot("training")
}

// drop drops files and folders on the middle of the room, as from a file manager.
func (b *browser) drop(names ...string) {
	b.t.Helper()
	b.run(`scrollTo(0, 0)`)
	for _, event := range []string{"dragEnter", "dragOver", "drop"} {
		b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": "Input.dispatchDragEvent", "params": map[string]any{
			"type": event, "x": 640, "y": 300, "data": map[string]any{"items": []any{}, "files": names, "dragOperationsMask": 1}}})
	}
}

// trains starts an epoch on the data that were dropped, by their name in the page, and
// compares the log with that of the terminal; then it goes back to MNIST.
func (b *browser) trains(name string, terminal ...string) {
	t := b.t
	t.Helper()
	b.wait(time.Minute, `document.getElementById("data-now").textContent.includes("for training") || document.getElementById("data-error").textContent`)
	if now := b.run(`return document.getElementById("data-now").textContent`).(string); !strings.HasPrefix(now, "Data: "+name+", ") {
		t.Fatalf("%q, want the data %s; %v", now, name, b.run(`return document.getElementById("data-error").textContent`))
	}
	b.run(`const c = document.getElementById("command"); c.value = c.value.replace(/ -epochs \d+/, "") + " -epochs 1"; c.dispatchEvent(new Event("input", { bubbles: true }))`)
	line := b.run(`return document.getElementById("command").value`).(string)
	b.run(`document.getElementById("where").textContent = ""; document.getElementById("start").click()`)
	b.wait(time.Minute, `document.getElementById("where").textContent === "done"`)
	_, want, stderr := runs(append(terminal, "-epochs", "1")...)
	if got := b.run(`return document.getElementById("log").textContent`); got != want || want == "" || line != "go run . -data "+name+" -epochs 1" {
		t.Errorf("%s: the log is %q, want %q; %s", line, got, want, stderr)
	}
	b.run(`document.getElementById("data-back").click()`)
	b.wait(20*time.Second, `document.getElementById("data-now").textContent === "Data: MNIST"`)
	b.run(`document.getElementById("command").value = "go run ."; document.getElementById("command").dispatchEvent(new Event("input", { bubbles: true }))`)
}

// browserData: an IDX set, a folder of pictures and a table that are dropped or chosen
// train as in the terminal; a broken set is refused in the terminal's words.
func browserData(t *testing.T, b *browser) {
	b.run(`location.hash = "training"`)
	b.wait(20*time.Second, `!document.getElementById("training").hidden`)
	b.run(`document.getElementById("command").value = "go run ."; document.getElementById("command").dispatchEvent(new Event("input", { bubbles: true }))`)
	set := classSet(t, "", 300, func(_ int, digit byte) byte { return digit })
	b.drop(set)
	b.trains(filepath.Base(set), "-data", set)
	files, _ := filepath.Glob(filepath.Join(set, "*"))
	input := b.call("POST", "/element", map[string]string{"using": "css selector", "value": "#data-files"}).(map[string]any)
	for _, id := range input {
		b.call("POST", "/element/"+id.(string)+"/value", map[string]string{"text": strings.Join(files, "\n")})
	}
	b.trains("my-data", "-data", set)

	folder, _ := pictureFolder(t, 80)
	out := filepath.Join(t.TempDir(), "set")
	if status, _, stderr := runs("pack", "-o", out, folder); status != 0 {
		t.Fatal(stderr)
	}
	b.drop(folder)
	name := filepath.Base(folder)
	b.wait(time.Minute, `document.getElementById("data-now").textContent.includes("in 4 classes")`)
	if got, want := b.run(`return document.getElementById("pack-command").textContent`), "go run . pack -o "+name+"-set "+name; got != want {
		t.Errorf("the terminal's command is %q, want %q", got, want)
	}
	b.shoot("data")
	b.trains(name+"-set", "-data", out)

	table := filepath.Join(t.TempDir(), "xor.csv")
	writeFile(t, table, []byte("x,y,kind\n0,0,off\n0,1,on\n1,0,on\n1,1,off\n"))
	b.drop(table)
	b.trains("xor.csv", "-data", table)
	if got := b.run(`return document.getElementById("reader").textContent`).(string); !strings.Contains(got, "xor.csv, which has no pictures") {
		t.Errorf("Draw says %q", got)
	}

	writeFile(t, filepath.Join(set, "train-labels-idx1-ubyte"), idxLabels(2050, 300, make([]byte, 300)))
	b.drop(set)
	b.wait(20*time.Second, `document.getElementById("data-error").textContent`)
	_, _, want := runs("-data", set)
	want = strings.Join(strings.Fields(strings.TrimPrefix(strings.ReplaceAll(want, set, filepath.Base(set)), "nndl: ")), " ")
	if got := b.run(`return document.getElementById("data-error").textContent`); got != want {
		t.Errorf("the page says %q, the terminal %q", got, want)
	}
}

// browserDraw: test images that are put on the canvas are read as the terminal reads
// them.
func browserDraw(t *testing.T, b *browser) {
	b.run(`location.hash = "draw"`)
	net := filepath.Join(t.TempDir(), "net.json")
	text := b.run(`return engineNetwork()`)
	os.WriteFile(net, []byte(text.(string)), 0o644)
	test := mnist().test
	for n := range 20 {
		picture := enlargePicture(exampleImage(test, 7*n))
		var file bytes.Buffer
		if err := png.Encode(&file, picture); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "digit.png")
		os.WriteFile(name, file.Bytes(), 0o644)
		_, stdout, _ := runs("classify", "-load", net, name)
		lines := strings.Split(strings.TrimSpace(stdout), "\n")
		want := lines[len(lines)-1]
		b.run(`document.getElementById("clear").click();
			const data = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0)), transfer = new DataTransfer();
			transfer.items.add(new File([data], "digit.png", { type: "image/png" }));
			const input = document.getElementById("picture");
			input.files = transfer.files;
			input.dispatchEvent(new Event("change"))`, base64.StdEncoding.EncodeToString(file.Bytes()))
		b.wait(20*time.Second, `document.getElementById("text").textContent !== ""`)
		if got := b.run(`return document.getElementById("text").textContent`); got != want {
			t.Errorf("image %d is read as %q, in the terminal as %q", 7*n, got, want)
		}
	}
	b.run(`document.getElementById("clear").click()`)
	element := b.call("POST", "/element", map[string]string{"using": "css selector", "value": "#canvas"})
	move := func(x, y int) map[string]any {
		return map[string]any{"type": "pointerMove", "duration": 20, "x": x, "y": y, "origin": element}
	}
	b.call("POST", "/actions", map[string]any{"actions": []any{map[string]any{"type": "pointer", "id": "pen", "parameters": map[string]string{"pointerType": "pen"},
		"actions": []any{move(-300, -90), map[string]any{"type": "pointerDown", "button": 0}, move(-300, 0), move(-300, 90), map[string]any{"type": "pointerUp", "button": 0}}}}})
	b.wait(20*time.Second, `document.getElementById("text").textContent === "1"`)
	b.shoot("draw")
}
