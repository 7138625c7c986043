// The files of the reader in the Worker: a file system in memory, with the calls that
// the program's loader knows from Node. Files that were dropped stay where they are and
// are read in pieces when the program asks for them; what it writes is kept here.
(() => {
  const piece = 1 << 20, opened = new Map(), started = Date.now();
  let numbers = 0, lastFD = 2;
  const folder = () => ({ number: ++numbers, children: new Map(), size: 0 });
  const top = folder();
  const error = (code) => Object.assign(new Error(code), { code });
  const parts = (path) => path.split("/").reduce((all, name) => (name === ".." ? all.slice(0, -1) : name && name !== "." ? [...all, name] : all), []);
  const below = (node, name) => {
    if (!node.children) throw error("ENOTDIR");
    const child = node.children.get(name);
    if (!child) throw error("ENOENT");
    return child;
  };
  const find = (path) => parts(path).reduce(below, top);
  const place = (path) => {
    const all = parts(path), name = all.pop(), parent = all.reduce(below, top);
    if (!parent.children || name === undefined) throw error("ENOTDIR");
    return [parent.children, name];
  };
  const opening = (fd) => {
    if (!opened.has(fd)) throw error("EBADF");
    return opened.get(fd);
  };
  const stat = ({ number, children, size }) => ({
    dev: 1, ino: number, mode: children ? 0o40755 : 0o100644, nlink: 1, uid: 0, gid: 0, rdev: 0, size, blksize: 4096, blocks: 0,
    atimeMs: started, mtimeMs: started, ctimeMs: started, isDirectory: () => !!children,
  });
  // bytesAt returns bytes of an open file, one piece of it at most.
  const bytesAt = (o, at, length) => {
    if (!o.node.file) return o.node.data.subarray(at, Math.min(at + length, o.node.size));
    if (!o.piece || at < o.from || at >= o.from + o.piece.length) {
      o.from = at;
      o.piece = new Uint8Array(new FileReaderSync().readAsArrayBuffer(o.node.file.slice(at, at + piece)));
    }
    return o.piece.subarray(at - o.from, at - o.from + length);
  };
  const flags = { O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536 };
  const calls = {
    open(path, mode) {
      const [children, name] = parts(path).length ? place(path) : [new Map([["", top]]), ""];
      let node = children.get(name);
      if (node && mode & flags.O_EXCL) throw error("EEXIST");
      if (!node && !(mode & flags.O_CREAT)) throw error("ENOENT");
      if (node?.children && mode & (flags.O_WRONLY | flags.O_RDWR)) throw error("EISDIR");
      if (!node) children.set(name, (node = { number: ++numbers, data: new Uint8Array(0), size: 0 }));
      if (mode & flags.O_TRUNC) Object.assign(node, { file: null, data: new Uint8Array(0), size: 0 });
      opened.set(++lastFD, { node, at: mode & flags.O_APPEND ? node.size : 0 });
      return lastFD;
    },
    close(fd) { opening(fd); opened.delete(fd); },
    read(fd, buffer, offset, length, position) {
      const o = opening(fd), at = position ?? o.at;
      if (o.node.children) throw error("EISDIR");
      const got = bytesAt(o, at, length);
      buffer.set(got, offset);
      if (position == null) o.at += got.length;
      return got.length;
    },
    write(fd, buffer, offset, length, position) {
      if (fd <= 2) return fs.writeSync(fd, buffer.subarray(offset, offset + length));
      const o = opening(fd), at = position ?? o.at, end = at + length;
      if (o.node.file) throw error("EACCES");
      if (end > o.node.data.length) {
        const larger = new Uint8Array(Math.max(end, 2 * o.node.data.length));
        larger.set(o.node.data);
        o.node.data = larger;
      }
      o.node.data.set(buffer.subarray(offset, offset + length), at);
      o.node.size = Math.max(o.node.size, end);
      if (position == null) o.at = end;
      return length;
    },
    stat: (path) => stat(find(path)),
    lstat: (path) => stat(find(path)),
    fstat: (fd) => stat(opening(fd).node),
    readdir(path) {
      const node = find(path);
      if (!node.children) throw error("ENOTDIR");
      return [...node.children.keys()];
    },
    mkdir(path) {
      const [children, name] = place(path);
      if (children.has(name)) throw error("EEXIST");
      children.set(name, folder());
    },
    rename(from, to) {
      const node = find(from), [old, oldName] = place(from), [children, name] = place(to);
      old.delete(oldName);
      children.set(name, node);
    },
    unlink(path) {
      find(path);
      const [children, name] = place(path);
      children.delete(name);
    },
    rmdir(path) {
      const [children, name] = place(path);
      if (find(path).children?.size) throw error("ENOTEMPTY");
      children.delete(name);
    },
    readlink(path) { find(path); throw error("EINVAL"); },
    fsync: () => {}, chmod: () => {}, fchmod: () => {},
  };
  for (const name of ["chown", "fchown", "lchown", "link", "symlink", "truncate", "ftruncate", "utimes"]) calls[name] = () => { throw error("ENOSYS"); };
  let text = "";
  const fs = {
    constants: flags,
    writeSync(_, bytes) {
      text += new TextDecoder().decode(bytes);
      const lines = text.split("\n");
      text = lines.pop();
      if (lines.length) console.log(lines.join("\n"));
      return bytes.length;
    },
  };
  for (const [name, call] of Object.entries(calls)) fs[name] = (...args) => {
    const done = args.pop();
    let value;
    try { value = call(...args); } catch (e) { return done(typeof e.code === "string" ? e : error("EIO")); }
    done(null, value);
  };
  self.fs = fs;
  self.process = { getuid: () => 0, getgid: () => 0, geteuid: () => 0, getegid: () => 0, getgroups: () => [], pid: 1, ppid: 0, umask: () => 0o22, cwd: () => "/", chdir() { throw error("ENOSYS"); } };
  // putFiles adds dropped files, [path, File] or [path] for a folder, in the place of what
  // was there under the name fresh.
  self.putFiles = ({ fresh, files }) => {
    if (fresh) top.children.delete(fresh);
    for (const [path, file] of files) {
      const all = parts(path), name = file && all.pop();
      let node = top;
      for (const step of all) {
        if (!node.children.has(step)) node.children.set(step, folder());
        node = node.children.get(step);
      }
      if (file) node.children.set(name, { number: ++numbers, file, size: file.size });
    }
  };
})();
