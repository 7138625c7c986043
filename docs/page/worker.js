// The Worker: unpacks the program and lets it run; it posts its events itself.
const decode = (text) => {
  text = text.trim();
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
};
const fail = (error) => postMessage(JSON.stringify({ event: "failed", message: String((error && error.message) || error) }));
self.addEventListener("message", async ({ data }) => {
  if (typeof data === "string") {
    self.nndlRequest(data);
    return;
  }
  if (data.files) {
    self.putFiles(data);
    return;
  }
  try {
    const packed = new Blob([decode(data.program)]).stream().pipeThrough(new DecompressionStream("gzip"));
    const wasm = await new Response(packed).arrayBuffer();
    const go = new Go();
    go.argv = ["nndl", "page"];
    const { instance } = await WebAssembly.instantiate(wasm, go.importObject);
    await go.run(instance);
    fail("the program has ended");
  } catch (error) {
    fail(error);
  }
});
