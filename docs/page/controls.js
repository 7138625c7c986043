// What the rooms share: numbers with limits, sliders, commands to copy, and the state
// of a room in the address.
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
const minus = (text) => String(text).replaceAll("-", "−");
const fixed = (v, n = 4) => minus(Math.abs(v) < 1e-4 && v !== 0 ? v.toExponential(2) : v.toFixed(n));
// plain writes n digits, and what is too small for them as 0.
const plain = (v, n = 4) => minus((Math.abs(v) < 0.5 / 10 ** n ? 0 : v).toFixed(n));
// entry is one number of a room's state: in the address it is text, and read() takes
// such text unless it is no number or lies beyond the limits.
const entry = (value, min, max, written = () => {}) => ({
  min, max, start: String(value),
  get value() { return value; },
  set value(v) { value = v; written(v); },
  get text() { return String(value); },
  read(text) {
    const v = text?.trim() ? +text : NaN;
    if (!(v >= min && v <= max)) return false;
    this.value = v;
    return true;
  },
});
// entries is a list of them, which the address separates by commas.
const entries = (list) => ({
  start: list.map((e) => e.start).join(","),
  get text() { return list.map((e) => e.text).join(","); },
  read(text) {
    const words = (text ?? "").split(","), before = list.map((e) => e.value);
    if (words.length === list.length && list.every((e, i) => e.read(words[i]))) return true;
    list.forEach((e, i) => { e.value = before[i]; });
    return false;
  },
});
// numeric lets a field write an entry. What the entry refuses is marked and said, and
// the last number stays in force.
const numeric = (input, said, value, min, max, change, digits = 12) => {
  const mark = (bad) => {
    bad ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid");
    said.textContent = bad ? `A number from ${minus(min)} to ${minus(max)}; ${minus(e.value)} is kept.` : "";
  };
  const e = entry(value, min, max, (v) => {
    mark(false);
    if (+input.value !== v || !input.value) input.value = +v.toFixed(digits);
  });
  Object.assign(input, { type: "number", value: +value.toFixed(digits), min, max });
  input.addEventListener("input", () => {
    const good = e.read(input.value);
    mark(!good);
    if (good) change();
  });
  return e;
};
// slider adds a labelled control, a slider and a number, to a parent; log makes its
// scale logarithmic.
const slider = (parent, { name, value, min, max, step, log = false, change }) => {
  const number = element("input", { step: log ? "any" : step }), said = element("small", { className: "error", role: "alert" });
  const range = element("input", { type: "range", min: log ? Math.log10(min) : min, max: log ? Math.log10(max) : max, step: log ? 0.01 : step });
  range.setAttribute("aria-label", name);
  const put = (v) => {
    range.value = log ? Math.log10(v) : v;
    range.setAttribute("aria-valuetext", minus(v));
  };
  const changed = () => { put(e.value); change(); remember(); };
  const e = numeric(number, said, value, min, max, changed);
  put(value);
  range.addEventListener("input", () => { e.value = +(log ? 10 ** range.value : +range.value).toPrecision(3); changed(); });
  parent.append(element("label", {}, element("span", { textContent: name }), number, range, said));
  return {
    min, max, start: e.start,
    get value() { return e.value; },
    set value(v) { e.value = v; put(v); },
    get text() { return e.text; },
    read(text) { const good = e.read(text); put(e.value); return good; },
  };
};
// remember writes into the address what of the room's state is not as at its start.
const remember = (() => {
  let timer = 0;
  const write = () => {
    const all = Object.entries(rooms[room].state || {}), changed = all.filter(([, e]) => e.text !== e.start);
    if (all.length) history.replaceState(null, "", "#" + room + changed.map(([name, e]) => `&${name}=${encodeURIComponent(e.text).replaceAll("%2C", ",")}`).join(""));
  };
  return () => { clearTimeout(timer); timer = setTimeout(write, 150); }; // browsers limit how often
})();
// restore takes the state of a room from the parameters of an address, and returns
// those that are not usable.
const restore = (state, parameters) => {
  for (const e of Object.values(state)) e.read(e.start);
  return parameters.filter((p) => {
    const [name, text] = p.split("=").map(decoded);
    return !(Object.hasOwn(state, name) && state[name].read(text));
  });
};
const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
// copyButton copies a text and says so.
const copyButton = (text) => {
  const b = element("button", { type: "button", className: "copy", textContent: "Copy", onclick: async () => {
    try { await navigator.clipboard.writeText(text()); b.textContent = "Copied"; } catch { b.textContent = "The browser refuses"; }
    setTimeout(() => { b.textContent = "Copy"; }, 1500);
  } });
  return b;
};
// commandText writes a command; its short words are not broken at their hyphens.
const commandText = (code, text) => {
  code.replaceChildren(...text.split(" ").flatMap((w, i) => [i ? " " : "", element("span", { textContent: w, className: w.length < 24 ? "nowrap" : "" })]));
  return code;
};
// terminal returns what writes the command of a room, with a remark.
const terminal = (id) => {
  const p = document.querySelector(`#${id} .terminal`), code = p.querySelector("code"), remark = element("span", { className: "remark" });
  p.append(copyButton(() => code.textContent), remark);
  return (command, said = "") => { commandText(code, command); remark.textContent = said; };
};
// traceCommand is the command that takes a step with a network of these numbers.
const traceCommand = (sizes, weights, biases, x, y, eta) => `echo '${JSON.stringify({ sizes, weights, biases, cost: "QuadraticCost" })}' > net.json && go run . trace -load net.json -x ${x.join(",")} -y ${y} -eta ${eta}`;
const row = (cells, attributes = {}, tag = "td") => element("tr", attributes, ...cells.map((c, i) => element(tag, { textContent: c, className: i && tag ? "number" : "" })));
