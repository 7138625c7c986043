// The room Slow learning: Eqs. 29 to 34.
rooms.slow = (() => {
  const last = 300, box = $("slow-controls"), say = terminal("slow");
  let timer = 0, both = null;
  const paint = () => {
    if (!both) return;
    both.forEach((r, i) => {
      const at = Math.round(epoch.value), name = i ? "red" : "blue", points = r.costs.map((c, k) => [k, c]);
      plane($("slow-plane-" + i), { levels: r.levels, path: r.w.map((w, k) => [w, r.b[k]]), taken: at, to: [r.w[at] - r.slopes[at], r.b[at] - r.nablaB[at]], name });
      plot($("slow-" + i), { xlabel: "Epoch", x: [0, last], curves: [{ points, colour: name, pale: true }, { points: points.slice(0, at + 1), colour: name }], marks: [{ x: at, y: r.costs[at], colour: name }] });
      const factors = i ? `a − y = ${fixed(r.outputs[at])}` : `(a − y) σ′(z) = ${fixed(r.outputs[at])} · ${fixed(r.sigma[at])} = ${fixed(r.slopes[at])}`;
      const lines = [`After ${at} epoch${at === 1 ? "" : "s"} the output is ${fixed(r.outputs[at], 6)}, the cost ${fixed(r.costs[at], 6)}.`, `w = ${fixed(r.w[at], 6)}, b = ${fixed(r.b[at], 6)}.`, `∂C/∂w = ∂C/∂b = ${factors}.`, `The next step: ${fixed(-eta.value * r.slopes[at])} on w and on b.`];
      $("slow-text-" + i).replaceChildren(...lines.flatMap((line) => [line, element("br")]));
    });
    const known = eta.value === 0.15 && starts.some(([, ...v]) => v[0] === w.value && v[1] === b.value);
    say("go run . demo neuron", known ? "Its table has these outputs, costs, w and b, at first and after 300 epochs." : "It starts from w = 0.6, b = 0.9 and from w = b = 2, at η = 0.15; other numbers are this page’s only.");
  };
  const halt = () => { clearInterval(timer); timer = 0; run.textContent = "Run 300 epochs"; };
  const update = latest(async () => { both = await engine.ask("slow", { w: [w.value], b: [b.value], eta: eta.value }); paint(); });
  const starts = [["The book’s first example: w = 0.6, b = 0.9", 0.6, 0.9], ["Its second, badly wrong: w = b = 2", 2, 2]];
  const s = (name, value, min, max, step, log, change = update) => slider(box, { name, value, min, max, step, log, change });
  const w = s("w, starting weight", 2, -3, 3, 0.1), b = s("b, starting bias", 2, -3, 3, 0.1), eta = s("η, learning rate", 0.15, 0.005, 2, 0, true);
  const epoch = s("epoch", 0, 0, last, 1, false, () => { halt(); paint(); });
  const move = (d) => { epoch.value = Math.max(0, Math.min(last, Math.round(epoch.value) + d)); paint(); remember(); };
  const run = element("button", { type: "button", className: "primary", textContent: "Run 300 epochs", onclick: () => {
    if (timer) return halt();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return move(last);
    if (epoch.value >= last) epoch.value = 0;
    run.textContent = "Hold";
    timer = setInterval(() => { move(5); if (epoch.value >= last) halt(); }, 50);
  } });
  box.append(element("div", { className: "row" }, run, ...starts.map(([name, ...v]) => element("button", { type: "button", textContent: name, onclick: () => { halt(); [w.value, b.value] = v; epoch.value = 0; update(); remember(); } }))));
  return { show: update, toggle: () => run.click(), move: (d) => { halt(); move(d); }, stop: halt, state: { w, b, eta, epoch } };
})();
