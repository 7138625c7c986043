// The room Neuron: Eqs. 1 to 5.
rooms.neuron = (() => {
  const box = $("neuron-controls"), say = terminal("neuron");
  const at = (w, b, x) => engine.ask("neuron", { w, b: [b], x });
  // curve is the sigmoid between −limit and limit, asked for once for each limit.
  const curves = new Map();
  const curve = async (limit) => {
    if (!curves.has(limit)) {
      const z = Array.from({ length: 49 }, (_, i) => i / 4 - 6), beyond = [7, 8, 10, 20, 50].filter((v) => v <= limit);
      const x = [...beyond.map((v) => -v).reverse(), ...z, ...beyond], a = await engine.ask("sigmoid", { x });
      curves.set(limit, x.map((v, i) => [v, a[i]]));
    }
    return curves.get(limit);
  };
  const update = latest(async () => {
    const w = [w1.value, w2.value], x = [x1.value, x2.value], d = delta.value, corners = [[0, 0], [0, 1], [1, 0], [1, 1]];
    const [r, ...rows] = await Promise.all([x, ...corners].map((c) => at(w, b.value, c)));
    const moved = await Promise.all([at([w[0] + d, w[1]], b.value, x), at([w[0], w[1] + d], b.value, x), at(w, b.value + d, x)]);
    const slope = (await engine.ask("slow", { w: [r.z], b: [0] }))[0].sigma[0]; // σ′(z)
    const limit = [6, 10, 20, 50].find((v) => v >= Math.abs(r.z));
    plot($("neuron-plot"), { xlabel: "z = w·x + b", x: [-limit, limit], y: [-0.1, 1.1], curves: [
      { points: await curve(limit), colour: "blue" }, { points: [[-limit, 0], [0, 0], [0, 1], [limit, 1]], colour: "red", dashed: true }],
      marks: [{ x: r.z, y: r.sigmoid, colour: "blue" }, { x: r.z, y: r.perceptron, colour: "red" }] });
    $("neuron-text").textContent = `z = ${fixed(r.z, 2)}: the sigmoid neuron (solid) puts out ${fixed(r.sigmoid, 6)}, the perceptron (dashed) ${r.perceptron}. Its threshold in Eq. 1 is −b = ${minus(-b.value || 0)}.`;
    $("neuron-truth").tBodies[0].replaceChildren(...rows.map((q, i) => row([corners[i].join("  "), minus(+q.z.toFixed(4)), q.perceptron, fixed(q.sigmoid)], { className: String(corners[i]) === String(x) ? "now" : "" })));
    $("neuron-delta").tBodies[0].replaceChildren(...["w₁", "w₂", "b"].map((name, i) => row([name, fixed(moved[i].sigmoid, 6), plain(moved[i].sigmoid - r.sigmoid, 6), plain(slope * [...x, 1][i] * d, 6)])));
    say(traceCommand([2, 1], [[w]], [[[b.value]]], x, 0, 0.5), "Its z and a are those of the sigmoid neuron; go run . demo perceptron has the truth table of NAND.");
  });
  const s = (name, value, min, max, step, parent = box) => slider(parent, { name, value, min, max, step, change: update });
  const examples = element("div", { className: "row", id: "neuron-examples" });
  box.append(examples);
  const w1 = s("w₁, weight", -2, -15, 15, 0.1), w2 = s("w₂, weight", -2, -15, 15, 0.1), b = s("b, bias", 3, -15, 15, 0.1), x1 = s("x₁, input", 1, 0, 1, 0.1), x2 = s("x₂, input", 0, 0, 1, 0.1);
  const delta = s("Δ, the change", 0.1, -1, 1, 0.01, $("neuron-change"));
  for (const [name, ...v] of [["NAND", -2, -2, 3], ["AND", 2, 2, -3], ["OR", 2, 2, -1], ["NAND × 5", -10, -10, 15]])
    examples.append(element("button", { type: "button", textContent: name, onclick: () => { [w1.value, w2.value, b.value] = v; update(); remember(); } }));
  return { show: update, state: { w1, w2, b, x1, x2, delta } };
})();
