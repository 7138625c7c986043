// The rooms Training and Draw.
// word quotes a word of a command line, where a shell needs that.
const word = (w) => (/^[\p{L}\p{N}_./,:=+@%-]+$/u.test(w) ? w : `'${w.replaceAll("'", "'\\''")}'`);
rooms.training = (() => {
  const first = ["sizes", "epochs", "eta", "cost", "lambda", "init"];
  const runs = [];
  // The run under way or the last one, the one whose network the tabs show, and the one
  // whose network the program keeps if the run under way fails.
  let current = null, owner = null, kept = null, flags = null, running = false, paused = false, prepared = false, tab = "weights", line = "", opened = null;
  const buttons = { start: $("start"), pause: $("pause"), batch: $("batch"), epoch: $("epoch"), stop: $("stop") };
  const state = (now) => {
    running = now;
    buttons.start.disabled = running || root.dataset.engine !== "ready";
    for (const b of ["pause", "stop"]) buttons[b].disabled = !running;
    for (const b of ["batch", "epoch"]) buttons[b].disabled = !(running && paused);
    buttons.pause.textContent = paused ? "Resume" : "Pause";
    remark();
  };
  // remark says that a run under way keeps what it was started with.
  const remark = (text) => {
    $("command-note").textContent = text || (running && $("command").value !== line ? "The run under way keeps its own settings: " + line : "");
  };
  // The form and the command line mirror each other; the program says what each flag means.
  const value = (input) => (input.type === "checkbox" ? String(input.checked) : input.value.trim().replace(/,\s+/g, ","));
  const set = (input, v) => { input.type === "checkbox" ? (input.checked = v === "true") : (input.value = v); };
  const values = (only) => {
    const all = ["go run ."];
    for (const [name, input] of Object.entries(flags)) {
      const v = value(input);
      if (v !== input.dataset.default && v !== "" && (!only || only.includes(name))) all.push(v === "true" ? "-" + name : `-${name} ${word(v)}`);
    }
    return all.join(" ");
  };
  // What each flag is in a word; the whole explanation is the program's.
  const words = {
    sizes: "neurons in each layer", epochs: "passes over the data", eta: "η, learning rate", cost: "C, what is minimized", lambda: "λ, weight decay", init: "weights at the start",
    activation: "hidden neurons", encoding: "outputs", batch: "m, mini-batch", seed: "of all random numbers", runs: "repetitions", l1: "λ of L1", dropout: "share of neurons dropped", expand: "varied images",
    mu: "μ, momentum", "stop-after": "early stopping", "halve-after": "lower η", "halve-by": "divide η by", halvings: "how often", "train-size": "training examples", "eval-size": "examples scored",
    digits: "only these", eval: "data scored", vary: "values to compare", transpose: "turn the images", target: "column of the class", test: "test table", raw: "inputs as they are", monitor: "what is measured", every: "score every N examples",
  };
  const build = (sections) => {
    flags = {};
    const form = $("flags"), more = [];
    const row = (f) => {
      const choices = { cost: ["quadratic", "cross-entropy", "log-likelihood"], activation: ["sigmoid", "tanh", "relu"], init: ["large", "default", "default,large"], encoding: ["unit", "binary"], eval: ["test", "validation"] }[f.Name];
      const input = choices ? element("select", {}, ...choices.map((c) => element("option", { value: c, textContent: c }))) : element("input", { autocomplete: "off", type: f.Bool ? "checkbox" : "text" });
      set(input, f.Value);
      input.dataset.default = f.Default;
      input.addEventListener("input", () => { $("command").value = values(); check(false); });
      input.addEventListener("focus", () => { $("flag-help").replaceChildren(element("code", { textContent: "-" + f.Name }), " " + f.Usage); });
      input.setAttribute("aria-describedby", "flag-help");
      flags[f.Name] = input;
      return element("label", {}, element("span", {}, element("code", { textContent: "-" + f.Name }), element("small", { textContent: words[f.Name] || "" })), input);
    };
    form.replaceChildren(element("p", { id: "flag-help", className: "pale", textContent: "In a field, its explanation stands here." }));
    const all = sections.flatMap((s) => s.Flags);
    for (const name of first) form.append(row(all.find((f) => f.Name === name)));
    for (const s of sections) {
      const rest = s.Flags.filter((f) => !first.includes(f.Name) && !["data", "csv", "json", "plot", "load", "continue", "save", "checkpoint", "resume"].includes(f.Name));
      if (rest.length) more.push(element("details", {}, element("summary", { textContent: s.Title }), ...rest.map(row)));
    }
    form.append(...more);
    for (const name of ["data", "load", "continue"]) row(all.find((f) => f.Name === name)); // chosen elsewhere, but part of the line
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
        if (fill) set(flags[f.Name], f.Value);
        flags[f.Name].dataset.default = f.Default;
      }
      const table = /\.csv$/i.test(flags.data.value); // flags that other data refuse are not offered
      for (const name of ["target", "test", "raw"]) flags[name].closest("label").hidden = !table;
      flags.transpose.closest("label").hidden = table || !flags.data.value;
      remark();
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
    for (const name of ["target", "raw", "transpose", "digits", "load", "continue"]) set(flags[name], flags[name].dataset.default);
    Object.entries({ data, test, sizes }).forEach(([name, v]) => set(flags[name], v));
    if (opened) closed();
    $("command").value = values();
    return check(true);
  };
  const keep = () => {
    const q = $("command").value.replace(/^\s*go run \./, "").trim().split(/\s+-/).map((p) => p.replace(/^-/, "")).filter(Boolean).map((p) => p.replace(/\s+/, "="));
    if (location.hash.startsWith("#training") || location.hash === "") history.replaceState(null, "", "#training" + q.map((p) => "&" + encodeURI(p)).join(""));
  };
  const start = async () => {
    const asked = $("command").value;
    buttons.start.disabled = true;
    $("command-error").textContent = "";
    try {
      await engine.ask("train", { line: asked });
    } catch (error) {
      $("command-error").textContent = error.message;
      state(false);
      return;
    }
    line = asked;
    current = null;
    paused = false;
    $("log").textContent = $("notes").textContent = "";
    $("where").textContent = "the data are being read";
    $("progress").value = 0;
    state(true);
    paint();
  };
  const bare = (text) => text.replace(/^\s*go run \.\s*/, "").trim();
  const add = (run) => {
    current = owner = { records: [], shown: true, colour: curveColours[runs.length % curveColours.length], ...run };
    current.number = runs.length ? runs.at(-1).number + 1 : 1;
    runs.push(current);
  };
  const curve = (run, key, of) => run.records.map((e) => [e.record.epoch + e.record.examples / e.training - 1, of ? (100 * e.record.values[key]) / e[of] : e.record.values[key]]).filter((p) => Number.isFinite(p[1]));
  // scores are the accuracies of a run in percent, with the moments.
  const scores = (run) => (run.score !== undefined ? [{ score: run.score, when: "as opened" }] : run.records.filter((e) => e.record.values.evaluation_accuracy !== undefined).map((e) => ({
    score: (100 * e.record.values.evaluation_accuracy) / e.evaluation,
    when: `epoch ${e.record.epoch}` + (e.record.examples < e.training ? ` after ${e.record.examples} examples` : ""),
  })));
  const best = (all) => all.reduce((a, b) => (b.score > a.score ? b : a));
  const paintScore = () => {
    const all = current ? scores(current) : [];
    $("accuracy").textContent = all.length ? all.at(-1).score.toFixed(2) + " %" : "–";
    let text = "no run yet: press Start";
    if (all.length) text = current.score !== undefined ? current.about : `best ${best(all).score.toFixed(2)} %, ${best(all).when}`;
    else if (current?.records.length) text = "the accuracy is not monitored";
    else if (current?.score === undefined && current?.about) text = current.about;
    else if (current && running) text = "the first score comes after the first epoch";
    else if (current) text = "no epoch was trained to its end";
    else if (running) text = "it begins when the data are read";
    if (current?.label) text += ` (${current.label})`;
    $("best").textContent = text;
  };
  const remove = (run) => {
    if (run === current && running) { remark(`Run ${run.number} is under way: stop it before you remove it.`); return; }
    runs.splice(runs.indexOf(run), 1);
    if (run === current) current = runs.at(-1) || null;
    paint();
  };
  const paintRow = (run) => {
    const all = scores(run), swatch = element("span", { className: "swatch" });
    swatch.style.background = `var(--${run.colour})`;
    const box = element("input", { type: "checkbox", checked: run.shown, onchange: () => { run.shown = box.checked; paint(); } });
    box.setAttribute("aria-label", "show run " + run.number);
    const gone = element("button", { type: "button", textContent: "×", onclick: () => remove(run) });
    gone.setAttribute("aria-label", "remove run " + run.number);
    const command = element("td", {}, element("code", { textContent: run.name || bare(run.line) || "(defaults)" }), " ", element("small", { className: "pale", textContent: run.label || "" }));
    const numbers = (all.length ? [best(all).score, all.at(-1).score] : []).map((s) => s.toFixed(2));
    return element("tr", {}, element("td", {}, box, " ", swatch, String(run.number)), command, ...[numbers[0] || "–", numbers[1] || "–"].map((s) => element("td", { className: "number", textContent: s })), element("td", {}, gone));
  };
  const paint = () => {
    const shown = runs.filter((r) => r.shown);
    const curves = (keys) => shown.flatMap((run) => keys.map(([key, of, dashed]) => ({ points: curve(run, key, of), colour: run.colour, dashed, pale: run !== current })));
    const epochs = shown.flatMap((r) => r.records.map((e) => e.record.epoch + e.record.examples / e.training - 1));
    const whole = { xlabel: "Epoch", x: [Math.min(0, ...epochs), Math.max(1, ...epochs)], empty: "no run yet" };
    plot($("accuracy-plot"), { ...whole, curves: curves([["evaluation_accuracy", "evaluation"], ["training_accuracy", "training", true]]) });
    plot($("cost-plot"), { ...whole, empty: "not monitored", curves: curves([["evaluation_cost"], ["training_cost", null, true]]) });
    paintScore();
    $("runs").tBodies[0].replaceChildren(...(runs.length ? runs.map(paintRow) : [element("tr", {}, element("td", { colSpan: 5, className: "pale", textContent: "no run yet" }))]));
    $("tab-of").textContent = owner ? `Of run ${owner.number}, ${owner.name || bare(owner.line) || "all flags as they are by default"}${owner.label ? ", " + owner.label : ""}${running && owner === current ? ", as it is now" : ""}.` : prepared ? "Of the network that was trained for the room Draw." : "";
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
        box.replaceChildren(element("p", { className: "pale", textContent: "Weights into each hidden neuron: blue positive, orange negative, the largest below." + saturated }), element("div", { className: "tiles" }, ...tiles));
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
        const head = element("tr", {}, element("th", { textContent: "true ↓ read as →" }), ...[...names, ...(none ? ["?"] : [])].map((d) => element("th", { textContent: d })));
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
  $("tab-weights").parentElement.addEventListener("keydown", (e) => {
    const tabs = ["tab-weights", "tab-mistakes", "tab-confusion"], i = tabs.indexOf(e.target.id), step = { ArrowRight: 1, ArrowLeft: 2 }[e.key];
    if (i < 0 || !step) return;
    const next = $(tabs[(i + step) % 3]);
    next.focus();
    next.click();
  });
  buttons.start.onclick = start;
  buttons.pause.onclick = () => { paused = !paused; engine.ask(paused ? "pause" : "resume").catch(() => {}); state(true); };
  buttons.batch.onclick = () => engine.ask("batch").catch(() => {});
  buttons.epoch.onclick = () => { paused = false; state(true); engine.ask("epoch").catch(() => {}); };
  buttons.stop.onclick = () => engine.ask("stop").catch(() => {});
  $("copy").onclick = async () => {
    let done = "Copied";
    try { await navigator.clipboard.writeText($("command").value); } catch { $("command").select(); done = "Selected"; }
    $("copy").textContent = done;
    setTimeout(() => { $("copy").textContent = "Copy"; }, 1500);
  };
  $("command").addEventListener("input", () => check(true));
  $("command").addEventListener("keydown", (e) => { if (e.key === "Enter" && !buttons.start.disabled) start(); });
  $("flags").onsubmit = (e) => e.preventDefault();
  $("save-network").onclick = async () => {
    try {
      const a = element("a", { href: URL.createObjectURL(new Blob([await engine.ask("network")], { type: "application/json" })), download: "net.json" });
      a.click();
    } catch (error) { notice(error.message); }
  };
  // A network that is opened is a file of the page: -load trains on from it.
  const closed = () => {
    opened = null;
    $("open-back").hidden = true;
    $("opened").textContent = "";
  };
  $("open-network").onchange = async (e) => {
    const [file] = e.target.files;
    e.target.value = ""; // the same may be chosen again
    if (!file) return;
    const name = file.name.replace(/^-+/, "") || "net.json";
    try {
      engine.put(name, [[name, file]]);
      const r = await engine.ask("open", { text: name });
      opened ||= { line: $("command").value, current, owner: kept, draw: rooms.draw.last(), trained: false };
      opened.name = name;
      const about = r.unfit || `${r.sizes} neurons, ${r.right} of ${r.of} ${r.what} right`;
      add({ line: "-load " + word(name), name: name + ", as opened", score: r.unfit ? undefined : (100 * r.right) / r.of, about });
      kept = owner;
      set(flags.load, "");
      $("command").value = `go run . -load ${word(name)}` + (r.continue ? " -continue" : "") + values(["data", "test", "target", "raw", "transpose", "epochs", "monitor", "every", "eval", "train-size", "eval-size"]).slice("go run .".length);
      $("opened").textContent = `${name} is open: Start trains on from it.`;
      $("open-back").textContent = "Without " + name;
      $("open-back").hidden = false;
      $("where").textContent = name + ", opened";
      $("progress").value = 0;
      notice("");
      rooms.draw.trained({ there: true, label: name, reads: `It was opened in Training: ${about}.`, command: `go run . classify -load ${word(name)} picture.png` });
      paint();
      refresh();
      await check(true);
    } catch (error) { $("command-error").textContent = error.message.includes(name) ? error.message : `${name}: ${error.message}`; }
  };
  $("open-back").onclick = async () => {
    try { await engine.ask("close"); } catch (error) { $("command-error").textContent = error.message; return; }
    $("command").value = opened.line;
    if (!opened.trained) {
      current = opened.current;
      owner = kept = opened.owner;
      $("where").textContent = "\u00a0";
      rooms.draw.trained(opened.draw);
    }
    closed();
    paint();
    refresh();
    check(true);
  };
  engine.on("log", (e) => { $("log").append(e.text); });
  engine.on("note", (e) => { $("notes").append(e.text); });
  engine.on("begin", (e) => {
    const kind = [e.setting, e.runs > 1 ? "seed " + e.seed : "", e.of > 1 ? `${e.number} of ${e.of}` : ""].filter(Boolean).join(", ");
    add({ line, label: kind, alone: e.line || line });
    paint();
  });
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
    current ||= runs.at(-1) || null;
    owner = kept = e.kept ? current : kept;
    if (e.kept && opened) opened.trained = true;
    paint();
    refresh();
    if (e.kept) {
      const all = scores(current), score = all.length ? ` (${all.at(-1).score.toFixed(2)} %)` : "", command = `go run . ${bare(current.alone)}`.trim();
      rooms.draw.trained({ there: e.reader, label: `run ${current.number}${score}`, reads: e.reader ? `It is run ${current.number} of Training, ${command}${score}. ${e.reads}` : e.reads, command: `${command} -save net.json; go run . classify -load net.json picture.png` });
    }
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
    // prepared tells that the network of the room Draw is there.
    prepared() {
      prepared = !runs.length;
      if (prepared) refresh();
    },
    toggle: () => (buttons.stop.disabled ? buttons.start.click() : buttons.pause.click()),
    // stop is for Escape; who goes into another room lets the training run on.
    stop: () => buttons.stop.disabled || (location.hash && !location.hash.startsWith("#training")) || buttons.stop.click(),
    move: (d) => d > 0 && !buttons.batch.disabled && buttons.batch.click(),
  };
})();

