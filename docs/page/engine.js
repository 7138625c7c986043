// The engine: the Go program in a Worker. ask() sends a request and promises its
// reply; on() is told of events.
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const engine = (() => {
  const handlers = {}, waiting = new Map(), queue = [];
  let id = 0, worker = null, ready = false;
  const set = (state, text) => { root.dataset.engine = state; if ($("engine").textContent !== text) $("engine").textContent = text; };
  // What the program is doing stands in the header.
  const names = { unpacking: "unpacking the images", training: "training", paused: "training, paused", preparing: "training the network of Draw" }, doing = new Set();
  const idle = () => {
    const list = Object.keys(names).filter((k) => doing.has(k)).map((k) => names[k]);
    set("ready", list.length ? `Ready; ${list.join(", ")} …` : "Ready.");
  };
  const note = (what, on) => { on ? doing.add(what) : doing.delete(what); idle(); };
  // JSON has no numbers that are not finite: the program sends them as such texts.
  const parse = (text) => (/"#(NaN|-?Infinity)"/.test(text) ? JSON.parse(text, (_, v) => (typeof v === "string" && /^#(NaN|-?Infinity)$/.test(v) ? +v.slice(1) : v)) : JSON.parse(text));
  const emit = (e) => (handlers[e.event] || []).forEach((f) => f(e));
  const failed = (message) => {
    set("failed", "The program failed: " + message);
    waiting.forEach(({ reject }) => reject(new Error(message)));
    waiting.clear();
  };
  const receive = ({ data }) => {
    const e = parse(data);
    if (e.event === "failed") failed(e.message);
    if (e.event === "ready") {
      ready = true;
      idle();
      queue.splice(0).forEach((m) => worker.postMessage(m));
    }
    if (e.event === "doing") {
      if (e.what === "training") doing.delete("paused");
      note(e.what, e.on);
    }
    if (e.event === "progress" && doing.has("paused") !== e.paused) {
      note("training", !e.paused);
      note("paused", e.paused);
    }
    if (e.event === "reply") {
      const w = waiting.get(e.id);
      waiting.delete(e.id);
      if (w) e.error === undefined ? w.resolve(e.data) : w.reject(new Error(e.error));
    }
    emit(e);
  };
  return {
    start() {
      try {
        const url = URL.createObjectURL(new Blob([$("worker-source").textContent], { type: "text/javascript" }));
        worker = new Worker(url);
        worker.onmessage = receive;
        worker.onerror = (e) => failed(e.message || "the Worker could not start");
        worker.postMessage({ program: $("program").textContent });
        $("program").remove();
      } catch (error) {
        failed(error.message);
      }
    },
    async ask(what, fields = {}) {
      const message = JSON.stringify({ ...fields, id: ++id, do: what }, (_, v) => {
        if (typeof v === "number" && !Number.isFinite(v)) throw new Error("a number is missing, or too large");
        return v;
      });
      const mine = id;
      ready ? worker.postMessage(message) : queue.push(message);
      return new Promise((resolve, reject) => waiting.set(mine, { resolve, reject }));
    },
    // put hands files to the program, [path, File] each; what was there as fresh goes.
    put(fresh, files = []) { worker.postMessage({ fresh, files }); },
    on(event, f) { (handlers[event] ||= []).push(f); },
  };
})();
