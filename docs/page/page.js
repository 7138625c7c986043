// The frame: rooms, the address, colours, keys.
const list = [["neuron", "Neuron", "§1.1"], ["valley", "Valley", "§1.5"], ["training", "Training", "§1.6"], ["draw", "Draw", "§1.4"], ["backpropagation", "Backpropagation", "§2.4"], ["slow", "Slow learning", "§3.1"], ["softmax", "Softmax", "§3.3"], ["equations", "Equations", ""]];
for (const [id, name, section] of list) $("rooms").append(element("li", {}, element("a", { href: "#" + id, id: "nav-" + id }, name + " ", element("small", { textContent: section }))));
let room = "";
// inStrip moves the strip of a narrow window to the room.
const inStrip = () => {
  const a = $("nav-" + room), strip = a.closest("nav");
  strip.scrollLeft = a.offsetLeft + (a.offsetWidth - strip.clientWidth) / 2;
};
const go = () => {
  const [name, ...parameters] = location.hash.slice(1).split("&");
  const known = list.some(([id]) => id === name);
  notice(name && !known ? `There is no room “${decodeURI(name)}”; this is Training.` : "");
  const next = known ? name : "training";
  if (room && room !== next) ["valley", "slow"].includes(room) && rooms[room].stop();
  room = next;
  for (const [id, title] of list) {
    $(id).hidden = id !== room;
    id === room ? $("nav-" + id).setAttribute("aria-current", "page") : $("nav-" + id).removeAttribute("aria-current");
    if (id === room) document.title = title + " · nndl";
  }
  if (room === "equations" && parameters[0]?.startsWith("q=")) rooms.equations.search(decodeURI(parameters[0].slice(2)));
  if (room === "training") rooms.training.open(parameters);
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
$("theme").onchange = (e) => theme(e.target.value);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme($("theme").value));
addEventListener("resize", () => { if (room) { inStrip(); rooms[room].show(); } });
for (const event of ["dragover", "drop"]) addEventListener(event, (e) => e.preventDefault()); // a file that misses its place does not replace the page
addEventListener("keydown", (e) => {
  if (e.target.closest("input, select, textarea, button, summary, [role=tab]") || e.ctrlKey || e.altKey || e.metaKey) return;
  const r = rooms[room];
  if (e.key === " " && r.toggle) { e.preventDefault(); r.toggle(); }
  if (e.key === "Escape" && r.stop) r.stop();
  if (e.key === "ArrowRight" && (r.move || r.step)) { e.preventDefault(); r.move ? r.move(1) : r.step(); }
  if (e.key === "ArrowLeft" && r.move) { e.preventDefault(); r.move(-1); }
});
theme("auto");
go();
engine.start();
globalThis.engineNetwork = () => engine.ask("network"); // for tests
