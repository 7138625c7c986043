// The rooms Training and Draw.
// word quotes a word of a command line, where a shell needs that.
const word = (w) => (/^[\p{L}\p{N}_./,:=+@%-]+$/u.test(w) ? w : `'${w.replaceAll("'", "'\\''")}'`);
rooms.training = (() => {
  const first = ["sizes", "epochs", "eta", "cost", "lambda", "init"];
  const runs = [];
  let current = null, flags = null, paused = false, tab = "weights", refreshing = false;
  const buttons = { start: $("start"), pause: $("pause"), batch: $("batch"), epoch: $("epoch"), stop: $("stop") };
  const state = (running) => {
    buttons.start.disabled = running || root.dataset.engine !== "ready";
    for (const b of ["pause", "stop"]) buttons[b].disabled = !running;
    for (const b of ["batch", "epoch"]) buttons[b].disabled = !(running && paused);
    buttons.pause.textContent = paused ? "Resume" : "Pause";
  };
  // The form and the command line mirror each other; the program says what each flag means.
  const values = () => {
    const line = ["go run ."];
    for (const [name, input] of Object.entries(flags)) {
      const value = input.type === "checkbox" ? String(input.checked) : input.value.trim();
      if (value !== input.dataset.default && value !== "") line.push(`-${name} ${word(value)}`);
    }
    return line.join(" ");
  };
  const build = (sections) => {
    flags = {};
    const form = $("flags"), more = [];
    const row = (f) => {
      const choices = { cost: ["quadratic", "cross-entropy", "log-likelihood"], activation: ["sigmoid", "tanh", "relu"], init: ["large", "default", "default,large"], encoding: ["unit", "binary"], eval: ["test", "validation"] }[f.Name];
      const input = choices ? element("select", {}, ...choices.map((c) => element("option", { value: c, textContent: c }))) : element("input", { autocomplete: "off" });
      input.value = f.Value;
      input.dataset.default = f.Default;
      input.title = f.Usage;
      input.addEventListener("input", () => { $("command").value = values(); check(false); });
      flags[f.Name] = input;
      return element("label", { title: f.Usage }, element("span", { textContent: "-" + f.Name }), input);
    };
    form.replaceChildren();
    const all = sections.flatMap((s) => s.Flags);
    for (const name of first) form.append(row(all.find((f) => f.Name === name)));
    for (const s of sections) {
      const rest = s.Flags.filter((f) => !first.includes(f.Name) && !["data", "csv", "json", "plot", "load", "continue", "save", "checkpoint", "resume"].includes(f.Name));
      if (rest.length) more.push(element("details", {}, element("summary", { textContent: s.Title }), ...rest.map(row)));
    }
    form.append(...more);
    row(all.find((f) => f.Name === "data")); // chosen elsewhere, but part of the line
  };
  let asked = 0;
  const check = async (fill) => {
    const line = $("command").value, mine = ++asked;
    try {
      const sections = await engine.ask("check", { line });
      if (mine !== asked) return true;
      $("command-error").textContent = "";
      if (!flags) build(sections);
      else for (const f of sections.flatMap((s) => s.Flags)) if (flags[f.Name]) {
        if (fill) flags[f.Name].value = f.Value;
        flags[f.Name].dataset.default = f.Default;
      }
      rooms.training.using?.(flags.data.value);
      keep();
      return true;
    } catch (error) {
      if (mine === asked) $("command-error").textContent = error.message;
      if (!flags) build(await engine.ask("check", { line: "" }));
      return false;
    }
  };
  // use lets the command line take other data: the flags that belonged to the old ones go.
  const use = ({ data = "", test = "", sizes = "" }) => {
    for (const name of ["target", "raw", "transpose", "digits"]) flags[name].value = flags[name].dataset.default;
    Object.entries({ data, test, sizes }).forEach(([name, value]) => { flags[name].value = value; });
    $("command").value = values();
    return check(true);
  };
  const keep = () => {
    const q = $("command").value.replace(/^\s*go run \./, "").trim().split(/\s+-/).map((p) => p.replace(/^-/, "")).filter(Boolean).map((p) => p.replace(/\s+/, "="));
    if (location.hash.startsWith("#training") || location.hash === "") history.replaceState(null, "", "#training" + q.map((p) => "&" + encodeURI(p)).join(""));
  };
  const start = async () => {
    const line = $("command").value;
    $("command-error").textContent = "";
    try {
      await engine.ask("train", { line });
    } catch (error) {
      $("command-error").textContent = error.message;
      return;
    }
    current = { line, records: [], shown: true, colour: curveColours[runs.length % 4] };
    runs.push(current);
    paused = false;
    $("log").textContent = $("notes").textContent = "";
    $("accuracy").textContent = "–";
    $("best").textContent = "the data are being loaded";
    state(true);
    paint();
  };
  const percent = (r, key, of) => (r[key] === undefined ? null : (100 * r[key]) / of);
  const curve = (run, key, of) => run.records.map((e) => [e.record.epoch + e.record.examples / e.training - 1, of ? percent(e.record.values, key, e[of]) : e.record.values[key]]).filter((p) => p[1] != null);
  const paint = () => {
    const curves = (keys) => runs.filter((r) => r.shown).flatMap((run) => keys.map(([key, of, dashed]) => ({ points: curve(run, key, of), colour: run.colour, dashed, pale: run !== current })));
    const whole = { xlabel: "Epoch", x: [0, Math.max(1, ...runs.filter((r) => r.shown).flatMap((r) => r.records.map((e) => e.record.epoch)))], empty: "no run yet" };
    plot($("accuracy-plot"), { ...whole, curves: curves([["evaluation_accuracy", "evaluation"], ["training_accuracy", "training", true]]) });
    plot($("cost-plot"), { ...whole, empty: "not monitored", curves: curves([["evaluation_cost"], ["training_cost", null, true]]) });
    const accuracies = (run) => curve(run, "evaluation_accuracy", "evaluation").map((p) => p[1]);
    if (current && accuracies(current).length) {
      const a = accuracies(current);
      $("accuracy").textContent = a.at(-1).toFixed(2) + " %";
      $("best").textContent = `best ${Math.max(...a).toFixed(2)} %, epoch ${a.indexOf(Math.max(...a))}`;
    }
    $("runs").tBodies[0].replaceChildren(...runs.map((run, i) => {
      const a = accuracies(run), swatch = element("span", { className: "swatch" });
      swatch.style.background = `var(--${run.colour})`;
      const box = element("input", { type: "checkbox", checked: run.shown, onchange: () => { run.shown = box.checked; paint(); } });
      box.setAttribute("aria-label", "show run " + (i + 1));
      const gone = element("button", { type: "button", textContent: "×", disabled: run === current && !buttons.stop.disabled, onclick: () => { runs.splice(i, 1); paint(); } });
      gone.setAttribute("aria-label", "remove run " + (i + 1));
      return element("tr", {}, element("td", {}, box, " ", swatch), element("td", {}, element("code", { textContent: run.line.replace(/^\s*go run \.\s*/, "") || "(defaults)" })), ...[a.length ? Math.max(...a).toFixed(2) : "–", a.length ? a.at(-1).toFixed(2) : "–"].map((s) => element("td", { className: "number", textContent: s })), element("td", {}, gone));
    }));
  };
  const outputsOf = (outputs, names) => outputs.map((a, j) => [names.length === outputs.length ? names[j] : j, a]).sort((a, b) => (outputs.length > 12 ? b[1] - a[1] : 0)).slice(0, 12).map(([name, a]) => `${name}: ${a.toFixed(2)}`).join("  ");
  const refresh = latest(async () => {
    const box = $("tab");
    try {
      if (tab === "weights") {
        const r = await engine.ask("weights", { n: 60 });
        const tiles = r.pictures.map((p, j) => {
          const canvas = element("canvas");
          pixels(canvas, r.side, p.Weights, blueToRed);
          return element("figure", {}, canvas, element("figcaption", { textContent: `${j + 1}: ±${p.Largest.toFixed(2)}` }));
        });
        const saturated = r.saturated ? " Saturated neurons: " + r.saturated.slice(1).map((s, l) => `${Math.round(100 * s)} % in layer ${l + 2}`).join(", ") + "." : "";
        box.replaceChildren(element("p", { className: "pale", textContent: "Weights into each hidden neuron: blue positive, red negative, the largest below." + saturated }), element("div", { className: "tiles" }, ...tiles));
      } else if (tab === "mistakes") {
        const r = await engine.ask("mistakes", { n: 40 });
        const more = element("p", { className: "pale", textContent: "Click one to see its outputs." });
        const tiles = (r.mistakes || []).map((m) => {
          const canvas = element("canvas");
          pixels(canvas, r.side, bytes(m.Image), ink);
          canvas.style.aspectRatio = canvas.width / canvas.height;
          const said = m.Said;
          return element("figure", {}, element("button", { type: "button", onclick: () => { more.textContent = `Image ${m.Number}, a ${m.Label} read as ${said}: ${outputsOf(m.Outputs, r.names)}`; }, ariaLabel: `image ${m.Number}, a ${m.Label} read as ${said}` }, canvas), element("figcaption", { textContent: `${m.Label} read as ${said}` }));
        });
        box.replaceChildren(element("p", { textContent: `${r.wrong} of ${r.of} ${r.what} are read wrong.` }), more, element("div", { className: "tiles" }, ...tiles));
      } else {
        const { names, count, what } = await engine.ask("confusion", { n: 0 });
        const none = count.some((row) => row[names.length]); // outputs that name no class
        const head = element("tr", {}, element("th", { textContent: "read as" }), ...[...names, ...(none ? ["?"] : [])].map((d) => element("th", { textContent: d })));
        const rows = count.map((row, d) => {
          const total = row.reduce((a, b) => a + b, 0) || 1;
          return element("tr", {}, element("th", { textContent: names[d] }), ...row.slice(0, names.length + none).map((n, said) => {
            const cell = element("td", { textContent: n });
            cell.style.background = `color-mix(in srgb, var(--${said === d ? "blue" : "red"}) ${Math.round(60 * Math.sqrt(n / total))}%, transparent)`;
            return cell;
          }));
        });
        box.replaceChildren(element("p", { className: "pale", textContent: `The ${what}, a row per class.` }), element("div", { className: "scroll" }, element("table", { id: "confusion" }, element("thead", {}, head), element("tbody", {}, ...rows))));
      }
    } catch (error) {
      box.replaceChildren(element("p", { className: "pale", textContent: error.message }));
    }
  });
  for (const name of ["weights", "mistakes", "confusion"]) $("tab-" + name).onclick = () => {
    tab = name;
    for (const other of ["weights", "mistakes", "confusion"]) $("tab-" + other).setAttribute("aria-selected", other === name);
    refresh();
  };
  buttons.start.onclick = start;
  buttons.pause.onclick = () => { paused = !paused; engine.ask(paused ? "pause" : "resume").catch(() => {}); state(true); };
  buttons.batch.onclick = () => engine.ask("batch").catch(() => {});
  buttons.epoch.onclick = () => { paused = false; state(true); engine.ask("epoch").catch(() => {}); };
  buttons.stop.onclick = () => engine.ask("stop").catch(() => {});
  $("copy").onclick = () => navigator.clipboard?.writeText($("command").value).catch(() => $("command").select());
  $("command").addEventListener("input", () => check(true));
  $("command").addEventListener("keydown", (e) => { if (e.key === "Enter" && !buttons.start.disabled) start(); });
  $("flags").onsubmit = (e) => e.preventDefault();
  $("save-network").onclick = async () => {
    try {
      const a = element("a", { href: URL.createObjectURL(new Blob([await engine.ask("network")], { type: "application/json" })), download: "net.json" });
      a.click();
    } catch (error) { notice(error.message); }
  };
  $("open-network").onchange = async (e) => {
    try {
      await engine.ask("open", { text: await e.target.files[0].text() });
      $("reader").textContent = `The network of ${e.target.files[0].name} reads.`;
      notice("");
      refresh();
      rooms.draw.command(`go run . classify -load ${e.target.files[0].name} picture.png`);
    } catch (error) { notice(error.message); }
  };
  engine.on("log", (e) => { $("log").append(e.text); });
  engine.on("note", (e) => { $("notes").append(e.text); });
  engine.on("record", (e) => { current.records.push(e); paint(); if (tab === "weights" && !$("training").hidden) refresh(); });
  engine.on("progress", (e) => {
    $("progress").value = e.examples / e.of;
    $("where").textContent = `epoch ${e.epoch} of ${e.epochs}, ${e.examples} / ${e.of} examples, η = ${e.eta}${e.paused ? ", paused" : ""}`;
    if (e.paused !== paused) { paused = e.paused; state(true); }
  });
  engine.on("end", (e) => {
    paused = false;
    state(false);
    if (e.how === "failed") $("command-error").textContent = e.message;
    $("where").textContent = { done: "done", stopped: "stopped", failed: "failed" }[e.how];
    if (e.how === "done") $("progress").value = 1;
    if (e.reads) $("reader").textContent = e.reads;
    paint();
    refresh();
    if (current) rooms.draw.command("go run . " + current.line.replace(/^\s*go run \./, "").trim() + " -save net.json; go run . classify -load net.json picture.png");
  });
  engine.on("ready", () => { state(false); check(true); });
  return {
    show: paint,
    open(parameters) {
      if (parameters.length) $("command").value = "go run . " + parameters.map((p) => "-" + decodeURI(p).replace("=", " ")).join(" ");
      if (root.dataset.engine === "ready") check(true);
    },
    use,
    data: () => flags?.data.value || "",
    toggle: () => (buttons.stop.disabled ? buttons.start.click() : buttons.pause.click()),
    stop: () => buttons.stop.disabled || buttons.stop.click(),
    move: (d) => d > 0 && !buttons.batch.disabled && buttons.batch.click(),
  };
})();

