// The engine: the Go program in a Worker. ask() sends a request and promises its
// reply; on() is told of events.
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const engine = (() => {
  const handlers = {}, waiting = new Map(), queue = [];
  let id = 0, worker = null, ready = false;
  const set = (state, text) => { root.dataset.engine = state; $("engine").textContent = text; };
  const emit = (e) => (handlers[e.event] || []).forEach((f) => f(e));
  const failed = (message) => {
    set("failed", "The program failed: " + message);
    waiting.forEach(({ reject }) => reject(new Error(message)));
    waiting.clear();
  };
  const receive = ({ data }) => {
    const e = JSON.parse(data);
    if (e.event === "failed") failed(e.message);
    if (e.event === "ready") {
      ready = true;
      set("ready", "Ready.");
      queue.splice(0).forEach((m) => worker.postMessage(m));
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
    ask(what, fields = {}) {
      const message = JSON.stringify({ ...fields, id: ++id, do: what });
      ready ? worker.postMessage(message) : queue.push(message);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    // put hands files to the program, [path, File] each; what was there as fresh goes.
    put(fresh, files = []) { worker.postMessage({ fresh, files }); },
    on(event, f) { (handlers[event] ||= []).push(f); },
  };
})();
