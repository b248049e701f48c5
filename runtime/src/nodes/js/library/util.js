// `console`, and the part of Node.js's `util` that does not need Node.js.
(function (host, lib) {
  'use strict';
  const tag = (v) => Object.prototype.toString.call(v).slice(8, -1);
  const described = (fault) => (fault.stack && String(fault.stack).includes(String(fault)) ? String(fault.stack).trimEnd() : String(fault) + (fault.stack ? '\n' + String(fault.stack).trimEnd() : ''));
  // What JSON does not have, as text that `host.inspect` shows as it is.
  function plain(v, depth, level, seen) {
    const raw = (text) => ({ '\0': text });
    if (typeof v === 'function') {
      const name = v.name ? ': ' + v.name : ' (anonymous)';
      return raw(/^class\b/.test(Function.prototype.toString.call(v)) ? '[class' + (v.name ? ' ' + v.name : ' (anonymous)') + ']' : '[Function' + name + ']');
    }
    if (typeof v === 'symbol') return raw(String(v));
    if (typeof v === 'bigint') return raw(v + 'n');
    if (v === null || typeof v !== 'object' || lib.isOpaque(v) || v instanceof lib.Buffer) return v;
    if (seen.includes(v)) return raw('[Circular *1]');
    const kind = tag(v);
    if (kind === 'Date') return v;
    if (kind === 'Error' || v instanceof Error) return raw(level === 0 ? described(v) : '[' + described(v).replace(/\n/g, '\n' + ' '.repeat(level * 2)) + ']');
    if (kind === 'RegExp') return raw(String(v));
    if (kind === 'Promise') return raw('Promise { <pending> }');
    const inner = seen.concat([v]);
    const shown = (x) => inspect(plain(x, depth, level + 1, inner), { depth: depth - 1 });
    if (kind === 'Map') return raw('Map(' + v.size + ') {' + (v.size ? ' ' + Array.from(v, ([k, x]) => shown(k) + ' => ' + shown(x)).join(', ') + ' ' : '') + '}');
    if (kind === 'Set') return raw('Set(' + v.size + ') {' + (v.size ? ' ' + Array.from(v, shown).join(', ') + ' ' : '') + '}');
    if (level > depth) return v;
    if (Array.isArray(v)) return v.map((x) => plain(x, depth, level + 1, inner));
    const out = {};
    for (const key of Object.keys(v)) out[key] = plain(v[key], depth, level + 1, inner);
    return out;
  }
  function inspect(value, options, depth) {
    let deep = 2;
    if (options !== null && typeof options === 'object') deep = options.depth === undefined ? 2 : options.depth;
    else if (depth !== undefined) deep = depth;
    if (deep === null || deep === Infinity) deep = 90;
    return host.inspect(plain(value, deep, 0, []), deep);
  }
  function format(...args) {
    if (typeof args[0] !== 'string') return args.map((v) => (typeof v === 'string' ? v : inspect(v))).join(' ');
    let at = 1;
    const text = args[0].replace(/%[sdifjoOc%]/g, (spec) => {
      if (spec === '%%') return '%';
      if (at >= args.length) return spec;
      const v = args[at++];
      switch (spec) {
        case '%s': return typeof v === 'string' ? v : typeof v === 'object' && v !== null ? inspect(v, { depth: 0 }) : String(v);
        case '%d': return typeof v === 'object' ? 'NaN' : String(Number(v));
        case '%i': return typeof v === 'object' ? 'NaN' : String(parseInt(v, 10));
        case '%f': return String(parseFloat(v));
        case '%j': try { return JSON.stringify(v); } catch (e) { return '[Circular]'; }
        case '%c': return '';
        default: return inspect(v, { depth: 4 });
      }
    });
    return [text].concat(args.slice(at).map((v) => (typeof v === 'string' ? v : inspect(v)))).join(' ');
  }
  const promisified = Symbol.for('nodejs.util.promisify.custom');
  function promisify(f) {
    if (typeof f !== 'function') throw new TypeError('The "original" argument must be of type function');
    if (f[promisified]) return f[promisified];
    return function (...args) {
      return new Promise((resolve, reject) => f.call(this, ...args, (fault, value) => (fault ? reject(fault) : resolve(value))));
    };
  }
  promisify.custom = promisified;
  const same = (a, b) => {
    if (Object.is(a, b)) return true;
    if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || tag(a) !== tag(b)) return false;
    if (tag(a) === 'Date') return a.getTime() === b.getTime();
    if (tag(a) === 'RegExp') return String(a) === String(b);
    if (tag(a) === 'Map' || tag(a) === 'Set') return a.size === b.size && same(Array.from(a), Array.from(b));
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((k) => Object.prototype.hasOwnProperty.call(b, k) && same(a[k], b[k]));
  };
  const is = (name) => (v) => tag(v) === name;
  lib.util = {
    inspect, format, promisify, isDeepStrictEqual: same,
    inherits(child, parent) { child.super_ = parent; Object.setPrototypeOf(child.prototype, parent.prototype); },
    deprecate: (f) => f,
    callbackify: (f) => (...args) => { const done = args.pop(); f(...args).then((v) => done(null, v), (e) => done(e)); },
    isArray: Array.isArray,
    types: { isDate: is('Date'), isRegExp: is('RegExp'), isMap: is('Map'), isSet: is('Set'), isPromise: is('Promise'), isNativeError: is('Error'),
      isUint8Array: (v) => v instanceof Uint8Array, isTypedArray: (v) => ArrayBuffer.isView(v) && tag(v) !== 'DataView' },
    TextEncoder: lib.TextEncoder, TextDecoder: lib.TextDecoder,
  };
  // What `libs` of a function node can name.
  lib.modules = { util: lib.util, buffer: { Buffer: lib.Buffer, atob: lib.atob, btoa: lib.btoa }, url: { URL: lib.URL, URLSearchParams: lib.URLSearchParams } };
  // A text as the log shows it.
  lib.shown = (v) => (typeof v === 'string' ? v : v !== null && typeof v === 'object' && tag(v) !== 'Error' && !(v instanceof Error) ? (() => { try { return JSON.stringify(v); } catch (e) { return inspect(v); } })() : String(v));
  const line = (level) => (...args) => host.print(level, format(...args));
  const counts = new Map(), began = new Map();
  lib.console = { log: line('info'), info: line('info'), warn: line('warn'), error: line('error'), debug: line('debug'), trace: line('trace'), dir: (v) => host.print('info', inspect(v)), table: (v) => host.print('info', inspect(v)),
    assert: (ok, ...rest) => { if (!ok) host.print('error', 'Assertion failed' + (rest.length ? ': ' + format(...rest) : '')); },
    count: (label = 'default') => { counts.set(label, (counts.get(label) || 0) + 1); host.print('info', label + ': ' + counts.get(label)); },
    time: (label = 'default') => began.set(label, Date.now()),
    timeEnd: (label = 'default') => { if (began.has(label)) host.print('info', label + ': ' + (Date.now() - began.get(label)) + 'ms'); began.delete(label); },
    group() {}, groupEnd() {} };
})
