// The rooms of neurons, the valley, backpropagation, softmax and the equations.
const equationData = JSON.parse($("equation-data").textContent);
const rooms = {};
// latest keeps a room from asking faster than the program answers.
const latest = (work) => {
  let busy = false, again = false;
  const run = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try { await work(); } catch (error) { notice(error.message); }
    busy = false;
    if (again) { again = false; run(); }
  };
  return run;
};
const notice = (text) => { $("notice").textContent = text; $("notice").hidden = !text; };
const fixed = (v, n = 4) => (Math.abs(v) < 1e-4 && v !== 0 ? v.toExponential(2) : v.toFixed(n)).replace("-", "−");

rooms.neuron = (() => {
  const box = $("neuron-controls");
  const update = latest(async () => {
    const w = [w1.value, w2.value], x = [x1.value, x2.value];
    const r = await engine.ask("neuron", { w, b: [b.value], x });
    const curve = [];
    for (let z = -6; z <= 6.01; z += 0.25) curve.push(z);
    const sigmoid = await Promise.all(curve.map((z) => engine.ask("neuron", { w: [1], b: [0], x: [z] })));
    plot($("neuron-plot"), { xlabel: "z = w·x + b", x: [-6, 6], y: [-0.1, 1.1], curves: [
      { points: curve.map((z, i) => [z, sigmoid[i].sigmoid]), colour: "blue" }, { points: [[-6, 0], [0, 0], [0, 1], [6, 1]], colour: "red", dashed: true }],
      marks: [{ x: Math.max(-6, Math.min(6, r.z)), y: r.sigmoid, colour: "blue" }, { x: Math.max(-6, Math.min(6, r.z)), y: r.perceptron, colour: "red" }] });
    $("neuron-text").textContent = `z = ${fixed(r.z, 2)}: the sigmoid neuron (solid) puts out ${fixed(r.sigmoid)}, the perceptron (dashed) ${r.perceptron}.`;
  });
  const s = (name, value, min, max, step) => slider(box, { name, value, min, max, step, change: update });
  const x1 = s("x₁, input", 1, 0, 1, 0.1), x2 = s("x₂, input", 0, 0, 1, 0.1), w1 = s("w₁, weight", -2, -6, 6, 0.1), w2 = s("w₂, weight", -2, -6, 6, 0.1), b = s("b, bias", 3, -6, 6, 0.1);
  for (const [name, ...v] of [["NAND", -2, -2, 3], ["AND", 2, 2, -3], ["OR", 2, 2, -1], ["large weights", -6, -6, 6]])
    $("neuron-examples").append(element("button", { type: "button", textContent: name, onclick: () => { [w1.value, w2.value, b.value] = v; update(); } }), " ");
  return { show: update };
})();

