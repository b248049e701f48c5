// What function nodes find around them. `host` is the engine's side; see engine.rs.
(function (host) {
  'use strict';
  const encodings = new Set(['utf8', 'utf-8', 'hex', 'base64', 'base64url', 'ascii', 'latin1', 'binary']);
  const enc = (e) => {
    const name = e === undefined ? 'utf8' : String(e).toLowerCase();
    if (!encodings.has(name)) throw new TypeError('Unknown encoding: ' + e);
    return name;
  };

  class Buffer extends Uint8Array {
    static from(value, encoding, length) {
      if (typeof value === 'string') return new Buffer(host.encode(value, enc(encoding)));
      if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
      if (value && value.type === 'Buffer' && Array.isArray(value.data)) value = value.data;
      if (value === null || typeof value !== 'object') throw new TypeError('Buffer.from needs a string, a list or a buffer');
      return new Buffer(Array.prototype.slice.call(value));
    }
    static alloc(size, fill, encoding) {
      const made = new Buffer(size);
      return fill === undefined ? made : made.fill(fill, 0, size, encoding);
    }
    static allocUnsafe(size) { return new Buffer(size); }
    static isBuffer(value) { return value instanceof Buffer; }
    static byteLength(value, encoding) { return typeof value === 'string' ? host.encode(value, enc(encoding)).byteLength : value.byteLength; }
    static concat(list, length) {
      const size = length === undefined ? list.reduce((n, b) => n + b.length, 0) : length;
      const made = new Buffer(size);
      let at = 0;
      for (const part of list) {
        const fits = part.subarray(0, Math.max(0, size - at));
        made.set(fits, at);
        at += fits.length;
      }
      return made;
    }
    toString(encoding, start, end) {
      return host.decode(latin1(start === undefined && end === undefined ? this : this.subarray(start, end)), enc(encoding));
    }
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
    equals(other) { return this.length === other.length && this.every((b, i) => b === other[i]); }
    slice(start, end) { return this.subarray(start, end); }
    fill(value, start, end, encoding) {
      if (typeof value !== 'string') return super.fill(value, start, end);
      const bytes = Buffer.from(value, encoding);
      for (let i = start || 0, n = end === undefined ? this.length : end; bytes.length && i < n; i++) this[i] = bytes[i % bytes.length];
      return this;
    }
    write(text, offset = 0, encoding) {
      const bytes = Buffer.from(text, encoding).subarray(0, Math.max(0, this.length - offset));
      this.set(bytes, offset);
      return bytes.length;
    }
    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    }
    indexOf(value, from) {
      if (typeof value === 'number') return super.indexOf(value, from);
      const wanted = typeof value === 'string' ? Buffer.from(value) : value;
      outer: for (let i = from || 0; i + wanted.length <= this.length; i++) {
        for (let j = 0; j < wanted.length; j++) if (this[i + j] !== wanted[j]) continue outer;
        return i;
      }
      return -1;
    }
    includes(value, from) { return this.indexOf(value, from) !== -1; }
  }
  for (const [name, method, bytes] of [['UInt8', 'Uint8', 1], ['Int8', 'Int8', 1], ['UInt16', 'Uint16', 2], ['Int16', 'Int16', 2],
    ['UInt32', 'Uint32', 4], ['Int32', 'Int32', 4], ['Float', 'Float32', 4], ['Double', 'Float64', 8],
    ['BigUInt64', 'BigUint64', 8], ['BigInt64', 'BigInt64', 8]]) {
    for (const end of bytes === 1 ? [''] : ['LE', 'BE']) {
      const view = (b) => new DataView(b.buffer, b.byteOffset, b.byteLength);
      const define = (key, value) => Object.defineProperty(Buffer.prototype, key, { value, writable: true });
      const read = function (at = 0) { return view(this)['get' + method](at, end === 'LE'); };
      const write = function (value, at = 0) { view(this)['set' + method](at, value, end === 'LE'); return at + bytes; };
      for (const alias of [name, name.replace('UInt', 'Uint')]) {
        define('read' + alias + end, read);
        define('write' + alias + end, write);
      }
    }
  }

  function latin1(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
    return text;
  }
  const OPAQUE = '__route_opaque';
  function opaque(take, label) {
    const made = { toString() { return '[' + label + ']'; } };
    Object.defineProperty(made, 'toString', { enumerable: false });
    return Object.defineProperty(made, OPAQUE, { value: take });
  }

  function clone(value, seen = new Map()) {
    if (value === null || typeof value !== 'object' || value[OPAQUE]) return value;
    if (seen.has(value)) return seen.get(value);
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof Uint8Array) return new value.constructor(value);
    const copy = Array.isArray(value) ? [] : {};
    seen.set(value, copy);
    for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
    return copy;
  }
  function getPath(root, expression) {
    return JSON.parse(host.path(expression)).reduce((at, key) => {
      if (at === undefined || at === null) throw new TypeError("Cannot read properties of " + at);
      return at[Array.isArray(key) ? key.reduce((v, k) => v[k], root) : key];
    }, root);
  }
  const util = {
    cloneMessage: (msg) => clone(msg),
    generateId: () => Array.from({ length: 16 }, () => Math.floor(Math.random() * 16).toString(16)).join(''),
    getObjectProperty: getPath,
    getMessageProperty(msg, expression) {
      return getPath(msg, expression.indexOf('msg.') === 0 ? expression.substring(4) : expression);
    },
    setObjectProperty(root, expression, value, create) {
      const path = JSON.parse(host.path(expression)).map((key) => (Array.isArray(key) ? key.reduce((v, k) => v[k], root) : key));
      const make = create === undefined ? value !== undefined : create;
      let at = root;
      for (let i = 0; i < path.length - 1; i++) {
        if (at[path[i]] === undefined || at[path[i]] === null) {
          if (!make) return value === undefined ? undefined : false;
          at[path[i]] = typeof path[i + 1] === 'number' ? [] : {};
        }
        at = at[path[i]];
        if (typeof at !== 'object') return false;
      }
      const last = path[path.length - 1];
      if (value !== undefined) at[last] = value;
      else if (Array.isArray(at)) at.splice(last, 1);
      else delete at[last];
      return true;
    },
    setMessageProperty(msg, expression, value, create) {
      return util.setObjectProperty(msg, expression.indexOf('msg.') === 0 ? expression.substring(4) : expression, value, create);
    },
    compareObjects(a, b) { return host.same(a, b); },
    ensureString(value) { return Buffer.isBuffer(value) ? value.toString() : typeof value === 'object' ? JSON.stringify(value) : typeof value === 'string' ? value : String(value); },
    ensureBuffer(value) { return Buffer.isBuffer(value) ? value : Buffer.from(util.ensureString(value)); },
    evaluateNodeProperty(value, type, node, msg, callback) {
      const read = { str: () => '' + value, num: () => Number(value), json: () => JSON.parse(value), re: () => new RegExp(value),
        date: () => Date.now(), bin: () => Buffer.from(JSON.parse(value)), bool: () => /^true$/i.test(value),
        msg: () => util.getMessageProperty(msg, value), env: () => host.env(value),
        flow: () => host.contextGet(1, value), global: () => host.contextGet(2, value) }[type];
      if (!read) throw new Error('RED.util.evaluateNodeProperty does not know the type ' + type);
      const result = read();
      if (!callback) return result;
      callback(null, result);
    },
  };

  const shown = (v) => (typeof v === 'string' ? v : v instanceof Error ? String(v) : typeof v === 'object' && v !== null ? JSON.stringify(v) : String(v));
  const message = (v) => (v !== null && typeof v === 'object' && 'message' in v ? String(v.message) : shown(v));
  function described(fault) {
    if (!(fault instanceof Error)) return shown(fault);
    // The wrapper takes the first line.
    const at = /\(?(?:function|initialize|finalize):(\d+):(\d+)/.exec(fault.stack || '');
    return String(fault) + (at ? ' (line ' + (at[1] - 1) + ', col ' + at[2] + ')' : '');
  }

  function store(scope) {
    const later = (callback, work) => {
      if (typeof callback !== 'function') return work();
      let result, fault = null;
      try { result = work(); } catch (e) { fault = e; }
      callback(fault, result);
    };
    const pick = (a, b) => (typeof a === 'function' ? a : b);
    return {
      get: (key, name, callback) => later(pick(name, callback), () => (Array.isArray(key) ? key.map((k) => host.contextGet(scope, String(k))) : host.contextGet(scope, String(key)))),
      set: (key, value, name, callback) => later(pick(name, callback), () => {
        if (Array.isArray(key)) key.forEach((k, i) => host.contextSet(scope, String(k), Array.isArray(value) ? value[i] : i === 0 ? value : null));
        else host.contextSet(scope, String(key), value);
      }),
      keys: (name, callback) => later(pick(name, callback), () => host.contextKeys(scope)),
    };
  }

  function emit(id, msgs) {
    if (msgs === null || msgs === undefined) return;
    (Array.isArray(msgs) ? msgs : [msgs]).forEach((port, at) => {
      if (!port) return;
      for (const msg of Array.isArray(port) ? port : [port]) {
        if (msg === null || msg === undefined) continue;
        if (typeof msg !== 'object' || Array.isArray(msg) || msg instanceof Uint8Array) {
          const type = Array.isArray(msg) ? 'array' : msg instanceof Uint8Array ? 'Buffer' : typeof msg;
          host.error('Function tried to send a message of type ' + type, undefined);
        } else {
          if (id !== undefined) msg._msgid = id;
          host.send(at, msg);
        }
      }
    });
  }

  // A function node. `code` makes [main, initialize, finalize] when it is given what the code may name.
  function make(info, code, manualDone) {
    const timers = new Map(), closers = [], waiting = [];
    const flow = store(1), global = store(2), context = Object.assign(store(0), { flow, global });
    const fails = (work) => { try { work(); } catch (e) { host.error(described(e), undefined); } };
    const log = (level) => (...args) => host.log(level, args.map(shown).join(' '));
    const base = {
      id: info.id, name: info.name, type: info.type, z: info.z, outputCount: info.outputs,
      on(event, callback) {
        if (event === 'input') throw new Error('cannot register `input` in a function');
        if (event === 'close') closers.push(callback);
      },
      warn: log('warn'), log: log('info'), info: log('info'), debug: log('debug'), trace: log('trace'),
      status(s) {
        if (s === undefined || s === null) s = {};
        if (typeof s !== 'object') s = { text: String(s) };
        host.status(String(s.fill ?? ''), String(s.shape ?? ''), String(s.text ?? ''));
      },
      error(text, msg) { host.error(message(text), msg !== null && typeof msg === 'object' ? msg : undefined); },
      send(msgs) { emit(undefined, msgs); },
      done() {},
    };
    const start = (repeat) => (callback, ms, ...args) => {
      if (typeof callback !== 'function') throw new TypeError('a timer needs a function');
      const every = Math.max(1, Number(ms) || 1);
      const token = host.timer(every);
      timers.set(token, { callback, args, every: repeat ? every : 0 });
      return token;
    };
    const clear = (token) => { if (timers.delete(token)) host.cancel(token); };
    const RED = { util };
    const env = { get: (name) => host.env(String(name)) };
    const console = { log: log('info'), info: log('info'), warn: log('warn'), error: log('error'), debug: log('debug'), trace: log('trace') };
    const [main, initialize, finalize] = code(context, flow, global, env, RED, start(false), clear, start(true), clear, console, Buffer, (f) => start(false)(f, 1));
    let ready = true;
    function receive(token, msg) {
      if (!ready) return void waiting.push([token, msg]);
      const id = msg._msgid;
      const node = Object.create(base);
      node.send = (msgs) => emit(id, msgs);
      node.done = () => host.done(token);
      main(msg, node).then((result) => {
        emit(id, result);
        if (!manualDone) host.done(token);
      }).catch((fault) => host.fail(token, described(fault), msg));
    }
    return {
      receive,
      start() {
        if (!initialize) return;
        ready = false;
        initialize(base).then((result) => {
          emit(undefined, result);
          ready = true;
          for (const [token, msg] of waiting.splice(0)) receive(token, msg);
        }).catch((fault) => {
          host.error(described(fault), undefined);
          for (const [token, msg] of waiting.splice(0)) host.fail(token, 'the function is not initialized', msg);
        });
      },
      timer(token) {
        const timer = timers.get(token);
        if (!timer) return;
        if (timer.every) host.timerAgain(token, timer.every); else timers.delete(token);
        try {
          const result = timer.callback(...timer.args);
          if (result && typeof result.then === 'function') result.then(undefined, (e) => host.error(described(e), undefined));
        } catch (e) { host.error(described(e), undefined); }
      },
      close() {
        if (finalize) finalize(base).catch((e) => host.error(described(e), undefined));
        closers.forEach((f) => fails(f));
        timers.clear();
      },
    };
  }

  globalThis.Buffer = Buffer;
  globalThis.structuredClone = (value) => clone(value);
  return { make, latin1, opaque, buffer: (bytes) => new Buffer(bytes), date: (ms) => new Date(ms), isDate: (v) => v instanceof Date, described };
})
