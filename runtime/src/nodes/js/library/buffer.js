// Buffer, TextEncoder and TextDecoder, as Node.js has them.
(function (host, lib) {
  'use strict';
  const encodings = { utf8: 'utf8', 'utf-8': 'utf8', hex: 'hex', base64: 'base64', base64url: 'base64url', ascii: 'ascii',
    latin1: 'latin1', binary: 'latin1', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le' };
  const encodingOf = (name) => {
    if (name === undefined || name === null || name === '') return 'utf8';
    const found = encodings[String(name).toLowerCase()];
    if (!found) throw new TypeError('Unknown encoding: ' + name);
    return found;
  };
  const latin1 = (bytes) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
    return text;
  };
  const utf16 = (text) => {
    const bytes = new Uint8Array(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      bytes[2 * i] = unit & 255;
      bytes[2 * i + 1] = unit >> 8;
    }
    return bytes.buffer;
  };
  const encode = (text, encoding) => (encodingOf(encoding) === 'utf16le' ? utf16(text) : host.encode(text, encodingOf(encoding)));
  const decode = (bytes, encoding) => {
    if (encodingOf(encoding) !== 'utf16le') return host.decode(latin1(bytes), encodingOf(encoding));
    let text = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
    return text;
  };

  function Buffer(value, encoding, length) {
    if (typeof value === 'number') return make(new ArrayBuffer(value));
    return Buffer.from(value, encoding, length);
  }
  Object.setPrototypeOf(Buffer, Uint8Array);
  Object.setPrototypeOf(Buffer.prototype, Uint8Array.prototype);
  const isView = (value) => ArrayBuffer.isView(value);
  const make = (buffer, offset, length) => {
    const made = length === undefined ? new Uint8Array(buffer, offset) : new Uint8Array(buffer, offset, length);
    return Object.setPrototypeOf(made, Buffer.prototype);
  };
  const hide = (target, members) => {
    for (const key of Object.keys(members)) Object.defineProperty(target, key, { value: members[key], writable: true, configurable: true });
  };
  const range = (b, start, end) => [Math.max(0, start === undefined ? 0 : start | 0), Math.min(b.length, end === undefined ? b.length : end | 0)];

  hide(Buffer, {
    poolSize: 8192,
    from(value, encoding, length) {
      if (typeof value === 'string') return make(encode(value, encoding));
      if (Object.prototype.toString.call(value) === '[object ArrayBuffer]') return make(value, encoding, length);
      if (value === null || typeof value !== 'object') {
        throw new TypeError('The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received '
          + (value === null || value === undefined ? value : 'type ' + typeof value + ' (' + String(value) + ')'));
      }
      if (value.type === 'Buffer' && Array.isArray(value.data)) value = value.data;
      const plain = typeof value.valueOf === 'function' ? value.valueOf() : value;
      if (typeof plain === 'string') return make(encode(plain, encoding));
      return make(Uint8Array.from(Array.prototype.slice.call(value)).buffer);
    },
    alloc(size, fill, encoding) {
      const made = make(new ArrayBuffer(size));
      return fill === undefined || fill === 0 ? made : made.fill(fill, 0, size, encoding);
    },
    allocUnsafe: (size) => make(new ArrayBuffer(size)),
    allocUnsafeSlow: (size) => make(new ArrayBuffer(size)),
    isBuffer: (value) => value instanceof Buffer,
    isEncoding: (name) => typeof name === 'string' && name.toLowerCase() in encodings,
    byteLength: (value, encoding) => (typeof value === 'string' ? encode(value, encoding).byteLength : value.byteLength),
    compare(a, b) {
      const n = Math.min(a.length, b.length);
      for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
    },
    concat(list, length) {
      const size = length === undefined ? list.reduce((n, b) => n + b.length, 0) : length;
      const made = make(new ArrayBuffer(size));
      let at = 0;
      for (const part of list) {
        const fits = part.subarray(0, Math.max(0, size - at));
        made.set(fits, at);
        at += fits.length;
      }
      return made;
    },
  });

  const swap = (b, n) => {
    if (b.length % n) throw new RangeError('Buffer size must be a multiple of ' + n * 8 + '-bits');
    for (let i = 0; i < b.length; i += n) b.subarray(i, i + n).reverse();
    return b;
  };
  const search = (b, value, from, encoding, last) => {
    if (typeof from === 'string') [encoding, from] = [from, undefined];
    const wanted = typeof value === 'number' ? [value & 255] : typeof value === 'string' ? Buffer.from(value, encoding) : value;
    let i = from === undefined ? (last ? b.length : 0) : from < 0 ? b.length + from : from;
    i = last ? Math.min(i, b.length - wanted.length) : Math.max(i, 0);
    for (; last ? i >= 0 : i + wanted.length <= b.length; last ? i-- : i++) {
      let j = 0;
      while (j < wanted.length && b[i + j] === wanted[j]) j++;
      if (j === wanted.length) return i;
    }
    return -1;
  };
  hide(Buffer.prototype, {
    constructor: Buffer,
    toString(encoding, start, end) {
      if (start === undefined && end === undefined) return decode(this, encoding);
      const [from, to] = range(this, start, end);
      return to <= from ? '' : decode(this.subarray(from, to), encoding);
    },
    toLocaleString(encoding, start, end) { return this.toString(encoding, start, end); },
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; },
    equals(other) { return this.length === other.length && this.every((b, i) => b === other[i]); },
    compare(other, start, end, from, to) { return Buffer.compare(this.subarray(from || 0, to === undefined ? this.length : to), other.subarray(start || 0, end === undefined ? other.length : end)); },
    subarray(start, end) {
      const at = (n, other) => (n === undefined ? other : n < 0 ? Math.max(0, this.length + Math.trunc(n)) : Math.min(this.length, Math.trunc(n) || 0));
      const from = at(start, 0);
      return make(this.buffer, this.byteOffset + from, Math.max(0, at(end, this.length) - from));
    },
    slice(start, end) { return this.subarray(start, end); },
    fill(value, start, end, encoding) {
      if (typeof start === 'string') [encoding, start] = [start, undefined];
      if (typeof end === 'string') [encoding, end] = [end, undefined];
      const [from, to] = range(this, start, end);
      if (typeof value === 'number') return Uint8Array.prototype.fill.call(this, value & 255, from, to);
      const bytes = typeof value === 'string' ? Buffer.from(value, encoding) : value;
      for (let i = from; bytes.length && i < to; i++) this[i] = bytes[(i - from) % bytes.length];
      return this;
    },
    write(text, offset, length, encoding) {
      if (typeof offset === 'string') [encoding, offset, length] = [offset, 0, undefined];
      else if (typeof length === 'string') [encoding, length] = [length, undefined];
      offset = offset || 0;
      const room = Math.min(this.length - offset, length === undefined ? Infinity : length);
      const bytes = Buffer.from(text, encoding).subarray(0, Math.max(0, room));
      this.set(bytes, offset);
      return bytes.length;
    },
    copy(target, at = 0, start = 0, end = this.length) {
      const part = Uint8Array.prototype.slice.call(this, start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    },
    indexOf(value, from, encoding) { return search(this, value, from, encoding, false); },
    lastIndexOf(value, from, encoding) { return search(this, value, from, encoding, true); },
    includes(value, from, encoding) { return search(this, value, from, encoding, false) !== -1; },
    swap16() { return swap(this, 2); },
    swap32() { return swap(this, 4); },
    swap64() { return swap(this, 8); },
  });
  const inside = (b, at, bytes) => {
    if (typeof at !== 'number') throw new TypeError('The "offset" argument must be of type number. Received ' + typeof at);
    if (at < 0 || at + bytes > b.length) throw new RangeError('The value of "offset" is out of range. It must be >= 0 and <= ' + (b.length - bytes) + '. Received ' + at);
  };
  const view = (b) => new DataView(b.buffer, b.byteOffset, b.byteLength);
  for (const [name, method, bytes] of [['UInt8', 'Uint8', 1], ['Int8', 'Int8', 1], ['UInt16', 'Uint16', 2], ['Int16', 'Int16', 2],
    ['UInt32', 'Uint32', 4], ['Int32', 'Int32', 4], ['Float', 'Float32', 4], ['Double', 'Float64', 8],
    ['BigUInt64', 'BigUint64', 8], ['BigInt64', 'BigInt64', 8]]) {
    for (const end of bytes === 1 ? [''] : ['LE', 'BE']) {
      const read = function (at = 0) { inside(this, at, bytes); return view(this)['get' + method](at, end === 'LE'); };
      const write = function (value, at = 0) { inside(this, at, bytes); view(this)['set' + method](at, value, end === 'LE'); return at + bytes; };
      for (const alias of new Set([name, name.replace('UInt', 'Uint')])) hide(Buffer.prototype, { ['read' + alias + end]: read, ['write' + alias + end]: write });
    }
  }
  // Whole numbers of one to six bytes.
  for (const signed of [true, false]) {
    for (const little of [true, false]) {
      const read = function (at, bytes) {
        inside(this, at, bytes);
        let n = 0;
        for (let i = 0; i < bytes; i++) n = n * 256 + this[at + (little ? bytes - 1 - i : i)];
        return signed && n >= 2 ** (8 * bytes - 1) ? n - 2 ** (8 * bytes) : n;
      };
      const write = function (value, at, bytes) {
        inside(this, at, bytes);
        let n = value < 0 ? value + 2 ** (8 * bytes) : value;
        for (let i = 0; i < bytes; i++, n = Math.floor(n / 256)) this[at + (little ? i : bytes - 1 - i)] = n % 256;
        return at + bytes;
      };
      const name = (signed ? 'Int' : 'UInt') + (little ? 'LE' : 'BE');
      for (const alias of new Set([name, name.replace('UInt', 'Uint')])) hide(Buffer.prototype, { ['read' + alias]: read, ['write' + alias]: write });
    }
  }

  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return new Uint8Array(host.encode(String(text), 'utf8')); }
    encodeInto(text, into) {
      const bytes = this.encode(text).subarray(0, into.length);
      into.set(bytes);
      return { read: text.length, written: bytes.length };
    }
  }
  class TextDecoder {
    constructor(label = 'utf-8') { this.encoding = String(label).toLowerCase(); }
    decode(bytes) {
      if (bytes === undefined) return '';
      const plain = isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
      const text = decode(plain, this.encoding);
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
  }

  Object.assign(lib, { Buffer, TextEncoder, TextDecoder, latin1, buffer: (bytes) => make(bytes),
    atob: (text) => host.decode(latin1(Buffer.from(String(text), 'base64')), 'latin1'),
    btoa: (text) => Buffer.from(String(text), 'latin1').toString('base64') });
})