rooms.valley = (() => {
  let start = [-0.9, 0.5], taken = 0, timer = 0;
  const box = $("valley-controls"), canvas = $("valley-plot");
  const update = latest(async () => {
    const path = await engine.ask("valley", { eta: eta.value, mu: mu.value, x: start, steps: 200 });
    const { c, w, h } = surface(canvas);
    const at = (v) => [w / 2 + (v[0] * w) / 2.4, h / 2 - (v[1] * h) / 2.4];
    for (let r = 0.2; r < 1.8; r += 0.2) {
      c.strokeStyle = colour("line");
      c.beginPath(); c.arc(...at([0, 0]), (r * w) / 2.4, 0, 7); c.stroke();
    }
    c.strokeStyle = c.fillStyle = colour("red");
    c.lineWidth = 1.5;
    c.beginPath();
    path.slice(0, taken + 1).forEach((v, i) => (i ? c.lineTo(...at(v)) : c.moveTo(...at(v))));
    c.stroke();
    path.slice(0, taken + 1).forEach((v) => { c.beginPath(); c.arc(...at(v), 2.5, 0, 7); c.fill(); });
    const ball = path[Math.min(taken, path.length - 1)];
    c.fillStyle = colour("blue");
    c.beginPath(); c.arc(...at(ball), 9, 0, 7); c.fill();
    const cost = ball[0] ** 2 + ball[1] ** 2;
    $("valley-text").textContent = `After ${taken} step${taken === 1 ? "" : "s"} v = (${fixed(ball[0])}, ${fixed(ball[1])}), C = v₁² + v₂² = ${fixed(cost, 6)}. Rings: C = 0.04, 0.16, 0.36 …`;
    if (taken >= 200 || cost < 1e-8 || cost > 1e3) stop();
  });
  const eta = slider(box, { name: "η, learning rate", value: 0.1, min: 0.001, max: 2, log: true, change: () => { taken = 0; update(); } });
  const mu = slider(box, { name: "μ, momentum", value: 0, min: 0, max: 1, step: 0.01, change: () => { taken = 0; update(); } });
  const stop = () => { clearInterval(timer); timer = 0; roll.textContent = "Roll"; };
  const step = () => { taken = Math.min(taken + 1, 200); update(); };
  const roll = element("button", { type: "button", className: "primary", textContent: "Roll", onclick: () => { if (timer) return stop(); roll.textContent = "Hold"; timer = setInterval(step, 120); } });
  box.append(element("div", { className: "row" }, roll, element("button", { type: "button", textContent: "One step", onclick: step }), element("button", { type: "button", textContent: "Back to the start", onclick: () => { stop(); taken = 0; update(); } })));
  const drag = (e) => {
    if (!e.buttons) return;
    const r = canvas.getBoundingClientRect();
    start = [((e.clientX - r.left) / r.width - 0.5) * 2.4, (0.5 - (e.clientY - r.top) / r.height) * 2.4].map((v) => Math.max(-1.1, Math.min(1.1, +v.toFixed(3))));
    taken = 0;
    update();
  };
  canvas.addEventListener("pointerdown", (e) => { stop(); drag(e); });
  canvas.addEventListener("pointermove", drag);
  return { show: update, step, toggle: () => roll.click(), stop };
})();

rooms.slow = (() => {
  const last = 300, box = $("slow-controls");
  let timer = 0, both = null;
  const paint = () => both && both.forEach((r, i) => {
    const at = Math.max(0, Math.min(last, Math.round(epoch.value))), name = i ? "red" : "blue";
    plane($("slow-plane-" + i), { levels: r.levels, path: r.w.map((w, k) => [w, r.b[k]]), taken: at, to: [r.w[at] - r.slopes[at], r.b[at] - r.nablaB[at]], name });
    const points = r.costs.map((c, k) => [k, c]);
    plot($("slow-" + i), { xlabel: "Epoch", x: [0, last], curves: [{ points, colour: name, pale: true }, { points: points.slice(0, at + 1), colour: name }], marks: [{ x: at, y: r.costs[at], colour: name }] });
    const factors = i ? `a − y = ${fixed(r.outputs[at])}` : `(a − y) σ′(z) = ${fixed(r.outputs[at])} · ${fixed(r.sigma[at])} = ${fixed(r.slopes[at])}`;
    $("slow-text-" + i).replaceChildren(`After ${at} epoch${at === 1 ? "" : "s"} the output is ${fixed(r.outputs[at])}.`, element("br"), `∂C/∂w = ∂C/∂b = ${factors}.`, element("br"), `The next step: ${fixed(-eta.value * r.slopes[at])} on w and on b.`);
  });
  const halt = () => { clearInterval(timer); timer = 0; run.textContent = "Run 300 epochs"; };
  const update = latest(async () => { both = await engine.ask("slow", { w: [w.value], b: [b.value], eta: eta.value }); paint(); });
  const s = (name, value, min, max, step, log, change = update) => slider(box, { name, value, min, max, step, log, change });
  const w = s("w, starting weight", 2, -3, 3, 0.1), b = s("b, starting bias", 2, -3, 3, 0.1), eta = s("η, learning rate", 0.15, 0.005, 2, 0, true);
  const epoch = s("epoch", 0, 0, last, 1, false, () => { halt(); paint(); });
  const move = (d) => { epoch.value = Math.max(0, Math.min(last, Math.round(epoch.value) + d)); paint(); };
  const run = element("button", { type: "button", className: "primary", textContent: "Run 300 epochs", onclick: () => {
    if (timer) return halt();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) { epoch.value = last; return paint(); }
    if (epoch.value >= last) epoch.value = 0;
    run.textContent = "Hold";
    timer = setInterval(() => { move(5); if (epoch.value >= last) halt(); }, 50);
  } });
  const row = element("div", { className: "row" }, run);
  for (const [name, ...v] of [["w 0.6, b 0.9", 0.6, 0.9], ["w 2, b 2", 2, 2]]) row.append(element("button", { type: "button", textContent: name, onclick: () => { halt(); [w.value, b.value] = v; epoch.value = 0; update(); } }));
  box.append(row);
  return { show: update, toggle: () => run.click(), move: (d) => { halt(); move(d); }, stop: halt };
})();

