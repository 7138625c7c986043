// Drawing on canvases: what the figures look like, at the device's resolution.
const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
const curveColours = ["blue", "red", "green", "purple"];
const surface = (canvas) => {
  const box = canvas.getBoundingClientRect(), scale = devicePixelRatio || 1;
  const w = Math.max(120, box.width), h = Math.max(72, box.height);
  if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) {
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
  }
  const c = canvas.getContext("2d");
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.clearRect(0, 0, w, h);
  c.font = "13px system-ui, sans-serif";
  c.lineWidth = 1;
  return { c, w, h };
};
const niceTicks = (lo, hi, n) => {
  const raw = (hi - lo) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9 * step; k++) ticks.push(+(k * step).toPrecision(12));
  return ticks;
};
// plot draws curves [{points: [[x, y]], colour, dashed, pale}] and marks; limits are
// those given or those of the data. The value under the pointer is shown.
const plot = (canvas, { curves = [], marks = [], x = null, y = null, xlabel = "", empty = "" }) => {
  canvas.plotted = { curves, marks, x, y, xlabel, empty };
  if (!canvas.watched) {
    canvas.watched = true;
    canvas.addEventListener("pointermove", (e) => { canvas.pointer = e.offsetX; plot(canvas, canvas.plotted); });
    canvas.addEventListener("pointerleave", () => { canvas.pointer = null; plot(canvas, canvas.plotted); });
  }
  const { c, w, h } = surface(canvas);
  const all = curves.flatMap((k) => k.points).concat(marks.map((m) => [m.x, m.y])).filter((p) => p.every(Number.isFinite));
  const range = (k, given, least) => {
    if (given) return given;
    let lo = Math.min(...all.map((p) => p[k])), hi = Math.max(...all.map((p) => p[k]));
    if (!all.length) return [0, 1];
    least = Math.max(least, 0.02 * Math.abs(hi));
    if (hi - lo < least) { lo -= least / 2; hi += least / 2; }
    const margin = k === 1 ? 0.05 * (hi - lo) : 0;
    return [lo - margin, hi + margin];
  };
  const [x0, x1] = range(0, x, 1), [y0, y1] = range(1, y, 1e-6);
  const ticks = niceTicks(y0, y1, 5);
  const left = 12 + Math.max(...ticks.map((t) => c.measureText(String(t)).width)), right = w - 14, top = 10, bottom = h - 40;
  const px = (v) => left + ((v - x0) / (x1 - x0)) * (right - left), py = (v) => bottom - ((v - y0) / (y1 - y0)) * (bottom - top);
  c.textBaseline = "middle";
  c.textAlign = "right";
  for (const t of ticks) {
    c.strokeStyle = colour("line");
    c.beginPath(); c.moveTo(left, py(t)); c.lineTo(right, py(t)); c.stroke();
    c.fillStyle = colour("text");
    c.fillText(String(t), left - 6, py(t));
  }
  c.textAlign = "center";
  for (const t of niceTicks(x0, x1, Math.max(2, Math.floor(w / 90)))) {
    c.strokeStyle = colour("line");
    c.beginPath(); c.moveTo(px(t), top); c.lineTo(px(t), bottom); c.stroke();
    c.fillStyle = colour("text");
    c.fillText(String(t), px(t), bottom + 13);
  }
  c.fillText(xlabel, (left + right) / 2, bottom + 30);
  c.strokeStyle = colour("pale");
  c.strokeRect(left, top, right - left, bottom - top);
  if (!all.length) {
    c.fillStyle = colour("pale");
    c.fillText(empty, (left + right) / 2, (top + bottom) / 2);
    return;
  }
  c.save();
  c.beginPath(); c.rect(left, top, right - left, bottom - top); c.clip();
  for (const k of curves) {
    c.strokeStyle = colour(k.colour);
    c.globalAlpha = k.pale ? 0.35 : 1;
    c.lineWidth = k.pale ? 1.5 : 2;
    c.setLineDash(k.dashed ? [6, 4] : []);
    c.beginPath();
    k.points.forEach(([a, b], i) => (i ? c.lineTo(px(a), py(b)) : c.moveTo(px(a), py(b))));
    if (k.points.length === 1) c.arc(px(k.points[0][0]), py(k.points[0][1]), 2, 0, 7);
    c.stroke();
  }
  c.setLineDash([]);
  c.globalAlpha = 1;
  c.restore();
  for (const m of marks) {
    c.fillStyle = colour(m.colour || "text");
    c.beginPath(); c.arc(px(m.x), py(m.y), 5, 0, 7); c.fill();
  }
  if (canvas.pointer != null && canvas.pointer >= left && canvas.pointer <= right) {
    const at = x0 + ((canvas.pointer - left) / (right - left)) * (x1 - x0);
    const near = curves.filter((k) => !k.pale && k.points.length).map((k) => ({ k, p: k.points.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a)) }));
    near.forEach(({ k, p }, i) => {
      const text = `${xlabel} ${+p[0].toFixed(2)}: ${+p[1].toPrecision(5)}`;
      c.fillStyle = colour(k.colour);
      c.beginPath(); c.arc(px(p[0]), py(p[1]), 4, 0, 7); c.fill();
      const width = c.measureText(text).width;
      c.fillStyle = colour("ground");
      c.fillRect(left + 6, bottom - 24 - 20 * i, width + 8, 18);
      c.fillStyle = colour(k.colour);
      c.textAlign = "left";
      c.fillText(text, left + 10, bottom - 15 - 20 * i);
    });
  }
};
// arrow draws an arrow; one that is too short for a head stays a line.
const arrow = (c, x0, y0, x1, y1) => {
  const length = Math.hypot(x1 - x0, y1 - y0), head = Math.min(12, length / 2), angle = Math.atan2(y1 - y0, x1 - x0);
  c.beginPath(); c.moveTo(x0, y0); c.lineTo(x1 - (head / 2) * Math.cos(angle), y1 - (head / 2) * Math.sin(angle)); c.stroke();
  if (length < 4) return;
  c.beginPath(); c.moveTo(x1, y1);
  for (const side of [-0.4, 0.4]) c.lineTo(x1 - head * Math.cos(angle + side), y1 - head * Math.sin(angle + side));
  c.closePath(); c.fill();
};
// plane draws the plane of w and b: lines of equal cost at w + b = levels, a path, of
// which the first part is taken, and the arrow from there to the end.
const plane = (canvas, { levels, path, taken, to, name }) => {
  const { c, w, h } = surface(canvas);
  const limit = 4, left = 34, top = 8, size = Math.min(w - left - 8, h - top - 36), bottom = top + size;
  const at = ([x, y]) => [left + ((x + limit) / (2 * limit)) * size, bottom - ((y + limit) / (2 * limit)) * size];
  c.textBaseline = "middle";
  c.fillStyle = colour("text");
  for (let t = -limit; t <= limit; t += 2) {
    c.textAlign = "center";
    c.fillText(String(t).replace("-", "−"), at([t, 0])[0], bottom + 12);
    c.textAlign = "right";
    c.fillText(String(t).replace("-", "−"), left - 6, at([0, t])[1]);
  }
  c.textAlign = "center";
  c.fillText("w", left + size / 2, bottom + 28);
  c.fillText("b", 8, top + size / 2);
  c.save();
  c.beginPath(); c.rect(left, top, size, size); c.clip();
  c.strokeStyle = colour("line");
  for (const z of levels) { c.beginPath(); c.moveTo(...at([z + limit, -limit])); c.lineTo(...at([z - limit, limit])); c.stroke(); }
  c.strokeStyle = c.fillStyle = colour(name);
  c.lineWidth = 2;
  for (const [part, alpha] of [[path, 0.35], [path.slice(0, taken + 1), 1]]) {
    c.globalAlpha = alpha;
    c.beginPath();
    part.forEach((p, i) => (i ? c.lineTo(...at(p)) : c.moveTo(...at(p))));
    c.stroke();
  }
  c.strokeStyle = c.fillStyle = colour("text");
  arrow(c, ...at(path[taken]), ...at(to));
  c.fillStyle = colour(name);
  c.beginPath(); c.arc(...at(path[taken]), 5, 0, 7); c.fill();
  c.restore();
  c.lineWidth = 1;
  c.strokeStyle = colour("pale");
  c.strokeRect(left, top, size, size);
};
// pixels draws numbers as a picture: f gives the colour [r, g, b] of each.
const pixels = (canvas, side, values, f) => {
  canvas.width = side;
  canvas.height = Math.ceil(values.length / side);
  const c = canvas.getContext("2d"), image = c.createImageData(canvas.width, canvas.height);
  values.forEach((v, i) => image.data.set([...f(v), 255], 4 * i));
  c.putImageData(image, 0, 0);
};
const bytes = (base64) => Array.from(atob(base64), (ch) => ch.charCodeAt(0));
const ink = (v) => [255 - v, 255 - v, 255 - v];
const blueToRed = (v) => (v > 0 ? [255 - 255 * v, 255 - 141 * v, 255 - 77 * v] : [255 + 42 * v, 255 + 161 * v, 255 + 255 * v]);
const element = (tag, attributes = {}, ...children) => {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) k in e && k !== "list" ? (e[k] = v) : e.setAttribute(k, v);
  e.append(...children);
  return e;
};
