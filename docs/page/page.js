// The frame: rooms, the address, colours, keys.
const list = [["neuron", "Neuron", "§1.1"], ["valley", "Valley", "§1.5"], ["training", "Training", "§1.6"], ["draw", "Draw", "§1.4"], ["backpropagation", "Backpropagation", "§2.4"], ["slow", "Slow learning", "§3.1"], ["softmax", "Softmax", "§3.3"], ["equations", "Equations", ""]];
for (const [id, name, section] of list) $("rooms").append(element("li", {}, element("a", { href: "#" + id, id: "nav-" + id }, name + " ", element("small", { textContent: section }))));
let room = "";
// inStrip moves the strip of a narrow window to the room.
const inStrip = () => {
  const a = $("nav-" + room), strip = a.closest("nav");
  strip.scrollLeft = a.offsetLeft + (a.offsetWidth - strip.clientWidth) / 2;
};
// rejected says which parameters of an address are not usable.
const rejected = (wrong) => { if (wrong.length) notice(`Not usable in the address: ${wrong.map(decoded).join(", ")}. The rest counts.`); };
const go = () => {
  const [name, ...parameters] = location.hash.slice(1).split("&");
  const known = list.some(([id]) => id === name);
  notice(name && !known ? `There is no room “${decoded(name)}”; this is Training.` : "");
  const next = known ? name : "training";
  if (room && room !== next) rooms[room].stop?.();
  room = next;
  for (const [id, title] of list) {
    $(id).hidden = id !== room;
    id === room ? $("nav-" + id).setAttribute("aria-current", "page") : $("nav-" + id).removeAttribute("aria-current");
    if (id === room) document.title = title + " · nndl";
  }
  if (room === "training") rooms.training.open(parameters);
  const state = rooms[room].state;
  if (state && Object.keys(state).length) {
    if (parameters.length) rejected(restore(state, parameters));
    remember(); // also where the room is as it was left
  }
  rooms[room].show();
  inStrip();
  scrollTo(0, 0);
};
addEventListener("hashchange", go);
const theme = (name) => {
  const dark = name === "dark" || (name === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  if (room) rooms[room].show();
};
// The choice of colours is kept where the browser lets a page keep something.
const chosen = (name) => { try { return name ? localStorage.setItem("nndl-colours", name) : localStorage.getItem("nndl-colours"); } catch { return null; } };
$("theme").onchange = (e) => { theme(e.target.value); chosen(e.target.value); };
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme($("theme").value));
addEventListener("resize", () => { if (room) { inStrip(); rooms[room].show(); } });
for (const event of ["dragover", "drop"]) addEventListener(event, (e) => e.preventDefault()); // a file that misses its place does not replace the page
addEventListener("keydown", (e) => {
  if (e.target.closest("input, select, textarea, [role=tab]") || e.ctrlKey || e.altKey || e.metaKey) return;
  if (e.key === " " && e.target.closest("button, summary, a")) return; // which it presses
  const r = rooms[room];
  if (e.key === " " && r.toggle) { e.preventDefault(); r.toggle(); }
  if (e.key === "Escape" && r.stop) r.stop();
  if (e.key === "ArrowRight" && (r.move || r.step)) { e.preventDefault(); r.move ? r.move(1) : r.step(); }
  if (e.key === "ArrowLeft" && r.move) { e.preventDefault(); r.move(-1); }
});
if (["light", "dark"].includes(chosen())) $("theme").value = chosen();
theme($("theme").value);
go();
engine.start();
globalThis.engineNetwork = () => engine.ask("network"); // for tests