rooms.softmax = (() => {
  const box = $("softmax-controls"), bars = $("softmax-bars");
  const update = latest(async () => {
    const r = await engine.ask("softmax", { x: z.map((s) => s.value) });
    bars.replaceChildren(...r.a.map((a, j) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = 100 * a + "%";
      return element("div", {}, element("span", { textContent: `a${"₁₂₃₄"[j]} = ${fixed(a, 3)}` }), bar, element("span", { className: "pale", textContent: `−ln a${"₁₂₃₄"[j]} = ${fixed(r.cost[j], 3)}` }));
    }), element("p", { textContent: `Sum of the outputs: ${fixed(r.a.reduce((s, a) => s + a, 0), 12)}. On the right the log-likelihood cost if that neuron is the right one.` }));
  });
  const z = [2.5, -1, 3.2, 0.5].map((value, j) => slider(box, { name: `z${"₁₂₃₄"[j]}, weighted input`, value, min: -5, max: 5, step: 0.1, change: update }));
  return { show: update };
})();

rooms.backpropagation = (() => {
  const names = ["Input", "Forward to layer 2: z = w a + b, a = σ(z)", "Forward to layer 3", "Output error, BP1", "Error of layer 2, BP2", "Gradient, BP3 and BP4"];
  const formulas = [["BP1", "δᴸ = ∇ₐC ⊙ σ'(zᴸ)", 3], ["BP2", "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ'(zˡ)", 4], ["BP3", "∂C/∂b = δ", 5], ["BP4", "∂C/∂w = a δ", 5]];
  let at = 0, v = null, r = null;
  const update = latest(async () => {
    r = await engine.ask("trace", v ? { ...v, eta: +$("trace-eta").value } : { eta: +$("trace-eta").value });
    if (!v) v = { w: [...r.layers[1].W, ...r.layers[2].W], b: [...r.layers[1].B, ...r.layers[2].B], x: r.layers[0].A, y: r.y };
    paint();
  });
  const svg = (tag, attributes, text) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, value] of Object.entries(attributes)) e.setAttribute(k, value);
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const places = [[[70, 110], [70, 300]], [[370, 60], [370, 200], [370, 340]], [[620, 200]]];
  const field = (net, x, y, label, value, set) => {
    const holder = svg("foreignObject", { x: x - 38, y: y - 12, width: 78, height: 26 });
    const input = element("input", { type: "number", step: "any", value: +value.toFixed(4), onchange: () => { set(+input.value); update(); } });
    input.setAttribute("aria-label", label);
    holder.append(input);
    net.append(holder);
  };
  const paint = () => {
    const net = $("trace-net");
    net.replaceChildren();
    const weight = (l, j, k) => (l === 1 ? 2 * j + k : 6 + k);
    const lines = [];
    for (const l of [1, 2]) places[l].forEach(([x2, y2], j) => places[l - 1].forEach(([x1, y1], k) => {
      const w = v.w[weight(l, j, k)];
      net.append(svg("line", { x1: x1 + 40, y1, x2: x2 - 40, y2, stroke: colour(w < 0 ? "red" : "blue"), "stroke-width": Math.min(6, 0.5 + 2 * Math.abs(w)), "stroke-opacity": 0.6 }));
      const t = l === 1 ? (k ? 0.62 : 0.26) : 0.45;
      lines.push([x1 + 40 + (x2 - x1 - 80) * t, y1 + (y2 - y1) * t, `weight w${j + 1}${k + 1} into layer ${l + 1}`, w, (value) => { v.w[weight(l, j, k)] = value; }]);
    }));
    lines.forEach((line) => field(net, ...line));
    places.forEach((column, l) => column.forEach(([x, y], j) => {
      const lit = (at === 0 && l === 0) || (at === 1 && l === 1) || (at === 2 && l === 2) || (at === 3 && l === 2) || (at === 4 && l === 1);
      const g = svg("g", lit ? { class: "lit" } : {});
      g.append(svg("circle", { cx: x, cy: y, r: 40 }));
      const layer = r.layers[l];
      if (l > 0 && at >= l) {
        g.append(svg("text", { x, y: y - 12, "text-anchor": "middle" }, "z " + fixed(layer.Z[j], 3)), svg("text", { x, y: y + 4, "text-anchor": "middle" }, "a " + fixed(layer.A[j], 3)));
        if (at >= (l === 2 ? 3 : 4)) g.append(svg("text", { x, y: y + 20, "text-anchor": "middle" }, "δ " + fixed(layer.Delta[j], 3)));
      }
      net.append(g);
      if (l === 0) field(net, x, y, `input ${j + 1}`, v.x[j], (value) => { v.x[j] = value; });
      else field(net, x, y + 54, `bias ${j + 1} of layer ${l + 1}`, v.b[l === 1 ? j : 3], (value) => { v.b[l === 1 ? j : 3] = value; });
    }));
    net.append(svg("text", { x: 700, y: 190, "text-anchor": "middle" }, "target y"));
    field(net, 712, 208, "target y", v.y, (value) => { v.y = value; });
    net.append(svg("text", { x: 620, y: 310, "text-anchor": "middle" }, "C = " + fixed(r.cost, 6)), svg("text", { x: 620, y: 330, "text-anchor": "middle" }, "after the step " + fixed(r.after, 6)));
    $("trace-step").textContent = `${at}: ${names[at]}`;
    $("trace-equations").replaceChildren(...formulas.map(([name, text, when]) => element("div", { className: when === at ? "lit" : "" }, element("strong", { textContent: name + " " }), text)));
    table();
  };
  const table = () => {
    const t = $("trace-table");
    t.tHead.replaceChildren(element("tr", {}, ...["", "layer", "j", "k", "by backpropagation", "by finite differences"].map((s, i) => element("th", { textContent: s, className: i > 3 ? "number" : "" }))));
    const rows = [];
    const row = (name, l, j, k, a, b) => {
      const [x, y] = [a.toFixed(8), b.toFixed(8)];
      rows.push(element("tr", {}, ...[name, l + 1, j + 1, k].map((s) => element("td", { textContent: s })), element("td", { textContent: x, className: "number" }), element("td", { textContent: y, className: "number" + (x === y ? " same" : "") })));
    };
    if (at >= 5) for (const l of [1, 2]) r.layers[l].NablaB.forEach((b, j) => {
      row("BP3 ∂C/∂b", l, j, "", b, r.layers[l].NumericB[j]);
      r.layers[l - 1].A.forEach((_, k) => { const i = j * r.layers[l - 1].A.length + k; row("BP4 ∂C/∂w", l, j, k + 1, r.layers[l].NablaW[i], r.layers[l].NumericW[i]); });
    });
    else rows.push(element("tr", {}, element("td", { colSpan: 6, className: "pale", textContent: "They appear in the last step." })));
    t.tBodies[0].replaceChildren(...rows);
  };
  const move = (d) => { at = Math.max(0, Math.min(names.length - 1, at + d)); if (r) paint(); };
  $("trace-forward").onclick = () => move(1);
  $("trace-back").onclick = () => move(-1);
  $("trace-reset").onclick = () => { v = null; at = 0; update(); };
  $("trace-apply").onclick = () => { v.w = r.w; v.b = r.b; update(); };
  $("trace-eta").onchange = update;
  return { show: update, move };
})();