rooms.draw = (() => {
  const canvas = $("canvas"), c = canvas.getContext("2d", { willReadFrequently: true }), boxes = $("boxes").getContext("2d");
  const starter = "-cost cross-entropy -init default -eta 0.5 -epochs 3";
  const strokes = [];
  let stroke = null, timer = 0, picture = null, ready = false, own = `go run . ${starter} -save net.json; go run . classify -load net.json picture.png`;
  const note = (text) => { $("draw-note").textContent = text; };
  const blank = () => { c.fillStyle = "#fff"; c.fillRect(0, 0, canvas.width, canvas.height); boxes.clearRect(0, 0, canvas.width, canvas.height); };
  const line = (s) => {
    c.strokeStyle = c.fillStyle = "#000";
    c.lineWidth = s.width;
    c.lineCap = c.lineJoin = "round";
    c.beginPath();
    s.points.forEach((p, i) => (i ? c.lineTo(...p) : c.moveTo(...p)));
    if (s.points.length === 1) c.lineTo(s.points[0][0] + 0.1, s.points[0][1]);
    c.stroke();
  };
  const redraw = () => { blank(); strokes.forEach(line); };
  const at = (e) => {
    const r = canvas.getBoundingClientRect();
    return [((e.clientX - r.left) * canvas.width) / r.width, ((e.clientY - r.top) * canvas.height) / r.height];
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(read, 250); };
  canvas.addEventListener("pointerdown", (e) => {
    if (picture) clear();
    try { canvas.setPointerCapture(e.pointerId); } catch { /* a synthetic pointer cannot be captured */ }
    clearTimeout(timer);
    stroke = { width: +$("pen").value, points: [at(e)] };
    strokes.push(stroke);
    line(stroke);
    e.preventDefault();
  });
  canvas.addEventListener("pointermove", (e) => { if (stroke) { stroke.points.push(...(e.getCoalescedEvents?.() || [e]).map(at)); line(stroke); } });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (stroke) { stroke = null; later(); } });
  const base64 = async (blob) => {
    const data = new Uint8Array(await blob.arrayBuffer());
    let text = "";
    for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000));
    return btoa(text);
  };
  const read = latest(async () => {
    if (!ready) { note("The network is still being trained; then your digits are read."); return; }
    if (!strokes.length && !picture) return;
    try {
      const blob = picture || (await new Promise((done) => canvas.toBlob(done, "image/png")));
      show(await engine.ask("read", { text: await base64(blob) }));
    } catch (error) {
      $("text").textContent = "";
      $("digits").replaceChildren();
      note(error.message.replace(/^read standard input: /, ""));
    }
  });
  const show = (r) => {
    $("text").textContent = r.text;
    note(r.warnings.replace(/nndl: standard input: /g, "").trim() || `${r.digits.length} digit${r.digits.length === 1 ? "" : "s"} found.`);
    boxes.clearRect(0, 0, canvas.width, canvas.height);
    boxes.strokeStyle = "#0072b2";
    boxes.lineWidth = (2 * canvas.width) / (canvas.clientWidth || canvas.width);
    const [scale, dx, dy] = picture ? picture.placed : [1, 0, 0];
    $("digits").replaceChildren(...r.digits.map((d) => {
      const [x0, y0, x1, y1] = d.box;
      boxes.strokeRect(dx + x0 * scale - 3, dy + y0 * scale - 3, (x1 - x0) * scale + 6, (y1 - y0) * scale + 6);
      const image = element("canvas"), hidden = element("canvas", { className: "net" });
      const seen = bytes(d.image);
      pixels(image, Math.sqrt(seen.length), seen, ink);
      if (d.hidden) pixels(hidden, d.hidden.length, d.hidden.map((a) => Math.max(0, Math.min(1, a)) * 255), ink);
      else hidden.hidden = true;
      hidden.setAttribute("role", "img");
      hidden.setAttribute("aria-label", "activations of the first hidden layer");
      const shown = d.outputs.map((a, j) => [j, a]).sort((a, b) => (d.outputs.length > 12 ? b[1] - a[1] : 0)).slice(0, 12);
      const outputs = element("div", { className: r.names ? "outputs named" : "outputs" }, ...shown.map(([j, a]) => {
        const bar = element("i");
        bar.style.width = 100 * Math.max(0, Math.min(1, a)) + "%";
        return element("div", { className: j === d.digit ? "most" : "", title: a.toFixed(4) }, element("span", { textContent: r.names?.[j] || j }), bar);
      }));
      image.setAttribute("role", "img");
      image.setAttribute("aria-label", `what the network sees, read as ${d.class || d.digit}`);
      return element("div", { className: "digit" }, image, outputs, hidden);
    }));
  };
  const clear = () => { strokes.length = 0; picture = null; clearTimeout(timer); blank(); $("text").textContent = ""; $("digits").replaceChildren(); note("\u00a0"); };
  $("clear").onclick = clear;
  $("undo").onclick = () => { strokes.pop(); redraw(); strokes.length ? later() : clear(); };
  const take = async (file) => {
    clear();
    picture = file;
    try {
      const image = await createImageBitmap(file);
      const scale = Math.min(canvas.width / image.width, canvas.height / image.height);
      picture.placed = [scale, (canvas.width - image.width * scale) / 2, (canvas.height - image.height * scale) / 2];
      c.drawImage(image, picture.placed[1], picture.placed[2], image.width * scale, image.height * scale);
    } catch { picture.placed = [1, 0, 0]; }
    read();
  };
  $("picture").onchange = (e) => e.target.files[0] && take(e.target.files[0]);
  $("draw").addEventListener("dragover", (e) => e.preventDefault());
  $("draw").addEventListener("drop", (e) => { e.preventDefault(); if (e.dataTransfer.files[0]) take(e.dataTransfer.files[0]); });
  document.addEventListener("paste", (e) => { const f = [...(e.clipboardData?.files || [])][0]; if (f && !$("draw").hidden) take(f); });
  engine.on("preparing", (e) => { if (!ready) note(`A network is being trained to read: ${Math.round(100 * e.done)} %`); });
  engine.on("ready", async () => {
    try {
      await engine.ask("prepare", { line: starter });
      ready = true;
      note(strokes.length || picture ? "" : "Ready to read.");
      read();
    } catch (error) { note(error.message); }
  });
  blank();
  return { show() { $("draw-command").textContent = own; }, command(text) { own = text; $("draw-command").textContent = own; if (strokes.length || picture) read(); } };
})();
