// The room Equations, and the equations below the other rooms.
const equationData = JSON.parse($("equation-data").textContent);
rooms.equations = (() => {
  const roomsOf = (number) => [...document.querySelectorAll(".equations[data-equations]")].filter((box) => box.dataset.equations.split(" ").includes(number)).map((box) => box.closest("section").id);
  const line = (what, text) => element("p", {}, element("small", { textContent: what }), commandText(element("code"), text), " ", copyButton(() => text));
  const card = (e) => {
    const box = element("article", { className: "card", id: "eq-" + e.number }, element("h3", { textContent: e.names })), formula = element("div", { className: "formula" });
    formula.innerHTML = e.math;
    box.append(formula, element("p", { textContent: e.says }));
    for (const f of e.functions) box.append(element("details", {}, element("summary", {}, element("code", { textContent: f.name }), ` in ${f.file}, line ${f.line}`), element("pre", { textContent: f.source })));
    box.append(line("Test: ", `go test -run '^${e.test}$' -v .`), line("In the terminal: ", "go run . " + e.command));
    const shown = roomsOf(e.number).map((id) => element("a", { href: "#" + id, textContent: list.find((r) => r[0] === id)[1] }));
    if (shown.length) box.append(element("p", {}, element("small", { textContent: "In this page: " }), ...shown.flatMap((a, i) => (i ? [", ", a] : [a]))));
    return box;
  };
  // find shows what eq finds in the terminal: by either number, or by a word.
  const find = () => {
    const q = $("search").value.trim().toLowerCase().replace(/^\(|\)$/g, ""), squashed = (s) => s.replace(/[- ]/g, "");
    const book = q.match(/^book\s*(?:eqs?\.?)?\s*(\w+)$/), own = q.match(/^(?:eqs?\.?\s*)?\(?(\d+|bp\d)$/);
    const ofBook = (e, number) => e.book.toLowerCase().split(", ").includes(number);
    const fits = (e) => {
      if (book) return ofBook(e, book[1]);
      if (own) return e.number.toLowerCase() === own[1] || ofBook(e, own[1]);
      if ((q.length > 3 && "backpropagation".startsWith(q)) || q === "bp") return e.number.startsWith("BP");
      return e.words.includes(q) || squashed(e.words).includes(squashed(q));
    };
    const hit = equationData.filter(fits);
    $("found").textContent = `${hit.length} of ${equationData.length}` + (hit.length ? "" : ": no equation fits; the article has Eqs. 1 to 58, the book Eqs. 1 to 112");
    const some = () => { $("cards").append(...hit.splice(0, 8).map(card)); pending = hit.length ? setTimeout(some) : 0; }; // so that no task is long
    clearTimeout(pending);
    $("cards").replaceChildren();
    some();
    filled = true;
  };
  let filled = false, pending = 0;
  $("search").addEventListener("input", () => { find(); remember(); });
  const q = { start: "", get text() { return $("search").value.trim(); }, read(text) { $("search").value = text ?? ""; find(); return true; } };
  return { show: () => { if (!filled) find(); }, state: { q } };
})();
document.querySelectorAll(".equations[data-equations]").forEach((box) => {
  for (const number of box.dataset.equations.split(" ")) {
    const e = equationData.find((q) => q.number === number), a = element("a", { href: "#equations&q=" + number, title: e.says });
    a.innerHTML = `<span class="formula">${e.math}</span> <small>${/^BP/.test(e.number) ? "" : "Eq. "}${e.number}${/^\d/.test(e.book) ? `, book Eq. ${e.book}` : ""}</small>`;
    box.append(a);
  }
});
