// The room Softmax: Eqs. 36 to 39.
rooms.softmax = (() => {
  const box = $("softmax-controls"), bars = $("softmax-bars"), say = terminal("softmax"), index = "₁₂₃₄", text = element("p");
  const update = latest(async () => {
    const c = constant.value, x = z.map((s) => s.value + c), r = await engine.ask("softmax", { x });
    bars.replaceChildren(...r.a.map((a, j) => {
      const bar = element("span", { className: "bar" });
      bar.style.width = 100 * a + "%";
      return element("div", {}, element("span", { textContent: `a${index[j]} = ${plain(a)}` }), bar, element("span", { className: "pale", textContent: `−ln a${index[j]} = ${plain(r.cost[j])}` }));
    }), text);
    text.textContent = `Sum of the outputs: ${plain(r.a.reduce((s, a) => s + a, 0))}. On the right the log-likelihood cost if that neuron is the right one.` + (c ? ` The weighted inputs are now ${x.map((v) => minus(+v.toFixed(4))).join(", ")}: the outputs are those without the constant, because eᶜ cancels in Eq. 36.` : "");
    const shown = [2.5, -1, 3.2].every((v, j) => z[j].value === v) && [-5, -3, -1, 0, 1, 2, 3, 4, 5, 7].includes(z[3].value);
    say("go run . demo softmax", shown ? `Its row z4 = ${minus(z[3].value)} has these outputs.` : "It has z = (2.5, −1, 3.2, z₄) with z₄ from −5 to 7; other numbers are this page’s only.");
  });
  const s = (name, value, min, max, step) => slider(box, { name, value, min, max, step, change: update });
  const z = [2.5, -1, 3.2, 1].map((value, j) => s(`z${index[j]}, weighted input`, value, -5, 7, 0.1));
  const constant = s("c, added to all of them", 0, -1000, 1000, 1);
  return { show: update, state: { z1: z[0], z2: z[1], z3: z[2], z4: z[3], c: constant } };
})();