rooms.equations = (() => {
  const words = { BP1: "output error", BP2: "backpropagated error", 46: "L2 weight decay", 49: "L1", 54: "momentum", 36: "softmax", 35: "cross-entropy", 31: "cross-entropy", 7: "quadratic cost", 3: "sigmoid", 6: "sigmoid prime", 56: "tanh", 58: "rectified linear", 20: "hadamard", 38: "log-likelihood" };
  const card = (e) => {
    const numbers = (/^BP/.test(e.number) ? e.number : `Eq. ${e.number}`) + (e.book === "in its text" ? "; in the book's text, without a number" : /^BP/.test(e.number) ? "" : /^BP/.test(e.book) ? ` (${e.book})` : ` (book Eq. ${e.book})`);
    const box = element("article", { className: "card", id: "eq-" + e.number }, element("h3", { textContent: numbers }));
    const formula = element("div");
    formula.innerHTML = e.math;
    box.append(formula);
    for (const f of e.functions || []) box.append(element("details", {}, element("summary", {}, element("code", { textContent: f.name }), ` in ${f.file}`), element("pre", { textContent: f.source })));
    box.append(element("p", {}, element("small", { textContent: "Test: " }), element("code", { textContent: `go test -run '${e.test}$' -v .` })));
    return box;
  };
  let filled = false, pending = 0;
  const find = () => {
    const q = $("search").value.trim().toLowerCase();
    const book = q.match(/^book\s*(?:eq\.?)?\s*(\w+)$/), own = q.match(/^(?:eq\.?\s*)?(\d+|bp\d)$/);
    const hit = equationData.filter((e) => !q || (book ? e.book.toLowerCase().split(", ").includes(book[1]) : own ? e.number.toLowerCase() === own[1] || e.book.toLowerCase().split(", ").includes(own[1]) : (JSON.stringify(e.functions) + e.formula + (words[e.number] || "")).toLowerCase().includes(q)));
    $("found").textContent = `${hit.length} of ${equationData.length}` + (hit.length ? "" : ": no equation fits; the article has Eqs. 1 to 58, the book Eqs. 1 to 112");
    const some = () => { $("cards").append(...hit.splice(0, 8).map(card)); pending = hit.length ? setTimeout(some) : 0; }; // so that no task is long
    clearTimeout(pending);
    $("cards").replaceChildren();
    some();
  };
  $("search").addEventListener("input", find);
  return { show: () => { if (!filled) find(); filled = true; }, search: (q) => { $("search").value = q; find(); filled = true; } };
})();
document.querySelectorAll(".equations[data-equations]").forEach((box) => {
  for (const number of box.dataset.equations.split(" ")) {
    const e = equationData.find((q) => q.number === number);
    if (!e) continue;
    const a = element("a", { href: "#equations&q=" + number });
    a.innerHTML = e.math + ` <small>Eq. ${e.number}${/^\d/.test(e.book) ? `, book Eq. ${e.book}` : ""}</small>`;
    box.append(a);
  }
});
