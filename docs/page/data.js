// The reader's own data in the room Training: dropped or chosen files go to the program,
// which finds out what they are; here is only what is said about them.
(() => {
  const box = $("data"), texts = {}, loose = "my-data"; // the folder of files that came without one
  let set = "MNIST", busy = false, packed = null;
  const now = (text) => { $("data-now").textContent = text; };
  const using = (name) => {
    if (busy) return;
    now("Data: " + (name ? name + (texts[name] ? ", " + texts[name] : "") : set));
    $("data-back").hidden = !name;
    $("data-pack").hidden = !(packed && packed.out === name);
  };
  // walk collects the files of what was dropped, with their paths: of a handle where the
  // browser has these, or else of an entry, which Chromium does not read in a page of the
  // disk.
  const walk = async (item, found, path = item.name) => {
    if (found.length % 50 === 49) now(`Reading: ${found.length + 1} files found …`);
    if (item.kind === "file") return found.push([path, await item.getFile()]);
    if (item.isFile) return found.push([path, await new Promise((done, failed) => item.file(done, failed))]);
    found.push([path]);
    if (item.kind) {
      for await (const inner of item.values()) await walk(inner, found, `${path}/${inner.name}`);
      return;
    }
    for (const reader = item.createReader(); ;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // up to a hundred
      if (!some.length) return;
      for (const inner of some) await walk(inner, found, `${path}/${inner.name}`);
    }
  };
  // rooted returns the files below one name: that of the folder or table that they
  // came as, or else of a folder made for them.
  const rooted = (found) => {
    found = found.filter(([path]) => !path.startsWith("."));
    const tops = new Set(found.map(([path]) => path.split("/")[0])), [only] = tops;
    const whole = tops.size === 1 && (/\.csv$/i.test(only) || found.some(([path, file]) => !file || path.includes("/")));
    const name = whole ? only.replace(/^-+/, "") || loose : loose;
    return { name, files: found.map(([path, file]) => [whole ? name + path.slice(only.length) : `${name}/${path}`, file]) };
  };
  const attempt = async (work) => {
    if (busy) return;
    busy = true;
    $("data-error").textContent = "";
    try { await work(); } catch (error) { $("data-error").textContent = error.message; }
    busy = false;
    using(rooms.training.data());
  };
  const take = (collect) => attempt(async () => {
    if (root.dataset.engine !== "ready") throw new Error("the program is being unpacked; in a second it can take data");
    now("Reading …");
    const { name, files } = rooted(await collect());
    if (!files.length) throw new Error("no files found");
    engine.put(name);
    for (let i = 0; i < files.length; i += 1000) engine.put(undefined, files.slice(i, i + 1000));
    now(`Reading ${name}: ${files.length} file${files.length === 1 ? "" : "s"} …`);
    await settle(name);
  });
  // settle asks the program what was dropped under a name, and trains with it from now
  // on; pictures are packed first.
  const settle = async (name) => {
    const r = await engine.ask("data", { text: name });
    if (r.pack) {
      packed = { ...r, line: r.pack };
      $("pack-raw").checked = false;
      return pack();
    }
    texts[r.data] = r.text;
    await rooms.training.use(r);
  };
  const pack = async () => {
    packed.line = packed.pack.replace("pack", $("pack-raw").checked ? "pack -raw" : "pack");
    $("pack-command").textContent = packed.line;
    $("pack-said").textContent = "";
    $("data-pack").hidden = false;
    engine.put(packed.out);
    $("pack-said").textContent = await engine.ask("pack", { line: packed.line });
    await settle(packed.out);
  };
  engine.on("packing", (e) => now(`The pictures are prepared: ${Math.round(100 * e.done)} %, ${e.name}`));
  engine.on("ready", async () => {
    set = (await engine.ask("data")).set;
    $("data-back").textContent = "Back to " + set;
    using(rooms.training.data());
  });
  $("pack-raw").onchange = () => attempt(pack);
  $("data-back").onclick = () => attempt(() => rooms.training.use({}));
  for (const id of ["data-files", "data-folder"]) $(id).onchange = (e) => {
    const files = [...e.target.files].map((file) => [file.webkitRelativePath || file.name, file]);
    e.target.value = ""; // the same may be chosen again
    if (files.length) take(async () => files);
  };
  const room = $("training");
  const over = (on) => box.classList.toggle("over", on);
  room.addEventListener("dragover", (e) => { e.preventDefault(); over(true); });
  room.addEventListener("dragleave", (e) => { if (!room.contains(e.relatedTarget)) over(false); });
  room.addEventListener("drop", (e) => {
    e.preventDefault();
    over(false);
    const items = [...e.dataTransfer.items].filter((item) => item.kind === "file"), files = [...e.dataTransfer.files];
    const handles = items.map((item) => item.getAsFileSystemHandle?.().catch(() => null)), entries = items.map((item) => item.webkitGetAsEntry?.());
    if (items.length) take(async () => {
      const found = [];
      for (let i = 0; i < items.length; i++) {
        const item = (await handles[i]) || entries[i];
        if (item) await walk(item, found);
        else found.push([files[i].name, files[i]]);
      }
      return found;
    });
  });
  rooms.training.using = using;
})();
