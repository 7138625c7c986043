// The room Backpropagation: BP1 to BP4, the steps numbered as in §2.4.
rooms.backpropagation = (() => {
  const names = ["1. Input", "2. Feedforward to layer 2: z = w a + b, a = σ(z)", "2. Feedforward to layer 3", "3. Output error, BP1", "4. Backpropagated error of layer 2, BP2", "5. Gradient, BP3 and BP4", "6. Gradient descent: Take the step"];
  const formulas = [["BP1", "δᴸ = ∇ₐC ⊙ σ′(zᴸ)", 3], ["BP2", "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ′(zˡ)", 4], ["BP3", "∂C/∂b = δ", 5], ["BP4", "∂C/∂w = a δ", 5]];
  const places = [[[70, 110], [70, 300]], [[370, 60], [370, 200], [370, 340]], [[620, 200]]];
  const lit = [[0], [1], [2], [2], [1], [], []]; // the layer at which each step works
  const say = terminal("backpropagation"), net = $("trace-net"), state = {};
  let v = null, r = null, draw = null;
  const at = entry(0, 0, names.length - 1);
  // The first answer has the network of trace; its fields are made once, so that they keep the focus.
  const update = latest(async () => {
    if (!v) {
      r = await engine.ask("trace", { eta: 0.5 });
      draw = build();
      const parameters = location.hash.split("&").slice(1);
      if (room === "backpropagation" && parameters.length) rejected(restore(state, parameters));
    }
    const numbers = (list) => list.map((e) => e.value);
    r = await engine.ask("trace", { w: numbers(v.w), b: numbers(v.b), x: numbers(v.x), y: v.y.value, eta: v.eta.value });
    paint();
  });
  const svg = (tag, attributes, text) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, value] of Object.entries(attributes)) e.setAttribute(k, value);
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const word = (x, y, text = "", more = {}) => {
    const e = svg("text", { x, y, "text-anchor": "middle", ...more }, text);
    net.append(e);
    return e;
  };
  const changed = () => { update(); remember(); };
  const field = (x, y, label, short, value, [min, max]) => {
    const holder = svg("foreignObject", { x: x - 42, y: y - 14, width: 84, height: 28 }), input = element("input", { step: 0.1 });
    input.setAttribute("aria-label", label);
    holder.append(input);
    net.append(holder);
    if (short) word(x - 46, y + 5, short, { "text-anchor": "end" });
    const said = element("span");
    $("trace-error").append(said);
    return numeric(input, said, value, min, max, changed, 6);
  };
  // build makes the drawing from the first answer, and the entries of its state.
  const build = () => {
    net.replaceChildren();
    $("trace-error").replaceChildren();
    const lines = [], neurons = [], any = [-20, 20];
    for (const l of [1, 2]) places[l].forEach(([x2, y2], j) => places[l - 1].forEach(([x1, y1], k) => {
      const t = l === 1 ? (k ? 0.7 : 0.22) : 0.45, line = svg("line", { x1: x1 + 46, y1, x2: x2 - 46, y2, "stroke-opacity": 0.6 });
      net.append(line);
      lines.push([line, x1 + 46 + (x2 - x1 - 92) * t, y1 + (y2 - y1) * t, `weight w${j + 1}${k + 1} into layer ${l + 1}`, r.layers[l].W[j * places[l - 1].length + k]]);
    }));
    places.forEach((column, l) => column.forEach(([x, y]) => {
      const g = svg("g", {});
      g.append(svg("circle", { cx: x, cy: y, r: 46 }));
      net.append(g);
      neurons.push([l, neurons.filter((n) => n[0] === l).length, g, ...(l ? [-14, 4, 22].map((d) => word(x, y + d)) : [])]);
    }));
    v = { w: lines.map(([, x, y, label, value]) => field(x, y, label, "", value, any)), x: [], b: [] };
    places.forEach((column, l) => column.forEach(([x, y], j) => {
      if (l === 0) v.x.push(field(x, y, `input ${j + 1}`, "", r.layers[0].A[j], [0, 1]));
      else v.b.push(field(x, y + 63, `bias b${j + 1} of layer ${l + 1}`, "b" + "₁₂₃"[j], r.layers[l].B[j], any));
    }));
    word(715, 182, "target y");
    v.y = field(715, 205, "target y", "", r.y, [0, 1]);
    v.eta = numeric($("trace-eta"), $("trace-error").appendChild(element("span")), 0.5, 0.001, 10, changed);
    Object.assign(state, { w: entries(v.w), b: entries(v.b), x: entries(v.x), y: v.y, eta: v.eta, step: at });
    return { lines, neurons, cost: word(640, 320), after: word(640, 342) };
  };
  const paint = () => {
    const step = at.value;
    draw.lines.forEach(([line], i) => {
      const w = v.w[i].value;
      line.setAttribute("stroke", colour(w < 0 ? "red" : "blue"));
      line.setAttribute("stroke-width", Math.min(6, 0.5 + 2 * Math.abs(w)));
    });
    for (const [l, j, g, z, a, delta] of draw.neurons) {
      g.setAttribute("class", lit[step].includes(l) ? "lit" : "");
      if (l === 0) continue;
      const layer = r.layers[l];
      z.textContent = step >= l ? "z " + fixed(layer.Z[j], 3) : "";
      a.textContent = step >= l ? "a " + fixed(layer.A[j], 3) : "";
      delta.textContent = step >= (l === 2 ? 3 : 4) ? "δ " + fixed(layer.Delta[j], 3) : "";
    }
    draw.cost.textContent = step >= 2 ? "C = " + fixed(r.cost, 8) : "";
    draw.after.textContent = step >= 6 ? "after the step " + fixed(r.after, 8) : "";
    $("trace-step").textContent = names[step];
    for (const [id, off] of [["trace-back", step === 0], ["trace-forward", step === names.length - 1]]) $(id).setAttribute("aria-disabled", off); // not disabled, which would lose the focus
    $("trace-equations").replaceChildren(...formulas.map(([name, text, when]) => element("div", { className: when === step ? "lit" : "" }, element("strong", { textContent: name + " " }), text)));
    table();
    command();
  };
  const command = () => {
    const [x, y, eta] = [v.x.map((e) => e.value), v.y.value, v.eta.value], w = v.w.map((e) => e.value), b = v.b.map((e) => e.value);
    if (state.w.text === state.w.start && state.b.text === state.b.start) return say(`go run . trace -sizes 2,3,1 -x ${x.join(",")} -y ${y} -eta ${eta}`);
    say(traceCommand([2, 3, 1], [[w.slice(0, 2), w.slice(2, 4), w.slice(4, 6)], [w.slice(6)]], [b.slice(0, 3).map((q) => [q]), [[b[3]]]], x, y, eta));
  };
  const table = () => {
    const t = $("trace-table"), rows = [];
    t.tHead.replaceChildren(element("tr", {}, ...["", "layer", "j", "k", "by backpropagation", "by finite differences"].map((s, i) => element("th", { textContent: s, className: i > 3 ? "number" : "" }))));
    const add = (name, l, j, k, a, b) => {
      const [x, y] = [a.toFixed(8), b.toFixed(8)];
      rows.push(element("tr", {}, ...[name, l + 1, j + 1, k].map((s) => element("td", { textContent: s })), element("td", { textContent: x, className: "number" }), element("td", { textContent: y, className: "number" + (x === y ? " same" : "") })));
    };
    if (at.value >= 5) for (const l of [1, 2]) r.layers[l].NablaB.forEach((b, j) => {
      add("BP3 ∂C/∂b", l, j, "", b, r.layers[l].NumericB[j]);
      r.layers[l - 1].A.forEach((_, k) => { const i = j * r.layers[l - 1].A.length + k; add("BP4 ∂C/∂w", l, j, k + 1, r.layers[l].NablaW[i], r.layers[l].NumericW[i]); });
    });
    else rows.push(element("tr", {}, element("td", { colSpan: 6, className: "pale", textContent: "They appear in step 5." })));
    t.tBodies[0].replaceChildren(...rows);
  };
  const move = (d) => {
    if (!draw) return;
    at.value = Math.max(0, Math.min(names.length - 1, at.value + d));
    paint();
    remember();
  };
  $("trace-forward").onclick = () => move(1);
  $("trace-back").onclick = () => move(-1);
  $("trace-reset").onclick = () => { if (draw) { restore(state, []); changed(); } };
  $("trace-apply").onclick = () => {
    if (!draw) return;
    r.w.forEach((w, i) => { v.w[i].value = w; });
    r.b.forEach((b, i) => { v.b[i].value = b; });
    changed();
  };
  return { show: update, move, state };
})();
