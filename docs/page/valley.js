// The room Valley: Eqs. 8 to 14 and 54.
rooms.valley = (() => {
  const most = 2000, half = 1.2; // steps, and where the picture ends
  let path = null, timer = 0;
  const box = $("valley-controls"), canvas = $("valley-plot"), say = terminal("valley");
  const gone = (v) => !v.every((c) => Math.abs(c) <= half);
  const still = (v) => v.every((c) => Math.abs(c) < 5e-7); // then the slope is below 0.000001
  // end is the step at which the ball rests or is out of the picture.
  const end = () => {
    const i = path.findIndex((v, k) => gone(v) || (still(v) && still(path[Math.min(k + 1, most)])));
    return i < 0 ? most : i;
  };
  const paint = () => {
    const { c, w, h } = surface(canvas), at = (v) => [w / 2 + (v[0] * w) / (2 * half), h / 2 - (v[1] * h) / (2 * half)];
    const taken = Math.min(steps.value, most), ball = path[taken];
    for (let r = 0.2; r < 1.8; r += 0.2) {
      c.strokeStyle = colour("line");
      c.beginPath(); c.arc(...at([0, 0]), (r * w) / (2 * half), 0, 7); c.stroke();
    }
    c.strokeStyle = c.fillStyle = colour("red");
    c.lineWidth = 1.5;
    const part = path.slice(0, Math.min(taken, end() + 1) + 1);
    c.beginPath();
    part.forEach((v, i) => (i ? c.lineTo(...at(v)) : c.moveTo(...at(v))));
    c.stroke();
    part.forEach((v) => { c.beginPath(); c.arc(...at(v), 2.5, 0, 7); c.fill(); });
    c.fillStyle = colour("blue");
    c.beginPath(); c.arc(...at(ball), 9, 0, 7); c.fill();
    const cost = ball[0] ** 2 + ball[1] ** 2, big = (x) => (Math.abs(x) < 1e4 ? plain(x) : fixed(x, 0).length < 9 ? fixed(x, 0) : minus(x.toExponential(2)));
    const state = gone(ball) ? ` The ball has left the picture at step ${end()}: η or μ is too large.` : still(ball) && taken >= end() ? " It rests at the bottom." : taken === most ? " It still moves; the path ends here." : "";
    $("valley-text").textContent = `After ${taken} step${taken === 1 ? "" : "s"} v = (${ball.map(big).join(", ")}), C = v₁² + v₂² = ${cost > 1e-12 ? minus(cost < 1e-4 || cost >= 1e4 ? cost.toExponential(2) : cost.toFixed(6)) : 0}.${state} Rings: C = 0.04, 0.16, 0.36 …`;
    command();
  };
  const command = () => {
    const started = v1.value === 1 && v2.value === 0.5, e = eta.value, m = mu.value;
    const row = m === 0 && [0.001, 0.01, 0.1, 0.5, 0.9, 1, 1.1].includes(e) ? `Its row η = ${e} begins here, too: v₁ after steps 0 to 9, C after 20.` : e === 0.02 && [0, 0.5, 0.65, 0.9, 0.99, 1].includes(m) ? `Its row μ = ${m} of Eq. 54 begins here, too.` : "";
    say("go run . demo valley", started && row ? row : "It begins at (1, 0.5), with η = 0.001, 0.01, 0.1, 0.5, 0.9, 1 and 1.1 without momentum, and with η = 0.02 and momentum; these numbers are this page’s only.");
  };
  const update = latest(async () => {
    path = await engine.ask("valley", { eta: eta.value, mu: mu.value, x: [v1.value, v2.value], steps: most });
    paint();
  });
  const fresh = () => { stop(); steps.value = 0; update(); };
  const s = (name, value, min, max, step, log) => slider(box, { name, value, min, max, step, log, change: fresh });
  const eta = s("η, learning rate", 0.1, 0.001, 2, 0, true), mu = s("μ, momentum", 0, 0, 1, 0.01), v1 = s("v₁, where it starts", 1, -1.1, 1.1, 0.01), v2 = s("v₂, where it starts", 0.5, -1.1, 1.1, 0.01);
  const steps = entry(0, 0, most);
  const roll = element("button", { type: "button", className: "primary", textContent: "Roll" });
  const stop = () => { clearInterval(timer); timer = 0; roll.textContent = "Roll"; };
  const move = (d) => {
    if (!path) return;
    steps.value = Math.max(0, Math.min(most, steps.value + d));
    paint();
    remember();
  };
  // tick is one step; a ball that has rolled long takes several at once.
  const tick = () => {
    move(Math.min(Math.ceil((steps.value + 1) / 25), Math.max(1, end() - steps.value)));
    if (steps.value >= end()) stop();
  };
  roll.onclick = () => {
    if (timer || !path) return stop();
    if (steps.value >= end()) move(-most);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return move(end());
    roll.textContent = "Hold";
    timer = setInterval(tick, 120);
  };
  box.append(element("div", { className: "row" }, roll, element("button", { type: "button", textContent: "One step", onclick: () => { stop(); move(1); } }), element("button", { type: "button", textContent: "Back to the start", onclick: () => { stop(); move(-most); } })));
  const drag = (e) => {
    if (!e.buttons) return;
    const r = canvas.getBoundingClientRect();
    [v1.value, v2.value] = [((e.clientX - r.left) / r.width - 0.5) * 2 * half, (0.5 - (e.clientY - r.top) / r.height) * 2 * half].map((v) => Math.max(-1.1, Math.min(1.1, +v.toFixed(2))));
    fresh();
    remember();
  };
  canvas.addEventListener("pointerdown", drag);
  canvas.addEventListener("pointermove", drag);
  return { show: update, move: (d) => { stop(); move(d); }, toggle: () => roll.click(), stop, state: { eta, mu, v1, v2, steps } };
})();