rooms.draw = (() => {
  const canvas = $("canvas");
  const c = canvas.getContext("2d", { willReadFrequently: true }), boxes = $("boxes").getContext("2d");
  const starter = "-cost cross-entropy -init default -eta 0.5 -epochs 3", select = $("reads");
  const own = { reads: `It is trained for this room when you come here: go run . ${starter}.`, command: `go run . ${starter} -save net.json; go run . classify -load net.json picture.png` };
  // What is on the paper, and what was there before: strokes, or a picture.
  let now = { strokes: [], picture: null }, past = [];
  let stroke = null, timer = 0, ready = false, preparing = false, last = null, chosen = false;
  let request = 0; // counts what is asked; an answer to an earlier one is not shown
  const note = (...lines) => { $("draw-note").textContent = lines.join("\n") || "\u00a0"; };
  const empty = () => !now.strokes.length && !now.picture;
  const line = (s) => {
    c.strokeStyle = c.fillStyle = "#000";
    c.lineWidth = s.width;
    c.lineCap = c.lineJoin = "round";
    c.beginPath();
    s.points.forEach((p, i) => (i ? c.lineTo(...p) : c.moveTo(...p)));
    if (s.points.length === 1) c.lineTo(s.points[0][0] + 0.1, s.points[0][1]);
    c.stroke();
  };
  const forget = () => {
    request++;
    clearTimeout(timer);
    boxes.clearRect(0, 0, canvas.width, canvas.height);
    $("text").textContent = "";
    $("digits").replaceChildren();
    note(waiting());
  };
  // fit gives the paper the shape of the window, as long as nothing is on it.
  const fit = () => {
    const [width, height] = innerWidth < 760 ? [640, 480] : [960, 320];
    if (canvas.width === width || past.length || !empty()) return;
    for (const layer of [canvas, $("boxes")]) {
      [layer.width, layer.height] = [width, height];
      layer.style.aspectRatio = width / height;
    }
    redraw();
  };
  const redraw = () => {
    c.fillStyle = "#fff";
    c.fillRect(0, 0, canvas.width, canvas.height);
    if (now.picture?.image) {
      const [scale, dx, dy] = now.picture.placed, { image } = now.picture;
      c.drawImage(image, dx, dy, image.width * scale, image.height * scale);
    }
    now.strokes.forEach(line);
    $("undo").disabled = !past.length;
  };
  const change = (next) => {
    past.push(now);
    now = next;
    redraw();
  };
  const at = (e) => {
    const r = canvas.getBoundingClientRect();
    return [((e.clientX - r.left) * canvas.width) / r.width, ((e.clientY - r.top) * canvas.height) / r.height];
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(read, 250); };
  canvas.addEventListener("pointerdown", (e) => {
    if (now.picture) forget();
    try { canvas.setPointerCapture(e.pointerId); } catch { /* a synthetic pointer cannot be captured */ }
    clearTimeout(timer);
    request++;
    stroke = { width: +$("pen").value, points: [at(e)] };
    change({ strokes: [...now.strokes, stroke], picture: null });
    e.preventDefault();
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!stroke) return;
    const all = e.getCoalescedEvents?.() || [];
    stroke.points.push(...(all.length ? all : [e]).map(at));
    line(stroke);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (stroke) { stroke = null; later(); } });
  const base64 = async (blob) => {
    const data = new Uint8Array(await blob.arrayBuffer());
    let text = "";
    for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000));
    return btoa(text);
  };
  const waiting = () => (select.value === "last" || ready ? (empty() ? "Ready to read." : "") : "A network is being trained to read; then your digits are read.");
  const read = latest(async () => {
    if (empty()) return;
    if (select.value === "own" && !ready) { note(waiting()); return; }
    const mine = ++request, { picture } = now;
    note("Reading …");
    try {
      const blob = picture?.file || (await new Promise((done) => canvas.toBlob(done, "image/png")));
      const r = await engine.ask("read", { text: await base64(blob), network: select.value });
      if (mine === request) show(r, picture);
    } catch (error) {
      if (mine !== request) return;
      forget();
      note(error.message.replace(/^read standard input: /, ""));
    }
  });
  // digit returns what the network sees of one digit, and what it makes of it.
  const digit = (d, names) => {
    const image = element("canvas"), hidden = element("canvas", { className: "net" }), seen = bytes(d.image);
    pixels(image, Math.sqrt(seen.length), seen, ink);
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", `what the network sees, read as ${d.class || d.digit}`);
    const sorted = d.outputs.map((a, j) => [j, a]).sort((a, b) => (d.outputs.length > 12 ? b[1] - a[1] : 0)).slice(0, 12);
    const outputs = element("div", { className: names ? "outputs named" : "outputs" }, ...sorted.map(([j, a]) => {
      const bar = element("i");
      bar.style.width = 100 * Math.max(0, Math.min(1, a)) + "%";
      return element("div", { className: j === d.digit ? "most" : "", title: a.toFixed(4) }, element("span", { textContent: names?.[j] || j }), element("div", {}, bar), element("b", { textContent: a.toFixed(2) }));
    }));
    const all = element("div", { className: "digit" }, image, outputs);
    if (d.hidden) {
      pixels(hidden, d.hidden.length, d.hidden.map((a) => Math.max(0, Math.min(1, a)) * 255), ink);
      hidden.setAttribute("role", "img");
      hidden.setAttribute("aria-label", "activations of the first hidden layer");
      all.append(hidden, element("small", { className: "pale", textContent: `Its ${d.hidden.length} hidden neurons: white 0, black 1` }));
    }
    return all;
  };
  const show = (r, picture) => {
    $("text").textContent = r.text;
    const warnings = (r.warnings || []).map((w) => w.replace(/; compare the picture .*$/, "").replace(/^1 of 1 digit, the first is number 1: /, "").replace(/^1 of (\d+ digits), the first is number (\d+): /, "Digit $2: ").replace(/^(\d+ of \d+ digits), the first is number (\d+): /, "$1, first digit $2: "));
    note(`${r.digits.length} digit${r.digits.length === 1 ? "" : "s"} found.`, ...warnings);
    boxes.clearRect(0, 0, canvas.width, canvas.height);
    boxes.strokeStyle = "#0072b2";
    boxes.lineWidth = (2 * canvas.width) / (canvas.clientWidth || canvas.width);
    const [scale, dx, dy] = picture ? picture.placed : [1, 0, 0];
    for (const { box: [x0, y0, x1, y1] } of r.digits) boxes.strokeRect(dx + x0 * scale - 3, dy + y0 * scale - 3, (x1 - x0) * scale + 6, (y1 - y0) * scale + 6);
    $("digits").replaceChildren(...r.digits.map((d) => digit(d, r.names)));
  };
  $("clear").onclick = () => {
    forget();
    if (!empty()) change({ strokes: [], picture: null });
    note(waiting());
  };
  $("undo").onclick = () => {
    if (!past.length) return;
    now = past.pop();
    forget();
    redraw();
    if (!empty()) read();
  };
  const take = async (file) => {
    const picture = { file, placed: [1, 0, 0] };
    try {
      const image = picture.image = await createImageBitmap(file);
      const scale = Math.min(canvas.width / image.width, canvas.height / image.height);
      picture.placed = [scale, (canvas.width - image.width * scale) / 2, (canvas.height - image.height * scale) / 2];
    } catch { /* the program reads more kinds than the browser shows */ }
    forget();
    change({ strokes: [], picture });
    read();
  };
  $("picture").onchange = (e) => {
    const [file] = e.target.files;
    if (file) take(file);
    e.target.value = ""; // the same may be chosen again
  };
  $("draw").addEventListener("dragover", (e) => e.preventDefault());
  $("draw").addEventListener("drop", (e) => { e.preventDefault(); if (e.dataTransfer.files[0]) take(e.dataTransfer.files[0]); });
  document.addEventListener("paste", (e) => { const f = [...(e.clipboardData?.files || [])][0]; if (f && !$("draw").hidden) take(f); });
  engine.on("preparing", (e) => { if (select.value === "own" && !ready) note(`A network is being trained to read: ${Math.round(100 * e.done)} %${e.waits ? "; it waits for the end of the run in Training" : ""}`); });
  // prepare lets the network of the room be trained when it is first needed.
  const prepare = async () => {
    if (ready || preparing || select.value !== "own") return;
    preparing = true;
    note(waiting());
    try {
      await engine.ask("prepare", { line: starter });
      ready = true;
      own.reads = `It was trained for this room: go run . ${starter}.`;
      rooms.training.prepared();
      if (select.value === "own") { say(); note(waiting()); read(); }
    } catch (error) { note(error.message); }
    preparing = false;
  };
  const say = () => {
    const which = select.value === "last" ? last : own;
    $("reader").textContent = which.reads + (which === own && last && !last.there ? " " + last.reads : "");
    $("draw-command").textContent = which.command;
  };
  const choose = (name) => {
    select.value = name;
    say();
    if (!$("draw").hidden) prepare();
    if (!empty()) { forget(); read(); }
  };
  select.onchange = () => { chosen = true; choose(select.value); };
  redraw();
  return {
    show() { fit(); say(); prepare(); },
    last: () => last,
    // trained tells of a network that was trained or opened in Training, null of none;
    // there says whether it can read pictures.
    trained(network) {
      if (network && !network.there && last?.there) network = { ...last, reads: `${last.reads} ${network.reads}` };
      last = network;
      const option = select.options[1];
      option.disabled = !last?.there;
      option.textContent = last?.there ? `the last of Training: ${last.label}` : "the last one of Training";
      choose(last?.there ? (chosen ? select.value : "last") : "own");
    },
  };
})();
